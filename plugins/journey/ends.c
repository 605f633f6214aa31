/* SPDX-License-Identifier: Apache-2.0 */
/* What undoes, joins and forgets; and what time alone brings, after a close. */
#include "plugins/journey/internal.h"

#define SLICE 200 /* members */

/* --- a void --- */

static int count_undo(struct palier_ctx *c, const struct journey_counted *counted)
{
	struct journey_counted e = *counted;

	PALIER_SET(&e, journey_counted, undone, true);
	return palier_effect_add(c, "journey.counted", &e);
}

static int gap_undo(struct palier_ctx *c, const struct journey_gap *gap)
{
	struct journey_gap e = *gap;

	PALIER_SET(&e, journey_gap, undone, true);
	return palier_effect_add(c, "journey.gap", &e);
}

/* Once a member, however often the event touched it. */
static int touch_undo(struct palier_ctx *c, const struct palier_event *undone, const struct journey_touch *touch)
{
	struct journey_undone e = { .set = { 0, 0 } };
	struct palier_id member;
	int err = palier_member_now(c, touch->member, &member);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT || err == PALIER_EMEMBER_ERASED ? PALIER_OK : err;
	if (journey_is_undone(palier_tables(c), member, undone->seq))
		return PALIER_OK;
	PALIER_SET(&e, journey_undone, member, member);
	PALIER_SET(&e, journey_undone, event, (int64_t)undone->seq);
	return palier_effect_add(c, "journey.undone", &e);
}

int journey_on_void(struct palier_ctx *c, const struct palier_event *undone)
{
	int err = PALIER_OK;

	for (uint32_t i = undone->effect_count; i-- > 0 && err == PALIER_OK;) {
		const struct palier_effect *e = &undone->effects[i];
		const struct journey_counted *counted = palier_body(e, "journey.counted");
		const struct journey_gap *gap = palier_body(e, "journey.gap");
		const struct journey_touch *touch = palier_body(e, "journey.touch");

		if (counted)
			err = count_undo(c, counted);
		else if (gap)
			err = gap_undo(c, gap);
		else if (touch)
			err = touch_undo(c, undone, touch);
	}
	return err;
}

/* --- after a day's close --- */

/* How long the shop's customers take to come back, reckoned anew. */
static int silence_reckon(struct palier_ctx *c)
{
	struct journey_silence e = { .set = { 0, 0 } };
	struct journey_silence_row now, before;
	int err = journey_gaps_reckon(palier_tables(c), &now);

	if (err == PALIER_OK)
		err = journey_silence_get(palier_tables(c), &before);
	if (err != PALIER_OK || now.gaps == 0 ||
		(now.gaps == before.gaps && now.risk == before.risk && now.lapsed == before.lapsed))
		return err;
	PALIER_SET(&e, journey_silence, gaps, now.gaps);
	PALIER_SET(&e, journey_silence, risk, now.risk);
	PALIER_SET(&e, journey_silence, lapsed, now.lapsed);
	return palier_effect_add(c, "journey.silence", &e);
}

/* Those merged into another have no way of their own. */
static int member_due(struct palier_ctx *c, struct palier_id member)
{
	struct palier_id now;
	int err = palier_member_now(c, member, &now);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT || err == PALIER_EMEMBER_ERASED ? PALIER_OK : err;
	return palier_id_equal(now, member) && !palier_is_bearer(c, member) ? journey_judge(c, member) : PALIER_OK;
}

int journey_due(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from)
{
	static const struct palier_id first;
	int err = PALIER_OK;

	(void)close;
	if (!palier_config(c))
		return PALIER_ENOENT;
	if (palier_id_equal(*from, first))
		err = silence_reckon(c);
	for (unsigned i = 0; i < SLICE && err == PALIER_OK; i++) {
		err = palier_member_next(c, from);
		if (err == PALIER_OK)
			err = member_due(c, *from);
	}
	return err;
}

/* --- members that go --- */

static int moved_book(struct palier_ctx *c, struct palier_id from, const struct palier_id *into)
{
	struct journey_moved e = { .set = { 0, 0 } };
	struct journey_standing s;
	int err = journey_standing_find(palier_tables(c), from, &s);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	PALIER_SET(&e, journey_moved, from, from);
	if (into)
		PALIER_SET(&e, journey_moved, into, *into);
	return palier_effect_add(c, "journey.moved", &e);
}

/* Else core would hand them on; where both stand as one is judged when all has moved. */
static int facts_withdraw(struct palier_ctx *c, struct palier_id member)
{
	int err = palier_fact_publish(c, member, "stage", PALIER_LIT(""));

	return err == PALIER_OK ? palier_fact_publish(c, member, "persona", PALIER_LIT("")) : err;
}

/* Stages that were entered like a persona do not come to somebody who is like none, and may not agree to be. */
static int persona_drop(struct palier_ctx *c, struct palier_id from, struct palier_id into)
{
	struct journey_persona e = { .set = { 0, 0 } };
	struct journey_standing theirs, own;
	int err = journey_standing_get(palier_tables(c), from, &theirs);

	if (err == PALIER_OK)
		err = journey_standing_get(palier_tables(c), into, &own);
	if (err != PALIER_OK || theirs.persona.len == 0 || own.persona.len > 0)
		return err;
	PALIER_SET(&e, journey_persona, member, from);
	return palier_effect_add(c, "journey.persona", &e);
}

int journey_on_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into)
{
	struct journey_standing s;
	int err = journey_standing_find(palier_tables(c), from, &s);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	err = facts_withdraw(c, from);
	if (err == PALIER_OK)
		err = persona_drop(c, from, into);
	return err == PALIER_OK ? moved_book(c, from, &into) : err;
}

int journey_on_erase(struct palier_ctx *c, struct palier_id member)
{
	return moved_book(c, member, NULL);
}
