/* SPDX-License-Identifier: Apache-2.0 */
/* A sale that happened is a fact: what would refuse it is an alert, and what was paid is taken as it is (rules.md). */
#include "daemon/holds.h"

/* --- whose sale it is --- */

/* In a quote the card costs nothing: it is priced as a member who has nothing. */
static int unknown_earns(struct palier_ctx *c, const struct basket *b)
{
	static const struct palier_id nobody;
	struct card_number number;
	int err = card_read(c, "card", b->card, &number);

	c->problem.err = PALIER_OK;
	if (err != PALIER_OK || !b->quote)
		return err == PALIER_OK ? member_provisional(c, &number) : err;
	ctx_member(c, nobody, 0);
	return PALIER_OK;
}

/* The customer has left with what the blocked card bought. */
static int blocked_counts(struct palier_ctx *c, const struct basket *b)
{
	struct card_number number;
	struct palier_hash16 key;
	struct card_row card;
	struct palier_id who;
	int err = card_read(c, "card", b->card, &number);

	if (err == PALIER_OK)
		err = card_find(c, &number, &card, &key);
	if (err == PALIER_OK && palier_is_bearer(c, card.member)) {
		c->has_purse = true;
		c->purse = who = card.member;
	} else if (err == PALIER_OK) {
		err = palier_who(c, (struct palier_bytes){ NULL, 0 }, &card.member, &who);
	}
	if (err != PALIER_OK)
		return err;
	return ctx_forgive(c, PALIER_ECARD_BLOCKED, &(struct palier_alert){ .member = &who, .sale = b->number });
}

/* The sale is nobody's; what it pays without naming a card is of this purse. */
static int bearer_counts(struct palier_ctx *c, const struct basket *b)
{
	c->problem.err = PALIER_OK;
	if (b->redeem_count && !c->offline)
		return palier_refuse(c, PALIER_EPARAMS, "redeem", "a reward needs a member's card; this is a gift card");
	return PALIER_OK;
}

int basket_who(struct palier_ctx *c, const struct basket *b)
{
	struct palier_id who;
	int err;

	if (!b->card.len && !b->member)
		return PALIER_OK;
	err = palier_who(c, b->card, b->member, &who);
	if (err == PALIER_ECARD_UNKNOWN && c->config->store.unknown_cards_earn)
		return unknown_earns(c, b);
	if (err == PALIER_ECARD_BLOCKED && c->offline)
		err = blocked_counts(c, b);
	if (c->has_purse)
		return bearer_counts(c, b);
	if (err == PALIER_ECARD_UNKNOWN || err == PALIER_EMEMBER_UNKNOWN || err == PALIER_EMEMBER_ERASED)
		return ctx_forgive(c, err, &(struct palier_alert){ .sale = b->number });
	return err;
}

/* --- what was paid --- */

/* With automatic discounts if the till gave them: then what was paid shows it. Else without. */
static int price_as_paid(struct palier_ctx *c, const struct basket *b, const struct taken_hold *hold, int64_t payable,
	struct palier_sale *out)
{
	struct basket plain = *b;
	uint32_t before = c->ev.effect_count;
	int err = hold && hold->same ? basket_capture(c, b, &hold->ev, hold->held, out) : basket_price(c, b, out);

	if (err != PALIER_OK || out->payable == payable || !b->automatic)
		return err;
	plain.automatic = false;
	err = ctx_back(c, before);
	return err == PALIER_OK ? basket_price(c, &plain, out) : err;
}

int basket_paid(struct palier_ctx *c, const struct basket *b, const struct taken_hold *hold, int64_t payable,
	struct palier_sale *out, int64_t *difference)
{
	int err = price_as_paid(c, b, hold, payable, out);

	if (err != PALIER_OK)
		return err;
	*difference = payable - out->payable;
	if (*difference == 0)
		return PALIER_OK;
	if (!palier_add_i64(&out->due, *difference))
		return palier_refuse(c, PALIER_EPARAMS, "payable", "what is due would pass 2^53-1");
	out->payable = payable;
	return ctx_forgive(c, PALIER_ETOTAL_MISMATCH, &(struct palier_alert){ .sale = b->number, .figure = *difference });
}
