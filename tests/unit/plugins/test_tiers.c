/* SPDX-License-Identifier: Apache-2.0 */
/* Tiers: rules.md "Tiers" and its fine print. A row is a story told in steps; after each, a rebuild must give the same rows. */
#include "tests/unit/plugins/kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "plugins/points.h"
#include "plugins/tiers/internal.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

extern const struct palier_plugin palier_plugin_points, palier_plugin_tiers;
static const struct palier_plugin *const plugins[] = { &palier_plugin_points, &palier_plugin_tiers, NULL };

/* --- steps --- */

enum step_kind {
	END,
	CLOCK,
	LATE,
	BUY,
	DISCOUNTED,
	QUOTE,
	BACK,
	UNDO,
	CLOSE,
	SEE,
	FACT,
	SAID,
	PROMPTED,
	EARNED,
	RECONFIGURE,
	WHO,
	ENROL,
	MERGE,
	ERASE,
	ADJUST
};

/* Of the member in question, at first number 1. */
struct step {
	enum step_kind kind;
	const char *text, *other;
	int64_t a, b, c;
};

/* clang-format off */
#define AT(now)                        { CLOCK, now, NULL, 0, 0, 0 }
#define SENT_LATE(at, arrives)         { LATE, at, arrives, 0, 0, 0 }
/* A sale of so many euros. */
#define BUYS(number, euros)            { BUY, number, NULL, euros, 0, 0 }
/* Of which a promotion and a reward take something off. */
#define BUYS_FOR_LESS(number, euros, foreign, ours) { DISCOUNTED, number, NULL, euros, foreign, ours }
#define QUOTES(euros, tier)            { QUOTE, tier, NULL, euros, 0, 0 }
/* Of the sale's worth in euros, so much had come back before and has now. */
#define RETURNS(sale, euros, before, after) { BACK, sale, NULL, euros, before, after }
/* A return's number is its sale's and a prime. */
#define VOIDS(number)                  { UNDO, number, NULL, 0, 0, 0 }
/* changes: 1 when something of the member's tier changes by it. */
#define CLOSES(closed, opened, changes) { CLOSE, NULL, NULL, closed, opened, changes }
#define SEES(tier)                     { SEE, tier, NULL, 0, 0, 0 }
#define KNOWN(name, value)             { FACT, name, value, 0, 0, 0 }
#define SAYS(text)                     { SAID, text, NULL, 0, 0, 0 }
#define PROMPTS(text)                  { PROMPTED, text, NULL, 0, 0, 0 }
#define EARNS(points)                  { EARNED, NULL, NULL, points, 0, 0 }
#define CONFIG(text)                   { RECONFIGURE, text, NULL, 0, 0, 0 }
#define MEMBER(n)                      { WHO, NULL, NULL, n, 0, 0 }
#define ENROLS()                       { ENROL, NULL, NULL, 0, 0, 0 }
#define MERGES_INTO(n)                 { MERGE, NULL, NULL, n, 0, 0 }
#define IS_ERASED()                    { ERASE, NULL, NULL, 0, 0, 0 }
#define ADJUSTED(points)               { ADJUST, NULL, NULL, points, 0, 0 }
/* clang-format on */

#define POINTS                 "points { unit points {}  earn base { unit = points  per = \"1.00\" } } "
#define TIERS(settings, tiers) POINTS "tiers { " settings " " tiers " }"
#define METALS                 "tier bronze { from = 0 }  tier silver { from = 1000 }  tier gold { from = 2000 }"
#define PLAIN                  TIERS("", METALS)
#define LOW_TIERS              "tier bronze { from = 0 }  tier silver { from = 300 }  tier gold { from = 900 }"
#define LOW                    TIERS("", LOW_TIERS)
#define LARGE                  TIERS("", "tier bronze { from = 0 }  tier silver { from = 10000 }  tier gold { from = 20000 }")

static const struct story {
	const char *name, *config;
	struct step steps[24];
} stories[] = {
	/* --- up --- */
	{ "who never bought stands on the tier from 0", PLAIN, { SEES("bronze, 1000 to silver") } },
	{ "where the lowest tier is not from 0, who never bought has none", TIERS("", "tier silver { from = 1000 }"),
		{ SEES("none"), BUYS("S", 999), SEES("none"), KNOWN("tier", ""), BUYS("T", 1),
			SEES("silver until 2027-11-21"), KNOWN("tier", "silver") } },
	{ "4000 and 500 are bronze", LARGE, { BUYS("S", 4000), BUYS("T", 500), SEES("bronze, 5500 to silver") } },
	{ "8000 and 3000 are silver", LARGE,
		{ BUYS("S", 8000), SEES("bronze, 2000 to silver"), BUYS("T", 3000), SAYS("Welcome to silver!"),
			SEES("silver until 2027-11-21, 9000 to gold") } },
	{ "18000 and 3000 are gold", LARGE,
		{ BUYS("S", 18000), SEES("silver until 2027-11-21, 2000 to gold"), BUYS("T", 3000),
			SEES("gold until 2027-11-21") } },
	{ "exactly the threshold is enough, and one less is not", PLAIN,
		{ BUYS("S", 999), SEES("bronze, 1 to silver"), PROMPTS(""), BUYS("T", 1),
			SEES("silver until 2027-11-21, 1000 to gold") } },
	{ "one ticket may climb several steps", PLAIN,
		{ BUYS("S", 5000), SAYS("Welcome to gold!"), SEES("gold until 2027-11-21") } },
	{ "customers read a tier's label",
		TIERS("",
			"tier bronze { from = 0 }  tier silver { from = 1000  label { fr = \"Argent\"  en = \"Sterling\" } }"),
		{ BUYS("S", 1000), SAYS("Welcome to Argent!"), SEES("silver until 2027-11-21"),
			CLOSES(20271121, 20271122, 1), SEES("silver until 2027-12-21, falling"),
			PROMPTS("Argent ends after 21 Dec 2027, unless you reach it again") } },
	{ "a quote says what the sale leads to, and changes nothing", PLAIN,
		{ QUOTES(1200, "silver until 2027-11-21, 800 to gold"), SEES("bronze, 1000 to silver"), KNOWN("tier", ""),
			BUYS("S", 1200), SEES("silver until 2027-11-21, 800 to gold") } },
	{ "the tier is known to conditions", PLAIN,
		{ ENROLS(), KNOWN("tier", "bronze"), BUYS("S", 1000), KNOWN("tier", "silver") } },
	{ "adjustments do not count", PLAIN, { ADJUSTED(5000), BUYS("S", 1), SEES("bronze, 999 to silver") } },
	{ "points that are pending count when they are earned",
		"points { unit points { pending = 14 }  earn base { unit = points  per = \"1.00\" } } tiers { " METALS " }",
		{ BUYS("S", 1000), SEES("silver until 2027-11-21, 1000 to gold") } },
	{ "other units do not count",
		"points { unit points {}  unit coffee {}  earn base { unit = points  per = \"1.00\" } "
		"earn stamps { unit = coffee  per-visit = 5000 } } tiers { " METALS " }",
		{ BUYS("S", 10), SEES("bronze, 990 to silver") } },
	{ "points that an earn rule multiplies count multiplied",
		"points { unit points {}  earn base { unit = points  per = \"1.00\" } earn twice { unit = points  multiplier = "
		"\"2\" } } tiers { " METALS " }",
		{ BUYS("S", 500), SEES("silver until 2027-11-21, 1000 to gold") } },

	/* --- the multiplier --- */
	{ "the ticket is earned at the rate of the tier before it",
		TIERS("", "tier bronze { from = 0 }  tier silver { from = 1000  multiplier = \"1.25\" }"),
		{ BUYS("S", 1000), EARNS(1000), SEES("silver until 2027-11-21 x1.25"), BUYS("T", 100), EARNS(125) } },
	{ "multiplied points count for the tier",
		TIERS("", "tier bronze { from = 0  multiplier = \"2\" }  tier silver { from = 1000 }"),
		{ BUYS("S", 500), EARNS(1000), SEES("silver until 2027-11-21"), BUYS("T", 10), EARNS(10) } },
	{ "a multiplier is that of the tiers' unit alone",
		"points { unit points {}  unit coffee {}  earn base { unit = points  per = \"1.00\" } } tiers { unit = coffee  on = "
		"spend  tier a { from = 0  multiplier = \"3\" } }",
		{ BUYS("S", 10), EARNS(10) } },
	{ "a sale that comes late earns at the rate of its time",
		TIERS("", "tier bronze { from = 0 }  tier silver { from = 1000  multiplier = \"2\" }"),
		{ AT("2026-11-21T12:00:00+01:00"), BUYS("S", 1000),
			SENT_LATE("2026-11-20T12:00:00+01:00", "2026-11-21T13:00:00+01:00"), BUYS("T", 10), EARNS(10),
			AT("2026-11-21T13:00:00+01:00"), BUYS("U", 10), EARNS(20) } },
	{ "what an earn rule asks of the tier is the tier before the ticket",
		"points { unit points {}  earn base { unit = points  per = \"1.00\" } earn more { unit = points  per-visit = 50  when "
		"{ tier = {\"silver\"} } } } tiers { " METALS " }",
		{ BUYS("S", 1000), EARNS(1000), BUYS("T", 1), EARNS(51) } },

	/* --- by what was spent --- */
	{ "spend is what was paid for goods, after all discounts",
		TIERS("on = spend", "tier a { from = 0 }  tier b { from = \"100.00\" }"),
		{ BUYS_FOR_LESS("S", 120, 1500, 600), SEES("a, 1.00 to b"), BUYS("T", 1), SEES("b until 2027-11-21") } },
	{ "an amount may be written without quotes", TIERS("on = spend", "tier a { from = 0 }  tier b { from = 10.50 }"),
		{ SEES("a, 10.50 to b") } },

	/* --- windows --- */
	{ "twelve months ago to the day still counts, the day before does not", PLAIN,
		{ AT("2026-11-20T12:00:00+01:00"), BUYS("S", 500), AT("2026-11-21T00:00:00+01:00"), BUYS("T", 400),
			AT("2027-11-21T23:59:59+01:00"), SEES("bronze, 600 to silver"), BUYS("U", 600),
			SEES("silver until 2028-11-21, 1000 to gold"), AT("2027-11-22T00:00:00+01:00"),
			SEES("silver until 2028-11-21, 1400 to gold") } },
	{ "a window may be days", TIERS("window = \"30 days\"", METALS),
		{ BUYS("S", 600), AT("2026-12-21T12:00:00+01:00"), SEES("bronze, 400 to silver"),
			AT("2026-12-22T12:00:00+01:00"), SEES("bronze, 1000 to silver") } },
	{ "days are the store's", PLAIN,
		{ AT("2026-11-20T23:30:00Z"), BUYS("S", 1000), SEES("silver until 2027-11-21, 1000 to gold") } },
	{ "a tier of a leap day ends with February", PLAIN,
		{ AT("2028-02-29T12:00:00+01:00"), BUYS("S", 1000), SEES("silver until 2029-02-28, 1000 to gold") } },
	{ "a month that is shorter ends earlier", TIERS("window = \"1 month\"", METALS),
		{ AT("2027-01-31T12:00:00+01:00"), BUYS("S", 1000), SEES("silver until 2027-02-28, 1000 to gold") } },
	{ "on the day that summer time begins, the day is the date", PLAIN,
		{ AT("2026-03-29T00:30:00+01:00"), BUYS("S", 500), AT("2026-03-29T23:30:00+02:00"), BUYS("T", 500),
			SEES("silver until 2027-03-29, 1000 to gold") } },
	{ "of a calendar year the turn of the year begins anew", TIERS("window = calendar-year", METALS),
		{ AT("2026-12-31T23:59:59+01:00"), BUYS("S", 999), SEES("bronze, 1 to silver"),
			AT("2027-01-01T00:00:00+01:00"), SEES("bronze, 1000 to silver"), BUYS("T", 1),
			SEES("bronze, 999 to silver") } },
	{ "what is reached in a calendar year holds through the next", TIERS("window = calendar-year", METALS),
		{ AT("2026-03-01T12:00:00+01:00"), BUYS("S", 1000), SEES("silver until 2026-12-31, 1000 to gold"),
			AT("2027-01-01T08:00:00+01:00"), CLOSES(20261231, 20270101, 1),
			SEES("silver until 2027-12-31, 2000 to gold"), AT("2028-01-01T08:00:00+01:00"),
			CLOSES(20271231, 20280101, 1), SEES("silver until 2028-01-31, falling, 2000 to gold"),
			AT("2028-02-01T08:00:00+01:00"), CLOSES(20280131, 20280201, 1), SEES("bronze, 1000 to silver"),
			KNOWN("tier", "bronze") } },
	{ "over a lifetime nothing ends", TIERS("window = lifetime", METALS),
		{ AT("2016-11-21T12:00:00+01:00"), BUYS("S", 600), AT("2026-11-21T12:00:00+01:00"), BUYS("T", 400),
			SEES("silver, 1000 to gold"), AT("2046-11-21T12:00:00+01:00"), CLOSES(20461120, 20461121, 0),
			SEES("silver, 1000 to gold"), RETURNS("S", 600, 0, 600), SEES("silver, 1600 to gold") } },

	/* --- down --- */
	{ "a tier that is earned again is kept", PLAIN,
		{ BUYS("S", 1000), AT("2027-06-01T12:00:00+02:00"), BUYS("T", 1000), SEES("gold until 2028-06-01"),
			AT("2028-06-01T12:00:00+02:00"), BUYS("U", 2000), AT("2028-06-02T08:00:00+02:00"),
			CLOSES(20280601, 20280602, 1), SEES("gold until 2029-06-01"), KNOWN("tier-notice", ""),
			CLOSES(20280601, 20280602, 0) } },
	{ "the ticket that raised a member does not keep the tier, and a month's notice is given", PLAIN,
		{ BUYS("S", 1000), AT("2027-11-21T20:00:00+01:00"), CLOSES(20271120, 20271121, 0),
			SEES("silver until 2027-11-21, 1000 to gold"), AT("2027-11-22T08:00:00+01:00"),
			CLOSES(20271121, 20271122, 1), SEES("silver until 2027-12-21, falling, 2000 to gold"),
			PROMPTS("silver ends after 21 Dec 2027, unless you reach it again"), KNOWN("tier", "silver"),
			KNOWN("tier-notice", "2027-12-21"), CLOSES(20271121, 20271122, 0), BUYS("T", 1),
			SAYS("silver ends after 21 Dec 2027, unless you reach it again"), CLOSES(20271220, 20271221, 0),
			AT("2027-12-22T08:00:00+01:00"), CLOSES(20271221, 20271222, 1), SEES("bronze, 999 to silver"),
			KNOWN("tier", "bronze"), KNOWN("tier-notice", "") } },
	{ "a day that bears the date of the end twice ends when the date has passed", PLAIN,
		{ BUYS("S", 1000), AT("2027-11-21T20:00:00+01:00"), CLOSES(20271121, 20271121, 0),
			SEES("silver until 2027-11-21, 1000 to gold") } },
	{ "a shop that was shut judges at the first close after", PLAIN,
		{ BUYS("S", 1000), AT("2027-12-10T08:00:00+01:00"), CLOSES(20271120, 20271210, 0), BUYS("T", 1000),
			CLOSES(20271210, 20271211, 1), SEES("silver until 2028-12-10, 1000 to gold") } },
	{ "a fall is one step, and the next has its own time", TIERS("grace = \"0 days\"", METALS),
		{ BUYS("S", 2000), AT("2027-11-22T08:00:00+01:00"), CLOSES(20271121, 20271122, 1),
			SEES("silver until 2028-11-21, 2000 to gold"), CLOSES(20281120, 20281121, 0),
			CLOSES(20281121, 20281122, 1), SEES("bronze, 1000 to silver"), CLOSES(20291121, 20291122, 0) } },
	{ "or to where the sum is", TIERS("grace = \"0 days\"  step = evaluate", METALS),
		{ BUYS("S", 2000), AT("2027-11-22T08:00:00+01:00"), CLOSES(20271121, 20271122, 1),
			SEES("bronze, 1000 to silver") } },
	{ "below the lowest tier is none", TIERS("grace = \"0 days\"", "tier silver { from = 1000 }"),
		{ BUYS("S", 2000), AT("2027-11-22T08:00:00+01:00"), CLOSES(20271121, 20271122, 1), SEES("none"),
			KNOWN("tier", "") } },
	{ "under notice a tier is kept by reaching it again, at once", PLAIN,
		{ BUYS("S", 1000), CLOSES(20271121, 20271122, 1), AT("2027-12-01T08:00:00+01:00"), BUYS("T", 999),
			SEES("silver until 2027-12-21, falling, 1001 to gold"), BUYS("U", 1),
			SEES("silver until 2028-12-01, 1000 to gold"), KNOWN("tier-notice", ""),
			CLOSES(20271221, 20271222, 0), VOIDS("U"), SEES("silver until 2027-12-21, falling, 1001 to gold"),
			KNOWN("tier-notice", "2027-12-21") } },
	{ "under notice a member may rise", PLAIN,
		{ BUYS("S", 1000), CLOSES(20271121, 20271122, 1), AT("2027-12-01T08:00:00+01:00"), BUYS("T", 2000),
			SEES("gold until 2028-12-01"), KNOWN("tier-notice", "") } },
	{ "grace may be days", TIERS("grace = \"10 days\"", METALS),
		{ BUYS("S", 1000), CLOSES(20271121, 20271122, 1), AT("2027-11-22T08:00:00+01:00"),
			SEES("silver until 2027-12-01, falling, 2000 to gold") } },
	{ "the jobs give the lowest tier to who has none yet", PLAIN,
		{ KNOWN("tier", ""), CLOSES(20261121, 20261122, 0), KNOWN("tier", "bronze") } },

	/* --- a changed configuration --- */
	{ "higher thresholds leave a dated tier alone until its time is over", TIERS("grace = \"0 days\"", METALS),
		{ BUYS("S", 1000),
			CONFIG(TIERS("grace = \"0 days\"",
				"tier bronze { from = 0 }  tier silver { from = 3000 }  tier gold { from = 5000 }")),
			SEES("silver until 2027-11-21, 4000 to gold"), BUYS("T", 100),
			SEES("silver until 2027-11-21, 3900 to gold"), CLOSES(20271120, 20271121, 0),
			SEES("silver until 2027-11-21, 3900 to gold"), AT("2027-11-22T08:00:00+01:00"),
			CLOSES(20271121, 20271122, 1), SEES("bronze, 3000 to silver") } },
	{ "lower thresholds raise with the next sale", PLAIN,
		{ BUYS("S", 500), CONFIG(TIERS("", "tier bronze { from = 0 }  tier silver { from = 400 }")),
			SEES("bronze, 0 to silver"), BUYS("T", 1), SEES("silver until 2027-11-21") } },
	{ "a tier that is gone keeps its name until it ends, then the sum decides", TIERS("grace = \"0 days\"", METALS),
		{ BUYS("S", 2000),
			CONFIG(TIERS("grace = \"0 days\"", "tier bronze { from = 0 }  tier silver { from = 1000 }  tier "
							   "platinum { from = 5000 }")),
			SEES("gold until 2027-11-21, 3000 to platinum"), CLOSES(20271120, 20271121, 0),
			AT("2027-11-21T08:00:00+01:00"), BUYS("T", 1000), SEES("gold until 2027-11-21, 2000 to platinum"),
			AT("2027-11-22T08:00:00+01:00"), CLOSES(20271121, 20271122, 1),
			SEES("silver until 2028-11-21, 4000 to platinum") } },
	{ "a tier that bears another name now is exchanged for it", TIERS("", METALS),
		{ BUYS("S", 2000), AT("2027-11-21T08:00:00+01:00"), BUYS("T", 2000), SEES("gold until 2027-11-21"),
			CONFIG(TIERS("", "tier basic { from = 0 }  tier sun { from = 2000 }")),
			AT("2027-11-22T08:00:00+01:00"), CLOSES(20271121, 20271122, 1), SEES("sun until 2028-11-21"),
			MEMBER(2), SEES("basic, 2000 to sun") } },
	{ "the lowest tier may be renamed", PLAIN,
		{ BUYS("S", 1), CONFIG(TIERS("", "tier basic { from = 0 }")), SEES("bronze"), CLOSES(20261121, 20261122, 1),
			SEES("basic"), KNOWN("tier", "basic") } },
	{ "without tiers in the configuration there are none to see, and they are there again with it", PLAIN,
		{ BUYS("S", 1000), CONFIG(POINTS), SEES("none"), BUYS("T", 1000), CLOSES(20281121, 20281122, 0),
			CONFIG(PLAIN), SEES("silver until 2027-11-21, 1000 to gold"), CONFIG(POINTS),
			RETURNS("S", 1000, 0, 500), CONFIG(PLAIN), SEES("silver until 2027-11-21, 1500 to gold") } },
	{ "a tier without end gets one when the window gets one", TIERS("window = lifetime", METALS),
		{ BUYS("S", 1000), SEES("silver, 1000 to gold"), CONFIG(PLAIN), CLOSES(20261122, 20261123, 1),
			SEES("silver until 2027-11-22, 1000 to gold") } },
	{ "what counted in another unit counts no longer", PLAIN,
		{ BUYS("S", 1500),
			CONFIG(TIERS("on = spend", "tier bronze { from = 0 }  tier silver { from = \"100.00\" }  tier gold "
						   "{ from = \"200.00\" }")),
			SEES("silver until 2027-11-21, 200.00 to gold"), BUYS("T", 150),
			SEES("silver until 2027-11-21, 50.00 to gold") } },

	/* --- returns --- */
	{ "a return undoes the raise of its sale", PLAIN,
		{ BUYS("S", 600), BUYS("T", 600), SEES("silver until 2027-11-21, 800 to gold"),
			AT("2026-11-30T12:00:00+01:00"), RETURNS("T", 600, 0, 600), SEES("bronze, 400 to silver"),
			KNOWN("tier", "bronze") } },
	{ "a part that leaves enough leaves the tier", PLAIN,
		{ BUYS("S", 1200), RETURNS("S", 1200, 0, 200), SEES("silver until 2027-11-21, 1000 to gold"),
			RETURNS("S", 1200, 200, 201), SEES("bronze, 1 to silver") } },
	{ "parts that come back end where the whole does", PLAIN,
		{ BUYS("S", 1001), RETURNS("S", 3, 0, 1), SEES("bronze, 333 to silver"), RETURNS("S", 3, 1, 2),
			RETURNS("S", 3, 2, 3), SEES("bronze, 1000 to silver") } },
	{ "on the last day of the return window it still falls", PLAIN,
		{ BUYS("S", 1000), AT("2026-12-21T12:00:00+01:00"), RETURNS("S", 1000, 0, 1000),
			SEES("bronze, 1000 to silver") } },
	{ "the day after the tier stays, and only the sum goes down", PLAIN,
		{ BUYS("S", 1000), AT("2026-12-22T12:00:00+01:00"), RETURNS("S", 1000, 0, 1000),
			SEES("silver until 2027-11-21, 2000 to gold"), BUYS("T", 100),
			SEES("silver until 2027-11-21, 1900 to gold") } },
	{ "never below the tier before the sale", PLAIN,
		{ BUYS("S", 1000), AT("2027-01-15T12:00:00+01:00"), BUYS("T", 1000), SEES("gold until 2028-01-15"),
			RETURNS("S", 1000, 0, 1000), SEES("gold until 2028-01-15"), RETURNS("T", 1000, 0, 1000),
			SEES("silver until 2027-11-21, 2000 to gold") } },
	{ "a return takes back a later raise that stood on its sale", PLAIN,
		{ BUYS("S", 900), AT("2026-11-25T12:00:00+01:00"), BUYS("T", 200),
			SEES("silver until 2027-11-25, 900 to gold"), RETURNS("S", 900, 0, 900),
			SEES("bronze, 800 to silver") } },
	{ "what other sales reach is reached when they did", PLAIN,
		{ BUYS("S", 1000), AT("2026-11-25T12:00:00+01:00"), BUYS("T", 1000), SEES("gold until 2027-11-25"),
			AT("2026-11-26T12:00:00+01:00"), RETURNS("S", 1000, 0, 1000),
			SEES("silver until 2027-11-25, 1000 to gold") } },
	{ "a sale earlier on the day of a raise does not take it along where the sum holds", PLAIN,
		{ AT("2026-11-21T09:00:00+01:00"), BUYS("S", 100), AT("2026-11-21T10:00:00+01:00"), BUYS("T", 1000),
			AT("2026-11-21T11:00:00+01:00"), RETURNS("S", 100, 0, 100),
			SEES("silver until 2027-11-21, 1000 to gold") } },
	{ "a raise that is older than the sale stays whatever the sum", PLAIN,
		{ AT("2026-10-01T09:00:00+02:00"), BUYS("R", 900), AT("2026-11-21T09:00:00+01:00"), BUYS("S", 100),
			AT("2026-11-21T10:00:00+01:00"), BUYS("T", 10), RETURNS("R", 900, 0, 900),
			SEES("silver until 2027-11-21, 1890 to gold"), RETURNS("T", 10, 0, 10),
			SEES("silver until 2027-11-21, 1900 to gold") } },
	{ "spend comes back as what is left of it", TIERS("on = spend", "tier a { from = 0 }  tier b { from = \"100.00\" }"),
		{ BUYS("S", 150), SEES("b until 2027-11-21"), RETURNS("S", 150, 0, 60), SEES("a, 10.00 to b") } },
	{ "a void of a return gives the tier back as it was", PLAIN,
		{ BUYS("S", 600), AT("2026-11-25T12:00:00+01:00"), BUYS("T", 600), AT("2026-11-30T12:00:00+01:00"),
			RETURNS("T", 600, 0, 600), SEES("bronze, 400 to silver"), VOIDS("T'"),
			SEES("silver until 2027-11-25, 800 to gold"), RETURNS("T", 600, 0, 600),
			SEES("bronze, 400 to silver") } },

	{ "also where it would take more today", PLAIN,
		{ BUYS("S", 1000), CONFIG(TIERS("", "tier bronze { from = 0 }  tier silver { from = 3000 }")),
			RETURNS("S", 1000, 0, 1000), SEES("bronze, 3000 to silver"), VOIDS("S'"),
			SEES("silver until 2027-11-21") } },

	{ "a return raises nobody", PLAIN,
		{ BUYS("S", 500), CONFIG(TIERS("", "tier bronze { from = 0 }  tier silver { from = 400 }")),
			RETURNS("S", 500, 0, 50), SEES("bronze, 0 to silver") } },

	/* --- voids --- */
	{ "a voided sale has not been", PLAIN,
		{ BUYS("S", 600), BUYS("T", 600), SEES("silver until 2027-11-21, 800 to gold"), VOIDS("T"),
			SEES("bronze, 400 to silver"), KNOWN("tier", "bronze"), VOIDS("S"),
			SEES("bronze, 1000 to silver") } },
	{ "a void leaves what a later sale reaches alone", PLAIN,
		{ AT("2026-11-21T09:00:00+01:00"), BUYS("S", 1000), AT("2026-11-21T10:00:00+01:00"), BUYS("T", 1000),
			SEES("gold until 2027-11-21"), VOIDS("S"), SEES("silver until 2027-11-21, 1000 to gold"), VOIDS("T"),
			SEES("bronze, 1000 to silver") } },
	{ "a void takes along a later raise that stood on the sale", PLAIN,
		{ AT("2026-11-21T09:00:00+01:00"), BUYS("S", 600), AT("2026-11-21T10:00:00+01:00"), BUYS("T", 600),
			VOIDS("S"), SEES("bronze, 400 to silver") } },
	{ "a void of a sale that changed nothing changes nothing", PLAIN,
		{ BUYS("S", 1000), AT("2026-11-21T13:00:00+01:00"), BUYS("T", 10), VOIDS("T"),
			SEES("silver until 2027-11-21, 1000 to gold") } },

	/* --- late --- */
	{ "a late sale counts on its own day", PLAIN,
		{ SENT_LATE("2026-11-10T12:00:00+01:00", "2026-11-21T12:00:00+01:00"), BUYS("S", 1000),
			SEES("silver until 2027-11-10, 1000 to gold") } },
	{ "out of order ends as in order: a sale before the raise", PLAIN,
		{ AT("2026-11-20T12:00:00+01:00"), BUYS("T", 1000), SEES("silver until 2027-11-20, 1000 to gold"),
			SENT_LATE("2026-11-15T12:00:00+01:00", "2026-11-21T12:00:00+01:00"), BUYS("S", 1000),
			SEES("gold until 2027-11-20"), RETURNS("T", 1000, 0, 1000),
			SEES("silver until 2027-11-15, 1000 to gold") } },
	{ "out of order ends as in order: the raise was earlier than it seemed", PLAIN,
		{ AT("2026-11-20T12:00:00+01:00"), BUYS("T", 600), AT("2026-11-21T12:00:00+01:00"), BUYS("U", 600),
			SEES("silver until 2027-11-21, 800 to gold"),
			SENT_LATE("2026-11-15T12:00:00+01:00", "2026-11-22T12:00:00+01:00"), BUYS("S", 400),
			SEES("silver until 2027-11-20, 400 to gold") } },
	{ "what would have ended long ago is not reached any more", PLAIN,
		{ SENT_LATE("2025-05-01T12:00:00+02:00", "2026-11-21T12:00:00+01:00"), BUYS("S", 1000),
			SEES("bronze, 1000 to silver") } },
	{ "a late sale of the last day keeps a tier that is under notice", PLAIN,
		{ BUYS("S", 1000), AT("2027-11-22T08:00:00+01:00"), CLOSES(20271121, 20271122, 1),
			SENT_LATE("2027-11-21T17:00:00+01:00", "2027-11-22T09:00:00+01:00"), BUYS("T", 1000),
			SEES("gold until 2028-11-21") } },
	{ "a late sale keeps the tier for the time that is over", TIERS("window = calendar-year", METALS),
		{ AT("2026-03-01T12:00:00+01:00"), BUYS("S", 1000), CLOSES(20261231, 20270101, 1),
			CLOSES(20271231, 20280101, 1), SENT_LATE("2027-12-31T17:00:00+01:00", "2028-01-01T09:00:00+01:00"),
			BUYS("T", 1000), SEES("silver until 2028-12-31, 2000 to gold") } },

	{ "a late sale of the year before the judgement alone does not keep it", PLAIN,
		{ BUYS("S", 1000), CLOSES(20271121, 20271122, 1),
			SENT_LATE("2027-11-20T12:00:00+01:00", "2027-11-22T12:00:00+01:00"), BUYS("T", 10),
			SEES("silver until 2027-12-21, falling, 1990 to gold") } },
	{ "after a fall a late sale raises as of the fall", TIERS("grace = \"0 days\"", METALS),
		{ BUYS("S", 1000), CLOSES(20271121, 20271122, 1),
			SENT_LATE("2027-11-20T12:00:00+01:00", "2027-11-22T12:00:00+01:00"), BUYS("T", 1000),
			SEES("silver until 2028-11-22, 1000 to gold") } },
	{ "a late sale lowers nothing that a late return has left", PLAIN,
		{ BUYS("S", 1000), AT("2026-12-26T12:00:00+01:00"), RETURNS("S", 1000, 0, 1000),
			SENT_LATE("2026-11-20T12:00:00+01:00", "2026-12-27T12:00:00+01:00"), BUYS("T", 10),
			SEES("silver until 2027-11-21, 1990 to gold") } },

	/* --- voids, returns and late sales in odd orders --- */
	{ "a late sale earns at the rate of its time, though the raises since were undone and made again",
		TIERS("",
			"tier bronze { from = 0 }  tier silver { from = 300  multiplier = \"1.25\" }  tier gold { from = 900  "
			"multiplier = \"1.5\" }"),
		{ AT("2026-11-21T09:00:00+01:00"), BUYS("X", 350), AT("2026-11-21T11:00:00+01:00"), BUYS("Z", 450),
			SEES("gold until 2027-11-21 x1.5"), AT("2026-11-21T12:00:00+01:00"), RETURNS("X", 350, 0, 30),
			SEES("silver until 2027-11-21 x1.25, 18 to gold"), AT("2026-11-21T13:00:00+01:00"), BUYS("W", 100),
			EARNS(125), SEES("gold until 2027-11-21 x1.5"),
			SENT_LATE("2026-11-21T10:00:00+01:00", "2026-11-21T14:00:00+01:00"), BUYS("Y", 100), EARNS(125) } },
	{ "and at that of a tier that all the goods behind it have come back since",
		TIERS("", "tier bronze { from = 0 }  tier silver { from = 300  multiplier = \"2\" }"),
		{ AT("2026-11-21T09:00:00+01:00"), BUYS("X", 300), AT("2026-11-21T11:00:00+01:00"),
			RETURNS("X", 300, 0, 300), SENT_LATE("2026-11-21T10:00:00+01:00", "2026-11-21T12:00:00+01:00"),
			BUYS("Y", 10), EARNS(20), SENT_LATE("2026-11-21T11:30:00+01:00", "2026-11-21T12:00:00+01:00"),
			BUYS("Z", 10), EARNS(10) } },
	{ "a void takes along a raise that only this sale had kept", LOW,
		{ AT("2026-11-21T09:00:00+01:00"), BUYS("A", 243), AT("2026-11-21T10:00:00+01:00"), BUYS("B", 88),
			SEES("silver until 2027-11-21, 569 to gold"), AT("2026-11-21T11:00:00+01:00"), BUYS("C", 65),
			AT("2026-11-21T12:00:00+01:00"), RETURNS("B", 88, 0, 88),
			SEES("silver until 2027-11-21, 592 to gold"), VOIDS("C"), SEES("bronze, 57 to silver") } },
	{ "a void of the sale that raised leaves it to the next one that does", LOW,
		{ AT("2026-11-20T12:00:00+01:00"), BUYS("A", 286), AT("2026-11-21T09:00:00+01:00"), BUYS("B", 187),
			AT("2026-11-21T10:00:00+01:00"), BUYS("C", 31), VOIDS("B"),
			SEES("silver until 2027-11-21, 583 to gold"), AT("2026-11-22T10:00:00+01:00"),
			RETURNS("C", 31, 0, 31), SEES("bronze, 14 to silver") } },
	{ "a raise that is there again since a return was voided is its sale's", LOW,
		{ AT("2026-11-21T09:00:00+01:00"), BUYS("A", 141), RETURNS("A", 141, 0, 141),
			AT("2026-11-21T10:00:00+01:00"), BUYS("B", 183), VOIDS("A'"),
			SEES("silver until 2027-11-21, 576 to gold"), RETURNS("B", 183, 0, 183),
			SEES("bronze, 159 to silver") } },
	{ "a void of a return does not give back what another void has taken since", LOW,
		{ BUYS("A", 260), BUYS("S", 60), SEES("silver until 2027-11-21, 580 to gold"), RETURNS("A", 260, 0, 30),
			SEES("bronze, 10 to silver"), VOIDS("S"), VOIDS("A'"), SEES("bronze, 40 to silver") } },
	{ "the order of two returns does not matter", LOW,
		{ AT("2026-11-20T12:00:00+01:00"), BUYS("A", 400), AT("2026-11-21T09:00:00+01:00"), BUYS("B", 750),
			AT("2026-11-22T10:00:00+01:00"), RETURNS("A", 400, 0, 400),
			SEES("silver until 2027-11-21, 150 to gold"), RETURNS("B", 750, 0, 750),
			SEES("bronze, 300 to silver") } },
	{ "and the other way round", LOW,
		{ AT("2026-11-20T12:00:00+01:00"), BUYS("A", 400), AT("2026-11-21T09:00:00+01:00"), BUYS("B", 750),
			AT("2026-11-22T10:00:00+01:00"), RETURNS("B", 750, 0, 750),
			SEES("silver until 2027-11-20, 500 to gold"), RETURNS("A", 400, 0, 400),
			SEES("bronze, 300 to silver") } },
	{ "a raise that a close has since prolonged falls with its goods", TIERS("window = calendar-year", LOW_TIERS),
		{ AT("2026-12-20T12:00:00+01:00"), BUYS("S", 300), AT("2027-01-01T08:00:00+01:00"),
			CLOSES(20261231, 20270101, 1), SEES("silver until 2027-12-31, 900 to gold"),
			AT("2027-01-05T08:00:00+01:00"), RETURNS("S", 300, 0, 300), SEES("bronze, 300 to silver") } },
	{ "a tier from before the sale stays as a close has left it", TIERS("window = calendar-year", LOW_TIERS),
		{ AT("2025-12-20T12:00:00+01:00"), BUYS("R", 300), AT("2026-01-01T08:00:00+01:00"),
			CLOSES(20251231, 20260101, 1), AT("2026-12-20T12:00:00+01:00"), BUYS("S", 300),
			AT("2027-01-01T08:00:00+01:00"), CLOSES(20261231, 20270101, 1), AT("2027-01-05T08:00:00+01:00"),
			RETURNS("S", 300, 0, 300), SEES("silver until 2027-12-31, 900 to gold") } },

	{ "a later return lowers what counts from then on, and no raise before it", LOW,
		{ AT("2026-10-01T12:00:00+02:00"), BUYS("A", 200), AT("2026-11-21T12:00:00+01:00"), BUYS("B", 150),
			AT("2026-11-22T12:00:00+01:00"), RETURNS("A", 200, 0, 200),
			SEES("silver until 2027-11-21, 750 to gold"), AT("2026-11-23T12:00:00+01:00"), BUYS("C", 1),
			VOIDS("C"), SEES("silver until 2027-11-21, 750 to gold"), RETURNS("B", 150, 0, 60),
			SEES("bronze, 210 to silver"), VOIDS("A'"), SEES("bronze, 10 to silver") } },
	{ "what is long past counts on, and comes back from its day", LOW,
		{ AT("2026-01-10T12:00:00+01:00"), BUYS("A", 200), AT("2026-01-11T12:00:00+01:00"), BUYS("B", 200),
			AT("2026-05-01T08:00:00+02:00"), CLOSES(20260430, 20260501, 0),
			SEES("silver until 2027-01-11, 500 to gold"), RETURNS("A", 200, 0, 200),
			SEES("silver until 2027-01-11, 700 to gold"), VOIDS("A'"),
			SEES("silver until 2027-01-11, 500 to gold"),
			SENT_LATE("2026-01-05T12:00:00+01:00", "2026-05-01T09:00:00+02:00"), BUYS("C", 600),
			SEES("gold until 2027-01-11"), VOIDS("C"), SEES("silver until 2027-01-11, 500 to gold") } },
	{ "rules are those of the day of booking, when something before a change comes back", LOW,
		{ AT("2026-11-20T12:00:00+01:00"), BUYS("A", 200), AT("2026-11-21T12:00:00+01:00"), BUYS("B", 200),
			SEES("silver until 2027-11-21, 500 to gold"), CONFIG(PLAIN), BUYS("C", 100),
			SEES("silver until 2027-11-21, 1500 to gold"), RETURNS("A", 200, 0, 100),
			SEES("silver until 2027-11-21, 1600 to gold"), RETURNS("A", 200, 100, 101),
			SEES("bronze, 601 to silver"), VOIDS("A'"), SEES("silver until 2027-11-21, 1600 to gold") } },

	/* --- two members, and none --- */
	{ "of two members the higher tier stays, and the sums are added", PLAIN,
		{ BUYS("S", 1200), MEMBER(2), BUYS("T", 300), AT("2026-11-23T12:00:00+01:00"), MEMBER(1), MERGES_INTO(2),
			MEMBER(2), SEES("silver until 2027-11-21, 500 to gold"), KNOWN("tier", "silver"), BUYS("U", 500),
			SEES("gold until 2027-11-23"), MEMBER(1), KNOWN("tier", "") } },
	{ "also where it is the other's", PLAIN,
		{ BUYS("S", 300), MEMBER(2), BUYS("T", 1200), MEMBER(1), MERGES_INTO(2), MEMBER(2),
			SEES("silver until 2027-11-21, 500 to gold"), KNOWN("tier", "silver") } },
	{ "of two equal ones the longer stays", PLAIN,
		{ BUYS("S", 1000), MEMBER(2), AT("2026-11-25T12:00:00+01:00"), BUYS("T", 500), BUYS("U", 500),
			MERGES_INTO(1), MEMBER(1), SEES("silver until 2027-11-25, 0 to gold") } },
	{ "notice that was given to the one is not the other's", PLAIN,
		{ BUYS("S", 1000), CLOSES(20271121, 20271122, 1), KNOWN("tier-notice", "2027-12-21"), MEMBER(2),
			AT("2027-11-23T12:00:00+01:00"), BUYS("T", 1000), MEMBER(1), MERGES_INTO(2), MEMBER(2),
			SEES("silver until 2028-11-23, 1000 to gold"), KNOWN("tier-notice", "") } },
	{ "a merged member's sale comes back from the other's sum", PLAIN,
		{ BUYS("S", 1200), MEMBER(2), BUYS("T", 300), MEMBER(1), MERGES_INTO(2), MEMBER(2),
			RETURNS("S", 1200, 0, 1200), SEES("bronze, 700 to silver") } },
	{ "a merged member's sale is voided", PLAIN,
		{ BUYS("S", 1200), MEMBER(2), BUYS("T", 300), MEMBER(1), MERGES_INTO(2), MEMBER(2), VOIDS("S"),
			SEES("bronze, 700 to silver") } },
	{ "of three as well, and the goods of the first come back", PLAIN,
		{ BUYS("S", 1200), MERGES_INTO(2), MEMBER(2), SEES("silver until 2027-11-21, 800 to gold"),
			AT("2026-11-22T12:00:00+01:00"), BUYS("T", 200), MERGES_INTO(3), MEMBER(3),
			SEES("silver until 2027-11-21, 600 to gold"), RETURNS("S", 1200, 0, 1200),
			SEES("bronze, 800 to silver"), VOIDS("S'"), VOIDS("T"),
			SEES("silver until 2027-11-21, 800 to gold") } },
	{ "what each had before the other's counts for the other's rate no more than for their own", PLAIN,
		{ BUYS("S", 900), MEMBER(2), AT("2026-11-22T12:00:00+01:00"), BUYS("T", 900), MERGES_INTO(1), MEMBER(1),
			SEES("bronze, 0 to silver"), AT("2026-11-23T12:00:00+01:00"), BUYS("U", 1),
			SEES("silver until 2027-11-23, 199 to gold"), RETURNS("T", 900, 0, 900),
			SEES("bronze, 99 to silver") } },
	{ "what is long past before two became one is settled with it", PLAIN,
		{ AT("2026-01-10T12:00:00+01:00"), BUYS("S", 1200), MEMBER(2), BUYS("T", 300),
			AT("2026-01-11T12:00:00+01:00"), MERGES_INTO(1), MEMBER(1), AT("2026-05-01T08:00:00+02:00"),
			CLOSES(20260430, 20260501, 0), RETURNS("T", 300, 0, 200), RETURNS("S", 1200, 0, 1200),
			SEES("silver until 2027-01-10, 1900 to gold") } },
	{ "of who is erased nothing is left, and returns find nothing to take from", PLAIN,
		{ BUYS("S", 1200), IS_ERASED(), RETURNS("S", 1200, 0, 1200), VOIDS("S"), CLOSES(20271121, 20271122, 0) } },
};

/* --- telling a story --- */

static const char *tier_text(const char *json, const char *key, bool money)
{
	static char text[256];
	struct json_token tokens[256];
	struct json_doc doc = { .tokens = tokens, .capacity = 256 };
	uint32_t tier, next, until, multiplier;
	int64_t missing = 0;
	size_t n;
	char whole[4096];

	snprintf(whole, sizeof(whole), "{%s}", json);
	assert_int_equal(json_parse(&doc, palier_str(whole), JSON_DEPTH_MAX), PALIER_OK);
	tier = json_member(&doc, 0, key);
	if (!tier)
		return "none";
	next = json_member(&doc, tier, "next");
	until = json_member(&doc, tier, "until");
	multiplier = json_member(&doc, tier, "multiplier");
	n = (size_t)snprintf(text, sizeof(text), "%.*s",
		PALIER_ARG(json_string(&doc, json_member(&doc, tier, "name"), NULL)));
	if (until)
		n += (size_t)snprintf(text + n, sizeof(text) - n, " until %.*s", PALIER_ARG(json_string(&doc, until, NULL)));
	if (json_member(&doc, tier, "notice"))
		n += (size_t)snprintf(text + n, sizeof(text) - n, ", falling");
	if (multiplier)
		n += (size_t)snprintf(text + n, sizeof(text) - n, " x%.*s", PALIER_ARG(json_text(&doc, multiplier)));
	if (!next)
		return text;
	assert_true(json_integer(&doc, json_member(&doc, next, "missing"), &missing));
	assert_int_equal(json_member(&doc, next, "unit") == 0, money);
	n += (size_t)snprintf(text + n, sizeof(text) - n, money ? ", %lld.%02lld" : ", %lld",
		(long long)(money ? missing / 100 : missing), (long long)(missing % 100));
	snprintf(text + n, sizeof(text) - n, " to %.*s",
		PALIER_ARG(json_string(&doc, json_member(&doc, next, "name"), NULL)));
	return text;
}

struct teller {
	struct palier_ctx *c;
	struct palier_id who;
	bool money;
	int64_t earned; /* by the last sale, */
	char said[256]; /* and what it said */
};

static int64_t earned_last(const struct palier_ctx *c)
{
	const struct palier_event *ev = kit_event(c);
	int64_t earned = 0;

	for (uint32_t i = 0; i < ev->effect_count; i++) {
		const struct points_move *m = ev->effects[i].body;

		if (strcmp(ev->effects[i].kind->name, "points.move") == 0 && m->cause == POINTS_EARN)
			earned += m->points;
	}
	return earned;
}

static const char *seen(const struct teller *t)
{
	return tier_text(kit_lookup(t->c, t->who), "tier", t->money);
}

static void assert_seen(const struct teller *t, const char *tier)
{
	char expected[256];

	snprintf(expected, sizeof(expected), "%s", tier);
	assert_string_equal(seen(t), expected);
}

/* What a reply says is what is seen afterwards. */
static void sell(struct teller *t, const struct step *s)
{
	const struct kit_line line = { .amount = s->a * 100,
		.foreign = s->kind == DISCOUNTED ? s->b : 0,
		.ours = s->kind == DISCOUNTED ? s->c : 0 };

	assert_int_equal(kit_sale(t->c, &t->who, s->kind == QUOTE ? NULL : s->text, &line, 1), PALIER_OK);
	t->earned = earned_last(t->c);
	snprintf(t->said, sizeof(t->said), "%s", kit_messages(t->c));
	if (s->kind == QUOTE)
		assert_string_equal(tier_text(kit_reply(t->c, PALIER_REPLY_QUOTE), "tier_after", t->money), s->text);
	else
		assert_seen(t, tier_text(kit_reply(t->c, PALIER_REPLY_COMMIT), "tier", t->money));
}

static void come_back(const struct teller *t, const struct step *s)
{
	const struct kit_return r = { .sale = s->text,
		.number = palier_format(palier_arena(t->c), "%s'", s->text),
		.base = s->a,
		.before = s->b,
		.after = s->c };

	assert_int_equal(kit_return(t->c, &r, NULL), PALIER_OK);
}

static void close_day(const struct teller *t, const struct step *s)
{
	char before[256];

	snprintf(before, sizeof(before), "%s", seen(t));
	kit_close(t->c, (uint32_t)s->a, (uint32_t)s->b);
	assert_int_equal(strcmp(seen(t), before) != 0, s->c);
}

static int adjust(struct palier_ctx *c, void *who)
{
	const struct points_move *m = who;

	return points_move(c, m);
}

/* Most of the sentence is in the step itself. */
static void tell(struct teller *t, const struct step *s)
{
	struct points_move m;

	switch (s->kind) {
	case END:
		break;
	case CLOCK:
		kit_clock(t->c, s->text);
		break;
	case LATE:
		kit_late(t->c, s->text, s->other);
		break;
	case BUY:
	case DISCOUNTED:
	case QUOTE:
		sell(t, s);
		break;
	case BACK:
		come_back(t, s);
		break;
	case UNDO:
		assert_int_equal(kit_void(t->c, s->text), PALIER_OK);
		break;
	case CLOSE:
		close_day(t, s);
		break;
	case SEE:
		assert_seen(t, s->text);
		break;
	case FACT:
		assert_string_equal(kit_fact(t->c, t->who, s->text), s->other);
		break;
	case SAID:
		assert_non_null(strstr(t->said, s->text)); /* after what points says */
		break;
	case PROMPTED:
		seen(t);
		assert_string_equal(kit_prompts(t->c), s->text);
		break;
	case EARNED:
		assert_int_equal(t->earned, s->a);
		break;
	case RECONFIGURE:
		kit_reconfigure(t->c, s->text);
		t->money = strstr(s->text, "on = spend") != NULL;
		break;
	case WHO:
		t->who = kit_member((unsigned)s->a);
		break;
	case ENROL:
		assert_int_equal(kit_enroll(t->c, t->who, NULL), PALIER_OK);
		break;
	case MERGE:
		assert_int_equal(kit_merge(t->c, t->who, kit_member((unsigned)s->a)), PALIER_OK);
		break;
	case ERASE:
		assert_int_equal(kit_erase(t->c, t->who), PALIER_OK);
		break;
	case ADJUST:
		m = points_move_of(t->who, palier_str("points"), POINTS_ADJUST, s->a);
		assert_int_equal(kit_decide(t->c, t->who, adjust, &m), PALIER_OK);
		break;
	}
}

static void story_told(void **state)
{
	const struct story *story = *state;
	struct teller t = { .who = kit_member(1), .money = strstr(story->config, "on = spend") != NULL };

	t.c = kit_new(plugins, story->config);
	for (const struct step *s = story->steps; s < story->steps + COUNT(story->steps) && s->kind != END; s++) {
		tell(&t, s);
		assert_true(kit_same(t.c));
		assert_string_equal(kit_check(t.c), "");
	}
	kit_free(t.c);
}

/* --- what cannot mean anything --- */

#define TIER "tier a { from = 0 }"

static const struct refusal {
	const char *name, *config, *error;
} refusals[] = {
	{ "no tier at all", "tiers { }", "test:1: tiers needs 1 to 64 sections such as tier \"silver\" { from = 1000 }" },
	{ "a tier without from", "tiers {\n\ttier a { }\n}",
		"test:2: tier \"a\" does not say from where on it holds: from = 0, say" },
	{ "a from below nothing", "tiers { tier a { from = -1 } }", "test:1: tier \"a\": from = -1 cannot be negative" },
	{ "points with decimals", "tiers { tier a { from = \"1.50\" } }",
		"test:1: from = \"1.50\": expected a number with at most 0 decimals, such as \"2\"" },
	{ "an amount with three decimals", "tiers { on = spend  tier a { from = \"1.505\" } }",
		"test:1: from = \"1.505\": expected an amount in EUR, such as \"5.00\"" },
	{ "a tier that is no higher than the one before", "tiers {\n\ttier a { from = 10 }\n\ttier b { from = 10 }\n}",
		"test:3: tier \"b\" must begin above tier \"a\": the lowest stands first" },
	{ "two tiers of a name", "tiers { " TIER " tier a { from = 10 } }", "test:1: found duplicate title 'a'" },
	{ "a tier without a name", "tiers { tier \"\" { from = 0 } }", "test:1: the name of a tier has 1 to 32 characters" },
	{ "a multiplier of nothing", "tiers { tier a { from = 0  multiplier = \"0\" } }",
		"test:1: tier \"a\": multiplier = \"0\" must be more than 0" },
	{ "a multiplier with four decimals", "tiers { tier a { from = 0  multiplier = \"1.2345\" } }",
		"test:1: multiplier = \"1.2345\": expected a number with at most 3 decimals, such as \"1.5\"" },
	{ "another measure", "tiers { on = visits " TIER " }", "test:1: on = \"visits\": expected earned or spend" },
	{ "another step", "tiers { step = two " TIER " }", "test:1: step = \"two\": expected one or evaluate" },
	{ "a window that is no window", "tiers { window = \"end of month\" " TIER " }",
		"test:1: window = \"end of month\": expected 1 to 36 months, 1 to 1096 days, calendar-year or lifetime" },
	{ "a window of no day", "tiers { window = \"0 days\" " TIER " }",
		"test:1: window = \"0 days\": expected 1 to 36 months, 1 to 1096 days, calendar-year or lifetime" },
	{ "a window of four years", "tiers { window = \"48 months\" " TIER " }",
		"test:1: window = \"48 months\": expected 1 to 36 months, 1 to 1096 days, calendar-year or lifetime" },
	{ "a grace without end", "tiers { grace = never " TIER " }",
		"test:1: grace = \"never\": expected days or months, such as \"1 month\"; \"0 days\" is none" },
	{ "a return window below nothing", "tiers { return-window = -1 " TIER " }",
		"test:1: return-window = -1: expected a whole number from 0 to 3650" },
	{ "a unit that is not there", POINTS "\ntiers { unit = stars " TIER " }",
		"test:2: unit = \"stars\": there is no such unit" },
	{ "nor where it is only multiplied", "tiers { on = spend  tier a { from = 0  multiplier = \"2\" } }",
		"test:1: unit = \"points\": there is no such unit" },
	{ "where money counts no unit is needed", "tiers { on = spend " TIER " }", "" },
	{ "an unknown setting", "tiers { colour = red }", "test:1: no such option 'colour'" },
};

static void refused(void **state)
{
	const struct refusal *r = *state;

	assert_string_equal(kit_config_error(plugins, r->config), r->error);
}

/* --- tables that do not agree --- */

/* The first row of a table of tiers, copied. */
static void row_first(struct palier_ctx *c, unsigned table, struct palier_key *key, struct palier_value *value)
{
	const struct palier_key all = { .len = 0 };
	struct palier_bytes k, v;

	assert_int_equal(palier_next(palier_seek(kit_tables(c, 1), table, &all), &k, &v), PALIER_OK);
	*key = (struct palier_key){ .len = 0 };
	*value = (struct palier_value){ .len = 0 };
	palier_key_raw(key, k.at, k.len);
	palier_value_raw(value, v.at, v.len);
}

static void assert_damage(struct palier_ctx *c, unsigned table, const struct palier_key *key, struct palier_bytes value,
	const char *finding)
{
	struct palier_key k;
	struct palier_value before;

	row_first(c, table, &k, &before);
	assert_int_equal(palier_put(kit_tables(c, 1), table, key, value), PALIER_OK);
	assert_string_equal(kit_check(c), finding);
	assert_int_equal(palier_del(kit_tables(c, 1), table, key), PALIER_OK);
	assert_int_equal(palier_put(kit_tables(c, 1), table, &k, palier_value_bytes(&before)), PALIER_OK);
	assert_string_equal(kit_check(c), "");
}

static void damage_found(void **state)
{
	const struct kit_line line = { .amount = 100000 };
	const struct palier_id who = kit_member(1);
	struct palier_ctx *c = kit_new(plugins, PLAIN);
	struct palier_key k = { .len = 0 };
	struct palier_value v = { .len = 0 };

	(void)state;
	assert_int_equal(kit_sale(c, &who, "S", &line, 1), PALIER_OK);
	assert_string_equal(kit_check(c), "");
	row_first(c, T_STANDING, &k, &v);
	assert_damage(c, T_STANDING, &k, palier_bytes_of(v.b, 10), "what is kept of a member for the tiers cannot be read");
	v.b[11]++; /* in `until` */
	assert_damage(c, T_STANDING, &k, palier_value_bytes(&v), "a member's tier does not follow from what happened");
	row_first(c, T_ENTRY, &k, &v);
	v.b[28]++; /* in `figure` */
	assert_damage(c, T_ENTRY, &k, palier_value_bytes(&v), "what counts for a member's tier is not the sum of the days");
	v.b[0] = 99; /* no kind of entry */
	assert_damage(c, T_ENTRY, &k, palier_value_bytes(&v), "what is kept of a member for the tiers cannot be read");
	row_first(c, T_RULES, &k, &v);
	k.b[3] = 1;
	assert_int_equal(palier_del(kit_tables(c, 1), T_RULES, &k), PALIER_OK);
	assert_string_equal(kit_check(c), "what is kept of a member for the tiers cannot be read");
	kit_free(c);
}

/* What counts, without a standing. */
static void stray_found(void **state)
{
	struct palier_ctx *c = kit_new(plugins, PLAIN);
	struct palier_key k = { .len = 0 };
	struct palier_value v = { .len = 0 };

	(void)state;
	palier_key_id(&k, kit_member(1));
	palier_key_uint(&k, 20261121, 4);
	palier_key_uint(&k, 0, 1);
	palier_value_i64(&v, 1);
	assert_int_equal(palier_put(kit_tables(c, 1), T_DAY, &k, palier_value_bytes(&v)), PALIER_OK);
	assert_string_equal(kit_check(c), "something counts for a member who stands nowhere");
	kit_free(c);
}

static int rows_of(struct palier_ctx *c, unsigned table)
{
	const struct palier_key all = { .len = 0 };
	struct palier_cursor *rows = palier_seek(kit_tables(c, 1), table, &all);
	struct palier_bytes key, value;
	int count = 0;

	while (palier_next(rows, &key, &value) == PALIER_OK)
		count++;
	return count;
}

/* What is older than four years lies in one row, from which returns still take. */
static void rows_bounded(void **state)
{
	const struct kit_line line = { .amount = 10000 };
	const struct kit_return r = { .sale = "S", .number = "R", .base = 1, .after = 1 };
	const struct palier_id who = kit_member(1);
	struct palier_ctx *c = kit_new(plugins, TIERS("window = lifetime", METALS));

	(void)state;
	kit_clock_ms(c, zone_midnight(20160115), zone_midnight(20160115));
	assert_int_equal(kit_sale(c, &who, "S", &line, 1), PALIER_OK);
	for (int month = 1; month < 120; month++) {
		uint32_t day = day_add_months(20160115, month);

		kit_clock_ms(c, zone_midnight(day), zone_midnight(day));
		for (int n = 0; n < 3; n++)
			assert_int_equal(kit_sale(c, &who, "T", &line, 1), PALIER_OK);
		kit_close(c, day, day_add(day, 1));
		assert_string_equal(kit_check(c), "");
	}
	assert_int_equal(rows_of(c, T_ENTRY),
		1 + 2 * 3 + 14); /* a base, the last two months, and those who have only begun */
	assert_int_equal(rows_of(c, T_DAY), 1 + 49);
	assert_int_equal(kit_return(c, &r, NULL), PALIER_OK);
	assert_true(kit_same(c));
	assert_string_equal(kit_check(c), "");
	assert_non_null(strstr(kit_lookup(c, who), "\"tier\":{\"name\":\"gold\"}"));
	kit_reconfigure(c, TIERS("window = lifetime", "tier bronze { from = 0 }  tier top { from = 100000 }"));
	assert_non_null(strstr(kit_lookup(c, who), "\"missing\":64300"));
	kit_free(c);
}

/* --- odd orders, drawn --- */

#define DRAWN_STEPS   60
#define DRAWN_SEEDS   60
#define DRAWN_MEMBERS 3

struct drawn {
	struct palier_ctx *c;
	uint64_t state;
	int64_t now_ms;
	uint32_t day;
	unsigned count; /* sales so far */
	struct drawn_sale {
		int64_t back, before; /* of a thousand, now and before the last return */
		unsigned returns;
		bool gone, today, undoable; /* undoable: its last return is of today */
	} sales[DRAWN_STEPS];
	bool merged;
};

static unsigned draw(struct drawn *d, unsigned below)
{
	d->state = d->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(d->state >> 33) % below;
}

static const char *number_of(const struct drawn *d, unsigned sale, unsigned back)
{
	return back ? palier_format(palier_arena(d->c), "R%u-%u", sale, back)
	            : palier_format(palier_arena(d->c), "S%u", sale);
}

static void drawn_sale(struct drawn *d)
{
	const struct palier_id who = kit_member(1 + draw(d, DRAWN_MEMBERS));
	const struct kit_line line = { .amount = 100 * (1 + (int64_t)draw(d, 600)) };
	int64_t late = draw(d, 3) ? 0 : (int64_t)draw(d, 90) * DAY_MS + draw(d, 5000);

	if (d->merged && who.b[0] == 1)
		return;
	kit_clock_ms(d->c, d->now_ms - late, d->now_ms);
	assert_int_equal(kit_sale(d->c, &who, number_of(d, d->count, 0), &line, 1), PALIER_OK);
	d->sales[d->count++].today = true;
}

static void drawn_return(struct drawn *d)
{
	unsigned n = d->count ? draw(d, d->count) : 0;
	struct drawn_sale *s = &d->sales[n];
	struct kit_return r = { .base = 1000, .before = s->back };

	if (d->count == 0 || s->gone || s->back == 1000)
		return;
	s->before = s->back;
	s->undoable = true;
	s->back = draw(d, 2) ? 1000 : s->back + 1 + draw(d, (unsigned)(1000 - s->back));
	r.after = s->back;
	r.sale = number_of(d, n, 0);
	r.number = number_of(d, n, ++s->returns);
	kit_clock_ms(d->c, d->now_ms, d->now_ms);
	assert_int_equal(kit_return(d->c, &r, NULL), PALIER_OK);
}

static void drawn_void(struct drawn *d)
{
	unsigned n = d->count ? draw(d, d->count) : 0;
	struct drawn_sale *s = &d->sales[n];

	kit_clock_ms(d->c, d->now_ms, d->now_ms);
	if (s->undoable) {
		assert_int_equal(kit_void(d->c, number_of(d, n, s->returns)), PALIER_OK);
		s->back = s->before;
		s->undoable = false;
	} else if (s->today && s->back == 0 && !s->gone) {
		assert_int_equal(kit_void(d->c, number_of(d, n, 0)), PALIER_OK);
		s->gone = true;
	}
}

static void drawn_days(struct drawn *d)
{
	int64_t days = 1 + draw(d, draw(d, 2) ? 3 : 70);
	uint32_t closed = zone_day(d->now_ms);

	for (unsigned i = 0; i < d->count; i++)
		d->sales[i].today = d->sales[i].undoable = false;
	d->now_ms += days * DAY_MS;
	kit_clock_ms(d->c, d->now_ms, d->now_ms);
	kit_close(d->c, closed, zone_day(d->now_ms));
}

static void drawn_rules(struct drawn *d)
{
	static const char *const rules[] = { TIERS("", LOW_TIERS), TIERS("window = \"60 days\"", LOW_TIERS),
		TIERS("step = evaluate  grace = \"5 days\"", METALS),
		TIERS("window = calendar-year  return-window = 10", LOW_TIERS),
		TIERS("window = lifetime", "tier basic { from = 0 }  tier silver { from = 200  multiplier = \"1.5\" }"),
		TIERS("on = spend", "tier silver { from = \"100.00\" }  tier gold { from = \"900.00\" }"), POINTS };

	kit_reconfigure(d->c, rules[draw(d, COUNT(rules))]);
}

static void drawn_merge(struct drawn *d)
{
	if (d->merged)
		return;
	kit_clock_ms(d->c, d->now_ms, d->now_ms);
	assert_int_equal(kit_merge(d->c, kit_member(1), kit_member(2)), PALIER_OK);
	d->merged = true;
}

/* Whatever happens: what is kept is what follows from it, and a rebuild gives the same. */
static void drawn(void **state)
{
	static void (*const steps[])(struct drawn * d) = { drawn_sale, drawn_sale, drawn_sale, drawn_sale, drawn_return,
		drawn_return, drawn_void, drawn_void, drawn_days, drawn_days, drawn_rules };

	(void)state;
	for (unsigned seed = 1; seed <= DRAWN_SEEDS; seed++) {
		struct drawn d = { .c = kit_new(plugins, TIERS("", LOW_TIERS)),
			.state = seed,
			.now_ms = zone_midnight(20261120) + 43200000 };

		for (unsigned i = 0; i < DRAWN_STEPS; i++) {
			if (draw(&d, 40) == 0)
				drawn_merge(&d);
			else
				steps[draw(&d, COUNT(steps))](&d);
			if (!kit_same(d.c) || kit_check(d.c)[0])
				fail_msg("seed %u, step %u: %s", seed, i, kit_check(d.c));
		}
		kit_free(d.c);
	}
}

int main(void)
{
	struct CMUnitTest tests[COUNT(stories) + COUNT(refusals) + 4] = {
		{ "check finds tiers and sums that do not follow from what happened", damage_found, NULL, NULL, NULL },
		{ "check finds what counts for who stands nowhere", stray_found, NULL, NULL, NULL },
		{ "ten years of purchases are seventy rows", rows_bounded, NULL, NULL, NULL },
		{ "in whatever order, a standing is what follows from what happened", drawn, NULL, NULL, NULL },
	};
	size_t n = 4;

	for (size_t i = 0; i < COUNT(stories); i++)
		tests[n++] = (struct CMUnitTest){ stories[i].name, story_told, NULL, NULL, (void *)(uintptr_t)&stories[i] };
	for (size_t i = 0; i < COUNT(refusals); i++)
		tests[n++] = (struct CMUnitTest){ refusals[i].name, refused, NULL, NULL, (void *)(uintptr_t)&refusals[i] };
	return cmocka_run_group_tests_name("tiers", tests, NULL, NULL);
}
