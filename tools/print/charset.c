/* SPDX-License-Identifier: Apache-2.0 */
/* Windows-1252 (IANA "windows-1252"; ESC/POS calls it WPC1252). */
#include "tools/print/charset.h"

#include "protocol/json_text.h"

#define UNUSED 0

/* 0x80 to 0x9F; the rest is Latin-1. */
static const uint16_t upper[32] = {
	0x20AC, UNUSED, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, UNUSED,
	0x017D, UNUSED, /* 8x */
	UNUSED, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, UNUSED,
	0x017E, 0x0178, /* 9x */
};

/* U+0100 to U+017F without their accents. */
static const char latin_a[] =
	"AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiJjJjKkkLlLlLlLlLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTt"
	"UuUuUuUuUuUuWwYyYZzZzZzs";

/* What is written another way, by code point. "" is nothing. */
static const struct other {
	uint32_t first, last;
	const char *text;
} others[] = {
	{ 0x0009, 0x0009, " " },
	{ 0x0218, 0x0218, "S" },
	{ 0x0219, 0x0219, "s" },
	{ 0x021A, 0x021A, "T" },
	{ 0x021B, 0x021B, "t" },
	{ 0x0300, 0x036F, "" },
	{ 0x1E9E, 0x1E9E, "SS" },
	{ 0x2000, 0x200A, " " },
	{ 0x200B, 0x200F, "" },
	{ 0x2010, 0x2011, "-" },
	{ 0x2012, 0x2012, "-" },
	{ 0x2015, 0x2015, "\x97" },
	{ 0x202F, 0x202F, "\xA0" },
	{ 0x2032, 0x2032, "'" },
	{ 0x2033, 0x2033, "\"" },
	{ 0x2190, 0x2190, "<-" },
	{ 0x2192, 0x2192, "->" },
	{ 0x21D2, 0x21D2, "=>" },
	{ 0x2212, 0x2212, "-" },
	{ 0x2264, 0x2264, "<=" },
	{ 0x2265, 0x2265, ">=" },
	{ 0x2713, 0x2714, "x" },
	{ 0xFE00, 0xFE0F, "" },
	{ 0xFEFF, 0xFEFF, "" },
};

uint32_t charset_decode(uint8_t byte)
{
	return byte >= 0x80 && byte < 0xA0 ? upper[byte - 0x80] : byte;
}

void charset_utf8(uint32_t point, struct palier_buffer *out)
{
	unsigned more = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
	uint8_t byte = more ? (uint8_t)((0xFF00U >> (more + 1)) | point >> 6 * more) : (uint8_t)point;

	palier_buffer_add(out, &byte, 1);
	while (more-- > 0) {
		byte = (uint8_t)(0x80 | (point >> 6 * more & 0x3F));
		palier_buffer_add(out, &byte, 1);
	}
}

/* @return the byte; 0: it has none */
static uint8_t byte_of(uint32_t point)
{
	if ((point >= 0x20 && point < 0x7F) || (point >= 0xA0 && point <= 0xFF))
		return (uint8_t)point;
	for (unsigned i = 0; i < 32; i++)
		if (upper[i] == point && point != UNUSED)
			return (uint8_t)(0x80 + i);
	return 0;
}

static const char *other_of(uint32_t point)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (point >= others[i].first && point <= others[i].last)
			return others[i].text;
	return NULL;
}

static void lose(struct charset_lost *lost, uint32_t point)
{
	for (unsigned i = 0; i < lost->count && i < CHARSET_LOST_MAX; i++)
		if (lost->at[i] == point)
			return;
	if (lost->count < CHARSET_LOST_MAX)
		lost->at[lost->count] = point;
	lost->count++;
}

static void encode_one(uint32_t point, struct palier_buffer *out, struct charset_lost *lost)
{
	const char *other = other_of(point);
	uint8_t byte = byte_of(point);

	if (other) {
		palier_buffer_add(out, other, strlen(other));
		return;
	}
	if (!byte && point >= 0x100 && point < 0x100 + sizeof(latin_a) - 1)
		byte = (uint8_t)latin_a[point - 0x100];
	if (!byte) {
		byte = '?';
		lose(lost, point);
	}
	palier_buffer_add(out, &byte, 1);
}

/* @return bytes taken */
static unsigned next_point(const uint8_t *p, const uint8_t *end, uint32_t *out)
{
	unsigned n = *p < 0x80 ? 1 : json_utf8_length(p, end);

	*out = n == 1 ? *p : n == 0 ? 0xFFFD : *p & (0xFFU >> (n + 1));
	for (unsigned i = 1; i < n; i++)
		*out = *out << 6 | (p[i] & 0x3F);
	return n ? n : 1;
}

void charset_encode(struct palier_bytes utf8, struct palier_buffer *out, struct charset_lost *lost)
{
	const uint8_t *p = (const uint8_t *)utf8.at, *end = p + utf8.len;

	while (p < end) {
		uint32_t point;

		p += next_point(p, end, &point);
		encode_one(point, out, lost);
	}
}
