/* SPDX-License-Identifier: Apache-2.0 */
/* What an offer or a reward takes off a sale: an amount, a percentage, or free products (rules.md "Order of a sale", "Spending", "Multiples
 * and caps"). palier_benefit_compile and palier_benefit_on are declared in plugins/palier_plugin.h. */
#include <stdlib.h>

#include "daemon/condition.h"
#include "daemon/setup.h"

enum benefit_kind { BENEFIT_AMOUNT, BENEFIT_PERCENT, BENEFIT_PRODUCT };
static const char *const kind_names[] = { "amount", "percent", "product", NULL };

/* Of what: all item lines, those that its condition selects, or one unit of the cheapest of these. */
enum benefit_of { OF_ORDER, OF_LINES, OF_CHEAPEST };
static const char *const of_names[] = { "order", "lines", "cheapest", NULL };

#define PERCENT_WHOLE 100000 /* thousandths of a per cent */
#define GET_MOST      1000

struct palier_benefit {
	int kind, of;
	int64_t value; /* minor units, or thousandths of a per cent */
	int64_t cap;   /* of a percentage; INT64_MAX: none */
	int64_t get;   /* free products each time */
	const struct palier_bytes *skus;
	size_t sku_count; /* 0: all that the condition selects */
};

/* --- reading ------------------------------------------------------------------------------------------------------- */

/* An option that says nothing beside this kind. */
static bool refuse_option(struct palier_setup *s, cfg_t *section, const char *option, const struct palier_benefit *b)
{
	if (cfg_size(section, option) == 0)
		return true;
	setup_option_error(s, section, option, "%s means nothing with kind = %s", option, kind_names[b->kind]);
	return false;
}

static bool value_read(struct palier_setup *s, cfg_t *section, struct palier_benefit *b)
{
	const char *text = cfg_getstr(section, "value");

	if (!text) {
		palier_setup_error(s, section, "value is missing: how much kind = %s takes off, such as value = \"%s\"",
			kind_names[b->kind], b->kind == BENEFIT_AMOUNT ? "5.00" : "10");
		return false;
	}
	if (b->kind == BENEFIT_AMOUNT ? !palier_setup_amount(s, section, "value", &b->value)
				      : !palier_setup_decimal(s, section, "value", 3, &b->value))
		return false;
	if (b->value > 0 && (b->kind == BENEFIT_AMOUNT || b->value <= PERCENT_WHOLE))
		return true;
	setup_option_error(s, section, "value", "value = \"%s\": expected %s", text,
		b->kind == BENEFIT_AMOUNT ? "more than 0" : "a percentage, more than 0 and at most 100");
	return false;
}

static bool cap_read(struct palier_setup *s, cfg_t *section, struct palier_benefit *b)
{
	b->cap = INT64_MAX;
	if (b->kind != BENEFIT_PERCENT)
		return refuse_option(s, section, "cap", b);
	if (!palier_setup_amount(s, section, "cap", &b->cap))
		return false;
	if (b->cap > 0)
		return true;
	setup_option_error(s, section, "cap", "cap = \"%s\": expected more than 0", cfg_getstr(section, "cap"));
	return false;
}

/* What a discount is made of. */
static bool discount_read(struct palier_setup *s, cfg_t *section, struct palier_benefit *b)
{
	bool ok = value_read(s, section, b);

	ok = palier_setup_choice(s, section, "of", of_names, &b->of) && ok;
	ok = cap_read(s, section, b) && ok;
	ok = refuse_option(s, section, "get", b) && ok;
	return refuse_option(s, section, "skus", b) && ok;
}

static bool skus_read(struct palier_setup *s, cfg_t *section, const struct palier_condition *when, struct palier_benefit *b)
{
	struct palier_bytes *skus;

	b->sku_count = cfg_size(section, "skus");
	skus = palier_setup_alloc(s, (b->sku_count + 1) * sizeof(*skus));
	b->skus = skus;
	for (unsigned i = 0; i < b->sku_count; i++) {
		skus[i] = palier_str(palier_setup_string(s, cfg_getnstr(section, "skus", i)));
		if (skus[i].len > 0)
			continue;
		setup_option_error(s, section, "skus", "skus: \"\" names no product");
		return false;
	}
	if (b->sku_count > 0 || (when && condition_selects(when)))
		return true;
	palier_setup_error(s, section,
		"which product is free? Name skus, such as skus = {\"espresso\"}, or a sku, category or tag in when");
	return false;
}

static bool product_read(struct palier_setup *s, cfg_t *section, const struct palier_condition *when,
	struct palier_benefit *b)
{
	bool ok = skus_read(s, section, when, b);

	b->get = 1;
	if (cfg_size(section, "get") > 0)
		ok = palier_setup_figure(s, section, "get", 1, GET_MOST, &b->get) && ok;
	ok = refuse_option(s, section, "value", b) && ok;
	ok = refuse_option(s, section, "of", b) && ok;
	return refuse_option(s, section, "cap", b) && ok;
}

const struct palier_benefit *palier_benefit_compile(struct palier_setup *s, cfg_t *section,
	const struct palier_condition *when)
{
	struct palier_benefit *b = palier_setup_alloc(s, sizeof(*b));

	if (cfg_size(section, "kind") == 0) {
		palier_setup_error(s, section, "kind is missing: what it gives, amount, percent or product");
		return NULL;
	}
	if (!palier_setup_choice(s, section, "kind", kind_names, &b->kind))
		return NULL;
	if (b->kind == BENEFIT_PRODUCT ? !product_read(s, section, when, b) : !discount_read(s, section, b))
		return NULL;
	return b;
}

bool palier_benefit_multiplies(const struct palier_benefit *b)
{
	return b->kind != BENEFIT_PERCENT;
}

int64_t palier_benefit_off(const struct palier_benefit *b, int64_t price)
{
	if (b->kind == BENEFIT_PRODUCT)
		return price;
	if (b->kind == BENEFIT_AMOUNT)
		return palier_least(b->value, price);
	return palier_least(palier_share(price, b->value, PERCENT_WHOLE), b->cap);
}

size_t palier_benefit_skus(const struct palier_benefit *b, const struct palier_bytes **out)
{
	*out = b->skus;
	return b->sku_count;
}

/* --- what it applies to -------------------------------------------------------------------------------------------- */

/* A line as a benefit sees it. */
struct target {
	int64_t left; /* what is left of it, if it is of this line at all */
	int64_t room; /* what may be taken off; of the cheapest, at most the price of one */
};

/* What a benefit applies to. */
struct scope {
	struct target *targets; /* a row a line */
	uint32_t count;
	int64_t left; /* of all of them */
	int64_t of;   /* the percentage is of one of so many items */
};

/* Is one of a's items cheaper than one of b's? */
static bool cheaper(const struct palier_line *a, const struct palier_line *b)
{
	return (__int128)palier_line_left(a) * b->items < (__int128)palier_line_left(b) * a->items;
}

/* The cheapest of the lines from which anything may be taken; of equals the lower. @return line_count when there is none */
static uint32_t cheapest_of(const struct palier_sale *s, const struct palier_benefit_ask *ask)
{
	uint32_t found = s->line_count;

	for (uint32_t i = 0; i < s->line_count; i++)
		if (ask->matched[i] && palier_line_room(&s->lines[i], ask->redeemed) > 0 &&
			(found == s->line_count || cheaper(&s->lines[i], &s->lines[found])))
			found = i;
	return found;
}

static struct scope scope_of(struct palier_arena *a, const struct palier_benefit *b, const struct palier_sale *s,
	const struct palier_benefit_ask *ask)
{
	struct scope all = { palier_alloc(a, s->line_count * sizeof(*all.targets)), s->line_count, 0, 1 };
	uint32_t only = b->of == OF_CHEAPEST ? cheapest_of(s, ask) : s->line_count;

	if (only < s->line_count)
		all.of = s->lines[only].items;
	for (uint32_t i = 0; i < s->line_count; i++) {
		const struct palier_line *l = &s->lines[i];

		if (b->of == OF_CHEAPEST ? i != only : b->of == OF_LINES && !ask->matched[i])
			continue;
		all.targets[i].left = palier_line_left(l);
		all.targets[i].room =
			palier_least(palier_share(palier_line_left(l), 1, all.of), palier_line_room(l, ask->redeemed));
		all.left += all.targets[i].left;
	}
	return all;
}

/* --- amounts and percentages --------------------------------------------------------------------------------------- */

/* Spread what a line's limit leaves over again on the other lines, until it is all spread. @param amount at most all the room */
static void amount_spread(struct palier_arena *a, const struct scope *on, int64_t amount, int64_t *parts)
{
	int64_t *weights = palier_alloc(a, on->count * sizeof(*weights)),
		*round = palier_alloc(a, on->count * sizeof(*round));

	while (amount > 0) {
		for (uint32_t i = 0; i < on->count; i++)
			weights[i] = parts[i] < on->targets[i].room ? on->targets[i].left : 0;
		palier_spread(amount, weights, on->count, round);
		for (uint32_t i = 0; i < on->count; i++) {
			int64_t part = palier_least(round[i], on->targets[i].room - parts[i]);

			parts[i] += part;
			amount -= part;
		}
	}
}

static void amount_cut(struct palier_arena *a, const struct palier_benefit *b, const struct scope *on,
	const struct palier_benefit_ask *ask, struct palier_benefit_cut *out)
{
	int64_t most = 0, started;

	for (uint32_t i = 0; i < on->count; i++)
		most += on->targets[i].room;
	if (ask->share > 0)
		most = palier_least(most, (int64_t)((__int128)on->left * ask->share / PERCENT_WHOLE));
	started = (most + b->value - 1) / b->value;
	out->times = palier_least(ask->times, started);
	out->amount = out->times < started ? out->times * b->value : most;
	amount_spread(a, on, out->amount, out->parts);
}

/* Where a line's limit takes something from its part, the customer has that much less: the others' percentage stays. */
static void percent_cut(struct palier_arena *a, const struct palier_benefit *b, const struct scope *on,
	struct palier_benefit_cut *out)
{
	int64_t *weights = palier_alloc(a, on->count * sizeof(*weights));

	for (uint32_t i = 0; i < on->count; i++)
		weights[i] = on->targets[i].left;
	palier_spread(palier_least(palier_share(on->left, b->value, PERCENT_WHOLE * on->of), b->cap), weights, on->count,
		out->parts);
	for (uint32_t i = 0; i < on->count; i++) {
		out->parts[i] = palier_least(out->parts[i], on->targets[i].room);
		out->amount += out->parts[i];
	}
	out->times = out->amount > 0;
}

/* --- free products ------------------------------------------------------------------------------------------------- */

struct candidate {
	const struct palier_line *line;
	uint32_t index;
};

static int by_price(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (cheaper(x->line, y->line))
		return -1;
	if (cheaper(y->line, x->line))
		return 1;
	return x->index < y->index ? -1 : 1;
}

/* The products are those that it names; else those that the condition selects. */
static bool product_fits(const struct palier_benefit *b, const struct palier_benefit_ask *ask, bool matched,
	struct palier_bytes sku)
{
	bool fits = b->sku_count == 0 && matched;

	for (size_t i = 0; i < b->sku_count && !fits; i++)
		fits = palier_equal(b->skus[i], sku);
	return fits && (ask->choice.len == 0 || palier_equal(ask->choice, sku));
}

static uint32_t candidates_of(const struct palier_benefit *b, const struct palier_sale *s,
	const struct palier_benefit_ask *ask, struct candidate *out)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->line_count; i++) {
		const struct palier_line *l = &s->lines[i];

		if (palier_line_room(l, ask->redeemed) > 0 && product_fits(b, ask, ask->matched[i], l->in->sku))
			out[n++] = (struct candidate){ l, i };
	}
	if (n > 1)
		qsort(out, n, sizeof(*out), by_price);
	return n;
}

static void product_cut(struct palier_arena *a, const struct palier_benefit *b, const struct palier_sale *s,
	const struct palier_benefit_ask *ask, struct palier_benefit_cut *out)
{
	struct candidate *found = palier_alloc(a, s->line_count * sizeof(*found));
	uint32_t n = candidates_of(b, s, ask, found);
	int64_t want = ask->times * b->get; /* at most a thousand times a figure */

	for (uint32_t i = 0; i < n && want > 0; i++) {
		const struct palier_line *l = found[i].line;
		int64_t units = palier_least(l->items, want);
		int64_t part =
			palier_least(palier_share(palier_line_left(l), units, l->items), palier_line_room(l, ask->redeemed));

		out->parts[found[i].index] = part;
		out->amount += part;
		want -= units;
	}
	out->free = want;
	out->times = out->amount > 0 ? (ask->times * b->get - want + b->get - 1) / b->get : 0;
}

void palier_benefit_on(struct palier_arena *a, const struct palier_benefit *b, const struct palier_sale *s,
	const struct palier_benefit_ask *ask, struct palier_benefit_cut *out)
{
	struct scope on;

	*out = (struct palier_benefit_cut){ .parts = palier_alloc(a, (s->line_count + 1) * sizeof(*out->parts)) };
	if (b->kind == BENEFIT_PRODUCT) {
		product_cut(a, b, s, ask, out);
		return;
	}
	on = scope_of(a, b, s, ask);
	if (b->kind == BENEFIT_AMOUNT)
		amount_cut(a, b, &on, ask, out);
	else
		percent_cut(a, b, &on, out);
}
