/* SPDX-License-Identifier: Apache-2.0 */
/* palier balance: what a member has, how it came, and putting it right. */
#include "tools/commands.h"
#include "tools/table.h"

static int run_show(struct cli *cli), run_history(struct cli *cli), run_adjust(struct cli *cli);

static const struct cli_option history_options[] = {
	{ "unit", "UNIT", "of this unit only" },
	{ "limit", "N", "at most so many, newest first (default: 50)" },
	{ "before", "SEQ", "only those before this event: the next page" },
	CLI_END_OPTIONS,
};
static const struct cli_option adjust_options[] = {
	{ "reason", "TEXT", "why; needed" },
	CLI_BOOKING_OPTIONS,
	CLI_END_OPTIONS,
};

const struct cli_command command_balance = { "balance", "a customer's points",
	(const struct cli_verb[]){
		{ "show", "CARD|MEMBER", "what there is, a unit a line", 1, 1, NULL, run_show },
		{ "history", "CARD|MEMBER", "every move", 1, 1, history_options, run_history },
		{ "adjust", "CARD|MEMBER UNIT POINTS", "add points, or take them with a minus", 3, 3, adjust_options,
			run_adjust },
		{ .name = NULL },
	} };

static void show_balances(struct cli *cli, uint32_t result)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "unit" },
				   { .title = "balance", .right = true }, { .title = "held", .right = true },
				   { .title = "pending", .right = true }, { .title = NULL } } };
	uint32_t balances = view_member(cli, result, "balances"), name = balances + 1;
	const struct json_doc *d = &cli->reply.doc;

	for (uint32_t left = balances ? d->tokens[balances].count : 0; left > 0;
		left--, name += 1 + d->tokens[name + 1].span) {
		const char *unit = palier_cstr(&cli->arena, json_string(d, name, cli->reply.arena));

		table_cell(&t, view_clean(&cli->arena, palier_str(unit)));
		table_cell(&t, view_text(cli, balances, unit));
		table_cell(&t, view_text(cli, view_member(cli, result, "held"), unit));
		table_cell(&t, view_text(cli, view_member(cli, result, "pending"), unit));
	}
	table_print(&t, cli->out);
	table_deinit(&t);
}

static int run_show(struct cli *cli)
{
	cli_params(cli);
	cli_param_who(cli, cli_arg(cli, 0));
	return cli_ask(cli, "card.lookup", show_balances);
}

static void show_history(struct cli *cli, uint32_t result)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "seq", .right = true }, { .title = "at" },
				   { .title = "kind" }, { .title = "points", .right = true }, { .title = "unit" },
				   { .title = "balance", .right = true }, { .title = "sale" }, { .title = "expires after" },
				   { .title = NULL } } };

	VIEW_EACH(cli, view_member(cli, result, "entries"), entry)
	{
		table_cell(&t, view_text(cli, entry, "seq"));
		table_cell(&t, view_time(cli, entry, "at"));
		table_cell(&t, view_text(cli, entry, "kind"));
		table_cell(&t, view_text(cli, entry, "points"));
		table_cell(&t, view_text(cli, entry, "unit"));
		table_cell(&t, view_text(cli, entry, "balance"));
		table_cell(&t, view_text(cli, entry, "sale"));
		table_cell(&t, view_text(cli, entry, "expires"));
	}
	table_print(&t, cli->out);
	table_deinit(&t);
}

static int run_history(struct cli *cli)
{
	int err;

	cli_params(cli);
	cli_param_who(cli, cli_arg(cli, 0));
	cli_param(cli, "unit", cli_value(cli, "unit"));
	err = cli_param_figure(cli, "limit", cli_value(cli, "limit"));
	if (err == PALIER_OK)
		err = cli_param_figure(cli, "before", cli_value(cli, "before"));
	return err == PALIER_OK ? cli_ask(cli, "balance.history", show_history) : err;
}

static void show_adjusted(struct cli *cli, uint32_t result)
{
	fprintf(cli->out, "now %s\n", view_units(cli, result, "balances"));
}

static int run_adjust(struct cli *cli)
{
	int err;

	if (!cli_value(cli, "reason"))
		return cli_fail(cli, PALIER_EPARAMS, "why? give --reason TEXT");
	cli_params(cli);
	cli_param_booking(cli);
	cli_param_who(cli, cli_arg(cli, 0));
	cli_param(cli, "unit", cli_arg(cli, 1));
	err = cli_param_figure(cli, "points", cli_arg(cli, 2));
	cli_param(cli, "reason", cli_value(cli, "reason"));
	return err == PALIER_OK ? cli_ask(cli, "balance.adjust", show_adjusted) : err;
}
