/* SPDX-License-Identifier: Apache-2.0 */
/* ambassador - who recommends the shop to others, measured by what comes of it, and thanked. */
#include "plugins/ambassador/internal.h"

static int list_answer(struct palier_ctx *c, const void *params, struct palier_json *w)
{
	(void)c;
	(void)params;
	(void)w;
	return PALIER_OK;
}

static int show_answer(struct palier_ctx *c, const void *params, struct palier_json *w)
{
	const struct ambassador_show *p = params;
	struct ambassador_view view = { .set = { 0, 0 } };
	struct palier_id member;
	int err = palier_who(c, p->card, PALIER_HAS(p, ambassador_show, member) ? &p->member : NULL, &member);

	if (err != PALIER_OK)
		return err;
	PALIER_SET(&view, ambassador_view, member, member);
	schema_encode(&ambassador_view_schema, SCHEMA_WIRE, &view, w);
	return PALIER_OK;
}

static const struct palier_service services[] = {
	{ &method_ambassador_list, list_answer, NULL, NULL },
	{ &method_ambassador_show, show_answer, NULL, NULL },
	{ 0 },
};

PALIER_PLUGIN(ambassador) = {
	.abi = PALIER_PLUGIN_ABI,
	.name = "ambassador",
	.options = ambassador_options,
	.configure = ambassador_configure,
	.tables = ambassador_tables,
	.effects = ambassador_effects,
	.services = services,
	.check = ambassador_check,
};
