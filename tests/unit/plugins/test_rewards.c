/* SPDX-License-Identifier: Apache-2.0 */
/* What points buy: rules.md "Spending" and its fine print, a row a sentence. Whatever a quote lists, a commit does; whatever a quote refuses,
 * a commit is refused for, and leaves nothing behind. */
#include "tests/unit/plugins/kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "plugins/points.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

extern const struct palier_plugin palier_plugin_points, palier_plugin_rewards;
static const struct palier_plugin *const plugins[] = { &palier_plugin_points, &palier_plugin_rewards, NULL };

#define UNITS \
	"points {\n" \
	"	unit points { }\n" \
	"	unit coffee { }\n" \
	"	unit credit { kind = money }\n" \
	"	earn base { unit = points  per = \"1.00\" }\n" \
	"}\n"
#define REWARDS \
	UNITS \
	"rewards {\n" \
	"	reward five-off { unit = points  cost = 500  kind = amount  value = \"5.00\"  of = order\n" \
	"		label { fr = \"5 euros offerts\"  en = \"5 euros off\" } }\n" \
	"	reward three { unit = points  cost = 300  kind = amount  value = \"3.00\" }\n" \
	"	reward ten-pct { unit = points  cost = 300  kind = percent  value = \"10\"  of = order  cap = \"20.00\" }\n" \
	"	reward per-point { unit = points  cost = 1  kind = amount  value = \"0.01\"  min-points = 100  max-share = \"50\" }\n" \
	"	reward euro { unit = points  cost = 1  kind = amount  value = \"1.00\" }\n" \
	"	reward free-one { unit = coffee  cost = 9  kind = product  get = 1  skus = {\"espresso\", \"tea\"} }\n" \
	"	reward pair { unit = coffee  cost = 15  kind = product  get = 2  skus = {\"espresso\"} }\n" \
	"	reward once-a-day { unit = points  cost = 10  kind = amount  value = \"1.00\"  max { day = 1 } }\n" \
	"	reward thrice { unit = points  cost = 10  kind = amount  value = \"1.00\"  max { member = 3 } }\n" \
	"	reward books { unit = points  cost = 10  kind = percent  value = \"50\"  of = lines  when { category = book } }\n" \
	"	reward rich { unit = points  cost = 10  kind = amount  value = \"1.00\"  when { spend-min = \"20.00\" } }\n" \
	"	reward gold { unit = points  cost = 10  kind = amount  value = \"1.00\"  when { tier = gold } }\n" \
	"	reward purse { unit = points  cost = 100  kind = credit  value = \"1.50\"  to = credit }\n" \
	"	reward mug { unit = credit  cost = 100  kind = amount  value = \"2.00\" }\n" \
	"}\n"

/* --- funds --- */

struct funds {
	const char *unit;
	int64_t points;
};

static int grant(struct palier_ctx *c, void *who)
{
	const struct funds *f = who;

	return points_grant(c, palier_event_now(c)->member, palier_str(f->unit), f->points);
}

static void fund(struct palier_ctx *c, struct palier_id member, const char *unit, int64_t points)
{
	struct funds f = { unit, points };

	if (points)
		assert_int_equal(kit_decide(c, member, grant, &f), PALIER_OK);
}

static int64_t spendable_of;

static int ask_spendable(struct palier_ctx *c, void *who)
{
	return palier_spendable(c, palier_event_now(c)->member, who, &spendable_of);
}

static int64_t spendable(struct palier_ctx *c, struct palier_id member, char *unit)
{
	assert_int_equal(kit_decide(c, member, ask_spendable, unit), PALIER_OK);
	return spendable_of;
}

/* --- a redemption --- */

struct want {
	const char *reward;
	int64_t times, points;
	const char *choice;
};

static uint32_t wants_fill(const struct want *wants, size_t n, struct redemption *out)
{
	uint32_t count = 0;

	for (; count < n && wants[count].reward; count++) {
		struct redemption *r = &out[count];

		*r = (struct redemption){ .set = { 0, 0 } };
		PALIER_SET(r, redemption, reward, palier_str(wants[count].reward));
		if (wants[count].times)
			PALIER_SET(r, redemption, times, wants[count].times);
		if (wants[count].points)
			PALIER_SET(r, redemption, points, wants[count].points);
		if (wants[count].choice)
			PALIER_SET(r, redemption, choice, palier_str(wants[count].choice));
	}
	return count;
}

/* What the last event spent: "unit points reward" by ", ". */
static const char *spent(const struct palier_ctx *c)
{
	static char text[256];
	const struct palier_event *ev = kit_event(c);
	int at = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < ev->effect_count; i++) {
		const struct points_move *m = ev->effects[i].body;

		if (strcmp(ev->effects[i].kind->name, "points.move") == 0 && m->cause == POINTS_SPEND)
			at += snprintf(text + at, sizeof(text) - (size_t)at, "%s%.*s %lld %.*s", at ? ", " : "",
				PALIER_ARG(m->unit), (long long)-m->points, PALIER_ARG(m->reward));
	}
	return text;
}

static int ring(struct palier_ctx *c, const struct palier_id *member, const char *number, const struct kit_line *lines,
	uint32_t line_count, const struct want *wants, size_t want_count)
{
	struct redemption redeem[4];
	struct kit_basket b = { .lines = lines, .line_count = line_count, .redeem = redeem };

	b.redeem_count = wants_fill(wants, want_count, redeem);
	return kit_ring(c, member, number, &b);
}

/* --- what a redemption comes to --- */

static const struct redeem_case {
	const char *name;
	struct kit_line lines[3];
	struct want wants[3];
	int64_t points, coffee;                  /* what the member has */
	const char *discounts, *spent, *refused; /* NULL: nothing */
	bool frozen;
} cases[] = {
#define CASE(sentence, ...) \
	{ \
		.name = (sentence), __VA_ARGS__ \
	}
	CASE("an amount is taken off for its cost", .lines = { { .amount = 2000 } }, .wants = { { .reward = "five-off" } },
		.points = 700, .discounts = "five-off 500 [500]", .spent = "points 500 five-off"),
	CASE("several times cost several times", .lines = { { .amount = 2000 } }, .wants = { { "five-off", .times = 2 } },
		.points = 1000, .discounts = "five-off 1000 [1000]", .spent = "points 1000 five-off"),
	CASE("not enough points is a refusal, never a clamp", .lines = { { .amount = 2000 } },
		.wants = { { "five-off", .times = 2 } }, .points = 999, .refused = "five-off insufficient_points"),
	CASE("with no points nothing can be had", .lines = { { .amount = 2000 } }, .wants = { { .reward = "five-off" } },
		.refused = "five-off insufficient_points"),
	CASE("points asked are at most that many, cut to whole multiples", .lines = { { .amount = 2000 } },
		.wants = { { "five-off", .points = 1400 } }, .points = 2000, .discounts = "five-off 1000 [1000]",
		.spent = "points 1000 five-off"),
	CASE("fewer points than one costs buy nothing", .lines = { { .amount = 2000 } },
		.wants = { { "five-off", .points = 499 } }, .points = 2000, .refused = "five-off reward_unavailable"),
	CASE("a discount never exceeds what it applies to: 10 points, not 100", .lines = { { .amount = 1000 } },
		.wants = { { "euro", .points = 100 } }, .points = 100, .discounts = "euro 1000 [1000]",
		.spent = "points 10 euro"),
	CASE("times are cut to those started: four, the last costs whole", .lines = { { .amount = 1000 } },
		.wants = { { "three", .times = 100 } }, .points = 1200, .discounts = "three 1000 [1000]",
		.spent = "points 1200 three"),
	CASE("the basket cuts first, then points are asked for", .lines = { { .amount = 1000 } },
		.wants = { { "three", .times = 100 } }, .points = 1199, .refused = "three insufficient_points"),
	CASE("a share is the most of what is left", .lines = { { .amount = 999 } },
		.wants = { { "per-point", .points = 10000 } }, .points = 10000, .discounts = "per-point 499 [499]",
		.spent = "points 499 per-point"),
	CASE("the least is judged after the cut", .lines = { { .amount = 198 } },
		.wants = { { "per-point", .points = 10000 } }, .points = 10000, .refused = "per-point reward_unavailable"),
	CASE("the least is enough", .lines = { { .amount = 200 } }, .wants = { { "per-point", .points = 10000 } },
		.points = 10000, .discounts = "per-point 100 [100]", .spent = "points 100 per-point"),
	CASE("fewer than the least are refused whatever there is", .lines = { { .amount = 2000 } },
		.wants = { { "per-point", .times = 99 } }, .points = 10000, .refused = "per-point reward_unavailable"),
	CASE("min-points and max-share come before insufficient points", .lines = { { .amount = 198 } },
		.wants = { { "per-point", .points = 10000 } }, .refused = "per-point reward_unavailable"),
	CASE("a percentage", .lines = { { .amount = 2000 } }, .wants = { { .reward = "ten-pct" } }, .points = 300,
		.discounts = "ten-pct 200 [200]", .spent = "points 300 ten-pct"),
	CASE("a percentage is capped", .lines = { { .amount = 50000 } }, .wants = { { .reward = "ten-pct" } }, .points = 300,
		.discounts = "ten-pct 2000 [2000]", .spent = "points 300 ten-pct"),
	CASE("a percentage by points is had once", .lines = { { .amount = 2000 } },
		.wants = { { "ten-pct", .points = 900 } }, .points = 900, .discounts = "ten-pct 200 [200]",
		.spent = "points 300 ten-pct"),
	CASE("a percentage sent again is of what the first left; its cap is per redemption", .lines = { { .amount = 2000 } },
		.wants = { { .reward = "ten-pct" }, { "ten-pct", .times = 1 } }, .points = 600,
		.discounts = "ten-pct 200 [200], ten-pct 180 [180]", .spent = "points 300 ten-pct, points 300 ten-pct"),
	CASE("rewards are had in the order sent", .lines = { { .amount = 1000 } },
		.wants = { { .reward = "ten-pct" }, { .reward = "five-off" } }, .points = 800,
		.discounts = "ten-pct 100 [100], five-off 500 [500]", .spent = "points 300 ten-pct, points 500 five-off"),
	CASE("the other way round they come to something else", .lines = { { .amount = 1000 } },
		.wants = { { .reward = "five-off" }, { .reward = "ten-pct" } }, .points = 800,
		.discounts = "five-off 500 [500], ten-pct 50 [50]", .spent = "points 500 five-off, points 300 ten-pct"),
	CASE("what the first has spent the second has not", .lines = { { .amount = 2000 } },
		.wants = { { .reward = "five-off" }, { .reward = "three" } }, .points = 799,
		.discounts = "five-off 500 [500]", .spent = "points 500 five-off", .refused = "three insufficient_points"),
	CASE("what cannot be had is listed and the rest goes on", .lines = { { .amount = 2000 } },
		.wants = { { .reward = "five-off" }, { .reward = "three" } }, .points = 400, .discounts = "three 300 [300]",
		.spent = "points 300 three", .refused = "five-off insufficient_points"),
	CASE("a reward that would take nothing off", .lines = { { .amount = 500 } },
		.wants = { { .reward = "five-off" }, { .reward = "three" } }, .points = 900,
		.discounts = "five-off 500 [500]", .spent = "points 500 five-off", .refused = "three reward_unavailable"),
	CASE("a reward that nobody knows", .lines = { { .amount = 500 } }, .wants = { { .reward = "six-off" } },
		.points = 900, .refused = "six-off reward_unknown"),
	CASE("points of this ticket buy nothing on it", .lines = { { .amount = 90000 } },
		.wants = { { .reward = "five-off" } }, .refused = "five-off insufficient_points"),

	CASE("a free product is the cheapest of its line at its price",
		.lines = { { "espresso", .amount = 180 }, { "tea", .amount = 150 } }, .wants = { { .reward = "free-one" } },
		.coffee = 9, .discounts = "free-one 150 [0 150]", .spent = "coffee 9 free-one"),
	CASE("the free product that was chosen", .lines = { { "espresso", .amount = 180 }, { "tea", .amount = 150 } },
		.wants = { { "free-one", .choice = "espresso" } }, .coffee = 9, .discounts = "free-one 180 [180 0]",
		.spent = "coffee 9 free-one"),
	CASE("a choice that is no free product", .lines = { { "espresso", .amount = 180 }, { "mug", .amount = 900 } },
		.wants = { { "free-one", .choice = "mug" } }, .coffee = 9, .refused = "free-one reward_unavailable"),
	CASE("none in the basket", .lines = { { "mug", .amount = 900 } }, .wants = { { .reward = "free-one" } }, .coffee = 9,
		.refused = "free-one reward_unavailable"),
	CASE("times cover up to so many units", .lines = { { "espresso", .amount = 540, .quantity = 3000 } },
		.wants = { { "free-one", .times = 2 } }, .coffee = 18, .discounts = "free-one 360 [360]",
		.spent = "coffee 18 free-one"),
	CASE("a started multiple costs whole", .lines = { { "espresso", .amount = 540, .quantity = 3000 } },
		.wants = { { "pair", .times = 9 } }, .coffee = 30, .discounts = "pair 540 [540]", .spent = "coffee 30 pair"),
	CASE("the unit is that of the reward", .lines = { { "espresso", .amount = 180 } },
		.wants = { { .reward = "free-one" } }, .points = 900, .coffee = 8,
		.refused = "free-one insufficient_points"),

	CASE("a use that is left", .lines = { { .amount = 500 } }, .wants = { { .reward = "once-a-day" } }, .points = 900,
		.discounts = "once-a-day 100 [100]", .spent = "points 10 once-a-day"),
	CASE("fewer uses left than times", .lines = { { .amount = 500 } }, .wants = { { "once-a-day", .times = 2 } },
		.points = 900, .refused = "once-a-day reward_unavailable"),
	CASE("uses are counted after the cut", .lines = { { .amount = 100 } }, .wants = { { "once-a-day", .times = 2 } },
		.points = 900, .discounts = "once-a-day 100 [100]", .spent = "points 10 once-a-day"),
	CASE("uses of this ticket count", .lines = { { .amount = 500 } },
		.wants = { { "thrice", .times = 2 }, { "thrice", .times = 2 } }, .points = 900,
		.discounts = "thrice 200 [200]", .spent = "points 20 thrice", .refused = "thrice reward_unavailable"),
	CASE("a cap comes before insufficient points", .lines = { { .amount = 500 } },
		.wants = { { "once-a-day", .times = 2 } }, .refused = "once-a-day reward_unavailable"),

	CASE("of the lines that the condition selects", .lines = { { .amount = 500 }, { "b", "book", .amount = 1000 } },
		.wants = { { .reward = "books" } }, .points = 10, .discounts = "books 500 [0 500]",
		.spent = "points 10 books"),
	CASE("a condition that selects no line", .lines = { { .amount = 500 } }, .wants = { { .reward = "books" } },
		.points = 10, .refused = "books reward_unavailable"),
	CASE("a condition about the basket", .lines = { { .amount = 2000 } }, .wants = { { .reward = "rich" } },
		.points = 10, .discounts = "rich 100 [100]", .spent = "points 10 rich"),
	CASE("a condition about the basket that does not hold", .lines = { { .amount = 1999 } },
		.wants = { { .reward = "rich" } }, .points = 10, .refused = "rich reward_unavailable"),
	CASE("a condition about the member that does not hold", .lines = { { .amount = 2000 } },
		.wants = { { .reward = "gold" } }, .points = 10, .refused = "gold reward_unavailable"),

	CASE("stored value takes nothing off", .lines = { { .amount = 500 } }, .wants = { { "purse", .times = 2 } },
		.points = 250, .spent = "points 200 purse"),
	CASE("stored value is whole multiples too", .lines = { { .amount = 500 } }, .wants = { { "purse", .points = 250 } },
		.points = 250, .spent = "points 200 purse"),
	CASE("what is loaded on this ticket buys nothing on it", .lines = { { .amount = 500 } },
		.wants = { { .reward = "purse" }, { .reward = "mug" } }, .points = 250, .spent = "points 100 purse",
		.refused = "mug insufficient_points"),
	CASE("who is frozen spends nothing", .lines = { { .amount = 500 } }, .wants = { { .reward = "five-off" } },
		.points = 500, .refused = "five-off member_frozen", .frozen = true),
	CASE("nothing was asked for", .lines = { { .amount = 500 } }, .points = 500),
};

static const char *text_of(const char *text)
{
	return text ? text : "";
}

static uint32_t lines_of(const struct redeem_case *row)
{
	uint32_t n = 0;

	while (n < COUNT(row->lines) && row->lines[n].amount)
		n++;
	return n;
}

/* "three insufficient_points, ..." begins with the reason of the first. */
static int first_reason(const char *refused)
{
	static const int reasons[] = { PALIER_EINSUFFICIENT_POINTS, PALIER_EREWARD_UNAVAILABLE, PALIER_EREWARD_UNKNOWN,
		PALIER_EMEMBER_FROZEN };
	const char *reason = strchr(refused, ' ');

	for (size_t i = 0; reason && i < COUNT(reasons); i++)
		if (strcmp(reason + 1, palier_error_info(reasons[i])->reason) == 0)
			return reasons[i];
	return PALIER_OK;
}

static void redeemed_as_said(void **state)
{
	const struct redeem_case *row = *state;
	const struct palier_id anna = kit_member(1);
	struct palier_ctx *c = kit_new(plugins, REWARDS);
	char discounts[256];
	int64_t payable;

	fund(c, anna, "points", row->points);
	fund(c, anna, "coffee", row->coffee);
	kit_frozen(c, row->frozen);
	assert_int_equal(ring(c, &anna, NULL, row->lines, lines_of(row), row->wants, COUNT(row->wants)), PALIER_OK);
	assert_string_equal(kit_discounts(c), text_of(row->discounts));
	assert_string_equal(spent(c), text_of(row->spent));
	assert_string_equal(kit_refused(c), text_of(row->refused));
	payable = kit_payable(c);
	snprintf(discounts, sizeof(discounts), "%s", kit_discounts(c));

	assert_int_equal(ring(c, &anna, "R-1", row->lines, lines_of(row), row->wants, COUNT(row->wants)),
		first_reason(text_of(row->refused)));
	if (!row->refused) {
		assert_string_equal(kit_discounts(c), discounts);
		assert_string_equal(spent(c), text_of(row->spent));
		assert_int_equal(kit_payable(c), payable);
	}
	kit_frozen(c, false);
	if (row->refused)
		assert_int_equal(spendable(c, anna, "points"), row->points);
	assert_true(kit_same(c));
	assert_string_equal(kit_check(c), "");
	kit_free(c);
}

/* --- shapes --- */

static const struct shape_case {
	const char *name;
	struct want want;
	const char *refusal;
} shapes[] = {
	{ "times and points together", { "five-off", .times = 1, .points = 500 }, "redeem[0].points: give times or points" },
	{ "the same of a reward that nobody knows", { "six-off", .times = 1, .points = 5 },
		"redeem[0].points: give times or points" },
	{ "a percentage several times", { "ten-pct", .times = 2 },
		"redeem[0].times: a percentage is had once: send the redemption again" },
	{ "a cost beyond what a figure can say", { "five-off", .times = PALIER_FIGURE_MAX / 500 + 1 },
		"redeem[0].times: so many would pass 2^53-1" },
	{ "stored value beyond it", { "purse", .times = PALIER_FIGURE_MAX / 150 + 1 },
		"redeem[0].times: so many would pass 2^53-1" },
};

static void malformed(void **state)
{
	static const struct kit_line line = { .amount = 1000 };
	const struct shape_case *row = *state;
	const struct palier_id anna = kit_member(1);
	struct palier_ctx *c = kit_new(plugins, REWARDS);

	fund(c, anna, "points", 5000);
	for (unsigned i = 0; i < 3; i++) {
		kit_offline(c, i == 2);
		assert_int_equal(ring(c, &anna, i ? "R-1" : NULL, &line, 1, &row->want, 1), PALIER_EPARAMS);
		assert_string_equal(kit_refusal(c), row->refusal);
	}
	kit_free(c);
}

/* --- what has happened is a fact --- */

static const struct offline_case {
	const char *name;
	struct kit_line line;
	struct want want;
	int64_t points;
	const char *discounts, *refused, *spent;
	bool frozen, nobody;
} facts[] = {
	{ "offline too few points dig a hole", { .amount = 1000 }, { .reward = "five-off" }, 100, "five-off 500 [500]", "",
		"points 500 five-off", .frozen = false },
	{ "offline a cap binds nobody", { .amount = 1000 }, { "once-a-day", .times = 3 }, 100, "once-a-day 300 [300]",
		"once-a-day reward_unavailable", "points 30 once-a-day", .frozen = false },
	{ "offline a condition binds nobody", { .amount = 1000 }, { .reward = "gold" }, 100, "gold 100 [100]",
		"gold reward_unavailable", "points 10 gold", .frozen = false },
	{ "offline less than the least was had", { .amount = 1000 }, { "per-point", .points = 50 }, 100, "per-point 50 [50]",
		"per-point reward_unavailable", "points 50 per-point", .frozen = false },
	{ "offline nobody knows what it took off", { .amount = 1000 }, { .reward = "six-off" }, 100, "",
		"six-off reward_unknown", "", .frozen = false },
	{ "offline nothing can have been taken off nothing", { "mug", .amount = 1000 }, { .reward = "free-one" }, 100, "",
		"free-one reward_unavailable", "", .frozen = false },
	{ "offline who is frozen has spent", { .amount = 1000 }, { .reward = "five-off" }, 500, "five-off 500 [500]", "",
		"points 500 five-off", .frozen = true },
	{ "offline nobody's reward is the store's", { .amount = 1000 }, { .reward = "five-off" }, 0, "five-off 500 [500]",
		"", "", .nobody = true },
};

static void happened(void **state)
{
	const struct offline_case *row = *state;
	const struct palier_id anna = kit_member(1);
	struct palier_ctx *c = kit_new(plugins, REWARDS);

	fund(c, anna, "points", row->points);
	kit_offline(c, true);
	kit_frozen(c, row->frozen);
	assert_int_equal(ring(c, row->nobody ? NULL : &anna, "R-1", &row->line, 1, &row->want, 1), PALIER_OK);
	assert_string_equal(kit_discounts(c), row->discounts);
	assert_string_equal(kit_refused(c), row->refused);
	assert_string_equal(spent(c), row->spent);
	if (row->nobody)
		assert_string_equal(kit_alerts(c), "shortfall points 500");
	assert_true(kit_same(c));
	kit_free(c);
}

/* --- uses --- */

static const struct kit_line ten = { .amount = 1000 };

static int use(struct palier_ctx *c, struct palier_id member, const char *number, const char *reward)
{
	const struct want want = { .reward = reward };

	return ring(c, &member, number, &ten, 1, &want, 1);
}

#define CAPPED \
	UNITS \
	"rewards {\n" \
	"	reward day { unit = points  cost = 1  kind = amount  value = \"1.00\"  max { day = 1 } }\n" \
	"	reward member { unit = points  cost = 1  kind = amount  value = \"1.00\"  max { member = 2 } }\n" \
	"	reward total { unit = points  cost = 1  kind = amount  value = \"1.00\"  max { total = 2 } }\n" \
	"}\n"

static struct palier_ctx *capped(struct palier_id *anna, struct palier_id *bert)
{
	struct palier_ctx *c = kit_new(plugins, CAPPED);

	*anna = kit_member(1);
	*bert = kit_member(2);
	fund(c, *anna, "points", 100);
	fund(c, *bert, "points", 100);
	return c;
}

static void uses_counted(void **state)
{
	struct palier_id anna, bert;
	struct palier_ctx *c = capped(&anna, &bert);

	(void)state;
	assert_int_equal(use(c, anna, "R-1", "day"), PALIER_OK);
	assert_int_equal(use(c, anna, "R-2", "day"), PALIER_EREWARD_UNAVAILABLE);
	assert_int_equal(use(c, bert, "R-2", "day"), PALIER_OK);
	kit_clock(c, "2026-11-22T00:00:00+01:00");
	assert_int_equal(use(c, anna, "R-3", "day"), PALIER_OK);
	kit_late(c, "2026-11-21T23:59:59+01:00", "2026-11-22T00:01:00+01:00");
	assert_int_equal(use(c, anna, "R-4", "day"), PALIER_EREWARD_UNAVAILABLE);
	assert_int_equal(use(c, anna, "R-5", "member"), PALIER_OK);
	kit_clock(c, "2027-11-22T00:00:00+01:00");
	assert_int_equal(use(c, anna, "R-6", "member"), PALIER_OK);
	assert_int_equal(use(c, anna, "R-7", "member"), PALIER_EREWARD_UNAVAILABLE);
	assert_int_equal(use(c, anna, "R-8", "total"), PALIER_OK);
	assert_int_equal(use(c, bert, "R-9", "total"), PALIER_OK);
	assert_int_equal(use(c, bert, "R-10", "total"), PALIER_EREWARD_UNAVAILABLE);
	assert_true(kit_same(c));
	assert_string_equal(kit_check(c), "");
	kit_free(c);
}

static void void_frees(void **state)
{
	struct palier_id anna, bert;
	struct palier_ctx *c = capped(&anna, &bert);

	(void)state;
	assert_int_equal(use(c, anna, "R-1", "day"), PALIER_OK);
	assert_int_equal(use(c, anna, "R-2", "total"), PALIER_OK);
	assert_int_equal(use(c, bert, "R-3", "total"), PALIER_OK);
	assert_int_equal(kit_merge(c, anna, bert), PALIER_OK);
	assert_int_equal(use(c, bert, "R-4", "day"), PALIER_EREWARD_UNAVAILABLE); /* it was Anna's */
	assert_int_equal(kit_void(c, "R-1"), PALIER_OK);
	assert_int_equal(use(c, bert, "R-4", "day"), PALIER_OK);
	assert_int_equal(use(c, bert, "R-5", "total"), PALIER_EREWARD_UNAVAILABLE);
	assert_int_equal(kit_erase(c, bert), PALIER_OK);
	assert_int_equal(kit_void(c, "R-2"), PALIER_OK);
	fund(c, kit_member(3), "points", 9);
	assert_int_equal(use(c, kit_member(3), "R-5", "total"), PALIER_OK);
	assert_int_equal(use(c, kit_member(3), "R-6", "total"), PALIER_EREWARD_UNAVAILABLE);
	assert_true(kit_same(c));
	assert_string_equal(kit_check(c), "");
	kit_free(c);
}

static void return_frees_nothing(void **state)
{
	struct palier_id anna, bert;
	struct palier_ctx *c = capped(&anna, &bert);
	const struct kit_return all = { .sale = "R-1", .number = "B-1", .base = 900, .before = 0, .after = 900 };

	(void)state;
	assert_int_equal(use(c, anna, "R-1", "day"), PALIER_OK);
	assert_int_equal(kit_return(c, &all, NULL), PALIER_OK);
	assert_int_equal(spendable(c, anna, "points"), 100);
	assert_int_equal(use(c, anna, "R-2", "day"), PALIER_EREWARD_UNAVAILABLE);
	kit_free(c);
}

static void damaged(void **state)
{
	struct palier_id anna, bert;
	struct palier_ctx *c = capped(&anna, &bert);
	struct palier_key k = { .len = 0 };
	struct palier_value v = { .len = 0 };

	(void)state;
	assert_int_equal(use(c, anna, "R-1", "day"), PALIER_OK);
	palier_key_id(&k, anna);
	palier_key_uint(&k, 20261121, 4);
	palier_key_raw(&k, "day", 3);
	palier_value_i64(&v, 2);
	assert_int_equal(palier_put(kit_tables(c, 1), 0, &k, palier_value_bytes(&v)), PALIER_OK);
	assert_string_equal(kit_check(c), "a member's uses are not those of the member's days");
	k.b[PALIER_ID_LEN] = k.b[PALIER_ID_LEN + 1] = k.b[PALIER_ID_LEN + 2] = k.b[PALIER_ID_LEN + 3] = 0;
	assert_int_equal(palier_put(kit_tables(c, 1), 0, &k, palier_value_bytes(&v)), PALIER_OK);
	assert_string_equal(kit_check(c), "a member has used more than was used in all");
	kit_free(c);
}

/* --- holds --- */

/* The kit's points do not keep what is held: only the uses are looked at. */
static void captured(void **state)
{
	struct palier_id anna, bert;
	struct palier_ctx *c = capped(&anna, &bert);
	const struct want want = { .reward = "day" };
	struct redemption redeem[1];
	const struct kit_basket b = { .lines = &ten,
		.line_count = 1,
		.redeem = redeem,
		.redeem_count = wants_fill(&want, 1, redeem) };
	struct kit_basket capture = b;

	(void)state;
	assert_int_equal(kit_hold(c, anna, "h-1", &b, NULL, 0, 900), PALIER_OK);
	assert_int_equal(use(c, anna, "R-1", "day"), PALIER_OK); /* a cap is not reserved */
	kit_reconfigure(c, UNITS "rewards { }");
	capture.hold = "h-1";
	capture.same = true;
	assert_int_equal(kit_ring(c, &anna, "R-2", &capture), PALIER_OK); /* and does not bind a capture */
	kit_reconfigure(c, CAPPED);
	assert_int_equal(kit_void(c, "R-1"), PALIER_OK);
	assert_int_equal(use(c, anna, "R-3", "day"), PALIER_EREWARD_UNAVAILABLE);
	assert_int_equal(kit_void(c, "R-2"), PALIER_OK);
	assert_int_equal(use(c, anna, "R-3", "day"), PALIER_OK);
	assert_true(kit_same(c));
	assert_string_equal(kit_check(c), "");
	kit_free(c);
}

/* --- stored value --- */

static void loaded(void **state)
{
	const struct palier_id anna = kit_member(1);
	const struct want twice = { "purse", .times = 2 };
	const struct kit_return half = { .sale = "R-1", .number = "B-1", .base = 1000, .before = 0, .after = 500 };
	struct palier_ctx *c = kit_new(plugins, REWARDS);

	(void)state;
	fund(c, anna, "points", 250);
	assert_int_equal(ring(c, &anna, "R-1", &ten, 1, &twice, 1), PALIER_OK);
	assert_int_equal(spendable(c, anna, "credit"), 300);
	assert_int_equal(spendable(c, anna, "points"), 60); /* with what the goods earned */
	assert_int_equal(kit_return(c, &half, NULL), PALIER_OK);
	assert_int_equal(spendable(c, anna, "credit"), 150);
	assert_int_equal(spendable(c, anna, "points"), 155);
	assert_true(kit_same(c));
	kit_free(c);
}

/* --- what is shown --- */

static const struct view_case {
	const char *name;
	int64_t points, coffee;
	struct kit_line lines[2];
	struct want want; /* none: the member view */
	const char *expected;
	bool frozen;
} views[] = {
	{ "the view has what the balance affords, the cheapest first", 250, 8, .lines = { { 0 } },
		.expected = "\"rewards\":[{\"reward\":\"per-point\",\"label\":\"per-point\",\"cost\":1,\"unit\":\"points\"},"
			    "{\"reward\":\"euro\",\"label\":\"euro\",\"cost\":1,\"unit\":\"points\"},"
			    "{\"reward\":\"once-a-day\"" },
	{ "a reward is there from its cost on", 500, 0, .lines = { { 0 } },
		.expected = "{\"reward\":\"five-off\",\"label\":\"5 euros offerts\",\"cost\":500,\"unit\":\"points\"}]" },
	{ "a quote has what is left after the ones chosen", 510, 0, .lines = { { .amount = 1500 } },
		.want = { .reward = "five-off" },
		.expected = "\"available_rewards\":[{\"reward\":\"euro\",\"label\":\"euro\",\"cost\":1,\"unit\":\"points\"},"
			    "{\"reward\":\"once-a-day\",\"label\":\"once-a-day\",\"cost\":10,\"unit\":\"points\"},"
			    "{\"reward\":\"thrice\",\"label\":\"thrice\",\"cost\":10,\"unit\":\"points\"}]" },
	{ "a quote leaves out what a cap leaves out", 20, 0, .lines = { { .amount = 1500 } },
		.want = { .reward = "once-a-day" },
		.expected = "\"available_rewards\":[{\"reward\":\"euro\",\"label\":\"euro\",\"cost\":1,\"unit\":\"points\"},"
			    "{\"reward\":\"thrice\"" },
	{ "who is frozen affords nothing", 500, 9, .lines = { { 0 } }, .expected = "\"rewards\":[]", .frozen = true },
	{ "a free product that may still be added", 1, 27, .lines = { { "tea", .amount = 180 } },
		.want = { "free-one", .times = 3, .choice = "tea" },
		.expected = "\"free\":[{\"sku\":\"tea\",\"quantity\":2}]" },
	{ "as far as the points reach", 1, 26, .lines = { { "mug", .amount = 180 } }, .want = { "free-one", .times = 3 },
		.expected = "\"free\":[{\"sku\":\"espresso\",\"quantity\":2},{\"sku\":\"tea\",\"quantity\":2}]" },
	{ "the rest of a started multiple", 1, 15, .lines = { { "espresso", .amount = 180 } }, .want = { .reward = "pair" },
		.expected = "\"free\":[{\"sku\":\"espresso\",\"quantity\":1}]" },
	{ "nothing is left to be added", 1, 9, .lines = { { "espresso", .amount = 180 } }, .want = { .reward = "free-one" },
		.expected = "\"free\":[]" },
	{ "nothing can be added without points", 1, 8, .lines = { { "mug", .amount = 180 } },
		.want = { .reward = "free-one" }, .expected = "\"free\":[]" },
};

static void shown(void **state)
{
	const struct view_case *row = *state;
	const struct palier_id anna = kit_member(1);
	struct palier_ctx *c = kit_new(plugins, REWARDS);
	const char *text;

	fund(c, anna, "points", row->points);
	fund(c, anna, "coffee", row->coffee);
	kit_frozen(c, row->frozen);
	if (row->want.reward) {
		assert_int_equal(ring(c, &anna, NULL, row->lines, 1, &row->want, 1), PALIER_OK);
		text = kit_reply(c, PALIER_REPLY_QUOTE);
	} else {
		text = kit_lookup(c, anna);
	}
	if (!strstr(text, row->expected))
		fail_msg("%s lacks %s", text, row->expected);
	kit_free(c);
}

static void conditions_in_views(void **state)
{
	const struct palier_id anna = kit_member(1);
	struct palier_ctx *c = kit_new(plugins, REWARDS);

	(void)state;
	fund(c, anna, "points", 20);
	assert_non_null(strstr(kit_lookup(c, anna), "\"rich\"")); /* the basket is not known yet */
	assert_null(strstr(kit_lookup(c, anna), "\"gold\""));
	assert_int_equal(palier_fact_publish(c, kit_member(1), "tier", PALIER_LIT("gold")), PALIER_OK);
	assert_non_null(strstr(kit_lookup(c, anna), "\"gold\""));
	assert_int_equal(ring(c, &anna, NULL, &ten, 1, NULL, 0), PALIER_OK);
	assert_null(strstr(kit_reply(c, PALIER_REPLY_QUOTE), "\"rich\""));
	assert_non_null(strstr(kit_reply(c, PALIER_REPLY_QUOTE), "\"gold\""));
	kit_language(c, "en");
	fund(c, anna, "points", 500);
	assert_non_null(strstr(kit_lookup(c, anna), "\"5 euros off\""));
	kit_free(c);
}

static void unconfigured(void **state)
{
	const struct palier_id anna = kit_member(1);
	struct palier_ctx *c = kit_new(plugins, UNITS);

	(void)state;
	fund(c, anna, "points", 500);
	assert_int_equal(use(c, anna, "R-1", "five-off"), PALIER_EREWARD_UNKNOWN);
	assert_non_null(strstr(kit_lookup(c, anna), "\"rewards\":[]"));
	kit_free(c);
}

/* --- what cannot mean anything --- */

static const struct wrong_case {
	const char *name, *reward, *error;
} wrongs[] = {
	{ "a reward without unit", "cost = 5  kind = amount  value = \"1\"",
		"reward \"x\" does not say which unit it costs: unit is missing" },
	{ "a unit that is none", "unit = miles  cost = 5  kind = amount  value = \"1\"",
		"reward \"x\": there is no unit \"miles\"" },
	{ "a reward without cost", "unit = points  kind = amount  value = \"1\"",
		"reward \"x\" does not say what it costs: cost is missing" },
	{ "a reward for nothing", "unit = points  cost = 0  kind = amount  value = \"1\"",
		"cost = 0: expected a whole number" },
	{ "a reward without kind", "unit = points  cost = 5  value = \"1\"",
		"reward \"x\" does not say what it gives: kind is missing (amount, percent, product or credit)" },
	{ "a kind that is none", "unit = points  cost = 5  kind = gift",
		"kind = \"gift\": expected amount, percent, product or credit" },
	{ "what a benefit cannot be", "unit = points  cost = 5  kind = percent  value = \"101\"",
		"value = \"101\": expected a percentage" },
	{ "stored value without value", "unit = points  cost = 5  kind = credit  to = credit",
		"reward \"x\": value must say how much it loads, more than 0" },
	{ "stored value of nothing", "unit = points  cost = 5  kind = credit  to = credit  value = \"0\"",
		"reward \"x\": value must say how much it loads, more than 0" },
	{ "stored value into nothing", "unit = points  cost = 5  kind = credit  value = \"1\"",
		"reward \"x\" does not say which unit it loads: to is missing" },
	{ "stored value that is none", "unit = points  cost = 5  kind = credit  value = \"1\"  to = coffee",
		"reward \"x\": to = \"coffee\" is no unit of kind = money" },
	{ "stored value for itself", "unit = credit  cost = 5  kind = credit  value = \"1\"  to = credit",
		"reward \"x\" costs and loads the same unit" },
	{ "stored value of something", "unit = points  cost = 5  kind = credit  value = \"1\"  to = credit  of = order",
		"reward \"x\": of means nothing with kind = credit" },
	{ "an amount into stored value", "unit = points  cost = 5  kind = amount  value = \"1\"  to = credit",
		"reward \"x\": to goes with kind = credit" },
	{ "more than all of the basket", "unit = points  cost = 5  kind = amount  value = \"1\"  max-share = \"100.1\"",
		"reward \"x\": max-share = \"100.1\": expected a percentage" },
	{ "none of the basket", "unit = points  cost = 5  kind = amount  value = \"1\"  max-share = \"0\"",
		"reward \"x\": max-share = \"0\": expected a percentage" },
	{ "a share of a percentage", "unit = points  cost = 5  kind = percent  value = \"1\"  max-share = \"50\"",
		"reward \"x\": max-share goes with kind = amount" },
	{ "a least that is negative", "unit = points  cost = 5  kind = amount  value = \"1\"  min-points = -1",
		"min-points = -1: expected a whole number" },
	{ "a percentage that never costs enough", "unit = points  cost = 5  kind = percent  value = \"1\"  min-points = 6",
		"reward \"x\" can never be had: it costs less than min-points" },
	{ "a cap that is none", "unit = points  cost = 5  kind = amount  value = \"1\"  max { day = -2 }",
		"max: day = -2: expected how often, or 0 for no limit" },
	{ "a condition that is none", "unit = points  cost = 5  kind = amount  value = \"1\"  when { days = noday }",
		"days: \"noday\" is no day" },
};

static void refused_as_said(void **state)
{
	const struct wrong_case *row = *state;
	char config[1024];
	const char *error;

	snprintf(config, sizeof(config), UNITS "rewards { reward x { %s } }", row->reward);
	error = kit_config_error(plugins, config);
	if (!strstr(error, row->error))
		fail_msg("\"%s\" lacks \"%s\"", error, row->error);
}

static void names_refused(void **state)
{
	(void)state;
	assert_non_null(strstr(kit_config_error(plugins,
				       UNITS "rewards { reward abcdefghijklmnopqrstuvwxyz1234567 { unit = points  cost = 5  "
					     "kind = amount  value = \"1\" } }"),
		"the name of a reward must have 1 to 32 characters"));
}

static size_t add(struct CMUnitTest *tests, size_t n, const char *name, CMUnitTestFunction run, const void *row)
{
	tests[n] = (struct CMUnitTest){ name, run, NULL, NULL, (void *)(uintptr_t)row };
	return n + 1;
}

int main(void)
{
	struct CMUnitTest tests[COUNT(cases) + COUNT(shapes) + COUNT(facts) + COUNT(views) + COUNT(wrongs) + 9];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(cases); i++)
		n = add(tests, n, cases[i].name, redeemed_as_said, &cases[i]);
	for (size_t i = 0; i < COUNT(shapes); i++)
		n = add(tests, n, shapes[i].name, malformed, &shapes[i]);
	for (size_t i = 0; i < COUNT(facts); i++)
		n = add(tests, n, facts[i].name, happened, &facts[i]);
	for (size_t i = 0; i < COUNT(views); i++)
		n = add(tests, n, views[i].name, shown, &views[i]);
	for (size_t i = 0; i < COUNT(wrongs); i++)
		n = add(tests, n, wrongs[i].name, refused_as_said, &wrongs[i]);
	n = add(tests, n, "uses count by the store's date, by member and in all", uses_counted, NULL);
	n = add(tests, n, "a void frees uses, also of members who were merged or erased", void_frees, NULL);
	n = add(tests, n, "a return gives points back, and no uses", return_frees_nothing, NULL);
	n = add(tests, n, "counts that disagree are found", damaged, NULL);
	n = add(tests, n, "a hold reserves no use; captured it counts, whatever the programme is by then", captured, NULL);
	n = add(tests, n, "stored value is there for the next sale, and goes back with the goods", loaded, NULL);
	n = add(tests, n, "a view judges member and clock, a quote the basket too", conditions_in_views, NULL);
	n = add(tests, n, "without a section there are no rewards", unconfigured, NULL);
	n = add(tests, n, "names that no redemption could say", names_refused, NULL);
	return _cmocka_run_group_tests("rewards", tests, n, NULL, NULL);
}
