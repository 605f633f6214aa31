/* SPDX-License-Identifier: Apache-2.0 */
/* The customers' journey out of journal files: what is kept of each member while they are read, and what is made of it for a period.
 *
 * One pass over the events (journey_fold.c) leaves a line of touches for each member, 16 bytes each, so that a million members and twenty
 * million touches stay in a few hundred megabytes. Everything else walks those lines: the map (journey_ways.c), the key figures
 * (journey_kpi.c), what follows what (journey_flow.c), pages and exports. */
#pragma once

#include "protocol/messages.h"
#include "protocol/stats.h"
#include "tools/report/events.h"
#include "tools/report/names.h"

/* --- labels --- */

enum journey_stage {
	STAGE_AWARENESS,
	STAGE_INTERACTION,
	STAGE_COMPARISON,
	STAGE_PURCHASE,
	STAGE_ASCENSION,
	STAGE_LOYALTY,
	STAGE_RECOMMENDATION,
	STAGE_AMBASSADOR,
	JOURNEY_STAGES,
	STAGE_NONE = JOURNEY_STAGES
};
extern const char *const journey_stage_names[]; /* "awareness" ... NULL */

/** Names as C has its texts, and no more of them than a number has room for. Zero-initialised is empty. */
struct labels {
	struct names names;
	char **at;
	size_t count, most; /* most: one that is too many has the number of the last; 0: no such end */
};
uint32_t labels_number(struct labels *l, struct palier_bytes text);
void labels_deinit(struct labels *l);

/** Whole numbers by whole numbers but 0. Zero-initialised is empty. */
struct numbers {
	uint64_t *keys;
	uint32_t *values;
	size_t count, room;
};
/** @return where the value stands, 0 when it is new */
uint32_t *numbers_at(struct numbers *n, uint64_t key);
/** @return NULL: it is not there */
const uint32_t *numbers_find(const struct numbers *n, uint64_t key);
void numbers_clear(struct numbers *n);
void numbers_deinit(struct numbers *n);

/* --- what is kept --- */

/* What a touch is; several may hold. */
#define IS_TOUCH    0x01u /* a touchpoint of the journey */
#define IS_PURCHASE 0x02u
#define IS_RETURN   0x04u
#define IS_ENROL    0x08u
#define IS_STAGE    0x10u /* from here on the member stands on stage `activity` */
#define IS_ASKED    0x20u /* `activity` is the question (enum survey_kind) */
#define IS_ANSWER   0x40u /* and `value` the score */
#define IS_SURVEY   0x80u /* a survey was answered: without a journey that is a touchpoint */
#define IS_FACT     (IS_PURCHASE | IS_RETURN | IS_ENROL | IS_SURVEY)

#define PLACE_BITS 22

struct journey_touch {
	uint32_t before; /* the member's one before, plus 1; 0: none */
	uint32_t at_s;
	uint32_t at_ms : 10; /* of the second */
	uint32_t place : PLACE_BITS;
	uint16_t activity; /* number of a name */
	uint8_t what;
	uint8_t channel : 3;
	uint8_t offer : 1; /* a purchase with an offer of ours */
	uint8_t value : 4; /* a score, or a mood plus 2; 15: none */
};
#define VALUE_NONE 15

struct journey_more {
	int64_t amount;
	uint32_t member; /* at the time */
	uint32_t event;  /* the how manieth that was read, from 1 */
};

#define MEMBER_GONE  0x01u /* erased */
#define MEMBER_MOVED 0x02u /* merged into `into` */
#define MEMBER_PURSE 0x04u /* a gift card's, nobody's */

struct journey_member {
	struct palier_id id;
	uint8_t flags;
	uint8_t persona, segment, source; /* numbers of names, plus 1; 0: none */
	uint16_t reward;                  /* asked for last, plus 1 */
	uint32_t reward_s;                /* and when */
	uint32_t last;                    /* touch, plus 1 */
	uint32_t into;
	uint8_t stage;                 /* told last, plus 1; 0: none */
	uint32_t segment_s, persona_s; /* when they were told last: stores are read one behind the other */
	int64_t spent;                 /* in the year up to the last day, less what came back */
};

struct journey_place {
	uint16_t store;          /* numbers of names, */
	uint32_t till, operator; /* of these two "lyon-03/till-1" */
};

/** Points of one unit that moved in the period. */
struct journey_points {
	int64_t earned, taken_back, spent, expired; /* none is negative */
	bool money;                                 /* a purse: in minor units */
};

struct journey_task {
	uint16_t store;
	bool closed, late;
	uint32_t due;
	uint32_t member; /* at the time */
	uint32_t opened_s, closed_s;
	uint64_t seq;
};

/* The first day and those after it, each with its first second in store time. */
struct journey_days {
	int64_t first; /* number of the day (day_number) */
	uint32_t *midnight;
	size_t count;
};

struct journey_period {
	uint32_t from, to; /* both included */
	uint32_t window;   /* days within which who goes on must do so */
	const char *persona;
	bool more; /* keep more of each touch, for an export */
};

struct journey {
	struct journey_period period;
	uint32_t from_s, end_s;   /* the period's first second, and the first after it */
	bool journeyed;           /* there are journey.* effects; else touches and stages are made out of methods */
	struct journey_days days; /* up to the last of the period */

	struct journey_member *members;
	size_t member_count;
	uint32_t *slots; /* by id: number of a member plus 1 */
	size_t slot_count;

	struct journey_touch **chunks;
	size_t touch_count;
	struct journey_more *more; /* of each touch; NULL: not kept */

	struct labels activities, stores, tills, operators, personas, segments, sources, units, rewards;
	struct journey_place *places;
	size_t place_count;
	struct numbers place_numbers;
	struct journey_points *points; /* of each unit */
	size_t points_count;
	struct journey_task *tasks;
	size_t task_count;

	struct numbers with_offer; /* sales, by a hash */
	struct numbers open_sales; /* of the file in hand, that may yet be voided: the last of their touches, plus 1 */
	uint32_t open_batch;
	int64_t returns_after_offer, tries_again, unanswered;
	int64_t sold, offered,
		made_good; /* of the period: to members, less what came back; by offers; and what complaints cost */
	int64_t stage_sold[JOURNEY_STAGES + 1]; /* sold, by the stage on which the member stood; the last: on none */
	uint32_t events;                        /* that were read */
};

/** Begin. @param from..to must be days; the zone is the store's (zone_set) */
void journey_begin(struct journey *j, const struct journey_period *period);
/** For who walks events: how they are booked. */
struct event_visitor journey_visitor(struct journey *j);
/** Let go of members and their touches, behind the last figure: names, points and counters stay. */
void journey_forget(struct journey *j);
void journey_deinit(struct journey *j);

/** Is what was sold known by stage? Where one journal alone is read, which has a journey, and of all members. */
bool journey_sold_known(const struct journey *j);
/** The member's number; @return false: there is no such one */
bool journey_member_find(const struct journey *j, struct palier_id id, uint32_t *out);

/* --- lines --- */

/** All that is known of a member, in the order in which it happened. */
struct journey_line {
	const struct journey_member *member;
	uint32_t number;
	const struct journey_touch *at;
	const uint32_t *index; /* of each touch; stages that were made up have none: UINT32_MAX */
	size_t count;
};
/** Walk the members of the period's persona, but those who are gone. */
void journey_each(const struct journey *j, void (*visit)(void *who, const struct journey_line *line), void *who);
bool journey_within(const struct journey *j, uint32_t at_s);
/** Is it a touchpoint of the period? Where there is no journey, what methods tell is one. */
bool journey_shows(const struct journey *j, const struct journey_touch *t);
/** Who a member is now. @return false: one who is not looked at */
bool journey_member_shown(const struct journey *j, uint32_t member, uint32_t *out);
/** The day on which that was: its place in j->days, and its number since 1970. */
size_t journey_day(const struct journey *j, uint32_t at_s);
static inline int64_t journey_day_number(const struct journey *j, uint32_t at_s)
{
	return j->days.first + (int64_t)journey_day(j, at_s);
}

/* --- the map --- */

struct journey_mood {
	int64_t n, sum;
};
struct journey_score {
	int64_t promoters, passives, detractors; /* answers to nps */
	int64_t answers, satisfied;              /* answers to csat */
	int64_t asked[3];                        /* by question */
};

struct journey_stage_figures {
	int64_t members; /* who stand there at the end */
	int64_t stood;   /* who stood there at some time of the period */
	int64_t entries; /* who came there for the first time */
	int64_t n, x;    /* old enough to be judged, and who went on in time */
	uint32_t median_s, p90_s;
	int64_t touches, channels[CHANNELS], reached /* members with a touch */, returns;
	struct journey_mood mood;
	struct journey_score score;
};

struct journey_point {
	uint16_t stage, activity;
	int64_t count, reached, channels[CHANNELS];
	struct journey_mood mood;
};

enum friction_split { SPLIT_STORE, SPLIT_TILL, SPLIT_SHIFT, SPLIT_CHANNEL, SPLIT_WEEKDAY, FRICTION_SPLITS };
extern const char *const friction_split_names[];
struct journey_friction {
	uint16_t stage;
	enum friction_split split;
	uint32_t value; /* number of its name; a shift: of the operator x 3 + the part of the day */
	int64_t x1, n1, x0, n0;
	double z, p, adjusted;
	struct stats_interval d;
};

struct journey_ways {
	struct journey_stage_figures stages[JOURNEY_STAGES];
	struct journey_point *points; /* by stage, most first */
	size_t point_count;
	struct journey_friction *frictions; /* flagged, worst first */
	size_t friction_count, tests;
	int64_t members;   /* of the persona */
	int64_t *segments; /* members in each */
};
void journey_ways_make(const struct journey *j, struct journey_ways *out);
void journey_ways_deinit(struct journey_ways *m);
/** What a split is called: "till-1"; weekdays (from Monday), parts of the day (3) and channels in the reader's words. */
struct journey_split_words {
	const char *const *weekdays, *const *parts, *const *channels;
};
const char *journey_split_name(const struct journey *j, const struct journey_friction *f,
	const struct journey_split_words *w, struct palier_arena *a);

/* --- key figures --- */

#define COHORTS_MOST 12
struct journey_cohort {
	uint32_t month; /* yyyymm */
	int64_t n, again;
};
struct journey_source {
	int64_t enrolled, bought;
};
#define GAPS_ENOUGH        500
#define JOURNEY_AGAIN_DAYS 90 /* within which a first purchase, or a complaint, is followed by one */

struct journey_kpi {
	struct journey_score score;
	int64_t buyers, repeaters; /* on 1 and on 2 days of the period or more */
	struct journey_cohort cohorts[COHORTS_MOST];
	size_t cohort_count;
	int64_t gaps;                            /* between purchases, all days */
	uint32_t risk_days, lapsed_days;         /* the points at which one is at risk and lapsed */
	int64_t active, at_risk, lapsed;         /* together all who ever bought */
	int64_t stayed_of, left;                 /* had not lapsed when the period began, and have now */
	int64_t year_buyers, year_spent;         /* in 365 days */
	int64_t rf[5][5];                        /* members by score of recency and frequency, from 0 */
	int64_t money_buyers[5], money_spent[5]; /* by score of money, from 0: how many, and their part of year_spent */
	int64_t kept_of, kept;                   /* bought in the year before, and in this one too */
	struct journey_source *sources;          /* by number of source plus 1 */
	int64_t tasks, tasks_in_time;            /* due by the last day */
	struct journey_again {
		int64_t n, again; /* complaints, and those after which the member bought within 90 days */
	} settled, unsettled;     /* within these days, which were over in the period */
};
void journey_kpi_make(const struct journey *j, struct journey_kpi *out);
void journey_kpi_deinit(struct journey_kpi *k);

/* --- what follows what --- */

#define FLOW_START UINT16_MAX
#define FLOW_END   (UINT16_MAX - 1)
struct journey_edge {
	uint16_t from, to; /* activities, FLOW_START, FLOW_END */
	int64_t count, members;
	int64_t mean_s, median_s, p95_s; /* -1: to the end, or from the start */
};
struct journey_flow {
	struct journey_edge *edges; /* most first */
	size_t count;
};
void journey_flow_make(const struct journey *j, struct journey_flow *out);
void journey_flow_deinit(struct journey_flow *f);
const char *journey_activity(const struct journey *j, uint16_t activity);
/** A till or cashier: without its store where there is but one. */
const char *journey_local(const struct journey *j, const char *name);
