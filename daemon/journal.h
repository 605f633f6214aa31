/* SPDX-License-Identifier: Apache-2.0 */
/* The journal's files: append-only JSON lines, N.open while its day is open, N.jsonl once closed, N.jsonl.zst once archived. Room is taken
 * ahead with zeros, so a NUL ends a file. Offsets are those of the text, whether or not it is compressed. This room knows lines, not what they
 * say. */
#pragma once

#include "protocol/archive.h"
#include "protocol/crypto.h"

struct journal;

#define JOURNAL_TURN_MAX ((size_t)1 << 20) /* a turn's lines, about */

/** Make the directory, and let a closed file be read by the group that it belongs to: who seals closed days is in that group, and may read nothing
 * else of a ledger. Whether that group gets as far as here, the data directory says. @return 0; -1 with errno */
int journal_dir_make(const char *path);
int journal_share(const char *path);

/** Open the directory; no file yet. @return PALIER_OK; PALIER_ENOENT; PALIER_EIO */
int journal_open(const char *dir, struct journal **out);
void journal_close(struct journal *j);

/** The batches there are. @param last 0: none @param open is the last one open? @return PALIER_OK; PALIER_EIO */
int journal_last(const struct journal *j, uint32_t *last, bool *open);
/** The path of a batch's file, whichever name it has now. @param path 4096 bytes @return PALIER_OK; PALIER_ENOENT */
int journal_path(const struct journal *j, uint32_t batch, char *path);

/** Make N.open with its head line, durable with its directory. @return PALIER_OK; PALIER_ESTORAGE_FULL; PALIER_EIO */
int journal_create(struct journal *j, uint32_t batch, struct palier_bytes head);
/** Go on writing N.open behind `end`; what lies there (a torn tail) is wiped first, durably. */
int journal_resume(struct journal *j, uint32_t batch, uint64_t end);

/** Take room ahead for a turn, as an admission check. @return PALIER_OK; PALIER_ESTORAGE_FULL; PALIER_EIO */
int journal_reserve(struct journal *j);
/** Append a line (without LF) to the turn. Nothing is written yet. */
void journal_append(struct journal *j, struct palier_bytes line);
size_t journal_pending(const struct journal *j);
/** Write the turn's lines. @return PALIER_OK; PALIER_ESTORAGE_FULL, and nothing of them remains in the file; PALIER_EIO: it may */
int journal_write(struct journal *j);
/** fdatasync what was written. After PALIER_EIO nothing may be answered any more. */
int journal_sync(struct journal *j);
/** The batch is complete and durable: cut what was taken ahead and give it its closed name, durably. No day is open after this.
 * @return PALIER_OK; PALIER_EIO: a later start does it */
int journal_finish(struct journal *j);
/** SHA-256 of a batch's text. @return PALIER_OK; PALIER_ENOENT; PALIER_EIO */
int journal_hash(const struct journal *j, uint32_t batch, struct palier_hash *out);
/** Forget the turn's lines. */
void journal_discard(struct journal *j);
/** Where the next line would begin. */
uint64_t journal_end(const struct journal *j);

/** Read the line that begins at an offset, also one not written yet. @param out without LF, in the arena
 * @return PALIER_OK; PALIER_ENOENT: no such batch; PALIER_EDAMAGED: no line ends there; PALIER_EIO */
int journal_read(struct journal *j, uint32_t batch, uint64_t offset, struct palier_arena *a, struct palier_bytes *out);

/* --- reading a file from end to end --- */

/** One of them, open to be read. */
struct journal_file {
	int fd;                 /* -1: none */
	struct archive *packed; /* it is an archive, and has the descriptor */
};

struct journal_scan {
	struct journal_file file;
	uint64_t offset; /* of the line that the last call gave */
	uint64_t next;   /* of the line after it */
	uint64_t size;   /* of the text */
	struct palier_buffer buffer;
	uint64_t buffer_at; /* where in the file the buffer begins */
};

/** Replace a closed file by its archive: written beside it, read back and compared, durable under its name before the file goes. Other processes
 * may read the journal meanwhile.
 * @return PALIER_OK, also when it is archived already; PALIER_ENOENT: it is not closed; PALIER_EDAMAGED: what was written reads differently;
 * PALIER_ESTORAGE_FULL; PALIER_EIO, errno says why */
int journal_archive(const struct journal *j, uint32_t batch, struct progress *bar);
/** How large a batch's text is. @return PALIER_OK; PALIER_ENOENT; PALIER_EIO; PALIER_EDAMAGED */
int journal_size(const struct journal *j, uint32_t batch, uint64_t *out);

enum journal_found {
	JOURNAL_LINE, /* a line that ends in LF and holds no NUL */
	JOURNAL_END,  /* nothing but zeros from here on */
	JOURNAL_TORN, /* bytes that are no whole line; `next` is behind them: after their LF, or behind the zeros in them */
};

/** @return PALIER_OK; PALIER_ENOENT; PALIER_EIO */
int journal_scan_open(const struct journal *j, uint32_t batch, uint64_t from, struct journal_scan *out);
void journal_scan_close(struct journal_scan *s);
/** @param line borrowed until the next call @return an enum journal_found; PALIER_EIO; PALIER_EDAMAGED: of an archive */
int journal_scan_next(struct journal_scan *s, struct palier_bytes *line);
