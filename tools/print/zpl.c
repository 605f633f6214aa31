/* SPDX-License-Identifier: Apache-2.0 */
/* ZPL II, as in Zebra's "ZPL Programming Guide": a slip is a label as long as it needs, of fields that each say where they stand. */
#include "tools/print/language.h"

#include <assert.h>
#include <stdio.h>

#define ADD(out, literal) palier_buffer_add(out, literal, sizeof(literal) - 1)

/* Font D is a matrix of 18 x 10 dots with a gap of 2; twice that is a title. */
#define FONT_HEIGHT  18
#define FONT_WIDTH   10
#define FONT_ADVANCE 12
#define LINE_ADVANCE 26
#define MARGIN       24 /* above and below */
#define BQ_SHIFT     10 /* printers set a QR code so much lower than they are told */

static void origin(struct page *p, unsigned x, unsigned y)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "^FO%u,%u", x, MARGIN + y);

	palier_buffer_add(&p->body, text, (size_t)n);
}

/* ^FH_ makes "_5E" a byte: what ZPL would take for its own. */
static void field(struct page *p, struct palier_bytes text)
{
	ADD(&p->body, "^FH_^FD");
	for (size_t i = 0; i < text.len; i++) {
		uint8_t byte = (uint8_t)text.at[i];
		char hex[4];

		if (byte != '^' && byte != '~' && byte != '_')
			charset_utf8(charset_decode(byte), &p->body);
		else
			palier_buffer_add(&p->body, hex, (size_t)snprintf(hex, sizeof(hex), "_%02X", byte));
	}
	ADD(&p->body, "^FS\n");
}

static void line(struct page *p, enum slip_kind kind, struct palier_bytes text)
{
	unsigned times = kind == SLIP_TITLE ? 2 : 1, width = (unsigned)text.len * FONT_ADVANCE * times;
	char font[32];
	int n = snprintf(font, sizeof(font), "^ADN,%u,%u", FONT_HEIGHT * times, FONT_WIDTH * times);

	if (text.len > 0) {
		origin(p, kind == SLIP_TEXT ? 0 : (p->paper - width) / 2, p->height);
		palier_buffer_add(&p->body, font, (size_t)n);
		field(p, text);
	}
	p->height += LINE_ADVANCE * times;
}

/* Of the label that the code is by itself, only its field: from ^BQ up to the label's end. A printer that packs the text less well makes a larger
 * code of it, for which there is room. */
static void code(struct page *p, struct palier_bytes drawing, const struct qr_drawn *drawn)
{
	const char *from = memmem(drawing.at, drawing.len, "^BQ", 3), *to = memmem(drawing.at, drawing.len, "^XZ", 3);
	unsigned side = drawn->modules * drawn->module, border = QR_QUIET * drawn->module;

	assert(from && to);
	origin(p, (p->paper - side) / 2, p->height + border);
	palier_buffer_add(&p->body, from, (size_t)(to - from));
	ADD(&p->body, "\n");
	p->height += BQ_SHIFT + side * 5 / 4 + 2 * border;
}

/* ^LL counts where the roll has no gaps; ^CI28 is UTF-8. */
static void begin(struct page *p, struct palier_buffer *out)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "^XA^CI28^PW%u^LL%u\n", p->paper, p->height + 2 * MARGIN);

	palier_buffer_add(out, text, (size_t)n);
}

static void end(struct page *p, bool cut, struct palier_buffer *out)
{
	(void)p;
	if (cut)
		ADD(out, "^MMC"); /* with the cutter */
	ADD(out, "^XZ\n");
}

const struct language language_zpl = { .qr = QR_ZPL, .line = line, .code = code, .begin = begin, .end = end };
