/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of tiers, row by row. A step is: at i64 ms, until u32, notice u32, from i64, length u8 and tier; 0 is none. */
#include "plugins/tiers/internal.h"

const struct palier_table tiers_tables[] = {
	[T_RULES] = { "rules", "number u32; 0: which are the latest",
		"window u8, its days u32, its months u32, grace days u32, grace months u32, fall u8, length u8 and unit; of each tier: "
		"from i64, length u8 and name. Of 0: number u32",
		PALIER_FOLDED },
	[T_STANDING] = { "standing", "member id",
		"at i64 ms, until u32, notice u32, from i64, length u8 and tier; sum i64, since u32, last i64 ms, unit",
		PALIER_BY_MEMBER },
	[T_ENTRY] = { "entry", "member id, at i64 ms, seq u64, n u16, strand u8",
		"kind u8 (0 base, 1 sale, 2 return, 3 late return, 4 judgement, 5 merge), order i64 ms, booked u32, rules u32, day u32, "
		"figure i64; of a base: step as in `standing`; of a return: at i64 ms, seq u64 of its sale; unit",
		PALIER_BY_MEMBER | PALIER_HISTORY },
	[T_DAY] = { "day", "member id, day u32 (0: older than four years), strand u8, unit (none: money)", "i64",
		PALIER_BY_MEMBER | PALIER_HISTORY },
	{ 0 },
};

static struct palier_key member_key(struct palier_id member)
{
	struct palier_key k = { .len = 0 };

	palier_key_id(&k, member);
	return k;
}

static void value_text(struct palier_value *v, struct palier_bytes text)
{
	palier_value_uint(v, text.len, 1);
	palier_value_raw(v, text.at, text.len);
}

static struct palier_bytes cut_text(struct palier_cut *cut)
{
	return palier_cut_raw(cut, palier_cut_uint(cut, 1));
}

/* --- rules --- */

static struct palier_key rules_key(uint32_t number)
{
	struct palier_key k = { .len = 0 };

	palier_key_uint(&k, number, 4);
	return k;
}

int rules_latest(const struct palier_tables *t, uint32_t *out)
{
	struct palier_key k = rules_key(0);
	struct palier_bytes value;
	struct palier_cut cut;
	int err = palier_get(t, T_RULES, &k, &value);

	*out = 0;
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	cut = palier_cut_of(value);
	*out = (uint32_t)palier_cut_uint(&cut, 4);
	return cut.bad ? PALIER_EDAMAGED : PALIER_OK;
}

static struct span span_cut(struct palier_cut *cut)
{
	int days = (int)palier_cut_uint(cut, 4), months = (int)palier_cut_uint(cut, 4);

	return months ? (struct span){ SPAN_MONTHS, months } : (struct span){ SPAN_DAYS, days };
}

int rules_read(const struct palier_tables *t, struct palier_arena *a, uint32_t number, struct tiers_rules *out)
{
	struct palier_key k = rules_key(number);
	struct palier_bytes value;
	struct palier_cut cut;
	struct tier *tiers;
	int err = palier_get(t, T_RULES, &k, &value);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
	cut = palier_cut_of(palier_copy(a, value));
	out->window = (int)palier_cut_uint(&cut, 1);
	out->span = span_cut(&cut);
	out->grace = span_cut(&cut);
	out->fall = (int)palier_cut_uint(&cut, 1);
	out->measured = cut_text(&cut);
	tiers = palier_alloc(a, (cut.left / 9 + 1) * sizeof(*tiers));
	out->tiers = tiers;
	for (out->tier_count = 0; cut.left > 0 && !cut.bad; out->tier_count++) {
		tiers[out->tier_count].from = palier_cut_i64(&cut);
		tiers[out->tier_count].name = cut_text(&cut);
	}
	return cut.bad || out->window > WINDOW_LIFETIME || out->fall > FALL_EVALUATE ? PALIER_EDAMAGED : PALIER_OK;
}

/* The rules may be longer than a palier_value. */
static void rules_tier(struct palier_buffer *b, const struct tiers_threshold *t)
{
	struct palier_value v = { .len = 0 };

	palier_value_i64(&v, t->from);
	value_text(&v, t->tier);
	palier_buffer_add(b, v.b, v.len);
}

int rules_put(struct palier_tables *t, const struct tiers_ruled *e)
{
	struct palier_key k = rules_key((uint32_t)e->number), latest = rules_key(0);
	struct palier_value v = { .len = 0 }, number = { .len = 0 };
	struct palier_buffer b = { 0 };
	int err;

	palier_value_uint(&v, (uint64_t)e->window, 1);
	palier_value_uint(&v, (uint64_t)e->days, 4);
	palier_value_uint(&v, (uint64_t)e->months, 4);
	palier_value_uint(&v, (uint64_t)e->grace_days, 4);
	palier_value_uint(&v, (uint64_t)e->grace_months, 4);
	palier_value_uint(&v, (uint64_t)e->fall, 1);
	value_text(&v, e->unit);
	palier_buffer_add(&b, v.b, v.len);
	for (uint32_t i = 0; i < e->tiers.count; i++)
		rules_tier(&b, &e->tiers.at[i]);
	err = palier_put(t, T_RULES, &k, palier_buffer_bytes(&b));
	palier_buffer_deinit(&b);
	palier_value_uint(&number, (uint64_t)e->number, 4);
	return err == PALIER_OK ? palier_put(t, T_RULES, &latest, palier_value_bytes(&number)) : err;
}

/* --- steps and standings --- */

static void value_step(struct palier_value *v, const struct tiers_step *s)
{
	palier_value_i64(v, s->at);
	palier_value_uint(v, s->until, 4);
	palier_value_uint(v, s->notice, 4);
	palier_value_i64(v, s->from);
	value_text(v, s->tier);
}

static struct tiers_step cut_step(struct palier_cut *cut)
{
	struct tiers_step s = { .set = { 0, 0 } };
	int64_t at = palier_cut_i64(cut);
	uint32_t until = (uint32_t)palier_cut_uint(cut, 4), notice = (uint32_t)palier_cut_uint(cut, 4);
	int64_t from = palier_cut_i64(cut);
	struct palier_bytes tier = cut_text(cut);

	if (tier.len) {
		PALIER_SET(&s, tiers_step, tier, tier);
		PALIER_SET(&s, tiers_step, from, from);
	}
	if (at)
		PALIER_SET(&s, tiers_step, at, at);
	if (until)
		PALIER_SET(&s, tiers_step, until, until);
	if (notice)
		PALIER_SET(&s, tiers_step, notice, notice);
	return s;
}

int standing_get(const struct palier_tables *t, struct palier_id member, struct standing *out)
{
	struct palier_key k = member_key(member);
	struct palier_bytes value;
	struct palier_cut cut;
	int err = palier_get(t, T_STANDING, &k, &value);

	*out = (struct standing){ .booked = false };
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	cut = palier_cut_of(value);
	out->booked = true;
	out->step = cut_step(&cut);
	out->sum = palier_cut_i64(&cut);
	out->start = (uint32_t)palier_cut_uint(&cut, 4);
	out->last = palier_cut_i64(&cut);
	out->unit = palier_cut_raw(&cut, cut.left);
	return cut.bad ? PALIER_EDAMAGED : PALIER_OK;
}

int standing_write(struct palier_tables *t, struct palier_id member, const struct standing *st)
{
	struct palier_key k = member_key(member);
	struct palier_value v = { .len = 0 };

	if (!st->booked)
		return palier_del(t, T_STANDING, &k);
	value_step(&v, &st->step);
	palier_value_i64(&v, st->sum);
	palier_value_uint(&v, st->start, 4);
	palier_value_i64(&v, st->last);
	palier_value_raw(&v, st->unit.at, st->unit.len);
	return palier_put(t, T_STANDING, &k, palier_value_bytes(&v));
}

/* --- entries --- */

static struct palier_key entry_key(struct palier_id member, int64_t at, uint64_t seq, uint32_t n)
{
	struct palier_key k = member_key(member);

	palier_key_uint(&k, (uint64_t)at, 8);
	palier_key_uint(&k, seq, 8);
	palier_key_uint(&k, n, 2);
	return k;
}

static struct palier_key entry_place(struct palier_id member, const struct entry *e)
{
	struct palier_key k = entry_key(member, e->at, e->seq, e->n);

	palier_key_uint(&k, e->strand, 1);
	return k;
}

static bool is_return(const struct entry *e)
{
	return e->kind == ENTRY_RETURN || e->kind == ENTRY_LATE;
}

int entry_put(struct palier_tables *t, struct palier_id member, const struct entry *e)
{
	struct palier_key k = entry_place(member, e);
	struct palier_value v = { .len = 0 };

	palier_value_uint(&v, e->kind, 1);
	palier_value_i64(&v, e->order);
	palier_value_uint(&v, e->booked, 4);
	palier_value_uint(&v, e->rules, 4);
	palier_value_uint(&v, e->day, 4);
	palier_value_i64(&v, e->figure);
	if (e->kind == ENTRY_BASE)
		value_step(&v, &e->step);
	if (is_return(e)) {
		palier_value_i64(&v, e->sale_at);
		palier_value_uint(&v, e->sale_seq, 8);
	}
	palier_value_raw(&v, e->unit.at, e->unit.len);
	return palier_put(t, T_ENTRY, &k, palier_value_bytes(&v));
}

int entry_del(struct palier_tables *t, struct palier_id member, const struct entry *e)
{
	struct palier_key k = entry_place(member, e);

	return palier_del(t, T_ENTRY, &k);
}

static int entry_cut(struct palier_bytes key, struct palier_bytes value, struct entry *out)
{
	struct palier_cut k = palier_cut_of(key), v = palier_cut_of(value);
	struct entry e = { .sale = SETTLED };

	(void)palier_cut_raw(&k, PALIER_ID_LEN);
	e.at = palier_cut_i64(&k);
	e.seq = palier_cut_uint(&k, 8);
	e.n = (uint32_t)palier_cut_uint(&k, 2);
	e.strand = (uint32_t)palier_cut_uint(&k, 1);
	e.kind = (enum entry_kind)palier_cut_uint(&v, 1);
	e.order = palier_cut_i64(&v);
	e.booked = (uint32_t)palier_cut_uint(&v, 4);
	e.rules = (uint32_t)palier_cut_uint(&v, 4);
	e.day = (uint32_t)palier_cut_uint(&v, 4);
	e.figure = palier_cut_i64(&v);
	if (e.kind == ENTRY_BASE)
		e.step = cut_step(&v);
	if (is_return(&e)) {
		e.sale_at = palier_cut_i64(&v);
		e.sale_seq = palier_cut_uint(&v, 8);
	}
	e.unit = palier_cut_raw(&v, v.left);
	if (k.bad || k.left || v.bad || e.kind > ENTRY_MERGED || e.figure < 0 ||
		(e.kind == ENTRY_MERGED && e.figure >= STRANDS))
		return PALIER_EDAMAGED;
	*out = e;
	return PALIER_OK;
}

struct palier_cursor *entries_of(const struct palier_tables *t, struct palier_id member)
{
	struct palier_key prefix = member_key(member);

	return palier_seek(t, T_ENTRY, &prefix);
}

int entry_next(struct palier_cursor *rows, struct entry *out)
{
	struct palier_bytes key, value;
	int err = palier_next(rows, &key, &value);

	return err == PALIER_OK ? entry_cut(key, value, out) : err;
}

int entry_get(const struct palier_tables *t, struct palier_id member, int64_t at, uint64_t seq, uint32_t n,
	struct entry *out)
{
	struct palier_key prefix = entry_key(member, at, seq, n);

	return entry_next(palier_seek(t, T_ENTRY, &prefix), out);
}

/* --- days --- */

static struct palier_key day_key(struct palier_id member, const struct day_sum *d)
{
	struct palier_key k = member_key(member);

	palier_key_uint(&k, d->day, 4);
	palier_key_uint(&k, d->strand, 1);
	palier_key_raw(&k, d->unit.at, d->unit.len);
	return k;
}

static int day_cut(struct palier_bytes key, struct palier_bytes value, struct day_sum *out)
{
	struct palier_cut k = palier_cut_of(key), v = palier_cut_of(value);

	(void)palier_cut_raw(&k, PALIER_ID_LEN);
	out->day = (uint32_t)palier_cut_uint(&k, 4);
	out->strand = (uint32_t)palier_cut_uint(&k, 1);
	out->unit = palier_cut_raw(&k, k.left);
	out->figure = palier_cut_i64(&v);
	return k.bad || v.bad ? PALIER_EDAMAGED : PALIER_OK;
}

struct palier_cursor *days_of(const struct palier_tables *t, struct palier_id member)
{
	struct palier_key prefix = member_key(member);

	return palier_seek(t, T_DAY, &prefix);
}

int day_next(struct palier_cursor *rows, struct day_sum *out)
{
	struct palier_bytes key, value;
	int err = palier_next(rows, &key, &value);

	return err == PALIER_OK ? day_cut(key, value, out) : err;
}

int day_del(struct palier_tables *t, struct palier_id member, const struct day_sum *d)
{
	struct palier_key k = day_key(member, d);

	return palier_del(t, T_DAY, &k);
}

int day_change(struct palier_tables *t, struct palier_id member, const struct day_sum *d)
{
	struct palier_key k = day_key(member, d);
	struct palier_value v = { .len = 0 };
	struct palier_bytes value;
	struct palier_cut cut;
	int64_t sum = 0;
	int err = palier_get(t, T_DAY, &k, &value);

	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	if (err == PALIER_OK) {
		cut = palier_cut_of(value);
		sum = palier_cut_i64(&cut);
	}
	if (!palier_add_i64(&sum, d->figure))
		return PALIER_ERANGE;
	if (sum <= 0)
		return sum < 0 ? PALIER_EDAMAGED : palier_del(t, T_DAY, &k);
	palier_value_i64(&v, sum);
	return palier_put(t, T_DAY, &k, palier_value_bytes(&v));
}

/* Take from the rows of one day what they have, at most d->figure, which becomes what is left to take. */
static int day_take_from(struct palier_tables *t, struct palier_id member, uint32_t day, struct day_sum *d)
{
	struct palier_key prefix = member_key(member);
	struct palier_cursor *rows;
	struct day_sum row;
	int err = PALIER_OK;

	palier_key_uint(&prefix, day, 4);
	rows = palier_seek(t, T_DAY, &prefix);
	while (d->figure > 0 && (err = day_next(rows, &row)) == PALIER_OK) {
		int64_t taken = row.figure < d->figure ? row.figure : d->figure;

		if (!palier_equal(row.unit, d->unit))
			continue;
		d->strand = row.strand;
		d->figure -= taken;
		row.figure = -taken;
		err = day_change(t, member, &row);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int day_take(struct palier_tables *t, struct palier_id member, struct day_sum *d)
{
	int err = day_take_from(t, member, d->day, d);

	if (err == PALIER_OK && d->figure > 0)
		err = day_take_from(t, member, DAY_BEFORE, d);
	return err == PALIER_OK && d->figure > 0 ? PALIER_EDAMAGED : err;
}

/* --- sums --- */

struct sum_of {
	struct palier_id member;
	struct palier_bytes unit;
	uint32_t from, to;
	int64_t sum;
};

static int sum_add(struct sum_of *s, uint32_t day, struct palier_bytes unit, int64_t figure)
{
	bool counts = day >= s->from && day <= s->to && palier_equal(unit, s->unit);

	return !counts || palier_add_i64(&s->sum, figure) ? PALIER_OK : PALIER_ERANGE;
}

static int days_sum(const struct palier_tables *t, struct sum_of *s)
{
	const struct palier_key of_member = member_key(s->member);
	struct palier_key after = of_member;
	struct palier_cursor *rows;
	struct palier_bytes key, value;
	struct day_sum row;
	int err;

	palier_key_uint(&after, s->from, 4);
	rows = palier_seek_after(t, T_DAY, &of_member, &after);
	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		err = day_cut(key, value, &row);
		if (err == PALIER_OK && row.day > s->to)
			break;
		if (err == PALIER_OK)
			err = sum_add(s, row.day, row.unit, row.figure);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* A store's day begins and ends less than a day away from that of Greenwich. */
static int64_t well_before(uint32_t day)
{
	return day ? (day_number(day) - 1) * DAY_MS : 0;
}

static int entries_sum(const struct palier_tables *t, struct sum_of *s)
{
	const struct palier_key of_member = member_key(s->member);
	struct palier_key after = of_member;
	const int64_t end = well_before(s->to) + 3 * DAY_MS;
	struct palier_cursor *rows;
	struct palier_bytes key, value;
	struct entry row;
	int err;

	palier_key_uint(&after, (uint64_t)well_before(s->from), 8);
	rows = palier_seek_after(t, T_ENTRY, &of_member, &after);
	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		err = entry_cut(key, value, &row);
		if (err == PALIER_OK && row.at > end)
			break;
		if (err == PALIER_OK && row.kind == ENTRY_SALE)
			err = sum_add(s, row.day, row.unit, row.figure);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int sum_between(const struct palier_tables *t, struct palier_id member, struct palier_bytes unit, uint32_t from, uint32_t to,
	int64_t *out)
{
	struct sum_of s = { member, unit, from, to, 0 };
	int err = days_sum(t, &s);

	if (err == PALIER_OK)
		err = entries_sum(t, &s);
	if (err == PALIER_OK)
		*out = s.sum;
	return err;
}
