/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing: closed journal files become batches in the outbox, one after the other. Each is read once, and of what came before only the last
 * manifest; so a seal costs what its day costs, however old the shop is. */
#pragma once

#include "protocol/batch.h"
#include "tools/seal/signer.h"

struct seal_settings {
	const char *data, *outbox, *store;
	const char *certificate, *key; /* NULL: not configured */
	bool new_key; /* the key before is lost: sign with the present one, though no batch has announced it */
};

/** What a batch came to. */
struct sealed {
	uint32_t batch;
	uint64_t events;
};

/** Seal every closed day that is not sealed yet, in order.
 * @param told called for each, once it is durable
 * @param why  SEAL_WHY_LEN bytes: a sentence
 * @return PALIER_OK; PALIER_ENOENT: no such ledger; PALIER_EDAMAGED; PALIER_ECONFIG: what it signs with is missing or wrong;
 *         PALIER_EFORBIDDEN: others may read the key; PALIER_ECLOCK; PALIER_ESTORAGE_FULL; PALIER_EIO */
int seal_all(const struct seal_settings *s, void (*told)(const struct sealed *batch), char *why);
