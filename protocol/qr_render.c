/* SPDX-License-Identifier: Apache-2.0 */
/* An order for a QR code: is it one that can be drawn, how large, and by whom. */
#include "protocol/qr_render.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/json_text.h"
#include "protocol/qr_parts.h"

#define QUIET_MAX 16

static const struct kind {
	const char *media_type;
	bool text, printed;
	unsigned usual; /* module, where nothing is asked for and there is room: of print, 0.75 mm */
	unsigned most;  /* module */
	void (*draw)(const struct qr_picture *p, struct palier_buffer *out);
} kinds[] = {
	[QR_SVG] = { "image/svg+xml", true, false, 8, 32, qr_draw_svg },
	[QR_PNG] = { "image/png", false, false, 8, 32, qr_draw_png },
	[QR_ANSI] = { "text/plain; charset=utf-8", true, false, 1, 4, qr_draw_ansi },
	[QR_MATRIX] = { "text/plain; charset=utf-8", true, false, 1, 4, qr_draw_matrix },
	[QR_ESCPOS] = { "application/octet-stream", false, true, 6, 16, qr_draw_escpos },
	[QR_ESCPOS_RASTER] = { "application/octet-stream", false, true, 6, 32, qr_draw_escpos_raster },
	[QR_STAR] = { "application/vnd.star.starprnt", false, true, 6, 8, qr_draw_star },
	[QR_ZPL] = { "text/plain; charset=utf-8", true, true, 6, 10, qr_draw_zpl },
};

const char *qr_media_type(enum qr_format format)
{
	return kinds[format].media_type;
}

bool qr_is_text(enum qr_format format)
{
	return kinds[format].text;
}

bool qr_is_printed(enum qr_format format)
{
	return kinds[format].printed;
}

void qr_print(struct palier_buffer *out, const char *fmt, ...)
{
	char text[128];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(text))
		abort(); /* a format of ours */
	palier_buffer_add(out, text, (size_t)n);
}

/* @param modules a side, with the border */
static int module_choose(const struct qr_order *o, unsigned modules, struct palier_arena *a, unsigned *out, const char **why)
{
	const struct kind *kind = &kinds[o->format];
	unsigned paper = o->paper ? o->paper : QR_PAPER_58, fits = kind->printed ? paper / modules : kind->most;
	unsigned module = o->module;

	if (module > kind->most) {
		*why = palier_format(a, "%s draws modules of 1 to %u, not of %u", qr_format_names[o->format], kind->most,
			module);
		return PALIER_ERANGE;
	}
	if (module == 0)
		module = fits < kind->usual ? fits : kind->usual;
	if (module == 0 || module > fits) {
		*why = palier_format(a,
			"with its border this code needs %u dots, and a line has %u: give less text, or a smaller module",
			modules * (module ? module : 1), paper);
		return PALIER_ERANGE;
	}
	*out = module;
	return PALIER_OK;
}

static bool is_utf8(struct palier_bytes text)
{
	const uint8_t *at = (const uint8_t *)text.at, *end = at + text.len;
	unsigned n = 1;

	for (; at < end && n > 0; at += n)
		n = *at < 0x80 ? 1 : json_utf8_length(at, end);
	return n > 0;
}

static int code_make(const struct qr_order *o, struct palier_arena *a, struct qr *out, const char **why)
{
	int err = qr_encode(o->text, o->level, a, out);

	if (err == PALIER_ERANGE)
		*why = palier_format(a, "a QR code of level %s does not hold %zu bytes of text", qr_level_names[o->level],
			o->text.len);
	else if (err != PALIER_OK)
		*why = o->text.len ? "a text for a QR code has no NUL in it" : "there is no text to make a QR code of";
	if (err == PALIER_OK && !is_utf8(o->text)) {
		*why = "a text for a QR code is UTF-8";
		err = PALIER_EINVAL;
	}
	return err;
}

int qr_render(const struct qr_order *o, struct palier_arena *a, struct palier_buffer *out, struct qr_drawn *drawn,
	const char **why)
{
	struct qr_picture p = { .order = o };
	int err;

	if (o->quiet > QUIET_MAX) {
		*why = palier_format(a, "a border has 0 to %d modules, not %u", QUIET_MAX, o->quiet);
		return PALIER_ERANGE;
	}
	err = code_make(o, a, &p.code, why);
	if (err == PALIER_OK)
		err = module_choose(o, p.code.width + 2 * o->quiet, a, &p.module, why);
	if (err != PALIER_OK)
		return err;
	p.side = (p.code.width + 2 * o->quiet) * p.module;
	kinds[o->format].draw(&p, out);
	*drawn = (struct qr_drawn){ (p.code.width - 17) / 4, p.code.width, p.module };
	return PALIER_OK;
}

static struct palier_bytes data_of(const struct qr_order *o, struct palier_bytes picture, struct palier_arena *a)
{
	char *base64;

	if (qr_is_text(o->format))
		return palier_copy(a, picture);
	base64 = palier_alloc(a, (picture.len + 2) / 3 * 4 + 1);
	return palier_bytes_of(base64, palier_base64_padded(picture.at, picture.len, base64));
}

int qr_view_make(const struct qr_order *o, struct palier_arena *a, struct qr_view *out, const char **why)
{
	struct qr_view view = { .set = { 0, 0 } };
	struct palier_buffer picture = { 0 };
	struct qr_drawn drawn;
	int err = qr_render(o, a, &picture, &drawn, why);

	if (err == PALIER_OK) {
		PALIER_SET(&view, qr_view, format, palier_str(qr_format_names[o->format]));
		PALIER_SET(&view, qr_view, media_type, palier_str(qr_media_type(o->format)));
		PALIER_SET(&view, qr_view, encoding, palier_str(qr_is_text(o->format) ? "utf8" : "base64"));
		PALIER_SET(&view, qr_view, data, data_of(o, palier_buffer_bytes(&picture), a));
		PALIER_SET(&view, qr_view, text, o->text);
		PALIER_SET(&view, qr_view, version, (int64_t)drawn.version);
		PALIER_SET(&view, qr_view, modules, (int64_t)drawn.modules);
		*out = view;
	}
	palier_buffer_deinit(&picture);
	return err;
}
