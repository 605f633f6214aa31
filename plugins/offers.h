/* SPDX-License-Identifier: Apache-2.0 */
/* What other plugins may ask of offers: to give one to a member. */
#pragma once

#include "plugins/palier_plugin.h"

#define PALIER_FIELDS_offer_granted(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who may have it") \
	F(M, STRING, offer, "offer", PALIER_REQUIRED, PALIER_RANGE(1, 64), "which") \
	F(M, DAY, until, "until", 0, PALIER_ANY, "the last day; absent: no end")
PALIER_MESSAGE(offer_granted);

#define PALIER_FIELDS_offer_withdrawn(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who may no longer have it") \
	F(M, STRING, offer, "offer", PALIER_REQUIRED, PALIER_RANGE(1, 64), "which") \
	F(M, INT, grant, "grant", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), "the event by which it was given") \
	F(M, BOOL, gone, "gone", 0, PALIER_ANY, "it had been used, or lapsed: nothing was left to take back")
PALIER_MESSAGE(offer_withdrawn);

/** Take a grant back that has not been used. offers' check fills `gone`. @param grant the seq of the event that gave it */
static inline int offers_withdraw(struct palier_ctx *c, struct palier_id member, struct palier_bytes offer, uint64_t grant)
{
	struct offer_withdrawn w = { .set = { 0, 0 } };

	PALIER_SET(&w, offer_withdrawn, member, member);
	PALIER_SET(&w, offer_withdrawn, offer, offer);
	PALIER_SET(&w, offer_withdrawn, grant, (int64_t)grant);
	return palier_effect_add(c, "offer.withdrawn", &w);
}

/** Let a member have an offer once, whatever its trigger and without a code; its `when` holds all the same.
 * @param until the last day; 0: as long as the offer says
 * @return PALIER_OK; PALIER_EOFFER_UNKNOWN, PALIER_EPARAMS (a day that is past), refused */
static inline int offers_grant(struct palier_ctx *c, struct palier_id member, struct palier_bytes offer, uint32_t until)
{
	struct offer_granted g = { .set = { 0, 0 } };

	PALIER_SET(&g, offer_granted, member, member);
	PALIER_SET(&g, offer_granted, offer, offer);
	if (until)
		PALIER_SET(&g, offer_granted, until, until);
	return palier_effect_add(c, "offer.granted", &g);
}
