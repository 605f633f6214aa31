/* SPDX-License-Identifier: Apache-2.0 */
/* journey.record and journey.show; the member view, and the reply to a sale. */
#include "plugins/journey/internal.h"

#define TIMELINE_LIMIT 100

/* --- journey.record --- */

/* An open complaint is known to conditions and to other plugins as the fact case. */
static int case_publish(struct palier_ctx *c, struct palier_id member, struct palier_bytes touchpoint)
{
	if (palier_is(touchpoint, TOUCH_CASE_OPENED))
		return palier_fact_publish(c, member, "case", PALIER_LIT("open"));
	if (palier_is(touchpoint, TOUCH_CASE_CLOSED))
		return palier_fact_publish(c, member, "case", PALIER_LIT(""));
	return PALIER_OK;
}

/* It is the shop's doing alone, and no contact that keeps the customer's data longer. */
static bool by_shop(struct palier_bytes touchpoint)
{
	static const char *const own[] = { TOUCH_EMAIL_SENT, TOUCH_SMS_SENT, TOUCH_EMAIL_OPENED, TOUCH_CASE_CLOSED };

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (palier_is(touchpoint, own[i]))
			return true;
	return false;
}

static int record_decide(struct palier_ctx *c, const void *params)
{
	const struct journey_record *p = params;
	struct journey_met m = { .touchpoint = p->touchpoint, .channel = (unsigned)p->channel, .device = p->device };
	int err;

	if (!palier_config(c))
		return palier_refuse(c, PALIER_EPARAMS, "touchpoint",
			"this shop keeps no journeys: its configuration has no section journey");
	err = palier_who(c, p->card, PALIER_HAS(p, journey_record, member) ? &p->member : NULL, &m.member);
	if (err != PALIER_OK)
		return err;
	if (palier_is_bearer(c, m.member))
		return palier_refuse(c, PALIER_EMEMBER_UNKNOWN, "card", "a gift card is nobody's: there is no journey");
	if (PALIER_HAS(p, journey_record, emotion))
		m.emotion = &p->emotion;
	err = journey_met(c, &m);
	if (err == PALIER_OK && !by_shop(p->touchpoint))
		err = palier_contact(c, m.member);
	return err == PALIER_OK ? case_publish(c, m.member, p->touchpoint) : err;
}

static int nothing_reply(struct palier_ctx *c, const struct palier_event *ev, struct palier_json *w)
{
	(void)c;
	(void)ev;
	(void)w;
	return PALIER_OK;
}

/* --- journey.show --- */

struct showing {
	struct palier_ctx *c;
	struct palier_id member;
	uint64_t before;
	struct journey_way way;
};

static void way_add(struct showing *s, const struct journey_event *e)
{
	struct journey_way *way = &s->way;

	if (way->count == way->room) {
		size_t room = way->room ? way->room * 2 : 32;
		struct journey_event *grown = palier_alloc(palier_arena(s->c), room * sizeof(*grown));

		if (way->count)
			memcpy(grown, way->at, way->count * sizeof(*grown));
		way->at = grown;
		way->room = room;
	}
	way->at[way->count++] = *e;
}

static unsigned entered_in(const struct showing *s, const struct palier_event *ev)
{
	for (uint32_t i = 0; i < ev->effect_count; i++) {
		const struct journey_entry *e = palier_body(&ev->effects[i], "journey.stage");

		if (e && palier_member_was(s->c, e->member, s->member))
			return (unsigned)e->stage;
	}
	return NO_STAGE;
}

static int event_visit(void *who, const struct palier_event *ev)
{
	struct showing *s = who;

	if (journey_is_undone(palier_tables(s->c), s->member, ev->seq))
		return 1;
	for (uint32_t i = ev->effect_count; i-- > 0;) {
		struct journey_event e = { .seq = ev->seq, .at_ms = ev->at_ms };

		e.touch = palier_body(&ev->effects[i], "journey.touch");
		if (!e.touch || !palier_member_was(s->c, e.touch->member, s->member))
			continue;
		e.stage = entered_in(s, ev);
		way_add(s, &e);
	}
	return 1;
}

static int history_fill(struct showing *s, struct journey_view *view)
{
	struct palier_cursor *cur = journey_steps_of(palier_tables(s->c), s->member);
	struct journey_step step;
	uint32_t room = 0;
	int err;

	PALIER_MARK(view, journey_view, history);
	while ((err = journey_step_next(cur, &step)) == PALIER_OK) {
		struct stage_step *row;

		if (view->history.count == room) {
			struct stage_step *grown = palier_alloc(palier_arena(s->c), (room * 2 + 8) * sizeof(*grown));

			if (room)
				memcpy(grown, view->history.at, room * sizeof(*grown));
			view->history.at = grown;
			room = room * 2 + 8;
		}
		row = &view->history.at[view->history.count++];
		*row = (struct stage_step){ .set = { 0, 0 } };
		PALIER_SET(row, stage_step, stage, palier_str(journey_stage_names[step.stage]));
		PALIER_SET(row, stage_step, since, step.since);
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static void touch_fill(const struct journey_event *e, struct touchpoint_view *row)
{
	*row = (struct touchpoint_view){ .set = { 0, 0 } };
	PALIER_SET(row, touchpoint_view, seq, (int64_t)e->seq);
	PALIER_SET(row, touchpoint_view, at, e->at_ms);
	PALIER_SET(row, touchpoint_view, touchpoint, e->touch->touchpoint);
	PALIER_SET(row, touchpoint_view, channel, palier_str(journey_channel_names[e->touch->channel]));
	if (PALIER_HAS(e->touch, journey_touch, device))
		PALIER_SET(row, touchpoint_view, device, e->touch->device);
	if (PALIER_HAS(e->touch, journey_touch, emotion))
		PALIER_SET(row, touchpoint_view, emotion, e->touch->emotion);
	if (e->stage != NO_STAGE)
		PALIER_SET(row, touchpoint_view, stage, palier_str(journey_stage_names[e->stage]));
}

static void timeline_fill(struct showing *s, int64_t limit, struct journey_view *view)
{
	PALIER_MARK(view, journey_view, timeline);
	view->timeline.at = palier_alloc(palier_arena(s->c), (s->way.count + 1) * sizeof(*view->timeline.at));
	for (size_t i = 0; i < s->way.count && view->timeline.count < (uint32_t)limit; i++)
		if (!s->before || s->way.at[i].seq < s->before)
			touch_fill(&s->way.at[i], &view->timeline.at[view->timeline.count++]);
}

static int standing_fill(struct showing *s, struct journey_view *view)
{
	struct journey_standing standing;
	struct journey_step step;
	int err = journey_standing_get(palier_tables(s->c), s->member, &standing);
	unsigned segment = standing.segment == NO_SEGMENT ? SEGMENT_PROSPECT : standing.segment;

	if (err == PALIER_OK && standing.stage != NO_STAGE) {
		err = journey_step_get(palier_tables(s->c), s->member, standing.step, &step);
		if (err != PALIER_OK)
			return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
		PALIER_SET(view, journey_view, stage, palier_str(journey_stage_names[standing.stage]));
		PALIER_SET(view, journey_view, since, step.since);
	}
	if (standing.persona.len)
		PALIER_SET(view, journey_view, persona, standing.persona);
	PALIER_SET(view, journey_view, segment, palier_str(journey_segment_names[segment]));
	PALIER_SET(view, journey_view, lapsed, segment == SEGMENT_LAPSED);
	return err;
}

/* The first whose condition holds. */
static int planned_fill(struct showing *s, struct journey_view *view)
{
	const struct journey_config *cfg = palier_config(s->c);

	for (size_t i = 0; cfg && i < cfg->plan_count; i++)
		if (palier_condition_holds(s->c, cfg->plans[i].when, NULL, &s->member, NULL))
			return journey_plan_write(s->c, &cfg->plans[i], s->member, &s->way, view);
	return PALIER_OK;
}

static int show_answer(struct palier_ctx *c, const void *params, struct palier_json *w)
{
	const struct journey_show *p = params;
	struct showing s = { .c = c, .before = (uint64_t)p->before };
	struct journey_view view = { .set = { 0, 0 } };
	int err = palier_who(c, p->card, PALIER_HAS(p, journey_show, member) ? &p->member : NULL, &s.member);

	if (err == PALIER_OK)
		err = standing_fill(&s, &view);
	if (err == PALIER_OK)
		err = history_fill(&s, &view);
	if (err == PALIER_OK)
		err = palier_events_of(c, s.member, 0, event_visit, &s);
	if (err == PALIER_OK)
		err = planned_fill(&s, &view);
	if (err != PALIER_OK)
		return err;
	timeline_fill(&s, PALIER_HAS(p, journey_show, limit) ? p->limit : TIMELINE_LIMIT, &view);
	schema_encode(&journey_view_schema, SCHEMA_WIRE, &view, w);
	return PALIER_OK;
}

const struct palier_service journey_services[] = {
	{ &method_journey_record, NULL, record_decide, nothing_reply },
	{ &method_journey_show, show_answer, NULL, NULL },
	{ &method_journey_map, journey_map_answer, NULL, NULL },
	{ 0 },
};

/* --- in others' answers --- */

int journey_on_lookup(struct palier_ctx *c, struct palier_id member, struct palier_json *w)
{
	struct journey_standing s;
	int err = palier_config(c) ? journey_standing_find(palier_tables(c), member, &s) : PALIER_ENOENT;

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	if (s.stage != NO_STAGE) {
		palier_json_key(w, "stage");
		palier_json_str(w, journey_stage_names[s.stage]);
	}
	if (s.persona.len) {
		palier_json_key(w, "persona");
		palier_json_string(w, s.persona);
	}
	return PALIER_OK;
}

int journey_on_reply(struct palier_ctx *c, enum palier_reply reply, const struct palier_event *ev, struct palier_bytes sale,
	struct palier_json *w)
{
	int stage = NO_STAGE;

	(void)c;
	(void)sale;
	if (reply != PALIER_REPLY_COMMIT || !ev->has_member)
		return PALIER_OK;
	for (uint32_t i = 0; i < ev->effect_count; i++) {
		const struct journey_entry *entry = palier_body(&ev->effects[i], "journey.stage");
		const struct journey_stood *stood = palier_body(&ev->effects[i], "journey.stood");

		if (entry && palier_id_equal(entry->member, ev->member))
			stage = entry->stage;
		else if (stood && palier_id_equal(stood->member, ev->member))
			stage = stood->stage;
	}
	if (stage != NO_STAGE) {
		palier_json_key(w, "stage");
		palier_json_str(w, journey_stage_names[stage]);
	}
	return PALIER_OK;
}
