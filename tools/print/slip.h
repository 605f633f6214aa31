/* SPDX-License-Identifier: Apache-2.0 */
/* A slip of paper, and the bytes that make a printer print it. */
#pragma once

#include "protocol/qr_render.h"
#include "tools/print/charset.h"

enum slip_kind {
	SLIP_TITLE,   /* large, centred */
	SLIP_TEXT,    /* from the left */
	SLIP_CAPTION, /* small, centred: below a code */
	SLIP_QR,
};

struct slip_item {
	enum slip_kind kind;
	struct palier_bytes text; /* UTF-8; LF parts lines */
};

struct slip {
	const struct slip_item *items;
	size_t count;
	unsigned paper; /* QR_PAPER_58, QR_PAPER_80 */
	bool cut;
};

/** Characters of a line of text. */
unsigned slip_columns(unsigned paper);
/** Append the slip in a printer's language, from its reset to the feed or cut.
 * @param language a format that qr_is_printed
 * @param why on a refusal: what is wrong with a QR code, for a person
 * @return PALIER_OK; PALIER_EINVAL, PALIER_ERANGE as qr_render */
int slip_write(const struct slip *s, enum qr_format language, struct palier_arena *a, struct palier_buffer *out,
	struct charset_lost *lost, const char **why);
