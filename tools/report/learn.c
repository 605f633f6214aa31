/* SPDX-License-Identifier: Apache-2.0 */
/* Counting pairs, and which of them say something. Shares are compared by multiplication, without a division. */
#include "tools/report/learn.h"

#include <stdlib.h>

#include "protocol/datetime.h"
#include "protocol/stats.h"

#define COMMON      20   /* cases of a pair, below which it is not looked at */
#define NEXT_DAYS   365  /* between a purchase and the next one */
#define HALF_DAYS   180  /* what is older counts half */
#define SURE_LOW    0.02 /* of an upgrade, the least share that it surely has */
#define CONFIDENCE  1000 /* hundredths of a per cent of the tickets with a */
#define LIFT        120  /* per cent of what chance would bring together */
#define DISCOVERIES 0.10 /* of what is found may be false */
#define GUESSES     3

typedef unsigned __int128 u128;

/* How often each product was, and how often two of them. */
struct counts {
	struct names pairs; /* 8 bytes: both numbers */
	uint32_t *both;
	uint32_t *single; /* by product */
	uint32_t all;
};

struct pair {
	uint32_t a, b;
};

static void counts_begin(struct counts *c, const struct learn_tickets *t)
{
	*c = (struct counts){ .all = 0 };
	c->single = calloc(t->skus.count + 1, sizeof(*c->single));
	if (!c->single)
		abort();
}

static void counts_deinit(struct counts *c)
{
	names_deinit(&c->pairs);
	free(c->both);
	free(c->single);
}

static void pair_count(struct counts *c, uint32_t a, uint32_t b)
{
	const struct pair key = { a, b };
	uint32_t known = c->pairs.count, at = names_add(&c->pairs, palier_bytes_of(&key, sizeof(key)));

	if (c->pairs.count > known)
		c->both = list_room(c->both, at, sizeof(*c->both));
	c->both[at]++;
}

static struct pair pair_at(const struct counts *c, uint32_t i)
{
	struct pair p;

	memcpy(&p, c->pairs.at[i].at, sizeof(p));
	return p;
}

static void halve(struct counts *c, const struct learn_tickets *t)
{
	for (uint32_t i = 0; i < c->pairs.count; i++)
		c->both[i] /= 2;
	for (uint32_t i = 0; i < t->skus.count; i++)
		c->single[i] /= 2;
	c->all /= 2;
}

/* --- counting --- */

static void together_count(struct counts *c, const struct learn_tickets *t, const struct learn_ticket *k)
{
	const uint32_t *items = t->items + k->first;

	c->all++;
	for (uint32_t i = 0; i < k->count; i++) {
		c->single[items[i]]++;
		for (uint32_t j = i + 1; j < k->count; j++)
			pair_count(c, items[i] < items[j] ? items[i] : items[j], items[i] < items[j] ? items[j] : items[i]);
	}
}

/* The last ticket of each member in each category. */
struct last {
	struct names keys;
	uint32_t *ticket;
};

static uint32_t *last_of(struct last *l, uint32_t member, uint32_t category)
{
	const struct pair key = { member, category };
	uint32_t known = l->keys.count, at = names_add(&l->keys, palier_bytes_of(&key, sizeof(key)));

	if (l->keys.count > known) {
		l->ticket = list_room(l->ticket, at, sizeof(*l->ticket));
		l->ticket[at] = UINT32_MAX;
	}
	return &l->ticket[at];
}

/* What was bought of the category the time before, and another product now. */
static void next_count(struct counts *c, struct last *l, const struct learn_tickets *t, uint32_t at)
{
	const struct learn_ticket *now = &t->at[at];

	for (uint32_t i = 0; i < now->count; i++) {
		uint32_t b = t->items[now->first + i], *last = last_of(l, now->member, t->sku[b].category);
		const struct learn_ticket *before = *last < at ? &t->at[*last] : NULL;

		c->single[b]++;
		if (!t->sku[b].category || !before || day_number(now->day) - day_number(before->day) > NEXT_DAYS)
			continue;
		for (uint32_t j = 0; j < before->count; j++) {
			uint32_t a = t->items[before->first + j];

			if (a != b && t->sku[a].category == t->sku[b].category)
				pair_count(c, a, b);
		}
	}
	for (uint32_t i = 0; i < now->count; i++)
		*last_of(l, now->member, t->sku[t->items[now->first + i]].category) = at;
}

/* @param next count what follows, of members; else what lies together, of all @param left_out tickets that are not counted; NULL: none */
static void count_all(struct counts *c, const struct learn_tickets *t, bool next, const bool *left_out)
{
	struct last last = { .ticket = NULL };
	int64_t halved = 0;

	counts_begin(c, t);
	for (size_t i = 0; i < t->count; i++) {
		const struct learn_ticket *k = &t->at[i];
		int64_t age = (day_number(k->day) - day_number(t->from)) / HALF_DAYS;

		for (; halved < age; halved++)
			halve(c, t);
		if ((left_out && left_out[i]) || (next && k->member == LEARN_NOBODY))
			continue;
		if (next)
			next_count(c, &last, t, (uint32_t)i);
		else
			together_count(c, t, k);
	}
	names_deinit(&last.keys);
	free(last.ticket);
}

/* --- upgrades --- */

static bool is_upgrade(const struct learn_tickets *t, const struct counts *c, uint32_t i, struct learn_step *out)
{
	struct pair p = pair_at(c, i);
	int64_t from = t->sku[p.a].price, to = t->sku[p.b].price;

	if (c->both[i] < COMMON || from <= 0 || to <= 0)
		return false;
	if ((u128)to * 100 < (u128)from * 110 || (u128)to > (u128)from * 2)
		return false;
	/* A purchase may have been halved before what followed it was counted. */
	*out = (struct learn_step){ .a = p.a, .b = p.b, .both = c->both[i], .of = c->single[p.a], .p = 1 };
	out->both = out->both < out->of ? out->both : out->of;
	out->low = out->of ? stats_share(out->both, out->of).low : 0;
	return out->low >= SURE_LOW;
}

static int surest_first(const void *a, const void *b)
{
	const struct learn_step *x = a, *y = b;

	if (x->low != y->low)
		return x->low > y->low ? -1 : 1;
	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	return x->b < y->b ? -1 : x->b > y->b;
}

static void upgrades_find(const struct learn_tickets *t, struct learned *out)
{
	struct counts c;

	count_all(&c, t, true, NULL);
	for (uint32_t i = 0; i < c.pairs.count; i++) {
		struct learn_step s;

		if (!is_upgrade(t, &c, i, &s))
			continue;
		out->upgrades = list_room(out->upgrades, out->upgrade_count, sizeof(*out->upgrades));
		out->upgrades[out->upgrade_count++] = s;
	}
	if (out->upgrade_count > 1)
		qsort(out->upgrades, out->upgrade_count, sizeof(*out->upgrades), surest_first);
	counts_deinit(&c);
}

/* --- what lies together --- */

/* Does the product stand among the hundredth part that is in most tickets: bags, deposits? */
static bool is_everywhere(const struct counts *c, const struct learn_tickets *t, uint32_t sku)
{
	uint32_t more = 0;

	for (uint32_t i = 0; i < t->skus.count; i++)
		more += c->single[i] > c->single[sku];
	return (more + 1) * 100 <= t->skus.count;
}

static bool goes_with(const struct counts *c, const struct learn_tickets *t, const struct learn_step *s)
{
	return (u128)s->both * 10000 >= (u128)CONFIDENCE * s->of &&
	       (u128)s->both * s->all * 100 >= (u128)LIFT * s->of * s->with_b && t->sku[s->b].price > 0 &&
	       !is_everywhere(c, t, s->b);
}

static int likeliest_first(const void *a, const void *b)
{
	const struct learn_step *x = a, *y = b;
	u128 l = (u128)x->both * y->of, r = (u128)y->both * x->of;

	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	if (l != r)
		return l > r ? -1 : 1;
	return x->b < y->b ? -1 : x->b > y->b;
}

static void attached_add(const struct counts *c, const struct learn_tickets *t, uint32_t a, uint32_t b, uint32_t both,
	double p, struct learned *out)
{
	const struct learn_step
		s = { .a = a, .b = b, .both = both, .of = c->single[a], .with_b = c->single[b], .all = c->all, .p = p };

	if (!goes_with(c, t, &s))
		return;
	out->attached = list_room(out->attached, out->attached_count, sizeof(*out->attached));
	out->attached[out->attached_count++] = s;
}

/* Of one against the other the test is the same: each pair is tested once. @param p,which of the pairs that are common enough */
static size_t pairs_test(const struct counts *c, double *p, uint32_t *which)
{
	size_t n = 0;

	for (uint32_t i = 0; i < c->pairs.count; i++) {
		struct pair k = pair_at(c, i);
		uint32_t a = c->single[k.a], b = c->single[k.b];
		double z;

		if (c->both[i] < COMMON || a >= c->all || b >= c->all || b - c->both[i] > c->all - a)
			continue;
		stats_two_shares(c->both[i], a, b - c->both[i], c->all - a, &z, &p[n]);
		which[n++] = i;
	}
	return n;
}

static void attached_find(const struct counts *c, const struct learn_tickets *t, struct learned *out)
{
	double *p = calloc(c->pairs.count + 1, sizeof(*p)), *adjusted = calloc(c->pairs.count + 1, sizeof(*adjusted));
	uint32_t *which = calloc(c->pairs.count + 1, sizeof(*which));

	if (!p || !adjusted || !which)
		abort();
	out->tested = pairs_test(c, p, which);
	stats_discoveries(p, out->tested, DISCOVERIES, adjusted);
	for (size_t i = 0; i < out->tested; i++) {
		struct pair k = pair_at(c, which[i]);

		if (adjusted[i] > DISCOVERIES)
			continue;
		attached_add(c, t, k.a, k.b, c->both[which[i]], p[i], out);
		attached_add(c, t, k.b, k.a, c->both[which[i]], p[i], out);
	}
	if (out->attached_count > 1)
		qsort(out->attached, out->attached_count, sizeof(*out->attached), likeliest_first);
	free(p);
	free(adjusted);
	free(which);
}

/* --- are they better than what sells most? --- */

/* The last ticket of each member who came twice. */
static bool *last_tickets(const struct learn_tickets *t)
{
	bool *last = calloc(t->count + 1, sizeof(*last));
	uint32_t *came = calloc(t->members + 1, sizeof(*came));

	if (!last || !came)
		abort();
	for (size_t i = 0; i < t->count; i++)
		if (t->at[i].member != LEARN_NOBODY)
			came[t->at[i].member]++;
	for (size_t i = t->count; i-- > 0;) {
		const struct learn_ticket *k = &t->at[i];

		if (k->member == LEARN_NOBODY || came[k->member] < 2)
			continue;
		last[i] = true;
		came[k->member] = 0;
	}
	free(came);
	return last;
}

struct ranked {
	uint32_t sku, count;
};

static int most_first(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->sku < y->sku ? -1 : x->sku > y->sku;
}

/* Products, those that are in most tickets first. */
static struct ranked *ranking(const struct counts *c, const struct learn_tickets *t)
{
	struct ranked *out = calloc(t->skus.count + 1, sizeof(*out));

	if (!out)
		abort();
	for (uint32_t i = 0; i < t->skus.count; i++)
		out[i] = (struct ranked){ i, c->single[i] };
	qsort(out, t->skus.count, sizeof(*out), most_first);
	return out;
}

/* A basket without the product that is to be guessed. */
struct riddle {
	const uint32_t *items;
	uint32_t count, hidden; /* its index */
};

static bool is_open(const struct riddle *r, uint32_t sku)
{
	for (uint32_t i = 0; i < r->count; i++)
		if (i != r->hidden && r->items[i] == sku)
			return true;
	return false;
}

static bool is_among(const uint32_t *guesses, size_t n, uint32_t sku)
{
	for (size_t i = 0; i < n; i++)
		if (guesses[i] == sku)
			return true;
	return false;
}

/* Fill up with what sells most. @return was the hidden one among them? */
static bool guess_popular(const struct riddle *r, const struct ranked *rank, uint32_t skus, uint32_t *guesses, size_t n)
{
	for (uint32_t i = 0; i < skus && n < GUESSES; i++)
		if (!is_open(r, rank[i].sku) && !is_among(guesses, n, rank[i].sku))
			guesses[n++] = rank[i].sku;
	return is_among(guesses, n, r->items[r->hidden]);
}

/* Where the steps from a product begin. */
static size_t steps_from(const struct learned *l, uint32_t a)
{
	size_t low = 0, high = l->attached_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (l->attached[mid].a < a)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The likeliest step from the basket to something that is not in it, nor guessed yet. @return NULL: there is none */
static const struct learn_step *best_step(const struct learned *l, const struct riddle *r, const uint32_t *guesses, size_t n)
{
	const struct learn_step *best = NULL;

	for (uint32_t k = 0; k < r->count; k++)
		for (size_t i = steps_from(l, r->items[k]); k != r->hidden && i < l->attached_count; i++) {
			const struct learn_step *s = &l->attached[i];

			if (s->a != r->items[k])
				break;
			if (is_open(r, s->b) || is_among(guesses, n, s->b))
				continue;
			if (!best || (u128)s->both * best->of > (u128)best->both * s->of)
				best = s;
		}
	return best;
}

static bool guess_learned(const struct learned *l, const struct riddle *r, const struct ranked *rank, uint32_t skus)
{
	uint32_t guesses[GUESSES];
	const struct learn_step *s;
	size_t n = 0;

	while (n < GUESSES && (s = best_step(l, r, guesses, n)))
		guesses[n++] = s->b;
	return guess_popular(r, rank, skus, guesses, n);
}

static void guess_all(const struct learn_tickets *t, const bool *last, struct learned *out)
{
	struct learned before = { .tested = 0 };
	struct ranked *rank;
	struct counts c;

	count_all(&c, t, false, last);
	attached_find(&c, t, &before);
	rank = ranking(&c, t);
	for (size_t i = 0; i < t->count; i++)
		for (uint32_t k = 0; last[i] && t->at[i].count > 1 && k < t->at[i].count; k++) {
			const struct riddle r = { t->items + t->at[i].first, t->at[i].count, k };
			uint32_t guesses[GUESSES];

			out->hidden++;
			out->guessed += guess_learned(&before, &r, rank, t->skus.count);
			out->popular += guess_popular(&r, rank, t->skus.count, guesses, 0);
		}
	counts_deinit(&c);
	learned_deinit(&before);
	free(rank);
}

void learn(const struct learn_tickets *t, struct learned *out)
{
	bool *last = last_tickets(t);
	struct counts c;

	*out = (struct learned){ .tested = 0 };
	upgrades_find(t, out);
	count_all(&c, t, false, NULL);
	attached_find(&c, t, out);
	counts_deinit(&c);
	guess_all(t, last, out);
	free(last);
}

void learned_deinit(struct learned *l)
{
	free(l->upgrades);
	free(l->attached);
	*l = (struct learned){ .tested = 0 };
}
