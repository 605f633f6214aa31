/* SPDX-License-Identifier: Apache-2.0 */
/* Lots, balances, history and adjustments: rules.md "Lots and expiry" and its fine print. A row is a story told in steps. */
#include "tests/unit/plugins/kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "plugins/points.h"

extern const struct palier_plugin palier_plugin_points;
static const struct palier_plugin *const plugins[] = { &palier_plugin_points, NULL };

/* --- steps --- */

enum step_kind { END, CLOCK, LATE, EARN, ADJUST, FORCE, GRANT, SEE, REFUSED, LOTS, RECONFIGURE };

/* EARN: a sale of n euros. ADJUST, FORCE (a reversal), GRANT: n points of `unit`. SEE: the member view is `text`, REFUSED:
 * the last step was, with the sentence `text` (and every other step must be accepted). LOTS: what the last step took,
 * "points@last day" by ", ". */
struct step {
	enum step_kind kind;
	int64_t n;
	const char *text, *other;
};

/* clang-format off */
#define AT(now)                { CLOCK, 0, now, NULL }
#define SENT_LATE(at, arrives) { LATE, 0, at, arrives }
#define BUY(euros)             { EARN, euros, NULL, NULL }
#define ADJUSTS(points, unit)  { ADJUST, points, unit, NULL }
#define FORCES(points, unit)   { FORCE, points, unit, NULL }
#define GRANTS(points, unit)   { GRANT, points, unit, NULL }
#define SEES(text)             { SEE, 0, text, NULL }
#define NO(err, sentence)      { REFUSED, err, sentence, NULL }
#define TOOK(lots)             { LOTS, 0, lots, NULL }
#define CONFIG(text)           { RECONFIGURE, 0, text, NULL }
/* clang-format on */

#define POINTS(settings) "points { unit points { " settings " }  earn base { unit = points  per = \"1.00\" } }"
#define VIEW(balance, pending, expiring) \
	"\"balances\":{\"points\":" balance "},\"held\":{\"points\":0},\"pending\":{\"points\":" pending \
	"},\"expiring\":[" expiring "]"
#define ON(points, date) "{\"unit\":\"points\",\"points\":" points ",\"on\":\"" date "\"}"

static const struct story {
	const char *name, *config;
	struct step steps[16];
} stories[] = {
	{ "who never bought has zeros", POINTS(""), { SEES(VIEW("0", "0", "")) } },
	{ "what is earned is seen at once", POINTS(""), { BUY(12), SEES(VIEW("12", "0", "")) } },
	{ "each credit adds to the balance", POINTS(""), { BUY(12), BUY(30), SEES(VIEW("42", "0", "")) } },

	{ "thirty days end after the thirtieth day after", POINTS("expires = \"30 days\""),
		{ AT("2026-11-21T12:00:00+01:00"), BUY(5), SEES(VIEW("5", "0", ON("5", "2026-12-21"))),
			AT("2026-12-21T23:59:59+01:00"), SEES(VIEW("5", "0", ON("5", "2026-12-21"))),
			AT("2026-12-22T00:00:00+01:00"), SEES(VIEW("0", "0", "")) } },
	{ "earned on 31 January, one month is usable through 28 February", POINTS("expires = \"1 month\""),
		{ AT("2027-01-31T12:00:00+01:00"), BUY(5), AT("2027-02-28T23:59:59+01:00"),
			SEES(VIEW("5", "0", ON("5", "2027-02-28"))), AT("2027-03-01T00:00:00+01:00"),
			SEES(VIEW("0", "0", "")) } },
	{ "twelve months end on the same date of the next year", POINTS("expires = \"12 months\""),
		{ AT("2026-11-21T12:00:00+01:00"), BUY(5), SEES(VIEW("5", "0", ON("5", "2027-11-21"))),
			AT("2027-11-22T00:00:00+01:00"), SEES(VIEW("0", "0", "")) } },
	{ "the end of the month is its last day", POINTS("expires = \"end of month\""),
		{ AT("2026-11-21T12:00:00+01:00"), BUY(5), SEES(VIEW("5", "0", ON("5", "2026-11-30"))),
			AT("2026-12-01T00:00:00+01:00"), SEES(VIEW("0", "0", "")) } },
	{ "the end of the year is its last day", POINTS("expires = \"end of year\""),
		{ AT("2026-11-21T12:00:00+01:00"), BUY(5), SEES(VIEW("5", "0", ON("5", "2026-12-31"))),
			AT("2027-01-01T00:00:00+01:00"), SEES(VIEW("0", "0", "")) } },
	{ "never stays", POINTS("expires = never"),
		{ AT("2026-11-21T12:00:00+01:00"), BUY(5), AT("2096-11-21T12:00:00+01:00"), SEES(VIEW("5", "0", "")) } },
	{ "days are the store's, not those of UTC", POINTS("expires = \"1 day\""),
		{ AT("2026-11-21T23:30:00Z"), BUY(5), SEES(VIEW("5", "0", ON("5", "2026-11-23"))),
			AT("2026-11-23T23:00:00Z"), SEES(VIEW("0", "0", "")) } },
	{ "lots of one date are one row, nearest date first", POINTS("expires = \"10 days\""),
		{ AT("2026-11-21T12:00:00+01:00"), BUY(5), BUY(7), AT("2026-11-22T12:00:00+01:00"), BUY(1),
			SEES(VIEW("13", "0", ON("12", "2026-12-01") "," ON("1", "2026-12-02"))) } },
	{ "expired points are not spendable even before that is booked", POINTS("expires = \"10 days\""),
		{ AT("2026-11-01T12:00:00+01:00"), BUY(5), AT("2026-11-12T12:00:00+01:00"), BUY(3), ADJUSTS(-4, "points"),
			NO(PALIER_EINSUFFICIENT_POINTS, "there are not enough points"), ADJUSTS(-3, "points"),
			TOOK("3@20261122"), SEES(VIEW("0", "0", "")) } },
	{ "what arrives after it has lapsed is credited and lapsed", POINTS("expires = \"10 days\""),
		{ SENT_LATE("2026-11-01T12:00:00+01:00", "2026-11-21T12:00:00+01:00"), BUY(5), SEES(VIEW("0", "0", "")) } },

	{ "a debit takes the nearest expiry first", POINTS("expires = \"12 months\""),
		{ AT("2026-11-21T12:00:00+01:00"), BUY(10), CONFIG(POINTS("expires = \"1 month\"")), BUY(10),
			ADJUSTS(-13, "points"), TOOK("10@20261221, 3@20271121"),
			SEES(VIEW("7", "0", ON("7", "2027-11-21"))) } },
	{ "a debit takes the oldest of one date first", POINTS("expires = \"end of month\""),
		{ AT("2026-11-20T12:00:00+01:00"), BUY(1), AT("2026-11-21T12:00:00+01:00"), BUY(2),
			SENT_LATE("2026-11-19T12:00:00+01:00", "2026-11-21T12:00:00+01:00"), BUY(4), ADJUSTS(-5, "points"),
			TOOK("4@20261130, 1@20261130") } },
	{ "a debit takes of one moment what was booked first", POINTS(""),
		{ BUY(3), BUY(2), ADJUSTS(-4, "points"), TOOK("3@never, 1@never") } },
	{ "a debit takes what never expires last", POINTS(""),
		{ AT("2026-11-21T12:00:00+01:00"), BUY(10), CONFIG(POINTS("expires = \"12 months\"")), BUY(10),
			ADJUSTS(-11, "points"), TOOK("10@20271121, 1@never"), SEES(VIEW("9", "0", "")) } },
	{ "an empty lot is not listed", POINTS("expires = \"12 months\""),
		{ BUY(10), ADJUSTS(-10, "points"), SEES(VIEW("0", "0", "")) } },
	{ "a change of the expiry leaves old lots alone", POINTS("expires = \"10 days\""),
		{ AT("2026-11-21T12:00:00+01:00"), BUY(10), CONFIG(POINTS("expires = never")),
			AT("2026-12-02T12:00:00+01:00"), SEES(VIEW("0", "0", "")) } },

	{ "pending points are in the balance and not spendable", POINTS("pending = 14"),
		{ AT("2026-11-01T18:00:00+01:00"), BUY(10), SEES(VIEW("10", "10", "")), ADJUSTS(-1, "points"),
			NO(PALIER_EINSUFFICIENT_POINTS, "there are not enough points") } },
	{ "pending ends at 00:00 of the date plus N days", POINTS("pending = 14"),
		{ AT("2026-11-01T18:00:00+01:00"), BUY(10), AT("2026-11-14T23:59:59+01:00"), SEES(VIEW("10", "10", "")),
			AT("2026-11-15T00:00:00+01:00"), SEES(VIEW("10", "0", "")), ADJUSTS(-10, "points") } },
	{ "pending dated points are listed with the others", POINTS("pending = 14  expires = \"1 month\""),
		{ AT("2026-11-01T18:00:00+01:00"), BUY(10), SEES(VIEW("10", "10", ON("10", "2026-12-01"))) } },
	{ "what lapsed while pending is neither", POINTS("pending = 14  expires = \"10 days\""),
		{ AT("2026-11-01T18:00:00+01:00"), BUY(10), AT("2026-11-12T18:00:00+01:00"), SEES(VIEW("0", "0", "")) } },
	{ "an adjustment is never pending", POINTS("pending = 14"),
		{ ADJUSTS(5, "points"), BUY(10), SEES(VIEW("15", "10", "")), ADJUSTS(-5, "points"),
			SEES(VIEW("10", "10", "")) } },
	{ "a forced debit takes pending points last", POINTS("pending = 14"),
		{ AT("2026-11-01T18:00:00+01:00"), BUY(10), ADJUSTS(5, "points"), FORCES(-7, "points"),
			TOOK("5@never, 2@never pending 20261115"), SEES(VIEW("8", "8", "")) } },

	{ "a forced debit makes the balance negative", POINTS(""),
		{ BUY(150), ADJUSTS(-100, "points"), FORCES(-150, "points"), TOOK("50@never"),
			SEES(VIEW("-100", "0", "")) } },
	{ "a negative balance swallows a smaller credit whole", POINTS("expires = \"12 months\""),
		{ FORCES(-10, "points"), BUY(4), SEES(VIEW("-6", "0", "")) } },
	{ "what is left of a credit over a negative balance is a lot", POINTS("expires = \"12 months\""),
		{ AT("2026-11-21T12:00:00+01:00"), FORCES(-10, "points"), BUY(14),
			SEES(VIEW("4", "0", ON("4", "2027-11-21"))) } },
	{ "a negative balance swallows an adjustment too", POINTS(""),
		{ FORCES(-10, "points"), ADJUSTS(10, "points"), SEES(VIEW("0", "0", "")) } },
	{ "nothing is spendable below nothing", POINTS(""),
		{ FORCES(-10, "points"), ADJUSTS(-1, "points"),
			NO(PALIER_EINSUFFICIENT_POINTS, "there are not enough points") } },
	{ "nothing is spendable below nothing, though a lot was alive when it happened", POINTS("expires = \"10 days\""),
		{ AT("2026-11-01T12:00:00+01:00"), BUY(5), AT("2026-11-12T12:00:00+01:00"), FORCES(-3, "points"),
			SENT_LATE("2026-11-05T12:00:00+01:00", "2026-11-12T12:00:00+01:00"), ADJUSTS(-1, "points"),
			NO(PALIER_EINSUFFICIENT_POINTS, "there are not enough points") } },
	{ "what was alive when it happened may be spent, though it arrives late", POINTS("expires = \"10 days\""),
		{ AT("2026-11-01T12:00:00+01:00"), BUY(5),
			SENT_LATE("2026-11-05T12:00:00+01:00", "2026-11-12T12:00:00+01:00"), ADJUSTS(-1, "points"),
			TOOK("1@20261111") } },
	{ "a forced debit does not touch what has lapsed", POINTS("expires = \"10 days\""),
		{ AT("2026-11-01T12:00:00+01:00"), BUY(5), AT("2026-11-12T12:00:00+01:00"), FORCES(-3, "points"), TOOK(""),
			SEES(VIEW("-3", "0", "")) } },

	{ "an adjustment up has the unit's expiry", POINTS("expires = \"10 days\""),
		{ AT("2026-11-01T12:00:00+01:00"), ADJUSTS(5, "points"), SEES(VIEW("5", "0", ON("5", "2026-11-11"))) } },
	{ "an adjustment down to nothing is accepted", POINTS(""),
		{ BUY(5), ADJUSTS(-5, "points"), SEES(VIEW("0", "0", "")) } },
	{ "an adjustment below what is spendable is refused", POINTS(""),
		{ BUY(5), ADJUSTS(-6, "points"), NO(PALIER_EINSUFFICIENT_POINTS, "there are not enough points"),
			SEES(VIEW("5", "0", "")) } },
	{ "an adjustment of 0 is refused", POINTS(""),
		{ ADJUSTS(0, "points"), NO(PALIER_EPARAMS, "points: must not be 0") } },
	{ "an adjustment of a unit that is not there is refused", POINTS(""),
		{ ADJUSTS(5, "coffee"), NO(PALIER_EUNIT_UNKNOWN, "unit: no unit is called coffee") } },
	{ "a balance beyond 2^53-1 is refused and nothing is written", POINTS(""),
		{ ADJUSTS(PALIER_FIGURE_MAX, "points"), ADJUSTS(1, "points"),
			NO(PALIER_EPARAMS, "a balance of points would be more than a figure can hold"),
			SEES(VIEW("9007199254740991", "0", "")) } },
	{ "a sale that would pass 2^53-1 is refused", POINTS(""),
		{ ADJUSTS(PALIER_FIGURE_MAX, "points"), BUY(1),
			NO(PALIER_EPARAMS, "a balance of points would be more than a figure can hold") } },
	{ "a negative balance beyond 2^53-1 is refused", POINTS(""),
		{ FORCES(-PALIER_FIGURE_MAX, "points"), FORCES(-1, "points"),
			NO(PALIER_EPARAMS, "a balance of points would be more than a figure can hold") } },
	{ "a move of more than 2^53-1 is refused", POINTS(""),
		{ FORCES(INT64_MIN, "points"),
			NO(PALIER_EPARAMS, "a balance of points would be more than a figure can hold") } },
	{ "another plugin grants points", POINTS("expires = \"10 days\""),
		{ AT("2026-11-01T12:00:00+01:00"), GRANTS(5, "points"), SEES(VIEW("5", "0", ON("5", "2026-11-11"))) } },
	{ "another plugin's grant in an unknown unit is refused", POINTS(""),
		{ GRANTS(5, "coffee"), NO(PALIER_EUNIT_UNKNOWN, "unit: no unit is called coffee") } },

	{ "a unit taken out of the configuration stays visible and cannot be moved", POINTS(""),
		{ BUY(5), CONFIG("points { unit coffee {} }"),
			SEES("\"balances\":{\"coffee\":0,\"points\":5},\"held\":{\"coffee\":0,\"points\":0},"
			     "\"pending\":{\"coffee\":0,\"points\":0},\"expiring\":[]"),
			ADJUSTS(-1, "points"), NO(PALIER_EUNIT_UNKNOWN, "unit: no unit is called points"),
			GRANTS(1, "points"), NO(PALIER_EUNIT_UNKNOWN, "unit: no unit is called points") } },
	{ "a unit taken out of the configuration can still be taken back", POINTS(""),
		{ BUY(5), CONFIG("points { unit coffee {} }"), FORCES(-3, "points"), TOOK("3@never") } },
	{ "without any section balances stay visible", POINTS(""), { BUY(5), CONFIG(""), SEES(VIEW("5", "0", "")) } },
	{ "a unit that comes back has its old balance", POINTS(""),
		{ BUY(5), CONFIG("points { unit coffee {} }"), CONFIG(POINTS("")), BUY(2), SEES(VIEW("7", "0", "")) } },
	{ "units are shown in the order of the file, dates across units",
		"points { unit b { expires = \"2 days\" }  unit a { expires = \"1 day\" } }",
		{ AT("2026-11-21T12:00:00+01:00"), ADJUSTS(2, "b"), ADJUSTS(1, "a"), ADJUSTS(3, "a"),
			SEES("\"balances\":{\"b\":2,\"a\":4},\"held\":{\"b\":0,\"a\":0},\"pending\":{\"b\":0,\"a\":0},"
			     "\"expiring\":["
			     "{\"unit\":\"a\",\"points\":4,\"on\":\"2026-11-22\"},{\"unit\":\"b\",\"points\":2,\"on\":"
			     "\"2026-11-23\"}]") } },
};

#define STORIES (sizeof(stories) / sizeof(*stories))

/* A move by another plugin's hand. */
struct given {
	struct palier_bytes unit;
	int64_t points;
	struct palier_id member;
};

static int force(struct palier_ctx *c, void *who)
{
	const struct given *g = who;
	struct points_move m = points_move_of(g->member, g->unit, POINTS_REVERSE, g->points);

	return points_move(c, &m);
}

static int grant(struct palier_ctx *c, void *who)
{
	const struct given *g = who;

	return points_grant(c, g->member, g->unit, g->points);
}

static int adjust(struct palier_ctx *c, struct palier_id member, const char *unit, int64_t points)
{
	struct balance_adjust p = { 0 };

	PALIER_SET(&p, balance_adjust, member, member);
	PALIER_SET(&p, balance_adjust, unit, palier_str(unit));
	PALIER_SET(&p, balance_adjust, points, points);
	return kit_command(c, &method_balance_adjust, &p);
}

/* The lots that the last event's move took, "points@last day". */
static const char *taken(struct palier_ctx *c)
{
	const struct palier_event *ev = kit_event(c);
	const struct points_move *m = NULL;
	const char *text = "";

	for (uint32_t i = 0; i < ev->effect_count; i++)
		if (strcmp(ev->effects[i].kind->name, "points.move") == 0)
			m = ev->effects[i].body;
	for (uint32_t i = 0; m && i < m->lots.count; i++) {
		const struct points_lot *l = &m->lots.at[i];
		const char *day =
			PALIER_HAS(l, points_lot, expires) ? palier_format(palier_arena(c), "%u", l->expires) : "never";

		text = palier_format(palier_arena(c), "%s%s%lld@%s", text, *text ? ", " : "", (long long)l->points, day);
		if (PALIER_HAS(l, points_lot, pending))
			text = palier_format(palier_arena(c), "%s pending %u", text, l->pending);
	}
	return text;
}

static int step_run(struct palier_ctx *c, struct palier_id member, const struct step *s)
{
	struct given g = { palier_str(s->text), s->n, member };

	switch (s->kind) {
	case CLOCK:
		kit_clock(c, s->text);
		return PALIER_OK;
	case LATE:
		kit_late(c, s->text, s->other);
		return PALIER_OK;
	case EARN:
		return kit_sale(c, &member, "T1", &(struct kit_line){ .amount = s->n * 100 }, 1);
	case ADJUST:
		return adjust(c, member, s->text, s->n);
	case FORCE:
		return kit_decide(c, member, force, &g);
	case GRANT:
		return kit_decide(c, member, grant, &g);
	case SEE:
		assert_string_equal(kit_lookup(c, member), s->text);
		return PALIER_OK;
	case LOTS:
		assert_string_equal(taken(c), s->text);
		return PALIER_OK;
	case RECONFIGURE:
		kit_reconfigure(c, s->text);
		return PALIER_OK;
	case REFUSED:
	case END:
		break;
	}
	return PALIER_OK;
}

static void test_story(void **state)
{
	const struct story *t = *state;
	struct palier_ctx *c = kit_new(plugins, t->config);

	for (const struct step *s = t->steps; s < t->steps + 16 && s->kind != END; s++) {
		int err = step_run(c, kit_member(1), s);
		bool refused = s < t->steps + 15 && s[1].kind == REFUSED;

		assert_int_equal(err, refused ? (int)s[1].n : PALIER_OK);
		if (refused)
			assert_string_equal(kit_refusal(c), s[1].text);
		assert_true(kit_same(c));
		assert_string_equal(kit_check(c), "");
	}
	kit_free(c);
}

/* --- what the configuration refuses --- */

#define EARN(settings) "points { unit points {}\nearn x { " settings " } }"

static const struct refusal {
	const char *name, *config, *error;
} refusals[] = {
	{ "a whole section is accepted",
		"points { unit points { kind = money  expires = \"end of year\"  pending = 3  shortfall = clamp  "
		"return-grace = 10\n"
		"spend-same-ticket = true  earn-on-redeemed = true  rounding = up  proof = pin  proof-from = 100 }\n"
		"earn a { unit = points  per = \"1.50\"  points = 2  priority = -1  stackable = false  when { days = "
		"{\"sun\"} } } }",
		"" },
	{ "what a ticket earns may not depend on what is spent of it",
		"points { unit points { spend-same-ticket = true  earn-on-redeemed = false } }",
		"test:1: spend-same-ticket needs earn-on-redeemed = true: else what a ticket earns would depend on what is spent "
		"of it" },
	{ "an empty section is accepted", "points {}", "" },
	{ "a unit configured twice is refused", "points { unit a {}\nunit a {} }", "test:2: found duplicate title 'a'" },
	{ "a rule configured twice is refused",
		"points { unit a {}\nearn x { unit = a  per-visit = 1 }\nearn x { unit = a  per-visit = 1 } }",
		"test:3: found duplicate title 'x'" },
	{ "a unit without a name is refused", "points { unit \"\" {} }",
		"test:1: the name of a unit must have 1 to 32 characters" },
	{ "a unit with a long name is refused", "points { unit abcdefghijklmnopqrstuvwxyzabcdefg {} }",
		"test:1: the name of a unit must have 1 to 32 characters" },
	{ "an unknown expiry is refused", "points { unit a { expires = \"next week\" } }",
		"test:1: expires = \"next week\": expected a span, such as \"30 days\", \"12 months\", \"end of month\", "
		"\"end of year\" or "
		"never" },
	{ "an unknown rounding is refused", "points { unit a { rounding = down } }",
		"test:1: rounding = \"down\": expected floor, nearest or up" },
	{ "negative pending days are refused", "points { unit a { pending = -1 } }",
		"test:1: pending = -1: expected a whole number from 0 to 3650" },
	{ "a negative return grace is refused", "points { unit a { return-grace = -1 } }",
		"test:1: return-grace = -1: expected a whole number from 0 to 3650" },
	{ "a rule of no unit is refused", EARN("per-visit = 1"), "test:2: earn \"x\" does not say which unit it earns" },
	{ "a rule of an unknown unit is refused", EARN("unit = b  per-visit = 1"),
		"test:2: earn \"x\": there is no unit \"b\"" },
	{ "a rule that counts by nothing is refused", EARN("unit = points"),
		"test:2: earn \"x\" needs exactly one of per, per-item, per-visit, multiplier; it has 0" },
	{ "a rule that counts by two things is refused", EARN("unit = points  per = \"1.00\"  per-visit = 1"),
		"test:2: earn \"x\" needs exactly one of per, per-item, per-visit, multiplier; it has 2" },
	{ "per = 0 is refused", EARN("unit = points  per = \"0\""), "test:2: earn \"x\": per = \"0\" must be more than 0" },
	{ "a negative per is refused", EARN("unit = points  per = \"-1\""),
		"test:2: earn \"x\": per = \"-1\" must be more than 0" },
	{ "per with more decimals than the currency is refused", EARN("unit = points  per = \"0.001\""),
		"test:2: per = \"0.001\": expected an amount in EUR, such as \"5.00\"" },
	{ "no points per amount are refused", EARN("unit = points  per = \"1.00\"  points = 0"),
		"test:2: points = 0: expected a whole number from 1 to 9007199254740991" },
	{ "points beside another way of counting are refused", EARN("unit = points  per-item = 1  points = 2"),
		"test:2: earn \"x\": points goes with per; per-item counts by itself" },
	{ "per-item = 0 is refused", EARN("unit = points  per-item = 0"),
		"test:2: per-item = 0: expected a whole number from 1 to 9007199254740991" },
	{ "per-visit = -5 is refused", EARN("unit = points  per-visit = -5"),
		"test:2: per-visit = -5: expected a whole number from 1 to 9007199254740991" },
	{ "a negative multiplier is refused", EARN("unit = points  multiplier = \"-1\""),
		"test:2: earn \"x\": a multiplier cannot be negative" },
	{ "a multiplier that is no number is refused", EARN("unit = points  multiplier = \"twice\""),
		"test:2: multiplier = \"twice\": expected a number with at most 3 decimals, such as \"1.5\"" },
	{ "an unknown option is refused", EARN("unit = points  per-mile = 1"), "test:2: no such option 'per-mile'" },
};

#define REFUSALS (sizeof(refusals) / sizeof(*refusals))

static void test_refusal(void **state)
{
	const struct refusal *t = *state;

	assert_string_equal(kit_config_error(plugins, t->config), t->error);
}

/* --- replies and history --- */

#define TWO_UNITS \
	"points { unit points { expires = \"12 months\" }  unit coffee {}\n" \
	"earn base { unit = points  per = \"1.00\" }\n" \
	"earn stamps { unit = coffee  per-item = 1  when { category = {\"coffee\"} } } }"

static const struct kit_line coffee = { .category = "coffee", .amount = 250 }, cake = { .category = "cake", .amount = 400 };

static void test_commit_reply(void **state)
{
	struct palier_ctx *c = kit_new(plugins, TWO_UNITS);
	struct palier_id member = kit_member(1);

	(void)state;
	kit_sale(c, &member, "T1", &coffee, 1);
	assert_string_equal(kit_reply(c, PALIER_REPLY_COMMIT),
		"\"earned\":[{\"unit\":\"points\",\"points\":2,\"rule\":\"base\"},{\"unit\":\"coffee\",\"points\":1,"
		"\"rule\":\"stamps\"}],"
		"\"spent\":[],\"balances\":{\"points\":2,\"coffee\":1}");
	assert_string_equal(kit_reply(c, PALIER_REPLY_SHOW),
		"\"earned\":[{\"unit\":\"points\",\"points\":2,\"rule\":\"base\"},{\"unit\":\"coffee\",\"points\":1,"
		"\"rule\":\"stamps\"}],"
		"\"spent\":[]");
	kit_free(c);
}

static void test_commit_reply_rest(void **state)
{
	struct palier_ctx *c = kit_new(plugins, TWO_UNITS);
	struct palier_id member = kit_member(1);

	(void)state;
	kit_sale(c, &member, "T1", &coffee, 1);
	kit_sale(c, &member, "T2", &cake, 1);
	assert_string_equal(kit_reply(c, PALIER_REPLY_COMMIT),
		"\"earned\":[{\"unit\":\"points\",\"points\":4,\"rule\":\"base\"}],"
		"\"spent\":[],\"balances\":{\"points\":6,\"coffee\":1}");
	kit_free(c);
}

static void test_quote_reply(void **state)
{
	struct palier_ctx *c = kit_new(plugins, TWO_UNITS);
	struct palier_id member = kit_member(1);

	(void)state;
	kit_sale(c, &member, NULL, &cake, 1);
	assert_string_equal(kit_reply(c, PALIER_REPLY_QUOTE),
		"\"earn\":[{\"unit\":\"points\",\"points\":4,\"rule\":\"base\"}],\"spend\":[]");
	assert_string_equal(kit_lookup(c, member),
		"\"balances\":{\"points\":0,\"coffee\":0},\"held\":{\"points\":0,\"coffee\":0},"
		"\"pending\":{\"points\":0,\"coffee\":0},\"expiring\":[]");
	kit_free(c);
}

static int spend(struct palier_ctx *c, void *who)
{
	const struct given *g = who;
	struct points_move m = points_move_of(g->member, g->unit, POINTS_SPEND, g->points);

	PALIER_SET(&m, points_move, reward, PALIER_LIT("five-off"));
	return points_move(c, &m);
}

static void test_spent_reply(void **state)
{
	struct palier_ctx *c = kit_new(plugins, TWO_UNITS);
	struct given g = { PALIER_LIT("points"), -3, kit_member(1) };

	(void)state;
	kit_sale(c, &g.member, "T1", &cake, 1);
	assert_int_equal(kit_decide(c, g.member, spend, &g), PALIER_OK);
	assert_string_equal(kit_reply(c, PALIER_REPLY_COMMIT), "\"earned\":[],\"spent\":[{\"unit\":\"points\",\"points\":3,"
							       "\"reward\":\"five-off\"}],\"balances\":{\"points\":1}");
	assert_int_equal(kit_decide(c, g.member, spend, &g), PALIER_EINSUFFICIENT_POINTS);
	kit_free(c);
}

/* Whoever has locked spending earns, and what has happened is booked. */
static void test_locked_spending(void **state)
{
	struct palier_ctx *c = kit_new(plugins, TWO_UNITS);
	struct given g = { PALIER_LIT("points"), -3, kit_member(1) };

	(void)state;
	kit_frozen(c, true);
	kit_sale(c, &g.member, "T1", &cake, 1);
	assert_int_equal(kit_decide(c, g.member, spend, &g), PALIER_EMEMBER_FROZEN);
	kit_offline(c, true);
	assert_int_equal(kit_decide(c, g.member, spend, &g), PALIER_OK);
	kit_offline(c, false);
	kit_frozen(c, false);
	g.points = -1;
	assert_int_equal(kit_decide(c, g.member, spend, &g), PALIER_OK);
	kit_free(c);
}

/* Two members in one event: a reply speaks of the event's own. */
static int grant_other(struct palier_ctx *c, void *who)
{
	const struct given *g = who;
	int err = points_grant(c, g->member, g->unit, g->points);

	return err == PALIER_OK ? points_grant(c, kit_member(2), g->unit, 99) : err;
}

static void test_others_reply(void **state)
{
	struct palier_ctx *c = kit_new(plugins, TWO_UNITS);
	struct given g = { PALIER_LIT("points"), 3, kit_member(1) };

	(void)state;
	assert_int_equal(kit_decide(c, g.member, grant_other, &g), PALIER_OK);
	assert_string_equal(kit_reply(c, PALIER_REPLY_COMMIT), "\"earned\":[],\"spent\":[],\"balances\":{\"points\":3}");
	assert_true(kit_same(c));
	kit_free(c);
}

static void test_adjust_reply(void **state)
{
	struct palier_ctx *c = kit_new(plugins, TWO_UNITS);

	(void)state;
	assert_int_equal(adjust(c, kit_member(1), "coffee", 7), PALIER_OK);
	assert_string_equal(kit_result(c), "\"balances\":{\"coffee\":7,\"points\":0}");
	kit_free(c);
}

static void test_unit_numbers(void **state)
{
	struct palier_ctx *c = kit_new(plugins, TWO_UNITS);
	const struct palier_event *ev = kit_event(c);
	struct palier_id member = kit_member(1);

	(void)state;
	kit_sale(c, &member, "T1", &coffee, 1);
	assert_int_equal(ev->effect_count, 4);
	assert_string_equal(ev->effects[0].kind->name, "points.unit");
	assert_string_equal(ev->effects[1].kind->name, "points.move");
	assert_string_equal(ev->effects[2].kind->name, "points.unit");
	kit_sale(c, &member, "T2", &coffee, 1);
	assert_int_equal(ev->effect_count, 2);
	kit_free(c);
}

#define ENTRY(seq, at, unit, points, balance, sale, expires) \
	"{\"seq\":" seq ",\"at\":\"" at "\",\"kind\":\"earn\",\"unit\":\"" unit "\",\"points\":" points \
	",\"balance\":" balance ",\"sale\":\"" sale "\"" expires "}"
#define POINTS_1     ENTRY("1", "2026-11-21T11:00:00.000Z", "points", "2", "2", "T1", ",\"expires\":\"2027-11-21\"")
#define COFFEE_1     ENTRY("1", "2026-11-21T11:00:00.000Z", "coffee", "1", "1", "T1", "")
#define POINTS_2     ENTRY("2", "2026-11-21T11:00:00.000Z", "points", "4", "6", "T2", ",\"expires\":\"2027-11-21\"")
#define POINTS_3     ENTRY("3", "2026-11-21T11:00:00.000Z", "points", "2", "8", "T3", ",\"expires\":\"2027-11-21\"")
#define COFFEE_3     ENTRY("3", "2026-11-21T11:00:00.000Z", "coffee", "1", "2", "T3", "")
#define ENTRIES(...) "{\"entries\":[" __VA_ARGS__ "]}"

static const struct page {
	const char *name, *unit;
	int64_t limit, before;
	const char *answer;
} pages[] = {
	{ "a history is newest first, and each balance is the one after", NULL, 0, 0,
		ENTRIES(COFFEE_3 "," POINTS_3 "," POINTS_2 "," COFFEE_1 "," POINTS_1) },
	{ "a history may be of one unit", "coffee", 0, 0, ENTRIES(COFFEE_3 "," COFFEE_1) },
	{ "a page has at most so many entries", NULL, 3, 0, ENTRIES(COFFEE_3 "," POINTS_3 "," POINTS_2) },
	{ "a page does not tear an event apart", NULL, 4, 0, ENTRIES(COFFEE_3 "," POINTS_3 "," POINTS_2) },
	{ "an event of more than a page is given whole", NULL, 1, 0, ENTRIES(COFFEE_3 "," POINTS_3) },
	{ "the next page begins before a seq", NULL, 0, 2, ENTRIES(COFFEE_1 "," POINTS_1) },
	{ "before the first event there is nothing", NULL, 0, 1, ENTRIES("") },
	{ "the history of an unknown unit is refused", "tea", 0, 0, "unit: no unit is called tea" },
};

#define PAGES (sizeof(pages) / sizeof(*pages))

static void test_page(void **state)
{
	const struct page *t = *state;
	struct palier_ctx *c = kit_new(plugins, TWO_UNITS);
	struct palier_id member = kit_member(1), other = kit_member(2);
	struct balance_history p = { 0 };

	kit_sale(c, &member, "T1", &coffee, 1);
	kit_sale(c, &member, "T2", &cake, 1);
	kit_sale(c, &member, "T3", &coffee, 1);
	kit_sale(c, &other, "T4", &coffee, 1);
	PALIER_SET(&p, balance_history, member, member);
	if (t->unit)
		PALIER_SET(&p, balance_history, unit, palier_str(t->unit));
	if (t->limit)
		PALIER_SET(&p, balance_history, limit, t->limit);
	if (t->before)
		PALIER_SET(&p, balance_history, before, t->before);
	assert_string_equal(kit_answer(c, &method_balance_history, &p), t->answer);
	kit_free(c);
}

static void test_history_gone_unit(void **state)
{
	struct palier_ctx *c = kit_new(plugins, TWO_UNITS);
	struct palier_id member = kit_member(1);
	struct balance_history p = { 0 };

	(void)state;
	kit_sale(c, &member, "T1", &coffee, 1);
	kit_reconfigure(c, "");
	PALIER_SET(&p, balance_history, member, member);
	PALIER_SET(&p, balance_history, unit, PALIER_LIT("coffee"));
	assert_string_equal(kit_answer(c, &method_balance_history, &p), ENTRIES(COFFEE_1));
	kit_free(c);
}

/* --- palier check --- */

/* How many rows a table of points has. */
static int rows(struct palier_ctx *c, unsigned table)
{
	struct palier_key all = { 0 };
	struct palier_cursor *cur = palier_seek(kit_tables(c, 0), table, &all);
	struct palier_bytes k, v;
	int n = 0;

	while (palier_next(cur, &k, &v) == PALIER_OK)
		n++;
	return n;
}

/* The closing row of a lot's expiry is written also when nothing is left. */
static void test_empty_lots(void **state)
{
	struct palier_ctx *c = kit_new(plugins, TWO_UNITS);

	(void)state;
	adjust(c, kit_member(1), "points", 5);
	adjust(c, kit_member(1), "coffee", 5);
	assert_int_equal(rows(c, 1), 2);
	adjust(c, kit_member(1), "points", -5);
	assert_int_equal(rows(c, 1), 2);
	adjust(c, kit_member(1), "coffee", -5);
	assert_int_equal(rows(c, 1), 1);
	kit_free(c);
}

static void test_check_lot(void **state)
{
	struct palier_ctx *c = kit_new(plugins, TWO_UNITS);
	struct palier_key all = { 0 }, key = { 0 };
	struct palier_id member = kit_member(1);
	struct palier_bytes k, v;

	(void)state;
	kit_sale(c, &member, "T1", &coffee, 1);
	assert_int_equal(palier_next(palier_seek(kit_tables(c, 0), 1, &all), &k, &v), PALIER_OK);
	palier_key_raw(&key, k.at, k.len);
	palier_del(kit_tables(c, 0), 1, &key);
	assert_string_equal(kit_check(c), "a balance is not the sum of its lots");
	kit_free(c);
}

static void test_check_balance(void **state)
{
	struct palier_ctx *c = kit_new(plugins, TWO_UNITS);
	struct palier_key all = { 0 }, key = { 0 };
	struct palier_id member = kit_member(1);
	struct palier_bytes k, v;

	(void)state;
	kit_sale(c, &member, "T1", &coffee, 1);
	assert_int_equal(palier_next(palier_seek(kit_tables(c, 0), 0, &all), &k, &v), PALIER_OK);
	palier_key_raw(&key, k.at, k.len);
	palier_del(kit_tables(c, 0), 0, &key);
	assert_string_equal(kit_check(c), "there are lots that belong to no balance");
	kit_free(c);
}

/* The sums of all moves, as their table has them. */
static void test_check_total(void **state)
{
	struct palier_ctx *c = kit_new(plugins, TWO_UNITS);
	struct palier_key all = { 0 }, key = { 0 };
	struct palier_id member = kit_member(1);
	struct palier_bytes k, v;

	(void)state;
	kit_sale(c, &member, "T1", &coffee, 1);
	assert_int_equal(palier_next(palier_seek(kit_tables(c, 0), 5, &all), &k, &v), PALIER_OK);
	palier_key_raw(&key, k.at, k.len);
	palier_del(kit_tables(c, 0), 5, &key);
	assert_string_equal(kit_check(c), "the balances are not the sum of all moves");
	kit_free(c);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		{ "a commit says what was earned and the balances after", test_commit_reply, NULL, NULL, NULL },
		{ "a commit says the balances of units that did not move, too", test_commit_reply_rest, NULL, NULL, NULL },
		{ "a quote says what would be earned and leaves nothing behind", test_quote_reply, NULL, NULL, NULL },
		{ "a commit says what was spent, without sign, and on what", test_spent_reply, NULL, NULL, NULL },
		{ "who has locked spending cannot spend, but what has happened is booked", test_locked_spending, NULL, NULL,
			NULL },
		{ "a reply leaves out what others got by the same event", test_others_reply, NULL, NULL, NULL },
		{ "an adjustment answers all balances", test_adjust_reply, NULL, NULL, NULL },
		{ "a unit gets its number by the first event that moves it", test_unit_numbers, NULL, NULL, NULL },
		{ "a unit taken out of the configuration keeps its history", test_history_gone_unit, NULL, NULL, NULL },
		{ "an empty lot stays until its expiry, and goes when it has none", test_empty_lots, NULL, NULL, NULL },
		{ "the check finds a lost lot", test_check_lot, NULL, NULL, NULL },
		{ "the check finds a lost balance", test_check_balance, NULL, NULL, NULL },
		{ "the check finds lost sums", test_check_total, NULL, NULL, NULL },
	};
	struct CMUnitTest tests[STORIES + REFUSALS + PAGES + sizeof(single) / sizeof(*single)];
	size_t n = 0;

	for (size_t i = 0; i < STORIES; i++)
		tests[n++] = (struct CMUnitTest){ stories[i].name, test_story, NULL, NULL, (void *)(uintptr_t)&stories[i] };
	for (size_t i = 0; i < REFUSALS; i++)
		tests[n++] =
			(struct CMUnitTest){ refusals[i].name, test_refusal, NULL, NULL, (void *)(uintptr_t)&refusals[i] };
	for (size_t i = 0; i < PAGES; i++)
		tests[n++] = (struct CMUnitTest){ pages[i].name, test_page, NULL, NULL, (void *)(uintptr_t)&pages[i] };
	for (size_t i = 0; i < sizeof(single) / sizeof(*single); i++)
		tests[n++] = single[i];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
