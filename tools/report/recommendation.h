/* SPDX-License-Identifier: Apache-2.0 */
/* The four kinds of recommendation as a page for the shopkeeper. */
#pragma once

#include "tools/report/page.h"
#include "tools/report/words.h"

#define RECOMMENDATION_SOURCES 64 /* that are shown */

struct recommendation_source {
	const char *name;
	int64_t count;
};

/** What recommendation.report answered. */
struct recommendation {
	uint32_t from, to;
	int64_t enrolled, said, shown, brought /* friends, within 90 days of a line */, asked;
	int64_t issued, claimed, purchased, held, earned, voided, flagged, clawed;
	struct recommendation_source sources[RECOMMENDATION_SOURCES]; /* most first */
	size_t source_count;
};

/** A figure by its names on the wire; NULL: there is no such step. */
int64_t *recommendation_figure(struct recommendation *r, const char *kind, const char *step);
/** The figures as rows: the kind, the step, what it is called and how many. @param visit is given texts in the reader's language */
void recommendation_rows(const struct recommendation *r, const struct words *w,
	void (*visit)(void *who, const char *kind, const char *step, int64_t count), void *who);

void recommendation_page(const struct recommendation *r, const struct words *w, const char *shop, struct page *p);
