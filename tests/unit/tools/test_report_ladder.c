/* SPDX-License-Identifier: Apache-2.0 */
/* palier report ladder: what a journal is folded to, by hand; what the experiment may say and when; other ways of choosing against the truth;
 * and the words of it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "protocol/bandit.h"
#include "protocol/datetime.h"
#include "tests/unit/tools/fake_server.h"
#include "tests/unit/tools/journal.h"
#include "tools/cli.h"
#include "tools/report/ladder.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void near(double got, double want, double within)
{
	if (!(fabs(got - want) <= within))
		fail_msg("%.9g instead of %.9g", got, want);
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in: %s", part, text);
}

/* --- the fold ------------------------------------------------------------------------------------------------------ */

#define FROM 20261101
#define TO   20261130

#define EXPERIMENT "{'kind':'ladder.experiment','epoch':1,'salt':'s','share':5000,'start':'2026-11-01','until':'2026-11-20'}"
#define SHOWN(decision, rung, outcome, day, more) \
	"{'kind':'ladder.shown','decision':'" decision "','rung':'" rung "','outcome':'" outcome "','day':'" day \
	"','fading':0" more "}"
#define BOTH ",'candidates':[{'rung':'c/beans','a':1,'b':9,'gain':110},{'rung':'c/mill','a':1,'b':9,'gain':2000}]"

static struct ladder_figures folded(struct journal *j)
{
	struct ladder_figures f = { .from = FROM, .to = TO, .today = TO, .scale = 2, .currency = "EUR" };
	struct event_files files;
	char why[256];

	journal_files(j, &files);
	assert_int_equal(ladder_fold(&files, NULL, &f, why), PALIER_OK);
	event_files_deinit(&files);
	journal_remove(j);
	return f;
}

static const struct ladder_rung *rung_in(const struct ladder_figures *f, const char *name)
{
	for (size_t i = 0; i < f->rung_count; i++)
		if (strcmp(f->rungs[i].rung, name) == 0)
			return &f->rungs[i];
	fail_msg("no rung %s", name);
	return NULL;
}

/* Of beans three are told, one of them taken: in hindsight 2 of 13 of them sell, of mills 1 of 10; so a mill is worth 200, beans 16.92. */
static void suggestions_are_counted(void **state)
{
	struct ladder_figures f;
	const struct ladder_rung *beans;
	struct journal j;

	(void)state;
	journal_begin(&j);
	journal_event(&j, "2026-10-31", "sale.commit", "", "",
		EXPERIMENT "," SHOWN("d0", "c/beans", "accepted", "2026-10-31", BOTH));
	journal_event(&j, "2026-11-02", "sale.commit", "", "",
		SHOWN("d1", "c/beans", "accepted", "2026-11-02", ",'revenue':590,'margin':210" BOTH));
	journal_event(&j, "2026-11-03", "ladder.outcome", "", "", SHOWN("d2", "c/beans", "declined", "2026-11-03", ""));
	journal_event(&j, "2026-11-03", "ladder.outcome", "", "", SHOWN("d3", "c/beans", "ignored", "2026-11-03", ""));
	journal_event(&j, "2026-11-04", "sale.commit", "", "",
		SHOWN("d4", "c/beans", "accepted", "2026-11-04", ",'deduced':true,'revenue':600,'margin':210" BOTH));
	journal_event(&j, "2026-11-05", "sale.commit", "", "",
		SHOWN("d5", "c/mill", "accepted", "2026-11-05", ",'revenue':6000,'margin':2000" BOTH));
	journal_event(&j, "2026-11-06", "sale.void", "", "",
		"{'kind':'ladder.undone','decision':'d5','rung':'c/mill','outcome':'accepted','day':'2026-11-05','revenue':6000,'margin':2000}");
	f = folded(&j);
	assert_string_equal(f.store, "shop");
	assert_int_equal(f.rung_count, 1); /* of mills nothing is left */
	beans = rung_in(&f, "beans");
	assert_string_equal(beans->ladder, "c");
	assert_int_equal(beans->shown, 4);
	assert_int_equal(beans->accepted, 2);
	assert_int_equal(beans->declined, 1);
	assert_int_equal(beans->revenue, 1190);
	assert_int_equal(beans->margin, 420);
	assert_int_equal(beans->told, 3);
	assert_int_equal(beans->told_accepted, 1);
	near(beans->regret, 2000 * 1 / 10.0 - 110 * 2 / 13.0, 1e-9);
	ladder_figures_deinit(&f);
}

/* What comes in the place of an outcome is weighed as what that one was: had it been bought, a mill would have been missed. */
static void what_comes_later_was_chosen_before(void **state)
{
	struct ladder_figures f;
	struct journal j;

	(void)state;
	journal_begin(&j);
	journal_event(&j, "2026-11-02", "sale.commit", "", "",
		EXPERIMENT "," SHOWN("d1", "c/beans", "declined", "2026-11-02", BOTH));
	journal_event(&j, "2026-11-05", "sale.commit", "", "",
		"{'kind':'ladder.undone','decision':'d1','rung':'c/beans','outcome':'declined','day':'2026-11-02','fading':0}," SHOWN(
			"d1", "c/beans", "accepted", "2026-11-02", ",'revenue':590,'margin':210,'instead':true"));
	f = folded(&j);
	assert_int_equal(f.rung_count, 1);
	assert_int_equal(f.rungs[0].shown, 1);
	assert_int_equal(f.rungs[0].accepted, 1);
	assert_int_equal(f.rungs[0].declined, 0);
	assert_int_equal(f.rungs[0].told_accepted, 1);
	near(f.rungs[0].regret, 2000 * 1 / 10.0 - 110 * 2 / 11.0, 1e-9);
	ladder_figures_deinit(&f);
}

/* As long as a coupon may be used, nothing is known of it. */
static void what_is_pending_is_not_told(void **state)
{
	struct ladder_figures f;
	struct journal j;

	(void)state;
	journal_begin(&j);
	journal_event(&j, "2026-11-02", "sale.commit", "", "",
		EXPERIMENT "," SHOWN("d1", "c/beans", "ignored", "2026-11-02", ",'pending':true" BOTH) "," SHOWN("d2",
			"c/beans", "ignored", "2026-11-02", ",'pending':true" BOTH));
	journal_event(&j, "2026-11-17", "job.due", "", "",
		"{'kind':'ladder.undone','decision':'d1','rung':'c/beans','outcome':'ignored','day':'2026-11-02','fading':0,'pending':true}," SHOWN(
			"d1", "c/beans", "declined", "2026-11-02", ",'instead':true"));
	f = folded(&j);
	assert_int_equal(f.rungs[0].shown, 2);
	assert_int_equal(f.rungs[0].pending, 1);
	assert_int_equal(f.rungs[0].told, 1);
	assert_int_equal(f.rungs[0].declined, 1);
	near(f.rungs[0].regret, 2000 * 1 / 10.0 - 110 * 1 / 11.0, 1e-9);
	ladder_figures_deinit(&f);
}

static void visit(struct journal *j, const char *day, unsigned member, bool held, int spend, int climbed)
{
	char more[64];

	snprintf(more, sizeof(more), ",'member':'%s'", journal_member(member));
	journal_event(j, day, spend < 0 ? "sale.void" : "sale.commit", more, "",
		"{'kind':'ladder.visited','member':'%s','epoch':1%s,'spend':%d,'climbed':%d,'visits':%d}",
		journal_member(member), held ? ",'held':true" : "", spend, climbed, spend < 0 ? -1 : 1);
}

static void gainful_visit(struct journal *j, unsigned member, bool held, int spend, int margin, int known, int estimated)
{
	char more[64];

	snprintf(more, sizeof(more), ",'member':'%s'", journal_member(member));
	journal_event(j, "2026-11-02", "sale.commit", more, "",
		"{'kind':'ladder.visited','member':'%s','epoch':1%s,'spend':%d,'climbed':0,'margin':%d,'known':%d,'estimated':%d,'visits':%d}",
		journal_member(member), held ? ",'held':true" : "", spend, margin, known, estimated, spend > 0);
}

/* Of 1000 the margin of so much is known. */
static void margins_are_compared_where_they_are_known(void **state)
{
	static const struct {
		int known;
		bool by_margin;
		int64_t offered, held;
	} rows[] = { { 400, true, 190, -30 }, { 399, false, 600, 400 } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ladder_figures f;
		struct journal j;

		journal_begin(&j);
		journal_event(&j, "2026-11-01", "till.add", "", "", EXPERIMENT);
		gainful_visit(&j, 1, false, 500, 200, rows[i].known, 100);
		gainful_visit(&j, 1, false, 200, 60, 200, 0);
		gainful_visit(&j, 1, false, -100, -70, -100, 0); /* brought back */
		gainful_visit(&j, 2, true, 400, -30, 300, 0);
		f = folded(&j);
		assert_int_equal(f.turnover.spent, 1000);
		assert_int_equal(f.turnover.known, 400 + rows[i].known);
		assert_int_equal(f.turnover.estimated, 100);
		assert_int_equal(f.by_margin, rows[i].by_margin);
		assert_int_equal(f.offered.money.sum, rows[i].offered);
		assert_int_equal(f.held.money.sum, rows[i].held);
		near(f.held.money.squares, (double)rows[i].held * (double)rows[i].held, 0);
		assert_int_equal(f.cap, rows[i].offered);
		ladder_figures_deinit(&f);
	}
}

static void members_are_summed_by_arm(void **state)
{
	struct ladder_figures f;
	struct journal j;

	(void)state;
	journal_begin(&j);
	journal_event(&j, "2025-11-29", "sale.commit", ",'member':'m_0000000000000009'", "", "{'kind':'sale.booked'}");
	journal_event(&j, "2026-11-01", "till.add", "", "", EXPERIMENT);
	visit(&j, "2026-11-02", 1, false, 1000, 0);
	visit(&j, "2026-11-03", 1, false, 500, 1);
	visit(&j, "2026-11-03", 1, false, -500, -1);
	visit(&j, "2026-11-04", 1, false, 300, 1);
	visit(&j, "2026-11-04", 2, true, 700, 0);
	visit(&j, "2026-11-05", 3, false, 900, 1);
	visit(&j, "2026-11-05", 4, false, 100, 0);
	visit(&j, "2026-11-05", 5, false, 800, 0);
	visit(&j, "2026-11-05", 5, false, -800, 0); /* voided: nothing is left of the visit */
	visit(&j, "2026-11-21", 2, true, 9000, 1);  /* behind the planned end */
	journal_event(&j, "2026-11-06", "member.merge", "", "", "{'kind':'ladder.moved','from':'%s','into':'%s'}",
		journal_member(3), journal_member(4));
	f = folded(&j);
	assert_int_equal(f.share, 5000);
	assert_int_equal(f.start, 20261101);
	assert_int_equal(f.until, 20261120);
	assert_int_equal(f.offered.money.n, 2);
	assert_int_equal(f.offered.climbed, 1);
	assert_int_equal(f.offered.money.sum, 1400);
	near(f.offered.money.squares, 1300.0 * 1300 + 100 * 100, 0);
	assert_int_equal(f.held.money.n, 1);
	assert_int_equal(f.held.climbed, 0);
	assert_int_equal(f.held.money.sum, 700);
	assert_int_equal(f.capped, 0);
	assert_int_equal(f.customers, 5); /* the first of all was here longer ago than a year */
	ladder_figures_deinit(&f);
}

/* 199 of 200 are not above the 99.5 % point. */
static void who_is_out_of_proportion_is_capped(void **state)
{
	struct ladder_figures f;
	struct journal j;

	(void)state;
	journal_begin(&j);
	journal_event(&j, "2026-11-01", "till.add", "", "", EXPERIMENT);
	for (unsigned i = 0; i < 199; i++)
		visit(&j, "2026-11-02", i, i % 2 == 0, 100, 0);
	visit(&j, "2026-11-02", 199, false, 1000000, 0);
	f = folded(&j);
	assert_int_equal(f.cap, 100);
	assert_int_equal(f.capped, 1);
	assert_int_equal(f.offered.money.n, 100);
	assert_int_equal(f.offered.money.sum, 10000);
	near(f.offered.money.squares, 1e6, 0);
	assert_int_equal(f.held.money.sum, 10000);
	ladder_figures_deinit(&f);
}

/* When which rules chose; of a daemon that did not name them nothing is known. */
static void rules_are_told_apart(void **state)
{
	struct ladder_figures f;
	struct journal j;

	(void)state;
	journal_begin(&j);
	journal_event(&j, "2026-10-31", "sale.commit", "", "",
		SHOWN("d0", "c/beans", "accepted", "2026-10-31", ",'policy':'00000000'" BOTH));
	journal_event(&j, "2026-11-02", "sale.commit", "", "", SHOWN("d1", "c/beans", "accepted", "2026-11-02", BOTH));
	journal_event(&j, "2026-11-03", "sale.commit", "", "",
		SHOWN("d2", "c/beans", "accepted", "2026-11-03", ",'policy':'857bbf87'" BOTH));
	journal_event(&j, "2026-11-05", "sale.commit", "", "",
		SHOWN("d3", "c/beans", "accepted", "2026-11-05", ",'policy':'857bbf87'" BOTH));
	journal_event(&j, "2026-11-05", "sale.commit", "", "",
		SHOWN("d4", "c/beans", "accepted", "2026-11-05", ",'policy':'5a1dd601'" BOTH));
	journal_event(&j, "2026-11-05", "sale.void", "", "",
		"{'kind':'ladder.undone','decision':'d3','rung':'c/beans','outcome':'accepted','day':'2026-11-05','policy':'857bbf87'}");
	f = folded(&j);
	assert_int_equal(f.rules_count, 2);
	assert_string_equal(f.rules[0].name, "857bbf87");
	assert_int_equal(f.rules[0].from, 20261103);
	assert_int_equal(f.rules[0].to, 20261105);
	assert_int_equal(f.rules[0].shown, 1);
	assert_string_equal(f.rules[1].name, "5a1dd601");
	assert_int_equal(f.rules[1].from, 20261105);
	ladder_figures_deinit(&f);
}

/* Of the days asked for; what is voided is counted no more, and what a later daemon names is passed over. */
static void reasons_are_counted(void **state)
{
	struct ladder_figures f;
	struct journal j;

	(void)state;
	journal_begin(&j);
	journal_event(&j, "2026-10-31", "sale.commit", "", "",
		"{'kind':'ladder.filtered','day':'2026-10-31','reasons':[{'reason':'no_consent','count':7}]}");
	journal_event(&j, "2026-11-01", "sale.commit", "", "",
		"{'kind':'ladder.filtered','day':'2026-11-01','reasons':[{'reason':'condition','count':2},{'reason':'no_consent','count':1}]}");
	journal_event(&j, "2026-11-01", "sale.commit", "", "",
		"{'kind':'ladder.filtered','day':'2026-11-01','reasons':[{'reason':'no_consent','count':3},{'reason':'later','count':9}]}");
	journal_event(&j, "2026-11-01", "sale.void", "", "",
		"{'kind':'ladder.filtered','day':'2026-11-01','reasons':[{'reason':'condition','count':2},{'reason':'no_consent','count':1}],'undone':true}");
	f = folded(&j);
	for (size_t i = 0; i < LADDER_REASONS; i++)
		assert_int_equal(f.filtered[i], strcmp(ladder_reasons[i].name, "no_consent") == 0 ? 3 : 0);
	ladder_figures_deinit(&f);
}

/* Counts that nobody could draw with are no candidates. */
static void absurd_counts_are_passed_over(void **state)
{
	static const char *const candidates[] = { "{'rung':'c/beans','a':0,'b':9,'gain':1}",
		"{'rung':'c/beans','a':400,'b':400,'gain':1}",
		"{'rung':'c/beans','a':9007199254740991,'b':9007199254740991,'gain':1}", "{'rung':'','a':1,'b':9,'gain':1}",
		"{'rung':'c/beans','a':1,'b':9,'gain':0}", "{}", "7" };

	(void)state;
	for (size_t i = 0; i < COUNT(candidates); i++) {
		struct ladder_figures f;
		struct journal j;

		journal_begin(&j);
		journal_event(&j, "2026-11-02", "sale.commit", "", "",
			EXPERIMENT
			",{'kind':'ladder.shown','decision':'d','rung':'c/beans','outcome':'accepted','day':'2026-11-02',"
			"'draw':'zz','candidates':[%s]},{'kind':'ladder.shown'},{'kind':'ladder.undone'}",
			candidates[i]);
		f = folded(&j);
		assert_int_equal(f.rung_count, 1);
		assert_int_equal(f.choices.judged, 0);
		assert_int_equal(f.choices.left_out, 1);
		near(f.rungs[0].regret, 0, 0);
		ladder_figures_deinit(&f);
	}
}

/* --- other ways of choosing ---------------------------------------------------------------------------------------- */

/* A world of two rungs: beans are taken by 1 in 5 and gain 100, mills by 1 in 20 and gain 300. So each suggestion of beans brings 20, of mills
 * 15, at random 17.5. */
#define DECISIONS 1000

struct world {
	struct names salts, rungs;
	struct ladder_choice *choices;
	char (*ids)[16];
	size_t count, asked; /* shown, of so many */
	int64_t friction;
	struct palier_arena arena;
};

/* As the daemon chooses, with counts that stay as they are; what is not worth saying leaves nothing behind. */
static void choose(struct world *w, uint64_t *chance, bool told)
{
	struct bandit_arm arms[2] = { { .rung = PALIER_LIT("c/beans"), .a = 3, .b = 9, .gain = 100 },
		{ .rung = PALIER_LIT("c/mill"), .a = 1, .b = 9, .gain = 300 } };
	struct ladder_choice *c = &w->choices[w->count];
	struct palier_bytes salt = w->salts.at[0], place;
	size_t at;

	snprintf(w->ids[w->count], sizeof(w->ids[0]), "d%zu", w->asked++);
	c->decision = palier_str(w->ids[w->count]);
	place = bandit_place(&w->arena, c->decision, 0);
	at = bandit_choose(salt, place, arms, 2);
	c->uniform = bandit_bucket(salt, place) < BANDIT_UNIFORM;
	if (c->uniform)
		at = bandit_seed(salt, place, PALIER_LIT("*")) % 2;
	else if (!bandit_is_worth(&arms[at], w->friction))
		return;
	w->count++;
	c->friction = w->friction;
	c->rung = (uint32_t)at;
	c->draw = arms[at].draw;
	c->day = FROM;
	c->told = told;
	c->count = 2;
	for (uint32_t i = 0; i < 2; i++)
		c->options[i] = (struct ladder_option){ i, (uint16_t)arms[i].a, (uint16_t)arms[i].b, arms[i].gain };
	c->accepted = bandit_next(chance) % 100 < (at == 0 ? 20 : 5);
}

static void world_begin(struct world *w)
{
	*w = (struct world){ .count = 0 };
	names_add(&w->salts, PALIER_LIT("salt"));
	names_add(&w->rungs, PALIER_LIT("c/beans"));
	names_add(&w->rungs, PALIER_LIT("c/mill"));
	w->choices = calloc(DECISIONS, sizeof(*w->choices));
	w->ids = calloc(DECISIONS, sizeof(*w->ids));
	assert_true(w->choices && w->ids);
}

static struct ladder_choices judged(struct world *w)
{
	struct ladder_choices out;

	ladder_choices_of(w->choices, w->count, &w->salts, &w->rungs, FROM, TO, NULL, &out);
	return out;
}

static void world_end(struct world *w)
{
	names_deinit(&w->salts);
	names_deinit(&w->rungs);
	palier_arena_deinit(&w->arena);
	free(w->choices);
	free(w->ids);
}

static void other_ways_are_weighed(void **state)
{
	struct ladder_choices c;
	struct world w;
	uint64_t chance = 3;

	(void)state;
	world_begin(&w);
	while (w.count < DECISIONS)
		choose(&w, &chance, true);
	c = judged(&w);
	assert_int_equal(c.judged, DECISIONS);
	assert_int_equal(c.left_out, 0);
	assert_in_range(c.uniform, DECISIONS / 20 - 40, DECISIONS / 20 + 40);
	near(c.popular.ips, 20, 2);
	near(c.popular.snips, 20, 2);
	near(c.even.ips, 17.5, 3);
	near(c.even.snips, 17.5, 3);
	assert_true(c.popular.ess > LADDER_ESS && c.popular.ess < DECISIONS);
	assert_true(c.even.ess > LADDER_ESS && c.even.ess < DECISIONS);
	near(c.popular.gained.value, c.popular.ips - c.done, 1e-9);
	assert_false(c.popular.same || c.even.same);
	assert_true(c.popular.gained.low < c.popular.gained.value && c.popular.gained.high > c.popular.gained.value);
	world_end(&w);
}

/* Of 1,000 redraws those that are shown, and those in which it is the rung of this choice: each drawn from the decision's own stream of
 * rung || "p" || i. */
static double odds_of(const struct world *w, const struct ladder_choice *c)
{
	unsigned shown = 0, any = 0;

	for (unsigned i = 0; i < 1000; i++) {
		double best = -1;
		uint32_t winner = 0;

		for (uint32_t k = 0; k < c->count; k++) {
			char rung[32];
			int n = snprintf(rung, sizeof(rung), "%.*sp%u", PALIER_ARG(w->rungs.at[c->options[k].rung]), i);
			uint64_t state = bandit_seed(w->salts.at[0], c->decision, palier_bytes_of(rung, (size_t)n));
			double worth = (double)bandit_beta(&state, c->options[k].a, c->options[k].b) /
			               18446744073709551616.0 * (double)c->options[k].gain;

			winner = worth > best ? c->options[k].rung : winner;
			best = worth > best ? worth : best;
		}
		any += floor(best) > (double)w->friction;
		shown += floor(best) > (double)w->friction && winner == c->rung;
	}
	return (0.05 / 2 + 0.95 * shown / 1000) / (0.05 + 0.95 * any / 1000);
}

/* Decisions between the same candidates are drawn again each by itself. */
static void a_decision_is_drawn_again_with_its_own_seed(void **state)
{
	static const int64_t frictions[] = { 0, 40 };

	(void)state;
	for (size_t k = 0; k < COUNT(frictions); k++) {
		double brought = 0;
		struct world w;
		uint64_t chance = 3;

		world_begin(&w);
		w.friction = frictions[k];
		for (int i = 0; i < 3; i++) {
			while (w.count == (size_t)i)
				choose(&w, &chance, true);
			w.choices[i].accepted = true;
			brought += (double)w.choices[i].options[w.choices[i].rung].gain / (2 * odds_of(&w, &w.choices[i]));
		}
		near(judged(&w).even.ips, brought / 3, 1e-6);
		world_end(&w);
	}
}

/* What is not worth saying is not said, of beans more often than of mills: what is said counts for as much as before. */
static void what_is_not_shown_is_not_weighed(void **state)
{
	struct ladder_choices c;
	struct world w;
	uint64_t chance = 3;

	(void)state;
	world_begin(&w);
	w.friction = 40;
	while (w.count < DECISIONS)
		choose(&w, &chance, true);
	assert_in_range(w.asked, DECISIONS * 3 / 2, DECISIONS * 3);
	c = judged(&w);
	assert_int_equal(c.judged, DECISIONS);
	near(c.popular.ips, 20, 2.5);
	near(c.popular.snips, 20, 2.5);
	near(c.even.ips, 17.5, 3);
	near(c.even.snips, 17.5, 3);
	world_end(&w);
}

/* As it stands in the journal. */
static void friction_is_read(void **state)
{
	struct ladder_figures f;
	struct journal j;
	struct world w;
	uint64_t chance = 3;
	const struct ladder_choice *c;

	(void)state;
	world_begin(&w);
	w.friction = 40;
	while (w.count == 0)
		choose(&w, &chance, true);
	c = &w.choices[0];
	journal_begin(&j);
	journal_event(&j, "2026-11-01", "sale.commit", "", "",
		"{'kind':'ladder.experiment','epoch':1,'salt':'salt','share':0,'start':'2026-11-01'},"
		"{'kind':'ladder.shown','decision':'%s','rung':'%s','outcome':'accepted','day':'2026-11-01','draw':'%016llx',"
		"'friction':40,'candidates':[{'rung':'c/beans','a':3,'b':9,'gain':100},{'rung':'c/mill','a':1,'b':9,'gain':300}]}",
		w.ids[0], w.rungs.at[c->rung].at, (unsigned long long)c->draw);
	f = folded(&j);
	assert_int_equal(f.choices.judged, 1);
	near(f.choices.even.ips, (double)c->options[c->rung].gain / (2 * odds_of(&w, c)), 1e-6);
	ladder_figures_deinit(&f);
	world_end(&w);
}

/* With one candidate there is no other way: each weighs 1, and nothing is gained. */
static void one_candidate_is_no_choice(void **state)
{
	struct ladder_choices c;
	struct world w;
	uint64_t chance = 3;

	(void)state;
	world_begin(&w);
	w.friction = -1; /* all are shown */
	for (int i = 0; i < 50; i++) {
		struct bandit_arm arm = { .rung = PALIER_LIT("c/beans"), .a = 3, .b = 9, .gain = 100 };

		choose(&w, &chance, true);
		bandit_choose(w.salts.at[0], bandit_place(&w.arena, w.choices[i].decision, 0), &arm, 1);
		w.choices[i].rung = 0;
		w.choices[i].count = 1;
		w.choices[i].draw = arm.draw;
		w.choices[i].accepted = i < 10;
	}
	c = judged(&w);
	assert_int_equal(c.judged, 50);
	near(c.done, 20, 1e-9);
	near(c.popular.ips, 20, 1e-9);
	near(c.even.ips, 20, 1e-9);
	near(c.popular.ess, 50, 1e-9);
	near(c.popular.gained.low, 0, 1e-9);
	near(c.popular.gained.high, 0, 1e-9);
	assert_true(c.popular.same && c.even.same);
	world_end(&w);
}

static void what_cannot_be_drawn_again_is_left_out(void **state)
{
	struct ladder_choices c;
	struct world w;
	uint64_t chance = 3;

	(void)state;
	world_begin(&w);
	names_add(&w.salts, PALIER_LIT("another"));
	while (w.count < 20)
		choose(&w, &chance, w.count != 0); /* the first one was deduced: of such ones only successes are known */
	w.choices[1].draw ^= 1;
	w.choices[2].options[0].a++; /* of either a different draw */
	w.choices[2].options[1].a++;
	w.choices[3].experiment = 1;
	w.choices[4].undone = true;
	w.choices[5].day = 20261201;
	w.choices[6].count = 0;
	c = judged(&w);
	assert_int_equal(c.left_out, 5);
	assert_int_equal(c.judged, 13);
	world_end(&w);
}

/* Suggested to nobody in particular, before the sale that writes the experiment down. */
static void the_next_experiments_salt_is_tried(void **state)
{
	struct ladder_choices c;
	struct world w;
	uint64_t chance = 3;

	(void)state;
	world_begin(&w);
	while (w.count < 20)
		choose(&w, &chance, true);
	names_deinit(&w.salts);
	names_add(&w.salts, PALIER_LIT("before"));
	names_add(&w.salts, PALIER_LIT("salt"));
	c = judged(&w);
	assert_int_equal(c.judged, 20);
	world_end(&w);
}

/* --- the experiment ------------------------------------------------------------------------------------------------ */

#define MANY \
	{ \
		{ 4500, 5625000, 14062500000.0 }, 540 \
	}
#define HELD \
	{ \
		{ 500, 600000, 1440000000.0 }, 50 \
	}

static const struct uplift_case {
	const char *name;
	struct ladder_figures f;
	bool any_time;
	enum ladder_verdict share, money;
	double low, high; /* of money */
	const char *says[3];
} uplifts[] = {
	{ "over, and nothing shows", { .share = 1000, .until = 20261120, .today = 20261121, .offered = MANY, .held = HELD },
		false, LADDER_UNCERTAIN, LADDER_UNCERTAIN, -61.4437, 161.4437,
		{ "With suggestions 12% bought from a rung above their own, without 10%: a difference of +2.0 points (95%: between -1.1 and +4.5).",
			"Whether suggestions make customers spend more, one cannot tell." } },
	{ "margins are compared where they are known",
		{ .share = 1000,
			.until = 20261120,
			.today = 20261121,
			.offered = MANY,
			.held = HELD,
			.by_margin = true,
			.turnover = { 1000, 900, 50 } },
		false, LADDER_UNCERTAIN, LADDER_UNCERTAIN, -61.4437, 161.4437,
		{ "What is compared is the margin. It is known for 90% of the turnover; for 5% it is estimated, as what the category usually leaves.",
			"With suggestions a member brought a margin of 12.50, without 12.00: a difference of +0.50 (95%: between -0.61 and +1.61).",
			"Whether suggestions bring the shop more, one cannot tell." } },
	{ "what is compared is told from the beginning",
		{ .share = 1000,
			.until = 20261120,
			.today = 20261101,
			.offered = MANY,
			.held = HELD,
			.by_margin = true,
			.turnover = { 1000, 900, 0 } },
		false, LADDER_RUNNING, LADDER_RUNNING, 0, 0,
		{ "What is compared is the margin. It is known for 90% of the turnover.\n" } },
	{ "where too few margins are known, it is said",
		{ .share = 1000,
			.until = 20261120,
			.today = 20261121,
			.offered = MANY,
			.held = HELD,
			.turnover = { 1000, 120, 0 } },
		false, LADDER_UNCERTAIN, LADDER_UNCERTAIN, -61.4437, 161.4437,
		{ "What members spent is compared, not the margin: that is known for 12% of the turnover, and it takes 80%.",
			"Whether suggestions make customers spend more, one cannot tell." } },
	{ "on its last day nothing is told",
		{ .share = 1000, .until = 20261120, .today = 20261120, .offered = MANY, .held = HELD }, false,
		LADDER_RUNNING, LADDER_RUNNING, 0, 0,
		{ "4,500 members are shown suggestions, 500 are not; planned: 10% are not.",
			"The test runs until 20 November 2026." } },
	{ "without a planned end nothing is told", { .share = 1000, .today = 20261120, .offered = MANY, .held = HELD },
		false, LADDER_NO_END, LADDER_NO_END, 0, 0, { "set `until`" } },
	{ "at any time, with a wider interval",
		{ .share = 1000, .until = 20261120, .today = 20261101, .offered = MANY, .held = HELD }, true,
		LADDER_UNCERTAIN, LADDER_UNCERTAIN, -122.5774, 222.5774, { "95%: between -1.23 and +2.23" } },
	{ "at any time, but not from the beginning",
		{ .share = 1000, .offered = { { 890, 1000, 5000 }, 100 }, .held = { { 100, 100, 500 }, 5 } }, true,
		LADDER_TOO_FEW, LADDER_TOO_FEW, 0, 0, { "Too few members came to say" } },
	{ "a broken split says nothing",
		{ .share = 1000, .until = 20261120, .today = 20261121, .offered = MANY, .held = { { 640, 1, 1 }, 1 } },
		false, LADDER_BROKEN, LADDER_BROKEN, 0, 0, { "The split is broken" } },
	{ "nor at any time", { .share = 1000, .offered = MANY, .held = { { 640, 1, 1 }, 1 } }, true, LADDER_BROKEN,
		LADDER_BROKEN, 0, 0, { "Nothing can be told from this test." } },
	{ "a large effect is told",
		{ .share = 5000,
			.until = 20261120,
			.today = 20261121,
			.offered = { { 1000, 2000000, 5e9 }, 300 },
			.held = { { 1000, 1500000, 3e9 }, 200 } },
		false, LADDER_MORE, LADDER_MORE, 417.968, 582.032,
		{ "So suggestions make more customers climb.", "So suggestions make customers spend more." } },
	{ "also when it is a loss",
		{ .share = 5000,
			.until = 20261120,
			.today = 20261121,
			.offered = { { 1000, 1500000, 3e9 }, 200 },
			.held = { { 1000, 2000000, 5e9 }, 300 } },
		false, LADDER_LESS, LADDER_LESS, -582.032, -417.968,
		{ "So with suggestions fewer customers climb.", "So with suggestions customers spend less." } },
	{ "money needs 200 on each side",
		{ .share = 1000,
			.until = 20261120,
			.today = 20261121,
			.offered = { { 1791, 1, 1 }, 0 },
			.held = { { 199, 1, 1 }, 0 } },
		false, LADDER_UNCERTAIN, LADDER_TOO_FEW, 0, 0,
		{ "Too few for money: its means are told from 200 members on each side." } },
	{ "nobody is held out", { .share = 0, .offered = MANY }, false, LADDER_NO_TEST, LADDER_NO_TEST, 0, 0,
		{ "Nobody is held out" } },
	{ "nobody came yet", { .share = 1000 }, true, LADDER_NO_TEST, LADDER_NO_TEST, 0, 0, { "or nobody came yet" } },
};

static void sentence_keep(void *who, const char *sentence)
{
	fprintf(who, "%s\n", sentence);
}

static void an_uplift(void **state)
{
	const struct uplift_case *k = *state;
	struct ladder_figures f = k->f;
	struct palier_arena a = { 0 };
	const struct words en = { &a, "en" };
	struct ladder_uplift u;
	size_t len;
	char *said;
	FILE *out = open_memstream(&said, &len);

	f.currency = "";
	f.scale = 2;
	ladder_uplift_of(&f, k->any_time, &u);
	assert_int_equal(u.share, k->share);
	assert_int_equal(u.money, k->money);
	if (u.money >= LADDER_UNCERTAIN) {
		near(u.brought.low, k->low, 0.1);
		near(u.brought.high, k->high, 0.1);
	}
	ladder_sentences(&f, &u, &en, sentence_keep, out);
	fclose(out);
	for (size_t i = 0; i < COUNT(k->says) && k->says[i]; i++)
		assert_has(said, k->says[i]);
	assert_null(strstr(said, "winner"));
	free(said);
	palier_arena_deinit(&a);
}

static void a_test_says_beforehand_what_it_takes(void **state)
{
	struct ladder_figures none = { .share = 1000 }, half = { .share = 5000 },
			      known = { .share = 1000, .offered = MANY, .held = HELD };
	struct ladder_uplift u;

	(void)state;
	ladder_uplift_of(&none, false, &u);
	assert_true(u.supposed);
	near(u.need_share, 19963, 2);
	near(u.need_money, 218025, 5);
	ladder_uplift_of(&half, false, &u);
	near(u.need_share, 7677, 2);
	near(u.need_money, 78489, 5);
	ladder_uplift_of(&known, false, &u);
	assert_false(u.supposed);
	near(u.rate, 590 / 5000.0, 1e-9);
	near(u.spread, sqrt((15502500000.0 - 6225000.0 * 1245) / 4999) / 1245, 1e-9);
}

/* --- the page and the command -------------------------------------------------------------------------------------- */

static struct ladder_rung page_rungs[] = {
	{ "coffee", "beans", 1400, 210, 600, 123900, 44100, 0, 30, 1400, 210, 1234 },
	{ "coffee", "a<b>", 12, 1, 3, 590, 210, 1, 0, 12, 1, 10 },
};
static struct ladder_rules page_rules[] = { { "857bbf87", FROM, 20261110, 900 }, { "5a1dd601", 20261111, TO, 500 } };
static const struct ladder_figures busy = { .from = FROM,
	.to = TO,
	.today = 20261121,
	.folded = true,
	.rungs = page_rungs,
	.rung_count = 2,
	.filtered = { 1200, 1, 0, 31 },
	.share = 1000,
	.start = FROM,
	.until = 20261120,
	.offered = MANY,
	.held = HELD,
	.capped = 25,
	.cap = 90000,
	.customers = 5200,
	.choices = { 1400, 12, 70, 16.5, 12, { 20, 19, 900, { 3.5, 1.5, 5.5 }, false },
		{ 12, 12, 320, { -4, -6, -2 }, false } },
	.rules = page_rules,
	.rules_count = 2,
	.scale = 2,
	.currency = "EUR" };

static const struct page_case {
	const char *name;
	const char *language;
	bool folded, same;
	const char *says[13];
} pages[] = {
	{ "the page in English", "en", true, false,
		{ "<h1>The purchase ladder</h1>", "1,412 suggestions were shown.", "15% (13% to 17%)", "coffee/a&lt;b&gt;",
			"12.34\u00a0EUR", "Its condition did not hold</td>", "It would have brought more.",
			"Too few to tell: it counts like 320 suggestions, and takes 500.",
			"Totals above 900.00\u00a0EUR count as that: 25 were.", "This shop will not be able to tell.",
			"<td class=\"n\">\u2248\u00a02.10\u00a0EUR</td>",
			"\u2248: of 1 that were taken the margin is estimated" } },
	{ "the page in French", "fr", true, false,
		{ "<h1>L&#39;échelle d&#39;achat</h1>", "1\u202f412 suggestions ont été montrées.",
			"15\u202f% (de 13\u202f% à 17\u202f%)", "12,34\u00a0EUR", "Cela aurait rapporté plus.",
			"<td>5a1dd601</td>", "Du 11 novembre 2026 au 30 novembre 2026", "est calculé sur un mélange.",
			"On ne peut pas dire si les suggestions font dépenser plus.", "Ce magasin ne pourra pas le dire.",
			"30 bons remis peuvent encore être utilisés.", "\u2248\u00a02,10\u00a0EUR",
			"\u2248\u00a0: pour 1 des suggestions suivies" } },
	{ "a page where there was no choice", "en", true, true,
		{ "Nothing else could have been chosen.", "from 500 on there is a verdict",
			"suggestions tell 30 from 32" } },
	{ "the same in French", "fr", true, true,
		{ "Rien d&#39;autre n&#39;aurait pu être choisi.", "on conclut à partir de 500.",
			"ne séparent pas 30 de 32" } },
	{ "the page of sums alone", "en", false, false, { "This needs the journal", "totals are not capped" } },
};

static void a_page(void **state)
{
	const struct page_case *k = *state;
	struct palier_arena a = { 0 };
	const struct words w = { &a, k->language };
	struct page p = { .out = { .len = 0 } };
	struct ladder_figures f = busy;
	struct ladder_uplift u;

	f.folded = k->folded;
	f.choices.popular.same = k->same;
	ladder_uplift_of(&f, false, &u);
	ladder_page(&f, &u, &w, "Bits & <Bobs>", &p);
	palier_buffer_add(&p.out, "", 1);
	for (size_t i = 0; i < COUNT(k->says) && k->says[i]; i++)
		assert_has(p.out.at, k->says[i]);
	assert_null(strstr(p.out.at, "\u2248\u00a0441")); /* all of that is known */
	assert_null(strstr(p.out.at, "<Bobs>"));
	page_deinit(&p);
	palier_arena_deinit(&a);
}

#define ANSWER(text) \
	{ \
		FAKE_ANSWER, "\"result\":" text \
	}
#define SESSION \
	ANSWER("{\"store\":{\"id\":\"lyon-03\",\"name\":\"Comptoir\",\"currency\":\"EUR\",\"timezone\":\"Europe/Paris\"," \
	       "\"language\":\"fr\"}}")
#define REPORT \
	"{\"from\":\"2026-11-01\",\"to\":\"2026-11-30\",\"rungs\":[{\"ladder\":\"coffee\",\"rung\":\"=beans\",\"shown\":1400," \
	"\"accepted\":210,\"declined\":600,\"revenue\":123900,\"margin\":44100,\"estimated\":3,\"pending\":7},{\"ladder\":\"coffee\",\"rung\":\"mill\",\"shown\":0," \
	"\"accepted\":0,\"declined\":0,\"revenue\":0,\"margin\":0}],\"share\":1000,\"start\":\"2025-01-01\",\"until\":\"2025-12-31\"," \
	"\"offered\":{\"members\":4500,\"climbed\":540,\"sum\":5625000,\"squares\":\"14062500000\"}," \
	"\"held\":{\"members\":500,\"climbed\":50,\"sum\":600000,\"squares\":\"1440000000\"}," \
	"\"filtered\":[{\"reason\":\"holdout\",\"count\":1014},{\"reason\":\"later\",\"count\":1}]}"
#define GAINS \
	"{\"from\":\"2026-11-01\",\"to\":\"2026-11-30\",\"rungs\":[],\"share\":1000,\"start\":\"2025-01-01\"," \
	"\"until\":\"2025-12-31\",\"offered\":{\"members\":4500,\"climbed\":540,\"sum\":5625000,\"squares\":\"1\"," \
	"\"margin\":-900000,\"margin_squares\":\"999000000\",\"known\":5000000,\"estimated\":5000}," \
	"\"held\":{\"members\":500,\"climbed\":50,\"sum\":600000,\"squares\":\"1\",\"margin\":100000," \
	"\"margin_squares\":\"99000000\",\"known\":500000,\"estimated\":500},\"filtered\":[]}"

static const struct command_case {
	const char *name;
	bool gains; /* margins are known */
	const char *args[8];
	int code;
	const char *says[5];
} commands[] = {
	{ "a table and sentences", false, { "--language", "en", "--to", "2026-11-30" }, 0,
		{ "The purchase ladder, from 2 September 2026 to 30 November 2026\n",
			"coffee/=beans  1,400    210             13%-17%", "1,239.00\u00a0EUR",
			"\u2248\u00a0441.00\u00a0EUR",
			"Whether suggestions make more customers climb, one cannot tell.\n" } },
	{ "why things were not suggested", false, { "--language", "fr" }, 0,
		{ "Ce qui n'a pas été suggéré, et pourquoi", "pour que l'on puisse comparer  1\u202f014\n" } },
	{ "CSV has every figure", false, { "--csv" }, 0,
		{ "section,row,figure,value\r\n\"rung\",\"coffee/=beans\",\"shown\",1400\r\n",
			"\"test\",\"uplift\",\"until\",2025-12-31\r\n", "\"test\",\"uplift\",\"spent_low\",-61.",
			"\"test\",\"uplift\",\"climbed_verdict\",cannot_tell\r\n",
			"\"rung\",\"coffee/=beans\",\"pending\",7\r\n\"rung\",\"coffee/=beans\",\"told\",1393\r\n" } },
	{ "JSON has them nested", false, { "--json", "--from", "2026-11-01", "--to", "2026-11-30" }, 0,
		{ "{\"from\":\"2026-11-01\",\"to\":\"2026-11-30\",\"rung\":[{\"name\":\"coffee/=beans\",\"shown\":1400,\"accepted\":210,",
			"}],\"filtered\":[{\"name\":\"holdout\",\"count\":1014}],\"test\":[{\"name\":\"offered\",\"members\":4500,",
			"\"until\":\"2025-12-31\",\"split_chi2\":0.0000,\"split_p\":1.0000,",
			"{\"name\":\"size\",\"members\":5000,\"needed_climbed\":", "}]}\n" } },
	{ "margins of the daemon's sums", true, { "--csv" }, 0,
		{ "\"test\",\"offered\",\"margin\",-900000\r\n", "\"test\",\"held\",\"margin\",100000\r\n",
			"\"test\",\"uplift\",\"margin\",-400.0000\r\n",
			"\"test\",\"uplift\",\"turnover\",6225000\r\n\"test\",\"uplift\",\"margin_known\",5500000\r\n"
			"\"test\",\"uplift\",\"margin_estimated\",5500\r\n",
			"\"needed_margin\"" } },
	{ "a directory without a journal is said", false, { "--data", "/nowhere" }, 74,
		{ "/nowhere/journal: No such file" } },
	{ "what is no day is refused", false, { "--from", "soon" }, 64,
		{ "--from is a day, such as 2026-11-21, not soon" } },
};

static void a_command(void **state)
{
	static const struct fake_step scripts[][3] = { { SESSION, ANSWER(REPORT), { FAKE_END, NULL } },
		{ SESSION, ANSWER(GAINS), { FAKE_END, NULL } } };
	const struct command_case *k = *state;
	const char *argv[16] = { "palier", "report", "ladder" };
	struct fake_server server = { 0 };
	size_t len;
	char *out;
	FILE *o = open_memstream(&out, &len);
	int n = 3;

	for (size_t i = 0; k->args[i]; i++)
		argv[n++] = k->args[i];
	fake_start(&server, scripts[k->gains]);
	argv[n++] = "--connect";
	argv[n++] = server.door;
	assert_int_equal(cli_run(n, argv, o, o), k->code);
	fclose(o);
	fake_stop(&server);
	for (size_t i = 0; i < COUNT(k->says) && k->says[i]; i++)
		assert_has(out, k->says[i]);
	fake_free(&server);
	free(out);
}

/* The date so many hours east of Greenwich, reckoned without any database of zones. */
static void date_at(int hours, char out[11])
{
	time_t there = time(NULL) + hours * 3600;
	struct tm tm;

	assert_non_null(gmtime_r(&there, &tm));
	strftime(out, 11, "%Y-%m-%d", &tm);
}

/* What palier says of a shop in this zone whose test ends on a day. */
static char *said_of(const char *zone, const char *until)
{
	char dir[] = "/tmp/palier-shop-XXXXXX", journal[64], config[64], *out;
	const char *const argv[] = { "palier", "report", "ladder", "--csv", "--config", config, NULL };
	size_t len;
	FILE *o = open_memstream(&out, &len), *f;
	struct event_files files;
	struct journal j;

	assert_non_null(mkdtemp(dir));
	snprintf(journal, sizeof(journal), "%s/journal", dir);
	snprintf(config, sizeof(config), "%s/shop.conf", dir);
	f = fopen(config, "we");
	assert_non_null(f);
	fprintf(f,
		"data = \"%s\"\nlisten \"unix:%s/sock\" { auth = peer }\n"
		"store { id = \"shop\"  name = \"Shop\"  currency = \"EUR\"  country = \"FR\"  timezone = \"%s\" }\n",
		dir, dir, zone);
	assert_int_equal(fclose(f), 0);
	journal_begin(&j);
	journal_event(&j, "2026-11-01", "sale.commit", "", "",
		"{'kind':'ladder.experiment','epoch':1,'salt':'s','share':5000,'start':'2026-01-01','until':'%s'}", until);
	visit(&j, "2026-01-02", 1, false, 500, 1);
	visit(&j, "2026-01-02", 2, true, 500, 1);
	journal_files(&j, &files);
	event_files_deinit(&files);
	assert_int_equal(symlink(j.dir, journal), 0);
	assert_int_equal(cli_run(6, argv, o, o), 0);
	fclose(o);
	journal_remove(&j);
	unlink(journal);
	unlink(config);
	rmdir(dir);
	return out;
}

/* A test runs until its last day ends where the shop is. At any hour the date differs from Greenwich's in one of these zones. */
static void today_is_the_shops(void **state)
{
	static const struct {
		const char *zone;
		int hours;
	} zones[] = { { "Pacific/Kiritimati", 14 }, { "Etc/GMT+12", -12 } };

	(void)state;
	for (size_t i = 0; i < COUNT(zones); i++) {
		char today[11], after[11], yesterday[11], *runs, *over;

		do { /* midnight there may pass meanwhile */
			date_at(zones[i].hours, today);
			date_at(zones[i].hours - 24, yesterday);
			runs = said_of(zones[i].zone, today);
			over = said_of(zones[i].zone, yesterday);
			date_at(zones[i].hours, after);
			if (strcmp(today, after) == 0)
				break;
			free(runs);
			free(over);
		} while (true);
		assert_has(runs, "\"climbed_verdict\",running\r\n");
		assert_null(strstr(over, "running"));
		assert_has(over, "\"climbed_verdict\",cannot_tell\r\n");
		free(runs);
		free(over);
	}
	zone_set("UTC");
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(suggestions_are_counted),
		cmocka_unit_test(what_comes_later_was_chosen_before),
		cmocka_unit_test(what_is_pending_is_not_told),
		cmocka_unit_test(members_are_summed_by_arm),
		cmocka_unit_test(margins_are_compared_where_they_are_known),
		cmocka_unit_test(who_is_out_of_proportion_is_capped),
		cmocka_unit_test(reasons_are_counted),
		cmocka_unit_test(rules_are_told_apart),
		cmocka_unit_test(absurd_counts_are_passed_over),
		cmocka_unit_test(other_ways_are_weighed),
		cmocka_unit_test(one_candidate_is_no_choice),
		cmocka_unit_test(what_cannot_be_drawn_again_is_left_out),
		cmocka_unit_test(the_next_experiments_salt_is_tried),
		cmocka_unit_test(a_decision_is_drawn_again_with_its_own_seed),
		cmocka_unit_test(what_is_not_shown_is_not_weighed),
		cmocka_unit_test(friction_is_read),
		cmocka_unit_test(a_test_says_beforehand_what_it_takes),
		cmocka_unit_test(today_is_the_shops),
	};
	struct CMUnitTest tests[COUNT(single) + COUNT(uplifts) + COUNT(pages) + COUNT(commands)];
	size_t n = COUNT(single);

	memcpy(tests, single, sizeof(single));
	for (size_t i = 0; i < COUNT(uplifts); i++)
		tests[n++] = (struct CMUnitTest){ uplifts[i].name, an_uplift, NULL, NULL, (void *)(uintptr_t)&uplifts[i] };
	for (size_t i = 0; i < COUNT(pages); i++)
		tests[n++] = (struct CMUnitTest){ pages[i].name, a_page, NULL, NULL, (void *)(uintptr_t)&pages[i] };
	for (size_t i = 0; i < COUNT(commands); i++)
		tests[n++] = (struct CMUnitTest){ commands[i].name, a_command, NULL, NULL, (void *)(uintptr_t)&commands[i] };
	return _cmocka_run_group_tests("report_ladder", tests, n, NULL, NULL);
}
