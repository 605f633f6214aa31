/* SPDX-License-Identifier: Apache-2.0 */
/* The key that signs a store's batches and its certificate: ECDSA on P-256, nothing else. */
#pragma once

#include "protocol/crypto.h"

struct crypto_key;
struct crypto_certificate;

/** A new key. */
struct crypto_key *crypto_key_make(void);
/** From PEM. One that wants a passphrase is refused, nobody is asked. @return PALIER_OK; PALIER_EINVAL: no private key on P-256 */
int crypto_key_read(struct palier_bytes pem, struct crypto_key **out);
/** From OpenSSL's stores, "file:/etc/store.key", or from a token, "pkcs11:token=palier;object=store;pin-source=file:/etc/store.pin": by a provider
 * that OpenSSL's configuration activates, else by its engine. Nobody is asked for a PIN.
 * @return PALIER_OK; PALIER_EINVAL: there is none on P-256, or it does not sign */
int crypto_key_load(const char *uri, struct crypto_key **out);
void crypto_key_free(struct crypto_key *k);
/** PKCS #8, PEM, without a passphrase. */
void crypto_key_write(const struct crypto_key *k, struct palier_buffer *out);
/** What a key is called: SHA-256 of its SubjectPublicKeyInfo, DER. */
void crypto_key_id(const struct crypto_key *k, struct palier_hash *out);
/** A certificate signing request (PKCS #10, PEM) for documents signed by this store: CN = store, O = name. */
void crypto_key_request(const struct crypto_key *k, const char *store, const char *name, struct palier_buffer *out);
/** ECDSA with SHA-256, DER. */
void crypto_key_sign(const struct crypto_key *k, struct palier_bytes text, struct palier_buffer *out);

/** From PEM (the first, where there are several) or DER. @return PALIER_OK; PALIER_EINVAL */
int crypto_certificate_read(struct palier_bytes text, struct crypto_certificate **out);
void crypto_certificate_free(struct crypto_certificate *c);
void crypto_certificate_write(const struct crypto_certificate *c, struct palier_buffer *out);
/** The id of its key. */
void crypto_certificate_key_id(const struct crypto_certificate *c, struct palier_hash *out);
/** SHA-256 of its DER, which is what `openssl x509 -fingerprint -sha256` prints. */
void crypto_certificate_fingerprint(const struct crypto_certificate *c, struct palier_hash *out);
/** Is its common name this one? */
bool crypto_certificate_names(const struct crypto_certificate *c, struct palier_bytes store);
/** May it sign documents? A key usage must allow signatures, an extended one document signing (RFC 9336), S/MIME or anything. */
bool crypto_certificate_signs(const struct crypto_certificate *c);
bool crypto_certificate_equal(const struct crypto_certificate *a, const struct crypto_certificate *b);
/** Is its key an ECDSA key on P-256? */
bool crypto_certificate_p256(const struct crypto_certificate *c);
bool crypto_certificate_fits(const struct crypto_certificate *c, const struct crypto_key *k);
/** Was the text signed by its key, as crypto_key_sign does? */
bool crypto_certificate_signed(const struct crypto_certificate *c, struct palier_bytes text, struct palier_bytes signature);

struct crypto_validity {
	int64_t from_ms, to_ms;
};
void crypto_certificate_validity(const struct crypto_certificate *c, struct crypto_validity *out);
/** Its subject and issuer on a line each, for people. @param out NUL-terminated */
void crypto_certificate_names_text(const struct crypto_certificate *c, bool issuer, char *out, size_t size);
