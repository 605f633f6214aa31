/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the head office: small ones read whole, and what must survive a power cut written so that it does. errno says why one fails. */
#pragma once

#include "protocol/bytes.h"

/** A whole file. @param out added to @return PALIER_OK; PALIER_ENOENT; PALIER_ERANGE: it is longer than `most`; PALIER_EIO */
int files_read(const char *path, size_t most, struct palier_buffer *out);
/** Write it under a temporary name, sync, rename, sync the directory: it is there whole, or as it was before. @return PALIER_OK; PALIER_EIO */
int files_write(const char *path, struct palier_bytes text, unsigned mode);
/** Make a directory and those above it, where they are missing. @return PALIER_OK; PALIER_EIO */
int files_directory(const char *path);
/** Sync a file or a directory. @return PALIER_OK; PALIER_EIO */
int files_sync(const char *path);
/** Remove a directory with the files in it. @return PALIER_OK, also when there is none; PALIER_EIO */
int files_remove(const char *path);

/** The directories in a directory that are called as numbers, 1, 2, ..., in order.
 * @param out owned by the arena @return PALIER_OK, also when there is no such directory; PALIER_EIO */
int files_numbers(const char *path, struct palier_arena *a, uint32_t **out, size_t *count);
