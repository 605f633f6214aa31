/* SPDX-License-Identifier: Apache-2.0 */
/* A closed journal file, compressed to be kept (zstd, RFC 8878): frames that each hold ARCHIVE_FRAME bytes of the text (the last one less), with
 * their size and a checksum. So any place of it can be read alone, and `zstd -d` gives the file back, byte for byte. */
#pragma once

#include "protocol/bytes.h"
#include "protocol/progress.h"

#define ARCHIVE_ENDING ".zst"
#define ARCHIVE_FRAME  ((size_t)256 << 10)

struct archive;

/** @param fd of the archive; the archive's from now on, also after a refusal
 * @return PALIER_OK; PALIER_EDAMAGED: it is no archive of this form; PALIER_EIO */
int archive_open(int fd, struct archive **out);
void archive_close(struct archive *a);
/** Bytes of the text. */
uint64_t archive_size(const struct archive *a);
/** Like pread(2), of the text. @return bytes, 0 behind the end; PALIER_EDAMAGED; PALIER_EIO */
long archive_read(struct archive *a, void *out, size_t n, uint64_t offset);

/** Compress a file. Nothing is synced. @param bar NULL: none @return PALIER_OK; PALIER_EIO, errno says why */
int archive_write(int from, int to, struct progress *bar);
