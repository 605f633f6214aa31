/* SPDX-License-Identifier: Apache-2.0 */
/* Sponsorship as rules.md tells of it, written down naively: what happened is kept in a list, what was voided is struck out, and what a
 * referral is now is told once more from the beginning after every step. It shares no code with palier, so that the two cannot be wrong
 * alike. Dates are those of model.h. Units have no lots here: they never lapse, and what is taken back and gone leaves a hole, so that a
 * balance is the plain sum of what moved. */
#pragma once

#include "tests/model/model.h"

#define R_MEMBERS   8
#define R_UNITS     2
#define R_CODES     32
#define R_SALES     64
#define R_RETURNS   64
#define R_REFERRALS 32
#define R_STEPS     256
#define R_CONTACTS  16
#define R_NOBODY    (-1)

/* --- the programme --- */

/** What a side gets: points of a unit, or an offer, or nothing. */
enum r_prize_kind { R_NOTHING, R_POINTS, R_OFFER };
struct r_prize {
	enum r_prize_kind kind;
	int unit;
	int64_t points;
};

struct r_rules {
	int64_t minimum;
	int hold_days;
	int cap, cap_months; /* 0: none */
	int code_months;     /* 0: a code has no end */
	int new_days;
	int claims_per_day;    /* of one code; 0: none */
	int same_till_minutes; /* between the sponsor's purchase and the claim, all at one till; 0: nobody looks */
	int claim_days;        /* in which a sale can be claimed; 0: there is no end */
	struct r_prize sponsor, friend;
	int64_t per; /* minor units that earn one point of unit 0; 0: nothing is earned */
};

/* --- what is kept --- */

/** Codes that are nobody's. */
enum { R_NO_CODE = -1, R_MALFORMED = -2, R_FORGED = -3, R_FOREIGN = -4 };

struct r_code {
	int sponsor, expires;
};

struct r_member {
	bool known, erased;
	int into;    /* whom they were merged into; -1: nobody */
	int since;   /* date */
	int contact; /* of those with the same one, who are one household; 0: none is known */
	int code;    /* the newest; -1: none */
	int64_t balance[R_UNITS];
	int offers; /* granted and neither used nor withdrawn */
};

enum r_state { R_CLAIMED, R_PURCHASED, R_HELD, R_EARNED, R_VOID, R_FLAGGED };
enum r_flag { R_CONTACT = 1, R_CIRCLE = 2, R_CLAIMS = 4, R_UNKNOWN = 8, R_TILL = 16, R_CASHIER = 32 };

struct r_sale {
	bool live;
	int member;   /* R_NOBODY, or as it was rung up or claimed */
	int rung_for; /* R_NOBODY, or whose card was shown */
	int day;
	int64_t at_ms, base, back; /* back: of base, come back */
	int64_t earned, taken;
	int referral; /* that it counts for; -1: none */
	int brought;  /* the referral that was claimed with it; -1: none */
	int last_return;
	int claimed; /* how many returns had been booked when it was */
};

struct r_return {
	bool live;
	int sale, day;
	int64_t value, taken;
	int before;  /* the sale's return before this one */
	bool earned; /* what fell due only because it touched the referral */
};

enum r_step_kind { R_BOUGHT, R_BROUGHT_BACK, R_TIME, R_ACCEPTED, R_REJECTED, R_ENDED };
struct r_step {
	enum r_step_kind kind;
	int referral;
	int sale, back; /* -1: none */
	int64_t value;  /* of the goods */
	bool all;       /* of them has come back */
	int date;
};

struct r_referral {
	bool gone; /* the ticket that brought it was voided */
	int sponsor, friend, code;
	unsigned flags;
	int64_t at_ms;
	int begins; /* at which step */
	/* told anew */
	enum r_state state;
	int due, purchases;
	bool friend_due, sponsor_due;
	/* booked */
	bool friend_has, sponsor_has;
	bool capped;  /* the sponsor had enough by then: nothing was paid */
	int paid_day; /* to the sponsor: when due, or on the day of the verdict */
};

struct referrals {
	const struct r_rules *rules;
	struct r_member members[R_MEMBERS];
	struct r_code codes[R_CODES];
	struct r_sale sales[R_SALES];
	struct r_return returns[R_RETURNS];
	struct r_referral referrals[R_REFERRALS];
	struct r_step steps[R_STEPS];
	int code_count, sale_count, return_count, referral_count, step_count;
	int day;     /* how many were closed */
	int opened;  /* the date of the open one; 0: none is */
	int verdict; /* the date of the verdict under way; 0: there is none */
};

void referrals_init(struct referrals *m, const struct r_rules *rules);
/** Who a member is now. */
int r_now(const struct referrals *m, int member);
/** The member's open referral as a friend, or the last one; -1: none. */
int r_of_friend(const struct referrals *m, int friend);

/* Each does it, or refuses with the reason on the wire and changes nothing. */

/** @param code R_NO_CODE, another such, or a code's index @param fact it has happened: a code that does not do is passed over */
const char *r_enroll(struct referrals *m, int member, int64_t at_ms, int contact, int code, bool fact);
/** @param out the code, the same while it lives */
const char *r_issue(struct referrals *m, int member, int64_t at_ms, int *out);
/** A ticket. @param base what is paid for items */
const char *r_buy(struct referrals *m, int member, int64_t at_ms, int64_t base, int code, bool fact, int *out);
const char *r_bring_back(struct referrals *m, int sale, int64_t value, int64_t at_ms, int *out);
const char *r_void_sale(struct referrals *m, int sale, int64_t at_ms);
const char *r_void_return(struct referrals *m, int which, int64_t at_ms);
/** A sale without a member becomes somebody's. */
const char *r_claim_sale(struct referrals *m, int sale, int member, int64_t now_ms);
const char *r_adjust(struct referrals *m, int member, int unit, int64_t points);
const char *r_review(struct referrals *m, int referral, bool accept, int64_t at_ms);
const char *r_merge(struct referrals *m, int from, int into, int64_t at_ms);
const char *r_erase(struct referrals *m, int member, int64_t at_ms);
/** A day is closed, the next is opened, and the jobs have run. What falls due on the day after the one that was closed has
 * waited to the end. @param daily each day was closed */
void r_close(struct referrals *m, int today, bool daily);

/* --- a story: what is done, one after the other --- */

enum r_act {
	R_ENROLL,
	R_ISSUE,
	R_BUY,
	R_RETURN,
	R_UNDO,
	R_UNRETURN,
	R_TAKE_ON,
	R_ADJUST,
	R_REVIEW,
	R_MERGE,
	R_ERASE,
	R_CLOSE
};

/** Members, sales, returns, codes and referrals are named by their number, counted from 0; those that there are not yet are counted round. */
struct r_op {
	enum r_act act;
	int who, other; /* members */
	int what;       /* the sale, return or referral */
	int64_t value; /* of a sale, its base; of a return, per cent of what is left; of an adjustment, points; of a review, 1: accept;
	                   of a close, 1: each day before was closed, too */
	int code; /* 0: none; 1 and on: the codes that were issued; R_MALFORMED, ... */
	int contact;
	int hours; /* that pass before */
	int late;  /* hours that it is told late: it has happened by then */
};

/** The same, with all that it is about found out. */
struct r_deed {
	struct r_op op;
	int who, other, sale, back, referral, code;
	int64_t value, at_ms, now_ms;
	bool idle;          /* there is nothing that it could be done to */
	const char *reason; /* NULL: it was done */
	bool core;          /* refused for what sponsorship knows nothing of */
};

/** Do it. @param now_ms moved on */
void r_do(struct referrals *m, const struct r_op *op, int64_t *now_ms, struct r_deed *out);

/** A programme, a story at random. @return how many deeds */
void r_rules_draw(uint64_t *state, struct r_rules *out);
int r_story_draw(uint64_t *state, struct r_op *ops, int most);
