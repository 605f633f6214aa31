/* SPDX-License-Identifier: Apache-2.0 */
/* recommendation.report: the sums of some days. */
#include "plugins/referral/internal.h"

#define REPORT_DAYS 1100 /* three years and a bit: what one answer adds up */

/* Every step of a kind has its row, in this order, also where there is none. */
static const struct steps {
	enum recommend_kind kind;
	enum recommend_step first, last;
} spontaneous = { KIND_SPONTANEOUS, STEP_SAID, STEP_SAID }, shown = { KIND_EVOKED, STEP_SHOWN, STEP_SHOWN },
  brought = { KIND_EVOKED, STEP_CLAIMED, STEP_CLAIMED }, solicited = { KIND_SOLICITED, STEP_ASKED, STEP_ASKED },
  sponsorship = { KIND_SPONSORSHIP, STEP_ISSUED, STEP_CLAWED };

static uint32_t steps_add(const struct recommend_sums *sums, const struct steps *s, struct recommendation_step *rows,
	uint32_t count)
{
	for (int step = (int)s->first; step <= (int)s->last; step++, count++) {
		rows[count] = (struct recommendation_step){ .set = { 0, 0 } };
		PALIER_SET(&rows[count], recommendation_step, step, palier_str(recommend_step_names[step]));
		PALIER_SET(&rows[count], recommendation_step, count, sums->steps[s->kind][step]);
	}
	return count;
}

static void sources_fill(const struct recommend_sums *sums, struct palier_arena *a, struct recommendation_view *view)
{
	PALIER_MARK(view, recommendation_view, sources);
	view->sources.at = palier_alloc(a, (sums->source_count + 1) * sizeof(*view->sources.at));
	view->sources.count = (uint32_t)sums->source_count;
	for (size_t i = 0; i < sums->source_count; i++) {
		PALIER_SET(&view->sources.at[i], recommendation_source, source, sums->sources[i].name);
		PALIER_SET(&view->sources.at[i], recommendation_source, count, sums->sources[i].count);
	}
}

#define STEPS_FILL(view, member, sums, steps) \
	((void)PALIER_MARK(view, recommendation_view, member), \
		(view)->member.count = steps_add(sums, steps, (view)->member.at, (view)->member.count))

static void view_fill(const struct recommend_sums *sums, struct palier_arena *a, struct recommendation_view *view)
{
	struct recommendation_step *rows = palier_alloc(a, 4 * RECOMMEND_STEPS * sizeof(*rows));

	view->spontaneous.at = rows;
	view->evoked.at = rows + RECOMMEND_STEPS;
	view->solicited.at = rows + 2 * RECOMMEND_STEPS;
	view->sponsorship.at = rows + 3 * RECOMMEND_STEPS;
	PALIER_SET(view, recommendation_view, enrolled, sums->steps[KIND_SPONTANEOUS][STEP_ENROLLED]);
	STEPS_FILL(view, spontaneous, sums, &spontaneous);
	STEPS_FILL(view, evoked, sums, &shown);
	STEPS_FILL(view, evoked, sums, &brought);
	STEPS_FILL(view, solicited, sums, &solicited);
	STEPS_FILL(view, sponsorship, sums, &sponsorship);
	sources_fill(sums, a, view);
}

int recommend_report_answer(struct palier_ctx *c, const void *params, struct palier_json *w)
{
	const struct recommendation_report *p = params;
	struct recommendation_view view = { .set = { 0, 0 } };
	struct recommend_sums sums;
	int err;

	if (p->to < p->from || day_number(p->to) - day_number(p->from) >= REPORT_DAYS)
		return palier_refuse(c, PALIER_EPARAMS, "to", "from %u on, `to` is one of the next %d days", p->from,
			REPORT_DAYS);
	err = recommend_sum(palier_tables(c), p->from, p->to, palier_arena(c), &sums);
	if (err != PALIER_OK)
		return err;
	PALIER_SET(&view, recommendation_view, from, p->from);
	PALIER_SET(&view, recommendation_view, to, p->to);
	view_fill(&sums, palier_arena(c), &view);
	schema_encode(&recommendation_view_schema, SCHEMA_WIRE, &view, w);
	return PALIER_OK;
}
