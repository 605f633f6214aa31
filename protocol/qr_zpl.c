/* SPDX-License-Identifier: Apache-2.0 */
/* QR codes for label printers that speak ZPL II (Zebra Programming Guide), drawn by the printer, as a label of their own:
 *
 *   ^XA ^CI28                a label begins; its texts are UTF-8
 *   ^FOx,y                   where the code stands: the border from the corner
 *   ^BQN,2,n                 a QR code, upright, of model 2, n dots a module, 1 to 10
 *   ^FH_ ^FDlA,text^FS       level (H, Q, M or L), A: the printer finds the coding; in the text, _ and two hex digits are a byte
 *   ^XZ                      the label ends and is printed
 *
 * Written as hex is what ZPL would take for itself, ^ ~ _ and controls, and all that is not ASCII. */
#include "protocol/qr_parts.h"

void qr_draw_zpl(const struct qr_picture *p, struct palier_buffer *out)
{
	const struct qr_order *o = p->order;
	const unsigned border = o->quiet * p->module;

	qr_print(out, "^XA^CI28^FO%u,%u^BQN,2,%u^FH_^FD%sA,", border, border, p->module, qr_level_names[o->level]);
	for (size_t i = 0; i < o->text.len; i++) {
		uint8_t byte = (uint8_t)o->text.at[i];

		if (byte < 0x20 || byte > 0x7E || strchr("^~_", byte))
			qr_print(out, "_%02X", byte);
		else
			qr_print(out, "%c", byte);
	}
	qr_print(out, "^FS^XZ\n");
}
