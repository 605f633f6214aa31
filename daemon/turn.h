/* SPDX-License-Identifier: Apache-2.0 */
/* The turn: the lines that have arrived on all connections are answered, round-robin, and made durable with one sync. Knows
 * no socket. */
#pragma once

#include "daemon/router.h"
#include "protocol/frame.h"

#define TURN_COMMANDS      1024 /* commands in one turn, at most */
#define TURN_US            5000 /* how long one goes on answering */
#define LINE_BEFORE_SIGNIN ((size_t)16384)
#define UNSENT_MAX         ((size_t)1 << 20) /* replies that may wait for a slow reader, about: then its lines must wait, too */

struct http;
struct talk;
struct turn;

/** How requests are found in a talk's bytes where they are not lines. */
struct speech {
	enum routed (*answer)(struct turn *t, struct talk *k, int64_t now_ms); /* one, if it is here; sets waits and lost */
	bool (*is_busy)(const struct talk *k); /* with the reply before: no other is answered */
	void (*mark)(struct talk *k);
	void (*rewind)(struct talk *k); /* to the mark: the turn failed */
};

/** What a turn knows of a connection: bytes in, replies out, and who speaks. Between turns `in` begins where the next line
 * does. */
struct talk {
	struct palier_buffer in, out;
	struct frame_scan scan; /* of in; the turn's lines stay there until the turn is durable */
	struct session session;
	const struct speech *speech; /* NULL: lines */
	struct http *http;           /* the speech's own */
	bool waits;                  /* no whole line is left */
	bool lost; /* nothing more is read of it: a line was too long, so where the next one begins is unknown, or its events end */
	bool listed, told; /* subscribe.c: takes part; has got something in this pass */
	struct {
		struct frame_scan scan;
		struct session session;
		size_t out;
	} mark; /* where the turn began, to which it goes back when it fails */
};

struct turn {
	struct router *router;
	struct ledger *ledger;
	const struct config *config;
	struct talk **queue; /* a ring: who is served next */
	size_t capacity, first, left;
	unsigned commands;
	int64_t end_us;
	bool full;                    /* the disk had no room for the last turn */
	bool refuses;                 /* commands, in the try under way */
	struct palier_buffer scratch; /* for a reply whose length must be known first */
};

/** Answer lines of these connections until none is left, the turn's measure is full or the day was closed, do a slice of the jobs, and
 * make it all durable. Replies may
 * then leave. Afterwards turn_left tells who has lines left, those to be served first in front.
 * @return PALIER_OK; else nothing may be sent any more, and the process must stop */
int turn_run(struct turn *t, struct talk *const *talks, size_t n);
/** @return the i-th of those with lines left; NULL behind the last */
struct talk *turn_left(const struct turn *t, size_t i);
void turn_deinit(struct turn *t);
