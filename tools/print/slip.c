/* SPDX-License-Identifier: Apache-2.0 */
/* From a slip to bytes. The languages differ in their commands alone: lines are broken here, for a character cell of 12 x 24 dots. */
#include "tools/print/slip.h"

#include "tools/print/language.h"

#define CELL 12 /* dots: font A of ESC/POS and Star, font D of ZPL with its gap */

static const struct language *const languages[] = {
	[QR_ESCPOS] = &language_escpos,
	[QR_ESCPOS_RASTER] = &language_escpos_raster,
	[QR_STAR] = &language_star,
	[QR_ZPL] = &language_zpl,
};

unsigned slip_columns(unsigned paper)
{
	return paper / CELL;
}

/* How much of a line fits: up to a space, or all that does where there is none. Not at a no-break space. */
static size_t line_end(struct palier_bytes line, size_t columns)
{
	size_t end = columns;

	if (line.len <= columns)
		return line.len;
	while (end > 0 && line.at[end] != ' ')
		end--;
	return end > 0 ? end : columns;
}

/* One line of text, as many of the paper as it takes. */
static void write_line(struct page *p, enum slip_kind kind, struct palier_bytes line)
{
	size_t columns = slip_columns(p->paper) / (kind == SLIP_TITLE ? 2 : 1);

	do {
		size_t end = line_end(line, columns);

		p->language->line(p, kind, palier_bytes_of(line.at, end));
		while (end < line.len && line.at[end] == ' ')
			end++;
		line = palier_bytes_of(line.at + end, line.len - end);
	} while (line.len > 0);
}

static void write_text(struct page *p, const struct slip_item *item, struct charset_lost *lost)
{
	struct palier_bytes left = item->text;
	struct palier_buffer line = { 0 };

	while (true) {
		const char *lf = left.len ? memchr(left.at, '\n', left.len) : NULL;
		size_t len = lf ? (size_t)(lf - left.at) : left.len;

		line.len = 0;
		charset_encode(palier_bytes_of(left.at, len), &line, lost);
		write_line(p, item->kind, palier_buffer_bytes(&line));
		if (!lf)
			break;
		left = palier_bytes_of(lf + 1, left.len - len - 1);
	}
	palier_buffer_deinit(&line);
}

static int write_qr(struct page *p, const struct slip_item *item, struct palier_arena *a, const char **why)
{
	const struct qr_order order = { .text = item->text,
		.format = p->language->qr,
		.level = QR_MEDIUM,
		.quiet = QR_QUIET,
		.paper = p->paper };
	struct palier_buffer code = { 0 };
	struct qr_drawn drawn;
	int err = qr_render(&order, a, &code, &drawn, why);

	if (err == PALIER_OK)
		p->language->code(p, palier_buffer_bytes(&code), &drawn);
	palier_buffer_deinit(&code);
	return err;
}

int slip_write(const struct slip *s, enum qr_format language, struct palier_arena *a, struct palier_buffer *out,
	struct charset_lost *lost, const char **why)
{
	struct page p = { .language = languages[language], .paper = s->paper };
	int err = PALIER_OK;

	for (size_t i = 0; i < s->count && err == PALIER_OK; i++)
		if (s->items[i].kind == SLIP_QR)
			err = write_qr(&p, &s->items[i], a, why);
		else
			write_text(&p, &s->items[i], lost);
	if (err == PALIER_OK) {
		p.language->begin(&p, out);
		palier_buffer_add(out, p.body.at, p.body.len);
		p.language->end(&p, s->cut, out);
	}
	palier_buffer_deinit(&p.body);
	return err;
}
