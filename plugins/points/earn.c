/* SPDX-License-Identifier: Apache-2.0 */
/* What a sale earns: one floor a rule, then the rules' sum, then the multipliers, then the unit's rounding (rules.md
 * "Earning"). */
#include "plugins/points/internal.h"

/* An exact fraction in lowest terms: many multipliers, one rounding. */
struct factor {
	unsigned __int128 num, den;
};

static unsigned __int128 gcd(unsigned __int128 a, unsigned __int128 b)
{
	while (b > 0) {
		unsigned __int128 r = a % b;

		a = b;
		b = r;
	}
	return a;
}

/* *a *= b. @return false, *a untouched, when it no longer fits */
static bool times(unsigned __int128 *a, unsigned __int128 b)
{
	if (b > 0 && *a > ~(unsigned __int128)0 / b)
		return false;
	*a *= b;
	return true;
}

static bool factor_times(struct factor *f, int64_t num, int64_t den)
{
	struct factor next = *f;
	unsigned __int128 common;

	if (num < 0 || den <= 0 || !times(&next.num, (unsigned __int128)num) || !times(&next.den, (unsigned __int128)den))
		return false;
	common = gcd(next.num, next.den);
	*f = (struct factor){ next.num / common, next.den / common };
	return true;
}

/* sum x f, rounded once. @return false beyond what is a figure */
static bool factor_apply(const struct factor *f, int64_t sum, int rounding, int64_t *out)
{
	unsigned __int128 num = f->num, whole, rest;

	if (!times(&num, (unsigned __int128)sum))
		return false;
	whole = num / f->den;
	rest = num % f->den;
	if ((rounding == ROUND_UP && rest > 0) || (rounding == ROUND_NEAREST && rest >= f->den - rest))
		whole++;
	if (whole > (unsigned __int128)PALIER_FIGURE_MAX)
		return false;
	*out = (int64_t)whole;
	return true;
}

/* What a rule of the unit comes to for this sale. */
struct outcome {
	bool applies;
	int64_t points; /* of a multiplier: thousandths */
};

/* What a line earns on: what is paid for it, and, as the unit has it, what was bought with points. */
static int64_t line_base(const struct points_unit *u, const struct palier_line *l)
{
	return palier_line_left(l) + (u->earn_on_redeemed ? l->redeemed : 0);
}

/* count x points each. */
static bool multiply(int64_t count, int64_t points, int64_t *out)
{
	return !__builtin_mul_overflow(count, points, out) && *out <= PALIER_FIGURE_MAX;
}

static bool rule_points(const struct points_rule *r, const struct palier_sale *s, const bool *matched, int64_t *out)
{
	int64_t sum = 0;

	if (r->kind == RULE_VISIT || r->kind == RULE_MULTIPLIER) {
		*out = r->points;
		return true;
	}
	for (uint32_t i = 0; i < s->line_count; i++) {
		const struct palier_line *l = &s->lines[i];

		if (matched[i] && !palier_add_i64(&sum, r->kind == RULE_ITEM ? l->items : line_base(r->unit, l)))
			return false;
	}
	return multiply(r->kind == RULE_ITEM ? sum : sum / r->per, r->points, out);
}

/* A condition without a matching item line does not hold, so that a mere top-up is no visit. */
static bool rule_weigh(struct palier_ctx *c, const struct palier_sale *s, const struct points_rule *r, bool *matched,
	struct outcome *out)
{
	out->applies = palier_condition_holds(c, r->when, s, &s->member, matched);
	return !out->applies || rule_points(r, s, matched, &out->points);
}

/* Those that count and those that multiply are weighed apart: where one that applies is not stackable, only the one of
 * highest priority stands (tie: the file's order). */
static void exclude(const struct points_config *cfg, bool multipliers, struct outcome *outcomes)
{
	const struct points_rule *lone = NULL;

	for (size_t i = 0; i < cfg->rule_count; i++) {
		const struct points_rule *r = &cfg->rules[i];

		if (outcomes[i].applies && !r->stackable && (r->kind == RULE_MULTIPLIER) == multipliers &&
			(!lone || r->priority > lone->priority))
			lone = r;
	}
	for (size_t i = 0; lone && i < cfg->rule_count; i++)
		if ((cfg->rules[i].kind == RULE_MULTIPLIER) == multipliers && &cfg->rules[i] != lone)
			outcomes[i].applies = false;
}

struct earning {
	int64_t sum;
	struct factor factor;
	const char *rules; /* names joined by "+" */
};

static bool earning_add(struct palier_ctx *c, const struct points_rule *r, const struct outcome *o, struct earning *e)
{
	bool fits =
		r->kind == RULE_MULTIPLIER ? factor_times(&e->factor, o->points, 1000) : palier_add_i64(&e->sum, o->points);

	if (r->kind == RULE_MULTIPLIER || o->points > 0)
		e->rules = e->rules ? palier_format(palier_arena(c), "%s+%s", e->rules, r->name) : r->name;
	return fits;
}

static bool unit_weigh(struct palier_ctx *c, const struct points_config *cfg, const struct palier_sale *s,
	const struct points_unit *u, struct earning *e)
{
	struct outcome *outcomes = palier_alloc(palier_arena(c), (cfg->rule_count + 1) * sizeof(*outcomes));
	bool *matched = palier_alloc(palier_arena(c), (s->line_count + 1) * sizeof(*matched));

	for (size_t i = 0; i < cfg->rule_count; i++)
		if (cfg->rules[i].unit == u && !rule_weigh(c, s, &cfg->rules[i], matched, &outcomes[i]))
			return false;
	exclude(cfg, false, outcomes);
	exclude(cfg, true, outcomes);
	for (size_t i = 0; i < cfg->rule_count; i++)
		if (outcomes[i].applies && !earning_add(c, &cfg->rules[i], &outcomes[i], e))
			return false;
	return true;
}

static int too_large(struct palier_ctx *c, const struct points_unit *u)
{
	return palier_refuse(c, PALIER_EPARAMS, NULL, "this sale would earn more %.*s than a figure can hold",
		PALIER_ARG(u->name));
}

static int unit_earn(struct palier_ctx *c, const struct points_config *cfg, const struct palier_sale *s,
	const struct points_unit *u, bool *moved)
{
	struct earning e = { .factor = { 1, 1 } };
	struct points_move m;
	int64_t num = 1, den = 1, points = 0;
	int err;

	if (!unit_weigh(c, cfg, s, u, &e))
		return too_large(c, u);
	if (e.sum == 0)
		return PALIER_OK;
	err = palier_earn_multiplier(c, s, u->name.at, &num, &den);
	if (err != PALIER_OK)
		return err;
	if (!factor_times(&e.factor, num, den) || !factor_apply(&e.factor, e.sum, u->rounding, &points))
		return too_large(c, u);
	if (points == 0)
		return PALIER_OK;
	m = points_move_of(s->member, u->name, POINTS_EARN, points);
	PALIER_SET(&m, points_move, rule, palier_str(e.rules));
	if (s->number.len > 0)
		PALIER_SET(&m, points_move, sale, s->number);
	*moved = true;
	err = points_move(c, &m);
	return err == PALIER_OK ? points_say_earned(c, u, s->member, points) : err;
}

int points_on_price(struct palier_ctx *c, struct palier_sale *s)
{
	const struct points_config *cfg = palier_config(c);
	bool moved;
	int err = PALIER_OK;

	for (size_t i = 0; cfg && s->has_member && i < cfg->unit_count && err == PALIER_OK; i++)
		if (cfg->units[i].spend_same_ticket)
			err = unit_earn(c, cfg, s, &cfg->units[i], &moved);
	return err;
}

int points_on_sale(struct palier_ctx *c, const struct palier_sale *s)
{
	const struct points_config *cfg = palier_config(c);
	int loaded = points_loads_book(c, s);
	bool *moved;

	if (loaded != PALIER_OK || !cfg || !s->has_member)
		return loaded;
	moved = palier_alloc(palier_arena(c), (cfg->unit_count + 1) * sizeof(*moved));
	for (size_t i = 0; i < cfg->unit_count; i++) {
		int err = cfg->units[i].spend_same_ticket && !s->claimed
		                  ? PALIER_OK /* earned before rewards were, by points_on_price */
		                  : unit_earn(c, cfg, s, &cfg->units[i], &moved[i]);

		if (err != PALIER_OK)
			return err;
	}
	return points_balances_add(c, s->member, moved);
}
