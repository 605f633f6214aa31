/* SPDX-License-Identifier: Apache-2.0 */
/* How a referral goes on: claimed, purchased, held, earned, or void; and what each side should have by then.
 *
 * The phase follows from what happened alone. Whoever should have something by the phase, and has not, is given it; whoever has it and
 * should not gives it back. While a supervisor is to decide (flagged), nobody should have anything. */
#include <stdio.h>

#include "plugins/referral/internal.h"

const char *referral_state(const struct referral *r)
{
	return r->flagged ? "flagged" : referral_phase_names[r->phase];
}

bool referral_is_open(const struct referral *r)
{
	return r->phase != PHASE_VOID && !(r->phase == PHASE_EARNED && r->purchases >= 2);
}

bool referral_heeds(const struct referral *r, struct palier_bytes sale)
{
	return referral_is_open(r) || palier_equal(sale, r->sale);
}

/* --- phases --- */

static void wait_begin(struct referral *r, const struct happened *h)
{
	r->phase = PHASE_HELD;
	r->sale = h->receipt;
	r->minimum = h->least;
	r->due = h->ends;
}

static void wait_end(struct referral *r, enum referral_phase phase)
{
	r->phase = phase;
	r->sale.len = 0;
	r->minimum = 0;
	r->due = 0;
}

void referral_bought(struct referral *r, const struct happened *h)
{
	r->purchases++;
	if (r->phase == PHASE_CLAIMED)
		r->phase = PHASE_PURCHASED;
	if (r->phase == PHASE_PURCHASED && h->net >= h->least)
		wait_begin(r, h);
}

void referral_returned(struct referral *r, const struct happened *h)
{
	if (h->gone && r->purchases > 0)
		r->purchases--;
	if (!palier_equal(h->receipt, r->sale) || (h->net >= r->minimum && !h->gone))
		return;
	if (r->phase == PHASE_HELD)
		wait_end(r, PHASE_PURCHASED);
	else if (r->phase == PHASE_EARNED)
		r->phase = PHASE_VOID;
}

bool referral_falls_due(struct referral *r, uint32_t day)
{
	if (r->phase != PHASE_HELD || r->flagged || day < r->due)
		return false;
	r->phase = PHASE_EARNED;
	return true;
}

/* --- gifts --- */

static int gift_pay(struct palier_ctx *c, const struct side *side, struct palier_id member, struct gift *g)
{
	int err = side->offer.len ? offers_grant(c, member, side->offer, 0)
	                          : points_grant(c, member, side->unit, side->points);

	if (err == PALIER_OK)
		*g = (struct gift){ true, side->unit, side->points, side->offer,
			side->offer.len ? palier_event_now(c)->seq : 0 };
	return err;
}

/* Could the offer still be taken back? So offers' check has found. */
static bool offer_was_gone(const struct palier_event *ev)
{
	const struct offer_withdrawn *w = palier_body(&ev->effects[ev->effect_count - 1], "offer.withdrawn");

	return w && w->gone;
}

static int gone_alert(struct palier_ctx *c, struct palier_id member, const struct gift *g)
{
	const struct palier_alert alert = { .what = "referral_gift_gone",
		.member = &member,
		.unit = g->unit,
		.figure = g->points };

	return palier_alert(c, &alert);
}

/* What is of a unit that is no more stays with whoever had it. */
int gift_move(struct palier_ctx *c, struct palier_id member, const struct gift *g, int sign)
{
	struct points_move m = points_move_of(member, g->unit, POINTS_GRANT, sign * g->points);
	int err = points_move(c, &m);

	return err == PALIER_EUNIT_UNKNOWN ? gone_alert(c, member, g) : err;
}

/* Points go whether or not they are there. An offer that has been used is had. */
static int gift_take(struct palier_ctx *c, struct palier_id member, struct gift *g)
{
	int err;

	g->paid = false;
	if (!g->offer.len)
		return gift_move(c, member, g, -1);
	err = offers_withdraw(c, member, g->offer, g->grant);
	return err == PALIER_OK && offer_was_gone(palier_event_now(c)) ? gone_alert(c, member, g) : err;
}

/* --- the cap --- */

/* The first day of the period that ends with this one. */
static uint32_t period_start(struct span per, uint32_t day)
{
	switch (per.kind) {
	case SPAN_DAYS:
		return day_add(day, 1 - per.n);
	case SPAN_MONTHS:
		return day_add(day_add_months(day, -per.n), 1);
	case SPAN_END_OF_MONTH:
		return day / 100 * 100 + 1;
	case SPAN_END_OF_YEAR:
		return day / 10000 * 10000 + 101;
	case SPAN_NEVER:
		break;
	}
	return 0;
}

int cap_left(struct palier_ctx *c, struct palier_id sponsor, uint32_t day, int64_t *out)
{
	const struct referral_config *cfg = palier_config(c);
	int64_t left = cfg && cfg->cap > 0 ? cfg->cap : INT64_MAX;
	struct palier_cursor *cur;
	uint32_t paid;
	int err = PALIER_OK;

	*out = left;
	if (left == INT64_MAX)
		return PALIER_OK;
	cur = paid_from(palier_tables(c), sponsor, period_start(cfg->per, day));
	while (left > 0 && (err = paid_next(cur, &paid)) == PALIER_OK && paid <= day)
		left--;
	*out = left;
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* --- what each side should have --- */

/* Whoever is nobody any more gets nothing, and has nothing to give back. */
static int friend_settle(struct palier_ctx *c, struct referral *r)
{
	const struct referral_config *cfg = palier_config(c);
	bool owed = !r->flagged && (r->phase == PHASE_HELD || r->phase == PHASE_EARNED);
	struct palier_id now;
	int err = palier_member_now(c, r->friend, &now);

	if (err == PALIER_EMEMBER_ERASED)
		r->friend_gift.paid = owed && r->friend_gift.paid;
	if (err != PALIER_OK)
		return err == PALIER_EMEMBER_ERASED ? PALIER_OK : err;
	if (!owed)
		return r->friend_gift.paid ? gift_take(c, r->friend, &r->friend_gift) : PALIER_OK;
	if (r->friend_gift.paid || !cfg || !cfg->friend.set)
		return PALIER_OK;
	return gift_pay(c, &cfg->friend, r->friend, &r->friend_gift);
}

/* Is there room for it in the period? One that was paid before has its room. @param day on which it is paid */
static int room_take(struct palier_ctx *c, struct referral *r, uint32_t day)
{
	int64_t left = 1;
	int err = r->paid || r->sponsor_gift.paid ? PALIER_OK : cap_left(c, r->sponsor, day, &left);

	r->capped = left == 0;
	if (err == PALIER_OK && !r->capped && !r->paid)
		r->paid = day;
	return err;
}

/* @param day on which it fell due, or was accepted later */
static int sponsor_settle(struct palier_ctx *c, struct referral *r, uint32_t day)
{
	const struct referral_config *cfg = palier_config(c);
	int err;

	if (!r->has_sponsor)
		return PALIER_OK;
	if (r->phase != PHASE_EARNED) {
		r->capped = false;
		r->paid = 0;
		return r->sponsor_gift.paid ? gift_take(c, r->sponsor, &r->sponsor_gift) : PALIER_OK;
	}
	if (r->capped || !cfg || !cfg->sponsor.set)
		return PALIER_OK;
	err = room_take(c, r, day);
	if (err != PALIER_OK || r->capped || r->sponsor_gift.paid)
		return err;
	return gift_pay(c, &cfg->sponsor, r->sponsor, &r->sponsor_gift);
}

int referral_take_back(struct palier_ctx *c, struct referral *r)
{
	int err = friend_settle(c, r);

	return err == PALIER_OK ? sponsor_settle(c, r, 0) : err;
}

/* The sponsor's score counts a referral once the friend has come back and nothing can be returned any more; and one that is undone. */
static int score_settle(struct palier_ctx *c, struct referral *r, const struct referral *before, uint32_t day)
{
	int err;

	if (!r->has_sponsor)
		return PALIER_OK;
	if (r->phase == PHASE_EARNED && r->purchases >= 2 && !r->noted) {
		r->noted = day;
		r->noted_by = palier_event_now(c)->seq;
		return ambassador_note(c, r->sponsor, AMBASSADOR_REFERRAL, day);
	}
	if (before->phase != PHASE_EARNED || r->phase == PHASE_EARNED)
		return PALIER_OK;
	if (!r->noted)
		return r->phase == PHASE_VOID ? ambassador_note(c, r->sponsor, AMBASSADOR_VOID, day) : PALIER_OK;
	err = ambassador_note_void(c, r->sponsor, r->noted, day);
	if (r->phase != PHASE_VOID)
		r->noted = 0;
	return err;
}

/* --- the step in the ledger --- */

static void gift_fill(const struct gift *g, struct referral_gift *out)
{
	PALIER_SET(out, referral_gift, paid, g->paid);
	if (g->unit.len) {
		PALIER_SET(out, referral_gift, unit, g->unit);
		PALIER_SET(out, referral_gift, points, g->points);
	}
	if (g->offer.len) {
		PALIER_SET(out, referral_gift, offer, g->offer);
		PALIER_SET(out, referral_gift, grant, (int64_t)g->grant);
	}
}

struct palier_strings flag_names(struct palier_ctx *c, unsigned flags)
{
	struct palier_strings names = { palier_alloc(palier_arena(c), FLAGS * sizeof(*names.at)), 0 };

	for (unsigned bit = 0; bit < FLAGS; bit++)
		if (flags & 1u << bit)
			names.at[names.count++] = palier_str(referral_flag_names[bit]);
	return names;
}

static void happened_fill(const struct happened *h, struct referral_step *e)
{
	PALIER_SET(e, referral_step, cause, (int)h->cause);
	PALIER_SET(e, referral_step, date, h->day);
	if (h->cause == CAUSE_DUE)
		PALIER_SET(e, referral_step, at, zone_midnight(h->day));
	if (h->undone)
		PALIER_SET(e, referral_step, undone, (int64_t)h->undone);
	if (h->cause != CAUSE_SALE && h->cause != CAUSE_RETURN)
		return;
	PALIER_SET(e, referral_step, receipt, h->receipt);
	PALIER_SET(e, referral_step, net, h->net);
	if (h->cause == CAUSE_SALE) {
		PALIER_SET(e, referral_step, least, h->least);
		PALIER_SET(e, referral_step, ends, h->ends);
	} else if (h->gone) {
		PALIER_SET(e, referral_step, gone, true);
	}
}

static void wait_fill(const struct referral *r, struct referral_step *e)
{
	if (r->sale.len) {
		PALIER_SET(e, referral_step, sale, r->sale);
		PALIER_SET(e, referral_step, minimum, r->minimum);
		PALIER_SET(e, referral_step, due, r->due);
	}
	if (r->paid)
		PALIER_SET(e, referral_step, paid, r->paid);
	if (r->capped)
		PALIER_SET(e, referral_step, capped, true);
	if (r->noted) {
		PALIER_SET(e, referral_step, noted, r->noted);
		PALIER_SET(e, referral_step, noted_by, (int64_t)r->noted_by);
	}
}

static void state_fill(struct palier_ctx *c, const struct referral *r, struct referral_step *e)
{
	PALIER_SET(e, referral_step, friend, r->friend);
	PALIER_SET(e, referral_step, referral, (int64_t)r->id);
	if (r->has_sponsor)
		PALIER_SET(e, referral_step, sponsor, r->sponsor);
	PALIER_SET(e, referral_step, key, (int64_t)r->code.key);
	PALIER_SET(e, referral_step, serial, (int64_t)r->code.serial);
	PALIER_SET(e, referral_step, since, r->since_ms);
	PALIER_SET(e, referral_step, claimed, r->claimed);
	PALIER_SET(e, referral_step, phase, (int)r->phase);
	PALIER_SET(e, referral_step, purchases, (int64_t)r->purchases);
	if (r->flagged)
		PALIER_SET(e, referral_step, flagged, true);
	if (r->flags)
		PALIER_SET(e, referral_step, flags, flag_names(c, r->flags));
	wait_fill(r, e);
	if (r->friend_gift.unit.len || r->friend_gift.offer.len) {
		PALIER_MARK(e, referral_step, friend_gift);
		gift_fill(&r->friend_gift, &e->friend_gift);
	}
	if (r->sponsor_gift.unit.len || r->sponsor_gift.offer.len) {
		PALIER_MARK(e, referral_step, sponsor_gift);
		gift_fill(&r->sponsor_gift, &e->sponsor_gift);
	}
}

/* What the event itself moved: undone, points go back by themselves. */
static void moved_fill(const struct referral *r, const struct referral *before, struct referral_step *e)
{
	if (r->friend_gift.paid != before->friend_gift.paid)
		PALIER_SET(e, referral_step, friend_moved, r->friend_gift.paid ? 1 : -1);
	if (r->sponsor_gift.paid != before->sponsor_gift.paid)
		PALIER_SET(e, referral_step, sponsor_moved, r->sponsor_gift.paid ? 1 : -1);
}

int earned_publish(struct palier_ctx *c, struct palier_id sponsor)
{
	struct sponsor_row row;
	char text[16];
	int err = sponsor_get(palier_tables(c), sponsor, &row);

	if (err != PALIER_OK)
		return err;
	snprintf(text, sizeof(text), "%u", row.earned);
	return palier_fact_publish(c, sponsor, "referrals", palier_copy(palier_arena(c), palier_str(text)));
}

int referral_step(struct palier_ctx *c, struct referral *r, const struct happened *h)
{
	struct referral_step e = { .set = { 0, 0 } };
	struct referral before = { .phase = PHASE_CLAIMED };
	int err = referral_get(palier_tables(c), r->id, &before);

	if (err == PALIER_ENOENT)
		err = PALIER_OK;
	if (err == PALIER_OK && h->cause != CAUSE_DUE)
		err = friend_settle(c, r);
	if (err == PALIER_OK)
		err = sponsor_settle(c, r, h->cause == CAUSE_REVIEW ? h->day : r->due);
	if (err == PALIER_OK)
		err = score_settle(c, r, &before, h->day);
	if (err != PALIER_OK)
		return err;
	state_fill(c, r, &e);
	happened_fill(h, &e);
	moved_fill(r, &before, &e);
	err = palier_effect_add(c, "referral.step", &e);
	if (err == PALIER_OK && r->has_sponsor && (r->phase == PHASE_EARNED) != (before.phase == PHASE_EARNED))
		err = earned_publish(c, r->sponsor);
	return err;
}

int referral_settle(struct palier_ctx *c, struct referral *r, uint32_t day)
{
	const struct happened h = { .cause = CAUSE_DUE, .day = r->due };

	if (!palier_config(c) || !referral_falls_due(r, day))
		return PALIER_OK;
	return referral_step(c, r, &h);
}
