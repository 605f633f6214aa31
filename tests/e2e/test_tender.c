/* SPDX-License-Identifier: Apache-2.0 */
/* Stored value from end to end: gift cards sold, paid with, returned, blocked and replaced; top-ups; households; what is refused. */
#include "tests/e2e/scene.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

#define VALUE \
	"points { unit \"points\" {}  unit \"credit\" { kind = money }  earn \"base\" { unit = points  per = \"1.00\" } }\n"
#define GIFT  "9000000000000001" /* sixteen digits, as a bearer's card has at least */
#define OTHER "9000000000000027"

#define ITEM(amount)          "{'sku':'a','amount':" #amount "}"
#define SELLS(amount, card)   "{'sku':'g','kind':'gift_card','amount':" #amount ",'unit':'credit','card':'" card "'}"
#define TOPS_UP(amount, more) "{'sku':'t','kind':'topup','amount':" #amount ",'unit':'credit'" more "}"
#define PAYS(amount, more)    "'payments':[{'kind':'unit','unit':'credit','amount':" #amount more "}]"
#define CARD(number)          ",'card':'" number "'"
#define SOLD(number, lines, payable, more, ...) \
	ASK("sale.commit", "'sale':'" number "','lines':[" lines "],'payable':" #payable more, __VA_ARGS__)
#define NOT_SOLD(reason, lines, payable, more) \
	REFUSED(reason, "sale.commit", "'sale':'X','lines':[" lines "],'payable':" #payable more)
#define HAS(card, credit)    ASK("card.lookup", "'card':'" card "'", WANT("balances.credit", #credit))
#define LOADED(card, amount) SOLD("L-" card, SELLS(amount, card), amount, "", WANT("payable", #amount))
#define BY_ONE               ",'card':'CARD-1'"

static const struct scene scenes[] = {
	/* --- gift cards --- */
	{ "a gift card is sold, and pays", VALUE,
		{ LOADED(GIFT, 2500), HAS(GIFT, 2500),
			SOLD("S", ITEM(1000), 1000, BY_ONE "," PAYS(600, CARD(GIFT)), WANT("due", "400"),
				WANT("payable", "1000"), WANT("earned[0].points", "10"), WANT("spent[0]", NULL),
				WANT("balances.credit", "0")),
			HAS(GIFT, 1900),
			ASK("balance.history", "'card':'" GIFT "'", WANT("entries[0].kind", "pay"),
				WANT("entries[0].points", "-600"), WANT("entries[1].kind", "load"),
				WANT("entries[1].sale", "L-" GIFT)) } },
	{ "it is nobody's", VALUE,
		{ LOADED(GIFT, 2500),
			ASK("card.lookup", "'card':'" GIFT "'", WANT("member", NULL), WANT("name", NULL),
				WANT("card.number", GIFT), WANT("card.status", "active"), WANT("held.credit", "0"),
				WANT("pending.credit", "0"), WANT("tier", "null"), WANT("stats.purchases", "0")),
			ASK("system.status", "", WANT("members", "3")),
			REFUSED("card_in_use", "member.enroll", "'card':'" GIFT "'"),
			REFUSED("member_unknown", "sale.list", "'card':'" GIFT "'"),
			ASK("sale.show", "'sale':'L-" GIFT "'", WANT("member", NULL)),
			SOLD("S", ITEM(1000), 1000, "", WANT("due", "1000")),
			REFUSED("member_unknown", "sale.claim", "'sale':'S'" CARD(GIFT)),
			ASK("balance.adjust", "'card':'" GIFT "','unit':'credit','points':-100,'reason':'wrong card'",
				WANT("balances.credit", "2400")) } },
	{ "as the sale's own card it pays without being named", VALUE,
		{ LOADED(GIFT, 2500),
			SOLD("S", ITEM(1000), 1000, CARD(GIFT) "," PAYS(1000, ""), WANT("due", "0"),
				WANT("earned[0]", NULL)),
			HAS(GIFT, 1500), ASK("sale.show", "'sale':'S'", WANT("member", NULL)),
			NOT_SOLD("params_invalid", ITEM(1000), 1000, CARD(GIFT) ",'redeem':[{'reward':'r'}]"),
			ASK("sale.claim", "'sale':'S'" BY_ONE, WANT("balances.points", "10")) } },
	{ "before it is sold it is no card", VALUE,
		{ NOT_SOLD("card_unknown", ITEM(1000), 1000, "," PAYS(100, CARD(GIFT))),
			REFUSED("card_unknown", "card.lookup", "'card':'" GIFT "'"),
			ASK("sale.quote", "'lines':[" SELLS(2500, GIFT) "]", WANT("payable", "2500")),
			REFUSED("card_unknown", "card.lookup", "'card':'" GIFT "'"),
			NOT_SOLD("card_unknown", ITEM(1000) "," SELLS(2500, GIFT), 3500, "," PAYS(100, CARD(GIFT))),
			ASK("sale.commit", "'training':true,'sale':'S','lines':[" SELLS(2500, GIFT) "],'payable':2500",
				WANT("payable", "2500")),
			REFUSED("card_unknown", "card.lookup", "'card':'" GIFT "'") } },
	{ "what is too short to be a secret is not sold", VALUE,
		{ NOT_SOLD("card_malformed", SELLS(2500, "2900000000018"), 2500, ""),
			NOT_SOLD("card_malformed", SELLS(2500, "900000000000000"), 2500, ""),
			NOT_SOLD("card_malformed", SELLS(2500, "GIFTCARDGIFTCARD"), 2500, ""),
			NOT_SOLD("card_malformed", ITEM(1000), 1000, "," PAYS(100, CARD("2900000000017"))),
			REFUSED("card_malformed", "sale.quote",
				"'lines':[" ITEM(1000) "]," PAYS(100, CARD("2900000000017"))) } },
	{ "nor a member's card", VALUE,
		{ NOT_SOLD("card_in_use", SELLS(2500, "CARD-1"), 2500, ""),
			NOT_SOLD("card_in_use", SELLS(2500, "CARD-1"), 2500, BY_ONE) } },
	{ "it is loaded again, by a sale or a top-up", VALUE,
		{ LOADED(GIFT, 2500), SOLD("S", SELLS(500, GIFT), 500, ""), SOLD("T", TOPS_UP(700, CARD(GIFT)), 700, BY_ONE),
			HAS(GIFT, 3700) } },
	{ "it comes back whole, for what is left of it", VALUE,
		{ LOADED(GIFT, 2500), SOLD("S", ITEM(1000), 1000, "," PAYS(600, CARD(GIFT))),
			ASK("sale.return", "'return':'R','sale':'L-" GIFT "'", WANT("refund.amount", "2500"),
				WANT("refund.units[0]", NULL), WANT("reversed[0].unit", "credit"),
				WANT("reversed[0].points", "2500")),
			HAS(GIFT, -600) } },
	{ "as clamped, what is gone is not collected", "points { unit \"credit\" { kind = money  shortfall = clamp } }\n",
		{ LOADED(GIFT, 2500), SOLD("S", ITEM(1000), 1000, "," PAYS(600, CARD(GIFT))),
			ASK("sale.return", "'return':'R','sale':'L-" GIFT "'", WANT("reversed[0].points", "1900"),
				WANT("uncollected[0].points", "600")),
			HAS(GIFT, 0) } },
	{ "a voided one holds nothing", VALUE,
		{ LOADED(GIFT, 2500), ASK("sale.void", "'sale':'L-" GIFT "'"), HAS(GIFT, 0) } },
	{ "what it paid goes back to it first", VALUE,
		{ LOADED(GIFT, 2500),
			SOLD("S", "{'sku':'a','quantity':2,'amount':1000}", 1000, BY_ONE "," PAYS(600, CARD(GIFT))),
			ASK("sale.return", "'return':'R','sale':'S','lines':[{'line':0,'quantity':1}]",
				WANT("refund.amount", "500"), WANT("refund.units[0].points", "300"),
				WANT("reversed[0].points", "5")),
			HAS(GIFT, 2200),
			ASK("sale.quote", "'lines':[],'returns':[{'sale':'S'}]", WANT("payable", "-500"),
				WANT("due", "-200")),
			ASK("sale.return", "'return':'R2','sale':'S'", WANT("refund.units[0].points", "300")),
			HAS(GIFT, 2500) } },
	{ "a blocked one neither pays nor is loaded, and is replaced with all that is on it", VALUE,
		{ LOADED(GIFT, 2500),
			ASK("card.block", "'card':'" GIFT "','reason':'lost'", WANT("card.status", "blocked"),
				WANT("member", NULL)),
			NOT_SOLD("card_blocked", ITEM(1000), 1000, "," PAYS(100, CARD(GIFT))),
			NOT_SOLD("card_blocked", TOPS_UP(100, CARD(GIFT)), 100, BY_ONE),
			NOT_SOLD("card_blocked", SELLS(100, GIFT), 100, ""),
			NOT_SOLD("card_blocked", ITEM(1000), 1000, CARD(GIFT)),
			ASK("sale.quote", "'lines':[" ITEM(1000) "]," PAYS(100, CARD(GIFT)),
				WANT("refused[0].reason", "card_blocked"), WANT("refused[0].unit", "credit"),
				WANT("due", "1000")),
			REFUSED("card_malformed", "card.replace", "'card':'" GIFT "','with':'2900000000018'"),
			ASK("card.replace", "'card':'" GIFT "','with':'" OTHER "'", WANT("card.number", OTHER),
				WANT("balances.credit", "2500"), WANT("member", NULL)),
			ASK("card.lookup", "'card':'" GIFT "'", WANT("card.status", "blocked")), HAS(OTHER, 2500),
			ASK("card.replace", "'card':'" OTHER "'", WANT("balances.credit", "2500"),
				WANT("card.status", "active")),
			ASK("card.lookup", "'card':'" OTHER "'", WANT("card.status", "blocked")) } },

	/* --- purses of members --- */
	{ "a top-up loads the sale's card, and pays from the next ticket on", VALUE,
		{ NOT_SOLD("insufficient_points", ITEM(1000) "," TOPS_UP(2000, ""), 3000, BY_ONE "," PAYS(100, "")),
			SOLD("T", TOPS_UP(2000, ""), 2000, BY_ONE, WANT("balances.credit", "2000"), WANT("earned[0]", NULL)),
			SOLD("S", ITEM(1000), 1000, BY_ONE "," PAYS(800, ""), WANT("due", "200"),
				WANT("balances.credit", "1200"), WANT("earned[0].points", "10")),
			ASK("sale.return", "'return':'R','sale':'T'", WANT("refund.amount", "2000"),
				WANT("reversed[0].points", "2000"), WANT("balances.credit", "-800")) } },
	{ "or any other member's, but none that nobody has", VALUE,
		{ SOLD("T", TOPS_UP(2000, CARD("CARD-2")), 2000, BY_ONE), HAS("CARD-2", 2000), HAS("CARD-1", 0),
			SOLD("U", TOPS_UP(100, CARD("CARD-2")), 100, ""), HAS("CARD-2", 2100),
			NOT_SOLD("card_unknown", TOPS_UP(100, CARD(GIFT)), 100, ""),
			NOT_SOLD("card_unknown", TOPS_UP(100, ""), 100, "") } },
	{ "a line that loads says what", VALUE,
		{ SOLD("T", "{'sku':'t','kind':'topup','amount':100}", 100, BY_ONE, WANT("balances.credit", "0")),
			NOT_SOLD("params_invalid", "{'sku':'t','kind':'topup','amount':100,'card':'CARD-1'}", 100, BY_ONE),
			NOT_SOLD("params_invalid", "{'sku':'g','kind':'gift_card','amount':100,'unit':'credit'}", 100,
				BY_ONE),
			NOT_SOLD("unit_unknown", "{'sku':'t','kind':'topup','amount':100,'unit':'points'}", 100, BY_ONE),
			NOT_SOLD("unit_unknown", "{'sku':'t','kind':'topup','amount':100,'unit':'gold'}", 100, BY_ONE) } },
	{ "no more than there is, of money, of one's own", VALUE,
		{ SOLD("T", TOPS_UP(500, ""), 500, BY_ONE),
			NOT_SOLD("insufficient_points", ITEM(1000), 1000, BY_ONE "," PAYS(501, "")),
			NOT_SOLD("unit_unknown", ITEM(1000), 1000,
				BY_ONE ",'payments':[{'kind':'unit','unit':'points','amount':1}]"),
			NOT_SOLD("forbidden", ITEM(1000), 1000, ",'card':'CARD-2'," PAYS(100, CARD("CARD-1"))),
			NOT_SOLD("forbidden", ITEM(1000), 1000, "," PAYS(100, CARD("CARD-1"))),
			NOT_SOLD("params_invalid", ITEM(400), 400, BY_ONE "," PAYS(401, "")), HAS("CARD-1", 500),
			SOLD("S", ITEM(400), 400, BY_ONE "," PAYS(400, ""), WANT("due", "0"),
				WANT("balances.credit", "100")) } },
	{ "a quote lists what cannot be had, and goes on", VALUE,
		{ SOLD("T", TOPS_UP(500, ""), 500, BY_ONE),
			ASK("sale.quote",
				"'card':'CARD-1','lines':[" ITEM(
					1000) "],'payments':[{'kind':'unit','unit':'credit','amount':501},"
					      "{'kind':'unit','unit':'credit','amount':10,'card':'CARD-2'},{'kind':'unit','unit':'gold','amount':10},"
					      "{'kind':'unit','unit':'credit','amount':100},{'kind':'other','amount':5000}]",
				WANT("refused[0].reason", "insufficient_points"), WANT("refused[1].reason", "forbidden"),
				WANT("refused[2].unit", "gold"), WANT("refused[2].reason", "unit_unknown"),
				WANT("refused[3]", NULL), WANT("due", "900"), WANT("payable", "1000"),
				WANT("earn[0].points", "10")),
			REFUSED("params_invalid", "sale.quote",
				"'card':'CARD-1','lines':[" ITEM(400) "]," PAYS(401, "")) } },
	{ "the cards of a household share one purse", VALUE,
		{ SOLD("T", TOPS_UP(500, ""), 500, BY_ONE), ASK("card.replace", "'card':'CARD-2','with':'CARD-2B'"),
			SOLD("U", TOPS_UP(100, CARD("CARD-2B")), 100, ",'card':'CARD-2B'"),
			SOLD("S", ITEM(1000), 1000, ",'card':'CARD-2B'," PAYS(100, CARD("CARD-2B")), WANT("due", "900")),
			NOT_SOLD("card_blocked", ITEM(1000), 1000, BY_ONE "," PAYS(100, CARD("CARD-2"))) } },
	{ "who is voided has it back", VALUE,
		{ SOLD("T", TOPS_UP(500, ""), 500, BY_ONE), SOLD("S", ITEM(1000), 1000, BY_ONE "," PAYS(300, "")),
			ASK("sale.void", "'sale':'S'", WANT("balances.credit", "500")),
			ASK("sale.void", "'sale':'T'", WANT("balances.credit", "0")) } },

	/* --- offline --- */
	{ "what the till granted is booked", VALUE,
		{ LOADED(GIFT, 500),
			ASK("sale.commit",
				"'offline':true,'sale':'S','lines':[" ITEM(1000) "],'payable':1000," PAYS(700, CARD(GIFT)),
				WANT("due", "300")),
			HAS(GIFT, -200),
			ASK("sale.commit",
				"'offline':true,'sale':'T','lines':[" ITEM(1000) "],'payable':1000," PAYS(700, CARD(OTHER)),
				WANT("due", "300")),
			ASK("system.alerts", "", WANT("alerts[0].kind", "shortfall"), WANT("alerts[0].figure", "200"),
				WANT("alerts[1].kind", "card_unknown"), WANT("alerts[1].unit", "credit"),
				WANT("alerts[2]", NULL)) } },
	{ "a load that could not be is booked where there is a purse for it", VALUE,
		{ ASK("sale.commit", "'offline':true,'sale':'S','lines':[" SELLS(500, "CARD-1") "],'payable':500"),
			HAS("CARD-1", 500),
			ASK("sale.commit", "'offline':true,'sale':'T','lines':[" TOPS_UP(300, CARD(GIFT)) "],'payable':300"),
			ASK("card.lookup", "'card':'" GIFT "'", WANT("pending.credit", "300")),
			ASK("system.alerts", "", WANT("alerts[0].kind", "card_in_use"),
				WANT("alerts[1].kind", "card_unknown"), WANT("alerts[2]", NULL)) } },
	{ "an offline top-up waits for the day's close", VALUE,
		{ ASK("sale.commit", "'offline':true,'sale':'T','lines':[" TOPS_UP(500, "") "],'payable':500" BY_ONE,
			  WANT("balances.credit", "500")),
			ASK("card.lookup", "'card':'CARD-1'", WANT("balances.credit", "500"), WANT("pending.credit", "500")),
			NOT_SOLD("insufficient_points", ITEM(1000), 1000, BY_ONE "," PAYS(100, "")), ASK("day.close", ""),
			ASK("sale.commit", "'offline':true,'sale':'U','lines':[" TOPS_UP(70, "") "],'payable':70" BY_ONE,
				WANT("balances.credit", "570")),
			UNTIL("card.lookup", "'card':'CARD-1'", WANT("pending.credit", "70")),
			SOLD("S", ITEM(1000), 1000, BY_ONE "," PAYS(500, ""), WANT("due", "500")),
			ASK("card.lookup", "'card':'CARD-1'", WANT("balances.credit", "70"), WANT("pending.credit", "70")),
			NOT_SOLD("insufficient_points", ITEM(1000), 1000, BY_ONE "," PAYS(1, "")) } },
};

int main(void)
{
	struct CMUnitTest tests[COUNT(scenes)];

	for (size_t i = 0; i < COUNT(scenes); i++)
		tests[i] = (struct CMUnitTest)IN_SCENE(&scenes[i]);
	return cmocka_run_group_tests_name("tender", tests, NULL, NULL);
}
