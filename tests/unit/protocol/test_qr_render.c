/* SPDX-License-Identifier: Apache-2.0 */
/* QR codes as each format draws them: exact bytes, sizes, and what cannot be drawn. That they can be read is seen by qr_readback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "protocol/qr_render.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What is drawn of an order, which must be possible. */
static struct palier_bytes drawing(const struct qr_order *o, struct palier_arena *a, struct palier_buffer *out,
	struct qr_drawn *d)
{
	const char *why = NULL;
	int err = qr_render(o, a, out, d, &why);

	if (err != PALIER_OK)
		fail_msg("%s", why);
	return palier_buffer_bytes(out);
}

/* --- exact bytes --- */

/* The matrix, the terminal's and the SVG's form of the smallest code are long: of them, what begins and what ends. */
static const struct bytes_case {
	const char *name;
	struct qr_order order;
	struct palier_bytes begin, end; /* the whole, where `end` is empty */
} bytes_cases[] = {
	{ "ESC/POS: functions 165, 167, 169, 180 and 181", { PALIER_LIT("HELLO"), QR_ESCPOS, QR_MEDIUM, QR_QUIET, 6, 0 },
		PALIER_LIT("\x1D(k\x04\0\x31\x41\x32\0"
			   "\x1D(k\x03\0\x31\x43\x06"
			   "\x1D(k\x03\0\x31\x45\x31"
			   "\x1D(k\x08\0\x31\x50\x30HELLO"
			   "\x1D(k\x03\0\x31\x51\x30"),
		{ NULL, 0 } },
	{ "ESC/POS: level H is 33, and UTF-8 is sent as it is",
		{ PALIER_LIT("Zo\xC3\xA9"), QR_ESCPOS, QR_HIGH, QR_QUIET, 16, QR_PAPER_80 },
		PALIER_LIT("\x1D(k\x04\0\x31\x41\x32\0"
			   "\x1D(k\x03\0\x31\x43\x10"
			   "\x1D(k\x03\0\x31\x45\x33"
			   "\x1D(k\x07\0\x31\x50\x30Zo\xC3\xA9"
			   "\x1D(k\x03\0\x31\x51\x30"),
		{ NULL, 0 } },
	{ "Star: ESC GS y S 0, 2 and 1, D 1 and P", { PALIER_LIT("HELLO"), QR_STAR, QR_QUARTILE, QR_QUIET, 8, 0 },
		PALIER_LIT("\x1B\x1DyS0\x02"
			   "\x1B\x1DyS2\x08"
			   "\x1B\x1DyS1\x02"
			   "\x1B\x1DyD1\0\x05\0HELLO"
			   "\x1B\x1DyP"),
		{ NULL, 0 } },
	{ "ZPL: a label with its border", { PALIER_LIT("HELLO"), QR_ZPL, QR_LOW, QR_QUIET, 5, 0 },
		PALIER_LIT("^XA^CI28^FO20,20^BQN,2,5^FH_^FDLA,HELLO^FS^XZ\n"), { NULL, 0 } },
	{ "ZPL: what it would take for itself is hex",
		{ PALIER_LIT("a^b~c_d\x7F\xC3\xA9\n>\\&,"), QR_ZPL, QR_HIGH, 0, 1, 0 },
		PALIER_LIT("^XA^CI28^FO0,0^BQN,2,1^FH_^FDHA,a_5Eb_7Ec_5Fd_7F_C3_A9_0A>\\&,^FS^XZ\n"), { NULL, 0 } },
	{ "ESC/POS raster: the header, then a bit a dot", { PALIER_LIT("HELLO"), QR_ESCPOS_RASTER, QR_MEDIUM, 0, 1, 0 },
		PALIER_LIT("\x1Dv0\0\x03\0\x15\0\xFE"), PALIER_LIT("(") },
	{ "matrix: a line a row", { PALIER_LIT("HELLO"), QR_MATRIX, QR_MEDIUM, 1, 0, 0 },
		PALIER_LIT("00000000000000000000000\n011111110"), PALIER_LIT("0\n00000000000000000000000\n") },
	{ "ANSI: two rows a line, black on white", { PALIER_LIT("HELLO"), QR_ANSI, QR_MEDIUM, 0, 0, 0 },
		PALIER_LIT("\033[38;5;16;48;5;231m\xE2\x96\x88\xE2\x96\x80\xE2\x96\x80\xE2\x96\x80"),
		PALIER_LIT("\033[0m\n") },
	{ "SVG: white, and dark runs on it", { PALIER_LIT("HELLO"), QR_SVG, QR_MEDIUM, QR_QUIET, 0, 0 },
		PALIER_LIT("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"232\" height=\"232\" viewBox=\"0 0 29 29\" "
			   "shape-rendering=\"crispEdges\">\n"
			   "<path fill=\"#fff\" d=\"M0 0h29v29h-29z\"/>\n"
			   "<path fill=\"#000\" d=\"M4 4h7v1h-7z"),
		PALIER_LIT("z\"/>\n</svg>\n") },
	{ "PNG: 232 x 232, grey of one bit", { PALIER_LIT("HELLO"), QR_PNG, QR_MEDIUM, QR_QUIET, 0, 0 },
		PALIER_LIT("\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\0\xE8\0\0\0\xE8\x01\0\0\0\0"),
		PALIER_LIT("\0\0\0\0IEND\xAE\x42\x60\x82") },
};

static void exact_bytes(void **state)
{
	const struct bytes_case *t = *state;
	struct palier_arena a = { 0 };
	struct palier_buffer out = { 0 };
	struct qr_drawn d;
	struct palier_bytes got = drawing(&t->order, &a, &out, &d);

	if (t->end.len == 0)
		assert_int_equal(got.len, t->begin.len);
	assert_true(got.len >= t->begin.len + t->end.len);
	assert_memory_equal(got.at, t->begin.at, t->begin.len);
	if (t->end.len)
		assert_memory_equal(got.at + got.len - t->end.len, t->end.at, t->end.len);
	palier_buffer_deinit(&out);
	palier_arena_deinit(&a);
}

/* --- sizes --- */

#define URL "HTTPS://EX.FR/P/7QK4M2ZP9A3CH" /* a sponsor's code as rules.md has it: 29 characters */

static const struct size_case {
	const char *name;
	struct qr_order order;
	struct qr_drawn drawn;
} size_cases[] = {
	{ "an upper-case address of 29 characters is of version 2", { PALIER_LIT(URL), QR_SVG, QR_MEDIUM, QR_QUIET, 0, 0 },
		{ 2, 25, 8 } },
	{ "in lower case it would need version 3",
		{ PALIER_LIT("https://ex.fr/p/7qk4m2zp9a3ch"), QR_SVG, QR_MEDIUM, QR_QUIET, 0, 0 }, { 3, 29, 8 } },
	{ "its module is 6 dots, where there is room", { PALIER_LIT(URL), QR_ESCPOS, QR_MEDIUM, QR_QUIET, 0, 0 },
		{ 2, 25, 6 } },
	{ "as many as fit, where there is less", { PALIER_LIT(URL), QR_ZPL, QR_MEDIUM, QR_QUIET, 0, 131 }, { 2, 25, 3 } },
	{ "a line that is just wide enough", { PALIER_LIT(URL), QR_STAR, QR_MEDIUM, QR_QUIET, 0, 132 }, { 2, 25, 4 } },
	{ "without a border there is more room", { PALIER_LIT(URL), QR_STAR, QR_MEDIUM, 0, 0, 132 }, { 2, 25, 5 } },
	{ "a line of 58 mm takes 11 dots a module", { PALIER_LIT(URL), QR_ESCPOS, QR_MEDIUM, QR_QUIET, 11, QR_PAPER_58 },
		{ 2, 25, 11 } },
	{ "and of 80 mm 16", { PALIER_LIT(URL), QR_ESCPOS, QR_MEDIUM, QR_QUIET, 16, QR_PAPER_80 }, { 2, 25, 16 } },
	{ "a screen is as wide as it takes", { PALIER_LIT(URL), QR_PNG, QR_MEDIUM, 16, 32, 1 }, { 2, 25, 32 } },
};

static void sizes(void **state)
{
	const struct size_case *t = *state;
	struct palier_arena a = { 0 };
	struct palier_buffer out = { 0 };
	struct qr_drawn d;

	drawing(&t->order, &a, &out, &d);
	assert_int_equal(d.version, t->drawn.version);
	assert_int_equal(d.modules, t->drawn.modules);
	assert_int_equal(d.module, t->drawn.module);
	palier_buffer_deinit(&out);
	palier_arena_deinit(&a);
}

/* --- what cannot be drawn --- */

static const struct refusal_case {
	const char *name;
	struct qr_order order;
	int err;
	const char *why;
} refusal_cases[] = {
	{ "nothing is no text", { { NULL, 0 }, QR_SVG, QR_LOW, QR_QUIET, 0, 0 }, PALIER_EINVAL, "there is no text" },
	{ "a NUL is no text", { PALIER_LIT("a\0b"), QR_SVG, QR_LOW, QR_QUIET, 0, 0 }, PALIER_EINVAL, "has no NUL" },
	{ "Latin 1 is no UTF-8", { PALIER_LIT("Zo\xE9"), QR_SVG, QR_LOW, QR_QUIET, 0, 0 }, PALIER_EINVAL, "is UTF-8" },
	{ "wider than 58 mm", { PALIER_LIT(URL), QR_ESCPOS_RASTER, QR_MEDIUM, QR_QUIET, 12, 0 }, PALIER_ERANGE,
		"needs 396 dots, and a line has 384" },
	{ "wider than 80 mm", { PALIER_LIT(URL), QR_ESCPOS_RASTER, QR_MEDIUM, QR_QUIET, 18, QR_PAPER_80 }, PALIER_ERANGE,
		"needs 594 dots, and a line has 576" },
	{ "a line too narrow for any module", { PALIER_LIT(URL), QR_ESCPOS, QR_MEDIUM, QR_QUIET, 0, 32 }, PALIER_ERANGE,
		"needs 33 dots, and a line has 32" },
	{ "Star draws up to 8 dots", { PALIER_LIT("1"), QR_STAR, QR_LOW, QR_QUIET, 9, 0 }, PALIER_ERANGE,
		"star draws modules of 1 to 8" },
	{ "ZPL up to 10", { PALIER_LIT("1"), QR_ZPL, QR_LOW, QR_QUIET, 11, 0 }, PALIER_ERANGE,
		"zpl draws modules of 1 to 10" },
	{ "ESC/POS up to 16", { PALIER_LIT("1"), QR_ESCPOS, QR_LOW, 0, 17, 0 }, PALIER_ERANGE,
		"escpos draws modules of 1 to 16" },
	{ "a module of 33 pixels", { PALIER_LIT("1"), QR_PNG, QR_LOW, 0, 33, 0 }, PALIER_ERANGE,
		"png draws modules of 1 to 32" },
	{ "five characters a module", { PALIER_LIT("1"), QR_ANSI, QR_LOW, 0, 5, 0 }, PALIER_ERANGE,
		"ansi draws modules of 1 to 4" },
	{ "a border of 17", { PALIER_LIT("1"), QR_PNG, QR_LOW, 17, 0, 0 }, PALIER_ERANGE, "0 to 16 modules, not 17" },
};

static void refusals(void **state)
{
	const struct refusal_case *t = *state;
	struct palier_arena a = { 0 };
	struct palier_buffer out = { 0 };
	struct qr_drawn d = { .version = 77 };
	const char *why = "";

	assert_int_equal(qr_render(&t->order, &a, &out, &d, &why), t->err);
	if (!strstr(why, t->why))
		fail_msg("%s", why);
	assert_int_equal(out.len, 0);
	assert_int_equal(d.version, 77);
	palier_buffer_deinit(&out);
	palier_arena_deinit(&a);
}

/* --- large ones --- */

static void too_long(void **state)
{
	static char text[2954];
	const struct qr_order o = { palier_bytes_of(memset(text, 'x', sizeof(text)), sizeof(text)), QR_SVG, QR_LOW, QR_QUIET,
		0, 0 };
	struct palier_arena a = { 0 };
	struct palier_buffer out = { 0 };
	struct qr_drawn d;
	const char *why = "";

	(void)state;
	assert_int_equal(qr_render(&o, &a, &out, &d, &why), PALIER_ERANGE);
	assert_string_equal(why, "a QR code of level L does not hold 2954 bytes of text");
	palier_arena_deinit(&a);
}

/* The largest there is, in every format and at its largest: no byte goes astray, and the text's length is in two bytes. */
static void largest(void **state)
{
	static const unsigned most[] = { 32, 32, 4, 4, 16, 32, 8, 10 };
	static char text[2953];
	struct qr_order o = { palier_bytes_of(memset(text, 'x', sizeof(text)), sizeof(text)), QR_SVG, QR_LOW, 16, 0, 10000 };
	struct palier_arena a = { 0 };
	struct palier_buffer out = { 0 };
	struct qr_drawn d;

	(void)state;
	for (size_t f = 0; qr_format_names[f]; f++) {
		o.format = (enum qr_format)f;
		o.module = most[f];
		out.len = 0;
		drawing(&o, &a, &out, &d);
		assert_int_equal(d.version, 40);
		if (f == QR_ESCPOS)
			assert_memory_equal(out.at + 25, "\x1D(k\x8C\x0B\x31\x50\x30xxx", 11);
		if (f == QR_STAR)
			assert_memory_equal(out.at + 18, "\x1B\x1DyD1\0\x89\x0Bxxx", 11);
	}
	palier_buffer_deinit(&out);
	palier_arena_deinit(&a);
}

/* A picture of 264 rows is two strips, which together are the matrix. */
static void strips(void **state)
{
	struct qr_order o = { PALIER_LIT(URL), QR_ESCPOS_RASTER, QR_MEDIUM, QR_QUIET, 8, 0 };
	struct palier_arena a = { 0 };
	struct palier_buffer raster = { 0 }, matrix = { 0 };
	struct qr_drawn d;
	struct palier_bytes dots = drawing(&o, &a, &raster, &d), rows;

	(void)state;
	o.format = QR_MATRIX;
	o.module = 1;
	rows = drawing(&o, &a, &matrix, &d);
	assert_int_equal(rows.len, 33 * 34);
	assert_int_equal(dots.len, 8 + 255 * 33 + 8 + 9 * 33);
	assert_memory_equal(dots.at, "\x1Dv0\0\x21\0\xFF\0", 8);
	assert_memory_equal(dots.at + 8 + 255 * 33, "\x1Dv0\0\x21\0\x09\0", 8);
	for (unsigned y = 0; y < 264; y++)
		for (unsigned x = 0; x < 33; x++) /* a byte is a module here */
			assert_int_equal((uint8_t)dots.at[8 + (y >= 255 ? 8 : 0) + y * 33 + x],
				rows.at[y / 8 * 34 + x] == '1' ? 0xFF : 0);
	palier_buffer_deinit(&raster);
	palier_buffer_deinit(&matrix);
	palier_arena_deinit(&a);
}

static void kinds(void **state)
{
	(void)state;
	assert_string_equal(qr_media_type(QR_SVG), "image/svg+xml");
	assert_string_equal(qr_media_type(QR_PNG), "image/png");
	for (size_t f = 0; qr_format_names[f]; f++) {
		assert_int_equal(qr_is_text((enum qr_format)f),
			f == QR_SVG || f == QR_ANSI || f == QR_MATRIX || f == QR_ZPL);
		assert_int_equal(qr_is_printed((enum qr_format)f), f >= QR_ESCPOS);
	}
}

/* Half of the formats are any bytes, and travel in base64. */
static void views(void **state)
{
	const struct qr_order star = { PALIER_LIT("HELLO"), QR_STAR, QR_QUARTILE, QR_QUIET, 8, 0 };
	const struct qr_order zpl = { PALIER_LIT("HELLO"), QR_ZPL, QR_LOW, QR_QUIET, 5, 0 };
	struct palier_arena a = { 0 };
	struct qr_view v;
	const char *why;

	(void)state;
	assert_int_equal(qr_view_make(&star, &a, &v, &why), PALIER_OK);
	assert_true(palier_is(v.format, "star") && palier_is(v.media_type, "application/vnd.star.starprnt"));
	assert_true(palier_is(v.encoding, "base64"));
	assert_true(palier_is(v.data, "Gx15UzACGx15UzIIGx15UzECGx15RDEABQBIRUxMTxsdeVA="));
	assert_int_equal(qr_view_make(&zpl, &a, &v, &why), PALIER_OK);
	assert_true(palier_is(v.encoding, "utf8"));
	assert_true(palier_is(v.data, "^XA^CI28^FO20,20^BQN,2,5^FH_^FDLA,HELLO^FS^XZ\n"));
	assert_true(palier_is(v.text, "HELLO"));
	assert_int_equal(v.version, 1);
	assert_int_equal(v.modules, 21);
	palier_arena_deinit(&a);
}

static const struct CMUnitTest others[] = {
	{ "what qr.render answers", views, NULL, NULL, NULL },
	{ "more text than a level holds", too_long, NULL, NULL, NULL },
	{ "the largest code in every format", largest, NULL, NULL, NULL },
	{ "a raster of more than 255 rows is cut into strips", strips, NULL, NULL, NULL },
	{ "what each format is", kinds, NULL, NULL, NULL },
};

#define ADD(cases, check) \
	for (size_t i = 0; i < COUNT(cases); i++) \
		tests[n++] = (struct CMUnitTest) \
		{ \
			(cases)[i].name, check, NULL, NULL, (void *)(uintptr_t) & (cases)[i] \
		}

int main(void)
{
	static struct CMUnitTest tests[COUNT(bytes_cases) + COUNT(size_cases) + COUNT(refusal_cases) + COUNT(others)];
	size_t n = 0;

	ADD(bytes_cases, exact_bytes);
	ADD(size_cases, sizes);
	ADD(refusal_cases, refusals);
	memcpy(tests + n, others, sizeof(others));
	return cmocka_run_group_tests_name("qr_render", tests, NULL, NULL);
}
