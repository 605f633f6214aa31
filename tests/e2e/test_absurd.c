/* SPDX-License-Identifier: Apache-2.0 */
/* Tickets that nobody would ring up: figures at their ends, baskets of nothing, faults on faults. What is accepted comes to what the rules say, and
 * the quote is the commit; what is refused writes nothing, and is accepted once it is mended. */
#include "tests/e2e/absurd.h"

#define MOST   "9007199254740991"
#define TEN(t) t "," t "," t "," t "," t "," t "," t "," t "," t "," t

static const struct shop_options absurd = {
	.points = "points {\n"
		  "	unit points {}\n"
		  "	unit coffee {}\n"
		  "	unit credit { kind = money }\n"
		  "	earn base { unit = points  per = \"1.00\" }\n"
		  "	earn stamps { unit = coffee  per-item = 1  when { category = coffee } }\n"
		  "	earn hundred { unit = points  multiplier = 100  when { tag = hundred } }\n"
		  "	earn thousand { unit = points  multiplier = 1000  when { tag = thousand } }\n"
		  "}\n",
	.config =
		"fraud { card-often = 0  adjusted-spent = 0  round-amounts = 0 }\n"
		"rewards {\n"
		"	reward five-off { unit = points  cost = 500  kind = amount  value = \"5.00\" }\n"
		"	reward euro { unit = points  cost = 1  kind = amount  value = \"1.00\" }\n"
		"	reward cent { unit = points  cost = 1  kind = amount  value = \"0.01\" }\n"
		"	reward grand { unit = points  cost = 1  kind = amount  value = \"90071992547409.91\" }\n"
		"	reward dear { unit = points  cost = " MOST "  kind = amount  value = \"1.00\" }\n"
		"	reward ten-pct { unit = points  cost = 300  kind = percent  value = 10 }\n"
		"	reward cheapest { unit = points  cost = 10  kind = percent  value = 100  of = cheapest }\n"
		"	reward book { unit = points  cost = 10  kind = amount  value = \"1.00\"  of = lines  when { category = book } }\n"
		"	reward free-one { unit = coffee  cost = 9  kind = product  skus = {espresso} }\n"
		"	reward purse { unit = points  cost = 100  kind = credit  value = \"1.50\"  to = credit }\n"
		"}\n"
		"offers {\n"
		"	offer radio { kind = amount  value = \"2.00\"  when { coupon = RADIO } }\n"
		"}\n"
};

#define GOODS         "'lines':[{'sku':'a','amount':1000}]"
#define LINES(...)    "'lines':[" __VA_ARGS__ "]"
#define REDEEM(what)  ",'redeem':[" what "]"
#define PAID(what)    ",'payments':[" what "]"
#define CREDIT(n)     "{'kind':'unit','unit':'credit','amount':" #n "}"
#define CASH          "{'kind':'other','amount':9007199254740991}"
#define HUNDRED_EUROS TEN(TEN("{'reward':'euro'}"))
#define CODES_31      TEN("'RADIO'") "," TEN("'RADIO'") "," TEN("'RADIO'") ",'RADIO'"

/* --- what comes to a figure --- */

/* Each card has 1,000 points, 20 stamps and a purse of 50.00. */
static const struct accepted {
	const char *name, *params, *wants; /* of the quote, and so of the commit */
} accepted[] = {
	{ "the dearest line there can be", LINES("{'sku':'a','amount':" MOST "}"),
		"total=" MOST " payable=" MOST " earn:points=90071992547409" },
	{ "all but the most points there can be", LINES("{'sku':'a','tags':['hundred'],'amount':9007199254739900}"),
		"earn:points=9007199254739900" },
	{ "a gram of coffee is an item", LINES("{'sku':'a','category':'coffee','quantity':0.001,'amount':1}"),
		"earn:coffee=1" },
	{ "nine million tons of coffee are an item, too",
		LINES("{'sku':'a','category':'coffee','quantity':9007199254740.991,'amount':100}"),
		"earn:coffee=1 earn:points=1" },
	{ "the most pieces there can be", LINES("{'sku':'a','category':'coffee','quantity':9007199254740,'amount':0}"),
		"earn:coffee=9007199254740 payable=0" },
	{ "zeros behind the point are no fraction", LINES("{'sku':'a','category':'coffee','quantity':2.000,'amount':0}"),
		"earn:coffee=2" },
	{ "a euro a point takes no more points than there are euros", GOODS REDEEM("{'reward':'euro','points':" MOST "}"),
		"payable=0 spend:points=10 earn:points=10" },
	{ "nor more times", GOODS REDEEM("{'reward':'euro','times':" MOST "}"), "payable=0 spend:points=10" },
	{ "a cent a point", GOODS REDEEM("{'reward':'cent','points':" MOST "}"), "payable=0 spend:points=1000" },
	{ "one multiple that is more than the basket", GOODS REDEEM("{'reward':'grand','times':" MOST "}"),
		"payable=0 spend:points=1 discounts[0].amount=1000" },
	{ "a started multiple costs whole",
		LINES("{'sku':'a','amount':300}") REDEEM("{'reward':'five-off','points':" MOST "}"),
		"payable=0 spend:points=500" },
	{ "bottles that are worth more than the goods, and a reward on these",
		LINES("{'sku':'a','amount':100},{'sku':'d','kind':'deposit','amount':-500}") REDEEM("{'reward':'five-off'}"),
		"total=-400 payable=-500 spend:points=500 earn:points=1" },
	{ "the most bottles there can be", LINES("{'sku':'a','amount':0},{'sku':'d','kind':'deposit','amount':-" MOST "}"),
		"total=-" MOST " payable=-" MOST " #earn=0" },
	{ "bottles alone", LINES("{'sku':'d','kind':'deposit','amount':-1}"), "payable=-1 due=-1 #earn=0 #discounts=0" },
	{ "a tip alone", LINES("{'sku':'t','kind':'tip','amount':" MOST "}"), "payable=" MOST " #earn=0" },
	{ "lines that cost nothing",
		LINES("{'sku':'a','amount':0},{'sku':'b','amount':0},{'sku':'c','kind':'tip','amount':0},"
		      "{'sku':'d','kind':'deposit','amount':0},{'sku':'e','amount':0,'protected':0}"),
		"payable=0 #earn=0 #discounts=0" },
	{ "a category, tags and words that nobody knows",
		LINES("{'sku':'\\u00e8','category':'\\u00e9','tags':['','x'],'label':'','amount':200}"), "earn:points=2" },
	{ "empty lists", GOODS ",'redeem':[],'coupons':[],'payments':[],'returns':[]", "payable=1000" },
	{ "weighed goods are free whole",
		LINES("{'sku':'espresso','quantity':0.532,'amount':500}") REDEEM("{'reward':'free-one'}"),
		"payable=0 spend:coffee=9" },
	{ "a cup is cheaper than a bag",
		LINES("{'sku':'espresso','quantity':0.532,'amount':500},{'sku':'espresso','quantity':2,'amount':301}")
			REDEEM("{'reward':'free-one'}"),
		"payable=650 spend:coffee=9 discounts[0].lines[0].line=1" },
	{ "what costs nothing already takes no stamps",
		LINES("{'sku':'espresso','amount':0},{'sku':'espresso','amount':300}")
			REDEEM("{'reward':'free-one','times':2}"),
		"payable=0 spend:coffee=9" },
	{ "the cheapest of the most pieces there can be",
		LINES("{'sku':'a','quantity':9007199254740,'amount':" MOST "}") REDEEM("{'reward':'cheapest'}"),
		"discounts[0].amount=1000 spend:points=10" },
	{ "the cheapest piece, not the cheapest line",
		LINES("{'sku':'a','quantity':3,'amount':1000},{'sku':'b','quantity':0.5,'amount':400}")
			REDEEM("{'reward':'cheapest'}"),
		"discounts[0].amount=333" },
	{ "what is protected whole", LINES("{'sku':'a','amount':1000,'protected':1000}"), "payable=1000 #earn=0" },
	{ "a protected part at its most", LINES("{'sku':'a','amount':" MOST ",'protected':" MOST "}"), "#earn=0" },
	{ "a reward on the unprotected cent",
		LINES("{'sku':'a','amount':1000,'protected':999}") REDEEM("{'reward':'five-off'}"),
		"payable=999 spend:points=500 #earn=0" },
	{ "a promotion of more than the basket",
		LINES("{'sku':'a','amount':1000},{'sku':'p','kind':'discount','amount':-5000}"),
		"total=-4000 payable=-4000 #earn=0" },
	{ "a promotion of more than its line leaves the others",
		LINES("{'sku':'a','amount':1000},{'sku':'b','amount':500},{'sku':'p','kind':'discount','on':0,'amount':-5000}"),
		"total=-3500 payable=-3500 earn:points=5" },
	{ "a hundred times the same reward", LINES("{'sku':'a','amount':10000}") REDEEM(HUNDRED_EUROS),
		"payable=0 spend:points=100 earn:points=100" },
	{ "a reward that fills the purse of a ticket of nothing",
		LINES("{'sku':'a','amount':0}") REDEEM("{'reward':'purse','times':10}"),
		"payable=0 spend:points=1000 #discounts=0" },
	{ "a purse that pays to the last cent", LINES("{'sku':'a','amount':5000}") PAID(CREDIT(4999) "," CREDIT(1)),
		"payable=5000 due=0 earn:points=50" },
	{ "cash beyond what there can be is not summed up", GOODS PAID(CASH "," CASH),
		"payable=1000 due=1000 earn:points=10" },
	{ "a purse that pays nothing", GOODS PAID(CREDIT(0)), "payable=1000 due=1000" },
	{ "a promotion on what is protected takes off nothing that earns",
		LINES("{'sku':'a','amount':1000,'protected':600},{'sku':'p','kind':'discount','on':0,'amount':-500}"),
		"total=500 payable=500 #earn=0" },
};

static void is_accepted(void **state)
{
	const struct accepted *row = *state;
	char *quoted, *reply;
	struct wire w;

	connect_to(&w, shop, DOOR_TRUST);
	customer(&w, 1000, 20, 5000);
	quoted = strdup(ask_ok(&w, "sale.quote", "'card':'%s',%s", card, row->params));
	wants_hold(quoted, row->wants);
	assert_int_equal(count_of(quoted, "result.refused"), 0);
	reply = ask_ok(&w, "sale.commit", "'request':'%s','sale':'%s','card':'%s','payable':%lld,%s", card, card, card,
		(long long)figure(quoted, "result.payable"), row->params);
	agree(quoted, reply);
	free(quoted);
	ask_ok(&w, "sale.void", "'request':'%s-v','sale':'%s'", card, card);
	balances_are(&w, 1000, 20, 5000);
	wire_close(&w);
}

/* --- what does not --- */

static const struct refused {
	const char *name, *reason, *params;
} refused[] = {
	{ "two of the dearest lines", "params_invalid", LINES("{'sku':'a','amount':" MOST "},{'sku':'b','amount':1}") },
	{ "a tip beside the dearest line", "params_invalid",
		LINES("{'sku':'a','amount':" MOST "},{'sku':'t','kind':'tip','amount':1}") },
	{ "more bottles than there can be", "params_invalid",
		LINES("{'sku':'d','kind':'deposit','amount':-" MOST "},{'sku':'d','kind':'deposit','amount':-1}") },
	{ "a promotion on more bottles than there can be", "params_invalid",
		LINES("{'sku':'d','kind':'deposit','amount':-" MOST "},{'sku':'p','kind':'discount','amount':-1}") },
	{ "a line beyond the dearest", "params_invalid", LINES("{'sku':'a','amount':9007199254740992}") },
	{ "a line beyond 64 bits", "params_invalid", LINES("{'sku':'a','amount':18446744073709552616}") },
	{ "an amount with a fraction", "params_invalid", LINES("{'sku':'a','amount':1000.0}") },
	{ "an amount with an exponent", "params_invalid", LINES("{'sku':'a','amount':1e3}") },
	{ "goods that cost less than nothing", "params_invalid", LINES("{'sku':'a','amount':-1}") },
	{ "a promotion that adds", "params_invalid",
		LINES("{'sku':'a','amount':1000},{'sku':'p','kind':'discount','amount':1}") },
	{ "a tip taken back", "params_invalid", LINES("{'sku':'t','kind':'tip','amount':-1}") },
	{ "a top-up taken back", "params_invalid", LINES("{'sku':'t','kind':'topup','unit':'credit','amount':-1}") },
	{ "more points than there can be", "params_invalid", LINES("{'sku':'a','tags':['thousand'],'amount':" MOST "}") },
	{ "a balance beyond what there can be", "params_invalid",
		LINES("{'sku':'a','tags':['hundred'],'amount':" MOST "}") },
	{ "two multipliers beyond what there can be", "params_invalid",
		LINES("{'sku':'a','tags':['hundred','thousand'],'amount':10000000000000}") },
	{ "a purse beyond what there can be", "params_invalid",
		LINES("{'sku':'t','kind':'topup','unit':'credit','amount':" MOST "}") },
	{ "a quantity beyond the greatest", "params_invalid", LINES("{'sku':'a','quantity':9007199254740.992,'amount':1}") },
	{ "a quantity of four decimals", "params_invalid", LINES("{'sku':'a','quantity':0.0001,'amount':1}") },
	{ "a quantity of nothing", "params_invalid", LINES("{'sku':'a','quantity':0.000,'amount':1}") },
	{ "a quantity below nothing", "params_invalid", LINES("{'sku':'a','quantity':-1,'amount':1}") },
	{ "more protected than there is", "params_invalid", LINES("{'sku':'a','amount':1000,'protected':1001}") },
	{ "protected below nothing", "params_invalid", LINES("{'sku':'a','amount':1000,'protected':-1}") },
	{ "a promotion on a promotion", "params_invalid",
		LINES("{'sku':'a','amount':1000},{'sku':'p','kind':'discount','amount':-1},{'sku':'q','kind':'discount','on':1,'amount':-1}") },
	{ "a promotion on itself", "params_invalid",
		LINES("{'sku':'p','kind':'discount','on':0,'amount':-1},{'sku':'a','amount':1000}") },
	{ "a promotion on a line that is not there", "params_invalid",
		LINES("{'sku':'a','amount':1000},{'sku':'p','kind':'discount','on':2,'amount':-1}") },
	{ "a promotion before the first line", "params_invalid",
		LINES("{'sku':'a','amount':1000},{'sku':'p','kind':'discount','on':-1,'amount':-1}") },
	{ "a zero byte in a code", "params_invalid", LINES("{'sku':'\\u0000','amount':1}") },
	{ "goods without a code", "params_invalid", LINES("{'sku':'','amount':1}") },
	{ "an empty category", "params_invalid", LINES("{'sku':'a','category':'','amount':1}") },
	{ "a kind of line that is none", "params_invalid", LINES("{'sku':'a','kind':'','amount':1}") },
	{ "a reward without a name", "params_invalid", GOODS REDEEM("{'reward':''}") },
	{ "no times of a reward", "params_invalid", GOODS REDEEM("{'reward':'euro','times':0}") },
	{ "no points of a reward", "params_invalid", GOODS REDEEM("{'reward':'euro','points':0}") },
	{ "a basket of nothing", "params_invalid", LINES("") },
	{ "the dearest reward twice", "params_invalid", GOODS REDEEM("{'reward':'dear','times':2}") },
	{ "the dearest reward", "insufficient_points", GOODS REDEEM("{'reward':'dear'}") },
	{ "the dearest reward and a cheap one", "insufficient_points", GOODS REDEEM("{'reward':'euro'},{'reward':'dear'}") },
	{ "more than the whole balance, over two rewards", "insufficient_points",
		LINES("{'sku':'a','amount':2000}") REDEEM("{'reward':'five-off','times':2},{'reward':'euro'}") },
	{ "what this ticket alone would earn", "insufficient_points",
		LINES("{'sku':'a','amount':900000}") REDEEM("{'reward':'five-off','times':3}") },
	{ "a percentage of nothing", "reward_unavailable", LINES("{'sku':'a','amount':0}") REDEEM("{'reward':'ten-pct'}") },
	{ "an amount off nothing", "reward_unavailable", LINES("{'sku':'a','amount':0}") REDEEM("{'reward':'five-off'}") },
	{ "an amount off what is protected", "reward_unavailable",
		LINES("{'sku':'a','amount':1000,'protected':1000}") REDEEM("{'reward':'five-off'}") },
	{ "an amount off what a promotion has eaten", "reward_unavailable",
		LINES("{'sku':'a','amount':1000},{'sku':'p','kind':'discount','amount':-5000}")
			REDEEM("{'reward':'five-off'}") },
	{ "an amount off a tip", "reward_unavailable",
		LINES("{'sku':'t','kind':'tip','amount':1000}") REDEEM("{'reward':'five-off'}") },
	{ "an amount off lines that are not there", "reward_unavailable", GOODS REDEEM("{'reward':'book'}") },
	{ "the same reward once more than the basket bears", "reward_unavailable",
		LINES("{'sku':'a','amount':9900}") REDEEM(HUNDRED_EUROS) },
	{ "the same reward a hundred and one times", "params_invalid",
		LINES("{'sku':'a','amount':90000}") REDEEM(HUNDRED_EUROS ",{'reward':'euro'}") },
	{ "a free product that is not in the basket", "reward_unavailable", GOODS REDEEM("{'reward':'free-one'}") },
	{ "a choice that is not in the basket", "reward_unavailable",
		LINES("{'sku':'espresso','amount':200}") REDEEM("{'reward':'free-one','choice':'lungo'}") },
	{ "a choice that is in the basket and not free", "reward_unavailable",
		LINES("{'sku':'espresso','amount':200},{'sku':'a','amount':1}")
			REDEEM("{'reward':'free-one','choice':'a'}") },
	{ "a free product twice where there is one", "reward_unavailable",
		LINES("{'sku':'espresso','amount':200}") REDEEM("{'reward':'free-one'},{'reward':'free-one'}") },
	{ "a code thirty-three times", "params_invalid", GOODS ",'coupons':[" CODES_31 ",'RADIO','RADIO']" },
	{ "a code of nothing", "code_malformed", GOODS ",'coupons':['']" },
	{ "a code and nothing to take it off", "reward_unavailable",
		LINES("{'sku':'a','amount':0}") ",'coupons':['RADIO']" },
	{ "a code nobody knows beside one that is good", "code_unknown", GOODS ",'coupons':['RADIO','TV']" },
	{ "a till that knows better", "total_mismatch", GOODS ",'coupons':['RADIO']" },
	{ "a purse that pays more than is asked", "params_invalid", GOODS PAID(CREDIT(1001)) },
	{ "two payments that are more than is asked", "params_invalid", GOODS PAID(CREDIT(600) "," CREDIT(401)) },
	{ "a purse that pays what a code has taken off", "params_invalid", GOODS ",'coupons':['RADIO']" PAID(CREDIT(801)) },
	{ "payments beyond what there can be", "params_invalid", GOODS PAID(CREDIT(9007199254740992)) },
	{ "a purse that pays for bottles brought back", "params_invalid",
		LINES("{'sku':'d','kind':'deposit','amount':-100}") PAID(CREDIT(1)) },
	{ "a payment taken back", "params_invalid", GOODS PAID(CREDIT(-1)) },
	{ "a purse that is not so full", "insufficient_points", LINES("{'sku':'a','amount':6000}") PAID(CREDIT(5001)) },
	{ "a purse that is filled on the same ticket", "insufficient_points",
		LINES("{'sku':'a','amount':6000},{'sku':'t','kind':'topup','unit':'credit','amount':1000}")
			PAID(CREDIT(5001)) },
	{ "a purse that a reward fills on the same ticket", "insufficient_points",
		LINES("{'sku':'a','amount':6000}") REDEEM("{'reward':'purse'}") PAID(CREDIT(5001)) },
	{ "points as money", "unit_unknown", GOODS PAID("{'kind':'unit','unit':'points','amount':1}") },
	{ "a unit that is not there as money", "unit_unknown", GOODS PAID("{'kind':'unit','unit':'gold','amount':1}") },
	{ "a unit for goods", "params_invalid", LINES("{'sku':'a','unit':'credit','amount':1000}") },
	{ "a load of a unit that is not there", "unit_unknown",
		LINES("{'sku':'t','kind':'topup','unit':'gold','amount':1000}") },
	{ "a return of nothing", "params_invalid", GOODS ",'returns':[{'sale':''}]" },
	{ "a return of what was never sold", "sale_unknown", GOODS ",'returns':[{'sale':'never'}]" },
	{ "the same code thirty-two times", "code_spent", GOODS ",'coupons':[" CODES_31 ",'RADIO']" },
	{ "what only a later version knows", "params_invalid", GOODS ",'redemptions':[]" },
};

static void is_refused(void **state)
{
	const struct refused *row = *state;
	struct traces before;
	struct wire w;

	connect_to(&w, shop, DOOR_TRUST);
	customer(&w, 1000, 20, 5000);
	before = traces_of(&w);
	ask_refused(&w, row->reason, "sale.commit", "'request':'%s','sale':'%s','card':'%s','payable':1000,%s", card, card,
		card, row->params);
	traces_same(&w, before);
	balances_are(&w, 1000, 20, 5000);
	ask_ok(&w, "sale.commit", "'request':'%s','sale':'%s','card':'%s','payable':1000," GOODS, card, card, card);
	balances_are(&w, 1010, 20, 5000);
	wire_close(&w);
}

/* --- other commands --- */

static const struct command {
	const char *name, *method, *reason, *params, *mended;
} commands[] = {
#define HOLD(name, reason, params) \
	{ \
		name, "sale.hold", reason, params, "'unit':'points','points':1000,'ttl':2592000" \
	}
	HOLD("a hold of no time", "params_invalid", "'unit':'points','points':1,'ttl':0"),
	HOLD("a hold of less than no time", "params_invalid", "'unit':'points','points':1,'ttl':-1"),
	HOLD("a hold for longer than a month", "params_invalid", "'unit':'points','points':1,'ttl':2592001"),
	HOLD("a hold for ever", "params_invalid", "'unit':'points','points':1,'ttl':" MOST),
	HOLD("a hold of nothing", "params_invalid", "'unit':'points','points':0"),
	HOLD("a hold of less than nothing", "params_invalid", "'unit':'points','points':-1"),
	HOLD("a hold of one more than there is", "insufficient_points", "'unit':'points','points':1001"),
	HOLD("a hold of the most there can be", "insufficient_points", "'unit':'points','points':" MOST),
	HOLD("a hold of a unit that is not there", "unit_unknown", "'unit':'gold','points':1"),
	HOLD("a hold of a basket and of points", "params_invalid", GOODS ",'unit':'points','points':1"),
	HOLD("a hold of the dearest reward twice", "params_invalid", GOODS REDEEM("{'reward':'dear','times':2}")),
	HOLD("a hold of what the basket does not bear", "reward_unavailable", GOODS REDEEM("{'reward':'book'}")),
#define ADJUST(name, reason, params) \
	{ \
		name, "balance.adjust", reason, "'reason':'x'," params, "'reason':'x','unit':'points','points':-1000" \
	}
	ADJUST("an adjustment of nothing", "params_invalid", "'unit':'points','points':0"),
	ADJUST("an adjustment to less than nothing", "insufficient_points", "'unit':'points','points':-1001"),
	ADJUST("an adjustment by the least there can be", "insufficient_points", "'unit':'points','points':-" MOST),
	ADJUST("an adjustment beyond what there can be", "params_invalid", "'unit':'points','points':" MOST),
	ADJUST("an adjustment of a unit that is not there", "unit_unknown", "'unit':'gold','points':1"),
#define FACT(number, payable, more) "'sale':'fact-" number "','offline':true,'payable':" payable "," GOODS more
	{ "a fact further from its quote than a figure goes", "sale.commit", "params_invalid", FACT("1", "-" MOST, ""),
		FACT("1", "-9007199254739991", "") },
	{ "a fact of which more is due than a figure goes", "sale.commit", "params_invalid",
		FACT("2", "-9007199254739991", PAID("{'kind':'unit','unit':'credit','amount':" MOST "}")),
		FACT("2", MOST, "") },
};

static void is_no_command(void **state)
{
	const struct command *row = *state;
	struct traces before;
	struct wire w;

	connect_to(&w, shop, DOOR_TRUST);
	customer(&w, 1000, 20, 5000);
	before = traces_of(&w);
	ask_refused(&w, row->reason, row->method, "'request':'%s','card':'%s',%s", card, card, row->params);
	traces_same(&w, before);
	ask_ok(&w, row->method, "'request':'%s','card':'%s',%s", card, card, row->mended);
	wire_close(&w);
}

/* --- two faults at once --- */

static char holds[2][72]; /* of somebody else; captured */

#define OTHERS   0
#define CAPTURED 1

static const struct pair {
	const char *name, *reason, *who, *params;
	int hold; /* -1: none */
} pairs[] = {
#define NEVER_SOLD   ",'returns':[{'sale':'never'}]"
#define TOO_MUCH     ",'returns':[{'sale':'TAKEN','lines':[{'line':0,'amount':1001}]}]"
#define LATER        "'at':'2999-01-01T00:00:00Z',"
#define UNKNOWN_UNIT PAID("{'kind':'unit','unit':'gold','amount':1}")
	{ "a word too many, before the request", "params_invalid", "CARD-1", "'request':'known','x':1,'sale':'S'," GOODS,
		-1 },
	{ "a basket of nothing, before the request", "params_invalid", "CARD-1", "'request':'known','sale':'S','lines':[]",
		-1 },
	{ "the request, before the clock", "request_conflict", "CARD-1", LATER "'request':'known','sale':'S'," GOODS, -1 },
	{ "the request, before the card", "request_conflict", "BLOCKED", "'request':'known','sale':'S'," GOODS, -1 },
	{ "the clock, before a card with a wrong digit", "clock", "4006381333932", LATER "'sale':'S'," GOODS, -1 },
	{ "the clock, before a blocked card", "clock", "BLOCKED", LATER "'sale':'S'," GOODS, -1 },
	{ "a card with a wrong digit, before the number", "card_malformed", "4006381333932", "'sale':'TAKEN'," GOODS, -1 },
	{ "a blocked card, before the number", "card_blocked", "BLOCKED", "'sale':'TAKEN'," GOODS, -1 },
	{ "the number of a return, before the hold", "sale_exists", "CARD-1", "'sale':'BACK'," GOODS, OTHERS },
	{ "somebody else's hold, before the returns", "hold_unknown", "CARD-1", "'sale':'S'," GOODS NEVER_SOLD, OTHERS },
	{ "a hold that is captured, before the returns", "hold_resolved", "FROZEN", "'sale':'S'," GOODS NEVER_SOLD,
		CAPTURED },
	{ "a hold that is captured, before the freeze", "hold_resolved", "FROZEN",
		"'sale':'S'," GOODS REDEEM("{'reward':'euro'}"), CAPTURED },
	{ "the returns, before the freeze", "sale_unknown", "FROZEN",
		"'sale':'S'," GOODS NEVER_SOLD REDEEM("{'reward':'euro'}"), -1 },
	{ "returns of too much, before the freeze", "return_exceeds_sale", "FROZEN",
		"'sale':'S'," GOODS TOO_MUCH REDEEM("{'reward':'euro'}"), -1 },
	{ "returns of too much, before the payments", "return_exceeds_sale", "CARD-1",
		"'sale':'S'," GOODS TOO_MUCH UNKNOWN_UNIT, -1 },
	{ "the freeze, before a unit that is not there", "member_frozen", "FROZEN", "'sale':'S'," GOODS UNKNOWN_UNIT, -1 },
	{ "the freeze, before a purse that is not so full", "member_frozen", "FROZEN",
		"'sale':'S'," LINES("{'sku':'a','amount':6000}") PAID(CREDIT(5001)), -1 },
	{ "the freeze, before a reward that is not there", "member_frozen", "FROZEN",
		"'sale':'S'," GOODS REDEEM("{'reward':'gone'}"), -1 },
	{ "the freeze, before a code that nobody knows", "member_frozen", "FROZEN",
		"'sale':'S'," GOODS REDEEM("{'reward':'euro'}") ",'coupons':['TV']", -1 },
	{ "a unit that is not there, before a reward that is not", "unit_unknown", "CARD-1",
		"'sale':'S'," GOODS UNKNOWN_UNIT REDEEM("{'reward':'gone'}"), -1 },
	{ "a purse that is not so full, before a reward that is not there", "insufficient_points", "CARD-1",
		"'sale':'S'," LINES("{'sku':'a','amount':600000}") PAID(CREDIT(500001)) REDEEM("{'reward':'gone'}"), -1 },
	{ "a purse that is not so full, before a code that nobody knows", "insufficient_points", "CARD-1",
		"'sale':'S'," LINES("{'sku':'a','amount':600000}") PAID(CREDIT(500001)) ",'coupons':['TV']", -1 },
	{ "a reward that is not there, before the total", "reward_unknown", "CARD-1",
		"'sale':'S'," LINES("{'sku':'a','amount':1}") REDEEM("{'reward':'gone'}"), -1 },
	{ "a reward that cannot be had, before the total", "reward_unavailable", "CARD-1",
		"'sale':'S'," LINES("{'sku':'a','amount':1}") REDEEM("{'reward':'book'}"), -1 },
	{ "a code that is none, before the total", "code_unknown", "CARD-1",
		"'sale':'S'," LINES("{'sku':'a','amount':1}") ",'coupons':['TV']", -1 },
};

/* A frozen member, a blocked card, numbers taken and holds that are of no use: once for all pairs. */
static void faults_make(void **state)
{
	struct wire w;

	(void)state;
	connect_to(&w, shop, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'e-f','card':'FROZEN'");
	ask_ok(&w, "balance.adjust", "'request':'a-f','card':'FROZEN','unit':'points','points':1000,'reason':'x'");
	strcpy(holds[OTHERS],
		field(ask_ok(&w, "sale.hold", "'request':'h-o','card':'FROZEN','unit':'points','points':1"), "result.hold"));
	strcpy(holds[CAPTURED], field(ask_ok(&w, "sale.hold", "'request':'h-c','card':'FROZEN'," GOODS), "result.hold"));
	ask_ok(&w, "sale.commit", "'request':'known','sale':'TAKEN','card':'FROZEN','payable':1000,'hold':'%s'," GOODS,
		holds[CAPTURED]);
	ask_ok(&w, "sale.return", "'request':'b','return':'BACK','sale':'TAKEN','lines':[{'line':0,'amount':1}]");
	ask_ok(&w, "member.freeze", "'request':'f','member':'%s'",
		field(ask_ok(&w, "card.lookup", "'card':'FROZEN'"), "result.member"));
	ask_ok(&w, "member.enroll", "'request':'e-b','card':'BLOCKED'");
	ask_ok(&w, "card.block", "'request':'b-b','card':'BLOCKED','reason':'lost'");
	wire_close(&w);
}

static void is_first(void **state)
{
	const struct pair *row = *state;
	const char *known = strstr(row->params, "'request'");
	struct traces before;
	struct wire w;
	char text[128];

	connect_to(&w, shop, DOOR_TRUST);
	before = traces_of(&w);
	snprintf(text, sizeof(text), "%s%s%s%s", known ? "" : "'request':'new',", row->hold < 0 ? "" : "'hold':'",
		row->hold < 0 ? "" : holds[row->hold], row->hold < 0 ? "" : "',");
	ask_refused(&w, row->reason, "sale.commit", "%s'card':'%s','payable':2,%s", text, row->who, row->params);
	traces_same(&w, before);
	wire_close(&w);
}

/* --- as many lines as there can be --- */

#define MANY 1000

/* @param line of one line, by its number @return to be freed */
static char *lines_of(int count, void (*line)(char *out, size_t size, int i))
{
	char *text = calloc((size_t)count, 80), *at = text;

	for (int i = 0; i < count; i++) {
		line(at, 79, i);
		at += strlen(at);
		if (i < count - 1)
			*at++ = ',';
	}
	return text;
}

static void free_line(char *out, size_t size, int i)
{
	snprintf(out, size, "{'sku':'a-%d','amount':0}", i);
}

static void cent_line(char *out, size_t size, int i)
{
	snprintf(out, size, "{'sku':'a-%d','amount':1}", i);
}

static void many_lines(void **state)
{
	char *nothing = lines_of(MANY, free_line), *cents = lines_of(MANY, cent_line), *over = lines_of(MANY + 1, cent_line);
	struct traces before;
	struct wire w;
	char *reply;

	(void)state;
	connect_to(&w, shop, DOOR_TRUST);
	customer(&w, 1000, 20, 5000);
	before = traces_of(&w);
	ask_refused(&w, "params_invalid", "sale.quote", "'card':'%s','lines':[%s]", card, over);
	ask_refused(&w, "params_invalid", "sale.commit", "'request':'%s','sale':'%s','payable':1001,'lines':[%s]", card,
		card, over);
	traces_same(&w, before);
	wants_hold(ask_ok(&w, "sale.quote", "'card':'%s','lines':[%s]", card, nothing),
		"total=0 payable=0 #earn=0 #discounts=0");
	/* A tenth of each cent, rounded once: the lower hundred lines give theirs whole. */
	reply = ask_ok(&w, "sale.commit",
		"'request':'%s','sale':'%s','card':'%s','payable':900,'redeem':[{'reward':'ten-pct'}],'lines':[%s]", card,
		card, card, cents);
	wants_hold(reply,
		"payable=900 #discounts[0].lines=100 discounts[0].lines[99].line=99 discounts[0].lines[99].amount=1");
	wants_hold(reply, "earned:points=10");
	wants_hold(ask_ok(&w, "sale.return", "'request':'%s-b','return':'%s-b','sale':'%s'", card, card, card),
		"refund.amount=900 reversed:points=10 restored:points=300");
	balances_are(&w, 1000, 20, 5000);
	free(nothing);
	free(cents);
	free(over);
	wire_close(&w);
}

/* --- as many rules as nobody has --- */

#define RULES   50
#define OFFERS  20
#define RULE(n) "	earn r" #n " { unit = points  per = \"1.00\"  when { category = c" #n " } }\n"
#define OFFER(n) \
	"	offer o" #n " { auto = true  priority = " #n \
	"  kind = percent  value = 10  of = lines  when { category = c" #n " } }\n"
#define TEN_OF(what, d) \
	what(d##0) what(d##1) what(d##2) what(d##3) what(d##4) what(d##5) what(d##6) what(d##7) what(d##8) what(d##9)

static const struct shop_options many_rules = { .points = "points {\n	unit points {}\n" TEN_OF(RULE, ) TEN_OF(RULE, 1)
							TEN_OF(RULE, 2) TEN_OF(RULE, 3) TEN_OF(RULE, 4) "}\n",
	.config = "offers {\n" TEN_OF(OFFER, ) TEN_OF(OFFER, 1) "}\n" };

/* A tenth of it can be told without rounding. */
static int64_t amount_of(int i)
{
	return 10 * (1 + i % 97);
}

static void kind_line(char *out, size_t size, int i)
{
	snprintf(out, size, "{'sku':'a-%d','category':'c%d','amount':%lld}", i, i % RULES, (long long)amount_of(i));
}

/* Offers take a tenth of the first twenty categories, dearest priority first; each rule gives a point a euro of what is left of its own. */
static void many_rules_are_reckoned(void **state)
{
	char *lines = lines_of(MANY, kind_line), wants[256], *quoted, *reply;
	int64_t total = 0, payable = 0, points = 0;
	struct wire w;

	shop = *state;
	for (int r = 0; r < RULES; r++) {
		int64_t sum = 0;

		for (int i = r; i < MANY; i += RULES)
			sum += amount_of(i);
		total += sum;
		sum -= r < OFFERS ? sum / 10 : 0;
		payable += sum;
		points += sum / 100;
	}
	connect_to(&w, shop, DOOR_TRUST);
	customer(&w, 0, 0, 0);
	quoted = strdup(ask_ok(&w, "sale.quote", "'card':'%s','lines':[%s]", card, lines));
	snprintf(wants, sizeof(wants),
		"total=%lld payable=%lld earn:points=%lld #discounts=%d #discounts[0].lines=%d discounts[0].lines[1].line=%d",
		(long long)total, (long long)payable, (long long)points, OFFERS, MANY / RULES, OFFERS - 1 + RULES);
	wants_hold(quoted, wants);
	reply = ask_ok(&w, "sale.commit", "'request':'%s','sale':'%s','card':'%s','payable':%lld,'lines':[%s]", card, card,
		card, (long long)payable, lines);
	agree(quoted, reply);
	free(quoted);
	snprintf(wants, sizeof(wants), "refund.amount=%lld reversed:points=%lld balances.points=0", (long long)payable,
		(long long)points);
	wants_hold(ask_ok(&w, "sale.return", "'request':'%s-b','return':'%s-b','sale':'%s'", card, card, card), wants);
	free(lines);
	wire_close(&w);
}

static int open_absurd(void **state)
{
	(void)state;
	return shared_open(&absurd);
}

int main(void)
{
	struct CMUnitTest rows[COUNT(accepted) + COUNT(refused) + COUNT(commands) + COUNT(pairs) + 3];
	const struct CMUnitTest many[] = {
		IN_SHOP("a thousand lines, twenty offers and fifty rules come to what is reckoned by hand",
			many_rules_are_reckoned, &many_rules),
	};
	size_t n = 0;

#define ROW(sentence, function, at) \
	(struct CMUnitTest) \
	{ \
		sentence, function, NULL, NULL, (void *)(uintptr_t)(at) \
	}
	for (size_t i = 0; i < COUNT(accepted); i++)
		rows[n++] = ROW(accepted[i].name, is_accepted, &accepted[i]);
	for (size_t i = 0; i < COUNT(refused); i++)
		rows[n++] = ROW(refused[i].name, is_refused, &refused[i]);
	for (size_t i = 0; i < COUNT(commands); i++)
		rows[n++] = ROW(commands[i].name, is_no_command, &commands[i]);
	rows[n++] = ROW("a frozen member, a blocked card, numbers and holds of no use", faults_make, NULL);
	for (size_t i = 0; i < COUNT(pairs); i++)
		rows[n++] = ROW(pairs[i].name, is_first, &pairs[i]);
	rows[n++] = ROW("a thousand lines are priced, one more is refused", many_lines, NULL);
	rows[n++] = ROW("the ledger is sound afterwards", shared_is_sound, NULL);
	return cmocka_run_group_tests_name("absurd", rows, open_absurd, shared_close) +
	       cmocka_run_group_tests_name("many_rules", many, NULL, NULL);
}
