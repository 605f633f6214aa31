/* SPDX-License-Identifier: Apache-2.0 */
/* palier till: who may sign in. A token is drawn here and shown once; the daemon is told its SHA-256. */
#include "protocol/crypto.h"
#include "tools/commands.h"
#include "tools/table.h"

static int run_add(struct cli *cli), run_list(struct cli *cli), run_revoke(struct cli *cli);

static const struct cli_option add_options[] = {
	{ "role", "ROLE", "display, cashier, supervisor or office (default: cashier)" },
	CLI_BOOKING_OPTIONS,
	CLI_END_OPTIONS,
};
static const struct cli_option booking_options[] = { CLI_BOOKING_OPTIONS, CLI_END_OPTIONS };

const struct cli_command command_till = { "till", "the tills that may sign in",
	(const struct cli_verb[]){
		{ "add", "NAME", "let a till sign in; its token is shown once", 1, 1, add_options, run_add },
		{ "list", "", "the tills", 0, 0, NULL, run_list },
		{ "revoke", "NAME", "never again let it sign in", 1, 1, booking_options, run_revoke },
		{ .name = NULL },
	} };

#define TOKEN_BYTES 32
#define TOKEN_TEXT  ((TOKEN_BYTES * 4 + 2) / 3 + 1)

static void draw_token(char *token, char *sha256)
{
	uint8_t random[TOKEN_BYTES];
	struct palier_hash hash;

	crypto_random(random, sizeof(random));
	token[palier_base64(random, sizeof(random), token)] = '\0';
	crypto_sha256(palier_str(token), &hash);
	palier_hex(hash.b, sizeof(hash.b), sha256);
}

static void show_token_json(struct cli *cli, const char *role, const char *token)
{
	struct palier_json w;

	cli_params(cli);
	cli_param(cli, "till", cli_arg(cli, 0));
	cli_param(cli, "role", role);
	cli_param(cli, "token", token);
	w = cli->w;
	palier_json_end_object(&w);
	fprintf(cli->out, "%.*s\n", PALIER_ARG(palier_buffer_bytes(w.out)));
}

static void show_token(struct cli *cli, const char *role, const char *token)
{
	const char *till = cli_arg(cli, 0);

	fprintf(cli->out, "%s may now sign in, as %s. Its token is shown this once:\n\n    %s\n\n", till, role, token);
	fprintf(cli->out,
		"The till's software sends it with session.open; this program takes it from the environment:\n\n"
		"    export PALIER_TILL=%s PALIER_TOKEN=%s\n\n"
		"Lost? palier till revoke %s, and add another.\n",
		till, token, till);
}

static int run_add(struct cli *cli)
{
	const char *role = cli_value(cli, "role") ? cli_value(cli, "role") : "cashier";
	char token[TOKEN_TEXT], sha256[2 * SHA256_LEN + 1];
	int err;

	draw_token(token, sha256);
	cli_params(cli);
	cli_param_booking(cli);
	cli_param(cli, "till", cli_arg(cli, 0));
	cli_param(cli, "role", role);
	cli_param(cli, "token_sha256", sha256);
	err = cli_call(cli, "till.add");
	if (err != PALIER_OK)
		return err;
	(cli_has(cli, "json") ? show_token_json : show_token)(cli, role, token);
	return PALIER_OK;
}

static void show_tills(struct cli *cli, uint32_t result)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "till" }, { .title = "role" },
				   { .title = "" }, { .title = NULL } } };

	VIEW_EACH(cli, view_member(cli, result, "tills"), till)
	{
		table_cell(&t, view_text(cli, till, "till"));
		table_cell(&t, view_text(cli, till, "role"));
		table_cell(&t, strcmp(view_text(cli, till, "revoked"), "true") == 0 ? "revoked" : "");
	}
	table_print(&t, cli->out);
	table_deinit(&t);
}

static int run_list(struct cli *cli)
{
	cli_params(cli);
	return cli_ask(cli, "till.list", show_tills);
}

static void show_revoked(struct cli *cli, uint32_t result)
{
	(void)result;
	fprintf(cli->out, "%s can no longer sign in.\n", cli_arg(cli, 0));
}

static int run_revoke(struct cli *cli)
{
	cli_params(cli);
	cli_param_booking(cli);
	cli_param(cli, "till", cli_arg(cli, 0));
	return cli_ask(cli, "till.revoke", show_revoked);
}
