/* SPDX-License-Identifier: Apache-2.0 */
/* How what is kept ends: tickets voided, tokens that nobody used, questions that nobody sent, members that become one or go. */
#include "plugins/survey/internal.h"

#define SLICE 200 /* members */

/* --- a void --- */

/* Whoever has answered already was asked. */
static int ask_undo(struct palier_ctx *c, const struct survey_asked *asked)
{
	struct survey_unasked e = { .set = { 0, 0 } };
	struct token token;
	int err = token_get(palier_tables(c), &asked->token, &token);

	if (err != PALIER_OK || token.spent)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	PALIER_SET(&e, survey_unasked, member, token.member);
	PALIER_SET(&e, survey_unasked, ask, asked->ask);
	PALIER_SET(&e, survey_unasked, question, asked->question);
	PALIER_SET(&e, survey_unasked, day, asked->day);
	PALIER_SET(&e, survey_unasked, token, asked->token);
	if (PALIER_HAS(asked, survey_asked, before)) {
		PALIER_SET(&e, survey_unasked, before, asked->before);
		PALIER_SET(&e, survey_unasked, purchases_before, asked->purchases_before);
	}
	return palier_effect_add(c, "survey.unasked", &e);
}

static int unplan(struct palier_ctx *c, struct palier_id member)
{
	struct survey_unplanned e = { .set = { 0, 0 } };

	PALIER_SET(&e, survey_unplanned, member, member);
	return palier_effect_add(c, "survey.unplanned", &e);
}

/* Whoever was sent it already was asked. */
static int plan_undo(struct palier_ctx *c, struct palier_id member, uint64_t seq)
{
	struct plan plan;
	int err = palier_member_now(c, member, &member);

	if (err == PALIER_OK)
		err = plan_get(palier_tables(c), member, &plan);
	if (err != PALIER_OK)
		return err == PALIER_ENOENT || err == PALIER_EMEMBER_ERASED ? PALIER_OK : err;
	return plan.seq == seq ? unplan(c, member) : PALIER_OK;
}

int survey_on_void(struct palier_ctx *c, const struct palier_event *undone)
{
	int err = PALIER_OK;

	for (uint32_t i = undone->effect_count; i-- > 0 && err == PALIER_OK;) {
		const struct survey_asked *asked = palier_body(&undone->effects[i], "survey.asked");
		const struct survey_planned *planned = palier_body(&undone->effects[i], "survey.planned");

		if (asked)
			err = ask_undo(c, asked);
		else if (planned)
			err = plan_undo(c, planned->member, undone->seq);
	}
	return err;
}

/* --- after a day's close --- */

static int lapse(struct palier_ctx *c, struct palier_id member, const struct asked *a)
{
	struct survey_lapsed e = { .set = { 0, 0 } };

	PALIER_SET(&e, survey_lapsed, member, member);
	PALIER_SET(&e, survey_lapsed, ask, palier_copy(palier_arena(c), a->ask));
	if (a->open && a->opened)
		PALIER_SET(&e, survey_lapsed, opened, true);
	return palier_effect_add(c, "survey.lapsed", &e);
}

static int member_lapse(struct palier_ctx *c, struct palier_id member, uint32_t day)
{
	struct palier_cursor *cur = asked_of(palier_tables(c), member);
	struct asked a;
	int err;

	while ((err = asked_next(cur, &a)) == PALIER_OK) {
		err = a.until && a.until < day ? lapse(c, member, &a) : PALIER_OK;
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int plan_lapse(struct palier_ctx *c, struct palier_id member, uint32_t day)
{
	struct plan plan;
	int err = plan_get(palier_tables(c), member, &plan);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	return zone_day(plan.until) < day ? unplan(c, member) : PALIER_OK;
}

/* @return PALIER_OK; PALIER_ENOENT: there is neither a token nor a plan that could lapse */
static int any_waits(struct palier_ctx *c)
{
	const struct palier_key all = { .len = 0 };
	struct palier_bytes key, value;
	struct plan plan;
	int err = palier_next(palier_seek(palier_tables(c), T_TOKEN, &all), &key, &value);

	return err == PALIER_ENOENT ? plan_next(plans_all(palier_tables(c)), &plan) : err;
}

int survey_due_slice(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from)
{
	const uint32_t day = close->closed < close->opened ? close->closed : close->opened;
	int err = any_waits(c);

	for (unsigned i = 0; i < SLICE && err == PALIER_OK; i++) {
		err = palier_member_next(c, from);
		if (err == PALIER_OK)
			err = member_lapse(c, *from, day);
		if (err == PALIER_OK)
			err = plan_lapse(c, *from, day);
	}
	return err;
}

/* --- members that go --- */

/* @return PALIER_OK; PALIER_ENOENT: nothing is kept of the member */
static int member_any(struct palier_ctx *c, struct palier_id member)
{
	struct asked a;
	struct plan plan;
	uint64_t seq;
	uint32_t last = 0;
	int err = asked_next(asked_of(palier_tables(c), member), &a);

	if (err == PALIER_ENOENT)
		err = plan_get(palier_tables(c), member, &plan);
	if (err == PALIER_ENOENT)
		err = case_next(cases_of(palier_tables(c), member), &seq);
	for (int kind = 0; kind < SURVEY_KINDS && err == PALIER_ENOENT && !last; kind++)
		if (last_get(palier_tables(c), member, kind, &last) != PALIER_OK || last)
			err = PALIER_OK;
	return err;
}

int survey_on_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into)
{
	struct survey_merged e = { .set = { 0, 0 } };
	int err = member_any(c, from);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	PALIER_SET(&e, survey_merged, from, from);
	PALIER_SET(&e, survey_merged, into, into);
	return palier_effect_add(c, "survey.merged", &e);
}

int survey_on_erase(struct palier_ctx *c, struct palier_id member)
{
	struct survey_forgotten e = { .set = { 0, 0 } };
	int err = member_any(c, member);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	PALIER_SET(&e, survey_forgotten, member, member);
	return palier_effect_add(c, "survey.forgotten", &e);
}
