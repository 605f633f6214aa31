/* SPDX-License-Identifier: Apache-2.0 */
/* What learning and looking cost, simulated with fixed seeds. With PALIER_LONG as often as it takes for figures to be near. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "protocol/bandit.h"
#include "protocol/stats.h"

static bool is_long(void)
{
	return getenv("PALIER_LONG") != NULL;
}

/* --- half-lives ---------------------------------------------------------------------------------------------------- */

#define OFFERS   6000
#define EACH_DAY 50
#define GAIN     400
#define FOREVER  (UINT64_C(1) << 32) /* nothing fades */

static const unsigned chances[2][3] = { { 500, 1500, 800 }, { 1500, 500, 800 } };

/* What the best arm would have brought more. @param swaps half way the best arm and the worst change places */
static int64_t regret_of(uint64_t seed, uint64_t fading, bool swaps)
{
	static const char *const names[] = { "a", "b", "c" };
	uint64_t s[3] = { 0 }, f[3] = { 0 }, world = seed;
	int64_t regret = 0; /* in ten-thousandths */

	for (int i = 0; i < OFFERS; i++) {
		const unsigned *chance = chances[swaps && i >= OFFERS / 2];
		struct bandit_arm arms[3];
		char decision[32];
		int n = snprintf(decision, sizeof(decision), "%d-%d", (int)seed, i);
		size_t k;

		for (int j = 0; j < 3; j++) {
			arms[j] = (struct bandit_arm){ .rung = palier_str(names[j]), .gain = GAIN };
			bandit_counts(BANDIT_MEAN, s[j], f[j], &arms[j].a, &arms[j].b);
		}
		k = bandit_choose(PALIER_LIT("salt"), palier_bytes_of(decision, (size_t)n), arms, 3);
		regret += (1500 - (int64_t)chance[k]) * GAIN;
		if (bandit_next(&world) % 10000 < chance[k])
			s[k] += BANDIT_ONE;
		else
			f[k] += BANDIT_ONE;
		for (int j = 0; j < 3 && i % EACH_DAY == EACH_DAY - 1; j++) {
			s[j] = bandit_fade(s[j], fading, 1);
			f[j] = bandit_fade(f[j], fading, 1);
		}
	}
	return regret / 10000;
}

#define SEEDS 40 /* the figures' own number of them */

struct regret {
	int64_t mean, error; /* the standard error of a mean of SEEDS */
};

static struct regret regret_mean(uint64_t fading, bool swaps)
{
	const int seeds = is_long() ? SEEDS : 3;
	double sum = 0, squares = 0, mean;

	for (int seed = 1; seed <= seeds; seed++) {
		double r = (double)regret_of((uint64_t)seed, fading, swaps);

		sum += r;
		squares += r * r;
	}
	mean = sum / seeds;
	return (struct regret){ llround(mean), llround(sqrt((squares - sum * mean) / (seeds - 1) / SEEDS)) };
}

/* Two means of SEEDS lie as near as chance allows, where there are so many; else roughly. */
static void near(struct regret got, int64_t want, int64_t rough)
{
	int64_t most = is_long() ? llround(3 * M_SQRT2 * (double)got.error) : want * rough / 100;

	if (llabs(got.mean - want) > most)
		fail_msg("%lld instead of %lld +- %lld", (long long)got.mean, (long long)want, (long long)most);
}

/* Forgetting costs a little where nothing changes, and saves much where it does. */
static void forgetting_pays_where_the_world_changes(void **state)
{
	static const struct {
		unsigned half_life; /* 0: none */
		int64_t steady, swapped;
	} rows[] = { { 0, 7138, 88311 }, { 180, 8556, 73516 }, { 90, 9572, 67342 }, { 60, 10589, 59107 } };
	struct regret steady[4], swapped[4];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		uint64_t fading = rows[i].half_life ? bandit_fading(rows[i].half_life) : FOREVER;

		steady[i] = regret_mean(fading, false);
		swapped[i] = regret_mean(fading, true);
		print_message("half-life %u: %lld steady, %lld swapped\n", rows[i].half_life, (long long)steady[i].mean,
			(long long)swapped[i].mean);
		near(steady[i], rows[i].steady, 50);
		near(swapped[i], rows[i].swapped, 30);
		assert_true(steady[i].mean * 8 < 136000); /* of choosing at random */
	}
	for (size_t i = 1; i < 4; i++)
		assert_true(swapped[i].mean < swapped[i - 1].mean);
	assert_true(steady[0].mean < steady[3].mean);
	for (size_t i = 1; i < 4 && is_long(); i++)
		assert_true(steady[i].mean > steady[i - 1].mean);
}

/* --- peeking ------------------------------------------------------------------------------------------------------- */

#define LOOKS    50
#define EACH_ARM 100 /* members at each look */
#define SD       50

/* Nearly normal, of variance 1: twelve uniform numbers. */
static double normal(uint64_t *state)
{
	int64_t sum = 0;

	for (int i = 0; i < 3; i++) {
		uint64_t x = bandit_next(state);

		sum += (int64_t)((x & 0xffff) + (x >> 16 & 0xffff) + (x >> 32 & 0xffff) + (x >> 48));
	}
	return (double)sum / 65536 - 6;
}

/* More members of an arm, whose mean is 0. */
static void arm_grow(struct stats_sums *a, uint64_t *state)
{
	a->n += EACH_ARM;
	a->sum += llround(normal(state) * SD * sqrt(EACH_ARM));
	a->squares += (double)EACH_ARM * SD * SD;
}

/* Of so many tests without any effect, how many have raised an alarm by each look, in hundredths of a per cent. */
static void alarms_count(int tests, double *interval, double *sequence)
{
	uint64_t state = 20261126;

	for (int i = 0; i < tests; i++) {
		struct stats_sums a = { 0 }, b = { 0 };
		bool fell[2] = { false, false };

		for (int look = 0; look < LOOKS; look++) {
			struct stats_interval d;
			double error, half;

			arm_grow(&a, &state);
			arm_grow(&b, &state);
			assert_true(stats_means(&a, &b, &d, &error));
			fell[0] = fell[0] || d.low > 0 || d.high < 0;
			half = sequence ? stats_sequence(&a, &b, 0.5, 5000) : 0;
			fell[1] = fell[1] || (half > 0 && fabs(d.value) > half);
			interval[look] += fell[0] * 10000.0 / tests;
			if (sequence)
				sequence[look] += fell[1] * 10000.0 / tests;
		}
	}
}

static void who_looks_often_finds_something(void **state)
{
	static const struct {
		int looks, alarms;
	} rows[] = { { 1, 500 }, { 5, 1410 }, { 10, 1950 }, { 20, 2470 }, { 30, 2780 }, { 50, 3210 } };
	double interval[LOOKS] = { 0 };

	(void)state;
	alarms_count(is_long() ? 40000 : 10000, interval, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (fabs(interval[rows[i].looks - 1] - rows[i].alarms) > (is_long() ? 80 : 140))
			fail_msg("%d looks: %.0f alarms of 10,000 instead of %d", rows[i].looks, interval[rows[i].looks - 1],
				rows[i].alarms);
}

static void but_not_by_a_sequence(void **state)
{
	double interval[LOOKS] = { 0 }, sequence[LOOKS] = { 0 };

	(void)state;
	alarms_count(is_long() ? 20000 : 3000, interval, sequence);
	assert_true(interval[LOOKS - 1] > 2500);
	assert_true(sequence[3] == 0); /* of fewer than 1,000 it says nothing */
	assert_true(sequence[LOOKS - 1] > 20 && sequence[LOOKS - 1] < 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forgetting_pays_where_the_world_changes),
		cmocka_unit_test(who_looks_often_finds_something),
		cmocka_unit_test(but_not_by_a_sequence),
	};

	return cmocka_run_group_tests_name("simulations", tests, NULL, NULL);
}
