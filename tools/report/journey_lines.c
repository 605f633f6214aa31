/* SPDX-License-Identifier: Apache-2.0 */
/* The lines: each member's touches in the order in which they happened. Where a journal knows no journey, one is made out of purchases. */
#include "tools/report/journey_parts.h"

#define LOYAL_PURCHASES 4
#define LOYAL_DAYS      365

/* A line in the making; its room is used again for the next. */
struct scratch {
	const struct journey *j;
	struct journey_touch *touches;
	uint32_t *indexes;
	size_t count, room;
	struct seen {
		uint16_t store, stage;
	} * seen; /* on which stage each store sees the member */
	size_t seen_count;
};

static void scratch_add(struct scratch *s, const struct journey_touch *t, uint32_t index)
{
	if (s->count == s->room) {
		s->room = s->room ? s->room * 2 : 64;
		s->touches = realloc(s->touches, s->room * sizeof(*s->touches));
		s->indexes = realloc(s->indexes, s->room * sizeof(*s->indexes));
		if (!s->touches || !s->indexes)
			abort();
	}
	s->touches[s->count] = *t;
	s->indexes[s->count++] = index;
}

/* What moves a member to a stage comes before what else is of that moment. */
static bool is_before(const struct journey_touch *a, const struct journey_touch *b)
{
	if (a->at_s != b->at_s)
		return a->at_s < b->at_s;
	if (a->at_ms != b->at_ms)
		return a->at_ms < b->at_ms;
	return (a->what & IS_STAGE) && !(b->what & IS_STAGE);
}

/* By insertion: it is nearly in order. */
static void scratch_sort(struct scratch *s)
{
	for (size_t i = 1; i < s->count; i++) {
		struct journey_touch t = s->touches[i];
		uint32_t index = s->indexes[i];
		size_t to = i;

		for (; to > 0 && is_before(&t, &s->touches[to - 1]); to--) {
			s->touches[to] = s->touches[to - 1];
			s->indexes[to] = s->indexes[to - 1];
		}
		s->touches[to] = t;
		s->indexes[to] = index;
	}
}

static void scratch_read(struct scratch *s, uint32_t last)
{
	s->count = 0;
	for (uint32_t at = last; at;) {
		const struct journey_touch *t = journey_touch_at(s->j, at - 1);

		if (t->what)
			scratch_add(s, t, at - 1);
		at = t->before;
	}
	for (size_t i = 0, k = s->count; i + 1 < k; i++) {
		struct journey_touch t = s->touches[i];
		uint32_t index = s->indexes[i];

		k--;
		s->touches[i] = s->touches[k];
		s->indexes[i] = s->indexes[k];
		s->touches[k] = t;
		s->indexes[k] = index;
	}
	scratch_sort(s);
}

/* --- a journey out of purchases --- */

/* The days of the last purchases, and how far the member has come. */
struct making {
	int64_t days[LOYAL_PURCHASES]; /* the last first */
	unsigned stage;                /* STAGE_NONE: none yet */
};

static unsigned stage_after(struct making *m, const struct journey *j, const struct journey_touch *t)
{
	int64_t day = journey_day_number(j, t->at_s);

	if (!(t->what & IS_PURCHASE))
		return t->what & IS_ENROL ? STAGE_INTERACTION : STAGE_NONE;
	if (day != m->days[0]) {
		memmove(&m->days[1], &m->days[0], sizeof(m->days) - sizeof(m->days[0]));
		m->days[0] = day;
	}
	return m->days[LOYAL_PURCHASES - 1] && day - m->days[LOYAL_PURCHASES - 1] < LOYAL_DAYS ? STAGE_LOYALTY
	                                                                                       : STAGE_PURCHASE;
}

static void stages_make(struct scratch *s)
{
	struct making m = { .stage = STAGE_NONE };
	size_t count = s->count;

	for (size_t i = 0; i < count; i++) {
		struct journey_touch t = s->touches[i];
		unsigned stage = stage_after(&m, s->j, &t);

		if (t.what & IS_FACT)
			s->touches[i].what |= IS_TOUCH;
		if (stage == STAGE_NONE || (m.stage != STAGE_NONE && stage <= m.stage))
			continue;
		m.stage = stage;
		t.what = IS_STAGE;
		t.activity = (uint16_t)stage;
		scratch_add(s, &t, UINT32_MAX);
	}
	if (s->count > count)
		scratch_sort(s);
}

/* --- a journey over several stores --- */

static void stage_see(struct scratch *s, uint16_t store, uint16_t stage)
{
	size_t i = 0;

	while (i < s->seen_count && s->seen[i].store != store)
		i++;
	if (i == s->seen_count) {
		s->seen = list_room(s->seen, s->seen_count, sizeof(*s->seen));
		s->seen_count++;
	}
	s->seen[i] = (struct seen){ store, stage };
}

static uint16_t stage_highest(const struct scratch *s)
{
	uint16_t highest = STAGE_AWARENESS;

	for (size_t i = 0; i < s->seen_count; i++)
		highest = s->seen[i].stage > highest ? s->seen[i].stage : highest;
	return highest;
}

/* Each store judges by what it sees itself: the customer stands on the highest of these stages, and what does not change it is no step. */
static void stages_join(struct scratch *s)
{
	unsigned stands = STAGE_NONE;
	size_t kept = 0;

	s->seen_count = 0;
	for (size_t i = 0; i < s->count; i++) {
		struct journey_touch t = s->touches[i];

		if (t.what & IS_STAGE) {
			stage_see(s, s->j->places[t.place].store, t.activity);
			t.activity = stage_highest(s);
			if (t.activity == stands)
				continue;
			stands = t.activity;
		}
		s->touches[kept] = t;
		s->indexes[kept++] = s->indexes[i];
	}
	s->count = kept;
}

/* --- walking --- */

bool journey_shows(const struct journey *j, const struct journey_touch *t)
{
	return (t->what & (j->journeyed ? IS_TOUCH : IS_FACT)) && journey_within(j, t->at_s);
}

static bool is_asked_for(const struct journey *j, const struct journey_member *m)
{
	if (m->flags & (MEMBER_GONE | MEMBER_MOVED | MEMBER_PURSE))
		return false;
	return !j->period.persona || (m->persona && strcmp(j->personas.at[m->persona - 1], j->period.persona) == 0);
}

bool journey_member_shown(const struct journey *j, uint32_t member, uint32_t *out)
{
	*out = journey_member_now(j, member);
	return is_asked_for(j, &j->members[*out]);
}

void journey_each(const struct journey *j, void (*visit)(void *who, const struct journey_line *line), void *who)
{
	struct scratch s = { .j = j };

	for (uint32_t i = 0; i < j->member_count; i++) {
		if (!is_asked_for(j, &j->members[i]))
			continue;
		scratch_read(&s, j->members[i].last);
		if (!j->journeyed)
			stages_make(&s);
		else if (j->stores.count > 1)
			stages_join(&s);
		visit(who, &(struct journey_line){ &j->members[i], i, s.touches, s.indexes, s.count });
	}
	free(s.touches);
	free(s.indexes);
	free(s.seen);
}

void journey_score_add(struct journey_score *s, const struct journey_touch *t)
{
	if (t->what & IS_ASKED)
		s->asked[t->activity]++;
	if (!(t->what & IS_ANSWER))
		return;
	if (t->activity == 0) {
		s->promoters += t->value >= 9;
		s->detractors += t->value <= 6;
		s->passives += t->value == 7 || t->value == 8;
	} else if (t->activity == 1) {
		s->answers++;
		s->satisfied += t->value >= 4;
	}
}
