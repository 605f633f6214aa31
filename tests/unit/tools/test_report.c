/* SPDX-License-Identifier: Apache-2.0 */
/* palier report: the pages stand alone and are well-formed, figures and rates are true, and both languages say all of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/tools/fake_server.h"
#include "tools/cli.h"
#include "tools/report/recommendation.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in: %s", part, text);
}

static void assert_lacks(const char *text, const char *part)
{
	const char *at = strstr(text, part);

	if (at)
		fail_msg("\"%s\" in: %.80s", part, at);
}

/* --- is it well-formed? ------------------------------------------------------------------------------------------- */

#define DEPTH_MAX 32
#define TAG_MOST  16

struct markup {
	const char *at;
	char open[DEPTH_MAX][TAG_MOST];
	unsigned depth, elements;
};

static size_t name_read(const char *at, char *out)
{
	size_t n = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

	assert_true(n > 0 && n < TAG_MOST);
	memcpy(out, at, n);
	out[n] = '\0';
	return n;
}

/* Only what XML itself knows may follow an ampersand. */
static void entity_check(const char *at)
{
	static const char *const known[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };

	for (size_t i = 0; i < COUNT(known); i++)
		if (strncmp(at, known[i], strlen(known[i])) == 0)
			return;
	fail_msg("a bare ampersand: %.30s", at);
}

static void attributes_read(struct markup *m)
{
	char name[TAG_MOST];

	while (*m->at == ' ') {
		m->at += 1;
		m->at += name_read(m->at, name);
		assert_int_equal(strncmp(m->at, "=\"", 2), 0);
		for (m->at += 2; *m->at && *m->at != '"'; m->at++) {
			assert_true(*m->at != '<');
			if (*m->at == '&')
				entity_check(m->at);
		}
		assert_int_equal(*m->at++, '"');
	}
}

static void tag_read(struct markup *m)
{
	char name[TAG_MOST];

	m->at++;
	if (*m->at == '/') {
		m->at += 1 + name_read(m->at + 1, name);
		assert_true(m->depth > 0);
		assert_string_equal(name, m->open[--m->depth]);
	} else {
		m->at += name_read(m->at, name);
		attributes_read(m);
		m->elements++;
		if (*m->at == '/') {
			m->at++;
		} else {
			assert_true(m->depth < DEPTH_MAX);
			strcpy(m->open[m->depth++], name);
		}
	}
	assert_int_equal(*m->at++, '>');
}

static unsigned elements_of(const char *text)
{
	static const char doctype[] = "<!DOCTYPE html>\n";
	struct markup m = { .at = text + sizeof(doctype) - 1 };

	assert_int_equal(strncmp(text, doctype, sizeof(doctype) - 1), 0);
	while (*m.at) {
		if (*m.at == '<') {
			tag_read(&m);
			continue;
		}
		if (*m.at == '&')
			entity_check(m.at);
		assert_true((unsigned char)*m.at >= 0x20 || *m.at == '\n');
		m.at++;
	}
	assert_int_equal(m.depth, 0);
	return m.elements;
}

/* Nothing is fetched, nothing is run. */
static void assert_stands_alone(const char *text)
{
	static const char *const outside[] = { "http", "//", "src=", "href=", "url(", "@import", "<script", "<link",
		"<iframe", "<img", "onload" };

	for (size_t i = 0; i < COUNT(outside); i++)
		assert_lacks(text, outside[i]);
}

/* --- the page of recommendation ------------------------------------------------------------------------------------ */

static const struct recommendation busy = { .from = 20260829,
	.to = 20261126,
	.enrolled = 1412,
	.said = 187,
	.shown = 1240,
	.brought = 19,
	.asked = 131,
	.issued = 286,
	.claimed = 61,
	.purchased = 48,
	.held = 31,
	.earned = 22,
	.voided = 7,
	.flagged = 3,
	.clawed = 1,
	.sources = { { "friend", 101 }, { "a<b>&\"c'", 50 }, { "other", 36 } },
	.source_count = 3 };
static const struct recommendation quiet = { .from = 20261101,
	.to = 20261126,
	.enrolled = 12,
	.said = 5,
	.shown = 14,
	.brought = 1,
	.issued = 9,
	.claimed = 3,
	.purchased = 4,
	.sources = { { "friend", 5 } },
	.source_count = 1 };
static const struct recommendation nothing = { .from = 20261101, .to = 20261126 };
static const struct recommendation earlier = { .from = 20261101, .to = 20261126, .issued = 40, .claimed = 50 };

#define SAYS 10

static const struct page_case {
	const char *name;
	const struct recommendation *figures;
	const char *language;
	const char *says[SAYS], *lacks[4];
} pages[] = {
	{ "figures are written for English readers", &busy, "en",
		.says = { "<html lang=\"en\">", "From 29 August 2026 to 26 November 2026", "1,412 customers enrolled.",
			">1,240</p>", "19, which is 1.5%." } },
	{ "figures are written for French readers", &busy, "fr",
		.says = { "<html lang=\"fr\">", "Du 29 août 2026 au 26 novembre 2026",
			"1\u202f412 clients se sont inscrits.", "19, soit 1,5\u202f%.", ">autre</text>" } },
	{ "each step of the funnel is of the step before", &busy, "en",
		.says = { "21% go on (n = 286)", "79% go on (n = 61)", "65% go on (n = 48)", "71% go on (n = 31)" } },
	{ "where most are lost is said", &busy, "en",
		.says = { "The path narrows most before &quot;Friends who came&quot;: 21% get there." } },
	{ "sources have their shares", &busy, "en", .says = { ">54%</text>", "Shares are of the 187 who said so." } },
	{ "what the shop wrote is text, never markup", &busy, "en",
		.says = { "Bits &amp; &lt;Bobs&gt;", "a&lt;b&gt;&amp;&quot;c&#39;" } },
	{ "few cases have no rates", &quiet, "en",
		.says = { "n = 9: too few for a rate", "n = 3: too few for a rate", "Too few lines for a rate.",
			"12 enrolled: too few for a rate.", "5 answers: too few for shares." },
		.lacks = { "% go on", "%</text>", "narrows", "which is" } },
	{ "one is one, and two are two", &quiet, "en",
		.says = { "1 friend came by it within 90 days.", "0 sponsors were rewarded." } },
	{ "in French nought is singular", &quiet, "fr", .says = { "0 parrain a été récompensé." } },
	{ "a shop of which nothing is known yet has its page", &nothing, "en",
		.says = { "Nobody enrolled in these days.", "Nobody said so in these days.", "n = 0: too few for a rate" },
		.lacks = { "%" } },
	{ "the same in French", &nothing, "fr", .says = { "Personne ne s&#39;est inscrit ces jours-là." },
		.lacks = { "Nobody" } },
	{ "a step with more than the one before has no rate", &earlier, "en", .says = { "some came before these days" },
		.lacks = { "125%" } },
};

static void page_of(const struct recommendation *figures, const char *language, struct page *p)
{
	struct palier_arena a = { 0 };
	const struct words w = { &a, language };

	recommendation_page(figures, &w, "Bits & <Bobs>", p);
	palier_buffer_add(&p->out, "", 1);
	palier_arena_deinit(&a);
}

/* The style sheet speaks in per cent, too. */
static const char *body_of(const struct page *p)
{
	return strstr(p->out.at, "</style>");
}

static void a_page(void **state)
{
	const struct page_case *row = *state;
	struct page p = { .out = { .len = 0 } };

	page_of(row->figures, row->language, &p);
	assert_true(elements_of(p.out.at) > 60);
	assert_stands_alone(p.out.at);
	for (size_t i = 0; i < SAYS && row->says[i]; i++)
		assert_has(p.out.at, row->says[i]);
	for (size_t i = 0; i < COUNT(row->lacks) && row->lacks[i]; i++)
		assert_lacks(body_of(&p), row->lacks[i]);
	page_deinit(&p);
}

/* The width of the nth bar. */
static long bar_width(const char *page, const char *class, unsigned n)
{
	const char *at = page, *width;

	for (unsigned i = 0; i <= n; i++) {
		at = strstr(at, class);
		assert_non_null(at);
		at += strlen(class);
	}
	width = strstr(at, "width=\"");
	assert_non_null(width);
	return strtol(width + 7, NULL, 10);
}

static void shapes_are_in_proportion(void **state)
{
	struct page p = { .out = { .len = 0 } };

	(void)state;
	page_of(&busy, "en", &p);
	assert_int_equal(bar_width(p.out.at, "class=\"bar\"", 0), 320);
	assert_int_equal(bar_width(p.out.at, "class=\"bar\"", 1), 68); /* 61 of 286 */
	assert_int_equal(bar_width(p.out.at, "class=\"bar\"", 4), 25);
	assert_int_equal(bar_width(p.out.at, "class=\"source\"", 0), 340);
	assert_int_equal(bar_width(p.out.at, "class=\"source\"", 1), 168);
	page_deinit(&p);
	p = (struct page){ .out = { .len = 0 } };
	page_of(&nothing, "en", &p);
	assert_int_equal(bar_width(p.out.at, "class=\"bar\"", 0), 1);
	page_deinit(&p);
}

/* --- words --------------------------------------------------------------------------------------------------------- */

static void figures_are_written(void **state)
{
	struct palier_arena a = { 0 };
	const struct words en = { &a, "en" }, fr = { &a, "fr" };

	(void)state;
	assert_string_equal(words_number(&en, 0), "0");
	assert_string_equal(words_number(&en, 999), "999");
	assert_string_equal(words_number(&en, 1000), "1,000");
	assert_string_equal(words_number(&fr, 1234567), "1\u202f234\u202f567");
	assert_string_equal(words_span(&en, 29), "at once");
	assert_string_equal(words_span(&fr, 30), "1 minute");
	assert_string_equal(words_rate(&en, 1, 3), "33%");
	assert_string_equal(words_rate(&en, 1, 1), "100%");
	assert_string_equal(words_rate(&en, 0, 5), "0%");
	assert_string_equal(words_rate(&fr, 79, 1000), "7,9\u202f%");
	assert_string_equal(words_day(&fr, 20260801), "1er août 2026");
	assert_string_equal(words_day(&en, 20261231), "31 December 2026");
	palier_arena_deinit(&a);
}

/* --- the command --------------------------------------------------------------------------------------------------- */

#define ANSWER(text) \
	{ \
		FAKE_ANSWER, "\"result\":" text \
	}
#define SESSION \
	ANSWER("{\"store\":{\"id\":\"lyon-03\",\"name\":\"Comptoir\",\"currency\":\"EUR\",\"timezone\":\"Europe/" \
	       "Paris\",\"language\":\"fr\"}}")
#define REPORT \
	"{\"from\":\"2026-11-01\",\"to\":\"2026-11-30\",\"enrolled\":40,\"spontaneous\":[{\"step\":\"said\",\"count\":31}]," \
	"\"sources\":[{\"source\":\"=friend\",\"count\":30},{\"source\":\"other\",\"count\":1}]," \
	"\"evoked\":[{\"step\":\"shown\",\"count\":7},{\"step\":\"claimed\",\"count\":2}]," \
	"\"solicited\":[{\"step\":\"asked\",\"count\":5}]," \
	"\"sponsorship\":[{\"step\":\"issued\",\"count\":9},{\"step\":\"of later\",\"count\":3}]}"
#define CSV \
	"kind,step,source,count\r\n\"spontaneous\",\"enrolled\",\"\",40\r\n\"spontaneous\",\"said\",\"\",31\r\n" \
	"\"evoked\",\"shown\",\"\",7\r\n\"evoked\",\"claimed\",\"\",2\r\n\"solicited\",\"asked\",\"\",5\r\n" \
	"\"sponsorship\",\"issued\",\"\",9\r\n\"sponsorship\",\"of later\",\"\",3\r\n" \
	"\"spontaneous\",\"said\",\"'=friend\",30\r\n\"spontaneous\",\"said\",\"other\",1\r\n"

static const struct command_case {
	const char *name;
	const char *args[8];
	int code;
	const char *sent, *out, *err;
} commands[] = {
	{ "the days are sent", { "--from", "2026-11-01", "--to", "2026-11-30" }, 0,
		"\"recommendation.report\",\"params\":{\"from\":\"2026-11-01\",\"to\":\"2026-11-30\"}",
		"Recommandation, du 1er novembre 2026 au 30 novembre 2026\n", "" },
	{ "without a first day it is 90 days", { "--to", "2026-11-30" }, 0,
		"{\"from\":\"2026-09-02\",\"to\":\"2026-11-30\"}", "", "" },
	{ "the table says it in words", { "--to", "2026-11-30", "--language", "en" }, 0, "",
		"Evoked       Gentle lines shown                    7\n", "" },
	{ "CSV has every figure", { "--to", "2026-11-30", "--csv" }, 0, "", CSV, "" },
	{ "JSON is the answer as it came", { "--to", "2026-11-30", "--json" }, 0, "", REPORT "\n", "" },
	{ "what is no day is refused", { "--to", "tomorrow" }, 64, "", "",
		"--to is a day, such as 2026-11-21, not tomorrow" },
	{ "another language is not spoken yet", { "--language", "de" }, 64, "", "", "--language is fr or en, not de" },
	{ "where nothing can be written, that is said", { "--out", "/nowhere/report.html" }, 74, "", "",
		"/nowhere/report.html: No such file" },
};

/* @param out,err to be freed @return the exit code */
static int run(struct fake_server *server, const char *const *args, char **out, char **err)
{
	static const struct fake_step script[] = { SESSION, ANSWER(REPORT), { FAKE_END, NULL } };
	const char *argv[16] = { "palier", "report", "recommendation" };
	size_t out_len, err_len;
	FILE *o = open_memstream(out, &out_len), *e = open_memstream(err, &err_len);
	int n = 3, code;

	for (; *args; args++)
		argv[n++] = *args;
	fake_start(server, script);
	argv[n++] = "--connect";
	argv[n++] = server->door;
	code = cli_run(n, argv, o, e);
	fclose(o);
	fclose(e);
	fake_stop(server);
	return code;
}

static void a_command(void **state)
{
	const struct command_case *row = *state;
	struct fake_server server = { 0 };
	char *out, *err;

	assert_int_equal(run(&server, row->args, &out, &err), row->code);
	assert_has(server.line_count ? server.lines[server.line_count - 1] : "", row->sent);
	assert_has(out, row->out);
	assert_has(err, row->err);
	fake_free(&server);
	free(out);
	free(err);
}

static void a_page_is_written(void **state)
{
	char path[] = "/tmp/palier-report-XXXXXX", text[32768];
	struct fake_server server = { 0 };
	int fd = mkstemp(path);
	char *out, *err;
	ssize_t len;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(run(&server, (const char *const[]){ "--out", path, "--to", "2026-11-30", NULL }, &out, &err), 0);
	assert_has(out, path);
	len = read(fd, text, sizeof(text) - 1);
	assert_true(len > 0 && len < (ssize_t)sizeof(text) - 1);
	text[len] = '\0';
	assert_has(text, "Comptoir");
	assert_has(text, "Les parts sont celles des 31 réponses.");
	assert_has(text, "97\u202f%");
	elements_of(text);
	fake_free(&server);
	free(out);
	free(err);
	close(fd);
	unlink(path);
}

int main(void)
{
	struct CMUnitTest tests[COUNT(pages) + COUNT(commands) + 3];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(pages); i++)
		tests[n++] = (struct CMUnitTest){ pages[i].name, a_page, NULL, NULL, (void *)(uintptr_t)&pages[i] };
	for (size_t i = 0; i < COUNT(commands); i++)
		tests[n++] = (struct CMUnitTest){ commands[i].name, a_command, NULL, NULL, (void *)(uintptr_t)&commands[i] };
	tests[n++] = (struct CMUnitTest){ "shapes are in proportion to their figures", shapes_are_in_proportion, NULL, NULL,
		NULL };
	tests[n++] = (struct CMUnitTest){ "figures and days are written in both languages", figures_are_written, NULL, NULL,
		NULL };
	tests[n++] = (struct CMUnitTest){ "the page is written to its file", a_page_is_written, NULL, NULL, NULL };
	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
