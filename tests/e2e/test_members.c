/* SPDX-License-Identifier: Apache-2.0 */
/* Members and their cards: enrolled, found in every way, changed, their cards blocked and replaced; and nobody's data in clear on disk. */
#include <dirent.h>

#include "protocol/scan.h"
#include "tests/e2e/harness.h"

/* The nth card of a range of the tests' own. */
static const char *card_number(unsigned n)
{
	static char text[4][16];
	static unsigned turn;
	char *out = text[turn++ % 4];

	snprintf(out, 16, "297700%06u", n);
	out[12] = card_gs1_check(out, 12);
	out[13] = 0;
	return out;
}

#define ZOE \
	"'name':'Zoé Martin','phone':'06 12 34 56 " \
	"78','email':'Zoe.Martin@Example.org','birthday':'1990-05-17','language':'en'"

/* @param member 32 bytes */
static void zoe_enroll(struct wire *w, char *member)
{
	char *reply = ask_ok(w, "member.enroll", "'request':'zoe','card':'%s'," ZOE, card_number(1));

	strcpy(member, field(reply, "result.member"));
}

static void enrolled_with_card(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	reply = ask_ok(&w, "member.enroll",
		"'request':'r-1','card':'%s'," ZOE
		",'consent':{'email':true,'sms':false,'wording':'2026-1','channel':'till'},"
		"'heard_from':'a friend','tags':['neighbour']",
		card_number(1));
	assert_int_equal(strlen(field(reply, "result.member")), 18);
	assert_field(reply, "result.card.number", card_number(1));
	assert_field(reply, "result.card.status", "active");
	assert_field(reply, "result.name", "Zoé Martin");
	assert_field(reply, "result.language", "en");
	assert_field(reply, "result.balances.points", "0");
	assert_field(reply, "result.tier", "null");
	assert_int_equal(count_of(reply, "result.expiring"), 0);
	assert_figure(reply, "result.stats.purchases", 0);
	assert_int_equal(strlen(field(reply, "result.since")), 10);
	wire_close(&w);
}

static void enrolled_without_card(void **state)
{
	struct wire w;
	char first[64], *reply;

	connect_to(&w, *state, DOOR_TRUST);
	reply = ask_ok(&w, "member.enroll", "'request':'r-1'");
	assert_field(reply, "result.language", "fr");
	assert_null(field(reply, "result.name"));
	strcpy(first, field(reply, "result.card.number"));
	reply = ask_ok(&w, "member.enroll", "'request':'r-2'");
	assert_string_not_equal(field(reply, "result.card.number"), first);
	assert_field(ask_ok(&w, "card.lookup", "'card':'%s'", first), "result.card.number", first);
	wire_close(&w);
}

static void found_in_every_way(void **state)
{
	static const char *const ways[] = {
		"'card':'2977000000010'",
		"'card':']E02977000000010'",
		"'card':'2977000000010\\r'",
		"'card':' 2977-000 000010\\t'",
		"'card':'https://ex.fr/c/2977000000010'",
		"'phone':'06 12 34 56 78'",
		"'phone':'0612345678'",
		"'phone':'06.12.34.56.78'",
		"'phone':'+33612345678'",
		"'phone':'+33 (0)6 12 34 56 78'",
		"'phone':'0033 6 12 34 56 78'",
		"'email':'zoe.martin@example.org'",
		"'email':'ZOE.MARTIN@EXAMPLE.ORG'",
		"'email':' zoe.martin@example.org '",
	};
	struct wire w;
	char member[32], *reply;

	assert_string_equal(card_number(1), "2977000000010");
	connect_to(&w, *state, DOOR_TRUST);
	zoe_enroll(&w, member);
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		reply = ask_ok(&w, "card.lookup", "%s", ways[i]);
		assert_field(reply, "result.member", member);
		assert_field(reply, "result.name", "Zoé Martin");
		assert_field(reply, "result.card.number", "2977000000010");
	}
	assert_field(ask_ok(&w, "card.lookup", "'member':'%s'", member), "result.name", "Zoé Martin");
	wire_close(&w);
}

static void not_found(void **state)
{
	static const struct {
		const char *reason, *params;
	} asked[] = {
		{ "card_unknown", "'card':'2977000000027'" },
		{ "card_unknown", "'card':'LONGTEXT-CODE'" },
		{ "card_malformed", "'card':'2977000000019'" },
		{ "card_malformed", "'card':' - '" },
		{ "card_malformed", "'card':'AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDDEEEEEEEEEEF'" },
		{ "member_unknown", "'phone':'06 99 99 99 99'" },
		{ "member_unknown", "'email':'nobody@example.org'" },
		{ "member_unknown", "'member':'m_0000000000000000'" },
		{ "params_invalid", "'member':'zoe'" },
		{ "params_invalid", "'phone':'12'" },
		{ "params_invalid", "'email':'at nowhere'" },
		{ "params_invalid", "" },
		{ "params_invalid", "'card':'2977000000010','phone':'0612345678'" },
		{ "params_invalid", "'card':''" },
		{ "params_invalid", "'card':2977000000010" },
		{ "params_invalid", "'cards':'2977000000010'" },
	};
	struct wire w;
	char member[32];

	connect_to(&w, *state, DOOR_TRUST);
	zoe_enroll(&w, member);
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++)
		ask_refused(&w, asked[i].reason, "card.lookup", "%s", asked[i].params);
	wire_close(&w);
}

static void enrolment_refused(void **state)
{
	static const struct {
		const char *reason, *field, *params;
	} asked[] = {
		{ "card_in_use", NULL, "'card':'2977000000010'" },
		{ "card_malformed", NULL, "'card':'2977000000019'" },
		{ "member_exists", NULL, "'phone':'+33612345678'" },
		{ "member_exists", NULL, "'email':'zoe.martin@EXAMPLE.org'" },
		{ "params_invalid", "phone", "'phone':'call me'" },
		{ "params_invalid", "email", "'email':'zoe'" },
		{ "params_invalid", "birthday", "'birthday':'1990-02-30'" },
		{ "params_invalid", "name", "'name':''" },
		{ "params_invalid", "name", "'name':null" },
		{ "params_invalid", "nickname", "'nickname':'Zo'" },
		{ "params_invalid", "consent.fax", "'consent':{'fax':true}" },
	};
	struct shop *s = *state;
	struct wire w;
	char member[32], *before, *after;
	size_t len;

	connect_to(&w, s, DOOR_TRUST);
	zoe_enroll(&w, member);
	before = journal_text(s, &len);
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		char *reply = ask_refused(&w, asked[i].reason, "member.enroll", "'request':'r-%zu',%s", i, asked[i].params);

		if (asked[i].field)
			assert_field(reply, "error.data.field", asked[i].field);
	}
	after = journal_text(s, &len);
	assert_string_equal(after, before);
	free(before);
	free(after);
	wire_close(&w);
}

static void exists_is_masked(void **state)
{
	struct wire w;
	char member[32], *reply;

	connect_to(&w, *state, DOOR_TRUST);
	zoe_enroll(&w, member);
	reply = ask_refused(&w, "member_exists", "member.enroll", "'request':'r-1','phone':'0612345678'");
	assert_field(reply, "error.data.member", member);
	assert_non_null(field(reply, "error.data.name"));
	assert_null(strstr(reply, "Martin"));
	assert_null(strstr(reply, "612345678"));
	assert_null(strstr(reply, "example"));
	wire_close(&w);
}

static void phones_may_be_shared(void **state)
{
	struct wire w;
	char member[32];

	connect_to(&w, *state, DOOR_TRUST);
	zoe_enroll(&w, member);
	ask_ok(&w, "member.enroll", "'request':'r-1','name':'Noé Martin','phone':'0612345678'");
	wire_close(&w);
}

static void updated(void **state)
{
	struct wire w;
	char zoe[32], noe[32], *reply;

	connect_to(&w, *state, DOOR_TRUST);
	zoe_enroll(&w, zoe);
	strcpy(noe, field(ask_ok(&w, "member.enroll", "'request':'r-1','name':'Noé Petit','phone':'0700000001'"),
			    "result.member"));

	reply = ask_ok(&w, "member.update", "'request':'r-2','member':'%s','name':'Zoé Durand','language':'fr'", zoe);
	assert_field(reply, "result.name", "Zoé Durand");
	assert_field(reply, "result.language", "fr");
	assert_field(ask_ok(&w, "card.lookup", "'phone':'0612345678'"), "result.member", zoe);
	ask_ok(&w, "member.update", "'request':'r-3','member':'%s','phone':'+33 6 12 34 56 78'", zoe);

	reply = ask_refused(&w, "member_exists", "member.update", "'request':'r-4','member':'%s','phone':'0612345678'", noe);
	assert_field(reply, "error.data.member", zoe);
	ask_ok(&w, "member.update", "'request':'r-5','member':'%s','phone':null,'name':null", zoe);
	ask_refused(&w, "member_unknown", "card.lookup", "'phone':'0612345678'");
	assert_null(field(ask_ok(&w, "card.lookup", "'email':'zoe.martin@example.org'"), "result.name"));
	ask_ok(&w, "member.update", "'request':'r-6','member':'%s','phone':'0612345678'", noe);
	assert_field(ask_ok(&w, "card.lookup", "'phone':'0612345678'"), "result.member", noe);
	ask_refused(&w, "member_unknown", "card.lookup", "'phone':'0700000001'");

	ask_refused(&w, "member_unknown", "member.update", "'request':'r-7','member':'m_0000000000000000','name':'X'");
	ask_refused(&w, "params_invalid", "member.update", "'request':'r-7','name':'X'");
	wire_close(&w);
}

/* As with any field, null removes it: nothing is agreed to any longer, and a birthday under 15 is no matter. */
static void consents_taken_back(void **state)
{
	struct wire w;
	char zoe[32], *reply;

	connect_to(&w, *state, DOOR_TRUST);
	zoe_enroll(&w, zoe);
	ask_ok(&w, "member.update", "'request':'r-1','member':'%s','consent':{'profiling':true}", zoe);
	ask_refused(&w, "params_invalid", "member.update", "'request':'r-2','member':'%s','birthday':'2020-01-01'", zoe);
	ask_ok(&w, "member.update", "'request':'r-3','member':'%s','consent':null,'birthday':'2020-01-01'", zoe);
	reply = ask_ok(&w, "member.export", "'member':'%s'", zoe);
	assert_int_equal(count_of(reply, "result.profile.consents"), 3);
	for (int i = 0; i < 3; i++) {
		char path[48];

		snprintf(path, sizeof(path), "result.profile.consents[%d].given", i);
		assert_field(reply, path, "false");
	}
	ask_refused(&w, "params_invalid", "member.enroll", "'request':'r-4','consent':null");
	wire_close(&w);
}

static void found_by_name(void **state)
{
	struct shop *s = *state;
	struct wire w, till;
	char zoe[32], *reply;

	connect_to(&w, s, DOOR_TRUST);
	zoe_enroll(&w, zoe);
	till_make(&w, "till-1", "cashier", "token-of-till-1");
	for (int i = 0; i < 25; i++)
		ask_ok(&w, "member.enroll", "'request':'c-%d','name':'Camille Roux-%02d'", i, i);
	sign_in(&till, s, "till-1", "token-of-till-1");

	reply = ask_ok(&w, "member.find", "'query':'Zoé'");
	assert_int_equal(count_of(reply, "result.members"), 1);
	assert_field(reply, "result.members[0].member", zoe);
	assert_field(reply, "result.members[0].name", "Zoé Martin");
	reply = ask_ok(&till, "member.find", "'query':'zoé m'");
	assert_int_equal(count_of(reply, "result.members"), 1);
	assert_field(reply, "result.members[0].name", "Zoé M.");
	assert_null(strstr(reply, "Martin"));
	assert_int_equal(count_of(ask_ok(&till, "member.find", "'query':'CAMILLE'"), "result.members"), 20);
	assert_int_equal(count_of(ask_ok(&till, "member.find", "'query':'Quentin'"), "result.members"), 0);
	assert_field(ask_refused(&till, "params_invalid", "member.find", "'query':'Zo'"), "error.data.field", "query");
	assert_field(ask_refused(&till, "params_invalid", "member.find", "'query':'zé'"), "error.data.field", "query");

	ask_ok(&w, "member.update", "'request':'u-1','member':'%s','name':'Zelda Martin'", zoe);
	assert_int_equal(count_of(ask_ok(&w, "member.find", "'query':'Zoé'"), "result.members"), 0);
	assert_int_equal(count_of(ask_ok(&w, "member.find", "'query':'zelda'"), "result.members"), 1);
	wire_close(&till);
	wire_close(&w);
}

static void cards_of_a_member(void **state)
{
	struct wire w;
	char zoe[32], issued[64], *reply;

	connect_to(&w, *state, DOOR_TRUST);
	zoe_enroll(&w, zoe);
	reply = ask_ok(&w, "card.issue", "'request':'r-1','member':'%s'", zoe);
	strcpy(issued, field(reply, "result.card.number"));
	assert_string_not_equal(issued, card_number(1));
	reply = ask_ok(&w, "card.attach", "'request':'r-2','member':'%s','card':'%s'", zoe, card_number(3));
	assert_field(reply, "result.card.number", card_number(3));
	assert_field(ask_ok(&w, "card.lookup", "'card':'%s'", card_number(1)), "result.member", zoe);
	assert_field(ask_ok(&w, "card.lookup", "'card':'%s'", issued), "result.member", zoe);
	assert_field(ask_ok(&w, "card.lookup", "'card':'%s'", card_number(3)), "result.member", zoe);

	ask_ok(&w, "member.enroll", "'request':'r-3','card':'%s'", card_number(4));
	ask_refused(&w, "card_in_use", "card.attach", "'request':'r-4','member':'%s','card':'%s'", zoe, card_number(4));
	ask_refused(&w, "card_in_use", "card.attach", "'request':'r-4','member':'%s','card':'%s'", zoe, card_number(1));
	ask_refused(&w, "card_malformed", "card.attach", "'request':'r-4','member':'%s','card':'2977000000019'", zoe);
	ask_refused(&w, "member_unknown", "card.attach", "'request':'r-4','member':'m_0000000000000000','card':'%s'",
		card_number(5));
	ask_refused(&w, "member_unknown", "card.issue", "'request':'r-4','member':'m_0000000000000000'");
	ask_refused(&w, "card_unknown", "card.block", "'request':'r-4','card':'%s','reason':'lost'", card_number(5));
	ask_refused(&w, "card_unknown", "card.replace", "'request':'r-4','card':'%s'", card_number(5));
	wire_close(&w);
}

/* A household: each has a card, all earn into and see one balance, and what is lost is one card's affair. */
static void household(void **state)
{
	struct wire w;
	char zoe[32], *reply;

	connect_to(&w, *state, DOOR_TRUST);
	zoe_enroll(&w, zoe);
	ask_ok(&w, "card.attach", "'request':'r-1','member':'%s','card':'%s'", zoe, card_number(2));
	ask_ok(&w, "card.attach", "'request':'r-2','member':'%s','card':'%s'", zoe, card_number(3));
	for (unsigned n = 1; n <= 3; n++) {
		reply = ask_ok(&w, "sale.commit",
			"'request':'s-%u','sale':'R-%u','card':'%s','lines':[{'sku':'a','amount':1000}],'payable':1000", n,
			n, card_number(n));
		assert_figure(reply, "result.balances.points", 10 * n);
	}
	for (unsigned n = 1; n <= 3; n++) {
		reply = ask_ok(&w, "card.lookup", "'card':'%s'", card_number(n));
		assert_field(reply, "result.member", zoe);
		assert_field(reply, "result.card.number", card_number(n));
		assert_figure(reply, "result.balances.points", 30);
		assert_figure(reply, "result.stats.purchases", 3);
		assert_int_equal(count_of(ask_ok(&w, "sale.list", "'card':'%s'", card_number(n)), "result.sales"), 3);
	}

	ask_ok(&w, "card.replace", "'request':'r-3','card':'%s','with':'%s'", card_number(2), card_number(4));
	ask_refused(&w, "card_blocked", "sale.quote", "'card':'%s','lines':[{'sku':'a','amount':1}]", card_number(2));
	for (unsigned n = 3; n <= 4; n++)
		assert_figure(ask_ok(&w, "card.lookup", "'card':'%s'", card_number(n)), "result.balances.points", 30);
	ask_ok(&w, "balance.adjust", "'request':'r-4','card':'%s','unit':'points','points':-30,'reason':'x'",
		card_number(4));
	assert_figure(ask_ok(&w, "card.lookup", "'card':'%s'", card_number(1)), "result.balances.points", 0);
	wire_close(&w);
}

static void blocked(void **state)
{
	struct wire w;
	char zoe[32], *reply;

	connect_to(&w, *state, DOOR_TRUST);
	zoe_enroll(&w, zoe);
	ask_ok(&w, "card.attach", "'request':'r-1','member':'%s','card':'%s'", zoe, card_number(2));
	ask_ok(&w, "sale.commit",
		"'request':'r-2','sale':'R-1','card':'%s','lines':[{'sku':'a','amount':1000}],'payable':1000",
		card_number(1));
	reply = ask_ok(&w, "card.block", "'request':'r-3','card':'%s','reason':'lost'", card_number(1));
	assert_field(reply, "result.card.status", "blocked");

	reply = ask_ok(&w, "card.lookup", "'card':'%s'", card_number(1));
	assert_field(reply, "result.card.status", "blocked");
	assert_field(reply, "result.member", zoe);
	ask_ok(&w, "card.block", "'request':'r-4','card':'%s','reason':'still lost'", card_number(1));
	ask_refused(&w, "card_blocked", "sale.quote", "'card':'%s','lines':[{'sku':'a','amount':1}]", card_number(1));
	ask_refused(&w, "card_blocked", "sale.commit",
		"'request':'r-5','sale':'R-2','card':'%s','lines':[{'sku':'a','amount':1}],'payable':1", card_number(1));
	ask_refused(&w, "card_blocked", "sale.list", "'card':'%s'", card_number(1));
	ask_refused(&w, "card_blocked", "balance.history", "'card':'%s'", card_number(1));
	ask_refused(&w, "card_blocked", "balance.adjust",
		"'request':'r-5','card':'%s','unit':'points','points':1,'reason':'x'", card_number(1));
	ask_refused(&w, "card_blocked", "card.attach", "'request':'r-5','member':'%s','card':'%s'", zoe, card_number(1));
	ask_refused(&w, "card_blocked", "member.enroll", "'request':'r-5','card':'%s'", card_number(1));
	/* The member's other card goes on. */
	ask_ok(&w, "sale.quote", "'card':'%s','lines':[{'sku':'a','amount':1}]", card_number(2));
	assert_field(ask_ok(&w, "card.lookup", "'card':'%s'", card_number(2)), "result.card.status", "active");
	wire_close(&w);
}

static void replaced(void **state)
{
	struct wire w;
	char zoe[32], second[64], *reply;

	connect_to(&w, *state, DOOR_TRUST);
	zoe_enroll(&w, zoe);
	ask_ok(&w, "sale.commit",
		"'request':'r-1','sale':'R-1','card':'%s','lines':[{'sku':'a','amount':1000}],'payable':1000",
		card_number(1));
	reply = ask_ok(&w, "card.replace", "'request':'r-2','card':'%s'", card_number(1));
	assert_field(reply, "result.member", zoe);
	assert_field(reply, "result.card.status", "active");
	assert_figure(reply, "result.balances.points", 10);
	strcpy(second, field(reply, "result.card.number"));
	assert_string_not_equal(second, card_number(1));
	assert_field(ask_ok(&w, "card.lookup", "'card':'%s'", card_number(1)), "result.card.status", "blocked");

	reply = ask_ok(&w, "card.replace", "'request':'r-3','card':'%s','with':'%s'", second, card_number(7));
	assert_field(reply, "result.card.number", card_number(7));
	assert_figure(ask_ok(&w, "card.lookup", "'card':'%s'", card_number(7)), "result.balances.points", 10);
	ask_ok(&w, "card.replace", "'request':'r-4','card':'%s','with':'%s'", card_number(1), card_number(8));
	ask_ok(&w, "member.enroll", "'request':'r-5','card':'%s'", card_number(9));
	ask_refused(&w, "card_in_use", "card.replace", "'request':'r-6','card':'%s','with':'%s'", card_number(8),
		card_number(9));
	assert_field(ask_ok(&w, "card.lookup", "'card':'%s'", card_number(8)), "result.card.status", "active");
	wire_close(&w);
}

static const struct shop_options few_misses = { .config = "limits { misses-per-minute = 5 }\n" };

static void throttled(void **state)
{
	struct shop *s = *state;
	struct wire w, other;
	char zoe[32], *reply = NULL;
	int misses = 0;

	connect_to(&w, s, DOOR_TRUST);
	zoe_enroll(&w, zoe);
	till_make(&w, "till-1", "cashier", "token-of-till-1");
	sign_in(&other, s, "till-1", "token-of-till-1");
	for (int i = 0; i < 100; i++)
		ask_refused(&w, "card_unknown", "sale.quote", "'card':'%s','lines':[{'sku':'a','amount':1}]",
			card_number(50));
	do
		reply = ask(&w, "card.lookup", "'card':'%s'", card_number(50));
	while (strcmp(field(reply, "error.data.reason"), "card_unknown") == 0 && ++misses < 100);
	assert_field(reply, "error.data.reason", "throttled");
	assert_field(reply, "error.data.retryable", "true");
	assert_true(figure(reply, "error.data.retry_after_ms") > 0);
	ask_refused(&w, "throttled", "card.lookup", "'phone':'0699999999'");
	/* Sales go on, and so do the other tills. */
	for (int i = 0; i < 100; i++) {
		ask_refused(&w, "card_unknown", "sale.quote", "'card':'%s','lines':[{'sku':'a','amount':1}]",
			card_number(50));
		ask_refused(&w, "card_unknown", "sale.commit",
			"'request':'q-%d','sale':'Q-%d','card':'%s','lines':[{'sku':'a','amount':1}],'payable':1", i, i,
			card_number(50));
	}
	ask_ok(&w, "sale.quote", "'card':'%s','lines':[{'sku':'a','amount':1}]", card_number(1));
	ask_ok(&w, "sale.commit", "'request':'ok','sale':'R-1','card':'%s','lines':[{'sku':'a','amount':1}],'payable':1",
		card_number(1));
	ask_ok(&other, "card.lookup", "'card':'%s'", card_number(1));
	wire_close(&other);
	wire_close(&w);
	assert_true(misses <= 5);
}

static bool holds(const char *at, size_t len, const char *what)
{
	return memmem(at, len, what, strlen(what)) != NULL;
}

/* @return whether a file in the directory holds the bytes; keys are random and left out */
static bool on_disk(const char *dir, const char *what)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	bool found = false;

	assert_non_null(d);
	while ((e = readdir(d))) {
		char path[4096], *text;
		size_t len;

		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (e->d_type == DT_DIR && e->d_name[0] != '.')
			found = found || on_disk(path, what);
		text = e->d_type == DT_REG ? file_read(path, &len) : NULL;
		if (text)
			found = found || holds(text, len, what);
		free(text);
	}
	closedir(d);
	return found;
}

static void nothing_in_clear(void **state)
{
	static const char *const secrets[] = { "Xaviera", "XAVIERA", "xaviera", "Quintessenz", "quintessenz", "612345678",
		"06 12 34", "example.org", "EXAMPLE", "1990-05-17", "19900517", "a fellow", "297700000", "R2D2C3PO",
		"r2d2c3po", "spilt", "stolen by", "very own" };
	struct shop *s = *state;
	struct wire w;
	char member[32], *log;

	connect_to(&w, s, DOOR_TRUST);
	strcpy(member, field(ask_ok(&w, "member.enroll",
				     "'request':'r-1','card':'%s','name':'Xaviera Quintessenz','phone':'06 12 34 56 78',"
				     "'email':'xaviera@Example.org','birthday':'1990-05-17','heard_from':'a fellow',"
				     "'ext':{'note':'very own'},'tags':['control-tag']",
				     card_number(1)),
			       "result.member"));
	ask_ok(&w, "card.attach", "'request':'r-2','member':'%s','card':'R2D2C3PO'", member);
	ask_ok(&w, "sale.commit",
		"'request':'r-3','sale':'R-1','card':'%s','lines':[{'sku':'a','amount':1000}],'payable':1000",
		card_number(1));
	ask_ok(&w, "card.block", "'request':'r-4','card':'r2d2c3po','reason':'stolen by a friend'");
	ask_ok(&w, "balance.adjust", "'request':'r-5','member':'%s','unit':'points','points':2,'reason':'spilt'", member);
	ask_ok(&w, "card.replace", "'request':'r-6','card':'%s','with':'%s'", card_number(1), card_number(2));
	ask_ok(&w, "member.update", "'request':'r-7','member':'%s','name':'Xaviera Q.'", member);
	ask_refused(&w, "card_unknown", "card.lookup", "'card':'%s'", card_number(3));
	ask_ok(&w, "member.find", "'query':'xaviera'");
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	assert_true(on_disk(s->data, "control-tag"));
	assert_true(on_disk(s->data, member));
	for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); i++)
		if (on_disk(s->data, secrets[i]))
			fail_msg("\"%s\" stands in clear in a file of the ledger", secrets[i]);
	log = file_read(s->log, NULL);
	for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); i++)
		if (strstr(log, secrets[i]))
			fail_msg("\"%s\" stands in the log:\n%s", secrets[i], log);
	free(log);
}

static void kept_over_a_restart(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char zoe[32], *reply;

	connect_to(&w, s, DOOR_TRUST);
	zoe_enroll(&w, zoe);
	ask_ok(&w, "card.block", "'request':'r-1','card':'%s','reason':'lost'", card_number(1));
	wire_close(&w);
	shop_kill(s);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	reply = ask_ok(&w, "card.lookup", "'phone':'0612345678'");
	assert_field(reply, "result.member", zoe);
	assert_field(reply, "result.name", "Zoé Martin");
	assert_field(ask_ok(&w, "card.lookup", "'card':'%s'", card_number(1)), "result.card.status", "blocked");
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	shop_sound(s);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_field(ask_ok(&w, "card.lookup", "'email':'zoe.martin@example.org'"), "result.name", "Zoé Martin");
	assert_int_equal(count_of(ask_ok(&w, "member.find", "'query':'zoé'"), "result.members"), 1);
	wire_close(&w);
}

static const struct shop_options shared_phone = { .store = "shared-phone = true" };

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("a member enrols with the card handed out", enrolled_with_card, NULL),
		IN_SHOP("a member who enrols without a card is issued one", enrolled_without_card, NULL),
		IN_SHOP("a member is found by card, phone, e-mail and id, however written", found_in_every_way, NULL),
		IN_SHOP("who is not there, or nobody's card, is told apart", not_found, NULL),
		IN_SHOP("an enrolment that is refused writes nothing", enrolment_refused, NULL),
		IN_SHOP("member_exists names the member, masked", exists_is_masked, NULL),
		IN_SHOP("a phone may be shared where the shop says so", phones_may_be_shared, &shared_phone),
		IN_SHOP("an update changes what it names, and null removes", updated, NULL),
		IN_SHOP("null takes back every consent", consents_taken_back, NULL),
		IN_SHOP("member.find gives at most 20, to a cashier by first name and initial", found_by_name, NULL),
		IN_SHOP("a member may have many cards", cards_of_a_member, NULL),
		IN_SHOP("a household's cards earn into one balance", household, NULL),
		IN_SHOP("a blocked card may be looked up, blocked again, and nothing else", blocked, NULL),
		IN_SHOP("a card is replaced by another, and nothing is lost", replaced, NULL),
		IN_SHOP("misses are throttled per till, sales never", throttled, &few_misses),
		IN_SHOP("names, phones, e-mails and card numbers are nowhere in clear", nothing_in_clear, NULL),
		IN_SHOP("members are there after kill -9, a restart and a rebuild", kept_over_a_restart, NULL),
	};

	return cmocka_run_group_tests_name("members", tests, NULL, NULL);
}
