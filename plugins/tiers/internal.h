/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of tiers share: the compiled configuration, the effects, the tables and how a standing follows from sums. */
#pragma once

#include "plugins/palier_plugin.h"

/* --- configuration (config.c) --- */

enum tiers_measure { MEASURE_EARNED, MEASURE_SPEND };
enum tiers_fall { FALL_ONE, FALL_EVALUATE };
enum tiers_window { WINDOW_ROLLING, WINDOW_CALENDAR_YEAR, WINDOW_LIFETIME };

struct tier {
	struct palier_bytes name;
	int64_t from;
	int64_t multiplier;               /* thousandths */
	const struct palier_label *label; /* what customers read */
};

struct tiers_config {
	struct palier_bytes unit;     /* what the multipliers multiply */
	struct palier_bytes measured; /* the unit that is summed up; empty: what was paid */
	int measure, fall;            /* the enums above */
	enum tiers_window window;
	struct span span; /* of a rolling window */
	struct span grace;
	int64_t return_window; /* days */
	const struct tier *tiers;
	size_t tier_count; /* at least 1; from the lowest to the highest */
};

extern cfg_opt_t tiers_options[];
int tiers_configure(struct palier_setup *s, cfg_t *section, const void **out);
/** @param cfg NULL: no tier has a name @return NULL when no such tier is configured */
const struct tier *tiers_named(const struct tiers_config *cfg, struct palier_bytes name);
/** The highest that a sum reaches; NULL: none. */
const struct tier *tiers_reached(const struct tiers_config *cfg, int64_t sum);
/** The next one above, or below, a threshold; NULL: there is none. */
const struct tier *tiers_above(const struct tiers_config *cfg, int64_t from);
const struct tier *tiers_below(const struct tiers_config *cfg, int64_t from);

/* --- effects (tables.c) --- */

extern const struct palier_effect_kind tiers_effects[];

/* Of a sale, or, negative, of what came back of it or was undone. */
#define PALIER_FIELDS_tiers_counted(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "for whom") \
	F(M, DAY, day, "day", PALIER_REQUIRED, PALIER_ANY, "store date of the sale") \
	F(M, STRING, unit, "unit", 0, PALIER_RANGE(1, 32), "what was earned; absent: what was paid, in money") \
	F(M, INT, figure, "figure", PALIER_REQUIRED, PALIER_ANY, "how much, signed") \
	F(M, STRING, sale, "sale", 0, PALIER_ANY, "the receipt") \
	F(M, TIME, at, "at", 0, PALIER_ANY, "of what came back: when the sale was")
PALIER_MESSAGE(tiers_counted);

/* Where a member stands from a moment on. */
#define PALIER_FIELDS_tiers_step(F, M) \
	F(M, STRING, tier, "tier", 0, PALIER_RANGE(1, 32), "the tier; absent: none") \
	F(M, INT, from, "from", 0, PALIER_RANGE(0, PALIER_FIGURE_MAX), "what it took") \
	F(M, TIME, at, "at", 0, PALIER_ANY, "since when; absent: from the beginning") \
	F(M, DAY, until, "until", 0, PALIER_ANY, "the last day; absent: without end") \
	F(M, DAY, notice, "notice", 0, PALIER_ANY, "notice was given: it falls after this day")
PALIER_MESSAGE(tiers_step);

#define PALIER_FIELDS_tiers_standing(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose") \
	F(M, LIST(tiers_step), steps, "steps", PALIER_REQUIRED, PALIER_ANY, \
		"from what the last close left to the present one, with each raise since") \
	F(M, LIST(tiers_step), before, "before", 0, PALIER_ANY, "what they were, so that this can be undone")
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
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose sums") \
	F(M, MEMBER, into, "into", PALIER_REQUIRED, PALIER_ANY, "are added to this member's")
PALIER_MESSAGE(tiers_moved);

#define PALIER_FIELDS_tiers_forgotten(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "of whom nothing is kept")
PALIER_MESSAGE(tiers_forgotten);

/* --- tables (tables.c) --- */

extern const struct palier_table tiers_tables[];

/** What was measured on the days of which something is left, in their order; day 0 is all days of which no row is kept any longer. */
struct tiers_sums {
	struct {
		uint32_t day;
		int64_t figure;
	} * at;
	uint32_t count;
};
/** @param unit empty: what was paid @param out owned by the request's arena */
int tiers_sums_read(struct palier_ctx *c, struct palier_id member, struct palier_bytes unit, struct tiers_sums *out);

/** A member's steps, oldest first. */
struct tiers_steps {
	struct tiers_step *at;
	uint32_t count;
};
/** @param out nothing, for a member without rows; owned by the request's arena, and may grow by `room` */
int tiers_steps_read(struct palier_ctx *c, struct palier_id member, uint32_t room, struct tiers_steps *out);
bool tiers_steps_equal(const struct tiers_step *a, uint32_t a_count, const struct tiers_step *b, uint32_t b_count);
/** Do the tables agree with themselves? */
int tiers_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who);

/* --- standings (standing.c) --- */

/** Where a member stands, and how that came about since the last judgement. */
struct standing {
	struct tiers_steps steps; /* never empty: whoever has no rows stands on the tier from 0, if there is one */
	bool booked;              /* there are rows */
};
static inline struct tiers_step *standing_now(const struct standing *st)
{
	return &st->steps.at[st->steps.count - 1];
}

int standing_read(struct palier_ctx *c, struct palier_id member, struct standing *out);
/** What a step's tier takes, today or, of a tier that is no longer configured, when it was reached; -1: no tier. */
int64_t standing_worth(const struct tiers_config *cfg, const struct tiers_step *s);
/** The step that counts at a moment: a sale that comes late earns at the rate of its own time. */
const struct tiers_step *standing_at(const struct standing *st, int64_t at_ms);
/** The last day on which a step holds without anything more; 0: without end. */
static inline uint32_t step_end(const struct tiers_step *s)
{
	return s->notice ? s->notice : s->until;
}

/** Book where a member stands now, and make it known. Nothing is booked where nothing has changed. */
int standing_put(struct palier_ctx *c, struct palier_id member, const struct standing *old, const struct standing *new);
/** A sale counts: raises as far as the sums go, as if sales had come in the order in which they happened.
 * @param back it is put back, after its return was undone: then the steps before that return, or NULL */
int standing_raise(struct palier_ctx *c, struct palier_id member, int64_t at_ms, const struct tiers_steps *back);
/** A sale counts no longer, or less: raises that are not older than it stand only as far as the sums go without it.
 * @param back it was the last that changed anything: what was before it; NULL: that is not known */
int standing_undo(struct palier_ctx *c, struct palier_id member, int64_t at_ms, const struct tiers_steps *back);
/** Two members are one: the higher tier stays. */
int standing_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into);
/** After a close: judge a tier whose time is over. */
int standing_judge(struct palier_ctx *c, struct palier_id member, const struct palier_close *close);
/** What is to be shown of a member on this day. */
int standing_show(struct palier_ctx *c, struct palier_id member, uint32_t day, struct tiers_shown *out);
