/* SPDX-License-Identifier: Apache-2.0 */
/* palier ladder: what the shop's own tickets propose to suggest, and what is out of stock. Its report is `palier report ladder`. */
#include <time.h>

#include "protocol/datetime.h"
#include "tools/commands.h"
#include "tools/money.h"
#include "tools/report/learn.h"
#include "tools/table.h"

static int run_learn(struct cli *cli), run_stock(struct cli *cli);

static const struct cli_option learn_options[] = {
	{ "data", "DIR", "read the journal in this data directory instead of --config's" },
	{ "language", "LANGUAGE", "of the reasons: fr or en (default: the store's)" },
	CLI_END_OPTIONS,
};

static const struct cli_option stock_options[] = {
	{ "until", "DAY", "the last day on which it is out, as 2026-11-24" },
	CLI_BOOKING_OPTIONS,
	CLI_END_OPTIONS,
};

const struct cli_command command_ladder = { "ladder", "what to suggest next",
	(const struct cli_verb[]){
		{ "learn", "", "propose ladders from what was bought, as a fragment of the configuration", 0, 0,
			learn_options, run_learn },
		{ "stock", "[SKU out|in]", "say that a product is out of stock, or there again; else list what is out", 0, 2,
			stock_options, run_stock },
		{ .name = NULL },
	} };

static int language_of(struct cli *cli, const struct cli_shop *shop, struct words *out)
{
	const char *language = cli_value(cli, "language");

	if (language && !words_known(language))
		return cli_fail(cli, PALIER_EPARAMS, "--language is fr or en, not %s", language);
	if (!language && shop->language && words_known(shop->language))
		language = shop->language;
	*out = (struct words){ &cli->arena, language ? language : "en" };
	return PALIER_OK;
}

static int tickets_read(struct cli *cli, const char *directory, struct learn_tickets *out)
{
	struct progress bar = { .what = "reading" };
	struct event_files files;
	char why[256];
	int err = event_files_find(directory, &files);

	if (err != PALIER_OK)
		return cli_fail(cli, err, "%s cannot be read", directory);
	err = learn_read(&files, &bar, out, why);
	event_files_deinit(&files);
	return err == PALIER_OK ? PALIER_OK : cli_fail(cli, err, "%s", why);
}

static int run_learn(struct cli *cli)
{
	struct learn_tickets tickets;
	struct learned learned;
	struct cli_shop shop;
	struct words words;
	const char *directory;
	int err = cli_journal(cli, &shop, &directory);

	if (err == PALIER_ENOENT)
		return cli_fail(cli, PALIER_EPARAMS, "which shop? give --config FILE or --data DIR");
	if (err == PALIER_OK)
		err = language_of(cli, &shop, &words);
	if (err == PALIER_OK && shop.timezone)
		zone_set(shop.timezone); /* one that is unknown here leaves days in UTC */
	if (err == PALIER_OK)
		err = tickets_read(cli, directory, &tickets);
	if (err != PALIER_OK)
		return err;
	learn(&tickets, &learned);
	learn_print(&tickets, &learned, &words, shop.currency ? money_scale(shop.currency) : 2, cli->out);
	learned_deinit(&learned);
	learn_tickets_deinit(&tickets);
	return PALIER_OK;
}

/* --- stock --- */

static void show_stocked(struct cli *cli, uint32_t result)
{
	bool out = strcmp(cli_arg(cli, 1), "out") == 0;

	(void)result;
	fprintf(cli->out, "%s is %s.\n", cli_arg(cli, 0), out ? "out of stock" : "there again");
}

static void show_shortages(struct cli *cli, uint32_t result)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "out of stock" }, { .title = "until" },
				   { .title = NULL } } };
	uint32_t rows = view_member(cli, result, "out_of_stock");

	VIEW_EACH(cli, rows, row)
	{
		table_cell(&t, view_text(cli, row, "sku"));
		table_cell(&t, view_text(cli, row, "until"));
	}
	table_print(&t, cli->out);
	table_deinit(&t);
}

/* It stands in the report: of any day, for what is out is out today. */
static int shortages_list(struct cli *cli)
{
	char today[16];

	day_format(zone_day((int64_t)time(NULL) * 1000), today);
	cli_params(cli);
	cli_param(cli, "from", today);
	cli_param(cli, "to", today);
	return cli_ask(cli, "ladder.report", show_shortages);
}

static int run_stock(struct cli *cli)
{
	const char *state = cli_arg(cli, 1);
	bool out = state && strcmp(state, "out") == 0;

	if (!cli_arg(cli, 0))
		return shortages_list(cli);
	if (!out && (!state || strcmp(state, "in") != 0))
		return cli_fail(cli, PALIER_EPARAMS, "%s is out or in: which?", cli_arg(cli, 0));
	cli_params(cli);
	cli_param_booking(cli);
	cli_param(cli, "sku", cli_arg(cli, 0));
	palier_json_key(&cli->w, "in_stock");
	palier_json_bool(&cli->w, !out);
	cli_param(cli, "until", cli_value(cli, "until"));
	return cli_ask(cli, "ladder.stock", show_stocked);
}
