/* SPDX-License-Identifier: Apache-2.0 */
/* Files copied into a directory, and its MANIFEST: the SHA-256 of each, in the form that sha256sum -c reads too. It is written last and
 * ends in a sum of its own, so that copies cut short are none. */
#pragma once

#include "daemon/why.h"
#include "protocol/crypto.h"
#include "protocol/progress.h"

#define COPIES_MANIFEST "MANIFEST"

/** How far work has come that may cover several directories. */
struct copies_bar {
	struct progress progress;
	uint64_t done, total; /* bytes read */
};

struct copies {
	const char *dir;
	struct copies_bar *bar;
	struct palier_buffer manifest;
	unsigned count; /* files */
};

/** Make the directory, unless it is there and empty, and begin its manifest with a line for people and manifest_read. */
int copies_begin(struct copies *c, const char *dir, struct copies_bar *bar, const char *title, char *why);
/** Make a directory in it. */
int copies_dir(struct copies *c, const char *name, char *why);
/** Copy at most `limit` bytes of a file into it as `name`, durably. @return PALIER_OK; PALIER_ENOENT: there is no such file; PALIER_EIO */
int copies_add(struct copies *c, const char *from, const char *name, uint64_t limit, char *why);
/** The same of a whole file that nobody changes any more: linked where the file system can. */
int copies_link(struct copies *c, const char *from, const char *name, char *why);
/** List a file that is there already. */
int copies_list(struct copies *c, const char *name, char *why);
/** Write the manifest; everything is durable then. Call copies_deinit in any case. */
int copies_end(struct copies *c, char *why);
void copies_deinit(struct copies *c);

/** Copy a file, durably. @param to must not exist @param sum of what was copied */
int copy_file(const char *from, const char *to, uint64_t limit, struct copies_bar *bar, struct palier_hash *sum, char *why);
/** @return PALIER_OK; PALIER_EIO, errno tells */
int directory_sync(const char *dir);

/* --- reading one --- */

struct manifest {
	struct palier_buffer text;
	size_t at; /* of the next line */
};

/** @return PALIER_OK; PALIER_ENOENT; PALIER_EDAMAGED: it was cut or changed */
int manifest_open(const char *dir, struct manifest *m, char *why);
void manifest_close(struct manifest *m);
/** The line that copies_begin was given, NUL-terminated. */
const char *manifest_title(const struct manifest *m);
struct manifest_file {
	char name[256]; /* within the directory, in it for sure */
	struct palier_hash sum;
};
/** @return false after the last, and at a line that is none of ours, which manifest_verify refuses */
bool manifest_next(struct manifest *m, struct manifest_file *out);
/** Bytes of all its files. */
uint64_t manifest_bytes(const char *dir, const struct manifest *m);
/** Is every file what it was? */
int manifest_verify(const char *dir, const struct manifest *m, struct copies_bar *bar, char *why);
