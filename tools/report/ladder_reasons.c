/* SPDX-License-Identifier: Apache-2.0 */
/* Why what could have been suggested was not: the daemon's reasons, in words. */
#include "tools/report/ladder.h"

const struct ladder_reason ladder_reasons[LADDER_REASONS] = {
	{ "condition", "Its condition did not hold" },
	{ "out_of_stock", "It was out of stock" },
	{ "in_basket", "It was in the basket already" },
	{ "no_gain", "It would have gained nothing" },
	{ "holdout", "The member is shown nothing, so that the rest can be compared" },
	{ "asked_twice", "The member had been asked twice within a week" },
	{ "declined", "The member had refused it not long before" },
	{ "returned", "The member had brought it back once" },
	{ "complaint", "A complaint of the member's was open" },
	{ "no_consent", "The member does not agree to be profiled" },
};

void ladder_reason_count(struct ladder_figures *f, struct palier_bytes name, int64_t count)
{
	for (size_t i = 0; i < LADDER_REASONS; i++)
		if (palier_is(name, ladder_reasons[i].name))
			f->filtered[i] += count;
}

bool ladder_any_filtered(const struct ladder_figures *f)
{
	bool any = false;

	for (size_t i = 0; i < LADDER_REASONS; i++)
		any = any || f->filtered[i] > 0;
	return any;
}
