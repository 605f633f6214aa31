/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/printer/printer.h"

#include <qrencode.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELL_WIDTH  12
#define CELL_HEIGHT 24
#define QUIET       4 /* modules of border: ISO/IEC 18004 6.3.8 */

void printer_on(struct printer *p, enum printer_language language, unsigned width)
{
	*p = (struct printer){ .language = language, .width = width, .wide = 1, .high = 1 };
	p->roll = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)width, PRINTER_ROLL);
	p->pen = cairo_create(p->roll);
	cairo_set_source_rgb(p->pen, 1, 1, 1);
	cairo_paint(p->pen);
	cairo_set_source_rgb(p->pen, 0, 0, 0);
	cairo_select_font_face(p->pen, "monospace", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
}

void printer_off(struct printer *p)
{
	cairo_destroy(p->pen);
	cairo_surface_destroy(p->roll);
}

void printer_wrong(struct printer *p, const char *fmt, ...)
{
	int n;
	va_list ap;

	if (p->wrong[0])
		return;
	n = snprintf(p->wrong, sizeof(p->wrong), "at byte %zu: ", p->taken);
	va_start(ap, fmt);
	vsnprintf(p->wrong + n, sizeof(p->wrong) - (size_t)n, fmt, ap);
	va_end(ap);
}

size_t printer_take(struct printer *p, const uint8_t *at, size_t n)
{
	static size_t (*const takers[])(struct printer *, const uint8_t *,
		size_t) = { [PRINTER_ESCPOS] = printer_take_escpos,
		[PRINTER_STAR] = printer_take_star,
		[PRINTER_ZPL] = printer_take_zpl };
	size_t all = 0, one;

	while (all < n && !p->wrong[0] && (one = takers[p->language](p, at + all, n - all)) > 0) {
		all += one;
		p->taken += one;
	}
	return all;
}

void printer_end(struct printer *p, size_t left)
{
	if (left > 0)
		printer_wrong(p, "the stream ends within a command");
	if (p->in_line > 0)
		printer_wrong(p, "%u characters were never printed", p->in_line);
	if (p->label.open)
		printer_wrong(p, "the label has no end");
}

/* --- text --- */

/* Code page 1252, by Microsoft's table; 0: nothing is there. */
static unsigned point_of(uint8_t c)
{
	static const unsigned c1[] = { 0x20AC, 0, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160,
		0x2039, 0x152, 0, 0x17D, 0, 0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161,
		0x203A, 0x153, 0, 0x17E, 0x178 };

	return c >= 0x80 && c < 0xA0 ? c1[c - 0x80] : c;
}

static size_t put_utf8(unsigned point, char *out)
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (char)(0xC0 + point / 64);
		out[1] = (char)(0x80 + point % 64);
		return 2;
	}
	out[0] = (char)(0xE0 + point / 4096);
	out[1] = (char)(0x80 + point / 64 % 64);
	out[2] = (char)(0x80 + point % 64);
	return 3;
}

void printer_char(struct printer *p, uint8_t c)
{
	if (!p->begun)
		printer_wrong(p, "text before the printer was initialised");
	else if (c >= 0x80 && p->code_page != 1252)
		printer_wrong(p, "%02X, but no code page was selected", c);
	else if (c == 0x7F || point_of(c) == 0)
		printer_wrong(p, "%02X is no character of code page 1252", c);
	else if ((p->in_line + 1) * CELL_WIDTH * p->wide > p->width)
		printer_wrong(p, "the line is longer than the paper is wide");
	else
		p->line[p->in_line++] = (char)c;
}

void printer_draw_text(struct printer *p, const char *utf8, unsigned x, unsigned y, unsigned wide, unsigned high)
{
	if (*utf8 && y < p->quiet)
		printer_wrong(p, "text in the border of a QR code");
	if (*utf8)
		p->ink = y + CELL_HEIGHT * high;
	for (unsigned column = 0; *utf8; column++) {
		char one[5] = { *utf8++ };

		for (int i = 1; i < 4 && (*utf8 & 0xC0) == 0x80; i++)
			one[i] = *utf8++;
		cairo_save(p->pen);
		cairo_translate(p->pen, x + column * CELL_WIDTH * wide, y);
		cairo_scale(p->pen, wide, high);
		cairo_set_font_size(p->pen, 19.9);
		cairo_move_to(p->pen, 0, 19);
		cairo_show_text(p->pen, one);
		cairo_restore(p->pen);
	}
}

static unsigned aligned(const struct printer *p, unsigned width)
{
	return p->align == 0 ? 0 : p->align == 1 ? (p->width - width) / 2 : p->width - width;
}

void printer_feed(struct printer *p, unsigned dots)
{
	p->y += dots;
	p->cut = false;
	if (p->y > PRINTER_ROLL)
		printer_wrong(p, "the roll is used up");
}

static void keep_text(struct printer *p, const char *utf8)
{
	size_t have = strlen(p->text);

	snprintf(p->text + have, sizeof(p->text) - have, "%s\n", utf8);
}

void printer_line(struct printer *p, unsigned advance)
{
	char utf8[3 * sizeof(p->line) + 1];
	size_t n = 0;

	for (unsigned i = 0; i < p->in_line; i++)
		n += put_utf8(point_of((uint8_t)p->line[i]), utf8 + n);
	utf8[n] = '\0';
	printer_draw_text(p, utf8, aligned(p, p->in_line * CELL_WIDTH * p->wide), p->y, p->wide, p->high);
	keep_text(p, utf8);
	p->in_line = 0;
	printer_feed(p, advance > CELL_HEIGHT * p->high ? advance : CELL_HEIGHT * p->high);
}

/* --- pictures --- */

void printer_dot(struct printer *p, unsigned x, unsigned y)
{
	if (x < p->width && y < PRINTER_ROLL)
		cairo_rectangle(p->pen, x, y, 1, 1);
	else
		printer_wrong(p, "a dot beside the paper");
}

void printer_draw_qr(struct printer *p, const char *data, size_t len, int level, unsigned module, int x, unsigned y,
	unsigned *side)
{
	char text[sizeof(p->stored) + 1];
	QRcode *code;
	unsigned left, width;

	*side = 0;
	if (len == 0 || len >= sizeof(text)) {
		printer_wrong(p, "no QR data, or too much");
		return;
	}
	memcpy(text, data, len);
	text[len] = '\0';
	/* Byte by byte: who packs better makes a smaller code, and what is beside it must bear both. */
	code = QRcode_encodeString8bit(text, 0, (QRecLevel)level);
	if (!code) {
		printer_wrong(p, "the QR data does not fit a code");
		return;
	}
	width = (unsigned)code->width;
	*side = width * module;
	left = x >= 0 ? (unsigned)x : *side <= p->width ? aligned(p, *side) : 0;
	if (left + *side > p->width)
		printer_wrong(p, "the QR code is wider than the paper");
	if (p->ink > 0 && y < p->ink + QUIET * module)
		printer_wrong(p, "text in the border above a QR code");
	p->quiet = y + *side + QUIET * module;
	for (unsigned i = 0; i < width * width; i++)
		if (code->data[i] & 1)
			cairo_rectangle(p->pen, left + i % width * module, y + i / width * module, module, module);
	cairo_fill(p->pen);
	QRcode_free(code);
	p->codes++;
}

#define MARGIN 32 /* of the roll beside what is printed */

bool printer_png(struct printer *p, const char *path)
{
	int width = (int)p->width + 2 * MARGIN, height = (int)p->y + 2 * MARGIN;
	cairo_surface_t *paper = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
	cairo_t *pen = cairo_create(paper);
	bool ok;

	cairo_set_source_rgb(pen, 1, 1, 1);
	cairo_paint(pen);
	cairo_set_source_surface(pen, p->roll, MARGIN, MARGIN);
	cairo_rectangle(pen, MARGIN, MARGIN, p->width, p->y);
	cairo_fill(pen);
	ok = cairo_surface_write_to_png(paper, path) == CAIRO_STATUS_SUCCESS;
	cairo_destroy(pen);
	cairo_surface_destroy(paper);
	return ok;
}
