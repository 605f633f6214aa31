/* SPDX-License-Identifier: Apache-2.0 */
/* What a shop sold before, and what others saw of its customers, is imported: once, whatever befalls it, and the reports tell it as it was. */
#include <signal.h>

#include "tests/e2e/harness.h"

#define CUSTOMERS 40
#define RECEIPTS  600

static const struct shop_options shop = { .config = "journey { }\n" };

/* --- files and runs --- */

static const char *file_in(const struct shop *s, const char *name)
{
	static char paths[8][96];
	static unsigned turn;
	char *out = paths[turn++ % 8];

	snprintf(out, sizeof(paths[0]), "%s/%s", s->dir, name);
	return out;
}

static const char *file_put(const struct shop *s, const char *name, const char *text)
{
	const char *path = file_in(s, name);

	file_write(path, text, strlen(text));
	return path;
}

static pid_t start(const struct shop *s, const char *command, const char *path, const char *option, const char *value)
{
	char door[64];

	snprintf(door, sizeof(door), DOOR_TRUST "%d", shop_port(s, DOOR_TRUST));
	return program_start(s,
		(const char *const[]){ "palier", command, "import", path, "--connect", door, option, value, NULL });
}

static void assert_import(const struct shop *s, const char *command, const char *path, const char *option, const char *value,
	int code, const char *part)
{
	char *said;
	int is = program_wait(s, start(s, command, path, option, value), &said);

	if (is != code || !strstr(said, part))
		fail_msg("%d instead of %d, or no \"%s\": %s", is, code, part, said);
	free(said);
}

static void assert_in_file(const char *path, const char *part)
{
	char *text = file_read(path, NULL);

	if (!text || !strstr(text, part))
		fail_msg("no \"%s\" in %s: %s", part, path, text ? text : "no file");
	free(text);
}

static void assert_report(const struct shop *s, const char *from, const char *to, const char *part)
{
	char *text;

	assert_int_equal(program_run(s,
				 (const char *const[]){ "palier", "report", "journey", "--config", s->config, "--from", from,
					 "--to", to, "--json", NULL },
				 &text),
		0);
	if (!strstr(text, part))
		fail_msg("no %s in %s", part, text);
	free(text);
}

/* Two lines each; every customer comes back after twenty days. */
static const char *past_made(const struct shop *s)
{
	const char *path = file_in(s, "past.csv");
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs("InvoiceNo,StockCode,Description,Category,Quantity,InvoiceDate,UnitPrice,CustomerID\n", f);
	for (unsigned i = 0; i < RECEIPTS; i++) {
		unsigned day = i / CUSTOMERS * 20;

		fprintf(f, "%u,ground,Ground coffee,coffee,2,%u-%02u-%02u 9:%02u,4.00,C-%u\n", 1000 + i, 2024 + day / 360,
			day % 360 / 30 + 1, day % 30 + 1, i % 60, i % CUSTOMERS);
		fprintf(f, "%u,cup,\"Cup, blue\",things,1,%u-%02u-%02u 9:%02u,2.50,C-%u\n", 1000 + i, 2024 + day / 360,
			day % 360 / 30 + 1, day % 30 + 1, i % 60, i % CUSTOMERS);
	}
	assert_int_equal(fclose(f), 0);
	return path;
}

/* --- sales --- */

static void a_past_is_imported_once(void **state)
{
	const char *path = past_made(*state);
	char *reply;
	struct wire w;
	int64_t seq;

	connect_to(&w, *state, DOOR_TRUST);
	assert_import(*state, "sale", path, "--enroll", "--dry-run", 0,
		"1200 lines: 1200 can be booked, 0 are known already, 0 would be refused\n");
	assert_int_equal(last_seq(&w), 0);
	assert_import(*state, "sale", path, "--enroll", NULL, 0, "1200 lines: 1200 booked, 0 known already, 0 refused\n");
	seq = last_seq(&w);
	assert_int_equal(seq, CUSTOMERS + RECEIPTS);
	assert_import(*state, "sale", path, "--enroll", NULL, 0, "1200 lines: 0 booked, 1200 known already, 0 refused\n");
	assert_import(*state, "sale", path, NULL, NULL, 0, "1200 lines: 0 booked, 1200 known already, 0 refused\n");
	assert_int_equal(last_seq(&w), seq);
	reply = ask_ok(&w, "sale.show", "'sale':'1041'");
	assert_field(reply, "result.at", "2024-01-21T08:41:00.000Z");
	assert_figure(reply, "result.payable", 1050);
	assert_field(reply, "result.lines[1].label", "Cup, blue");
	assert_figure(reply, "result.lines[0].quantity", 2);
	wire_close(&w);
	assert_report(*state, "2024-01-01", "2024-12-31", "\"repeat\":{\"x\":40,\"n\":40,");
	assert_report(*state, "2024-01-01", "2024-12-31", "\"from\":\"purchase\",\"to\":\"purchase\",\"count\":560,");
}

static void what_cannot_be_booked_is_told(void **state)
{
	const char *path = file_put(*state, "a.csv",
		"ticket;date;card;sku;amount;discount;return_of\n"
		"1;2024-05-01 10:00;CARD-1;a;10,00;1,00;\n"
		"1;2024-05-01 10:00;CARD-1;b;5,00;;\n"
		"2;2024-05-02;CARD-9;a;10,00;;\n"
		"2;2024-05-02;CARD-9;b;1,00;;\n"
		"3;31/02/2024;CARD-1;a;10,00;;\n"
		"4;2024-05-04;CARD-1;a;ten;;\n"
		"5;2024-05-05;CARD-1;a;-10,00;;\n"
		"6;2024-05-06;CARD-1;b;-5,00;;1\n"
		"7;2024-05-07;CARD-1;c;-5,00;;1\n"
		"8;2024-05-08;CARD-1;a;9,00;;\n"
		"8;2024-05-08;CARD-1;a;-1,00;;\n"
		"9;2024-05-09;;a;3,00;;\n"
		"10;2999-01-01;CARD-1;a;3,00;;\n"
		"11;2024-05-09;2978000000019;a;3,00;;\n"
		"12;2024-05-09;CARD-1;a\n");
	const char *report = file_in(*state, "a.csv.refused.csv");
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'e-1','card':'CARD-1'");
	assert_import(*state, "sale", path, NULL, NULL, 65, "15 lines: 4 booked, 0 known already, 11 refused\n");
	assert_in_file(report,
		"line;reason;field;message;ticket;date;card;sku;amount;discount;return_of\n4;card_unknown;card;");
	assert_in_file(report, "\n5;card_unknown;card;");
	assert_in_file(report, "\n6;params_invalid;at;");
	assert_in_file(report, "\n7;params_invalid;amount;");
	assert_in_file(report, "\n8;params_invalid;return_of;");
	assert_in_file(report, "\n10;params_invalid;sku;");
	assert_in_file(report, "\n11;params_invalid;amount;");
	assert_in_file(report, "\n12;params_invalid;amount;");
	assert_in_file(report, "\n14;params_invalid;at;");
	assert_in_file(report, "\n15;card_malformed;card;");
	assert_in_file(report, "\n16;parse_error;;");
	assert_figure(ask_ok(&w, "sale.show", "'sale':'1'"), "result.payable", 1400);
	assert_figure(ask_ok(&w, "sale.show", "'sale':'1'"), "result.returned", 500);
	assert_figure(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.balances.points", 0);
	assert_import(*state, "sale", report, "--enroll", NULL, 65, "11 lines: 2 booked, 0 known already, 9 refused\n");
	assert_import(*state, "sale", path, "--column", "sku=what", 64, "line 1 names no such column");
	wire_close(&w);
}

static void wait_for_some(struct wire *w)
{
	int64_t until = now_ms() + DEADLINE_MS;

	while (last_seq(w) < 60) {
		assert_true(now_ms() < until);
		sleep_ms(1);
	}
}

static void killed_it_goes_on(void **state)
{
	const char *path = past_made(*state);
	struct wire w;
	pid_t pid;

	connect_to(&w, *state, DOOR_TRUST);
	pid = start(*state, "sale", path, "--enroll", NULL);
	wait_for_some(&w);
	kill(pid, SIGKILL);
	program_wait(*state, pid, NULL);
	assert_import(*state, "sale", path, "--enroll", NULL, 0, "1200 lines: ");
	assert_int_equal(last_seq(&w), CUSTOMERS + RECEIPTS);
	wire_close(&w);
	assert_report(*state, "2024-01-01", "2024-12-31", "\"repeat\":{\"x\":40,\"n\":40,");
}

/* Without receipts' numbers, what one customer bought at one time is a sale. */
static void a_file_without_numbers(void **state)
{
	const char *path = file_put(*state, "a.csv",
		"customer_id,date,number_of_cds,dollar_value\n"
		"00002,19970112,1,12.00\n"
		"00002,19970112,5,77.00\n"
		"00003,19970102,2,20.76\n"
		"00003,19970330,2,20.76\n");
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	for (int i = 0; i < 2; i++)
		assert_import(*state, "sale", path, "--enroll", "--column=amount=dollar_value", 0,
			i ? "4 lines: 0 booked, 4 known already, 0 refused\n" : "not read: number_of_cds");
	assert_int_equal(last_seq(&w), 2 + 3);
	wire_close(&w);
	assert_report(*state, "1997-01-01", "1997-12-31", "\"repeat\":{\"x\":1,\"n\":2,");
}

/* Who is known by his phone number keeps what he agreed to; who is not is enrolled with what the file says. */
static void customers_by_phone(void **state)
{
	const char *path = file_put(*state, "phones.csv",
		"phone,ticket,date,sku,amount,consent_email,consent_sms,consent_profiling\n"
		"06 12 34 56 78,P-1,2024-05-01 10:00,a,10.00,yes,yes,no\n"
		"+33 6 12 34 56 79,P-2,2024-05-01 11:00,a,12.00,yes,no,yes\n"
		"0612345679,P-3,2024-05-02 11:00,a,14.00,yes,no,yes\n"
		"0612345680,P-4,2024-05-02 12:00,a,16.00,perhaps,,\n");
	char member[32], *reply;
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'e-1','card':'CARD-1','phone':'0612345678','consent':{'profiling':true}");
	assert_import(*state, "sale", path, "--enroll", NULL, 65, "4 lines: 3 booked, 0 known already, 1 refused\n");
	assert_in_file(file_in(*state, "phones.csv.refused.csv"), "\n5,params_invalid,consent_email,");
	reply = ask_ok(&w, "sale.list", "'card':'CARD-1'");
	assert_field(reply, "result.sales[0].sale", "P-1");
	snprintf(member, sizeof(member), "%s", field(ask_ok(&w, "card.lookup", "'phone':'0612345678'"), "result.member"));
	reply = ask_ok(&w, "member.export", "'member':'%s'", member);
	assert_int_equal(count_of(reply, "result.profile.consents"), 1);
	assert_field(reply, "result.profile.consents[0].given", "true");

	reply = ask_ok(&w, "card.lookup", "'phone':'0612345679'");
	assert_figure(reply, "result.stats.purchases", 2);
	snprintf(member, sizeof(member), "%s", field(reply, "result.member"));
	reply = ask_ok(&w, "member.export", "'member':'%s'", member);
	assert_int_equal(count_of(reply, "result.profile.consents"), 3);
	for (int i = 0; i < 3; i++) {
		char path_of[48];

		snprintf(path_of, sizeof(path_of), "result.profile.consents[%d].given", i);
		assert_field(reply, path_of, i == 1 ? "false" : "true");
		snprintf(path_of, sizeof(path_of), "result.profile.consents[%d].channel", i);
		assert_field(reply, path_of, "import");
	}
	assert_import(*state, "sale", path, "--enroll", NULL, 65, "4 lines: 0 booked, 3 known already, 1 refused\n");
	wire_close(&w);
}

/* --- touchpoints --- */

#define CALLERS 20
#define CALLS   1200

static const char *calls_made(const struct shop *s)
{
	const char *path = file_in(s, "many.csv");
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs("phone,at,touchpoint,channel,emotion\n", f);
	for (unsigned i = 0; i < CALLS; i++)
		fprintf(f, "06123456%02u,2024-05-%02u %02u:%02u,call,phone,%d\n", i % CALLERS, i / CALLERS % 28 + 1,
			i / CALLERS / 28 + 8, i % 60, (int)(i % 5) - 2);
	assert_int_equal(fclose(f), 0);
	return path;
}

static void killed_among_touchpoints(void **state)
{
	const char *path = calls_made(*state), *reply;
	struct wire w;
	pid_t pid;

	connect_to(&w, *state, DOOR_TRUST);
	for (int i = 0; i < CALLERS; i++)
		ask_ok(&w, "member.enroll", "'request':'e-%d','card':'CARD-%d','phone':'06123456%02d'", i, i, i);
	pid = start(*state, "journey", path, NULL, NULL);
	wait_for_some(&w);
	kill(pid, SIGKILL);
	assert_int_equal(program_wait(*state, pid, NULL), -SIGKILL); /* in the midst of it, that is */
	assert_true(last_seq(&w) < CALLERS + CALLS);
	assert_import(*state, "journey", path, NULL, NULL, 0, "1200 lines: ");
	assert_int_equal(last_seq(&w), CALLERS + CALLS);
	assert_import(*state, "journey", path, NULL, NULL, 0, "1200 lines: 0 recorded, 1200 known already, 0 refused\n");
	assert_int_equal(last_seq(&w), CALLERS + CALLS);
	reply = ask_ok(&w, "journey.show", "'card':'CARD-7','limit':1000");
	assert_int_equal(count_of(reply, "result.timeline"), CALLS / CALLERS + 1);
	wire_close(&w);
}

static void touchpoints_of_elsewhere(void **state)
{
	const char *csv = file_put(*state, "calls.csv",
		"phone,at,touchpoint,emotion\n"
		"06 12 34 56 78,2024-05-01 10:00,call,-1\n"
		"06 12 34 56 79,2024-05-01 10:00,call,\n"
		"0612345678,2024-05-02 10:00,case-opened,-7\n");
	const char *json = file_put(*state, "web.jsonl",
		"{\"card\":\"CARD-1\",\"time\":\"2024-05-03T10:00:00Z\",\"event\":\"visit\",\"channel\":\"Web\",\"device\":\"mobile\",\"page\":{\"a\":1}}\n"
		"{\"card\":\"CARD-1\",\"time\":\"yesterday\",\"event\":\"visit\",\"channel\":\"web\"}\n"
		"not JSON\n");
	char *reply;
	struct wire w;
	int64_t seq;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'e-1','card':'CARD-1','phone':'0612345678'");
	assert_import(*state, "journey", csv, NULL, NULL, 64, "line 1 names no channel");
	assert_import(*state, "journey", csv, "--channel", "phone", 65, "3 lines: 1 recorded, 0 known already, 2 refused\n");
	assert_in_file(file_in(*state, "calls.csv.refused.csv"), "\n3,member_unknown,");
	assert_in_file(file_in(*state, "calls.csv.refused.csv"), "\n4,params_invalid,emotion,");
	assert_import(*state, "journey", json, NULL, NULL, 65, "3 lines: 1 recorded, 0 known already, 2 refused\n");
	assert_in_file(file_in(*state, "web.jsonl.refused.jsonl"),
		"\"field\":\"at\",\"message\":\"a time is as 2026-11-21T09:03:11Z, or 2026-11-21 09:03\",\"card\":\"CARD-1\"");
	assert_in_file(file_in(*state, "web.jsonl.refused.jsonl"), "{\"line\":\"3\",\"reason\":\"parse_error\",");
	seq = last_seq(&w);
	assert_import(*state, "journey", csv, "--channel", "phone", 65, "3 lines: 0 recorded, 1 known already, 2 refused\n");
	assert_import(*state, "journey", json, NULL, NULL, 65, "3 lines: 0 recorded, 1 known already, 2 refused\n");
	assert_int_equal(last_seq(&w), seq);
	reply = ask_ok(&w, "journey.show", "'card':'CARD-1'");
	assert_field(reply, "result.timeline[0].touchpoint", "visit");
	assert_field(reply, "result.timeline[0].channel", "web");
	assert_field(reply, "result.timeline[0].at", "2024-05-03T10:00:00.000Z");
	assert_field(reply, "result.timeline[1].touchpoint", "call");
	assert_figure(reply, "result.timeline[1].emotion", -1);
	wire_close(&w);
	assert_report(*state, "2024-01-01", "2024-12-31", "\"touchpoint\":\"call\",\"count\":1,");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("a past is imported, and a second run changes nothing", a_past_is_imported_once, &shop),
		IN_SHOP("what cannot be booked is reported with its reason", what_cannot_be_booked_is_told, &shop),
		IN_SHOP("killed half way, the same command goes on", killed_it_goes_on, &shop),
		IN_SHOP("receipts need no numbers", a_file_without_numbers, &shop),
		IN_SHOP("customers are known by their phone, or enrolled with what they agreed to", customers_by_phone,
			&shop),
		IN_SHOP("killed among touchpoints, the same command goes on", killed_among_touchpoints, &shop),
		IN_SHOP("touchpoints come from a call centre's CSV and a web shop's JSON", touchpoints_of_elsewhere, &shop),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
