/* SPDX-License-Identifier: Apache-2.0 */
/* The signature of a manifest: CMS (RFC 5652), detached, DER, ECDSA on P-256 with SHA-256, the text taken as bytes, exactly one signer, whose
 * certificate is in it, signed attributes with the time. Stock `openssl cms -verify -binary` reads it; what is verified here is narrower: that one
 * form alone is accepted, so that no byte can be another without being refused. */
#pragma once

#include "protocol/batch_fault.h"
#include "protocol/crypto_key.h"

/** Sign; the certificate is the key's. @param at_ms the time of signing, whole seconds of it are kept */
void crypto_cms_sign(const struct crypto_key *k, const struct crypto_certificate *c, struct palier_bytes text, int64_t at_ms,
	struct palier_buffer *out);

/** Whose signature is accepted: with one of the pinned certificates, or with one that the authorities' chain leads to and whose common name is
 * the store's. */
struct cms_trust {
	const struct crypto_certificate *const *pinned, *const *authorities;
	size_t pinned_count, authority_count;
	struct palier_bytes store;
};

struct cms_signed {
	struct palier_hash key_id;
	int64_t at_ms;
};

/** A certificate counts as it was when it signed: one that has expired since is no fault.
 * @param trust NULL: any certificate that fits; only whether the signature is whole is asked
 * @param out filled when BATCH_FINE */
enum batch_fault crypto_cms_verify(struct palier_bytes text, struct palier_bytes signature, const struct cms_trust *trust,
	struct cms_signed *out);
