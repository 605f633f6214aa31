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
	int err = input_params(cli, json, &d);

	if (err != PALIER_OK)
		return err;
	if (method && (method->flags & METHOD_COMMAND) && !json_member(&d, 0, "request")) {
		palier_request_id(request);
		cli_param(cli, "request", request);
	}
	return cli_ask(cli, cli_arg(cli, 0), show);
}
