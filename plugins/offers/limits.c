/* SPDX-License-Identifier: Apache-2.0 */
/* Legal limits: what discounts may come to on some lines. Those of the till count, and are never taken back. */
#include "plugins/offers/internal.h"

static void limit_line(const struct limit *limit, struct palier_line *l)
{
	int64_t most = (int64_t)((__int128)(l->gross - l->exempt) * limit->most / LIMIT_WHOLE) - l->foreign;

	most = most > 0 ? most : 0;
	l->most_given = palier_least(l->most_given, most);
	if (limit->counts_points)
		l->most_ours = palier_least(l->most_ours, most);
}

void limits_set(struct palier_ctx *c, struct palier_sale *s)
{
	const struct offers_config *cfg = palier_config(c);
	bool *matched = palier_alloc(palier_arena(c), s->line_count + 1u);

	for (size_t n = 0; n < cfg->limit_count; n++) {
		if (!palier_condition_holds(c, cfg->limits[n].when, s, s->has_member ? &s->member : NULL, matched))
			continue;
		for (uint32_t i = 0; i < s->line_count; i++)
			if (matched[i])
				limit_line(&cfg->limits[n], &s->lines[i]);
	}
}
