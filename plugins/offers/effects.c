/* SPDX-License-Identifier: Apache-2.0 */
/* What is booked: codes made, offers given, used, kept by a hold and freed again. */
#include "plugins/offers/internal.h"

PALIER_SCHEMA(offer_granted);
PALIER_SCHEMA(offer_used);
PALIER_SCHEMA(offer_held);
PALIER_SCHEMA(offer_released);
PALIER_SCHEMA(grant_lapsed);
PALIER_SCHEMA(offer_withdrawn);
PALIER_SCHEMA(coupon_hash);
PALIER_SCHEMA(coupons_issued);
PALIER_SCHEMA(coupon_blocked);
PALIER_SCHEMA(offers_merged);
PALIER_SCHEMA(offers_erased);

/* --- used, and freed --- */

static int code_count(struct palier_tables *t, const struct palier_hash16 *code, int uses)
{
	struct code_row row;
	int err = code_row_read(t, code, &row);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
	if (uses > 0 && row.left == 0)
		return PALIER_EDAMAGED;
	row.left -= (uint32_t)uses;
	return code_row_write(t, code, &row);
}

static int grant_count(struct palier_tables *t, const struct offer_used *u, int uses)
{
	const struct grant g = { u->offer, (uint64_t)u->grant,
		PALIER_HAS(u, offer_used, grant_until) ? u->grant_until : DAY_NEVER };

	return uses > 0 ? grant_drop(t, u->member, &g) : grant_write(t, u->member, &g);
}

static int birthday_count(struct palier_tables *t, const struct offer_used *u, int uses)
{
	struct palier_key k = birthday_key(u->member, u->birthday, u->offer);

	return caps_row_add(t, offers_caps.used, &k, uses);
}

/* @param uses 1, or -1: as if it had not been */
static int use_count(struct palier_tables *t, const struct offer_used *u, int uses)
{
	bool given = PALIER_HAS(u, offer_used, grant), known = PALIER_HAS(u, offer_used, member);
	const struct caps_use use = { u->offer, known && !given ? &u->member : NULL, u->day };
	int err = caps_add(t, offers_caps, &use, uses);

	if (err == PALIER_OK && PALIER_HAS(u, offer_used, code))
		err = code_count(t, &u->code, uses);
	if (err == PALIER_OK && known && given)
		err = grant_count(t, u, uses);
	if (err == PALIER_OK && known && PALIER_HAS(u, offer_used, birthday))
		err = birthday_count(t, u, uses);
	return err;
}

static int used_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	(void)ev;
	return use_count(t, body, 1);
}

static int freed_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	(void)ev;
	return use_count(t, body, -1);
}

/* --- kept by a hold --- */

/* Codes are out of reach meanwhile; caps and what was given are not. */
static int held_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct offer_held *h = body;

	(void)ev;
	return PALIER_HAS(h, offer_held, code) ? code_reserve(t, &h->code, h->hold, h->expires) : PALIER_OK;
}

static int released_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct offer_released *r = body;

	(void)ev;
	return hold_forget(t, r->hold);
}

/* --- given, and lapsed --- */

static int granted_check(struct palier_ctx *c, void *body)
{
	struct offer_granted *g = body;
	const struct offer *o = offer_of(palier_config(c), g->offer);
	uint32_t last;

	if (!o)
		return palier_refuse(c, PALIER_EOFFER_UNKNOWN, "offer", "no offer is called %.*s", PALIER_ARG(g->offer));
	if (PALIER_HAS(g, offer_granted, until) && g->until < palier_today(c))
		return palier_refuse(c, PALIER_EPARAMS, "until", "this day is past");
	last = span_last_day(o->until, palier_at(c));
	if (!PALIER_HAS(g, offer_granted, until) && last != DAY_NEVER)
		PALIER_SET(g, offer_granted, until, last);
	return PALIER_OK;
}

static int granted_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct offer_granted *e = body;
	const struct grant g = { e->offer, ev->seq, PALIER_HAS(e, offer_granted, until) ? e->until : DAY_NEVER };

	return grant_write(t, e->member, &g);
}

static int lapsed_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct grant_lapsed *e = body;
	const struct grant g = { e->offer, (uint64_t)e->grant, 0 };

	(void)ev;
	return grant_drop(t, e->member, &g);
}

static int withdrawn_check(struct palier_ctx *c, void *body)
{
	struct offer_withdrawn *e = body;
	const struct grant g = { e->offer, (uint64_t)e->grant, 0 };

	if (!grant_is_there(palier_tables(c), e->member, &g))
		PALIER_SET(e, offer_withdrawn, gone, true);
	return PALIER_OK;
}

static int withdrawn_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct offer_withdrawn *e = body;
	const struct grant g = { e->offer, (uint64_t)e->grant, 0 };

	(void)ev;
	return e->gone ? PALIER_OK : grant_drop(t, e->member, &g);
}

/* --- codes --- */

static int issued_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct coupons_issued *e = body;
	const struct code_row row = { (uint32_t)e->uses, PALIER_HAS(e, coupons_issued, until) ? e->until : DAY_NEVER,
		e->offer };
	int err = PALIER_OK;

	(void)ev;
	for (uint32_t i = 0; i < e->hashes.count && err == PALIER_OK; i++)
		err = code_row_write(t, &e->hashes.at[i].code, &row);
	return err;
}

/* Its last day is past, so that no void brings it back. */
static int blocked_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct coupon_blocked *e = body;
	struct code_row row;
	int err = code_row_read(t, &e->code, &row);

	(void)ev;
	row.until = 0;
	return err == PALIER_OK ? code_row_write(t, &e->code, &row) : err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
}

/* A code that another store has issued cannot be used here anyway. */
int offers_on_order(struct palier_ctx *c, const struct office_order *o)
{
	struct coupon_blocked e = { .set = { 0, 0 } };
	struct palier_hash16 hash;
	struct code_row row;
	char code[CODE_LEN];
	int err;

	if (!palier_is(o->order, "block-code") || code_read(o->code, code) != PALIER_OK)
		return PALIER_ENOENT;
	code_hash(c, code, &hash);
	err = code_row_read(palier_tables(c), &hash, &row);
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	PALIER_SET(&e, coupon_blocked, code, hash);
	return palier_effect_add(c, "coupon.blocked", &e);
}

/* --- members that go --- */

static int merged_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct offers_merged *e = body;
	int err = caps_move(t, offers_caps, e->from, &e->into);

	(void)ev;
	return err == PALIER_OK ? grants_move(t, e->from, &e->into) : err;
}

static int erased_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct offers_erased *e = body;
	int err = caps_move(t, offers_caps, e->member, NULL);

	(void)ev;
	return err == PALIER_OK ? grants_move(t, e->member, NULL) : err;
}

const struct palier_effect_kind offers_effects[] = {
	{ "offer.used", &offer_used_schema, NULL, used_apply },
	{ "offer.freed", &offer_used_schema, NULL, freed_apply },
	{ "offer.held", &offer_held_schema, NULL, held_apply },
	{ "offer.released", &offer_released_schema, NULL, released_apply },
	{ "offer.granted", &offer_granted_schema, granted_check, granted_apply },
	{ "grant.lapsed", &grant_lapsed_schema, NULL, lapsed_apply },
	{ "offer.withdrawn", &offer_withdrawn_schema, withdrawn_check, withdrawn_apply },
	{ "coupon.issued", &coupons_issued_schema, NULL, issued_apply },
	{ "coupon.blocked", &coupon_blocked_schema, NULL, blocked_apply },
	{ "offers.merged", &offers_merged_schema, NULL, merged_apply },
	{ "offers.erased", &offers_erased_schema, NULL, erased_apply },
	{ 0 },
};
