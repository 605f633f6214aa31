/* SPDX-License-Identifier: Apache-2.0 */
/* Quotes, holds, sales, returns, voids. */
#include "tests/model/programme.h"

#include <assert.h>
#include <string.h>

static int64_t min_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* --- tender --- */

/* Bearer gift cards are worth nothing until sold. */
static bool is_known(const struct programme *p, int account)
{
	for (int i = 0; i < p->lot_count; i++)
		if (p->lots[i].account == account)
			return true;
	return account < M_MEMBERS;
}

static const char *pay(struct programme *p, const struct p_ticket *t, const struct p_payment *pay, struct p_takes *takes)
{
	if (!p->rules->units[pay->unit].money)
		return "unit_unknown";
	if (!is_known(p, pay->account))
		return "card_unknown";
	if (pay->account < M_MEMBERS && pay->account != t->member)
		return "forbidden";
	if (t->hold >= 0)
		return p_capture(p, t->hold, pay->account, pay->unit, pay->amount, takes) ? NULL : "insufficient_points";
	return p_spend_points(p, pay->account, pay->unit, pay->amount, model_date(t->at_ms), takes) ? NULL
	                                                                                            : "insufficient_points";
}

/* @return what was paid */
static int64_t payments(struct programme *p, const struct p_ticket *t, struct p_result *q, struct p_takes *takes)
{
	int64_t paid = 0;

	for (int i = 0; i < t->payment_count; i++) {
		const char *reason = pay(p, t, &t->payments[i], takes);

		if (reason)
			p_refuse(q, P_REFUSED_UNIT, p->rules->units[t->payments[i].unit].name, reason);
		else
			paid += t->payments[i].amount;
	}
	return paid;
}

/* --- a ticket, decided --- */

static const char *hold_refused(const struct programme *p, const struct p_ticket *t)
{
	const struct p_hold *h = &p->holds[t->hold];

	if (h->member != t->member)
		return "hold_unknown";
	if (!h->live)
		return h->lapsed ? "hold_expired" : "hold_resolved";
	return NULL;
}

/* The quote that was held, whatever a quote would say today. */
static void held_price(struct programme *p, const struct p_ticket *t, struct p_result *q, struct p_takes *spent)
{
	const struct p_result *held = &p->holds[t->hold].result;

	*q = *held;
	memset(q->earned, 0, sizeof(q->earned));
	for (int i = 0; i < q->spend_count; i++) {
		bool there = p_capture(p, t->hold, t->member, p->rules->rewards[q->spends[i].reward].unit,
			q->spends[i].points, spent);

		assert(there);
		(void)there;
	}
}

/* Returns first, then tender, then discounts and what they cost: all of it taken. @return what refuses even a quote */
static const char *decide(struct programme *p, const struct p_ticket *t, struct p_result *q)
{
	struct p_sale *s = &p->sales[p->sale_count];
	int64_t back = 0, paid;
	const char *reason;

	assert(p->sale_count < P_SALES);
	memset(q, 0, sizeof(*q));
	memset(s, 0, sizeof(*s));
	if (t->hold >= 0 && (reason = hold_refused(p, t)))
		return reason;
	for (int i = 0, which; i < t->back_count; i++) {
		if ((reason = p_give_back(p, &t->backs[i], t->at_ms, t->supervised, &which)))
			return reason;
		q->refunds[i] = p->returns[which].refund;
		s->exchange++;
	}
	if (t->hold >= 0 && t->same)
		held_price(p, t, q, &s->spent);
	paid = payments(p, t, q, &s->tender);
	if (!(t->hold >= 0 && t->same))
		p_price(p, t, q, &s->spent);
	for (int i = 0; i < t->back_count; i++)
		q->payable -= q->refunds[i].amount;
	q->due = q->payable - paid;
	for (int i = 0; i < t->back_count; i++)
		for (int u = 0; u < p->rules->unit_count; u++)
			back += q->refunds[i].units[u];
	q->due += back;
	s->tender_paid = paid;
	return paid > 0 && paid > q->payable ? "params_invalid" : NULL;
}

/* --- and booked --- */

static void use(struct programme *p, bool reward, int deal, const struct p_ticket *t, int sale, int64_t times)
{
	assert(p->use_count < P_USES);
	p->uses[p->use_count++] = (struct p_use){ reward, deal, t->member, model_date(t->at_ms), sale, times };
}

static void book_uses(struct programme *p, const struct p_ticket *t, const struct p_result *q, int sale)
{
	for (int i = 0; i < p->rules->offer_count; i++)
		if (q->used[i])
			use(p, false, i, t, sale, q->used[i]);
	for (int i = 0; i < q->spend_count; i++)
		use(p, true, q->spends[i].reward, t, sale, q->spends[i].times);
	for (int i = 0; i < t->coupon_count; i++)
		for (int k = 0; k < p->code_count; k++)
			if (strcmp(p->codes[k].text, t->coupons[i]) == 0)
				p->codes[k].sale = sale;
}

static void book_loads(struct programme *p, const struct p_ticket *t, int sale)
{
	for (int i = 0; i < t->line_count; i++) {
		const struct p_line *l = &t->lines[i];

		if (l->kind == P_GIFT_CARD || l->kind == P_TOPUP)
			p_credit(p, l->account, l->unit, l->amount, t->at_ms, sale, i);
	}
}

static void book_lines(struct p_sale *s, const struct p_ticket *t, const struct p_result *q)
{
	memcpy(s->lines, t->lines, sizeof(s->lines));
	memcpy(s->net, q->net, sizeof(s->net));
	memcpy(s->earnable, q->earnable, sizeof(s->earnable));
	memcpy(s->redeemed, q->redeemed, sizeof(s->redeemed));
	s->ticket = *t;
	s->line_count = t->line_count;
	for (int i = 0; i < t->line_count; i++)
		if (t->lines[i].kind == P_ITEM)
			s->base += q->net[i];
	s->tender_paid = min_of(s->tender_paid, s->base);
}

static void book(struct programme *p, const struct p_ticket *t, struct p_result *q)
{
	int sale = p->sale_count++;
	struct p_sale *s = &p->sales[sale];

	p_earn_points(p, t, t->member >= 0 ? p->tier[t->member] : 0, q);
	s->live = true;
	s->member = t->member;
	s->day = p->day;
	s->at_ms = t->at_ms;
	s->last_return = -1;
	book_lines(s, t, q);
	memcpy(s->earned, q->earned, sizeof(s->earned));
	book_uses(p, t, q, sale);
	if (t->hold >= 0)
		p_free(p, t->hold);
	book_loads(p, t, sale);
	for (int u = 0; u < p->rules->unit_count; u++)
		if (s->earned[u] > 0)
			p_credit(p, t->member, u, s->earned[u], t->at_ms, sale, -1);
	if (t->member >= 0)
		p_tier_step(p, t->member, false, sale, s->earned[p->rules->tier_unit], t->at_ms);
	q->tier = t->member >= 0 ? p->tier[t->member] : -1;
	q->sale = sale;
}

const char *p_quote(const struct programme *p, const struct p_ticket *t, struct p_result *out)
{
	static struct programme scratch;
	const char *reason;

	scratch = *p;
	reason = decide(&scratch, t, out);
	if (!reason)
		book(&scratch, t, out);
	return reason;
}

const char *p_commit(struct programme *p, const struct p_ticket *t, struct p_result *out)
{
	static struct programme before;
	const char *reason;

	before = *p;
	reason = decide(p, t, out);
	if (!reason && out->refused_count > 0)
		reason = out->refused[0].reason;
	if (!reason && t->payable != out->payable)
		reason = "total_mismatch";
	if (reason)
		*p = before;
	else
		book(p, t, out);
	return reason;
}

/* What a commit would take is held instead. */
const char *p_hold(struct programme *p, const struct p_ticket *t, struct p_result *result, int *out)
{
	static struct programme after;
	const struct p_sale *s = &after.sales[p->sale_count];
	struct p_takes takes;
	const char *reason;

	after = *p;
	reason = decide(&after, t, result);
	if (!reason && result->refused_count > 0)
		reason = result->refused[0].reason;
	if (reason)
		return reason;
	p_earn_points(&after, t, t->member >= 0 ? after.tier[t->member] : 0, result);
	takes = s->tender;
	for (int i = 0; i < s->spent.count; i++)
		p_note(&takes, s->spent.rows[i].lot, s->spent.rows[i].points);
	for (int i = 0; i < takes.count; i++)
		p->lots[takes.rows[i].lot].left -= takes.rows[i].points;
	*out = p_hold_takes(p, t->member, &takes);
	p->holds[*out].ticket = *t;
	p->holds[*out].result = *result;
	for (int i = 0; i < t->coupon_count; i++)
		for (int k = 0; k < p->code_count; k++)
			if (strcmp(p->codes[k].text, t->coupons[i]) == 0)
				p->codes[k].hold = *out;
	return NULL;
}

/* --- returns --- */

/* What has come back of a line, worth. @return -1: more than there was */
static int64_t line_value(const struct p_sale *s, int line)
{
	int64_t net = s->net[line], size = net < 0 ? -net : net, value;

	if (s->quantity[line] > s->lines[line].quantity)
		return -1;
	value = model_share(size, s->quantity[line], s->lines[line].quantity) + s->amount[line];
	return value > size ? -1 : value;
}

/* By quantity there is something left while goods are; by amount, while money is. */
static bool all_back(const struct p_sale *s)
{
	for (int i = 0; i < s->line_count; i++)
		if (s->lines[i].kind != P_DISCOUNT &&
			(s->amount[i] ? s->value[i] != s->net[i] : s->quantity[i] < s->lines[i].quantity))
			return false;
	return true;
}

static bool lines_back(struct p_sale *s, const struct p_back *b)
{
	if (b->ask_count == 0 && all_back(s))
		return false;
	for (int i = 0; i < b->ask_count; i++) {
		int line = b->asks[i].line;
		int64_t value;

		s->quantity[line] += b->asks[i].quantity;
		s->amount[line] += b->asks[i].amount;
		value = line_value(s, line);
		if (value < 0)
			return false;
		s->value[line] = s->net[line] < 0 ? -value : value;
	}
	for (int i = 0; b->ask_count == 0 && i < s->line_count; i++) {
		s->quantity[i] = s->lines[i].quantity;
		s->value[i] = s->net[i];
	}
	return true;
}

/* Of this, all that has come back is a share of a whole. */
static int64_t share(const struct p_sale *s, int64_t of)
{
	int64_t back = 0, whole = 0, gross = 0;

	for (int i = 0; i < s->line_count; i++)
		gross += s->lines[i].kind == P_ITEM ? s->lines[i].amount : 0;
	for (int i = 0; i < s->line_count; i++) {
		int64_t weight = gross > 0 ? s->lines[i].amount : 1000000;

		if (s->lines[i].kind != P_ITEM)
			continue;
		back += s->base > 0 ? s->value[i] : model_share(weight, s->quantity[i], s->lines[i].quantity);
		whole += s->base > 0 ? s->net[i] : weight;
	}
	return whole > 0 ? model_share(of, back, whole) : 0;
}

/* Into the lots in the order in which they were taken from. @param before how much of it was given back earlier */
static void give(struct programme *p, const struct p_takes *takes, int unit, int64_t before, int64_t points, int today,
	struct p_takes *given)
{
	for (int i = 0; i < takes->count && points > 0; i++) {
		int64_t there = takes->rows[i].points, skip = min_of(before, there), now = min_of(there - skip, points);

		if (p->lots[takes->rows[i].lot].unit != unit)
			continue;
		before -= skip;
		points -= now;
		if (now > 0)
			p_restore(p, takes->rows[i].lot, now, today);
		p_note(given, takes->rows[i].lot, now);
	}
}

static int tender_unit(const struct programme *p)
{
	int unit = 0;

	while (unit < p->rules->unit_count - 1 && !p->rules->units[unit].money)
		unit++;
	return unit;
}

static void restore(struct programme *p, struct p_sale *s, struct p_return *r, int today)
{
	int money = tender_unit(p);

	for (int u = 0; u < p->rules->unit_count; u++) {
		int64_t spent = 0, now;

		for (int i = 0; i < s->spent.count; i++)
			spent += p->lots[s->spent.rows[i].lot].unit == u ? s->spent.rows[i].points : 0;
		now = share(s, spent) - s->restored[u];
		give(p, &s->spent, u, s->restored[u], now, today, &r->given);
		s->restored[u] += now;
		r->refund.restored[u] = now;
	}
	r->tender = share(s, s->tender_paid) - s->tender_back;
	give(p, &s->tender, money, s->tender_back, r->tender, today, &r->given);
	s->tender_back += r->tender;
	r->refund.units[money] = r->tender;
}

static bool reverse(struct programme *p, int sale, struct p_return *r, int account, int unit, int line, int64_t want,
	int today, bool supervised)
{
	int64_t rest =
		p_take_back(p, account, unit, want, sale, line, today, supervised, &r->taken, &r->hole[account][unit]);

	if (rest < 0)
		return false;
	r->refund.reversed[unit] += want - rest;
	r->refund.uncollected[unit] += rest;
	return true;
}

static bool reverse_all(struct programme *p, int sale, struct p_return *r, int today, bool supervised)
{
	struct p_sale *s = &p->sales[sale];

	for (int u = 0; s->member >= 0 && u < p->rules->unit_count; u++) {
		if (!reverse(p, sale, r, s->member, u, -1, share(s, s->earned[u]) - s->taken[u], today, supervised))
			return false;
		r->earned[u] = r->refund.reversed[u];
		s->taken[u] += r->earned[u];
	}
	for (int i = 0; i < s->line_count; i++) {
		const struct p_line *l = &s->lines[i];

		if ((l->kind == P_GIFT_CARD || l->kind == P_TOPUP) &&
			!reverse(p, sale, r, l->account, l->unit, i, r->value[i], today, supervised))
			return false;
	}
	return true;
}

const char *p_give_back(struct programme *p, const struct p_back *b, int64_t at_ms, bool supervised, int *out)
{
	static struct programme before;
	struct p_sale *s = &p->sales[b->sale];
	struct p_return *r = &p->returns[p->return_count];

	assert(p->return_count < P_SALES);
	if (!s->live)
		return "sale_unknown";
	before = *p;
	memset(r, 0, sizeof(*r));
	if (!lines_back(s, b)) {
		*p = before;
		return "return_exceeds_sale";
	}
	r->live = true;
	r->sale = b->sale;
	r->day = p->day;
	for (int i = 0; i < s->line_count; i++) {
		r->quantity[i] = s->quantity[i] - before.sales[b->sale].quantity[i];
		r->amount[i] = s->amount[i] - before.sales[b->sale].amount[i];
		r->value[i] = s->value[i] - before.sales[b->sale].value[i];
		r->refund.amount += r->value[i];
	}
	restore(p, s, r, model_date(at_ms));
	if (!reverse_all(p, b->sale, r, model_date(at_ms), supervised)) {
		*p = before;
		return "insufficient_points";
	}
	s->last_return = *out = p->return_count++;
	if (s->member >= 0)
		p_tier_step(p, s->member, true, *out, -r->earned[p->rules->tier_unit], at_ms);
	return NULL;
}

/* --- as if it had not been --- */

const char *p_void_sale(struct programme *p, int sale, int64_t at_ms, bool supervised)
{
	static struct programme before;
	struct p_sale *s = &p->sales[sale];
	struct p_return scratch = { .live = false };
	int today = model_date(at_ms);

	if (!s->live)
		return "sale_unknown";
	if (s->day != p->day)
		return "day_closed";
	if (s->last_return >= 0)
		return "return_exceeds_sale";
	before = *p;
	for (int i = 0; i < s->spent.count; i++)
		p_put_back(p, s->spent.rows[i].lot, s->spent.rows[i].points, today);
	for (int i = 0; i < s->tender.count; i++)
		p_put_back(p, s->tender.rows[i].lot, s->tender.rows[i].points, today);
	for (int i = 0; i < s->line_count; i++) {
		s->quantity[i] = s->lines[i].quantity;
		s->value[i] = scratch.value[i] = s->net[i];
	}
	if (!reverse_all(p, sale, &scratch, today, supervised)) {
		*p = before;
		return "insufficient_points";
	}
	s->live = false;
	for (int i = 0; i < p->code_count; i++)
		if (p->codes[i].sale == sale)
			p->codes[i].sale = -1;
	if (s->member >= 0)
		p_tier_again(p, s->member);
	return NULL;
}

static int previous_return(const struct programme *p, int which)
{
	int before = which - 1;

	while (before >= 0 && !(p->returns[before].live && p->returns[before].sale == p->returns[which].sale))
		before--;
	return before;
}

static void give_back_taken(struct programme *p, const struct p_return *r, int today)
{
	for (int i = 0; i < r->taken.count; i++)
		p_put_back(p, r->taken.rows[i].lot, r->taken.rows[i].points, today);
	for (int a = 0; a < P_ACCOUNTS; a++)
		for (int u = 0; u < p->rules->unit_count; u++)
			if (r->hole[a][u] > 0)
				p_owe_less(p, a, u, r->hole[a][u]);
}

/* What was given back goes again, out of the same lots where it is still there. */
static bool take_given(struct programme *p, const struct p_return *r, int today, bool supervised)
{
	for (int i = 0; i < r->given.count; i++) {
		struct p_lot *l = &p->lots[r->given.rows[i].lot];
		int64_t points = r->given.rows[i].points, there = min_of(l->left, points);

		l->left -= there;
		if (p_take_back(p, l->account, l->unit, points - there, -1, -1, today, supervised, NULL, NULL) < 0)
			return false;
	}
	return true;
}

const char *p_void_return(struct programme *p, int which, int64_t at_ms, bool supervised)
{
	static struct programme before;
	struct p_return *r = &p->returns[which];
	struct p_sale *s = &p->sales[r->sale];

	if (!r->live)
		return "sale_unknown";
	if (r->day != p->day)
		return "day_closed";
	if (s->last_return != which || which < s->claimed) /* the claim did without what had come back */
		return "return_exceeds_sale";
	before = *p;
	give_back_taken(p, r, model_date(at_ms));
	if (!take_given(p, r, model_date(at_ms), supervised)) {
		*p = before;
		return "insufficient_points";
	}
	for (int u = 0; u < p->rules->unit_count; u++) {
		s->taken[u] -= r->earned[u];
		s->restored[u] -= r->refund.restored[u];
	}
	for (int i = 0; i < s->line_count; i++) {
		s->quantity[i] -= r->quantity[i];
		s->amount[i] -= r->amount[i];
		s->value[i] -= r->value[i];
	}
	s->tender_back -= r->tender;
	r->live = false;
	s->last_return = previous_return(p, which);
	if (s->member >= 0)
		p_tier_again(p, s->member);
	return NULL;
}

/* --- a sale without a card, claimed --- */

const char *p_claim(struct programme *p, int sale, int member, int64_t now_ms, int claim_days)
{
	struct p_sale *s = &p->sales[sale];
	struct p_result q = { .total = 0 };

	if (!s->live)
		return "sale_unknown";
	if (s->member >= 0)
		return "sale_exists";
	if (s->line_count == 0) /* without goods it is a return */
		return "sale_unknown";
	if (model_add_days(model_date(s->at_ms), claim_days) < model_date(now_ms))
		return "clock";
	s->member = s->ticket.member = member;
	s->claimed = p->return_count;
	memcpy(q.earnable, s->earnable, sizeof(q.earnable));
	memcpy(q.redeemed, s->redeemed, sizeof(q.redeemed));
	p_earn_points(p, &s->ticket, p_tier_at(p, member, s->at_ms), &q);
	for (int u = 0; u < p->rules->unit_count; u++) {
		int64_t back = share(s, q.earned[u]);

		s->earned[u] = q.earned[u];
		if (q.earned[u] == 0)
			continue;
		p_credit(p, member, u, q.earned[u], s->at_ms, sale, -1);
		s->taken[u] = back - p_take_back(p, member, u, back, sale, -1, model_date(now_ms), true, NULL, NULL);
	}
	p_tier_step(p, member, false, sale, s->earned[p->rules->tier_unit] - s->taken[p->rules->tier_unit], s->at_ms);
	return NULL;
}
