/* SPDX-License-Identifier: Apache-2.0 */
/* Goods come back: sale.return, exchanges, sale.void, sale.claim. A case is a list of steps, each with what its reply must say; a step that
 * is refused must leave the journal alone. */
#include <signal.h>
#include <time.h>

#include "tests/e2e/harness.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

struct step {
	const char *method, *params;
	const char *refused; /* the reason; NULL: accepted */
	struct {
		const char *path, *value; /* NULL: must not be there */
	} wants[8];
};

struct scene {
	const char *name;
	const char *points; /* NULL: the usual section */
	struct step steps[14];
};

#define ASK(method, params, ...) \
	{ \
		method, params, NULL, \
		{ \
			__VA_ARGS__ \
		} \
	}
#define REFUSED(reason, method, params) \
	{ \
		method, params, reason, \
		{ \
			{ \
				NULL, NULL \
			} \
		} \
	}
#define SALE(number, lines, payable) \
	ASK("sale.commit", "'sale':'" number "','card':'CARD-1','lines':[" lines "],'payable':" #payable, { NULL, NULL })
#define ANONYMOUS(number, lines, payable) \
	ASK("sale.commit", "'sale':'" number "','lines':[" lines "],'payable':" #payable, { NULL, NULL })
#define RETURN(number, sale, lines, ...) \
	ASK("sale.return", "'return':'" number "','sale':'" sale "','lines':[" lines "]", __VA_ARGS__)
#define RETURN_ALL(number, sale, ...) ASK("sale.return", "'return':'" number "','sale':'" sale "'", __VA_ARGS__)
#define RETURN_REFUSED(reason, sale, lines) \
	REFUSED(reason, "sale.return", "'return':'X','sale':'" sale "','lines':[" lines "]")
#define STATS(purchases, spend) \
	ASK("card.lookup", "'card':'CARD-1'", { "result.stats.purchases", #purchases }, { "result.stats.spend", #spend })
#define BALANCE(points) ASK("card.lookup", "'card':'CARD-1'", { "result.balances.points", #points })
#define AMOUNT(n) \
	{ \
		"result.refund.amount", #n \
	}
#define REVERSED(n) \
	{ \
		"result.reversed[0].points", #n \
	}
#define NOTHING_REVERSED \
	{ \
		"result.reversed[0]", NULL \
	}

static const struct
	scene
		scenes
			[] = {
				/* --- how much comes back --- */
				{ "half of what earned 100 takes back 50",
					.steps = { SALE("S", "{'sku':'a','quantity':2,'amount':10000}", 10000),
						RETURN("R", "S", "{'line':0,'quantity':1}", { "result.return", "R" },
							AMOUNT(5000), REVERSED(50), { "result.balances.points", "50" },
							{ "result.state", NULL }, { "result.uncollected", NULL }),
						STATS(1, 5000) } },
				{ "of a cart of 10, 10 and 20 that earned 70, returning the 20 takes back 35",
					"points { unit \"points\" {}  earn \"base\" { unit = points  per = \"4.00\"  points = 7 } }\n",
					{ SALE("S",
						  "{'sku':'a','amount':1000},{'sku':'b','amount':1000},{'sku':'c','amount':2000}",
						  4000),
						RETURN("R", "S", "{'line':2,'quantity':1}", AMOUNT(2000), REVERSED(35)),
						BALANCE(35) } },
				{ "three thirds of 100 give back 33, 34 and 33, and take back what was earned",
					.steps = { SALE("S", "{'sku':'a','quantity':3,'amount':100}", 100),
						RETURN("R1", "S", "{'line':0,'quantity':1}", AMOUNT(33), NOTHING_REVERSED),
						RETURN("R2", "S", "{'line':0,'quantity':1}", AMOUNT(34), REVERSED(1)),
						RETURN("R3", "S", "{'line':0,'quantity':1}", AMOUNT(33), NOTHING_REVERSED),
						STATS(1, 0), BALANCE(0) } },
				{ "weighed goods come back by weight",
					.steps = { SALE("S", "{'sku':'a','quantity':0.532,'amount':1000}", 1000),
						RETURN("R1", "S", "{'line':0,'quantity':0.266}", AMOUNT(500), REVERSED(5)),
						RETURN_REFUSED("return_exceeds_sale", "S", "{'line':0,'quantity':0.267}"),
						RETURN("R2", "S", "{'line':0,'quantity':0.001}", AMOUNT(2),
							NOTHING_REVERSED),
						RETURN_ALL("R3", "S", AMOUNT(498), REVERSED(5)) } },
				{ "quantities and amounts of a line add up, never above what was paid for it",
					.steps = { SALE("S", "{'sku':'a','quantity':2,'amount':10000}", 10000),
						RETURN("R1", "S", "{'line':0,'amount':3000}", AMOUNT(3000), REVERSED(30)),
						RETURN("R2", "S", "{'line':0,'quantity':1}", AMOUNT(5000), REVERSED(50)),
						RETURN_REFUSED("return_exceeds_sale", "S", "{'line':0,'quantity':1}"),
						RETURN_REFUSED("return_exceeds_sale", "S", "{'line':0,'amount':2001}"),
						RETURN("R3", "S", "{'line':0,'amount':2000}", AMOUNT(2000), REVERSED(20)),
						RETURN_REFUSED("return_exceeds_sale", "S", "{'line':0,'amount':1}"),
						REFUSED("return_exceeds_sale", "sale.return", "'return':'X','sale':'S'"),
						STATS(1, 0) } },
				{ "a line named twice in one return comes back twice",
					.steps = { SALE("S", "{'sku':'a','quantity':3,'amount':300}", 300),
						RETURN_REFUSED("return_exceeds_sale", "S",
							"{'line':0,'quantity':2},{'line':0,'quantity':2}"),
						RETURN("R", "S", "{'line':0,'quantity':2},{'line':0,'quantity':1}",
							AMOUNT(300)) } },
				{ "what was taken off by a promotion is not given back",
					.steps = { SALE("S",
							   "{'sku':'a','quantity':2,'amount':10000},{'sku':'b','amount':10000},{'sku':'p','kind':'discount','on':0,"
							   "'amount':-2000},{'sku':'q','kind':'discount','amount':-1800}",
							   16200),
						RETURN("R1", "S", "{'line':0,'quantity':1}", AMOUNT(3600), REVERSED(36)),
						RETURN_REFUSED("params_invalid", "S", "{'line':2,'quantity':1}"),
						RETURN_ALL("R2", "S", AMOUNT(12600), REVERSED(126)), BALANCE(0),
						STATS(1, 0) } },
				{ "all that is left comes back where no lines are named, once",
					.steps = { SALE("S",
							   "{'sku':'a','quantity':2,'amount':200},{'sku':'b','amount':300}",
							   500),
						RETURN("R1", "S", "{'line':0,'quantity':1}", AMOUNT(100)),
						RETURN_ALL("R2", "S", AMOUNT(400)),
						REFUSED("return_exceeds_sale", "sale.return", "'return':'X','sale':'S'") } },
				{ "tips and deposits come back at their face, and change no points",
					.steps = { SALE("S",
							   "{'sku':'a','amount':1000},{'sku':'t','kind':'tip','amount':200},{'sku':'d','kind':'deposit','quantity':2,"
							   "'amount':50},{'sku':'e','kind':'deposit','quantity':2,'amount':-30}",
							   1220),
						RETURN("R1", "S", "{'line':2,'quantity':1}", AMOUNT(25), NOTHING_REVERSED),
						RETURN("R2", "S", "{'line':3,'quantity':1}", AMOUNT(-15), NOTHING_REVERSED),
						RETURN_REFUSED("return_exceeds_sale", "S", "{'line':3,'amount':1}"),
						RETURN("R3", "S", "{'line':1,'amount':200}", AMOUNT(200), NOTHING_REVERSED),
						RETURN_ALL("R4", "S", AMOUNT(1010), REVERSED(10)), STATS(1, 0) } },
				{ "a gift card comes back whole, outside the points",
					"points { unit \"points\" {}  unit \"credit\" { kind = money }  earn \"base\" { unit = points  per = \"1.00\" } }\n",
					{ SALE("S",
						  "{'sku':'a','amount':1000},{'sku':'g','kind':'gift_card','amount':2500,'unit':'credit','card':'9000000000000001'}",
						  3500),
						RETURN_REFUSED("params_invalid", "S", "{'line':1,'amount':100}"),
						RETURN_REFUSED("params_invalid", "S", "{'line':1,'quantity':0.5}"),
						RETURN("R1", "S", "{'line':1,'quantity':1}", AMOUNT(2500),
							{ "result.reversed[0].unit", "credit" }, REVERSED(2500)),
						RETURN_REFUSED("return_exceeds_sale", "S", "{'line':1,'amount':2500}"),
						RETURN_ALL("R2", "S", AMOUNT(1000), REVERSED(10)) } },
				{ "where nothing was paid, shares are of what it would have cost",
					"points { unit \"points\" {}  earn \"visit\" { unit = points  per-visit = 30 } }\n",
					{ SALE("S",
						  "{'sku':'a','amount':1000},{'sku':'b','amount':2000},{'sku':'p','kind':'discount','amount':-3000}",
						  0),
						RETURN("R1", "S", "{'line':0,'quantity':1}", AMOUNT(0), REVERSED(10)),
						RETURN("R2", "S", "{'line':1,'quantity':1}", AMOUNT(0), REVERSED(20)),
						BALANCE(0),
						REFUSED("return_exceeds_sale", "sale.return", "'return':'X','sale':'S'") } },
				{ "of what cost nothing every line counts alike",
					"points { unit \"points\" {}  earn \"visit\" { unit = points  per-visit = 30 } }\n",
					{ SALE("S",
						  "{'sku':'a','quantity':100,'amount':0},{'sku':'b','amount':0},{'sku':'c','amount':0}",
						  0),
						RETURN("R1", "S", "{'line':0,'quantity':50}", AMOUNT(0), REVERSED(5)),
						RETURN("R2", "S", "{'line':1,'quantity':1}", AMOUNT(0), REVERSED(10)),
						RETURN_ALL("R3", "S", AMOUNT(0), REVERSED(15)), BALANCE(0) } },
				{ "an anonymous sale comes back, and nobody's points move",
					.steps = { ANONYMOUS("S", "{'sku':'a','amount':1000}", 1000),
						RETURN_ALL("R", "S", AMOUNT(1000), NOTHING_REVERSED,
							{ "result.balances.points", NULL }) } },

				/* --- what is refused --- */
				{ "a return names lines that are there, each by quantity or by amount",
					.steps = { SALE("S", "{'sku':'a','amount':1000}", 1000),
						RETURN_REFUSED("params_invalid", "S", ""),
						RETURN_REFUSED("params_invalid", "S", "{'line':0}"),
						RETURN_REFUSED("params_invalid", "S",
							"{'line':0,'quantity':1,'amount':1000}"),
						RETURN_REFUSED("params_invalid", "S", "{'line':1,'quantity':1}"),
						RETURN_REFUSED("params_invalid", "S", "{'line':0,'quantity':0}"),
						RETURN_REFUSED("params_invalid", "S", "{'line':0,'amount':-1}"),
						RETURN_REFUSED("return_exceeds_sale", "S", "{'line':0,'quantity':1.001}"),
						RETURN_REFUSED("return_exceeds_sale", "S",
							"{'line':0,'quantity':9007199254740.991}"),
						RETURN_REFUSED("return_exceeds_sale", "S",
							"{'line':0,'amount':9007199254740991}"),
						RETURN_REFUSED("return_exceeds_sale", "S", "{'line':0,'amount':1001}") } },
				{ "sales and returns share their numbers, and only a sale comes back",
					.steps = { SALE("S", "{'sku':'a','quantity':2,'amount':1000}", 1000),
						RETURN("R", "S", "{'line':0,'quantity':1}", AMOUNT(500)),
						REFUSED("sale_exists", "sale.return", "'return':'S','sale':'S'"),
						REFUSED("sale_exists", "sale.return", "'return':'R','sale':'S'"),
						REFUSED("sale_exists", "sale.commit",
							"'sale':'R','lines':[{'sku':'a','amount':1}],'payable':1"),
						REFUSED("sale_unknown", "sale.return", "'return':'X','sale':'R'"),
						REFUSED("sale_unknown", "sale.return", "'return':'X','sale':'S2'"),
						/* one number begins another: their rows stay apart */
						SALE("S2", "{'sku':'a','amount':700}", 700),
						RETURN_ALL("R2", "S2", AMOUNT(700)), RETURN_ALL("R3", "S", AMOUNT(500)) } },
				{ "training shows a return and books nothing",
					.steps = { SALE("S", "{'sku':'a','amount':1000}", 1000),
						ASK("sale.return", "'return':'R','sale':'S','training':true", AMOUNT(1000),
							REVERSED(10), { "result.training", "true" }),
						REFUSED("sale_unknown", "sale.show", "'sale':'R'"),
						RETURN_ALL("R", "S", AMOUNT(1000), { "result.training", NULL }) } },
				{ "goods of another store are booked and settled later",
					.steps = { SALE("S", "{'sku':'a','amount':1000}", 1000),
						ASK("sale.return", "'return':'R','sale':'S','store':'paris-01'", AMOUNT(0),
							NOTHING_REVERSED, { "result.state", "settling" }),
						STATS(1, 1000),
						ASK("sale.show", "'sale':'R'", { "result.state", "settling" },
							{ "result.returns", NULL }),
						ASK("sale.return", "'return':'R2','sale':'S','store':'lyon-03'",
							AMOUNT(1000)),
						ASK("sale.void", "'sale':'R'", { NULL, NULL }),
						REFUSED("sale_unknown", "sale.show", "'sale':'R'") } },

				/* --- exchanges --- */
				{ "an exchange takes back first, then sells, and both count for themselves",
					.steps = { SALE("S", "{'sku':'a','quantity':2,'amount':4000}", 4000),
						ASK("sale.quote",
							"'card':'CARD-1','lines':[{'sku':'b','amount':5000}],'returns':[{'sale':'S','lines':[{'line':0,'quantity':1}]}]",
							{ "result.total", "5000" }, { "result.payable", "3000" },
							{ "result.due", "3000" }, { "result.returns[0].sale", "S" },
							{ "result.returns[0].refund.amount", "2000" },
							{ "result.returns[0].reversed[0].points", "20" },
							{ "result.earn[0].points", "50" }),
						REFUSED("total_mismatch", "sale.commit",
							"'sale':'E','card':'CARD-1','lines':[{'sku':'b','amount':5000}],'payable':5000,'returns':[{'sale':'S','lines':"
							"[{'line':0,'quantity':1}]}]"),
						ASK("sale.commit",
							"'sale':'E','card':'CARD-1','lines':[{'sku':'b','amount':5000}],'payable':3000,'returns':[{'sale':'S','lines':"
							"[{'line':0,'quantity':1}]}]",
							{ "result.payable", "3000" },
							{ "result.returns[0].refund.amount", "2000" },
							{ "result.returns[0].reversed[0].points", "20" },
							{ "result.earned[0].points", "50" },
							{ "result.balances.points", "70" }),
						STATS(2, 7000),
						ASK("sale.show", "'sale':'E'", { "result.total", "5000" },
							{ "result.payable", "3000" }, { "result.returns[0].sale", "S" },
							{ "result.returned", NULL }),
						ASK("sale.show", "'sale':'S'", { "result.payable", "4000" },
							{ "result.returned", "2000" }, { "result.returns", NULL }),
						RETURN_ALL("R", "E", AMOUNT(5000), REVERSED(50)),
						RETURN_ALL("R2", "S", AMOUNT(2000), REVERSED(20)), STATS(2, 0) } },
				{ "a ticket without lines is a return, and no purchase",
					.steps = { SALE("S", "{'sku':'a','quantity':2,'amount':4000}", 4000),
						ASK("sale.quote", "'lines':[],'returns':[{'sale':'S'}]",
							{ "result.payable", "-4000" }, { "result.total", "0" }),
						REFUSED("params_invalid", "sale.quote", "'lines':[]"),
						REFUSED("params_invalid", "sale.commit",
							"'sale':'E','lines':[],'payable':0"),
						ASK("sale.commit",
							"'sale':'E','card':'CARD-1','lines':[],'payable':-4000,'returns':[{'sale':'S'}]",
							{ "result.payable", "-4000" }, { "result.earned[0]", NULL }),
						STATS(1, 0), BALANCE(0),
						REFUSED("return_exceeds_sale", "sale.return", "'return':'R','sale':'E'"),
						REFUSED("sale_unknown", "sale.claim", "'sale':'E2','card':'CARD-1'") } },
				{ "a sale named twice on a ticket comes back twice, in one row",
					.steps = { SALE("S", "{'sku':'a','quantity':3,'amount':3000}", 3000), REFUSED("return_exceeds_sale", "sale.quote", "'lines':[],'returns':[{'sale':'S','lines':[{'line':0,'quantity':2}]},{'sale':'S','lines':[{'line':0,'quantity':2}]}]"), ASK("sale.commit", "'sale':'E','lines':[],'payable':-3000,'returns':[{'sale':'S','lines':[{'line':0,'quantity':2}]},{'sale':'S'}]", { "result.returns[0].refund.amount", "3000" }, { "result.returns[1]", NULL }), ASK("sale.void", "'sale':'E'", { NULL, NULL }), STATS(1, 3000), BALANCE(30), RETURN_ALL("R", "S", AMOUNT(3000), REVERSED(30)) } },
				{ "points of an exchange belong to the member of the sale that comes back",
					.steps = { SALE("S", "{'sku':'a','amount':4000}", 4000),
						ASK("sale.commit",
							"'sale':'E','card':'CARD-2','lines':[{'sku':'b','amount':1000}],'payable':-3000,'returns':[{'sale':'S'}]",
							{ "result.balances.points", "10" },
							{ "result.returns[0].reversed[0].points", "40" }),
						BALANCE(0), STATS(1, 0),
						ASK("sale.list", "'card':'CARD-1'", { "result.sales[0].sale", "S" },
							{ "result.sales[1]", NULL }),
						ASK("sale.list", "'card':'CARD-2'", { "result.sales[0].sale", "E" },
							{ "result.sales[0].payable", "-3000" }) } },
				{ "an exchange is refused whole",
					.steps = { SALE("S", "{'sku':'a','amount':4000}", 4000),
						REFUSED("sale_unknown", "sale.quote",
							"'lines':[{'sku':'b','amount':1}],'returns':[{'sale':'T'}]"),
						REFUSED("params_invalid", "sale.quote",
							"'lines':[{'sku':'b','amount':1}],'returns':[{'sale':'S','lines':[]}]"),
						REFUSED("params_invalid", "sale.quote",
							"'lines':[{'sku':'b','amount':1}],'returns':[{'sale':'S','lines':[{'line':0}]}]"),
						REFUSED("sale_unknown", "sale.commit",
							"'sale':'E','card':'CARD-1','lines':[{'sku':'b','amount':1}],'payable':1,'returns':[{'sale':'S'},{'sale':'T'}]"),
						STATS(1, 4000) } },

				/* --- voids --- */
				{ "a voided sale is as if it had not been, and its number is free",
					.steps = { SALE("S1", "{'sku':'a','category':'c','amount':1000}", 1000),
						SALE("S2", "{'sku':'a','amount':2500}", 2500),
						ASK("sale.void", "'sale':'S2'", { "result.balances.points", "10" }),
						STATS(1, 1000), BALANCE(10),
						REFUSED("sale_unknown", "sale.void", "'sale':'S2'"),
						REFUSED("sale_unknown", "sale.show", "'sale':'S2'"),
						REFUSED("sale_unknown", "sale.return", "'return':'R','sale':'S2'"),
						ASK("sale.list", "'card':'CARD-1'", { "result.sales[0].sale", "S1" },
							{ "result.sales[1]", NULL }),
						SALE("S2", "{'sku':'b','amount':300}", 300), STATS(2, 1300),
						ASK("sale.void", "'sale':'S1'", { "result.balances.points", "3" }),
						STATS(1, 300) } },
				{ "who bought nothing else has never bought",
					.steps = { SALE("S", "{'sku':'a','amount':1000}", 1000),
						ASK("sale.void", "'sale':'S'", { "result.balances.points", "0" }),
						ASK("card.lookup", "'card':'CARD-1'", { "result.stats.purchases", "0" },
							{ "result.stats.last_purchase", NULL }) } },
				{ "a sale of which goods have come back is not voided before its returns are",
					.steps = { SALE("S", "{'sku':'a','quantity':2,'amount':2000}", 2000),
						RETURN("R1", "S", "{'line':0,'quantity':1}", AMOUNT(1000)),
						RETURN("R2", "S", "{'line':0,'amount':300}", AMOUNT(300)),
						REFUSED("return_exceeds_sale", "sale.void", "'sale':'S'"),
						REFUSED("return_exceeds_sale", "sale.void", "'sale':'R1'"),
						ASK("sale.void", "'sale':'R2'", { "result.balances.points", "10" }),
						STATS(1, 1000),
						ASK("sale.void", "'sale':'R1'", { "result.balances.points", "20" }),
						STATS(1, 2000), REFUSED("sale_unknown", "sale.show", "'sale':'R1'"),
						RETURN_ALL("R1", "S", AMOUNT(2000), REVERSED(20)),
						ASK("sale.void", "'sale':'R1'", { NULL, NULL }),
						ASK("sale.void", "'sale':'S'", { "result.balances.points", "0" }),
						STATS(0, 0) } },
				{ "an exchange is voided whole, unless more has come back since",
					.steps = { SALE("S", "{'sku':'a','quantity':2,'amount':2000}", 2000),
						ASK("sale.commit",
							"'sale':'E','card':'CARD-1','lines':[{'sku':'b','amount':1500}],'payable':500,'returns':[{'sale':'S','lines':[{'line':0,"
							"'quantity':1}]}]",
							{ "result.balances.points", "25" }),
						RETURN_ALL("R", "S", AMOUNT(1000)),
						REFUSED("return_exceeds_sale", "sale.void", "'sale':'E'"),
						ASK("sale.void", "'sale':'R'", { NULL, NULL }),
						ASK("sale.void", "'sale':'E'", { "result.balances.points", "20" }),
						STATS(1, 2000), REFUSED("sale_unknown", "sale.show", "'sale':'E'"),
						RETURN_ALL("R", "S", AMOUNT(2000)) } },
				{ "a closed day's receipts are not voided, but come back",
		.steps = { SALE("S", "{'sku':'a','quantity':2,'amount':2000}", 2000),
			RETURN("R", "S", "{'line':0,'quantity':1}", AMOUNT(1000)), ASK("day.close", "", { NULL, NULL }),
			REFUSED("day_closed", "sale.void", "'sale':'R'"), REFUSED("day_closed", "sale.void", "'sale':'S'"),
			SALE("T", "{'sku':'a','amount':100}", 100), REFUSED("day_closed", "sale.void", "'sale':'R'"),
			ASK("sale.void", "'sale':'T'", { NULL, NULL }), RETURN_ALL("R2", "S", AMOUNT(1000), REVERSED(10)),
			ASK("sale.void", "'sale':'R2'", { "result.balances.points", "10" }) } },
	{ "a day's totals are of what stands",
		.steps = { SALE("S", "{'sku':'a','quantity':2,'amount':2000}", 2000), ANONYMOUS("T", "{'sku':'a','amount':700}", 700),
			RETURN("R", "S", "{'line':0,'amount':100}", AMOUNT(100)), RETURN("R2", "S", "{'line':0,'amount':50}", AMOUNT(50)),
			ASK("sale.commit", "'sale':'E','lines':[{'sku':'b','amount':300}],'payable':-400,'returns':[{'sale':'T'}]", { NULL, NULL }),
			ASK("sale.commit", "'sale':'F','lines':[{'sku':'b','amount':60}],'payable':0,'returns':[{'sale':'S','lines':[{'line':0,'amount':60}]}]",
				{ NULL, NULL }),
			ASK("sale.void", "'sale':'F'", { NULL, NULL }), ASK("sale.void", "'sale':'R2'", { NULL, NULL }),
			ASK("day.close", "", { "result.totals.sales", "4" }, { "result.totals.payable", "3000" }, { "result.totals.refunded", "800" }) } },
	{ "an unknown receipt is not voided",
					.steps = { REFUSED("sale_unknown", "sale.void", "'sale':'S'"),
						REFUSED("params_invalid", "sale.void", "'sale':''") } },

				/* --- claims --- */
				{ "a sale without a card is claimed once",
					.steps = { ANONYMOUS("S", "{'sku':'a','amount':2100}", 2100),
						ANONYMOUS("T", "{'sku':'a','amount':100}", 100),
						REFUSED("card_unknown", "sale.claim", "'sale':'S','card':'CARD-9'"),
						REFUSED("sale_unknown", "sale.claim", "'sale':'U','card':'CARD-1'"),
						REFUSED("params_invalid", "sale.claim", "'sale':'S'"),
						ASK("sale.claim", "'sale':'S','card':'CARD-1'",
							{ "result.balances.points", "21" }),
						STATS(1, 2100),
						REFUSED("sale_exists", "sale.claim", "'sale':'S','card':'CARD-1'"),
						REFUSED("sale_exists", "sale.claim", "'sale':'S','card':'CARD-2'"),
						ASK("sale.show", "'sale':'S'", { "result.earned[0].points", "21" },
							{ "result.payable", "2100" }),
						ASK("sale.list", "'card':'CARD-1'", { "result.sales[0].sale", "S" },
							{ "result.sales[1]", NULL }),
						RETURN_ALL("R", "S", REVERSED(21), { "result.balances.points", "0" }),
						STATS(1, 0) } },
				{ "a member's sale is nobody else's to claim",
					.steps = { SALE("S", "{'sku':'a','amount':2100}", 2100),
						REFUSED("sale_exists", "sale.claim", "'sale':'S','card':'CARD-2'"),
						REFUSED("sale_exists", "sale.claim", "'sale':'S','card':'CARD-1'") } },
				{ "what has come back before the claim is taken off",
					.steps = { ANONYMOUS("S", "{'sku':'a','quantity':2,'amount':10000}", 10000),
						RETURN("R", "S", "{'line':0,'quantity':1}", NOTHING_REVERSED),
						ASK("sale.claim", "'sale':'S','card':'CARD-1'",
							{ "result.balances.points", "50" }),
						STATS(1, 5000), REFUSED("return_exceeds_sale", "sale.void", "'sale':'R'"),
						RETURN_ALL("R2", "S", REVERSED(50), { "result.balances.points", "0" }),
						STATS(1, 0) } },
				{ "a claimed sale is voided with its claim",
					.steps = { ANONYMOUS("S", "{'sku':'a','amount':2100}", 2100),
						ASK("sale.claim", "'sale':'S','card':'CARD-1'", { NULL, NULL }),
						ASK("sale.void", "'sale':'S'", { "result.balances.points", "0" }),
						STATS(0, 0), ANONYMOUS("S", "{'sku':'a','amount':300}", 300),
						ASK("sale.claim", "'sale':'S','card':'CARD-1'",
							{ "result.balances.points", "3" }),
						STATS(1, 300) } },

				/* --- offline --- */
				{ "a return that comes before its sale waits for it",
					.steps = { REFUSED("sale_unknown", "sale.return", "'return':'R','sale':'S'"),
						ASK("sale.return",
							"'return':'R','sale':'S','lines':[{'line':0,'quantity':1}],'offline':true",
							AMOUNT(0), { "result.state", "waiting" }),
						REFUSED("sale_exists", "sale.return", "'return':'R','sale':'S'"),
						ASK("sale.show", "'sale':'R'", { "result.state", "waiting" },
							{ "result.payable", "0" }),
						ASK("sale.commit",
							"'sale':'S','card':'CARD-1','lines':[{'sku':'a','quantity':2,'amount':10000}],'payable':10000",
							{ "result.balances.points", "50" }, { "result.returns", NULL }),
						STATS(1, 5000),
						ASK("sale.show", "'sale':'R'", { "result.state", NULL },
							{ "result.payable", "-5000" },
							{ "result.returns[0].reversed[0].points", "50" }),
						REFUSED("return_exceeds_sale", "sale.void", "'sale':'S'"),
						REFUSED("return_exceeds_sale", "sale.void", "'sale':'R'"),
						RETURN_ALL("R2", "S", AMOUNT(5000)) } },
				{ "a return that waits may be undone",
					.steps = { ASK("sale.return", "'return':'R','sale':'S','offline':true",
							   { "result.state", "waiting" }),
						ASK("sale.void", "'sale':'R'", { NULL, NULL }),
						REFUSED("sale_unknown", "sale.show", "'sale':'R'"),
						SALE("S", "{'sku':'a','amount':1000}", 1000), STATS(1, 1000) } },
				{ "an exchange that comes before the sale waits with what comes back",
		.steps = { ASK("sale.commit",
				   "'sale':'E','card':'CARD-1','lines':[{'sku':'b','amount':500}],'payable':500,'offline':true,"
				   "'returns':[{'sale':'S','lines':[{'line':0,'quantity':1}]},{'sale':'S','lines':[{'line':1,'quantity':1}]}]",
				   { "result.balances.points", "5" }, { "result.returns", NULL }),
			SALE("S", "{'sku':'a','quantity':2,'amount':4000},{'sku':'c','amount':300}", 4300),
			ASK("sale.show", "'sale':'S'", { "result.returned", "2300" }), STATS(2, 2500), BALANCE(25),
			REFUSED("return_exceeds_sale", "sale.void", "'sale':'E'"), RETURN_ALL("R", "S", AMOUNT(2000), REVERSED(20)) } },
	{ "an exchange that waits may be undone",
		.steps = { ASK("sale.commit",
				   "'sale':'E','card':'CARD-1','lines':[{'sku':'b','amount':500}],'payable':500,'offline':true,"
				   "'returns':[{'sale':'S'},{'sale':'T'}]",
				   { NULL, NULL }),
			ASK("sale.void", "'sale':'E'", { "result.balances.points", "0" }), REFUSED("sale_unknown", "sale.show", "'sale':'E'"),
			SALE("S", "{'sku':'a','amount':4000}", 4000), STATS(1, 4000) } },
	{ "what waited never refuses its sale", .steps = { ASK("sale.return", "'return':'R1','sale':'S','lines':[{'line':9,'quantity':1},{'line':0,'quantity':5}],'offline':true", { NULL, NULL }), ASK("sale.return", "'return':'R2','sale':'S','offline':true", { NULL, NULL }), SALE("S", "{'sku':'a','quantity':2,'amount':1000}", 1000), STATS(1, 0), ASK("sale.show", "'sale':'S'", { "result.returned", "1000" }), ASK("system.alerts", "", { "result.alerts[0].kind", "return_exceeds_sale" }, { "result.alerts[0].sale", "S" }, { "result.alerts[2].kind", "return_exceeds_sale" }, { "result.alerts[3]", NULL }) } },
				{ "an offline return of more than there was is booked as far as it goes",
					.steps = { SALE("S", "{'sku':'a','quantity':2,'amount':1000}", 1000),
						ASK("sale.return",
							"'return':'R','sale':'S','lines':[{'line':0,'quantity':3}],'offline':true",
							AMOUNT(1000), REVERSED(10)),
						ASK("sale.return", "'return':'R2','sale':'S','offline':true", AMOUNT(0),
							NOTHING_REVERSED),
						STATS(1, 0) } },
			};

static bool is_question(const char *method)
{
	return strcmp(method, "sale.quote") == 0 || strcmp(method, "sale.show") == 0 || strcmp(method, "sale.list") == 0 ||
	       strcmp(method, "card.lookup") == 0 || strcmp(method, "system.alerts") == 0;
}

static void step_play(struct wire *w, const struct step *s, unsigned n)
{
	int64_t seq = last_seq(w);
	char request[32] = "", *reply;

	if (!is_question(s->method))
		snprintf(request, sizeof(request), "'request':'s-%u'%s", n, s->params[0] ? "," : "");
	if (s->refused) {
		ask_refused(w, s->refused, s->method, "%s%s", request, s->params);
		assert_int_equal(last_seq(w), seq);
		return;
	}
	reply = ask_ok(w, s->method, "%s%s", request, s->params);
	for (size_t i = 0; i < COUNT(s->wants) && s->wants[i].path; i++) {
		if (s->wants[i].value)
			assert_field(reply, s->wants[i].path, s->wants[i].value);
		else
			assert_null(field(reply, s->wants[i].path));
	}
}

/* A shop's options lead to its scene. */
struct stage {
	struct shop_options options;
	const struct scene *scene;
};

static void scene_play(void **state)
{
	struct shop *s = *state;
	const struct scene *scene = ((const struct stage *)s->options)->scene;
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	ask_ok(&w, "member.enroll", "'request':'c-2','card':'CARD-2'");
	for (unsigned i = 0; i < COUNT(scene->steps) && scene->steps[i].method; i++)
		step_play(&w, &scene->steps[i], i);
	wire_close(&w);
}

/* --- partial returns --- */

struct basket {
	int64_t quantity[4], back[4], payable;
	unsigned lines;
	char text[512];
};

static void basket_draw(uint64_t *seed, struct basket *b)
{
	size_t n = 0;
	int64_t off = (int64_t)draw_below(seed, 500);

	*b = (struct basket){ .lines = 1 + (unsigned)draw_below(seed, 4) };
	for (unsigned i = 0; i < b->lines; i++) {
		int64_t amount = (int64_t)draw_below(seed, 5000);

		b->quantity[i] = 1 + (int64_t)draw_below(seed, 7);
		b->payable += amount;
		n += (size_t)snprintf(b->text + n, sizeof(b->text) - n, "{'sku':'s%u','quantity':%lld,'amount':%lld},", i,
			(long long)b->quantity[i], (long long)amount);
	}
	off = off < b->payable ? off : b->payable;
	b->payable -= off;
	snprintf(b->text + n, sizeof(b->text) - n, "{'sku':'off','kind':'discount','amount':%lld}", (long long)-off);
}

/* Return something of one line. @return false: nothing is left to draw from */
static bool part_return(struct wire *w, uint64_t *seed, struct basket *b, unsigned sale, unsigned *returns, int64_t *amount,
	int64_t *points)
{
	unsigned line = (unsigned)draw_below(seed, b->lines), tried = 0;
	int64_t quantity, reversed;
	char *reply;

	for (; tried < b->lines && b->back[line] == b->quantity[line]; tried++)
		line = (line + 1) % b->lines;
	if (tried == b->lines)
		return false;
	quantity = 1 + (int64_t)draw_below(seed, (uint64_t)(b->quantity[line] - b->back[line]));
	b->back[line] += quantity;
	reply = ask_ok(w, "sale.return",
		"'request':'b-%u','return':'B-%u','sale':'S-%u','lines':[{'line':%u,'quantity':%lld}]", *returns, *returns,
		sale, line, (long long)quantity);
	++*returns;
	*amount += figure(reply, "result.refund.amount");
	reversed = figure(reply, "result.reversed[0].points");
	*points += reversed == INT64_MIN ? 0 : reversed;
	return true;
}

#define BASKETS 150

static void any_series_ends_alike(void **state)
{
	uint64_t seed = 20261121;
	unsigned returns = 0;
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	for (unsigned i = 0; i < BASKETS; i++) {
		struct basket b;
		int64_t earned, amount = 0, points = 0;
		char *reply;

		basket_draw(&seed, &b);
		reply = ask_ok(&w, "sale.commit",
			"'request':'s-%u','sale':'S-%u','card':'CARD-1','lines':[%s],'payable':%lld", i, i, b.text,
			(long long)b.payable);
		earned = figure(reply, "result.earned[0].points");
		while (part_return(&w, &seed, &b, i, &returns, &amount, &points))
			continue;
		assert_int_equal(amount, b.payable);
		assert_int_equal(points, earned == INT64_MIN ? 0 : earned);
		ask_refused(&w, "return_exceeds_sale", "sale.return", "'request':'x','return':'X','sale':'S-%u'", i);
	}
	assert_figure(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.balances.points", 0);
	assert_figure(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.stats.spend", 0);
	wire_close(&w);
}

/* --- the programme of another day --- */

static void rules_of_today(void **state)
{
	static const struct shop_options other = {
		.points = "points { unit \"points\" { rounding = up }  earn \"other\" { unit = points  per = "
			  "\"0.10\"  points = 9 } }\n"
	};
	struct shop *s = *state;
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	ask_ok(&w, "sale.commit",
		"'request':'s-1','sale':'S','card':'CARD-1','lines':[{'sku':'a','quantity':2,'amount':10000}],'payable':10000");
	shop_configure(s, &other);
	kill(s->pid, SIGHUP);
	shop_log_wait(s, "config.taken");
	assert_figure(ask_ok(&w, "sale.quote", "'card':'CARD-1','lines':[{'sku':'a','amount':10}]"), "result.earn[0].points",
		9);
	assert_figure(ask_ok(&w, "sale.return", "'request':'b-1','return':'B','sale':'S','lines':[{'line':0,'quantity':1}]"),
		"result.reversed[0].points", 50);
	assert_figure(ask_ok(&w, "sale.return", "'request':'b-2','return':'C','sale':'S'"), "result.reversed[0].points", 50);
	wire_close(&w);
}

/* --- sent again --- */

/* The reply without its id, which differs from asking to asking, and without the mark of a replay. */
static void outcome_of(const char *reply, char *out, size_t size)
{
	const char *result = strstr(reply, "\"result\":"), *mark = strstr(reply, ",\"replayed\":true");
	size_t n = mark ? (size_t)(mark - result) : strlen(result);

	assert_true(n < size);
	memcpy(out, result, n);
	snprintf(out + n, size - n, "%s", mark ? mark + strlen(",\"replayed\":true") : "");
}

static void sent_again(void **state)
{
	static const struct {
		const char *method, *params;
	} sent[] = {
		{ "sale.commit",
			"'request':'1','sale':'S','card':'CARD-1','lines':[{'sku':'a','quantity':2,'amount':10000}],'payable':10000" },
		{ "sale.commit", "'request':'2','sale':'T','lines':[{'sku':'a','amount':700}],'payable':700" },
		{ "sale.return", "'request':'3','return':'B','sale':'S','lines':[{'line':0,'quantity':1}]" },
		{ "sale.claim", "'request':'4','sale':'T','card':'CARD-1'" },
		{ "sale.commit",
			"'request':'5','sale':'E','card':'CARD-1','lines':[{'sku':'a','amount':700}],'payable':-4300,'returns':[{'sale':'S'}]" },
		{ "sale.void", "'request':'6','sale':'E'" },
		{ "sale.void", "'request':'7','sale':'B'" },
		{ "sale.void", "'request':'8','sale':'T'" },
	};
	char first[COUNT(sent)][1024], again[1024];
	struct shop *s = *state;
	struct wire w;
	int64_t seq;

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	for (size_t i = 0; i < COUNT(sent); i++)
		outcome_of(ask_ok(&w, sent[i].method, "%s", sent[i].params), first[i], sizeof(first[i]));
	seq = last_seq(&w);
	for (unsigned n = 0; n < 50; n++) {
		for (size_t i = 0; i < COUNT(sent); i++) {
			char *reply = ask_ok(&w, sent[i].method, "%s", sent[i].params);

			assert_field(reply, "result.replayed", "true");
			outcome_of(reply, again, sizeof(again));
			assert_string_equal(again, first[i]);
		}
		if (n == 25) {
			wire_close(&w);
			shop_kill(s);
			shop_start(s);
			connect_to(&w, s, DOOR_TRUST);
		}
	}
	assert_int_equal(last_seq(&w), seq);
	assert_figure(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.balances.points", 100);
	wire_close(&w);
}

/* --- time --- */

static const char *ago(int seconds)
{
	static char text[4][40];
	static unsigned turn;
	char *out = text[turn++ % 4];
	time_t t = time(NULL) - seconds;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, 40, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}

static void purchases_dated(void **state)
{
	struct wire w;
	char newest[40], *reply;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	snprintf(newest, sizeof(newest), "%s", ago(3600));
	for (int i = 0; i < 5; i++) {
		static const int seconds[] = { 400 * 86400, 3 * 86400, 3600, 2 * 86400, 7200 };

		ask_ok(&w, "sale.commit",
			"'request':'s-%d','sale':'S-%d','card':'CARD-1','lines':[{'sku':'a','amount':100}],'payable':100,'offline':true,'at':'%s'",
			i, i, i == 2 ? newest : ago(seconds[i]));
	}
	ask_ok(&w, "sale.commit",
		"'request':'s-5','sale':'S-5','card':'CARD-1','lines':[{'sku':'a','amount':100}],'payable':100");
	reply = ask_ok(&w, "sale.void", "'request':'v-5','sale':'S-5'");
	reply = ask_ok(&w, "card.lookup", "'card':'CARD-1'");
	assert_memory_equal(field(reply, "result.stats.last_purchase"), newest, 19);
	ask_ok(&w, "sale.void", "'request':'v-2','sale':'S-2'");
	reply = ask_ok(&w, "card.lookup", "'card':'CARD-1'");
	assert_memory_equal(field(reply, "result.stats.last_purchase"), ago(7200), 15);
	assert_figure(reply, "result.stats.purchases", 4);
	wire_close(&w);
}

static void claimed_in_time(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	for (int days = 6; days <= 9; days++)
		ask_ok(&w, "sale.commit",
			"'request':'s-%d','sale':'S-%d','lines':[{'sku':'a','amount':100}],'payable':100,'offline':true,'at':'%s'",
			days, days, ago(days * 86400));
	ask_refused(&w, "clock", "sale.claim", "'request':'x','sale':'S-9','card':'CARD-1'");
	ask_refused(&w, "clock", "sale.claim", "'request':'x','sale':'S-8','card':'CARD-1'");
	ask_ok(&w, "sale.claim", "'request':'c-7','sale':'S-7','card':'CARD-1'");
	ask_ok(&w, "sale.claim", "'request':'c-6','sale':'S-6','card':'CARD-1'");
	/* earned when it was bought */
	reply = ask_ok(&w, "balance.history", "'card':'CARD-1'");
	assert_memory_equal(field(reply, "result.entries[0].at"), ago(6 * 86400), 10);
	assert_memory_equal(field(reply, "result.entries[1].at"), ago(7 * 86400), 10);
	wire_close(&w);
}

int main(void)
{
	static struct stage stages[COUNT(scenes)];
	const struct CMUnitTest others[] = {
		IN_SHOP("any series of partial returns ends where one full return ends", any_series_ends_alike, NULL),
		IN_SHOP("a programme changed since the sale changes nothing in its return", rules_of_today, NULL),
		IN_SHOP("returns, exchanges, claims and voids sent 50 times count once, and give their first reply",
			sent_again, NULL),
		IN_SHOP("after a void the last purchase is the one before, whenever it was sent", purchases_dated, NULL),
		IN_SHOP("a sale is claimed within claim-days, and earns as of its own time", claimed_in_time, NULL),
	};
	struct CMUnitTest tests[COUNT(scenes) + COUNT(others)];

	for (size_t i = 0; i < COUNT(scenes); i++) {
		stages[i] = (struct stage){ { .points = scenes[i].points }, &scenes[i] };
		tests[i] = (struct CMUnitTest)IN_SHOP(scenes[i].name, scene_play, &stages[i]);
	}
	memcpy(tests + COUNT(scenes), others, sizeof(others));
	return cmocka_run_group_tests_name("returns", tests, NULL, NULL);
}
