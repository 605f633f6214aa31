/* SPDX-License-Identifier: Apache-2.0 */
/* Unhappy customers to speak to: survey.recovery and survey.resolve. */
#include "plugins/survey/internal.h"

#include <stdlib.h>

#define LIST_LIMIT 100

static int text_open(struct palier_ctx *c, struct palier_bytes sealed, struct palier_bytes *out)
{
	int err;

	*out = palier_bytes_of(NULL, 0);
	if (sealed.len == 0)
		return PALIER_OK;
	err = palier_unseal(c, palier_copy(palier_arena(c), sealed), out);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

bool survey_late(const struct task *row, int64_t now_ms)
{
	return zone_day(row->state == SURVEY_CLOSED ? row->closed : now_ms) > row->due;
}

static int texts_fill(struct palier_ctx *c, const struct task *row, struct survey_task *view)
{
	struct palier_bytes name, comment, outcome;
	int err = palier_first_name(c, row->member, &name);

	if (err == PALIER_ENOENT)
		name = palier_bytes_of(NULL, 0);
	else if (err != PALIER_OK)
		return err;
	err = text_open(c, row->comment, &comment);
	if (err == PALIER_OK)
		err = text_open(c, row->outcome, &outcome);
	if (err != PALIER_OK)
		return err;
	if (name.len)
		PALIER_SET(view, survey_task, name, name);
	if (comment.len)
		PALIER_SET(view, survey_task, comment, comment);
	if (outcome.len)
		PALIER_SET(view, survey_task, outcome, outcome);
	return PALIER_OK;
}

static int task_write(struct palier_ctx *c, uint64_t seq, const struct task *row, struct palier_json *w)
{
	struct survey_task view = { .set = { 0, 0 } };
	int err = texts_fill(c, row, &view);

	if (err != PALIER_OK)
		return err;
	PALIER_SET(&view, survey_task, task, palier_str(palier_format(palier_arena(c), "%llu", (unsigned long long)seq)));
	PALIER_SET(&view, survey_task, seq, (int64_t)seq);
	PALIER_SET(&view, survey_task, at, row->at);
	PALIER_SET(&view, survey_task, state, row->state);
	PALIER_SET(&view, survey_task, member, row->member);
	PALIER_SET(&view, survey_task, score, row->score);
	PALIER_SET(&view, survey_task, due, row->due);
	if (survey_late(row, palier_received(c)))
		PALIER_SET(&view, survey_task, late, true);
	if (row->owner.len)
		PALIER_SET(&view, survey_task, owner, row->owner);
	if (row->state == SURVEY_CLOSED)
		PALIER_SET(&view, survey_task, closed, row->closed);
	if (row->cause.len)
		PALIER_SET(&view, survey_task, cause, row->cause);
	if (row->cost)
		PALIER_SET(&view, survey_task, cost, row->cost);
	schema_encode(&survey_task_schema, SCHEMA_WIRE, &view, w);
	return PALIER_OK;
}

int survey_recovery_answer(struct palier_ctx *c, const void *params, struct palier_json *w)
{
	const struct survey_recovery *p = params;
	int64_t left = PALIER_HAS(p, survey_recovery, limit) ? p->limit : LIST_LIMIT;
	struct palier_cursor *cur = tasks_after(palier_tables(c), (uint64_t)p->after);
	struct task row;
	uint64_t seq;
	int err = PALIER_OK;

	palier_json_object(w);
	palier_json_key(w, "tasks");
	palier_json_array(w);
	while (left > 0 && (err = task_next(cur, &seq, &row)) == PALIER_OK) {
		if (PALIER_HAS(p, survey_recovery, state) && row.state != p->state)
			continue;
		err = task_write(c, seq, &row, w);
		if (err != PALIER_OK)
			return err;
		left--;
	}
	palier_json_end_array(w);
	palier_json_end_object(w);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* The task's id is its seq. @return 0: no number */
static uint64_t task_id(struct palier_ctx *c, struct palier_bytes text)
{
	const char *typed = palier_cstr(palier_arena(c), text);
	char *end;
	unsigned long long id = strtoull(typed, &end, 10);

	return *end == '\0' && typed[0] >= '1' && typed[0] <= '9' && id <= PALIER_FIGURE_MAX ? id : 0;
}

/* An open one. @return PALIER_OK; refused */
static int task_find(struct palier_ctx *c, struct palier_bytes id, uint64_t *out_seq, struct task *out)
{
	const uint64_t seq = task_id(c, id);
	int err = seq ? task_get(palier_tables(c), seq, out) : PALIER_ENOENT;

	if (err == PALIER_ENOENT)
		return palier_refuse(c, PALIER_EPARAMS, "task", "there is no such task");
	if (err == PALIER_OK && out->state == SURVEY_CLOSED)
		return palier_refuse(c, PALIER_EPARAMS, "task", "it has been resolved already");
	*out_seq = seq;
	return err;
}

int survey_assign_decide(struct palier_ctx *c, const void *params)
{
	const struct survey_assign *p = params;
	struct survey_assigned e = { .set = { 0, 0 } };
	struct task row;
	uint64_t seq = 0;
	int err = task_find(c, p->task, &seq, &row);

	if (err != PALIER_OK)
		return err;
	PALIER_SET(&e, survey_assigned, task, (int64_t)seq);
	PALIER_SET(&e, survey_assigned, owner, p->owner);
	return palier_effect_add(c, "survey.assigned", &e);
}

/* When the last of a member's is closed the shop owes nothing more, and others may know. */
static int recovery_end(struct palier_ctx *c, struct palier_id member)
{
	struct palier_cursor *cur = cases_of(palier_tables(c), member);
	struct task row;
	uint64_t seq;
	int err;

	while ((err = case_next(cur, &seq)) == PALIER_OK) {
		err = task_get(palier_tables(c), seq, &row);
		if (err != PALIER_OK || row.state == SURVEY_OPEN)
			return err;
	}
	return err == PALIER_ENOENT ? palier_fact_publish(c, member, "recovery", PALIER_LIT("")) : err;
}

int survey_resolve_decide(struct palier_ctx *c, const void *params)
{
	const struct survey_resolve *p = params;
	struct survey_resolved e = { .set = { 0, 0 } };
	struct palier_id member;
	struct task row;
	uint64_t seq = 0;
	int err = task_find(c, p->task, &seq, &row);

	if (err == PALIER_OK) /* the outcome is sealed with the member's key */
		err = palier_who(c, palier_bytes_of(NULL, 0), &row.member, &member);
	if (err != PALIER_OK)
		return err;
	PALIER_SET(&e, survey_resolved, task, (int64_t)seq);
	if (PALIER_HAS(p, survey_resolve, cause))
		PALIER_SET(&e, survey_resolved, cause, p->cause);
	if (PALIER_HAS(p, survey_resolve, cost))
		PALIER_SET(&e, survey_resolved, cost, p->cost);
	err = palier_effect_add(c, "survey.resolved", &e);
	if (err == PALIER_OK)
		err = recovery_end(c, member);
	return err == PALIER_OK ? survey_on_closed(c, member) : err;
}
