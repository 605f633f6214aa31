/* SPDX-License-Identifier: Apache-2.0 */
/* journey - the customer's way from hearing of the shop to recommending it: stages, touchpoints, personas, and the map of all ways.
 * config.c reads the section, touches.c books what happens, judge.c says where a member stands, effects.c folds it into rows.c and days.c, ends.c
 * undoes and forgets, methods.c answers, with planned.c, map.c and friction.c. */
#include "plugins/journey/internal.h"

PALIER_PLUGIN(journey) = {
	.abi = PALIER_PLUGIN_ABI,
	.name = "journey",
	.options = journey_options,
	.configure = journey_configure,
	.tables = journey_tables,
	.effects = journey_effects,
	.services = journey_services,
	.on_sale = journey_on_sale,
	.on_return = journey_on_return,
	.on_void = journey_on_void,
	.on_enroll = journey_on_enroll,
	.on_decided = journey_on_decided,
	.on_merge = journey_on_merge,
	.on_erase = journey_on_erase,
	.due = journey_due,
	.on_lookup = journey_on_lookup,
	.on_reply = journey_on_reply,
	.check = journey_check,
};
