/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of tiers share: the rules, the effects, the tables, and how a standing follows from what happened.
 *
 * Of a member is kept what happened: what each sale counts, what came back of it, what a close judged, which members became one. The
 * standing is a fold over that, in the order in which it happened, each by the rules of the day on which it was booked. So what is undone,
 * comes back or comes late takes an entry out or puts one in, and all that follows is folded again; a change of the configuration
 * changes nothing that was booked before it. */
#pragma once

#include "plugins/palier_plugin.h"

/* --- rules (rules.c), and the configuration (config.c) --- */

enum tiers_measure { MEASURE_EARNED, MEASURE_SPEND };
enum tiers_fall { FALL_ONE, FALL_EVALUATE };
enum tiers_window { WINDOW_ROLLING, WINDOW_CALENDAR_YEAR, WINDOW_LIFETIME };
extern const char *const tiers_fall_names[], *const tiers_window_names[];

struct tier {
	struct palier_bytes name;
	int64_t from;
	/* Of the configuration alone: */
	int64_t multiplier;               /* thousandths */
	const struct palier_label *label; /* what customers read */
};

/** What decides where a member stands: kept with the ledger, as often as it changes. */
struct tiers_rules {
	struct palier_bytes measured; /* the unit that is summed up; empty: what was paid */
	int fall;
	int window;
	struct span span; /* of a rolling window */
	struct span grace;
	const struct tier *tiers;
	size_t tier_count; /* from the lowest to the highest */
};

struct tiers_config {
	struct tiers_rules rules; /* at least one tier */
	struct palier_bytes unit; /* what the multipliers multiply */
	int measure;
	int64_t return_window; /* days */
};

extern cfg_opt_t tiers_options[];
int tiers_configure(struct palier_setup *s, cfg_t *section, const void **out);

/** @param rules NULL: no tier has a name @return NULL when there is no such tier */
const struct tier *tiers_named(const struct tiers_rules *rules, struct palier_bytes name);
/** The highest that a sum reaches; NULL: none. */
const struct tier *tiers_reached(const struct tiers_rules *rules, int64_t sum);
/** The next one above, or below, a threshold; NULL: there is none. */
const struct tier *tiers_above(const struct tiers_rules *rules, int64_t from);
const struct tier *tiers_below(const struct tiers_rules *rules, int64_t from);
bool tiers_rules_equal(const struct tiers_rules *a, const struct tiers_rules *b);

/** The first day of the window that a day lies in. */
uint32_t tiers_window_start(const struct tiers_rules *rules, uint32_t day);
/** The last day of a tier that is reached on this day, but for one from 0; 0: it has no end. */
uint32_t tiers_term(const struct tiers_rules *rules, uint32_t day);
uint32_t tiers_span_after(struct span span, uint32_t day);

/* --- effects (effects.c) --- */

extern const struct palier_effect_kind tiers_effects[];

#define PALIER_FIELDS_tiers_threshold(F, M) \
	F(M, STRING, tier, "tier", PALIER_REQUIRED, PALIER_RANGE(1, 32), "the tier") \
	F(M, INT, from, "from", PALIER_REQUIRED, PALIER_RANGE(0, PALIER_FIGURE_MAX), "from where on it holds")
PALIER_MESSAGE(tiers_threshold);

#define PALIER_FIELDS_tiers_ruled(F, M) \
	F(M, INT, number, "number", PALIER_REQUIRED, PALIER_RANGE(1, UINT32_MAX), \
		"what these rules are called from now on") \
	F(M, STRING, unit, "unit", 0, PALIER_RANGE(1, 32), "the points that count; absent: what was paid") \
	F(M, ENUM(tiers_window), window, "window", PALIER_REQUIRED, PALIER_ANY, "the window") \
	F(M, INT, days, "days", 0, PALIER_RANGE(1, 36500), "how long a rolling one is, in days") \
	F(M, INT, months, "months", 0, PALIER_RANGE(1, 36500), "or in months") \
	F(M, INT, grace_days, "grace_days", 0, PALIER_RANGE(0, 36500), \
		"how long before a tier falls notice is given, in days") \
	F(M, INT, grace_months, "grace_months", 0, PALIER_RANGE(0, 36500), "or in months") \
	F(M, ENUM(tiers_fall), fall, "fall", PALIER_REQUIRED, PALIER_ANY, \
		"a tier falls by one step, or to where the sum is") \
	F(M, LIST(tiers_threshold), tiers, "tiers", PALIER_REQUIRED, PALIER_ANY, "from the lowest to the highest")
PALIER_MESSAGE(tiers_ruled);

#define PALIER_FIELDS_tiers_counted(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "for whom") \
	F(M, STRING, sale, "sale", 0, PALIER_ANY, "the receipt; absent: the member begins") \
	F(M, INT, rules, "rules", PALIER_REQUIRED, PALIER_RANGE(1, UINT32_MAX), "by which rules") \
	F(M, STRING, unit, "unit", 0, PALIER_RANGE(1, 32), "what was earned; absent: what was paid, in money") \
	F(M, INT, figure, "figure", PALIER_REQUIRED, PALIER_RANGE(0, PALIER_FIGURE_MAX), "how much") \
	F(M, DAY, day, "day", PALIER_REQUIRED, PALIER_ANY, "store date of the sale") \
	F(M, DAY, booked, "booked", 0, PALIER_ANY, "on which day that became known; absent: on that day") \
	F(M, TIME, from, "from", 0, PALIER_ANY, "it raises from then on; absent: from the sale on") \
	F(M, DAY, start, "start", 0, PALIER_ANY, "since when the sum that is kept counts; absent: ever")
PALIER_MESSAGE(tiers_counted);

#define PALIER_FIELDS_tiers_returned(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "for whom") \
	F(M, STRING, sale, "sale", PALIER_REQUIRED, PALIER_ANY, "the receipt that came back") \
	F(M, TIME, at, "at", PALIER_REQUIRED, PALIER_ANY, "when that was") \
	F(M, INT, seq, "seq", PALIER_REQUIRED, PALIER_RANGE(0, PALIER_FIGURE_MAX), "the event by which it counts") \
	F(M, INT, n, "n", PALIER_REQUIRED, PALIER_RANGE(1, UINT16_MAX), \
		"which of those that this event takes back, from 1") \
	F(M, STRING, unit, "unit", 0, PALIER_RANGE(1, 32), "of what; absent: of what was paid") \
	F(M, INT, figure, "figure", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), "how much counts no longer") \
	F(M, DAY, day, "day", PALIER_REQUIRED, PALIER_ANY, "store date of the sale") \
	F(M, DAY, booked, "booked", PALIER_REQUIRED, PALIER_ANY, "on which day that became known") \
	F(M, BOOL, undoes, "undoes", 0, PALIER_ANY, \
		"inside the return window: raises stand only as far as the sums go without it")
PALIER_MESSAGE(tiers_returned);

#define PALIER_FIELDS_tiers_dropped(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "of whom") \
	F(M, TIME, at, "at", PALIER_REQUIRED, PALIER_ANY, "when what is undone was") \
	F(M, INT, seq, "seq", PALIER_REQUIRED, PALIER_RANGE(0, PALIER_FIGURE_MAX), "the event that is undone") \
	F(M, INT, n, "n", 0, PALIER_RANGE(1, UINT16_MAX), "which of those that it took back; absent: what it counted")
PALIER_MESSAGE(tiers_dropped);

#define PALIER_FIELDS_tiers_judged(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose tier") \
	F(M, INT, rules, "rules", PALIER_REQUIRED, PALIER_RANGE(1, UINT32_MAX), "by which rules") \
	F(M, TIME, at, "at", PALIER_REQUIRED, PALIER_ANY, "from when on it holds") \
	F(M, DAY, closed, "closed", PALIER_REQUIRED, PALIER_ANY, "the day that was closed") \
	F(M, DAY, opened, "opened", PALIER_REQUIRED, PALIER_ANY, "and the one after it")
PALIER_MESSAGE(tiers_judged);

/* Where a member stands. */
#define PALIER_FIELDS_tiers_step(F, M) \
	F(M, STRING, tier, "tier", 0, PALIER_RANGE(1, 32), "the tier; absent: none") \
	F(M, INT, from, "from", 0, PALIER_RANGE(0, PALIER_FIGURE_MAX), "what it took") \
	F(M, TIME, at, "at", 0, PALIER_ANY, "since when") \
	F(M, DAY, until, "until", 0, PALIER_ANY, "the last day; absent: without end") \
	F(M, DAY, notice, "notice", 0, PALIER_ANY, "notice was given: it falls after this day")
PALIER_MESSAGE(tiers_step);

#define PALIER_FIELDS_tiers_standing(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who") \
	F(M, OBJECT(tiers_step), step, "step", PALIER_REQUIRED, PALIER_ANY, "stands here now")
PALIER_MESSAGE(tiers_standing);

/* What a reply must say. */
#define PALIER_FIELDS_tiers_shown(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose") \
	F(M, STRING, tier, "tier", 0, PALIER_RANGE(1, 32), "the tier; absent: none") \
	F(M, DAY, until, "until", 0, PALIER_ANY, "its last day") \
	F(M, BOOL, notice, "notice", 0, PALIER_ANY, "it falls then unless it is reached again") \
	F(M, QUANTITY, multiplier, "multiplier", 0, PALIER_ANY, "what its points are multiplied by") \
	F(M, STRING, next, "next", 0, PALIER_RANGE(1, 32), "the tier above") \
	F(M, INT, missing, "missing", 0, PALIER_ANY, "how much is missing to it,") \
	F(M, STRING, unit, "unit", 0, PALIER_RANGE(1, 32), "in which unit; absent: in money")
PALIER_MESSAGE(tiers_shown);

#define PALIER_FIELDS_tiers_moved(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "what counts for whom") \
	F(M, MEMBER, into, "into", PALIER_REQUIRED, PALIER_ANY, "counts for this member from now on") \
	F(M, TIME, at, "at", PALIER_REQUIRED, PALIER_ANY, "from then on") \
	F(M, INT, strand, "strand", PALIER_REQUIRED, PALIER_RANGE(1, UINT8_MAX), \
		"apart from the member's own before: in this strand and those after it") \
	F(M, INT, rules, "rules", 0, PALIER_RANGE(1, UINT32_MAX), \
		"which tier is higher, by these rules; absent: by what they took")
PALIER_MESSAGE(tiers_moved);

#define PALIER_FIELDS_tiers_base(F, M) \
	F(M, INT, strand, "strand", PALIER_REQUIRED, PALIER_RANGE(0, UINT8_MAX), "of which strand") \
	F(M, OBJECT(tiers_step), step, "step", PALIER_REQUIRED, PALIER_ANY, "where it begins")
PALIER_MESSAGE(tiers_base);

#define PALIER_FIELDS_tiers_settled(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "of whom") \
	F(M, TIME, before, "before", PALIER_REQUIRED, PALIER_ANY, \
		"what was before then can change no more, and is kept as sums of days") \
	F(M, LIST(tiers_base), bases, "bases", PALIER_REQUIRED, PALIER_ANY, "what the rest follows from")
PALIER_MESSAGE(tiers_settled);

#define PALIER_FIELDS_tiers_forgotten(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "of whom nothing is kept")
PALIER_MESSAGE(tiers_forgotten);

/* --- tables (rows.c) --- */

extern const struct palier_table tiers_tables[];
enum tiers_table { T_RULES, T_STANDING, T_ENTRY, T_DAY };

#define STRANDS    256
#define DAY_BEFORE 0u /* all days of which no row is kept any longer */

/** The number of the rules that were booked last; 0: none. */
int rules_latest(const struct palier_tables *t, uint32_t *out);
/** @param out owned by the arena */
int rules_read(const struct palier_tables *t, struct palier_arena *a, uint32_t number, struct tiers_rules *out);
int rules_put(struct palier_tables *t, const struct tiers_ruled *e);

struct standing {
	bool booked; /* there is a row */
	struct tiers_step step;
	struct palier_bytes unit; /* of the sum: what was measured on */
	uint32_t start;           /* and after this day */
	int64_t sum;
	int64_t last; /* nothing of the member's is later than this */
};
/** @param out not booked, for a member without a row; its strings live as long as the request */
int standing_get(const struct palier_tables *t, struct palier_id member, struct standing *out);
int standing_write(struct palier_tables *t, struct palier_id member, const struct standing *st);

enum entry_kind {
	ENTRY_BASE,   /* where a strand stood when what was before was settled */
	ENTRY_SALE,   /* what a sale counts by now: without what has come back of it */
	ENTRY_RETURN, /* what came back inside the return window, and undoes raises */
	ENTRY_LATE,   /* what came back later, and lowers the sum alone */
	ENTRY_JUDGED, /* what a close found */
	ENTRY_MERGED, /* the strand `figure` goes on in this one */
};

/** Something that happened. A member into whom others were merged has several strands, which were apart before. */
struct entry {
	int64_t at;
	uint64_t seq;
	uint32_t n;
	uint32_t strand;
	enum entry_kind kind;
	int64_t order;   /* its place in what happened: at, but for what comes too late to raise from then on */
	uint32_t booked; /* the day on which it became known; of a judgement, the day opened */
	uint32_t rules;
	uint32_t day; /* of the sale; of a judgement, the day closed */
	int64_t figure;
	struct palier_bytes unit;
	int64_t sale_at; /* of what came back: the sale's key */
	uint64_t sale_seq;
	struct tiers_step step; /* of a base */
	uint32_t sale;          /* of what came back, in memory: the sale's index; SETTLED: it has no entry any more */
};
#define SETTLED UINT32_MAX

int entry_put(struct palier_tables *t, struct palier_id member, const struct entry *e);
int entry_del(struct palier_tables *t, struct palier_id member, const struct entry *e);
/** @return PALIER_ENOENT: there is none */
int entry_get(const struct palier_tables *t, struct palier_id member, int64_t at, uint64_t seq, uint32_t n,
	struct entry *out);
/** The next of a member's; its strings are valid until the next call. */
struct palier_cursor *entries_of(const struct palier_tables *t, struct palier_id member);
int entry_next(struct palier_cursor *rows, struct entry *out);

/** What was measured on a day, of which no sales are told apart any more. */
struct day_sum {
	uint32_t day;
	uint32_t strand;
	struct palier_bytes unit;
	int64_t figure;
};
struct palier_cursor *days_of(const struct palier_tables *t, struct palier_id member);
int day_next(struct palier_cursor *rows, struct day_sum *out);
/** Add to a row, or take from it. */
int day_change(struct palier_tables *t, struct palier_id member, const struct day_sum *d);
int day_del(struct palier_tables *t, struct palier_id member, const struct day_sum *d);
/** Take from a day, or from those older, wherever there is something. @param d figure: how much, then 0; strand: then of the last row */
int day_take(struct palier_tables *t, struct palier_id member, struct day_sum *d);

/** All that was measured in a unit on the days from..to. */
int sum_between(const struct palier_tables *t, struct palier_id member, struct palier_bytes unit, uint32_t from, uint32_t to,
	int64_t *out);
/** Do the tables agree with themselves? */
int tiers_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who);

/* --- the fold (fold.c) --- */

struct fold {
	const struct palier_tables *tables;
	struct palier_arena *arena;
	struct entry *entries; /* in their order */
	uint32_t count;
	struct day_sum *days;
	uint32_t day_count;
	struct kept_rules {
		uint32_t number;
		struct tiers_rules rules;
		struct kept_rules *next;
	} * rules; /* those met so far */
	/* What came out of it: */
	struct tiers_step tops[STRANDS]; /* where each strand stands, */
	uint8_t roots[STRANDS];          /* which may go on in another */
	int64_t floor; /* what comes later but was before this raises from here on: the last fall, merge, or settlement */
};
int fold_read(const struct palier_tables *t, struct palier_arena *a, struct palier_id member, struct fold *out);
/** As if this had happened, too. */
void fold_add(struct fold *f, const struct entry *e);
/** Where the member stood after all that was in order not later than `last`, as far as what came back was known at `seen`. */
int fold_run(struct fold *f, int64_t last, int64_t seen);
#define FOLD_ALL INT64_MAX
/** What was in order before a moment, and known before a day, can be kept as sums. @param before shortened to what can; 0: nothing can */
int fold_settled(struct fold *f, int64_t *before, uint32_t known);

/** What a step's tier takes, today or, of a tier that is no longer there, when it was reached; -1: no tier. */
int64_t step_worth(const struct tiers_rules *rules, const struct tiers_step *s);
/** The last day on which a step holds without anything more; 0: without end. */
static inline uint32_t step_end(const struct tiers_step *s)
{
	return s->notice ? s->notice : s->until;
}
bool step_equal(const struct tiers_step *a, const struct tiers_step *b);
/** A sale of this day brought the window's sum here: up at once, and under notice a tier is kept by reaching it again. */
void step_climb(const struct tiers_rules *rules, int64_t order, uint32_t day, int64_t sum, struct tiers_step *top);
/** Is there anything to judge after this close, and of what days is the sum by which? */
bool step_due(const struct tiers_rules *rules, const struct tiers_step *top, uint32_t closed, uint32_t opened,
	uint32_t *from, uint32_t *to);
void step_judge(const struct tiers_rules *rules, int64_t order, uint32_t closed, int64_t sum, struct tiers_step *top);

/* --- standings (standing.c) --- */

/** As it is shown: whoever has no row stands on the tier from 0, if there is one. */
int standing_read(struct palier_ctx *c, struct palier_id member, struct standing *out);
/** The tier at a moment: a sale that comes late earns at the rate of its own time. */
int standing_tier_at(struct palier_ctx *c, struct palier_id member, int64_t at_ms, struct palier_bytes *out);
/** A sale counts. @param sale empty: nothing is counted, the member begins @param before,after where the member stood, and stands */
int standing_count(struct palier_ctx *c, struct palier_id member, int64_t figure, struct palier_bytes sale,
	struct standing *before, struct standing *after);
/** Part of it counts no longer. @param sale,counted the event by which it counts, and how @param back > 0 */
int standing_return(struct palier_ctx *c, struct palier_id member, const struct palier_event *sale,
	const struct tiers_counted *counted, int64_t back);
/** What an event counted, or the n-th that it took back, from 1, is as if it had not been. @param n 0: what it counted */
int standing_drop(struct palier_ctx *c, struct palier_id member, const struct palier_event *undone, uint32_t n);
/** Two members are one: the higher tier stays. */
int standing_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into);
/** After a close: judge a tier whose time is over; and what can change no more need not be told apart. */
int standing_judge(struct palier_ctx *c, struct palier_id member, const struct palier_close *close);
/** What is to be shown of a member on this day. */
int standing_show(struct palier_ctx *c, struct palier_id member, uint32_t day, struct tiers_shown *out);
