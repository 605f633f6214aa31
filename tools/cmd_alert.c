/* SPDX-License-Identifier: Apache-2.0 */
/* palier alert: what somebody should look at. */
#include "tools/commands.h"
#include "tools/table.h"

static int run_list(struct cli *cli), run_resolve(struct cli *cli);

static const struct cli_option list_options[] = {
	{ "all", NULL, "also those that are resolved" },
	{ "after", "SEQ", "only those after this event" },
	{ "limit", "N", "ask for so many at a time (default: 50)" },
	CLI_END_OPTIONS,
};
static const struct cli_option booking_options[] = { CLI_BOOKING_OPTIONS, CLI_END_OPTIONS };

const struct cli_command command_alert = { "alert", "what somebody should look at",
	(const struct cli_verb[]){
		{ "list", "", "the open alerts, oldest first", 0, 0, list_options, run_list },
		{ "resolve", "ALERT OUTCOME", "say what came of an alert", 2, 2, booking_options, run_resolve },
		{ .name = NULL },
	} };

static const char *whereabouts(struct cli *cli, uint32_t alert)
{
	const char *sale = view_text(cli, alert, "sale"), *member = view_text(cli, alert, "member");

	return palier_format(&cli->arena, "%s%s%s", sale, sale[0] && member[0] ? ", " : "", member);
}

static void show_page(struct cli *cli, uint32_t alerts, struct table *t)
{
	VIEW_EACH(cli, alerts, alert)
	{
		uint32_t resolved = view_member(cli, alert, "resolved");

		if (resolved && !cli_has(cli, "all"))
			continue;
		table_cell(t, view_text(cli, alert, "alert"));
		table_cell(t, view_time(cli, alert, "at"));
		table_cell(t, view_text(cli, alert, "kind"));
		table_cell(t, view_text(cli, alert, "till"));
		table_cell(t, view_text(cli, alert, "operator"));
		table_cell(t, view_text(cli, alert, "figure"));
		table_cell(t, view_text(cli, alert, "unit"));
		table_cell(t, whereabouts(cli, alert));
		table_cell(t, resolved ? view_text(cli, resolved, "outcome") : "");
	}
}

/* The seq of the page's last alert, from which the next one goes on; NULL: it was empty. */
static const char *page_end(struct cli *cli, uint32_t alerts)
{
	const char *seq = NULL;

	VIEW_EACH(cli, alerts, alert)
	{
		seq = view_text(cli, alert, "seq");
	}
	return seq;
}

static int ask_page(struct cli *cli, const char *after)
{
	int err;

	cli_params(cli);
	err = cli_param_figure(cli, "after", after);
	if (err == PALIER_OK)
		err = cli_param_figure(cli, "limit", cli_value(cli, "limit"));
	return err == PALIER_OK ? cli_call(cli, "system.alerts") : err;
}

static int run_list(struct cli *cli)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "alert" }, { .title = "at" },
				   { .title = "kind" }, { .title = "till" }, { .title = "operator" },
				   { .title = "figure", .right = true }, { .title = "unit" }, { .title = "about" },
				   { .title = "outcome" }, { .title = NULL } } };
	const char *after = cli_value(cli, "after");
	int err;

	do {
		err = ask_page(cli, after);
		if (err != PALIER_OK)
			break;
		if (cli_has(cli, "json")) {
			fprintf(cli->out, "%.*s\n", PALIER_ARG(json_text(&cli->reply.doc, cli->reply.result)));
			break;
		}
		show_page(cli, view_member(cli, cli->reply.result, "alerts"), &t);
		after = page_end(cli, view_member(cli, cli->reply.result, "alerts"));
	} while (after);
	if (err == PALIER_OK && !cli_has(cli, "json"))
		table_print(&t, cli->out);
	table_deinit(&t);
	return err;
}

static void show_resolved(struct cli *cli, uint32_t result)
{
	(void)result;
	fprintf(cli->out, "%s is resolved.\n", cli_arg(cli, 0));
}

static int run_resolve(struct cli *cli)
{
	cli_params(cli);
	cli_param_booking(cli);
	cli_param(cli, "alert", cli_arg(cli, 0));
	cli_param(cli, "outcome", cli_arg(cli, 1));
	return cli_ask(cli, "alert.resolve", show_resolved);
}
