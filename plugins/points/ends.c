/* SPDX-License-Identifier: Apache-2.0 */
/* How points end: they lapse after a day's close, go to another member by a merge, or are closed when a member is erased. */
#include "plugins/points/internal.h"

#include <string.h>

/* So many members a slice. */
#define SLICE 200

/* --- expiry --- */

/* Book the lots of one unit and last day: one closing row, zero if nothing is left. What is held does not lapse yet.
 * @param l the first of them; then the first lot behind them @param more whether there is one */
static int lots_expire(struct palier_ctx *c, struct palier_id member, struct palier_bytes unit, struct palier_cursor *cur,
	struct lot *l, bool *more)
{
	uint32_t last = l->expires;
	struct points_plan p;
	int err = points_plan_begin(c, member, unit, POINTS_EXPIRE, &p);

	while (err == PALIER_OK && l->expires == last) {
		if (l->left > l->held || l->left == 0) {
			points_plan_part(c, &p, l, l->held - l->left);
			p.m.points -= l->left - l->held;
		}
		err = points_lot_next(cur, l);
	}
	*more = err == PALIER_OK;
	if ((err != PALIER_OK && err != PALIER_ENOENT) || p.m.lots.count == 0)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	PALIER_SET(&p.m, points_move, expires, last);
	return points_plan_book(c, &p);
}

static int unit_expire(struct palier_ctx *c, struct palier_id member, uint16_t number, const struct palier_close *close)
{
	struct palier_cursor *cur = points_lots(palier_tables(c), member, number);
	struct palier_bytes unit;
	struct lot l;
	int err = points_lot_next(cur, &l);
	bool more = err == PALIER_OK;

	if (!more || l.expires > close->closed)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	err = points_name_of(palier_tables(c), number, &unit);
	while (err == PALIER_OK && more && l.expires <= close->closed && l.expires < close->opened)
		err = lots_expire(c, member, unit, cur, &l, &more);
	return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
}

static int member_expire(struct palier_ctx *c, struct palier_id member, const struct palier_close *close)
{
	struct palier_cursor *cur = points_standings(palier_tables(c), member);
	struct standing st;
	uint16_t number;
	int err = points_holds_lapse(c, member);

	if (err == PALIER_OK)
		err = points_confirm(c, member);
	while (err == PALIER_OK && (err = points_standing_next(cur, &number, &st)) == PALIER_OK) {
		err = unit_expire(c, member, number, close);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int points_due(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from)
{
	int err = PALIER_OK;

	for (unsigned i = 0; i < SLICE && err == PALIER_OK; i++) {
		err = palier_member_next(c, from);
		if (err == PALIER_OK)
			err = member_expire(c, *from, close);
		if (err == PALIER_OK)
			err = points_give(c, *from, close);
	}
	return err;
}

/* --- merge and erasure --- */

/* All lots that hold something, as one move away from the member. */
static int lots_close(struct palier_ctx *c, struct points_plan *p)
{
	struct palier_cursor *cur = points_lots(palier_tables(c), p->m.member, p->number);
	struct lot l;
	int err;

	while ((err = points_lot_next(cur, &l)) == PALIER_OK) {
		points_plan_part(c, p, &l, l.held - l.left);
		p->m.points -= l.left - l.held;
	}
	if (err != PALIER_ENOENT || p->m.lots.count == 0)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	return points_plan_book(c, p);
}

/* A merge under way. */
struct merging {
	struct palier_id into;
	const struct held *held; /* what holds kept of the lots that go */
	uint32_t held_count;
};

/* What of a lot is held, and stays so. */
static int64_t lot_held(const struct merging *m, uint16_t number, const struct lot *l)
{
	int64_t sum = 0;

	for (uint32_t i = 0; i < m->held_count; i++) {
		const struct held *h = &m->held[i];

		if (h->number == number && h->lot.expires == l->expires && h->lot.at_ms == l->at_ms &&
			h->lot.seq == l->seq && h->lot.cause == l->cause)
			sum += h->points;
	}
	return sum;
}

/* Give them to another, the lots as they are: returns find them there. His hole swallows what is neither lapsed nor held. */
static int lots_adopt(struct palier_ctx *c, const struct merging *who, const struct points_move *given)
{
	struct points_plan p;
	int64_t hole;
	int err = points_plan_begin(c, who->into, given->unit, POINTS_MERGE, &p);

	if (err != PALIER_OK || given->points == 0)
		return err;
	p.m.points = -given->points;
	hole = p.st.hole;
	for (uint32_t i = 0; i < given->lots.count; i++) {
		struct lot l = points_lot_of(&given->lots.at[i]);
		int64_t points = given->lots.at[i].points;
		int64_t loose = points - lot_held(who, p.number, &l);
		int64_t swallowed = l.expires < points_now(c) ? 0 : loose < hole ? loose : hole;

		hole -= swallowed;
		points_plan_fill(&p, swallowed);
		if (points > swallowed)
			points_plan_part(c, &p, &l, points - swallowed);
	}
	return points_plan_book(c, &p);
}

/* Fill a member's hole. */
static int hole_close(struct palier_ctx *c, struct palier_id member, struct palier_bytes unit, int64_t hole,
	enum points_cause cause)
{
	struct points_plan p;
	int err = points_plan_begin(c, member, unit, cause, &p);

	if (err != PALIER_OK)
		return err;
	p.m.points = hole;
	points_plan_fill(&p, hole);
	return points_plan_book(c, &p);
}

/* Another takes it over: out of lots as far as there are any. */
static int hole_adopt(struct palier_ctx *c, struct palier_id into, struct palier_bytes unit, int64_t hole)
{
	struct points_plan p;
	int64_t want = hole;
	int err = points_plan_begin(c, into, unit, POINTS_MERGE, &p);

	p.m.points = -hole;
	if (err == PALIER_OK)
		err = points_plan_take(c, &p, &want);
	if (err == PALIER_OK && want > 0)
		err = points_plan_dig(c, &p, want);
	return err == PALIER_OK ? points_plan_book(c, &p) : err;
}

/* Visit a member's units. */
static int each_unit(struct palier_ctx *c, struct palier_id member,
	int (*visit)(struct palier_ctx *c, struct points_plan *p, const struct merging *who), const struct merging *who,
	enum points_cause cause)
{
	struct palier_cursor *cur = points_standings(palier_tables(c), member);
	struct palier_bytes unit;
	struct points_plan p;
	struct standing st;
	uint16_t number;
	int err;

	while ((err = points_standing_next(cur, &number, &st)) == PALIER_OK) {
		err = points_name_of(palier_tables(c), number, &unit);
		if (err == PALIER_OK)
			err = points_plan_begin(c, member, unit, cause, &p);
		if (err == PALIER_OK)
			err = visit(c, &p, who);
		if (err != PALIER_OK)
			return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int unit_merge(struct palier_ctx *c, struct points_plan *p, const struct merging *who)
{
	int err = lots_close(c, p);

	if (err == PALIER_OK)
		err = lots_adopt(c, who, &p->m);
	if (err == PALIER_OK)
		err = points_holds_adopt(c, who->into, p->number, who->held, who->held_count);
	if (err != PALIER_OK || p->st.hole == 0)
		return err;
	err = hole_close(c, p->m.member, p->m.unit, p->st.hole, POINTS_MERGE);
	return err == PALIER_OK ? hole_adopt(c, who->into, p->m.unit, p->st.hole) : err;
}

static int unit_erase(struct palier_ctx *c, struct points_plan *p, const struct merging *who)
{
	int err = lots_close(c, p);

	(void)who;
	return err == PALIER_OK && p->st.hole > 0 ? hole_close(c, p->m.member, p->m.unit, p->st.hole, POINTS_ADJUST) : err;
}

int points_on_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into)
{
	struct held *held = NULL;
	struct merging who = { .into = into };
	int err = points_holds_lapse(c, from);

	if (err == PALIER_OK)
		err = points_holds_list(c, from, &held, &who.held_count);
	if (err == PALIER_OK)
		err = points_holds_free(c, from, false);
	who.held = held;
	if (err == PALIER_OK)
		err = points_home_forget(c, from);
	return err == PALIER_OK ? each_unit(c, from, unit_merge, &who, POINTS_MERGE) : err;
}

int points_on_erase(struct palier_ctx *c, struct palier_id member)
{
	int err = points_holds_free(c, member, true);

	if (err == PALIER_OK)
		err = points_home_forget(c, member);
	return err == PALIER_OK ? each_unit(c, member, unit_erase, NULL, POINTS_EXPIRE) : err;
}
