/* SPDX-License-Identifier: Apache-2.0 */
/* palier ambassador: who recommends the shop. */
#include "tools/commands.h"
#include "tools/table.h"

static int run_list(struct cli *cli), run_show(struct cli *cli);

static const struct cli_option list_options[] = {
	{ "limit", "N", "at most so many (default: 50)" },
	CLI_END_OPTIONS,
};

const struct cli_command command_ambassador = { "ambassador", "who recommends the shop most",
	(const struct cli_verb[]){
		{ "list", "", "members by their score, the highest first", 0, 0, list_options, run_list },
		{ "show", "CARD|MEMBER", "a member's score, and why", 1, 1, NULL, run_show },
		{ .name = NULL },
	} };

/* "yes", and until when if notice was given. */
static const char *standing(struct cli *cli, uint32_t row)
{
	const char *until = view_text(cli, row, "until");

	if (strcmp(view_text(cli, row, "ambassador"), "true") != 0)
		return "";
	return until[0] ? palier_format(&cli->arena, "until %s", until) : "yes";
}

static void show_list(struct cli *cli, uint32_t result)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "member" }, { .title = "name" },
				   { .title = "score", .right = true }, { .title = "friends", .right = true },
				   { .title = "ambassador" }, { .title = NULL } } };

	VIEW_EACH(cli, view_member(cli, result, "ambassadors"), row)
	{
		table_cell(&t, view_text(cli, row, "member"));
		table_cell(&t, view_text(cli, row, "name"));
		table_cell(&t, view_text(cli, row, "score"));
		table_cell(&t, view_text(cli, row, "referrals"));
		table_cell(&t, standing(cli, row));
	}
	table_print(&t, cli->out);
	table_deinit(&t);
}

static int run_list(struct cli *cli)
{
	int err;

	cli_params(cli);
	err = cli_param_figure(cli, "limit", cli_value(cli, "limit"));
	return err == PALIER_OK ? cli_ask(cli, "ambassador.list", show_list) : err;
}

static void show_parts(struct cli *cli, uint32_t parts)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "points", .right = true },
				   { .title = "for" }, { .title = "day" }, { .title = "why" }, { .title = NULL } } };

	VIEW_EACH(cli, parts, part)
	{
		table_cell(&t, view_text(cli, part, "points"));
		table_cell(&t, view_text(cli, part, "part"));
		table_cell(&t, view_text(cli, part, "day"));
		table_cell(&t, view_text(cli, part, "why"));
	}
	if (t.count > 0) {
		fputc('\n', cli->out);
		table_print(&t, cli->out);
	}
	table_deinit(&t);
}

static void show_one(struct cli *cli, uint32_t result)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "" }, { .title = "" }, { .title = NULL } },
		.untitled = true };

	table_pair(&t, "member", view_text(cli, result, "member"));
	table_pair(&t, "score", view_text(cli, result, "score"));
	table_pair(&t, "rank", view_text(cli, result, "rank"));
	table_pair(&t, "ambassador", standing(cli, result)[0] ? standing(cli, result) : "no");
	table_pair(&t, "since", view_text(cli, result, "since"));
	table_pair(&t, "friends", view_text(cli, result, "referrals"));
	table_pair(&t, "why", view_text(cli, result, "why"));
	table_print(&t, cli->out);
	table_deinit(&t);
	show_parts(cli, view_member(cli, result, "parts"));
}

static int run_show(struct cli *cli)
{
	cli_params(cli);
	cli_param_who(cli, cli_arg(cli, 0));
	return cli_ask(cli, "ambassador.show", show_one);
}
