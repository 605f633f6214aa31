/* SPDX-License-Identifier: Apache-2.0 */
/* What the printers' languages have in common: a page under construction, and how each writes its parts. */
#pragma once

#include "tools/print/slip.h"

struct language;

struct page {
	const struct language *language;
	unsigned paper;            /* dots of a line */
	unsigned height;           /* dots so far, where the language wants to know */
	struct palier_buffer body; /* what stands between begin and end */
};

struct language {
	enum qr_format qr; /* how it draws QR codes */
	/** One line. @param text in Windows-1252, no longer than the paper is wide */
	void (*line)(struct page *p, enum slip_kind kind, struct palier_bytes text);
	/** @param drawing what qr_render gave */
	void (*code)(struct page *p, struct palier_bytes drawing, const struct qr_drawn *drawn);
	/** Before the body, once that is known. */
	void (*begin)(struct page *p, struct palier_buffer *out);
	/** Behind it: feed until it can be torn off, or cut. */
	void (*end)(struct page *p, bool cut, struct palier_buffer *out);
};

extern const struct language language_escpos, language_escpos_raster, language_star, language_zpl;
