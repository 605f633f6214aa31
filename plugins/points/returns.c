/* SPDX-License-Identifier: Apache-2.0 */
/* Returns and voids: rules.md "Returns" and its fine print. A return gives back what the sale spent and takes what it earned, each in
 * proportion to the value that came back; a void undoes every move of an event. Both read the ledger, never today's programme. */
#include "plugins/points/internal.h"

/* A booked move that is undone, whole or in part. */
struct source {
	const struct palier_event *ev;
	const struct points_move *m;
};

/* What is going on. */
struct undoing {
	struct palier_ctx *c;
	struct palier_bytes sale; /* the receipt that the new moves belong to */
	bool voiding;
};

static bool is_gone(int err)
{
	return err == PALIER_ENOENT || err == PALIER_EMEMBER_ERASED;
}

static int plan_book(const struct undoing *u, struct points_plan *p)
{
	if (u->sale.len > 0)
		PALIER_SET(&p->m, points_move, sale, u->sale);
	return points_plan_book(u->c, p);
}

/* Say the balances of all units, for the reply. */
static int balances_say(struct palier_ctx *c, bool has_member, struct palier_id member)
{
	int err = has_member ? palier_member_now(c, member, &member) : PALIER_ENOENT;

	if (is_gone(err))
		return PALIER_OK;
	return err == PALIER_OK ? points_balances_add(c, member, NULL) : err;
}

/* The lot that a credit made, or the one that holds what comes back of the hole that a debit dug. */
static struct lot own_lot(const struct source *s)
{
	const struct points_move *m = s->m;

	return (struct lot){ PALIER_HAS(m, points_move, expires) ? m->expires : DAY_NEVER, s->ev->at_ms, s->ev->seq,
		(uint8_t)m->cause, 0, 0, m->pending };
}

/* --- giving back --- */

/* Points from..to of a debit that come back, counted over its lots in the order in which they were taken, and then its hole. */
struct stretch {
	int64_t at, from, to;
};

/* How much of the next `points` lies in the stretch. */
static int64_t stretch_next(struct stretch *s, int64_t points)
{
	int64_t from = s->from > s->at ? s->from - s->at : 0, to = s->to - s->at;

	s->at += points;
	if (to > points)
		to = points;
	return to > from ? to - from : 0;
}

/* Give a lot its points back, less what the hole swallows. In a return, what has lapsed goes into a new lot; as if a voided sale had
 * not been, it stays lapsed, and no hole is filled with it. */
static void part_give(const struct undoing *u, struct points_plan *p, const struct lot *l, int64_t points, int64_t *hole)
{
	bool lapsed = l->expires < points_now(u->c);
	int64_t swallowed = u->voiding && lapsed ? 0 : points < *hole ? points : *hole;

	*hole -= swallowed;
	points -= swallowed;
	points_plan_fill(p, swallowed);
	if (points == 0)
		return;
	if (lapsed && !u->voiding)
		PALIER_SET(&p->m, points_move, expired, p->m.expired + points);
	else
		points_plan_part(u->c, p, l, points);
}

/* Plan to give points from..to of a debit back. A hole that is there swallows first what had dug one, then the rest in order. */
static void give_plan(const struct undoing *u, const struct source *s, int64_t from, int64_t to, struct points_plan *p)
{
	const struct points_move *m = s->m;
	struct stretch in = { 0, from, to }, dug = { -m->points - m->hole, from, to };
	struct lot own = own_lot(s);
	int64_t hole = p->st.hole;

	part_give(u, p, &own, stretch_next(&dug, m->hole), &hole);
	for (uint32_t i = 0; i < m->lots.count; i++) {
		struct lot l = points_lot_of(&m->lots.at[i]);

		part_give(u, p, &l, stretch_next(&in, m->lots.at[i].points), &hole);
	}
	p->m.points = to - from;
	if (p->m.expired > 0) {
		PALIER_SET(&p->m, points_move, expires, day_add(points_now(u->c), (int)m->grace));
		p->m.balance += p->m.expired;
	}
}

static enum points_cause giving(const struct points_move *m)
{
	return m->cause == POINTS_PAY ? POINTS_REFUND : POINTS_RESTORE;
}

/* @param out_given NULL, or how many: nothing to a member who is gone */
static int give_back(const struct undoing *u, const struct source *s, int64_t from, int64_t to, int64_t *out_given)
{
	struct palier_id member;
	struct points_plan p;
	int err = to > from ? palier_member_now(u->c, s->m->member, &member) : PALIER_ENOENT;

	if (is_gone(err))
		return PALIER_OK;
	if (err == PALIER_OK)
		err = points_plan_begin(u->c, member, s->m->unit, giving(s->m), &p);
	if (err != PALIER_OK)
		return err;
	give_plan(u, s, from, to, &p);
	if (out_given)
		*out_given += to - from;
	return plan_book(u, &p);
}

/* --- taking back --- */

/* What is left in the credit's own lots. */
static int own_plan(const struct undoing *u, const struct source *s, struct points_plan *p, int64_t *want)
{
	struct lot own = own_lot(s);
	bool lapsed = u->voiding || s->m->cause == POINTS_EARN; /* what was loaded is refunded in money */
	int err = PALIER_OK;

	for (uint32_t i = 0; i < s->m->lots.count && err == PALIER_OK; i++) {
		struct lot l = points_lot_of(&s->m->lots.at[i]);

		err = points_plan_pick(u->c, p, &l, s->m->lots.at[i].points, lapsed, want);
	}
	return err == PALIER_OK ? points_plan_pick(u->c, p, &own, INT64_MAX, lapsed, want) : err;
}

/* What is not there: the policy of the credit says whether it is owed. @param want is 0 when it was had or is owed */
static int shortfall_plan(const struct undoing *u, const struct source *s, struct points_plan *p, int64_t *want)
{
	bool forced = palier_offline(u->c) || (s->m->policy == SHORTFALL_REFUSE && palier_supervised(u->c));
	int err;

	if (*want == 0 || (s->m->policy == SHORTFALL_CLAMP && !forced))
		return PALIER_OK;
	if (s->m->policy == SHORTFALL_REFUSE && !forced)
		return palier_refuse(u->c, PALIER_EINSUFFICIENT_POINTS, NULL,
			"%lld of the %.*s that go back are spent already: it takes a supervisor", (long long)*want,
			PALIER_ARG(s->m->unit));
	err = points_plan_dig(u->c, p, *want);
	if (err == PALIER_OK)
		*want = 0;
	return err;
}

/* Collect `requested`, and what earlier returns of the sale still owe: from its own lots, from what of them has lapsed and is booked, from
 * the other lots, and what is not there by the policy. */
static int collect_plan(const struct undoing *u, const struct source *s, int64_t requested, const struct origin *o,
	struct points_plan *p)
{
	int64_t all = requested + o->owed, want = all, lapsed;
	int err = own_plan(u, s, p, &want);

	lapsed = want < o->lapsed ? want : o->lapsed;
	want -= lapsed;
	if (err == PALIER_OK)
		err = points_plan_take(u->c, p, &want);
	if (err == PALIER_OK)
		err = shortfall_plan(u, s, p, &want);
	if (err != PALIER_OK)
		return err;
	p->m.points = want + lapsed - all;
	PALIER_SET(&p->m, points_move, requested, requested);
	PALIER_SET(&p->m, points_move, collected, all - want);
	PALIER_SET(&p->m, points_move, uncollected, want - o->owed);
	if (lapsed > 0)
		PALIER_SET(&p->m, points_move, lapsed, lapsed);
	return PALIER_OK;
}

/* Nothing can be had of a member who is gone. */
static int uncollected_book(const struct undoing *u, const struct source *s, int64_t requested)
{
	struct points_plan p = { .m = points_move_of(s->m->member, s->m->unit, POINTS_REVERSE, 0) };

	PALIER_SET(&p.m, points_move, balance, 0);
	PALIER_SET(&p.m, points_move, requested, requested);
	PALIER_SET(&p.m, points_move, collected, 0);
	PALIER_SET(&p.m, points_move, uncollected, requested);
	return plan_book(u, &p);
}

static int take_back(const struct undoing *u, const struct source *s, int64_t requested)
{
	bool earned = s->m->cause == POINTS_EARN;
	struct palier_id member;
	struct points_plan p;
	struct origin o = { 0 };
	int err = requested > 0 ? palier_member_now(u->c, s->m->member, &member) : PALIER_OK;

	if (requested == 0)
		return PALIER_OK;
	if (is_gone(err))
		return uncollected_book(u, s, requested);
	if (err == PALIER_OK)
		err = points_plan_begin(u->c, member, s->m->unit, POINTS_REVERSE, &p);
	if (err == PALIER_OK && earned)
		err = points_origin_read(palier_tables(u->c), s->ev->seq, p.number, &o);
	if (err == PALIER_OK)
		err = collect_plan(u, s, requested, &o, &p);
	if (err != PALIER_OK)
		return err;
	if (earned && (!u->voiding || p.m.lapsed > 0)) /* nothing is owed to a sale that has not been */
		PALIER_SET(&p.m, points_move, of, (int64_t)s->ev->seq);
	return plan_book(u, &p);
}

/* --- a return --- */

/* Visit the moves of the sale's events, in order. */
struct booked {
	const struct palier_return *r;
	unsigned event;
	uint32_t effect;
};

static bool booked_next(struct booked *b, struct source *out)
{
	for (; b->event < 2; b->event++, b->effect = 0) {
		const struct palier_event *ev = b->r->booked[b->event];

		while (ev && b->effect < ev->effect_count) {
			*out = (struct source){ ev, points_move_in(&ev->effects[b->effect++]) };
			if (out->m)
				return true;
		}
	}
	return false;
}

/* What stored value paid for goods: tender covers them first, up to their worth. */
static int64_t tender_covered(const struct palier_return *r, const struct points_move *m, int64_t *covered)
{
	int64_t part = r->paid - *covered < -m->points ? r->paid - *covered : -m->points;

	*covered += part;
	return part;
}

static int64_t tender_sum(const struct palier_return *r)
{
	struct booked b = { .r = r };
	struct source s;
	int64_t covered = 0;

	while (booked_next(&b, &s))
		if (s.m->cause == POINTS_PAY)
			tender_covered(r, s.m, &covered);
	return covered;
}

/* Of a sum that comes back in the order in which it was taken, what lies behind the first `done` of it and is the move's.
 * @param out_given NULL, or how many */
static int part_of_sum(const struct undoing *u, const struct palier_return *r, const struct source *s, int64_t sum,
	int64_t done, int64_t part, int64_t *out_given)
{
	int64_t before = palier_share(sum, r->before, r->base) - done;
	int64_t after = palier_share(sum, r->after, r->base) - done;

	before = before < 0 ? 0 : before > part ? part : before;
	after = after < 0 ? 0 : after > part ? part : after;
	return give_back(u, s, before, after, out_given);
}

/* What rewards cost of a unit. @param until NULL: in all; else before this move */
static int64_t spent_sum(const struct palier_return *r, struct palier_bytes unit, const struct points_move *until)
{
	struct booked b = { .r = r };
	struct source s;
	int64_t sum = 0;

	while (booked_next(&b, &s) && s.m != until)
		if (s.m->cause == POINTS_SPEND && palier_equal(s.m->unit, unit))
			sum -= s.m->points;
	return sum;
}

/* Tender comes back as one sum, and so does what was spent of a unit. */
static int spent_give(const struct undoing *u, struct palier_return *r)
{
	struct booked b = { .r = r };
	struct source s;
	int64_t sum = tender_sum(r), covered = 0;
	int err = PALIER_OK;

	while (err == PALIER_OK && booked_next(&b, &s)) {
		int64_t done = covered;

		if (s.m->cause == POINTS_SPEND)
			err = part_of_sum(u, r, &s, spent_sum(r, s.m->unit, NULL), spent_sum(r, s.m->unit, s.m),
				-s.m->points, NULL);
		else if (s.m->cause == POINTS_PAY)
			err = part_of_sum(u, r, &s, sum, done, tender_covered(r, s.m, &covered), &r->refund_units);
	}
	return err;
}

static bool load_returns(const struct palier_return *r, const struct points_move *m)
{
	for (uint32_t i = 0; i < r->load_count; i++)
		if (PALIER_HAS(m, points_move, line) && m->line == r->loads[i].line)
			return true;
	return false;
}

static int earned_take(const struct undoing *u, const struct palier_return *r)
{
	struct booked b = { .r = r };
	struct source s;
	int err = PALIER_OK;

	while (err == PALIER_OK && booked_next(&b, &s))
		if (s.m->cause == POINTS_EARN)
			err = take_back(u, &s,
				palier_share(s.m->points, r->after, r->base) -
					palier_share(s.m->points, r->before, r->base));
		else if (s.m->cause == POINTS_LOAD && load_returns(r, s.m))
			err = take_back(u, &s, s.m->points);
	return err;
}

int points_on_return(struct palier_ctx *c, struct palier_return *r)
{
	const struct undoing u = { c, r->sale, false };
	int err = spent_give(&u, r);

	if (err == PALIER_OK)
		err = earned_take(&u, r);
	return err == PALIER_OK ? balances_say(c, r->has_member, r->member) : err;
}

/* --- a void --- */

/* What a return requested and had, undone. */
static void figures_undo(const struct points_move *m, struct points_move *out)
{
	if (PALIER_HAS(m, points_move, shortfall))
		PALIER_SET(out, points_move, shortfall, -m->shortfall);
	if (PALIER_HAS(m, points_move, requested)) {
		PALIER_SET(out, points_move, requested, -m->requested);
		PALIER_SET(out, points_move, collected, -m->collected);
		PALIER_SET(out, points_move, uncollected, -m->uncollected);
	}
	if (PALIER_HAS(m, points_move, lapsed))
		PALIER_SET(out, points_move, lapsed, -m->lapsed);
	if (PALIER_HAS(m, points_move, of))
		PALIER_SET(out, points_move, of, m->of);
}

static int debit_undo(const struct undoing *u, const struct source *s)
{
	struct palier_id member;
	struct points_plan p = { .m = points_move_of(s->m->member, s->m->unit, giving(s->m), 0) };
	int err = palier_member_now(u->c, s->m->member, &member);

	if (is_gone(err)) {
		PALIER_SET(&p.m, points_move, balance, 0);
	} else {
		if (err == PALIER_OK)
			err = points_plan_begin(u->c, member, s->m->unit, giving(s->m), &p);
		if (err != PALIER_OK)
			return err;
		give_plan(u, s, 0, -s->m->points, &p);
	}
	figures_undo(s->m, &p.m);
	return plan_book(u, &p);
}

int points_on_void(struct palier_ctx *c, const struct palier_event *undone)
{
	struct undoing u = { .c = c, .voiding = true };
	int err = PALIER_OK;

	for (uint32_t i = undone->effect_count; i-- > 0 && err == PALIER_OK;) {
		struct source s = { undone, points_move_in(&undone->effects[i]) };

		if (!s.m)
			continue;
		u.sale = s.m->sale;
		err = s.m->points > 0 ? take_back(&u, &s, s.m->points) : debit_undo(&u, &s);
	}
	return err == PALIER_OK ? balances_say(c, undone->has_member, undone->member) : err;
}
