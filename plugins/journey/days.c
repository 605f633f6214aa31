/* SPDX-License-Identifier: Apache-2.0 */
/* What is counted of all members, by store date, stage and persona; and how long they take to come back. */
#include "plugins/journey/internal.h"

/* --- rows of counts: one without anything in it is not kept --- */

static int counts_cut(struct palier_bytes value, int64_t *out, size_t n)
{
	struct palier_cut cut = palier_cut_of(value);

	for (size_t i = 0; i < n; i++)
		out[i] = palier_cut_i64(&cut);
	return cut.bad || cut.left ? PALIER_EDAMAGED : PALIER_OK;
}

static int counts_add(struct palier_tables *t, unsigned table, const struct palier_key *k, const int64_t *more, size_t n)
{
	struct palier_value v = { .len = 0 };
	struct palier_bytes value;
	int64_t sums[FIGURES] = { 0 };
	bool any = false;
	int err = palier_get(t, table, k, &value);

	if (err == PALIER_OK)
		err = counts_cut(value, sums, n);
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	for (size_t i = 0; i < n; i++) {
		if (!palier_add_i64(&sums[i], more[i]))
			return PALIER_ERANGE;
		any = any || sums[i] != 0;
		palier_value_i64(&v, sums[i]);
	}
	return any ? palier_put(t, table, k, palier_value_bytes(&v)) : palier_del(t, table, k);
}

static struct palier_key spot_key(const struct journey_spot *at)
{
	struct palier_key k = { .len = 0 };

	palier_key_uint(&k, at->day, 4);
	palier_key_uint(&k, at->stage, 1);
	return k;
}

int journey_figures_add(struct palier_tables *t, const struct journey_spot *at, const int64_t more[FIGURES])
{
	struct palier_key k = spot_key(at);

	palier_key_raw(&k, at->persona.at, at->persona.len);
	return counts_add(t, T_DAY, &k, more, FIGURES);
}

int journey_pace_add(struct palier_tables *t, const struct journey_spot *at, int64_t days, int64_t more)
{
	struct palier_key k = spot_key(at);

	palier_key_uint(&k, (uint64_t)days, 4);
	palier_key_raw(&k, at->persona.at, at->persona.len);
	return counts_add(t, T_PACE, &k, &more, 1);
}

int journey_split_add(struct palier_tables *t, const struct journey_spot *at, enum journey_split split,
	struct palier_bytes value, int64_t entries, int64_t converted)
{
	const int64_t more[] = { entries, converted };
	struct palier_key k = spot_key(at);

	palier_key_uint(&k, split, 1);
	palier_key_uint(&k, at->persona.len, 1);
	palier_key_raw(&k, at->persona.at, at->persona.len);
	palier_key_raw(&k, value.at, value.len);
	return counts_add(t, T_SPLIT, &k, more, 2);
}

int journey_now_add(struct palier_tables *t, unsigned stage, struct palier_bytes persona, int64_t members, int64_t lapsed)
{
	const int64_t more[] = { members, lapsed };
	struct palier_key k = { .len = 0 };

	palier_key_uint(&k, stage, 1);
	palier_key_raw(&k, persona.at, persona.len);
	return counts_add(t, T_NOW, &k, more, 2);
}

/* --- walking them --- */

static int row_cut(enum journey_table table, struct palier_bytes key, struct palier_bytes value, struct journey_row *out)
{
	struct palier_cut cut = palier_cut_of(key);
	size_t n = table == T_DAY ? FIGURES : table == T_PACE ? 1 : 2;

	*out = (struct journey_row){ .days = 0 };
	out->at.day = table == T_NOW ? 0 : (uint32_t)palier_cut_uint(&cut, 4);
	out->at.stage = (unsigned)palier_cut_uint(&cut, 1);
	if (table == T_PACE)
		out->days = (int64_t)palier_cut_uint(&cut, 4);
	if (table == T_SPLIT) {
		out->split = palier_cut_uint(&cut, 1) ? SPLIT_TILL : SPLIT_CHANNEL;
		out->at.persona = palier_cut_raw(&cut, palier_cut_uint(&cut, 1));
		out->value = palier_bytes_of(cut.at, cut.left);
	} else {
		out->at.persona = palier_bytes_of(cut.at, cut.left);
	}
	return cut.bad || out->at.stage >= NO_STAGE ? PALIER_EDAMAGED : counts_cut(value, out->n, n);
}

int journey_rows_between(const struct palier_tables *t, enum journey_table table, uint32_t from, uint32_t to,
	int (*visit)(void *who, const struct journey_row *row), void *who)
{
	const struct palier_key all = { .len = 0 };
	struct palier_key after = { .len = 0 };
	struct palier_bytes key, value;
	struct palier_cursor *cur;
	struct journey_row row;
	int err;

	palier_key_uint(&after, from, 4);
	cur = table == T_NOW ? palier_seek(t, table, &all) : palier_seek_after(t, table, &all, &after);
	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		err = row_cut(table, key, value, &row);
		if (err == PALIER_OK && table != T_NOW && row.at.day > to)
			return PALIER_OK;
		if (err == PALIER_OK)
			err = visit(who, &row);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* --- how long members take to come back --- */

int journey_gap_add(struct palier_tables *t, int64_t days, int64_t more)
{
	struct palier_key k = { .len = 0 };

	palier_key_uint(&k, (uint64_t)days, 4);
	return counts_add(t, T_GAP, &k, &more, 1);
}

/* @param least NULL, or the gap that so many tenths of all do not pass */
static int gaps_walk(const struct palier_tables *t, int64_t *sum, int64_t all, int tenths, int64_t *least)
{
	const struct palier_key any = { .len = 0 };
	struct palier_cursor *cur = palier_seek(t, T_GAP, &any);
	struct palier_bytes key, value;
	int64_t n;
	int err;

	*sum = 0;
	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(key);

		err = counts_cut(value, &n, 1);
		if (err == PALIER_OK && !palier_add_i64(sum, n))
			err = PALIER_ERANGE;
		if (err != PALIER_OK)
			return err;
		if (least && *sum * 10 >= all * tenths) {
			*least = (int64_t)palier_cut_uint(&cut, 4);
			return PALIER_OK;
		}
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int journey_gaps_reckon(const struct palier_tables *t, struct journey_silence_row *out)
{
	int64_t upto;
	int err;

	*out = (struct journey_silence_row){ .gaps = 0 };
	err = gaps_walk(t, &out->gaps, 0, 0, NULL);
	if (err == PALIER_OK && out->gaps > 0)
		err = gaps_walk(t, &upto, out->gaps, 8, &out->risk);
	return err == PALIER_OK && out->gaps > 0 ? gaps_walk(t, &upto, out->gaps, 9, &out->lapsed) : err;
}

static struct palier_key silence_key(void)
{
	struct palier_key k = { .len = 0 };

	palier_key_uint(&k, 0, 1);
	return k;
}

int journey_silence_get(const struct palier_tables *t, struct journey_silence_row *out)
{
	struct palier_key k = silence_key();
	struct palier_bytes value;
	int64_t n[3] = { 0 };
	int err = palier_get(t, T_SILENCE, &k, &value);

	if (err == PALIER_OK)
		err = counts_cut(value, n, 3);
	*out = (struct journey_silence_row){ n[0], n[1], n[2] };
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int journey_silence_put(struct palier_tables *t, const struct journey_silence_row *row)
{
	struct palier_key k = silence_key();
	struct palier_value v = { .len = 0 };

	palier_value_i64(&v, row->gaps);
	palier_value_i64(&v, row->risk);
	palier_value_i64(&v, row->lapsed);
	return palier_put(t, T_SILENCE, &k, palier_value_bytes(&v));
}

/* --- palier check --- */

struct recount {
	const struct palier_tables *t;
	int64_t members, lapsed;
};

static int now_count(void *who, const struct journey_row *row)
{
	struct recount *r = who;

	return palier_add_i64(&r->members, row->n[0]) && palier_add_i64(&r->lapsed, row->n[1]) ? PALIER_OK : PALIER_ERANGE;
}

/* Each member who stands somewhere is counted there, and has the step that led there. */
static int standings_check(struct recount *r, bool *same)
{
	const struct palier_key all = { .len = 0 };
	struct palier_cursor *cur = palier_seek(r->t, T_STAND, &all);
	struct palier_bytes key, value;
	struct journey_standing s;
	struct journey_step step;
	int err;

	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(key);
		struct palier_id member = palier_cut_id(&cut);

		err = journey_standing_find(r->t, member, &s);
		if (err != PALIER_OK)
			return err;
		if (s.stage == NO_STAGE)
			continue;
		r->members--;
		r->lapsed -= s.segment == SEGMENT_LAPSED;
		*same = *same && journey_step_get(r->t, member, s.step, &step) == PALIER_OK && step.stage == s.stage;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int journey_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who)
{
	struct recount r = { .t = t };
	bool same = true;
	int err = journey_rows_between(t, T_NOW, 0, 0, now_count, &r);

	if (err == PALIER_OK)
		err = standings_check(&r, &same);
	if (err == PALIER_EDAMAGED || err == PALIER_ERANGE || (err == PALIER_OK && (!same || r.members || r.lapsed))) {
		say(who, "where members stand on their journey does not agree with what is counted");
		return PALIER_OK;
	}
	return err;
}
