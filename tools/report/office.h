/* SPDX-License-Identifier: Apache-2.0 */
/* A chain's stores side by side, for the head office: recommendation, what the ladder's suggestions bring, the journey. */
#pragma once

#include "tools/report/journey_report.h"
#include "tools/report/ladder.h"

enum office_step {
	OFFICE_ENROLLED,
	OFFICE_ISSUED,
	OFFICE_CLAIMED,
	OFFICE_PURCHASED,
	OFFICE_HELD,
	OFFICE_EARNED,
	OFFICE_STEPS
};
#define OFFICE_STAGES 8

/** Names on the wire, in their order. */
extern const char *const office_step_names[OFFICE_STEPS];
extern const char *const office_stage_names[OFFICE_STAGES];

struct office_store {
	const char *name;
	int64_t batches, missing;
	int64_t steps[OFFICE_STEPS];
	/* Of the ladder's experiment, those offered suggestions and those held out: how many, and their margin or what they spent. */
	struct stats_sums offered, held;
	struct ladder_turnover turnover; /* of both */
	int64_t climbed_offered, climbed_held;
	int64_t share;                /* planned to be held out, hundredths of a per cent; 0: there is no experiment */
	int64_t there[OFFICE_STAGES]; /* members on each stage now */
	const struct journey_report *journey; /* of the batches that are at hand; NULL: there are none */
};

/** A store whose amounts are in another currency: it is in no sum, and not shown. */
struct office_other {
	const char *name, *currency;
};

struct office_report {
	uint32_t from, to;    /* of recommendation and the journey; the ladder is as of now */
	const char *currency; /* "EUR" */
	unsigned scale;       /* decimals of its money */
	bool database;        /* recommendation and the ladder are known */
	struct office_store *stores;
	size_t count;
	const struct office_other *others;
	size_t other_count;
	struct office_store chain; /* sums of all; its journey is that of persons, wherever they buy */
	bool by_margin;            /* the arms' money is margin, in every store; else what was spent */
	int64_t capped;            /* members of whom it counts as the 99.5 % point of all */
	int64_t shared;            /* customers who were in more than one store, ever */
};

void office_turnover_add(struct ladder_turnover *to, const struct ladder_turnover *t);
/** Add the stores up, and count who goes to several. The chain's journey is set before. */
void office_sum(struct office_report *r);
/** Which stores are left out, in a sentence; NULL: none. */
const char *office_left_out(const struct office_report *r, const struct words *w);
/** An amount in minor units, with its currency. */
const char *office_money(const struct office_report *r, const struct words *w, double minor);

/** What the suggestions bring, over all stores. */
enum office_verdict {
	OFFICE_NO_EXPERIMENT,
	OFFICE_TOO_FEW,  /* below 200 in an arm */
	OFFICE_BROKEN,   /* members are not shared out as was planned: no estimate */
	OFFICE_ESTIMATE, /* out is set */
};
enum office_verdict office_uplift(const struct office_report *r, struct stats_interval *out, double *p);

/** Which stores' x of n is another than that of all others together: two-proportion tests, Benjamini and Hochberg at 5 %, where n is 50 at
 * least and the difference 3 points at least. @param odd a flag for each */
void office_odd(const int64_t *x, const int64_t *n, size_t count, bool *odd);

void office_page(const struct office_report *r, const struct words *w, struct page *p);

/** Of the journey, what the page has besides the chain's own: the stores compared, and a map of each. */
void office_journeys(const struct office_report *r, const struct words *w, struct page *p);
void office_maps(const struct office_report *r, const struct words *w, struct page *p);
/** Customers who were in more than one store. */
int64_t office_several(const struct journey *j);
/** Where a store's customers go on noticeably more or less often than elsewhere. @return NULL: they do not */
const struct journey_friction *office_friction(const struct office_report *r, const char *store, unsigned stage);

/** All figures in rows, for machines. @param store NULL: all stores together */
void office_figures(const struct office_report *r,
	void (*visit)(void *who, const char *store, const struct journey_figure *f), void *who);
void office_json(const struct office_report *r, struct palier_json *w);

#define OFFICE_SHOWN 50 /* stores in a table; of more, those that stand out */
