/* SPDX-License-Identifier: Apache-2.0 */
/* What is odd about a claim: a person looks at it before anybody is paid. */
#include "plugins/referral/internal.h"

#define SAME_TILL_MS INT64_C(300000) /* between the sponsor's own purchase and the claim */
#define CLOCKS_MS    INT64_C(300000) /* what a till's clock may be off */
#define CHAIN_MOST   64              /* sponsors of sponsors that are looked at */

static int contact_flags(struct palier_ctx *c, const struct referral *r, unsigned *flags)
{
	struct palier_contact shared;
	int err = palier_contact_shared(c, r->sponsor, r->friend, &shared);

	if (err != PALIER_OK)
		return err;
	*flags |= (shared.phone ? 1u << FLAG_PHONE : 0u) | (shared.email ? 1u << FLAG_EMAIL : 0u);
	return PALIER_OK;
}

/* --- the sponsor has just bought at this till --- */

struct till_look {
	struct palier_ctx *c;
	struct palier_id sponsor;
	bool found;
};

static int till_visit(void *who, const struct palier_event *ev)
{
	struct till_look *look = who;
	const struct palier_event *now = palier_event_now(look->c);

	if (ev->received_ms + CLOCKS_MS < now->at_ms - SAME_TILL_MS)
		return 0;
	look->found = ev->method == &method_sale_commit && ev->has_member &&
	              palier_member_was(look->c, ev->member, look->sponsor) && palier_equal(ev->till, now->till) &&
	              ev->at_ms <= now->at_ms && ev->at_ms >= now->at_ms - SAME_TILL_MS;
	return look->found ? 0 : 1;
}

static int till_flag(struct palier_ctx *c, const struct referral *r, unsigned *flags)
{
	struct till_look look = { c, r->sponsor, false };
	int err = palier_events_of(c, r->sponsor, 0, till_visit, &look);

	*flags |= look.found ? 1u << FLAG_TILL : 0u;
	return err;
}

/* --- the sponsor rings it up --- */

static void cashier_flag(struct palier_ctx *c, const struct referral *r, unsigned *flags)
{
	struct palier_bytes operator= palier_event_now(c)->operator;

	if (operator.len && palier_member_tagged(c, r->sponsor,
		    palier_str(palier_format(palier_arena(c), "operator:%.*s", PALIER_ARG(operator)))))
		*flags |= 1u << FLAG_CASHIER;
}

/* --- sponsors go round in a circle --- */

/* The sponsor of the member's own claim that is not void. @return PALIER_OK; PALIER_ENOENT */
static int sponsor_of(struct palier_ctx *c, struct palier_id member, struct palier_id *out)
{
	struct referral r;
	uint64_t *ids;
	uint32_t count;
	int err = sides_of(palier_tables(c), palier_arena(c), member, SIDE_FRIEND, &ids, &count);

	for (uint32_t i = 0; i < count && err == PALIER_OK; i++) {
		err = referral_get(palier_tables(c), ids[i], &r);
		if (err == PALIER_OK && r.has_sponsor && r.phase != PHASE_VOID) {
			*out = r.sponsor;
			return PALIER_OK;
		}
	}
	return err == PALIER_OK ? PALIER_ENOENT : err;
}

static int circle_flag(struct palier_ctx *c, const struct referral *r, unsigned *flags)
{
	struct palier_id above = r->sponsor;
	int err = PALIER_OK;

	for (unsigned i = 0; i < CHAIN_MOST && err == PALIER_OK; i++) {
		err = sponsor_of(c, above, &above);
		if (err == PALIER_OK && palier_id_equal(above, r->friend)) {
			*flags |= 1u << FLAG_CIRCLE;
			return PALIER_OK;
		}
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* --- all of them --- */

static int claims_flag(struct palier_ctx *c, const struct referral *r, unsigned *flags)
{
	const struct referral_config *cfg = palier_config(c);
	uint32_t before;
	int err = claims_on(palier_tables(c), &r->code, r->claimed, &before);

	if (err == PALIER_OK && cfg->claims_per_day > 0 && before >= cfg->claims_per_day)
		*flags |= 1u << FLAG_CLAIMS;
	return err;
}

static int unknown_flag(struct palier_ctx *c, const struct referral *r, unsigned *flags)
{
	bool ours;
	int err = code_is_ours(c, &r->code, &ours);

	if (err == PALIER_OK && ours)
		*flags |= 1u << FLAG_UNKNOWN;
	return err;
}

int referral_flags(struct palier_ctx *c, const struct referral *r, unsigned *out)
{
	unsigned flags = 0;
	int err = claims_flag(c, r, &flags);

	if (err == PALIER_OK && !r->has_sponsor)
		err = unknown_flag(c, r, &flags);
	if (err == PALIER_OK && r->has_sponsor) {
		cashier_flag(c, r, &flags);
		err = contact_flags(c, r, &flags);
		if (err == PALIER_OK)
			err = till_flag(c, r, &flags);
		if (err == PALIER_OK)
			err = circle_flag(c, r, &flags);
	}
	if (err == PALIER_OK)
		*out = flags;
	return err;
}
