/* SPDX-License-Identifier: Apache-2.0 */
/* Latencies in log-linear buckets: exact below 128, then 128 buckets an octave, so that a quantile errs by less than 1 %. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_BITS    7
#define HISTOGRAM_TOP     42 /* values from 2^42 ns (73 minutes) on share the last bucket */
#define HISTOGRAM_BUCKETS ((HISTOGRAM_TOP - HISTOGRAM_BITS + 1) << HISTOGRAM_BITS)

/** Zero-initialised is empty. */
struct histogram {
	uint64_t count, max;
	uint64_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *h, uint64_t value);
/** h += other */
void histogram_merge(struct histogram *h, const struct histogram *other);
/** The smallest bucket's upper end that at least `per_100k` of 100,000 values do not exceed, never above max.
 * @param per_100k 50000 is the median, 99900 is p99.9
 * @return 0 when empty */
uint64_t histogram_quantile(const struct histogram *h, unsigned per_100k);
