/* SPDX-License-Identifier: Apache-2.0 */
/* A whole programme as rules.md tells of it, written down naively: baskets, discounts, earning, stored value, holds, tiers, returns. Lots in a
 * list, everything counted anew each time, a copy of it all to go back to. It shares no code with palier, so that the two cannot be wrong alike.
 * Dates and the policies of a shortfall are those of model.h. */
#pragma once

#include "tests/model/model.h"

#define P_UNITS     4
#define P_EARNS     12
#define P_DEALS     12 /* rewards, and offers */
#define P_TIERS     4
#define P_LIST      4 /* skus, categories, ... that a condition names */
#define P_LINES     10
#define P_ASKED     4 /* redemptions, coupons, payments, returns on a ticket */
#define P_ACCOUNTS  32
#define P_SALES     192
#define P_LOTS      1024
#define P_TAKES     48
#define P_HOLDS     64
#define P_USES      512
#define P_CODES     64
#define P_DISCOUNTS (P_DEALS + 2 * P_ASKED)

/* --- the programme --- */

enum p_rounding { P_FLOOR, P_NEAREST, P_UP };
enum p_earn_kind { P_PER_AMOUNT, P_PER_ITEM, P_PER_VISIT, P_MULTIPLIER };
enum p_deal_kind { P_AMOUNT, P_PERCENT, P_PRODUCT };
enum p_deal_of { P_ORDER, P_SELECTED, P_CHEAPEST };
enum p_line_kind { P_ITEM, P_DISCOUNT, P_GIFT_CARD, P_TOPUP, P_TIP, P_DEPOSIT };

/** All that is set must hold. */
struct p_when {
	const char *sku[P_LIST], *category[P_LIST], *tag[P_LIST], *category_not[P_LIST], *coupon[P_LIST];
	int64_t spend_min;    /* 0: not set */
	int64_t quantity_min; /* thousandths */
	unsigned tiers;       /* bit 0: the lowest */
};

struct p_unit {
	const char *name;
	bool money;
	enum m_policy policy;
	int months;             /* until it lapses; 0: never */
	int pending;            /* days */
	int grace;              /* days that a restored lot lives which had lapsed */
	bool earn_off_redeemed; /* earn-on-redeemed = false */
	enum p_rounding rounding;
};

struct p_earn {
	const char *name;
	int unit;
	enum p_earn_kind kind;
	int64_t per, points;
	int64_t factor; /* thousandths */
	int priority;
	bool alone; /* stackable = false */
	struct p_when when;
};

struct p_max {
	int member, day, total; /* 0: none */
};

/** A reward or an offer. */
struct p_deal {
	const char *name;
	enum p_deal_kind kind;
	enum p_deal_of of;
	int64_t value; /* minor units; hundredths of a per cent */
	int64_t cap;   /* 0: none */
	struct p_max max;
	struct p_when when;
	/* of a reward */
	int unit;
	int64_t cost, min_points;
	int64_t share; /* per cent; 0: all */
	int64_t get;
	const char *skus[P_LIST];
	/* of an offer */
	bool automatic;
	bool single; /* by codes of coupon.issue */
	bool alone;  /* stackable = false */
	int priority;
};

struct p_tier {
	const char *name;
	int64_t from;
	int64_t factor; /* thousandths */
};

/** What the configuration says. */
struct p_rules {
	struct p_unit units[P_UNITS];
	struct p_earn earns[P_EARNS];
	struct p_deal rewards[P_DEALS], offers[P_DEALS];
	struct p_tier tiers[P_TIERS];
	int unit_count, earn_count, reward_count, offer_count, tier_count;
	int tier_unit, tier_months, tier_return_days;
};

/* --- a ticket --- */

struct p_line {
	const char *sku, *category, *tags[2];
	int64_t quantity;        /* thousandths */
	int64_t amount, guarded; /* guarded: the protected part */
	enum p_line_kind kind;
	int on;            /* a discount's line; -1: the whole order */
	int account, unit; /* what is loaded */
};

struct p_redeem {
	int reward;
	int64_t times, points; /* 0: not said */
	const char *choice;
};

struct p_payment {
	int account, unit;
	int64_t amount;
};

struct p_back {
	int sale;
	struct m_ask asks[P_ASKED];
	int ask_count; /* 0: all that is left */
};

struct p_ticket {
	int member; /* -1: nobody */
	int64_t at_ms;
	struct p_line lines[P_LINES];
	struct p_redeem redeem[P_ASKED];
	const char *coupons[P_ASKED];
	struct p_payment payments[P_ASKED];
	struct p_back backs[P_ASKED];
	int line_count, redeem_count, coupon_count, payment_count, back_count;
	bool no_auto;
	bool supervised;
	int hold;        /* -1: none */
	bool same;       /* as the basket that was held */
	int64_t payable; /* of a commit */
};

/* --- what comes of it --- */

struct p_discount {
	const char *source;
	int64_t amount, lines[P_LINES];
};

struct p_spend {
	int reward;
	int64_t times, points;
};

enum p_refused_kind { P_REFUSED_UNIT, P_REFUSED_COUPON, P_REFUSED_REWARD };

struct p_refused {
	enum p_refused_kind kind;
	const char *what, *reason;
};

/** What a return comes to. */
struct p_refund {
	int64_t amount, units[P_UNITS];
	int64_t reversed[P_UNITS], restored[P_UNITS], uncollected[P_UNITS];
};

struct p_result {
	int64_t total, payable, due;
	struct p_discount discounts[P_DISCOUNTS];
	struct p_spend spends[P_ASKED];
	struct p_refused refused[3 * P_ASKED];
	struct p_refund refunds[P_ASKED];
	int discount_count, spend_count, refused_count;
	int64_t earned[P_UNITS];
	int64_t net[P_LINES], earnable[P_LINES], redeemed[P_LINES]; /* earnable: redeemed is not yet taken off */
	int used[P_DEALS];                                          /* which offers */
	int tier;
	int sale; /* as it was booked */
};

/* --- what is kept --- */

struct p_lot {
	int account, unit;
	int sale, line; /* that gave it; line -1: it was earned; sale -1: neither */
	int expires, pending;
	int64_t at_ms, left, held;
};

struct p_take {
	int lot;
	int64_t points;
};

/** Lots that something was taken from, in that order. */
struct p_takes {
	struct p_take rows[P_TAKES];
	int count;
};

struct p_hold {
	bool live, lapsed;
	int member;
	struct p_takes takes;
	struct p_ticket ticket;
	struct p_result result;
};

struct p_use {
	bool reward;
	int deal, account, date, sale;
	int64_t times;
};

struct p_code {
	int offer;
	int sale; /* where it was used; -1: nowhere */
	int hold; /* that reserves it; -1: none */
	char text[32];
};

struct p_return {
	bool live;
	int number; /* of its receipt, as the test names it */
	int sale, day;
	int64_t quantity[P_LINES], amount[P_LINES], value[P_LINES];
	struct p_refund refund;
	int64_t tender, earned[P_UNITS]; /* given back; taken back */
	int64_t hole[P_ACCOUNTS][P_UNITS];
	struct p_takes taken, given;
};

struct p_sale {
	bool live;
	int member, day, exchange; /* exchange: returns on the same ticket */
	int claimed;               /* how many returns had been booked when it was */
	int64_t at_ms;
	struct p_ticket ticket;
	struct p_line lines[P_LINES];
	int line_count;
	int64_t net[P_LINES], earnable[P_LINES], redeemed[P_LINES];
	int64_t quantity[P_LINES], amount[P_LINES], value[P_LINES]; /* come back */
	int64_t base, earned[P_UNITS], taken[P_UNITS];
	struct p_takes spent, tender;
	int64_t restored[P_UNITS], tender_back, tender_paid;
	int last_return;
};

/** A sale or a return, in the order in which they happened, and what it changed of what tiers measure. */
struct p_step {
	bool back;
	int which;
	int64_t points, at_ms;
};

struct programme {
	const struct p_rules *rules;
	struct p_lot lots[P_LOTS];
	int64_t hole[P_ACCOUNTS][P_UNITS];
	bool vague[P_ACCOUNTS][P_UNITS]; /* which lots a hole was filled from is not told: only the balance is */
	struct p_sale sales[P_SALES];
	struct p_return returns[P_SALES];
	struct p_hold holds[P_HOLDS];
	struct p_use uses[P_USES];
	struct p_code codes[P_CODES];
	struct p_step steps[2 * P_SALES];
	int tier[P_ACCOUNTS];
	int lot_count, sale_count, return_count, hold_count, use_count, code_count, step_count;
	int day; /* how many were closed */
};

/** Count what was written down: each list ends with the first that has no name. */
void p_rules_count(struct p_rules *r);
void programme_init(struct programme *p, const struct p_rules *rules);

/** Bearer gift cards are accounts behind the members'. */
int64_t p_balance(const struct programme *p, int account, int unit, int today);
int64_t p_pending(const struct programme *p, int account, int unit, int today);
int64_t p_held(const struct programme *p, int account, int unit);
/** Earned less what came back, of the sales in the window. */
int64_t p_measured(const struct programme *p, int member, int64_t at_ms);

/* Each does it, or refuses with the reason on the wire and changes nothing. A quote always changes nothing. */

/** @return params_invalid, or what a return on the ticket is refused for; what else cannot be had is listed */
const char *p_quote(const struct programme *p, const struct p_ticket *t, struct p_result *out);
const char *p_commit(struct programme *p, const struct p_ticket *t, struct p_result *out);
/** @param out its index */
const char *p_hold(struct programme *p, const struct p_ticket *t, struct p_result *result, int *out);
const char *p_hold_points(struct programme *p, int member, int unit, int64_t points, int64_t at_ms, int *out);
const char *p_release(struct programme *p, int hold);
/** The clock has passed its end. */
void p_lapse(struct programme *p, int hold);
const char *p_give_back(struct programme *p, const struct p_back *b, int64_t at_ms, bool supervised, int *out);
const char *p_void_sale(struct programme *p, int sale, int64_t at_ms, bool supervised);
const char *p_void_return(struct programme *p, int which, int64_t at_ms, bool supervised);
const char *p_claim(struct programme *p, int sale, int member, int64_t now_ms, int claim_days);
const char *p_adjust(struct programme *p, int account, int unit, int64_t points, int64_t at_ms);

/* --- between the files of the model --- */

/** @param sale, line as in a lot */
void p_credit(struct programme *p, int account, int unit, int64_t points, int64_t at_ms, int sale, int line);
/** Not pending, not held, not lapsed. */
int64_t p_spendable(const struct programme *p, int account, int unit, int today);
/** Take what is there, whole. @return false: there is less, and nothing was taken */
bool p_spend_points(struct programme *p, int account, int unit, int64_t points, int today, struct p_takes *takes);
void p_note(struct p_takes *takes, int lot, int64_t points);
/** What was taken is held instead. @return the hold */
int p_hold_takes(struct programme *p, int member, const struct p_takes *takes);
/** Give back what is still held, and the codes. */
void p_free(struct programme *p, int hold);
/** The same out of a hold. */
bool p_capture(struct programme *p, int hold, int account, int unit, int64_t points, struct p_takes *takes);
/** Take back what a sale gave, its own lots first. @param hole NULL or what was left owing
 * @return what could not be collected; -1: refused */
int64_t p_take_back(struct programme *p, int account, int unit, int64_t want, int sale, int line, int today, bool supervised,
	struct p_takes *takes, int64_t *hole);
/** Give points back to a lot; what has lapsed lives for some days. */
void p_restore(struct programme *p, int lot, int64_t points, int today);
/** As if they had not been taken: what has lapsed has lapsed. */
void p_put_back(struct programme *p, int lot, int64_t points, int today);
/** Points that nobody knows the lot of. */
void p_owe_less(struct programme *p, int account, int unit, int64_t points);
/** Which it was then: by all that was not later. */
int p_tier_at(const struct programme *p, int member, int64_t at_ms);
/** A sale or a return was booked. */
void p_tier_step(struct programme *p, int member, bool back, int which, int64_t points, int64_t at_ms);
/** One was voided. */
void p_tier_again(struct programme *p, int member);

/** Discounts, spends and what is earned of the goods on a ticket; what is spent is taken at once. */
void p_price(struct programme *p, const struct p_ticket *t, struct p_result *q, struct p_takes *spent);
/** @param tier before the ticket */
void p_earn_points(const struct programme *p, const struct p_ticket *t, int tier, struct p_result *q);
void p_refuse(struct p_result *q, enum p_refused_kind kind, const char *what, const char *reason);
/** Shares of an amount by weight, largest remainder first, ties to the lower line. */
void p_spread(int64_t amount, const int64_t *weights, int count, int64_t *parts);
