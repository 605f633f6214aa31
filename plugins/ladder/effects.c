/* SPDX-License-Identifier: Apache-2.0 */
/* What ladder books. */
#include "plugins/ladder/rows.h"

PALIER_SCHEMA(ladder_step);
PALIER_SCHEMA(ladder_candidate);
PALIER_SCHEMA(ladder_shown);
PALIER_SCHEMA(ladder_undone);
PALIER_SCHEMA(ladder_filtered);
PALIER_SCHEMA(ladder_experiment);
PALIER_SCHEMA(ladder_visited);
PALIER_SCHEMA(ladder_moved);
PALIER_SCHEMA(ladder_stocked);
PALIER_SCHEMA(ladder_forgotten);

/* --- rungs --- */

static int step_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct ladder_step *e = body;
	struct step s;
	int err = step_read(t, e->member, e->rung, &s);

	(void)ev;
	if (err != PALIER_OK)
		return err;
	if (!palier_add_i64(&s.lines, e->lines))
		return PALIER_ERANGE;
	/* Of a member who was merged or erased meanwhile less may be there. */
	if (s.lines <= 0)
		s.lines = s.first = 0;
	else if (!s.first || e->day < s.first)
		s.first = e->day;
	s.returned = (s.returned && !e->kept) || e->returned;
	return step_write(t, e->member, e->rung, &s);
}

/* --- suggestions --- */

/* Bring what is known up to a day. A day that is before the last one counts with that. */
static void settle(struct posterior *p, uint64_t fading, uint32_t day)
{
	if (!p->day)
		p->day = day;
	if (day <= p->day)
		return;
	posterior_at(p, fading, day, &p->s, &p->f);
	p->s_today = p->f_today = 0;
	p->day = day;
}

/* An outcome that comes in the place of another, is taken back, or is there again, is worth what it would have become by now. */
static void outcome_count(struct posterior *p, const struct ladder_shown *e, int sign)
{
	bool late = sign > 0 && !e->again && !e->instead; /* it was never counted: it comes with the last day's */
	uint32_t days = e->day < p->day && !late ? (uint32_t)(day_number(p->day) - day_number(e->day)) : 0;
	int64_t one = (int64_t)bandit_fade(BANDIT_ONE, (uint64_t)e->fading, days);

	*(e->outcome == OUTCOME_ACCEPTED ? &p->s_today : &p->f_today) += sign * one;
}

static int posterior_add(struct palier_tables *t, const struct ladder_shown *e, uint32_t now, int sign)
{
	bool known = PALIER_HAS(e, ladder_shown, member);
	struct posterior p;
	int err;

	if (e->outcome == OUTCOME_IGNORED)
		return PALIER_OK;
	err = posterior_read(t, e->rung, known, &p);
	if (err != PALIER_OK)
		return err;
	settle(&p, (uint64_t)e->fading, now);
	outcome_count(&p, e, sign);
	return posterior_write(t, e->rung, known, &p);
}

static int level_add(struct palier_tables *t, struct palier_bytes name, const struct ladder_shown *e, uint32_t now, int sign)
{
	struct level l;
	int err = level_read(t, name, &l);

	if (err != PALIER_OK)
		return err;
	if (now > l.day) {
		level_at(&l, now, &l.accepted, &l.declined);
		l = (struct level){ .accepted = l.accepted, .declined = l.declined, .day = now };
	}
	*(e->outcome == OUTCOME_ACCEPTED ? &l.accepted_today : &l.declined_today) += sign;
	return level_write(t, name, &l);
}

static int levels_add(struct palier_tables *t, const struct ladder_shown *e, uint32_t now, int sign)
{
	const char *slash = memchr(e->rung.at, '/', e->rung.len);
	struct palier_bytes ladder = palier_bytes_of(e->rung.at, slash ? (size_t)(slash - e->rung.at) : e->rung.len);
	int err;

	if (e->outcome == OUTCOME_IGNORED)
		return PALIER_OK;
	err = level_add(t, e->rung, e, now, sign);
	if (err == PALIER_OK)
		err = level_add(t, ladder, e, now, sign);
	if (err == PALIER_OK && PALIER_HAS(e, ladder_shown, level))
		err = level_add(t, e->level, e, now, sign);
	if (err == PALIER_OK)
		err = level_add(t, PALIER_LIT("*"), e, now, sign);
	return err;
}

static int day_add_outcome(struct palier_tables *t, const struct ladder_shown *e, int sign)
{
	struct palier_key k = day_key(e->rung, e->day);
	const int64_t add[DAY_FIGURES] = { sign, e->outcome == OUTCOME_ACCEPTED ? sign : 0,
		e->outcome == OUTCOME_DECLINED ? sign : 0, sign * e->revenue, sign * e->margin, e->estimated ? sign : 0,
		e->pending ? sign : 0 };

	return figures_add(t, T_DAY, &k, add, DAY_FIGURES);
}

static int asks_count(struct palier_tables *t, const struct ladder_shown *e)
{
	struct asks a;
	int err = asks_read(t, e->member, &a);

	if (err != PALIER_OK || e->day < a.last)
		return err;
	a.before = a.last;
	a.last = e->day;
	return asks_write(t, e->member, &a);
}

/* What was asked stays asked, whatever becomes of the sale. */
static int member_asked(struct palier_tables *t, const struct ladder_shown *e)
{
	struct step s;
	int err = e->instead ? PALIER_OK : asks_count(t, e);

	if (err != PALIER_OK || e->outcome != OUTCOME_DECLINED)
		return err;
	err = step_read(t, e->member, e->rung, &s);
	if (err != PALIER_OK)
		return err;
	s.declined = e->day > s.declined ? e->day : s.declined;
	return step_write(t, e->member, e->rung, &s);
}

static int outcome_apply(struct palier_tables *t, const struct ladder_shown *e, int sign)
{
	uint32_t now = PALIER_HAS(e, ladder_shown, booked) && e->booked > e->day ? e->booked : e->day;
	int err = posterior_add(t, e, now, sign);

	if (err == PALIER_OK)
		err = levels_add(t, e, now, sign);
	return err == PALIER_OK ? day_add_outcome(t, e, sign) : err;
}

static int shown_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct ladder_shown *e = body;
	int err = outcome_apply(t, e, 1);

	(void)ev;
	if (err != PALIER_OK || !PALIER_HAS(e, ladder_shown, member))
		return err;
	err = outcome_write(t, e);
	return err == PALIER_OK && !e->again ? member_asked(t, e) : err;
}

/* Another outcome may stand in its place by now. */
static int outcome_forget(struct palier_tables *t, const struct ladder_shown *e)
{
	struct ladder_shown now;
	int err = outcome_read(t, e->member, e->decision, e->rung, &now);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	return outcome_same(&now, e) ? outcome_drop(t, e) : PALIER_OK;
}

/* The two messages have the same fields. */
static int undone_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct ladder_undone *u = body;
	struct ladder_shown e;
	int err;

	(void)ev;
	_Static_assert(sizeof(e) == sizeof(*u), "they are made of the same rows");
	memcpy(&e, u, sizeof(e));
	err = outcome_apply(t, &e, -1);
	return err == PALIER_OK && PALIER_HAS(&e, ladder_shown, member) ? outcome_forget(t, &e) : err;
}

static int forgotten_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct ladder_forgotten *e = body;

	(void)ev;
	return outcomes_drop(t, e->member, e->before);
}

static int filtered_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct ladder_filtered *e = body;
	int err = PALIER_OK;

	(void)ev;
	for (uint32_t i = 0; i < e->reasons.count && err == PALIER_OK; i++) {
		int64_t add = e->undone ? -e->reasons.at[i].count : e->reasons.at[i].count;

		for (unsigned f = 0; f < FILTERS; f++)
			if (palier_is(e->reasons.at[i].reason, filter_names[f])) {
				struct palier_key k = filter_key(f, e->day);

				err = figures_add(t, T_FILTER, &k, &add, 1);
			}
	}
	return err;
}

/* --- the experiment --- */

static int experiment_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct ladder_experiment *e = body;
	struct palier_key k = { .len = 0 };
	struct palier_value v = { .len = 0 };

	(void)ev;
	palier_key_uint(&k, 0, 1);
	palier_value_uint(&v, (uint64_t)e->epoch, 4);
	palier_value_uint(&v, (uint64_t)e->share, 2);
	palier_value_uint(&v, e->start, 4);
	palier_value_uint(&v, e->until, 4);
	palier_value_raw(&v, e->salt.at, e->salt.len);
	return palier_put(t, T_EXPERIMENT, &k, palier_value_bytes(&v));
}

static int visited_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct ladder_visited *e = body;
	struct arm_member m;
	int err = arm_member_read(t, e->member, &m);
	bool counted = err == PALIER_OK && m.epoch == (uint32_t)e->epoch;

	(void)ev;
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	/* What is taken back of an experiment that is over, or of a member who is gone from it, is no more. */
	if (!counted && e->visits <= 0)
		return PALIER_OK;
	if (counted)
		err = arm_count(t, &m, -1);
	else
		m = (struct arm_member){ .epoch = (uint32_t)e->epoch, .held = e->held };
	if (counted && err != PALIER_OK)
		return err;
	if (!palier_add_i64(&m.spend, e->spend) || !palier_add_i64(&m.margin, e->margin) ||
		!palier_add_i64(&m.known, e->known) || !palier_add_i64(&m.estimated, e->estimated))
		return PALIER_ERANGE;
	m.climbed += e->climbed;
	m.visits += e->visits;
	err = m.visits > 0 ? arm_count(t, &m, 1) : PALIER_OK;
	return err == PALIER_OK ? arm_member_write(t, e->member, &m) : err;
}

/* --- members --- */

static int moved_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct ladder_moved *e = body;

	(void)ev;
	return rows_move(t, e->from, PALIER_HAS(e, ladder_moved, into) ? &e->into : NULL);
}

/* --- stock --- */

static int stocked_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct ladder_stocked *e = body;
	const struct shortage s = { .sku = e->sku, .until = e->until };

	(void)ev;
	return shortage_write(t, e->sku, e->in_stock ? NULL : &s);
}

const struct palier_effect_kind ladder_effects[] = {
	{ "ladder.step", &ladder_step_schema, NULL, step_apply },
	{ "ladder.shown", &ladder_shown_schema, NULL, shown_apply },
	{ "ladder.undone", &ladder_undone_schema, NULL, undone_apply },
	{ "ladder.filtered", &ladder_filtered_schema, NULL, filtered_apply },
	{ "ladder.experiment", &ladder_experiment_schema, NULL, experiment_apply },
	{ "ladder.visited", &ladder_visited_schema, NULL, visited_apply },
	{ "ladder.moved", &ladder_moved_schema, NULL, moved_apply },
	{ "ladder.stocked", &ladder_stocked_schema, NULL, stocked_apply },
	{ "ladder.forgotten", &ladder_forgotten_schema, NULL, forgotten_apply },
	{ .name = NULL },
};
