/* SPDX-License-Identifier: Apache-2.0 */
/* referral - members sponsor friends: a code, a claim, and what both sides get of the friend's purchases (rules.md "Sponsorship").
 * config.c reads the section, codes.c makes and opens codes, claims.c claims them, flags.c tells what is odd about a claim, states.c says how a
 * referral goes on and who is paid, follow.c when the friend buys and brings back, undo.c when that is undone, ends.c when time passes and
 * members go, effects.c and tables.c keep it, methods.c answers, check.c looks whether all agrees. */
#include "plugins/referral/internal.h"

PALIER_PLUGIN(referral) = {
	.abi = PALIER_PLUGIN_ABI,
	.name = "referral",
	.options = referral_options,
	.configure = referral_configure,
	.tables = referral_tables,
	.effects = referral_effects,
	.services = referral_services,
	.on_sale = referral_on_sale,
	.on_return = referral_on_return,
	.on_void = referral_on_void,
	.on_enroll = referral_on_enroll,
	.on_merge = referral_on_merge,
	.on_erase = referral_on_erase,
	.due = referral_due,
	.code_text = referral_code_text,
	.on_lookup = referral_on_lookup,
	.on_reply = referral_on_reply,
	.check = referral_check,
};
