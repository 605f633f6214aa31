/* SPDX-License-Identifier: Apache-2.0 */
/* The totals of a day, reckoned again from its event lines alone, and compared with those that its tail line states. */
#pragma once

#include "tools/report/events.h"

/* The core's, in the order in which they are named in totals.c; then each unit's: by cause, and two more. */
enum { TOTALS_CORE = 6, TOTALS_UNIT = 13 };

/** Zeroed is nothing. */
struct totals {
	int64_t core[TOTALS_CORE];
	struct totals_unit {
		char *name;
		int64_t sums[TOTALS_UNIT];
	} * units;
	size_t count;
};

/** What an event adds. @return false: a sum left what a figure holds */
bool totals_event(struct totals *t, const struct booked *e);
/** @return false likewise */
bool totals_add(struct totals *t, const struct totals *more);
void totals_free(struct totals *t);

/** Compare with a tail line.
 * @param ever since the first day, this one included; NULL: not known, and what depends on it is passed over
 * @param why  a sentence, when they differ */
bool totals_agree(const struct totals *day, const struct totals *ever, struct palier_bytes tail, char *why, size_t size);
/** What a tail line states since the first day. @return false: it is no tail line */
bool totals_read(struct palier_bytes tail, struct totals *out);
