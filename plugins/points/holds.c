/* SPDX-License-Identifier: Apache-2.0 */
/* Holds: what a basket would take is kept, lot by lot, for the commit that names the hold. What is held does not lapse. A hold that has
 * lapsed keeps nothing from that moment on; the next move of the member's, or the jobs after a close, book it. */
#include "plugins/points/internal.h"

PALIER_SCHEMA(points_held);
PALIER_SCHEMA(points_freed);

static const struct palier_bytes any_hold;

/* --- apply --- */

static struct held held_of(struct palier_bytes hold, int64_t until_ms, uint16_t number, const struct points_lot *row)
{
	struct held h = { .number = number, .lot = points_lot_of(row), .until_ms = until_ms };

	memcpy(h.hold, hold.at, hold.len < HOLD_NAME_MAX ? hold.len : HOLD_NAME_MAX);
	return h;
}

int points_held_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct points_held *e = body;
	struct standing st;
	uint16_t number;
	int err;

	(void)ev;
	if (e->lots.count == 0)
		return PALIER_OK; /* all of it comes with the ticket; the unit may never have moved */
	err = points_number_of(t, e->unit, &number);
	if (err == PALIER_OK)
		err = points_standing_read(t, e->member, number, &st);
	for (uint32_t i = 0; i < e->lots.count && err == PALIER_OK; i++) {
		struct held h = held_of(e->hold, e->until, number, &e->lots.at[i]);

		err = points_held_move(t, e->member, &h, e->lots.at[i].points, &st);
	}
	if (err == PALIER_OK)
		err = points_standing_write(t, e->member, number, &st);
	return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
}

/* What is free again fills the hole: both are less, and the balance stays. */
static int fill_apply(struct palier_tables *t, const struct points_freed *e, uint16_t number, struct standing *st)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; i < e->filled.count && err == PALIER_OK; i++) {
		struct lot l = points_lot_of(&e->filled.at[i]);
		int64_t points = e->filled.at[i].points;

		if (!palier_add_i64(&st->lots, -points) || !palier_add_i64(&st->hole, -points) || st->hole < 0)
			return PALIER_EDAMAGED;
		err = points_lot_move(t, e->member, number, &l, -points, true);
	}
	return err;
}

int points_freed_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct points_freed *e = body;
	struct standing st;
	uint16_t number;
	int err = points_number_of(t, e->unit, &number);

	(void)ev;
	if (err == PALIER_OK)
		err = points_standing_read(t, e->member, number, &st);
	for (uint32_t i = 0; i < e->lots.count && err == PALIER_OK; i++) {
		struct held h = held_of(e->hold, 0, number, &e->lots.at[i]);

		err = points_held_move(t, e->member, &h, -e->lots.at[i].points, &st);
	}
	if (err == PALIER_OK)
		err = fill_apply(t, e, number, &st);
	if (err == PALIER_OK)
		err = points_standing_write(t, e->member, number, &st);
	return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
}

/* --- freeing --- */

int points_holds_list(struct palier_ctx *c, struct palier_id member, struct held **out, uint32_t *count)
{
	struct palier_cursor *cur = points_helds(palier_tables(c), member, any_hold);
	struct held *list = NULL, h;
	uint32_t n = 0, room = 0;
	int err;

	while ((err = points_held_next(cur, &h)) == PALIER_OK) {
		if (n == room) {
			struct held *more = palier_alloc(palier_arena(c), (room = room * 2 + 4) * sizeof(*more));

			if (n > 0)
				memcpy(more, list, n * sizeof(*more));
			list = more;
		}
		list[n++] = h;
	}
	if (err != PALIER_ENOENT)
		return err;
	*out = list;
	*count = n;
	return PALIER_OK;
}

/* How many rows from the first on are of the same hold and unit. */
static uint32_t stretch_of(const struct held *list, uint32_t count)
{
	uint32_t n = 1;

	while (n < count && list[n].number == list[0].number && strcmp(list[n].hold, list[0].hold) == 0)
		n++;
	return n;
}

static struct palier_bytes name_copy(struct palier_ctx *c, const struct held *h)
{
	return palier_copy(palier_arena(c), palier_str(h->hold));
}

/* What of the freed lots fills the hole: not what has lapsed. */
static int fill_plan(struct palier_ctx *c, struct palier_id member, uint16_t number, struct points_freed *e)
{
	struct standing st;
	int err = points_standing_read(palier_tables(c), member, number, &st);

	e->filled.at = palier_alloc(palier_arena(c), (e->lots.count + 1) * sizeof(*e->filled.at));
	for (uint32_t i = 0; i < e->lots.count && err == PALIER_OK && st.hole > 0; i++) {
		struct lot l = points_lot_of(&e->lots.at[i]);
		int64_t points = e->lots.at[i].points < st.hole ? e->lots.at[i].points : st.hole;

		if (l.expires < points_now(c))
			continue;
		e->filled.at[e->filled.count++] = points_lot_row(&l, points);
		st.hole -= points;
		PALIER_MARK(e, points_freed, filled);
	}
	return err;
}

static int stretch_free(struct palier_ctx *c, struct palier_id member, const struct held *list, uint32_t count, bool fill)
{
	struct points_freed e = { 0 };
	int err = points_name_of(palier_tables(c), list[0].number, &e.unit);

	PALIER_SET(&e, points_freed, member, member);
	PALIER_SET(&e, points_freed, hold, name_copy(c, list));
	PALIER_MARK(&e, points_freed, unit);
	PALIER_MARK(&e, points_freed, lots);
	e.lots.at = palier_alloc(palier_arena(c), count * sizeof(*e.lots.at));
	for (uint32_t i = 0; i < count; i++)
		e.lots.at[e.lots.count++] = points_lot_row(&list[i].lot, list[i].points);
	if (err == PALIER_OK && fill)
		err = fill_plan(c, member, list[0].number, &e);
	if (err == PALIER_OK)
		err = palier_effect_add(c, "points.freed", &e);
	return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
}

/* @param hold empty: of any @param until_ms those that end by then */
static int rows_free(struct palier_ctx *c, struct palier_id member, struct palier_bytes hold, int64_t until_ms, bool fill)
{
	struct held *list = NULL;
	uint32_t count = 0, n;
	int err = points_holds_list(c, member, &list, &count);

	for (uint32_t i = 0; i < count && err == PALIER_OK; i += n) {
		n = stretch_of(list + i, count - i);
		if (list[i].until_ms <= until_ms && (hold.len == 0 || palier_is(hold, list[i].hold)))
			err = stretch_free(c, member, list + i, n, fill);
	}
	return err;
}

int points_holds_lapse(struct palier_ctx *c, struct palier_id member)
{
	return rows_free(c, member, any_hold, palier_received(c), true);
}

int points_holds_free(struct palier_ctx *c, struct palier_id member, bool fill)
{
	return rows_free(c, member, any_hold, INT64_MAX, fill);
}

int points_on_release(struct palier_ctx *c, struct palier_bytes hold)
{
	struct palier_cursor *cur = points_holders(palier_tables(c), hold);
	struct palier_id member;
	int err;

	while ((err = points_holder_next(cur, &member)) == PALIER_OK) {
		err = rows_free(c, member, hold, INT64_MAX, true);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int points_holds_adopt(struct palier_ctx *c, struct palier_id into, uint16_t number, const struct held *list, uint32_t count)
{
	uint32_t n;
	int err = PALIER_OK;

	for (uint32_t i = 0; i < count && err == PALIER_OK; i += n) {
		struct points_held e = { 0 };

		n = stretch_of(list + i, count - i);
		if (list[i].number != number)
			continue;
		PALIER_SET(&e, points_held, member, into);
		PALIER_SET(&e, points_held, hold, name_copy(c, list + i));
		PALIER_SET(&e, points_held, cause, POINTS_SPEND);
		PALIER_SET(&e, points_held, until, list[i].until_ms);
		PALIER_MARK(&e, points_held, unit);
		PALIER_MARK(&e, points_held, points);
		PALIER_MARK(&e, points_held, lots);
		e.lots.at = palier_alloc(palier_arena(c), n * sizeof(*e.lots.at));
		for (uint32_t row = i; row < i + n; row++) {
			e.lots.at[e.lots.count++] = points_lot_row(&list[row].lot, list[row].points);
			e.points += list[row].points;
		}
		err = points_name_of(palier_tables(c), number, &e.unit);
		if (err == PALIER_OK)
			err = palier_effect_add(c, "points.held", &e);
	}
	return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
}

/* --- holding --- */

/* What is there of a move's lots: not what the ticket itself would have brought. */
static int lots_keep(struct palier_ctx *c, const struct points_move *m, struct points_held *e)
{
	uint16_t number;
	int err = points_number_of(palier_tables(c), m->unit, &number);

	e->lots.at = palier_alloc(palier_arena(c), (m->lots.count + 1) * sizeof(*e->lots.at));
	for (uint32_t i = 0; i < m->lots.count && err == PALIER_OK; i++) {
		struct lot l = points_lot_of(&m->lots.at[i]);
		int64_t free;

		err = points_lot_read(palier_tables(c), m->member, number, &l);
		free = err == PALIER_OK ? l.left - l.held : 0;
		if (err == PALIER_ENOENT)
			err = PALIER_OK;
		if (free > 0)
			e->lots.at[e->lots.count++] =
				points_lot_row(&l, m->lots.at[i].points < free ? m->lots.at[i].points : free);
	}
	if (e->lots.count > 0)
		PALIER_MARK(e, points_held, lots);
	return err == PALIER_ENOENT ? PALIER_OK : err; /* a unit that never moved before */
}

/* Keep what a spend, or a payment, would have taken. */
static int move_keep(struct palier_ctx *c, const struct palier_hold *h, const struct points_move *m)
{
	struct points_held e = { 0 };
	int err = lots_keep(c, m, &e);

	PALIER_SET(&e, points_held, member, m->member);
	PALIER_SET(&e, points_held, hold, h->id);
	PALIER_SET(&e, points_held, unit, m->unit);
	PALIER_SET(&e, points_held, cause, m->cause);
	PALIER_SET(&e, points_held, points, -m->points);
	PALIER_SET(&e, points_held, until, h->expires_ms);
	if (PALIER_HAS(m, points_move, reward))
		PALIER_SET(&e, points_held, reward, m->reward);
	return err == PALIER_OK ? palier_effect_add(c, "points.held", &e) : err;
}

static const struct points_move *spending_of(const struct palier_effect *e)
{
	const struct points_move *m = points_move_in(e);

	return m && (m->cause == POINTS_SPEND || m->cause == POINTS_PAY) ? m : NULL;
}

static int basket_keep(struct palier_ctx *c, const struct palier_hold *h)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; i < h->quoted->effect_count && err == PALIER_OK; i++) {
		const struct points_move *m = spending_of(&h->quoted->effects[i]);

		if (m)
			err = points_holds_lapse(c, m->member);
		if (m && err == PALIER_OK)
			err = move_keep(c, h, m);
	}
	return err;
}

int points_on_hold(struct palier_ctx *c, const struct palier_hold *h)
{
	struct points_plan p;
	int err;

	if (h->quoted)
		return basket_keep(c, h);
	if (!points_unit_of(palier_config(c), h->unit))
		return palier_refuse(c, PALIER_EUNIT_UNKNOWN, "unit", "no unit is called %.*s", PALIER_ARG(h->unit));
	if (!h->has_member)
		return PALIER_OK; /* offline, of a card that nobody has */
	err = points_plan_spend(c, h->member, h->unit, h->points, &p);
	if (err != PALIER_OK)
		return err;
	p.m.points = -h->points;
	return move_keep(c, h, &p.m);
}

/* --- capturing --- */

static int held_capture(struct palier_ctx *c, struct palier_sale *s, const struct points_held *e)
{
	struct palier_id member;
	struct points_move m;
	int err = palier_member_now(c, e->member, &member);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
	m = points_move_of(member, e->unit, (enum points_cause)e->cause, -e->points);
	if (PALIER_HAS(e, points_held, reward))
		PALIER_SET(&m, points_move, reward, e->reward);
	if (s->number.len > 0)
		PALIER_SET(&m, points_move, sale, s->number);
	if (e->cause == POINTS_PAY)
		s->due -= e->points;
	return points_move_captured(c, &m);
}

int points_on_capture(struct palier_ctx *c, struct palier_sale *s, const struct palier_event *held)
{
	int err = points_on_price(c, s);

	for (uint32_t i = 0; i < held->effect_count && err == PALIER_OK; i++)
		if (strcmp(held->effects[i].kind->name, "points.held") == 0)
			err = held_capture(c, s, held->effects[i].body);
	return err == PALIER_OK ? points_loads_check(c, s) : err;
}
