/* SPDX-License-Identifier: Apache-2.0 */
/* Sponsorship over the wire: codes, claims, who is paid and when, what is odd, and that none of it outlives what was undone. */
#include <time.h>

#include "tests/e2e/harness.h"

#define POINTS_BOTH \
	"points { unit points { expires = \"12 months\" }  unit gifts {} }\n" \
	"rewards { reward cup { unit = gifts  cost = 100  kind = amount  value = \"1.00\" } }\n"
#define REFERRAL(more) \
	"referral { url = \"HTTPS://EX.FR/P/\"  minimum = \"25.00\"  cap { sponsor = 10 }  " more \
	"sponsor { unit = gifts  points = 500 }  friend { reward = cup  label { en = \"a cup\"  fr = \"une tasse\" } } }\n"

static const struct shop_options usual = { .points = POINTS_BOTH, .config = REFERRAL("") };
static const struct shop_options shared = { .points = POINTS_BOTH, .config = REFERRAL(""), .store = "shared-phone = true" };
static const struct shop_options none = { .points = POINTS_BOTH };
static const struct shop_options offers = { .config = "offers { offer gift { kind = amount  value = \"3.00\" } }\n"
						      "referral { minimum = \"25.00\"  friend { offer = gift } }\n" };

/* The code of a card, as it is shown. */
static const char *issue(struct wire *w, const char *card)
{
	static unsigned drawn;

	return field(ask_ok(w, "referral.issue", "'request':'issue-%u','card':'%s'", drawn++, card), "result.code");
}

static char *enroll(struct wire *w, const char *card, const char *more)
{
	return ask_ok(w, "member.enroll", "'request':'enroll-%s','card':'%s','language':'en'%s", card, card, more);
}

/* The same with a sponsor's code. @param more begins with a comma, or is empty */
static char *enroll_by(struct wire *w, const char *card, const char *code, const char *more)
{
	char params[256];

	snprintf(params, sizeof(params), ",'referral':'%s'%s", code, more);
	return enroll(w, card, params);
}

/* @param more begins with a comma, or is empty */
#define TICKET(number, card, amount, more) \
	"'request':'%s','sale':'%s','card':'%s','lines':[{'sku':'a','amount':%d}],'payable':%d%s", number, number, card, \
		(int)(amount), (int)(amount), more

static const char *by(const char *code)
{
	static char text[64];

	snprintf(text, sizeof(text), ",'referral':'%s'", code);
	return text;
}

static char *buy(struct wire *w, const char *number, const char *card, int amount)
{
	return ask_ok(w, "sale.commit", TICKET(number, card, amount, ""));
}

static void has(struct wire *w, const char *card, int64_t gifts)
{
	const char *reply = ask_ok(w, "card.lookup", "'card':'%s'", card);
	int64_t figure_had = figure(reply, "result.balances.gifts");

	assert_int_equal(figure_had == INT64_MIN ? 0 : figure_had, gifts);
}

static void state_is(struct wire *w, const char *card, const char *state)
{
	assert_field(ask_ok(w, "referral.list", "'card':'%s'", card), "result.referrals[0].state", state);
}

/* --- a whole life -------------------------------------------------------------------------------------------------- */

static void life(void **state)
{
	struct shop *s = *state;
	char code[32], url[64], *reply;
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	enroll(&w, "S1", ",'name':'Jeanne Moreau'");
	assert_null(field(ask_ok(&w, "card.lookup", "'card':'S1'"), "result.referral.code"));
	reply = ask_ok(&w, "referral.issue", "'request':'i-1','card':'S1'");
	assert_field(reply, "result.state", "issued");
	assert_figure(reply, "result.uses", 0);
	assert_figure(reply, "result.left", 10);
	assert_int_equal(strlen(field(reply, "result.expires")), 10);
	snprintf(code, sizeof(code), "%s", field(reply, "result.code"));
	snprintf(url, sizeof(url), "%s", field(reply, "result.url"));
	assert_int_equal(strlen(code), 16);
	assert_int_equal(strlen(url), 29);
	assert_memory_equal(url, "HTTPS://EX.FR/P/", 16);
	assert_string_equal(issue(&w, "S1"), code);
	assert_field(ask_ok(&w, "card.lookup", "'card':'S1'"), "result.referral.url", url);

	reply = ask_ok(&w, "referral.check", "'code':'%s'", url);
	assert_field(reply, "result.valid", "true");
	assert_field(reply, "result.sponsor", "Jeanne");
	assert_field(reply, "result.friend_reward.reward", "cup");
	assert_figure(reply, "result.friend_reward.points", 100);
	assert_field(reply, "result.friend_reward.label", "une tasse");

	reply = enroll_by(&w, "F1", url, ",'name':'Paul Meurisse'");
	assert_field(reply, "result.prompts[0].kind", "referral");
	state_is(&w, "F1", "claimed");
	reply = buy(&w, "R-1", "F1", 2499);
	assert_field(reply, "result.referral.state", "purchased");
	assert_field(reply, "result.messages[0]",
		"Buy for \xe2\x82\xac"
		"25.00 at once, and your sponsor's code brings you a cup");
	has(&w, "F1", 0);
	reply = buy(&w, "R-2", "F1", 2500);
	assert_field(reply, "result.referral.state", "held");
	assert_field(reply, "result.messages[0]", "Thanks to your sponsor: a cup");
	has(&w, "F1", 100);
	has(&w, "S1", 0);
	reply = ask_ok(&w, "referral.list", "'card':'S1'");
	assert_int_equal(count_of(reply, "result.referrals"), 1);
	assert_field(reply, "result.referrals[0].side", "sponsor");
	assert_field(reply, "result.referrals[0].name", "Paul");
	assert_field(reply, "result.referrals[0].state", "held");
	assert_int_equal(strlen(field(reply, "result.referrals[0].due")), 10);
	reply = ask_ok(&w, "referral.list", "'card':'F1'");
	assert_field(reply, "result.referrals[0].side", "friend");
	assert_field(reply, "result.referrals[0].name", "Jeanne");

	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	reply = buy(&w, "R-2", "F1", 2500);
	assert_field(reply, "result.replayed", "true");
	assert_field(reply, "result.referral.state", "held");
	assert_string_equal(issue(&w, "S1"), code);
	assert_figure(ask_ok(&w, "referral.issue", "'request':'i-9','card':'S1'"), "result.uses", 1);

	/* Under the minimum the friend pays all of it back; the next purchase may do. */
	ask_ok(&w, "sale.return", "'request':'b-1','return':'B-1','sale':'R-2','lines':[{'line':0,'amount':1}]");
	state_is(&w, "F1", "purchased");
	has(&w, "F1", 0);
	ask_ok(&w, "sale.void", "'request':'v-1','sale':'B-1'");
	state_is(&w, "F1", "held");
	has(&w, "F1", 100);
	ask_ok(&w, "sale.void", "'request':'v-2','sale':'R-2'");
	state_is(&w, "F1", "purchased");
	has(&w, "F1", 0);
	wire_close(&w);
}

/* --- time ---------------------------------------------------------------------------------------------------------- */

static const char *days_ago(int days)
{
	static char text[4][32];
	static unsigned turn;
	time_t at = time(NULL) - (time_t)days * 86400;
	char *out = text[turn++ % 4];
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(out, sizeof(text[0]), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}

/* A purchase of 40 days ago that is told today: what is due falls in the jobs after the close. */
static void time_passes(void **state)
{
	char code[32], late[64], *reply;
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	enroll(&w, "S1", "");
	snprintf(code, sizeof(code), "%s", issue(&w, "S1"));
	ask_ok(&w, "member.enroll", "'request':'e-1','card':'F1','referral':'%s','offline':true,'at':'%s'", code,
		days_ago(41));
	snprintf(late, sizeof(late), ",'offline':true,'at':'%s'", days_ago(40));
	ask_ok(&w, "sale.commit", TICKET("R-1", "F1", 2500, late));
	state_is(&w, "F1", "held");
	has(&w, "S1", 0);
	ask_ok(&w, "day.close", "'request':'close-1'");
	enroll(&w, "X1", "");
	for (int i = 0; i < DEADLINE_MS / 20; i++) {
		reply = ask_ok(&w, "referral.list", "'card':'S1'");
		if (strcmp(field(reply, "result.referrals[0].state"), "earned") == 0)
			break;
		sleep_ms(20);
	}
	state_is(&w, "S1", "earned");
	has(&w, "S1", 500);
	has(&w, "F1", 100);
	ask_ok(&w, "sale.return", "'request':'b-1','return':'B-1','sale':'R-1'");
	state_is(&w, "S1", "void");
	has(&w, "S1", 0);
	has(&w, "F1", 0);
	wire_close(&w);
}

/* --- what is refused writes nothing -------------------------------------------------------------------------------- */

static void claim_refused(struct wire *w, const char *reason, const char *card, const char *code)
{
	int64_t seq = last_seq(w);

	ask_refused(w, reason, "sale.commit", TICKET("R-X", card, 3000, by(code)));
	ask_refused(w, reason, "member.enroll", "'request':'e-x','card':'NEW','referral':'%s'%s", code, "");
	assert_int_equal(last_seq(w), seq);
}

static void refusals(void **state)
{
	char code[32], slip[32], training[96];
	int64_t seq;
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	enroll(&w, "S1", "");
	enroll(&w, "F1", "");
	enroll(&w, "OLD", "");
	buy(&w, "R-0", "OLD", 100);
	snprintf(code, sizeof(code), "%s", issue(&w, "S1"));
	claim_refused(&w, "code_malformed", "F1", "NO-CODE");
	snprintf(slip, sizeof(slip), "%s", code);
	slip[0] = code[0] == '7' ? '8' : '7';
	claim_refused(&w, "code_malformed", "F1", slip);
	claim_refused(&w, "code_unknown", "F1", "0000-0000-0000-0");
	seq = last_seq(&w);
	ask_refused(&w, "self_referral", "sale.commit", TICKET("R-X", "S1", 3000, by(code)));
	ask_refused(&w, "not_a_new_customer", "sale.commit", TICKET("R-X", "OLD", 3000, by(code)));
	ask_refused(&w, "params_invalid", "sale.commit",
		"'request':'R-X','sale':'R-X','lines':[{'sku':'a','amount':3000}],'payable':3000,'referral':'%s'", code);
	ask_ok(&w, "card.attach", "'request':'att','member':'%s','card':'S2'",
		field(ask_ok(&w, "card.lookup", "'card':'S1'"), "result.member"));
	ask_refused(&w, "self_referral", "sale.commit", TICKET("R-X", "S2", 3000, by(code)));
	assert_int_equal(last_seq(&w), seq + 1);
	snprintf(training, sizeof(training), ",'training':true%s", by(code));
	ask_ok(&w, "sale.commit", TICKET("R-T", "F1", 3000, training));
	assert_int_equal(count_of(ask_ok(&w, "referral.list", "'card':'F1'"), "result.referrals"), 0);
	ask_ok(&w, "sale.commit", TICKET("R-1", "F1", 100, by(code)));
	ask_refused(&w, "code_spent", "sale.commit", TICKET("R-2", "F1", 3000, by(code)));

	/* A void frees the claim. */
	ask_ok(&w, "sale.void", "'request':'v-1','sale':'R-1'");
	assert_int_equal(count_of(ask_ok(&w, "referral.list", "'card':'F1'"), "result.referrals"), 0);
	assert_field(ask_ok(&w, "sale.commit", TICKET("R-3", "F1", 2500, by(code))), "result.referral.state", "held");
	ask_refused(&w, "card_blocked", "referral.issue", "'request':'i-b','card':'%s'",
		(ask_ok(&w, "card.block", "'request':'bl','card':'OLD','reason':'lost'"), "OLD"));
	wire_close(&w);
}

/* What has happened is booked without it, with an alert. */
static void offline(void **state)
{
	char *reply;
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	enroll(&w, "F1", "");
	reply = ask_ok(&w, "sale.commit", TICKET("R-1", "F1", 3000, ",'offline':true,'referral':'NO-CODE'"));
	assert_null(field(reply, "result.referral.state"));
	ask_ok(&w, "member.enroll", "'request':'e-2','card':'F2','offline':true,'referral':'%s'", "0000-0000-0000-0");
	reply = ask_ok(&w, "system.alerts", "%s", "");
	assert_int_equal(count_of(reply, "result.alerts"), 2);
	assert_field(reply, "result.alerts[0].kind", "code_malformed");
	assert_field(reply, "result.alerts[1].kind", "code_unknown");
	wire_close(&w);
}

static void no_section(void **state)
{
	char *reply;
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	enroll(&w, "F1", "");
	ask_refused(&w, "referral_unknown", "referral.issue", "'request':'i','card':'%s'", "F1");
	ask_refused(&w, "code_unknown", "sale.commit", TICKET("R-1", "F1", 3000, by("7QK4-M2ZP-9A3C-H")));
	reply = ask_ok(&w, "referral.check", "'code':'%s'", "7QK4-M2ZP-9A3C-H");
	assert_field(reply, "result.valid", "false");
	assert_field(reply, "result.reason", "code_unknown");
	assert_field(reply, "result.friend_reward", "null");
	wire_close(&w);
}

/* --- what is odd --------------------------------------------------------------------------------------------------- */

static void flagged(void **state)
{
	char code[32], id[24], *reply;
	struct wire w, till;

	connect_to(&w, *state, DOOR_TRUST);
	enroll(&w, "S1", ",'phone':'0612345678','email':'jeanne@ex.fr'");
	snprintf(code, sizeof(code), "%s", issue(&w, "S1"));
	ask_refused(&w, "self_referral", "member.enroll",
		"'request':'e-s','card':'F0','phone':'0612345678','email':'Jeanne+2@ex.fr','referral':'%s'", code);
	enroll_by(&w, "F1", code, ",'phone':'06 12 34 56 78'");
	enroll_by(&w, "F2", code, ",'email':'jeanne+shop@ex.fr'");
	assert_field(buy(&w, "R-1", "F1", 2500), "result.referral.state", "flagged");
	buy(&w, "R-2", "F2", 2500);
	has(&w, "F1", 0);

	reply = ask_ok(&w, "referral.queue", "%s", "");
	assert_int_equal(count_of(reply, "result.referrals"), 2);
	assert_field(reply, "result.referrals[0].flags[0]", "same_phone");
	assert_field(reply, "result.referrals[1].flags[0]", "same_email");
	snprintf(id, sizeof(id), "%s", field(reply, "result.referrals[0].referral"));
	assert_int_equal(count_of(ask_ok(&w, "referral.queue", "'after':'%s'", id), "result.referrals"), 1);

	till_make(&w, "till-1", "cashier", "token-of-till-1");
	sign_in(&till, *state, "till-1", "token-of-till-1");
	ask_refused(&till, "forbidden", "referral.queue", "%s", "");
	ask_refused(&till, "forbidden", "referral.review", "'request':'r','referral':'%s','verdict':'accept'", id);
	assert_int_equal(count_of(ask_ok(&till, "referral.list", "'card':'F1'"), "result.referrals[0].flags"), -1);
	wire_close(&till);

	ask_ok(&w, "referral.review", "'request':'r-1','referral':'%s','verdict':'accept'", id);
	has(&w, "F1", 100);
	state_is(&w, "F1", "held");
	ask_refused(&w, "referral_unknown", "referral.review", "'request':'r-2','referral':'%s','verdict':'reject'", id);
	reply = ask_ok(&w, "referral.queue", "%s", "");
	ask_ok(&w, "referral.review", "'request':'r-3','referral':'%s','verdict':'reject'",
		field(reply, "result.referrals[0].referral"));
	state_is(&w, "F2", "void");
	has(&w, "F2", 0);
	assert_field(ask_ok(&w, "system.alerts", "%s", ""), "result.alerts[0].kind", "referral_flagged");
	wire_close(&w);
}

/* At the till where the sponsor has just bought, and by the sponsor as cashier. */
static void at_the_till(void **state)
{
	char code[32], *reply;
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	enroll(&w, "S1", ",'tags':['operator:07']");
	snprintf(code, sizeof(code), "%s", issue(&w, "S1"));
	enroll_by(&w, "F0", code, "");
	state_is(&w, "F0", "claimed");
	enroll_by(&w, "F1", code, ",'operator':'07'");
	buy(&w, "R-1", "S1", 100);
	enroll_by(&w, "F2", code, ",'operator':'08'");
	reply = ask_ok(&w, "referral.queue", "%s", "");
	assert_int_equal(count_of(reply, "result.referrals"), 2);
	assert_field(reply, "result.referrals[0].flags[0]", "own_cashier");
	assert_int_equal(count_of(reply, "result.referrals[0].flags"), 1);
	assert_field(reply, "result.referrals[1].flags[0]", "same_till");
	assert_int_equal(count_of(reply, "result.referrals[1].flags"), 1);
	wire_close(&w);
}

/* Ten thousand guesses from one till: a few are looked at. */
static void guesses(void **state)
{
	struct wire w, till;
	int looked = 0, turned_away = 0;

	connect_to(&w, *state, DOOR_TRUST);
	till_make(&w, "till-1", "cashier", "token-of-till-1");
	sign_in(&till, *state, "till-1", "token-of-till-1");
	for (int i = 0; i < 10000; i++) {
		const char *reply = wire_ask(&till, "referral.check", "'code':'%012d'", i);

		assert_non_null(reply);
		if (field(reply, "result.valid")) {
			assert_field(reply, "result.valid", "false");
			looked++;
		} else {
			assert_field(reply, "error.data.reason", "throttled");
			turned_away++;
		}
	}
	assert_in_range(looked, 1, 60); /* 30 a minute, and a slow machine may see the next minute begin */
	assert_int_equal(looked + turned_away, 10000);
	wire_close(&till);
	wire_close(&w);
}

/* --- keys, members, offers ----------------------------------------------------------------------------------------- */

static void keys(void **state)
{
	char first[32], second[32];
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	enroll(&w, "S1", "");
	enroll(&w, "S2", "");
	snprintf(first, sizeof(first), "%s", issue(&w, "S1"));
	for (int i = 0; i < 3; i++)
		ask_ok(&w, "referral.rotate", "'request':'rot-%d'", i);
	ask_refused(&w, "params_invalid", "referral.rotate", "'request':'%s'", "rot-9");
	snprintf(second, sizeof(second), "%s", issue(&w, "S2"));
	assert_string_not_equal(first, second);
	assert_string_equal(issue(&w, "S1"), first);
	assert_field(ask_ok(&w, "referral.check", "'code':'%s'", first), "result.valid", "true");
	assert_field(ask_ok(&w, "referral.check", "'code':'%s'", second), "result.valid", "true");
	assert_int_equal(tree_holds(((struct shop *)*state)->data, first, strlen(first)), 0);
	wire_close(&w);
}

static void people(void **state)
{
	char code[32], s1[24], f1[24];
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	snprintf(s1, sizeof(s1), "%s", field(enroll(&w, "S1", ""), "result.member"));
	snprintf(code, sizeof(code), "%s", issue(&w, "S1"));
	snprintf(f1, sizeof(f1), "%s", field(enroll_by(&w, "F1", code, ""), "result.member"));
	enroll_by(&w, "F2", code, "");
	buy(&w, "R-1", "F1", 2500);
	has(&w, "F1", 100);
	ask_ok(&w, "member.merge", "'request':'m-1','from':'%s','into':'%s'", f1, s1);
	has(&w, "S1", 0);
	ask_ok(&w, "member.erase", "'request':'er-1','member':'%s'", s1);
	assert_field(ask_ok(&w, "referral.check", "'code':'%s'", code), "result.reason", "code_expired");
	ask_refused(&w, "code_expired", "member.enroll", "'request':'e-9','card':'F9','referral':'%s'", code);
	assert_field(buy(&w, "R-2", "F2", 2500), "result.referral.state", "held");
	assert_null(field(ask_ok(&w, "referral.list", "'card':'F2'"), "result.referrals[0].name"));
	ask_refused(&w, "member_erased", "referral.issue", "'request':'i-9','member':'%s'", s1);
	wire_close(&w);
}

/* A friend who gets an offer: it is withdrawn with the return; one that was used is had, and somebody is told. */
static void gifts(void **state)
{
	char code[32], *reply;
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	enroll(&w, "S1", "");
	snprintf(code, sizeof(code), "%s", issue(&w, "S1"));
	enroll_by(&w, "F1", code, "");
	enroll_by(&w, "F2", code, "");
	buy(&w, "R-1", "F1", 2500);
	assert_field(ask_ok(&w, "card.lookup", "'card':'F1'"), "result.offers[0].offer", "gift");
	ask_ok(&w, "sale.return", "'request':'b-1','return':'B-1','sale':'R-1'");
	assert_int_equal(count_of(ask_ok(&w, "card.lookup", "'card':'F1'"), "result.offers"), 0);
	buy(&w, "R-2", "F2", 2500);
	ask_ok(&w, "sale.commit", "'request':'R-3','sale':'R-3','card':'F2','lines':[{'sku':'a','amount':%d}],'payable':%d",
		1000, 700);
	ask_ok(&w, "sale.return", "'request':'b-2','return':'B-2','sale':'R-2'");
	state_is(&w, "F2", "purchased");
	reply = ask_ok(&w, "system.alerts", "%s", "");
	assert_int_equal(count_of(reply, "result.alerts"), 1);
	assert_field(reply, "result.alerts[0].kind", "referral_gift_gone");
	wire_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("a code is issued, claimed, bought by, brought back, undone, and all of it stands a restart", life,
			&usual),
		IN_SHOP("the wait ends after a close: the sponsor is paid, and a later return takes back both", time_passes,
			&usual),
		IN_SHOP("what cannot be claimed is refused and writes nothing, nor does training; a void frees a claim",
			refusals, &usual),
		IN_SHOP("offline a code that does not do is an alert, and the sale goes on", offline, &usual),
		IN_SHOP("a shop without sponsorship knows no code", no_section, &none),
		IN_SHOP("a household is flagged, a supervisor decides; who is the same in both is refused", flagged,
			&shared),
		IN_SHOP("a sponsor at the same till, or behind it, is flagged", at_the_till, &usual),
		IN_SHOP("ten thousand guesses of a till are turned away", guesses, &usual),
		IN_SHOP("a new key makes new codes, the old ones live on, none is on disk", keys, &usual),
		IN_SHOP("members who become one, or nobody", people, &usual),
		IN_SHOP("an offer for the friend is withdrawn, unless it has been used", gifts, &offers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
