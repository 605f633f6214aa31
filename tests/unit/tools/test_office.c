/* SPDX-License-Identifier: Apache-2.0 */
/* The head office's report: sums over stores, what suggestions bring, which stores stand out, and the page. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/report/office.h"

/* The vector of measures: 4500 members with 5,625,000 and 500 with 600,000, here in two stores. */
static struct office_store stores[] = {
	{ .name = "lyon",
		.batches = 3,
		.share = 1000,
		.offered = { 3000, 3750000, 9375000000.0 },
		.held = { 300, 360000, 864000000.0 },
		.climbed_offered = 900,
		.climbed_held = 30,
		.steps = { 400, 200, 100, 40, 30, 20 },
		.there = { 0, 0, 0, 500, 0, 100 } },
	{ .name = "<paris>",
		.batches = 2,
		.missing = 1,
		.share = 1000,
		.offered = { 1500, 1875000, 4687500000.0 },
		.held = { 200, 240000, 576000000.0 },
		.climbed_offered = 60,
		.climbed_held = 4,
		.steps = { 500, 220, 110, 80, 50, 30 },
		.there = { 0, 0, 0, 400, 0, 90 } },
};

static struct office_report report(void)
{
	struct office_report r = { .from = 20260901,
		.to = 20261130,
		.currency = "EUR",
		.scale = 2,
		.database = true,
		.stores = stores,
		.count = 2 };

	office_sum(&r);
	return r;
}

static void near(double got, double want)
{
	if (!(fabs(got - want) <= 1e-4))
		fail_msg("%.9g instead of %.9g", got, want);
}

static void sums_add_up(void **state)
{
	struct office_report r = report();
	struct stats_interval d;
	double p;

	(void)state;
	assert_int_equal(r.chain.batches, 5);
	assert_int_equal(r.chain.steps[OFFICE_PURCHASED], 120);
	assert_int_equal(r.chain.there[3], 900);
	assert_int_equal(office_uplift(&r, &d, &p), OFFICE_ESTIMATE);
	near(d.value, 50);
	near(d.low, -61.4437);
	near(d.high, 161.4437);
}

static void nothing_is_concluded_without_enough(void **state)
{
	struct office_report r = report();
	struct stats_interval d;
	double p;

	(void)state;
	r.chain.held.n = 199;
	assert_int_equal(office_uplift(&r, &d, &p), OFFICE_TOO_FEW);
	r.chain.held.n = 0;
	assert_int_equal(office_uplift(&r, &d, &p), OFFICE_NO_EXPERIMENT);
	r = report();
	stores[0].share = 3000;
	assert_int_equal(office_uplift(&r, &d, &p), OFFICE_BROKEN);
	stores[0].share = 1000;
}

static void stores_stand_out(void **state)
{
	/* The third is another; of the fourth there are too few; the others are as far from each other as chance has it. */
	static const int64_t x[] = { 200, 205, 300, 30, 195, 200, 203, 198, 190, 211 };
	int64_t n[] = { 1000, 1000, 1000, 40, 1000, 1000, 1000, 1000, 1000, 1000 };
	bool odd[10];

	(void)state;
	office_odd(x, n, 10, odd);
	for (int i = 0; i < 10; i++)
		assert_int_equal(odd[i], i == 2);
	office_odd(x, n, 1, odd); /* a store alone has nobody to be compared with */
	assert_false(odd[0]);
	office_odd(x, n, 0, odd);
}

static void page_in(const char *language, const char *const *wanted)
{
	struct palier_arena a = { .used = 0 };
	struct words w = { &a, language };
	struct office_report r = report();
	struct page p = { .out = { .len = 0 } };

	office_page(&r, &w, &p);
	palier_buffer_add(&p.out, "", 1);
	for (; *wanted; wanted++)
		if (!strstr(p.out.at, *wanted))
			fail_msg("the page has no \"%s\"", *wanted);
	assert_null(strstr(p.out.at, "<paris>"));
	page_deinit(&p);
	palier_arena_deinit(&a);
}

static void page_says_it(void **state)
{
	(void)state;
	page_in("en",
		(const char *const[]){ "Of 6 batches 1 are missing", "&lt;paris&gt; *", "<strong>lyon *",
			"Cannot tell: a member who is offered suggestions spends 0.50\u00a0EUR more or less, between -0.61\u00a0EUR and "
			"1.61\u00a0EUR.",
			"<td class=\"n\">12.50\u00a0EUR</td>", "No batches are at hand",
			"Where members are on their journey", NULL });
	page_in("fr", (const char *const[]){ "Les magasins côte à côte", "entre -0,61\u00a0EUR et 1,61\u00a0EUR",
			      "Ambassadeurs", NULL });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "sums of stores add up", sums_add_up, NULL, NULL, NULL },
		{ "nothing is concluded from too few, or from another split than planned",
			nothing_is_concluded_without_enough, NULL, NULL, NULL },
		{ "stores that stand out are told from chance", stores_stand_out, NULL, NULL, NULL },
		{ "the page says it, in both languages", page_says_it, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("office", tests, NULL, NULL);
}
