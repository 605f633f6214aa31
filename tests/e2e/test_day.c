/* SPDX-License-Identifier: Apache-2.0 */
/* Days over real sockets: closed, opened again, closed by two tills at once and in the middle of a pipeline; and a close that the power cut
 * short, at every step. */
#include <pthread.h>
#include <unistd.h>

#include "tests/e2e/harness.h"

#define TILLS 8

static const struct shop_options broken = { .stopped = true, .broken = true };

static const char *path_in(const struct shop *s, const char *name)
{
	static char path[4][192];
	static unsigned turn;
	char *out = path[turn++ % 4];

	snprintf(out, sizeof(path[0]), "%s/%s", s->data, name);
	return out;
}

static bool there_is(const struct shop *s, const char *name)
{
	return access(path_in(s, name), F_OK) == 0;
}

static void sell(struct wire *w, int sale)
{
	ask_ok(w, "sale.commit",
		"'request':'s-%d','sale':'R-%d','card':'CARD-1','lines':[{'sku':'a','amount':%d00}],'payable':%d00", sale,
		sale, sale, sale);
}

/* A day with five sales to one card: 15 points. */
static void day_make(struct wire *w)
{
	ask_ok(w, "member.enroll", "'request':'e-1','card':'CARD-1','name':'Zoé Martin'");
	for (int i = 1; i <= 5; i++)
		sell(w, i);
}

/* --- closing and opening ------------------------------------------------------------------------------------------- */

static void close_and_open(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char *reply;

	connect_to(&w, s, DOOR_TRUST);
	ask_refused(&w, "day_unknown", "day.close", "'request':'c-0'");
	day_make(&w);
	reply = ask_ok(&w, "day.close", "'request':'c-1'");
	assert_figure(reply, "result.batch", 1);
	assert_figure(reply, "result.events", 7);
	assert_figure(reply, "result.totals.sales", 5);
	assert_figure(reply, "result.totals.payable", 1500);
	assert_figure(reply, "result.totals.members", 1);
	assert_true(there_is(s, "journal/1.jsonl") && !there_is(s, "journal/1.open"));
	reply = ask_ok(&w, "day.status", "%s", "");
	assert_field(reply, "result.open", "false");
	assert_figure(reply, "result.batch", 1);
	assert_field(ask_ok(&w, "system.status", "%s", ""), "result.batch", "0");

	/* Questions open no day, nor does a close. */
	assert_figure(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.balances.points", 15);
	assert_figure(ask_ok(&w, "day.close", "'request':'c-2'"), "result.batch", 1);
	assert_field(ask_ok(&w, "day.close", "'request':'c-1'"), "result.replayed", "true");
	assert_false(there_is(s, "journal/2.open"));
	sell(&w, 6);
	assert_true(there_is(s, "journal/2.open"));
	assert_field(
		ask_ok(&w, "sale.commit",
			"'request':'s-1','sale':'R-1','card':'CARD-1','lines':[{'sku':'a','amount':100}],'payable':100"),
		"result.replayed", "true");
	assert_figure(ask_ok(&w, "sale.show", "'sale':'R-2'"), "result.payable", 200);
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	shop_start(s);

	connect_to(&w, s, DOOR_TRUST);
	reply = ask_ok(&w, "day.status", "%s", "");
	assert_field(reply, "result.open", "true");
	assert_figure(reply, "result.batch", 2);
	assert_figure(reply, "result.events", 1);
	assert_figure(ask_ok(&w, "sale.show", "'sale':'R-3'"), "result.payable", 300);
	assert_figure(ask_ok(&w, "request.status", "'request':'c-1'"), "result.result.batch", 1);
	assert_figure(ask_ok(&w, "day.close", "'request':'c-3'"), "result.batch", 2);
	reply = ask_ok(&w, "batch.list", "%s", "");
	assert_int_equal(count_of(reply, "result.batches"), 2);
	assert_figure(reply, "result.batches[1].last_seq", 9);
	reply = ask_ok(&w, "batch.show", "'batch':2");
	assert_figure(reply, "result.totals.sales", 1);
	assert_figure(reply, "result.perpetual.sales", 6);
	wire_close(&w);
}

static void a_cashier_closes_no_day(void **state)
{
	struct shop *s = *state;
	struct wire w, till;

	connect_to(&w, s, DOOR_TRUST);
	till_make(&w, "till-1", "cashier", "secret-1");
	till_make(&w, "desk", "supervisor", "secret-2");
	sign_in(&till, s, "till-1", "secret-1");
	ask_refused(&till, "forbidden", "day.close", "'request':'c-1'");
	assert_field(ask_ok(&till, "day.status", "%s", ""), "result.open", "true");
	assert_figure(ask_ok(&till, "day.close", "'request':'c-1','override':{'token':'secret-2'}"), "result.batch", 1);
	wire_close(&till);
	wire_close(&w);
}

/* --- at once ------------------------------------------------------------------------------------------------------- */

struct closer {
	pthread_t thread;
	struct wire wire;
	int number;
	int64_t batch;
};

static void *close_it(void *arg)
{
	struct closer *c = arg;
	char *reply = wire_ask(&c->wire, "day.close", "'request':'close-%d'", c->number);

	c->batch = reply ? figure(reply, "result.batch") : 0;
	return NULL;
}

static void all_at_once(void **state)
{
	struct shop *s = *state;
	struct closer closers[TILLS];
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	day_make(&w);
	for (int i = 0; i < TILLS; i++) {
		closers[i].number = i;
		connect_to(&closers[i].wire, s, DOOR_TRUST);
	}
	for (int i = 0; i < TILLS; i++)
		assert_int_equal(pthread_create(&closers[i].thread, NULL, close_it, &closers[i]), 0);
	for (int i = 0; i < TILLS; i++) {
		pthread_join(closers[i].thread, NULL);
		assert_int_equal(closers[i].batch, 1);
		wire_close(&closers[i].wire);
	}
	assert_int_equal(last_seq(&w), 7); /* one of them was booked */
	assert_field(ask_ok(&w, "day.status", "%s", ""), "result.open", "false");
	wire_close(&w);
}

/* --- in a pipeline ------------------------------------------------------------------------------------------------- */

static void pipelined(void **state)
{
	static const char lines[] =
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sale.commit\",\"params\":{\"request\":\"a\",\"sale\":\"A\",\"lines\":[{\"sku\":\"a\",\"amount\":1}],\"payable\":1}}\n"
		"{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"day.close\",\"params\":{\"request\":\"c1\"}}\n"
		"{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"sale.show\",\"params\":{\"sale\":\"A\"}}\n"
		"{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"sale.commit\",\"params\":{\"request\":\"b\",\"sale\":\"B\",\"lines\":[{\"sku\":\"a\",\"amount\":2}],\"payable\":2}}\n"
		"{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"day.close\",\"params\":{\"request\":\"c2\"}}\n"
		"{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"day.close\",\"params\":{\"request\":\"c3\"}}\n"
		"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"sale.commit\",\"params\":{\"request\":\"c\",\"sale\":\"C\",\"lines\":[{\"sku\":\"a\",\"amount\":3}],\"payable\":3}}\n";
	static const struct {
		const char *file, *sale, *other;
	} files[] = {
		{ "journal/1.jsonl", "\"sale\":\"A\"", "\"sale\":\"B\"" },
		{ "journal/2.jsonl", "\"sale\":\"B\"", "\"sale\":\"C\"" },
		{ "journal/3.open", "\"sale\":\"C\"", "\"sale\":\"B\"" },
	};
	static const int64_t batches[] = { 0, 0, 1, 0, 0, 2, 2, 0 };
	struct shop *s = *state;
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	assert_true(wire_send(&w, lines, strlen(lines)));
	for (int id = 1; id <= 7; id++) {
		char *reply = wire_line(&w);

		assert_non_null(reply);
		assert_figure(reply, "id", id);
		assert_int_equal(count_of(reply, "error"), -1);
		if (batches[id])
			assert_figure(reply, "result.batch", batches[id]);
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		size_t len;
		char *text = file_read(path_in(s, files[i].file), &len);

		assert_non_null(text);
		assert_non_null(strstr(text, files[i].sale));
		assert_null(strstr(text, files[i].other));
		free(text);
	}
	wire_close(&w);
}

/* --- the power cut short ------------------------------------------------------------------------------------------- */

static void start_on(struct shop *s, const char *kept, const char *journal, size_t len, size_t room)
{
	static const char zeros[8192];
	char *image = calloc(1, len + room + 1);

	assert_non_null(image);
	tree_remove(s->data);
	tree_copy(kept, s->data); /* before the close: the index is not committed before the file has its name */
	memcpy(image, journal, len);
	memcpy(image + len, zeros, room);
	file_write(path_in(s, "journal/1.open"), image, len + room);
	free(image);
	shop_start(s);
}

/* The event of the close is in the file or not, nothing in between; sent again it is closed once. */
static void closed_once(struct shop *s, bool was_closed, const char *name)
{
	struct wire w;
	char *reply;

	connect_to(&w, s, DOOR_TRUST);
	reply = ask_ok(&w, "request.status", "'request':'c-1'");
	if (strcmp(field(reply, "result.state"), was_closed ? "done" : "unknown") != 0)
		fail_msg("%s: %s", name, reply);
	assert_field(ask_ok(&w, "day.status", "%s", ""), "result.open", was_closed ? "false" : "true");
	reply = ask_ok(&w, "day.close", "'request':'c-1'");
	assert_figure(reply, "result.batch", 1);
	assert_figure(reply, "result.events", 7);
	assert_int_equal(strstr(reply, "replayed") != NULL, was_closed);
	assert_true(there_is(s, "journal/1.jsonl") && !there_is(s, "journal/1.open"));
	sell(&w, 6);
	assert_figure(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.balances.points", 21);
	assert_int_equal(last_seq(&w), 8);
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	shop_sound(s);
}

static size_t line_begins(const char *text, int line)
{
	const char *at = text;

	while (line--)
		at = strchr(at, '\n') + 1;
	return (size_t)(at - text);
}

static void cut_short(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char kept[128], *closed;
	size_t len, event, tail;

	snprintf(kept, sizeof(kept), "%s/kept", s->dir);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	day_make(&w);
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	tree_copy(s->data, kept);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "day.close", "'request':'c-1'");
	wire_close(&w);
	shop_kill(s);
	closed = file_read(path_in(s, "journal/1.jsonl"), &len);
	assert_non_null(closed);
	event = line_begins(closed, 7);
	tail = line_begins(closed, 8);

	{
		const struct {
			const char *name;
			size_t len, room;
			bool closed;
		} steps[] = {
			{ "nothing was written", event, 4096, false },
			{ "half of the close", (event + tail) / 2, 4096, false },
			{ "the close but for its line's end", tail - 1, 4096, false },
			{ "before the tail", tail, 4096, true },
			{ "half of the tail", (tail + len) / 2, 4096, true },
			{ "the tail but for its line's end", len - 1, 0, true },
			{ "after the tail", len, 8192, true },
			{ "after the cut, before the new name", len, 0, true },
		};

		for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
			size_t again_len;
			char *again;

			start_on(s, kept, closed, steps[i].len, steps[i].room);
			closed_once(s, steps[i].closed, steps[i].name);
			again = file_read(path_in(s, "journal/1.jsonl"), &again_len);
			if (steps[i].closed && (again_len != len || memcmp(again, closed, len) != 0))
				fail_msg("%s: the file ends otherwise", steps[i].name);
			free(again);
		}
	}
	free(closed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("a day is closed, and the next command opens another", close_and_open, NULL),
		IN_SHOP("a cashier needs a badge to close the day", a_cashier_closes_no_day, NULL),
		IN_SHOP("eight tills close at once: one does, all are told the batch", all_at_once, NULL),
		IN_SHOP("what follows a close in one write lands in the next day", pipelined, NULL),
		IN_SHOP("a close that a crash cut short is finished at the next start, or never was", cut_short, &broken),
	};

	return cmocka_run_group_tests_name("day", tests, NULL, NULL);
}
