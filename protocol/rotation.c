/* SPDX-License-Identifier: Apache-2.0 */
/* The statement, and its signatures. */
#include "protocol/rotation.h"

#include <stdio.h>

#define SIGNATURE_MAX 128 /* bytes; one on P-256 has up to 72 */

static void line(const char *word, const struct crypto_certificate *c, struct palier_buffer *out)
{
	char id[2 * SHA256_LEN + 1], fingerprint[2 * SHA256_LEN + 1], text[4 * SHA256_LEN + 16];
	struct palier_hash hash;

	crypto_certificate_key_id(c, &hash);
	palier_hex(hash.b, SHA256_LEN, id);
	crypto_certificate_fingerprint(c, &hash);
	palier_hex(hash.b, SHA256_LEN, fingerprint);
	palier_buffer_add(out, text, (size_t)snprintf(text, sizeof(text), "%s %s %s\n", word, id, fingerprint));
}

void rotation_statement(struct palier_bytes store, const struct crypto_certificate *from,
	const struct crypto_certificate *to, struct palier_buffer *out)
{
	static const char begin[] = "palier key rotation\nstore ";

	palier_buffer_add(out, begin, sizeof(begin) - 1);
	palier_buffer_add(out, store.at, store.len);
	palier_buffer_add(out, "\n", 1);
	line("from", from, out);
	line("to", to, out);
}

void rotation_sign(struct palier_bytes statement, const struct crypto_key *k, struct palier_buffer *out)
{
	struct palier_buffer der = { 0 };

	crypto_key_sign(k, statement, &der);
	palier_buffer_reserve(out, (der.len * 4 + 2) / 3 + 1);
	out->len += palier_base64(der.at, der.len, out->at + out->len);
	palier_buffer_deinit(&der);
}

bool rotation_signed(struct palier_bytes statement, const struct crypto_certificate *c, struct palier_bytes signature)
{
	uint8_t der[SIGNATURE_MAX];
	long n = signature.len <= SIGNATURE_MAX ? palier_unbase64(signature, der) : -1;

	return n > 0 && crypto_certificate_signed(c, statement, palier_bytes_of(der, (size_t)n));
}
