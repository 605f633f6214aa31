/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger of points: each credit is a lot, debits take the nearest expiry first, and a debit that finds too little, where
 * it may not be refused, leaves a hole that later credits fill. The plan of a move is made when it is decided and written
 * into the effect, so that applying it needs no rules. */
#include "plugins/points/internal.h"

const char *const points_cause_names[] = { "earn", "spend", "load", "pay", "reverse", "restore", "refund", "expire",
	"adjust", "grant", "merge", NULL };

PALIER_SCHEMA(points_lot);
PALIER_SCHEMA(points_move);
PALIER_SCHEMA(points_unit_number);
PALIER_SCHEMA(points_balance);
PALIER_SCHEMA(points_balances);

uint32_t points_now(const struct palier_ctx *c)
{
	return zone_day(palier_received(c));
}

static int too_large(struct palier_ctx *c, struct palier_bytes unit)
{
	return palier_refuse(c, PALIER_EPARAMS, NULL, "a balance of %.*s would be more than a figure can hold",
		PALIER_ARG(unit));
}

/* The unit's number; a unit used for the first time gets the next one. */
static int unit_number(struct palier_ctx *c, const struct points_unit *u, uint16_t *out)
{
	struct points_unit_number n = { 0 };
	uint16_t last = 0;
	int err = points_number_of(palier_tables(c), u->name, out);

	if (err != PALIER_ENOENT)
		return err;
	err = points_number_last(palier_tables(c), &last);
	if (err != PALIER_OK)
		return err;
	if (last == UINT16_MAX)
		return palier_refuse(c, PALIER_EINTERNAL, NULL, "there are too many units");
	PALIER_SET(&n, points_unit_number, number, last + 1);
	PALIER_SET(&n, points_unit_number, name, u->name);
	PALIER_SET(&n, points_unit_number, kind, u->kind);
	err = palier_effect_add(c, "points.unit", &n);
	if (err == PALIER_OK)
		*out = (uint16_t)n.number;
	return err;
}

/* A credit fills the hole, the rest is a new lot. Only what is earned may be pending. */
static int credit_plan(struct palier_ctx *c, const struct points_unit *u, const struct standing *st, struct points_move *m)
{
	int64_t filled = m->points < st->hole ? m->points : st->hole;
	int64_t rest = m->points - filled, lots = st->lots;
	uint32_t expires = span_last_day(u->expires, palier_at(c));

	if (!palier_add_i64(&lots, rest))
		return too_large(c, m->unit);
	if (filled > 0)
		PALIER_SET(m, points_move, hole, filled);
	if (rest > 0 && expires != DAY_NEVER)
		PALIER_SET(m, points_move, expires, expires);
	if (rest > 0 && u->pending > 0 && m->cause == POINTS_EARN)
		PALIER_SET(m, points_move, pending, day_add(palier_today(c), u->pending));
	m->balance += filled + (expires >= points_now(c) ? rest : 0);
	return PALIER_OK;
}

/* Who must be covered by what is spendable. The others book what has happened. */
static bool must_cover(int cause)
{
	return cause == POINTS_SPEND || cause == POINTS_PAY || cause == POINTS_ADJUST;
}

static void lots_push(struct palier_arena *a, struct points_move *m, uint32_t *capacity, const struct lot *l, int64_t points)
{
	struct points_lot row = { 0 };

	if (m->lots.count == *capacity) {
		struct points_lot *more = palier_alloc(a, (*capacity * 2 + 4) * sizeof(*more));

		if (m->lots.count > 0)
			memcpy(more, m->lots.at, m->lots.count * sizeof(*more));
		m->lots.at = more;
		*capacity = *capacity * 2 + 4;
	}
	if (l->expires != DAY_NEVER)
		PALIER_SET(&row, points_lot, expires, l->expires);
	if (l->pending > 0)
		PALIER_SET(&row, points_lot, pending, l->pending);
	PALIER_SET(&row, points_lot, at, l->at_ms);
	PALIER_SET(&row, points_lot, seq, (int64_t)l->seq);
	PALIER_SET(&row, points_lot, cause, l->cause);
	PALIER_SET(&row, points_lot, points, points);
	m->lots.at[m->lots.count++] = row;
}

/* Take up to *want from the lots that are usable today and pending, or not pending. */
static int lots_take(struct palier_ctx *c, uint16_t number, bool pending, struct points_move *m, uint32_t *capacity,
	int64_t *want)
{
	struct palier_cursor *cur = points_lots(palier_tables(c), m->member, number);
	uint32_t today = palier_today(c), now = points_now(c);
	struct lot l;
	int err = PALIER_OK;

	while (*want > 0 && (err = points_lot_next(cur, &l)) == PALIER_OK) {
		int64_t taken = l.left - l.held < *want ? l.left - l.held : *want;

		if (l.expires < today || taken == 0 || (l.pending > today) != pending)
			continue;
		lots_push(palier_arena(c), m, capacity, &l, taken);
		*want -= taken;
		m->balance -= l.expires >= now ? taken : 0;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int debit_plan(struct palier_ctx *c, uint16_t number, const struct standing *st, struct points_move *m)
{
	int64_t want = -m->points, hole = st->hole;
	uint32_t capacity = 0;
	int err = lots_take(c, number, false, m, &capacity, &want);

	if (err == PALIER_OK && must_cover(m->cause) && (want > 0 || hole > 0))
		return palier_refuse(c, PALIER_EINSUFFICIENT_POINTS, NULL, "there are not enough %.*s", PALIER_ARG(m->unit));
	if (err == PALIER_OK)
		err = lots_take(c, number, true, m, &capacity, &want);
	if (err != PALIER_OK)
		return err;
	if (!palier_add_i64(&hole, want))
		return too_large(c, m->unit);
	if (m->lots.count > 0)
		PALIER_MARK(m, points_move, lots);
	if (want > 0)
		PALIER_SET(m, points_move, hole, want);
	m->balance -= want;
	return PALIER_OK;
}

/* Completes a move: its lots, and the balance after it. */
static int move_check(struct palier_ctx *c, void *body)
{
	struct points_move *m = body;
	const struct points_unit *u = points_unit_of(palier_config(c), m->unit);
	struct standing st;
	uint16_t number;
	int err;

	if (!u)
		return palier_refuse(c, PALIER_EUNIT_UNKNOWN, "unit", "no unit is called %.*s", PALIER_ARG(m->unit));
	if (m->points > PALIER_FIGURE_MAX || m->points < -PALIER_FIGURE_MAX)
		return too_large(c, m->unit);
	err = unit_number(c, u, &number);
	if (err == PALIER_OK)
		err = points_standing_read(palier_tables(c), m->member, number, &st);
	if (err == PALIER_OK)
		err = points_balance_on(palier_tables(c), m->member, number, &st, points_now(c), &m->balance);
	if (err != PALIER_OK)
		return err;
	PALIER_MARK(m, points_move, balance);
	return m->points < 0 ? debit_plan(c, number, &st, m) : credit_plan(c, u, &st, m);
}

int points_balances_add(struct palier_ctx *c, struct palier_id member, const bool *moved)
{
	const struct points_config *cfg = palier_config(c);
	struct points_balance *rows = palier_alloc(palier_arena(c), (cfg->unit_count + 1) * sizeof(*rows));
	struct points_balances b = { .balances = { rows, 0 } };

	for (size_t i = 0; i < cfg->unit_count; i++) {
		struct points_balance *row = &rows[b.balances.count];
		struct standing st = { 0 };
		uint16_t number;
		int err;

		if (moved[i])
			continue;
		b.balances.count++;
		PALIER_SET(row, points_balance, unit, cfg->units[i].name);
		PALIER_SET(row, points_balance, points, 0);
		err = points_number_of(palier_tables(c), cfg->units[i].name, &number);
		if (err == PALIER_ENOENT)
			continue;
		if (err == PALIER_OK)
			err = points_standing_read(palier_tables(c), member, number, &st);
		if (err == PALIER_OK)
			err = points_balance_on(palier_tables(c), member, number, &st, points_now(c), &row->points);
		if (err != PALIER_OK)
			return err;
	}
	if (b.balances.count == 0)
		return PALIER_OK;
	PALIER_SET(&b, points_balances, member, member);
	PALIER_MARK(&b, points_balances, balances);
	return palier_effect_add(c, "points.balances", &b);
}

static int unit_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	(void)ev;
	return points_unit_write(t, body);
}

/* One lot's part of a move, in the sign of the move. */
static int part_apply(struct palier_tables *t, const struct points_move *m, uint16_t number, struct lot *l, int64_t points,
	struct standing *st)
{
	if (l->pending > st->pending)
		st->pending = l->pending;
	points = m->points < 0 ? -points : points;
	if (!palier_add_i64(&st->lots, points))
		return PALIER_EDAMAGED;
	return points_lot_move(t, m->member, number, l, points);
}

static int lots_apply(struct palier_tables *t, const struct palier_event *ev, const struct points_move *m, uint16_t number,
	struct standing *st)
{
	int64_t rest = (m->points < 0 ? -m->points : m->points) - m->hole;
	struct lot fresh = { PALIER_HAS(m, points_move, expires) ? m->expires : DAY_NEVER, ev->at_ms, ev->seq,
		(uint8_t)m->cause, 0, 0, m->pending };

	for (uint32_t i = 0; i < m->lots.count; i++) {
		const struct points_lot *row = &m->lots.at[i];
		struct lot l = { PALIER_HAS(row, points_lot, expires) ? row->expires : DAY_NEVER, row->at,
			(uint64_t)row->seq, (uint8_t)row->cause, 0, 0, row->pending };
		int err = part_apply(t, m, number, &l, row->points, st);

		if (err != PALIER_OK)
			return err;
		rest -= row->points;
	}
	if (rest < 0 || (rest > 0 && m->points < 0))
		return PALIER_EDAMAGED;
	return rest > 0 ? part_apply(t, m, number, &fresh, rest, st) : PALIER_OK;
}

static int move_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct points_move *m = body;
	struct standing st;
	uint16_t number;
	int err = points_number_of(t, m->unit, &number);

	if (err == PALIER_OK)
		err = points_standing_read(t, m->member, number, &st);
	if (err == PALIER_OK)
		err = lots_apply(t, ev, m, number, &st);
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
	if (!palier_add_i64(&st.hole, m->points < 0 ? m->hole : -m->hole) || st.hole < 0)
		return PALIER_EDAMAGED;
	return points_standing_write(t, m->member, number, &st);
}

const struct palier_effect_kind points_effects[] = {
	{ "points.unit", &points_unit_number_schema, NULL, unit_apply },
	{ "points.move", &points_move_schema, move_check, move_apply },
	{ "points.balances", &points_balances_schema, NULL, NULL },
	{ 0 },
};
