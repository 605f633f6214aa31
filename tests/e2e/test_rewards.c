/* SPDX-License-Identifier: Apache-2.0 */
/* Rewards from end to end: what a quote says is what a commit does, what is refused writes nothing, and what comes back comes back as it was
 * booked, whatever the programme is by then. */
#include <signal.h>

#include "tests/e2e/harness.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

#define POINTS_FOR_REWARDS \
	"points {\n" \
	"	unit points { expires = \"12 months\" }\n" \
	"	unit coffee { expires = never }\n" \
	"	unit credit { kind = money }\n" \
	"	earn base { unit = points  per = \"1.00\" }\n" \
	"}\n"
#define NO_FRAUD "fraud { card-often = 0  adjusted-spent = 0  round-amounts = 0 }\n"
#define FIVE_OFF(value) \
	"	reward five-off { unit = points  cost = 500  kind = amount  value = \"" value \
	"\"  label { fr = \"5 euros offerts\"  en = \"5 euros off\" } }\n"
#define OTHERS \
	"	reward ten-pct { unit = points  cost = 300  kind = percent  value = \"10\"  of = order  cap = \"20.00\" }\n" \
	"	reward per-point { unit = points  cost = 1  kind = amount  value = \"0.01\"  min-points = 100  max-share = 50 }\n" \
	"	reward free-one { unit = coffee  cost = 9  kind = product  skus = {espresso} }\n" \
	"	reward once { unit = points  cost = 10  kind = amount  value = \"1.00\"  max { day = 1 } }\n" \
	"	reward book { unit = points  cost = 10  kind = amount  value = \"1.00\"  of = lines  when { category = book } }\n" \
	"	reward purse { unit = points  cost = 100  kind = credit  value = \"1.50\"  to = credit }\n"

static const struct shop_options usual = { .points = POINTS_FOR_REWARDS,
	.config = NO_FRAUD "rewards {\n" FIVE_OFF("5.00") OTHERS "}\n" },
				 changed = { .points = POINTS_FOR_REWARDS,
					 .config = NO_FRAUD "rewards {\n" FIVE_OFF("1.00") "}\n" };

/* A member with a card, 2,000 points and 27 stamps. @return the card's number, in one of 4 buffers used in turn */
static const char *customer(struct wire *w, const char *request)
{
	static char cards[4][64];
	static unsigned turn;
	char *card = cards[turn++ % 4];

	strcpy(card, field(ask_ok(w, "member.enroll", "'request':'%s','language':'en'", request), "result.card.number"));
	ask_ok(w, "balance.adjust", "'request':'%s-p','card':'%s','unit':'points','points':2000,'reason':'gift'", request,
		card);
	ask_ok(w, "balance.adjust", "'request':'%s-c','card':'%s','unit':'coffee','points':27,'reason':'gift'", request,
		card);
	return card;
}

#define GOODS \
	"'lines':[{'sku':'espresso','quantity':2,'amount':360},{'sku':'mug','amount':1601}," \
	"{'sku':'novel','category':'book','amount':900}]"

/* --- a quote and its commit --- */

static const struct kind_case {
	const char *redeem;
	int64_t payable, points, coffee, credit; /* balances without what the goods earn */
	const char *source, *label;
} kinds[] = {
	{ "{'reward':'five-off','times':2}", 1861, 1000, 27, 0, "five-off", "5 euros off" },
	{ "{'reward':'ten-pct'}", 2575, 1700, 27, 0, "ten-pct", "ten-pct" },
	{ "{'reward':'per-point','points':5000}", 1431, 570, 27, 0, "per-point", "per-point" },
	{ "{'reward':'free-one','times':5,'choice':'espresso'}", 2501, 2000, 9, 0, "free-one", "free-one" },
	{ "{'reward':'book','times':99}", 1961, 1910, 27, 0, "book", "book" },
	{ "{'reward':'purse','times':3}", 2861, 1700, 27, 450, NULL, NULL },
};

static void quote_is_commit(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	for (size_t i = 0; i < COUNT(kinds); i++) {
		const struct kind_case *k = &kinds[i];
		const char *card;
		char request[16];

		snprintf(request, sizeof(request), "c-%zu", i);
		card = customer(&w, request);
		reply = ask_ok(&w, "sale.quote", "'card':'%s'," GOODS ",'redeem':[%s]", card, k->redeem);
		assert_figure(reply, "result.payable", k->payable);
		assert_int_equal(count_of(reply, "result.refused"), 0);
		assert_int_equal(count_of(reply, "result.spend"), 1);
		reply = ask_ok(&w, "sale.commit",
			"'request':'r-%zu','sale':'R-%zu','card':'%s'," GOODS ",'redeem':[%s],'payable':%lld", i, i, card,
			k->redeem, (long long)k->payable);
		assert_figure(reply, "result.payable", k->payable);
		assert_figure(reply, "result.due", k->payable);
		assert_figure(reply, "result.balances.points", k->points + 28); /* earned on what points paid too */
		assert_figure(reply, "result.balances.coffee", k->coffee);
		assert_figure(reply, "result.balances.credit", k->credit);
		assert_int_equal(count_of(reply, "result.discounts"), k->source ? 1 : 0);
		if (!k->source)
			continue;
		assert_field(reply, "result.discounts[0].source", k->source);
		assert_field(reply, "result.discounts[0].label", k->label);
		assert_figure(reply, "result.discounts[0].amount", 2861 - k->payable);
		assert_field(reply, "result.spent[0].reward", k->source);
	}
	wire_close(&w);
}

static void quote_tells(void **state)
{
	struct wire w;
	const char *card;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	card = customer(&w, "c-1");
	reply = ask_ok(&w, "card.lookup", "'card':'%s'", card);
	assert_int_equal(count_of(reply, "result.rewards"), 7);
	assert_field(reply, "result.rewards[0].reward", "per-point");
	assert_field(reply, "result.rewards[6].reward", "five-off");
	assert_field(reply, "result.rewards[6].label", "5 euros off");
	assert_figure(reply, "result.rewards[6].cost", 500);
	assert_field(reply, "result.rewards[6].unit", "points");

	reply = ask_ok(&w, "sale.quote",
		"'card':'%s','lines':[{'sku':'mug','amount':5000}],'redeem':[{'reward':'five-off','times':3},"
		"{'reward':'five-off','times':2},{'reward':'free-one','times':4},{'reward':'none'},{'reward':'ten-pct'}]",
		card);
	assert_int_equal(count_of(reply, "result.discounts"), 2);
	assert_figure(reply, "result.payable", 3150);
	assert_int_equal(count_of(reply, "result.refused"), 3);
	assert_field(reply, "result.refused[0].reward", "five-off");
	assert_field(reply, "result.refused[0].reason", "insufficient_points");
	assert_field(reply, "result.refused[1].reason", "reward_unavailable");
	assert_field(reply, "result.refused[2].reason", "reward_unknown");
	assert_int_equal(count_of(reply, "result.free"), 1);
	assert_field(reply, "result.free[0].sku", "espresso");
	assert_figure(reply, "result.free[0].quantity", 3);
	assert_int_equal(count_of(reply, "result.available_rewards"),
		4); /* 200 points are left: neither book nor the dear ones */
	assert_field(reply, "result.available_rewards[0].reward", "per-point");

	reply = ask_ok(&w, "sale.quote", "'lines':[{'sku':'mug','amount':5000}]");
	assert_int_equal(count_of(reply, "result.available_rewards"), 0);
	wire_close(&w);
}

/* --- refusals --- */

static const struct refusal_case {
	const char *redeem, *reason;
} refusals[] = {
	{ "{'reward':'five-off','times':5}", "insufficient_points" },
	{ "{'reward':'five-off'},{'reward':'none'}", "reward_unknown" },
	{ "{'reward':'five-off','points':499}", "reward_unavailable" },
	{ "{'reward':'once','times':2}", "reward_unavailable" },
	{ "{'reward':'once'},{'reward':'once'}", "reward_unavailable" },
	{ "{'reward':'per-point','times':50}", "reward_unavailable" },
	{ "{'reward':'free-one','choice':'mug'}", "reward_unavailable" },
	{ "{'reward':'ten-pct','times':2}", "params_invalid" },
	{ "{'reward':'five-off','times':1,'points':500}", "params_invalid" },
	{ "{'reward':'five-off','times':9007199254740991}", "params_invalid" },
};

static void refused_writes_nothing(void **state)
{
	struct wire w;
	const char *card;
	int64_t seq;

	connect_to(&w, *state, DOOR_TRUST);
	card = customer(&w, "c-1");
	seq = last_seq(&w);
	for (size_t i = 0; i < COUNT(refusals); i++)
		ask_refused(&w, refusals[i].reason, "sale.commit",
			"'request':'r-%zu','sale':'R-1','card':'%s'," GOODS ",'redeem':[%s],'payable':2861", i, card,
			refusals[i].redeem);
	ask_refused(&w, "total_mismatch", "sale.commit",
		"'request':'m-1','sale':'R-1','card':'%s'," GOODS ",'redeem':[{'reward':'five-off'}],'payable':2861", card);
	ask_refused(&w, "params_invalid", "sale.commit",
		"'request':'n-1','sale':'R-1'," GOODS ",'redeem':[{'reward':'five-off'}],'payable':2361");
	ask_ok(&w, "sale.commit",
		"'request':'t-1','sale':'R-1','card':'%s'," GOODS
		",'redeem':[{'reward':'five-off'}],'payable':2361,'training':true",
		card);
	assert_int_equal(last_seq(&w), seq);
	assert_figure(ask_ok(&w, "card.lookup", "'card':'%s'", card), "result.balances.points", 2000);
	wire_close(&w);
}

/* --- what comes back --- */

static const char *bought(struct wire *w, const char *request, const char *sale)
{
	const char *card = customer(w, request);

	ask_ok(w, "sale.commit",
		"'request':'%s-s','sale':'%s','card':'%s'," GOODS
		",'redeem':[{'reward':'five-off','times':3},{'reward':'free-one'},"
		"{'reward':'purse'}],'payable':1275",
		request, sale, card);
	return card;
}

static void parts_are_the_whole(void **state)
{
	struct wire w;
	const char *whole, *parts;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	whole = bought(&w, "c-1", "R-1");
	parts = bought(&w, "c-2", "R-2");
	ask_ok(&w, "sale.return", "'request':'w','return':'W','sale':'R-1'");
	ask_ok(&w, "sale.return", "'request':'p-1','return':'P-1','sale':'R-2','lines':[{'line':0,'quantity':1}]");
	ask_ok(&w, "sale.return", "'request':'p-2','return':'P-2','sale':'R-2','lines':[{'line':1,'amount':333}]");
	ask_ok(&w, "sale.return", "'request':'p-3','return':'P-3','sale':'R-2','lines':[{'line':2,'quantity':1}]");
	ask_ok(&w, "sale.return", "'request':'p-4','return':'P-4','sale':'R-2'");
	reply = ask_ok(&w, "card.lookup", "'card':'%s'", whole);
	assert_figure(reply, "result.balances.points", 2000);
	assert_figure(reply, "result.balances.coffee", 27);
	assert_figure(reply, "result.balances.credit", 0);
	reply = ask_ok(&w, "card.lookup", "'card':'%s'", parts);
	assert_figure(reply, "result.balances.points", 2000);
	assert_figure(reply, "result.balances.coffee", 27);
	assert_figure(reply, "result.balances.credit", 0);
	wire_close(&w);
}

#define ONE_OFF "'lines':[{'sku':'mug','amount':900}],'redeem':[{'reward':'once'}],'payable':800"

static void void_frees_a_cap(void **state)
{
	struct wire w;
	const char *card;

	connect_to(&w, *state, DOOR_TRUST);
	card = customer(&w, "c-1");
	ask_ok(&w, "sale.commit", "'request':'r-1','sale':'R-1','card':'%s'," ONE_OFF, card);
	ask_refused(&w, "reward_unavailable", "sale.commit", "'request':'r-2','sale':'R-2','card':'%s'," ONE_OFF, card);
	assert_figure(ask_ok(&w, "sale.void", "'request':'v-1','sale':'R-1'"), "result.balances.points", 2000);
	ask_ok(&w, "sale.commit", "'request':'r-3','sale':'R-2','card':'%s'," ONE_OFF, card);
	ask_ok(&w, "sale.return", "'request':'b-1','return':'B-1','sale':'R-2'");
	ask_refused(&w, "reward_unavailable", "sale.commit", "'request':'r-4','sale':'R-3','card':'%s'," ONE_OFF, card);
	wire_close(&w);
}

static void reload(struct shop *s, const struct shop_options *o)
{
	shop_configure(s, o);
	kill(s->pid, SIGHUP);
	shop_log_wait(s, "config.taken");
}

static void return_reads_the_ledger(void **state)
{
	struct wire w;
	const char *card;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	card = bought(&w, "c-1", "R-1");
	reload(*state, &changed);
	assert_figure(ask_ok(&w, "sale.quote", "'card':'%s'," GOODS ",'redeem':[{'reward':'five-off'}]",
			      customer(&w, "c-2")),
		"result.payable", 2761);
	ask_ok(&w, "sale.return", "'request':'b-1','return':'B-1','sale':'R-1'");
	reply = ask_ok(&w, "card.lookup", "'card':'%s'", card);
	assert_figure(reply, "result.balances.points", 2000);
	assert_figure(reply, "result.balances.coffee", 27);
	assert_figure(reply, "result.balances.credit", 0);
	wire_close(&w);
}

/* --- held --- */

static void hold_keeps_the_quote(void **state)
{
	struct wire w;
	const char *card;
	char hold[64], *reply;

	connect_to(&w, *state, DOOR_TRUST);
	card = customer(&w, "c-1");
	reply = ask_ok(&w, "sale.hold",
		"'request':'h-1','card':'%s'," GOODS
		",'redeem':[{'reward':'five-off','times':2},{'reward':'once'},{'reward':'purse'}]",
		card);
	assert_figure(reply, "result.quote.payable", 1761);
	strcpy(hold, field(reply, "result.hold"));
	reload(*state, &changed);
	reply = ask_ok(&w, "sale.commit",
		"'request':'r-1','sale':'R-1','card':'%s'," GOODS
		",'redeem':[{'reward':'five-off','times':2},{'reward':'once'},{'reward':'purse'}],'payable':1761,'hold':'%s'",
		card, hold);
	assert_figure(reply, "result.payable", 1761);
	assert_int_equal(count_of(reply, "result.discounts"), 2);
	assert_figure(reply, "result.balances.credit", 150);
	wire_close(&w);
	assert_int_equal(shop_stop(*state), 0);
	shop_configure(*state, &usual);
	shop_start(*state);
	connect_to(&w, *state, DOOR_TRUST);
	ask_refused(&w, "reward_unavailable", "sale.commit", "'request':'r-2','sale':'R-2','card':'%s'," ONE_OFF, card);
	wire_close(&w);
}

/* --- offline --- */

static void offline_is_a_fact(void **state)
{
	struct wire w;
	const char *card;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	card = customer(&w, "c-1");
	reply = ask_ok(&w, "sale.commit",
		"'request':'r-1','sale':'R-1','card':'%s','lines':[{'sku':'mug','amount':3000}],"
		"'redeem':[{'reward':'five-off','times':5},{'reward':'gone'}],'payable':500,'offline':true",
		card);
	assert_figure(reply, "result.payable", 500);
	assert_figure(reply, "result.discounts[0].amount", 2500);
	assert_figure(reply, "result.spent[0].points", 2500);
	assert_figure(reply, "result.balances.points", -500 + 30);
	reply = ask_ok(&w, "system.alerts", "%s", "");
	assert_int_equal(count_of(reply, "result.alerts"), 2);
	assert_field(reply, "result.alerts[0].kind", "shortfall");
	assert_figure(reply, "result.alerts[0].figure", 500);
	assert_field(reply, "result.alerts[1].kind", "reward_unknown");
	wire_close(&w);
}

static void frozen_spends_nothing(void **state)
{
	struct wire w;
	const char *card;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	card = customer(&w, "c-1");
	ask_ok(&w, "member.freeze", "'request':'f-1','member':'%s'",
		field(ask_ok(&w, "card.lookup", "'card':'%s'", card), "result.member"));
	reply = ask_ok(&w, "sale.quote", "'card':'%s'," GOODS ",'redeem':[{'reward':'five-off'}]", card);
	assert_field(reply, "result.refused[0].reason", "member_frozen");
	assert_figure(reply, "result.payable", 2861);
	ask_refused(&w, "member_frozen", "sale.commit",
		"'request':'r-1','sale':'R-1','card':'%s'," GOODS ",'redeem':[{'reward':'five-off'}],'payable':2361", card);
	wire_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("of each kind of reward the quote is the commit", quote_is_commit, &usual),
		IN_SHOP("a quote tells what can be had, what cannot, and what may be added", quote_tells, &usual),
		IN_SHOP("what is refused writes nothing, and neither does training", refused_writes_nothing, &usual),
		IN_SHOP("partial returns end where one whole return ends", parts_are_the_whole, &usual),
		IN_SHOP("a void frees a cap, a return does not", void_frees_a_cap, &usual),
		IN_SHOP("a return reads the ledger, not the programme of its day", return_reads_the_ledger, &usual),
		IN_SHOP("a hold keeps its quote through a change of the programme", hold_keeps_the_quote, &usual),
		IN_SHOP("what was granted offline is a fact", offline_is_a_fact, &usual),
		IN_SHOP("who is frozen spends nothing", frozen_spends_nothing, &usual),
	};

	return cmocka_run_group_tests_name("rewards", tests, NULL, NULL);
}
