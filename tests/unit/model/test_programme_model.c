/* SPDX-License-Identifier: Apache-2.0 */
/* The model itself, by stories reckoned by hand: the examples of rules.md, a row or a tale each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/model/programme.h"

#define NOW    INT64_C(1795255200000) /* 2026-11-21 10:00 in Paris */
#define DAY_MS INT64_C(86400000)
#define NOBODY (-1)

#define POINTS \
	{ \
		.name = "points", .grace = 30 \
	}
#define BASE \
	{ \
		.name = "base", .per = 100, .points = 1 \
	}
#define LINES(...) .lines = { __VA_ARGS__ }, .line_count = sizeof((struct p_line[]){ __VA_ARGS__ }) / sizeof(struct p_line)
#define REDEEM(...) \
	.redeem = { __VA_ARGS__ }, .redeem_count = sizeof((struct p_redeem[]){ __VA_ARGS__ }) / sizeof(struct p_redeem)
#define COUPONS(...) \
	.coupons = { __VA_ARGS__ }, .coupon_count = sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(const char *)
#define ITEM(s, q, a, ...) \
	{ \
		.sku = (s), .quantity = (q)*1000, .amount = (a), .on = -1, ##__VA_ARGS__ \
	}
#define OFF(a, line) \
	{ \
		.sku = "off", .quantity = 1000, .amount = -(a), .kind = P_DISCOUNT, .on = (line) \
	}
#define WHEN(...) .when = { __VA_ARGS__ }

static struct programme p;

/* --- a basket ------------------------------------------------------------------------------------------------------ */

struct expected_discount {
	const char *source;
	int64_t amount, lines[P_LINES];
};

struct basket_case {
	const char *name;
	struct p_rules rules;
	struct p_ticket ticket;
	int64_t has[P_UNITS];
	int64_t payable, earned[P_UNITS], spent;
	struct expected_discount discounts[3];
	const char *refused;
};

#define EARNS(...)  .rules = { .units = { POINTS }, .earns = { __VA_ARGS__ } }
#define REWARD(...) .rules = { .units = { POINTS }, .rewards = { { .name = "r", .cost = 1, __VA_ARGS__ } } }
#define OFFERS(...) .rules = { .units = { POINTS }, .earns = { BASE }, .offers = { __VA_ARGS__ } }
#define BUY(...)    .ticket = { __VA_ARGS__ }

static const struct basket_case baskets[] = {
	/* --- earning --- */
	{ "one floor a rule, then the rules are added: 19.99 earns 19 + 9",
		EARNS(BASE, { .name = "half", .per = 200, .points = 1 }), BUY(LINES(ITEM("a", 1, 1999))), .payable = 1999,
		.earned = { 28 } },
	{ "19 x 1.5 is rounded down", EARNS(BASE, { .name = "x", .kind = P_MULTIPLIER, .factor = 1500 }),
		BUY(LINES(ITEM("a", 1, 1999))), .payable = 1999, .earned = { 28 } },
	{ "or to the nearest",
		.rules = { .units = { { .name = "points", .rounding = P_NEAREST } },
			.earns = { BASE, { .name = "x", .kind = P_MULTIPLIER, .factor = 1500 } } },
		BUY(LINES(ITEM("a", 1, 1999))), .payable = 1999, .earned = { 29 } },
	{ "or up",
		.rules = { .units = { { .name = "points", .rounding = P_UP } },
			.earns = { BASE, { .name = "x", .kind = P_MULTIPLIER, .factor = 1500 } } },
		BUY(LINES(ITEM("a", 1, 1999))), .payable = 1999, .earned = { 29 } },
	{ "19.99 at 3 per 1.00 earns 57", EARNS({ .name = "base", .per = 100, .points = 3 }), BUY(LINES(ITEM("a", 1, 1999))),
		.payable = 1999, .earned = { 57 } },
	{ "a cart of 100 with a foreign promotion of 10 % earns 90", EARNS(BASE),
		BUY(LINES(ITEM("a", 1, 4000), ITEM("b", 1, 6000), OFF(1000, -1))), .payable = 9000, .earned = { 90 } },
	{ "a floor is of the sum of the lines, not of each", EARNS(BASE), BUY(LINES(ITEM("a", 1, 150), ITEM("b", 1, 150))),
		.payable = 300, .earned = { 3 } },
	{ "only item lines earn", EARNS(BASE),
		BUY(LINES(ITEM("a", 1, 1000), ITEM("t", 1, 500, .kind = P_TIP), ITEM("d", 1, 300, .kind = P_DEPOSIT))),
		.payable = 1800, .earned = { 10 } },
	{ "a protected part earns nothing", EARNS(BASE), BUY(LINES(ITEM("a", 1, 1000, .guarded = 250))), .payable = 1000,
		.earned = { 7 } },
	{ "but counts for the minimum, which is inclusive",
		EARNS({ .name = "visit", .kind = P_PER_VISIT, .points = 5, WHEN(.spend_min = 1000) }),
		BUY(LINES(ITEM("a", 1, 1000, .guarded = 250))), .payable = 1000, .earned = { 5 } },
	{ "the minimum is of what is left after foreign discounts",
		EARNS({ .name = "visit", .kind = P_PER_VISIT, .points = 5, WHEN(.spend_min = 1000) }),
		BUY(LINES(ITEM("a", 1, 1000), OFF(1, 0))), .payable = 999 },
	{ "and of the rule's own lines",
		EARNS({ .name = "visit", .kind = P_PER_VISIT, .points = 5, WHEN(.category = { "tea" }, .spend_min = 1000) }),
		BUY(LINES(ITEM("a", 1, 999, .category = "tea"), ITEM("b", 1, 999))), .payable = 1998 },
	{ "a pure tip earns no visit", EARNS({ .name = "visit", .kind = P_PER_VISIT, .points = 5 }),
		BUY(LINES(ITEM("t", 1, 1000, .kind = P_TIP))), .payable = 1000 },
	{ "per item: a weighed line is one", EARNS({ .name = "stamp", .kind = P_PER_ITEM, .points = 2 }),
		BUY(LINES(ITEM("a", 3, 300), { .sku = "w", .quantity = 532, .amount = 100, .on = -1 })), .payable = 400,
		.earned = { 8 } },
	{ "a multiplier needs one line and multiplies the whole unit",
		EARNS(BASE, { .name = "x", .kind = P_MULTIPLIER, .factor = 2000, WHEN(.category = { "tea" }) }),
		BUY(LINES(ITEM("a", 1, 1000), ITEM("b", 1, 0, .category = "tea"))), .payable = 1000, .earned = { 20 } },
	{ "of rules that do not stack the highest stands alone, multipliers stay",
		EARNS(BASE, { .name = "low", .kind = P_PER_VISIT, .points = 3, .priority = 1, .alone = true },
			{ .name = "high", .kind = P_PER_VISIT, .points = 7, .priority = 2, .alone = true },
			{ .name = "x", .kind = P_MULTIPLIER, .factor = 3000 }),
		BUY(LINES(ITEM("a", 1, 1000))), .payable = 1000, .earned = { 21 } },
	{ "nobody earns nothing", EARNS(BASE), BUY(.member = NOBODY, LINES(ITEM("a", 1, 1000))), .payable = 1000 },
	{ "what is bought with points earns",
		.rules = { .units = { POINTS },
			.earns = { BASE },
			.rewards = { { .name = "r", .cost = 10, .value = 400 } } },
		BUY(LINES(ITEM("a", 1, 1000)), REDEEM({ .reward = 0 })), .has = { 10 }, .payable = 600, .earned = { 10 },
		.spent = 10, .discounts = { { "r", 400, { 400 } } } },
	{ "unless earn-on-redeemed is false",
		.rules = { .units = { { .name = "points", .earn_off_redeemed = true } },
			.earns = { BASE },
			.rewards = { { .name = "r", .cost = 10, .value = 400 } } },
		BUY(LINES(ITEM("a", 1, 1000)), REDEEM({ .reward = 0 })), .has = { 10 }, .payable = 600, .earned = { 6 },
		.spent = 10, .discounts = { { "r", 400, { 400 } } } },

	/* --- the till's own discounts --- */
	{ "a foreign discount takes at most what is there, the total stays the plain sum", EARNS(BASE),
		BUY(LINES(ITEM("a", 1, 1000), OFF(1500, 0), ITEM("b", 1, 300))), .payable = -200, .earned = { 3 } },
	{ "and never what is protected", EARNS(BASE), BUY(LINES(ITEM("a", 1, 1000, .guarded = 400), OFF(1000, 0))),
		.payable = 0, .earned = { 0 } },

	/* --- rewards --- */
	{ "1.00 a point on a ticket of 10.00 costs 10 points, not 100", REWARD(.value = 100),
		BUY(LINES(ITEM("a", 1, 1000)), REDEEM({ .reward = 0, .times = 100 })), .has = { 100 }, .payable = 0,
		.spent = 10, .discounts = { { "r", 1000, { 1000 } } } },
	{ "3.00 asked 100 times on 10.00: four, the last costs whole", REWARD(.value = 300),
		BUY(LINES(ITEM("a", 1, 1000)), REDEEM({ .reward = 0, .times = 100 })), .has = { 100 }, .payable = 0,
		.spent = 4, .discounts = { { "r", 1000, { 1000 } } } },
	{ "points asked are cut to whole multiples",
		.rules = { .units = { POINTS }, .rewards = { { .name = "r", .cost = 7, .value = 100 } } },
		BUY(LINES(ITEM("a", 1, 1000)), REDEEM({ .reward = 0, .points = 20 })), .has = { 100 }, .payable = 800,
		.spent = 14, .discounts = { { "r", 200, { 200 } } } },
	{ "max-share is of what is left of the lines, rounded down", REWARD(.value = 1, .share = 50),
		BUY(LINES(ITEM("a", 1, 999)), REDEEM({ .reward = 0, .points = 1000 })), .has = { 1000 }, .payable = 500,
		.spent = 499, .discounts = { { "r", 499, { 499 } } } },
	{ "min-points is judged after the cut", REWARD(.value = 1, .min_points = 100),
		BUY(LINES(ITEM("a", 1, 99)), REDEEM({ .reward = 0, .points = 500 })), .has = { 500 }, .payable = 99,
		.refused = "reward_unavailable" },
	{ "not enough points is a refusal, never a clamp", REWARD(.value = 100),
		BUY(LINES(ITEM("a", 1, 1000)), REDEEM({ .reward = 0, .times = 3 })), .has = { 2 }, .payable = 1000,
		.refused = "insufficient_points" },
	{ "a second reward sees what the first left", REWARD(.value = 600),
		BUY(LINES(ITEM("a", 1, 1000)), REDEEM({ .reward = 0 }, { .reward = 0 })), .has = { 5 }, .payable = 0,
		.spent = 2, .discounts = { { "r", 600, { 600 } }, { "r", 400, { 400 } } } },
	{ "a per cent is rounded once, then spread by largest remainder", REWARD(.kind = P_PERCENT, .value = 1000),
		BUY(LINES(ITEM("a", 1, 333), ITEM("b", 1, 333), ITEM("c", 1, 339)), REDEEM({ .reward = 0 })), .has = { 1 },
		.payable = 904, .spent = 1, .discounts = { { "r", 101, { 34, 33, 34 } } } },
	{ "ties go to the lower line", REWARD(.value = 100),
		BUY(LINES(ITEM("a", 1, 500), ITEM("b", 1, 500), ITEM("c", 1, 500)), REDEEM({ .reward = 0 })), .has = { 1 },
		.payable = 1400, .spent = 1, .discounts = { { "r", 100, { 34, 33, 33 } } } },
	{ "a cap ends it", REWARD(.kind = P_PERCENT, .value = 5000, .cap = 300),
		BUY(LINES(ITEM("a", 1, 1000)), REDEEM({ .reward = 0 })), .has = { 1 }, .payable = 700, .spent = 1,
		.discounts = { { "r", 300, { 300 } } } },
	{ "a protected part is never discounted", REWARD(.value = 1000),
		BUY(LINES(ITEM("a", 1, 1000, .guarded = 250)), REDEEM({ .reward = 0 })), .has = { 1 }, .payable = 250,
		.spent = 1, .discounts = { { "r", 750, { 750 } } } },
	{ "of lines: those of its condition", REWARD(.value = 1000, .of = P_SELECTED, WHEN(.tag = { "promo" })),
		BUY(LINES(ITEM("a", 1, 1000), ITEM("b", 1, 600, .tags = { "new", "promo" })), REDEEM({ .reward = 0 })),
		.has = { 1 }, .payable = 1000, .spent = 1, .discounts = { { "r", 600, { 0, 600 } } } },
	{ "cheapest is one unit of the cheapest line", REWARD(.kind = P_PERCENT, .value = 5000, .of = P_CHEAPEST),
		BUY(LINES(ITEM("a", 1, 500), ITEM("b", 3, 1200)), REDEEM({ .reward = 0 })), .has = { 1 }, .payable = 1500,
		.spent = 1, .discounts = { { "r", 200, { 0, 200 } } } },
	{ "a fractional quantity is one item", REWARD(.kind = P_PERCENT, .value = 5000, .of = P_CHEAPEST),
		BUY(LINES(ITEM("a", 1, 500), { .sku = "w", .quantity = 2500, .amount = 400, .on = -1 }),
			REDEEM({ .reward = 0 })),
		.has = { 1 }, .payable = 700, .spent = 1, .discounts = { { "r", 200, { 0, 200 } } } },
	{ "a product is free at the price of what is left of its line", REWARD(.kind = P_PRODUCT, .get = 1, .skus = { "e" }),
		BUY(LINES(ITEM("a", 1, 100), ITEM("e", 3, 500), OFF(100, 1)), REDEEM({ .reward = 0 })), .has = { 1 },
		.payable = 367, .spent = 1, .discounts = { { "r", 133, { 0, 133 } } } },
	{ "times covers up to times x n units, a started multiple costs whole",
		REWARD(.kind = P_PRODUCT, .get = 2, .skus = { "e" }),
		BUY(LINES(ITEM("e", 3, 600)), REDEEM({ .reward = 0, .times = 5 })), .has = { 9 }, .payable = 0, .spent = 2,
		.discounts = { { "r", 600, { 600 } } } },
	{ "free units are the cheapest, ties the lower line", REWARD(.kind = P_PRODUCT, .get = 3, .skus = { "e", "f" }),
		BUY(LINES(ITEM("e", 2, 400), ITEM("f", 2, 300), ITEM("e", 1, 200)), REDEEM({ .reward = 0 })), .has = { 9 },
		.payable = 400, .spent = 1, .discounts = { { "r", 500, { 200, 300 } } } },
	{ "a choice is a sku", REWARD(.kind = P_PRODUCT, .get = 1, .skus = { "e", "f" }),
		BUY(LINES(ITEM("e", 1, 100), ITEM("f", 1, 300)), REDEEM({ .reward = 0, .choice = "f" })), .has = { 9 },
		.payable = 100, .spent = 1, .discounts = { { "r", 300, { 0, 300 } } } },
	{ "none in the basket", REWARD(.kind = P_PRODUCT, .get = 1, .skus = { "e" }),
		BUY(LINES(ITEM("a", 1, 100)), REDEEM({ .reward = 0 })), .has = { 9 }, .payable = 100,
		.refused = "reward_unavailable" },
	{ "more times than the cap allows", REWARD(.value = 100, .max = { .member = 2 }),
		BUY(LINES(ITEM("a", 1, 1000)), REDEEM({ .reward = 0, .times = 3 })), .has = { 9 }, .payable = 1000,
		.refused = "reward_unavailable" },

	/* --- offers --- */
	{ "offers lower what is earned", OFFERS({ .name = "o", .automatic = true, .kind = P_PERCENT, .value = 1000 }),
		BUY(LINES(ITEM("a", 1, 1000))), .payable = 900, .earned = { 9 }, .discounts = { { "o", 100, { 100 } } } },
	{ "by priority, each on what the ones before left",
		OFFERS({ .name = "low", .automatic = true, .kind = P_PERCENT, .value = 1000, .priority = 1 },
			{ .name = "high", .automatic = true, .value = 500, .priority = 2 }),
		BUY(LINES(ITEM("a", 1, 1000))), .payable = 450, .earned = { 4 },
		.discounts = { { "high", 500, { 500 } }, { "low", 50, { 50 } } } },
	{ "an offer that does not stack stands alone, whatever the others' priority",
		OFFERS({ .name = "high", .automatic = true, .value = 500, .priority = 9 },
			{ .name = "alone", .automatic = true, .value = 100, .alone = true }),
		BUY(LINES(ITEM("a", 1, 1000))), .payable = 900, .earned = { 9 },
		.discounts = { { "alone", 100, { 100 } } } },
	{ "a losing coupon is refused",
		OFFERS({ .name = "c", .value = 500, WHEN(.coupon = { "FLASH" }) },
			{ .name = "alone", .automatic = true, .value = 100, .alone = true }),
		BUY(LINES(ITEM("a", 1, 1000)), COUPONS("FLASH")), .payable = 900, .earned = { 9 },
		.discounts = { { "alone", 100, { 100 } } }, .refused = "reward_unavailable" },
	{ "a coupon that does not stack excludes the automatic ones",
		OFFERS({ .name = "c", .value = 500, .alone = true, WHEN(.coupon = { "FLASH" }) },
			{ .name = "auto", .automatic = true, .value = 100, .priority = 3 }),
		BUY(LINES(ITEM("a", 1, 1000)), COUPONS("FLASH")), .payable = 500, .earned = { 5 },
		.discounts = { { "c", 500, { 500 } } } },
	{ "an offer whose condition names coupons is a coupon offer, whatever auto says",
		OFFERS({ .name = "c", .automatic = true, .value = 500, WHEN(.coupon = { "FLASH" }) }),
		BUY(LINES(ITEM("a", 1, 1000))), .payable = 1000, .earned = { 10 } },
	{ "nobody knows this code", OFFERS({ .name = "c", .value = 500, WHEN(.coupon = { "FLASH" }) }),
		BUY(LINES(ITEM("a", 1, 1000)), COUPONS("FLASHY")), .payable = 1000, .earned = { 10 },
		.refused = "code_unknown" },
	{ "automatic ones come first, then coupons, then rewards",
		.rules = { .units = { POINTS },
			.rewards = { { .name = "r", .cost = 1, .kind = P_PERCENT, .value = 1000 } },
			.offers = { { .name = "c", .kind = P_PERCENT, .value = 1000, WHEN(.coupon = { "C" }) },
				{ .name = "o", .automatic = true, .kind = P_PERCENT, .value = 1000 } } },
		BUY(LINES(ITEM("a", 1, 1000)), COUPONS("C"), REDEEM({ .reward = 0 })), .has = { 1 }, .payable = 729,
		.spent = 1, .discounts = { { "o", 100, { 100 } }, { "c", 90, { 90 } }, { "r", 81, { 81 } } } },
	{ "auto = false leaves automatic ones out", OFFERS({ .name = "o", .automatic = true, .value = 100 }),
		BUY(.no_auto = true, LINES(ITEM("a", 1, 1000))), .payable = 1000, .earned = { 10 } },
	{ "offers apply without a card", OFFERS({ .name = "o", .automatic = true, .value = 100 }),
		BUY(.member = NOBODY, LINES(ITEM("a", 1, 1000))), .payable = 900, .discounts = { { "o", 100, { 100 } } } },
	{ "unless their condition names the member",
		OFFERS({ .name = "o", .automatic = true, .value = 100, WHEN(.tiers = 1) }),
		BUY(.member = NOBODY, LINES(ITEM("a", 1, 1000))), .payable = 1000 },
};

static void basket_comes_out(void **state)
{
	const struct basket_case *c = *state;
	struct p_rules rules = c->rules;
	struct p_ticket t = c->ticket;
	struct p_result q, booked;
	int64_t spent = 0;
	int count = 0;

	p_rules_count(&rules);
	programme_init(&p, &rules);
	t.at_ms = NOW;
	t.hold = -1;
	for (int u = 0; u < P_UNITS; u++)
		if (c->has[u])
			assert_null(p_adjust(&p, 0, u, c->has[u], NOW));
	assert_null(p_quote(&p, &t, &q));
	for (int i = 0; i < q.spend_count; i++)
		spent += q.spends[i].points;
	while (count < 3 && c->discounts[count].source)
		count++;
	assert_int_equal(q.payable, c->payable);
	assert_int_equal(q.discount_count, count);
	for (int i = 0; i < count; i++) {
		assert_string_equal(q.discounts[i].source, c->discounts[i].source);
		assert_int_equal(q.discounts[i].amount, c->discounts[i].amount);
		assert_memory_equal(q.discounts[i].lines, c->discounts[i].lines, sizeof(c->discounts[i].lines));
	}
	assert_int_equal(spent, c->spent);
	assert_memory_equal(q.earned, c->earned, sizeof(c->earned));
	assert_int_equal(q.refused_count, c->refused ? 1 : 0);
	t.payable = q.payable;
	if (c->refused) {
		assert_string_equal(q.refused[0].reason, c->refused);
		assert_string_equal(p_commit(&p, &t, &booked), c->refused);
	} else {
		assert_null(p_commit(&p, &t, &booked));
		assert_int_equal(p_balance(&p, 0, 0, model_date(NOW)), c->has[0] + c->earned[0] - spent);
	}
}

/* --- tales ---------------------------------------------------------------------------------------------------------- */

enum { MEMBER, FRIEND, PURSE = M_MEMBERS };
enum { U_POINTS, U_CREDIT };

static struct p_rules tale_rules = {
	.units = { POINTS, { .name = "credit", .money = true, .policy = M_CLAMP } },
	.earns = { BASE },
	.rewards = { { .name = "euro", .cost = 10, .value = 100, .max = { .total = 8 } } },
	.offers = { { .name = "code", .value = 100, .single = true },
		{ .name = "flash", .value = 100, .max = { .total = 1 }, .when = { .coupon = { "FLASH" } } } },
	.tiers = { { "bronze", 0, 1000 }, { "silver", 1000, 2000 }, { "gold", 2000, 3000 } },
	.tier_months = 12,
	.tier_return_days = 30,
};

static int tale_begin(void **state)
{
	(void)state;
	p_rules_count(&tale_rules);
	programme_init(&p, &tale_rules);
	return 0;
}

static int64_t points_of(int account)
{
	return p_balance(&p, account, U_POINTS, model_date(NOW));
}

static int64_t credit_of(int account)
{
	return p_balance(&p, account, U_CREDIT, model_date(NOW));
}

static struct p_ticket ticket_of(int64_t amount)
{
	return (struct p_ticket){ LINES(ITEM("a", 1, amount)), .at_ms = NOW, .hold = -1 };
}

static struct p_result commit(struct p_ticket t, const char *reason)
{
	struct p_result q;

	assert_null(t.hold >= 0 && t.same ? NULL : p_quote(&p, &t, &q));
	t.payable = t.hold >= 0 && t.same ? p.holds[t.hold].result.payable : q.payable;
	if (reason)
		assert_string_equal(p_commit(&p, &t, &q), reason);
	else
		assert_null(p_commit(&p, &t, &q));
	return q;
}

static struct p_refund bring_back(int sale, int line, int quantity)
{
	struct p_back b = { .sale = sale, .asks = { { line, quantity * 1000, 0 } }, .ask_count = quantity ? 1 : 0 };
	int which = 0;

	assert_null(p_give_back(&p, &b, NOW, false, &which));
	return p.returns[which].refund;
}

static void give(int account, int unit, int64_t points)
{
	assert_null(p_adjust(&p, account, unit, points, NOW));
}

static void half_of_two_comes_back(void **state)
{
	struct p_ticket t = { LINES(ITEM("a", 2, 10000)), .at_ms = NOW, .hold = -1 };
	int sale = commit(t, NULL).sale;
	struct p_refund r = bring_back(sale, 0, 1);

	(void)state;
	assert_int_equal(r.amount, 5000);
	assert_int_equal(r.reversed[U_POINTS], 50);
	assert_int_equal(points_of(MEMBER), 50);
}

static void by_value_paid(void **state)
{
	struct p_ticket t = { LINES(ITEM("a", 1, 1000), ITEM("b", 1, 1000), ITEM("c", 1, 2000)), .at_ms = NOW, .hold = -1 };
	int sale = commit(t, NULL).sale;

	(void)state;
	p.sales[sale].earned[U_POINTS] = 70;
	assert_int_equal(bring_back(sale, 2, 1).reversed[U_POINTS], 35);
}

static void series_ends_where_one_ends(void **state)
{
	struct p_ticket t = { LINES(ITEM("a", 3, 1000), ITEM("b", 7, 1000)), REDEEM({ .reward = 0, .times = 3 }),
		.at_ms = NOW, .hold = -1 };
	int sale;

	(void)state;
	give(MEMBER, U_POINTS, 31);
	sale = commit(t, NULL).sale;
	assert_int_equal(points_of(MEMBER), 31 - 30 + 20);
	for (int i = 0; i < 3; i++)
		bring_back(sale, 0, 1);
	for (int i = 0; i < 7; i++)
		bring_back(sale, 1, 1);
	assert_int_equal(points_of(MEMBER), 31);
}

static void spent_points_come_back(void **state)
{
	struct p_ticket t = { LINES(ITEM("a", 2, 1000)), REDEEM({ .reward = 0, .times = 2 }), .at_ms = NOW, .hold = -1 };
	struct p_refund r;

	(void)state;
	give(MEMBER, U_POINTS, 20);
	r = bring_back(commit(t, NULL).sale, 0, 1);
	assert_int_equal(r.amount, 400);
	assert_int_equal(r.restored[U_POINTS], 10);
	assert_int_equal(r.reversed[U_POINTS], 5);
}

/* Earn 150, spend 100, return. */
static void shortfall(enum m_policy policy, int64_t balance, int64_t uncollected)
{
	static struct p_rules rules; /* the shop goes on with them */
	int sale = commit(ticket_of(15000), NULL).sale, which;
	struct p_back b = { .sale = sale };

	rules = tale_rules;
	rules.units[U_POINTS].policy = policy;
	p.rules = &rules;
	give(MEMBER, U_POINTS, -100);
	if (policy == M_REFUSE) {
		assert_string_equal(p_give_back(&p, &b, NOW, false, &which), "insufficient_points");
		assert_int_equal(points_of(MEMBER), 50);
	}
	assert_null(p_give_back(&p, &b, NOW, policy == M_REFUSE, &which));
	assert_int_equal(points_of(MEMBER), balance);
	assert_int_equal(p.returns[which].refund.uncollected[U_POINTS], uncollected);
}

static void shortfall_negative(void **state)
{
	(void)state;
	shortfall(M_NEGATIVE, -100, 0);
	give(MEMBER, U_POINTS, 120);
	assert_int_equal(points_of(MEMBER), 20);
}

static void shortfall_clamp(void **state)
{
	(void)state;
	shortfall(M_CLAMP, 0, 100);
}

static void shortfall_refuse(void **state)
{
	(void)state;
	shortfall(M_REFUSE, -100, 0);
}

static void tender_changes_nothing_earned(void **state)
{
	struct p_ticket t = ticket_of(10000);
	struct p_result q;

	(void)state;
	give(MEMBER, U_CREDIT, 6000);
	t.payments[0] = (struct p_payment){ MEMBER, U_CREDIT, 6000 };
	t.payment_count = 1;
	q = commit(t, NULL);
	assert_int_equal(q.payable, 10000);
	assert_int_equal(q.due, 4000);
	assert_int_equal(q.earned[U_POINTS], 100);
	assert_int_equal(credit_of(MEMBER), 0);
	assert_int_equal(bring_back(q.sale, 0, 0).units[U_CREDIT], 6000);
	assert_int_equal(credit_of(MEMBER), 6000);
}

static void tender_is_refused(void **state)
{
	struct p_ticket t = ticket_of(1000);
	struct p_result q;

	(void)state;
	give(FRIEND, U_CREDIT, 5000);
	t.payments[0] = (struct p_payment){ FRIEND, U_CREDIT, 100 };
	t.payment_count = 1;
	commit(t, "forbidden");
	t.payments[0] = (struct p_payment){ MEMBER, U_CREDIT, 100 };
	commit(t, "insufficient_points");
	t.payments[0] = (struct p_payment){ MEMBER, U_POINTS, 100 };
	commit(t, "unit_unknown");
	give(MEMBER, U_CREDIT, 5000);
	t.payments[0] = (struct p_payment){ MEMBER, U_CREDIT, 1001 };
	assert_string_equal(p_quote(&p, &t, &q), "params_invalid");
}

static void gift_card_lives(void **state)
{
	struct p_ticket sell = { LINES({ .sku = "g",
					 .quantity = 1000,
					 .amount = 2500,
					 .kind = P_GIFT_CARD,
					 .on = -1,
					 .account = PURSE,
					 .unit = U_CREDIT }),
		.member = NOBODY, .at_ms = NOW, .hold = -1 };
	struct p_ticket buy = ticket_of(2000);
	struct p_result sold = commit(sell, NULL);
	struct p_refund r;

	(void)state;
	assert_int_equal(sold.earned[U_POINTS], 0);
	assert_int_equal(credit_of(PURSE), 2500);
	buy.payments[0] = (struct p_payment){ PURSE, U_CREDIT, 2000 };
	buy.payment_count = 1;
	commit(buy, NULL);
	r = bring_back(sold.sale, 0, 1);
	assert_int_equal(r.amount, 2500);
	assert_int_equal(r.reversed[U_CREDIT], 500);
	assert_int_equal(r.uncollected[U_CREDIT], 2000);
	assert_int_equal(credit_of(PURSE), 0);
}

static void exchange_first_takes_back(void **state)
{
	struct p_ticket t = ticket_of(3000);
	struct p_result q;

	(void)state;
	t.backs[0] = (struct p_back){ .sale = commit(ticket_of(5000), NULL).sale };
	t.back_count = 1;
	q = commit(t, NULL);
	assert_int_equal(q.payable, -2000);
	assert_int_equal(q.refunds[0].amount, 5000);
	assert_int_equal(q.refunds[0].reversed[U_POINTS], 50);
	assert_int_equal(points_of(MEMBER), 30);
}

static void two_tills_one_balance(void **state)
{
	struct p_ticket t = ticket_of(1000);
	int hold;

	(void)state;
	give(MEMBER, U_POINTS, 30);
	assert_string_equal(p_hold_points(&p, MEMBER, U_POINTS, 31, NOW, &hold), "insufficient_points");
	assert_null(p_hold_points(&p, MEMBER, U_POINTS, 20, NOW, &hold));
	assert_int_equal(p_held(&p, MEMBER, U_POINTS), 20);
	assert_int_equal(points_of(MEMBER), 30);
	t.redeem[0].times = 2;
	t.redeem_count = 1;
	commit(t, "insufficient_points");
	t.hold = hold;
	t.redeem[0].times = 3;
	commit(t, "insufficient_points");
	t.redeem[0].times = 1;
	commit(t, NULL);
	assert_int_equal(p_held(&p, MEMBER, U_POINTS), 0);
	assert_int_equal(points_of(MEMBER), 30);
	assert_string_equal(p_release(&p, hold), "hold_resolved");
}

static void basket_is_kept(void **state)
{
	struct p_ticket t = ticket_of(1000);
	struct p_result q;
	int hold;

	(void)state;
	give(MEMBER, U_POINTS, 10);
	t.redeem_count = 1;
	assert_null(p_hold(&p, &t, &q, &hold));
	assert_int_equal(q.payable, 900);
	give(MEMBER, U_POINTS, 1000);
	t.hold = hold;
	t.same = true;
	assert_int_equal(commit(t, NULL).payable, 900);
	assert_int_equal(points_of(MEMBER), 1010);
}

static void lapsed_hold(void **state)
{
	struct p_ticket t = ticket_of(1000);
	int hold;

	(void)state;
	give(MEMBER, U_POINTS, 10);
	assert_null(p_hold_points(&p, MEMBER, U_POINTS, 10, NOW, &hold));
	t.hold = hold;
	t.member = FRIEND;
	t.payable = 1000;
	assert_string_equal(p_commit(&p, &t, &(struct p_result){ .total = 0 }), "hold_unknown");
	t.member = MEMBER;
	p_lapse(&p, hold);
	assert_int_equal(p_held(&p, MEMBER, U_POINTS), 0);
	assert_string_equal(p_commit(&p, &t, &(struct p_result){ .total = 0 }), "hold_expired");
}

static void released_points_fill_the_hole(void **state)
{
	int sale = commit(ticket_of(10000), NULL).sale, hold;

	(void)state;
	assert_null(p_hold_points(&p, MEMBER, U_POINTS, 100, NOW, &hold));
	bring_back(sale, 0, 0);
	assert_int_equal(points_of(MEMBER), 0);
	assert_int_equal(p_held(&p, MEMBER, U_POINTS), 100);
	assert_int_equal(p_spendable(&p, MEMBER, U_POINTS, model_date(NOW)), -100);
	assert_null(p_release(&p, hold));
	assert_int_equal(points_of(MEMBER), 0);
	assert_int_equal(p_held(&p, MEMBER, U_POINTS), 0);
}

static void codes_and_caps(void **state)
{
	struct p_ticket t = ticket_of(1000);
	int sale;

	(void)state;
	p.codes[p.code_count++] = (struct p_code){ .offer = 0, .sale = -1, .hold = -1, .text = "ONE" };
	t.coupons[0] = "ONE";
	t.coupons[1] = "FLASH";
	t.coupon_count = 2;
	sale = commit(t, NULL).sale;
	assert_int_equal(p.sales[sale].base, 800);
	commit(t, "code_spent");
	t.coupons[0] = "FLASH";
	t.coupon_count = 1;
	commit(t, "reward_unavailable");
	bring_back(sale, 0, 0);
	commit(t, "reward_unavailable");
	assert_string_equal(p_void_sale(&p, sale, NOW, false), "return_exceeds_sale");
	assert_null(p_void_return(&p, p.return_count - 1, NOW, false));
	assert_null(p_void_sale(&p, sale, NOW, false));
	commit(t, NULL);
}

static void void_gives_all_back(void **state)
{
	struct p_ticket t = ticket_of(1000);
	int sale;

	(void)state;
	give(MEMBER, U_POINTS, 15);
	give(MEMBER, U_CREDIT, 500);
	t.redeem_count = 1;
	t.payments[0] = (struct p_payment){ MEMBER, U_CREDIT, 500 };
	t.payment_count = 1;
	sale = commit(t, NULL).sale;
	assert_int_equal(points_of(MEMBER), 15);
	assert_null(p_void_sale(&p, sale, NOW, false));
	assert_int_equal(points_of(MEMBER), 15);
	assert_int_equal(credit_of(MEMBER), 500);
	assert_string_equal(p_void_sale(&p, sale, NOW, false), "sale_unknown");
	sale = commit(t, NULL).sale;
	p.day++;
	assert_string_equal(p_void_sale(&p, sale, NOW, false), "day_closed");
}

/* Two pieces for a cent: with the first the whole cent. */
static void goods_come_back_for_nothing(void **state)
{
	struct p_ticket t = { LINES(ITEM("a", 2, 1)), .at_ms = NOW, .hold = -1 };
	struct p_back rest = { .sale = commit(t, NULL).sale };
	int which;

	(void)state;
	assert_int_equal(bring_back(rest.sale, 0, 1).amount, 1);
	assert_int_equal(bring_back(rest.sale, 0, 0).amount, 0);
	assert_string_equal(p_give_back(&p, &rest, NOW, false, &which), "return_exceeds_sale");
}

static void nothing_comes_back_twice(void **state)
{
	struct p_ticket t = { LINES(ITEM("a", 3, 1000), ITEM("t", 1, 200, .kind = P_TIP)), .at_ms = NOW, .hold = -1 };
	int sale = commit(t, NULL).sale, which;
	struct p_back b = { .sale = sale, .asks = { { 0, 0, 334 } }, .ask_count = 1 };

	(void)state;
	assert_int_equal(bring_back(sale, 0, 2).amount, 667);
	assert_string_equal(p_give_back(&p, &b, NOW, false, &which), "return_exceeds_sale");
	b.asks[0].amount = 333;
	assert_null(p_give_back(&p, &b, NOW, false, &which));
	assert_int_equal(bring_back(sale, 0, 0).amount, 200);
	b.ask_count = 0;
	assert_string_equal(p_give_back(&p, &b, NOW, false, &which), "return_exceeds_sale");
}

static void anonymous_sale_is_claimed(void **state)
{
	struct p_ticket t = { LINES(ITEM("a", 2, 10000)), .member = NOBODY, .at_ms = NOW, .hold = -1 };
	int sale = commit(t, NULL).sale;

	(void)state;
	bring_back(sale, 0, 1);
	assert_string_equal(p_claim(&p, sale, MEMBER, NOW + 8 * DAY_MS, 7), "clock");
	assert_null(p_claim(&p, sale, MEMBER, NOW + 7 * DAY_MS, 7));
	assert_int_equal(points_of(MEMBER), 50);
	assert_string_equal(p_claim(&p, sale, FRIEND, NOW, 7), "sale_exists");
	assert_string_equal(p_void_return(&p, 0, NOW, false), "return_exceeds_sale");
	assert_int_equal(bring_back(sale, 0, 0).reversed[U_POINTS], 50);
}

/* Thresholds 0, 10000, 20000. */
static void tier_is_reached(int64_t before, int64_t now, int tier)
{
	struct p_rules rules = tale_rules;
	struct p_ticket t = ticket_of(before * 100);

	rules.tiers[1].from = 10000;
	rules.tiers[2].from = 20000;
	rules.tiers[1].factor = rules.tiers[2].factor = 1000;
	programme_init(&p, &rules);
	commit(t, NULL);
	t.lines[0].amount = now * 100;
	assert_int_equal(commit(t, NULL).tier, tier);
}

static void ticket_in_hand_counts(void **state)
{
	(void)state;
	tier_is_reached(4000, 500, 0);
	tier_is_reached(8000, 3000, 1);
	tier_is_reached(18000, 3000, 2);
	tier_is_reached(7000, 3000, 1);
	tier_is_reached(6999, 3000, 0);
}

static void earned_at_the_rate_before(void **state)
{
	(void)state;
	assert_int_equal(commit(ticket_of(100000), NULL).earned[U_POINTS], 1000);
	assert_int_equal(p.tier[MEMBER], 1);
	assert_int_equal(commit(ticket_of(100000), NULL).earned[U_POINTS], 2000);
	assert_int_equal(p.tier[MEMBER], 2);
	assert_int_equal(p_measured(&p, MEMBER, NOW), 3000);
	give(FRIEND, U_POINTS, 5000);
	assert_int_equal(p.tier[FRIEND], 0);
}

static void return_undoes_the_raise(void **state)
{
	struct p_ticket t = ticket_of(100000);
	struct p_back b = { .ask_count = 0 };
	int which;

	(void)state;
	commit(t, NULL);
	t.at_ms += 1000;
	b.sale = commit(t, NULL).sale;
	t.at_ms += 1000;
	t.lines[0].amount = 100;
	commit(t, NULL);
	assert_int_equal(p.tier[MEMBER], 2);
	assert_null(p_give_back(&p, &b, NOW + 2000, false, &which));
	assert_int_equal(p.tier[MEMBER], 1);
	assert_null(p_void_return(&p, which, NOW + 2000, false));
	assert_int_equal(p.tier[MEMBER], 2);
	assert_null(p_give_back(&p, &b, NOW + 32 * DAY_MS, false, &which));
	assert_int_equal(p.tier[MEMBER], 2);
}

/* @return its index */
static int buy_at(int64_t euros, int64_t at_ms)
{
	struct p_ticket t = ticket_of(euros * 100);

	t.at_ms = at_ms;
	return commit(t, NULL).sale;
}

/* @return the return's index */
static int back_at(int sale, int64_t at_ms)
{
	struct p_back b = { .sale = sale };
	int which;

	assert_null(p_give_back(&p, &b, at_ms, true, &which));
	return which;
}

static void returns_in_any_order(void **state)
{
	(void)state;
	for (int first = 0; first < 2; first++) {
		int sales[2];

		programme_init(&p, &tale_rules);
		sales[0] = buy_at(1200, NOW);
		sales[1] = buy_at(1800, NOW + 1000);
		assert_int_equal(p.tier[MEMBER], 2);
		back_at(sales[first], NOW + 2000);
		assert_int_equal(p.tier[MEMBER], first ? 1 : 2);
		back_at(sales[!first], NOW + 3000);
		assert_int_equal(p.tier[MEMBER], 0);
	}
}

static void voids_as_if_not_been(void **state)
{
	int a, b, which;

	(void)state;
	a = buy_at(600, NOW);
	b = buy_at(600, NOW + 1000);
	which = back_at(a, NOW + 2000);
	assert_int_equal(p.tier[MEMBER], 0);
	assert_null(p_void_sale(&p, b, NOW + 3000, true));
	assert_null(p_void_return(&p, which, NOW + 4000, true));
	assert_int_equal(p.tier[MEMBER], 0);
	b = buy_at(600, NOW + 5000);
	assert_int_equal(p.tier[MEMBER], 1);
	back_at(b, NOW + 6000);
	assert_int_equal(p.tier[MEMBER], 0);
}

static void claimed_at_the_rate_of_its_time(void **state)
{
	struct p_ticket t = ticket_of(10000);
	int sale, first = buy_at(1000, NOW);

	(void)state;
	t.member = NOBODY;
	t.at_ms = NOW + 1000;
	sale = commit(t, NULL).sale;
	back_at(first, NOW + 2000);
	assert_int_equal(p.tier[MEMBER], 0);
	assert_null(p_claim(&p, sale, MEMBER, NOW + 3000, 7));
	assert_int_equal(points_of(MEMBER), 200);
}

/* Earned on 31 January with one month: usable through 28 February. Spent on that day, returned in March: some days more. */
static void lapsed_points_have_grace(void **state)
{
	struct p_rules rules = tale_rules;
	struct p_ticket t = ticket_of(1000);
	int64_t january = NOW + 71 * DAY_MS, february = january + 28 * DAY_MS, march = february + 5 * DAY_MS;
	struct p_back b = { .sale = 0 };
	int which;

	(void)state;
	rules.units[U_POINTS].months = 1;
	rules.units[U_POINTS].grace = 10;
	programme_init(&p, &rules);
	assert_int_equal(model_date(january), 20270131);
	assert_null(p_adjust(&p, MEMBER, U_POINTS, 20, january));
	assert_int_equal(p_balance(&p, MEMBER, U_POINTS, 20270228), 20);
	assert_int_equal(p_balance(&p, MEMBER, U_POINTS, 20270301), 0);
	t.at_ms = february;
	t.redeem_count = 1;
	b.sale = commit(t, NULL).sale;
	assert_null(p_give_back(&p, &b, march, false, &which));
	assert_int_equal(p.returns[which].refund.restored[U_POINTS], 10);
	assert_int_equal(p_balance(&p, MEMBER, U_POINTS, 20270315), 10);
	assert_int_equal(p_balance(&p, MEMBER, U_POINTS, 20270316), 0);
}

static void nearest_expiry_first(void **state)
{
	struct p_rules rules = tale_rules;
	struct p_ticket t = ticket_of(1000);

	(void)state;
	rules.units[U_POINTS].months = 1;
	programme_init(&p, &rules);
	assert_null(p_adjust(&p, MEMBER, U_POINTS, 10, NOW));
	assert_null(p_adjust(&p, MEMBER, U_POINTS, 10, NOW - 3 * DAY_MS));
	t.redeem_count = 1;
	commit(t, NULL);
	assert_int_equal(p.lots[0].left, 10);
	assert_int_equal(p.lots[1].left, 0);
}

#define TALE(sentence, function) \
	{ \
		sentence, function, tale_begin, NULL, NULL \
	}

static const struct CMUnitTest tales[] = {
	TALE("earn 100 on 2 x 50, return one: 50", half_of_two_comes_back),
	TALE("10 + 10 + 20 that earned 70: returning the 20 takes back 35", by_value_paid),
	TALE("a series of returns ends where one full return ends", series_ends_where_one_ends),
	TALE("spent points come back in the same way", spent_points_come_back),
	TALE("earn 150, spend 100, return: -100, and later credits fill the hole", shortfall_negative),
	TALE("or 0, and 100 are uncollected", shortfall_clamp),
	TALE("or a supervisor is asked", shortfall_refuse),
	TALE("stored value is tender: it changes neither payable nor what is earned", tender_changes_nothing_earned),
	TALE("a payment in units is refused for its reason", tender_is_refused),
	TALE("a gift card is worth nothing until sold; returned, it is debited", gift_card_lives),
	TALE("an exchange takes back first", exchange_first_takes_back),
	TALE("what is held is out of reach, and a commit spends in each unit only what it holds", two_tills_one_balance),
	TALE("an equal basket keeps the held quote", basket_is_kept),
	TALE("a hold is one member's, and lapses", lapsed_hold),
	TALE("a negative balance swallows released points at once", released_points_fill_the_hole),
	TALE("codes and caps: a return gives back neither, a void both", codes_and_caps),
	TALE("a void gives all back, on the open day", void_gives_all_back),
	TALE("nothing is returned twice", nothing_comes_back_twice),
	TALE("what is left comes back, though it is worth nothing any more", goods_come_back_for_nothing),
	TALE("a sale without a card is claimed once, less what has come back", anonymous_sale_is_claimed),
	TALE("the ticket in hand counts for the tier", ticket_in_hand_counts),
	TALE("its points are earned at the rate of the tier before", earned_at_the_rate_before),
	TALE("a return inside the window undoes the raise, never below the tier before", return_undoes_the_raise),
	TALE("the order of two returns does not matter to the tier", returns_in_any_order),
	TALE("what is voided has raised nobody", voids_as_if_not_been),
	TALE("a sale is claimed at the rate of its time", claimed_at_the_rate_of_its_time),
	TALE("restored points that had lapsed live for the grace", lapsed_points_have_grace),
	TALE("debits take the nearest expiry first", nearest_expiry_first),
};

int main(void)
{
	enum { BASKETS = sizeof(baskets) / sizeof(*baskets), TALES = sizeof(tales) / sizeof(*tales) };
	static struct CMUnitTest tests[BASKETS + TALES];

	setenv("TZ", "Europe/Paris", 1);
	for (size_t i = 0; i < BASKETS; i++)
		tests[i] =
			(struct CMUnitTest){ baskets[i].name, basket_comes_out, NULL, NULL, (void *)(uintptr_t)&baskets[i] };
	memcpy(tests + BASKETS, tales, sizeof(tales));
	return _cmocka_run_group_tests("programme", tests, BASKETS + TALES, NULL, NULL);
}
