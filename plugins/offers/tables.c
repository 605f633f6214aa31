/* SPDX-License-Identifier: Apache-2.0 */
/* The rows: single codes, what holds keep of them, what members were given, and how often offers were used. */
#include "plugins/offers/internal.h"

enum { T_CODE, T_RESERVED, T_HOLD, T_GRANT, T_USED, T_TOTAL };

const struct palier_table offers_tables[] = {
	[T_CODE] = { "code", "keyed hash 16", "uses left u32, last day u32, offer", PALIER_FOLDED },
	[T_RESERVED] = { "reserved", "keyed hash of the code 16, hold", "expires i64 ms", PALIER_FOLDED },
	[T_HOLD] = { "hold", "hold, NUL, keyed hash of the code 16", "expires i64 ms", PALIER_FOLDED },
	[T_GRANT] = { "grant", "member id, offer, NUL, seq u64", "last day u32", PALIER_BY_MEMBER },
	[T_USED] = { "used", "member id, day u32 (0: of all days), name; or birthday u32, name, NUL", "uses i64",
		PALIER_BY_MEMBER },
	[T_TOTAL] = CAPS_TABLE_TOTAL,
	{ 0 },
};

const struct caps_tables offers_caps = { T_USED, T_TOTAL };

/* --- codes --- */

static struct palier_key code_key(const struct palier_hash16 *code)
{
	struct palier_key k = { .len = 0 };

	palier_key_raw(&k, code->b, sizeof(code->b));
	return k;
}

int code_row_read(const struct palier_tables *t, const struct palier_hash16 *code, struct code_row *out)
{
	struct palier_key k = code_key(code);
	struct palier_bytes value;
	struct palier_cut cut;
	struct code_row row;
	int err = palier_get(t, T_CODE, &k, &value);

	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(value);
	row.left = (uint32_t)palier_cut_uint(&cut, 4);
	row.until = (uint32_t)palier_cut_uint(&cut, 4);
	row.offer = palier_bytes_of(cut.at, cut.left);
	if (cut.bad)
		return PALIER_EDAMAGED;
	*out = row;
	return PALIER_OK;
}

int code_row_write(struct palier_tables *t, const struct palier_hash16 *code, const struct code_row *row)
{
	struct palier_key k = code_key(code);
	struct palier_value v = { .len = 0 };

	palier_value_uint(&v, row->left, 4);
	palier_value_uint(&v, row->until, 4);
	palier_value_raw(&v, row->offer.at, row->offer.len);
	return palier_put(t, T_CODE, &k, palier_value_bytes(&v));
}

/* --- what holds keep --- */

static struct palier_key reserved_key(const struct palier_hash16 *code, struct palier_bytes hold)
{
	struct palier_key k = code_key(code);

	palier_key_raw(&k, hold.at, hold.len);
	return k;
}

/* The NUL keeps a hold apart from one whose id begins alike. */
static struct palier_key hold_key(struct palier_bytes hold)
{
	struct palier_key k = { .len = 0 };

	palier_key_raw(&k, hold.at, hold.len);
	palier_key_uint(&k, 0, 1);
	return k;
}

int code_reserved(const struct palier_tables *t, const struct palier_hash16 *code, const struct palier_bytes *own,
	int64_t now_ms, uint32_t *out)
{
	struct palier_key prefix = code_key(code);
	struct palier_cursor *cur = palier_seek(t, T_RESERVED, &prefix);
	struct palier_bytes key, value;
	int err;

	*out = 0;
	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(value);
		struct palier_bytes hold = palier_bytes_of(key.at + prefix.len, key.len - prefix.len);

		*out += palier_cut_i64(&cut) > now_ms && !(own && palier_equal(hold, *own));
		if (cut.bad)
			return PALIER_EDAMAGED;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int code_reserve(struct palier_tables *t, const struct palier_hash16 *code, struct palier_bytes hold, int64_t expires_ms)
{
	struct palier_key by_code = reserved_key(code, hold), by_hold = hold_key(hold);
	struct palier_value v = { .len = 0 };
	int err;

	palier_key_raw(&by_hold, code->b, sizeof(code->b));
	palier_value_i64(&v, expires_ms);
	err = palier_put(t, T_RESERVED, &by_code, palier_value_bytes(&v));
	return err == PALIER_OK ? palier_put(t, T_HOLD, &by_hold, palier_value_bytes(&v)) : err;
}

int hold_forget(struct palier_tables *t, struct palier_bytes hold)
{
	struct palier_key prefix = hold_key(hold);
	struct palier_cursor *cur = palier_seek(t, T_HOLD, &prefix);
	struct palier_bytes key, value;
	int err;

	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		struct palier_key by_hold = { .len = 0 }, by_code;
		struct palier_hash16 code;

		if (key.len != prefix.len + sizeof(code.b))
			return PALIER_EDAMAGED;
		memcpy(code.b, key.at + prefix.len, sizeof(code.b));
		by_code = reserved_key(&code, hold);
		palier_key_raw(&by_hold, key.at, key.len);
		err = palier_del(t, T_RESERVED, &by_code);
		if (err == PALIER_OK)
			err = palier_del(t, T_HOLD, &by_hold);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int hold_any(const struct palier_tables *t, struct palier_bytes hold)
{
	struct palier_key prefix = hold_key(hold);
	struct palier_bytes key, value;

	return palier_next(palier_seek(t, T_HOLD, &prefix), &key, &value);
}

struct palier_cursor *holds_kept(const struct palier_tables *t)
{
	static const struct palier_key all;

	return palier_seek(t, T_HOLD, &all);
}

int holds_next(struct palier_cursor *cur, struct palier_bytes *out_hold, int64_t *out_expires_ms)
{
	const size_t behind = 1 + sizeof(((struct palier_hash16 *)0)->b);
	struct palier_bytes key, value;
	struct palier_cut cut;
	int err = palier_next(cur, &key, &value);

	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(value);
	*out_expires_ms = palier_cut_i64(&cut);
	if (cut.bad || key.len <= behind)
		return PALIER_EDAMAGED;
	*out_hold = palier_bytes_of(key.at, key.len - behind);
	return PALIER_OK;
}

/* --- grants --- */

static struct palier_key grants_key(struct palier_id member, struct palier_bytes offer)
{
	struct palier_key k = { .len = 0 };

	palier_key_id(&k, member);
	palier_key_raw(&k, offer.at, offer.len);
	if (offer.len)
		palier_key_uint(&k, 0, 1);
	return k;
}

static struct palier_key grant_key(struct palier_id member, const struct grant *g)
{
	struct palier_key k = grants_key(member, g->offer);

	palier_key_uint(&k, g->seq, 8);
	return k;
}

struct palier_cursor *grants_of(const struct palier_tables *t, struct palier_id member, struct palier_bytes offer)
{
	struct palier_key prefix = grants_key(member, offer);

	return palier_seek(t, T_GRANT, &prefix);
}

int grant_next(struct palier_cursor *cur, struct grant *out)
{
	struct palier_bytes key, value;
	struct palier_cut k, v;
	struct grant g;
	int err = palier_next(cur, &key, &value);

	if (err != PALIER_OK)
		return err;
	if (key.len < PALIER_ID_LEN + 1 + 8)
		return PALIER_EDAMAGED;
	k = palier_cut_of(key);
	v = palier_cut_of(value);
	(void)palier_cut_raw(&k, PALIER_ID_LEN);
	g.offer = palier_cut_raw(&k, k.left - 9);
	(void)palier_cut_uint(&k, 1);
	g.seq = palier_cut_uint(&k, 8);
	g.until = (uint32_t)palier_cut_uint(&v, 4);
	if (k.bad || v.bad)
		return PALIER_EDAMAGED;
	*out = g;
	return PALIER_OK;
}

int grant_write(struct palier_tables *t, struct palier_id member, const struct grant *g)
{
	struct palier_key k = grant_key(member, g);
	struct palier_value v = { .len = 0 };

	palier_value_uint(&v, g->until, 4);
	return palier_put(t, T_GRANT, &k, palier_value_bytes(&v));
}

int grant_drop(struct palier_tables *t, struct palier_id member, const struct grant *g)
{
	struct palier_key k = grant_key(member, g);

	return palier_del(t, T_GRANT, &k);
}

bool grant_is_there(const struct palier_tables *t, struct palier_id member, const struct grant *g)
{
	struct palier_key k = grant_key(member, g);
	struct palier_bytes value;

	return palier_get(t, T_GRANT, &k, &value) == PALIER_OK;
}

int grants_move(struct palier_tables *t, struct palier_id from, const struct palier_id *into)
{
	struct palier_cursor *cur = grants_of(t, from, PALIER_LIT(""));
	struct grant g;
	int err;

	while ((err = grant_next(cur, &g)) == PALIER_OK) {
		err = into ? grant_write(t, *into, &g) : PALIER_OK;
		if (err == PALIER_OK)
			err = grant_drop(t, from, &g);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* --- counts --- */

struct palier_key birthday_key(struct palier_id member, uint32_t birthday, struct palier_bytes offer)
{
	struct palier_key k = caps_key(member, birthday, offer);

	palier_key_uint(&k, 0, 1);
	return k;
}

/* --- palier check --- */

/* Every row of one of the two tables of holds has its counterpart. @param by_hold these are the rows of `hold` */
static int kept_check(const struct palier_tables *t, bool by_hold, bool *out_same)
{
	const struct palier_key all = { .len = 0 };
	const size_t hash = sizeof(((struct palier_hash16 *)0)->b);
	struct palier_cursor *cur = palier_seek(t, by_hold ? T_HOLD : T_RESERVED, &all);
	struct palier_bytes key, value, other;
	int err;

	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		struct palier_key k = { .len = 0 };

		if (key.len <= hash + by_hold)
			return PALIER_EDAMAGED;
		if (by_hold) {
			palier_key_raw(&k, key.at + key.len - hash, hash);
			palier_key_raw(&k, key.at, key.len - hash - 1);
		} else {
			palier_key_raw(&k, key.at + hash, key.len - hash);
			palier_key_uint(&k, 0, 1);
			palier_key_raw(&k, key.at, hash);
		}
		err = palier_get(t, by_hold ? T_RESERVED : T_HOLD, &k, &other);
		*out_same = *out_same && err == PALIER_OK && palier_equal(value, other);
		if (err != PALIER_OK && err != PALIER_ENOENT)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int offers_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who)
{
	bool same = true;
	int err = kept_check(t, true, &same);

	if (err == PALIER_OK)
		err = kept_check(t, false, &same);
	if (err == PALIER_EDAMAGED || (err == PALIER_OK && !same))
		say(who, "the codes that holds keep do not agree with those holds");
	return err == PALIER_EDAMAGED ? PALIER_OK : err;
}
