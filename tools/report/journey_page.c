/* SPDX-License-Identifier: Apache-2.0 */
/* The page: in short, the map, the stages in figures, where it grates, key figures, who comes back, who follows whom, how it is counted. */
#include "tools/report/chart.h"
#include "tools/report/journey_parts.h"
#include "tools/report/journey_report.h"

#define EDGES_SHOWN  12
#define POINTS_SHOWN 15
#define ROWS_MOST    16

struct paper {
	const struct journey_report *r;
	const struct words *w;
	struct page *p;
};

static const char *say(const struct paper *x, const char *english)
{
	return words_say(x->w, english);
}

static const char *number(const struct paper *x, int64_t n)
{
	return words_number(x->w, n);
}

static const char *money(const struct paper *x, int64_t amount)
{
	return words_money(x->w, amount, x->r->scale, x->r->currency);
}

static const char *bp(const struct paper *x, double share)
{
	int64_t value = (int64_t)(share * 10000 + 0.5);

	return words_rate(x->w, value, 10000);
}

static void cell(const struct paper *x, bool figure, const char *text)
{
	page_element(x->p, "td", figure ? "n" : NULL, text);
}

static void table_begin(const struct paper *x, const char *const *titles, size_t first_figure)
{
	page_markup(x->p, "<div class=\"scroll\">\n<table>\n<thead><tr>");
	for (size_t i = 0; titles[i]; i++)
		page_element(x->p, "th", i >= first_figure ? "n" : NULL, say(x, titles[i]));
	page_markup(x->p, "</tr></thead>\n<tbody>\n");
}

static void table_end(const struct paper *x)
{
	page_markup(x->p, "</tbody>\n</table>\n</div>\n");
}

/* --- in short --- */

static void sentence(void *who, const char *text)
{
	const struct paper *x = who;

	page_element(x->p, "li", NULL, text);
}

static void sentences(struct paper *x)
{
	page_markup(x->p, "<ul class=\"points\">\n");
	journey_report_sentences(x->r, x->w, sentence, x);
	page_markup(x->p, "</ul>\n");
}

static void in_short(struct paper *x)
{
	page_section_begin(x->p, say(x, "In short"));
	sentences(x);
	page_section_end(x->p);
}

/* --- the map and its figures --- */

static void the_map(const struct paper *x)
{
	page_section_begin(x->p, say(x, "The journey"));
	journey_draw_map(x->r, x->w, x->p);
	page_element(x->p, "p", "note",
		WORDS_FILL(x->w,
			"From left to right: how many customers were on each stage in these days, and what part of those who came "
			"there went on within %1 days. The curve is how they felt where somebody noted it, from -2 to +2; a hollow "
			"dot stands for fewer than 30. Numbered triangles are explained below.",
			number(x, x->r->j->period.window)));
	page_section_end(x->p);
}

static const char *score_text(const struct paper *x, const struct journey_score *s)
{
	double error;

	if (!journey_score_told(s))
		return "\u2013";
	return words_tenths(x->w, journey_tenths(stats_nps(s->promoters, s->passives, s->detractors, &error).value));
}

static void stage_row(const struct paper *x, unsigned stage)
{
	const struct journey_stage_figures *f = &x->r->map.stages[stage];
	struct stats_interval share = f->n ? stats_share(f->x, f->n) : (struct stats_interval){ 0, 0, 0 };

	page_markup(x->p, "<tr>");
	cell(x, false, journey_stage_said(x->w, stage));
	cell(x, true, number(x, f->members));
	cell(x, true, number(x, f->entries));
	page_markup(x->p, "<td class=\"n\">");
	page_text(x->p, f->n < JOURNEY_ENOUGH ? "\u2013" : words_rate(x->w, f->x, f->n));
	page_markup(x->p, " <span class=\"under\">");
	page_text(x->p, f->n < JOURNEY_ENOUGH ? WORDS_FILL(x->w, "n = %1", number(x, f->n))
					      : WORDS_FILL(x->w, "%1 to %2", bp(x, share.low), bp(x, share.high)));
	page_markup(x->p, "</span></td>\n");
	cell(x, true, f->x ? words_span(x->w, f->median_s) : "\u2013");
	cell(x, true, f->x ? words_span(x->w, f->p90_s) : "\u2013");
	cell(x, true, number(x, f->touches));
	cell(x, true, f->stood ? words_rate(x->w, f->reached, f->stood) : "\u2013");
	cell(x, true, score_text(x, &f->score));
	cell(x, true,
		f->score.answers >= JOURNEY_ENOUGH ? words_rate(x->w, f->score.satisfied, f->score.answers) : "\u2013");
	cell(x, true, number(x, f->returns));
	if (journey_sold_known(x->r->j))
		cell(x, true, words_money(x->w, x->r->j->stage_sold[stage], x->r->scale, NULL));
	page_markup(x->p, "</tr>\n");
}

static void stage_rows(const struct paper *x)
{
	const char *const titles[] = { "Stage", "Are there", "Came there", "Went on", "Half within", "9 in 10 within",
		"Touchpoints", "Reached", "Recommend", "Satisfied", "Returns", journey_sold_known(x->r->j) ? "Sales" : NULL,
		NULL };

	table_begin(x, titles, 1);
	for (unsigned i = 0; i < JOURNEY_STAGES; i++)
		stage_row(x, i);
	table_end(x);
}

static void stages(const struct paper *x)
{
	page_section_begin(x->p, say(x, "Stage by stage"));
	stage_rows(x);
	page_element(x->p, "p", "note",
		WORDS_FILL(x->w,
			"\"Went on\" looks at those who have had their %1 days; below it stands where the true share lies in 95 cases of 100. "
			"\"Reached\" is the part of a stage's customers who had a touchpoint there.",
			number(x, x->r->j->period.window)));
	page_section_end(x->p);
}

static void points(const struct paper *x)
{
	static const char *const titles[] = { "Touchpoint", "Stage", "How often", "Customers", "Feeling", NULL };
	size_t shown = x->r->map.point_count < POINTS_SHOWN * 2 ? x->r->map.point_count : POINTS_SHOWN * 2;

	if (shown == 0)
		return;
	page_section_begin(x->p, say(x, "Touchpoints"));
	table_begin(x, titles, 2);
	for (size_t i = 0; i < shown; i++) {
		const struct journey_point *t = &x->r->map.points[i];

		page_markup(x->p, "<tr>");
		cell(x, false, journey_activity_said(x->r->j, x->w, t->activity));
		cell(x, false, journey_stage_said(x->w, t->stage));
		cell(x, true, number(x, t->count));
		cell(x, true, number(x, t->reached));
		cell(x, true,
			t->mood.n ? WORDS_FILL(x->w, "%1 (n = %2)",
					    words_tenths(x->w, journey_tenths((double)t->mood.sum / (double)t->mood.n)),
					    number(x, t->mood.n))
				  : "\u2013");
		page_markup(x->p, "</tr>\n");
	}
	table_end(x);
	page_section_end(x->p);
}

/* --- planned against actual --- */

static void planned(const struct paper *x)
{
	for (size_t i = 0; i < x->r->plans.count; i++) {
		const struct planned_figures *f = &x->r->planned[i];

		page_section_begin(x->p, WORDS_FILL(x->w, "As planned, or not: \"%1\"", f->plan->name));
		if (f->begun == 0) {
			page_element(x->p, "p", NULL, say(x, "For nobody has this journey begun in these days."));
			page_section_end(x->p);
			continue;
		}
		journey_draw_planned(x->r->j, f, x->w, x->p);
		page_element(x->p, "p", "note",
			WORDS_FILL(x->w,
				"Above the journey as it is planned, below what became of it for the %1 customers for whom it began in "
				"these days. A circle is a conversation, a square something that customers do. What may still come in "
				"time, or waits for a step before it, is awaited; shares are of the others. With something beside the plan: %2.",
				number(x, f->begun), number(x, f->extra_members)));
		if (f->plan->conditional)
			page_element(x->p, "p", "note",
				say(x, "The plan has a condition, which is not looked at here: everybody for whom it began is held against it."));
		page_section_end(x->p);
	}
}

/* --- where it grates --- */

static void friction_item(const struct paper *x, const struct journey_friction *f)
{
	page_markup(x->p, "<li><strong>");
	page_text(x->p, journey_split_said(x->r->j, x->w, f));
	page_markup(x->p, "</strong>, ");
	page_text(x->p,
		WORDS_FILL(x->w, "at \"%1\": %2 go on (n = %3), elsewhere %4 (n = %5).", journey_stage_said(x->w, f->stage),
			words_rate(x->w, f->x1, f->n1), number(x, f->n1), words_rate(x->w, f->x0, f->n0), number(x, f->n0)));
	page_markup(x->p, " <span class=\"note\">");
	page_text(x->p, WORDS_FILL(x->w, "Points fewer: %1, truly between %2 and %3.",
				words_tenths(x->w, journey_tenths(-f->d.value * 100)),
				words_tenths(x->w, journey_tenths(-f->d.high * 100)),
				words_tenths(x->w, journey_tenths(-f->d.low * 100))));
	page_markup(x->p, "</span>\n<span class=\"fill\"><span>");
	page_text(x->p, say(x, "Who sees to it:"));
	page_markup(x->p, "</span><span>");
	page_text(x->p, say(x, "What is done:"));
	page_markup(x->p, "</span><span>");
	page_text(x->p, say(x, "Until:"));
	page_markup(x->p, "</span></span></li>\n");
}

static void fallen(const struct paper *x, const char *name, int64_t count, const char *what)
{
	page_markup(x->p, "<div>\n");
	page_element(x->p, "h3", NULL, say(x, name));
	page_element(x->p, "p", "big", number(x, count));
	page_element(x->p, "p", "what", say(x, what));
	page_markup(x->p, "</div>\n");
}

static void frictions(const struct paper *x)
{
	const struct journey_ways *map = &x->r->map;
	unsigned listed = 0;

	page_section_begin(x->p, say(x, "Where it grates"));
	for (size_t i = 0; i < map->friction_count && listed < JOURNEY_FRICTIONS; i++) {
		if (map->frictions[i].d.value >= 0)
			continue;
		if (listed++ == 0)
			page_markup(x->p, "<ol class=\"points\">\n");
		friction_item(x, &map->frictions[i]);
	}
	if (listed)
		page_markup(x->p, "</ol>\n");
	else
		page_element(x->p, "p", NULL,
			say(x, map->tests ? "Nowhere do noticeably fewer customers go on than elsewhere."
					  : "There are too few customers yet to compare tills, hours or days."));
	page_element(x->p, "p", "note",
		WORDS_FILL(x->w,
			"Compared were shops, tills, cashiers by part of the day, channels and weekdays: %1 comparisons, with care that "
			"chance alone brings none forward. It says where to look, not who is at fault.",
			number(x, (int64_t)map->tests)));
	page_markup(x->p, "<div class=\"fallen\">\n");
	fallen(x, "Returned after an offer", x->r->j->returns_after_offer,
		"returns of a sale on which an offer of yours had been used");
	fallen(x, "Tried again", x->r->j->tries_again, "times the same reward was asked for again within ten minutes");
	fallen(x, "Opened, not sent in", x->r->j->unanswered, "surveys were opened and never sent in");
	page_markup(x->p, "</div>\n");
	page_section_end(x->p);
}

/* --- key figures --- */

static void card(const struct paper *x, const char *class, const char *name, const char *figure, const char *what,
	const char *of)
{
	page_markup(x->p, "<div class=\"kind %s\">\n", class);
	page_element(x->p, "h3", NULL, say(x, name));
	page_element(x->p, "p", "big", figure);
	page_element(x->p, "p", "what", what);
	page_element(x->p, "p", "came", of);
	page_markup(x->p, "</div>\n");
}

static void card_rate(const struct paper *x, const char *class, const char *name, int64_t part, int64_t n, const char *what)
{
	card(x, class, name, n < JOURNEY_ENOUGH ? "\u2013" : words_rate(x->w, part, n), what,
		n < JOURNEY_ENOUGH ? WORDS_FILL(x->w, "n = %1: too few for a rate", number(x, n))
				   : WORDS_FILL(x->w, "n = %1", number(x, n)));
}

static void card_nps(const struct paper *x)
{
	const struct journey_score *s = &x->r->kpi.score;
	int64_t n = s->promoters + s->passives + s->detractors;
	struct stats_interval nps;
	double error;

	if (!journey_score_told(s)) {
		card(x, "", "Recommend (NPS)", "\u2013",
			say(x, "those who give 9 or 10, less those who give 0 to 6, of 100 answers"),
			WORDS_FILL(x->w, "%1 answers, %2 asked: too few to say", number(x, n), number(x, s->asked[0])));
		return;
	}
	nps = stats_nps(s->promoters, s->passives, s->detractors, &error);
	card(x, "", "Recommend (NPS)", words_tenths(x->w, journey_tenths(nps.value)),
		say(x, "those who give 9 or 10, less those who give 0 to 6, of 100 answers"),
		WORDS_FILL(x->w, "n = %1, asked %2; truly between %3 and %4", number(x, n), number(x, s->asked[0]),
			words_tenths(x->w, journey_tenths(nps.low)), words_tenths(x->w, journey_tenths(nps.high))));
}

static void card_silence(const struct paper *x)
{
	const struct journey_kpi *k = &x->r->kpi;
	int64_t all = k->active + k->at_risk + k->lapsed;

	card(x, "evoked", "Still with you", number(x, k->active),
		WORDS_FILL(x->w, "bought in the last %1 days; at risk, less than %2 days: %3; lapsed: %4",
			number(x, k->risk_days), number(x, k->lapsed_days), number(x, k->at_risk), number(x, k->lapsed)),
		k->gaps >= GAPS_ENOUGH
			? WORDS_FILL(x->w,
				  "n = %1; your own rhythm: %3 times somebody came back, 9 in 10 of them within %2 days",
				  number(x, all), number(x, k->lapsed_days), number(x, k->gaps))
			: WORDS_FILL(x->w, "n = %1; usual limits, until somebody has come back 500 times", number(x, all)));
}

static void card_value(const struct paper *x)
{
	const struct journey_kpi *k = &x->r->kpi;
	const char *name = x->r->margin ? "Worth of a customer, a year" : "Sales to a customer, a year";
	const char *what = say(x,
		x->r->margin ? "margin of the last 365 days, times the part of last year's customers who bought again"
			     : "sales of the last 365 days, times the part of last year's customers who bought again");
	int64_t value;

	if (!journey_value(x->r, &value)) {
		card(x, "solicited", name, "\u2013", what, say(x, "not known before two years of sales are"));
		return;
	}
	card(x, "solicited", name, money(x, value), what,
		WORDS_FILL(x->w, "n = %1 customers, of %2 the year before %3 stayed", number(x, k->year_buyers),
			number(x, k->kept_of), words_rate(x->w, k->kept, k->kept_of)));
}

static void card_churn(const struct paper *x)
{
	const struct journey_kpi *k = &x->r->kpi;

	card_rate(x, "evoked", "Lost", k->left, k->stayed_of,
		WORDS_FILL(x->w,
			"of those who were with you when these days began have bought nothing for %1 days or more at their end",
			number(x, k->lapsed_days)));
}

static const char *again_rate(const struct paper *x, const struct journey_again *a)
{
	return a->n < JOURNEY_ENOUGH ? "\u2013" : words_rate(x->w, a->again, a->n);
}

static void card_again(const struct paper *x)
{
	const struct journey_again *closed = &x->r->kpi.settled, *open = &x->r->kpi.unsettled;

	if (closed->n + open->n == 0)
		return;
	card(x, "solicited", "Bought again after a complaint", again_rate(x, closed),
		WORDS_FILL(x->w, "within 90 days, where it was settled (n = %1); where it stayed open: %2 (n = %3)",
			number(x, closed->n), again_rate(x, open), number(x, open->n)),
		say(x, "Observed, not proven: who is looked after may differ from who is not."));
}

static void card_top(const struct paper *x)
{
	const struct journey_kpi *k = &x->r->kpi;

	if (k->year_buyers < JOURNEY_ENOUGH || k->year_spent <= 0)
		return;
	card(x, "spontaneous", "The best fifth", words_rate(x->w, k->money_spent[4], k->year_spent),
		say(x, "of the sales to members were made to the fifth of them who buy for most"),
		WORDS_FILL(x->w, "n = %1, in 365 days: %2", number(x, k->year_buyers), money(x, k->year_spent)));
}

static void card_points(const struct paper *x, size_t unit)
{
	const struct journey_points *p = &x->r->j->points[unit];
	const char *(*said)(const struct paper *x, int64_t n) = p->money ? money : number;
	const char *given = WORDS_FILL(x->w, "%1 %2", said(x, p->earned - p->taken_back), x->r->j->units.at[unit]);
	bool valued = x->r->point_value && !p->money;

	if (p->earned == 0 || x->r->j->period.persona)
		return;
	card(x, "evoked", "Points", valued ? money(x, journey_points_cost(x->r, p)) : given,
		valued ? WORDS_FILL(x->w, "worth of the %1 given in these days", given)
		       : say(x, "given in these days, less what returns took back"),
		WORDS_FILL(x->w, "spent: %1, expired: %2", said(x, p->spent), said(x, p->expired)));
}

/* Who is like which persona is known only behind the last event: sums of one alone are not kept. */
static void card_cost(const struct paper *x)
{
	const struct journey *j = x->r->j;
	int64_t cost = journey_cost(x->r);

	if (j->sold <= 0 || j->period.persona)
		return;
	card(x, "evoked", "What the programme cost", money(x, cost),
		x->r->point_value
			? WORDS_FILL(x->w, "points given in these days, offers %1, complaints made good %2",
				  money(x, j->offered), money(x, j->made_good))
			: WORDS_FILL(x->w,
				  "offers %1, complaints made good %2; without points, as nobody said what one is worth",
				  money(x, j->offered), money(x, j->made_good)),
		WORDS_FILL(x->w, "%1 of the sales to members in these days, %2", words_rate(x->w, cost, j->sold),
			money(x, j->sold)));
}

static void key_figures(const struct paper *x)
{
	const struct journey_kpi *k = &x->r->kpi;

	page_section_begin(x->p, say(x, "Key figures"));
	page_markup(x->p, "<div class=\"grid\">\n");
	card_nps(x);
	card_rate(x, "", "Satisfied (CSAT)", k->score.satisfied, k->score.answers,
		WORDS_FILL(x->w, "answered 4 or 5 of 5; asked: %1", number(x, k->score.asked[1])));
	card_rate(x, "spontaneous", "Came back", k->repeaters, k->buyers,
		say(x, "of those who bought in these days did so on two days or more"));
	card_silence(x);
	card_churn(x);
	card_value(x);
	card_top(x);
	card_rate(x, "solicited", "Made good in time", k->tasks_in_time, k->tasks,
		say(x, "of the unhappy customers whose term ended in these days were looked after within it, two working days"));
	card_again(x);
	card_cost(x);
	for (size_t i = 0; i < x->r->j->points_count; i++)
		card_points(x, i);
	page_markup(x->p, "</div>\n");
	page_section_end(x->p);
}

/* --- who comes back, who came from where --- */

static void cohorts(const struct paper *x)
{
	const struct journey_kpi *k = &x->r->kpi;
	struct chart_row rows[COHORTS_MOST];

	if (k->cohort_count == 0)
		return;
	page_section_begin(x->p, say(x, "First purchases that led to a second"));
	for (size_t i = 0; i < k->cohort_count; i++) {
		const struct journey_cohort *c = &k->cohorts[i];
		bool enough = c->n >= JOURNEY_ENOUGH;

		rows[i] = (struct chart_row){ words_month(x->w, c->month), enough ? palier_share(10000, c->again, c->n) : 0,
			enough ? words_rate(x->w, c->again, c->n) : "\u2013", WORDS_FILL(x->w, "n = %1", number(x, c->n)) };
	}
	chart_bars(x->p, say(x, "First purchases that led to a second"), rows, k->cohort_count);
	page_element(x->p, "p", "note",
		say(x, "By month of the first purchase: the part who bought again within 90 days. Months whose 90 days are not over are "
		       "left out."));
	page_section_end(x->p);
}

static void segments(const struct paper *x)
{
	const int64_t *members = x->r->map.segments;
	struct chart_row rows[ROWS_MOST];
	size_t count = 0;

	for (size_t at = 0; at < SEGMENTS_MOST && count < ROWS_MOST; at++) /* in the order of the way */
		for (size_t i = 0; i < x->r->j->segments.count && count < ROWS_MOST; i++)
			if (members[i] && journey_segment_place(x->r->j->segments.at[i]) == at)
				rows[count++] = (struct chart_row){ journey_segment_said(x->w, x->r->j->segments.at[i]),
					members[i], number(x, members[i]), "" };
	if (count == 0)
		return;
	page_section_begin(x->p, say(x, "Who the customers are today"));
	chart_bars(x->p, say(x, "Who the customers are today"), rows, count);
	page_section_end(x->p);
}

static const char *source_said(const struct paper *x, size_t source)
{
	const char *name = source ? x->r->j->sources.at[source - 1] : "";

	return source == 0                     ? say(x, "not said")
	       : strcmp(name, "referral") == 0 ? say(x, "by a customer's code")
	       : strcmp(name, "other") == 0    ? say(x, "other")
	                                       : name;
}

static int by_value(const void *a, const void *b)
{
	const struct chart_row *x = a, *y = b;

	return x->value > y->value ? -1 : x->value < y->value;
}

static void sources(const struct paper *x)
{
	const struct journey_source *s = x->r->kpi.sources;
	struct chart_row rows[ROWS_MOST];
	size_t count = 0;

	for (size_t i = 0; i <= x->r->j->sources.count && count < ROWS_MOST; i++)
		if (s[i].enrolled)
			rows[count++] = (struct chart_row){ source_said(x, i), s[i].enrolled, number(x, s[i].enrolled),
				s[i].enrolled < JOURNEY_ENOUGH
					? WORDS_FILL(x->w, "bought: %1", number(x, s[i].bought))
					: WORDS_FILL(x->w, "bought: %1", words_rate(x->w, s[i].bought, s[i].enrolled)) };
	if (count == 0)
		return;
	qsort(rows, count, sizeof(*rows), by_value);
	page_section_begin(x->p, say(x, "Where new customers came from"));
	chart_bars(x->p, say(x, "Where new customers came from"), rows, count);
	page_section_end(x->p);
}

static void habits(const struct paper *x)
{
	const struct journey_kpi *k = &x->r->kpi;

	if (k->year_buyers < JOURNEY_ENOUGH)
		return;
	page_section_begin(x->p, say(x, "How lately and how often they buy"));
	page_markup(x->p, "<div class=\"scroll\">\n<table class=\"heat\">\n<tbody>\n");
	for (int recency = 4; recency >= 0; recency--) {
		page_markup(x->p, "<tr>");
		page_element(x->p, "th", NULL, recency == 4 ? say(x, "lately") : recency == 0 ? say(x, "long ago") : "");
		for (int often = 0; often < 5; often++) {
			int64_t share = palier_share(100, k->rf[recency][often], k->year_buyers);

			page_markup(x->p, "<td style=\"background:color-mix(in srgb,var(--soft) %lld%%,transparent)\">",
				(long long)(share * 4 < 100 ? share * 4 : 100));
			page_text(x->p, number(x, k->rf[recency][often]));
			page_markup(x->p, "</td>");
		}
		page_markup(x->p, "</tr>\n");
	}
	page_markup(x->p, "<tr><th></th>");
	for (int often = 0; often < 5; often++)
		page_element(x->p, "td", "note", often == 0 ? say(x, "seldom") : often == 4 ? say(x, "often") : "");
	page_markup(x->p, "</tr>\n</tbody>\n</table>\n</div>\n");
	page_element(x->p, "p", "note",
		WORDS_FILL(x->w, "Customers of the last 365 days (n = %1) in fifths; those who are equal stay together.",
			number(x, k->year_buyers)));
	page_section_end(x->p);
}

/* --- lines and flow --- */

static void lines(const struct paper *x)
{
	page_section_begin(x->p, say(x, "A line for each customer"));
	journey_draw_lines(x->r, x->w, x->p);
	page_section_end(x->p);
}

static void flow(const struct paper *x)
{
	static const char *const titles[] = { "First", "Then", "How often", "Customers", "Half within", NULL };
	size_t shown = x->r->flow.count < EDGES_SHOWN ? x->r->flow.count : EDGES_SHOWN;

	if (shown == 0)
		return;
	page_section_begin(x->p, say(x, "What follows what"));
	table_begin(x, titles, 2);
	for (size_t i = 0; i < shown; i++) {
		const struct journey_edge *e = &x->r->flow.edges[i];

		page_markup(x->p, "<tr>");
		cell(x, false, journey_activity_said(x->r->j, x->w, e->from));
		cell(x, false, journey_activity_said(x->r->j, x->w, e->to));
		cell(x, true, number(x, e->count));
		cell(x, true, number(x, e->members));
		cell(x, true, e->median_s >= 0 ? words_span(x->w, e->median_s) : "\u2013");
		page_markup(x->p, "</tr>\n");
	}
	table_end(x);
	page_section_end(x->p);
}

static void how_counted(const struct paper *x)
{
	static const char *const texts[] = {
		"A customer is a member; sales without a card are not seen. Gift cards and erased customers are left out.",
		"A sale that is voided is as if it had not been. Members who were merged are one.",
		"Rates are given from 30 cases on; n says how many there were.",
		"Answers are what customers say of themselves: use them to find whom to call, not to reward staff.",
	};
	static const char *const over_stores[] = {
		"Over all stores a customer is one, wherever they buy: who buys first in one store and next in another has come back.",
		"Each store judges a customer's stage by what it sees itself. Over all stores the customer stands on the highest of "
		"these stages, and is in the segment that was told last.",
	};

	page_section_begin(x->p, say(x, "How it is counted"));
	page_markup(x->p, "<ul class=\"points note\">\n");
	if (!x->r->j->journeyed)
		page_element(x->p, "li", NULL,
			say(x, "The journal holds no journey, so stages are made out of sales: who enrols is at \"Interaction\", who buys at "
			       "\"Purchase\", who buys on four days within a year at \"Loyalty\"; every touchpoint counts as in the shop."));
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		page_element(x->p, "li", NULL, say(x, texts[i]));
	for (size_t i = 0; x->r->j->stores.count > 1 && i < sizeof(over_stores) / sizeof(*over_stores); i++)
		page_element(x->p, "li", NULL, say(x, over_stores[i]));
	page_markup(x->p, "</ul>\n");
	page_section_end(x->p);
}

void journey_report_short(const struct journey_report *r, const struct words *w, struct page *p)
{
	struct paper x = { r, w, p };

	sentences(&x);
	journey_draw_map(r, w, p);
	stage_rows(&x);
}

const char *journey_period_said(const struct journey_period *period, const struct words *w)
{
	const char *days = WORDS_FILL(w, "From %1 to %2", words_day(w, period->from), words_day(w, period->to));

	return period->persona ? WORDS_FILL(w, "%1; only \"%2\"", days, period->persona) : days;
}

void journey_report_sections(const struct journey_report *r, const struct words *w, struct page *p)
{
	struct paper x = { r, w, p };

	in_short(&x);
	the_map(&x);
	stages(&x);
	planned(&x);
	frictions(&x);
	key_figures(&x);
}

void journey_report_details(const struct journey_report *r, const struct words *w, struct page *p)
{
	const struct paper x = { r, w, p };

	segments(&x);
	cohorts(&x);
	sources(&x);
	habits(&x);
	lines(&x);
	points(&x);
	flow(&x);
}

void journey_report_counted(const struct journey_report *r, const struct words *w, struct page *p)
{
	const struct paper x = { r, w, p };

	how_counted(&x);
}

void journey_report_page(const struct journey_report *r, const struct words *w, struct page *p)
{
	const struct page_head head = { w->language, words_say(w, "The customers' journey"), r->shop,
		journey_period_said(&r->j->period, w) };

	page_begin(p, &head);
	journey_report_sections(r, w, p);
	journey_report_details(r, w, p);
	journey_report_counted(r, w, p);
	page_end(p,
		words_say(w, "Printed by palier. Nobody's name is in it; a line of the picture does not say whose it is."));
}
