/* SPDX-License-Identifier: Apache-2.0 */
/* QR codes for receipt printers of Star, drawn by the printer (StarPRNT Command Specifications, QR code). In hex:
 *
 *   ESC GS y S 0 n, model:    1B 1D 79 53 30 02               02: model 2
 *   ESC GS y S 2 n, size:     1B 1D 79 53 32 n                n dots a module, 1 to 8
 *   ESC GS y S 1 n, level:    1B 1D 79 53 31 n                00 L, 01 M, 02 Q, 03 H
 *   ESC GS y D 1 m, data:     1B 1D 79 44 31 00 nL nH text    m 00: the printer finds the shortest coding; nL + 256 nH bytes of text
 *   ESC GS y P, print:        1B 1D 79 50
 *
 * It leaves no border of its own. */
#include "protocol/qr_parts.h"

static void setting(struct palier_buffer *out, uint8_t which, uint8_t value)
{
	const uint8_t bytes[] = { 0x1B, 0x1D, 0x79, 0x53, which, value };

	palier_buffer_add(out, bytes, sizeof(bytes));
}

void qr_draw_star(const struct qr_picture *p, struct palier_buffer *out)
{
	const struct palier_bytes text = p->order->text;
	const uint8_t data[] = { 0x1B, 0x1D, 0x79, 0x44, 0x31, 0x00, (uint8_t)(text.len & 0xFF), (uint8_t)(text.len >> 8) };

	setting(out, 0x30, 0x02);
	setting(out, 0x32, (uint8_t)p->module);
	setting(out, 0x31, (uint8_t)p->order->level);
	palier_buffer_add(out, data, sizeof(data));
	palier_buffer_add(out, text.at, text.len);
	palier_buffer_add(out, "\x1B\x1D\x79\x50", 4);
}
