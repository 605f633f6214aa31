/* SPDX-License-Identifier: Apache-2.0 */
/* A basket priced: one code for quote and commit, so that they cannot disagree (rules.md "Order of a sale"). */
#pragma once

#include "daemon/core.h"

struct taken_hold;

/** What quote, hold and commit have in common. */
struct basket {
	struct palier_bytes card;
	const struct palier_id *member;
	const struct basket_line *lines;
	uint32_t line_count;
	const struct redemption *redeem;
	uint32_t redeem_count;
	const struct palier_bytes *coupons;
	uint32_t coupon_count;
	const struct payment *payments;
	uint32_t payment_count;
	const struct ticket_return *returns; /* the ticket's, not priced here */
	uint32_t return_count;
	bool automatic, quote, holding;
	int64_t paid;                      /* what the till took for the ticket; of a commit */
	struct palier_bytes number;        /* of the receipt; empty in a quote */
	struct palier_bytes referral;      /* a sponsor's code, */
	const struct suggested *suggested; /* and what became of suggestions; of a commit */
	uint32_t suggested_count;
};

/** Take a message's basket: sale_quote and sale_commit name these fields alike. */
#define BASKET_OF(p, message, ...) \
	{ \
		.card = (p)->card, .member = PALIER_HAS(p, message, member) ? &(p)->member : NULL, .lines = (p)->lines.at, \
		.line_count = (p)->lines.count, .redeem = (p)->redeem.at, .redeem_count = (p)->redeem.count, \
		.coupons = (p)->coupons.at, .coupon_count = (p)->coupons.count, .payments = (p)->payments.at, \
		.payment_count = (p)->payments.count, .returns = (p)->returns.at, .return_count = (p)->returns.count, \
		.automatic = !PALIER_HAS(p, message, automatic) || (p)->automatic, __VA_ARGS__ \
	}

/** Find whose sale it is: c's member, or nobody's. A card that nobody has may earn all the same, as the store has it (offline.c).
 * @return PALIER_OK; a refusal */
int basket_who(struct palier_ctx *c, const struct basket *b);
/** The lines' shapes, before anything is looked up. @return PALIER_OK; PALIER_EPARAMS, refused */
int basket_check(struct palier_ctx *c, const struct basket *b);
/** Price it: foreign discounts, ours, and what follows from the sale, as effects of c's event. Its member is known already.
 * @return PALIER_OK; a refusal */
int basket_price(struct palier_ctx *c, const struct basket *b, struct palier_sale *out);
/** Price the basket of a hold: the discounts are those that were held, and plugins book what they held.
 * @param held the hold's event @param pinned the discounts */
int basket_capture(struct palier_ctx *c, const struct basket *b, const struct palier_event *held,
	const struct sale_held *pinned, struct palier_sale *out);
/** Does it ask for anything that is the member's to spend? */
bool basket_spends(const struct basket *b);
/** Score a sale that was booked without a member for c's: at the prices that were booked, what follows from it today.
 * @param gone a flag for each line: all of it came back */
int basket_score(struct palier_ctx *c, const struct sale_commit *p, const struct sale_booked *booked, const bool *gone,
	struct palier_sale *out);
/** basket_price of a sale that has happened: what was paid is taken as it is. With automatic discounts where that makes it what was paid, else
 * without; what is left beside the lines' net is the difference, and an alert (offline.c). @param hold NULL, or the one captured */
int basket_paid(struct palier_ctx *c, const struct basket *b, const struct taken_hold *hold, int64_t payable,
	struct palier_sale *out, int64_t *difference);
