/* SPDX-License-Identifier: Apache-2.0 */
/* The rows: what members did, who is an ambassador, and how often members buy. Deeds lie together, so that a ranking reads those of members
 * who have some, and no other member. */
#include "plugins/ambassador/internal.h"

const struct palier_table ambassador_tables[] = {
	[T_DEED] = { "deed", "member id, day u32, seq u64, n u8",
		"deed u8, of a void: the day of the referral that it strikes out u32, or 0", PALIER_FOLDED },
	[T_STANDING] = { "standing", "member id", "since u32, last day u32 (0: no notice)", PALIER_FOLDED },
	[T_COUNT] = { "count", "0 u8",
		"batch u32, last member counted 10, days u32 from which the quintiles 2, 3, 4 and 5 begin (0: not known yet), then for "
		"0 to 366 days with purchases: members u32",
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

int standing_get(const struct palier_tables *t, struct palier_id member, struct standing *out)
{
	struct palier_key k = member_key(member);
	struct palier_bytes value;
	int err = palier_get(t, T_STANDING, &k, &value);

	if (err == PALIER_OK)
		return standing_cut(value, out);
	*out = (struct standing){ 0, 0 };
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int standing_put(struct palier_tables *t, struct palier_id member, const struct standing *st)
{
	struct palier_key k = member_key(member);
	struct palier_value v = { .len = 0 };

	if (!st->since)
		return palier_del(t, T_STANDING, &k);
	palier_value_uint(&v, st->since, 4);
	palier_value_uint(&v, st->until, 4);
	return palier_put(t, T_STANDING, &k, palier_value_bytes(&v));
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
	return err == PALIER_EDAMAGED || err == PALIER_ENOENT ? PALIER_OK : err;
}
