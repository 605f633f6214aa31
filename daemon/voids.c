/* SPDX-License-Identifier: Apache-2.0 */
/* sale.void: a receipt of the open day, undone as if it had not been; and sale.claim: a sale becomes somebody's afterwards. */
#include "daemon/sales.h"

CORE_REPLY(sale_balances_reply)
{
	return plugins_write(c, PALIER_REPLY_BALANCES, ev, NO_SALE, w);
}

/* --- what a member's facts are without one of the sales --- */

/* Walking back over the member's other sales, latest booked first. */
struct recall {
	struct palier_ctx *c;
	struct palier_bytes without; /* number of the sale that is undone */
	struct unbought *products;
	const bool *seek_product; /* it was bought at other times too: when last? */
	uint32_t product_count;
	bool seek_first, seek_last, found;
	int64_t first, last; /* of those found */
};

/* Nothing is booked before it happens, but for what clocks differ by: a day is ample. */
static bool recall_done(const struct recall *r, const struct palier_event *ev)
{
	const uint32_t tomorrow = day_add(zone_day(ev->received_ms), 1);

	if (r->seek_first || (r->seek_last && !(r->found && r->last > ev->received_ms + DAY_MS)))
		return false;
	for (uint32_t i = 0; i < r->product_count; i++)
		if (r->seek_product[i] && r->products[i].day < tomorrow)
			return false;
	return true;
}

static void recall_product(const struct recall *r, struct palier_bytes name, bool category, uint32_t day)
{
	for (uint32_t i = 0; i < r->product_count; i++) {
		struct unbought *u = &r->products[i];

		if (u->category == category && palier_equal(u->name, name) && u->day < day)
			PALIER_SET(u, unbought, day, day);
	}
}

static void recall_sale(struct recall *r, int64_t at_ms, uint32_t date, const struct product *products, uint32_t count)
{
	r->first = !r->found || at_ms < r->first ? at_ms : r->first;
	r->last = !r->found || at_ms > r->last ? at_ms : r->last;
	r->found = true;
	for (uint32_t i = 0; i < count; i++) {
		recall_product(r, products[i].sku, false, date);
		recall_product(r, products[i].category, true, date);
	}
}

static int recall_one(void *who, const struct palier_event *ev)
{
	struct recall *r = who;
	const struct sale_claimed *claimed = effect_find(ev, "sale.claimed", NULL);
	const struct sale_booked *booked = effect_find(ev, "sale.booked", NULL);
	const struct palier_bytes number = claimed ? claimed->sale : booked ? booked->sale : NO_SALE;
	const struct sale_commit *p = ev->params;
	struct product *products;
	struct place place;
	int err;

	if (recall_done(r, ev))
		return 0;
	if (!number.len || !ev->has_member || palier_equal(number, r->without))
		return 1;
	err = place_get(core_tables(r->c), claimed ? T_CLAIM : T_SALE, number, &place);
	if (err != PALIER_OK || place.seq != ev->seq)
		return err == PALIER_OK || err == PALIER_ENOENT ? 1 : err;
	if (claimed) {
		recall_sale(r, ev->at_ms, claimed->date, claimed->products.at, claimed->products.count);
	} else if (p->lines.count > 0) {
		products = palier_alloc(r->c->arena, p->lines.count * sizeof(*products));
		recall_sale(r, ev->at_ms, booked->date, products, products_of(p, products));
	}
	return 1;
}

static void unbought_count(struct sale_voided *body, struct palier_bytes name, bool category)
{
	uint32_t i = 0;

	if (!name.len)
		return;
	while (i < body->products.count &&
		!(body->products.at[i].category == category && palier_equal(body->products.at[i].name, name)))
		i++;
	PALIER_SET(&body->products.at[i], unbought, name, name);
	if (category)
		PALIER_SET(&body->products.at[i], unbought, category, true);
	PALIER_SET(&body->products.at[i], unbought, lines, body->products.at[i].lines + 1);
	body->products.count += i == body->products.count;
}

/* What was in the sale. */
static void unbought_fill(struct palier_ctx *c, const struct sold *s, struct sale_voided *body)
{
	struct product *products = palier_alloc(c->arena, (s->params->lines.count + 1) * sizeof(*products));
	uint32_t count = products_of(s->params, products);

	body->products.at = palier_alloc(c->arena, (2 * count + 1) * sizeof(*body->products.at));
	for (uint32_t i = 0; i < count; i++) {
		unbought_count(body, products[i].sku, false);
		unbought_count(body, products[i].category, true);
	}
	PALIER_MARK(body, sale_voided, products);
}

static int facts_without(struct palier_ctx *c, const struct sold *s, struct sale_voided *body)
{
	struct palier_facts facts;
	bool *seek;
	struct recall r = { .c = c, .without = s->booked->sale };
	int err = palier_facts(c, s->member, &facts);

	unbought_fill(c, s, body);
	if (err != PALIER_OK || facts.purchases <= 1)
		return err;
	seek = palier_alloc(c->arena, (body->products.count + 1) * sizeof(*seek));
	for (uint32_t i = 0; i < body->products.count; i++)
		seek[i] = facts_lines(core_tables(c), s->member, &body->products.at[i]) > body->products.at[i].lines;
	r.products = body->products.at;
	r.product_count = body->products.count;
	r.seek_product = seek;
	r.seek_first = s->ev.at_ms == facts.first_purchase_ms;
	r.seek_last = s->ev.at_ms == facts.last_purchase_ms;
	err = palier_events_of(c, s->member, 0, recall_one, &r);
	PALIER_SET(body, sale_voided, first, r.seek_first && r.found ? r.first : facts.first_purchase_ms);
	PALIER_SET(body, sale_voided, last, r.seek_last && r.found ? r.last : facts.last_purchase_ms);
	return err;
}

/* --- void --- */

CORE_APPLY(sale_voided_apply)
{
	const struct sale_voided *e = body;
	int err = place_del(t, T_SALE, e->sale);

	(void)ev;
	if (err == PALIER_OK)
		err = place_del(t, T_CLAIM, e->sale);
	return err == PALIER_OK && PALIER_HAS(e, sale_voided, member) ? facts_undo(t, e) : err;
}

static int refuse_returned(struct palier_ctx *c, const char *why)
{
	return palier_refuse(c, PALIER_ERETURN_EXCEEDS_SALE, "sale", "%s", why);
}

/* One return of the receipt that is undone. */
static int return_undo(struct palier_ctx *c, const struct palier_event *ev, const struct sale_returned *e)
{
	struct sale_returned body = *e;
	struct sold s;
	int err = sold_read(c, e->sale, &s);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
	if (s.returned.last != ev->seq)
		return refuse_returned(c, "more of that sale has come back since: undo the later return first");
	if (s.claim.seq > ev->seq)
		return refuse_returned(c, "that sale was claimed since, without what had come back");
	body.set.has &= ~(UINT64_C(1) << sale_returned_bit_member);
	if (s.has_member)
		PALIER_SET(&body, sale_returned, member, s.member);
	return palier_effect_add(c, "return.voided", &body);
}

static int noted_undo(struct palier_ctx *c, const struct palier_effect *e)
{
	const struct return_noted *noted = e->body;

	if (strcmp(e->kind->name, "return.waiting") == 0 && !return_waits(core_tables(c), noted->sale, noted->number))
		return refuse_returned(c, "it has been booked with its sale");
	return palier_effect_add(c, "return.forgotten", noted);
}

/* The returns of a receipt, the last first. Those of others, which waited for this sale, are not its own. */
static int returns_undo(struct palier_ctx *c, const struct palier_event *ev, struct palier_bytes number)
{
	int err = PALIER_OK;

	for (uint32_t i = ev->effect_count; i-- > 0 && err == PALIER_OK;) {
		const struct palier_effect *e = &ev->effects[i];
		const struct sale_returned *returned = e->body;

		if (strcmp(e->kind->name, "sale.returned") == 0 && palier_equal(returned->number, number))
			err = return_undo(c, ev, returned);
		else if (strcmp(e->kind->name, "return.waiting") == 0 || strcmp(e->kind->name, "return.settling") == 0)
			err = noted_undo(c, e);
	}
	return err;
}

static int sale_undo(struct palier_ctx *c, const struct sold *s)
{
	struct sale_voided body = { .set = { 0, 0 } };
	int err = PALIER_OK;

	PALIER_SET(&body, sale_voided, sale, s->booked->sale);
	PALIER_SET(&body, sale_voided, spend, sold_goods(s));
	if (s->has_member && s->params->lines.count > 0) {
		PALIER_SET(&body, sale_voided, member, s->member);
		PALIER_SET(&body, sale_voided, date, s->booked->date);
		err = facts_without(c, s, &body);
	}
	return err == PALIER_OK ? palier_effect_add(c, "sale.voided", &body) : err;
}

/* Everything of the event; what followed from it is undone by the hooks before core forgets it. */
static int event_undo(struct palier_ctx *c, const struct palier_event *ev, struct palier_bytes number)
{
	struct sold s;
	int err = sold_of(c, ev, &s);
	const bool sale = err == PALIER_OK;

	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	if (sale && s.returned.last)
		return refuse_returned(c, "goods of this sale have come back: undo the returns first");
	if (sale && s.has_member)
		ctx_member(c, s.member, s.slot);
	err = PALIER_OK;
	if (sale && s.claim.method)
		CTX_EACH(c, err, on_void, c, &s.claim);
	if (err == PALIER_OK)
		CTX_EACH(c, err, on_void, c, ev);
	if (err == PALIER_OK)
		err = returns_undo(c, ev, number);
	return err == PALIER_OK && sale ? sale_undo(c, &s) : err;
}

/* A plain return is about the member of its sale. */
static int void_member(struct palier_ctx *c, const struct palier_event *ev)
{
	const struct sale_returned *e = effect_find(ev, "sale.returned", NULL);
	struct sold s;
	int err = e && ev->method == &method_sale_return ? sold_read(c, e->sale, &s) : PALIER_ENOENT;

	if (err == PALIER_OK && s.has_member)
		ctx_member(c, s.member, s.slot);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

CORE_DECIDE(sale_void_decide)
{
	const struct sale_void *p = params;
	struct palier_event ev;
	struct place place;
	int err = place_get(core_tables(c), T_SALE, p->sale, &place);

	if (err == PALIER_ENOENT)
		return refuse_unknown(c, p->sale);
	if (err != PALIER_OK)
		return err;
	if (!c->ledger->day || place.batch != c->ev.batch)
		return palier_refuse(c, PALIER_EDAY_CLOSED, "sale",
			"the day on which %.*s was booked is closed: take the goods back with sale.return",
			PALIER_ARG(p->sale));
	err = ledger_event_at(c->ledger, place.batch, place.offset, c->arena, &ev);
	if (err == PALIER_OK && ev.method == &method_directive_apply)
		err = palier_refuse(c, PALIER_EFORBIDDEN, "sale",
			"this return was made in another store, and settled by the office");
	if (err == PALIER_OK)
		err = void_member(c, &ev);
	return err == PALIER_OK ? event_undo(c, &ev, p->sale) : err;
}

/* --- claim --- */

CORE_APPLY(sale_claimed_apply)
{
	const struct sale_claimed *e = body;
	const struct purchase bought = { e->member, ev->at_ms, e->date, e->spend, e->products.at, e->products.count };
	int err = place_put(t, T_CLAIM, e->sale, ev);

	return err == PALIER_OK ? facts_add(t, &bought) : err;
}

static int claim_book(struct palier_ctx *c, const struct sold *s)
{
	struct sale_claimed body = { .set = { 0, 0 } };

	body.products.at = palier_alloc(c->arena, (s->params->lines.count + 1) * sizeof(*body.products.at));
	body.products.count = products_of(s->params, body.products.at);
	PALIER_MARK(&body, sale_claimed, products);
	PALIER_SET(&body, sale_claimed, sale, s->booked->sale);
	PALIER_SET(&body, sale_claimed, member, c->ev.member);
	PALIER_SET(&body, sale_claimed, date, s->booked->date);
	PALIER_SET(&body, sale_claimed, spend, sold_goods(s) - s->returned.amount);
	return palier_effect_add(c, "sale.claimed", &body);
}

static int claim_check(struct palier_ctx *c, const struct sold *s)
{
	if (s->ev.has_member || s->claim.method)
		return palier_refuse(c, PALIER_ESALE_EXISTS, "sale", "sale %.*s is somebody's already",
			PALIER_ARG(s->booked->sale));
	if (s->params->lines.count == 0)
		return palier_refuse(c, PALIER_ESALE_UNKNOWN, "sale", "nothing was sold by %.*s",
			PALIER_ARG(s->booked->sale));
	if (palier_today(c) > day_add(s->booked->date, c->config->store.claim_days))
		return palier_refuse(c, PALIER_ECLOCK, "sale", "a sale may be claimed for %d days",
			c->config->store.claim_days);
	return PALIER_OK;
}

CORE_DECIDE(sale_claim_decide)
{
	const struct sale_claim *p = params;
	struct palier_id member;
	struct palier_sale scored;
	const bool *gone;
	struct sold s;
	int err = palier_who(c, p->card, PALIER_HAS(p, sale_claim, member) ? &p->member : NULL, &member);

	if (err != PALIER_OK)
		return err;
	err = sold_read(c, p->sale, &s);
	if (err == PALIER_ENOENT)
		return refuse_unknown(c, p->sale);
	if (err == PALIER_OK)
		err = claim_check(c, &s);
	if (err == PALIER_OK)
		err = returns_gone(c, &s, &gone);
	if (err != PALIER_OK)
		return err;
	/* All of it counts as of the sale, also when the event is folded again; `received` says when it was claimed. */
	c->ev.at_ms = s.ev.at_ms;
	err = basket_score(c, s.params, s.booked, gone, &scored);
	if (err == PALIER_OK)
		err = return_claimed(c, &s);
	return err == PALIER_OK ? claim_book(c, &s) : err;
}
