/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of qr_render share: a code, how large it is drawn, and who draws it. */
#pragma once

#include "protocol/qr_render.h"

struct qr_picture {
	const struct qr_order *order;
	struct qr code;
	unsigned module; /* pixels, dots or characters a module */
	unsigned side;   /* of the whole, with its border */
};

/** Is the pixel dark? @param x, y < side */
static inline bool qr_ink(const struct qr_picture *p, unsigned x, unsigned y)
{
	unsigned left = x / p->module, top = y / p->module, quiet = p->order->quiet;

	return left >= quiet && top >= quiet && left - quiet < p->code.width && top - quiet < p->code.width &&
	       qr_dark(&p->code, left - quiet, top - quiet);
}

void qr_print(struct palier_buffer *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Each appends the picture to out. */
void qr_draw_svg(const struct qr_picture *p, struct palier_buffer *out);
void qr_draw_png(const struct qr_picture *p, struct palier_buffer *out);
void qr_draw_ansi(const struct qr_picture *p, struct palier_buffer *out);
void qr_draw_matrix(const struct qr_picture *p, struct palier_buffer *out);
void qr_draw_escpos(const struct qr_picture *p, struct palier_buffer *out);
void qr_draw_escpos_raster(const struct qr_picture *p, struct palier_buffer *out);
void qr_draw_star(const struct qr_picture *p, struct palier_buffer *out);
void qr_draw_zpl(const struct qr_picture *p, struct palier_buffer *out);
