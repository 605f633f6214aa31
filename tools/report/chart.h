/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of a report, in SVG: figures stand beside every shape, so that nothing is told by colour or length alone. */
#pragma once

#include "tools/report/page.h"

/** A picture that is drawn by others, in a grid of its own; it ends with </svg>. */
void chart_begin(struct page *p, const char *about, int64_t width, int64_t height);
/** @param anchor "start", "middle" or "end" */
void chart_text(struct page *p, const char *class, const char *anchor, int64_t x, int64_t y, const char *text);

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
