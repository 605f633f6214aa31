/* SPDX-License-Identifier: Apache-2.0 */
/* QR codes as SVG 1.1: a white square, and on it one path in units of modules, a rectangle for each run of dark ones:
 *
 *   <path d="M4 4h7v1h-7z..."/>   from x 4, y 4: seven to the right, one down, seven back
 *
 * Without smoothing, which would leave hairlines between the rows. */
#include "protocol/qr_parts.h"

static void row_draw(const struct qr_picture *p, unsigned y, struct palier_buffer *out)
{
	unsigned quiet = p->order->quiet, width = p->code.width, end;

	for (unsigned x = 0; x < width; x = end) {
		for (end = x + 1; end < width && qr_dark(&p->code, end, y) == qr_dark(&p->code, x, y); end++)
			;
		if (qr_dark(&p->code, x, y))
			qr_print(out, "M%u %uh%uv1h-%uz", x + quiet, y + quiet, end - x, end - x);
	}
}

void qr_draw_svg(const struct qr_picture *p, struct palier_buffer *out)
{
	unsigned units = p->side / p->module;

	qr_print(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	qr_print(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" viewBox=\"0 0 %u %u\" ", p->side,
		p->side, units, units);
	qr_print(out,
		"shape-rendering=\"crispEdges\">\n<path fill=\"#fff\" d=\"M0 0h%uv%uh-%uz\"/>\n<path fill=\"#000\" d=\"",
		units, units, units);
	for (unsigned y = 0; y < p->code.width; y++)
		row_draw(p, y, out);
	qr_print(out, "\"/>\n</svg>\n");
}
