/* SPDX-License-Identifier: Apache-2.0 */
/* palier report journey and export as commands: what they print and write, and that others read it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/tools/diary.h"
#include "tools/cli.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define KEY      "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static struct diary book;

static char *path_in(const char *name)
{
	static char paths[8][128];
	static unsigned turn;
	char *path = paths[turn++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", book.data, name);
	return path;
}

/* `palier report ARGS --data ... --from ... --to ... --timezone ...` @param out,err to be freed @return the exit code */
static int run(const char *const *args, char **out, char **err)
{
	const char *argv[32] = { "palier", "report", *args++, "--data", book.data, "--from", "2026-06-01", "--to",
		"2026-11-26", "--timezone", "Europe/Paris" };
	size_t out_len, err_len;
	FILE *o = open_memstream(out, &out_len), *e = open_memstream(err, &err_len);
	int n = 11, code;

	while (*args)
		argv[n++] = *args++;
	code = cli_run(n, argv, o, e);
	fclose(o);
	fclose(e);
	return code;
}
#define RUN(out, err, ...) run((const char *const[]){ __VA_ARGS__, NULL }, out, err)

static char *text_of(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = calloc(1, 1 << 24);

	assert_non_null(f);
	assert_non_null(text);
	assert_true(fread(text, 1, (1 << 24) - 1, f) > 0);
	fclose(f);
	return text;
}

static void run_well(const char *const *args)
{
	char *out, *err;
	int code = run(args, &out, &err);

	if (code != 0)
		fail_msg("%s: %d: %s", args[0], code, err);
	free(out);
	free(err);
}
#define RUN_WELL(...) run_well((const char *const[]){ __VA_ARGS__, NULL })

/* --- others read it --- */

/* What the shop of the diary lacks: names that are markup, a coupon, a sponsor, goods, a sale to nobody, an erased customer, a void. */
static void odd_events(void)
{
	int64_t at = diary_noon(20261010);

	diary_touch(&book, at, 1, "a<b>&\\\"c d\\u0007=", "web");
	diary_touch(&book, at, 1, "=formula", "web");
	diary_touch(&book, at, 1, "\u00e9t\u00e9 \ufffe\uffff \ufffd", "web"); /* of these, two are no characters of XML */
	book.params = "{'lines':[{'sku':'tea & milk','amount':100},{'sku':'off','amount':-5,'kind':'discount'}]}";
	diary_event(&book, at, "sale.commit", 1,
		"{'kind':'offer.used','offer':'welcome','code':'00aa'},{'kind':'referral.step','friend':'%s','referral':7,'cause':'sale'},"
		"{'kind':'journey.touch','member':'%s','touchpoint':'Purchase','channel':'store'},"
		"{'kind':'sale.booked','sale':'odd','base':100}",
		diary_member(1), diary_member(1));
	diary_sale(&book, at, 0, "nobody", 700, "");
	book.params = NULL;
	diary_touch(&book, at, 9001, "visit", "web");
	diary_event(&book, at + 60, "member.erase", 9001, "{'kind':'journey.moved','from':'%s'}", diary_member(9001));
	diary_sale(&book, at, 2, "undone", 700, "{'kind':'journey.touch','member':'x','touchpoint':'x'},");
	diary_event(&book, at + 60, "sale.void", 2, "{'kind':'sale.voided','sale':'undone','member':'%s','spend':700}",
		diary_member(2));
	diary_touch(&book, at, 9002, "visit", "web");
	diary_event(&book, at + 60, "member.merge", 3, "{'kind':'journey.moved','from':'%s','into':'%s'}",
		diary_member(9002), diary_member(3));
}

/* What stands beside the page is what is printed without one. */
static void assert_beside(const char *name, const char *printed)
{
	char *text = text_of(path_in(name));

	assert_string_equal(text, printed);
	free(text);
}

static void others_read_it(void **state)
{
	char command[1024], *out, *csv, *err;
	FILE *journey;

	(void)state;
	RUN_WELL("export", "--format", "xes", "--out", path_in("log.xes"), "--key", KEY);
	RUN_WELL("export", "--format", "ocel", "--out", path_in("log.json"), "--key", KEY);
	RUN_WELL("export", "--format", "csv", "--out", path_in("log.csv"), "--key", KEY);
	RUN_WELL("export", "--format", "cjml", "--out", path_in("log.cjml"), "--key", KEY);
	RUN_WELL("journey", "--out", path_in("page.html"));
	assert_int_equal(RUN(&csv, &err, "journey", "--csv"), 0);
	assert_beside("page.csv", csv);
	free(csv);
	free(err);
	assert_int_equal(RUN(&out, &err, "journey", "--json"), 0);
	assert_beside("page.json", out);
	journey = fopen(path_in("journey.json"), "we");
	assert_non_null(journey);
	fputs(out, journey);
	fclose(journey);
	free(out);
	free(err);
	snprintf(command, sizeof(command), "%s/read_exports %s %s %s %s %s %s", TOOLS_DIR, path_in("log.xes"),
		path_in("log.json"), path_in("log.csv"), path_in("log.cjml"), path_in("journey.json"), path_in("page.html"));
	assert_int_equal(system(command), 0);
}

/* --- names --- */

/* HMAC-SHA-256 of m_p5wkf7g002f3eydh, the first customer, under the key of this test, by Python's hmac: the first 16 digits. */
#define MEMBER_1_NAME "c6a8667d8fe06b76"

static void names_are_made_with_the_key(void **state)
{
	char *one, *other, *again;

	(void)state;
	RUN_WELL("export", "--format", "csv", "--out", path_in("1.csv"), "--key", KEY);
	RUN_WELL("export", "--format", "csv", "--out", path_in("2.csv"), "--key", KEY);
	RUN_WELL("export", "--format", "csv", "--out", path_in("3.csv"));
	one = text_of(path_in("1.csv"));
	again = text_of(path_in("2.csv"));
	other = text_of(path_in("3.csv"));
	assert_string_equal(one, again);
	assert_string_not_equal(one, other);
	assert_int_equal(strlen(one), strlen(other));
	assert_non_null(strstr(one, "\r\n" MEMBER_1_NAME ","));
	assert_null(strstr(one, diary_member(1)));
	assert_null(strstr(other, MEMBER_1_NAME));
	free(one);
	free(again);
	free(other);
}

/* --- what is printed --- */

static const struct command_case {
	const char *name;
	const char *args[8];
	int code;
	const char *out, *err;
} commands[] = {
	{ "a table in words", { "journey", "--language", "fr" }, 0,
		"Le parcours client, du 1er juin 2026 au 26 novembre 2026\n", "" },
	{ "with what stands out", { "journey", "--window", "60" }, 0, "Customers known: ", "" },
	{ "CSV has every figure", { "journey", "--csv" }, 0,
		"part,item,measure,value,low,high,n\r\n\"stage\",\"awareness\",\"members\",", "" },
	{ "and every touchpoint", { "journey", "--csv" }, 0, "\"touchpoint\",\"awareness/enrol\",\"count\",", "" },
	{ "JSON says of which days", { "journey", "--json", "--window", "30" }, 0,
		"{\"from\":\"2026-06-01\",\"to\":\"2026-11-26\",\"window\":30,\"derived\":false,", "" },
	{ "points have their price", { "journey", "--json", "--point-value", "0.01" }, 0, "\"cost\":", "" },
	{ "a persona that nobody has", { "journey", "--json", "--persona", "nobody" }, 0, "\"members\":0,", "" },
	{ "a window is of days", { "journey", "--window", "soon" }, 64, "", "--window does not understand soon" },
	{ "of one at least", { "journey", "--window", "0" }, 64, "", "--window is 1 day or more" },
	{ "a margin is a part", { "journey", "--margin", "101" }, 64, "", "--margin does not understand 101" },
	{ "days are in order", { "journey", "--to", "2026-05-31" }, 64, "", "--from is a day after --to" },
	{ "a zone that is none", { "journey", "--timezone", "Mars/North" }, 64, "", "knows no time zone Mars/North" },
	{ "a page that cannot be written", { "journey", "--out", "/nowhere/p.html" }, 74, "",
		"/nowhere/p.html: No such file" },
	{ "a format that is none", { "export", "--format", "xls", "--out", "x" }, 64, "",
		"--format is xes, ocel, cjml or csv" },
	{ "an export goes to a file", { "export", "--format", "xes" }, 64, "", "where to? give --out FILE" },
	{ "a key that is none", { "export", "--format", "xes", "--out", "x", "--key", "abc" }, 64, "",
		"--key has 64 hexadecimal digits" },
	{ "a file that cannot be written", { "export", "--format", "xes", "--out", "/nowhere/x" }, 74, "",
		"/nowhere/x: No such file" },
	{ "a file that is full", { "export", "--format", "ocel", "--out", "/dev/full" }, 74, "",
		"/dev/full: No space left" },
};

static void a_command(void **state)
{
	const struct command_case *row = *state;
	char *out, *err;
	int code = run(row->args, &out, &err);

	if (code != row->code || !strstr(out, row->out) || !strstr(err, row->err))
		fail_msg("%d, %.300s, %s", code, out, err);
	free(out);
	free(err);
}

static void whose_journal_must_be_said(void **state)
{
	char *err;
	size_t len;
	FILE *e = open_memstream(&err, &len);

	(void)state;
	assert_int_equal(cli_run(3, (const char *const[]){ "palier", "report", "journey", NULL }, stdout, e), 64);
	fclose(e);
	assert_non_null(strstr(err, "whose journal? give --data DIR or --config FILE"));
	free(err);
}

static int book_write(void **state)
{
	(void)state;
	diary_begin(&book);
	diary_shop(&book, 600);
	odd_events();
	diary_close(&book);
	return 0;
}

static int book_burn(void **state)
{
	static const char *const files[] = { "log.xes", "log.json", "log.csv", "log.cjml", "journey.json", "page.html",
		"page.csv", "page.json", "1.csv", "2.csv", "3.csv" };

	(void)state;
	for (size_t i = 0; i < COUNT(files); i++)
		unlink(path_in(files[i]));
	diary_remove(&book);
	return 0;
}

int main(void)
{
	struct CMUnitTest tests[COUNT(commands) + 3];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(commands); i++)
		tests[n++] = (struct CMUnitTest){ commands[i].name, a_command, NULL, NULL, (void *)(uintptr_t)&commands[i] };
	tests[n++] = (struct CMUnitTest){ "others read the exports", others_read_it, NULL, NULL, NULL };
	tests[n++] = (struct CMUnitTest){ "names are made with the key", names_are_made_with_the_key, NULL, NULL, NULL };
	tests[n++] = (struct CMUnitTest){ "whose journal must be said", whose_journal_must_be_said, NULL, NULL, NULL };
	return cmocka_run_group_tests_name("export", tests, book_write, book_burn);
}
