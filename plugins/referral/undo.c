/* SPDX-License-Identifier: Apache-2.0 */
/* A sale or a return of the open day is undone: each referral that it moved is told again from its claim on, from the steps that the
 * friend's events hold, without those of what is undone. */
#include "plugins/referral/internal.h"

/* One thing that happened, the newest first. */
struct told {
	struct happened h;
	struct told *later;
};

struct story {
	struct palier_arena *arena;
	uint64_t id;
	uint64_t *undone; /* seqs of events that are as if they had not been */
	uint32_t undone_count;
	struct told *first; /* of those found so far the earliest */
	bool ended;         /* by a verdict, or because members became one */
	bool earned;        /* it was, some time */
};

static void undone_add(struct story *s, uint64_t seq)
{
	uint64_t *grown = palier_alloc(s->arena, (s->undone_count + 1) * sizeof(*grown));

	if (s->undone_count)
		memcpy(grown, s->undone, s->undone_count * sizeof(*grown));
	grown[s->undone_count++] = seq;
	s->undone = grown;
}

static bool is_undone(const struct story *s, uint64_t seq)
{
	for (uint32_t i = 0; i < s->undone_count; i++)
		if (s->undone[i] == seq)
			return true;
	return false;
}

static void step_tell(struct story *s, const struct referral_step *e)
{
	struct told *told;

	s->ended = s->ended || e->cause == CAUSE_MERGE || (e->cause == CAUSE_REVIEW && e->phase == PHASE_VOID);
	s->earned = s->earned || e->phase == PHASE_EARNED;
	if (e->cause == CAUSE_VOID && e->undone)
		undone_add(s, (uint64_t)e->undone);
	if (e->cause == CAUSE_CLAIM || e->cause == CAUSE_VOID || e->cause == CAUSE_MERGE)
		return;
	told = palier_alloc(s->arena, sizeof(*told));
	told->h = (struct happened){ .cause = (enum referral_cause)e->cause,
		.day = e->date,
		.receipt = e->receipt,
		.net = e->net,
		.least = e->least,
		.ends = e->ends,
		.gone = e->gone };
	told->later = s->first;
	s->first = told;
}

/* An event undoes only what came before it, so that the newest first tells in time what to leave out. */
static int story_visit(void *who, const struct palier_event *ev)
{
	struct story *s = who;

	for (uint32_t i = ev->effect_count; i-- > 0 && !is_undone(s, ev->seq);) {
		const struct referral_step *e = palier_body(&ev->effects[i], "referral.step");

		if (e && (uint64_t)e->referral == s->id)
			step_tell(s, e);
	}
	return ev->seq > s->id;
}

/* What was flagged waited for its verdict: nothing fell due before. */
static void tell_again(const struct story *s, struct referral *r, uint32_t today)
{
	bool flagged = r->flagged;

	r->phase = PHASE_CLAIMED;
	r->flagged = r->flags != 0;
	r->purchases = 0;
	r->sale.len = 0;
	r->minimum = 0;
	r->due = 0;
	for (const struct told *told = s->first; told; told = told->later) {
		if (told->h.cause == CAUSE_REVIEW)
			r->flagged = false;
		(void)referral_falls_due(r, told->h.day);
		if (told->h.cause == CAUSE_SALE && referral_is_open(r))
			referral_bought(r, &told->h);
		else if (told->h.cause == CAUSE_RETURN && referral_heeds(r, told->h.receipt))
			referral_returned(r, &told->h);
	}
	r->flagged = flagged;
	(void)referral_falls_due(r, today);
}

/* --- what was given by the event itself --- */

/* Points that an event moved go back by themselves when it is undone; an offer that it gave or took does not. What another event has taken
 * back, or given again, since then is made good. */
static int gift_undo(struct palier_ctx *c, struct palier_id member, int64_t moved, struct gift *g)
{
	const int64_t had = g->paid - moved;
	struct palier_id now;
	int err;

	if (g->unit.len == 0 || moved == 0)
		return PALIER_OK;
	g->paid = had > 0;
	if (had == 0 || had == 1)
		return PALIER_OK;
	err = palier_member_now(c, member, &now);
	if (err != PALIER_OK)
		return err == PALIER_EMEMBER_ERASED ? PALIER_OK : err;
	return gift_move(c, member, g, had < 0 ? 1 : -1);
}

static int gifts_undo(struct palier_ctx *c, const struct palier_event *undone, struct referral *r)
{
	int64_t friend = 0, sponsor = 0;
	int err;

	for (uint32_t i = 0; i < undone->effect_count; i++) {
		const struct referral_step *e = palier_body(&undone->effects[i], "referral.step");

		if (!e || (uint64_t)e->referral != r->id)
			continue;
		friend += e->friend_moved;
		sponsor += e->sponsor_moved;
	}
	if (r->noted_by == undone->seq) { /* its deeds are undone by who keeps them */
		r->noted = 0;
		r->noted_by = 0;
	}
	err = gift_undo(c, r->friend, friend, &r->friend_gift);
	return err == PALIER_OK && r->has_sponsor ? gift_undo(c, r->sponsor, sponsor, &r->sponsor_gift) : err;
}

/* --- a void --- */

/* The claim itself goes: the code can be claimed again. */
static int claim_drop(struct palier_ctx *c, struct referral *r)
{
	struct referral_dropped e = { .set = { 0, 0 } };
	bool counted = r->has_sponsor && r->phase == PHASE_EARNED;
	int err;

	r->phase = PHASE_VOID;
	err = referral_take_back(c, r);

	if (err == PALIER_OK && r->has_sponsor && r->noted)
		err = ambassador_note_void(c, r->sponsor, r->noted, palier_today(c));
	PALIER_SET(&e, referral_dropped, friend, r->friend);
	PALIER_SET(&e, referral_dropped, referral, (int64_t)r->id);
	if (err == PALIER_OK)
		err = palier_effect_add(c, "referral.dropped", &e);
	return err == PALIER_OK && counted ? earned_publish(c, r->sponsor) : err;
}

/* Is it void, whatever is undone? An erased friend's has ended unless it had been earned by then. */
static int ended_judge(struct palier_ctx *c, const struct story *s, const struct referral *r, bool *out)
{
	struct palier_id now;
	int err = palier_member_now(c, r->friend, &now);

	if (err != PALIER_OK && err != PALIER_EMEMBER_ERASED)
		return err;
	*out = r->phase == PHASE_VOID && (s->ended || (r->has_sponsor && palier_id_equal(r->sponsor, r->friend)) ||
						 (err == PALIER_EMEMBER_ERASED && !s->earned));
	return PALIER_OK;
}

static int step_undo(struct palier_ctx *c, const struct palier_event *undone, uint64_t id)
{
	const struct happened h = { .cause = CAUSE_VOID, .day = palier_today(c), .undone = undone->seq };
	struct story story = { .arena = palier_arena(c), .id = id };
	struct referral r;
	bool ended = false;
	int err = referral_get(palier_tables(c), id, &r);

	if (err == PALIER_OK)
		err = gifts_undo(c, undone, &r);
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	if (undone->seq == id)
		return claim_drop(c, &r);
	undone_add(&story, undone->seq);
	err = palier_events_of(c, r.friend, 0, story_visit, &story);
	if (err == PALIER_OK)
		err = ended_judge(c, &story, &r, &ended);
	if (err != PALIER_OK)
		return err;
	if (!ended)
		tell_again(&story, &r, h.day);
	else if (!r.friend_gift.paid && !r.sponsor_gift.paid)
		return PALIER_OK;
	return referral_step(c, &r, &h);
}

/* Is this effect the first about its referral? */
static bool is_first(const struct palier_event *ev, uint32_t n, int64_t id)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct referral_step *e = palier_body(&ev->effects[i], "referral.step");

		if (e && e->referral == id)
			return false;
	}
	return true;
}

int referral_on_void(struct palier_ctx *c, const struct palier_event *undone)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; i < undone->effect_count && err == PALIER_OK; i++) {
		const struct referral_step *e = palier_body(&undone->effects[i], "referral.step");

		if (e && is_first(undone, i, e->referral))
			err = step_undo(c, undone, (uint64_t)e->referral);
	}
	return err;
}
