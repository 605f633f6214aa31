/* SPDX-License-Identifier: Apache-2.0 */
/* Sheets of cards to be printed: A4, as PDF or SVG, drawn by cairo. */
#pragma once

#include "protocol/bytes.h"

enum sheet_format { SHEET_PDF, SHEET_SVG };

struct sheet {
	const char *shop;           /* its name, UTF-8 */
	const char *caption;        /* "Loyalty card"; NULL: none */
	const char *const *numbers; /* a card each, in order */
	size_t count;               /* at least one */
	bool qr;     /* QR codes of the bare numbers, else EAN-13, which takes 13 digits with their check digit */
	bool labels; /* small labels on sheets that are cut already, else cards with cut marks */
};

/** Cards of a sheet. */
size_t sheet_holds(const struct sheet *s);
/** What of the number does not fit this sheet: a sentence, or NULL when all is well. */
const char *sheet_objects(const struct sheet *s, const char *number);
/** Write the sheets; an SVG holds only one.
 * @param path a file, replaced
 * @return PALIER_OK; PALIER_EIO; PALIER_ERANGE: more cards than an SVG holds, or a number that does not fit */
int sheet_write(const struct sheet *s, enum sheet_format format, const char *path);
