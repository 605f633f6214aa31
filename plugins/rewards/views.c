/* SPDX-License-Identifier: Apache-2.0 */
/* What the balance affords, in the member view and in a quote; and what of a quote's free products is not in the basket yet. */
#include "plugins/rewards/internal.h"

/* Whom and what is looked at. */
struct look {
	const struct palier_sale *s; /* NULL: no basket is known */
	const struct palier_id *member;
};

static bool holds(struct palier_ctx *c, const struct reward *r, const struct look *l)
{
	return l->s ? palier_condition_holds(c, r->when, l->s, l->member, NULL)
	            : palier_condition_may_hold(c, r->when, l->member);
}

/* The least that is had of it costs so much. @return false: more than a figure */
static bool least_cost(const struct reward *r, int64_t *times, int64_t *out)
{
	*times = r->min_points > r->cost ? (r->min_points - 1) / r->cost + 1 : 1;
	*out = r->cost;
	return *times <= PALIER_FIGURE_MAX / r->cost && (*out = *times * r->cost, true);
}

static int affords(struct palier_ctx *c, const struct reward *r, const struct look *l, bool *out)
{
	int64_t spendable = 0, left = 0, times, cost;
	int err;

	*out = false;
	if (!least_cost(r, &times, &cost) || !holds(c, r, l))
		return PALIER_OK;
	err = palier_spendable(c, *l->member, r->unit.at, &spendable);
	if (err == PALIER_OK)
		err = reward_uses_left(c, r, l->member, &left);
	*out = err == PALIER_OK && spendable >= cost && left >= times;
	return err;
}

/* @param rows the arena's, the cheapest reward first */
static int affordable(struct palier_ctx *c, const struct look *l, struct reward_view **rows, uint32_t *count)
{
	const struct rewards_config *cfg = palier_config(c);
	int err;

	*rows = NULL;
	*count = 0;
	if (!cfg || cfg->count == 0)
		return PALIER_OK;
	err = palier_may_spend(c, *l->member);
	if (err != PALIER_OK)
		return err == PALIER_EMEMBER_FROZEN || err == PALIER_ENOENT ? PALIER_OK : err;
	*rows = palier_alloc(palier_arena(c), cfg->count * sizeof(**rows));
	for (size_t i = 0; i < cfg->count && err == PALIER_OK; i++) {
		const struct reward *r = cfg->by_cost[i];
		struct reward_view *row = &(*rows)[*count];
		bool has;

		err = affords(c, r, l, &has);
		if (err != PALIER_OK || !has)
			continue;
		PALIER_SET(row, reward_view, reward, palier_str(r->name));
		PALIER_SET(row, reward_view, label, palier_str(palier_label(c, r->label, l->member)));
		PALIER_SET(row, reward_view, cost, r->cost);
		PALIER_SET(row, reward_view, unit, r->unit);
		++*count;
	}
	return err;
}

int rewards_quote(struct palier_ctx *c, const struct palier_sale *s, const struct free_view *unused, uint32_t count)
{
	const struct look l = { s, &s->member };
	struct reward_quoted q = { .set = { 0, 0 } };
	int err = s->has_member ? affordable(c, &l, &q.rewards.at, &q.rewards.count) : PALIER_OK;

	if (err != PALIER_OK || q.rewards.count + count == 0)
		return err;
	PALIER_MARK(&q, reward_quoted, rewards);
	PALIER_MARK(&q, reward_quoted, unused);
	q.unused.at = (struct free_view *)unused;
	q.unused.count = count;
	return palier_effect_add(c, "reward.quoted", &q);
}

static void rewards_write(struct palier_json *w, const char *key, const struct reward_view *rows, uint32_t count)
{
	palier_json_key(w, key);
	palier_json_array(w);
	for (uint32_t i = 0; i < count; i++)
		schema_encode(&reward_view_schema, SCHEMA_WIRE, &rows[i], w);
	palier_json_end_array(w);
}

int rewards_on_lookup(struct palier_ctx *c, struct palier_id member, struct palier_json *w)
{
	const struct look l = { NULL, &member };
	struct reward_view *rows;
	uint32_t count;
	int err = affordable(c, &l, &rows, &count);

	if (err == PALIER_OK)
		rewards_write(w, "rewards", rows, count);
	return err;
}

int rewards_on_reply(struct palier_ctx *c, enum palier_reply reply, const struct palier_event *ev, struct palier_bytes sale,
	struct palier_json *w)
{
	(void)c;
	(void)sale;
	for (uint32_t i = 0; reply == PALIER_REPLY_QUOTE && i < ev->effect_count; i++) {
		const struct reward_quoted *q = palier_body(&ev->effects[i], "reward.quoted");

		if (!q)
			continue;
		palier_json_key(w, "free");
		palier_json_array(w);
		for (uint32_t n = 0; n < q->unused.count; n++)
			schema_encode(&free_view_schema, SCHEMA_WIRE, &q->unused.at[n], w);
		palier_json_end_array(w);
		rewards_write(w, "available_rewards", q->rewards.at, q->rewards.count);
	}
	return PALIER_OK;
}
