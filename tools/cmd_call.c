/* SPDX-License-Identifier: Apache-2.0 */
/* palier call: any method, with JSON as it is. */
#include <stdlib.h>

#include "protocol/messages.h"
#include "tools/commands.h"
#include "tools/input.h"

static int run_call(struct cli *cli);

const struct cli_command command_call = { "call", "call any method",
	(const struct cli_verb[]){ { "", "METHOD [JSON|-]",
					   "call any method; a command without `request` is given a new one", 1, 2, NULL,
					   run_call },
		{ .name = NULL } } };

static void show(struct cli *cli, uint32_t result)
{
	fprintf(cli->out, "%.*s\n", PALIER_ARG(json_text(&cli->reply.doc, result)));
}

static int run_call(struct cli *cli)
{
	const char *json = cli_arg(cli, 1) ? cli_arg(cli, 1) : "{}";
	const struct palier_method *method = palier_method_find(palier_str(cli_arg(cli, 0)));
	char request[PALIER_REQUEST_ID + 1];
	struct json_doc d;
	int err = strcmp(json, "-") == 0 ? input_read(cli, json, &d)
	                                 : input_parse(cli, &cli->arena, "the params", palier_str(json), &d);

	if (err != PALIER_OK)
		return err;
	if (d.tokens[0].type != JSON_OBJECT)
		return cli_fail(cli, PALIER_EPARAMS, "the params are not a JSON object");
	cli_params(cli);
	input_copy(cli, &d, NULL, NULL);
	if (method && (method->flags & METHOD_COMMAND) && !json_member(&d, 0, "request")) {
		palier_request_id(request);
		cli_param(cli, "request", request);
	}
	return cli_ask(cli, cli_arg(cli, 0), show);
}
