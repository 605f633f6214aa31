/* SPDX-License-Identifier: Apache-2.0 */
/* palier day: the business day. */
#include "tools/commands.h"
#include "tools/table.h"

static int run_status(struct cli *cli), run_close(struct cli *cli);

static const struct cli_option close_options[] = {
	{ "day", "DAY", "close this day and no other, 2026-11-21 (default: the open one)" },
	CLI_BOOKING_OPTIONS,
	CLI_END_OPTIONS,
};

const struct cli_command command_day = { "day", "the business day",
	(const struct cli_verb[]){
		{ "status", "", "which day is open, and what is still to be done", 0, 0, NULL, run_status },
		{ "close", "", "end the business day", 0, 0, close_options, run_close },
		{ .name = NULL },
	} };

#define PAIRS \
	(const struct table_column[]) \
	{ \
		{ .title = "" }, { .title = "" }, \
		{ \
			.title = NULL \
		} \
	}

static void add_jobs(struct cli *cli, struct table *t, uint32_t jobs)
{
	VIEW_EACH(cli, jobs, job)
	{
		table_pair(t, palier_format(&cli->arena, "job %s", view_text(cli, job, "job")),
			view_text(cli, job, "state"));
	}
}

static void show_status(struct cli *cli, uint32_t result)
{
	struct table t = { .columns = PAIRS, .untitled = true };
	bool open = strcmp(view_text(cli, result, "open"), "true") == 0;

	table_pair(&t, open ? "open day" : "closed day", view_text(cli, result, "business_day"));
	table_pair(&t, "batch", view_text(cli, result, "batch"));
	table_pair(&t, "events", view_text(cli, result, "events"));
	add_jobs(cli, &t, view_member(cli, result, "jobs"));
	table_print(&t, cli->out);
	table_deinit(&t);
}

static int run_status(struct cli *cli)
{
	cli_params(cli);
	return cli_ask(cli, "day.status", show_status);
}

static bool is_money(const char *name)
{
	return strcmp(name, "payable") == 0 || strcmp(name, "refunded") == 0;
}

/* Core's figures stand by themselves, a plugin's in an object of its name. */
static void add_totals(struct cli *cli, struct table *t, uint32_t totals, const char *of)
{
	const struct json_doc *d = &cli->reply.doc;
	uint32_t key = totals + 1;

	for (uint32_t left = totals ? d->tokens[totals].count : 0; left > 0; left--) {
		uint32_t value = key + 1;
		const char *name =
			palier_format(&cli->arena, "%s%s", of, view_clean(&cli->arena, json_string(d, key, &cli->arena)));

		if (d->tokens[value].type == JSON_OBJECT && !of[0])
			add_totals(cli, t, value, palier_format(&cli->arena, "%s ", name));
		else if (d->tokens[value].type == JSON_ARRAY && d->tokens[value].count == 0)
			table_pair(t, name, "none");
		else if (is_money(name))
			table_pair(t, name, view_money(cli, totals, name));
		else
			table_pair(t, name, view_clean(&cli->arena, json_text(d, value)));
		key = value + d->tokens[value].span;
	}
}

static void show_close(struct cli *cli, uint32_t result)
{
	struct table t = { .columns = PAIRS, .untitled = true };

	table_pair(&t, "closed day", view_text(cli, result, "business_day"));
	table_pair(&t, "batch", view_text(cli, result, "batch"));
	table_pair(&t, "events", view_text(cli, result, "events"));
	add_totals(cli, &t, view_member(cli, result, "totals"), "");
	table_print(&t, cli->out);
	table_deinit(&t);
}

static int run_close(struct cli *cli)
{
	cli_params(cli);
	cli_param_booking(cli);
	cli_param(cli, "business_day", cli_value(cli, "day"));
	return cli_ask(cli, "day.close", show_close);
}
