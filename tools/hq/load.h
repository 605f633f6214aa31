/* SPDX-License-Identifier: Apache-2.0 */
/* Batches into the database, each in one transaction and exactly once: many loaders may work side by side. */
#pragma once

#include "protocol/batch.h"
#include "tools/hq/fold.h"

struct load {
	struct db *db;
	struct fold fold;
	struct progress bar;
	uint64_t size, done; /* bytes of all batches to load, and of those behind us */
	char month[8];       /* the last whose tables are known to be there */
	char why[512];       /* after a refusal or an error: a sentence */
};

/** A batch that is not in the database yet. */
struct load_batch {
	const char *store;
	struct event_file file;
};

enum load_outcome {
	LOAD_DONE,
	LOAD_THERE, /* somebody else has loaded it */
	LOAD_BUSY,  /* somebody else is loading it */
};

/** @param db stays the caller's, with its schema up to date @return PALIER_OK; PALIER_ESTORE */
int load_open(struct load *l, struct db *db);
void load_deinit(struct load *l);

/** Load one.
 * @param wait for who is loading it, instead of LOAD_BUSY
 * @param events on LOAD_DONE how many
 * @return PALIER_OK; with `why`: PALIER_EDAMAGED: the batch is refused, the others may be well; PALIER_EIO, PALIER_ESTORE */
int load_batch(struct load *l, const struct load_batch *b, bool wait, enum load_outcome *out, int64_t *events);
