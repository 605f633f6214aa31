/* SPDX-License-Identifier: Apache-2.0 */
/* Who is an ambassador: up at once when a deed is noted, and at a close; down at a close alone, after notice. */
#include "plugins/ambassador/internal.h"

#include "plugins/offers.h"
#include "plugins/points.h"

#define NOTICE_DAYS 30
#define SLICE       500 /* members */

bool ambassador_holds(const struct standing *st, uint32_t day)
{
	return st->since && (!st->until || day <= st->until);
}

/* --- up and down --- */

static int known(struct palier_ctx *c, struct palier_id member, bool yes)
{
	return palier_fact_publish(c, member, "ambassador", palier_str(yes ? "yes" : ""));
}

static int perks_grant(struct palier_ctx *c, struct palier_id member)
{
	const struct ambassador_config *cfg = palier_config(c);
	int err = PALIER_OK;

	for (size_t i = 0; i < cfg->perk_count && err == PALIER_OK; i++) {
		const struct perk *p = &cfg->perks[i];

		err = p->offer.len ? offers_grant(c, member, p->offer, 0) : points_grant(c, member, p->unit, p->points);
	}
	return err;
}

static int rise(struct palier_ctx *c, struct palier_id member, uint32_t day)
{
	struct ambassador_risen e = { .set = { 0, 0 } };
	int err;

	PALIER_SET(&e, ambassador_risen, member, member);
	PALIER_SET(&e, ambassador_risen, since, day);
	err = palier_effect_add(c, "ambassador.risen", &e);
	if (err == PALIER_OK)
		err = known(c, member, true);
	return err == PALIER_OK ? perks_grant(c, member) : err;
}

/* @param until 0: stays after all */
static int notice(struct palier_ctx *c, struct palier_id member, uint32_t until)
{
	struct ambassador_noticed e = { .set = { 0, 0 } };

	PALIER_SET(&e, ambassador_noticed, member, member);
	if (until)
		PALIER_SET(&e, ambassador_noticed, until, until);
	return palier_effect_add(c, "ambassador.noticed", &e);
}

static int leave(struct palier_ctx *c, struct palier_id member)
{
	struct ambassador_left e = { .set = { 0, 0 } };
	int err;

	PALIER_SET(&e, ambassador_left, member, member);
	err = palier_effect_add(c, "ambassador.left", &e);
	return err == PALIER_OK ? known(c, member, false) : err;
}

static int judge_up(struct palier_ctx *c, struct palier_id member, const struct score *s, const struct standing *st,
	uint32_t day)
{
	const struct ambassador_config *cfg = palier_config(c);

	if (!st->since)
		return s->points >= cfg->threshold && s->referrals > 0 ? rise(c, member, day) : PALIER_OK;
	return st->until && s->points >= cfg->leave ? notice(c, member, 0) : PALIER_OK;
}

/* @param told the day on which notice is given */
static int judge_down(struct palier_ctx *c, struct palier_id member, const struct score *s, const struct standing *st,
	uint32_t day, uint32_t told)
{
	const struct ambassador_config *cfg = palier_config(c);

	if (!st->since || s->points >= cfg->leave)
		return PALIER_OK;
	if (!st->until)
		return notice(c, member, day_add(told, NOTICE_DAYS));
	return day >= st->until ? leave(c, member) : PALIER_OK;
}

/* --- the member's rows --- */

static int deeds_read(struct palier_ctx *c, struct palier_id member, struct score *s)
{
	struct palier_cursor *cur = deeds_of(palier_tables(c), &member);
	struct deed d;
	int err;

	while ((err = deed_next(cur, &member, &d)) == PALIER_OK)
		score_add(c, s, &d);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int ambassador_lift(struct palier_ctx *c, struct palier_id member, const struct deed *noted)
{
	uint32_t today = palier_today(c), now = zone_day(palier_received(c));
	struct score s = { .count = 0 };
	struct standing st;
	struct fade f;
	int err = palier_config(c) ? ambassador_standing(palier_tables(c), member, &st) : PALIER_ENOENT;

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	err = deeds_read(c, member, &s);
	if (err != PALIER_OK)
		return err;
	today = now > today ? now : today;
	score_add(c, &s, noted);
	fade_fill(&f);
	err = score_count(c, member, &f, today, &s);
	return err == PALIER_OK ? judge_up(c, member, &s, &st, today) : err;
}

/* @param before DAY_NEVER: all, and that the member is an ambassador */
static int forget(struct palier_ctx *c, struct palier_id member, uint32_t before)
{
	struct ambassador_forgotten e = { .set = { 0, 0 } };

	PALIER_SET(&e, ambassador_forgotten, member, member);
	if (before != DAY_NEVER)
		PALIER_SET(&e, ambassador_forgotten, before, before);
	return palier_effect_add(c, "ambassador.forgotten", &e);
}

static int forget_all(struct palier_ctx *c, struct palier_id member, const struct standing *st)
{
	int err = forget(c, member, DAY_NEVER);

	return err == PALIER_OK && st->since ? known(c, member, false) : err;
}

/* --- after a day's close --- */

struct closing {
	struct often often;
	struct fade fade;
	uint32_t day, told;
};

/* Of somebody who has deeds, or is an ambassador. */
static int member_judge(struct palier_ctx *c, const struct closing *k, struct palier_id member, struct score *s,
	const struct standing *st)
{
	const uint32_t kept = day_add(k->day, -FADE_DAYS);
	int err = score_count(c, member, &k->fade, k->day, s);

	if (err == PALIER_OK)
		err = judge_up(c, member, s, st, k->day);
	if (err == PALIER_OK)
		err = judge_down(c, member, s, st, k->day, k->told);
	return err == PALIER_OK && s->count > 0 && s->deeds[0].day < kept ? forget(c, member, kept) : err;
}

static int member_close(struct palier_ctx *c, struct closing *k, struct palier_id member)
{
	struct score s = { .count = 0 };
	struct standing st;
	bool agrees;
	int err = score_allowed(c, member);

	agrees = err == PALIER_OK;
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	err = agrees ? often_count(c, &k->often, member, k->day) : PALIER_OK;
	if (err == PALIER_OK)
		err = ambassador_standing(palier_tables(c), member, &st);
	if (err == PALIER_OK)
		err = deeds_read(c, member, &s);
	if (err != PALIER_OK || (s.count == 0 && !st.since))
		return err;
	return agrees ? member_judge(c, k, member, &s, &st) : forget_all(c, member, &st);
}

/* Where nobody has done anything yet, there is nothing to count either. */
static int anybody(struct palier_ctx *c)
{
	const struct palier_key all = { .len = 0 };
	struct palier_bytes key, value;
	int err = palier_next(palier_seek(palier_tables(c), T_DEED, &all), &key, &value);

	return err == PALIER_ENOENT ? palier_next(palier_seek(palier_tables(c), T_STANDING, &all), &key, &value) : err;
}

int ambassador_due(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from)
{
	const bool late = close->opened > close->closed;
	struct closing *k = palier_alloc(palier_arena(c), sizeof(*k));
	struct palier_id now;
	int end, err = palier_config(c) ? anybody(c) : PALIER_ENOENT;

	if (err == PALIER_OK)
		err = often_begin(c, &k->often);
	if (err != PALIER_OK)
		return err;
	fade_fill(&k->fade);
	k->day = late ? close->closed : close->opened;
	k->told = late ? close->opened : close->closed;
	for (unsigned i = 0; i < SLICE && err == PALIER_OK; i++) {
		err = palier_member_next(c, from);
		/* Those merged into another have nothing of their own. */
		if (err == PALIER_OK && palier_member_now(c, *from, &now) == PALIER_OK && palier_id_equal(now, *from))
			err = member_close(c, k, *from);
	}
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	end = often_end(c, &k->often, err == PALIER_OK ? from : NULL);
	return end == PALIER_OK ? err : end;
}

/* --- what is undone --- */

static int deed_undone(struct palier_ctx *c, const struct palier_event *undone, const struct ambassador_noted *n)
{
	struct ambassador_undone e = { .set = { 0, 0 } };
	struct palier_id member;
	int err = palier_member_now(c, n->member, &member);

	if (err != PALIER_OK || n->unkept)
		return err == PALIER_ENOENT || err == PALIER_EMEMBER_ERASED ? PALIER_OK : err;
	PALIER_SET(&e, ambassador_undone, member, member);
	PALIER_SET(&e, ambassador_undone, deed, n->deed);
	PALIER_SET(&e, ambassador_undone, day, n->day);
	PALIER_SET(&e, ambassador_undone, seq, (int64_t)undone->seq);
	return palier_effect_add(c, "ambassador.undone", &e);
}

/* Points go back by themselves. */
static int perks_withdraw(struct palier_ctx *c, const struct palier_event *undone, struct palier_id given,
	struct palier_id member)
{
	const struct ambassador_config *cfg = palier_config(c);
	int err = PALIER_OK;

	for (uint32_t i = 0; i < undone->effect_count && err == PALIER_OK; i++) {
		const struct offer_granted *g = palier_body(&undone->effects[i], "offer.granted");

		for (size_t p = 0; g && cfg && p < cfg->perk_count && err == PALIER_OK; p++)
			if (palier_id_equal(g->member, given) && palier_equal(g->offer, cfg->perks[p].offer))
				err = offers_withdraw(c, member, g->offer, undone->seq);
	}
	return err;
}

static int rise_undone(struct palier_ctx *c, const struct palier_event *undone, const struct ambassador_risen *r)
{
	struct palier_id member;
	struct standing st;
	int err = palier_member_now(c, r->member, &member);

	if (err == PALIER_OK)
		err = ambassador_standing(palier_tables(c), member, &st);
	if (err != PALIER_OK)
		return err == PALIER_ENOENT || err == PALIER_EMEMBER_ERASED ? PALIER_OK : err;
	if (st.since == r->since)
		err = leave(c, member);
	return err == PALIER_OK ? perks_withdraw(c, undone, r->member, member) : err;
}

int ambassador_on_void(struct palier_ctx *c, const struct palier_event *undone)
{
	int err = PALIER_OK;

	for (uint32_t i = undone->effect_count; i-- > 0 && err == PALIER_OK;) {
		const struct ambassador_noted *n = palier_body(&undone->effects[i], "ambassador.noted");
		const struct ambassador_risen *r = palier_body(&undone->effects[i], "ambassador.risen");

		if (n)
			err = deed_undone(c, undone, n);
		else if (r)
			err = rise_undone(c, undone, r);
	}
	return err;
}

/* --- members that go --- */

/* @return PALIER_OK; PALIER_ENOENT: nothing is kept of the member */
static int member_any(struct palier_ctx *c, struct palier_id member, struct standing *st)
{
	struct deed d;
	int err = ambassador_standing(palier_tables(c), member, st);

	if (err != PALIER_OK || st->since)
		return err;
	return deed_next(deeds_of(palier_tables(c), &member), &member, &d);
}

int ambassador_on_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into)
{
	struct ambassador_merged e = { .set = { 0, 0 } };
	struct standing st;
	int err = member_any(c, from, &st);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	PALIER_SET(&e, ambassador_merged, from, from);
	PALIER_SET(&e, ambassador_merged, into, into);
	return palier_effect_add(c, "ambassador.merged", &e);
}

int ambassador_on_erase(struct palier_ctx *c, struct palier_id member)
{
	struct standing st;
	int err = member_any(c, member, &st);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	return forget_all(c, member, &st);
}

/* --- who does not agree any more --- */

static int consent_follow(struct palier_ctx *c, struct palier_id member)
{
	int err = score_allowed(c, member);

	return err == PALIER_ENOENT ? ambassador_on_erase(c, member) : err;
}

/* Whose profile has changed, and who is one with another now. */
int ambassador_on_decided(struct palier_ctx *c)
{
	const struct palier_event *ev = palier_event_now(c);
	const uint32_t count = ev->effect_count; /* what follows is not followed again */
	int err = PALIER_OK;

	for (uint32_t i = 0; i < count && err == PALIER_OK; i++) {
		const struct ambassador_merged *merged = palier_body(&ev->effects[i], "ambassador.merged");

		if (merged)
			err = consent_follow(c, merged->into);
		else if (ev->has_member && strcmp(ev->effects[i].kind->name, "member.profile") == 0)
			err = consent_follow(c, ev->member);
	}
	return err;
}
