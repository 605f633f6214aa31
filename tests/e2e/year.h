/* SPDX-License-Identifier: Apache-2.0 */
/* A made-up year of a shop with a journey, written as its closed days: chained, counted and sealed as palierd writes them, the same again from
 * the same figures. Whoever writes it knows what the map of the year must show. */
#pragma once

#include "protocol/messages.h"

#define YEAR_FIRST  20250101
#define YEAR_DAYS   365
#define YEAR_STAGES 8 /* awareness to ambassador */

struct year_plan {
	const char *data; /* a ledger just made by `palierd init` */
	uint32_t members;
	uint32_t cohort;  /* so many come at a time, and are seen no more once the next come; divides the members */
	unsigned touches; /* of each member; the first is the enrolment */
};

/** What was written. */
struct year_told {
	int64_t events; /* with the closes */
	struct year_stage {
		int64_t members;           /* who stand there at the end */
		int64_t entries;           /* who came there */
		int64_t touches[CHANNELS]; /* of those who stood there then */
		int64_t moods, mood_sum;
	} stages[YEAR_STAGES];
	int64_t buyers, spent, points;
};

/** Write journal/1.jsonl to 365.jsonl and the members' keys, with a bar on stderr. */
void year_write(const struct year_plan *plan, struct year_told *out);
/** The n-th member's card: that of palier-bench. @param text 14 bytes */
void year_card(uint32_t member, char *text);
struct palier_id year_member(uint32_t member);
