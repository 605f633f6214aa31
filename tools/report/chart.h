/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of a report, in SVG: figures stand beside every shape, so that nothing is told by colour or length alone. */
#pragma once

#include "tools/report/page.h"

/** A picture that is drawn by others, in a grid of its own; it ends with </svg>. */
void chart_begin(struct page *p, const char *about, int64_t width, int64_t height);
/** @param anchor "start", "middle" or "end" */
void chart_text(struct page *p, const char *class, const char *anchor, int64_t x, int64_t y, const char *text);

/** A text with at most so many letters: what is longer ends in dots. */
const char *chart_shortened(struct palier_arena *a, const char *text, size_t letters);

struct chart_row {
	const char *label;
	int64_t value;
	const char *figure; /* the value, as it is written */
	const char *note;   /* what it is of the row before (a funnel) or of all (bars); "": nothing is said */
};

/** What goes in at the top and what is left at each step; widths are in proportion. @param about what the picture shows, for who cannot see it */
void chart_funnel(struct page *p, const char *about, const struct chart_row *rows, size_t count);
/** Bars side by side, the longest as long as there is room. */
void chart_bars(struct page *p, const char *about, const struct chart_row *rows, size_t count);

/** A figure and the interval in which it truly lies, in ten-thousandths of the picture's scale. */
struct chart_span {
	const char *label;
	int64_t low, value, high;
	const char *figure;
};

/** Bars from the low to the high end of each interval, with a mark at the figure, from 0 to the highest of them. */
void chart_spans(struct page *p, const char *about, const struct chart_span *rows, size_t count);

/* --- over time --- */

#define CHART_SERIES 8

struct chart_series {
	const char *label;
	const int64_t *values; /* one a step */
};

struct chart_time {
	const char *const *steps; /* what stands below, "01/27" */
	size_t step_count;        /* at least 1 */
	const struct chart_series *series;
	size_t series_count; /* up to CHART_SERIES; told by colour, dashes and the label at their end */
	/** A value as it is written beside the picture, owned by whoever writes it. */
	const char *(*figure)(const void *who, int64_t value);
	const void *who;
};

/** A line a series. Values may be negative. */
void chart_lines(struct page *p, const char *about, const struct chart_time *t);
/** Areas on top of each other, the first at the bottom. Values are >= 0. */
void chart_areas(struct page *p, const char *about, const struct chart_time *t);
