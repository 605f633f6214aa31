/* SPDX-License-Identifier: Apache-2.0 */
/* Where a member stands (rules.md "Tiers", "Tiers and returns"): up at once with the sale that reaches a tier, down only when a close finds
 * that its time is over. What comes back inside the return window is as if it had not been bought, so that raises stand only as far as they
 * stand without it; what comes back later lowers the sum from then on. */
#include "plugins/tiers/internal.h"

#include <stdlib.h>

/* --- steps --- */

static struct tiers_step step_of(const struct tier *t, int64_t at_ms, uint32_t until)
{
	struct tiers_step s = { .set = { 0, 0 } };

	if (t) {
		PALIER_SET(&s, tiers_step, tier, t->name);
		PALIER_SET(&s, tiers_step, from, t->from);
	}
	PALIER_SET(&s, tiers_step, at, at_ms);
	if (t && t->from > 0 && until)
		PALIER_SET(&s, tiers_step, until, until);
	return s;
}

int64_t step_worth(const struct tiers_rules *rules, const struct tiers_step *s)
{
	const struct tier *t = tiers_named(rules, s->tier);

	return t ? t->from : s->tier.len ? s->from : -1;
}

bool step_equal(const struct tiers_step *a, const struct tiers_step *b)
{
	return palier_equal(a->tier, b->tier) && a->from == b->from && a->at == b->at && a->until == b->until &&
	       a->notice == b->notice;
}

void step_climb(const struct tiers_rules *rules, int64_t order, uint32_t day, int64_t sum, struct tiers_step *top)
{
	const struct tier *reached = tiers_reached(rules, sum), *t = tiers_named(rules, top->tier);

	if (reached && reached->from > step_worth(rules, top))
		*top = step_of(reached, order, tiers_term(rules, day));
	else if (t && top->notice && sum >= t->from)
		*top = step_of(t, order, tiers_term(rules, day));
}

/* The last day of a tier that is held on after a day that was the last. */
static uint32_t term_after(const struct tiers_rules *rules, uint32_t last)
{
	return tiers_term(rules, rules->window == WINDOW_CALENDAR_YEAR ? day_add(last, 1) : last);
}

/* A tier without end gets one where the rules want it, and one that is no longer configured is exchanged. Else: by calendar years counts the one
 * that ends; by others the window of the day after, so that the ticket which raised the member does not keep the tier. */
bool step_due(const struct tiers_rules *rules, const struct tiers_step *top, uint32_t closed, uint32_t opened,
	uint32_t *from, uint32_t *to)
{
	const struct tier *t = tiers_named(rules, top->tier);
	uint32_t end = step_end(top);

	if (!end) {
		*from = tiers_window_start(rules, closed);
		*to = closed;
		return t ? t->from > 0 && rules->window != WINDOW_LIFETIME : tiers_reached(rules, INT64_MAX) != NULL;
	}
	if (rules->window == WINDOW_CALENDAR_YEAR) {
		*from = tiers_window_start(rules, end);
		*to = day_year_end(end);
	} else {
		*from = tiers_window_start(rules, day_add(end, 1));
		*to = DAY_NEVER;
	}
	return end <= closed && end < opened;
}

static void judge_ended(const struct tiers_rules *rules, int64_t order, uint32_t closed, int64_t sum, struct tiers_step *top)
{
	const struct tier *t = tiers_named(rules, top->tier), *reached = tiers_reached(rules, sum), *to;

	if (t && (rules->window == WINDOW_LIFETIME || sum >= t->from))
		to = t;
	else if (!t && reached && reached->from >= top->from)
		to = reached;
	else if (!top->notice && rules->grace.n > 0) {
		PALIER_SET(top, tiers_step, notice, tiers_span_after(rules->grace, closed));
		return;
	} else
		to = t && rules->fall == FALL_ONE ? tiers_below(rules, t->from) : reached;
	*top = step_of(to, order, term_after(rules, closed));
}

void step_judge(const struct tiers_rules *rules, int64_t order, uint32_t closed, int64_t sum, struct tiers_step *top)
{
	const struct tier *t = tiers_named(rules, top->tier), *reached = tiers_reached(rules, sum);

	if (step_end(top))
		judge_ended(rules, order, closed, sum, top);
	else if (t || (reached && reached->from >= step_worth(rules, top)))
		*top = step_of(t ? t : reached, order, term_after(rules, closed));
}

/* Does the first outlast the second? */
static bool outlasts(const struct tiers_step *a, const struct tiers_step *b)
{
	uint32_t first = step_end(a) ? step_end(a) : DAY_NEVER, second = step_end(b) ? step_end(b) : DAY_NEVER;

	return first > second;
}

/* Of two members who become one the higher tier stays, of equal ones the longer. */
static void step_merge(const struct tiers_rules *rules, const struct tiers_step *theirs, struct tiers_step *own)
{
	int64_t a = step_worth(rules, theirs), b = step_worth(rules, own);

	if (a > b || (a == b && outlasts(theirs, own)))
		*own = *theirs;
}

/* --- what happened --- */

static int in_order(const void *one, const void *other)
{
	const struct entry *a = one, *b = other;

	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	if (a->seq != b->seq)
		return a->seq < b->seq ? -1 : 1;
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return (a->strand > b->strand) - (a->strand < b->strand);
}

static bool is_return(const struct entry *e)
{
	return e->kind == ENTRY_RETURN || e->kind == ENTRY_LATE;
}

static uint32_t sale_of(const struct fold *f, const struct entry *back)
{
	for (uint32_t i = 0; i < f->count; i++)
		if (f->entries[i].kind == ENTRY_SALE && f->entries[i].at == back->sale_at &&
			f->entries[i].seq == back->sale_seq)
			return i;
	return SETTLED;
}

static void fold_sort(struct fold *f)
{
	if (f->count > 0)
		qsort(f->entries, f->count, sizeof(*f->entries), in_order);
	for (uint32_t i = 0; i < f->count; i++)
		if (is_return(&f->entries[i]))
			f->entries[i].sale = sale_of(f, &f->entries[i]);
}

/* Room for one more element in the arena. */
static void *room_for(struct palier_arena *a, void *at, uint32_t count, size_t size)
{
	void *more;

	if (count & (count - 1)) /* there is room up to each power of two */
		return at;
	more = palier_alloc(a, (count ? 2 * (size_t)count : 1) * size);
	if (count > 0)
		memcpy(more, at, count * size);
	return more;
}

static void entry_keep(struct fold *f, const struct entry *e)
{
	struct entry *kept;

	f->entries = room_for(f->arena, f->entries, f->count, sizeof(*f->entries));
	kept = &f->entries[f->count++];
	*kept = *e;
	kept->unit = palier_copy(f->arena, e->unit);
	kept->step.tier = palier_copy(f->arena, e->step.tier);
}

void fold_add(struct fold *f, const struct entry *e)
{
	entry_keep(f, e);
	fold_sort(f);
}

static int days_read(struct fold *f, struct palier_id member)
{
	struct palier_cursor *rows = days_of(f->tables, member);
	struct day_sum row;
	int err;

	while ((err = day_next(rows, &row)) == PALIER_OK) {
		row.unit = palier_copy(f->arena, row.unit);
		f->days = room_for(f->arena, f->days, f->day_count, sizeof(*f->days));
		f->days[f->day_count++] = row;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int fold_read(const struct palier_tables *t, struct palier_arena *a, struct palier_id member, struct fold *out)
{
	struct palier_cursor *rows = entries_of(t, member);
	struct entry row;
	int err;

	memset(out, 0, sizeof(*out));
	out->tables = t;
	out->arena = a;
	while ((err = entry_next(rows, &row)) == PALIER_OK)
		entry_keep(out, &row);
	if (err != PALIER_ENOENT)
		return err;
	fold_sort(out);
	return days_read(out, member);
}

static int rules_of(struct fold *f, uint32_t number, const struct tiers_rules **out)
{
	struct kept_rules *kept = f->rules;
	int err;

	while (kept && kept->number != number)
		kept = kept->next;
	if (!kept) {
		kept = palier_alloc(f->arena, sizeof(*kept));
		err = rules_read(f->tables, f->arena, number, &kept->rules);
		if (err != PALIER_OK)
			return err;
		kept->number = number;
		kept->next = f->rules;
		f->rules = kept;
	}
	*out = &kept->rules;
	return PALIER_OK;
}

/* --- sums, as they were --- */

struct sum {
	const struct fold *f;
	uint32_t until; /* the entry that asks: what is behind it does not count */
	struct palier_bytes unit;
	uint32_t from, to;
	uint32_t known; /* what became known after this day does not count; 0: all does */
	int64_t seen;   /* what came back later, but inside the return window, had not */
	int64_t sum;
};

static bool counts(const struct sum *s, uint32_t strand, struct palier_bytes unit, uint32_t day)
{
	return s->f->roots[strand] == s->f->roots[s->f->entries[s->until].strand] && day >= s->from && day <= s->to &&
	       palier_equal(unit, s->unit);
}

static bool sale_counts(const struct sum *s, uint32_t i)
{
	const struct entry *e = &s->f->entries[i];

	return i <= s->until && (!s->known || e->booked <= s->known) && counts(s, e->strand, e->unit, e->day);
}

/* Had it come back by then? Today's sums are without it. */
static bool is_back(const struct sum *s, uint32_t i)
{
	const struct entry *e = &s->f->entries[i];

	return e->kind == ENTRY_RETURN ? e->order <= s->seen : i < s->until;
}

static int sum_run(struct sum *s)
{
	const struct fold *f = s->f;
	bool ok = true;

	for (uint32_t i = 0; i < f->day_count && ok; i++)
		if (counts(s, f->days[i].strand, f->days[i].unit, f->days[i].day))
			ok = palier_add_i64(&s->sum, f->days[i].figure);
	for (uint32_t i = 0; i < f->count && ok; i++) {
		const struct entry *e = &f->entries[i];

		if (e->kind == ENTRY_SALE && sale_counts(s, i))
			ok = palier_add_i64(&s->sum, e->figure);
		if (is_return(e) && !is_back(s, i) &&
			(e->sale == SETTLED ? counts(s, e->strand, e->unit, e->day) : sale_counts(s, e->sale)))
			ok = palier_add_i64(&s->sum, e->figure);
	}
	return ok ? PALIER_OK : PALIER_ERANGE;
}

/* --- folding --- */

/* The day on which it raises. */
static uint32_t raises_on(const struct entry *e)
{
	return e->order == e->at ? e->day : zone_day(e->order);
}

/* What became known only after a tier would have ended does not help to reach it. */
static int sale_run(struct fold *f, uint32_t i, const struct tiers_rules *rules, int64_t seen)
{
	const struct entry *e = &f->entries[i];
	struct tiers_step *top = &f->tops[f->roots[e->strand]];
	uint32_t day = raises_on(e);
	struct sum s = { f, i, rules->measured, tiers_window_start(rules, day), DAY_NEVER, tiers_term(rules, day), seen, 0 };
	int err;

	if (!top->notice && !tiers_above(rules, step_worth(rules, top)))
		return PALIER_OK; /* there is nothing to climb to: who buys most costs no sums */
	err = sum_run(&s);
	if (err == PALIER_OK)
		step_climb(rules, e->order, day, s.sum, top);
	return err;
}

/* A close is judged by what had come back by then: what comes back later undoes raises, no renewals. */
static int judgement_run(struct fold *f, uint32_t i, const struct tiers_rules *rules)
{
	const struct entry *e = &f->entries[i];
	struct tiers_step *top = &f->tops[f->roots[e->strand]];
	struct sum s = { .f = f, .until = i, .unit = rules->measured, .seen = e->order };
	int64_t worth = step_worth(rules, top);
	int err = PALIER_OK;

	if (!step_due(rules, top, e->day, e->booked, &s.from, &s.to))
		return PALIER_OK;
	err = sum_run(&s);
	if (err != PALIER_OK)
		return err;
	step_judge(rules, e->order, e->day, s.sum, top);
	if (step_worth(rules, top) < worth)
		f->floor = e->order;
	return PALIER_OK;
}

static void merge_run(struct fold *f, const struct entry *e, const struct tiers_rules *rules)
{
	uint8_t into = f->roots[e->strand], from = f->roots[e->figure];

	step_merge(rules, &f->tops[from], &f->tops[into]);
	for (unsigned i = 0; i < STRANDS; i++)
		if (f->roots[i] == from)
			f->roots[i] = into;
	f->floor = e->order;
}

static int entry_run(struct fold *f, uint32_t i, int64_t seen)
{
	const struct entry *e = &f->entries[i];
	const struct tiers_rules *rules = NULL;
	int err = e->rules ? rules_of(f, e->rules, &rules) : PALIER_OK;

	if (err != PALIER_OK)
		return err;
	switch (e->kind) {
	case ENTRY_BASE:
		f->tops[f->roots[e->strand]] = e->step;
		f->floor = e->order;
		break;
	case ENTRY_SALE:
		return rules ? sale_run(f, i, rules, seen) : PALIER_EDAMAGED;
	case ENTRY_JUDGED:
		return rules ? judgement_run(f, i, rules) : PALIER_EDAMAGED;
	case ENTRY_MERGED:
		merge_run(f, e, rules);
		break;
	case ENTRY_RETURN:
	case ENTRY_LATE:
		break;
	}
	return PALIER_OK;
}

int fold_run(struct fold *f, int64_t last, int64_t seen)
{
	int err = PALIER_OK;

	memset(f->tops, 0, sizeof(f->tops));
	f->floor = 0;
	for (unsigned i = 0; i < STRANDS; i++)
		f->roots[i] = (uint8_t)i;
	for (uint32_t i = 0; i < f->count && f->entries[i].order <= last && err == PALIER_OK; i++)
		err = entry_run(f, i, seen);
	return err;
}

/* --- what can change no more --- */

/* The first end of a tier that one of these may reach; DAY_NEVER: none ends. */
static int first_term(struct fold *f, int64_t from, uint32_t *out)
{
	*out = DAY_NEVER;
	for (uint32_t i = 0; i < f->count; i++) {
		const struct entry *e = &f->entries[i];
		const struct tiers_rules *rules;
		uint32_t term;
		int err;

		if (e->kind != ENTRY_SALE || e->order < from)
			continue;
		err = rules_of(f, e->rules, &rules);
		if (err != PALIER_OK)
			return err;
		term = tiers_term(rules, raises_on(e));
		*out = term && term < *out ? term : *out;
	}
	return PALIER_OK;
}

/* The first that became known on this day or later: what was before it is not. */
static int64_t first_known(const struct fold *f, int64_t before, uint32_t known)
{
	for (uint32_t i = 0; i < f->count && f->entries[i].order < before; i++)
		if (f->entries[i].booked >= known)
			return f->entries[i].order;
	return before;
}

/* When something became known is lost with it, and must not matter to what is left. */
int fold_settled(struct fold *f, int64_t *before, uint32_t known)
{
	int64_t end = first_known(f, *before, known), last = 0, next = end;
	uint32_t term;
	int err;

	do {
		end = next;
		err = first_term(f, end, &term);
		next = err == PALIER_OK && term < DAY_NEVER ? first_known(f, end, day_add(term, 1)) : end;
	} while (next < end);
	for (uint32_t i = 0; i < f->count && f->entries[i].order < end; i++)
		if (f->entries[i].kind != ENTRY_BASE)
			last = f->entries[i].order;
	*before = last ? last + 1 : 0;
	return err;
}
