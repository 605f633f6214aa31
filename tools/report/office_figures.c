/* SPDX-License-Identifier: Apache-2.0 */
/* The head office's figures for machines: as JSON, and in rows. */
#include <math.h>

#include "tools/report/office.h"

#define MONEY_DECIMALS 4 /* of a minor unit, in an estimate */

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

static const char *money_name(const struct office_report *r)
{
	return r->by_margin ? "margin" : "spent";
}

static void turnover_json(struct palier_json *w, const struct ladder_turnover *t)
{
	palier_json_key(w, "turnover");
	palier_json_object(w);
	key_int(w, "spent", t->spent);
	key_int(w, "margin_known", t->known);
	key_int(w, "margin_estimated", t->estimated);
	palier_json_end_object(w);
}

static void arms_json(struct palier_json *w, const struct office_report *r, const struct office_store *s)
{
	const struct stats_sums *const arms[] = { &s->offered, &s->held };
	const int64_t climbed[] = { s->climbed_offered, s->climbed_held };

	palier_json_key(w, "arms");
	palier_json_array(w);
	for (int i = 0; i < 2; i++) {
		palier_json_object(w);
		palier_json_key(w, "held_out");
		palier_json_bool(w, i == 1);
		key_int(w, "n", arms[i]->n);
		key_int(w, money_name(r), arms[i]->sum);
		key_int(w, "climbed", climbed[i]);
		palier_json_end_object(w);
	}
	palier_json_end_array(w);
}

static void store_json(struct palier_json *w, const struct office_report *r, const struct office_store *s)
{
	palier_json_object(w);
	key_int(w, "batches", s->batches);
	key_int(w, "missing", s->missing);
	if (r->database) {
		for (int k = 0; k < OFFICE_STEPS; k++)
			key_int(w, office_step_names[k], s->steps[k]);
		arms_json(w, r, s);
		turnover_json(w, &s->turnover);
	}
	palier_json_key(w, "stages");
	palier_json_object(w);
	for (int k = 0; k < OFFICE_STAGES; k++)
		key_int(w, office_stage_names[k], s->there[k]);
	palier_json_end_object(w);
	if (s->journey) {
		palier_json_key(w, "journey");
		journey_report_json(s->journey, w);
	}
	palier_json_end_object(w);
}

/* What suggestions bring, in minor units. */
static void uplift_json(struct palier_json *w, const struct office_report *r)
{
	struct stats_interval d = { 0, 0, 0 };
	double p;

	if (office_uplift(r, &d, &p) != OFFICE_ESTIMATE)
		return;
	palier_json_key(w, "uplift");
	palier_json_object(w);
	palier_json_key(w, "of");
	palier_json_str(w, money_name(r));
	palier_json_key(w, "difference");
	palier_json_scaled(w, rounded(d.value), MONEY_DECIMALS);
	palier_json_key(w, "low");
	palier_json_scaled(w, rounded(d.low), MONEY_DECIMALS);
	palier_json_key(w, "high");
	palier_json_scaled(w, rounded(d.high), MONEY_DECIMALS);
	palier_json_end_object(w);
}

static void others_json(struct palier_json *w, const struct office_report *r)
{
	palier_json_key(w, "left_out");
	palier_json_object(w);
	for (size_t i = 0; i < r->other_count; i++) {
		palier_json_key_bytes(w, palier_str(r->others[i].name));
		palier_json_str(w, r->others[i].currency);
	}
	palier_json_end_object(w);
}

void office_json(const struct office_report *r, struct palier_json *w)
{
	palier_json_object(w);
	palier_json_key(w, "from");
	palier_json_day(w, r->from);
	palier_json_key(w, "to");
	palier_json_day(w, r->to);
	palier_json_key(w, "currency");
	palier_json_str(w, r->currency);
	key_int(w, "decimals", r->scale);
	if (r->other_count)
		others_json(w, r);
	uplift_json(w, r);
	if (r->chain.journey)
		key_int(w, "in_several_stores", r->shared);
	palier_json_key(w, "all");
	store_json(w, r, &r->chain);
	palier_json_key(w, "stores");
	palier_json_object(w);
	for (size_t i = 0; i < r->count; i++) {
		palier_json_key_bytes(w, palier_str(r->stores[i].name));
		store_json(w, r, &r->stores[i]);
	}
	palier_json_end_object(w);
	palier_json_end_object(w);
}

/* --- rows --- */

struct rows {
	void (*visit)(void *who, const char *store, const struct journey_figure *f);
	void *who;
	const char *store, *part, *item;
};

static void row(const struct rows *x, const char *measure, int64_t value)
{
	const struct journey_figure f = { .part = x->part, .item = x->item, .measure = measure, .value = value, .n = -1 };

	x->visit(x->who, x->store, &f);
}

static void rows_arms(struct rows *x, const struct office_report *r, const struct office_store *s)
{
	const struct stats_sums *const arms[] = { &s->offered, &s->held };
	const int64_t climbed[] = { s->climbed_offered, s->climbed_held };

	x->part = "ladder";
	for (int i = 0; i < 2; i++) {
		x->item = i ? "held_out" : "offered";
		row(x, "members", arms[i]->n);
		row(x, money_name(r), arms[i]->sum);
		row(x, "climbed", climbed[i]);
	}
	x->item = "turnover";
	row(x, "spent", s->turnover.spent);
	row(x, "margin_known", s->turnover.known);
	row(x, "margin_estimated", s->turnover.estimated);
}

static void rows_uplift(struct rows *x, const struct office_report *r)
{
	struct stats_interval d = { 0, 0, 0 };
	struct journey_figure f = { .part = "ladder",
		.item = "uplift",
		.measure = "difference",
		.decimals = MONEY_DECIMALS,
		.interval = true,
		.n = r->chain.offered.n + r->chain.held.n };
	double p;

	if (office_uplift(r, &d, &p) != OFFICE_ESTIMATE)
		return;
	f.value = rounded(d.value);
	f.low = rounded(d.low);
	f.high = rounded(d.high);
	x->visit(x->who, x->store, &f);
}

static void journey_row(void *who, const struct journey_figure *f)
{
	const struct rows *x = who;

	x->visit(x->who, x->store, f);
}

static void rows_store(struct rows *x, const struct office_report *r, const struct office_store *s)
{
	x->store = s->name;
	x->part = "batches";
	x->item = "";
	row(x, "read", s->batches);
	row(x, "missing", s->missing);
	x->part = "recommendation";
	for (int k = 0; r->database && k < OFFICE_STEPS; k++)
		row(x, office_step_names[k], s->steps[k]);
	if (r->database)
		rows_arms(x, r, s);
	if (r->database && s == &r->chain)
		rows_uplift(x, r);
	x->part = "customers";
	x->item = "";
	if (s->journey && s == &r->chain)
		row(x, "in_several_stores", r->shared);
	if (s->journey)
		journey_report_figures(s->journey, journey_row, x);
}

void office_figures(const struct office_report *r,
	void (*visit)(void *who, const char *store, const struct journey_figure *f), void *who)
{
	struct rows x = { .visit = visit, .who = who };

	rows_store(&x, r, &r->chain);
	for (size_t i = 0; i < r->count; i++)
		rows_store(&x, r, &r->stores[i]);
	for (size_t i = 0; i < r->other_count; i++) {
		x.store = r->others[i].name;
		x.part = "left_out";
		x.item = r->others[i].currency;
		row(&x, "stores", 1);
	}
}
