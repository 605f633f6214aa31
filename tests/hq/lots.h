/* SPDX-License-Identifier: Apache-2.0 */
/* What every lot of every store holds, by what the events of batches say alone: each move must fit what was there, no lot is used when it has
 * lapsed, and what lapses is all that was left. */
#pragma once

#include "tools/report/events.h"

#define LOTS_LIFE 2 /* days that points can be used after the one on which they were earned */

struct head_lot {
	unsigned store;
	struct palier_id member;
	char unit[12], cause[12];
	uint32_t expires; /* the last day; 0: never */
	int64_t at_ms, seq, left;
};

struct head_lots {
	struct head_lot *at;
	size_t count;
};

void head_lots_clear(struct head_lots *l);
/** A points.move. */
void head_lots_move(struct head_lots *l, unsigned store, const struct booked *e, uint32_t effect);
/** A points.freed: what was held fills a hole. */
void head_lots_freed(struct head_lots *l, unsigned store, const struct booked *e, uint32_t effect);
/** Nothing is left that had lapsed when this day began. */
void head_lots_rest(const struct head_lots *l, uint32_t today);
