/* SPDX-License-Identifier: Apache-2.0 */
/* ESC/POS, as in Epson's "ESC/POS Command Reference". */
#include "tools/print/language.h"

#define ADD(out, literal) palier_buffer_add(out, literal, sizeof(literal) - 1)

#define LINE_DOTS 30 /* a line's advance */

static void line(struct page *p, enum slip_kind kind, struct palier_bytes text)
{
	ADD(&p->body, "\033a"); /* where the line stands */
	palier_buffer_add(&p->body, kind == SLIP_TEXT ? "\0" : "\1", 1);
	if (kind == SLIP_TITLE)
		ADD(&p->body, "\035!\021"); /* twice as wide and high */
	palier_buffer_add(&p->body, text.at, text.len);
	ADD(&p->body, "\n");
	if (kind == SLIP_TITLE)
		ADD(&p->body, "\035!\0");
}

static void feed(struct page *p, unsigned lines)
{
	const uint8_t command[] = { 0x1B, 'd', (uint8_t)lines };

	palier_buffer_add(&p->body, command, sizeof(command));
}

/* What the printer draws itself has the border that we leave above and below. */
static void code(struct page *p, struct palier_bytes drawing, const struct qr_drawn *drawn)
{
	unsigned lines = (QR_QUIET * drawn->module + LINE_DOTS - 1) / LINE_DOTS;

	feed(p, lines);
	ADD(&p->body, "\033a\1");
	palier_buffer_add(&p->body, drawing.at, drawing.len);
	feed(p, lines);
}

/* A picture brings its border with it. */
static void code_raster(struct page *p, struct palier_bytes drawing, const struct qr_drawn *drawn)
{
	(void)drawn;
	ADD(&p->body, "\033a\1");
	palier_buffer_add(&p->body, drawing.at, drawing.len);
}

static void begin(struct page *p, struct palier_buffer *out)
{
	(void)p;
	ADD(out, "\033@");     /* as it was switched on */
	ADD(out, "\033R\0");   /* # $ @ [ \ ] are themselves */
	ADD(out, "\033t\020"); /* WPC1252 */
}

static void end(struct page *p, bool cut, struct palier_buffer *out)
{
	(void)p;
	if (cut)
		ADD(out, "\035VB\0"); /* feed to the cutter, and leave a corner uncut */
	else
		ADD(out, "\033d\5"); /* past the edge on which it is torn off */
}

const struct language language_escpos = { .qr = QR_ESCPOS, .line = line, .code = code, .begin = begin, .end = end };
const struct language language_escpos_raster = { .qr = QR_ESCPOS_RASTER,
	.line = line,
	.code = code_raster,
	.begin = begin,
	.end = end };
