/* SPDX-License-Identifier: Apache-2.0 */
/* What a simulation found, month by month: what customers did comes from the play, what the programme did from the ledger's own journal. */
#pragma once

#include "protocol/bytes.h"
#include "tools/report/cost.h"

#define FIGURES_MONTHS 60
#define FIGURES_UNITS  8
#define FIGURES_TIERS  8

/** Of a unit in a month. */
struct unit_month {
	int64_t issued, spent, lapsed;
	int64_t out; /* at its end */
};

struct month {
	uint32_t first; /* its first day */
	/* the play */
	int64_t customers; /* who come, at its end; friends apart */
	int64_t visits, base_sales, base_margin;
	int64_t friends; /* who came for the first time */
	int64_t friend_visits, friend_sales, friend_margin;
	int64_t more_sales, more_margin; /* suggestions that were taken */
	/* the ledger */
	int64_t members; /* in all, at its end */
	int64_t receipts, sales;
	int64_t rewards, credit, offers; /* given: off the price for points, as stored value, off the price by offers */
	int64_t shown, accepted, declined;
	int64_t claims, sponsors;
	int64_t tiers[FIGURES_TIERS]; /* members, at its end */
	struct unit_month units[FIGURES_UNITS];
	/* what follows */
	int64_t owed_face, owed_expected, owed_cost;
	int64_t breakage; /* of the points out, what is not expected to be spent: at its face */
};

struct unit {
	const char *name;
	bool money;
	int64_t spent, value;        /* what was given for points spent on rewards */
	struct cost_issue *triangle; /* FIGURES_MONTHS of them */
	int64_t share;               /* of those issued, expected ever to be spent: hundredths of a per cent */
};

struct figures {
	uint32_t from, to; /* days */
	int64_t seed;
	const char *shop, *currency;
	unsigned scale;
	int64_t margin; /* usual, thousandths of a price */
	size_t month_count, unit_count, tier_count;
	struct month months[FIGURES_MONTHS];
	struct unit units[FIGURES_UNITS];
	const char *tiers[FIGURES_TIERS]; /* from the lowest */
	int64_t refused;                  /* redemptions that the programme refused after all */
	struct month sum;                 /* of all months; what stands at an end is that of the last */
};

/** What is owed at each month's end, breakage, and the sums. */
void figures_finish(struct figures *f);

/** What the programme gives away. */
int64_t month_given(const struct month *m);
/** What remains of the sales, the programme's gifts taken off. */
int64_t month_margin(const struct month *m);
/** A unit's points in money: at what they fetched on rewards in this simulation. */
int64_t unit_worth(const struct unit *u, int64_t points);

/** What one point is worth when it is spent, and what one that is issued costs, as not all are: hundredths of the smallest coin. */
int64_t unit_each(const struct unit *u);
int64_t unit_cost(const struct unit *u);
/** The same in goods at the usual margin, where what is given replaces no sale. */
int64_t figures_in_goods(const struct figures *f, int64_t cost);

/** How much more customers must buy for it to pay for itself, hundredths of a per cent; < 0: it cannot. @param all also when everything out is spent */
int64_t figures_break_even(const struct figures *f, bool all);
/** How much more was sold, by suggestions and friends, in hundredths of a per cent of what is sold without a programme. */
int64_t figures_more(const struct figures *f);
