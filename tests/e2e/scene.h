/* SPDX-License-Identifier: Apache-2.0 */
/* A case as a list of requests, each with what its reply must say. One that is refused must leave the journal alone. */
#pragma once

#include "tests/e2e/harness.h"

#define SCENE_STEPS 24
#define SCENE_WANTS 8

struct scene_step {
	const char *method; /* NULL: the end */
	const char *
		params; /* with ' for "; a command gets a `request` of its own. $1 to $9: the first hold of the scene, and the later ones;
			      @1 to @3: the members */
	bool until;          /* asked until the first thing it wants is so: what the daemon does by itself takes its time */
	const char *refused; /* the reason; NULL: accepted */
	struct {
		const char *path, *value; /* value NULL: must not be there */
	} wants[SCENE_WANTS];
};

struct scene {
	const char *name;
	const char *points; /* the points section; NULL: the usual one */
	struct scene_step steps[SCENE_STEPS];
};

#define ASK(what, with, ...) \
	{ \
		.method = what, .params = with, .wants = { __VA_ARGS__ } \
	}
#define UNTIL(what, with, ...) \
	{ \
		.method = what, .params = with, .until = true, .wants = { __VA_ARGS__ } \
	}
#define REFUSED(reason, what, with) \
	{ \
		.method = what, .params = with, .refused = reason \
	}
#define WANT(path, value) \
	{ \
		"result." path, value \
	}

/** cmocka fixture: a shop for the scene that is *state; shop_close ends it. */
int scene_open(void **state);
/** The test: the scene is played where the members of CARD-1 to CARD-3 are enrolled. */
void scene_play(void **state);
#define IN_SCENE(scene) \
	{ \
		(scene)->name, scene_play, scene_open, shop_close, (void *)(uintptr_t)(scene) \
	}
