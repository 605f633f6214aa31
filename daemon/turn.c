/* SPDX-License-Identifier: Apache-2.0 */
/* A turn is tried; when the index or the disk fails it, its replies are dropped, the ledger goes back, and the same lines
 * run again. */
#include "daemon/turn.h"

#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/jobs.h"
#include "daemon/journal.h"
#include "daemon/log.h"

/* A turn that the index failed runs again as it was; if it fails again, without commands; a third failure is the end. */
#define TURN_TRIES 3

/* --- going back ---------------------------------------------------------------------------------------------------- */

static void talk_mark(struct talk *k)
{
	k->mark.scan = k->scan;
	k->mark.session = k->session;
	k->mark.out = k->out.len;
	if (k->speech)
		k->speech->mark(k);
}

static void talk_rewind(struct talk *k)
{
	k->scan = k->mark.scan;
	k->session = k->mark.session;
	k->out.len = k->mark.out;
	k->waits = k->lost = false;
	if (k->speech)
		k->speech->rewind(k);
}

/* --- the queue ----------------------------------------------------------------------------------------------------- */

static void queue_fill(struct turn *t, struct talk *const *talks, size_t n)
{
	if (t->capacity < n) {
		free(t->queue);
		t->capacity = n * 2;
		t->queue = calloc(t->capacity, sizeof(struct talk *));
		if (!t->queue)
			abort();
	}
	if (n > 0) /* a turn of jobs alone has nobody */
		memcpy(t->queue, talks, n * sizeof(struct talk *));
	t->first = 0;
	t->left = n;
}

static struct talk *queue_take(struct turn *t)
{
	struct talk *k = t->queue[t->first];

	t->first = (t->first + 1) % t->capacity;
	t->left--;
	return k;
}

static void queue_put(struct turn *t, struct talk *k)
{
	t->queue[(t->first + t->left++) % t->capacity] = k;
}

struct talk *turn_left(const struct turn *t, size_t i)
{
	return i < t->left ? t->queue[(t->first + i) % t->capacity] : NULL;
}

/* --- answering ----------------------------------------------------------------------------------------------------- */

static bool turn_is_over(const struct turn *t)
{
	return t->left == 0 || ledger_closing(t->ledger) || t->commands >= TURN_COMMANDS ||
	       ledger_waiting(t->ledger) >= JOURNAL_TURN_MAX || clock_steady_us() >= t->end_us;
}

/* One line of this connection, if it has one. */
static enum routed line_answer(struct turn *t, struct talk *k, int64_t now_ms)
{
	size_t limit = k->session.open ? (size_t)t->config->limits.line : LINE_BEFORE_SIGNIN;
	struct palier_bytes line;

	switch (frame_next(&k->scan, palier_buffer_bytes(&k->in), limit, &line)) {
	case FRAME_LINE:
		return router_line(t->router, &k->session, line, now_ms, t->refuses, &k->out);
	case FRAME_MORE:
		k->waits = true;
		break;
	case FRAME_TOO_LONG:
		router_too_long(t->router, &k->out);
		k->lost = true;
		break;
	}
	return ROUTED_QUESTION;
}

/* @return false when the index has failed */
static bool talk_answer(struct turn *t, struct talk *k, int64_t now_ms)
{
	enum routed routed = k->speech ? k->speech->answer(t, k, now_ms) : line_answer(t, k, now_ms);

	t->commands += routed == ROUTED_COMMAND;
	return routed != ROUTED_FAILED;
}

/* Has it lines left, and room for the replies? */
static bool talk_goes_on(const struct talk *k)
{
	return !k->waits && !k->lost && k->out.len < UNSENT_MAX && !(k->speech && k->speech->is_busy(k));
}

static int turn_try(struct turn *t, struct talk *const *talks, size_t n)
{
	int64_t now_ms = clock_now_ms();
	struct talk *k;

	queue_fill(t, talks, n);
	t->commands = 0;
	t->end_us = clock_steady_us() + TURN_US;
	while (!turn_is_over(t)) {
		k = queue_take(t);
		if (!talk_answer(t, k, now_ms))
			return PALIER_ESTORE;
		if (talk_goes_on(k))
			queue_put(t, k);
	}
	/* A slice of the work after a close, once those who speak are served. */
	if (!t->refuses && jobs_run(t->router, t->ledger, now_ms) != PALIER_OK)
		return PALIER_ESTORE;
	return ledger_sync(t->ledger);
}

static void note_full(struct turn *t, bool full)
{
	if (full && !t->full)
		log_warn("journal.full", "no room for the journal: commands are refused until there is");
	if (!full && t->full)
		log_info("journal.room", "there is room again");
	t->full = full;
}

int turn_run(struct turn *t, struct talk *const *talks, size_t n)
{
	int err, undone;

	for (size_t i = 0; i < n; i++)
		talk_mark(talks[i]);
	/* A full disk shows here, before a turn, rather than in it. */
	note_full(t, ledger_reserve(t->ledger) != PALIER_OK);
	t->refuses = t->full;
	for (int tried = 1;; tried++) {
		err = turn_try(t, talks, n);
		if (err == PALIER_OK || err == PALIER_EIO || tried == TURN_TRIES)
			return err;
		log_warn("turn.again", "err=%s tried=%d lines run again", palier_error_info(err)->name, tried);
		for (size_t i = 0; i < n; i++)
			talk_rewind(talks[i]);
		undone = ledger_undo(t->ledger);
		if (undone != PALIER_OK)
			return undone;
		if (err == PALIER_ESTORAGE_FULL)
			note_full(t, true);
		t->refuses = t->full || tried > 1;
	}
}

void turn_deinit(struct turn *t)
{
	free(t->queue);
	t->queue = NULL;
	palier_buffer_deinit(&t->scratch);
}
