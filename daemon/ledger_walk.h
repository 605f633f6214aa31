/* SPDX-License-Identifier: Apache-2.0 */
/* Walking the journal: every line's link to the one before is verified; lines behind the index's mark are folded. */
#pragma once

#include "daemon/ledger.h"

struct walk {
	struct ledger *ledger;
	struct store_mark mark;         /* lines up to here are already in the index */
	struct store_mark at;           /* the last good line */
	uint64_t until;                 /* fold no seq above this; UINT64_MAX: all */
	uint32_t day;                   /* of the last head line, */
	uint64_t first_seq;             /* and its first event */
	uint64_t line_at;               /* where the batch's last event line begins; 0: it has none */
	uint64_t tail_end;              /* behind the batch's tail line; 0: it has none */
	bool closed_before;             /* the batch before was walked, */
	struct palier_hash closed_hash; /* and this is what its file's hash is */
	bool fold;                      /* false: only verify */
	uint64_t total, done;           /* bytes, for the progress bar */
	uint64_t lines, folded;
	void (*progress)(const struct walk *w);
	char *why; /* WHY_LEN bytes */
};

/** Walk the batches first..last.
 * @param bad_at where the open batch stops being good; untouched when all is
 * @return PALIER_OK, also when the open batch ends in a torn tail (*bad_at is set); PALIER_EDAMAGED, PALIER_EIO, PALIER_ESTORE with why */
int walk_batches(struct walk *w, uint32_t first, uint32_t last, bool last_open, uint64_t *bad_at);
