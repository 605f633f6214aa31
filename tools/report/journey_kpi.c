/* SPDX-License-Identifier: Apache-2.0 */
/* The key figures of a shop: what customers answer, who comes back, who falls silent, where they came from. */
#include "tools/report/journey_parts.h"

#define YEAR        365
#define GAP_MOST    7400
#define LAPSED_DAYS 90 /* where too few gaps are known, */
#define RISK_DAYS   60 /* and likewise */
#define AGAIN_S     (JOURNEY_AGAIN_DAYS * DAY_S)

/* Figures of those who bought within a year, a member a row. */
struct column {
	int64_t *at;
};

struct making {
	const struct journey *j;
	struct journey_kpi *kpi;
	int64_t first, last;     /* the period's days, as numbers */
	uint32_t *gaps, *silent; /* by days: gaps between purchases, and members by days since the last */
	int32_t *with,
		*left; /* more, from so many days on: who counts as there when the period began; and, of them, as gone by its end */
	struct column recency, often, money;
	struct journey_cohort cohorts[COHORTS_MOST];
	struct journey_task *tasks; /* those of who is walked, by member */
	size_t task_count, task;    /* the one that comes next */
};

/* The days on which one member bought. */
struct bought {
	int64_t first, second, last; /* numbers of days; 0: none */
	uint32_t last_s;
	int64_t before; /* the last before the period */
	int64_t period, year, year_before;
};

static size_t gap_of(int64_t days)
{
	return days < GAP_MOST ? (size_t)days : GAP_MOST;
}

static void purchase_add(struct making *m, struct bought *b, const struct journey_touch *t)
{
	int64_t day = journey_day_number(m->j, t->at_s);

	b->last_s = t->at_s;
	if (day == b->last)
		return;
	if (b->last)
		m->gaps[gap_of(day - b->last)]++;
	m->kpi->gaps += b->last != 0;
	b->second = b->first && !b->second ? day : b->second;
	b->first = b->first ? b->first : day;
	b->last = day;
	b->before = day < m->first ? day : b->before;
	b->period += journey_within(m->j, t->at_s);
	b->year += m->last - day < YEAR;
	b->year_before += m->last - day >= YEAR && m->last - day < 2 * YEAR;
}

/* --- cohorts --- */

static uint32_t month_of(int64_t day)
{
	return day_of_number(day) / 100;
}

/* The last months all of whose customers have had their days. */
static void cohorts_begin(struct making *m)
{
	uint32_t day = day_add(day_of_number(m->last), -JOURNEY_AGAIN_DAYS), month = day / 100 * 100 + 1;

	if (day != day_month_end(day))
		month = day_add_months(month, -1);
	for (int i = 0; i < COHORTS_MOST; i++)
		m->cohorts[COHORTS_MOST - 1 - i].month = day_add_months(month, -i) / 100;
}

static void cohort_add(struct making *m, const struct bought *b)
{
	uint32_t month = month_of(b->first);

	for (size_t i = 0; i < COHORTS_MOST; i++) {
		if (m->cohorts[i].month != month)
			continue;
		m->cohorts[i].n++;
		m->cohorts[i].again += b->second && b->second - b->first <= JOURNEY_AGAIN_DAYS;
	}
}

static void cohorts_end(struct making *m)
{
	for (size_t i = 0; i < COHORTS_MOST; i++)
		if (m->cohorts[i].n)
			m->kpi->cohorts[m->kpi->cohort_count++] = m->cohorts[i];
}

/* --- one member --- */

static void column_add(struct column *c, int64_t count, int64_t value)
{
	c->at = list_room(c->at, (size_t)count, sizeof(*c->at));
	c->at[count] = value;
}

/* How long one is silent before one has lapsed is known only behind the last member. */
static void leaving_add(struct making *m, const struct bought *b)
{
	size_t then = gap_of(m->first - b->before), now = gap_of(m->last - b->last);

	if (!b->before)
		return;
	m->with[then]++;
	if (now <= then)
		return;
	m->left[then]++;
	m->left[now]--;
}

static void buyer_add(struct making *m, const struct journey_line *line, const struct bought *b)
{
	struct journey_kpi *k = m->kpi;

	k->buyers += b->period >= 1;
	k->repeaters += b->period >= 2;
	m->silent[gap_of(m->last - b->last)]++;
	k->kept_of += b->year_before > 0;
	k->kept += b->year_before > 0 && b->year > 0;
	cohort_add(m, b);
	leaving_add(m, b);
	if (!b->year)
		return;
	column_add(&m->recency, k->year_buyers, b->last_s);
	column_add(&m->often, k->year_buyers, b->year);
	column_add(&m->money, k->year_buyers, line->member->spent);
	k->year_buyers++;
	k->year_spent += line->member->spent;
}

/* --- complaints --- */

static int by_member(const void *a, const void *b)
{
	const struct journey_task *x = a, *y = b;

	return x->member < y->member ? -1 : x->member > y->member;
}

/* Those whose 90 days were over in the period. */
static void tasks_begin(struct making *m)
{
	const struct journey *j = m->j;

	m->tasks = journey_zeroed(j->task_count, sizeof(*m->tasks));
	for (size_t i = 0; i < j->task_count; i++) {
		struct journey_task task = j->tasks[i];

		task.member = journey_member_now(j, task.member);
		if (task.opened_s + AGAIN_S >= j->from_s && task.opened_s + AGAIN_S < j->end_s)
			m->tasks[m->task_count++] = task;
	}
	qsort(m->tasks, m->task_count, sizeof(*m->tasks), by_member);
}

static bool bought_behind(const struct journey_line *line, uint32_t since_s)
{
	for (size_t i = 0; i < line->count; i++)
		if ((line->at[i].what & IS_PURCHASE) && line->at[i].at_s > since_s && line->at[i].at_s <= since_s + AGAIN_S)
			return true;
	return false;
}

/* Lines come in the order of members' numbers. */
static void tasks_follow(struct making *m, const struct journey_line *line)
{
	for (; m->task < m->task_count && m->tasks[m->task].member <= line->number; m->task++) {
		const struct journey_task *task = &m->tasks[m->task];
		bool closed = task->closed && task->closed_s <= task->opened_s + AGAIN_S;
		struct journey_again *a = closed ? &m->kpi->settled : &m->kpi->unsettled;

		if (task->member != line->number)
			continue; /* of somebody who is not looked at */
		a->n++;
		a->again += bought_behind(line, task->opened_s);
	}
}

static void member_count(void *who, const struct journey_line *line)
{
	struct making *m = who;
	struct bought b = { .first = 0 };
	bool enrolled = false;

	for (size_t i = 0; i < line->count; i++) {
		const struct journey_touch *t = &line->at[i];

		if (t->what & IS_PURCHASE)
			purchase_add(m, &b, t);
		if (!journey_within(m->j, t->at_s))
			continue;
		journey_score_add(&m->kpi->score, t);
		enrolled = enrolled || (t->what & IS_ENROL);
	}
	if (enrolled) {
		m->kpi->sources[line->member->source].enrolled++;
		m->kpi->sources[line->member->source].bought += b.first != 0;
	}
	if (b.first)
		buyer_add(m, line, &b);
	tasks_follow(m, line);
}

/* --- behind the last --- */

/* The least number of days that `part` per cent of the gaps do not exceed. */
static uint32_t gaps_point(const struct making *m, int64_t part)
{
	int64_t least = (m->kpi->gaps * part + 99) / 100, below = 0;
	uint32_t days = 0;

	for (; days < GAP_MOST; days++) {
		below += m->gaps[days];
		if (below >= least)
			break;
	}
	return days;
}

static void activity_judge(struct making *m)
{
	struct journey_kpi *k = m->kpi;
	bool enough = k->gaps >= GAPS_ENOUGH;

	k->risk_days = enough ? gaps_point(m, 80) : RISK_DAYS;
	k->lapsed_days = enough ? gaps_point(m, 90) : LAPSED_DAYS;
	for (uint32_t days = 0; days < k->lapsed_days; days++) {
		k->stayed_of += m->with[days];
		k->left += m->left[days];
	}
	for (uint32_t days = 0; days <= GAP_MOST; days++)
		*(days < k->risk_days ? &k->active : days < k->lapsed_days ? &k->at_risk : &k->lapsed) += m->silent[days];
}

static void quintiles_judge(struct making *m)
{
	struct journey_kpi *k = m->kpi;
	size_t n = (size_t)k->year_buyers;
	int *recency = journey_zeroed(n, sizeof(int)), *often = journey_zeroed(n, sizeof(int)),
	    *money = journey_zeroed(n, sizeof(int));

	if (n) {
		stats_quintiles(m->recency.at, n, recency);
		stats_quintiles(m->often.at, n, often);
		stats_quintiles(m->money.at, n, money);
	}
	for (size_t i = 0; i < n; i++) {
		k->rf[recency[i] - 1][often[i] - 1]++;
		k->money_buyers[money[i] - 1]++;
		k->money_spent[money[i] - 1] += m->money.at[i];
	}
	free(recency);
	free(often);
	free(money);
}

/* A task is judged once it was due. */
static void tasks_judge(struct making *m)
{
	const struct journey *j = m->j;

	for (size_t i = 0; i < j->task_count; i++) {
		const struct journey_task *task = &j->tasks[i];

		if (task->due < j->period.from || task->due > j->period.to)
			continue;
		m->kpi->tasks++;
		m->kpi->tasks_in_time += task->closed && !task->late;
	}
}

void journey_kpi_make(const struct journey *j, struct journey_kpi *out)
{
	struct making m = { .j = j, .kpi = out, .first = day_number(j->period.from), .last = day_number(j->period.to) };

	*out = (struct journey_kpi){ .sources = journey_zeroed(j->sources.count + 1, sizeof(*out->sources)) };
	m.gaps = journey_zeroed(GAP_MOST + 1, sizeof(*m.gaps));
	m.silent = journey_zeroed(GAP_MOST + 1, sizeof(*m.silent));
	m.with = journey_zeroed(GAP_MOST + 1, sizeof(*m.with));
	m.left = journey_zeroed(GAP_MOST + 1, sizeof(*m.left));
	cohorts_begin(&m);
	tasks_begin(&m);
	journey_each(j, member_count, &m);
	cohorts_end(&m);
	activity_judge(&m);
	quintiles_judge(&m);
	tasks_judge(&m);
	free(m.gaps);
	free(m.silent);
	free(m.with);
	free(m.left);
	free(m.tasks);
	free(m.recency.at);
	free(m.often.at);
	free(m.money.at);
}

void journey_kpi_deinit(struct journey_kpi *k)
{
	free(k->sources);
}
