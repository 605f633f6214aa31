/* SPDX-License-Identifier: Apache-2.0 */
/* What is booked, folded into rows. */
#include "plugins/journey/internal.h"

PALIER_SCHEMA(journey_touch);
PALIER_SCHEMA(journey_entry);
PALIER_SCHEMA(journey_sorted);
PALIER_SCHEMA(journey_persona);
PALIER_SCHEMA(journey_counted);
PALIER_SCHEMA(journey_gap);
PALIER_SCHEMA(journey_brought);
PALIER_SCHEMA(journey_stood);
PALIER_SCHEMA(journey_undone);
PALIER_SCHEMA(journey_silence);
PALIER_SCHEMA(journey_moved);

static int now_count(struct palier_tables *t, const struct journey_standing *s, int more)
{
	if (s->stage == NO_STAGE)
		return PALIER_OK;
	return journey_now_add(t, s->stage, s->persona, more, s->segment == SEGMENT_LAPSED ? more : 0);
}

static int standing_change(struct palier_tables *t, struct palier_id member, const struct journey_standing *before,
	const struct journey_standing *after)
{
	int err = now_count(t, before, -1);

	if (err == PALIER_OK)
		err = now_count(t, after, 1);
	return err == PALIER_OK ? journey_standing_put(t, member, after) : err;
}

/* --- stages --- */

static struct journey_spot spot_of(const struct journey_step *s)
{
	return (struct journey_spot){ s->day, s->stage, s->persona };
}

/* Somebody entered by the step, or, -1, has not. */
static int entry_count(struct palier_tables *t, const struct journey_step *s, int more)
{
	const struct journey_spot at = spot_of(s);
	const int64_t figures[FIGURES] = { [F_ENTRIES] = more };
	int err = journey_figures_add(t, &at, figures);

	if (err != PALIER_OK || s->channel == NO_CHANNEL)
		return err;
	err = journey_split_add(t, &at, SPLIT_CHANNEL, palier_str(journey_channel_names[s->channel]), more, 0);
	return err == PALIER_OK && s->till.len ? journey_split_add(t, &at, SPLIT_TILL, s->till, more, 0) : err;
}

/* Whoever entered by the step went on, or, -1, has not. */
static int onward_count(struct palier_tables *t, const struct journey_step *s, int more)
{
	const struct journey_spot at = spot_of(s);
	const int64_t days = day_number(s->onward) - day_number(s->day);
	int err = journey_pace_add(t, &at, days > 0 ? days : 0, more);

	if (err != PALIER_OK || s->channel == NO_CHANNEL)
		return err;
	err = journey_split_add(t, &at, SPLIT_CHANNEL, palier_str(journey_channel_names[s->channel]), 0, more);
	return err == PALIER_OK && s->till.len ? journey_split_add(t, &at, SPLIT_TILL, s->till, 0, more) : err;
}

static int step_count(struct palier_tables *t, const struct journey_step *s, int more)
{
	int err = entry_count(t, s, more);

	return err == PALIER_OK && s->onward ? onward_count(t, s, more) : err;
}

/* From the step the member goes on, on a day; 0: has not gone on after all. */
static int onward_set(struct palier_tables *t, struct palier_id member, struct journey_step *s, uint32_t day)
{
	int err = s->onward ? onward_count(t, s, -1) : PALIER_OK;

	s->onward = day;
	if (err == PALIER_OK && day)
		err = onward_count(t, s, 1);
	return err == PALIER_OK ? journey_step_put(t, member, s) : err;
}

/* The touchpoint that led to it. */
static unsigned channel_in(const struct palier_event *ev, struct palier_id member)
{
	unsigned channel = NO_CHANNEL;

	for (uint32_t i = 0; i < ev->effect_count; i++) {
		const struct journey_touch *e = palier_body(&ev->effects[i], "journey.touch");

		if (e && palier_id_equal(e->member, member))
			channel = (unsigned)e->channel;
	}
	return channel;
}

/* Whoever stands there already, since what had led away was undone, does not enter again. */
static int entry_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct journey_entry *e = body;
	struct journey_step step = { .seq = ev->seq, .stage = (unsigned)e->stage, .since = ev->at_ms, .day = e->day }, last;
	struct journey_standing s, after;
	int err = journey_standing_get(t, e->member, &s);

	if (err != PALIER_OK || s.stage == step.stage)
		return err;
	if (s.stage < step.stage)
		err = journey_step_get(t, e->member, s.step, &last);
	if (err == PALIER_OK && s.stage < step.stage)
		err = onward_set(t, e->member, &last, e->day);
	step.channel = channel_in(ev, e->member);
	step.till = step.channel == NO_CHANNEL ? palier_bytes_of(NULL, 0) : ev->till;
	step.persona = s.persona;
	if (err == PALIER_OK)
		err = journey_step_put(t, e->member, &step);
	if (err == PALIER_OK)
		err = entry_count(t, &step, 1);
	after = s;
	after.stage = step.stage;
	after.step = step.seq;
	return err == PALIER_OK ? standing_change(t, e->member, &s, &after) : err;
}

/* The last of a member's steps. @return PALIER_OK; PALIER_ENOENT */
static int last_step(const struct palier_tables *t, struct palier_id member, struct journey_step *out)
{
	struct palier_cursor *cur = journey_steps_of(t, member);
	uint64_t seq = 0;
	int err;

	while ((err = journey_step_next(cur, out)) == PALIER_OK)
		seq = out->seq;
	if (err != PALIER_ENOENT)
		return err;
	return seq ? journey_step_get(t, member, seq, out) : PALIER_ENOENT;
}

/* Back to the step before. */
static int step_undo(struct palier_tables *t, struct palier_id member, const struct journey_standing *s)
{
	struct journey_step step, before;
	struct journey_standing after = *s;
	bool any;
	int err = journey_step_get(t, member, s->step, &step);

	if (err == PALIER_OK)
		err = step_count(t, &step, -1);
	if (err == PALIER_OK)
		err = journey_step_drop(t, member, step.seq);
	if (err == PALIER_OK)
		err = last_step(t, member, &before);
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	any = err == PALIER_OK;
	after.stage = any ? before.stage : NO_STAGE;
	after.step = any ? before.seq : 0;
	err = any && before.stage < step.stage ? onward_set(t, member, &before, 0) : PALIER_OK;
	return err == PALIER_OK ? standing_change(t, member, s, &after) : err;
}

static int undone_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct journey_undone *e = body;
	struct journey_standing s;
	int err = journey_undone_put(t, e->member, (uint64_t)e->event);

	(void)ev;
	if (err == PALIER_OK)
		err = journey_standing_get(t, e->member, &s);
	if (err != PALIER_OK || s.stage == NO_STAGE || s.step != (uint64_t)e->event)
		return err;
	return step_undo(t, e->member, &s);
}

/* --- segments and personas --- */

static int sorted_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct journey_sorted *e = body;
	struct journey_standing s, after;
	int err = journey_standing_get(t, e->member, &s);

	(void)ev;
	after = s;
	after.segment = (unsigned)e->segment;
	return err == PALIER_OK ? standing_change(t, e->member, &s, &after) : err;
}

/* Nor is it kept with the stages of before, and they are counted as anybody's. */
static int personas_forget(struct palier_tables *t, struct palier_id member)
{
	struct palier_cursor *cur = journey_steps_of(t, member);
	struct journey_step step;
	int err;

	while ((err = journey_step_next(cur, &step)) == PALIER_OK) {
		err = step_count(t, &step, -1);
		step.persona.len = 0;
		if (err == PALIER_OK)
			err = step_count(t, &step, 1);
		if (err == PALIER_OK)
			err = journey_step_put(t, member, &step);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int persona_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct journey_persona *e = body;
	struct journey_standing s, after;
	int err = journey_standing_get(t, e->member, &s);

	(void)ev;
	after = s;
	after.persona = e->persona;
	if (err == PALIER_OK)
		err = standing_change(t, e->member, &s, &after);
	return err == PALIER_OK && e->persona.len == 0 ? personas_forget(t, e->member) : err;
}

/* --- touchpoints --- */

/* Purchases and returns are told by their sales. That the shop wrote is no step of the customer's. */
static unsigned met_by(struct palier_bytes touchpoint)
{
	static const char *const none[] = { TOUCH_PURCHASE, TOUCH_RETURN, TOUCH_EMAIL_SENT, TOUCH_SMS_SENT };
	static const char *const advice[] = { "advice", "call", "event", "quote", "trial", "visit" };

	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		if (palier_is(touchpoint, none[i]))
			return 0;
	for (size_t i = 0; i < sizeof(advice) / sizeof(*advice); i++)
		if (palier_is(touchpoint, advice[i]))
			return MET_ANYHOW | MET_FOR_ADVICE;
	return MET_ANYHOW;
}

static int touch_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct journey_touch *e = body;
	const unsigned met = met_by(e->touchpoint);
	struct journey_standing s;
	int err = journey_standing_get(t, e->member, &s);

	(void)ev;
	if (err != PALIER_OK || (s.met & met) == met)
		return err;
	s.met |= met;
	return journey_standing_put(t, e->member, &s);
}

static void answer_figures(const struct journey_counted *e, int64_t *figures)
{
	if (!PALIER_HAS(e, journey_counted, question))
		return;
	if (e->question == SURVEY_NPS)
		figures[e->score >= 9 ? F_PROMOTERS : e->score >= 7 ? F_PASSIVES : F_DETRACTORS] = 1;
	else if (e->question == SURVEY_CSAT) {
		figures[F_CSAT] = 1;
		figures[F_SATISFIED] = e->score >= 4;
	}
}

static int counted_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct journey_counted *e = body;
	const struct journey_spot at = { e->day, (unsigned)e->stage, e->persona };
	int64_t figures[FIGURES] = { [F_RETURNS] = e->returned };

	(void)ev;
	figures[F_CHANNEL + e->channel] = 1;
	figures[F_EMOTIONS] = PALIER_HAS(e, journey_counted, emotion);
	figures[F_EMOTION_SUM] = e->emotion;
	answer_figures(e, figures);
	for (size_t i = 0; i < FIGURES && e->undone; i++)
		figures[i] = -figures[i];
	return journey_figures_add(t, &at, figures);
}

static int gap_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct journey_gap *e = body;

	(void)ev;
	return journey_gap_add(t, e->days, e->undone ? -1 : 1);
}

static int brought_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct journey_brought *e = body;
	struct journey_standing s;
	int err = journey_standing_get(t, e->member, &s);

	(void)ev;
	s.friends = (uint32_t)e->friends;
	return err == PALIER_OK ? journey_standing_put(t, e->member, &s) : err;
}

static int silence_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct journey_silence *e = body;

	(void)ev;
	return journey_silence_put(t, &(struct journey_silence_row){ e->gaps, e->risk, e->lapsed });
}

/* --- members that go --- */

/* Of two, the one who had come further is where both stand. */
static int standings_join(struct palier_tables *t, struct palier_id from, struct palier_id into,
	struct journey_standing *join, const struct journey_standing *other)
{
	struct journey_step step;
	const bool further = other->stage != NO_STAGE && (join->stage == NO_STAGE || other->stage > join->stage);
	int err = further ? journey_step_get(t, from, other->step, &step) : PALIER_OK;

	join->friends += other->friends;
	join->met |= other->met;
	if (err == PALIER_OK)
		err = journey_rows_move(t, from, &into);
	if (err != PALIER_OK || !further)
		return err;
	join->stage = other->stage;
	join->step = other->step;
	return journey_step_put(t, into, &step); /* also where both had entered one by the same event */
}

static int moved_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct journey_moved *e = body;
	struct journey_standing from, into, both;
	int err = journey_standing_get(t, e->from, &from);

	(void)ev;
	if (err == PALIER_OK)
		err = now_count(t, &from, -1);
	if (err == PALIER_OK)
		err = journey_standing_drop(t, e->from);
	if (err != PALIER_OK || !PALIER_HAS(e, journey_moved, into))
		return err == PALIER_OK ? journey_rows_move(t, e->from, NULL) : err;
	err = journey_standing_get(t, e->into, &into);
	both = into;
	if (err == PALIER_OK)
		err = standings_join(t, e->from, e->into, &both, &from);
	return err == PALIER_OK ? standing_change(t, e->into, &into, &both) : err;
}

const struct palier_effect_kind journey_effects[] = {
	{ "journey.touch", &journey_touch_schema, NULL, touch_apply },
	{ "journey.stage", &journey_entry_schema, NULL, entry_apply },
	{ "journey.segment", &journey_sorted_schema, NULL, sorted_apply },
	{ "journey.persona", &journey_persona_schema, NULL, persona_apply },
	{ "journey.counted", &journey_counted_schema, NULL, counted_apply },
	{ "journey.gap", &journey_gap_schema, NULL, gap_apply },
	{ "journey.brought", &journey_brought_schema, NULL, brought_apply },
	{ "journey.stood", &journey_stood_schema, NULL, NULL },
	{ "journey.undone", &journey_undone_schema, NULL, undone_apply },
	{ "journey.silence", &journey_silence_schema, NULL, silence_apply },
	{ "journey.moved", &journey_moved_schema, NULL, moved_apply },
	{ 0 },
};
