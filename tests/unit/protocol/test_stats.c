/* SPDX-License-Identifier: Apache-2.0 */
/* The vectors of the sources that stats.h names, and of two independent computations, to 1e-6 relative. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/stats.h"

static void near(double got, double want, double within)
{
	if (!(fabs(got - want) <= within))
		fail_msg("%.9g instead of %.9g", got, want);
}

static void is_interval(struct stats_interval got, double value, double low, double high, double within)
{
	near(got.value, value, within);
	near(got.low, low, within);
	near(got.high, high, within);
}

static void shares_have_wilsons_interval(void **state)
{
	(void)state;
	is_interval(stats_share(0, 20), 0, 0, 0.161125, 1e-6);
	is_interval(stats_share(1000, 1000), 1, 0.996173, 1, 1e-6);
	is_interval(stats_share(620, 1000), 0.62, 0.589511, 0.649571, 1e-6);
	is_interval(stats_share(310, 620), 0.5, 0.460764, 0.539236, 1e-6);
	is_interval(stats_share(93, 310), 0.3, 0.251690, 0.353206, 1e-6);
}

static void differences_have_newcombes_interval(void **state)
{
	(void)state;
	is_interval(stats_difference(56, 70, 48, 80), 0.2, 0.052431, 0.333873, 1e-6);
	is_interval(stats_difference(540, 4500, 50, 500), 0.02, -0.010818, 0.045306, 1e-6);
}

static void two_shares_are_tested(void **state)
{
	double z, p;

	(void)state;
	stats_two_shares(120, 1000, 90, 1000, &z, &p);
	near(z, 2.188266, 1e-6);
	near(p, 0.028650, 1e-6);
	stats_two_shares(0, 50, 0, 60, &z, &p);
	near(z, 0, 0);
	near(p, 1, 0);
}

static const struct stats_sums offered = { 4500, 5625000, 14062500000.0 }, held = { 500, 600000, 1440000000.0 };

static void two_means_are_compared(void **state)
{
	static const struct stats_sums one = { 1, 5, 25 };
	struct stats_interval i;
	double se;

	(void)state;
	assert_true(stats_means(&offered, &held, &i, &se));
	near(se, 56.8601, 1e-4);
	is_interval(i, 50, -61.4437, 161.4437, 2e-3);
	assert_false(stats_means(&one, &held, &i, &se));
}

static void a_broken_split_is_seen(void **state)
{
	double chi2;

	(void)state;
	near(stats_split(9000, 1100, 0.9, &chi2), 0.002835, 1e-6);
	near(chi2, 8.9109, 1e-4);
	near(stats_split(9000, 1000, 0.9, &chi2), 1, 1e-12);
}

/* Unit width: both variances such that the first factor is 1. */
static double unit_width(int64_t t)
{
	const struct stats_sums a = { t / 2, 0, 0.5 * (double)(t / 2 - 1) * 0.5 }, b = a;

	return stats_sequence(&a, &b, 0.5, 5000);
}

static void a_sequence_may_be_looked_at_any_time(void **state)
{
	static const struct stats_sums few = { 499, 0, 10 };

	(void)state;
	near(unit_width(1000), 0.105848, 1e-6);
	near(unit_width(5000), 0.0429231, 1e-6);
	near(unit_width(20000), 0.0221390, 1e-6);
	near(stats_sequence(&offered, &held, 0.9, 5000), 172.5774, 2e-2);
	near(stats_sequence(&few, &few, 0.5, 5000), 0, 0);
}

static void a_test_needs_so_many_customers(void **state)
{
	(void)state;
	near(stats_size_share(0.12, 0.10, 0.5), 7677, 1.5);
	near(stats_size_share(0.12, 0.10, 0.8), 11421, 1.5);
	near(stats_size_share(0.12, 0.10, 0.9), 19963, 1.5);
	near(stats_size_mean(1.5, 0.03, 0.9), 218025, 5);
	near(stats_size_mean(1.5, 0.03, 0.5), 78489, 5);
}

/* The example of the paper. */
static void false_discoveries_are_held(void **state)
{
	static const double p[] = { .0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719,
		.6528, .7590, 1.0 };
	static const double want[] = { .0015, .003, .0095, .035625, .0603 };
	double adjusted[15], turned[15], back[15];

	(void)state;
	assert_int_equal(stats_discoveries(p, 15, 0.05, adjusted), 4);
	for (int i = 0; i < 5; i++)
		near(adjusted[i], want[i], 1e-9);
	for (int i = 0; i < 15; i++)
		turned[i] = p[14 - i];
	assert_int_equal(stats_discoveries(turned, 15, 0.05, back), 4);
	for (int i = 0; i < 15; i++)
		near(back[i], adjusted[14 - i], 0);
}

static void promoter_scores_have_an_interval(void **state)
{
	double error;

	(void)state;
	is_interval(stats_nps(55, 30, 15, &error), 40, 24.5994, 53.0705, 1e-4);
	near(error, 7.348469, 1e-6);
	is_interval(stats_nps(8, 1, 1, &error), 70, 14.7317, 92.9606, 1e-4);
	is_interval(stats_nps(30, 0, 0, &error), 100, 78.6977, 100, 1e-4); /* clipped: 103.1 would be no score */
	is_interval(stats_nps(0, 0, 30, &error), -100, -100, -78.6977, 1e-4);
}

static void quintiles_keep_ties_together(void **state)
{
	static const int64_t values[] = { 1, 1, 1, 2, 3, 3, 4, 5, 9, 10 };
	static const int want[] = { 1, 1, 1, 2, 3, 3, 4, 4, 5, 5 };
	int got[10];

	(void)state;
	stats_quintiles(values, 10, got);
	for (int i = 0; i < 10; i++)
		assert_int_equal(got[i], want[i]);
}

static void points_of_a_distribution(void **state)
{
	static const int64_t v[] = { 86400, 258200 }, odd[] = { 1, 5, 9 }, ten[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };

	(void)state;
	assert_int_equal(stats_median(v, 2), 172300);
	assert_int_equal(stats_median(odd, 3), 5);
	assert_int_equal(stats_point(ten, 10, 0.9), 9);
	assert_int_equal(stats_point(ten, 10, 1), 10);
	assert_int_equal(stats_point(ten, 10, 0), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_have_wilsons_interval),
		cmocka_unit_test(differences_have_newcombes_interval),
		cmocka_unit_test(two_shares_are_tested),
		cmocka_unit_test(two_means_are_compared),
		cmocka_unit_test(a_broken_split_is_seen),
		cmocka_unit_test(a_sequence_may_be_looked_at_any_time),
		cmocka_unit_test(a_test_needs_so_many_customers),
		cmocka_unit_test(false_discoveries_are_held),
		cmocka_unit_test(promoter_scores_have_an_interval),
		cmocka_unit_test(quintiles_keep_ties_together),
		cmocka_unit_test(points_of_a_distribution),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
