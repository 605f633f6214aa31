/* SPDX-License-Identifier: Apache-2.0 */
/* palier metrics: in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/), for a
 * textfile collector. */
#include "tools/commands.h"

static int run_metrics(struct cli *cli);

const struct cli_command command_metrics = { "metrics", "what the daemon counts, for Prometheus",
	(const struct cli_verb[]){ { "", "", "print them in the Prometheus text format", 0, 0, NULL, run_metrics },
		{ .name = NULL } } };

static void show(struct cli *cli, uint32_t result)
{
	uint32_t metrics = view_member(cli, result, "metrics");
	const char *before = "";

	VIEW_EACH(cli, metrics, metric)
	{
		const char *name = view_text(cli, metric, "name"), *reason = view_text(cli, metric, "reason");

		if (strcmp(name, before) != 0)
			fprintf(cli->out, "# HELP %s %s\n# TYPE %s %s\n", name, view_text(cli, metric, "help"), name,
				view_text(cli, metric, "type"));
		before = name;
		if (reason[0])
			fprintf(cli->out, "%s{reason=\"%s\"} %s\n", name, reason, view_text(cli, metric, "value"));
		else
			fprintf(cli->out, "%s %s\n", name, view_text(cli, metric, "value"));
	}
}

static int run_metrics(struct cli *cli)
{
	cli_params(cli);
	return cli_ask(cli, "system.metrics", show);
}
