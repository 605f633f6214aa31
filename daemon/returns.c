/* SPDX-License-Identifier: Apache-2.0 */
/* Goods come back: by sale.return, or on the ticket of an exchange (rules.md "Returns"). All figures are of the sale's own event.
 *
 * returned  receipt number, NUL           -> i64 of what shares are of, i64 given back, u64 seq of the last return
 *           receipt number, NUL, line u16 -> i64 quantity (thousandths), i64 amounts
 * waiting   number of a sale that is not known yet, NUL, number of the return -> batch u32, offset u64: where the return's event lies */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/sales.h"

/* --- rows --- */

static void sale_key(struct palier_key *k, struct palier_bytes sale)
{
	k->len = 0;
	k->bad = false;
	palier_key_raw(k, sale.at, sale.len);
	palier_key_uint(k, 0, 1); /* no number holds a NUL, so that none begins another's rows */
}

int returned_get(const struct palier_tables *t, struct palier_bytes sale, struct returned_row *out)
{
	struct palier_key k;
	struct palier_bytes value;
	struct palier_cut cut;
	int err;

	sale_key(&k, sale);
	err = palier_get(t, T_RETURNED, &k, &value);
	*out = (struct returned_row){ 0 };
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	cut = palier_cut_of(value);
	out->base = palier_cut_i64(&cut);
	out->amount = palier_cut_i64(&cut);
	out->last = palier_cut_uint(&cut, 8);
	return cut.bad ? PALIER_EDAMAGED : PALIER_OK;
}

static int returned_put(struct palier_tables *t, struct palier_bytes sale, const struct returned_row *row)
{
	struct palier_key k;
	struct palier_value v = { .len = 0 };

	sale_key(&k, sale);
	if (row->last == 0)
		return palier_del(t, T_RETURNED, &k);
	palier_value_i64(&v, row->base);
	palier_value_i64(&v, row->amount);
	palier_value_uint(&v, row->last, 8);
	return palier_put(t, T_RETURNED, &k, palier_value_bytes(&v));
}

static int line_add(struct palier_tables *t, struct palier_bytes sale, const struct returned_line *l, int sign)
{
	struct palier_key k;
	struct palier_value v = { .len = 0 };
	struct palier_bytes value;
	int64_t quantity = 0, amount = 0;
	int err;

	sale_key(&k, sale);
	palier_key_uint(&k, (uint64_t)l->line, 2);
	err = palier_get(t, T_RETURNED, &k, &value);
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	if (err == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(value);

		quantity = palier_cut_i64(&cut);
		amount = palier_cut_i64(&cut);
	}
	quantity += sign * l->quantity;
	amount += sign * l->amount;
	if (quantity == 0 && amount == 0)
		return palier_del(t, T_RETURNED, &k);
	palier_value_i64(&v, quantity);
	palier_value_i64(&v, amount);
	return palier_put(t, T_RETURNED, &k, palier_value_bytes(&v));
}

static int returned_add(struct palier_tables *t, const struct sale_returned *e, int sign, uint64_t last)
{
	struct returned_row row;
	int err = returned_get(t, e->sale, &row);

	if (err == PALIER_OK &&
		(!palier_add_i64(&row.base, sign * e->base) || !palier_add_i64(&row.amount, sign * e->amount)))
		err = PALIER_ERANGE;
	row.last = last;
	if (err == PALIER_OK)
		err = returned_put(t, e->sale, &row);
	for (uint32_t i = 0; i < e->lines.count && err == PALIER_OK; i++)
		err = line_add(t, e->sale, &e->lines.at[i], sign);
	return err == PALIER_OK && PALIER_HAS(e, sale_returned, member)
	               ? facts_return(t, e->member, e->date, sign * e->amount)
	               : err;
}

static void waiting_key(struct palier_key *k, struct palier_bytes sale, struct palier_bytes number)
{
	sale_key(k, sale);
	palier_key_raw(k, number.at, number.len);
}

bool return_waits(const struct palier_tables *t, struct palier_bytes sale, struct palier_bytes number)
{
	struct palier_key k;
	struct palier_bytes value;

	waiting_key(&k, sale, number);
	return palier_get(t, T_WAITING, &k, &value) == PALIER_OK;
}

/* A return's own number leads to its event; where it waited for its sale it does so already. */
static int number_take(struct palier_tables *t, struct palier_bytes number, const struct palier_event *ev)
{
	struct place place;
	int err = place_get(t, T_SALE, number, &place);

	return err == PALIER_ENOENT ? place_put(t, T_SALE, number, ev) : err;
}

CORE_APPLY(sale_returned_apply)
{
	const struct sale_returned *e = body;
	struct palier_key k;
	int err = returned_add(t, e, 1, ev->seq);

	if (err != PALIER_OK || !e->number.len)
		return err;
	waiting_key(&k, e->sale, e->number);
	err = palier_del(t, T_WAITING, &k);
	return err == PALIER_OK ? number_take(t, e->number, ev) : err;
}

CORE_APPLY(return_voided_apply)
{
	const struct sale_returned *e = body;
	int err = returned_add(t, e, -1, (uint64_t)e->previous);

	(void)ev;
	return err == PALIER_OK ? place_del(t, T_SALE, e->number) : err;
}

CORE_APPLY(return_settling_apply)
{
	const struct return_noted *e = body;

	return number_take(t, e->number, ev);
}

static int waiting_put(struct palier_tables *t, struct palier_bytes sale, struct palier_bytes number,
	const struct palier_event *ev)
{
	struct palier_key k;
	struct palier_value v = { .len = 0 };
	int err;

	waiting_key(&k, sale, number);
	palier_value_uint(&v, ev->batch, 4);
	palier_value_uint(&v, ev->offset, 8);
	err = palier_put(t, T_WAITING, &k, palier_value_bytes(&v));
	return err == PALIER_OK ? number_take(t, number, ev) : err;
}

CORE_APPLY(return_waiting_apply)
{
	const struct return_noted *e = body;

	return waiting_put(t, e->sale, e->number, ev);
}

CORE_APPLY(settle_waiting_apply)
{
	const struct settle_waiting *e = body;

	return waiting_put(t, e->sale, e->number, ev);
}

CORE_APPLY(return_forgotten_apply)
{
	const struct return_noted *e = body;
	struct palier_key k;
	int err;

	(void)ev;
	waiting_key(&k, e->sale, e->number);
	err = palier_del(t, T_WAITING, &k);
	return err == PALIER_OK ? place_del(t, T_SALE, e->number) : err;
}

/* --- the lines of a sale, and what has come back of each --- */

/* What the sale's shares are of: what was paid for items; where that is nothing, what they would have cost; where they were free of
 * charge, every line alike. */
enum basis { BY_NET, BY_GROSS, BY_LINE };

struct part {
	enum line_kind kind;
	int64_t quantity;            /* thousandths */
	int64_t net, gross;          /* paid for it; of a deposit of either sign */
	int64_t quantity_back;       /* so far */
	int64_t amount_back;         /* and by amounts */
	struct returned_line taking; /* by this return */
};

struct parts {
	struct part *at;
	uint32_t count;
	enum basis basis;
	int64_t base;
};

static bool is_load(const struct part *p)
{
	return p->kind == LINE_GIFT_CARD || p->kind == LINE_TOPUP;
}

static int64_t share_of(int64_t whole, const struct part *p)
{
	int64_t share = palier_share(llabs(whole), p->quantity_back, p->quantity);

	return whole < 0 ? -share : share;
}

static int64_t part_value(const struct part *p)
{
	return share_of(p->net, p) + p->amount_back;
}

/* Of what the shares are of; whatever is no item stands outside. */
static int64_t part_weight(const struct parts *all, const struct part *p)
{
	static const int64_t whole_line = 1000;

	if (p->kind != LINE_ITEM)
		return 0;
	return all->basis == BY_NET ? part_value(p) : share_of(all->basis == BY_GROSS ? p->gross : whole_line, p);
}

static void parts_fill(const struct sold *s, struct parts *out)
{
	int64_t gross = 0, lines = 0;

	for (uint32_t i = 0; i < out->count; i++) {
		const struct basket_line *l = &s->params->lines.at[i];
		struct part *p = &out->at[i];

		p->kind = PALIER_HAS(l, basket_line, kind) ? (enum line_kind)l->kind : LINE_ITEM;
		p->quantity = PALIER_HAS(l, basket_line, quantity) ? l->quantity : 1000;
		p->net = p->gross = l->amount;
		p->taking.line = i;
		if (p->kind == LINE_ITEM) {
			gross += l->amount;
			lines += 1000;
		}
	}
	for (uint32_t i = 0; i < s->booked->lines.count; i++) {
		const struct booked_line *l = &s->booked->lines.at[i];

		out->at[l->line].net -= l->foreign + l->ours;
	}
	out->basis = s->booked->base > 0 ? BY_NET : gross > 0 ? BY_GROSS : BY_LINE;
	out->base = s->booked->base > 0 ? s->booked->base : gross > 0 ? gross : lines;
}

static int parts_read(struct palier_ctx *c, const struct sold *s, struct parts *out)
{
	struct parts all = { .count = s->params->lines.count };
	struct palier_bytes key, value;
	struct palier_cursor *rows;
	struct palier_key prefix;
	int err;

	all.at = palier_alloc(c->arena, (all.count + 1) * sizeof(*all.at));
	parts_fill(s, &all);
	sale_key(&prefix, s->booked->sale);
	rows = palier_seek(core_tables(c), T_RETURNED, &prefix);
	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		struct palier_cut k = palier_cut_of(key), v = palier_cut_of(value);
		uint64_t line;

		palier_cut_raw(&k, prefix.len);
		if (k.left == 0)
			continue; /* the sale's own row */
		line = palier_cut_uint(&k, 2);
		if (k.bad || line >= all.count)
			return PALIER_EDAMAGED;
		all.at[line].quantity_back = palier_cut_i64(&v);
		all.at[line].amount_back = palier_cut_i64(&v);
	}
	if (err != PALIER_ENOENT)
		return err;
	*out = all;
	return PALIER_OK;
}

/* --- what this return takes --- */

static void take(struct part *p, int64_t quantity, int64_t amount)
{
	p->quantity_back += quantity;
	p->amount_back += amount;
	if (quantity)
		PALIER_SET(&p->taking, returned_line, quantity, p->taking.quantity + quantity);
	if (amount)
		PALIER_SET(&p->taking, returned_line, amount, p->taking.amount + amount);
}

static bool fits(const struct part *p)
{
	if (p->quantity_back > p->quantity)
		return false;
	return p->amount_back == 0 || part_value(p) <= p->net;
}

static void take_rest(struct part *p)
{
	if (p->kind == LINE_DISCOUNT)
		return; /* it lies in what was paid for the items */
	if (p->amount_back == 0)
		take(p, p->quantity - p->quantity_back, 0);
	else
		take(p, 0, p->net - part_value(p));
}

/* One line of a request. @return false: that much is not left */
static bool take_asked(struct part *p, const struct return_line *asked)
{
	struct part after = *p;

	if (is_load(p))
		take(&after, p->quantity, 0); /* whole, as line_wrong has it */
	else
		take(&after, asked->quantity, asked->amount);
	if (!fits(&after))
		return false;
	*p = after;
	return true;
}

/* Where in the params a return stands: sale.return has one, a ticket a list. */
struct asking {
	struct palier_ctx *c;
	const struct ticket_return *what;
	int64_t index; /* in `returns`; negative: sale.return */
	bool waited;   /* for its sale: nothing in it may refuse that */
};

static int refuse_line(const struct asking *a, uint32_t line, const char *field, int err, const char *text)
{
	char path[96], in[32] = "";

	if (a->index >= 0)
		snprintf(in, sizeof(in), "returns[%lld].", (long long)a->index);
	snprintf(path, sizeof(path), "%slines[%u]%s%s", in, line, field[0] ? "." : "", field);
	return palier_refuse(a->c, err, path, "%s", text);
}

/* What is wrong with a line of a request; NULL: nothing. */
static const char *line_wrong(const struct parts *all, const struct return_line *l, const char **field)
{
	const struct part *p;

	*field = "line";
	if (l->line >= (int64_t)all->count)
		return "the sale has no line of this index; the first is 0";
	p = &all->at[l->line];
	if (p->kind == LINE_DISCOUNT)
		return "a discount comes back with the lines it is on";
	*field = "";
	if (is_load(p) && l->quantity != p->quantity && l->amount != p->net)
		return "a gift card or a top-up comes back whole";
	return NULL;
}

/* What has happened already is booked as far as it can be. */
static int exceeds(const struct asking *a)
{
	const struct palier_alert alert = { .what = "return_exceeds_sale", .sale = a->what->sale };

	return palier_alert(a->c, &alert);
}

static int line_take(const struct asking *a, const struct parts *all, uint32_t i)
{
	const struct return_line *l = &a->what->lines.at[i];
	const char *field, *wrong = line_wrong(all, l, &field);

	if (wrong)
		return a->waited ? exceeds(a) : refuse_line(a, i, field, PALIER_EPARAMS, wrong);
	if (take_asked(&all->at[l->line], l))
		return PALIER_OK;
	if (!palier_offline(a->c))
		return refuse_line(a, i, "", PALIER_ERETURN_EXCEEDS_SALE, "more would be returned than was bought");
	take_rest(&all->at[l->line]);
	return exceeds(a);
}

static int rest_take(const struct asking *a, const struct parts *all)
{
	for (uint32_t i = 0; i < all->count; i++)
		take_rest(&all->at[i]);
	for (uint32_t i = 0; i < all->count; i++)
		if (all->at[i].taking.quantity || all->at[i].taking.amount)
			return PALIER_OK;
	if (palier_offline(a->c))
		return exceeds(a);
	return palier_refuse(a->c, PALIER_ERETURN_EXCEEDS_SALE, "sale", "all of sale %.*s has come back already",
		PALIER_ARG(a->what->sale));
}

static int parts_take(const struct asking *a, const struct parts *all)
{
	int err = PALIER_OK;

	if (a->what->lines.count == 0)
		return rest_take(a, all);
	for (uint32_t i = 0; i < a->what->lines.count && err == PALIER_OK; i++)
		err = line_take(a, all, i);
	return err;
}

int returns_check(struct palier_ctx *c, const struct ticket_return *list, uint32_t count)
{
	int err = PALIER_OK;

	for (uint32_t r = 0; r < count && err == PALIER_OK; r++) {
		const struct asking a = { c, &list[r], c->ev.method == &method_sale_return ? -1 : (int64_t)r, false };

		for (uint32_t i = 0; i < list[r].lines.count && err == PALIER_OK; i++) {
			const struct return_line *l = &list[r].lines.at[i];

			if (PALIER_HAS(l, return_line, quantity) == PALIER_HAS(l, return_line, amount))
				err = refuse_line(&a, i, "", PALIER_EPARAMS, "a line comes back by quantity or by amount");
		}
	}
	return err;
}

/* --- booking --- */

/* The parts as they were before this return. */
static struct part part_before(const struct part *p)
{
	struct part before = *p;

	before.quantity_back -= p->taking.quantity;
	before.amount_back -= p->taking.amount;
	return before;
}

static void body_fill(struct palier_ctx *c, const struct parts *all, struct sale_returned *body)
{
	body->lines.at = palier_alloc(c->arena, (all->count + 1) * sizeof(*body->lines.at));
	for (uint32_t i = 0; i < all->count; i++) {
		const struct part *p = &all->at[i], before = part_before(p);
		struct returned_line *row = &body->lines.at[body->lines.count];

		if (!p->taking.quantity && !p->taking.amount)
			continue;
		*row = p->taking;
		PALIER_SET(row, returned_line, line, i);
		body->lines.count++;
		body->amount += part_value(p) - part_value(&before);
		body->base += part_weight(all, p) - part_weight(all, &before);
	}
	PALIER_MARK(body, sale_returned, amount);
	PALIER_MARK(body, sale_returned, base);
	PALIER_MARK(body, sale_returned, lines);
}

/* Has all of it come back, be it by value? */
static bool is_gone(const struct part *p)
{
	return p->quantity_back == p->quantity || (p->net > 0 && part_value(p) == p->net);
}

static void wholes_fill(struct palier_ctx *c, const struct parts *all, struct palier_return *r)
{
	struct palier_returned_line *loads = palier_alloc(c->arena, (all->count + 1) * sizeof(*loads));
	struct palier_returned_line *gone = palier_alloc(c->arena, (all->count + 1) * sizeof(*gone));
	struct palier_returned_line *left = palier_alloc(c->arena, (all->count + 1) * sizeof(*left));

	for (uint32_t i = 0; i < all->count; i++) {
		const struct part *p = &all->at[i];

		if (is_load(p) && p->taking.quantity)
			loads[r->load_count++].line = i;
		else if (p->kind == LINE_ITEM && !is_gone(p))
			left[r->left_count++].line = i;
		else if (p->kind == LINE_ITEM && (p->taking.quantity || p->taking.amount))
			gone[r->gone_count++].line = i;
	}
	r->loads = loads;
	r->gone = gone;
	r->left = left;
}

static int goods_book(const struct asking *a, const struct sold *s, struct palier_bytes number, struct back *sum)
{
	struct palier_ctx *c = a->c;
	struct sale_returned body = { .set = { 0, 0 } };
	struct palier_return r = { .number = number, .sale = s->booked->sale, .quote = number.len == 0 };
	struct parts all;
	int err = parts_read(c, s, &all);

	if (err == PALIER_OK)
		err = parts_take(a, &all);
	if (err != PALIER_OK)
		return err;
	body_fill(c, &all, &body);
	wholes_fill(c, &all, &r);
	r.has_member = s->has_member;
	r.member = s->member;
	r.booked[0] = &s->ev;
	r.booked[1] = s->claim.method ? &s->claim : NULL;
	r.base = all.base > 0 ? all.base : 1; /* a sale without items has no shares, and before and after stay 0 */
	r.paid = s->booked->base;
	r.before = s->returned.base;
	r.after = s->returned.base + body.base;
	CTX_EACH(c, err, on_return, c, &r);
	if (err != PALIER_OK)
		return err;
	if (!palier_add_i64(&sum->amount, body.amount) || !palier_add_i64(&sum->units, r.refund_units))
		return palier_refuse(c, PALIER_EPARAMS, NULL, "the sum of the returns passes 2^53-1");
	PALIER_SET(&body, sale_returned, sale, s->booked->sale);
	PALIER_SET(&body, sale_returned, date, s->booked->date);
	if (number.len)
		PALIER_SET(&body, sale_returned, number, number);
	if (s->has_member)
		PALIER_SET(&body, sale_returned, member, s->member);
	if (r.refund_units)
		PALIER_SET(&body, sale_returned, units, r.refund_units);
	if (s->returned.last)
		PALIER_SET(&body, sale_returned, previous, (int64_t)s->returned.last);
	return palier_effect_add(c, "sale.returned", &body);
}

static int note(struct palier_ctx *c, const char *kind, struct palier_bytes number, struct palier_bytes sale)
{
	struct return_noted body = { .set = { 0, 0 } };

	PALIER_SET(&body, return_noted, number, number);
	PALIER_SET(&body, return_noted, sale, sale);
	return palier_effect_add(c, kind, &body);
}

/* One return. @param s its sale; NULL: not known here, so that what happened offline waits for it */
static int return_book(const struct asking *a, const struct sold *s, struct palier_bytes number, struct back *sum)
{
	if (s)
		return goods_book(a, s, number, sum);
	return palier_offline(a->c) && number.len ? note(a->c, "return.waiting", number, a->what->sale)
	                                          : refuse_unknown(a->c, a->what->sale);
}

int returns_book(struct palier_ctx *c, const struct ticket_return *list, uint32_t count, struct palier_bytes number,
	struct back *out)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; i < count && err == PALIER_OK; i++) {
		const struct asking a = { c, &list[i], i, false };
		struct sold s;

		err = sold_read(c, list[i].sale, &s);
		if (err == PALIER_OK || err == PALIER_ENOENT)
			err = return_book(&a, err == PALIER_OK ? &s : NULL, number, out);
	}
	return err;
}

CORE_DECIDE(sale_return_decide)
{
	const struct sale_return *p = params;
	const struct ticket_return what = { .sale = p->sale, .lines = { p->lines.at, p->lines.count } };
	const struct asking a = { c, &what, -1, false };
	struct back sum = { 0, 0 };
	struct sold s;
	int err = number_free(c, "return", p->number);

	if (err != PALIER_OK)
		return err;
	if (PALIER_HAS(p, sale_return, store) && !palier_is(p->store, c->config->store.id))
		return note(c, "return.settling", p->number, p->sale);
	err = sold_read(c, p->sale, &s);
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	if (err == PALIER_OK && s.has_member)
		ctx_member(c, s.member, s.slot);
	return return_book(&a, err == PALIER_OK ? &s : NULL, p->number, &sum);
}

int returns_gone(struct palier_ctx *c, const struct sold *s, const bool **out)
{
	bool *gone = palier_alloc(c->arena, (s->params->lines.count + 1) * sizeof(*gone));
	struct parts all;
	int err = parts_read(c, s, &all);

	if (err != PALIER_OK)
		return err;
	for (uint32_t i = 0; i < all.count; i++)
		gone[i] = is_gone(&all.at[i]);
	*out = gone;
	return PALIER_OK;
}

int return_claimed(struct palier_ctx *c, const struct sold *s)
{
	const struct palier_event earned = c->ev; /* as far as it has come: the hooks add to c's own */
	struct palier_return r = { .number = s->booked->sale,
		.sale = s->booked->sale,
		.has_member = true,
		.member = c->ev.member,
		.booked = { &earned, NULL },
		.after = s->returned.base };
	struct parts all;
	int err;

	if (s->returned.base == 0)
		return PALIER_OK;
	err = parts_read(c, s, &all);
	r.base = all.base;
	r.paid = s->booked->base;
	if (err == PALIER_OK)
		CTX_EACH(c, err, on_return, c, &r);
	return err;
}

/* --- returns that came before their sale --- */

struct waited {
	const struct ticket_return *at;
	uint32_t count;
};

const struct settle_waiting *settle_awaited(const struct palier_event *ev, struct palier_bytes number)
{
	const struct settle_waiting *e = NULL;

	while ((e = effect_find(ev, "settle.waiting", e)) && !palier_equal(e->number, number))
		;
	return e;
}

/* What a waiting event brings back of this sale: a plain return, entries of an exchange, or what the office settles.
 * @param only room for what is no list of its own */
static struct waited waited_of(const struct palier_event *ev, struct palier_bytes sale, struct palier_bytes number,
	struct ticket_return *only)
{
	const struct settle_waiting *settled = settle_awaited(ev, number);
	const struct sale_return *plain = ev->params;
	const struct sale_commit *ticket = ev->params;

	if (ev->method == &method_sale_commit)
		return (struct waited){ ticket->returns.at, ticket->returns.count };
	if (settled)
		*only = (struct ticket_return){ .sale = sale, .lines = { settled->lines.at, settled->lines.count } };
	else
		*only = (struct ticket_return){ .sale = sale, .lines = { plain->lines.at, plain->lines.count } };
	return (struct waited){ only, 1 };
}

static int waited_book(struct palier_ctx *c, const struct palier_event *ev, struct palier_bytes sale,
	struct palier_bytes number)
{
	struct ticket_return only;
	const struct waited list = waited_of(ev, sale, number, &only);
	struct back sum = { 0, 0 };
	int err = PALIER_OK;

	for (uint32_t i = 0; i < list.count && err == PALIER_OK; i++) {
		const struct asking a = { c, &list.at[i], -1, true };
		const struct palier_event booking = c->ev;
		struct sold s;

		if (!palier_equal(list.at[i].sale, sale))
			continue;
		err = sold_of(c, &booking, &s);
		if (err == PALIER_OK)
			err = goods_book(&a, &s, number, &sum);
	}
	return err;
}

int returns_waiting(struct palier_ctx *c, struct palier_bytes sale)
{
	const bool offline = c->offline;
	struct palier_bytes key, value;
	struct palier_cursor *rows;
	struct palier_key prefix;
	struct palier_event ev;
	int err;

	sale_key(&prefix, sale);
	rows = palier_seek(core_tables(c), T_WAITING, &prefix);
	c->offline = true; /* the return has happened, whether or not the sale could be sent at once */
	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		struct palier_bytes number =
			palier_copy(c->arena, palier_bytes_of(key.at + prefix.len, key.len - prefix.len));
		struct palier_cut cut = palier_cut_of(value);
		uint32_t batch = (uint32_t)palier_cut_uint(&cut, 4);
		uint64_t offset = palier_cut_uint(&cut, 8);

		err = ledger_event_at(c->ledger, batch, offset, c->arena, &ev);
		if (err == PALIER_OK)
			err = waited_book(c, &ev, sale, number);
		if (err != PALIER_OK)
			break;
	}
	c->offline = offline;
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* --- returns in other stores --- */

/* By quantity or by amount; the whole order is refused otherwise. */
static int settle_check(struct palier_ctx *c, const struct office_order *o)
{
	for (uint32_t i = 0; i < o->lines.count; i++) {
		const struct return_line *l = &o->lines.at[i];

		if (PALIER_HAS(l, return_line, quantity) == PALIER_HAS(l, return_line, amount))
			return palier_refuse(c, PALIER_EPARAMS, "lines", "a line comes back by quantity or by amount");
	}
	return PALIER_OK;
}

/* It has happened: as much is booked as can be. Its number has the other store's id before it, for this store may have a receipt of the
 * same one. */
static int settled_book(struct palier_ctx *c, const struct office_order *o, const struct sold *s, struct palier_bytes number)
{
	const struct ticket_return what = { .sale = o->sale, .lines = { o->lines.at, o->lines.count } };
	const struct asking a = { c, &what, -1, true };
	const bool offline = c->offline;
	struct back sum = { 0, 0 };
	int err;

	c->offline = true;
	err = goods_book(&a, s, number, &sum);
	c->offline = offline;
	return err;
}

/* The sale may be on its way still, from a till that is offline: what came back is booked with it. Somebody should know of it, for it may never
 * come. */
static int settle_later(struct palier_ctx *c, const struct office_order *o, struct palier_bytes number)
{
	struct settle_waiting body = { .set = { 0, 0 } };
	int err;

	PALIER_SET(&body, settle_waiting, number, number);
	PALIER_SET(&body, settle_waiting, sale, o->sale);
	body.lines.at = o->lines.at;
	body.lines.count = o->lines.count;
	if (o->lines.count > 0)
		PALIER_MARK(&body, settle_waiting, lines);
	err = palier_effect_add(c, "settle.waiting", &body);
	return err == PALIER_OK ? palier_alert(c, &(struct palier_alert){ .what = "sale_unknown", .sale = o->sale }) : err;
}

int return_settle(struct palier_ctx *c, const struct office_order *o)
{
	struct palier_bytes number =
		palier_str(palier_format(c->arena, "%.*s/%.*s", PALIER_ARG(o->store), PALIER_ARG(o->comeback)));
	struct place place;
	struct sold s;
	int err = settle_check(c, o);

	if (err == PALIER_OK)
		err = place_get(core_tables(c), T_SALE, number, &place);
	if (err != PALIER_ENOENT)
		return err; /* it is settled, or refused */
	err = sold_read(c, o->sale, &s);
	return err == PALIER_ENOENT ? settle_later(c, o, number) : err == PALIER_OK ? settled_book(c, o, &s, number) : err;
}

/* --- replies --- */

/* The next return by this receipt; of this sale, or of any. */
static const struct sale_returned *returned_next(const struct palier_event *ev, struct palier_bytes number,
	const struct palier_bytes *sale, const struct sale_returned *after)
{
	const struct sale_returned *e = after;

	while ((e = effect_find(ev, "sale.returned", e)))
		if (palier_equal(e->number, number) && (!sale || palier_equal(e->sale, *sale)))
			return e;
	return NULL;
}

static struct back sum_of(const struct palier_event *ev, struct palier_bytes number, const struct palier_bytes *sale)
{
	const struct sale_returned *e = NULL;
	struct back sum = { 0, 0 };

	while ((e = returned_next(ev, number, sale, e))) {
		sum.amount += e->amount;
		sum.units += e->units;
	}
	return sum;
}

struct back returns_sum(const struct palier_event *ev, struct palier_bytes number)
{
	return sum_of(ev, number, NULL);
}

bool returns_has(const struct palier_event *ev, struct palier_bytes number)
{
	return returned_next(ev, number, NULL, NULL) != NULL;
}

/* The members of a return's object that say what came of it. */
static int outcome_write(struct palier_ctx *c, const struct palier_event *ev, struct palier_bytes sale, int64_t amount,
	struct palier_json *w)
{
	struct palier_buffer text = { 0 };
	struct palier_json refund = palier_json_to(&text);
	int err;

	palier_json_object(&refund);
	figure_write(&refund, "amount", amount);
	err = plugins_write(c, PALIER_REPLY_REFUND, ev, sale, &refund);
	schema_fill(&refund_view_schema, &refund);
	palier_json_end_object(&refund);
	palier_json_key(w, "refund");
	palier_json_raw(w, palier_buffer_bytes(&text));
	palier_buffer_deinit(&text);
	return err == PALIER_OK ? plugins_write(c, PALIER_REPLY_RETURN, ev, sale, w) : err;
}

static int row_write(struct palier_ctx *c, const struct palier_event *ev, const struct sale_returned *e,
	struct palier_json *w)
{
	struct palier_buffer text = { 0 };
	struct palier_json row = palier_json_to(&text);
	int err;

	palier_json_object(&row);
	palier_json_key(&row, "sale");
	palier_json_string(&row, e->sale);
	err = outcome_write(c, ev, e->sale, sum_of(ev, e->number, &e->sale).amount, &row);
	schema_fill(&returned_view_schema, &row);
	palier_json_end_object(&row);
	palier_json_raw(w, palier_buffer_bytes(&text));
	palier_buffer_deinit(&text);
	return err;
}

/* A sale named twice on a ticket has one row. */
int returns_write(struct palier_ctx *c, const struct palier_event *ev, struct palier_bytes number, struct palier_json *w)
{
	const struct sale_returned *e = returned_next(ev, number, NULL, NULL);
	int err = PALIER_OK;

	if (!e)
		return PALIER_OK;
	palier_json_key(w, "returns");
	palier_json_array(w);
	for (; e && err == PALIER_OK; e = returned_next(ev, number, NULL, e))
		if (returned_next(ev, number, &e->sale, NULL) == e)
			err = row_write(c, ev, e, w);
	palier_json_end_array(w);
	return err;
}

const char *return_state(const struct palier_event *ev, struct palier_bytes number)
{
	if (effect_find(ev, "return.waiting", NULL) || settle_awaited(ev, number))
		return "waiting";
	return effect_find(ev, "return.settling", NULL) ? "settling" : NULL;
}

CORE_REPLY(sale_return_reply)
{
	const struct sale_return *p = ev->params;
	const char *state = return_state(ev, p->number);
	int err;

	palier_json_key(w, "return");
	palier_json_string(w, p->number);
	err = outcome_write(c, ev, p->sale, returns_sum(ev, p->number).amount, w);
	if (state) {
		palier_json_key(w, "state");
		palier_json_str(w, state);
	}
	return err == PALIER_OK ? plugins_write(c, PALIER_REPLY_BALANCES, ev, p->sale, w) : err;
}
