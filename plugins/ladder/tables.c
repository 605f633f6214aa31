/* SPDX-License-Identifier: Apache-2.0 */
/* What ladder keeps.
 *
 * A member's rows are there only with consent to profiling. Figures of a rung are of all its suggestions; `known` tells those to a member with
 * consent from the others. */
#include "plugins/ladder/internal.h"
#include "plugins/ladder/rows.h"

const struct palier_table ladder_tables[] = {
	[T_STEP] = { "step", "member id, ladder/rung", "lines i64, first day u32, refused on day u32, brought back u8",
		PALIER_BY_MEMBER },
	[T_ASKS] = { "asks", "member id", "days of the last two suggestions u32, u32", PALIER_BY_MEMBER },
	[T_ARM] = { "arm", "member id",
		"epoch u32, held out u8, climbed i64, spend, margin, known and estimated i64, visits i64",
		PALIER_BY_MEMBER },
	[T_POSTERIOR] = { "posterior", "known u8, ladder/rung",
		"accepted and declined when the day began u64 (Q16), the same since i64, day u32", PALIER_FOLDED },
	[T_LEVEL] = { "level", "ladder/rung, a pair of categories (coffee > grinder), ladder, or *: the store",
		"accepted and declined when the day began i64, the same since i64, day u32", PALIER_FOLDED },
	[T_EXPERIMENT] = { "experiment", "0 u8", "epoch u32, share u16, first day u32, last day u32, salt", PALIER_FOLDED },
	[T_SUMS] = { "sums", "epoch u32, held out u8",
		"members, climbed, spend, margin, known, estimated i64, squares of spend and of margin u64, u64 each",
		PALIER_FOLDED },
	[T_DAY] = { "day", "ladder/rung, 0, day u32",
		"shown, accepted, declined, revenue, margin, margins estimated, pending i64", PALIER_FOLDED },
	[T_FILTER] = { "filter", "reason u8, day u32", "count i64", PALIER_FOLDED },
	[T_SHORTAGE] = { "shortage", "code of a product that is out of stock", "last day u32, or 0", PALIER_FOLDED },
	[T_OUTCOME] = { "outcome", "member id, decision, NUL, ladder/rung",
		"outcome u8, flags u8, day u32, fading u32, revenue i64, margin i64, pair of categories", PALIER_BY_MEMBER },
	{ .name = NULL },
};

/* --- keys --- */

struct palier_key member_key(struct palier_id member, struct palier_bytes rung)
{
	struct palier_key k = { .len = 0 };

	palier_key_id(&k, member);
	palier_key_raw(&k, rung.at, rung.len);
	return k;
}

struct palier_key text_key(struct palier_bytes text)
{
	struct palier_key k = { .len = 0 };

	palier_key_raw(&k, text.at, text.len);
	return k;
}

struct palier_key posterior_key(struct palier_bytes rung, bool known)
{
	struct palier_key k = { .len = 0 };

	palier_key_uint(&k, known, 1);
	palier_key_raw(&k, rung.at, rung.len);
	return k;
}

struct palier_key sums_key(uint32_t epoch, bool held)
{
	struct palier_key k = { .len = 0 };

	palier_key_uint(&k, epoch, 4);
	palier_key_uint(&k, held, 1);
	return k;
}

struct palier_key day_key(struct palier_bytes rung, uint32_t day)
{
	struct palier_key k = text_key(rung);

	palier_key_uint(&k, 0, 1);
	palier_key_uint(&k, day, 4);
	return k;
}

struct palier_key filter_key(unsigned reason, uint32_t day)
{
	struct palier_key k = { .len = 0 };

	palier_key_uint(&k, reason, 1);
	palier_key_uint(&k, day, 4);
	return k;
}

/* --- rows --- */

/* @param cut what there is, empty for a row that is not there */
static int row_get(const struct palier_tables *t, unsigned table, const struct palier_key *k, struct palier_cut *cut)
{
	struct palier_bytes value = { NULL, 0 };
	int err = palier_get(t, table, k, &value);

	if (err == PALIER_OK)
		*cut = palier_cut_of(value);
	return err;
}

static int ended(int err, const struct palier_cut *cut)
{
	if (err == PALIER_ENOENT)
		return PALIER_OK;
	return err == PALIER_OK && cut->bad ? PALIER_EDAMAGED : err;
}

int step_read(const struct palier_tables *t, struct palier_id member, struct palier_bytes rung, struct step *out)
{
	struct palier_key k = member_key(member, rung);
	struct palier_cut cut;
	int err = row_get(t, T_STEP, &k, &cut);

	*out = (struct step){ .lines = 0 };
	if (err == PALIER_OK) {
		out->lines = palier_cut_i64(&cut);
		out->first = (uint32_t)palier_cut_uint(&cut, 4);
		out->declined = (uint32_t)palier_cut_uint(&cut, 4);
		out->returned = palier_cut_uint(&cut, 1) != 0;
	}
	return ended(err, &cut);
}

int step_write(struct palier_tables *t, struct palier_id member, struct palier_bytes rung, const struct step *s)
{
	struct palier_key k = member_key(member, rung);
	struct palier_value v = { .len = 0 };

	if (s->lines == 0 && !s->declined && !s->returned)
		return palier_del(t, T_STEP, &k);
	palier_value_i64(&v, s->lines);
	palier_value_uint(&v, s->first, 4);
	palier_value_uint(&v, s->declined, 4);
	palier_value_uint(&v, s->returned, 1);
	return palier_put(t, T_STEP, &k, palier_value_bytes(&v));
}

int asks_read(const struct palier_tables *t, struct palier_id member, struct asks *out)
{
	struct palier_key k = member_key(member, PALIER_LIT(""));
	struct palier_cut cut;
	int err = row_get(t, T_ASKS, &k, &cut);

	*out = (struct asks){ 0, 0 };
	if (err == PALIER_OK) {
		out->last = (uint32_t)palier_cut_uint(&cut, 4);
		out->before = (uint32_t)palier_cut_uint(&cut, 4);
	}
	return ended(err, &cut);
}

int asks_write(struct palier_tables *t, struct palier_id member, const struct asks *a)
{
	struct palier_key k = member_key(member, PALIER_LIT(""));
	struct palier_value v = { .len = 0 };

	if (!a->last)
		return palier_del(t, T_ASKS, &k);
	palier_value_uint(&v, a->last, 4);
	palier_value_uint(&v, a->before, 4);
	return palier_put(t, T_ASKS, &k, palier_value_bytes(&v));
}

/* --- outcomes --- */

/* Of a row. */
enum { HAS_REVENUE = 1, HAS_MARGIN = 2, IS_DEDUCED = 4, IS_ESTIMATED = 8, IS_PENDING = 16 };

static struct palier_key outcome_key(struct palier_id member, struct palier_bytes decision, struct palier_bytes rung)
{
	struct palier_key k = member_key(member, decision);

	palier_key_uint(&k, 0, 1);
	palier_key_raw(&k, rung.at, rung.len);
	return k;
}

/* @param out its member, decision and rung are set */
static int outcome_cut(struct palier_bytes value, struct ladder_shown *out)
{
	struct palier_cut cut = palier_cut_of(value);
	unsigned flags;

	PALIER_SET(out, ladder_shown, outcome, (int)palier_cut_uint(&cut, 1));
	flags = (unsigned)palier_cut_uint(&cut, 1);
	PALIER_SET(out, ladder_shown, day, (uint32_t)palier_cut_uint(&cut, 4));
	PALIER_SET(out, ladder_shown, fading, (int64_t)palier_cut_uint(&cut, 4));
	out->revenue = palier_cut_i64(&cut);
	out->margin = palier_cut_i64(&cut);
	if (flags & HAS_REVENUE)
		PALIER_MARK(out, ladder_shown, revenue);
	if (flags & HAS_MARGIN)
		PALIER_MARK(out, ladder_shown, margin);
	if (flags & IS_DEDUCED)
		PALIER_SET(out, ladder_shown, deduced, true);
	if (flags & IS_ESTIMATED)
		PALIER_SET(out, ladder_shown, estimated, true);
	if (flags & IS_PENDING)
		PALIER_SET(out, ladder_shown, pending, true);
	if (cut.left)
		PALIER_SET(out, ladder_shown, level, palier_cut_raw(&cut, cut.left));
	return cut.bad ? PALIER_EDAMAGED : PALIER_OK;
}

static void outcome_name(struct ladder_shown *out, struct palier_id member, struct palier_bytes decision,
	struct palier_bytes rung)
{
	*out = (struct ladder_shown){ .set = { 0, 0 } };
	PALIER_SET(out, ladder_shown, member, member);
	PALIER_SET(out, ladder_shown, decision, decision);
	PALIER_SET(out, ladder_shown, rung, rung);
}

int outcome_read(const struct palier_tables *t, struct palier_id member, struct palier_bytes decision,
	struct palier_bytes rung, struct ladder_shown *out)
{
	struct palier_key k = outcome_key(member, decision, rung);
	struct palier_bytes value;
	int err = palier_get(t, T_OUTCOME, &k, &value);

	if (err != PALIER_OK)
		return err;
	outcome_name(out, member, decision, rung);
	return outcome_cut(value, out);
}

struct palier_cursor *outcomes_of(const struct palier_tables *t, struct palier_id member)
{
	struct palier_key prefix = member_key(member, PALIER_LIT(""));

	return palier_seek(t, T_OUTCOME, &prefix);
}

int outcome_next(struct palier_cursor *rows, struct palier_id member, struct ladder_shown *out)
{
	struct palier_bytes key, value, name;
	const char *end;
	int err = palier_next(rows, &key, &value);

	if (err != PALIER_OK)
		return err;
	name = palier_bytes_of(key.at + PALIER_ID_LEN, key.len - PALIER_ID_LEN);
	end = memchr(name.at, 0, name.len);
	if (!end)
		return PALIER_EDAMAGED;
	outcome_name(out, member, palier_bytes_of(name.at, (size_t)(end - name.at)),
		palier_bytes_of(end + 1, (size_t)(name.at + name.len - end - 1)));
	return outcome_cut(value, out);
}

bool outcome_same(const struct ladder_shown *x, const struct ladder_shown *y)
{
	return x->outcome == y->outcome && x->day == y->day &&
	       PALIER_HAS(x, ladder_shown, revenue) == PALIER_HAS(y, ladder_shown, revenue);
}

int outcome_write(struct palier_tables *t, const struct ladder_shown *e)
{
	struct palier_key k = outcome_key(e->member, e->decision, e->rung);
	struct palier_value v = { .len = 0 };
	unsigned flags = (PALIER_HAS(e, ladder_shown, revenue) ? HAS_REVENUE : 0) |
	                 (PALIER_HAS(e, ladder_shown, margin) ? HAS_MARGIN : 0) | (e->deduced ? IS_DEDUCED : 0) |
	                 (e->estimated ? IS_ESTIMATED : 0) | (e->pending ? IS_PENDING : 0);

	palier_value_uint(&v, (uint64_t)e->outcome, 1);
	palier_value_uint(&v, flags, 1);
	palier_value_uint(&v, e->day, 4);
	palier_value_uint(&v, (uint64_t)e->fading, 4);
	palier_value_i64(&v, e->revenue);
	palier_value_i64(&v, e->margin);
	palier_value_raw(&v, e->level.at, e->level.len);
	return palier_put(t, T_OUTCOME, &k, palier_value_bytes(&v));
}

int outcome_drop(struct palier_tables *t, const struct ladder_shown *e)
{
	struct palier_key k = outcome_key(e->member, e->decision, e->rung);

	return palier_del(t, T_OUTCOME, &k);
}

int outcomes_drop(struct palier_tables *t, struct palier_id member, uint32_t before)
{
	struct palier_cursor *rows = outcomes_of(t, member);
	struct ladder_shown e;
	int err;

	while ((err = outcome_next(rows, member, &e)) == PALIER_OK)
		if ((!before || e.day < before) && (err = outcome_drop(t, &e)) != PALIER_OK)
			return err;
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* Whose they were is part of a decision's name, which they keep: so two members' never meet. */
static int outcomes_move(struct palier_tables *t, struct palier_id from, struct palier_id into)
{
	struct palier_cursor *rows = outcomes_of(t, from);
	struct ladder_shown e;
	int err;

	while ((err = outcome_next(rows, from, &e)) == PALIER_OK) {
		struct palier_key was = outcome_key(from, e.decision, e.rung); /* its texts do not outlive what is written */

		e.member = into;
		err = outcome_write(t, &e);
		if (err == PALIER_OK)
			err = palier_del(t, T_OUTCOME, &was);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* --- posteriors, levels, the experiment --- */

int posterior_read(const struct palier_tables *t, struct palier_bytes rung, bool known, struct posterior *out)
{
	struct palier_key k = posterior_key(rung, known);
	struct palier_cut cut;
	int err = row_get(t, T_POSTERIOR, &k, &cut);

	*out = (struct posterior){ .day = 0 };
	if (err == PALIER_OK) {
		out->s = palier_cut_uint(&cut, 8);
		out->f = palier_cut_uint(&cut, 8);
		out->s_today = palier_cut_i64(&cut);
		out->f_today = palier_cut_i64(&cut);
		out->day = (uint32_t)palier_cut_uint(&cut, 4);
	}
	return ended(err, &cut);
}

int posterior_write(struct palier_tables *t, struct palier_bytes rung, bool known, const struct posterior *p)
{
	struct palier_key k = posterior_key(rung, known);
	struct palier_value v = { .len = 0 };

	palier_value_uint(&v, p->s, 8);
	palier_value_uint(&v, p->f, 8);
	palier_value_i64(&v, p->s_today);
	palier_value_i64(&v, p->f_today);
	palier_value_uint(&v, p->day, 4);
	return palier_put(t, T_POSTERIOR, &k, palier_value_bytes(&v));
}

/* Never below nothing: what is taken back may have faded more than what it was. */
static uint64_t moved_by(uint64_t outcomes, int64_t today)
{
	uint64_t less = today < 0 ? (uint64_t)-today : 0;

	if (today >= 0)
		return outcomes + (uint64_t)today;
	return outcomes > less ? outcomes - less : 0;
}

void posterior_at(const struct posterior *p, uint64_t fading, uint32_t day, uint64_t *s, uint64_t *f)
{
	int64_t days = p->day && day > p->day ? day_number(day) - day_number(p->day) : 0;
	bool over = days > 0; /* what came on its day counts from the next one on */

	*s = bandit_fade(moved_by(p->s, over ? p->s_today : 0), fading, (uint32_t)days);
	*f = bandit_fade(moved_by(p->f, over ? p->f_today : 0), fading, (uint32_t)days);
}

int level_read(const struct palier_tables *t, struct palier_bytes name, struct level *out)
{
	struct palier_key k = text_key(name);
	struct palier_cut cut;
	int err = row_get(t, T_LEVEL, &k, &cut);

	*out = (struct level){ .day = 0 };
	if (err == PALIER_OK) {
		out->accepted = palier_cut_i64(&cut);
		out->declined = palier_cut_i64(&cut);
		out->accepted_today = palier_cut_i64(&cut);
		out->declined_today = palier_cut_i64(&cut);
		out->day = (uint32_t)palier_cut_uint(&cut, 4);
	}
	return ended(err, &cut);
}

int level_write(struct palier_tables *t, struct palier_bytes name, const struct level *l)
{
	struct palier_key k = text_key(name);
	struct palier_value v = { .len = 0 };

	if (!l->accepted && !l->declined && !l->accepted_today && !l->declined_today)
		return palier_del(t, T_LEVEL, &k);
	palier_value_i64(&v, l->accepted);
	palier_value_i64(&v, l->declined);
	palier_value_i64(&v, l->accepted_today);
	palier_value_i64(&v, l->declined_today);
	palier_value_uint(&v, l->day, 4);
	return palier_put(t, T_LEVEL, &k, palier_value_bytes(&v));
}

void level_at(const struct level *l, uint32_t day, int64_t *accepted, int64_t *declined)
{
	bool over = day > l->day;

	*accepted = l->accepted + (over ? l->accepted_today : 0);
	*declined = l->declined + (over ? l->declined_today : 0);
}

int experiment_read(const struct palier_tables *t, struct experiment *out)
{
	struct palier_key k = { .len = 0 };
	struct palier_cut cut;
	int err;

	palier_key_uint(&k, 0, 1);
	err = row_get(t, T_EXPERIMENT, &k, &cut);
	*out = (struct experiment){ .epoch = 0 };
	if (err == PALIER_OK) {
		out->epoch = (uint32_t)palier_cut_uint(&cut, 4);
		out->share = (unsigned)palier_cut_uint(&cut, 2);
		out->start = (uint32_t)palier_cut_uint(&cut, 4);
		out->until = (uint32_t)palier_cut_uint(&cut, 4);
		out->salt = palier_cut_raw(&cut, cut.left);
	}
	return ended(err, &cut);
}

static unsigned __int128 wide_cut(struct palier_cut *cut)
{
	unsigned __int128 high = palier_cut_uint(cut, 8);

	return high << 64 | palier_cut_uint(cut, 8);
}

static void wide_value(struct palier_value *v, unsigned __int128 wide)
{
	palier_value_uint(v, (uint64_t)(wide >> 64), 8);
	palier_value_uint(v, (uint64_t)wide, 8);
}

int arm_read(const struct palier_tables *t, uint32_t epoch, bool held, struct arm_sums *out)
{
	struct palier_key k = sums_key(epoch, held);
	struct palier_cut cut;
	int err = row_get(t, T_SUMS, &k, &cut);

	*out = (struct arm_sums){ .members = 0 };
	if (err == PALIER_OK) {
		out->members = palier_cut_i64(&cut);
		out->climbed = palier_cut_i64(&cut);
		out->spend = palier_cut_i64(&cut);
		out->margin = palier_cut_i64(&cut);
		out->known = palier_cut_i64(&cut);
		out->estimated = palier_cut_i64(&cut);
		out->spend_squares = wide_cut(&cut);
		out->margin_squares = wide_cut(&cut);
	}
	return ended(err, &cut);
}

int arm_write(struct palier_tables *t, uint32_t epoch, bool held, const struct arm_sums *a)
{
	struct palier_key k = sums_key(epoch, held);
	struct palier_value v = { .len = 0 };

	palier_value_i64(&v, a->members);
	palier_value_i64(&v, a->climbed);
	palier_value_i64(&v, a->spend);
	palier_value_i64(&v, a->margin);
	palier_value_i64(&v, a->known);
	palier_value_i64(&v, a->estimated);
	wide_value(&v, a->spend_squares);
	wide_value(&v, a->margin_squares);
	return palier_put(t, T_SUMS, &k, palier_value_bytes(&v));
}

int arm_member_read(const struct palier_tables *t, struct palier_id member, struct arm_member *out)
{
	struct palier_key k = member_key(member, PALIER_LIT(""));
	struct palier_cut cut;
	int err = row_get(t, T_ARM, &k, &cut);

	*out = (struct arm_member){ .epoch = 0 };
	if (err != PALIER_OK)
		return err;
	out->epoch = (uint32_t)palier_cut_uint(&cut, 4);
	out->held = palier_cut_uint(&cut, 1) != 0;
	out->climbed = palier_cut_i64(&cut);
	out->spend = palier_cut_i64(&cut);
	out->margin = palier_cut_i64(&cut);
	out->known = palier_cut_i64(&cut);
	out->estimated = palier_cut_i64(&cut);
	out->visits = palier_cut_i64(&cut);
	return cut.bad ? PALIER_EDAMAGED : PALIER_OK;
}

int arm_member_write(struct palier_tables *t, struct palier_id member, const struct arm_member *m)
{
	struct palier_key k = member_key(member, PALIER_LIT(""));
	struct palier_value v = { .len = 0 };

	if (m->visits <= 0)
		return palier_del(t, T_ARM, &k);
	palier_value_uint(&v, m->epoch, 4);
	palier_value_uint(&v, m->held, 1);
	palier_value_i64(&v, m->climbed);
	palier_value_i64(&v, m->spend);
	palier_value_i64(&v, m->margin);
	palier_value_i64(&v, m->known);
	palier_value_i64(&v, m->estimated);
	palier_value_i64(&v, m->visits);
	return palier_put(t, T_ARM, &k, palier_value_bytes(&v));
}

/* --- days --- */

int figures_add(struct palier_tables *t, unsigned table, const struct palier_key *k, const int64_t *add, unsigned count)
{
	struct palier_value v = { .len = 0 };
	struct palier_cut cut = { 0 };
	int err = row_get(t, table, k, &cut);
	bool any = false;

	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	for (unsigned i = 0; i < count; i++) {
		int64_t figure = err == PALIER_OK ? palier_cut_i64(&cut) : 0;

		if (!palier_add_i64(&figure, add[i]))
			return PALIER_ERANGE;
		any = any || figure != 0;
		palier_value_i64(&v, figure);
	}
	return any ? palier_put(t, table, k, palier_value_bytes(&v)) : palier_del(t, table, k);
}

/* @param prefix of rows that end with a day @param add `count` figures, added to */
static int days_sum(const struct palier_tables *t, unsigned table, const struct palier_key *prefix, uint32_t from,
	uint32_t to, int64_t *add, unsigned count)
{
	struct palier_cursor *rows = palier_seek(t, table, prefix);
	struct palier_bytes key, value;
	int err;

	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		struct palier_cut day = palier_cut_of(palier_bytes_of(key.at + prefix->len, key.len - prefix->len));
		struct palier_cut cut = palier_cut_of(value);
		uint32_t at = (uint32_t)palier_cut_uint(&day, 4);

		for (unsigned i = 0; i < count && at >= from && at <= to; i++)
			if (!palier_add_i64(&add[i], palier_cut_i64(&cut)))
				return PALIER_ERANGE;
		if (day.bad || cut.bad)
			return PALIER_EDAMAGED;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int rung_days(const struct palier_tables *t, struct palier_bytes rung, uint32_t from, uint32_t to, struct rung_day *out)
{
	struct palier_key prefix = text_key(rung);
	int64_t sums[DAY_FIGURES] = { 0 };
	int err;

	palier_key_uint(&prefix, 0, 1);
	err = days_sum(t, T_DAY, &prefix, from, to, sums, DAY_FIGURES);
	*out = (struct rung_day){ sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6] };
	return err;
}

int filter_days(const struct palier_tables *t, unsigned reason, uint32_t from, uint32_t to, int64_t *out)
{
	struct palier_key prefix = { .len = 0 };

	palier_key_uint(&prefix, reason, 1);
	*out = 0;
	return days_sum(t, T_FILTER, &prefix, from, to, out, 1);
}

/* --- stock --- */

bool shortage_lasts(const struct shortage *s, uint32_t day)
{
	return s->until == 0 || day <= s->until;
}

int is_short(const struct palier_tables *t, struct palier_bytes sku, uint32_t day, bool *out)
{
	struct palier_key k = text_key(sku);
	struct shortage s = { .sku = sku };
	struct palier_cut cut;
	int err = row_get(t, T_SHORTAGE, &k, &cut);

	if (err == PALIER_OK)
		s.until = (uint32_t)palier_cut_uint(&cut, 4);
	*out = err == PALIER_OK && shortage_lasts(&s, day);
	return ended(err, &cut);
}

struct palier_cursor *shortages(const struct palier_tables *t)
{
	const struct palier_key all = { .len = 0 };

	return palier_seek(t, T_SHORTAGE, &all);
}

int shortage_next(struct palier_cursor *rows, struct shortage *out)
{
	struct palier_bytes value;
	struct palier_cut cut;
	int err = palier_next(rows, &out->sku, &value);

	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(value);
	out->until = (uint32_t)palier_cut_uint(&cut, 4);
	return cut.bad ? PALIER_EDAMAGED : PALIER_OK;
}

int shortage_write(struct palier_tables *t, struct palier_bytes sku, const struct shortage *s)
{
	struct palier_key k = text_key(sku);
	struct palier_value v = { .len = 0 };

	if (!s)
		return palier_del(t, T_SHORTAGE, &k);
	palier_value_uint(&v, s->until, 4);
	return palier_put(t, T_SHORTAGE, &k, palier_value_bytes(&v));
}

/* --- a member's rows --- */

static const unsigned of_member[] = { T_STEP, T_ASKS, T_ARM, T_OUTCOME };

int rows_any(const struct palier_tables *t, struct palier_id member)
{
	struct palier_key k = member_key(member, PALIER_LIT(""));
	struct palier_bytes key, value;
	int err = PALIER_ENOENT;

	for (size_t i = 0; i < sizeof(of_member) / sizeof(*of_member) && err == PALIER_ENOENT; i++)
		err = palier_next(palier_seek(t, of_member[i], &k), &key, &value);
	return err;
}

static int steps_move(struct palier_tables *t, struct palier_id from, const struct palier_id *into)
{
	struct palier_key prefix = member_key(from, PALIER_LIT(""));
	struct palier_cursor *rows = palier_seek(t, T_STEP, &prefix);
	struct palier_bytes key, value;
	int err;

	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		char name[PALIER_KEY_MAX];
		struct palier_bytes rung = palier_bytes_of(name, key.len - PALIER_ID_LEN);
		struct step mine, theirs;

		memcpy(name, key.at + PALIER_ID_LEN, rung.len);
		err = step_read(t, from, rung, &mine);
		if (err == PALIER_OK && into) {
			err = step_read(t, *into, rung, &theirs);
			if (err == PALIER_OK && !palier_add_i64(&theirs.lines, mine.lines))
				err = PALIER_ERANGE;
			if (!theirs.first || (mine.first && mine.first < theirs.first))
				theirs.first = mine.first;
			theirs.declined = theirs.declined > mine.declined ? theirs.declined : mine.declined;
			theirs.returned = theirs.returned || mine.returned;
			if (err == PALIER_OK)
				err = step_write(t, *into, rung, &theirs);
		}
		mine = (struct step){ .lines = 0 };
		if (err == PALIER_OK)
			err = step_write(t, from, rung, &mine);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* Who falls out of the experiment is counted no more: of two members one is left, in the arm that it was in. */
static int arm_leave(struct palier_tables *t, struct palier_id member)
{
	struct palier_key k = member_key(member, PALIER_LIT(""));
	struct arm_member m;
	int err = arm_member_read(t, member, &m);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	err = arm_count(t, &m, -1);
	return err == PALIER_OK ? palier_del(t, T_ARM, &k) : err;
}

static unsigned __int128 square_of(int64_t x)
{
	return (unsigned __int128)((__int128)x * x);
}

int arm_count(struct palier_tables *t, const struct arm_member *m, int sign)
{
	struct arm_sums sums;
	unsigned __int128 spend = square_of(m->spend), margin = square_of(m->margin);
	int err = arm_read(t, m->epoch, m->held, &sums);

	if (err != PALIER_OK)
		return err;
	sums.members += sign;
	sums.climbed += m->climbed > 0 ? sign : 0;
	if (!palier_add_i64(&sums.spend, sign * m->spend) || !palier_add_i64(&sums.margin, sign * m->margin) ||
		!palier_add_i64(&sums.known, sign * m->known) || !palier_add_i64(&sums.estimated, sign * m->estimated))
		return PALIER_ERANGE;
	sums.spend_squares += sign > 0 ? spend : -spend;
	sums.margin_squares += sign > 0 ? margin : -margin;
	return arm_write(t, m->epoch, m->held, &sums);
}

int rows_move(struct palier_tables *t, struct palier_id from, const struct palier_id *into)
{
	struct asks mine = { 0, 0 }, theirs;
	int err = steps_move(t, from, into);

	if (err == PALIER_OK)
		err = arm_leave(t, from);
	if (err == PALIER_OK)
		err = into ? outcomes_move(t, from, *into) : outcomes_drop(t, from, 0);
	if (err == PALIER_OK)
		err = asks_read(t, from, &mine);
	if (err == PALIER_OK && into && mine.last) {
		err = asks_read(t, *into, &theirs);
		if (err == PALIER_OK && mine.last > theirs.last)
			err = asks_write(t, *into, &mine);
	}
	mine.last = 0;
	return err == PALIER_OK ? asks_write(t, from, &mine) : err;
}

/* --- check --- */

int ladder_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who)
{
	struct palier_key all = { .len = 0 };
	struct palier_cursor *rows = palier_seek(t, T_STEP, &all);
	struct palier_bytes key, value;
	int err;

	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(value);

		if (palier_cut_i64(&cut) < 0)
			say(who, "a member has less than no line of a rung");
		if (cut.bad)
			return PALIER_EDAMAGED;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}
