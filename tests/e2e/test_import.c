/* SPDX-License-Identifier: Apache-2.0 */
/* A card base is imported: what is booked, what is refused and why, and that it counts once, however often and after whatever fall it is
 * imported again. */
#include <signal.h>
#include <unistd.h>

#include "protocol/scan.h"
#include "tests/e2e/harness.h"

#define LINES 2000

/* --- files --- */

static const char *card_number(unsigned n)
{
	static char text[4][16];
	static unsigned turn;
	char *out = text[turn++ % 4];

	snprintf(out, 16, "297800%06u", n);
	out[12] = card_gs1_check(out, 12);
	out[13] = 0;
	return out;
}

#define HEADER "card,name,phone,email,birthday,language,points,points:coffee,tags,consent_email,consent_sms,heard_from"

/* The lines that are wrong, by their number; in them %s is the number of a card of its own. */
static const struct wrong {
	unsigned line;
	const char *text, *reason, *field;
} wrong[] = {
	{ 17, "2978000000019,A,,,,,,,,,,", "card_malformed", "card" },
	{ 18, "4012345123456,A,,,,,,,,,,", "card_malformed", "card" },
	{ 300, "2978000000000,A,,,,,,,,,,", "card_in_use", "card" },
	{ 301, "%s,A,06 00 00 00 05,,,,,,,,,", "member_exists", "phone" },
	{ 302, "%s,A,,P7@EXAMPLE.org,,,,,,,,", "member_exists", "email" },
	{ 303, "%s,A,,nobody,,,,,,,,", "params_invalid", "email" },
	{ 700, "%s,A,,,1990-02-30,,,,,,,", "params_invalid", "birthday" },
	{ 701, "%s,\"A, B\",,,,FR-fr,,,,,,", "params_invalid", "language" },
	{ 702, "%s,A,,,,,12.5,,,,,", "params_invalid", "points" },
	{ 703, "%s,A,,,,,,-3,,,,", "params_invalid", "points:coffee" },
	{ 704, "%s,A,,,,,,,,,maybe,", "params_invalid", "consent_sms" },
	{ 1200, "%s,A,,,,,,,,,", "parse_error", "" },
	{ 1201, "%s,A \"B\",,,,,,,,,,", "parse_error", "" },
	{ 1202, ",A,,,1990-05-17,,,,,,,", "params_invalid", "card" },
	{ 2001, "%s,\"A,,,,,,,,,,", "parse_error", "" },
};

#define WRONG (sizeof(wrong) / sizeof(*wrong))

static const struct wrong *wrong_at(unsigned line)
{
	for (size_t i = 0; i < WRONG; i++)
		if (wrong[i].line == line)
			return &wrong[i];
	return NULL;
}

static void wrong_text(const struct wrong *w, char *out, size_t size)
{
	const char *at = strstr(w->text, "%s");

	snprintf(out, size, "%s%s", at ? card_number(500000 + w->line) : "", at ? at + 2 : w->text);
}

/* Member n stands on line n + 2. */
static void right_text(unsigned n, char *out, size_t size)
{
	snprintf(out, size,
		"%s,\"Zoé \"\"Z\"\" Martin %u\",06%08u,p%u@example.org,1990-05-17,en,%u,%u,web|old,yes,%s,a friend",
		card_number(n), n, n, n, n % 7, n % 3, n % 2 ? "0" : "");
}

static const char *file_in(const struct shop *s, const char *name)
{
	static char paths[4][96];
	static unsigned turn;
	char *out = paths[turn++ % 4];

	snprintf(out, sizeof(paths[0]), "%s/%s", s->dir, name);
	return out;
}

static const char *file_made(const struct shop *s)
{
	const char *path = file_in(s, "members.csv");
	FILE *f = fopen(path, "w");
	char text[256];

	assert_non_null(f);
	fprintf(f, "%s\r\n", HEADER);
	for (unsigned line = 2; line < LINES + 2; line++) {
		const struct wrong *w = wrong_at(line);

		if (w)
			wrong_text(w, text, sizeof(text));
		else
			right_text(line - 2, text, sizeof(text));
		fprintf(f, "%s\r\n", text);
	}
	assert_int_equal(fclose(f), 0);
	return path;
}

/* --- runs --- */

static pid_t import_start(const struct shop *s, const char *path, const char *option)
{
	char door[64];

	snprintf(door, sizeof(door), DOOR_TRUST "%d", shop_port(s, DOOR_TRUST));
	return program_start(s,
		(const char *const[]){ "palier", "member", "import", path, "--connect", door, option, NULL });
}

static int import(const struct shop *s, const char *path, const char *option, char **said)
{
	return program_wait(s, import_start(s, path, option), said);
}

/* @param code of the program @param part of what it said */
static void assert_import(const struct shop *s, const char *path, const char *option, int code, const char *part)
{
	char *said;
	int is = import(s, path, option, &said);

	if (is != code || !strstr(said, part))
		fail_msg("%d instead of %d, or no \"%s\": %s", is, code, part, said);
	free(said);
}

static int64_t members(struct wire *w)
{
	return figure(ask_ok(w, "system.status", " "), "result.members");
}

/* The report, row for row: line, reason and field as expected, something said, and the line as it was. */
static void assert_report(const struct shop *s)
{
	char *report = file_read(file_in(s, "members.csv.refused.csv"), NULL), *at = report;
	char text[256], begin[256];

	assert_non_null(report);
	assert_memory_equal(at, "line,reason,field,message," HEADER "\n", strlen("line,reason,field,message," HEADER "\n"));
	for (size_t i = 0; i < WRONG; i++) {
		char *end;

		at = strchr(at, '\n') + 1;
		end = strchr(at, '\n');
		assert_non_null(end);
		snprintf(begin, sizeof(begin), "%u,%s,%s,", wrong[i].line, wrong[i].reason, wrong[i].field);
		wrong_text(&wrong[i], text, sizeof(text));
		if (strncmp(at, begin, strlen(begin)) != 0 || (size_t)(end - at) < strlen(begin) + 10 + strlen(text) ||
			strncmp(end - strlen(text), text, strlen(text)) != 0)
			fail_msg("row %zu is not %s...%s, but %.*s", i, begin, text, (int)(end - at), at);
	}
	assert_int_equal(strlen(strchr(at, '\n')), 1);
	free(report);
}

static void assert_member(struct wire *w, unsigned n)
{
	char name[64], *reply = ask_ok(w, "card.lookup", "'card':'%s'", card_number(n));

	snprintf(name, sizeof(name), "Zoé \"Z\" Martin %u", n);
	assert_field(reply, "result.name", name);
	assert_field(reply, "result.language", "en");
	assert_figure(reply, "result.balances.points", n % 7);
	assert_figure(reply, "result.balances.coffee", n % 3);
}

/* All that should be there is, once. */
static void assert_all(const struct shop *s, struct wire *w)
{
	assert_int_equal(members(w), LINES - WRONG);
	for (unsigned n = 0; n < LINES; n += 37)
		if (!wrong_at(n + 2))
			assert_member(w, n);
	assert_report(s);
}

/* --- the rows --- */

static const struct shop_options shop = { .config = "card \"ean13\" { prefixes = {\"29\"} }\n",
	.points = "points {\n"
		  "	unit \"points\" { kind = points  expires = \"12 months\" }\n"
		  "	unit \"coffee\" { kind = points  expires = never }\n"
		  "}\n" };

static void imported(void **state)
{
	const char *path = file_made(*state);
	char *reply, member[32];
	struct wire w;
	int64_t seq;

	connect_to(&w, *state, DOOR_TRUST);
	assert_import(*state, path, NULL, 65, "2000 lines: 1985 enrolled, 0 known already, 15 refused\n");
	assert_all(*state, &w);
	strcpy(member, field(ask_ok(&w, "card.lookup", "'card':'%s'", card_number(5)), "result.member"));
	reply = ask_ok(&w, "member.export", "'member':'%s'", member);
	assert_field(reply, "result.profile.phone", "+33600000005");
	assert_field(reply, "result.profile.birthday", "1990-05-17");
	assert_field(reply, "result.profile.tags[1]", "old");
	assert_int_equal(count_of(reply, "result.profile.consents"), 2);
	assert_field(reply, "result.profile.consents[0].channel", "import");
	assert_field(reply, "result.profile.consents[1].given", "false");

	seq = last_seq(&w);
	assert_import(*state, path, NULL, 65, "2000 lines: 0 enrolled, 1985 known already, 15 refused\n");
	assert_int_equal(last_seq(&w), seq);
	assert_all(*state, &w);
	assert_import(*state, path, "--dry-run", 65,
		"2000 lines: 0 can be enrolled, 1985 are known already, 15 would be refused\n");
	assert_int_equal(last_seq(&w), seq);
	wire_close(&w);
}

static void tried(void **state)
{
	const char *path = file_made(*state);
	char *report;
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	/* Against each other the lines are not checked: nothing is booked. */
	assert_import(*state, path, "--dry-run", 65,
		"2000 lines: 1988 can be enrolled, 0 are known already, 12 would be refused\n");
	assert_int_equal(last_seq(&w), 0);
	report = file_read(file_in(*state, "members.csv.refused.csv"), NULL);
	assert_non_null(strstr(report, "\n17,card_malformed,card,"));
	free(report);
	wire_close(&w);
}

/* Wait until some of it is booked, so that there is something to fall over. */
static void wait_for_some(struct wire *w)
{
	int64_t until = now_ms() + DEADLINE_MS;

	while (members(w) < 100) {
		assert_true(now_ms() < until);
		sleep_ms(1);
	}
}

static void tool_killed(void **state)
{
	const char *path = file_made(*state);
	struct wire w;
	pid_t pid;

	connect_to(&w, *state, DOOR_TRUST);
	pid = import_start(*state, path, NULL);
	wait_for_some(&w);
	kill(pid, SIGKILL);
	program_wait(*state, pid, NULL);
	assert_import(*state, path, NULL, 65, "15 refused\n");
	assert_all(*state, &w);
	wire_close(&w);
}

static void tool_interrupted(void **state)
{
	const char *path = file_made(*state);
	char *said;
	struct wire w;
	pid_t pid;
	int code;

	connect_to(&w, *state, DOOR_TRUST);
	pid = import_start(*state, path, NULL);
	wait_for_some(&w);
	kill(pid, SIGINT);
	code = program_wait(*state, pid, &said);
	if (code != 65) { /* all lines may have been read by then */
		assert_int_equal(code, 75);
		assert_non_null(strstr(said, "run the same command again"));
	}
	free(said);
	assert_import(*state, path, NULL, 65, "15 refused\n");
	assert_all(*state, &w);
	wire_close(&w);
}

static void daemon_killed(void **state)
{
	const char *path = file_made(*state);
	struct wire w;
	char *said;
	pid_t pid;
	int code;

	connect_to(&w, *state, DOOR_TRUST);
	pid = import_start(*state, path, NULL);
	wait_for_some(&w);
	shop_kill(*state);
	wire_close(&w);
	code = program_wait(*state, pid, &said);
	if (code != 65) {
		assert_int_equal(code, 69);
		assert_non_null(strstr(said, "run the same command again"));
	}
	free(said);
	shop_start(*state);
	connect_to(&w, *state, DOOR_TRUST);
	assert_import(*state, path, NULL, 65, "15 refused\n");
	assert_all(*state, &w);
	wire_close(&w);
}

static void file_put(const struct shop *s, const char *name, const char *text)
{
	file_write(file_in(s, name), text, strlen(text));
}

static void mended(void **state)
{
	const char *path = file_in(*state, "a.csv"), *report = file_in(*state, "a.csv.refused.csv");
	char *text, *at;
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	file_put(*state, "a.csv", "name;points;card\nZoé;12;2978000000019\nAnna;3;2978000000000\n");
	assert_import(*state, path, NULL, 65, "2 lines: 1 enrolled, 0 known already, 1 refused\n");
	text = file_read(report, NULL);
	assert_memory_equal(text, "line;reason;field;message;name;points;card\n2;card_malformed;card;", 64);
	at = strstr(text, "2978000000019");
	at[12] = card_number(1)[12];
	file_write(report, text, strlen(text));
	free(text);
	assert_import(*state, report, NULL, 0, "1 lines: 1 enrolled, 0 known already, 0 refused\n");
	assert_figure(ask_ok(&w, "card.lookup", "'card':'%s'", card_number(1)), "result.balances.points", 12);
	assert_null(file_read(file_in(*state, "a.csv.refused.csv.refused.csv"), NULL));

	/* A line that says something else is another one: its balance is not booked on top. */
	file_put(*state, "a.csv", "points;card;name\n4;2978000000000;Anna\n");
	assert_import(*state, path, NULL, 65, "1 lines: 0 enrolled, 0 known already, 1 refused\n");
	assert_figure(ask_ok(&w, "card.lookup", "'card':'%s'", card_number(0)), "result.balances.points", 3);
	wire_close(&w);
}

static void written_in_many_ways(void **state)
{
	static const char *const files[] = {
		("\xEF\xBB\xBF" /* or the c of card were a part of the last of them */
		 "card;name\r\n2978000000000;Zoé\r\n"),
		"Card\tName\n2978000000000\tZoé\n",
		"\"card\",\"name\"\n\n\"2978 0000 0000-0\",\" Zoé \"",
		",,\n",
		"name , card\n ,\nZoé,2978000000000\n,\n",
	};
	static const char *const said[] = { "1 lines: 1 enrolled", "1 lines: 0 enrolled, 1 known already",
		"1 lines: 0 enrolled, 0 known", "no column \"\"", "1 lines: 0 enrolled, 1 known already" };
	static const int codes[] = { 0, 0, 65, 64, 0 };
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		file_put(*state, "a.csv", files[i]);
		assert_import(*state, file_in(*state, "a.csv"), NULL, codes[i], said[i]);
	}
	assert_int_equal(members(&w), 1);
	wire_close(&w);
}

static void refused_whole(void **state)
{
	static const struct {
		const char *text, *said;
		int code;
	} rows[] = {
		{ "", "is empty", 65 },
		{ "card,name\n2978000000000,Zoé\n2978000000018,Zo\xE9\n", "line 3 is not UTF-8, but perhaps Latin-1", 65 },
		{ "card,name\n2978000000000,\xED\xA0\x80\n", "line 2 is not UTF-8", 65 },
		{ "card,name\n2978000000000,Zo\xC3", "line 2 is not UTF-8", 65 },
		{ "card,nom\n", "there is no column \"nom\"", 64 },
		{ "card,name,card\n", "the column card twice", 64 },
		{ "card,points,points:points\n", "the column points twice", 64 },
		{ "name,birthday\n", "one must be card, phone or email", 64 },
		{ "card,points:stars\n", "there is no unit stars; the shop has 0 points, 0 coffee", 25 },
		{ "card,\"name\n", "line 1 names the columns: a quote is not closed", 65 },
	};
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	till_make(&w, "till-1", "cashier", "secret");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		file_put(*state, "a.csv", rows[i].text);
		assert_import(*state, file_in(*state, "a.csv"), NULL, rows[i].code, rows[i].said);
	}
	file_write(file_in(*state, "a.csv"), "c\0a\0r\0d\0", 8);
	assert_import(*state, file_in(*state, "a.csv"), NULL, 65, "perhaps UTF-16");
	assert_import(*state, "/nowhere/a.csv", NULL, 74, "No such file");
	assert_import(*state, "/dev/null", NULL, 64, "is no file");
	assert_int_equal(members(&w), 0);
	wire_close(&w);
}

static void a_cashier_books_no_balances(void **state)
{
	char door[64], *said;
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	till_make(&w, "till-1", "cashier", "secret");
	snprintf(door, sizeof(door), DOOR_TOKEN "%d", shop_port(*state, DOOR_TOKEN));
	file_put(*state, "a.csv", "card,points\n2978000000000,3\n");
	assert_int_equal(program_run(*state,
				 (const char *const[]){ "palier", "member", "import", file_in(*state, "a.csv"), "--connect",
					 door, "--till", "till-1", "--token", "secret", NULL },
				 &said),
		78);
	assert_non_null(strstr(said, "for a supervisor"));
	free(said);
	assert_int_equal(members(&w), 0);
	wire_close(&w);
}

static void figures_for_scripts(void **state)
{
	file_put(*state, "a.csv", "card\n2978000000000\n2978000000019\n");
	assert_import(*state, file_in(*state, "a.csv"), "--json", 65,
		"{\"lines\":2,\"enrolled\":1,\"known\":0,\"refused\":1}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("a card base is imported, its wrong lines reported, and a second run changes nothing", imported,
			&shop),
		IN_SHOP("a dry run checks and books nothing", tried, &shop),
		IN_SHOP("killed half way, the same command goes on", tool_killed, &shop),
		IN_SHOP("interrupted, it ends with what is under way, and goes on", tool_interrupted, &shop),
		IN_SHOP("so it does after the daemon was killed", daemon_killed, &shop),
		IN_SHOP("the report is mended and imported", mended, &shop),
		IN_SHOP("separators, quotes, blanks and a byte order mark", written_in_many_ways, &shop),
		IN_SHOP("a file that is wrong as a whole is refused before its first line", refused_whole, &shop),
		IN_SHOP("opening balances need a supervisor", a_cashier_books_no_balances, &shop),
		IN_SHOP("scripts are told the figures", figures_for_scripts, &shop),
	};

	return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
