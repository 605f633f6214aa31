/* SPDX-License-Identifier: Apache-2.0 */
/* survey - what customers say of the shop, asked at the right moment, and what the shop does about it.
 * config.c reads the section, who.c and ask.c find whom and when, letters.c has questions sent, answer.c takes the answer, tasks.c lists whom to speak to, report.c counts, effects.c books,
 * rows.c keeps, ends.c forgets. */
#include "plugins/survey/internal.h"

static int nothing_reply(struct palier_ctx *c, const struct palier_event *ev, struct palier_json *w)
{
	(void)c;
	(void)ev;
	(void)w;
	return PALIER_OK;
}

const struct palier_service survey_services[] = {
	{ &method_survey_answer, NULL, survey_answer_decide, nothing_reply },
	{ &method_survey_due, survey_due_answer, NULL, NULL },
	{ &method_survey_send, NULL, survey_send_decide, survey_send_reply },
	{ &method_survey_open, NULL, survey_open_decide, survey_open_reply },
	{ &method_survey_recovery, survey_recovery_answer, NULL, NULL },
	{ &method_survey_assign, NULL, survey_assign_decide, nothing_reply },
	{ &method_survey_resolve, NULL, survey_resolve_decide, nothing_reply },
	{ &method_survey_report, survey_report_answer, NULL, NULL },
	{ 0 },
};

PALIER_PLUGIN(survey) = {
	.abi = PALIER_PLUGIN_ABI,
	.name = "survey",
	.options = survey_options,
	.configure = survey_configure,
	.tables = survey_tables,
	.effects = survey_effects,
	.services = survey_services,
	.on_sale = survey_on_sale,
	.on_return = survey_on_return,
	.on_void = survey_on_void,
	.on_decided = survey_on_decided,
	.on_merge = survey_on_merge,
	.on_erase = survey_on_erase,
	.due = survey_due_slice,
	.on_lookup = survey_on_lookup,
	.check = survey_check,
};
