/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/e2e/programme.h"

#include <time.h>

/* What the shop sells; a4 is weighed, and never in a basket whose pieces a condition counts. */
static const struct p_line goods[] = {
	{ .sku = "a0", .category = "coffee" },
	{ .sku = "a1", .category = "coffee", .tags = { "new" } },
	{ .sku = "a2", .category = "tea" },
	{ .sku = "a3", .category = "tea", .tags = { "promo" } },
	{ .sku = "a4", .category = "coffee" },
	{ .sku = "a5", .category = "book" },
	{ .sku = "a6" },
	{ .sku = "a7", .tags = { "new", "promo" } },
};

#define GOODS   (sizeof(goods) / sizeof(*goods))
#define WEIGHED 4

uint64_t ticket_below(struct tickets *d, uint64_t n)
{
	return draw_below(d->state, n);
}

/* --- baskets --- */

static struct p_line *add(struct p_ticket *t, const char *sku, enum p_line_kind kind, int64_t amount)
{
	struct p_line *l = &t->lines[t->line_count++];

	*l = (struct p_line){ .sku = sku, .kind = kind, .quantity = 1000, .amount = amount, .on = -1 };
	return l;
}

static void add_item(struct tickets *d, struct p_ticket *t)
{
	size_t which = ticket_below(d, GOODS);
	struct p_line *l = &t->lines[t->line_count++];

	*l = goods[which];
	l->on = -1;
	l->quantity = which == WEIGHED ? 1 + (int64_t)ticket_below(d, 3000) : 1000 * (1 + (int64_t)ticket_below(d, 5));
	l->amount = ticket_below(d, 8) ? (int64_t)ticket_below(d, 6000) : 0;
	if (ticket_below(d, 6) == 0)
		l->guarded = (int64_t)ticket_below(d, (uint64_t)l->amount + 1);
}

/* Purses that were never sold are worth nothing. */
static bool sold(const struct programme *p, int account)
{
	for (int i = 0; i < p->lot_count; i++)
		if (p->lots[i].account == account)
			return true;
	return false;
}

static int any_purse(struct tickets *d)
{
	return M_MEMBERS + (int)ticket_below(d, (uint64_t)d->purse_count);
}

static void add_discount(struct tickets *d, struct p_ticket *t, int items)
{
	int on = (int)ticket_below(d, (uint64_t)items + 1) - 1;
	int64_t most = on < 0 ? 3000 : t->lines[on].amount + 300;
	struct p_line *l = add(t, "off", P_DISCOUNT, -1 - (int64_t)ticket_below(d, (uint64_t)most));

	l->on = on;
}

/* A new gift card, or more on a purse that is there. */
static void add_load(struct tickets *d, struct p_ticket *t)
{
	struct p_line *l = add(t, "load", P_TOPUP, 100 + (int64_t)ticket_below(d, 5000));

	l->unit = U_CREDIT;
	if (t->member >= 0 && ticket_below(d, 2)) {
		l->account = t->member;
		return;
	}
	l->account = any_purse(d);
	l->kind = sold(d->model, l->account) ? P_TOPUP : P_GIFT_CARD;
}

void ticket_draw(struct tickets *d, int member, int64_t at_ms, struct p_ticket *out)
{
	int items = 1 + (int)ticket_below(d, 5);

	memset(out, 0, sizeof(*out));
	out->member = member;
	out->at_ms = at_ms;
	out->hold = -1;
	out->no_auto = ticket_below(d, 10) == 0;
	for (int i = 0; i < items; i++)
		add_item(d, out);
	for (uint64_t i = ticket_below(d, 6); i > 3; i--)
		add_discount(d, out, items);
	if (ticket_below(d, 8) == 0)
		add(out, "tip", P_TIP, (int64_t)ticket_below(d, 500));
	if (ticket_below(d, 8) == 0)
		add(out, "bottle", P_DEPOSIT, (int64_t)ticket_below(d, 400) - 200);
	if (ticket_below(d, 8) == 0 && d->model->rules->reward_count > 0)
		add_load(d, out);
}

/* --- what is asked for --- */

static void add_redeem(struct tickets *d, struct p_ticket *t)
{
	const struct p_rules *rules = d->model->rules;
	struct p_redeem *r = &t->redeem[t->redeem_count++];
	const struct p_deal *deal;

	*r = (struct p_redeem){ .reward = (int)ticket_below(d, (uint64_t)rules->reward_count) };
	deal = &rules->rewards[r->reward];
	if (ticket_below(d, 2))
		r->points = 1 + (int64_t)ticket_below(d, (uint64_t)deal->cost * (deal->cost > 1 ? 4 : 600));
	else if (deal->kind != P_PERCENT && ticket_below(d, 2))
		r->times = 1 + (int64_t)ticket_below(d, 6);
	if (deal->kind == P_PRODUCT && ticket_below(d, 3) == 0)
		r->choice = deal->skus[deal->skus[1] ? ticket_below(d, 2) : 0];
}

static void add_coupon(struct tickets *d, struct p_ticket *t, int which)
{
	static const char *const shared[] = { "FLASH", "SOLO", "NOBODY-KNOWS" };

	if (which < 2 || d->model->code_count == 0 || ticket_below(d, 6) == 0)
		t->coupons[t->coupon_count++] = shared[which];
	else
		t->coupons[t->coupon_count++] = d->model->codes[ticket_below(d, (uint64_t)d->model->code_count)].text;
}

void ticket_redeem(struct tickets *d, struct p_ticket *t)
{
	int first = (int)ticket_below(d, 3);

	for (uint64_t i = t->member >= 0 ? ticket_below(d, 3) : 0; i > 0; i--)
		add_redeem(d, t);
	for (int i = 0; i < 2; i++)
		if (ticket_below(d, 4) == 0)
			add_coupon(d, t, (first + i) % 3);
}

/* Mostly within what is to be paid. */
void ticket_pay(struct tickets *d, struct p_ticket *t)
{
	struct p_result q;
	int64_t left;

	if (p_quote(d->model, t, &q) || q.payable <= 0)
		return;
	left = q.payable;
	for (uint64_t i = ticket_below(d, 3); i > 0 && left > 0; i--) {
		struct p_payment *pay = &t->payments[t->payment_count++];
		int account = ticket_below(d, 3) && t->member >= 0 ? t->member : any_purse(d);
		int64_t there = p_spendable(d->model, account, U_CREDIT, model_date(t->at_ms));

		*pay = (struct p_payment){ .account = account, .unit = U_CREDIT };
		pay->amount = 1 + (int64_t)ticket_below(d, (uint64_t)left);
		if (there > 0 && pay->amount > there && ticket_below(d, 6))
			pay->amount = there;
		left -= pay->amount;
	}
	if (t->payment_count > 0 && t->member >= 0 && ticket_below(d, 12) == 0)
		t->payments[0] = (struct p_payment){ t->member, U_STARS, t->payments[0].amount };
	else if (t->payment_count > 0 && t->member >= 0 && ticket_below(d, 12) == 0)
		t->payments[0].account = (t->member + 1) % d->member_count;
}

void ticket_back(struct tickets *d, int sale, struct p_back *out)
{
	const struct p_sale *s = &d->model->sales[sale];

	*out = (struct p_back){ .sale = sale, .ask_count = s->line_count ? (int)ticket_below(d, 3) : 0 };
	for (int i = 0; i < out->ask_count; i++) {
		struct m_ask *a = &out->asks[i];

		do
			a->line = (int)ticket_below(d, (uint64_t)s->line_count);
		while (s->lines[a->line].kind == P_DISCOUNT);
		if (s->lines[a->line].kind != P_ITEM || s->base == 0)
			a->quantity = s->lines[a->line].quantity;
		else if (ticket_below(d, 3))
			a->quantity = 1 + (int64_t)ticket_below(d, (uint64_t)s->lines[a->line].quantity);
		else
			a->amount = 1 + (int64_t)ticket_below(d, (uint64_t)s->net[a->line] / 2 + 1);
	}
}

/* --- JSON --- */

struct text {
	char *at;
	size_t len, size;
};

static void say(struct text *x, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct text *x, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(x->at + x->len, x->size - x->len, format, args);
	va_end(args);
	assert_true(n >= 0 && (size_t)n < x->size - x->len);
	x->len += (size_t)n;
}

static void say_line(struct text *x, const struct tickets *d, const struct p_line *l)
{
	static const char *const kinds[] = { "item", "discount", "gift_card", "topup", "tip", "deposit" };

	say(x, "{'sku':'%s','amount':%lld", l->sku, (long long)l->amount);
	if (l->quantity != 1000)
		say(x, ",'quantity':%d.%03d", (int)(l->quantity / 1000), (int)(l->quantity % 1000));
	if (l->category)
		say(x, ",'category':'%s'", l->category);
	if (l->tags[0])
		say(x, ",'tags':['%s'%s%s%s]", l->tags[0], l->tags[1] ? ",'" : "", l->tags[1] ? l->tags[1] : "",
			l->tags[1] ? "'" : "");
	if (l->kind != P_ITEM)
		say(x, ",'kind':'%s'", kinds[l->kind]);
	if (l->on >= 0)
		say(x, ",'on':%d", l->on);
	if (l->guarded)
		say(x, ",'protected':%lld", (long long)l->guarded);
	if (l->kind == P_GIFT_CARD || l->kind == P_TOPUP)
		say(x, ",'unit':'credit','card':'%s'", d->cards[l->account]);
	say(x, "}");
}

static void say_redeem(struct text *x, const struct tickets *d, const struct p_redeem *r)
{
	say(x, "{'reward':'%s'", d->model->rules->rewards[r->reward].name);
	if (r->times)
		say(x, ",'times':%lld", (long long)r->times);
	if (r->points)
		say(x, ",'points':%lld", (long long)r->points);
	if (r->choice)
		say(x, ",'choice':'%s'", r->choice);
	say(x, "}");
}

static void say_payment(struct text *x, const struct tickets *d, const struct p_ticket *t, const struct p_payment *p)
{
	say(x, "{'kind':'unit','unit':'%s','amount':%lld", d->model->rules->units[p->unit].name, (long long)p->amount);
	if (p->account != t->member)
		say(x, ",'card':'%s'", d->cards[p->account]);
	say(x, "}");
}

/* A list under its name, when there is anything in it. */
#define SAY_LIST(x, name, count, ...) \
	do { \
		for (int i = 0; i < (count); i++) { \
			if (i == 0) \
				say(x, ",'" name "':["); \
			else \
				say(x, ","); \
			__VA_ARGS__; \
		} \
		if ((count) > 0) \
			say(x, "]"); \
	} while (0)

const char *ticket_json(const struct tickets *d, const struct p_ticket *t)
{
	static char text[8192];
	struct text into = { .at = text, .size = sizeof(text) }, *x = &into;

	if (t->member >= 0)
		say(x, "'member':'%s',", d->members[t->member]);
	say(x, "'at':'%s'", time_text(t->at_ms));
	if (t->line_count == 0)
		say(x, ",'lines':[]");
	if (t->no_auto)
		say(x, ",'auto':false");
	SAY_LIST(x, "lines", t->line_count, say_line(x, d, &t->lines[i]));
	SAY_LIST(x, "redeem", t->redeem_count, say_redeem(x, d, &t->redeem[i]));
	SAY_LIST(x, "coupons", t->coupon_count, say(x, "'%s'", t->coupons[i]));
	SAY_LIST(x, "payments", t->payment_count, say_payment(x, d, t, &t->payments[i]));
	SAY_LIST(x, "returns", t->back_count, say(x, "{'sale':'S%d'%s}", t->backs[i].sale, back_json(&t->backs[i])));
	return text;
}

const char *back_json(const struct p_back *b)
{
	static char text[512];
	struct text into = { .at = text, .size = sizeof(text) }, *x = &into;

	text[0] = 0;
	SAY_LIST(x, "lines", b->ask_count, {
		const struct m_ask *a = &b->asks[i];

		if (a->quantity)
			say(x, "{'line':%d,'quantity':%d.%03d}", a->line, (int)(a->quantity / 1000),
				(int)(a->quantity % 1000));
		else
			say(x, "{'line':%d,'amount':%lld}", a->line, (long long)a->amount);
	});
	return text;
}

const char *time_text(int64_t ms)
{
	static char text[4][40];
	static unsigned turn;
	char *out = text[turn++ % 4], day[32];
	time_t s = (time_t)(ms / 1000);
	struct tm t;

	gmtime_r(&s, &t);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &t);
	snprintf(out, sizeof(text[0]), "%s.%03dZ", day, (int)(ms % 1000));
	return out;
}
