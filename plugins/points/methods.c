/* SPDX-License-Identifier: Apache-2.0 */
/* What points answers: balance.adjust, balance.history, its part of the member view, of the replies of sales and returns, and of a
 * day's totals. */
#include "plugins/points/internal.h"

#include <stdlib.h>

#define HISTORY_LIMIT 50
#define LAPSING_DAYS  30 /* what lapses within these is said to the member */

/* The move that an effect is, when it is one of this member's. */
static const struct points_move *move_of(const struct palier_effect *e, struct palier_id member)
{
	const struct points_move *m = points_move_in(e);

	return m && palier_id_equal(m->member, member) ? m : NULL;
}

static void figure_write(struct palier_json *w, struct palier_bytes unit, int64_t points)
{
	palier_json_key_bytes(w, unit);
	palier_json_int(w, points);
}

/* --- balance.adjust --- */

static int adjust_decide(struct palier_ctx *c, const void *params)
{
	const struct balance_adjust *p = params;
	const struct points_config *cfg = palier_config(c);
	struct palier_id member;
	struct points_move m;
	bool *moved;
	int err = palier_who(c, p->card, PALIER_HAS(p, balance_adjust, member) ? &p->member : NULL, &member);

	if (err != PALIER_OK)
		return err;
	if (!points_unit_of(cfg, p->unit))
		return palier_refuse(c, PALIER_EUNIT_UNKNOWN, "unit", "no unit is called %.*s", PALIER_ARG(p->unit));
	if (p->points == 0)
		return palier_refuse(c, PALIER_EPARAMS, "points", "must not be 0");
	m = points_move_of(member, p->unit, POINTS_ADJUST, p->points);
	err = points_move(c, &m);
	if (err != PALIER_OK)
		return err;
	moved = palier_alloc(palier_arena(c), cfg->unit_count * sizeof(*moved));
	moved[points_unit_of(cfg, p->unit) - cfg->units] = true;
	return points_balances_add(c, member, moved);
}

/* --- the reply of an event --- */

struct stand {
	struct palier_bytes unit;
	int64_t points;
};

/* Say a unit's balance; a later one replaces it. */
static void stand_set(struct stand *stands, size_t *count, struct palier_bytes unit, int64_t points)
{
	size_t i = 0;

	while (i < *count && !palier_equal(stands[i].unit, unit))
		i++;
	stands[i] = (struct stand){ unit, points };
	if (i == *count)
		++*count;
}

static size_t stands_most(const struct palier_event *ev)
{
	size_t n = 1;

	for (uint32_t i = 0; i < ev->effect_count; i++) {
		const struct points_balances *b = ev->effects[i].body;

		n += strcmp(ev->effects[i].kind->name, "points.balances") == 0 ? b->balances.count : 1;
	}
	return n;
}

/* The member's balances after the event, as its effects have them. */
static void balances_write(struct palier_ctx *c, const struct palier_event *ev, struct palier_json *w)
{
	struct stand *stands = palier_alloc(palier_arena(c), stands_most(ev) * sizeof(*stands));
	size_t count = 0;

	for (uint32_t i = 0; ev->has_member && i < ev->effect_count; i++) {
		const struct palier_effect *e = &ev->effects[i];
		const struct points_move *m = move_of(e, ev->member);
		const struct points_balances *b = e->body;

		if (m)
			stand_set(stands, &count, m->unit, m->balance);
		if (strcmp(e->kind->name, "points.balances") != 0 || !palier_id_equal(b->member, ev->member))
			continue;
		for (uint32_t j = 0; j < b->balances.count; j++)
			stand_set(stands, &count, b->balances.at[j].unit, b->balances.at[j].points);
	}
	palier_json_key(w, "balances");
	palier_json_object(w);
	for (size_t i = 0; i < count; i++)
		figure_write(w, stands[i].unit, stands[i].points);
	palier_json_end_object(w);
}

static int adjust_reply(struct palier_ctx *c, const struct palier_event *ev, struct palier_json *w)
{
	balances_write(c, ev, w);
	return PALIER_OK;
}

/* A list of the moves of one cause: unit, points without sign, and by which rule or for which reward. */
static void moves_write(const struct palier_event *ev, const char *list, enum points_cause cause, struct palier_json *w)
{
	palier_json_key(w, list);
	palier_json_array(w);
	for (uint32_t i = 0; ev->has_member && i < ev->effect_count; i++) {
		const struct points_move *m = move_of(&ev->effects[i], ev->member);

		if (!m || m->cause != (int)cause)
			continue;
		palier_json_object(w);
		palier_json_key(w, "unit");
		palier_json_string(w, m->unit);
		palier_json_key(w, "points");
		palier_json_int(w, m->points < 0 ? -m->points : m->points);
		if (PALIER_HAS(m, points_move, rule)) {
			palier_json_key(w, "rule");
			palier_json_string(w, m->rule);
		}
		if (PALIER_HAS(m, points_move, reward)) {
			palier_json_key(w, "reward");
			palier_json_string(w, m->reward);
		}
		palier_json_end_object(w);
	}
	palier_json_end_array(w);
}

/* A list of what the return of `sale` came to, of whichever member: of the moves of one cause, one of their figures, where it is more
 * than 0. */
static void returned_write(const struct palier_event *ev, struct palier_bytes sale, const char *list,
	enum points_cause cause, int64_t (*figure)(const struct points_move *m), struct palier_json *w)
{
	palier_json_key(w, list);
	palier_json_array(w);
	for (uint32_t i = 0; i < ev->effect_count; i++) {
		const struct points_move *m = points_move_in(&ev->effects[i]);

		if (!m || m->cause != (int)cause || !palier_equal(m->sale, sale) || figure(m) <= 0)
			continue;
		palier_json_object(w);
		palier_json_key(w, "unit");
		palier_json_string(w, m->unit);
		palier_json_key(w, "points");
		palier_json_int(w, figure(m));
		if (m->expired > 0) {
			palier_json_key(w, "expired");
			palier_json_int(w, m->expired);
		}
		palier_json_end_object(w);
	}
	palier_json_end_array(w);
}

static int64_t points_of(const struct points_move *m)
{
	return m->points;
}

static int64_t collected_of(const struct points_move *m)
{
	return m->collected;
}

static int64_t uncollected_of(const struct points_move *m)
{
	return m->uncollected;
}

static bool is_short(const struct palier_event *ev, struct palier_bytes sale)
{
	for (uint32_t i = 0; i < ev->effect_count; i++) {
		const struct points_move *m = points_move_in(&ev->effects[i]);

		if (m && m->uncollected > 0 && palier_equal(m->sale, sale))
			return true;
	}
	return false;
}

/* What a hold keeps: a row a unit. */
static void held_write(struct palier_ctx *c, const struct palier_event *ev, struct palier_json *w)
{
	struct stand *sums = palier_alloc(palier_arena(c), (ev->effect_count + 1) * sizeof(*sums));
	size_t count = 0;

	for (uint32_t i = 0; i < ev->effect_count; i++) {
		const struct points_held *e = ev->effects[i].body;
		size_t unit = 0;

		if (strcmp(ev->effects[i].kind->name, "points.held") != 0 || e->lots.count == 0)
			continue;
		while (unit < count && !palier_equal(sums[unit].unit, e->unit))
			unit++;
		if (unit == count)
			sums[count++] = (struct stand){ e->unit, 0 };
		for (uint32_t l = 0; l < e->lots.count; l++)
			sums[unit].points += e->lots.at[l].points;
	}
	palier_json_key(w, "held");
	palier_json_array(w);
	for (size_t i = 0; i < count; i++) {
		palier_json_object(w);
		palier_json_key(w, "unit");
		palier_json_string(w, sums[i].unit);
		palier_json_key(w, "points");
		palier_json_int(w, sums[i].points);
		palier_json_end_object(w);
	}
	palier_json_end_array(w);
}

int points_on_reply(struct palier_ctx *c, enum palier_reply reply, const struct palier_event *ev, struct palier_bytes sale,
	struct palier_json *w)
{
	switch (reply) {
	case PALIER_REPLY_QUOTE:
	case PALIER_REPLY_HELD_QUOTE:
		moves_write(ev, "earn", POINTS_EARN, w);
		moves_write(ev, "spend", POINTS_SPEND, w);
		break;
	case PALIER_REPLY_COMMIT:
		moves_write(ev, "earned", POINTS_EARN, w);
		moves_write(ev, "spent", POINTS_SPEND, w);
		balances_write(c, ev, w);
		break;
	case PALIER_REPLY_SHOW:
		moves_write(ev, "earned", POINTS_EARN, w);
		moves_write(ev, "spent", POINTS_SPEND, w);
		break;
	case PALIER_REPLY_RETURN:
		returned_write(ev, sale, "reversed", POINTS_REVERSE, collected_of, w);
		returned_write(ev, sale, "restored", POINTS_RESTORE, points_of, w);
		if (is_short(ev, sale))
			returned_write(ev, sale, "uncollected", POINTS_REVERSE, uncollected_of, w);
		break;
	case PALIER_REPLY_REFUND:
		returned_write(ev, sale, "units", POINTS_REFUND, points_of, w);
		break;
	case PALIER_REPLY_BALANCES:
		balances_write(c, ev, w);
		break;
	case PALIER_REPLY_HOLD:
		held_write(c, ev, w);
		break;
	}
	return PALIER_OK;
}

/* --- a day's totals --- */

static void sum_write(struct palier_json *w, const char *key, int64_t sum)
{
	palier_json_key(w, key);
	palier_json_int(w, sum > PALIER_FIGURE_MAX    ? PALIER_FIGURE_MAX
			   : sum < -PALIER_FIGURE_MAX ? -PALIER_FIGURE_MAX
						      : sum);
}

/* Signed, as in a history: so those of all time add up to what is outstanding. What is 0 is left out. */
static void total_write(struct palier_json *w, const struct total *total, const int64_t sums[TOTALS])
{
	palier_json_object(w);
	for (unsigned i = 0; i < TOTAL_CAUSES; i++)
		if (sums[i] != 0)
			sum_write(w, points_cause_names[i], sums[i]);
	if (sums[TOTAL_GIVEN] != 0)
		sum_write(w, "given", sums[TOTAL_GIVEN]);
	if (sums[TOTAL_GRANTED] != 0)
		sum_write(w, "granted", sums[TOTAL_GRANTED]);
	if (sums[TOTAL_UNCOLLECTED] != 0)
		sum_write(w, "uncollected", sums[TOTAL_UNCOLLECTED]);
	if (sums[TOTAL_SHORTFALL] != 0)
		sum_write(w, "shortfall", sums[TOTAL_SHORTFALL]);
	sum_write(w, "outstanding", points_total_outstanding(total));
	palier_json_end_object(w);
}

int points_day_totals(struct palier_ctx *c, bool perpetual, struct palier_json *w)
{
	static const int64_t nothing[TOTALS];
	uint16_t last = 0;
	int err = points_number_last(palier_tables(c), &last);

	palier_json_key(w, "units");
	palier_json_object(w);
	for (unsigned number = 1; number <= last && err == PALIER_OK; number++) {
		struct palier_bytes unit;
		struct total total;

		err = points_name_of(palier_tables(c), (uint16_t)number, &unit);
		if (err == PALIER_OK)
			err = points_total_read(palier_tables(c), (uint16_t)number, &total);
		if (err != PALIER_OK)
			break;
		palier_json_key_bytes(w, unit);
		total_write(w, &total, perpetual ? total.ever : total.batch == palier_batch(c) ? total.day : nothing);
	}
	palier_json_end_object(w);
	return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
}

/* --- balance.history --- */

struct history {
	struct palier_ctx *c;
	struct palier_json *w;
	struct palier_id member;
	struct palier_bytes unit; /* empty: all */
	int64_t count, limit;
};

static const struct points_move *history_move(const struct history *h, const struct palier_effect *e)
{
	const struct points_move *m = e->kind->schema == &points_move_schema ? e->body : NULL;

	return m && palier_member_was(h->c, m->member, h->member) && (h->unit.len == 0 || palier_equal(m->unit, h->unit))
	               ? m
	               : NULL;
}

static void entry_write(struct palier_json *w, const struct palier_event *ev, const struct points_move *m)
{
	palier_json_object(w);
	palier_json_key(w, "seq");
	palier_json_int(w, (int64_t)ev->seq);
	palier_json_key(w, "at");
	palier_json_time(w, ev->at_ms);
	palier_json_key(w, "kind");
	palier_json_str(w, points_cause_names[m->cause]);
	palier_json_key(w, "unit");
	palier_json_string(w, m->unit);
	palier_json_key(w, "points");
	palier_json_int(w, m->points);
	palier_json_key(w, "balance");
	palier_json_int(w, m->balance);
	if (PALIER_HAS(m, points_move, sale)) {
		palier_json_key(w, "sale");
		palier_json_string(w, m->sale);
	}
	if (PALIER_HAS(m, points_move, expires) && (m->points > 0 || m->cause == POINTS_EXPIRE)) {
		palier_json_key(w, "expires");
		palier_json_day(w, m->expires);
	}
	palier_json_end_object(w);
}

/* A page ends between events, because the next one begins before a seq: an event's entries stay together. Only an event that
 * has more than a whole page makes the page longer. */
static int history_visit(void *who, const struct palier_event *ev)
{
	struct history *h = who;
	int64_t entries = 0;

	for (uint32_t i = 0; i < ev->effect_count; i++)
		entries += history_move(h, &ev->effects[i]) != NULL;
	if (h->count > 0 && h->count + entries > h->limit)
		return 0;
	for (uint32_t i = ev->effect_count; i-- > 0;) {
		const struct points_move *m = history_move(h, &ev->effects[i]);

		if (m)
			entry_write(h->w, ev, m);
	}
	h->count += entries;
	return h->count < h->limit;
}

static int history_answer(struct palier_ctx *c, const void *params, struct palier_json *w)
{
	const struct balance_history *p = params;
	struct history h = { .c = c,
		.w = w,
		.unit = p->unit,
		.limit = PALIER_HAS(p, balance_history, limit) ? p->limit : HISTORY_LIMIT };
	uint16_t number;
	int err = palier_who(c, p->card, PALIER_HAS(p, balance_history, member) ? &p->member : NULL, &h.member);

	if (err != PALIER_OK)
		return err;
	if (p->unit.len > 0 && !points_unit_of(palier_config(c), p->unit)) {
		err = points_number_of(palier_tables(c), p->unit, &number);
		if (err != PALIER_OK)
			return err != PALIER_ENOENT ? err
			                            : palier_refuse(c, PALIER_EUNIT_UNKNOWN, "unit",
							      "no unit is called %.*s", PALIER_ARG(p->unit));
	}
	palier_json_object(w);
	palier_json_key(w, "entries");
	palier_json_array(w);
	err = palier_events_of(c, h.member, PALIER_HAS(p, balance_history, before) ? (uint64_t)p->before : 0, history_visit,
		&h);
	palier_json_end_array(w);
	palier_json_end_object(w);
	return err;
}

const struct palier_service points_services[] = {
	{ &method_balance_adjust, NULL, adjust_decide, adjust_reply },
	{ &method_balance_history, history_answer, NULL, NULL },
	{ 0 },
};

/* --- the member view --- */

/* A unit as the member has it. */
struct holding {
	struct palier_bytes unit;
	int64_t balance, held, pending;
};

struct expiring {
	size_t unit; /* index of the holding */
	uint32_t on;
	int64_t points;
};

struct holdings {
	struct holding *units;
	size_t unit_count, unit_room;
	struct expiring *dates;
	size_t date_count, date_room;
};

/* Room for one more: arena arrays grow by doubling. */
static void *grown(struct palier_arena *a, void *at, size_t count, size_t *room, size_t size)
{
	void *more;

	if (count < *room)
		return at;
	*room = *room * 2 + 8;
	more = palier_alloc(a, *room * size);
	if (count > 0)
		memcpy(more, at, count * size);
	return more;
}

static void date_add(struct palier_arena *a, struct holdings *h, size_t unit, uint32_t on, int64_t points)
{
	struct expiring *last = h->date_count > 0 ? &h->dates[h->date_count - 1] : NULL;

	if (points == 0)
		return;
	if (last && last->unit == unit && last->on == on) {
		last->points += points;
		return;
	}
	h->dates = grown(a, h->dates, h->date_count, &h->date_room, sizeof(*h->dates));
	h->dates[h->date_count++] = (struct expiring){ unit, on, points };
}

/* Walk a unit's lots: what has lapsed does not count, what is dated is listed, what is pending summed up. Lots that never
 * lapse come last and need not be looked at unless one may be pending. */
static int lots_show(struct palier_ctx *c, struct palier_id member, uint16_t number, const struct standing *st,
	struct holdings *h, size_t unit)
{
	struct palier_cursor *cur = points_lots(palier_tables(c), member, number);
	uint32_t now = points_now(c);
	struct holding *out = &h->units[unit];
	struct lot l;
	int err;

	while ((err = points_lot_next(cur, &l)) == PALIER_OK && (l.expires != DAY_NEVER || st->pending > now)) {
		err = points_lot_loosen(palier_tables(c), member, number, palier_received(c), &l);
		if (err != PALIER_OK)
			return err;
		if (l.expires < now)
			out->balance -= l.left - l.held;
		else if (l.expires != DAY_NEVER)
			date_add(palier_arena(c), h, unit, l.expires, l.left);
		if (l.expires >= now && l.pending > now)
			out->pending += l.left;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static size_t holding_add(struct palier_arena *a, struct holdings *h, struct palier_bytes unit)
{
	h->units = grown(a, h->units, h->unit_count, &h->unit_room, sizeof(*h->units));
	h->units[h->unit_count] = (struct holding){ .unit = unit };
	return h->unit_count++;
}

/* What is held of a unit, without holds that have lapsed. */
static int held_now(struct palier_ctx *c, struct palier_id member, uint16_t number, const struct standing *st, int64_t *out)
{
	int64_t loose = 0;
	int err = st->held > 0 ? points_held_of(palier_tables(c), member, number, NULL, palier_received(c), &loose, NULL)
	                       : PALIER_OK;

	*out = st->held - loose;
	return err;
}

/* The configured units, zeros included, then those that only the tables know. */
static int holdings_read(struct palier_ctx *c, struct palier_id member, struct holdings *h)
{
	const struct points_config *cfg = palier_config(c);
	struct palier_cursor *cur = points_standings(palier_tables(c), member);
	struct palier_bytes name;
	struct standing st;
	uint16_t number;
	size_t unit;
	int err;

	for (size_t i = 0; cfg && i < cfg->unit_count; i++)
		holding_add(palier_arena(c), h, cfg->units[i].name);
	while ((err = points_standing_next(cur, &number, &st)) == PALIER_OK) {
		err = points_name_of(palier_tables(c), number, &name);
		if (err != PALIER_OK)
			return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
		for (unit = 0; unit < h->unit_count && !palier_equal(h->units[unit].unit, name);)
			unit++;
		if (unit == h->unit_count)
			holding_add(palier_arena(c), h, name);
		h->units[unit].balance = st.lots - st.hole;
		err = held_now(c, member, number, &st, &h->units[unit].held);
		if (err != PALIER_OK)
			return err;
		err = st.lots > 0 ? lots_show(c, member, number, &st, h, unit) : PALIER_OK;
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int nearest(const void *a, const void *b)
{
	const struct expiring *x = a, *y = b;

	if (x->on != y->on)
		return x->on < y->on ? -1 : 1;
	return (x->unit > y->unit) - (x->unit < y->unit);
}

static void expiring_write(struct palier_json *w, const struct holdings *h)
{
	palier_json_key(w, "expiring");
	palier_json_array(w);
	for (size_t i = 0; i < h->date_count; i++) {
		palier_json_object(w);
		palier_json_key(w, "unit");
		palier_json_string(w, h->units[h->dates[i].unit].unit);
		palier_json_key(w, "points");
		palier_json_int(w, h->dates[i].points);
		palier_json_key(w, "on");
		palier_json_day(w, h->dates[i].on);
		palier_json_end_object(w);
	}
	palier_json_end_array(w);
}

/* Of each unit, what lapses next, when that is soon. */
static void lapsing_say(struct palier_ctx *c, const struct holdings *h)
{
	bool *said = palier_alloc(palier_arena(c), (h->unit_count + 1) * sizeof(*said));
	uint32_t soon = day_add(points_now(c), LAPSING_DAYS);

	for (size_t i = 0; i < h->date_count && h->dates[i].on <= soon; i++) {
		const struct expiring *next = &h->dates[i];

		if (!said[next->unit])
			points_say_lapsing(c, h->units[next->unit].unit, next->points, next->on);
		said[next->unit] = true;
	}
}

/* One of the view's maps: a figure of every unit. */
static void map_write(struct palier_json *w, const char *key, const struct holdings *h, size_t offset)
{
	palier_json_key(w, key);
	palier_json_object(w);
	for (size_t i = 0; i < h->unit_count; i++) {
		int64_t figure;

		memcpy(&figure, (const char *)&h->units[i] + offset, sizeof(figure));
		figure_write(w, h->units[i].unit, figure);
	}
	palier_json_end_object(w);
}

int points_on_lookup(struct palier_ctx *c, struct palier_id member, struct palier_json *w)
{
	struct holdings h = { 0 };
	int err = holdings_read(c, member, &h);

	if (err != PALIER_OK)
		return err;
	if (h.date_count > 1)
		qsort(h.dates, h.date_count, sizeof(*h.dates), nearest);
	map_write(w, "balances", &h, offsetof(struct holding, balance));
	map_write(w, "held", &h, offsetof(struct holding, held));
	map_write(w, "pending", &h, offsetof(struct holding, pending));
	expiring_write(w, &h);
	lapsing_say(c, &h);
	return PALIER_OK;
}

/* --- what may be spent --- */

/* Of what has not lapsed. */
static int pending_sum(struct palier_ctx *c, struct palier_id member, uint16_t number, const struct standing *st,
	int64_t *out)
{
	struct palier_cursor *cur = points_lots(palier_tables(c), member, number);
	uint32_t today = palier_today(c);
	int64_t sum = 0;
	struct lot l;
	int err = PALIER_ENOENT;

	while (st->pending > today && (err = points_lot_next(cur, &l)) == PALIER_OK)
		sum += l.expires >= today && l.pending > today ? l.left - l.held : 0;
	if (err != PALIER_ENOENT)
		return err;
	*out = sum;
	return PALIER_OK;
}

int points_spendable(struct palier_ctx *c, struct palier_id member, const char *unit, int64_t *out)
{
	int64_t balance = 0, pending = 0, held = 0, beyond = 0;
	struct standing st = { 0 };
	uint16_t number;
	int err;

	if (!points_unit_of(palier_config(c), palier_str(unit)))
		return PALIER_OK;
	err = points_number_of(palier_tables(c), palier_str(unit), &number);
	if (err == PALIER_OK)
		err = points_standing_read(palier_tables(c), member, number, &st);
	if (err == PALIER_OK)
		err = points_balance_on(palier_tables(c), member, number, &st, palier_today(c), palier_received(c),
			&balance);
	if (err == PALIER_OK)
		err = pending_sum(c, member, number, &st, &pending);
	if (err == PALIER_OK)
		err = held_now(c, member, number, &st, &held);
	if (err == PALIER_OK || err == PALIER_ENOENT)
		err = points_roaming_left(c, member, &beyond);
	if (err == PALIER_OK)
		*out = (balance - pending - held > 0 ? balance - pending - held : 0) + beyond;
	return err;
}
