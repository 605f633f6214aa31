/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/simulate/picture.h"

#include "tools/report/chart.h"
#include "tools/simulate/show.h"

/* What is drawn of a month. */
typedef int64_t month_figure(const struct month *m);

struct picture {
	const struct figures *f;
	const struct words *w;
	struct page *p;
	const char **steps;
};

static int64_t sales_without(const struct month *m)
{
	return m->base_sales;
}

static int64_t sales_with(const struct month *m)
{
	return m->sales;
}

static int64_t remains_without(const struct month *m)
{
	return m->base_margin;
}

static int64_t given_rewards(const struct month *m)
{
	return m->rewards;
}

static int64_t given_credit(const struct month *m)
{
	return m->credit;
}

static int64_t given_offers(const struct month *m)
{
	return m->offers;
}

static int64_t owed_face(const struct month *m)
{
	return m->owed_face;
}

static int64_t owed_expected(const struct month *m)
{
	return m->owed_expected;
}

static int64_t owed_cost(const struct month *m)
{
	return m->owed_cost;
}

static int64_t came(const struct month *m)
{
	return m->friends;
}

static int64_t rewarded(const struct month *m)
{
	return m->sponsors;
}

static int64_t suggested(const struct month *m)
{
	return m->shown;
}

static int64_t taken(const struct month *m)
{
	return m->accepted;
}

/* --- pictures over time --- */

static const char *money_figure(const void *who, int64_t value)
{
	const struct picture *x = who;
	int64_t unit = 1;

	for (unsigned i = 0; i < x->f->scale; i++)
		unit *= 10;
	if (value % unit == 0)
		return words_money(x->w, value / unit, 0, x->f->currency);
	return words_money(x->w, value, x->f->scale, x->f->currency);
}

static const char *count_figure(const void *who, int64_t value)
{
	return words_number(((const struct picture *)who)->w, value);
}

static const int64_t *values_of(const struct picture *x, month_figure *figure)
{
	int64_t *values = palier_alloc(x->w->arena, x->f->month_count * sizeof(*values));

	for (size_t i = 0; i < x->f->month_count; i++)
		values[i] = figure(&x->f->months[i]);
	return values;
}

struct curve {
	const char *label; /* English */
	month_figure *figure;
};

static void time_draw(const struct picture *x, const char *title, bool areas, const struct chart_series *series,
	size_t count, const char *(*figure)(const void *who, int64_t value))
{
	const struct chart_time t = { .steps = x->steps,
		.step_count = x->f->month_count,
		.series = series,
		.series_count = count,
		.figure = figure,
		.who = x };

	(areas ? chart_areas : chart_lines)(x->p, words_say(x->w, title), &t);
}

/* @param curves ended by one without a label */
static void curves_draw(const struct picture *x, const char *title, bool areas, const struct curve *curves,
	const char *(*figure)(const void *who, int64_t value))
{
	struct chart_series series[CHART_SERIES];
	size_t count = 0;

	for (; curves[count].label; count++)
		series[count] =
			(struct chart_series){ words_say(x->w, curves[count].label), values_of(x, curves[count].figure) };
	time_draw(x, title, areas, series, count, figure);
}

static void section_begin(const struct picture *x, const char *title, const char *note)
{
	page_section_begin(x->p, words_say(x->w, title));
	if (note)
		page_element(x->p, "p", "note", words_say(x->w, note));
}

static void section_of(const struct picture *x, const char *title, const char *note, bool areas, const struct curve *curves,
	const char *(*figure)(const void *who, int64_t value))
{
	section_begin(x, title, note);
	page_markup(x->p, "<div class=\"box\">\n");
	curves_draw(x, title, areas, curves, figure);
	page_markup(x->p, "</div>\n");
	page_section_end(x->p);
}

/* --- units and tiers --- */

static void unit_draw(const struct picture *x, size_t unit)
{
	static const char *const labels[] = { "Issued", "Spent", "Lapsed", "Out" };
	struct chart_series series[4];
	size_t n = x->f->month_count;

	for (size_t i = 0; i < 4; i++) {
		int64_t *values = palier_alloc(x->w->arena, n * sizeof(*values));

		for (size_t k = 0; k < n; k++) {
			const struct unit_month *u = &x->f->months[k].units[unit];

			values[k] = i == 0 ? u->issued : i == 1 ? u->spent : i == 2 ? u->lapsed : u->out;
		}
		series[i] = (struct chart_series){ words_say(x->w, labels[i]), values };
	}
	page_element(x->p, "h3", "sub", x->f->units[unit].name);
	page_markup(x->p, "<div class=\"box\">\n");
	time_draw(x, "Points, month by month", false, series, 4, x->f->units[unit].money ? money_figure : count_figure);
	page_markup(x->p, "</div>\n");
}

static void units_draw(const struct picture *x)
{
	if (x->f->unit_count == 0)
		return;
	section_begin(x, "Points, month by month", NULL);
	for (size_t i = 0; i < x->f->unit_count; i++)
		unit_draw(x, i);
	page_section_end(x->p);
}

static void tiers_draw(const struct picture *x)
{
	struct chart_series series[FIGURES_TIERS];

	if (x->f->tier_count == 0)
		return;
	for (size_t i = 0; i < x->f->tier_count; i++) {
		int64_t *values = palier_alloc(x->w->arena, x->f->month_count * sizeof(*values));

		for (size_t k = 0; k < x->f->month_count; k++)
			values[k] = x->f->months[k].tiers[i];
		series[i] = (struct chart_series){ x->f->tiers[i], values };
	}
	section_begin(x, "Members on each tier", NULL);
	page_markup(x->p, "<div class=\"box\">\n");
	time_draw(x, "Members on each tier", true, series, x->f->tier_count, count_figure);
	page_markup(x->p, "</div>\n");
	page_section_end(x->p);
}

/* --- sentences and tables --- */

static void card(const struct picture *x, const char *class, const char *title, const char *figure, const char *what)
{
	page_markup(x->p, "<div class=\"kind %s\">\n", class);
	page_element(x->p, "h3", NULL, words_say(x->w, title));
	page_element(x->p, "p", "big sum", figure);
	page_element(x->p, "p", "what", words_say(x->w, what));
	page_markup(x->p, "</div>\n");
}

/* Whole units of money are enough for a big figure. */
static const char *rounded(const struct picture *x, int64_t minor)
{
	int64_t unit = 1;

	for (unsigned i = 0; i < x->f->scale; i++)
		unit *= 10;
	return words_money(x->w, palier_share(1, minor, unit), 0, x->f->currency);
}

static void cards_draw(const struct picture *x)
{
	const struct month *sum = &x->f->sum;
	int64_t even = figures_break_even(x->f, false);

	page_markup(x->p, "<section>\n<div class=\"kinds\">\n");
	card(x, "", "Given away", rounded(x, month_given(sum)), "in rewards, stored value and offers");
	card(x, "spontaneous", "To pay for itself", even < 0 ? "-" : words_percent(x->w, even),
		"more must be bought than without a programme");
	card(x, "evoked", "Brought", words_percent(x->w, figures_more(x->f)),
		"more was bought here, by suggestions and friends; the rest nobody can promise");
	card(x, "solicited", "Owed at the end", rounded(x, sum->owed_face), "to customers, at the points' face value");
	page_markup(x->p, "</div>\n</section>\n");
}

static void sentences_draw(const struct picture *x, const char *title, const char *const *sentences)
{
	page_section_begin(x->p, words_say(x->w, title));
	page_markup(x->p, "<ul class=\"points\">\n");
	for (; *sentences; sentences++)
		page_element(x->p, "li", NULL, *sentences);
	page_markup(x->p, "</ul>\n");
	page_section_end(x->p);
}

static void row_begin(const struct picture *x, const char *first)
{
	page_markup(x->p, "<tr>");
	page_element(x->p, "td", NULL, first);
}

static void head_row(const struct picture *x, const char *const *titles)
{
	page_markup(x->p, "<div class=\"wide\"><table>\n<thead><tr>");
	for (size_t i = 0; titles[i]; i++)
		page_element(x->p, "th", i ? "n" : NULL, words_say(x->w, titles[i]));
	page_markup(x->p, "</tr></thead>\n<tbody>\n");
}

static void cell(const struct picture *x, const char *text)
{
	page_element(x->p, "td", "n", text);
}

static void month_row(const struct picture *x, const char *name, const struct month *m)
{
	const int64_t amounts[] = { m->base_sales, m->sales, month_given(m), m->base_margin, month_margin(m), m->owed_face,
		m->owed_expected, m->owed_cost, m->breakage };

	row_begin(x, name);
	cell(x, words_number(x->w, m->members));
	cell(x, words_number(x->w, m->visits + m->friend_visits));
	for (size_t i = 0; i < sizeof(amounts) / sizeof(*amounts); i++)
		cell(x, words_money(x->w, amounts[i], x->f->scale, NULL));
	page_markup(x->p, "</tr>\n");
}

static void months_table(const struct picture *x)
{
	static const char *const titles[] = { "Month", "Members", "Visits", "Sales without", "Sales with", "Given away",
		"Remains without", "Remains with", "Owed", "Expected", "At cost", "Breakage", NULL };

	section_begin(x, "All figures", NULL);
	head_row(x, titles);
	for (size_t i = 0; i < x->f->month_count; i++)
		month_row(x, words_month(x->w, x->f->months[i].first / 100), &x->f->months[i]);
	month_row(x, words_say(x->w, "In all"), &x->f->sum);
	page_markup(x->p, "</tbody></table></div>\n");
	page_section_end(x->p);
}

static const char *share(const struct picture *x, int64_t thousandths)
{
	return words_rate(x->w, thousandths, 1000);
}

/* The usual ones have names in both languages; a file's are its own. */
static const char *persona_name(const struct picture *x, const struct cast *cast, const struct persona *who)
{
	return cast->usual ? words_say(x->w, who->name) : who->name;
}

static void cast_table(const struct picture *x, const struct cast *cast)
{
	static const char *const titles[] = { "Who comes", "Share", "Visits a month", "Basket", "Spends points",
		"Takes a suggestion", "Brings a friend a month", "Leaves a month", NULL };
	int64_t weights = 0;

	section_begin(x, "The customers", NULL);
	head_row(x, titles);
	for (size_t i = 0; i < cast->persona_count; i++)
		weights += cast->personas[i].weight;
	for (size_t i = 0; i < cast->persona_count; i++) {
		const struct persona *who = &cast->personas[i];

		row_begin(x, persona_name(x, cast, who));
		cell(x, words_rate(x->w, who->weight, weights));
		cell(x, words_money(x->w, who->visits, 2, NULL));
		cell(x, words_money(x->w, who->basket, x->f->scale, NULL));
		cell(x, share(x, who->redeem));
		cell(x, share(x, who->accept));
		cell(x, share(x, who->refer));
		cell(x, share(x, who->churn));
		page_markup(x->p, "</tr>\n");
	}
	page_markup(x->p, "</tbody></table></div>\n");
	page_section_end(x->p);
}

/* --- the page --- */

static void pictures_draw(const struct picture *x)
{
	section_of(x, "Sales, with the programme and without", NULL, false,
		(const struct curve[]){ { "With", sales_with }, { "Without", sales_without }, { NULL, NULL } },
		money_figure);
	section_of(x, "What remains once the goods are paid", "The programme's gifts are taken off.", false,
		(const struct curve[]){ { "With", month_margin }, { "Without", remains_without }, { NULL, NULL } },
		money_figure);
	section_of(x, "What it gives away", NULL, true,
		(const struct curve[]){ { "Rewards", given_rewards }, { "Stored value", given_credit },
			{ "Offers", given_offers }, { NULL, NULL } },
		money_figure);
	units_draw(x);
	section_of(x, "What the shop owes its customers",
		x->f->month_count < COST_FULL
			? "Points that are out, at each month's end, in three ways of counting."
			: "Points that are out, at each month's end, in three ways of counting. What is expected, and its cost, falls in the twelfth "
			  "month: only then is it known how many will lapse.",
		false,
		(const struct curve[]){ { "Face value", owed_face }, { "Expected", owed_expected }, { "At cost", owed_cost },
			{ NULL, NULL } },
		money_figure);
	tiers_draw(x);
	if (x->f->sum.shown)
		section_of(x, "Suggestions at the till", NULL, false,
			(const struct curve[]){ { "Shown", suggested }, { "Taken", taken }, { NULL, NULL } }, count_figure);
	if (x->f->sum.friends)
		section_of(x, "Friends who came with a code", NULL, false,
			(const struct curve[]){ { "Friends", came }, { "Sponsors rewarded", rewarded }, { NULL, NULL } },
			count_figure);
}

static const char **steps_make(const struct figures *f, const struct words *w)
{
	const char **steps = palier_alloc(w->arena, f->month_count * sizeof(*steps));

	for (size_t i = 0; i < f->month_count; i++)
		steps[i] = palier_format(w->arena, "%02u/%02u", f->months[i].first / 100 % 100,
			f->months[i].first / 10000 % 100);
	return steps;
}

void picture_page(const struct figures *f, const struct cast *cast, const struct words *w, struct page *p)
{
	const struct picture x = { f, w, p, steps_make(f, w) };

	page_begin(p, &(struct page_head){ w->language, words_say(w, "The programme, simulated"), f->shop,
			      WORDS_FILL(w, "From %1 to %2", words_day(w, f->from), words_day(w, f->to)) });
	cards_draw(&x);
	sentences_draw(&x, "In short", show_findings(f, w));
	pictures_draw(&x);
	cast_table(&x, cast);
	months_table(&x);
	sentences_draw(&x, "What it assumes, and does not know", show_warnings(f, w));
	page_end(p,
		WORDS_FILL(w,
			"Simulated by palier with %1 customers and seed %2, through the programme as it is configured. No customer of the shop is in it.",
			words_number(w, cast->customers), words_number(w, f->seed)));
}
