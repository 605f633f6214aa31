/* SPDX-License-Identifier: Apache-2.0 */
/* Holds from end to end: made, captured, released, lapsed, outlived; and sixty-four tills that share one purse. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "tests/e2e/scene.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

#define VALUE_AT(rate) \
	"points { unit \"points\" {}  unit \"credit\" { kind = money }  earn \"base\" { unit = points  per = \"1.00\"  points = " rate \
	" } }\n"
#define VALUE  VALUE_AT("1")
#define REWARD "rewards { reward \"five-off\" { unit = points  cost = 500  kind = amount  value = \"5.00\"  of = order } }\n"
#define PINNED \
	"points { unit \"points\" { proof = pin }  unit \"credit\" { kind = money  proof = pin  proof-from = 100 } }\n"

#define BY_ONE                     "'card':'CARD-1',"
#define ITEM                       "'lines':[{'sku':'a','amount':1000}]"
#define PAYS(amount)               ",'payments':[{'kind':'unit','unit':'credit','amount':" #amount "}]"
#define FIVE_OFF                   ",'redeem':[{'reward':'five-off'}]"
#define FILLS(unit, points)        ASK("balance.adjust", BY_ONE "'unit':'" unit "','points':" #points ",'reason':'begin'")
#define HOLDS(amount, ...)         ASK("sale.hold", BY_ONE ITEM PAYS(amount), __VA_ARGS__)
#define HOLDS_POINTS(unit, n, ...) ASK("sale.hold", BY_ONE "'unit':'" unit "','points':" #n, __VA_ARGS__)
#define COMMITS(number, amount, hold, ...) \
	ASK("sale.commit", "'sale':'" number "'," BY_ONE ITEM PAYS(amount) ",'payable':1000,'hold':'" hold "'", __VA_ARGS__)
#define NO_COMMIT(reason, amount, hold) \
	REFUSED(reason, "sale.commit", "'sale':'X'," BY_ONE ITEM PAYS(amount) ",'payable':1000,'hold':'" hold "'")
#define HAS(credit, held) ASK("card.lookup", "'card':'CARD-1'", WANT("balances.credit", #credit), WANT("held.credit", #held))

static const struct scene scenes[] = {
	{ "a basket is held, and its commit has what was held", VALUE,
		{ FILLS("credit", 500),
			HOLDS(300, WANT("held[0].unit", "credit"), WANT("held[0].points", "300"), WANT("held[1]", NULL),
				WANT("quote.due", "700"), WANT("quote.payable", "1000"), WANT("quote.earn[0].points", "10"),
				WANT("quote.spend[0]", NULL)),
			HAS(500, 300),
			REFUSED("insufficient_points", "sale.commit", "'sale':'X'," BY_ONE ITEM PAYS(201) ",'payable':1000"),
			COMMITS("S", 300, "$1", WANT("due", "700"), WANT("balances.credit", "200"),
				WANT("earned[0].points", "10")),
			ASK("balance.history", BY_ONE "'unit':'credit'", WANT("entries[0].kind", "pay"),
				WANT("entries[0].balance", "200")),
			HAS(200, 0), NO_COMMIT("hold_resolved", 100, "$1"),
			REFUSED("hold_resolved", "sale.release", "'hold':'$1'") } },
	{ "less than was held gives the rest back", VALUE,
		{ FILLS("credit", 500), HOLDS(300),
			COMMITS("S", 100, "$1", WANT("due", "900"), WANT("balances.credit", "400")), HAS(400, 0) } },
	{ "more than was held cannot be had, though it is there", VALUE,
		{ FILLS("credit", 500), HOLDS(300), NO_COMMIT("insufficient_points", 301, "$1"), HAS(500, 300),
			COMMITS("S", 300, "$1"), HAS(200, 0) } },
	{ "points alone are held for whatever basket comes", VALUE,
		{ FILLS("credit", 500), HOLDS_POINTS("credit", 400, WANT("held[0].points", "400"), WANT("quote", NULL)),
			HAS(500, 400), NO_COMMIT("insufficient_points", 401, "$1"), COMMITS("S", 250, "$1"), HAS(250, 0) } },
	{ "a released hold can be spent again", VALUE,
		{ FILLS("credit", 500), HOLDS(300), ASK("sale.release", "'hold':'$1'"), HAS(500, 0),
			NO_COMMIT("hold_resolved", 300, "$1"), REFUSED("hold_resolved", "sale.release", "'hold':'$1'") } },
	{ "two holds share nothing", VALUE,
		{ FILLS("credit", 500), HOLDS(300), REFUSED("insufficient_points", "sale.hold", BY_ONE ITEM PAYS(201)),
			HOLDS(200), HAS(500, 500), ASK("sale.release", "'hold':'$2'"), HAS(500, 300),
			COMMITS("S", 300, "$1"), HAS(200, 0) } },
	{ "another's hold is unknown, and so is one that never was", VALUE,
		{ FILLS("credit", 500), HOLDS(300),
			REFUSED("hold_unknown", "sale.commit",
				"'sale':'X','card':'CARD-2'," ITEM ",'payable':1000,'hold':'$1'"),
			REFUSED("hold_unknown", "sale.commit", "'sale':'X'," ITEM ",'payable':1000,'hold':'$1'"),
			NO_COMMIT("hold_unknown", 1, "h_x"), REFUSED("hold_unknown", "sale.release", "'hold':'h_x'"),
			HAS(500, 300) } },
	{ "what cannot be held says why", VALUE,
		{ FILLS("credit", 2000), REFUSED("insufficient_points", "sale.hold", BY_ONE "'unit':'points','points':1"),
			REFUSED("unit_unknown", "sale.hold", BY_ONE "'unit':'gold','points':1"),
			REFUSED("params_invalid", "sale.hold", BY_ONE "'unit':'points'"),
			REFUSED("params_invalid", "sale.hold", BY_ONE "'ttl':5"),
			REFUSED("params_invalid", "sale.hold", BY_ONE ITEM ",'unit':'points','points':1"),
			REFUSED("params_invalid", "sale.hold", ITEM),
			REFUSED("card_unknown", "sale.hold", "'card':'CARD-9'," ITEM),
			REFUSED("unit_unknown", "sale.hold",
				BY_ONE ITEM ",'payments':[{'kind':'unit','unit':'points','amount':1}]"),
			REFUSED("params_invalid", "sale.hold", BY_ONE ITEM PAYS(1001)) } },
	{ "a merge leaves the hold with who has the points", VALUE,
		{ FILLS("credit", 500), HOLDS(300), ASK("member.merge", "'from':'@1','into':'@2'"), HAS(500, 300),
			ASK("sale.commit", "'sale':'S','card':'CARD-2'," ITEM PAYS(300) ",'payable':1000,'hold':'$1'",
				WANT("balances.credit", "200"), WANT("due", "700")),
			HAS(200, 0) } },
	{ "an erased member's hold is unknown", VALUE,
		{ FILLS("credit", 500), HOLDS(300), ASK("member.erase", "'member':'@1'"),
			REFUSED("hold_unknown", "sale.release", "'hold':'$1'") } },
	{ "a void gives back what was captured, and the hold stays resolved", VALUE,
		{ FILLS("credit", 500), HOLDS(300), COMMITS("S", 300, "$1"),
			ASK("sale.void", "'sale':'S'", WANT("balances.credit", "500")), HAS(500, 0),
			NO_COMMIT("hold_resolved", 300, "$1") } },
	{ "a gift card is held by its number, also as the sale's own card", VALUE,
		{ ASK("sale.commit",
			  "'sale':'G','lines':[{'sku':'g','kind':'gift_card','amount':500,'unit':'credit','card':'9000000000000001'}],'payable':500"),
			ASK("sale.hold", "'card':'9000000000000001'," ITEM PAYS(300), WANT("held[0].points", "300")),
			ASK("card.lookup", "'card':'9000000000000001'", WANT("held.credit", "300")),
			REFUSED("insufficient_points", "sale.commit",
				"'sale':'X','card':'9000000000000001'," ITEM PAYS(201) ",'payable':1000"),
			ASK("sale.commit",
				"'sale':'S','card':'9000000000000001'," ITEM PAYS(300) ",'payable':1000,'hold':'$1'",
				WANT("due", "700")),
			ASK("card.lookup", "'card':'9000000000000001'", WANT("held.credit", "0"),
				WANT("balances.credit", "200")),
			ASK("sale.hold", "'card':'9000000000000001','unit':'credit','points':50"),
			ASK("sale.release", "'hold':'$2'") } },
	{ "who has locked spending can neither hold nor capture", VALUE,
		{ FILLS("credit", 500), HOLDS(300), ASK("member.freeze", "'member':'@1'"),
			NO_COMMIT("member_frozen", 300, "$1"), REFUSED("member_frozen", "sale.hold", BY_ONE ITEM PAYS(1)),
			REFUSED("member_frozen", "sale.hold", BY_ONE "'unit':'credit','points':1"),
			ASK("member.thaw", "'member':'@1'"), COMMITS("S", 300, "$1") } },
	{ "offline, a hold that is no more does not refuse what has happened", VALUE,
		{ FILLS("credit", 500), HOLDS(300), ASK("sale.release", "'hold':'$1'"),
			ASK("sale.commit", "'offline':true,'sale':'S'," BY_ONE ITEM PAYS(300) ",'payable':1000,'hold':'$1'",
				WANT("due", "700")),
			HAS(200, 0), ASK("system.alerts", "", WANT("alerts[0].kind", "hold_resolved")) } },
	{ "training holds nothing", VALUE,
		{ FILLS("credit", 500),
			ASK("sale.hold", "'training':true," BY_ONE ITEM PAYS(300), WANT("held[0].points", "300")),
			HAS(500, 0) } },
	{ "a reward is held with its price", VALUE REWARD,
		{ FILLS("points", 600),
			ASK("sale.hold", BY_ONE ITEM FIVE_OFF, WANT("held[0].unit", "points"), WANT("held[0].points", "500"),
				WANT("quote.payable", "500"), WANT("quote.discounts[0].amount", "500"),
				WANT("quote.spend[0].reward", "five-off")),
			REFUSED("insufficient_points", "sale.commit", "'sale':'X'," BY_ONE ITEM FIVE_OFF ",'payable':500"),
			ASK("sale.commit", "'sale':'S'," BY_ONE ITEM FIVE_OFF ",'payable':500,'hold':'$1'",
				WANT("spent[0].points", "500"), WANT("spent[0].reward", "five-off"),
				WANT("discounts[0].amount", "500"), WANT("earned[0].points", "10"),
				WANT("balances.points", "110")) } },
	{ "a reward is bought with points that were held alone", VALUE REWARD,
		{ FILLS("points", 1100), HOLDS_POINTS("points", 600),
			ASK("sale.commit", "'sale':'S'," BY_ONE ITEM FIVE_OFF ",'payable':500,'hold':'$1'",
				WANT("balances.points", "610")),
			HOLDS_POINTS("points", 400),
			REFUSED("insufficient_points", "sale.commit",
				"'sale':'X'," BY_ONE ITEM FIVE_OFF ",'payable':500,'hold':'$2'"),
			ASK("card.lookup", "'card':'CARD-1'", WANT("held.points", "400")) } },
	{ "what a ticket earns buys its own reward where the unit says so",
		"points { unit \"points\" { spend-same-ticket = true }  earn \"base\" { unit = points  per = \"0.01\" } }\n" REWARD,
		{ ASK("sale.hold", BY_ONE ITEM FIVE_OFF, WANT("quote.payable", "500"), WANT("held[0]", NULL)),
			ASK("sale.commit", "'sale':'S'," BY_ONE ITEM FIVE_OFF ",'payable':500,'hold':'$1'",
				WANT("spent[0].points", "500"), WANT("earned[0].points", "1000"),
				WANT("balances.points", "500")),
			ASK("sale.return", "'return':'R','sale':'S'", WANT("restored[0].points", "500"),
				WANT("reversed[0].points", "1000"), WANT("balances.points", "0")) } },
	{ "an exchange may be held", VALUE,
		{ FILLS("credit", 500), ASK("sale.commit", "'sale':'S'," BY_ONE ITEM PAYS(500) ",'payable':1000"),
			ASK("sale.hold",
				BY_ONE
				"'lines':[{'sku':'b','amount':2000}],'returns':[{'sale':'S'}],'payments':[{'kind':'unit','unit':'credit',"
				"'amount':500}]",
				WANT("quote.payable", "1000"), WANT("quote.due", "1000"), WANT("held[0].points", NULL)),
			ASK("sale.commit",
				"'sale':'T'," BY_ONE
				"'lines':[{'sku':'b','amount':2000}],'returns':[{'sale':'S'}],'payments':[{'kind':'unit',"
				"'unit':'credit','amount':500}],'payable':1000,'hold':'$1'",
				WANT("due", "1000"), WANT("balances.credit", "0"), WANT("balances.points", "20")) } },
};

/* --- what needs more than one connection, or a clock --- */

static void begin(struct wire *w, struct shop *s, int64_t credit)
{
	connect_to(w, s, DOOR_TRUST);
	ask_ok(w, "member.enroll", "'request':'e','card':'CARD-1'");
	ask_ok(w, "balance.adjust", "'request':'a'," BY_ONE "'unit':'credit','points':%lld,'reason':'begin'",
		(long long)credit);
}

static void hold_of(struct wire *w, const char *params, char hold[32])
{
	const char *id = field(ask_ok(w, "sale.hold", "%s", params), "result.hold");

	assert_non_null(id);
	snprintf(hold, 32, "%s", id);
}

static int64_t held(struct wire *w)
{
	return figure(ask_ok(w, "card.lookup", "'card':'CARD-1'"), "result.held.credit");
}

static void lapses(void **state)
{
	int64_t until = now_ms() + DEADLINE_MS;
	char hold[32];
	struct wire w;

	begin(&w, *state, 500);
	hold_of(&w, "'request':'h','ttl':1," BY_ONE ITEM PAYS(300), hold);
	while (held(&w) > 0 && now_ms() < until)
		sleep_ms(20);
	assert_int_equal(held(&w), 0);
	ask_refused(&w, "hold_expired", "sale.release", "'request':'l','hold':'%s'", hold);
	ask_refused(&w, "hold_expired", "sale.commit",
		"'request':'c','sale':'S'," BY_ONE ITEM PAYS(300) ",'payable':1000,'hold':'%s'", hold);
	ask_ok(&w, "sale.commit", "'request':'c','sale':'S'," BY_ONE ITEM PAYS(500) ",'payable':1000");
	wire_close(&w);
}

static void outlives(void **state)
{
	struct shop *s = *state;
	char hold[32];
	struct wire w;

	begin(&w, s, 500);
	hold_of(&w, "'request':'h'," BY_ONE ITEM PAYS(300), hold);
	wire_close(&w);
	shop_kill(s);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_int_equal(held(&w), 300);
	assert_field(ask_ok(&w, "sale.hold", "'request':'h'," BY_ONE ITEM PAYS(300)), "result.hold",
		hold); /* the same request */
	ask_ok(&w, "day.close", "'request':'d'");
	ask_ok(&w, "sale.commit", "'request':'c','sale':'S'," BY_ONE ITEM PAYS(300) ",'payable':1000,'hold':'%s'", hold);
	assert_field(ask_ok(&w, "sale.commit",
			     "'request':'c','sale':'S'," BY_ONE ITEM PAYS(300) ",'payable':1000,'hold':'%s'", hold),
		"result.replayed", "true");
	assert_int_equal(held(&w), 0);
	wire_close(&w);
}

static int64_t rate(struct wire *w)
{
	return figure(ask_ok(w, "sale.quote", BY_ONE ITEM), "result.earn[0].points");
}

/* The quote is kept though its unit is gone; points are earned by the programme of the day. */
static void keeps_its_quote(void **state)
{
	static const struct shop_options next = {
		.points = "points { unit \"points\" {}  earn \"base\" { unit = points  per = \"1.00\"  points = 3 } }\n"
	};
	struct shop *s = *state;
	int64_t until = now_ms() + DEADLINE_MS;
	char hold[32];
	struct wire w;
	char *reply;

	begin(&w, s, 500);
	hold_of(&w, "'request':'h'," BY_ONE ITEM PAYS(300), hold);
	shop_configure(s, &next);
	kill(s->pid, SIGHUP);
	while (rate(&w) != 30 && now_ms() < until)
		sleep_ms(10);
	ask_refused(&w, "unit_unknown", "sale.commit", "'request':'x','sale':'X'," BY_ONE ITEM PAYS(300) ",'payable':1000");
	reply = ask_ok(&w, "sale.commit", "'request':'c','sale':'S'," BY_ONE ITEM PAYS(300) ",'payable':1000,'hold':'%s'",
		hold);
	assert_figure(reply, "result.due", 700);
	assert_figure(reply, "result.earned[0].points", 30);
	assert_figure(reply, "result.balances.credit", 200);
	wire_close(&w);
}

static void asks_for_proof(void **state)
{
	struct shop *s = *state;
	char hold[32];
	struct wire w, till;

	begin(&w, s, 500);
	ask_ok(&w, "member.pin", "'request':'p','card':'CARD-1','pin':'3141'");
	till_make(&w, "till-9", "cashier", "0123456789abcdef0123456789abcdef");
	sign_in(&till, s, "till-9", "0123456789abcdef0123456789abcdef");
	ask_ok(&till, "sale.quote", BY_ONE ITEM PAYS(300));
	ask_refused(&till, "proof_needed", "sale.hold", "'request':'h'," BY_ONE ITEM PAYS(300));
	ask_refused(&till, "proof_wrong", "sale.hold", "'request':'h','proof':{'pin':'0000'}," BY_ONE ITEM PAYS(300));
	ask_ok(&till, "sale.commit", "'request':'s','sale':'S'," BY_ONE ITEM PAYS(99) ",'payable':1000");
	ask_refused(&till, "proof_needed", "sale.commit",
		"'request':'t','sale':'T'," BY_ONE ITEM PAYS(100) ",'payable':1000");
	ask_refused(&till, "proof_needed", "sale.commit",
		"'request':'t','sale':'T'," BY_ONE ITEM ",'payments':[{'kind':'unit','unit':'credit','amount':50},"
		"{'kind':'unit','unit':'credit','amount':50}],'payable':1000");
	hold_of(&till, "'request':'h','proof':{'pin':'3141'}," BY_ONE ITEM PAYS(300), hold);
	ask_ok(&till, "sale.commit", "'request':'t','sale':'T'," BY_ONE ITEM PAYS(300) ",'payable':1000,'hold':'%s'", hold);
	wire_close(&till);
	wire_close(&w);
}

/* --- sixty-four tills, one balance --- */

#define TILLS 64
#define STEP  10
#define PURSE 1000

struct till {
	pthread_t thread;
	const struct shop *shop;
	int index, round;
	atomic_int *went;
	bool hurt;
	char said[512];
};

/* Half of the tills hold first. @return 1: sold; 0: there was not enough; -1: something else */
static int step_sell(struct till *t, struct wire *w, int n)
{
	char hold[64] = "", *reply;

	if (t->index % 2) {
		reply = wire_ask(w, "sale.hold", "'request':'h-%d-%d-%d'," BY_ONE ITEM PAYS(10), t->round, t->index, n);
		if (reply && strstr(reply, "\"insufficient_points\""))
			return 0;
		if (!reply || !field(reply, "result.hold"))
			return -1;
		snprintf(hold, sizeof(hold), ",'hold':'%s'", field(reply, "result.hold"));
	}
	reply = wire_ask(w, "sale.commit",
		"'request':'c-%d-%d-%d','sale':'S-%d-%d-%d'," BY_ONE ITEM PAYS(10) ",'payable':1000%s", t->round, t->index,
		n, t->round, t->index, n, hold);
	if (reply && !hold[0] && strstr(reply, "\"insufficient_points\""))
		return 0;
	if (reply && figure(reply, "result.due") == 1000 - STEP)
		return 1;
	snprintf(t->said, sizeof(t->said), "%s", reply ? reply : "no reply");
	return -1;
}

static void *till_run(void *arg)
{
	struct till *t = arg;
	struct wire w;
	int sold = 1;

	if (!wire_open(&w, t->shop, DOOR_TRUST)) {
		t->hurt = true;
		return NULL;
	}
	for (int n = 0; sold > 0; n++) {
		sold = step_sell(t, &w, n);
		if (sold > 0)
			atomic_fetch_add(t->went, 1);
	}
	t->hurt = sold < 0;
	wire_close(&w);
	return NULL;
}

static void tills_share(struct shop *s, struct wire *w, int round)
{
	struct till tills[TILLS];
	atomic_int went = 0;

	ask_ok(w, "balance.adjust", "'request':'a-%d'," BY_ONE "'unit':'credit','points':%d,'reason':'round'", round, PURSE);
	for (int i = 0; i < TILLS; i++) {
		tills[i] = (struct till){ .shop = s, .index = i, .round = round, .went = &went };
		assert_int_equal(pthread_create(&tills[i].thread, NULL, till_run, &tills[i]), 0);
	}
	for (int i = 0; i < TILLS; i++)
		pthread_join(tills[i].thread, NULL);
	for (int i = 0; i < TILLS; i++)
		if (tills[i].hurt)
			fail_msg("till %d: %s", i, tills[i].said);
	assert_int_equal(atomic_load(&went), PURSE / STEP);
	assert_figure(ask_ok(w, "card.lookup", "'card':'CARD-1'"), "result.balances.credit", 0);
	assert_int_equal(held(w), 0);
}

static void shared(void **state)
{
	int rounds = getenv("PALIER_LONG") ? 20 : 1;
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'e','card':'CARD-1'");
	for (int round = 0; round < rounds; round++)
		tills_share(*state, &w, round);
	wire_close(&w);
}

static const struct shop_options value = { .points = VALUE }, pinned = { .points = PINNED };

int main(void)
{
	static const struct CMUnitTest more[] = {
		IN_SHOP("a hold lapses by its time alone", lapses, &value),
		IN_SHOP("a hold outlives a crash and a day's close", outlives, &value),
		IN_SHOP("an equal basket keeps its quote whatever the programme is by then", keeps_its_quote, &value),
		IN_SHOP("where proof is wanted the hold asks for it, and its commit does not", asks_for_proof, &pinned),
		IN_SHOP("sixty-four tills spend of one purse what is there and nothing more", shared, &value),
	};
	struct CMUnitTest tests[COUNT(scenes) + COUNT(more)];

	for (size_t i = 0; i < COUNT(scenes); i++)
		tests[i] = (struct CMUnitTest)IN_SCENE(&scenes[i]);
	memcpy(tests + COUNT(scenes), more, sizeof(more));
	return cmocka_run_group_tests_name("holds", tests, NULL, NULL);
}
