/* SPDX-License-Identifier: Apache-2.0 */
/* palier status */
#include "tools/commands.h"
#include "tools/table.h"

static int run_status(struct cli *cli);

const struct cli_command command_status = { "status", "how the daemon is",
	(const struct cli_verb[]){ { "", "", "how the daemon is", 0, 0, NULL, run_status }, { .name = NULL } } };

static const char *verified(struct cli *cli, uint32_t check)
{
	const char *ok = view_text(cli, check, "ok");

	return palier_format(&cli->arena, "%s%s%s", view_time(cli, check, "at"), ok[0] ? ": " : "",
		!ok[0]                    ? ""
		: strcmp(ok, "true") == 0 ? "sound"
					  : "DAMAGED, see the log");
}

static void show(struct cli *cli, uint32_t result)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "" }, { .title = "" }, { .title = NULL } },
		.untitled = true };

	table_pair(&t, "store", view_text(cli, result, "store"));
	table_pair(&t, "version", view_text(cli, result, "version"));
	table_pair(&t, "started", view_time(cli, result, "started"));
	table_pair(&t, "business day", view_text(cli, result, "business_day"));
	table_pair(&t, "batch", view_text(cli, result, "batch"));
	table_pair(&t, "last event", view_text(cli, result, "seq"));
	table_pair(&t, "journal bytes", view_text(cli, result, "journal_bytes"));
	table_pair(&t, "disk free", view_text(cli, result, "disk_free_bytes"));
	table_pair(&t, "last sync, us", view_text(cli, result, "sync_us"));
	table_pair(&t, "members", view_text(cli, result, "members"));
	table_pair(&t, "open alerts", view_text(cli, result, "alerts_open"));
	table_pair(&t, "connections", view_text(cli, result, "connections"));
	table_pair(&t, "subscribers", view_text(cli, result, "subscribers"));
	table_pair(&t, "requests", view_text(cli, result, "requests"));
	table_pair(&t, "commands", view_text(cli, result, "commands"));
	table_pair(&t, "turns", view_text(cli, result, "turns"));
	table_pair(&t, "verified", verified(cli, view_member(cli, result, "verified")));
	table_pair(&t, "plugins", view_list(cli, result, "plugins"));
	table_print(&t, cli->out);
	table_deinit(&t);
}

static int run_status(struct cli *cli)
{
	cli_params(cli);
	return cli_ask(cli, "system.status", show);
}
