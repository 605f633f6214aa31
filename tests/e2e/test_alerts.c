/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody should look at: listed, paged, resolved once, kept as the ledger says. */
#include "tests/e2e/harness.h"

#define FUTURE "'offline':true,'at':'2999-01-01T00:00:00Z'"

/* A sale from the future: it raises an alert. */
static void sell_early(struct wire *w, int n)
{
	ask_ok(w, "sale.commit",
		"'request':'early-%d','sale':'E-%d','operator':'07','lines':[{'sku':'a','amount':100}],'payable':100," FUTURE,
		n, n);
}

static void the_future_becomes_now(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	sell_early(&w, 1);
	reply = ask_ok(&w, "sale.show", "'sale':'E-1'");
	assert_string_not_equal(field(reply, "result.at"), "2999-01-01T00:00:00.000Z");
	reply = ask_ok(&w, "system.alerts", "%s", "");
	assert_int_equal(count_of(reply, "result.alerts"), 1);
	assert_field(reply, "result.alerts[0].alert", "1-1");
	assert_figure(reply, "result.alerts[0].seq", 1);
	assert_field(reply, "result.alerts[0].kind", "clock");
	assert_field(reply, "result.alerts[0].till", "local");
	assert_field(reply, "result.alerts[0].operator", "07");
	assert_true(figure(reply, "result.alerts[0].figure") > INT64_C(900) * 365 * 86400);
	assert_null(field(reply, "result.alerts[0].resolved"));
	wire_close(&w);
}

static void the_past_is_no_alert(void **state)
{
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'r-1','card':'CARD-1','offline':true,'at':'2001-02-03T04:05:06Z'");
	assert_int_equal(count_of(ask_ok(&w, "system.alerts", "%s", ""), "result.alerts"), 0);
	wire_close(&w);
}

static void training_raises_none(void **state)
{
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "sale.commit",
		"'request':'r-1','training':true,'sale':'E-1','lines':[{'sku':'a','amount':100}],'payable':100," FUTURE);
	assert_int_equal(count_of(ask_ok(&w, "system.alerts", "%s", ""), "result.alerts"), 0);
	assert_int_equal(last_seq(&w), 0);
	wire_close(&w);
}

static void pages_go_on_after_a_seq(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	for (int i = 1; i <= 5; i++)
		sell_early(&w, i);
	reply = ask_ok(&w, "system.alerts", "'limit':2");
	assert_int_equal(count_of(reply, "result.alerts"), 2);
	assert_field(reply, "result.alerts[1].alert", "2-1");
	reply = ask_ok(&w, "system.alerts", "'limit':2,'after':2");
	assert_field(reply, "result.alerts[0].alert", "3-1");
	reply = ask_ok(&w, "system.alerts", "'after':4");
	assert_int_equal(count_of(reply, "result.alerts"), 1);
	assert_int_equal(count_of(ask_ok(&w, "system.alerts", "'after':5"), "result.alerts"), 0);
	wire_close(&w);
}

static void resolved_once_and_kept(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char *reply, *journal;
	size_t len;

	connect_to(&w, s, DOOR_TRUST);
	sell_early(&w, 1);
	assert_int_equal(metric(&w, "palier_alerts_open", NULL), 1);
	ask_ok(&w, "alert.resolve", "'request':'a-1','alert':'1-1','operator':'99','outcome':'a mended clock'");
	assert_int_equal(metric(&w, "palier_alerts_open", NULL), 0);
	reply = ask_refused(&w, "params_invalid", "alert.resolve", "'request':'a-2','alert':'1-1','outcome':'again'");
	assert_field(reply, "error.data.field", "alert");
	shop_kill(s);
	shop_start(s);
	wire_close(&w);
	connect_to(&w, s, DOOR_TRUST);
	reply = ask_ok(&w, "system.alerts", "%s", "");
	assert_figure(reply, "result.alerts[0].resolved.seq", 2);
	assert_field(reply, "result.alerts[0].resolved.operator", "99");
	assert_field(reply, "result.alerts[0].resolved.outcome", "a mended clock");
	journal = journal_text(s, &len);
	assert_null(strstr(journal, "mended"));
	free(journal);
	wire_close(&w);
}

static void what_is_no_alert(void **state)
{
	static const char *const ids[] = { "2-1", "1-2", "1", "1-", "-1", "01-1", "1-01", "1-1 ", "1-65536",
		"9007199254740992-1", "x" };
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	sell_early(&w, 1);
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		ask_refused(&w, "params_invalid", "alert.resolve", "'request':'a-%zu','alert':'%s','outcome':'none'", i,
			ids[i]);
	ask_ok(&w, "alert.resolve", "'request':'a','alert':'1-1','outcome':'none'");
	wire_close(&w);
}

static void a_supervisors_business(void **state)
{
	struct wire w, till;

	connect_to(&w, *state, DOOR_TRUST);
	till_make(&w, "till-1", "cashier", "a-token");
	sign_in(&till, *state, "till-1", "a-token");
	ask_refused(&till, "forbidden", "system.alerts", "%s", "");
	ask_refused(&till, "forbidden", "alert.resolve", "'request':'r','alert':'1-1','outcome':'x'");
	wire_close(&till);
	wire_close(&w);
}

/* --- what looks like fraud --- */

/* The alerts there are, "kind:figure operator" joined by commas, in one text. */
static const char *alerts_of(struct wire *w)
{
	static char text[1024];
	char *reply = strdup(ask_ok(w, "system.alerts", "%s", ""));
	size_t len = 0;

	text[0] = '\0';
	for (int64_t i = 0; i < count_of(reply, "result.alerts"); i++) {
		char kind[64], many[64];
		int64_t of;

		snprintf(kind, sizeof(kind), "result.alerts[%d].kind", (int)i);
		snprintf(many, sizeof(many), "result.alerts[%d].figure", (int)i);
		of = figure(reply, many);
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s:%lld", i ? "," : "", field(reply, kind),
			(long long)(of == INT64_MIN ? 0 : of));
	}
	free(reply);
	return text;
}

static void sell(struct wire *w, const char *number, const char *card, const char *operator_code, int amount,
	const char *more)
{
	ask_ok(w, "sale.commit",
		"'request':'%s','sale':'%s',%s%s%s'operator':'%s','lines':[{'sku':'a','amount':%d}],'payable':%d%s", number,
		number, card[0] ? "'card':'" : "", card, card[0] ? "'," : "", operator_code, amount, amount, more);
}

static void card_too_often(void **state)
{
	struct wire w;
	char number[16];

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'e-1','card':'CARD-1'");
	ask_ok(&w, "member.enroll", "'request':'e-2','card':'CARD-2'");
	for (int i = 1; i <= 5; i++) {
		snprintf(number, sizeof(number), "A-%d", i);
		sell(&w, number, "CARD-1", i == 3 ? "08" : "07", 123, "");
		snprintf(number, sizeof(number), "B-%d", i);
		sell(&w, number, "CARD-2", i == 3 ? "08" : "09", 123, "");
		snprintf(number, sizeof(number), "C-%d", i);
		sell(&w, number, "", "07", 123, "");
	}
	assert_string_equal(alerts_of(&w), "");
	sell(&w, "T", "CARD-1", "07", 123, ",'training':true");
	assert_string_equal(alerts_of(&w), "");
	for (int i = 5; i <= 20; i++) {
		snprintf(number, sizeof(number), "D-%d", i);
		sell(&w, number, "CARD-1", "07", 123, "");
	}
	assert_string_equal(alerts_of(&w), "card_often:5,card_often:10,card_often:20");
	wire_close(&w);
}

static void another_day_begins_anew(void **state)
{
	struct wire w;
	char number[16];

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'e','card':'CARD-1'");
	for (int i = 0; i < 12; i++) {
		snprintf(number, sizeof(number), "A-%d", i);
		sell(&w, number, "CARD-1", "07", 123,
			i % 3 ? ",'offline':true,'at':'2026-01-02T10:00:00Z'"
			      : ",'offline':true,'at':'2026-01-03T10:00:00Z'");
	}
	assert_string_equal(alerts_of(&w), "");
	wire_close(&w);
}

static void round_too_often(void **state)
{
	struct wire w;
	char number[16], card[16];

	connect_to(&w, *state, DOOR_TRUST);
	for (int i = 1; i <= 10; i++) {
		snprintf(number, sizeof(number), "A-%d", i);
		snprintf(card, sizeof(card), "CARD-%d", i);
		ask_ok(&w, "member.enroll", "'request':'e-%d','card':'%s'", i, card);
		sell(&w, number, card, "07", i == 4 ? 999 : 5000, "");
		snprintf(number, sizeof(number), "B-%d", i);
		sell(&w, number, "", "07", 5000, "");
	}
	assert_string_equal(alerts_of(&w), "");
	sell(&w, "C", "CARD-1", "07", 1000, "");
	assert_string_equal(alerts_of(&w), "round_amounts:10");
	wire_close(&w);
}

#define SPEND ",'redeem':[{'reward':'none'}],'offline':true"

/* What is redeemed here is granted offline: it spends, though nothing was there to be had. */
static void earned_here_spent_there(void **state)
{
	struct wire w, one, two;

	connect_to(&w, *state, DOOR_TRUST);
	till_make(&w, "till-1", "cashier", "token-1");
	till_make(&w, "till-2", "cashier", "token-2");
	sign_in(&one, *state, "till-1", "token-1");
	sign_in(&two, *state, "till-2", "token-2");
	ask_ok(&w, "member.enroll", "'request':'e','card':'CARD-1'");
	sell(&one, "A-1", "CARD-1", "07", 123, ",'offline':true,'at':'2026-01-02T10:00:00Z'");
	sell(&one, "A-2", "CARD-1", "07", 123, SPEND ",'at':'2026-01-02T10:02:00Z'");
	sell(&two, "A-3", "CARD-1", "08", 123, ",'offline':true,'at':'2026-01-02T10:03:00Z'");
	sell(&one, "A-4", "CARD-1", "07", 123, SPEND ",'at':'2026-01-02T10:13:01Z'");
	sell(&two, "A-5", "CARD-1", "08", 123, SPEND ",'at':'2026-01-02T10:23:01Z'");
	assert_string_equal(alerts_of(&w), "reward_unknown:0,reward_unknown:0,reward_unknown:0,earn_spend:600");
	wire_close(&two);
	wire_close(&one);
	wire_close(&w);
}

static void adjusted_and_spent(void **state)
{
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'e-1','card':'CARD-1'");
	ask_ok(&w, "member.enroll", "'request':'e-2','card':'CARD-2'");
	ask_ok(&w, "balance.adjust",
		"'request':'a-1','operator':'07','card':'CARD-1','unit':'points','points':50,'reason':'kind'");
	ask_ok(&w, "balance.adjust",
		"'request':'a-2','operator':'07','card':'CARD-2','unit':'points','points':50,'reason':'kind'");
	ask_ok(&w, "balance.adjust",
		"'request':'a-3','operator':'09','card':'CARD-2','unit':'points','points':-50,'reason':'unkind'");
	sell(&w, "A-1", "CARD-1", "08", 123, SPEND);
	sell(&w, "A-2", "CARD-1", "07", 123, "");
	sell(&w, "A-3", "CARD-2", "09", 123, SPEND);
	assert_string_equal(alerts_of(&w), "reward_unknown:0,reward_unknown:0");
	sell(&w, "A-4", "CARD-1", "07", 123, SPEND);
	assert_string_equal(alerts_of(&w), "reward_unknown:0,reward_unknown:0,reward_unknown:0,adjusted_spent:0");
	wire_close(&w);
}

static void claimed_too_often(void **state)
{
	struct wire w;
	char number[16];

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'e','card':'CARD-1'");
	for (int i = 1; i <= 3; i++) {
		assert_string_equal(alerts_of(&w), "");
		snprintf(number, sizeof(number), "A-%d", i);
		sell(&w, number, "", "07", 123, "");
		ask_ok(&w, "sale.claim", "'request':'c-%d','sale':'%s','card':'CARD-1'", i, number);
	}
	assert_string_equal(alerts_of(&w), "claims_often:3");
	wire_close(&w);
}

static void not_looked_for(void **state)
{
	struct wire w;
	char number[16];

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'e','card':'CARD-1'");
	ask_ok(&w, "balance.adjust",
		"'request':'a','operator':'07','card':'CARD-1','unit':'points','points':50,'reason':'kind'");
	for (int i = 1; i <= 10; i++) {
		snprintf(number, sizeof(number), "A-%d", i);
		sell(&w, number, "CARD-1", "07", 1000, i == 9 ? SPEND : "");
		snprintf(number, sizeof(number), "B-%d", i);
		sell(&w, number, "", "07", 123, "");
		ask_ok(&w, "sale.claim", "'request':'c-%d','sale':'%s','card':'CARD-1'", i, number);
	}
	assert_string_equal(alerts_of(&w), "reward_unknown:0");
	wire_close(&w);
}

/* --- the day --- */

static void in_the_days_totals(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	for (int i = 1; i <= 3; i++)
		ask_ok(&w, "sale.commit",
			"'request':'r-%d','sale':'S-%d','operator':'0%d','lines':[{'sku':'a','amount':100}],'payable':90,'offline':true",
			i, i, i == 2 ? 8 : 7);
	reply = ask_ok(&w, "day.close", "'request':'d-1'");
	assert_int_equal(count_of(reply, "result.totals.alerts"), 2);
	assert_field(reply, "result.totals.alerts[0].kind", "total_mismatch");
	assert_field(reply, "result.totals.alerts[0].till", "local");
	assert_field(reply, "result.totals.alerts[0].operator", "07");
	assert_figure(reply, "result.totals.alerts[0].count", 2);
	assert_figure(reply, "result.totals.alerts[0].figure", -20);
	assert_figure(reply, "result.totals.alerts[1].count", 1);
	sell_early(&w, 1);
	reply = ask_ok(&w, "day.close", "'request':'d-2'");
	assert_int_equal(count_of(reply, "result.totals.alerts"), 1);
	assert_field(reply, "result.totals.alerts[0].kind", "clock");
	ask_ok(&w, "sale.commit", "'request':'r','sale':'S','lines':[{'sku':'a','amount':100}],'payable':100");
	reply = ask_ok(&w, "day.close", "'request':'d-3'");
	assert_int_equal(count_of(reply, "result.totals.alerts"), 0);
	assert_int_equal(count_of(ask_ok(&w, "system.alerts", "%s", ""), "result.alerts"), 4);
	wire_close(&w);
}

static const struct shop_options unsuspecting = {
	.config = "fraud { card-often = 0  earn-spend = 0  adjusted-spent = 0  claims-often = 0  round-amounts = 0 }\n"
};

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("an offline sale from the future is booked as of now, with an alert", the_future_becomes_now, NULL),
		IN_SHOP("one from the past is no alert", the_past_is_no_alert, NULL),
		IN_SHOP("training raises none", training_raises_none, NULL),
		IN_SHOP("alerts are listed oldest first, a page after a seq", pages_go_on_after_a_seq, NULL),
		IN_SHOP("an alert is resolved once, and keeps who did and why, sealed in the journal",
			resolved_once_and_kept, NULL),
		IN_SHOP("what is no alert cannot be resolved", what_is_no_alert, NULL),
		IN_SHOP("alerts are a supervisor's business", a_supervisors_business, NULL),
		IN_SHOP("a card too often at one cashier on one day is an alert", card_too_often, NULL),
		IN_SHOP("another day begins anew", another_day_begins_anew, NULL),
		IN_SHOP("round amounts too often at one cashier are an alert", round_too_often, NULL),
		IN_SHOP("earned here and spent there within minutes is an alert", earned_here_spent_there, NULL),
		IN_SHOP("a balance raised and spent by the same cashier is an alert", adjusted_and_spent, NULL),
		IN_SHOP("frequent claims are an alert", claimed_too_often, NULL),
		IN_SHOP("what the shop does not look for is no alert", not_looked_for, &unsuspecting),
		IN_SHOP("a day's totals sum its alerts by kind, till and operator", in_the_days_totals, NULL),
	};

	return cmocka_run_group_tests_name("alerts", tests, NULL, NULL);
}
