/* SPDX-License-Identifier: Apache-2.0 */
/* Tiers over the wire: what a quote says is what the commit says, and what the member is seen to have afterwards. */
#include "tests/e2e/harness.h"

#define TIERS \
	"tiers { tier \"bronze\" { from = 0 }  tier \"silver\" { from = 1000  multiplier = \"1.25\" }  tier \"gold\" { from = 5000 } }\n"
#define POINTS_OF_SILVER \
	"points {\n" \
	"	unit \"points\" { kind = points }\n" \
	"	earn \"base\" { unit = points  per = \"1.00\"  points = 1 }\n" \
	"	earn \"thanks\" { unit = points  per-visit = 10  when { tier = {\"silver\"} } }\n" \
	"}\n"

static const struct shop_options with_tiers = { .config = TIERS };
static const struct shop_options thankful = { .config = TIERS, .points = POINTS_OF_SILVER };
static const struct shop_options low = {
	.config = "tiers { tier \"bronze\" { from = 0 }  tier \"silver\" { from = 300  multiplier = \"1.25\" }\n"
		  "tier \"gold\" { from = 900  multiplier = \"1.5\" } }\n"
};
static const struct shop_options by_spend = {
	.config = "tiers { on = spend  window = lifetime  tier \"a\" { from = 0 }  tier \"b\" { from = \"50.00\" } }\n"
};

static void enrol(struct wire *w, const struct shop *s)
{
	connect_to(w, s, DOOR_TRUST);
	ask_ok(w, "member.enroll", "'request':'c-1','card':'CARD-1'");
}

/* @return the reply, borrowed until the next question */
static char *sell(struct wire *w, const char *number, int amount)
{
	return ask_ok(w, "sale.commit",
		"'request':'s-%s','sale':'%s','card':'CARD-1','lines':[{'sku':'a','amount':%d}],'payable':%d", number,
		number, amount, amount);
}

static char *look(struct wire *w)
{
	return ask_ok(w, "card.lookup", "'card':'CARD-1'");
}

static void assert_tier(struct wire *w, const char *name, int64_t missing)
{
	char *reply = look(w);

	assert_field(reply, "result.tier.name", name);
	assert_figure(reply, "result.tier.next.missing", missing);
}

/* A copy of a value: replies are borrowed. */
static char *kept(const char *reply, const char *path)
{
	const char *value = field(reply, path);

	assert_non_null(value);
	return strdup(value);
}

static void one_tier(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char *quoted, *booked;

	enrol(&w, s);
	assert_tier(&w, "bronze", 1000);
	quoted =
		kept(ask_ok(&w, "sale.quote", "'card':'CARD-1','lines':[{'sku':'a','amount':120000}]"), "result.tier_after");
	booked = kept(sell(&w, "S", 120000), "result.tier");
	assert_string_equal(quoted, booked);
	assert_string_equal(field(look(&w), "result.tier"), booked);
	assert_field(look(&w), "result.tier.multiplier", "1.25");
	assert_field(look(&w), "result.tier.next.unit", "points");
	free(quoted);
	free(booked);
	assert_null(field(ask_ok(&w, "sale.quote", "'lines':[{'sku':'a','amount':100}]"), "result.tier_after"));
	wire_close(&w);
}

static void rate_before(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char *reply;

	enrol(&w, s);
	reply = sell(&w, "S", 100000);
	assert_figure(reply, "result.earned[0].points", 1000);
	assert_field(reply, "result.tier.name", "silver");
	assert_field(reply, "result.messages[1]", "Bienvenue au niveau silver\u00a0!"); /* the first is about points */
	reply = sell(&w, "T", 10000);
	assert_figure(reply, "result.earned[0].points", 125);
	assert_int_equal(count_of(reply, "result.messages"), 1);
	assert_tier(&w, "silver", 5000 - 1125);
	wire_close(&w);
}

static void replayed(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char *first;

	enrol(&w, s);
	first = kept(sell(&w, "S", 100000), "result.tier");
	sell(&w, "T", 500000);
	assert_string_equal(field(sell(&w, "S", 100000), "result.tier"), first);
	assert_int_equal(shop_stop(s), 0);
	wire_close(&w);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_string_equal(field(sell(&w, "S", 100000), "result.tier"), first);
	assert_field(look(&w), "result.tier.name", "gold");
	free(first);
	wire_close(&w);
}

static void conditions_see_it(void **state)
{
	struct shop *s = *state;
	struct wire w;

	enrol(&w, s);
	assert_int_equal(count_of(sell(&w, "S", 100000), "result.earned"), 1);
	assert_figure(look(&w), "result.balances.points", 1000);
	sell(&w, "T", 100);
	assert_figure(look(&w), "result.balances.points", 1000 + 13); /* 11 x 1.25 */
	assert_field(ask_ok(&w, "member.export", "'member':'%s'", field(look(&w), "result.member")),
		"result.profile.facts.tier", "silver");
	wire_close(&w);
}

static void taken_back(void **state)
{
	struct shop *s = *state;
	struct wire w;

	enrol(&w, s);
	sell(&w, "S", 60000);
	sell(&w, "T", 60000);
	assert_tier(&w, "silver", 3800);
	ask_ok(&w, "sale.return", "'request':'r-1','return':'R','sale':'T'");
	assert_tier(&w, "bronze", 400);
	ask_ok(&w, "sale.void", "'request':'v-1','sale':'R'");
	assert_tier(&w, "silver", 3800);
	ask_ok(&w, "sale.void", "'request':'v-2','sale':'T'");
	assert_tier(&w, "bronze", 400);
	ask_ok(&w, "sale.void", "'request':'v-3','sale':'S'");
	assert_tier(&w, "bronze", 1000);
	wire_close(&w);
}

/* The return first, so that the goods taken instead earn at the lower tier's rate. */
static void exchanged(void **state)
{
	static const char ticket[] = "'card':'CARD-1','lines':[{'sku':'b','amount':100000}],'returns':[{'sale':'S'}]";
	struct shop *s = *state;
	struct wire w;
	char *quoted, *booked;

	enrol(&w, s);
	sell(&w, "S", 100000);
	quoted = kept(ask_ok(&w, "sale.quote", "%s", ticket), "result.tier_after");
	booked = kept(ask_ok(&w, "sale.commit", "'request':'x-1','sale':'X','payable':0,%s", ticket), "result.tier");
	assert_string_equal(quoted, booked);
	free(quoted);
	free(booked);
	assert_tier(&w, "silver", 4000);
	ask_ok(&w, "sale.void", "'request':'v-1','sale':'X'");
	assert_tier(&w, "silver", 4000);
	ask_ok(&w, "sale.return", "'request':'r-1','return':'R','sale':'S'");
	assert_tier(&w, "bronze", 1000);
	wire_close(&w);
}

static void claimed(void **state)
{
	struct shop *s = *state;
	struct wire w;

	enrol(&w, s);
	ask_ok(&w, "sale.commit",
		"'request':'s-1','sale':'S','lines':[{'sku':'a','quantity':2,'amount':240000}],'payable':240000");
	ask_ok(&w, "sale.return", "'request':'r-1','return':'R','sale':'S','lines':[{'line':0,'quantity':1}]");
	ask_ok(&w, "sale.claim", "'request':'c-2','sale':'S','card':'CARD-1'");
	assert_tier(&w, "silver", 3800);
	ask_ok(&w, "sale.return", "'request':'r-2','return':'R2','sale':'S'");
	assert_tier(&w, "bronze", 1000);
	wire_close(&w);
}

/* Meanwhile the tier was undone, and reached again. */
static void claimed_at_its_time(void **state)
{
	struct shop *s = *state;
	struct wire w;

	enrol(&w, s);
	sell(&w, "X", 35000);
	ask_ok(&w, "sale.commit", "'request':'s-y','sale':'Y','lines':[{'sku':'a','amount':10000}],'payable':10000");
	assert_field(sell(&w, "Z", 45000), "result.tier.name", "gold");
	ask_ok(&w, "sale.return", "'request':'r-1','return':'R','sale':'X','lines':[{'line':0,'amount':3000}]");
	assert_tier(&w, "silver", 18);
	assert_field(sell(&w, "W", 10000), "result.tier.name", "gold");
	assert_figure(look(&w), "result.balances.points", 1007);
	ask_ok(&w, "sale.claim", "'request':'c-2','sale':'Y','card':'CARD-1'");
	assert_figure(look(&w), "result.balances.points", 1007 + 125);
	wire_close(&w);
}

static void return_came_first(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char *reply;

	enrol(&w, s);
	ask_ok(&w, "sale.return",
		"'request':'r-1','offline':true,'return':'R','sale':'S','lines':[{'line':0,'quantity':1}]");
	reply = ask_ok(&w, "sale.commit",
		"'request':'s-1','sale':'S','card':'CARD-1','lines':[{'sku':'a','quantity':2,'amount':160000}],'payable':160000");
	assert_field(reply, "result.tier.name", "bronze");
	assert_figure(reply, "result.tier.next.missing", 200);
	assert_tier(&w, "bronze", 200);
	wire_close(&w);
}

static void merged_and_erased(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char from[32], into[32];

	enrol(&w, s);
	snprintf(into, sizeof(into), "%s", field(look(&w), "result.member"));
	snprintf(from, sizeof(from), "%s",
		field(ask_ok(&w, "member.enroll", "'request':'c-2','card':'CARD-2'"), "result.member"));
	sell(&w, "S", 40000);
	ask_ok(&w, "sale.commit",
		"'request':'s-2','sale':'T','card':'CARD-2','lines':[{'sku':'a','amount':120000}],'payable':120000");
	ask_ok(&w, "member.merge", "'request':'m-1','from':'%s','into':'%s'", from, into);
	assert_tier(&w, "silver", 3400);
	ask_ok(&w, "sale.void", "'request':'v-1','sale':'T'");
	assert_tier(&w, "bronze", 600);
	ask_ok(&w, "member.erase", "'request':'e-1','member':'%s'", into);
	ask_ok(&w, "sale.void", "'request':'v-2','sale':'S'");
	wire_close(&w);
}

static void money_spent(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char *reply;

	enrol(&w, s);
	assert_null(field(look(&w), "result.tier.next.unit"));
	assert_tier(&w, "a", 5000);
	reply = ask_ok(&w, "sale.commit",
		"'request':'s-1','sale':'S','card':'CARD-1','lines':[{'sku':'a','amount':5000},{'sku':'d','kind':'discount','amount':"
		"-1},{'sku':'t','kind':'tip','amount':500}],'payable':5499");
	assert_field(reply, "result.tier.name", "a");
	assert_figure(reply, "result.tier.next.missing", 1);
	assert_field(sell(&w, "T", 1), "result.tier", "{\"name\":\"b\"}");
	wire_close(&w);
}

static void without(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char *reply;

	enrol(&w, s);
	assert_field(look(&w), "result.tier", "null");
	reply = sell(&w, "S", 100000);
	assert_field(reply, "result.tier", "null");
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	shop_configure(s, &with_tiers);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_tier(&w, "bronze", 1000); /* what was booked before does not count */
	assert_field(sell(&w, "T", 100000), "result.tier.name", "silver");
	wire_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("quote, commit and lookup show one tier", one_tier, &with_tiers),
		IN_SHOP("a ticket is earned at the rate of the tier before it", rate_before, &with_tiers),
		IN_SHOP("a commit sent again is answered with the tier it led to", replayed, &with_tiers),
		IN_SHOP("an earn rule may ask for a tier", conditions_see_it, &thankful),
		IN_SHOP("returns and voids lower a tier, and a voided return does not", taken_back, &with_tiers),
		IN_SHOP("an exchange", exchanged, &with_tiers),
		IN_SHOP("a claimed sale counts, without what had come back", claimed, &with_tiers),
		IN_SHOP("a sale is claimed at the rate of its time", claimed_at_its_time, &low),
		IN_SHOP("a return that came before its sale", return_came_first, &with_tiers),
		IN_SHOP("two members become one, and one nobody", merged_and_erased, &with_tiers),
		IN_SHOP("what was spent counts in money", money_spent, &by_spend),
		IN_SHOP("a shop without tiers, which then has some", without, NULL),
	};

	return cmocka_run_group_tests_name("tiers", tests, NULL, NULL);
}
