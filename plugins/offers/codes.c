/* SPDX-License-Identifier: Apache-2.0 */
/* Single codes: 11 random symbols of Crockford's base 32 (https://www.crockford.com/base32.html), 55 bits, and a check symbol, so that a slip
 * of the finger is told from a code that is none. Shown ABCD-EFGH-JKMN. */
#include <ctype.h>
#include <strings.h>

#include "plugins/offers/internal.h"

static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

#define CHECK_MODULUS 37 /* a prime: it notices every wrong symbol and every two that changed places */

/* The number that the symbols before the check symbol are. @param values of CODE_LEN symbols */
static unsigned check_of(const uint8_t *values)
{
	unsigned rest = 0;

	for (unsigned i = 0; i + 1 < CODE_LEN; i++)
		rest = (rest * 32 + values[i]) % CHECK_MODULUS;
	return rest;
}

/* A code whose check symbol is none of the 32 is drawn again. */
void code_draw(struct palier_ctx *c, char *text)
{
	uint8_t values[CODE_LEN];
	unsigned check;

	do {
		palier_random(c, values, sizeof(values));
		for (unsigned i = 0; i < CODE_LEN; i++)
			values[i] &= 31;
		check = check_of(values);
	} while (check >= 32);
	values[CODE_LEN - 1] = (uint8_t)check;
	for (unsigned i = 0; i < CODE_LEN; i++) {
		if (i % 4 == 0 && i > 0)
			*text++ = '-';
		*text++ = symbols[values[i]];
	}
}

/* @return -1 for what is no symbol */
static int value_of(char typed)
{
	char upper = (char)toupper((unsigned char)typed);
	const char *at;

	upper = upper == 'I' || upper == 'L' ? '1' : upper == 'O' ? '0' : upper;
	at = upper ? strchr(symbols, upper) : NULL;
	return at ? (int)(at - symbols) : -1;
}

int code_read(struct palier_bytes typed, char *out)
{
	uint8_t values[CODE_LEN];
	unsigned n = 0;

	for (size_t i = 0; i < typed.len; i++) {
		int value = value_of(typed.at[i]);

		if (typed.at[i] == '-' || isspace((unsigned char)typed.at[i]))
			continue;
		if (value < 0 || n == CODE_LEN)
			return PALIER_ECODE_UNKNOWN;
		values[n++] = (uint8_t)value;
	}
	if (n < CODE_LEN)
		return PALIER_ECODE_UNKNOWN;
	if (values[CODE_LEN - 1] != check_of(values))
		return PALIER_ECODE_MALFORMED;
	for (unsigned i = 0; i < CODE_LEN; i++)
		out[i] = symbols[values[i]];
	return PALIER_OK;
}

void code_hash(struct palier_ctx *c, const char *code, struct palier_hash16 *out)
{
	palier_hash(c, palier_bytes_of(code, CODE_LEN), out);
}

struct palier_bytes code_trim(struct palier_bytes typed)
{
	while (typed.len && isspace((unsigned char)*typed.at))
		typed = palier_bytes_of(typed.at + 1, typed.len - 1);
	while (typed.len && isspace((unsigned char)typed.at[typed.len - 1]))
		typed.len--;
	return typed;
}

bool code_same(struct palier_bytes a, struct palier_bytes b)
{
	return a.len == b.len && (a.len == 0 || strncasecmp(a.at, b.at, a.len) == 0);
}
