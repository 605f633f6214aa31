/* SPDX-License-Identifier: Apache-2.0 */
/* The turn, with a router and a ledger of the test's own: what is answered in which order, and what happens when the disk or the index
 * fails it. A line of the tests is one letter or word; its reply is the same, with '!' where the router was told that the disk is full. */
#include "daemon/turn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/clock.h"
#include "daemon/jobs.h"
#include "daemon/journal.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define TALKS    3

/* --- the router and the ledger ------------------------------------------------------------------------------------- */

static struct script {
	int reserve;
	const int *syncs; /* one for each try that asks */
	int undo;
	unsigned failures;  /* how often the line "fail" fails the turn */
	size_t line_weight; /* bytes that a command leaves waiting */
	size_t waiting;
	int64_t line_us; /* what a line takes */
	int64_t now_us;
	unsigned undone, synced, jobs;
	bool closing;
	int job; /* what jobs_run gives, once */
	char order[256];
} script;

int64_t clock_steady_us(void)
{
	return script.now_us;
}

int64_t clock_now_ms(void)
{
	return 0;
}

enum routed router_line(struct router *r, struct session *s, struct palier_bytes line, int64_t now_ms, bool full,
	struct palier_buffer *out)
{
	(void)r;
	(void)now_ms;
	script.now_us += script.line_us;
	if (palier_is(line, "open") && s->open)
		palier_buffer_add(out, "already ", 8);
	s->open = s->open || palier_is(line, "open");
	if (palier_is(line, "fail") && script.failures > 0) {
		script.failures--;
		palier_buffer_add(out, "half a re", 9);
		return ROUTED_FAILED;
	}
	strncat(script.order, line.at, sizeof(script.order) - strlen(script.order) - 1 < line.len ? 0 : line.len);
	palier_buffer_add(out, line.at, line.len);
	if (full)
		palier_buffer_add(out, "!", 1);
	if (line.at[0] != 'c' || full)
		return ROUTED_QUESTION;
	script.closing = palier_is(line, "close");
	script.waiting += script.line_weight;
	return ROUTED_COMMAND;
}

void router_too_long(struct router *r, struct palier_buffer *out)
{
	(void)r;
	palier_buffer_add(out, "too long", 8);
}

int ledger_reserve(struct ledger *l)
{
	(void)l;
	return script.reserve;
}

size_t ledger_waiting(const struct ledger *l)
{
	(void)l;
	return script.waiting;
}

bool ledger_closing(const struct ledger *l)
{
	(void)l;
	return script.closing;
}

int jobs_run(struct router *r, struct ledger *l, int64_t now_ms)
{
	int err = script.job;

	(void)r;
	(void)l;
	(void)now_ms;
	script.job = PALIER_OK;
	script.jobs++;
	return err;
}

int ledger_sync(struct ledger *l)
{
	(void)l;
	script.closing = false;
	return script.syncs ? script.syncs[script.synced++] : PALIER_OK;
}

int ledger_undo(struct ledger *l)
{
	(void)l;
	script.undone++;
	script.waiting = 0;
	script.closing = false;
	return script.undo;
}

/* --- a turn over three connections --------------------------------------------------------------------------------- */

static const struct config config = { .limits = { .line = 40000 } };

struct hall {
	struct turn turn;
	struct talk talk[TALKS], *talks[TALKS];
};

static void hall_init(struct hall *h)
{
	memset(h, 0, sizeof(*h));
	script = (struct script){ .line_weight = 1 };
	h->turn.config = &config;
	for (int i = 0; i < TALKS; i++)
		h->talks[i] = &h->talk[i];
}

static void hall_deinit(struct hall *h)
{
	turn_deinit(&h->turn);
	for (int i = 0; i < TALKS; i++) {
		palier_buffer_deinit(&h->talk[i].in);
		palier_buffer_deinit(&h->talk[i].out);
	}
}

static void hear(struct talk *k, const char *text)
{
	if (text)
		palier_buffer_add(&k->in, text, strlen(text));
}

static void assert_said(const struct talk *k, const char *text)
{
	char said[256];

	snprintf(said, sizeof(said), "%.*s", PALIER_ARG(palier_buffer_bytes(&k->out)));
	assert_string_equal(said, text ? text : "");
}

static const int full_once[] = { PALIER_ESTORAGE_FULL, PALIER_OK };
static const int full_ever[] = { PALIER_ESTORAGE_FULL, PALIER_ESTORAGE_FULL, PALIER_ESTORAGE_FULL };
static const int broken[] = { PALIER_EIO };

static const struct turn_case {
	const char *name, *in[TALKS];
	int reserve;
	const int *syncs;
	int undo;
	unsigned failures;
	int err;
	const char *order, *out[TALKS];
	unsigned undone;
} cases[] = {
	{ "connections are served round-robin, a line each", { "1\n2\n3\n", "a\nb\n", "x\n" }, .order = "1ax2b3",
		.out = { "123", "ab", "x" } },
	{ "a line that has not ended waits", { "1\n2", "a" }, .order = "1", .out = { "1" } },
	{ "commands and questions share a turn", { "c\nq\n" }, .order = "cq", .out = { "cq" } },
	{ "no room before the turn: the router is told", { "c\n" }, .reserve = PALIER_ESTORAGE_FULL, .order = "c",
		.out = { "c!" } },
	{ "a disk that cannot be asked counts as full", { "c\n" }, .reserve = PALIER_EIO, .order = "c", .out = { "c!" } },
	{ "the disk fills in the turn: all its lines run again, told so", { "c\nq\n", "c\n" }, .syncs = full_once,
		.order = "ccqccq", .out = { "c!q!", "c!" }, .undone = 1 },
	{ "the index fails once: the same lines run again as they were", { "c\nfail\n", "q\n" }, .failures = 1,
		.order = "cqcqfail", .out = { "cfail", "q" }, .undone = 1 },
	{ "the index fails twice: they run without commands", { "c\nfail\n" }, .failures = 2, .order = "cccfail",
		.out = { "c!fail!" }, .undone = 2 },
	{ "the index fails always: the turn gives up", { "fail\n" }, .failures = 9, .err = PALIER_ESTORE, .undone = 2 },
	{ "the disk is full even for nothing: the turn gives up", { "q\n" }, .syncs = full_ever, .err = PALIER_ESTORAGE_FULL,
		.undone = 2 },
	{ "a turn that fails has signed nobody in", { "open\n", "fail\n" }, .failures = 1, .order = "openopenfail",
		.out = { "open", "fail" }, .undone = 1 },
	{ "a failed sync is final: nothing runs again", { "c\n" }, .syncs = broken, .err = PALIER_EIO, .undone = 0 },
	{ "a ledger that cannot go back is final", { "c\n" }, .syncs = full_once, .undo = PALIER_EDAMAGED,
		.err = PALIER_EDAMAGED, .undone = 1 },
};

static void turn_goes(void **state)
{
	const struct turn_case *row = *state;
	struct hall h;

	hall_init(&h);
	script.reserve = row->reserve;
	script.syncs = row->syncs;
	script.undo = row->undo;
	script.failures = row->failures;
	for (int i = 0; i < TALKS; i++)
		hear(&h.talk[i], row->in[i]);
	assert_int_equal(turn_run(&h.turn, h.talks, TALKS), row->err);
	assert_int_equal(script.undone, row->undone);
	for (int i = 0; i < TALKS && row->err == PALIER_OK; i++)
		assert_said(&h.talk[i], row->out[i]);
	if (row->err == PALIER_OK)
		assert_string_equal(script.order, row->order);
	hall_deinit(&h);
}

/* --- the turn's measure -------------------------------------------------------------------------------------------- */

static void hear_commands(struct hall *h, int each)
{
	for (int i = 0; i < TALKS; i++)
		for (int n = 0; n < each; n++)
			hear(&h->talk[i], "c\n");
}

static size_t answered(const struct hall *h)
{
	return h->talk[0].out.len + h->talk[1].out.len + h->talk[2].out.len;
}

/* 1,024 = 3 x 341 + 1: the first has had its turn, the second is next. */
static void commands_are_counted(void **state)
{
	struct hall h;

	(void)state;
	hall_init(&h);
	hear_commands(&h, 400);
	assert_int_equal(turn_run(&h.turn, h.talks, TALKS), PALIER_OK);
	assert_int_equal(answered(&h), TURN_COMMANDS);
	assert_ptr_equal(turn_left(&h.turn, 0), &h.talk[1]);
	assert_ptr_equal(turn_left(&h.turn, 1), &h.talk[2]);
	assert_ptr_equal(turn_left(&h.turn, 2), &h.talk[0]);
	assert_null(turn_left(&h.turn, 3));
	assert_int_equal(turn_run(&h.turn, h.talks, TALKS), PALIER_OK);
	assert_int_equal(answered(&h), TALKS * 400);
	hall_deinit(&h);
}

static void time_is_measured(void **state)
{
	struct hall h;

	(void)state;
	hall_init(&h);
	script.line_us = TURN_US / 2;
	hear_commands(&h, 4);
	assert_int_equal(turn_run(&h.turn, h.talks, TALKS), PALIER_OK);
	assert_int_equal(answered(&h), 2);
	assert_int_equal(turn_run(&h.turn, h.talks, TALKS), PALIER_OK);
	assert_int_equal(answered(&h), 4);
	hall_deinit(&h);
}

static void bytes_are_counted(void **state)
{
	struct hall h;

	(void)state;
	hall_init(&h);
	script.line_weight = JOURNAL_TURN_MAX / 2;
	hear_commands(&h, 4);
	assert_int_equal(turn_run(&h.turn, h.talks, TALKS), PALIER_OK);
	assert_int_equal(answered(&h), 2);
	assert_ptr_equal(turn_left(&h.turn, 0), &h.talk[2]);
	hall_deinit(&h);
}

static void slow_readers_wait(void **state)
{
	struct hall h;

	(void)state;
	hall_init(&h);
	palier_buffer_reserve(&h.talk[0].out, UNSENT_MAX);
	h.talk[0].out.len = UNSENT_MAX - 1;
	hear(&h.talk[0], "1\n2\n");
	hear(&h.talk[1], "a\nb\n");
	assert_int_equal(turn_run(&h.turn, h.talks, TALKS), PALIER_OK);
	assert_string_equal(script.order, "1ab");
	assert_false(h.talk[0].waits);
	assert_true(h.talk[1].waits);
	hall_deinit(&h);
}

/* --- a day's close, and the jobs after it ---------------------------------------------------------------------------- */

static void a_close_ends_the_turn(void **state)
{
	struct hall h;

	(void)state;
	hall_init(&h);
	hear(&h.talk[0], "c\nclose\nc2\nq2\n");
	hear(&h.talk[1], "q\nc1\n");
	assert_int_equal(turn_run(&h.turn, h.talks, TALKS), PALIER_OK);
	assert_string_equal(script.order, "cqclose");
	assert_ptr_equal(turn_left(&h.turn, 0), &h.talk[1]);
	assert_ptr_equal(turn_left(&h.turn, 1), &h.talk[0]);
	assert_int_equal(turn_run(&h.turn, h.talks, TALKS), PALIER_OK);
	assert_string_equal(script.order, "cqclosec2c1q2");
	hall_deinit(&h);
}

static void a_close_that_found_no_room_ends_nothing(void **state)
{
	struct hall h;

	(void)state;
	hall_init(&h);
	script.syncs = full_once;
	hear(&h.talk[0], "close\nq\n");
	assert_int_equal(turn_run(&h.turn, h.talks, TALKS), PALIER_OK);
	assert_said(&h.talk[0], "close!q!");
	hall_deinit(&h);
}

static void jobs_have_a_slice_a_turn(void **state)
{
	struct hall h;

	(void)state;
	hall_init(&h);
	assert_int_equal(turn_run(&h.turn, NULL, 0), PALIER_OK); /* nobody speaks */
	assert_int_equal(script.jobs, 1);
	hear(&h.talk[0], "c\nq\n");
	assert_int_equal(turn_run(&h.turn, h.talks, TALKS), PALIER_OK);
	assert_int_equal(script.jobs, 2);
	script.reserve = PALIER_ESTORAGE_FULL;
	assert_int_equal(turn_run(&h.turn, NULL, 0), PALIER_OK);
	assert_int_equal(script.jobs, 2);
	hall_deinit(&h);
}

static void a_slice_that_fails_the_index_is_undone(void **state)
{
	struct hall h;

	(void)state;
	hall_init(&h);
	script.job = PALIER_ESTORE;
	hear(&h.talk[0], "c\n");
	assert_int_equal(turn_run(&h.turn, h.talks, TALKS), PALIER_OK);
	assert_int_equal(script.undone, 1);
	assert_int_equal(script.jobs, 2);
	assert_said(&h.talk[0], "c");
	hall_deinit(&h);
}

/* --- going back ---------------------------------------------------------------------------------------------------- */

static void unsent_replies_stay(void **state)
{
	struct hall h;

	(void)state;
	hall_init(&h);
	script.syncs = full_once;
	palier_buffer_add(&h.talk[0].out, "earlier ", 8);
	hear(&h.talk[0], "c\n");
	assert_int_equal(turn_run(&h.turn, h.talks, TALKS), PALIER_OK);
	assert_said(&h.talk[0], "earlier c!");
	assert_int_equal(h.talk[0].scan.begin, 2);
	hall_deinit(&h);
}

/* --- the longest line ---------------------------------------------------------------------------------------------- */

static const struct length_case {
	const char *name;
	bool open;
	size_t length;
	bool lost;
} lengths[] = {
	{ "before sign-in a line of 16 KiB is read", false, 16384, false },
	{ "before sign-in a longer one is the end", false, 16385, true },
	{ "after sign-in the configured length is read", true, 40000, false },
	{ "after sign-in a longer one is the end", true, 40001, true },
};

static void length_is_kept(void **state)
{
	const struct length_case *row = *state;
	struct hall h;

	hall_init(&h);
	h.talk[0].session.open = row->open;
	palier_buffer_reserve(&h.talk[0].in, row->length);
	memset(h.talk[0].in.at, 'q', row->length);
	h.talk[0].in.len = row->length;
	hear(&h.talk[0], "\nq\n");
	assert_int_equal(turn_run(&h.turn, h.talks, TALKS), PALIER_OK);
	assert_int_equal(h.talk[0].lost, row->lost);
	if (row->lost)
		assert_said(&h.talk[0], "too long");
	else
		assert_int_equal(h.talk[0].out.len, row->length + 1);
	hall_deinit(&h);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		{ "a turn takes 1,024 commands, and the next begins where it stopped", commands_are_counted, NULL, NULL,
			NULL },
		{ "a turn goes on for 5 ms", time_is_measured, NULL, NULL, NULL },
		{ "a turn takes about a MiB of journal", bytes_are_counted, NULL, NULL, NULL },
		{ "who does not read its replies is not answered", slow_readers_wait, NULL, NULL, NULL },
		{ "a close ends the turn: what follows it waits for the next one", a_close_ends_the_turn, NULL, NULL, NULL },
		{ "a close that is refused for want of room ends nothing", a_close_that_found_no_room_ends_nothing, NULL,
			NULL, NULL },
		{ "jobs have a slice a turn, also when nobody speaks, but not on a full disk", jobs_have_a_slice_a_turn,
			NULL, NULL, NULL },
		{ "a slice that fails the index is undone with its turn", a_slice_that_fails_the_index_is_undone, NULL, NULL,
			NULL },
		{ "replies of an earlier turn stay when this one fails", unsent_replies_stay, NULL, NULL, NULL },
	};
	struct CMUnitTest tests[COUNT(single) + COUNT(cases) + COUNT(lengths)];
	size_t n = COUNT(single);

	memcpy(tests, single, sizeof(single));
	for (size_t i = 0; i < COUNT(cases); i++)
		tests[n++] = (struct CMUnitTest){ cases[i].name, turn_goes, NULL, NULL, (void *)&cases[i] };
	for (size_t i = 0; i < COUNT(lengths); i++)
		tests[n++] = (struct CMUnitTest){ lengths[i].name, length_is_kept, NULL, NULL, (void *)&lengths[i] };
	return cmocka_run_group_tests_name("turn", tests, NULL, NULL);
}
