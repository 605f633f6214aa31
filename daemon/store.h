/* SPDX-License-Identifier: Apache-2.0 */
/* The index: an LMDB environment of named trees under one long write transaction, committed now and then. It answers questions; the
 * journal is the truth, so what a crash takes from here is folded again. The only room that knows LMDB. */
#pragma once

#include "daemon/why.h"
#include "protocol/bytes.h"

struct store;

/** How far the tables have followed the journal. All zero: nothing yet. */
struct store_mark {
	uint64_t seq;
	uint32_t batch;
	uint64_t offset;  /* in the batch, after the last line applied */
	uint8_t hash[32]; /* of that line */
};

enum store_mode {
	STORE_CREATE,
	STORE_WRITE,
	STORE_READ,
	STORE_COPY, /* to read, of a copy that nobody writes: leaves no lock file */
	STORE_SCRATCH, /* made for a while, or not there yet: nothing is synced but by store_sync, a crash may leave it broken */
};

/** @param dir the directory of the LMDB files; STORE_CREATE and STORE_SCRATCH make it, and fail when it is there
 * @param why WHY_LEN bytes: on error, what is wrong and what to do
 * @return PALIER_OK; PALIER_ENOENT; PALIER_EDAMAGED (truncated, not LMDB, or of another version's layout); PALIER_ESTORE */
int store_open(const char *dir, enum store_mode mode, struct store **out, char *why);
void store_close(struct store *s); /* without committing */

/** A named tree, made when missing (not by those that only read: PALIER_ENOENT). */
int store_tree(struct store *s, const char *name, unsigned *out);

/** @param out borrowed from the map until the next call on this store */
int store_get(struct store *s, unsigned tree, struct palier_bytes key, struct palier_bytes *out);
int store_put(struct store *s, unsigned tree, struct palier_bytes key, struct palier_bytes value);
int store_del(struct store *s, unsigned tree, struct palier_bytes key);
/** Delete every row of a tree. */
int store_clear(struct store *s, unsigned tree);
/** The first key >= `from` (`after`: > `from`). Both results are borrowed from the map until the next call on this store. */
int store_seek(struct store *s, unsigned tree, struct palier_bytes from, bool after, struct palier_bytes *key,
	struct palier_bytes *value);

/** Writes since the last commit, about the number of pages that the next commit writes. */
size_t store_dirty(const struct store *s);
/** Write the mark and commit; the next use begins a new transaction. On PALIER_ESTORE the transaction is gone: fold again from
 * store_mark. The map grows here when it must. */
int store_commit(struct store *s, const struct store_mark *mark);
/** Make durable what was committed to a STORE_SCRATCH: from now on it may take another's place. */
int store_sync(struct store *s);
/** Forget all since the last commit. */
void store_abort(struct store *s);
/** Copy what was committed last, without what is free in it, to a file that must not exist, durably. Nobody waits for it, but what is overwritten
 * meanwhile is not used again before it ends. */
int store_copy(struct store *s, const char *path);
/** Let go of what readers held that were killed: until then no page that has been overwritten since is used again, and the file grows. */
void store_bury(struct store *s);
/** The mark of the last commit. */
int store_mark_read(struct store *s, struct store_mark *out);
/** "LMDB 0.9.24: (July 24, 2019)" */
const char *store_library(void);
