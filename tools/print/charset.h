/* SPDX-License-Identifier: Apache-2.0 */
/* Text for printers that know one byte a character: Windows-1252, with what it lacks written another way. */
#pragma once

#include "protocol/bytes.h"

#define CHARSET_LOST_MAX 8

/** Characters that the printer does not have, each once; '?' stands in their place. */
struct charset_lost {
	uint32_t at[CHARSET_LOST_MAX];
	unsigned count; /* more than CHARSET_LOST_MAX: the others are not kept */
};

/** Append UTF-8 as Windows-1252. Letters that it lacks lose their accents, signs are written out, what has no width is left out, and the
 * rest is lost. Nothing that a printer would take for a command comes through: control characters, and bytes that are not UTF-8, are lost. */
void charset_encode(struct palier_bytes utf8, struct palier_buffer *out, struct charset_lost *lost);
/** The code point of a Windows-1252 byte, as charset_encode writes them. */
uint32_t charset_decode(uint8_t byte);
/** Append a code point as UTF-8. */
void charset_utf8(uint32_t point, struct palier_buffer *out);
