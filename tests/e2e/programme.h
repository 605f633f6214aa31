/* SPDX-License-Identifier: Apache-2.0 */
/* A shop whose programme has everything, for palierd and for the model; and tickets drawn at random, for both. */
#pragma once

#include "tests/e2e/harness.h"
#include "tests/model/programme.h"

enum { U_POINTS, U_STARS, U_STAMPS, U_CREDIT };

/** The same programme twice: as configured, and for the model. The plain one only earns. */
extern const struct shop_options programme_shop, programme_plain;
const struct p_rules *programme_rules(bool plain);

/** What a ticket is drawn from. */
struct tickets {
	const struct programme *model;
	uint64_t *state;
	int member_count, purse_count; /* purses: gift cards, behind the members' accounts */
	char cards[P_ACCOUNTS][40];
	char members[M_MEMBERS][40];
};

uint64_t ticket_below(struct tickets *d, uint64_t n);
/** A basket, and who buys it: nothing is redeemed yet. */
void ticket_draw(struct tickets *d, int member, int64_t at_ms, struct p_ticket *out);
/** Rewards and coupons. */
void ticket_redeem(struct tickets *d, struct p_ticket *t);
/** Stored value for a part of it. */
void ticket_pay(struct tickets *d, struct p_ticket *t);
/** What comes back of a sale: a line or two, by quantity or by amount, or all; now and then too much. */
void ticket_back(struct tickets *d, int sale, struct p_back *out);

/** JSON with ' for ", from `'member':` on, without `payable`. @return until the next call */
const char *ticket_json(const struct tickets *d, const struct p_ticket *t);
/** `,'lines':[...]`, or nothing. @return until the next call */
const char *back_json(const struct p_back *b);
const char *time_text(int64_t ms);
