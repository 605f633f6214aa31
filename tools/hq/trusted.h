/* SPDX-License-Identifier: Apache-2.0 */
/* What the office has decided for a store that lost its key, in DIRECTORY/STORE/trusted: a line for each time, the key that signed until then and
 * the certificate that takes its place, though no batch has announced it. It cannot be made again from batches: it is kept with them. */
#pragma once

#include "protocol/crypto_key.h"

struct trusted {
	struct palier_hash instead_of;   /* the key's id: its place is taken, and no other's */
	struct palier_bytes certificate; /* PEM */
	struct palier_bytes reason;      /* what the operator said; may be empty */
	int64_t at_ms;
};

/** In the order of the decisions. @param folder DIRECTORY/STORE @param out owned by the arena
 * @return PALIER_OK, also when there are none; PALIER_EDAMAGED: the file holds something else; PALIER_EIO */
int trusted_read(const char *folder, struct palier_arena *a, struct trusted **out, size_t *count);
/** One more, durably. @return PALIER_OK; PALIER_EDAMAGED, PALIER_EIO */
int trusted_add(const char *folder, const char *store, const struct trusted *t);
