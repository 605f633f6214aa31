/* SPDX-License-Identifier: Apache-2.0 */
/* The counts, and when members were asked.
 *
 * counted  day u32, kind u8, step u8, source (of `said` alone, else empty) -> times i64
 * asked    member id, kind u8, day u32                                     -> times i64; no row of none
 * reached  id of a referral u64, step u8 -> day u32 on which it is counted, seq u64 of the event that came to it */
#include "plugins/referral/internal.h"

PALIER_SCHEMA(recommendation_counted);
PALIER_SCHEMA(recommendation_merged);
PALIER_SCHEMA(recommendation_erased);

const char *const recommend_kind_names[] = { "spontaneous", "evoked", "solicited", "sponsorship", NULL };
const char *const recommend_step_names[] = { "enrolled", "said", "shown", "asked", "issued", "claimed", "purchased", "held",
	"earned", "void", "flagged", "clawed", NULL };

static struct palier_key counted_key(uint32_t day, int kind, int step, struct palier_bytes source)
{
	struct palier_key k = { .len = 0 };

	palier_key_uint(&k, day, 4);
	palier_key_uint(&k, (uint64_t)kind, 1);
	palier_key_uint(&k, (uint64_t)step, 1);
	palier_key_raw(&k, source.at, source.len);
	return k;
}

static struct palier_key asked_key(struct palier_id member, int kind)
{
	struct palier_key k = { .len = 0 };

	palier_key_id(&k, member);
	palier_key_uint(&k, (uint64_t)kind, 1);
	return k;
}

static int times_read(const struct palier_tables *t, unsigned table, const struct palier_key *k, int64_t *out)
{
	struct palier_bytes value;
	struct palier_cut cut;
	int err = palier_get(t, table, k, &value);

	*out = 0;
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	cut = palier_cut_of(value);
	*out = palier_cut_i64(&cut);
	return cut.bad ? PALIER_EDAMAGED : PALIER_OK;
}

/* A row of none is no row. */
static int times_add(struct palier_tables *t, unsigned table, const struct palier_key *k, int64_t times)
{
	struct palier_value v = { .len = 0 };
	int64_t now;
	int err = times_read(t, table, k, &now);

	if (err != PALIER_OK)
		return err;
	if (!palier_add_i64(&now, times) || now < 0)
		return PALIER_EDAMAGED;
	if (now == 0)
		return palier_del(t, table, k);
	palier_value_i64(&v, now);
	return palier_put(t, table, k, palier_value_bytes(&v));
}

/* --- folding --- */

static int counted_fold(struct palier_tables *t, const struct recommendation_counted *e, int times)
{
	struct palier_key k = counted_key(e->day, e->of, e->step, e->source);
	int err = times_add(t, T_COUNTED, &k, times);

	if (err != PALIER_OK || !PALIER_HAS(e, recommendation_counted, asked))
		return err;
	k = asked_key(e->asked, e->of);
	palier_key_uint(&k, e->day, 4);
	return times_add(t, T_ASKED, &k, times);
}

int recommend_counted_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	(void)ev;
	return counted_fold(t, body, 1);
}

int recommend_uncounted_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	(void)ev;
	return counted_fold(t, body, -1);
}

/* @param into NULL: nobody's any longer */
static int asked_move(struct palier_tables *t, struct palier_id from, const struct palier_id *into)
{
	struct palier_key prefix = { .len = 0 }, old, moved;
	struct palier_bytes key, value;
	struct palier_cursor *cur;
	int err;

	palier_key_id(&prefix, from);
	cur = palier_seek(t, T_ASKED, &prefix);
	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(value);
		int64_t times = palier_cut_i64(&cut);

		old = moved = (struct palier_key){ .len = 0 };
		palier_key_raw(&old, key.at, key.len);
		if (into) {
			palier_key_id(&moved, *into);
			palier_key_raw(&moved, key.at + PALIER_ID_LEN, key.len - PALIER_ID_LEN);
			err = times_add(t, T_ASKED, &moved, times);
		}
		if (err == PALIER_OK)
			err = cut.bad ? PALIER_EDAMAGED : palier_del(t, T_ASKED, &old);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int recommend_merged_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct recommendation_merged *e = body;

	(void)ev;
	return asked_move(t, e->from, &e->into);
}

int recommend_erased_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct recommendation_erased *e = body;

	(void)ev;
	return asked_move(t, e->member, NULL);
}

/* --- sponsorship --- */

static struct palier_key reached_key(uint64_t id)
{
	struct palier_key k = { .len = 0 };

	palier_key_uint(&k, id, 8);
	return k;
}

static int sponsorship_count(struct palier_tables *t, unsigned step, uint32_t day, int times)
{
	struct palier_key k = counted_key(day, KIND_SPONSORSHIP, (int)step, PALIER_LIT(""));

	return times_add(t, T_COUNTED, &k, times);
}

/* Each step of a referral counts once, on the day on which it came to it. */
static int reached_add(struct palier_tables *t, uint64_t seq, const struct referral_step *e, enum recommend_step step)
{
	struct palier_key k = reached_key((uint64_t)e->referral);
	struct palier_value v = { .len = 0 };
	struct palier_bytes known;
	int err;

	palier_key_uint(&k, (uint64_t)step, 1);
	err = palier_get(t, T_REACHED, &k, &known);
	if (err != PALIER_ENOENT)
		return err;
	palier_value_uint(&v, e->date, 4);
	palier_value_uint(&v, seq, 8);
	err = palier_put(t, T_REACHED, &k, palier_value_bytes(&v));
	return err == PALIER_OK ? sponsorship_count(t, (unsigned)step, e->date, 1) : err;
}

/* A friend who at once buys for the minimum has bought, too. */
static unsigned steps_of(const struct referral_step *e)
{
	static const unsigned until[] = {
		[PHASE_CLAIMED] = 1u << STEP_CLAIMED,
		[PHASE_PURCHASED] = 1u << STEP_CLAIMED | 1u << STEP_PURCHASED,
		[PHASE_HELD] = 1u << STEP_CLAIMED | 1u << STEP_PURCHASED | 1u << STEP_HELD,
		[PHASE_EARNED] = 1u << STEP_CLAIMED | 1u << STEP_PURCHASED | 1u << STEP_HELD | 1u << STEP_EARNED,
		[PHASE_VOID] = 1u << STEP_CLAIMED | 1u << STEP_VOID,
	};
	bool clawed = e->cause == CAUSE_RETURN && (e->friend_moved < 0 || e->sponsor_moved < 0);

	return until[e->phase] | (e->flagged ? 1u << STEP_FLAGGED : 0) | (clawed ? 1u << STEP_CLAWED : 0);
}

/* A row of `reached`. */
struct reached_row {
	unsigned step;
	uint32_t day;
	uint64_t seq;
};

static int reached_next(struct palier_cursor *cur, size_t prefix, struct reached_row *out)
{
	struct palier_bytes key, value;
	struct palier_cut what, when;
	int err = palier_next(cur, &key, &value);

	if (err != PALIER_OK)
		return err;
	what = palier_cut_of(palier_bytes_of(key.at + prefix, key.len - prefix));
	when = palier_cut_of(value);
	out->step = (unsigned)palier_cut_uint(&what, 1);
	out->day = (uint32_t)palier_cut_uint(&when, 4);
	out->seq = palier_cut_uint(&when, 8);
	return what.bad || when.bad || out->step >= RECOMMEND_STEPS ? PALIER_EDAMAGED : PALIER_OK;
}

/* @param e NULL: the referral has never been; else what stands after an event was undone: how far it came follows from that, what else
 * happened goes with its event */
static int reached_drop(struct palier_tables *t, uint64_t id, const struct referral_step *e)
{
	const unsigned path = 1u << STEP_PURCHASED | 1u << STEP_HELD | 1u << STEP_EARNED;
	struct palier_key prefix = reached_key(id);
	struct palier_cursor *cur = palier_seek(t, T_REACHED, &prefix);
	struct reached_row row;
	int err;

	while ((err = reached_next(cur, prefix.len, &row)) == PALIER_OK) {
		unsigned bit = 1u << row.step;
		bool stands =
			e && (steps_of(e) & bit || (bit & path ? e->phase == PHASE_VOID : row.seq != (uint64_t)e->undone));
		struct palier_key k = prefix;

		if (stands)
			continue;
		palier_key_uint(&k, row.step, 1);
		err = palier_del(t, T_REACHED, &k);
		if (err == PALIER_OK)
			err = sponsorship_count(t, row.step, row.day, -1);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int recommend_forget(struct palier_tables *t, uint64_t id)
{
	return reached_drop(t, id, NULL);
}

int recommend_step(struct palier_tables *t, uint64_t seq, const struct referral_step *e)
{
	unsigned steps = steps_of(e);
	int err = e->undone ? reached_drop(t, (uint64_t)e->referral, e) : PALIER_OK;

	for (unsigned step = 0; step < RECOMMEND_STEPS && err == PALIER_OK; step++)
		if (steps & 1u << step)
			err = reached_add(t, seq, e, (enum recommend_step)step);
	return err;
}

/* --- when members were asked --- */

int asked_last(const struct palier_tables *t, struct palier_id member, enum recommend_kind kind, uint32_t until,
	uint32_t *out)
{
	struct palier_key k = asked_key(member, (int)kind);
	struct palier_cursor *cur = palier_seek(t, T_ASKED, &k);
	struct palier_bytes key, value;
	uint32_t last = 0;
	int err;

	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(palier_bytes_of(key.at + k.len, key.len - k.len));
		uint32_t day = (uint32_t)palier_cut_uint(&cut, 4);

		if (day <= until)
			last = day;
	}
	if (err != PALIER_ENOENT)
		return err;
	if (last == 0)
		return PALIER_ENOENT;
	*out = last;
	return PALIER_OK;
}

int asked_any(const struct palier_tables *t, struct palier_id member)
{
	struct palier_key k = { .len = 0 };
	struct palier_bytes key, value;

	palier_key_id(&k, member);
	return palier_next(palier_seek(t, T_ASKED, &k), &key, &value);
}

/* --- sums --- */

/* Most first; of as many, by name. */
static bool source_before(const struct recommend_source *a, const struct recommend_source *b)
{
	size_t len = a->name.len < b->name.len ? a->name.len : b->name.len;
	int order = len ? memcmp(a->name.at, b->name.at, len) : 0;

	if (a->count != b->count)
		return a->count > b->count;
	return order != 0 ? order < 0 : a->name.len < b->name.len;
}

static void sources_sort(struct recommend_sums *sums)
{
	for (size_t i = 1; i < sums->source_count; i++) {
		struct recommend_source s = sums->sources[i];
		size_t at = i;

		for (; at > 0 && source_before(&s, &sums->sources[at - 1]); at--)
			sums->sources[at] = sums->sources[at - 1];
		sums->sources[at] = s;
	}
}

/* The source's place among the sums: a new one where it has none yet. */
static struct recommend_source *source_find(struct recommend_sums *sums, struct palier_bytes name, struct palier_arena *a)
{
	size_t i = 0;

	while (i < sums->source_count && !palier_equal(sums->sources[i].name, name))
		i++;
	if (i < sums->source_count)
		return &sums->sources[i];
	if (i % SOURCES_MOST == 0) { /* the list may have been another one in each of the days */
		struct recommend_source *grown = palier_alloc(a, (i + SOURCES_MOST) * sizeof(*grown));

		if (i > 0)
			memcpy(grown, sums->sources, i * sizeof(*grown));
		sums->sources = grown;
	}
	sums->source_count++;
	sums->sources[i] = (struct recommend_source){ palier_copy(a, name), 0 };
	return &sums->sources[i];
}

/* A row of `counted`. */
struct counted_row {
	uint32_t day;
	unsigned kind, step;
	struct palier_bytes source;
	int64_t times;
};

static int counted_next(struct palier_cursor *cur, struct counted_row *out)
{
	struct palier_bytes key, value;
	struct palier_cut cut, times;
	int err = palier_next(cur, &key, &value);

	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(key);
	times = palier_cut_of(value);
	out->day = (uint32_t)palier_cut_uint(&cut, 4);
	out->kind = (unsigned)palier_cut_uint(&cut, 1);
	out->step = (unsigned)palier_cut_uint(&cut, 1);
	out->source = palier_bytes_of(cut.at, cut.left);
	out->times = palier_cut_i64(&times);
	if (cut.bad || times.bad || out->kind >= RECOMMEND_KINDS || out->step >= RECOMMEND_STEPS)
		return PALIER_EDAMAGED;
	return PALIER_OK;
}

static int row_sum(struct recommend_sums *sums, const struct counted_row *row, struct palier_arena *a)
{
	bool ok = palier_add_i64(&sums->steps[row->kind][row->step], row->times);

	if (row->source.len > 0)
		ok = palier_add_i64(&source_find(sums, row->source, a)->count, row->times) && ok;
	return ok ? PALIER_OK : PALIER_EDAMAGED;
}

int recommend_sum(const struct palier_tables *t, uint32_t from, uint32_t to, struct palier_arena *a,
	struct recommend_sums *out)
{
	struct palier_key all = { .len = 0 }, first = { .len = 0 };
	struct counted_row row;
	struct palier_cursor *cur;
	int err;

	*out = (struct recommend_sums){ .source_count = 0 };
	palier_key_uint(&first, from, 4);
	cur = palier_seek_after(t, T_COUNTED, &all, &first);
	while ((err = counted_next(cur, &row)) == PALIER_OK && row.day <= to) {
		err = row_sum(out, &row, a);
		if (err != PALIER_OK)
			return err;
	}
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	sources_sort(out);
	return PALIER_OK;
}

int recommend_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who)
{
	struct palier_key all = { .len = 0 };
	struct palier_cursor *cur = palier_seek(t, T_COUNTED, &all);
	struct counted_row row;
	int err;

	while ((err = counted_next(cur, &row)) == PALIER_OK || err == PALIER_EDAMAGED)
		if (err == PALIER_EDAMAGED || !day_valid(row.day) || row.times <= 0)
			say(who, "recommendation: a count cannot be right");
	return err == PALIER_ENOENT ? PALIER_OK : err;
}
