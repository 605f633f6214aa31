/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from a sale: rungs climbed, what became of suggestions, the arms of the experiment; and what is taken back of it. */
#include <inttypes.h>

#include "plugins/ladder/internal.h"

#define UNDO_DAYS 14 /* until then a return takes an acceptance back */

/* --- rungs --- */

static struct ladder_step step_of(struct palier_id member, struct palier_bytes rung, int64_t lines, uint32_t day)
{
	struct ladder_step e = { .set = { 0, 0 } };

	PALIER_SET(&e, ladder_step, member, member);
	PALIER_SET(&e, ladder_step, rung, rung);
	PALIER_SET(&e, ladder_step, lines, lines);
	PALIER_SET(&e, ladder_step, day, day);
	return e;
}

/* The rung on which the member stands on this ladder now; NULL: none. */
static int top_of(struct palier_ctx *c, struct palier_id member, const struct ladder *l, const struct rung **out)
{
	struct step s;

	*out = NULL;
	for (size_t i = l->count; i-- > 0 && !*out;) {
		int err = step_read(palier_tables(c), member, l->rungs[i].id, &s);

		if (err != PALIER_OK)
			return err;
		if (s.lines > 0)
			*out = &l->rungs[i];
	}
	return PALIER_OK;
}

/* How high the member stands, over all ladders: 1 is a first rung. */
static int height_publish(struct palier_ctx *c, struct palier_id member)
{
	const struct ladder_config *cfg = palier_config(c);
	const struct rung *top;
	size_t height = 0;

	for (size_t i = 0; i < cfg->count; i++) {
		const struct ladder *l = &cfg->ladders[i];
		int err = l->kind == LADDER_RUNGS ? top_of(c, member, l, &top) : PALIER_ENOENT;

		if (err != PALIER_OK && err != PALIER_ENOENT)
			return err;
		if (err == PALIER_OK && top && (size_t)(top - l->rungs) + 1 > height)
			height = (size_t)(top - l->rungs) + 1;
	}
	return palier_fact_publish(c, member, "height",
		palier_str(height ? palier_format(palier_arena(c), "%zu", height) : ""));
}

static int top_publish(struct palier_ctx *c, struct palier_id member, const struct ladder *l, const struct rung *before)
{
	struct palier_arena *a = palier_arena(c);
	const struct rung *top;
	int err = top_of(c, member, l, &top);

	if (err != PALIER_OK || top == before)
		return err;
	if (before)
		err = palier_fact_publish(c, member, palier_format(a, "rung/%s", before->name), PALIER_LIT(""));
	if (err == PALIER_OK && top)
		err = palier_fact_publish(c, member, palier_format(a, "rung/%s", top->name), palier_str(l->name));
	return err == PALIER_OK ? height_publish(c, member) : err;
}

/* What had come back before the sale was claimed is not among them. */
static int64_t lines_of(const struct palier_sale *s, const struct rung *r)
{
	int64_t n = 0;

	for (uint32_t i = 0; i < s->line_count; i++)
		n += s->lines[i].kind == LINE_ITEM && !s->lines[i].gone && picks_line(&r->picks, s->lines[i].in);
	return n;
}

/* Was it bought, or was the coupon used that was handed out with it? */
static bool is_taken(const struct palier_sale *s, const struct rung *r)
{
	for (uint32_t i = 0; r->coupon && i < s->coupon_count; i++)
		if (palier_code_same(palier_code_trim(s->coupons[i]), palier_str(r->coupon)))
			return true;
	return lines_of(s, r) > 0;
}

/* @param climbed set when a rung above the one before was bought */
static int steps_book(struct palier_ctx *c, const struct palier_sale *s, bool *climbed)
{
	const struct ladder_config *cfg = palier_config(c);
	int err = PALIER_OK;

	for (size_t i = 0; i < cfg->count && err == PALIER_OK; i++) {
		const struct ladder *l = &cfg->ladders[i];
		const struct rung *before, *top;

		if (l->kind != LADDER_RUNGS)
			continue;
		err = top_of(c, s->member, l, &before);
		for (size_t k = 0; k < l->count && err == PALIER_OK; k++) {
			struct ladder_step e =
				step_of(s->member, l->rungs[k].id, lines_of(s, &l->rungs[k]), palier_today(c));

			if (e.lines > 0)
				err = palier_effect_add(c, "ladder.step", &e);
		}
		if (err == PALIER_OK)
			err = top_of(c, s->member, l, &top);
		if (err == PALIER_OK)
			err = top_publish(c, s->member, l, before);
		*climbed = *climbed || (err == PALIER_OK && before && top > before);
	}
	return err;
}

/* --- outcomes --- */

/* @param r NULL: of all goods */
static struct worth worth_of(const struct ladder_config *cfg, const struct palier_sale *s, const struct rung *r)
{
	struct worth w = { .spend = 0 };

	for (uint32_t i = 0; i < s->line_count; i++)
		if (!r || picks_line(&r->picks, s->lines[i].in))
			worth_add(cfg, &s->lines[i], &w);
	return w;
}

static void candidates_fill(struct palier_ctx *c, const struct decision *d, struct ladder_shown *e)
{
	PALIER_MARK(e, ladder_shown, candidates);
	e->candidates.at = palier_alloc(palier_arena(c), (d->count + 1) * sizeof(*e->candidates.at));
	e->candidates.count = (uint32_t)d->count;
	for (size_t i = 0; i < d->count; i++) {
		struct ladder_candidate *row = &e->candidates.at[i];

		PALIER_SET(row, ladder_candidate, rung, d->arms[i].rung);
		PALIER_SET(row, ladder_candidate, a, d->arms[i].a);
		PALIER_SET(row, ladder_candidate, b, d->arms[i].b);
		PALIER_SET(row, ladder_candidate, gain, d->arms[i].gain);
		if (d->candidates[i].estimated)
			PALIER_SET(row, ladder_candidate, estimated, true);
	}
}

/* What it was chosen from, when the decision can still be made again. */
static void decision_fill(struct palier_ctx *c, const struct decision *d, struct palier_bytes rung, struct ladder_shown *e)
{
	const struct ladder_config *cfg = palier_config(c);

	for (size_t i = 0; i < d->chosen_count; i++) {
		const struct bandit_arm *arm = &d->arms[d->chosen[i]];

		if (!palier_equal(d->id, e->decision) || !palier_equal(arm->rung, rung))
			continue;
		PALIER_SET(e, ladder_shown, draw, palier_str(palier_format(palier_arena(c), "%016" PRIx64, arm->draw)));
		PALIER_SET(e, ladder_shown, policy, palier_str(cfg->policy));
		if (cfg->friction)
			PALIER_SET(e, ladder_shown, friction, cfg->friction);
		if (d->uniform[i])
			PALIER_SET(e, ladder_shown, uniform, true);
		candidates_fill(c, d, e);
		level_mark(c, d->candidates[d->chosen[i]].ladder, d->candidates[d->chosen[i]].from,
			d->candidates[d->chosen[i]].rung, e);
	}
}

struct ladder_shown shown_of(struct palier_ctx *c, const struct scene *scene, struct palier_bytes decision,
	struct palier_bytes rung, int outcome)
{
	const struct ladder_config *cfg = palier_config(c);
	struct ladder_shown e = { .set = { 0, 0 } };
	const struct ladder *ladder;
	const struct rung *r = rung_find(cfg, rung, &ladder);

	PALIER_SET(&e, ladder_shown, decision, decision);
	PALIER_SET(&e, ladder_shown, rung, rung);
	PALIER_SET(&e, ladder_shown, outcome, outcome);
	if (r)
		level_mark(c, ladder, NULL, r, &e);
	if (scene->member)
		PALIER_SET(&e, ladder_shown, member, *scene->member);
	PALIER_SET(&e, ladder_shown, day, scene->day);
	PALIER_SET(&e, ladder_shown, fading, (int64_t)cfg->fading);
	return e;
}

/* Bought is accepted, whatever the till says. */
static void bought_fill(struct palier_ctx *c, const struct palier_sale *s, const struct rung *r, struct ladder_shown *e)
{
	struct worth w;

	if (!r || !is_taken(s, r))
		return;
	w = worth_of(palier_config(c), s, r);
	PALIER_SET(e, ladder_shown, outcome, OUTCOME_ACCEPTED);
	PALIER_SET(e, ladder_shown, revenue, w.spend);
	if (w.known)
		PALIER_SET(e, ladder_shown, margin, w.margin);
	if (w.estimated)
		PALIER_SET(e, ladder_shown, estimated, true);
}

/* What the till tells of a suggestion. */
struct told {
	struct ladder_shown e;
	const struct rung *rung; /* NULL: it is configured no more */
};

/* @return PALIER_OK; PALIER_ENOENT: no suggestion, told offline */
static int told_read(struct palier_ctx *c, const struct palier_sale *s, const struct scene *scene, uint32_t i,
	struct told *out)
{
	struct palier_bytes decision, rung;
	const struct ladder *ladder;
	int err = suggestion_read(c, s->suggested[i].suggestion, &decision, &rung);

	if (err != PALIER_OK && palier_offline(c)) {
		err = palier_alert(c, &(struct palier_alert){ .what = "suggestion_unknown", .sale = s->number });
		return err == PALIER_OK ? PALIER_ENOENT : err;
	}
	if (err != PALIER_OK)
		return palier_refuse(c, err, palier_format(palier_arena(c), "suggested[%u].suggestion", i),
			"this is no suggestion of this shop");
	out->rung = rung_find(palier_config(c), rung, &ladder);
	out->e = shown_of(c, scene, decision, rung, s->suggested[i].outcome);
	bought_fill(c, s, out->rung, &out->e);
	return PALIER_OK;
}

/* Is the n-th the same suggestion as one before it? Then the last word counts, if it is one. */
static bool told_again(struct told *told, size_t n)
{
	const struct ladder_shown *last = &told[n].e;

	for (size_t i = 0; i < n; i++) {
		struct ladder_shown *e = &told[i].e;

		if (!palier_equal(e->decision, last->decision) || !palier_equal(e->rung, last->rung))
			continue;
		if (last->outcome != OUTCOME_IGNORED)
			e->outcome = last->outcome;
		return true;
	}
	return false;
}

/* The decision as it was made: for the basket without what was bought because of it. */
static int told_decide(struct palier_ctx *c, const struct scene *scene, const struct rung *const *without, size_t count,
	struct told *t)
{
	struct scene was = *scene;
	struct decision d;
	int err;

	was.without = without;
	was.without_count = count;
	err = decide(c, &was, &d);
	if (err == PALIER_OK)
		decision_fill(c, &d, t->e.rung, &t->e);
	return err;
}

/* All of them were shown at once, or each after the one before was taken: of the basket without all of them, or else without this one. All
 * decisions are made again before anything is booked, for what is booked changes them. */
static int all_decide(struct palier_ctx *c, const struct scene *scene, struct told *told, size_t count)
{
	const struct rung **rungs = palier_alloc(palier_arena(c), (count + 1) * sizeof(void *));
	size_t n = 0;
	int err = PALIER_OK;

	for (size_t i = 0; i < count; i++)
		if (told[i].rung)
			rungs[n++] = told[i].rung;
	for (size_t i = 0; i < count && err == PALIER_OK; i++) {
		err = told_decide(c, scene, rungs, n, &told[i]);
		if (err == PALIER_OK && n > 1 && told[i].rung && !PALIER_HAS(&told[i].e, ladder_shown, draw))
			err = told_decide(c, scene, &told[i].rung, 1, &told[i]);
	}
	return err;
}

static int suggested_book(struct palier_ctx *c, const struct palier_sale *s, struct scene *scene)
{
	struct told *told = palier_alloc(palier_arena(c), (s->suggested_count + 1) * sizeof(*told));
	size_t n = 0;
	int err = PALIER_OK;

	for (uint32_t i = 0; i < s->suggested_count && err == PALIER_OK; i++) {
		err = told_read(c, s, scene, i, &told[n]);
		n += err == PALIER_OK && !told_again(told, n);
		err = err == PALIER_ENOENT ? PALIER_OK : err;
	}
	if (err == PALIER_OK)
		err = all_decide(c, scene, told, n);
	for (size_t i = 0; i < n && err == PALIER_OK; i++)
		err = outcome_book(c, &told[i].e);
	return err;
}

/* Had the till been shown what is suggested for the rest of the basket, would the rung have been it? */
static int deduced_book(struct palier_ctx *c, const struct palier_sale *s, const struct scene *scene, const struct rung *r)
{
	struct scene rest = *scene;
	struct decision d = { .count = 0 };
	struct ladder_shown e;
	int err;

	rest.without = &r;
	rest.without_count = 1;
	err = decide(c, &rest, &d);
	for (size_t n = 0; n < d.chosen_count && err == PALIER_OK; n++) {
		if (d.candidates[d.chosen[n]].rung != r)
			continue;
		e = shown_of(c, scene, d.id, r->id, OUTCOME_ACCEPTED);
		PALIER_SET(&e, ladder_shown, deduced, true);
		bought_fill(c, s, r, &e);
		decision_fill(c, &d, r->id, &e);
		err = outcome_book(c, &e);
	}
	return err;
}

/* It was told before that this had been suggested. @return PALIER_OK; PALIER_ENOENT: it was not */
static int open_book(struct palier_ctx *c, const struct palier_sale *s, const struct scene *scene, const struct rung *r)
{
	struct palier_bytes now = decision_id(c, scene);
	struct ladder_shown was;
	struct told t = { .rung = r };
	int err = outcome_open(c, scene, now, r->id, &was);

	if (err != PALIER_OK)
		return err;
	t.e = shown_of(c, scene, was.decision, r->id, OUTCOME_ACCEPTED);
	bought_fill(c, s, r, &t.e);
	if (palier_equal(was.decision, now))
		err = told_decide(c, scene, &r, 1, &t);
	return err == PALIER_OK ? outcome_book(c, &t.e) : err;
}

/* Does the event say of this rung already that it was bought? One purchase is one acceptance. */
static bool is_booked(struct palier_ctx *c, const struct rung *r)
{
	const struct palier_event *ev = palier_event_now(c);

	for (uint32_t i = 0; i < ev->effect_count; i++) {
		const struct ladder_shown *e = palier_body(&ev->effects[i], "ladder.shown");

		if (e && palier_equal(e->rung, r->id) && PALIER_HAS(e, ladder_shown, revenue))
			return true;
	}
	return false;
}

/* What was bought without a word in this sale. Where the till tells of anything, nothing is deduced. */
static int untold_book(struct palier_ctx *c, const struct palier_sale *s, const struct scene *scene)
{
	const struct ladder_config *cfg = palier_config(c);
	int err = PALIER_OK;

	for (size_t i = 0; i < cfg->count && err == PALIER_OK; i++)
		for (size_t k = 0; k < cfg->ladders[i].count && err == PALIER_OK; k++) {
			const struct rung *r = &cfg->ladders[i].rungs[k];

			if (!is_taken(s, r) || is_booked(c, r))
				continue;
			err = scene->member ? open_book(c, s, scene, r) : PALIER_ENOENT;
			if (err == PALIER_ENOENT)
				err = s->suggested_count == 0 && lines_of(s, r) > 0 ? deduced_book(c, s, scene, r)
				                                                    : PALIER_OK;
		}
	return err;
}

/* --- the experiment --- */

static int experiment_begin(struct palier_ctx *c, struct experiment *x)
{
	struct ladder_experiment e = { .set = { 0, 0 } };
	bool begins;
	int err = experiment_now(c, x, &begins);

	if (err != PALIER_OK || !begins)
		return err;
	PALIER_SET(&e, ladder_experiment, epoch, x->epoch);
	PALIER_SET(&e, ladder_experiment, salt, x->salt);
	PALIER_SET(&e, ladder_experiment, share, x->share);
	PALIER_SET(&e, ladder_experiment, start, x->start);
	if (x->until)
		PALIER_SET(&e, ladder_experiment, until, x->until);
	return palier_effect_add(c, "ladder.experiment", &e);
}

/* What comes behind the test's planned end does not count, nor what is left of one before. */
static int visit_add(struct palier_ctx *c, const struct ladder_visited *e)
{
	struct experiment x;
	int err = experiment_read(palier_tables(c), &x);

	if (err != PALIER_OK || x.epoch != (uint32_t)e->epoch || (x.until && palier_today(c) > x.until))
		return err;
	return palier_effect_add(c, "ladder.visited", e);
}

static int visit_book(struct palier_ctx *c, const struct palier_sale *s, const struct experiment *x, bool climbed)
{
	struct ladder_visited e = { .set = { 0, 0 } };
	struct worth w = worth_of(palier_config(c), s, NULL);
	char member[PALIER_ID_TEXT + 1];

	palier_id_format(s->member, member);
	PALIER_SET(&e, ladder_visited, member, s->member);
	PALIER_SET(&e, ladder_visited, epoch, x->epoch);
	if (bandit_bucket(x->salt, palier_str(member)) < x->share)
		PALIER_SET(&e, ladder_visited, held, true);
	PALIER_SET(&e, ladder_visited, spend, w.spend);
	PALIER_SET(&e, ladder_visited, climbed, climbed);
	PALIER_SET(&e, ladder_visited, visits, 1);
	if (w.known) {
		PALIER_SET(&e, ladder_visited, margin, w.margin);
		PALIER_SET(&e, ladder_visited, known, w.known);
	}
	if (w.estimated)
		PALIER_SET(&e, ladder_visited, estimated, w.estimated);
	return visit_add(c, &e);
}

static int filtered_book(struct palier_ctx *c, const struct scene *scene)
{
	struct ladder_filtered e = { .set = { 0, 0 } };
	struct filter_count reasons[FILTERS] = { 0 };
	struct decision d;
	int err = decide(c, scene, &d);

	if (err != PALIER_OK)
		return err;
	PALIER_SET(&e, ladder_filtered, day, scene->day);
	for (unsigned i = 0; i < FILTERS; i++)
		if (d.filtered[i]) {
			PALIER_SET(&reasons[e.reasons.count], filter_count, reason, palier_str(filter_names[i]));
			PALIER_SET(&reasons[e.reasons.count], filter_count, count, d.filtered[i]);
			e.reasons.count++;
		}
	if (e.reasons.count == 0)
		return PALIER_OK;
	e.reasons.at = palier_alloc(palier_arena(c), sizeof(reasons));
	memcpy(e.reasons.at, reasons, sizeof(reasons));
	PALIER_MARK(&e, ladder_filtered, reasons);
	return palier_effect_add(c, "ladder.filtered", &e);
}

int ladder_on_sale(struct palier_ctx *c, const struct palier_sale *s)
{
	struct palier_id room;
	struct experiment x = { .epoch = 0 };
	struct scene scene;
	bool climbed = false;
	int err;

	if (!palier_config(c)) {
		if (s->suggested_count == 0 || palier_offline(c))
			return PALIER_OK;
		return palier_refuse(c, PALIER_ESUGGESTION_UNKNOWN, "suggested", "this shop suggests nothing");
	}
	if (s->quote)
		return PALIER_OK;
	err = scene_of(c, s, s->has_member ? &s->member : NULL, &room, &scene);
	if (err == PALIER_OK && scene.member)
		err = experiment_begin(c, &x);
	if (err == PALIER_OK && !s->claimed)
		err = filtered_book(c, &scene);
	if (err == PALIER_OK && !s->claimed)
		err = suggested_book(c, s, &scene);
	if (err == PALIER_OK && !s->claimed)
		err = untold_book(c, s, &scene);
	if (err != PALIER_OK || !scene.member)
		return err;
	err = steps_book(c, s, &climbed);
	return err == PALIER_OK ? visit_book(c, s, &x, climbed) : err;
}

/* --- what comes back --- */

/* A rung's lines in an event's effects, back or, of a return that is voided, there again. */
static int step_back(struct palier_ctx *c, const struct ladder_step *was, int64_t lines, bool returned)
{
	struct ladder_step e = step_of(was->member, was->rung, lines, was->day);
	const struct ladder *l;
	const struct rung *r = rung_find(palier_config(c), was->rung, &l), *before = NULL;
	int err = palier_member_now(c, was->member, &e.member);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT || err == PALIER_EMEMBER_ERASED ? PALIER_OK : err;
	if (returned)
		PALIER_SET(&e, ladder_step, returned, true);
	if (was->returned)
		PALIER_SET(&e, ladder_step, kept, true);
	if (r)
		err = top_of(c, e.member, l, &before);
	if (err == PALIER_OK)
		err = palier_effect_add(c, "ladder.step", &e);
	return err == PALIER_OK && r ? top_publish(c, e.member, l, before) : err;
}

/* How many of these lines of the sale are of a rung. */
static int64_t lines_among(const struct palier_return *r, const struct rung *rung, const struct palier_returned_line *at,
	uint32_t count)
{
	const struct sale_commit *p = r->booked[0]->params;
	int64_t n = 0;

	for (uint32_t i = 0; rung && i < count; i++)
		n += picks_line(&rung->picks, &p->lines.at[at[i].line]);
	return n;
}

static int64_t gone_of(const struct palier_return *r, const struct rung *rung)
{
	return lines_among(r, rung, r->gone, r->gone_count);
}

/* With this return, has the last line of it come back? */
static bool is_last(const struct palier_return *r, const struct rung *rung)
{
	return gone_of(r, rung) > 0 && lines_among(r, rung, r->left, r->left_count) == 0;
}

/* Is nothing of a ladder left of the sale? */
static bool climbed_down(const struct ladder_config *cfg, const struct palier_return *r)
{
	int64_t gone = 0, left = 0;

	for (size_t i = 0; i < cfg->count; i++)
		for (size_t k = 0; k < cfg->ladders[i].count && cfg->ladders[i].kind == LADDER_RUNGS; k++) {
			gone += gone_of(r, &cfg->ladders[i].rungs[k]);
			left += lines_among(r, &cfg->ladders[i].rungs[k], r->left, r->left_count);
		}
	return gone > 0 && left == 0;
}

/* What of a figure comes back, negative: the parts of all returns together are all of it. */
static int64_t part_back(const struct palier_return *r, int64_t figure)
{
	int64_t whole = figure < 0 ? -figure : figure;
	int64_t back = palier_share(whole, r->after, r->base) - palier_share(whole, r->before, r->base);

	return figure < 0 ? back : -back;
}

static int visit_return(struct palier_ctx *c, const struct palier_return *r, const struct ladder_visited *was)
{
	struct ladder_visited e = *was;

	e.spend = part_back(r, was->spend);
	e.margin = part_back(r, was->margin);
	e.known = part_back(r, was->known);
	e.estimated = part_back(r, was->estimated);
	e.climbed = was->climbed > 0 && climbed_down(palier_config(c), r) ? -1 : 0;
	e.visits = 0;
	return visit_add(c, &e);
}

/* Rungs are those of the sale; which lines belong to them, the configuration says as long as it still knows them. */
static int return_of(struct palier_ctx *c, const struct palier_return *r, const struct palier_event *ev)
{
	const struct ladder_config *cfg = palier_config(c);
	const struct ladder *l;
	int err = PALIER_OK;

	for (uint32_t i = 0; i < ev->effect_count && err == PALIER_OK; i++) {
		const struct ladder_step *step = palier_body(&ev->effects[i], "ladder.step");
		const struct ladder_shown *shown = palier_body(&ev->effects[i], "ladder.shown");
		const struct ladder_visited *visited = palier_body(&ev->effects[i], "ladder.visited");
		bool recent = shown && palier_today(c) <= day_add(zone_day(ev->at_ms), UNDO_DAYS);
		int64_t gone = step && step->lines > 0 ? gone_of(r, rung_find(cfg, step->rung, &l)) : 0;

		if (gone > 0)
			err = step_back(c, step, -gone, true);
		else if (recent && shown->outcome == OUTCOME_ACCEPTED && is_last(r, rung_find(cfg, shown->rung, &l)))
			err = outcome_undo(c, shown);
		else if (visited)
			err = visit_return(c, r, visited);
	}
	return err;
}

int ladder_on_return(struct palier_ctx *c, struct palier_return *r)
{
	int err = PALIER_OK;

	if (r->quote || !palier_config(c))
		return PALIER_OK;
	for (int i = 0; i < 2 && err == PALIER_OK; i++)
		if (r->booked[i])
			err = return_of(c, r, r->booked[i]);
	return err;
}

static int filtered_back(struct palier_ctx *c, const struct ladder_filtered *was)
{
	struct ladder_filtered e = *was;

	PALIER_SET(&e, ladder_filtered, undone, true);
	return palier_effect_add(c, "ladder.filtered", &e);
}

static int visit_back(struct palier_ctx *c, const struct ladder_visited *was)
{
	struct ladder_visited e = *was;

	e.spend = -was->spend;
	e.climbed = -was->climbed;
	e.margin = -was->margin;
	e.known = -was->known;
	e.estimated = -was->estimated;
	e.visits = -was->visits;
	return visit_add(c, &e);
}

/* The last first, so that an outcome is gone before the one whose place it took is there again. */
int ladder_on_void(struct palier_ctx *c, const struct palier_event *undone)
{
	int err = PALIER_OK;

	for (uint32_t i = undone->effect_count; i-- > 0 && err == PALIER_OK;) {
		const struct palier_effect *x = &undone->effects[i];
		const struct ladder_step *step = palier_body(x, "ladder.step");

		if (step)
			err = step_back(c, step, -step->lines, false);
		else if (palier_body(x, "ladder.shown"))
			err = outcome_undo(c, x->body);
		else if (palier_body(x, "ladder.undone"))
			err = outcome_redo(c, x->body);
		else if (palier_body(x, "ladder.filtered"))
			err = filtered_back(c, x->body);
		else if (palier_body(x, "ladder.visited"))
			err = visit_back(c, x->body);
	}
	return err;
}

/* --- members --- */

static int moved_book(struct palier_ctx *c, struct palier_id from, const struct palier_id *into)
{
	struct ladder_moved e = { .set = { 0, 0 } };
	int err = rows_any(palier_tables(c), from);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	PALIER_SET(&e, ladder_moved, from, from);
	if (into)
		PALIER_SET(&e, ladder_moved, into, *into);
	return palier_effect_add(c, "ladder.moved", &e);
}

/* So that core hands on no rung beside a higher one, or beside none. */
static int tops_withdraw(struct palier_ctx *c, struct palier_id member)
{
	const struct ladder_config *cfg = palier_config(c);
	const struct rung *top;
	int err = PALIER_OK;

	for (size_t i = 0; cfg && i < cfg->count && err == PALIER_OK; i++) {
		if (cfg->ladders[i].kind != LADDER_RUNGS)
			continue;
		err = top_of(c, member, &cfg->ladders[i], &top);
		if (err == PALIER_OK && top)
			err = palier_fact_publish(c, member, palier_format(palier_arena(c), "rung/%s", top->name),
				PALIER_LIT(""));
	}
	return err;
}

int member_forget(struct palier_ctx *c, struct palier_id member)
{
	int err = tops_withdraw(c, member);

	if (err == PALIER_OK)
		err = outcomes_end(c, member);
	if (err == PALIER_OK)
		err = moved_book(c, member, NULL);
	return err == PALIER_OK && palier_config(c) ? height_publish(c, member) : err;
}

int ladder_on_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into)
{
	const struct ladder_config *cfg = palier_config(c);
	struct palier_person person;
	int err = palier_person(c, into, &person);

	if (err == PALIER_OK && !person.profiling)
		return member_forget(c, from);
	if (err == PALIER_OK || err == PALIER_ENOENT)
		err = tops_withdraw(c, from);
	if (err == PALIER_OK)
		err = moved_book(c, from, &into);
	for (size_t i = 0; cfg && i < cfg->count && err == PALIER_OK; i++)
		if (cfg->ladders[i].kind == LADDER_RUNGS)
			err = top_publish(c, into, &cfg->ladders[i], NULL);
	return err;
}

int ladder_on_erase(struct palier_ctx *c, struct palier_id member)
{
	int err = outcomes_end(c, member);

	return err == PALIER_OK ? moved_book(c, member, NULL) : err;
}
