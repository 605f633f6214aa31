/* SPDX-License-Identifier: Apache-2.0 */
/* Chance that follows from a seed: SplitMix64 (Steele, Lea, Flood 2014), integers only, the same on every machine. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

static inline uint64_t dice_next(struct dice *d)
{
	uint64_t z = (d->state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/** A stream of its own for each of many: what one draws changes nothing for the others. */
static inline struct dice dice_of(uint64_t seed, uint64_t stream)
{
	struct dice d = { seed ^ (stream * UINT64_C(0xD1342543DE82EF95)) };

	d.state = dice_next(&d);
	return d;
}

/** 0 <= result < below; below > 0. */
static inline int64_t dice_below(struct dice *d, int64_t below)
{
	return (int64_t)(((unsigned __int128)dice_next(d) * (uint64_t)below) >> 64);
}

/** Does it happen, so many times in a million? */
static inline bool dice_happens(struct dice *d, int64_t millionths)
{
	return dice_below(d, 1000000) < millionths;
}
