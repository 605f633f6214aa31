/* SPDX-License-Identifier: Apache-2.0 */
/* Single codes: 11 random symbols of Crockford's base 32 (https://www.crockford.com/base32.html), 55 bits, and a check symbol, so that a slip
 * of the finger is told from a code that is none. Shown ABCD-EFGH-JKMN. */

#include "plugins/offers/internal.h"
#include "protocol/referral.h"

/* A code whose check symbol is none of the 32 does not read back, and is drawn again. */
void code_draw(struct palier_ctx *c, char *text)
{
	uint8_t random[CODE_LEN - 1];
	char code[CODE_LEN], read[CODE_LEN];

	do {
		palier_random(c, random, sizeof(random));
		for (unsigned i = 0; i < sizeof(random); i++)
			code[i] = referral_symbol(random[i] & 31);
		code[CODE_LEN - 1] = referral_check_symbol(code, CODE_LEN - 1);
	} while (code_read(palier_bytes_of(code, CODE_LEN), read) != PALIER_OK);
	for (unsigned i = 0; i < CODE_LEN; i++) {
		if (i % 4 == 0 && i > 0)
			*text++ = '-';
		*text++ = code[i];
	}
}

int code_read(struct palier_bytes typed, char *out)
{
	char code[CODE_LEN + 1];
	int err = referral_symbols_read(typed, CODE_LEN, code);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_ECODE_UNKNOWN : err;
	memcpy(out, code, CODE_LEN);
	return PALIER_OK;
}

void code_hash(struct palier_ctx *c, const char *code, struct palier_hash16 *out)
{
	palier_hash(c, palier_bytes_of(code, CODE_LEN), out);
}
