/* SPDX-License-Identifier: Apache-2.0 */
/* Surveys over the wire: the QR code that comes with a ticket, who may answer by it, and what becomes of an unhappy answer. */
#include <time.h>

#include "tests/e2e/harness.h"

#define SURVEY \
	"survey { quiet = \"90 days\"  url = \"HTTPS://EX.FR/S/\"  ask \"nps\" { after = purchase  nth = 2 } }\n" \
	"ambassador { threshold = 50  leave = 10 }\n"

static const struct shop_options with_survey = { .config = SURVEY };
static const struct shop_options eager = {
	.config = "survey { quiet = \"0 days\"  ask \"csat\" { after = return  quiet = \"0 days\" } }\n"
};

static const struct shop_options mailing = {
	.config = "survey { quiet = \"0 days\"  url = \"https://ex.fr/s/\"  ask \"csat\" { by = email  every = 1 "
		  "question { fr = \"Alors, \\\"bien\\\" ?\"  en = \"So?\" } } }\n"
};

static const struct shop_options exchanging = {
	.config =
		"survey { quiet = \"0 days\"  ask \"csat\" { after = return  quiet = \"0 days\" } }\n"
		"offers { offer \"off\" { auto = true  kind = amount  value = \"1.00\"  when { spend-min = \"20.00\" } } }\n"
};

#define WORDS "nobody ever says good morning"

static void enrol(struct wire *w, const struct shop *s)
{
	connect_to(w, s, DOOR_TRUST);
	ask_ok(w, "member.enroll", "'request':'c-1','card':'CARD-1','name':'Jeanne Petit','consent':{'profiling':true}");
}

static char *sell(struct wire *w, const char *number)
{
	return ask_ok(w, "sale.commit",
		"'request':'s-%s','sale':'%s','card':'CARD-1','lines':[{'sku':'a','amount':1000}],'payable':1000", number,
		number);
}

/* The address in the QR code of the second ticket. @return static memory */
static const char *second_ticket(struct wire *w)
{
	static char text[64];
	const char *reply;

	assert_null(field(sell(w, "A"), "result.qr"));
	reply = sell(w, "B");
	assert_int_equal(count_of(reply, "result.qr"), 1);
	assert_field(reply, "result.qr[0].kind", "survey");
	snprintf(text, sizeof(text), "%s", field(reply, "result.qr[0].text"));
	assert_memory_equal(text, "HTTPS://EX.FR/S/", 16);
	assert_int_equal(strlen(text), 32);
	return text;
}

static void token_answers_once(void **state)
{
	struct shop *s = *state;
	struct wire w, display;
	const char *token;

	enrol(&w, s);
	till_make(&w, "screen", "display", "token-of-the-screen");
	token = second_ticket(&w);
	assert_field(sell(&w, "B"), "result.qr[0].text", token); /* replayed */
	assert_field(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.prompts[0].kind", "survey");
	assert_int_equal(tree_holds(s->data, token + 16, 16), 0);

	sign_in(&display, s, "screen", "token-of-the-screen");
	ask_ok(&display, "survey.answer", "'request':'a-1','token':'%s','kind':'nps','score':9", token);
	ask_ok(&display, "survey.answer", "'request':'a-1','token':'%s','kind':'nps','score':9", token);
	ask_refused(&display, "code_spent", "survey.answer", "'request':'a-2','token':'%s','kind':'nps','score':9",
		token + 16);
	/* An answer is not paid for: two tickets of 10.00 are all that was earned. */
	assert_figure(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.balances.points", 20);
	ask_refused(&display, "code_unknown", "survey.answer",
		"'request':'a-3','token':'0123456789ABCDEF','kind':'nps','score':9");
	ask_refused(&display, "code_malformed", "survey.answer", "'request':'a-4','token':'hello','kind':'nps','score':9");
	ask_refused(&display, "forbidden", "survey.recovery", "'limit':1");
	assert_int_equal(tree_holds(s->data, token + 16, 16), 0);

	assert_int_equal(count_of(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.prompts"), 0);
	assert_null(field(sell(&w, "C"), "result.qr"));
	assert_figure(ask_ok(&w, "ambassador.show", "'card':'CARD-1'"), "result.score", 50);
	wire_close(&display);
	wire_close(&w);
}

static void unhappy(void **state)
{
	struct shop *s = *state;
	const char *reply;
	char task[32];
	struct wire w;

	enrol(&w, s);
	ask_ok(&w, "survey.answer", "'request':'a-1','card':'CARD-1','kind':'nps','score':2,'comment':'" WORDS "'");
	assert_int_equal(tree_holds(s->data, WORDS, strlen(WORDS)), 0);
	reply = ask_ok(&w, "survey.recovery", "'state':'open'");
	assert_field(reply, "result.tasks[0].comment", WORDS);
	assert_field(reply, "result.tasks[0].name", "Jeanne");
	assert_figure(reply, "result.tasks[0].score", 2);
	snprintf(task, sizeof(task), "%s", field(reply, "result.tasks[0].task"));
	sell(&w, "A");
	assert_null(field(sell(&w, "B"), "result.qr")); /* not while the complaint is open */

	ask_ok(&w, "survey.assign", "'request':'o-1','task':'%s','owner':'07'", task);
	assert_field(ask_ok(&w, "survey.recovery", "'state':'open'"), "result.tasks[0].owner", "07");
	ask_ok(&w, "survey.resolve", "'request':'r-1','task':'%s','outcome':'said sorry','cause':'queue','cost':500", task);
	ask_refused(&w, "params_invalid", "survey.assign", "'request':'o-2','task':'%s','owner':'08'", task);
	ask_refused(&w, "params_invalid", "survey.resolve", "'request':'r-2','task':'%s','outcome':'again'", task);
	ask_refused(&w, "params_invalid", "survey.resolve", "'request':'r-3','task':'0','outcome':'none'");
	assert_int_equal(count_of(ask_ok(&w, "survey.recovery", "'state':'open'"), "result.tasks"), 0);
	reply = ask_ok(&w, "survey.recovery", "'limit':5");
	assert_field(reply, "result.tasks[0].state", "closed");
	assert_field(reply, "result.tasks[0].outcome", "said sorry");
	assert_field(reply, "result.tasks[0].cause", "queue");
	assert_figure(reply, "result.tasks[0].cost", 500);
	reply = ask_ok(&w, "survey.report", "'from':'2020-01-01','to':'2099-12-31'");
	assert_figure(reply, "result.recovery.in_time", 1);
	assert_figure(reply, "result.recovery.cost", 500);
	ask_refused(&w, "params_invalid", "survey.report", "'from':'2026-11-02','to':'2026-11-01'");
	assert_int_equal(tree_holds(s->data, "said sorry", 10), 0);
	assert_int_equal(count_of(sell(&w, "C"), "result.qr"), 1);
	wire_close(&w);
}

static void erased(void **state)
{
	struct shop *s = *state;
	const char *reply;
	struct wire w;

	enrol(&w, s);
	ask_ok(&w, "survey.answer", "'request':'a-1','card':'CARD-1','kind':'nps','score':2,'comment':'" WORDS "'");
	ask_ok(&w, "member.erase", "'request':'e-1','member':'%s'",
		field(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.member"));
	reply = ask_ok(&w, "survey.recovery", "'limit':5");
	assert_field(reply, "result.tasks[0].state", "closed");
	assert_null(field(reply, "result.tasks[0].comment"));
	assert_null(field(reply, "result.tasks[0].name"));
	wire_close(&w);
}

static void voided(void **state)
{
	struct shop *s = *state;
	const char *token;
	struct wire w;

	enrol(&w, s);
	token = second_ticket(&w);
	ask_ok(&w, "sale.void", "'request':'v-1','sale':'B'");
	ask_refused(&w, "code_unknown", "survey.answer", "'request':'a-1','token':'%s','kind':'nps','score':9", token);
	assert_int_equal(count_of(sell(&w, "C"), "result.qr"), 1);
	wire_close(&w);
}

/* A return asks at the till; in an exchange the ticket has the QR code. */
static void returned(void **state)
{
	struct shop *s = *state;
	struct wire w;

	enrol(&w, s);
	sell(&w, "A");
	sell(&w, "B");
	ask_ok(&w, "sale.return", "'request':'r-1','return':'R','sale':'A'");
	assert_field(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.prompts[0].kind", "survey");
	ask_ok(&w, "survey.answer", "'request':'a-1','card':'CARD-1','kind':'csat','score':5");
	assert_field(
		ask_ok(&w, "sale.commit",
			"'request':'x-1','sale':'X','card':'CARD-1','lines':[],'returns':[{'sale':'B'}],'payable':-1000"),
		"result.qr[0].kind", "survey");
	wire_close(&w);
}

static void counted(void **state)
{
	struct shop *s = *state;
	const char *reply;
	struct wire w;

	enrol(&w, s);
	second_ticket(&w);
	for (int i = 0; i < 30; i++) {
		ask_ok(&w, "member.enroll", "'request':'m-%d','card':'MANY-%d'", i, i);
		ask_ok(&w, "survey.answer", "'request':'n-%d','card':'MANY-%d','kind':'nps','score':%d", i, i,
			i < 20   ? 10
			: i < 25 ? 7
				 : 0);
	}
	reply = ask_ok(&w, "survey.report", "'from':'2020-01-01','to':'2099-12-31'");
	assert_field(reply, "result.surveys[0].kind", "nps");
	assert_figure(reply, "result.surveys[0].answered", 30);
	assert_figure(reply, "result.surveys[0].sum", 235);
	assert_figure(reply, "result.surveys[0].nps", 50000);
	assert_figure(reply, "result.surveys[0].rate_bp", 0);
	assert_null(field(reply, "result.surveys[1].nps"));
	wire_close(&w);
}

/* --- by the shop's mailing tool --- */

/* A member who agrees to e-mail, and bought so many hours ago. */
static void bought_ago(struct wire *w, int n, int hours, bool agrees)
{
	const time_t at = time(NULL) - hours * 3600L;
	char text[32];
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	ask_ok(w, "member.enroll",
		"'request':'m-%d','card':'CARD-%d','name':'Ana %d','email':'ana%d@ex.fr','language':'fr',"
		"'consent':{'profiling':true,'email':%s}",
		n, n, n, n, agrees ? "true" : "false");
	ask_ok(w, "sale.commit",
		"'request':'s-%d','sale':'S-%d','card':'CARD-%d','lines':[{'sku':'a','amount':1000}],'payable':1000,'offline':true,"
		"'at':'%s'",
		n, n, n, text);
}

/* @param said what is handed out to the mailing tool, to be freed */
static void handed_out(const struct shop *s, const char *format, int code, char **said)
{
	char door[64];

	snprintf(door, sizeof(door), DOOR_TRUST "%d", shop_port(s, DOOR_TRUST));
	assert_int_equal(program_run(s,
				 (const char *const[]){ "palier", "survey", "due", "--channel", "email", "--format", format,
					 "--connect", door, NULL },
				 said),
		code);
}

static int times_in(const char *text, const char *part)
{
	int n = 0;

	for (; (text = strstr(text, part)); text++)
		n++;
	return n;
}

#define HEADER "to,name,language,kind,question,link,until,member,ask\r\n"

/* Due is who bought 2 days ago, not who did 23 hours ago or three days. */
static void mailed(void **state)
{
	struct shop *s = *state;
	char *csv, *again, link[64];
	struct wire w, page;
	const char *reply, *at;

	connect_to(&w, s, DOOR_TRUST);
	till_make(&w, "page", "display", "token-of-the-page");
	bought_ago(&w, 1, 49, true);
	bought_ago(&w, 2, 23, true);
	bought_ago(&w, 3, 73, true);
	bought_ago(&w, 4, 49, false);
	ask_refused(&w, "params_invalid", "survey.due", "'channel':'ticket'");
	handed_out(s, "csv", 0, &csv);
	assert_memory_equal(csv, HEADER "ana1@ex.fr,Ana,fr,csat,\"Alors, \"\"bien\"\" ?\",https://ex.fr/s/",
		strlen(HEADER "ana1@ex.fr,Ana,fr,csat,\"Alors, \"\"bien\"\" ?\",https://ex.fr/s/"));
	assert_int_equal(times_in(csv, "\r\n"), 2);
	at = strstr(csv, "https://");
	snprintf(link, sizeof(link), "%.32s", at);
	assert_int_equal(tree_holds(s->data, link + 16, 16), 0);
	handed_out(s, "csv", 0, &again);
	assert_string_equal(again, HEADER);
	free(again);
	free(csv);

	sign_in(&page, s, "page", "token-of-the-page");
	ask_refused(&page, "forbidden", "survey.due", "'channel':'email'");
	reply = ask_ok(&page, "survey.open", "'request':'o-1','token':'%s'", link);
	assert_field(reply, "result.kind", "csat");
	assert_field(reply, "result.question", "Alors, \"bien\" ?");
	ask_ok(&page, "survey.answer", "'request':'a-1','token':'%s','kind':'csat','score':5", link);
	ask_refused(&page, "code_spent", "survey.open", "'request':'o-2','token':'%s'", link);
	reply = ask_ok(&w, "survey.report", "'from':'2020-01-01','to':'2099-12-31'");
	assert_field(reply, "result.surveys[1].channels[0].channel", "email");
	assert_figure(reply, "result.surveys[1].channels[0].sent", 1);
	assert_figure(reply, "result.surveys[1].channels[0].opened", 1);
	assert_figure(reply, "result.surveys[1].channels[0].answered", 1);
	assert_figure(reply, "result.surveys[1].rate_bp", 10000);
	wire_close(&page);
	wire_close(&w);
}

/* Sent again, the command gives the same link, until the customer is gone. */
static void sent_again(void **state)
{
	struct shop *s = *state;
	char member[32], link[64], *lines;
	const char *reply;
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	bought_ago(&w, 1, 49, true);
	bought_ago(&w, 2, 49, true);
	bought_ago(&w, 3, 49, true);
	ask_ok(&w, "member.update", "'request':'u-3','member':'%s','consent':{'profiling':false}",
		field(ask_ok(&w, "card.lookup", "'card':'CARD-3'"), "result.member"));
	snprintf(member, sizeof(member), "%s", field(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.member"));
	reply = ask_ok(&w, "survey.send", "'request':'x-1','member':'%s','ask':'csat'", member);
	assert_field(reply, "result.to", "ana1@ex.fr");
	snprintf(link, sizeof(link), "%s", field(reply, "result.link"));
	ask_refused(&w, "params_invalid", "survey.send", "'request':'x-2','member':'%s','ask':'csat'", member);
	wire_close(&w);
	shop_kill(s);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_field(ask_ok(&w, "survey.send", "'request':'x-1','member':'%s','ask':'csat'", member), "result.link", link);
	ask_ok(&w, "member.erase", "'request':'e-1','member':'%s'", member);
	reply = ask_ok(&w, "survey.send", "'request':'x-1','member':'%s','ask':'csat'", member);
	assert_null(field(reply, "result.to"));
	assert_null(field(reply, "result.name"));
	handed_out(s, "jsonl", 0, &lines);
	assert_field(lines, "to", "ana2@ex.fr");
	assert_int_equal(times_in(lines, "\n"), 1);
	free(lines);
	wire_close(&w);
}

/* What is exchanged for nothing asks how it went, as a return does; a ticket that carries an offer asks nothing. */
static void exchanged(void **state)
{
	struct shop *s = *state;
	const char *reply;
	struct wire w;

	enrol(&w, s);
	sell(&w, "A");
	sell(&w, "B");
	reply = ask_ok(&w, "sale.commit",
		"'request':'x-1','sale':'X','card':'CARD-1','lines':[{'sku':'b','amount':3000}],'returns':[{'sale':'A'}],"
		"'payable':1900");
	assert_null(field(reply, "result.qr"));
	reply = ask_ok(&w, "sale.commit",
		"'request':'x-2','sale':'Y','card':'CARD-1','lines':[],'returns':[{'sale':'B'}],'payable':-1000");
	assert_int_equal(count_of(reply, "result.qr"), 1);
	assert_field(reply, "result.qr[0].kind", "survey");
	wire_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("the code of a ticket answers once, on the customer's screen", token_answers_once, &with_survey),
		IN_SHOP("an unhappy customer is a task until somebody has spoken to him", unhappy, &with_survey),
		IN_SHOP("who is erased has said nothing", erased, &with_survey),
		IN_SHOP("a ticket that is void asks nothing", voided, &with_survey),
		IN_SHOP("a return asks how it went", returned, &eager),
		IN_SHOP("an exchange asks, too, unless the ticket carries an offer", exchanged, &exchanging),
		IN_SHOP("what is due is handed out to the mailing tool, once", mailed, &mailing),
		IN_SHOP("a message that is asked for again is the same one", sent_again, &mailing),
		IN_SHOP("answers are counted, and from thirty on they are a score", counted, &with_survey),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
