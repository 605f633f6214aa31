/* SPDX-License-Identifier: Apache-2.0 */
/* What palierd draws: keys, members' ids, codes. Of a scratch ledger it follows from a seed, so that the same questions find the same answers. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/** From now on everything drawn follows from the seed. What is kept with such keys is no secret. */
void chance_seed(uint64_t seed);
/** Without a seed: the system's randomness, fit for keys. */
void chance_draw(void *out, size_t n);
