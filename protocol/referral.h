/* SPDX-License-Identifier: Apache-2.0 */
/* Sponsorship codes (rules.md "Sponsorship"): 12 symbols of Crockford base32 and a mod-37 check symbol.
 *
 * The twelve are 60 bits, big-endian: 2 of key id, 30 of serial, 28 of zero, enciphered as one block by NIST SP 800-38G FF1 (AES-256, radix 32,
 * 12 numerals, empty tweak). Who has the key tells a genuine code without any list: one guess in 2^28 passes. */
#pragma once

#include "protocol/bytes.h"

#define REFERRAL_SYMBOLS    13 /* with the check symbol */
#define REFERRAL_TEXT       16 /* as it is shown, 7QK4-M2ZP-9A3C-H, without a NUL */
#define REFERRAL_KEY_LEN    32
#define REFERRAL_KEYS       4 /* ids that two bits hold */
#define REFERRAL_SERIAL_MAX ((UINT32_C(1) << 30) - 1)

struct referral_key {
	unsigned id; /* 0 to 3 */
	uint8_t key[REFERRAL_KEY_LEN];
};

/** Make the code of a serial. @param out REFERRAL_SYMBOLS characters and a NUL
 * @return PALIER_OK; PALIER_ENOENT: its check symbol is none of the 32, take the next serial */
int referral_code_make(const struct referral_key *key, uint32_t serial, char *out);
/** As people read it: 7QK4-M2ZP-9A3C-H. @param out REFERRAL_TEXT characters and a NUL */
void referral_code_show(const char *symbols, char *out);
/** Read what was scanned or typed: case-blind, hyphens and blanks ignored, I and L as 1, O as 0; of a URL the last path segment.
 * @param out REFERRAL_SYMBOLS characters and a NUL @return PALIER_OK; PALIER_ECODE_MALFORMED: not a code, or a slip */
int referral_code_read(struct palier_bytes typed, char *out);
/** Is it genuine, under one of these keys? @param symbols as referral_code_read gave them
 * @return PALIER_OK; PALIER_ENOENT */
int referral_code_open(const struct referral_key *keys, size_t count, const char *symbols, unsigned *key, uint32_t *serial);

/** The symbols of a code that ends with its check symbol, read as above but for the URL. @param n with the check symbol, at most REFERRAL_TEXT
 * @param out that many characters and a NUL @return PALIER_OK; PALIER_ENOENT: not n symbols; PALIER_ECODE_MALFORMED: a slip */
int referral_symbols_read(struct palier_bytes typed, size_t n, char *out);
/** The symbol of a value of 5 bits. */
char referral_symbol(unsigned value);
/** The check symbol over any symbols of Crockford base32, one of 37: "7QK4M2ZP" has 'H'. @return 0: a character that is none */
char referral_check_symbol(const char *symbols, size_t n);
