/* SPDX-License-Identifier: Apache-2.0 */
/* The drawing of sheets. Lengths are micrometres from the upper left corner; cairo is given millimetres, and scales them to its points. */
#include "tools/cards/sheet.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>
#include <stdio.h>
#include <unistd.h>

#include "protocol/qr.h"
#include "protocol/scan.h"
#include "tools/cards/ean13.h"

/* A4, ISO 216. */
#define PAGE_WIDTH  210000
#define PAGE_HEIGHT 297000

/* Where the cards lie on a sheet, and where on a card what stands. */
struct layout {
	int columns, rows;
	int width, height;  /* of a card */
	int left, top;      /* of the first */
	int step_x, step_y; /* to the next */
	bool cut_marks;
	struct {
		int x, y, width, size; /* baseline, the room, the height of the letters at most */
	} shop, caption, number;       /* the number beside a QR code; an EAN-13 has its own digits */
	int rule;                      /* a line across; 0: none */
	struct {
		int module, y, height, size; /* centred; the ordinary bars; their digits */
	} ean;
	struct {
		int x, y, side; /* with the quiet zone */
	} qr;
};

/* ISO/IEC 7810 ID-1, 85.60 x 53.98 mm, two by five, edge to edge, so that a cut parts two of them. */
static const struct layout cards = {
	.columns = 2,
	.rows = 5,
	.width = 85600,
	.height = 53980,
	.left = (PAGE_WIDTH - 2 * 85600) / 2,
	.top = (PAGE_HEIGHT - 5 * 53980) / 2,
	.step_x = 85600,
	.step_y = 53980,
	.cut_marks = true,
	.shop = { 6000, 11500, 73600, 6200 },
	.caption = { 6000, 16800, 73600, 3300 },
	.number = { 6000, 36500, 42000, 4400 },
	.rule = 20000,
	.ean = { EAN13_MODULE_UM, 24000, 20000, 3600 },
	.qr = { 51800, 21200, 29800 },
};

/* The common sheet of 65 labels, 38.1 x 21.2 mm; the bars are at 80 per cent. */
static const struct layout labels = {
	.columns = 5,
	.rows = 13,
	.width = 38100,
	.height = 21200,
	.left = 4750,
	.top = 10700,
	.step_x = 40600,
	.step_y = 21200,
	.shop = { 2500, 4200, 33100, 2400 },
	.number = { 19800, 12600, 16300, 2400 },
	.ean = { EAN13_MODULE_UM * 8 / 10, 5400, 10500, 2700 },
	.qr = { 2000, 4700, 15900 },
};

static double mm(int um)
{
	return um / 1000.0;
}

static const struct layout *layout_of(const struct sheet *s)
{
	return s->labels ? &labels : &cards;
}

size_t sheet_holds(const struct sheet *s)
{
	return (size_t)layout_of(s)->columns * (size_t)layout_of(s)->rows;
}

const char *sheet_objects(const struct sheet *s, const char *number)
{
	size_t len = strlen(number);

	if (s->qr)
		return len > 0 && len <= CARD_NUMBER_MAX ? NULL : "a card's number has 1 to 48 characters";
	if (len != EAN13_DIGITS || strspn(number, "0123456789") != len)
		return "an EAN-13 has 13 digits; any number can be a QR code, with --qr";
	return card_gs1_check(number, len - 1) == number[len - 1] ? NULL : "the check digit is wrong";
}

/* --- texts --- */

/* In at most so much room: else all of it is smaller. */
static void text_in(cairo_t *cr, const char *text, int x, int y, int room, int size, bool bold)
{
	cairo_text_extents_t e;

	cairo_select_font_face(cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
		bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
	cairo_set_font_size(cr, mm(size));
	cairo_text_extents(cr, text, &e);
	if (e.x_advance > mm(room))
		cairo_set_font_size(cr, mm(size) * mm(room) / e.x_advance);
	cairo_move_to(cr, mm(x), mm(y));
	cairo_show_text(cr, text);
}

/* One digit, centred on x. */
static void digit_at(cairo_t *cr, char digit, int x, int y, int size)
{
	const char text[] = { digit, 0 };
	cairo_text_extents_t e;

	cairo_set_font_size(cr, mm(size));
	cairo_text_extents(cr, text, &e);
	cairo_move_to(cr, mm(x) - e.x_advance / 2, mm(y));
	cairo_show_text(cr, text);
}

/* "2977000000010" as people read it: "2977 0000 0001 0" */
static void number_grouped(const char *number, char *out)
{
	for (size_t i = 0; number[i]; i++) {
		if (i && i % 4 == 0)
			*out++ = ' ';
		*out++ = number[i];
	}
	*out = 0;
}

/* --- codes --- */

/* The dark modules from `from` on that touch each other are one rectangle, so that no seam shows. @return the light one behind
 * them, or count; `from` when it is light itself */
static unsigned run_end(const uint8_t *modules, unsigned count, unsigned from)
{
	while (from < count && modules[from])
		from++;
	return from;
}

/* The digits stand under the bars that mean them, the first, which no bars mean, before them. */
static void draw_digits(cairo_t *cr, const struct layout *l, const char *number, int left)
{
	int module = l->ean.module, y = l->ean.y + l->ean.height + l->ean.size;

	cairo_select_font_face(cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
	digit_at(cr, number[0], left - 6 * module, y, l->ean.size);
	for (int i = 0; i < 6; i++) {
		digit_at(cr, number[1 + i], left + (3 + 7 * i) * module + 7 * module / 2, y, l->ean.size);
		digit_at(cr, number[7 + i], left + (50 + 7 * i) * module + 7 * module / 2, y, l->ean.size);
	}
}

static void draw_ean(cairo_t *cr, const struct layout *l, const char *number)
{
	int module = l->ean.module, whole = (EAN13_QUIET_LEFT + EAN13_MODULES + EAN13_QUIET_RIGHT) * module;
	int left = (l->width - whole) / 2 + EAN13_QUIET_LEFT * module;
	uint8_t modules[EAN13_MODULES];

	ean13_encode(number, modules);
	for (unsigned i = 0; i < EAN13_MODULES; i++) {
		unsigned end = run_end(modules, EAN13_MODULES, i);

		if (end == i)
			continue;
		cairo_rectangle(cr, mm(left + (int)i * module), mm(l->ean.y), mm((int)(end - i) * module),
			mm(l->ean.height + (ean13_guard(i) ? 5 * module : 0)));
		i = end;
	}
	cairo_fill(cr);
	draw_digits(cr, l, number, left);
}

static int draw_qr(cairo_t *cr, const struct layout *l, const char *number, struct palier_arena *a)
{
	char grouped[CARD_NUMBER_MAX * 5 / 4 + 1];
	struct qr q;
	double module;
	int err = qr_encode(palier_str(number), QR_MEDIUM, a, &q);

	if (err != PALIER_OK)
		return err;
	module = mm(l->qr.side) / (q.width + 2 * QR_QUIET);
	for (unsigned y = 0; y < q.width; y++)
		for (unsigned x = 0; x < q.width; x++) {
			unsigned end = run_end(q.modules + (size_t)y * q.width, q.width, x);

			if (end == x)
				continue;
			cairo_rectangle(cr, mm(l->qr.x) + (QR_QUIET + x) * module, mm(l->qr.y) + (QR_QUIET + y) * module,
				(end - x) * module, module);
			x = end;
		}
	cairo_fill(cr);
	number_grouped(number, grouped);
	text_in(cr, grouped, l->number.x, l->number.y, l->number.width, l->number.size, false);
	return PALIER_OK;
}

/* --- cards and sheets --- */

static int draw_card(cairo_t *cr, const struct sheet *s, const char *number, struct palier_arena *a)
{
	const struct layout *l = layout_of(s);

	cairo_set_source_rgb(cr, 0, 0, 0);
	text_in(cr, s->shop, l->shop.x, l->shop.y, l->shop.width, l->shop.size, true);
	if (s->caption && l->caption.size) {
		cairo_set_source_rgb(cr, 0.35, 0.35, 0.35);
		text_in(cr, s->caption, l->caption.x, l->caption.y, l->caption.width, l->caption.size, false);
	}
	if (l->rule) {
		cairo_set_source_rgb(cr, 0.7, 0.7, 0.7);
		cairo_rectangle(cr, mm(l->shop.x), mm(l->rule), mm(l->shop.width), 0.2);
		cairo_fill(cr);
	}
	cairo_set_source_rgb(cr, 0, 0, 0);
	if (s->qr)
		return draw_qr(cr, l, number, a);
	draw_ean(cr, l, number);
	return PALIER_OK;
}

#define MARK_GAP    2000
#define MARK_LENGTH 5000

static void draw_mark(cairo_t *cr, int x, int y, int dx, int dy)
{
	cairo_move_to(cr, mm(x), mm(y));
	cairo_rel_line_to(cr, mm(dx), mm(dy));
}

/* In the margin, at both ends of every cut. */
static void draw_marks(cairo_t *cr, const struct layout *l)
{
	int right = l->left + l->columns * l->step_x, bottom = l->top + l->rows * l->step_y;

	for (int column = 0; column <= l->columns; column++) {
		draw_mark(cr, l->left + column * l->step_x, l->top - MARK_GAP, 0, -MARK_LENGTH);
		draw_mark(cr, l->left + column * l->step_x, bottom + MARK_GAP, 0, MARK_LENGTH);
	}
	for (int row = 0; row <= l->rows; row++) {
		draw_mark(cr, l->left - MARK_GAP, l->top + row * l->step_y, -MARK_LENGTH, 0);
		draw_mark(cr, right + MARK_GAP, l->top + row * l->step_y, MARK_LENGTH, 0);
	}
	cairo_set_source_rgb(cr, 0, 0, 0);
	cairo_set_line_width(cr, 0.1);
	cairo_stroke(cr);
}

static int draw_sheet(cairo_t *cr, const struct sheet *s, size_t first, struct palier_arena *a)
{
	const struct layout *l = layout_of(s);
	size_t end = s->count - first > sheet_holds(s) ? first + sheet_holds(s) : s->count;
	int err = PALIER_OK;

	cairo_set_source_rgb(cr, 1, 1, 1); /* what is transparent is black to some */
	cairo_paint(cr);
	for (size_t i = first; i < end && err == PALIER_OK; i++) {
		int at = (int)(i - first);

		cairo_save(cr);
		cairo_translate(cr, mm(l->left + at % l->columns * l->step_x), mm(l->top + at / l->columns * l->step_y));
		err = draw_card(cr, s, s->numbers[i], a);
		cairo_restore(cr);
		palier_arena_reset(a);
	}
	if (l->cut_marks)
		draw_marks(cr, l);
	return err;
}

static int draw_all(cairo_t *cr, const struct sheet *s)
{
	struct palier_arena a = { 0 };
	int err = PALIER_OK;

	for (size_t first = 0; first < s->count && err == PALIER_OK; first += sheet_holds(s)) {
		err = draw_sheet(cr, s, first, &a);
		cairo_show_page(cr);
	}
	palier_arena_deinit(&a);
	return err;
}

/* --- the file --- */

static cairo_status_t write_part(void *file, const unsigned char *at, unsigned int n)
{
	return fwrite(at, 1, n, file) == n ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static cairo_surface_t *surface_new(const struct sheet *s, enum sheet_format format, FILE *f)
{
	const double point = 72 / 25.4; /* to a millimetre */
	cairo_surface_t *surface;

	if (format == SHEET_SVG)
		return cairo_svg_surface_create_for_stream(write_part, f, mm(PAGE_WIDTH) * point, mm(PAGE_HEIGHT) * point);
	surface = cairo_pdf_surface_create_for_stream(write_part, f, mm(PAGE_WIDTH) * point, mm(PAGE_HEIGHT) * point);
	cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_4);
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, s->shop);
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "palier " PALIER_VERSION);
	return surface;
}

static int draw_into(const struct sheet *s, enum sheet_format format, FILE *f)
{
	cairo_surface_t *surface = surface_new(s, format, f);
	cairo_t *cr = cairo_create(surface);
	int err;

	cairo_scale(cr, 72 / 25.4, 72 / 25.4);
	err = draw_all(cr, s);
	if (cairo_status(cr) != CAIRO_STATUS_SUCCESS)
		err = PALIER_EIO;
	cairo_destroy(cr);
	cairo_surface_finish(surface);
	if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS)
		err = PALIER_EIO;
	cairo_surface_destroy(surface);
	return err;
}

int sheet_write(const struct sheet *s, enum sheet_format format, const char *path)
{
	FILE *f;
	int err;

	if (format == SHEET_SVG && s->count > sheet_holds(s))
		return PALIER_ERANGE;
	for (size_t i = 0; i < s->count; i++)
		if (sheet_objects(s, s->numbers[i]))
			return PALIER_ERANGE;
	f = fopen(path, "we");
	if (!f)
		return PALIER_EIO;
	err = draw_into(s, format, f);
	if (fclose(f) != 0)
		err = PALIER_EIO;
	if (err != PALIER_OK)
		unlink(path);
	return err;
}
