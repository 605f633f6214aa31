/* SPDX-License-Identifier: Apache-2.0 */
/* Codes of a sponsor: a serial enciphered, in symbols that people can read to each other. */
#include "protocol/referral.h"

#include <assert.h>

#include "protocol/crypto_ff1.h"
#include "protocol/error.h"
#include "protocol/scan.h"

#define RADIX       32
#define NUMERALS    (REFERRAL_SYMBOLS - 1)
#define SERIAL_BITS 30
#define ZERO_BITS   28

/* Crockford's base 32 (https://www.crockford.com/base32.html), and the five symbols that only a check symbol may be. */
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";
#define CHECK_MODULUS 37 /* a prime: it notices every wrong symbol and every two that changed places */

char referral_symbol(unsigned value)
{
	assert(value < RADIX);
	return alphabet[value];
}

/* @return -1 for what is no symbol */
static int value_of(char typed)
{
	char upper = typed >= 'a' && typed <= 'z' ? (char)(typed - 'a' + 'A') : typed;
	const char *at;

	upper = upper == 'I' || upper == 'L' ? '1' : upper == 'O' ? '0' : upper;
	at = memchr(alphabet, upper, RADIX);
	return at ? (int)(at - alphabet) : -1;
}

char referral_check_symbol(const char *symbols, size_t n)
{
	unsigned rest = 0;

	for (size_t i = 0; i < n; i++) {
		int value = value_of(symbols[i]);

		if (value < 0)
			return 0;
		rest = (rest * RADIX + (unsigned)value) % CHECK_MODULUS;
	}
	return alphabet[rest];
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

int referral_symbols_read(struct palier_bytes typed, size_t n, char *out)
{
	char read[REFERRAL_TEXT + 1];
	size_t len = 0;

	assert(n > 0 && n <= REFERRAL_TEXT);
	for (size_t i = 0; i < typed.len; i++) {
		int value = value_of(typed.at[i]);

		if (typed.at[i] == '-' || is_blank(typed.at[i]))
			continue;
		if (value < 0 || len == n)
			return PALIER_ENOENT;
		read[len++] = alphabet[value];
	}
	if (len < n)
		return PALIER_ENOENT;
	if (referral_check_symbol(read, n - 1) != read[n - 1])
		return PALIER_ECODE_MALFORMED;
	read[n] = '\0';
	memcpy(out, read, n + 1);
	return PALIER_OK;
}

int referral_code_make(const struct referral_key *key, uint32_t serial, char *out)
{
	uint64_t plain = (uint64_t)key->id << (SERIAL_BITS + ZERO_BITS) | (uint64_t)serial << ZERO_BITS;
	uint8_t numerals[NUMERALS];
	char code[REFERRAL_SYMBOLS + 1], check;

	assert(key->id < REFERRAL_KEYS && serial <= REFERRAL_SERIAL_MAX);
	for (size_t i = NUMERALS; i-- > 0; plain /= RADIX)
		numerals[i] = (uint8_t)(plain % RADIX);
	crypto_ff1_encrypt(palier_bytes_of(key->key, REFERRAL_KEY_LEN), RADIX, palier_bytes_of("", 0), numerals, NUMERALS);
	for (size_t i = 0; i < NUMERALS; i++)
		code[i] = alphabet[numerals[i]];
	check = referral_check_symbol(code, NUMERALS);
	if (value_of(check) < 0)
		return PALIER_ENOENT;
	code[NUMERALS] = check;
	code[REFERRAL_SYMBOLS] = '\0';
	memcpy(out, code, sizeof(code));
	return PALIER_OK;
}

void referral_code_show(const char *symbols, char *out)
{
	for (size_t i = 0; i < REFERRAL_SYMBOLS; i++) {
		if (i % 4 == 0 && i > 0)
			*out++ = '-';
		*out++ = symbols[i];
	}
	*out = '\0';
}

int referral_code_read(struct palier_bytes typed, char *out)
{
	struct palier_bytes text;

	(void)scan_text(typed, &text);
	return referral_symbols_read(text, REFERRAL_SYMBOLS, out) == PALIER_OK ? PALIER_OK : PALIER_ECODE_MALFORMED;
}

/* @return the plain 60 bits under this key */
static uint64_t code_decipher(const struct referral_key *key, const char *symbols)
{
	uint8_t numerals[NUMERALS];
	uint64_t plain = 0;

	for (size_t i = 0; i < NUMERALS; i++) {
		int value = value_of(symbols[i]);

		assert(value >= 0);
		numerals[i] = (uint8_t)value;
	}
	crypto_ff1_decrypt(palier_bytes_of(key->key, REFERRAL_KEY_LEN), RADIX, palier_bytes_of("", 0), numerals, NUMERALS);
	for (size_t i = 0; i < NUMERALS; i++)
		plain = plain * RADIX + numerals[i];
	return plain;
}

int referral_code_open(const struct referral_key *keys, size_t count, const char *symbols, unsigned *key, uint32_t *serial)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t plain = code_decipher(&keys[i], symbols);

		if ((plain & ((UINT64_C(1) << ZERO_BITS) - 1)) != 0 || plain >> (SERIAL_BITS + ZERO_BITS) != keys[i].id)
			continue;
		*key = keys[i].id;
		*serial = (uint32_t)(plain >> ZERO_BITS) & REFERRAL_SERIAL_MAX;
		return PALIER_OK;
	}
	return PALIER_ENOENT;
}
