/* SPDX-License-Identifier: Apache-2.0 */
/* FF1 of NIST SP 800-38G over OpenSSL's AES; the names in capitals are the standard's (algorithms 7 and 8). */
#include "protocol/crypto_ff1.h"

#include <assert.h>

#include <openssl/evp.h>

#include "protocol/crypto_parts.h"

#define BLOCK    16
#define ROUNDS   10
#define HALF_MAX (UINT64_C(1) << 56) /* so that a remainder times 256 fits */
#define Q_MAX    ((FF1_TWEAK_MAX + 1 + 7 + BLOCK - 1) / BLOCK * BLOCK)

struct ff1 {
	EVP_CIPHER_CTX *aes;
	unsigned radix;
	size_t u, v;         /* numerals of the left half and of the right one */
	uint64_t modulus[2]; /* radix ^ u, radix ^ v */
	size_t b, d;         /* bytes of a half as a number; of what is drawn for it */
	uint8_t P[BLOCK];    /* enciphered: each round's PRF begins with it */
	uint8_t Q[Q_MAX];
	size_t q;
};

/* A context is dear, its key is not, so each thread keeps one for every length of key. */
static EVP_CIPHER_CTX *aes_of(struct palier_bytes key)
{
	static const char *const names[] = { "AES-128-ECB", "AES-192-ECB", "AES-256-ECB" };
	static _Thread_local EVP_CIPHER_CTX *contexts[3];
	EVP_CIPHER_CTX **aes;
	size_t which = key.len / 8 - 2;

	assert(key.len == 16 || key.len == 24 || key.len == 32);
	aes = &contexts[which];
	if (!*aes) {
		EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, names[which], NULL);

		*aes = EVP_CIPHER_CTX_new();
		must(cipher && *aes && EVP_EncryptInit_ex2(*aes, cipher, NULL, NULL, NULL) == 1, names[which]);
		EVP_CIPHER_free(cipher);
	}
	must(EVP_EncryptInit_ex2(*aes, NULL, (const uint8_t *)key.at, NULL, NULL) == 1, names[which]);
	return *aes;
}

static void aes_block(EVP_CIPHER_CTX *aes, uint8_t *block)
{
	int n = 0;

	must(EVP_EncryptUpdate(aes, block, &n, block, BLOCK) == 1 && n == BLOCK, "AES");
}

static uint64_t power(unsigned radix, size_t n)
{
	uint64_t product = 1;

	while (n-- > 0) {
		assert(product <= HALF_MAX / radix);
		product *= radix;
	}
	return product;
}

static void big_endian(uint64_t value, uint8_t *out, size_t n)
{
	while (n-- > 0) {
		out[n] = (uint8_t)value;
		value >>= 8;
	}
}

/* Steps 1 to 5, and of step 6 what all rounds have in common. */
static void ff1_init(struct ff1 *f, struct palier_bytes key, unsigned radix, struct palier_bytes tweak, size_t n)
{
	assert(radix >= 2 && radix <= 256 && n >= 2 && n <= FF1_NUMERALS_MAX && tweak.len <= FF1_TWEAK_MAX);
	*f = (struct ff1){ .aes = aes_of(key), .radix = radix, .u = n / 2, .v = n - n / 2 };
	f->modulus[0] = power(radix, f->u);
	f->modulus[1] = power(radix, f->v);
	for (uint64_t most = f->modulus[1] - 1; most > 0; most >>= 8)
		f->b++;
	f->d = 4 * ((f->b + 3) / 4) + 4;
	f->P[0] = 1;
	f->P[1] = 2;
	f->P[2] = 1;
	big_endian(radix, f->P + 3, 3);
	f->P[6] = ROUNDS;
	f->P[7] = (uint8_t)f->u;
	big_endian(n, f->P + 8, 4);
	big_endian(tweak.len, f->P + 12, 4);
	aes_block(f->aes, f->P);
	if (tweak.len > 0)
		memcpy(f->Q, tweak.at, tweak.len);
	f->q = (tweak.len + f->b + 1 + BLOCK - 1) / BLOCK * BLOCK;
}

/* Steps 6.i to 6.iv: y of round i over the half B, modulo what the half it is added to holds. A half is at most 7 bytes, so that d is at
 * most 12 and S is the beginning of R. */
static uint64_t round_draw(struct ff1 *f, unsigned i, uint64_t B)
{
	uint8_t R[BLOCK];
	uint64_t y = 0;

	f->Q[f->q - f->b - 1] = (uint8_t)i;
	big_endian(B, f->Q + f->q - f->b, f->b);
	memcpy(R, f->P, BLOCK);
	for (size_t at = 0; at < f->q; at += BLOCK) {
		for (size_t j = 0; j < BLOCK; j++)
			R[j] ^= f->Q[at + j];
		aes_block(f->aes, R);
	}
	for (size_t j = 0; j < f->d; j++)
		y = (y << 8 | R[j]) % f->modulus[i % 2];
	return y;
}

/* The most significant numeral comes first. */
static uint64_t half_read(const struct ff1 *f, const uint8_t *numerals, size_t n)
{
	uint64_t value = 0;

	for (size_t i = 0; i < n; i++) {
		assert(numerals[i] < f->radix);
		value = value * f->radix + numerals[i];
	}
	return value;
}

static void half_write(const struct ff1 *f, uint64_t value, uint8_t *numerals, size_t n)
{
	while (n-- > 0) {
		numerals[n] = (uint8_t)(value % f->radix);
		value /= f->radix;
	}
}

void crypto_ff1_encrypt(struct palier_bytes key, unsigned radix, struct palier_bytes tweak, uint8_t *numerals, size_t n)
{
	struct ff1 f;
	uint64_t half[2];

	ff1_init(&f, key, radix, tweak, n);
	half[0] = half_read(&f, numerals, f.u);
	half[1] = half_read(&f, numerals + f.u, f.v);
	/* The halves stay where they are: what the standard calls A and B changes places instead. */
	for (unsigned i = 0; i < ROUNDS; i++)
		half[i % 2] = (half[i % 2] + round_draw(&f, i, half[1 - i % 2])) % f.modulus[i % 2];
	half_write(&f, half[0], numerals, f.u);
	half_write(&f, half[1], numerals + f.u, f.v);
}

void crypto_ff1_decrypt(struct palier_bytes key, unsigned radix, struct palier_bytes tweak, uint8_t *numerals, size_t n)
{
	struct ff1 f;
	uint64_t half[2];

	ff1_init(&f, key, radix, tweak, n);
	half[0] = half_read(&f, numerals, f.u);
	half[1] = half_read(&f, numerals + f.u, f.v);
	for (unsigned i = ROUNDS; i-- > 0;)
		half[i % 2] = (half[i % 2] + f.modulus[i % 2] - round_draw(&f, i, half[1 - i % 2])) % f.modulus[i % 2];
	half_write(&f, half[0], numerals, f.u);
	half_write(&f, half[1], numerals + f.u, f.v);
}
