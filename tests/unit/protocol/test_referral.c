/* SPDX-License-Identifier: Apache-2.0 */
/* Sponsors' codes: what is read, what is genuine, and what no slip of a finger gets through. */
#include "protocol/referral.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "protocol/error.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const struct referral_key keys[] = {
	{ 0, "the first key, thirty-two bytes." },
	{ 1, "the second key, as long as that." },
	{ 3, "and the last one that bits hold." },
};

/* --- the check symbol --- */

static const struct check_case {
	const char *name, *symbols;
	char check;
} checks[] = {
	{ "the check symbol of eight symbols", "7QK4M2ZP", 'H' },
	{ "the check symbol of nothing is 0", "", '0' },
	{ "the check symbol of one symbol is itself", "Z", 'Z' },
	{ "32 is written as a star", "10", '*' },
	{ "33 is written as a tilde", "11", '~' },
	{ "34 is written as a dollar", "12", '$' },
	{ "35 is written as an equals sign", "13", '=' },
	{ "36 is written as U", "14", 'U' },
	{ "37 is 0 again", "15", '0' },
	{ "the check symbol is blind to case", "7qk4m2zp", 'H' },
	{ "the check symbol takes I, L and O as they are read", "ILO", 'M' },
	{ "the check symbol of what is no symbol is none", "7QK4-M2ZP", 0 },
	{ "U is no symbol but for checking", "U", 0 },
};

static void check_is_right(void **state)
{
	const struct check_case *row = *state;

	assert_int_equal(referral_check_symbol(row->symbols, strlen(row->symbols)), row->check);
}

/* --- reading --- */

#define CODE "7QK4M2ZP9ANC0"

static const struct read_case {
	const char *name, *typed, *code; /* NULL: malformed */
} reads[] = {
	{ "as it is made", CODE, CODE },
	{ "as it is shown", "7QK4-M2ZP-9ANC-0", CODE },
	{ "in lower case", "7qk4-m2zp-9anc-0", CODE },
	{ "O is read as 0", "7QK4M2ZP9ANCO", CODE },
	{ "o is read as 0", "7qk4m2zp9anco", CODE },
	{ "I is read as 1", "IIIIIIIIIIIIH", "111111111111H" },
	{ "l is read as 1", "lLlLlLlLlLlLh", "111111111111H" },
	{ "with blanks anywhere", " 7Q K4 M2ZP\t9ANC 0\r\n", CODE },
	{ "with hyphens anywhere", "-7-Q-K4M2ZP--9ANC0-", CODE },
	{ "of an address the last segment", "https://shop.example/r/7QK4M2ZP9ANC0", CODE },
	{ "of an address in capitals", "HTTPS://SHOP.EXAMPLE/7QK4M2ZP9ANC0", CODE },
	{ "of an address with a query", "https://shop.example/r/7QK4-M2ZP-9ANC-0?utm=x/y", CODE },
	{ "of an address with a fragment", "http://shop.example/7QK4M2ZP9ANC0#top", CODE },
	{ "of an address with a slash at the end", "https://shop.example/r/7QK4M2ZP9ANC0/", CODE },
	{ "of a scanner that says what it scanned", "]Q1HTTPS://SHOP.EXAMPLE/7QK4M2ZP9ANC0\r", CODE },
	{ "nothing is no code", "", NULL },
	{ "hyphens are no code", "----", NULL },
	{ "twelve symbols are no code", "7QK4M2ZP9ANC", NULL },
	{ "fourteen symbols are no code", "7QK4M2ZP9ANC00", NULL },
	{ "a wrong check symbol is none", "7QK4M2ZP9ANC1", NULL },
	{ "a check symbol beyond the 32 is none", "000000000010*", NULL },
	{ "U is no symbol", "UQK4M2ZP9ANC0", NULL },
	{ "a dot is no symbol", "7QK4.M2ZP.9ANC.0", NULL },
	{ "a letter beyond ASCII is no symbol", "7QK4M2ZP9ANC\xc3\xb6", NULL },
	{ "an address alone is no code", "https://shop.example", NULL },
	{ "a host is not read as a code", "https://7QK4M2ZP9ANC0", NULL },
	{ "a code in the query is not read", "https://shop.example/r?7QK4M2ZP9ANC0", NULL },
	{ "an escaped code is not read", "https://shop.example/%37QK4M2ZP9ANC0", NULL },
};

static void code_is_read(void **state)
{
	const struct read_case *row = *state;
	char out[REFERRAL_SYMBOLS + 1] = "untouched";

	assert_int_equal(referral_code_read(palier_str(row->typed), out), row->code ? PALIER_OK : PALIER_ECODE_MALFORMED);
	assert_string_equal(out, row->code ? row->code : "untouched");
}

static void nul_is_no_symbol(void **state)
{
	char out[REFERRAL_SYMBOLS + 1];

	(void)state;
	assert_int_equal(referral_code_read(PALIER_LIT("7QK4M2ZP9ANC\0"), out), PALIER_ECODE_MALFORMED);
	assert_int_equal(referral_check_symbol("\0", 1), 0);
}

static void code_is_shown_in_fours(void **state)
{
	char text[REFERRAL_TEXT + 1];

	(void)state;
	referral_code_show(CODE, text);
	assert_string_equal(text, "7QK4-M2ZP-9ANC-0");
	assert_int_equal(strlen(text), REFERRAL_TEXT);
}

/* --- genuine codes --- */

/* The code of the first serial from this one that has any. */
static uint32_t made(const struct referral_key *key, uint32_t serial, char *out)
{
	int err;

	while ((err = referral_code_make(key, serial, out)) == PALIER_ENOENT)
		serial++;
	assert_int_equal(err, PALIER_OK);
	return serial;
}

static void assert_genuine(const struct referral_key *live, size_t count, const char *code, unsigned id, uint32_t serial)
{
	unsigned key = 77;
	uint32_t number = 77;

	assert_int_equal(referral_code_open(live, count, code, &key, &number), PALIER_OK);
	assert_int_equal(key, id);
	assert_int_equal(number, serial);
}

static void assert_foreign(const struct referral_key *live, size_t count, const char *code)
{
	unsigned key = 77;
	uint32_t number = 77;

	assert_int_equal(referral_code_open(live, count, code, &key, &number), PALIER_ENOENT);
	assert_int_equal(key, 77);
	assert_int_equal(number, 77);
}

static void serials_come_back(void **state)
{
	static const uint32_t serials[] = { 0, 1, 2, 1000000, REFERRAL_SERIAL_MAX / 2, REFERRAL_SERIAL_MAX - 60 };
	char code[REFERRAL_SYMBOLS + 1], again[REFERRAL_SYMBOLS + 1];

	(void)state;
	for (size_t k = 0; k < COUNT(keys); k++)
		for (size_t i = 0; i < COUNT(serials); i++) {
			uint32_t serial = made(&keys[k], serials[i], code);

			assert_int_equal(referral_code_read(palier_str(code), again), PALIER_OK);
			assert_string_equal(again, code);
			assert_genuine(&keys[k], 1, code, keys[k].id, serial);
		}
}

static void the_largest_serial_comes_back(void **state)
{
	struct referral_key key = keys[2];
	char code[REFERRAL_SYMBOLS + 1];

	(void)state;
	/* Under one key in seven it has no code. */
	while (referral_code_make(&key, REFERRAL_SERIAL_MAX, code) != PALIER_OK)
		key.key[0]++;
	assert_genuine(&key, 1, code, 3, REFERRAL_SERIAL_MAX);
}

/* Reckoned once by another program; the codes that shops have given out depend on it. */
static void codes_stay_what_they_are(void **state)
{
	char code[REFERRAL_SYMBOLS + 1];

	(void)state;
	assert_int_equal(made(&keys[0], 0, code), 0);
	assert_string_equal(code, "3G2PP37T2WKRF");
	assert_int_equal(made(&keys[2], 123456789, code), 123456789);
	assert_string_equal(code, "CT5BVTABCD19M");
}

static void other_keys_codes_are_not_genuine(void **state)
{
	char code[REFERRAL_SYMBOLS + 1];

	(void)state;
	for (uint32_t serial = 0; serial < 1000; serial++) {
		serial = made(&keys[0], serial, code);
		assert_foreign(&keys[1], 2, code);
		assert_foreign(keys, 0, code);
	}
}

/* The number of a key is in its codes: the same key under another one tells them apart. */
static void a_code_bears_its_keys_number(void **state)
{
	struct referral_key renumbered = keys[0];
	char code[REFERRAL_SYMBOLS + 1];

	(void)state;
	renumbered.id = 2;
	(void)made(&keys[0], 5, code);
	assert_foreign(&renumbered, 1, code);
}

static void every_live_key_counts(void **state)
{
	char code[REFERRAL_SYMBOLS + 1];

	(void)state;
	for (size_t k = 0; k < COUNT(keys); k++) {
		uint32_t serial = made(&keys[k], 42, code);

		assert_genuine(keys, COUNT(keys), code, keys[k].id, serial);
		/* A key that was retired takes its codes along. */
		if (k == 0)
			assert_foreign(keys + 1, COUNT(keys) - 1, code);
	}
}

/* --- slips --- */

/* What a slip leads to: malformed, or at least not genuine. The check symbol alone must find these, as it is all that another chain's till has. */
static void assert_slip(const char *code)
{
	char out[REFERRAL_SYMBOLS + 1];

	assert_int_equal(referral_code_read(palier_str(code), out), PALIER_ECODE_MALFORMED);
}

static void every_wrong_symbol_is_noticed(void **state)
{
	char code[REFERRAL_SYMBOLS + 1];

	(void)state;
	for (uint32_t serial = 0; serial < 200; serial++) {
		serial = made(&keys[serial % 3], serial, code);
		for (size_t i = 0; i < REFERRAL_SYMBOLS; i++) {
			char right = code[i];

			for (size_t s = 0; alphabet[s]; s++) {
				code[i] = alphabet[s];
				if (code[i] != right)
					assert_slip(code);
			}
			code[i] = right;
		}
	}
}

static void every_swap_of_neighbours_is_noticed(void **state)
{
	char code[REFERRAL_SYMBOLS + 1];
	unsigned swaps = 0;

	(void)state;
	for (uint32_t serial = 0; serial < 2000; serial++) {
		serial = made(&keys[serial % 3], serial, code);
		for (size_t i = 0; i + 1 < REFERRAL_SYMBOLS; i++) {
			char left = code[i];

			if (left == code[i + 1])
				continue;
			code[i] = code[i + 1];
			code[i + 1] = left;
			assert_slip(code);
			code[i + 1] = code[i];
			code[i] = left;
			swaps++;
		}
	}
	assert_true(swaps > 15000);
}

/* --- a million --- */

#define MANY 1000000

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static uint64_t packed(const char *code)
{
	uint64_t value = 0;

	for (size_t i = 0; i + 1 < REFERRAL_SYMBOLS; i++)
		value = value << 5 | (uint64_t)((const char *)memchr(alphabet, code[i], 32) - alphabet);
	return value;
}

static void a_million_codes_do_not_collide(void **state)
{
	uint64_t *codes = malloc(MANY * sizeof(*codes));
	char code[REFERRAL_SYMBOLS + 1];
	uint32_t serial = 0;

	(void)state;
	assert_non_null(codes);
	for (size_t i = 0; i < MANY; i++, serial++) {
		serial = made(&keys[1], serial, code);
		codes[i] = packed(code);
		if (i % 100 == 0)
			assert_genuine(keys, COUNT(keys), code, 1, serial);
	}
	/* 5 check symbols of 37 are skipped: 32 of 37 serials have a code. */
	assert_in_range(serial, MANY / 32 * 37 - 2000, MANY / 32 * 37 + 2000);
	qsort(codes, MANY, sizeof(*codes), by_value);
	for (size_t i = 1; i < MANY; i++)
		assert_true(codes[i - 1] != codes[i]);
	free(codes);
}

int main(void)
{
	static const struct CMUnitTest plain[] = {
		cmocka_unit_test(nul_is_no_symbol),
		cmocka_unit_test(code_is_shown_in_fours),
		cmocka_unit_test(serials_come_back),
		cmocka_unit_test(the_largest_serial_comes_back),
		cmocka_unit_test(codes_stay_what_they_are),
		cmocka_unit_test(other_keys_codes_are_not_genuine),
		cmocka_unit_test(a_code_bears_its_keys_number),
		cmocka_unit_test(every_live_key_counts),
		cmocka_unit_test(every_wrong_symbol_is_noticed),
		cmocka_unit_test(every_swap_of_neighbours_is_noticed),
		cmocka_unit_test(a_million_codes_do_not_collide),
	};
	struct CMUnitTest tests[COUNT(checks) + COUNT(reads) + COUNT(plain)];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(checks); i++)
		tests[n++] = (struct CMUnitTest){ checks[i].name, check_is_right, NULL, NULL, (void *)&checks[i] };
	for (size_t i = 0; i < COUNT(reads); i++)
		tests[n++] = (struct CMUnitTest){ reads[i].name, code_is_read, NULL, NULL, (void *)&reads[i] };
	for (size_t i = 0; i < COUNT(plain); i++)
		tests[n++] = plain[i];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
