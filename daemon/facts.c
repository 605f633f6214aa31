/* SPDX-License-Identifier: Apache-2.0 */
/* Facts: what conditions and plugins may know of a member's past.
 *
 * facts   member id                 -> first purchase i64 ms, last purchase i64 ms, purchases u32, spend i64
 * bucket  member id, day u32        -> purchases u32, spend i64; of the last three years
 * bought  member id                 -> the last 128 products and categories bought, latest day first (then by hash), each:
 *                                     hash u64, lines u16, last day u32
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
		out->days++;
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

/* Add to a day's bucket, or take off. A day without purchases has none, nor has one older than three years, which is gone. */
static int bucket_add(struct palier_tables *t, struct palier_id member, uint32_t day, int purchases_more, int64_t spent)
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
	else if (err != PALIER_ENOENT || purchases_more <= 0)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	purchases += purchases_more;
	if (!palier_add_i64(&spend, spent))
		return PALIER_ERANGE;
	if (purchases <= 0)
		return palier_del(t, T_BUCKET, &k);
	palier_value_uint(&v, (uint64_t)purchases, 4);
	palier_value_i64(&v, spend);
	err = palier_put(t, T_BUCKET, &k, palier_value_bytes(&v));
	return err == PALIER_OK && purchases_more > 0 ? bucket_trim(t, member, day) : err;
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

static bool bought_before(const struct bought *a, const struct bought *b)
{
	return a->day != b->day ? a->day > b->day : a->hash < b->hash;
}

/* Take a row out. @return false, *out a row without lines, when there is none */
static bool bought_take(struct bought *all, unsigned *n, uint64_t hash, struct bought *out)
{
	unsigned at = 0;

	while (at < *n && all[at].hash != hash)
		at++;
	*out = at < *n ? all[at] : (struct bought){ .hash = hash };
	if (at == *n)
		return false;
	memmove(all + at, all + at + 1, (--*n - at) * sizeof(*all));
	return true;
}

/* Put a row at its place; the one bought longest ago makes room. The order follows from the rows alone, so that it is the same
 * whatever came and went meanwhile. */
static void bought_insert(struct bought *all, unsigned *n, const struct bought *row)
{
	unsigned at = 0;

	while (at < *n && bought_before(&all[at], row))
		at++;
	if (at == BOUGHT_MAX)
		return;
	*n -= *n == BOUGHT_MAX;
	memmove(all + at + 1, all + at, (*n - at) * sizeof(*all));
	all[at] = *row;
	++*n;
}

static void bought_add(struct bought *all, unsigned *n, uint64_t hash, uint32_t day)
{
	struct bought row;

	bought_take(all, n, hash, &row);
	row.lines += row.lines < UINT16_MAX;
	row.day = day > row.day ? day : row.day;
	bought_insert(all, n, &row);
}

/* Some lines of a product are no more. @param day when it was last bought without them; 0: not known */
static void bought_drop(struct bought *all, unsigned *n, uint64_t hash, int64_t lines, uint32_t day)
{
	struct bought row;

	if (!bought_take(all, n, hash, &row) || row.lines <= lines)
		return;
	row.lines = (uint16_t)(row.lines - lines);
	row.day = day ? day : row.day;
	bought_insert(all, n, &row);
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
	return n ? palier_put(t, T_BOUGHT, k, palier_bytes_of(value, n * BOUGHT_LEN)) : palier_del(t, T_BOUGHT, k);
}

static int bought_get(const struct palier_tables *t, struct palier_id member, struct palier_key *k, struct bought *all,
	unsigned *n)
{
	struct palier_bytes value;
	int err;

	member_key(k, member);
	err = palier_get(t, T_BOUGHT, k, &value);
	*n = err == PALIER_OK ? bought_read(value, all) : 0;
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static uint64_t product_hash(struct palier_bytes name, bool category)
{
	return name_hash(category ? name_hash(FNV_BASIS, PALIER_LIT("\0")) : FNV_BASIS, name);
}

uint32_t products_of(const struct sale_commit *p, struct product *out)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->lines.count; i++) {
		const struct basket_line *line = &p->lines.at[i];

		if (PALIER_HAS(line, basket_line, kind) && line->kind != LINE_ITEM)
			continue;
		out[n] = (struct product){ .set = { 0, 0 } };
		PALIER_SET(&out[n], product, sku, line->sku);
		if (line->category.len)
			PALIER_SET(&out[n], product, category, line->category);
		n++;
	}
	return n;
}

static int bought_add_products(struct palier_tables *t, const struct purchase *p)
{
	struct bought all[BOUGHT_MAX];
	struct palier_key k;
	unsigned n;
	int err = bought_get(t, p->member, &k, all, &n);

	for (uint32_t i = 0; i < p->product_count && err == PALIER_OK; i++) {
		bought_add(all, &n, product_hash(p->products[i].sku, false), p->date);
		if (p->products[i].category.len)
			bought_add(all, &n, product_hash(p->products[i].category, true), p->date);
	}
	return err == PALIER_OK && p->product_count ? bought_write(t, &k, all, n) : err;
}

int facts_add(struct palier_tables *t, const struct purchase *p)
{
	struct palier_facts facts;
	int err = facts_get(t, p->member, &facts);

	if (err != PALIER_OK)
		return err;
	if (facts.purchases == 0 || p->at_ms < facts.first_purchase_ms)
		facts.first_purchase_ms = p->at_ms;
	if (p->at_ms > facts.last_purchase_ms)
		facts.last_purchase_ms = p->at_ms;
	facts.purchases++;
	if (!palier_add_i64(&facts.spend, p->spend))
		return PALIER_ERANGE;
	err = facts_put(t, p->member, &facts);
	if (err == PALIER_OK)
		err = bucket_add(t, p->member, p->date, 1, p->spend);
	return err == PALIER_OK ? bought_add_products(t, p) : err;
}

static int bought_undo(struct palier_tables *t, const struct sale_voided *e)
{
	struct bought all[BOUGHT_MAX];
	struct palier_key k;
	unsigned n;
	int err = bought_get(t, e->member, &k, all, &n);

	for (uint32_t i = 0; i < e->products.count; i++) {
		const struct unbought *u = &e->products.at[i];

		bought_drop(all, &n, product_hash(u->name, u->category), u->lines, u->day);
	}
	return err == PALIER_OK && e->products.count ? bought_write(t, &k, all, n) : err;
}

int64_t facts_lines(const struct palier_tables *t, struct palier_id member, const struct unbought *product)
{
	struct bought all[BOUGHT_MAX], row = { 0 };
	struct palier_key k;
	unsigned n;

	if (bought_get(t, member, &k, all, &n) == PALIER_OK)
		bought_take(all, &n, product_hash(product->name, product->category), &row);
	return row.lines;
}

int facts_undo(struct palier_tables *t, const struct sale_voided *e)
{
	struct palier_facts facts;
	struct palier_key k;
	int err = facts_get(t, e->member, &facts);

	if (err != PALIER_OK)
		return err;
	facts.first_purchase_ms = e->first;
	facts.last_purchase_ms = e->last;
	if (!palier_add_i64(&facts.spend, -e->spend))
		return PALIER_ERANGE;
	member_key(&k, e->member);
	err = --facts.purchases > 0 ? facts_put(t, e->member, &facts) : palier_del(t, T_FACTS, &k);
	if (err == PALIER_OK)
		err = bucket_add(t, e->member, e->date, -1, -e->spend);
	return err == PALIER_OK ? bought_undo(t, e) : err;
}

int facts_return(struct palier_tables *t, struct palier_id member, uint32_t date, int64_t amount)
{
	struct palier_facts facts;
	int err = facts_get(t, member, &facts);

	if (err != PALIER_OK)
		return err;
	if (!palier_add_i64(&facts.spend, -amount))
		return PALIER_ERANGE;
	err = facts_put(t, member, &facts);
	return err == PALIER_OK ? bucket_add(t, member, date, 0, -amount) : err;
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

bool palier_fact_changed(struct palier_ctx *c, struct palier_id member, const char *name)
{
	for (uint32_t i = 0; i < c->ev.effect_count; i++) {
		const struct fact_published *e = palier_body(&c->ev.effects[i], "fact");

		if (e && palier_id_equal(e->member, member) && palier_is(e->name, name))
			return true;
	}
	return false;
}

bool palier_fact_told(struct palier_ctx *c, uint32_t i, struct palier_id *member, struct palier_bytes *name)
{
	for (uint32_t n = 0; n < c->ev.effect_count; n++) {
		const struct fact_published *e = palier_body(&c->ev.effects[n], "fact");

		if (!e || i-- > 0)
			continue;
		*member = e->member;
		*name = e->name;
		return true;
	}
	return false;
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

struct palier_cursor *facts_published(const struct palier_tables *t, struct palier_id member)
{
	struct palier_key prefix;

	member_key(&prefix, member);
	return palier_seek(t, T_FACT, &prefix);
}

/* --- two members become one, or one nobody --- */

static int totals_move(struct palier_tables *t, struct palier_id from, struct palier_id into)
{
	struct palier_facts a, b;
	int err = facts_get(t, from, &a);

	if (err == PALIER_OK)
		err = facts_get(t, into, &b);
	if (err != PALIER_OK || a.purchases == 0)
		return err;
	if (b.purchases == 0 || a.first_purchase_ms < b.first_purchase_ms)
		b.first_purchase_ms = a.first_purchase_ms;
	if (b.purchases == 0 || a.last_purchase_ms > b.last_purchase_ms)
		b.last_purchase_ms = a.last_purchase_ms;
	b.purchases += a.purchases;
	return palier_add_i64(&b.spend, a.spend) ? facts_put(t, into, &b) : PALIER_ERANGE;
}

static int buckets_move(struct palier_tables *t, struct palier_id from, struct palier_id into)
{
	struct palier_key prefix;
	struct palier_bytes key, value;
	struct palier_cursor *rows;
	int err;

	member_key(&prefix, from);
	rows = palier_seek(t, T_BUCKET, &prefix);
	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(palier_bytes_of(key.at + PALIER_ID_LEN, key.len - PALIER_ID_LEN));
		int64_t purchases, spend;

		bucket_read(value, &purchases, &spend);
		err = bucket_add(t, into, (uint32_t)palier_cut_uint(&cut, 4), (int)purchases, spend);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* Of what both bought, the counts are added; the rest is told apart by day, and the oldest makes room. */
static int bought_move(struct palier_tables *t, struct palier_id from, struct palier_id into)
{
	struct bought theirs[BOUGHT_MAX], all[BOUGHT_MAX], row;
	struct palier_key k;
	unsigned count, n;
	int err = bought_get(t, from, &k, theirs, &count);

	if (err == PALIER_OK)
		err = bought_get(t, into, &k, all, &n);
	if (err != PALIER_OK || count == 0)
		return err;
	for (unsigned i = 0; i < count; i++) {
		bought_take(all, &n, theirs[i].hash, &row);
		row.lines = (uint16_t)(row.lines + theirs[i].lines > UINT16_MAX ? UINT16_MAX : row.lines + theirs[i].lines);
		row.day = theirs[i].day > row.day ? theirs[i].day : row.day;
		bought_insert(all, &n, &row);
	}
	return bought_write(t, &k, all, n);
}

static int published_move(struct palier_tables *t, struct palier_id from, struct palier_id into)
{
	struct palier_cursor *rows = facts_published(t, from);
	struct palier_bytes key, value, own;
	int err;

	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		struct palier_key k;

		fact_key(&k, into, palier_bytes_of(key.at + PALIER_ID_LEN, key.len - PALIER_ID_LEN));
		err = palier_get(t, T_FACT, &k, &own);
		if (err == PALIER_ENOENT)
			err = palier_put(t, T_FACT, &k, value);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int facts_move(struct palier_tables *t, struct palier_id from, struct palier_id into)
{
	int err = totals_move(t, from, into);

	if (err == PALIER_OK)
		err = buckets_move(t, from, into);
	if (err == PALIER_OK)
		err = bought_move(t, from, into);
	if (err == PALIER_OK)
		err = published_move(t, from, into);
	return err == PALIER_OK ? facts_forget(t, from) : err;
}

int facts_forget(struct palier_tables *t, struct palier_id member)
{
	static const unsigned tables[] = { T_FACTS, T_BUCKET, T_BOUGHT, T_FACT };
	struct palier_bytes key, value;
	struct palier_key prefix;
	int err = PALIER_OK;

	member_key(&prefix, member);
	for (unsigned i = 0; i < sizeof(tables) / sizeof(*tables) && err == PALIER_OK; i++) {
		struct palier_cursor *rows = palier_seek(t, tables[i], &prefix);

		while (err == PALIER_OK && (err = palier_next(rows, &key, &value)) == PALIER_OK) {
			struct palier_key k = { .len = 0 };

			palier_key_raw(&k, key.at, key.len);
			err = palier_del(t, tables[i], &k);
		}
		err = err == PALIER_ENOENT ? PALIER_OK : err;
	}
	return err;
}
