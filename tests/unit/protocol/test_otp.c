/* SPDX-License-Identifier: Apache-2.0 */
/* One-time codes against the vectors of their RFCs. */
#include "protocol/otp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "protocol/error.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

#define SECRET_20 "12345678901234567890"
#define SECRET_32 SECRET_20 "123456789012"
#define SECRET_64 SECRET_32 "34567890123456789012345678901234"

/* RFC 4226, appendix D. */
static const struct hotp_case {
	const char *name;
	uint64_t counter;
	const char *code;
} hotp[] = {
	{ "HOTP of 0", 0, "755224" },
	{ "HOTP of 1", 1, "287082" },
	{ "HOTP of 2", 2, "359152" },
	{ "HOTP of 3", 3, "969429" },
	{ "HOTP of 4", 4, "338314" },
	{ "HOTP of 5", 5, "254676" },
	{ "HOTP of 6", 6, "287922" },
	{ "HOTP of 7", 7, "162583" },
	{ "HOTP of 8", 8, "399871" },
	{ "HOTP of 9", 9, "520489" },
};

static void hotp_is_right(void **state)
{
	const struct hotp_case *row = *state;
	char code[OTP_DIGITS_MAX + 1];

	otp_code(CRYPTO_SHA1, PALIER_LIT(SECRET_20), row->counter, 6, code);
	assert_string_equal(code, row->code);
}

/* RFC 6238, appendix B. */
static const struct totp_case {
	const char *name;
	int64_t at_s;
	const char *codes[3]; /* by SHA-1, SHA-256, SHA-512 */
} totp[] = {
	{ "TOTP of 1970-01-01 00:00:59", 59, { "94287082", "46119246", "90693936" } },
	{ "TOTP of 2005-03-18 01:58:29", 1111111109, { "07081804", "68084774", "25091201" } },
	{ "TOTP of 2005-03-18 01:58:31", 1111111111, { "14050471", "67062674", "99943326" } },
	{ "TOTP of 2009-02-13 23:31:30", 1234567890, { "89005924", "91819424", "93441116" } },
	{ "TOTP of 2033-05-18 03:33:20", 2000000000, { "69279037", "90698825", "38618901" } },
	{ "TOTP of 2603-10-11 11:33:20", 20000000000, { "65353130", "77737706", "47863826" } },
};

static void totp_is_right(void **state)
{
	static const struct palier_bytes secrets[] = { PALIER_LIT(SECRET_20), PALIER_LIT(SECRET_32), PALIER_LIT(SECRET_64) };
	const struct totp_case *row = *state;
	char code[OTP_DIGITS_MAX + 1];

	for (int mac = CRYPTO_SHA1; mac <= CRYPTO_SHA512; mac++) {
		otp_code((enum crypto_mac)mac, secrets[mac], otp_step(row->at_s * 1000), 8, code);
		assert_string_equal(code, row->codes[mac]);
	}
}

/* Among the codes of appendix D, with the clock at a step. */
static const struct find_case {
	const char *name;
	uint64_t step;
	const char *code;
	int err;
	uint64_t found;
} finds[] = {
	{ "this step's code is found", 5, "254676", PALIER_OK, 5 },
	{ "the step before's is found", 5, "338314", PALIER_OK, 4 },
	{ "the next step's is found", 5, "287922", PALIER_OK, 6 },
	{ "one of two steps before is not", 5, "969429", PALIER_ENOENT, 0 },
	{ "one of two steps later is not", 5, "162583", PALIER_ENOENT, 0 },
	{ "the first step has none before it", 0, "755224", PALIER_OK, 0 },
	{ "after the first step comes the second", 0, "287082", PALIER_OK, 1 },
	{ "a shorter code is not found", 5, "25467", PALIER_ENOENT, 0 },
	{ "a longer code is not found", 5, "2546760", PALIER_ENOENT, 0 },
	{ "an empty code is not found", 5, "", PALIER_ENOENT, 0 },
	{ "one digit off is not found", 5, "254677", PALIER_ENOENT, 0 },
};

static void code_is_looked_for(void **state)
{
	const struct find_case *row = *state;
	uint64_t found = 77;

	assert_int_equal(otp_find(PALIER_LIT(SECRET_20), row->step, palier_str(row->code), &found), row->err);
	assert_int_equal(found, row->err == PALIER_OK ? row->found : 77);
}

/* RFC 4648, 10, without the padding. */
static const struct base32_case {
	const char *name, *plain, *text;
} texts[] = {
	{ "base32 of nothing", "", "" },
	{ "base32 of one byte", "f", "MY" },
	{ "base32 of two bytes", "fo", "MZXQ" },
	{ "base32 of three bytes", "foo", "MZXW6" },
	{ "base32 of four bytes", "foob", "MZXW6YQ" },
	{ "base32 of five bytes", "fooba", "MZXW6YTB" },
	{ "base32 of six bytes", "foobar", "MZXW6YTBOI" },
	{ "base32 of a secret", SECRET_20, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" },
};

static void base32_is_right(void **state)
{
	const struct base32_case *row = *state;
	size_t n = strlen(row->plain);
	char *text = malloc(OTP_BASE32_LEN(n) + 1); /* no longer, so that a sanitizer sees a write beyond it */

	assert_non_null(text);
	otp_base32((const uint8_t *)row->plain, n, text);
	assert_string_equal(text, row->text);
	free(text);
}

static void a_step_takes_thirty_seconds(void **state)
{
	(void)state;
	assert_int_equal(otp_step(0), 0);
	assert_int_equal(otp_step(29999), 0);
	assert_int_equal(otp_step(30000), 1);
	assert_int_equal(otp_step(-1), 0);
}

#define ADD(table, check) \
	for (size_t i = 0; i < COUNT(table); i++) \
		tests[n++] = (struct CMUnitTest) \
		{ \
			(table)[i].name, check, NULL, NULL, (void *)(uintptr_t) & (table)[i] \
		}

int main(void)
{
	static struct CMUnitTest tests[COUNT(hotp) + COUNT(totp) + COUNT(finds) + COUNT(texts) + 1];
	size_t n = 0;

	ADD(hotp, hotp_is_right);
	ADD(totp, totp_is_right);
	ADD(finds, code_is_looked_for);
	ADD(texts, base32_is_right);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_step_takes_thirty_seconds);
	return _cmocka_run_group_tests("otp", tests, n, NULL, NULL);
}
