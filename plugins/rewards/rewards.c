/* SPDX-License-Identifier: Apache-2.0 */
/* rewards - what points buy: a discount, a free product, or stored value. config.c reads what there is, redeem.c decides a sale's redemptions,
 * uses.c counts them, views.c shows what a balance affords. */
#include "plugins/rewards/internal.h"

PALIER_PLUGIN(rewards) = {
	.abi = PALIER_PLUGIN_ABI,
	.name = "rewards",
	.options = rewards_options,
	.configure = rewards_configure,
	.tables = rewards_tables,
	.effects = rewards_effects,
	.on_price = rewards_on_price,
	.on_hold = rewards_on_hold,
	.on_capture = rewards_on_capture,
	.on_void = rewards_on_void,
	.on_merge = rewards_on_merge,
	.on_erase = rewards_on_erase,
	.on_lookup = rewards_on_lookup,
	.on_reply = rewards_on_reply,
	.check = rewards_check,
};
