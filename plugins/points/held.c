/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of holds: what each keeps of a member's lots. A lot and a standing have the sums, the index `hold` the members of each hold. */
#include "plugins/points/internal.h"

static struct palier_key hold_prefix(struct palier_id member, struct palier_bytes hold)
{
	struct palier_key k = { 0 };

	palier_key_id(&k, member);
	palier_key_raw(&k, hold.at, hold.len);
	palier_key_uint(&k, 0, 1); /* no id holds a NUL, so that none begins another's rows */
	return k;
}

static struct palier_key held_key(struct palier_id member, const struct held *h)
{
	struct palier_key k = hold_prefix(member, palier_str(h->hold));

	points_lot_key(&k, h->number, &h->lot);
	return k;
}

static struct palier_key holder_key(const char *hold, struct palier_id member)
{
	struct palier_key k = { 0 };

	palier_key_raw(&k, hold, strlen(hold) + 1);
	palier_key_id(&k, member);
	return k;
}

static int value_cut(struct palier_bytes value, struct held *out)
{
	struct palier_cut cut = palier_cut_of(value);

	out->points = palier_cut_i64(&cut);
	out->until_ms = palier_cut_i64(&cut);
	return cut.bad || cut.left > 0 ? PALIER_EDAMAGED : PALIER_OK;
}

struct palier_cursor *points_helds(const struct palier_tables *t, struct palier_id member, struct palier_bytes hold)
{
	struct palier_key k = { 0 };

	if (hold.len > 0)
		k = hold_prefix(member, hold);
	else
		palier_key_id(&k, member);
	return palier_seek(t, T_HELD, &k);
}

static int row_cut(struct palier_bytes key, struct palier_bytes value, struct held *out)
{
	struct palier_cut k = palier_cut_of(key);
	const uint8_t *end;
	size_t len;

	(void)palier_cut_raw(&k, PALIER_ID_LEN);
	end = k.left > 0 ? memchr(k.at, 0, k.left) : NULL;
	len = end ? (size_t)(end - k.at) : HOLD_NAME_MAX + 1;
	if (len > HOLD_NAME_MAX)
		return PALIER_EDAMAGED;
	memcpy(out->hold, palier_cut_raw(&k, len + 1).at, len + 1);
	out->number = points_lot_cut(&k, &out->lot);
	return k.bad || k.left > 0 ? PALIER_EDAMAGED : value_cut(value, out);
}

int points_held_next(struct palier_cursor *cur, struct held *out)
{
	struct palier_bytes key, value;
	int err = palier_next(cur, &key, &value);

	*out = (struct held){ 0 };
	return err == PALIER_OK ? row_cut(key, value, out) : err;
}

static bool same_lot(const struct lot *a, const struct lot *b)
{
	return a->expires == b->expires && a->at_ms == b->at_ms && a->seq == b->seq && a->cause == b->cause;
}

int points_held_of(const struct palier_tables *t, struct palier_id member, uint16_t number, const struct lot *l,
	int64_t until_ms, int64_t *out, uint64_t *rows)
{
	struct palier_cursor *cur = points_helds(t, member, (struct palier_bytes){ NULL, 0 });
	int64_t sum = 0;
	struct held h;
	int err;

	while ((err = points_held_next(cur, &h)) == PALIER_OK) {
		if (h.number != number || h.until_ms > until_ms || (l && !same_lot(l, &h.lot)))
			continue;
		if (!palier_add_i64(&sum, h.points))
			return PALIER_EDAMAGED;
		if (rows)
			++*rows;
	}
	if (err != PALIER_ENOENT)
		return err;
	*out = sum;
	return PALIER_OK;
}

int points_lot_loosen(const struct palier_tables *t, struct palier_id member, uint16_t number, int64_t now_ms, struct lot *l)
{
	int64_t loose = 0;
	int err = l->held > 0 ? points_held_of(t, member, number, l, now_ms, &loose, NULL) : PALIER_OK;

	if (err == PALIER_OK)
		l->held -= loose;
	return err;
}

int points_held_read(const struct palier_tables *t, struct palier_id member, struct held *h)
{
	struct palier_key k = held_key(member, h);
	struct palier_bytes value;
	int err = palier_get(t, T_HELD, &k, &value);

	if (err == PALIER_ENOENT)
		h->points = 0;
	return err == PALIER_OK ? value_cut(value, h) : err == PALIER_ENOENT ? PALIER_OK : err;
}

static int row_write(struct palier_tables *t, struct palier_id member, const struct held *h)
{
	struct palier_key k = held_key(member, h);
	struct palier_value v = { 0 };

	if (h->points == 0)
		return palier_del(t, T_HELD, &k);
	palier_value_i64(&v, h->points);
	palier_value_i64(&v, h->until_ms);
	return palier_put(t, T_HELD, &k, palier_value_bytes(&v));
}

/* The index has the members of which a hold keeps something. */
static int holder_write(struct palier_tables *t, struct palier_id member, const char *hold)
{
	struct palier_key k = holder_key(hold, member);
	struct held any;
	int err = points_held_next(points_helds(t, member, palier_str(hold)), &any);

	if (err == PALIER_ENOENT)
		return palier_del(t, T_HOLD, &k);
	return err == PALIER_OK ? palier_put(t, T_HOLD, &k, PALIER_LIT("")) : err;
}

int points_held_move(struct palier_tables *t, struct palier_id member, const struct held *which, int64_t points,
	struct standing *st)
{
	struct held h = *which;
	int err = points_held_read(t, member, &h);

	if (err == PALIER_OK)
		err = points_lot_read(t, member, h.number, &h.lot);
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
	h.until_ms = points > 0 ? which->until_ms : h.until_ms;
	if (!palier_add_i64(&h.points, points) || !palier_add_i64(&h.lot.held, points) ||
		!palier_add_i64(&st->held, points) || h.points < 0 || h.lot.held < 0 || h.lot.held > h.lot.left)
		return PALIER_EDAMAGED;
	err = row_write(t, member, &h);
	if (err == PALIER_OK)
		err = points_lot_set(t, member, h.number, &h.lot);
	return err == PALIER_OK ? holder_write(t, member, h.hold) : err;
}

struct palier_cursor *points_holders(const struct palier_tables *t, struct palier_bytes hold)
{
	struct palier_key k = { 0 };

	palier_key_raw(&k, hold.at, hold.len);
	palier_key_uint(&k, 0, 1);
	return palier_seek(t, T_HOLD, &k);
}

int points_holder_next(struct palier_cursor *cur, struct palier_id *out)
{
	struct palier_bytes key, value;
	int err = palier_next(cur, &key, &value);

	if (err == PALIER_OK && key.len < PALIER_ID_LEN)
		return PALIER_EDAMAGED;
	if (err == PALIER_OK)
		memcpy(out->b, key.at + key.len - PALIER_ID_LEN, PALIER_ID_LEN);
	return err;
}

/* --- do they agree with themselves? --- */

/* Does the index have the holder of each row, and how many holders are there? Rows of one holder lie together. */
static int holders_count(const struct palier_tables *t, uint64_t *out, bool *indexed)
{
	const struct palier_key all = { 0 };
	struct palier_cursor *cur = palier_seek(t, T_HELD, &all);
	struct palier_bytes key, value, nothing;
	struct palier_key last = { 0 }, k;
	int err;

	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(key);
		struct palier_id member = palier_cut_id(&cut);
		struct held h;

		err = row_cut(key, value, &h);
		if (err != PALIER_OK)
			return err;
		k = holder_key(h.hold, member);
		if (palier_equal(palier_key_bytes(&k), palier_key_bytes(&last)))
			continue;
		last = k;
		++*out;
		err = palier_get(t, T_HOLD, &k, &nothing);
		*indexed = *indexed && err == PALIER_OK;
		if (err != PALIER_OK && err != PALIER_ENOENT)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int points_holds_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who)
{
	const struct palier_key all = { 0 };
	struct palier_cursor *cur = palier_seek(t, T_HOLD, &all);
	struct palier_bytes key, value;
	uint64_t holders = 0, index = 0;
	bool indexed = true;
	int err = holders_count(t, &holders, &indexed);

	while (err == PALIER_OK && (err = palier_next(cur, &key, &value)) == PALIER_OK)
		index++;
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	if (!indexed || holders != index)
		say(who, "the index of holds does not lead to what they keep");
	return PALIER_OK;
}
