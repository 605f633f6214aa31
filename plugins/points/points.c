/* SPDX-License-Identifier: Apache-2.0 */
/* points - a sale earns points for its member; the balance is the sum of the lots, and each credit is a lot.
 * config.c reads units and earn rules, earn.c scores a sale, tender.c pays with stored value and loads it, lots.c keeps the ledger, holds.c
 * keeps points for a commit, returns.c undoes, ends.c lets points lapse and members go, chain.c gives points up to other stores, methods.c answers, wording.c tells the
 * customer. */
#include "plugins/points/internal.h"

PALIER_PLUGIN(points) = {
	.abi = PALIER_PLUGIN_ABI,
	.name = "points",
	.options = points_options,
	.configure = points_configure,
	.tables = points_tables,
	.effects = points_effects,
	.services = points_services,
	.on_tender = points_on_tender,
	.on_price = points_on_price,
	.on_sale = points_on_sale,
	.on_hold = points_on_hold,
	.on_capture = points_on_capture,
	.on_release = points_on_release,
	.spendable = points_spendable,
	.on_return = points_on_return,
	.on_void = points_on_void,
	.on_merge = points_on_merge,
	.on_erase = points_on_erase,
	.due = points_due,
	.on_order = points_on_order,
	.on_lookup = points_on_lookup,
	.on_reply = points_on_reply,
	.day_totals = points_day_totals,
	.check = points_check,
};
