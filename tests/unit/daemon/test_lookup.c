/* SPDX-License-Identifier: Apache-2.0 */
/* What a lookup costs must not grow with what the member has done: it reads as many rows of the index after hundreds of purchases and
 * touchpoints as after a few. Rows are counted where the store gives them, with all plugins at work. (Points that lapse are told a date each, so
 * these do not.) */
#include "daemon/store.h"
#include "tests/unit/daemon/shop.h"

/* Purchases and touchpoints. After a few, a tier is reached and a reward affordable, so that a lookup tells all that it ever will; many fill
 * pages of the index. */
#define FEW  20
#define MANY 400

extern const struct palier_plugin palier_plugin_ambassador, palier_plugin_journey, palier_plugin_ladder,
	palier_plugin_offers, palier_plugin_referral, palier_plugin_rewards, palier_plugin_survey, palier_plugin_tiers;

static unsigned reads;

/* What the linker puts in the place of the store's own (--wrap). */
int __real_store_get(struct store *s, unsigned tree, struct palier_bytes key, struct palier_bytes *out);
int __wrap_store_get(struct store *s, unsigned tree, struct palier_bytes key, struct palier_bytes *out);
int __real_store_seek(struct store *s, unsigned tree, struct palier_bytes from, bool after, struct palier_bytes *key,
	struct palier_bytes *value);
int __wrap_store_seek(struct store *s, unsigned tree, struct palier_bytes from, bool after, struct palier_bytes *key,
	struct palier_bytes *value);

int __wrap_store_get(struct store *s, unsigned tree, struct palier_bytes key, struct palier_bytes *out)
{
	reads++;
	return __real_store_get(s, tree, key, out);
}

int __wrap_store_seek(struct store *s, unsigned tree, struct palier_bytes from, bool after, struct palier_bytes *key,
	struct palier_bytes *value)
{
	reads++;
	return __real_store_seek(s, tree, from, after, key, value);
}

/* --- a shop with everything ------------------------------------------------------------------------------------------ */

static void shop_make(struct shop *s)
{
	static const struct palier_plugin *const list[] = { &core_plugin, &palier_plugin_points, &palier_plugin_rewards,
		&palier_plugin_offers, &palier_plugin_tiers, &palier_plugin_referral, &palier_plugin_ladder,
		&palier_plugin_journey, &palier_plugin_survey, &palier_plugin_ambassador, NULL };

	shop_found(s, list,
		"points {\n"
		"	unit \"points\" { kind = points }\n"
		"	earn \"base\" { unit = points  per = \"1.00\"  points = 1 }\n"
		"}\n"
		"rewards { reward \"coffee\" { unit = points  cost = 100  kind = amount  value = \"2.00\" } }\n"
		"offers { offer \"thanks\" { auto = true  kind = amount  value = \"1.00\"  when { purchases-min = 1000  within = \"90 days\" } } }\n"
		"tiers { tier \"bronze\" { from = 0 }  tier \"silver\" { from = 300 } }\n"
		"referral { url = \"HTTPS://EX.FR/P/\"  minimum = \"20.00\"  hold = \"30 days\"  sponsor { unit = points  points = 100 } }\n"
		"ladder { holdout = 0  ladder \"coffee\" {\n"
		"	rung \"ground\" { skus = {\"ground\"}  price = \"4.00\"  margin = \"1.00\" }\n"
		"	rung \"beans\" { skus = {\"beans\"}  price = \"5.90\"  margin = \"2.10\"  prior = \"100\" } } }\n"
		"journey { persona \"regular\" { when { purchases-min = 2 } } }\n"
		"survey { ask \"nps\" { every = 5 } }\n"
		"ambassador { threshold = 500  leave = 400 }\n");
	shop_open(s);
}

/* @param params members in single quotes */
static void say(struct shop *s, const char *method, const char *params)
{
	char line[1024];

	snprintf(line, sizeof(line), "{'jsonrpc':'2.0','id':1,'method':'%s','params':{%s}}", method, params);
	for (char *at = line; (at = strchr(at, '\'')) != NULL;)
		*at = '"';
	s->reply.len = 0;
	router_line(s->router, &s->session, palier_str(line), s->now_ms, false, &s->reply);
	palier_buffer_add(&s->reply, "", 1);
	if (strstr(s->reply.at, "\"error\""))
		fail_msg("%s: %s", line, s->reply.at);
	assert_int_equal(ledger_sync(s->ledger), PALIER_OK);
}

/* All of one day, so that nothing is told a date at a time; every fourth a purchase. */
static void touch(struct shop *s, unsigned n)
{
	static const char purchase[] = "'request':'r%u','sale':'R-%u','card':'2900000000018',"
				       "'lines':[{'sku':'ground','category':'coffee','amount':8000}],'payable':8000";
	static const char advice[] =
		"'request':'r%u','card':'2900000000018','touchpoint':'advice','channel':'store','emotion':1";
	char params[256];

	if (n % 4 == 0)
		snprintf(params, sizeof(params), purchase, n, n);
	else
		snprintf(params, sizeof(params), advice, n);
	say(s, n % 4 == 0 ? "sale.commit" : "journey.record", params);
}

/* @return rows that a lookup reads, out of an index that has everything */
static unsigned looked_up(struct shop *s)
{
	assert_int_equal(ledger_pace(s->ledger, s->now_ms), PALIER_OK);
	reads = 0;
	say(s, "card.lookup", "'card':'2900000000018'");
	return reads;
}

static void history_costs_nothing(void **state)
{
	unsigned n = 0, few, many;
	struct shop s;

	(void)state;
	shop_make(&s);
	say(&s, "member.enroll", "'request':'e','card':'2900000000018','name':'Zoé Martin','consent':{'profiling':true}");
	while (n < FEW)
		touch(&s, n++);
	few = looked_up(&s);
	assert_true(few > 10);
	while (n < MANY)
		touch(&s, n++);
	many = looked_up(&s);
	assert_int_equal(many, few);
	shop_remove(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(history_costs_nothing) };

	return cmocka_run_group_tests_name("lookup", tests, NULL, NULL);
}
