/* SPDX-License-Identifier: Apache-2.0 */
/* palier report journey and export of a real shop's journal: with and without the journey's own section, while palierd runs. */
#include "tests/e2e/harness.h"

static const struct shop_options journeyed = { .config = "journey { }\nsurvey { }\n" };

static void live(const struct shop *s)
{
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'e-1','card':'CARD-1','name':'Jeanne Petit'");
	ask_ok(&w, "sale.commit",
		"'request':'s-1','sale':'A','card':'CARD-1','lines':[{'sku':'a','amount':1000}],'payable':1000");
	ask_ok(&w, "sale.commit",
		"'request':'s-2','sale':'B','card':'CARD-1','lines':[{'sku':'b','amount':500}],'payable':500");
	ask_ok(&w, "sale.void", "'request':'v-1','sale':'B'");
	ask_ok(&w, "sale.return", "'request':'r-1','return':'R','sale':'A','lines':[{'line':0,'amount':200}]");
	wire_close(&w);
}

/* @param args behind `palier report`, NULL-terminated @return what it said, to be freed */
static char *report(const struct shop *s, const char *verb, const char *option, const char *value)
{
	char *out;
	int code = program_run(s,
		(const char *const[]){ "palier", "report", verb, "--config", s->config, option, value, NULL }, &out);

	if (code != 0)
		fail_msg("palier report %s: %d: %s", verb, code, out);
	return out;
}

static void assert_says(char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no %s in %s", part, text);
}

static void sales_make_a_journey(void **state)
{
	char *text;

	live(*state);
	text = report(*state, "journey", "--json", NULL);
	assert_says(text, "\"derived\":true,\"members\":1,");
	assert_says(text, "{\"from\":\"enrol\",\"to\":\"purchase\",\"count\":1,\"customers\":1,");
	assert_says(text, "{\"from\":\"purchase\",\"to\":\"return\",\"count\":1,\"customers\":1,");
	assert_says(text, "\"spent\":800,");
	assert_says(text, "\"unit\":\"points\",\"earned\":15,\"taken_back\":7,");
	free(text);
	text = report(*state, "journey", "--language", "en");
	assert_says(text, "Customers known: 1. Bought in these days: 1.");
	free(text);
}

/* A sale of 10.00 of which 2.00 came back, and one that was undone. */
static void what_is_owed_is_what_was_not_undone(void **state)
{
	char *text;

	live(*state);
	text = report(*state, "cost", "--to", "2099-12-31");
	assert_says(text, "2099");
	free(text);
	assert_int_equal(program_run(*state,
				 (const char *const[]){ "palier", "report", "cost", "--config",
					 ((struct shop *)*state)->config, "--to", "2099-12-31", "--json", NULL },
				 &text),
		0);
	assert_says(text, "\"currency\":\"EUR\"");
	assert_says(text, "\"total\":{\"sales\":800,");
	assert_says(text, "\"units\":{\"points\":{\"issued\":8,\"spent\":0,\"lapsed\":0,\"out\":8}");
	free(text);
}

static void the_journey_is_what_the_ledger_says(void **state)
{
	char *text;

	live(*state);
	text = report(*state, "journey", "--json", NULL);
	assert_says(text, "\"derived\":false,\"members\":1,");
	assert_says(text, "\"stage\":\"purchase\",\"members\":1,\"stood\":1,\"entries\":1,");
	assert_says(text, "{\"from\":\"enrol\",\"to\":\"purchase\",\"count\":1,\"customers\":1,");
	assert_says(text, "{\"from\":\"purchase\",\"to\":\"return\",\"count\":1,\"customers\":1,");
	free(text);
}

/* What is planned is in the configuration, and is held against the ledger. */
static const struct shop_options planned = {
	.config = "journey {\n"
		  "	persona \"any\" { when { purchases-min = 1 } }\n"
		  "	planned \"new\" {\n"
		  "		step \"welcome\" { touchpoint = \"call\"  channel = phone  within = \"7 days\" }\n"
		  "		step \"buys\" { touchpoint = \"purchase\"  within = \"30 days\"  after = enrol }\n"
		  "		step \"letter\" { touchpoint = \"letter\"  after = return }\n"
		  "	}\n"
		  "	planned \"other\" { when { purchases-min = 9 } step \"x\" { touchpoint = \"x\"  after = never } }\n"
		  "}\n"
};

static void called_and_written_to(const struct shop *s)
{
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "journey.record", "'request':'j-1','card':'CARD-1','touchpoint':'call','channel':'phone','emotion':-1");
	ask_ok(&w, "journey.record", "'request':'j-2','card':'CARD-1','touchpoint':'visit','channel':'store'");
	wire_close(&w);
}

static void what_was_planned_is_held_against_it(void **state)
{
	const struct shop *s = *state;
	char path[128], reader[512], *text;

	live(s);
	called_and_written_to(s);
	text = report(s, "journey", "--json", NULL);
	assert_says(text, "\"planned\":[{\"plan\":\"new\",\"conditional\":false,\"begun\":1,");
	assert_says(text, "\"shape\":\"communication\",\"channel\":\"phone\",\"within\":7,\"after\":\"enrol\","
			  "\"done\":0,\"late\":0,\"failed\":1,\"missing\":0,\"awaited\":0}");
	assert_says(text, "\"shape\":\"action\",\"within\":30,\"after\":\"enrol\",\"done\":1,");
	assert_says(text, "\"after\":\"return\",\"done\":0,\"late\":0,\"failed\":0,\"missing\":0,\"awaited\":1}");
	assert_says(text, "\"extra\":[{\"touchpoint\":\"visit\",\"count\":1,\"customers\":1}]");
	assert_says(text, "{\"plan\":\"other\",\"conditional\":true,\"begun\":0,");
	free(text);
	snprintf(path, sizeof(path), "%s/log.cjml", s->dir);
	assert_int_equal(program_run(s,
				 (const char *const[]){ "palier", "report", "export", "--config", s->config, "--format",
					 "cjml", "--out", path, NULL },
				 &text),
		0);
	free(text);
	snprintf(reader, sizeof(reader), "%s/read_cjml", TOOLS_DIR);
	assert_int_equal(program_run(s, (const char *const[]){ reader, path, NULL }, &text), 0);
	assert_string_equal(text, "planned new: call purchase letter\nplanned other: x\n"
				  "actual 1 done 1 extra 1 failed 1 late 0 missing 0\n");
	free(text);
}

static void one_customers_way_is_a_page(void **state)
{
	const struct shop *s = *state;
	char path[128], *text;

	live(s);
	called_and_written_to(s);
	snprintf(path, sizeof(path), "%s/way.html", s->dir);
	assert_int_equal(program_run(s,
				 (const char *const[]){ "palier", "journey", "show", "CARD-1", "--config", s->config,
					 "--language", "en", "--out", path, NULL },
				 &text),
		0);
	assert_says(text, "way.html\n");
	free(text);
	text = file_read(path, NULL);
	assert_non_null(text);
	assert_says(text, "As planned, or not: &quot;new&quot;");
	assert_says(text, "class=\"cj failed\""); /* the call felt bad, */
	assert_says(text, "class=\"cj done\"");   /* the purchase came, */
	assert_says(text, "class=\"cj extra\"");  /* the visit was beside it */
	assert_null(strstr(text, "class=\"cj missing\""));
	assert_says(text, "<td>Visit</td>");
	assert_says(text, "Stage: Purchase");
	free(text);
}

static void the_page_bears_the_shops_name(void **state)
{
	const struct shop *s = *state;
	char path[128], *page;

	live(s);
	snprintf(path, sizeof(path), "%s/page.html", s->dir);
	free(report(s, "journey", "--out", path));
	page = file_read(path, NULL);
	assert_non_null(page);
	assert_says(page, "<html lang=\"fr\">");
	assert_says(page, "Comptoir</p>");
	assert_null(strstr(page, "Jeanne"));
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("sales make a journey where none is kept", sales_make_a_journey, NULL),
		IN_SHOP("what is owed is of what was not undone", what_is_owed_is_what_was_not_undone, NULL),
		IN_SHOP("a journey that is kept is what the ledger says", the_journey_is_what_the_ledger_says, &journeyed),
		IN_SHOP("what was planned is held against it", what_was_planned_is_held_against_it, &planned),
		IN_SHOP("one customer's way is a page", one_customers_way_is_a_page, &planned),
		IN_SHOP("the page bears the shop's name, and nobody else's", the_page_bears_the_shops_name, NULL),
	};

	return cmocka_run_group_tests_name("journey_report", tests, NULL, NULL);
}
