/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of offers share: the compiled configuration, the tables and the effects. */
#pragma once

#include "plugins/caps.h"
#include "plugins/offers.h"

/* --- configuration (config.c) --- */

enum offer_trigger { TRIGGER_NONE, TRIGGER_BIRTHDAY, TRIGGER_WIN_BACK, TRIGGER_ENROLL };

struct offer {
	const char *name;
	const struct palier_label *label;
	int trigger;    /* enum offer_trigger */
	bool automatic; /* applies by itself */
	bool stackable;
	int64_t priority;
	int64_t days_before, days_after; /* around a birthday */
	struct span after;               /* of silence, before a win-back */
	struct span until; /* how long it lasts, from the enrolment, a grant or the issue of a code; SPAN_NEVER: no end */
	const struct palier_bytes *coupons; /* its shared codes, as its `when` names them */
	uint32_t coupon_count;
	bool single;  /* it has codes of its own, by coupon.issue; */
	int64_t uses; /* of each of them */
	struct caps caps;
	const struct palier_condition *when;
	const struct palier_benefit *benefit;
};

/** Does it want a code? */
static inline bool offer_of_coupon(const struct offer *o)
{
	return o->single || o->coupon_count > 0;
}

#define LIMIT_WHOLE 10000 /* hundredths of a per cent */

/** What discounts may come to on some lines. */
struct limit {
	const struct palier_condition *when;
	int64_t most;       /* of what is not protected, foreign discounts included; LIMIT_WHOLE: all of it */
	bool counts_points; /* rewards count against it, too */
};

struct offers_config {
	const struct offer *offers; /* in the order of the file */
	size_t offer_count;
	const struct limit *limits;
	size_t limit_count;
};

extern cfg_opt_t offers_options[];
int offers_configure(struct palier_setup *s, cfg_t *section, const void **out);
/** @return NULL when there is none of this name */
const struct offer *offer_of(const struct offers_config *cfg, struct palier_bytes name);

/* --- codes (codes.c) --- */

/** Symbols of a code that coupon.issue makes, its check symbol included; and as it is shown, in groups of four. */
#define CODE_LEN  12
#define CODE_TEXT 14

/** Draw a code. @param text CODE_TEXT bytes, without a NUL */
void code_draw(struct palier_ctx *c, char *text);
/** Read a code as it was typed: case-blind, hyphens and blanks ignored, I and L as 1, O as 0.
 * @param out CODE_LEN symbols @return PALIER_OK; PALIER_ECODE_UNKNOWN: it has not the shape; PALIER_ECODE_MALFORMED: a slip */
int code_read(struct palier_bytes typed, char *out);
/** What stands for it in the tables. @param code CODE_LEN symbols */
void code_hash(struct palier_ctx *c, const char *code, struct palier_hash16 *out);

/* --- effects (effects.c) --- */

/* An offer that applied. */
#define OFFER_USE(F, M) \
	F(M, STRING, offer, "offer", PALIER_REQUIRED, PALIER_RANGE(1, 64), "which") \
	F(M, MEMBER, member, "member", 0, PALIER_ANY, "to whom") \
	F(M, DAY, day, "day", PALIER_REQUIRED, PALIER_ANY, "the store's date") \
	F(M, INT, amount, "amount", PALIER_REQUIRED, PALIER_ANY, "what it took off") \
	F(M, HASH, code, "code", 0, PALIER_ANY, "keyed hash of the single code that was used") \
	F(M, INT, grant, "grant", 0, PALIER_RANGE(1, PALIER_FIGURE_MAX), "the event by which the member was given it") \
	F(M, DAY, grant_until, "grant_until", 0, PALIER_ANY, "the last day of that; absent: no end") \
	F(M, DAY, birthday, "birthday", 0, PALIER_ANY, "of a birthday offer: the birthday it is for")

#define PALIER_FIELDS_offer_used(F, M) OFFER_USE(F, M)
PALIER_MESSAGE(offer_used);

#define PALIER_FIELDS_offer_held(F, M) \
	OFFER_USE(F, M) \
	F(M, STRING, hold, "hold", PALIER_REQUIRED, PALIER_RANGE(1, 64), "the hold that keeps it") \
	F(M, TIME, expires, "expires", PALIER_REQUIRED, PALIER_ANY, "when that lapses by itself")
PALIER_MESSAGE(offer_held);

#define PALIER_FIELDS_offer_released(F, M) \
	F(M, STRING, hold, "hold", PALIER_REQUIRED, PALIER_RANGE(1, 64), "the hold that keeps no code any longer")
PALIER_MESSAGE(offer_released);

#define PALIER_FIELDS_grant_lapsed(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose") \
	F(M, STRING, offer, "offer", PALIER_REQUIRED, PALIER_RANGE(1, 64), "which") \
	F(M, INT, grant, "grant", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), "by which event it was given")
PALIER_MESSAGE(grant_lapsed);

#define PALIER_FIELDS_coupon_hash(F, M) F(M, HASH, code, "code", PALIER_REQUIRED, PALIER_ANY, "keyed hash of the code")
PALIER_MESSAGE(coupon_hash);

#define PALIER_FIELDS_coupons_issued(F, M) \
	F(M, STRING, offer, "offer", PALIER_REQUIRED, PALIER_RANGE(1, 64), "of which offer") \
	F(M, INT, uses, "uses", PALIER_REQUIRED, PALIER_RANGE(1, UINT32_MAX), "how often each can be used") \
	F(M, DAY, until, "until", 0, PALIER_ANY, "the last day; absent: no end") \
	F(M, STRING, codes, "codes", PALIER_REQUIRED | PALIER_SEALED, PALIER_ANY, \
		"the codes with a blank between them, sealed with the store's key") \
	F(M, LIST(coupon_hash), hashes, "hashes", PALIER_REQUIRED, PALIER_ANY, "in the same order")
PALIER_MESSAGE(coupons_issued);

#define PALIER_FIELDS_coupon_blocked(F, M) \
	F(M, HASH, code, "code", PALIER_REQUIRED, PALIER_ANY, "keyed hash of the code that counts no more")
PALIER_MESSAGE(coupon_blocked);

#define PALIER_FIELDS_offers_merged(F, M) \
	F(M, MEMBER, from, "from", PALIER_REQUIRED, PALIER_ANY, "whose grants and counts") \
	F(M, MEMBER, into, "into", PALIER_REQUIRED, PALIER_ANY, "whose they are now")
PALIER_MESSAGE(offers_merged);

#define PALIER_FIELDS_offers_erased(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose grants and counts are gone")
PALIER_MESSAGE(offers_erased);

extern const struct palier_effect_kind offers_effects[];

/** What the head office orders: a single code counts no more. */
int offers_on_order(struct palier_ctx *c, const struct office_order *o);

/* --- tables (tables.c) --- */

extern const struct palier_table offers_tables[];
extern const struct caps_tables offers_caps;

/** A row of `code`. */
struct code_row {
	uint32_t left;  /* uses */
	uint32_t until; /* the last day; DAY_NEVER */
	struct palier_bytes offer;
};
/** @return PALIER_OK; PALIER_ENOENT */
int code_row_read(const struct palier_tables *t, const struct palier_hash16 *code, struct code_row *out);
int code_row_write(struct palier_tables *t, const struct palier_hash16 *code, const struct code_row *row);
/** How many of its uses live holds keep from others. @param own NULL, or the hold whose commit asks @param now_ms arrival time */
int code_reserved(const struct palier_tables *t, const struct palier_hash16 *code, const struct palier_bytes *own,
	int64_t now_ms, uint32_t *out);
int code_reserve(struct palier_tables *t, const struct palier_hash16 *code, struct palier_bytes hold, int64_t expires_ms);
/** All that a hold keeps is free. */
int hold_forget(struct palier_tables *t, struct palier_bytes hold);
/** @return PALIER_OK; PALIER_ENOENT: it keeps nothing */
int hold_any(const struct palier_tables *t, struct palier_bytes hold);
/** Holds that have lapsed, to be walked: each comes once a code. @return lapsed_next: PALIER_ENOENT at the end */
struct palier_cursor *holds_kept(const struct palier_tables *t);
int holds_next(struct palier_cursor *cur, struct palier_bytes *out_hold, int64_t *out_expires_ms);

/** What a member was given: a row of `grant`. */
struct grant {
	struct palier_bytes offer;
	uint64_t seq;
	uint32_t until; /* the last day; DAY_NEVER */
};
/** A member's, by offer, or those of one offer. @return grant_next: PALIER_ENOENT at the end */
struct palier_cursor *grants_of(const struct palier_tables *t, struct palier_id member, struct palier_bytes offer);
int grant_next(struct palier_cursor *cur, struct grant *out);
int grant_write(struct palier_tables *t, struct palier_id member, const struct grant *g);
int grant_drop(struct palier_tables *t, struct palier_id member, const struct grant *g);
bool grant_is_there(const struct palier_tables *t, struct palier_id member, const struct grant *g);
/** Move all of a member's grants, or, with `into` NULL, drop them. */
int grants_move(struct palier_tables *t, struct palier_id from, const struct palier_id *into);

/** The row that counts an offer's uses for one birthday. */
struct palier_key birthday_key(struct palier_id member, uint32_t birthday, struct palier_bytes offer);
/** Do the tables agree with themselves? */
int offers_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who);

/* --- what is due to whom (due.c) --- */

/** Why an offer is a member's. */
struct due {
	uint32_t until;     /* the last day; DAY_NEVER */
	uint32_t birthday;  /* the birthday it is for; 0: it is for none */
	struct grant grant; /* seq 0: it was not given */
};
/** Is the offer's trigger at work for the member today? @return PALIER_OK; PALIER_ENOENT: it is not */
int trigger_due(struct palier_ctx *c, const struct offer *o, struct palier_id member, struct due *out);
/** Was it given, and may still be had? Of several, what ends first. @return PALIER_OK; PALIER_ENOENT */
int grant_due(struct palier_ctx *c, const struct offer *o, struct palier_id member, struct due *out);
/** Do the caps leave a use? @param member NULL: nobody @return PALIER_OK; PALIER_ENOENT: they do not */
int caps_open(struct palier_ctx *c, const struct offer *o, const struct palier_id *member, const struct due *due);

/* --- pricing (limits.c, pricing.c) --- */

void limits_set(struct palier_ctx *c, struct palier_sale *s);
int offers_on_price(struct palier_ctx *c, struct palier_sale *s);

/* --- holds and voids (holds.c) --- */

int offers_on_hold(struct palier_ctx *c, const struct palier_hold *h);
int offers_on_capture(struct palier_ctx *c, struct palier_sale *s, const struct palier_event *held);
int offers_on_release(struct palier_ctx *c, struct palier_bytes hold);
int offers_on_void(struct palier_ctx *c, const struct palier_event *undone);

/* --- what ends (ends.c) --- */

int offers_due(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from);
int offers_on_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into);
int offers_on_erase(struct palier_ctx *c, struct palier_id member);

/* --- what is asked and shown (methods.c) --- */

extern const struct palier_service offers_services[];
int offers_on_lookup(struct palier_ctx *c, struct palier_id member, struct palier_json *w);
int offers_on_reply(struct palier_ctx *c, enum palier_reply reply, const struct palier_event *ev, struct palier_bytes sale,
	struct palier_json *w);
