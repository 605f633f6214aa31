/* SPDX-License-Identifier: Apache-2.0 */
/* Anything as a sponsor's code: what is read must be clean, give itself when read again, and be genuine only if it was made. */
#include "protocol/referral.h"

#include <stdlib.h>

#include "protocol/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* assert() would vanish with NDEBUG. */
static void ensure(bool ok)
{
	if (!ok)
		abort();
}

static void fuzz_again(struct palier_bytes text, const char *code)
{
	char again[REFERRAL_SYMBOLS + 1];

	ensure(referral_code_read(text, again) == PALIER_OK && strcmp(again, code) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct referral_key keys[] = { { 0, "0123456789abcdef0123456789abcde" }, { 3, "" } };
	char code[REFERRAL_SYMBOLS + 1], text[REFERRAL_TEXT + 1];
	uint32_t serial = 0;
	unsigned key = 0;

	if (referral_code_read(palier_bytes_of(data, size), code) != PALIER_OK)
		return 0;
	ensure(strspn(code, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == REFERRAL_SYMBOLS && code[REFERRAL_SYMBOLS] == '\0');
	ensure(referral_check_symbol(code, REFERRAL_SYMBOLS - 1) == code[REFERRAL_SYMBOLS - 1]);
	fuzz_again(palier_str(code), code);
	referral_code_show(code, text);
	ensure(strlen(text) == REFERRAL_TEXT);
	fuzz_again(palier_str(text), code);
	if (referral_code_open(keys, sizeof(keys) / sizeof(*keys), code, &key, &serial) == PALIER_OK) {
		ensure(referral_code_make(&keys[key ? 1 : 0], serial, text) == PALIER_OK && strcmp(text, code) == 0);
	}
	return 0;
}
