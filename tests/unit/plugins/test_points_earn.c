/* SPDX-License-Identifier: Apache-2.0 */
/* What a sale earns: rules.md "Earning" and its fine print, a row a sentence. */
#include "tests/unit/plugins/kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "plugins/points.h"

extern const struct palier_plugin palier_plugin_points;

/* Another plugin's multiplier, a tier's say. */
static int64_t tier_thousandths;
static int tier_asked;

static int tier_configure(struct palier_setup *s, cfg_t *section, const void **out)
{
	(void)s;
	(void)section;
	(void)out;
	return PALIER_OK;
}

static int tier_on_earn(struct palier_ctx *c, const struct palier_sale *s, const char *unit, int64_t *thousandths)
{
	(void)c;
	(void)s;
	tier_asked++;
	if (tier_thousandths > 0 && strcmp(unit, "points") == 0)
		*thousandths = tier_thousandths;
	return PALIER_OK;
}

static const struct palier_plugin tier_plugin = { .abi = PALIER_PLUGIN_ABI,
	.name = "tiers",
	.configure = tier_configure,
	.on_earn = tier_on_earn };
static const struct palier_plugin *const plugins[] = { &palier_plugin_points, &tier_plugin, NULL };

#define UNIT       "unit points {}\n"
#define CREDIT     "unit credit { kind = money }\n"
#define BASE       "earn base { unit = points  per = \"1.00\" }\n"
#define HALF_BASE  "earn half { unit = points  per = \"2.00\" }\n"
#define DOUBLE     "earn double { unit = points  multiplier = \"2\" }\n"
#define STAMPS     "unit coffee {}\nearn stamps { unit = coffee  per-item = 1  when { category = {\"coffee\"} } }\n"
#define NOON       "2026-11-21T12:00:00+01:00" /* a Saturday */
#define LINES(...) .lines = { __VA_ARGS__ }

struct earn_case {
	const char *name;
	const char *config;
	struct kit_line lines[3];
	const char *earned; /* "unit points rule", by ", " */
	const char *at;     /* NULL: noon */
	int64_t tier;       /* thousandths */
};

static const struct earn_case cases[] = {
	{ "a sale earns one point per whole euro", UNIT BASE, LINES({ .amount = 12345 }), "points 123 base" },
	{ "a sale under one euro earns nothing", UNIT BASE, LINES({ .amount = 99 }), "" },
	{ "a free sale earns nothing", UNIT BASE, LINES({ .amount = 0 }), "" },
	{ "points per amount are floor(base / per) times points",
		UNIT "earn base { unit = points  per = \"1.00\"  points = 3 }", LINES({ .amount = 1999 }),
		"points 57 base" },
	{ "a foreign discount lowers what is earned", UNIT BASE, LINES({ .amount = 10000, .foreign = 1000 }),
		"points 90 base" },
	{ "our own discount lowers what is earned", UNIT BASE, LINES({ .amount = 10000, .ours = 1000 }), "points 90 base" },
	{ "what is bought with points earns", UNIT BASE, LINES({ .amount = 10000, .ours = 1000, .redeemed = 1000 }),
		"points 100 base" },
	{ "only the redeemed part of our discounts earns", UNIT BASE,
		LINES({ .amount = 10000, .ours = 3000, .redeemed = 1000 }), "points 80 base" },
	{ "what is bought with points earns nothing where the unit says so",
		"unit points { earn-on-redeemed = false }\n" BASE,
		LINES({ .amount = 10000, .ours = 1000, .redeemed = 1000 }), "points 90 base" },
	{ "earn-on-redeemed is that of the unit earned",
		UNIT BASE "unit b { earn-on-redeemed = false }\nearn b { unit = b  per = \"1.00\" }",
		LINES({ .amount = 10000, .ours = 1000, .redeemed = 1000 }), "points 100 base, b 90 b" },
	{ "a protected part earns nothing", UNIT BASE, LINES({ .amount = 10000, .exempt = 2500 }), "points 75 base" },
	{ "a gift card earns nothing", UNIT CREDIT BASE,
		LINES({ .amount = 1000 }, { .amount = 5000, .kind = LINE_GIFT_CARD, .unit = "credit", .card = "g8" }),
		"points 10 base" },
	{ "a top-up earns nothing", UNIT CREDIT BASE,
		LINES({ .amount = 1000 }, { .amount = 5000, .kind = LINE_TOPUP, .unit = "credit" }), "points 10 base" },
	{ "a tip earns nothing", UNIT BASE, LINES({ .amount = 1000 }, { .amount = 500, .kind = LINE_TIP }),
		"points 10 base" },
	{ "a deposit earns nothing", UNIT BASE, LINES({ .amount = 1000 }, { .amount = 300, .kind = LINE_DEPOSIT }),
		"points 10 base" },
	{ "bottles brought back lower nothing", UNIT BASE,
		LINES({ .amount = 1000 }, { .amount = -300, .kind = LINE_DEPOSIT }), "points 10 base" },
	{ "a rule is floored once, on the sum of its lines", UNIT BASE, LINES({ .amount = 50 }, { .amount = 50 }),
		"points 1 base" },
	{ "rules are floored each, then added", UNIT BASE HALF_BASE, LINES({ .amount = 1999 }), "points 28 base+half" },
	{ "a rule that comes to nothing is not named", UNIT BASE HALF_BASE, LINES({ .amount = 150 }), "points 1 base" },

	{ "rounding floor cuts 28.5 to 28", UNIT BASE "earn m { unit = points  multiplier = \"1.5\" }",
		LINES({ .amount = 1999 }), "points 28 base+m" },
	{ "rounding nearest takes 28.5 to 29",
		"unit points { rounding = nearest }\n" BASE "earn m { unit = points  multiplier = \"1.5\" }",
		LINES({ .amount = 1999 }), "points 29 base+m" },
	{ "rounding nearest takes 28.49 to 28",
		"unit points { rounding = nearest }\n" BASE "earn m { unit = points  multiplier = \"1.499\" }",
		LINES({ .amount = 1999 }), "points 28 base+m" },
	{ "rounding up takes 28.5 to 29",
		"unit points { rounding = up }\n" BASE "earn m { unit = points  multiplier = \"1.5\" }",
		LINES({ .amount = 1999 }), "points 29 base+m" },
	{ "rounding up takes 19.019 to 20",
		"unit points { rounding = up }\n" BASE "earn m { unit = points  multiplier = \"1.001\" }",
		LINES({ .amount = 1999 }), "points 20 base+m" },
	{ "rounding up leaves a whole number", "unit points { rounding = up }\n" BASE DOUBLE, LINES({ .amount = 1999 }),
		"points 38 base+double" },

	{ "per-item counts pieces", UNIT "earn i { unit = points  per-item = 2 }",
		LINES({ .amount = 900, .quantity = 3000 }), "points 6 i" },
	{ "per-item counts a fractional quantity once", UNIT "earn i { unit = points  per-item = 2 }",
		LINES({ .amount = 900, .quantity = 2532 }), "points 2 i" },
	{ "per-item counts pieces given free", UNIT "earn i { unit = points  per-item = 1 }",
		LINES({ .amount = 300, .quantity = 2000, .ours = 300 }), "points 2 i" },
	{ "per-item counts only the lines of its condition", STAMPS,
		LINES({ .category = "coffee", .amount = 250, .quantity = 2000 }, { .category = "cake", .amount = 400 }),
		"coffee 2 stamps" },
	{ "per-visit counts once", UNIT "earn v { unit = points  per-visit = 5 }",
		LINES({ .amount = 100 }, { .amount = 200 }), "points 5 v" },
	{ "a mere top-up is no visit", UNIT CREDIT "earn v { unit = points  per-visit = 5 }",
		LINES({ .amount = 5000, .kind = LINE_TOPUP, .unit = "credit" }), "" },
	{ "a visit of too little spend earns nothing",
		UNIT "earn v { unit = points  per-visit = 5  when { spend-min = \"10.00\" } }", LINES({ .amount = 999 }),
		"" },
	{ "a minimum spend is inclusive", UNIT "earn v { unit = points  per-visit = 5  when { spend-min = \"10.00\" } }",
		LINES({ .amount = 1000 }), "points 5 v" },
	{ "a minimum spend counts after foreign discounts",
		UNIT "earn v { unit = points  per-visit = 5  when { spend-min = \"10.00\" } }",
		LINES({ .amount = 1050, .foreign = 51 }), "" },
	{ "a minimum spend counts the protected part",
		UNIT "earn v { unit = points  per-visit = 5  when { spend-min = \"10.00\" } }",
		LINES({ .amount = 1000, .exempt = 900 }), "points 5 v" },
	{ "a minimum spend counts the rule's own lines",
		UNIT "earn b { unit = points  per = \"1.00\"  when { category = {\"book\"}  spend-min = \"10.00\" } }",
		LINES({ .category = "book", .amount = 900 }, { .amount = 900 }), "" },
	{ "a rule of a category earns on its lines alone",
		UNIT "earn b { unit = points  per = \"1.00\"  when { category = {\"book\"} } }",
		LINES({ .category = "book", .amount = 900 }, { .amount = 900 }), "points 9 b" },
	{ "a ticket earns in each unit by its own rules", UNIT BASE STAMPS, LINES({ .category = "coffee", .amount = 250 }),
		"points 2 base, coffee 1 stamps" },

	{ "a multiplier multiplies the whole unit when one line matches",
		UNIT BASE "earn m { unit = points  multiplier = \"2\"  when { category = {\"book\"} } }",
		LINES({ .category = "book", .amount = 100 }, { .amount = 900 }), "points 20 base+m" },
	{ "a multiplier without a matching line multiplies nothing",
		UNIT BASE "earn m { unit = points  multiplier = \"2\"  when { category = {\"book\"} } }",
		LINES({ .amount = 1000 }), "points 10 base" },
	{ "a multiplier leaves other units alone", UNIT BASE DOUBLE STAMPS, LINES({ .category = "coffee", .amount = 250 }),
		"points 4 base+double, coffee 1 stamps" },
	{ "a multiplier alone earns nothing", UNIT DOUBLE, LINES({ .amount = 1000 }), "" },
	{ "several multipliers are multiplied before the one rounding",
		UNIT BASE "earn m { unit = points  multiplier = \"1.5\" }\nearn n { unit = points  multiplier = \"1.5\" }",
		LINES({ .amount = 500 }), "points 11 base+m+n" },
	{ "nine multipliers of three decimals are still exact",
		"unit points { rounding = up }\n" BASE
		"earn a { unit = points  multiplier = \"1.001\" }\nearn b { unit = points  multiplier = \"1.001\" }\n"
		"earn c { unit = points  multiplier = \"1.001\" }\nearn d { unit = points  multiplier = \"1.001\" }\n"
		"earn e { unit = points  multiplier = \"1.001\" }\nearn f { unit = points  multiplier = \"1.001\" }\n"
		"earn g { unit = points  multiplier = \"1.001\" }\nearn h { unit = points  multiplier = \"1.001\" }\n"
		"earn i { unit = points  multiplier = \"1.001\" }\n",
		LINES({ .amount = 100000000 }), "points 1009037 base+a+b+c+d+e+f+g+h+i" },
	{ "a multiplier of 0 lets a unit rest", UNIT BASE "earn m { unit = points  multiplier = \"0\" }",
		LINES({ .amount = 1000 }), "" },
	{ "a tier's multiplier counts", UNIT BASE, LINES({ .amount = 1000 }), "points 12 base", .tier = 1250 },
	{ "a tier's multiplier is multiplied exactly with the rules'",
		UNIT BASE "earn m { unit = points  multiplier = \"1.6\" }", LINES({ .amount = 100 }), "points 2 base+m",
		.tier = 1250 },
	{ "a tier's multiplier leaves other units alone", STAMPS, LINES({ .category = "coffee", .amount = 250 }),
		"coffee 1 stamps", .tier = 3000 },

	{ "a non-stackable rule that applies stands alone",
		UNIT BASE "earn v { unit = points  per-visit = 5  stackable = false }", LINES({ .amount = 1000 }),
		"points 5 v" },
	{ "a non-stackable rule that does not apply excludes nothing",
		UNIT BASE "earn v { unit = points  per-visit = 5  stackable = false  when { category = {\"book\"} } }",
		LINES({ .amount = 1000 }), "points 10 base" },
	{ "of non-stackable rules the one of highest priority stands",
		UNIT "earn a { unit = points  per-visit = 5  stackable = false  priority = 1 }\n"
		     "earn b { unit = points  per-visit = 7  stackable = false  priority = 2 }\n"
		     "earn c { unit = points  per-visit = 9  stackable = false }",
		LINES({ .amount = 1000 }), "points 7 b" },
	{ "of non-stackable rules of one priority the first in the file stands",
		UNIT "earn a { unit = points  per-visit = 5  stackable = false }\n"
		     "earn b { unit = points  per-visit = 7  stackable = false }",
		LINES({ .amount = 1000 }), "points 5 a" },
	{ "a stackable rule of higher priority does not save itself from a non-stackable one",
		UNIT "earn a { unit = points  per-visit = 5  priority = 9 }\n"
		     "earn b { unit = points  per-visit = 7  stackable = false  priority = 1 }",
		LINES({ .amount = 1000 }), "points 7 b" },
	{ "multipliers stay beside a non-stackable rule",
		UNIT BASE DOUBLE "earn v { unit = points  per-visit = 5  stackable = false }", LINES({ .amount = 1000 }),
		"points 10 double+v" },
	{ "a non-stackable multiplier excludes other multipliers, not the rules",
		UNIT BASE DOUBLE "earn m { unit = points  multiplier = \"3\"  stackable = false }",
		LINES({ .amount = 1000 }), "points 30 base+m" },
	{ "stackable looks at one unit", UNIT BASE "unit b {}\nearn v { unit = b  per-visit = 5  stackable = false }",
		LINES({ .amount = 1000 }), "points 10 base, b 5 v" },

	{ "a window begins at its first moment, in store time",
		UNIT "earn v { unit = points  per-visit = 5  when { from = \"2026-11-21\" } }", LINES({ .amount = 1000 }),
		"points 5 v", .at = "2026-11-20T23:00:00Z" },
	{ "before its window a rule earns nothing",
		UNIT "earn v { unit = points  per-visit = 5  when { from = \"2026-11-21\" } }", LINES({ .amount = 1000 }),
		"", .at = "2026-11-20T22:59:59Z" },
	{ "a window's end is exclusive", UNIT "earn v { unit = points  per-visit = 5  when { until = \"2026-11-21\" } }",
		LINES({ .amount = 1000 }), "", .at = "2026-11-20T23:00:00Z" },
	{ "a day of the week is the store's", UNIT "earn v { unit = points  per-visit = 5  when { days = {\"sun\"} } }",
		LINES({ .amount = 1000 }), "points 5 v", .at = "2026-11-21T23:30:00Z" },
	{ "on another day of the week nothing is earned",
		UNIT "earn v { unit = points  per-visit = 5  when { days = {\"sun\"} } }", LINES({ .amount = 1000 }), "",
		.at = NOON },
};

#define CASES (sizeof(cases) / sizeof(*cases))

static uint32_t lines_count(const struct kit_line *lines)
{
	uint32_t n = 1;

	while (n < 3 && lines[n].amount != 0)
		n++;
	return n;
}

/* The event's earnings, "unit points rule" by ", ". */
static const char *earned(struct palier_ctx *c)
{
	const struct palier_event *ev = kit_event(c);
	const char *text = "";

	for (uint32_t i = 0; i < ev->effect_count; i++) {
		const struct points_move *m = ev->effects[i].body;

		if (strcmp(ev->effects[i].kind->name, "points.move") == 0 && m->cause == POINTS_EARN)
			text = palier_format(palier_arena(c), "%s%s%.*s %lld %.*s", text, *text ? ", " : "",
				PALIER_ARG(m->unit), (long long)m->points, PALIER_ARG(m->rule));
	}
	return text;
}

static struct palier_ctx *ledger_new(const char *section)
{
	char config[4096];

	snprintf(config, sizeof(config), "points { %s }", section);
	return kit_new(plugins, config);
}

static void test_earn(void **state)
{
	const struct earn_case *t = *state;
	struct palier_id member = kit_member(1);
	struct palier_ctx *c = ledger_new(t->config);

	tier_thousandths = t->tier;
	kit_clock(c, t->at ? t->at : NOON);
	assert_int_equal(kit_sale(c, &member, NULL, t->lines, lines_count(t->lines)), PALIER_OK);
	assert_string_equal(earned(c), t->earned);
	assert_int_equal(kit_sale(c, &member, "T1", t->lines, lines_count(t->lines)), PALIER_OK);
	assert_string_equal(earned(c), t->earned);
	assert_true(kit_same(c));
	assert_string_equal(kit_check(c), "");
	kit_free(c);
}

static void test_nobody(void **state)
{
	struct palier_ctx *c = ledger_new(UNIT BASE);

	(void)state;
	assert_int_equal(kit_sale(c, NULL, "T1", &(struct kit_line){ .amount = 1000 }, 1), PALIER_OK);
	assert_int_equal(kit_event(c)->effect_count, 0);
	assert_string_equal(kit_reply(c, PALIER_REPLY_COMMIT), "\"earned\":[],\"spent\":[],\"balances\":{}");
	kit_free(c);
}

static void test_nothing(void **state)
{
	struct palier_ctx *c = ledger_new(UNIT BASE);
	struct palier_id member = kit_member(1);

	(void)state;
	tier_asked = 0;
	assert_int_equal(kit_sale(c, &member, "T1", &(struct kit_line){ .amount = 99 }, 1), PALIER_OK);
	assert_int_equal(tier_asked, 0);
	kit_free(c);
}

static void test_no_section(void **state)
{
	struct palier_ctx *c = kit_new(plugins, "");
	struct palier_id member = kit_member(1);

	(void)state;
	assert_int_equal(kit_sale(c, &member, "T1", &(struct kit_line){ .amount = 1000 }, 1), PALIER_OK);
	assert_int_equal(kit_event(c)->effect_count, 0);
	kit_free(c);
}

/* Earnings too large for a figure are refused, and nothing is written. */
static const struct {
	const char *name, *config;
} large[] = {
	{ "more points a rule than a figure holds are refused",
		UNIT "earn base { unit = points  per = \"0.01\"  points = 9007199254740991 }" },
	{ "more points by rules together than a figure holds are refused",
		UNIT "earn a { unit = points  per-visit = 9007199254740991 }\nearn b { unit = points  per-visit = 1 }" },
	{ "more points by a multiplier than a figure holds are refused", UNIT
		"earn a { unit = points  per-visit = 9007199254740991 }\nearn m { unit = points  multiplier = \"1.001\" }" },
	{ "a factor beyond 128 bits is refused", UNIT BASE "earn a { unit = points  multiplier = \"9007199254740.987\" }\n"
							   "earn b { unit = points  multiplier = \"9007199254740.991\" }\n"
							   "earn c { unit = points  multiplier = \"9007199254740.989\" }" },
};

static void test_large(void **state)
{
	const char *config = *state;
	struct palier_id member = kit_member(1);
	struct palier_ctx *c = ledger_new(config);

	tier_thousandths = 0;
	assert_int_equal(kit_sale(c, &member, "T1", &(struct kit_line){ .amount = 1000 }, 1), PALIER_EPARAMS);
	assert_string_equal(kit_refusal(c), "this sale would earn more points than a figure can hold");
	assert_string_equal(kit_lookup(c, member),
		"\"balances\":{\"points\":0},\"held\":{\"points\":0},\"pending\":{\"points\":0},\"expiring\":[]");
	kit_free(c);
}

int main(void)
{
	struct CMUnitTest tests[CASES + sizeof(large) / sizeof(*large) + 3] = {
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_no_section),
		cmocka_unit_test(test_nothing),
	};
	size_t n = 3;

	tests[0].name = "a sale without a member earns nothing";
	tests[1].name = "without its section the plugin decides nothing";
	tests[2].name = "where nothing is earned nobody is asked for a multiplier";
	for (size_t i = 0; i < CASES; i++)
		tests[n++] = (struct CMUnitTest){ cases[i].name, test_earn, NULL, NULL, (void *)(uintptr_t)&cases[i] };
	for (size_t i = 0; i < sizeof(large) / sizeof(*large); i++)
		tests[n++] =
			(struct CMUnitTest){ large[i].name, test_large, NULL, NULL, (void *)(uintptr_t)large[i].config };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
