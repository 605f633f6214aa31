/* SPDX-License-Identifier: Apache-2.0 */
/* The deviation diagram: the planned journey above, what became of each of its steps below. A circle is a communication point, a square an action;
 * each kind of deviation has a mark of its own, so that none is told by colour alone. */
#include "tools/report/chart.h"
#include "tools/report/journey_parts.h"
#include "tools/report/journey_report.h"

#define WIDTH   1000
#define GUTTER  96 /* for what the rows are called */
#define ACROSS  5  /* steps in a row, behind where they begin */
#define COLUMN  ((WIDTH - GUTTER) / (ACROSS + 1))
#define PLANNED 62 /* middle of the planned symbols */
#define BELOW   150
#define ROW     34
#define STATES  5 /* done, late, failed, missing, awaited */
#define BAND    (BELOW + STATES * ROW + 14)
#define BIG     17 /* half a symbol */
#define SMALL   9
#define LETTERS 19 /* of a name over a symbol */
#define EXTRAS  4

struct drawing {
	const struct planned_figures *f;
	const struct journey *j;
	const struct words *w;
	struct page *p;
};

static int64_t middle_of(size_t column)
{
	return GUTTER + COLUMN * (int64_t)column + COLUMN / 2;
}

void planned_draw_symbol(struct page *p, const char *class, bool action, int64_t x, int64_t y, int64_t half)
{
	if (action)
		page_markup(p, "<rect class=\"%s\" x=\"%lld\" y=\"%lld\" width=\"%lld\" height=\"%lld\" rx=\"2\"/>\n", class,
			(long long)(x - half), (long long)(y - half), (long long)(2 * half), (long long)(2 * half));
	else
		page_markup(p, "<circle class=\"%s\" cx=\"%lld\" cy=\"%lld\" r=\"%lld\"/>\n", class, (long long)x,
			(long long)y, (long long)half);
}

void planned_draw_mark(struct page *p, enum planned_deviation deviation, bool action, int64_t x, int64_t y)
{
	static const char *const classes[] = { "cj done", "cj late", "cj failed", "cj missing", "cj extra" };
	static const char *const marks[] = { "m-4 0l3 4l6 -8", "v-5m0 5h4", "m-4 -4l8 8m-8 0l8 -8", "",
		"m-5 0h10m-5 -5v10" };

	planned_draw_symbol(p, classes[deviation], action, x, y, SMALL);
	if (marks[deviation][0])
		page_markup(p, "<path class=\"cjmark\" d=\"M%lld %lld%s\"/>\n", (long long)x, (long long)y,
			marks[deviation]);
}

static const char *shortened(const struct drawing *d, const char *text)
{
	return chart_shortened(d->w->arena, text, LETTERS);
}

static void draw_symbol(const struct drawing *d, int64_t x, int64_t y, const char *name, const char *touchpoint,
	const char *below)
{
	chart_text(d->p, "name", "middle", x, y + PLANNED - 36, shortened(d, name));
	planned_draw_symbol(d->p, "cj plan", planned_is_action(touchpoint), x, y + PLANNED, BIG);
	chart_text(d->p, "small", "middle", x, y + PLANNED + 34, shortened(d, journey_touchpoint_said(d->w, touchpoint)));
	chart_text(d->p, "small", "middle", x, y + PLANNED + 50, below);
}

static void draw_arrow(const struct drawing *d, int64_t from, int64_t to, int64_t y)
{
	const long long left = from + BIG + 4, right = to - BIG - 4, at = y + PLANNED;

	page_markup(d->p, "<path class=\"cjway\" d=\"M%lld %lldH%lldm-6 -4l6 4l-6 4\"/>\n", left, at, right);
}

static const char *within_said(const struct drawing *d, const struct plan_step *step)
{
	if (step->within == PLANNED_EVER)
		return step->channel == PLANNED_ANY ? "" : journey_channel_said(d->w, (unsigned)step->channel);
	return step->channel == PLANNED_ANY
	               ? WORDS_FILL(d->w, "within %1", words_span(d->w, (int64_t)step->within * DAY_S))
	               : WORDS_FILL(d->w, "%1, within %2", journey_channel_said(d->w, (unsigned)step->channel),
				 words_span(d->w, (int64_t)step->within * DAY_S));
}

/* "62% (50)", or of few how many. */
static const char *share_said(const struct drawing *d, size_t step, enum planned_deviation deviation)
{
	int64_t x = d->f->steps[step][deviation], n = planned_judged(d->f, step);

	if (deviation == PLANNED_AWAITED || n < JOURNEY_ENOUGH)
		return words_number(d->w, x);
	return WORDS_FILL(d->w, "%1 (%2)", words_rate(d->w, x, n), words_number(d->w, x));
}

static void draw_states(const struct drawing *d, size_t step, int64_t x, int64_t y)
{
	const bool action = planned_is_action(d->f->plan->steps[step].touchpoint);

	for (unsigned state = 0; state < STATES; state++) {
		int64_t at = y + BELOW + ROW * (int64_t)state;

		if (d->f->steps[step][state] == 0)
			chart_text(d->p, "small", "middle", x, at + 4, "\u2013");
		else if (state == PLANNED_AWAITED)
			chart_text(d->p, "small", "middle", x, at + 4, share_said(d, step, state));
		else {
			planned_draw_mark(d->p, state, action, x - 34, at);
			chart_text(d->p, "label", "start", x - 18, at + 5, share_said(d, step, state));
		}
	}
}

static void draw_gutter(const struct drawing *d, int64_t y)
{
	static const char *const states[] = { "Done", "Late", "Felt bad", "Missing", "Awaited" };

	chart_text(d->p, "name", "start", 2, y + PLANNED + 4, words_say(d->w, "Planned"));
	for (unsigned i = 0; i < STATES; i++)
		chart_text(d->p, i == PLANNED_AWAITED ? "small" : "name", "start", 2, y + BELOW + ROW * (int64_t)i + 4,
			words_say(d->w, states[i]));
	page_markup(d->p, "<path class=\"rule\" d=\"M0 %lldH%d\"/>\n", (long long)(y + BELOW - 22), WIDTH);
}

/* Where the journey begins stands before the first step. */
static void draw_band(const struct drawing *d, size_t first, size_t count, int64_t y)
{
	const struct plan_step *steps = d->f->plan->steps;

	draw_gutter(d, y);
	if (first == 0) {
		draw_symbol(d, middle_of(0), y, journey_touchpoint_said(d->w, steps[0].from), steps[0].from,
			words_say(d->w, "(beginning)"));
		chart_text(d->p, "figure", "middle", middle_of(0), y + BELOW + 6, words_number(d->w, d->f->begun));
		chart_text(d->p, "small", "middle", middle_of(0), y + BELOW + 24, words_say(d->w, "customers"));
	}
	for (size_t i = 0; i < count; i++) {
		const struct plan_step *step = &steps[first + i];
		int64_t x = middle_of(i + 1);

		draw_arrow(d, middle_of(i), x, y);
		draw_symbol(d, x, y, step->name, step->touchpoint, within_said(d, step));
		draw_states(d, first + i, x, y);
	}
}

static void draw_extras(const struct drawing *d, int64_t y)
{
	chart_text(d->p, "name", "start", 2, y + 4, words_say(d->w, "Beside it"));
	for (size_t i = 0; i < d->f->extra_count && i < EXTRAS; i++) {
		const struct planned_extra *e = &d->f->extras[i];
		int64_t x = GUTTER + 14 + (WIDTH - GUTTER) / EXTRAS * (int64_t)i;

		planned_draw_mark(d->p, PLANNED_EXTRA, planned_is_action(journey_activity(d->j, e->activity)), x, y);
		chart_text(d->p, "label", "start", x + 18, y + 5,
			WORDS_FILL(d->w, "%1 (%2)", shortened(d, journey_activity_said(d->j, d->w, e->activity)),
				words_number(d->w, e->count)));
	}
}

void journey_draw_planned(const struct journey *j, const struct planned_figures *f, const struct words *w, struct page *p)
{
	const struct drawing d = { f, j, w, p };
	size_t bands = (f->plan->count + ACROSS - 1) / ACROSS;

	page_markup(p, "<div class=\"scroll map\">\n");
	chart_begin(p, words_say(w, "The planned journey above, what became of each step below."), WIDTH,
		(int64_t)bands * BAND + (f->extra_count ? ROW : 0));
	for (size_t band = 0; band < bands; band++)
		draw_band(&d, band * ACROSS,
			f->plan->count - band * ACROSS < ACROSS ? f->plan->count - band * ACROSS : ACROSS,
			(int64_t)(band * BAND));
	if (f->extra_count)
		draw_extras(&d, (int64_t)(bands * BAND) + ROW / 2 - 6);
	page_markup(p, "</svg>\n</div>\n");
}
