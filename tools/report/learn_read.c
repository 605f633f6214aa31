/* SPDX-License-Identifier: Apache-2.0 */
/* Tickets out of journal files. */
#include "tools/report/learn.h"

#include <stdlib.h>

#include "protocol/stats.h"

#define PRICE_DAYS 90

/* Of a receipt. */
struct line {
	uint32_t place; /* on it, from 0 */
	uint32_t sku;
	int64_t amount, net; /* net of what was taken off */
	int64_t quantity;    /* thousandths; 0: not told as it should be */
	int64_t back, given; /* of it, brought back, and what was given back by amount */
};

struct receipt {
	uint32_t member, day;
	size_t first, count; /* its lines */
	bool undone;
};

struct price {
	uint32_t sku, day;
	int64_t paid; /* for one */
};

struct reader {
	struct learn_tickets *t;
	struct names members, sales;
	uint32_t *last; /* of each sale's number, the last receipt */
	struct receipt *receipts;
	size_t receipt_count;
	struct line *lines;
	size_t line_count;
	struct price *prices;
	size_t price_count;
};

static uint32_t sku_number(struct learn_tickets *t, struct palier_bytes name)
{
	uint32_t known = t->skus.count, at = names_add(&t->skus, name);

	if (t->skus.count > known) {
		t->sku = list_room(t->sku, at, sizeof(*t->sku));
		t->sku[at] = (struct learn_sku){ .name = palier_cstr(&t->arena, name), .label = "" };
	}
	return at;
}

/* The last thing that was said of a product holds. */
static void sku_describe(struct learn_tickets *t, struct learn_sku *s, const struct booked *e, uint32_t line)
{
	struct palier_bytes label = booked_text(e, line, "label"), category = booked_text(e, line, "category");

	if (label.len && !palier_is(label, s->label))
		s->label = palier_cstr(&t->arena, label);
	if (category.len)
		s->category = names_add(&t->categories, category) + 1;
}

/* --- a receipt --- */

static int64_t quantity_of(const struct booked *e, uint32_t line)
{
	uint32_t token = json_member(e->doc, line, "quantity");
	int64_t quantity = 1000;

	return !token || (json_scaled(e->doc, token, 3, &quantity) && quantity > 0) ? quantity : 0;
}

static void lines_read(struct reader *r, const struct booked *e)
{
	uint32_t line = 0, left = 0;

	for (uint32_t place = 0; booked_each(e, e->params, "lines", &line, &left); place++) {
		struct palier_bytes kind = booked_text(e, line, "kind"), sku = booked_text(e, line, "sku");
		int64_t amount = booked_int(e, line, "amount");
		uint32_t at;

		if ((kind.len && !palier_is(kind, "item")) || !sku.len)
			continue;
		at = sku_number(r->t, sku);
		sku_describe(r->t, &r->t->sku[at], e, line);
		r->lines = list_room(r->lines, r->line_count, sizeof(*r->lines));
		r->lines[r->line_count++] = (struct line){ .place = place,
			.sku = at,
			.amount = amount,
			.net = amount,
			.quantity = quantity_of(e, line) };
	}
}

/* @return NULL: it has no such line, or none of a product */
static struct line *line_at(struct reader *r, const struct receipt *of, int64_t place)
{
	for (size_t i = of->first; i < of->first + of->count; i++)
		if (r->lines[i].place == place)
			return &r->lines[i];
	return NULL;
}

static void discounts_read(struct reader *r, const struct receipt *of, const struct booked *e, uint32_t effect)
{
	uint32_t row = 0, left = 0;

	while (booked_each(e, effect, "lines", &row, &left)) {
		struct line *l = line_at(r, of, booked_int(e, row, "line"));

		if (l)
			l->net -= booked_int(e, row, "foreign") + booked_int(e, row, "ours");
	}
}

/* @param effect sale.booked */
static void sale_read(struct reader *r, const struct booked *e, uint32_t effect)
{
	struct receipt it = { .member = LEARN_NOBODY, .day = booked_happened(e), .first = r->line_count };
	uint32_t known = r->sales.count, sale = names_add(&r->sales, booked_text(e, e->params, "sale"));

	lines_read(r, e);
	it.count = r->line_count - it.first;
	discounts_read(r, &it, e, effect);
	if (e->has_member)
		it.member = names_add(&r->members, palier_bytes_of(e->member.b, PALIER_ID_LEN));
	if (r->sales.count > known)
		r->last = list_room(r->last, sale, sizeof(*r->last));
	r->last[sale] = (uint32_t)r->receipt_count;
	r->receipts = list_room(r->receipts, r->receipt_count, sizeof(*r->receipts));
	r->receipts[r->receipt_count++] = it;
}

/* --- what comes back --- */

/* @return NULL: it was not read */
static struct receipt *receipt_of(const struct reader *r, struct palier_bytes number)
{
	uint32_t sale = names_find(&r->sales, number);

	return sale == UINT32_MAX ? NULL : &r->receipts[r->last[sale]];
}

/* @param sign -1: of a return that was voided */
static void return_read(struct reader *r, const struct booked *e, uint32_t effect, int sign)
{
	const struct receipt *of = receipt_of(r, booked_text(e, effect, "sale"));
	uint32_t row = 0, left = 0;

	while (of && booked_each(e, effect, "lines", &row, &left)) {
		struct line *l = json_member(e->doc, row, "line") ? line_at(r, of, booked_int(e, row, "line")) : NULL;

		if (!l)
			continue;
		l->back += sign * booked_int(e, row, "quantity");
		l->given += sign * booked_int(e, row, "amount");
	}
}

/* Nothing of it is left with the customer, be it by pieces or by value. */
static bool is_gone(const struct line *l)
{
	int64_t value = l->given;

	if (l->quantity > 0 && l->back >= l->quantity)
		return true;
	if (l->quantity > 0 && l->net > 0 && l->back > 0)
		value += palier_share(l->net, l->back, l->quantity);
	return l->net > 0 && value >= l->net;
}

static int event_read(void *who, const struct booked *e)
{
	struct reader *r = who;
	uint32_t at = 0, effect;

	while ((effect = booked_effect(e, &at))) {
		if (booked_is(e, "sale.commit") && booked_kind(e, effect, "sale.booked"))
			sale_read(r, e, effect);
		else if (booked_kind(e, effect, "sale.returned"))
			return_read(r, e, effect, 1);
		else if (booked_kind(e, effect, "return.voided"))
			return_read(r, e, effect, -1);
	}
	if (booked_is(e, "sale.void")) {
		struct receipt *it = receipt_of(r, booked_text(e, e->params, "sale"));

		if (it)
			it->undone = true;
	}
	return PALIER_OK;
}

/* --- tickets --- */

static int receipt_order(const void *a, const void *b)
{
	const struct receipt *x = a, *y = b;

	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return (x->first > y->first) - (x->first < y->first);
}

static int dearest_first(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->amount != y->amount)
		return x->amount > y->amount ? -1 : 1;
	return x->sku < y->sku ? -1 : x->sku > y->sku;
}

static bool is_there(const struct learn_tickets *t, size_t first, uint32_t sku)
{
	for (size_t i = first; i < t->item_count; i++)
		if (t->items[i] == sku)
			return true;
	return false;
}

static void price_add(struct reader *r, const struct line *l, uint32_t day)
{
	if (l->amount <= 0 || l->quantity <= 0)
		return;
	r->prices = list_room(r->prices, r->price_count, sizeof(*r->prices));
	r->prices[r->price_count++] = (struct price){ l->sku, day, palier_share(l->amount, 1000, l->quantity) };
}

/* What is left of a receipt. @return how many products */
static uint32_t items_add(struct reader *r, const struct receipt *it)
{
	struct learn_tickets *t = r->t;
	struct line *lines = r->lines + it->first;
	size_t first = t->item_count;

	if (it->count > 1)
		qsort(lines, it->count, sizeof(*lines), dearest_first);
	for (size_t i = 0; i < it->count; i++) {
		if (is_gone(&lines[i]))
			continue;
		price_add(r, &lines[i], it->day);
		if (t->item_count - first == LEARN_ITEMS || is_there(t, first, lines[i].sku))
			continue;
		t->items = list_room(t->items, t->item_count, sizeof(*t->items));
		t->items[t->item_count++] = lines[i].sku;
	}
	return (uint32_t)(t->item_count - first);
}

/* What was told late has its place among what was not. */
static void tickets_end(struct reader *r)
{
	struct learn_tickets *t = r->t;
	struct names members = { .count = 0 };

	if (r->receipt_count > 1)
		qsort(r->receipts, r->receipt_count, sizeof(*r->receipts), receipt_order);
	for (size_t i = 0; i < r->receipt_count; i++) {
		const struct receipt *it = &r->receipts[i];
		struct learn_ticket ticket = { .member = it->member, .day = it->day, .first = (uint32_t)t->item_count };

		ticket.count = it->undone ? 0 : items_add(r, it);
		if (ticket.count == 0)
			continue;
		if (it->member != LEARN_NOBODY)
			ticket.member = names_add(&members, r->members.at[it->member]);
		t->at = list_room(t->at, t->count, sizeof(*t->at));
		t->at[t->count++] = ticket;
	}
	t->members = members.count;
	t->from = t->count ? t->at[0].day : 0;
	t->to = t->count ? t->at[t->count - 1].day : 0;
	names_deinit(&members);
}

/* --- prices --- */

static int price_order(const void *a, const void *b)
{
	const struct price *x = a, *y = b;

	if (x->sku != y->sku)
		return x->sku < y->sku ? -1 : 1;
	return (x->paid > y->paid) - (x->paid < y->paid);
}

static void prices_end(struct reader *r)
{
	uint32_t since = r->t->to ? day_add(r->t->to, -PRICE_DAYS) : 0;
	int64_t *paid = calloc(r->price_count + 1, sizeof(*paid));
	size_t n = 0;

	if (!paid)
		abort();
	if (r->price_count > 1)
		qsort(r->prices, r->price_count, sizeof(*r->prices), price_order);
	for (size_t i = 0; i < r->price_count; i++) {
		if (r->prices[i].day > since)
			paid[n++] = r->prices[i].paid;
		if (i + 1 < r->price_count && r->prices[i + 1].sku == r->prices[i].sku)
			continue;
		if (n > 0)
			r->t->sku[r->prices[i].sku].price = stats_median(paid, n);
		n = 0;
	}
	free(paid);
}

int learn_read(const struct event_files *files, struct progress *bar, struct learn_tickets *out, char *why)
{
	struct reader r = { .t = out };
	int err;

	*out = (struct learn_tickets){ .count = 0 };
	err = events_each(files, bar, event_read, &r, why);
	if (err == PALIER_OK) {
		tickets_end(&r);
		prices_end(&r);
	}
	names_deinit(&r.members);
	names_deinit(&r.sales);
	free(r.last);
	free(r.receipts);
	free(r.lines);
	free(r.prices);
	if (err != PALIER_OK)
		learn_tickets_deinit(out);
	return err;
}

void learn_tickets_deinit(struct learn_tickets *t)
{
	palier_arena_deinit(&t->arena);
	names_deinit(&t->skus);
	names_deinit(&t->categories);
	free(t->sku);
	free(t->at);
	free(t->items);
	*t = (struct learn_tickets){ .count = 0 };
}
