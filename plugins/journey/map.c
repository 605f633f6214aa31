/* SPDX-License-Identifier: Apache-2.0 */
/* journey.map: the ways of all members, or of those like a persona, from what was counted by day: it reads days and stages, and no member. */
#include "plugins/journey/internal.h"

#include <stdlib.h>

static const char *const weekdays[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
#define WEEKDAYS 7

/* Of those who went on, so many after so many days. */
struct pace {
	int64_t days, members;
};

struct stage_sums {
	int64_t members; /* who stand there now */
	int64_t n[FIGURES], converted;
	struct pace *pace;
	size_t pace_count, pace_room;
};

struct mapping {
	struct palier_ctx *c;
	struct palier_bytes persona; /* empty: all */
	int64_t lapsed;
	struct stage_sums stages[JOURNEY_STAGES];
	struct journey_arm *arms; /* weekdays first, a stage after the other */
	size_t arm_count, arm_room;
};

static bool wanted(const struct mapping *m, const struct journey_row *row)
{
	return m->persona.len == 0 || palier_equal(m->persona, row->at.persona);
}

static struct journey_arm *weekday_arm(struct mapping *m, const struct journey_row *row)
{
	return &m->arms[row->at.stage * WEEKDAYS + day_weekday(row->at.day)];
}

/* --- reading --- */

static int now_read(void *who, const struct journey_row *row)
{
	struct mapping *m = who;

	if (!wanted(m, row))
		return PALIER_OK;
	return palier_add_i64(&m->stages[row->at.stage].members, row->n[0]) && palier_add_i64(&m->lapsed, row->n[1])
	               ? PALIER_OK
	               : PALIER_ERANGE;
}

static int day_read(void *who, const struct journey_row *row)
{
	struct mapping *m = who;

	if (!wanted(m, row))
		return PALIER_OK;
	for (size_t i = 0; i < FIGURES; i++)
		if (!palier_add_i64(&m->stages[row->at.stage].n[i], row->n[i]))
			return PALIER_ERANGE;
	return palier_add_i64(&weekday_arm(m, row)->entries, row->n[F_ENTRIES]) ? PALIER_OK : PALIER_ERANGE;
}

static void pace_add(struct mapping *m, struct stage_sums *s, struct pace more)
{
	if (s->pace_count == s->pace_room) {
		size_t room = s->pace_room ? s->pace_room * 2 : 64;
		struct pace *grown = palier_alloc(palier_arena(m->c), room * sizeof(*grown));

		if (s->pace_count)
			memcpy(grown, s->pace, s->pace_count * sizeof(*grown));
		s->pace = grown;
		s->pace_room = room;
	}
	s->pace[s->pace_count++] = more;
}

static int pace_read(void *who, const struct journey_row *row)
{
	struct mapping *m = who;
	struct stage_sums *s = &m->stages[row->at.stage];

	if (!wanted(m, row))
		return PALIER_OK;
	pace_add(m, s, (struct pace){ row->days, row->n[0] });
	return palier_add_i64(&s->converted, row->n[0]) && palier_add_i64(&weekday_arm(m, row)->converted, row->n[0])
	               ? PALIER_OK
	               : PALIER_ERANGE;
}

static struct journey_arm *arm_of(struct mapping *m, const struct journey_row *row)
{
	struct journey_arm *arm;

	for (size_t i = JOURNEY_STAGES * WEEKDAYS; i < m->arm_count; i++)
		if (m->arms[i].stage == row->at.stage && m->arms[i].split == row->split &&
			palier_equal(m->arms[i].value, row->value))
			return &m->arms[i];
	if (m->arm_count == m->arm_room) {
		struct journey_arm *grown = palier_alloc(palier_arena(m->c), m->arm_room * 2 * sizeof(*grown));

		memcpy(grown, m->arms, m->arm_count * sizeof(*grown));
		m->arms = grown;
		m->arm_room *= 2;
	}
	arm = &m->arms[m->arm_count++];
	*arm = (struct journey_arm){ .stage = row->at.stage, .split = row->split };
	arm->value = palier_copy(palier_arena(m->c), row->value);
	return arm;
}

static int split_read(void *who, const struct journey_row *row)
{
	struct mapping *m = who;
	struct journey_arm *arm;

	if (!wanted(m, row))
		return PALIER_OK;
	arm = arm_of(m, row);
	return palier_add_i64(&arm->entries, row->n[0]) && palier_add_i64(&arm->converted, row->n[1]) ? PALIER_OK
	                                                                                              : PALIER_ERANGE;
}

static int map_read(struct mapping *m, uint32_t from, uint32_t to)
{
	const struct palier_tables *t = palier_tables(m->c);
	int err = journey_rows_between(t, T_NOW, 0, 0, now_read, m);

	if (err == PALIER_OK)
		err = journey_rows_between(t, T_DAY, from, to, day_read, m);
	if (err == PALIER_OK)
		err = journey_rows_between(t, T_PACE, from, to, pace_read, m);
	return err == PALIER_OK ? journey_rows_between(t, T_SPLIT, from, to, split_read, m) : err;
}

/* --- telling --- */

static int pace_order(const void *a, const void *b)
{
	const struct pace *x = a, *y = b;

	return (x->days > y->days) - (x->days < y->days);
}

/* The days that the k-th of those who went on took. */
static int64_t pace_at(const struct stage_sums *s, int64_t k)
{
	int64_t upto = 0;

	for (size_t i = 0; i < s->pace_count; i++) {
		upto += s->pace[i].members;
		if (upto >= k)
			return s->pace[i].days;
	}
	return 0;
}

/* Of an even number, the floor of the mean of the middle two. */
static void pace_fill(struct stage_sums *s, struct stage_map *view)
{
	const int64_t n = s->converted;

	if (n <= 0)
		return;
	qsort(s->pace, s->pace_count, sizeof(*s->pace), pace_order);
	PALIER_SET(view, stage_map, median_days, (pace_at(s, (n + 1) / 2) + pace_at(s, n / 2 + 1)) / 2);
	PALIER_SET(view, stage_map, p90_days, pace_at(s, (n * 9 + 9) / 10));
}

static void channels_fill(struct mapping *m, const struct stage_sums *s, struct stage_map *view)
{
	PALIER_MARK(view, stage_map, touchpoints);
	view->touchpoints.at = palier_alloc(palier_arena(m->c), CHANNELS * sizeof(*view->touchpoints.at));
	for (unsigned channel = 0; channel < CHANNELS; channel++) {
		struct channel_count *row = &view->touchpoints.at[view->touchpoints.count];

		if (s->n[F_CHANNEL + channel] == 0)
			continue;
		*row = (struct channel_count){ .set = { 0, 0 } };
		PALIER_SET(row, channel_count, channel, palier_str(journey_channel_names[channel]));
		PALIER_SET(row, channel_count, count, s->n[F_CHANNEL + channel]);
		view->touchpoints.count++;
	}
}

static void friction_fill(struct mapping *m, struct friction_view *const *found, unsigned stage, struct stage_map *view)
{
	PALIER_MARK(view, stage_map, friction);
	view->friction.at = palier_alloc(palier_arena(m->c), (m->arm_count + 1) * sizeof(*view->friction.at));
	for (size_t i = 0; i < m->arm_count; i++)
		if (found[i] && m->arms[i].stage == stage)
			view->friction.at[view->friction.count++] = *found[i];
}

static void stage_fill(struct mapping *m, struct friction_view *const *found, unsigned stage, struct stage_map *view)
{
	struct stage_sums *s = &m->stages[stage];

	*view = (struct stage_map){ .set = { 0, 0 } };
	PALIER_SET(view, stage_map, stage, palier_str(journey_stage_names[stage]));
	PALIER_SET(view, stage_map, members, s->members);
	PALIER_SET(view, stage_map, entries, s->n[F_ENTRIES]);
	PALIER_SET(view, stage_map, converted, s->converted);
	pace_fill(s, view);
	channels_fill(m, s, view);
	PALIER_SET(view, stage_map, emotions, s->n[F_EMOTIONS]);
	PALIER_SET(view, stage_map, emotion_sum, s->n[F_EMOTION_SUM]);
	PALIER_SET(view, stage_map, promoters, s->n[F_PROMOTERS]);
	PALIER_SET(view, stage_map, passives, s->n[F_PASSIVES]);
	PALIER_SET(view, stage_map, detractors, s->n[F_DETRACTORS]);
	PALIER_SET(view, stage_map, csat, s->n[F_CSAT]);
	PALIER_SET(view, stage_map, satisfied, s->n[F_SATISFIED]);
	PALIER_SET(view, stage_map, returns, s->n[F_RETURNS]);
	friction_fill(m, found, stage, view);
}

static void arms_begin(struct mapping *m)
{
	m->arm_count = JOURNEY_STAGES * WEEKDAYS;
	m->arm_room = m->arm_count * 2;
	m->arms = palier_alloc(palier_arena(m->c), m->arm_room * sizeof(*m->arms));
	for (unsigned i = 0; i < m->arm_count; i++)
		m->arms[i] = (struct journey_arm){ .stage = i / WEEKDAYS,
			.split = SPLIT_WEEKDAY,
			.value = palier_str(weekdays[i % WEEKDAYS]) };
}

/* A stage that the model leaves out is left out, unless somebody stood there under another. */
static bool stage_told(const struct mapping *m, unsigned stage)
{
	const struct journey_config *cfg = palier_config(m->c);

	return !cfg || cfg->stages[stage] || m->stages[stage].members || m->stages[stage].n[F_ENTRIES];
}

static void map_write(struct mapping *m, const struct journey_map *p, struct palier_json *w)
{
	struct friction_view **found = palier_alloc(palier_arena(m->c), m->arm_count * sizeof(struct friction_view *));
	struct stage_map stages[JOURNEY_STAGES];
	struct journey_map_view view = { .set = { 0, 0 } };

	journey_friction(palier_arena(m->c), m->arms, m->arm_count, found);
	PALIER_SET(&view, journey_map_view, from, p->from);
	PALIER_SET(&view, journey_map_view, to, p->to);
	if (m->persona.len)
		PALIER_SET(&view, journey_map_view, persona, m->persona);
	PALIER_SET(&view, journey_map_view, lapsed, m->lapsed);
	PALIER_MARK(&view, journey_map_view, stages);
	view.stages.at = stages;
	for (unsigned stage = 0; stage < JOURNEY_STAGES; stage++)
		if (stage_told(m, stage))
			stage_fill(m, found, stage, &stages[view.stages.count++]);
	schema_encode(&journey_map_view_schema, SCHEMA_WIRE, &view, w);
}

int journey_map_answer(struct palier_ctx *c, const void *params, struct palier_json *w)
{
	const struct journey_map *p = params;
	struct mapping *m = palier_alloc(palier_arena(c), sizeof(*m));
	int err;

	*m = (struct mapping){ .c = c, .persona = p->persona };
	if (p->from > p->to)
		return palier_refuse(c, PALIER_EPARAMS, "to", "it lies before from");
	arms_begin(m);
	err = map_read(m, p->from, p->to);
	if (err == PALIER_OK)
		map_write(m, p, w);
	return err;
}
