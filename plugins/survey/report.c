/* SPDX-License-Identifier: Apache-2.0 */
/* survey.report: what was asked, opened and answered, the net promoter score where the rate of replies can be told with it, and what was done for the unhappy; in integers throughout. */
#include "plugins/survey/internal.h"

#define NPS_LEAST 30                     /* of fewer answers a score says nothing */
#define Z_E9      INT64_C(1959963985)    /* the normal's 97.5 % point */
#define NPS_MOST  INT64_C(100000)        /* thousandths */
#define N_MOST    INT64_C(1000000000000) /* then products no longer fit */

typedef unsigned __int128 u128;

/* The largest whole number whose square is not above v. */
static int64_t root(u128 v)
{
	u128 r = 0;

	for (u128 bit = (u128)1 << 63; bit; bit >>= 1)
		if ((r | bit) * (r | bit) <= v)
			r |= bit;
	return (int64_t)r;
}

/* a / b, rounded half away from nothing. */
static int64_t rounded(__int128 a, __int128 b)
{
	return (int64_t)((a >= 0 ? 2 * a + b : 2 * a - b) / (2 * b));
}

static int64_t clipped(int64_t v)
{
	return v > NPS_MOST ? NPS_MOST : v < -NPS_MOST ? -NPS_MOST : v;
}

int64_t survey_nps_error(int64_t n, int64_t promoters, int64_t detractors)
{
	const __int128 d = promoters - detractors;
	const u128 spread = (u128)((__int128)n * (promoters + detractors) - d * d);

	return root(spread * 1000000 / (u128)n * 1000000 / ((u128)n * (u128)n));
}

/* All in quarters, so that three quarters are whole. */
void survey_nps(int64_t n, int64_t promoters, int64_t detractors, struct nps *out)
{
	const __int128 quarters = 4 * (__int128)n + 12, up = 4 * (__int128)promoters + 3,
		       down = 4 * (__int128)detractors + 3;
	const u128 spread = (u128)(quarters * (up + down) - (up - down) * (up - down));
	/* The share's standard error in 1/10^9: of the variance, spread / quarters^2, the part of one of quarters / 4 answers. */
	const int64_t error =
		root(spread * 4 * 1000000000 / (u128)quarters * 1000000000 / ((u128)quarters * (u128)quarters));
	const __int128 half = (__int128)Z_E9 * error; /* in 1/10^18 of a share */
	const __int128 whole = (__int128)1000000000 * 1000000000;

	out->score = rounded((__int128)(promoters - detractors) * NPS_MOST, n);
	out->low = clipped(rounded(((up - down) * whole / quarters - half) * NPS_MOST, whole));
	out->high = clipped(rounded(((up - down) * whole / quarters + half) * NPS_MOST, whole));
}

/* Of so many sent, in hundredths of a per cent. @param sent > 0 */
static int64_t rate_of(const struct reach *r)
{
	return rounded((__int128)r->answered * 10000, r->sent);
}

static struct reach channels_fill(const struct reach ways[SURVEY_WAYS], struct survey_reach *rows,
	struct survey_figures *view)
{
	struct reach all = { 0 };

	PALIER_MARK(view, survey_figures, channels);
	view->channels.at = rows;
	for (int way = 0; way < SURVEY_WAYS; way++) {
		const struct reach *r = &ways[way];
		struct survey_reach *row = &rows[view->channels.count];

		if (r->sent == 0)
			continue;
		*row = (struct survey_reach){ .set = { 0, 0 } };
		PALIER_SET(row, survey_reach, channel, way);
		PALIER_SET(row, survey_reach, sent, r->sent);
		PALIER_SET(row, survey_reach, opened, r->opened);
		PALIER_SET(row, survey_reach, answered, r->answered);
		PALIER_SET(row, survey_reach, rate_bp, rate_of(r));
		view->channels.count++;
		all = (struct reach){ all.sent + r->sent, all.opened + r->opened, all.answered + r->answered };
	}
	return all;
}

static void nps_fill(const struct figures *f, struct survey_figures *view)
{
	struct nps nps;

	survey_nps(f->answered, f->promoters, f->detractors, &nps);
	PALIER_SET(view, survey_figures, nps, nps.score);
	PALIER_SET(view, survey_figures, low, nps.low);
	PALIER_SET(view, survey_figures, high, nps.high);
}

/* A score without the rate of replies is refused: those who answer unasked are not the customers. */
static void row_write(int kind, const struct figures *f, const struct reach ways[SURVEY_WAYS], struct palier_json *w)
{
	struct survey_figures view = { .set = { 0, 0 } };
	struct survey_reach rows[SURVEY_WAYS];
	const struct reach all = channels_fill(ways, rows, &view);

	PALIER_SET(&view, survey_figures, kind, kind);
	PALIER_SET(&view, survey_figures, asked, f->asked);
	PALIER_SET(&view, survey_figures, answered, f->answered);
	PALIER_SET(&view, survey_figures, sum, f->sum);
	PALIER_SET(&view, survey_figures, promoters, f->promoters);
	PALIER_SET(&view, survey_figures, detractors, f->detractors);
	PALIER_SET(&view, survey_figures, opened, all.opened);
	PALIER_SET(&view, survey_figures, replied, all.answered);
	if (all.sent > 0) {
		PALIER_SET(&view, survey_figures, rate_bp, rate_of(&all));
		if (kind == SURVEY_NPS && f->answered >= NPS_LEAST && f->answered <= N_MOST)
			nps_fill(f, &view);
	}
	schema_encode(&survey_figures_schema, SCHEMA_WIRE, &view, w);
}

/* --- recovery --- */

#define WATCHED_DAYS 90

/* Has the member bought in the days after the answer? @return PALIER_ENOENT: it is too early to say, or nobody knows who it was */
static int came_back(struct palier_ctx *c, const struct task *row, bool *out)
{
	const uint32_t answered = zone_day(row->at), until = day_add(answered, WATCHED_DAYS);
	struct palier_facts facts;
	struct palier_id member;
	int err = until < zone_day(palier_received(c)) ? palier_member_now(c, row->member, &member) : PALIER_ENOENT;

	if (err == PALIER_OK)
		err = palier_facts_between(c, member, day_add(answered, 1), until, &facts);
	if (err == PALIER_OK)
		*out = facts.purchases > 0;
	return err == PALIER_EMEMBER_ERASED ? PALIER_ENOENT : err;
}

static int task_count(struct palier_ctx *c, const struct task *row, struct recovery_figures *out)
{
	const bool closed = row->state == SURVEY_CLOSED;
	bool bought = false;
	int err = came_back(c, row, &bought);

	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	out->opened++;
	out->closed += closed;
	out->in_time += closed && !survey_late(row, 0);
	*(closed ? &out->closed_90 : &out->open_90) += err == PALIER_OK;
	*(closed ? &out->closed_bought : &out->open_bought) += bought;
	return palier_add_i64(&out->cost, row->cost) ? PALIER_OK : PALIER_ERANGE;
}

/* Tasks are few: one for each unhappy answer. */
static int recovery_write(struct palier_ctx *c, uint32_t from, uint32_t to, struct palier_json *w)
{
	struct palier_cursor *cur = tasks_after(palier_tables(c), 0);
	struct recovery_figures view = { .set = { (UINT64_C(1) << recovery_figures_bits) - 1, 0 } };
	struct task row;
	uint64_t seq;
	int err;

	while ((err = task_next(cur, &seq, &row)) == PALIER_OK) {
		const uint32_t day = zone_day(row.at);

		err = day >= from && day <= to ? task_count(c, &row, &view) : PALIER_OK;
		if (err != PALIER_OK)
			return err;
	}
	if (err != PALIER_ENOENT)
		return err;
	palier_json_key(w, "recovery");
	schema_encode(&recovery_figures_schema, SCHEMA_WIRE, &view, w);
	return PALIER_OK;
}

int survey_report_answer(struct palier_ctx *c, const void *params, struct palier_json *w)
{
	const struct survey_report *p = params;
	struct figures all[SURVEY_KINDS] = { { 0 } };
	struct reach reach[SURVEY_KINDS][SURVEY_WAYS] = { { { 0 } } };
	int err;

	if (p->from > p->to)
		return palier_refuse(c, PALIER_EPARAMS, "to", "it lies before from");
	err = day_figures_between(palier_tables(c), p->from, p->to, all);
	if (err == PALIER_OK)
		err = reach_between(palier_tables(c), p->from, p->to, reach);
	if (err != PALIER_OK)
		return err;
	palier_json_object(w);
	err = recovery_write(c, p->from, p->to, w);
	if (err != PALIER_OK)
		return err;
	palier_json_key(w, "surveys");
	palier_json_array(w);
	for (int kind = 0; kind < SURVEY_KINDS; kind++)
		row_write(kind, &all[kind], reach[kind], w);
	palier_json_end_array(w);
	palier_json_end_object(w);
	return PALIER_OK;
}
