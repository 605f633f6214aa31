/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of a report of journeys and how it is shown in a terminal: the same by palier, of one store, and by palier-hq, of all. */
#pragma once

#include "tools/cli.h"
#include "tools/report/journey_report.h"

#define JOURNEY_OPTIONS \
	{ "window", "DAYS", "within how many days a customer must go on to count (default: 90)" }, \
		{ "persona", "NAME", "only the customers of this persona" }, \
		{ "margin", "PERCENT", "what is left of sales, to reckon what a customer is worth (default: sales)" }, \
	{ \
		"point-value", "AMOUNT", "what a point is worth, to reckon what the points cost: 0.01" \
	}

/** Read JOURNEY_OPTIONS. @param currency NULL: not known @return PALIER_OK, or what was reported */
int journeys_ask(struct cli *cli, const char *currency, struct journey_report *r, struct journey_period *period);
/** Take --timezone, or else `usual`; NULL: this machine's. @return PALIER_OK, or what was reported */
int journeys_zone(struct cli *cli, const char *usual);
/** Stage by stage, and what stands out. */
void journeys_show(struct cli *cli, const struct words *w, const struct journey_report *r);
