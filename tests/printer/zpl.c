/* SPDX-License-Identifier: Apache-2.0 */
/* ZPL II (Zebra, ZPL Programming Guide). Anything that is not here is wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/printer/printer.h"

static int hex_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Field data; under ^FH_ an underscore and two digits are a byte. */
static size_t unescape(struct printer *p, const char *at, size_t n, char *out, size_t room)
{
	size_t len = 0;

	for (size_t i = 0; i < n && len + 1 < room; i++)
		if (at[i] != '_' || !p->label.hex)
			out[len++] = at[i];
		else if (i + 2 < n && hex_of(at[i + 1]) >= 0 && hex_of(at[i + 2]) >= 0) {
			out[len++] = (char)(16 * hex_of(at[i + 1]) + hex_of(at[i + 2]));
			i += 2;
		} else
			printer_wrong(p, "^FD with _ and no hex behind it");
	out[len] = '\0';
	return len;
}

/* ^FD of a ^BQ: the level, how it is put in, a comma, and the text. */
static void draw_code(struct printer *p, const char *data, size_t len)
{
	static const char levels[] = "LMQH";
	const char *level = len > 3 ? memchr(levels, data[0], 4) : NULL;
	unsigned side;

	if (!level || data[1] != 'A' || data[2] != ',') {
		printer_wrong(p, "^FD of a QR code begins with %.3s", data);
		return;
	}
	printer_draw_qr(p, data + 3, len - 3, (int)(level - levels), p->label.qr, (int)p->label.x, p->label.y + 10, &side);
	if (p->label.y + side > p->label.length)
		printer_wrong(p, "a QR code below the label's end");
}

static void draw_text(struct printer *p, const char *data)
{
	unsigned times = p->label.high / 18, columns = 0;
	size_t have = strlen(p->text);

	for (const char *c = data; *c; c++)
		columns += (*c & 0xC0) != 0x80;
	if (p->label.x + columns * 12 * times > p->width || p->label.y + p->label.high > p->label.length)
		printer_wrong(p, "a text beyond the label's edge");
	printer_draw_text(p, data, p->label.x, p->label.y, times, times);
	snprintf(p->text + have, sizeof(p->text) - have, "%s\n", data);
}

static void field(struct printer *p, const char *at, size_t n)
{
	char data[sizeof(p->stored)];
	size_t len = unescape(p, at, n, data, sizeof(data));

	if (p->label.qr > 0)
		draw_code(p, data, len);
	else if (p->label.high > 0)
		draw_text(p, data);
	else
		printer_wrong(p, "^FD without a font or code");
	p->label.qr = p->label.high = 0;
	p->label.hex = false;
}

static void label_end(struct printer *p)
{
	bool cut = p->cut;

	printer_feed(p, p->label.length);
	p->cut = cut;
	p->label.open = false;
	p->label.utf8 = false;
}

/* @param a, b the command's figures */
static bool setting(struct printer *p, const char *name, const char *rest, unsigned a, unsigned b)
{
	if (strcmp(name, "CI") == 0 && a == 28)
		return p->label.utf8 = true;
	if (strcmp(name, "PW") == 0)
		return a == p->width;
	if (strcmp(name, "LL") == 0) {
		p->label.length = a;
		return a > 0 && a <= PRINTER_ROLL;
	}
	if (strcmp(name, "FO") == 0) {
		p->label.x = a;
		p->label.y = b;
		return true;
	}
	if (strcmp(name, "FH") == 0)
		return p->label.hex = strcmp(rest, "_") == 0;
	return strcmp(name, "MM") == 0 && strcmp(rest, "C") == 0 && (p->cut = true);
}

static bool face(struct printer *p, const char *name, const char *rest)
{
	unsigned a, b;

	if (strcmp(name, "AD") == 0 && sscanf(rest, "N,%u,%u", &a, &b) == 2 && a % 18 == 0 && b * 18 == a * 10) {
		p->label.high = a;
		return true;
	}
	if (strcmp(name, "BQ") == 0 && sscanf(rest, "N,%u,%u", &a, &b) == 2 && a == 2 && b >= 1 && b <= 10) {
		p->label.qr = b;
		return true;
	}
	return false;
}

static void command(struct printer *p, const char *name, const char *rest, size_t n)
{
	char start[32];
	unsigned a = 0, b = 0;

	snprintf(start, sizeof(start), "%.*s", (int)n, rest);
	start[strcspn(start, "\r\n")] = '\0';
	sscanf(start, "%u,%u", &a, &b);
	if (!p->label.utf8 && strcmp(name, "CI") != 0)
		printer_wrong(p, "^%s before ^CI28", name);
	else if (strcmp(name, "FD") == 0)
		field(p, rest, n);
	else if (strcmp(name, "FS") != 0 && !setting(p, name, start, a, b) && !face(p, name, start))
		printer_wrong(p, "^%s%s", name, start);
}

size_t printer_take_zpl(struct printer *p, const uint8_t *at, size_t n)
{
	const char *text = (const char *)at;
	char name[3] = { 0 };
	size_t end = 3;

	if (at[0] == '\r' || at[0] == '\n')
		return 1;
	if (n < 3)
		return 0;
	memcpy(name, text + 1, 2);
	if (text[0] != '^' || (strcmp(name, "XA") == 0) == p->label.open) {
		printer_wrong(p, "%.3s where %s", text, p->label.open ? "a label is" : "no label is");
		return 0;
	}
	if (strcmp(name, "XA") == 0)
		p->begun = p->label.open = true;
	else if (strcmp(name, "XZ") == 0)
		label_end(p);
	else {
		while (end < n && at[end] != '^' && at[end] != '~')
			end++;
		if (end == n)
			return 0; /* it may go on */
		command(p, name, text + 3, end - 3);
	}
	return end;
}
