/* SPDX-License-Identifier: Apache-2.0 */
/* Sales: quoted and committed. */
#include "daemon/holds.h"

#include "daemon/proof.h"

CORE_APPLY(sale_booked_apply)
{
	const struct sale_booked *e = body;
	const struct sale_commit *p = ev->params;
	struct purchase bought = { .member = ev->member,
		.at_ms = ev->at_ms,
		.date = e->date,
		.spend = e->payable + e->returned };
	struct product *products;
	int err = place_put(t, T_SALE, e->sale, ev);

	if (err != PALIER_OK || !ev->has_member || p->lines.count == 0) /* nothing but returns is no purchase */
		return err;
	products = palier_alloc(t->view->arena, p->lines.count * sizeof(*products));
	bought.product_count = products_of(p, products);
	bought.products = products;
	return facts_add(t, &bought);
}

/* --- writing replies --- */

static void discount_write(const struct sale_discount *d, struct palier_json *w)
{
	struct discount_view view = { .set = { 0, 0 } };

	PALIER_SET(&view, discount_view, source, d->source);
	PALIER_SET(&view, discount_view, label, d->label);
	PALIER_SET(&view, discount_view, amount, d->amount);
	PALIER_MARK(&view, discount_view, lines);
	view.lines.at = d->lines.at;
	view.lines.count = d->lines.count;
	schema_encode(&discount_view_schema, SCHEMA_WIRE, &view, w);
}

void effects_write_list(struct palier_ctx *c, const struct palier_event *ev, const char *key,
	const struct palier_schema *kind, struct palier_json *w)
{
	palier_json_key(w, key);
	palier_json_array(w);
	for (uint32_t i = 0; i < ev->effect_count; i++) {
		const struct palier_effect *e = &ev->effects[i];

		if (e->kind->schema == kind && kind == &sale_discount_schema)
			discount_write(e->body, w);
		else if (e->kind->schema == kind)
			message_write(c, e->body, w);
	}
	palier_json_end_array(w);
}

void figure_write(struct palier_json *w, const char *key, int64_t v)
{
	palier_json_key(w, key);
	palier_json_int(w, v);
}

int plugins_write(struct palier_ctx *c, enum palier_reply reply, const struct palier_event *ev, struct palier_bytes sale,
	struct palier_json *w)
{
	int err;

	CTX_EACH(c, err, on_reply, c, reply, ev, sale, w);
	return err;
}

static void refused_write(struct palier_ctx *c, struct palier_json *w)
{
	palier_json_key(w, "refused");
	palier_json_array(w);
	for (uint32_t i = 0; i < c->refused_count; i++)
		schema_encode(&refused_view_schema, SCHEMA_WIRE, &c->refused[i], w);
	palier_json_end_array(w);
}

static void figures_write(struct palier_ctx *c, const struct palier_sale *s, struct palier_json *w)
{
	figure_write(w, "total", s->total);
	effects_write_list(c, &c->ev, "discounts", &sale_discount_schema, w);
	figure_write(w, "payable", s->payable);
	figure_write(w, "due", s->due);
}

/* The quote that c's effects amount to. */
static int quote_write(struct palier_ctx *c, const struct palier_sale *s, struct palier_json *w)
{
	int err;

	c->quoted = s;
	palier_json_object(w);
	figures_write(c, s, w);
	refused_write(c, w);
	effects_write_list(c, &c->ev, "messages", &message_given_schema, w);
	err = returns_write(c, &c->ev, s->number, w);
	if (err == PALIER_OK)
		err = plugins_write(c, PALIER_REPLY_QUOTE, &c->ev, NO_SALE, w);
	schema_fill(&quote_view_schema, w);
	palier_json_end_object(w);
	c->quoted = NULL;
	return err;
}

int held_quote_write(struct palier_ctx *c, const struct palier_sale *s, struct palier_json *w)
{
	int err;

	palier_json_object(w);
	figures_write(c, s, w);
	err = plugins_write(c, PALIER_REPLY_HELD_QUOTE, &c->ev, NO_SALE, w);
	schema_fill(&held_quote_schema, w);
	palier_json_end_object(w);
	return err;
}

/* --- shapes --- */

static int ticket_check(struct palier_ctx *c, const struct basket *b)
{
	int err = basket_check(c, b);

	return err == PALIER_OK ? returns_check(c, b->returns, b->return_count) : err;
}

static int hold_check(struct palier_ctx *c, const struct sale_hold *p)
{
	const struct basket b = BASKET_OF(p, sale_hold, .holding = true);
	bool basket = PALIER_HAS(p, sale_hold, lines), unit = PALIER_HAS(p, sale_hold, unit);

	if (unit != PALIER_HAS(p, sale_hold, points))
		return palier_refuse(c, PALIER_EPARAMS, unit ? "points" : "unit", "give unit and points, or a basket");
	if (unit == basket)
		return palier_refuse(c, PALIER_EPARAMS, basket ? "unit" : "lines",
			"give either a basket, or unit and points");
	if (basket)
		return ticket_check(c, &b);
	if (b.redeem_count || b.coupon_count || b.payment_count || b.return_count)
		return palier_refuse(c, PALIER_EPARAMS, "lines", "rewards, coupons, payments and returns go with a basket");
	return b.card.len || b.member ? PALIER_OK : palier_refuse(c, PALIER_EPARAMS, "card", "a hold needs a card");
}

int sale_check(struct palier_ctx *c, const void *params)
{
	if (c->ev.method == &method_sale_hold)
		return hold_check(c, params);
	if (c->ev.method == &method_sale_quote) {
		const struct sale_quote *p = params;
		const struct basket b = BASKET_OF(p, sale_quote, .quote = true);

		return ticket_check(c, &b);
	}
	if (c->ev.method == &method_sale_commit) {
		const struct sale_commit *p = params;
		const struct basket b = BASKET_OF(p, sale_commit, .number = p->sale);

		return ticket_check(c, &b);
	}
	if (c->ev.method == &method_sale_return) {
		const struct sale_return *p = params;
		const struct ticket_return what = { .sale = p->sale, .lines = { p->lines.at, p->lines.count } };

		return returns_check(c, &what, 1);
	}
	return PALIER_OK;
}

/* --- quote and commit --- */

static int goods_price(struct palier_ctx *c, const struct basket *b, const struct taken_hold *hold, struct ticket *t)
{
	if (!c->offline)
		return hold && hold->same ? basket_capture(c, b, &hold->ev, hold->held, &t->sale)
		                          : basket_price(c, b, &t->sale);
	return basket_paid(c, b, hold, b->paid + t->back.amount, &t->sale, &t->difference);
}

/* Stored value pays for no more than there is to pay: it is no way to draw cash. What has happened is taken as it is. */
static int tender_check(struct palier_ctx *c, const struct palier_sale *s, int64_t paid)
{
	if (c->offline || paid == 0 || paid <= s->payable)
		return PALIER_OK;
	return palier_refuse(c, PALIER_EPARAMS, "payments", "payments in units come to %lld, and only %lld is payable",
		(long long)paid, (long long)(s->payable > 0 ? s->payable : 0));
}

/* Returns first, then the goods, each for itself: what comes back lowers only what is to be paid. */
int ticket_price(struct palier_ctx *c, const struct basket *b, const struct taken_hold *hold, struct ticket *t)
{
	struct palier_sale *s = &t->sale;
	const struct back *back = &t->back;
	int64_t paid;
	int err;

	*t = (struct ticket){ .difference = 0 };
	err = returns_book(c, b->returns, b->return_count, b->number, &t->back);
	if (err == PALIER_OK && !b->quote && c->ev.has_member && (hold || basket_spends(b)))
		err = palier_may_spend(c, c->ev.member);
	if (err == PALIER_OK)
		err = goods_price(c, b, hold, t);
	if (err != PALIER_OK)
		return err;
	paid = s->payable - s->due;
	if (!palier_add_i64(&s->payable, -back->amount) || !palier_add_i64(&s->due, -back->amount) ||
		!palier_add_i64(&s->due, back->units))
		return palier_refuse(c, PALIER_EPARAMS, NULL, "the sum of the returns passes 2^53-1");
	return tender_check(c, s, paid);
}

CORE_ANSWER(sale_quote_answer)
{
	const struct sale_quote *p = params;
	struct basket b = BASKET_OF(p, sale_quote, .quote = true);
	struct ticket t;
	int err;

	if (PALIER_HAS(p, sale_quote, at))
		c->ev.at_ms = p->at;
	err = basket_who(c, &b);
	if (err != PALIER_OK)
		return err;
	ledger_place(c->ledger, c);
	err = ticket_price(c, &b, NULL, &t);
	return err == PALIER_OK ? quote_write(c, &t.sale, w) : err;
}

/* Only lines that were discounted are written: the others' net is their amount. */
static void booked_lines(struct palier_ctx *c, const struct palier_sale *s, struct sale_booked *body)
{
	body->lines.at = palier_alloc(c->arena, (s->line_count + 1) * sizeof(*body->lines.at));
	for (uint32_t i = 0; i < s->line_count; i++) {
		const struct palier_line *l = &s->lines[i];
		struct booked_line *row = &body->lines.at[body->lines.count];

		if (l->kind == LINE_ITEM)
			body->base += l->gross - l->foreign - l->ours;
		if (!l->foreign && !l->ours)
			continue;
		PALIER_SET(row, booked_line, line, i);
		if (l->foreign)
			PALIER_SET(row, booked_line, foreign, l->foreign);
		if (l->ours)
			PALIER_SET(row, booked_line, ours, l->ours);
		body->lines.count++;
	}
	PALIER_MARK(body, sale_booked, base);
	if (body->lines.count)
		PALIER_MARK(body, sale_booked, lines);
}

static int sale_book(struct palier_ctx *c, const struct ticket *t)
{
	struct sale_booked body = { .set = { 0, 0 } };
	const struct palier_sale *s = &t->sale;

	PALIER_SET(&body, sale_booked, sale, s->number);
	PALIER_SET(&body, sale_booked, date, palier_today(c));
	PALIER_SET(&body, sale_booked, total, s->total);
	PALIER_SET(&body, sale_booked, payable, s->payable);
	PALIER_SET(&body, sale_booked, due, s->due);
	if (t->back.amount)
		PALIER_SET(&body, sale_booked, returned, t->back.amount);
	if (t->difference)
		PALIER_SET(&body, sale_booked, difference, t->difference);
	booked_lines(c, s, &body);
	return palier_effect_add(c, "sale.booked", &body);
}

static int refuse_total(struct palier_ctx *c, const struct palier_sale *s, int64_t payable)
{
	struct palier_buffer quote = { 0 };
	struct palier_json w = palier_json_to(&quote), extra = ctx_extra(c);
	int err = quote_write(c, s, &w);

	if (err == PALIER_OK) {
		palier_json_key(&extra, "quote");
		palier_json_raw(&extra, palier_buffer_bytes(&quote));
	}
	palier_buffer_deinit(&quote);
	return palier_refuse(c, PALIER_ETOTAL_MISMATCH, "payable", "payable is %lld, not %lld: quote again",
		(long long)s->payable, (long long)payable);
}

/* @param out NULL when the ticket captures no hold, or offline one that is no more */
static int commit_hold(struct palier_ctx *c, const struct sale_commit *p, const struct basket *b, struct taken_hold *room,
	const struct taken_hold **out)
{
	const struct palier_alert about = { .member = c->ev.has_member ? &c->ev.member : NULL, .sale = p->sale };
	int err;

	*out = NULL;
	if (!PALIER_HAS(p, sale_commit, hold))
		return PALIER_OK;
	err = hold_take(c, p->hold, b, room);
	if (err == PALIER_EHOLD_UNKNOWN || err == PALIER_EHOLD_EXPIRED || err == PALIER_EHOLD_RESOLVED)
		return ctx_forgive(c, err, &about);
	if (err != PALIER_OK)
		return err;
	*out = room;
	return PALIER_OK;
}

CORE_DECIDE(sale_commit_decide)
{
	const struct sale_commit *p = params;
	struct basket b = BASKET_OF(p, sale_commit, .number = p->sale, .paid = p->payable, .referral = p->referral,
		.suggested = p->suggested.at, .suggested_count = p->suggested.count);
	const struct taken_hold *hold = NULL;
	struct taken_hold room;
	struct ticket t;
	int err = CTX_PROOF(c, p, sale_commit);

	if (err == PALIER_OK)
		err = basket_who(c, &b);
	if (err == PALIER_OK)
		err = number_free(c, "sale", p->sale);
	if (err == PALIER_OK)
		err = commit_hold(c, p, &b, &room, &hold);
	if (err == PALIER_OK)
		err = ticket_price(c, &b, hold, &t);
	if (err == PALIER_OK)
		err = hold_leave(c);
	if (err == PALIER_OK && t.sale.payable != p->payable)
		err = refuse_total(c, &t.sale, p->payable);
	/* Last, so that what the hooks ask of the member's past does not know this sale yet. */
	if (err == PALIER_OK)
		err = sale_book(c, &t);
	return err == PALIER_OK ? returns_waiting(c, p->sale) : err;
}

CORE_REPLY(sale_commit_reply)
{
	const struct sale_booked *b = effect_find(ev, "sale.booked", NULL);
	int err;

	palier_json_key(w, "sale");
	palier_json_string(w, b->sale);
	effects_write_list(c, ev, "discounts", &sale_discount_schema, w);
	figure_write(w, "payable", b->payable);
	figure_write(w, "due", b->due);
	effects_write_list(c, ev, "messages", &message_given_schema, w);
	err = qrs_write(c, ev, w);
	if (err == PALIER_OK)
		err = returns_write(c, ev, b->sale, w);
	return err == PALIER_OK ? plugins_write(c, PALIER_REPLY_COMMIT, ev, NO_SALE, w) : err;
}
