/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox: a directory of its own for each batch. A file comes into it under a temporary name, is synced, renamed and its directory synced; the
 * signature comes last, so that a batch that has one is whole. */
#pragma once

#include "protocol/crypto.h"

struct outbox {
	int fd; /* of the directory; locked, so that nobody else seals meanwhile */
	const char *path;
};

/** Open it, made if need be, and wait until nobody else seals. @param why as seal_all's @return PALIER_OK; PALIER_EIO; PALIER_ESTORAGE_FULL */
int outbox_open(const char *path, struct outbox *out, char *why);
void outbox_close(struct outbox *o);

/** The highest batch that has a directory. @param sealed has it a signature? @param batch 0: there is none @return PALIER_OK; PALIER_EIO */
int outbox_last(const struct outbox *o, uint32_t *batch, bool *sealed, char *why);
/** A small file of a batch. @return PALIER_OK; PALIER_ENOENT; PALIER_EIO */
int outbox_read(const struct outbox *o, uint32_t batch, const char *file, struct palier_buffer *out, char *why);

/** A batch under way. */
struct outbox_batch {
	int dir;
	uint32_t batch;
};

int outbox_begin(const struct outbox *o, uint32_t batch, struct outbox_batch *out, char *why);
void outbox_end(struct outbox_batch *b);
/** Bring a file in under its temporary name: as a clone or a link where the file system can, else as a copy.
 * @param fd of what is there now, to read from */
int outbox_bring(struct outbox_batch *b, const char *from, const char *name, int *fd, char *why);
/** Compress a file that was kept, under a temporary name. @param sum of the compressed bytes */
int outbox_pack(struct outbox_batch *b, const char *name, const char *packed, struct palier_hash *sum, char *why);
/** Write a small file under its temporary name. */
int outbox_put(struct outbox_batch *b, const char *name, struct palier_bytes text, char *why);
/** The file under its temporary name is right: it gets its own, durably. */
int outbox_keep(struct outbox_batch *b, const char *name, char *why);
/** It is not: it goes. */
void outbox_drop(struct outbox_batch *b, const char *name);
