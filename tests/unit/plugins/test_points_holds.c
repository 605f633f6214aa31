/* SPDX-License-Identifier: Apache-2.0 */
/* Holds: what is kept for a commit is out of reach of others, does not lapse, and is free again when the hold ends (rules.md "Two tills, one
 * balance", "Balances", "Holds"). A row is a story told in steps. */
#include "tests/unit/plugins/kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "plugins/points.h"

extern const struct palier_plugin palier_plugin_points;

/* A reward as the simplest of plugins has it: a redemption spends so many `points`. */
static int reward_configure(struct palier_setup *s, cfg_t *section, const void **out)
{
	(void)s;
	(void)section;
	(void)out;
	return PALIER_OK;
}

static int reward_on_price(struct palier_ctx *c, struct palier_sale *s)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; i < s->redeem_count && err == PALIER_OK; i++) {
		struct points_move m = points_move_of(s->member, palier_str("points"), POINTS_SPEND, -s->redeem[i].points);

		PALIER_SET(&m, points_move, reward, s->redeem[i].reward);
		err = points_move(c, &m);
	}
	return err;
}

static const struct palier_plugin reward_plugin = { .abi = PALIER_PLUGIN_ABI,
	.name = "rewards",
	.configure = reward_configure,
	.on_price = reward_on_price };
static const struct palier_plugin *const plugins[] = { &palier_plugin_points, &reward_plugin, NULL };

/* --- steps --- */

/* Points are of unit "points" and member 1 unless said otherwise. HOLD: n points under the name `text`, for a quarter of an hour. BASKET: of an item
 * of 10.00, a reward of n points and a payment of `more`. CAPTURE: that basket, of the hold; LESS: another that spends n. SPEND: without a hold.
 * TAKE: a return takes n, whatever there is. HAS: "balance held", of member n; CAN: what may be spent. */
enum kind {
	END,
	ADD,
	ADD_CREDIT,
	HOLD,
	BASKET,
	CAPTURE,
	LESS,
	SPEND,
	PAY,
	RELEASE,
	TAKE,
	VOID,
	MERGE,
	ERASE,
	CLOSE,
	CLOCK,
	OFFLINE,
	FROZEN,
	PROOF,
	CONFIG,
	SELL,
	HAS,
	CREDIT,
	CAN,
	REPLY,
	RESULT,
	NO
};
struct step {
	enum kind kind;
	int64_t n;
	const char *text;
	const char *more; /* "300 credit m1" */
};

/* clang-format off */
#define STEP(what, number, words, paid) { .kind = what, .n = number, .text = words, .more = paid }
#define ADDS(n)              STEP(ADD, n, NULL, NULL)
#define ADDS_CREDIT(n)       STEP(ADD_CREDIT, n, NULL, NULL)
#define HOLDS(n, name)       STEP(HOLD, n, name, "points")
#define HOLDS_OF(n, name, u) STEP(HOLD, n, name, u)
#define KEEPS(n, name, paid) STEP(BASKET, n, name, paid)
#define CAPTURES(n, name, paid) STEP(CAPTURE, n, name, paid)
#define COMMITS(n, name, paid) STEP(LESS, n, name, paid)
#define SPENDS(n)            STEP(SPEND, n, NULL, NULL)
#define RELEASES(name)       STEP(RELEASE, 0, name, NULL)
#define TAKES(n)             STEP(TAKE, n, NULL, NULL)
#define VOIDS                STEP(VOID, 0, NULL, NULL)
#define MERGES(from, into)   STEP(MERGE, from, into, NULL)
#define ERASES(n)            STEP(ERASE, n, NULL, NULL)
#define CLOSES(closed)       STEP(CLOSE, closed, NULL, NULL)
#define AT(now)              STEP(CLOCK, 0, now, NULL)
#define OFF(on)              STEP(OFFLINE, on, NULL, NULL)
#define LOCKED(on)           STEP(FROZEN, on, NULL, NULL)
#define SHOWN(err)           STEP(PROOF, err, NULL, NULL)
#define PROGRAMME(text)      STEP(CONFIG, 0, text, NULL)
#define SELLS(n, card)       STEP(SELL, n, card, NULL)
#define SEES(what)           STEP(HAS, 1, what, NULL)
#define SEES_OF(n, what)     STEP(HAS, n, what, NULL)
#define SEES_CREDIT(n, what) STEP(CREDIT, n, what, NULL)
#define MAY_SPEND(n)         STEP(CAN, n, NULL, NULL)
#define ANSWERS(text)        STEP(REPLY, 0, text, NULL)
#define OWES(n)              STEP(RESULT, n, NULL, NULL)
#define REFUSED(err, why)    STEP(NO, err, why, NULL)
#define SHORT                REFUSED(PALIER_EINSUFFICIENT_POINTS, "there are not enough points")
/* clang-format on */

#define NOON  "2026-11-21T12:00:00+01:00"
#define PLAIN "points { unit points {}  unit credit { kind = money } }"
#define DATED \
	"points { unit points { expires = \"10 days\" }  unit credit { kind = money } }" /* of 21 November: through 1 December */
#define EARNS  "points { unit points { spend-same-ticket = true }  earn base { unit = points  per = \"1.00\" } }"
#define PINNED "points { unit points { proof = pin  proof-from = 50 } }"

static const struct story {
	const char *name, *config;
	struct step steps[16];
} stories[] = {
	/* --- out of reach --- */
	{ "what is held is in the balance and not to be spent", PLAIN,
		{ ADDS(100), HOLDS(60, "h"), ANSWERS("\"held\":[{\"unit\":\"points\",\"points\":60}]"), SEES("100 60"),
			MAY_SPEND(40), SPENDS(41), SHORT, SPENDS(40), SEES("60 60"), MAY_SPEND(0) } },
	{ "what is held cannot be held again", PLAIN,
		{ ADDS(100), HOLDS(60, "h"), HOLDS(41, "i"), SHORT, HOLDS(40, "i"), SEES("100 100") } },
	{ "more than there is cannot be held", PLAIN, { ADDS(100), HOLDS(101, "h"), SHORT, SEES("100 0") } },
	{ "nor what is of no unit", PLAIN,
		{ HOLDS_OF(1, "h", "gold"), REFUSED(PALIER_EUNIT_UNKNOWN, "unit: no unit is called gold") } },
	{ "nor anything of who has locked spending", PLAIN,
		{ ADDS(100), LOCKED(1), HOLDS(1, "h"), REFUSED(PALIER_EMEMBER_FROZEN, "spending is locked") } },
	{ "an adjustment cannot have it either", PLAIN, { ADDS(100), HOLDS(60, "h"), ADDS(-41), SHORT } },
	{ "what is taken back takes what is free, and then digs", PLAIN,
		{ ADDS(100), HOLDS(60, "h"), TAKES(70), SEES("30 60"), MAY_SPEND(0), COMMITS(60, "h", NULL),
			SEES("-30 0") } },
	{ "what of it was held is owed no more once it is free", PLAIN,
		{ ADDS(100), HOLDS(60, "h"), TAKES(70), RELEASES("h"), SEES("30 0"), MAY_SPEND(30), SPENDS(30),
			SEES("0 0") } },

	/* --- captured --- */
	{ "a commit of the hold has what is held", PLAIN,
		{ ADDS(100), KEEPS(60, "h", NULL), SEES("100 60"), SPENDS(41), SHORT, CAPTURES(60, "h", NULL),
			SEES("40 0") } },
	{ "and no more", PLAIN, { ADDS(100), KEEPS(60, "h", NULL), COMMITS(61, "h", NULL), SHORT, SEES("100 60") } },
	{ "what it does not need is free again", PLAIN,
		{ ADDS(100), KEEPS(60, "h", NULL), COMMITS(20, "h", NULL), SEES("80 0"), MAY_SPEND(80) } },
	{ "stored value is held like points, and lowers what is due", PLAIN,
		{ ADDS(100), ADDS_CREDIT(500), KEEPS(60, "h", "300 credit"), SEES_CREDIT(1, "500 300"),
			CAPTURES(60, "h", "300 credit"), OWES(700), SEES_CREDIT(1, "200 0"), SEES("40 0") } },
	{ "a gift card is held, too", PLAIN,
		{ SELLS(500, "g8"), KEEPS(0, "h", "300 credit g8"), SEES_CREDIT(8, "500 300"),
			CAPTURES(0, "h", "300 credit g8"), SEES_CREDIT(8, "200 0"), OWES(700) } },
	{ "and let go", PLAIN,
		{ SELLS(500, "g8"), KEEPS(0, "h", "300 credit g8"), RELEASES("h"), SEES_CREDIT(8, "500 0") } },
	{ "one that pays in addition is not tied by the hold", PLAIN,
		{ ADDS(100), SELLS(500, "g8"), HOLDS(60, "h"), COMMITS(60, "h", "300 credit g8"), SEES_CREDIT(8, "200 0"),
			SEES("40 0") } },
	{ "the member's own value is", PLAIN,
		{ ADDS(100), ADDS_CREDIT(500), HOLDS(60, "h"), COMMITS(60, "h", "300 credit"),
			REFUSED(PALIER_EINSUFFICIENT_POINTS, "there are not enough credit") } },
	{ "a hold outlives its unit", PLAIN,
		{ ADDS(100), KEEPS(60, "h", NULL), PROGRAMME("points {}"), CAPTURES(60, "h", NULL), SEES("40 0") } },
	{ "a voided capture gives back, and holds nothing", PLAIN,
		{ ADDS(100), KEEPS(60, "h", NULL), CAPTURES(60, "h", NULL), VOIDS, SEES("100 0"), MAY_SPEND(100) } },
	{ "what the ticket itself earns is not held, and captured all the same", EARNS,
		{ ADDS(4), KEEPS(14, "h", NULL), SEES("4 4"), CAPTURES(14, "h", NULL), SEES("0 0") } },
	{ "offline, more than was held is taken from what there is, and then owed", PLAIN,
		{ ADDS(100), HOLDS(60, "h"), OFF(1), COMMITS(150, "h", NULL), SEES("-50 0") } },
	{ "a hold made offline keeps what there is", PLAIN,
		{ ADDS(100), OFF(1), HOLDS(150, "h"), SEES("100 100"), OFF(0), RELEASES("h"), SEES("100 0") } },

	/* --- ended --- */
	{ "a released hold leaves all as it was", PLAIN,
		{ ADDS(100), HOLDS(60, "h"), RELEASES("h"), SEES("100 0"), SPENDS(100) } },
	{ "releasing one leaves the other", PLAIN,
		{ ADDS(100), HOLDS(60, "h"), HOLDS(30, "i"), RELEASES("h"), SEES("100 30"), MAY_SPEND(70) } },
	{ "a hold lapses by its time alone", PLAIN,
		{ ADDS(100), HOLDS(60, "h"), AT("2026-11-21T12:14:59+01:00"), SEES("100 60"),
			AT("2026-11-21T12:15:00+01:00"), SEES("100 0"), MAY_SPEND(100), SPENDS(100), SEES("0 0") } },
	{ "one that lapsed is booked when the day is closed", PLAIN,
		{ ADDS(100), HOLDS(60, "h"), AT("2026-11-22T12:00:00+01:00"), CLOSES(20261121), SEES("100 0"),
			CLOSES(20261122) } },
	{ "one that lapsed can be held again", PLAIN,
		{ ADDS(100), HOLDS(60, "h"), AT("2026-11-21T12:15:00+01:00"), HOLDS(100, "i"), SEES("100 100") } },

	/* --- held points do not lapse --- */
	{ "held points do not lapse", DATED,
		{ ADDS(100), AT("2026-12-01T23:50:00+01:00"), HOLDS(60, "h"), AT("2026-12-02T00:04:00+01:00"),
			CLOSES(20261201), SEES("60 60"), COMMITS(50, "h", NULL), SEES("0 0") } },
	{ "once free they lapse at once", DATED,
		{ ADDS(100), AT("2026-12-01T23:50:00+01:00"), HOLDS(60, "h"), AT("2026-12-02T00:04:00+01:00"), SEES("60 60"),
			RELEASES("h"), SEES("0 0"), CLOSES(20261202), SEES("0 0") } },
	{ "also when the hold lapses", DATED,
		{ ADDS(100), AT("2026-12-01T23:50:00+01:00"), HOLDS(60, "h"), AT("2026-12-02T00:05:00+01:00"), SEES("0 0"),
			MAY_SPEND(0), CLOSES(20261202), SEES("0 0") } },
	{ "the nearest expiry is held first", DATED,
		{ ADDS(30), AT("2026-11-22T12:00:00+01:00"), ADDS(30), HOLDS(40, "h"), AT("2026-12-02T12:00:00+01:00"),
			SEES("30 0") } },

	/* --- whose they are --- */
	{ "a merge keeps the hold", PLAIN,
		{ ADDS(100), KEEPS(60, "h", NULL), MERGES(1, "2"), SEES_OF(2, "100 60"), SEES_OF(1, "0 0"),
			STEP(CAPTURE, 60, "h", "2"), SEES_OF(2, "40 0") } },
	{ "even with one who owes", PLAIN,
		{ ADDS(100), HOLDS(60, "h"), STEP(TAKE, 70, "2", NULL), MERGES(1, "2"), SEES_OF(2, "30 60"), RELEASES("h"),
			SEES_OF(2, "30 0") } },
	{ "and when who owes is merged away", PLAIN,
		{ ADDS(100), HOLDS(100, "h"), TAKES(30), SEES("70 100"), MERGES(1, "2"), SEES_OF(2, "70 100"), RELEASES("h"),
			SEES_OF(2, "70 0") } },
	{ "a hold that lapsed is not merged", PLAIN,
		{ ADDS(100), HOLDS(60, "h"), AT("2026-11-21T13:00:00+01:00"), MERGES(1, "2"), SEES_OF(2, "100 0") } },
	{ "what an erased member held goes with the rest", PLAIN, { ADDS(100), HOLDS(60, "h"), ERASES(1), SEES("0 0") } },

	/* --- proof --- */
	{ "a hold asks for the proof, its commit does not", PINNED,
		{ ADDS(100), SHOWN(PALIER_EPROOF_NEEDED), HOLDS(60, "h"),
			REFUSED(PALIER_EPROOF_NEEDED, "proof: the customer's PIN or one-time code is needed"),
			KEEPS(60, "h", NULL),
			REFUSED(PALIER_EPROOF_NEEDED, "proof: the customer's PIN or one-time code is needed"),
			SHOWN(PALIER_OK), KEEPS(60, "h", NULL), SHOWN(PALIER_EPROOF_NEEDED), CAPTURES(60, "h", NULL),
			SEES("40 0"), HOLDS(40, "i") } },
};

/* --- telling a story --- */

struct telling {
	struct palier_ctx *c;
	int err;
	unsigned numbers;
	const char *number;
};

struct moving {
	unsigned member;
	const char *unit;
	enum points_cause cause;
	int64_t points;
};

static int move(struct palier_ctx *c, void *who)
{
	const struct moving *w = who;
	struct points_move m = points_move_of(kit_member(w->member), palier_str(w->unit), w->cause, w->points);

	return points_move(c, &m);
}

static int move_one(struct telling *t, unsigned member, const char *unit, enum points_cause cause, int64_t points)
{
	struct moving w = { member, unit, cause, points };

	return kit_decide(t->c, kit_member(member), move, &w);
}

static const char *next_number(struct telling *t)
{
	t->number = palier_format(palier_arena(t->c), "T%u", ++t->numbers);
	return t->number;
}

struct ticket {
	struct kit_line line;
	struct payment payment;
	struct redemption redeem;
	struct kit_basket b;
};

static struct ticket *ticket_of(struct telling *t, const struct step *s)
{
	struct ticket *k = palier_alloc(palier_arena(t->c), sizeof(*k));
	char *unit = palier_alloc(palier_arena(t->c), 16), *card = palier_alloc(palier_arena(t->c), 16);
	long long amount;

	k->line.amount = 1000;
	k->b = (struct kit_basket){ .lines = &k->line, .line_count = 1 };
	if (s->n > 0) {
		PALIER_SET(&k->redeem, redemption, reward, palier_str("reward"));
		PALIER_SET(&k->redeem, redemption, points, s->n);
		k->b.redeem = &k->redeem;
		k->b.redeem_count = 1;
	}
	if (s->more && sscanf(s->more, "%lld %15s %15s", &amount, unit, card) >= 2) {
		PALIER_SET(&k->payment, payment, kind, PAYMENT_UNIT);
		PALIER_SET(&k->payment, payment, amount, amount);
		PALIER_SET(&k->payment, payment, unit, palier_str(unit));
		if (*card)
			PALIER_SET(&k->payment, payment, card, palier_str(card));
		k->b.payments = &k->payment;
		k->b.payment_count = 1;
	}
	return k;
}

static int ring(struct telling *t, const struct step *s)
{
	/* A member's number instead of a payment: whose it is by now. */
	const bool other = s->more && !strchr(s->more, ' ');
	struct palier_id member = kit_member(other ? (unsigned)atoi(s->more) : 1);
	struct ticket *k = ticket_of(t, s);

	k->b.hold = s->kind == SPEND ? NULL : s->text;
	k->b.same = s->kind == CAPTURE;
	return kit_ring(t->c, &member, next_number(t), &k->b);
}

static int sell(struct telling *t, const struct step *s)
{
	struct kit_line line = { .amount = s->n, .kind = LINE_GIFT_CARD, .unit = "credit", .card = s->text };

	return kit_sale(t->c, NULL, next_number(t), &line, 1);
}

static int64_t figure_of(const char *view, const char *map, const char *unit)
{
	char key[32];
	const char *at = strstr(view, map);

	snprintf(key, sizeof(key), "\"%s\":", unit);
	at = at ? strstr(at, key) : NULL;
	assert_non_null(at);
	return strtoll(at + strlen(key), NULL, 10);
}

static void see(struct telling *t, const struct step *s, const char *unit)
{
	const char *view = kit_lookup(t->c, kit_member((unsigned)s->n));
	char seen[64];

	snprintf(seen, sizeof(seen), "%lld %lld", (long long)figure_of(view, "\"balances\"", unit),
		(long long)figure_of(view, "\"held\"", unit));
	assert_string_equal(seen, s->text);
}

static int can_spend(struct palier_ctx *c, void *who)
{
	const struct step *s = who;
	int64_t points = -1;
	int err = palier_spendable(c, kit_member(1), "points", &points);

	assert_int_equal(points, s->n);
	return err;
}

static void scene_set(struct telling *t, const struct step *s)
{
	switch (s->kind) {
	case CLOCK:
		kit_clock(t->c, s->text);
		break;
	case OFFLINE:
		kit_offline(t->c, s->n != 0);
		break;
	case FROZEN:
		kit_frozen(t->c, s->n != 0);
		break;
	case PROOF:
		kit_proof(t->c, (int)s->n);
		break;
	case CONFIG:
		kit_reconfigure(t->c, s->text);
		break;
	case CLOSE:
		kit_close(t->c, (uint32_t)s->n, (uint32_t)s->n + 1);
		break;
	case HAS:
		see(t, s, "points");
		break;
	case CREDIT:
		see(t, s, "credit");
		break;
	case REPLY:
		assert_string_equal(kit_reply(t->c, PALIER_REPLY_HOLD), s->text);
		break;
	case RESULT:
		assert_int_equal(kit_due(t->c), s->n);
		break;
	default:
		fail_msg("no such step");
	}
}

static int step_take(struct telling *t, const struct step *s)
{
	switch (s->kind) {
	case ADD:
		return move_one(t, 1, "points", POINTS_ADJUST, s->n);
	case ADD_CREDIT:
		return move_one(t, 1, "credit", POINTS_ADJUST, s->n);
	case TAKE:
		return move_one(t, s->text ? (unsigned)atoi(s->text) : 1, "points", POINTS_REVERSE, -s->n);
	case HOLD:
		return kit_hold(t->c, kit_member(1), s->text, NULL, s->more, s->n, 900);
	case BASKET:
		return kit_hold(t->c, kit_member(1), s->text, &ticket_of(t, s)->b, NULL, 0, 900);
	case CAPTURE:
	case LESS:
	case SPEND:
		return ring(t, s);
	case SELL:
		return sell(t, s);
	case RELEASE:
		return kit_release(t->c, kit_member(1), s->text);
	case VOID:
		return kit_void(t->c, t->number);
	case MERGE:
		return kit_merge(t->c, kit_member((unsigned)s->n), kit_member((unsigned)atoi(s->text)));
	case ERASE:
		return kit_erase(t->c, kit_member((unsigned)s->n));
	case CAN:
		return kit_decide(t->c, kit_member(1), can_spend, (void *)(uintptr_t)s);
	default:
		scene_set(t, s);
		return PALIER_OK;
	}
}

static void tell(void **state)
{
	const struct story *story = *state;
	struct telling t = { .c = kit_new(plugins, story->config) };

	for (const struct step *s = story->steps; s->kind != END; s++) {
		if (s->kind == NO) {
			assert_int_equal(t.err, s->n);
			assert_string_equal(kit_refusal(t.c), s->text);
			t.err = PALIER_OK;
			continue;
		}
		if (t.err != PALIER_OK)
			fail_msg("step %d was refused: %s", (int)(s - story->steps), kit_refusal(t.c));
		t.err = step_take(&t, s);
		assert_string_equal(kit_check(t.c), "");
	}
	if (t.err != PALIER_OK)
		fail_msg("the last step was refused: %s", kit_refusal(t.c));
	assert_true(kit_same(t.c));
	kit_free(t.c);
}

/* --- what is kept, and whether it agrees --- */

enum { T_LOT = 1, T_HELD = 6, T_HOLD = 7 };

static void first_del(struct palier_ctx *c, unsigned table)
{
	struct palier_key all = { 0 }, key = { 0 };
	struct palier_bytes k, v;

	assert_int_equal(palier_next(palier_seek(kit_tables(c, 0), table, &all), &k, &v), PALIER_OK);
	palier_key_raw(&key, k.at, k.len);
	palier_del(kit_tables(c, 0), table, &key);
}

static void the_check_finds(void **state)
{
	static const struct {
		unsigned lost;
		const char *finding;
	} rows[] = {
		{ T_HELD, "a balance is not the sum of its lots" },
		{ T_HOLD, "the index of holds does not lead to what they keep" },
		{ T_LOT, "a balance is not the sum of its lots" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct telling t = { .c = kit_new(plugins, PLAIN) };

		assert_int_equal(move_one(&t, 1, "points", POINTS_ADJUST, 100), PALIER_OK);
		assert_int_equal(kit_hold(t.c, kit_member(1), "h", NULL, "points", 60, 900), PALIER_OK);
		assert_string_equal(kit_check(t.c), "");
		first_del(t.c, rows[i].lost);
		assert_string_equal(kit_check(t.c), rows[i].finding);
		kit_free(t.c);
	}
}

static uint64_t rows_of(struct palier_ctx *c, unsigned table)
{
	struct palier_key all = { 0 };
	struct palier_cursor *cur = palier_seek(kit_tables(c, 0), table, &all);
	struct palier_bytes k, v;
	uint64_t n = 0;

	while (palier_next(cur, &k, &v) == PALIER_OK)
		n++;
	return n;
}

static void nothing_stays(void **state)
{
	struct telling t = { .c = kit_new(plugins, PLAIN) };

	(void)state;
	assert_int_equal(move_one(&t, 1, "points", POINTS_ADJUST, 100), PALIER_OK);
	assert_int_equal(kit_hold(t.c, kit_member(1), "h", NULL, "points", 60, 900), PALIER_OK);
	assert_int_equal(rows_of(t.c, T_HELD), 1);
	assert_int_equal(rows_of(t.c, T_HOLD), 1);
	kit_clock(t.c, "2026-11-21T12:15:00+01:00");
	kit_close(t.c, 20261121, 20261122);
	assert_int_equal(rows_of(t.c, T_HELD), 0);
	assert_int_equal(rows_of(t.c, T_HOLD), 0);
	assert_int_equal(kit_close(t.c, 20261122, 20261123), 0);
	kit_free(t.c);
}

int main(void)
{
	enum { STORIES = sizeof(stories) / sizeof(*stories) };
	struct CMUnitTest tests[STORIES + 2] = {
		[STORIES] = { "the check finds holds that do not agree", the_check_finds, NULL, NULL, NULL },
		[STORIES + 1] = { "a hold that has lapsed leaves no row behind", nothing_stays, NULL, NULL, NULL },
	};

	for (unsigned i = 0; i < STORIES; i++)
		tests[i] = (struct CMUnitTest){ stories[i].name, tell, NULL, NULL, (void *)(uintptr_t)&stories[i] };
	return cmocka_run_group_tests_name("points_holds", tests, NULL, NULL);
}
