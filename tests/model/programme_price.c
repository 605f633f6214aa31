/* SPDX-License-Identifier: Apache-2.0 */
/* What a basket costs and earns: foreign discounts, offers, coupons, rewards, earning. */
#include "tests/model/programme.h"

#include <assert.h>
#include <string.h>

/* A ticket under way. */
struct price {
	struct programme *p;
	const struct p_ticket *t;
	struct p_result *q;
	struct p_takes *spent;
	int64_t bought[P_LINES]; /* after foreign discounts, protected parts included */
	int64_t left[P_LINES];   /* that may still be discounted */
};

/* Half up; nothing here is negative. */
static int64_t half_up(__int128 a, __int128 b)
{
	return (int64_t)((2 * a + b) / (2 * b));
}

static int64_t min_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t sum_of(const int64_t *at, int count)
{
	int64_t sum = 0;

	for (int i = 0; i < count; i++)
		sum += at[i];
	return sum;
}

void p_spread(int64_t amount, const int64_t *weights, int count, int64_t *parts)
{
	int64_t all = sum_of(weights, count), given = 0, rest[P_LINES];

	for (int i = 0; i < count; i++) {
		parts[i] = all > 0 ? (int64_t)((__int128)amount * weights[i] / all) : 0;
		rest[i] = all > 0 ? (int64_t)((__int128)amount * weights[i] % all) : 0;
		given += parts[i];
	}
	for (; all > 0 && given < amount; given++) {
		int most = 0;

		for (int i = 1; i < count; i++)
			if (rest[i] > rest[most])
				most = i;
		parts[most]++;
		rest[most] = -1;
	}
}

void p_refuse(struct p_result *q, enum p_refused_kind kind, const char *what, const char *reason)
{
	assert(q->refused_count < 3 * P_ASKED);
	q->refused[q->refused_count++] = (struct p_refused){ kind, what, reason };
}

/* --- conditions --- */

static bool names(const char *const *list, const char *what)
{
	for (int i = 0; i < P_LIST && list[i] && what; i++)
		if (strcmp(list[i], what) == 0)
			return true;
	return false;
}

static bool allows(const char *const *list, const char *what)
{
	return !list[0] || names(list, what);
}

static bool line_matches(const struct p_when *w, const struct p_line *l)
{
	return l->kind == P_ITEM && allows(w->sku, l->sku) && allows(w->category, l->category) &&
	       !names(w->category_not, l->category) &&
	       (!w->tag[0] || names(w->tag, l->tags[0]) || names(w->tag, l->tags[1]));
}

static bool coupon_shown(const struct p_when *w, const struct p_ticket *t)
{
	for (int i = 0; i < t->coupon_count; i++)
		if (names(w->coupon, t->coupons[i]))
			return true;
	return !w->coupon[0];
}

static bool holds(const struct p_when *w, const struct programme *p, const struct p_ticket *t, const int64_t *bought)
{
	int64_t spend = 0, quantity = 0;
	int lines = 0;

	for (int i = 0; i < t->line_count; i++) {
		if (!line_matches(w, &t->lines[i]))
			continue;
		spend += bought[i];
		quantity += t->lines[i].quantity;
		lines++;
	}
	if (w->tiers && (t->member < 0 || !(w->tiers >> p->tier[t->member] & 1)))
		return false;
	return lines > 0 && spend >= w->spend_min && quantity >= w->quantity_min && coupon_shown(w, t);
}

/* A fractional quantity is one item. */
static int64_t items(const struct p_line *l)
{
	return l->quantity % 1000 ? 1 : l->quantity / 1000;
}

/* --- the till's own discounts --- */

static void foreign_line(struct price *c, const struct p_line *l)
{
	int64_t off = min_of(-l->amount, c->left[l->on]);

	c->left[l->on] -= off;
	c->bought[l->on] -= off;
}

static void foreign_order(struct price *c, const struct p_line *l)
{
	int64_t parts[P_LINES];

	p_spread(min_of(-l->amount, sum_of(c->left, c->t->line_count)), c->left, c->t->line_count, parts);
	for (int i = 0; i < c->t->line_count; i++) {
		c->left[i] -= parts[i];
		c->bought[i] -= parts[i];
	}
}

static void foreign(struct price *c)
{
	const struct p_ticket *t = c->t;

	for (int i = 0; i < t->line_count; i++) {
		c->q->total += t->lines[i].amount;
		c->bought[i] = t->lines[i].kind == P_DISCOUNT ? 0 : t->lines[i].amount;
		c->left[i] = t->lines[i].kind == P_ITEM ? t->lines[i].amount - t->lines[i].guarded : 0;
	}
	for (int i = 0; i < t->line_count; i++)
		if (t->lines[i].kind == P_DISCOUNT && t->lines[i].on >= 0)
			foreign_line(c, &t->lines[i]);
	for (int i = 0; i < t->line_count; i++)
		if (t->lines[i].kind == P_DISCOUNT && t->lines[i].on < 0)
			foreign_order(c, &t->lines[i]);
}

/* --- what a deal takes off --- */

/* Is a's unit dearer than b's? */
static bool dearer(const struct price *c, int a, int b)
{
	return (__int128)c->left[a] * items(&c->t->lines[b]) > (__int128)c->left[b] * items(&c->t->lines[a]);
}

/* @return -1: none has a price left */
static int cheapest(const struct price *c, const bool *among)
{
	int best = -1;

	for (int i = 0; i < c->t->line_count; i++)
		if (among[i] && c->left[i] > 0 && (best < 0 || dearer(c, best, i)))
			best = i;
	return best;
}

static void select_lines(const struct price *c, const struct p_deal *d, bool *among)
{
	for (int i = 0; i < c->t->line_count; i++)
		among[i] = c->t->lines[i].kind == P_ITEM && (d->of == P_ORDER || line_matches(&d->when, &c->t->lines[i]));
}

/* The lines it applies to, each with what may be taken of it. @return how many items the one line of `cheapest` has, else 1 */
static int64_t weigh(const struct price *c, const struct p_deal *d, int64_t *weights)
{
	bool among[P_LINES] = { false };
	int one;

	select_lines(c, d, among);
	one = d->of == P_CHEAPEST ? cheapest(c, among) : -1;
	for (int i = 0; i < c->t->line_count; i++)
		weights[i] = d->of == P_CHEAPEST ? (i == one ? c->left[i] : 0) : (among[i] ? c->left[i] : 0);
	return one >= 0 ? items(&c->t->lines[one]) : 1;
}

static int64_t capped(const struct p_deal *d, int64_t amount, int64_t all)
{
	if (d->share)
		amount = min_of(amount, all * d->share / 100);
	return d->cap ? min_of(amount, d->cap) : amount;
}

/* @param times cut to the multiples that are started; percent and offers: once @return 0: nothing */
static int64_t take_off(const struct price *c, const struct p_deal *d, int64_t *times, int64_t *parts)
{
	int64_t weights[P_LINES], of = weigh(c, d, weights), all = sum_of(weights, c->t->line_count);
	int64_t most = capped(d, half_up(all, of), all), amount;

	if (d->kind == P_PERCENT) {
		amount = capped(d, half_up((__int128)all * d->value, (__int128)of * 10000), half_up(all, of));
		*times = min_of(*times, 1);
	} else {
		*times = min_of(*times, (most + d->value - 1) / d->value);
		amount = min_of(*times * d->value, most);
	}
	p_spread(amount, weights, c->t->line_count, parts);
	return amount;
}

/* Free units, the cheapest first. */
static int64_t give_free(const struct price *c, const struct p_deal *d, const char *choice, int64_t *times, int64_t *parts)
{
	bool among[P_LINES] = { false };
	int64_t units = 0, free = 0, amount = 0;

	for (int i = 0; i < c->t->line_count; i++) {
		const struct p_line *l = &c->t->lines[i];

		parts[i] = 0;
		among[i] = l->kind == P_ITEM && c->left[i] > 0 && names(d->skus, l->sku) &&
		           (!choice || strcmp(choice, l->sku) == 0);
		units += among[i] ? items(l) : 0;
	}
	*times = min_of(*times, (units + d->get - 1) / d->get);
	free = min_of(*times * d->get, units);
	for (int i; free > 0 && (i = cheapest(c, among)) >= 0;) {
		int64_t given = min_of(free, items(&c->t->lines[i]));

		parts[i] = half_up((__int128)c->left[i] * given, items(&c->t->lines[i]));
		amount += parts[i];
		free -= given;
		among[i] = false;
	}
	return amount;
}

static void book_discount(struct price *c, const char *source, int64_t amount, const int64_t *parts, bool redeemed)
{
	struct p_discount *d = &c->q->discounts[c->q->discount_count++];

	assert(c->q->discount_count <= P_DISCOUNTS);
	*d = (struct p_discount){ .source = source, .amount = amount };
	for (int i = 0; i < c->t->line_count; i++) {
		d->lines[i] = parts[i];
		c->left[i] -= parts[i];
		if (redeemed)
			c->q->redeemed[i] += parts[i];
	}
}

/* --- caps --- */

static int64_t used(const struct programme *p, bool reward, int deal, int account, int date)
{
	int64_t times = 0;

	for (int i = 0; i < p->use_count; i++) {
		const struct p_use *u = &p->uses[i];

		if (u->reward == reward && u->deal == deal && (account < 0 || u->account == account) &&
			(date == 0 || u->date == date) && p->sales[u->sale].live)
			times += u->times;
	}
	return times;
}

/* @param more of it on this ticket already */
static bool capped_out(const struct price *c, bool reward, int deal, int64_t times, int64_t more)
{
	const struct p_max *max = reward ? &c->p->rules->rewards[deal].max : &c->p->rules->offers[deal].max;
	int member = c->t->member, date = model_date(c->t->at_ms);

	times += more;
	if (max->total && used(c->p, reward, deal, -1, 0) + times > max->total)
		return true;
	if (member < 0)
		return false;
	return (max->member && used(c->p, reward, deal, member, 0) + times > max->member) ||
	       (max->day && used(c->p, reward, deal, member, date) + times > max->day);
}

/* --- offers --- */

/* The code of coupon.issue; -1: it is none. */
static int issued(const struct programme *p, const char *text)
{
	for (int i = 0; i < p->code_count; i++)
		if (strcmp(p->codes[i].text, text) == 0)
			return i;
	return -1;
}

/* @return which offer a coupon stands for; -1 with the reason */
static int offer_of(const struct price *c, const char *coupon, const char **reason)
{
	int code = issued(c->p, coupon);

	*reason = "code_unknown";
	for (int i = 0; i < c->p->rules->offer_count; i++)
		if (names(c->p->rules->offers[i].when.coupon, coupon))
			return i;
	if (code < 0)
		return -1;
	*reason = "code_spent";
	if (c->p->codes[code].sale >= 0 || (c->p->codes[code].hold >= 0 && c->p->codes[code].hold != c->t->hold))
		return -1;
	return c->p->codes[code].offer;
}

/* By itself, were there no other. */
static bool offer_applies(const struct price *c, int offer)
{
	const struct p_deal *o = &c->p->rules->offers[offer];
	int64_t parts[P_LINES], times = 1;

	return holds(&o->when, c->p, c->t, c->bought) && !capped_out(c, false, offer, 1, 0) &&
	       take_off(c, o, &times, parts) > 0;
}

static bool is_automatic(const struct p_deal *o)
{
	return o->automatic && !o->single && !o->when.coupon[0];
}

static void offers_that_apply(const struct price *c, bool *applies)
{
	for (int i = 0; i < c->p->rules->offer_count; i++)
		applies[i] = is_automatic(&c->p->rules->offers[i]) && !c->t->no_auto && offer_applies(c, i);
	for (int i = 0; i < c->t->coupon_count; i++) {
		const char *reason;
		int offer = offer_of(c, c->t->coupons[i], &reason);

		if (offer >= 0)
			applies[offer] = offer_applies(c, offer);
	}
}

/* If any stands alone, only the highest such stays. */
static void alone(const struct price *c, bool *applies)
{
	const struct p_deal *offers = c->p->rules->offers;
	int best = -1;

	for (int i = 0; i < c->p->rules->offer_count; i++)
		if (applies[i] && offers[i].alone && (best < 0 || offers[i].priority > offers[best].priority))
			best = i;
	for (int i = 0; best >= 0 && i < c->p->rules->offer_count; i++)
		applies[i] = i == best;
}

static bool apply_offer(struct price *c, int offer)
{
	int64_t parts[P_LINES], times = 1, amount = take_off(c, &c->p->rules->offers[offer], &times, parts);

	if (amount == 0)
		return false;
	book_discount(c, c->p->rules->offers[offer].name, amount, parts, false);
	c->q->used[offer]++;
	return true;
}

static void automatic(struct price *c, bool *applies)
{
	const struct p_deal *offers = c->p->rules->offers;

	for (;;) {
		int best = -1;

		for (int i = 0; i < c->p->rules->offer_count; i++)
			if (applies[i] && is_automatic(&offers[i]) &&
				(best < 0 || offers[i].priority > offers[best].priority))
				best = i;
		if (best < 0)
			return;
		apply_offer(c, best);
		applies[best] = false;
	}
}

static void offers(struct price *c)
{
	bool applies[P_DEALS];

	offers_that_apply(c, applies);
	alone(c, applies);
	automatic(c, applies);
	for (int i = 0; i < c->t->coupon_count; i++) {
		const char *reason;
		int offer = offer_of(c, c->t->coupons[i], &reason);

		if (offer < 0)
			p_refuse(c->q, P_REFUSED_COUPON, c->t->coupons[i], reason);
		else if (!applies[offer] || !apply_offer(c, offer))
			p_refuse(c->q, P_REFUSED_COUPON, c->t->coupons[i], "reward_unavailable");
	}
}

/* --- rewards --- */

static bool pay_points(struct price *c, const struct p_deal *d, int64_t points)
{
	if (c->t->hold >= 0)
		return p_capture(c->p, c->t->hold, c->t->member, d->unit, points, c->spent);
	return p_spend_points(c->p, c->t->member, d->unit, points, model_date(c->t->at_ms), c->spent);
}

static int64_t on_this_ticket(const struct p_result *q, int reward)
{
	int64_t times = 0;

	for (int i = 0; i < q->spend_count; i++)
		times += q->spends[i].reward == reward ? q->spends[i].times : 0;
	return times;
}

static const char *redeem(struct price *c, const struct p_redeem *r)
{
	const struct p_deal *d = &c->p->rules->rewards[r->reward];
	int64_t times = r->points ? r->points / d->cost : (r->times ? r->times : 1), parts[P_LINES], amount;

	if (times == 0 || !holds(&d->when, c->p, c->t, c->bought))
		return "reward_unavailable";
	amount = d->kind == P_PRODUCT ? give_free(c, d, r->choice, &times, parts) : take_off(c, d, &times, parts);
	if (amount == 0 || times * d->cost < d->min_points)
		return "reward_unavailable";
	if (capped_out(c, true, r->reward, times, on_this_ticket(c->q, r->reward)))
		return "reward_unavailable";
	if (!pay_points(c, d, times * d->cost))
		return "insufficient_points";
	book_discount(c, d->name, amount, parts, true);
	c->q->spends[c->q->spend_count++] = (struct p_spend){ r->reward, times, times * d->cost };
	return NULL;
}

void p_price(struct programme *p, const struct p_ticket *t, struct p_result *q, struct p_takes *spent)
{
	struct price c = { .p = p, .t = t, .q = q, .spent = spent };

	foreign(&c);
	offers(&c);
	memcpy(q->earnable, c.left, sizeof(q->earnable));
	for (int i = 0; i < t->redeem_count; i++) {
		const char *reason = redeem(&c, &t->redeem[i]);

		if (reason)
			p_refuse(q, P_REFUSED_REWARD, p->rules->rewards[t->redeem[i].reward].name, reason);
	}
	for (int i = 0; i < t->line_count; i++) {
		q->net[i] = c.bought[i];
		for (int k = 0; k < q->discount_count; k++)
			q->net[i] -= q->discounts[k].lines[i];
	}
	q->payable = q->total;
	for (int k = 0; k < q->discount_count; k++)
		q->payable -= q->discounts[k].amount;
}

/* --- earning --- */

static int64_t earned_by(const struct programme *p, const struct p_earn *e, const struct p_ticket *t,
	const struct p_result *q)
{
	int64_t base = 0, count = 0;

	for (int i = 0; i < t->line_count; i++) {
		if (!line_matches(&e->when, &t->lines[i]))
			continue;
		base += q->earnable[i] - (p->rules->units[e->unit].earn_off_redeemed ? q->redeemed[i] : 0);
		count += items(&t->lines[i]);
	}
	if (e->kind == P_PER_AMOUNT)
		return base / e->per * e->points;
	return e->kind == P_PER_ITEM ? count * e->points : e->points;
}

/* The non-stackable rule that stands alone; -1: none. */
static int earns_alone(const struct programme *p, int unit, const bool *applies)
{
	const struct p_earn *earns = p->rules->earns;
	int best = -1;

	for (int i = 0; i < p->rules->earn_count; i++)
		if (applies[i] && earns[i].unit == unit && earns[i].alone && earns[i].kind != P_MULTIPLIER &&
			(best < 0 || earns[i].priority > earns[best].priority))
			best = i;
	return best;
}

static int64_t round_to(__int128 a, __int128 b, enum p_rounding how)
{
	if (how == P_NEAREST)
		return half_up(a, b);
	return (int64_t)((how == P_UP ? a + b - 1 : a) / b);
}

static void earn_unit(const struct programme *p, const struct p_ticket *t, int tier, struct p_result *q, int unit,
	const bool *applies)
{
	const struct p_rules *r = p->rules;
	int only = earns_alone(p, unit, applies);
	__int128 factor = 1, parts = 1;
	int64_t sum = 0;

	for (int i = 0; i < r->earn_count; i++) {
		if (!applies[i] || r->earns[i].unit != unit)
			continue;
		if (r->earns[i].kind == P_MULTIPLIER) {
			factor *= r->earns[i].factor;
			parts *= 1000;
		} else if (only < 0 || only == i) {
			sum += earned_by(p, &r->earns[i], t, q);
		}
	}
	if (unit == r->tier_unit && r->tier_count > 0) {
		factor *= r->tiers[tier].factor;
		parts *= 1000;
	}
	q->earned[unit] = round_to(sum * factor, parts, r->units[unit].rounding);
}

void p_earn_points(const struct programme *p, const struct p_ticket *t, int tier, struct p_result *q)
{
	struct p_result foreign_only = { .total = 0 };
	struct price c = { .t = t, .q = &foreign_only };
	bool applies[P_EARNS];

	if (t->member < 0)
		return;
	foreign(&c);
	for (int i = 0; i < p->rules->earn_count; i++)
		applies[i] = holds(&p->rules->earns[i].when, p, t, c.bought);
	for (int u = 0; u < p->rules->unit_count; u++)
		earn_unit(p, t, tier, q, u, applies);
}
