/* SPDX-License-Identifier: Apache-2.0 */
/* Star Line Mode (Star, STAR Line Mode Command Specifications). Anything that is not here is wrong. */
#include <string.h>

#include "tests/printer/printer.h"

#define LINE_SPACING 32 /* 4 mm */

/* ESC ACK SOH: the automatic status, of seven bytes here. */
static void tell(struct printer *p)
{
	uint8_t status[7] = { 0x0F, 0x06 }; /* seven bytes; of version 3 */

	if (p->no_paper || p->cover_open)
		status[2] |= 0x08;
	if (p->cover_open)
		status[2] |= 0x20;
	if (p->no_paper)
		status[5] |= 0x08;
	if (p->paper_low)
		status[5] |= 0x06;
	if (p->mute)
		return;
	memcpy(p->answer + p->answers, status, sizeof(status));
	p->answers += sizeof(status);
}

/* ESC GS y: QR codes */
static size_t take_qr(struct printer *p, const uint8_t *at, size_t n)
{
	unsigned len, side;

	if (n < 4 || (at[3] != 'P' && n < 6))
		return 0;
	if (at[3] == 'P') {
		printer_draw_qr(p, p->stored, p->stored_len, p->level, p->module, -1, p->y, &side);
		printer_feed(p, side);
		return 4;
	}
	if (at[3] == 'S' && at[4] == '0' && (at[5] == 1 || at[5] == 2))
		p->model = at[5];
	else if (at[3] == 'S' && at[4] == '1' && at[5] <= 3)
		p->level = at[5];
	else if (at[3] == 'S' && at[4] == '2' && at[5] >= 1 && at[5] <= 8)
		p->module = at[5];
	else if (at[3] != 'D' || at[4] != '1' || at[5] != 0)
		printer_wrong(p, "ESC GS y %02X %02X %02X", at[3], at[4], at[5]);
	if (at[3] != 'D' || p->wrong[0])
		return 6;
	if (n < 8)
		return 0;
	len = at[6] + 256U * at[7];
	if (len == 0 || len >= sizeof(p->stored)) {
		printer_wrong(p, "ESC GS y D 1 with %u bytes", len);
		return 0;
	}
	if (n < 8 + (size_t)len)
		return 0;
	memcpy(p->stored, at + 8, len);
	p->stored_len = len;
	return 8 + (size_t)len;
}

static size_t take_esc_gs(struct printer *p, const uint8_t *at, size_t n)
{
	if (n < 4)
		return 0;
	if (at[2] == 'y')
		return take_qr(p, at, n);
	if (at[2] == 't' && (at[3] <= 21 || (at[3] >= 32 && at[3] <= 34)))
		p->code_page = at[3] == 32 ? 1252 : 437;
	else if (at[2] == 'a' && at[3] <= 2 && p->in_line == 0)
		p->align = at[3];
	else
		printer_wrong(p, "ESC GS %02X %02X", at[2], at[3]);
	return 4;
}

static size_t take_esc(struct printer *p, const uint8_t *at, size_t n)
{
	if (n < 2)
		return 0;
	if (at[1] == '@') {
		p->begun = true;
		p->code_page = 437;
		p->align = 0;
		p->wide = p->high = 1;
		p->model = 2;
		p->level = 0;
		p->module = 3;
		return 2;
	}
	if (n < 3)
		return 0;
	if (at[1] == 0x06 && at[2] == 0x01) {
		tell(p);
		return 3;
	}
	if (!p->begun) {
		printer_wrong(p, "ESC %02X before the printer was initialised", at[1]);
		return 0;
	}
	if (at[1] == 0x1D)
		return take_esc_gs(p, at, n);
	if (at[1] == 'i' && n < 4)
		return 0;
	if (at[1] == 'i' && at[2] <= 5 && at[3] <= 5) {
		p->high = at[2] + 1U;
		p->wide = at[3] + 1U;
		return 4;
	}
	if (at[1] == 'R' && at[2] <= 15)
		return 3;
	if (at[1] == 'a' && at[2] >= 1 && at[2] <= 127 && p->in_line == 0)
		printer_feed(p, at[2] * LINE_SPACING);
	else if (at[1] == 'd' && at[2] <= 3) {
		printer_feed(p, at[2] >= 2 ? 100 : 0);
		p->cut = true;
	} else
		printer_wrong(p, "ESC %02X %02X", at[1], at[2]);
	return 3;
}

size_t printer_take_star(struct printer *p, const uint8_t *at, size_t n)
{
	if (at[0] == 0x1B)
		return take_esc(p, at, n);
	if (at[0] == '\n')
		printer_line(p, LINE_SPACING);
	else if (at[0] < 0x20)
		printer_wrong(p, "%02X", at[0]);
	else
		printer_char(p, at[0]);
	return 1;
}
