/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of a report, in SVG: figures stand beside every shape, so that nothing is told by colour or length alone. */
#pragma once

#include "tools/report/page.h"

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
