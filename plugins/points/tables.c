/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of points: how their rows are laid out, read, written and checked. */
#include "plugins/points/internal.h"

#include <stdlib.h>

/* The order of a lot's key is the order of spending. */
const struct palier_table points_tables[] = {
	[T_BALANCE] = { "balance", "member id, unit u16", "lots i64, held i64, hole i64, pending day u32",
		PALIER_BY_MEMBER },
	[T_LOT] = { "lot", "member id, unit u16, last day u32, at ms u64, seq u64, cause u8",
		"left i64, held i64, pending day u32", PALIER_BY_MEMBER },
	[T_UNIT] = { "unit", "name", "unit u16, kind u8", PALIER_FOLDED },
	[T_UNIT_NAME] = { "unit_name", "unit u16", "name", PALIER_FOLDED },
	[T_ORIGIN] = { "origin", "seq u64, unit u16", "lapsed i64, owed i64", PALIER_FOLDED },
	[T_TOTAL] = { "total", "unit u16",
		"batch u32, sums of that batch i64 x 13, of all time i64 x 13; x 15 once points were given up or granted",
		PALIER_FOLDED },
	[T_HELD] = { "held", "member id, hold, NUL, unit u16, last day u32, at ms u64, seq u64, cause u8",
		"points i64, until i64 ms", PALIER_BY_MEMBER },
	[T_HOLD] = { "hold", "hold, NUL, member id", "nothing", PALIER_FOLDED },
	[T_UNCONFIRMED] = { "unconfirmed", "member id, unit u16, last day u32, at ms u64, seq u64, cause u8", "batch u32",
		PALIER_BY_MEMBER },
	[T_HOME] = { "home", "member id", "id of the store where the member is at home; no row: here", PALIER_BY_MEMBER },
	[T_SOURCE] = { "source", "store/seq/index of what another store gave up", "seq u64 of the event that granted it",
		PALIER_FOLDED },
	[T_ROAMED] = { "roamed", "member id", "store date u32, points i64 spent then beyond what there was",
		PALIER_BY_MEMBER },
	{ 0 },
};

static struct palier_key member_key(struct palier_id member)
{
	struct palier_key k = { 0 };

	palier_key_id(&k, member);
	return k;
}

void points_lot_key(struct palier_key *k, uint16_t number, const struct lot *l)
{
	palier_key_uint(k, number, 2);
	palier_key_uint(k, l->expires, 4);
	palier_key_uint(k, (uint64_t)l->at_ms, 8); /* no instant is before 1970 */
	palier_key_uint(k, l->seq, 8);
	palier_key_uint(k, l->cause, 1);
}

uint16_t points_lot_cut(struct palier_cut *k, struct lot *out)
{
	uint16_t number = (uint16_t)palier_cut_uint(k, 2);

	out->expires = (uint32_t)palier_cut_uint(k, 4);
	out->at_ms = (int64_t)palier_cut_uint(k, 8);
	out->seq = palier_cut_uint(k, 8);
	out->cause = (uint8_t)palier_cut_uint(k, 1);
	return number;
}

static struct palier_key balance_key(struct palier_id member, uint16_t number)
{
	struct palier_key k = member_key(member);

	palier_key_uint(&k, number, 2);
	return k;
}

static struct palier_key lot_key(struct palier_id member, uint16_t number, const struct lot *l)
{
	struct palier_key k = member_key(member);

	points_lot_key(&k, number, l);
	return k;
}

static struct palier_key name_key(struct palier_bytes unit)
{
	struct palier_key k = { 0 };

	palier_key_raw(&k, unit.at, unit.len);
	return k;
}

static struct palier_key number_key(uint16_t number)
{
	struct palier_key k = { 0 };

	palier_key_uint(&k, number, 2);
	return k;
}

static int standing_cut(struct palier_bytes value, struct standing *out)
{
	struct palier_cut cut = palier_cut_of(value);
	struct standing st;

	st.lots = palier_cut_i64(&cut);
	st.held = palier_cut_i64(&cut);
	st.hole = palier_cut_i64(&cut);
	st.pending = (uint32_t)palier_cut_uint(&cut, 4);
	if (cut.bad || cut.left > 0)
		return PALIER_EDAMAGED;
	*out = st;
	return PALIER_OK;
}

static int lot_cut(struct palier_bytes key, struct palier_bytes value, struct lot *out)
{
	struct palier_cut k = palier_cut_of(key), v = palier_cut_of(value);
	struct lot l;

	(void)palier_cut_raw(&k, PALIER_ID_LEN);
	(void)points_lot_cut(&k, &l);
	l.left = palier_cut_i64(&v);
	l.held = palier_cut_i64(&v);
	l.pending = (uint32_t)palier_cut_uint(&v, 4);
	if (k.bad || v.bad || k.left > 0 || v.left > 0)
		return PALIER_EDAMAGED;
	*out = l;
	return PALIER_OK;
}

int points_number_of(const struct palier_tables *t, struct palier_bytes unit, uint16_t *out)
{
	struct palier_key k = name_key(unit);
	struct palier_bytes value;
	struct palier_cut cut;
	uint16_t number;
	int err = palier_get(t, T_UNIT, &k, &value);

	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(value);
	number = (uint16_t)palier_cut_uint(&cut, 2);
	if (cut.bad)
		return PALIER_EDAMAGED;
	*out = number;
	return PALIER_OK;
}

int points_name_of(const struct palier_tables *t, uint16_t number, struct palier_bytes *out)
{
	struct palier_key k = number_key(number);

	return palier_get(t, T_UNIT_NAME, &k, out);
}

int points_standing_read(const struct palier_tables *t, struct palier_id member, uint16_t number, struct standing *out)
{
	struct palier_key k = balance_key(member, number);
	struct palier_bytes value;
	int err = palier_get(t, T_BALANCE, &k, &value);

	if (err == PALIER_ENOENT)
		*out = (struct standing){ 0 };
	else if (err == PALIER_OK)
		err = standing_cut(value, out);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

struct palier_cursor *points_standings(const struct palier_tables *t, struct palier_id member)
{
	struct palier_key k = member_key(member);

	return palier_seek(t, T_BALANCE, &k);
}

int points_standing_next(struct palier_cursor *cur, uint16_t *out_number, struct standing *out)
{
	struct palier_bytes key, value;
	struct palier_cut cut;
	int err = palier_next(cur, &key, &value);

	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(key);
	(void)palier_cut_raw(&cut, PALIER_ID_LEN);
	*out_number = (uint16_t)palier_cut_uint(&cut, 2);
	return cut.bad ? PALIER_EDAMAGED : standing_cut(value, out);
}

struct palier_cursor *points_lots(const struct palier_tables *t, struct palier_id member, uint16_t number)
{
	struct palier_key k = balance_key(member, number);

	return palier_seek(t, T_LOT, &k);
}

int points_lot_next(struct palier_cursor *cur, struct lot *out)
{
	struct palier_bytes key, value;
	int err = palier_next(cur, &key, &value);

	return err == PALIER_OK ? lot_cut(key, value, out) : err;
}

int points_balance_on(const struct palier_tables *t, struct palier_id member, uint16_t number, const struct standing *st,
	uint32_t day, int64_t now_ms, int64_t *out)
{
	int64_t balance = st->lots - st->hole;
	struct palier_cursor *cur;
	struct lot l;
	int err = PALIER_OK;

	if (st->lots > 0) {
		/* Lapsed lots come first: usually this looks at one lot. */
		cur = points_lots(t, member, number);
		while ((err = points_lot_next(cur, &l)) == PALIER_OK && l.expires < day) {
			err = points_lot_loosen(t, member, number, now_ms, &l);
			if (err != PALIER_OK)
				return err;
			balance -= l.left - l.held;
		}
	}
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	*out = balance;
	return PALIER_OK;
}

int points_number_last(const struct palier_tables *t, uint16_t *out)
{
	const struct palier_key all = { 0 };
	struct palier_cursor *cur = palier_seek(t, T_UNIT_NAME, &all);
	struct palier_bytes key, value;
	uint16_t last = 0;
	int err;

	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(key);

		last = (uint16_t)palier_cut_uint(&cut, 2);
	}
	if (err != PALIER_ENOENT)
		return err;
	*out = last;
	return PALIER_OK;
}

int points_unit_write(struct palier_tables *t, const struct points_unit_number *n)
{
	struct palier_key by_name = name_key(n->name), by_number = number_key((uint16_t)n->number);
	struct palier_value v = { 0 };
	int err;

	palier_value_uint(&v, (uint64_t)n->number, 2);
	palier_value_uint(&v, (uint64_t)n->kind, 1);
	err = palier_put(t, T_UNIT, &by_name, palier_value_bytes(&v));
	return err == PALIER_OK ? palier_put(t, T_UNIT_NAME, &by_number, n->name) : err;
}

int points_lot_read(const struct palier_tables *t, struct palier_id member, uint16_t number, struct lot *l)
{
	struct palier_key k = lot_key(member, number, l);
	struct palier_bytes value;
	int err = palier_get(t, T_LOT, &k, &value);

	return err == PALIER_OK ? lot_cut(palier_key_bytes(&k), value, l) : err;
}

static int lot_write(struct palier_tables *t, const struct palier_key *k, const struct lot *l)
{
	struct palier_value v = { 0 };

	palier_value_i64(&v, l->left);
	palier_value_i64(&v, l->held);
	palier_value_uint(&v, l->pending, 4);
	return palier_put(t, T_LOT, k, palier_value_bytes(&v));
}

int points_lot_set(struct palier_tables *t, struct palier_id member, uint16_t number, const struct lot *l)
{
	struct palier_key k = lot_key(member, number, l);

	return lot_write(t, &k, l);
}

int points_lot_move(struct palier_tables *t, struct palier_id member, uint16_t number, struct lot *l, int64_t points,
	bool stay)
{
	struct palier_key k = lot_key(member, number, l);
	int err = points_lot_read(t, member, number, l);

	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	if (!palier_add_i64(&l->left, points) || l->left < l->held)
		return PALIER_EDAMAGED;
	if (l->left == 0 && (l->expires == DAY_NEVER || !stay))
		return palier_del(t, T_LOT, &k);
	return lot_write(t, &k, l);
}

int points_standing_write(struct palier_tables *t, struct palier_id member, uint16_t number, const struct standing *st)
{
	struct palier_key k = balance_key(member, number);
	struct palier_value v = { 0 };

	palier_value_i64(&v, st->lots);
	palier_value_i64(&v, st->held);
	palier_value_i64(&v, st->hole);
	palier_value_uint(&v, st->pending, 4);
	return palier_put(t, T_BALANCE, &k, palier_value_bytes(&v));
}

static struct palier_key origin_key(uint64_t seq, uint16_t number)
{
	struct palier_key k = { 0 };

	palier_key_uint(&k, seq, 8);
	palier_key_uint(&k, number, 2);
	return k;
}

int points_origin_read(const struct palier_tables *t, uint64_t seq, uint16_t number, struct origin *out)
{
	struct palier_key k = origin_key(seq, number);
	struct origin o = { 0 };
	struct palier_bytes value;
	struct palier_cut cut;
	int err = palier_get(t, T_ORIGIN, &k, &value);

	if (err == PALIER_OK) {
		cut = palier_cut_of(value);
		o.lapsed = palier_cut_i64(&cut);
		o.owed = palier_cut_i64(&cut);
		err = cut.bad || cut.left > 0 ? PALIER_EDAMAGED : PALIER_OK;
	}
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	*out = o;
	return PALIER_OK;
}

int points_origin_add(struct palier_tables *t, uint64_t seq, uint16_t number, int64_t lapsed, int64_t owed)
{
	struct palier_key k = origin_key(seq, number);
	struct palier_value v = { 0 };
	struct origin o;
	int err = points_origin_read(t, seq, number, &o);

	if (err != PALIER_OK)
		return err;
	if (!palier_add_i64(&o.lapsed, lapsed) || !palier_add_i64(&o.owed, owed) || o.lapsed < 0 || o.owed < 0)
		return PALIER_EDAMAGED;
	if (o.lapsed == 0 && o.owed == 0)
		return palier_del(t, T_ORIGIN, &k);
	palier_value_i64(&v, o.lapsed);
	palier_value_i64(&v, o.owed);
	return palier_put(t, T_ORIGIN, &k, palier_value_bytes(&v));
}

static int total_cut(struct palier_bytes value, struct total *out)
{
	struct palier_cut cut = palier_cut_of(value);
	struct total s = { .batch = (uint32_t)palier_cut_uint(&cut, 4) };
	unsigned sums = cut.left == 2 * TOTALS * sizeof(int64_t) ? TOTALS : TOTALS_ALONE;

	for (unsigned i = 0; i < sums; i++)
		s.day[i] = palier_cut_i64(&cut);
	for (unsigned i = 0; i < sums; i++)
		s.ever[i] = palier_cut_i64(&cut);
	if (cut.bad || cut.left > 0)
		return PALIER_EDAMAGED;
	*out = s;
	return PALIER_OK;
}

int points_total_read(const struct palier_tables *t, uint16_t number, struct total *out)
{
	struct palier_key k = number_key(number);
	struct palier_bytes value;
	int err = palier_get(t, T_TOTAL, &k, &value);

	if (err == PALIER_OK)
		return total_cut(value, out);
	if (err == PALIER_ENOENT)
		*out = (struct total){ 0 };
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* Sums over all members may pass what a figure holds: a store is not stopped by one absurd balance. */
static bool total_sum(int64_t sums[TOTALS], const struct points_move *m)
{
	int64_t *sum = &sums[m->cause == POINTS_GIVE ? TOTAL_GIVEN : m->cause];

	return !__builtin_add_overflow(*sum, m->points, sum) &&
	       !__builtin_add_overflow(sums[TOTAL_UNCOLLECTED], m->uncollected, &sums[TOTAL_UNCOLLECTED]) &&
	       !__builtin_add_overflow(sums[TOTAL_SHORTFALL], m->shortfall, &sums[TOTAL_SHORTFALL]);
}

/* As it is on this batch's day. */
static int total_on(const struct palier_tables *t, uint32_t batch, uint16_t number, struct total *out)
{
	int err = points_total_read(t, number, out);

	if (err == PALIER_OK && out->batch != batch)
		memset(out->day, 0, sizeof(out->day));
	out->batch = batch;
	return err;
}

static int total_write(struct palier_tables *t, uint16_t number, const struct total *s)
{
	unsigned sums = s->ever[TOTAL_GIVEN] || s->ever[TOTAL_GRANTED] ? TOTALS : TOTALS_ALONE;
	struct palier_key k = number_key(number);
	struct palier_value v = { 0 };

	palier_value_uint(&v, s->batch, 4);
	for (unsigned i = 0; i < sums; i++)
		palier_value_i64(&v, s->day[i]);
	for (unsigned i = 0; i < sums; i++)
		palier_value_i64(&v, s->ever[i]);
	return palier_put(t, T_TOTAL, &k, palier_value_bytes(&v));
}

int points_total_add(struct palier_tables *t, uint32_t batch, uint16_t number, const struct points_move *m)
{
	struct total s;
	int err = total_on(t, batch, number, &s);

	if (err != PALIER_OK)
		return err;
	return total_sum(s.day, m) && total_sum(s.ever, m) ? total_write(t, number, &s) : PALIER_ERANGE;
}

int points_total_granted(struct palier_tables *t, uint32_t batch, uint16_t number, int64_t points)
{
	struct total s;
	int err = total_on(t, batch, number, &s);

	if (err != PALIER_OK)
		return err;
	if (__builtin_add_overflow(s.day[TOTAL_GRANTED], points, &s.day[TOTAL_GRANTED]) ||
		__builtin_add_overflow(s.ever[TOTAL_GRANTED], points, &s.ever[TOTAL_GRANTED]))
		return PALIER_ERANGE;
	return total_write(t, number, &s);
}

/* Wraps around rather than being undefined: so do the balances that it is compared with. */
int64_t points_total_outstanding(const struct total *total)
{
	uint64_t sum = (uint64_t)total->ever[TOTAL_GIVEN];

	for (unsigned i = 0; i < TOTAL_CAUSES; i++)
		sum += (uint64_t)total->ever[i];
	return (int64_t)sum;
}

/* The lots of one balance: their sum, what of it is held, how many they are, and how many rows of holds there are of them. */
struct lots_sum {
	int64_t left, held;
	uint64_t count, rows;
};

/* Is what is held of a lot what the holds say? */
static int lot_check(const struct palier_tables *t, const struct palier_key *balance, const struct lot *l, uint64_t *rows)
{
	struct palier_cut cut = palier_cut_of(palier_key_bytes(balance));
	struct palier_id member = palier_cut_id(&cut);
	uint16_t number = (uint16_t)palier_cut_uint(&cut, 2);
	int64_t held = 0;
	int err = l->held ? points_held_of(t, member, number, l, INT64_MAX, &held, rows) : PALIER_OK;

	return err == PALIER_OK && held != l->held ? PALIER_EDAMAGED : err;
}

static int lots_sum(const struct palier_tables *t, const struct palier_key *prefix, struct lots_sum *sum)
{
	struct palier_cursor *cur = palier_seek(t, T_LOT, prefix);
	struct lot l;
	int err;

	while ((err = points_lot_next(cur, &l)) == PALIER_OK) {
		if (l.held < 0 || l.left < l.held || !palier_add_i64(&sum->left, l.left) ||
			!palier_add_i64(&sum->held, l.held))
			return PALIER_EDAMAGED;
		err = lot_check(t, prefix, &l, &sum->rows);
		if (err != PALIER_OK)
			return err;
		sum->count++;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* Balances of all members, by the unit's number. Sums wrap around, as those they are compared with would. And how many lots and rows of
 * holds belong to them. */
struct balance_sums {
	uint64_t *of;
	uint16_t last;
	uint64_t lots, held;
};

static int balance_sum(struct balance_sums *sums, struct palier_bytes key, const struct standing *st)
{
	struct palier_cut cut = palier_cut_of(key);
	uint16_t number;

	(void)palier_cut_raw(&cut, PALIER_ID_LEN);
	number = (uint16_t)palier_cut_uint(&cut, 2);
	if (cut.bad || number > sums->last)
		return PALIER_EDAMAGED;
	sums->of[number] += (uint64_t)st->lots - (uint64_t)st->hole;
	return PALIER_OK;
}

/* Is the sum of all moves that of all balances? */
static int totals_check(const struct palier_tables *t, const struct balance_sums *sums, bool *out_same)
{
	for (unsigned number = 1; number <= sums->last; number++) {
		struct total total;
		int err = points_total_read(t, (uint16_t)number, &total);

		if (err != PALIER_OK)
			return err;
		if ((uint64_t)points_total_outstanding(&total) != sums->of[number])
			*out_same = false;
	}
	return PALIER_OK;
}

/* Does this balance agree with its lots? EDAMAGED: it does not. */
static int balance_check(const struct palier_tables *t, struct palier_bytes key, struct palier_bytes value,
	struct balance_sums *sums)
{
	struct palier_key prefix = { 0 };
	struct lots_sum sum = { 0 };
	struct standing st;
	int err = standing_cut(value, &st);

	palier_key_raw(&prefix, key.at, key.len);
	if (err == PALIER_OK)
		err = lots_sum(t, &prefix, &sum);
	sums->lots += sum.count;
	sums->held += sum.rows;
	if (err == PALIER_OK && (sum.left != st.lots || sum.held != st.held || st.hole < 0))
		err = PALIER_EDAMAGED;
	return err == PALIER_OK ? balance_sum(sums, key, &st) : err;
}

static int rows_count(const struct palier_tables *t, unsigned table, uint64_t *out)
{
	const struct palier_key all = { 0 };
	struct palier_cursor *cur = palier_seek(t, table, &all);
	struct palier_bytes key, value;
	int err;

	while ((err = palier_next(cur, &key, &value)) == PALIER_OK)
		++*out;
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int check(const struct palier_tables *t, struct balance_sums *sums, void (*say)(void *who, const char *finding),
	void *who)
{
	const struct palier_key all = { 0 };
	struct palier_cursor *cur = palier_seek(t, T_BALANCE, &all);
	struct palier_bytes key, value;
	uint64_t lots = 0, held = 0;
	bool balanced = true, same = true;
	int err;

	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		err = balance_check(t, key, value, sums);
		if (err == PALIER_EDAMAGED)
			say(who, "a balance is not the sum of its lots");
		else if (err != PALIER_OK)
			return err;
		balanced &= err == PALIER_OK;
	}
	if (err == PALIER_ENOENT)
		err = rows_count(t, T_LOT, &lots);
	if (err == PALIER_OK)
		err = rows_count(t, T_HELD, &held);
	if (err == PALIER_OK)
		err = totals_check(t, sums, &same);
	if (err != PALIER_OK)
		return err;
	if (lots != sums->lots)
		say(who, "there are lots that belong to no balance");
	if (balanced && held != sums->held)
		say(who, "something is held of lots that there are not");
	if (balanced && !same)
		say(who, "the balances are not the sum of all moves");
	return points_holds_check(t, say, who);
}

int points_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who)
{
	struct balance_sums sums = { 0 };
	int err = points_number_last(t, &sums.last);

	if (err != PALIER_OK)
		return err;
	sums.of = calloc(sums.last + 1u, sizeof(*sums.of));
	err = sums.of ? check(t, &sums, say, who) : PALIER_EINTERNAL;
	free(sums.of);
	return err;
}
