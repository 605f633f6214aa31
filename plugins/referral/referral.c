/* SPDX-License-Identifier: Apache-2.0 */
/* referral - members sponsor friends: a code, a claim, and what both sides get of the friend's purchases (rules.md "Sponsorship"). */
#include "plugins/referral/internal.h"

static int on_enroll(struct palier_ctx *c, struct palier_id member, const struct member_enroll *params)
{
	(void)member;
	return PALIER_HAS(params, member_enroll, referral)
	               ? palier_refuse(c, PALIER_ECODE_UNKNOWN, "referral", "this shop knows no such code")
	               : PALIER_OK;
}

static int on_sale(struct palier_ctx *c, const struct palier_sale *s)
{
	return s->referral.len ? palier_refuse(c, PALIER_ECODE_UNKNOWN, "referral", "this shop knows no such code")
	                       : PALIER_OK;
}

PALIER_PLUGIN(referral) = {
	.abi = PALIER_PLUGIN_ABI,
	.name = "referral",
	.options = referral_options,
	.configure = referral_configure,
	.services = referral_services,
	.on_sale = on_sale,
	.on_enroll = on_enroll,
};
