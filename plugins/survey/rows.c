/* SPDX-License-Identifier: Apache-2.0 */
/* The rows: who was asked what, and is to be, the tokens that may answer, the tasks, and what each day's answers came to. */
#include "plugins/survey/internal.h"

const struct palier_table survey_tables[] = {
	[T_ASKED] = { "asked", "member id, survey",
		"question u8, way u8, open u8, opened u8, day u32, purchases u32, last day of the token u32 (0: it is gone), keyed hash of the token 16",
		PALIER_BY_MEMBER },
	[T_TOKEN] = { "token", "keyed hash 16", "member id, last day u32, spent u8, survey", PALIER_FOLDED },
	[T_TASK] = { "task", "seq u64 of the answer",
		"closed u8, member id, at i64 ms, closed at i64 ms, score u8, last day u32, cost i64, length of the owner u8 and "
		"of the cause u8, both, length of the comment u16, comment and outcome sealed",
		PALIER_FOLDED },
	[T_CASE] = { "case", "member id, seq u64 of a task", "0 u8", PALIER_BY_MEMBER },
	[T_LAST] = { "last", "member id, question u8", "day of the last answer u32", PALIER_BY_MEMBER },
	[T_DAY] = { "day", "day u32, question u8", "asked, answered, sum of the scores, promoters, detractors: each i64",
		PALIER_FOLDED },
	[T_PLAN] = { "plan", "member id",
		"question u8, way u8, from i64 ms, until i64 ms, purchases u32, seq u64 of the event since which it waits, survey",
		PALIER_FOLDED },
	[T_REACH] = { "reach", "day u32, question u8, way u8", "sent, opened, answered: each i64", PALIER_FOLDED },
	{ 0 },
};

static struct palier_key member_key(struct palier_id member)
{
	struct palier_key k = { .len = 0 };

	palier_key_id(&k, member);
	return k;
}

/* --- asked --- */

static struct palier_key asked_key(struct palier_id member, struct palier_bytes ask)
{
	struct palier_key k = member_key(member);

	palier_key_raw(&k, ask.at, ask.len);
	return k;
}

struct palier_cursor *asked_of(const struct palier_tables *t, struct palier_id member)
{
	struct palier_key prefix = member_key(member);

	return palier_seek(t, T_ASKED, &prefix);
}

static int asked_cut(struct palier_bytes ask, struct palier_bytes value, struct asked *out)
{
	struct palier_cut cut = palier_cut_of(value);
	struct palier_bytes token;
	struct asked a = { .ask = ask };

	a.kind = (int)palier_cut_uint(&cut, 1);
	a.way = (int)palier_cut_uint(&cut, 1);
	a.open = palier_cut_uint(&cut, 1) != 0;
	a.opened = palier_cut_uint(&cut, 1) != 0;
	a.day = (uint32_t)palier_cut_uint(&cut, 4);
	a.purchases = (uint32_t)palier_cut_uint(&cut, 4);
	a.until = (uint32_t)palier_cut_uint(&cut, 4);
	token = palier_cut_raw(&cut, sizeof(a.token.b));
	if (cut.bad || cut.left || a.kind >= SURVEY_KINDS || a.way >= SURVEY_WAYS || !day_valid(a.day) ||
		(a.until && !day_valid(a.until)))
		return PALIER_EDAMAGED;
	memcpy(a.token.b, token.at, sizeof(a.token.b));
	*out = a;
	return PALIER_OK;
}

int asked_next(struct palier_cursor *cur, struct asked *out)
{
	struct palier_bytes key, value;
	int err = palier_next(cur, &key, &value);

	if (err != PALIER_OK)
		return err;
	if (key.len <= PALIER_ID_LEN)
		return PALIER_EDAMAGED;
	return asked_cut(palier_bytes_of(key.at + PALIER_ID_LEN, key.len - PALIER_ID_LEN), value, out);
}

int asked_get(const struct palier_tables *t, struct palier_id member, struct palier_bytes ask, struct asked *out)
{
	struct palier_key k = asked_key(member, ask);
	struct palier_bytes value;
	int err = palier_get(t, T_ASKED, &k, &value);

	return err == PALIER_OK ? asked_cut(ask, value, out) : err;
}

int asked_put(struct palier_tables *t, struct palier_id member, const struct asked *a)
{
	struct palier_key k = asked_key(member, a->ask);
	struct palier_value v = { .len = 0 };

	palier_value_uint(&v, (uint64_t)a->kind, 1);
	palier_value_uint(&v, (uint64_t)a->way, 1);
	palier_value_uint(&v, a->open, 1);
	palier_value_uint(&v, a->opened, 1);
	palier_value_uint(&v, a->day, 4);
	palier_value_uint(&v, a->purchases, 4);
	palier_value_uint(&v, a->until, 4);
	palier_value_raw(&v, a->token.b, sizeof(a->token.b));
	return palier_put(t, T_ASKED, &k, palier_value_bytes(&v));
}

int asked_drop(struct palier_tables *t, struct palier_id member, struct palier_bytes ask)
{
	struct palier_key k = asked_key(member, ask);

	return palier_del(t, T_ASKED, &k);
}

/* --- tokens --- */

static struct palier_key token_key(const struct palier_hash16 *hash)
{
	struct palier_key k = { .len = 0 };

	palier_key_raw(&k, hash->b, sizeof(hash->b));
	return k;
}

static int token_cut(struct palier_bytes value, struct token *out)
{
	struct palier_cut cut = palier_cut_of(value);
	struct token row;

	row.member = palier_cut_id(&cut);
	row.until = (uint32_t)palier_cut_uint(&cut, 4);
	row.spent = palier_cut_uint(&cut, 1) != 0;
	row.ask = palier_bytes_of(cut.at, cut.left);
	if (cut.bad || row.ask.len == 0)
		return PALIER_EDAMAGED;
	*out = row;
	return PALIER_OK;
}

int token_get(const struct palier_tables *t, const struct palier_hash16 *hash, struct token *out)
{
	struct palier_key k = token_key(hash);
	struct palier_bytes value;
	int err = palier_get(t, T_TOKEN, &k, &value);

	return err == PALIER_OK ? token_cut(value, out) : err;
}

int token_put(struct palier_tables *t, const struct palier_hash16 *hash, const struct token *row)
{
	struct palier_key k = token_key(hash);
	struct palier_value v = { .len = 0 };

	palier_value_raw(&v, row->member.b, PALIER_ID_LEN);
	palier_value_uint(&v, row->until, 4);
	palier_value_uint(&v, row->spent, 1);
	palier_value_raw(&v, row->ask.at, row->ask.len);
	return palier_put(t, T_TOKEN, &k, palier_value_bytes(&v));
}

int token_drop(struct palier_tables *t, const struct palier_hash16 *hash)
{
	struct palier_key k = token_key(hash);

	return palier_del(t, T_TOKEN, &k);
}

/* --- tasks --- */

static struct palier_key task_key(uint64_t seq)
{
	struct palier_key k = { .len = 0 };

	palier_key_uint(&k, seq, 8);
	return k;
}

static int task_cut(struct palier_bytes value, struct task *out)
{
	struct palier_cut cut = palier_cut_of(value);
	uint64_t owner, cause;
	struct task row;

	row.state = palier_cut_uint(&cut, 1) ? SURVEY_CLOSED : SURVEY_OPEN;
	row.member = palier_cut_id(&cut);
	row.at = palier_cut_i64(&cut);
	row.closed = palier_cut_i64(&cut);
	row.score = (uint8_t)palier_cut_uint(&cut, 1);
	row.due = (uint32_t)palier_cut_uint(&cut, 4);
	row.cost = palier_cut_i64(&cut);
	owner = palier_cut_uint(&cut, 1);
	cause = palier_cut_uint(&cut, 1);
	row.owner = palier_cut_raw(&cut, owner);
	row.cause = palier_cut_raw(&cut, cause);
	row.comment = palier_cut_raw(&cut, palier_cut_uint(&cut, 2));
	row.outcome = palier_bytes_of(cut.at, cut.left);
	if (cut.bad || !day_valid(row.due))
		return PALIER_EDAMAGED;
	*out = row;
	return PALIER_OK;
}

int task_get(const struct palier_tables *t, uint64_t seq, struct task *out)
{
	struct palier_key k = task_key(seq);
	struct palier_bytes value;
	int err = palier_get(t, T_TASK, &k, &value);

	return err == PALIER_OK ? task_cut(value, out) : err;
}

#define SEALED_MOST 4096

/* The sealed texts may be longer than a value under construction. */
int task_put(struct palier_tables *t, uint64_t seq, const struct task *row)
{
	uint8_t value[PALIER_VALUE_MAX + 2 * SEALED_MOST];
	struct palier_key k = task_key(seq);
	struct palier_value head = { .len = 0 };
	size_t len;

	palier_value_uint(&head, row->state == SURVEY_CLOSED, 1);
	palier_value_raw(&head, row->member.b, PALIER_ID_LEN);
	palier_value_i64(&head, row->at);
	palier_value_i64(&head, row->closed);
	palier_value_uint(&head, row->score, 1);
	palier_value_uint(&head, row->due, 4);
	palier_value_i64(&head, row->cost);
	palier_value_uint(&head, row->owner.len, 1);
	palier_value_uint(&head, row->cause.len, 1);
	palier_value_raw(&head, row->owner.at, row->owner.len);
	palier_value_raw(&head, row->cause.at, row->cause.len);
	palier_value_uint(&head, row->comment.len, 2);
	len = head.len + row->comment.len + row->outcome.len;
	if (head.bad || len > sizeof(value))
		return PALIER_ERANGE;
	memcpy(value, head.b, head.len);
	if (row->comment.len)
		memcpy(value + head.len, row->comment.at, row->comment.len);
	if (row->outcome.len)
		memcpy(value + head.len + row->comment.len, row->outcome.at, row->outcome.len);
	return palier_put(t, T_TASK, &k, palier_bytes_of(value, len));
}

struct palier_cursor *tasks_after(const struct palier_tables *t, uint64_t seq)
{
	const struct palier_key all = { .len = 0 };
	struct palier_key after = task_key(seq);

	return palier_seek_after(t, T_TASK, &all, &after);
}

int task_next(struct palier_cursor *cur, uint64_t *out_seq, struct task *out)
{
	struct palier_bytes key, value;
	struct palier_cut cut;
	int err = palier_next(cur, &key, &value);

	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(key);
	*out_seq = palier_cut_uint(&cut, 8);
	return cut.bad || cut.left ? PALIER_EDAMAGED : task_cut(value, out);
}

static struct palier_key case_key(struct palier_id member, uint64_t seq)
{
	struct palier_key k = member_key(member);

	palier_key_uint(&k, seq, 8);
	return k;
}

struct palier_cursor *cases_of(const struct palier_tables *t, struct palier_id member)
{
	struct palier_key prefix = member_key(member);

	return palier_seek(t, T_CASE, &prefix);
}

int case_next(struct palier_cursor *cur, uint64_t *out_seq)
{
	struct palier_bytes key, value;
	struct palier_cut cut;
	int err = palier_next(cur, &key, &value);

	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(key);
	(void)palier_cut_id(&cut);
	*out_seq = palier_cut_uint(&cut, 8);
	return cut.bad || cut.left ? PALIER_EDAMAGED : PALIER_OK;
}

int case_put(struct palier_tables *t, struct palier_id member, uint64_t seq)
{
	struct palier_key k = case_key(member, seq);

	return palier_put(t, T_CASE, &k, palier_bytes_of("", 1));
}

int case_drop(struct palier_tables *t, struct palier_id member, uint64_t seq)
{
	struct palier_key k = case_key(member, seq);

	return palier_del(t, T_CASE, &k);
}

/* --- the last answers --- */

static struct palier_key last_key(struct palier_id member, int kind)
{
	struct palier_key k = member_key(member);

	palier_key_uint(&k, (uint64_t)kind, 1);
	return k;
}

int last_get(const struct palier_tables *t, struct palier_id member, int kind, uint32_t *out)
{
	struct palier_key k = last_key(member, kind);
	struct palier_bytes value;
	struct palier_cut cut;
	int err = palier_get(t, T_LAST, &k, &value);

	*out = 0;
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	cut = palier_cut_of(value);
	*out = (uint32_t)palier_cut_uint(&cut, 4);
	return cut.bad ? PALIER_EDAMAGED : PALIER_OK;
}

int last_put(struct palier_tables *t, struct palier_id member, int kind, uint32_t day)
{
	struct palier_key k = last_key(member, kind);
	struct palier_value v = { .len = 0 };

	if (!day)
		return palier_del(t, T_LAST, &k);
	palier_value_uint(&v, day, 4);
	return palier_put(t, T_LAST, &k, palier_value_bytes(&v));
}

/* --- days --- */

static int figures_cut(struct palier_bytes value, struct figures *out)
{
	struct palier_cut cut = palier_cut_of(value);
	struct figures f;

	f.asked = palier_cut_i64(&cut);
	f.answered = palier_cut_i64(&cut);
	f.sum = palier_cut_i64(&cut);
	f.promoters = palier_cut_i64(&cut);
	f.detractors = palier_cut_i64(&cut);
	if (cut.bad || cut.left)
		return PALIER_EDAMAGED;
	*out = f;
	return PALIER_OK;
}

static bool figures_sum(struct figures *f, const struct figures *more)
{
	return palier_add_i64(&f->asked, more->asked) && palier_add_i64(&f->answered, more->answered) &&
	       palier_add_i64(&f->sum, more->sum) && palier_add_i64(&f->promoters, more->promoters) &&
	       palier_add_i64(&f->detractors, more->detractors);
}

int day_figures_add(struct palier_tables *t, uint32_t day, int kind, const struct figures *more)
{
	struct palier_key k = { .len = 0 };
	struct palier_value v = { .len = 0 };
	struct figures f = { 0 };
	struct palier_bytes value;
	int err;

	palier_key_uint(&k, day, 4);
	palier_key_uint(&k, (uint64_t)kind, 1);
	err = palier_get(t, T_DAY, &k, &value);
	if (err == PALIER_OK)
		err = figures_cut(value, &f);
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	if (!figures_sum(&f, more))
		return PALIER_ERANGE;
	if (f.asked == 0 && f.answered == 0)
		return palier_del(t, T_DAY, &k);
	palier_value_i64(&v, f.asked);
	palier_value_i64(&v, f.answered);
	palier_value_i64(&v, f.sum);
	palier_value_i64(&v, f.promoters);
	palier_value_i64(&v, f.detractors);
	return palier_put(t, T_DAY, &k, palier_value_bytes(&v));
}

int day_figures_between(const struct palier_tables *t, uint32_t from, uint32_t to, struct figures out[SURVEY_KINDS])
{
	const struct palier_key all = { .len = 0 };
	struct palier_key after = { .len = 0 };
	struct palier_cursor *cur;
	struct palier_bytes key, value;
	int err;

	palier_key_uint(&after, from, 4);
	cur = palier_seek_after(t, T_DAY, &all, &after);
	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(key);
		uint32_t day = (uint32_t)palier_cut_uint(&cut, 4);
		uint64_t kind = palier_cut_uint(&cut, 1);
		struct figures f;

		if (day > to)
			return PALIER_OK;
		err = cut.bad || kind >= SURVEY_KINDS ? PALIER_EDAMAGED : figures_cut(value, &f);
		if (err != PALIER_OK)
			return err;
		if (!figures_sum(&out[kind], &f))
			return PALIER_ERANGE;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* --- how questions reached their members --- */

static int reach_cut(struct palier_bytes value, struct reach *out)
{
	struct palier_cut cut = palier_cut_of(value);
	struct reach r;

	r.sent = palier_cut_i64(&cut);
	r.opened = palier_cut_i64(&cut);
	r.answered = palier_cut_i64(&cut);
	if (cut.bad || cut.left)
		return PALIER_EDAMAGED;
	*out = r;
	return PALIER_OK;
}

static bool reach_sum(struct reach *r, const struct reach *more)
{
	return palier_add_i64(&r->sent, more->sent) && palier_add_i64(&r->opened, more->opened) &&
	       palier_add_i64(&r->answered, more->answered);
}

int reach_add(struct palier_tables *t, uint32_t day, int kind, int way, const struct reach *more)
{
	struct palier_key k = { .len = 0 };
	struct palier_value v = { .len = 0 };
	struct reach r = { 0 };
	struct palier_bytes value;
	int err;

	palier_key_uint(&k, day, 4);
	palier_key_uint(&k, (uint64_t)kind, 1);
	palier_key_uint(&k, (uint64_t)way, 1);
	err = palier_get(t, T_REACH, &k, &value);
	if (err == PALIER_OK)
		err = reach_cut(value, &r);
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	if (!reach_sum(&r, more))
		return PALIER_ERANGE;
	if (r.sent == 0 && r.opened == 0 && r.answered == 0)
		return palier_del(t, T_REACH, &k);
	palier_value_i64(&v, r.sent);
	palier_value_i64(&v, r.opened);
	palier_value_i64(&v, r.answered);
	return palier_put(t, T_REACH, &k, palier_value_bytes(&v));
}

int reach_between(const struct palier_tables *t, uint32_t from, uint32_t to, struct reach out[SURVEY_KINDS][SURVEY_WAYS])
{
	const struct palier_key all = { .len = 0 };
	struct palier_key after = { .len = 0 };
	struct palier_cursor *cur;
	struct palier_bytes key, value;
	int err;

	palier_key_uint(&after, from, 4);
	cur = palier_seek_after(t, T_REACH, &all, &after);
	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(key);
		const uint32_t day = (uint32_t)palier_cut_uint(&cut, 4);
		const uint64_t kind = palier_cut_uint(&cut, 1), way = palier_cut_uint(&cut, 1);
		struct reach r;

		if (day > to)
			return PALIER_OK;
		err = cut.bad || kind >= SURVEY_KINDS || way >= SURVEY_WAYS ? PALIER_EDAMAGED : reach_cut(value, &r);
		if (err != PALIER_OK)
			return err;
		if (!reach_sum(&out[kind][way], &r))
			return PALIER_ERANGE;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* --- plans --- */

static int plan_cut(struct palier_id member, struct palier_bytes value, struct plan *out)
{
	struct palier_cut cut = palier_cut_of(value);
	struct plan p = { .member = member };

	p.kind = (int)palier_cut_uint(&cut, 1);
	p.way = (int)palier_cut_uint(&cut, 1);
	p.from = palier_cut_i64(&cut);
	p.until = palier_cut_i64(&cut);
	p.purchases = (uint32_t)palier_cut_uint(&cut, 4);
	p.seq = palier_cut_uint(&cut, 8);
	p.ask = palier_bytes_of(cut.at, cut.left);
	if (cut.bad || p.ask.len == 0 || p.kind >= SURVEY_KINDS || p.way >= SURVEY_WAYS)
		return PALIER_EDAMAGED;
	*out = p;
	return PALIER_OK;
}

int plan_get(const struct palier_tables *t, struct palier_id member, struct plan *out)
{
	struct palier_key k = member_key(member);
	struct palier_bytes value;
	int err = palier_get(t, T_PLAN, &k, &value);

	return err == PALIER_OK ? plan_cut(member, value, out) : err;
}

int plan_put(struct palier_tables *t, const struct plan *p)
{
	struct palier_key k = member_key(p->member);
	struct palier_value v = { .len = 0 };

	palier_value_uint(&v, (uint64_t)p->kind, 1);
	palier_value_uint(&v, (uint64_t)p->way, 1);
	palier_value_i64(&v, p->from);
	palier_value_i64(&v, p->until);
	palier_value_uint(&v, p->purchases, 4);
	palier_value_uint(&v, p->seq, 8);
	palier_value_raw(&v, p->ask.at, p->ask.len);
	return palier_put(t, T_PLAN, &k, palier_value_bytes(&v));
}

int plan_drop(struct palier_tables *t, struct palier_id member)
{
	struct palier_key k = member_key(member);

	return palier_del(t, T_PLAN, &k);
}

struct palier_cursor *plans_all(const struct palier_tables *t)
{
	const struct palier_key all = { .len = 0 };

	return palier_seek(t, T_PLAN, &all);
}

int plan_next(struct palier_cursor *cur, struct plan *out)
{
	struct palier_bytes key, value;
	struct palier_cut cut;
	struct palier_id member;
	int err = palier_next(cur, &key, &value);

	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(key);
	member = palier_cut_id(&cut);
	return cut.bad || cut.left ? PALIER_EDAMAGED : plan_cut(member, value, out);
}

/* --- palier check --- */

static int plans_check(const struct palier_tables *t)
{
	struct palier_cursor *cur = plans_all(t);
	struct plan plan;
	int err;

	while ((err = plan_next(cur, &plan)) == PALIER_OK)
		;
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* Each token is that of a survey that was asked. */
static int tokens_check(const struct palier_tables *t, bool *out_same)
{
	const struct palier_key all = { .len = 0 };
	struct palier_cursor *cur = palier_seek(t, T_TOKEN, &all);
	struct palier_bytes key, value;
	struct token row;
	struct asked a;
	int err;

	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		err = token_cut(value, &row);
		if (err == PALIER_OK)
			err = asked_get(t, row.member, row.ask, &a);
		if (err != PALIER_OK && err != PALIER_ENOENT)
			return err;
		*out_same = *out_same && err == PALIER_OK && a.until == row.until && a.open != row.spent &&
		            key.len == sizeof(a.token.b) && memcmp(a.token.b, key.at, key.len) == 0;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* Each open task is among those of its member. */
static int tasks_check(const struct palier_tables *t, bool *out_same)
{
	struct palier_cursor *cur = tasks_after(t, 0);
	struct palier_bytes value;
	struct task row;
	uint64_t seq;
	int err;

	while ((err = task_next(cur, &seq, &row)) == PALIER_OK) {
		struct palier_key k = case_key(row.member, seq);

		*out_same = *out_same && (row.state != SURVEY_OPEN || palier_get(t, T_CASE, &k, &value) == PALIER_OK);
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int survey_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who)
{
	struct figures all[SURVEY_KINDS] = { { 0 } };
	struct reach reach[SURVEY_KINDS][SURVEY_WAYS] = { { { 0 } } };
	bool same = true;
	int err = tokens_check(t, &same);

	if (err == PALIER_OK)
		err = tasks_check(t, &same);
	if (err == PALIER_OK)
		err = plans_check(t);
	if (err == PALIER_EDAMAGED || (err == PALIER_OK && !same))
		say(who, "what is kept of surveys does not agree with itself");
	else if (err != PALIER_OK)
		return err;
	err = day_figures_between(t, 0, DAY_NEVER, all);
	if (err == PALIER_OK)
		err = reach_between(t, 0, DAY_NEVER, reach);
	if (err == PALIER_EDAMAGED || err == PALIER_ERANGE)
		say(who, "what a day's answers came to cannot be read");
	return err == PALIER_EDAMAGED || err == PALIER_ERANGE ? PALIER_OK : err;
}
