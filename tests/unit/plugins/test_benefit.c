/* SPDX-License-Identifier: Apache-2.0 */
/* What an offer or a reward takes off a sale, and what of it cannot mean anything; and the labels in the customers' languages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/plugins/kit.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* --- a benefit through a configuration --- */

static cfg_opt_t options[] = { PALIER_BENEFIT_OPTIONS, CFG_SEC("when", palier_when_options, CFGF_NODEFAULT),
	CFG_SEC("label", palier_label_options, CFGF_NODEFAULT), CFG_END() };

struct compiled {
	const struct palier_benefit *benefit;
	const struct palier_label *label;
};

static int configure(struct palier_setup *s, cfg_t *section, const void **out)
{
	struct compiled *all = palier_setup_alloc(s, sizeof(*all));
	const struct palier_condition *when =
		palier_condition_compile(s, cfg_size(section, "when") > 0 ? cfg_getsec(section, "when") : NULL);

	all->benefit = palier_benefit_compile(s, section, when);
	all->label = palier_label_compile(s, section, "name");
	*out = all;
	return all->benefit && all->label ? PALIER_OK : PALIER_ECONFIG;
}

static const struct palier_plugin plugin = { .abi = PALIER_PLUGIN_ABI,
	.name = "thing",
	.options = options,
	.configure = configure };
static const struct palier_plugin *const plugins[] = { &plugin, NULL };

/* @return in static memory */
static const char *section_of(const char *text)
{
	static char section[1024];

	snprintf(section, sizeof(section), "thing {\n%s\n}\n", text);
	return section;
}

/* --- what it takes off --- */

/* A line; what is left out is nothing, or an item, once, selected, without limit. */
struct row {
	int64_t amount;
	const char *sku;
	int64_t quantity; /* thousandths */
	int64_t exempt, foreign, ours, redeemed;
	int64_t most_given, most_ours; /* 0: no limit */
	enum line_kind kind;
	bool other; /* not what the condition selects */
};

static const struct cut_case {
	const char *name, *benefit;
	struct row rows[4];
	int64_t times, share; /* times 0: once */
	bool given;           /* of an offer, not bought */
	const char *choice;
	const char *expected; /* "amount xtimes [parts]", then "+free" */
} cuts[] = {
#define CUT(sentence, text, wanted, ...) \
	{ \
		.name = (sentence), .benefit = (text), .expected = (wanted), __VA_ARGS__ \
	}
#define AMOUNT  "kind = amount  value = \"3.00\" "
#define TENTH   "kind = percent  value = \"10\" "
#define PRODUCT "kind = product  skus = {\"espresso\", \"tea\"} "
	CUT("an amount is taken off the order in proportion to what is left of its lines", AMOUNT, "300 x1 [200 100]",
		.rows = { { .amount = 2000 }, { 1500, .foreign = 500 } }),
	CUT("the greatest remainder gets the last cent, of equals the lower line", "kind = amount  value = \"1.00\"",
		"100 x1 [34 33 33]", .rows = { { .amount = 500 }, { .amount = 500 }, { .amount = 500 } }),
	CUT("an amount asked several times is that much more", AMOUNT, "900 x3 [900]", .rows = { { .amount = 2000 } },
		.times = 3),
	CUT("times are cut to those that were started, and the last is cut to what is left", AMOUNT, "1000 x4 [1000]",
		.rows = { { .amount = 1000 } }, .times = 100),
	CUT("times that fit exactly are not one more", AMOUNT, "900 x3 [900]", .rows = { { .amount = 900 } }, .times = 100),
	CUT("as many times as a figure can say", AMOUNT, "1000 x4 [1000]", .rows = { { .amount = 1000 } },
		.times = PALIER_FIGURE_MAX),
	CUT("the largest amount off the largest line", "kind = amount  value = \"90071992547409.91\"",
		"9007199254740991 x1 [9007199254740991]", .rows = { { .amount = PALIER_FIGURE_MAX } },
		.times = PALIER_FIGURE_MAX),
	CUT("an amount is of the whole order, whatever is selected", AMOUNT "of = order", "300 x1 [150 150]",
		.rows = { { .amount = 1000 }, { 1000, .other = true } }),
	CUT("an amount of the selected lines", AMOUNT "of = lines", "300 x1 [300 0]",
		.rows = { { .amount = 1000 }, { 1000, .other = true } }),
	CUT("an amount never exceeds the selected lines", AMOUNT "of = lines", "200 x1 [200 0]",
		.rows = { { .amount = 200 }, { 1000, .other = true } }, .times = 9),
	CUT("an amount off one unit of the cheapest line", AMOUNT "of = cheapest", "250 x1 [0 250 0]",
		.rows = { { .amount = 900 }, { 500, .quantity = 2000 }, { 100, .other = true } }, .times = 5),
	CUT("what is protected is not taken off", AMOUNT, "200 x1 [200]", .rows = { { 1000, .exempt = 800 } }),
	CUT("neither is what is off already", AMOUNT, "100 x1 [100]",
		.rows = { { 1000, .foreign = 300, .ours = 600, .redeemed = 200 } }),
	CUT("only items are discounted", AMOUNT, "100 x1 [0 100 0 0]",
		.rows = { { 5000, .kind = LINE_GIFT_CARD }, { .amount = 100 }, { 500, .kind = LINE_TIP },
			{ 500, .kind = LINE_DEPOSIT } }),
	CUT("nothing is taken off nothing", AMOUNT, "0 x0 [0]", .rows = { { .amount = 0 } }, .times = 3),
	CUT("nothing is taken off a basket without lines", AMOUNT, "0 x0 []", .times = 3),
	CUT("a share is the most of what is left, rounded down", AMOUNT, "499 x2 [499]", .rows = { { .amount = 999 } },
		.times = 100, .share = 50000),
	CUT("a share is of the selected lines", AMOUNT "of = lines", "250 x1 [250 0]",
		.rows = { { .amount = 1000 }, { 1000, .other = true } }, .times = 9, .share = 25000),
	CUT("a share that comes to nothing", AMOUNT, "0 x0 [0]", .rows = { { .amount = 1 } }, .share = 50000),
	CUT("a share that binds nobody", AMOUNT, "300 x1 [300]", .rows = { { .amount = 1000 } }, .share = 50000),

	CUT("a percentage is rounded half up once, on the sum", TENTH, "2 x1 [1 1]",
		.rows = { { .amount = 7 }, { .amount = 8 } }),
	CUT("half a cent and more is a cent", TENTH, "1 x1 [1]", .rows = { { .amount = 5 } }),
	CUT("less is nothing", TENTH, "0 x0 [0]", .rows = { { .amount = 4 } }),
	CUT("a percentage is had once", TENTH, "100 x1 [100]", .rows = { { .amount = 1000 } }, .times = 7),
	CUT("a percentage of what is left", TENTH, "40 x1 [40]", .rows = { { 1000, .exempt = 500, .foreign = 100 } }),
	CUT("thousandths of a per cent", "kind = percent  value = \"33.333\"", "333330 x1 [333330]",
		.rows = { { .amount = 1000000 } }),
	CUT("all of it", "kind = percent  value = \"100\"", "1500 x1 [1000 500]",
		.rows = { { .amount = 1000 }, { .amount = 500 } }),
	CUT("all of the largest figure", "kind = percent  value = \"100\"", "9007199254740991 x1 [9007199254740991]",
		.rows = { { .amount = PALIER_FIGURE_MAX } }),
	CUT("a cap is the most it takes off", TENTH "cap = \"0.50\"", "50 x1 [25 25]",
		.rows = { { .amount = 1000 }, { .amount = 1000 } }),
	CUT("a cap that binds nobody", TENTH "cap = \"20.00\"", "100 x1 [100]", .rows = { { .amount = 1000 } }),
	CUT("a percentage of the selected lines", TENTH "of = lines", "100 x1 [0 100]",
		.rows = { { 500, .other = true }, { .amount = 1000 } }),
	CUT("a percentage of one unit of the cheapest line", "kind = percent  value = \"50\"  of = cheapest", "17 x1 [0 17]",
		.rows = { { .amount = 900 }, { 100, .quantity = 3000 } }),
	CUT("it is rounded once", "kind = percent  value = \"50\"  of = cheapest", "8 x1 [8]",
		.rows = { { 31, .quantity = 2000 } }),
	CUT("prices are compared before they are rounded", "kind = percent  value = \"50\"  of = cheapest", "17 x1 [0 17]",
		.rows = { { 67, .quantity = 2000 }, { 100, .quantity = 3000 } }),
	CUT("of equally cheap lines the lower", "kind = percent  value = \"50\"  of = cheapest", "50 x1 [0 50 0]",
		.rows = { { .amount = 900 }, { .amount = 100 }, { .amount = 100 } }),
	CUT("what is weighed is one item", "kind = percent  value = \"50\"  of = cheapest", "133 x1 [133 0]",
		.rows = { { 266, .quantity = 532 }, { 900, .quantity = 3000 } }),
	CUT("the cheapest of which something is left", "kind = percent  value = \"50\"  of = cheapest", "450 x1 [0 450]",
		.rows = { { 100, .ours = 100 }, { .amount = 900 } }),
	CUT("no line is the cheapest of none", "kind = percent  value = \"50\"  of = cheapest", "0 x0 [0]",
		.rows = { { 900, .other = true } }),

	CUT("a limited line keeps its limit, and the others' percentage stays", TENTH, "300 x1 [100 200]", .given = true,
		.rows = { { 2000, .most_given = 100 }, { .amount = 2000 } }),
	CUT("what a limited line cannot give of an amount is taken off the others", AMOUNT, "300 x1 [50 250]", .given = true,
		.rows = { { 2000, .most_given = 50 }, { .amount = 2000 } }),
	CUT("an amount is cut to what all limits leave", AMOUNT, "120 x1 [50 70]", .given = true,
		.rows = { { 2000, .most_given = 50 }, { 2000, .most_given = 70 } }),
	CUT("a limit of what is given does not bind what is bought", AMOUNT, "300 x1 [150 150]",
		.rows = { { 2000, .most_given = 50 }, { .amount = 2000 } }),
	CUT("a limit of both counts what is off already", AMOUNT, "60 x1 [60]",
		.rows = { { 2000, .ours = 140, .redeemed = 90, .most_ours = 200 } }),
	CUT("what was bought does not use up what may be given", AMOUNT, "150 x1 [150]", .given = true,
		.rows = { { 2000, .ours = 140, .redeemed = 90, .most_given = 200 } }),
	CUT("a line without room is not the cheapest", AMOUNT "of = cheapest", "300 x1 [0 300]",
		.rows = { { 100, .ours = 10, .most_ours = 10 }, { .amount = 900 } }),

	CUT("a free product is the cheapest that matches", PRODUCT, "150 x1 [0 150 0] +0",
		.rows = { { 180, .sku = "espresso" }, { 150, .sku = "tea" }, { 90, .sku = "mug" } }),
	CUT("of equally cheap ones the lower line", PRODUCT, "180 x1 [180 0] +0",
		.rows = { { 180, .sku = "espresso" }, { 180, .sku = "tea" } }),
	CUT("one of several on a line, at its price", PRODUCT, "167 x1 [167] +0",
		.rows = { { 500, "tea", .quantity = 3000 } }),
	CUT("two of three on a line", PRODUCT, "333 x2 [333] +0", .rows = { { 500, "tea", .quantity = 3000 } }, .times = 2),
	CUT("cheapest first, then the next line", PRODUCT, "480 x3 [180 300] +0",
		.rows = { { 540, "espresso", .quantity = 3000 }, { 300, "tea", .quantity = 2000 } }, .times = 3),
	CUT("what is not in the basket may still be added", PRODUCT, "180 x1 [180] +2", .rows = { { 180, .sku = "tea" } },
		.times = 3),
	CUT("none in the basket", PRODUCT, "0 x0 [0] +2", .rows = { { 180, .sku = "mug" } }, .times = 2),
	CUT("a started multiple counts whole", PRODUCT "get = 2", "540 x2 [540] +1",
		.rows = { { 540, "tea", .quantity = 3000 } }, .times = 2),
	CUT("as many free products as a figure can say", PRODUCT "get = 1000", "180 x1 [180] +9007199254740990999",
		.rows = { { 180, .sku = "tea" } }, .times = PALIER_FIGURE_MAX),
	CUT("the one chosen", PRODUCT, "180 x1 [180 0] +0", .rows = { { 180, .sku = "espresso" }, { 150, .sku = "tea" } },
		.choice = "espresso"),
	CUT("a choice that is no free product", PRODUCT, "0 x0 [0] +1", .rows = { { 90, .sku = "mug" } }, .choice = "mug"),
	CUT("any product that the condition selects", "kind = product  when { category = coffee }", "90 x1 [0 90] +0",
		.rows = { { 50, "mug", .other = true }, { 90, .sku = "beans" } }),
	CUT("a product that is named need not be what the condition selects", PRODUCT, "90 x1 [90 0] +0",
		.rows = { { 90, "tea", .other = true }, { 180, .sku = "mug" } }),
	CUT("a weighed product is free as a whole", PRODUCT, "266 x1 [266] +0", .rows = { { 266, "tea", .quantity = 532 } }),
	CUT("a free product is free of what is left of its line", PRODUCT, "60 x1 [60] +0",
		.rows = { { 180, "tea", .exempt = 20, .foreign = 60, .ours = 40 } }),
	CUT("a product that is free already is none", PRODUCT, "90 x1 [0 90] +0",
		.rows = { { 50, "tea", .ours = 50 }, { 90, .sku = "tea" } }),
	CUT("a limit holds for free products too", PRODUCT, "40 x1 [40] +0", .rows = { { 180, "tea", .most_ours = 40 } }),
	CUT("a gift card is no product", PRODUCT, "0 x0 [0] +1", .rows = { { 180, "tea", .kind = LINE_GIFT_CARD } }),
};

static uint32_t lines_fill(const struct row *rows, uint32_t n, struct palier_line *lines, struct basket_line *in,
	bool *matched)
{
	for (uint32_t i = 0; i < n; i++) {
		int64_t quantity = rows[i].quantity ? rows[i].quantity : 1000;

		in[i].sku = palier_str(rows[i].sku ? rows[i].sku : "any");
		lines[i] = (struct palier_line){ .in = &in[i],
			.kind = rows[i].kind,
			.quantity = quantity,
			.items = quantity % 1000 == 0 ? quantity / 1000 : 1,
			.gross = rows[i].amount,
			.exempt = rows[i].exempt,
			.foreign = rows[i].foreign,
			.ours = rows[i].ours,
			.redeemed = rows[i].redeemed,
			.most_given = rows[i].most_given ? rows[i].most_given : INT64_MAX,
			.most_ours = rows[i].most_ours ? rows[i].most_ours : INT64_MAX };
		matched[i] = rows[i].kind == LINE_ITEM && !rows[i].other;
	}
	return n;
}

static bool row_empty(const struct row *r)
{
	static const struct row none;

	return memcmp(r, &none, sizeof(none)) == 0;
}

/* A row of nothing ends the basket, but for the first where it alone is asked for. */
static uint32_t rows_count(const struct cut_case *row)
{
	uint32_t n = 0;

	while (n < COUNT(row->rows) && !row_empty(&row->rows[n]))
		n++;
	return n == 0 && strchr(row->expected, '0') && strstr(row->expected, "[0]") ? 1 : n;
}

static char *cut_text(const struct palier_benefit_cut *cut, uint32_t n, bool product)
{
	static char text[256];
	int at = snprintf(text, sizeof(text), "%lld x%lld [", (long long)cut->amount, (long long)cut->times);

	for (uint32_t i = 0; i < n; i++)
		at += snprintf(text + at, sizeof(text) - (size_t)at, "%s%lld", i ? " " : "", (long long)cut->parts[i]);
	at += snprintf(text + at, sizeof(text) - (size_t)at, "]");
	if (product)
		snprintf(text + at, sizeof(text) - (size_t)at, " +%lld", (long long)cut->free);
	return text;
}

/* Its parts are what lines have room for, and its amount in all. */
static void cut_sound(const struct palier_sale *s, const struct palier_benefit_cut *cut, bool redeemed)
{
	int64_t sum = 0;

	for (uint32_t i = 0; i < s->line_count; i++) {
		assert_in_range(cut->parts[i], 0, palier_line_room(&s->lines[i], redeemed));
		sum += cut->parts[i];
	}
	assert_int_equal(sum, cut->amount);
}

static void cut_as_said(void **state)
{
	const struct cut_case *row = *state;
	struct palier_ctx *c = kit_new(plugins, section_of(row->benefit));
	const struct compiled *all = palier_config(c);
	struct palier_line lines[COUNT(row->rows)];
	struct basket_line in[COUNT(row->rows)] = { 0 };
	bool matched[COUNT(row->rows)];
	struct palier_benefit_ask ask = { .matched = matched,
		.redeemed = !row->given,
		.times = row->times ? row->times : 1,
		.share = row->share,
		.choice = palier_str(row->choice) };
	struct palier_sale s = { .lines = lines };
	struct palier_benefit_cut cut;

	s.line_count = lines_fill(row->rows, rows_count(row), lines, in, matched);
	palier_benefit_on(palier_arena(c), all->benefit, &s, &ask, &cut);
	assert_string_equal(cut_text(&cut, s.line_count, strstr(row->benefit, "product")), row->expected);
	cut_sound(&s, &cut, ask.redeemed);
	kit_free(c);
}

/* --- a thousand lines --- */

static void thousand_lines(void **state)
{
	static const char *const benefits[] = { "kind = amount  value = \"123.45\"", "kind = percent  value = \"7.5\"",
		"kind = amount  value = \"1.11\"  of = cheapest", "kind = product  skus = any" };
	struct palier_line *lines = calloc(1000, sizeof(*lines));
	struct basket_line *in = calloc(1000, sizeof(*in));
	bool *matched = calloc(1000, sizeof(*matched));

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		struct row row = { .amount = 10 + (i * 7919) % 1500, .quantity = 1000 * (1 + i % 4), .exempt = i % 3 };

		row.amount += row.exempt;
		if (i % 5 == 0)
			row.most_ours = 1 + i % 11;
		lines_fill(&row, 1, &lines[i], &in[i], &matched[i]);
	}
	for (size_t i = 0; i < COUNT(benefits); i++) {
		struct palier_ctx *c = kit_new(plugins, section_of(benefits[i]));
		struct palier_sale s = { .lines = lines, .line_count = 1000 };
		struct palier_benefit_ask ask = { .matched = matched, .redeemed = true, .times = 700 };
		struct palier_benefit_cut cut;

		palier_benefit_on(palier_arena(c), ((const struct compiled *)palier_config(c))->benefit, &s, &ask, &cut);
		cut_sound(&s, &cut, true);
		assert_true(cut.amount > 0);
		kit_free(c);
	}
	free(lines);
	free(in);
	free(matched);
}

/* --- what cannot mean anything --- */

static const struct wrong_case {
	const char *name, *section, *error;
} wrongs[] = {
	{ "a benefit without kind", "value = \"5\"", "kind is missing: what it gives, amount, percent or product" },
	{ "a kind that is none", "kind = gift", "kind = \"gift\": expected amount, percent or product" },
	{ "an amount without value", "kind = amount",
		"value is missing: how much kind = amount takes off, such as value = \"5.00\"" },
	{ "a percentage without value", "kind = percent",
		"value is missing: how much kind = percent takes off, such as value = \"10\"" },
	{ "an amount of nothing", "kind = amount\nvalue = \"0.00\"", "value = \"0.00\": expected more than 0" },
	{ "a negative amount", "kind = amount\nvalue = \"-1\"", "value = \"-1\": expected more than 0" },
	{ "an amount with too many decimals", "kind = amount\nvalue = \"0.001\"",
		"value = \"0.001\": expected an amount in EUR, such as \"5.00\"" },
	{ "more than all of it", "kind = percent\nvalue = \"100.001\"",
		"value = \"100.001\": expected a percentage, more than 0 and at most 100" },
	{ "a percentage of nothing", "kind = percent\nvalue = \"0\"",
		"value = \"0\": expected a percentage, more than 0 and at most 100" },
	{ "of what is none", "kind = amount\nvalue = \"5\"\nof = basket",
		"of = \"basket\": expected order, lines or cheapest" },
	{ "a cap on an amount", "kind = amount\nvalue = \"5\"\ncap = \"3\"", "cap means nothing with kind = amount" },
	{ "a cap of nothing", "kind = percent\nvalue = \"5\"\ncap = \"0\"", "cap = \"0\": expected more than 0" },
	{ "a cap that is no amount", "kind = percent\nvalue = \"5\"\ncap = \"low\"",
		"cap = \"low\": expected an amount in EUR, such as \"5.00\"" },
	{ "free products with an amount", "kind = amount\nvalue = \"5\"\nget = 1", "get means nothing with kind = amount" },
	{ "products with a percentage", "kind = percent\nvalue = \"5\"\nskus = {\"tea\"}",
		"skus means nothing with kind = percent" },
	{ "a free product without any product", "kind = product",
		"which product is free? Name skus, such as skus = {\"espresso\"}, or a sku, category or tag in when" },
	{ "a free product whose condition selects none", "kind = product\nwhen { spend-min = \"10\" }",
		"which product is free?" },
	{ "a product without name", "kind = product\nskus = {\"tea\", \"\"}", "skus: \"\" names no product" },
	{ "no free product", "kind = product\nskus = tea\nget = 0", "get = 0: expected a whole number from 1 to 1000" },
	{ "a free product with a value", "kind = product\nskus = tea\nvalue = \"1\"",
		"value means nothing with kind = product" },
	{ "a free product of something", "kind = product\nskus = tea\nof = order", "of means nothing with kind = product" },
	{ "a free product with a cap", "kind = product\nskus = tea\ncap = \"1\"", "cap means nothing with kind = product" },
	{ "a label of nothing", TENTH "label {\nfr = \"\" }", "fr: a label has 1 to 128 bytes" },
};

static void refused_as_said(void **state)
{
	const struct wrong_case *row = *state;

	assert_non_null(strstr(kit_config_error(plugins, section_of(row->section)), row->error));
}

/* --- labels --- */

static const struct label_case {
	const char *name, *label, *language; /* NULL: nobody */
	const char *expected;
} labels[] = {
	{ "the customer's language", TENTH "label { fr = \"Un café\" en = \"A coffee\" de = \"Ein Kaffee\" }", "de",
		"Ein Kaffee" },
	{ "the store's where the customer's is missing", TENTH "label { fr = \"Un café\" en = \"A coffee\" }", "es",
		"Un café" },
	{ "the store's for one that palier does not speak", TENTH "label { fr = \"Un café\" en = \"A coffee\" }", "sv",
		"Un café" },
	{ "the store's for nobody", TENTH "label { fr = \"Un café\" en = \"A coffee\" }", NULL, "Un café" },
	{ "the name where both are missing", TENTH "label { en = \"A coffee\" }", "es", "name" },
	{ "the name without any label", TENTH "label { }", "en", "name" },
};

static void called_as_said(void **state)
{
	const struct palier_id member = kit_member(1);
	const struct label_case *row = *state;
	struct palier_ctx *c = kit_new(plugins, section_of(row->label));

	kit_language(c, row->language);
	assert_string_equal(palier_label(c, ((const struct compiled *)palier_config(c))->label,
				    row->language ? &member : NULL),
		row->expected);
	kit_free(c);
}

int main(void)
{
	struct CMUnitTest tests[COUNT(cuts) + COUNT(wrongs) + COUNT(labels) + 1];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(cuts); i++)
		tests[n++] = (struct CMUnitTest){ cuts[i].name, cut_as_said, NULL, NULL, (void *)(uintptr_t)&cuts[i] };
	tests[n++] = (struct CMUnitTest){ "a thousand lines, some of them limited", thousand_lines, NULL, NULL, NULL };
	for (size_t i = 0; i < COUNT(wrongs); i++)
		tests[n++] =
			(struct CMUnitTest){ wrongs[i].name, refused_as_said, NULL, NULL, (void *)(uintptr_t)&wrongs[i] };
	for (size_t i = 0; i < COUNT(labels); i++)
		tests[n++] =
			(struct CMUnitTest){ labels[i].name, called_as_said, NULL, NULL, (void *)(uintptr_t)&labels[i] };
	return cmocka_run_group_tests_name("benefit", tests, NULL, NULL);
}
