/* SPDX-License-Identifier: Apache-2.0 */
/* palier print against a printer that was written from the makers' manuals: it understands every byte, what it prints can be read, also by a
 * scanner, and a printer that fails is told with what to do. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/e2e/harness.h"
#include "tests/printer/server.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define CODE_TEXT "HTTPS://EXAMPLE.COM/R/7QK4M2ZP9A3CH"

static const char *file_in(const struct shop *s, const char *name)
{
	static char paths[4][96];
	static unsigned turn;
	char *out = paths[turn++ % 4];

	snprintf(out, sizeof(paths[0]), "%s/%s", s->dir, name);
	return out;
}

/* `palier print --printer WHERE` and these words. @param out to be freed @return the exit code */
static int print_on(const struct shop *s, const char *where, const char *const *words, char **out)
{
	const char *argv[64] = { "palier", "print", "--printer", where };
	int n = 4;

	while (*words)
		argv[n++] = *words++;
	assert_true(n < 64);
	return program_run(s, argv, out);
}

/* A slip on a network printer. */
static int print_there(const struct shop *s, struct printer *p, enum server_manner manner, size_t after,
	const char *const *words, char **out)
{
	struct printer_server server = { .after = after };
	int code;

	assert_true(printer_serve(&server, p, manner));
	code = print_on(s, server.address, words, out);
	printer_served(&server);
	return code;
}

static void assert_printed(const struct shop *s, struct printer *p, const char *const *words)
{
	char *said;
	int code = print_there(s, p, SERVER_USUAL, 0, words, &said);

	if (p->wrong[0])
		fail_msg("the printer: %s", p->wrong);
	if (code != 0)
		fail_msg("palier print: %d: %s", code, said);
	free(said);
}

/* What a scanner reads on the paper, codes in turn with LF. */
static void assert_scanned(const struct shop *s, struct printer *p, const char *expected)
{
	const char *picture = file_in(s, "slip.png"), *kept = getenv("PALIER_KEEP_SLIPS");
	char *said, path[256];

	assert_true(printer_png(p, picture));
	if (kept) {
		snprintf(path, sizeof(path), "%s/slip-%d-%u.png", kept, p->language, p->width);
		assert_true(printer_png(p, path));
	}
	program_run(s, (const char *const[]){ "zbarimg", "-q", "--nodbus", "--raw", picture, NULL }, &said);
	assert_string_equal(said, expected);
	free(said);
}

/* --- what is printed --- */

static const struct tongue {
	const char *name;
	enum printer_language language;
} tongues[] = {
	{ "escpos", PRINTER_ESCPOS },
	{ "escpos-raster", PRINTER_ESCPOS },
	{ "star", PRINTER_STAR },
	{ "zpl", PRINTER_ZPL },
};

static void every_language(void **state)
{
	const struct shop *s = *state;

	for (size_t i = 0; i < 2 * COUNT(tongues); i++) {
		const struct tongue *t = &tongues[i / 2];
		bool wide = i % 2 == 0;
		struct printer p;

		printer_on(&p, t->language, wide ? PRINTER_80 : PRINTER_58);
		assert_printed(s, &p,
			(const char *const[]){ "--language", t->name, "--paper", wide ? "80" : "58", "--title", "Café Crème",
				"--text", "Merci Zoé ! Invitez un ami : 5,00 € pour lui, 5,00 € pour vous.", "--qr",
				CODE_TEXT, "--cut", NULL });
		assert_int_equal(p.codes, 1);
		assert_true(p.cut);
		assert_scanned(s, &p, CODE_TEXT "\n");
		assert_string_equal(p.text,
			wide ? "Café Crème\nMerci Zoé ! Invitez un ami : 5,00 € pour lui,\n5,00 € pour vous.\n" CODE_TEXT
			       "\n"
			     : "Café Crème\nMerci Zoé ! Invitez un ami :\n5,00 € pour lui, 5,00 € pour\nvous.\n"
			       "HTTPS://EXAMPLE.COM/R/7QK4M2ZP9A\n3CH\n");
		printer_off(&p);
	}
}

static const struct text_case {
	const char *text, *printed;
} texts[] = {
	{ "à la carte, œuf, Žižek", "à la carte, œuf, Žižek\n" },
	{ "Łódź, Ştefan, e\xCC\x81t\xC3\xA9", "Lódz, Stefan, eté\n" },
	{ "\xE6\xBC\xA2 and \xF0\x9F\x98\x80", "? and ?\n" },
	{ "\x1B@\x1DV", "?@?V\n" },
	{ "\xFF!", "?!\n" },
	{ "two\nlines", "two\nlines\n" },
	{ "^XZ~JA _5E", "^XZ~JA _5E\n" },
	{ "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww",
		"wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww\nwwwwwwwwww\n" },
	{ "a price that must never be torn apart: 1234567\302\240EUR",
		"a price that must never be torn apart:\n1234567\302\240EUR\n" },
};

static void any_text(void **state)
{
	const struct shop *s = *state;

	for (size_t i = 0; i < COUNT(tongues); i++) {
		const char *words[4 + 2 * COUNT(texts)] = { "--language", tongues[i].name }, *at;
		struct printer p;
		char *said;
		int n = 2;

		for (size_t j = 0; j < COUNT(texts); j++) {
			words[n++] = "--text";
			words[n++] = texts[j].text;
		}
		printer_on(&p, tongues[i].language, PRINTER_80);
		assert_int_equal(print_there(s, &p, SERVER_USUAL, 0, words, &said), 0);
		assert_string_equal(p.wrong, "");
		at = p.text;
		for (size_t j = 0; j < COUNT(texts); j++) {
			size_t len = strlen(texts[j].printed);

			if (strncmp(at, texts[j].printed, len) != 0)
				fail_msg("%s: %s came out as %s", tongues[i].name, texts[j].text, at);
			at += len;
		}
		assert_non_null(
			strstr(said, "prints ? for them: \xE6\xBC\xA2 \xF0\x9F\x98\x80 U+001B U+001D \xEF\xBF\xBD\n"));
		free(said);
		printer_off(&p);
	}
}

/* In the order of the command line; a sale's reply between the others. */
static void reply_of_a_sale(void **state)
{
	static const char json[] = "{\"sale\":\"T1-1\",\"messages\":[\"+12 points\",\"Bonne journ\\u00e9e\"],"
				   "\"qr\":[{\"kind\":\"sponsor\",\"text\":\"" CODE_TEXT "\"}]}";
	const struct shop *s = *state;
	const char *path = file_in(s, "reply.json");
	struct printer p;

	file_write(path, json, sizeof(json) - 1);
	printer_on(&p, PRINTER_ESCPOS, PRINTER_80);
	assert_printed(s, &p, (const char *const[]){ "--text", "before", "--reply", path, "--text", "after", NULL });
	assert_string_equal(p.text, "before\n+12 points\nBonne journée\n" CODE_TEXT "\nafter\n");
	assert_scanned(s, &p, CODE_TEXT "\n");
	printer_off(&p);
}

/* The daemon's own reply, and the shop's name. */
static void reply_of_the_daemon(void **state)
{
	const struct shop *s = *state;
	const char *path = file_in(s, "reply.json");
	char door[64], *reply;
	struct printer p;
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'e1','card':'2900000000018'");
	reply = ask_ok(&w, "sale.commit",
		"'request':'s1','sale':'T1-1','card':'2900000000018','payable':1200,'lines':[{'sku':'cake','amount':1200}]");
	file_write(path, reply, strlen(reply));
	snprintf(door, sizeof(door), DOOR_TRUST "%d", shop_port(s, DOOR_TRUST));
	printer_on(&p, PRINTER_ESCPOS, PRINTER_80);
	assert_printed(s, &p, (const char *const[]){ "--connect", door, "--shop", "--reply", path, "--text", "Bye", NULL });
	assert_int_equal(strncmp(p.text, "Comptoir\n", 9), 0);
	assert_non_null(strstr(p.text, field(reply, "result.messages[0]")));
	wire_close(&w);
	printer_off(&p);
}

/* --- devices --- */

static void read_back(struct printer *p, const char *bytes, size_t len)
{
	printer_end(p, len - printer_take(p, (const uint8_t *)bytes, len));
	if (p->wrong[0])
		fail_msg("the printer: %s", p->wrong);
}

static void device_file(void **state)
{
	const struct shop *s = *state;
	const char *path = file_in(s, "lp0");
	struct printer p;
	char *said, *bytes;
	size_t len;

	file_write(path, "", 0);
	assert_int_equal(print_on(s, path, (const char *const[]){ "--text", "one", NULL }, &said), 0);
	assert_non_null(strstr(said, "sent to "));
	free(said);
	assert_int_equal(print_on(s, path, (const char *const[]){ "--qr", CODE_TEXT, NULL }, &said), 0);
	free(said);
	bytes = file_read(path, &len);
	printer_on(&p, PRINTER_ESCPOS, PRINTER_80);
	read_back(&p, bytes, len);
	assert_string_equal(p.text, "one\n" CODE_TEXT "\n");
	assert_scanned(s, &p, CODE_TEXT "\n");
	printer_off(&p);
	free(bytes);
}

static void pipe_device(void **state)
{
	const struct shop *s = *state;
	const char *path = file_in(s, "lp1");
	char *said, bytes[4096];
	struct printer p;
	ssize_t n;
	int fd;

	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(print_on(s, path, (const char *const[]){ "--text", "one", NULL }, &said), 69);
	assert_non_null(strstr(said, "is it connected and switched on?"));
	free(said);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_int_equal(print_on(s, path, (const char *const[]){ "--language", "star", "--text", "one", NULL }, &said), 0);
	n = read(fd, bytes, sizeof(bytes));
	assert_true(n > 0);
	printer_on(&p, PRINTER_STAR, PRINTER_80);
	read_back(&p, bytes, (size_t)n);
	assert_string_equal(p.text, "one\n");
	printer_off(&p);
	free(said);
	close(fd);
}

/* --- printers that fail --- */

static const char *const a_slip[] = { "--timeout", "1", "--title", "Hello", "--qr", CODE_TEXT, NULL };
/* Too much for what lies between a host and a printer that takes nothing. */
static char long_text[60000];
static const char *const a_long_slip[] = { "--timeout", "1", "--text", long_text, NULL };

static const struct failure {
	const char *name;
	enum printer_language language;
	enum server_manner manner;
	size_t after;
	bool no_paper, cover_open, mute, much;
	int code;
	const char *said;
} failures[] = {
	{ "no paper", PRINTER_ESCPOS, SERVER_USUAL, .no_paper = true, .code = 74, .said = "is out of paper" },
	{ "an open cover", PRINTER_ESCPOS, SERVER_USUAL, .cover_open = true, .code = 74, .said = "has its cover open" },
	{ "no paper in a Star", PRINTER_STAR, SERVER_USUAL, .no_paper = true, .code = 74, .said = "is out of paper" },
	{ "an open cover of a Star", PRINTER_STAR, SERVER_USUAL, .cover_open = true, .code = 74,
		.said = "has its cover open" },
	{ "the roll ends", PRINTER_ESCPOS, SERVER_EMPTY, 30, .code = 74, .said = "is out of paper" },
	{ "the roll of a Star ends", PRINTER_STAR, SERVER_EMPTY, 30, .code = 74, .said = "is out of paper" },
	{ "it ends the connection", PRINTER_ESCPOS, SERVER_LEAVES, 40, .code = 74, .said = "ended the connection" },
	{ "it takes nothing", PRINTER_ESCPOS, SERVER_STUCK, .much = true, .code = 74, .said = "takes no more" },
	{ "a Zebra takes nothing", PRINTER_ZPL, SERVER_STUCK, .much = true, .code = 74, .said = "takes no more" },
};

static const char *const names[] = { [PRINTER_ESCPOS] = "escpos", [PRINTER_STAR] = "star", [PRINTER_ZPL] = "zpl" };

static void failing(void **state)
{
	const struct shop *s = *state;

	memset(long_text, 'x', sizeof(long_text) - 1);
	for (size_t i = 0; i < COUNT(failures); i++) {
		const struct failure *f = &failures[i];
		const char *words[16] = { "--language", names[f->language] };
		struct printer p;
		char *said;
		int code, n = 2;

		for (const char *const *w = f->much ? a_long_slip : a_slip; *w; w++)
			words[n++] = *w;
		printer_on(&p, f->language, PRINTER_80);
		p.no_paper = f->no_paper;
		p.cover_open = f->cover_open;
		p.mute = f->mute;
		code = print_there(s, &p, f->manner, f->after, words, &said);
		if (code != f->code || !strstr(said, f->said))
			fail_msg("%s: %d: %s", f->name, code, said);
		if (f->no_paper || f->cover_open)
			assert_false(p.begun); /* nothing was sent to wait for a new roll */
		free(said);
		printer_off(&p);
	}
}

static void slow_one(void **state)
{
	const struct shop *s = *state;
	struct printer p;
	char *said;

	printer_on(&p, PRINTER_ESCPOS, PRINTER_80);
	p.paper_low = true;
	assert_int_equal(print_there(s, &p, SERVER_SLOW, 0,
				 (const char *const[]){ "--language", "escpos-raster", "--qr", CODE_TEXT, NULL }, &said),
		0);
	assert_string_equal(p.wrong, "");
	assert_non_null(strstr(said, "printed on tcp:"));
	assert_non_null(strstr(said, "nearly out of paper"));
	assert_scanned(s, &p, CODE_TEXT "\n");
	free(said);
	printer_off(&p);
}

/* Many know no DLE EOT and are silent; they print, and it is said that nobody knows. */
static void silent_one(void **state)
{
	const struct shop *s = *state;
	struct printer p;
	char *said;

	printer_on(&p, PRINTER_ESCPOS, PRINTER_80);
	p.mute = true;
	assert_int_equal(print_there(s, &p, SERVER_USUAL, 0, a_slip, &said), 0);
	assert_string_equal(p.wrong, "");
	assert_non_null(strstr(said, "sent to tcp:"));
	assert_scanned(s, &p, CODE_TEXT "\n");
	free(said);
	printer_off(&p);
}

static void nobody_there(void **state)
{
	const struct shop *s = *state;
	const char *path = file_in(s, "lp2");
	struct printer_server server = { 0 };
	struct printer p;
	char *said;

	printer_on(&p, PRINTER_ESCPOS, PRINTER_80);
	assert_true(printer_serve(&server, &p, SERVER_USUAL));
	printer_served(&server); /* the port is free again */
	assert_int_equal(print_on(s, server.address, a_slip, &said), 69);
	assert_non_null(strstr(said, "refuses the connection"));
	free(said);
	assert_int_equal(print_on(s, path, a_slip, &said), 69);
	assert_non_null(strstr(said, "no printer is there"));
	assert_int_equal(access(path, F_OK), -1);
	free(said);
	printer_off(&p);
}

int main(void)
{
	const struct shop_options none = { .empty = true }, usual = { 0 };
	const struct CMUnitTest tests[] = {
		IN_SHOP("every language is understood, and its code can be read", every_language, &none),
		IN_SHOP("any text is printed as far as it can be, and no command gets through", any_text, &none),
		IN_SHOP("a sale's reply is printed where it stands", reply_of_a_sale, &none),
		IN_SHOP("the daemon's reply is printed below the shop's name", reply_of_the_daemon, &usual),
		IN_SHOP("a file grows as paper does", device_file, &none),
		IN_SHOP("a pipe is a device", pipe_device, &none),
		IN_SHOP("a printer that fails is told, with what to do", failing, &none),
		IN_SHOP("a slow printer has all the time it needs", slow_one, &none),
		IN_SHOP("a printer that says nothing is believed", silent_one, &none),
		IN_SHOP("nobody there", nobody_there, &none),
	};

	return cmocka_run_group_tests_name("print", tests, NULL, NULL);
}
