/* SPDX-License-Identifier: Apache-2.0 */
/* palier ladder learn: small journals, with figures reckoned by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "protocol/stats.h"
#include "tests/unit/tools/journal.h"
#include "tools/cli.h"
#include "tools/report/learn.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct study {
	struct journal j;
	struct learn_tickets t;
	struct learned l;
	unsigned sales;
};

#define NOBODY 0

/* @param lines as in params @return the sale's number */
static unsigned buy(struct study *s, unsigned who, const char *day, const char *lines)
{
	char more[64] = "", params[4096];

	if (who != NOBODY)
		snprintf(more, sizeof(more), ",'member':'%s'", journal_member(who));
	snprintf(params, sizeof(params), "'sale':'S%u','lines':[%s]", ++s->sales, lines);
	journal_event(&s->j, day, "sale.commit", more, params, "{'kind':'sale.booked'}");
	return s->sales;
}

static void study_end(struct study *s)
{
	struct event_files files;
	char why[256];

	journal_files(&s->j, &files);
	assert_int_equal(learn_read(&files, NULL, &s->t, why), PALIER_OK);
	event_files_deinit(&files);
	journal_remove(&s->j);
	learn(&s->t, &s->l);
}

static void study_free(struct study *s)
{
	learned_deinit(&s->l);
	learn_tickets_deinit(&s->t);
}

static const struct learn_step *step_in(const struct study *s, const struct learn_step *steps, size_t count, const char *a,
	const char *b)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(s->t.sku[steps[i].a].name, a) == 0 && strcmp(s->t.sku[steps[i].b].name, b) == 0)
			return &steps[i];
	return NULL;
}

#define UPGRADE(s, a, b)  step_in(s, (s)->l.upgrades, (s)->l.upgrade_count, a, b)
#define ATTACHED(s, a, b) step_in(s, (s)->l.attached, (s)->l.attached_count, a, b)

/* In French or English. @return to be freed */
static char *printed(const struct study *s, const char *language)
{
	struct palier_arena a = { 0 };
	const struct words w = { &a, language };
	size_t len;
	char *out;
	FILE *f = open_memstream(&out, &len);

	learn_print(&s->t, &s->l, &w, 2, f);
	fclose(f);
	palier_arena_deinit(&a);
	return out;
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in: %s", part, text);
}

#define GROUND "{'sku':'ground','label':'Café moulu','category':'coffee','amount':400}"
#define BEANS  "{'sku':'beans','label':'Café en grains','category':'coffee','amount':590}"
#define POT    "{'sku':'pot','category':'coffee','amount':6000}"
#define TEA    "{'sku':'tea','category':'tea','amount':500}"

/* --- upgrades --- */

static void what_came_next_is_an_upgrade(void **state)
{
	struct study s = { .sales = 0 };
	const struct learn_step *up;
	char *text;

	(void)state;
	journal_begin(&s.j);
	for (unsigned i = 1; i <= 30; i++)
		buy(&s, i, "2026-11-01", GROUND "," TEA);
	for (unsigned i = 1; i <= 24; i++)
		buy(&s, i, "2026-11-10", i <= 22 ? BEANS "," POT : BEANS);
	for (unsigned i = 1; i <= 30; i++)
		buy(&s, NOBODY, "2026-11-11", POT);
	study_end(&s);
	assert_int_equal(s.t.count, 84);
	assert_int_equal(s.t.members, 30);
	assert_int_equal(s.l.upgrade_count, 1); /* a pot costs too much for one, tea is of another category */
	up = UPGRADE(&s, "ground", "beans");
	assert_non_null(up);
	assert_int_equal(up->both, 24);
	assert_int_equal(up->of, 30);
	assert_true(up->low == stats_share(24, 30).low);
	text = printed(&s, "en");
	assert_has(text, "# Learned from 84 tickets of 30 members, from 1 November 2026 to 11 November 2026.\n");
	assert_has(text,
		"\t# Next after Café moulu (ground) came Café en grains (beans): 24 of 30 times (95%: at least 63%); 4.00, then 5.90.\n"
		"\tladder \"coffee\" {\n\t\trung \"ground\" {\n\t\t\tskus = {\"ground\"}\n\t\t\tprice = \"4.00\"\n"
		"\t\t\tlabel { en = \"Café moulu\" }\n\t\t}\n\t\trung \"beans\" {");
	free(text);
	text = printed(&s, "fr");
	assert_has(text, "Après Café moulu (ground) est venu Café en grains (beans)\u00a0: 24 fois sur 30");
	assert_has(text, "label { fr = \"Café en grains\" }");
	free(text);
	study_free(&s);
}

/* A past that is imported is booked on one day, customer by customer: what counts is when it was bought. */
static void an_imported_past_is_as_it_was(void **state)
{
	struct study s = { .sales = 0 };
	const struct learn_step *up;
	char *text;

	(void)state;
	journal_begin(&s.j);
	s.j.booked = "2026-11-26";
	for (unsigned i = 1; i <= 30; i++) {
		if (i <= 24)
			buy(&s, i, "2026-11-10", BEANS);
		buy(&s, i, i == 1 ? "2025-10-20" : "2026-11-01", GROUND);
	}
	study_end(&s);
	up = UPGRADE(&s, "ground", "beans");
	assert_non_null(up);
	assert_int_equal(up->both, 23); /* more than a year lies between those of the first */
	assert_null(UPGRADE(&s, "beans", "ground"));
	text = printed(&s, "en");
	assert_has(text, "from 20 October 2025 to 10 November 2026.\n");
	free(text);
	study_free(&s);
}

static const struct bound_case {
	const char *name;
	unsigned first, second; /* so many bought a, and so many of them then b */
	int price;
	const char *next_day;
	size_t found;
} bounds[] = {
	{ "twenty are enough", 30, 20, 590, "2026-11-10", 1 },
	{ "nineteen are not", 30, 19, 590, "2026-11-10", 0 },
	{ "a tenth dearer is enough", 30, 24, 440, "2026-11-10", 1 },
	{ "less is not", 30, 24, 439, "2026-11-10", 0 },
	{ "twice as dear is", 30, 24, 800, "2026-11-10", 1 },
	{ "more is not", 30, 24, 801, "2026-11-10", 0 },
	{ "a year later still follows", 30, 24, 590, "2027-11-01",
		0 /* what was bought a year ago has no price of today */ },
	{ "surely two in a hundred", 600, 20, 590, "2026-11-10", 1 },
	{ "not so surely", 700, 20, 590, "2026-11-10", 0 },
};

static void a_bound(void **state)
{
	const struct bound_case *k = *state;
	struct study s = { .sales = 0 };
	char line[128];

	journal_begin(&s.j);
	snprintf(line, sizeof(line), "{'sku':'beans','category':'coffee','amount':%d}", k->price);
	for (unsigned i = 1; i <= k->first; i++)
		buy(&s, i, "2026-11-01", GROUND);
	for (unsigned i = 1; i <= k->second; i++)
		buy(&s, i, k->next_day, line);
	study_end(&s);
	assert_int_equal(s.l.upgrade_count, k->found);
	study_free(&s);
}

static void a_year_is_the_longest_pause(void **state)
{
	(void)state;
	for (unsigned late = 0; late < 2; late++) {
		struct study s = { .sales = 0 };

		journal_begin(&s.j);
		for (unsigned i = 1; i <= 40; i++)
			buy(&s, i, "2025-11-01", GROUND);
		for (unsigned i = 1; i <= 40; i++)
			buy(&s, i, late ? "2026-11-02" : "2026-11-01", BEANS);
		buy(&s, NOBODY, "2026-11-03", GROUND); /* for its price */
		study_end(&s);
		assert_int_equal(s.l.upgrade_count, !late);
		study_free(&s);
	}
}

static void prices_are_medians_of_late(void **state)
{
	static const char *const lines[] = { "{'sku':'a','amount':900}", "{'sku':'a','amount':100}",
		"{'sku':'a','amount':500}", "{'sku':'a','quantity':3,'amount':330}",
		"{'sku':'a','quantity':0.5,'amount':60}", "{'sku':'a','amount':0}" };
	struct study s = { .sales = 0 };

	(void)state;
	journal_begin(&s.j);
	buy(&s, NOBODY, "2026-08-01", lines[0]); /* too long ago */
	buy(&s, NOBODY, "2026-08-01", "{'sku':'gone','amount':5}");
	for (size_t i = 1; i < COUNT(lines); i++)
		buy(&s, NOBODY, "2026-10-30", lines[i]); /* 100, 500, 110, 120 for one, and one for nothing */
	buy(&s, NOBODY, "2026-10-31", "{'sku':'d','kind':'discount','on':0,'amount':-5},{'sku':'b','amount':7}");
	study_end(&s);
	assert_int_equal(s.t.skus.count, 3);
	assert_int_equal(s.t.sku[0].price, 115);
	assert_int_equal(s.t.sku[1].price, 0);
	assert_int_equal(s.t.sku[2].price, 7);
	study_free(&s);
}

/* --- what goes together --- */

#define BREAD "{'sku':'bread','amount':200}"
#define JAM   "{'sku':'jam','amount':350}"
#define EVERY "{'sku':'bag','amount':10}"
#define REST  "{'sku':'r1','amount':100},{'sku':'r2','amount':100},{'sku':'r3','amount':100}"

/* 60 tickets with bread and jam, 40 with bread alone, 100 with the rest; bags in all of them. */
static void hundreds_buy(struct study *s)
{
	for (unsigned i = 0; i < 100; i++)
		buy(s, NOBODY, "2026-11-01", REST "," EVERY);
	for (unsigned i = 0; i < 100; i++)
		buy(s, NOBODY, "2026-11-02", i < 60 ? BREAD "," JAM "," EVERY : BREAD "," EVERY);
}

static void what_lies_together_goes_together(void **state)
{
	struct study s = { .sales = 0 };
	const struct learn_step *jam, *bread;
	char *text;

	(void)state;
	journal_begin(&s.j);
	hundreds_buy(&s);
	study_end(&s);
	jam = ATTACHED(&s, "bread", "jam");
	bread = ATTACHED(&s, "jam", "bread");
	assert_true(jam && bread);
	assert_int_equal(jam->both, 60);
	assert_int_equal(jam->of, 100);
	assert_int_equal(jam->with_b, 60);
	assert_int_equal(jam->all, 200);
	assert_true(jam->p < 1e-9 && jam->p == bread->p);
	/* Bags are no more often with bread than by chance; and of what is in all tickets nothing can be tested. */
	assert_null(ATTACHED(&s, "bread", "bag"));
	assert_null(ATTACHED(&s, "bread", "r1"));
	assert_int_equal(s.l.attached_count, 8); /* both ways, and the three of the rest */
	assert_int_equal(s.l.tested, 4);
	text = printed(&s, "en");
	assert_has(text,
		"\t# With bread goes jam: in 60 of 100 tickets, 2.0 times as often as by chance.\n\tcomplement \"jam\" {\n"
		"\t\twith { skus = {\"bread\"} }\n\t\tskus = {\"jam\"}\n\t\tprice = \"3.50\"\n\t}\n");
	assert_has(text, "# Every 180 days, what is older counts half.");
	assert_has(text, "No member who came twice took several products at once");
	free(text);
	study_free(&s);
}

static void what_is_everywhere_is_no_suggestion(void **state)
{
	struct study s = { .sales = 0 };
	char line[160];

	(void)state;
	journal_begin(&s.j);
	for (unsigned i = 0; i < 100; i++) {
		snprintf(line, sizeof(line), "{'sku':'x%u','amount':10}%s", i,
			i < 60   ? "," BREAD "," EVERY
			: i < 80 ? "," EVERY
				 : "");
		buy(&s, NOBODY, "2026-11-01", line);
	}
	study_end(&s);
	assert_int_equal(s.t.skus.count, 102);
	assert_non_null(ATTACHED(&s, "bag", "bread"));
	assert_null(ATTACHED(&s, "bread", "bag"));
	study_free(&s);
}

/* 38 pairs in the first half year are 19 in the next; with one more they are enough. */
static void what_is_old_counts_half(void **state)
{
	(void)state;
	for (unsigned more = 0; more < 2; more++) {
		struct study s = { .sales = 0 };

		journal_begin(&s.j);
		for (unsigned i = 0; i < 76; i++)
			buy(&s, NOBODY, "2026-01-01", i < 38 ? BREAD "," JAM : REST);
		buy(&s, NOBODY, "2026-06-29", REST); /* the 180th day is of the first half */
		for (unsigned i = 0; i <= more; i++)
			buy(&s, NOBODY, "2026-06-30", i < more ? BREAD "," JAM : BREAD "," REST);
		buy(&s, NOBODY, "2026-06-30", JAM);
		study_end(&s);
		if (more)
			assert_int_equal(ATTACHED(&s, "bread", "jam")->both, 20);
		else
			assert_null(ATTACHED(&s, "bread", "jam"));
		study_free(&s);
	}
}

static void what_is_void_was_not_bought(void **state)
{
	struct study s = { .sales = 0 };

	(void)state;
	journal_begin(&s.j);
	hundreds_buy(&s);
	for (unsigned i = 101; i <= 141; i++) {
		char params[32];

		snprintf(params, sizeof(params), "'sale':'S%u'", i);
		journal_event(&s.j, "2026-11-03", "sale.void", "", params, "%s", "");
	}
	journal_event(&s.j, "2026-11-03", "sale.void", "", "'sale':'other'", "%s", "");
	journal_event(&s.j, "2026-11-03", "sale.commit", "", "'sale':'late','lines':[" BREAD "," JAM "]", "%s",
		""); /* not booked */
	study_end(&s);
	assert_int_equal(s.t.count, 159);
	assert_null(ATTACHED(&s, "bread", "jam")); /* 19 are left */
	study_free(&s);
}

static void come_back(struct study *s, unsigned sale, const char *kind, const char *lines)
{
	journal_event(&s->j, "2026-11-04", "sale.return", "", "", "{'kind':'%s','sale':'S%u','lines':[%s]}", kind, sale,
		lines);
}

#define JAMS "{'sku':'jam','quantity':2,'amount':700}"

/* One of 20 tickets with bread and jam: what of it comes back, and does it still count? */
static const struct back_case {
	const char *name, *lines, *booked, *back[2], *taken_back; /* the last: of a return that was voided itself */
	bool counts;
} backs[] = {
	{ "a line that comes back was not bought", BREAD "," JAM, "", { "{'line':1,'quantity':1000}" }, NULL, false },
	{ "nor one that comes back in parts", BREAD "," JAMS, "",
		{ "{'line':1,'quantity':1000}", "{'line':1,'quantity':1000}" }, NULL, false },
	{ "of two one is still bought", BREAD "," JAMS, "", { "{'line':1,'quantity':1000}" }, NULL, true },
	{ "all that was paid is all of it", BREAD "," JAM, ",'lines':[{'line':1,'foreign':40,'ours':10}]",
		{ "{'line':1,'amount':100}", "{'line':1,'amount':200}" }, NULL, false },
	{ "less is a rebate", BREAD "," JAM, ",'lines':[{'line':1,'foreign':40,'ours':10}]", { "{'line':1,'amount':299}" },
		NULL, true },
	{ "half by value and half by piece is all", BREAD "," JAMS, "",
		{ "{'line':1,'amount':350}", "{'line':1,'quantity':1000}" }, NULL, false },
	{ "the same product on another line stays", BREAD "," JAM "," JAM, "", { "{'line':1,'quantity':1000}" }, NULL,
		true },
	{ "lines are counted with those that are no products", "{'sku':'d','kind':'discount','amount':-5}," BREAD "," JAM,
		"", { "{'line':2,'quantity':1000}" }, NULL, false },
	{ "what is no line of it is passed over", BREAD "," JAM, "",
		{ "{'line':7,'quantity':1000},{'quantity':5},{'line':-1}" }, NULL, true },
	{ "a return that is void takes nothing back", BREAD "," JAM, "", { "{'line':1,'quantity':1000}" },
		"{'line':1,'quantity':1000}", true },
};

static void a_comeback(void **state)
{
	const struct back_case *k = *state;
	struct study s = { .sales = 0 };
	char params[1024], booked[256];

	journal_begin(&s.j);
	for (unsigned i = 0; i < 30; i++)
		buy(&s, NOBODY, "2026-11-01", REST);
	for (unsigned i = 0; i < 19; i++)
		buy(&s, NOBODY, "2026-11-02", BREAD "," JAM);
	snprintf(params, sizeof(params), "'sale':'S%u','lines':[%s]", ++s.sales, k->lines);
	snprintf(booked, sizeof(booked), "{'kind':'sale.booked'%s}", k->booked);
	journal_event(&s.j, "2026-11-03", "sale.commit", "", params, "%s", booked);
	for (size_t i = 0; i < COUNT(k->back) && k->back[i]; i++)
		come_back(&s, s.sales, "sale.returned", k->back[i]);
	if (k->taken_back)
		come_back(&s, s.sales, "return.voided", k->taken_back);
	come_back(&s, 99, "sale.returned", "{'line':0,'quantity':1000}"); /* of no ticket that is known */
	study_end(&s);
	assert_int_equal(s.t.count, 50);
	assert_int_equal(ATTACHED(&s, "bread", "jam") != NULL, k->counts);
	study_free(&s);
}

/* Nothing of it is left: neither as a ticket, nor as a price, nor as somebody who came. */
static void what_is_all_gone_never_was(void **state)
{
	struct study s = { .sales = 0 };

	(void)state;
	journal_begin(&s.j);
	buy(&s, 1, "2026-11-01", "{'sku':'jam','amount':100}");
	buy(&s, 2, "2026-11-02", "{'sku':'jam','amount':900}," BREAD);
	buy(&s, 3, "2026-11-03", "{'sku':'jam','amount':900}");
	come_back(&s, 2, "sale.returned", "{'line':0,'quantity':1000},{'line':1,'quantity':1000}");
	journal_event(&s.j, "2026-11-03", "sale.void", "", "'sale':'S3'", "%s", "");
	study_end(&s);
	assert_int_equal(s.t.count, 1);
	assert_int_equal(s.t.members, 1);
	assert_int_equal(s.t.from, 20261101);
	assert_int_equal(s.t.to, 20261101);
	assert_int_equal(s.t.sku[0].price, 100);
	study_free(&s);
}

static void the_dearest_count_on_a_long_ticket(void **state)
{
	struct study s = { .sales = 0 };
	char lines[4096] = "";

	(void)state;
	journal_begin(&s.j);
	for (unsigned i = 0; i < 70; i++)
		snprintf(lines + strlen(lines), sizeof(lines) - strlen(lines), "%s{'sku':'x%u','amount':%u}", i ? "," : "",
			i, 100 + i);
	snprintf(lines + strlen(lines), sizeof(lines) - strlen(lines), ",{'sku':'x69','amount':1}");
	buy(&s, NOBODY, "2026-11-01", lines);
	study_end(&s);
	assert_int_equal(s.t.at[0].count, 64);
	assert_string_equal(s.t.sku[s.t.items[0]].name, "x69");
	assert_string_equal(s.t.sku[s.t.items[63]].name, "x6");
	study_free(&s);
}

/* Hidden are bread and jam of the one member's last ticket. What goes together finds both; most sold are bags and the rest. */
static void guesses_stand_beside_what_sells_most(void **state)
{
	struct study s = { .sales = 0 };
	char *text;

	(void)state;
	journal_begin(&s.j);
	hundreds_buy(&s);
	buy(&s, 1, "2026-11-03", REST);
	buy(&s, 1, "2026-11-04", BREAD "," JAM);
	buy(&s, 2, "2026-11-04", JAM "," BREAD); /* came but once */
	study_end(&s);
	assert_int_equal(s.l.hidden, 2);
	assert_int_equal(s.l.guessed, 2);
	assert_int_equal(s.l.popular, 0);
	text = printed(&s, "en");
	assert_has(text,
		"in three tries: 100% by what goes together, 0% by what sells most (n = 2).\n# That is better, but a guess is no sale.\n");
	free(text);
	s.l.guessed = s.l.popular = 1;
	text = printed(&s, "en");
	assert_has(text, "That is hardly better");
	free(text);
	s.l.guessed = 0;
	text = printed(&s, "fr");
	assert_has(text, "n'est donc que noté ici, derrière #.");
	assert_has(text, "\n#\tcomplement \"jam\" {\n#\t\twith {");
	assert_has(text, "#\t\tskus = {\"jam\"}\n");
	free(text);
	study_free(&s);
}

/* --- names --- */

static void names_fit_the_configuration(void **state)
{
	struct study s = { .sales = 0 };
	char *text;

	(void)state;
	journal_begin(&s.j);
	for (unsigned i = 0; i < 100; i++)
		buy(&s, NOBODY, "2026-11-01",
			i < 30   ? "{'sku':'a b/c:d','label':'$x','amount':100},{'sku':'a-b-c-d','amount':200}"
			: i < 60 ? "{'sku':'$HOME','amount':100},{'sku':'fine','amount':5}"
				 : BREAD);
	study_end(&s);
	text = printed(&s, "en");
	assert_has(text, "complement \"a-b-c-d\" {");
	assert_has(text, "complement \"a-b-c-d-2\" {");
	assert_has(text, "skus = {\"a b/c:d\"}");
	assert_null(strchr(text, '$'));
	assert_has(text, "# 2 more have names that the configuration cannot hold: they are left out.\n");
	free(text);
	study_free(&s);
}

static void nothing_is_nothing(void **state)
{
	struct study s = { .sales = 0 };
	char *text;

	(void)state;
	journal_begin(&s.j);
	study_end(&s);
	text = printed(&s, "en");
	assert_string_equal(text, "# Nothing was bought often enough to propose a ladder.\n");
	free(text);
	study_free(&s);
}

/* --- the command --- */

static void the_command_wants_a_shop(void **state)
{
	static const struct {
		const char *argv[6];
		int code;
		const char *says;
	} rows[] = {
		{ { "palier", "ladder", "learn" }, 64, "which shop? give --config FILE or --data DIR" },
		{ { "palier", "ladder", "learn", "--data", "/nowhere" }, 74, "/nowhere/journal: No such file" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t len;
		char *out;
		FILE *f = open_memstream(&out, &len);
		int argc = 3;

		while (argc < 6 && rows[i].argv[argc])
			argc++;
		assert_int_equal(cli_run(argc, rows[i].argv, f, f), rows[i].code);
		fclose(f);
		assert_has(out, rows[i].says);
		free(out);
	}
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(what_came_next_is_an_upgrade),
		cmocka_unit_test(an_imported_past_is_as_it_was),
		cmocka_unit_test(a_year_is_the_longest_pause),
		cmocka_unit_test(prices_are_medians_of_late),
		cmocka_unit_test(what_lies_together_goes_together),
		cmocka_unit_test(what_is_everywhere_is_no_suggestion),
		cmocka_unit_test(what_is_old_counts_half),
		cmocka_unit_test(what_is_void_was_not_bought),
		cmocka_unit_test(what_is_all_gone_never_was),
		cmocka_unit_test(the_dearest_count_on_a_long_ticket),
		cmocka_unit_test(guesses_stand_beside_what_sells_most),
		cmocka_unit_test(names_fit_the_configuration),
		cmocka_unit_test(nothing_is_nothing),
		cmocka_unit_test(the_command_wants_a_shop),
	};
	struct CMUnitTest tests[COUNT(single) + COUNT(bounds) + COUNT(backs)];
	size_t n = COUNT(single);

	memcpy(tests, single, sizeof(single));
	for (size_t i = 0; i < COUNT(bounds); i++)
		tests[n++] = (struct CMUnitTest){ bounds[i].name, a_bound, NULL, NULL, (void *)(uintptr_t)&bounds[i] };
	for (size_t i = 0; i < COUNT(backs); i++)
		tests[n++] = (struct CMUnitTest){ backs[i].name, a_comeback, NULL, NULL, (void *)(uintptr_t)&backs[i] };
	return _cmocka_run_group_tests("learn", tests, n, NULL, NULL);
}
