/* SPDX-License-Identifier: Apache-2.0 */
/* The primitives against published vectors, and the seal against every flipped bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "protocol/crypto.h"

/* FIPS 180-4 examples (NIST CSRC "Example values") and CAVP SHA256ShortMsg. */
static const struct sha256_case {
	const char *name;
	struct palier_bytes text;
	size_t times;
	const char *wanted;
} sha256_cases[] = {
	{ "SHA-256 of nothing", PALIER_LIT(""), 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "SHA-256 of one block", PALIER_LIT("abc"), 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "SHA-256 of two blocks", PALIER_LIT("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), 1,
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "SHA-256 of one byte", PALIER_LIT("\xD3"), 1, "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1" },
	{ "SHA-256 of a million letters", PALIER_LIT("a"), 1000000,
		"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
};

static void check_sha256(void **state)
{
	const struct sha256_case *c = *state;
	struct palier_buffer text = { 0 };
	struct palier_hash hash, parts;
	struct crypto_sum *sum;
	char hex[2 * SHA256_LEN + 1];

	for (size_t i = 0; i < c->times; i++)
		palier_buffer_add(&text, c->text.at, c->text.len);
	for (int again = 0; again < 2; again++) {
		crypto_sha256(palier_buffer_bytes(&text), &hash);
		palier_hex(hash.b, sizeof(hash.b), hex);
		assert_string_equal(hex, c->wanted);
	}
	sum = crypto_sum_new();
	for (size_t i = 0; i < c->times; i++)
		crypto_sum_add(sum, c->text);
	crypto_sum_end(sum, &parts);
	assert_memory_equal(parts.b, hash.b, sizeof(hash.b));
	palier_buffer_deinit(&text);
}

/* RFC 4231: keys shorter than a block are padded with zeros, so cases of 20 and 4 bytes fit keys of 32 too. */
static const struct gcm_case {
	const char *name, *key, *sealed, *plain;
} gcm_cases[] = {
	{ "AES-256-GCM of nothing, test case 13", "0000000000000000000000000000000000000000000000000000000000000000",
		"000000000000000000000000530f8afbc74536b9a963b4f1c4cb738b", "" },
	{ "AES-256-GCM of a block, test case 14", "0000000000000000000000000000000000000000000000000000000000000000",
		"000000000000000000000000cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
		"00000000000000000000000000000000" },
	{ "AES-256-GCM of four blocks, test case 15", "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
		"cafebabefacedbaddecaf888"
		"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
		"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
		"b094dac5d93471bdec1a502270e3cc6c",
		"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
		"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255" },
};

static void check_gcm(void **state)
{
	const struct gcm_case *c = *state;
	uint8_t key[CRYPTO_KEY_LEN], sealed[128], out[128];
	size_t n = strlen(c->sealed) / 2;
	char hex[256];

	assert_true(palier_unhex(palier_str(c->key), key, sizeof(key)));
	assert_true(palier_unhex(palier_str(c->sealed), sealed, n));
	assert_int_equal(crypto_open(key, palier_bytes_of(sealed, n), out), PALIER_OK);
	palier_hex(out, n - CRYPTO_SEAL_OVERHEAD, hex);
	assert_string_equal(hex, c->plain);
}

static void what_is_sealed_opens(void **state)
{
	uint8_t key[CRYPTO_KEY_LEN], plain[100], sealed[sizeof(plain) + CRYPTO_SEAL_OVERHEAD], out[sizeof(plain)];

	(void)state;
	crypto_random(key, sizeof(key));
	crypto_random(plain, sizeof(plain));
	for (size_t n = 0; n <= sizeof(plain); n++) {
		crypto_seal(key, palier_bytes_of(plain, n), sealed);
		assert_int_equal(crypto_open(key, palier_bytes_of(sealed, n + CRYPTO_SEAL_OVERHEAD), out), PALIER_OK);
		assert_memory_equal(out, plain, n);
	}
}

static void a_flipped_bit_is_refused(void **state)
{
	static const uint8_t key[CRYPTO_KEY_LEN] = { 1 }, other[CRYPTO_KEY_LEN] = { 2 }, zeros[12];
	uint8_t sealed[12 + CRYPTO_SEAL_OVERHEAD], out[12];
	struct palier_bytes whole = palier_bytes_of(sealed, sizeof(sealed));

	(void)state;
	crypto_seal(key, PALIER_LIT("Jeanne Moran"), sealed);
	for (size_t bit = 0; bit < 8 * sizeof(sealed); bit++) {
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		memset(out, 'x', sizeof(out));
		assert_int_equal(crypto_open(key, whole, out), PALIER_EDAMAGED);
		assert_memory_equal(out, zeros, sizeof(out));
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(crypto_open(other, whole, out), PALIER_EDAMAGED);
	for (size_t n = 0; n < sizeof(sealed); n++)
		assert_int_equal(crypto_open(key, palier_bytes_of(sealed, n), out), PALIER_EDAMAGED);
	assert_int_equal(crypto_open(key, whole, out), PALIER_OK);
}

static void no_two_seals_are_alike(void **state)
{
	static const uint8_t key[CRYPTO_KEY_LEN];
	uint8_t a[4 + CRYPTO_SEAL_OVERHEAD], b[4 + CRYPTO_SEAL_OVERHEAD];

	(void)state;
	crypto_seal(key, PALIER_LIT("same"), a);
	crypto_seal(key, PALIER_LIT("same"), b);
	assert_memory_not_equal(a, b, 12);
}

static void random_bytes_fill_what_is_asked(void **state)
{
	uint8_t b[66] = { 0 }, seen[64] = { 0 };

	(void)state;
	for (int round = 0; round < 20; round++) {
		crypto_random(b + 1, 64);
		for (size_t i = 0; i < 64; i++)
			seen[i] |= b[i + 1];
	}
	for (size_t i = 0; i < 64; i++)
		assert_int_not_equal(seen[i], 0);
	assert_int_equal(b[0] | b[65], 0);
}

static void equal_compares_all_bytes(void **state)
{
	(void)state;
	assert_true(crypto_equal("abc", "abc", 3));
	assert_false(crypto_equal("abc", "abd", 3));
	assert_false(crypto_equal("abc", "bbc", 3));
	assert_true(crypto_equal("abc", "abd", 2));
	assert_true(crypto_equal("a", "b", 0));
}

static void a_file_is_hashed_whole(void **state)
{
	static char text[150001]; /* more than a read takes */
	struct palier_hash got, expected;
	FILE *f = tmpfile();

	(void)state;
	assert_non_null(f);
	memset(text, 'x', sizeof(text));
	for (size_t n = 0; n <= sizeof(text); n += sizeof(text)) {
		assert_int_equal(fwrite(text, 1, n, f), n);
		fflush(f);
		crypto_sha256(palier_bytes_of(text, n), &expected);
		assert_int_equal(crypto_sha256_file(fileno(f), &got), PALIER_OK);
		assert_memory_equal(got.b, expected.b, SHA256_LEN);
	}
	fclose(f);
	assert_int_equal(crypto_sha256_file(-1, &got), PALIER_EIO);
}

#define ROWS(table) (sizeof(table) / sizeof(*(table)))
#define ADD(table, check) \
	for (size_t i = 0; i < ROWS(table); i++) \
		tests[n++] = (struct CMUnitTest) \
		{ \
			(table)[i].name, check, NULL, NULL, (void *)&(table)[i] \
		}

static const struct CMUnitTest others[] = {
	cmocka_unit_test(a_file_is_hashed_whole),
	cmocka_unit_test(what_is_sealed_opens),
	cmocka_unit_test(a_flipped_bit_is_refused),
	cmocka_unit_test(no_two_seals_are_alike),
	cmocka_unit_test(random_bytes_fill_what_is_asked),
	cmocka_unit_test(equal_compares_all_bytes),
};

int main(void)
{
	static struct CMUnitTest tests[ROWS(sha256_cases) + ROWS(gcm_cases) + ROWS(others)];
	size_t n = 0;

	ADD(sha256_cases, check_sha256);
	ADD(gcm_cases, check_gcm);
	memcpy(tests + n, others, sizeof(others));
	return _cmocka_run_group_tests("crypto", tests, ROWS(tests), NULL, NULL);
}
