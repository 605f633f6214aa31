/* SPDX-License-Identifier: Apache-2.0 */
/* What is left of a line for who looks at some kinds of effects only; and the events of files, whoever reads them how. */
#include "tests/unit/tools/journal.h"
#include "tools/report/events_block.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct palier_bytes kinds[] = { PALIER_LIT("sale.booked"), PALIER_LIT("journey.touch"), { NULL, 0 } };

#define HASH    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SALE(x) "{\"kind\":\"sale.booked\",\"sale\":\"" x "\"}"
#define FACT    "{\"kind\":\"fact\",\"value\":\"a\"}"

static const struct sift_case {
	const char *name, *line, *left;
} sifts[] = {
	{ "params and other effects go, and the hash",
		"{\"seq\":1,\"params\":{\"a\":{\"b\":1}},\"effects\":[" FACT
		"," SALE("A") "," FACT "," SALE("B") "],\"prev\":\"" HASH "\"}",
		"{\"seq\":1,\"params\":{},\"effects\":[" SALE("A") "," SALE("B") "]}" },
	{ "a line may end with its effects", "{\"seq\":1,\"params\":{},\"effects\":[" FACT "," SALE("A") "]}",
		"{\"seq\":1,\"params\":{},\"effects\":[" SALE("A") "]}" },
	{ "there may be no effect", "{\"seq\":1,\"params\":{},\"effects\":[]}", "{\"seq\":1,\"params\":{},\"effects\":[]}" },
	{ "none may be wanted", "{\"seq\":1,\"params\":{\"a\":1},\"effects\":[" FACT "]}",
		"{\"seq\":1,\"params\":{},\"effects\":[]}" },
	{ "objects in an effect stay in it",
		"{\"seq\":1,\"params\":{},\"effects\":[{\"kind\":\"sale.booked\",\"lots\":[{\"a\":1},{\"a\":2}]}," FACT "]}",
		"{\"seq\":1,\"params\":{},\"effects\":[{\"kind\":\"sale.booked\",\"lots\":[{\"a\":1},{\"a\":2}]}]}" },
	{ "a kind is more than its beginning", "{\"seq\":1,\"params\":{},\"effects\":[{\"kind\":\"sale.booked.late\"}]}",
		"{\"seq\":1,\"params\":{},\"effects\":[]}" },
	{ "texts that read like it are texts",
		"{\"seq\":1,\"till\":\",\\\"params\\\":{\",\"params\":{\"a\":\"},\\\"effects\\\":[\"},\"effects\":[" SALE(
			"},{\\\"kind\\\":\\\"fact\\\"") "]}",
		"{\"seq\":1,\"till\":\",\\\"params\\\":{\",\"params\":{},\"effects\":[" SALE(
			"},{\\\"kind\\\":\\\"fact\\\"") "]}" },
	{ "without params it is not sifted", "{\"seq\":1,\"effects\":[" FACT "]}", "" },
	{ "nor with spaces", "{\"seq\":1, \"params\": {}, \"effects\": [" FACT "]}", "" },
	{ "nor with a kind that comes second", "{\"seq\":1,\"params\":{},\"effects\":[{\"a\":1,\"kind\":\"fact\"}]}", "" },
	{ "nor when something follows", "{\"seq\":1,\"params\":{},\"effects\":[" FACT "],\"more\":1}", "" },
	{ "nor when it is cut", "{\"seq\":1,\"params\":{},\"effects\":[{\"kind\":\"fa", "" },
	{ "nor when it is short", "{}", "" },
};

static void sifts_lines(void **state)
{
	const struct sift_case *c = *state;
	char *room = malloc(strlen(c->line)), *line = malloc(strlen(c->line));
	size_t n;

	memcpy(line, c->line, strlen(c->line)); /* no NUL behind it */
	n = event_sift(palier_bytes_of(line, strlen(c->line)), kinds, room);
	assert_int_equal(n, strlen(c->left));
	assert_memory_equal(room, c->left, n);
	free(room);
	free(line);
}

/* --- walking --- */

struct seen {
	uint64_t events, last, effects, params, until;
};

static int see(void *who, const struct booked *e)
{
	struct seen *s = who;

	assert_int_equal(e->seq, s->last + 1);
	assert_string_equal(palier_cstr(e->arena, e->method), "sale.commit");
	s->last = e->seq;
	s->events++;
	s->params += e->params && e->doc->tokens[e->params].count;
	for (uint32_t at = 0; booked_effect(e, &at);)
		s->effects++;
	return e->seq == s->until ? PALIER_ENOENT : PALIER_OK;
}

#define MANY 5000 /* several blocks */

static void many_write(struct journal *j)
{
	journal_begin(j);
	for (int i = 0; i < MANY; i++)
		journal_event(j, "2026-11-21", "sale.commit", ",'till':'till-1'", "'a':1",
			"{'kind':'fact','value':'%d'},%s,%s", i, "{'kind':'sale.booked','sale':'A'}",
			"{'kind':'fact','value':'b'}");
}

static int walk(struct journal *j, struct event_visitor v, char *why)
{
	struct event_files files;
	int err;

	journal_files(j, &files);
	err = events_visit(&files, NULL, &v, why);
	event_files_deinit(&files);
	return err;
}

static void walks(void **state)
{
	struct seen all = { .until = 0 }, some = { .until = 0 }, few = { .until = 7 };
	struct journal j;
	char why[256];

	(void)state;
	many_write(&j);
	assert_int_equal(walk(&j, (struct event_visitor){ .event = see, .who = &all }, why), PALIER_OK);
	assert_int_equal(all.events, MANY);
	assert_int_equal(all.effects, 3 * MANY);
	assert_int_equal(all.params, MANY);
	assert_int_equal(walk(&j, (struct event_visitor){ .event = see, .who = &some, .kinds = kinds }, why), PALIER_OK);
	assert_int_equal(some.events, MANY);
	assert_int_equal(some.effects, MANY);
	assert_int_equal(some.params, 0);
	assert_int_equal(walk(&j, (struct event_visitor){ .event = see, .who = &few, .kinds = kinds }, why), PALIER_ENOENT);
	assert_int_equal(few.events, 7);
	assert_string_equal(why, "");
	journal_remove(&j);
}

static void damage_comes_in_its_turn(void **state)
{
	struct seen all = { .until = 0 };
	struct journal j;
	char why[256];

	(void)state;
	many_write(&j);
	fputs("{\"seq\":oops}\n", j.file);
	journal_event(&j, "2026-11-21", "sale.commit", "", "", "%s", "");
	assert_int_equal(walk(&j, (struct event_visitor){ .event = see, .who = &all, .kinds = kinds }, why),
		PALIER_EDAMAGED);
	assert_int_equal(all.events, MANY);
	assert_non_null(strstr(why, "1.open: a line is no event"));
	journal_remove(&j);
}

/* What sifting cannot tell from an effect of its own: it is read whole. */
static void what_cannot_be_sifted_is_read(void **state)
{
	struct seen all = { .until = 0 };
	struct journal j;
	char why[256];

	(void)state;
	journal_begin(&j);
	journal_event(&j, "2026-11-21", "sale.commit", "", "'a':1", "%s",
		"{'kind':'sale.booked','alerts':[{'kind':'a'},{'kind':'b'}]},{'kind':'fact'}");
	assert_int_equal(walk(&j, (struct event_visitor){ .event = see, .who = &all, .kinds = kinds }, why), PALIER_OK);
	assert_int_equal(all.effects, 2);
	assert_int_equal(all.params, 1);
	journal_remove(&j);
}

int main(void)
{
	enum { SIFTS = sizeof(sifts) / sizeof(*sifts) };
	struct CMUnitTest tests[SIFTS + 3];
	size_t n = 0;

	for (size_t i = 0; i < SIFTS; i++)
		tests[n++] = (struct CMUnitTest){ sifts[i].name, sifts_lines, NULL, NULL, (void *)(uintptr_t)&sifts[i] };
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(walks);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(damage_comes_in_its_turn);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(what_cannot_be_sifted_is_read);
	return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
