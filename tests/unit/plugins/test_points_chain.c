/* SPDX-License-Identifier: Apache-2.0 */
/* Many stores, one member: rules.md "Several stores", as one store of them does it. A row is a story told in steps. */
#include "tests/unit/plugins/kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "plugins/points.h"

extern const struct palier_plugin palier_plugin_points;
static const struct palier_plugin *const plugins[] = { &palier_plugin_points, NULL };

#define USUAL \
	"points { unit points { expires = \"12 months\" }  unit credit { kind = money }\n" \
	"earn base { unit = points  per = \"1.00\" } }"
#define STEPS 20

/* BUY: a sale of n euros. HOME: the member is at home in `text`. GRANT: n points by the source `text`. TAKE: n points. SPEND, RETURN (a
 * reversal), ADJUST: n points. FORMER: whoever is merged into the member is at home in `text`. HOLD: n points by the hold `text`. CLOSE: the day n ends. ROAM: the shop's roaming-credit is n. SEE: the
 * balance is n. SPENDABLE: n. AFTER: the last step's move says so of the balance. DID: the last step's effects of this plugin, ALERTS: and its alerts, are `text`. NO: the last step was
 * refused for n; every other must not be. */
enum step_kind {
	END,
	AT,
	BUY,
	HOME,
	GRANT,
	TAKE,
	SPEND,
	RETURN,
	ADJUST,
	HOLD,
	OFFLINE,
	CLOSE,
	ROAM,
	MERGE,
	FORMER,
	ERASE,
	SEE,
	SPENDABLE,
	DID,
	ALERTS,
	AFTER,
	NO
};

struct step {
	enum step_kind kind;
	int64_t n;
	const char *text;
};

static const struct story {
	const char *name, *config;
	struct step steps[STEPS];
} stories[] = {
	{ "who is at home here keeps what is earned here", USUAL,
		{ { BUY, 100, NULL }, { CLOSE, 20261121, NULL }, { SEE, 100, NULL }, { HOME, 0, "shop" },
			{ CLOSE, 20261122, NULL }, { SEE, 100, NULL } } },
	{ "after a close a store gives up what members of elsewhere have, a row a lot", USUAL,
		{ { HOME, 0, "lyon" }, { BUY, 100, NULL }, { AT, 0, "2026-11-22T12:00:00+01:00" }, { BUY, 7, NULL },
			{ SEE, 107, NULL }, { CLOSE, 20261122, NULL },
			{ DID, 0, "move give -107, given 100 until 20271121 to lyon, given 7 until 20271122 to lyon" },
			{ SEE, 0, NULL }, { CLOSE, 20261123, NULL }, { SEE, 0, NULL } } },
	{ "what never lapses is given so", "points { unit points {}  earn base { unit = points  per = \"1.00\" } }",
		{ { HOME, 0, "lyon" }, { BUY, 5, NULL }, { CLOSE, 20261121, NULL },
			{ DID, 0, "move give -5, given 5 to lyon" } } },
	{ "what is held stays until it is free", USUAL,
		{ { HOME, 0, "lyon" }, { BUY, 100, NULL }, { HOLD, 30, "h" }, { CLOSE, 20261121, NULL }, { SEE, 30, NULL },
			{ AT, 0, "2026-11-22T12:00:00+01:00" }, { CLOSE, 20261122, NULL }, { SEE, 0, NULL } } },
	{ "what is pending waits", "points { unit points { pending = 2 }  earn base { unit = points  per = \"1.00\" } }",
		{ { HOME, 0, "lyon" }, { BUY, 10, NULL }, { CLOSE, 20261122, NULL }, { SEE, 10, NULL },
			{ CLOSE, 20261123, NULL }, { SEE, 0, NULL } } },
	{ "what has lapsed is not given", USUAL,
		{ { HOME, 0, "lyon" }, { BUY, 10, NULL }, { AT, 0, "2027-11-22T12:00:00+01:00" }, { CLOSE, 20271121, NULL },
			{ DID, 0, "move expire -10" }, { SEE, 0, NULL } } },
	{ "a negative balance stays where it is", USUAL,
		{ { HOME, 0, "lyon" }, { BUY, 10, NULL }, { CLOSE, 20261121, NULL }, { RETURN, -10, NULL },
			{ SEE, -10, NULL }, { CLOSE, 20261122, NULL }, { SEE, -10, NULL } } },
	{ "who is at home here again keeps it", USUAL,
		{ { HOME, 0, "lyon" }, { HOME, 0, "shop" }, { BUY, 10, NULL }, { CLOSE, 20261121, NULL },
			{ SEE, 10, NULL } } },

	{ "a grant is a credit", USUAL,
		{ { GRANT, 70, "lyon/1/0" }, { DID, 0, "move grant 70 until 20261231, granted 70 of lyon/1/0" },
			{ SEE, 70, NULL }, { SPENDABLE, 70, NULL }, { SPEND, 70, NULL } } },
	{ "a source is granted once", USUAL,
		{ { GRANT, 70, "lyon/1/0" }, { GRANT, 70, "lyon/1/0" }, { DID, 0, "repeated 70 of lyon/1/0" },
			{ GRANT, 5, "lyon/1/1" }, { SEE, 75, NULL } } },
	{ "a grant fills a negative balance", USUAL,
		{ { BUY, 10, NULL }, { SPEND, 10, NULL }, { RETURN, -10, NULL }, { GRANT, 4, "lyon/1/0" }, { SEE, -6, NULL },
			{ GRANT, 10, "lyon/1/1" }, { SEE, 4, NULL }, { SPEND, 4, NULL } } },
	{ "a grant that has lapsed on its way lapses", USUAL,
		{ { AT, 0, "2027-01-01T00:00:00+01:00" }, { GRANT, 70, "lyon/1/0" }, { AFTER, 0, NULL }, { SEE, 0, NULL },
			{ CLOSE, 20261231, NULL }, { DID, 0, "move expire -70" } } },
	{ "a grant of a unit that this store has not is refused", "points { unit coffee {} }",
		{ { GRANT, 70, "lyon/1/0" }, { NO, PALIER_EUNIT_UNKNOWN, NULL } } },

	{ "the office takes what there is", USUAL,
		{ { BUY, 100, NULL }, { TAKE, 30, NULL },
			{ DID, 0, "move give -30, given 30 until 20271121, taken 30 of 30" }, { SEE, 70, NULL },
			{ TAKE, 100, NULL }, { DID, 0, "move give -70, given 70 until 20271121, taken 70 of 100" },
			{ TAKE, 5, NULL }, { DID, 0, "taken 0 of 5" }, { SEE, 0, NULL } } },
	{ "nor what has lapsed, though it is not booked yet", USUAL,
		{ { BUY, 100, NULL }, { AT, 0, "2027-11-22T12:00:00+01:00" }, { TAKE, 30, NULL },
			{ DID, 0, "taken 0 of 30" } } },
	{ "the office takes neither what is held nor what is pending",
		"points { unit points { pending = 2 }  earn base { unit = points  per = \"1.00\" } }",
		{ { BUY, 100, NULL }, { TAKE, 30, NULL }, { SEE, 100, NULL }, { AT, 0, "2026-11-23T12:00:00+01:00" },
			{ HOLD, 90, "h" }, { TAKE, 30, NULL }, { SEE, 90, NULL } } },

	{ "nobody spends beyond what there is", USUAL,
		{ { ROAM, 20, NULL }, { BUY, 10, NULL }, { SPEND, 11, NULL }, { NO, PALIER_EINSUFFICIENT_POINTS, NULL } } },
	{ "without roaming credit members of elsewhere do not either", USUAL,
		{ { HOME, 0, "lyon" }, { SPEND, 1, NULL }, { NO, PALIER_EINSUFFICIENT_POINTS, NULL } } },
	{ "with it they spend so much a day before a grant arrives, and no more", USUAL,
		{ { HOME, 0, "lyon" }, { ROAM, 20, NULL }, { SPENDABLE, 20, NULL }, { SPEND, 21, NULL },
			{ NO, PALIER_EINSUFFICIENT_POINTS, NULL }, { SPEND, 15, NULL }, { ALERTS, 0, "shortfall points 15" },
			{ DID, 0, "roamed 15, move spend -15" }, { SEE, -15, NULL }, { SPENDABLE, 5, NULL },
			{ SPEND, 6, NULL }, { NO, PALIER_EINSUFFICIENT_POINTS, NULL }, { SPEND, 5, NULL },
			{ SEE, -20, NULL }, { AT, 0, "2026-11-22T00:00:00+01:00" }, { SPEND, 20, NULL },
			{ GRANT, 50, "lyon/1/0" }, { SEE, 10, NULL } } },
	{ "what there is comes first", USUAL,
		{ { HOME, 0, "lyon" }, { ROAM, 20, NULL }, { BUY, 10, NULL }, { SPEND, 25, NULL },
			{ DID, 0, "roamed 15, move spend -25" }, { SEE, -15, NULL } } },
	{ "an adjustment does not roam", USUAL,
		{ { HOME, 0, "lyon" }, { ROAM, 20, NULL }, { ADJUST, -5, NULL },
			{ NO, PALIER_EINSUFFICIENT_POINTS, NULL } } },
	{ "nor does a hold", USUAL,
		{ { HOME, 0, "lyon" }, { ROAM, 20, NULL }, { HOLD, 5, "h" }, { NO, PALIER_EINSUFFICIENT_POINTS, NULL } } },
	{ "what happened offline stands outside", USUAL,
		{ { HOME, 0, "lyon" }, { ROAM, 20, NULL }, { OFFLINE, 1, NULL }, { SPEND, 50, NULL },
			{ DID, 0, "move spend -50" }, { OFFLINE, 0, NULL }, { SPENDABLE, 20, NULL } } },

	{ "who is merged is at home where the other is", USUAL,
		{ { HOME, 0, "lyon" }, { BUY, 10, NULL }, { MERGE, 2, NULL }, { CLOSE, 20261121, NULL },
			{ SEE, 10, NULL } } },
	{ "what is said of somebody who is merged here says nothing of the other", USUAL,
		{ { MERGE, 2, NULL }, { FORMER, 0, "lyon" }, { BUY, 10, NULL }, { CLOSE, 20261121, NULL },
			{ SEE, 10, NULL } } },
	{ "who is erased is at home nowhere", USUAL,
		{ { HOME, 0, "lyon" }, { BUY, 10, NULL }, { ERASE, 0, NULL }, { DID, 0, "home shop, move expire -10" },
			{ GRANT, 5, "lyon/1/0" }, { ALERTS, 0, "member_erased points 5" }, { TAKE, 5, NULL },
			{ DID, 0, "" } } },
};

/* --- what an event did --- */

/* The plugin's effects, told shortly. Messages of other kinds are laid out likewise, so that their text is read. */
static const char *effects_told(struct palier_ctx *c)
{
	const struct palier_event *ev = kit_event(c);
	struct palier_arena *a = palier_arena(c);
	const char *all = "";

	for (uint32_t i = 0; i < ev->effect_count; i++) {
		const struct palier_effect *e = &ev->effects[i];
		struct palier_buffer text = { 0 };
		struct palier_json w = palier_json_to(&text);
		struct json_token tokens[256];
		struct json_doc d = { .tokens = tokens, .capacity = 256 };
		const char *told = "";
		int64_t n = 0, asked = 0, until = 0;
		struct palier_bytes word = { NULL, 0 };

		if (strncmp(e->kind->name, "points.", 7) != 0 || strcmp(e->kind->name, "points.unit") == 0 ||
			strcmp(e->kind->name, "points.freed") == 0 || strcmp(e->kind->name, "points.balances") == 0)
			continue;
		schema_encode(e->kind->schema, SCHEMA_LEDGER, e->body, &w);
		assert_int_equal(json_parse(&d, palier_copy(a, palier_buffer_bytes(&text)), JSON_DEPTH_MAX), PALIER_OK);
		palier_buffer_deinit(&text);
		json_integer(&d, json_member(&d, 0, "points"), &n);
		told = palier_format(a, "%s", e->kind->name + 7);
		if (json_member(&d, 0, "cause")) {
			word = json_string(&d, json_member(&d, 0, "cause"), a);
			told = palier_format(a, "%s %.*s", told, PALIER_ARG(word));
		}
		if (json_member(&d, 0, "home")) {
			word = json_string(&d, json_member(&d, 0, "home"), a);
			told = palier_format(a, "%s %.*s", told, PALIER_ARG(word));
		} else {
			told = palier_format(a, "%s %lld", told, (long long)n);
		}
		if (json_member(&d, 0, "asked") && json_integer(&d, json_member(&d, 0, "asked"), &asked))
			told = palier_format(a, "%s of %lld", told, (long long)asked);
		if (json_member(&d, 0, "source")) {
			word = json_string(&d, json_member(&d, 0, "source"), a);
			told = palier_format(a, "%s of %.*s", told, PALIER_ARG(word));
		}
		if (strcmp(e->kind->name, "points.given") == 0 && json_member(&d, 0, "expires")) {
			assert_true(time_parse(json_string(&d, json_member(&d, 0, "expires"), a), &until));
			told = palier_format(a, "%s until %u", told, zone_day(until - 1));
		}
		if (n > 0 && strcmp(e->kind->name, "points.move") == 0 && json_member(&d, 0, "expires")) {
			uint32_t day = 0;

			assert_true(day_parse(json_string(&d, json_member(&d, 0, "expires"), a), &day));
			told = palier_format(a, "%s until %u", told, day);
		}
		if (json_member(&d, 0, "to")) {
			word = json_string(&d, json_member(&d, 0, "to"), a);
			told = palier_format(a, "%s to %.*s", told, PALIER_ARG(word));
		}
		all = palier_format(a, "%s%s%s", all, *all ? ", " : "", told);
	}
	return all;
}

/* --- steps --- */

struct move {
	struct palier_id member;
	enum points_cause cause;
	int64_t points;
};

static int moves(struct palier_ctx *c, void *who)
{
	const struct move *w = who;
	struct points_move m = points_move_of(w->member, PALIER_LIT("points"), w->cause, w->points);

	return points_move(c, &m);
}

static int moved(struct palier_ctx *c, struct palier_id member, enum points_cause cause, int64_t points)
{
	struct move m = { member, cause, points };

	return kit_decide(c, member, moves, &m);
}

static int orders(struct palier_ctx *c, struct palier_id member, const char *order, const struct step *s)
{
	struct office_order o = { 0 };

	PALIER_SET(&o, office_order, order, palier_str(order));
	PALIER_SET(&o, office_order, member, member);
	if (s->kind == HOME || s->kind == FORMER) {
		PALIER_SET(&o, office_order, home, palier_str(s->text));
		return kit_order(c, &o);
	}
	PALIER_SET(&o, office_order, unit, PALIER_LIT("points"));
	PALIER_SET(&o, office_order, points, s->n);
	if (s->kind == GRANT) {
		PALIER_SET(&o, office_order, source, palier_str(s->text));
		PALIER_SET(&o, office_order, expires, zone_midnight(20270101));
	}
	return kit_order(c, &o);
}

static int64_t spendable(struct palier_ctx *c, struct palier_id member)
{
	int64_t points = -1;

	assert_int_equal(palier_plugin_points.spendable(c, member, "points", &points), PALIER_OK);
	return points;
}

static struct palier_id former; /* whom the last merge merged */

static int step_run(struct palier_ctx *c, struct palier_id *member, const struct step *s)
{
	switch (s->kind) {
	case AT:
		kit_clock(c, s->text);
		return PALIER_OK;
	case BUY:
		return kit_sale(c, member, "T1", &(struct kit_line){ .amount = s->n * 100 }, 1);
	case HOME:
		return orders(c, *member, "home", s);
	case FORMER:
		return orders(c, former, "home", s);
	case GRANT:
		return orders(c, *member, "grant", s);
	case TAKE:
		return orders(c, *member, "take", s);
	case SPEND:
		return moved(c, *member, POINTS_SPEND, -s->n);
	case RETURN:
		return moved(c, *member, POINTS_REVERSE, s->n);
	case ADJUST:
		return moved(c, *member, POINTS_ADJUST, s->n);
	case HOLD:
		return kit_hold(c, *member, s->text, NULL, "points", s->n, 3600);
	case OFFLINE:
		kit_offline(c, s->n != 0);
		return PALIER_OK;
	case CLOSE:
		kit_close(c, (uint32_t)s->n, day_add((uint32_t)s->n, 1));
		return PALIER_OK;
	case ROAM:
		kit_roaming(c, s->n);
		return PALIER_OK;
	case MERGE: {
		former = *member;
		*member = kit_member((unsigned)s->n);
		return kit_merge(c, former, *member);
	}
	case ERASE:
		return kit_erase(c, *member);
	case SEE: {
		const char *view = kit_lookup(c, *member);
		const char *want = palier_format(palier_arena(c), "\"balances\":{\"points\":%lld", (long long)s->n);

		if (!strstr(view, want))
			fail_msg("%s in %s", want, view);
		return PALIER_OK;
	}
	case SPENDABLE:
		assert_int_equal(spendable(c, *member), s->n);
		return PALIER_OK;
	case DID:
		assert_string_equal(effects_told(c), s->text);
		return PALIER_OK;
	case ALERTS:
		assert_string_equal(kit_alerts(c), s->text);
		return PALIER_OK;
	case AFTER: {
		const struct palier_event *ev = kit_event(c);
		const struct points_move *m = NULL;

		for (uint32_t i = 0; i < ev->effect_count; i++)
			if (strcmp(ev->effects[i].kind->name, "points.move") == 0)
				m = ev->effects[i].body;
		assert_non_null(m);
		assert_int_equal(m->balance, s->n);
		return PALIER_OK;
	}
	case NO:
	case END:
		break;
	}
	return PALIER_OK;
}

static void test_story(void **state)
{
	const struct story *t = *state;
	struct palier_ctx *c = kit_new(plugins, t->config);
	struct palier_id member = kit_member(1);

	kit_clock(c, "2026-11-21T12:00:00+01:00");
	for (const struct step *s = t->steps; s < t->steps + STEPS && s->kind != END; s++) {
		int err = step_run(c, &member, s);
		bool refused = s < t->steps + STEPS - 1 && s[1].kind == NO;

		assert_int_equal(err, refused ? (int)s[1].n : PALIER_OK);
		assert_true(kit_same(c));
		assert_string_equal(kit_check(c), "");
	}
	kit_free(c);
}

static void test_totals(void **state)
{
	struct palier_ctx *c = kit_new(plugins, USUAL);
	struct palier_id member = kit_member(1);

	(void)state;
	kit_clock(c, "2026-11-21T12:00:00+01:00");
	assert_int_equal(orders(c, member, "grant", &(struct step){ GRANT, 70, "lyon/1/0" }), PALIER_OK);
	assert_string_equal(kit_totals(c, false), "\"units\":{\"points\":{\"grant\":70,\"granted\":70,\"outstanding\":70}}");
	assert_int_equal(orders(c, member, "take", &(struct step){ TAKE, 20, NULL }), PALIER_OK);
	assert_string_equal(kit_totals(c, false),
		"\"units\":{\"points\":{\"grant\":70,\"given\":-20,\"granted\":70,\"outstanding\":50}}");
	kit_close(c, 20261121, 20261122);
	assert_string_equal(kit_totals(c, false), "\"units\":{\"points\":{\"outstanding\":50}}");
	assert_string_equal(kit_totals(c, true),
		"\"units\":{\"points\":{\"grant\":70,\"given\":-20,\"granted\":70,\"outstanding\":50}}");
	kit_free(c);
}

int main(void)
{
	struct CMUnitTest tests[sizeof(stories) / sizeof(*stories) + 1] = { { 0 } };
	size_t n = 0;

	for (; n < sizeof(stories) / sizeof(*stories); n++)
		tests[n] = (struct CMUnitTest){ stories[n].name, test_story, NULL, NULL, (void *)(uintptr_t)&stories[n] };
	tests[n] = (struct CMUnitTest){ "what is given and granted is in the totals", test_totals, NULL, NULL, NULL };
	return cmocka_run_group_tests_name("points_chain", tests, NULL, NULL);
}
