/* SPDX-License-Identifier: Apache-2.0 */
/* A new signing key is announced in the store's own events: a statement that names the old and the new one, signed by both. */
#pragma once

#include "protocol/crypto_key.h"

/** What both keys sign: text of lines, each ended by LF:
 *
 *     palier key rotation
 *     store ID
 *     from KEY_ID CERTIFICATE        hex: SHA-256 of the public key, SHA-256 of the certificate
 *     to KEY_ID CERTIFICATE */
void rotation_statement(struct palier_bytes store, const struct crypto_certificate *from,
	const struct crypto_certificate *to, struct palier_buffer *out);

/** base64url of a key's signature of it. */
void rotation_sign(struct palier_bytes statement, const struct crypto_key *k, struct palier_buffer *out);
/** @param signature base64url */
bool rotation_signed(struct palier_bytes statement, const struct crypto_certificate *c, struct palier_bytes signature);
