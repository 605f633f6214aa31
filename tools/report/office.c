/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/report/office.h"

#include <math.h>
#include <stdlib.h>

#include "tools/report/chart.h"

#define ENOUGH     30  /* below, a rate would say more than is known */
#define ARM_ENOUGH 200 /* members in an arm, for the normal's interval */
#define ODD_ENOUGH 50

const char *const office_step_names[OFFICE_STEPS] = { "enrolled", "issued", "claimed", "purchased", "held", "earned" };
const char *const office_stage_names[OFFICE_STAGES] = { "awareness", "interaction", "comparison", "purchase", "ascension",
	"loyalty", "recommendation", "ambassador" };

static const char *const step_texts[OFFICE_STEPS] = { "Members enrolled", "Codes given out", "Friends who came",
	"Friends who bought", "Reached the minimum", "Sponsors rewarded" };
static const char *const stage_texts[OFFICE_STAGES] = { "Awareness", "Interaction", "Comparison", "Purchase", "Ascension",
	"Loyalty", "Recommendation", "Ambassadors" };

/* --- figures --- */

static void arm_add(struct stats_sums *to, const struct stats_sums *a)
{
	to->n += a->n;
	to->sum += a->sum;
	to->squares += a->squares;
}

void office_turnover_add(struct ladder_turnover *to, const struct ladder_turnover *t)
{
	to->spent += t->spent;
	to->known += t->known;
	to->estimated += t->estimated;
}

void office_sum(struct office_report *r)
{
	struct office_store *chain = &r->chain;

	*chain = (struct office_store){ .journey = chain->journey };
	for (size_t i = 0; i < r->count; i++) {
		const struct office_store *s = &r->stores[i];

		chain->batches += s->batches;
		chain->missing += s->missing;
		for (int k = 0; k < OFFICE_STEPS; k++)
			chain->steps[k] += s->steps[k];
		for (int k = 0; k < OFFICE_STAGES && !chain->journey; k++)
			chain->there[k] += s->there[k];
		arm_add(&chain->offered, &s->offered);
		arm_add(&chain->held, &s->held);
		office_turnover_add(&chain->turnover, &s->turnover);
		chain->climbed_offered += s->climbed_offered;
		chain->climbed_held += s->climbed_held;
	}
	r->shared = chain->journey ? office_several(chain->journey->j) : 0;
	for (int k = 0; k < OFFICE_STAGES && chain->journey; k++) /* who stands somewhere in two stores is one */
		chain->there[k] = chain->journey->map.stages[k].members;
}

/* How many of all were to be offered suggestions: each store has a share of its own. */
static double planned(const struct office_report *r)
{
	double offered = 0;

	for (size_t i = 0; i < r->count; i++)
		offered += (double)(r->stores[i].offered.n + r->stores[i].held.n) * (double)(10000 - r->stores[i].share) /
		           10000;
	return offered / (double)(r->chain.offered.n + r->chain.held.n);
}

enum office_verdict office_uplift(const struct office_report *r, struct stats_interval *out, double *p)
{
	const struct stats_sums *offered = &r->chain.offered, *held = &r->chain.held;
	double chi2, error;

	*p = 1;
	if (held->n == 0)
		return OFFICE_NO_EXPERIMENT;
	if (offered->n < ARM_ENOUGH || held->n < ARM_ENOUGH)
		return OFFICE_TOO_FEW;
	*p = stats_split(offered->n, held->n, planned(r), &chi2);
	if (*p < 0.001)
		return OFFICE_BROKEN;
	return stats_means(offered, held, out, &error) ? OFFICE_ESTIMATE : OFFICE_TOO_FEW;
}

void office_odd(const int64_t *x, const int64_t *n, size_t count, bool *odd)
{
	double *p = calloc(2 * count + 1, sizeof(*p)), z;
	int64_t all_x = 0, all_n = 0;

	if (!p)
		abort();
	for (size_t i = 0; i < count; i++) {
		all_x += x[i];
		all_n += n[i];
	}
	for (size_t i = 0; i < count; i++) {
		p[i] = 1;
		if (n[i] >= ODD_ENOUGH && all_n - n[i] >= ODD_ENOUGH)
			stats_two_shares(x[i], n[i], all_x - x[i], all_n - n[i], &z, &p[i]);
	}
	if (count)
		(void)stats_discoveries(p, count, 0.05, p + count);
	for (size_t i = 0; i < count; i++)
		odd[i] = p[count + i] <= 0.05 && all_n > n[i] && n[i] > 0 &&
		         fabs((double)x[i] / (double)n[i] - (double)(all_x - x[i]) / (double)(all_n - n[i])) >= 0.03;
	free(p);
}

/* --- the page --- */

static const char *rate(const struct words *w, int64_t x, int64_t n)
{
	return n >= ENOUGH && x <= n ? words_rate(w, x, n) : "";
}

const char *office_money(const struct office_report *r, const struct words *w, double minor)
{
	return words_money(w, llround(minor), r->scale, r->currency);
}

const char *office_left_out(const struct office_report *r, const struct words *w)
{
	const char *names = "";

	for (size_t i = 0; i < r->other_count; i++)
		names = palier_format(w->arena, "%s%s%s (%s)", names, i ? ", " : "", r->others[i].name,
			r->others[i].currency);
	return r->other_count == 0
	               ? NULL
	               : WORDS_FILL(w,
				 "Left out are stores whose amounts are not in %1: %2. Amounts of two currencies are never added up: "
				 "each has a report of its own (--currency).",
				 r->currency, names);
}

static void cell(struct page *p, const char *text)
{
	page_element(p, "td", "n", text);
}

static void table_begin(struct page *p, const struct words *w, const char *const *titles)
{
	page_markup(p, "<div class=\"scroll\">\n<table>\n<thead><tr>");
	page_element(p, "th", NULL, words_say(w, "Store"));
	for (; *titles; titles++)
		page_element(p, "th", "n", words_say(w, *titles));
	page_markup(p, "</tr></thead>\n<tbody>\n");
}

static void table_end(struct page *p)
{
	page_markup(p, "</tbody>\n</table>\n</div>\n");
}

/* @param compare one of the rows that is compared with the others: what of what */
struct compared {
	const struct office_report *r;
	const struct words *w;
	bool *odd;
	const char *const *titles;
	void (*row)(struct page *p, const struct words *w, const struct office_report *r, const struct office_store *s);
};

/* Every store, or of many those that stand out; the chain last. */
static void table_show(struct page *p, const struct compared *c)
{
	table_begin(p, c->w, c->titles);
	for (size_t i = 0; i < c->r->count; i++) {
		if (c->r->count > OFFICE_SHOWN && !c->odd[i])
			continue;
		page_markup(p, "<tr><td>%s", c->odd[i] ? "<strong>" : "");
		page_text(p, c->r->stores[i].name);
		page_markup(p, "%s</td>", c->odd[i] ? " *</strong>" : "");
		c->row(p, c->w, c->r, &c->r->stores[i]);
		page_markup(p, "</tr>\n");
	}
	page_markup(p, "<tr>");
	page_element(p, "th", NULL, words_say(c->w, "All stores"));
	c->row(p, c->w, c->r, &c->r->chain);
	page_markup(p, "</tr>\n");
	table_end(p);
	page_element(p, "p", "note",
		words_say(c->w,
			c->r->count > OFFICE_SHOWN
				? "Shown are the stores that stand out: another share than the others', beyond chance (5 % of "
				  "these may be wrong) and by 3 points at least."
				: "* stands out: another share than the others', beyond chance (5 % of these may be wrong) and "
				  "by 3 points at least."));
}

static bool *flags_make(const struct words *w, const struct office_report *r)
{
	return palier_alloc(w->arena, r->count + 1);
}

/* Mark the stores whose x of n stands out, besides those marked before. */
static void odd_mark(const struct words *w, const struct office_report *r, bool *odd,
	void (*take)(const struct office_store *s, int what, int64_t *x, int64_t *n), int what)
{
	int64_t *x = palier_alloc(w->arena, (2 * r->count + 1) * sizeof(*x)), *n = x + r->count;
	bool *now = flags_make(w, r);

	for (size_t i = 0; i < r->count; i++)
		take(&r->stores[i], what, &x[i], &n[i]);
	office_odd(x, n, r->count, now);
	for (size_t i = 0; i < r->count; i++)
		odd[i] |= now[i];
}

/* --- recommendation --- */

static void step_take(const struct office_store *s, int step, int64_t *x, int64_t *n)
{
	*n = s->steps[step - 1];
	*x = palier_least(s->steps[step], *n);
}

static void recommendation_row(struct page *p, const struct words *w, const struct office_report *r,
	const struct office_store *s)
{
	(void)r;
	for (int k = 0; k < OFFICE_STEPS; k++)
		cell(p, words_number(w, s->steps[k]));
	cell(p, rate(w, s->steps[OFFICE_PURCHASED], s->steps[OFFICE_CLAIMED]));
}

static void recommendation(const struct office_report *r, const struct words *w, struct page *p)
{
	static const char *const titles[] = { "Members enrolled", "Codes given out", "Friends who came",
		"Friends who bought", "Reached the minimum", "Sponsors rewarded", "Of those who came, bought", NULL };
	struct chart_row rows[OFFICE_STEPS - OFFICE_ISSUED];
	struct compared c = { r, w, flags_make(w, r), titles, recommendation_row };

	for (int k = OFFICE_ISSUED; k < OFFICE_STEPS; k++)
		rows[k - OFFICE_ISSUED] = (struct chart_row){ words_say(w, step_texts[k]), r->chain.steps[k],
			words_number(w, r->chain.steps[k]),
			k > OFFICE_ISSUED ? rate(w, r->chain.steps[k], r->chain.steps[k - 1]) : "" };
	page_section_begin(p, words_say(w, "Sponsorship, step by step"));
	page_markup(p, "<div class=\"box\">\n");
	chart_funnel(p, words_say(w, "Sponsorship, step by step"), rows, sizeof(rows) / sizeof(*rows));
	page_markup(p, "</div>\n");
	odd_mark(w, r, c.odd, step_take, OFFICE_PURCHASED);
	table_show(p, &c);
	page_section_end(p);
}

/* --- the ladder --- */

/* By what was spent and by margin, and whether it can be told. */
static const char *const verdict_texts[2][2] = {
	{ "A member who is offered suggestions spends %1 more, between %2 and %3 (95 % sure).",
		"Cannot tell: a member who is offered suggestions spends %1 more or less, between %2 and %3." },
	{ "A member who is offered suggestions brings a margin %1 higher, between %2 and %3 (95 % sure).",
		"Cannot tell: a member who is offered suggestions brings a margin %1 higher or lower, between %2 and %3." },
};

static const char *verdict(const struct office_report *r, const struct words *w)
{
	struct stats_interval d = { 0, 0, 0 };
	const char *offered = words_number(w, r->chain.offered.n), *held = words_number(w, r->chain.held.n);
	double p;

	switch (office_uplift(r, &d, &p)) {
	case OFFICE_NO_EXPERIMENT:
		return words_say(w, "No member is held out: what suggestions bring cannot be told.");
	case OFFICE_TOO_FEW:
		return WORDS_FILL(w,
			"%1 members are offered suggestions, %2 are held out: from 200 of each on, more is said.", offered,
			held);
	case OFFICE_BROKEN:
		return WORDS_FILL(w,
			"%1 members are offered suggestions, %2 are held out: that is not the split that was planned, and nothing "
			"is concluded.",
			offered, held);
	case OFFICE_ESTIMATE:
		break;
	}
	return WORDS_FILL(w, verdict_texts[r->by_margin][d.low <= 0 && d.high >= 0], office_money(r, w, d.value),
		office_money(r, w, d.low), office_money(r, w, d.high));
}

/* Where too little of it is known, what a member brings would be too low. */
static bool is_money_known(const struct office_report *r, const struct office_store *s)
{
	return !r->by_margin || ladder_margin_known(&s->turnover);
}

/* What is compared, and whose margin is not shown. */
static void measure(const struct office_report *r, const struct words *w, struct page *p)
{
	bool unknown = false;

	if (r->chain.turnover.spent <= 0)
		return;
	page_element(p, "p", NULL, ladder_measure(&r->chain.turnover, w));
	for (size_t i = 0; i < r->count; i++)
		unknown |= r->stores[i].offered.n + r->stores[i].held.n > 0 && !is_money_known(r, &r->stores[i]);
	if (unknown)
		page_element(p, "p", "note",
			WORDS_FILL(w, "A store that does not know the margin of %1 of its turnover has none in its row.",
				words_rate(w, LADDER_KNOWN, 100)));
}

static void ladder_take(const struct office_store *s, int what, int64_t *x, int64_t *n)
{
	(void)what;
	*x = s->climbed_offered;
	*n = s->offered.n;
}

static void arms_row(struct page *p, const struct words *w, const struct office_report *r, const struct office_store *s)
{
	const struct stats_sums *const arms[] = { &s->offered, &s->held };

	for (int i = 0; i < 2; i++) {
		cell(p, words_number(w, arms[i]->n));
		cell(p, arms[i]->n >= ENOUGH && is_money_known(r, s)
				? office_money(r, w, (double)arms[i]->sum / (double)arms[i]->n)
				: "");
	}
	cell(p, rate(w, s->climbed_offered, s->offered.n));
	cell(p, rate(w, s->climbed_held, s->held.n));
}

static void ladder(const struct office_report *r, const struct words *w, struct page *p)
{
	const char *money = r->by_margin ? "margin of each" : "spent each";
	const char *const titles[] = { "Offered", money, "Held out", money, "Offered, climbed", "Held out, climbed", NULL };
	struct compared c = { r, w, flags_make(w, r), titles, arms_row };

	page_section_begin(p, words_say(w, "What suggestions bring"));
	page_element(p, "p", NULL, verdict(r, w));
	measure(r, w, p);
	if (r->capped)
		page_element(p, "p", "note",
			WORDS_FILL(w,
				r->by_margin ? "Of %1 members a very large margin counts as the 99.5 % point of all."
					     : "Of %1 members a very large spending counts as the 99.5 % point of all.",
				words_number(w, r->capped)));
	odd_mark(w, r, c.odd, ladder_take, 0);
	table_show(p, &c);
	page_section_end(p);
}

/* --- the journey --- */

static int64_t everybody(const struct office_store *s)
{
	int64_t all = 0;

	for (int k = 0; k < OFFICE_STAGES; k++)
		all += s->there[k];
	return all;
}

static void stage_take(const struct office_store *s, int stage, int64_t *x, int64_t *n)
{
	*x = s->there[stage];
	*n = everybody(s);
}

static void journey_row(struct page *p, const struct words *w, const struct office_report *r, const struct office_store *s)
{
	int64_t all = everybody(s);

	(void)r;
	cell(p, words_number(w, all));
	for (int k = 0; k < OFFICE_STAGES; k++)
		cell(p, all >= ENOUGH ? words_rate(w, s->there[k], all) : words_number(w, s->there[k]));
}

static void journey(const struct office_report *r, const struct words *w, struct page *p)
{
	static const char *const titles[] = { "Members", "Awareness", "Interaction", "Comparison", "Purchase", "Ascension",
		"Loyalty", "Recommendation", "Ambassadors", NULL };
	struct compared c = { r, w, flags_make(w, r), titles, journey_row };
	struct chart_row rows[OFFICE_STAGES];
	int64_t all = everybody(&r->chain);

	for (int k = 0; k < OFFICE_STAGES; k++) {
		rows[k] = (struct chart_row){ words_say(w, stage_texts[k]), r->chain.there[k],
			words_number(w, r->chain.there[k]), rate(w, r->chain.there[k], all) };
		odd_mark(w, r, c.odd, stage_take, k);
	}
	page_section_begin(p, words_say(w, "Where members are on their journey"));
	page_markup(p, "<div class=\"box\">\n");
	chart_bars(p, words_say(w, "Where members are on their journey"), rows, OFFICE_STAGES);
	page_markup(p, "</div>\n");
	table_show(p, &c);
	page_section_end(p);
}

/* First what counts, then the stores beside each other, then what is to be looked up. */
static void sections(const struct office_report *r, const struct words *w, struct page *p)
{
	const struct journey_report *all = r->chain.journey;

	if (all) {
		journey_report_sections(all, w, p);
		office_journeys(r, w, p);
	}
	if (all || r->database)
		journey(r, w, p);
	if (r->database) {
		recommendation(r, w, p);
		ladder(r, w, p);
	}
	if (all) {
		journey_report_details(all, w, p);
		office_maps(r, w, p);
		journey_report_counted(all, w, p);
	}
}

void office_page(const struct office_report *r, const struct words *w, struct page *p)
{
	const char *days = r->chain.journey ? journey_period_said(&r->chain.journey->j->period, w)
	                                    : WORDS_FILL(w, "From %1 to %2", words_day(w, r->from), words_day(w, r->to));
	struct page_head head = { .language = w->language,
		.title = words_say(w, "The stores side by side"),
		.shop = words_say(w, "Head office"),
		.period = r->database ? WORDS_FILL(w, "%1; the ladder as of now", days) : days };

	page_begin(p, &head);
	if (r->other_count)
		page_element(p, "p", NULL, office_left_out(r, w));
	if (r->chain.missing)
		page_element(p, "p", NULL,
			WORDS_FILL(w, "Of %1 batches %2 are missing: the figures are not all there.",
				words_number(w, r->chain.batches + r->chain.missing), words_number(w, r->chain.missing)));
	if (!r->chain.journey)
		page_element(p, "p", NULL, words_say(w, "No batches are at hand, so there is no map of the journey."));
	if (!r->database)
		page_element(p, "p", NULL,
			words_say(w, "The configuration names no database, so recommendation and the ladder are left out."));
	sections(r, w, p);
	page_end(p,
		words_say(w, "Printed by palier. Nobody's name is in it; a line of the picture does not say whose it is."));
}
