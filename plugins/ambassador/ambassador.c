/* SPDX-License-Identifier: Apache-2.0 */
/* ambassador - who recommends the shop to others, measured by what comes of it, and thanked.
 * config.c reads the section, effects.c books, rows.c keeps, frequency.c counts how often members buy, score.c what deeds come to, standing.c says
 * who is an ambassador, methods.c answers. */
#include "plugins/ambassador/internal.h"

PALIER_PLUGIN(ambassador) = {
	.abi = PALIER_PLUGIN_ABI,
	.name = "ambassador",
	.options = ambassador_options,
	.configure = ambassador_configure,
	.tables = ambassador_tables,
	.effects = ambassador_effects,
	.services = ambassador_services,
	.on_void = ambassador_on_void,
	.on_merge = ambassador_on_merge,
	.on_erase = ambassador_on_erase,
	.on_decided = ambassador_on_decided,
	.due = ambassador_due,
	.on_lookup = ambassador_on_lookup,
	.check = ambassador_check,
};
