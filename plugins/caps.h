/* SPDX-License-Identifier: Apache-2.0 */
/* How often something may be had: `max { member day total }`, and the counts that it is judged by, in two tables of the plugin that
 * includes this. All uses are counted, so that a cap may be configured later. `day` is per member and store date. Member and day bind nobody
 * without a card.
 *
 * used    member id, day u32 (0: of all days), name -> uses i64
 * total   name -> uses i64 */
#pragma once

#include "plugins/palier_plugin.h"

/** The options of the section; embed it as CFG_SEC("max", caps_options, CFGF_NODEFAULT). */
#define CAPS_OPTIONS(ident) \
	static cfg_opt_t ident[] = { CFG_INT("member", 0, CFGF_NONE), CFG_INT("day", 0, CFGF_NONE), \
		CFG_INT("total", 0, CFGF_NONE), CFG_END() }

#define CAPS_TABLE_USED \
	{ \
		"used", "member id, day u32 (0: of all days), name", "uses i64", PALIER_BY_MEMBER \
	}
#define CAPS_TABLE_TOTAL \
	{ \
		"total", "name", "uses i64", PALIER_FOLDED \
	}

/** A plugin's two tables, by their index. */
struct caps_tables {
	unsigned used, total;
};

/** 0: none. */
struct caps {
	int64_t member, day, total;
};

/** What is counted. */
struct caps_use {
	struct palier_bytes name;
	const struct palier_id *member; /* NULL: nobody */
	uint32_t day;                   /* the store's date of it */
};

static inline bool caps_figure_read(struct palier_setup *s, cfg_t *max, const char *option, int64_t *out)
{
	*out = cfg_getint(max, option);
	if (*out >= 0)
		return true;
	palier_setup_error(s, max, "max: %s = %lld: expected how often, or 0 for no limit", option, (long long)*out);
	return false;
}

/** @param section that may have `max { }` @return false after palier_setup_error */
static inline bool caps_read(struct palier_setup *s, cfg_t *section, struct caps *out)
{
	cfg_t *max = cfg_size(section, "max") > 0 ? cfg_getsec(section, "max") : NULL;
	bool ok;

	*out = (struct caps){ 0, 0, 0 };
	if (!max)
		return true;
	ok = caps_figure_read(s, max, "member", &out->member);
	ok = caps_figure_read(s, max, "day", &out->day) && ok;
	return caps_figure_read(s, max, "total", &out->total) && ok;
}

static inline struct palier_key caps_key(struct palier_id member, uint32_t day, struct palier_bytes name)
{
	struct palier_key k = { .len = 0 };

	palier_key_id(&k, member);
	palier_key_uint(&k, day, 4);
	palier_key_raw(&k, name.at, name.len);
	return k;
}

static inline struct palier_key caps_total_key(struct palier_bytes name)
{
	struct palier_key k = { .len = 0 };

	palier_key_raw(&k, name.at, name.len);
	return k;
}

/* 0 where nothing was counted. */
static inline int caps_uses(const struct palier_tables *t, unsigned table, const struct palier_key *k, int64_t *out)
{
	struct palier_bytes value;
	struct palier_cut cut;
	int err = palier_get(t, table, k, &value);

	if (err == PALIER_ENOENT)
		*out = 0;
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	cut = palier_cut_of(value);
	*out = palier_cut_i64(&cut);
	return cut.bad ? PALIER_EDAMAGED : PALIER_OK;
}

/* Never below 0: of a member who was erased meanwhile nothing is counted any longer. */
static inline int caps_row_add(struct palier_tables *t, unsigned table, const struct palier_key *k, int64_t times)
{
	struct palier_value v = { .len = 0 };
	int64_t uses = 0;
	int err = caps_uses(t, table, k, &uses);

	if (err != PALIER_OK)
		return err;
	if (!palier_add_i64(&uses, times))
		return PALIER_ERANGE;
	if (uses <= 0)
		return palier_del(t, table, k);
	palier_value_i64(&v, uses);
	return palier_put(t, table, k, palier_value_bytes(&v));
}

/** Apply: count so many uses, or, negative, count them no more. @return PALIER_OK; PALIER_ERANGE beyond a figure */
static inline int caps_add(struct palier_tables *t, struct caps_tables in, const struct caps_use *u, int64_t times)
{
	struct palier_key total = caps_total_key(u->name), ever, day;
	int err = caps_row_add(t, in.total, &total, times);

	if (err != PALIER_OK || !u->member)
		return err;
	ever = caps_key(*u->member, 0, u->name);
	day = caps_key(*u->member, u->day, u->name);
	err = caps_row_add(t, in.used, &ever, times);
	return err == PALIER_OK ? caps_row_add(t, in.used, &day, times) : err;
}

static inline int caps_left_of(const struct palier_tables *t, unsigned table, const struct palier_key *k, int64_t cap,
	int64_t *left)
{
	int64_t uses = 0;
	int err = cap > 0 ? caps_uses(t, table, k, &uses) : PALIER_OK;

	if (err == PALIER_OK && cap > 0 && cap - uses < *left)
		*left = cap > uses ? cap - uses : 0;
	return err;
}

/** How often it may still be had; INT64_MAX: there is no cap. @return PALIER_OK; PALIER_EDAMAGED, PALIER_ESTORE */
static inline int caps_left(const struct palier_tables *t, struct caps_tables in, const struct caps *caps,
	const struct caps_use *u, int64_t *out)
{
	struct palier_key total = caps_total_key(u->name), ever, day;
	int64_t left = INT64_MAX;
	int err = caps_left_of(t, in.total, &total, caps->total, &left);

	if (err == PALIER_OK && u->member) {
		ever = caps_key(*u->member, 0, u->name);
		day = caps_key(*u->member, u->day, u->name);
		err = caps_left_of(t, in.used, &ever, caps->member, &left);
		if (err == PALIER_OK)
			err = caps_left_of(t, in.used, &day, caps->day, &left);
	}
	if (err == PALIER_OK)
		*out = left;
	return err;
}

/** Apply: take all of a member's counts away, and add them to those of `into`. @param into NULL: they are gone */
static inline int caps_move(struct palier_tables *t, struct caps_tables in, struct palier_id from,
	const struct palier_id *into)
{
	struct palier_key prefix = { .len = 0 }, old, other;
	struct palier_cursor *cur;
	struct palier_bytes key, value;
	struct palier_cut cut;
	int err;

	palier_key_id(&prefix, from);
	cur = palier_seek(t, in.used, &prefix);
	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		old = other = (struct palier_key){ .len = 0 };
		palier_key_raw(&old, key.at, key.len);
		if (into)
			palier_key_id(&other, *into);
		palier_key_raw(&other, key.at + PALIER_ID_LEN, key.len - PALIER_ID_LEN);
		cut = palier_cut_of(value);
		if (into && (err = caps_row_add(t, in.used, &other, palier_cut_i64(&cut))) != PALIER_OK)
			return err;
		if ((err = palier_del(t, in.used, &old)) != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/** Has anybody counts? Then a merge or an erasure has something to move. @return PALIER_OK; PALIER_ENOENT; PALIER_EDAMAGED, PALIER_ESTORE */
static inline int caps_any(const struct palier_tables *t, struct caps_tables in, struct palier_id member)
{
	struct palier_key prefix = { .len = 0 };
	struct palier_bytes key, value;

	palier_key_id(&prefix, member);
	return palier_next(palier_seek(t, in.used, &prefix), &key, &value);
}

/* All the days of a member's uses of something. @param row of `used`, that of all days */
static inline int caps_days_sum(const struct palier_tables *t, struct caps_tables in, struct palier_bytes row, int64_t *out)
{
	struct palier_bytes name = palier_bytes_of(row.at + PALIER_ID_LEN + 4, row.len - PALIER_ID_LEN - 4), key, value;
	struct palier_key prefix = { .len = 0 };
	struct palier_cursor *cur;
	struct palier_cut cut;
	int err;

	palier_key_raw(&prefix, row.at, PALIER_ID_LEN);
	cur = palier_seek(t, in.used, &prefix);
	*out = 0;
	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		cut = palier_cut_of(palier_bytes_of(key.at + PALIER_ID_LEN, key.len - PALIER_ID_LEN));
		if (palier_cut_uint(&cut, 4) == 0 || !palier_equal(palier_bytes_of(cut.at, cut.left), name))
			continue;
		cut = palier_cut_of(value);
		*out += palier_cut_i64(&cut);
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/** Do the counts agree? A member's days make up all of the member's uses, and nobody has more of them than there are in all. For .check */
static inline int caps_check(const struct palier_tables *t, struct caps_tables in,
	void (*say)(void *who, const char *finding), void *who)
{
	struct palier_key all = { .len = 0 }, name;
	struct palier_cursor *cur = palier_seek(t, in.used, &all);
	struct palier_bytes key, value;
	struct palier_cut cut, uses;
	int64_t days, total;
	int err;

	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		cut = palier_cut_of(key);
		palier_cut_id(&cut);
		if (palier_cut_uint(&cut, 4) != 0)
			continue;
		uses = palier_cut_of(value);
		name = caps_total_key(palier_bytes_of(cut.at, cut.left));
		err = caps_days_sum(t, in, key, &days);
		if (err == PALIER_OK)
			err = caps_uses(t, in.total, &name, &total);
		if (err != PALIER_OK)
			return err;
		if (palier_cut_i64(&uses) != days)
			say(who, "a member's uses are not those of the member's days");
		else if (days > total)
			say(who, "a member has used more than was used in all");
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}
