/* SPDX-License-Identifier: Apache-2.0 */
/* The few primitives palier uses, over OpenSSL. */
#pragma once

#include "protocol/bytes.h"

#define SHA256_LEN     32
#define CRYPTO_KEY_LEN 32

struct palier_hash {
	uint8_t b[SHA256_LEN];
};

/** FIPS 180-4. */
void crypto_sha256(struct palier_bytes text, struct palier_hash *out);
/** The same with one byte before the text, as trees of hashes tell leaves from nodes. */
void crypto_sha256_tagged(uint8_t tag, struct palier_bytes text, struct palier_hash *out);
/** Of texts with a NUL between them. */
void crypto_sha256_list(const struct palier_bytes *parts, size_t count, struct palier_hash *out);
/** Of a whole file. @return PALIER_OK; PALIER_EIO */
int crypto_sha256_file(int fd, struct palier_hash *out);
/** The same of a text that comes in parts. */
struct crypto_sum;
struct crypto_sum *crypto_sum_new(void);
void crypto_sum_add(struct crypto_sum *s, struct palier_bytes part);
/** Frees it. */
void crypto_sum_end(struct crypto_sum *s, struct palier_hash *out);
/** SipHash-2-4 with 128 bits (Aumasson, Bernstein, INDOCRYPT 2012): a keyed hash of short texts, far cheaper than an HMAC. */
void crypto_siphash(const uint8_t key[16], struct palier_bytes text, uint8_t out[16]);
/** HMAC (RFC 2104) over one of these. */
enum crypto_mac { CRYPTO_SHA1, CRYPTO_SHA256, CRYPTO_SHA512 };
#define CRYPTO_MAC_MAX 64
/** @return bytes written: 20, 32 or 64 */
size_t crypto_hmac(enum crypto_mac mac, struct palier_bytes key, struct palier_bytes text, uint8_t out[CRYPTO_MAC_MAX]);
/** Bytes from the system's generator; ends the process when there are none. */
void crypto_random(void *out, size_t n);
/** In constant time. */
bool crypto_equal(const void *a, const void *b, size_t n);

#define CRYPTO_SEAL_OVERHEAD 28 /* 12 of nonce, 16 of tag */

/** AES-256-GCM (NIST SP 800-38D): nonce, cipher text, tag. @param out plain.len + CRYPTO_SEAL_OVERHEAD bytes */
void crypto_seal(const uint8_t key[CRYPTO_KEY_LEN], struct palier_bytes plain, uint8_t *out);
/** @param out sealed.len - CRYPTO_SEAL_OVERHEAD bytes, zeroed on a refusal
 * @return PALIER_OK; PALIER_EDAMAGED when it is not what was sealed with this key */
int crypto_open(const uint8_t key[CRYPTO_KEY_LEN], struct palier_bytes sealed, uint8_t *out);

/** "OpenSSL 3.0.17 1 Jul 2025" */
const char *crypto_library(void);
