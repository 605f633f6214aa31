/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/model/referral.h"

#include <assert.h>
#include <string.h>

void referrals_init(struct referrals *m, const struct r_rules *rules)
{
	memset(m, 0, sizeof(*m));
	m->rules = rules;
	for (int i = 0; i < R_MEMBERS; i++)
		m->members[i].into = m->members[i].code = -1;
}

int r_now(const struct referrals *m, int member)
{
	while (member >= 0 && m->members[member].into >= 0)
		member = m->members[member].into;
	return member;
}

static bool is_member(const struct referrals *m, int member)
{
	return member >= 0 && m->members[member].known && !m->members[member].erased;
}

/* --- what happened, told from the beginning --- */

static void note(struct referrals *m, enum r_step_kind kind, int referral, struct r_step s)
{
	assert(m->step_count < R_STEPS);
	s.kind = kind;
	s.referral = referral;
	m->steps[m->step_count++] = s;
}

/* Was it voided? */
static bool struck(const struct referrals *m, const struct r_step *s)
{
	if (s->kind == R_BROUGHT_BACK && s->back >= 0)
		return !m->returns[s->back].live;
	return s->kind == R_BOUGHT && !m->sales[s->sale].live;
}

/* Where the telling stands. */
struct tale {
	enum r_state state;
	bool flagged;
	int counts; /* the sale that reached the minimum */
	int64_t left;
	int due;
	int purchases; /* that stand */
};

/* Once it is earned and the friend has come back, nothing more is noted of it. */
static bool is_done(enum r_state state, int purchases)
{
	return state == R_VOID || (state == R_EARNED && purchases >= 2);
}

static void bought(const struct referrals *m, const struct r_step *s, struct tale *t)
{
	t->purchases++;
	if (t->state != R_CLAIMED && t->state != R_PURCHASED)
		return;
	t->state = R_PURCHASED;
	if (s->value < m->rules->minimum)
		return;
	t->state = R_HELD;
	t->counts = s->sale;
	t->left = s->value;
	t->due = model_add_days(model_date(m->sales[s->sale].at_ms), m->rules->hold_days);
}

static void brought_back(const struct referrals *m, const struct r_step *s, struct tale *t)
{
	if (s->all && (s->sale == t->counts || !is_done(t->state, t->purchases)))
		t->purchases--;
	if (s->sale != t->counts || (t->state != R_HELD && t->state != R_EARNED))
		return;
	t->left -= s->value;
	if (t->left < m->rules->minimum || t->left == 0)
		t->state = t->state == R_HELD ? R_PURCHASED : R_VOID;
}

static void next(const struct referrals *m, const struct r_step *s, struct tale *t)
{
	switch (s->kind) {
	case R_BOUGHT:
		bought(m, s, t);
		break;
	case R_BROUGHT_BACK:
		brought_back(m, s, t);
		break;
	case R_TIME:
		if (t->state == R_HELD && !t->flagged && s->date >= t->due)
			t->state = R_EARNED;
		break;
	case R_ACCEPTED:
		t->flagged = false;
		break;
	case R_REJECTED:
	case R_ENDED:
		t->state = R_VOID;
		break;
	}
}

static void tell(const struct referrals *m, int which, struct r_referral *r)
{
	struct tale t = { .state = R_CLAIMED, .flagged = r->flags != 0, .counts = -1 };
	bool pays;

	for (int i = r->begins; i < m->step_count; i++)
		if (m->steps[i].referral == which && !struck(m, &m->steps[i]))
			next(m, &m->steps[i], &t);
	pays = !r->gone && !t.flagged && t.state != R_VOID;
	r->state = t.flagged && t.state != R_VOID ? R_FLAGGED : t.state;
	r->purchases = t.purchases;
	r->due = t.due;
	r->friend_due = pays && (t.state == R_HELD || t.state == R_EARNED);
	r->sponsor_due = pays && t.state == R_EARNED;
}

/* --- what it pays --- */

static void pay(struct referrals *m, int member, const struct r_prize *prize, int sign)
{
	struct r_member *to = &m->members[r_now(m, member)];

	if (to->erased)
		return;
	if (prize->kind == R_POINTS)
		to->balance[prize->unit] += sign * prize->points;
	else if (prize->kind == R_OFFER)
		to->offers += sign;
}

static int month_before(int date, int months)
{
	return model_add_months(date - (months + 11) / 12 * 10000, (months + 11) / 12 * 12 - months);
}

/* Has the sponsor had enough in the period that ends with this day? */
static bool capped(const struct referrals *m, const struct r_referral *r, int day)
{
	int from = month_before(day, m->rules->cap_months), count = 0;

	for (int i = 0; i < m->referral_count; i++) {
		const struct r_referral *o = &m->referrals[i];

		count += o->sponsor_has && r_now(m, o->sponsor) == r_now(m, r->sponsor) && o->paid_day > from &&
		         o->paid_day <= day;
	}
	return m->rules->cap > 0 && count >= m->rules->cap;
}

static void book_sponsor(struct referrals *m, struct r_referral *r)
{
	if (r->sponsor_due && !r->sponsor_has && !r->capped) {
		r->paid_day = m->verdict ? m->verdict : r->due;
		r->capped = r->sponsor < 0 || m->members[r_now(m, r->sponsor)].erased || capped(m, r, r->paid_day);
		r->sponsor_has = !r->capped;
		if (r->sponsor_has)
			pay(m, r->sponsor, &m->rules->sponsor, 1);
	} else if (!r->sponsor_due) {
		if (r->sponsor_has)
			pay(m, r->sponsor, &m->rules->sponsor, -1);
		r->sponsor_has = r->capped = false;
	}
}

/* Tell all of them anew, and move what is to be moved. */
static void book(struct referrals *m)
{
	for (int i = 0; i < m->referral_count; i++) {
		struct r_referral *r = &m->referrals[i];

		tell(m, i, r);
		if (r->friend_due != r->friend_has)
			pay(m, r->friend, &m->rules->friend, r->friend_due ? 1 : -1);
		r->friend_has = r->friend_due;
		book_sponsor(m, r);
	}
}

/* A command touches a referral: what is due by then falls first. */
static void touch(struct referrals *m, int referral, int date)
{
	if (referral < 0)
		return;
	note(m, R_TIME, referral, (struct r_step){ .sale = -1, .back = -1, .date = date });
	book(m);
}

void r_close(struct referrals *m, int today, bool daily)
{
	const int after = m->opened && !daily ? model_add_days(m->opened, 1) : today, last = after < today ? after : today;

	m->day++;
	m->opened = today;
	for (int i = 0; i < m->referral_count; i++)
		note(m, R_TIME, i, (struct r_step){ .sale = -1, .back = -1, .date = last });
	book(m);
}

/* --- codes and claims --- */

static bool is_open(const struct r_referral *r)
{
	return !r->gone && r->state != R_VOID;
}

int r_of_friend(const struct referrals *m, int friend)
{
	int last = -1;

	for (int i = 0; i < m->referral_count; i++)
		if (r_now(m, m->referrals[i].friend) == friend && is_open(&m->referrals[i]))
			last = i;
	return last;
}

const char *r_issue(struct referrals *m, int member, int64_t at_ms, int *out)
{
	struct r_member *who = &m->members[member = r_now(m, member)];
	int date = model_date(at_ms);

	if (!is_member(m, member))
		return "member_unknown";
	if (who->code < 0 || m->codes[who->code].expires < date) {
		assert(m->code_count < R_CODES);
		who->code = m->code_count++;
		m->codes[who->code].sponsor = member;
		m->codes[who->code].expires =
			m->rules->code_months ? model_add_months(date, m->rules->code_months) : M_NEVER;
	}
	*out = who->code;
	return NULL;
}

static bool has_bought(const struct referrals *m, int member)
{
	for (int i = 0; i < m->sale_count; i++)
		if (m->sales[i].live && m->sales[i].member >= 0 && r_now(m, m->sales[i].member) == member)
			return true;
	return false;
}

static const char *code_refused(const struct referrals *m, int code, int date)
{
	if (code == R_MALFORMED)
		return "code_malformed";
	if (code == R_FORGED)
		return "code_unknown";
	if (code == R_FOREIGN)
		return NULL;
	return m->codes[code].expires < date || m->members[r_now(m, m->codes[code].sponsor)].erased ? "code_expired" : NULL;
}

static bool has_claimed(const struct referrals *m, int friend)
{
	for (int i = 0; i < m->referral_count; i++)
		if (!m->referrals[i].gone && r_now(m, m->referrals[i].friend) == friend)
			return true;
	return false;
}

static const char *claim_refused(const struct referrals *m, int friend, int code, int date)
{
	const char *reason = code_refused(m, code, date);

	if (reason)
		return reason;
	if (friend < 0)
		return "params_invalid";
	if (has_claimed(m, friend))
		return "code_spent";
	if (code >= 0 && r_now(m, m->codes[code].sponsor) == friend)
		return "self_referral";
	if (has_bought(m, friend) || date >= model_add_days(m->members[friend].since, m->rules->new_days))
		return "not_a_new_customer";
	return NULL;
}

/* Does the friend stand somewhere above the sponsor? */
static bool is_circle(const struct referrals *m, int sponsor, int friend)
{
	for (int turns = 0; sponsor >= 0 && sponsor != friend && turns < R_REFERRALS; turns++) {
		int above = r_of_friend(m, sponsor);

		sponsor = above >= 0 ? r_now(m, m->referrals[above].sponsor) : -1;
	}
	return sponsor == friend;
}

static int claims_on(const struct referrals *m, int code, int date)
{
	int count = 0;

	for (int i = 0; i < m->referral_count; i++)
		count += !m->referrals[i].gone && m->referrals[i].code == code && model_date(m->referrals[i].at_ms) == date;
	return count;
}

/* Has the sponsor just bought? */
static bool was_there(const struct referrals *m, int sponsor, int64_t at_ms)
{
	for (int i = 0; i < m->sale_count; i++)
		if (m->sales[i].rung_for >= 0 && r_now(m, m->sales[i].rung_for) == sponsor && m->sales[i].at_ms <= at_ms &&
			m->sales[i].at_ms >= at_ms - m->rules->same_till_minutes * INT64_C(60000))
			return m->rules->same_till_minutes > 0;
	return false;
}

static unsigned flags_of(const struct referrals *m, int sponsor, int friend, int code, int64_t at_ms)
{
	const struct r_member *a, *b = &m->members[friend];
	unsigned flags = 0;

	if (m->rules->claims_per_day && claims_on(m, code, model_date(at_ms)) >= m->rules->claims_per_day)
		flags |= R_CLAIMS;
	if (sponsor < 0)
		return flags | R_UNKNOWN;
	a = &m->members[sponsor];
	flags |= a->contact && a->contact == b->contact ? R_CONTACT : 0;
	flags |= is_circle(m, sponsor, friend) ? R_CIRCLE : 0;
	flags |= was_there(m, sponsor, at_ms) ? R_TILL : 0;
	return flags;
}

static int claim(struct referrals *m, int friend, int code, int64_t at_ms)
{
	int sponsor = code >= 0 ? r_now(m, m->codes[code].sponsor) : R_NOBODY;

	assert(m->referral_count < R_REFERRALS);
	m->referrals[m->referral_count] = (struct r_referral){ .sponsor = sponsor,
		.friend = friend,
		.code = code,
		.at_ms = at_ms,
		.begins = m->step_count };
	m->referrals[m->referral_count].flags = flags_of(m, sponsor, friend, code, at_ms);
	return m->referral_count++;
}

const char *r_enroll(struct referrals *m, int member, int64_t at_ms, int contact, int code, bool fact)
{
	struct r_member was = m->members[member];
	const char *reason = NULL;

	m->members[member].known = true;
	m->members[member].since = model_date(at_ms);
	m->members[member].contact = contact;
	if (code != R_NO_CODE)
		reason = claim_refused(m, member, code, model_date(at_ms));
	if (reason && !fact) {
		m->members[member] = was;
		return reason;
	}
	if (code != R_NO_CODE && !reason)
		claim(m, member, code, at_ms);
	book(m);
	return NULL;
}

/* --- sales --- */

static void move(struct referrals *m, int member, int unit, int64_t points)
{
	member = r_now(m, member);
	if (member >= 0 && !m->members[member].erased)
		m->members[member].balance[unit] += points;
}

/* A sale is a member's from now on. */
static void counts(struct referrals *m, int sale)
{
	struct r_sale *s = &m->sales[sale];

	s->earned = m->rules->per ? s->base / m->rules->per : 0;
	move(m, s->member, 0, s->earned);
	s->referral = r_of_friend(m, r_now(m, s->member));
	if (s->referral >= 0 && is_done(m->referrals[s->referral].state, m->referrals[s->referral].purchases))
		s->referral = -1;
	if (s->referral >= 0)
		note(m, R_BOUGHT, s->referral, (struct r_step){ .sale = sale, .back = -1, .value = s->base });
}

const char *r_buy(struct referrals *m, int member, int64_t at_ms, int64_t base, int code, bool fact, int *out)
{
	struct r_sale *s = &m->sales[m->sale_count];
	const char *reason = NULL;

	assert(m->sale_count < R_SALES);
	member = r_now(m, member);
	if (code != R_NO_CODE)
		reason = claim_refused(m, member, code, model_date(at_ms));
	if (reason && !fact)
		return reason;
	if (member >= 0)
		touch(m, r_of_friend(m, member), model_date(at_ms));
	*s = (struct r_sale){ .live = true,
		.member = member,
		.rung_for = member,
		.day = m->day,
		.at_ms = at_ms,
		.base = base,
		.referral = -1,
		.brought = -1,
		.last_return = -1 };
	if (code != R_NO_CODE && !reason)
		s->brought = claim(m, member, code, at_ms);
	*out = m->sale_count++;
	if (member >= 0)
		counts(m, *out);
	book(m);
	return NULL;
}

/* What of the points it earned is taken back by now. */
static int64_t reverse(struct referrals *m, struct r_sale *s)
{
	int64_t now = s->base > 0 ? model_share(s->earned, s->back, s->base) - s->taken : 0;

	s->taken += now;
	move(m, s->member, 0, -now);
	return now;
}

const char *r_bring_back(struct referrals *m, int sale, int64_t value, int64_t at_ms, int *out)
{
	struct r_sale *s = &m->sales[sale];
	struct r_return *b = &m->returns[m->return_count];
	bool held;

	assert(m->return_count < R_RETURNS);
	if (!s->live)
		return "sale_unknown";
	if (value > s->base - s->back)
		return "return_exceeds_sale";
	held = s->referral >= 0 && m->referrals[s->referral].state == R_HELD;
	touch(m, s->referral, model_date(at_ms));
	held = held && m->referrals[s->referral].state == R_EARNED;
	s->back += value;
	*b = (struct r_return){ .live = true,
		.sale = sale,
		.day = m->day,
		.value = value,
		.taken = reverse(m, s),
		.before = s->last_return,
		.earned = held };
	s->last_return = *out = m->return_count++;
	if (s->referral >= 0)
		note(m, R_BROUGHT_BACK, s->referral,
			(struct r_step){ .sale = sale, .back = *out, .value = value, .all = s->back == s->base });
	book(m);
	return NULL;
}

const char *r_void_sale(struct referrals *m, int sale, int64_t at_ms)
{
	struct r_sale *s = &m->sales[sale];

	if (!s->live)
		return "sale_unknown";
	if (s->day != m->day)
		return "day_closed";
	if (s->last_return >= 0)
		return "return_exceeds_sale";
	s->live = false;
	move(m, s->member, 0, -s->earned);
	if (s->brought >= 0)
		m->referrals[s->brought].gone = true;
	book(m);
	touch(m, s->referral, model_date(at_ms));
	return NULL;
}

const char *r_void_return(struct referrals *m, int which, int64_t at_ms)
{
	struct r_return *b = &m->returns[which];
	struct r_sale *s = &m->sales[b->sale];

	if (!b->live)
		return "sale_unknown";
	if (b->day != m->day)
		return "day_closed";
	if (s->last_return != which || which < s->claimed) /* the claim did without what had come back */
		return "return_exceeds_sale";
	b->live = false;
	s->last_return = b->before;
	s->back -= b->value;
	s->taken -= b->taken;
	move(m, s->member, 0, b->taken);
	book(m);
	touch(m, s->referral, model_date(at_ms));
	return NULL;
}

/* What has come back of it already is taken off at once. */
const char *r_claim_sale(struct referrals *m, int sale, int member, int64_t now_ms)
{
	struct r_sale *s = &m->sales[sale];

	member = r_now(m, member);
	if (!s->live)
		return "sale_unknown";
	if (s->member >= 0)
		return "sale_exists";
	if (m->rules->claim_days && model_add_days(model_date(s->at_ms), m->rules->claim_days) < model_date(now_ms))
		return "clock";
	touch(m, r_of_friend(m, member), model_date(s->at_ms)); /* all as of the sale */
	s->member = member;
	s->claimed = m->return_count;
	counts(m, sale);
	reverse(m, s);
	if (s->referral >= 0 && s->back > 0)
		note(m, R_BROUGHT_BACK, s->referral,
			(struct r_step){ .sale = sale, .back = -1, .value = s->back, .all = s->back == s->base });
	book(m);
	return NULL;
}

/* --- the rest --- */

const char *r_adjust(struct referrals *m, int member, int unit, int64_t points)
{
	struct r_member *who = &m->members[r_now(m, member)];

	if (points < 0 && who->balance[unit] < -points)
		return "insufficient_points";
	who->balance[unit] += points;
	return NULL;
}

const char *r_review(struct referrals *m, int referral, bool accept, int64_t at_ms)
{
	const struct r_step s = { .sale = -1, .back = -1 };

	if (m->referrals[referral].gone || m->referrals[referral].state != R_FLAGGED)
		return "referral_unknown";
	m->verdict = model_date(at_ms);
	note(m, accept ? R_ACCEPTED : R_REJECTED, referral, s);
	touch(m, referral, m->verdict);
	m->verdict = 0;
	return NULL;
}

/* Who sponsors whom must still make sense: nobody sponsors himself, and nobody has two sponsors: the first one stays. */
static void settle(struct referrals *m)
{
	const struct r_step s = { .sale = -1, .back = -1 };

	for (int i = 0; i < m->referral_count; i++) {
		const struct r_referral *r = &m->referrals[i];
		bool ends = r_now(m, r->sponsor) == r_now(m, r->friend);

		for (int k = 0; k < m->referral_count; k++)
			if (k != i && is_open(&m->referrals[k]) && r_now(m, m->referrals[k].friend) == r_now(m, r->friend))
				ends |= m->referrals[k].at_ms < r->at_ms || (m->referrals[k].at_ms == r->at_ms && k < i);
		if (ends && !r->gone) {
			note(m, R_ENDED, i, s);
			book(m);
		}
	}
}

/* Had the shop known the friend before, under this other number? */
static bool was_known(const struct referrals *m, int other, const struct r_referral *r)
{
	for (int i = 0; i < m->sale_count; i++)
		if (m->sales[i].live && m->sales[i].member >= 0 && r_now(m, m->sales[i].member) == other &&
			m->sales[i].at_ms < r->at_ms)
			return true;
	return model_date(r->at_ms) >= model_add_days(m->members[other].since, m->rules->new_days);
}

/* Whose claim it was is a customer of old. */
static void refute(struct referrals *m, int friend, int other)
{
	const struct r_step s = { .sale = -1, .back = -1 };

	for (int i = 0; i < m->referral_count; i++)
		if (is_open(&m->referrals[i]) && r_now(m, m->referrals[i].friend) == friend &&
			was_known(m, other, &m->referrals[i]))
			note(m, R_ENDED, i, s);
}

const char *r_merge(struct referrals *m, int from, int into, int64_t at_ms)
{
	(void)at_ms;
	from = r_now(m, from);
	into = r_now(m, into);
	if (from == into)
		return "params_invalid";
	refute(m, from, into);
	refute(m, into, from);
	book(m);
	for (int u = 0; u < R_UNITS; u++) {
		m->members[into].balance[u] += m->members[from].balance[u];
		m->members[from].balance[u] = 0;
	}
	m->members[into].offers += m->members[from].offers;
	m->members[from].offers = 0;
	m->members[from].into = into;
	if (m->members[from].since < m->members[into].since)
		m->members[into].since = m->members[from].since;
	if (m->members[into].code < 0)
		m->members[into].code = m->members[from].code;
	settle(m);
	return NULL;
}

/* Had it been earned before it ended, without what was due only by a return that may yet be voided? */
static bool was_earned(const struct referrals *m, int referral)
{
	if (m->referrals[referral].state != R_VOID)
		return m->referrals[referral].state == R_EARNED;
	for (int i = 0; i < m->return_count; i++)
		if (m->returns[i].live && m->returns[i].earned && m->sales[m->returns[i].sale].referral == referral)
			return false;
	return true;
}

const char *r_erase(struct referrals *m, int member, int64_t at_ms)
{
	struct r_member *who = &m->members[member = r_now(m, member)];

	(void)at_ms;
	if (!is_member(m, member))
		return "member_erased";
	who->erased = true;
	for (int i = 0; i < m->referral_count; i++)
		if (r_now(m, m->referrals[i].friend) == member && !was_earned(m, i))
			note(m, R_ENDED, i, (struct r_step){ .sale = -1, .back = -1 });
	for (int u = 0; u < R_UNITS; u++)
		who->balance[u] = 0;
	who->offers = 0;
	book(m);
	return NULL;
}
