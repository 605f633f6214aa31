/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/model/model.h"

#include <assert.h>
#include <string.h>
#include <time.h>

void model_init(struct model *m, const struct m_unit *units)
{
	memset(m, 0, sizeof(*m));
	memcpy(m->units, units, sizeof(m->units));
	for (int i = 0; i < M_MEMBERS; i++)
		m->merged[i] = -1;
}

/* --- dates --- */

static int date_of(const struct tm *t)
{
	return (t->tm_year + 1900) * 10000 + (t->tm_mon + 1) * 100 + t->tm_mday;
}

int model_date(int64_t at_ms)
{
	time_t s = (time_t)(at_ms / 1000);
	struct tm t;

	localtime_r(&s, &t);
	return date_of(&t);
}

static int month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

int model_add_months(int date, int months)
{
	int year = date / 10000, month = date / 100 % 100 - 1 + months, day = date % 100;

	year += month / 12;
	month = month % 12 + 1;
	return year * 10000 + month * 100 + (day > month_days(year, month) ? month_days(year, month) : day);
}

int model_add_days(int date, int days)
{
	struct tm t = { .tm_year = date / 10000 - 1900,
		.tm_mon = date / 100 % 100 - 1,
		.tm_mday = date % 100 + days,
		.tm_hour = 12 };

	timegm(&t);
	return date_of(&t);
}

/* Half up; nothing here is negative. */
int64_t model_share(int64_t a, int64_t b, int64_t c)
{
	return (int64_t)(((__int128)a * b * 2 + c) / ((__int128)c * 2));
}

/* --- what a member has --- */

int model_member(const struct model *m, int member)
{
	while (m->merged[member] >= 0)
		member = m->merged[member];
	return member;
}

static bool is_of(const struct m_lot *l, int member, int unit)
{
	return l->member == member && l->unit == unit && l->left > 0;
}

int64_t model_balance(const struct model *m, int member, int unit, int today)
{
	int64_t sum = -m->hole[member][unit];

	for (int i = 0; i < m->lot_count; i++)
		if (is_of(&m->lots[i], member, unit) && m->lots[i].expires >= today)
			sum += m->lots[i].left;
	return sum;
}

int64_t model_pending(const struct model *m, int member, int unit, int today)
{
	int64_t sum = 0;

	for (int i = 0; i < m->lot_count; i++)
		if (is_of(&m->lots[i], member, unit) && m->lots[i].expires >= today && m->lots[i].pending > today)
			sum += m->lots[i].left;
	return sum;
}

int64_t model_expiring(const struct model *m, int member, int unit, int on)
{
	int64_t sum = 0;

	for (int i = 0; i < m->lot_count; i++)
		if (is_of(&m->lots[i], member, unit) && m->lots[i].expires == on)
			sum += m->lots[i].left;
	return sum;
}

/* --- credits and debits --- */

static void credit(struct model *m, int member, int unit, int64_t points, int64_t at_ms, int sale)
{
	const struct m_unit *u = &m->units[unit];
	int64_t *hole = &m->hole[member][unit], filled = points < *hole ? points : *hole;
	int date = model_date(at_ms);

	*hole -= filled;
	if (points == filled)
		return;
	assert(m->lot_count < M_LOTS);
	m->lots[m->lot_count++] = (struct m_lot){ .member = member,
		.unit = unit,
		.sale = sale,
		.expires = u->months ? model_add_months(date, u->months) : M_NEVER,
		.pending = sale >= 0 && u->pending ? model_add_days(date, u->pending) : 0,
		.at_ms = at_ms,
		.left = points - filled };
}

/* Nearest expiry, then oldest, then first booked: lots stand in the order of booking. */
static int next_lot(const struct model *m, int member, int unit, int today, bool pending)
{
	int best = -1;

	for (int i = 0; i < m->lot_count; i++) {
		const struct m_lot *l = &m->lots[i], *b = best < 0 ? NULL : &m->lots[best];

		if (!is_of(l, member, unit) || l->expires < today || (l->pending > today) != pending)
			continue;
		if (!b || l->expires < b->expires || (l->expires == b->expires && l->at_ms < b->at_ms))
			best = i;
	}
	return best;
}

static int64_t take_from(struct model *m, int lot, int64_t want, struct m_return *r)
{
	int64_t taken = m->lots[lot].left < want ? m->lots[lot].left : want;

	m->lots[lot].left -= taken;
	if (r && taken > 0) {
		assert(r->take_count < M_TAKES);
		r->takes[r->take_count++] = (struct m_take){ lot, taken };
	}
	return taken;
}

/* @param sale whose own lots come first, lapsed or not; -1: none @return what was not there */
static int64_t take(struct model *m, int member, int unit, int sale, int64_t want, int today, struct m_return *r)
{
	for (int i = 0; sale >= 0 && i < m->lot_count && want > 0; i++)
		if (is_of(&m->lots[i], member, unit) && m->lots[i].sale == sale)
			want -= take_from(m, i, want, r);
	for (int pending = 0; pending <= 1; pending++)
		for (int i; want > 0 && (i = next_lot(m, member, unit, today, pending)) >= 0;)
			want -= take_from(m, i, want, r);
	return want;
}

/* Take what a sale gave. @return what could not be collected, or -1: the unit refuses */
static int64_t take_back(struct model *m, int sale, int unit, int64_t want, int today, bool forced, struct m_return *r)
{
	int member = model_member(m, m->sales[sale].member);
	int64_t rest = take(m, member, unit, sale, want, today, r);

	if (m->units[unit].policy == M_CLAMP)
		return rest;
	if (m->units[unit].policy == M_REFUSE && rest > 0 && !forced)
		return -1;
	m->hole[member][unit] += rest;
	if (r)
		r->hole[unit] = rest;
	return 0;
}

/* --- sales --- */

static int64_t earned_by(const struct model *m, int64_t base, int unit)
{
	return base / m->units[unit].per * m->units[unit].points;
}

const char *model_sale(struct model *m, int member, int64_t at_ms, const struct m_line *lines, int line_count, int *out)
{
	struct m_sale *s = &m->sales[m->sale_count];

	assert(m->sale_count < M_SALES);
	*s = (struct m_sale){ .live = true,
		.member = member,
		.day = m->day,
		.at_ms = at_ms,
		.line_count = line_count,
		.last_return = -1,
		.exchange = -1 };
	memcpy(s->lines, lines, (size_t)line_count * sizeof(*lines));
	for (int i = 0; i < line_count; i++)
		s->base += lines[i].net;
	*out = m->sale_count++;
	for (int u = 0; member >= 0 && u < M_UNITS; u++) {
		s->earned[u] = earned_by(m, s->base, u);
		if (s->earned[u] > 0)
			credit(m, model_member(m, member), u, s->earned[u], at_ms, *out);
	}
	return NULL;
}

/* --- returns --- */

/* What has come back of a line, worth. @return -1: more than there was */
static int64_t line_value(const struct m_line *l, int64_t quantity, int64_t amount)
{
	int64_t value = model_share(l->net, quantity, l->quantity) + amount;

	return quantity > l->quantity || value > l->net ? -1 : value;
}

static bool lines_return(struct m_sale *s, const struct m_ask *asks, int ask_count)
{
	for (int i = 0; i < ask_count; i++) {
		const struct m_ask *a = &asks[i];
		int64_t value;

		s->quantity[a->line] += a->quantity;
		s->amount[a->line] += a->amount;
		value = line_value(&s->lines[a->line], s->quantity[a->line], s->amount[a->line]);
		if (value < 0)
			return false;
		s->value[a->line] = value;
	}
	for (int i = 0; ask_count == 0 && i < s->line_count; i++) {
		s->quantity[i] = s->lines[i].quantity;
		s->value[i] = s->lines[i].net;
	}
	return true;
}

static int64_t returned_sum(const struct m_sale *s)
{
	int64_t sum = 0;

	for (int i = 0; i < s->line_count; i++)
		sum += s->value[i];
	return sum;
}

static bool all_back(const struct m_sale *s)
{
	for (int i = 0; i < s->line_count; i++)
		if (s->value[i] < s->lines[i].net || (s->lines[i].net == 0 && s->quantity[i] < s->lines[i].quantity))
			return false;
	return true;
}

const char *model_return(struct model *m, int sale, const struct m_ask *asks, int ask_count, int64_t at_ms, bool forced,
	int *out)
{
	static struct model before;
	struct m_sale *s = &m->sales[sale], was = *s;
	struct m_return *r = &m->returns[m->return_count];
	int64_t after;

	if (!s->live)
		return "sale_unknown";
	before = *m;
	if ((ask_count == 0 && all_back(s)) || !lines_return(s, asks, ask_count)) {
		*m = before;
		return "return_exceeds_sale";
	}
	assert(m->return_count < M_SALES);
	*r = (struct m_return){ .live = true, .sale = sale, .day = m->day };
	for (int i = 0; i < s->line_count; i++) {
		r->quantity[i] = s->quantity[i] - was.quantity[i];
		r->amount[i] = s->amount[i] - was.amount[i];
		r->value[i] = s->value[i] - was.value[i];
	}
	after = returned_sum(s);
	for (int u = 0; s->member >= 0 && s->base > 0 && u < M_UNITS; u++) {
		int64_t want = model_share(s->earned[u], after, s->base) - s->taken[u], rest;

		rest = take_back(m, sale, u, want, model_date(at_ms), forced, r);
		if (rest < 0) {
			*m = before;
			return "insufficient_points";
		}
		r->reversed[u] = want - rest;
		r->uncollected[u] = rest;
		s->taken[u] += want - rest;
	}
	s->last_return = m->return_count;
	*out = m->return_count++;
	return NULL;
}

int64_t model_refund(const struct model *m, int which)
{
	int64_t sum = 0;

	for (int i = 0; i < m->sales[m->returns[which].sale].line_count; i++)
		sum += m->returns[which].value[i];
	return sum;
}

/* --- as if it had not been --- */

const char *model_void_sale(struct model *m, int sale, int64_t at_ms, bool forced)
{
	static struct model before;
	struct m_sale *s = &m->sales[sale];

	if (!s->live)
		return "sale_unknown";
	if (s->day != m->day)
		return "day_closed";
	if (s->last_return >= 0)
		return "return_exceeds_sale";
	before = *m;
	for (int u = 0; s->member >= 0 && u < M_UNITS; u++)
		if (take_back(m, sale, u, s->earned[u], model_date(at_ms), forced, NULL) < 0) {
			*m = before;
			return "insufficient_points";
		}
	s->live = false;
	return NULL;
}

static void give_back(struct model *m, int member, int unit, int lot, int64_t points)
{
	int64_t *hole = &m->hole[member][unit], filled = points < *hole ? points : *hole;

	*hole -= filled;
	m->vague[member][unit] |= filled > 0;
	if (lot >= 0)
		m->lots[lot].left += points - filled;
	else if (points > filled)
		m->lots[m->lot_count++] = (struct m_lot){ member, unit, -1, M_NEVER, 0, 0, points - filled };
}

static int previous_return(const struct model *m, int which)
{
	int before = which - 1;

	while (before >= 0 && !(m->returns[before].live && m->returns[before].sale == m->returns[which].sale))
		before--;
	return before;
}

const char *model_void_return(struct model *m, int which)
{
	struct m_return *r = &m->returns[which];
	struct m_sale *s = &m->sales[r->sale];
	int member;

	if (!r->live)
		return "sale_unknown";
	if (r->day != m->day)
		return "day_closed";
	if (s->last_return != which || which < s->claimed) /* the claim did without what had come back */
		return "return_exceeds_sale";
	member = s->member >= 0 ? model_member(m, s->member) : -1;
	for (int i = 0; i < r->take_count; i++)
		give_back(m, member, m->lots[r->takes[i].lot].unit, r->takes[i].lot, r->takes[i].points);
	for (int u = 0; u < M_UNITS; u++) {
		if (r->hole[u] > 0)
			give_back(m, member, u, -1, r->hole[u]);
		s->taken[u] -= r->reversed[u];
	}
	for (int i = 0; i < s->line_count; i++) {
		s->quantity[i] -= r->quantity[i];
		s->amount[i] -= r->amount[i];
		s->value[i] -= r->value[i];
	}
	r->live = false;
	s->last_return = previous_return(m, which);
	return NULL;
}

/* --- the rest --- */

const char *model_claim(struct model *m, int sale, int member, int64_t now_ms, int claim_days)
{
	struct m_sale *s = &m->sales[sale];

	if (!s->live)
		return "sale_unknown";
	if (s->member >= 0)
		return "sale_exists";
	if (model_add_days(model_date(s->at_ms), claim_days) < model_date(now_ms))
		return "clock";
	s->member = member;
	s->claimed = m->return_count;
	for (int u = 0; u < M_UNITS; u++) {
		int64_t back;

		s->earned[u] = earned_by(m, s->base, u);
		if (s->earned[u] == 0)
			continue;
		credit(m, model_member(m, member), u, s->earned[u], s->at_ms, sale);
		back = s->base > 0 ? model_share(s->earned[u], returned_sum(s), s->base) : 0;
		if (take_back(m, sale, u, back, model_date(now_ms), true, NULL) == 0)
			s->taken[u] = back;
	}
	return NULL;
}

const char *model_adjust(struct model *m, int member, int unit, int64_t points, int64_t at_ms)
{
	int today = model_date(at_ms);

	member = model_member(m, member);
	if (points == 0)
		return "params_invalid";
	if (points > 0) {
		credit(m, member, unit, points, at_ms, -1);
		return NULL;
	}
	if (model_balance(m, member, unit, today) - model_pending(m, member, unit, today) < -points)
		return "insufficient_points";
	take(m, member, unit, -1, -points, today, NULL);
	return NULL;
}

const char *model_merge(struct model *m, int from, int into, int today)
{
	from = model_member(m, from);
	into = model_member(m, into);
	if (from == into)
		return "params_invalid";
	for (int i = 0; i < m->lot_count; i++)
		if (m->lots[i].member == from)
			m->lots[i].member = into;
	m->merged[from] = into;
	for (int u = 0; u < M_UNITS; u++) {
		int64_t hole = m->hole[into][u] + m->hole[from][u];

		m->vague[into][u] |= m->vague[from][u] || hole > 0;
		m->hole[into][u] = take(m, into, u, -1, hole, today, NULL);
	}
	return NULL;
}
