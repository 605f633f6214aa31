/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger of points: each credit is a lot, debits take the nearest expiry first, and a debit that finds too little, where
 * it may not be refused, leaves a hole that later credits fill. The plan of a move is made when it is decided and written
 * into the effect, so that applying it needs no rules. Whoever may move points gets this by the effect's check; moves that take or give
 * back certain lots are planned by points itself. */
#include "plugins/points/internal.h"

const char *const points_cause_names[] = { "earn", "spend", "load", "pay", "reverse", "restore", "refund", "expire",
	"adjust", "grant", "merge", "give", NULL };

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

const struct points_move *points_move_in(const struct palier_effect *e)
{
	return strcmp(e->kind->name, "points.move") == 0 ? e->body : NULL;
}

/* --- planning a move --- */

/* What the tables say before the move. Holds that have lapsed are booked first, and what waited for a close that has been: the jobs after it
 * may not have come to this member yet. */
static int plan_read(struct palier_ctx *c, struct points_plan *p)
{
	int err = points_standing_read(palier_tables(c), p->m.member, p->number, &p->st);
	bool held = p->st.held > 0, waits = p->st.pending == DAY_NEVER;

	if (err == PALIER_OK && held)
		err = points_holds_lapse(c, p->m.member);
	if (err == PALIER_OK && waits)
		err = points_confirm(c, p->m.member);
	if (err == PALIER_OK && (held || waits))
		err = points_standing_read(palier_tables(c), p->m.member, p->number, &p->st);
	if (err == PALIER_OK)
		err = points_balance_on(palier_tables(c), p->m.member, p->number, &p->st, points_now(c), palier_received(c),
			&p->m.balance);
	if (err == PALIER_OK)
		PALIER_MARK(&p->m, points_move, balance);
	return err;
}

int points_plan_begin(struct palier_ctx *c, struct palier_id member, struct palier_bytes unit, enum points_cause cause,
	struct points_plan *p)
{
	int err;

	*p = (struct points_plan){ .m = points_move_of(member, unit, cause, 0) };
	err = points_number_of(palier_tables(c), unit, &p->number);
	if (err == PALIER_OK)
		err = plan_read(c, p);
	return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
}

static struct points_lot *lots_push(struct palier_arena *a, struct points_plan *p)
{
	struct points_move *m = &p->m;

	if (m->lots.count == p->capacity) {
		struct points_lot *more = palier_alloc(a, (p->capacity * 2 + 4) * sizeof(*more));

		if (m->lots.count > 0)
			memcpy(more, m->lots.at, m->lots.count * sizeof(*more));
		m->lots.at = more;
		p->capacity = p->capacity * 2 + 4;
	}
	PALIER_MARK(m, points_move, lots);
	return &m->lots.at[m->lots.count++];
}

struct points_lot points_lot_row(const struct lot *l, int64_t points)
{
	struct points_lot row = { 0 };

	if (l->expires != DAY_NEVER)
		PALIER_SET(&row, points_lot, expires, l->expires);
	if (l->pending > 0)
		PALIER_SET(&row, points_lot, pending, l->pending);
	PALIER_SET(&row, points_lot, at, l->at_ms);
	PALIER_SET(&row, points_lot, seq, (int64_t)l->seq);
	PALIER_SET(&row, points_lot, cause, l->cause);
	PALIER_SET(&row, points_lot, points, points < 0 ? -points : points);
	return row;
}

void points_plan_part(struct palier_ctx *c, struct points_plan *p, const struct lot *l, int64_t points)
{
	*lots_push(palier_arena(c), p) = points_lot_row(l, points);
	if (l->expires >= points_now(c))
		p->m.balance += points;
}

struct lot points_lot_of(const struct points_lot *row)
{
	return (struct lot){ PALIER_HAS(row, points_lot, expires) ? row->expires : DAY_NEVER, row->at, (uint64_t)row->seq,
		(uint8_t)row->cause, 0, 0, row->pending };
}

static bool same_lot(const struct points_lot *row, const struct lot *l)
{
	return (PALIER_HAS(row, points_lot, expires) ? row->expires : DAY_NEVER) == l->expires && row->at == l->at_ms &&
	       row->seq == (int64_t)l->seq && row->cause == l->cause;
}

/* What can be taken of a lot: neither what is held nor what this move has picked already. */
static int64_t lot_free(const struct points_plan *p, const struct lot *l)
{
	int64_t left = l->left - l->held;

	for (uint32_t i = 0; i < p->picked; i++)
		if (same_lot(&p->m.lots.at[i], l))
			left -= p->m.lots.at[i].points;
	return left;
}

static void lot_take(struct palier_ctx *c, struct points_plan *p, const struct lot *l, int64_t most, int64_t *want)
{
	int64_t taken = lot_free(p, l);

	if (taken > most)
		taken = most;
	if (taken > *want)
		taken = *want;
	if (taken == 0)
		return;
	points_plan_part(c, p, l, -taken);
	*want -= taken;
}

int points_plan_pick(struct palier_ctx *c, struct points_plan *p, const struct lot *which, int64_t most, bool lapsed,
	int64_t *want)
{
	struct lot l = *which;
	int err = points_lot_read(palier_tables(c), p->m.member, p->number, &l);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	if (lapsed || l.expires >= points_now(c))
		lot_take(c, p, &l, most, want);
	p->picked = p->m.lots.count;
	return PALIER_OK;
}

/* Take up to *want from the lots that are usable today and pending, or not pending. */
static int lots_take(struct palier_ctx *c, struct points_plan *p, bool pending, int64_t *want)
{
	struct palier_cursor *cur = points_lots(palier_tables(c), p->m.member, p->number);
	uint32_t today = palier_today(c);
	struct lot l;
	int err = PALIER_OK;

	while (*want > 0 && (err = points_lot_next(cur, &l)) == PALIER_OK)
		if (l.expires >= today && (l.pending > today) == pending)
			lot_take(c, p, &l, INT64_MAX, want);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int points_plan_take(struct palier_ctx *c, struct points_plan *p, int64_t *want)
{
	int err = lots_take(c, p, false, want);

	return err == PALIER_OK ? lots_take(c, p, true, want) : err;
}

/* What happened offline is booked whatever there is, as what is spent before its grant arrives, and somebody should look at it. */
static int shortfall_report(struct palier_ctx *c, struct points_move *m, int64_t points)
{
	struct palier_alert a = { .what = "shortfall",
		.member = &m->member,
		.unit = m->unit,
		.sale = m->sale,
		.figure = points };

	PALIER_SET(m, points_move, shortfall, points);
	return palier_alert(c, &a);
}

int points_plan_dig(struct palier_ctx *c, struct points_plan *p, int64_t points)
{
	const struct points_unit *u = points_unit_of(palier_config(c), p->m.unit);
	uint32_t expires = u ? span_last_day(u->expires, palier_at(c)) : DAY_NEVER;
	int64_t hole = p->st.hole;

	if (!palier_add_i64(&hole, points))
		return too_large(c, p->m.unit);
	PALIER_SET(&p->m, points_move, hole, points);
	if (expires != DAY_NEVER)
		PALIER_SET(&p->m, points_move, expires, expires);
	p->m.balance -= points;
	return (p->roams || palier_offline(c)) && p->m.cause != POINTS_MERGE ? shortfall_report(c, &p->m, points)
	                                                                     : PALIER_OK;
}

void points_plan_fill(struct points_plan *p, int64_t points)
{
	if (points > 0)
		PALIER_SET(&p->m, points_move, hole, p->m.hole + points);
	p->m.balance += points;
}

/* Returns and voids go by the policy of the credit that they take back, not by that of their own day. */
static void policy_keep(const struct points_unit *u, struct points_move *m)
{
	if (u && m->points > 0 && u->shortfall != SHORTFALL_NEGATIVE)
		PALIER_SET(m, points_move, policy, u->shortfall);
}

int points_plan_book(struct palier_ctx *c, struct points_plan *p)
{
	int64_t lots = p->st.lots;

	if (p->m.points > 0 && !palier_add_i64(&lots, p->m.points - p->m.hole))
		return too_large(c, p->m.unit);
	policy_keep(points_unit_of(palier_config(c), p->m.unit), &p->m);
	return points_move(c, &p->m);
}

/* --- the moves of others --- */

/* A credit fills the hole, the rest is a new lot. Only what is earned may be pending. */
static int credit_plan(struct palier_ctx *c, const struct points_unit *u, struct points_plan *p)
{
	struct points_move *m = &p->m;
	int64_t filled = m->points < p->st.hole ? m->points : p->st.hole;
	int64_t rest = m->points - filled, lots = p->st.lots;
	uint32_t expires = span_last_day(u->expires, palier_at(c));

	if (!palier_add_i64(&lots, rest))
		return too_large(c, m->unit);
	points_plan_fill(p, filled);
	if (rest > 0 && expires != DAY_NEVER)
		PALIER_SET(m, points_move, expires, expires);
	if (rest > 0 && u->pending > 0 && m->cause == POINTS_EARN)
		PALIER_SET(m, points_move, pending, day_add(palier_today(c), u->pending));
	if (rest == 0)
		m->set.has &= ~(UINT64_C(1) << points_move_bit_pending);
	policy_keep(u, m);
	m->balance += expires >= points_now(c) ? rest : 0;
	return PALIER_OK;
}

/* Who must be covered by what is spendable. The others book what has happened. */
static bool must_cover(const struct palier_ctx *c, int cause)
{
	return (cause == POINTS_SPEND || cause == POINTS_PAY || cause == POINTS_ADJUST) && !palier_offline(c);
}

/* What the command has spent of a unit so far. */
static int64_t spent_before(struct palier_ctx *c, const struct points_move *m)
{
	const struct palier_event *ev = palier_event_now(c);
	int64_t sum = 0;

	for (uint32_t i = 0; i < ev->effect_count; i++) {
		const struct points_move *other = points_move_in(&ev->effects[i]);

		if (other && (other->cause == POINTS_SPEND || other->cause == POINTS_PAY) &&
			palier_id_equal(other->member, m->member) && palier_equal(other->unit, m->unit))
			sum -= other->points;
	}
	return sum;
}

/* Ask for the proof that the unit wants from so many points on, spent by the whole command. */
static int proof_ask(struct palier_ctx *c, const struct points_unit *u, const struct points_move *m)
{
	static const enum palier_proof kinds
		[] = { [PROOF_NONE] = PALIER_PROOF_NONE, [PROOF_PIN] = PALIER_PROOF_PIN, [PROOF_OTP] = PALIER_PROOF_OTP };
	int err;

	if (!u || u->proof == PROOF_NONE || spent_before(c, m) - m->points < u->proof_from || palier_is_bearer(c, m->member))
		return PALIER_OK;
	err = palier_proven(c, m->member, kinds[u->proof]);
	return err == PALIER_ENOENT ? PALIER_OK : err; /* a card that is priced before anybody has it */
}

/* Is it the captured hold that pays? A gift card that came in addition is not tied by it. */
static int is_captured(struct palier_ctx *c, struct palier_id member, bool *out)
{
	const struct palier_bytes *hold = palier_held(c);
	struct held any;
	int err;

	*out = hold && !palier_is_bearer(c, member);
	if (!hold || *out)
		return PALIER_OK;
	err = points_held_next(points_helds(palier_tables(c), member, *hold), &any);
	*out = err == PALIER_OK;
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* What the hold keeps of the unit. It has not lapsed, whatever its lots' last day. */
static int held_take(struct palier_ctx *c, struct points_plan *p, int64_t *want)
{
	struct palier_cursor *cur = points_helds(palier_tables(c), p->m.member, *palier_held(c));
	struct held h;
	int err = PALIER_OK;

	PALIER_SET(&p->m, points_move, hold, *palier_held(c));
	while (*want > 0 && (err = points_held_next(cur, &h)) == PALIER_OK) {
		int64_t taken = h.points < *want ? h.points : *want;

		if (h.number != p->number)
			continue;
		err = points_lot_read(palier_tables(c), p->m.member, p->number, &h.lot);
		if (err != PALIER_OK)
			return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
		*lots_push(palier_arena(c), p) = points_lot_row(&h.lot, taken);
		p->m.balance -= taken;
		*want -= taken;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int insufficient(struct palier_ctx *c, const struct points_move *m)
{
	return palier_refuse(c, PALIER_EINSUFFICIENT_POINTS, NULL, "there are not enough %.*s", PALIER_ARG(m->unit));
}

/* Not all of it is there. It may be had all the same where the member is at home elsewhere. */
static int beyond(struct palier_ctx *c, struct points_plan *p, int64_t want)
{
	int err = want > 0 && !p->kept ? points_roam(c, &p->m, want, &p->roams) : PALIER_OK;

	return err == PALIER_OK && !p->roams ? insufficient(c, &p->m) : err;
}

/* Out of a hold: nothing else will do but for what has happened, and for what came with the ticket that was held. */
static int captured_plan(struct palier_ctx *c, struct points_plan *p, int64_t *want)
{
	int err = held_take(c, p, want);

	if (err == PALIER_OK && *want > 0 && (p->captured || palier_offline(c)))
		err = lots_take(c, p, false, want);
	return err == PALIER_OK && *want > 0 && !palier_offline(c) ? beyond(c, p, *want) : err;
}

static int free_plan(struct palier_ctx *c, struct points_plan *p, int64_t *want)
{
	int err = lots_take(c, p, false, want);

	return err == PALIER_OK && must_cover(c, p->m.cause) && (*want > 0 || p->st.hole > 0) ? beyond(c, p, *want) : err;
}

static int spend_plan(struct palier_ctx *c, const struct points_unit *u, struct points_plan *p, int64_t *want)
{
	bool captured = false;
	int err = palier_may_spend(c, p->m.member);

	if (err == PALIER_OK || err == PALIER_ENOENT)
		err = is_captured(c, p->m.member, &captured);
	if (err == PALIER_OK && !captured)
		err = proof_ask(c, u, &p->m);
	if (err != PALIER_OK)
		return err;
	if (u)
		PALIER_SET(&p->m, points_move, grace, u->return_grace);
	return captured ? captured_plan(c, p, want) : free_plan(c, p, want);
}

static int debit_plan(struct palier_ctx *c, const struct points_unit *u, struct points_plan *p)
{
	struct points_move *m = &p->m;
	int64_t want = -m->points;
	int err = m->cause == POINTS_SPEND || m->cause == POINTS_PAY ? spend_plan(c, u, p, &want) : free_plan(c, p, &want);

	if (err == PALIER_OK && !p->roams)
		err = lots_take(c, p, true, &want);
	return err == PALIER_OK && want > 0 ? points_plan_dig(c, p, want) : err;
}

/* A unit that is configured no more can still be taken back, or out of a hold, and nothing else. */
static int unit_check(struct palier_ctx *c, const struct points_unit *u, struct points_plan *p)
{
	int err = PALIER_ENOENT;

	if (u)
		return unit_number(c, u, &p->number);
	if ((p->m.cause == POINTS_REVERSE && p->m.points < 0) || p->captured)
		err = points_number_of(palier_tables(c), p->m.unit, &p->number);
	return err != PALIER_ENOENT
	               ? err
	               : palier_refuse(c, PALIER_EUNIT_UNKNOWN, "unit", "no unit is called %.*s", PALIER_ARG(p->m.unit));
}

int points_plan_open(struct palier_ctx *c, struct palier_id member, struct palier_bytes unit, enum points_cause cause,
	struct points_plan *p)
{
	int err;

	*p = (struct points_plan){ .m = points_move_of(member, unit, cause, 0) };
	err = unit_check(c, points_unit_of(palier_config(c), unit), p);
	return err == PALIER_OK ? plan_read(c, p) : err;
}

static int move_plan(struct palier_ctx *c, struct points_plan *p)
{
	const struct points_unit *u = points_unit_of(palier_config(c), p->m.unit);
	int err = unit_check(c, u, p);

	if (err == PALIER_OK && (p->m.points > PALIER_FIGURE_MAX || p->m.points < -PALIER_FIGURE_MAX))
		err = too_large(c, p->m.unit);
	if (err == PALIER_OK)
		err = plan_read(c, p);
	if (err != PALIER_OK)
		return err;
	return p->m.points < 0 ? debit_plan(c, u, p) : credit_plan(c, u, p);
}

/* Completes a move: its lots, and the balance after it. A move that has its balance was planned by points. */
static int move_check(struct palier_ctx *c, void *body)
{
	struct points_move *m = body;
	struct points_plan p = { .m = *m };
	int err = PALIER_HAS(m, points_move, balance) ? PALIER_OK : move_plan(c, &p);

	if (err == PALIER_OK)
		*m = p.m;
	return err;
}

int points_balance_now(struct palier_ctx *c, struct palier_id member, struct palier_bytes unit, int64_t *out)
{
	struct standing st = { 0 };
	uint16_t number;
	int err = points_number_of(palier_tables(c), unit, &number);

	if (err == PALIER_ENOENT) {
		*out = 0;
		return PALIER_OK;
	}
	if (err == PALIER_OK)
		err = points_standing_read(palier_tables(c), member, number, &st);
	return err == PALIER_OK
	               ? points_balance_on(palier_tables(c), member, number, &st, points_now(c), palier_received(c), out)
	               : err;
}

int points_plan_spend(struct palier_ctx *c, struct palier_id member, struct palier_bytes unit, int64_t points,
	struct points_plan *p)
{
	*p = (struct points_plan){ .m = points_move_of(member, unit, POINTS_SPEND, -points), .kept = true };
	return move_plan(c, p);
}

int points_move_captured(struct palier_ctx *c, const struct points_move *m)
{
	struct points_plan p = { .m = *m, .captured = true };
	int err = move_plan(c, &p);

	return err == PALIER_OK ? points_move(c, &p.m) : err;
}

int points_balances_add(struct palier_ctx *c, struct palier_id member, const bool *moved)
{
	const struct points_config *cfg = palier_config(c);
	size_t units = cfg ? cfg->unit_count : 0;
	struct points_balance *rows = palier_alloc(palier_arena(c), (units + 1) * sizeof(*rows));
	struct points_balances b = { .balances = { rows, 0 } };

	for (size_t i = 0; i < units; i++) {
		struct points_balance *row = &rows[b.balances.count];
		int64_t points;
		int err;

		if (moved && moved[i])
			continue;
		err = points_balance_now(c, member, cfg->units[i].name, &points);
		if (err != PALIER_OK)
			return err;
		b.balances.count++;
		PALIER_SET(row, points_balance, unit, cfg->units[i].name);
		PALIER_SET(row, points_balance, points, points);
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

/* What the captured hold keeps of a lot is held no longer. */
static int capture_apply(struct palier_tables *t, const struct points_move *m, uint16_t number, const struct lot *l,
	int64_t points, struct standing *st)
{
	struct held h = { .number = number, .lot = *l };
	int err;

	if (!PALIER_HAS(m, points_move, hold) || m->hold.len > HOLD_NAME_MAX)
		return PALIER_OK;
	memcpy(h.hold, m->hold.at, m->hold.len);
	err = points_held_read(t, m->member, &h);
	if (err != PALIER_OK || h.points == 0)
		return err;
	return points_held_move(t, m->member, &h, h.points < points ? -h.points : -points, st);
}

/* One lot's part of a move, in the sign of the move. */
static int part_apply(struct palier_tables *t, const struct palier_event *ev, const struct points_move *m, uint16_t number,
	struct lot *l, int64_t points, struct standing *st)
{
	bool stay = m->cause != POINTS_EXPIRE && m->cause != POINTS_MERGE && m->cause != POINTS_GIVE;
	int err = capture_apply(t, m, number, l, points, st);

	if (err != PALIER_OK)
		return err;
	if (l->pending > st->pending)
		st->pending = l->pending;
	points = m->points < 0 ? -points : points;
	if (!palier_add_i64(&st->lots, points))
		return PALIER_EDAMAGED;
	err = points_lot_move(t, m->member, number, l, points, stay);
	return err == PALIER_OK && points > 0 && l->pending == DAY_NEVER
	               ? points_unconfirmed_add(t, ev->batch, m->member, number, l)
	               : err;
}

static int lots_apply(struct palier_tables *t, const struct palier_event *ev, const struct points_move *m, uint16_t number,
	struct standing *st)
{
	int64_t rest = (m->points < 0 ? -m->points : m->points) - m->hole;
	struct lot fresh = { PALIER_HAS(m, points_move, expires) ? m->expires : DAY_NEVER, ev->at_ms, ev->seq,
		(uint8_t)m->cause, 0, 0, m->pending };

	for (uint32_t i = 0; i < m->lots.count; i++) {
		const struct points_lot *row = &m->lots.at[i];
		struct lot l = points_lot_of(row);
		int err = part_apply(t, ev, m, number, &l, row->points, st);

		if (err != PALIER_OK)
			return err;
		rest -= row->points;
	}
	if (rest < 0 || (rest > 0 && m->points < 0))
		return PALIER_EDAMAGED;
	return rest > 0 ? part_apply(t, ev, m, number, &fresh, rest, st) : PALIER_OK;
}

/* What lapses unspent of what a sale earned counts as collected should the sale come back. */
static int origin_apply(struct palier_tables *t, const struct points_move *m, uint16_t number)
{
	int err = PALIER_OK;

	if (PALIER_HAS(m, points_move, of))
		return points_origin_add(t, (uint64_t)m->of, number, -m->lapsed, m->uncollected);
	if (m->cause != POINTS_EXPIRE || !PALIER_HAS(m, points_move, expires))
		return PALIER_OK; /* nothing lapsed: the member is erased */
	for (uint32_t i = 0; i < m->lots.count && err == PALIER_OK; i++)
		if (m->lots.at[i].cause == POINTS_EARN && m->lots.at[i].points > 0)
			err = points_origin_add(t, (uint64_t)m->lots.at[i].seq, number, m->lots.at[i].points, 0);
	return err;
}

static int balance_apply(struct palier_tables *t, const struct palier_event *ev, const struct points_move *m,
	uint16_t number)
{
	struct standing st;
	int err = points_standing_read(t, m->member, number, &st);

	if (err == PALIER_OK)
		err = lots_apply(t, ev, m, number, &st);
	if (err != PALIER_OK)
		return err;
	if (!palier_add_i64(&st.hole, m->points < 0 ? m->hole : -m->hole) || st.hole < 0)
		return PALIER_EDAMAGED;
	return points_standing_write(t, m->member, number, &st);
}

static int move_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct points_move *m = body;
	uint16_t number;
	int err = points_number_of(t, m->unit, &number);

	if (err == PALIER_OK)
		err = balance_apply(t, ev, m, number);
	if (err == PALIER_OK)
		err = origin_apply(t, m, number);
	if (err == PALIER_OK)
		err = points_total_add(t, ev->batch, number, m);
	return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
}

const struct palier_effect_kind points_effects[] = {
	{ "points.unit", &points_unit_number_schema, NULL, unit_apply },
	{ "points.move", &points_move_schema, move_check, move_apply },
	{ "points.held", &points_held_schema, NULL, points_held_apply },
	{ "points.freed", &points_freed_schema, NULL, points_freed_apply },
	{ "points.confirmed", &points_confirmed_schema, NULL, points_confirmed_apply },
	{ "points.balances", &points_balances_schema, NULL, NULL },
	{ "points.home", &points_home_schema, NULL, points_home_apply },
	{ "points.given", &points_given_schema, NULL, NULL },
	{ "points.taken", &points_taken_schema, NULL, NULL },
	{ "points.granted", &points_granted_schema, NULL, points_granted_apply },
	{ "points.repeated", &points_granted_schema, NULL, NULL },
	{ "points.roamed", &points_roamed_schema, NULL, points_roamed_apply },
	{ 0 },
};
