/* SPDX-License-Identifier: Apache-2.0 */
/* palierd and redis-server under the same load, in turns of one round each, so that whatever else the machine does meets
 * both. */
#pragma once

#include "tools/bench/load.h"
#include "tools/bench/options.h"

#define COMPARE_ROUNDS 100

/* What palier is measured by. C(palier's kind, redis' kind, what the row is called) */
#define COMPARE_PAIRS(C) \
	C(PING, PING, "system.status : PING") \
	C(LOOKUP, LOOKUP, "card.lookup : HGETALL") \
	C(LOOKUP, GET, "card.lookup : GET") \
	C(SALE, SALE, "sale.commit : EVALSHA")

enum compare_pair {
#define C(palier, redis, text) PAIR_##palier##_##redis,
	COMPARE_PAIRS(C)
#undef C
		PAIRS
};

enum side { SIDE_PALIER, SIDE_REDIS, SIDES };

/** One pair at one number of connections. */
struct compare_cell {
	const char *text;
	unsigned connections;
	uint64_t rates[SIDES][COMPARE_ROUNDS]; /* answers a second, round by round */
	uint64_t permille[COMPARE_ROUNDS];     /* palier's rate in thousandths of Redis', round by round */
	struct load_result sides[SIDES];       /* all rounds together */
};

struct comparison {
	unsigned rounds, cells;
	uint64_t cards;
	struct compare_cell *cell;
};

/** The middle, the least and the greatest of n figures. */
struct spread {
	uint64_t median, least, most;
};
struct spread spread_of(const uint64_t *figures, unsigned n);

/** @return as load_run; free with comparison_deinit in any case */
int comparison_run(const struct options *o, struct workload *w, struct comparison *c);
void comparison_deinit(struct comparison *c);
/** @return how many replies were wrong */
uint64_t comparison_errors(const struct comparison *c);
