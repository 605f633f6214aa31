/* SPDX-License-Identifier: Apache-2.0 */
/* palier directive: what the head office orders. */
#include <errno.h>
#include <string.h>

#include "protocol/directive.h"
#include "tools/commands.h"

#define SIGNATURE_MAX 12288 /* bytes; as base64url it is no longer than directive.apply takes */

static int run_apply(struct cli *cli), run_status(struct cli *cli);

static const struct cli_option apply_options[] = {
	{ "signature", "FILE", "the office's signature (default: FILE with .p7s for its ending)" },
	CLI_END_OPTIONS,
};

const struct cli_command command_directive = { "directive", "what the head office orders",
	(const struct cli_verb[]){
		{ "apply", "FILE", "carry out a directive that the office has signed", 1, 1, apply_options, run_apply },
		{ "status", "", "the last directive that was carried out", 0, 0, NULL, run_status },
		{ .name = NULL },
	} };

/* @param most bytes that make sense; a longer file is refused here, whatever it is */
static int read_file(struct cli *cli, const char *path, size_t most, struct palier_bytes *out)
{
	char *text = palier_alloc(&cli->arena, most + 1);
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(text, 1, most + 1, f) : 0;
	bool bad = !f || ferror(f);
	int err = PALIER_OK;

	if (bad)
		err = cli_fail(cli, PALIER_EIO, "%s cannot be read: %s", path, strerror(errno));
	else if (n > most)
		err = cli_fail(cli, PALIER_EPARAMS, "%s is longer than %zu bytes", path, most);
	if (f)
		fclose(f);
	*out = palier_bytes_of(text, n);
	return err;
}

/* "0007.json" is signed by "0007.p7s". */
static const char *signature_beside(struct cli *cli, const char *path)
{
	const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
	size_t n = dot && (!slash || dot > slash) ? (size_t)(dot - path) : strlen(path);

	return palier_format(&cli->arena, "%.*s.p7s", (int)n, path);
}

static void show_done(struct cli *cli, uint32_t result)
{
	fprintf(cli->out, "Directive %s is carried out; orders: %s\n", view_text(cli, result, "directive"),
		view_text(cli, result, "orders"));
}

/* Its request is of the document, so that one that was interrupted may be given again. */
static int run_apply(struct cli *cli)
{
	const char *path = cli_arg(cli, 0), *beside = cli_value(cli, "signature");
	struct palier_bytes text, der;
	struct palier_hash sha256;
	char hex[2 * SHA256_LEN + 1], *base64;
	int err = read_file(cli, path, DIRECTIVE_MAX, &text);

	if (err == PALIER_OK)
		err = read_file(cli, beside ? beside : signature_beside(cli, path), SIGNATURE_MAX, &der);
	if (err != PALIER_OK)
		return err;
	crypto_sha256(text, &sha256);
	palier_hex(sha256.b, SHA256_LEN, hex);
	base64 = palier_alloc(&cli->arena, (der.len * 4 + 2) / 3 + 2);
	cli_params(cli);
	cli_param(cli, "request", palier_format(&cli->arena, "directive|%.40s", hex));
	palier_json_key(&cli->w, "directive");
	palier_json_string(&cli->w, text);
	palier_json_key(&cli->w, "signature");
	palier_json_string(&cli->w, palier_bytes_of(base64, palier_base64(der.at, der.len, base64)));
	return cli_ask(cli, "directive.apply", show_done);
}

static void show_status(struct cli *cli, uint32_t result)
{
	if (strcmp(view_text(cli, result, "directive"), "0") == 0) {
		fprintf(cli->out, "No directive was carried out yet.\n");
		return;
	}
	fprintf(cli->out, "directive %s\nsha256    %s\nat        %s\n", view_text(cli, result, "directive"),
		view_text(cli, result, "sha256"), view_time(cli, result, "at"));
}

static int run_status(struct cli *cli)
{
	cli_params(cli);
	return cli_ask(cli, "directive.status", show_status);
}
