/* SPDX-License-Identifier: Apache-2.0 */
/* Facts: what conditions and plugins may know of a member's past.
 *
 * facts   member id                 -> first purchase i64 ms, last purchase i64 ms, purchases u32, spend i64
 * bucket  member id, day u32        -> purchases u32, spend i64; of the last three years
 * bought  member id                 -> the last 128 products and categories bought, newest first, each: hash u64, lines u16, last day u32
 * fact    member id, name           -> text: what plugins publish */
#include "daemon/core.h"

#define BUCKET_DAYS (3 * 366)

static void member_key(struct palier_key *k, struct palier_id member)
{
	k->len = 0;
	k->bad = false;
	palier_key_id(k, member);
}

static int facts_get(const struct palier_tables *t, struct palier_id member, struct palier_facts *out)
{
	struct palier_key k;
	struct palier_bytes value;
	struct palier_cut cut;
	int err;

	member_key(&k, member);
	err = palier_get(t, T_FACTS, &k, &value);
	*out = (struct palier_facts){ 0 };
	if (err == PALIER_OK) {
		cut = palier_cut_of(value);
		out->first_purchase_ms = palier_cut_i64(&cut);
		out->last_purchase_ms = palier_cut_i64(&cut);
		out->purchases = (int64_t)palier_cut_uint(&cut, 4);
		out->spend = palier_cut_i64(&cut);
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int facts_put(struct palier_tables *t, struct palier_id member, const struct palier_facts *facts)
{
	struct palier_key k;
	struct palier_value v = { .len = 0 };

	member_key(&k, member);
	palier_value_i64(&v, facts->first_purchase_ms);
	palier_value_i64(&v, facts->last_purchase_ms);
	palier_value_uint(&v, (uint64_t)facts->purchases, 4);
	palier_value_i64(&v, facts->spend);
	return palier_put(t, T_FACTS, &k, palier_value_bytes(&v));
}

int palier_facts(struct palier_ctx *c, struct palier_id member, struct palier_facts *out)
{
	return facts_get(core_tables(c), member, out);
}

/* --- days --- */

static void bucket_read(struct palier_bytes value, int64_t *purchases, int64_t *spend)
{
	struct palier_cut cut = palier_cut_of(value);

	*purchases = (int64_t)palier_cut_uint(&cut, 4);
	*spend = palier_cut_i64(&cut);
}

int palier_facts_between(struct palier_ctx *c, struct palier_id member, uint32_t from, uint32_t to, struct palier_facts *out)
{
	struct palier_key prefix;
	struct palier_bytes key, value;
	struct palier_cursor *rows;
	int err;

	*out = (struct palier_facts){ 0 };
	member_key(&prefix, member);
	rows = palier_seek(core_tables(c), T_BUCKET, &prefix);
	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(palier_bytes_of(key.at + PALIER_ID_LEN, key.len - PALIER_ID_LEN));
		uint32_t day = (uint32_t)palier_cut_uint(&cut, 4);
		int64_t purchases, spend;

		if (day < from || day > to)
			continue;
		bucket_read(value, &purchases, &spend);
		out->purchases += purchases;
		out->spend += spend;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* The oldest bucket goes when it is older than three years, so that a member's rows stay bounded. */
static int bucket_trim(struct palier_tables *t, struct palier_id member, uint32_t day)
{
	struct palier_key prefix, k = { .len = 0 };
	struct palier_bytes key, value;
	struct palier_cut cut;
	int err;

	member_key(&prefix, member);
	err = palier_next(palier_seek(t, T_BUCKET, &prefix), &key, &value);
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	cut = palier_cut_of(palier_bytes_of(key.at + PALIER_ID_LEN, key.len - PALIER_ID_LEN));
	if (day_number((uint32_t)palier_cut_uint(&cut, 4)) >= day_number(day) - BUCKET_DAYS)
		return PALIER_OK;
	palier_key_raw(&k, key.at, key.len);
	return palier_del(t, T_BUCKET, &k);
}

static int bucket_add(struct palier_tables *t, struct palier_id member, uint32_t day, int64_t spent)
{
	struct palier_key k;
	struct palier_value v = { .len = 0 };
	struct palier_bytes value;
	int64_t purchases = 0, spend = 0;
	int err;

	member_key(&k, member);
	palier_key_uint(&k, day, 4);
	err = palier_get(t, T_BUCKET, &k, &value);
	if (err == PALIER_OK)
		bucket_read(value, &purchases, &spend);
	else if (err != PALIER_ENOENT)
		return err;
	if (!palier_add_i64(&spend, spent))
		return PALIER_ERANGE;
	palier_value_uint(&v, (uint64_t)(purchases + 1), 4);
	palier_value_i64(&v, spend);
	err = palier_put(t, T_BUCKET, &k, palier_value_bytes(&v));
	return err == PALIER_OK ? bucket_trim(t, member, day) : err;
}

/* --- what was bought --- */

/* FNV-1a, 64 bits (draft-eastlake-fnv): spreads names over keys; a collision would merge two products' counts, nothing worse. */
#define FNV_BASIS UINT64_C(0xcbf29ce484222325)

static uint64_t name_hash(uint64_t h, struct palier_bytes name)
{
	for (size_t i = 0; i < name.len; i++)
		h = (h ^ (uint8_t)name.at[i]) * UINT64_C(0x100000001b3);
	return h;
}

#define BOUGHT_MAX 128
#define BOUGHT_LEN 14

/* Products and categories share one space of hashes: a category is hashed behind a NUL, which no product's code holds. */
struct bought {
	uint64_t hash;
	uint16_t lines;
	uint32_t day;
};

static unsigned bought_read(struct palier_bytes value, struct bought *out)
{
	struct palier_cut cut = palier_cut_of(value);
	unsigned n = 0;

	while (cut.left >= BOUGHT_LEN && n < BOUGHT_MAX) {
		out[n].hash = palier_cut_uint(&cut, 8);
		out[n].lines = (uint16_t)palier_cut_uint(&cut, 2);
		out[n++].day = (uint32_t)palier_cut_uint(&cut, 4);
	}
	return n;
}

/* Move to the front, or come in there; the oldest makes room. */
static unsigned bought_add(struct bought *all, unsigned n, uint64_t hash, uint32_t day)
{
	struct bought front = { hash, 0, day };
	unsigned at = 0;

	while (at < n && all[at].hash != hash)
		at++;
	if (at < n)
		front = all[at];
	else if (n < BOUGHT_MAX)
		n++;
	else
		at = n - 1;
	memmove(all + 1, all, at * sizeof(*all));
	front.lines += front.lines < UINT16_MAX;
	front.day = day > front.day ? day : front.day;
	all[0] = front;
	return n;
}

static void bought_put(uint8_t *at, uint64_t v, unsigned width)
{
	while (width-- > 0)
		*at++ = (uint8_t)(v >> 8 * width);
}

static int bought_write(struct palier_tables *t, const struct palier_key *k, const struct bought *all, unsigned n)
{
	uint8_t value[BOUGHT_MAX * BOUGHT_LEN];

	for (unsigned i = 0; i < n; i++) {
		uint8_t *at = value + i * BOUGHT_LEN;

		bought_put(at, all[i].hash, 8);
		bought_put(at + 8, all[i].lines, 2);
		bought_put(at + 10, all[i].day, 4);
	}
	return palier_put(t, T_BOUGHT, k, palier_bytes_of(value, n * BOUGHT_LEN));
}

static int bought_add_lines(struct palier_tables *t, struct palier_id member, const struct sale_commit *p, uint32_t day)
{
	struct bought all[BOUGHT_MAX];
	struct palier_key k;
	struct palier_bytes value;
	unsigned n = 0;
	int err;

	member_key(&k, member);
	err = palier_get(t, T_BOUGHT, &k, &value);
	if (err == PALIER_OK)
		n = bought_read(value, all);
	else if (err != PALIER_ENOENT)
		return err;
	for (uint32_t i = 0; i < p->lines.count; i++) {
		const struct basket_line *line = &p->lines.at[i];

		if (PALIER_HAS(line, basket_line, kind) && line->kind != LINE_ITEM)
			continue;
		n = bought_add(all, n, name_hash(FNV_BASIS, line->sku), day);
		if (line->category.len)
			n = bought_add(all, n, name_hash(name_hash(FNV_BASIS, PALIER_LIT("\0")), line->category), day);
	}
	return n ? bought_write(t, &k, all, n) : PALIER_OK;
}

int facts_add_sale(struct palier_tables *t, const struct palier_event *ev, const struct sale_booked *b)
{
	const struct sale_commit *p = ev->params;
	struct palier_facts facts;
	int err = facts_get(t, ev->member, &facts);

	if (err != PALIER_OK)
		return err;
	if (facts.purchases == 0 || ev->at_ms < facts.first_purchase_ms)
		facts.first_purchase_ms = ev->at_ms;
	if (ev->at_ms > facts.last_purchase_ms)
		facts.last_purchase_ms = ev->at_ms;
	facts.purchases++;
	if (!palier_add_i64(&facts.spend, b->payable))
		return PALIER_ERANGE;
	err = facts_put(t, ev->member, &facts);
	if (err == PALIER_OK)
		err = bucket_add(t, ev->member, b->date, b->payable);
	return err == PALIER_OK ? bought_add_lines(t, ev->member, p, b->date) : err;
}

/* --- published facts --- */

static void fact_key(struct palier_key *k, struct palier_id member, struct palier_bytes name)
{
	member_key(k, member);
	palier_key_raw(k, name.at, name.len);
}

int palier_fact_publish(struct palier_ctx *c, struct palier_id member, const char *name, struct palier_bytes value)
{
	struct fact_published body = { .set = { 0, 0 } };

	PALIER_SET(&body, fact_published, member, member);
	PALIER_SET(&body, fact_published, name, palier_str(name));
	PALIER_SET(&body, fact_published, value, value);
	return palier_effect_add(c, "fact", &body);
}

CORE_APPLY(fact_published_apply)
{
	const struct fact_published *e = body;
	struct palier_key k;

	(void)ev;
	fact_key(&k, e->member, e->name);
	return e->value.len ? palier_put(t, T_FACT, &k, e->value) : palier_del(t, T_FACT, &k);
}

int palier_fact(struct palier_ctx *c, struct palier_id member, const char *name, struct palier_bytes *out)
{
	struct palier_key k;

	fact_key(&k, member, palier_str(name));
	return palier_get(core_tables(c), T_FACT, &k, out);
}
