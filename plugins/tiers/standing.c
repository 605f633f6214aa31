/* SPDX-License-Identifier: Apache-2.0 */
/* What is booked of a standing. The present one is kept in a row, with its sum, so that a plain sale reads no more than that; where something
 * is undone, comes back or comes late, all is folded again. */
#include "plugins/tiers/internal.h"

#define SETTLE_AFTER 7  /* days behind the return window: returns may be sent late */
#define SETTLE_EVERY 31 /* so many days at once */

static const struct tiers_rules *rules_today(struct palier_ctx *c)
{
	const struct tiers_config *cfg = palier_config(c);

	return cfg ? &cfg->rules : NULL;
}

/* Where everybody begins. */
static struct tiers_step step_lowest(struct palier_ctx *c)
{
	const struct tiers_rules *rules = rules_today(c);
	const struct tier *t = rules ? tiers_reached(rules, 0) : NULL;
	struct tiers_step s = { .set = { 0, 0 } };

	if (t) {
		PALIER_SET(&s, tiers_step, tier, t->name);
		PALIER_SET(&s, tiers_step, from, t->from);
	}
	return s;
}

int standing_read(struct palier_ctx *c, struct palier_id member, struct standing *out)
{
	int err = standing_get(palier_tables(c), member, out);

	if (err == PALIER_OK && !out->booked)
		out->step = step_lowest(c);
	return err;
}

int standing_tier_at(struct palier_ctx *c, struct palier_id member, int64_t at_ms, struct palier_bytes *out)
{
	struct standing st;
	struct fold f;
	int err = standing_read(c, member, &st);

	if (err != PALIER_OK || !st.booked || at_ms >= st.last) {
		*out = st.step.tier;
		return err;
	}
	err = fold_read(palier_tables(c), palier_arena(c), member, &f);
	if (err == PALIER_OK)
		err = fold_run(&f, at_ms, at_ms);
	if (err == PALIER_OK)
		*out = f.tops[f.roots[0]].tier.len ? f.tops[f.roots[0]].tier : step_lowest(c).tier;
	return err;
}

/* --- booking --- */

/* The number of today's rules, which are booked when they are new. */
static int rules_now(struct palier_ctx *c, uint32_t *out)
{
	const struct tiers_rules *rules = rules_today(c);
	struct tiers_ruled e = { .set = { 0, 0 } };
	struct tiers_rules kept;
	int err = rules_latest(palier_tables(c), out);

	if (err == PALIER_OK && *out)
		err = rules_read(palier_tables(c), palier_arena(c), *out, &kept);
	if (err != PALIER_OK || (*out && tiers_rules_equal(rules, &kept)))
		return err;
	PALIER_SET(&e, tiers_ruled, number, ++*out);
	if (rules->measured.len)
		PALIER_SET(&e, tiers_ruled, unit, rules->measured);
	PALIER_SET(&e, tiers_ruled, window, rules->window);
	if (rules->window == WINDOW_ROLLING && rules->span.kind == SPAN_DAYS)
		PALIER_SET(&e, tiers_ruled, days, rules->span.n);
	else if (rules->window == WINDOW_ROLLING)
		PALIER_SET(&e, tiers_ruled, months, rules->span.n);
	if (rules->grace.kind == SPAN_DAYS)
		PALIER_SET(&e, tiers_ruled, grace_days, rules->grace.n);
	else
		PALIER_SET(&e, tiers_ruled, grace_months, rules->grace.n);
	PALIER_SET(&e, tiers_ruled, fall, rules->fall);
	PALIER_MARK(&e, tiers_ruled, tiers);
	e.tiers.at = palier_alloc(palier_arena(c), rules->tier_count * sizeof(*e.tiers.at));
	for (size_t i = 0; i < rules->tier_count; i++) {
		PALIER_SET(&e.tiers.at[i], tiers_threshold, tier, rules->tiers[i].name);
		PALIER_SET(&e.tiers.at[i], tiers_threshold, from, rules->tiers[i].from);
	}
	e.tiers.count = (uint32_t)rules->tier_count;
	return palier_effect_add(c, "tiers.ruled", &e);
}

static int notice_publish(struct palier_ctx *c, struct palier_id member, uint32_t was, uint32_t is)
{
	char text[11] = "";

	if (was == is)
		return PALIER_OK;
	if (is)
		day_format(is, text);
	return palier_fact_publish(c, member, "tier-notice", palier_copy(palier_arena(c), palier_str(text)));
}

/* Make known where the member stands now. @param before as it was before anything of this was booked */
static int standing_publish(struct palier_ctx *c, struct palier_id member, const struct standing *before,
	const struct tiers_step *is)
{
	static const struct tiers_step none;
	const struct tiers_step *was = before->booked ? &before->step : &none;
	int err = PALIER_OK;

	if (!palier_equal(was->tier, is->tier))
		err = palier_fact_publish(c, member, "tier", is->tier);
	return err == PALIER_OK ? notice_publish(c, member, was->notice, is->notice) : err;
}

static int standing_put(struct palier_ctx *c, struct palier_id member, const struct standing *before,
	const struct tiers_step *is)
{
	struct tiers_standing body = { .set = { 0, 0 } };
	struct standing now;
	int err = standing_get(palier_tables(c), member, &now);

	if (err == PALIER_OK && now.booked && !step_equal(&now.step, is)) {
		PALIER_SET(&body, tiers_standing, member, member);
		PALIER_SET(&body, tiers_standing, step, *is);
		err = palier_effect_add(c, "tiers.standing", &body);
	}
	return err == PALIER_OK ? standing_publish(c, member, before, is) : err;
}

/* All once more. */
static int standing_fold(struct palier_ctx *c, struct palier_id member, const struct standing *before)
{
	struct fold f;
	int err = fold_read(palier_tables(c), palier_arena(c), member, &f);

	if (err == PALIER_OK)
		err = fold_run(&f, FOLD_ALL, FOLD_ALL);
	return err == PALIER_OK ? standing_put(c, member, before, &f.tops[f.roots[0]]) : err;
}

/* --- what counts --- */

/* What comes late raises from its own time on, but not from before what has been settled since. @param out 0: from its own time on */
static int raises_from(struct palier_ctx *c, struct palier_id member, int64_t *out)
{
	struct fold f;
	int err = fold_read(palier_tables(c), palier_arena(c), member, &f);

	if (err == PALIER_OK)
		err = fold_run(&f, FOLD_ALL, FOLD_ALL);
	if (err == PALIER_OK)
		*out = f.floor > palier_at(c) ? f.floor : 0;
	return err;
}

static int count_add(struct palier_ctx *c, struct palier_id member, int64_t figure, struct palier_bytes sale, int64_t from,
	uint32_t start)
{
	const struct tiers_rules *rules = rules_today(c);
	const uint32_t day = palier_today(c), booked = zone_day(palier_received(c));
	struct tiers_counted e = { .set = { 0, 0 } };
	uint32_t number;
	int err = rules_now(c, &number);

	if (err != PALIER_OK)
		return err;
	PALIER_SET(&e, tiers_counted, member, member);
	if (sale.len)
		PALIER_SET(&e, tiers_counted, sale, sale);
	PALIER_SET(&e, tiers_counted, rules, number);
	if (rules->measured.len)
		PALIER_SET(&e, tiers_counted, unit, rules->measured);
	PALIER_SET(&e, tiers_counted, figure, figure);
	PALIER_SET(&e, tiers_counted, day, day);
	if (booked != day)
		PALIER_SET(&e, tiers_counted, booked, booked);
	if (from)
		PALIER_SET(&e, tiers_counted, from, from);
	if (start)
		PALIER_SET(&e, tiers_counted, start, start);
	return palier_effect_add(c, "tiers.counted", &e);
}

/* It is the last that happened, and by now its tier has not ended: no more than the present standing is asked. */
static int count_plain(struct palier_ctx *c, struct palier_id member, const struct standing *before)
{
	struct tiers_step top = before->booked ? before->step : (struct tiers_step){ .set = { 0, 0 } };
	struct standing now;
	int err = standing_get(palier_tables(c), member, &now);

	if (err != PALIER_OK)
		return err;
	step_climb(rules_today(c), palier_at(c), palier_today(c), now.sum, &top);
	return standing_put(c, member, before, &top);
}

int standing_count(struct palier_ctx *c, struct palier_id member, int64_t figure, struct palier_bytes sale,
	struct standing *before, struct standing *after)
{
	const struct tiers_rules *rules = rules_today(c);
	const uint32_t day = palier_today(c), term = tiers_term(rules, day);
	uint32_t start = tiers_window_start(rules, day);
	int64_t from = 0;
	bool late;
	int err = standing_read(c, member, before);

	if (err != PALIER_OK)
		return err;
	late = before->booked && palier_at(c) < before->last;
	if (late && palier_equal(before->unit, rules->measured) && before->start > start)
		start = before->start;
	if (late)
		err = raises_from(c, member, &from);
	if (err == PALIER_OK)
		err = count_add(c, member, figure, sale, from, start);
	if (err == PALIER_OK)
		err = late || (term && term < zone_day(palier_received(c))) ? standing_fold(c, member, before)
		                                                            : count_plain(c, member, before);
	return err == PALIER_OK ? standing_read(c, member, after) : err;
}

/* How many of this event's effects take something back by now. */
static uint32_t returned_count(struct palier_ctx *c)
{
	const struct palier_event *ev = palier_event_now(c);
	uint32_t count = 0;

	for (uint32_t i = 0; i < ev->effect_count; i++)
		count += ev->effects[i].kind->schema == &tiers_returned_schema;
	return count;
}

int standing_return(struct palier_ctx *c, struct palier_id member, const struct palier_event *sale,
	const struct tiers_counted *counted, int64_t back)
{
	const struct tiers_config *cfg = palier_config(c);
	struct tiers_returned e = { .set = { 0, 0 } };
	struct standing before;
	int err = standing_get(palier_tables(c), member, &before);

	PALIER_SET(&e, tiers_returned, member, member);
	PALIER_SET(&e, tiers_returned, sale, counted->sale);
	PALIER_SET(&e, tiers_returned, at, sale->at_ms);
	PALIER_SET(&e, tiers_returned, seq, (int64_t)sale->seq);
	PALIER_SET(&e, tiers_returned, n, returned_count(c) + 1);
	if (counted->unit.len)
		PALIER_SET(&e, tiers_returned, unit, counted->unit);
	PALIER_SET(&e, tiers_returned, figure, back);
	PALIER_SET(&e, tiers_returned, day, counted->day);
	PALIER_SET(&e, tiers_returned, booked, zone_day(palier_received(c)));
	if (cfg && day_number(palier_today(c)) - day_number(counted->day) <= cfg->return_window)
		PALIER_SET(&e, tiers_returned, undoes, true);
	if (err == PALIER_OK)
		err = palier_effect_add(c, "tiers.returned", &e);
	return err == PALIER_OK ? standing_fold(c, member, &before) : err;
}

int standing_drop(struct palier_ctx *c, struct palier_id member, const struct palier_event *undone, uint32_t n)
{
	struct tiers_dropped e = { .set = { 0, 0 } };
	struct standing before;
	int err = standing_get(palier_tables(c), member, &before);

	PALIER_SET(&e, tiers_dropped, member, member);
	PALIER_SET(&e, tiers_dropped, at, undone->at_ms);
	PALIER_SET(&e, tiers_dropped, seq, (int64_t)undone->seq);
	if (n)
		PALIER_SET(&e, tiers_dropped, n, n);
	if (err == PALIER_OK)
		err = palier_effect_add(c, "tiers.dropped", &e);
	return err == PALIER_OK ? standing_fold(c, member, &before) : err;
}

/* --- what can change no more --- */

/* What the rest follows from: where each strand stood by then. */
static void bases_list(struct palier_ctx *c, const struct fold *f, int64_t before, struct tiers_settled *e)
{
	bool there[STRANDS] = { false };

	for (uint32_t i = 0; i < f->count && f->entries[i].order < before; i++)
		there[f->roots[f->entries[i].strand]] = true;
	PALIER_MARK(e, tiers_settled, bases);
	e->bases.at = palier_alloc(palier_arena(c), STRANDS * sizeof(*e->bases.at));
	for (unsigned i = 0; i < STRANDS; i++) {
		struct tiers_base *b = &e->bases.at[e->bases.count];

		if (!there[i])
			continue;
		PALIER_SET(b, tiers_base, strand, i);
		PALIER_SET(b, tiers_base, step, f->tops[i]);
		e->bases.count++;
	}
}

/* @param known what became known on that day or later is left apart */
static int settle(struct palier_ctx *c, struct palier_id member, int64_t before, uint32_t known)
{
	struct tiers_settled e = { .set = { 0, 0 } };
	struct fold f;
	int err = fold_read(palier_tables(c), palier_arena(c), member, &f);

	if (err != PALIER_OK)
		return err;
	err = fold_settled(&f, &before, known);
	if (err != PALIER_OK || !before)
		return err;
	err = fold_run(&f, before - 1, FOLD_ALL);
	if (err != PALIER_OK)
		return err;
	PALIER_SET(&e, tiers_settled, member, member);
	PALIER_SET(&e, tiers_settled, before, before);
	bases_list(c, &f, before, &e);
	return palier_effect_add(c, "tiers.settled", &e);
}

/* A month's entries at once, when no return can undo anything before them. */
static int settle_old(struct palier_ctx *c, struct palier_id member, uint32_t closed)
{
	const struct tiers_config *cfg = palier_config(c);
	const uint32_t known = day_add(closed, -(int)(cfg->return_window + SETTLE_AFTER));
	struct palier_cursor *rows = entries_of(palier_tables(c), member);
	struct entry first;
	int err;

	do
		err = entry_next(rows, &first);
	while (err == PALIER_OK && first.kind == ENTRY_BASE);
	if (err != PALIER_OK || first.at >= zone_midnight(day_add(known, -SETTLE_EVERY)))
		return err == PALIER_ENOENT ? PALIER_OK : err;
	return settle(c, member, zone_midnight(known), known);
}

/* --- two members --- */

/* So many strands a member has. */
static int strands_count(struct palier_ctx *c, struct palier_id member, uint32_t *out)
{
	struct palier_cursor *entries = entries_of(palier_tables(c), member), *days = days_of(palier_tables(c), member);
	struct entry e;
	struct day_sum d;
	uint32_t last = 0;
	int err;

	while ((err = entry_next(entries, &e)) == PALIER_OK) {
		last = e.strand > last ? e.strand : last;
		if (e.kind == ENTRY_MERGED && e.figure > last)
			last = (uint32_t)e.figure;
	}
	while (err == PALIER_ENOENT && (err = day_next(days, &d)) == PALIER_OK) {
		last = d.strand > last ? d.strand : last;
		err = PALIER_ENOENT;
	}
	*out = last + 1;
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* Room for the strands of both. Where there are too many, what was before is no longer told apart. */
static int strands_room(struct palier_ctx *c, struct palier_id from, struct palier_id into, uint32_t *out)
{
	const struct palier_id both[] = { into, from };
	uint32_t count[2] = { 0, 0 };
	int err = PALIER_OK;

	for (unsigned i = 0; i < 2 && err == PALIER_OK; i++)
		err = strands_count(c, both[i], &count[i]);
	for (unsigned i = 0; i < 2 && err == PALIER_OK && count[0] + count[1] > STRANDS; i++) {
		struct standing st;

		err = standing_get(palier_tables(c), both[i], &st);
		if (err == PALIER_OK)
			err = settle(c, both[i], st.last + 1, DAY_NEVER);
		if (err == PALIER_OK)
			err = strands_count(c, both[i], &count[i]);
	}
	*out = count[0];
	return err;
}

int standing_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into)
{
	struct tiers_moved moved = { .set = { 0, 0 } };
	struct standing theirs, own;
	int64_t at = palier_at(c);
	uint32_t strand, number = 0;
	int err = standing_get(palier_tables(c), from, &theirs);

	if (err == PALIER_OK)
		err = standing_get(palier_tables(c), into, &own);
	if (err != PALIER_OK || !theirs.booked)
		return err;
	err = strands_room(c, from, into, &strand);
	if (err == PALIER_OK && rules_today(c))
		err = rules_now(c, &number);
	if (err != PALIER_OK)
		return err;
	at = own.last > at ? own.last : at;
	at = theirs.last > at ? theirs.last : at;
	PALIER_SET(&moved, tiers_moved, member, from);
	PALIER_SET(&moved, tiers_moved, into, into);
	PALIER_SET(&moved, tiers_moved, at, at);
	PALIER_SET(&moved, tiers_moved, strand, strand);
	if (number)
		PALIER_SET(&moved, tiers_moved, rules, number);
	err = palier_effect_add(c, "tiers.moved", &moved);
	/* A fact that `into` lacks would be handed on. */
	if (err == PALIER_OK)
		err = notice_publish(c, from, theirs.step.notice, 0);
	return err == PALIER_OK ? standing_fold(c, into, &own) : err;
}

/* --- the judgement --- */

static int judged_add(struct palier_ctx *c, struct palier_id member, const struct entry *e)
{
	struct tiers_judged body = { .set = { 0, 0 } };

	PALIER_SET(&body, tiers_judged, member, member);
	PALIER_SET(&body, tiers_judged, rules, e->rules);
	PALIER_SET(&body, tiers_judged, at, e->order);
	PALIER_SET(&body, tiers_judged, closed, e->day);
	PALIER_SET(&body, tiers_judged, opened, e->booked);
	return palier_effect_add(c, "tiers.judged", &body);
}

/* What a judgement now finds. */
static int judge_try(struct palier_ctx *c, struct palier_id member, const struct entry *e, const struct standing *st,
	struct tiers_step *out)
{
	const struct tiers_rules *rules = rules_today(c);
	struct fold f;
	uint32_t from, to;
	int64_t sum = 0;
	int err = PALIER_OK;

	*out = st->step;
	if (e->order >= st->last) {
		if (!step_due(rules, out, e->day, e->booked, &from, &to))
			return PALIER_OK;
		err = sum_between(palier_tables(c), member, rules->measured, from, to, &sum);
		if (err == PALIER_OK)
			step_judge(rules, e->order, e->day, sum, out);
		return err;
	}
	err = fold_read(palier_tables(c), palier_arena(c), member, &f);
	if (err != PALIER_OK)
		return err;
	fold_add(&f, e);
	err = fold_run(&f, FOLD_ALL, FOLD_ALL);
	*out = f.tops[f.roots[0]];
	return err;
}

static int judge(struct palier_ctx *c, struct palier_id member, const struct palier_close *close, const struct standing *st)
{
	/* What follows begins with the day after. */
	const int64_t from = zone_midnight(day_add(close->closed, 1));
	struct entry e = { .at = from,
		.seq = palier_event_now(c)->seq,
		.kind = ENTRY_JUDGED,
		.order = from,
		.booked = close->opened,
		.day = close->closed };
	struct tiers_step top;
	int err = rules_now(c, &e.rules);

	if (err == PALIER_OK)
		err = judge_try(c, member, &e, st, &top);
	if (err != PALIER_OK || step_equal(&top, &st->step))
		return err;
	err = judged_add(c, member, &e);
	return err == PALIER_OK ? standing_put(c, member, st, &top) : err;
}

/* Who has never stood anywhere begins at the bottom, if there is one for everybody. */
static int judge_new(struct palier_ctx *c, struct palier_id member, const struct standing *st)
{
	struct standing before, after;
	struct palier_id now;
	int err = st->step.tier.len ? palier_member_now(c, member, &now) : PALIER_ENOENT;

	if (err == PALIER_ENOENT || err == PALIER_EMEMBER_ERASED)
		return PALIER_OK;
	return err == PALIER_OK && palier_id_equal(now, member)
	               ? standing_count(c, member, 0, palier_bytes_of(NULL, 0), &before, &after)
	               : err;
}

int standing_judge(struct palier_ctx *c, struct palier_id member, const struct palier_close *close)
{
	struct standing st;
	uint32_t from, to;
	int err = standing_read(c, member, &st);

	if (err != PALIER_OK)
		return err;
	if (!st.booked)
		return judge_new(c, member, &st);
	if (step_due(rules_today(c), &st.step, close->closed, close->opened, &from, &to))
		err = judge(c, member, close, &st);
	return err == PALIER_OK ? settle_old(c, member, close->closed) : err;
}

/* --- what is shown --- */

/* What counts in the window of a day: the sum that is kept, less what has left the window since. */
static int sum_on(struct palier_ctx *c, struct palier_id member, const struct standing *st, uint32_t day, int64_t *out)
{
	const struct tiers_rules *rules = rules_today(c);
	uint32_t start = tiers_window_start(rules, day);
	int64_t gone = 0;
	int err = PALIER_OK;

	if (!palier_equal(st->unit, rules->measured) || start < st->start)
		return sum_between(palier_tables(c), member, rules->measured, start, DAY_NEVER, out);
	if (start > st->start)
		err = sum_between(palier_tables(c), member, rules->measured, st->start, day_add(start, -1), &gone);
	*out = st->sum - gone;
	return err;
}

static void next_show(const struct tiers_rules *rules, const struct tier *next, int64_t sum, struct tiers_shown *out)
{
	PALIER_SET(out, tiers_shown, next, next->name);
	PALIER_SET(out, tiers_shown, missing, next->from > sum ? next->from - sum : 0);
	if (rules->measured.len)
		PALIER_SET(out, tiers_shown, unit, rules->measured);
}

int standing_show(struct palier_ctx *c, struct palier_id member, uint32_t day, struct tiers_shown *out)
{
	const struct tiers_rules *rules = rules_today(c);
	const struct tier *t, *next;
	struct standing st;
	int64_t sum = 0;
	int err = standing_read(c, member, &st);

	if (err == PALIER_OK)
		err = sum_on(c, member, &st, day, &sum);
	if (err != PALIER_OK)
		return err;
	*out = (struct tiers_shown){ .set = { 0, 0 } };
	PALIER_SET(out, tiers_shown, member, member);
	if (!st.step.tier.len)
		return PALIER_OK;
	PALIER_SET(out, tiers_shown, tier, st.step.tier);
	if (step_end(&st.step))
		PALIER_SET(out, tiers_shown, until, step_end(&st.step));
	if (st.step.notice)
		PALIER_SET(out, tiers_shown, notice, true);
	t = tiers_named(rules, st.step.tier);
	if (t && t->multiplier != 1000)
		PALIER_SET(out, tiers_shown, multiplier, t->multiplier);
	next = tiers_above(rules, step_worth(rules, &st.step));
	if (next)
		next_show(rules, next, sum, out);
	return PALIER_OK;
}
