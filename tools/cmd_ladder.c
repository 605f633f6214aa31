/* SPDX-License-Identifier: Apache-2.0 */
/* palier ladder: what the shop's own tickets propose to suggest. Its report is `palier report ladder`. */
#include "protocol/datetime.h"
#include "tools/commands.h"
#include "tools/money.h"
#include "tools/report/learn.h"

static int run_learn(struct cli *cli);

static const struct cli_option learn_options[] = {
	{ "data", "DIR", "read the journal in this data directory instead of --config's" },
	{ "language", "LANGUAGE", "of the reasons: fr or en (default: the store's)" },
	CLI_END_OPTIONS,
};

const struct cli_command command_ladder = { "ladder", "what to suggest next",
	(const struct cli_verb[]){
		{ "learn", "", "propose ladders from what was bought, as a fragment of the configuration", 0, 0,
			learn_options, run_learn },
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
