/* SPDX-License-Identifier: Apache-2.0 */
/* The report's figures as JSON and in rows, for machines. */
#include "tools/report/journey_report.h"
#include "tools/report/journey_parts.h"

#include <math.h>

#define SHARES 4 /* decimals */

void journey_report_make(struct journey_report *r)
{
	journey_ways_make(r->j, &r->map);
	journey_kpi_make(r->j, &r->kpi);
	journey_flow_make(r->j, &r->flow);
	r->planned = journey_zeroed(r->plans.count, sizeof(*r->planned));
	for (size_t i = 0; i < r->plans.count; i++)
		planned_figures_make(r->j, &r->plans.at[i], &r->planned[i]);
}

void journey_report_deinit(struct journey_report *r)
{
	journey_ways_deinit(&r->map);
	journey_kpi_deinit(&r->kpi);
	journey_flow_deinit(&r->flow);
	for (size_t i = 0; i < r->plans.count; i++)
		planned_figures_deinit(&r->planned[i]);
	free(r->planned);
}

bool journey_score_told(const struct journey_score *s)
{
	return s->promoters + s->passives + s->detractors >= JOURNEY_ENOUGH && s->asked[0] > 0;
}

int64_t journey_points_cost(const struct journey_report *r, const struct journey_points *p)
{
	if (p->money)
		return p->earned - p->taken_back;
	return (int64_t)(((__int128)(p->earned - p->taken_back) * r->point_value + 500) / 1000);
}

int64_t journey_cost(const struct journey_report *r)
{
	int64_t cost = r->j->offered + r->j->made_good;

	for (size_t i = 0; i < r->j->points_count; i++)
		cost += journey_points_cost(r, &r->j->points[i]);
	return cost;
}

bool journey_value(const struct journey_report *r, int64_t *out)
{
	const struct journey_kpi *k = &r->kpi;
	__int128 margin = r->margin ? r->margin : 10000, below = (__int128)k->year_buyers * k->kept_of * 10000;

	if (k->year_buyers < JOURNEY_ENOUGH || k->kept_of < JOURNEY_ENOUGH)
		return false;
	*out = (int64_t)((2 * (__int128)k->year_spent * k->kept * margin + below) / (2 * below));
	return true;
}

static int64_t rounded(double value)
{
	return (int64_t)floor(value * 10000 + 0.5);
}

/* --- JSON --- */

static void key_int(struct palier_json *w, const char *key, int64_t value)
{
	palier_json_key(w, key);
	palier_json_int(w, value);
}

static void key_str(struct palier_json *w, const char *key, const char *value)
{
	palier_json_key(w, key);
	palier_json_str(w, value);
}

static void key_scaled(struct palier_json *w, const char *key, int64_t value, unsigned decimals)
{
	palier_json_key(w, key);
	palier_json_scaled(w, value, decimals);
}

static void key_day(struct palier_json *w, const char *key, uint32_t day)
{
	palier_json_key(w, key);
	palier_json_day(w, day);
}

static void key_interval(struct palier_json *w, const char *key, const struct stats_interval *i)
{
	key_scaled(w, key, rounded(i->value), SHARES);
	key_scaled(w, "low", rounded(i->low), SHARES);
	key_scaled(w, "high", rounded(i->high), SHARES);
}

/* {"x":..,"n":..,"share":..,"low":..,"high":..} */
static void json_share(struct palier_json *w, const char *key, int64_t x, int64_t n)
{
	struct stats_interval share;

	palier_json_key(w, key);
	palier_json_object(w);
	key_int(w, "x", x);
	key_int(w, "n", n);
	if (n > 0) {
		share = stats_share(x, n);
		key_interval(w, "share", &share);
	}
	palier_json_end_object(w);
}

static void json_channels(struct palier_json *w, const int64_t *channels)
{
	palier_json_key(w, "channels");
	palier_json_object(w);
	for (unsigned i = 0; i < CHANNELS; i++)
		if (channels[i])
			key_int(w, journey_channel_names[i], channels[i]);
	palier_json_end_object(w);
}

static void json_mood(struct palier_json *w, const struct journey_mood *mood)
{
	palier_json_key(w, "emotion");
	palier_json_object(w);
	key_int(w, "n", mood->n);
	if (mood->n)
		key_scaled(w, "mean", rounded((double)mood->sum / (double)mood->n), SHARES);
	palier_json_end_object(w);
}

static void json_score(struct palier_json *w, const struct journey_score *s)
{
	int64_t n = s->promoters + s->passives + s->detractors;
	struct stats_interval nps;
	double error;

	palier_json_key(w, "nps");
	palier_json_object(w);
	key_int(w, "n", n);
	key_int(w, "asked", s->asked[0]);
	if (journey_score_told(s)) {
		nps = stats_nps(s->promoters, s->passives, s->detractors, &error);
		key_interval(w, "score", &nps);
	}
	palier_json_end_object(w);
	palier_json_key(w, "csat");
	palier_json_object(w);
	key_int(w, "n", s->answers);
	key_int(w, "asked", s->asked[1]);
	if (s->answers >= JOURNEY_ENOUGH)
		key_scaled(w, "share", rounded((double)s->satisfied / (double)s->answers), SHARES);
	palier_json_end_object(w);
}

static void json_stage(const struct journey_report *r, unsigned stage, struct palier_json *w)
{
	const struct journey_stage_figures *f = &r->map.stages[stage];

	palier_json_object(w);
	key_str(w, "stage", journey_stage_names[stage]);
	key_int(w, "members", f->members);
	key_int(w, "stood", f->stood);
	key_int(w, "entries", f->entries);
	json_share(w, "went_on", f->x, f->n);
	if (f->x) {
		key_int(w, "median_seconds", f->median_s);
		key_int(w, "p90_seconds", f->p90_s);
	}
	key_int(w, "touches", f->touches);
	json_share(w, "reached", f->reached, f->stood);
	json_channels(w, f->channels);
	json_mood(w, &f->mood);
	json_score(w, &f->score);
	key_int(w, "returns", f->returns);
	if (journey_sold_known(r->j))
		key_int(w, "sales", r->j->stage_sold[stage]);
	palier_json_end_object(w);
}

static void json_points(const struct journey_report *r, struct palier_json *w)
{
	palier_json_key(w, "touchpoints");
	palier_json_array(w);
	for (size_t i = 0; i < r->map.point_count; i++) {
		const struct journey_point *p = &r->map.points[i];

		palier_json_object(w);
		key_str(w, "stage", journey_stage_names[p->stage]);
		key_str(w, "touchpoint", journey_activity(r->j, p->activity));
		key_int(w, "count", p->count);
		key_int(w, "reached", p->reached);
		json_channels(w, p->channels);
		json_mood(w, &p->mood);
		palier_json_end_object(w);
	}
	palier_json_end_array(w);
}

static const char *const weekdays[] = { "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday" };
static const char *const parts[] = { "morning", "afternoon", "evening" };
static const struct journey_split_words plain_words = { weekdays, parts, journey_channel_names };

static void json_friction(const struct journey_report *r, struct palier_json *w)
{
	struct palier_arena a = { 0 };

	palier_json_key(w, "friction");
	palier_json_object(w);
	key_int(w, "tests", (int64_t)r->map.tests);
	palier_json_key(w, "flagged");
	palier_json_array(w);
	for (size_t i = 0; i < r->map.friction_count; i++) {
		const struct journey_friction *f = &r->map.frictions[i];

		palier_json_object(w);
		key_str(w, "stage", journey_stage_names[f->stage]);
		key_str(w, "split", friction_split_names[f->split]);
		key_str(w, "value", journey_split_name(r->j, f, &plain_words, &a));
		json_share(w, "here", f->x1, f->n1);
		json_share(w, "elsewhere", f->x0, f->n0);
		key_interval(w, "difference", &f->d);
		key_scaled(w, "z", rounded(f->z), SHARES);
		key_scaled(w, "p", rounded(f->p), SHARES);
		key_scaled(w, "adjusted", rounded(f->adjusted), SHARES);
		palier_json_end_object(w);
	}
	palier_json_end_array(w);
	key_int(w, "returns_after_offer", r->j->returns_after_offer);
	key_int(w, "tries_again", r->j->tries_again);
	key_int(w, "unanswered", r->j->unanswered);
	palier_json_end_object(w);
	palier_arena_deinit(&a);
}

static void json_planned_step(const struct planned_figures *f, size_t n, struct palier_json *w)
{
	const struct plan_step *step = &f->plan->steps[n];

	palier_json_object(w);
	key_str(w, "step", step->name);
	key_str(w, "touchpoint", step->touchpoint);
	key_str(w, "shape", planned_is_action(step->touchpoint) ? "action" : "communication");
	if (step->channel != PLANNED_ANY)
		key_str(w, "channel", journey_channel_names[step->channel]);
	if (step->within != PLANNED_EVER)
		key_int(w, "within", step->within);
	key_str(w, "after", step->after ? f->plan->steps[step->after - 1].name : step->from);
	for (unsigned i = 0; i < PLANNED_EXTRA; i++)
		key_int(w, planned_deviation_names[i], f->steps[n][i]);
	key_int(w, "awaited", f->steps[n][PLANNED_AWAITED]);
	palier_json_end_object(w);
}

static void json_planned(const struct journey_report *r, const struct planned_figures *f, struct palier_json *w)
{
	palier_json_object(w);
	key_str(w, "plan", f->plan->name);
	palier_json_key(w, "conditional");
	palier_json_bool(w, f->plan->conditional);
	key_int(w, "begun", f->begun);
	palier_json_key(w, "steps");
	palier_json_array(w);
	for (size_t n = 0; n < f->plan->count; n++)
		json_planned_step(f, n, w);
	palier_json_end_array(w);
	key_int(w, "with_extra", f->extra_members);
	palier_json_key(w, "extra");
	palier_json_array(w);
	for (size_t i = 0; i < f->extra_count; i++) {
		palier_json_object(w);
		key_str(w, "touchpoint", journey_activity(r->j, f->extras[i].activity));
		key_int(w, "count", f->extras[i].count);
		key_int(w, "customers", f->extras[i].members);
		palier_json_end_object(w);
	}
	palier_json_end_array(w);
	palier_json_end_object(w);
}

static void json_cohorts(const struct journey_kpi *k, struct palier_json *w)
{
	palier_json_key(w, "cohorts");
	palier_json_array(w);
	for (size_t i = 0; i < k->cohort_count; i++) {
		char month[11];

		day_format(k->cohorts[i].month * 100 + 1, month);
		month[7] = '\0';
		palier_json_object(w);
		key_str(w, "month", month);
		json_share(w, "again", k->cohorts[i].again, k->cohorts[i].n);
		palier_json_end_object(w);
	}
	palier_json_end_array(w);
}

static void json_sources(const struct journey_report *r, struct palier_json *w)
{
	palier_json_key(w, "sources");
	palier_json_array(w);
	for (size_t i = 0; i <= r->j->sources.count; i++) {
		if (!r->kpi.sources[i].enrolled)
			continue;
		palier_json_object(w);
		if (i > 0)
			key_str(w, "source", r->j->sources.at[i - 1]);
		json_share(w, "bought", r->kpi.sources[i].bought, r->kpi.sources[i].enrolled);
		palier_json_end_object(w);
	}
	palier_json_end_array(w);
}

static void json_activity(const struct journey_kpi *k, struct palier_json *w)
{
	palier_json_key(w, "activity");
	palier_json_object(w);
	key_int(w, "gaps", k->gaps);
	key_int(w, "risk_days", k->risk_days);
	key_int(w, "lapsed_days", k->lapsed_days);
	key_int(w, "active", k->active);
	key_int(w, "at_risk", k->at_risk);
	key_int(w, "lapsed", k->lapsed);
	palier_json_end_object(w);
	json_share(w, "churn", k->left, k->stayed_of);
}

static void json_recovery(const struct journey_kpi *k, struct palier_json *w)
{
	json_share(w, "recovery", k->tasks_in_time, k->tasks);
	palier_json_key(w, "bought_again");
	palier_json_object(w);
	key_int(w, "days", JOURNEY_AGAIN_DAYS);
	palier_json_key(w, "observational");
	palier_json_bool(w, true);
	json_share(w, "closed", k->settled.again, k->settled.n);
	json_share(w, "open", k->unsettled.again, k->unsettled.n);
	palier_json_end_object(w);
}

static void json_cost(const struct journey_report *r, struct palier_json *w)
{
	palier_json_key(w, "cost");
	palier_json_object(w);
	key_int(w, "sales", r->j->sold);
	key_int(w, "offers", r->j->offered);
	key_int(w, "complaints", r->j->made_good);
	palier_json_key(w, "points_known");
	palier_json_bool(w, r->point_value > 0);
	key_int(w, "total", journey_cost(r));
	palier_json_end_object(w);
}

static void json_year(const struct journey_report *r, struct palier_json *w)
{
	const struct journey_kpi *k = &r->kpi;
	int64_t value;

	palier_json_key(w, "year");
	palier_json_object(w);
	key_int(w, "buyers", k->year_buyers);
	key_int(w, "spent", k->year_spent);
	palier_json_key(w, "money");
	palier_json_array(w);
	for (unsigned i = 0; i < 5; i++) {
		palier_json_object(w);
		key_int(w, "members", k->money_buyers[i]);
		key_int(w, "spent", k->money_spent[i]);
		palier_json_end_object(w);
	}
	palier_json_end_array(w);
	json_share(w, "kept", k->kept, k->kept_of);
	if (journey_value(r, &value))
		key_int(w, "value", value);
	palier_json_key(w, "recency_frequency");
	palier_json_array(w);
	for (unsigned i = 0; i < 25; i++)
		palier_json_int(w, k->rf[i / 5][i % 5]);
	palier_json_end_array(w);
	palier_json_end_object(w);
}

static void json_units(const struct journey_report *r, struct palier_json *w)
{
	palier_json_key(w, "points");
	palier_json_array(w);
	for (size_t i = 0; i < r->j->points_count; i++) {
		const struct journey_points *p = &r->j->points[i];

		palier_json_object(w);
		key_str(w, "unit", r->j->units.at[i]);
		key_int(w, "earned", p->earned);
		key_int(w, "taken_back", p->taken_back);
		key_int(w, "spent", p->spent);
		key_int(w, "expired", p->expired);
		if (r->point_value)
			key_int(w, "cost", journey_points_cost(r, p));
		palier_json_end_object(w);
	}
	palier_json_end_array(w);
}

static void json_flow(const struct journey_report *r, struct palier_json *w)
{
	palier_json_key(w, "flow");
	palier_json_array(w);
	for (size_t i = 0; i < r->flow.count; i++) {
		const struct journey_edge *e = &r->flow.edges[i];

		palier_json_object(w);
		key_str(w, "from", journey_activity(r->j, e->from));
		key_str(w, "to", journey_activity(r->j, e->to));
		key_int(w, "count", e->count);
		key_int(w, "customers", e->members);
		if (e->median_s >= 0) {
			key_int(w, "mean_seconds", e->mean_s);
			key_int(w, "median_seconds", e->median_s);
			key_int(w, "p95_seconds", e->p95_s);
		}
		palier_json_end_object(w);
	}
	palier_json_end_array(w);
}

static void json_segments(const struct journey_report *r, struct palier_json *w)
{
	palier_json_key(w, "segments");
	palier_json_object(w);
	for (size_t i = 0; i < r->j->segments.count; i++) {
		palier_json_key_bytes(w, palier_str(r->j->segments.at[i]));
		palier_json_int(w, r->map.segments[i]);
	}
	palier_json_end_object(w);
}

static void json_kpi(const struct journey_report *r, struct palier_json *w)
{
	palier_json_key(w, "kpi");
	palier_json_object(w);
	json_score(w, &r->kpi.score);
	json_share(w, "repeat", r->kpi.repeaters, r->kpi.buyers);
	json_cohorts(&r->kpi, w);
	json_activity(&r->kpi, w);
	json_year(r, w);
	json_sources(r, w);
	json_recovery(&r->kpi, w);
	json_units(r, w);
	json_cost(r, w);
	palier_json_end_object(w);
}

void journey_report_json(const struct journey_report *r, struct palier_json *w)
{
	palier_json_object(w);
	key_day(w, "from", r->j->period.from);
	key_day(w, "to", r->j->period.to);
	key_int(w, "window", r->j->period.window);
	if (r->j->period.persona)
		key_str(w, "persona", r->j->period.persona);
	palier_json_key(w, "derived");
	palier_json_bool(w, !r->j->journeyed);
	key_int(w, "members", r->map.members);
	palier_json_key(w, "stages");
	palier_json_array(w);
	for (unsigned i = 0; i < JOURNEY_STAGES; i++)
		json_stage(r, i, w);
	palier_json_end_array(w);
	json_segments(r, w);
	json_points(r, w);
	json_friction(r, w);
	palier_json_key(w, "planned");
	palier_json_array(w);
	for (size_t i = 0; i < r->plans.count; i++)
		json_planned(r, &r->planned[i], w);
	palier_json_end_array(w);
	json_kpi(r, w);
	json_flow(r, w);
	palier_json_end_object(w);
}

/* --- rows --- */

struct rows {
	void (*visit)(void *who, const struct journey_figure *f);
	void *who;
	const char *part, *item;
};

static void row_count(const struct rows *x, const char *measure, int64_t value)
{
	const struct journey_figure f = { .part = x->part, .item = x->item, .measure = measure, .value = value, .n = -1 };

	x->visit(x->who, &f);
}

static void row_interval(const struct rows *x, const char *measure, const struct stats_interval *i, int64_t n)
{
	const struct journey_figure f = { x->part, x->item, measure, rounded(i->value), SHARES, true, rounded(i->low),
		rounded(i->high), n };

	x->visit(x->who, &f);
}

static void row_share(const struct rows *x, const char *measure, int64_t part, int64_t n)
{
	struct stats_interval share;

	if (n <= 0)
		return;
	share = stats_share(part, n);
	row_interval(x, measure, &share, n);
}

static void row_mean(const struct rows *x, const char *measure, const struct journey_mood *mood)
{
	struct journey_figure f = { .part = x->part, .item = x->item, .measure = measure, .decimals = SHARES, .n = mood->n };

	if (mood->n == 0)
		return;
	f.value = rounded((double)mood->sum / (double)mood->n);
	x->visit(x->who, &f);
}

static void rows_score(const struct rows *x, const struct journey_score *s)
{
	struct stats_interval nps;
	double error;

	if (journey_score_told(s)) {
		nps = stats_nps(s->promoters, s->passives, s->detractors, &error);
		row_interval(x, "nps", &nps, s->promoters + s->passives + s->detractors);
	}
	if (s->answers >= JOURNEY_ENOUGH)
		row_share(x, "csat", s->satisfied, s->answers);
}

static void rows_stages(const struct journey_report *r, struct rows *x)
{
	x->part = "stage";
	for (unsigned i = 0; i < JOURNEY_STAGES; i++) {
		const struct journey_stage_figures *f = &r->map.stages[i];

		x->item = journey_stage_names[i];
		row_count(x, "members", f->members);
		row_count(x, "stood", f->stood);
		row_count(x, "entries", f->entries);
		row_share(x, "went_on", f->x, f->n);
		if (f->x) {
			row_count(x, "median_seconds", f->median_s);
			row_count(x, "p90_seconds", f->p90_s);
		}
		row_count(x, "touches", f->touches);
		row_share(x, "reached", f->reached, f->stood);
		for (unsigned channel = 0; channel < CHANNELS; channel++)
			if (f->channels[channel])
				row_count(x, journey_channel_names[channel], f->channels[channel]);
		row_mean(x, "emotion", &f->mood);
		rows_score(x, &f->score);
		row_count(x, "returns", f->returns);
		if (journey_sold_known(r->j))
			row_count(x, "sales", r->j->stage_sold[i]);
	}
}

static void rows_map(const struct journey_report *r, struct rows *x, struct palier_arena *a)
{
	x->part = "touchpoint";
	for (size_t i = 0; i < r->map.point_count; i++) {
		const struct journey_point *p = &r->map.points[i];

		x->item = palier_format(a, "%s/%s", journey_stage_names[p->stage], journey_activity(r->j, p->activity));
		row_count(x, "count", p->count);
		row_count(x, "reached", p->reached);
	}
	x->part = "friction";
	for (size_t i = 0; i < r->map.friction_count; i++) {
		const struct journey_friction *f = &r->map.frictions[i];

		x->item = palier_format(a, "%s/%s/%s", journey_stage_names[f->stage], friction_split_names[f->split],
			journey_split_name(r->j, f, &plain_words, a));
		row_interval(x, "difference", &f->d, f->n1);
	}
	x->item = "";
	row_count(x, "tests", (int64_t)r->map.tests);
	row_count(x, "returns_after_offer", r->j->returns_after_offer);
	row_count(x, "tries_again", r->j->tries_again);
	row_count(x, "unanswered", r->j->unanswered);
}

static void rows_planned(const struct journey_report *r, struct rows *x, struct palier_arena *a)
{
	x->part = "planned";
	for (size_t i = 0; i < r->plans.count; i++) {
		const struct planned_figures *f = &r->planned[i];

		x->item = f->plan->name;
		row_count(x, "begun", f->begun);
		row_count(x, "with_extra", f->extra_members);
		for (size_t n = 0; n < f->plan->count; n++) {
			x->item = palier_format(a, "%s/%s", f->plan->name, f->plan->steps[n].name);
			for (unsigned k = 0; k < PLANNED_EXTRA; k++)
				row_share(x, planned_deviation_names[k], f->steps[n][k], planned_judged(f, n));
			row_count(x, "awaited", f->steps[n][PLANNED_AWAITED]);
		}
	}
}

static void rows_kpi(const struct journey_report *r, struct rows *x)
{
	const struct journey_kpi *k = &r->kpi;
	int64_t value;

	x->part = "kpi";
	x->item = "";
	row_count(x, "customers", r->map.members);
	rows_score(x, &k->score);
	row_share(x, "repeat", k->repeaters, k->buyers);
	row_count(x, "risk_days", k->risk_days);
	row_count(x, "lapsed_days", k->lapsed_days);
	row_count(x, "active", k->active);
	row_count(x, "at_risk", k->at_risk);
	row_count(x, "lapsed", k->lapsed);
	row_count(x, "year_buyers", k->year_buyers);
	row_count(x, "year_spent", k->year_spent);
	row_share(x, "kept", k->kept, k->kept_of);
	if (journey_value(r, &value))
		row_count(x, "value", value);
	row_share(x, "churn", k->left, k->stayed_of);
	row_share(x, "recovery", k->tasks_in_time, k->tasks);
	row_share(x, "bought_again_closed", k->settled.again, k->settled.n);
	row_share(x, "bought_again_open", k->unsettled.again, k->unsettled.n);
	row_count(x, "sales", r->j->sold);
	row_count(x, "cost_offers", r->j->offered);
	row_count(x, "cost_complaints", r->j->made_good);
	row_count(x, "cost", journey_cost(r));
}

static void rows_groups(const struct journey_report *r, struct rows *x, struct palier_arena *a)
{
	const struct journey_kpi *k = &r->kpi;

	x->part = "cohort";
	for (size_t i = 0; i < k->cohort_count; i++) {
		x->item = palier_format(a, "%u-%02u", k->cohorts[i].month / 100, k->cohorts[i].month % 100);
		row_share(x, "again", k->cohorts[i].again, k->cohorts[i].n);
	}
	x->part = "money";
	for (unsigned i = 0; i < 5; i++) {
		x->item = palier_format(a, "%u", i + 1);
		row_count(x, "members", k->money_buyers[i]);
		row_count(x, "spent", k->money_spent[i]);
	}
	x->part = "recency_frequency";
	for (unsigned i = 0; i < 25; i++) {
		x->item = palier_format(a, "%u/%u", i / 5 + 1, i % 5 + 1);
		row_count(x, "members", k->rf[i / 5][i % 5]);
	}
	x->part = "source";
	for (size_t i = 0; i <= r->j->sources.count; i++) {
		x->item = i ? r->j->sources.at[i - 1] : "";
		row_share(x, "bought", k->sources[i].bought, k->sources[i].enrolled);
	}
	x->part = "segment";
	for (size_t i = 0; i < r->j->segments.count; i++) {
		x->item = r->j->segments.at[i];
		row_count(x, "members", r->map.segments[i]);
	}
	x->part = "points";
	for (size_t i = 0; i < r->j->points_count; i++) {
		x->item = r->j->units.at[i];
		row_count(x, "earned", r->j->points[i].earned);
		row_count(x, "taken_back", r->j->points[i].taken_back);
		row_count(x, "spent", r->j->points[i].spent);
		row_count(x, "expired", r->j->points[i].expired);
		if (r->point_value)
			row_count(x, "cost", journey_points_cost(r, &r->j->points[i]));
	}
}

static void rows_flow(const struct journey_report *r, struct rows *x, struct palier_arena *a)
{
	x->part = "flow";
	for (size_t i = 0; i < r->flow.count; i++) {
		const struct journey_edge *e = &r->flow.edges[i];

		x->item = palier_format(a, "%s>%s", journey_activity(r->j, e->from), journey_activity(r->j, e->to));
		row_count(x, "count", e->count);
		row_count(x, "customers", e->members);
		if (e->median_s < 0)
			continue;
		row_count(x, "mean_seconds", e->mean_s);
		row_count(x, "median_seconds", e->median_s);
		row_count(x, "p95_seconds", e->p95_s);
	}
}

void journey_report_figures(const struct journey_report *r, void (*visit)(void *who, const struct journey_figure *f),
	void *who)
{
	struct rows x = { .visit = visit, .who = who };
	struct palier_arena a = { 0 };

	rows_stages(r, &x);
	rows_map(r, &x, &a);
	rows_planned(r, &x, &a);
	rows_kpi(r, &x);
	rows_groups(r, &x, &a);
	rows_flow(r, &x, &a);
	palier_arena_deinit(&a);
}
