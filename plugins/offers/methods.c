/* SPDX-License-Identifier: Apache-2.0 */
/* What offers answers: offer.grant, coupon.issue, and what is offered to a member, in the member view and beside a quote. */
#include "plugins/offers/internal.h"

/* --- offer.grant --- */

static int grant_decide(struct palier_ctx *c, const void *params)
{
	const struct offer_grant *p = params;
	struct palier_id member;
	int err = palier_who(c, p->card, PALIER_HAS(p, offer_grant, member) ? &p->member : NULL, &member);

	return err == PALIER_OK ? offers_grant(c, member, p->offer, p->until) : err;
}

static int grant_reply(struct palier_ctx *c, const struct palier_event *ev, struct palier_json *w)
{
	(void)c;
	(void)ev;
	(void)w;
	return PALIER_OK;
}

/* --- coupon.issue --- */

/* Draw the codes: each twice is less likely than a broken disk, one in 2^35 for a million of them. */
static void codes_fill(struct palier_ctx *c, uint32_t count, struct coupons_issued *e)
{
	struct palier_arena *a = palier_arena(c);
	char *text = palier_alloc(a, (size_t)count * (CODE_TEXT + 1));
	char symbols[CODE_LEN];

	PALIER_MARK(e, coupons_issued, hashes);
	e->hashes.at = palier_alloc(a, count * sizeof(*e->hashes.at));
	e->hashes.count = count;
	for (uint32_t i = 0; i < count; i++) {
		char *at = text + i * (size_t)(CODE_TEXT + 1);

		code_draw(c, at);
		at[CODE_TEXT] = ' ';
		(void)code_read(palier_bytes_of(at, CODE_TEXT), symbols);
		code_hash(c, symbols, &e->hashes.at[i].code);
		PALIER_MARK(&e->hashes.at[i], coupon_hash, code);
	}
	PALIER_SET(e, coupons_issued, codes, palier_seal(c, palier_bytes_of(text, (size_t)count * (CODE_TEXT + 1) - 1)));
}

static int issue_decide(struct palier_ctx *c, const void *params)
{
	const struct coupon_issue *p = params;
	const struct offer *o = offer_of(palier_config(c), p->offer);
	struct coupons_issued e = { .set = { 0, 0 } };
	uint32_t until;

	if (!o)
		return palier_refuse(c, PALIER_EOFFER_UNKNOWN, "offer", "no offer is called %.*s", PALIER_ARG(p->offer));
	if (!o->single)
		return palier_refuse(c, PALIER_EPARAMS, "offer",
			"%s has no single codes: its configuration lacks codes = single", o->name);
	until = PALIER_HAS(p, coupon_issue, until) ? p->until : span_last_day(o->until, palier_at(c));
	if (until < palier_today(c))
		return palier_refuse(c, PALIER_EPARAMS, "until", "this day is past");
	PALIER_SET(&e, coupons_issued, offer, p->offer);
	PALIER_SET(&e, coupons_issued, uses, o->uses);
	if (until != DAY_NEVER)
		PALIER_SET(&e, coupons_issued, until, until);
	codes_fill(c, (uint32_t)p->count, &e);
	return palier_effect_add(c, "coupon.issued", &e);
}

static int issue_reply(struct palier_ctx *c, const struct palier_event *ev, struct palier_json *w)
{
	const struct coupons_issued *e = ev->effects[0].body;
	struct palier_bytes codes;
	int err = palier_unseal(c, e->codes, &codes);

	if (err != PALIER_OK)
		return err;
	palier_json_key(w, "codes");
	palier_json_array(w);
	for (size_t at = 0; at + CODE_TEXT <= codes.len; at += CODE_TEXT + 1)
		palier_json_string(w, palier_bytes_of(codes.at + at, CODE_TEXT));
	palier_json_end_array(w);
	return PALIER_OK;
}

const struct palier_service offers_services[] = {
	{ &method_offer_grant, NULL, grant_decide, grant_reply },
	{ &method_coupon_issue, NULL, issue_decide, issue_reply },
	{ 0 },
};

/* --- what is offered --- */

static void offer_write(struct palier_ctx *c, const struct offer *o, struct palier_id member, uint32_t until,
	struct palier_json *w)
{
	struct offer_view view = { .set = { 0, 0 } };
	uint32_t last = palier_condition_last_day(o->when);

	PALIER_SET(&view, offer_view, offer, palier_str(o->name));
	PALIER_SET(&view, offer_view, label, palier_str(palier_label(c, o->label, &member)));
	until = last < until ? last : until;
	if (until != DAY_NEVER)
		PALIER_SET(&view, offer_view, until, until);
	schema_encode(&offer_view_schema, SCHEMA_WIRE, &view, w);
}

/* What is due by its trigger, or to members alone; what everybody has is no news. */
static int itself_show(struct palier_ctx *c, const struct offer *o, struct palier_id member, struct palier_json *w)
{
	struct due due = { .until = DAY_NEVER };
	int err = PALIER_OK;

	if (!o->automatic || (o->trigger == TRIGGER_NONE && !palier_condition_of_member(o->when)))
		return PALIER_OK;
	if (o->trigger != TRIGGER_NONE)
		err = trigger_due(c, o, member, &due);
	if (err == PALIER_OK)
		err = caps_open(c, o, &member, &due);
	if (err == PALIER_OK)
		offer_write(c, o, member, due.until, w);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* The next use of an offer that an event books, behind `after`; NULL: there is none. */
static const struct offer_used *used_next(const struct palier_event *ev, const struct offer *o,
	const struct offer_used *after)
{
	bool behind = !after;

	for (uint32_t i = 0; ev && i < ev->effect_count; i++) {
		const struct offer_used *u = palier_body(&ev->effects[i], "offer.used");

		if (behind && u && palier_is(u->offer, o->name))
			return u;
		behind = behind || u == after;
	}
	return NULL;
}

static bool grant_used(const struct palier_event *ev, const struct offer *o, const struct grant *g)
{
	for (const struct offer_used *u = NULL; (u = used_next(ev, o, u)) != NULL;)
		if (PALIER_HAS(u, offer_used, grant) && (uint64_t)u->grant == g->seq)
			return true;
	return false;
}

/* What was given, once for each time. */
static int given_show(struct palier_ctx *c, const struct offer *o, struct palier_id member, const struct palier_event *ev,
	struct palier_json *w)
{
	struct palier_cursor *cur = grants_of(palier_tables(c), member, palier_str(o->name));
	struct due due = { .until = DAY_NEVER, .grant = { .seq = 1 } };
	struct grant g;
	int err = caps_open(c, o, &member, &due);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	while ((err = grant_next(cur, &g)) == PALIER_OK)
		if (g.until >= palier_today(c) && !grant_used(ev, o, &g))
			offer_write(c, o, member, g.until, w);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* @param member NULL: nobody @param ev NULL, or a quote's: what it uses is not offered again */
static int offers_write(struct palier_ctx *c, const struct palier_id *member, const struct palier_event *ev,
	struct palier_json *w)
{
	const struct offers_config *cfg = palier_config(c);
	int err = PALIER_OK;

	palier_json_key(w, "offers");
	palier_json_array(w);
	for (size_t i = 0; cfg && member && i < cfg->offer_count && err == PALIER_OK; i++) {
		const struct offer *o = &cfg->offers[i];

		if (!palier_condition_may_hold(c, o->when, member))
			continue;
		err = used_next(ev, o, NULL) ? PALIER_OK : itself_show(c, o, *member, w);
		if (err == PALIER_OK)
			err = given_show(c, o, *member, ev, w);
	}
	palier_json_end_array(w);
	return err;
}

int offers_on_lookup(struct palier_ctx *c, struct palier_id member, struct palier_json *w)
{
	return offers_write(c, &member, NULL, w);
}

int offers_on_reply(struct palier_ctx *c, enum palier_reply reply, const struct palier_event *ev, struct palier_bytes sale,
	struct palier_json *w)
{
	(void)sale;
	return reply == PALIER_REPLY_QUOTE ? offers_write(c, ev->has_member ? &ev->member : NULL, ev, w) : PALIER_OK;
}
