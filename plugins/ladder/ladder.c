/* SPDX-License-Identifier: Apache-2.0 */
/* ladder - what to suggest next: the rung above what a customer has bought, what goes with the basket, a little more to a sum worth reaching;
 * and what came of it, against members who are shown nothing.
 * config.c reads ladders, policy.c names what they decide, suggest.c finds and filters candidates and draws one (protocol/bandit.h),
 * outcomes.c books what happens, settle.c sees to it that a suggestion has one outcome, effects.c folds it into tables.c, methods.c answers. */
#include "plugins/ladder/internal.h"

PALIER_PLUGIN(ladder) = {
	.abi = PALIER_PLUGIN_ABI,
	.name = "ladder",
	.options = ladder_options,
	.configure = ladder_configure,
	.tables = ladder_tables,
	.effects = ladder_effects,
	.services = ladder_services,
	.on_sale = ladder_on_sale,
	.on_return = ladder_on_return,
	.on_void = ladder_on_void,
	.on_merge = ladder_on_merge,
	.on_erase = ladder_on_erase,
	.due = ladder_due,
	.on_decided = ladder_on_decided,
	.on_lookup = ladder_on_lookup,
	.on_reply = ladder_on_reply,
	.check = ladder_check,
};
