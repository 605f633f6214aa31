/* SPDX-License-Identifier: Apache-2.0 */
/* Many stores, one member (rules.md "Several stores"): a point can be spent in one store at a time. After each close a store gives up what
 * members who are at home elsewhere have here; the head office grants it there. Until a grant arrives a shop may let such members spend a
 * little beyond what there is. */
#include "plugins/points/internal.h"

PALIER_SCHEMA(points_home);
PALIER_SCHEMA(points_given);
PALIER_SCHEMA(points_taken);
PALIER_SCHEMA(points_granted);
PALIER_SCHEMA(points_roamed);

/* --- rows --- */

static struct palier_key member_key(struct palier_id member)
{
	struct palier_key k = { 0 };

	palier_key_id(&k, member);
	return k;
}

/* @param out the store where a member's points are spent; empty: here, or nobody has said */
static int home_get(struct palier_ctx *c, struct palier_id member, struct palier_bytes *out)
{
	struct palier_key k = member_key(member);
	int err = palier_get(palier_tables(c), T_HOME, &k, out);

	if (err == PALIER_ENOENT || (err == PALIER_OK && palier_equal(*out, palier_store_id(c))))
		*out = (struct palier_bytes){ NULL, 0 };
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* What a member has spent on this day beyond what there was. */
static int roamed_get(const struct palier_tables *t, struct palier_id member, uint32_t day, int64_t *out)
{
	struct palier_key k = member_key(member);
	struct palier_bytes value;
	struct palier_cut cut;
	int err = palier_get(t, T_ROAMED, &k, &value);

	*out = 0;
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	cut = palier_cut_of(value);
	if (palier_cut_uint(&cut, 4) == day)
		*out = palier_cut_i64(&cut);
	return cut.bad ? PALIER_EDAMAGED : PALIER_OK;
}

static struct palier_key source_key(struct palier_bytes source)
{
	struct palier_key k = { 0 };

	palier_key_raw(&k, source.at, source.len);
	return k;
}

/* --- apply --- */

int points_home_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct points_home *e = body;
	struct palier_key k = member_key(e->member);

	return palier_equal(e->home, ev->store) ? palier_del(t, T_HOME, &k) : palier_put(t, T_HOME, &k, e->home);
}

int points_granted_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct points_granted *e = body;
	struct palier_key k = source_key(e->source);
	struct palier_value v = { 0 };
	uint16_t number;
	int err = points_number_of(t, e->unit, &number);

	palier_value_uint(&v, ev->seq, 8);
	if (err == PALIER_OK)
		err = palier_put(t, T_SOURCE, &k, palier_value_bytes(&v));
	if (err == PALIER_OK)
		err = points_total_granted(t, ev->batch, number, e->points);
	return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
}

int points_roamed_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct points_roamed *e = body;
	struct palier_key k = member_key(e->member);
	struct palier_value v = { 0 };
	int64_t sum;
	int err = roamed_get(t, e->member, e->date, &sum);

	(void)ev;
	if (err == PALIER_OK && !palier_add_i64(&sum, e->points))
		err = PALIER_ERANGE;
	palier_value_uint(&v, e->date, 4);
	palier_value_i64(&v, sum);
	return err == PALIER_OK ? palier_put(t, T_ROAMED, &k, palier_value_bytes(&v)) : err;
}

/* --- where a member is at home --- */

static int home_set(struct palier_ctx *c, struct palier_id member, struct palier_bytes home)
{
	struct points_home body = { 0 };

	PALIER_SET(&body, points_home, member, member);
	PALIER_SET(&body, points_home, home, home);
	return palier_effect_add(c, "points.home", &body);
}

int points_home_forget(struct palier_ctx *c, struct palier_id member)
{
	struct palier_bytes home;
	int err = home_get(c, member, &home);

	return err == PALIER_OK && home.len > 0 ? home_set(c, member, palier_store_id(c)) : err;
}

/* --- giving up --- */

/* One row a lot, for the head office: it grants each of them, once. */
static int given_add(struct palier_ctx *c, const struct points_move *m, struct palier_bytes home)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; i < m->lots.count && err == PALIER_OK; i++) {
		const struct points_lot *lot = &m->lots.at[i];
		struct points_given body = { 0 };

		PALIER_SET(&body, points_given, member, m->member);
		PALIER_SET(&body, points_given, unit, m->unit);
		PALIER_SET(&body, points_given, points, lot->points);
		if (PALIER_HAS(lot, points_lot, expires))
			PALIER_SET(&body, points_given, expires, zone_midnight(day_add(lot->expires, 1)));
		if (home.len > 0)
			PALIER_SET(&body, points_given, to, home);
		err = palier_effect_add(c, "points.given", &body);
	}
	return err;
}

/* Give up to `most` of what can be spent, lot by lot. What is held or pending stays. @param day of which it is judged what is pending */
static int lots_give(struct palier_ctx *c, struct points_plan *p, int64_t most, uint32_t day, struct palier_bytes home)
{
	struct palier_cursor *cur = points_lots(palier_tables(c), p->m.member, p->number);
	struct lot l;
	int err = PALIER_OK;

	while (most > 0 && (err = points_lot_next(cur, &l)) == PALIER_OK) {
		int64_t free = palier_least(l.left - l.held, most);

		if (free <= 0 || l.pending > day || l.expires < points_now(c))
			continue;
		points_plan_part(c, p, &l, -free);
		p->m.points -= free;
		most -= free;
	}
	if ((err != PALIER_OK && err != PALIER_ENOENT) || p->m.points == 0)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	err = points_plan_book(c, p);
	return err == PALIER_OK ? given_add(c, &p->m, home) : err;
}

int points_give(struct palier_ctx *c, struct palier_id member, const struct palier_close *close)
{
	struct palier_cursor *cur = points_standings(palier_tables(c), member);
	struct palier_bytes home, unit;
	struct points_plan p;
	struct standing st;
	uint16_t number;
	int err = home_get(c, member, &home);

	if (err != PALIER_OK || home.len == 0)
		return err;
	home = palier_copy(palier_arena(c), home);
	while ((err = points_standing_next(cur, &number, &st)) == PALIER_OK) {
		err = points_name_of(palier_tables(c), number, &unit);
		if (err == PALIER_OK)
			err = points_plan_begin(c, member, unit, POINTS_GIVE, &p);
		if (err == PALIER_OK)
			err = lots_give(c, &p, INT64_MAX, close->closed, home);
		if (err != PALIER_OK)
			return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* --- orders --- */

/* A member whom an order is about. @return PALIER_OK; PALIER_ENOENT: erased, nothing is to be done; refused: nobody here knows of him */
static int who(struct palier_ctx *c, const struct office_order *o, struct palier_id *out)
{
	int err = palier_member_now(c, o->member, out);

	if (err == PALIER_ENOENT)
		return palier_refuse(c, PALIER_EMEMBER_UNKNOWN, "member",
			"there is no such member here: order `member` first");
	return err == PALIER_EMEMBER_ERASED ? PALIER_ENOENT : err;
}

/* Of whoever is merged here the office does not know it yet: that was not said of the one who has it all now. */
static int order_home(struct palier_ctx *c, struct palier_id member, const struct office_order *o)
{
	struct palier_id now;
	int err = palier_member_now(c, member, &now);

	if (err == PALIER_EMEMBER_ERASED || (err == PALIER_OK && !palier_id_equal(now, member)))
		return PALIER_OK;
	if (err != PALIER_OK && err != PALIER_ENOENT) /* else who comes to be known here later */
		return err;
	return home_set(c, member, o->home);
}

static int order_take(struct palier_ctx *c, const struct office_order *o)
{
	struct points_taken body = { 0 };
	struct palier_bytes home;
	struct palier_id member;
	struct points_plan p;
	int err = who(c, o, &member);

	if (err == PALIER_OK)
		err = points_plan_open(c, member, o->unit, POINTS_GIVE, &p);
	if (err == PALIER_OK)
		err = home_get(c, member, &home);
	if (err == PALIER_OK)
		err = lots_give(c, &p, o->points, palier_today(c), home);
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	PALIER_SET(&body, points_taken, member, member);
	PALIER_SET(&body, points_taken, unit, o->unit);
	PALIER_SET(&body, points_taken, asked, o->points);
	PALIER_SET(&body, points_taken, points, -p.m.points);
	return palier_effect_add(c, "points.taken", &body);
}

static int granted_add(struct palier_ctx *c, const struct office_order *o, struct palier_id member, bool repeated)
{
	struct points_granted body = { 0 };

	PALIER_SET(&body, points_granted, member, member);
	PALIER_SET(&body, points_granted, unit, o->unit);
	PALIER_SET(&body, points_granted, points, o->points);
	PALIER_SET(&body, points_granted, source, o->source);
	return palier_effect_add(c, repeated ? "points.repeated" : "points.granted", &body);
}

static int grant_book(struct palier_ctx *c, const struct office_order *o, struct palier_id member)
{
	uint32_t last = PALIER_HAS(o, office_order, expires) ? zone_day(o->expires - 1) : DAY_NEVER;
	struct points_plan p;
	int64_t filled;
	int err = points_plan_open(c, member, o->unit, POINTS_GRANT, &p);

	if (err != PALIER_OK)
		return err;
	filled = palier_least(p.st.hole, o->points);
	p.m.points = o->points;
	points_plan_fill(&p, filled);
	if (filled < o->points && last != DAY_NEVER)
		PALIER_SET(&p.m, points_move, expires, last);
	p.m.balance += last >= points_now(c) ? o->points - filled : 0;
	err = points_plan_book(c, &p);
	return err == PALIER_OK ? granted_add(c, o, member, false) : err;
}

/* Once a source, whoever sends it again. */
static int order_grant(struct palier_ctx *c, const struct office_order *o)
{
	struct palier_key k = source_key(o->source);
	struct palier_bytes before;
	struct palier_id member;
	int err = who(c, o, &member);

	if (err == PALIER_ENOENT)
		return palier_alert(c, &(struct palier_alert){ .what = "member_erased",
					       .member = &o->member,
					       .unit = o->unit,
					       .figure = o->points });
	if (err != PALIER_OK)
		return err;
	err = palier_get(palier_tables(c), T_SOURCE, &k, &before);
	if (err == PALIER_ENOENT)
		return grant_book(c, o, member);
	return err == PALIER_OK ? granted_add(c, o, member, true) : err;
}

int points_on_order(struct palier_ctx *c, const struct office_order *o)
{
	bool home = PALIER_HAS(o, office_order, home);

	if (palier_is(o->order, "grant"))
		return order_grant(c, o);
	if (palier_is(o->order, "take"))
		return order_take(c, o);
	if (home && (palier_is(o->order, "home") || palier_is(o->order, "member")))
		return order_home(c, o->member, o);
	return home && palier_is(o->order, "join") ? order_home(c, o->into, o) : PALIER_ENOENT;
}

/* --- spending before a grant arrives --- */

int points_roaming_left(struct palier_ctx *c, struct palier_id member, int64_t *out)
{
	int64_t credit = palier_roaming_credit(c), roamed = 0;
	struct palier_bytes home = { NULL, 0 };
	int err = credit > 0 ? home_get(c, member, &home) : PALIER_OK;

	*out = 0;
	if (err == PALIER_OK && home.len > 0)
		err = roamed_get(palier_tables(c), member, palier_today(c), &roamed);
	if (err == PALIER_OK && home.len > 0 && roamed < credit)
		*out = credit - roamed;
	return err;
}

int points_roam(struct palier_ctx *c, const struct points_move *m, int64_t points, bool *out)
{
	struct points_roamed body = { 0 };
	int64_t left = 0;
	int err = m->cause == POINTS_SPEND || m->cause == POINTS_PAY ? points_roaming_left(c, m->member, &left) : PALIER_OK;

	*out = points <= left;
	if (err != PALIER_OK || !*out)
		return err;
	PALIER_SET(&body, points_roamed, member, m->member);
	PALIER_SET(&body, points_roamed, unit, m->unit);
	PALIER_SET(&body, points_roamed, points, points);
	PALIER_SET(&body, points_roamed, date, palier_today(c));
	return palier_effect_add(c, "points.roamed", &body);
}
