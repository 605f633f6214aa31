/* SPDX-License-Identifier: Apache-2.0 */
/* Wrong PINs and codes, a member at a time, in the daemon's memory: a refused command books nothing that could be counted. */
#pragma once

#include "protocol/bytes.h"

#define MISSES_MOST    5                         /* so many lock, */
#define MISSES_LOCK_MS (INT64_C(15) * 60 * 1000) /* for so long */
#define MISSES_MEMBERS 1024                      /* when all rows are taken, the oldest miss is forgotten */

struct misses {
	unsigned used; /* rows */
	struct {
		struct palier_id member;
		unsigned count;
		int64_t last_ms;
	} row[MISSES_MEMBERS];
};

/** @return 0: go on; else how long the member is locked */
int64_t misses_wait(struct misses *m, struct palier_id member, int64_t now_ms);
/** Of a member that is not locked. */
void misses_add(struct misses *m, struct palier_id member, int64_t now_ms);
void misses_clear(struct misses *m, struct palier_id member);
