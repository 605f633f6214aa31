/* SPDX-License-Identifier: Apache-2.0 */
/* Redemptions, in the order sent, each on what the ones before left: what each comes to, whether it can be had, and what it costs
 * (rules.md "Spending"). */
#include <stdio.h>

#include "plugins/rewards/internal.h"

/* A redemption under decision. */
struct wish {
	const struct redemption *asked;
	const struct reward *reward; /* NULL: unknown */
	int64_t times;               /* as asked; 0: too few points were given for one */
	bool holds;                  /* the reward's condition */
	bool *matched;               /* what it selects */
	struct palier_benefit_cut cut;
	int64_t left;      /* uses, by the caps */
	int64_t spendable; /* of the reward's unit */
};

/* Free products that a quote says may still be added. */
struct unused {
	struct free_view *rows;
	uint32_t count;
};

/* --- shape --- */

static int refuse_wish(struct palier_ctx *c, uint32_t i, const char *field, const char *what)
{
	char path[48];

	snprintf(path, sizeof(path), "redeem[%u].%s", i, field);
	return palier_refuse(c, PALIER_EPARAMS, path, "%s", what);
}

static bool has_once(const struct reward *r)
{
	return r->benefit && !palier_benefit_multiplies(r->benefit);
}

/* Points come only in whole multiples of a reward. */
static int64_t times_asked(const struct wish *w)
{
	const struct redemption *asked = w->asked;
	int64_t times = PALIER_HAS(asked, redemption, times) ? asked->times : 1;

	if (PALIER_HAS(asked, redemption, points))
		times = asked->points / w->reward->cost;
	return has_once(w->reward) && times > 1 ? 1 : times;
}

static bool passes_figure(int64_t times, int64_t each)
{
	return each > 0 && times > PALIER_FIGURE_MAX / each;
}

static int wish_read(struct palier_ctx *c, const struct palier_sale *s, uint32_t i, struct wish *w)
{
	const struct redemption *asked = &s->redeem[i];
	const struct reward *r = reward_of(palier_config(c), asked->reward);
	bool points = PALIER_HAS(asked, redemption, points);

	*w = (struct wish){ .asked = asked, .reward = r };
	if (PALIER_HAS(asked, redemption, times) && points)
		return refuse_wish(c, i, "points", "give times or points");
	if (!r)
		return PALIER_OK;
	if (has_once(r) && PALIER_HAS(asked, redemption, times) && asked->times > 1)
		return refuse_wish(c, i, "times", "a percentage is had once: send the redemption again");
	w->times = times_asked(w);
	if (passes_figure(w->times, r->cost) || passes_figure(w->times, r->value))
		return refuse_wish(c, i, points ? "points" : "times", "so many would pass 2^53-1");
	return PALIER_OK;
}

/* --- whether it can be had --- */

static void wish_cut(struct palier_ctx *c, const struct palier_sale *s, struct wish *w, int64_t times)
{
	const struct palier_benefit_ask ask = { .matched = w->matched,
		.redeemed = true,
		.times = times,
		.share = w->reward->share,
		.choice = w->asked->choice };

	if (w->reward->benefit)
		palier_benefit_on(palier_arena(c), w->reward->benefit, s, &ask, &w->cut);
	else
		w->cut.times = times;
}

/* What is known of it, whether it can be had or not. */
static int wish_look(struct palier_ctx *c, const struct palier_sale *s, struct wish *w)
{
	const struct palier_id *member = s->has_member ? &s->member : NULL;
	int err = PALIER_OK;

	w->matched = palier_alloc(palier_arena(c), s->line_count + 1);
	w->holds = palier_condition_holds(c, w->reward->when, s, member, w->matched);
	if (w->times > 0)
		wish_cut(c, s, w, w->times);
	err = reward_uses_left(c, w->reward, member, &w->left);
	if (err == PALIER_OK && member)
		err = palier_spendable(c, *member, w->reward->unit.at, &w->spendable);
	return err;
}

static bool available(const struct wish *w)
{
	return w->holds && w->cut.times > 0 && w->cut.times * w->reward->cost >= w->reward->min_points &&
	       w->cut.times <= w->left;
}

/* A ticket that captures a hold spends what the hold keeps, which points alone knows. */
static bool covered(const struct palier_ctx *c, const struct wish *w)
{
	return palier_held(c) || palier_offline(c) || w->cut.times * w->reward->cost <= w->spendable;
}

/* @param reason PALIER_OK: it can be had */
static int wish_judge(struct palier_ctx *c, const struct palier_sale *s, struct wish *w, int *reason)
{
	int err = s->has_member ? palier_may_spend(c, s->member) : PALIER_OK;

	*reason = err == PALIER_EMEMBER_FROZEN ? err : w->reward ? PALIER_OK : PALIER_EREWARD_UNKNOWN;
	if (err != PALIER_OK && err != PALIER_ENOENT && err != PALIER_EMEMBER_FROZEN)
		return err;
	err = w->reward ? wish_look(c, s, w) : PALIER_OK;
	if (err != PALIER_OK || *reason != PALIER_OK)
		return err;
	if (!available(w))
		*reason = PALIER_EREWARD_UNAVAILABLE;
	else if (!covered(c, w))
		*reason = PALIER_EINSUFFICIENT_POINTS;
	return PALIER_OK;
}

/* --- what may still be added free --- */

static void unused_add(struct unused *u, struct palier_bytes sku, int64_t quantity)
{
	struct free_view *row = &u->rows[u->count++];

	PALIER_SET(row, free_view, sku, sku);
	PALIER_SET(row, free_view, quantity, palier_least(quantity, PALIER_FIGURE_MAX));
}

/* As far as points and caps reach. Of several products any may be added: each has its row. */
static void unused_note(struct palier_ctx *c, const struct palier_sale *s, const struct wish *w, struct unused *u)
{
	struct wish more = *w;
	const struct palier_bytes *skus;
	int64_t times = palier_least(w->times, palier_least(w->left, w->spendable / w->reward->cost));
	size_t count;

	if (!w->holds || w->cut.free == 0 || times == 0 || times * w->reward->cost < w->reward->min_points)
		return;
	wish_cut(c, s, &more, times);
	count = palier_benefit_skus(w->reward->benefit, &skus);
	for (size_t i = 0; i < count && more.cut.free > 0; i++)
		if (w->asked->choice.len == 0 || palier_equal(w->asked->choice, skus[i]))
			unused_add(u, skus[i], more.cut.free);
}

static struct unused unused_of(struct palier_ctx *c, const struct palier_sale *s)
{
	const struct palier_bytes *skus;
	size_t room = 1;

	for (uint32_t i = 0; i < s->redeem_count; i++) {
		const struct reward *r = reward_of(palier_config(c), s->redeem[i].reward);

		room += r && r->benefit ? palier_benefit_skus(r->benefit, &skus) : 0;
	}
	return (struct unused){ palier_alloc(palier_arena(c), room * sizeof(struct free_view)), 0 };
}

/* --- having it --- */

/* Of a sale that has happened without a member it is the store that bears the cost. */
static int wish_pay(struct palier_ctx *c, const struct palier_sale *s, const struct wish *w)
{
	int64_t points = w->cut.times * w->reward->cost;
	struct points_move m;

	if (!s->has_member)
		return palier_alert(c, &(struct palier_alert){ .what = "shortfall",
					       .unit = w->reward->unit,
					       .sale = s->number,
					       .figure = points });
	m = points_move_of(s->member, w->reward->unit, POINTS_SPEND, -points);
	PALIER_SET(&m, points_move, reward, palier_str(w->reward->name));
	if (s->number.len > 0)
		PALIER_SET(&m, points_move, sale, s->number);
	return points_move(c, &m);
}

static int wish_discount(struct palier_ctx *c, struct palier_sale *s, const struct wish *w)
{
	const struct palier_discount d = { w->reward->name,
		palier_label(c, w->reward->label, s->has_member ? &s->member : NULL), true, w->cut.parts };

	return w->reward->benefit ? palier_discount_add(c, s, &d) : PALIER_OK;
}

static int wish_count(struct palier_ctx *c, const struct palier_sale *s, const struct wish *w)
{
	struct reward_used used = { .set = { 0, 0 } };

	PALIER_SET(&used, reward_used, reward, palier_str(w->reward->name));
	PALIER_SET(&used, reward_used, times, w->cut.times);
	PALIER_SET(&used, reward_used, day, palier_today(c));
	if (s->has_member)
		PALIER_SET(&used, reward_used, member, s->member);
	if (!w->reward->benefit) {
		PALIER_SET(&used, reward_used, to, w->reward->to);
		PALIER_SET(&used, reward_used, value, w->cut.times * w->reward->value);
	}
	return palier_effect_add(c, "reward.used", &used);
}

/* What cannot be had is not had, but for what has happened: that was had as far as it can be told what it was. */
static int wish_grant(struct palier_ctx *c, struct palier_sale *s, const struct wish *w, int reason)
{
	int err = PALIER_OK;

	if (reason != PALIER_OK)
		err = palier_cannot(c, s, reason, "reward", w->asked->reward);
	if (err != PALIER_OK || !w->reward || w->cut.times == 0 || (reason != PALIER_OK && !palier_offline(c)))
		return err;
	err = wish_pay(c, s, w);
	if (err == PALIER_OK)
		err = wish_discount(c, s, w);
	return err == PALIER_OK ? wish_count(c, s, w) : err;
}

int rewards_on_price(struct palier_ctx *c, struct palier_sale *s)
{
	uint32_t before = palier_event_now(c)->effect_count;
	struct unused unused = unused_of(c, s);
	struct wish w;
	int reason, err = PALIER_OK;

	for (uint32_t i = 0; i < s->redeem_count && err == PALIER_OK; i++) {
		err = wish_read(c, s, i, &w);
		if (err == PALIER_OK)
			err = wish_judge(c, s, &w, &reason);
		if (err != PALIER_OK)
			return err;
		if (s->quote && w.reward && w.reward->benefit)
			unused_note(c, s, &w, &unused);
		err = wish_grant(c, s, &w, reason);
	}
	if (err == PALIER_OK)
		err = rewards_load(c, s, before);
	return err == PALIER_OK && s->quote ? rewards_quote(c, s, unused.rows, unused.count) : err;
}
