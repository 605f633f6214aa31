/* SPDX-License-Identifier: Apache-2.0 */
/* Tickets out of journal files. */
#include "tools/report/learn.h"

#include <stdlib.h>

#include "protocol/stats.h"

#define PRICE_DAYS 90

struct line {
	uint32_t sku;
	int64_t amount;
};

struct price {
	uint32_t sku, day;
	int64_t paid; /* for one */
};

struct reader {
	struct learn_tickets *t;
	struct names members, sales;
	uint32_t *ticket; /* of each sale's number, the last one */
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

static void price_add(struct reader *r, const struct booked *e, uint32_t line, uint32_t sku, int64_t amount)
{
	uint32_t token = json_member(e->doc, line, "quantity");
	int64_t quantity = 1000;

	if (token && !json_scaled(e->doc, token, 3, &quantity))
		return;
	if (amount <= 0 || quantity <= 0)
		return;
	r->prices = list_room(r->prices, r->price_count, sizeof(*r->prices));
	r->prices[r->price_count++] = (struct price){ sku, booked_happened(e), palier_share(amount, 1000, quantity) };
}

/* --- a ticket --- */

static int dearest_first(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->amount != y->amount)
		return x->amount > y->amount ? -1 : 1;
	return x->sku < y->sku ? -1 : x->sku > y->sku;
}

static bool is_there(const struct learn_tickets *t, uint32_t first, uint32_t sku)
{
	for (size_t i = first; i < t->item_count; i++)
		if (t->items[i] == sku)
			return true;
	return false;
}

static void items_add(struct learn_tickets *t, const struct line *lines, size_t count, uint32_t first)
{
	for (size_t i = 0; i < count && t->item_count - first < LEARN_ITEMS; i++) {
		if (is_there(t, first, lines[i].sku))
			continue;
		t->items = list_room(t->items, t->item_count, sizeof(*t->items));
		t->items[t->item_count++] = lines[i].sku;
	}
}

/* @return how many */
static size_t lines_read(struct reader *r, const struct booked *e, struct line **out)
{
	uint32_t line = 0, left = 0;
	size_t n = 0;

	*out = NULL;
	while (booked_each(e, e->params, "lines", &line, &left)) {
		struct palier_bytes kind = booked_text(e, line, "kind"), sku = booked_text(e, line, "sku");
		int64_t amount = booked_int(e, line, "amount");
		uint32_t at;

		if ((kind.len && !palier_is(kind, "item")) || !sku.len)
			continue;
		at = sku_number(r->t, sku);
		sku_describe(r->t, &r->t->sku[at], e, line);
		price_add(r, e, line, at, amount);
		*out = list_room(*out, n, sizeof(**out));
		(*out)[n++] = (struct line){ at, amount };
	}
	return n;
}

static void sale_read(struct reader *r, const struct booked *e)
{
	struct learn_tickets *t = r->t;
	struct palier_bytes number = booked_text(e, e->params, "sale");
	struct line *lines;
	size_t n = lines_read(r, e, &lines);
	struct learn_ticket ticket = { .member = LEARN_NOBODY, .day = booked_happened(e), .first = (uint32_t)t->item_count };
	uint32_t known = r->sales.count, sale;

	if (n > 1)
		qsort(lines, n, sizeof(*lines), dearest_first);
	items_add(t, lines, n, ticket.first);
	free(lines);
	if (t->item_count == ticket.first)
		return;
	ticket.count = (uint32_t)(t->item_count - ticket.first);
	if (e->has_member)
		ticket.member = names_add(&r->members, palier_bytes_of(e->member.b, PALIER_ID_LEN));
	sale = names_add(&r->sales, number);
	if (r->sales.count > known)
		r->ticket = list_room(r->ticket, sale, sizeof(*r->ticket));
	r->ticket[sale] = (uint32_t)t->count;
	t->at = list_room(t->at, t->count, sizeof(*t->at));
	t->at[t->count++] = ticket;
	t->from = t->from && t->from < ticket.day ? t->from : ticket.day;
	t->to = t->to > ticket.day ? t->to : ticket.day;
}

static bool is_booked(const struct booked *e)
{
	uint32_t at = 0, effect;

	while ((effect = booked_effect(e, &at)))
		if (booked_kind(e, effect, "sale.booked"))
			return true;
	return false;
}

static int event_read(void *who, const struct booked *e)
{
	struct reader *r = who;
	uint32_t sale;

	if (booked_is(e, "sale.commit") && is_booked(e)) {
		sale_read(r, e);
	} else if (booked_is(e, "sale.void")) {
		sale = names_find(&r->sales, booked_text(e, e->params, "sale"));
		if (sale != UINT32_MAX)
			r->t->at[r->ticket[sale]].undone = true;
	}
	return PALIER_OK;
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

/* --- order --- */

static int ticket_order(const void *a, const void *b)
{
	const struct learn_ticket *x = a, *y = b;

	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return (x->first > y->first) - (x->first < y->first);
}

/* What was told late has its place among what was not; voids name the tickets as they were read, so that this comes last. */
static void tickets_sort(struct learn_tickets *t)
{
	if (t->count > 1)
		qsort(t->at, t->count, sizeof(*t->at), ticket_order);
}

int learn_read(const struct event_files *files, struct progress *bar, struct learn_tickets *out, char *why)
{
	struct reader r = { .t = out };
	int err;

	*out = (struct learn_tickets){ .count = 0 };
	err = events_each(files, bar, event_read, &r, why);
	if (err == PALIER_OK)
		prices_end(&r);
	tickets_sort(out);
	out->members = r.members.count;
	names_deinit(&r.members);
	names_deinit(&r.sales);
	free(r.ticket);
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
