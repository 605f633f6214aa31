/* SPDX-License-Identifier: Apache-2.0 */
/* A member, for people. */
#include "tools/member_view.h"

#include "tools/table.h"

#define PAIRS ((const struct table_column[]){ { .title = "" }, { .title = "" }, { .title = NULL } })

static const char *join(struct cli *cli, const char *a, const char *between, const char *b)
{
	return !b[0] ? a : !a[0] ? b : palier_format(&cli->arena, "%s%s%s", a, between, b);
}

/* Where no unit is named, money is missing. */
static const char *missing_text(struct cli *cli, uint32_t next)
{
	const char *unit = view_text(cli, next, "unit");

	return unit[0] ? palier_format(&cli->arena, "%s %s", view_text(cli, next, "missing"), unit)
	               : view_money(cli, next, "missing");
}

static const char *tier_text(struct cli *cli, uint32_t tier)
{
	const char *until = view_text(cli, tier, "until"), *multiplier = view_text(cli, tier, "multiplier");
	uint32_t next = view_member(cli, tier, "next");
	const char *text = view_text(cli, tier, "name");

	if (multiplier[0])
		text = palier_format(&cli->arena, "%s, points x %s", text, multiplier);
	if (until[0])
		text = palier_format(&cli->arena, "%s, until %s%s", text, until,
			view_text(cli, tier, "notice")[0] ? " unless reached again" : "");
	if (next)
		text = palier_format(&cli->arena, "%s; %s to %s", text, missing_text(cli, next),
			view_text(cli, next, "name"));
	return text;
}

static const char *stats_text(struct cli *cli, uint32_t stats)
{
	const char *last = view_time(cli, stats, "last_purchase");

	if (!stats)
		return "";
	return palier_format(&cli->arena, "%s for %s%s%s", view_text(cli, stats, "purchases"),
		view_money(cli, stats, "spend"), last[0] ? ", last " : "", last);
}

static void show_head(struct cli *cli, uint32_t view)
{
	struct table t = { .columns = PAIRS, .untitled = true };
	uint32_t card = view_member(cli, view, "card");

	table_pair(&t, "member", view_text(cli, view, "member"));
	table_pair(&t, "name", view_text(cli, view, "name"));
	table_pair(&t, "card", join(cli, view_text(cli, card, "number"), ", ", view_text(cli, card, "status")));
	table_pair(&t, "language", view_text(cli, view, "language"));
	table_pair(&t, "since", view_text(cli, view, "since"));
	table_pair(&t, "tier", tier_text(cli, view_member(cli, view, "tier")));
	table_pair(&t, "stage", view_text(cli, view, "stage"));
	table_pair(&t, "persona", view_text(cli, view, "persona"));
	table_pair(&t, "balance", view_units(cli, view, "balances"));
	table_pair(&t, "held", view_units(cli, view, "held"));
	table_pair(&t, "pending", view_units(cli, view, "pending"));
	table_pair(&t, "spending", view_text(cli, view, "frozen")[0] ? "locked" : "");
	table_pair(&t, "referral", view_text(cli, view_member(cli, view, "referral"), "code"));
	table_pair(&t, "purchases", stats_text(cli, view_member(cli, view, "stats")));
	table_print(&t, cli->out);
	table_deinit(&t);
}

static void show_expiring(struct cli *cli, uint32_t list)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "expires after" },
				   { .title = "points", .right = true }, { .title = "unit" }, { .title = NULL } } };

	if (view_count(cli, list))
		fputc('\n', cli->out);
	VIEW_EACH(cli, list, lot)
	{
		table_cell(&t, view_text(cli, lot, "on"));
		table_cell(&t, view_text(cli, lot, "points"));
		table_cell(&t, view_text(cli, lot, "unit"));
	}
	if (t.count)
		table_print(&t, cli->out);
	table_deinit(&t);
}

void member_view_rewards(struct cli *cli, uint32_t rewards)
{
	struct table t = { .columns =
				   (const struct table_column[]){ { .title = "reward" }, { .title = "cost", .right = true },
					   { .title = "unit" }, { .title = "what" }, { .title = NULL } } };

	if (view_count(cli, rewards))
		fputc('\n', cli->out);
	VIEW_EACH(cli, rewards, reward)
	{
		table_cell(&t, view_text(cli, reward, "reward"));
		table_cell(&t, view_text(cli, reward, "cost"));
		table_cell(&t, view_text(cli, reward, "unit"));
		table_cell(&t, view_text(cli, reward, "label"));
	}
	if (t.count)
		table_print(&t, cli->out);
	table_deinit(&t);
}

static void show_offers(struct cli *cli, uint32_t offers)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "offer" }, { .title = "until" },
				   { .title = "what" }, { .title = NULL } } };

	if (view_count(cli, offers))
		fputc('\n', cli->out);
	VIEW_EACH(cli, offers, offer)
	{
		table_cell(&t, view_text(cli, offer, "offer"));
		table_cell(&t, view_text(cli, offer, "until"));
		table_cell(&t, view_text(cli, offer, "label"));
	}
	if (t.count)
		table_print(&t, cli->out);
	table_deinit(&t);
}

void member_view_show(struct cli *cli, uint32_t view)
{
	show_head(cli, view);
	show_expiring(cli, view_member(cli, view, "expiring"));
	member_view_rewards(cli, view_member(cli, view, "rewards"));
	show_offers(cli, view_member(cli, view, "offers"));
}
