/* SPDX-License-Identifier: Apache-2.0 */
/* QR codes for receipt printers that speak ESC/POS (Epson, ESC/POS Command Reference). */
#include "protocol/qr_parts.h"

/* GS ( k pL pH cn fn ...: 1D 28 6B, the length of what follows in two bytes, the lower first, then cn 31 (QR code) and the function. */
static void command(struct palier_buffer *out, size_t length, uint8_t function)
{
	const uint8_t bytes[] = { 0x1D, 0x28, 0x6B, (uint8_t)(length & 0xFF), (uint8_t)(length >> 8), 0x31, function };

	palier_buffer_add(out, bytes, sizeof(bytes));
}

/* Drawn by the printer, which needs few bytes of us. In hex:
 *
 *   function 165, model:   1D 28 6B 04 00 31 41 32 00        32: model 2
 *   function 167, size:    1D 28 6B 03 00 31 43 n            n dots a module, 1 to 16
 *   function 169, level:   1D 28 6B 03 00 31 45 n            30 L, 31 M, 32 Q, 33 H
 *   function 180, store:   1D 28 6B pL pH 31 50 30 text      pL + 256 pH = bytes of text + 3
 *   function 181, print:   1D 28 6B 03 00 31 51 30
 *
 * It leaves no border of its own. */
void qr_draw_escpos(const struct qr_picture *p, struct palier_buffer *out)
{
	const uint8_t module = (uint8_t)p->module, level = (uint8_t)(0x30 + p->order->level);

	command(out, 4, 0x41);
	palier_buffer_add(out, "\x32\0", 2);
	command(out, 3, 0x43);
	palier_buffer_add(out, &module, 1);
	command(out, 3, 0x45);
	palier_buffer_add(out, &level, 1);
	command(out, p->order->text.len + 3, 0x50);
	palier_buffer_add(out, "\x30", 1);
	palier_buffer_add(out, p->order->text.at, p->order->text.len);
	command(out, 3, 0x51);
	palier_buffer_add(out, "\x30", 1);
}

#define STRIP 255 /* rows: more are a strain on small printers, which keep a strip whole */

/* GS v 0 m xL xH yL yH, then the rows: 1D 76 30, m 00 (no scaling), bytes a row and rows, each in two bytes, the lower first. A bit a dot, the
 * highest first, 1 is black. */
static void strip_draw(const struct qr_picture *p, unsigned top, unsigned rows, struct palier_buffer *out)
{
	const unsigned bytes = (p->side + 7) / 8;
	const uint8_t head[] = { 0x1D, 0x76, 0x30, 0x00, (uint8_t)(bytes & 0xFF), (uint8_t)(bytes >> 8), (uint8_t)rows,
		0x00 };

	palier_buffer_add(out, head, sizeof(head));
	for (unsigned y = top; y < top + rows; y++)
		for (unsigned i = 0; i < bytes; i++) {
			uint8_t dots = 0;

			for (unsigned x = 8 * i; x < 8 * i + 8 && x < p->side; x++)
				dots |= (uint8_t)(qr_ink(p, x, y) ? 0x80 >> x % 8 : 0);
			palier_buffer_add(out, &dots, 1);
		}
}

/* As a picture, for printers that know no QR code: strips one below the other, which join without a gap. */
void qr_draw_escpos_raster(const struct qr_picture *p, struct palier_buffer *out)
{
	for (unsigned top = 0; top < p->side; top += STRIP)
		strip_draw(p, top, p->side - top < STRIP ? p->side - top : STRIP, out);
}
