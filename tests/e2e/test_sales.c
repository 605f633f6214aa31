/* SPDX-License-Identifier: Apache-2.0 */
/* Sales quoted, rung up and shown; what is refused changes nothing. */
#include <time.h>

#include "tests/e2e/harness.h"

#define FIGURE_MAX "9007199254740991"

/* A member with a card. @return its number, in one of 4 buffers used in turn */
static const char *customer(struct wire *w, const char *request)
{
	static char cards[4][64];
	static unsigned turn;
	char *card = cards[turn++ % 4];

	strcpy(card, field(ask_ok(w, "member.enroll", "'request':'%s'", request), "result.card.number"));
	return card;
}

/* A time as the wire has it, so many seconds from now. */
static const char *from_now(int seconds)
{
	static char text[4][40];
	static unsigned turn;
	char *out = text[turn++ % 4];
	time_t t = time(NULL) + seconds;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, 40, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}

/* --- one sale --- */

static void sale_booked(void **state)
{
	struct wire w;
	const char *card;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	card = customer(&w, "c-1");
	reply = ask_ok(&w, "sale.quote",
		"'card':'%s','lines':[{'sku':'beans','amount':590},{'sku':'espresso','quantity':2,'amount':360}]", card);
	assert_figure(reply, "result.total", 950);
	assert_figure(reply, "result.payable", 950);
	assert_figure(reply, "result.due", 950);
	assert_field(reply, "result.earn[0].unit", "points");
	assert_figure(reply, "result.earn[0].points", 9);
	assert_field(reply, "result.earn[0].rule", "base");
	assert_int_equal(count_of(reply, "result.refused"), 0);

	reply = ask_ok(&w, "sale.commit",
		"'request':'r-1','sale':'R-1','card':'%s','lines':[{'sku':'beans','amount':590},{'sku':'espresso','quantity'"
		":2,'amount':360}],"
		"'payable':950,'payments':[{'kind':'other','amount':950}]",
		card);
	assert_field(reply, "result.sale", "R-1");
	assert_figure(reply, "result.earned[0].points", 9);
	assert_figure(reply, "result.payable", 950);
	assert_figure(reply, "result.due", 950);
	assert_figure(reply, "result.balances.points", 9);
	assert_null(field(reply, "result.replayed"));
	assert_null(field(reply, "result.training"));

	reply = ask_ok(&w, "card.lookup", "'card':'%s'", card);
	assert_figure(reply, "result.balances.points", 9);
	assert_figure(reply, "result.stats.purchases", 1);
	assert_figure(reply, "result.stats.spend", 950);
	assert_int_equal(count_of(reply, "result.expiring"), 1);
	assert_figure(reply, "result.expiring[0].points", 9);
	wire_close(&w);
}

static void sale_anonymous(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	reply = ask_ok(&w, "sale.quote", "'lines':[{'sku':'a','amount':1000}]");
	assert_int_equal(count_of(reply, "result.earn"), 0);
	reply = ask_ok(&w, "sale.commit", "'request':'r-1','sale':'R-1','lines':[{'sku':'a','amount':1000}],'payable':1000");
	assert_int_equal(count_of(reply, "result.earned"), 0);
	assert_null(field(ask_ok(&w, "sale.show", "'sale':'R-1'"), "result.member"));
	wire_close(&w);
}

static void sale_shown(void **state)
{
	struct wire w;
	char member[32], *reply;
	const char *card;

	connect_to(&w, *state, DOOR_TRUST);
	card = customer(&w, "c-1");
	strcpy(member, field(ask_ok(&w, "card.lookup", "'card':'%s'", card), "result.member"));
	ask_ok(&w, "sale.commit",
		"'request':'r-1','sale':'R/1 "
		"a','card':'%s','lines':[{'sku':'apples','label':'Pommes','category':'fruit','tags':['bio'],"
		"'quantity':0.532,'amount':266,'protected':66},{'sku':'promo','kind':'discount','on':0,'amount':-100},{'sku'"
		":'bag',"
		"'kind':'deposit','amount':-25},{'sku':'tip','kind':'tip','amount':50}],'payable':191,'operator':'07'",
		card);
	reply = ask_ok(&w, "sale.show", "'sale':'R/1 a'");
	assert_field(reply, "result.sale", "R/1 a");
	assert_field(reply, "result.till", "local");
	assert_field(reply, "result.operator", "07");
	assert_field(reply, "result.member", member);
	assert_figure(reply, "result.total", 191);
	assert_figure(reply, "result.payable", 191);
	assert_figure(reply, "result.due", 191);
	assert_int_equal(count_of(reply, "result.lines"), 4);
	assert_field(reply, "result.lines[0].sku", "apples");
	assert_field(reply, "result.lines[0].quantity", "0.532");
	assert_figure(reply, "result.lines[0].protected", 66);
	assert_field(reply, "result.lines[1].kind", "discount");
	assert_figure(reply, "result.lines[1].on", 0);
	assert_figure(reply, "result.lines[2].amount", -25);
	assert_figure(reply, "result.earned[0].points", 1); /* 2.66 - 0.66 protected - 1.00 off */
	assert_int_equal(count_of(reply, "result.spent"), 0);
	ask_refused(&w, "sale_unknown", "sale.show", "'sale':'R-2'");
	ask_refused(&w, "params_invalid", "sale.show", "%s", "");
	wire_close(&w);
}

static void sales_paged(void **state)
{
	struct wire w;
	const char *card;
	char *reply;
	int64_t before;

	connect_to(&w, *state, DOOR_TRUST);
	card = customer(&w, "c-1");
	for (int i = 1; i <= 7; i++) {
		ask_ok(&w, "sale.commit",
			"'request':'r-%d','sale':'R-%d','card':'%s','lines':[{'sku':'a','amount':%d00}],'payable':%d00", i,
			i, card, i, i);
		ask_ok(&w, "sale.commit", "'request':'x-%d','sale':'X-%d','lines':[{'sku':'a','amount':100}],'payable':100",
			i, i);
	}
	reply = ask_ok(&w, "sale.list", "'card':'%s'", card);
	assert_int_equal(count_of(reply, "result.sales"), 7);
	assert_field(reply, "result.sales[0].sale", "R-7");
	assert_null(field(reply, "result.sales[0].lines"));
	reply = ask_ok(&w, "sale.list", "'card':'%s','limit':3", card);
	assert_int_equal(count_of(reply, "result.sales"), 3);
	assert_field(reply, "result.sales[2].sale", "R-5");
	before = figure(reply, "result.sales[2].seq");
	reply = ask_ok(&w, "sale.list", "'card':'%s','limit':200,'before':%lld", card, (long long)before);
	assert_int_equal(count_of(reply, "result.sales"), 4);
	assert_field(reply, "result.sales[0].sale", "R-4");

	reply = ask_ok(&w, "balance.history", "'card':'%s'", card);
	assert_int_equal(count_of(reply, "result.entries"), 7);
	assert_figure(reply, "result.entries[0].points", 7);
	assert_figure(reply, "result.entries[0].balance", 28);
	assert_field(reply, "result.entries[0].kind", "earn");
	assert_field(reply, "result.entries[0].sale", "R-7");
	assert_figure(reply, "result.entries[6].balance", 1);
	reply = ask_ok(&w, "balance.history", "'card':'%s','unit':'points','limit':2", card);
	assert_int_equal(count_of(reply, "result.entries"), 2);
	before = figure(reply, "result.entries[1].seq");
	reply = ask_ok(&w, "balance.history", "'card':'%s','limit':200,'before':%lld", card, (long long)before);
	assert_int_equal(count_of(reply, "result.entries"), 5);
	assert_figure(reply, "result.entries[0].points", 5);
	ask_refused(&w, "unit_unknown", "balance.history", "'card':'%s','unit':'miles'", card);
	ask_refused(&w, "params_invalid", "sale.list", "'card':'%s','limit':201", card);
	ask_refused(&w, "params_invalid", "sale.list", "'card':'%s','limit':0", card);
	ask_refused(&w, "params_invalid", "sale.list", "%s", "");
	wire_close(&w);
}

/* --- thousands of baskets --- */

#define POINTS_RICH \
	"points {\n" \
	"	unit \"points\" { kind = points  expires = \"12 months\" }\n" \
	"	unit \"coffee\" { expires = never  rounding = nearest }\n" \
	"	unit \"later\" { expires = \"end of month\"  pending = 3  rounding = up }\n" \
	"	earn \"base\"    { unit = points  per = \"1.00\"  points = 1 }\n" \
	"	earn \"fruit\"   { unit = points  per = \"2.50\"  points = 3  when { category = {\"fruit\"} } }\n" \
	"	earn \"bonus\"   { unit = points  multiplier = \"1.5\"  when { tag = {\"bio\"}  spend-min = \"5.00\" } }\n" \
	"	earn \"stamps\"  { unit = coffee  per-item = 1  when { category = {\"coffee\"} } }\n" \
	"	earn \"double\"  { unit = coffee  multiplier = \"2\"  priority = 10  when { quantity-min = 4 } }\n" \
	"	earn \"visit\"   { unit = later  per-visit = 5  when { spend-min = \"10.00\" } }\n" \
	"	earn \"single\"  { unit = later  per = \"0.75\"  points = 1  stackable = false  priority = 3  when { sku " \
	"= {\"s3\"} } }\n" \
	"}\n"

static const struct shop_options rich = { .points = POINTS_RICH };

static size_t line_random(uint64_t *seed, unsigned index, char *out, size_t size)
{
	static const char *const categories[] = { "fruit", "coffee", "bread", "books" };
	uint64_t kind = draw_below(seed, 12);
	unsigned long amount = draw_below(seed, 100) == 0 ? draw_below(seed, 100000000) : draw_below(seed, 3000);
	size_t n = (size_t)snprintf(out, size, "%s{'sku':'s%u','category':'%s'", index ? "," : "",
		(unsigned)draw_below(seed, 9), categories[draw_below(seed, 4)]);

	if (kind == 0 && index > 0)
		n += (size_t)snprintf(out + n, size - n, ",'kind':'discount','on':%u,'amount':-%lu",
			(unsigned)draw_below(seed, index), amount);
	else if (kind == 1)
		n += (size_t)snprintf(out + n, size - n, ",'kind':'discount','amount':-%lu", amount / 4);
	else if (kind == 2)
		n += (size_t)snprintf(out + n, size - n, ",'kind':'deposit','amount':%s%lu", draw_below(seed, 2) ? "-" : "",
			amount / 10);
	else if (kind == 3)
		n += (size_t)snprintf(out + n, size - n, ",'kind':'tip','amount':%lu", amount / 10);
	else
		n += (size_t)snprintf(out + n, size - n, ",'amount':%lu", amount);
	if (kind > 3 && draw_below(seed, 4) == 0)
		n += (size_t)snprintf(out + n, size - n, ",'protected':%lu", (unsigned long)draw_below(seed, amount + 1));
	if (kind > 3 && draw_below(seed, 3) == 0)
		n += (size_t)snprintf(out + n, size - n, ",'quantity':%u.%03u", (unsigned)draw_below(seed, 3),
			1 + (unsigned)draw_below(seed, 999));
	else if (kind > 3 && draw_below(seed, 2) == 0)
		n += (size_t)snprintf(out + n, size - n, ",'quantity':%u", 1 + (unsigned)draw_below(seed, 6));
	if (draw_below(seed, 3) == 0)
		n += (size_t)snprintf(out + n, size - n, ",'tags':['bio']");
	return n + (size_t)snprintf(out + n, size - n, "}");
}

/* A discount `on` a line that is no item, or on a discount, is refused: then there is nothing to compare. */
static void basket_random(uint64_t *seed, char *out, size_t size)
{
	unsigned lines = 1 + (unsigned)draw_below(seed, 8);
	size_t n = 0;

	for (unsigned i = 0; i < lines; i++)
		n += line_random(seed, i, out + n, size - n);
}

static void same(const char *what, const char *quote, const char *quoted, const char *commit, const char *committed,
	const char *basket)
{
	const char *a = field(quote, quoted), *b = field(commit, committed);

	if (!a || !b || strcmp(a, b) != 0)
		fail_msg("%s: quoted %s, committed %s: [%s]", what, a ? a : "nothing", b ? b : "nothing", basket);
}

static void quote_is_commit(void **state)
{
	static const char *const units[] = { "points", "coffee", "later" };
	struct wire w;
	const char *card;
	uint64_t seed = 20261121;
	int64_t sums[3] = { 0 };
	int taken = 0;
	char basket[4096], quote[65536];

	connect_to(&w, *state, DOOR_TRUST);
	card = customer(&w, "c-1");
	for (int i = 0; i < 3000; i++) {
		char *reply;

		basket_random(&seed, basket, sizeof(basket));
		reply = ask(&w, "sale.quote", "'card':'%s','lines':[%s]", card, basket);
		if (field(reply, "error")) {
			assert_field(reply, "error.data.reason", "params_invalid");
			ask_refused(&w, "params_invalid", "sale.commit",
				"'request':'b-%d','sale':'B-%d','card':'%s','lines':[%s],'payable':0", i, i, card, basket);
			continue;
		}
		taken++;
		snprintf(quote, sizeof(quote), "%s", reply);
		reply = ask(&w, "sale.commit", "'request':'b-%d','sale':'B-%d','card':'%s','lines':[%s],'payable':%s", i, i,
			card, basket, field(quote, "result.payable"));
		same("payable", quote, "result.payable", reply, "result.payable", basket);
		same("due", quote, "result.due", reply, "result.due", basket);
		same("discounts", quote, "result.discounts", reply, "result.discounts", basket);
		same("points", quote, "result.earn", reply, "result.earned", basket);
		for (int64_t e = 0; e < count_of(reply, "result.earned"); e++) {
			char path[48];

			for (int u = 0; u < 3; u++) {
				snprintf(path, sizeof(path), "result.earned[%d].unit", (int)e);
				if (strcmp(field(reply, path), units[u]) != 0)
					continue;
				snprintf(path, sizeof(path), "result.earned[%d].points", (int)e);
				sums[u] += figure(reply, path);
			}
		}
		for (int u = 0; u < 3; u++) {
			char path[48];

			snprintf(path, sizeof(path), "result.balances.%s", units[u]);
			if (figure(reply, path) != sums[u])
				fail_msg("seed 20261121, basket %d: %s is %s, not %lld: [%s]", i, path, field(reply, path),
					(long long)sums[u], basket);
		}
	}
	assert_true(taken > 1500);
	wire_close(&w);
}

/* --- refusals --- */

static void mismatch(void **state)
{
	struct wire w;
	const char *card;
	char quote[8192], *reply;
	int64_t seq, payable;

	connect_to(&w, *state, DOOR_TRUST);
	card = customer(&w, "c-1");
	seq = last_seq(&w);
#define LINES "'lines':[{'sku':'a','amount':1000},{'sku':'p','kind':'discount','amount':-150}]"
	strcpy(quote, field(ask_ok(&w, "sale.quote", "'card':'%s'," LINES, card), "result"));
	reply = ask_refused(&w, "total_mismatch", "sale.commit",
		"'request':'r-1','sale':'R-1','card':'%s','payable':849," LINES, card);
	assert_field(reply, "error.data.quote", quote);
	assert_figure(reply, "error.code", -32004);
	payable = figure(reply, "error.data.quote.payable");
	assert_int_equal(last_seq(&w), seq);
	ask_ok(&w, "sale.commit", "'request':'r-1','sale':'R-1','card':'%s','payable':%lld," LINES, card,
		(long long)payable);
	wire_close(&w);
}

static void refusals_change_nothing(void **state)
{
	static const struct {
		const char *reason, *params;
	} asked[] = {
		{ "sale_exists", "'sale':'R-0','lines':[{'sku':'a','amount':100}],'payable':100" },
		{ "card_unknown", "'sale':'R-1','card':'2977000000010','lines':[{'sku':'a','amount':100}],'payable':100" },
		{ "card_malformed", "'sale':'R-1','card':'2977000000019','lines':[{'sku':'a','amount':100}],'payable':100" },
		{ "member_unknown",
			"'sale':'R-1','member':'m_0000000000000000','lines':[{'sku':'a','amount':100}],'payable':100" },
		{ "total_mismatch", "'sale':'R-1','lines':[{'sku':'a','amount':100}],'payable':99" },
		{ "params_invalid", "'sale':'R-1','lines':[],'payable':0" },
		{ "params_invalid", "'sale':'R-1','payable':0" },
		{ "params_invalid", "'sale':'R-1','lines':[{'sku':'a','amount':100}]" },
		{ "params_invalid", "'sale':'','lines':[{'sku':'a','amount':100}],'payable':100" },
		{ "params_invalid", "'lines':[{'sku':'a','amount':100}],'payable':100" },
		{ "params_invalid", "'sale':'R-1','lines':[{'sku':'a','amount':-100}],'payable':-100" },
		{ "params_invalid", "'sale':'R-1','lines':[{'sku':'a','amount':100,'quantity':0}],'payable':100" },
		{ "params_invalid", "'sale':'R-1','lines':[{'sku':'a','amount':100,'quantity':-1}],'payable':100" },
		{ "params_invalid", "'sale':'R-1','lines':[{'sku':'a','amount':100,'quantity':0.0001}],'payable':100" },
		{ "params_invalid", "'sale':'R-1','lines':[{'sku':'a','amount':100.5}],'payable':100" },
		{ "params_invalid", "'sale':'R-1','lines':[{'sku':'a','amount':1e2}],'payable':100" },
		{ "params_invalid", "'sale':'R-1','lines':[{'sku':'a','amount':'100'}],'payable':100" },
		{ "params_invalid", "'sale':'R-1','lines':[{'sku':'a','amount':null}],'payable':100" },
		{ "params_invalid", "'sale':'R-1','lines':[{'sku':'a','amount':100,'colour':'red'}],'payable':100" },
		{ "params_invalid", "'sale':'R-1','lines':[{'sku':'a','amount':100,'kind':'gift'}],'payable':100" },
		{ "params_invalid", "'sale':'R-1','lines':[{'sku':'a','amount':100,'protected':101}],'payable':100" },
		{ "params_invalid", "'sale':'R-1','lines':[{'sku':'a','amount':100},{'sku':'d','kind':'discount','amount':"
				    "10}],'payable':110" },
		{ "params_invalid", "'sale':'R-1','lines':[{'sku':'a','amount':100},{'sku':'d','kind':'discount','on':7,'"
				    "amount':-10}],'payable':90" },
		{ "params_invalid", "'sale':'R-1','lines':[{'sku':'a','amount':100}],'payable':100,'training':'yes'" },
		{ "params_invalid", "'sale':'R-1','lines':[{'sku':'a','amount':100}],'payable':100,'discount':5" },
		{ "params_invalid", "'sale':'R-1','lines':[{'sku':'a','amount':100}],'payable':100,'at':'yesterday'" },
		{ "clock", "'sale':'R-1','lines':[{'sku':'a','amount':100}],'payable':100,'at':'2020-01-01T00:00:00Z'" },
		{ "reward_unknown", "'sale':'R-1','card':'CARD-1','lines':[{'sku':'a','amount':100}],'payable':100,'redeem':"
				    "[{'reward':'five-off'}]" },
		{ "params_invalid",
			"'sale':'R-1','lines':[{'sku':'a','amount':100}],'payable':100,'redeem':[{'reward':'five-off'}]" },
		{ "code_unknown", "'sale':'R-1','card':'CARD-1','lines':[{'sku':'a','amount':100}],'payable':100,'coupons':["
				  "'WELCOME']" },
		{ "hold_unknown",
			"'sale':'R-1','card':'CARD-1','lines':[{'sku':'a','amount':100}],'payable':100,'hold':'h-1'" },
		{ "unit_unknown", "'sale':'R-1','card':'CARD-1','lines':[{'sku':'a','amount':100}],'payable':100,"
				  "'payments':[{'kind':'unit','unit':'points','amount':50}]" },
		{ "unit_unknown", "'sale':'R-1','card':'CARD-1','lines':[{'sku':'a','amount':100}],'payable':100,"
				  "'payments':[{'kind':'unit','unit':'miles','amount':50}]" },
	};
	struct shop *s = *state;
	struct wire w;
	char *before, *after;
	size_t len;

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	ask_ok(&w, "sale.commit", "'request':'r-0','sale':'R-0','lines':[{'sku':'a','amount':100}],'payable':100");
	before = journal_text(s, &len);
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++)
		ask_refused(&w, asked[i].reason, "sale.commit", "'request':'r-1',%s", asked[i].params);
	after = journal_text(s, &len);
	assert_string_equal(after, before);
	assert_figure(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.balances.points", 0);
	ask_refused(&w, "sale_unknown", "sale.show", "'sale':'R-1'");
	ask_ok(&w, "sale.commit", "'request':'r-1','sale':'R-1','lines':[{'sku':'a','amount':100}],'payable':100");
	free(before);
	free(after);
	wire_close(&w);
}

static void quote_lists_refused(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	reply = ask_ok(&w, "sale.quote",
		"'card':'CARD-1','lines':[{'sku':'a','amount':1000}],'redeem':[{'reward':'five-off'}],'coupons':['WELCOME'],"
		"'payments':[{'kind':'unit','unit':'miles','amount':50}]");
	assert_figure(reply, "result.payable", 1000);
	assert_figure(reply, "result.due", 1000);
	assert_figure(reply, "result.earn[0].points", 10);
	assert_int_equal(count_of(reply, "result.refused"), 3);
	assert_non_null(strstr(reply, "reward_unknown"));
	assert_non_null(strstr(reply, "code_unknown"));
	assert_non_null(strstr(reply, "unit_unknown"));
	wire_close(&w);
}

static void training(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char *before, *after, *reply;
	const char *card;
	size_t len;

	connect_to(&w, s, DOOR_TRUST);
	card = customer(&w, "c-1");
	before = journal_text(s, &len);
	reply = ask_ok(&w, "sale.commit",
		"'request':'r-1','sale':'R-1','card':'%s','lines':[{'sku':'a','amount':1000}],'payable':1000,'training':"
		"true",
		card);
	assert_field(reply, "result.training", "true");
	assert_figure(reply, "result.earned[0].points", 10);
	assert_figure(reply, "result.balances.points", 10);
	reply = ask_ok(&w, "member.enroll", "'request':'r-2','card':'TRAINEE','name':'Nobody','training':true");
	assert_field(reply, "result.training", "true");
	ask_refused(&w, "total_mismatch", "sale.commit",
		"'request':'r-1','sale':'R-1','lines':[{'sku':'a','amount':1}],'payable':2,'training':true");
	after = journal_text(s, &len);
	assert_string_equal(after, before);
	assert_figure(ask_ok(&w, "card.lookup", "'card':'%s'", card), "result.balances.points", 0);
	ask_refused(&w, "card_unknown", "card.lookup", "'card':'TRAINEE'");
	ask_refused(&w, "sale_unknown", "sale.show", "'sale':'R-1'");
	assert_field(ask_ok(&w, "request.status", "'request':'r-1'"), "result.state", "unknown");
	reply = ask_ok(&w, "sale.commit",
		"'request':'r-1','sale':'R-1','card':'%s','lines':[{'sku':'a','amount':1000}],'payable':1000,'training':"
		"false",
		card);
	assert_null(field(reply, "result.training"));
	assert_null(field(reply, "result.replayed"));
	free(before);
	free(after);
	wire_close(&w);
}

static void clocks(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
#define AT(n, time) "'request':'r-%d','sale':'R-%d','lines':[{'sku':'a','amount':100}],'payable':100,'at':'%s'", n, n, time
	reply = ask_refused(&w, "clock", "sale.commit", AT(1, from_now(-400)));
	assert_figure(reply, "error.code", -32007);
	ask_refused(&w, "clock", "sale.commit", AT(1, from_now(400)));
	ask_ok(&w, "sale.commit", AT(1, from_now(-200)));
	ask_ok(&w, "sale.commit", AT(2, from_now(200)));
	ask_refused(&w, "clock", "member.enroll", "'request':'r-3','at':'%s'", from_now(-400));
	ask_ok(&w, "sale.quote", "'lines':[{'sku':'a','amount':100}],'at':'2020-02-29T12:00:00+01:00'");
	ask_ok(&w, "sale.quote", "'lines':[{'sku':'a','amount':100}],'at':'2096-02-29T12:00:00Z'");
	ask_refused(&w, "params_invalid", "sale.quote", "'lines':[{'sku':'a','amount':100}],'at':'2026-02-29T12:00:00Z'");
	ask_refused(&w, "params_invalid", "sale.quote", "'lines':[{'sku':'a','amount':100}],'at':'2026-02-28T12:00:00'");
	wire_close(&w);
}

static void figures_overflow(void **state)
{
	static const char *const lines[] = {
		"{'sku':'a','amount':9007199254740992}",
		"{'sku':'a','amount':99999999999999999999999}",
		"{'sku':'a','amount':" FIGURE_MAX "},{'sku':'b','amount':1}",
		"{'sku':'a','amount':" FIGURE_MAX "},{'sku':'b','amount':" FIGURE_MAX "}",
		"{'sku':'a','kind':'deposit','amount':-" FIGURE_MAX "},{'sku':'b','kind':'deposit','amount':-1}",
		"{'sku':'a','amount':1,'quantity':9007199254740.992}",
		"{'sku':'a','amount':1,'protected':9007199254740992}",
	};
	struct wire w;
	int64_t seq;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	seq = last_seq(&w);
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		ask_refused(&w, "params_invalid", "sale.quote", "'card':'CARD-1','lines':[%s]", lines[i]);
		ask_refused(&w, "params_invalid", "sale.commit",
			"'request':'r-1','sale':'R-1','card':'CARD-1','lines':[%s],'payable':0", lines[i]);
	}
	ask_refused(&w, "params_invalid", "sale.commit",
		"'request':'r-1','sale':'R-1','lines':[{'sku':'a','amount':1}],'payable':9007199254740992");
	assert_int_equal(last_seq(&w), seq);

	ask_ok(&w, "sale.commit",
		"'request':'r-1','sale':'R-1','card':'CARD-1','lines':[{'sku':'a','amount':" FIGURE_MAX
		"}],'payable':" FIGURE_MAX);
	ask_refused(&w, "insufficient_points", "balance.adjust",
		"'request':'r-2','card':'CARD-1','unit':'points','points':-" FIGURE_MAX ",'reason':'x'");
	ask_ok(&w, "balance.adjust",
		"'request':'r-2','card':'CARD-1','unit':'points','points':8917127262193581,'reason':'x'");
	seq = last_seq(&w);
	ask_refused(&w, "params_invalid", "balance.adjust",
		"'request':'r-3','card':'CARD-1','unit':'points','points':3,'reason':'x'");
	/* The points of a sale would not fit: the sale is refused whole. */
	ask_refused(&w, "params_invalid", "sale.commit",
		"'request':'r-3','sale':'R-3','card':'CARD-1','lines':[{'sku':'a','amount':1000}],'payable':1000");
	assert_int_equal(last_seq(&w), seq);
	wire_close(&w);
}

static void large_baskets(void **state)
{
	static char lines[64000];
	struct wire w;
	char *reply;
	size_t n = 0;

	connect_to(&w, *state, DOOR_TRUST);
	for (int i = 0; i < 1001; i++)
		n += (size_t)snprintf(lines + n, sizeof(lines) - n, "%s{'sku':'s%d','amount':%d}", i ? "," : "", i, i);
	ask_refused(&w, "params_invalid", "sale.quote", "'lines':[%s]", lines);
	*strrchr(lines, ',') = 0; /* into the last line */
	*strrchr(lines, ',') = 0; /* the last line */
	reply = ask_ok(&w, "sale.quote", "'lines':[%s]", lines);
	assert_figure(reply, "result.total", 499500);
	ask_ok(&w, "sale.commit", "'request':'r-1','sale':'R-1','lines':[%s],'payable':499500", lines);
	assert_int_equal(count_of(ask_ok(&w, "sale.show", "'sale':'R-1'"), "result.lines"), 1000);
	wire_close(&w);
}

static void adjusted(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	assert_figure(ask_ok(&w, "balance.adjust",
			      "'request':'r-1','card':'CARD-1','unit':'points','points':50,'reason':'spilt'"),
		"result.balances.points", 50);
	assert_figure(ask_ok(&w, "balance.adjust",
			      "'request':'r-2','card':'CARD-1','unit':'points','points':-20,'reason':'x'"),
		"result.balances.points", 30);
	ask_refused(&w, "insufficient_points", "balance.adjust",
		"'request':'r-3','card':'CARD-1','unit':'points','points':-31,'reason':'x'");
	ask_refused(&w, "params_invalid", "balance.adjust",
		"'request':'r-3','card':'CARD-1','unit':'points','points':0,'reason':'x'");
	ask_refused(&w, "params_invalid", "balance.adjust", "'request':'r-3','card':'CARD-1','unit':'points','points':1");
	ask_refused(&w, "unit_unknown", "balance.adjust",
		"'request':'r-3','card':'CARD-1','unit':'miles','points':1,'reason':'x'");
	reply = ask_ok(&w, "balance.history", "'card':'CARD-1'");
	assert_int_equal(count_of(reply, "result.entries"), 2);
	assert_field(reply, "result.entries[0].kind", "adjust");
	assert_figure(reply, "result.entries[0].points", -20);
	assert_figure(reply, "result.entries[0].balance", 30);
	wire_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("a sale is quoted, booked, and its points are there", sale_booked, NULL),
		IN_SHOP("a sale without a card earns nothing", sale_anonymous, NULL),
		IN_SHOP("sale.show gives a sale back as it was booked", sale_shown, NULL),
		IN_SHOP("sale.list and balance.history give pages, newest first", sales_paged, NULL),
		IN_SHOP("quote and commit agree on 3,000 random baskets, and the balance is their sum", quote_is_commit,
			&rich),
		IN_SHOP("total_mismatch brings the right quote, and books nothing", mismatch, NULL),
		IN_SHOP("a refused sale changes nothing, and its request and number stay free", refusals_change_nothing,
			NULL),
		IN_SHOP("a quote lists what cannot be had and goes on", quote_lists_refused, NULL),
		IN_SHOP("training answers and writes nothing", training, NULL),
		IN_SHOP("a time more than 5 minutes off is refused", clocks, NULL),
		IN_SHOP("figures beyond 2^53-1 are refused, and nothing is written", figures_overflow, NULL),
		IN_SHOP("a basket has up to 1,000 lines", large_baskets, NULL),
		IN_SHOP("a supervisor puts a balance right, but not below zero", adjusted, NULL),
	};

	return cmocka_run_group_tests_name("sales", tests, NULL, NULL);
}
