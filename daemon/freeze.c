/* SPDX-License-Identifier: Apache-2.0 */
/* Freezing: at the customer's wish what the member has cannot be spent; earning goes on. */
#include "daemon/proof.h"

int palier_may_spend(struct palier_ctx *c, struct palier_id member)
{
	struct member_row row;
	int err = member_follow(core_tables(c), &member, &row);

	if (err != PALIER_OK || c->offline || !(row.flags & MEMBER_FROZEN))
		return err;
	return palier_refuse(c, PALIER_EMEMBER_FROZEN, NULL,
		"the customer has locked spending: a supervisor may unlock it with member.thaw");
}

CORE_APPLY(member_frozen_apply)
{
	const struct member_frozen *e = body;
	struct member_row row;

	if (member_row(t, e->member, &row) != PALIER_OK)
		return PALIER_ESTORE;
	row.flags = (uint8_t)(e->frozen ? row.flags | MEMBER_FROZEN : row.flags & ~MEMBER_FROZEN);
	row.seen = ev->day > row.seen ? ev->day : row.seen;
	return member_put(t, e->member, &row);
}

static int frozen_set(struct palier_ctx *c, struct palier_id member, bool frozen)
{
	struct member_frozen body = { .set = { 0, 0 } };
	struct member_row row;
	int err = member_need(c, &member, &row);

	if (err != PALIER_OK)
		return err;
	ctx_member(c, member, row.slot);
	PALIER_SET(&body, member_frozen, member, member);
	PALIER_SET(&body, member_frozen, frozen, frozen);
	return palier_effect_add(c, "member.frozen", &body);
}

CORE_DECIDE(member_freeze_decide)
{
	return frozen_set(c, ((const struct member_freeze *)params)->member, true);
}

/* Who locked it must say so, or a supervisor in the customer's stead. */
CORE_DECIDE(member_thaw_decide)
{
	const struct member_thaw *p = params;
	struct palier_id member = p->member;
	struct member_row row;
	int err = CTX_PROOF(c, p, member_thaw);

	if (err == PALIER_OK)
		err = member_need(c, &member, &row);
	if (err != PALIER_OK)
		return err;
	ctx_member(c, member, row.slot);
	err = palier_proven(c, member, PALIER_PROOF_PIN);
	return err == PALIER_OK ? frozen_set(c, member, false) : err;
}
