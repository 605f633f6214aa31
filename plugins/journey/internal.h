/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of journey share: where a member stands on the way from hearing of the shop to recommending it, what brought the member there,
 * and what all members' ways look like together.
 *
 * Every touchpoint is booked as it happens, by the hooks of sales and returns, by journey.record, and by what other plugins booked (touches.c).
 * When a command is decided, the members whom it touched are judged: on which stage they stand, in which segment, like which persona (judge.c);
 * after a close all are, for time alone moves them, too (due.c). What is kept of a member is in rows.c; what a map is drawn from is counted by
 * day, stage and persona (days.c), so that a map looks at days and not at members (map.c). */
#pragma once

#include "plugins/palier_plugin.h"

/* In the order in which they are climbed. */
enum {
	STAGE_AWARENESS,
	STAGE_INTERACTION,
	STAGE_COMPARISON,
	STAGE_PURCHASE,
	STAGE_ASCENSION,
	STAGE_LOYALTY,
	STAGE_RECOMMENDATION,
	STAGE_AMBASSADOR,
	JOURNEY_STAGES,
	NO_STAGE = JOURNEY_STAGES
};
extern const char *const journey_stage_names[];

enum {
	SEGMENT_PROSPECT,
	SEGMENT_ENROLLED,
	SEGMENT_FIRST,
	SEGMENT_REPEAT,
	SEGMENT_REGULAR,
	SEGMENT_AT_RISK,
	SEGMENT_LAPSED,
	SEGMENT_WON_BACK,
	JOURNEY_SEGMENTS,
	NO_SEGMENT = JOURNEY_SEGMENTS
};
extern const char *const journey_segment_names[];

#define NO_CHANNEL CHANNELS

/* Touchpoints that are booked by themselves. */
#define TOUCH_PURCHASE    "purchase"
#define TOUCH_RETURN      "return"
#define TOUCH_ENROL       "enrol"
#define TOUCH_SURVEY      "survey"
#define TOUCH_REFERRAL    "referral"
#define TOUCH_CASE_OPENED "case-opened"
#define TOUCH_CASE_CLOSED "case-closed"
#define TOUCH_EMAIL_SENT  "email-sent"
#define TOUCH_SMS_SENT    "sms-sent"

/* One that only others can tell. */
#define TOUCH_EMAIL_OPENED "email-opened"

/* --- the configuration (config.c) --- */

struct persona {
	struct palier_bytes name;
	const struct palier_condition *when;
};

/** A step of a planned journey. */
struct plan_step {
	struct palier_bytes name, touchpoint;
	int channel;              /* NO_CHANNEL: any */
	int within;               /* days; -1: whenever */
	size_t after;             /* an earlier step, counted from 1; 0: */
	struct palier_bytes from; /* the first touchpoint of this kind */
};

struct plan {
	struct palier_bytes name;
	const struct palier_condition *when;
	const struct plan_step *steps;
	size_t count;
};

/** A till that does not stand in the store: a web shop's, a call centre's. */
struct journey_till {
	struct palier_bytes name;
	unsigned channel;
};

struct journey_config {
	bool stages[JOURNEY_STAGES];                          /* those of the model */
	const struct palier_condition *enter[JOURNEY_STAGES]; /* NULL: as it is without configuration */
	int lapsed;                                           /* days of silence, until the shop's own are known */
	const struct persona *personas;
	size_t persona_count;
	const struct plan *plans;
	size_t plan_count;
	const struct journey_till *tills;
	size_t till_count;
};

extern cfg_opt_t journey_options[];
int journey_configure(struct palier_setup *s, cfg_t *section, const void **out);

/* --- effects (effects.c) --- */

extern const struct palier_effect_kind journey_effects[];

#define PALIER_FIELDS_journey_touch(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who") \
	F(M, STRING, touchpoint, "touchpoint", PALIER_REQUIRED, PALIER_RANGE(1, 64), "met the shop how") \
	F(M, ENUM(journey_channel), channel, "channel", PALIER_REQUIRED, PALIER_ANY, "and where") \
	F(M, STRING, device, "device", 0, PALIER_RANGE(1, 32), "on what") \
	F(M, INT, emotion, "emotion", 0, PALIER_RANGE(-2, 2), "and how it felt")
PALIER_MESSAGE(journey_touch);

#define PALIER_FIELDS_journey_entry(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who") \
	F(M, ENUM(journey_stage), from, "from", 0, PALIER_ANY, "stood on this stage; absent: on none") \
	F(M, ENUM(journey_stage), stage, "stage", PALIER_REQUIRED, PALIER_ANY, "and now stands on this one") \
	F(M, DAY, day, "day", PALIER_REQUIRED, PALIER_ANY, "store date")
PALIER_MESSAGE(journey_entry);

#define PALIER_FIELDS_journey_sorted(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who") \
	F(M, ENUM(journey_segment), segment, "segment", PALIER_REQUIRED, PALIER_ANY, "is now in this segment") \
	F(M, DAY, day, "day", PALIER_REQUIRED, PALIER_ANY, "store date")
PALIER_MESSAGE(journey_sorted);

#define PALIER_FIELDS_journey_persona(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who, with consent to profiling") \
	F(M, STRING, persona, "persona", 0, PALIER_RANGE(1, 64), "is like this persona; absent: like none any more")
PALIER_MESSAGE(journey_persona);

/* A touchpoint, or one undone, as the map counts it. */
#define PALIER_FIELDS_journey_counted(F, M) \
	F(M, ENUM(journey_stage), stage, "stage", PALIER_REQUIRED, PALIER_ANY, "of somebody who stood on this stage") \
	F(M, DAY, day, "day", PALIER_REQUIRED, PALIER_ANY, "store date") \
	F(M, STRING, persona, "persona", 0, PALIER_RANGE(1, 64), "like this persona") \
	F(M, ENUM(journey_channel), channel, "channel", PALIER_REQUIRED, PALIER_ANY, "where") \
	F(M, INT, emotion, "emotion", 0, PALIER_RANGE(-2, 2), "how it felt") \
	F(M, ENUM(survey_kind), question, "question", 0, PALIER_ANY, "of an answer: to which question") \
	F(M, INT, score, "score", 0, PALIER_RANGE(-2, 10), "and which") \
	F(M, BOOL, returned, "returned", 0, PALIER_ANY, "goods came back") \
	F(M, BOOL, undone, "undone", 0, PALIER_ANY, "count it no more")
PALIER_MESSAGE(journey_counted);

/* It is counted, and kept of nobody. */
#define PALIER_FIELDS_journey_gap(F, M) \
	F(M, INT, days, "days", PALIER_REQUIRED, PALIER_RANGE(1, 36500), "somebody bought again after so many days") \
	F(M, BOOL, undone, "undone", 0, PALIER_ANY, "or has not after all")
PALIER_MESSAGE(journey_gap);

#define PALIER_FIELDS_journey_brought(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who") \
	F(M, INT, friends, "friends", PALIER_REQUIRED, PALIER_RANGE(0, UINT32_MAX), "has brought so many friends by now")
PALIER_MESSAGE(journey_brought);

#define PALIER_FIELDS_journey_stood(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who") \
	F(M, ENUM(journey_stage), stage, "stage", PALIER_REQUIRED, PALIER_ANY, "stands on this stage, as before")
PALIER_MESSAGE(journey_stood);

#define PALIER_FIELDS_journey_undone(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "for whom") \
	F(M, INT, event, "event", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), "this event is as if it had not been")
PALIER_MESSAGE(journey_undone);

#define PALIER_FIELDS_journey_silence(F, M) \
	F(M, INT, gaps, "gaps", PALIER_REQUIRED, PALIER_RANGE(0, PALIER_FIGURE_MAX), "between so many purchases") \
	F(M, INT, risk, "risk", PALIER_REQUIRED, PALIER_RANGE(1, 36500), "8 in 10 took at most so many days") \
	F(M, INT, lapsed, "lapsed", PALIER_REQUIRED, PALIER_RANGE(1, 36500), "and 9 in 10 so many")
PALIER_MESSAGE(journey_silence);

#define PALIER_FIELDS_journey_moved(F, M) \
	F(M, MEMBER, from, "from", PALIER_REQUIRED, PALIER_ANY, "whose way") \
	F(M, MEMBER, into, "into", 0, PALIER_ANY, "is this member's, too; absent: is forgotten")
PALIER_MESSAGE(journey_moved);

/* --- a member's rows (rows.c) --- */

extern const struct palier_table journey_tables[];
enum journey_table { T_STAND, T_STEP, T_UNDONE, T_DAY, T_PACE, T_SPLIT, T_NOW, T_GAP, T_SILENCE };

/* That the customer has met the shop otherwise than by buying, and, of that, to ask. */
enum { MET_ANYHOW = 1, MET_FOR_ADVICE = 2 };

struct journey_standing {
	unsigned stage;   /* or NO_STAGE */
	uint64_t step;    /* the event that led there */
	unsigned segment; /* or NO_SEGMENT */
	uint32_t friends; /* brought by now */
	unsigned met;     /* MET_... */
	struct palier_bytes persona;
};
/** @return PALIER_OK; PALIER_ENOENT, and *out is that of somebody nobody knows */
int journey_standing_find(const struct palier_tables *t, struct palier_id member, struct journey_standing *out);
/** The same, where it does not matter. @return PALIER_OK */
int journey_standing_get(const struct palier_tables *t, struct palier_id member, struct journey_standing *out);
int journey_standing_put(struct palier_tables *t, struct palier_id member, const struct journey_standing *s);
int journey_standing_drop(struct palier_tables *t, struct palier_id member);

/** A stage that was entered. */
struct journey_step {
	uint64_t seq;
	unsigned stage;
	int64_t since;
	uint32_t day;
	uint32_t onward;             /* the day on which the member went on from there; 0: has not */
	unsigned channel;            /* by which touchpoint, or NO_CHANNEL: none */
	struct palier_bytes persona; /* like which, then */
	struct palier_bytes till;
};
/** The stages of a member, oldest first. */
struct palier_cursor *journey_steps_of(const struct palier_tables *t, struct palier_id member);
int journey_step_next(struct palier_cursor *cur, struct journey_step *out);
/** @return PALIER_OK; PALIER_ENOENT */
int journey_step_get(const struct palier_tables *t, struct palier_id member, uint64_t seq, struct journey_step *out);
int journey_step_put(struct palier_tables *t, struct palier_id member, const struct journey_step *s);
int journey_step_drop(struct palier_tables *t, struct palier_id member, uint64_t seq);

/** Events that are as if they had not been. */
int journey_undone_put(struct palier_tables *t, struct palier_id member, uint64_t seq);
bool journey_is_undone(const struct palier_tables *t, struct palier_id member, uint64_t seq);

/** All rows of a member become those of another, but for where it stands; or they go. */
int journey_rows_move(struct palier_tables *t, struct palier_id from, const struct palier_id *into);

int journey_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who);

/* --- what is counted (days.c) --- */

/** Of a day, a stage and a persona. */
enum {
	F_ENTRIES,
	F_CHANNEL, /* touchpoints, a figure a channel */
	F_EMOTIONS = F_CHANNEL + CHANNELS,
	F_EMOTION_SUM,
	F_PROMOTERS,
	F_PASSIVES,
	F_DETRACTORS,
	F_CSAT,
	F_SATISFIED,
	F_RETURNS,
	FIGURES
};

/** On which row something is counted. */
struct journey_spot {
	uint32_t day;
	unsigned stage;
	struct palier_bytes persona;
};
int journey_figures_add(struct palier_tables *t, const struct journey_spot *at, const int64_t more[FIGURES]);
/** Of those who entered there, so many went on after so many days. */
int journey_pace_add(struct palier_tables *t, const struct journey_spot *at, int64_t days, int64_t more);
/** Entries, and those of them who went on, told apart by how they came. */
enum journey_split { SPLIT_CHANNEL, SPLIT_TILL, SPLIT_WEEKDAY };
int journey_split_add(struct palier_tables *t, const struct journey_spot *at, enum journey_split split,
	struct palier_bytes value, int64_t entries, int64_t converted);
/** Members who stand somewhere now, and those of them who have lapsed. */
int journey_now_add(struct palier_tables *t, unsigned stage, struct palier_bytes persona, int64_t members, int64_t lapsed);

/** What a walk over counted rows gives. */
struct journey_row {
	struct journey_spot at;
	int64_t days;              /* of T_PACE */
	enum journey_split split;  /* of T_SPLIT */
	struct palier_bytes value; /* likewise */
	int64_t n[FIGURES];        /* T_DAY: all; T_PACE: members; T_SPLIT: entries, converted; T_NOW: members, lapsed */
};
/** The rows of the days from..to. @param table T_DAY, T_PACE or T_SPLIT; T_NOW has no days @param visit returns PALIER_OK to go on */
int journey_rows_between(const struct palier_tables *t, enum journey_table table, uint32_t from, uint32_t to,
	int (*visit)(void *who, const struct journey_row *row), void *who);

#define GAPS_LEAST 500 /* with fewer, a shop does not know its own rhythm */

struct journey_silence_row {
	int64_t gaps, risk, lapsed;
};
int journey_gap_add(struct palier_tables *t, int64_t days, int64_t more);
/** What the gaps come to: the least days that 8 and 9 in 10 do not pass. */
int journey_gaps_reckon(const struct palier_tables *t, struct journey_silence_row *out);
int journey_silence_get(const struct palier_tables *t, struct journey_silence_row *out);
int journey_silence_put(struct palier_tables *t, const struct journey_silence_row *row);

/* --- where somebody stands (judge.c) --- */

/** Judge a member as it is now, and book what has changed. */
int journey_judge(struct palier_ctx *c, struct palier_id member);

/* --- touchpoints (touches.c) --- */

struct journey_met {
	struct palier_id member;
	struct palier_bytes touchpoint;
	unsigned channel;
	struct palier_bytes device;         /* empty: not told */
	const int64_t *emotion;             /* NULL: not told */
	const struct survey_answer *answer; /* NULL: it is none */
	bool returned;
};
int journey_met(struct palier_ctx *c, const struct journey_met *m);

int journey_on_sale(struct palier_ctx *c, const struct palier_sale *s);
int journey_on_return(struct palier_ctx *c, struct palier_return *r);
int journey_on_enroll(struct palier_ctx *c, struct palier_id member, const struct member_enroll *p);
int journey_on_decided(struct palier_ctx *c);

/* --- what ends (ends.c) --- */

int journey_on_void(struct palier_ctx *c, const struct palier_event *undone);
int journey_on_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into);
int journey_on_erase(struct palier_ctx *c, struct palier_id member);
int journey_due(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from);

/* --- what is asked (methods.c, planned.c, map.c, friction.c) --- */

extern const struct palier_service journey_services[];
int journey_on_lookup(struct palier_ctx *c, struct palier_id member, struct palier_json *w);
int journey_on_reply(struct palier_ctx *c, enum palier_reply reply, const struct palier_event *ev, struct palier_bytes sale,
	struct palier_json *w);

/** A member's touchpoint, as it happened. */
struct journey_event {
	uint64_t seq;
	int64_t at_ms;
	const struct journey_touch *touch;
	unsigned stage; /* to which it led, or NO_STAGE */
};
struct journey_way {
	struct journey_event *at;
	size_t count, room;
};
/** @param plan against which the way is held @param way newest first */
int journey_plan_write(struct palier_ctx *c, const struct plan *plan, struct palier_id member, const struct journey_way *way,
	struct journey_view *view);

int journey_map_answer(struct palier_ctx *c, const void *params, struct palier_json *w);

/** Members of a stage who came one way, and those of them who went on. */
struct journey_arm {
	unsigned stage;
	enum journey_split split;
	struct palier_bytes value;
	int64_t entries, converted;
};
/** Where going on differs by more than chance would have it (measures.md 2.2). @param arms in any order
 * @param views NULL-terminated, of each arm that does; NULL: that does not */
void journey_friction(struct palier_arena *a, const struct journey_arm *arms, size_t count, struct friction_view **views);
