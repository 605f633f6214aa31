/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of ambassador share: deeds and what they count, who is an ambassador, and how often members buy.
 *
 * A member's score rests on deeds (rows.c), on what the shop's members make of "often" (frequency.c), and on how deeds fade (score.c).
 * Who reaches the threshold is an ambassador at once; who falls behind is given notice in the jobs after a close, and leaves when it ends
 * (standing.c). Without consent to profiling nothing of this is kept of a member, nor computed. */
#pragma once

#include "plugins/ambassador.h"

/* --- the configuration (config.c) --- */

/** What is given to whoever becomes an ambassador: an offer, or points. */
struct perk {
	struct palier_bytes offer, unit; /* one of them is empty */
	int64_t points;
};

struct ambassador_config {
	int64_t threshold, leave;
	const struct palier_label *label; /* what an ambassador is called; NULL: just that */
	const struct perk *perks;
	size_t perk_count;
};

extern cfg_opt_t ambassador_options[];
int ambassador_configure(struct palier_setup *s, cfg_t *section, const void **out);

/* --- effects (effects.c) --- */

extern const struct palier_effect_kind ambassador_effects[];

#define PALIER_FIELDS_ambassador_undone(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose") \
	F(M, ENUM(ambassador_deed), deed, "deed", PALIER_REQUIRED, PALIER_ANY, "deed") \
	F(M, DAY, day, "day", PALIER_REQUIRED, PALIER_ANY, "of this day") \
	F(M, INT, seq, "seq", PALIER_REQUIRED, PALIER_RANGE(0, PALIER_FIGURE_MAX), "noted by this event, has not been")
PALIER_MESSAGE(ambassador_undone);

#define PALIER_FIELDS_ambassador_risen(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who is an ambassador") \
	F(M, DAY, since, "since", PALIER_REQUIRED, PALIER_ANY, "from this day on")
PALIER_MESSAGE(ambassador_risen);

#define PALIER_FIELDS_ambassador_noticed(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who") \
	F(M, DAY, until, "until", 0, PALIER_ANY, "is given notice: the last day as one; absent: stays after all")
PALIER_MESSAGE(ambassador_noticed);

#define PALIER_FIELDS_ambassador_left(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who is no ambassador any more")
PALIER_MESSAGE(ambassador_left);

#define PALIER_FIELDS_ambassador_merged(F, M) \
	F(M, MEMBER, from, "from", PALIER_REQUIRED, PALIER_ANY, "whose deeds and standing") \
	F(M, MEMBER, into, "into", PALIER_REQUIRED, PALIER_ANY, "are this member's from now on")
PALIER_MESSAGE(ambassador_merged);

#define PALIER_FIELDS_ambassador_forgotten(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "of whom") \
	F(M, DAY, before, "before", 0, PALIER_ANY, "no deed from before this day is kept; absent: nothing at all")
PALIER_MESSAGE(ambassador_forgotten);

#define PALIER_FIELDS_ambassador_often(F, M) \
	F(M, INT, days, "days", PALIER_REQUIRED, PALIER_RANGE(0, 366), "with purchases on so many days") \
	F(M, INT, members, "members", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), "how many members")
PALIER_MESSAGE(ambassador_often);

#define PALIER_FIELDS_ambassador_counted(F, M) \
	F(M, STRING, upto, "upto", 0, PALIER_RANGE(18, 18), "the last member counted; absent: all are") \
	F(M, LIST(ambassador_often), often, "often", PALIER_REQUIRED, PALIER_ANY, "what members were found to buy")
PALIER_MESSAGE(ambassador_counted);

/* --- rows (rows.c) --- */

extern const struct palier_table ambassador_tables[];
enum ambassador_table { T_DEED, T_STANDING, T_COUNT };

struct deed {
	enum ambassador_deed what;
	uint32_t day;
	uint64_t seq;     /* the event that noted it */
	uint8_t n;        /* told apart from others of the event */
	uint32_t counted; /* of a void: the day of the referral that it strikes out; 0: it had not counted */
	bool struck;      /* a void struck it out */
};

/** The deeds of one member, or of all (NULL), by member and day. */
struct palier_cursor *deeds_of(const struct palier_tables *t, const struct palier_id *member);
/** @return PALIER_OK; PALIER_ENOENT at the end; PALIER_EDAMAGED */
int deed_next(struct palier_cursor *cur, struct palier_id *out_member, struct deed *out);
int deed_write(struct palier_tables *t, struct palier_id member, struct deed d);
/** Take the last of this kind, day and event out again. */
int deed_undo(struct palier_tables *t, struct palier_id member, const struct deed *d);
/** Drop those from before a day, or all (DAY_NEVER). */
int deeds_forget(struct palier_tables *t, struct palier_id member, uint32_t before);
int deeds_move(struct palier_tables *t, struct palier_id from, struct palier_id into);

struct standing {
	uint32_t since; /* 0: no ambassador */
	uint32_t until; /* the last day as one; 0: no notice was given */
};
int ambassador_standing(const struct palier_tables *t, struct palier_id member, struct standing *out);
/** One without `since` has no row. */
int ambassador_stand(struct palier_tables *t, struct palier_id member, const struct standing *st);

/* --- how often members buy (frequency.c, its rows in rows.c) --- */

#define OFTEN_DAYS 365              /* days in which purchases are counted, and */
#define OFTEN_MOST (OFTEN_DAYS + 1) /* what a member may have bought on at most, and one more */

/** How far the counting is that follows a close. */
struct counting {
	uint32_t batch;        /* after which close */
	struct palier_id upto; /* the last member counted */
	bool done;
};
int counting_get(const struct palier_tables *t, struct counting *out);
int counting_put(struct palier_tables *t, const struct counting *n);
/** From how many days on a member is in the quintiles 2 to 5. @return PALIER_OK; PALIER_ENOENT: nobody was counted yet */
int quintiles_get(const struct palier_tables *t, uint32_t out[4]);
/** The quintile of somebody who bought on so many days. */
int quintile_of(const uint32_t from[4], int64_t days);
int bins_add(struct palier_tables *t, const struct ambassador_counted *e);
int bins_clear(struct palier_tables *t);
/** Turn what was counted into quintiles. */
int bins_sort(struct palier_tables *t);

int often_apply(struct palier_tables *t, const struct palier_event *ev, const void *body);

/** A slice of the counting. */
struct often {
	struct counting so_far;
	int64_t members[OFTEN_MOST];
	bool any;
};
int often_begin(struct palier_ctx *c, struct often *o);
/** Count a member who agrees to it, unless that is done. @param day the last of the 365 */
int often_count(struct palier_ctx *c, struct often *o, struct palier_id member, uint32_t day);
/** @param upto NULL: that was all */
int often_end(struct palier_ctx *c, struct often *o, const struct palier_id *upto);
/** A member's quintile now; 0: not known yet. */
int often_quintile(struct palier_ctx *c, struct palier_id member, uint32_t day, int *out);

/* --- the score (score.c) --- */

#define REFERRAL_POINTS 300
#define VOID_POINTS     150
#define PROMOTER_POINTS 50
#define OFTEN_POINTS    10
#define REFERRAL_DAYS   365 /* who has not brought anybody for longer becomes no ambassador */
#define PROMOTER_DAYS   180
#define FADE_DAYS       1500 /* then less than a point of a referral is left: nothing */

/** What a referral counts after so many days, in 1/65536 of a point: halved in 180 days, by whole days, each cut (measures: Q16, q(180)). */
struct fade {
	uint32_t q16[FADE_DAYS + 1];
};
void fade_fill(struct fade *f);

struct score {
	struct deed *deeds; /* the oldest first */
	size_t count, room;
	int64_t points;
	int64_t referrals; /* of the last 365 days */
	int64_t voids;
	uint32_t promoter; /* the day of the last promoter's answer that counts; 0: none */
	int frequency;     /* quintile; 0: not known */
};

/** Does the member agree to be profiled? Else there is no score. @return PALIER_OK; PALIER_ENOENT: no */
int score_allowed(struct palier_ctx *c, struct palier_id member);
void score_add(struct palier_ctx *c, struct score *s, const struct deed *d);
/** What a member's deeds come to on a day. @param s holds all of them @param f filled */
int score_count(struct palier_ctx *c, struct palier_id member, const struct fade *f, uint32_t day, struct score *s);
/** What a referral counts still; 0 when it was struck out. */
int64_t score_referral(const struct fade *f, const struct deed *d, uint32_t day);

/* --- who is one (standing.c) --- */

/** @param noted not kept yet: whoever reaches the threshold by it becomes an ambassador */
int ambassador_lift(struct palier_ctx *c, struct palier_id member, const struct deed *noted);
bool ambassador_holds(const struct standing *st, uint32_t day);
int ambassador_due(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from);
int ambassador_on_void(struct palier_ctx *c, const struct palier_event *undone);
int ambassador_on_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into);
int ambassador_on_erase(struct palier_ctx *c, struct palier_id member);
int ambassador_on_decided(struct palier_ctx *c);

/* --- what is answered (methods.c) --- */

extern const struct palier_service ambassador_services[];
int ambassador_on_lookup(struct palier_ctx *c, struct palier_id member, struct palier_json *w);

int ambassador_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who);
