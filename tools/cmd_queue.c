/* SPDX-License-Identifier: Apache-2.0 */
/* palier queue: what happened while the daemon could not be asked, kept in a file and sent later. */
#include <errno.h>

#include "protocol/messages.h"
#include "protocol/queue.h"
#include "tools/commands.h"
#include "tools/input.h"
#include "tools/table.h"

static int run_add(struct cli *cli), run_list(struct cli *cli), run_send(struct cli *cli);

const struct cli_command command_queue = { "queue", "sales that wait for the daemon in a file",
	(const struct cli_verb[]){
		{ "add", "FILE METHOD JSON|-", "keep a command; without `request` it is given a new one", 3, 3, NULL,
			run_add },
		{ "list", "FILE", "what waits", 1, 1, NULL, run_list },
		{ "send", "FILE", "send what waits, in its order", 1, 1, NULL, run_send },
		{ .name = NULL },
	} };

static int open_queue(struct cli *cli, struct palier_queue **out)
{
	const char *path = cli_arg(cli, 0);
	int err = palier_queue_open(path, out);

	if (err == PALIER_EBUSY)
		return cli_fail(cli, err, "%s: another process uses this queue", path);
	if (err == PALIER_EDAMAGED)
		return cli_fail(cli, err, "%s: a line was changed, or this is no queue", path);
	return err == PALIER_OK ? err : cli_fail(cli, err, "%s: %s", path, strerror(errno));
}

/* --- add --- */

static int add(struct cli *cli, struct palier_queue *q)
{
	const char *json = cli_arg(cli, 2);
	struct json_doc d;
	int err = input_params(cli, json, &d);

	if (err != PALIER_OK)
		return err;
	if (!json_member(&d, 0, "request"))
		cli_param_request(cli);
	palier_json_end_object(&cli->w);
	palier_buffer_add(&cli->params, "", 1);
	err = palier_queue_add(q, cli_arg(cli, 1), cli->params.at);
	if (err == PALIER_EPARAMS)
		return cli_fail(cli, err, "%s cannot be sent later: it takes no `offline`", cli_arg(cli, 1));
	return err == PALIER_OK ? err : cli_fail(cli, err, "nothing was kept: %s", palier_error_info(err)->text);
}

static int run_add(struct cli *cli)
{
	struct palier_queue *q;
	int err = open_queue(cli, &q);

	if (err != PALIER_OK)
		return err;
	err = add(cli, q);
	if (err == PALIER_OK && !cli_has(cli, "json"))
		fprintf(cli->out, "kept; %zu waiting\n", palier_queue_count(q));
	palier_queue_close(q);
	return err;
}

/* --- list --- */

/* A member of the params, fit for a terminal. */
static const char *param(struct cli *cli, const struct json_doc *d, const char *key)
{
	uint32_t token = json_member(d, 0, key);

	if (!token || d->tokens[token].type != JSON_STRING)
		return "";
	return view_clean(&cli->arena, json_string(d, token, &cli->arena));
}

static int list(struct cli *cli, const struct palier_queue *q)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "at" }, { .title = "method" },
				   { .title = "sale" }, { .title = "request" }, { .title = NULL } } };
	struct palier_queued command;
	int err = PALIER_OK;

	for (size_t i = 0; palier_queue_at(q, i, &command) && err == PALIER_OK; i++) {
		struct json_doc d;

		err = input_parse(cli, &cli->arena, "the params", palier_copy(&cli->arena, command.params), &d);
		if (err != PALIER_OK)
			break;
		table_cell(&t, param(cli, &d, "at"));
		table_cell(&t, view_clean(&cli->arena, command.method));
		table_cell(&t, param(cli, &d, "sale"));
		table_cell(&t, param(cli, &d, "request"));
	}
	table_print(&t, cli->out);
	table_deinit(&t);
	return err;
}

static void list_json(struct cli *cli, const struct palier_queue *q)
{
	struct palier_queued command;

	for (size_t i = 0; palier_queue_at(q, i, &command); i++)
		fprintf(cli->out, "{\"method\":\"%.*s\",\"params\":%.*s}\n", PALIER_ARG(command.method),
			PALIER_ARG(command.params));
}

static int run_list(struct cli *cli)
{
	struct palier_queue *q;
	int err = open_queue(cli, &q);

	if (err != PALIER_OK)
		return err;
	if (cli_has(cli, "json"))
		list_json(cli, q);
	else
		err = list(cli, q);
	palier_queue_close(q);
	return err;
}

/* --- send --- */

struct sending {
	struct cli *cli;
	unsigned booked, refused;
};

static void told(void *who, const struct palier_queued *command, const struct palier_reply *reply)
{
	struct sending *s = who;

	if (reply->error == PALIER_OK) {
		s->booked++;
		return;
	}
	s->refused++;
	cli_fail(s->cli, reply->error, "%s was refused: %s (%s)", view_clean(&s->cli->arena, command->method),
		view_clean(&s->cli->arena, reply->message), view_clean(&s->cli->arena, reply->reason));
}

static int send(struct cli *cli, struct palier_queue *q)
{
	struct sending s = { .cli = cli };
	size_t left;
	int err = palier_queue_count(q) ? cli_connect(cli) : PALIER_OK;

	if (err != PALIER_OK)
		return err;
	err = palier_queue_send(q, cli->client, told, &s, &cli->reply);
	left = palier_queue_count(q);
	if (cli_has(cli, "json"))
		fprintf(cli->out, "{\"booked\":%u,\"refused\":%u,\"waiting\":%zu}\n", s.booked, s.refused, left);
	else
		fprintf(cli->out, "%u booked, %u refused, %zu waiting\n", s.booked, s.refused, left);
	if (s.refused)
		cli_fail(cli, err, "what was refused is kept in %s.refused", cli_arg(cli, 0));
	if (err != PALIER_OK && err == cli->reply.error)
		return cli_refused(cli);
	return err == PALIER_OK ? err : cli_fail(cli, err, "%s: %s", cli_arg(cli, 0), palier_error_info(err)->text);
}

static int run_send(struct cli *cli)
{
	struct palier_queue *q;
	int err = open_queue(cli, &q);

	if (err != PALIER_OK)
		return err;
	err = send(cli, q);
	palier_queue_close(q);
	return err;
}
