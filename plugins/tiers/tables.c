/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of tiers, and the effects that change them.
 *
 * sum   member id, day u32, unit (none: money) -> i64 measured on that day of sales; day 0: on all days that are older than four years
 * step  member id, number u8                   -> at i64 ms, until u32, notice u32, from i64, tier; until, notice: 0 is none; no tier: none.
 *                                                 The last is where the member stands */
#include "plugins/tiers/internal.h"

enum { T_SUM, T_STEP };

#define DAY_BEFORE 0u        /* what has no row of its own */
#define KEEP_DAYS  (4 * 366) /* more than the longest window */
#define STEPS_MAX  UINT8_MAX

const struct palier_table tiers_tables[] = {
	{ "sum", "member id, day u32 (0: older than four years), unit (none: money)", "i64", PALIER_BY_MEMBER },
	{ "step", "member id, number u8", "at i64 ms, until u32, notice u32, from i64, tier", PALIER_BY_MEMBER },
	{ 0 },
};

PALIER_SCHEMA(tiers_counted);
PALIER_SCHEMA(tiers_step);
PALIER_SCHEMA(tiers_standing);
PALIER_SCHEMA(tiers_shown);
PALIER_SCHEMA(tiers_moved);
PALIER_SCHEMA(tiers_forgotten);

static struct palier_key member_key(struct palier_id member)
{
	struct palier_key k = { .len = 0 };

	palier_key_id(&k, member);
	return k;
}

/* --- sums --- */

struct sum_row {
	uint32_t day;
	struct palier_bytes unit;
	int64_t figure;
};

static struct palier_key sum_key(struct palier_id member, uint32_t day, struct palier_bytes unit)
{
	struct palier_key k = member_key(member);

	palier_key_uint(&k, day, 4);
	palier_key_raw(&k, unit.at, unit.len);
	return k;
}

static int sum_cut(struct palier_bytes key, struct palier_bytes value, struct sum_row *out)
{
	struct palier_cut k = palier_cut_of(key), v = palier_cut_of(value);

	(void)palier_cut_raw(&k, PALIER_ID_LEN);
	out->day = (uint32_t)palier_cut_uint(&k, 4);
	out->unit = palier_cut_raw(&k, k.left);
	out->figure = palier_cut_i64(&v);
	return k.bad || v.bad ? PALIER_EDAMAGED : PALIER_OK;
}

static int sum_get(const struct palier_tables *t, const struct palier_key *k, int64_t *out)
{
	struct palier_bytes value;
	struct palier_cut cut;
	int err = palier_get(t, T_SUM, k, &value);

	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(value);
	*out = palier_cut_i64(&cut);
	return cut.bad ? PALIER_EDAMAGED : PALIER_OK;
}

static int sum_put(struct palier_tables *t, const struct palier_key *k, int64_t figure)
{
	struct palier_value v = { .len = 0 };

	if (figure == 0)
		return palier_del(t, T_SUM, k);
	palier_value_i64(&v, figure);
	return palier_put(t, T_SUM, k, palier_value_bytes(&v));
}

/* Add to one row. */
static int row_add(struct palier_tables *t, struct palier_id member, uint32_t day, struct palier_bytes unit, int64_t figure)
{
	struct palier_key k = sum_key(member, day, unit);
	int64_t sum = 0;
	int err = sum_get(t, &k, &sum);

	/* A day that has no row any longer, or none in this unit, has nothing to give: what was measured then is among the old ones. */
	if (err == PALIER_ENOENT && figure < 0 && day != DAY_BEFORE) {
		k = sum_key(member, DAY_BEFORE, unit);
		err = sum_get(t, &k, &sum);
	}
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	if (!palier_add_i64(&sum, figure))
		return PALIER_ERANGE;
	return sum < 0 ? PALIER_EDAMAGED : sum_put(t, &k, sum);
}

/* Days too old for any window lie together, so that a member's rows stay bounded. */
static int sums_trim(struct palier_tables *t, struct palier_id member, uint32_t day)
{
	struct palier_key prefix = member_key(member);
	struct palier_cursor *rows = palier_seek(t, T_SUM, &prefix);
	struct palier_bytes key, value;
	int err;

	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		struct palier_key k = { .len = 0 };
		struct sum_row row;

		err = sum_cut(key, value, &row);
		if (err != PALIER_OK || (row.day != DAY_BEFORE && day_number(row.day) >= day_number(day) - KEEP_DAYS))
			return err;
		if (row.day == DAY_BEFORE)
			continue;
		palier_key_raw(&k, key.at, key.len);
		row.unit = palier_bytes_of(k.b + PALIER_ID_LEN + 4, row.unit.len);
		err = palier_del(t, T_SUM, &k);
		if (err == PALIER_OK)
			err = row_add(t, member, DAY_BEFORE, row.unit, row.figure);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int sum_add(struct palier_tables *t, struct palier_id member, uint32_t day, struct palier_bytes unit, int64_t figure)
{
	int err = figure ? row_add(t, member, day, unit, figure) : PALIER_OK;

	return err == PALIER_OK && figure > 0 && day != DAY_BEFORE ? sums_trim(t, member, day) : err;
}

int tiers_sums_read(struct palier_ctx *c, struct palier_id member, struct palier_bytes unit, struct tiers_sums *out)
{
	struct palier_key prefix = member_key(member);
	struct palier_cursor *rows = palier_seek(palier_tables(c), T_SUM, &prefix);
	struct palier_bytes key, value;
	struct tiers_sums sums = { .count = 0 };
	uint32_t room = 0;
	int err;

	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		struct sum_row row;

		err = sum_cut(key, value, &row);
		if (err != PALIER_OK)
			return err;
		if (!palier_equal(row.unit, unit))
			continue;
		if (sums.count == room) {
			void *more = palier_alloc(palier_arena(c), (room * 2 + 32) * sizeof(*sums.at));

			if (sums.count > 0)
				memcpy(more, sums.at, sums.count * sizeof(*sums.at));
			sums.at = more;
			room = room * 2 + 32;
		}
		sums.at[sums.count].day = row.day;
		sums.at[sums.count++].figure = row.figure;
	}
	if (err != PALIER_ENOENT)
		return err;
	*out = sums;
	return PALIER_OK;
}

/* --- steps --- */

static struct palier_key step_key(struct palier_id member, uint32_t number)
{
	struct palier_key k = member_key(member);

	palier_key_uint(&k, number, 1);
	return k;
}

static int step_put(struct palier_tables *t, struct palier_id member, uint32_t number, const struct tiers_step *s)
{
	struct palier_key k = step_key(member, number);
	struct palier_value v = { .len = 0 };

	palier_value_i64(&v, s->at);
	palier_value_uint(&v, s->until, 4);
	palier_value_uint(&v, s->notice, 4);
	palier_value_i64(&v, s->from);
	palier_value_raw(&v, s->tier.at, s->tier.len);
	return palier_put(t, T_STEP, &k, palier_value_bytes(&v));
}

static int step_cut(struct palier_bytes value, struct tiers_step *out)
{
	struct palier_cut cut = palier_cut_of(value);
	int64_t at = palier_cut_i64(&cut);
	uint32_t until = (uint32_t)palier_cut_uint(&cut, 4), notice = (uint32_t)palier_cut_uint(&cut, 4);
	int64_t from = palier_cut_i64(&cut);
	struct palier_bytes tier = palier_cut_raw(&cut, cut.left);

	*out = (struct tiers_step){ .set = { 0, 0 } };
	if (tier.len) {
		PALIER_SET(out, tiers_step, tier, tier);
		PALIER_SET(out, tiers_step, from, from);
	}
	if (at)
		PALIER_SET(out, tiers_step, at, at);
	if (until)
		PALIER_SET(out, tiers_step, until, until);
	if (notice)
		PALIER_SET(out, tiers_step, notice, notice);
	return cut.bad ? PALIER_EDAMAGED : PALIER_OK;
}

int tiers_steps_read(struct palier_ctx *c, struct palier_id member, uint32_t room, struct tiers_steps *out)
{
	struct palier_key prefix = member_key(member);
	struct palier_cursor *rows = palier_seek(palier_tables(c), T_STEP, &prefix);
	struct tiers_steps steps = { .count = 0 };
	struct palier_bytes key, value;
	uint32_t capacity = room;
	int err;

	steps.at = palier_alloc(palier_arena(c), (capacity + 1) * sizeof(*steps.at));
	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		if (steps.count + room >= capacity) {
			struct tiers_step *more;

			capacity = capacity * 2 + 8;
			more = palier_alloc(palier_arena(c), (capacity + 1) * sizeof(*more));
			memcpy(more, steps.at, steps.count * sizeof(*more));
			steps.at = more;
		}
		err = step_cut(palier_copy(palier_arena(c), value), &steps.at[steps.count++]);
		if (err != PALIER_OK)
			return err;
	}
	if (err != PALIER_ENOENT)
		return err;
	*out = steps;
	return PALIER_OK;
}

bool tiers_steps_equal(const struct tiers_step *a, uint32_t a_count, const struct tiers_step *b, uint32_t b_count)
{
	if (a_count != b_count)
		return false;
	for (uint32_t i = 0; i < a_count; i++)
		if (!palier_equal(a[i].tier, b[i].tier) || a[i].from != b[i].from || a[i].at != b[i].at ||
			a[i].until != b[i].until || a[i].notice != b[i].notice)
			return false;
	return true;
}

/* Delete a member's rows of a table, but the first `keep`. */
static int rows_drop(struct palier_tables *t, unsigned table, struct palier_id member, uint32_t keep)
{
	struct palier_key prefix = member_key(member);
	struct palier_cursor *rows = palier_seek(t, table, &prefix);
	struct palier_bytes key, value;
	int err;

	for (uint32_t i = 0; (err = palier_next(rows, &key, &value)) == PALIER_OK; i++) {
		struct palier_key k = { .len = 0 };

		palier_key_raw(&k, key.at, key.len);
		if (i >= keep)
			err = palier_del(t, table, &k);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* --- effects --- */

static int counted_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct tiers_counted *e = body;

	(void)ev;
	return sum_add(t, e->member, e->day, e->unit, e->figure);
}

static int standing_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct tiers_standing *e = body;
	int err = e->steps.count > STEPS_MAX ? PALIER_ERANGE : rows_drop(t, T_STEP, e->member, e->steps.count);

	(void)ev;
	for (uint32_t i = 0; i < e->steps.count && err == PALIER_OK; i++)
		err = step_put(t, e->member, i, &e->steps.at[i]);
	return err;
}

static int moved_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct tiers_moved *e = body;
	struct palier_key prefix = member_key(e->member);
	struct palier_cursor *rows = palier_seek(t, T_SUM, &prefix);
	struct palier_bytes key, value;
	int err;

	(void)ev;
	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		struct palier_key k = { .len = 0 };
		struct sum_row row;

		palier_key_raw(&k, key.at, key.len);
		err = sum_cut(palier_key_bytes(&k), value, &row);
		if (err == PALIER_OK)
			err = palier_del(t, T_SUM, &k);
		if (err == PALIER_OK)
			err = sum_add(t, e->into, row.day, row.unit, row.figure);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? rows_drop(t, T_STEP, e->member, 0) : err;
}

static int forgotten_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct tiers_forgotten *e = body;
	int err = rows_drop(t, T_SUM, e->member, 0);

	(void)ev;
	return err == PALIER_OK ? rows_drop(t, T_STEP, e->member, 0) : err;
}

const struct palier_effect_kind tiers_effects[] = {
	{ "tiers.counted", &tiers_counted_schema, NULL, counted_apply },
	{ "tiers.standing", &tiers_standing_schema, NULL, standing_apply },
	{ "tiers.shown", &tiers_shown_schema, NULL, NULL },
	{ "tiers.moved", &tiers_moved_schema, NULL, moved_apply },
	{ "tiers.forgotten", &tiers_forgotten_schema, NULL, forgotten_apply },
	{ 0 },
};

/* --- check --- */

static int sums_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who)
{
	const struct palier_key all = { .len = 0 };
	struct palier_cursor *rows = palier_seek(t, T_SUM, &all);
	struct palier_bytes key, value, found;
	struct sum_row row;
	int err;

	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		struct palier_cut id = palier_cut_of(key);
		struct palier_key first = step_key(palier_cut_id(&id), 0);

		if (sum_cut(key, value, &row) != PALIER_OK || row.figure <= 0 ||
			(row.day != DAY_BEFORE && !day_valid(row.day)))
			say(who, "what a day counts for a tier is not more than nothing");
		err = palier_get(t, T_STEP, &first, &found);
		if (err == PALIER_ENOENT)
			say(who, "something counts for a member who stands nowhere");
		else if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* A step and the one before it, of the same member; numbers count from 0. */
static bool step_follows(const struct tiers_step *before, const struct tiers_step *s)
{
	return s->at >= before->at && (!s->notice || s->notice > s->until) && (s->tier.len > 0 || !s->until);
}

static int steps_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who)
{
	const struct palier_key all = { .len = 0 };
	struct palier_cursor *rows = palier_seek(t, T_STEP, &all);
	struct tiers_step before = { .set = { 0, 0 } }, s;
	struct palier_bytes key, value;
	struct palier_id member = { { 0 } };
	uint64_t expected = 0;
	int err;

	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(key);
		struct palier_id whose = palier_cut_id(&cut);

		if (!palier_id_equal(whose, member)) {
			before = (struct tiers_step){ .set = { 0, 0 } };
			expected = 0;
		}
		if (palier_cut_uint(&cut, 1) != expected++ || cut.bad || step_cut(value, &s) != PALIER_OK ||
			!step_follows(&before, &s))
			say(who, "the steps by which a member came to a tier do not follow from each other");
		member = whose;
		before = s;
		before.tier.len = 0; /* the cursor's */
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int tiers_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who)
{
	int err = sums_check(t, say, who);

	return err == PALIER_OK ? steps_check(t, say, who) : err;
}
