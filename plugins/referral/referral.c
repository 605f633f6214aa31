/* SPDX-License-Identifier: Apache-2.0 */
/* referral - members sponsor friends: a code, a claim, and what both sides get of the friend's purchases (rules.md "Sponsorship").
 * config.c reads the section, codes.c makes and opens codes, claims.c claims them, flags.c tells what is odd about a claim, states.c says how a
 * referral goes on and who is paid, follow.c when the friend buys and brings back, undo.c when that is undone, ends.c when time passes and
 * members go, orders.c does what the head office says, effects.c and tables.c keep it, methods.c answers, check.c looks whether all agrees. recommend*.c speak of recommendation and
 * count it, sponsorship included. */
#include "plugins/referral/internal.h"

static int on_enroll(struct palier_ctx *c, struct palier_id member, const struct member_enroll *params)
{
	int err = referral_on_enroll(c, member, params);

	return err == PALIER_OK ? recommend_on_enroll(c, params) : err;
}

/* A referral that this very sale made odd is known by the time that anything is asked. */
static int on_sale(struct palier_ctx *c, const struct palier_sale *s)
{
	int err = referral_on_sale(c, s);

	return err == PALIER_OK ? recommend_on_sale(c, s) : err;
}

static int on_void(struct palier_ctx *c, const struct palier_event *undone)
{
	int err = referral_on_void(c, undone);

	return err == PALIER_OK ? recommend_on_void(c, undone) : err;
}

static int on_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into)
{
	int err = referral_on_merge(c, from, into);

	return err == PALIER_OK ? recommend_on_merge(c, from, into) : err;
}

static int on_erase(struct palier_ctx *c, struct palier_id member)
{
	int err = referral_on_erase(c, member);

	return err == PALIER_OK ? recommend_on_erase(c, member) : err;
}

static int check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who)
{
	int err = referral_check(t, say, who);

	return err == PALIER_OK ? recommend_check(t, say, who) : err;
}

PALIER_PLUGIN(referral) = {
	.abi = PALIER_PLUGIN_ABI,
	.name = "referral",
	.options = referral_options,
	.configure = referral_configure,
	.tables = referral_tables,
	.effects = referral_effects,
	.services = referral_services,
	.on_sale = on_sale,
	.on_return = referral_on_return,
	.on_void = on_void,
	.on_enroll = on_enroll,
	.on_merge = on_merge,
	.on_erase = on_erase,
	.due = referral_due,
	.on_order = referral_on_order,
	.code_text = referral_code_text,
	.on_lookup = referral_on_lookup,
	.on_reply = referral_on_reply,
	.check = check,
};
