/* SPDX-License-Identifier: Apache-2.0 */
/* The customer's journey over the wire: where a customer stands in every reply, what led there, the map, and what a void, a merge and an erasure
 * leave of it. Each shop ends with a rebuild that must give the same rows. */
#include "tests/e2e/harness.h"

#define JOURNEY \
	"journey { model = eight  lapsed = \"120 days\"\n" \
	"	stage \"loyalty\" { when { purchases-min = 3  within = \"180 days\" } }\n" \
	"	persona \"regular\" { when { purchases-min = 2 } }\n" \
	"	planned \"new\" { step \"welcome\" { touchpoint = \"call\"  within = \"7 days\" } } }\n" \
	"survey { quiet = \"0 days\"  ask \"csat\" { every = 1  quiet = \"0 days\" } }\n" \
	"offers { offer \"thanks\" { auto = true  kind = amount  value = \"1.00\"  when { stage = {\"loyalty\"} } } }\n"

static const struct shop_options with_journey = { .config = JOURNEY };

static void enrol(struct wire *w, const struct shop *s, const char *card)
{
	connect_to(w, s, DOOR_TRUST);
	ask_ok(w, "member.enroll", "'request':'c-%s','card':'%s','consent':{'profiling':true}", card, card);
}

static char *sell(struct wire *w, const char *card, const char *number, int payable)
{
	return ask_ok(w, "sale.commit",
		"'request':'s-%s','sale':'%s','card':'%s','lines':[{'sku':'a','amount':1000}],'payable':%d", number, number,
		card, payable);
}

static char *show(struct wire *w, const char *card)
{
	return ask_ok(w, "journey.show", "'card':'%s'", card);
}

static char *map(struct wire *w)
{
	return ask_ok(w, "journey.map", "'from':'2020-01-01','to':'2099-12-31'");
}

/* The stage after the sale stands in the reply, also in one that is given again when the customer stands elsewhere already; the next quote
 * knows it. */
static void climbs(void **state)
{
	struct shop *s = *state;
	const char *reply;
	struct wire w;

	enrol(&w, s, "CARD-1");
	assert_field(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.stage", "interaction");
	assert_field(sell(&w, "CARD-1", "A", 1000), "result.stage", "purchase");
	reply = sell(&w, "CARD-1", "B", 1000);
	assert_field(reply, "result.stage", "purchase");
	assert_field(sell(&w, "CARD-1", "C", 1000), "result.stage", "loyalty");
	assert_field(sell(&w, "CARD-1", "B", 1000), "result.stage", "purchase"); /* replayed */
	assert_field(sell(&w, "CARD-1", "D", 900), "result.stage", "loyalty");   /* the offer is for the loyal */
	reply = ask_ok(&w, "card.lookup", "'card':'CARD-1'");
	assert_field(reply, "result.stage", "loyalty");
	assert_field(reply, "result.persona", "regular");

	reply = show(&w, "CARD-1");
	assert_field(reply, "result.segment", "regular");
	assert_field(reply, "result.persona", "regular");
	assert_int_equal(count_of(reply, "result.history"), 3);
	assert_field(reply, "result.history[0].stage", "interaction");
	assert_field(reply, "result.history[2].stage", "loyalty");
	assert_int_equal(count_of(reply, "result.timeline"), 5);
	assert_field(reply, "result.timeline[4].touchpoint", "enrol");
	assert_field(reply, "result.timeline[3].stage", "purchase");
	wire_close(&w);
}

static void recorded(void **state)
{
	struct shop *s = *state;
	const char *reply;
	char member[64];
	struct wire w;

	enrol(&w, s, "CARD-1");
	ask_ok(&w, "journey.record",
		"'request':'j-1','card':'CARD-1','touchpoint':'call','channel':'phone','device':'mobile','emotion':-2");
	reply = show(&w, "CARD-1");
	assert_field(reply, "result.stage", "comparison");
	assert_field(reply, "result.plan", "new");
	assert_field(reply, "result.planned[0].deviation", "failed");
	assert_field(reply, "result.timeline[0].device", "mobile");
	assert_figure(reply, "result.timeline[0].emotion", -2);

	/* With a complaint open nothing is asked. */
	ask_ok(&w, "journey.record", "'request':'j-2','card':'CARD-1','touchpoint':'case-opened','channel':'email'");
	assert_null(field(sell(&w, "CARD-1", "A", 1000), "result.qr"));
	ask_ok(&w, "journey.record", "'request':'j-3','card':'CARD-1','touchpoint':'case-closed','channel':'email'");
	assert_int_equal(count_of(sell(&w, "CARD-1", "B", 1000), "result.qr"), 1);
	ask_ok(&w, "survey.answer", "'request':'a-1','card':'CARD-1','kind':'nps','score':10");
	reply = show(&w, "CARD-1");
	assert_field(reply, "result.stage", "recommendation");
	assert_field(reply, "result.timeline[0].touchpoint", "survey");
	reply = map(&w);
	assert_field(reply, "result.stages[3].stage", "purchase");
	assert_figure(reply, "result.stages[3].promoters", 1);
	assert_figure(reply, "result.stages[3].converted", 1);
	assert_figure(reply, "result.stages[1].emotion_sum", -2);
	assert_field(reply, "result.stages[1].touchpoints[0].channel", "phone");

	/* What the answer is known for goes with the consent, in the same command, and does not come back with it. */
	snprintf(member, sizeof(member), "%s", field(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.member"));
	reply = ask_ok(&w, "member.update", "'request':'u-1','member':'%s','consent':{'profiling':false}", member);
	assert_field(reply, "result.stage", "purchase");
	reply = ask_ok(&w, "member.update", "'request':'u-2','member':'%s','consent':{'profiling':true}", member);
	assert_field(reply, "result.stage", "purchase");

	ask_refused(&w, "params_invalid", "journey.record",
		"'request':'j-4','card':'CARD-1','touchpoint':'call','channel':'fax'");
	ask_refused(&w, "params_invalid", "journey.map", "'from':'2026-11-02','to':'2026-11-01'");
	wire_close(&w);
}

static void undone(void **state)
{
	struct shop *s = *state;
	const char *reply;
	struct wire w;

	enrol(&w, s, "CARD-1");
	sell(&w, "CARD-1", "A", 1000);
	ask_ok(&w, "sale.return", "'request':'r-1','return':'R','sale':'A'");
	reply = show(&w, "CARD-1");
	assert_field(reply, "result.timeline[0].touchpoint", "return");
	ask_ok(&w, "sale.void", "'request':'v-1','sale':'R'");
	ask_ok(&w, "sale.void", "'request':'v-2','sale':'A'");
	assert_field(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.stage", "interaction");
	reply = show(&w, "CARD-1");
	assert_int_equal(count_of(reply, "result.timeline"), 1);
	assert_int_equal(count_of(reply, "result.history"), 1);
	assert_field(reply, "result.segment", "enrolled");
	reply = map(&w);
	assert_figure(reply, "result.stages[3].entries", 0);
	assert_figure(reply, "result.stages[1].members", 1);
	assert_figure(reply, "result.stages[3].returns", 0);
	wire_close(&w);
}

/* Consent withdrawn takes the persona at once; two members become one; who is erased stands nowhere. */
static void gone(void **state)
{
	struct shop *s = *state;
	char one[64], two[64];
	const char *reply;
	struct wire w, v;

	enrol(&w, s, "CARD-1");
	enrol(&v, s, "CARD-2");
	wire_close(&v);
	sell(&w, "CARD-1", "A", 1000);
	sell(&w, "CARD-1", "B", 1000);
	reply = ask_ok(&w, "card.lookup", "'card':'CARD-1'");
	assert_field(reply, "result.persona", "regular");
	snprintf(one, sizeof(one), "%s", field(reply, "result.member"));
	snprintf(two, sizeof(two), "%s", field(ask_ok(&w, "card.lookup", "'card':'CARD-2'"), "result.member"));
	reply = ask_ok(&w, "member.update", "'request':'u-1','member':'%s','consent':{'profiling':false}", one);
	assert_null(field(reply, "result.persona"));
	assert_field(reply, "result.stage", "purchase");

	ask_ok(&w, "member.merge", "'request':'m-1','from':'%s','into':'%s'", one, two);
	reply = show(&w, "CARD-1");
	assert_field(reply, "result.stage", "purchase");
	assert_int_equal(count_of(reply, "result.history"), 3);
	assert_int_equal(count_of(reply, "result.timeline"), 4);
	assert_figure(map(&w), "result.stages[3].members", 1);
	assert_figure(map(&w), "result.stages[1].members", 0);

	ask_ok(&w, "member.erase", "'request':'e-1','member':'%s'", two);
	assert_figure(map(&w), "result.stages[3].members", 0);
	assert_figure(map(&w), "result.stages[3].entries", 1);
	ask_refused(&w, "member_erased", "journey.show", "'member':'%s'", two);
	wire_close(&w);
}

static void lasts(void **state)
{
	struct shop *s = *state;
	const char *reply;
	struct wire w;

	enrol(&w, s, "CARD-1");
	sell(&w, "CARD-1", "A", 1000);
	ask_ok(&w, "day.close", "'request':'d-1'");
	sell(&w, "CARD-1", "B", 1000);
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	reply = show(&w, "CARD-1");
	assert_field(reply, "result.stage", "purchase");
	assert_int_equal(count_of(reply, "result.timeline"), 3);
	assert_figure(map(&w), "result.stages[1].converted", 1);
	wire_close(&w);
}

static void unconfigured(void **state)
{
	struct shop *s = *state;
	const char *reply;
	struct wire w;

	enrol(&w, s, "CARD-1");
	reply = sell(&w, "CARD-1", "A", 1000);
	assert_field(reply, "result.stage", "null");
	ask_refused(&w, "params_invalid", "journey.record",
		"'request':'j-1','card':'CARD-1','touchpoint':'call','channel':'phone'");
	assert_field(show(&w, "CARD-1"), "result.stage", "null");
	wire_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("a customer climbs by what is bought", climbs, &with_journey),
		IN_SHOP("what happens outside a sale is recorded", recorded, &with_journey),
		IN_SHOP("a void takes it all back", undone, &with_journey),
		IN_SHOP("personas go with the consent, members by merge and erasure", gone, &with_journey),
		IN_SHOP("the journey outlives a restart", lasts, &with_journey),
		IN_SHOP("a shop without the section keeps none", unconfigured, NULL),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
