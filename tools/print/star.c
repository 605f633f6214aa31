/* SPDX-License-Identifier: Apache-2.0 */
/* Star Line Mode, as in Star's "STAR Line Mode Command Specifications". */
#include "tools/print/language.h"

#define ADD(out, literal) palier_buffer_add(out, literal, sizeof(literal) - 1)

#define LINE_DOTS 24 /* a line's advance where it is set to 3 mm */

static void place(struct page *p, bool centred)
{
	ADD(&p->body, "\033\035a");
	palier_buffer_add(&p->body, centred ? "\1" : "\0", 1);
}

static void line(struct page *p, enum slip_kind kind, struct palier_bytes text)
{
	place(p, kind != SLIP_TEXT);
	if (kind == SLIP_TITLE)
		ADD(&p->body, "\033i\1\1"); /* twice as high and wide */
	palier_buffer_add(&p->body, text.at, text.len);
	ADD(&p->body, "\n");
	if (kind == SLIP_TITLE)
		ADD(&p->body, "\033i\0\0");
}

static void feed(struct page *p, unsigned lines)
{
	const uint8_t command[] = { 0x1B, 'a', (uint8_t)lines };

	palier_buffer_add(&p->body, command, sizeof(command));
}

static void code(struct page *p, struct palier_bytes drawing, const struct qr_drawn *drawn)
{
	unsigned lines = (QR_QUIET * drawn->module + LINE_DOTS - 1) / LINE_DOTS;

	feed(p, lines);
	place(p, true);
	palier_buffer_add(&p->body, drawing.at, drawing.len);
	feed(p, lines);
}

static void begin(struct page *p, struct palier_buffer *out)
{
	(void)p;
	ADD(out, "\033@");
	ADD(out, "\033R\0");       /* # $ @ [ \ ] are themselves */
	ADD(out, "\033\035t\040"); /* code page 1252 */
}

static void end(struct page *p, bool cut, struct palier_buffer *out)
{
	(void)p;
	if (cut)
		ADD(out, "\033d\3"); /* feed to the cutter, and leave a corner uncut */
	else
		ADD(out, "\033a\5");
}

const struct language language_star = { .qr = QR_STAR, .line = line, .code = code, .begin = begin, .end = end };
