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
	struct replacement *replacements; /* what the office has decided for lost keys; owned */
	size_t replacement_count;
};

struct replacement {
	struct palier_hash before, after; /* ids of keys */
};

/** For commands that verify. */
#define KEYRING_OPTIONS \
	{ "authority", "FILE", "who issues the stores' signing certificates, besides those of --config; may be repeated" }, \
	{ \
		"certificate", "FILE", "the signing certificate of one store, pinned; may be repeated" \
	}

/** Read them: of the configuration, of KEYRING_OPTIONS, and what was decided for the store (trusted.h).
 * @param c NULL: there is none @param folder DIRECTORY/STORE; NULL: there is none
 * @return PALIER_OK; PALIER_ECONFIG, PALIER_EDAMAGED, PALIER_EIO, reported */
int keyring_open(struct cli *cli, const struct hq_config *c, const char *store, const char *folder, struct keyring *out);
void keyring_close(struct keyring *k);
struct cms_trust keyring_trust(const struct keyring *k);

/** A certificate's file. @return PALIER_OK; PALIER_ECONFIG, reported */
int keyring_load(struct cli *cli, const char *path, struct crypto_certificate **out);
/** Has the office decided that a key takes the place of the one that must sign? */
bool keyring_replaces(const struct keyring *k, const struct palier_hash *before, const struct palier_hash *after);
/** Pin one more, that a batch has announced. @param pem or DER @return PALIER_OK; PALIER_EINVAL */
int keyring_pin(struct keyring *k, struct palier_bytes pem);
/** An event of a batch signed with the key `signer`: if it announces a certificate and both keys have said so, and the store is known by a pinned
 * certificate, pin it, too. What is not proved is passed over: the next batch is then refused.
 * @param signer the key that the last announcement of this batch leads to */
void keyring_follow(struct keyring *k, struct palier_hash *signer, const struct booked *e);
