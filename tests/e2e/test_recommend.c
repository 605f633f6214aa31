/* SPDX-License-Identifier: Apache-2.0 */
/* Recommendation over the wire: what customers are asked with the ticket, what is counted, and the page of it in a real browser. */
#include "tests/e2e/harness.h"

#define REFERRAL \
	"referral {\n" \
	"	url = \"HTTPS://EX.FR/P/\"  minimum = \"20.00\"\n" \
	"	sponsor { unit = points  points = 100 }  friend { unit = points  points = 50 }\n" \
	"	heard-from = {\"un ami\", \"la vitrine\"}\n" \
	"	evoke { after = 3  quiet = \"90 days\" }\n" \
	"	review { url = \"HTTPS://EX.FR/AVIS\"  after = 2  quiet = \"180 days\" }\n" \
	"}\n"

static const struct shop_options asking = { .config = REFERRAL };

static void enrol(struct wire *w, const char *card, const char *more)
{
	ask_ok(w, "member.enroll", "'request':'e-%s','card':'%s'%s", card, card, more);
}

/* @return the reply, borrowed until the next question */
static char *sell(struct wire *w, const char *number, const char *card, int amount)
{
	return ask_ok(w, "sale.commit",
		"'request':'s-%s','sale':'%s','card':'%s','lines':[{'sku':'a','amount':%d}],'payable':%d", number, number,
		card, amount, amount);
}

static char *report(struct wire *w)
{
	return ask_ok(w, "recommendation.report", "'from':'2026-01-01','to':'2028-12-31'");
}

/* The count of a step, wherever its row stands. */
static int64_t counted(struct wire *w, const char *kind, const char *step)
{
	char path[96];
	const char *reply = report(w), *name;

	for (int i = 0;; i++) {
		snprintf(path, sizeof(path), "result.%s[%d].step", kind, i);
		name = field(reply, path);
		assert_non_null(name);
		if (strcmp(name, step) == 0)
			break;
	}
	*strrchr(path, '.') = '\0';
	return figure(reply, strcat(path, ".count"));
}

/* The messages of a ticket as one text; of points there is one for each ticket. */
static int64_t asked_in(const char *reply)
{
	return count_of(reply, "result.messages") - 1;
}

static void asked_by_and_by(void **state)
{
	struct wire w;
	char *reply, code[32];

	connect_to(&w, *state, DOOR_TRUST);
	enrol(&w, "CARD-1", "");
	reply = sell(&w, "A", "CARD-1", 1000);
	assert_int_equal(asked_in(reply), 0);
	assert_null(field(reply, "result.qr"));
	reply = sell(&w, "B", "CARD-1", 1000);
	assert_field(reply, "result.messages[1]",
		"Un mot de vous aide d'autres à nous trouver\u00a0: scannez le code pour laisser un avis.");
	assert_field(reply, "result.qr[0].kind", "review");
	assert_field(reply, "result.qr[0].text", "HTTPS://EX.FR/AVIS");
	reply = sell(&w, "C", "CARD-1", 1000);
	assert_field(reply, "result.qr[0].kind", "sponsor");
	assert_int_equal(count_of(reply, "result.qr"), 1);
	reply = ask_ok(&w, "referral.issue", "'request':'i-1','card':'CARD-1'"); /* the code that the line named */
	snprintf(code, sizeof(code), "%s", field(reply, "result.code"));
	reply = sell(&w, "C", "CARD-1", 1000); /* sent again: the same words */
	assert_field(reply, "result.replayed", "true");
	assert_non_null(strstr(field(reply, "result.messages[1]"), code));
	assert_non_null(strstr(field(reply, "result.messages[1]"), "Pour votre ami\u00a0: 50 points"));
	assert_int_equal(asked_in(sell(&w, "D", "CARD-1", 1000)), 0);
	assert_int_equal(counted(&w, "evoked", "shown"), 1);
	assert_int_equal(counted(&w, "solicited", "asked"), 1);
	assert_int_equal(counted(&w, "sponsorship", "issued"), 1);
	wire_close(&w);
}

static void not_where_goods_come_back(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	enrol(&w, "CARD-1", "");
	sell(&w, "A", "CARD-1", 1000);
	reply = ask_ok(&w, "sale.commit",
		"'request':'s-x','sale':'X','card':'CARD-1','lines':[{'sku':'b','amount':3000}],'returns':[{'sale':'A'}],"
		"'payable':2000");
	assert_null(field(reply, "result.qr"));
	reply = ask_ok(&w, "sale.commit",
		"'request':'s-y','offline':true,'sale':'Y','card':'CARD-1','lines':[{'sku':'b','amount':3000}],'payable':3000");
	assert_null(field(reply, "result.qr"));
	assert_int_equal(counted(&w, "solicited", "asked"), 0);
	wire_close(&w);
}

static void said_at_enrolment(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char *journal;
	size_t len;

	connect_to(&w, s, DOOR_TRUST);
	enrol(&w, "CARD-1", ",'heard_from':'Un Ami'");
	enrol(&w, "CARD-2", ",'heard_from':'La Vitrine'");
	enrol(&w, "CARD-3", ",'heard_from':'la vitrine'");
	enrol(&w, "CARD-4", ",'heard_from':'Madame Perrachon du troisième'");
	enrol(&w, "CARD-5", "");
	assert_figure(report(&w), "result.enrolled", 5);
	assert_int_equal(counted(&w, "spontaneous", "said"), 4);
	assert_field(report(&w), "result.sources",
		"[{\"source\":\"la vitrine\",\"count\":2},{\"source\":\"other\",\"count\":1},{\"source\":\"un ami\",\"count\":1}]");
	journal = journal_text(s, &len);
	assert_null(memmem(journal, len, "Perrachon", 9)); /* the words themselves are sealed */
	free(journal);
	ask_refused(&w, "params_invalid", "recommendation.report", "'from':'2026-11-02','to':'2026-11-01'");
	ask_refused(&w, "params_invalid", "recommendation.report", "'from':'2000-01-01','to':'2026-11-01'");
	wire_close(&w);
}

static void a_friend_comes(struct wire *w)
{
	char code[32], more[64];

	enrol(w, "CARD-1", "");
	sell(w, "A", "CARD-1", 1000);
	sell(w, "B", "CARD-1", 1000);
	sell(w, "C", "CARD-1", 1000);
	snprintf(code, sizeof(code), "%s",
		field(ask_ok(w, "referral.issue", "'request':'i-1','card':'CARD-1'"), "result.code"));
	snprintf(more, sizeof(more), ",'referral':'%s'", code);
	enrol(w, "CARD-2", more);
	sell(w, "F", "CARD-2", 2500);
}

static void came_by_the_line(void **state)
{
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	a_friend_comes(&w);
	assert_int_equal(counted(&w, "evoked", "claimed"), 1);
	assert_int_equal(counted(&w, "sponsorship", "claimed"), 1);
	assert_int_equal(counted(&w, "sponsorship", "purchased"), 1);
	assert_int_equal(counted(&w, "sponsorship", "held"), 1);
	ask_ok(&w, "sale.void", "'request':'v-1','sale':'F'");
	assert_int_equal(counted(&w, "sponsorship", "held"), 0);
	assert_int_equal(counted(&w, "sponsorship", "purchased"), 0);
	assert_int_equal(counted(&w, "sponsorship", "claimed"), 1);
	ask_ok(&w, "sale.void", "'request':'v-2','sale':'C'");
	assert_int_equal(counted(&w, "evoked", "shown"), 0);
	ask_ok(&w, "member.erase", "'request':'x-1','member':'%s'",
		field(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.member"));
	assert_int_equal(counted(&w, "solicited", "asked"), 1);
	wire_close(&w);
}

/* --- the page ------------------------------------------------------------------------------------------------------ */

static void program_ok(const struct shop *s, const char *const *argv, char **out)
{
	char *said;
	int code = program_run(s, argv, &said);

	if (code != 0)
		fail_msg("%s: %d: %s", argv[0], code, said ? said : "");
	if (out)
		*out = said;
	else
		free(said);
}

/* In a browser that may reach nobody, the page shows its figures; read as XML it is whole, else the browser says so in it. */
static void in_a_browser(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char door[64], html[96], xhtml[96], profile[112], url[112], *dom;

	connect_to(&w, s, DOOR_TRUST);
	a_friend_comes(&w);
	wire_close(&w);
	snprintf(door, sizeof(door), DOOR_TRUST "%d", shop_port(s, DOOR_TRUST));
	snprintf(html, sizeof(html), "%s/report.html", s->dir);
	snprintf(xhtml, sizeof(xhtml), "%s/report.xhtml", s->dir);
	snprintf(profile, sizeof(profile), "--user-data-dir=%s/browser", s->dir);
	for (unsigned i = 0; i < 2; i++) {
		const char *file = i == 0 ? html : xhtml;

		program_ok(s,
			(const char *const[]){ "palier", "report", "recommendation", "--out", file, "--connect", door,
				NULL },
			NULL);
		snprintf(url, sizeof(url), "file://%s", file);
		program_ok(s,
			(const char *const[]){ "chromium", "--headless", "--no-sandbox", "--disable-gpu",
				"--disable-dev-shm-usage", "--proxy-server=127.0.0.1:9", profile, "--dump-dom", url, NULL },
			&dom);
		if (!strstr(dom, "Amis qui ont acheté</text>") || strstr(dom, "parsererror"))
			fail_msg("%s in the browser: %.2000s", file, dom);
		free(dom);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("a customer is asked for one thing at a time, at the right moment", asked_by_and_by, &asking),
		IN_SHOP("nothing is asked where goods come back, or by a late ticket", not_where_goods_come_back, &asking),
		IN_SHOP("what new customers say is counted by source, and kept sealed", said_at_enrolment, &asking),
		IN_SHOP("a friend comes by the line, and voids take back what they counted", came_by_the_line, &asking),
		IN_SHOP("the page is read by a browser, as HTML and as XML", in_a_browser, &asking),
	};

	return cmocka_run_group_tests_name("recommend", tests, NULL, NULL);
}
