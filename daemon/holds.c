/* SPDX-License-Identifier: Apache-2.0 */
/* Holds: what a basket would take is put out of reach of others until the commit that names the hold, its release, or its end. A hold ends by
 * its time alone, so that nothing need be booked for it.
 *
 * hold   hold -> member id 10, expires i64 ms, resolved u8, batch u32, offset u64 of its event */
#include "daemon/holds.h"

#include "daemon/proof.h"

#define TTL_DEFAULT 900  /* seconds */
#define KEPT_DAYS   60   /* behind its end, so that a late commit is told what became of its hold */
#define SLICE       1000 /* rows dropped at a close */

/* --- rows --- */

struct hold_row {
	struct palier_id member;
	int64_t expires_ms;
	bool resolved; /* captured or released */
	uint32_t batch;
	uint64_t offset;
};

static struct palier_key hold_key(struct palier_bytes hold)
{
	struct palier_key k = { .len = 0 };

	palier_key_raw(&k, hold.at, hold.len);
	return k;
}

static int row_cut(struct palier_bytes value, struct hold_row *out)
{
	struct palier_cut cut = palier_cut_of(value);

	out->member = palier_cut_id(&cut);
	out->expires_ms = palier_cut_i64(&cut);
	out->resolved = palier_cut_uint(&cut, 1) != 0;
	out->batch = (uint32_t)palier_cut_uint(&cut, 4);
	out->offset = palier_cut_uint(&cut, 8);
	return cut.bad ? PALIER_ESTORE : PALIER_OK;
}

static int hold_get(const struct palier_tables *t, struct palier_bytes hold, struct hold_row *out)
{
	struct palier_key k = hold_key(hold);
	struct palier_bytes value;
	int err = palier_get(t, T_HOLD, &k, &value);

	return err == PALIER_OK ? row_cut(value, out) : err;
}

static int hold_put(struct palier_tables *t, struct palier_bytes hold, const struct hold_row *row)
{
	struct palier_key k = hold_key(hold);
	struct palier_value v = { .len = 0 };

	palier_value_raw(&v, row->member.b, PALIER_ID_LEN);
	palier_value_i64(&v, row->expires_ms);
	palier_value_uint(&v, row->resolved, 1);
	palier_value_uint(&v, row->batch, 4);
	palier_value_uint(&v, row->offset, 8);
	return palier_put(t, T_HOLD, &k, palier_value_bytes(&v));
}

CORE_APPLY(sale_held_apply)
{
	const struct sale_held *e = body;
	const struct hold_row row = { e->member, e->expires, false, ev->batch, ev->offset };

	return hold_put(t, e->hold, &row);
}

CORE_APPLY(hold_resolved_apply)
{
	const struct hold_resolved *e = body;
	struct hold_row row = { .resolved = false };
	int err = hold_get(t, e->hold, &row);

	(void)ev;
	row.resolved = true;
	return err == PALIER_OK ? hold_put(t, e->hold, &row) : PALIER_ESTORE;
}

/* --- the same basket --- */

/* What must be equal for a commit to keep the held quote: all that prices it, and not who asks when. */
static void basket_hash(struct palier_ctx *c, const struct basket *b, struct palier_hash16 *out)
{
	struct sale_quote q = { .set = { 0, 0 } };
	struct palier_buffer text = { 0 };
	struct palier_json w = palier_json_to(&text);

	PALIER_MARK(&q, sale_quote, lines);
	PALIER_MARK(&q, sale_quote, redeem);
	PALIER_MARK(&q, sale_quote, coupons);
	PALIER_MARK(&q, sale_quote, payments);
	PALIER_MARK(&q, sale_quote, returns);
	q.lines.at = (struct basket_line *)b->lines;
	q.lines.count = b->line_count;
	q.redeem.at = (struct redemption *)b->redeem;
	q.redeem.count = b->redeem_count;
	q.coupons = (struct palier_strings){ .at = (struct palier_bytes *)b->coupons, .count = b->coupon_count };
	q.payments.at = (struct payment *)b->payments;
	q.payments.count = b->payment_count;
	q.returns.at = (struct ticket_return *)b->returns;
	q.returns.count = b->return_count;
	PALIER_SET(&q, sale_quote, automatic, b->automatic);
	schema_encode(&sale_quote_schema, SCHEMA_WIRE, &q, &w);
	keys_hash(c->keys, 'b', palier_buffer_bytes(&text), out->b);
	palier_buffer_deinit(&text);
}

/* --- to hold --- */

/* Short enough to be read out: seconds since 1970 in 35 bits, so that names are in the order of time, and 45 random bits. */
static struct palier_bytes hold_name(struct palier_ctx *c)
{
	static const char symbols[] = "0123456789abcdefghjkmnpqrstvwxyz";
	uint64_t seconds = (uint64_t)palier_received(c) / 1000;
	uint8_t random[9];
	char name[16 + 1];

	palier_random(c, random, sizeof(random));
	for (unsigned i = 0; i < 7; i++)
		name[i] = symbols[seconds >> (30 - 5 * i) & 31];
	for (unsigned i = 0; i < sizeof(random); i++)
		name[7 + i] = symbols[random[i] % 32];
	name[16] = 0;
	return palier_str(palier_format(c->arena, "h_%s", name));
}

/* The quote as it stands among c's effects: its figures and its discounts. */
static int quote_pin(struct palier_ctx *c, const struct palier_sale *s, struct sale_held *body)
{
	struct palier_buffer text = { 0 };
	struct palier_json w = palier_json_to(&text);
	const struct sale_discount *d = NULL;
	int err = held_quote_write(c, s, &w);

	if (err == PALIER_OK)
		PALIER_SET(body, sale_held, quote, palier_copy(c->arena, palier_buffer_bytes(&text)));
	palier_buffer_deinit(&text);
	body->discounts.at = palier_alloc(c->arena, (c->ev.effect_count + 1) * sizeof(*body->discounts.at));
	while ((d = effect_find(&c->ev, "sale.discount", d)) != NULL)
		body->discounts.at[body->discounts.count++] = *d;
	if (body->discounts.count)
		PALIER_MARK(body, sale_held, discounts);
	return err;
}

static struct palier_event event_copy(struct palier_ctx *c)
{
	struct palier_event copy = c->ev;

	copy.effects = palier_alloc(c->arena, (c->ev.effect_count + 1) * sizeof(*copy.effects));
	if (c->ev.effect_count)
		memcpy(copy.effects, c->ev.effects, c->ev.effect_count * sizeof(*copy.effects));
	return copy;
}

/* Price the basket as a commit would, keep what that came to, and drop it. */
static int basket_pin(struct palier_ctx *c, const struct basket *b, struct sale_held *body, struct palier_event *quoted)
{
	uint32_t before = c->ev.effect_count;
	struct ticket t;
	int err = ticket_price(c, b, NULL, &t);

	if (err == PALIER_OK)
		err = quote_pin(c, &t.sale, body);
	if (err != PALIER_OK)
		return err;
	basket_hash(c, b, &body->basket);
	PALIER_MARK(body, sale_held, basket);
	*quoted = event_copy(c);
	return ctx_back(c, before);
}

/* Whose hold it is: the member's, or the purse's of the bearer's card that stands for one. */
static bool holder_of(const struct palier_ctx *c, struct palier_id *out)
{
	*out = c->ev.has_member ? c->ev.member : c->purse;
	return c->ev.has_member || c->has_purse;
}

CORE_DECIDE(sale_hold_decide)
{
	const struct sale_hold *p = params;
	struct basket b = BASKET_OF(p, sale_hold, .holding = true);
	struct sale_held body = { .set = { 0, 0 } };
	int64_t ttl = PALIER_HAS(p, sale_hold, ttl) ? p->ttl : TTL_DEFAULT;
	struct palier_hold h = { .id = hold_name(c), .expires_ms = palier_received(c) + ttl * 1000 };
	struct palier_event quoted;
	int err = CTX_PROOF(c, p, sale_hold);

	if (err == PALIER_OK)
		err = basket_who(c, &b);
	PALIER_SET(&body, sale_held, hold, h.id);
	PALIER_SET(&body, sale_held, expires, h.expires_ms);
	h.has_member = holder_of(c, &h.member);
	if (err == PALIER_OK && PALIER_HAS(p, sale_hold, unit)) {
		err = c->ev.has_member ? palier_may_spend(c, c->ev.member) : PALIER_OK;
		h.unit = p->unit;
		h.points = p->points;
	} else if (err == PALIER_OK) {
		err = basket_pin(c, &b, &body, &quoted);
		h.quoted = &quoted;
	}
	if (err != PALIER_OK)
		return err;
	PALIER_SET(&body, sale_held, member, h.member);
	err = palier_effect_add(c, "sale.held", &body);
	if (err == PALIER_OK)
		CTX_EACH(c, err, on_hold, c, &h);
	return err;
}

CORE_REPLY(sale_hold_reply)
{
	const struct sale_held *held = effect_find(ev, "sale.held", NULL);
	int err;

	palier_json_key(w, "hold");
	palier_json_string(w, held->hold);
	err = plugins_write(c, PALIER_REPLY_HOLD, ev, NO_SALE, w);
	if (PALIER_HAS(held, sale_held, quote)) {
		palier_json_key(w, "quote");
		palier_json_raw(w, held->quote);
	}
	palier_json_key(w, "expires_at");
	palier_json_time(w, held->expires);
	return err;
}

/* --- to end one --- */

/* @param whose NULL: anybody's */
static int hold_need(struct palier_ctx *c, struct palier_bytes hold, const struct palier_id *whose, struct hold_row *out)
{
	int err = hold_get(core_tables(c), hold, out);

	if (err == PALIER_OK)
		err = palier_member_now(c, out->member, &out->member);
	if (err == PALIER_EMEMBER_ERASED)
		err = PALIER_ENOENT;
	if (err == PALIER_OK && whose && !palier_id_equal(out->member, *whose))
		err = PALIER_ENOENT;
	if (err == PALIER_ENOENT)
		return palier_refuse(c, PALIER_EHOLD_UNKNOWN, "hold", "there is no such hold of this customer");
	if (err != PALIER_OK)
		return err;
	if (out->resolved)
		return palier_refuse(c, PALIER_EHOLD_RESOLVED, "hold", "it was captured or released before: quote again");
	if (out->expires_ms <= palier_received(c))
		return palier_refuse(c, PALIER_EHOLD_EXPIRED, "hold", "the hold has lapsed: quote again");
	return PALIER_OK;
}

static int hold_resolve(struct palier_ctx *c, struct palier_bytes hold, bool captured)
{
	struct hold_resolved body = { .set = { 0, 0 } };

	PALIER_SET(&body, hold_resolved, hold, hold);
	if (captured)
		PALIER_SET(&body, hold_resolved, captured, true);
	return palier_effect_add(c, "hold.resolved", &body);
}

int hold_take(struct palier_ctx *c, struct palier_bytes hold, const struct basket *b, struct taken_hold *out)
{
	struct palier_hash16 hash;
	struct palier_id holder;
	struct hold_row row = { .resolved = false };
	int err;

	if (!holder_of(c, &holder))
		return palier_refuse(c, PALIER_EHOLD_UNKNOWN, "hold", "the hold is of a card: name it");
	err = hold_need(c, hold, &holder, &row);
	if (err == PALIER_OK)
		err = ledger_event_at(c->ledger, row.batch, row.offset, c->arena, &out->ev);
	if (err == PALIER_OK)
		err = hold_resolve(c, hold, true);
	if (err != PALIER_OK)
		return err;
	out->held = effect_find(&out->ev, "sale.held", NULL);
	basket_hash(c, b, &hash);
	out->same = PALIER_HAS(out->held, sale_held, basket) && memcmp(hash.b, out->held->basket.b, sizeof(hash.b)) == 0;
	c->hold = out->held->hold;
	return PALIER_OK;
}

int hold_leave(struct palier_ctx *c)
{
	struct palier_bytes hold = c->hold;
	int err = PALIER_OK;

	c->hold.len = 0;
	if (hold.len)
		CTX_EACH(c, err, on_release, c, hold);
	return err;
}

CORE_DECIDE(sale_release_decide)
{
	const struct sale_release *p = params;
	struct hold_row row = { .resolved = false };
	struct member_row owner;
	int err = hold_need(c, p->hold, NULL, &row);

	if (err == PALIER_OK)
		err = holder_need(c, &row.member, &owner);
	if (err == PALIER_OK && !(owner.flags & MEMBER_BEARER))
		ctx_member(c, row.member, owner.slot);
	if (err == PALIER_OK)
		err = hold_resolve(c, p->hold, false);
	if (err == PALIER_OK)
		CTX_EACH(c, err, on_release, c, p->hold);
	return err;
}

/* --- to forget old ones --- */

int holds_due(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from)
{
	static const struct palier_key all;
	static const struct palier_id begin;
	struct palier_cursor *rows = palier_seek(core_tables(c), T_HOLD, &all);
	struct hold_dropped body = { .set = { 0, 0 } };
	struct palier_bytes key, value;
	int err;

	if (!palier_id_equal(*from, begin))
		return PALIER_ENOENT;
	for (int n = 0; (err = palier_next(rows, &key, &value)) == PALIER_OK && n < SLICE; n++) {
		struct hold_row row;

		err = row_cut(value, &row);
		if (err != PALIER_OK)
			return err;
		if (day_add(zone_day(row.expires_ms), KEPT_DAYS) >= close->closed)
			break;
		PALIER_SET(&body, hold_dropped, upto, palier_copy(c->arena, key));
	}
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	err = PALIER_HAS(&body, hold_dropped, upto) ? palier_effect_add(c, "hold.dropped", &body) : PALIER_OK;
	return err == PALIER_OK ? PALIER_ENOENT : err;
}

CORE_APPLY(hold_dropped_apply)
{
	static const struct palier_key all;
	const struct hold_dropped *e = body;
	struct palier_key last = hold_key(e->upto);
	struct palier_cursor *rows = palier_seek(t, T_HOLD, &all);
	struct palier_bytes key, value;
	int err;

	(void)ev;
	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		struct palier_key k = hold_key(key);

		if (k.len != last.len || memcmp(k.b, last.b, k.len) > 0)
			return PALIER_OK;
		err = palier_del(t, T_HOLD, &k);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}
