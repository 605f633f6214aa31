/* SPDX-License-Identifier: Apache-2.0 */
/* Sales: quoted, committed, shown, listed.
 *
 * sale  receipt number -> seq u64, batch u32, offset u64: where its event lies */
#include "daemon/ledger.h"
#include "daemon/pricing.h"

/* --- the sale's row --- */

static int sale_place(const struct palier_tables *t, struct palier_bytes number, uint32_t *batch, uint64_t *offset)
{
	struct palier_key k = { .len = 0 };
	struct palier_bytes value;
	struct palier_cut cut;
	int err;

	palier_key_raw(&k, number.at, number.len);
	err = palier_get(t, T_SALE, &k, &value);
	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(value);
	palier_cut_uint(&cut, 8);
	*batch = (uint32_t)palier_cut_uint(&cut, 4);
	*offset = palier_cut_uint(&cut, 8);
	return cut.bad ? PALIER_ESTORE : PALIER_OK;
}

CORE_APPLY(sale_booked_apply)
{
	const struct sale_booked *e = body;
	struct palier_key k = { .len = 0 };
	struct palier_value v = { .len = 0 };
	int err;

	palier_key_raw(&k, e->sale.at, e->sale.len);
	palier_value_uint(&v, ev->seq, 8);
	palier_value_uint(&v, ev->batch, 4);
	palier_value_uint(&v, ev->offset, 8);
	err = palier_put(t, T_SALE, &k, palier_value_bytes(&v));
	return err == PALIER_OK && ev->has_member ? facts_add_sale(t, ev, e) : err;
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

/* A message's text with its arguments put in. */
static void message_write(struct palier_ctx *c, const struct message_given *m, struct palier_json *w)
{
	struct palier_buffer text = { 0 };

	for (size_t i = 0; i < m->text.len; i++) {
		bool arg =
			m->text.at[i] == '%' && i + 1 < m->text.len && m->text.at[i + 1] >= '1' && m->text.at[i + 1] <= '9';
		unsigned n = arg ? (unsigned)(m->text.at[i + 1] - '1') : 0;

		if (arg && n < m->args.count)
			palier_buffer_add(&text, m->args.at[n].at, m->args.at[n].len);
		else
			palier_buffer_add(&text, m->text.at + i, 1);
		i += arg && n < m->args.count;
	}
	palier_json_string(w, palier_copy(c->arena, palier_buffer_bytes(&text)));
	palier_buffer_deinit(&text);
}

/* What the effects of one kind say, as a list. */
static void effects_list(struct palier_ctx *c, const struct palier_event *ev, const char *key,
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

static const struct sale_booked *booked_of(const struct palier_event *ev)
{
	for (uint32_t i = 0; i < ev->effect_count; i++)
		if (ev->effects[i].kind->schema == &sale_booked_schema)
			return ev->effects[i].body;
	return NULL;
}

static void figure(struct palier_json *w, const char *key, int64_t v)
{
	palier_json_key(w, key);
	palier_json_int(w, v);
}

static void refused_write(struct palier_ctx *c, struct palier_json *w)
{
	palier_json_key(w, "refused");
	palier_json_array(w);
	for (uint32_t i = 0; i < c->refused_count; i++)
		schema_encode(&refused_view_schema, SCHEMA_WIRE, &c->refused[i], w);
	palier_json_end_array(w);
}

/* The quote that c's effects amount to. */
static int quote_write(struct palier_ctx *c, const struct palier_sale *s, struct palier_json *w)
{
	int err;

	palier_json_object(w);
	figure(w, "total", s->total);
	effects_list(c, &c->ev, "discounts", &sale_discount_schema, w);
	figure(w, "payable", s->payable);
	figure(w, "due", s->due);
	refused_write(c, w);
	effects_list(c, &c->ev, "messages", &message_given_schema, w);
	CTX_EACH(c, err, on_reply, c, PALIER_REPLY_QUOTE, &c->ev, (struct palier_bytes){ NULL, 0 }, w);
	schema_fill(&quote_view_schema, w);
	palier_json_end_object(w);
	return err;
}

/* --- quote and commit --- */

static int sale_member(struct palier_ctx *c, const struct basket *b)
{
	struct palier_id who;

	return b->card.len || b->member ? palier_who(c, b->card, b->member, &who) : PALIER_OK;
}

CORE_ANSWER(sale_quote_answer)
{
	const struct sale_quote *p = params;
	struct basket b = BASKET_OF(p, sale_quote, .quote = true);
	struct palier_sale s;
	int err = basket_check(c, &b);

	if (PALIER_HAS(p, sale_quote, at))
		c->ev.at_ms = p->at;
	if (err == PALIER_OK)
		err = sale_member(c, &b);
	if (err != PALIER_OK)
		return err;
	ledger_place(c->ledger, c);
	err = basket_price(c, &b, &s);
	return err == PALIER_OK ? quote_write(c, &s, w) : err;
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

static int sale_book(struct palier_ctx *c, const struct palier_sale *s)
{
	struct sale_booked body = { .set = { 0, 0 } };

	PALIER_SET(&body, sale_booked, sale, s->number);
	PALIER_SET(&body, sale_booked, date, palier_today(c));
	PALIER_SET(&body, sale_booked, total, s->total);
	PALIER_SET(&body, sale_booked, payable, s->payable);
	PALIER_SET(&body, sale_booked, due, s->due);
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

static int number_free(struct palier_ctx *c, struct palier_bytes number)
{
	uint32_t batch;
	uint64_t offset;
	int err = sale_place(core_tables(c), number, &batch, &offset);

	if (err == PALIER_OK)
		return palier_refuse(c, PALIER_ESALE_EXISTS, "sale", "receipt %.*s is booked already", PALIER_ARG(number));
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* What belongs to parts of palier that this shop does not have. */
static int commit_unserved(struct palier_ctx *c, const struct sale_commit *p)
{
	if (PALIER_HAS(p, sale_commit, hold))
		return palier_refuse(c, PALIER_EHOLD_UNKNOWN, "hold", "there is no such hold");
	if (PALIER_HAS(p, sale_commit, referral))
		return palier_refuse(c, PALIER_ECODE_UNKNOWN, "referral", "this shop knows no such code");
	return PALIER_OK;
}

CORE_DECIDE(sale_commit_decide)
{
	const struct sale_commit *p = params;
	struct basket b = BASKET_OF(p, sale_commit, .number = p->sale);
	struct palier_sale s;
	int err = basket_check(c, &b);

	if (err == PALIER_OK)
		err = sale_member(c, &b);
	if (err == PALIER_OK)
		err = number_free(c, p->sale);
	if (err == PALIER_OK)
		err = commit_unserved(c, p);
	if (err == PALIER_OK)
		err = basket_price(c, &b, &s);
	if (err == PALIER_OK && s.payable != p->payable)
		err = refuse_total(c, &s, p->payable);
	/* Last, so that what the hooks ask of the member's past does not know this sale yet. */
	return err == PALIER_OK ? sale_book(c, &s) : err;
}

CORE_REPLY(sale_commit_reply)
{
	const struct sale_booked *b = booked_of(ev);
	int err;

	palier_json_key(w, "sale");
	palier_json_string(w, b->sale);
	effects_list(c, ev, "discounts", &sale_discount_schema, w);
	figure(w, "payable", b->payable);
	figure(w, "due", b->due);
	effects_list(c, ev, "messages", &message_given_schema, w);
	CTX_EACH(c, err, on_reply, c, PALIER_REPLY_COMMIT, ev, (struct palier_bytes){ NULL, 0 }, w);
	return err;
}

/* --- show and list --- */

static void sale_write(const struct palier_event *ev, struct palier_json *w)
{
	const struct sale_booked *b = booked_of(ev);

	palier_json_key(w, "sale");
	palier_json_string(w, b->sale);
	figure(w, "seq", (int64_t)ev->seq);
	palier_json_key(w, "at");
	palier_json_time(w, ev->at_ms);
	palier_json_key(w, "day");
	palier_json_day(w, ev->day);
	palier_json_key(w, "till");
	palier_json_string(w, ev->till);
	if (ev->operator.len) {
		palier_json_key(w, "operator");
		palier_json_string(w, ev->operator);
	}
	if (ev->has_member) {
		palier_json_key(w, "member");
		palier_json_id(w, ev->member);
	}
	figure(w, "total", b->total);
	figure(w, "payable", b->payable);
	figure(w, "due", b->due);
}

CORE_ANSWER(sale_show_answer)
{
	const struct sale_show *p = params;
	const struct sale_commit *sale;
	struct palier_event ev;
	uint32_t batch;
	uint64_t offset;
	int err = sale_place(core_tables(c), p->sale, &batch, &offset);

	if (err == PALIER_ENOENT)
		return palier_refuse(c, PALIER_ESALE_UNKNOWN, "sale", "no receipt %.*s is booked in this store",
			PALIER_ARG(p->sale));
	if (err == PALIER_OK)
		err = ledger_event_at(c->ledger, batch, offset, c->arena, &ev);
	if (err != PALIER_OK)
		return err;
	sale = ev.params;
	palier_json_object(w);
	sale_write(&ev, w);
	palier_json_key(w, "lines");
	palier_json_array(w);
	for (uint32_t i = 0; i < sale->lines.count; i++) {
		struct basket_line line = sale->lines.at[i];

		line.set.has &= ~(UINT64_C(1) << basket_line_bit_card); /* sealed */
		schema_encode(&basket_line_schema, SCHEMA_WIRE, &line, w);
	}
	palier_json_end_array(w);
	effects_list(c, &ev, "discounts", &sale_discount_schema, w);
	CTX_EACH(c, err, on_reply, c, PALIER_REPLY_SHOW, &ev, (struct palier_bytes){ NULL, 0 }, w);
	palier_json_end_object(w);
	return err;
}

struct listing {
	struct palier_json *w;
	int64_t left;
};

static int list_one(void *who, const struct palier_event *ev)
{
	struct listing *list = who;

	if (ev->method != &method_sale_commit)
		return 1;
	palier_json_object(list->w);
	sale_write(ev, list->w);
	palier_json_end_object(list->w);
	return --list->left > 0;
}

#define PAGE_DEFAULT 50

CORE_ANSWER(sale_list_answer)
{
	const struct sale_list *p = params;
	struct listing list = { w, PALIER_HAS(p, sale_list, limit) ? p->limit : PAGE_DEFAULT };
	struct palier_id member;
	int err = palier_who(c, p->card, PALIER_HAS(p, sale_list, member) ? &p->member : NULL, &member);

	if (err != PALIER_OK)
		return err;
	palier_json_object(w);
	palier_json_key(w, "sales");
	palier_json_array(w);
	err = palier_events_of(c, member, PALIER_HAS(p, sale_list, before) ? (uint64_t)p->before : 0, list_one, &list);
	palier_json_end_array(w);
	palier_json_end_object(w);
	return err;
}
