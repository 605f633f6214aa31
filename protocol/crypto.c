/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256, SipHash, HMAC and AES-256-GCM over OpenSSL's EVP; randomness from the kernel. */
#include "protocol/crypto.h"

#include <errno.h>
#include <sys/random.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "protocol/crypto_parts.h"

#define NONCE_LEN 12
#define TAG_LEN   16

/* Fetching an algorithm and making a context cost more than hashing a line does, so each thread makes them once. */
static _Thread_local EVP_MD_CTX *sha256_context;
static _Thread_local EVP_MAC_CTX *siphash_context;
static _Thread_local EVP_CIPHER_CTX *seal_context, *open_context;

static EVP_MD_CTX *sha256_new(void)
{
	EVP_MD *md = EVP_MD_fetch(NULL, "SHA256", NULL);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	must(md && ctx && EVP_DigestInit_ex2(ctx, md, NULL) == 1, "SHA256");
	EVP_MD_free(md); /* the context keeps its own reference */
	return ctx;
}

void crypto_sha256(struct palier_bytes text, struct palier_hash *out)
{
	if (!sha256_context)
		sha256_context = sha256_new();
	must(EVP_DigestInit_ex2(sha256_context, NULL, NULL) == 1 &&
			EVP_DigestUpdate(sha256_context, text.at, text.len) == 1 &&
			EVP_DigestFinal_ex(sha256_context, out->b, NULL) == 1,
		"SHA256");
}

void crypto_sha256_tagged(uint8_t tag, struct palier_bytes text, struct palier_hash *out)
{
	if (!sha256_context)
		sha256_context = sha256_new();
	must(EVP_DigestInit_ex2(sha256_context, NULL, NULL) == 1 && EVP_DigestUpdate(sha256_context, &tag, 1) == 1 &&
			EVP_DigestUpdate(sha256_context, text.at, text.len) == 1 &&
			EVP_DigestFinal_ex(sha256_context, out->b, NULL) == 1,
		"SHA256");
}

void crypto_sha256_list(const struct palier_bytes *parts, size_t count, struct palier_hash *out)
{
	if (!sha256_context)
		sha256_context = sha256_new();
	must(EVP_DigestInit_ex2(sha256_context, NULL, NULL) == 1, "SHA256");
	for (size_t i = 0; i < count; i++)
		must((i == 0 || EVP_DigestUpdate(sha256_context, "", 1) == 1) &&
				EVP_DigestUpdate(sha256_context, parts[i].at, parts[i].len) == 1,
			"SHA256");
	must(EVP_DigestFinal_ex(sha256_context, out->b, NULL) == 1, "SHA256");
}

/* The name is for the header alone. */
struct crypto_sum *crypto_sum_new(void)
{
	return (struct crypto_sum *)sha256_new();
}

void crypto_sum_add(struct crypto_sum *s, struct palier_bytes part)
{
	must(EVP_DigestUpdate((EVP_MD_CTX *)s, part.at, part.len) == 1, "SHA256");
}

void crypto_sum_end(struct crypto_sum *s, struct palier_hash *out)
{
	must(EVP_DigestFinal_ex((EVP_MD_CTX *)s, out->b, NULL) == 1, "SHA256");
	EVP_MD_CTX_free((EVP_MD_CTX *)s);
}

int crypto_sha256_file(int fd, struct palier_hash *out)
{
	struct crypto_sum *sum = crypto_sum_new();
	struct palier_hash hash;
	char chunk[65536];
	ssize_t n;

	for (off_t at = 0; (n = pread(fd, chunk, sizeof(chunk), at)) != 0; at += n > 0 ? n : 0) {
		if (n < 0 && errno != EINTR)
			break;
		if (n > 0)
			crypto_sum_add(sum, palier_bytes_of(chunk, (size_t)n));
	}
	crypto_sum_end(sum, &hash);
	if (n == 0)
		*out = hash;
	return n == 0 ? PALIER_OK : PALIER_EIO;
}

static EVP_MAC_CTX *siphash_new(void)
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac); /* 16 bytes of output are its default */

	must(mac && ctx, "SIPHASH");
	EVP_MAC_free(mac);
	return ctx;
}

void crypto_siphash(const uint8_t key[16], struct palier_bytes text, uint8_t out[16])
{
	size_t len = 0;

	if (!siphash_context)
		siphash_context = siphash_new();
	must(EVP_MAC_init(siphash_context, key, 16, NULL) == 1 &&
			EVP_MAC_update(siphash_context, (const uint8_t *)text.at, text.len) == 1 &&
			EVP_MAC_final(siphash_context, out, &len, 16) == 1 && len == 16,
		"SIPHASH");
}

/* Rare, so that nothing is kept for it. */
size_t crypto_hmac(enum crypto_mac mac, struct palier_bytes key, struct palier_bytes text, uint8_t out[CRYPTO_MAC_MAX])
{
	static const char
		*const digests[] = { [CRYPTO_SHA1] = "SHA1", [CRYPTO_SHA256] = "SHA256", [CRYPTO_SHA512] = "SHA512" };
	size_t len = 0;

	must(EVP_Q_mac(NULL, "HMAC", NULL, digests[mac], NULL, key.at, key.len, (const unsigned char *)text.at, text.len,
		     out, CRYPTO_MAC_MAX, &len) != NULL,
		"HMAC");
	return len;
}

void crypto_random(void *out, size_t n)
{
	uint8_t *at = out;

	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		must(got > 0, "getrandom");
		at += got;
		n -= (size_t)got;
	}
}

bool crypto_equal(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

static EVP_CIPHER_CTX *gcm_new(int encrypt)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	must(cipher && ctx && EVP_CipherInit_ex2(ctx, cipher, NULL, NULL, encrypt, NULL) == 1, "AES-256-GCM");
	EVP_CIPHER_free(cipher);
	return ctx;
}

void crypto_seal(const uint8_t key[CRYPTO_KEY_LEN], struct palier_bytes plain, uint8_t *out)
{
	uint8_t *text = out + NONCE_LEN, *tag = text + plain.len;
	int n = 0;

	if (!seal_context)
		seal_context = gcm_new(1);
	must(plain.len <= INT32_MAX, "AES-256-GCM");
	crypto_random(out, NONCE_LEN);
	must(EVP_EncryptInit_ex2(seal_context, NULL, key, out, NULL) == 1 &&
			(plain.len == 0 ||
				EVP_EncryptUpdate(seal_context, text, &n, (const uint8_t *)plain.at, (int)plain.len) == 1) &&
			EVP_EncryptFinal_ex(seal_context, tag, &n) == 1 &&
			EVP_CIPHER_CTX_ctrl(seal_context, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, tag) == 1,
		"AES-256-GCM");
}

int crypto_open(const uint8_t key[CRYPTO_KEY_LEN], struct palier_bytes sealed, uint8_t *out)
{
	const uint8_t *nonce = (const uint8_t *)sealed.at, *text = nonce + NONCE_LEN, *tag;
	uint8_t none[1]; /* GCM's final step gives no bytes, but wants somewhere to put them */
	size_t len;
	int n = 0;

	if (sealed.len < CRYPTO_SEAL_OVERHEAD || sealed.len > INT32_MAX)
		return PALIER_EDAMAGED;
	len = sealed.len - CRYPTO_SEAL_OVERHEAD;
	tag = text + len;
	if (!open_context)
		open_context = gcm_new(0);
	must(EVP_DecryptInit_ex2(open_context, NULL, key, nonce, NULL) == 1 &&
			EVP_CIPHER_CTX_ctrl(open_context, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, (void *)tag) == 1 &&
			(len == 0 || EVP_DecryptUpdate(open_context, out, &n, text, (int)len) == 1),
		"AES-256-GCM");
	if (EVP_DecryptFinal_ex(open_context, none, &n) == 1)
		return PALIER_OK;
	OPENSSL_cleanse(out, len); /* nobody may read what was not verified */
	return PALIER_EDAMAGED;
}

const char *crypto_library(void)
{
	return OpenSSL_version(OPENSSL_VERSION);
}
