/* SPDX-License-Identifier: Apache-2.0 */
/* Stored value: payments, gift cards, top-ups, what may be spent, and the proof for it (rules.md "Tender", "Cards", "Offline"). A row is a
 * story told in steps. */
#include "tests/unit/plugins/kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "plugins/points.h"

extern const struct palier_plugin palier_plugin_points;

/* A reward as the simplest of plugins has it: a redemption spends so many `points`, or says why not. */
static int reward_configure(struct palier_setup *s, cfg_t *section, const void **out)
{
	(void)s;
	(void)section;
	(void)out;
	return PALIER_OK;
}

static int reward_spend(struct palier_ctx *c, struct palier_sale *s, const struct redemption *r)
{
	struct points_move m = points_move_of(s->member, palier_str("points"), POINTS_SPEND, -r->points);

	PALIER_SET(&m, points_move, reward, r->reward);
	return points_move(c, &m);
}

static int reward_on_price(struct palier_ctx *c, struct palier_sale *s)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; i < s->redeem_count && err == PALIER_OK; i++) {
		err = reward_spend(c, s, &s->redeem[i]);
		if (err == PALIER_EINSUFFICIENT_POINTS)
			err = palier_cannot(c, s, err, "reward", s->redeem[i].reward);
	}
	return err;
}

static const struct palier_plugin reward_plugin = { .abi = PALIER_PLUGIN_ABI,
	.name = "rewards",
	.configure = reward_configure,
	.on_price = reward_on_price };
static const struct palier_plugin *const plugins[] = { &palier_plugin_points, &reward_plugin, NULL };

/* --- steps --- */

/* SALE: an item of `n` for member 1, paid by `pays`, "amount unit card" by ", "; QUOTE and NOBODY likewise. SELL, TOPUP: a line of `n` onto card
 * `text`. SPEND: a reward of `n` points on a sale of 10.00. NO: the step before was refused so. CAN: what may be spent of unit `text` is n.
 * HAS: what the view of member n says. */
enum kind {
	END,
	SALE,
	QUOTE,
	NOBODY,
	SELL,
	TOPUP,
	SPEND,
	ADJUST,
	CAN,
	HAS,
	NO,
	LISTED,
	DUE,
	BACK,
	VOID,
	OFFLINE,
	FROZEN,
	PROOF,
	CLOSE
};
struct step {
	enum kind kind;
	int64_t n;
	const char *text, *pays;
};

/* clang-format off */
#define STEP(what, number, words, paid) { .kind = what, .n = number, .text = words, .pays = paid }
#define BUY(n, pays)      STEP(SALE, n, NULL, pays)
#define ASK(n, pays)      STEP(QUOTE, n, NULL, pays)
#define STRANGER(n, pays) STEP(NOBODY, n, NULL, pays)
#define SELLS(n, card)    STEP(SELL, n, card, NULL)
#define TOPS_UP(n, card)  STEP(TOPUP, n, card, NULL)
#define SPENDS(n)         STEP(SPEND, n, NULL, NULL)
#define ADDS(n, unit)     STEP(ADJUST, n, unit, NULL)
#define MAY_SPEND(n, u)   STEP(CAN, n, u, NULL)
#define HOLDS(who, what)  STEP(HAS, who, what, NULL)
#define REFUSED(err, why) STEP(NO, err, why, NULL)
#define LISTS(what)       STEP(LISTED, 0, what, NULL)
#define OWES(n)           STEP(DUE, n, NULL, NULL)
#define RETURNS(n, line)  STEP(BACK, n, line, NULL)
#define VOIDS             STEP(VOID, 0, NULL, NULL)
#define OFF(on)           STEP(OFFLINE, on, NULL, NULL)
#define LOCKED(on)        STEP(FROZEN, on, NULL, NULL)
#define SHOWN(err)        STEP(PROOF, err, NULL, NULL)
#define CLOSES            STEP(CLOSE, 0, NULL, NULL)
/* clang-format on */

#define UNITS "points { unit points {}  unit credit { kind = money }  earn base { unit = points  per = \"1.00\" } }"
#define PINNED(from) \
	"points { unit points { proof = pin  proof-from = " from " }  unit credit { kind = money  proof = pin } }"
#define SAME_TICKET \
	"points { unit points { spend-same-ticket = true }  unit credit { kind = money }\n" \
	"earn base { unit = points  per = \"1.00\" } }"

static const struct story {
	const char *name, *config;
	struct step steps[14];
} stories[] = {
	{ "what stored value pays is debited, lowers what is due and not what is earned", UNITS,
		{ ADDS(500, "credit"), BUY(1000, "300 credit"), OWES(700), HOLDS(1, "points 10 credit 200") } },
	{ "paid in full, nothing is due", UNITS,
		{ ADDS(1000, "credit"), BUY(1000, "1000 credit"), OWES(0), HOLDS(1, "points 10 credit 0") } },
	{ "two payments are two moves", UNITS,
		{ ADDS(500, "credit"), BUY(1000, "200 credit, 300 credit"), OWES(500), HOLDS(1, "points 10 credit 0") } },
	{ "more than there is refuses a sale, and nothing is written", UNITS,
		{ ADDS(500, "credit"), BUY(1000, "501 credit"),
			REFUSED(PALIER_EINSUFFICIENT_POINTS, "there are not enough credit"), HOLDS(1, "credit 500") } },
	{ "a quote lists it, and the rest goes on", UNITS,
		{ ADDS(500, "credit"), ASK(1000, "400 credit, 101 credit"), LISTS("credit insufficient_points"),
			OWES(600) } },
	{ "nothing is paid by nothing", UNITS, { BUY(1000, "0 credit"), OWES(1000), HOLDS(1, "points 10") } },
	{ "points are no money", UNITS,
		{ ADDS(500, "points"), BUY(1000, "100 points"),
			REFUSED(PALIER_EUNIT_UNKNOWN, "payments: no unit that is money is called points"),
			ASK(1000, "100 points"), LISTS("points unit_unknown"), OWES(1000) } },
	{ "nor is what is not configured", UNITS,
		{ BUY(1000, "100 gold"), REFUSED(PALIER_EUNIT_UNKNOWN, "payments: no unit that is money is called gold") } },
	{ "another card of the same member pays", UNITS, { ADDS(500, "credit"), BUY(1000, "500 credit m1"), OWES(500) } },
	{ "another member's card does not", UNITS,
		{ BUY(1000, "500 credit m2"), REFUSED(PALIER_EFORBIDDEN, "payments[0].card: another's"),
			ASK(1000, "500 credit m2"), LISTS("credit forbidden"), STRANGER(1000, "500 credit m2"),
			REFUSED(PALIER_EFORBIDDEN, "payments[0].card: another's") } },
	{ "nor a blocked one, nor one that nobody has", UNITS,
		{ BUY(1000, "500 credit b1"), REFUSED(PALIER_ECARD_BLOCKED, "payments[0].card: blocked"),
			BUY(1000, "500 credit x"), REFUSED(PALIER_ECARD_UNKNOWN, "payments[0].card: unknown"),
			ASK(1000, "100 credit x, 100 credit b1"), LISTS("credit card_unknown, credit card_blocked"),
			OWES(1000) } },
	{ "what is no card at all refuses a quote, too", UNITS,
		{ ASK(1000, "500 credit short"), REFUSED(PALIER_ECARD_MALFORMED, "payments[0].card: too short") } },
	{ "who has locked spending cannot pay", UNITS,
		{ ADDS(500, "credit"), LOCKED(1), BUY(1000, "500 credit"),
			REFUSED(PALIER_EMEMBER_FROZEN, "spending is locked"), ASK(1000, "500 credit"),
			LISTS("credit member_frozen"), LOCKED(0), BUY(1000, "500 credit") } },

	{ "a gift card is worth what it was sold for, and pays for anybody", UNITS,
		{ SELLS(2500, "g8"), HOLDS(8, "credit 2500"), STRANGER(1000, "1000 credit g8"), OWES(0),
			HOLDS(8, "credit 1500"), BUY(2000, "1500 credit g8"), OWES(500), HOLDS(8, "credit 0"),
			HOLDS(1, "points 20") } },
	{ "before it is sold it is worth nothing", UNITS,
		{ BUY(1000, "100 credit g8"), REFUSED(PALIER_ECARD_UNKNOWN, "payments[0].card: unknown") } },
	{ "and does not pay for itself", UNITS,
		{ STEP(SELL, 2500, "g8", "100 credit g8"), REFUSED(PALIER_ECARD_UNKNOWN, "payments[0].card: unknown") } },
	{ "a number too short is not sold", UNITS,
		{ SELLS(2500, "short"), REFUSED(PALIER_ECARD_MALFORMED, "lines[0].card: too short") } },
	{ "nor a member's, nor a blocked one", UNITS,
		{ SELLS(2500, "m1"), REFUSED(PALIER_ECARD_IN_USE, "lines[0].card: a member's"), SELLS(2500, "b1"),
			REFUSED(PALIER_ECARD_BLOCKED, "lines[0].card: blocked") } },
	{ "a gift card sold again holds both", UNITS, { SELLS(2500, "g8"), SELLS(500, "g8"), HOLDS(8, "credit 3000") } },
	{ "a top-up loads the sale's own card", UNITS,
		{ TOPS_UP(2000, NULL), HOLDS(1, "credit 2000"), MAY_SPEND(2000, "credit") } },
	{ "or another's, which harms nobody, or a gift card", UNITS,
		{ TOPS_UP(2000, "m2"), HOLDS(2, "credit 2000"), SELLS(100, "g8"), TOPS_UP(200, "g8"),
			HOLDS(8, "credit 300") } },
	{ "but no card that nobody has", UNITS,
		{ TOPS_UP(2000, "g8"), REFUSED(PALIER_ECARD_UNKNOWN, "lines[0].card: unknown") } },
	{ "a top-up does not pay for its own ticket", UNITS,
		{ STEP(TOPUP, 2000, "m1", "100 credit"),
			REFUSED(PALIER_EINSUFFICIENT_POINTS, "there are not enough credit") } },
	{ "a load that comes back is taken again, and refunded in money", UNITS,
		{ SELLS(2500, "g8"), RETURNS(0, "1"), HOLDS(8, "credit 0") } },
	{ "of two that were sold, one is voided", UNITS,
		{ SELLS(2500, "g8"), STRANGER(1000, "1000 credit g8"), SELLS(100, "g9"), VOIDS, HOLDS(9, "credit 0"),
			HOLDS(8, "credit 1500") } },
	{ "what was spent of it by then is owed", UNITS,
		{ SELLS(2500, "g8"), STRANGER(1000, "1000 credit g8"), STEP(BACK, 0, "1", "T1"),
			HOLDS(8, "credit -1000") } },
	{ "goods paid by gift card give back to it", UNITS,
		{ SELLS(2500, "g8"), BUY(1000, "400 credit g8"), RETURNS(1000, NULL), HOLDS(8, "credit 2500"),
			HOLDS(1, "points 0") } },
	{ "a payment that is voided is there again", UNITS,
		{ SELLS(2500, "g8"), BUY(1000, "400 credit g8"), VOIDS, HOLDS(8, "credit 2500") } },

	{ "offline, what the till granted is booked in full", UNITS,
		{ ADDS(500, "credit"), OFF(1), BUY(1000, "700 credit"), OWES(300), HOLDS(1, "points 10 credit -200") } },
	{ "and of whose card it was", UNITS,
		{ OFF(1), BUY(1000, "700 credit m2"), OWES(300), HOLDS(2, "credit -700"), BUY(1000, "700 credit x"),
			OWES(300), LISTS("credit card_unknown") } },
	{ "an offline top-up waits for the day's close", UNITS,
		{ OFF(1), TOPS_UP(2000, NULL), OFF(0), HOLDS(1, "credit 2000 (2000)"), MAY_SPEND(0, "credit"),
			BUY(1000, "100 credit"), REFUSED(PALIER_EINSUFFICIENT_POINTS, "there are not enough credit"), CLOSES,
			HOLDS(1, "credit 2000"), MAY_SPEND(2000, "credit"), BUY(1000, "1000 credit"),
			HOLDS(1, "points 10 credit 1000") } },
	{ "one that opens the day waits for that day's close", UNITS,
		{ CLOSES, OFF(1), TOPS_UP(100, NULL), TOPS_UP(200, "m1"), HOLDS(1, "credit 300 (300)"), CLOSES,
			HOLDS(1, "credit 300") } },
	{ "an offline gift card does not wait", UNITS, { OFF(1), SELLS(2000, "g8"), HOLDS(8, "credit 2000") } },

	{ "what a ticket earns is not spent on it", UNITS,
		{ SPENDS(10), REFUSED(PALIER_EINSUFFICIENT_POINTS, "reward reward: not enough points") } },
	{ "unless the unit says so", SAME_TICKET,
		{ SPENDS(10), HOLDS(1, "points 0"), SPENDS(4), HOLDS(1, "points 6"), SPENDS(17),
			REFUSED(PALIER_EINSUFFICIENT_POINTS, "reward reward: not enough points"), BUY(1000, NULL),
			HOLDS(1, "points 16") } },
	{ "what is voided of such a ticket is as if it had not been", SAME_TICKET,
		{ SPENDS(10), VOIDS, HOLDS(1, "points 0") } },

	{ "spending needs the proof that the unit wants", PINNED("0"),
		{ ADDS(100, "points"), ADDS(500, "credit"), SHOWN(PALIER_EPROOF_NEEDED), SPENDS(1),
			REFUSED(PALIER_EPROOF_NEEDED, "proof: the customer's PIN or one-time code is needed"),
			BUY(1000, "100 credit"),
			REFUSED(PALIER_EPROOF_NEEDED, "proof: the customer's PIN or one-time code is needed"),
			ASK(1000, "100 credit"), OWES(900), SHOWN(PALIER_OK), BUY(1000, "100 credit"), OWES(900) } },
	{ "from so many points on, of a whole ticket", PINNED("50"),
		{ ADDS(200, "points"), SHOWN(PALIER_EPROOF_WRONG), SPENDS(49), SPENDS(50),
			REFUSED(PALIER_EPROOF_WRONG, "proof: wrong PIN or code"), HOLDS(1, "points 151") } },
	{ "a gift card's number is its proof", PINNED("0"),
		{ SHOWN(PALIER_EPROOF_NEEDED), SELLS(500, "g8"), BUY(1000, "100 credit g8"), OWES(900) } },
	{ "offline it is not refused", PINNED("0"),
		{ ADDS(500, "credit"), SHOWN(PALIER_EPROOF_NEEDED), OFF(1), BUY(1000, "100 credit"), OWES(900) } },
};

/* --- telling a story --- */

struct telling {
	struct palier_ctx *c;
	int err;
	unsigned numbers;
	char number[16];
};

static int adjust(struct palier_ctx *c, void *who)
{
	const struct step *s = who;
	struct points_move m = points_move_of(kit_member(1), palier_str(s->text), POINTS_ADJUST, s->n);

	return points_move(c, &m);
}

static uint32_t payments_fill(struct telling *t, const char *text, struct payment payments[2])
{
	uint32_t n = 0;

	memset(payments, 0, 2 * sizeof(*payments));
	while (text && *text) {
		char unit[16] = "", card[16] = "";
		long long amount = 0;

		assert_true(sscanf(text, "%lld %15[a-z] %15[a-z0-9]", &amount, unit, card) >= 2);
		PALIER_SET(&payments[n], payment, kind, PAYMENT_UNIT);
		PALIER_SET(&payments[n], payment, amount, amount);
		PALIER_SET(&payments[n], payment, unit, palier_copy(palier_arena(t->c), palier_str(unit)));
		if (*card)
			PALIER_SET(&payments[n], payment, card, palier_copy(palier_arena(t->c), palier_str(card)));
		n++;
		text = strchr(text, ',');
		text = text ? text + 2 : NULL;
	}
	return n;
}

static void ring(struct telling *t, const struct step *s)
{
	struct palier_id member = kit_member(1);
	struct payment payments[2];
	struct redemption redeem = { .set = { 0, 0 } };
	struct kit_line line = { .amount = s->kind == SPEND ? 1000 : s->n };
	struct kit_basket b = { .lines = &line, .line_count = 1, .payments = payments };

	b.payment_count = payments_fill(t, s->pays, payments);
	if (s->kind == SELL || s->kind == TOPUP) {
		line.kind = s->kind == SELL ? LINE_GIFT_CARD : LINE_TOPUP;
		line.unit = "credit";
		line.card = s->text;
	}
	if (s->kind == SPEND) {
		PALIER_SET(&redeem, redemption, reward, palier_str("reward"));
		PALIER_SET(&redeem, redemption, points, s->n);
		b.redeem = &redeem;
		b.redeem_count = 1;
	}
	snprintf(t->number, sizeof(t->number), "T%u", ++t->numbers);
	t->err = kit_ring(t->c, s->kind == NOBODY ? NULL : &member,
		s->kind == QUOTE ? NULL : palier_cstr(palier_arena(t->c), palier_str(t->number)), &b);
}

/* "points 10 credit 200 (50)": balances of units that are not 0 or moved, and in brackets what is pending. */
static void holds_see(struct telling *t, const struct step *s)
{
	const char *view = kit_lookup(t->c, kit_member((unsigned)s->n));
	const char *text = s->text;
	char unit[16], want[64];
	long long points, pending;

	while (*text) {
		int used = 0;

		assert_int_equal(sscanf(text, "%15s %lld%n", unit, &points, &used), 2);
		text += used;
		snprintf(want, sizeof(want), "\"%s\":%lld", unit, points);
		if (!strstr(strstr(view, "\"balances\""), want))
			fail_msg("no %s in %s", want, view);
		pending = sscanf(text, " (%lld)%n", &points, &used) == 1 ? points : 0;
		text += pending ? used : 0;
		snprintf(want, sizeof(want), "\"%s\":%lld", unit, pending);
		if (!strstr(strstr(view, "\"pending\""), want))
			fail_msg("no pending %s in %s", want, view);
		text += *text == ' ';
	}
}

static int can_spend(struct palier_ctx *c, void *who)
{
	const struct step *s = who;
	int64_t points = -1;
	int err = palier_spendable(c, kit_member(1), s->text, &points);

	assert_int_equal(points, s->n);
	return err;
}

static void step_take(struct telling *t, const struct step *s)
{
	struct kit_return r = { .sale = s->pays ? s->pays : t->number,
		.number = "R",
		.base = s->n > 0 ? s->n : 1,
		.after = s->n,
		.load = s->text && s->kind == BACK ? (uint32_t)(s->text[0] - '0') : 0 };

	t->err = PALIER_OK;
	switch (s->kind) {
	case ADJUST:
		t->err = kit_decide(t->c, kit_member(1), adjust, (void *)(uintptr_t)s);
		break;
	case BACK:
		t->err = kit_return(t->c, &r, NULL);
		break;
	case VOID:
		t->err = kit_void(t->c, t->number);
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
	case CLOSE:
		kit_close(t->c, 20261121, 20261122);
		break;
	case CAN:
		t->err = kit_decide(t->c, kit_member(1), can_spend, (void *)(uintptr_t)s);
		break;
	case HAS:
		holds_see(t, s);
		break;
	case LISTED:
		assert_string_equal(kit_refused(t->c), s->text);
		break;
	case DUE:
		assert_int_equal(kit_due(t->c), s->n);
		break;
	default:
		ring(t, s);
	}
}

static void tell(void **state)
{
	const struct story *story = *state;
	struct telling t = { .c = kit_new(plugins, story->config) };

	kit_close(t.c, 20261120, 20261121);
	for (const struct step *s = story->steps; s->kind != END; s++) {
		if (s->kind == NO) {
			assert_int_equal(t.err, s->n);
			assert_string_equal(kit_refusal(t.c), s->text);
			t.err = PALIER_OK;
			continue;
		}
		if (t.err != PALIER_OK)
			fail_msg("step %d was refused: %s", (int)(s - story->steps), kit_refusal(t.c));
		step_take(&t, s);
	}
	if (t.err != PALIER_OK)
		fail_msg("the last step was refused: %s", kit_refusal(t.c));
	assert_true(kit_same(t.c));
	assert_string_equal(kit_check(t.c), "");
	kit_free(t.c);
}

/* --- shapes --- */

static void others_gift_cards_load_nothing(void **state)
{
	static const struct kit_line line = { .amount = 2500, .kind = LINE_GIFT_CARD };
	struct palier_ctx *c = kit_new(plugins, UNITS);
	struct palier_id who = kit_member(1);

	(void)state;
	assert_int_equal(kit_sale(c, &who, "A", &line, 1), PALIER_OK);
	assert_int_equal(kit_due(c), 2500);
	for (uint32_t i = 0; i < kit_event(c)->effect_count; i++)
		assert_string_not_equal(kit_event(c)->effects[i].kind->name, "points.move");
	kit_free(c);
}

static void loads_say_what(void **state)
{
	static const struct {
		struct kit_line line;
		const char *refusal;
	} rows[] = {
		{ { .amount = 100, .kind = LINE_GIFT_CARD, .card = "g8" },
			"lines[0].unit: say in which unit the card is loaded" },
		{ { .amount = 100, .kind = LINE_TOPUP, .card = "m1" },
			"lines[0].unit: say in which unit the card is loaded" },
		{ { .amount = 100, .kind = LINE_GIFT_CARD, .unit = "credit" },
			"lines[0].card: say which gift card is sold" },
		{ { .amount = 100, .kind = LINE_TOPUP, .unit = "points" },
			"lines[0].unit: there is no such unit that is money" },
	};
	struct palier_ctx *c = kit_new(plugins, UNITS);
	struct palier_id member = kit_member(1);

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_not_equal(kit_sale(c, &member, NULL, &rows[i].line, 1), PALIER_OK);
		assert_string_equal(kit_refusal(c), rows[i].refusal);
		assert_int_not_equal(kit_sale(c, &member, "T", &rows[i].line, 1), PALIER_OK);
		assert_string_equal(kit_refusal(c), rows[i].refusal);
	}
	kit_free(c);
}

/* Whoever claims a sale does not get again what its lines loaded then. */
static void claims_load_nothing(void **state)
{
	const struct kit_line lines[] = { { .amount = 1000 },
		{ .amount = 500, .kind = LINE_GIFT_CARD, .unit = "credit", .card = "g8" } };
	struct kit_basket b = { .lines = lines, .line_count = 2, .claimed = true };
	struct palier_ctx *c = kit_new(plugins, SAME_TICKET);
	struct palier_id member = kit_member(1);

	(void)state;
	assert_int_equal(kit_sale(c, NULL, "T", lines, 2), PALIER_OK);
	b.no_auto = true;
	assert_int_equal(kit_ring(c, &member, "C", &b), PALIER_OK);
	assert_non_null(strstr(kit_lookup(c, kit_member(8)), "\"credit\":500"));
	kit_free(c);
}

int main(void)
{
	enum { STORIES = sizeof(stories) / sizeof(*stories) };
	struct CMUnitTest tests[STORIES + 3] = {
		[STORIES + 2] = { "somebody else's gift card loads nothing", others_gift_cards_load_nothing, NULL, NULL,
			NULL },
		[STORIES] = { "a line that loads says what, and in which unit", loads_say_what, NULL, NULL, NULL },
		[STORIES + 1] = { "who claims a sale does not load it again", claims_load_nothing, NULL, NULL, NULL },
	};

	for (unsigned i = 0; i < STORIES; i++)
		tests[i] = (struct CMUnitTest){ stories[i].name, tell, NULL, NULL, (void *)(uintptr_t)&stories[i] };
	return cmocka_run_group_tests_name("points_tender", tests, NULL, NULL);
}
