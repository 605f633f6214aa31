/* SPDX-License-Identifier: Apache-2.0 */
/* What the shop gains: by the margin of a rung, less what was taken off the price; else by what the category usually leaves; else by a guess. */
#include "plugins/ladder/internal.h"

/* Enough to choose by, not to report. */
#define GUESSED 3000 /* of a price of which nothing tells the margin, hundredths of a per cent */
#define UNTOLD  100  /* of what has no price either, and stands on nothing that has one, minor units */

/* The share that a category leaves. @return false: it is not told */
static bool share_find(const struct ladder_config *cfg, struct palier_bytes category, int64_t *out)
{
	for (size_t i = 0; i < cfg->margin_count; i++)
		if (palier_is(category, cfg->margins[i].name)) {
			*out = cfg->margins[i].share;
			return true;
		}
	return false;
}

/* The rung that tells the margin of a product. */
static const struct rung *rung_of(const struct ladder_config *cfg, const struct basket_line *line)
{
	for (size_t i = 0; i < cfg->count; i++)
		for (size_t k = 0; k < cfg->ladders[i].count; k++) {
			const struct rung *r = &cfg->ladders[i].rungs[k];

			if (r->margin >= 0 && picks_line(&r->picks, line))
				return r;
		}
	return NULL;
}

void worth_add(const struct ladder_config *cfg, const struct palier_line *l, struct worth *w)
{
	int64_t net = l->gross - l->foreign - l->ours, share;
	const struct rung *r;

	if (l->kind != LINE_ITEM)
		return;
	w->spend += net;
	r = rung_of(cfg, l->in);
	if (r) {
		/* With the price, what it costs the shop is known; without, only what is taken off makes the margin less. */
		w->margin += r->price >= 0 ? net - palier_share(r->price - r->margin, l->quantity, 1000)
		                           : palier_share(r->margin, l->quantity, 1000) - (l->gross - net);
		w->known += net;
	} else if (PALIER_HAS(l->in, basket_line, category) && share_find(cfg, l->in->category, &share)) {
		w->margin += palier_share(net, share, 10000);
		w->known += net;
		w->estimated += net;
	}
}

static bool is_told(const struct rung *r)
{
	return r->margin >= 0 || r->price >= 0;
}

static int64_t worth_told(const struct ladder_config *cfg, const struct rung *r)
{
	int64_t share = GUESSED;

	if (r->margin >= 0)
		return r->margin;
	if (r->picks.categories && r->picks.categories[0])
		(void)share_find(cfg, palier_str(r->picks.categories[0]), &share);
	return palier_share(r->price, share, 10000);
}

int64_t worth_of_rung(const struct ladder_config *cfg, const struct ladder *l, const struct rung *r, bool *estimated)
{
	const struct rung *told = r;
	int64_t worth;

	*estimated = r->margin < 0;
	while (told > l->rungs && !is_told(told))
		told--;
	worth = is_told(told) ? worth_told(cfg, told) : UNTOLD;
	/* Steps up cost from 1.1 to 2 times as much (so learned ladders have it): half as much again. */
	for (; told < r && worth < PALIER_FIGURE_MAX; told++)
		worth += worth / 2;
	return worth;
}

int64_t worth_price(const struct ladder_config *cfg, const struct ladder *l, const struct rung *r, bool *guessed)
{
	bool estimated;

	*guessed = l->kind != LADDER_THRESHOLD && r->price < 0;
	if (!*guessed)
		return l->kind == LADDER_THRESHOLD ? l->spend : r->price;
	return palier_share(worth_of_rung(cfg, l, r, &estimated), 10000, GUESSED);
}

int64_t worth_of_points(const struct ladder_config *cfg, const struct rung *r, unsigned decimals)
{
	unsigned __int128 cost = (unsigned __int128)r->points * (uint64_t)cfg->point_value * (uint64_t)cfg->redemption;
	uint64_t of = 10000;

	for (unsigned i = 0; i < decimals; i++)
		cost *= 10;
	for (unsigned i = 0; i < POINT_DECIMALS; i++)
		of *= 10;
	return (int64_t)((cost + of - 1) / of);
}
