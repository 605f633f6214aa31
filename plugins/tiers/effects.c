/* SPDX-License-Identifier: Apache-2.0 */
/* The effects of tiers, and what they change in the tables. */
#include "plugins/tiers/internal.h"

#define KEEP_DAYS (4 * 366) /* more than the longest window */

PALIER_SCHEMA(tiers_threshold);
PALIER_SCHEMA(tiers_ruled);
PALIER_SCHEMA(tiers_counted);
PALIER_SCHEMA(tiers_returned);
PALIER_SCHEMA(tiers_dropped);
PALIER_SCHEMA(tiers_judged);
PALIER_SCHEMA(tiers_step);
PALIER_SCHEMA(tiers_standing);
PALIER_SCHEMA(tiers_shown);
PALIER_SCHEMA(tiers_moved);
PALIER_SCHEMA(tiers_base);
PALIER_SCHEMA(tiers_settled);
PALIER_SCHEMA(tiers_forgotten);

static int ruled_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	(void)ev;
	return rules_put(t, body);
}

/* --- the sum that is kept --- */

/* Move the first day of the sum, or begin it anew. */
static int sum_from(const struct palier_tables *t, struct palier_id member, struct palier_bytes unit, uint32_t start,
	struct standing *st)
{
	int64_t gone = 0;
	int err = PALIER_OK;

	if (!palier_equal(st->unit, unit) || start < st->start)
		err = sum_between(t, member, unit, start, DAY_NEVER, &st->sum);
	else if (start > st->start)
		err = sum_between(t, member, unit, st->start, day_add(start, -1), &gone);
	st->sum -= gone;
	st->unit = unit;
	st->start = start;
	return err;
}

/* @param figure of a sale of this day, more or less of it */
static int sum_change(struct standing *st, struct palier_bytes unit, uint32_t day, int64_t figure)
{
	bool counts = day >= st->start && palier_equal(st->unit, unit);

	return !counts || palier_add_i64(&st->sum, figure) ? PALIER_OK : PALIER_ERANGE;
}

/* --- what happens --- */

static int happened(struct palier_tables *t, struct palier_id member, const struct entry *e, struct standing *st)
{
	int err = entry_put(t, member, e);

	st->booked = true;
	st->last = e->order > st->last ? e->order : st->last;
	return err == PALIER_OK ? standing_write(t, member, st) : err;
}

static int counted_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct tiers_counted *e = body;
	const struct entry row = { .at = ev->at_ms,
		.seq = ev->seq,
		.kind = ENTRY_SALE,
		.order = e->from ? e->from : ev->at_ms,
		.booked = e->booked ? e->booked : e->day,
		.rules = (uint32_t)e->rules,
		.day = e->day,
		.figure = e->figure,
		.unit = e->unit };
	struct standing st;
	int err = standing_get(t, e->member, &st);

	if (err == PALIER_OK)
		err = sum_from(t, e->member, e->unit, e->start, &st);
	if (err == PALIER_OK)
		err = sum_change(&st, e->unit, e->day, e->figure);
	return err == PALIER_OK ? happened(t, e->member, &row, &st) : err;
}

/* Of a sale that has an entry, or of the sum of its day. */
static int counts_less(struct palier_tables *t, const struct tiers_returned *e, struct entry *row)
{
	struct day_sum day = { e->day, 0, e->unit, e->figure };
	struct entry sale;
	int err = entry_get(t, e->member, e->at, (uint64_t)e->seq, 0, &sale);

	if (err == PALIER_OK) {
		sale.figure -= e->figure;
		row->strand = sale.strand;
		return sale.figure < 0 ? PALIER_EDAMAGED : entry_put(t, e->member, &sale);
	}
	if (err != PALIER_ENOENT)
		return err;
	err = day_take(t, e->member, &day);
	row->strand = day.strand;
	return err;
}

static int returned_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct tiers_returned *e = body;
	struct entry row = { .at = ev->at_ms,
		.seq = ev->seq,
		.n = (uint32_t)e->n,
		.kind = e->undoes ? ENTRY_RETURN : ENTRY_LATE,
		.order = ev->at_ms,
		.booked = e->booked,
		.day = e->day,
		.figure = e->figure,
		.unit = e->unit,
		.sale_at = e->at,
		.sale_seq = (uint64_t)e->seq };
	struct standing st;
	int err = counts_less(t, e, &row);

	if (err == PALIER_OK)
		err = standing_get(t, e->member, &st);
	if (err == PALIER_OK)
		err = sum_change(&st, e->unit, e->day, -e->figure);
	return err == PALIER_OK ? happened(t, e->member, &row, &st) : err;
}

/* What came back counts again. */
static int counts_again(struct palier_tables *t, struct palier_id member, const struct entry *back)
{
	const struct day_sum day = { back->day, back->strand, back->unit, back->figure };
	struct entry sale;
	int err = entry_get(t, member, back->sale_at, back->sale_seq, 0, &sale);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? day_change(t, member, &day) : err;
	sale.figure += back->figure;
	return entry_put(t, member, &sale);
}

/* Has anything happened at all? */
static int is_empty(const struct palier_tables *t, struct palier_id member, bool *out)
{
	struct entry e;
	struct day_sum d;
	int err = entry_next(entries_of(t, member), &e);

	if (err == PALIER_ENOENT)
		err = day_next(days_of(t, member), &d);
	*out = err == PALIER_ENOENT;
	return *out ? PALIER_OK : err;
}

static int dropped_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct tiers_dropped *e = body;
	struct standing st;
	struct entry row;
	bool empty;
	int err = entry_get(t, e->member, e->at, (uint64_t)e->seq, (uint32_t)e->n, &row);

	(void)ev;
	if (err == PALIER_OK)
		err = standing_get(t, e->member, &st);
	if (err == PALIER_OK && row.kind != ENTRY_SALE)
		err = counts_again(t, e->member, &row);
	if (err == PALIER_OK)
		err = sum_change(&st, row.unit, row.day, row.kind == ENTRY_SALE ? -row.figure : row.figure);
	if (err == PALIER_OK)
		err = entry_del(t, e->member, &row);
	if (err == PALIER_OK)
		err = is_empty(t, e->member, &empty);
	if (err != PALIER_OK)
		return err;
	st.booked = !empty;
	return standing_write(t, e->member, &st);
}

static int judged_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct tiers_judged *e = body;
	const struct entry row = { .at = e->at,
		.seq = ev->seq,
		.kind = ENTRY_JUDGED,
		.order = e->at,
		.booked = e->opened,
		.rules = (uint32_t)e->rules,
		.day = e->closed };
	struct standing st;
	int err = standing_get(t, e->member, &st);

	return err == PALIER_OK ? happened(t, e->member, &row, &st) : err;
}

static int standing_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct tiers_standing *e = body;
	struct standing st;
	int err = standing_get(t, e->member, &st);

	(void)ev;
	st.step = e->step;
	return err == PALIER_OK ? standing_write(t, e->member, &st) : err;
}

/* --- two members, and none --- */

static int entries_move(struct palier_tables *t, const struct tiers_moved *e)
{
	struct palier_cursor *rows = entries_of(t, e->member);
	struct entry row;
	int err;

	while ((err = entry_next(rows, &row)) == PALIER_OK) {
		err = entry_del(t, e->member, &row);
		row.strand += (uint32_t)e->strand;
		if (row.kind == ENTRY_MERGED)
			row.figure += e->strand;
		if (err == PALIER_OK)
			err = row.strand < STRANDS && row.figure < PALIER_FIGURE_MAX ? entry_put(t, e->into, &row)
			                                                             : PALIER_ERANGE;
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int days_move(struct palier_tables *t, const struct tiers_moved *e)
{
	struct palier_cursor *rows = days_of(t, e->member);
	struct day_sum row;
	int err;

	while ((err = day_next(rows, &row)) == PALIER_OK) {
		err = day_del(t, e->member, &row);
		row.strand += (uint32_t)e->strand;
		if (err == PALIER_OK)
			err = row.strand < STRANDS ? day_change(t, e->into, &row) : PALIER_ERANGE;
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int moved_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct tiers_moved *e = body;
	const struct entry row = { .at = e->at,
		.seq = ev->seq,
		.kind = ENTRY_MERGED,
		.order = e->at,
		.rules = (uint32_t)e->rules,
		.figure = e->strand };
	struct standing theirs, own;
	int err = standing_get(t, e->member, &theirs);

	if (err == PALIER_OK)
		err = standing_get(t, e->into, &own);
	if (err == PALIER_OK)
		err = entries_move(t, e);
	if (err == PALIER_OK)
		err = days_move(t, e);
	if (err != PALIER_OK)
		return err;
	if (!own.booked) {
		own.unit = theirs.unit;
		own.start = theirs.start;
	}
	err = sum_between(t, e->into, own.unit, own.start, DAY_NEVER, &own.sum);
	theirs.booked = false;
	if (err == PALIER_OK)
		err = standing_write(t, e->member, &theirs);
	return err == PALIER_OK ? happened(t, e->into, &row, &own) : err;
}

static int forgotten_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct tiers_forgotten *e = body;
	struct palier_cursor *entries = entries_of(t, e->member), *days = days_of(t, e->member);
	struct entry row;
	struct day_sum day;
	int err;

	(void)ev;
	while ((err = entry_next(entries, &row)) == PALIER_OK)
		if ((err = entry_del(t, e->member, &row)) != PALIER_OK)
			return err;
	while (err == PALIER_ENOENT && (err = day_next(days, &day)) == PALIER_OK) {
		err = day_del(t, e->member, &day);
		err = err == PALIER_OK ? PALIER_ENOENT : err;
	}
	return err == PALIER_ENOENT ? standing_write(t, e->member, &(struct standing){ .booked = false }) : err;
}

/* --- what can change no more --- */

/* Where the strands of a member go on, by the merges that are settled. */
static int roots_settled(struct palier_tables *t, const struct tiers_settled *e, uint8_t *roots)
{
	struct palier_cursor *rows = entries_of(t, e->member);
	struct entry row;
	int err;

	for (unsigned i = 0; i < STRANDS; i++)
		roots[i] = (uint8_t)i;
	while ((err = entry_next(rows, &row)) == PALIER_OK)
		for (unsigned i = 0; row.kind == ENTRY_MERGED && row.order < e->before && i < STRANDS; i++)
			if (roots[i] == row.figure)
				roots[i] = roots[row.strand];
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int entries_settle(struct palier_tables *t, const struct tiers_settled *e, const uint8_t *roots)
{
	struct palier_cursor *rows = entries_of(t, e->member);
	struct entry row;
	int err;

	while ((err = entry_next(rows, &row)) == PALIER_OK) {
		const struct day_sum day = { row.day, roots[row.strand], row.unit, row.figure };

		if (row.order >= e->before)
			continue;
		if (row.kind == ENTRY_SALE && row.figure > 0)
			err = day_change(t, e->member, &day);
		if (err == PALIER_OK)
			err = entry_del(t, e->member, &row);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* Days too old for any window lie together, so that a member's rows stay bounded. */
static int days_settle(struct palier_tables *t, const struct tiers_settled *e, const uint8_t *roots)
{
	const int64_t oldest = e->before / DAY_MS - KEEP_DAYS;
	struct palier_cursor *rows = days_of(t, e->member);
	struct day_sum row;
	int err;

	while ((err = day_next(rows, &row)) == PALIER_OK) {
		struct day_sum to = row;

		to.day = row.day == DAY_BEFORE || day_number(row.day) < oldest ? DAY_BEFORE : row.day;
		to.strand = roots[row.strand];
		if (to.day == row.day && to.strand == row.strand)
			continue;
		err = day_del(t, e->member, &row);
		if (err == PALIER_OK)
			err = day_change(t, e->member, &to);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int bases_put(struct palier_tables *t, const struct tiers_settled *e)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; i < e->bases.count && err == PALIER_OK; i++) {
		const struct tiers_base *b = &e->bases.at[i];
		const struct entry row = { .at = e->before,
			.strand = (uint32_t)b->strand,
			.kind = ENTRY_BASE,
			.order = e->before,
			.step = b->step };

		err = entry_put(t, e->member, &row);
	}
	return err;
}

static int settled_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct tiers_settled *e = body;
	uint8_t roots[STRANDS];
	struct standing st;
	int err = roots_settled(t, e, roots);

	(void)ev;
	if (err == PALIER_OK)
		err = entries_settle(t, e, roots);
	if (err == PALIER_OK)
		err = days_settle(t, e, roots);
	if (err == PALIER_OK)
		err = bases_put(t, e);
	if (err == PALIER_OK)
		err = standing_get(t, e->member, &st);
	if (err != PALIER_OK)
		return err;
	st.last = e->before > st.last ? e->before : st.last;
	return standing_write(t, e->member, &st);
}

const struct palier_effect_kind tiers_effects[] = {
	{ "tiers.ruled", &tiers_ruled_schema, NULL, ruled_apply },
	{ "tiers.counted", &tiers_counted_schema, NULL, counted_apply },
	{ "tiers.returned", &tiers_returned_schema, NULL, returned_apply },
	{ "tiers.dropped", &tiers_dropped_schema, NULL, dropped_apply },
	{ "tiers.judged", &tiers_judged_schema, NULL, judged_apply },
	{ "tiers.standing", &tiers_standing_schema, NULL, standing_apply },
	{ "tiers.shown", &tiers_shown_schema, NULL, NULL },
	{ "tiers.moved", &tiers_moved_schema, NULL, moved_apply },
	{ "tiers.settled", &tiers_settled_schema, NULL, settled_apply },
	{ "tiers.forgotten", &tiers_forgotten_schema, NULL, forgotten_apply },
	{ 0 },
};
