/* SPDX-License-Identifier: Apache-2.0 */
/* The friend buys, and brings goods back: a referral goes on. */
#include "plugins/referral/internal.h"

/* --- a sale --- */

static int64_t paid_in(const struct palier_sale *s)
{
	int64_t paid = 0;

	for (uint32_t i = 0; i < s->line_count; i++)
		if (s->lines[i].kind == LINE_ITEM)
			paid += s->lines[i].gross - s->lines[i].foreign - s->lines[i].ours;
	return paid;
}

/* What the customer learns of it. */
static int say(struct palier_ctx *c, const struct referral *r, enum referral_phase before)
{
	const struct referral_config *cfg = palier_config(c);
	const struct palier_bytes gift = palier_str(cfg->friend.set ? palier_label(c, cfg->friend.label, &r->friend) : "");
	const struct palier_bytes args[] = { palier_money_text(c, cfg->minimum), gift };

	if (!cfg->friend.set || r->flagged)
		return PALIER_OK;
	if (r->phase == PHASE_HELD && before != PHASE_HELD)
		/* TRANSLATORS: what the friend of a sponsor gets, as the shop calls it */
		return palier_message(c, N_("Thanks to your sponsor: %1"), &gift, 1);
	if (r->phase == PHASE_PURCHASED)
		return palier_message(c, TEXT_MINIMUM, args, 2);
	return PALIER_OK;
}

static int sale_follow(struct palier_ctx *c, const struct palier_sale *s, struct referral *r)
{
	const struct referral_config *cfg = palier_config(c);
	const struct happened h = { .cause = CAUSE_SALE,
		.day = palier_today(c),
		.receipt = s->number,
		.net = paid_in(s),
		.least = cfg->minimum,
		.ends = span_last_day(cfg->hold, palier_at(c)) };
	enum referral_phase before;
	int err = referral_settle(c, r, h.day);

	if (err != PALIER_OK || !referral_is_open(r))
		return err;
	before = r->phase;
	referral_bought(r, &h);
	err = referral_step(c, r, &h);
	return err == PALIER_OK ? say(c, r, before) : err;
}

int referral_on_sale(struct palier_ctx *c, const struct palier_sale *s)
{
	uint64_t *ids;
	uint32_t count = 0;
	int err = s->referral.len ? referral_claim(c, s->has_member ? &s->member : NULL, s->referral, s->number) : PALIER_OK;

	if (err != PALIER_OK || !palier_config(c) || !s->has_member || s->line_count == 0)
		return err;
	err = sides_of(palier_tables(c), palier_arena(c), s->member, SIDE_FRIEND, &ids, &count);
	for (uint32_t i = 0; i < count && err == PALIER_OK; i++) {
		struct referral r;

		err = referral_get(palier_tables(c), ids[i], &r);
		if (err == PALIER_OK)
			err = sale_follow(c, s, &r);
	}
	return err;
}

/* --- what comes back --- */

static int return_follow(struct palier_ctx *c, const struct palier_return *ret, struct referral *r)
{
	const struct happened h = { .cause = CAUSE_RETURN,
		.day = palier_today(c),
		.receipt = ret->sale,
		.net = ret->paid - palier_share(ret->paid, ret->after, ret->base),
		.gone = ret->after == ret->base && ret->before < ret->base };
	int err = referral_settle(c, r, h.day);

	if (err != PALIER_OK)
		return err;
	if (referral_heeds(r, ret->sale))
		referral_returned(r, &h);
	return referral_step(c, r, &h); /* though it changes nothing now: it may, when another sale is undone */
}

/* The referrals that counted the sale when it was booked, or claimed: also those of a friend who is nobody any more. */
static int booked_follow(struct palier_ctx *c, const struct palier_return *ret, const struct palier_event *booked)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; booked && i < booked->effect_count && err == PALIER_OK; i++) {
		const struct referral_step *e = palier_body(&booked->effects[i], "referral.step");
		struct referral r;

		if (!e || e->cause != CAUSE_SALE || !palier_equal(e->receipt, ret->sale))
			continue;
		err = referral_get(palier_tables(c), (uint64_t)e->referral, &r);
		if (err == PALIER_OK)
			err = return_follow(c, ret, &r);
		else if (err == PALIER_ENOENT)
			err = PALIER_OK;
	}
	return err;
}

/* A return reads the ledger, not the rules of today: a shop that sponsors no more takes back what it gave all the same. */
int referral_on_return(struct palier_ctx *c, struct palier_return *ret)
{
	int err = booked_follow(c, ret, ret->booked[0]);

	return err == PALIER_OK ? booked_follow(c, ret, ret->booked[1]) : err;
}
