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
