/* SPDX-License-Identifier: Apache-2.0 */
/* The map: what each stage saw in the period, who went on, and where it grates. */
#include "tools/report/journey_parts.h"

const char *const friction_split_names[] = { "store", "till", "shift", "channel", "weekday", NULL };

#define FRICTION_LEAST    50 /* members on either side, */
#define FRICTION_EXPECTED 5  /* and in each cell, if nothing made a difference */
#define FRICTION_RATE     0.05
#define FRICTION_SIZE     300 /* of 10,000 */
#define DAY_PARTS         3
#define NOON_S            43200
#define EVENING_S         61200 /* 17:00 */

/* Members of a stage who can be judged, by where the touch was that brought them there. */
struct tally {
	int64_t n, x;
};

/* The times it took, of one stage. */
struct spans {
	uint32_t *at;
	size_t count;
};

struct making {
	const struct journey *j;
	struct journey_ways *map;
	uint32_t cohort_from, cohort_end, window_s;
	struct spans spans[JOURNEY_STAGES];
	struct tally *tallies; /* [stage][values], the splits' values one behind the other */
	size_t values, first[FRICTION_SPLITS];
	struct journey_point *points; /* [stage][activity] */
	uint32_t *seen;               /* likewise: the member that was counted last, plus 1 */
	uint32_t number;              /* of the member in hand, plus 1 */
};

/* --- one member --- */

struct stay {
	uint32_t since;                 /* first time on the stage; 0: never there */
	const struct journey_touch *by; /* what brought the member there */
};

static void mood_add(struct journey_mood *mood, const struct journey_touch *t)
{
	if (t->value == VALUE_NONE)
		return;
	mood->n++;
	mood->sum += t->value - 2;
}

static void touch_count(struct making *m, unsigned stage, const struct journey_touch *t, bool *reached)
{
	struct journey_stage_figures *f = &m->map->stages[stage];
	size_t cell = stage * m->j->activities.count + t->activity;
	struct journey_point *p = &m->points[cell];

	f->touches++;
	f->channels[t->channel]++;
	mood_add(&f->mood, t);
	f->reached += !reached[stage];
	reached[stage] = true;
	p->count++;
	p->channels[t->channel]++;
	mood_add(&p->mood, t);
	p->reached += m->seen[cell] != m->number;
	m->seen[cell] = m->number;
}

/* Walk a line from stage to stage. @param stays to be filled @return the stage at the end */
static unsigned line_walk(struct making *m, const struct journey_line *line, struct stay *stays, bool *stood)
{
	const struct journey_touch *last = NULL;
	unsigned stage = STAGE_NONE;
	bool reached[JOURNEY_STAGES] = { false };

	for (size_t i = 0; i < line->count; i++) {
		const struct journey_touch *t = &line->at[i];
		bool within = journey_within(m->j, t->at_s);

		last = t->what & IS_TOUCH ? t : last;
		if (t->what & IS_STAGE) {
			if (within && stage != STAGE_NONE)
				stood[stage] = true;
			stage = t->activity;
			if (!stays[stage].since)
				stays[stage] = (struct stay){ t->at_s, last };
			/* the touch that did it comes right behind */
			if (i + 1 < line->count && line->at[i + 1].at_s == t->at_s && line->at[i + 1].what & IS_TOUCH &&
				stays[stage].since == t->at_s)
				stays[stage].by = &line->at[i + 1];
		}
		if (!within || stage == STAGE_NONE)
			continue;
		stood[stage] = true;
		if (t->what & IS_TOUCH)
			touch_count(m, stage, t, reached);
		m->map->stages[stage].returns += (t->what & IS_RETURN) != 0;
		journey_score_add(&m->map->stages[stage].score, t);
	}
	return stage;
}

static void tally_add(struct making *m, unsigned stage, enum friction_split split, size_t value, bool on)
{
	struct tally *t = &m->tallies[stage * m->values + m->first[split] + value];

	t->n++;
	t->x += on;
}

static size_t shift_of(const struct journey *j, const struct journey_touch *t)
{
	uint32_t since = t->at_s - j->days.midnight[journey_day(j, t->at_s)];
	size_t part = since < NOON_S ? 0 : since < EVENING_S ? 1 : 2;

	return (size_t)j->places[t->place].operator* DAY_PARTS + part;
}

/* What the step was made at: the touch, where there is one. */
static void tallies_add(struct making *m, unsigned stage, const struct journey_touch *by, bool on)
{
	const struct journey_place *p;

	if (!by)
		return;
	p = &m->j->places[by->place];
	tally_add(m, stage, SPLIT_STORE, p->store, on);
	tally_add(m, stage, SPLIT_TILL, p->till, on);
	tally_add(m, stage, SPLIT_SHIFT, shift_of(m->j, by), on);
	tally_add(m, stage, SPLIT_CHANNEL, by->channel, on);
	tally_add(m, stage, SPLIT_WEEKDAY, day_weekday(day_of_number(journey_day_number(m->j, by->at_s))), on);
}

/* Who has had the time to go on, and did: to any stage above. */
static void step_judge(struct making *m, unsigned stage, const struct stay *stays)
{
	struct spans *s = &m->spans[stage];
	uint32_t since = stays[stage].since, next = UINT32_MAX;
	bool on;

	if (since < m->cohort_from || since >= m->cohort_end)
		return;
	for (unsigned above = stage + 1; above < JOURNEY_STAGES; above++)
		if (stays[above].since >= since && stays[above].since < next)
			next = stays[above].since;
	on = next != UINT32_MAX && next - since <= m->window_s;
	m->map->stages[stage].n++;
	m->map->stages[stage].x += on;
	if (on) {
		s->at = list_room(s->at, s->count, sizeof(*s->at));
		s->at[s->count++] = next - since;
	}
	tallies_add(m, stage, stays[stage].by, on);
}

static void member_count(void *who, const struct journey_line *line)
{
	struct making *m = who;
	struct stay stays[JOURNEY_STAGES] = { { 0, NULL } };
	bool stood[JOURNEY_STAGES] = { false };
	unsigned stage;

	m->number = line->number + 1;
	m->map->members++;
	if (line->member->segment)
		m->map->segments[line->member->segment - 1]++;
	stage = line_walk(m, line, stays, stood);
	if (stage != STAGE_NONE) {
		m->map->stages[stage].members++;
		stood[stage] = true;
	}
	for (unsigned i = 0; i < JOURNEY_STAGES; i++) {
		m->map->stages[i].stood += stood[i];
		m->map->stages[i].entries += stays[i].since && journey_within(m->j, stays[i].since);
		if (stays[i].since && i + 1 < JOURNEY_STAGES)
			step_judge(m, i, stays);
	}
}

/* --- friction --- */

static bool expected_enough(const struct journey_friction *f)
{
	int64_t n = f->n1 + f->n0, x = f->x1 + f->x0;
	int64_t least = f->n1 < f->n0 ? f->n1 : f->n0, rarer = x < n - x ? x : n - x;

	return least >= FRICTION_LEAST && (__int128)least * rarer >= (__int128)FRICTION_EXPECTED * n;
}

static enum friction_split split_of(const struct making *m, size_t value)
{
	size_t split = FRICTION_SPLITS - 1;

	while (m->first[split] > value)
		split--;
	return (enum friction_split)split;
}

static void friction_test(struct making *m, unsigned stage, size_t value)
{
	const struct tally *here = &m->tallies[stage * m->values + value],
			   *all = &m->tallies[stage * m->values + m->first[SPLIT_CHANNEL]];
	struct journey_friction f = { .stage = (uint16_t)stage, .split = split_of(m, value), .x1 = here->x, .n1 = here->n };

	f.value = (uint32_t)(value - m->first[f.split]);
	for (unsigned i = 0; i < CHANNELS; i++) { /* everybody came by one channel */
		f.n0 += all[i].n;
		f.x0 += all[i].x;
	}
	f.n0 -= f.n1;
	f.x0 -= f.x1;
	if (!expected_enough(&f))
		return;
	stats_two_shares(f.x1, f.n1, f.x0, f.n0, &f.z, &f.p);
	m->map->frictions = list_room(m->map->frictions, m->map->tests, sizeof(f));
	m->map->frictions[m->map->tests++] = f;
}

static int by_size(const void *a, const void *b)
{
	const struct journey_friction *x = a, *y = b;
	double dx = x->d.value < 0 ? -x->d.value : x->d.value, dy = y->d.value < 0 ? -y->d.value : y->d.value;

	return dx > dy ? -1 : dx < dy ? 1 : x->adjusted < y->adjusted ? -1 : x->adjusted > y->adjusted;
}

/* In whole numbers: 12 % against 9 % are enough. */
static bool large_enough(const struct journey_friction *f)
{
	__int128 d = (__int128)f->x1 * f->n0 - (__int128)f->x0 * f->n1;

	return (d < 0 ? -d : d) * 10000 >= (__int128)FRICTION_SIZE * f->n1 * f->n0;
}

/* Of all tests made, those that are no chance and large enough to matter. */
static void friction_judge(struct journey_ways *map)
{
	double *p = journey_zeroed(map->tests, sizeof(*p)), *adjusted = journey_zeroed(map->tests, sizeof(*p));

	for (size_t i = 0; i < map->tests; i++)
		p[i] = map->frictions[i].p;
	(void)stats_discoveries(p, map->tests, FRICTION_RATE, adjusted);
	for (size_t i = 0; i < map->tests; i++) {
		struct journey_friction f = map->frictions[i];

		f.adjusted = adjusted[i];
		f.d = stats_difference(f.x1, f.n1, f.x0, f.n0);
		if (f.adjusted <= FRICTION_RATE && large_enough(&f))
			map->frictions[map->friction_count++] = f;
	}
	if (map->friction_count)
		qsort(map->frictions, map->friction_count, sizeof(*map->frictions), by_size);
	free(p);
	free(adjusted);
}

const char *journey_split_name(const struct journey *j, const struct journey_friction *f,
	const struct journey_split_words *w, struct palier_arena *a)
{
	switch (f->split) {
	case SPLIT_STORE:
		return j->stores.at[f->value];
	case SPLIT_TILL:
		return journey_local(j, j->tills.at[f->value]);
	case SPLIT_SHIFT:
		return palier_format(a, "%s, %s", journey_local(j, j->operators.at[f->value / DAY_PARTS]),
			w->parts[f->value % DAY_PARTS]);
	case SPLIT_CHANNEL:
		return w->channels[f->value];
	default:
		return w->weekdays[f->value];
	}
}

/* --- all of it --- */

static void room_make(struct making *m)
{
	const struct journey *j = m->j;
	const size_t sizes[FRICTION_SPLITS] = { j->stores.count, j->tills.count, j->operators.count * DAY_PARTS, CHANNELS,
		7 };
	size_t cells = JOURNEY_STAGES * j->activities.count;

	for (unsigned i = 0; i < FRICTION_SPLITS; i++) {
		m->first[i] = m->values;
		m->values += sizes[i];
	}
	m->tallies = journey_zeroed(JOURNEY_STAGES * m->values, sizeof(*m->tallies));
	m->points = journey_zeroed(cells, sizeof(*m->points));
	m->seen = journey_zeroed(cells, sizeof(*m->seen));
	m->map->segments = journey_zeroed(j->segments.count, sizeof(*m->map->segments));
}

/* Digit by digit, of 8 bits: there are as many as touches. */
static void times_sort(uint32_t *at, size_t count)
{
	uint32_t *from = at, *to = journey_zeroed(count, sizeof(*to)), *other = to;

	for (unsigned shift = 0; shift < 32; shift += 8) {
		size_t begin[257] = { 0 };

		for (size_t i = 0; i < count; i++)
			begin[(from[i] >> shift & 255) + 1]++;
		for (unsigned i = 1; i < 256; i++)
			begin[i] += begin[i - 1];
		for (size_t i = 0; i < count; i++)
			to[begin[from[i] >> shift & 255]++] = from[i];
		to = from;
		from = from == at ? other : at;
	}
	free(other); /* after an even number of rounds all is back */
}

void journey_spans(uint32_t *at, size_t count, uint32_t part, uint32_t *median, uint32_t *point)
{
	size_t nth = (count * part + 99) / 100;

	if (count == 0)
		return;
	times_sort(at, count);
	*median = count % 2 ? at[count / 2] : (uint32_t)(((uint64_t)at[count / 2 - 1] + at[count / 2]) / 2);
	*point = at[nth ? nth - 1 : 0];
}

static int by_count(const void *a, const void *b)
{
	const struct journey_point *x = a, *y = b;

	if (x->stage != y->stage)
		return x->stage < y->stage ? -1 : 1;
	return x->count > y->count ? -1 : x->count < y->count ? 1 : x->activity < y->activity ? -1 : 1;
}

/* Those that were touched at all. */
static void points_keep(struct making *m)
{
	size_t cells = JOURNEY_STAGES * m->j->activities.count, kept = 0;

	for (size_t i = 0; i < cells; i++) {
		struct journey_point p = m->points[i];

		p.stage = (uint16_t)(i / m->j->activities.count);
		p.activity = (uint16_t)(i % m->j->activities.count);
		if (p.count)
			m->points[kept++] = p;
	}
	qsort(m->points, kept, sizeof(*m->points), by_count);
	m->map->points = m->points;
	m->map->point_count = kept;
}

void journey_ways_make(const struct journey *j, struct journey_ways *out)
{
	struct making m = { .j = j, .map = out, .window_s = j->period.window * DAY_S };
	int back = -(int)j->period.window;

	*out = (struct journey_ways){ .members = 0 };
	m.cohort_from = (uint32_t)(zone_midnight(day_add(j->period.from, back)) / 1000);
	m.cohort_end = j->end_s - m.window_s;
	room_make(&m);
	journey_each(j, member_count, &m);
	for (unsigned i = 0; i < JOURNEY_STAGES; i++) {
		journey_spans(m.spans[i].at, m.spans[i].count, 90, &out->stages[i].median_s, &out->stages[i].p90_s);
		free(m.spans[i].at);
		for (size_t value = 0; value < m.values; value++)
			friction_test(&m, i, value);
	}
	friction_judge(out);
	points_keep(&m);
	free(m.tallies);
	free(m.seen);
}

void journey_ways_deinit(struct journey_ways *m)
{
	free(m->points);
	free(m->frictions);
	free(m->segments);
}
