/* SPDX-License-Identifier: Apache-2.0 */
/* A journal file line by line, from end to end, plain or compressed (zstd), in memory that does not grow with it. */
#pragma once

#include "protocol/archive.h"

struct lines;

/** Open a file; one whose name ends in .zst is decompressed on the way, whoever compressed it. @return PALIER_OK; PALIER_ENOENT; PALIER_EIO, errno says why */
int lines_open(const char *path, struct lines **out);
/** The next line, without its LF. A NUL ends the file, as in one that is being written; what follows the last LF is no line.
 * @param line borrowed until the next call
 * @return PALIER_OK; PALIER_ENOENT: there is none left; PALIER_EDAMAGED: it cannot be decompressed, or a line is longer than any of ours;
 * PALIER_EIO */
int lines_next(struct lines *l, struct palier_bytes *line);
/** Many lines at once: all that are whole in the next 256 KiB or so, each with its LF. Not to be mixed with lines_next.
 * @param block what it held is replaced, its room used again
 * @return as lines_next */
int lines_block(struct lines *l, struct palier_buffer *block);
/** How many bytes of the file, as it lies on disk, have been read, of how many: for a progress bar. */
uint64_t lines_read(const struct lines *l);
uint64_t lines_size(const struct lines *l);
void lines_close(struct lines *l);
