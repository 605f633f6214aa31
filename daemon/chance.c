/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/chance.h"

#include <stdbool.h>
#include <string.h>

#include "protocol/crypto.h"

static struct {
	bool seeded;
	uint64_t state;
} chance;

void chance_seed(uint64_t seed)
{
	chance.seeded = true;
	chance.state = seed;
}

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t chance_next(void)
{
	uint64_t z = (chance.state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

void chance_draw(void *out, size_t n)
{
	uint8_t *at = out;

	if (!chance.seeded) {
		crypto_random(out, n);
		return;
	}
	for (size_t i = 0; i < n; i += sizeof(uint64_t)) {
		uint64_t drawn = chance_next();

		memcpy(at + i, &drawn, n - i < sizeof(drawn) ? n - i : sizeof(drawn));
	}
}
