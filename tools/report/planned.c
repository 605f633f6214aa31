/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/report/planned.h"

#include "tools/report/journey_parts.h"

const char *const planned_deviation_names[] = { "done", "late", "failed", "missing", "extra", NULL };

#define FELT_BAD 1 /* a mood up to this, which is kept plus 2 */

static bool is_among(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

bool planned_is_action(const char *touchpoint)
{
	static const char *const actions[] = { "purchase", "return", "enrol", NULL };

	return is_among(actions, touchpoint);
}

bool planned_by_customer(const char *touchpoint)
{
	static const char *const own[] = { "survey", "referral", "case-opened", "visit", NULL };

	return planned_is_action(touchpoint) || is_among(own, touchpoint);
}

/* --- one customer --- */

struct holding {
	const struct journey *j;
	const struct plan *plan;
	const struct journey_line *line;
	struct planned_held *h;
};

static bool is_met(const struct holding *x, size_t i, const char *touchpoint)
{
	const struct journey_touch *t = &x->line->at[i];

	return (t->what & IS_TOUCH) && strcmp(journey_activity(x->j, t->activity), touchpoint) == 0;
}

static size_t first_of(const struct holding *x, const char *touchpoint)
{
	for (size_t i = 0; i < x->line->count; i++)
		if (is_met(x, i, touchpoint))
			return i;
	return PLANNED_NONE;
}

static bool felt_bad(const struct journey_touch *t)
{
	return t->value <= FELT_BAD;
}

static bool is_before(const struct journey_touch *a, const struct journey_touch *b)
{
	return a->at_s < b->at_s || (a->at_s == b->at_s && a->at_ms < b->at_ms);
}

/* The first that did not feel bad, else the first. */
static size_t step_find(const struct holding *x, const struct plan_step *step, size_t since)
{
	size_t found = PLANNED_NONE;

	for (size_t i = 0; i < x->line->count; i++) {
		const struct journey_touch *t = &x->line->at[i];

		if (!is_met(x, i, step->touchpoint) || x->h->used[i] || is_before(t, &x->line->at[since]) ||
			(step->channel != PLANNED_ANY && step->channel != t->channel))
			continue;
		if (!felt_bad(t))
			return i;
		found = found == PLANNED_NONE ? i : found;
	}
	return found;
}

/* What is awaited still, when the period ends, has not gone wrong. */
static void step_hold(const struct holding *x, size_t n)
{
	const struct plan_step *step = &x->plan->steps[n];
	struct planned_found *f = &x->h->steps[n];
	size_t since = step->after ? x->h->steps[step->after - 1].touch : first_of(x, step->from);
	int64_t over = day_number(x->j->period.to);

	*f = (struct planned_found){ PLANNED_AWAITED, PLANNED_NONE, INT64_MAX };
	if (since == PLANNED_NONE)
		return;
	if (step->within != PLANNED_EVER)
		f->due = journey_day_number(x->j, x->line->at[since].at_s) + step->within;
	f->touch = step_find(x, step, since);
	if (f->touch == PLANNED_NONE) {
		f->deviation = over >= f->due ? PLANNED_MISSING : PLANNED_AWAITED;
		return;
	}
	x->h->used[f->touch] = true;
	f->deviation = felt_bad(&x->line->at[f->touch])                                ? PLANNED_FAILED
	               : journey_day_number(x->j, x->line->at[f->touch].at_s) > f->due ? PLANNED_LATE
	                                                                               : PLANNED_DONE;
}

static void *room_for(void *at, size_t *room, size_t count, size_t size)
{
	if (count <= *room)
		return at;
	*room = count * 2;
	free(at);
	return journey_zeroed(*room, size);
}

/* With the first touchpoint that any step waits for. */
static void begin_find(const struct holding *x)
{
	x->h->begun = false;
	for (size_t n = 0; n < x->plan->count; n++) {
		size_t first = x->plan->steps[n].after ? PLANNED_NONE : first_of(x, x->plan->steps[n].from);

		if (first == PLANNED_NONE || (x->h->begun && x->line->at[first].at_s >= x->h->begun_s))
			continue;
		x->h->begun = true;
		x->h->begun_s = x->line->at[first].at_s;
	}
}

void planned_hold(const struct journey *j, const struct plan *plan, const struct journey_line *line,
	struct planned_held *held)
{
	const struct holding x = { j, plan, line, held };

	held->steps = room_for(held->steps, &held->step_room, plan->count, sizeof(*held->steps));
	held->used = room_for(held->used, &held->touch_room, line->count, sizeof(*held->used));
	for (size_t i = 0; i < line->count; i++)
		held->used[i] = false;
	begin_find(&x);
	for (size_t n = 0; n < plan->count; n++)
		step_hold(&x, n);
}

/* What customers do by themselves is no deviation, nor what was before. */
bool planned_beside(const struct journey *j, const struct planned_held *held, const struct journey_line *line, size_t touch)
{
	static const char *const own[] = { "purchase", "return", "enrol", "survey", "referral", NULL };
	const struct journey_touch *t = &line->at[touch];

	return held->begun && t->at_s >= held->begun_s && (t->what & IS_TOUCH) && !held->used[touch] &&
	       journey_within(j, t->at_s) && !is_among(own, journey_activity(j, t->activity));
}

void planned_held_deinit(struct planned_held *held)
{
	free(held->steps);
	free(held->used);
}

/* --- all of them --- */

struct making {
	const struct journey *j;
	struct planned_figures *f;
	struct planned_held held;
	struct planned_extra *extras; /* of each activity */
	uint32_t *seen;               /* likewise: the member that was counted last, plus 1 */
};

static bool extras_count(struct making *m, const struct journey_line *line)
{
	bool any = false;

	for (size_t i = 0; i < line->count; i++) {
		uint16_t activity = line->at[i].activity;

		if (!planned_beside(m->j, &m->held, line, i))
			continue;
		any = true;
		m->extras[activity].count++;
		m->extras[activity].members += m->seen[activity] != line->number + 1;
		m->seen[activity] = line->number + 1;
	}
	return any;
}

static void member_count(void *who, const struct journey_line *line)
{
	struct making *m = who;

	planned_hold(m->j, m->f->plan, line, &m->held);
	if (!m->held.begun || !journey_within(m->j, m->held.begun_s))
		return;
	m->f->begun++;
	for (size_t n = 0; n < m->f->plan->count; n++)
		m->f->steps[n][m->held.steps[n].deviation]++;
	m->f->extra_members += extras_count(m, line);
}

static int by_count(const void *a, const void *b)
{
	const struct planned_extra *x = a, *y = b;

	return x->count > y->count ? -1 : x->count < y->count ? 1 : x->activity < y->activity ? -1 : 1;
}

void planned_figures_make(const struct journey *j, const struct plan *plan, struct planned_figures *out)
{
	struct making m = { .j = j, .f = out };

	*out = (struct planned_figures){ .plan = plan };
	out->steps = journey_zeroed(plan->count, sizeof(*out->steps));
	m.extras = journey_zeroed(j->activities.count, sizeof(*m.extras));
	m.seen = journey_zeroed(j->activities.count, sizeof(*m.seen));
	journey_each(j, member_count, &m);
	for (size_t i = 0; i < j->activities.count; i++) {
		struct planned_extra e = m.extras[i];

		e.activity = (uint16_t)i;
		if (e.count)
			m.extras[out->extra_count++] = e;
	}
	qsort(m.extras, out->extra_count, sizeof(*m.extras), by_count);
	out->extras = m.extras;
	planned_held_deinit(&m.held);
	free(m.seen);
}

void planned_figures_deinit(struct planned_figures *f)
{
	free(f->steps);
	free(f->extras);
}

int64_t planned_judged(const struct planned_figures *f, size_t step)
{
	return f->begun - f->steps[step][PLANNED_AWAITED];
}
