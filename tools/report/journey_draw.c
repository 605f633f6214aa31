/* SPDX-License-Identifier: Apache-2.0 */
/* The map as a picture: stages side by side, the band of customers that runs through them, how they felt, where they were touched and where it
 * grates. And a line of dots for each of some customers. All measures are whole units of a grid 1000 wide. */
#include "tools/report/chart.h"
#include "tools/report/journey_parts.h"
#include "tools/report/journey_report.h"

#define WIDTH  1000
#define GUTTER 92 /* for what the rows are called */
#define COLUMN 113
#define NODE   44 /* width of a stage's part of the band */

#define BAND_TOP    66
#define BAND_MOST   110
#define BAND_MIDDLE (BAND_TOP + BAND_MOST / 2)
#define LOST_LINE   (BAND_TOP + BAND_MOST + 22)
#define MOOD_TOP    (LOST_LINE + 26)
#define MOOD_HIGH   96
#define MOOD_MIDDLE (MOOD_TOP + MOOD_HIGH / 2)
#define MOOD_UNIT   20
#define ROWS_TOP    (MOOD_TOP + MOOD_HIGH + 18)
#define ROW         38
#define DOT_MOST    15

struct drawing {
	const struct journey_report *r;
	const struct words *w;
	struct page *p;
};

static int64_t middle_of(unsigned stage)
{
	return GUTTER + COLUMN * (int64_t)stage + COLUMN / 2;
}

static void rule(struct page *p, int64_t y)
{
	page_markup(p, "<path class=\"rule\" d=\"M0 %lldH%d\"/>\n", (long long)y, WIDTH);
}

/* --- the band --- */

static int64_t height_of(const struct drawing *d, unsigned stage)
{
	int64_t most = 1, stood = d->r->map.stages[stage].stood, height;

	for (unsigned i = 0; i < JOURNEY_STAGES; i++)
		most = d->r->map.stages[i].stood > most ? d->r->map.stages[i].stood : most;
	height = palier_share(BAND_MOST, stood, most);
	return stood > 0 && height < 3 ? 3 : height;
}

/* From a stage to the next: as high as the part that went on. */
static void draw_link(const struct drawing *d, unsigned stage)
{
	const struct journey_stage_figures *f = &d->r->map.stages[stage];
	int64_t from = middle_of(stage) + NODE / 2, to = middle_of(stage + 1) - NODE / 2, bend = (from + to) / 2;
	int64_t left = f->n ? palier_share(height_of(d, stage), f->x, f->n) : 0, right = height_of(d, stage + 1);

	if (left == 0 || right == 0)
		return;
	right = right < left ? right : left;
	page_markup(d->p,
		"<path class=\"link\" d=\"M%lld %lldC%lld %lld %lld %lld %lld %lldV%lldC%lld %lld %lld %lld %lld %lldZ\"/>\n",
		(long long)from, (long long)(BAND_MIDDLE - left / 2), (long long)bend, (long long)(BAND_MIDDLE - left / 2),
		(long long)bend, (long long)(BAND_MIDDLE - right / 2), (long long)to, (long long)(BAND_MIDDLE - right / 2),
		(long long)(BAND_MIDDLE + right - right / 2), (long long)bend, (long long)(BAND_MIDDLE + right - right / 2),
		(long long)bend, (long long)(BAND_MIDDLE + left - left / 2), (long long)from,
		(long long)(BAND_MIDDLE + left - left / 2));
}

static void draw_step(const struct drawing *d, unsigned stage)
{
	const struct journey_stage_figures *f = &d->r->map.stages[stage];
	int64_t x = middle_of(stage) + COLUMN / 2;

	if (stage + 1 == JOURNEY_STAGES || f->n == 0)
		return;
	if (f->n < JOURNEY_ENOUGH) {
		chart_text(d->p, "small", "middle", x, LOST_LINE, WORDS_FILL(d->w, "n = %1", words_number(d->w, f->n)));
		return;
	}
	chart_text(d->p, "name", "middle", x, BAND_MIDDLE + 5, words_rate(d->w, f->x, f->n));
	chart_text(d->p, "lost", "middle", x, LOST_LINE,
		palier_format(d->w->arena, "\u2212%s", words_rate(d->w, f->n - f->x, f->n)));
}

static void draw_band(const struct drawing *d)
{
	for (unsigned i = 0; i + 1 < JOURNEY_STAGES; i++)
		draw_link(d, i);
	for (unsigned i = 0; i < JOURNEY_STAGES; i++) {
		int64_t height = height_of(d, i);

		if (height)
			page_markup(d->p,
				"<rect class=\"bar\" x=\"%lld\" y=\"%lld\" width=\"%d\" height=\"%lld\" rx=\"%d\"/>\n",
				(long long)(middle_of(i) - NODE / 2), (long long)(BAND_MIDDLE - height / 2), NODE,
				(long long)height, height > 10 ? 4 : 1);
		draw_step(d, i);
	}
	chart_text(d->p, "small", "start", 2, BAND_MIDDLE + 5, words_say(d->w, "Go on"));
	chart_text(d->p, "small", "start", 2, LOST_LINE, words_say(d->w, "Do not"));
}

static void draw_heads(const struct drawing *d)
{
	chart_text(d->p, "small", "start", 2, 44, words_say(d->w, "Were there"));
	for (unsigned i = 0; i < JOURNEY_STAGES; i++) {
		chart_text(d->p, "name", "middle", middle_of(i), 18, journey_stage_said(d->w, i));
		chart_text(d->p, "figure", "middle", middle_of(i), 44, words_number(d->w, d->r->map.stages[i].stood));
	}
}

/* --- how they felt --- */

static int64_t mood_y(const struct journey_mood *mood)
{
	return MOOD_MIDDLE - (int64_t)((double)mood->sum / (double)mood->n * MOOD_UNIT);
}

static void draw_mood(const struct drawing *d)
{
	const char *step = "M";

	for (int level = -2; level <= 2; level += 2) {
		page_markup(d->p, "<path class=\"rule\" d=\"M%d %dH%d\"/>\n", GUTTER, MOOD_MIDDLE - level * MOOD_UNIT,
			WIDTH);
		chart_text(d->p, "small", "end", GUTTER - 8, MOOD_MIDDLE - level * MOOD_UNIT + 4,
			palier_format(d->w->arena, "%s%d",
				level > 0   ? "+"
				: level < 0 ? "\u2212"
					    : "",
				level < 0 ? -level : level));
	}
	chart_text(d->p, "small", "start", 2, MOOD_MIDDLE + 4, words_say(d->w, "Feeling"));
	page_markup(d->p, "<path class=\"curve\" d=\"M%d %d", GUTTER, MOOD_MIDDLE);
	for (unsigned i = 0; i < JOURNEY_STAGES; i++) {
		const struct journey_mood *mood = &d->r->map.stages[i].mood;

		if (mood->n)
			page_markup(d->p, "%s%lld %lld", step, (long long)middle_of(i), (long long)mood_y(mood));
		step = mood->n ? "L" : step;
	}
	page_markup(d->p, "\"/>\n");
	for (unsigned i = 0; i < JOURNEY_STAGES; i++) {
		const struct journey_mood *mood = &d->r->map.stages[i].mood;

		if (mood->n == 0)
			continue;
		page_markup(d->p, "<circle class=\"%s\" cx=\"%lld\" cy=\"%lld\" r=\"6\"/>\n",
			mood->n < JOURNEY_ENOUGH ? "hollow" : "dot", (long long)middle_of(i), (long long)mood_y(mood));
		chart_text(d->p, "name", "middle", middle_of(i), mood_y(mood) - 12,
			words_tenths(d->w, journey_tenths((double)mood->sum / (double)mood->n)));
	}
}

/* --- touchpoints and friction --- */

static int64_t root_of(int64_t n)
{
	int64_t root = 0;

	while ((root + 1) * (root + 1) <= n)
		root++;
	return root;
}

static void draw_channel(const struct drawing *d, unsigned channel, int64_t y, int64_t most)
{
	chart_text(d->p, "small", "start", 2, y + 4, journey_channel_said(d->w, channel));
	for (unsigned i = 0; i < JOURNEY_STAGES; i++) {
		int64_t count = d->r->map.stages[i].channels[channel], size;

		if (count == 0)
			continue;
		size = root_of(palier_share(DOT_MOST * DOT_MOST, count, most)); /* areas are in proportion */
		page_markup(d->p, "<circle class=\"touch\" cx=\"%lld\" cy=\"%lld\" r=\"%lld\"/>\n",
			(long long)(middle_of(i) - 20), (long long)y, (long long)(size > 2 ? size : 2));
		chart_text(d->p, "label", "start", middle_of(i) + 2, y + 5, words_number(d->w, count));
	}
}

/* @return where the next row is */
static int64_t draw_channels(const struct drawing *d)
{
	int64_t y = ROWS_TOP + ROW / 2, most = 1;

	for (unsigned i = 0; i < JOURNEY_STAGES * CHANNELS; i++) {
		int64_t count = d->r->map.stages[i / CHANNELS].channels[i % CHANNELS];

		most = count > most ? count : most;
	}
	for (unsigned channel = 0; channel < CHANNELS; channel++) {
		int64_t all = 0;

		for (unsigned i = 0; i < JOURNEY_STAGES; i++)
			all += d->r->map.stages[i].channels[channel];
		if (all == 0)
			continue;
		draw_channel(d, channel, y, most);
		y += ROW;
	}
	return y;
}

static void draw_mark(const struct drawing *d, int64_t x, int64_t y, size_t number)
{
	page_markup(d->p, "<path class=\"mark\" d=\"M%lld %lldl12 20h-24Z\"/>\n", (long long)x, (long long)(y - 12));
	chart_text(d->p, "marked", "middle", x, y + 5, palier_format(d->w->arena, "%zu", number));
}

static bool grates(const struct journey_ways *map)
{
	for (size_t i = 0; i < map->friction_count; i++)
		if (map->frictions[i].d.value < 0)
			return true;
	return false;
}

static void draw_frictions(const struct drawing *d, int64_t y)
{
	unsigned here[JOURNEY_STAGES] = { 0 };

	chart_text(d->p, "small", "start", 2, y + 4, words_say(d->w, "It grates"));
	for (size_t i = 0, number = 0; i < d->r->map.friction_count; i++) {
		const struct journey_friction *f = &d->r->map.frictions[i];

		if (f->d.value >= 0)
			continue;
		number++;
		if (number <= JOURNEY_FRICTIONS && here[f->stage] < 3)
			draw_mark(d, middle_of(f->stage) - 20 + 26 * here[f->stage]++, y, number);
	}
}

void journey_draw_map(const struct journey_report *r, const struct words *w, struct page *p)
{
	const struct drawing d = { r, w, p };
	int64_t rows = grates(&r->map), y;

	for (unsigned channel = 0; channel < CHANNELS; channel++)
		for (unsigned i = 0; i < JOURNEY_STAGES; i++)
			if (r->map.stages[i].channels[channel]) {
				rows++;
				break;
			}
	page_markup(p, "<div class=\"scroll map\">\n");
	chart_begin(p, words_say(w, "The journey from stage to stage; the table below has the same figures."), WIDTH,
		ROWS_TOP + rows * ROW + 4);
	draw_heads(&d);
	draw_band(&d);
	rule(p, LOST_LINE + 12);
	draw_mood(&d);
	rule(p, ROWS_TOP - 4);
	y = draw_channels(&d);
	if (grates(&r->map))
		draw_frictions(&d, y);
	page_markup(p, "</svg>\n</div>\n");
}

/* --- a line for each --- */

#define LINES_MOST 40
#define LINE       12
#define LINES_TOP  24
#define MONTH_WIDE 100 /* the longest name of a month with its year */

/* Every so many of those who have a line; who came first stands first. */
struct lines_drawing {
	struct drawing d;
	int64_t every, seen, taken;
	struct {
		uint32_t first_s, number;
	} lines[LINES_MOST];
};

/* @param first_s when the line begins */
static bool is_shown(const struct journey *j, const struct journey_line *line, uint32_t *first_s)
{
	unsigned shown = 0;

	for (size_t i = 0; i < line->count && shown < 2; i++) {
		if (!journey_shows(j, &line->at[i]))
			continue;
		*first_s = shown++ ? *first_s : line->at[i].at_s;
	}
	return shown == 2;
}

static void line_see(void *who, const struct journey_line *line)
{
	struct lines_drawing *l = who;
	uint32_t first_s = 0;

	l->seen += is_shown(l->d.r->j, line, &first_s);
}

static void line_take(void *who, const struct journey_line *line)
{
	struct lines_drawing *l = who;
	uint32_t first_s = 0;
	int64_t at;

	if (!is_shown(l->d.r->j, line, &first_s) || l->seen++ % l->every != 0)
		return;
	for (at = l->taken++; at > 0 && l->lines[at - 1].first_s > first_s; at--)
		l->lines[at] = l->lines[at - 1];
	l->lines[at].first_s = first_s;
	l->lines[at].number = line->number;
}

static int64_t time_x(const struct journey *j, uint32_t at_s)
{
	return GUTTER + palier_share(WIDTH - GUTTER - 10, at_s - j->from_s, j->end_s - j->from_s);
}

static void draw_touch(struct page *p, const struct journey_touch *t, int64_t x, int64_t y)
{
	const long long left = x, top = y;

	if (t->what & IS_RETURN)
		page_markup(p, "<path class=\"back\" d=\"M%lld %lldl5 8h-10Z\"/>\n", left, top - 4);
	else if (t->what & IS_PURCHASE)
		page_markup(p, "<circle class=\"buy\" cx=\"%lld\" cy=\"%lld\" r=\"4\"/>\n", left, top);
	else if (t->what & IS_ENROL)
		page_markup(p, "<rect class=\"enrol\" x=\"%lld\" y=\"%lld\" width=\"7\" height=\"7\"/>\n", left - 3,
			top - 3);
	else if (t->what & IS_SURVEY)
		page_markup(p, "<path class=\"asked\" d=\"M%lld %lldl5 5l-5 5l-5 -5Z\"/>\n", left, top - 5);
	else
		page_markup(p, "<circle class=\"other\" cx=\"%lld\" cy=\"%lld\" r=\"3\"/>\n", left, top);
}

static void line_draw(void *who, const struct journey_line *line)
{
	struct lines_drawing *l = who;
	const struct journey *j = l->d.r->j;
	int64_t y = LINES_TOP, at = 0;

	while (at < l->taken && l->lines[at].number != line->number)
		at++;
	if (at == l->taken)
		return;
	y += at * LINE;
	rule(l->d.p, y);
	for (size_t i = 0; i < line->count; i++)
		if (journey_shows(j, &line->at[i]))
			draw_touch(l->d.p, &line->at[i], time_x(j, line->at[i].at_s), y);
}

/* What the shapes mean, and where the months begin; as many are named as there is room for. */
static void draw_legend(const struct drawing *d, int64_t y)
{
	static const struct {
		uint8_t what;
		const char *text;
	} shapes[] = { { IS_PURCHASE, "Purchase" }, { IS_RETURN, "Return" }, { IS_ENROL, "Enrolment" },
		{ IS_SURVEY, "Survey" }, { 0, "other" } };
	const struct journey *j = d->r->j;
	int64_t x = GUTTER, free = 0;

	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++, x += 150) {
		const struct journey_touch t = { .what = shapes[i].what };

		draw_touch(d->p, &t, x + 4, y);
		chart_text(d->p, "small", "start", x + 16, y + 4, words_say(d->w, shapes[i].text));
	}
	for (uint32_t day = day_add_months(j->period.from / 100 * 100 + 1, j->period.from % 100 != 1); day <= j->period.to;
		day = day_add_months(day, 1)) {
		int64_t at = time_x(j, (uint32_t)(zone_midnight(day) / 1000));

		page_markup(d->p, "<path class=\"rule\" d=\"M%lld 16V%lld\"/>\n", (long long)at, (long long)y - 14);
		if (at < free || at >= WIDTH - MONTH_WIDE)
			continue;
		chart_text(d->p, "small", "start", at + 4, 11, words_month(d->w, day / 100));
		free = at + MONTH_WIDE;
	}
}

void journey_draw_lines(const struct journey_report *r, const struct words *w, struct page *p)
{
	struct lines_drawing l = { .d = { r, w, p } };
	int64_t all, height;

	journey_each(r->j, line_see, &l);
	if (l.seen == 0) {
		page_element(p, "p", "note", words_say(w, "Nobody was touched twice in these days."));
		return;
	}
	all = l.seen;
	l.every = (all + LINES_MOST - 1) / LINES_MOST;
	l.seen = 0;
	journey_each(r->j, line_take, &l);
	height = LINES_TOP + l.taken * LINE;
	if (l.every > 1)
		page_element(p, "p", "note",
			WORDS_FILL(w, "%1 customers of %2, taken evenly.", words_number(w, l.taken), words_number(w, all)));
	page_markup(p, "<div class=\"scroll map\">\n");
	chart_begin(p, words_say(w, "A line for each customer, a mark for each touchpoint."), WIDTH, height + 30);
	draw_legend(&l.d, height + 16);
	journey_each(r->j, line_draw, &l);
	page_markup(p, "</svg>\n</div>\n");
}
