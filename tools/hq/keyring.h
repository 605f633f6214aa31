/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates that count for a store's batches: those pinned for it and those that its own batches have announced since; where none is
 * pinned, any that an authority of the office has issued to it. */
#pragma once

#include "protocol/batch.h"
#include "tools/hq/config.h"
#include "tools/report/events.h"

struct cli;

struct keyring {
	const char *store;
	const struct crypto_certificate **pinned, **authorities; /* owned */
	size_t pinned_count, authority_count;
	size_t given; /* of the pinned, the first ones are the office's own; what follows was announced */
};

/** For commands that verify. */
#define KEYRING_OPTIONS \
	{ "authority", "FILE", "who issues the stores' signing certificates, besides those of --config; may be repeated" }, \
	{ \
		"certificate", "FILE", "the signing certificate of one store, pinned; may be repeated" \
	}

/** Read them: of the configuration, and of KEYRING_OPTIONS.
 * @param c NULL: there is none @return PALIER_OK; PALIER_ECONFIG, reported */
int keyring_open(struct cli *cli, const struct hq_config *c, const char *store, struct keyring *out);
void keyring_close(struct keyring *k);
struct cms_trust keyring_trust(const struct keyring *k);

/** Pin one more, that a batch has announced. @param pem or DER @return PALIER_OK; PALIER_EINVAL */
int keyring_pin(struct keyring *k, struct palier_bytes pem);
/** An event of a batch signed with the key `signer`: if it announces a certificate and both keys have said so, and the store is known by a pinned
 * certificate, pin it, too. What is not proved is passed over: the next batch is then refused.
 * @param signer the key that the last announcement of this batch leads to */
void keyring_follow(struct keyring *k, struct palier_hash *signer, const struct booked *e);
