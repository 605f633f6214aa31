/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of ladder share: the compiled configuration, the tables and the effects. */
#pragma once

#include "plugins/palier_plugin.h"
#include "protocol/bandit.h"

/* --- configuration (config.c) --- */

/** Lines of a basket: any of these. */
struct picks {
	const char *const *skus, *const *categories, *const *tags; /* NULL-terminated, or NULL */
};

/** What may be suggested. */
struct rung {
	const char *name, *ladder;
	struct palier_bytes id; /* "coffee/beans" */
	struct picks picks;     /* empty: a threshold, which any product reaches */
	int64_t price, margin;  /* of one, in minor units; -1: not told */
	const struct palier_label *label, *pitch;
	const struct palier_condition *when;
	const char *when_text;   /* the same, as policy_when has it */
	struct span cool_down;   /* after a refusal */
	int64_t points;          /* that taking it gives beyond the usual */
	int64_t prior;           /* how often others took it, hundredths of a per cent; -1: not told */
	const struct rung *jump; /* what is suggested to who stands here, instead of the next; NULL */
	const char *coupon;      /* an offer's code, which is handed out with it; NULL */
	int64_t discount;        /* what that takes off */
	bool discount_guessed;   /* its price is not told */
};

/** Where a suggestion comes from: the next rung, what goes with a product, or a little more to a sum. */
enum ladder_kind { LADDER_RUNGS, LADDER_COMPLEMENT, LADDER_THRESHOLD };

struct ladder {
	enum ladder_kind kind;
	const char *name;
	struct rung *rungs; /* low to high; of the other kinds, one */
	size_t count;
	struct picks with;     /* of a complement: the products it goes with */
	int64_t spend, within; /* of a threshold: the sum, and from how much below it on it is worth a word */
	int64_t margin_share;  /* of it: of what is spent more, in hundredths of a per cent */
};

/** What the products of a category usually leave. */
struct category_margin {
	const char *name;
	int64_t share; /* of what is paid, hundredths of a per cent */
};

#define POLICY_LEN     8 /* hex digits */
#define POINT_DECIMALS 5 /* a point may be worth less than the smallest coin */

struct ladder_config {
	const struct ladder *ladders;
	size_t count;
	const struct category_margin *margins;
	size_t margin_count;
	int64_t per_ticket;
	unsigned holdout; /* hundredths of a per cent of members */
	uint64_t fading;
	int64_t point_value;         /* 10^-POINT_DECIMALS of the currency; 0: not told */
	int64_t redemption;          /* of the points, how many are redeemed, hundredths of a per cent */
	int64_t friction;            /* a suggestion must be worth more than this, in minor units */
	char policy[POLICY_LEN + 1]; /* by which rules it is chosen */
	uint32_t until;              /* the experiment's planned end; 0: none */
};

extern cfg_opt_t ladder_options[];
int ladder_configure(struct palier_setup *s, cfg_t *section, const void **out);
/** @param id "coffee/beans" @return NULL when there is none; its ladder and place are told */
const struct rung *rung_find(const struct ladder_config *cfg, struct palier_bytes id, const struct ladder **ladder);
/** Does a line of this product belong to the rung (or to what a complement goes with)? */
bool picks_line(const struct picks *p, const struct basket_line *line);

/* --- by which rules (policy.c) --- */

/** What a condition demands, as a text: comments, blanks and the order in which it is written do not change it. @param when NULL: nothing */
const char *policy_when(struct palier_setup *s, cfg_t *when);
/** A short name of all that decides what is suggested: another configuration or way of choosing has another one. */
void policy_name(const struct ladder_config *cfg, char out[POLICY_LEN + 1]);

/* --- what is gained (worth.c) --- */

/** What the shop gains by goods, as far as the configuration tells. */
struct worth {
	int64_t spend, known; /* net paid, and the part of it whose margin is known */
	int64_t estimated;    /* of the part that is known, what only its category tells */
	int64_t margin;       /* of the part that is known */
};
/** Count a line. @param w added to, where the line is of goods */
void worth_add(const struct ladder_config *cfg, const struct palier_line *l, struct worth *w);
/** What one of a rung gains. @param l the rung's @param estimated set: its own margin is not told */
int64_t worth_of_rung(const struct ladder_config *cfg, const struct ladder *l, const struct rung *r, bool *estimated);

/** What one of a rung is sold for, or a guess: what is spent, where a sum is to be reached. */
int64_t worth_price(const struct ladder_config *cfg, const struct ladder *l, const struct rung *r, bool *guessed);
/** What a rung's points cost the shop, rounded up. @param decimals of the currency */
int64_t worth_of_points(const struct ladder_config *cfg, const struct rung *r, unsigned decimals);

/* --- effects (effects.c) --- */

#define LEVEL_MOST 131 /* bytes of a pair of categories */

/* Lines of a rung bought by a member, or, negative, no more. */
#define PALIER_FIELDS_ladder_step(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who") \
	F(M, STRING, rung, "rung", PALIER_REQUIRED, PALIER_RANGE(3, 129), "ladder/rung") \
	F(M, INT, lines, "lines", PALIER_REQUIRED, PALIER_ANY, "how many more, signed") \
	F(M, DAY, day, "day", PALIER_REQUIRED, PALIER_ANY, "store date of the sale") \
	F(M, BOOL, returned, "returned", 0, PALIER_ANY, "they came back: it is not suggested to this member again") \
	F(M, BOOL, kept, "kept", 0, PALIER_ANY, "that return was voided: they never came back")
PALIER_MESSAGE(ladder_step);

/* Of ladder.shown, a suggestion with its outcome, and of ladder.undone, which takes it back. */
#define LADDER_SHOWN(F, M) \
	F(M, STRING, decision, "decision", PALIER_REQUIRED, PALIER_RANGE(1, 128), \
		"store, date, member or till, purchases so far") \
	F(M, STRING, rung, "rung", PALIER_REQUIRED, PALIER_RANGE(3, 129), "ladder/rung") \
	F(M, ENUM(suggestion_outcome), outcome, "outcome", PALIER_REQUIRED, PALIER_ANY, "accepted, declined or ignored") \
	F(M, MEMBER, member, "member", 0, PALIER_ANY, "to whom, with consent to profiling") \
	F(M, DAY, day, "day", PALIER_REQUIRED, PALIER_ANY, "store date") \
	F(M, DAY, booked, "booked", 0, PALIER_ANY, \
		"store date on which it was told or taken back: suggestions change from the next day on; absent: day") \
	F(M, INT, fading, "fading", PALIER_REQUIRED, PALIER_RANGE(0, UINT32_MAX), \
		"what a day leaves of an outcome, in 2^32ths") \
	F(M, BOOL, deduced, "deduced", 0, PALIER_ANY, "the till did not say: the product was bought") \
	F(M, INT, revenue, "revenue", 0, PALIER_ANY, "what was paid for it") \
	F(M, INT, margin, "margin", 0, PALIER_ANY, "what the shop gained by it, as configured") \
	F(M, BOOL, estimated, "estimated", 0, PALIER_ANY, "of the margin some or all is what its category usually leaves") \
	F(M, STRING, draw, "draw", 0, PALIER_ANY, \
		"of the winner, in 2^64ths, hex; absent: it was suggested on another day") \
	F(M, STRING, policy, "policy", 0, PALIER_ANY, \
		"by which rules it was chosen: of the configuration's section and the way of choosing, hex") \
	F(M, INT, friction, "friction", 0, PALIER_ANY, \
		"what it had to be expected to gain more than, minor units; absent: 0") \
	F(M, BOOL, uniform, "uniform", 0, PALIER_ANY, "it was drawn at random, to learn") \
	F(M, STRING, level, "level", 0, PALIER_RANGE(3, LEVEL_MOST), \
		"what leads from one category to another counts together: \"coffee > grinder\"; absent: the categories are not told") \
	F(M, BOOL, again, "again", 0, PALIER_ANY, "what took it back was voided: the member was not asked once more") \
	F(M, BOOL, instead, "instead", 0, PALIER_ANY, \
		"in the place of an earlier outcome, undone beside it: it counts for that one's day, and nobody was asked once more") \
	F(M, BOOL, pending, "pending", 0, PALIER_ANY, \
		"a coupon was handed out with it: what becomes of it shows within 14 days") \
	F(M, LIST(ladder_candidate), candidates, "candidates", 0, PALIER_ANY, "what it was chosen from")

#define PALIER_FIELDS_ladder_candidate(F, M) \
	F(M, STRING, rung, "rung", PALIER_REQUIRED, PALIER_ANY, "ladder/rung") \
	F(M, INT, a, "a", PALIER_REQUIRED, PALIER_ANY, "accepted, prior included") \
	F(M, INT, b, "b", PALIER_REQUIRED, PALIER_ANY, "declined, prior included") \
	F(M, INT, gain, "gain", PALIER_REQUIRED, PALIER_ANY, "what accepting it gains, minor units") \
	F(M, BOOL, estimated, "estimated", 0, PALIER_ANY, "the gain is a guess: the margin is not told")
PALIER_MESSAGE(ladder_candidate);

#define PALIER_FIELDS_ladder_shown(F, M) LADDER_SHOWN(F, M)
PALIER_MESSAGE(ladder_shown);

#define PALIER_FIELDS_ladder_undone(F, M) LADDER_SHOWN(F, M)
PALIER_MESSAGE(ladder_undone);

#define PALIER_FIELDS_ladder_filtered(F, M) \
	F(M, DAY, day, "day", PALIER_REQUIRED, PALIER_ANY, "store date") \
	F(M, LIST(filter_count), reasons, "reasons", PALIER_REQUIRED, PALIER_ANY, "why candidates were not suggested") \
	F(M, BOOL, undone, "undone", 0, PALIER_ANY, "the sale was voided: count them no more")
PALIER_MESSAGE(ladder_filtered);

#define PALIER_FIELDS_ladder_experiment(F, M) \
	F(M, INT, epoch, "epoch", PALIER_REQUIRED, PALIER_RANGE(1, UINT32_MAX), "a change of the share begins a new one") \
	F(M, STRING, salt, "salt", PALIER_REQUIRED, PALIER_RANGE(1, 64), "of its buckets and draws") \
	F(M, INT, share, "share", PALIER_REQUIRED, PALIER_RANGE(0, 10000), "of members held out, hundredths of a per cent") \
	F(M, DAY, start, "start", PALIER_REQUIRED, PALIER_ANY, "store date") \
	F(M, DAY, until, "until", 0, PALIER_ANY, "its planned end")
PALIER_MESSAGE(ladder_experiment);

#define PALIER_FIELDS_ladder_visited(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who") \
	F(M, INT, epoch, "epoch", PALIER_REQUIRED, PALIER_RANGE(1, UINT32_MAX), "of the experiment") \
	F(M, BOOL, held, "held", 0, PALIER_ANY, "in the holdout") \
	F(M, INT, spend, "spend", PALIER_REQUIRED, PALIER_ANY, "net paid for goods, signed") \
	F(M, INT, climbed, "climbed", PALIER_REQUIRED, PALIER_RANGE(-1, 1), \
		"bought from a rung above the member's own; -1: no more") \
	F(M, INT, margin, "margin", 0, PALIER_ANY, "what the shop gained, where that is known, signed") \
	F(M, INT, known, "known", 0, PALIER_ANY, "of spend, what the margin is known of") \
	F(M, INT, estimated, "estimated", 0, PALIER_ANY, "of what is known, what only its category tells") \
	F(M, INT, visits, "visits", 0, PALIER_RANGE(-1, 1), \
		"how many visits more, signed: who has none left is in no arm; absent: none, goods came back")
PALIER_MESSAGE(ladder_visited);

#define PALIER_FIELDS_ladder_moved(F, M) \
	F(M, MEMBER, from, "from", PALIER_REQUIRED, PALIER_ANY, "whose rows") \
	F(M, MEMBER, into, "into", 0, PALIER_ANY, "whose they are now; absent: they are gone")
PALIER_MESSAGE(ladder_moved);

#define PALIER_FIELDS_ladder_stocked(F, M) \
	F(M, STRING, sku, "sku", PALIER_REQUIRED, PALIER_RANGE(1, 64), "the product's code") \
	F(M, BOOL, in_stock, "in_stock", PALIER_REQUIRED, PALIER_ANY, "false: it is out of stock") \
	F(M, DAY, until, "until", 0, PALIER_ANY, "the last day on which it is out")
PALIER_MESSAGE(ladder_stocked);

#define PALIER_FIELDS_ladder_forgotten(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose suggestions") \
	F(M, DAY, before, "before", 0, PALIER_ANY, "those told before this day; absent: all of them")
PALIER_MESSAGE(ladder_forgotten);

extern const struct palier_effect_kind ladder_effects[];

/* --- tables (tables.c) --- */

extern const struct palier_table ladder_tables[];

/** Lines of a rung that a member has. */
struct step {
	int64_t lines;
	uint32_t first;    /* day of the first of them */
	uint32_t declined; /* day of the last refusal; 0: none */
	bool returned;     /* brought back once */
};
/** @return PALIER_OK, also for a row that is not there: zeros */
int step_read(const struct palier_tables *t, struct palier_id member, struct palier_bytes rung, struct step *out);

/** When something was suggested to a member last, and the time before. */
struct asks {
	uint32_t last, before;
};
int asks_read(const struct palier_tables *t, struct palier_id member, struct asks *out);

/** What became of a suggestion to a member, as long as it can still change: what ladder.undone needs to take it back. @param out its level is the
 * arena's @return PALIER_OK; PALIER_ENOENT: nothing was told yet, or too long ago */
int outcome_read(const struct palier_tables *t, struct palier_id member, struct palier_bytes decision,
	struct palier_bytes rung, struct ladder_shown *out);
/** Of one suggestion: are these the same outcome? */
bool outcome_same(const struct ladder_shown *x, const struct ladder_shown *y);
/** All of a member's. @return as palier_next; the texts of outcome_next are valid until the next call */
struct palier_cursor *outcomes_of(const struct palier_tables *t, struct palier_id member);
int outcome_next(struct palier_cursor *rows, struct palier_id member, struct ladder_shown *out);

/** Outcomes of a rung, known when `day` began, and since: so all decisions of a day rest on the same. */
struct posterior {
	uint64_t s, f;            /* Q16 */
	int64_t s_today, f_today; /* of what was known before, some may have been taken back */
	uint32_t day;             /* 0: nothing is known */
};
int posterior_read(const struct palier_tables *t, struct palier_bytes rung, bool known, struct posterior *out);
/** As it was when `day` began. */
void posterior_at(const struct posterior *p, uint64_t fading, uint32_t day, uint64_t *s, uint64_t *f);

/** Plain counts of a rung, a pair of categories, a ladder, or the store, in the same way. */
struct level {
	int64_t accepted, declined;
	int64_t accepted_today, declined_today;
	uint32_t day; /* 0: there are none */
};
int level_read(const struct palier_tables *t, struct palier_bytes name, struct level *out);
/** As they were when `day` began. */
void level_at(const struct level *l, uint32_t day, int64_t *accepted, int64_t *declined);

struct experiment {
	uint32_t epoch; /* 0: none has begun */
	unsigned share;
	uint32_t start, until;
	struct palier_bytes salt;
};
int experiment_read(const struct palier_tables *t, struct experiment *out);
/** What an experiment has summed up. */
struct arm_sums {
	int64_t members, climbed, spend, margin, known, estimated;
	unsigned __int128 spend_squares, margin_squares;
};
int arm_read(const struct palier_tables *t, uint32_t epoch, bool held, struct arm_sums *out);
/** What is known of a member in it, who has been there at least once since it began. @return PALIER_OK; PALIER_ENOENT */
struct arm_member {
	uint32_t epoch;
	bool held;
	int64_t climbed, spend, margin, known, estimated, visits;
};
int arm_member_read(const struct palier_tables *t, struct palier_id member, struct arm_member *out);

/** A day of a rung. */
struct rung_day {
	int64_t shown, accepted, declined, revenue, margin, estimated; /* estimated: so many of the margins are */
	int64_t pending;                                               /* of those shown, not decided yet */
};
/** The days from..to of a rung, summed up. */
int rung_days(const struct palier_tables *t, struct palier_bytes rung, uint32_t from, uint32_t to, struct rung_day *out);
/** How often a reason filtered in these days. */
int filter_days(const struct palier_tables *t, unsigned reason, uint32_t from, uint32_t to, int64_t *out);

/** A product that is out of stock. */
struct shortage {
	struct palier_bytes sku;
	uint32_t until; /* the last day; 0: until it is said to be there */
};
bool shortage_lasts(const struct shortage *s, uint32_t day);
/** Is it out on this day? */
int is_short(const struct palier_tables *t, struct palier_bytes sku, uint32_t day, bool *out);
/** All rows, by code, those of days that have passed, too. @return as palier_next */
struct palier_cursor *shortages(const struct palier_tables *t);
int shortage_next(struct palier_cursor *rows, struct shortage *out);

/** Has the member any rows? @return PALIER_OK; PALIER_ENOENT */
int rows_any(const struct palier_tables *t, struct palier_id member);
int ladder_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who);

/* --- suggesting (suggest.c) --- */

/** Why a candidate is not suggested, in the order in which it is looked at: the first that holds is counted. A row has its number: a new one comes
 * last. */
enum filter {
	FILTER_CONDITION,
	FILTER_BASKET,
	FILTER_GAIN,
	FILTER_HOLDOUT,
	FILTER_ASKED,
	FILTER_DECLINED,
	FILTER_RETURNED,
	FILTER_COMPLAINT,
	FILTER_CONSENT, /* what was bought before is not looked at: once for a ladder of which nothing is in the basket */
	FILTER_STOCK,   /* looked at after the condition */
	FILTERS
};
extern const char *const filter_names[FILTERS];

#define CANDIDATES 8
#define SUGGESTED  4 /* per ticket, at most */

struct candidate {
	const struct rung *rung;
	const struct ladder *ladder;
	const struct rung *from; /* where the customer stands; NULL: nowhere on it */
	int64_t gain, missing;   /* missing: to a threshold */
	bool estimated;          /* the margin is a guess: only the price was told */
};

/** Who and what a suggestion is for. */
struct scene {
	const struct palier_sale *sale;    /* NULL: no basket */
	const struct palier_id *member;    /* with consent to profiling; NULL */
	bool unprofiled;                   /* there is a member, without it */
	const struct rung *const *without; /* lines of these rungs are looked through, as if they were not there */
	size_t without_count;
	uint32_t day;
	uint32_t purchases;
};

struct decision {
	struct palier_bytes id, salt;
	bool known, held; /* a member with consent; in the holdout */
	bool asked;       /* twice within a week */
	bool complains;
	struct candidate candidates[CANDIDATES];
	struct bandit_arm arms[CANDIDATES];
	size_t count;
	size_t chosen[SUGGESTED];
	bool uniform[SUGGESTED];
	size_t chosen_count;
	int64_t filtered[FILTERS];
};

/** What is to be suggested: a pure function of the tables, the scene and the salt. */
int decide(struct palier_ctx *c, const struct scene *scene, struct decision *out);
/** Who may be suggested what: the member with consent, the basket, today. @param member NULL: nobody */
int scene_of(struct palier_ctx *c, const struct palier_sale *s, const struct palier_id *member, struct palier_id *room,
	struct scene *out);
/** The running experiment, or the one that the next sale begins. Its salt stays when the share changes, so that a larger one only moves members
 * into the holdout; when the planned end has passed, the next test is another one. @param out its salt is the arena's */
int experiment_now(struct palier_ctx *c, struct experiment *out, bool *begins);

/** Say from which category to which a rung leads, where that is told: suggestions of a pair are alike. @param from where the customer stands; NULL:
 * that is not known, so from the rung below */
void level_mark(struct palier_ctx *c, const struct ladder *l, const struct rung *from, const struct rung *to,
	struct ladder_shown *e);

/** store "-" yyyymmdd "-" member or till "-" purchases so far */
struct palier_bytes decision_id(struct palier_ctx *c, const struct scene *scene);
/** A suggestion's id: decision, rung and a keyed tag. */
struct palier_bytes suggestion_id(struct palier_ctx *c, struct palier_bytes decision, struct palier_bytes rung);
/** @return PALIER_OK; PALIER_ESUGGESTION_UNKNOWN: not one of ours */
int suggestion_read(struct palier_ctx *c, struct palier_bytes id, struct palier_bytes *decision, struct palier_bytes *rung);
/** To whom a decision was about to suggest, as who it is now. @return PALIER_OK; PALIER_ENOENT: nobody with consent to profiling */
int decision_member(struct palier_ctx *c, struct palier_bytes decision, struct palier_id *out);
/** Write the suggestions as an array. */
int suggestions_write(struct palier_ctx *c, const struct scene *scene, struct palier_json *w);

/* --- what happens (outcomes.c) --- */

int ladder_on_sale(struct palier_ctx *c, const struct palier_sale *s);
/** A suggestion as it is told about. */
struct ladder_shown shown_of(struct palier_ctx *c, const struct scene *scene, struct palier_bytes decision,
	struct palier_bytes rung, int outcome);
int ladder_on_return(struct palier_ctx *c, struct palier_return *r);
int ladder_on_void(struct palier_ctx *c, const struct palier_event *undone);
int ladder_on_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into);
int ladder_on_erase(struct palier_ctx *c, struct palier_id member);

/* --- one suggestion, one outcome (settle.c) --- */

/** Book what is told of a suggestion, where it says more than what was told of it before. */
int outcome_book(struct palier_ctx *c, struct ladder_shown *e);
/** Take an outcome back, unless another one stands in its place. */
int outcome_undo(struct palier_ctx *c, const struct ladder_shown *was);
/** What had taken it back is voided. */
int outcome_redo(struct palier_ctx *c, const struct ladder_undone *was);
/** The suggestion of a rung of which something may still become by this sale: of several the last one.
 * @param now the decision of today @return PALIER_OK; PALIER_ENOENT */
int outcome_open(struct palier_ctx *c, const struct scene *scene, struct palier_bytes now, struct palier_bytes rung,
	struct ladder_shown *out);
/** Nothing is waited for any more, and nothing is known of what became of a member's suggestions. */
int outcomes_end(struct palier_ctx *c, struct palier_id member);
/** Nothing is known of the member any more: no rung, no suggestion, no place in the experiment (outcomes.c). */
int member_forget(struct palier_ctx *c, struct palier_id member);
int ladder_due(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from);
int ladder_on_decided(struct palier_ctx *c);

/* --- what is asked (methods.c) --- */

extern const struct palier_service ladder_services[];
int ladder_on_lookup(struct palier_ctx *c, struct palier_id member, struct palier_json *w);
int ladder_on_reply(struct palier_ctx *c, enum palier_reply reply, const struct palier_event *ev, struct palier_bytes sale,
	struct palier_json *w);
