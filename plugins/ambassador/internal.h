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
int standing_get(const struct palier_tables *t, struct palier_id member, struct standing *out);
/** One without `since` has no row. */
int standing_put(struct palier_tables *t, struct palier_id member, const struct standing *st);

int ambassador_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who);
