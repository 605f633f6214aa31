/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of a rung: vectors of independent computations, and what sampling promises, with fixed seeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/bandit.h"

static void outcomes_fade_by_half(void **state)
{
	static const unsigned lives[] = { 30, 60, 90, 180, 365 };

	(void)state;
	assert_int_equal(bandit_fade(100 << 16, bandit_fading(90), 90), 3276768);
	for (size_t i = 0; i < sizeof(lives) / sizeof(*lives); i++) {
		uint64_t left = bandit_fade(UINT64_C(1) << 40, bandit_fading(lives[i]), lives[i]);

		assert_in_range(left, (UINT64_C(1) << 39) - (1 << 20), (UINT64_C(1) << 39) + (1 << 20));
	}
	assert_int_equal(bandit_fading(45), 0);
	assert_int_equal(bandit_fade(0, bandit_fading(90), UINT32_MAX), 0);
	assert_int_equal(bandit_fade(BANDIT_ONE, bandit_fading(90), 0), BANDIT_ONE);
}

static void numbers_are_those_of_splitmix(void **state)
{
	uint64_t s = 1234567;

	(void)state;
	assert_true(bandit_next(&s) == UINT64_C(6457827717110365317));
	assert_true(bandit_next(&s) == UINT64_C(3203168211198807973));
	assert_true(bandit_next(&s) == UINT64_C(9817491932198370423));
}

static void draws_are_those_of_a_beta(void **state)
{
	static const uint64_t want[] = { 0x37e9671c45376d5d, 0x3474724a775b19bf, 0x17eadff448a86a07 };
	uint64_t s = 42;
	double sum = 0, squares = 0;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(bandit_beta(&s, 3, 7) == want[i]);
	s = 7;
	for (int i = 0; i < 200000; i++) {
		double x = (double)bandit_beta(&s, 3, 7) / 18446744073709551616.0;

		sum += x;
		squares += x * x;
	}
	sum /= 200000;
	assert_true(sum > 0.299678 && sum < 0.299680);
	assert_true(squares / 200000 - sum * sum > 0.019013 && squares / 200000 - sum * sum < 0.019015);
	assert_true(bandit_beta(&s, 1, BANDIT_MOST - 1) < UINT64_MAX / 16);
	assert_true(bandit_beta(&s, BANDIT_MOST - 1, 1) > UINT64_MAX / 16 * 15);
}

static int by_size(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return (a > b) - (a < b);
}

/* Whatever is left out of the search. */
static void a_draw_is_the_one_of_its_rank(void **state)
{
	static const unsigned ranks[][2] = { { 1, 1 }, { 1, 9 }, { 16, 17 }, { 17, 17 }, { 1, 40 }, { 40, 1 }, { 20, 60 },
		{ 64, 64 }, { 1, 511 }, { 511, 1 }, { 51, 461 }, { 256, 256 } };
	uint64_t s = 5, all = 5, drawn[BANDIT_MOST];

	(void)state;
	for (unsigned round = 0; round < 1000; round++)
		for (size_t i = 0; i < sizeof(ranks) / sizeof(*ranks); i++) {
			unsigned n = ranks[i][0] + ranks[i][1] - 1;

			for (unsigned k = 0; k < n; k++)
				drawn[k] = bandit_next(&all);
			qsort(drawn, n, sizeof(*drawn), by_size);
			assert_true(bandit_beta(&s, ranks[i][0], ranks[i][1]) == drawn[ranks[i][0] - 1]);
			assert_true(s == all);
		}
}

static const struct counts_case {
	const char *name;
	unsigned mean;
	uint64_t s, f;
	unsigned a, b;
} counts[] = {
	{ "nothing is known", BANDIT_MEAN, 0, 0, 1, 9 },
	{ "a parent that is never accepted leaves a chance", 0, 0, 0, 1, 9 },
	{ "a parent that is always accepted leaves a doubt", 10000, 0, 0, 9, 1 },
	{ "a parent in the middle", 4600, 0, 0, 5, 5 },
	{ "outcomes are added", BANDIT_MEAN, 3 * BANDIT_ONE, 5 * BANDIT_ONE, 4, 14 },
	{ "half an outcome is one, less is none", BANDIT_MEAN, BANDIT_ONE / 2, BANDIT_ONE / 2 - 1, 2, 9 },
	{ "many keep their mean, and their doubt", BANDIT_MEAN, 99 * BANDIT_ONE, 991 * BANDIT_ONE, 46, 466 },
	{ "many, all of them declined", BANDIT_MEAN, 0, 100000 * BANDIT_ONE, 1, 511 },
	{ "many, all of them accepted", 10000, 100000 * BANDIT_ONE, 0, 511, 1 },
};

static void counted(void **state)
{
	const struct counts_case *k = *state;
	unsigned a, b;

	bandit_counts(k->mean, k->s, k->f, &a, &b);
	assert_int_equal(a, k->a);
	assert_int_equal(b, k->b);
}

static void members_fall_into_buckets(void **state)
{
	static const unsigned want[] = { 4500, 7886, 337, 1420, 2408 };
	char name[8];
	unsigned held = 0;

	(void)state;
	for (unsigned i = 1; i <= 100000; i++) {
		int n = snprintf(name, sizeof(name), "C%06u", i);
		unsigned bucket = bandit_bucket(PALIER_LIT("ladder-2026"), palier_bytes_of(name, (size_t)n));

		if (i <= 5)
			assert_int_equal(bucket, want[i - 1]);
		held += bucket < 1000;
	}
	assert_int_equal(held, 10034);
}

static struct bandit_arm arm(const char *rung, unsigned a, unsigned b, int64_t gain)
{
	return (struct bandit_arm){ .rung = palier_str(rung), .a = a, .b = b, .gain = gain };
}

static void the_order_of_candidates_does_not_matter(void **state)
{
	struct bandit_arm up[] = { arm("a", 2, 8, 300), arm("b", 3, 9, 200), arm("c", 1, 9, 900) };
	struct bandit_arm down[] = { up[2], up[1], up[0] };

	(void)state;
	for (int day = 0; day < 200; day++) {
		char decision[16];
		int n = snprintf(decision, sizeof(decision), "shop-%d", day);
		struct palier_bytes id = palier_bytes_of(decision, (size_t)n);
		size_t x = bandit_choose(PALIER_LIT("salt"), id, up, 3), y = bandit_choose(PALIER_LIT("salt"), id, down, 3);

		assert_true(palier_equal(up[x].rung, down[y].rung));
		assert_true(up[x].draw == down[y].draw);
	}
}

/* Against what 1,000 other decisions chose, and thought worth saying: the same within what chance allows. */
static void a_propensity_is_how_often_an_arm_is_shown(void **state)
{
	static const int64_t frictions[] = { 0, 60, 1000 };
	struct bandit_arm arms[] = { arm("a", 2, 8, 300), arm("b", 3, 9, 200), arm("c", 1, 9, 900) };
	struct palier_arena arena = { 0 };

	(void)state;
	for (size_t f = 0; f < sizeof(frictions) / sizeof(*frictions); f++) {
		const struct bandit_decision this = { PALIER_LIT("salt"), PALIER_LIT("this"), frictions[f] };
		unsigned shown[3] = { 0 }, any = 0, total = 0;

		for (int i = 0; i < 1000; i++) {
			char decision[16];
			int n = snprintf(decision, sizeof(decision), "other-%d", i);
			size_t k = bandit_choose(this.salt, palier_bytes_of(decision, (size_t)n), arms, 3);

			shown[k] += bandit_is_worth(&arms[k], this.friction);
			any += bandit_is_worth(&arms[k], this.friction);
		}
		for (size_t k = 0; k < 3; k++) {
			struct bandit_odds p = bandit_propensity(&arena, &this, arms, 3, k);

			total += p.shown;
			assert_true(abs((int)p.shown - (int)shown[k] * 10) <= 600);
			assert_true(abs((int)p.any - (int)any * 10) <= 600);
			if (f == 2)
				assert_true(p.shown == 1 && p.any == 1); /* nobody says it: but it was said */
			else if (k == 2)
				assert_int_equal(total, p.any);
		}
		assert_true(f == 0 ? any > 980 : f == 1 ? any > 500 && any < 900 : any == 0);
	}
	palier_arena_deinit(&arena);
}

static void what_is_worth_saying(void **state)
{
	struct bandit_arm x = { .gain = 200, .draw = UINT64_C(1) << 63 };

	(void)state;
	assert_true(bandit_is_worth(&x, 99));
	assert_false(bandit_is_worth(&x, 100));
	x.gain = 1;
	assert_false(bandit_is_worth(&x, 0));
	x.gain = INT64_MAX;
	x.draw = UINT64_MAX;
	assert_true(bandit_is_worth(&x, INT64_MAX - 2));
	assert_false(bandit_is_worth(&x, INT64_MAX - 1));
}

/* Four arms of known chances and gains, 5,000 suggestions: the pseudo-regret stays well under that of choosing at random. */
static void sampling_learns(void **state)
{
	static const unsigned chance[] = { 500, 1000, 1500, 800 };
	static const int64_t gain[] = { 500, 300, 150, 400 };
	static const char *const names[] = { "a", "b", "c", "d" };
	const int64_t best = 800 * 400;
	int64_t sampled = 0, uniform = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		uint64_t s[4] = { 0 }, f[4] = { 0 }, world = seed;

		for (int round = 0; round < 5000; round++) {
			struct bandit_arm arms[4];
			char decision[40];
			int n = snprintf(decision, sizeof(decision), "%d-%d", (int)seed, round);
			size_t k;

			for (int i = 0; i < 4; i++) {
				arms[i] = arm(names[i], 1, 1, gain[i]);
				bandit_counts(BANDIT_MEAN, s[i], f[i], &arms[i].a, &arms[i].b);
			}
			k = bandit_choose(PALIER_LIT("salt"), palier_bytes_of(decision, (size_t)n), arms, 4);
			sampled += best - (int64_t)chance[k] * gain[k];
			uniform += best - (int64_t)chance[round % 4] * gain[round % 4];
			if (bandit_next(&world) % 10000 < chance[k])
				s[k] += BANDIT_ONE;
			else
				f[k] += BANDIT_ONE;
			if (round % 50 == 49)
				for (int i = 0; i < 4; i++) {
					s[i] = bandit_fade(s[i], bandit_fading(90), 1);
					f[i] = bandit_fade(f[i], bandit_fading(90), 1);
				}
		}
	}
	assert_true(sampled * 2 < uniform);
}

int main(void)
{
	struct CMUnitTest tests[18] = {
		cmocka_unit_test(outcomes_fade_by_half),
		cmocka_unit_test(numbers_are_those_of_splitmix),
		cmocka_unit_test(draws_are_those_of_a_beta),
		cmocka_unit_test(members_fall_into_buckets),
		cmocka_unit_test(the_order_of_candidates_does_not_matter),
		cmocka_unit_test(a_propensity_is_how_often_an_arm_is_shown),
		cmocka_unit_test(what_is_worth_saying),
		cmocka_unit_test(a_draw_is_the_one_of_its_rank),
		cmocka_unit_test(sampling_learns),
	};

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		tests[9 + i] = (struct CMUnitTest){ counts[i].name, counted, NULL, NULL, (void *)&counts[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
