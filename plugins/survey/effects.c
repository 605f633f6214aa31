/* SPDX-License-Identifier: Apache-2.0 */
/* What is booked: surveys asked, sent, opened, answered and lapsed, tasks opened and resolved, members that become one or go. */
#include "plugins/survey/internal.h"

PALIER_SCHEMA(survey_asked);
PALIER_SCHEMA(survey_unasked);
PALIER_SCHEMA(survey_planned);
PALIER_SCHEMA(survey_unplanned);
PALIER_SCHEMA(survey_sent);
PALIER_SCHEMA(survey_opened);
PALIER_SCHEMA(survey_lapsed);
PALIER_SCHEMA(survey_answered);
PALIER_SCHEMA(survey_assigned);
PALIER_SCHEMA(survey_resolved);
PALIER_SCHEMA(survey_merged);
PALIER_SCHEMA(survey_forgotten);

/* --- asked --- */

/* The token of a row goes, if it has one still. */
static int token_end(struct palier_tables *t, struct asked *a)
{
	int err = a->until ? token_drop(t, &a->token) : PALIER_OK;

	a->until = 0;
	a->open = a->opened = false;
	memset(a->token.b, 0, sizeof(a->token.b));
	return err;
}

static int asked_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct survey_asked *e = body;
	const struct asked now = { .ask = e->ask,
		.kind = e->question,
		.open = true,
		.day = e->day,
		.purchases = (uint32_t)e->purchases,
		.until = e->until,
		.token = e->token };
	const struct token token = { .member = e->member, .until = e->until, .ask = e->ask };
	struct asked before;
	int err = asked_get(t, e->member, e->ask, &before);

	(void)ev;
	if (err == PALIER_OK)
		err = token_end(t, &before);
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	err = asked_put(t, e->member, &now);
	if (err == PALIER_OK)
		err = token_put(t, &e->token, &token);
	if (err == PALIER_OK)
		err = reach_add(t, e->day, e->question, SURVEY_TICKET, &(struct reach){ .sent = 1 });
	return err == PALIER_OK ? day_figures_add(t, e->day, e->question, &(struct figures){ .asked = 1 }) : err;
}

static int unasked_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct survey_unasked *e = body;
	const struct asked before = { .ask = e->ask,
		.kind = e->question,
		.day = e->before,
		.purchases = (uint32_t)e->purchases_before };
	struct reach none = { .sent = -1 };
	struct asked a;
	int err = asked_get(t, e->member, e->ask, &a);

	(void)ev;
	none.opened = err == PALIER_OK && a.opened ? -1 : 0;
	if (err == PALIER_OK)
		err = token_drop(t, &e->token);
	if (err == PALIER_OK)
		err = reach_add(t, e->day, e->question, SURVEY_TICKET, &none);
	if (err == PALIER_OK)
		err = e->before ? asked_put(t, e->member, &before) : asked_drop(t, e->member, e->ask);
	return err == PALIER_OK ? day_figures_add(t, e->day, e->question, &(struct figures){ .asked = -1 }) : err;
}

static int lapsed_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct survey_lapsed *e = body;
	struct asked a;
	int err = asked_get(t, e->member, e->ask, &a);

	(void)ev;
	if (err == PALIER_OK)
		err = token_end(t, &a);
	return err == PALIER_OK ? asked_put(t, e->member, &a) : err;
}

/* --- by message --- */

static int planned_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct survey_planned *e = body;
	const struct plan plan = { .member = e->member,
		.ask = e->ask,
		.kind = e->question,
		.way = e->way,
		.from = e->from,
		.until = e->until,
		.purchases = (uint32_t)e->purchases,
		.seq = ev->seq };

	return plan_put(t, &plan);
}

static int unplanned_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct survey_unplanned *e = body;

	(void)ev;
	return plan_drop(t, e->member);
}

/* It was asked, as if with a ticket: it is not. */
static int sent_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct survey_sent *e = body;
	struct asked a;
	int err = asked_get(t, e->member, e->ask, &a);

	(void)ev;
	a.way = e->way;
	if (err == PALIER_OK)
		err = asked_put(t, e->member, &a);
	if (err == PALIER_OK)
		err = plan_drop(t, e->member);
	if (err == PALIER_OK)
		err = reach_add(t, a.day, a.kind, SURVEY_TICKET, &(struct reach){ .sent = -1 });
	return err == PALIER_OK ? reach_add(t, a.day, a.kind, a.way, &(struct reach){ .sent = 1 }) : err;
}

static int opened_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct survey_opened *e = body;
	struct asked a;
	int err = asked_get(t, e->member, e->ask, &a);

	(void)ev;
	if (err != PALIER_OK || a.opened)
		return err;
	a.opened = true;
	err = asked_put(t, e->member, &a);
	return err == PALIER_OK ? reach_add(t, a.day, a.kind, a.way, &(struct reach){ .opened = 1 }) : err;
}

/* --- answered --- */

static int asked_close(struct palier_tables *t, const struct survey_answered *e)
{
	struct asked a;
	struct token token;
	int err = asked_get(t, e->member, e->ask, &a);

	if (err != PALIER_OK)
		return err;
	err = token_get(t, &a.token, &token);
	if (err != PALIER_OK)
		return err;
	a.open = false;
	token.spent = true;
	err = asked_put(t, e->member, &a);
	if (err == PALIER_OK)
		err = reach_add(t, a.day, a.kind, a.way, &(struct reach){ .answered = 1 });
	return err == PALIER_OK ? token_put(t, &a.token, &token) : err;
}

static int task_open(struct palier_tables *t, const struct palier_event *ev, const struct survey_answered *e)
{
	const struct survey_answer *p = ev->params;
	const struct task row = { .state = SURVEY_OPEN,
		.member = e->member,
		.at = ev->at_ms,
		.score = (uint8_t)e->score,
		.due = e->due,
		.comment = p->comment };
	int err = task_put(t, ev->seq, &row);

	return err == PALIER_OK ? case_put(t, e->member, ev->seq) : err;
}

static int answered_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct survey_answered *e = body;
	const int side = survey_side(e->question, e->score);
	const struct figures one = { .answered = 1, .sum = e->score, .promoters = side > 0, .detractors = side < 0 };
	int err = PALIER_HAS(e, survey_answered, ask) ? asked_close(t, e) : PALIER_OK;

	if (err == PALIER_OK)
		err = day_figures_add(t, e->day, e->question, &one);
	if (err == PALIER_OK)
		err = last_put(t, e->member, e->question, e->day);
	return err == PALIER_OK && PALIER_HAS(e, survey_answered, due) ? task_open(t, ev, e) : err;
}

static int assigned_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct survey_assigned *e = body;
	struct task row;
	int err = task_get(t, (uint64_t)e->task, &row);

	(void)ev;
	if (err != PALIER_OK)
		return err;
	row.owner = e->owner;
	return task_put(t, (uint64_t)e->task, &row);
}

static int resolved_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct survey_resolved *e = body;
	const struct survey_resolve *p = ev->params;
	struct task row;
	int err = task_get(t, (uint64_t)e->task, &row);

	if (err != PALIER_OK)
		return err;
	row.state = SURVEY_CLOSED;
	row.closed = ev->at_ms;
	row.outcome = p->outcome;
	row.cause = e->cause;
	row.cost = e->cost;
	return task_put(t, (uint64_t)e->task, &row);
}

/* --- members that go --- */

/* Asked by the same survey, what was later counts; the other's token goes. */
static int asked_move(struct palier_tables *t, struct palier_id from, struct palier_id into, struct asked *a)
{
	struct token token = { .member = into, .until = a->until, .spent = !a->open, .ask = a->ask };
	struct asked other;
	int err = asked_get(t, into, a->ask, &other);

	if (err == PALIER_OK && other.day >= a->day)
		err = token_end(t, a);
	else if (err == PALIER_OK)
		err = token_end(t, &other);
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	if (err == PALIER_ENOENT || other.day < a->day) {
		err = asked_put(t, into, a);
		if (err == PALIER_OK && a->until)
			err = token_put(t, &a->token, &token);
	}
	return err == PALIER_OK ? asked_drop(t, from, a->ask) : err;
}

static int askeds_move(struct palier_tables *t, struct palier_id from, struct palier_id into)
{
	struct palier_cursor *cur = asked_of(t, from);
	struct asked a;
	int err;

	while ((err = asked_next(cur, &a)) == PALIER_OK) {
		err = asked_move(t, from, into, &a);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* Of two that wait, the one that has waited longer. */
static int plan_move(struct palier_tables *t, struct palier_id from, struct palier_id into)
{
	struct plan theirs, own;
	int err = plan_get(t, from, &theirs);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	err = plan_get(t, into, &own);
	theirs.member = into;
	if (err == PALIER_ENOENT || (err == PALIER_OK && theirs.from < own.from))
		err = plan_put(t, &theirs);
	return err == PALIER_OK ? plan_drop(t, from) : err;
}

static int cases_move(struct palier_tables *t, struct palier_id from, struct palier_id into)
{
	struct palier_cursor *cur = cases_of(t, from);
	struct task row;
	uint64_t seq;
	int err;

	while ((err = case_next(cur, &seq)) == PALIER_OK) {
		err = task_get(t, seq, &row);
		row.member = into;
		if (err == PALIER_OK)
			err = task_put(t, seq, &row);
		if (err == PALIER_OK)
			err = case_drop(t, from, seq);
		if (err == PALIER_OK)
			err = case_put(t, into, seq);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int lasts_move(struct palier_tables *t, struct palier_id from, struct palier_id into)
{
	uint32_t theirs, own;
	int err = PALIER_OK;

	for (int kind = 0; kind < SURVEY_KINDS && err == PALIER_OK; kind++) {
		err = last_get(t, from, kind, &theirs);
		if (err == PALIER_OK)
			err = last_get(t, into, kind, &own);
		if (err == PALIER_OK && theirs > own)
			err = last_put(t, into, kind, theirs);
		if (err == PALIER_OK)
			err = last_put(t, from, kind, 0);
	}
	return err;
}

static int merged_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct survey_merged *e = body;
	int err = askeds_move(t, e->from, e->into);

	(void)ev;
	if (err == PALIER_OK)
		err = plan_move(t, e->from, e->into);
	if (err == PALIER_OK)
		err = cases_move(t, e->from, e->into);
	return err == PALIER_OK ? lasts_move(t, e->from, e->into) : err;
}

static int askeds_forget(struct palier_tables *t, struct palier_id member)
{
	struct palier_cursor *cur = asked_of(t, member);
	struct asked a;
	int err;

	while ((err = asked_next(cur, &a)) == PALIER_OK) {
		err = token_end(t, &a);
		if (err == PALIER_OK)
			err = asked_drop(t, member, a.ask);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* That there was a task stays. */
static int cases_forget(struct palier_tables *t, const struct palier_event *ev, struct palier_id member)
{
	struct palier_cursor *cur = cases_of(t, member);
	struct task row;
	uint64_t seq;
	int err;

	while ((err = case_next(cur, &seq)) == PALIER_OK) {
		err = task_get(t, seq, &row);
		if (err != PALIER_OK)
			return err;
		row.closed = row.state == SURVEY_OPEN ? ev->at_ms : row.closed;
		row.state = SURVEY_CLOSED;
		row.comment = row.outcome = palier_bytes_of(NULL, 0);
		err = task_put(t, seq, &row);
		if (err == PALIER_OK)
			err = case_drop(t, member, seq);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int forgotten_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct survey_forgotten *e = body;
	int err = askeds_forget(t, e->member);

	if (err == PALIER_OK)
		err = plan_drop(t, e->member);
	if (err == PALIER_OK)
		err = cases_forget(t, ev, e->member);
	for (int kind = 0; kind < SURVEY_KINDS && err == PALIER_OK; kind++)
		err = last_put(t, e->member, kind, 0);
	return err;
}

const struct palier_effect_kind survey_effects[] = {
	{ "survey.asked", &survey_asked_schema, NULL, asked_apply },
	{ "survey.unasked", &survey_unasked_schema, NULL, unasked_apply },
	{ "survey.planned", &survey_planned_schema, NULL, planned_apply },
	{ "survey.unplanned", &survey_unplanned_schema, NULL, unplanned_apply },
	{ "survey.sent", &survey_sent_schema, NULL, sent_apply },
	{ "survey.opened", &survey_opened_schema, NULL, opened_apply },
	{ "survey.lapsed", &survey_lapsed_schema, NULL, lapsed_apply },
	{ "survey.answered", &survey_answered_schema, NULL, answered_apply },
	{ "survey.assigned", &survey_assigned_schema, NULL, assigned_apply },
	{ "survey.resolved", &survey_resolved_schema, NULL, resolved_apply },
	{ "survey.merged", &survey_merged_schema, NULL, merged_apply },
	{ "survey.forgotten", &survey_forgotten_schema, NULL, forgotten_apply },
	{ 0 },
};
