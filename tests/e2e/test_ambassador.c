/* SPDX-License-Identifier: Apache-2.0 */
/* Ambassadors over the wire: friends who are brought, buy, come back, and count once nothing of the first sale can come back any more. */
#include <time.h>

#include "tests/e2e/harness.h"

static const struct shop_options with_ambassadors = {
	.config =
		"offers { offer \"thanks\" { kind = amount  value = \"5.00\" } }\n"
		"referral { url = \"HTTPS://EX.FR/P/\"  minimum = \"20.00\"  hold = \"30 days\"  sponsor { unit = points  points = 100 } }\n"
		"ambassador { threshold = 500  leave = 400  perk { offer = \"thanks\" } }\n",
};

/* @return RFC 3339, in static memory */
static const char *days_ago(int days)
{
	static char text[4][32];
	static unsigned turn;
	time_t at = time(NULL) - (time_t)days * 86400;
	struct tm tm;
	char *out = text[turn++ % 4];

	assert_non_null(gmtime_r(&at, &tm));
	assert_true(strftime(out, sizeof(text[0]), "%Y-%m-%dT%H:%M:%SZ", &tm) > 0);
	return out;
}

/* The code of CARD-1, who agrees to be profiled, or not. @return static memory */
static const char *sponsor(struct wire *w, const struct shop *s, const char *profiling)
{
	static char code[32];

	connect_to(w, s, DOOR_TRUST);
	ask_ok(w, "member.enroll",
		"'request':'c-1','card':'CARD-1','name':'Jeanne Petit','offline':true,'at':'%s','consent':{'profiling':%s}",
		days_ago(60), profiling);
	snprintf(code, sizeof(code), "%s",
		field(ask_ok(w, "referral.issue", "'request':'i-1','card':'CARD-1'"), "result.code"));
	return code;
}

/* A friend who came 29 days and more ago: what was sent late counts from its own time on. */
static void friend_comes(struct wire *w, const char *code, int n)
{
	ask_ok(w, "member.enroll", "'request':'f-%d','card':'FRIEND-%d','referral':'%s','offline':true,'at':'%s'", n, n,
		code, days_ago(40 - 2 * n));
	ask_ok(w, "sale.commit",
		"'request':'s-%d','sale':'S-%d','card':'FRIEND-%d','lines':[{'sku':'a','amount':2500}],'payable':2500,"
		"'offline':true,'at':'%s'",
		n, n, n, days_ago(39 - 2 * n));
}

static void friend_returns(struct wire *w, int n)
{
	ask_ok(w, "sale.commit",
		"'request':'t-%d','sale':'T-%d','card':'FRIEND-%d','lines':[{'sku':'a','amount':900}],'payable':900", n, n,
		n);
}

static const char *shown(struct wire *w)
{
	return ask_ok(w, "ambassador.show", "'card':'CARD-1'");
}

static void two_friends(void **state)
{
	struct wire w;
	const char *code = sponsor(&w, *state, "true"), *reply;

	assert_figure(shown(&w), "result.score", 0);
	assert_field(shown(&w), "result.why", "Encore 2 amis qui reviennent, et c’est un ambassadeur.");
	friend_comes(&w, code, 1);
	assert_figure(shown(&w), "result.score", 0);
	friend_returns(&w, 1);
	assert_figure(shown(&w), "result.referrals", 1);
	assert_field(shown(&w), "result.ambassador", "false");
	friend_comes(&w, code, 2);
	friend_returns(&w, 2);

	reply = shown(&w);
	assert_field(reply, "result.ambassador", "true");
	assert_figure(reply, "result.referrals", 2);
	assert_figure(reply, "result.rank", 1);
	assert_int_equal(count_of(reply, "result.parts"), 2);
	assert_int_equal(figure(reply, "result.parts[0].points") + figure(reply, "result.parts[1].points"),
		figure(reply, "result.score"));
	reply = ask_ok(&w, "card.lookup", "'card':'CARD-1'");
	assert_field(reply, "result.offers[0].offer", "thanks");
	assert_field(reply, "result.prompts[0].kind", "ambassador");
	reply = ask_ok(&w, "ambassador.list", "'limit':10");
	assert_int_equal(count_of(reply, "result.ambassadors"), 1);
	assert_field(reply, "result.ambassadors[0].name", "Jeanne");

	ask_ok(&w, "day.close", "'request':'d-1'");
	ask_ok(&w, "sale.commit", "'request':'n-1','sale':'N','lines':[{'sku':'a','amount':1}],'payable':1");
	while (count_of(reply = shown(&w), "result.parts") < 3)
		sleep_ms(20);
	assert_field(reply, "result.parts[2].part", "frequency");
	assert_field(reply, "result.ambassador", "true");
	wire_close(&w);
}

static void goods_come_back(void **state)
{
	struct wire w;
	const char *code = sponsor(&w, *state, "true");

	friend_comes(&w, code, 1);
	friend_returns(&w, 1);
	assert_figure(shown(&w), "result.referrals", 1);
	ask_ok(&w, "sale.return", "'request':'r-1','return':'R','sale':'S-1'");
	assert_figure(shown(&w), "result.referrals", 0);
	assert_figure(shown(&w), "result.score", -150);
	wire_close(&w);
}

static void no_consent(void **state)
{
	struct wire w;
	const char *code = sponsor(&w, *state, "false");

	for (int n = 1; n <= 2; n++) {
		friend_comes(&w, code, n);
		friend_returns(&w, n);
	}
	assert_figure(shown(&w), "result.score", 0);
	assert_field(shown(&w), "result.ambassador", "false");
	assert_int_equal(count_of(ask_ok(&w, "ambassador.list", "'limit':10"), "result.ambassadors"), 0);
	wire_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("two friends who come back make an ambassador", two_friends, &with_ambassadors),
		IN_SHOP("a referral that is undone counts against its sponsor", goods_come_back, &with_ambassadors),
		IN_SHOP("without consent no score is kept", no_consent, &with_ambassadors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
