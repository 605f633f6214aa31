/* SPDX-License-Identifier: Apache-2.0 */
/* Tickets by which somebody might keep a friend's reward for goods that did not stay: what takes a whole palierd to try. */
#include "tests/e2e/harness.h"

#define FRIEND(sale, more, lines, payable) \
	"'request':'" sale "','sale':'" sale "','card':'FRIEND'," more "'lines':[" lines "],'payable':" payable
#define ITEM(amount) "{'sku':'a','amount':" amount "}"

static const struct shop_options options = {
	.points = "points { unit \"stars\" {} }\n",
	.config = "referral { url = \"HTTPS://EX.FR/P/\"  minimum = \"25.00\"  hold = \"30 days\""
		  "  sponsor { unit = stars  points = 500 }  friend { unit = stars  points = 100 } }\n",
};

/* A sponsor, and a friend who has claimed the code. */
static void sponsored(struct wire *w, const struct shop *s)
{
	char code[24];

	connect_to(w, s, DOOR_TRUST);
	ask_ok(w, "member.enroll", "'request':'e1','card':'SPONSOR'");
	snprintf(code, sizeof(code), "%s",
		field(ask_ok(w, "referral.issue", "'request':'i','card':'SPONSOR'"), "result.code"));
	ask_ok(w, "member.enroll", "'request':'e2','card':'FRIEND','referral':'%s'", code);
}

/* What the friend has, and how far the referral is. */
static void stands(struct wire *w, const char *state, int64_t stars)
{
	assert_field(ask_ok(w, "referral.list", "'card':'SPONSOR'"), "result.referrals[0].state", state);
	assert_figure(ask_ok(w, "card.lookup", "'card':'FRIEND'"), "result.balances.stars", stars);
}

static void exchanged(void **state)
{
	struct wire w;

	sponsored(&w, *state);
	ask_ok(&w, "sale.commit", FRIEND("S1", "", ITEM("3000"), "3000"));
	stands(&w, "held", 100);
	ask_ok(&w, "sale.commit", FRIEND("S2", "'returns':[{'sale':'S1'}],", ITEM("3000"), "0"));
	stands(&w, "held", 100);
	ask_ok(&w, "sale.commit", FRIEND("S3", "'returns':[{'sale':'S2'}],", ITEM("1000"), "-2000"));
	stands(&w, "purchased", 0);
	wire_close(&w);
}

static void exchange_voided(void **state)
{
	struct wire w;

	sponsored(&w, *state);
	ask_ok(&w, "sale.commit", FRIEND("S1", "", ITEM("3000"), "3000"));
	ask_ok(&w, "sale.commit", FRIEND("S2", "'returns':[{'sale':'S1'}],", ITEM("3000"), "0"));
	ask_ok(&w, "sale.void", "'request':'v','sale':'S2'");
	stands(&w, "held", 100);
	ask_ok(&w, "sale.return", "'request':'r','return':'R1','sale':'S1'");
	stands(&w, "purchased", 0);
	wire_close(&w);
}

/* The line was down: the return arrives before its sale. */
static void returned_before(void **state)
{
	struct wire w;

	sponsored(&w, *state);
	ask_ok(&w, "sale.return", "'request':'r','return':'R1','sale':'S1','offline':true");
	ask_ok(&w, "sale.commit", FRIEND("S1", "'offline':true,", ITEM("3000"), "3000"));
	stands(&w, "purchased", 0);
	wire_close(&w);
}

static void card_blocked(void **state)
{
	struct wire w;
	char member[40];

	sponsored(&w, *state);
	snprintf(member, sizeof(member), "%s", field(ask_ok(&w, "card.lookup", "'card':'FRIEND'"), "result.member"));
	ask_ok(&w, "sale.commit", FRIEND("S1", "", ITEM("3000"), "3000"));
	ask_ok(&w, "card.block", "'request':'b','card':'FRIEND','reason':'lost'");
	ask_ok(&w, "sale.return", "'request':'r','return':'R1','sale':'S1'");
	assert_field(ask_ok(&w, "referral.list", "'card':'SPONSOR'"), "result.referrals[0].state", "purchased");
	assert_figure(ask_ok(&w, "card.lookup", "'member':'%s'", member), "result.balances.stars", 0);
	wire_close(&w);
}

static void sent_twice(void **state)
{
	struct wire w;

	sponsored(&w, *state);
	ask_ok(&w, "sale.commit", FRIEND("S1", "", ITEM("3000"), "3000"));
	assert_field(ask_ok(&w, "sale.commit", FRIEND("S1", "", ITEM("3000"), "3000")), "result.replayed", "true");
	ask_refused(&w, "request_conflict", "sale.commit", FRIEND("S1", "", ITEM("4000"), "4000"));
	stands(&w, "held", 100);
	wire_close(&w);
}

static void discounted(void **state)
{
	struct wire w;

	sponsored(&w, *state);
	ask_ok(&w, "sale.commit",
		FRIEND("S1", "", ITEM("3000") ",{'sku':'off','kind':'discount','on':0,'amount':-501}", "2499"));
	stands(&w, "purchased", 0);
	ask_ok(&w, "sale.commit", FRIEND("S2", "", ITEM("1000") ",{'sku':'tip','kind':'tip','amount':2000}", "3000"));
	stands(&w, "purchased", 0);
	wire_close(&w);
}

/* A quote promises nothing and books nothing. */
static void quoted(void **state)
{
	struct wire w;

	sponsored(&w, *state);
	ask_ok(&w, "sale.quote", "'card':'FRIEND','lines':[" ITEM("3000") "]");
	stands(&w, "claimed", 0);
	ask_ok(&w, "sale.commit", FRIEND("S1", "'training':true,", ITEM("3000"), "3000"));
	stands(&w, "claimed", 0);
	wire_close(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		IN_SHOP("goods exchanged for others are one purchase, for less are none", exchanged, &options),
		IN_SHOP("an exchange that is voided puts the first purchase back", exchange_voided, &options),
		IN_SHOP("what came back before its sale was told brings nothing", returned_before, &options),
		IN_SHOP("a blocked card keeps no reward", card_blocked, &options),
		IN_SHOP("a sale that is sent twice pays once", sent_twice, &options),
		IN_SHOP("the till's discounts and tips make no minimum", discounted, &options),
		IN_SHOP("a quote and a training ticket pay nothing", quoted, &options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
