/* SPDX-License-Identifier: Apache-2.0 */
/* offers - what a shop gives by itself, to whom it is due, or for a code; and what discounts may come to at most.
 * config.c reads offers and limits, due.c tells what is due to whom, pricing.c takes it off a sale within limits.c, codes.c makes single codes,
 * effects.c books and frees what was used, tables.c keeps it, holds.c keeps codes for a hold, ends.c lets grants lapse and members go,
 * methods.c answers. */
#include "plugins/offers/internal.h"

PALIER_PLUGIN(offers) = {
	.abi = PALIER_PLUGIN_ABI,
	.name = "offers",
	.options = offers_options,
	.configure = offers_configure,
	.tables = offers_tables,
	.effects = offers_effects,
	.services = offers_services,
	.on_price = offers_on_price,
	.on_hold = offers_on_hold,
	.on_capture = offers_on_capture,
	.on_release = offers_on_release,
	.on_void = offers_on_void,
	.on_merge = offers_on_merge,
	.on_erase = offers_on_erase,
	.due = offers_due,
	.on_order = offers_on_order,
	.on_lookup = offers_on_lookup,
	.on_reply = offers_on_reply,
	.check = offers_check,
};
