/* SPDX-License-Identifier: Apache-2.0 */
/* QR codes in letters: for a terminal, and as plain figures for who draws by himself. */
#include "protocol/qr_parts.h"

/* A character is two pixels, one above the other: U+2588 both dark, U+2580 the upper, U+2584 the lower, a blank neither. Each line begins
 * with ESC [ 38;5;16;48;5;231 m (ECMA-48 SGR, T.416 indexed colours: black on white of the cube, which no theme changes) and ends with
 * ESC [ 0 m. The height being odd, the last line's lower half is border. */
void qr_draw_ansi(const struct qr_picture *p, struct palier_buffer *out)
{
	static const char *const halves[2][2] = { { " ", "\xe2\x96\x84" }, { "\xe2\x96\x80", "\xe2\x96\x88" } };

	for (unsigned y = 0; y < p->side; y += 2) {
		qr_print(out, "\033[38;5;16;48;5;231m");
		for (unsigned x = 0; x < p->side; x++)
			qr_print(out, "%s", halves[qr_ink(p, x, y)][y + 1 < p->side && qr_ink(p, x, y + 1)]);
		qr_print(out, "\033[0m\n");
	}
}

/* A line a row, its border included: 1 dark, 0 light. */
void qr_draw_matrix(const struct qr_picture *p, struct palier_buffer *out)
{
	for (unsigned y = 0; y < p->side; y++) {
		for (unsigned x = 0; x < p->side; x++)
			palier_buffer_add(out, qr_ink(p, x, y) ? "1" : "0", 1);
		palier_buffer_add(out, "\n", 1);
	}
}
