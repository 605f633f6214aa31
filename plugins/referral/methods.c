/* SPDX-License-Identifier: Apache-2.0 */
/* What referral answers. */
#include "plugins/referral/internal.h"

static int unserved_decide(struct palier_ctx *c, const void *params)
{
	(void)params;
	return palier_refuse(c, PALIER_EREFERRAL_UNKNOWN, NULL, "this shop has no sponsorship");
}

static int check_answer(struct palier_ctx *c, const void *params, struct palier_json *w)
{
	struct referral_checked view = { .set = { 0, 0 } };

	(void)params;
	palier_miss(c);
	PALIER_SET(&view, referral_checked, valid, false);
	PALIER_SET(&view, referral_checked, reason, PALIER_LIT("code_unknown"));
	schema_encode(&referral_checked_schema, SCHEMA_WIRE, &view, w);
	return PALIER_OK;
}

static int list_answer(struct palier_ctx *c, const void *params, struct palier_json *w)
{
	const struct referral_rows view = { .set = { 0, 0 } };

	(void)c;
	(void)params;
	schema_encode(&referral_rows_schema, SCHEMA_WIRE, &view, w);
	return PALIER_OK;
}

static int queue_answer(struct palier_ctx *c, const void *params, struct palier_json *w)
{
	const struct flagged_rows view = { .set = { 0, 0 } };

	(void)c;
	(void)params;
	schema_encode(&flagged_rows_schema, SCHEMA_WIRE, &view, w);
	return PALIER_OK;
}

static int nothing_reply(struct palier_ctx *c, const struct palier_event *ev, struct palier_json *w)
{
	(void)c;
	(void)ev;
	(void)w;
	return PALIER_OK;
}

const struct palier_service referral_services[] = {
	{ &method_referral_issue, NULL, unserved_decide, nothing_reply },
	{ &method_referral_check, check_answer, NULL, NULL },
	{ &method_referral_list, list_answer, NULL, NULL },
	{ &method_referral_queue, queue_answer, NULL, NULL },
	{ &method_referral_review, NULL, unserved_decide, nothing_reply },
	{ &method_referral_rotate, NULL, unserved_decide, nothing_reply },
	{ 0 },
};
