/* SPDX-License-Identifier: Apache-2.0 */
/* usage: qr_draw SEED COUNT DIR
 * Draws random texts in every format, for others to read: DIR/N.text and DIR/N.FORMAT, and a line in DIR/orders for each: N, level, the
 * module of each format, in their order. The same seed draws the same. */
#include <stdio.h>
#include <stdlib.h>

#include "protocol/qr_render.h"

static uint64_t seed;

/* xorshift64*. 0 <= result < below */
static unsigned draw(unsigned below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (unsigned)((seed * UINT64_C(0x2545F4914F6CDD1D)) >> 33) % below;
}

/* A character of a text of each kind: digits, an address in capitals, one in small letters, ASCII, names, anything. */
static void letter_add(struct palier_buffer *text, unsigned kind)
{
	static const char *const symbols[] = { "0123456789",
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789$%*+-./:", "abcdefghijklmnopqrstuvwxyz0123456789-_./?=&#%~" };
	static const char *const letters[] = { "é", "à", "ç", "œ", "Zoé", "ß", "€", "Ж", "日本", "ﾃ", "🙂", " ", "a", "Q",
		"1", "\n", "\t", "^", "~", "_", "\\", "\"", "<", "&", "\x7F" };
	const char *at;
	char ascii;

	if (kind < 3) {
		at = symbols[kind];
		palier_buffer_add(text, at + draw((unsigned)strlen(at)), 1);
	} else if (kind == 3) {
		ascii = (char)(0x20 + draw(0x5F));
		palier_buffer_add(text, &ascii, 1);
	} else {
		at = letters[draw(kind == 4 ? 15 : sizeof(letters) / sizeof(letters[0]))];
		palier_buffer_add(text, at, strlen(at));
	}
}

/* Mostly as long as an address; one in eight fills a large code. */
static struct palier_bytes text_draw(struct palier_buffer *text)
{
	unsigned kind = draw(6), letters = 1 + draw(draw(8) == 0 ? 400 : 60);

	text->len = 0;
	if (kind == 1)
		palier_buffer_add(text, "HTTPS://", 8);
	if (kind == 2)
		palier_buffer_add(text, "https://", 8);
	while (letters-- > 0)
		letter_add(text, kind);
	return palier_buffer_bytes(text);
}

static void file_write(const char *dir, unsigned n, const char *ending, struct palier_bytes bytes)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%u.%s", dir, n, ending);
	f = fopen(path, "wb");
	if (!f || fwrite(bytes.at, 1, bytes.len, f) != bytes.len || fclose(f) != 0) {
		perror(path);
		exit(1);
	}
}

static void order_draw(const struct qr_order *o, const char *dir, unsigned n, struct palier_arena *a, FILE *orders)
{
	struct palier_buffer out = { 0 };
	struct qr_drawn drawn;
	const char *why;

	if (qr_render(o, a, &out, &drawn, &why) != PALIER_OK) {
		fprintf(stderr, "text %u as %s: %s\n", n, qr_format_names[o->format], why);
		exit(1);
	}
	file_write(dir, n, qr_format_names[o->format], palier_buffer_bytes(&out));
	fprintf(orders, " %u", drawn.module);
	palier_buffer_deinit(&out);
}

static void text_render(const char *dir, unsigned n, struct palier_bytes text, FILE *orders)
{
	struct palier_arena a = { 0 };
	struct qr_order o = { .text = text, .level = (enum qr_level)(n % 4), .quiet = 4 + draw(3) };

	file_write(dir, n, "text", text);
	fprintf(orders, "%u %s", n, qr_level_names[o.level]);
	for (unsigned f = 0; qr_format_names[f]; f++) {
		o.format = (enum qr_format)f;
		o.paper = draw(2) ? QR_PAPER_58 : QR_PAPER_80;
		o.module = draw(2) ? 0 : f <= QR_PNG ? 2 + draw(8) : f == QR_ZPL ? 2 : 1 + draw(2);
		order_draw(&o, dir, n, &a, orders);
	}
	fputc('\n', orders);
	palier_arena_deinit(&a);
}

int main(int argc, char **argv)
{
	struct palier_buffer text = { 0 };
	char path[512];
	FILE *orders;
	unsigned count;

	if (argc != 4)
		return 64;
	seed = strtoull(argv[1], NULL, 10) | 1;
	count = (unsigned)strtoul(argv[2], NULL, 10);
	snprintf(path, sizeof(path), "%s/orders", argv[3]);
	orders = fopen(path, "w");
	if (!orders) {
		perror(path);
		return 1;
	}
	for (unsigned n = 0; n < count; n++)
		text_render(argv[3], n, text_draw(&text), orders);
	palier_buffer_deinit(&text);
	return fclose(orders) == 0 ? 0 : 1;
}
