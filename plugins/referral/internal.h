/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of referral share: the compiled configuration, the tables, the effects, and how a referral goes on.
 *
 * A referral is one friend's claim of one code. Its id is the seq of the event that claimed it. */
#pragma once

#include "plugins/ambassador.h"
#include "plugins/offers.h"
#include "plugins/points.h"
#include "plugins/referral/recommend.h"
#include "protocol/referral.h"

/* --- configuration (config.c) --- */

/** What a side gets: points of a unit, or an offer. A reward is what it costs. */
struct side {
	bool set;                 /* the side gets something */
	struct palier_bytes unit; /* empty: an offer */
	int64_t points;
	struct palier_bytes offer;  /* empty: points */
	struct palier_bytes reward; /* whose cost the points are; empty: none */
	const struct palier_label *label;
};

struct referral_config {
	const char *url; /* what stands before the code */
	int64_t minimum; /* what the friend must buy for, at once */
	struct span hold, expires, newness;
	int64_t cap; /* rewards a sponsor is paid in `per`; 0: no cap */
	struct span per;
	int64_t claims_per_day; /* 0: no limit */
	struct side sponsor, friend;
	struct recommend_config recommend;
};

extern cfg_opt_t referral_options[];
int referral_configure(struct palier_setup *s, cfg_t *section, const void **out);

/* --- a referral (tables.c) --- */

enum referral_phase { PHASE_CLAIMED, PHASE_PURCHASED, PHASE_HELD, PHASE_EARNED, PHASE_VOID };
extern const char *const referral_phase_names[];

/** Why somebody should look at it: bits. */
enum referral_flag { FLAG_PHONE, FLAG_EMAIL, FLAG_TILL, FLAG_CASHIER, FLAG_CLAIMS, FLAG_CIRCLE, FLAG_UNKNOWN, FLAGS };
extern const char *const referral_flag_names[];

/** What a code says. */
struct code_id {
	unsigned key;
	uint32_t serial;
};

/** What a side was given. */
struct gift {
	bool paid; /* and has it still */
	struct palier_bytes unit;
	int64_t points;
	struct palier_bytes offer; /* or this, */
	uint64_t grant;            /* by this event */
};

struct referral {
	uint64_t id;
	struct palier_id friend, sponsor;
	bool has_sponsor; /* known here, and not erased */
	struct code_id code;
	int64_t since_ms;
	uint32_t claimed; /* store date of it */
	enum referral_phase phase;
	bool flagged; /* it goes on, but nobody is paid before a verdict */
	unsigned flags;
	uint32_t purchases;       /* since the claim, that stand; as long as it matters */
	struct palier_bytes sale; /* held and earned: which sale reached */
	int64_t minimum;          /* this, */
	uint32_t due;             /* and the day on which the sponsor's reward falls due */
	struct gift friend_gift, sponsor_gift;
	uint32_t paid;     /* day that the sponsor's reward counts for, towards the cap */
	bool capped;       /* the sponsor had had enough in the period */
	uint32_t noted;    /* day on which it counted for the ambassador's score, */
	uint64_t noted_by; /* by which event; 0: it has not */
};

extern const struct palier_table referral_tables[];
enum referral_table {
	T_META,
	T_CODE,
	T_OWNED,
	T_SPONSOR,
	T_REFERRAL,
	T_SIDE,
	T_DUE,
	T_FLAGGED,
	T_CLAIM,
	T_PAID,
	T_COUNTED,
	T_ASKED,
	T_REACHED
};

/** @return PALIER_OK; PALIER_ENOENT; PALIER_EDAMAGED */
int referral_get(const struct palier_tables *t, uint64_t id, struct referral *out);
/** Write the row and all that leads to it. */
int referral_put(struct palier_tables *t, const struct referral *r);
int referral_del(struct palier_tables *t, uint64_t id);

/** A code that was made here. */
struct code_row {
	struct palier_id member;
	uint32_t until; /* the last day; CODE_CLOSED: its owner is gone */
	uint32_t uses;  /* referrals by it that are not void */
};
#define CODE_CLOSED 0u
int code_get(const struct palier_tables *t, const struct code_id *id, struct code_row *out);
int code_put(struct palier_tables *t, const struct code_id *id, const struct code_row *row);

/** What a sponsor has. A member without either has no row. */
struct sponsor_row {
	bool has_code;
	struct code_id code; /* the newest */
	uint32_t earned;     /* referrals that stand */
};
/** @param out zero for a member without a row */
int sponsor_get(const struct palier_tables *t, struct palier_id member, struct sponsor_row *out);
int sponsor_put(struct palier_tables *t, struct palier_id member, const struct sponsor_row *row);

enum referral_side { SIDE_FRIEND = 'f', SIDE_SPONSOR = 's' };
/** The ids of a member's referrals on one side, oldest first. @param out_ids the arena's */
int sides_of(const struct palier_tables *t, struct palier_arena *a, struct palier_id member, enum referral_side side,
	uint64_t **out_ids, uint32_t *out_count);
/** How many claims of a code there were on a store day. */
int claims_on(const struct palier_tables *t, const struct code_id *code, uint32_t day, uint32_t *out);
/** The days for which the sponsor was paid rewards, a row each, from this day on. */
struct palier_cursor *paid_from(const struct palier_tables *t, struct palier_id sponsor, uint32_t day);
int paid_next(struct palier_cursor *cur, uint32_t *out_day);
/** Held ones by the day on which they fall due, and flagged ones, oldest first, behind where a slice or a page ended. */
struct palier_cursor *dues_after(const struct palier_tables *t, uint32_t day, uint64_t id);
int due_next(struct palier_cursor *cur, uint32_t *out_day, uint64_t *out_id);
struct palier_cursor *flagged_after(const struct palier_tables *t, uint64_t id);
int flagged_next(struct palier_cursor *cur, uint64_t *out_id);

struct palier_key meta_key(const char *name);

/** Does all lead to it that follows from its row? And, counted afresh: how often a code was used, how many of a sponsor's are earned. */
int referral_is_led_to(const struct palier_tables *t, const struct referral *r, bool *out);
int uses_of(const struct palier_tables *t, const struct code_id *id, uint32_t *out);
int earned_of(const struct palier_tables *t, struct palier_id sponsor, uint32_t *out);
/** Do the tables agree with themselves? (check.c) */
int referral_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who);

/* --- effects (effects.c) --- */

extern const struct palier_effect_kind referral_effects[];

/** Why a referral changes. */
enum referral_cause { CAUSE_CLAIM, CAUSE_SALE, CAUSE_RETURN, CAUSE_DUE, CAUSE_REVIEW, CAUSE_VOID, CAUSE_MERGE };
extern const char *const referral_cause_names[];

#define PALIER_FIELDS_referral_gift(F, M) \
	F(M, BOOL, paid, "paid", PALIER_REQUIRED, PALIER_ANY, "given, and not taken back") \
	F(M, STRING, unit, "unit", 0, PALIER_RANGE(1, 32), "of this unit") \
	F(M, INT, points, "points", 0, PALIER_RANGE(1, PALIER_FIGURE_MAX), "so many") \
	F(M, STRING, offer, "offer", 0, PALIER_RANGE(1, 64), "or this offer") \
	F(M, INT, grant, "grant", 0, PALIER_RANGE(1, PALIER_FIGURE_MAX), "by this event")
PALIER_MESSAGE(referral_gift);

/* All of a referral as it is after the step. What happened stands in receipt to undone. */
#define PALIER_FIELDS_referral_step(F, M) \
	F(M, MEMBER, friend, "friend", PALIER_REQUIRED, PALIER_ANY, "who claimed the code") \
	F(M, INT, referral, "referral", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), \
		"the event of the claim: its id") \
	F(M, ENUM(referral_cause), cause, "cause", PALIER_REQUIRED, PALIER_ANY, "what happened") \
	F(M, DAY, date, "date", PALIER_REQUIRED, PALIER_ANY, "on which store date") \
	F(M, TIME, at, "at", 0, PALIER_ANY, "of what fell due: since when it holds") \
	F(M, STRING, receipt, "receipt", 0, PALIER_ANY, "the sale that was rung up, or came back") \
	F(M, INT, net, "net", 0, PALIER_ANY, "what was paid for its goods, or is left of it") \
	F(M, INT, least, "least", 0, PALIER_RANGE(0, PALIER_FIGURE_MAX), "what it must come to") \
	F(M, DAY, ends, "ends", 0, PALIER_ANY, "and the wait that it would begin ends on this day") \
	F(M, BOOL, gone, "gone", 0, PALIER_ANY, "all of it has come back") \
	F(M, INT, undone, "undone", 0, PALIER_RANGE(1, PALIER_FIGURE_MAX), "the event that is as if it had not been") \
	F(M, INT, friend_moved, "friend_moved", 0, PALIER_RANGE(-1, 1), "the friend was paid, or paid back") \
	F(M, INT, sponsor_moved, "sponsor_moved", 0, PALIER_RANGE(-1, 1), "and so the sponsor") \
	F(M, MEMBER, sponsor, "sponsor", 0, PALIER_ANY, "whose code it is; absent: nobody who is known here") \
	F(M, INT, key, "key", PALIER_REQUIRED, PALIER_RANGE(0, 3), "the code's key") \
	F(M, INT, serial, "serial", PALIER_REQUIRED, PALIER_RANGE(0, REFERRAL_SERIAL_MAX), "and serial") \
	F(M, TIME, since, "since", PALIER_REQUIRED, PALIER_ANY, "when it was claimed") \
	F(M, DAY, claimed, "claimed", PALIER_REQUIRED, PALIER_ANY, "on which store date") \
	F(M, ENUM(referral_phase), phase, "phase", PALIER_REQUIRED, PALIER_ANY, "how far it is") \
	F(M, BOOL, flagged, "flagged", 0, PALIER_ANY, "and that it waits for a verdict") \
	F(M, STRINGS, flags, "flags", 0, PALIER_ANY, "why somebody should look at it, or has") \
	F(M, INT, purchases, "purchases", PALIER_REQUIRED, PALIER_RANGE(0, UINT32_MAX), \
		"the friend's since then that stand") \
	F(M, STRING, sale, "sale", 0, PALIER_ANY, "the one that reached the minimum") \
	F(M, INT, minimum, "minimum", 0, PALIER_RANGE(0, PALIER_FIGURE_MAX), "which was this") \
	F(M, DAY, due, "due", 0, PALIER_ANY, "when the sponsor's reward falls due") \
	F(M, OBJECT(referral_gift), friend_gift, "friend_gift", 0, PALIER_ANY, "what the friend was given") \
	F(M, OBJECT(referral_gift), sponsor_gift, "sponsor_gift", 0, PALIER_ANY, "what the sponsor was given") \
	F(M, DAY, paid, "paid", 0, PALIER_ANY, "the day for which that counts towards the cap") \
	F(M, BOOL, capped, "capped", 0, PALIER_ANY, "the sponsor had had enough in the period, and got nothing") \
	F(M, DAY, noted, "noted", 0, PALIER_ANY, "the day on which it counted for the sponsor's score") \
	F(M, INT, noted_by, "noted_by", 0, PALIER_RANGE(1, PALIER_FIGURE_MAX), "by this event")
PALIER_MESSAGE(referral_step);

#define PALIER_FIELDS_referral_dropped(F, M) \
	F(M, MEMBER, friend, "friend", PALIER_REQUIRED, PALIER_ANY, "who has not claimed anything after all") \
	F(M, INT, referral, "referral", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), "the event of the claim")
PALIER_MESSAGE(referral_dropped);

#define PALIER_FIELDS_code_issued(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose code") \
	F(M, INT, key, "key", PALIER_REQUIRED, PALIER_RANGE(0, 3), "made with this key") \
	F(M, INT, serial, "serial", PALIER_REQUIRED, PALIER_RANGE(0, REFERRAL_SERIAL_MAX), "of this serial") \
	F(M, DAY, until, "until", PALIER_REQUIRED, PALIER_ANY, "the last day on which it can be claimed")
PALIER_MESSAGE(code_issued);

/* For the reply alone. */
#define PALIER_FIELDS_code_shown(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose code") \
	F(M, INT, key, "key", PALIER_REQUIRED, PALIER_RANGE(0, 3), "made with this key") \
	F(M, INT, serial, "serial", PALIER_REQUIRED, PALIER_RANGE(0, REFERRAL_SERIAL_MAX), "of this serial") \
	F(M, STRING, url, "url", 0, PALIER_ANY, "what stands before it in its QR") \
	F(M, INT, uses, "uses", PALIER_REQUIRED, PALIER_RANGE(0, PALIER_FIGURE_MAX), "referrals by it") \
	F(M, INT, left, "left", 0, PALIER_RANGE(0, PALIER_FIGURE_MAX), "rewards that are left in the period") \
	F(M, DAY, until, "until", 0, PALIER_ANY, "the last day on which it can be claimed; absent: it has no end")
PALIER_MESSAGE(code_shown);

#define PALIER_FIELDS_referral_keyed(F, M) \
	F(M, INT, id, "id", PALIER_REQUIRED, PALIER_RANGE(1, 3), "of a key with which codes are made from now on") \
	F(M, STRING, key, "key", PALIER_REQUIRED | PALIER_SEALED, PALIER_ANY, "in hex, sealed with the store's key")
PALIER_MESSAGE(referral_keyed);

#define PALIER_FIELDS_referral_range(F, M) \
	F(M, INT, from, "from", PALIER_REQUIRED, PALIER_RANGE(0, REFERRAL_SERIAL_MAX), \
		"the first serial that this store may use") \
	F(M, INT, to, "to", PALIER_REQUIRED, PALIER_RANGE(0, REFERRAL_SERIAL_MAX), "and the last")
PALIER_MESSAGE(referral_range);

#define PALIER_FIELDS_code_blocked(F, M) \
	F(M, INT, key, "key", PALIER_REQUIRED, PALIER_RANGE(0, 3), "the code's key") \
	F(M, INT, serial, "serial", PALIER_REQUIRED, PALIER_RANGE(0, REFERRAL_SERIAL_MAX), "and serial")
PALIER_MESSAGE(code_blocked);

#define PALIER_FIELDS_referral_merged(F, M) \
	F(M, MEMBER, from, "from", PALIER_REQUIRED, PALIER_ANY, "whose codes and referrals") \
	F(M, MEMBER, into, "into", PALIER_REQUIRED, PALIER_ANY, "are this member's from now on")
PALIER_MESSAGE(referral_merged);

#define PALIER_FIELDS_referral_erased(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, \
		"who sponsors nobody any more, and whose own referral ends")
PALIER_MESSAGE(referral_erased);

/* --- how a referral goes on (states.c) --- */

/** What a step came of, for the ledger. */
struct happened {
	enum referral_cause cause;
	uint32_t day;
	struct palier_bytes receipt;
	int64_t net, least;
	uint32_t ends;
	bool gone;
	uint64_t undone;
};

/** Its state as others are told. */
const char *referral_state(const struct referral *r);
/** @return the arena's */
struct palier_strings flag_names(struct palier_ctx *c, unsigned flags);
/** Does another purchase, or one that comes back, still matter? */
bool referral_is_open(const struct referral *r);
/** Does it matter that goods of this sale come back? */
bool referral_heeds(const struct referral *r, struct palier_bytes sale);
/** The friend has bought. Nobody is paid yet. */
void referral_bought(struct referral *r, const struct happened *h);
/** Goods have come back. @param h net: what is left */
void referral_returned(struct referral *r, const struct happened *h);
/** A day has come. @return has it earned by that? */
bool referral_falls_due(struct referral *r, uint32_t day);

/** Give each side what it should have by now, or take it back, and keep the step.
 * @param r changed since it was read @param h why */
int referral_step(struct palier_ctx *c, struct referral *r, const struct happened *h);
/** Keep what has fallen due by this day. @param r as it is then */
int referral_settle(struct palier_ctx *c, struct referral *r, uint32_t day);
/** Give the points of a gift once more, or, negative, take them. */
int gift_move(struct palier_ctx *c, struct palier_id member, const struct gift *g, int sign);
/** Take back what anybody was given. @param r void */
int referral_take_back(struct palier_ctx *c, struct referral *r);
/** How many more rewards the sponsor can be paid on a day; INT64_MAX: there is no cap. */
int cap_left(struct palier_ctx *c, struct palier_id sponsor, uint32_t day, int64_t *out);
/** Make known how many of the sponsor's referrals are earned. */
int earned_publish(struct palier_ctx *c, struct palier_id sponsor);

/* --- claims (claims.c, flags.c) --- */

/** Claim a code. What has happened already is not refused: it claims nothing, with an alert.
 * @param friend NULL: nobody is known @param sale the receipt it came with; empty: an enrolment */
int referral_claim(struct palier_ctx *c, const struct palier_id *friend, struct palier_bytes code, struct palier_bytes sale);
/** Can it be claimed here and now by somebody new? @param out_row zero member, when it was not made here
 * @return PALIER_OK; PALIER_ECODE_MALFORMED, PALIER_ECODE_UNKNOWN, PALIER_ECODE_EXPIRED, not refused yet */
int code_judge(struct palier_ctx *c, struct palier_bytes text, struct code_id *out_id, bool *out_known,
	struct code_row *out_row);
/** Was the friend new when the code was claimed, seeing that this is who that was? @param other another number of the friend's */
int friend_was_new(struct palier_ctx *c, struct palier_id other, const struct referral *r, bool *out);
/** Why somebody should look at a claim. @param out bits */
int referral_flags(struct palier_ctx *c, const struct referral *r, unsigned *out);

/* TRANSLATORS: an amount of money, and what the friend of a sponsor gets */
#define TEXT_MINIMUM N_("Buy for %1 at once, and your sponsor's code brings you %2")

/* --- what happens to it (follow.c, undo.c, ends.c) --- */

int referral_on_sale(struct palier_ctx *c, const struct palier_sale *s);
int referral_on_return(struct palier_ctx *c, struct palier_return *ret);
int referral_on_void(struct palier_ctx *c, const struct palier_event *undone);
int referral_on_enroll(struct palier_ctx *c, struct palier_id member, const struct member_enroll *params);
int referral_on_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into);
int referral_on_erase(struct palier_ctx *c, struct palier_id member);
int referral_due(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from);

/* --- what the head office orders (orders.c) --- */

int referral_on_order(struct palier_ctx *c, const struct office_order *o);
int referral_blocked_apply(struct palier_tables *t, const struct palier_event *ev, const void *body);

/* --- codes and their keys (codes.c) --- */

/** @param text as scanned or typed @return PALIER_OK; PALIER_ECODE_MALFORMED; PALIER_ECODE_UNKNOWN: it is not genuine */
int code_open(struct palier_ctx *c, struct palier_bytes text, struct code_id *out);
/** @param symbols REFERRAL_SYMBOLS characters and a NUL */
int code_symbols(struct palier_ctx *c, const struct code_id *id, char *symbols);
/** The next code of the store's range, made with the newest key. @return PALIER_OK; PALIER_ENOENT: the range is used up */
int code_next(struct palier_ctx *c, struct code_id *out);
/** What a code's QR says. @param base what stands before the code */
int code_url(struct palier_ctx *c, struct palier_bytes base, const struct code_id *id, struct palier_bytes *out);
/** Was the serial given to this store to be made here? */
int code_is_ours(struct palier_ctx *c, const struct code_id *id, bool *out);
/** Is the key of this number that one? @return PALIER_OK; PALIER_ENOENT: there is none */
int key_is(struct palier_ctx *c, unsigned id, const uint8_t *key, bool *out);
/** The serials that this store may use, and the next of them. */
int serials_read(struct palier_ctx *c, uint32_t *from, uint32_t *to, uint32_t *next);
int referral_rotate_decide(struct palier_ctx *c, const void *params);
/* The hook code_text. */
int referral_code_text(struct palier_ctx *c, struct palier_bytes code, struct palier_bytes *out);

/* --- methods (methods.c) --- */

extern const struct palier_service referral_services[];
/** A member's code, made now where there is none that lives: as it is shown, and what its QR says.
 * @return PALIER_OK; PALIER_ENOENT: the store's range of codes is used up */
int referral_code(struct palier_ctx *c, struct palier_id member, struct palier_bytes *out_code,
	struct palier_bytes *out_url);
int referral_on_lookup(struct palier_ctx *c, struct palier_id member, struct palier_json *w);
int referral_on_reply(struct palier_ctx *c, enum palier_reply reply, const struct palier_event *ev, struct palier_bytes sale,
	struct palier_json *w);
