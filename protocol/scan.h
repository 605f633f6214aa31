/* SPDX-License-Identifier: Apache-2.0 */
/* What a scanner or a person gives as a card, cleaned and checked; phones and e-mails in the form in which they are compared. */
#pragma once

#include "protocol/bytes.h"

enum card_symbology { CARD_EAN13, CARD_GSRN, CARD_LUHN, CARD_CODE128, CARD_SYMBOLOGIES };
extern const char *const card_symbology_names[CARD_SYMBOLOGIES + 1]; /* "ean13" "gsrn" "luhn" "code128" NULL */

#define CARD_NUMBER_MAX 48

struct card_number {
	enum card_symbology symbology;
	uint8_t len;
	char text[CARD_NUMBER_MAX + 1]; /* digits, or Code 128 text in upper case; NUL-terminated */
};

/** One `card "ean13" { prefixes = {...} }` of the configuration. */
struct card_format {
	enum card_symbology symbology;
	const char *const *prefixes; /* NULL-terminated; NULL: every prefix */
};

/** What a scan says: trimmed, without AIM identifier; of a URL the last path segment, empty without one. @return true: it was a URL */
bool scan_text(struct palier_bytes raw, struct palier_bytes *out);

/** What a virtual card shows is CARD*CODE, its one-time code being the six digits behind the star.
 * @param card the scan without it, and without what scan_text takes off @return false: there is none, nothing is set */
bool card_code(struct palier_bytes raw, struct palier_bytes *card, struct palier_bytes *code);
/** The scan without a one-time code; as it is, when there is none. */
struct palier_bytes card_bare(struct palier_bytes raw);

/** Clean and check a scan (protocol.md "Cards and members"; rules.md fine print "Cards").
 * Cleaned: AIM identifier ("]E0", "]C1", ISO/IEC 15424), CR, LF, TAB, spaces, hyphens, case; of a URL the last path segment counts; a one-time code is
 * dropped, so that no number ends like one.
 * Thirteen plain digits are an EAN-13, eighteen a GSRN-18: both with GS1 mod-10 check digit (GS1 General Specifications 7.9),
 * a wrong one is malformed. Other digits that pass Luhn (ISO/IEC 7812-1 annex B) are a Luhn number; that fail, Code 128 text unless a
 * "luhn" format's prefix claims them. Everything else printable is Code 128 text.
 * @param formats what this store accepts; count 0: all
 * @return PALIER_OK; PALIER_ECARD_MALFORMED */
int card_scan(struct palier_bytes raw, const struct card_format *formats, size_t count, struct card_number *out);

/** GS1 mod-10 check digit of digits without it, as a character. */
char card_gs1_check(const char *digits, size_t n);
/** Luhn check digit of digits without it, as a character. */
char card_luhn_check(const char *digits, size_t n);

#define PHONE_MAX 16  /* "+" and 15 digits (ITU-T E.164) */
#define EMAIL_MAX 254 /* RFC 5321 4.5.3.1.3, less the angle brackets */

/** To E.164. "06 12 34 56 78" in "FR" is "+33612345678"; "0033..." and "+33 (0)6..." too.
 * @param country ISO 3166-1 alpha-2 of numbers without a country code
 * @param out PHONE_MAX + 1 bytes
 * @return PALIER_OK; PALIER_EINVAL */
int phone_normalize(struct palier_bytes text, const char *country, char *out);
/** Is this a country whose national numbers phone_normalize understands? */
bool phone_country_known(const char *country);
/** Trimmed; ASCII letters folded to lower case; one "@", a dot in the domain, no spaces or controls.
 * @param out EMAIL_MAX + 1 bytes */
int email_normalize(struct palier_bytes text, char *out);
