/* SPDX-License-Identifier: Apache-2.0 */
/* What comes after a sale: returns, voids, offline debits, expiry, merge, erasure and a day's totals (rules.md "Returns", "Void", "Merge and
 * erase" and their fine print). A row is a story told in steps. */
#include "tests/unit/plugins/kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "plugins/points.h"

/* --- the till: a plugin that spends and loads with a sale, as rewards and stored value do --- */

static struct {
	int64_t spend, more, pay, grant, load;
} wanted;

static int move_add(struct palier_ctx *c, const struct palier_sale *s, const char *unit, enum points_cause cause,
	int64_t points)
{
	struct points_move m = points_move_of(s->member, palier_str(unit), cause, points);

	if (points == 0)
		return PALIER_OK;
	PALIER_SET(&m, points_move, sale, s->number);
	if (cause == POINTS_LOAD)
		PALIER_SET(&m, points_move, line, 1);
	return points_move(c, &m);
}

static int till_on_sale(struct palier_ctx *c, const struct palier_sale *s)
{
	int err = move_add(c, s, "points", POINTS_SPEND, -wanted.spend);

	if (err == PALIER_OK)
		err = move_add(c, s, "points", POINTS_SPEND, -wanted.more);
	if (err == PALIER_OK)
		err = move_add(c, s, "credit", POINTS_PAY, -wanted.pay);
	if (err == PALIER_OK)
		err = move_add(c, s, "points", POINTS_GRANT, wanted.grant);
	return err == PALIER_OK ? move_add(c, s, "credit", POINTS_LOAD, wanted.load) : err;
}

static int till_configure(struct palier_setup *s, cfg_t *section, const void **out)
{
	(void)s;
	(void)section;
	(void)out;
	return PALIER_OK;
}

static cfg_opt_t till_options[] = { CFG_END() };
static const struct palier_plugin till = { .abi = PALIER_PLUGIN_ABI,
	.name = "till",
	.options = till_options,
	.configure = till_configure,
	.on_sale = till_on_sale };

extern const struct palier_plugin palier_plugin_points;
static const struct palier_plugin *const plugins[] = { &palier_plugin_points, &till, NULL };

/* --- steps --- */

enum step_kind {
	END,
	CLOCK,
	MEMBER,
	BUY,
	SPEND,
	PAY,
	LOAD,
	GRANT,
	GIVE,
	CREDIT,
	RETURN,
	QUOTE,
	RETURN_LOAD,
	RETURN_FREE,
	CLAIMED,
	VOID,
	CLOSE,
	MERGE,
	ERASE,
	OFFLINE,
	SUPERVISED,
	RECONFIGURE,
	MOVED,
	SEE,
	REPLY,
	REFUND,
	BALANCES,
	ALERTED,
	TOTAL,
	EVER,
	HISTORY,
	REMEMBERED,
	REFUSED
};

struct step {
	enum step_kind kind;
	const char *text, *other;
	int64_t a, b, c;
};

/* clang-format off */
#define AT(now)                     { CLOCK, now, now, 0, 0, 0 }
#define SENT(at, arrives)           { CLOCK, at, arrives, 0, 0, 0 }
#define WHO(n)                      { MEMBER, NULL, NULL, n, 0, 0 }
/* A sale of so many euros earns as many points; it may spend points, pay with credit, load credit, be granted points. */
#define BUYS(sale, euros)           { BUY, sale, NULL, euros, 0, 0 }
#define SPENDS(sale, euros, points) { SPEND, sale, NULL, euros, points, 0 }
/* For two rewards. */
#define SPENDS_TWICE(sale, points, more) { SPEND, sale, NULL, 0, points, more }
#define PAYS(sale, euros, credit)   { PAY, sale, NULL, euros, credit, 0 }
#define LOADS(sale, euros, credit)  { LOAD, sale, NULL, euros, credit, 0 }
#define WINS(sale, euros, points)   { GRANT, sale, NULL, euros, points, 0 }
/* Adjust: points, credit. */
#define GETS(points)                { GIVE, NULL, NULL, points, 0, 0 }
#define HAS_CREDIT(points)          { CREDIT, NULL, NULL, points, 0, 0 }
/* Of a sale of `base` euros, `before` had come back and `after` has now. */
#define RETURNS(sale, before, after, base) { RETURN, sale, "R", before, after, base }
#define ASKS(sale, before, after, base)    { QUOTE, sale, NULL, before, after, base }
#define RETURNS_FREE(sale, before, after, base) { RETURN_FREE, sale, "R", before, after, base }
#define RETURNS_LOAD(sale)          { RETURN_LOAD, sale, "R", 0, 0, 1 }
/* A sale without a member, and the claim of it. */
#define CLAIMED(sale, claim, euros) { CLAIMED, sale, claim, euros, 0, 0 }
#define VOIDS(number)               { VOID, number, NULL, 0, 0, 0 }
#define CLOSES(closed, opened, events) { CLOSE, NULL, NULL, closed, opened, events }
#define MERGES(from, into)          { MERGE, NULL, NULL, from, into, 0 }
#define ERASES(n)                   { ERASE, NULL, NULL, n, 0, 0 }
#define IS_OFFLINE(yes)             { OFFLINE, NULL, NULL, yes, 0, 0 }
#define IS_SUPERVISED(yes)          { SUPERVISED, NULL, NULL, yes, 0, 0 }
#define CONFIG(text)                { RECONFIGURE, text, NULL, 0, 0, 0 }
/* What must be (REMEMBERS: rows about sales beyond their lots): the moves of the last event, the member view, the parts of the last event's reply, ... */
#define MOVES(text)                 { MOVED, text, NULL, 0, 0, 0 }
#define SEES(text)                  { SEE, text, NULL, 0, 0, 0 }
#define SAYS(sale, json)            { REPLY, json, sale, 0, 0, 0 }
#define REFUNDS(sale, json)         { REFUND, json, sale, 0, 0, 0 }
#define HAS(json)                   { BALANCES, json, NULL, 0, 0, 0 }
#define ALERTS(text)                { ALERTED, text, NULL, 0, 0, 0 }
#define TOTALS(json)                { TOTAL, json, NULL, 0, 0, 0 }
#define OF_ALL_TIME(json)           { EVER, json, NULL, 0, 0, 0 }
#define LISTS(json)                 { HISTORY, json, NULL, 0, 0, 0 }
#define REMEMBERS(sales)            { REMEMBERED, NULL, NULL, sales, 0, 0 }
#define NO(err, sentence)           { REFUSED, sentence, NULL, err, 0, 0 }
/* clang-format on */

#define POINTS(settings) \
	"points { unit points { " settings " }  unit credit { kind = money " settings " }" \
	"  earn base { unit = points  per = \"1.00\" } }"
#define NEGATIVE     POINTS("")
#define CLAMP        POINTS("shortfall = clamp")
#define REFUSE       POINTS("shortfall = refuse")
#define MONTHLY      POINTS("expires = \"end of month\"")
#define UNIT(points) "{\"unit\":\"points\",\"points\":" points "}"

/* Moves as the last event has them: cause, points, =balance after, the lots with their last days, the hole dug or filled, and of what is
 * taken back: had/requested, what had lapsed of it. */
static const struct story {
	const char *name, *config;
	struct step steps[24];
} stories[] = {
	/* --- what was earned goes back --- */
	{ "half of a sale comes back: half of what it earned goes", NEGATIVE,
		{ BUYS("T1", 100), RETURNS("T1", 0, 50, 100), MOVES("reverse -50 =50 (50@never) 50/50"),
			SAYS("T1", "\"reversed\":[" UNIT("50") "],\"restored\":[]"), HAS("{\"points\":50,\"credit\":0}") } },
	{ "of a cart that earned 70, half the value takes back 35",
		"points { unit points {}  earn e { unit = points  per = \"4.00\"  points = 7 } }",
		{ BUYS("T1", 40), MOVES("earn 70 =70"), RETURNS("T1", 0, 20, 40),
			MOVES("reverse -35 =35 (35@never) 35/35") } },
	{ "a series of partial returns ends at nothing", NEGATIVE,
		{ BUYS("T1", 100), RETURNS("T1", 0, 1, 3), MOVES("reverse -33 =67 (33@never) 33/33"), RETURNS("T1", 1, 2, 3),
			MOVES("reverse -34 =33 (34@never) 34/34"), RETURNS("T1", 2, 3, 3),
			MOVES("reverse -33 =0 (33@never) 33/33") } },
	{ "a return of nothing's worth moves nothing", NEGATIVE, { BUYS("T1", 100), RETURNS("T1", 0, 0, 100), MOVES("") } },
	{ "the sale's own lot goes first, though another lapses before it", POINTS("expires = \"12 months\""),
		{ AT("2026-11-20T12:00:00+01:00"), BUYS("T1", 30), AT("2026-11-21T12:00:00+01:00"), BUYS("T2", 20),
			RETURNS("T2", 0, 1, 1), MOVES("reverse -20 =30 (20@20271121) 20/20") } },
	{ "the sale's own lot goes first, though it is pending", POINTS("pending = 14"),
		{ GETS(50), BUYS("T1", 30), RETURNS("T1", 0, 1, 1), MOVES("reverse -30 =50 (30@never) 30/30") } },
	{ "what the own lot lacks is taken as a debit is, pending points last",
		POINTS("pending = 14  expires = \"end of month\""),
		{ AT("2026-11-01T12:00:00+01:00"), BUYS("T1", 50), AT("2026-11-16T12:00:00+01:00"), SPENDS("T2", 30, 40),
			GETS(15), RETURNS("T1", 0, 1, 1),
			MOVES("reverse -50 =5 (10@20261130, 15@20261130, 25@20261130) 50/50") } },
	{ "points that lapsed unspent count as collected", MONTHLY,
		{ AT("2026-11-21T12:00:00+01:00"), BUYS("T1", 100), AT("2026-12-05T12:00:00+01:00"), BUYS("T2", 10),
			RETURNS("T1", 0, 1, 2), MOVES("reverse -50 =10 (50@20261130) 50/50"), RETURNS("T1", 1, 2, 2),
			MOVES("reverse -50 =10 (50@20261130) 50/50") } },
	{ "points that lapsed unspent count as collected after that was booked, too", MONTHLY,
		{ AT("2026-11-21T12:00:00+01:00"), BUYS("T1", 100), SPENDS("T2", 0, 30), AT("2026-12-01T12:00:00+01:00"),
			CLOSES(20261130, 20261201, 1), BUYS("T3", 10), RETURNS("T1", 0, 1, 2),
			MOVES("reverse 0 =10 50/50 lapsed 50"), RETURNS("T1", 1, 2, 2),
			MOVES("reverse -30 =-20 (10@20261231) hole 20 50/50 lapsed 20"),
			SAYS("T1", "\"reversed\":[" UNIT("50") "],\"restored\":[]") } },
	{ "what lapsed of a grant with the sale does not count", MONTHLY,
		{ AT("2026-11-21T12:00:00+01:00"), WINS("T1", 10, 5), SPENDS("T2", 0, 8), AT("2026-12-01T12:00:00+01:00"),
			CLOSES(20261130, 20261201, 1), RETURNS("T1", 0, 1, 1),
			MOVES("reverse -8 =-8 hole 8 10/10 lapsed 2") } },
	{ "what lapsed is forgotten once it is counted", MONTHLY,
		{ AT("2026-11-21T12:00:00+01:00"), BUYS("T1", 10), AT("2026-12-01T12:00:00+01:00"),
			CLOSES(20261130, 20261201, 1), REMEMBERS(1), RETURNS("T1", 0, 1, 1), REMEMBERS(0) } },
	{ "what is owed is forgotten once it is collected", CLAMP,
		{ BUYS("T1", 10), SPENDS("T2", 0, 10), RETURNS("T1", 0, 1, 2), REMEMBERS(1), GETS(20),
			RETURNS("T1", 1, 2, 2), REMEMBERS(0) } },
	{ "what was swallowed by a negative balance is spent", NEGATIVE,
		{ BUYS("T1", 150), SPENDS("T2", 0, 100), RETURNS("T1", 0, 1, 1), BUYS("T3", 80),
			MOVES("earn 80 =-20 hole 80"), RETURNS("T3", 0, 1, 1), MOVES("reverse -80 =-100 hole 80 80/80") } },
	{ "another sale's number changes nothing", NEGATIVE,
		{ BUYS("T1", 10), BUYS("T2", 20), RETURNS("T2", 0, 1, 1), MOVES("reverse -20 =10 (20@never) 20/20"),
			SAYS("T1", "\"reversed\":[],\"restored\":[]") } },
	{ "a claimed sale's points go back", NEGATIVE,
		{ CLAIMED("T1", "C1", 100), RETURNS("T1", 0, 1, 2), MOVES("reverse -50 =50 (50@never) 50/50") } },

	/* --- points that are spent already --- */
	{ "negative: what is gone makes the balance negative", NEGATIVE,
		{ BUYS("T1", 150), SPENDS("T2", 0, 100), RETURNS("T1", 0, 1, 1),
			MOVES("reverse -150 =-100 (50@never) hole 100 150/150"),
			SAYS("T1", "\"reversed\":[" UNIT("150") "],\"restored\":[]"), ALERTS("") } },
	{ "clamp: nothing below nothing, and the rest is uncollected", CLAMP,
		{ BUYS("T1", 150), SPENDS("T2", 0, 100), RETURNS("T1", 0, 1, 1), MOVES("reverse -50 =0 (50@never) 50/150"),
			SAYS("T1", "\"reversed\":[" UNIT("50") "],\"restored\":[],\"uncollected\":[" UNIT("100") "]"),
			HAS("{\"points\":0,\"credit\":0}") } },
	{ "clamp: a series of partial returns collects what one full return would", CLAMP,
		{ BUYS("T1", 100), SPENDS("T2", 0, 80), RETURNS("T1", 0, 1, 2), MOVES("reverse -20 =0 (20@never) 20/50"),
			GETS(60), RETURNS("T1", 1, 2, 2), MOVES("reverse -60 =0 (60@never) 60/50"),
			SAYS("T1", "\"reversed\":[" UNIT("60") "],\"restored\":[]"), GETS(100), RETURNS("T1", 2, 2, 2),
			MOVES("") } },
	{ "clamp: one sale's shortfall is not another's", CLAMP,
		{ BUYS("T1", 100), SPENDS("T2", 0, 100), RETURNS("T1", 0, 1, 1), MOVES("reverse 0 =0 0/100"), BUYS("T3", 50),
			GETS(50), RETURNS("T3", 0, 1, 1), MOVES("reverse -50 =50 (50@never) 50/50") } },
	{ "refuse: what is gone cannot be taken back", REFUSE,
		{ BUYS("T1", 150), SPENDS("T2", 0, 100), RETURNS("T1", 0, 1, 1),
			NO(PALIER_EINSUFFICIENT_POINTS,
				"100 of the points that go back are spent already: it takes a supervisor"),
			SEES("50"), RETURNS("T1", 0, 1, 3), MOVES("reverse -50 =0 (50@never) 50/50") } },
	{ "refuse: a supervisor's badge makes the balance negative", REFUSE,
		{ BUYS("T1", 150), SPENDS("T2", 0, 100), IS_SUPERVISED(1), RETURNS("T1", 0, 1, 1),
			MOVES("reverse -150 =-100 (50@never) hole 100 150/150"), ALERTS("") } },
	{ "clamp: a supervisor's badge changes nothing", CLAMP,
		{ BUYS("T1", 150), SPENDS("T2", 0, 150), IS_SUPERVISED(1), RETURNS("T1", 0, 1, 1),
			MOVES("reverse 0 =0 0/150") } },
	{ "refuse: offline makes the balance negative, with an alert", REFUSE,
		{ BUYS("T1", 150), SPENDS("T2", 0, 100), IS_OFFLINE(1), RETURNS("T1", 0, 1, 1),
			MOVES("reverse -150 =-100 (50@never) hole 100 150/150 shortfall 100"),
			ALERTS("shortfall points 100") } },
	{ "clamp: offline makes the balance negative, with what was owed", CLAMP,
		{ BUYS("T1", 150), SPENDS("T2", 0, 150), RETURNS("T1", 0, 1, 3), IS_OFFLINE(1), RETURNS("T1", 1, 3, 3),
			MOVES("reverse -150 =-150 hole 150 150/100 shortfall 150") } },
	{ "the policy is that of the sale, not of today: clamp", CLAMP,
		{ BUYS("T1", 150), SPENDS("T2", 0, 150), CONFIG(NEGATIVE), RETURNS("T1", 0, 1, 1),
			MOVES("reverse 0 =0 0/150") } },
	{ "the policy is that of the sale, not of today: negative", NEGATIVE,
		{ BUYS("T1", 150), SPENDS("T2", 0, 150), CONFIG(REFUSE), RETURNS("T1", 0, 1, 1),
			MOVES("reverse -150 =-150 hole 150 150/150") } },
	{ "a unit taken out of the configuration still goes back", NEGATIVE,
		{ BUYS("T1", 100), SPENDS("T2", 10, 30), CONFIG("points { unit coffee {} }"), RETURNS("T2", 0, 1, 1),
			MOVES("restore 30 =110 (30@never), reverse -10 =100 (10@never) 10/10"),
			HAS("{\"points\":100,\"coffee\":0}") } },
	{ "without any programme a sale still goes back", NEGATIVE,
		{ BUYS("T1", 100), CONFIG(""), RETURNS("T1", 0, 1, 1), MOVES("reverse -100 =0 (100@never) 100/100") } },

	/* --- what was spent comes back --- */
	{ "spent points come back to their lots, in the order in which they were taken", MONTHLY,
		{ AT("2026-11-01T12:00:00+01:00"), BUYS("T1", 30), CONFIG(POINTS("expires = \"end of year\"")),
			BUYS("T2", 70), SPENDS("T3", 0, 60), MOVES("spend -60 =40 (30@20261130, 30@20261231)"),
			RETURNS("T3", 0, 1, 3), MOVES("restore 20 =60 (20@20261130)"), RETURNS("T3", 1, 2, 3),
			MOVES("restore 20 =80 (10@20261130, 10@20261231)"), RETURNS("T3", 2, 3, 3),
			MOVES("restore 20 =100 (20@20261231)"),
			SAYS("T3", "\"reversed\":[],\"restored\":[" UNIT("20") "]") } },
	{ "what several rewards cost comes back as one sum", NEGATIVE,
		{ BUYS("T1", 100), SPENDS_TWICE("T2", 5, 6), RETURNS("T2", 0, 3, 10), MOVES("restore 3 =92 (3@never)"),
			RETURNS("T2", 3, 5, 10), MOVES("restore 2 =94 (2@never), restore 1 =95 (1@never)"),
			RETURNS("T2", 5, 10, 10), MOVES("restore 5 =100 (5@never)") } },
	{ "a lot that was emptied for good is there again", NEGATIVE,
		{ BUYS("T1", 30), SPENDS("T2", 0, 30), RETURNS("T2", 0, 1, 1), MOVES("restore 30 =30 (30@never)"),
			SEES("30") } },
	{ "spent points come back before earned ones go", NEGATIVE,
		{ BUYS("T1", 30), SPENDS("T2", 20, 30), SPENDS("T3", 0, 20), RETURNS("T2", 0, 1, 1),
			MOVES("restore 30 =30 (30@never), reverse -20 =10 (20@never) 20/20") } },
	{ "what has lapsed meanwhile comes back with the days of grace",
		POINTS("expires = \"end of month\"  return-grace = 10"),
		{ AT("2026-11-21T12:00:00+01:00"), BUYS("T1", 30),
			CONFIG(POINTS("expires = \"end of year\"  return-grace = 7")), BUYS("T2", 30), SPENDS("T3", 0, 40),
			CONFIG(NEGATIVE), AT("2026-12-05T12:00:00+01:00"), RETURNS("T3", 0, 1, 1),
			MOVES("restore 40 =60 (10@20261231) expired 30@20261212"),
			SAYS("T3", "\"reversed\":[],\"restored\":[{\"unit\":\"points\",\"points\":40,\"expired\":30}]"),
			AT("2026-12-13T00:00:00+01:00"), SEES("30") } },
	{ "a return that arrives late knows what has lapsed by now", MONTHLY,
		{ AT("2026-11-21T12:00:00+01:00"), BUYS("T1", 30), SPENDS("T2", 0, 30),
			SENT("2026-11-22T12:00:00+01:00", "2026-12-05T12:00:00+01:00"), RETURNS("T2", 0, 1, 1),
			MOVES("restore 30 =30 expired 30@20270104") } },
	{ "a negative balance swallows what comes back", NEGATIVE,
		{ BUYS("T1", 50), SPENDS("T2", 0, 50), RETURNS("T1", 0, 1, 1), MOVES("reverse -50 =-50 hole 50 50/50"),
			RETURNS("T2", 0, 1, 2), MOVES("restore 25 =-25 hole 25"), RETURNS("T2", 1, 2, 2),
			MOVES("restore 25 =0 hole 25") } },
	{ "a negative balance leaves the rest of what comes back to the lots", NEGATIVE,
		{ BUYS("T1", 20), GETS(30), SPENDS("T2", 0, 50), RETURNS("T1", 0, 1, 1), RETURNS("T2", 0, 1, 1),
			MOVES("restore 50 =30 (30@never) hole 20") } },

	/* --- stored value --- */
	{ "tender goes back in proportion", NEGATIVE,
		{ HAS_CREDIT(5000), PAYS("T1", 100, 3000), RETURNS("T1", 0, 5000, 10000),
			MOVES("refund 1500 =3500 (1500@never), reverse -50 =50 (50@never) 50/50"),
			REFUNDS("T1", "\"units\":[{\"unit\":\"credit\",\"points\":1500}] 1500"),
			RETURNS("T1", 5000, 10000, 10000),
			MOVES("refund 1500 =5000 (1500@never), reverse -50 =0 (50@never) 50/50") } },
	{ "tender beyond what the goods cost does not go back with them", NEGATIVE,
		{ HAS_CREDIT(5000), PAYS("T1", 10, 1500), RETURNS("T1", 0, 1000, 1000),
			MOVES("refund 1000 =4500 (1000@never), reverse -10 =0 (10@never) 10/10") } },
	{ "tender that paid for no goods, which were free, does not go back with them", NEGATIVE,
		{ HAS_CREDIT(5000), PAYS("T1", 0, 500), RETURNS_FREE("T1", 0, 1000, 1000), MOVES("") } },
	{ "a top-up that comes back takes what it loaded", NEGATIVE,
		{ LOADS("T1", 0, 2000), HAS_CREDIT(100), RETURNS_LOAD("T1"),
			MOVES("reverse -2000 =100 (2000@never) 2000/2000") } },
	{ "a top-up that was spent is taken by the unit's policy", CLAMP,
		{ LOADS("T1", 0, 2000), PAYS("T2", 0, 1500), RETURNS_LOAD("T1"),
			MOVES("reverse -500 =0 (500@never) 500/2000") } },
	{ "a top-up whose credit lapsed is not counted as collected", MONTHLY,
		{ AT("2026-11-21T12:00:00+01:00"), LOADS("T1", 0, 2000), AT("2026-12-05T12:00:00+01:00"), RETURNS_LOAD("T1"),
			MOVES("reverse -2000 =-2000 hole 2000 2000/2000") } },
	{ "a return of goods leaves the top-up alone", NEGATIVE,
		{ LOADS("T1", 10, 2000), RETURNS("T1", 0, 1, 1), MOVES("reverse -10 =0 (10@never) 10/10") } },

	/* --- quotes --- */
	{ "the quote of a return equals the return and leaves nothing behind", CLAMP,
		{ BUYS("T1", 150), SPENDS("T2", 0, 100), ASKS("T1", 0, 1, 1), MOVES("reverse -50 =0 (50@never) 50/150"),
			SEES("50"), RETURNS("T1", 0, 1, 1), MOVES("reverse -50 =0 (50@never) 50/150") } },

	/* --- void --- */
	{ "a voided sale has not been", MONTHLY,
		{ AT("2026-11-21T12:00:00+01:00"), BUYS("T1", 100), SPENDS("T2", 50, 30), VOIDS("T2"),
			MOVES("restore 30 =150 (30@20261130), reverse -50 =100 (50@20261130) 50/50"),
			HAS("{\"points\":100,\"credit\":0}"), SEES("100") } },
	{ "a voided return has not been", CLAMP,
		{ BUYS("T1", 100), SPENDS("T2", 0, 80), RETURNS("T1", 0, 1, 2), MOVES("reverse -20 =0 (20@never) 20/50"),
			VOIDS("R"), MOVES("restore 20 =20 (20@never) -20/-50"), GETS(100), RETURNS("T1", 0, 1, 2),
			MOVES("reverse -50 =70 (20@never, 30@never) 50/50") } },
	{ "a voided return has not counted what lapsed", MONTHLY,
		{ AT("2026-11-21T12:00:00+01:00"), BUYS("T1", 100), AT("2026-12-01T12:00:00+01:00"),
			CLOSES(20261130, 20261201, 1), RETURNS("T1", 0, 1, 1), MOVES("reverse 0 =0 100/100 lapsed 100"),
			VOIDS("R"), MOVES("restore 0 =0 -100/-100 lapsed -100"), RETURNS("T1", 0, 1, 1),
			MOVES("reverse 0 =0 100/100 lapsed 100") } },
	{ "a voided return takes back what it restored, days of grace and all",
		POINTS("expires = \"end of month\"  return-grace = 3"),
		{ AT("2026-11-21T12:00:00+01:00"), BUYS("T1", 30), CONFIG(MONTHLY), SPENDS("T2", 0, 30),
			AT("2026-12-05T12:00:00+01:00"), RETURNS("T2", 0, 1, 1), MOVES("restore 30 =30 expired 30@20270104"),
			VOIDS("R"), MOVES("reverse -30 =0 (30@20270104) 30/30"), RETURNS("T2", 0, 1, 1),
			MOVES("restore 30 =30 expired 30@20270104") } },
	{ "a void gives a lot back that lapses meanwhile, and it stays lapsed", POINTS("expires = \"1 day\""),
		{ AT("2026-11-21T12:00:00+01:00"), BUYS("T1", 30), SPENDS("T2", 0, 30), AT("2026-11-23T01:00:00+01:00"),
			VOIDS("T2"), MOVES("restore 30 =0 (30@20261122)") } },
	{ "points of a voided sale that are spent follow its policy: negative", NEGATIVE,
		{ BUYS("T1", 100), SPENDS("T2", 0, 80), VOIDS("T1"),
			MOVES("reverse -100 =-80 (20@never) hole 80 100/100") } },
	{ "points of a voided sale that are spent follow its policy: clamp", CLAMP,
		{ BUYS("T1", 100), SPENDS("T2", 0, 80), VOIDS("T1"), MOVES("reverse -20 =0 (20@never) 20/100"),
			REMEMBERS(0) } },
	{ "points of a voided sale that are spent follow its policy: refuse", REFUSE,
		{ BUYS("T1", 100), SPENDS("T2", 0, 80), VOIDS("T1"),
			NO(PALIER_EINSUFFICIENT_POINTS,
				"80 of the points that go back are spent already: it takes a supervisor") } },
	{ "what was granted with a voided sale goes, too", NEGATIVE,
		{ WINS("T1", 10, 5), MOVES("earn 10 =10, grant 5 =15"), VOIDS("T1"),
			MOVES("reverse -5 =10 (5@never) 5/5, reverse -10 =0 (10@never) 10/10") } },
	{ "a voided sale that filled a negative balance leaves it negative again", NEGATIVE,
		{ BUYS("T1", 50), SPENDS("T2", 0, 50), RETURNS("T1", 0, 1, 1), BUYS("T3", 30), MOVES("earn 30 =-20 hole 30"),
			VOIDS("T3"), MOVES("reverse -30 =-50 hole 30 30/30") } },
	{ "a voided payment is refunded", NEGATIVE,
		{ HAS_CREDIT(500), PAYS("T1", 0, 300), VOIDS("T1"), MOVES("refund 300 =500 (300@never)") } },
	{ "a voided load goes", NEGATIVE,
		{ LOADS("T1", 0, 300), VOIDS("T1"), MOVES("reverse -300 =0 (300@never) 300/300") } },

	/* --- offline --- */
	{ "what was spent offline beyond the balance makes it negative, with an alert", POINTS("shortfall = refuse"),
		{ BUYS("T1", 30), IS_OFFLINE(1), SPENDS("T2", 0, 50),
			MOVES("spend -50 =-20 (30@never) hole 20 shortfall 20"), ALERTS("shortfall points 20") } },
	{ "what was spent offline within the balance is no shortfall", NEGATIVE,
		{ BUYS("T1", 30), IS_OFFLINE(1), SPENDS("T2", 0, 30), MOVES("spend -30 =0 (30@never)"), ALERTS("") } },
	{ "what was spent offline takes pending points before it makes the balance negative", POINTS("pending = 14"),
		{ BUYS("T1", 30), IS_OFFLINE(1), SPENDS("T2", 0, 40),
			MOVES("spend -40 =-10 (30@never) hole 10 shortfall 10") } },
	{ "an offline debit that comes back fills the hole that it dug", NEGATIVE,
		{ BUYS("T1", 30), IS_OFFLINE(1), SPENDS("T2", 0, 50), IS_OFFLINE(0), RETURNS("T2", 0, 1, 1),
			MOVES("restore 50 =30 (30@never) hole 20") } },
	{ "an offline debit whose hole was filled comes back with an expiry of its day", POINTS("expires = \"end of year\""),
		{ AT("2026-11-21T12:00:00+01:00"), BUYS("T1", 30), IS_OFFLINE(1), SPENDS("T2", 0, 50), IS_OFFLINE(0),
			BUYS("T3", 25), RETURNS("T2", 0, 1, 1), MOVES("restore 50 =55 (20@20261231, 30@20261231)") } },
	{ "a voided offline shortfall has not been", NEGATIVE,
		{ BUYS("T1", 30), IS_OFFLINE(1), SPENDS("T2", 0, 50), IS_OFFLINE(0), VOIDS("T2"),
			MOVES("restore 50 =30 (30@never) hole 20 shortfall -20"),
			TOTALS("\"units\":{\"points\":{\"earn\":30,\"spend\":-50,\"restore\":50,\"outstanding\":30}}") } },

	/* --- expiry --- */
	{ "what is left of a lot is booked as expired", MONTHLY,
		{ AT("2026-11-21T12:00:00+01:00"), BUYS("T1", 30), SPENDS("T2", 0, 10), AT("2026-12-01T08:00:00+01:00"),
			CLOSES(20261130, 20261201, 1), MOVES("expire -20 =0 (20@20261130)"),
			LISTS("expire -20 20261130, spend -10, earn 30 20261130"), SEES("0") } },
	{ "an empty lot is closed with a row of zero", MONTHLY,
		{ AT("2026-11-21T12:00:00+01:00"), BUYS("T1", 10), SPENDS("T2", 0, 10), AT("2026-12-01T08:00:00+01:00"),
			CLOSES(20261130, 20261201, 1), LISTS("expire 0 20261130, spend -10, earn 10 20261130") } },
	{ "lots of one date are one row, those of another are another", POINTS("expires = \"5 days\""),
		{ AT("2026-11-20T12:00:00+01:00"), BUYS("T1", 10), AT("2026-11-21T12:00:00+01:00"), BUYS("T2", 20),
			BUYS("T3", 30), AT("2026-12-01T08:00:00+01:00"), CLOSES(20261130, 20261201, 1),
			LISTS("expire -50 20261126, expire -10 20261125, earn 30 20261126, earn 20 20261126, earn 10 20261125") } },
	{ "expiry is booked once", MONTHLY,
		{ AT("2026-11-21T12:00:00+01:00"), BUYS("T1", 10), AT("2026-12-01T08:00:00+01:00"),
			CLOSES(20261130, 20261201, 1), CLOSES(20261201, 20261202, 0),
			LISTS("expire -10 20261130, earn 10 20261130") } },
	{ "a lot that can still be used on the day that opens does not lapse", MONTHLY,
		{ AT("2026-11-30T12:00:00+01:00"), BUYS("T1", 10), CLOSES(20261130, 20261130, 0), SEES("10") } },
	{ "a lot that lapses after the day that was closed waits", MONTHLY,
		{ AT("2026-11-30T12:00:00+01:00"), BUYS("T1", 10), AT("2026-12-01T08:00:00+01:00"),
			CLOSES(20261129, 20261201, 0), SEES("0") } },
	{ "of two lots only the one that has lapsed by the day closed is booked", POINTS("expires = \"5 days\""),
		{ AT("2026-11-20T12:00:00+01:00"), BUYS("T1", 10), AT("2026-11-26T12:00:00+01:00"), BUYS("T2", 20),
			AT("2026-12-02T08:00:00+01:00"), CLOSES(20261130, 20261202, 1),
			LISTS("expire -10 20261125, earn 20 20261201, earn 10 20261125") } },
	{ "a history says of no debit when it lapses", MONTHLY,
		{ AT("2026-11-21T12:00:00+01:00"), BUYS("T1", 10), SPENDS("T2", 0, 10), RETURNS("T1", 0, 1, 1),
			LISTS("reverse -10, spend -10, earn 10 20261130") } },
	{ "never is never booked", NEGATIVE,
		{ BUYS("T1", 10), AT("2096-12-01T08:00:00+01:00"), CLOSES(20961130, 20961201, 0), SEES("10") } },
	{ "what comes late is booked as expired at the next close", POINTS("expires = \"5 days\""),
		{ SENT("2026-11-01T12:00:00+01:00", "2026-11-21T12:00:00+01:00"), BUYS("T1", 10),
			AT("2026-11-22T08:00:00+01:00"), CLOSES(20261121, 20261122, 1),
			LISTS("expire -10 20261106, earn 10 20261106") } },
	{ "all members' lots lapse", MONTHLY,
		{ AT("2026-11-21T12:00:00+01:00"), WHO(15), BUYS("T1", 10), WHO(1), BUYS("T2", 20),
			AT("2026-12-01T08:00:00+01:00"), CLOSES(20261130, 20261201, 1),
			OF_ALL_TIME("\"units\":{\"points\":{\"earn\":30,\"expire\":-30,\"outstanding\":0}}") } },

	/* --- merge and erasure --- */
	{ "merged lots keep their expiry", MONTHLY,
		{ AT("2026-11-21T12:00:00+01:00"), WHO(2), BUYS("T1", 10), CONFIG(POINTS("expires = \"end of year\"")),
			BUYS("T2", 20), WHO(1), BUYS("T3", 5), MERGES(2, 1),
			MOVES("merge -30 =0 (10@20261130, 20@20261231), merge 30 =35 (10@20261130, 20@20261231)"),
			SEES("35"), WHO(2), SEES("0"), WHO(1), AT("2026-12-01T08:00:00+01:00"), SEES("25") } },
	{ "a merged member's sale is returned from the lot that it earned", POINTS("expires = \"end of year\""),
		{ WHO(2), BUYS("T1", 10), WHO(1), BUYS("T2", 20), MERGES(2, 1), RETURNS("T1", 0, 1, 1),
			MOVES("reverse -10 =20 (10@20261231) 10/10"), HAS("{\"points\":20,\"credit\":0}") } },
	{ "a merged member's spent points come back to the survivor", NEGATIVE,
		{ WHO(2), BUYS("T1", 30), SPENDS("T2", 0, 10), MERGES(2, 1), RETURNS("T2", 0, 1, 1),
			MOVES("restore 10 =30 (10@never)") } },
	{ "a merged member's sale is voided at the survivor", NEGATIVE,
		{ WHO(2), BUYS("T1", 30), MERGES(2, 1), VOIDS("T1"), MOVES("reverse -30 =0 (30@never) 30/30"),
			HAS("{\"points\":0,\"credit\":0}") } },
	{ "a merged member's shortfall is still owed", CLAMP,
		{ WHO(2), BUYS("T1", 100), SPENDS("T2", 0, 100), RETURNS("T1", 0, 1, 2), MERGES(2, 1), WHO(1), GETS(120),
			RETURNS("T1", 1, 2, 2), MOVES("reverse -100 =20 (100@never) 100/50") } },
	{ "a merged member's lapsed points still count", MONTHLY,
		{ AT("2026-11-21T12:00:00+01:00"), WHO(2), BUYS("T1", 100), AT("2026-12-01T12:00:00+01:00"),
			CLOSES(20261130, 20261201, 1), MERGES(2, 1), RETURNS("T1", 0, 1, 1),
			MOVES("reverse 0 =0 100/100 lapsed 100") } },
	{ "a negative balance meets the lots of the survivor at once", NEGATIVE,
		{ WHO(2), BUYS("T1", 50), SPENDS("T2", 0, 50), RETURNS("T1", 0, 1, 1), WHO(1), BUYS("T3", 30), MERGES(2, 1),
			MOVES("merge 50 =0 hole 50, merge -50 =-20 (30@never) hole 20"), SEES("-20") } },
	{ "merged lots meet the survivor's negative balance at once", NEGATIVE,
		{ WHO(1), BUYS("T1", 20), SPENDS("T2", 0, 20), RETURNS("T1", 0, 1, 1), WHO(2), BUYS("T3", 50), MERGES(2, 1),
			MOVES("merge -50 =0 (50@never), merge 50 =30 (30@never) hole 20") } },
	{ "lapsed lots fill no negative balance by a merge", MONTHLY,
		{ AT("2026-11-21T12:00:00+01:00"), WHO(1), BUYS("T1", 20), SPENDS("T2", 0, 20), RETURNS("T1", 0, 1, 1),
			WHO(2), BUYS("T3", 50), AT("2026-12-01T12:00:00+01:00"), MERGES(2, 1),
			MOVES("merge -50 =0 (50@20261130), merge 50 =-20 (50@20261130)") } },
	{ "two negative balances add up", NEGATIVE,
		{ WHO(1), BUYS("T1", 20), SPENDS("T2", 0, 20), RETURNS("T1", 0, 1, 1), WHO(2), BUYS("T3", 30),
			SPENDS("T4", 0, 30), RETURNS("T3", 0, 1, 1), MERGES(2, 1),
			MOVES("merge 30 =0 hole 30, merge -30 =-50 hole 30") } },
	{ "a merge offline is no shortfall", NEGATIVE,
		{ WHO(2), BUYS("T1", 20), SPENDS("T2", 0, 20), RETURNS("T1", 0, 1, 1), IS_OFFLINE(1), MERGES(2, 1),
			MOVES("merge 20 =0 hole 20, merge -20 =-20 hole 20"), ALERTS("") } },
	{ "who has nothing is merged without a word", NEGATIVE, { WHO(1), BUYS("T1", 20), MERGES(2, 1), MOVES("") } },
	{ "an erasure closes the points", MONTHLY,
		{ AT("2026-11-21T12:00:00+01:00"), BUYS("T1", 20), ERASES(1), MOVES("expire -20 =0 (20@20261130)"),
			REMEMBERS(0), SEES("0"), AT("2026-12-01T08:00:00+01:00"), CLOSES(20261130, 20261201, 0),
			OF_ALL_TIME("\"units\":{\"points\":{\"earn\":20,\"expire\":-20,\"outstanding\":0}}") } },
	{ "an erasure forgives a negative balance", NEGATIVE,
		{ BUYS("T1", 20), SPENDS("T2", 0, 20), RETURNS("T1", 0, 1, 1), ERASES(1), MOVES("adjust 20 =0 hole 20"),
			SEES("0") } },
	{ "a return after an erasure is uncollected, and nothing comes back", NEGATIVE,
		{ BUYS("T1", 30), SPENDS("T2", 20, 10), ERASES(1), RETURNS("T2", 0, 1, 1), MOVES("reverse 0 =0 0/20"),
			SAYS("T2", "\"reversed\":[],\"restored\":[],\"uncollected\":[" UNIT("20") "]"), SEES("0"),
			VOIDS("R"), MOVES("restore 0 =0 0/-20") } },

	/* --- totals --- */
	{ "a day's totals are the sums of its moves", NEGATIVE,
		{ BUYS("T1", 100), SPENDS("T2", 50, 30), RETURNS("T1", 0, 1, 2), HAS_CREDIT(500),
			TOTALS("\"units\":{\"points\":{\"earn\":150,\"spend\":-30,\"reverse\":-50,\"outstanding\":70},"
			       "\"credit\":{\"adjust\":500,\"outstanding\":500}}") } },
	{ "a new day begins at nothing, and what is outstanding stays", NEGATIVE,
		{ BUYS("T1", 100), CLOSES(20261121, 20261122, 0), TOTALS("\"units\":{\"points\":{\"outstanding\":100}}"),
			BUYS("T2", 7), TOTALS("\"units\":{\"points\":{\"earn\":7,\"outstanding\":107}}"),
			OF_ALL_TIME("\"units\":{\"points\":{\"earn\":107,\"outstanding\":107}}") } },
	{ "totals say what was uncollected and what was short", CLAMP,
		{ BUYS("T1", 100), SPENDS("T2", 0, 100), RETURNS("T1", 0, 1, 2), IS_OFFLINE(1), SPENDS("T3", 0, 5),
			TOTALS("\"units\":{\"points\":{\"earn\":100,\"spend\":-105,\"uncollected\":50,\"shortfall\":5,\"outstanding\":-5}}"),
			RETURNS("T1", 1, 2, 2),
			OF_ALL_TIME("\"units\":{\"points\":{\"earn\":100,\"spend\":-105,\"reverse\":-100,\"shortfall\":105,"
				    "\"outstanding\":-105}}") } },
	{ "without any move there are no totals", NEGATIVE, { TOTALS("\"units\":{}") } },
};

#define STORIES (sizeof(stories) / sizeof(*stories))

/* --- how a move reads --- */

static void say(char **at, const char *end, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void say(char **at, const char *end, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(*at, (size_t)(end - *at), fmt, args);
	va_end(args);
	assert_true(n >= 0 && n < end - *at);
	*at += n;
}

static void lots_say(char **at, const char *end, const struct points_move *m)
{
	for (uint32_t i = 0; i < m->lots.count; i++) {
		const struct points_lot *l = &m->lots.at[i];

		say(at, end, "%s%lld@", i ? ", " : " (", (long long)l->points);
		if (PALIER_HAS(l, points_lot, expires))
			say(at, end, "%u", l->expires);
		else
			say(at, end, "never");
	}
	if (m->lots.count > 0)
		say(at, end, ")");
}

static void move_say(char **at, const char *end, const struct points_move *m)
{
	static const char *const causes[] = { "earn", "spend", "load", "pay", "reverse", "restore", "refund", "expire",
		"adjust", "grant", "merge" };

	say(at, end, "%s %lld =%lld", causes[m->cause], (long long)m->points, (long long)m->balance);
	lots_say(at, end, m);
	if (PALIER_HAS(m, points_move, hole))
		say(at, end, " hole %lld", (long long)m->hole);
	if (PALIER_HAS(m, points_move, requested)) {
		assert_int_equal(m->collected + m->uncollected, m->requested);
		say(at, end, " %lld/%lld", (long long)m->collected, (long long)m->requested);
	}
	if (PALIER_HAS(m, points_move, lapsed))
		say(at, end, " lapsed %lld", (long long)m->lapsed);
	if (PALIER_HAS(m, points_move, expired))
		say(at, end, " expired %lld@%u", (long long)m->expired, m->expires);
	if (PALIER_HAS(m, points_move, shortfall))
		say(at, end, " shortfall %lld", (long long)m->shortfall);
}

static const char *moves_text(const struct palier_ctx *c)
{
	static char text[512];
	const struct palier_event *ev = kit_event(c);
	char *at = text;

	text[0] = '\0';
	for (uint32_t i = 0; i < ev->effect_count; i++) {
		if (strcmp(ev->effects[i].kind->name, "points.move") != 0)
			continue;
		say(&at, text + sizeof(text), "%s", at > text ? ", " : "");
		move_say(&at, text + sizeof(text), ev->effects[i].body);
	}
	return text;
}

/* A history's rows as "kind points expires". */
static const char *history_text(struct palier_ctx *c, struct palier_id member)
{
	static char text[512];
	struct json_token tokens[512];
	struct json_doc doc = { .tokens = tokens, .capacity = 512 };
	struct balance_history p = { 0 };
	struct history_view view;
	struct palier_problem why;
	char *at = text;

	PALIER_SET(&p, balance_history, member, member);
	assert_int_equal(json_parse(&doc, palier_str(kit_answer(c, &method_balance_history, &p)), JSON_DEPTH_MAX),
		PALIER_OK);
	assert_int_equal(schema_decode(&history_view_schema, SCHEMA_WIRE, &doc, 0, palier_arena(c), &view, &why), PALIER_OK);
	text[0] = '\0';
	for (uint32_t i = 0; i < view.entries.count; i++) {
		const struct history_entry *e = &view.entries.at[i];

		say(&at, text + sizeof(text), "%s%.*s %lld", i ? ", " : "", PALIER_ARG(e->kind), (long long)e->points);
		if (PALIER_HAS(e, history_entry, expires))
			say(&at, text + sizeof(text), " %u", e->expires);
	}
	return text;
}

/* --- a run --- */

struct run {
	struct palier_ctx *c;
	struct palier_id member;
	int64_t refund;
	bool offline;
};

static int sale(struct run *r, const struct step *s, const char *number, bool has_member)
{
	const struct kit_line line = { .amount = s->a * 100 };
	int err;

	wanted.spend = s->kind == SPEND ? s->b : 0;
	wanted.more = s->kind == SPEND ? s->c : 0;
	wanted.pay = s->kind == PAY ? s->b : 0;
	wanted.load = s->kind == LOAD ? s->b : 0;
	wanted.grant = s->kind == GRANT ? s->b : 0;
	err = kit_sale(r->c, has_member ? &r->member : NULL, number, &line, 1);
	memset(&wanted, 0, sizeof(wanted));
	return err;
}

static int give(struct run *r, const char *unit, int64_t points)
{
	struct balance_adjust p = { 0 };

	PALIER_SET(&p, balance_adjust, member, r->member);
	PALIER_SET(&p, balance_adjust, unit, palier_str(unit));
	PALIER_SET(&p, balance_adjust, points, points);
	return kit_command(r->c, &method_balance_adjust, &p);
}

static int goods_return(struct run *r, const struct step *s)
{
	struct kit_return p = { .sale = s->text,
		.number = s->other,
		.claim = "C1",
		.base = s->c,
		.before = s->a,
		.after = s->b,
		.free = s->kind == RETURN_FREE,
		.load = s->kind == RETURN_LOAD ? 2 : 0 };

	r->refund = 0;
	return kit_return(r->c, &p, &r->refund);
}

/* The balance of points, which the member view begins with. */
static void balance_see(struct run *r, const char *balance)
{
	const char *view = kit_lookup(r->c, r->member), *found = strstr(view, "\"points\":");

	assert_non_null(found);
	found += strlen("\"points\":");
	assert_int_equal(strtoll(found, NULL, 10), strtoll(balance, NULL, 10));
}

static int act(struct run *r, const struct step *s)
{
	switch (s->kind) {
	case CLOCK:
		kit_late(r->c, s->text, s->other);
		return PALIER_OK;
	case MEMBER:
		r->member = kit_member((unsigned)s->a);
		return PALIER_OK;
	case BUY:
	case SPEND:
	case PAY:
	case LOAD:
	case GRANT:
		return sale(r, s, s->text, true);
	case CLAIMED:
		return sale(r, s, s->text, false) == PALIER_OK ? sale(r, s, s->other, true) : PALIER_EINTERNAL;
	case GIVE:
		return give(r, "points", s->a);
	case CREDIT:
		return give(r, "credit", s->a);
	case RETURN:
	case QUOTE:
	case RETURN_LOAD:
	case RETURN_FREE:
		return goods_return(r, s);
	case VOID:
		return kit_void(r->c, s->text);
	case CLOSE:
		assert_int_equal(kit_close(r->c, (uint32_t)s->a, (uint32_t)s->b), s->c);
		return PALIER_OK;
	case MERGE:
		return kit_merge(r->c, kit_member((unsigned)s->a), kit_member((unsigned)s->b));
	case ERASE:
		return kit_erase(r->c, kit_member((unsigned)s->a));
	case OFFLINE:
		kit_offline(r->c, s->a);
		return PALIER_OK;
	case SUPERVISED:
		kit_supervised(r->c, s->a);
		return PALIER_OK;
	default:
		kit_reconfigure(r->c, s->text);
		return PALIER_OK;
	}
}

static void refund_see(struct run *r, const struct step *s)
{
	const char *units = kit_reply_of(r->c, PALIER_REPLY_REFUND, s->other);

	assert_string_equal(palier_format(palier_arena(r->c), "%s %lld", units, (long long)r->refund), s->text);
}

/* The rows of the table `origin`. */
static void origins_see(struct palier_ctx *c, int64_t count)
{
	struct palier_key all = { 0 };
	struct palier_cursor *cur = palier_seek(kit_tables(c, 0), 4, &all);
	struct palier_bytes k, v;

	while (palier_next(cur, &k, &v) == PALIER_OK)
		count--;
	assert_int_equal(count, 0);
}

static void look(struct run *r, const struct step *s)
{
	switch (s->kind) {
	case MOVED:
		assert_string_equal(moves_text(r->c), s->text);
		break;
	case SEE:
		balance_see(r, s->text);
		break;
	case REPLY:
		assert_string_equal(kit_reply_of(r->c, PALIER_REPLY_RETURN, s->other), s->text);
		break;
	case REFUND:
		refund_see(r, s);
		break;
	case BALANCES:
		assert_string_equal(kit_reply(r->c, PALIER_REPLY_BALANCES),
			palier_format(palier_arena(r->c), "\"balances\":%s", s->text));
		break;
	case ALERTED:
		assert_string_equal(kit_alerts(r->c), s->text);
		break;
	case TOTAL:
		assert_string_equal(kit_totals(r->c, false), s->text);
		break;
	case EVER:
		assert_string_equal(kit_totals(r->c, true), s->text);
		break;
	case REMEMBERED:
		origins_see(r->c, s->a);
		break;
	default:
		assert_string_equal(history_text(r->c, r->member), s->text);
	}
}

static void test_story(void **state)
{
	const struct story *story = *state;
	struct run r = { .c = kit_new(plugins, story->config), .member = kit_member(1) };

	for (const struct step *s = story->steps; s->kind != END; s++) {
		int expected = s->kind < MOVED && s[1].kind == REFUSED ? (int)s[1].a : PALIER_OK;

		if (s->kind < MOVED)
			assert_int_equal(act(&r, s), expected);
		else if (s->kind == REFUSED)
			assert_string_equal(kit_refusal(r.c), s->text);
		else
			look(&r, s);
	}
	assert_string_equal(kit_check(r.c), "");
	assert_true(kit_same(r.c));
	kit_free(r.c);
}

int main(void)
{
	struct CMUnitTest tests[STORIES];

	for (size_t i = 0; i < STORIES; i++)
		tests[i] = (struct CMUnitTest){ stories[i].name, test_story, NULL, NULL, (void *)(uintptr_t)&stories[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
