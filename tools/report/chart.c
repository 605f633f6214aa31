/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes with their figures. All measures are whole units of the picture's own grid, 736 wide. */
#include "tools/report/chart.h"

#define WIDTH 736

/* A funnel: labels at the left, notes at the right, what is left in the middle. */
#define FUNNEL_LEFT 210 /* of the widest bar */
#define FUNNEL_MOST 320
#define FUNNEL_BAR  46
#define FUNNEL_STEP 78 /* from one bar to the next */
#define FUNNEL_ROOM 76 /* a bar that is wider has its figure inside */

/* Bars. */
#define BARS_LEFT 210
#define BARS_MOST 340
#define BARS_BAR  24
#define BARS_STEP 36

/* Over time: figures at the left, the series' names at the right. */
#define TIME_LEFT   86
#define TIME_RIGHT  540
#define TIME_TOP    16
#define TIME_BOTTOM 250
#define TIME_HEIGHT 284
#define TIME_GRID   4  /* lines across, at most and about */
#define TIME_APART  34 /* of two names */
#define TIME_BELOW  12 /* of a name, for its figure */
#define TIME_STEPS  8  /* names below, at most */

void chart_begin(struct page *p, const char *about, int64_t width, int64_t height)
{
	page_markup(p, "<svg viewBox=\"0 0 %lld %lld\" role=\"img\" aria-label=\"", (long long)width, (long long)height);
	page_text(p, about);
	page_markup(p, "\">\n");
}

static void picture_begin(struct page *p, const char *about, size_t height)
{
	chart_begin(p, about, WIDTH, (int64_t)height);
}

void chart_text(struct page *p, const char *class, const char *anchor, int64_t x, int64_t y, const char *text)
{
	page_markup(p, "<text class=\"%s\" text-anchor=\"%s\" x=\"%lld\" y=\"%lld\">", class, anchor, (long long)x,
		(long long)y);
	page_text(p, text);
	page_markup(p, "</text>\n");
}

const char *chart_shortened(struct palier_arena *a, const char *text, size_t letters)
{
	size_t seen = 0;

	for (size_t i = 0; text[i]; i++) {
		seen += ((unsigned char)text[i] & 0xc0) != 0x80;
		if (seen > letters)
			return palier_format(a, "%.*s\u2026", (int)i, text);
	}
	return text;
}

static int64_t most_of(const struct chart_row *rows, size_t count)
{
	int64_t most = 1;

	for (size_t i = 0; i < count; i++)
		if (rows[i].value > most)
			most = rows[i].value;
	return most;
}

/* What there is of is seen, however little; what there is not of is a hairline. */
static int64_t length_of(int64_t value, int64_t most, int64_t room)
{
	int64_t length = value > 0 ? palier_share(room, value, most) : 0;

	return value > 0 && length < 4 ? 4 : length > 0 ? length : 1;
}

static void funnel_link(struct page *p, int64_t y, int64_t upper, int64_t lower)
{
	const int64_t middle = FUNNEL_LEFT + FUNNEL_MOST / 2, end = y + FUNNEL_STEP - FUNNEL_BAR;

	page_markup(p, "<path class=\"link\" d=\"M%lld %lldH%lldL%lld %lldH%lldZ\"/>\n", (long long)(middle - upper / 2),
		(long long)y, (long long)(middle + upper / 2), (long long)(middle + lower / 2), (long long)end,
		(long long)(middle - lower / 2));
}

static void funnel_bar(struct page *p, int64_t y, int64_t length, const struct chart_row *row)
{
	const int64_t middle = FUNNEL_LEFT + FUNNEL_MOST / 2, base = y + FUNNEL_BAR / 2;
	bool inside = length > FUNNEL_ROOM;

	page_markup(p, "<rect class=\"bar\" x=\"%lld\" y=\"%lld\" width=\"%lld\" height=\"%d\" rx=\"%d\"/>\n",
		(long long)(middle - length / 2), (long long)y, (long long)length, FUNNEL_BAR, length > 12 ? 5 : 1);
	chart_text(p, "label", "start", 0, base + 5, row->label);
	chart_text(p, inside ? "figure inside" : "figure", inside ? "middle" : "start",
		inside ? middle : middle + length / 2 + 10, base + 7, row->figure);
}

void chart_funnel(struct page *p, const char *about, const struct chart_row *rows, size_t count)
{
	int64_t most = most_of(rows, count), before = 0;

	picture_begin(p, about, count * FUNNEL_STEP - (FUNNEL_STEP - FUNNEL_BAR) + 4);
	for (size_t i = 0; i < count; i++) {
		int64_t y = (int64_t)i * FUNNEL_STEP + 2, length = length_of(rows[i].value, most, FUNNEL_MOST);

		if (i > 0)
			funnel_link(p, y - (FUNNEL_STEP - FUNNEL_BAR), before, length);
		funnel_bar(p, y, length, &rows[i]);
		if (rows[i].note[0])
			chart_text(p, "note", "end", WIDTH, y - (FUNNEL_STEP - FUNNEL_BAR) / 2 + 5, rows[i].note);
		before = length;
	}
	page_markup(p, "</svg>\n");
}

void chart_bars(struct page *p, const char *about, const struct chart_row *rows, size_t count)
{
	int64_t most = most_of(rows, count);

	picture_begin(p, about, count * BARS_STEP);
	for (size_t i = 0; i < count; i++) {
		int64_t y = (int64_t)i * BARS_STEP + (BARS_STEP - BARS_BAR) / 2, base = y + BARS_BAR / 2 + 5;
		int64_t length = length_of(rows[i].value, most, BARS_MOST);

		page_markup(p, "<rect class=\"source\" x=\"%d\" y=\"%lld\" width=\"%lld\" height=\"%d\" rx=\"%d\"/>\n",
			BARS_LEFT, (long long)y, (long long)length, BARS_BAR, length > 10 ? 4 : 1);
		chart_text(p, "label", "start", 0, base, rows[i].label);
		chart_text(p, "figure", "start", BARS_LEFT + length + 10, base + 1, rows[i].figure);
		chart_text(p, "note", "end", WIDTH, base, rows[i].note);
	}
	page_markup(p, "</svg>\n");
}

/* --- over time --- */

/* The picture's scale: from low, which is at most 0, in whole rungs up to high. */
struct scale {
	int64_t low, high, rung;
};

static int64_t scale_y(const struct scale *s, int64_t value)
{
	return TIME_BOTTOM - palier_share(TIME_BOTTOM - TIME_TOP, value - s->low, s->high - s->low);
}

static int64_t step_x(const struct chart_time *t, size_t step)
{
	if (t->step_count < 2)
		return TIME_LEFT;
	return TIME_LEFT + palier_share(TIME_RIGHT - TIME_LEFT, (int64_t)step, (int64_t)t->step_count - 1);
}

/* 1, 2 or 5 of a power of ten, so that few lines cover the span. */
static int64_t rung_of(int64_t span)
{
	static const int64_t factors[] = { 1, 2, 5 };

	for (int64_t power = 1;; power *= 10)
		for (size_t i = 0; i < sizeof(factors) / sizeof(*factors); i++)
			if (power * factors[i] * TIME_GRID >= span || power > PALIER_FIGURE_MAX / 100)
				return power * factors[i];
}

static void scale_cover(struct scale *s, int64_t value)
{
	s->low = palier_least(s->low, value);
	s->high = value > s->high ? value : s->high;
}

static void scale_round(struct scale *s)
{
	s->rung = rung_of(s->high - s->low > 0 ? s->high - s->low : 1);
	s->low = -((-s->low + s->rung - 1) / s->rung) * s->rung;
	s->high = (s->high + s->rung - 1) / s->rung * s->rung;
	if (s->high == s->low)
		s->high = s->low + s->rung;
}

static void grid_draw(struct page *p, const struct chart_time *t, const struct scale *s)
{
	size_t every = (t->step_count + TIME_STEPS - 1) / TIME_STEPS;

	for (int64_t value = s->low; value <= s->high; value += s->rung) {
		int64_t y = scale_y(s, value);

		page_markup(p, "<path class=\"grid%s\" d=\"M%d %lldH%d\"/>\n", value ? "" : " zero", TIME_LEFT, (long long)y,
			TIME_RIGHT);
		chart_text(p, "note", "end", TIME_LEFT - 8, y + 5, t->figure(t->who, value));
	}
	for (size_t i = 0; i < t->step_count; i += every)
		chart_text(p, "note", "middle", step_x(t, i), TIME_BOTTOM + 24, t->steps[i]);
}

/* Names beside the ends of their series, moved apart where those lie close. @param ends of each series, where it ends */
static void names_draw(struct page *p, const struct chart_time *t, const int64_t *ends)
{
	int64_t free_from = TIME_TOP - TIME_APART / 2;
	bool named[CHART_SERIES] = { false };

	for (size_t n = 0; n < t->series_count; n++) {
		int64_t room = (int64_t)(t->series_count - n - 1) * TIME_APART, y;
		size_t at = 0;

		while (named[at])
			at++;
		for (size_t i = at + 1; i < t->series_count; i++)
			if (!named[i] && ends[i] < ends[at])
				at = i;
		named[at] = true;
		y = palier_least(ends[at] > free_from ? ends[at] : free_from, TIME_BOTTOM - TIME_BELOW - room);
		page_markup(p, "<path class=\"lead s%zu\" d=\"M%d %lldL%d %lld\"/>\n", at, TIME_RIGHT, (long long)ends[at],
			TIME_RIGHT + 14, (long long)y);
		chart_text(p, "label", "start", TIME_RIGHT + 20, y, t->series[at].label);
		chart_text(p, "note", "start", TIME_RIGHT + 20, y + 15,
			t->figure(t->who, t->series[at].values[t->step_count - 1]));
		free_from = y + TIME_APART;
	}
}

void chart_lines(struct page *p, const char *about, const struct chart_time *t)
{
	struct scale s = { 0, 0, 1 };
	int64_t ends[CHART_SERIES] = { 0 };

	for (size_t i = 0; i < t->series_count; i++)
		for (size_t k = 0; k < t->step_count; k++)
			scale_cover(&s, t->series[i].values[k]);
	scale_round(&s);
	picture_begin(p, about, TIME_HEIGHT);
	grid_draw(p, t, &s);
	for (size_t i = 0; i < t->series_count; i++) {
		page_markup(p, "<path class=\"line s%zu\" d=\"", i);
		for (size_t k = 0; k < t->step_count; k++) {
			ends[i] = scale_y(&s, t->series[i].values[k]);
			page_markup(p, "%s%lld %lld", k ? "L" : "M", (long long)step_x(t, k), (long long)ends[i]);
		}
		page_markup(p, "\"/>\n");
	}
	names_draw(p, t, ends);
	page_markup(p, "</svg>\n");
}

/* Of the first `count` series at a step. */
static int64_t stack_at(const struct chart_time *t, size_t step, size_t count)
{
	int64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += t->series[i].values[step];
	return sum;
}

static void area_draw(struct page *p, const struct chart_time *t, const struct scale *s, size_t at)
{
	page_markup(p, "<path class=\"area s%zu\" d=\"", at);
	for (size_t k = 0; k < t->step_count; k++)
		page_markup(p, "%s%lld %lld", k ? "L" : "M", (long long)step_x(t, k),
			(long long)scale_y(s, stack_at(t, k, at + 1)));
	for (size_t k = t->step_count; k-- > 0;)
		page_markup(p, "L%lld %lld", (long long)step_x(t, k), (long long)scale_y(s, stack_at(t, k, at)));
	page_markup(p, "Z\"/>\n");
}

void chart_areas(struct page *p, const char *about, const struct chart_time *t)
{
	struct scale s = { 0, 0, 1 };
	int64_t middles[CHART_SERIES] = { 0 };
	size_t last = t->step_count - 1;

	for (size_t k = 0; k < t->step_count; k++)
		scale_cover(&s, stack_at(t, k, t->series_count));
	scale_round(&s);
	picture_begin(p, about, TIME_HEIGHT);
	for (size_t i = 0; i < t->series_count; i++) {
		area_draw(p, t, &s, i);
		middles[i] = (scale_y(&s, stack_at(t, last, i)) + scale_y(&s, stack_at(t, last, i + 1))) / 2;
	}
	grid_draw(p, t, &s);
	names_draw(p, t, middles);
	page_markup(p, "</svg>\n");
}

void chart_spans(struct page *p, const char *about, const struct chart_span *rows, size_t count)
{
	int64_t most = 1;

	for (size_t i = 0; i < count; i++)
		most = rows[i].high > most ? rows[i].high : most;
	picture_begin(p, about, count * BARS_STEP);
	for (size_t i = 0; i < count; i++) {
		int64_t y = (int64_t)i * BARS_STEP + (BARS_STEP - BARS_BAR) / 2, base = y + BARS_BAR / 2 + 5;
		int64_t low = BARS_LEFT + palier_share(BARS_MOST, rows[i].low, most),
			value = BARS_LEFT + palier_share(BARS_MOST, rows[i].value, most),
			high = BARS_LEFT + palier_share(BARS_MOST, rows[i].high, most);

		page_markup(p, "<rect class=\"link\" x=\"%lld\" y=\"%lld\" width=\"%lld\" height=\"%d\" rx=\"4\"/>\n",
			(long long)low, (long long)y, (long long)(high > low ? high - low : 1), BARS_BAR);
		page_markup(p, "<rect class=\"bar\" x=\"%lld\" y=\"%lld\" width=\"4\" height=\"%d\"/>\n",
			(long long)value - 2, (long long)y, BARS_BAR);
		chart_text(p, "label", "start", 0, base, rows[i].label);
		chart_text(p, "note", "end", WIDTH, base, rows[i].figure);
	}
	page_markup(p, "</svg>\n");
}
