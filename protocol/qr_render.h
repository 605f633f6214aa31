/* SPDX-License-Identifier: Apache-2.0 */
/* QR codes for screens and printers: one text in eight formats (enum qr_format), each byte of which its file's comments explain. */
#pragma once

#include "protocol/messages.h"
#include "protocol/qr.h"

/** Dots of a printed line, at 8 dots a millimetre: 48 mm of a roll 58 mm wide, 72 mm of one of 80 mm. */
#define QR_PAPER_58 384
#define QR_PAPER_80 576

/** What is to be drawn. Zero-initialised but for `text`, `format`, `level` and `quiet` is an order. */
struct qr_order {
	struct palier_bytes text; /* UTF-8, without a NUL */
	enum qr_format format;
	enum qr_level level;
	unsigned quiet;  /* light border, in modules: QR_QUIET unless told otherwise */
	unsigned module; /* pixels, dots or characters a module; 0: what suits the format and fits the paper */
	unsigned paper;  /* printers: dots of a line; 0: QR_PAPER_58 */
};

struct qr_drawn {
	unsigned version; /* 1 to 40 */
	unsigned modules; /* a side, without border: 17 + 4 x version */
	unsigned module;  /* as asked for, or as chosen */
};

/** Draw, and append to `out`. Printers' formats print the code and nothing else: no reset before, no feed or cut after; where it stands
 * (ESC a) is the caller's to say. `escpos` and `star` leave the drawing to the printer, and the border to the paper's margins;
 * `zpl` is a whole label.
 * @param why on a refusal: what is wrong, for a person; lives in the arena
 * @return PALIER_OK; PALIER_EINVAL: no text, not UTF-8, or a NUL in it; PALIER_ERANGE: longer than a code of this level holds, wider than the paper,
 * or a module that this printer does not know */
int qr_render(const struct qr_order *o, struct palier_arena *a, struct palier_buffer *out, struct qr_drawn *drawn,
	const char **why);

/** The same as qr.render answers it: `data` in base64 where it is not text. */
int qr_view_make(const struct qr_order *o, struct palier_arena *a, struct qr_view *out, const char **why);

/** Of what a format is made: "image/png". */
const char *qr_media_type(enum qr_format format);
/** Is it text, in UTF-8, and not any bytes? */
bool qr_is_text(enum qr_format format);
/** Is it for a printer, so that the paper's width counts? */
bool qr_is_printed(enum qr_format format);
