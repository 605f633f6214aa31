/* SPDX-License-Identifier: Apache-2.0 */
/* QR codes as PNG (ISO/IEC 15948), by libpng: grey of 1 bit a pixel, 1 is white. */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/qr_parts.h"

/* The picture's size is in bounds and writing cannot fail: what is left is having no memory, or a mistake of ours. */
static _Noreturn void failed(png_structp png, png_const_charp message)
{
	(void)png;
	fprintf(stderr, "libpng: %s\n", message);
	abort();
}

static void append(png_structp png, png_bytep data, png_size_t n)
{
	palier_buffer_add(png_get_io_ptr(png), data, n);
}

static void nothing_to_flush(png_structp png)
{
	(void)png;
}

static void rows_write(png_structp png, const struct qr_picture *p)
{
	png_byte row[((177 + 2 * 16) * 32 + 7) / 8]; /* the largest code, border and module */

	for (unsigned y = 0; y < p->side; y++) {
		memset(row, 0, (p->side + 7) / 8);
		for (unsigned x = 0; x < p->side; x++)
			if (!qr_ink(p, x, y))
				row[x / 8] |= (png_byte)(0x80 >> x % 8);
		png_write_row(png, row);
	}
}

void qr_draw_png(const struct qr_picture *p, struct palier_buffer *out)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, failed, NULL);
	png_infop info = png ? png_create_info_struct(png) : NULL;

	if (!info)
		abort();
	png_set_write_fn(png, out, append, nothing_to_flush);
	png_set_IHDR(png, info, p->side, p->side, 1, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
		PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	rows_write(png, p);
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
}
