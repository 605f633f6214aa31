/* SPDX-License-Identifier: Apache-2.0 */
/* From the command line to the daemon and back. */
#include <stdlib.h>

#include "protocol/datetime.h"
#include "tools/cli.h"
#include "tools/money.h"

#define DEFAULT_DOOR "tcp:127.0.0.1:7117"

static const char *option_or(const struct cli *cli, const char *option, const char *variable, const char *otherwise)
{
	const char *value = cli_value(cli, option);

	if (!value)
		value = getenv(variable);
	return value && value[0] ? value : otherwise;
}

static int find_door(struct cli *cli, const char **out)
{
	*out = option_or(cli, "connect", "PALIER_CONNECT", NULL);
	if (*out)
		return PALIER_OK;
	if (cli_value(cli, "config"))
		return cli_door(cli, out);
	*out = DEFAULT_DOOR;
	return PALIER_OK;
}

static void learn_store(struct cli *cli)
{
	uint32_t store = view_member(cli, cli->reply.result, "store");

	snprintf(cli->currency, sizeof(cli->currency), "%s", view_text(cli, store, "currency"));
	cli->scale = money_scale(cli->currency);
	zone_set(view_text(cli, store, "timezone")); /* a zone unknown here leaves times in UTC */
}

int cli_connect(struct cli *cli)
{
	struct palier_client_options options = { PALIER_CLIENT_DEFAULTS };
	const char *door;
	int err;

	if (cli->client)
		return PALIER_OK;
	err = find_door(cli, &door);
	if (err != PALIER_OK)
		return err;
	options.till = option_or(cli, "till", "PALIER_TILL", "local");
	options.token = option_or(cli, "token", "PALIER_TOKEN", NULL);
	options.operator_code = cli_value(cli, "operator");
	options.retries = 2; /* a person is waiting */
	options.name = "palier";
	options.version = PALIER_VERSION;
	if (palier_client_open(door, &options, &cli->client) != PALIER_OK)
		return cli_fail(cli, PALIER_EPARAMS, "%s is no door; it is tcp:HOST:PORT or unix:PATH", door);
	if (palier_client_session(cli->client, &cli->reply) != PALIER_OK)
		return cli_refused(cli);
	learn_store(cli);
	return PALIER_OK;
}

void cli_params(struct cli *cli)
{
	cli->params.len = 0;
	cli->w = palier_json_to(&cli->params);
	palier_json_object(&cli->w);
}

void cli_param(struct cli *cli, const char *key, const char *value)
{
	if (!value)
		return;
	palier_json_key(&cli->w, key);
	palier_json_str(&cli->w, value);
}

int cli_param_figure(struct cli *cli, const char *key, const char *value)
{
	int64_t figure;

	if (!value)
		return PALIER_OK;
	if (!decimal_parse(value, 0, &figure))
		return cli_fail(cli, PALIER_EPARAMS, "%s is a whole number, not %s", key, value);
	palier_json_key(&cli->w, key);
	palier_json_int(&cli->w, figure);
	return PALIER_OK;
}

void cli_param_who(struct cli *cli, const char *who)
{
	struct palier_id id;

	if (who)
		cli_param(cli, palier_id_parse(palier_str(who), &id) == PALIER_OK ? "member" : "card", who);
}

void cli_param_request(struct cli *cli)
{
	const char *request = cli_value(cli, "request");
	char drawn[PALIER_REQUEST_ID + 1];

	palier_request_id(drawn);
	cli_param(cli, "request", request ? request : drawn);
}

void cli_param_when(struct cli *cli)
{
	cli_param(cli, "at", cli_value(cli, "at"));
	if (!cli_has(cli, "training"))
		return;
	palier_json_key(&cli->w, "training");
	palier_json_bool(&cli->w, true);
}

void cli_param_booking(struct cli *cli)
{
	cli_param_request(cli);
	cli_param_when(cli);
}

int cli_call(struct cli *cli, const char *method)
{
	int err;

	palier_json_end_object(&cli->w);
	palier_buffer_add(&cli->params, "", 1);
	err = cli_connect(cli);
	if (err != PALIER_OK)
		return err;
	if (palier_call(cli->client, method, cli->params.at, &cli->reply) != PALIER_OK)
		return cli_refused(cli);
	return PALIER_OK;
}

int cli_ask(struct cli *cli, const char *method, void (*show)(struct cli *cli, uint32_t result))
{
	int err = cli_call(cli, method);

	if (err != PALIER_OK)
		return err;
	if (cli_has(cli, "json"))
		fprintf(cli->out, "%.*s\n", PALIER_ARG(json_text(&cli->reply.doc, cli->reply.result)));
	else
		show(cli, cli->reply.result);
	return PALIER_OK;
}
