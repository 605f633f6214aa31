/* SPDX-License-Identifier: Apache-2.0 */
/* ESC/POS (Epson, ESC/POS Command Reference for TM printers). Anything that is not here is wrong. */
#include <string.h>

#include "tests/printer/printer.h"

#define LINE_SPACING 30

/* ESC @ */
static void initialise(struct printer *p)
{
	p->begun = true;
	p->code_page = 437;
	p->align = 0;
	p->wide = p->high = 1;
	p->model = 2;
	p->level = 0;
	p->module = 3;
}

/* DLE EOT n: at once, whatever else is going on. */
static void tell(struct printer *p, uint8_t n)
{
	uint8_t answer = 0x12;

	if (n < 1 || n > 4)
		printer_wrong(p, "DLE EOT %u", n);
	if (n == 1 && (p->no_paper || p->cover_open))
		answer |= 0x08;
	if (n == 2)
		answer |= (uint8_t)((p->no_paper ? 0x20 : 0) | (p->cover_open ? 0x04 : 0));
	if (n == 4)
		answer |= (uint8_t)((p->no_paper ? 0x60 : 0) | (p->paper_low ? 0x0C : 0));
	if (!p->mute)
		p->answer[p->answers++] = answer;
}

/* GS r 1: in its turn, so not by one that has stopped. */
static void tell_in_turn(struct printer *p, uint8_t n)
{
	if (n != 1 && n != 49)
		printer_wrong(p, "GS r %u", n);
	if (!p->mute && !p->no_paper && !p->cover_open)
		p->answer[p->answers++] = p->paper_low ? 0x03 : 0x00;
}

static size_t take_esc(struct printer *p, const uint8_t *at, size_t n)
{
	if (n < 2)
		return 0;
	if (at[1] == '@') {
		initialise(p);
		return 2;
	}
	if (n < 3)
		return 0;
	if (!p->begun)
		printer_wrong(p, "ESC %02X before the printer was initialised", at[1]);
	else if (at[1] == 'R' && at[2] <= 17)
		;
	else if (at[1] == 't' && (at[2] <= 5 || (at[2] >= 16 && at[2] <= 19)))
		p->code_page = at[2] == 16 ? 1252 : 437;
	else if (at[1] == 'a' && at[2] <= 2 && p->in_line == 0)
		p->align = at[2];
	else if (at[1] == 'd' && p->in_line == 0)
		printer_feed(p, at[2] * LINE_SPACING);
	else
		printer_wrong(p, "ESC %02X %02X", at[1], at[2]);
	return 3;
}

/* GS v 0 m xL xH yL yH d... */
static size_t take_raster(struct printer *p, const uint8_t *at, size_t n)
{
	unsigned bytes, rows;

	if (n < 8)
		return 0;
	bytes = at[4] + 256U * at[5];
	rows = at[6] + 256U * at[7];
	if (at[2] != '0' || at[3] != 0 || bytes == 0 || rows == 0 || p->in_line > 0 || 8 * bytes > p->width + 7) {
		printer_wrong(p, "GS v %02X %02X, %u bytes a row, %u rows", at[2], at[3], bytes, rows);
		return 0;
	}
	if (n < 8 + (size_t)bytes * rows)
		return 0;
	for (unsigned i = 0; i < bytes * rows * 8; i++)
		if (at[8 + i / 8] & (0x80 >> i % 8)) {
			unsigned left = p->align == 1 ? (p->width - 8 * bytes) / 2 : 0;

			printer_dot(p, left + i % (8 * bytes), p->y + i / (8 * bytes));
		}
	cairo_fill(p->pen);
	printer_feed(p, rows);
	p->codes++;
	return 8 + (size_t)bytes * rows;
}

static void print_code(struct printer *p)
{
	unsigned side;

	printer_draw_qr(p, p->stored, p->stored_len, p->level, p->module, -1, p->y, &side);
	printer_feed(p, side);
}

/* Functions 165, 167, 169, 180 and 181 of GS ( k: pL pH 49 fn m d... */
static void qr_function(struct printer *p, uint8_t fn, const uint8_t *at, unsigned len)
{
	if (fn == 65 && len == 2 && at[0] >= 49 && at[0] <= 51 && at[1] == 0)
		p->model = at[0] - 48;
	else if (fn == 67 && len == 1 && at[0] >= 1 && at[0] <= 16)
		p->module = at[0];
	else if (fn == 69 && len == 1 && at[0] >= 48 && at[0] <= 51)
		p->level = at[0] - 48;
	else if (fn == 80 && len >= 2 && len <= 7090 && len - 1 < sizeof(p->stored) && at[0] == 48) {
		memcpy(p->stored, at + 1, len - 1);
		p->stored_len = len - 1;
	} else if (fn == 81 && len == 1 && at[0] == 48 && p->model == 2 && p->in_line == 0)
		print_code(p);
	else
		printer_wrong(p, "GS ( k, function %u with %u bytes", fn, len);
}

static size_t take_gs(struct printer *p, const uint8_t *at, size_t n)
{
	unsigned len;

	if (n < 3)
		return 0;
	if (!p->begun)
		printer_wrong(p, "GS %02X before the printer was initialised", at[1]);
	if (at[1] == '!' && (at[2] & 0x88) == 0) {
		p->wide = at[2] / 16 + 1;
		p->high = at[2] % 16 + 1;
		return 3;
	}
	if (at[1] == 'r') {
		tell_in_turn(p, at[2]);
		return 3;
	}
	if (at[1] == 'v')
		return take_raster(p, at, n);
	if (at[1] == 'V' && at[2] == 66) {
		if (n < 4)
			return 0;
		printer_feed(p, 100 + at[3]); /* from the head to the cutter */
		p->cut = true;
		return 4;
	}
	if (at[1] != '(' || at[2] != 'k') {
		printer_wrong(p, "GS %02X %02X", at[1], at[2]);
		return 0;
	}
	if (n < 7)
		return 0;
	len = at[3] + 256U * at[4];
	if (len < 3 || at[5] != 49)
		printer_wrong(p, "GS ( k with %u bytes, of symbol %u", len, at[5]);
	else if (n >= 5 + (size_t)len)
		qr_function(p, at[6], at + 7, len - 2);
	return !p->wrong[0] && n >= 5 + (size_t)len ? 5 + (size_t)len : 0;
}

size_t printer_take_escpos(struct printer *p, const uint8_t *at, size_t n)
{
	switch (at[0]) {
	case 0x10:
		if (n < 3)
			return 0;
		if (at[1] == 0x04)
			tell(p, at[2]);
		else
			printer_wrong(p, "DLE %02X", at[1]);
		return 3;
	case 0x1B:
		return take_esc(p, at, n);
	case 0x1D:
		return take_gs(p, at, n);
	case '\n':
		printer_line(p, LINE_SPACING);
		return 1;
	default:
		if (at[0] < 0x20)
			printer_wrong(p, "%02X", at[0]);
		else
			printer_char(p, at[0]);
		return 1;
	}
}
