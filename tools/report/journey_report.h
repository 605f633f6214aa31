/* SPDX-License-Identifier: Apache-2.0 */
/* All that is known of a journey, made and shown: as a page, as JSON, as figures in rows. */
#pragma once

#include <stdio.h>

#include "tools/report/journey.h"
#include "tools/report/page.h"
#include "tools/report/planned.h"
#include "tools/report/words.h"

#define JOURNEY_ENOUGH 30 /* answers or customers; below, a rate would say more than is known */

#define JOURNEY_FRICTIONS 9 /* that have a number on the page */

struct journey_report {
	const struct journey *j;
	struct journey_ways map;
	struct journey_kpi kpi;
	struct journey_flow flow;
	const char *shop;
	const char *currency;            /* "EUR"; "": not known */
	unsigned scale;                  /* decimals of its money */
	int64_t margin;                  /* of 10,000 of what is sold; 0: not known */
	struct plans plans;              /* of the configuration */
	struct planned_figures *planned; /* of each plan */
	int64_t point_value;             /* thousandths of the smallest coin; 0: not known */
};

/** @param r with j and what the shop says of itself set */
void journey_report_make(struct journey_report *r);
void journey_report_deinit(struct journey_report *r);

/** Recommended by so many fewer that the score may not be told: too few answers, or nobody knows of how many. */
bool journey_score_told(const struct journey_score *s);
/** What the points of the period cost. */
int64_t journey_points_cost(const struct journey_report *r, const struct journey_points *p);
/** What the programme gave away in the period: points, where their worth is known, offers, and what made complaints good. */
int64_t journey_cost(const struct journey_report *r);
/** What a customer brings in a year, by what they spent and how many stayed. @return false: not known */
bool journey_value(const struct journey_report *r, int64_t *out);

/** "Purchase", as an id of words_say, and in the reader's language. */
extern const char *const journey_stage_english[];
const char *journey_stage_said(const struct words *w, unsigned stage);
/** Of a touchpoint: those that palier makes itself have names in every language. */
const char *journey_activity_said(const struct journey *j, const struct words *w, uint16_t activity);
/** The same by its name. */
const char *journey_touchpoint_said(const struct words *w, const char *touchpoint);
/** Where a segment stands on the way; those of elsewhere are last. */
#define SEGMENTS_MOST 9
size_t journey_segment_place(const char *segment);
/** "Regular" */
const char *journey_segment_said(const struct words *w, const char *segment);
/** A friction's place: "Till: till-2". */
const char *journey_split_said(const struct journey *j, const struct words *w, const struct journey_friction *f);
/** What stands out, a sentence each. */
void journey_report_sentences(const struct journey_report *r, const struct words *w,
	void (*visit)(void *who, const char *sentence), void *who);
/** A plan above, what became of it below; and one mark of it. */
void journey_draw_planned(const struct journey *j, const struct planned_figures *f, const struct words *w, struct page *p);
void planned_draw_symbol(struct page *p, const char *class, bool action, int64_t x, int64_t y, int64_t half);
void planned_draw_mark(struct page *p, enum planned_deviation deviation, bool action, int64_t x, int64_t y);
/** The map, and a line for each of some customers, as pictures. */
void journey_draw_map(const struct journey_report *r, const struct words *w, struct page *p);
void journey_draw_lines(const struct journey_report *r, const struct words *w, struct page *p);

void journey_report_page(const struct journey_report *r, const struct words *w, struct page *p);
/** Parts of it, for a page that has more: what counts; who, when and what in detail; how it is counted. */
void journey_report_sections(const struct journey_report *r, const struct words *w, struct page *p);
void journey_report_details(const struct journey_report *r, const struct words *w, struct page *p);
void journey_report_counted(const struct journey_report *r, const struct words *w, struct page *p);
/** What stands out, the map and its table, without a title. */
void journey_report_short(const struct journey_report *r, const struct words *w, struct page *p);
/** "From 1 June 2026 to 26 November 2026", and of which persona. */
const char *journey_period_said(const struct journey_period *period, const struct words *w);
void journey_report_json(const struct journey_report *r, struct palier_json *w);

/** A figure in a row. Shares and means are ten-thousandths. */
struct journey_figure {
	const char *part, *item, *measure;
	int64_t value;
	unsigned decimals; /* of value, low, high */
	bool interval;
	int64_t low, high;
	int64_t n; /* of how many; -1: of none */
};
void journey_report_figures(const struct journey_report *r, void (*visit)(void *who, const struct journey_figure *f),
	void *who);
/** A line of CSV, and what stands above such lines. */
#define JOURNEY_CSV_HEAD "part,item,measure,value,low,high,n\r\n"
void journey_figure_csv(FILE *out, const struct journey_figure *f);
