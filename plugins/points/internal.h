/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of points share: the compiled configuration, the tables and the effects. */
#pragma once

#include "plugins/points.h"

/* --- configuration (config.c) --- */

enum points_kind { KIND_POINTS, KIND_MONEY };
enum points_rounding { ROUND_FLOOR, ROUND_NEAREST, ROUND_UP };
enum points_proof { PROOF_NONE, PROOF_PIN, PROOF_OTP };
extern const char *const points_kind_names[];

struct points_unit {
	struct palier_bytes name;
	int kind, shortfall, rounding, proof; /* the enums above */
	struct span expires;
	int pending, return_grace; /* days */
	bool spend_same_ticket, earn_on_redeemed;
	int64_t proof_from; /* points */
};

enum rule_kind { RULE_AMOUNT, RULE_ITEM, RULE_VISIT, RULE_MULTIPLIER };

struct points_rule {
	const char *name;
	const struct points_unit *unit;
	enum rule_kind kind;
	int64_t per;    /* RULE_AMOUNT: minor units */
	int64_t points; /* RULE_MULTIPLIER: thousandths */
	int64_t priority;
	bool stackable;
	const struct palier_condition *when;
};

struct points_config {
	const struct points_unit *units;
	size_t unit_count;
	const struct points_rule *rules; /* in the order of the file */
	size_t rule_count;
};

extern cfg_opt_t points_options[];
int points_configure(struct palier_setup *s, cfg_t *section, const void **out);
/** @return NULL when the unit is not configured */
const struct points_unit *points_unit_of(const struct points_config *cfg, struct palier_bytes name);

/* --- earning (earn.c) --- */

/** Of units that may be spent on the very ticket that earns them: before rewards are. */
int points_on_price(struct palier_ctx *c, struct palier_sale *s);
int points_on_sale(struct palier_ctx *c, const struct palier_sale *s);

/* --- stored value (tender.c) --- */

int points_on_tender(struct palier_ctx *c, struct palier_sale *s);
/** Refuse what is wrong with the lines that load. */
int points_loads_check(struct palier_ctx *c, const struct palier_sale *s);
/** Credit what the lines load. */
int points_loads_book(struct palier_ctx *c, const struct palier_sale *s);

/* --- effects (lots.c) --- */

extern const struct palier_effect_kind points_effects[];

#define PALIER_FIELDS_points_unit_number(F, M) \
	F(M, INT, number, "number", PALIER_REQUIRED, PALIER_RANGE(1, UINT16_MAX), "what stands for the unit in the tables") \
	F(M, STRING, name, "name", PALIER_REQUIRED, PALIER_RANGE(1, 32), "the unit") \
	F(M, ENUM(points_kind), kind, "unit_kind", PALIER_REQUIRED, PALIER_ANY, "points or money")
PALIER_MESSAGE(points_unit_number);

#define PALIER_FIELDS_points_balance(F, M) \
	F(M, STRING, unit, "unit", PALIER_REQUIRED, PALIER_RANGE(1, 32), "the unit") \
	F(M, INT, points, "points", PALIER_REQUIRED, PALIER_ANY, "its balance")
PALIER_MESSAGE(points_balance);

/* Says in the event what a reply must say of units that did not move. */
#define PALIER_FIELDS_points_balances(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose") \
	F(M, LIST(points_balance), balances, "balances", PALIER_REQUIRED, PALIER_ANY, "at this moment of the event")
PALIER_MESSAGE(points_balances);

/* --- tables (tables.c) --- */

enum points_table {
	T_BALANCE,
	T_LOT,
	T_UNIT,
	T_UNIT_NAME,
	T_ORIGIN,
	T_TOTAL,
	T_HELD,
	T_HOLD,
	T_UNCONFIRMED,
	T_HOME,
	T_SOURCE,
	T_ROAMED
};
extern const struct palier_table points_tables[];

/** A row of `balance`. */
struct standing {
	int64_t lots;     /* sum of the lots, lapsed ones not yet booked included */
	int64_t held;     /* of it, held */
	int64_t hole;     /* how far below nothing */
	uint32_t pending; /* from this day on no lot is pending; 0: none ever was */
};

/** A row of `lot`. */
struct lot {
	uint32_t expires; /* the last day; DAY_NEVER */
	int64_t at_ms;
	uint64_t seq;
	uint8_t cause;
	int64_t left, held; /* held is part of left */
	uint32_t pending;   /* the first day on which it can be spent; 0: at once */
};

/** A row of `origin`: what of an earned credit is remembered beyond its lot. */
struct origin {
	int64_t lapsed; /* unspent, and not yet counted by a return */
	int64_t owed;   /* what returns could not collect yet */
};

/** A row of `total`: sums over all members, of one day's batch and of all time. The last two are written once they are not all 0. */
enum {
	TOTAL_CAUSES = POINTS_MERGE + 1,
	TOTAL_UNCOLLECTED = TOTAL_CAUSES,
	TOTAL_SHORTFALL,
	TOTAL_GIVEN,   /* of POINTS_GIVE, */
	TOTAL_GRANTED, /* and of POINTS_GRANT, what the head office granted */
	TOTALS,
	TOTALS_ALONE = TOTAL_GIVEN /* of a store that is in no chain */
};
struct total {
	uint32_t batch; /* of `day` */
	int64_t day[TOTALS], ever[TOTALS];
};

/** @return PALIER_OK; PALIER_ENOENT for a unit that never moved */
int points_number_of(const struct palier_tables *t, struct palier_bytes unit, uint16_t *out);
int points_name_of(const struct palier_tables *t, uint16_t number, struct palier_bytes *out);
/** @param out 0 when there is no unit yet */
int points_number_last(const struct palier_tables *t, uint16_t *out);
int points_unit_write(struct palier_tables *t, const struct points_unit_number *n);
/** A member without a row has zeros. */
int points_standing_read(const struct palier_tables *t, struct palier_id member, uint16_t number, struct standing *out);
int points_standing_write(struct palier_tables *t, struct palier_id member, uint16_t number, const struct standing *st);
/** The units a member has a row of. @param out_number after PALIER_OK @return PALIER_ENOENT at the end */
struct palier_cursor *points_standings(const struct palier_tables *t, struct palier_id member);
int points_standing_next(struct palier_cursor *cur, uint16_t *out_number, struct standing *out);
/** A member's lots of a unit, nearest expiry first. @return points_lot_next: PALIER_ENOENT at the end */
struct palier_cursor *points_lots(const struct palier_tables *t, struct palier_id member, uint16_t number);
int points_lot_next(struct palier_cursor *cur, struct lot *out);
/** @param l which lot; then what is in it @return PALIER_OK; PALIER_ENOENT */
int points_lot_read(const struct palier_tables *t, struct palier_id member, uint16_t number, struct lot *l);
/** Put into a lot or take out of it. An empty lot goes.
 * @param l which lot; its pending day counts where the lot is new @param stay a dated lot stays when it is empty, so that its
 * expiry can be booked @return PALIER_OK; PALIER_EDAMAGED when there is less in it */
int points_lot_move(struct palier_tables *t, struct palier_id member, uint16_t number, struct lot *l, int64_t points,
	bool stay);
/** Of what the event `seq` earned in a unit; zeros where nothing is remembered. */
int points_origin_read(const struct palier_tables *t, uint64_t seq, uint16_t number, struct origin *out);
int points_origin_add(struct palier_tables *t, uint64_t seq, uint16_t number, int64_t lapsed, int64_t owed);
/** Zeros for a unit that never moved. */
int points_total_read(const struct palier_tables *t, uint16_t number, struct total *out);
int points_total_add(struct palier_tables *t, uint32_t batch, uint16_t number, const struct points_move *m);
/** Count what the head office granted. */
int points_total_granted(struct palier_tables *t, uint32_t batch, uint16_t number, int64_t points);
/** What is outstanding, by all moves there were. */
int64_t points_total_outstanding(const struct total *total);
/** Put what is in a lot. */
int points_lot_set(struct palier_tables *t, struct palier_id member, uint16_t number, const struct lot *l);
/** What names a lot, as a part of keys. */
void points_lot_key(struct palier_key *k, uint16_t number, const struct lot *l);
/** @param out what names it is set, the rest left alone @return the unit's number */
uint16_t points_lot_cut(struct palier_cut *k, struct lot *out);
/** What counts on `day`: without lapsed lots. @param now_ms when what is asked arrives: holds that lapsed by then hold nothing */
int points_balance_on(const struct palier_tables *t, struct palier_id member, uint16_t number, const struct standing *st,
	uint32_t day, int64_t now_ms, int64_t *out);
/** Do the tables agree with themselves? */
int points_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who);

/* --- moves (lots.c) --- */

/** The day by which is judged what has lapsed and what a member sees: that of the store's own clock. What may be spent is
 * judged by palier_today, when the sale happened. */
uint32_t points_now(const struct palier_ctx *c);
/** What a member sees now; 0 for a unit that never moved. @param out untouched on error */
int points_balance_now(struct palier_ctx *c, struct palier_id member, struct palier_bytes unit, int64_t *out);
/** Add the effect that says the balances of all configured units but those that `moved` (a flag a unit; NULL: none did). */
int points_balances_add(struct palier_ctx *c, struct palier_id member, const bool *moved);
/** The lot that a row names; nothing is known of what is in it. */
struct lot points_lot_of(const struct points_lot *row);
/** The row that names a lot, with so many points. */
struct points_lot points_lot_row(const struct lot *l, int64_t points);
/** The move that an effect is, or NULL. */
const struct points_move *points_move_in(const struct palier_effect *e);

/** A move under construction. */
struct points_plan {
	struct points_move m;
	uint16_t number;    /* of the unit */
	struct standing st; /* before the move */
	bool captured; /* of the very basket that was held: what its hold does not keep came with the ticket, and is free */
	bool kept;     /* for a hold: nothing is spent yet */
	bool roams;    /* it goes beyond what there is, and may */
	uint32_t capacity; /* of m.lots, */
	uint32_t picked;   /* and how many of its rows were picked */
};

/** A move that points plans itself, lot by lot, instead of leaving that to the effect's check. Nothing is written before
 * points_plan_book. @param p p->m has the fields that every move has, but points, which the caller sets at the end
 * @return PALIER_OK; PALIER_EDAMAGED for a unit that never moved */
int points_plan_begin(struct palier_ctx *c, struct palier_id member, struct palier_bytes unit, enum points_cause cause,
	struct points_plan *p);
/** The same of a unit that may never have moved. @return PALIER_OK; PALIER_EUNIT_UNKNOWN, refused */
int points_plan_open(struct palier_ctx *c, struct palier_id member, struct palier_bytes unit, enum points_cause cause,
	struct points_plan *p);
/** Take from, or give to (> 0), this very lot. */
void points_plan_part(struct palier_ctx *c, struct points_plan *p, const struct lot *l, int64_t points);
/** Take what is free of this lot, at most *want, before the others. @param lapsed also when it has lapsed */
int points_plan_pick(struct palier_ctx *c, struct points_plan *p, const struct lot *which, int64_t most, bool lapsed,
	int64_t *want);
/** Take *want as a debit does: nearest expiry first, pending points last. What is not there stays in *want. */
int points_plan_take(struct palier_ctx *c, struct points_plan *p, int64_t *want);
/** Make the balance negative. @return PALIER_OK; PALIER_EPARAMS beyond 2^53-1, refused */
int points_plan_dig(struct palier_ctx *c, struct points_plan *p, int64_t points);
/** Fill that much of the hole: p->st.hole is all of it. */
void points_plan_fill(struct points_plan *p, int64_t points);
/** Add the effect. */
int points_plan_book(struct palier_ctx *c, struct points_plan *p);

/** Plan points to be spent, without booking anything: p->m.lots are those that a spend would take.
 * @return PALIER_OK; the refusal of a spend */
int points_plan_spend(struct palier_ctx *c, struct palier_id member, struct palier_bytes unit, int64_t points,
	struct points_plan *p);
/** Book what a hold kept of its basket. @param m has no lots yet */
int points_move_captured(struct palier_ctx *c, const struct points_move *m);

/* --- rows of holds (held.c) --- */

#define HOLD_NAME_MAX 64

/** A row of `held`: what a hold keeps of a lot. */
struct held {
	char hold[HOLD_NAME_MAX + 1];
	uint16_t number; /* of the unit */
	struct lot lot;  /* which */
	int64_t points, until_ms;
};

/** What a member's holds keep, by hold, unit and lot, nearest expiry first. @param hold empty: all of them */
struct palier_cursor *points_helds(const struct palier_tables *t, struct palier_id member, struct palier_bytes hold);
/** @return PALIER_OK; PALIER_ENOENT at the end */
int points_held_next(struct palier_cursor *cur, struct held *out);
/** What of a lot (NULL: of a unit) is held by holds that end by until_ms. @param rows NULL, or their number is added */
int points_held_of(const struct palier_tables *t, struct palier_id member, uint16_t number, const struct lot *l,
	int64_t until_ms, int64_t *out, uint64_t *rows);
/** Take off l->held what holds keep no longer at now_ms, though that is not booked yet. */
int points_lot_loosen(const struct palier_tables *t, struct palier_id member, uint16_t number, int64_t now_ms,
	struct lot *l);
/** Hold more of a lot, or less, in its row, in its lot and in the standing. @param h which; `points` is not looked at */
int points_held_move(struct palier_tables *t, struct palier_id member, const struct held *h, int64_t points,
	struct standing *st);
/** How much of a lot a hold keeps; 0: nothing. @param h which; then points and until_ms too */
int points_held_read(const struct palier_tables *t, struct palier_id member, struct held *h);
/** The members that a hold keeps something of. @return points_holder_next: PALIER_ENOENT at the end */
struct palier_cursor *points_holders(const struct palier_tables *t, struct palier_bytes hold);
int points_holder_next(struct palier_cursor *cur, struct palier_id *out);
int points_holds_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who);

/* --- holds (holds.c) --- */

#define PALIER_FIELDS_points_held(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose points") \
	F(M, STRING, hold, "hold", PALIER_REQUIRED, PALIER_RANGE(1, HOLD_NAME_MAX), "the hold's id") \
	F(M, STRING, unit, "unit", PALIER_REQUIRED, PALIER_RANGE(1, 32), "the unit's name") \
	F(M, ENUM(points_cause), cause, "cause", PALIER_REQUIRED, PALIER_ANY, "what for: spend or pay") \
	F(M, INT, points, "points", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), \
		"what its capture takes: what the lots hold, and what would come with the ticket itself") \
	F(M, STRING, reward, "reward", 0, PALIER_ANY, "what they are spent on") \
	F(M, TIME, until, "until", PALIER_REQUIRED, PALIER_ANY, "then they are free, by that alone") \
	F(M, LIST(points_lot), lots, "lots", 0, PALIER_ANY, "what is held of which lots")
PALIER_MESSAGE(points_held);

#define PALIER_FIELDS_points_freed(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose points") \
	F(M, STRING, hold, "hold", PALIER_REQUIRED, PALIER_RANGE(1, HOLD_NAME_MAX), "the hold that keeps them no longer") \
	F(M, STRING, unit, "unit", PALIER_REQUIRED, PALIER_RANGE(1, 32), "the unit's name") \
	F(M, LIST(points_lot), lots, "lots", PALIER_REQUIRED, PALIER_ANY, "what it kept of which lots") \
	F(M, LIST(points_lot), filled, "filled", 0, PALIER_ANY, "of it, what fills a negative balance at once")
PALIER_MESSAGE(points_freed);

int points_held_apply(struct palier_tables *t, const struct palier_event *ev, const void *body);
int points_freed_apply(struct palier_tables *t, const struct palier_event *ev, const void *body);
int points_on_hold(struct palier_ctx *c, const struct palier_hold *h);
int points_on_capture(struct palier_ctx *c, struct palier_sale *s, const struct palier_event *held);
int points_on_release(struct palier_ctx *c, struct palier_bytes hold);
/** What the member's holds keep, listed. @param out in the request's arena */
int points_holds_list(struct palier_ctx *c, struct palier_id member, struct held **out, uint32_t *count);
/** Book that the member's holds that have lapsed keep nothing. */
int points_holds_lapse(struct palier_ctx *c, struct palier_id member);
/** Free all that the member's holds keep. @param fill a negative balance with it */
int points_holds_free(struct palier_ctx *c, struct palier_id member, bool fill);
/** Hold the unit's rows of a list for another member, who has the lots by now. */
int points_holds_adopt(struct palier_ctx *c, struct palier_id into, uint16_t number, const struct held *list,
	uint32_t count);

/* --- what waits for a close (confirm.c) --- */

#define PALIER_FIELDS_points_confirmed(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose points") \
	F(M, STRING, unit, "unit", PALIER_REQUIRED, PALIER_RANGE(1, 32), "the unit's name") \
	F(M, LIST(points_lot), lots, "lots", PALIER_REQUIRED, PALIER_ANY, "lots that can be spent from now on")
PALIER_MESSAGE(points_confirmed);

int points_confirmed_apply(struct palier_tables *t, const struct palier_event *ev, const void *body);
/** A lot that is pending for ever has been credited: it waits for the day's close. */
int points_unconfirmed_add(struct palier_tables *t, uint32_t batch, struct palier_id member, uint16_t number,
	const struct lot *l);
/** Let the member spend what was credited on a day that is closed and waited for that. */
int points_confirm(struct palier_ctx *c, struct palier_id member);

/* --- many stores (chain.c) --- */

#define PALIER_FIELDS_points_home(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose") \
	F(M, STRING, home, "home", PALIER_REQUIRED, PALIER_RANGE(1, 64), "the store where the member's points are spent")
PALIER_MESSAGE(points_home);

#define PALIER_FIELDS_points_given(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose points") \
	F(M, STRING, unit, "unit", PALIER_REQUIRED, PALIER_RANGE(1, 32), "the unit's name") \
	F(M, INT, points, "points", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), \
		"of one lot, what this store has given up") \
	F(M, TIME, expires, "expires", 0, PALIER_ANY, "when they lapse; absent: never") \
	F(M, STRING, to, "to", 0, PALIER_RANGE(1, 64), "the member's home; absent: it is here")
PALIER_MESSAGE(points_given);

#define PALIER_FIELDS_points_taken(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose points") \
	F(M, STRING, unit, "unit", PALIER_REQUIRED, PALIER_RANGE(1, 32), "the unit's name") \
	F(M, INT, asked, "asked", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), "what the office ordered") \
	F(M, INT, points, "points", PALIER_REQUIRED, PALIER_RANGE(0, PALIER_FIGURE_MAX), "of it, what there was to give up")
PALIER_MESSAGE(points_taken);

/* Of points.granted, and of points.repeated, which moves nothing: the source had been granted before. */
#define PALIER_FIELDS_points_granted(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose points") \
	F(M, STRING, unit, "unit", PALIER_REQUIRED, PALIER_RANGE(1, 32), "the unit's name") \
	F(M, INT, points, "points", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), "what the office granted") \
	F(M, STRING, source, "source", PALIER_REQUIRED, PALIER_RANGE(1, 96), "where they were given up: store/seq/index")
PALIER_MESSAGE(points_granted);

#define PALIER_FIELDS_points_roamed(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose points") \
	F(M, STRING, unit, "unit", PALIER_REQUIRED, PALIER_RANGE(1, 32), "the unit's name") \
	F(M, INT, points, "points", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), \
		"spent beyond what there was, before a grant arrives") \
	F(M, DAY, date, "date", PALIER_REQUIRED, PALIER_ANY, "store date on which they count")
PALIER_MESSAGE(points_roamed);

int points_home_apply(struct palier_tables *t, const struct palier_event *ev, const void *body);
int points_granted_apply(struct palier_tables *t, const struct palier_event *ev, const void *body);
int points_roamed_apply(struct palier_tables *t, const struct palier_event *ev, const void *body);
int points_on_order(struct palier_ctx *c, const struct office_order *o);
/** After a close: give up what a member who is at home elsewhere has here. */
int points_give(struct palier_ctx *c, struct palier_id member, const struct palier_close *close);
/** Somebody who is no member any more is at home nowhere. */
int points_home_forget(struct palier_ctx *c, struct palier_id member);
/** How much a member may spend today beyond what there is; 0: nothing. */
int points_roaming_left(struct palier_ctx *c, struct palier_id member, int64_t *out);
/** May so many points be spent beyond what there is? Then that is kept. */
int points_roam(struct palier_ctx *c, const struct points_move *m, int64_t points, bool *out);

/* --- what comes back (returns.c) --- */

int points_on_return(struct palier_ctx *c, struct palier_return *r);
int points_on_void(struct palier_ctx *c, const struct palier_event *undone);

/* --- what the customer is told (wording.c) --- */

/** With the ticket: what it earned, and what there is now. */
int points_say_earned(struct palier_ctx *c, const struct points_unit *u, struct palier_id member, int64_t points);
/** With the member view: what lapses soon. @param on the last day on which it can be used */
void points_say_lapsing(struct palier_ctx *c, struct palier_bytes unit, int64_t points, uint32_t on);

/* --- what ends (ends.c) --- */

int points_due(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from);
int points_on_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into);
int points_on_erase(struct palier_ctx *c, struct palier_id member);

/* --- what is asked and shown (methods.c) --- */

extern const struct palier_service points_services[];
int points_spendable(struct palier_ctx *c, struct palier_id member, const char *unit, int64_t *out);
int points_on_lookup(struct palier_ctx *c, struct palier_id member, struct palier_json *w);
int points_day_totals(struct palier_ctx *c, bool perpetual, struct palier_json *w);
int points_on_reply(struct palier_ctx *c, enum palier_reply reply, const struct palier_event *ev, struct palier_bytes sale,
	struct palier_json *w);
