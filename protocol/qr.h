/* SPDX-License-Identifier: Apache-2.0 */
/* QR codes (ISO/IEC 18004): a text becomes a square of light and dark modules. */
#pragma once

#include "protocol/bytes.h"

/** What may be lost and the text still be read: about 7, 15, 25 and 30 per cent. */
enum qr_level { QR_LOW, QR_MEDIUM, QR_QUARTILE, QR_HIGH };

/** The light border that scanners need, in modules (ISO/IEC 18004 6.3.8). */
#define QR_QUIET 4
/** The longest text: digits, of which a module row holds most (version 40, level L). */
#define QR_TEXT_MAX 7089

struct qr {
	unsigned width;         /* modules a side, without quiet zone: 21 to 177 */
	const uint8_t *modules; /* width * width, row by row: 1 dark, 0 light; owned by the arena */
};

static inline bool qr_dark(const struct qr *q, unsigned x, unsigned y)
{
	return q->modules[y * q->width + x] != 0;
}

/** Encode text in the smallest version that holds it.
 * @return PALIER_OK; PALIER_EINVAL: empty, or with a NUL; PALIER_ERANGE: longer than a code of this level holds */
int qr_encode(struct palier_bytes text, enum qr_level level, struct palier_arena *a, struct qr *out);
