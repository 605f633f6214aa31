/* SPDX-License-Identifier: Apache-2.0 */
/* The purchase ladder: what was suggested and what came of it, what that brought against members who are shown nothing, and what another way of
 * choosing would have brought.
 * ladder_fold.c reads it from journal files, ladder_reasons.c names reasons, ladder_policy.c weighs other ways of choosing, ladder_uplift.c judges
 * the experiment, ladder.c writes the page. */
#pragma once

#include "protocol/stats.h"
#include "tools/report/events.h"
#include "tools/report/names.h"
#include "tools/report/page.h"
#include "tools/report/words.h"

#define LADDER_ENOUGH   30    /* below, a rate would say more than is known */
#define LADDER_ARM      200   /* members in each arm, from which the means of money are told */
#define LADDER_ESS      500   /* effective suggestions, from which another way of choosing is judged */
#define LADDER_PLANNED  5000  /* members for whom looking at any time is most exact */
#define LADDER_KNOWN    80    /* per cent of the turnover whose margin must be known, so that margins are compared */
#define LADDER_CAP_PART 0.995 /* totals above this point of both arms together count as that */

struct ladder_rung {
	const char *ladder, *rung;
	int64_t shown, accepted, declined, revenue, margin;
	int64_t estimated; /* so many of the margins are, by their category */
	int64_t pending;   /* of those shown, so many have a coupon that may still be used: their outcome is not told */
	int64_t told, told_accepted; /* whose outcome the till told: a rate of these alone means something */
	double regret;               /* minor units */
};

/** Members of the experiment. */
struct ladder_arm {
	struct stats_sums money; /* of how many, and what they brought: margin, or what they spent */
	int64_t climbed;
};

/** What is known of the money of both arms. */
struct ladder_turnover {
	int64_t spent, known; /* of what was spent, the part whose margin is known */
	int64_t estimated;    /* of that, what only its category tells */
};

/** Another way of choosing, reckoned from suggestions that were chosen by chance. Money in minor units a suggestion. */
struct ladder_policy {
	double ips, snips, ess;
	struct stats_interval gained; /* more than what was done */
	bool same;                    /* never was there anything else to choose */
};

struct ladder_choices {
	int64_t judged; /* suggestions whose draw the journal reproduces, of the first place, and whose outcome was told */
	int64_t left_out;
	int64_t uniform;        /* of these, drawn at random */
	double done, at_random; /* what they brought: all, and those drawn at random */
	struct ladder_policy popular, even;
};

/** By which rules was chosen, and when. */
struct ladder_rules {
	const char *name;  /* the daemon's, of what decides */
	uint32_t from, to; /* the first and the last day on which they chose, of those asked for */
	int64_t shown;
};

/** Why something was not suggested: as the daemon calls it, and in a report. */
struct ladder_reason {
	const char *name, *text;
};
#define LADDER_REASONS 10
extern const struct ladder_reason ladder_reasons[LADDER_REASONS]; /* in the order in which they are looked at */

struct ladder_figures {
	uint32_t from, to, today;
	char store[33]; /* whose journal it is; "" not told */
	bool folded;    /* from the journal: all below is known; else from the daemon's sums */
	struct ladder_rung *rungs;
	size_t rung_count;
	int64_t filtered[LADDER_REASONS]; /* not suggested, by reason */
	unsigned share;                   /* of members held out, hundredths of a per cent */
	uint32_t start, until;            /* of the experiment; 0: not told */
	struct ladder_arm offered, held;
	bool by_margin; /* the money of the arms is margin; else what was spent */
	struct ladder_turnover turnover;
	int64_t capped, cap; /* members whose total was capped, at how much */
	int64_t customers;   /* who bought in the last 365 days; of the daemon's sums, those of the experiment */
	struct ladder_choices choices;
	struct ladder_rules *rules; /* as they came into use */
	size_t rules_count;
	unsigned scale;       /* decimals of money */
	const char *currency; /* "EUR"; "" unknown */
	struct names room;    /* of what is pointed to above */
};

/** Fold them from journal files. @param out its from, to and today are set, the rest is zero @return as events_each */
int ladder_fold(const struct event_files *files, struct progress *bar, struct ladder_figures *out, char *why);
void ladder_figures_deinit(struct ladder_figures *f);
/** Count a reason. @param name the daemon's; one that is unknown here is passed over */
void ladder_reason_count(struct ladder_figures *f, struct palier_bytes name, int64_t count);
bool ladder_any_filtered(const struct ladder_figures *f);

/** Is the margin known of enough of it to be compared? Where it is known of the products on ladders alone, whoever buys one of them instead of
 * another would seem to bring all of its margin, not the difference. */
bool ladder_margin_known(const struct ladder_turnover *t);

/* --- other ways of choosing (ladder_policy.c) --- */

#define LADDER_CANDIDATES 8

/** A suggestion as it was chosen. */
struct ladder_choice {
	uint32_t rung, day, experiment; /* the experiment's index when it was booked */
	bool accepted, told, uniform, undone;
	uint64_t draw;
	int64_t friction;
	struct palier_bytes decision;
	struct ladder_option {
		uint32_t rung;
		uint16_t a, b;
		int64_t gain;
	} options[LADDER_CANDIDATES];
	uint8_t count; /* 0: what it was chosen from is not known */
};

/** Judge what lies in from..to. @param salts of the experiments, in their order @param rungs their names, by number */
void ladder_choices_of(const struct ladder_choice *at, size_t count, const struct names *salts, const struct names *rungs,
	uint32_t from, uint32_t to, struct progress *bar, struct ladder_choices *out);

/* --- the experiment (ladder_uplift.c) --- */

enum ladder_verdict {
	LADDER_NO_TEST, /* nobody is held out, or nobody came yet */
	LADDER_BROKEN,  /* the arms are not as large as planned: nothing that follows would be true */
	LADDER_NO_END,  /* no last day was planned */
	LADDER_RUNNING, /* it is not over */
	LADDER_TOO_FEW,
	LADDER_UNCERTAIN, /* the interval holds 0 */
	LADDER_MORE,
	LADDER_LESS,
};

struct ladder_uplift {
	double chi2, p; /* of the sizes */
	enum ladder_verdict share, money;
	struct stats_interval climbed, brought; /* offered less held; of use from LADDER_UNCERTAIN on */
	/* How many members a test takes: to see a fifth more climb, and 3 % more spent. */
	double rate,
		spread; /* supposed: the share that climbs, and the deviation of a member's total, as a part of the mean */
	bool supposed;  /* they are the usual ones, nothing being known yet */
	double need_share, need_money;
};

/** @param any_time an interval that may be looked at any day, instead of one for the planned end */
void ladder_uplift_of(const struct ladder_figures *f, bool any_time, struct ladder_uplift *out);
/** Cap totals at the LADDER_CAP_PART point. @param totals of both arms, sorted in place @return the cap */
int64_t ladder_cap_of(int64_t *totals, size_t count);

/* --- words and the page (ladder.c) --- */

#define LADDER_MIXED "The rules changed in these days, so what other ways would have brought is reckoned of a mix."

/** Rows of figures for a table or a spreadsheet: section, row, figure's name, and its value as text. */
typedef void ladder_row(void *who, const char *section, const char *row, const char *figure, const char *value);
void ladder_rows(const struct ladder_figures *f, const struct ladder_uplift *u, struct palier_arena *a, ladder_row *visit,
	void *who);
/** "12.50" as the language writes it, with the currency. */
const char *ladder_money(const struct ladder_figures *f, const struct words *w, double minor);
/** What is compared, and of how much of the turnover the margin is known. */
const char *ladder_measure(const struct ladder_turnover *t, const struct words *w);
/** What a rung brought; where the margin of some of it is but estimated, behind "≈". */
const char *ladder_margin(const struct ladder_figures *f, const struct words *w, const struct ladder_rung *r);
/** What the experiment says, in sentences. @param say called for each */
void ladder_sentences(const struct ladder_figures *f, const struct ladder_uplift *u, const struct words *w,
	void (*say)(void *who, const char *sentence), void *who);
void ladder_page(const struct ladder_figures *f, const struct ladder_uplift *u, const struct words *w, const char *shop,
	struct page *p);
