/* SPDX-License-Identifier: Apache-2.0 */
/* The stores' journeys beside each other: stage by stage, what came of those who were there; then a map of each store. */
#include <stdlib.h>

#include "tools/report/chart.h"
#include "tools/report/journey_parts.h"
#include "tools/report/office.h"

#define NOTHING "\u2013"

struct paper {
	const struct office_report *r;
	const struct words *w;
	struct page *p;
};

const struct journey_friction *office_friction(const struct office_report *r, const char *store, unsigned stage)
{
	const struct journey_report *all = r->chain.journey;

	for (size_t i = 0; all && i < all->map.friction_count; i++) {
		const struct journey_friction *f = &all->map.frictions[i];

		if (f->split == SPLIT_STORE && f->stage == stage && strcmp(all->j->stores.at[f->value], store) == 0)
			return f;
	}
	return NULL;
}

struct several {
	const struct journey *j;
	int64_t count;
};

static void line_see(void *who, const struct journey_line *line)
{
	struct several *s = who;

	for (size_t i = 1; i < line->count; i++)
		if (s->j->places[line->at[i].place].store != s->j->places[line->at[0].place].store) {
			s->count++;
			return;
		}
}

int64_t office_several(const struct journey *j)
{
	struct several s = { .j = j };

	journey_each(j, line_see, &s);
	return s.count;
}

/* --- tables of stores --- */

static void cell(const struct paper *x, const char *text)
{
	page_element(x->p, "td", "n", text);
}

static void table_begin(const struct paper *x, const char *const *titles)
{
	page_markup(x->p, "<div class=\"scroll\">\n<table class=\"stores\">\n<thead><tr>");
	page_element(x->p, "th", NULL, words_say(x->w, "Store"));
	for (; *titles; titles++)
		page_element(x->p, "th", "n", words_say(x->w, *titles));
	page_markup(x->p, "</tr></thead>\n<tbody>\n");
}

static void table_end(const struct paper *x)
{
	page_markup(x->p, "</tbody>\n</table>\n</div>\n");
}

/* Of many stores those that stand out somewhere. */
static bool is_shown(const struct office_report *r, const struct office_store *s)
{
	bool shown = r->count <= OFFICE_SHOWN;

	for (unsigned stage = 0; stage < JOURNEY_STAGES && !shown; stage++)
		shown = office_friction(r, s->name, stage) != NULL;
	return shown && s->journey;
}

/* A row for each store, the chain's last. */
static void rows(const struct paper *x, void (*row)(const struct paper *x, const struct office_store *s, unsigned stage),
	unsigned stage)
{
	for (size_t i = 0; i < x->r->count; i++) {
		if (!is_shown(x->r, &x->r->stores[i]))
			continue;
		page_markup(x->p, "<tr>");
		page_element(x->p, "td", NULL, x->r->stores[i].name);
		row(x, &x->r->stores[i], stage);
		page_markup(x->p, "</tr>\n");
	}
	page_markup(x->p, "<tr class=\"all\">");
	page_element(x->p, "th", NULL, words_say(x->w, "All stores"));
	row(x, &x->r->chain, stage);
	page_markup(x->p, "</tr>\n");
}

/* --- what a cell says --- */

static const char *nps_text(const struct paper *x, const struct journey_score *s)
{
	int64_t n = s->promoters + s->passives + s->detractors;
	double error;

	if (!journey_score_told(s))
		return n ? WORDS_FILL(x->w, "n = %1", words_number(x->w, n)) : NOTHING;
	return WORDS_FILL(x->w, "%1 (n = %2)",
		words_tenths(x->w, journey_tenths(stats_nps(s->promoters, s->passives, s->detractors, &error).value)),
		words_number(x->w, n));
}

static const char *mood_text(const struct paper *x, const struct journey_mood *mood)
{
	if (mood->n == 0)
		return NOTHING;
	return WORDS_FILL(x->w, "%1 (n = %2)", words_tenths(x->w, journey_tenths((double)mood->sum / (double)mood->n)),
		words_number(x->w, mood->n));
}

static const char *share_text(const struct paper *x, int64_t part, int64_t n)
{
	return n < JOURNEY_ENOUGH ? WORDS_FILL(x->w, "n = %1", words_number(x->w, n)) : words_rate(x->w, part, n);
}

static const char *mark_of(const struct journey_friction *f)
{
	return !f ? "" : f->d.value < 0 ? " \u25bc" : " \u25b2";
}

static const char *class_of(const struct journey_friction *f)
{
	return !f ? "n" : f->d.value < 0 ? "n less" : "n more";
}

/* The part that went on, marked where it is no chance; below it where the true one lies. */
static void went_on(const struct paper *x, const struct office_store *s, unsigned stage, bool interval)
{
	const struct journey_stage_figures *f = &s->journey->map.stages[stage];
	const struct journey_friction *odd = s->name ? office_friction(x->r, s->name, stage) : NULL;
	struct stats_interval share = f->n ? stats_share(f->x, f->n) : (struct stats_interval){ 0, 0, 0 };

	page_markup(x->p, "<td class=\"%s\">", class_of(odd));
	page_text(x->p, f->n < JOURNEY_ENOUGH ? NOTHING : words_rate(x->w, f->x, f->n));
	page_text(x->p, mark_of(odd));
	if (interval || f->n < JOURNEY_ENOUGH) {
		page_markup(x->p, "<span class=\"under\">");
		page_text(x->p,
			f->n < JOURNEY_ENOUGH
				? WORDS_FILL(x->w, "n = %1", words_number(x->w, f->n))
				: WORDS_FILL(x->w, "%1 to %2", words_rate(x->w, (int64_t)(share.low * 10000 + 0.5), 10000),
					  words_rate(x->w, (int64_t)(share.high * 10000 + 0.5), 10000)));
		page_markup(x->p, "</span>");
	}
	page_markup(x->p, "</td>\n");
}

/* --- at a glance --- */

static bool is_trodden(const struct office_report *r, unsigned stage)
{
	return r->chain.journey->map.stages[stage].stood > 0;
}

static void glance_row(const struct paper *x, const struct office_store *s, unsigned stage)
{
	for (stage = 0; stage + 1 < JOURNEY_STAGES; stage++)
		if (is_trodden(x->r, stage))
			went_on(x, s, stage, false);
}

static void glance(const struct paper *x)
{
	const char *titles[JOURNEY_STAGES + 1];
	size_t count = 0;

	for (unsigned stage = 0; stage + 1 < JOURNEY_STAGES; stage++)
		if (is_trodden(x->r, stage))
			titles[count++] = journey_stage_english[stage];
	titles[count] = NULL;
	page_section_begin(x->p, words_say(x->w, "Who goes on, store by store"));
	table_begin(x, titles);
	rows(x, glance_row, 0);
	table_end(x);
	page_element(x->p, "p", "note",
		WORDS_FILL(x->w,
			"Of those who came to a stage, the part that went on within %1 days. In a store's row it is its own customers by what "
			"this store saw; \"All stores\" follows each customer from store to store.",
			words_number(x->w, x->r->chain.journey->j->period.window)));
	page_element(x->p, "p", "note",
		words_say(x->w,
			"\u25bc fewer and \u25b2 more of those whom this store brought to the stage went on, anywhere, than of those whom "
			"the others brought: beyond chance (5 % of the marks may be wrong) and by 3 points at least."));
	page_section_end(x->p);
}

/* --- key figures --- */

static void key_row(const struct paper *x, const struct office_store *s, unsigned stage)
{
	const struct journey_kpi *k = &s->journey->kpi;

	(void)stage;
	cell(x, words_number(x->w, s->journey->map.members));
	cell(x, words_number(x->w, k->buyers));
	cell(x, share_text(x, k->repeaters, k->buyers));
	cell(x, nps_text(x, &k->score));
	cell(x, k->score.answers ? share_text(x, k->score.satisfied, k->score.answers) : NOTHING);
	cell(x, office_money(x->r, x->w, (double)k->year_spent));
	cell(x, k->year_buyers ? office_money(x->r, x->w, (double)k->year_spent / (double)k->year_buyers) : NOTHING);
}

static void key_figures(const struct paper *x)
{
	static const char *const titles[] = { "Customers", "Bought", "Came back", "Recommend", "Satisfied",
		"Sales, 365 days", "For each customer", NULL };

	page_section_begin(x->p, words_say(x->w, "Key figures, store by store"));
	table_begin(x, titles);
	rows(x, key_row, 0);
	table_end(x);
	page_element(x->p, "p", "note",
		WORDS_FILL(x->w,
			"A customer of two stores stands in the rows of both, and once in \"All stores\". %1 of %2 customers were in more "
			"than one store.",
			words_number(x->w, x->r->shared), words_number(x->w, x->r->chain.journey->map.members)));
	page_section_end(x->p);
}

/* --- stage by stage --- */

static void stage_row(const struct paper *x, const struct office_store *s, unsigned stage)
{
	const struct journey_stage_figures *f = &s->journey->map.stages[stage];

	cell(x, words_number(x->w, f->members));
	cell(x, words_number(x->w, f->entries));
	if (stage + 1 < JOURNEY_STAGES) {
		went_on(x, s, stage, true);
		cell(x, f->x ? words_span(x->w, f->median_s) : NOTHING);
	}
	cell(x, mood_text(x, &f->mood));
	cell(x, nps_text(x, &f->score));
	cell(x, words_number(x->w, f->returns));
}

static int64_t of_10000(double share)
{
	return (int64_t)(share * 10000 + 0.5);
}

/* Where the true shares lie, one below the other. A picture of one is none. */
static void stage_picture(const struct paper *x, unsigned stage)
{
	struct chart_span *spans = palier_alloc(x->w->arena, (x->r->count + 1) * sizeof(*spans));
	size_t count = 0;

	for (size_t i = 0; i < x->r->count; i++) {
		const struct office_store *s = &x->r->stores[i];
		const struct journey_stage_figures *f = s->journey ? &s->journey->map.stages[stage] : NULL;
		struct stats_interval share;

		if (!f || f->n < JOURNEY_ENOUGH || !is_shown(x->r, s))
			continue;
		share = stats_share(f->x, f->n);
		spans[count++] = (struct chart_span){ s->name, of_10000(share.low), of_10000(share.value),
			of_10000(share.high), words_rate(x->w, f->x, f->n) };
	}
	if (count < 2)
		return;
	page_markup(x->p, "<div class=\"box\">\n");
	chart_spans(x->p, WORDS_FILL(x->w, "Who goes on from \"%1\", by store", journey_stage_said(x->w, stage)), spans,
		count);
	page_markup(x->p, "</div>\n");
}

static void stage_compare(const struct paper *x, unsigned stage)
{
	static const char *const steps[] = { "Are there", "Came there", "Went on", "Half within", "Feeling", "Recommend",
		"Returns", NULL };
	static const char *const last[] = { "Are there", "Came there", "Feeling", "Recommend", "Returns", NULL };

	page_element(x->p, "h3", "sub", journey_stage_said(x->w, stage));
	stage_picture(x, stage);
	table_begin(x, stage + 1 < JOURNEY_STAGES ? steps : last);
	rows(x, stage_row, stage);
	table_end(x);
}

void office_journeys(const struct office_report *r, const struct words *w, struct page *p)
{
	const struct paper x = { r, w, p };

	glance(&x);
	key_figures(&x);
	page_section_begin(p, words_say(w, "Stage by stage and store by store"));
	for (unsigned stage = 0; stage < JOURNEY_STAGES; stage++)
		if (is_trodden(r, stage))
			stage_compare(&x, stage);
	page_section_end(p);
}

/* --- a map of each --- */

void office_maps(const struct office_report *r, const struct words *w, struct page *p)
{
	for (size_t i = 0; i < r->count; i++) {
		if (!is_shown(r, &r->stores[i]))
			continue;
		page_markup(p, "<section class=\"store\">\n");
		page_element(p, "h2", NULL, WORDS_FILL(w, "The journey in %1", r->stores[i].name));
		journey_report_short(r->stores[i].journey, w, p);
		page_section_end(p);
	}
}
