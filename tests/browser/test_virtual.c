/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual card as a telephone shows it: a browser draws the page, and a scanner that shares no code with us reads the picture. */
#include "tests/e2e/harness.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

#define CARD       "2977000000010"
#define RFC_SECRET "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" /* of RFC 6238, appendix B */
#define NAME       "</script><script>document.write(1)</script>"

static char *file_in(const struct shop *s, const char *name)
{
	static char paths[4][128];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", s->dir, name);
	return path;
}

/* --- the page --- */

/* `palier card virtual CARD --out card.html`. @param option NULL: none @param out what it said, to be freed @return the exit code */
static int page_write(const struct shop *s, const char *card, const char *option, char **out)
{
	char door[64];

	snprintf(door, sizeof(door), DOOR_TRUST "%d", shop_port(s, DOOR_TRUST));
	return program_run(s,
		(const char *const[]){ "palier", "card", "virtual", card, "--out", file_in(s, "card.html"), "--connect",
			door, option, NULL },
		out);
}

/* A member with that card, and its page. @return to be freed */
static char *page_of(const struct shop *s, const char *language, const char *option)
{
	struct wire w;
	char *out, *page;
	int code;

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'e-1','card':'" CARD "','name':'" NAME " Martin','language':'%s'", language);
	wire_close(&w);
	code = page_write(s, CARD, option, &out);
	if (code != 0)
		fail_msg("palier card virtual: %d: %s", code, out);
	free(out);
	page = file_read(file_in(s, "card.html"), NULL);
	assert_non_null(page);
	return page;
}

/* The same with what stands between two texts replaced. Frees the page. @return to be freed */
static char *page_with(char *page, const char *before, const char *after, const char *text)
{
	char *from = strstr(page, before), *to, *out;

	assert_non_null(from);
	from += strlen(before);
	to = strstr(from, after);
	assert_non_null(to);
	assert_true(asprintf(&out, "%.*s%s%s", (int)(from - page), page, text, to) > 0);
	free(page);
	return out;
}

/* The page begins at one moment, and after `later_s` looks at the clock again. Frees the page. @return to be freed */
static char *page_at(char *page, int64_t at_s, int later_s)
{
	char script[256];

	snprintf(script, sizeof(script),
		"<script>let now = %lld; Date.now = () => now;"
		"window.setInterval = (f) => addEventListener('load', () => { now += %d; f(); });</script>",
		(long long)at_s * 1000, later_s * 1000);
	return page_with(page, "<head>", "\n", script);
}

/* --- the browser --- */

/* @param what to do with the file @return what it said, to be freed */
static char *browse(const struct shop *s, const char *file, const char *what)
{
	char profile[160], url[160], *out;
	int code;

	snprintf(profile, sizeof(profile), "--user-data-dir=%s", file_in(s, "browser"));
	snprintf(url, sizeof(url), "file://%s", file_in(s, file));
	code = program_run(s,
		(const char *const[]){ "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
			"--proxy-server=127.0.0.1:9", "--hide-scrollbars", "--window-size=1200,1400", profile, what, url,
			NULL },
		&out);
	if (code != 0)
		fail_msg("chromium: %d: %s", code, out);
	return out;
}

/* What a scanner reads on the screen, lines of "QR-Code:...". @return to be freed */
static char *scan(const struct shop *s, const char *file)
{
	char what[160], picture[128], *out;

	snprintf(picture, sizeof(picture), "%s", file_in(s, "card.png"));
	snprintf(what, sizeof(what), "--screenshot=%s", picture);
	free(browse(s, file, what));
	assert_int_equal(program_run(s, (const char *const[]){ "zbarimg", "-q", "--nodbus", picture, NULL }, &out), 0);
	return out;
}

/* Pages to be looked at, each in a frame of its own. */
#define FRAMES_MAX 9
struct frames {
	char expected[FRAMES_MAX][96];
	unsigned count;
};

static void frame_add(const struct shop *s, struct frames *f, const char *page, const char *card, const char *code)
{
	char name[16];

	assert_true(f->count < FRAMES_MAX);
	snprintf(name, sizeof(name), "%u.html", f->count);
	file_write(file_in(s, name), page, strlen(page));
	snprintf(f->expected[f->count++], sizeof(f->expected[0]), "QR-Code:%s%s%s\n", card, code ? "*" : "",
		code ? code : "");
}

/* All in one picture, in whatever order. */
static void assert_frames(const struct shop *s, const struct frames *f)
{
	char page[2048] = "<!DOCTYPE html>", *said;
	size_t len = strlen(page), right = 0;

	for (unsigned i = 0; i < f->count; i++)
		len += (size_t)snprintf(page + len, sizeof(page) - len,
			"<iframe width=360 height=440 style=border:0 src=%u.html></iframe>", i);
	file_write(file_in(s, "frames.html"), page, len);
	said = scan(s, "frames.html");
	for (unsigned i = 0; i < f->count; i++) {
		if (!strstr(said, f->expected[i]))
			fail_msg("no %s in %s", f->expected[i], said);
		right += strlen(f->expected[i]);
	}
	assert_int_equal(strlen(said), right);
	free(said);
}

/* --- one-time codes --- */

static void codes_are_those_of_the_rfc(void **state)
{
	static const struct {
		int64_t at_s;
		int later_s;
		const char *code;
	} rows[] = {
		{ 59, 0, "287082" },
		{ 1111111109, 0, "081804" },
		{ 1111111111, 0, "050471" },
		{ 1234567890, 0, "005924" },
		{ 2000000000, 0, "279037" },
		{ 20000000000, 0, "353130" },
		/* A code stays until its time is over, then the next follows: these are of RFC 4226, appendix D. */
		{ 60, 29, "359152" },
		{ 59, 31, "969429" },
	};
	struct shop *s = *state;
	char *secret = page_with(page_of(s, "fr", NULL), "\"secret\":\"", "\"", RFC_SECRET);
	struct frames f = { .count = 0 };

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *page = page_at(strdup(secret), rows[i].at_s, rows[i].later_s);

		frame_add(s, &f, page, CARD, rows[i].code);
		free(page);
	}
	free(secret);
	assert_frames(s, &f);
}

/* From the ledger's key to the till: what the telephone shows now pays. */
static void what_is_shown_proves(void **state)
{
	struct shop *s = *state;
	struct wire w[2];
	char *said;

	free(page_of(s, "fr", NULL));
	connect_to(&w[0], s, DOOR_TRUST);
	ask_ok(&w[0], "balance.adjust", "'request':'a-1','card':'" CARD "','unit':'credit','points':500,'reason':'begin'");
	till_make(&w[0], "till-1", "cashier", "a-cashier-token-of-some-length");
	sign_in(&w[1], s, "till-1", "a-cashier-token-of-some-length");
	said = scan(s, "card.html");
	said[strcspn(said, "\n")] = '\0';
	assert_int_equal(strlen(said), strlen("QR-Code:" CARD "*123456"));
	ask_ok(&w[1], "sale.commit",
		"'request':'c-1','sale':'S-1','card':'%s','lines':[{'sku':'a','amount':1000}],"
		"'payments':[{'kind':'unit','unit':'credit','amount':100}],'payable':1000",
		said + strlen("QR-Code:"));
	free(said);
	wire_close(&w[0]);
	wire_close(&w[1]);
}

/* --- QR codes --- */

#define TEN "ABCDEFGHIJ"

static void every_size_is_read_back(void **state)
{
	/* With the code, 7 characters more. */
	static const char *const cards[] = {
		"1", CARD,                                    /* the most that version 1 holds, */
		CARD "0", TEN TEN TEN "1",                    /* version 2, */
		TEN TEN TEN "12", TEN TEN TEN TEN "12345678", /* the longest number */
		"A#1",                                        /* a sign that alphanumeric mode lacks */
		"#" TEN TEN TEN TEN "1234567",                /* version 4 */
	};
	struct shop *s = *state;
	char *any = page_at(page_with(page_of(s, "fr", NULL), "\"secret\":\"", "\"", RFC_SECRET), 59, 0);
	struct frames f = { .count = 0 };

	for (size_t i = 0; i < COUNT(cards); i++) {
		any = page_with(any, "\"card\":\"", "\"", cards[i]);
		frame_add(s, &f, any, cards[i], "287082");
	}
	free(any);
	assert_frames(s, &f);
}

/* --- what else it shows --- */

static void assert_shows(const char *dom, const char *what)
{
	if (!strstr(dom, what))
		fail_msg("no %s in %s", what, dom);
}

static void it_speaks_french_and_trusts_no_name(void **state)
{
	struct shop *s = *state;
	char *dom;

	free(page_of(s, "fr", NULL));
	dom = browse(s, "card.html", "--dump-dom");
	assert_shows(dom, "<html lang=\"fr\">");
	assert_shows(dom, "<h1 id=\"shop\">Comptoir</h1>");
	assert_shows(dom, ">&lt;/script&gt;&lt;script&gt;document.write(1)&lt;/script&gt;</div>");
	assert_shows(dom, "Présentez ce code à la caisse.");
	assert_shows(dom, ">2 977000 000010</div>");
	assert_null(strstr(dom, "Martin"));
	free(dom);
}

static void it_speaks_english_and_shows_the_number_alone(void **state)
{
	struct shop *s = *state;
	char *dom, *said;

	free(page_of(s, "en", "--plain"));
	said = scan(s, "card.html");
	assert_string_equal(said, "QR-Code:" CARD "\n");
	free(said);
	dom = browse(s, "card.html", "--dump-dom");
	assert_shows(dom, "<html lang=\"en\">");
	assert_shows(dom, "Show this code at the till.");
	assert_shows(dom, "<div id=\"proof\" hidden=\"\">");
	free(dom);
}

int main(void)
{
	static const struct shop_options coded = { .points = "points { unit \"credit\" { kind = money  proof = otp } }\n" };
	const struct CMUnitTest tests[] = {
		IN_SHOP("the codes are those of RFC 6238", codes_are_those_of_the_rfc, NULL),
		IN_SHOP("what the telephone shows proves at the till", what_is_shown_proves, &coded),
		IN_SHOP("a QR of every size is read back", every_size_is_read_back, NULL),
		IN_SHOP("it speaks French, and a name is never a program", it_speaks_french_and_trusts_no_name, NULL),
		IN_SHOP("it speaks English, and shows the number alone where that is asked",
			it_speaks_english_and_shows_the_number_alone, NULL),
	};

	return cmocka_run_group_tests_name("virtual", tests, NULL, NULL);
}
