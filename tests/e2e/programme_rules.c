/* SPDX-License-Identifier: Apache-2.0 */
/* One programme, told to palierd and to the model: whoever changes the one changes the other. */
#include "tests/e2e/programme.h"

static const char points[] =
	"points {\n"
	"	unit \"points\" { kind = points  expires = \"12 months\" }\n"
	"	unit \"stars\" { kind = points  expires = \"2 months\"  pending = 2  shortfall = clamp  rounding = nearest"
	"  earn-on-redeemed = false }\n"
	"	unit \"stamps\" { kind = points  expires = never  shortfall = refuse  rounding = up }\n"
	"	unit \"credit\" { kind = money  expires = never  shortfall = clamp }\n"
	"	earn \"base\" { unit = points  per = \"1.00\"  points = 1 }\n"
	"	earn \"half\" { unit = points  per = \"2.00\"  points = 1  when { category-not = {\"book\"} } }\n"
	"	earn \"visit\" { unit = points  per-visit = 5  when { spend-min = \"10.00\" } }\n"
	"	earn \"coffee\" { unit = points  multiplier = \"1.5\"  when { category = {\"coffee\"} } }\n"
	"	earn \"promo\" { unit = points  per = \"1.00\"  points = 4  priority = 5  stackable = false"
	"  when { tag = {\"promo\"}  quantity-min = 6 } }\n"
	"	earn \"alone\" { unit = points  per-visit = 9  priority = 7  stackable = false  when { sku = {\"a6\"}  spend-min = \"30.00\" } }\n"
	"	earn \"star\" { unit = stars  per = \"0.70\"  points = 3 }\n"
	"	earn \"starry\" { unit = stars  multiplier = \"1.25\"  when { sku = {\"a3\", \"a5\"} } }\n"
	"	earn \"starrier\" { unit = stars  multiplier = \"1.1\"  when { tag = {\"promo\"} } }\n"
	"	earn \"stamp\" { unit = stamps  per-item = 1  when { category = {\"coffee\"} } }\n"
	"	earn \"stamped\" { unit = stamps  multiplier = \"1.5\"  when { sku = {\"a1\"} } }\n"
	"}\n";

static const char more[] =
	"rewards {\n"
	"	reward \"euros\" { unit = points  cost = 50  kind = amount  value = \"2.00\"  of = order  max { member = 9  day = 5  total = 16 } }\n"
	"	reward \"tenth\" { unit = points  cost = 40  kind = percent  value = \"10\"  of = order  cap = \"3.00\" }\n"
	"	reward \"cents\" { unit = points  cost = 1  kind = amount  value = \"0.01\"  min-points = 20  max-share = \"50\" }\n"
	"	reward \"promo-off\" { unit = points  cost = 30  kind = percent  value = \"12.5\"  of = lines  when { tag = {\"promo\"} } }\n"
	"	reward \"coffee-off\" { unit = stars  cost = 30  kind = amount  value = \"1.50\"  of = lines  when { category = {\"coffee\"} } }\n"
	"	reward \"cheap-half\" { unit = stars  cost = 20  kind = percent  value = \"50\"  of = cheapest }\n"
	"	reward \"free-one\" { unit = stamps  cost = 4  kind = product  get = 1  skus = {\"a0\", \"a1\"} }\n"
	"	reward \"free-two\" { unit = stamps  cost = 6  kind = product  get = 2  skus = {\"a2\"}  max { day = 3 } }\n"
	"}\n"
	"tiers { unit = points  on = earned  window = \"12 months\"  return-window = 30\n"
	"	tier \"bronze\" { from = 0 }\n"
	"	tier \"silver\" { from = 300  multiplier = \"1.25\" }\n"
	"	tier \"gold\" { from = 900  multiplier = \"1.5\" }\n"
	"}\n"
	"offers {\n"
	"	offer \"autumn\" { auto = true  priority = 5  stackable = false  kind = percent  value = \"10\"  of = lines"
	"  when { tag = {\"promo\"}  spend-min = \"40.00\" } }\n"
	"	offer \"big\" { auto = true  priority = 3  kind = amount  value = \"2.00\"  of = order  when { spend-min = \"50.00\" } }\n"
	"	offer \"tea\" { auto = true  priority = 3  kind = percent  value = \"25\"  of = cheapest"
	"  when { category = {\"tea\"}  quantity-min = 3 }  max { day = 4 } }\n"
	"	offer \"golden\" { auto = true  priority = 4  kind = percent  value = \"5\"  of = order  when { tier = {\"silver\", \"gold\"} } }\n"
	"	offer \"flash\" { kind = amount  value = \"3.00\"  of = order  when { coupon = {\"FLASH\"} }  max { total = 8 } }\n"
	"	offer \"solo\" { priority = 9  stackable = false  kind = percent  value = \"15\"  of = order"
	"  when { coupon = {\"SOLO\"} }  max { member = 3 } }\n"
	"	offer \"ticket\" { codes = single  uses = 1  kind = amount  value = \"2.00\"  of = order  when { spend-min = \"5.00\" } }\n"
	"}\n";

const struct shop_options programme_shop = { .points = points, .config = more };
const struct shop_options programme_plain = { .points = points };

static struct p_rules rules = {
	.units = { { .name = "points", .months = 12, .grace = 30 },
		{ .name = "stars",
			.months = 2,
			.pending = 2,
			.grace = 30,
			.policy = M_CLAMP,
			.rounding = P_NEAREST,
			.earn_off_redeemed = true },
		{ .name = "stamps", .grace = 30, .policy = M_REFUSE, .rounding = P_UP },
		{ .name = "credit", .grace = 30, .policy = M_CLAMP, .money = true } },
	.earns = { { .name = "base", .unit = U_POINTS, .per = 100, .points = 1 },
		{ .name = "half", .unit = U_POINTS, .per = 200, .points = 1, .when = { .category_not = { "book" } } },
		{ .name = "visit", .unit = U_POINTS, .kind = P_PER_VISIT, .points = 5, .when = { .spend_min = 1000 } },
		{ .name = "coffee",
			.unit = U_POINTS,
			.kind = P_MULTIPLIER,
			.factor = 1500,
			.when = { .category = { "coffee" } } },
		{ .name = "promo",
			.unit = U_POINTS,
			.per = 100,
			.points = 4,
			.priority = 5,
			.alone = true,
			.when = { .tag = { "promo" }, .quantity_min = 6000 } },
		{ .name = "alone",
			.unit = U_POINTS,
			.kind = P_PER_VISIT,
			.points = 9,
			.priority = 7,
			.alone = true,
			.when = { .sku = { "a6" }, .spend_min = 3000 } },
		{ .name = "star", .unit = U_STARS, .per = 70, .points = 3 },
		{ .name = "starry",
			.unit = U_STARS,
			.kind = P_MULTIPLIER,
			.factor = 1250,
			.when = { .sku = { "a3", "a5" } } },
		{ .name = "starrier",
			.unit = U_STARS,
			.kind = P_MULTIPLIER,
			.factor = 1100,
			.when = { .tag = { "promo" } } },
		{ .name = "stamp", .unit = U_STAMPS, .kind = P_PER_ITEM, .points = 1, .when = { .category = { "coffee" } } },
		{ .name = "stamped", .unit = U_STAMPS, .kind = P_MULTIPLIER, .factor = 1500, .when = { .sku = { "a1" } } } },
	.rewards = { { .name = "euros",
			     .unit = U_POINTS,
			     .cost = 50,
			     .value = 200,
			     .max = { .member = 9, .day = 5, .total = 16 } },
		{ .name = "tenth", .unit = U_POINTS, .cost = 40, .kind = P_PERCENT, .value = 1000, .cap = 300 },
		{ .name = "cents", .unit = U_POINTS, .cost = 1, .value = 1, .min_points = 20, .share = 50 },
		{ .name = "promo-off",
			.unit = U_POINTS,
			.cost = 30,
			.kind = P_PERCENT,
			.value = 1250,
			.of = P_SELECTED,
			.when = { .tag = { "promo" } } },
		{ .name = "coffee-off",
			.unit = U_STARS,
			.cost = 30,
			.value = 150,
			.of = P_SELECTED,
			.when = { .category = { "coffee" } } },
		{ .name = "cheap-half", .unit = U_STARS, .cost = 20, .kind = P_PERCENT, .value = 5000, .of = P_CHEAPEST },
		{ .name = "free-one", .unit = U_STAMPS, .cost = 4, .kind = P_PRODUCT, .get = 1, .skus = { "a0", "a1" } },
		{ .name = "free-two",
			.unit = U_STAMPS,
			.cost = 6,
			.kind = P_PRODUCT,
			.get = 2,
			.skus = { "a2" },
			.max = { .day = 3 } } },
	.tiers = { { "bronze", 0, 1000 }, { "silver", 300, 1250 }, { "gold", 900, 1500 } },
	.tier_unit = U_POINTS,
	.tier_months = 12,
	.tier_return_days = 30,
	.offers = { { .name = "autumn",
			    .automatic = true,
			    .priority = 5,
			    .alone = true,
			    .kind = P_PERCENT,
			    .value = 1000,
			    .of = P_SELECTED,
			    .when = { .tag = { "promo" }, .spend_min = 4000 } },
		{ .name = "big", .automatic = true, .priority = 3, .value = 200, .when = { .spend_min = 5000 } },
		{ .name = "tea",
			.automatic = true,
			.priority = 3,
			.kind = P_PERCENT,
			.value = 2500,
			.of = P_CHEAPEST,
			.when = { .category = { "tea" }, .quantity_min = 3000 },
			.max = { .day = 4 } },
		{ .name = "golden",
			.automatic = true,
			.priority = 4,
			.kind = P_PERCENT,
			.value = 500,
			.when = { .tiers = 1 << 1 | 1 << 2 } },
		{ .name = "flash", .value = 300, .when = { .coupon = { "FLASH" } }, .max = { .total = 8 } },
		{ .name = "solo",
			.priority = 9,
			.alone = true,
			.kind = P_PERCENT,
			.value = 1500,
			.when = { .coupon = { "SOLO" } },
			.max = { .member = 3 } },
		{ .name = "ticket", .single = true, .value = 200, .when = { .spend_min = 500 } } },
};

const struct p_rules *programme_rules(bool plain)
{
	static struct p_rules earning;

	if (rules.unit_count == 0)
		p_rules_count(&rules);
	earning = rules;
	earning.reward_count = earning.offer_count = earning.tier_count = 0;
	return plain ? &earning : &rules;
}
