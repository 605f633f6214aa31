/* SPDX-License-Identifier: Apache-2.0 */
/* What a programme costs and owes: the standard's own example, the closed form of breakage, triangles reckoned by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tools/report/cost.h"

static void assert_near(double is, double expected)
{
	if (fabs(is - expected) > 1e-6 * fabs(expected) + 1e-12)
		fail_msg("%.9f is not %.9f", is, expected);
}

/* IFRS 15, IE267-IE270: 100,000.00 paid, 10,000 points at 1.00, 95 % of them expected. The standard prints whole units. */
static void standards_example(void **state)
{
	int64_t part = cost_points_part(10000000, 10000000, 950000), first;

	(void)state;
	assert_int_equal(part, 867580);
	assert_int_equal(10000000 - part, 9132420);
	first = cost_part_earned(part, 4500, 9500);
	assert_int_equal(first, 410959);
	assert_int_equal(cost_part_earned(part, 8500, 9700), 760251);
	assert_int_equal(cost_part_earned(part, 8500, 9700) - first, 349292);
	assert_int_equal(part - cost_part_earned(part, 8500, 9700), 107329);
}

/* The variant with 97 %, which is often printed from rounded figures. */
static void exact_variant(void **state)
{
	int64_t part = cost_points_part(10000000, 10000000, 970000);

	(void)state;
	assert_int_equal(part, 884230);
	assert_int_equal(cost_part_earned(part, 4500, 9700), 410210);
}

static void earned_ends(void **state)
{
	(void)state;
	assert_int_equal(cost_points_part(1000, 1000, 0), 0);
	assert_int_equal(cost_part_earned(1000, 0, 0), 0);
	assert_int_equal(cost_part_earned(1000, 700, 500), 1000); /* more than was expected: all of it */
	assert_int_equal(cost_part_earned(1000, 250, 500), 500);
}

static void break_even(void **state)
{
	(void)state;
	assert_near(cost_break_even(0.01 * 0.43116, 0.25), 0.0175490581);
	assert_near(cost_break_even(0.01, 0.25), 0.0416666667);
	assert_int_equal(cost_break_even_of(43116, 2500000, 10000000), 175);
	assert_int_equal(cost_break_even_of(100, 2500, 10000), 417);
	assert_int_equal(cost_break_even_of(2500, 2500, 10000), -1);
	assert_true(cost_break_even(0.3, 0.25) < 0); /* it gives more than is earned */
	assert_true(cost_break_even(0.25, 0.25) < 0);
}

static void closed_form(void **state)
{
	(void)state;
	assert_near(cost_breakage(500, 12), 0.5688000923);
	assert_near(cost_breakage(1000, 1), 1);
	assert_near(cost_breakage(10000, 2), 0);
}

/* Lots that are played agree with the closed form, but for the points that a floor leaves in each. */
static void play_agrees(void **state)
{
	struct cost_issue months[36] = { { 0 } };
	struct cost_triangle t = { months, 36 };
	int64_t spent = 0;

	(void)state;
	cost_play(1000000, 500, 12, &t);
	for (size_t age = 0; age < COST_AGES; age++)
		spent += months[0].spent[age];
	assert_int_equal(months[0].spent[1], 50000);
	assert_int_equal(months[0].spent[2], 47500);
	assert_int_equal(months[0].spent[12], 0);
	assert_int_equal(months[0].lapsed[12], 1000000 - spent);
	assert_int_equal(months[24].lapsed[12], 0); /* its twelfth month is still to come */
	assert_true(months[23].lapsed[12] > 0);
	assert_true(fabs((double)months[0].lapsed[12] / 1e6 - cost_breakage(500, 12)) < 1e-5);
	assert_true(fabs(1 - cost_spent_share(&t) - cost_breakage(500, 12)) < 1e-5);
}

/* A hundred a month: ten are spent in their month, twenty in the next, thirty in the one after, forty never. */
static void triangle_fill(struct cost_triangle *t)
{
	static const int64_t spent[] = { 10, 20, 30 };

	for (size_t i = 0; i < t->count; i++) {
		t->months[i] = (struct cost_issue){ .issued = 100 };
		for (size_t age = 0; age < 3 && i + age < t->count; age++)
			t->months[i].spent[age] = spent[age];
		t->months[i].lapsed[5] = i + 5 < t->count ? 40 : 0;
	}
}

static void under_a_year(void **state)
{
	struct cost_issue months[COST_FULL - 1];
	struct cost_triangle t = { months, COST_FULL - 1 };

	(void)state;
	triangle_fill(&t);
	assert_near(cost_spent_share(&t), 1);
	/* all that is out: 90, 70, and 40 of each of the three that have not lapsed */
	assert_int_equal(cost_spent_still(&t), 90 + 70 + 3 * 40);
}

static void from_a_year_on(void **state)
{
	struct cost_issue months[COST_FULL];
	struct cost_triangle t = { months, COST_FULL };

	(void)state;
	triangle_fill(&t);
	assert_near(cost_spent_share(&t), 0.6);
	assert_int_equal(cost_spent_still(&t), 20 + 30 + 30);
}

/* A month's end is judged by what came before it, though more is noted. */
static void knows_no_future(void **state)
{
	struct cost_issue months[COST_FULL + 6];
	struct cost_triangle t = { months, COST_FULL + 6 };

	(void)state;
	triangle_fill(&t);
	t.count = COST_FULL;
	assert_near(cost_spent_share(&t), 0.6);
	assert_int_equal(cost_spent_still(&t), 20 + 30 + 30);
	t.count = 2;
	assert_int_equal(cost_spent_still(&t), 90 + 70);
}

/* Older months than the last two years say nothing any more. */
static void forgets_the_old(void **state)
{
	struct cost_issue months[COST_LAST + 6];
	struct cost_triangle t = { months, COST_LAST + 6 };

	(void)state;
	triangle_fill(&t);
	for (size_t i = 0; i < 6; i++)
		months[i].spent[1] = 90;
	assert_near(cost_spent_share(&t), 0.6);
}

/* What will be spent is never more than what is out. */
static void no_more_than_is_out(void **state)
{
	struct cost_issue months[COST_FULL];
	struct cost_triangle t = { months, COST_FULL };

	(void)state;
	triangle_fill(&t);
	months[COST_FULL - 1].spent[0] = 95;
	months[COST_FULL - 1].issued = 100;
	assert_true(cost_spent_still(&t) <= 5 + 30 + 100);
	assert_int_equal(cost_spent_still(&t), 5 + 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "the standard's example, to the cent", standards_example, NULL, NULL, NULL },
		{ "the variant with 97 % is exact", exact_variant, NULL, NULL, NULL },
		{ "no points, no part; all spent, all earned", earned_ends, NULL, NULL, NULL },
		{ "what more must be sold to pay for it", break_even, NULL, NULL, NULL },
		{ "breakage in closed form", closed_form, NULL, NULL, NULL },
		{ "lots that are played lapse as the closed form says", play_agrees, NULL, NULL, NULL },
		{ "under twelve months nothing is taken to lapse", under_a_year, NULL, NULL, NULL },
		{ "from twelve months on the shares by age count", from_a_year_on, NULL, NULL, NULL },
		{ "what comes later is not known", knows_no_future, NULL, NULL, NULL },
		{ "of the last two years", forgets_the_old, NULL, NULL, NULL },
		{ "no more is spent than is out", no_more_than_is_out, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
