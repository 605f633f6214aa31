/* SPDX-License-Identifier: Apache-2.0 */
/* palier report journey: what is read out of journals, against figures that were reckoned by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/tools/diary.h"
#include "tools/report/journey_parts.h"
#include "tools/report/journey_report.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HOUR     3600
#define DAY      86400

static const struct journey_period autumn = { .from = 20260901, .to = 20261130, .window = 30 };

/* Close the journal and read it. */
static void fold(struct diary *w, const struct journey_period *period, struct journey *j)
{
	char why[256], path[128];
	struct event_visitor visitor;
	struct event_files files;

	diary_close(w);
	snprintf(path, sizeof(path), "%s/journal", w->data);
	assert_int_equal(event_files_find(path, &files), PALIER_OK);
	journey_begin(j, period);
	visitor = journey_visitor(j);
	if (events_visit(&files, NULL, &visitor, why) != PALIER_OK)
		fail_msg("%s", why);
	event_files_deinit(&files);
}

static int fresh(void **state)
{
	static struct diary w;

	diary_begin(&w);
	*state = &w;
	return zone_set("UTC");
}

static int clean(void **state)
{
	diary_remove(*state);
	return 0;
}

/* --- what follows what ---------------------------------------------------------------------------------------------- */

static const struct journey_edge *edge(const struct journey *j, const struct journey_flow *f, const char *from,
	const char *to)
{
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(journey_activity(j, f->edges[i].from), from) == 0 &&
			strcmp(journey_activity(j, f->edges[i].to), to) == 0)
			return &f->edges[i];
	fail_msg("no %s>%s", from, to);
	return NULL;
}

static void assert_edge(const struct journey *j, const struct journey_flow *f, const char *from, const char *to,
	int64_t count, int64_t members, int64_t median)
{
	const struct journey_edge *e = edge(j, f, from, to);

	assert_int_equal(e->count, count);
	assert_int_equal(e->members, members);
	assert_int_equal(e->median_s, median);
}

/* The example of the design: A, B, C and D. */
static void it_follows_touches(void **state)
{
	static const struct {
		unsigned member;
		const char *touchpoint;
		int64_t at;
	} rows[] = { { 1, "enrol", 0 }, { 1, "buy", 3600 }, { 1, "buy", 90000 }, { 1, "survey", 93600 }, { 2, "enrol", 0 },
		{ 2, "buy", 7200 }, { 2, "return", 100000 }, { 3, "enrol", 0 }, { 3, "buy", 1800 }, { 3, "refer", 300000 },
		{ 3, "buy", 260000 }, { 4, "enrol", 0 } };
	struct journey j;
	struct journey_flow f;

	for (size_t i = 0; i < COUNT(rows); i++)
		diary_touch(*state, diary_noon(20261001) + rows[i].at, rows[i].member, rows[i].touchpoint, "store");
	diary_touch(*state, diary_noon(20260801), 1, "before the period", "web");
	diary_touch(*state, diary_noon(20261201), 1, "behind the period", "web");
	fold(*state, &autumn, &j);
	journey_flow_make(&j, &f);
	assert_edge(&j, &f, "START", "enrol", 4, 4, -1);
	assert_edge(&j, &f, "enrol", "buy", 3, 3, 3600);
	assert_edge(&j, &f, "buy", "buy", 2, 2, 172300);
	assert_edge(&j, &f, "buy", "survey", 1, 1, 3600);
	assert_edge(&j, &f, "buy", "return", 1, 1, 92800);
	assert_edge(&j, &f, "buy", "refer", 1, 1, 40000);
	assert_edge(&j, &f, "enrol", "END", 1, 1, -1);
	assert_edge(&j, &f, "survey", "END", 1, 1, -1);
	assert_int_equal(f.count, 10);
	assert_int_equal(edge(&j, &f, "enrol", "buy")->mean_s, 4200); /* 3600, 7200, 1800 */
	assert_int_equal(edge(&j, &f, "enrol", "buy")->p95_s, 7200);
	assert_int_equal(edge(&j, &f, "buy", "buy")->mean_s, 172300);
	assert_int_equal(edge(&j, &f, "START", "enrol")->mean_s, -1);
	journey_flow_deinit(&f);
	journey_deinit(&j);
}

/* The same out of methods. */
static void it_follows_methods(void **state)
{
	int64_t at = diary_noon(20261001);
	struct journey j;
	struct journey_flow f;

	for (unsigned m = 1; m <= 3; m++)
		diary_event(*state, at, "member.enroll", m, "{'kind':'member.enrolled','member':'%s'}", diary_member(m));
	diary_event(*state, at, "sale.commit", 4, "{'kind':'member.enrolled','member':'%s','provisional':true}",
		diary_member(4));
	diary_sale(*state, at + 3600, 1, "A", 1000, "");
	diary_sale(*state, at + 7200, 2, "B", 1000, "");
	diary_sale(*state, at + 7300, 3, "gift card", 0, "");
	diary_event(*state, at + 100000, "sale.return", 2, "{'kind':'sale.returned','sale':'B','member':'%s','base':400}",
		diary_member(2));
	diary_event(*state, at + 93600, "survey.answer", 1,
		"{'kind':'survey.answered','member':'%s','question':'nps','score':9}", diary_member(1));
	fold(*state, &autumn, &j);
	assert_false(j.journeyed);
	journey_flow_make(&j, &f);
	assert_edge(&j, &f, "START", "enrol", 3, 3, -1);
	assert_edge(&j, &f, "enrol", "purchase", 2, 2, 5400);
	assert_edge(&j, &f, "purchase", "return", 1, 1, 92800);
	assert_edge(&j, &f, "purchase", "survey", 1, 1, 90000);
	assert_edge(&j, &f, "enrol", "END", 1, 1, -1);
	journey_flow_deinit(&f);
	journey_deinit(&j);
}

/* A chain has more than 65,536 tills, and still more of people at them: each touch is told where it was. */
static void it_knows_every_till(void **state)
{
	struct diary *w = *state;
	struct journey j;
	const struct journey_place *last;
	char till[16];

	w->till = w->operator= till;
	for (unsigned i = 0; i < 66000; i++) {
		snprintf(till, sizeof(till), "till-%u", i);
		diary_touch(w, diary_noon(20261001) + i, 1 + i % 7, "buy", "store");
	}
	fold(w, &autumn, &j);
	last = &j.places[journey_touch_at(&j, 65999)->place];
	assert_string_equal(j.tills.at[last->till], "lyon-03/till-65999");
	assert_string_equal(j.operators.at[last->operator], "lyon-03/till-65999");
	journey_deinit(&j);
}

/* --- the map -------------------------------------------------------------------------------------------------------- */

static void near_to(double a, double b)
{
	if (fabs(a - b) > 1e-6)
		fail_msg("%.8f is not %.8f", a, b);
}

/* The funnel of the design. */
static void steps_have_their_intervals(void **state)
{
	static const struct {
		int64_t n, x;
		double low, high;
	} rows[] = { { 1000, 620, .589511, .649571 }, { 620, 310, .460764, .539236 }, { 310, 93, .251690, .353206 } };
	static const unsigned upto[] = { 1000, 620, 310, 93 };
	struct journey j;
	struct journey_ways map;

	for (unsigned stage = 0; stage < COUNT(upto); stage++)
		for (unsigned m = 1; m <= upto[stage]; m++)
			diary_stage(*state, diary_noon(20260905) + stage * DAY, m, journey_stage_names[stage]);
	fold(*state, &autumn, &j);
	journey_ways_make(&j, &map);
	for (unsigned i = 0; i < COUNT(rows); i++) {
		struct stats_interval share = stats_share(map.stages[i].x, map.stages[i].n);

		assert_int_equal(map.stages[i].n, rows[i].n);
		assert_int_equal(map.stages[i].x, rows[i].x);
		assert_true(fabs(share.low - rows[i].low) < 1e-6 && fabs(share.high - rows[i].high) < 1e-6);
		assert_int_equal(map.stages[i].median_s, DAY);
		assert_int_equal(map.stages[i].p90_s, DAY);
	}
	assert_int_equal(map.stages[0].members, 380);
	assert_int_equal(map.stages[0].stood, 1000);
	assert_int_equal(map.stages[1].entries, 620);
	assert_int_equal(map.stages[3].members, 93);
	journey_ways_deinit(&map);
	journey_deinit(&j);
}

/* Window 30 days, up to 30 November: who came in October or before is judged, if the 30 days ended in the period. */
static void who_is_too_young_is_not_judged(void **state)
{
	struct journey j;
	struct journey_ways map;

	diary_stage(*state, diary_noon(20260801), 1, "purchase"); /* had its days before the period */
	diary_stage(*state, diary_noon(20260802), 2, "purchase"); /* the first that counts */
	diary_stage(*state, diary_noon(20261031), 3, "purchase"); /* the last */
	diary_stage(*state, diary_noon(20261101), 4, "purchase"); /* too young, though it goes on */
	diary_stage(*state, diary_noon(20261105), 4, "loyalty");
	diary_stage(*state, diary_noon(20261115), 3, "ascension");
	diary_stage(*state, diary_noon(20260902), 2, "loyalty"); /* a day too late */
	fold(*state, &autumn, &j);
	journey_ways_make(&j, &map);
	assert_int_equal(map.stages[STAGE_PURCHASE].n, 2);
	assert_int_equal(map.stages[STAGE_PURCHASE].x, 1);
	assert_int_equal(map.stages[STAGE_PURCHASE].median_s, 15 * DAY);
	assert_int_equal(map.stages[STAGE_PURCHASE].entries, 2);
	assert_int_equal(map.stages[STAGE_PURCHASE].stood, 4);
	journey_ways_deinit(&map);
	journey_deinit(&j);
}

static void touches_belong_to_the_stage_of_their_time(void **state)
{
	struct diary *w = *state;
	const struct journey_stage_figures *s;
	struct journey j;
	struct journey_ways map;

	diary_stage(w, diary_noon(20260801), 1, "interaction");
	diary_touch(w, diary_noon(20260901), 1, "newsletter", "email");
	diary_touch(w, diary_noon(20260902), 1, "newsletter", "email");
	diary_event(w, diary_noon(20260903), "sale.commit", 1,
		"{'kind':'journey.touch','member':'%s','touchpoint':'purchase','channel':'store','emotion':-2},"
		"{'kind':'journey.stage','member':'%s','from':'interaction','stage':'purchase'},"
		"{'kind':'sale.booked','sale':'S','base':1000}",
		diary_member(1), diary_member(1));
	diary_event(w, diary_noon(20260904), "journey.record", 1,
		"{'kind':'journey.touch','member':'%s','touchpoint':'visit','channel':'web','emotion':1}", diary_member(1));
	diary_stage(w, diary_noon(20260901), 2, "interaction");
	fold(w, &autumn, &j);
	journey_ways_make(&j, &map);
	s = &map.stages[STAGE_INTERACTION];
	assert_int_equal(s->touches, 2);
	assert_int_equal(s->channels[CHANNEL_EMAIL], 2);
	assert_int_equal(s->stood, 2);
	assert_int_equal(s->reached, 1);
	assert_int_equal(s->mood.n, 0);
	s = &map.stages[STAGE_PURCHASE];
	assert_int_equal(s->touches, 2);
	assert_int_equal(s->mood.n, 2);
	assert_int_equal(s->mood.sum, -1);
	assert_int_equal(map.point_count, 3);
	assert_string_equal(journey_activity(&j, map.points[0].activity), "newsletter");
	assert_int_equal(map.points[0].count, 2);
	assert_int_equal(map.points[0].reached, 1);
	journey_ways_deinit(&map);
	journey_deinit(&j);
}

/* 120 of 1,000 at one till, 90 of 1,000 at the other: z 2.188266, p 0.028650. */
static void a_till_is_where_it_grates(void **state)
{
	struct diary *w = *state;
	struct journey j;
	struct journey_ways map;

	for (unsigned m = 1; m <= 2000; m++) {
		w->till = m <= 1000 ? "till-1" : "till-2";
		diary_event(w, diary_noon(20260907), "journey.record", m,
			"{'kind':'journey.touch','member':'%s','touchpoint':'visit','channel':'store'},"
			"{'kind':'journey.stage','member':'%s','stage':'interaction'}",
			diary_member(m), diary_member(m));
		if (m <= 120 || (m > 1000 && m <= 1090))
			diary_stage(w, diary_noon(20260908), m, "purchase");
	}
	fold(w, &autumn, &j);
	journey_ways_make(&j, &map);
	assert_int_equal(map.tests, 2); /* the tills: all else is the same for everybody */
	assert_int_equal(map.friction_count, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct journey_friction *f = &map.frictions[i];
		bool first = f->x1 == 120;

		assert_int_equal(f->stage, STAGE_INTERACTION);
		assert_int_equal(f->split, SPLIT_TILL);
		assert_int_equal(f->n1, 1000);
		assert_int_equal(f->x1, first ? 120 : 90);
		near_to(f->z, first ? 2.188266 : -2.188266);
		near_to(f->p, 0.028650);
		near_to(f->d.value, first ? 0.03 : -0.03);
	}
	journey_ways_deinit(&map);
	journey_deinit(&j);
}

/* Customers who come to a stage at one place and at another, and how many of them go on. */
static const struct friction_case {
	const char *name;
	unsigned n1, x1, n0, x0;
	size_t tests, flagged;
} friction_cases[] = {
	{ "fifty on either side are compared", 50, 5, 50, 5, 2, 0 },
	{ "forty-nine are not", 49, 6, 51, 6, 0, 0 },
	{ "nor are cells in which fewer than five are expected", 50, 5, 50, 4, 0, 0 },
	{ "chance is not flagged", 300, 45, 300, 34, 2, 0 },                                  /* p 0.18 */
	{ "nor is what is no chance, but under three points", 4000, 2000, 4000, 1884, 2, 0 }, /* p 0.0095 */
	{ "three points that are no chance are", 4000, 2000, 4000, 1880, 2, 2 },
};

static void arrive(struct diary *w, int64_t at, unsigned member, const char *channel, bool on)
{
	diary_event(w, at, "journey.record", member,
		"{'kind':'journey.touch','member':'%s','touchpoint':'visit','channel':'%s'},"
		"{'kind':'journey.stage','member':'%s','stage':'interaction'}",
		diary_member(member), channel, diary_member(member));
	if (on)
		diary_stage(w, diary_noon(20260910), member, "purchase");
}

static void where_it_grates_is_judged(void **state)
{
	for (size_t i = 0; i < COUNT(friction_cases); i++) {
		const struct friction_case *row = &friction_cases[i];
		struct journey j;
		struct journey_ways map;
		struct diary w;

		diary_begin(&w);
		for (unsigned m = 0; m < row->n1 + row->n0; m++) {
			bool first = m < row->n1;

			w.till = first ? "till-1" : "till-2";
			arrive(&w, diary_noon(20260907), m + 1, "store", first ? m < row->x1 : m - row->n1 < row->x0);
		}
		fold(&w, &autumn, &j);
		journey_ways_make(&j, &map);
		if (map.tests != row->tests || map.friction_count != row->flagged)
			fail_msg("%s: %zu tests, %zu flagged", row->name, map.tests, map.friction_count);
		journey_ways_deinit(&map);
		journey_deinit(&j);
		diary_remove(&w);
	}
	diary_close(*state);
}

/* By store, till, cashier and part of the day, channel, weekday. */
static void places_times_and_channels_are_compared(void **state)
{
	struct diary *w = *state;
	unsigned seen[FRICTION_SPLITS] = { 0 };
	struct journey j;
	struct journey_ways map;

	for (unsigned m = 1; m <= 2000; m++) {
		bool first = m <= 1000;

		w->store = first ? "lyon-03" : "nice-01";
		arrive(w, diary_noon(first ? 20260907 : 20260908) + (first ? -4 : 6) * HOUR, m, first ? "store" : "web",
			m <= 150 || (!first && m <= 1090));
	}
	fold(w, &autumn, &j);
	journey_ways_make(&j, &map);
	assert_int_equal(map.tests, 2 * FRICTION_SPLITS);
	assert_int_equal(map.friction_count, 2 * FRICTION_SPLITS);
	for (size_t i = 0; i < map.friction_count; i++)
		seen[map.frictions[i].split]++;
	for (unsigned i = 0; i < FRICTION_SPLITS; i++)
		assert_int_equal(seen[i], 2);
	journey_ways_deinit(&map);
	journey_deinit(&j);
}

static void without_a_journey_stages_come_of_purchases(void **state)
{
	struct diary *w = *state;
	struct journey j;
	struct journey_ways map;

	diary_event(w, diary_noon(20260901), "member.enroll", 1, "{'kind':'member.enrolled','member':'%s'}",
		diary_member(1));
	diary_sale(w, diary_noon(20260902), 1, "1", 100, "");
	diary_sale(w, diary_noon(20260902) + HOUR, 1, "2", 100, "");
	diary_sale(w, diary_noon(20260903), 1, "3", 100, "");
	diary_sale(w, diary_noon(20260904), 1, "4", 100, "");
	fold(w, &autumn, &j);
	journey_ways_make(&j, &map);
	assert_int_equal(map.stages[STAGE_INTERACTION].entries, 1);
	assert_int_equal(map.stages[STAGE_PURCHASE].entries, 1);
	assert_int_equal(map.stages[STAGE_LOYALTY].entries, 0); /* on three days */
	assert_int_equal(map.stages[STAGE_PURCHASE].touches, 4);
	journey_ways_deinit(&map);
	journey_deinit(&j);
}

static void four_days_make_loyal(void **state)
{
	struct journey j;
	struct journey_ways map;

	for (unsigned i = 0; i < 4; i++) {
		char sale[8];

		snprintf(sale, sizeof(sale), "%u", i);
		diary_sale(*state, diary_noon(20260901) + i * DAY, 1, sale, 100, "");
		/* The fourth on the last day of a year that begins with the first, and on the day behind it. */
		diary_sale(*state, diary_noon(20251001) + (i ? i * 122 : 2) * DAY, 3, sale, 100, "");
		diary_sale(*state, diary_noon(20251001) + (i ? i * 122 : 1) * DAY, 2, sale, 100, "");
	}
	fold(*state, &autumn, &j);
	journey_ways_make(&j, &map);
	assert_int_equal(map.stages[STAGE_LOYALTY].members, 2);
	assert_int_equal(map.stages[STAGE_LOYALTY].touches, 2);
	assert_int_equal(map.stages[STAGE_PURCHASE].members, 1);
	journey_ways_deinit(&map);
	journey_deinit(&j);
}

/* --- who counts ----------------------------------------------------------------------------------------------------- */

/* What a void undid, who was erased, a gift card: none of them counts. */
static void what_is_undone_does_not_count(void **state)
{
	struct diary *w = *state;
	struct journey j;
	struct journey_kpi k;

	diary_sale(w, diary_noon(20260901), 1, "1", 1000, "");
	diary_sale(w, diary_noon(20260902), 1, "2", 500, "");
	diary_event(w, diary_noon(20260902), "sale.void", 1, "{'kind':'sale.voided','sale':'2','member':'%s','spend':500}",
		diary_member(1));
	diary_sale(w, diary_noon(20260901), 2, "3", 1000, "");
	diary_event(w, diary_noon(20260903), "member.erase", 2, "{'kind':'member.erased','member':'%s'}", diary_member(2));
	diary_event(w, diary_noon(20260901), "sale.commit", 0, "{'kind':'purse.opened','purse':'%s'}", diary_member(3));
	diary_sale(w, diary_noon(20260902), 3, "4", 1000, "");
	fold(w, &autumn, &j);
	journey_kpi_make(&j, &k);
	assert_int_equal(k.buyers, 1);
	assert_int_equal(k.repeaters, 0);
	assert_int_equal(k.year_spent, 1000);
	journey_kpi_deinit(&k);
	journey_deinit(&j);
}

static void a_void_undoes_its_touch(void **state)
{
	struct journey j;
	struct journey_flow f;

	diary_touch(*state, diary_noon(20260901), 1, "visit", "web");
	diary_event(*state, diary_noon(20260902), "sale.commit", 1,
		"{'kind':'journey.touch','member':'%s','touchpoint':'purchase','channel':'store'},"
		"{'kind':'sale.booked','sale':'S','base':1000}",
		diary_member(1));
	diary_event(*state, diary_noon(20260902), "sale.void", 1,
		"{'kind':'sale.voided','sale':'S','member':'%s','spend':1000}", diary_member(1));
	fold(*state, &autumn, &j);
	journey_flow_make(&j, &f);
	assert_int_equal(f.count, 2);
	assert_edge(&j, &f, "visit", "END", 1, 1, -1);
	journey_flow_deinit(&f);
	journey_deinit(&j);
}

static void two_purchases_of_a_day_are_no_return_visit(void **state)
{
	struct journey j;
	struct journey_kpi k;

	diary_sale(*state, diary_noon(20260902), 1, "a", 100, "");
	diary_sale(*state, diary_noon(20260902) + HOUR, 1, "b", 100, "");
	fold(*state, &autumn, &j);
	journey_kpi_make(&j, &k);
	assert_int_equal(k.buyers, 1);
	assert_int_equal(k.repeaters, 0);
	assert_int_equal(k.gaps, 0);
	journey_kpi_deinit(&k);
	journey_deinit(&j);
}

static void merged_members_are_one(void **state)
{
	struct diary *w = *state;
	struct journey j;
	struct journey_kpi k;
	struct journey_flow f;
	uint32_t a, b;
	struct palier_id id;

	diary_sale(w, diary_noon(20260903), 1, "1", 1000, "");
	diary_sale(w, diary_noon(20260901), 2, "2", 500, "");
	diary_event(w, diary_noon(20260904), "member.merge", 2,
		"{'kind':'journey.moved','from':'%s','into':'%s'},{'kind':'member.merged','member':'%s','into':'%s'}",
		diary_member(1), diary_member(2), diary_member(1), diary_member(2));
	diary_sale(w, diary_noon(20260905), 1, "3", 100, ""); /* by an old card */
	fold(w, &autumn, &j);
	journey_kpi_make(&j, &k);
	assert_int_equal(k.buyers, 1);
	assert_int_equal(k.repeaters, 1);
	assert_int_equal(k.year_spent, 1600);
	assert_int_equal(palier_id_parse(palier_str(diary_member(1)), &id), PALIER_OK);
	assert_true(journey_member_find(&j, id, &a));
	assert_int_equal(palier_id_parse(palier_str(diary_member(2)), &id), PALIER_OK);
	assert_true(journey_member_find(&j, id, &b));
	assert_int_equal(a, b);
	journey_flow_make(&j, &f);
	assert_edge(&j, &f, "purchase", "purchase", 2, 1, 2 * DAY);
	journey_flow_deinit(&f);
	journey_kpi_deinit(&k);
	journey_deinit(&j);
}

static void a_persona_is_looked_at_alone(void **state)
{
	static const struct journey_period regulars = { .from = 20260901,
		.to = 20261130,
		.window = 30,
		.persona = "regular" };
	struct diary *w = *state;
	struct journey j;
	struct journey_ways map;

	for (unsigned m = 1; m <= 5; m++)
		diary_stage(w, diary_noon(20260901), m, "loyalty");
	for (unsigned m = 1; m <= 3; m++)
		diary_event(w, diary_noon(20260902), "day.close", 0,
			"{'kind':'journey.persona','member':'%s','persona':'regular'},"
			"{'kind':'journey.segment','member':'%s','segment':'repeat'}",
			diary_member(m), diary_member(m));
	diary_event(w, diary_noon(20260903), "day.close", 0, "{'kind':'journey.persona','member':'%s'}", diary_member(3));
	fold(w, &regulars, &j);
	journey_ways_make(&j, &map);
	assert_int_equal(map.members, 2);
	assert_int_equal(map.stages[STAGE_LOYALTY].members, 2);
	assert_int_equal(map.segments[0], 2);
	journey_ways_deinit(&map);
	journey_deinit(&j);
}

/* --- key figures ---------------------------------------------------------------------------------------------------- */

static void answers_are_scored(void **state)
{
	static const int nps[] = { 9, 10, 7, 8, 6, 0 }, csat[] = { 5, 4, 3 };
	struct diary *w = *state;
	struct journey j;
	struct journey_kpi k;
	struct journey_ways map;

	diary_stage(w, diary_noon(20260901), 1, "purchase");
	for (unsigned i = 0; i < COUNT(nps); i++)
		diary_event(w, diary_noon(20260902), "survey.answer", 1,
			"{'kind':'survey.answered','member':'%s','question':'nps','score':%d}", diary_member(1), nps[i]);
	for (unsigned i = 0; i < COUNT(csat); i++)
		diary_event(w, diary_noon(20260902), "survey.answer", 1,
			"{'kind':'survey.answered','member':'%s','question':'csat','score':%d}", diary_member(1), csat[i]);
	for (unsigned i = 0; i < 9; i++)
		diary_event(w, diary_noon(20260901), "sale.commit", 1,
			"{'kind':'survey.asked','member':'%s','question':'nps'}", diary_member(1));
	diary_event(w, diary_noon(20260910), "day.close", 0,
		"{'kind':'survey.lapsed','member':'%s','ask':'nps'},{'kind':'survey.lapsed','member':'%s','ask':'nps','opened':true}",
		diary_member(1), diary_member(1));
	fold(w, &autumn, &j);
	journey_kpi_make(&j, &k);
	assert_int_equal(k.score.promoters, 2);
	assert_int_equal(k.score.passives, 2);
	assert_int_equal(k.score.detractors, 2);
	assert_int_equal(k.score.answers, 3);
	assert_int_equal(k.score.satisfied, 2);
	assert_int_equal(k.score.asked[0], 9);
	assert_int_equal(j.unanswered, 1);
	journey_ways_make(&j, &map);
	assert_int_equal(map.stages[STAGE_PURCHASE].score.promoters, 2);
	journey_ways_deinit(&map);
	journey_kpi_deinit(&k);
	journey_deinit(&j);
}

/* Gaps of 1 to 10 days, 50 of each: 80 of 100 are up to 8, 90 up to 9. Who has not bought for so long has lapsed, as the till says, too. */
static void silence_is_measured_by_the_shops_own_gaps(void **state)
{
	struct diary *w = *state;
	struct journey j;
	struct journey_kpi k;

	for (unsigned m = 1; m <= 500; m++) {
		diary_sale(w, diary_noon(20261101) - (int64_t)(1 + m % 10) * DAY, m, "a", 100, "");
		diary_sale(w, diary_noon(20261101), m, "b", 100, "");
	}
	diary_sale(w, diary_noon(20261122), 501, "c", 100, "");
	diary_sale(w, diary_noon(20261123), 502, "d", 100, "");
	diary_sale(w, diary_noon(20261121), 503, "e", 100, "");
	fold(w, &autumn, &j);
	journey_kpi_make(&j, &k);
	assert_int_equal(k.gaps, 500);
	assert_int_equal(k.risk_days, 8);
	assert_int_equal(k.lapsed_days, 9);
	assert_int_equal(k.active, 1);
	assert_int_equal(k.at_risk, 1);
	assert_int_equal(k.lapsed, 501);
	journey_kpi_deinit(&k);
	journey_deinit(&j);
}

static void few_gaps_are_not_trusted(void **state)
{
	struct journey j;
	struct journey_kpi k;

	diary_sale(*state, diary_noon(20261001), 1, "a", 100, "");
	diary_sale(*state, diary_noon(20261002), 1, "b", 100, "");
	fold(*state, &autumn, &j);
	journey_kpi_make(&j, &k);
	assert_int_equal(k.gaps, 1);
	assert_int_equal(k.risk_days, 60);
	assert_int_equal(k.lapsed_days, 90);
	journey_kpi_deinit(&k);
	journey_deinit(&j);
}

/* Up to 30 November: customers of August have had their 90 days, those of September not all. */
static void cohorts_are_seen_to_their_end(void **state)
{
	struct diary *w = *state;
	struct journey j;
	struct journey_kpi k;

	diary_sale(w, diary_noon(20260801), 1, "1", 100, "");
	diary_sale(w, diary_noon(20261030), 1, "2", 100, ""); /* the 90th day */
	diary_sale(w, diary_noon(20260831), 2, "3", 100, "");
	diary_sale(w, diary_noon(20261130), 2, "4", 100, ""); /* the 91st */
	diary_sale(w, diary_noon(20260901), 3, "5", 100, "");
	diary_sale(w, diary_noon(20251201), 4, "6", 100, "");
	diary_sale(w, diary_noon(20250801), 4, "7", 100, "");
	fold(w, &autumn, &j);
	journey_kpi_make(&j, &k);
	assert_int_equal(k.cohort_count, 1);
	assert_int_equal(k.cohorts[0].month, 202608);
	assert_int_equal(k.cohorts[0].n, 2);
	assert_int_equal(k.cohorts[0].again, 1);
	assert_int_equal(k.kept_of, 1); /* member 4 bought in the year before, and again within this one */
	assert_int_equal(k.kept, 1);
	assert_int_equal(k.year_buyers, 4);
	assert_int_equal(k.repeaters, 0); /* member 1 bought on one day of the period, member 2 on one, too */
	journey_kpi_deinit(&k);
	journey_deinit(&j);
}

/* [1,1,1,2,3,3,4,5,9,10] -> 1,1,1,2,3,3,4,4,5,5 */
static void money_has_its_quintiles(void **state)
{
	static const int spent[] = { 1, 1, 1, 2, 3, 3, 4, 5, 9, 10 };
	struct journey j;
	struct journey_kpi k;
	int64_t all = 0;

	for (unsigned i = 0; i < COUNT(spent); i++)
		diary_sale(*state, diary_noon(20261001), i + 1, "s", spent[i], "");
	fold(*state, &autumn, &j);
	journey_kpi_make(&j, &k);
	assert_int_equal(k.money_buyers[4], 2);
	assert_int_equal(k.money_spent[4], 19);
	assert_int_equal(k.money_buyers[0], 3);
	assert_int_equal(k.money_spent[3], 9);
	assert_int_equal(k.year_spent, 39);
	for (unsigned r = 0; r < 5; r++)
		for (unsigned f = 0; f < 5; f++)
			all += k.rf[r][f];
	assert_int_equal(all, 10);
	assert_int_equal(k.rf[0][0], 10); /* all bought on the same day, once */
	journey_kpi_deinit(&k);
	journey_deinit(&j);
}

/* Lately is by the time of the last purchase: who came at nine was here before who came at ten. */
static void recency_is_of_the_time(void **state)
{
	struct journey j;
	struct journey_kpi k;

	for (unsigned m = 0; m < 5; m++)
		diary_sale(*state, diary_noon(20261001) - 4 * HOUR + m * HOUR, m + 1, "s", 100, "");
	fold(*state, &autumn, &j);
	journey_kpi_make(&j, &k);
	for (unsigned r = 0; r < 5; r++)
		assert_int_equal(k.rf[r][0], 1);
	journey_kpi_deinit(&k);
	journey_deinit(&j);
}

/* Of 40 who bought in the year before, 30 did so again, for 10.00 each: 7.50 a customer, at a margin of 40 % 3.00. */
static void a_customer_is_worth_what_stays(void **state)
{
	struct diary *w = *state;
	struct journey_report r = { .point_value = 0 };
	struct journey j;
	int64_t value = -1;

	for (unsigned m = 1; m <= 40; m++)
		diary_sale(w, diary_noon(20251130), m, "before", 700, "");
	for (unsigned m = 11; m <= 40; m++)
		diary_sale(w, diary_noon(20251201), m, "now", 1000, "");
	fold(w, &autumn, &j);
	r.j = &j;
	journey_kpi_make(&j, &r.kpi);
	assert_int_equal(r.kpi.year_buyers, 30);
	assert_int_equal(r.kpi.year_spent, 30000);
	assert_true(journey_value(&r, &value));
	assert_int_equal(value, 750);
	r.margin = 4000;
	assert_true(journey_value(&r, &value));
	assert_int_equal(value, 300);
	r.kpi.kept_of = 29; /* too few to say how many stay */
	assert_false(journey_value(&r, &value));
	journey_kpi_deinit(&r.kpi);
	journey_deinit(&j);
}

static void customers_come_from_somewhere(void **state)
{
	struct diary *w = *state;
	struct journey j;
	struct journey_kpi k;

	diary_event(w, diary_noon(20260901), "member.enroll", 1,
		"{'kind':'member.enrolled','member':'%s'},"
		"{'kind':'recommendation.counted','of':'spontaneous','step':'said','source':'friend'}",
		diary_member(1));
	diary_event(w, diary_noon(20260901), "member.enroll", 2,
		"{'kind':'member.enrolled','member':'%s'},{'kind':'referral.step','friend':'%s','cause':'claim'}",
		diary_member(2), diary_member(2));
	diary_event(w, diary_noon(20260901), "member.enroll", 3, "{'kind':'member.enrolled','member':'%s'}",
		diary_member(3));
	diary_event(w, diary_noon(20260801), "member.enroll", 4, "{'kind':'member.enrolled','member':'%s'}",
		diary_member(4));
	diary_sale(w, diary_noon(20260902), 2, "s", 100, "");
	fold(w, &autumn, &j);
	journey_kpi_make(&j, &k);
	assert_string_equal(j.sources.at[0], "friend");
	assert_string_equal(j.sources.at[1], "referral");
	assert_int_equal(k.sources[0].enrolled, 1);
	assert_int_equal(k.sources[1].enrolled, 1);
	assert_int_equal(k.sources[1].bought, 0);
	assert_int_equal(k.sources[2].enrolled, 1);
	assert_int_equal(k.sources[2].bought, 1);
	journey_kpi_deinit(&k);
	journey_deinit(&j);
}

static void tasks_are_done_in_time_or_not(void **state)
{
	static const unsigned closed[] = { 20261005, 20261006, 0 };
	struct diary *w = *state;
	struct journey j;
	struct journey_kpi k;

	for (unsigned i = 0; i < COUNT(closed); i++)
		diary_event(w, diary_noon(20261001), "survey.answer", i + 1,
			"{'kind':'survey.answered','member':'%s','question':'nps','score':2,'due':'2026-10-05'}",
			diary_member(i + 1));
	diary_event(w, diary_noon(20261129), "survey.answer", 9,
		"{'kind':'survey.answered','member':'%s','question':'nps','score':2,'due':'2026-12-01'}", diary_member(9));
	for (unsigned i = 0; i < COUNT(closed) && closed[i]; i++)
		diary_event(w, diary_noon(closed[i]), "survey.resolve", 0, "{'kind':'survey.resolved','task':%u}", i + 1);
	fold(w, &autumn, &j);
	journey_kpi_make(&j, &k);
	assert_int_equal(k.tasks, 3);
	assert_int_equal(k.tasks_in_time, 1);
	journey_kpi_deinit(&k);
	journey_deinit(&j);
}

/* Silent for 90 days is lapsed here. Of 1 to 3, who were there on 1 September, the first has gone, the second not yet, and the third came back; the
 * fourth was gone before, the fifth came but later. */
static void who_leaves_is_told_of_those_who_were_there(void **state)
{
	struct diary *w = *state;
	struct journey j;
	struct journey_kpi k;

	diary_sale(w, diary_noon(20260831), 1, "1", 100, "");
	diary_sale(w, diary_noon(20260604), 2, "2", 100, "");  /* 89 days before */
	diary_sale(w, diary_noon(20260902), 2, "2b", 100, ""); /* 89 days before the last day */
	diary_sale(w, diary_noon(20260801), 3, "3", 100, "");
	diary_sale(w, diary_noon(20261120), 3, "3b", 100, "");
	diary_sale(w, diary_noon(20260603), 4, "4", 100, "");
	diary_sale(w, diary_noon(20261120), 4, "4b", 100, "");
	diary_sale(w, diary_noon(20260901), 5, "5", 100, "");
	fold(w, &autumn, &j);
	journey_kpi_make(&j, &k);
	assert_int_equal(k.lapsed_days, 90);
	assert_int_equal(k.stayed_of, 3);
	assert_int_equal(k.left, 1);
	journey_kpi_deinit(&k);
	journey_deinit(&j);
}

/* Complaints whose 90 days end in autumn: 1 was settled and bought, 2 was and did not, 3 was not and bought; 4 too late; 5 was settled behind the
 * 90 days; 6 complained in autumn itself. */
static void who_complained_buys_again_or_not(void **state)
{
	struct diary *w = *state;
	struct journey j;
	struct journey_kpi k;

	for (unsigned m = 1; m <= 6; m++)
		diary_event(w, diary_noon(m == 6 ? 20260915 : 20260701), "survey.answer", m,
			"{'kind':'survey.answered','member':'%s','question':'nps','score':2,'due':'2026-07-03'}",
			diary_member(m));
	diary_sale(w, diary_noon(20260630), 2, "2", 100, ""); /* before it */
	for (unsigned m = 1; m <= 2; m++)
		diary_event(w, diary_noon(20260702), "survey.resolve", 0, "{'kind':'survey.resolved','task':%u,'cost':250}",
			m);
	diary_sale(w, diary_noon(20260929), 1, "1", 100, "");
	diary_sale(w, diary_noon(20260929), 3, "3", 100, "");
	diary_sale(w, diary_noon(20260930), 4, "4", 100, "");
	diary_event(w, diary_noon(20261001), "survey.resolve", 0, "{'kind':'survey.resolved','task':5,'cost':300}");
	fold(w, &autumn, &j);
	journey_kpi_make(&j, &k);
	assert_int_equal(k.settled.n, 2);
	assert_int_equal(k.settled.again, 1);
	assert_int_equal(k.unsettled.n, 3);
	assert_int_equal(k.unsettled.again, 1);
	assert_int_equal(j.made_good, 300);
	journey_kpi_deinit(&k);
	journey_deinit(&j);
}

static void what_the_programme_gave_is_summed(void **state)
{
	struct diary *w = *state;
	struct journey_report r = { .point_value = 1000 };
	int64_t at = diary_noon(20261001);
	struct journey j;

	diary_sale(w, at, 1, "a", 5000,
		"{'kind':'offer.used','offer':'o','amount':400},{'kind':'points.move','unit':'points','cause':'earn','points':50},"
		"{'kind':'points.unit','number':2,'name':'purse','unit_kind':'money'},"
		"{'kind':'points.move','unit':'purse','cause':'earn','points':25},");
	diary_sale(w, at, 2, "b", 1000, "{'kind':'offer.used','offer':'o','amount':70},");
	diary_event(w, at + 60, "sale.void", 2,
		"{'kind':'offer.freed','offer':'o','amount':70},{'kind':'sale.voided','sale':'b','member':'%s','spend':1000}",
		diary_member(2));
	diary_sale(w, diary_noon(20260801), 1, "c", 900, "{'kind':'offer.used','offer':'o','amount':10},");
	diary_event(w, at + DAY, "sale.return", 1, "{'kind':'sale.returned','sale':'a','member':'%s','base':500}",
		diary_member(1));
	diary_stage(w, at + 2 * DAY, 1, "ascension");
	diary_sale(w, at + 3 * DAY, 1, "d", 300, "");
	fold(w, &autumn, &j);
	r.j = &j;
	assert_int_equal(j.offered, 400);
	assert_int_equal(j.sold, 4800);
	assert_true(journey_sold_known(&j));
	assert_int_equal(j.stage_sold[STAGE_ASCENSION], 300);
	assert_int_equal(j.stage_sold[JOURNEY_STAGES], 4500);
	assert_int_equal(journey_cost(&r), 475); /* what is in a purse is its own worth */
	journey_deinit(&j);
}

/* --- planned and actual ---------------------------------------------------------------------------------------------- */

static const struct plan_step plan_steps[] = {
	{ "welcome", "call", CHANNEL_PHONE, 7, 0, "enrol" },
	{ "gift", "gift", PLANNED_ANY, 30, 1, "enrol" },
	{ "sorry", "call", PLANNED_ANY, 3, 0, "return" },
};
static const struct plan plan = { "new", false, plan_steps, COUNT(plan_steps) };

static void feel(struct diary *w, int64_t at, unsigned member, const char *touchpoint, const char *channel, int emotion)
{
	diary_event(w, at, "journey.record", member,
		"{'kind':'journey.touch','member':'%s','touchpoint':'%s','channel':'%s','emotion':%d}", diary_member(member),
		touchpoint, channel, emotion);
}

static void assert_step(const struct planned_figures *f, size_t step, const int64_t (*expected)[PLANNED_DEVIATIONS])
{
	for (unsigned i = 0; i < PLANNED_DEVIATIONS; i++)
		if (f->steps[step][i] != (*expected)[i])
			fail_msg("%s, %u: %lld, not %lld", plan_steps[step].name, i, (long long)f->steps[step][i],
				(long long)(*expected)[i]);
}

/* Of seven who enrol in autumn, and one who did before it. */
static void plans_live(struct diary *w)
{
	int64_t at = diary_noon(20261001);

	for (unsigned m = 1; m <= 7; m++)
		diary_touch(w, m == 5 ? diary_noon(20261128) : at, m, "enrol", "store");
	diary_touch(w, diary_noon(20260801), 8, "enrol", "store");
	diary_touch(w, at + 7 * DAY, 1, "call", "phone");  /* on the last day */
	diary_touch(w, at + 36 * DAY, 1, "gift", "store"); /* likewise */
	diary_touch(w, at + 8 * DAY, 2, "call", "phone");  /* a day late */
	diary_touch(w, at + 39 * DAY, 2, "gift", "store"); /* 31 days behind it */
	feel(w, at + DAY, 3, "call", "phone", -1);         /* felt bad, */
	feel(w, at + 2 * DAY, 3, "call", "phone", -2);
	diary_touch(w, at + DAY, 4, "call", "web"); /* not by telephone: beside it */
	feel(w, at + DAY, 6, "call", "phone", -2);
	feel(w, at + 3 * DAY, 6, "call", "phone", 1);         /* made good */
	diary_touch(w, at + 4 * DAY, 6, "purchase", "store"); /* is never beside it */
	diary_touch(w, at + 50 * DAY, 7, "return", "store");
	diary_touch(w, at + 51 * DAY, 7, "call", "store"); /* the answer to a return, but no welcome */
	diary_touch(w, diary_noon(20260802), 8, "call", "phone");
}

static void plans_are_held_against_what_was(void **state)
{
	static const int64_t welcome[] = { 2, 1, 1, 2, 1 }, gift[] = { 1, 1, 0, 2, 3 }, sorry[] = { 1, 0, 0, 0, 6 };
	struct diary *w = *state;
	struct journey j;
	struct planned_figures f;

	plans_live(w);
	fold(w, &autumn, &j);
	planned_figures_make(&j, &plan, &f);
	assert_int_equal(f.begun, 7);
	assert_step(&f, 0, &welcome);
	assert_step(&f, 1, &gift);
	assert_step(&f, 2, &sorry);
	assert_int_equal(planned_judged(&f, 0), 6);
	assert_int_equal(f.extra_count, 1); /* calls: the second of 3, that of 4, the first of 6 */
	assert_string_equal(journey_activity(&j, f.extras[0].activity), "call");
	assert_int_equal(f.extras[0].count, 3);
	assert_int_equal(f.extras[0].members, 3);
	assert_int_equal(f.extra_members, 3);
	planned_figures_deinit(&f);
	journey_deinit(&j);
}

static void shapes_are_those_of_the_language(void **state)
{
	(void)state;
	assert_true(planned_is_action("purchase"));
	assert_false(planned_is_action("call"));
	assert_true(planned_by_customer("survey"));
	assert_false(planned_by_customer("call"));
}

static void what_went_wrong_is_counted(void **state)
{
	static const char used[] = "{'kind':'reward.used','reward':'%s','times':1}";
	struct diary *w = *state;
	int64_t at = diary_noon(20261001);
	struct journey j;

	diary_sale(w, at, 1, "with", 1000, "{'kind':'offer.used','offer':'welcome'},");
	diary_sale(w, at, 1, "without", 1000, "");
	diary_event(w, at + DAY, "sale.return", 1, "{'kind':'sale.returned','sale':'with','member':'%s','base':400}",
		diary_member(1));
	diary_event(w, at + DAY, "sale.return", 1, "{'kind':'sale.returned','sale':'without','member':'%s','base':400}",
		diary_member(1));
	diary_event(w, at, "sale.hold", 2, used, "coffee");
	diary_event(w, at + 600, "sale.hold", 2, used, "coffee");
	diary_event(w, at + 900, "sale.commit", 2,
		"{'kind':'reward.used','reward':'coffee'},{'kind':'hold.resolved','captured':true}");
	diary_event(w, at + 1000, "sale.hold", 2, used, "tea");
	diary_event(w, at + 1601, "sale.hold", 2, used, "tea");
	fold(w, &autumn, &j);
	assert_int_equal(j.returns_after_offer, 1);
	assert_int_equal(j.tries_again, 1);
	journey_deinit(&j);
}

static void points_are_summed_by_unit(void **state)
{
	struct diary *w = *state;
	int64_t at = diary_noon(20261001);
	struct journey j;

	diary_event(w, at, "sale.commit", 1,
		"{'kind':'points.move','unit':'points','cause':'earn','points':100},"
		"{'kind':'points.unit','number':2,'name':'credit','unit_kind':'money'},"
		"{'kind':'points.move','unit':'credit','cause':'load','points':500},"
		"{'kind':'points.move','unit':'points','cause':'spend','points':-30}");
	diary_event(w, at, "sale.return", 1, "{'kind':'points.move','unit':'points','cause':'reverse','points':-20}");
	diary_event(w, at, "day.close", 0, "{'kind':'points.move','unit':'points','cause':'expire','points':-5}");
	diary_event(w, diary_noon(20260801), "sale.commit", 1,
		"{'kind':'points.move','unit':'points','cause':'earn','points':1000}");
	fold(w, &autumn, &j);
	assert_int_equal(j.points_count, 2);
	assert_int_equal(j.points[0].earned, 100);
	assert_int_equal(j.points[0].taken_back, 20);
	assert_int_equal(j.points[0].spent, 30);
	assert_int_equal(j.points[0].expired, 5);
	assert_int_equal(j.points[1].earned, 0);
	assert_true(j.points[1].money && !j.points[0].money);
	journey_deinit(&j);
}

/* --- the page --------------------------------------------------------------------------------------------------------- */

static void assert_page(const char *page, const char *part)
{
	if (!strstr(page, part))
		fail_msg("no %s in %s", part, strstr(page, "</style>"));
}

static int times_in(const char *page, const char *part)
{
	int n = 0;

	for (const char *at = strstr(page, part); at; at = strstr(at + 1, part))
		n++;
	return n;
}

/* Forty buy first in August, of whom ten come back within 90 days, twice in autumn; three of these bring a sale with an offer back. */
static void page_live(struct diary *w)
{
	for (unsigned m = 1; m <= 40; m++)
		diary_sale(w, diary_noon(20260805), m, "first", 1000, "");
	for (unsigned m = 1; m <= 10; m++) {
		char sale[16];

		snprintf(sale, sizeof(sale), "second-%u", m);
		diary_sale(w, diary_noon(20260910), m, sale, 1000,
			m <= 3 ? "{'kind':'offer.used','offer':'o','amount':50}," : "");
		diary_sale(w, diary_noon(20260920), m, "third", 1000, "");
		if (m <= 3)
			diary_event(w, diary_noon(20260925), "sale.return", m,
				"{'kind':'sale.returned','sale':'%s','member':'%s','base':400}", sale, diary_member(m));
	}
	for (unsigned m = 1; m <= 3; m++)
		diary_event(w, diary_noon(20261001) + m * 60, "sale.hold", 9, "{'kind':'reward.used','reward':'coffee'}");
	for (unsigned m = 1; m <= 4; m++)
		diary_event(w, diary_noon(20261002), "day.close", 0,
			"{'kind':'survey.lapsed','member':'%s','ask':'nps','opened':true}", diary_member(m));
}

static void the_page_has_what_is_told(void **state)
{
	struct palier_arena a = { 0 };
	const struct words w = { &a, "en" };
	struct journey_report r = { .shop = "Comptoir", .currency = "EUR", .scale = 2 };
	struct page p = { .out = { .len = 0 } };
	struct journey j;

	page_live(*state);
	fold(*state, &autumn, &j);
	r.j = &j;
	journey_report_make(&r);
	journey_report_page(&r, &w, &p);
	palier_buffer_add(&p.out, "", 1);
	assert_page(p.out.at, "<h3>Returned after an offer</h3>\n<p class=\"big\">3</p>");
	assert_page(p.out.at, "<h3>Tried again</h3>\n<p class=\"big\">2</p>");
	assert_page(p.out.at, "<h3>Opened, not sent in</h3>\n<p class=\"big\">4</p>");
	assert_page(p.out.at, "First purchases that led to a second");
	assert_page(p.out.at, "August 2026");
	assert_page(p.out.at, ">25%</text>");
	assert_page(p.out.at, "n = 40");
	assert_int_equal(times_in(p.out.at, "<circle class=\"buy\""),
		1 + 20); /* the legend's, and two of each who came twice */
	assert_int_equal(times_in(p.out.at, "<path class=\"back\""), 1 + 3);
	page_deinit(&p);
	journey_report_deinit(&r);
	journey_deinit(&j);
	palier_arena_deinit(&a);
}

/* --- time ----------------------------------------------------------------------------------------------------------- */

/* In Paris the day of 1 September begins at 22:00 UTC, and ends an hour later in winter. */
static void days_are_those_of_the_store(void **state)
{
	struct journey j;

	assert_int_equal(zone_set("Europe/Paris"), PALIER_OK);
	diary_touch(*state, diary_noon(20260831) + 10 * HOUR - 1, 1, "before", "store");
	diary_touch(*state, diary_noon(20260831) + 10 * HOUR, 1, "in", "store");
	fold(*state, &autumn, &j);
	for (uint32_t day = 20251001; day <= 20261130; day = day_add(day, 1)) {
		uint32_t at = (uint32_t)(zone_midnight(day) / 1000);

		assert_int_equal(day_of_number(journey_day_number(&j, at)), day);
		assert_int_equal(day_of_number(journey_day_number(&j, at - 1)), day_add(day, -1));
	}
	assert_false(journey_within(&j, (uint32_t)(diary_noon(20260831) + 10 * HOUR - 1)));
	assert_true(journey_within(&j, (uint32_t)(diary_noon(20260831) + 10 * HOUR)));
	assert_true(journey_within(&j, (uint32_t)(diary_noon(20261130) + 11 * HOUR - 1)));
	assert_false(journey_within(&j, (uint32_t)(diary_noon(20261130) + 11 * HOUR)));
	journey_deinit(&j);
}

#define FRESH(name, f) \
	{ \
		name, f, fresh, clean, NULL \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH("touches follow each other", it_follows_touches),
		FRESH("where there is no journey, methods do", it_follows_methods),
		FRESH("more than 65,536 tills are told apart", it_knows_every_till),
		FRESH("steps have their intervals", steps_have_their_intervals),
		FRESH("who is too young is not judged", who_is_too_young_is_not_judged),
		FRESH("touches belong to the stage of their time", touches_belong_to_the_stage_of_their_time),
		FRESH("a till is where it grates", a_till_is_where_it_grates),
		FRESH("where it grates is judged with care", where_it_grates_is_judged),
		FRESH("places, times and channels are compared", places_times_and_channels_are_compared),
		FRESH("without a journey stages come of purchases", without_a_journey_stages_come_of_purchases),
		FRESH("purchases on four days within a year make loyal", four_days_make_loyal),
		FRESH("what is undone does not count", what_is_undone_does_not_count),
		FRESH("a void undoes its touch", a_void_undoes_its_touch),
		FRESH("two purchases of a day are no return visit", two_purchases_of_a_day_are_no_return_visit),
		FRESH("merged members are one", merged_members_are_one),
		FRESH("a persona is looked at alone", a_persona_is_looked_at_alone),
		FRESH("answers are scored", answers_are_scored),
		FRESH("silence is measured by the shop's own gaps", silence_is_measured_by_the_shops_own_gaps),
		FRESH("few gaps are not trusted", few_gaps_are_not_trusted),
		FRESH("cohorts are seen to their end", cohorts_are_seen_to_their_end),
		FRESH("money has its quintiles", money_has_its_quintiles),
		FRESH("recency is of the time, not of the day", recency_is_of_the_time),
		FRESH("a customer is worth what stays of a year", a_customer_is_worth_what_stays),
		FRESH("customers come from somewhere", customers_come_from_somewhere),
		FRESH("tasks are done in time or not", tasks_are_done_in_time_or_not),
		FRESH("who leaves is told of those who were there", who_leaves_is_told_of_those_who_were_there),
		FRESH("who complained buys again or not", who_complained_buys_again_or_not),
		FRESH("what the programme gave is summed", what_the_programme_gave_is_summed),
		FRESH("plans are held against what was", plans_are_held_against_what_was),
		FRESH("shapes are those of the language", shapes_are_those_of_the_language),
		FRESH("what went wrong is counted", what_went_wrong_is_counted),
		FRESH("points are summed by unit", points_are_summed_by_unit),
		FRESH("the page has what is told", the_page_has_what_is_told),
		FRESH("days are those of the store", days_are_those_of_the_store),
	};

	return cmocka_run_group_tests_name("journey", tests, NULL, NULL);
}
