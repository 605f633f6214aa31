/* SPDX-License-Identifier: Apache-2.0 */
/* One suggestion has one outcome. What is told of it later, by ladder.outcome or with a sale, takes the place of what was told before where it says
 * more: that it was bought says most; that it was refused or accepted more than that nothing was said, and of these the last word counts.
 *
 * Of members alone: to whom nobody knows, a till suggests under the same id all day.
 *
 * With a coupon, nothing said is not the last word: for a fortnight it is pending, and teaches nothing. Then who has not come with the coupon, nor
 * bought what it was for, has refused. */
#include "plugins/ladder/internal.h"

#define OUTCOME_DAYS 14  /* so long may be told what became of a suggestion */
#define SLICE        200 /* members */

static bool is_bought(const struct ladder_shown *e)
{
	return PALIER_HAS(e, ladder_shown, revenue);
}

static bool says_more(const struct ladder_shown *was, const struct ladder_shown *e)
{
	if (is_bought(was))
		return false;
	return is_bought(e) || (e->outcome != OUTCOME_IGNORED && e->outcome != was->outcome);
}

/* Its date stands behind the store's name. */
static bool is_over(struct palier_ctx *c, struct palier_bytes decision)
{
	size_t at = palier_store_id(c).len + 1;
	uint32_t day = 0;

	for (size_t i = at; i < at + 8 && i < decision.len; i++)
		day = day * 10 + (uint32_t)(decision.at[i] - '0');
	return day_valid(day) && palier_today(c) > day_add(day, OUTCOME_DAYS);
}

/* The decisions of the day on which it is told do not know it yet. */
static void booked_mark(struct palier_ctx *c, struct ladder_shown *e)
{
	uint32_t today = zone_day(palier_received(c));

	if (today > e->day || PALIER_HAS(e, ladder_shown, booked))
		PALIER_SET(e, ladder_shown, booked, today);
}

static int shown_add(struct palier_ctx *c, struct ladder_shown *e)
{
	booked_mark(c, e);
	return palier_effect_add(c, "ladder.shown", e);
}

static int undone_add(struct palier_ctx *c, const struct ladder_shown *was)
{
	struct ladder_shown e = *was;
	struct ladder_undone u;

	_Static_assert(sizeof(u) == sizeof(e), "they are made of the same rows");
	booked_mark(c, &e);
	memcpy(&u, &e, sizeof(u));
	return palier_effect_add(c, "ladder.undone", &u);
}

/* It counts for the day of the one whose place it takes, and among what that one was counted among. */
static int instead_book(struct palier_ctx *c, const struct ladder_shown *was, struct ladder_shown *e)
{
	int err = undone_add(c, was);

	PALIER_SET(e, ladder_shown, instead, true);
	e->day = was->day;
	e->deduced = false;
	if (PALIER_HAS(was, ladder_shown, level))
		PALIER_SET(e, ladder_shown, level, was->level);
	return err == PALIER_OK ? shown_add(c, e) : err;
}

static int first_book(struct palier_ctx *c, struct ladder_shown *e)
{
	const struct ladder *ladder;
	const struct rung *r = rung_find(palier_config(c), e->rung, &ladder);

	if (r && r->coupon && e->outcome == OUTCOME_IGNORED)
		PALIER_SET(e, ladder_shown, pending, true);
	return shown_add(c, e);
}

int outcome_book(struct palier_ctx *c, struct ladder_shown *e)
{
	struct ladder_shown was;
	int err;

	if (!PALIER_HAS(e, ladder_shown, member))
		return shown_add(c, e);
	if (is_over(c, e->decision))
		return PALIER_OK;
	err = outcome_read(palier_tables(c), e->member, e->decision, e->rung, &was);
	if (err == PALIER_ENOENT)
		return first_book(c, e);
	if (err != PALIER_OK)
		return err;
	return says_more(&was, e) ? instead_book(c, &was, e) : PALIER_OK;
}

/* --- taken back --- */

int outcome_undo(struct palier_ctx *c, const struct ladder_shown *was)
{
	struct ladder_shown e = *was, now;
	int err = PALIER_ENOENT;

	if (PALIER_HAS(was, ladder_shown, member))
		err = palier_member_now(c, was->member, &e.member);
	if (err == PALIER_OK)
		err = outcome_read(palier_tables(c), e.member, e.decision, e.rung, &now);
	if (err == PALIER_OK && !outcome_same(&now, was))
		return PALIER_OK;
	return err == PALIER_OK || err == PALIER_ENOENT || err == PALIER_EMEMBER_ERASED ? undone_add(c, &e) : err;
}

/* Of who is gone nothing is known again. */
int outcome_redo(struct palier_ctx *c, const struct ladder_undone *was)
{
	struct ladder_shown e;
	int err = PALIER_OK;

	memcpy(&e, was, sizeof(e));
	if (PALIER_HAS(&e, ladder_shown, member))
		err = palier_member_now(c, was->member, &e.member);
	if (err != PALIER_OK)
		return err == PALIER_ENOENT || err == PALIER_EMEMBER_ERASED ? PALIER_OK : err;
	PALIER_SET(&e, ladder_shown, again, true);
	return shown_add(c, &e);
}

/* --- what may still become of it --- */

static bool is_open(const struct ladder_shown *e, struct palier_bytes now, uint32_t day)
{
	bool waits = e->pending && day >= e->day && day <= day_add(e->day, OUTCOME_DAYS);

	return !is_bought(e) && (waits || palier_equal(e->decision, now));
}

/* Out of a row, which is soon to be written. */
static struct ladder_shown row_copy(struct palier_ctx *c, const struct ladder_shown *row)
{
	struct palier_arena *a = palier_arena(c);
	struct ladder_shown e = *row;

	e.decision = palier_copy(a, row->decision);
	e.rung = palier_copy(a, row->rung);
	e.level = palier_copy(a, row->level);
	return e;
}

int outcome_open(struct palier_ctx *c, const struct scene *scene, struct palier_bytes now, struct palier_bytes rung,
	struct ladder_shown *out)
{
	struct palier_cursor *rows = outcomes_of(palier_tables(c), *scene->member);
	struct ladder_shown e;
	bool found = false;
	int err;

	while ((err = outcome_next(rows, *scene->member, &e)) == PALIER_OK) {
		if (!palier_equal(e.rung, rung) || !is_open(&e, now, scene->day) || (found && e.day < out->day))
			continue;
		*out = row_copy(c, &e);
		found = true;
	}
	return err == PALIER_ENOENT && found ? PALIER_OK : err;
}

/* --- the end of it --- */

static int pending_end(struct palier_ctx *c, const struct ladder_shown *row, int outcome)
{
	struct ladder_shown was = row_copy(c, row), e = was;

	e.pending = false;
	e.outcome = outcome;
	return instead_book(c, &was, &e);
}

/* @param before forget what was told before this day; 0: all @param outcome of what is pending */
static int member_end(struct palier_ctx *c, struct palier_id member, uint32_t before, int outcome)
{
	struct palier_cursor *rows = outcomes_of(palier_tables(c), member);
	struct ladder_forgotten f = { .set = { 0, 0 } };
	struct ladder_shown e;
	bool any = false;
	int err;

	while ((err = outcome_next(rows, member, &e)) == PALIER_OK) {
		if (before && e.day >= before)
			continue;
		any = true;
		if (e.pending && (err = pending_end(c, &e, outcome)) != PALIER_OK)
			return err;
	}
	if (err != PALIER_ENOENT || !any)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	PALIER_SET(&f, ladder_forgotten, member, member);
	if (before)
		PALIER_SET(&f, ladder_forgotten, before, before);
	return palier_effect_add(c, "ladder.forgotten", &f);
}

int outcomes_end(struct palier_ctx *c, struct palier_id member)
{
	return member_end(c, member, 0, OUTCOME_IGNORED);
}

int ladder_due(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from)
{
	uint32_t day = close->closed < close->opened ? close->closed : close->opened;
	int err = PALIER_OK;

	for (unsigned i = 0; i < SLICE && err == PALIER_OK; i++) {
		err = palier_member_next(c, from);
		if (err == PALIER_OK)
			err = member_end(c, *from, day_add(day, -OUTCOME_DAYS), OUTCOME_DECLINED);
	}
	return err;
}

/* Of who does not agree any more to be looked at, nothing is known. */
int ladder_on_decided(struct palier_ctx *c)
{
	const struct palier_event *ev = palier_event_now(c);
	struct palier_person person;
	bool profile = false;
	int err;

	for (uint32_t i = 0; i < ev->effect_count && !profile; i++)
		profile = strcmp(ev->effects[i].kind->name, "member.profile") == 0;
	if (!profile || !ev->has_member)
		return PALIER_OK;
	err = palier_person(c, ev->member, &person);
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	return person.profiling ? PALIER_OK : member_forget(c, ev->member);
}
