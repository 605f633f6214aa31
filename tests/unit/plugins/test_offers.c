/* SPDX-License-Identifier: Apache-2.0 */
/* Which offers apply to a sale, in which order and within which limits: rules.md "Offers" and "Order of a sale", a row a sentence. What a
 * configuration may not say. */
#include "tests/unit/plugins/kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

extern const struct palier_plugin palier_plugin_offers;

/* A reward that takes all that it may. */
static bool reward_asked;

static int reward_configure(struct palier_setup *s, cfg_t *section, const void **out)
{
	(void)s;
	(void)section;
	(void)out;
	return PALIER_OK;
}

static int reward_on_price(struct palier_ctx *c, struct palier_sale *s)
{
	int64_t parts[8] = { 0 };
	const struct palier_discount d = { "reward", "reward", true, parts };

	for (uint32_t i = 0; i < s->line_count; i++)
		parts[i] = palier_line_room(&s->lines[i], true);
	return reward_asked ? palier_discount_add(c, s, &d) : PALIER_OK;
}

static const struct palier_plugin reward_plugin = { .abi = PALIER_PLUGIN_ABI,
	.name = "rewards",
	.configure = reward_configure,
	.on_price = reward_on_price };
static const struct palier_plugin *const plugins[] = { &palier_plugin_offers, &reward_plugin, NULL };

/* Member 1 was born on 25 November, enrolled on the 1st of it, agreed to profiling and has been silent since 1 June. Member 2 has told no
 * birthday, is gold, silent for as long, and agreed to nothing. */
static struct palier_ctx *shop_new(const char *offers, const char *at)
{
	char config[4096];
	struct palier_ctx *c;
	int64_t june;

	snprintf(config, sizeof(config), "offers {\n%s\n}\n", offers);
	c = kit_new(plugins, config);
	assert_true(time_parse(PALIER_LIT("2026-06-01T10:00:00Z"), &june));
	*kit_person(c, 1) = (struct kit_person){ .person = { 20261101, 19901125, true },
		.facts = { .first_purchase_ms = june, .last_purchase_ms = june, .purchases = 3, .spend = 9000 } };
	*kit_person(c, 2) = (struct kit_person){ .person = { 20250101, 0, false },
		.facts = { .first_purchase_ms = june, .last_purchase_ms = june, .purchases = 3, .spend = 9000 } };
	assert_int_equal(palier_fact_publish(c, kit_member(2), "tier", PALIER_LIT("gold")), PALIER_OK);
	*kit_person(c, 3) = (struct kit_person){ .person = { 20260101, 20000229, true }, .facts = { 0 } };
	if (at)
		kit_clock(c, at);
	return c;
}

/* --- what applies -------------------------------------------------------------------------------------------------- */

#define OFFER(name, body) "offer \"" name "\" { " body " }\n"
#define TWO_OFF           "kind = amount value = \"2.00\""
#define TENTH             "kind = percent value = \"10\" of = order"
#define BIRTHDAY          OFFER("birthday", "trigger = birthday days-before = 7 days-after = 7 " TWO_OFF)
#define BACK              OFFER("back", "trigger = win-back after = \"120 days\" " TWO_OFF)
#define WELCOME           OFFER("welcome", "trigger = enroll until = \"30 days\" " TWO_OFF)
#define ALONE             "stackable = false "
#define LINES(...)        .lines = { __VA_ARGS__ }
#define CODES(...)        .coupons = { __VA_ARGS__ }

static const struct price_case {
	const char *name, *offers;
	const char *discounts;    /* "name amount [parts]" by ", " */
	unsigned who;             /* 0: nobody */
	const char *at;           /* NULL: noon of 21 November 2026 */
	struct kit_line lines[4]; /* none: one of 10.00 and a book of 20.00 */
	const char *coupons[4];
	const char *refused; /* NULL: nothing */
	int err;             /* of the commit */
	bool no_auto, reward;
} cases[] = {
#define ROW(sentence, config, takes, ...) \
	{ \
		.name = (sentence), .offers = (config), .discounts = (takes), __VA_ARGS__ \
	}
	/* by itself */
	ROW("an automatic offer applies without a card", OFFER("a", "auto = true " TWO_OFF), "a 200 [67 133]"),
	ROW("and with one", OFFER("a", "auto = true " TWO_OFF), "a 200 [67 133]", .who = 1),
	ROW("an offer that nothing triggers does not", OFFER("a", TWO_OFF), "", .who = 1),
	ROW("auto = false of the ticket leaves it out", OFFER("a", "auto = true " TWO_OFF), "", .no_auto = true),
	ROW("auto = false leaves a birthday out, too", BIRTHDAY, "", .who = 1, .no_auto = true),
	ROW("auto = false leaves coupons in", OFFER("a", "auto = true " TWO_OFF) OFFER("b", TWO_OFF " when { coupon = X }"),
		"b 200 [67 133]", .no_auto = true, CODES("X")),
	ROW("an offer whose condition fails does not apply",
		OFFER("a", "auto = true " TWO_OFF " when { spend-min = \"30.01\" }"), ""),
	ROW("spend-min counts inclusively", OFFER("a", "auto = true " TWO_OFF " when { spend-min = \"30.00\" }"),
		"a 200 [67 133]"),
	ROW("spend-min counts the lines that the condition selects",
		OFFER("a", "auto = true " TWO_OFF " when { category = book spend-min = \"20.01\" }"), ""),
	ROW("a condition that names the member needs a card", OFFER("a", "auto = true " TWO_OFF " when { tier = gold }"),
		""),
	ROW("one of another tier has it not", OFFER("a", "auto = true " TWO_OFF " when { tier = gold }"), "", .who = 1),
	ROW("a gold one has it", OFFER("a", "auto = true " TWO_OFF " when { tier = gold }"), "a 200 [67 133]", .who = 2),
	ROW("a window begins inclusively", OFFER("a", "auto = true " TWO_OFF " when { from = \"2026-11-21\" }"),
		"a 200 [67 133]", .at = "2026-11-21T00:00:00+01:00"),
	ROW("a window ends exclusively", OFFER("a", "auto = true " TWO_OFF " when { until = \"2026-11-21\" }"), "",
		.at = "2026-11-21T00:00:00+01:00"),
	ROW("category selects the lines that `of = lines` is about",
		OFFER("a", "auto = true kind = percent value = \"10\" of = lines when { category = book }"),
		"a 200 [0 200]"),
	ROW("an offer that takes nothing off does not apply",
		OFFER("a", "auto = true kind = product skus = {\"mug\"}") OFFER("b", "auto = true " TWO_OFF),
		"b 200 [67 133]"),

	/* birthday */
	ROW("seven days before the birthday", BIRTHDAY, "birthday 200 [67 133]", .who = 1,
		.at = "2026-11-18T00:00:00+01:00"),
	ROW("not eight days before it", BIRTHDAY, "", .who = 1, .at = "2026-11-17T23:59:59+01:00"),
	ROW("seven days after it", BIRTHDAY, "birthday 200 [67 133]", .who = 1, .at = "2026-12-02T23:59:59+01:00"),
	ROW("not eight days after it", BIRTHDAY, "", .who = 1, .at = "2026-12-03T00:00:00+01:00"),
	ROW("who has told no birthday has none", BIRTHDAY, "", .who = 2),
	ROW("nobody has no birthday", BIRTHDAY, ""),
	ROW("29 February counts on the 28th otherwise", OFFER("b", "trigger = birthday " TWO_OFF), "b 200 [67 133]",
		.who = 3, .at = "2026-02-28T12:00:00+01:00"),
	ROW("and not on the 1st of March", OFFER("b", "trigger = birthday " TWO_OFF), "", .who = 3,
		.at = "2026-03-01T12:00:00+01:00"),
	ROW("29 February counts on the 29th in a leap year", OFFER("b", "trigger = birthday " TWO_OFF), "b 200 [67 133]",
		.who = 3, .at = "2028-02-29T12:00:00+01:00"),
	ROW("and not on the 28th then", OFFER("b", "trigger = birthday " TWO_OFF), "", .who = 3,
		.at = "2028-02-28T12:00:00+01:00"),
	ROW("days before a birthday reach into the year before", OFFER("b", "trigger = birthday days-before = 60 " TWO_OFF),
		"b 200 [67 133]", .who = 3, .at = "2026-12-31T12:00:00+01:00"),
	ROW("days after a birthday reach into the next year", OFFER("b", "trigger = birthday days-after = 60 " TWO_OFF),
		"b 200 [67 133]", .who = 1, .at = "2027-01-24T12:00:00+01:00"),

	/* welcome */
	ROW("welcome, on the day of the enrolment", WELCOME, "welcome 200 [67 133]", .who = 1,
		.at = "2026-11-01T00:00:00+01:00"),
	ROW("welcome, on its last day", WELCOME, "welcome 200 [67 133]", .who = 1, .at = "2026-12-01T23:59:59+01:00"),
	ROW("no welcome after it", WELCOME, "", .who = 1, .at = "2026-12-02T00:00:00+01:00"),
	ROW("a sale before the enrolment has no welcome", WELCOME, "", .who = 1, .at = "2026-10-31T12:00:00+01:00"),

	/* win-back */
	ROW("a silence of 120 days is broken", BACK, "back 200 [67 133]", .who = 1, .at = "2026-09-29T12:00:00+02:00"),
	ROW("one of 119 is none", BACK, "", .who = 1, .at = "2026-09-28T12:00:00+02:00"),
	ROW("without consent to profiling nobody is won back", BACK, "", .who = 2),
	ROW("who never bought is not won back", BACK, "", .who = 3),

	/* order */
	ROW("the higher priority first, on what is left of the lines",
		OFFER("low", "auto = true priority = 1 " TENTH) OFFER("high", "auto = true priority = 2 " TWO_OFF),
		"high 200 [67 133], low 280 [93 187]"),
	ROW("of equal priorities the one configured first",
		OFFER("b", "auto = true " TENTH) OFFER("a", "auto = true " TWO_OFF), "b 300 [100 200], a 200 [67 133]"),
	ROW("coupons after what is automatic, whatever their priority",
		OFFER("c", "priority = 9 " TENTH " when { coupon = X }") OFFER("a", "auto = true " TWO_OFF),
		"a 200 [67 133], c 280 [93 187]", CODES("X")),
	ROW("coupons in the order in which they are sent",
		OFFER("x", TENTH " when { coupon = X }") OFFER("y", "priority = 5 " TWO_OFF " when { coupon = Y }"),
		"x 300 [100 200], y 200 [67 133]", CODES("X", "Y")),
	ROW("and not in that of the configuration",
		OFFER("x", TENTH " when { coupon = X }") OFFER("y", TWO_OFF " when { coupon = Y }"),
		"y 200 [67 133], x 280 [93 187]", CODES("Y", "X")),
	ROW("rewards after offers", OFFER("a", "auto = true " TWO_OFF), "a 200 [67 133], reward 2800 [933 1867]",
		.reward = true),

	/* stacking */
	ROW("one that does not stack stands alone",
		OFFER("a", "auto = true priority = 9 " TWO_OFF) OFFER("b", ALONE "auto = true " TENTH), "b 300 [100 200]"),
	ROW("of two that do not stack the higher priority",
		OFFER("a", ALONE "auto = true " TWO_OFF) OFFER("b", ALONE "auto = true priority = 1 " TENTH),
		"b 300 [100 200]"),
	ROW("of equal priorities the one configured first stands",
		OFFER("a", ALONE "auto = true " TWO_OFF) OFFER("b", ALONE "auto = true " TENTH), "a 200 [67 133]"),
	ROW("one that does not apply excludes nothing",
		OFFER("a", "auto = true " TWO_OFF) OFFER("b", ALONE "auto = true " TENTH " when { tier = gold }"),
		"a 200 [67 133]"),
	ROW("one that takes nothing off excludes nothing",
		OFFER("a", "auto = true " TWO_OFF) OFFER("b", ALONE "auto = true kind = product skus = {\"mug\"}"),
		"a 200 [67 133]"),
	ROW("a losing coupon is refused", OFFER("a", ALONE "auto = true " TWO_OFF) OFFER("c", TENTH " when { coupon = X }"),
		"a 200 [67 133]", CODES("X"), .refused = "X reward_unavailable", .err = PALIER_EREWARD_UNAVAILABLE),
	ROW("a coupon that does not stack excludes what is automatic",
		OFFER("a", "auto = true priority = 9 " TWO_OFF) OFFER("c", ALONE TENTH " when { coupon = X }"),
		"c 300 [100 200]", CODES("X")),
	ROW("of two coupons that do not stack the higher priority wins, whichever is sent first",
		OFFER("x", ALONE TENTH " when { coupon = X }")
			OFFER("y", ALONE "priority = 1 " TWO_OFF " when { coupon = Y }"),
		"y 200 [67 133]", CODES("X", "Y"), .refused = "X reward_unavailable", .err = PALIER_EREWARD_UNAVAILABLE),
	ROW("redemptions are not affected", OFFER("a", ALONE "auto = true " TWO_OFF),
		"a 200 [67 133], reward 2800 [933 1867]", .reward = true),

	/* shared codes */
	ROW("a code gives its offer", OFFER("a", TWO_OFF " when { coupon = {\"FLYER\", \"RADIO\"} }"), "a 200 [67 133]",
		CODES("RADIO")),
	ROW("a code is read in any case, without the blanks around it", OFFER("a", TWO_OFF " when { coupon = \"Flyer\" }"),
		"a 200 [67 133]", CODES(" fLYER\t")),
	ROW("without its code the offer does not apply, whatever auto says",
		OFFER("a", "auto = true " TWO_OFF " when { coupon = X }"), ""),
	ROW("an offer is had once by its codes", OFFER("a", TWO_OFF " when { coupon = {\"X\", \"Y\"} }"), "a 200 [67 133]",
		CODES("X", "Y"), .refused = "Y reward_unavailable", .err = PALIER_EREWARD_UNAVAILABLE),
	ROW("a code sent twice is used once", OFFER("a", TWO_OFF " when { coupon = X }"), "a 200 [67 133]", CODES("X", "x "),
		.refused = "x  code_spent", .err = PALIER_ECODE_SPENT),
	ROW("one code may be of several offers",
		OFFER("a", TWO_OFF " when { coupon = X }") OFFER("b", TENTH " when { coupon = X }"),
		"a 200 [67 133], b 280 [93 187]", CODES("X")),
	ROW("it is refused only where none of them applies",
		OFFER("a", TWO_OFF " when { coupon = X }") OFFER("b", TENTH " when { coupon = X tier = gold }"),
		"a 200 [67 133]", CODES("X")),
	ROW("an empty code is none", OFFER("a", TWO_OFF " when { coupon = X }"), "", CODES(" "),
		.refused = "  code_malformed", .err = PALIER_ECODE_MALFORMED),
	ROW("a code that nobody knows", OFFER("a", TWO_OFF " when { coupon = X }"), "", CODES("Z"),
		.refused = "Z code_unknown", .err = PALIER_ECODE_UNKNOWN),
	ROW("a single code with a slip in it", OFFER("a", "codes = single " TWO_OFF), "", CODES("2222-2222-2222"),
		.refused = "2222-2222-2222 code_malformed", .err = PALIER_ECODE_MALFORMED),
	ROW("a code is refused once its window is past", OFFER("a", TWO_OFF " when { coupon = X until = \"2026-11-21\" }"),
		"", CODES("X"), .refused = "X code_expired", .err = PALIER_ECODE_EXPIRED),
	ROW("before its window it cannot be had yet", OFFER("a", TWO_OFF " when { coupon = X from = \"2026-11-22\" }"), "",
		CODES("X"), .refused = "X reward_unavailable", .err = PALIER_EREWARD_UNAVAILABLE),
	ROW("a code whose condition fails", OFFER("a", TWO_OFF " when { coupon = X spend-min = \"30.01\" }"), "", CODES("X"),
		.refused = "X reward_unavailable", .err = PALIER_EREWARD_UNAVAILABLE),
	ROW("a code that takes nothing off", OFFER("a", "kind = product skus = {\"mug\"} when { coupon = X }"), "",
		CODES("X"), .refused = "X reward_unavailable", .err = PALIER_EREWARD_UNAVAILABLE),
	ROW("what cannot be had is listed in the order in which it was sent",
		OFFER("a", TWO_OFF " when { coupon = X tier = gold }"), "", CODES("X", "Z", ""),
		.refused = "X reward_unavailable, Z code_unknown,  code_malformed", .err = PALIER_EREWARD_UNAVAILABLE),
	ROW("a code for a birthday needs the birthday", OFFER("a", "trigger = birthday " TWO_OFF " when { coupon = X }"), "",
		.who = 2, CODES("X"), .refused = "X reward_unavailable", .err = PALIER_EREWARD_UNAVAILABLE),
	ROW("and applies on it", OFFER("a", "trigger = birthday days-before = 7 " TWO_OFF " when { coupon = X }"),
		"a 200 [67 133]", .who = 1, CODES("X")),
	ROW("a birthday offer with a code does not apply by itself",
		OFFER("a", "trigger = birthday days-before = 7 " TWO_OFF " when { coupon = X }"), "", .who = 1),

/* limits */
#define BOOKS "limit books { when { category = book } discount-max = \"5\" }\n"
#define HALF  OFFER("a", "auto = true kind = percent value = \"50\" of = order")
#define BOOK_OF(...) \
	{ \
		.category = "book", __VA_ARGS__ \
	}
	ROW("a limit binds the lines that it selects", HALF BOOKS, "a 600 [500 100]"),
	ROW("a limit is rounded down", HALF BOOKS, "a 4 [4]", LINES(BOOK_OF(.amount = 99))),
	ROW("foreign discounts count", HALF BOOKS, "a 40 [40]", LINES(BOOK_OF(.amount = 2000, .foreign = 60))),
	ROW("foreign discounts beyond it leave nothing", HALF BOOKS, "", LINES(BOOK_OF(.amount = 2000, .foreign = 150))),
	ROW("what is protected does not count", HALF BOOKS, "a 50 [50]", LINES(BOOK_OF(.amount = 2000, .exempt = 1000))),
	ROW("several offers share it", HALF OFFER("b", "auto = true " TENTH) BOOKS, "a 600 [500 100], b 50 [50 0]"),
	ROW("a coupon is within it", OFFER("a", TENTH " when { coupon = X }") BOOKS, "a 100 [100]",
		LINES(BOOK_OF(.amount = 2000)), CODES("X")),
	ROW("a coupon that the limit leaves nothing is refused", OFFER("a", TENTH " when { coupon = X }") BOOKS, "",
		LINES(BOOK_OF(.amount = 2000, .foreign = 100)), CODES("X"), .refused = "X reward_unavailable",
		.err = PALIER_EREWARD_UNAVAILABLE),
	ROW("of two limits the narrower binds", HALF BOOKS "limit all { discount-max = \"2.5\" }\n", "a 75 [25 50]"),
	ROW("rewards are outside a limit", HALF BOOKS, "a 100 [100], reward 1900 [1900]", LINES(BOOK_OF(.amount = 2000)),
		.reward = true),
	ROW("unless points count",
		HALF "limit books { when { category = book } discount-max = \"5\" counts-points = true }\n",
		"a 600 [500 100], reward 500 [500 0]", .reward = true),
	ROW("a limit of nothing at all", HALF "limit books { when { category = book } discount-max = \"0\" }\n",
		"a 500 [500 0]"),
	ROW("auto = false leaves limits in", OFFER("a", "kind = percent value = \"50\" when { coupon = X }") BOOKS,
		"a 600 [500 100]", CODES("X"), .no_auto = true),
};

static void test_price(void **state)
{
	static const struct kit_line usual[] = { { .amount = 1000 }, { .category = "book", .amount = 2000 } };
	const struct price_case *p = *state;
	struct palier_ctx *c = shop_new(p->offers, p->at);
	const struct palier_id member = kit_member(p->who);
	struct kit_basket b = { .lines = usual, .line_count = 2, .coupons = p->coupons, .no_auto = p->no_auto };

	reward_asked = p->reward;
	if (p->lines[0].amount) {
		b.lines = p->lines;
		for (b.line_count = 0; p->lines[b.line_count].amount; b.line_count++)
			;
	}
	assert_int_equal(kit_ring(c, p->who ? &member : NULL, NULL, &b), PALIER_OK);
	assert_string_equal(kit_discounts(c), p->discounts);
	assert_string_equal(kit_refused(c), p->refused ? p->refused : "");
	assert_int_equal(kit_ring(c, p->who ? &member : NULL, "R1", &b), p->err);
	if (p->err == PALIER_OK)
		assert_string_equal(kit_discounts(c), p->discounts);
	assert_true(kit_same(c));
	assert_string_equal(kit_check(c), "");
	kit_free(c);
}

/* --- what a configuration may not say ------------------------------------------------------------------------------ */

static const struct bad_case {
	const char *name, *offers, *says; /* the section begins on line 1 */
} bad_cases[] = {
	{ "an offer without a name", "offer \"\" { " TWO_OFF " }", "test:2: the name of an offer must have 1 to 64 bytes" },
	{ "an unknown trigger", "offer a { trigger = easter " TWO_OFF " }",
		"trigger = \"easter\": expected none, birthday, win-back or enroll" },
	{ "an offer that gives nothing", "offer a { auto = true }", "kind is missing" },
	{ "days around no birthday", "offer a { days-before = 7 auto = true " TWO_OFF " }",
		"offer \"a\": days-before goes with trigger = birthday" },
	{ "days after no birthday", "offer a { days-after = 7 trigger = enroll " TWO_OFF " }",
		"offer \"a\": days-after goes with trigger = birthday" },
	{ "days that meet the next birthday", "offer a { trigger = birthday days-after = 181 " TWO_OFF " }",
		"days-after = 181: expected a whole number from 0 to 180" },
	{ "a win-back of no silence", "offer a { trigger = win-back " TWO_OFF " }",
		"offer \"a\": a win-back needs the silence that it breaks" },
	{ "a win-back of an endless silence", "offer a { trigger = win-back after = never " TWO_OFF " }",
		"offer \"a\": a win-back needs the silence" },
	{ "a win-back of no day", "offer a { trigger = win-back after = \"0 days\" " TWO_OFF " }",
		"offer \"a\": a win-back needs the silence" },
	{ "silence without a win-back", "offer a { auto = true after = \"9 days\" " TWO_OFF " }",
		"offer \"a\": after goes with trigger = win-back" },
	{ "an end of what begins for nobody", "offer a { auto = true until = \"9 days\" " TWO_OFF " }",
		"offer \"a\": until goes with trigger = enroll" },
	{ "an end of a shared code", "offer a { until = \"9 days\" " TWO_OFF " when { coupon = X } }",
		"offer \"a\": until goes with trigger = enroll" },
	{ "an end that is none", "offer a { trigger = enroll until = soon " TWO_OFF " }",
		"until = \"soon\": expected a span" },
	{ "codes of another kind", "offer a { codes = shared " TWO_OFF " }", "codes = \"shared\": expected single" },
	{ "uses of no code", "offer a { auto = true uses = 2 " TWO_OFF " }", "offer \"a\": uses goes with codes = single" },
	{ "no use", "offer a { codes = single uses = 0 " TWO_OFF " }",
		"uses = 0: expected a whole number from 1 to 1000000" },
	{ "a trigger that may do nothing", "offer a { trigger = birthday auto = false " TWO_OFF " }",
		"offer \"a\": auto = false leaves its trigger nothing to do" },
	{ "a code that nobody can type", "offer a { " TWO_OFF " when { coupon = \" X\" } }",
		"coupon \" X\": a code has 1 to 64 bytes" },
	{ "an empty code", "offer a { " TWO_OFF " when { coupon = \"\" } }", "coupon \"\": a code has 1 to 64 bytes" },
	{ "a negative cap", "offer a { auto = true " TWO_OFF " max { day = -1 } }", "max: day = -1: expected how often" },
	{ "two offers of one name", "offer a { auto = true " TWO_OFF " } offer a { auto = true " TWO_OFF " }",
		"found duplicate title" },
	{ "a limit of nothing", "limit a { }", "limit \"a\": discount-max is a percentage from 0 to less than 100" },
	{ "a limit that limits nothing", "limit a { discount-max = \"100\" }", "limit \"a\": discount-max is a percentage" },
	{ "a limit below nothing", "limit a { discount-max = \"-1\" }", "limit \"a\": discount-max is a percentage" },
	{ "a limit without a name", "limit \"\" { discount-max = \"5\" }", "the name of a limit must have 1 to 64 bytes" },
	{ "a condition that means nothing", "offer a { auto = true " TWO_OFF " when { hours = soon } }", "hours: \"soon\"" },
};

static void test_bad(void **state)
{
	const struct bad_case *b = *state;
	char config[1024];

	snprintf(config, sizeof(config), "offers {\n%s\n}\n", b->offers);
	if (!strstr(kit_config_error(plugins, config), b->says))
		fail_msg("expected \"%s\" in: %s", b->says, kit_config_error(plugins, config));
}

static void test_no_section(void **state)
{
	static const char *const coupons[] = { "X", NULL };
	static const struct kit_line line = { .amount = 1000 };
	struct palier_ctx *c = kit_new(plugins, "");

	(void)state;
	reward_asked = false;
	assert_int_equal(kit_ring(c, NULL, NULL,
				 &(struct kit_basket){ .lines = &line, .line_count = 1, .coupons = coupons }),
		PALIER_OK);
	assert_string_equal(kit_refused(c), "X code_unknown");
	assert_string_equal(kit_lookup(c, kit_member(1)), "\"offers\":[]");
	kit_free(c);
}

static void test_offline(void **state)
{
	static const char *const coupons[] = { "X", "Z", NULL };
	static const struct kit_line line = { .amount = 1000 };
	struct palier_ctx *c = shop_new(OFFER("a", TWO_OFF " when { coupon = X }"), NULL);

	(void)state;
	reward_asked = false;
	kit_offline(c, true);
	assert_int_equal(kit_ring(c, NULL, "R1",
				 &(struct kit_basket){ .lines = &line, .line_count = 1, .coupons = coupons }),
		PALIER_OK);
	assert_string_equal(kit_discounts(c), "a 200 [200]");
	assert_string_equal(kit_refused(c), "Z code_unknown");
	kit_free(c);
}

int main(void)
{
	struct CMUnitTest tests[COUNT(cases) + COUNT(bad_cases) + 2], *t = tests;

	for (size_t i = 0; i < COUNT(cases); i++)
		*t++ = (struct CMUnitTest){ cases[i].name, test_price, NULL, NULL, (void *)(uintptr_t)&cases[i] };
	for (size_t i = 0; i < COUNT(bad_cases); i++)
		*t++ = (struct CMUnitTest){ bad_cases[i].name, test_bad, NULL, NULL, (void *)(uintptr_t)&bad_cases[i] };
	*t++ = (struct CMUnitTest){ "without its section every code is unknown", test_no_section, NULL, NULL, NULL };
	*t++ = (struct CMUnitTest){ "what has happened is not refused for a code", test_offline, NULL, NULL, NULL };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
