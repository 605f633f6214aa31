/* SPDX-License-Identifier: Apache-2.0 */
/* FF1 against the samples that NIST publishes with SP 800-38G. */
#include "protocol/crypto_ff1.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

#define KEY_128 "\x2b\x7e\x15\x16\x28\xae\xd2\xa6\xab\xf7\x15\x88\x09\xcf\x4f\x3c"
#define KEY_192 KEY_128 "\xef\x43\x59\xd8\xd5\x80\xaa\x4f"
#define KEY_256 KEY_192 "\x7f\x03\x6d\x6f\x04\xfc\x6a\x94"

static const struct sample {
	const char *name;
	struct palier_bytes key;
	unsigned radix;
	const char *tweak, *plain, *cipher;
} samples[] = {
	{ "FF1 sample 1", PALIER_LIT(KEY_128), 10, "", "0123456789", "2433477484" },
	{ "FF1 sample 2", PALIER_LIT(KEY_128), 10, "9876543210", "0123456789", "6124200773" },
	{ "FF1 sample 3", PALIER_LIT(KEY_128), 36, "7777pqrs777", "0123456789abcdefghi", "a9tv40mll9kdu509eum" },
	{ "FF1 sample 4", PALIER_LIT(KEY_192), 10, "", "0123456789", "2830668132" },
	{ "FF1 sample 5", PALIER_LIT(KEY_192), 10, "9876543210", "0123456789", "2496655549" },
	{ "FF1 sample 6", PALIER_LIT(KEY_192), 36, "7777pqrs777", "0123456789abcdefghi", "xbj3kv35jrawxv32ysr" },
	{ "FF1 sample 7", PALIER_LIT(KEY_256), 10, "", "0123456789", "6657667009" },
	{ "FF1 sample 8", PALIER_LIT(KEY_256), 10, "9876543210", "0123456789", "1001623463" },
	{ "FF1 sample 9", PALIER_LIT(KEY_256), 36, "7777pqrs777", "0123456789abcdefghi", "xs8a0azh2avyalyzuwd" },
};

static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

static size_t numerals_of(const char *text, uint8_t *out)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(strchr(digits, text[i]) - digits);
	return n;
}

static void sample_is_right(void **state)
{
	const struct sample *row = *state;
	uint8_t numerals[FF1_NUMERALS_MAX], right[FF1_NUMERALS_MAX];
	size_t n = numerals_of(row->plain, numerals);

	assert_int_equal(numerals_of(row->cipher, right), n);
	crypto_ff1_encrypt(row->key, row->radix, palier_str(row->tweak), numerals, n);
	assert_memory_equal(numerals, right, n);
	crypto_ff1_decrypt(row->key, row->radix, palier_str(row->tweak), numerals, n);
	numerals_of(row->plain, right);
	assert_memory_equal(numerals, right, n);
}

/* The samples have halves of 5, 9 and 10 numerals and tweaks of up to one block. */
static const struct shape {
	const char *name;
	unsigned radix;
	size_t n, tweak;
} shapes[] = {
	{ "twelve numerals of radix 32 come back", 32, 12, 0 },
	{ "the least of radix 2 come back", 2, 20, 0 },
	{ "the most of radix 2 come back", 2, 32, 3 },
	{ "an odd number of numerals comes back", 26, 21, 16 },
	{ "the widest halves come back", 256, 14, 15 },
	{ "two numerals of radix 256 come back", 256, 2, 8 },
	{ "the longest tweak comes back", 10, 16, FF1_TWEAK_MAX },
};

static void shape_comes_back(void **state)
{
	static const char tweak[FF1_TWEAK_MAX] = "a tweak as long as it ever is.";
	const struct shape *row = *state;
	uint8_t plain[FF1_NUMERALS_MAX], numerals[FF1_NUMERALS_MAX];

	for (unsigned round = 0; round < 200; round++) {
		for (size_t i = 0; i < row->n; i++)
			plain[i] = (uint8_t)((round * (i + 1) * 37 + i) % row->radix);
		memcpy(numerals, plain, row->n);
		crypto_ff1_encrypt(PALIER_LIT(KEY_256), row->radix, palier_bytes_of(tweak, row->tweak), numerals, row->n);
		for (size_t i = 0; i < row->n; i++)
			assert_true(numerals[i] < row->radix);
		if (row->n > 2)
			assert_memory_not_equal(numerals, plain, row->n);
		crypto_ff1_decrypt(PALIER_LIT(KEY_256), row->radix, palier_bytes_of(tweak, row->tweak), numerals, row->n);
		assert_memory_equal(numerals, plain, row->n);
	}
}

int main(void)
{
	struct CMUnitTest tests[COUNT(samples) + COUNT(shapes)];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(samples); i++)
		tests[n++] = (struct CMUnitTest){ samples[i].name, sample_is_right, NULL, NULL, (void *)&samples[i] };
	for (size_t i = 0; i < COUNT(shapes); i++)
		tests[n++] = (struct CMUnitTest){ shapes[i].name, shape_comes_back, NULL, NULL, (void *)&shapes[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
