/* SPDX-License-Identifier: Apache-2.0 */
/* palier qr: a text, code or card as a QR code. It is drawn here; what a code or a card says, the daemon is asked. */
#include <errno.h>
#include <unistd.h>

#include "protocol/datetime.h"
#include "protocol/qr_render.h"
#include "tools/commands.h"

static int run_qr(struct cli *cli);

static const struct cli_option qr_options[] = {
	{ "code", "CODE", "a sponsor's code, instead of a text" },
	{ "card", "CARD|MEMBER", "a card, or a member's newest" },
	{ "format", "FORMAT",
		"ansi, svg, png, matrix, escpos, escpos-raster, star or zpl (default: as FILE ends, else ansi)" },
	{ "out", "FILE", "write it there (default: standard output)" },
	{ "module", "N", "pixels, printer dots or characters a module (default: what suits the format)" },
	{ "quiet", "N", "light border, in modules (default: 4)" },
	{ "level", "LEVEL", "L, M, Q or H: what may be lost (default: M)" },
	{ "paper", "MM", "how wide a printer's is, 58 or 80 (default: 58)" },
	CLI_END_OPTIONS,
};

const struct cli_command command_qr = { "qr", "a text, code or card as a QR code",
	(const struct cli_verb[]){
		{ "", "[TEXT]", "draw a QR code, for a screen or a printer", 0, 1, qr_options, run_qr },
		{ .name = NULL },
	} };

/* @param names NULL-terminated. @return its index, -1: not among them */
static int name_find(const char *const *names, const char *name)
{
	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

static int figure_read(struct cli *cli, const char *option, int64_t least, int64_t most, unsigned *out)
{
	const char *value = cli_value(cli, option);
	int64_t figure;

	if (!value)
		return PALIER_OK;
	if (!decimal_parse(value, 0, &figure) || figure < least || figure > most)
		return cli_fail(cli, PALIER_EPARAMS, "--%s is from %d to %d, not %s", option, (int)least, (int)most, value);
	*out = (unsigned)figure;
	return PALIER_OK;
}

static int format_read(struct cli *cli, enum qr_format *out)
{
	const char *name = cli_value(cli, "format"), *path = cli_value(cli, "out"), *dot = path ? strrchr(path, '.') : NULL;
	int found = QR_ANSI;

	if (!name && dot && (strcmp(dot, ".svg") == 0 || strcmp(dot, ".png") == 0 || strcmp(dot, ".zpl") == 0))
		name = dot + 1;
	if (name)
		found = name_find(qr_format_names, name);
	if (found < 0)
		return cli_fail(cli, PALIER_EPARAMS, "there is no format %s; palier help qr lists them", name);
	*out = (enum qr_format)found;
	return PALIER_OK;
}

static int order_read(struct cli *cli, struct qr_order *o)
{
	const char *level = cli_value(cli, "level"), *paper = cli_value(cli, "paper");
	int found = level ? name_find(qr_level_names, level) : QR_MEDIUM;
	int err = format_read(cli, &o->format);

	if (err == PALIER_OK && found < 0)
		err = cli_fail(cli, PALIER_EPARAMS, "a level is L, M, Q or H, not %s", level);
	if (err == PALIER_OK && paper && strcmp(paper, "58") != 0 && strcmp(paper, "80") != 0)
		err = cli_fail(cli, PALIER_EPARAMS, "paper is 58 or 80 mm wide, not %s", paper);
	if (err != PALIER_OK)
		return err;
	o->level = (enum qr_level)found;
	o->paper = paper && paper[0] == '8' ? QR_PAPER_80 : QR_PAPER_58;
	o->quiet = QR_QUIET;
	err = figure_read(cli, "quiet", 0, 16, &o->quiet);
	return err == PALIER_OK ? figure_read(cli, "module", 1, 32, &o->module) : err;
}

/* The daemon is asked in the shortest format, of which only the text is kept. */
static int text_ask(struct cli *cli, struct palier_bytes *out)
{
	int err;

	cli_params(cli);
	cli_param(cli, "code", cli_value(cli, "code"));
	cli_param_who(cli, cli_value(cli, "card"));
	cli_param(cli, "format", qr_format_names[QR_ZPL]);
	err = cli_call(cli, "qr.render");
	if (err == PALIER_OK)
		*out = palier_copy(&cli->arena,
			json_string(&cli->reply.doc, view_member(cli, cli->reply.result, "text"), cli->reply.arena));
	return err;
}

static int text_find(struct cli *cli, struct palier_bytes *out)
{
	const char *text = cli_arg(cli, 0);

	if (!text + !cli_value(cli, "code") + !cli_value(cli, "card") != 2)
		return cli_fail(cli, PALIER_EPARAMS, "of what? give one of TEXT, --code and --card");
	if (!text)
		return text_ask(cli, out);
	*out = palier_str(text);
	return PALIER_OK;
}

static int file_write(struct cli *cli, const char *path, struct palier_bytes picture)
{
	FILE *f = fopen(path, "we");
	bool bad;

	if (!f)
		return cli_fail(cli, PALIER_EIO, "%s: %s", path, strerror(errno));
	bad = fwrite(picture.at, 1, picture.len, f) != picture.len;
	bad = fclose(f) != 0 || bad;
	return bad ? cli_fail(cli, PALIER_EIO, "%s: %s", path, strerror(errno)) : PALIER_OK;
}

static int picture_show(struct cli *cli, const struct qr_order *o, struct palier_bytes picture)
{
	const char *path = cli_value(cli, "out");

	if (path)
		return file_write(cli, path, picture);
	if (!qr_is_text(o->format) && isatty(fileno(cli->out)))
		return cli_fail(cli, PALIER_EPARAMS,
			"%s is not for a terminal: give --out FILE, or send it on to the printer",
			qr_format_names[o->format]);
	fwrite(picture.at, 1, picture.len, cli->out);
	return PALIER_OK;
}

static int json_show(struct cli *cli, const struct qr_view *view)
{
	struct palier_buffer text = { 0 };
	struct palier_json w = palier_json_to(&text);

	schema_encode(&qr_view_schema, SCHEMA_WIRE, view, &w);
	fprintf(cli->out, "%.*s\n", PALIER_ARG(palier_buffer_bytes(&text)));
	palier_buffer_deinit(&text);
	return PALIER_OK;
}

static int run_qr(struct cli *cli)
{
	struct qr_order o = { .format = QR_ANSI };
	struct palier_buffer picture = { 0 };
	struct qr_drawn drawn;
	struct qr_view view;
	const char *why;
	int err = order_read(cli, &o);

	if (err == PALIER_OK)
		err = text_find(cli, &o.text);
	if (err != PALIER_OK)
		return err;
	err = qr_render(&o, &cli->arena, &picture, &drawn, &why);
	if (err != PALIER_OK)
		err = cli_fail(cli, PALIER_EPARAMS, "%s", why);
	else if (!cli_has(cli, "json") || cli_value(cli, "out"))
		err = picture_show(cli, &o, palier_buffer_bytes(&picture));
	palier_buffer_deinit(&picture);
	if (err == PALIER_OK && cli_has(cli, "json"))
		err = qr_view_make(&o, &cli->arena, &view, &why) == PALIER_OK ? json_show(cli, &view) : PALIER_EPARAMS;
	return err;
}
