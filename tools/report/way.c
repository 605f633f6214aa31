/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/report/way.h"

#include <stdlib.h>

#include "tools/report/chart.h"
#include "tools/report/journey_parts.h"

#define WIDTH  1000
#define GUTTER 96
#define ACROSS 6 /* steps in a row */
#define COLUMN ((WIDTH - GUTTER) / ACROSS)
#define PLAN   62  /* middle of what was planned, */
#define ACTUAL 162 /* and of what was */
#define BAND   222
#define BIG    17
#define NAME   19 /* letters */

struct paper {
	const struct way *way;
	const struct words *w;
	struct page *p;
};

static const char *say(const struct paper *x, const char *english)
{
	return words_say(x->w, english);
}

/* --- the picture --- */

static int64_t middle_of(size_t step)
{
	return GUTTER + COLUMN * (int64_t)(step % ACROSS) + COLUMN / 2;
}

static const char *day_said(const struct paper *x, uint32_t day)
{
	char text[16] = "";

	if (day && strcmp(x->w->language, "fr") == 0)
		return palier_format(x->w->arena, "%02u/%02u/%u", day % 100, day / 100 % 100, day / 10000);
	if (day)
		day_format(day, text);
	return palier_cstr(x->w->arena, palier_str(text));
}

static void draw_planned(const struct paper *x, const struct way_step *s, int64_t at, int64_t y)
{
	const long long top = y + PLAN + 44;

	chart_text(x->p, "name", "middle", at, y + PLAN - 32, chart_shortened(x->w->arena, s->step, NAME));
	planned_draw_symbol(x->p, "cj plan", planned_is_action(s->touchpoint), at, y + PLAN, BIG);
	if (s->due)
		chart_text(x->p, "small", "middle", at, y + PLAN + 36, WORDS_FILL(x->w, "until %1", day_said(x, s->due)));
	page_markup(x->p, "<path class=\"cjway\" d=\"M%lld %lldv%d\"/>\n", (long long)at, top, ACTUAL - PLAN - 60);
}

static void draw_actual(const struct paper *x, const struct way_step *s, int64_t at, int64_t y)
{
	static const char *const states[] = { "Done", "Late", "Felt bad", "Missing", "Beside it" };

	planned_draw_mark(x->p, s->deviation, planned_is_action(s->touchpoint), at, y + ACTUAL);
	chart_text(x->p, "small", "middle", at, y + ACTUAL + 26,
		WORDS_FILL(x->w, s->day ? "%1: %2" : "%1", say(x, states[s->deviation]), day_said(x, s->day)));
	chart_text(x->p, "small", "middle", at, y + ACTUAL + 42,
		chart_shortened(x->w->arena, journey_touchpoint_said(x->w, s->touchpoint), NAME));
}

/* Is anything planned in the row that begins here? */
static bool has_plan(const struct paper *x, size_t first)
{
	for (size_t i = first; i < first + ACROSS && i < x->way->step_count; i++)
		if (x->way->steps[i].step)
			return true;
	return false;
}

static void draw(const struct paper *x)
{
	size_t bands = (x->way->step_count + ACROSS - 1) / ACROSS;

	page_markup(x->p, "<div class=\"scroll map\">\n");
	chart_begin(x->p, say(x, "The planned journey above, what became of each step below."), WIDTH,
		(int64_t)bands * BAND);
	for (size_t band = 0; band < bands; band++) {
		if (has_plan(x, band * ACROSS))
			chart_text(x->p, "name", "start", 2, (int64_t)(band * BAND) + PLAN + 4, say(x, "Planned"));
		chart_text(x->p, "name", "start", 2, (int64_t)(band * BAND) + ACTUAL + 4, say(x, "What was"));
	}
	for (size_t i = 0; i < x->way->step_count; i++) {
		const struct way_step *s = &x->way->steps[i];
		int64_t y = (int64_t)(i / ACROSS * BAND);

		if (s->step)
			draw_planned(x, s, middle_of(i), y);
		draw_actual(x, s, middle_of(i), y);
	}
	page_markup(x->p, "</svg>\n</div>\n");
}

static void planned(const struct paper *x)
{
	if (!x->way->plan[0])
		return;
	page_section_begin(x->p, WORDS_FILL(x->w, "As planned, or not: \"%1\"", x->way->plan));
	if (x->way->step_count)
		draw(x);
	else
		page_element(x->p, "p", NULL, say(x, "Nothing of it was to come yet."));
	page_element(x->p, "p", "note",
		say(x, "A circle is a conversation, a square something that the customer does. What may still come in time is not shown."));
	page_section_end(x->p);
}

/* --- in words --- */

static void pair(const struct paper *x, const char *name, const char *value)
{
	if (value[0])
		page_element(x->p, "li", NULL, WORDS_FILL(x->w, "%1: %2", say(x, name), value));
}

static const char *stage_said(const struct paper *x, const char *stage)
{
	for (unsigned i = 0; i < JOURNEY_STAGES; i++)
		if (strcmp(journey_stage_names[i], stage) == 0)
			return journey_stage_said(x->w, i);
	return stage;
}

static void standing(const struct paper *x)
{
	page_section_begin(x->p, say(x, "In short"));
	page_markup(x->p, "<ul class=\"points\">\n");
	pair(x, "Stage", x->way->stage[0] ? stage_said(x, x->way->stage) : say(x, "none yet"));
	pair(x, "Segment", journey_segment_said(x->w, x->way->segment));
	pair(x, "Persona", x->way->persona);
	page_markup(x->p, "</ul>\n");
	page_section_end(x->p);
}

static const char *channel_said(const struct paper *x, const char *channel)
{
	for (unsigned i = 0; i < CHANNELS; i++)
		if (strcmp(journey_channel_names[i], channel) == 0)
			return journey_channel_said(x->w, i);
	return channel;
}

static const char *felt_said(const struct paper *x, const struct way_touch *t)
{
	if (!t->felt)
		return "\u2013";
	return palier_format(x->w->arena, "%s%d", t->emotion > 0 ? "+" : t->emotion < 0 ? "\u2212" : "", abs(t->emotion));
}

static void touch_row(const struct paper *x, const struct way_touch *t)
{
	unsigned minute = zone_minute(t->at_ms);
	const char *where = channel_said(x, t->channel);

	page_markup(x->p, "<tr>");
	page_element(x->p, "td", NULL, words_day(x->w, zone_day(t->at_ms)));
	page_element(x->p, "td", "n", palier_format(x->w->arena, "%02u:%02u", minute / 60, minute % 60));
	page_element(x->p, "td", NULL, journey_touchpoint_said(x->w, t->touchpoint));
	page_element(x->p, "td", NULL, t->device[0] ? WORDS_FILL(x->w, "%1 (%2)", where, t->device) : where);
	page_element(x->p, "td", "n", felt_said(x, t));
	page_element(x->p, "td", NULL, t->stage[0] ? stage_said(x, t->stage) : "");
	page_markup(x->p, "</tr>\n");
}

static void touches(const struct paper *x)
{
	static const char *const titles[] = { "Day", "Hour", "Touchpoint", "Where", "Feeling", "Led to" };

	page_section_begin(x->p, say(x, "Touchpoints, the newest first"));
	page_markup(x->p, "<div class=\"scroll\">\n<table>\n<thead><tr>");
	for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++)
		page_element(x->p, "th", i == 1 || i == 4 ? "n" : NULL, say(x, titles[i]));
	page_markup(x->p, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < x->way->touch_count; i++)
		touch_row(x, &x->way->touches[i]);
	page_markup(x->p, "</tbody>\n</table>\n</div>\n");
	page_element(x->p, "p", "note", say(x, "Feelings go from \u22122, very bad, to +2, very good."));
	page_section_end(x->p);
}

void way_page(const struct way *way, const struct words *w, struct page *p)
{
	const struct paper x = { way, w, p };
	const struct page_head head = { w->language, words_say(w, "One customer's way"), way->shop, way->who };

	page_begin(p, &head);
	standing(&x);
	planned(&x);
	touches(&x);
	page_end(p,
		words_say(w, "Printed by palier for the customer's file: show it to nobody but those who look after them."));
}
