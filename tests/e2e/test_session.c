/* SPDX-License-Identifier: Apache-2.0 */
/* Who may come in by which door, and what each role may do there. */
#include "tests/e2e/harness.h"

#define TOKEN_CASHIER    "cashier-token-k3Jx0vQ2"
#define TOKEN_SUPERVISOR "supervisor-token-9QhT7s"
#define TOKEN_DISPLAY    "display-token-Lm2Wx81"
#define TOKEN_OFFICE     "office-token-a8Rz55"

static const char *token_of(const char *role)
{
	return strcmp(role, "cashier") == 0      ? TOKEN_CASHIER
	       : strcmp(role, "supervisor") == 0 ? TOKEN_SUPERVISOR
	       : strcmp(role, "display") == 0    ? TOKEN_DISPLAY
	                                         : TOKEN_OFFICE;
}

static void tills_make(const struct shop *s)
{
	static const char *const roles[] = { "display", "cashier", "supervisor", "office" };
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	for (size_t i = 0; i < 4; i++)
		till_make(&w, roles[i], roles[i], token_of(roles[i]));
	wire_close(&w);
}

static bool has_method(const char *reply, const char *method)
{
	char quoted[64];
	const char *methods = field(reply, "result.methods");

	snprintf(quoted, sizeof(quoted), "\"%s\"", method);
	return methods && strstr(methods, quoted);
}

static void open_doors(const struct shop *s, const char *door)
{
	struct wire w;
	char *reply;

	connect_to(&w, s, door);
	ask_ok(&w, "till.list", "%s", "");
	ask_ok(&w, "member.enroll", "'request':'%.4s|1'", door);
	reply = ask_ok(&w, "session.open", "'till':'caisse-9','protocol':1");
	assert_field(reply, "result.till", "caisse-9");
	assert_field(reply, "result.role", "supervisor");
	assert_figure(reply, "result.protocol", 1);
	assert_field(reply, "result.server.name", "palierd");
	assert_field(reply, "result.store.id", "lyon-03");
	assert_field(reply, "result.store.name", "Comptoir");
	assert_field(reply, "result.store.currency", "EUR");
	assert_field(reply, "result.store.timezone", "Europe/Paris");
	assert_field(reply, "result.store.language", "fr");
	assert_true(has_method(reply, "till.add"));
	ask_ok(&w, "till.list", "%s", "");
	wire_close(&w);
}

static void trust_door(void **state)
{
	open_doors(*state, DOOR_TRUST);
}

static void peer_door(void **state)
{
	open_doors(*state, DOOR_PEER);
}

static void before_sign_in(void **state)
{
	static const struct {
		const char *method, *params;
	} asked[] = {
		{ "card.lookup", "'card':'2900000000018'" },
		{ "sale.quote", "'lines':[{'sku':'a','amount':1}]" },
		{ "member.enroll", "'request':'r-1'" },
		{ "till.list", "" },
		{ "request.status", "'request':'r-1'" },
		{ "system.status", "" },
	};
	struct shop *s = *state;
	struct wire w;
	char *reply;

	tills_make(s);
	connect_to(&w, s, DOOR_TOKEN);
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		reply = ask_refused(&w, "unauthorized", asked[i].method, "%s", asked[i].params);
		assert_figure(reply, "error.code", -32001);
		assert_field(reply, "error.data.retryable", "false");
	}
	assert_true(count_of(ask_ok(&w, "rpc.discover", "%s", ""), "result.methods") > 10);
	ask_ok(&w, "session.open", "'till':'cashier','token':'" TOKEN_CASHIER "','protocol':1");
	ask_ok(&w, "member.enroll", "'request':'r-1'");
	wire_close(&w);
}

static void wrong_sign_in(void **state)
{
	struct shop *s = *state;
	struct wire w;

	tills_make(s);
	connect_to(&w, s, DOOR_TOKEN);
	ask_refused(&w, "unauthorized", "session.open", "'till':'cashier','token':'guess','protocol':1");
	ask_refused(&w, "unauthorized", "session.open", "'till':'cashier','token':'" TOKEN_SUPERVISOR "','protocol':1");
	ask_refused(&w, "unauthorized", "session.open", "'till':'nobody','token':'" TOKEN_CASHIER "','protocol':1");
	ask_refused(&w, "unauthorized", "session.open", "'till':'cashier','protocol':1");
	assert_field(ask_refused(&w, "params_invalid", "session.open",
			     "'till':'cashier','token':'" TOKEN_CASHIER "','protocol':2"),
		"error.data.field", "protocol");
	ask_refused(&w, "params_invalid", "session.open", "'till':'cashier','token':'" TOKEN_CASHIER "'");
	ask_refused(&w, "unauthorized", "till.list", "%s", "");
	ask_ok(&w, "session.open", "'till':'cashier','token':'" TOKEN_CASHIER "','protocol':1");
	ask_refused(&w, "unauthorized", "session.open", "'till':'supervisor','token':'guess','protocol':1");
	assert_figure(ask(&w, "till.list", "%s", ""), "error.code", -32001);
	wire_close(&w);
}

static void roles(void **state)
{
	static const struct {
		const char *role, *method, *params;
		bool allowed;
	} asked[] = {
		{ "display", "system.status", "", true },
		{ "display", "rpc.discover", "", true },
		{ "display", "card.lookup", "'card':'2900000000018'", false },
		{ "display", "sale.quote", "'lines':[{'sku':'a','amount':1}]", false },
		{ "display", "till.list", "", false },
		{ "display", "sale.commit", "", false },
		{ "cashier", "sale.quote", "'lines':[{'sku':'a','amount':1}]", true },
		{ "cashier", "member.enroll", "'request':'r-1'", true },
		{ "cashier", "member.find", "'query':'abc'", true },
		{ "cashier", "till.list", "", false },
		{ "cashier", "till.revoke", "'request':'r-2','till':'display'", false },
		{ "cashier", "till.revoke", "'tills':1", false },
		{ "cashier", "card.block", "'request':'r-3','card':'2900000000018','reason':'lost'", false },
		{ "cashier", "balance.adjust",
			"'request':'r-4','card':'2900000000018','unit':'points','points':5,'reason':'x'", false },
		{ "supervisor", "till.list", "", true },
		{ "supervisor", "sale.quote", "'lines':[{'sku':'a','amount':1}]", true },
		{ "office", "till.list", "", true },
	};
	struct shop *s = *state;

	tills_make(s);
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		struct wire w;
		char *reply;

		connect_to(&w, s, DOOR_TOKEN);
		reply = ask_ok(&w, "session.open", "'till':'%s','token':'%s','protocol':1", asked[i].role,
			token_of(asked[i].role));
		assert_field(reply, "result.role", asked[i].role);
		assert_int_equal(has_method(reply, asked[i].method), asked[i].allowed);
		if (asked[i].allowed)
			ask_ok(&w, asked[i].method, "%s", asked[i].params);
		else
			ask_refused(&w, "forbidden", asked[i].method, "%s", asked[i].params);
		wire_close(&w);
	}
}

static void override(void **state)
{
	struct shop *s = *state;
	struct wire w, chief;
	char card[64], *journal, *reply;
	size_t len;

	tills_make(s);
	sign_in(&w, s, "cashier", TOKEN_CASHIER);
	strcpy(card, field(ask_ok(&w, "member.enroll", "'request':'r-1'"), "result.card.number"));
#define ADJUST "'card':'%s','unit':'points','points':5,'reason':'spilt'"
	ask_refused(&w, "forbidden", "balance.adjust", "'request':'r-2'," ADJUST, card);
	assert_figure(ask(&w, "balance.adjust", "'request':'r-2','override':{'token':'guess'}," ADJUST, card), "error.code",
		-32001);
	assert_figure(ask(&w, "balance.adjust", "'request':'r-2','override':{'token':'" TOKEN_CASHIER "'}," ADJUST, card),
		"error.code", -32001);
	assert_figure(ask_ok(&w, "balance.adjust", "'request':'r-2','override':{'token':'" TOKEN_SUPERVISOR "'}," ADJUST,
			      card),
		"result.balances.points", 5);
	ask_refused(&w, "forbidden", "balance.adjust", "'request':'r-3'," ADJUST, card);
	ask_refused(&w, "params_invalid", "sale.quote",
		"'lines':[{'sku':'a','amount':1}],'override':{'token':'" TOKEN_SUPERVISOR "'}");
	assert_figure(ask_ok(&w, "card.lookup", "'card':'%s'", card), "result.balances.points", 5);
	connect_to(&chief, s, DOOR_TRUST);
	ask_ok(&chief, "till.revoke", "'request':'r-1','till':'supervisor'");
	wire_close(&chief);
	reply = ask(&w, "balance.adjust", "'request':'r-4','override':{'token':'" TOKEN_SUPERVISOR "'}," ADJUST, card);
	assert_figure(reply, "error.code", -32001);
	journal = journal_text(s, &len);
	assert_null(strstr(journal, TOKEN_SUPERVISOR));
	assert_null(strstr(journal, "override"));
	free(journal);
	wire_close(&w);
}

static void tills_are_listed(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char *reply;

	tills_make(s);
	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "till.revoke", "'request':'r-1','till':'display'");
	reply = ask_ok(&w, "till.list", "%s", "");
	assert_int_equal(count_of(reply, "result.tills"), 4);
	assert_field(reply, "result.tills[0].till", "cashier");
	assert_field(reply, "result.tills[0].role", "cashier");
	assert_field(reply, "result.tills[0].revoked", "false");
	assert_field(reply, "result.tills[1].till", "display");
	assert_field(reply, "result.tills[1].revoked", "true");
	assert_field(reply, "result.tills[3].till", "supervisor");
	wire_close(&w);
}

static void till_params(void **state)
{
	static const char hex[] = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
	struct wire w;
	int64_t seq;

	connect_to(&w, *state, DOOR_TRUST);
	seq = last_seq(&w);
	assert_field(ask_refused(&w, "params_invalid", "till.add",
			     "'request':'r-1','till':'t','role':'king','token_sha256':'%s'", hex),
		"error.data.field", "role");
	assert_field(ask_refused(&w, "params_invalid", "till.add",
			     "'request':'r-1','till':'t','role':'cashier','token_sha256':'%.63s'", hex),
		"error.data.field", "token_sha256");
	assert_field(ask_refused(&w, "params_invalid", "till.add",
			     "'request':'r-1','till':'t','role':'cashier','token_sha256':'%.63sg'", hex),
		"error.data.field", "token_sha256");
	assert_field(ask_refused(&w, "params_invalid", "till.add",
			     "'request':'r-1','till':'','role':'cashier','token_sha256':'%s'", hex),
		"error.data.field", "till");
	ask_refused(&w, "params_invalid", "till.revoke", "'request':'r-1','till':'nobody'");
	assert_int_equal(last_seq(&w), seq);
	wire_close(&w);
}

static void revoked_while_signed_in(void **state)
{
	struct shop *s = *state;
	struct wire w, chief;

	tills_make(s);
	sign_in(&w, s, "cashier", TOKEN_CASHIER);
	ask_ok(&w, "member.enroll", "'request':'r-1'");
	connect_to(&chief, s, DOOR_TRUST);
	ask_ok(&chief, "till.revoke", "'request':'r-1','till':'cashier'");
	ask_refused(&w, "unauthorized", "member.enroll", "'request':'r-2'");
	ask_refused(&w, "unauthorized", "session.open", "'till':'cashier','token':'" TOKEN_CASHIER "','protocol':1");
	ask_refused(&w, "unauthorized", "card.lookup", "'card':'2900000000018'");
	wire_close(&w);
	sign_in(&w, s, "supervisor", TOKEN_SUPERVISOR);
	ask_ok(&chief, "till.revoke", "'request':'r-2','till':'supervisor'");
	ask_refused(&w, "unauthorized", "till.list", "%s", "");
	wire_close(&w);
	wire_close(&chief);
}

static void tills_survive_a_restart(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char *journal;
	size_t len;

	tills_make(s);
	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "till.revoke", "'request':'r-1','till':'display'");
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	journal = journal_text(s, &len);
	assert_null(strstr(journal, TOKEN_CASHIER));
	free(journal);
	shop_start(s);
	sign_in(&w, s, "cashier", TOKEN_CASHIER);
	ask_refused(&w, "forbidden", "till.list", "%s", "");
	wire_close(&w);
	connect_to(&w, s, DOOR_TOKEN);
	ask_refused(&w, "unauthorized", "session.open", "'till':'display','token':'" TOKEN_DISPLAY "','protocol':1");
	wire_close(&w);
}

/* A quote line of exactly `len` bytes. */
static char *quote_of_length(size_t len)
{
	static const char head[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sale.quote\",\"params\":{\"lines\":[{\"sku\":"
				   "\"a\",\"amount\":100}],"
				   "\"ext\":{\"pad\":\"";
	char *line = malloc(len + 1);

	memset(line, 'x', len);
	memcpy(line, head, sizeof(head) - 1);
	memcpy(line + len - 4, "\"}}}", 5);
	return line;
}

static void limit_before_sign_in(void **state)
{
	struct shop *s = *state;
	char *fits = quote_of_length(16384), *too_long = quote_of_length(16385), *big = quote_of_length(200000);
	struct wire w;

	tills_make(s);
	connect_to(&w, s, DOOR_TOKEN);
	assert_field(ask_raw(&w, fits), "error.data.reason", "unauthorized");
	assert_field(ask_raw(&w, too_long), "error.code", "-32600");
	assert_true(wire_ended(&w));
	wire_close(&w);

	sign_in(&w, s, "cashier", TOKEN_CASHIER);
	assert_figure(ask_raw(&w, too_long), "result.total", 100);
	assert_figure(ask_raw(&w, big), "result.total", 100);
	wire_close(&w);

	connect_to(&w, s, DOOR_TRUST);
	assert_figure(ask_raw(&w, big), "result.total", 100);
	wire_close(&w);
	free(fits);
	free(too_long);
	free(big);
}

static void operators(void **state)
{
	struct shop *s = *state;
	struct wire w;

	tills_make(s);
	connect_to(&w, s, DOOR_TOKEN);
	ask_ok(&w, "session.open",
		"'till':'cashier','token':'" TOKEN_CASHIER
		"','protocol':1,'operator':'07','client':{'name':'caisse','version':'3.1'}");
	ask_ok(&w, "sale.commit", "'request':'r-1','sale':'R-1','lines':[{'sku':'a','amount':100}],'payable':100");
	ask_ok(&w, "sale.commit",
		"'request':'r-2','sale':'R-2','lines':[{'sku':'a','amount':100}],'payable':100,'operator':'08'");
	assert_field(ask_ok(&w, "sale.show", "'sale':'R-1'"), "result.operator", "07");
	assert_field(ask_ok(&w, "sale.show", "'sale':'R-2'"), "result.operator", "08");
	assert_field(ask_ok(&w, "sale.show", "'sale':'R-2'"), "result.till", "cashier");
	wire_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("on a trust door nobody signs in, and session.open names the till", trust_door, NULL),
		IN_SHOP("on a peer door the daemon's own user does not sign in either", peer_door, NULL),
		IN_SHOP("on a token door everything is unauthorized before session.open", before_sign_in, NULL),
		IN_SHOP("a wrong token, till or protocol does not sign in, nor raise a role", wrong_sign_in, NULL),
		IN_SHOP("a role may do what is its own, and session.open lists it", roles, NULL),
		IN_SHOP("a supervisor's badge raises a cashier for one command and is not stored", override, NULL),
		IN_SHOP("till.list shows tills by name, the revoked ones too", tills_are_listed, NULL),
		IN_SHOP("till.add and till.revoke refuse what they cannot mean", till_params, NULL),
		IN_SHOP("a till revoked while signed in is out from its next line on", revoked_while_signed_in, NULL),
		IN_SHOP("tills sign in after a restart, and no token is in the journal", tills_survive_a_restart, NULL),
		IN_SHOP("a line has 16 KiB before sign-in, 256 KiB after it", limit_before_sign_in, NULL),
		IN_SHOP("an event bears the session's operator unless its command names one", operators, NULL),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
