/* SPDX-License-Identifier: Apache-2.0 */
/* A hold keeps what applied, and codes out of others' reach; its commit books that, whatever the programme is by then. A void frees all. */
#include "plugins/offers/internal.h"

static void use_copy(const struct offer_used *u, struct offer_held *out)
{
	PALIER_SET(out, offer_held, offer, u->offer);
	PALIER_SET(out, offer_held, day, u->day);
	PALIER_SET(out, offer_held, amount, u->amount);
	if (PALIER_HAS(u, offer_used, member))
		PALIER_SET(out, offer_held, member, u->member);
	if (PALIER_HAS(u, offer_used, code))
		PALIER_SET(out, offer_held, code, u->code);
	if (PALIER_HAS(u, offer_used, grant))
		PALIER_SET(out, offer_held, grant, u->grant);
	if (PALIER_HAS(u, offer_used, grant_until))
		PALIER_SET(out, offer_held, grant_until, u->grant_until);
	if (PALIER_HAS(u, offer_used, birthday))
		PALIER_SET(out, offer_held, birthday, u->birthday);
}

int offers_on_hold(struct palier_ctx *c, const struct palier_hold *h)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; h->quoted && i < h->quoted->effect_count && err == PALIER_OK; i++) {
		const struct offer_used *u = palier_body(&h->quoted->effects[i], "offer.used");
		struct offer_held held = { .set = { 0, 0 } };

		if (!u)
			continue;
		use_copy(u, &held);
		PALIER_SET(&held, offer_held, hold, h->id);
		PALIER_SET(&held, offer_held, expires, h->expires_ms);
		err = palier_effect_add(c, "offer.held", &held);
	}
	return err;
}

/* As it was held, but dated by the sale, and of who the member is now. What was given and is gone since is not taken twice. */
static int held_use(struct palier_ctx *c, const struct palier_sale *s, const struct offer_held *h)
{
	struct offer_used u = { .set = { 0, 0 } };
	const struct grant g = { h->offer, (uint64_t)h->grant,
		PALIER_HAS(h, offer_held, grant_until) ? h->grant_until : DAY_NEVER };

	PALIER_SET(&u, offer_used, offer, h->offer);
	PALIER_SET(&u, offer_used, day, palier_today(c));
	PALIER_SET(&u, offer_used, amount, h->amount);
	if (s->has_member)
		PALIER_SET(&u, offer_used, member, s->member);
	if (PALIER_HAS(h, offer_held, code))
		PALIER_SET(&u, offer_used, code, h->code);
	if (PALIER_HAS(h, offer_held, birthday))
		PALIER_SET(&u, offer_used, birthday, h->birthday);
	if (PALIER_HAS(h, offer_held, grant) && s->has_member && grant_is_there(palier_tables(c), s->member, &g)) {
		PALIER_SET(&u, offer_used, grant, h->grant);
		if (PALIER_HAS(h, offer_held, grant_until))
			PALIER_SET(&u, offer_used, grant_until, h->grant_until);
	}
	return palier_effect_add(c, "offer.used", &u);
}

int offers_on_capture(struct palier_ctx *c, struct palier_sale *s, const struct palier_event *held)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; i < held->effect_count && err == PALIER_OK; i++) {
		const struct offer_held *h = palier_body(&held->effects[i], "offer.held");

		if (h)
			err = held_use(c, s, h);
	}
	return err;
}

int offers_on_release(struct palier_ctx *c, struct palier_bytes hold)
{
	struct offer_released r = { .set = { 0, 0 } };
	int err = hold_any(palier_tables(c), hold);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	PALIER_SET(&r, offer_released, hold, hold);
	return palier_effect_add(c, "offer.released", &r);
}

/* Of a member who is erased nothing is counted any longer. */
static int use_free(struct palier_ctx *c, const struct offer_used *u)
{
	struct offer_used freed = *u;
	struct palier_id now;
	int err = PALIER_HAS(u, offer_used, member) ? palier_member_now(c, u->member, &now) : PALIER_ENOENT;

	if (err == PALIER_OK)
		freed.member = now;
	else if (err == PALIER_ENOENT || err == PALIER_EMEMBER_ERASED)
		freed.set.has &= ~(UINT64_C(1) << offer_used_bit_member);
	else
		return err;
	return palier_effect_add(c, "offer.freed", &freed);
}

int offers_on_void(struct palier_ctx *c, const struct palier_event *undone)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; i < undone->effect_count && err == PALIER_OK; i++) {
		const struct offer_used *u = palier_body(&undone->effects[i], "offer.used");

		if (u)
			err = use_free(c, u);
	}
	return err;
}
