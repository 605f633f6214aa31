/* SPDX-License-Identifier: Apache-2.0 */
/* One customer's way as a page: what was planned above, what was below, and every touchpoint. */
#pragma once

#include "tools/report/journey_report.h"

/** A step of the plan, or what came beside it. */
struct way_step {
	const char *step; /* NULL: beside the plan */
	const char *touchpoint;
	enum planned_deviation deviation;
	uint32_t due, day; /* 0: none */
};

struct way_touch {
	int64_t at_ms;
	const char *touchpoint, *channel, *device, *stage; /* "": not told */
	int emotion;
	bool felt; /* the emotion was told */
};

struct way {
	const char *shop, *who;                       /* as it was asked for */
	const char *stage, *segment, *persona, *plan; /* "": none */
	const struct way_step *steps;
	size_t step_count;
	const struct way_touch *touches; /* newest first */
	size_t touch_count;
};

void way_page(const struct way *way, const struct words *w, struct page *p);
