/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts: sales and returns share one space of numbers. They are found, shown and listed here.
 *
 * sale   receipt number -> seq u64, batch u32, offset u64: where its event lies
 * claim  receipt number -> the same of the event by which a sale became a member's */
#include "daemon/sales.h"

/* --- rows --- */

static void number_key(struct palier_key *k, struct palier_bytes number)
{
	k->len = 0;
	k->bad = false;
	palier_key_raw(k, number.at, number.len);
}

int place_get(const struct palier_tables *t, unsigned table, struct palier_bytes number, struct place *out)
{
	struct palier_key k;
	struct palier_bytes value;
	struct palier_cut cut;
	int err;

	number_key(&k, number);
	err = palier_get(t, table, &k, &value);
	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(value);
	out->seq = palier_cut_uint(&cut, 8);
	out->batch = (uint32_t)palier_cut_uint(&cut, 4);
	out->offset = palier_cut_uint(&cut, 8);
	return cut.bad ? PALIER_ESTORE : PALIER_OK;
}

int place_put(struct palier_tables *t, unsigned table, struct palier_bytes number, const struct palier_event *ev)
{
	struct palier_key k;
	struct palier_value v = { .len = 0 };

	number_key(&k, number);
	palier_value_uint(&v, ev->seq, 8);
	palier_value_uint(&v, ev->batch, 4);
	palier_value_uint(&v, ev->offset, 8);
	return palier_put(t, table, &k, palier_value_bytes(&v));
}

int place_del(struct palier_tables *t, unsigned table, struct palier_bytes number)
{
	struct palier_key k;

	number_key(&k, number);
	return palier_del(t, table, &k);
}

int number_free(struct palier_ctx *c, const char *field, struct palier_bytes number)
{
	struct place place;
	int err = place_get(core_tables(c), T_SALE, number, &place);

	if (err == PALIER_OK)
		return palier_refuse(c, PALIER_ESALE_EXISTS, field, "receipt %.*s is booked already", PALIER_ARG(number));
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int refuse_unknown(struct palier_ctx *c, struct palier_bytes number)
{
	return palier_refuse(c, PALIER_ESALE_UNKNOWN, "sale", "no sale %.*s is booked in this store", PALIER_ARG(number));
}

/* --- a sale as it was booked --- */

const void *effect_find(const struct palier_event *ev, const char *kind, const void *after)
{
	bool behind = !after;

	for (uint32_t i = 0; i < ev->effect_count; i++) {
		if (behind && strcmp(ev->effects[i].kind->name, kind) == 0)
			return ev->effects[i].body;
		behind = behind || ev->effects[i].body == after;
	}
	return NULL;
}

static int place_read(struct palier_ctx *c, unsigned table, struct palier_bytes number, struct palier_event *out)
{
	struct place place;
	int err = place_get(core_tables(c), table, number, &place);

	return err == PALIER_OK ? ledger_event_at(c->ledger, place.batch, place.offset, c->arena, out) : err;
}

/* Who the sale's member is by now. One who was erased can lose and get nothing any more. */
static int sold_member(struct palier_ctx *c, struct palier_id booked, struct sold *s)
{
	struct member_row row;
	int err = palier_member_now(c, booked, &s->member);

	s->erased = err == PALIER_EMEMBER_ERASED;
	if (s->erased)
		return PALIER_OK;
	if (err == PALIER_OK)
		err = member_row(core_tables(c), s->member, &row);
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
	s->has_member = true;
	s->slot = row.slot;
	return PALIER_OK;
}

int sold_of(struct palier_ctx *c, const struct palier_event *ev, struct sold *out)
{
	struct sold s = { .ev = *ev, .params = ev->params, .booked = effect_find(ev, "sale.booked", NULL) };
	int err;

	if (!s.booked)
		return PALIER_ENOENT;
	err = place_read(c, T_CLAIM, s.booked->sale, &s.claim);
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	err = returned_get(core_tables(c), s.booked->sale, &s.returned);
	if (err == PALIER_OK && s.claim.method)
		err = sold_member(c, s.claim.member, &s);
	else if (err == PALIER_OK && ev->has_member)
		err = sold_member(c, ev->member, &s);
	if (err == PALIER_OK)
		*out = s;
	return err;
}

int sold_read(struct palier_ctx *c, struct palier_bytes number, struct sold *out)
{
	struct palier_event ev;
	int err = place_read(c, T_SALE, number, &ev);

	return err == PALIER_OK ? sold_of(c, &ev, out) : err;
}

/* --- show and list --- */

static void text_write(struct palier_json *w, const char *key, struct palier_bytes text)
{
	if (text.len) {
		palier_json_key(w, key);
		palier_json_string(w, text);
	}
}

/* @param owner the event that made it somebody's */
static void receipt_write(const struct palier_event *ev, struct palier_bytes number, uint64_t seq,
	const struct palier_event *owner, struct palier_json *w)
{
	text_write(w, "sale", number);
	figure_write(w, "seq", (int64_t)seq);
	palier_json_key(w, "at");
	palier_json_time(w, ev->at_ms);
	palier_json_key(w, "day");
	palier_json_day(w, ev->day);
	text_write(w, "till", ev->till);
	text_write(w, "operator", ev->operator);
	if (owner->has_member) {
		palier_json_key(w, "member");
		palier_json_id(w, owner->member);
	}
}

static int sold_write(struct palier_ctx *c, const struct sold *s, uint64_t seq, struct palier_json *w)
{
	receipt_write(&s->ev, s->booked->sale, seq, s->claim.method ? &s->claim : &s->ev, w);
	figure_write(w, "total", s->booked->total);
	figure_write(w, "payable", s->booked->payable);
	figure_write(w, "due", s->booked->due);
	if (s->returned.last)
		figure_write(w, "returned", s->returned.amount);
	return returns_write(c, &s->ev, s->booked->sale, w);
}

/* The event that moved what a return moves: its own, or, where it waited, that of its sale. */
static int return_moves(struct palier_ctx *c, const struct palier_event *ev, struct palier_bytes of,
	struct palier_bytes number, struct palier_event *out)
{
	struct palier_event sale;
	int err = return_state(ev, number) ? place_read(c, T_SALE, of, &sale) : PALIER_ENOENT;

	*out = *ev;
	if (err == PALIER_OK && returns_has(&sale, number))
		*out = sale;
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* A return is a ticket without goods. @param moves the event that moved what it moves */
static int back_write(struct palier_ctx *c, const struct palier_event *ev, const struct palier_event *moves,
	struct palier_bytes number, struct palier_json *w)
{
	struct back back = returns_sum(moves, number);

	receipt_write(ev, number, ev->seq, ev, w);
	figure_write(w, "total", 0);
	figure_write(w, "payable", -back.amount);
	figure_write(w, "due", back.units - back.amount);
	text_write(w, "state", palier_str(return_state(moves, number)));
	return returns_write(c, moves, number, w);
}

static int return_write(struct palier_ctx *c, const struct palier_event *ev, struct palier_json *w)
{
	const struct sale_return *p = ev->params;
	struct palier_event moves;
	int err = return_moves(c, ev, p->sale, p->number, &moves);

	return err == PALIER_OK ? back_write(c, ev, &moves, p->number, w) : err;
}

/* The same of one that was made in another store. */
static int settled_write(struct palier_ctx *c, const struct palier_event *ev, struct palier_bytes number,
	struct palier_json *w)
{
	const struct settle_waiting *e = settle_awaited(ev, number);
	struct palier_event moves = *ev;
	int err = e ? return_moves(c, ev, e->sale, number, &moves) : PALIER_OK;

	return err == PALIER_OK ? back_write(c, ev, &moves, number, w) : err;
}

static void lines_write(const struct sale_commit *p, struct palier_json *w)
{
	palier_json_key(w, "lines");
	palier_json_array(w);
	for (uint32_t i = 0; i < p->lines.count; i++) {
		struct basket_line line = p->lines.at[i];

		line.set.has &= ~(UINT64_C(1) << basket_line_bit_card); /* sealed */
		schema_encode(&basket_line_schema, SCHEMA_WIRE, &line, w);
	}
	palier_json_end_array(w);
}

static int sold_show(struct palier_ctx *c, const struct palier_event *ev, struct palier_json *w)
{
	struct sold s;
	int err = sold_of(c, ev, &s);

	if (err == PALIER_OK)
		err = sold_write(c, &s, s.ev.seq, w);
	if (err != PALIER_OK)
		return err;
	lines_write(s.params, w);
	effects_write_list(c, ev, "discounts", &sale_discount_schema, w);
	return plugins_write(c, PALIER_REPLY_SHOW, s.claim.method ? &s.claim : ev, NO_SALE, w);
}

CORE_ANSWER(sale_show_answer)
{
	const struct sale_show *p = params;
	struct palier_event ev;
	int err = place_read(c, T_SALE, p->sale, &ev);

	if (err == PALIER_ENOENT)
		return palier_refuse(c, PALIER_ESALE_UNKNOWN, "sale", "no receipt %.*s is booked in this store",
			PALIER_ARG(p->sale));
	if (err != PALIER_OK)
		return err;
	palier_json_object(w);
	if (ev.method == &method_directive_apply)
		err = settled_write(c, &ev, p->sale, w);
	else
		err = ev.method == &method_sale_return ? return_write(c, &ev, w) : sold_show(c, &ev, w);
	palier_json_end_object(w);
	return err;
}

struct listing {
	struct palier_ctx *c;
	struct palier_id member;
	struct palier_json *w;
	int64_t left;
};

/* Does the number still lead to this event? Not when it was undone. */
static bool stands(const struct listing *list, unsigned table, struct palier_bytes number, const struct palier_event *ev)
{
	struct place place;

	return place_get(core_tables(list->c), table, number, &place) == PALIER_OK && place.seq == ev->seq;
}

/* The sale that an event made this member's and that stands. @return PALIER_ENOENT: none */
static int list_sold(const struct listing *list, const struct palier_event *ev, struct sold *out)
{
	const struct sale_claimed *claimed = effect_find(ev, "sale.claimed", NULL);
	const struct sale_booked *booked = effect_find(ev, "sale.booked", NULL);

	if (claimed && stands(list, T_CLAIM, claimed->sale, ev))
		return sold_read(list->c, claimed->sale, out);
	return booked && stands(list, T_SALE, booked->sale, ev) ? sold_of(list->c, ev, out) : PALIER_ENOENT;
}

static bool list_return(const struct listing *list, const struct palier_event *ev)
{
	const struct sale_return *p = ev->params;

	return ev->method == &method_sale_return && stands(list, T_SALE, p->number, ev);
}

/* The member's receipts; not those that touched the member on another's ticket. */
static int list_one(void *who, const struct palier_event *ev)
{
	struct listing *list = who;
	struct palier_id now;
	struct sold s;
	int err;

	if (!ev->has_member || palier_member_now(list->c, ev->member, &now) != PALIER_OK ||
		!palier_id_equal(now, list->member))
		return 1;
	err = list_sold(list, ev, &s);
	if (err == PALIER_ENOENT && !list_return(list, ev))
		return 1;
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	palier_json_object(list->w);
	err = err == PALIER_OK ? sold_write(list->c, &s, ev->seq, list->w) : return_write(list->c, ev, list->w);
	palier_json_end_object(list->w);
	return err == PALIER_OK ? --list->left > 0 : err;
}

#define PAGE_DEFAULT 50

CORE_ANSWER(sale_list_answer)
{
	const struct sale_list *p = params;
	struct listing list = { .c = c, .w = w, .left = PALIER_HAS(p, sale_list, limit) ? p->limit : PAGE_DEFAULT };
	int err = palier_who(c, p->card, PALIER_HAS(p, sale_list, member) ? &p->member : NULL, &list.member);

	if (err != PALIER_OK)
		return err;
	palier_json_object(w);
	palier_json_key(w, "sales");
	palier_json_array(w);
	err = palier_events_of(c, list.member, PALIER_HAS(p, sale_list, before) ? (uint64_t)p->before : 0, list_one, &list);
	palier_json_end_array(w);
	palier_json_end_object(w);
	return err;
}
