/* SPDX-License-Identifier: Apache-2.0 */
/* JSON from people. */
#include "tools/input.h"

#include <errno.h>
#include <termios.h>
#include <unistd.h>

int input_parse(struct cli *cli, struct palier_arena *a, const char *what, struct palier_bytes text, struct json_doc *out)
{
	struct json_doc d = { .capacity = (uint32_t)(text.len / 2 + 1) };

	d.tokens = palier_alloc(a, d.capacity * sizeof(*d.tokens));
	if (json_parse(&d, text, JSON_DEPTH_MAX) != PALIER_OK)
		return cli_fail(cli, PALIER_EPARSE, "%s: not JSON from byte %u on", what, d.bad_at + 1);
	*out = d;
	return PALIER_OK;
}

int input_read(struct cli *cli, const char *path, struct json_doc *out)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *from = standard ? stdin : fopen(path, "re");
	struct palier_buffer b = { 0 };
	struct palier_bytes text;
	size_t n;

	if (!from)
		return cli_fail(cli, PALIER_EIO, "%s: %s", path, strerror(errno));
	do {
		palier_buffer_reserve(&b, 65536);
		n = fread(b.at + b.len, 1, b.cap - b.len, from);
		b.len += n;
	} while (n > 0);
	text = palier_copy(&cli->arena, palier_buffer_bytes(&b));
	palier_buffer_deinit(&b);
	if (!standard)
		fclose(from);
	return input_parse(cli, &cli->arena, standard ? "standard input" : path, text, out);
}

void input_copy(struct cli *cli, const struct json_doc *d, bool (*wanted)(void *who, struct palier_bytes key), void *who)
{
	uint32_t key = 1;

	for (uint32_t left = d->tokens[0].count; left > 0; left--, key += 1 + d->tokens[key + 1].span) {
		struct palier_bytes name = json_string(d, key, &cli->arena);

		if (wanted && !wanted(who, name))
			continue;
		palier_json_key_bytes(&cli->w, name);
		palier_json_raw(&cli->w, json_text(d, key + 1));
	}
}

/* Ask a person, and show nothing of what is typed. @param before how the terminal was @return false: nobody sits there */
static bool input_hide(const char *prompt, struct termios *before)
{
	struct termios quiet;

	if (tcgetattr(STDIN_FILENO, before) != 0)
		return false;
	quiet = *before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) != 0)
		return false;
	fprintf(stderr, "%s: ", prompt);
	return true;
}

int input_secret(struct cli *cli, const char *prompt, char *out, size_t size)
{
	struct termios before;
	bool hidden = input_hide(prompt, &before);
	size_t n = 0;
	int c;

	while ((c = getchar()) != EOF && c != '\n')
		if (n++ < size - 1)
			out[n - 1] = (char)c;
	if (hidden) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		fputc('\n', stderr);
	}
	if (c == EOF && n == 0)
		return cli_fail(cli, PALIER_EIO, "%s: nothing was given on standard input", prompt);
	if (n >= size)
		return cli_fail(cli, PALIER_EPARAMS, "%s: this is too long", prompt);
	out[n] = '\0';
	return PALIER_OK;
}

int input_params(struct cli *cli, const char *json, struct json_doc *out)
{
	int err = strcmp(json, "-") == 0 ? input_read(cli, json, out)
	                                 : input_parse(cli, &cli->arena, "the params", palier_str(json), out);

	if (err != PALIER_OK)
		return err;
	if (out->tokens[0].type != JSON_OBJECT)
		return cli_fail(cli, PALIER_EPARAMS, "the params are not a JSON object");
	cli_params(cli);
	input_copy(cli, out, NULL, NULL);
	return PALIER_OK;
}
