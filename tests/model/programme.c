/* SPDX-License-Identifier: Apache-2.0 */
/* Lots, balances, holds, tiers. */
#include "tests/model/programme.h"

#include <assert.h>
#include <string.h>

void p_rules_count(struct p_rules *r)
{
	while (r->unit_count < P_UNITS && r->units[r->unit_count].name)
		r->unit_count++;
	while (r->earn_count < P_EARNS && r->earns[r->earn_count].name)
		r->earn_count++;
	while (r->reward_count < P_DEALS && r->rewards[r->reward_count].name)
		r->reward_count++;
	while (r->offer_count < P_DEALS && r->offers[r->offer_count].name)
		r->offer_count++;
	while (r->tier_count < P_TIERS && r->tiers[r->tier_count].name)
		r->tier_count++;
}

void programme_init(struct programme *p, const struct p_rules *rules)
{
	memset(p, 0, sizeof(*p));
	p->rules = rules;
}

/* --- what an account has --- */

static bool is_of(const struct p_lot *l, int account, int unit)
{
	return l->account == account && l->unit == unit;
}

/* What is free of a lot may have lapsed, what is held has not. */
int64_t p_balance(const struct programme *p, int account, int unit, int today)
{
	int64_t sum = -p->hole[account][unit];

	for (int i = 0; i < p->lot_count; i++)
		if (is_of(&p->lots[i], account, unit))
			sum += (p->lots[i].expires >= today ? p->lots[i].left : 0) + p->lots[i].held;
	return sum;
}

int64_t p_pending(const struct programme *p, int account, int unit, int today)
{
	int64_t sum = 0;

	for (int i = 0; i < p->lot_count; i++)
		if (is_of(&p->lots[i], account, unit) && p->lots[i].expires >= today && p->lots[i].pending > today)
			sum += p->lots[i].left;
	return sum;
}

int64_t p_held(const struct programme *p, int account, int unit)
{
	int64_t sum = 0;

	for (int i = 0; i < p->lot_count; i++)
		if (is_of(&p->lots[i], account, unit))
			sum += p->lots[i].held;
	return sum;
}

int64_t p_spendable(const struct programme *p, int account, int unit, int today)
{
	return p_balance(p, account, unit, today) - p_pending(p, account, unit, today) - p_held(p, account, unit);
}

/* --- credits --- */

/* @return what is left of points once the hole is filled */
static int64_t fill_hole(struct programme *p, int account, int unit, int64_t points)
{
	int64_t *hole = &p->hole[account][unit], filled = points < *hole ? points : *hole;

	*hole -= filled;
	return points - filled;
}

static int new_lot(struct programme *p, const struct p_lot *l)
{
	assert(p->lot_count < P_LOTS);
	p->lots[p->lot_count] = *l;
	return p->lot_count++;
}

void p_credit(struct programme *p, int account, int unit, int64_t points, int64_t at_ms, int sale, int line)
{
	const struct p_unit *u = &p->rules->units[unit];
	bool earned = sale >= 0 && line < 0;
	int date = model_date(at_ms);
	int64_t rest = fill_hole(p, account, unit, points);

	if (rest == 0)
		return;
	new_lot(p, &(struct p_lot){ .account = account,
			   .unit = unit,
			   .sale = sale,
			   .line = line,
			   .expires = u->months ? model_add_months(date, u->months) : M_NEVER,
			   .pending = earned && u->pending ? model_add_days(date, u->pending) : 0,
			   .at_ms = at_ms,
			   .left = rest });
}

void p_restore(struct programme *p, int lot, int64_t points, int today)
{
	struct p_lot *l = &p->lots[lot];
	int64_t rest = fill_hole(p, l->account, l->unit, points);

	p->vague[l->account][l->unit] |= rest < points;
	if (l->expires >= today)
		l->left += rest;
	else if (rest > 0)
		new_lot(p, &(struct p_lot){ .account = l->account,
				   .unit = l->unit,
				   .sale = -1,
				   .line = -1,
				   .expires = model_add_days(today, p->rules->units[l->unit].grace),
				   .at_ms = l->at_ms,
				   .left = rest });
}

void p_put_back(struct programme *p, int lot, int64_t points, int today)
{
	if (p->lots[lot].expires >= today)
		p_restore(p, lot, points, today);
	else
		p->lots[lot].left += points;
}

void p_owe_less(struct programme *p, int account, int unit, int64_t points)
{
	int64_t rest = fill_hole(p, account, unit, points);

	p->vague[account][unit] = true;
	if (rest > 0)
		new_lot(p, &(struct p_lot){ .account = account,
				   .unit = unit,
				   .sale = -1,
				   .line = -1,
				   .expires = M_NEVER,
				   .left = rest });
}

/* --- debits --- */

/* Nearest expiry, then oldest, then first booked: lots stand in the order of booking. */
static int next_lot(const struct programme *p, int account, int unit, int today, bool pending)
{
	int best = -1;

	for (int i = 0; i < p->lot_count; i++) {
		const struct p_lot *l = &p->lots[i], *b = best < 0 ? NULL : &p->lots[best];

		if (!is_of(l, account, unit) || l->left == 0 || l->expires < today || (l->pending > today) != pending)
			continue;
		if (!b || l->expires < b->expires || (l->expires == b->expires && l->at_ms < b->at_ms))
			best = i;
	}
	return best;
}

void p_note(struct p_takes *takes, int lot, int64_t points)
{
	if (!takes || points == 0)
		return;
	assert(takes->count < P_TAKES);
	takes->rows[takes->count++] = (struct p_take){ lot, points };
}

static int64_t take_from(struct programme *p, int lot, int64_t want, struct p_takes *takes)
{
	int64_t taken = p->lots[lot].left < want ? p->lots[lot].left : want;

	p->lots[lot].left -= taken;
	p_note(takes, lot, taken);
	return taken;
}

bool p_spend_points(struct programme *p, int account, int unit, int64_t points, int today, struct p_takes *takes)
{
	if (p_spendable(p, account, unit, today) < points)
		return false;
	while (points > 0)
		points -= take_from(p, next_lot(p, account, unit, today, false), points, takes);
	return true;
}

int64_t p_take_back(struct programme *p, int account, int unit, int64_t want, int sale, int line, int today, bool supervised,
	struct p_takes *takes, int64_t *hole)
{
	enum m_policy policy = p->rules->units[unit].policy;

	for (int i = 0; sale >= 0 && i < p->lot_count && want > 0; i++)
		if (is_of(&p->lots[i], account, unit) && p->lots[i].sale == sale && p->lots[i].line == line)
			want -= take_from(p, i, want, takes);
	for (int pending = 0; pending <= 1; pending++)
		for (int i; want > 0 && (i = next_lot(p, account, unit, today, pending)) >= 0;)
			want -= take_from(p, i, want, takes);
	if (want == 0 || policy == M_CLAMP)
		return want;
	if (policy == M_REFUSE && !supervised)
		return -1;
	p->hole[account][unit] += want;
	if (hole)
		*hole += want;
	return 0;
}

const char *p_adjust(struct programme *p, int account, int unit, int64_t points, int64_t at_ms)
{
	if (points == 0)
		return "params_invalid";
	if (points > 0)
		p_credit(p, account, unit, points, at_ms, -1, -1);
	else if (!p_spend_points(p, account, unit, -points, model_date(at_ms), NULL))
		return "insufficient_points";
	return NULL;
}

/* --- holds --- */

int p_hold_takes(struct programme *p, int member, const struct p_takes *takes)
{
	for (int i = 0; i < takes->count; i++)
		p->lots[takes->rows[i].lot].held += takes->rows[i].points;
	assert(p->hold_count < P_HOLDS);
	p->holds[p->hold_count] = (struct p_hold){ .live = true, .member = member, .takes = *takes };
	return p->hold_count++;
}

const char *p_hold_points(struct programme *p, int member, int unit, int64_t points, int64_t at_ms, int *out)
{
	struct p_takes takes = { .count = 0 };

	if (!p_spend_points(p, member, unit, points, model_date(at_ms), &takes))
		return "insufficient_points";
	*out = p_hold_takes(p, member, &takes);
	return NULL;
}

bool p_capture(struct programme *p, int hold, int account, int unit, int64_t points, struct p_takes *takes)
{
	struct p_takes *held = &p->holds[hold].takes;
	int64_t there = 0;

	for (int i = 0; i < held->count; i++)
		if (is_of(&p->lots[held->rows[i].lot], account, unit))
			there += held->rows[i].points;
	if (there < points)
		return false;
	for (int i = 0; i < held->count && points > 0; i++) {
		struct p_take *row = &held->rows[i];
		int64_t taken = row->points < points ? row->points : points;

		if (!is_of(&p->lots[row->lot], account, unit))
			continue;
		row->points -= taken;
		points -= taken;
		p->lots[row->lot].held -= taken;
		p_note(takes, row->lot, taken);
	}
	return true;
}

void p_free(struct programme *p, int hold)
{
	struct p_hold *h = &p->holds[hold];

	for (int i = 0; i < h->takes.count; i++) {
		struct p_lot *l = &p->lots[h->takes.rows[i].lot];
		int64_t points = h->takes.rows[i].points, rest = fill_hole(p, l->account, l->unit, points);

		l->held -= points;
		l->left += rest;
		p->vague[l->account][l->unit] |= rest < points;
	}
	for (int i = 0; i < p->code_count; i++)
		if (p->codes[i].hold == hold)
			p->codes[i].hold = -1;
	h->live = false;
}

const char *p_release(struct programme *p, int hold)
{
	if (!p->holds[hold].live)
		return p->holds[hold].lapsed ? "hold_expired" : "hold_resolved";
	p_free(p, hold);
	return NULL;
}

void p_lapse(struct programme *p, int hold)
{
	p_free(p, hold);
	p->holds[hold].lapsed = true;
}

/* --- tiers --- */

int64_t p_measured(const struct programme *p, int member, int64_t at_ms)
{
	int unit = p->rules->tier_unit;
	int64_t sum = 0;

	for (int i = 0; i < p->sale_count; i++) {
		const struct p_sale *s = &p->sales[i];

		if (s->live && s->member == member &&
			model_add_months(model_date(s->at_ms), p->rules->tier_months) >= model_date(at_ms))
			sum += s->earned[unit] - s->taken[unit];
	}
	return sum;
}

static int tier_by(const struct programme *p, int64_t measured)
{
	int tier = 0;

	for (int i = 0; i < p->rules->tier_count; i++)
		if (measured >= p->rules->tiers[i].from)
			tier = i;
	return tier;
}

static const struct p_sale *sale_of(const struct programme *p, const struct p_step *s)
{
	return &p->sales[s->back ? p->returns[s->which].sale : s->which];
}

/* Inside the return window what comes back is as if it had not been bought. */
static bool undoes(const struct programme *p, const struct p_step *back)
{
	return model_add_days(model_date(sale_of(p, back)->at_ms), p->rules->tier_return_days) >= model_date(back->at_ms);
}

static bool stands(const struct programme *p, const struct p_step *s, int member, int64_t until_ms)
{
	const struct p_sale *sale = sale_of(p, s);

	return sale->member == member && sale->live && !(s->back && !p->returns[s->which].live) && s->at_ms <= until_ms;
}

/* When this step was taken, without what has come back since then, but with it where that undoes. */
static int64_t measured_by(const struct programme *p, int member, int step, int64_t until_ms)
{
	int64_t sum = 0;

	for (int i = 0; i < p->step_count; i++) {
		const struct p_step *s = &p->steps[i];
		bool counts = i <= step;

		for (int k = 0; s->back && undoes(p, s) && k <= step; k++)
			counts |= !p->steps[k].back && sale_of(p, &p->steps[k]) == sale_of(p, s);
		sum += counts && stands(p, s, member, until_ms) ? s->points : 0;
	}
	return sum;
}

/* All that was booked and still is, once more from the beginning, in the order in which it happened: so what is voided has not been, and what
 * was claimed was the member's from then on. @param until as it was known then */
static int fold(const struct programme *p, int member, int64_t until_ms)
{
	int tier = 0;

	for (int i = 0; i < p->step_count; i++) {
		int by = tier_by(p, measured_by(p, member, i, until_ms));

		if (!p->steps[i].back && stands(p, &p->steps[i], member, until_ms) && by > tier)
			tier = by;
	}
	return tier;
}

int p_tier_at(const struct programme *p, int member, int64_t at_ms)
{
	return fold(p, member, at_ms);
}

void p_tier_step(struct programme *p, int member, bool back, int which, int64_t points, int64_t at_ms)
{
	int at = p->step_count++;

	assert(p->step_count <= 2 * P_SALES);
	for (; at > 0 && p->steps[at - 1].at_ms > at_ms; at--)
		p->steps[at] = p->steps[at - 1];
	p->steps[at] = (struct p_step){ back, which, points, at_ms };
	p_tier_again(p, member);
}

void p_tier_again(struct programme *p, int member)
{
	p->tier[member] = fold(p, member, INT64_MAX);
}
