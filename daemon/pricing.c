/* SPDX-License-Identifier: Apache-2.0 */
/* Pricing: the till's own discounts onto the lines, then our plugins'. */
#include "daemon/pricing.h"

#include <stdio.h>
#include <stdlib.h>

static enum line_kind kind_of(const struct basket_line *l)
{
	return PALIER_HAS(l, basket_line, kind) ? (enum line_kind)l->kind : LINE_ITEM;
}

/* --- shapes --- */

static int refuse_line(struct palier_ctx *c, uint32_t i, const char *field, const char *what)
{
	char path[48];

	snprintf(path, sizeof(path), "lines[%u].%s", i, field);
	return palier_refuse(c, PALIER_EPARAMS, path, "%s", what);
}

static int discount_check(struct palier_ctx *c, const struct basket *b, uint32_t i)
{
	const struct basket_line *l = &b->lines[i];

	if (l->amount > 0)
		return refuse_line(c, i, "amount", "a discount's amount is negative");
	if (!PALIER_HAS(l, basket_line, on))
		return PALIER_OK;
	if (l->on >= (int64_t)b->line_count)
		return refuse_line(c, i, "on", "there is no line of this index; the first is 0");
	return kind_of(&b->lines[l->on]) == LINE_ITEM ? PALIER_OK
	                                              : refuse_line(c, i, "on", "only an item can be discounted");
}

static int line_check(struct palier_ctx *c, const struct basket *b, uint32_t i)
{
	const struct basket_line *l = &b->lines[i];
	enum line_kind kind = kind_of(l);
	bool loads = kind == LINE_GIFT_CARD || kind == LINE_TOPUP;

	if (kind == LINE_DISCOUNT)
		return discount_check(c, b, i);
	if (PALIER_HAS(l, basket_line, on))
		return refuse_line(c, i, "on", "only a discount is on another line");
	if (l->amount < 0 && kind != LINE_DEPOSIT)
		return refuse_line(c, i, "amount",
			"only discounts and deposits may be negative; goods come back by a return");
	if (!loads && (PALIER_HAS(l, basket_line, unit) || PALIER_HAS(l, basket_line, card)))
		return refuse_line(c, i, PALIER_HAS(l, basket_line, unit) ? "unit" : "card",
			"only a gift_card or topup line loads something");
	if (PALIER_HAS(l, basket_line, exempt) && (kind != LINE_ITEM || l->exempt > l->amount))
		return refuse_line(c, i, "protected", "the protected part is part of an item's amount");
	return PALIER_OK;
}

/* @param anybody the ticket names a customer */
static int payment_check(struct palier_ctx *c, const struct payment *p, uint32_t i, bool anybody)
{
	if (p->kind != PAYMENT_UNIT)
		return PALIER_OK;
	if (!PALIER_HAS(p, payment, unit))
		return palier_refuse(c, PALIER_EPARAMS, "payments", "payments[%u]: a payment in units names its unit", i);
	if (!anybody && !PALIER_HAS(p, payment, card))
		return palier_refuse(c, PALIER_EPARAMS, "payments", "payments[%u]: a payment in units needs a card", i);
	return PALIER_OK;
}

int basket_check(struct palier_ctx *c, const struct basket *b)
{
	int64_t total = 0, gross = 0;
	bool anybody = b->card.len || b->member;
	int err = PALIER_OK;

	if (b->line_count > (uint64_t)c->config->limits.basket)
		return palier_refuse(c, PALIER_EPARAMS, "lines", "at most %lld lines", (long long)c->config->limits.basket);
	if (b->line_count == 0 && b->return_count == 0)
		return palier_refuse(c, PALIER_EPARAMS, "lines", "only a ticket with `returns` may have no lines");
	for (uint32_t i = 0; i < b->line_count && err == PALIER_OK; i++) {
		err = line_check(c, b, i);
		if (err == PALIER_OK &&
			(!palier_add_i64(&total, b->lines[i].amount) || !palier_add_i64(&gross, llabs(b->lines[i].amount))))
			err = refuse_line(c, i, "amount", "the sum of the lines passes 2^53-1");
	}
	if (err == PALIER_OK && !anybody && b->redeem_count)
		err = palier_refuse(c, PALIER_EPARAMS, "redeem", "a reward needs a card");
	if (err == PALIER_OK && !anybody && b->holding)
		err = palier_refuse(c, PALIER_EPARAMS, "card", "a hold needs a card");
	for (uint32_t i = 0; i < b->payment_count && err == PALIER_OK; i++)
		err = payment_check(c, &b->payments[i], i, anybody);
	return err;
}

bool basket_spends(const struct basket *b)
{
	for (uint32_t i = 0; i < b->payment_count; i++)
		if (b->payments[i].kind == PAYMENT_UNIT && !PALIER_HAS(&b->payments[i], payment, card))
			return true;
	return b->redeem_count > 0;
}

/* --- the lines --- */

static int64_t items_of(int64_t thousandths)
{
	return thousandths % 1000 == 0 ? thousandths / 1000 : 1;
}

static void lines_fill(const struct basket *b, struct palier_sale *s)
{
	for (uint32_t i = 0; i < b->line_count; i++) {
		const struct basket_line *in = &b->lines[i];
		struct palier_line *l = &s->lines[i];

		l->in = in;
		l->kind = kind_of(in);
		l->quantity = PALIER_HAS(in, basket_line, quantity) ? in->quantity : 1000;
		l->items = items_of(l->quantity);
		l->gross = in->amount;
		l->exempt = in->exempt;
		l->most_given = l->most_ours = INT64_MAX;
		s->total += in->amount;
	}
	s->payable = s->due = s->total;
}

/* A foreign discount counts at most the unprotected rest of what it is on. */
static void foreign_line_discounts(struct palier_sale *s)
{
	for (uint32_t i = 0; i < s->line_count; i++) {
		const struct basket_line *in = s->lines[i].in;
		struct palier_line *on;

		if (s->lines[i].kind != LINE_DISCOUNT || !PALIER_HAS(in, basket_line, on))
			continue;
		on = &s->lines[in->on];
		on->foreign += palier_least(-in->amount, palier_line_left(on));
	}
}

static void foreign_order_discounts(struct palier_ctx *c, struct palier_sale *s)
{
	int64_t *left = palier_alloc(c->arena, s->line_count * sizeof(*left)),
		*parts = palier_alloc(c->arena, s->line_count * sizeof(*parts));

	for (uint32_t i = 0; i < s->line_count; i++) {
		int64_t sum = 0, amount = -s->lines[i].gross;

		if (s->lines[i].kind != LINE_DISCOUNT || PALIER_HAS(s->lines[i].in, basket_line, on))
			continue;
		for (uint32_t l = 0; l < s->line_count; l++) {
			left[l] = palier_line_left(&s->lines[l]);
			sum += left[l];
		}
		palier_spread(palier_least(amount, sum), left, s->line_count, parts);
		for (uint32_t l = 0; l < s->line_count; l++)
			s->lines[l].foreign += parts[l];
	}
}

/* --- ours --- */

static int plugin_prices(struct palier_ctx *c, struct palier_sale *s, const char *name)
{
	for (unsigned i = 0; i < c->plugins->count; i++) {
		unsigned before = c->current;
		int err;

		if (!c->plugins->list[i]->on_price || strcmp(c->plugins->list[i]->name, name) != 0)
			continue;
		c->current = i;
		err = c->plugins->list[i]->on_price(c, s);
		c->current = before;
		return err;
	}
	return PALIER_ENOENT;
}

/* Offers, then what may be spent on the ticket that earns it, then rewards. What nobody knows cannot be had. */
static int our_discounts(struct palier_ctx *c, struct palier_sale *s)
{
	int err = plugin_prices(c, s, "offers");

	if (err == PALIER_ENOENT) {
		err = PALIER_OK;
		for (uint32_t i = 0; i < s->coupon_count && err == PALIER_OK; i++)
			err = palier_cannot(c, s, PALIER_ECODE_UNKNOWN, "coupon", s->coupons[i]);
	}
	if (err != PALIER_OK)
		return err;
	err = plugin_prices(c, s, "points");
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	err = plugin_prices(c, s, "rewards");
	if (err == PALIER_ENOENT) {
		err = PALIER_OK;
		for (uint32_t i = 0; i < s->redeem_count && err == PALIER_OK; i++)
			err = palier_cannot(c, s, PALIER_EREWARD_UNKNOWN, "reward", s->redeem[i].reward);
	}
	return err;
}

/* Stored value pays before anything is discounted; what nobody knows cannot pay. */
static int unit_tender(struct palier_ctx *c, struct palier_sale *s)
{
	bool served = false;
	int err = PALIER_OK;

	for (unsigned i = 0; i < c->plugins->count; i++)
		served = served || c->plugins->list[i]->on_tender;
	if (served) {
		CTX_EACH(c, err, on_tender, c, s);
		return err;
	}
	for (uint32_t i = 0; i < s->payment_count && err == PALIER_OK; i++)
		if (s->payments[i].kind == PAYMENT_UNIT)
			err = palier_cannot(c, s, PALIER_EUNIT_UNKNOWN, "unit", s->payments[i].unit);
	return err;
}

/* The sale that a basket is, before any discount. */
static struct palier_sale sale_of(struct palier_ctx *c, const struct basket *b)
{
	struct palier_sale s = { .number = b->number,
		.quote = b->quote,
		.has_member = c->ev.has_member,
		.member = c->ev.member };

	s.lines = palier_alloc(c->arena, b->line_count * sizeof(*s.lines));
	s.line_count = b->line_count;
	s.redeem = b->redeem;
	s.redeem_count = b->redeem_count;
	s.coupons = b->coupons;
	s.coupon_count = b->coupon_count;
	s.payments = b->payments;
	s.payment_count = b->payment_count;
	s.automatic = b->automatic;
	s.referral = b->referral;
	s.suggested = b->suggested;
	s.suggested_count = b->suggested_count;
	lines_fill(b, &s);
	return s;
}

/* With the till's own discounts on its lines. */
static struct palier_sale sale_begin(struct palier_ctx *c, const struct basket *b)
{
	struct palier_sale s = sale_of(c, b);

	foreign_line_discounts(&s);
	foreign_order_discounts(c, &s);
	return s;
}

int basket_price(struct palier_ctx *c, const struct basket *b, struct palier_sale *out)
{
	struct palier_sale s = sale_begin(c, b);
	int err = unit_tender(c, &s);

	if (err == PALIER_OK)
		err = our_discounts(c, &s);
	if (err == PALIER_OK)
		CTX_EACH(c, err, on_sale, c, &s);
	if (err == PALIER_OK)
		*out = s;
	return err;
}

static int discount_again(struct palier_ctx *c, struct palier_sale *s, const struct sale_discount *pinned)
{
	int64_t *parts = palier_alloc(c->arena, (s->line_count + 1) * sizeof(*parts));
	const struct palier_discount d = { palier_format(c->arena, "%.*s", PALIER_ARG(pinned->source)),
		palier_format(c->arena, "%.*s", PALIER_ARG(pinned->label)), pinned->redeemed, parts };

	for (uint32_t i = 0; i < pinned->lines.count; i++)
		parts[pinned->lines.at[i].line] = pinned->lines.at[i].amount;
	return palier_discount_add(c, s, &d);
}

int basket_capture(struct palier_ctx *c, const struct basket *b, const struct palier_event *held,
	const struct sale_held *pinned, struct palier_sale *out)
{
	struct palier_sale s = sale_begin(c, b);
	int err = PALIER_OK;

	for (uint32_t i = 0; i < pinned->discounts.count && err == PALIER_OK; i++)
		err = discount_again(c, &s, &pinned->discounts.at[i]);
	if (err == PALIER_OK)
		CTX_EACH(c, err, on_capture, c, &s, held);
	if (err == PALIER_OK)
		CTX_EACH(c, err, on_sale, c, &s);
	if (err == PALIER_OK)
		*out = s;
	return err;
}

int basket_score(struct palier_ctx *c, const struct sale_commit *p, const struct sale_booked *booked, const bool *gone,
	struct palier_sale *out)
{
	const struct basket b = BASKET_OF(p, sale_commit, .number = p->sale);
	struct palier_sale s = sale_of(c, &b);
	int err;

	s.payable = booked->payable + booked->returned;
	s.due = booked->due + booked->returned;
	s.claimed = true;
	for (uint32_t i = 0; i < booked->lines.count; i++) {
		s.lines[booked->lines.at[i].line].foreign = booked->lines.at[i].foreign;
		s.lines[booked->lines.at[i].line].ours = booked->lines.at[i].ours;
	}
	for (uint32_t i = 0; i < s.line_count; i++)
		s.lines[i].gone = gone[i];
	CTX_EACH(c, err, on_sale, c, &s);
	if (err == PALIER_OK)
		*out = s;
	return err;
}
