/* SPDX-License-Identifier: Apache-2.0 */
/* when { }: what it selects and when it holds, in a world of one basket, one regular and one new member; and what it
 * refuses. */
#include "daemon/condition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/config.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define TEXT(s)  PALIER_LIT(s)

/* --- the world ----------------------------------------------------------------------------------------------------- */

static const struct palier_id regular = { { 1 } }, newcomer = { { 2 } };
static struct {
	int64_t at;
	uint32_t from, to; /* of the last palier_facts_between */
} world;

int64_t palier_at(const struct palier_ctx *c)
{
	(void)c;
	return world.at;
}

int64_t palier_received(const struct palier_ctx *c)
{
	(void)c;
	return world.at;
}

uint32_t palier_today(const struct palier_ctx *c)
{
	(void)c;
	return zone_day(world.at);
}

/* Five purchases of 200.00 in all, the last on 1 September; in the stretch asked for, two of 30.00. */
int palier_facts(struct palier_ctx *c, struct palier_id member, struct palier_facts *out)
{
	(void)c;
	*out = (struct palier_facts){ 0 };
	if (palier_id_equal(member, regular)) {
		*out = (struct palier_facts){ .purchases = 5, .spend = 20000 };
		assert_true(time_parse(TEXT("2026-09-01T21:59:59Z"), &out->last_purchase_ms));
	}
	return PALIER_OK;
}

int palier_facts_between(struct palier_ctx *c, struct palier_id member, uint32_t from, uint32_t to, struct palier_facts *out)
{
	(void)c;
	world.from = from;
	world.to = to;
	*out = (struct palier_facts){ 0 };
	if (palier_id_equal(member, regular))
		*out = (struct palier_facts){ .purchases = 2, .spend = 3000 };
	return PALIER_OK;
}

int palier_fact(struct palier_ctx *c, struct palier_id member, const char *name, struct palier_bytes *out)
{
	static const char *const facts[][2] = { { "tier", "gold" }, { "stage", "loyalty" }, { "persona", "early bird" },
		{ "rung/beans", "coffee" }, { "referrals", "3" }, { "nps", "9" } };

	(void)c;
	for (size_t i = 0; i < COUNT(facts) && palier_id_equal(member, regular); i++)
		if (strcmp(facts[i][0], name) == 0) {
			*out = palier_str(facts[i][1]);
			return PALIER_OK;
		}
	return PALIER_ENOENT;
}

int member_tags(struct palier_ctx *c, struct palier_id member, struct palier_strings *out)
{
	static struct palier_bytes tags[2];

	(void)c;
	tags[0] = TEXT("vip");
	tags[1] = TEXT("press");
	*out = (struct palier_strings){ tags, palier_id_equal(member, regular) ? 2 : 0 };
	return PALIER_OK;
}

int member_consents(struct palier_ctx *c, struct palier_id member, struct consent *out)
{
	(void)c;
	*out = (struct consent){ .email = palier_id_equal(member, regular), .profiling = palier_id_equal(member, regular) };
	return PALIER_OK;
}

static struct palier_bytes hot[] = { { "hot", 3 }, { "fast", 4 } }, promo[] = { { "promo", 5 } };
static const struct basket_line basket[] = {
	{ .sku = { "espresso", 8 }, .category = { "coffee", 6 }, .tags = { hot, 2 } },
	{ .sku = { "beans-250", 9 }, .category = { "coffee", 6 }, .tags = { promo, 1 } },
	{ .sku = { "mug", 3 }, .category = { "kitchen", 7 } },
	{ .sku = { "blend", 5 } },
	{ .sku = { "load", 4 }, .category = { "coffee", 6 } },
};
/* 2.50 + (8.90 - 0.90) + 15.00 + 11.00 = 36.50 for items, and a top-up of 20.00. */
static struct palier_line lines[] = {
	{ .in = &basket[0], .kind = LINE_ITEM, .items = 1, .gross = 250 },
	{ .in = &basket[1], .kind = LINE_ITEM, .items = 2, .gross = 890, .foreign = 90 },
	{ .in = &basket[2], .kind = LINE_ITEM, .items = 1, .gross = 1500, .exempt = 700, .ours = 100 },
	{ .in = &basket[3], .kind = LINE_ITEM, .items = 1, .gross = 1100 },
	{ .in = &basket[4], .kind = LINE_TOPUP, .items = 1, .gross = 2000 },
};
static const struct palier_bytes coupons[] = { { "SPRING", 6 }, { " Velo\t", 6 } };
static const struct palier_sale full_sale = { .lines = lines, .line_count = 5, .coupons = coupons, .coupon_count = 2 };
static const struct palier_sale topup_sale = { .lines = &lines[4], .line_count = 1 };

/* --- a condition through a configuration --------------------------------------------------------------------------- */

static cfg_opt_t options[] = { CFG_SEC("when", palier_when_options, CFGF_NODEFAULT), CFG_END() };
static char error[6000];
static size_t errors;

static void say(const char *text)
{
	if (errors++ == 0)
		snprintf(error, sizeof(error), "%s", text);
}

static int configure(struct palier_setup *s, cfg_t *section, const void **out)
{
	*out = palier_condition_compile(s, cfg_size(section, "when") > 0 ? cfg_getsec(section, "when") : NULL);
	return *out ? PALIER_OK : PALIER_ECONFIG;
}

static struct config *load(const char *when)
{
	static const struct palier_plugin plugin = { .abi = PALIER_PLUGIN_ABI,
		.name = "rule",
		.options = options,
		.configure = configure };
	static const struct palier_plugin *const plugins[] = { &plugin, NULL };
	char file[] = "/tmp/palier-when-XXXXXX";
	int fd = mkstemp(file);
	struct config *c;

	assert_true(fd >= 0);
	dprintf(fd, "data = a\nstore { id = a }\nlisten \"unix:s\" { auth = peer }\nrule {\n%s\n}\n", when);
	close(fd);
	errors = 0;
	c = config_load(file, plugins, say);
	unlink(file);
	return c;
}

/* --- when it holds ------------------------------------------------------------------------------------------------- */

enum who { NOBODY, REGULAR, NEWCOMER };
enum sale { SALE, TOPUP, NO_SALE };

static const struct hold_case {
	const char *name, *when;
	bool holds;
	enum who who;
	enum sale sale;
	const char *at;    /* NULL: Saturday 21 November 2026, 10:03 in Paris */
	const char *lines; /* selected; NULL: not looked at */
} hold_cases[] = {
#define HOLD(sentence, text, outcome, ...) \
	{ \
		.name = (sentence), .when = (text), .holds = (outcome), __VA_ARGS__ \
	}
	HOLD("no condition holds for any sale", "", true, .lines = "xxxx."),
	HOLD("no condition fails for a pure top-up", "", false, .sale = TOPUP),
	HOLD("no condition holds outside a sale", "", true, .sale = NO_SALE),
	HOLD("an empty condition holds for any sale", "when { }", true, .lines = "xxxx."),
	HOLD("an empty condition fails for a pure top-up", "when { }", false, .sale = TOPUP),
	HOLD("an empty condition holds outside a sale", "when { }", true, .sale = NO_SALE),

	HOLD("a sku selects its line", "when { sku = mug }", true, .lines = "..x.."),
	HOLD("a list of skus means any of them", "when { sku = {\"mug\", \"espresso\"} }", true, .lines = "x.x.."),
	HOLD("a sku that is not there fails", "when { sku = {\"tea\"} }", false, .lines = "....."),
	HOLD("a sku is compared whole", "when { sku = {\"mu\"} }", false),
	HOLD("sku-not selects the others", "when { sku-not = {\"mug\", \"espresso\"} }", true, .lines = ".x.x."),
	HOLD("a category selects items, not top-ups", "when { category = {\"coffee\"} }", true, .lines = "xx..."),
	HOLD("category-not selects lines without category too", "when { category-not = {\"coffee\"} }", true,
		.lines = "..xx."),
	HOLD("a tag selects lines that bear it among others", "when { tag = {\"fast\"} }", true, .lines = "x...."),
	HOLD("tag-not selects lines that bear none of them", "when { tag-not = {\"fast\", \"promo\"} }", true,
		.lines = "..xx."),
	HOLD("a line must match every selector", "when { category = coffee  tag = promo }", true, .lines = ".x..."),
	HOLD("selectors that no one line matches fail", "when { category = kitchen  tag = promo }", false, .lines = "....."),
	HOLD("a form and its -not form may stand together", "when { category = coffee  sku-not = espresso }", true,
		.lines = ".x..."),
	HOLD("a selector fails outside a sale", "when { sku = mug }", false, .sale = NO_SALE),
	HOLD("a -not selector fails outside a sale", "when { sku-not = mug }", false, .sale = NO_SALE),
	HOLD("a -not selector fails for a pure top-up", "when { sku-not = mug }", false, .sale = TOPUP),

	HOLD("spend-min counts items after foreign discounts, inclusive", "when { spend-min = \"36.50\" }", true,
		.lines = "xxxx."),
	HOLD("spend-min does not count foreign discounts and top-ups", "when { spend-min = \"36.51\" }", false),
	HOLD("spend-min counts the selected lines", "when { category = coffee  spend-min = \"10.50\" }", true),
	HOLD("spend-min counts no others", "when { category = coffee  spend-min = \"10.51\" }", false),
	HOLD("spend-min counts what is protected, and before our discounts", "when { sku = mug  spend-min = \"15.00\" }",
		true),
	HOLD("spend-min-not is below it", "when { spend-min-not = \"36.51\" }", true),
	HOLD("spend-min-not fails at it", "when { spend-min-not = \"36.50\" }", false),
	HOLD("spend-min-not fails without a line", "when { sku = tea  spend-min-not = \"36.51\" }", false),
	HOLD("spend-max is inclusive", "when { spend-max = \"36.50\" }", true),
	HOLD("spend-max fails above", "when { spend-max = \"36.49\" }", false),
	HOLD("spend-max-not is above it", "when { spend-max-not = \"36.49\" }", true),
	HOLD("quantity-min counts pieces", "when { category = coffee  quantity-min = 3 }", true),
	HOLD("quantity-min fails below", "when { category = coffee  quantity-min = 4 }", false),
	HOLD("quantity-min-not is below it", "when { category = coffee  quantity-min-not = 4 }", true),
	HOLD("spend-min fails outside a sale", "when { spend-min = 0 }", false, .sale = NO_SALE),
	HOLD("a coupon among others", "when { coupon = {\"SUMMER\", \"VELO\"} }", true),
	HOLD("a coupon that was not given", "when { coupon = SUMMER }", false),
	HOLD("a coupon in other letters, with blanks around it", "when { coupon = \"velo\" }", true),
	HOLD("a coupon that begins alike", "when { coupon = \"VEL\" }", false),
	HOLD("coupon-not when none of them was given", "when { coupon-not = SUMMER }", true),
	HOLD("coupon-not when one of them was given", "when { coupon-not = {\"SUMMER\", \"VELO\"} }", false),

	HOLD("a day of the week", "when { days = {\"fri\", \"sat\"} }", true),
	HOLD("another day of the week", "when { days = {\"sun\"} }", false),
	HOLD("days-not", "when { days-not = {\"sun\"} }", true),
	HOLD("the day is the store's", "when { days = sun }", true, .at = "2026-11-21T23:30:00Z"),
	HOLD("the clock needs no sale", "when { days = sat }", true, .sale = NO_SALE),
	HOLD("hours from their first minute", "when { hours = \"10:00-12:00\" }", true, .at = "2026-11-21T09:00:00Z"),
	HOLD("hours to the minute before their last", "when { hours = \"08:00-10:00\" }", true,
		.at = "2026-11-21T08:59:59Z"),
	HOLD("hours without their last minute", "when { hours = \"08:00-10:00\" }", false, .at = "2026-11-21T09:00:00Z"),
	HOLD("hours before them", "when { hours = \"10:00-12:00\" }", false, .at = "2026-11-21T08:59:59Z"),
	HOLD("any of several hours", "when { hours = {\"06:00-07:00\", \"10:00-11:00\"} }", true),
	HOLD("hours across midnight, in the evening", "when { hours = \"22:00-02:00\" }", true,
		.at = "2026-11-21T21:00:00Z"),
	HOLD("hours across midnight, at night", "when { hours = \"22:00-02:00\" }", true, .at = "2026-11-21T00:59:00Z"),
	HOLD("hours across midnight, at their end", "when { hours = \"22:00-02:00\" }", false, .at = "2026-11-21T01:00:00Z"),
	HOLD("hours across midnight, by day", "when { hours = \"22:00-02:00\" }", false),
	HOLD("hours to midnight", "when { hours = \"20:00-24:00\" }", true, .at = "2026-11-21T22:59:59Z"),
	HOLD("hours-not", "when { hours-not = \"08:00-10:00\" }", true),
	HOLD("hours in summer are the wall clock's", "when { hours = \"10:00-11:00\" }", true, .at = "2026-07-01T08:30:00Z"),
	HOLD("from the store's midnight", "when { from = \"2026-11-21\" }", true, .at = "2026-11-20T23:00:00Z"),
	HOLD("not before the store's midnight", "when { from = \"2026-11-21\" }", false, .at = "2026-11-20T22:59:59Z"),
	HOLD("until the start of that day", "when { until = \"2026-11-21\" }", true, .at = "2026-11-20T22:59:59Z"),
	HOLD("until is exclusive", "when { until = \"2026-11-21\" }", false, .at = "2026-11-20T23:00:00Z"),
	HOLD("from a time of day", "when { from = \"2026-11-21 10:03\" }", true),
	HOLD("until a time of day", "when { until = \"2026-11-21T10:03\" }", false),
	HOLD("from-not is before it", "when { from-not = \"2026-11-22\" }", true),
	HOLD("until-not is from it on", "when { until-not = \"2026-11-21\" }", true),

	HOLD("a tier", "when { tier = {\"silver\", \"gold\"} }", true, .who = REGULAR),
	HOLD("another tier", "when { tier = silver }", false, .who = REGULAR),
	HOLD("tier-not", "when { tier-not = silver }", true, .who = REGULAR),
	HOLD("a member without tier is in none", "when { tier = gold }", false, .who = NEWCOMER),
	HOLD("tier-not holds for a member without tier", "when { tier-not = gold }", true, .who = NEWCOMER),
	HOLD("a tier needs a member", "when { tier = gold }", false),
	HOLD("tier-not needs a member", "when { tier-not = silver }", false),
	HOLD("a member is judged outside a sale", "when { tier = gold }", true, .who = REGULAR, .sale = NO_SALE),
	HOLD("a stage", "when { stage = loyalty }", true, .who = REGULAR),
	HOLD("a persona", "when { persona = \"early bird\" }", true, .who = REGULAR),
	HOLD("a rung", "when { rung = beans }", true, .who = REGULAR),
	HOLD("rung-not", "when { rung-not = beans }", false, .who = REGULAR),
	HOLD("a member's tag", "when { member-tag = {\"press\"} }", true, .who = REGULAR),
	HOLD("another tag", "when { member-tag = {\"staff\"} }", false, .who = REGULAR),
	HOLD("member-tag-not", "when { member-tag-not = {\"staff\"} }", true, .who = NEWCOMER),
	HOLD("a consent given", "when { consent = {\"sms\", \"profiling\"} }", true, .who = REGULAR),
	HOLD("a consent not given", "when { consent = sms }", false, .who = REGULAR),
	HOLD("consent-not", "when { consent-not = {\"email\", \"sms\"} }", true, .who = NEWCOMER),
	HOLD("a first purchase", "when { first-purchase = true }", true, .who = NEWCOMER),
	HOLD("no first purchase", "when { first-purchase = true }", false, .who = REGULAR),
	HOLD("first-purchase = false wants an earlier one", "when { first-purchase = false }", true, .who = REGULAR),
	HOLD("first-purchase-not = true wants an earlier one", "when { first-purchase-not = true }", false, .who = NEWCOMER),
	HOLD("a first purchase needs a member", "when { first-purchase = true }", false),
	HOLD("purchases-min at its bound", "when { purchases-min = 5 }", true, .who = REGULAR),
	HOLD("purchases-min above", "when { purchases-min = 6 }", false, .who = REGULAR),
	HOLD("purchases-min-not", "when { purchases-min-not = 6 }", true, .who = REGULAR),
	HOLD("purchases-max at its bound", "when { purchases-max = 5 }", true, .who = REGULAR),
	HOLD("purchases-max below", "when { purchases-max = 4 }", false, .who = REGULAR),
	HOLD("a newcomer has no purchases", "when { purchases-max = 0 }", true, .who = NEWCOMER),
	HOLD("spend-total-min at its bound", "when { spend-total-min = \"200.00\" }", true, .who = REGULAR),
	HOLD("spend-total-min above", "when { spend-total-min = \"200.01\" }", false, .who = REGULAR),
	HOLD("within counts recent purchases only", "when { purchases-min = 3  within = \"90 days\" }", false,
		.who = REGULAR),
	HOLD("within for at most so many", "when { purchases-max = 2  within = \"90 days\" }", true, .who = REGULAR),
	HOLD("within counts recent spend only", "when { spend-total-min = \"30.01\"  within = \"3 months\" }", false,
		.who = REGULAR),
	HOLD("silent since that many days", "when { silent-min = \"81 days\" }", true, .who = REGULAR),
	HOLD("not silent for longer", "when { silent-min = \"82 days\" }", false, .who = REGULAR),
	HOLD("silent-min in months", "when { silent-min = \"2 months\" }", true, .who = REGULAR),
	HOLD("silent-min-not", "when { silent-min-not = \"82 days\" }", true, .who = REGULAR),
	HOLD("who never bought is not silent", "when { silent-min = \"1 day\" }", false, .who = NEWCOMER),
	HOLD("referrals-min at its bound", "when { referrals-min = 3 }", true, .who = REGULAR),
	HOLD("referrals-min above", "when { referrals-min = 4 }", false, .who = REGULAR),
	HOLD("no referrals published are none", "when { referrals-min = 0 }", true, .who = NEWCOMER),
	HOLD("nps-min at its bound", "when { nps-min = 9 }", true, .who = REGULAR),
	HOLD("nps-min above", "when { nps-min = 10 }", false, .who = REGULAR),
	HOLD("who was not asked has no score", "when { nps-min = 0 }", false, .who = NEWCOMER),
	HOLD("all predicates must hold", "when { sku = mug  days = sat  tier = gold }", true, .who = REGULAR,
		.lines = "..x.."),
	HOLD("one that fails is enough", "when { sku = mug  days = sun  tier = gold }", false, .who = REGULAR,
		.lines = "..x.."),
};

static struct config *at_moment(const char *when, const char *at)
{
	struct config *c = load(when);

	if (!c)
		fail_msg("refused: %s", error);
	assert_true(time_parse(palier_str(at ? at : "2026-11-21T09:03:11Z"), &world.at));
	return c;
}

static void test_holds(void **state)
{
	static const struct palier_id *const members[] = { NULL, &regular, &newcomer };
	static const struct palier_sale *const sales[] = { &full_sale, &topup_sale, NULL };
	const struct hold_case *h = *state;
	struct config *c = at_moment(h->when, h->at);
	bool matched[COUNT(lines)];
	char selected[COUNT(lines) + 1] = "";
	bool holds;

	memset(matched, true, sizeof(matched));
	holds = palier_condition_holds(NULL, c->plugins[0], sales[h->sale], members[h->who], matched);
	for (size_t i = 0; i < COUNT(lines); i++)
		selected[i] = matched[i] ? 'x' : '.';
	config_free(c);
	assert_int_equal(holds, h->holds);
	if (h->lines)
		assert_string_equal(selected, h->lines);
}

/* --- how far `within` reaches -------------------------------------------------------------------------------------- */

static const struct within_case {
	const char *name, *within, *at;
	uint32_t from, to;
} within_cases[] = {
	{ "90 days reach back to the day 90 days before", "90 days", "2026-11-21T09:00:00Z", 20260823, 20261121 },
	{ "months reach back to the same day", "3 months", "2026-11-21T09:00:00Z", 20260821, 20261121 },
	{ "months are clamped to the month's end", "1 month", "2027-03-31T09:00:00Z", 20270228, 20270331 },
	{ "days are the store's", "1 day", "2026-11-21T23:30:00Z", 20261121, 20261122 },
	{ "three years are kept", "36 months", "2026-11-21T09:00:00Z", 20231121, 20261121 },
};

static void test_within(void **state)
{
	const struct within_case *w = *state;
	char when[128];
	struct config *c;

	snprintf(when, sizeof(when), "when { purchases-min = 1  within = \"%s\" }", w->within);
	c = at_moment(when, w->at);
	assert_true(palier_condition_holds(NULL, c->plugins[0], NULL, &regular, NULL));
	config_free(c);
	assert_int_equal(world.from, w->from);
	assert_int_equal(world.to, w->to);
}

/* --- what is told before a basket is known ------------------------------------------------------------------------- */

static const struct ahead_case {
	const char *name, *when;
	bool may_hold, of_member, over;
	uint32_t last_day;
	enum who who;
} ahead_cases[] = {
	{ "no condition may hold, of nobody in particular, for ever", "", true, false, false, DAY_NEVER, NOBODY },
	{ "what it asks of the basket is left open", "when { sku = nothing  spend-min = \"999\"  coupon = X }", true, false,
		false, DAY_NEVER, NOBODY },
	{ "what it asks of the clock is not", "when { days = sun }", false, false, false, DAY_NEVER, NOBODY },
	{ "nor what it asks of the member", "when { tier = gold }", true, true, false, DAY_NEVER, REGULAR },
	{ "a member of another tier", "when { tier = gold }", false, true, false, DAY_NEVER, NEWCOMER },
	{ "nobody is no member", "when { tier-not = gold }", false, true, false, DAY_NEVER, NOBODY },
	{ "until midnight ends with the day before", "when { until = \"2026-11-22\" }", true, false, false, 20261121,
		NOBODY },
	{ "until an hour ends with its day", "when { until = \"2026-11-21 10:04\" }", true, false, false, 20261121, NOBODY },
	{ "an hour that is past is over", "when { until = \"2026-11-21 10:03\" }", false, false, true, 20261121, NOBODY },
	{ "what is still to come is not over", "when { from = \"2026-11-22\" }", false, false, false, DAY_NEVER, NOBODY },
};

static void test_ahead(void **state)
{
	static const struct palier_id *const members[] = { NULL, &regular, &newcomer };
	const struct ahead_case *a = *state;
	struct config *c = at_moment(a->when, NULL);
	const struct palier_condition *w = c->plugins[0];

	assert_int_equal(palier_condition_may_hold(NULL, w, members[a->who]), a->may_hold);
	assert_int_equal(palier_condition_of_member(w), a->of_member);
	assert_int_equal(palier_condition_over(NULL, w), a->over);
	assert_int_equal(palier_condition_last_day(w), a->last_day);
	config_free(c);
}

/* --- what is refused ----------------------------------------------------------------------------------------------- */

static const struct bad_case {
	const char *name, *when, *says; /* the section begins on line 5 */
} bad_cases[] = {
	{ "an unknown predicate", "when {\n colour = red }",
		":6: no such option 'colour' in when; expected one of: sku sku-not" },
	{ "within has no -not form", "when { within-not = \"90 days\" }", ":5: no such option 'within-not'" },
	{ "an empty list", "when { sku = {} }", ":5: unexpected }: expected a value" },
	{ "an empty name", "when {\n sku = {\"a\", \"\"} }", ":5: sku: \"\" names nothing" },
	{ "an unknown day", "when {\n\n days-not = {\"mon\", \"dimanche\"} }", ":5: days-not: \"dimanche\" is no day" },
	{ "an hour beyond 24", "when { hours = \"25:00-26:00\" }", ":5: hours: \"25:00-26:00\" are no hours" },
	{ "minutes beyond 24 hours", "when { hours = \"08:00-24:01\" }", ":5: hours: \"08:00-24:01\"" },
	{ "minute 60", "when { hours = \"08:60-09:00\" }", ":5: hours: \"08:60-09:00\"" },
	{ "one hour alone", "when { hours = \"08:00\" }", ":5: hours: \"08:00\"" },
	{ "hours without minutes", "when { hours = \"8-12\" }", ":5: hours: \"8-12\"" },
	{ "hours with a tail", "when { hours = \"08:00-12:00h\" }", ":5: hours: \"08:00-12:00h\"" },
	{ "hours without length", "when { hours = \"08:00-08:00\" }", ":5: hours: \"08:00-08:00\"" },
	{ "hours that begin at the day's end", "when { hours = \"24:00-02:00\" }", ":5: hours: \"24:00-02:00\"" },
	{ "a date that is none", "when { from = \"2026-02-29\" }", ":5: from: \"2026-02-29\" is no date" },
	{ "a date too short", "when { until = \"2026\" }", ":5: until: \"2026\" is no date" },
	{ "a date with a bad time", "when { until = \"2026-09-22 24:00\" }", ":5: until: \"2026-09-22 24:00\" is no date" },
	{ "a date with a tail", "when { until = \"2026-09-22x\" }", ":5: until: \"2026-09-22x\" is no date" },
	{ "until before from", "when { from = \"2026-12-21\"  until = \"2026-09-22\" }",
		":5: nothing lies between from and until" },
	{ "until at from", "when { from = \"2026-12-21\"  until = \"2026-12-21\" }",
		":5: nothing lies between from and until" },
	{ "spend-max below spend-min", "when { spend-min = \"10\"  spend-max = \"9.99\" }",
		":5: nothing lies between spend-min and spend-max" },
	{ "purchases-max below purchases-min", "when { purchases-min = 3  purchases-max = 2 }",
		":5: nothing lies between purchases-min" },
	{ "an amount that is none", "when {\n spend-min = \"1,00\" }",
		":6: spend-min = \"1,00\": expected an amount in EUR" },
	{ "a negative number", "when { purchases-min = -1 }", ":5: purchases-min: expected a whole number such as 3" },
	{ "a score that nobody gives", "when { nps-min = 11 }", ":5: nps-min: expected a score from 0 to 10" },
	{ "nor may be denied", "when { nps-min-not = 11 }", ":5: nps-min-not: expected a score from 0 to 10" },
	{ "an unknown consent", "when { consent = {\"fax\"} }",
		":5: consent: \"fax\" is no consent; expected email, sms or profiling" },
	{ "within without something to count", "when { within = \"90 days\"  tier = gold }",
		":5: within needs something to count" },
	{ "within an end of month", "when { within = \"end of month\"  purchases-min = 1 }",
		":5: within: expected days or months" },
	{ "within more than three years", "when { within = \"37 months\"  purchases-min = 1 }",
		":5: within: expected days or months" },
	{ "within that is none", "when { within = \"a while\"  purchases-min = 1 }",
		":5: within = \"a while\": expected a span" },
	{ "silence without end", "when { silent-min = never }", ":5: silent-min: expected days or months" },
};

static void test_bad(void **state)
{
	const struct bad_case *b = *state;

	assert_null(load(b->when));
	if (!strstr(error, b->says))
		fail_msg("expected \"%s\" in: %s", b->says, error);
	assert_int_equal(errors, 1);
}

int main(void)
{
	struct CMUnitTest tests[COUNT(hold_cases) + COUNT(within_cases) + COUNT(ahead_cases) + COUNT(bad_cases)], *t = tests;

	for (size_t i = 0; i < COUNT(hold_cases); i++)
		*t++ = (struct CMUnitTest){ hold_cases[i].name, test_holds, NULL, NULL, (void *)(uintptr_t)&hold_cases[i] };
	for (size_t i = 0; i < COUNT(within_cases); i++)
		*t++ = (struct CMUnitTest){ within_cases[i].name, test_within, NULL, NULL,
			(void *)(uintptr_t)&within_cases[i] };
	for (size_t i = 0; i < COUNT(ahead_cases); i++)
		*t++ = (struct CMUnitTest){ ahead_cases[i].name, test_ahead, NULL, NULL,
			(void *)(uintptr_t)&ahead_cases[i] };
	for (size_t i = 0; i < COUNT(bad_cases); i++)
		*t++ = (struct CMUnitTest){ bad_cases[i].name, test_bad, NULL, NULL, (void *)(uintptr_t)&bad_cases[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
