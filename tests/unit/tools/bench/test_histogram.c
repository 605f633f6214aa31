/* SPDX-License-Identifier: Apache-2.0 */
/* What the load generator's histogram says of latencies whose quantiles are known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/bench/histogram.h"

#define PARTS 4

/* The values first, first + step, ... of each part. */
static const struct quantile_case {
	const char *name;
	struct {
		uint64_t first, step;
		unsigned times;
	} parts[PARTS];
	unsigned per_100k;
	uint64_t least, most;
} cases[] = {
	{ "an empty histogram's median is 0", { { 0 } }, 50000, 0, 0 },
	{ "a single value is every quantile: the least", { { 4711, 0, 1 } }, 1, 4711, 4711 },
	{ "a single value is every quantile: the median", { { 4711, 0, 1 } }, 50000, 4711, 4711 },
	{ "a single value is every quantile: the whole", { { 4711, 0, 1 } }, 100000, 4711, 4711 },
	{ "a single 0 is a median of 0", { { 0, 0, 1 } }, 50000, 0, 0 },
	{ "values below 128 are kept exactly: the median of 1..100 is 50", { { 1, 1, 100 } }, 50000, 50, 50 },
	{ "values below 128 are kept exactly: the p99 of 1..100 is 99", { { 1, 1, 100 } }, 99000, 99, 99 },
	{ "a rank is rounded up: the p99.9 of 1..100 is 100", { { 1, 1, 100 } }, 99900, 100, 100 },
	{ "127 is the last exact value", { { 127, 0, 2 }, { 1000, 0, 1 } }, 50000, 127, 127 },
	{ "128 is still told apart from 129", { { 128, 0, 2 }, { 129, 0, 1 } }, 50000, 128, 128 },
	{ "255 is the last value alone in its bucket", { { 255, 0, 2 }, { 256, 0, 1 } }, 50000, 255, 255 },
	{ "256 and 257 share a bucket, whose upper end is told", { { 256, 0, 2 }, { 9999, 0, 1 } }, 50000, 257, 257 },
	{ "an upper end is never above the greatest value", { { 256, 0, 2 } }, 50000, 256, 256 },
	{ "the median of a million microseconds errs by less than 1 %", { { 1000, 1000, 1000000 } }, 50000, 500000000,
		504000000 },
	{ "the p99.9 of a million microseconds errs by less than 1 %", { { 1000, 1000, 1000000 } }, 99900, 999000000,
		1000000000 },
	{ "one slow reply in 1,000 is not yet in p99.9", { { 100, 0, 999 }, { 50000, 0, 1 } }, 99900, 100, 100 },
	{ "two slow replies in 1,000 are in p99.9", { { 100, 0, 998 }, { 50000, 0, 2 } }, 99900, 50000, 50000 },
	{ "an hour is told with its octave's precision", { { 3600000000000, 0, 3 }, { 4000000000000, 0, 1 } }, 50000,
		3600000000000, 3630000000000 },
	{ "beyond the last octave the greatest value is told", { { UINT64_MAX, 0, 1 } }, 50000, UINT64_MAX, UINT64_MAX },
};

static void fill(struct histogram *h, const struct quantile_case *c, unsigned from, unsigned to)
{
	for (unsigned p = from; p < to; p++)
		for (unsigned i = 0; i < c->parts[p].times; i++)
			histogram_add(h, c->parts[p].first + i * c->parts[p].step);
}

/* Filled at once, and merged from two halves: the answer is the same. */
static void check_quantile(void **state)
{
	const struct quantile_case *c = *state;
	struct histogram *whole = calloc(1, sizeof(*whole)), *half = calloc(1, sizeof(*half));
	uint64_t merged, once;

	assert_true(whole && half);
	fill(whole, c, 0, PARTS);
	once = histogram_quantile(whole, c->per_100k);
	memset(whole, 0, sizeof(*whole));
	fill(whole, c, 0, 1);
	fill(half, c, 1, PARTS);
	histogram_merge(whole, half);
	merged = histogram_quantile(whole, c->per_100k);
	free(whole);
	free(half);
	assert_in_range(once, c->least, c->most);
	assert_int_equal(merged, once);
}

int main(void)
{
	struct CMUnitTest tests[sizeof(cases) / sizeof(cases[0])];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		tests[i] = (struct CMUnitTest){ cases[i].name, check_quantile, NULL, NULL, (void *)&cases[i] };
	return _cmocka_run_group_tests("histogram", tests, sizeof(cases) / sizeof(cases[0]), NULL, NULL);
}
