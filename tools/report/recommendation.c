/* SPDX-License-Identifier: Apache-2.0 */
/* The page: in short, the four kinds side by side, sponsorship as a funnel, sources as bars, all figures, how they are counted. */
#include "tools/report/recommendation.h"

#include <stddef.h>

#include "tools/report/chart.h"

#define ENOUGH 30 /* below, a rate would say more than is known */

/* Every figure, with its names on the wire and for people. */
static const struct figure {
	const char *kind, *step;
	const char *kind_text, *text;
	size_t offset;
} figures[] = {
#define FIGURE(kind, step, kind_text, text, member) \
	{ \
		kind, step, kind_text, text, offsetof(struct recommendation, member) \
	}
	FIGURE("", "enrolled", "Spontaneous", "Members enrolled", enrolled),
	FIGURE("spontaneous", "said", "Spontaneous", "Said how they had heard of the shop", said),
	FIGURE("evoked", "shown", "Evoked", "Gentle lines shown", shown),
	FIGURE("evoked", "claimed", "Evoked", "Friends within 90 days of one", brought),
	FIGURE("solicited", "asked", "Solicited", "Reviews asked for", asked),
	FIGURE("sponsorship", "issued", "Sponsorship", "Codes given out", issued),
	FIGURE("sponsorship", "claimed", "Sponsorship", "Friends who came", claimed),
	FIGURE("sponsorship", "purchased", "Sponsorship", "Friends who bought", purchased),
	FIGURE("sponsorship", "held", "Sponsorship", "Reached the minimum", held),
	FIGURE("sponsorship", "earned", "Sponsorship", "Sponsors rewarded", earned),
	FIGURE("sponsorship", "void", "Sponsorship", "Void", voided),
	FIGURE("sponsorship", "flagged", "Sponsorship", "Flagged", flagged),
	FIGURE("sponsorship", "clawed", "Sponsorship", "Taken back", clawed),
#undef FIGURE
};

int64_t *recommendation_figure(struct recommendation *r, const char *kind, const char *step)
{
	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++)
		if (strcmp(figures[i].kind, kind) == 0 && strcmp(figures[i].step, step) == 0)
			return (int64_t *)(void *)((char *)r + figures[i].offset);
	return NULL;
}

void recommendation_rows(const struct recommendation *r, const struct words *w,
	void (*visit)(void *who, const char *kind, const char *step, int64_t count), void *who)
{
	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++)
		visit(who, words_say(w, figures[i].kind_text), words_say(w, figures[i].text),
			*(const int64_t *)(const void *)((const char *)r + figures[i].offset));
}

static const char *source_name(const struct words *w, const char *name)
{
	return strcmp(name, "other") == 0 ? words_say(w, "other") : name;
}

/* --- in short --- */

/* The step of sponsorship that the smallest part reaches, among those that can be judged. @return NULL: none can */
static const struct figure *narrowest(const struct recommendation *r, const struct words *w, const char **rate)
{
	const int64_t path[] = { r->issued, r->claimed, r->purchased, r->held, r->earned };
	const size_t first = 5; /* "issued" in figures */
	const struct figure *least = NULL;
	int64_t least_share = 1000;

	for (size_t i = 1; i < sizeof(path) / sizeof(*path); i++) {
		int64_t share =
			path[i - 1] >= ENOUGH && path[i] <= path[i - 1] ? palier_share(1000, path[i], path[i - 1]) : 1000;

		if (share >= least_share)
			continue;
		least_share = share;
		least = &figures[first + i];
		*rate = words_rate(w, path[i], path[i - 1]);
	}
	return least;
}

static void point(struct page *p, const char *first, const char *second, const char *third)
{
	page_markup(p, "<li>");
	page_text(p, first);
	page_markup(p, second[0] ? " " : "");
	page_text(p, second);
	page_markup(p, third[0] ? " " : "");
	page_text(p, third);
	page_markup(p, "</li>\n");
}

static void point_spontaneous(const struct recommendation *r, const struct words *w, struct page *p)
{
	const char *enrolled = r->enrolled ? words_count(w, r->enrolled, "%1 customer enrolled.", "%1 customers enrolled.")
	                                   : words_say(w, "Nobody enrolled in these days.");
	const char *said = r->said ? words_count(w, r->said, "%1 said how they had heard of the shop.",
					     "%1 of them said how they had heard of the shop.")
	                           : "";
	const char *most = r->source_count ? WORDS_FILL(w, "Named most: %1 (%2).", source_name(w, r->sources[0].name),
						     words_number(w, r->sources[0].count))
	                                   : "";

	point(p, enrolled, said, most);
}

static void point_sponsorship(const struct recommendation *r, const struct words *w, struct page *p)
{
	const char *rate = "";
	const struct figure *f = narrowest(r, w, &rate);

	point(p,
		words_count(w, r->claimed, "%1 friend came with a sponsor's code.",
			"%1 friends came with a sponsor's code."),
		words_count(w, r->purchased, "%1 bought.", "%1 of the friends bought."),
		words_count(w, r->earned, "%1 sponsor was rewarded.", "%1 sponsors were rewarded."));
	if (f)
		point(p, WORDS_FILL(w, "The path narrows most before \"%1\": %2 get there.", words_say(w, f->text), rate),
			"", "");
}

static void in_short(const struct recommendation *r, const struct words *w, struct page *p)
{
	page_section_begin(p, words_say(w, "In short"));
	page_markup(p, "<ul class=\"points\">\n");
	point_spontaneous(r, w, p);
	point(p, words_count(w, r->shown, "The gentle line was shown %1 time.", "The gentle line was shown %1 times."),
		words_count(w, r->brought, "%1 friend came by it within 90 days.", "%1 friends came by it within 90 days."),
		"");
	point(p, words_count(w, r->asked, "A review was asked for %1 time.", "A review was asked for %1 times."), "", "");
	point_sponsorship(r, w, p);
	page_markup(p, "</ul>\n");
	page_section_end(p);
}

/* --- the four kinds --- */

static void kind(struct page *p, const char *class, const char *name, const char *figure, const char *what, const char *came)
{
	page_markup(p, "<div class=\"kind %s\">\n", class);
	page_element(p, "h3", NULL, name);
	page_element(p, "p", "big", figure);
	page_element(p, "p", "what", what);
	page_element(p, "p", "came", came);
	page_markup(p, "</div>\n");
}

static const char *came_of_enrolments(const struct recommendation *r, const struct words *w)
{
	if (r->enrolled == 0)
		return words_say(w, "Nobody enrolled in these days.");
	if (r->enrolled < ENOUGH || r->said > r->enrolled)
		return WORDS_FILL(w, "%1 enrolled: too few for a rate.", words_number(w, r->enrolled));
	return WORDS_FILL(w, "That is %1 of the %2 who enrolled.", words_rate(w, r->said, r->enrolled),
		words_number(w, r->enrolled));
}

static const char *came_of_lines(const struct recommendation *r, const struct words *w)
{
	if (r->shown < ENOUGH || r->brought > r->shown)
		return WORDS_FILL(w, "Friends within 90 days: %1. Too few lines for a rate.", words_number(w, r->brought));
	return WORDS_FILL(w, "Friends within 90 days: %1, which is %2.", words_number(w, r->brought),
		words_rate(w, r->brought, r->shown));
}

static void four_kinds(const struct recommendation *r, const struct words *w, struct page *p)
{
	page_section_begin(p, words_say(w, "Four kinds, side by side"));
	page_markup(p, "<div class=\"kinds\">\n");
	kind(p, "spontaneous", words_say(w, "Spontaneous"), words_number(w, r->said),
		words_say(w, "customers said, when they enrolled, how they had heard of the shop"),
		came_of_enrolments(r, w));
	kind(p, "evoked", words_say(w, "Evoked"), words_number(w, r->shown),
		words_say(w, "times a gentle line on the ticket spoke of telling a friend"), came_of_lines(r, w));
	kind(p, "solicited", words_say(w, "Solicited"), words_number(w, r->asked),
		words_say(w, "times a customer was asked for a review, with its QR code"),
		words_say(w, "What came of it stands where reviews are written: palier does not read them."));
	kind(p, "sponsorship", words_say(w, "Sponsorship"), words_number(w, r->claimed),
		words_say(w, "friends came with a sponsor's code"),
		WORDS_FILL(w, "Sponsors rewarded: %1.", words_number(w, r->earned)));
	page_markup(p, "</div>\n");
	page_section_end(p);
}

/* --- sponsorship --- */

/* What a step is of the one before; friends may have come earlier than the days that are counted. */
static const char *step_note(const struct words *w, int64_t before, int64_t now)
{
	if (before < ENOUGH)
		return WORDS_FILL(w, "n = %1: too few for a rate", words_number(w, before));
	if (now > before)
		return words_say(w, "some came before these days");
	return WORDS_FILL(w, "%1 go on (n = %2)", words_rate(w, now, before), words_number(w, before));
}

static void fallen(struct page *p, const struct words *w, const char *name, int64_t count, const char *what)
{
	page_markup(p, "<div>\n");
	page_element(p, "h3", NULL, words_say(w, name));
	page_element(p, "p", "big", words_number(w, count));
	page_element(p, "p", "what", words_say(w, what));
	page_markup(p, "</div>\n");
}

static void sponsorship(const struct recommendation *r, const struct words *w, struct page *p)
{
	struct chart_row rows[] = {
		{ words_say(w, "Codes given out"), r->issued, NULL, "" },
		{ words_say(w, "Friends who came"), r->claimed, NULL, step_note(w, r->issued, r->claimed) },
		{ words_say(w, "Friends who bought"), r->purchased, NULL, step_note(w, r->claimed, r->purchased) },
		{ words_say(w, "Reached the minimum"), r->held, NULL, step_note(w, r->purchased, r->held) },
		{ words_say(w, "Sponsors rewarded"), r->earned, NULL, step_note(w, r->held, r->earned) },
	};
	const size_t count = sizeof(rows) / sizeof(*rows);

	for (size_t i = 0; i < count; i++)
		rows[i].figure = words_number(w, rows[i].value);
	page_section_begin(p, words_say(w, "Sponsorship, step by step"));
	page_markup(p, "<div class=\"box\">\n");
	chart_funnel(p, words_say(w, "Sponsorship, step by step"), rows, count);
	page_markup(p, "</div>\n");
	page_element(p, "h3", "sub", words_say(w, "What fell out"));
	page_markup(p, "<div class=\"fallen\">\n");
	fallen(p, w, "Void", r->voided,
		"sponsorships fell through: the sale was undone or brought back, or a supervisor said no");
	fallen(p, w, "Flagged", r->flagged, "looked odd, and were put before a supervisor");
	fallen(p, w, "Taken back", r->clawed, "rewards were taken back, because the goods came back after all");
	page_markup(p, "</div>\n");
	page_section_end(p);
}

/* --- sources --- */

static void sources(const struct recommendation *r, const struct words *w, struct page *p)
{
	struct chart_row rows[RECOMMENDATION_SOURCES];
	bool enough = r->said >= ENOUGH;

	page_section_begin(p, words_say(w, "How customers heard of the shop"));
	if (r->source_count == 0) {
		page_element(p, "p", NULL, words_say(w, "Nobody said so in these days."));
		page_section_end(p);
		return;
	}
	for (size_t i = 0; i < r->source_count; i++) {
		const struct recommendation_source *s = &r->sources[i];

		rows[i] = (struct chart_row){ source_name(w, s->name), s->count, words_number(w, s->count),
			enough && s->count <= r->said ? words_rate(w, s->count, r->said) : "" };
	}
	page_markup(p, "<div class=\"box\">\n");
	chart_bars(p, words_say(w, "How customers heard of the shop"), rows, r->source_count);
	page_markup(p, "</div>\n");
	page_element(p, "p", "note",
		WORDS_FILL(w, enough ? "Shares are of the %1 who said so." : "%1 answers: too few for shares.",
			words_number(w, r->said)));
	page_section_end(p);
}

/* --- all figures, and how they are counted --- */

struct figures_table {
	struct page *page;
	const struct words *words;
	const char *kind; /* of the row before */
};

static void figures_row(void *who, const char *kind_text, const char *step, int64_t count)
{
	struct figures_table *t = who;
	bool again = t->kind && strcmp(t->kind, kind_text) == 0;

	page_markup(t->page, "<tr>");
	page_element(t->page, "td", NULL, again ? "" : kind_text);
	page_element(t->page, "td", NULL, step);
	page_element(t->page, "td", "n", words_number(t->words, count));
	page_markup(t->page, "</tr>\n");
	t->kind = kind_text;
}

static void all_figures(const struct recommendation *r, const struct words *w, struct page *p)
{
	struct figures_table t = { p, w, NULL };

	page_section_begin(p, words_say(w, "All figures"));
	page_markup(p, "<table>\n<thead><tr>");
	page_element(p, "th", NULL, words_say(w, "Kind"));
	page_element(p, "th", NULL, words_say(w, "What was counted"));
	page_element(p, "th", "n", words_say(w, "How many"));
	page_markup(p, "</tr></thead>\n<tbody>\n");
	recommendation_rows(r, w, figures_row, &t);
	page_markup(p, "</tbody>\n</table>\n");
	page_section_end(p);
}

static void how_counted(const struct words *w, struct page *p)
{
	static const char *const texts[] = {
		"Each step is counted on the day it happened: a friend who bought in these days may have come before them.",
		"A sale that is voided takes back what it had counted.",
		"Rates are given from 30 cases on; n says how many there were.",
		"Nothing is printed for a customer by default: the line, the codes and the review are shown on the screen.",
	};

	page_section_begin(p, words_say(w, "How it is counted"));
	page_markup(p, "<ul class=\"points note\">\n");
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		point(p, words_say(w, texts[i]), "", "");
	page_markup(p, "</ul>\n");
	page_section_end(p);
}

void recommendation_page(const struct recommendation *r, const struct words *w, const char *shop, struct page *p)
{
	const struct page_head head = { w->language, words_say(w, "Recommendation"), shop,
		WORDS_FILL(w, "From %1 to %2", words_day(w, r->from), words_day(w, r->to)) };

	page_begin(p, &head);
	in_short(r, w, p);
	four_kinds(r, w, p);
	sponsorship(r, w, p);
	sources(r, w, p);
	all_figures(r, w, p);
	how_counted(w, p);
	page_end(p, words_say(w, "Printed by palier. Sums only: nobody's name is in it, and nobody can be found from it."));
}
