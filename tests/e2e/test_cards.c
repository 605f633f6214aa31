/* SPDX-License-Identifier: Apache-2.0 */
/* Sheets of cards, read back by a scanner that shares no code with us: each page becomes an image, and zbar reads the codes in it. */
#include <sys/stat.h>

#include "protocol/scan.h"
#include "tests/e2e/harness.h"

#define SHEET_MAX 65

/* What stands on the sheets of a test, in their order. */
struct printed {
	char numbers[SHEET_MAX][CARD_NUMBER_MAX + 1];
	unsigned count;
};

/* A card of the sheet, in pixels of 200 to the inch. Where the cards lie is said a second time here: ID-1, two by five, in the middle of A4. */
#define DPI        200
#define PIXELS(um) ((um)*DPI / 25400)

struct area {
	int x, y, width, height;
};

static struct area card_area(unsigned i)
{
	return (struct area){ PIXELS((210000 - 2 * 85600) / 2 + (int)(i % 2) * 85600),
		PIXELS((297000 - 5 * 53980) / 2 + (int)(i / 2) * 53980), PIXELS(85600), PIXELS(53980) };
}

/* `palier card print` with these words behind it, at the shop's trust door. @param out to be freed @return the exit code */
static int print_with(const struct shop *s, const char *const *words, char **out)
{
	const char *argv[16] = { "palier", "card", "print" };
	char door[64];
	int n = 3;

	snprintf(door, sizeof(door), DOOR_TRUST "%d", shop_port(s, DOOR_TRUST));
	while (*words)
		argv[n++] = *words++;
	argv[n++] = "--connect";
	argv[n++] = door;
	assert_true(n < 16);
	return program_run(s, argv, out);
}

static void assert_print(const struct shop *s, const char *const *words, struct printed *p)
{
	char *out, path[64];
	int code = print_with(s, words, &out);

	if (code != 0)
		fail_msg("palier card print: %d: %s", code, out);
	p->count = (unsigned)count_of(out, "cards");
	assert_true(p->count > 0 && p->count <= SHEET_MAX);
	for (unsigned i = 0; i < p->count; i++) {
		snprintf(path, sizeof(path), "cards[%u]", i);
		snprintf(p->numbers[i], sizeof(p->numbers[i]), "%s", field(out, path));
	}
	free(out);
}

static void program_ok(const struct shop *s, const char *const *argv)
{
	char *said;
	int code = program_run(s, argv, &said);

	if (code != 0)
		fail_msg("%s: %d: %s", argv[0], code, said ? said : "");
	free(said);
}

/* A page of a PDF as an image: all of it, or an area. @param image without its ".pgm" */
static void page_draw(const struct shop *s, const char *pdf, int page, const struct area *area, const char *image)
{
	char number[16], dpi[16], x[16] = "0", y[16] = "0", width[16] = "0", height[16] = "0";

	snprintf(number, sizeof(number), "%d", page);
	snprintf(dpi, sizeof(dpi), "%d", DPI);
	if (area) {
		snprintf(x, sizeof(x), "%d", area->x);
		snprintf(y, sizeof(y), "%d", area->y);
		snprintf(width, sizeof(width), "%d", area->width);
		snprintf(height, sizeof(height), "%d", area->height);
	}
	program_ok(s, (const char *const[]){ "pdftoppm", "-r", dpi, "-gray", "-singlefile", "-f", number, "-l", number, "-x",
			      x, "-y", y, "-W", width, "-H", height, pdf, image, NULL });
}

#define IMAGES 10

/* What the scanner reads in images in turn: lines of "EAN-13:2977000000010". @return to be freed */
static char *codes_read(const struct shop *s, const char (*images)[96], unsigned count)
{
	const char *argv[4 + IMAGES] = { "zbarimg", "-q", "--nodbus" };
	char paths[IMAGES][sizeof(images[0]) + sizeof(".pgm")], *said;

	assert_true(count <= IMAGES);
	for (unsigned i = 0; i < count; i++) {
		snprintf(paths[i], sizeof(paths[i]), "%.*s.pgm", (int)sizeof(images[i]) - 1, images[i]);
		argv[3 + i] = paths[i];
	}
	program_run(s, argv, &said);
	return said;
}

/* Every card by itself, as at a till: its code and no other. */
static void assert_cards(const struct shop *s, const char *pdf, int page, const struct printed *p, unsigned first,
	unsigned count, const char *kind)
{
	char images[IMAGES][96], expected[IMAGES * 96], *read;
	size_t len = 0;

	for (unsigned i = 0; i < count; i++) {
		struct area area = card_area(i);

		snprintf(images[i], sizeof(images[i]), "%s/card-%u", s->dir, i);
		page_draw(s, pdf, page, &area, images[i]);
		len += (size_t)snprintf(expected + len, sizeof(expected) - len, "%s:%s\n", kind, p->numbers[first + i]);
	}
	read = codes_read(s, images, count);
	assert_string_equal(read, expected);
	free(read);
}

/* All of a page at once, in whatever order. */
static void assert_page(const struct shop *s, const char *pdf, const struct printed *p, const char *kind)
{
	char image[1][96], line[96], *read;

	snprintf(image[0], sizeof(image[0]), "%s/page", s->dir);
	page_draw(s, pdf, 1, NULL, image[0]);
	read = codes_read(s, image, 1);
	for (unsigned i = 0; i < p->count; i++) {
		snprintf(line, sizeof(line), "%s:%s\n", kind, p->numbers[i]);
		if (!strstr(read, line))
			fail_msg("%s was not read, but: %s", p->numbers[i], read);
	}
	free(read);
}

static const char *file_in(const struct shop *s, const char *name)
{
	static char paths[4][96];
	static unsigned turn;
	char *out = paths[turn++ % 4];

	snprintf(out, sizeof(paths[0]), "%s/%s", s->dir, name);
	return out;
}

/* --- the rows --- */

static void ean13_pdf(void **state)
{
	const char *pdf = file_in(*state, "cards.pdf");
	struct printed p;
	char *text;

	assert_print(*state, (const char *const[]){ pdf, "--from", "297700000001", "--count", "10", "--json", NULL }, &p);
	assert_int_equal(p.count, 10);
	assert_string_equal(p.numbers[0], "2977000000010");
	assert_string_equal(p.numbers[9], "2977000000102");
	assert_page(*state, pdf, &p, "EAN-13");
	assert_cards(*state, pdf, 1, &p, 0, 10, "EAN-13");
	program_run(*state, (const char *const[]){ "pdftotext", pdf, "-", NULL }, &text);
	assert_non_null(strstr(text, "Comptoir"));
	assert_non_null(strstr(text, "Carte de fidélité"));
	free(text);
}

static void qr_pdf(void **state)
{
	const char *pdf = file_in(*state, "cards.pdf");
	struct printed p;

	assert_print(*state, (const char *const[]){ pdf, "--count", "10", "--qr", "--json", NULL }, &p);
	assert_cards(*state, pdf, 1, &p, 0, 10, "QR-Code");
}

/* The SVG is made a PDF by a library that only knows SVG. */
static void svg(void **state, const char *const *words, const char *kind)
{
	const char *pdf = file_in(*state, "drawn.pdf");
	struct printed p;

	assert_print(*state, words, &p);
	assert_int_equal(p.count, 10);
	program_ok(*state, (const char *const[]){ "rsvg-convert", "-f", "pdf", "-o", pdf, words[0], NULL });
	assert_cards(*state, pdf, 1, &p, 0, 10, kind);
}

static void ean13_svg(void **state)
{
	svg(state, (const char *const[]){ file_in(*state, "cards.svg"), "--count", "10", "--json", NULL }, "EAN-13");
}

static void qr_svg(void **state)
{
	svg(state, (const char *const[]){ file_in(*state, "cards.svg"), "--count", "10", "--qr", "--json", NULL },
		"QR-Code");
}

static void several_sheets(void **state)
{
	const char *pdf = file_in(*state, "cards.pdf"), *svg_file = file_in(*state, "cards.svg");
	struct printed p;
	char *said;

	assert_print(*state, (const char *const[]){ pdf, "--count", "12", "--json", NULL }, &p);
	assert_int_equal(p.count, 12);
	assert_cards(*state, pdf, 2, &p, 10, 2, "EAN-13");
	program_run(*state, (const char *const[]){ "pdfinfo", pdf, NULL }, &said);
	assert_non_null(strstr(said, "Pages:           2\n"));
	assert_non_null(strstr(said, "A4"));
	free(said);
	assert_int_equal(print_with(*state, (const char *const[]){ svg_file, "--count", "11", NULL }, &said), 64);
	assert_non_null(strstr(said, "one sheet"));
	free(said);
	assert_null(file_read(svg_file, NULL));
}

static void small_labels(void **state)
{
	const char *pdf = file_in(*state, "labels.pdf");
	struct printed p;

	assert_print(*state, (const char *const[]){ pdf, "--count", "65", "--labels", "--json", NULL }, &p);
	assert_int_equal(p.count, 65);
	for (unsigned i = 0; i < p.count; i++)
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(p.numbers[i], p.numbers[j]);
	assert_page(*state, pdf, &p, "EAN-13");
}

/* What is printed is nobody's yet, and can be given out. */
static void printed_cards_can_be_given_out(void **state)
{
	struct printed p;
	struct wire w;
	int64_t before;

	connect_to(&w, *state, DOOR_TRUST);
	before = last_seq(&w);
	assert_print(*state, (const char *const[]){ file_in(*state, "cards.pdf"), "--count", "2", "--json", NULL }, &p);
	assert_int_equal(last_seq(&w), before); /* printing booked nothing */
	ask_ok(&w, "member.enroll", "'request':'r-1','card':'%s'", p.numbers[0]);
	ask_ok(&w, "member.enroll", "'request':'r-2','card':'%s'", p.numbers[1]);
	wire_close(&w);
}

static void a_members_cards(void **state)
{
	const char *pdf = file_in(*state, "cards.pdf");
	char member[32];
	struct printed p;
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	strcpy(member, field(ask_ok(&w, "member.enroll", "'request':'r-1','card':'2977000000010'"), "result.member"));
	ask_ok(&w, "card.attach", "'request':'r-2','member':'%s','card':'2977000000027'", member);
	ask_ok(&w, "card.attach", "'request':'r-3','member':'%s','card':'2977000000034'", member);
	ask_ok(&w, "card.block", "'request':'r-4','card':'2977000000027','reason':'lost'");
	assert_print(*state, (const char *const[]){ pdf, "--member", "2977000000010", "--json", NULL }, &p);
	assert_int_equal(p.count, 2); /* the newest first, the blocked one not */
	assert_string_equal(p.numbers[0], "2977000000034");
	assert_string_equal(p.numbers[1], "2977000000010");
	assert_cards(*state, pdf, 1, &p, 0, 2, "EAN-13");
	wire_close(&w);
}

static void numbers_of_a_file(void **state)
{
	const char *pdf = file_in(*state, "cards.pdf"), *list = file_in(*state, "list");
	struct printed p;

	file_write(list, "2977 0000 0001 0\r\n\nKLANT-7\n", 27);
	assert_print(*state, (const char *const[]){ pdf, "--numbers", list, "--qr", "--json", NULL }, &p);
	assert_int_equal(p.count, 2);
	assert_string_equal(p.numbers[1], "KLANT7");
	assert_cards(*state, pdf, 1, &p, 0, 2, "QR-Code");
}

static const struct shop_options only_29 = { .config = "card \"ean13\" { prefixes = {\"29\"} }\n" };

static void refused(void **state)
{
	const char *pdf = file_in(*state, "cards.pdf"), *list = file_in(*state, "list");
	const struct {
		const char *words[6];
		int code;
		const char *said;
	} rows[] = {
		{ { pdf }, 64, "which cards?" },
		{ { pdf, "2977000000010", "--count", "1" }, 64, "which cards?" },
		{ { pdf, "--from", "2977000000010", "--member", "2977000000010" }, 64, "which cards?" },
		{ { "cards.txt", "--count", "1" }, 64, ".pdf or .svg" },
		{ { pdf, "--count", "0" }, 64, "1 to" },
		{ { pdf, "2977000000011" }, 10, "check its digits" },
		{ { pdf, "--from", "2977000000011" }, 10, "check digit is wrong" },
		{ { pdf, "--from", "29770000000" }, 64, "is an EAN-13" },
		{ { pdf, "--from", "999999999999", "--count", "2" }, 64, "not so many" },
		{ { pdf, "--from", "297700000000", "--count", "2" }, 13, "2977000000010" },
		{ { pdf, "4012345123456" }, 10, "takes no cards like" },
		{ { pdf, "--numbers", list }, 74, "No such file" },
		{ { pdf, "--member", "2977000000027" }, 11, "card_unknown" },
		{ { "/nowhere/cards.pdf", "2977000000010" }, 74, "could not be written" },
	};
	struct wire w;
	char *said;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'r-1','card':'2977000000010'");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int code = print_with(*state, rows[i].words, &said);

		if (code != rows[i].code || !strstr(said, rows[i].said))
			fail_msg("row %zu: %d: %s", i, code, said);
		free(said);
		assert_null(file_read(pdf, NULL));
	}
	wire_close(&w);
}

/* --- the virtual card; a browser shows it in tests/browser --- */

/* `palier card virtual` with these words behind it. @return what it said, to be freed */
static char *virtual_with(const struct shop *s, const char *const *words, int expected)
{
	const char *argv[16] = { "palier", "card", "virtual" };
	char door[64], *said;
	int n = 3, code;

	snprintf(door, sizeof(door), DOOR_TRUST "%d", shop_port(s, DOOR_TRUST));
	while (*words)
		argv[n++] = *words++;
	argv[n++] = "--connect";
	argv[n] = door;
	code = program_run(s, argv, &said);
	if (code != expected)
		fail_msg("palier card virtual: %d: %s", code, said);
	return said;
}

static void a_page_is_its_owners(void **state)
{
	struct shop *s = *state;
	const char *path = file_in(s, "card.html");
	struct stat st;
	struct wire w;
	char expected[256], *page, *said;
	const char *secret;

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'r-1','card':'2977000000010','name':'Camille Martin','language':'en'");
	secret = field(ask_ok(&w, "member.otp", "'member':'%s'",
			       field(ask_ok(&w, "card.lookup", "'card':'2977000000010'"), "result.member")),
		"result.secret");
	file_write(path, "older", 5);
	assert_int_equal(chmod(path, 0644), 0);
	free(virtual_with(s, (const char *const[]){ "2977000000010", "--out", path, NULL }, 0));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	snprintf(expected, sizeof(expected),
		">{\"shop\":\"Comptoir\",\"card\":\"2977000000010\",\"name\":\"Camille\",\"language\":\"en\",\"secret\":\"%s\"}<",
		secret);
	page = file_read(path, NULL);
	assert_non_null(strstr(page, expected));
	assert_null(strstr(page, "@CARD@"));
	free(page);
	said = virtual_with(s, (const char *const[]){ "2977000000010", "--plain", NULL }, 0);
	assert_non_null(strstr(said, "\"language\":\"en\"}<"));
	assert_null(strstr(said, secret));
	free(said);
	wire_close(&w);
}

static void no_page_of_a_card_that_is_none(void **state)
{
	struct shop *s = *state;
	const char *path = file_in(s, "card.html");
	struct wire w;
	char *said;

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'r-1','card':'2977000000010'");
	said = virtual_with(s, (const char *const[]){ "2977000000010", "--out", "/nowhere/card.html", NULL }, 74);
	assert_non_null(strstr(said, "could not be written"));
	free(said);
	free(virtual_with(s, (const char *const[]){ "2977000000027", "--out", path, NULL }, 11));
	ask_ok(&w, "card.block", "'request':'b-1','card':'2977000000010','reason':'lost'");
	said = virtual_with(s, (const char *const[]){ "2977000000010", "--out", path, NULL }, 12);
	assert_non_null(strstr(said, "blocked"));
	free(said);
	assert_null(file_read(path, NULL));
	wire_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("ten EAN-13 cards of a PDF are read, each by itself and all at once", ean13_pdf, NULL),
		IN_SHOP("ten QR cards of a PDF are read", qr_pdf, NULL),
		IN_SHOP("ten EAN-13 cards of an SVG are read", ean13_svg, NULL),
		IN_SHOP("ten QR cards of an SVG are read", qr_svg, NULL),
		IN_SHOP("more cards go onto more sheets, of a PDF only", several_sheets, NULL),
		IN_SHOP("a sheet of small labels is read", small_labels, NULL),
		IN_SHOP("printing books nothing, and what is printed can be given out", printed_cards_can_be_given_out,
			NULL),
		IN_SHOP("a member's cards are printed, but not those that are blocked", a_members_cards, NULL),
		IN_SHOP("numbers of a file are cleaned as at a till", numbers_of_a_file, NULL),
		IN_SHOP("what cannot be printed leaves no file", refused, &only_29),
		IN_SHOP("a virtual card is written for its owner alone", a_page_is_its_owners, NULL),
		IN_SHOP("of what is no card that may be used there is no virtual one", no_page_of_a_card_that_is_none, NULL),
	};

	return cmocka_run_group_tests_name("cards", tests, NULL, NULL);
}
