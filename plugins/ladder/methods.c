/* SPDX-License-Identifier: Apache-2.0 */
/* What ladder answers: suggestions, with a member, with a quote and by themselves; an outcome that comes without a sale; what is out of stock; the
 * report. */
#include "plugins/ladder/internal.h"

/* --- ladder.suggest --- */

static int basket_of(struct palier_ctx *c, const struct ladder_suggest *p, struct palier_sale *out)
{
	*out = (struct palier_sale){ .quote = true, .line_count = p->lines.count };
	out->lines = palier_alloc(palier_arena(c), (p->lines.count + 1) * sizeof(*out->lines));
	for (uint32_t i = 0; i < p->lines.count; i++) {
		const struct basket_line *in = &p->lines.at[i];
		struct palier_line *l = &out->lines[i];

		l->in = in;
		l->kind = PALIER_HAS(in, basket_line, kind) ? (enum line_kind)in->kind : LINE_ITEM;
		if (l->kind == LINE_ITEM && in->amount < 0)
			return palier_refuse(c, PALIER_EPARAMS, palier_format(palier_arena(c), "lines[%u].amount", i),
				"an item costs nothing or more");
		l->quantity = PALIER_HAS(in, basket_line, quantity) ? in->quantity : 1000;
		l->items = l->quantity % 1000 ? 1 : l->quantity / 1000;
		l->gross = in->amount;
		l->exempt = in->exempt;
		l->most_given = l->most_ours = INT64_MAX;
		if (!palier_add_i64(&out->total, in->amount))
			return palier_refuse(c, PALIER_EPARAMS, "lines", "the sum of the lines passes 2^53-1");
	}
	return PALIER_OK;
}

static int suggest_answer(struct palier_ctx *c, const void *params, struct palier_json *w)
{
	const struct ladder_suggest *p = params;
	bool named = PALIER_HAS(p, ladder_suggest, member);
	struct palier_id member, room;
	struct palier_sale basket;
	struct scene scene;
	int err = PALIER_OK;

	if (named || p->card.len)
		err = palier_who(c, p->card, named ? &p->member : NULL, &member);
	if (err == PALIER_OK)
		err = basket_of(c, p, &basket);
	if (err == PALIER_OK)
		err = scene_of(c, &basket, named || p->card.len ? &member : NULL, &room, &scene);
	if (err != PALIER_OK)
		return err;
	palier_json_object(w);
	if (palier_config(c)) {
		err = suggestions_write(c, &scene, w);
	} else {
		palier_json_key(w, "suggestions");
		palier_json_array(w);
		palier_json_end_array(w);
	}
	palier_json_end_object(w);
	return err;
}

/* --- ladder.outcome --- */

static int outcome_decide(struct palier_ctx *c, const void *params)
{
	const struct ladder_outcome *p = params;
	struct scene scene = { .day = palier_today(c) };
	struct palier_bytes decision, rung;
	struct ladder_shown e;
	struct palier_id member;
	int err = palier_config(c) ? suggestion_read(c, p->suggestion, &decision, &rung) : PALIER_ESUGGESTION_UNKNOWN;

	if (err != PALIER_OK)
		return palier_refuse(c, PALIER_ESUGGESTION_UNKNOWN, "suggestion", "this is no suggestion of this shop");
	err = decision_member(c, decision, &member);
	if (err == PALIER_OK)
		scene.member = &member;
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	e = shown_of(c, &scene, decision, rung, p->outcome);
	return outcome_book(c, &e);
}

static int nothing_reply(struct palier_ctx *c, const struct palier_event *ev, struct palier_json *w)
{
	(void)c;
	(void)ev;
	(void)w;
	return PALIER_OK;
}

/* --- ladder.stock --- */

static int stock_decide(struct palier_ctx *c, const void *params)
{
	const struct ladder_stock *p = params;
	struct ladder_stocked e = { .set = { 0, 0 } };
	bool until = PALIER_HAS(p, ladder_stock, until);

	if (until && p->in_stock)
		return palier_refuse(c, PALIER_EPARAMS, "until", "a last day is that of a product that is out of stock");
	if (until && p->until < palier_today(c))
		return palier_refuse(c, PALIER_EPARAMS, "until", "that day has passed");
	PALIER_SET(&e, ladder_stocked, sku, p->sku);
	PALIER_SET(&e, ladder_stocked, in_stock, p->in_stock);
	if (until)
		PALIER_SET(&e, ladder_stocked, until, p->until);
	return palier_effect_add(c, "ladder.stocked", &e);
}

/* --- ladder.report --- */

static int rung_write(struct palier_ctx *c, const struct rung *r, const struct ladder_report *p, struct palier_json *w)
{
	struct rung_report row = { .set = { 0, 0 } };
	struct rung_day sum;
	int err = rung_days(palier_tables(c), r->id, p->from, p->to, &sum);

	if (err != PALIER_OK)
		return err;
	PALIER_SET(&row, rung_report, ladder, palier_str(r->ladder));
	PALIER_SET(&row, rung_report, rung, palier_str(r->name));
	PALIER_SET(&row, rung_report, shown, sum.shown);
	PALIER_SET(&row, rung_report, accepted, sum.accepted);
	PALIER_SET(&row, rung_report, declined, sum.declined);
	PALIER_SET(&row, rung_report, revenue, sum.revenue);
	PALIER_SET(&row, rung_report, margin, sum.margin);
	PALIER_SET(&row, rung_report, estimated, sum.estimated);
	PALIER_SET(&row, rung_report, pending, sum.pending);
	schema_encode(&rung_report_schema, SCHEMA_WIRE, &row, w);
	return PALIER_OK;
}

static int rungs_write(struct palier_ctx *c, const struct ladder_report *p, struct palier_json *w)
{
	const struct ladder_config *cfg = palier_config(c);
	int err = PALIER_OK;

	palier_json_key(w, "rungs");
	palier_json_array(w);
	for (size_t i = 0; cfg && i < cfg->count; i++)
		for (size_t k = 0; k < cfg->ladders[i].count && err == PALIER_OK; k++)
			err = rung_write(c, &cfg->ladders[i].rungs[k], p, w);
	palier_json_end_array(w);
	return err;
}

/* In decimal: 39 digits at most. */
static struct palier_bytes wide_text(struct palier_arena *a, unsigned __int128 v)
{
	char digits[40];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + (int)(v % 10));
	while ((v /= 10) > 0);
	return palier_copy(a, palier_bytes_of(digits + at, sizeof(digits) - at));
}

static int arm_view(struct palier_ctx *c, uint32_t epoch, bool held, struct palier_json *w)
{
	struct uplift_arm row = { .set = { 0, 0 } };
	struct arm_sums sums;
	int err = arm_read(palier_tables(c), epoch, held, &sums);

	if (err != PALIER_OK)
		return err;
	PALIER_SET(&row, uplift_arm, members, sums.members);
	PALIER_SET(&row, uplift_arm, climbed, sums.climbed);
	PALIER_SET(&row, uplift_arm, sum, sums.spend);
	PALIER_SET(&row, uplift_arm, squares, wide_text(palier_arena(c), sums.spend_squares));
	PALIER_SET(&row, uplift_arm, margin, sums.margin);
	PALIER_SET(&row, uplift_arm, margin_squares, wide_text(palier_arena(c), sums.margin_squares));
	PALIER_SET(&row, uplift_arm, known, sums.known);
	PALIER_SET(&row, uplift_arm, estimated, sums.estimated);
	palier_json_key(w, held ? "held" : "offered");
	schema_encode(&uplift_arm_schema, SCHEMA_WIRE, &row, w);
	return PALIER_OK;
}

static int filters_write(struct palier_ctx *c, const struct ladder_report *p, struct palier_json *w)
{
	int err = PALIER_OK;

	palier_json_key(w, "filtered");
	palier_json_array(w);
	for (unsigned i = 0; i < FILTERS && err == PALIER_OK; i++) {
		struct filter_count row = { .set = { 0, 0 } };

		err = filter_days(palier_tables(c), i, p->from, p->to, &row.count);
		if (err != PALIER_OK || row.count == 0)
			continue;
		PALIER_SET(&row, filter_count, reason, palier_str(filter_names[i]));
		PALIER_MARK(&row, filter_count, count);
		schema_encode(&filter_count_schema, SCHEMA_WIRE, &row, w);
	}
	palier_json_end_array(w);
	return err;
}

static int shortages_write(struct palier_ctx *c, struct palier_json *w)
{
	struct palier_cursor *rows = shortages(palier_tables(c));
	struct shortage s;
	int err;

	palier_json_key(w, "out_of_stock");
	palier_json_array(w);
	while ((err = shortage_next(rows, &s)) == PALIER_OK) {
		struct stock_view row = { .set = { 0, 0 } };

		if (!shortage_lasts(&s, palier_today(c)))
			continue;
		PALIER_SET(&row, stock_view, sku, s.sku);
		if (s.until)
			PALIER_SET(&row, stock_view, until, s.until);
		schema_encode(&stock_view_schema, SCHEMA_WIRE, &row, w);
	}
	palier_json_end_array(w);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int report_answer(struct palier_ctx *c, const void *params, struct palier_json *w)
{
	const struct ladder_report *p = params;
	struct experiment x;
	int err = experiment_read(palier_tables(c), &x);

	if (err == PALIER_OK && p->to < p->from)
		return palier_refuse(c, PALIER_EPARAMS, "to", "the last day is before the first");
	if (err != PALIER_OK)
		return err;
	palier_json_object(w);
	palier_json_key(w, "from");
	palier_json_day(w, p->from);
	palier_json_key(w, "to");
	palier_json_day(w, p->to);
	err = rungs_write(c, p, w);
	palier_json_key(w, "share");
	palier_json_int(w, x.share);
	if (x.start) {
		palier_json_key(w, "start");
		palier_json_day(w, x.start);
	}
	if (x.until) {
		palier_json_key(w, "until");
		palier_json_day(w, x.until);
	}
	if (err == PALIER_OK)
		err = arm_view(c, x.epoch, false, w);
	if (err == PALIER_OK)
		err = arm_view(c, x.epoch, true, w);
	if (err == PALIER_OK)
		err = filters_write(c, p, w);
	if (err == PALIER_OK)
		err = shortages_write(c, w);
	palier_json_end_object(w);
	return err;
}

const struct palier_service ladder_services[] = {
	{ &method_ladder_suggest, suggest_answer, NULL, NULL },
	{ &method_ladder_outcome, NULL, outcome_decide, nothing_reply },
	{ &method_ladder_stock, NULL, stock_decide, nothing_reply },
	{ &method_ladder_report, report_answer, NULL, NULL },
	{ .method = NULL },
};

/* --- beside others' answers --- */

int ladder_on_lookup(struct palier_ctx *c, struct palier_id member, struct palier_json *w)
{
	struct palier_id room;
	struct scene scene;
	int err;

	if (!palier_config(c))
		return PALIER_OK;
	err = scene_of(c, NULL, &member, &room, &scene);
	return err == PALIER_OK ? suggestions_write(c, &scene, w) : err;
}

int ladder_on_reply(struct palier_ctx *c, enum palier_reply reply, const struct palier_event *ev, struct palier_bytes sale,
	struct palier_json *w)
{
	const struct palier_sale *s;
	struct palier_id room;
	struct scene scene;
	int err;

	(void)sale;
	s = palier_sale_now(c);
	if (reply != PALIER_REPLY_QUOTE || !palier_config(c) || !s)
		return PALIER_OK;
	err = scene_of(c, s, ev->has_member ? &ev->member : NULL, &room, &scene);
	return err == PALIER_OK ? suggestions_write(c, &scene, w) : err;
}
