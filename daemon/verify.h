/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon has its ledger checked while it serves: by a child, `palierd check` at the lowest priority, a while after the start and after each
 * close of a day. Whoever asks how the daemon is hears what came of it, and a finding is an error in the log. */
#pragma once

#include <sys/types.h>

#include "daemon/ledger.h"

#define VERIFY_TICKS 20 /* from the occasion to the check */

struct verify {
	pid_t pid;          /* of the check under way; 0: none */
	int said;           /* what it has to say, a file in memory */
	unsigned wait;      /* ticks until the next; 0: none is due */
	uint32_t batch;     /* the open batch when last looked; another one: a day was closed */
	bool doubted;       /* the check before found something: this one confirms it */
	struct verified is; /* what the check under way will say, when it finds nothing */
};

void verify_begin(struct verify *v, const struct ledger *l);
/** At each tick of the loop: begin a check when it is due, note in l->verified what came of one. Never waits. */
void verify_tick(struct verify *v, struct ledger *l, int64_t now_ms);
/** End the check under way, if any. */
void verify_end(struct verify *v);
