/* SPDX-License-Identifier: Apache-2.0 */
/* A planned journey against the one that was: steps done, late, failed or missing, and what came beside them. Days are store dates. */
#include "plugins/journey/internal.h"

#define BAD (-1) /* an emotion up to this: it was done, and failed */

struct holding {
	struct palier_ctx *c;
	const struct plan *plan;
	const struct journey_way *way; /* newest first */
	struct palier_id member;
	bool *used;    /* of the way: it was a step */
	int64_t *done; /* of the steps: when; -1: not */
	struct planned_step *rows;
	uint32_t count;
};

/* The first touchpoint of a kind. The store remembers the day of an enrolment of which there is no touchpoint.
 * @return when; -1: there was none */
static int64_t first_of(const struct holding *h, struct palier_bytes touchpoint)
{
	struct palier_person person;

	for (size_t i = h->way->count; i-- > 0;)
		if (palier_equal(h->way->at[i].touch->touchpoint, touchpoint))
			return h->way->at[i].at_ms;
	if (palier_is(touchpoint, TOUCH_ENROL) && palier_person(h->c, h->member, &person) == PALIER_OK && person.since)
		return zone_midnight(person.since);
	return -1;
}

static bool felt_bad(const struct journey_touch *touch)
{
	return PALIER_HAS(touch, journey_touch, emotion) && touch->emotion <= BAD;
}

static bool fits(const struct holding *h, size_t i, const struct plan_step *step, int64_t since)
{
	const struct journey_event *e = &h->way->at[i];

	return !h->used[i] && e->at_ms >= since && palier_equal(e->touch->touchpoint, step->touchpoint) &&
	       (step->channel == NO_CHANNEL || step->channel == e->touch->channel);
}

/* The first that did not feel bad, else the first. @return its place; the way's count: there is none */
static size_t step_find(const struct holding *h, const struct plan_step *step, int64_t since)
{
	size_t found = h->way->count;

	for (size_t i = h->way->count; i-- > 0;) {
		if (!fits(h, i, step, since))
			continue;
		if (!felt_bad(h->way->at[i].touch))
			return i;
		found = found == h->way->count ? i : found;
	}
	return found;
}

static struct planned_step *row_add(struct holding *h, struct palier_bytes touchpoint, const char *deviation)
{
	struct planned_step *row = &h->rows[h->count++];

	*row = (struct planned_step){ .set = { 0, 0 } };
	PALIER_SET(row, planned_step, touchpoint, touchpoint);
	PALIER_SET(row, planned_step, deviation, palier_str(deviation));
	return row;
}

/* What is awaited still has not gone wrong: no row. */
static void step_hold(struct holding *h, size_t n)
{
	const struct plan_step *step = &h->plan->steps[n];
	const int64_t since = step->after ? h->done[step->after - 1] : first_of(h, step->from);
	const uint32_t due = since >= 0 && step->within >= 0 ? day_add(zone_day(since), step->within) : DAY_NEVER;
	size_t i = since >= 0 ? step_find(h, step, since) : h->way->count;
	struct planned_step *row;
	uint32_t day = 0;

	if (i < h->way->count) {
		const struct journey_event *e = &h->way->at[i];

		h->used[i] = true;
		h->done[n] = e->at_ms;
		day = zone_day(e->at_ms);
		row = row_add(h, step->touchpoint, felt_bad(e->touch) ? "failed" : day > due ? "late" : "done");
		PALIER_SET(row, planned_step, day, day);
	} else if (zone_day(palier_received(h->c)) > due) {
		row = row_add(h, step->touchpoint, "missing");
	} else {
		return;
	}
	PALIER_SET(row, planned_step, step, step->name);
	if (due != DAY_NEVER)
		PALIER_SET(row, planned_step, due, due);
}

/* What the customer does by itself is no deviation. */
static bool by_itself(struct palier_bytes touchpoint)
{
	static const char *const own[] = { TOUCH_PURCHASE, TOUCH_RETURN, TOUCH_ENROL, TOUCH_SURVEY, TOUCH_REFERRAL };

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (palier_is(touchpoint, own[i]))
			return true;
	return false;
}

static void extras_hold(struct holding *h)
{
	for (size_t i = h->way->count; i-- > 0;) {
		const struct journey_event *e = &h->way->at[i];
		struct planned_step *row;

		if (h->used[i] || by_itself(e->touch->touchpoint))
			continue;
		row = row_add(h, e->touch->touchpoint, "extra");
		PALIER_SET(row, planned_step, day, zone_day(e->at_ms));
	}
}

int journey_plan_write(struct palier_ctx *c, const struct plan *plan, struct palier_id member, const struct journey_way *way,
	struct journey_view *view)
{
	struct holding h = { .c = c, .plan = plan, .way = way, .member = member };

	h.used = palier_alloc(palier_arena(c), (way->count + 1) * sizeof(*h.used));
	memset(h.used, 0, (way->count + 1) * sizeof(*h.used));
	h.done = palier_alloc(palier_arena(c), (plan->count + 1) * sizeof(*h.done));
	h.rows = palier_alloc(palier_arena(c), (plan->count + way->count + 1) * sizeof(*h.rows));
	for (size_t n = 0; n < plan->count; n++) {
		h.done[n] = -1;
		step_hold(&h, n);
	}
	extras_hold(&h);
	PALIER_SET(view, journey_view, plan, plan->name);
	PALIER_MARK(view, journey_view, planned);
	view->planned.at = h.rows;
	view->planned.count = h.count;
	return PALIER_OK;
}
