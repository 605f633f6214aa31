/* SPDX-License-Identifier: Apache-2.0 */
/* The rows: what members did, who is an ambassador, and how often members buy. Deeds lie together, so that a ranking reads those of members
 * who have some, and no other member. */
#include "plugins/ambassador/internal.h"

const struct palier_table ambassador_tables[] = {
	[T_DEED] = { "deed", "member id, day u32, seq u64, n u8",
		"deed u8, of a void: the day of the referral that it strikes out u32, or 0", PALIER_FOLDED },
	[T_STANDING] = { "standing", "member id", "since u32, last day u32 (0: no notice)", PALIER_FOLDED },
	[T_COUNT] = { "count", "0 u8; or 1 u8; or 2 u8, days u16",
		"of the counting: batch u32, last member counted 10, done u8; or the days with purchases from which the quintiles 2 to 5 "
		"begin, each u32; or while it goes on, how many members bought on so many days u32",
		PALIER_FOLDED },
	{ 0 },
};

static struct palier_key member_key(struct palier_id member)
{
	struct palier_key k = { .len = 0 };

	palier_key_id(&k, member);
	return k;
}

/* --- deeds --- */

static struct palier_key deed_key(struct palier_id member, const struct deed *d)
{
	struct palier_key k = member_key(member);

	palier_key_uint(&k, d->day, 4);
	palier_key_uint(&k, d->seq, 8);
	palier_key_uint(&k, d->n, 1);
	return k;
}

struct palier_cursor *deeds_of(const struct palier_tables *t, const struct palier_id *member)
{
	struct palier_key prefix = { .len = 0 };

	if (member)
		palier_key_id(&prefix, *member);
	return palier_seek(t, T_DEED, &prefix);
}

int deed_next(struct palier_cursor *cur, struct palier_id *out_member, struct deed *out)
{
	struct palier_bytes key, value;
	struct palier_cut k, v;
	struct palier_id member;
	struct deed d = { .struck = false };
	uint64_t what;
	int err = palier_next(cur, &key, &value);

	if (err != PALIER_OK)
		return err;
	k = palier_cut_of(key);
	v = palier_cut_of(value);
	member = palier_cut_id(&k);
	d.day = (uint32_t)palier_cut_uint(&k, 4);
	d.seq = palier_cut_uint(&k, 8);
	d.n = (uint8_t)palier_cut_uint(&k, 1);
	what = palier_cut_uint(&v, 1);
	d.counted = (uint32_t)palier_cut_uint(&v, 4);
	if (k.bad || k.left || v.bad || v.left || what > AMBASSADOR_PROMOTER || !day_valid(d.day))
		return PALIER_EDAMAGED;
	d.what = (enum ambassador_deed)what;
	*out_member = member;
	*out = d;
	return PALIER_OK;
}

static bool deed_is_there(const struct palier_tables *t, struct palier_id member, const struct deed *d)
{
	struct palier_key k = deed_key(member, d);
	struct palier_bytes value;

	return palier_get(t, T_DEED, &k, &value) == PALIER_OK;
}

int deed_write(struct palier_tables *t, struct palier_id member, struct deed d)
{
	struct palier_value v = { .len = 0 };
	struct palier_key k;

	for (d.n = 0; deed_is_there(t, member, &d); d.n++)
		if (d.n == UINT8_MAX)
			return PALIER_ERANGE;
	k = deed_key(member, &d);
	palier_value_uint(&v, d.what, 1);
	palier_value_uint(&v, d.counted, 4);
	return palier_put(t, T_DEED, &k, palier_value_bytes(&v));
}

static int deed_drop(struct palier_tables *t, struct palier_id member, const struct deed *d)
{
	struct palier_key k = deed_key(member, d);

	return palier_del(t, T_DEED, &k);
}

int deed_undo(struct palier_tables *t, struct palier_id member, const struct deed *d)
{
	struct palier_cursor *cur = deeds_of(t, &member);
	struct deed row, last;
	bool found = false;
	int err;

	while ((err = deed_next(cur, &member, &row)) == PALIER_OK) {
		if (row.what != d->what || row.day != d->day || row.seq != d->seq)
			continue;
		last = row;
		found = true;
	}
	if (err != PALIER_ENOENT)
		return err;
	return found ? deed_drop(t, member, &last) : PALIER_OK;
}

int deeds_forget(struct palier_tables *t, struct palier_id member, uint32_t before)
{
	struct palier_cursor *cur = deeds_of(t, &member);
	struct deed d;
	int err;

	while ((err = deed_next(cur, &member, &d)) == PALIER_OK && d.day < before) {
		err = deed_drop(t, member, &d);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int deeds_move(struct palier_tables *t, struct palier_id from, struct palier_id into)
{
	struct palier_cursor *cur = deeds_of(t, &from);
	struct deed d;
	int err;

	while ((err = deed_next(cur, &from, &d)) == PALIER_OK) {
		err = deed_drop(t, from, &d);
		if (err == PALIER_OK)
			err = deed_write(t, into, d);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* --- standings --- */

static int standing_cut(struct palier_bytes value, struct standing *out)
{
	struct palier_cut cut = palier_cut_of(value);
	struct standing st;

	st.since = (uint32_t)palier_cut_uint(&cut, 4);
	st.until = (uint32_t)palier_cut_uint(&cut, 4);
	if (cut.bad || cut.left || !day_valid(st.since) || (st.until && !day_valid(st.until)))
		return PALIER_EDAMAGED;
	*out = st;
	return PALIER_OK;
}

int ambassador_standing(const struct palier_tables *t, struct palier_id member, struct standing *out)
{
	struct palier_key k = member_key(member);
	struct palier_bytes value;
	int err = palier_get(t, T_STANDING, &k, &value);

	if (err == PALIER_OK)
		return standing_cut(value, out);
	*out = (struct standing){ 0, 0 };
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int ambassador_stand(struct palier_tables *t, struct palier_id member, const struct standing *st)
{
	struct palier_key k = member_key(member);
	struct palier_value v = { .len = 0 };

	if (!st->since)
		return palier_del(t, T_STANDING, &k);
	palier_value_uint(&v, st->since, 4);
	palier_value_uint(&v, st->until, 4);
	return palier_put(t, T_STANDING, &k, palier_value_bytes(&v));
}

/* --- how often members buy --- */

enum { COUNT_SO_FAR, COUNT_QUINTILES, COUNT_BINS };

static struct palier_key count_key(unsigned what)
{
	struct palier_key k = { .len = 0 };

	palier_key_uint(&k, what, 1);
	return k;
}

int counting_get(const struct palier_tables *t, struct counting *out)
{
	struct palier_key k = count_key(COUNT_SO_FAR);
	struct palier_bytes value;
	struct palier_cut cut;
	int err = palier_get(t, T_COUNT, &k, &value);

	*out = (struct counting){ .batch = 0 };
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	cut = palier_cut_of(value);
	out->batch = (uint32_t)palier_cut_uint(&cut, 4);
	out->upto = palier_cut_id(&cut);
	out->done = palier_cut_uint(&cut, 1) != 0;
	return cut.bad || cut.left ? PALIER_EDAMAGED : PALIER_OK;
}

int counting_put(struct palier_tables *t, const struct counting *n)
{
	struct palier_key k = count_key(COUNT_SO_FAR);
	struct palier_value v = { .len = 0 };

	palier_value_uint(&v, n->batch, 4);
	palier_value_raw(&v, n->upto.b, PALIER_ID_LEN);
	palier_value_uint(&v, n->done, 1);
	return palier_put(t, T_COUNT, &k, palier_value_bytes(&v));
}

int quintiles_get(const struct palier_tables *t, uint32_t out[4])
{
	struct palier_key k = count_key(COUNT_QUINTILES);
	struct palier_bytes value;
	struct palier_cut cut;
	int err = palier_get(t, T_COUNT, &k, &value);

	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(value);
	for (unsigned i = 0; i < 4; i++)
		out[i] = (uint32_t)palier_cut_uint(&cut, 4);
	return cut.bad || cut.left ? PALIER_EDAMAGED : PALIER_OK;
}

static int quintiles_put(struct palier_tables *t, const uint32_t from[4])
{
	struct palier_key k = count_key(COUNT_QUINTILES);
	struct palier_value v = { .len = 0 };

	for (unsigned i = 0; i < 4; i++)
		palier_value_uint(&v, from[i], 4);
	return palier_put(t, T_COUNT, &k, palier_value_bytes(&v));
}

struct bin {
	uint32_t days;
	int64_t members;
};

static int bin_next(struct palier_cursor *cur, struct bin *out)
{
	struct palier_bytes key, value;
	struct palier_cut k, v;
	int err = palier_next(cur, &key, &value);

	if (err != PALIER_OK)
		return err;
	k = palier_cut_of(key);
	v = palier_cut_of(value);
	(void)palier_cut_uint(&k, 1);
	out->days = (uint32_t)palier_cut_uint(&k, 2);
	out->members = (int64_t)palier_cut_uint(&v, 4);
	return k.bad || v.bad ? PALIER_EDAMAGED : PALIER_OK;
}

static struct palier_cursor *bins_of(const struct palier_tables *t)
{
	struct palier_key all = count_key(COUNT_BINS);

	return palier_seek(t, T_COUNT, &all);
}

static int bin_add(struct palier_tables *t, const struct ambassador_often *more)
{
	struct palier_key k = count_key(COUNT_BINS);
	struct palier_value v = { .len = 0 };
	struct palier_bytes value;
	int64_t members = 0;
	int err;

	palier_key_uint(&k, (uint64_t)more->days, 2);
	err = palier_get(t, T_COUNT, &k, &value);
	if (err == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(value);

		members = (int64_t)palier_cut_uint(&cut, 4);
	} else if (err != PALIER_ENOENT) {
		return err;
	}
	if (!palier_add_i64(&members, more->members) || members > UINT32_MAX)
		return PALIER_ERANGE;
	palier_value_uint(&v, (uint64_t)members, 4);
	return palier_put(t, T_COUNT, &k, palier_value_bytes(&v));
}

int bins_add(struct palier_tables *t, const struct ambassador_counted *e)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; i < e->often.count && err == PALIER_OK; i++)
		err = bin_add(t, &e->often.at[i]);
	return err;
}

int bins_clear(struct palier_tables *t)
{
	struct palier_cursor *cur = bins_of(t);
	struct bin b;
	int err;

	while ((err = bin_next(cur, &b)) == PALIER_OK) {
		struct palier_key k = count_key(COUNT_BINS);

		palier_key_uint(&k, b.days, 2);
		err = palier_del(t, T_COUNT, &k);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int bins_sum(const struct palier_tables *t, int64_t *out)
{
	struct palier_cursor *cur = bins_of(t);
	struct bin b;
	int err;

	*out = 0;
	while ((err = bin_next(cur, &b)) == PALIER_OK)
		*out += b.members;
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* Quintile k begins one above the days on which so many have bought, or fewer, that 5 x they are at least (k - 1) x all. */
int bins_sort(struct palier_tables *t)
{
	uint32_t from[4] = { 0 };
	struct palier_cursor *cur;
	int64_t all, smaller = 0;
	unsigned k = 0;
	struct bin b;
	int err = bins_sum(t, &all);

	if (err != PALIER_OK || all == 0)
		return err;
	cur = bins_of(t);
	while ((err = bin_next(cur, &b)) == PALIER_OK) {
		smaller += b.members;
		while (k < 4 && 5 * smaller >= (int64_t)(k + 1) * all)
			from[k++] = b.days + 1;
	}
	return err == PALIER_ENOENT ? quintiles_put(t, from) : err;
}

/* --- palier check --- */

static int deeds_check(const struct palier_tables *t)
{
	struct palier_cursor *cur = deeds_of(t, NULL);
	struct palier_id member;
	struct deed d;
	int err;

	do
		err = deed_next(cur, &member, &d);
	while (err == PALIER_OK);
	return err;
}

static int standings_check(const struct palier_tables *t)
{
	const struct palier_key all = { .len = 0 };
	struct palier_cursor *cur = palier_seek(t, T_STANDING, &all);
	struct palier_bytes key, value;
	struct standing st;
	int err;

	while ((err = palier_next(cur, &key, &value)) == PALIER_OK && key.len == PALIER_ID_LEN)
		if (standing_cut(value, &st) != PALIER_OK || (st.until && st.until < st.since))
			return PALIER_EDAMAGED;
	return err == PALIER_OK ? PALIER_EDAMAGED : err;
}

static int counts_check(const struct palier_tables *t)
{
	struct counting so_far;
	uint32_t from[4];
	int64_t members;
	int err = counting_get(t, &so_far);

	if (err == PALIER_OK)
		err = bins_sum(t, &members);
	if (err == PALIER_OK && so_far.done && members > 0)
		err = PALIER_EDAMAGED;
	if (err == PALIER_OK)
		err = quintiles_get(t, from);
	if (err == PALIER_OK && (from[0] > from[1] || from[1] > from[2] || from[2] > from[3]))
		err = PALIER_EDAMAGED;
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int ambassador_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who)
{
	int err = deeds_check(t);

	if (err == PALIER_EDAMAGED)
		say(who, "what a member did as an ambassador cannot be read");
	else if (err != PALIER_ENOENT)
		return err;
	err = standings_check(t);
	if (err == PALIER_EDAMAGED)
		say(who, "who is an ambassador, and until when, cannot be read");
	else if (err != PALIER_ENOENT)
		return err;
	err = counts_check(t);
	if (err == PALIER_EDAMAGED)
		say(who, "how often members buy does not agree with itself");
	return err == PALIER_EDAMAGED ? PALIER_OK : err;
}
