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
		.turnover = { 4110000, 2490000, 0 },
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
		.turnover = { 2115000, 0, 0 },
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

static void page_in(const char *language, struct office_report r, const char *const *wanted)
{
	struct palier_arena a = { .used = 0 };
	struct words w = { &a, language };
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
	page_in("en", report(),
		(const char *const[]){ "Of 6 batches 1 are missing", "&lt;paris&gt; *", "<strong>lyon *",
			"Cannot tell: a member who is offered suggestions spends 0.50\u00a0EUR more or less, between -0.61\u00a0EUR and "
			"1.61\u00a0EUR.",
			"What members spent is compared, not the margin: that is known for 40% of the turnover, and it takes 80%.",
			"<td class=\"n\">12.50\u00a0EUR</td>", "<th class=\"n\">spent each</th>", "No batches are at hand",
			"Where members are on their journey", NULL });
	page_in("fr", report(),
		(const char *const[]){ "Les magasins côte à côte", "entre -0,61\u00a0EUR et 1,61\u00a0EUR", "Ambassadeurs",
			"celle-ci est connue pour 40\u202f% du chiffre", NULL });
}

/* It is known of 5,300,000 of 6,225,000. */
static void margin_is_compared(void **state)
{
	struct office_report r;

	(void)state;
	stores[0].turnover = (struct ladder_turnover){ 4110000, 4110000, 0 };
	stores[1].turnover = (struct ladder_turnover){ 2115000, 1190000, 622500 };
	r = report();
	r.by_margin = true;
	assert_true(ladder_margin_known(&r.chain.turnover));
	page_in("en", r,
		(const char *const[]){
			"Cannot tell: a member who is offered suggestions brings a margin 0.50\u00a0EUR higher or lower, between",
			"What is compared is the margin. It is known for 85% of the turnover; for 10% it is estimated",
			"<th class=\"n\">margin of each</th>",
			"<td class=\"n\">3,000</td>\n<td class=\"n\">12.50\u00a0EUR</td>",
			"<td class=\"n\">1,500</td>\n<td class=\"n\"></td>",
			"<td class=\"n\">200</td>\n<td class=\"n\"></td>",
			"A store that does not know the margin of 80% of its turnover has none in its row.", NULL });
	page_in("fr", r,
		(const char *const[]){ "laisse une marge de 0,50\u00a0EUR de plus ou de moins", "marge de chacun",
			"est la marge qui est comparée", "Un magasin qui ne connaît pas la marge pour 80", NULL });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "sums of stores add up", sums_add_up, NULL, NULL, NULL },
		{ "nothing is concluded from too few, or from another split than planned",
			nothing_is_concluded_without_enough, NULL, NULL, NULL },
		{ "stores that stand out are told from chance", stores_stand_out, NULL, NULL, NULL },
		{ "the page says it, in both languages", page_says_it, NULL, NULL, NULL },
		{ "where enough of it is known, margin is compared, and the page says so", margin_is_compared, NULL, NULL,
			NULL },
	};

	return cmocka_run_group_tests_name("office", tests, NULL, NULL);
}
