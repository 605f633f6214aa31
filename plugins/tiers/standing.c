/* SPDX-License-Identifier: Apache-2.0 */
/* Where a member stands (rules.md "Tiers", "Tiers and returns"): up at once with the sale that reaches a tier, down only when its time is
 * over. A standing is a list of steps: what the last judgement left, then each raise. So a return, a void and a sale that comes late go
 * back to the step before the sale in question, and climb from there again by the sums as they are then. */
#include "plugins/tiers/internal.h"

/* --- steps --- */

static struct tiers_step step_of(const struct tier *t, int64_t at_ms, uint32_t until)
{
	struct tiers_step s = { .set = { 0, 0 } };

	if (t) {
		PALIER_SET(&s, tiers_step, tier, t->name);
		PALIER_SET(&s, tiers_step, from, t->from);
	}
	if (at_ms)
		PALIER_SET(&s, tiers_step, at, at_ms);
	if (t && until)
		PALIER_SET(&s, tiers_step, until, until);
	return s;
}

int64_t standing_worth(const struct tiers_config *cfg, const struct tiers_step *s)
{
	const struct tier *t = tiers_named(cfg, s->tier);

	return t ? t->from : s->tier.len ? s->from : -1;
}

const struct tiers_step *standing_at(const struct standing *st, int64_t at_ms)
{
	const struct tiers_step *s = st->steps.at;

	for (uint32_t i = 1; i < st->steps.count && st->steps.at[i].at <= at_ms; i++)
		s = &st->steps.at[i];
	return s;
}

/* How many steps climbing may add: each tier once, and a renewal. */
static uint32_t room_for(const struct tiers_config *cfg)
{
	return cfg ? (uint32_t)cfg->tier_count + 1 : 1;
}

int standing_read(struct palier_ctx *c, struct palier_id member, struct standing *out)
{
	const struct tiers_config *cfg = palier_config(c);
	int err = tiers_steps_read(c, member, room_for(cfg), &out->steps);

	if (err != PALIER_OK)
		return err;
	out->booked = out->steps.count > 0;
	if (!out->booked)
		out->steps.at[out->steps.count++] = step_of(cfg ? tiers_reached(cfg, 0) : NULL, 0, 0);
	return PALIER_OK;
}

/* Some of the steps, with room for more. */
static struct standing standing_of(struct palier_ctx *c, const struct tiers_step *steps, uint32_t count)
{
	struct standing st = {
		{ palier_alloc(palier_arena(c), (count + room_for(palier_config(c))) * sizeof(*steps)), count }, true
	};

	memcpy(st.steps.at, steps, count * sizeof(*steps));
	return st;
}

/* --- sums and terms --- */

static int64_t sum_of(const struct tiers_sums *sums, uint32_t from, uint32_t to)
{
	int64_t sum = 0;

	for (uint32_t i = 0; i < sums->count; i++)
		if (sums->at[i].day >= from && sums->at[i].day <= to && !palier_add_i64(&sum, sums->at[i].figure))
			return PALIER_FIGURE_MAX;
	return sum;
}

/* The first day of the window that a day lies in. */
static uint32_t window_start(const struct tiers_config *cfg, uint32_t day)
{
	switch (cfg->window) {
	case WINDOW_CALENDAR_YEAR:
		return day / 10000 * 10000 + 101;
	case WINDOW_LIFETIME:
		return 0;
	case WINDOW_ROLLING:
		break;
	}
	return cfg->span.kind == SPAN_DAYS ? day_add(day, -cfg->span.n) : day_add_months(day, -cfg->span.n);
}

static int64_t sum_on(const struct tiers_config *cfg, const struct tiers_sums *sums, uint32_t day)
{
	return sum_of(sums, window_start(cfg, day), day);
}

/* By what a tier is judged whose time ends with this day: of calendar years the one that ends; else the window of the day after, so that
 * the ticket which raised the member does not keep the tier. */
static int64_t sum_judged(const struct tiers_config *cfg, const struct tiers_sums *sums, uint32_t last)
{
	return cfg->window == WINDOW_CALENDAR_YEAR ? sum_of(sums, window_start(cfg, last), day_year_end(last))
	                                           : sum_of(sums, window_start(cfg, day_add(last, 1)), DAY_NEVER);
}

static uint32_t span_after(struct span span, uint32_t day)
{
	return span.kind == SPAN_DAYS ? day_add(day, span.n) : day_add_months(day, span.n);
}

/* The last day of a tier that is reached on this day; 0: it has no end. */
static uint32_t term_from(const struct tiers_config *cfg, const struct tier *t, uint32_t day)
{
	if (t->from == 0 || cfg->window == WINDOW_LIFETIME)
		return 0;
	return cfg->window == WINDOW_CALENDAR_YEAR ? day_year_end(day) : span_after(cfg->span, day);
}

/* The last day of a tier that is held on after a day that was the last. */
static uint32_t term_after(const struct tiers_config *cfg, const struct tier *t, uint32_t last)
{
	return term_from(cfg, t, cfg->window == WINDOW_CALENDAR_YEAR ? day_add(last, 1) : last);
}

/* --- climbing --- */

struct climb {
	const struct tiers_config *cfg;
	const struct tiers_sums *sums;
	struct standing *st;
	const struct tiers_step *gone; /* steps that were taken off: what is reached again is reached when it was */
	uint32_t gone_count;
	int64_t at_ms;  /* of the sale */
	uint32_t today; /* what would have ended before is not reached any more */
};

/* The last, since no more is known of the order of a day's sales. */
static const struct tiers_step *gone_on(const struct climb *b, uint32_t day)
{
	for (uint32_t i = b->gone_count; i-- > 0;)
		if (zone_day(b->gone[i].at) == day)
			return &b->gone[i];
	return NULL;
}

static void climb_to(struct climb *b, const struct tier *t, uint32_t day, uint32_t until)
{
	const struct tiers_step *gone = gone_on(b, day), *top = standing_now(b->st);
	int64_t at_ms = gone ? gone->at : day == zone_day(b->at_ms) ? b->at_ms : zone_midnight(day_add(day, 1)) - 1;

	if (!gone && until && until < b->today)
		return;
	b->st->steps.at[b->st->steps.count] = step_of(t, at_ms > top->at ? at_ms : top->at, until);
	b->st->steps.count++;
}

/* Under notice a tier is kept by reaching it again, be it late, for the time that is over. */
static bool kept_on(const struct climb *b, const struct tiers_step *top, const struct tier *t, uint32_t day)
{
	if (!t || !top->notice)
		return false;
	return (day > top->until ? sum_on(b->cfg, b->sums, day) : sum_judged(b->cfg, b->sums, top->until)) >= t->from;
}

static void climb_on(struct climb *b, uint32_t day)
{
	const struct tiers_step *top = standing_now(b->st);
	const struct tier *reached = tiers_reached(b->cfg, sum_on(b->cfg, b->sums, day)),
			  *t = tiers_named(b->cfg, top->tier);

	if (reached && reached->from > standing_worth(b->cfg, top))
		climb_to(b, reached, day, term_from(b->cfg, reached, day));
	else if (kept_on(b, top, t, day))
		climb_to(b, t, day, day > top->until ? term_from(b->cfg, t, day) : term_after(b->cfg, t, top->until));
}

/* On the day of the sale, and on each later day on which something counted. */
static void climb_all(struct climb *b)
{
	uint32_t first = zone_day(b->at_ms), begun = b->st->steps.at->at ? zone_day(b->st->steps.at->at) : 0;

	first = begun > first ? begun : first;
	climb_on(b, first);
	for (uint32_t i = 0; i < b->sums->count; i++)
		if (b->sums->at[i].day > first)
			climb_on(b, b->sums->at[i].day);
}

/* Where the member stands when steps of and after a moment are climbed again.
 * @param strict those of the very moment too @param before NULL, or the steps to climb from */
static int climb_again(struct palier_ctx *c, struct palier_id member, const struct standing *old, int64_t at_ms, bool strict,
	const struct tiers_steps *before, struct standing *out)
{
	const struct tiers_config *cfg = palier_config(c);
	struct tiers_sums sums;
	struct climb b = { .cfg = cfg, .sums = &sums, .st = out, .at_ms = at_ms, .today = zone_day(palier_received(c)) };
	uint32_t keep = 1;
	int err = tiers_sums_read(c, member, cfg->measured, &sums);

	if (err != PALIER_OK)
		return err;
	while (keep < old->steps.count && old->steps.at[keep].at < at_ms + !strict)
		keep++;
	*out = before ? standing_of(c, before->at, before->count) : standing_of(c, old->steps.at, keep);
	b.gone = old->steps.at + keep;
	b.gone_count = old->steps.count - keep;
	climb_all(&b);
	return PALIER_OK;
}

/* --- booking --- */

static int notice_publish(struct palier_ctx *c, struct palier_id member, uint32_t was, uint32_t is)
{
	char text[11] = "";

	if (was == is)
		return PALIER_OK;
	if (is)
		day_format(is, text);
	return palier_fact_publish(c, member, "tier-notice", palier_copy(palier_arena(c), palier_str(text)));
}

int standing_put(struct palier_ctx *c, struct palier_id member, const struct standing *old, const struct standing *new)
{
	const struct tiers_step *was = standing_now(old), *is = standing_now(new);
	struct tiers_standing body = { .set = { 0, 0 } };
	int err;

	if (old->booked && tiers_steps_equal(old->steps.at, old->steps.count, new->steps.at, new->steps.count))
		return PALIER_OK;
	PALIER_SET(&body, tiers_standing, member, member);
	PALIER_MARK(&body, tiers_standing, steps);
	body.steps.at = new->steps.at;
	body.steps.count = new->steps.count;
	if (old->booked) {
		PALIER_MARK(&body, tiers_standing, before);
		body.before.at = old->steps.at;
		body.before.count = old->steps.count;
	}
	err = palier_effect_add(c, "tiers.standing", &body);
	if (err == PALIER_OK && (old->booked ? !palier_equal(was->tier, is->tier) : is->tier.len > 0))
		err = palier_fact_publish(c, member, "tier", is->tier);
	return err == PALIER_OK ? notice_publish(c, member, was->notice, is->notice) : err;
}

/* Whatever the sums say, a sale does not lower a tier: what a late return or a change of the configuration has left stays. */
int standing_raise(struct palier_ctx *c, struct palier_id member, int64_t at_ms, const struct tiers_steps *back)
{
	const struct tiers_config *cfg = palier_config(c);
	struct standing old, new;
	int err = standing_read(c, member, &old);

	if (err == PALIER_OK)
		err = climb_again(c, member, &old, at_ms, false, back, &new);
	if (err != PALIER_OK)
		return err;
	if (standing_worth(cfg, standing_now(&new)) < standing_worth(cfg, standing_now(&old)))
		new.steps = old.steps;
	return standing_put(c, member, &old, &new);
}

/* Nor does it raise one that a sale is no more. */
int standing_undo(struct palier_ctx *c, struct palier_id member, int64_t at_ms, const struct tiers_steps *back)
{
	const struct tiers_config *cfg = palier_config(c);
	struct standing old, new;
	int err = standing_read(c, member, &old);

	if (err == PALIER_OK)
		err = climb_again(c, member, &old, at_ms, true, back, &new);
	if (err != PALIER_OK || standing_worth(cfg, standing_now(&new)) > standing_worth(cfg, standing_now(&old)))
		return err;
	return standing_put(c, member, &old, &new);
}

/* Does the first outlast the second? */
static bool outlasts(const struct tiers_step *a, const struct tiers_step *b)
{
	uint32_t first = step_end(a) ? step_end(a) : DAY_NEVER, second = step_end(b) ? step_end(b) : DAY_NEVER;

	return first > second;
}

int standing_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into)
{
	const struct tiers_config *cfg = palier_config(c);
	struct tiers_moved moved = { .set = { 0, 0 } };
	struct standing theirs, own;
	int64_t a, b;
	int err = standing_read(c, from, &theirs);

	if (err == PALIER_OK)
		err = standing_read(c, into, &own);
	if (err != PALIER_OK || !theirs.booked)
		return err;
	PALIER_SET(&moved, tiers_moved, member, from);
	PALIER_SET(&moved, tiers_moved, into, into);
	err = palier_effect_add(c, "tiers.moved", &moved);
	/* A fact that `into` lacks would be handed on. */
	if (err == PALIER_OK)
		err = notice_publish(c, from, standing_now(&theirs)->notice, 0);
	a = standing_worth(cfg, standing_now(&theirs));
	b = standing_worth(cfg, standing_now(&own));
	if (err != PALIER_OK)
		return err;
	return standing_put(c, into, &own,
		a > b || (a == b && outlasts(standing_now(&theirs), standing_now(&own))) ? &theirs : &own);
}

/* --- the judgement --- */

/* What follows from a judgement begins with the day after: raises before it are no longer told apart. */
static int judged(struct palier_ctx *c, struct palier_id member, const struct palier_close *close,
	const struct standing *old, const struct tier *t)
{
	const struct tiers_config *cfg = palier_config(c);
	struct tiers_step s =
		step_of(t, zone_midnight(day_add(close->closed, 1)), t ? term_after(cfg, t, close->closed) : 0);
	struct standing new = standing_of(c, &s, 1);

	return standing_put(c, member, old, &new);
}

static int give_notice(struct palier_ctx *c, struct palier_id member, const struct palier_close *close,
	const struct standing *old)
{
	const struct tiers_config *cfg = palier_config(c);
	struct standing new = standing_of(c, old->steps.at, old->steps.count);

	PALIER_SET(standing_now(&new), tiers_step, notice, span_after(cfg->grace, close->closed));
	return standing_put(c, member, old, &new);
}

/* A tier whose time is over. One that is no longer configured ends by evaluation. */
static int judge_ended(struct palier_ctx *c, struct palier_id member, const struct palier_close *close,
	const struct standing *old)
{
	const struct tiers_config *cfg = palier_config(c);
	const struct tiers_step *top = standing_now(old);
	const struct tier *t = tiers_named(cfg, top->tier), *reached;
	struct tiers_sums sums;
	int64_t sum;
	int err = tiers_sums_read(c, member, cfg->measured, &sums);

	if (err != PALIER_OK)
		return err;
	sum = sum_judged(cfg, &sums, step_end(top));
	reached = tiers_reached(cfg, sum);
	if (t && (cfg->window == WINDOW_LIFETIME || sum >= t->from))
		return judged(c, member, close, old, t);
	if (!t && reached && reached->from >= top->from)
		return judged(c, member, close, old, reached);
	if (!top->notice && cfg->grace.n > 0)
		return give_notice(c, member, close, old);
	return judged(c, member, close, old, t && cfg->fall == FALL_ONE ? tiers_below(cfg, t->from) : reached);
}

/* A tier without end gets one where today's programme wants it, and one that is no longer configured is exchanged for one that is no
 * lower. */
static int judge_endless(struct palier_ctx *c, struct palier_id member, const struct palier_close *close,
	const struct standing *old)
{
	const struct tiers_config *cfg = palier_config(c);
	const struct tiers_step *top = standing_now(old);
	const struct tier *t = tiers_named(cfg, top->tier), *reached;
	struct tiers_sums sums;
	int err;

	if (t)
		return term_after(cfg, t, close->closed) ? judged(c, member, close, old, t) : PALIER_OK;
	err = tiers_sums_read(c, member, cfg->measured, &sums);
	if (err != PALIER_OK)
		return err;
	reached = tiers_reached(cfg, sum_on(cfg, &sums, close->closed));
	return reached && reached->from >= standing_worth(cfg, top) ? judged(c, member, close, old, reached) : PALIER_OK;
}

/* Who has never stood anywhere begins at the bottom, if there is one for everybody. */
static int judge_new(struct palier_ctx *c, struct palier_id member, const struct standing *st)
{
	struct palier_id now;
	int err = standing_now(st)->tier.len ? palier_member_now(c, member, &now) : PALIER_ENOENT;

	if (err == PALIER_ENOENT || err == PALIER_EMEMBER_ERASED)
		return PALIER_OK;
	return err == PALIER_OK && palier_id_equal(now, member) ? standing_put(c, member, st, st) : err;
}

int standing_judge(struct palier_ctx *c, struct palier_id member, const struct palier_close *close)
{
	struct standing st;
	uint32_t end;
	int err = standing_read(c, member, &st);

	if (err != PALIER_OK)
		return err;
	end = step_end(standing_now(&st));
	if (!st.booked)
		return judge_new(c, member, &st);
	if (!end)
		return judge_endless(c, member, close, &st);
	return end <= close->closed && end < close->opened ? judge_ended(c, member, close, &st) : PALIER_OK;
}

/* --- what is shown --- */

static void next_show(const struct tiers_config *cfg, const struct tier *next, int64_t sum, struct tiers_shown *out)
{
	PALIER_SET(out, tiers_shown, next, next->name);
	PALIER_SET(out, tiers_shown, missing, next->from > sum ? next->from - sum : 0);
	if (cfg->measured.len)
		PALIER_SET(out, tiers_shown, unit, cfg->measured);
}

int standing_show(struct palier_ctx *c, struct palier_id member, uint32_t day, struct tiers_shown *out)
{
	const struct tiers_config *cfg = palier_config(c);
	const struct tiers_step *top;
	const struct tier *t, *next;
	struct tiers_sums sums;
	struct standing st;
	int err = standing_read(c, member, &st);

	if (err == PALIER_OK)
		err = tiers_sums_read(c, member, cfg->measured, &sums);
	if (err != PALIER_OK)
		return err;
	*out = (struct tiers_shown){ .set = { 0, 0 } };
	PALIER_SET(out, tiers_shown, member, member);
	top = standing_now(&st);
	if (!top->tier.len)
		return PALIER_OK;
	PALIER_SET(out, tiers_shown, tier, top->tier);
	if (step_end(top))
		PALIER_SET(out, tiers_shown, until, step_end(top));
	if (top->notice)
		PALIER_SET(out, tiers_shown, notice, true);
	t = tiers_named(cfg, top->tier);
	if (t && t->multiplier != 1000)
		PALIER_SET(out, tiers_shown, multiplier, t->multiplier);
	next = tiers_above(cfg, standing_worth(cfg, top));
	if (next)
		next_show(cfg, next, sum_on(cfg, &sums, day), out);
	return PALIER_OK;
}
