/* SPDX-License-Identifier: Apache-2.0 */
/* Log-linear histogram, after HdrHistogram (http://hdrhistogram.org): an octave by the highest bit, within it the next bits.
 */
#include "tools/bench/histogram.h"

static size_t bucket_of(uint64_t value)
{
	unsigned octave;

	if (value >> HISTOGRAM_TOP)
		return HISTOGRAM_BUCKETS - 1;
	if (value >> HISTOGRAM_BITS == 0)
		return (size_t)value;
	octave = 63u - (unsigned)__builtin_clzll(value) - HISTOGRAM_BITS;
	/* value >> octave has its highest bit at HISTOGRAM_BITS, which moves it one octave's buckets on */
	return (size_t)((value >> octave) + ((uint64_t)octave << HISTOGRAM_BITS));
}

/* The largest value of a bucket. */
static uint64_t bucket_end(size_t bucket)
{
	uint64_t octave = bucket >> HISTOGRAM_BITS, within = bucket & ((1u << HISTOGRAM_BITS) - 1);

	if (octave == 0)
		return bucket;
	return (((within | 1u << HISTOGRAM_BITS) + 1) << (octave - 1)) - 1;
}

void histogram_add(struct histogram *h, uint64_t value)
{
	h->buckets[bucket_of(value)]++;
	h->count++;
	if (value > h->max)
		h->max = value;
}

void histogram_merge(struct histogram *h, const struct histogram *other)
{
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		h->buckets[i] += other->buckets[i];
	h->count += other->count;
	if (other->max > h->max)
		h->max = other->max;
}

uint64_t histogram_quantile(const struct histogram *h, unsigned per_100k)
{
	uint64_t rank = (uint64_t)(((unsigned __int128)h->count * per_100k + 99999) / 100000), seen = 0;

	if (h->count == 0)
		return 0;
	for (size_t i = 0; i < HISTOGRAM_BUCKETS - 1; i++) {
		seen += h->buckets[i];
		if (seen >= rank && seen > 0)
			return bucket_end(i) < h->max ? bucket_end(i) : h->max;
	}
	return h->max;
}
