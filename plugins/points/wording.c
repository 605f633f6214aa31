/* SPDX-License-Identifier: Apache-2.0 */
/* What the customer is told of points. A unit's name is the shop's own and stands in every language as it is, so no sentence is built
 * around it. */
#include "plugins/points/internal.h"

static struct palier_bytes figure_text(struct palier_ctx *c, bool money, int64_t points)
{
	return money ? palier_money_text(c, points) : palier_str(palier_format(palier_arena(c), "%lld", (long long)points));
}

int points_say_earned(struct palier_ctx *c, const struct points_unit *u, struct palier_id member, int64_t points)
{
	bool money = u->kind == KIND_MONEY;
	struct palier_bytes args[3] = { u->name };
	int64_t balance;
	int err = points_balance_now(c, member, u->name, &balance);

	if (err != PALIER_OK)
		return err;
	args[1] = figure_text(c, money, points);
	args[2] = figure_text(c, money, balance);
	/* TRANSLATORS: on the ticket: the unit's name, what this sale earned, and what the customer has now */
	return palier_message(c, N_("%1: +%2, balance %3"), args, 3);
}

/* How many there are, to the grammar: of money, the whole ones. */
static int64_t counted(struct palier_ctx *c, bool money, int64_t points)
{
	for (unsigned i = 0; money && i < palier_currency_decimals(c); i++)
		points /= 10;
	return points;
}

void points_say_lapsing(struct palier_ctx *c, struct palier_bytes unit, int64_t points, uint32_t on)
{
	const struct points_unit *u = points_unit_of(palier_config(c), unit);
	bool money = u && u->kind == KIND_MONEY;
	const struct palier_bytes args[] = { unit, figure_text(c, money, points), palier_day_text(c, on) };

	/* TRANSLATORS: the unit's name, how many, and the last day on which they can be used */
	palier_prompt_n(c, "expiring", NN_("%1: %2 lapses after %3", "%1: %2 lapse after %3"), counted(c, money, points),
		args, 3);
}
