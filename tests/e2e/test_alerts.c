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
	ask_ok(&w, "alert.resolve", "'request':'a-1','alert':'1-1','operator':'99','outcome':'a mended clock'");
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
	};

	return cmocka_run_group_tests_name("alerts", tests, NULL, NULL);
}
