/* SPDX-License-Identifier: Apache-2.0 */
/* In a shop that has everything: a quote is its commit, of goods and of returns; returns in parts end where one whole return ends, whatever the
 * programme is by then; and what there is once is had once. */
#include <signal.h>

#include "tests/e2e/absurd.h"

#define BASKETS 200
#define SEED    20261126
#define TILLS   64

#define UNITS \
	"	unit points { expires = \"12 months\" }\n" \
	"	unit coffee {}\n" \
	"	unit credit { kind = money }\n"
#define STARS "	unit stars { shortfall = clamp  rounding = nearest  earn-on-redeemed = false }\n"
#define RATES \
	"	earn base { unit = points  per = \"1.00\" }\n" \
	"	earn tea { unit = points  per = \"2.00\"  points = 3  when { category = tea } }\n" \
	"	earn visit { unit = points  per-visit = 5  when { spend-min = \"10.00\" } }\n" \
	"	earn promo { unit = points  multiplier = \"1.5\"  when { tag = promo } }\n" \
	"	earn stamps { unit = coffee  per-item = 1  when { category = coffee } }\n" \
	"	earn stars { unit = stars  per = \"0.70\" }\n" \
	"	earn alone { unit = stars  per = \"1.00\"  points = 2  priority = 5  stackable = false  when { category = tea } }\n"
#define REWARDS \
	"rewards {\n" \
	"	reward five-off { unit = points  cost = 50  kind = amount  value = \"5.00\" }\n" \
	"	reward eighth { unit = points  cost = 30  kind = percent  value = \"12.5\"  cap = \"20.00\" }\n" \
	"	reward cent { unit = points  cost = 1  kind = amount  value = \"0.01\"  min-points = 10  max-share = 50 }\n" \
	"	reward purse { unit = points  cost = 10  kind = credit  value = \"1.50\"  to = credit }\n" \
	"	reward free-one { unit = coffee  cost = 4  kind = product  skus = {a0, a1} }\n" \
	"	reward half { unit = stars  cost = 20  kind = percent  value = 50  of = cheapest }\n" \
	"	reward tea-off { unit = stars  cost = 10  kind = amount  value = \"1.50\"  of = lines  when { category = tea } }\n" \
	"	reward last { unit = points  cost = 1  kind = amount  value = \"1.00\"  max { total = 5 } }\n" \
	"}\n"
#define TIERS \
	"tiers { tier bronze { from = 0 }  tier silver { from = 300  multiplier = \"1.25\" }  tier gold { from = 2000  multiplier = \"1.5\" } }\n"
#define OFFERS \
	"offers {\n" \
	"	offer autumn { auto = true  priority = 5  stackable = false  kind = percent  value = 10  of = lines  when { tag = promo } }\n" \
	"	offer big { auto = true  priority = 3  kind = amount  value = \"2.00\"  when { spend-min = \"50.00\" } }\n" \
	"	offer tea { auto = true  priority = 2  kind = percent  value = 25  of = cheapest  when { category = tea } }\n" \
	"	offer golden { auto = true  priority = 4  kind = percent  value = 5  when { tier = {silver, gold} } }\n" \
	"	offer radio { kind = amount  value = \"2.00\"  when { coupon = RADIO } }\n" \
	"	offer solo { priority = 9  stackable = false  kind = percent  value = 15  when { coupon = SOLO } }\n" \
	"	offer flyer { codes = single  kind = amount  value = \"2.00\" }\n" \
	"	limit books { discount-max = 5  counts-points = true  when { category = book } }\n" \
	"}\n"
#define NO_FRAUD "fraud { card-often = 0  adjusted-spent = 0  round-amounts = 0 }\n"

static const struct shop_options rich = { .points = "points {\n" UNITS STARS RATES "}\n",
	.config = NO_FRAUD REWARDS TIERS OFFERS };

static uint64_t seed = SEED;

static int64_t below(int64_t n)
{
	return (int64_t)draw_below(&seed, (uint64_t)n);
}

/* A new customer, with stars as well. */
static void rich_customer(struct wire *w, int64_t points)
{
	customer(w, points, 40, 5000);
	ask_ok(w, "balance.adjust", "'request':'%s-stars','card':'%s','unit':'stars','points':500,'reason':'gift'", card,
		card);
}

/* --- random baskets --- */

static char number[16]; /* of the last ticket */

struct basket {
	char goods[4096], more[1024]; /* lines; and what a card may want beside them */
	int lines;
};

__attribute__((format(printf, 3, 4))) static void add(char *text, size_t size, const char *format, ...)
{
	size_t n = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + n, size - n, format, args);
	va_end(args);
}

#define GOODS(b, ...) add((b)->goods, sizeof((b)->goods), __VA_ARGS__)
#define MORE(b, ...)  add((b)->more, sizeof((b)->more), __VA_ARGS__)

static void draw_item(struct basket *b)
{
	static const char *const of[] = { "", ",'category':'tea'", ",'category':'coffee'", ",'category':'book'",
		",'category':'tea'", ",'category':'tea','tags':['x','promo']" };
	static const char *const quantities[] = { "1", "2", "3", "7", "0.532", "1.5" };
	int64_t amount = below(4) ? below(4000) : below(3);

	GOODS(b, "{'sku':'a%lld','amount':%lld,'quantity':%s%s", (long long)below(5), (long long)amount,
		quantities[below(6)], of[below(6)]);
	if (below(8) == 0)
		GOODS(b, ",'protected':%lld", (long long)below(amount + 1));
	GOODS(b, "}");
}

/* Something that is no goods. */
static void draw_other(struct basket *b)
{
	int64_t amount = 1 + below(700);

	switch (below(5)) {
	case 0:
		GOODS(b, "{'sku':'p','kind':'discount','amount':-%lld}", (long long)amount);
		return;
	case 1: /* the first line is goods */
		GOODS(b, "{'sku':'p','kind':'discount','on':0,'amount':-%lld}", (long long)amount);
		return;
	case 2:
		GOODS(b, "{'sku':'d','kind':'deposit','amount':%lld}", (long long)(amount - 350));
		return;
	case 3:
		GOODS(b, "{'sku':'t','kind':'tip','amount':%lld}", (long long)amount);
		return;
	default:
		GOODS(b, "{'sku':'u','kind':'topup','unit':'credit','amount':%lld}", (long long)amount);
	}
}

static void draw_redeem(struct basket *b)
{
	static const char *const names[] = { "five-off", "eighth", "cent", "purse", "free-one", "half", "tea-off", "gone" };
	int64_t count = below(4);

	MORE(b, ",'redeem':[");
	for (int64_t i = 0; i < count; i++) {
		const char *name = names[below(below(4) ? 7 : 8)];

		MORE(b, "%s{'reward':'%s'", i ? "," : "", name);
		if (strcmp(name, "cent") == 0 || below(6) == 0)
			MORE(b, ",'points':%lld", (long long)(1 + below(400)));
		else if (below(4) == 0 && strcmp(name, "eighth") != 0 && strcmp(name, "half") != 0)
			MORE(b, ",'times':%lld", (long long)(1 + below(4)));
		MORE(b, "}");
	}
	MORE(b, "]");
}

static void draw_basket(struct basket *b)
{
	static const char *const codes[] = { "", ",'coupons':['RADIO']", ",'coupons':['SOLO']", ",'coupons':['RADIO']", "" };

	*b = (struct basket){ .lines = (int)(1 + below(7)) };
	GOODS(b, "'lines':[");
	for (int i = 0; i < b->lines; i++) {
		GOODS(b, "%s", i ? "," : "");
		if (i == 0 || below(4))
			draw_item(b);
		else
			draw_other(b);
	}
	GOODS(b, "]%s", below(6) ? "" : ",'auto':false");
	if (number[0] && below(4) == 0)
		GOODS(b, ",'returns':[{'sale':'%s','lines':[{'line':0,'amount':%lld}]}]", number,
			(long long)(1 + below(400)));
	draw_redeem(b);
	MORE(b, "%s", codes[below(5)]);
	if (below(3) == 0)
		MORE(b, ",'payments':[{'kind':'unit','unit':'credit','amount':%lld}]", (long long)below(300));
}

static char *commit(struct wire *w, const char *goods, const char *more, int64_t payable)
{
	static unsigned drawn;

	snprintf(number, sizeof(number), "S-%u", ++drawn);
	return ask(w, "sale.commit", "'request':'%s','sale':'%s','card':'%s','payable':%lld,%s%s", number, number, card,
		(long long)payable, goods, more);
}

/* A commit of what a quote listed as refused is refused for one of these reasons; of what could not be quoted (a purse paying more than is left to
 * pay, which is known last), for that or another. */
static void is_refused_too(struct wire *w, const char *quoted, const struct basket *b)
{
	struct traces before = traces_of(w);
	char *reply = commit(w, b->goods, b->more, figure(quoted, "result.payable"));
	const char *reason = field(reply, "error.data.reason");
	bool listed = reason && field(quoted, "error");

	for (int64_t i = 0; reason && i < count_of(quoted, "result.refused"); i++) {
		char path[64];

		snprintf(path, sizeof(path), "result.refused[%lld].reason", (long long)i);
		listed = listed || strcmp(field(quoted, path), reason) == 0;
	}
	if (!listed)
		fail_msg("%s%s\nquoted %s, booked %s", b->goods, b->more, quoted, reply);
	traces_same(w, before);
}

/* Quoted and booked; without rewards, codes and payments when these cannot be had. */
static void goes_as_quoted(struct wire *w, struct basket *b)
{
	char *quoted = strdup(ask(w, "sale.quote", "'card':'%s',%s%s", card, b->goods, b->more)), *reply;

	if (count_of(quoted, "result.refused") != 0) { /* or there is no result */
		is_refused_too(w, quoted, b);
		b->more[0] = 0;
		if (strstr(b->goods, ",'returns'"))
			*strstr(b->goods, ",'returns'") = 0;
		free(quoted);
		quoted = strdup(ask_ok(w, "sale.quote", "'card':'%s',%s", card, b->goods));
	}
	reply = commit(w, b->goods, b->more, figure(quoted, "result.payable"));
	if (!field(reply, "result"))
		fail_msg("%s%s\nquoted %s, booked %s", b->goods, b->more, quoted, reply);
	agree(quoted, reply);
	free(quoted);
}

/* --- random returns --- */

/* What a quote says of a return, and the return itself. @param lines of the return, "" for all that is left */
static void returns_as_quoted(struct wire *w, const char *sale, const char *lines)
{
	static const char *const fields[] = { "refund", "reversed", "restored", "uncollected" };
	static unsigned drawn;
	char *quoted = strdup(ask(w, "sale.quote", "'card':'%s','lines':[],'returns':[{'sale':'%s'%s}]", card, sale, lines));
	char *reply = ask(w, "sale.return", "'request':'b-%u','return':'B-%u','sale':'%s'%s", drawn, drawn, sale, lines);

	drawn++;
	if (field(quoted, "error")) {
		assert_field(reply, "error.data.reason", field(quoted, "error.data.reason"));
		free(quoted);
		return;
	}
	assert_int_equal(figure(quoted, "result.payable"), -figure(reply, "result.refund.amount"));
	for (size_t i = 0; i < COUNT(fields); i++) {
		char path[2][48];
		const char *said, *done;

		snprintf(path[0], sizeof(path[0]), "result.returns[0].%s", fields[i]);
		snprintf(path[1], sizeof(path[1]), "result.%s", fields[i]);
		said = field(quoted, path[0]);
		done = field(reply, path[1]);
		if (strcmp(said ? said : "", done ? done : "") != 0)
			fail_msg("%s of %s%s: quoted %s, booked %s", fields[i], sale, lines, quoted, reply);
	}
	free(quoted);
}

static void draw_returns(struct wire *w, int lines)
{
	char sale[16], text[96];

	strcpy(sale, number);
	for (int64_t n = below(4); n > 0; n--) {
		if (below(2))
			snprintf(text, sizeof(text), ",'lines':[{'line':%lld,'quantity':%s}]", (long long)below(lines),
				below(2) ? "1" : "0.5");
		else
			snprintf(text, sizeof(text), ",'lines':[{'line':%lld,'amount':%lld}]", (long long)below(lines),
				(long long)(1 + below(900)));
		returns_as_quoted(w, sale, text);
	}
	if (below(2))
		returns_as_quoted(w, sale, "");
}

static void quotes_are_true(void **state)
{
	struct basket b;
	struct wire w;

	(void)state;
	if (getenv("PALIER_SEED"))
		seed = strtoull(getenv("PALIER_SEED"), NULL, 10);
	connect_to(&w, shop, DOOR_TRUST);
	for (int i = 0; i < BASKETS; i++) {
		if (i % 20 == 0)
			rich_customer(&w, 600);
		draw_basket(&b);
		goes_as_quoted(&w, &b);
		if (below(2))
			draw_returns(&w, b.lines);
	}
	wire_close(&w);
}

/* --- in parts and whole --- */

static const struct part {
	const char *name, *more; /* what the ticket has besides the goods */
	bool short_of;           /* the points are spent before the goods come back */
} parts[] = {
	{ "in parts as whole: goods alone", "", false },
	{ "in parts as whole: goods alone, their points spent", "", true },
	{ "in parts as whole: amounts off", ",'redeem':[{'reward':'five-off','times':3}]", false },
	{ "in parts as whole: amounts off, the points spent", ",'redeem':[{'reward':'five-off','times':3}]", true },
	{ "in parts as whole: percentages off", ",'redeem':[{'reward':'eighth'},{'reward':'half'}]", false },
	{ "in parts as whole: a cent a point", ",'redeem':[{'reward':'cent','points':123}]", false },
	{ "in parts as whole: a filled purse", ",'redeem':[{'reward':'purse','times':3}]", false },
	{ "in parts as whole: free goods", ",'redeem':[{'reward':'free-one','times':3}]", false },
	{ "in parts as whole: an amount off some lines, paid for in stars", ",'redeem':[{'reward':'tea-off','times':2}]",
		false },
	{ "in parts as whole: an amount off some lines, the stars spent", ",'redeem':[{'reward':'tea-off','times':2}]",
		true },
	{ "in parts as whole: a code, paid for from the purse",
		",'coupons':['RADIO'],'payments':[{'kind':'unit','unit':'credit','amount':1234}]", false },
	{ "in parts as whole: all of it, the points spent",
		",'redeem':[{'reward':'five-off'},{'reward':'eighth'},{'reward':'purse'},{'reward':'free-one'},{'reward':'half'},"
		"{'reward':'tea-off'}],'coupons':['RADIO'],'payments':[{'kind':'unit','unit':'credit','amount':777}]",
		true },
};

#define BASKET \
	"'lines':[{'sku':'a0','quantity':4,'amount':1234,'category':'coffee'},{'sku':'a1','quantity':3,'amount':1999,'category':'tea'}," \
	"{'sku':'a2','quantity':2,'amount':1801,'category':'book'},{'sku':'a3','quantity':5,'amount':3331,'protected':333}," \
	"{'sku':'a4','quantity':1.500,'amount':777},{'sku':'p','kind':'discount','amount':-333},{'sku':'p','kind':'discount','on':3,'amount':-77}," \
	"{'sku':'d','kind':'deposit','quantity':2,'amount':50}]"
static const int pieces[] = { 4, 3, 2, 5, 0, 0, 0, 2 };

static const char *const unit_names[] = { "points", "coffee", "credit", "stars" };

/* What came of the returns of one sale. */
struct sums {
	int64_t refund, units, reversed[COUNT(unit_names)], restored[COUNT(unit_names)];
};

static void sum_up(struct sums *s, const char *reply)
{
	s->refund += figure(reply, "result.refund.amount");
	s->units += points_of(reply, "result.refund.units", "credit");
	for (size_t u = 0; u < COUNT(unit_names); u++) {
		s->reversed[u] += points_of(reply, "result.reversed", unit_names[u]);
		s->restored[u] += points_of(reply, "result.restored", unit_names[u]);
	}
}

static char *give_back(struct wire *w, const char *sale, const char *lines)
{
	static unsigned drawn;

	drawn++;
	return ask_ok(w, "sale.return", "'request':'g-%u','return':'G-%u','sale':'%s'%s", drawn, drawn, sale, lines);
}

/* Who may have only so much left spends the rest. */
static void spend_all_but(struct wire *w, int64_t left)
{
	char *reply = strdup(ask_ok(w, "card.lookup", "'card':'%s'", card));

	for (size_t u = 0; u < COUNT(unit_names); u++) {
		char path[64];

		snprintf(path, sizeof(path), "result.balances.%s", unit_names[u]);
		if (figure(reply, path) > left)
			ask_ok(w, "balance.adjust",
				"'request':'%s-%s-out','card':'%s','unit':'%s','points':%lld,'reason':'spent'", card,
				unit_names[u], card, unit_names[u], (long long)(left - figure(reply, path)));
	}
	free(reply);
}

static void buys(struct wire *w, const struct part *row)
{
	char *quoted;

	rich_customer(w, 200);
	quoted = strdup(ask_ok(w, "sale.quote", "'card':'%s'," BASKET "%s", card, row->more));
	assert_int_equal(count_of(quoted, "result.refused"), 0);
	agree(quoted, commit(w, BASKET, row->more, figure(quoted, "result.payable")));
	free(quoted);
	if (row->short_of)
		spend_all_but(w, 7);
}

/* Piece by piece in a random order, some of it by amount. */
static void give_back_in_parts(struct wire *w, struct sums *s)
{
	int left[COUNT(pieces)];
	char text[64];

	memcpy(left, pieces, sizeof(left));
	for (int64_t n = 2 + below(7); n > 0; n--) {
		size_t line = (size_t)below(COUNT(pieces));
		int taken = left[line] ? 1 + (int)below(left[line]) : 0;

		if (line == 4)
			snprintf(text, sizeof(text), ",'lines':[{'line':4,'amount':%lld}]", (long long)(1 + below(80)));
		else
			snprintf(text, sizeof(text), ",'lines':[{'line':%zu,'quantity':%d}]", line, taken);
		if (line != 4 && taken == 0)
			continue;
		sum_up(s, give_back(w, number, text));
		left[line] -= taken;
	}
	sum_up(s, give_back(w, number, ""));
}

static char *balances_of(struct wire *w)
{
	return strdup(field(ask_ok(w, "card.lookup", "'card':'%s'", card), "result.balances"));
}

/* The points that a history moved by the two sides of a return. */
static int64_t moved_back(struct wire *w, const char *unit)
{
	char *reply = ask_ok(w, "balance.history", "'card':'%s','unit':'%s','limit':100", card, unit);
	int64_t sum = 0;

	for (int64_t i = 0; i < count_of(reply, "result.entries"); i++) {
		char path[64];
		const char *kind;

		snprintf(path, sizeof(path), "result.entries[%lld].kind", (long long)i);
		kind = field(reply, path);
		snprintf(path, sizeof(path), "result.entries[%lld].points", (long long)i);
		if (strcmp(kind, "reverse") == 0 || strcmp(kind, "restore") == 0 || strcmp(kind, "refund") == 0)
			sum += figure(reply, path);
	}
	return sum;
}

static void parts_are_the_whole(void **state)
{
	const struct part *row = *state;
	struct sums whole = { 0 };
	int64_t moved[COUNT(unit_names)];
	char *balances;
	struct wire w;

	connect_to(&w, shop, DOOR_TRUST);
	buys(&w, row);
	sum_up(&whole, give_back(&w, number, ""));
	balances = balances_of(&w);
	for (size_t u = 0; u < COUNT(unit_names); u++)
		moved[u] = moved_back(&w, unit_names[u]);
	for (int i = 0; i < 3; i++) {
		struct sums sums = { 0 };
		char *then;

		buys(&w, row);
		give_back_in_parts(&w, &sums);
		then = balances_of(&w);
		assert_string_equal(then, balances);
		assert_memory_equal(&sums, &whole, sizeof(sums));
		for (size_t u = 0; u < COUNT(unit_names); u++)
			assert_int_equal(moved_back(&w, unit_names[u]), moved[u]);
		free(then);
	}
	free(balances);
	wire_close(&w);
}

/* --- another programme by then --- */

static const struct change {
	const char *name;
	struct shop_options options;
} changes[] = {
	{ "a return is what it was under other rates",
		{ .points = "points {\n" UNITS STARS "	earn base { unit = points  per = \"0.10\"  points = 7 } }\n",
			.config = NO_FRAUD REWARDS TIERS OFFERS } },
	{ "a return is what it was under another rule for spent points",
		{ .points = "points {\n	unit points { expires = \"12 months\"  shortfall = refuse }\n	unit coffee { shortfall = clamp }\n"
			    "	unit credit { kind = money }\n	unit stars { shortfall = refuse }\n" RATES "}\n",
			.config = NO_FRAUD REWARDS TIERS OFFERS } },
	{ "a return is what it was when rewards cost something else",
		{ .points = "points {\n" UNITS STARS RATES "}\n",
			.config = NO_FRAUD TIERS OFFERS
			"rewards {\n"
			"	reward five-off { unit = points  cost = 1  kind = amount  value = \"0.01\" }\n"
			"	reward purse { unit = stars  cost = 1  kind = credit  value = \"9.50\"  to = credit }\n"
			"	reward free-one { unit = points  cost = 1  kind = percent  value = 3 } }\n" } },
	{ "a return is what it was when the rewards are gone",
		{ .points = "points {\n" UNITS STARS RATES "}\n", .config = NO_FRAUD TIERS OFFERS } },
	{ "a return is what it was when the offers are gone",
		{ .points = "points {\n" UNITS STARS RATES "}\n", .config = NO_FRAUD REWARDS TIERS } },
	{ "a return is what it was when the tiers are gone",
		{ .points = "points {\n" UNITS STARS RATES "}\n", .config = NO_FRAUD REWARDS } },
	{ "a return is what it was when units are gone",
		{ .points = "points {\n	unit points {}\n	earn base { unit = points  per = \"1.00\" } }\n",
			.config = NO_FRAUD } },
	{ "a return is what it was when everything is gone",
		{ .points = "points {\n	unit other {} }\n", .config = NO_FRAUD } },
};

static int taken_so_far(void)
{
	char *text = shop_log(shop);
	int count = 0;

	for (char *at = text; at && (at = strstr(at, "config.taken")); at++)
		count++;
	free(text);
	return count;
}

static void reload(const struct shop_options *o)
{
	int before = taken_so_far();
	int64_t until = now_ms() + DEADLINE_MS;

	shop_configure(shop, o);
	kill(shop->pid, SIGHUP);
	while (taken_so_far() == before) {
		assert_true(now_ms() < until);
		sleep_ms(2);
	}
}

/* A twin gets everything back while the programme is as it was. */
static void programme_changes(void **state)
{
	const struct change *row = *state;
	const struct part *part = &parts[COUNT(parts) - 1];
	struct sums whole = { 0 }, sums = { 0 };
	char *balances, *then;
	struct wire w;

	connect_to(&w, shop, DOOR_TRUST);
	buys(&w, part);
	sum_up(&whole, give_back(&w, number, ""));
	balances = balances_of(&w);
	buys(&w, part);
	reload(&row->options);
	sum_up(&sums, give_back(&w, number, ",'lines':[{'line':1,'quantity':1}]"));
	returns_as_quoted(&w, number, ",'lines':[{'line':3,'quantity':9}]");
	sum_up(&sums, give_back(&w, number, ""));
	reload(&rich);
	then = balances_of(&w);
	assert_string_equal(then, balances);
	assert_memory_equal(&sums, &whole, sizeof(sums));
	free(then);
	free(balances);
	wire_close(&w);
}

/* --- many tills, one thing --- */

/* Every till sends its line before any reply is read. @return how many were booked; all others are refused for `reason` */
static int race(const char *reason, const char *prefix, const char *params)
{
	struct wire w[TILLS];
	int booked = 0;

	for (int i = 0; i < TILLS; i++)
		connect_to(&w[i], shop, DOOR_TRUST);
	for (int i = 0; i < TILLS; i++) {
		char line[512];
		int n = snprintf(line, sizeof(line),
			"{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"sale.commit\",\"params\":{\"request\":\"%s-%d\",\"sale\":\"%s-%d\",%s}}\n",
			i, prefix, i, prefix, i, params);

		assert_true(wire_send(&w[i], line, (size_t)n));
	}
	for (int i = 0; i < TILLS; i++) {
		char *reply = wire_line(&w[i]);

		assert_non_null(reply);
		if (field(reply, "result"))
			booked++;
		else
			assert_field(reply, "error.data.reason", reason);
		wire_close(&w[i]);
	}
	return booked;
}

static void one_code(void **state)
{
	char params[256];
	struct wire w;

	(void)state;
	connect_to(&w, shop, DOOR_TRUST);
	snprintf(params, sizeof(params), "\"lines\":[{\"sku\":\"a\",\"amount\":1000}],\"payable\":800,\"coupons\":[\"%s\"]",
		field(ask_ok(&w, "coupon.issue", "'request':'issue','offer':'flyer','count':1"), "result.codes[0]"));
	assert_int_equal(race("code_spent", "code", params), 1);
	wire_close(&w);
}

static void last_uses(void **state)
{
	char params[256];
	struct wire w;

	(void)state;
	connect_to(&w, shop, DOOR_TRUST);
	rich_customer(&w, 200);
	snprintf(params, sizeof(params),
		"\"card\":\"%s\",\"lines\":[{\"sku\":\"a\",\"amount\":1000}],\"payable\":900,\"redeem\":[{\"reward\":\"last\"}]",
		card);
	assert_int_equal(race("reward_unavailable", "last", params), 5);
	assert_figure(ask_ok(&w, "card.lookup", "'card':'%s'", card), "result.balances.points", 200 - 5 + 5 * 15);
	wire_close(&w);
}

static int open_rich(void **state)
{
	(void)state;
	return shared_open(&rich);
}

int main(void)
{
	struct CMUnitTest rows[COUNT(parts) + COUNT(changes) + 4];
	size_t n = 0;

#define ROW(sentence, function, at) (struct CMUnitTest){ sentence, function, NULL, NULL, (void *)(uintptr_t)(at) }
	rows[n++] = ROW("two hundred baskets, and their returns, go as quoted", quotes_are_true, NULL);
	for (size_t i = 0; i < COUNT(parts); i++)
		rows[n++] = ROW(parts[i].name, parts_are_the_whole, &parts[i]);
	for (size_t i = 0; i < COUNT(changes); i++)
		rows[n++] = ROW(changes[i].name, programme_changes, &changes[i]);
	rows[n++] = ROW("of 64 sales with one single-use code one is booked", one_code, NULL);
	rows[n++] = ROW("of 64 redemptions of a reward that can be had five times five are booked", last_uses, NULL);
	rows[n++] = ROW("the ledger is sound afterwards", shared_is_sound, NULL);
	return cmocka_run_group_tests_name("agreement", rows, open_rich, shared_close);
}
