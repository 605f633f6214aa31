/* SPDX-License-Identifier: Apache-2.0 */
/* The personal data of a store's members at the office: a file with a line for each, the newest that the store has told. Who is erased has none. */
#pragma once

#include "protocol/bytes.h"

/** An answer of GET /v1/profiles: `{"profiles":[{"member":..,"seq":..,...},...],"next"?:SEQ}`.
 * @param lines each profile as it stands there, with an LF, added to
 * @param seq   the last event that is told of @param more is there another page?
 * @return PALIER_OK; PALIER_EINVAL: it is none, or goes back */
int profiles_page(struct palier_bytes answer, struct palier_buffer *lines, uint64_t *seq, bool *more);
/** Bring lines into the file, durably; nobody else may read it. @return PALIER_OK; PALIER_EDAMAGED: it holds something else; PALIER_EIO */
int profiles_merge(const char *path, struct palier_bytes lines);
