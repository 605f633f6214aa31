/* SPDX-License-Identifier: Apache-2.0 */
/* Each file operation fails in turn. Nothing false is answered: a command is booked, refused because the disk is full, or its connection
 * ends with a palierd that says so; and the next start, on a disk that works, finds all that was acknowledged. */
#include <errno.h>
#include <limits.h>
#include <signal.h>

#include "tests/fault/kit.h"

#define COMMANDS 8

static const struct fault {
	const char *name;
	enum shim_op op;
	int error, left;
} cases[] = {
	{ "a file that cannot be opened", SHIM_OPEN, EIO, 1 },
	{ "no descriptor for a file", SHIM_OPEN, EMFILE, 1 },
	{ "a write that the device refuses", SHIM_WRITE, EIO, 1 },
	{ "a write that finds the disk full", SHIM_WRITE, ENOSPC, 1 },
	{ "a write beyond the quota", SHIM_WRITE, EDQUOT, 1 },
	{ "a write that is done by half", SHIM_WRITE, SHIM_SHORT, 1 },
	{ "a device that refuses all writes from some moment on", SHIM_WRITE, EIO, INT_MAX },
	{ "a disk that is full from some moment on", SHIM_WRITE, ENOSPC, INT_MAX },
	{ "a write done by half, and no more", SHIM_WRITE, SHIM_SHORT, INT_MAX },
	{ "a sync that fails", SHIM_SYNC, EIO, 1 },
	{ "syncs that fail from some moment on", SHIM_SYNC, EIO, INT_MAX },
	{ "a file that cannot be cut or grown", SHIM_SIZE, EIO, 1 },
	{ "no room taken ahead, the disk is full", SHIM_ALLOCATE, ENOSPC, 1 },
	{ "no room taken ahead, the quota is used up", SHIM_ALLOCATE, EDQUOT, INT_MAX },
	{ "no room taken ahead, the device refuses", SHIM_ALLOCATE, EIO, 1 },
	{ "a map that cannot be made", SHIM_MAP, ENOMEM, 1 },
};

#define CASES (sizeof(cases) / sizeof(*cases))

/* --- a ledger to begin with ---------------------------------------------------------------------------------------- */

struct stage {
	struct shop *shop;
	struct shim_switch *faults;
	char base[96];  /* data of a shop before the fault */
	int64_t points; /* of CARD-1 there */
	bool answered[COMMANDS], refused[COMMANDS];
};

/* A ledger without a day, or one whose index lags behind its journal. */
static void base_make(struct stage *st, bool used)
{
	struct shop *s = st->shop;
	struct wire w;

	shop_start(s);
	if (used) {
		connect_to(&w, s, DOOR_TRUST);
		ask_ok(&w, "member.enroll", "'request':'first','card':'CARD-1','name':'Zoé'");
		for (int i = 1; i <= 3; i++)
			ask_ok(&w, "sale.commit",
				"'request':'f%d','sale':'F%d','card':'CARD-1','lines':[{'sku':'a','amount':500}],'payable':500",
				i, i);
		wire_close(&w);
		st->points = 15;
	}
	shop_kill(s);
	snprintf(st->base, sizeof(st->base), "%s/base", s->dir);
	tree_copy(s->data, st->base);
}

/* --- the work that is disturbed ------------------------------------------------------------------------------------ */

/* The commands: CARD-1's member when there is none yet, then sales of i euros, and more members. */
static char *command_send(struct wire *w, int i, bool used)
{
	if (i % 4 == 0)
		return wire_ask(w, "member.enroll", "'request':'r%d','card':'CARD-%d','name':'Camille'", i,
			i == 0 && !used ? 1 : 10 + i);
	return wire_ask(w, "sale.commit",
		"'request':'r%d','sale':'S%d','card':'CARD-1','lines':[{'sku':'a','amount':%d}],'payable':%d", i, i, i * 100,
		i * 100);
}

/* A refusal must be that of a full disk; what hangs on a command refused before may be unknown. */
static void reply_note(struct stage *st, int i, const char *reply)
{
	const char *reason = field(reply, "error.data.reason");
	bool hangs = i % 4 != 0 && st->refused[0]; /* a sale to nobody */

	st->answered[i] = field(reply, "result") != NULL;
	st->refused[i] = reason != NULL;
	if (reason && hangs && strcmp(reason, "card_unknown") == 0)
		return;
	if (reason && strcmp(reason, "storage_full") != 0)
		fail_msg("command %d is answered %s", i, reply);
	if (reason)
		assert_field(reply, "error.data.retryable", "true");
}

/* @return the exit code of a palierd that ended by itself; 0 when it was asked to */
static int work(struct stage *st, bool used)
{
	struct shop *s = st->shop;
	struct wire w;
	int code = 0;
	char *reply = NULL;

	memset(st->answered, 0, sizeof(st->answered));
	memset(st->refused, 0, sizeof(st->refused));
	if (!shop_start_try(s, &code))
		return code;
	connect_to(&w, s, DOOR_TRUST);
	for (int i = 0; i < COMMANDS; i++) {
		reply = command_send(&w, i, used);
		if (!reply)
			break;
		reply_note(st, i, reply);
	}
	if (reply && !wire_ask(&w, "system.status", "%s", ""))
		reply = NULL;
	wire_close(&w);
	if (reply) /* it still serves; the index may fail it at the end, which the log says */
		kill(s->pid, SIGTERM);
	return shop_wait(s);
}

static bool is_done(struct wire *w, int i)
{
	return strcmp(field(ask_ok(w, "request.status", "'request':'r%d'", i), "result.state"), "done") == 0;
}

/* On a disk that works again. */
static void all_is_right(struct stage *st)
{
	struct shop *s = st->shop;
	int64_t points = st->points;
	struct wire w;
	char *reply;

	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	for (int i = 0; i < COMMANDS; i++) {
		bool done = is_done(&w, i);

		if ((st->answered[i] && !done) || (st->refused[i] && done))
			fail_msg("command %d was %s and is %s", i, st->answered[i] ? "acknowledged" : "refused",
				done ? "there" : "not there");
		points += done && i % 4 != 0 ? i : 0;
	}
	reply = ask(&w, "card.lookup", "'card':'CARD-1'");
	if (field(reply, "result"))
		assert_figure(reply, "result.balances.points", points);
	else
		assert_int_equal(points, 0);
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	assert_int_equal(shop_verb(s, "check", NULL), 0);
}

/* @return did the fault come to pass? */
static bool disturbed(struct stage *st, const struct fault *f, int after, bool used)
{
	int code;
	bool failed;

	tree_copy(st->base, st->shop->data);
	st->faults = shim_on(st->shop, NULL);
	shim_fail(st->faults, f->op, after, f->left, f->error);
	code = work(st, used);
	failed = atomic_load(&st->faults->failed) > 0;
	shim_off(st->faults);
	if (code < 0)
		fail_msg("palierd was killed by signal %d (operation %d)", -code, after);
	if (code == 0 && f->op == SHIM_SYNC && f->left == INT_MAX && failed && st->answered[COMMANDS - 1])
		fail_msg("a command was acknowledged though no sync works");
	all_is_right(st);
	return failed;
}

static void in_turn(void **state)
{
	const struct fault *f = *state;
	static const struct shop_options stopped = { .stopped = true };
	int failed = 0;

	for (int used = 0; used < 2; used++) {
		void *shop = (void *)(uintptr_t)&stopped;
		struct stage st = { .points = 0 };
		int after = 0;

		assert_int_equal(shop_open(&shop), 0);
		st.shop = shop;
		base_make(&st, used);
		while (disturbed(&st, f, after, used))
			after++;
		assert_int_equal(shop_close(&shop), 0);
		failed += after;
	}
	print_message("%s: %d operations failed in turn\n", f->name, failed);
	assert_true(failed > 0);
}

/* What may or may not be on disk is not answered, and nothing after it. */
static void journal_unsynced(void **state)
{
	struct shop *s = *state;
	struct shim_switch *faults;
	struct wire w;

	faults = shim_on(s, NULL);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'first','card':'CARD-1'");
	shim_fail(faults, SHIM_SYNC, 0, INT_MAX, EIO);
	assert_null(command_send(&w, 1, true));
	wire_close(&w);
	assert_int_equal(shop_wait(s), 74);
	shop_log_wait(s, "serve.failed");
	shim_off(faults);
	shop_start(s);
}

int main(void)
{
	static const struct shop_options stopped = { .stopped = true };
	struct CMUnitTest tests[CASES + 1] = { IN_SHOP("a journal that cannot be synced ends palierd", journal_unsynced,
		&stopped) };

	for (size_t i = 0; i < CASES; i++)
		tests[1 + i] = (struct CMUnitTest){ cases[i].name, in_turn, NULL, NULL, (void *)(uintptr_t)&cases[i] };
	shops_in_memory();
	return cmocka_run_group_tests_name("disk", tests, NULL, NULL);
}
