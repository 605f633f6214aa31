/* SPDX-License-Identifier: Apache-2.0 */
/* The same request counts once and is answered alike, over any connection, after a crash, after a rebuild. */
#include "tests/e2e/harness.h"

#define CONNECTIONS 16
#define TIMES       50

/* A reply's result without the mark of a repetition. @return to be freed */
static char *result_of(const char *reply, bool *replayed)
{
	static const char mark[] = ",\"replayed\":true";
	char *text = strdup(field(reply, "result") ? field(reply, "result") : reply), *at = strstr(text, mark);

	*replayed = at != NULL;
	if (at)
		memmove(at, at + sizeof(mark) - 1, strlen(at + sizeof(mark) - 1) + 1);
	return text;
}

/* Send one line 50 times over 16 connections, then read. @return how many replies were no repetitions; *result is the one result of all */
static int send_often(const struct shop *s, const char *line, char **result)
{
	struct wire w[CONNECTIONS];
	int first = 0;

	for (int i = 0; i < CONNECTIONS; i++)
		connect_to(&w[i], s, DOOR_TRUST);
	for (int i = 0; i < TIMES; i++)
		assert_true(wire_send(&w[i % CONNECTIONS], line, strlen(line)));
	for (int i = 0; i < TIMES; i++) {
		char *reply = wire_line(&w[i % CONNECTIONS]), *text;
		bool replayed;

		assert_non_null(reply);
		text = result_of(reply, &replayed);
		first += !replayed;
		if (!*result)
			*result = strdup(text);
		if (strcmp(text, *result) != 0)
			fail_msg("answered %s, then %s", *result, text);
		free(text);
	}
	for (int i = 0; i < CONNECTIONS; i++)
		wire_close(&w[i]);
	return first;
}

#define COMMIT \
	"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"sale.commit\",\"params\":{\"request\":\"till-1|2026|1|sale\",\"sale\":" \
	"\"R-1\"," \
	"\"card\":\"CARD-1\",\"lines\":[{\"sku\":\"a\",\"amount\":1000}],\"payable\":1000}}\n"
#define ENROLL \
	"{\"jsonrpc\":\"2.0\",\"id\":\"e\",\"method\":\"member.enroll\",\"params\":{\"request\":\"till-1|2026|0|enroll\"," \
	"\"card\":\"CARD-1\"," \
	"\"name\":\"Zoé Martin\"}}\n"

static void counts_once(struct shop *s, int expected_first, char **enrolled, char **sold)
{
	struct wire w;
	char *reply;

	assert_int_equal(send_often(s, ENROLL, enrolled), expected_first);
	assert_int_equal(send_often(s, COMMIT, sold), expected_first);
	connect_to(&w, s, DOOR_TRUST);
	reply = ask_ok(&w, "card.lookup", "'card':'CARD-1'");
	assert_figure(reply, "result.balances.points", 10);
	assert_figure(reply, "result.stats.purchases", 1);
	assert_int_equal(last_seq(&w), 2);
	reply = ask_ok(&w, "request.status", "'request':'till-1|2026|1|sale'");
	assert_field(reply, "result.state", "done");
	assert_field(reply, "result.result", *sold);
	wire_close(&w);
}

static void fifty_times(void **state)
{
	struct shop *s = *state;
	char *enrolled = NULL, *sold = NULL;
	struct wire w;

	counts_once(s, 1, &enrolled, &sold);
	/* A member view is read anew: from here on it shows the sale. */
	free(enrolled);
	enrolled = NULL;
	counts_once(s, 0, &enrolled, &sold);
	shop_kill(s);
	shop_start(s);
	counts_once(s, 0, &enrolled, &sold);
	assert_int_equal(shop_stop(s), 0);
	shop_start(s);
	counts_once(s, 0, &enrolled, &sold);
	assert_int_equal(shop_stop(s), 0);
	shop_sound(s);
	shop_start(s);
	counts_once(s, 0, &enrolled, &sold);

	/* What came later does not change what a sale's first reply was. */
	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "sale.commit",
		"'request':'r-2','sale':'R-2','card':'CARD-1','lines':[{'sku':'a','amount':500}],'payable':500");
	ask_ok(&w, "card.block", "'request':'r-3','card':'CARD-1','reason':'lost'");
	wire_close(&w);
	assert_int_equal(send_often(s, COMMIT, &sold), 0);
	free(enrolled);
	free(sold);
}

static void one_number(void **state)
{
	struct shop *s = *state;
	struct wire w[CONNECTIONS];
	int booked = 0;

	for (int i = 0; i < CONNECTIONS; i++)
		connect_to(&w[i], s, DOOR_TRUST);
	for (int i = 0; i < CONNECTIONS; i++) {
		char line[256];
		int n = snprintf(line, sizeof(line),
			"{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"sale.commit\",\"params\":{\"request\":\"r-%d\","
			"\"sale\":\"R-1\","
			"\"lines\":[{\"sku\":\"a\",\"amount\":%d}],\"payable\":%d}}\n",
			i, i, 100 + i, 100 + i);

		assert_true(wire_send(&w[i], line, (size_t)n));
	}
	for (int i = 0; i < CONNECTIONS; i++) {
		char *reply = wire_line(&w[i]);

		assert_non_null(reply);
		if (field(reply, "result"))
			booked++;
		else
			assert_field(reply, "error.data.reason", "sale_exists");
		wire_close(&w[i]);
	}
	assert_int_equal(booked, 1);
}

#define SALE "'request':'r-1','sale':'R-1','card':'CARD-1','lines':[{'sku':'a','amount':1000,'quantity':2}],'payable':1000"

static void conflicts(void **state)
{
	static const struct {
		const char *method, *params;
	} asked[] = {
		{ "sale.commit", "'request':'r-1','sale':'R-2','card':'CARD-1','lines':[{'sku':'a','amount':1000,'quantity':"
				 "2}],'payable':1000" },
		{ "sale.commit",
			"'request':'r-1','sale':'R-1','lines':[{'sku':'a','amount':1000,'quantity':2}],'payable':1000" },
		{ "sale.commit", "'request':'r-1','sale':'R-1','card':'card-1','lines':[{'sku':'a','amount':1000,'quantity':"
				 "2}],'payable':1000" },
		{ "sale.commit", "'request':'r-1','sale':'R-1','card':'CARD-1','lines':[{'sku':'a','amount':1000,'quantity':"
				 "2.0}],'payable':1000" },
		{ "sale.commit", "'request':'r-1','sale':'R-1','card':'CARD-1','lines':[{'sku':'a','amount':1000,'quantity':"
				 "2}],'payable':999" },
		{ "sale.commit", SALE ",'ext':{'a':1}" },
		{ "sale.commit", SALE ",'print':true" },
		{ "sale.commit", SALE ",'training':true" },
		{ "sale.commit", SALE ",'coupons':[]" },
		{ "member.enroll", "'request':'r-1'" },
		{ "till.revoke", "'request':'r-1','till':'nobody'" },
	};
	struct wire w;
	char booked[4096];
	int64_t seq;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	strcpy(booked, field(ask_ok(&w, "sale.commit", SALE), "result"));
	seq = last_seq(&w);
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		char *reply = ask_refused(&w, "request_conflict", asked[i].method, "%s", asked[i].params);

		assert_figure(reply, "error.code", -32007);
		assert_field(reply, "error.data.result", booked);
	}
	assert_int_equal(last_seq(&w), seq);
	wire_close(&w);
}

static void same_request(void **state)
{
	static const char *const same[] = {
		SALE,
		"'payable':1000,'lines':[{'quantity':2,'amount':1000,'sku':'a'}],'card':'CARD-1','sale':'R-1','request':'r-"
		"1'",
		SALE ",'operator':'08'",
		SALE ",'at':'2020-01-01T00:00:00Z'",
		SALE ",'training':false",
		SALE ",'print':false",
		SALE ",'proof':{'pin':'1234'}",
		SALE ",'override':{'token':'token-of-chief'}",
		"'request':'r\\u002d1','sale':'R-1','card':'CARD-1','lines':[{'sku':'\\u0061','amount':1000,'quantity':2}],'"
		"payable':1000",
		" 'request' : 'r-1', 'sale':'R-1','card':'CARD-1' , 'lines':[ {'sku':'a','amount':1000,'quantity':2} "
		"],'payable':1000 ",
	};
	struct wire w;
	char *first, *again;
	bool replayed;

	connect_to(&w, *state, DOOR_TRUST);
	till_make(&w, "chief", "supervisor", "token-of-chief");
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	first = result_of(ask_ok(&w, "sale.commit", SALE ",'operator':'07'"), &replayed);
	assert_false(replayed);
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		again = result_of(ask_ok(&w, "sale.commit", "%s", same[i]), &replayed);
		assert_true(replayed);
		assert_string_equal(again, first);
		free(again);
	}
	assert_field(ask_ok(&w, "sale.show", "'sale':'R-1'"), "result.operator", "07");
	free(first);
	wire_close(&w);
}

static void status(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	assert_field(ask_ok(&w, "request.status", "'request':'r-1'"), "result.state", "unknown");
	ask_refused(&w, "card_unknown", "sale.commit", SALE);
	reply = ask_ok(&w, "request.status", "'request':'r-1'");
	assert_field(reply, "result.state", "unknown");
	assert_null(field(reply, "result.result"));
	/* A refused request is decided anew. */
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	assert_null(field(ask_ok(&w, "sale.commit", SALE), "result.replayed"));
	reply = ask_ok(&w, "request.status", "'request':'r-1'");
	assert_field(reply, "result.state", "done");
	assert_field(reply, "result.result.sale", "R-1");
	assert_figure(reply, "result.result.balances.points", 10);
	ask_refused(&w, "params_invalid", "request.status", "%s", "");
	wire_close(&w);
}

static void request_needed(void **state)
{
	static const struct {
		const char *method, *params;
	} asked[] = {
		{ "sale.commit", "'sale':'R-1','lines':[{'sku':'a','amount':1000}],'payable':1000" },
		{ "member.enroll", "'name':'Zoé'" },
		{ "member.update", "'member':'m_0000000000000000','name':'Zoé'" },
		{ "card.issue", "'member':'m_0000000000000000'" },
		{ "card.block", "'card':'CARD-1','reason':'lost'" },
		{ "till.revoke", "'till':'till-1'" },
		{ "balance.adjust", "'card':'CARD-1','unit':'points','points':5,'reason':'x'" },
	};
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		ask_refused(&w, "request_missing", asked[i].method, "%s", asked[i].params);
		ask_refused(&w, "params_invalid", asked[i].method, "'request':'',%s", asked[i].params);
		ask_refused(&w, "params_invalid", asked[i].method, "'request':5,%s", asked[i].params);
		ask_refused(&w, "params_invalid", asked[i].method, "'request':'%065d',%s", 0, asked[i].params);
	}
	ask_ok(&w, "member.enroll", "'request':'%064d'", 0);
	wire_close(&w);
}

static void tills_are_apart(void **state)
{
	struct shop *s = *state;
	struct wire w, peer, one, two;

	connect_to(&w, s, DOOR_TRUST);
	till_make(&w, "one", "cashier", "token-of-one");
	till_make(&w, "two", "cashier", "token-of-two");
	sign_in(&one, s, "one", "token-of-one");
	sign_in(&two, s, "two", "token-of-two");
	connect_to(&peer, s, DOOR_PEER);
#define OF(n) "'request':'r-1','sale':'S-%d','lines':[{'sku':'a','amount':1000}],'payable':1000", n
	assert_null(field(ask_ok(&w, "sale.commit", OF(0)), "result.replayed"));
	assert_field(ask_ok(&peer, "sale.commit", OF(0)), "result.replayed", "true");
	assert_null(field(ask_ok(&one, "sale.commit", OF(1)), "result.replayed"));
	assert_null(field(ask_ok(&two, "sale.commit", OF(2)), "result.replayed"));
	ask_refused(&two, "request_conflict", "sale.commit", OF(1));
	assert_field(ask_ok(&one, "request.status", "'request':'r-1'"), "result.result.sale", "S-1");
	assert_field(ask_ok(&two, "request.status", "'request':'r-1'"), "result.result.sale", "S-2");
	assert_field(ask_ok(&peer, "request.status", "'request':'r-1'"), "result.result.sale", "S-0");
	ask_ok(&peer, "session.open", "'till':'three','protocol':1");
	assert_field(ask_ok(&peer, "request.status", "'request':'r-1'"), "result.state", "unknown");
	wire_close(&w);
	wire_close(&peer);
	wire_close(&one);
	wire_close(&two);
}

/* Everything is wrong with it; mended one thing at a time, the next is told. */
static void refused_in_order(void **state)
{
	static const struct {
		const char *reason, *request, *at, *card, *sale, *rest;
		int amount;
	} tries[] = {
#define LATER   "'at':'2999-01-01T00:00:00Z',"
#define UNITS   "'payments':[{'kind':'unit','unit':'none','amount':1}],"
#define CODES   "'coupons':['NONE'],"
#define RETURNS "'returns':[{'sale':'NONE'}],"
#define HOLD    "'hold':'NONE',"
		{ "params_invalid", "known", LATER, "NOBODY", "R-1", HOLD RETURNS UNITS CODES, -1 },
		{ "request_conflict", "known", LATER, "NOBODY", "R-1", HOLD RETURNS UNITS CODES, 1 },
		{ "clock", "new", LATER, "NOBODY", "R-1", HOLD RETURNS UNITS CODES, 1 },
		{ "card_unknown", "new", "", "NOBODY", "R-1", HOLD RETURNS UNITS CODES, 1 },
		{ "sale_exists", "new", "", "CARD-1", "R-1", HOLD RETURNS UNITS CODES, 1 },
		{ "hold_unknown", "new", "", "CARD-1", "R-2", HOLD RETURNS UNITS CODES, 1 },
		{ "sale_unknown", "new", "", "CARD-1", "R-2", RETURNS UNITS CODES, 1 },
		{ "unit_unknown", "new", "", "CARD-1", "R-2", UNITS CODES, 1 },
		{ "code_unknown", "new", "", "CARD-1", "R-2", CODES, 1 },
		{ "total_mismatch", "new", "", "CARD-1", "R-2", "", 1 },
	};
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'e','card':'CARD-1'");
	ask_ok(&w, "sale.commit", "'request':'known','sale':'R-1','lines':[{'sku':'a','amount':1}],'payable':1");
	for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++)
		ask_refused(&w, tries[i].reason, "sale.commit",
			"'request':'%s',%s'card':'%s','sale':'%s',%s'lines':[{'sku':'a','amount':%d}],'payable':2",
			tries[i].request, tries[i].at, tries[i].card, tries[i].sale, tries[i].rest, tries[i].amount);
	assert_int_equal(last_seq(&w), 2);
	wire_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("50 times over 16 connections counts once, also after kill -9, a restart and a rebuild", fifty_times,
			NULL),
		IN_SHOP("of 16 sales with one receipt number one is booked", one_number, NULL),
		IN_SHOP("a known request with other values is a conflict, and brings what was booked", conflicts, NULL),
		IN_SHOP("key order, time, operator, proof, badge and white space do not matter", same_request, NULL),
		IN_SHOP("request.status knows what was booked, and nothing else", status, NULL),
		IN_SHOP("of several things wrong the first in the order of refusal is told", refused_in_order, NULL),
		IN_SHOP("a command needs a request of 1 to 64 bytes", request_needed, NULL),
		IN_SHOP("requests are each till's own, and shared where nobody signs in", tills_are_apart, NULL),
	};

	return cmocka_run_group_tests_name("requests", tests, NULL, NULL);
}
