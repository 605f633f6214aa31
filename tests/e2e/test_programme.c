/* SPDX-License-Identifier: Apache-2.0 */
/* Random tickets, holds, returns, voids, adjustments and closes of a shop that has everything, against the naive model of tests/model, equal at
 * every step. A seed that failed is run again with PALIER_SEED. */
#include <time.h>
#include <unistd.h>

#include "tests/e2e/clock.h"
#include "tests/e2e/programme.h"

#define STEPS      120
#define SEEDS      40
#define PLAIN      8 /* of them, in a shop where one only earns */
#define SEEDS_LONG 400
#define PURSES     6
#define CODES      12
#define CLAIM_DAYS 7

struct run {
	struct shop *shop;
	struct wire office, till; /* a supervisor, a cashier */
	struct programme model;
	struct tickets tickets;
	char holds[P_HOLDS][72];
	bool plain;
	int step, asked;
	int64_t seq;
	uint64_t seed, state;
	char what[8704]; /* this step, for whoever reads the failure */
};

static int clock_prepare(void **state)
{
	(void)state;
	if (getenv("PALIER_CLOCK"))
		clock_take();
	return 0;
}

static int clock_remove(void **state)
{
	(void)state;
	clock_give_back();
	return 0;
}

static uint64_t below(struct run *r, uint64_t n)
{
	return draw_below(&r->state, n);
}

#define FAIL(r, ...) \
	do { \
		char text_[4096]; \
		snprintf(text_, sizeof(text_), __VA_ARGS__); \
		fail_msg("PALIER_SEED=%llu, step %d: %s\n%s", (unsigned long long)(r)->seed, (r)->step, (r)->what, text_); \
	} while (0)

/* --- asking --- */

static void unchanged(struct run *r)
{
	int64_t seq = last_seq(&r->office);

	if (seq != r->seq)
		FAIL(r, "seq went from %lld to %lld", (long long)r->seq, (long long)seq);
}

/* A command. @param reason NULL: it must be accepted; else nothing may be written @return when accepted, the reply */
static char *told(struct run *r, struct wire *w, const char *reason, const char *method, const char *params)
{
	const char *got;
	char *reply;

	snprintf(r->what, sizeof(r->what), "%s %s", method, params);
	r->seq = last_seq(&r->office);
	reply = wire_ask(w, method, "'request':'%llu-%d',%s", (unsigned long long)r->seed, ++r->asked, params);
	if (!reply)
		FAIL(r, "no reply");
	if (getenv("PALIER_SHOW"))
		fprintf(stderr, "%d: %s\n\t%s\n", r->step, r->what, reply);
	got = field(reply, "error.data.reason");
	if (reason ? !got || strcmp(got, reason) != 0 : got != NULL)
		FAIL(r, "expected %s, got %s", reason ? reason : "a result", reply);
	if (reason)
		unchanged(r);
	return reply;
}

static int64_t at_path(const char *json, const char *list, int row, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s[%d].%s", list, row, name);
	return figure(json, path);
}

static bool text_is(const char *json, const char *list, int row, const char *name, const char *expected)
{
	char path[128];
	const char *got;

	snprintf(path, sizeof(path), "%s[%d].%s", list, row, name);
	got = field(json, path);
	return expected && got && strcmp(got, expected) == 0;
}

static void figure_equal(struct run *r, const char *reply, const char *at, const char *name, int64_t expected)
{
	char path[128];

	snprintf(path, sizeof(path), "%s%s", at, name);
	if (figure(reply, path) != expected)
		FAIL(r, "%s: expected %lld in %s", path, (long long)expected, reply);
}

static void count_equal(struct run *r, const char *reply, const char *path, int expected)
{
	if (count_of(reply, path) != expected)
		FAIL(r, "%s: expected %d in %s", path, expected, reply);
}

/* Rows of points, summed up by unit. */
static void units_equal(struct run *r, const char *reply, const char *path, const int64_t *expected)
{
	for (int u = 0; u < r->model.rules->unit_count; u++) {
		int64_t sum = 0;

		for (int i = 0; i < count_of(reply, path); i++)
			if (text_is(reply, path, i, "unit", r->model.rules->units[u].name))
				sum += at_path(reply, path, i, "points");
		if (sum != expected[u])
			FAIL(r, "%s of %s: expected %lld in %s", path, r->model.rules->units[u].name, (long long)expected[u],
				reply);
	}
}

/* --- what a ticket comes to --- */

static void discount_equal(struct run *r, const char *reply, const char *list, int row, const struct p_discount *d)
{
	char parts[64];
	int count = 0;

	if (!text_is(reply, list, row, "source", d->source) || at_path(reply, list, row, "amount") != d->amount)
		FAIL(r, "%s[%d]: expected %s %lld in %s", list, row, d->source, (long long)d->amount, reply);
	snprintf(parts, sizeof(parts), "%s[%d].lines", list, row);
	for (int i = 0; i < count_of(reply, parts); i++) {
		int64_t line = at_path(reply, parts, i, "line"), amount = at_path(reply, parts, i, "amount");

		if (line < 0 || line >= P_LINES || d->lines[line] != amount)
			FAIL(r, "%s: of line %lld expected %lld in %s", parts, (long long)line,
				line >= 0 && line < P_LINES ? (long long)d->lines[line] : 0, reply);
		count += amount != 0;
	}
	for (int i = 0; i < P_LINES; i++)
		count -= d->lines[i] != 0;
	if (count != 0)
		FAIL(r, "%s: lines are missing or doubled in %s", parts, reply);
}

static void spends_equal(struct run *r, const char *reply, const char *list, const struct p_result *q)
{
	const struct p_deal *rewards = r->model.rules->rewards;

	count_equal(r, reply, list, q->spend_count);
	for (int i = 0; i < q->spend_count; i++) {
		const struct p_deal *d = &rewards[q->spends[i].reward];

		if (!text_is(reply, list, i, "reward", d->name) ||
			!text_is(reply, list, i, "unit", r->model.rules->units[d->unit].name) ||
			at_path(reply, list, i, "points") != q->spends[i].points)
			FAIL(r, "%s[%d]: expected %s for %lld in %s", list, i, d->name, (long long)q->spends[i].points,
				reply);
	}
}

static void refund_equal(struct run *r, const char *reply, const char *at, const struct p_refund *f)
{
	char path[96];

	snprintf(path, sizeof(path), "%s.refund.amount", at);
	figure_equal(r, reply, path, "", f->amount);
	snprintf(path, sizeof(path), "%s.refund.units", at);
	units_equal(r, reply, path, f->units);
	snprintf(path, sizeof(path), "%s.reversed", at);
	units_equal(r, reply, path, f->reversed);
	snprintf(path, sizeof(path), "%s.restored", at);
	units_equal(r, reply, path, f->restored);
	snprintf(path, sizeof(path), "%s.uncollected", at);
	units_equal(r, reply, path, f->uncollected);
}

/* What quote, hold and commit say alike. @param at "result." */
static void goods_equal(struct run *r, const char *reply, const char *at, const struct p_result *q)
{
	char path[64];

	figure_equal(r, reply, at, "payable", q->payable);
	figure_equal(r, reply, at, "due", q->due);
	snprintf(path, sizeof(path), "%sdiscounts", at);
	count_equal(r, reply, path, q->discount_count);
	for (int i = 0; i < q->discount_count; i++)
		discount_equal(r, reply, path, i, &q->discounts[i]);
}

static void refunds_equal(struct run *r, const char *reply, const struct p_ticket *t, const struct p_result *q)
{
	char path[64];

	for (int i = 0; i < t->back_count; i++) {
		snprintf(path, sizeof(path), "result.returns[%d]", i);
		refund_equal(r, reply, path, &q->refunds[i]);
	}
}

static void refused_equal(struct run *r, const char *reply, const struct p_result *q)
{
	static const char *const kinds[] = { "unit", "coupon", "reward" };

	count_equal(r, reply, "result.refused", q->refused_count);
	for (int i = 0; i < q->refused_count; i++) {
		const struct p_refused *f = &q->refused[i];
		int found = 0;

		for (int k = 0; k < q->refused_count; k++)
			found += text_is(reply, "result.refused", k, kinds[f->kind], f->what) &&
			         text_is(reply, "result.refused", k, "reason", f->reason);
		if (found == 0)
			FAIL(r, "refused: expected %s %s in %s", f->what, f->reason, reply);
	}
}

static void tier_equal(struct run *r, const char *reply, const char *path, int expected)
{
	const char *name = field(reply, path);

	if (expected >= 0 ? !name || strcmp(name, r->model.rules->tiers[expected].name) != 0 : name != NULL)
		FAIL(r, "%s is %s, expected %s in %s", path, name ? name : "none",
			expected >= 0 ? r->model.rules->tiers[expected].name : "none", reply);
}

/* @return the reason that refuses even a quote */
static const char *quoted(struct run *r, const struct p_ticket *t, struct p_result *q)
{
	const char *reason = p_quote(&r->model, t, q), *got;
	char *reply;

	snprintf(r->what, sizeof(r->what), "sale.quote %s", ticket_json(&r->tickets, t));
	r->seq = last_seq(&r->office);
	reply = wire_ask(&r->office, "sale.quote", "%s", ticket_json(&r->tickets, t));
	if (!reply)
		FAIL(r, "no reply");
	got = field(reply, "error.data.reason");
	if (reason ? !got || strcmp(got, reason) != 0 : got != NULL)
		FAIL(r, "expected %s, got %s", reason ? reason : "a quote", reply);
	if (reason)
		return reason;
	figure_equal(r, reply, "result.", "total", q->total);
	goods_equal(r, reply, "result.", q);
	spends_equal(r, reply, "result.spend", q);
	refused_equal(r, reply, q);
	refunds_equal(r, reply, t, q);
	units_equal(r, reply, "result.earn", q->earned);
	if (t->member >= 0 && !r->plain && (q->tier != r->model.tier[t->member] || field(reply, "result.tier_after")))
		tier_equal(r, reply, "result.tier_after.name", q->tier);
	unchanged(r);
	return NULL;
}

/* --- what must hold after every step --- */

static void account_equal(struct run *r, const char *reply, const char *at, int account)
{
	int today = model_date(clock_ms());
	char path[64];

	for (int u = 0; u < r->model.rules->unit_count; u++) {
		const char *unit = r->model.rules->units[u].name;
		int64_t there;

		snprintf(path, sizeof(path), "%sbalances.%s", at, unit);
		there = figure(reply, path);
		if ((there == INT64_MIN ? 0 : there) != p_balance(&r->model, account, u, today))
			FAIL(r, "%s of account %d: expected %lld in %s", path, account,
				(long long)p_balance(&r->model, account, u, today), reply);
	}
}

static void apart_equal(struct run *r, const char *reply, const char *name, int account, int unit, int64_t expected)
{
	char path[64];
	int64_t there;

	snprintf(path, sizeof(path), "result.%s.%s", name, r->model.rules->units[unit].name);
	there = figure(reply, path);
	if ((there == INT64_MIN ? 0 : there) != expected)
		FAIL(r, "%s of account %d: expected %lld in %s", path, account, (long long)expected, reply);
}

/* What the balance affords; whether a cap that is reached, or the fewest points at once, leaves a reward out is not said. */
static void rewards_equal(struct run *r, const char *reply, int member)
{
	const struct p_rules *rules = r->model.rules;

	for (int i = 0; i < rules->reward_count; i++) {
		const struct p_deal *d = &rules->rewards[i];
		int64_t there = p_spendable(&r->model, member, d->unit, model_date(clock_ms()));
		bool capped = d->max.member || d->max.day || d->max.total;
		int found = 0;

		for (int k = 0; k < count_of(reply, "result.rewards"); k++)
			found += text_is(reply, "result.rewards", k, "reward", d->name);
		if (found > (there >= d->cost) || found < (there >= d->cost && there >= d->min_points && !capped))
			FAIL(r, "rewards: %s of account %d is listed %d times with %lld points in %s", d->name, member,
				found, (long long)there, reply);
	}
}

static void member_equal(struct run *r, int member)
{
	char *reply = wire_ask(&r->office, "card.lookup", "'member':'%s'", r->tickets.members[member]);
	const struct p_rules *rules = r->model.rules;
	int today = model_date(clock_ms()), tier = r->model.tier[member];

	if (!reply)
		FAIL(r, "no reply");
	account_equal(r, reply, "result.", member);
	for (int u = 0; u < rules->unit_count; u++) {
		apart_equal(r, reply, "held", member, u, p_held(&r->model, member, u));
		if (!r->model.vague[member][u])
			apart_equal(r, reply, "pending", member, u, p_pending(&r->model, member, u, today));
	}
	if (!r->plain)
		tier_equal(r, reply, "result.tier.name", tier);
	rewards_equal(r, reply, member);
	if (tier + 1 < rules->tier_count)
		figure_equal(r, reply, "result.tier.next.", "missing",
			rules->tiers[tier + 1].from - p_measured(&r->model, member, clock_ms()));
}

static void accounts_equal(struct run *r)
{
	for (int i = 0; i < r->tickets.member_count; i++)
		member_equal(r, i);
	for (int i = M_MEMBERS; i < M_MEMBERS + PURSES; i++) {
		char *reply;
		bool sold = false;

		for (int k = 0; k < r->model.lot_count; k++)
			sold |= r->model.lots[k].account == i;
		if (!sold)
			continue;
		reply = wire_ask(&r->office, "card.lookup", "'card':'%s'", r->tickets.cards[i]);
		if (!reply)
			FAIL(r, "no reply");
		account_equal(r, reply, "result.", i);
	}
}

/* --- steps --- */

static bool full(const struct run *r)
{
	const struct programme *p = &r->model;

	return p->sale_count + 2 > P_SALES || p->return_count + 2 > P_SALES || p->hold_count + 1 > P_HOLDS ||
	       p->lot_count + 20 > P_LOTS || p->use_count + 20 > P_USES;
}

static int any_member(struct run *r)
{
	return (int)below(r, (uint64_t)r->tickets.member_count);
}

static int any_sale(struct run *r)
{
	return (int)below(r, (uint64_t)r->model.sale_count);
}

static void enroll(struct run *r)
{
	int next = r->tickets.member_count;
	char params[64];
	char *reply;

	if (next == M_MEMBERS)
		return;
	snprintf(params, sizeof(params), "'name':'M %d'", next);
	reply = told(r, &r->office, NULL, "member.enroll", params);
	snprintf(r->tickets.members[next], sizeof(r->tickets.members[0]), "%s", field(reply, "result.member"));
	snprintf(r->tickets.cards[next], sizeof(r->tickets.cards[0]), "%s", field(reply, "result.card.number"));
	r->tickets.member_count++;
}

static void commit_equal(struct run *r, const char *reply, const struct p_ticket *t, const struct p_result *q)
{
	goods_equal(r, reply, "result.", q);
	spends_equal(r, reply, "result.spent", q);
	refunds_equal(r, reply, t, q);
	units_equal(r, reply, "result.earned", q->earned);
	if (t->member >= 0)
		account_equal(r, reply, "result.", t->member);
	if (t->member >= 0 && !r->plain)
		tier_equal(r, reply, "result.tier.name", q->tier);
}

/* @param hold -1, or the hold that is named */
static void committed(struct run *r, const struct p_ticket *t)
{
	static char params[8704];
	int number = r->model.sale_count;
	char named[96] = "";
	struct p_result q;
	const char *reason = p_commit(&r->model, t, &q);
	char *reply;

	if (t->hold >= 0)
		snprintf(named, sizeof(named), "'hold':'%s',", r->holds[t->hold]);
	snprintf(params, sizeof(params), "'sale':'S%d',%s'payable':%lld,%s", number, named, (long long)t->payable,
		ticket_json(&r->tickets, t));
	reply = told(r, &r->office, reason, "sale.commit", params);
	if (!reason)
		commit_equal(r, reply, t, &q);
}

static void sell(struct run *r)
{
	struct p_ticket t;
	struct p_result q;

	ticket_draw(&r->tickets, below(r, 6) ? any_member(r) : -1, clock_ms(), &t);
	t.supervised = true;
	if (!r->plain && below(r, 2))
		ticket_redeem(&r->tickets, &t);
	if (!r->plain && below(r, 3) == 0)
		ticket_pay(&r->tickets, &t);
	if (r->model.sale_count > 0 && below(r, 6) == 0) {
		t.back_count = 1;
		ticket_back(&r->tickets, any_sale(r), &t.backs[0]);
		t.line_count = below(r, 4) ? t.line_count : 0;
		if (t.line_count == 0)
			t.redeem_count = t.coupon_count = t.payment_count = 0;
	}
	if (quoted(r, &t, &q))
		return;
	t.payable = q.payable + (below(r, 10) ? 0 : 1);
	committed(r, &t);
}

static void held_equal(struct run *r, const char *reply, int hold)
{
	int64_t held[P_UNITS] = { 0 };

	for (int i = 0; i < r->model.holds[hold].takes.count; i++)
		held[r->model.lots[r->model.holds[hold].takes.rows[i].lot].unit] +=
			r->model.holds[hold].takes.rows[i].points;
	units_equal(r, reply, "result.held", held);
	snprintf(r->holds[hold], sizeof(r->holds[0]), "%s", field(reply, "result.hold"));
}

static void hold_basket(struct run *r)
{
	struct p_ticket t;
	struct p_result q;
	const char *reason;
	char *reply;
	int hold = 0;

	ticket_draw(&r->tickets, any_member(r), clock_ms(), &t);
	t.supervised = true;
	ticket_redeem(&r->tickets, &t);
	if (below(r, 4) == 0)
		ticket_pay(&r->tickets, &t);
	if (t.redeem_count + t.coupon_count + t.payment_count == 0)
		return;
	reason = p_hold(&r->model, &t, &q, &hold);
	reply = told(r, &r->office, reason, "sale.hold", ticket_json(&r->tickets, &t));
	if (reason)
		return;
	held_equal(r, reply, hold);
	figure_equal(r, reply, "result.quote.", "total", q.total);
	goods_equal(r, reply, "result.quote.", &q);
	spends_equal(r, reply, "result.quote.spend", &q);
	units_equal(r, reply, "result.quote.earn", q.earned);
}

static void hold_points(struct run *r)
{
	int member = any_member(r), unit = (int)below(r, (uint64_t)r->model.rules->unit_count), hold = 0;
	int64_t points = 1 + (int64_t)below(r, 150), at = clock_ms();
	const char *reason = p_hold_points(&r->model, member, unit, points, at, &hold);
	char params[192];
	char *reply;

	snprintf(params, sizeof(params), "'member':'%s','unit':'%s','points':%lld,'at':'%s'", r->tickets.members[member],
		r->model.rules->units[unit].name, (long long)points, time_text(at));
	reply = told(r, &r->office, reason, "sale.hold", params);
	if (!reason)
		held_equal(r, reply, hold);
}

/* Its basket, or another, with it. */
static void capture(struct run *r, int hold)
{
	const struct p_hold *h = &r->model.holds[hold];
	struct p_ticket t = h->ticket;
	struct p_result q;

	if (t.line_count == 0) {
		ticket_draw(&r->tickets, h->member, clock_ms(), &t);
		ticket_redeem(&r->tickets, &t);
	} else if (below(r, 2)) {
		t.same = true;
	} else if (t.redeem_count > 0 && below(r, 2)) {
		t.redeem_count--;
	} else if (t.redeem_count > 0 && t.redeem_count < P_ASKED) {
		t.redeem[t.redeem_count] = t.redeem[t.redeem_count - 1];
		t.redeem_count++;
	} else {
		t.same = true;
	}
	t.hold = hold;
	t.supervised = true;
	t.at_ms = clock_ms();
	if (below(r, 12) == 0)
		t.member = any_member(r);
	if (p_quote(&r->model, &t, &q) == NULL)
		t.payable = q.payable;
	committed(r, &t);
}

static void settle(struct run *r)
{
	char params[96];
	int hold;

	if (r->model.hold_count == 0)
		return;
	hold = r->model.hold_count - 1 - (int)below(r, r->model.hold_count < 4 ? (uint64_t)r->model.hold_count : 4);
	if (below(r, 4)) {
		capture(r, hold);
		return;
	}
	snprintf(params, sizeof(params), "'hold':'%s'", r->holds[hold]);
	told(r, &r->office, p_release(&r->model, hold), "sale.release", params);
}

/* A hold of the shortest, and its end. */
static void lapse(struct run *r)
{
	int member = any_member(r), hold = 0;
	int64_t at = clock_ms();
	const char *reason = p_hold_points(&r->model, member, U_POINTS, 1, at, &hold);
	char params[160];
	char *reply;

	snprintf(params, sizeof(params), "'member':'%s','unit':'points','points':1,'ttl':1", r->tickets.members[member]);
	reply = told(r, &r->office, reason, "sale.hold", params);
	if (reason)
		return;
	held_equal(r, reply, hold);
	while (clock_ms() <= at + 1500)
		sleep_ms(50);
	p_lapse(&r->model, hold);
}

static void bring_back(struct run *r)
{
	bool supervised = below(r, 2);
	struct wire *w = supervised ? &r->office : &r->till;
	struct p_ticket t = { .member = -1, .hold = -1, .supervised = true, .back_count = 1, .at_ms = clock_ms() };
	struct p_result q;
	const char *reason;
	char params[1024];
	char *reply;
	int which = 0;

	ticket_back(&r->tickets, any_sale(r), &t.backs[0]);
	quoted(r, &t, &q);
	reason = p_give_back(&r->model, &t.backs[0], t.at_ms, supervised, &which);
	snprintf(params, sizeof(params), "'return':'R%d','sale':'S%d','at':'%s'%s", r->step, t.backs[0].sale,
		time_text(t.at_ms), back_json(&t.backs[0]));
	reply = told(r, w, reason, "sale.return", params);
	if (reason)
		return;
	refund_equal(r, reply, "result", &r->model.returns[which].refund);
	r->model.returns[which].number = r->step;
}

static bool sells_purse(const struct p_sale *s)
{
	for (int i = 0; i < s->line_count; i++)
		if (s->lines[i].kind == P_GIFT_CARD)
			return true;
	return false;
}

static void undo(struct run *r)
{
	bool supervised = below(r, 2);
	struct wire *w = supervised ? &r->office : &r->till;
	int last = r->model.return_count - 1, sale = any_sale(r);
	char params[64];

	if (last >= 0 && r->model.returns[last].number > 0 && below(r, 2)) {
		snprintf(params, sizeof(params), "'sale':'R%d'", r->model.returns[last].number);
		told(r, w, p_void_return(&r->model, last, clock_ms(), supervised), "sale.void", params);
	} else if (r->model.sales[sale].exchange == 0 && !sells_purse(&r->model.sales[sale])) {
		snprintf(params, sizeof(params), "'sale':'S%d'", sale);
		told(r, w, p_void_sale(&r->model, sale, clock_ms(), supervised), "sale.void", params);
	}
}

static void adjust(struct run *r)
{
	int member = any_member(r), unit = (int)below(r, (uint64_t)r->model.rules->unit_count);
	int64_t points = (int64_t)below(r, unit == U_CREDIT ? 6000 : 400) - 150, at = clock_ms();
	char params[192];

	if (r->model.vague[member][unit] && r->model.rules->units[unit].pending)
		return;
	snprintf(params, sizeof(params), "'member':'%s','unit':'%s','points':%lld,'at':'%s','reason':'x'",
		r->tickets.members[member], r->model.rules->units[unit].name, (long long)points, time_text(at));
	told(r, &r->office, p_adjust(&r->model, member, unit, points, at), "balance.adjust", params);
}

static void claim(struct run *r)
{
	int sale = any_sale(r), member = any_member(r);
	char params[96];

	snprintf(params, sizeof(params), "'sale':'S%d','member':'%s'", sale, r->tickets.members[member]);
	told(r, &r->office, p_claim(&r->model, sale, member, clock_ms(), CLAIM_DAYS), "sale.claim", params);
}

static void close_day(struct run *r)
{
	told(r, &r->office, NULL, "day.close", "'ext':{}");
	r->model.day++;
}

/* Days pass: no hold lives that long. */
static void days_pass(struct run *r)
{
	if (!clock_taken())
		return;
	clock_set(clock_ahead() + 86400 * (1 + (int64_t)below(r, below(r, 2) ? 3 : 30)));
	for (int i = 0; i < r->model.hold_count; i++)
		if (r->model.holds[i].live)
			p_lapse(&r->model, i);
}

static void step(struct run *r)
{
	static const struct {
		int weight;
		void (*take)(struct run *r);
	} steps[] = {
		{ 1, enroll },
		{ 40, sell },
		{ 20, bring_back },
		{ 10, undo },
		{ 10, adjust },
		{ 5, claim },
		{ 5, days_pass },
		{ 1, close_day },
		{ 8, hold_basket }, /* from here on: no plain shop */
		{ 3, hold_points },
		{ 10, settle },
	};
	int sum = 0, at;

	for (size_t i = 0; i < (r->plain ? 8 : sizeof(steps) / sizeof(steps[0])); i++)
		sum += steps[i].weight;
	at = (int)below(r, (uint64_t)sum);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (at < steps[i].weight) {
			steps[i].take(r);
			return;
		}
		at -= steps[i].weight;
	}
}

/* --- a shop's life --- */

/* Sixteen digits, the last of which makes Luhn's sum a multiple of ten. */
static void purse_number(struct run *r, char *out)
{
	int sum = 0;

	for (int i = 0; i < 15; i++) {
		int digit = i == 0 ? 6 : (int)below(r, 10), twice = 2 * digit;

		out[i] = (char)('0' + digit);
		sum += i % 2 == 0 ? twice / 10 + twice % 10 : digit;
	}
	out[15] = (char)('0' + (10 - sum % 10) % 10);
	out[16] = 0;
}

static void issue_codes(struct run *r)
{
	int offer = r->model.rules->offer_count - 1;
	char params[64];
	char *reply;

	snprintf(params, sizeof(params), "'offer':'%s','count':%d", r->model.rules->offers[offer].name, CODES);
	reply = told(r, &r->office, NULL, "coupon.issue", params);
	count_equal(r, reply, "result.codes", CODES);
	for (int i = 0; i < CODES; i++) {
		struct p_code *c = &r->model.codes[r->model.code_count++];
		char path[32];

		*c = (struct p_code){ .offer = offer, .sale = -1, .hold = -1 };
		snprintf(path, sizeof(path), "result.codes[%d]", i);
		snprintf(c->text, sizeof(c->text), "%s", field(reply, path));
	}
}

static void open_shop(struct run *r, struct shop *s, uint64_t seed)
{
	memset(r, 0, sizeof(*r));
	if (clock_taken())
		clock_set(0);
	r->shop = s;
	r->plain = s->options == &programme_plain;
	r->seed = r->state = seed;
	r->tickets.model = &r->model;
	r->tickets.state = &r->state;
	r->tickets.purse_count = PURSES;
	programme_init(&r->model, programme_rules(r->plain));
	for (int i = 0; i < PURSES; i++)
		purse_number(r, r->tickets.cards[M_MEMBERS + i]);
	connect_to(&r->office, s, DOOR_TRUST);
	till_make(&r->office, "till", "cashier", "secret");
	sign_in(&r->till, s, "till", "secret");
	if (!r->plain)
		issue_codes(r);
	for (int i = 0; i < 3; i++)
		enroll(r);
	sell(r);
}

static void run_seed(struct shop *s, uint64_t seed)
{
	static struct run r;

	open_shop(&r, s, seed);
	for (r.step = 1; r.step <= STEPS && !full(&r); r.step++) {
		if (r.step == STEPS / 2 && seed % 8 == 0 && !r.plain)
			lapse(&r);
		else if (r.model.sale_count == 0)
			sell(&r);
		else
			step(&r);
		accounts_equal(&r);
	}
	wire_close(&r.till);
	wire_close(&r.office);
}

/* The same seeds in every run; those of the long run are new each time. */
static void agrees(void **state)
{
	static uint64_t runs;
	const char *one = getenv("PALIER_SEED");
	uint64_t seed = ++runs + (getenv("PALIER_LONG") ? (uint64_t)clock_ms() : 0);

	run_seed(*state, one ? strtoull(one, NULL, 10) : seed);
}

/* With PALIER_PLAIN, the plain shop alone; with PALIER_CLOCK days pass; with PALIER_SHOW all that is asked is shown. */
int main(void)
{
	static struct CMUnitTest tests[SEEDS_LONG];
	static const struct CMUnitTest rows[] = {
		IN_SHOP("palier and the model agree of a shop that has everything", agrees, &programme_shop),
		IN_SHOP("palier and the model agree of a shop where one only earns", agrees, &programme_plain),
	};
	bool plain = getenv("PALIER_PLAIN") != NULL;
	size_t count = getenv("PALIER_SEED") ? 1 : getenv("PALIER_LONG") ? SEEDS_LONG : plain ? PLAIN : SEEDS;

	setenv("TZ", "Europe/Paris", 1);
	tzset();
	for (size_t i = 0; i < count; i++)
		tests[i] = rows[plain || (count > 1 && i + PLAIN >= count)];
	return _cmocka_run_group_tests("programme", tests, count, clock_prepare, clock_remove);
}
