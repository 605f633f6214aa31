/* SPDX-License-Identifier: Apache-2.0 */
/* Planned journeys against those that were, as journey.show holds them for one member: what is looked at here are the customers for whom a planned
 * journey began in the period. Its condition is the daemon's to judge: whoever began is held against it. */
#pragma once

#include "tools/report/journey.h"

#define PLANNED_ANY  (-1) /* channel */
#define PLANNED_EVER (-1) /* within */

struct plan_step {
	const char *name, *touchpoint;
	int channel;      /* or PLANNED_ANY */
	int within;       /* days, or PLANNED_EVER */
	size_t after;     /* an earlier step, from 1; 0: */
	const char *from; /* the first touchpoint of this kind */
};
struct plan {
	const char *name;
	bool conditional;
	const struct plan_step *steps;
	size_t count; /* at least 1 */
};
struct plans {
	const struct plan *at;
	size_t count;
};

/** What a touchpoint is in the language of customer journeys (CJML): an action, of the customer alone, or a communication point between two. */
bool planned_is_action(const char *touchpoint);
/** Who begins such a communication? */
bool planned_by_customer(const char *touchpoint);

enum planned_deviation {
	PLANNED_DONE,
	PLANNED_LATE,
	PLANNED_FAILED,
	PLANNED_MISSING,
	PLANNED_EXTRA,
	PLANNED_DEVIATIONS,
	PLANNED_AWAITED = PLANNED_EXTRA /* of a step: it may yet come, or the one before it has not */
};
extern const char *const planned_deviation_names[];

/* --- one customer --- */

#define PLANNED_NONE SIZE_MAX
struct planned_held {
	bool begun;
	uint32_t begun_s;
	struct planned_found {
		enum planned_deviation deviation;
		size_t touch; /* of the line; PLANNED_NONE: none */
		int64_t due;  /* number of the last day; INT64_MAX: none */
	} * steps;
	bool *used; /* of each touch of the line: a step was taken by it */
	size_t step_room, touch_room;
};
/** Hold a line against a plan. @param held zero-initialised before the first line, then used again */
void planned_hold(const struct journey *j, const struct plan *plan, const struct journey_line *line,
	struct planned_held *held);
/** Is this touch one beside the plan? */
bool planned_beside(const struct journey *j, const struct planned_held *held, const struct journey_line *line, size_t touch);
void planned_held_deinit(struct planned_held *held);

/* --- all of them --- */

struct planned_extra {
	uint16_t activity;
	int64_t count, members;
};
struct planned_figures {
	const struct plan *plan;
	int64_t begun;
	int64_t (*steps)[PLANNED_DEVIATIONS]; /* of each step: customers, by deviation; PLANNED_AWAITED in the last */
	struct planned_extra *extras;         /* most first */
	size_t extra_count;
	int64_t extra_members; /* with something beside the plan */
};
void planned_figures_make(const struct journey *j, const struct plan *plan, struct planned_figures *out);
void planned_figures_deinit(struct planned_figures *f);
/** Of those who began, who can be judged on a step. */
int64_t planned_judged(const struct planned_figures *f, size_t step);
