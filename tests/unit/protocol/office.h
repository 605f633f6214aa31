/* SPDX-License-Identifier: Apache-2.0 */
/* An office's certification authority, for tests. */
#pragma once

#include "protocol/crypto_key.h"

struct office {
	struct crypto_key *key;
	struct crypto_certificate *ca;
};

/** What the office certifies. */
struct office_wish {
	const char *store;           /* the common name */
	int64_t from_ms, to_ms;      /* 0: of 2026, to 2036 */
	const char *names;           /* of a door, as OpenSSL's configuration has a subjectAltName; NULL: none */
	const char *purpose, *usage; /* as OpenSSL's configuration has them; "": no such extension; NULL: the usual one */
};

void office_make(struct office *o, const char *name);
void office_free(struct office *o);
/** The list of what the office has revoked: one certificate. */
void office_revoke(const struct office *o, const struct crypto_certificate *c, struct palier_buffer *pem);
struct crypto_certificate *office_certify(const struct office *o, const struct crypto_key *k, struct office_wish wish);

/** Who signs. */
struct office_signer {
	const struct crypto_key *key;
	const struct crypto_certificate *certificate;
};
/** Sign a text with stock functions, in other forms than ours.
 * @param flags OpenSSL's CMS_* @param signers as many as there are, at most two; without any, the certificate of `also` is in it nevertheless */
void office_sign(unsigned flags, const struct office_signer *signers, int count, const struct crypto_certificate *also,
	struct palier_bytes text, struct palier_buffer *out);
