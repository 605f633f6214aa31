/* SPDX-License-Identifier: Apache-2.0 */
/* A made-up chain: stores that sell to members they share, earn and spend points, day after day; the same again from the same seed. Events are
 * as long as those of a real shop, and the tails say what the ledgers add up to. */
#pragma once

#include <stdint.h>

struct made_plan {
	int stores, days, sales; /* sales of a store in a day */
	int members;             /* of the chain */
	uint64_t seed;
};

/** Write the batches as DIRECTORY/store-NNNN/batches/N/. @return events in all */
int64_t made_write(const char *directory, const struct made_plan *plan);
