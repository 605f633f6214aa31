/* SPDX-License-Identifier: Apache-2.0 */
/* palier print: a slip for the customer who asked for one. */
#include <stdlib.h>

#include "protocol/datetime.h"
#include "tools/commands.h"
#include "tools/input.h"
#include "tools/print/slip.h"
#include "tools/print/status.h"

static int run_print(struct cli *cli);

static const struct cli_option print_options[] = {
	{ "printer", "WHERE", "tcp:HOST:9100, a device's path, or - (standard output); default: $PALIER_PRINTER" },
	{ "language", "NAME", "what it understands: escpos (default), escpos-raster, star, zpl" },
	{ "paper", "MM", "the roll's width: 80 (default) or 58" },
	{ "cut", NULL, "cut the paper behind it" },
	{ "title", "TEXT", "above all, large" },
	{ "shop", NULL, "the shop's name above all, as the daemon says it" },
	{ "text", "TEXT", "a line; may be repeated, as may what follows: all is printed as it was given" },
	{ "qr", "TEXT", "a QR code of any text" },
	{ "code", "CODE", "the QR code of a sponsor's code or a card's number" },
	{ "card", "CARD|MEMBER", "the QR code of a member's card" },
	{ "reply", "FILE|-", "the messages and QR codes of a sale.commit's reply, JSON" },
	{ "timeout", "SECONDS", "how long the printer may do nothing (default: 10)" },
	CLI_END_OPTIONS,
};

const struct cli_command command_print = { "print", "print a slip for a customer who asks for one",
	(const struct cli_verb[]){
		{ "", "", "print texts and QR codes on a receipt printer; nothing is ever printed by itself", 0, 0,
			print_options, run_print },
		{ .name = NULL },
	} };

/* A slip under construction. */
struct draft {
	struct slip slip;
	struct slip_item *items;
	size_t room;
};

static void add(struct draft *d, enum slip_kind kind, struct palier_bytes text)
{
	if (d->slip.count == d->room) {
		d->room = d->room ? 2 * d->room : 16;
		d->items = reallocarray(d->items, d->room, sizeof(*d->items));
		if (!d->items)
			abort();
		d->slip.items = d->items;
	}
	d->items[d->slip.count++] = (struct slip_item){ kind, text };
}

#define CAPTION_LINES 2

/* Below the code stands what it says, for who cannot scan it, unless that is long. */
static void add_qr(struct draft *d, struct palier_bytes text)
{
	add(d, SLIP_QR, text);
	if (text.len <= CAPTION_LINES * slip_columns(d->slip.paper))
		add(d, SLIP_CAPTION, text);
}

/* --- what is asked of the daemon --- */

static int add_shop(struct cli *cli, struct draft *d)
{
	int err = cli_connect(cli);

	if (err == PALIER_OK)
		add(d, SLIP_TITLE, palier_str(view_text(cli, view_member(cli, cli->reply.result, "store"), "name")));
	return err;
}

/* The daemon says what a code's or card's QR holds; how it is drawn is the printer's business. */
static int add_rendered(struct cli *cli, struct draft *d, const char *code, const char *who)
{
	int err;

	cli_params(cli);
	cli_param(cli, "code", code);
	cli_param_who(cli, who);
	cli_param(cli, "format", "matrix");
	err = cli_call(cli, "qr.render");
	if (err == PALIER_OK)
		add_qr(d, palier_str(view_text(cli, cli->reply.result, "text")));
	return err;
}

/* --- a reply of sale.commit --- */

static struct palier_bytes string_of(struct cli *cli, const struct json_doc *d, uint32_t token)
{
	return token && d->tokens[token].type == JSON_STRING ? json_string(d, token, &cli->arena) : palier_bytes_of(NULL, 0);
}

/* An array's elements: strings, or objects in which they stand under `key`. */
static void add_strings(struct cli *cli, struct draft *d, const struct json_doc *json, uint32_t array, const char *key)
{
	uint32_t token = array + 1;

	if (!array || json->tokens[array].type != JSON_ARRAY)
		return;
	for (uint32_t left = json->tokens[array].count; left > 0; left--, token += json->tokens[token].span) {
		bool object = json->tokens[token].type == JSON_OBJECT;
		struct palier_bytes text = string_of(cli, json, key && object ? json_member(json, token, key) : token);

		if (text.len > 0 && key)
			add_qr(d, text);
		else if (text.len > 0)
			add(d, SLIP_TEXT, text);
	}
}

/* The result as `palier call` prints it, or the whole answer of the protocol. */
static int add_reply(struct cli *cli, struct draft *d, const char *path)
{
	struct json_doc json;
	uint32_t result;
	int err = input_read(cli, path, &json);

	if (err != PALIER_OK)
		return err;
	if (json.tokens[0].type != JSON_OBJECT)
		return cli_fail(cli, PALIER_EPARAMS, "--reply is the JSON object that sale.commit answers");
	if (json_member(&json, 0, "error"))
		return cli_fail(cli, PALIER_EPARAMS, "--reply is a refusal: there is nothing to print");
	result = json_member(&json, 0, "result");
	if (result && json.tokens[result].type != JSON_OBJECT)
		return cli_fail(cli, PALIER_EPARAMS, "--reply is the JSON object that sale.commit answers");
	add_strings(cli, d, &json, json_member(&json, result, "messages"), NULL);
	add_strings(cli, d, &json, json_member(&json, result, "qr"), "text");
	return PALIER_OK;
}

/* --- the command line --- */

static int add_given(struct cli *cli, struct draft *d, const struct cli_given *g)
{
	const char *name = g->option->name;

	if (strcmp(name, "text") == 0)
		add(d, SLIP_TEXT, palier_str(g->value));
	else if (strcmp(name, "qr") == 0)
		add_qr(d, palier_str(g->value));
	else if (strcmp(name, "code") == 0)
		return add_rendered(cli, d, g->value, NULL);
	else if (strcmp(name, "card") == 0)
		return add_rendered(cli, d, NULL, g->value);
	else if (strcmp(name, "reply") == 0)
		return add_reply(cli, d, g->value);
	return PALIER_OK;
}

static int read_paper(struct cli *cli, unsigned *out)
{
	const char *paper = cli_value(cli, "paper");

	if (paper && strcmp(paper, "58") != 0 && strcmp(paper, "80") != 0)
		return cli_fail(cli, PALIER_EPARAMS, "--paper is 58 or 80, the roll's width in millimetres, not %s", paper);
	*out = paper && strcmp(paper, "58") == 0 ? QR_PAPER_58 : QR_PAPER_80;
	return PALIER_OK;
}

static int read_language(struct cli *cli, enum qr_format *out)
{
	const char *name = cli_value(cli, "language");

	*out = QR_ESCPOS;
	if (!name)
		return PALIER_OK;
	for (int i = 0; qr_format_names[i]; i++)
		if (strcmp(qr_format_names[i], name) == 0 && qr_is_printed((enum qr_format)i)) {
			*out = (enum qr_format)i;
			return PALIER_OK;
		}
	return cli_fail(cli, PALIER_EPARAMS, "--language is escpos, escpos-raster, star or zpl, not %s", name);
}

static int read_timeout(struct cli *cli, int *out_ms)
{
	const char *value = cli_value(cli, "timeout");
	int64_t seconds = 10;

	if (value && (!decimal_parse(value, 0, &seconds) || seconds < 1 || seconds > 3600))
		return cli_fail(cli, PALIER_EPARAMS, "--timeout is 1 to 3600 seconds, not %s", value);
	*out_ms = (int)seconds * 1000;
	return PALIER_OK;
}

struct order {
	const char *printer;
	enum qr_format language;
	int patience_ms;
	struct draft draft;
};

static int read_order(struct cli *cli, struct order *o)
{
	int err = read_paper(cli, &o->draft.slip.paper);

	if (err == PALIER_OK)
		err = read_language(cli, &o->language);
	if (err == PALIER_OK)
		err = read_timeout(cli, &o->patience_ms);
	if (err != PALIER_OK)
		return err;
	o->draft.slip.cut = cli_has(cli, "cut");
	o->printer = cli_value(cli, "printer") ? cli_value(cli, "printer") : getenv("PALIER_PRINTER");
	if (!o->printer || !o->printer[0])
		return cli_fail(cli, PALIER_EPARAMS, "which printer? give --printer tcp:HOST:9100, or a device's path");
	if (cli_has(cli, "shop"))
		err = add_shop(cli, &o->draft);
	if (err == PALIER_OK && cli_value(cli, "title"))
		add(&o->draft, SLIP_TITLE, palier_str(cli_value(cli, "title")));
	for (int i = 0; i < cli->given_count && err == PALIER_OK; i++)
		err = add_given(cli, &o->draft, &cli->given[i]);
	return err;
}

/* --- printing --- */

struct printed {
	size_t bytes;
	bool confirmed;
	struct printer_status status;
	struct charset_lost lost;
};

static int send_to(struct cli *cli, const struct order *o, struct palier_bytes bytes, struct printed *out)
{
	struct port p;
	int err = port_open(o->printer, o->patience_ms, &cli->arena, &p);

	if (err == PALIER_OK)
		err = printer_ready(&p, o->language, &out->status);
	if (err == PALIER_OK)
		err = port_write(&p, bytes);
	if (err == PALIER_OK)
		err = printer_done(&p, o->language, &out->status, &out->confirmed);
	port_close(&p);
	return err == PALIER_OK ? err : cli_fail(cli, err, "%s", p.why);
}

/* "é" as it is, what a terminal would not show as "U+0007". */
static const char *lost_list(struct cli *cli, const struct charset_lost *lost)
{
	struct palier_buffer b = { 0 };
	const char *list;

	for (unsigned i = 0; i < lost->count && i < CHARSET_LOST_MAX; i++) {
		char number[16];

		snprintf(number, sizeof(number), "U+%04X", lost->at[i]);
		palier_buffer_add(&b, " ", i > 0);
		if (lost->at[i] > 0xFF)
			charset_utf8(lost->at[i], &b);
		else
			palier_buffer_add(&b, number, strlen(number));
	}
	if (lost->count > CHARSET_LOST_MAX)
		palier_buffer_add(&b, " ...", 4);
	list = palier_cstr(&cli->arena, palier_buffer_bytes(&b));
	palier_buffer_deinit(&b);
	return list;
}

static void show_json(struct cli *cli, const struct order *o, const struct printed *p)
{
	struct palier_buffer b = { 0 };
	struct palier_json w = palier_json_to(&b);

	palier_json_object(&w);
	palier_json_key(&w, "printer");
	palier_json_str(&w, o->printer);
	palier_json_key(&w, "bytes");
	palier_json_int(&w, (int64_t)p->bytes);
	palier_json_key(&w, "confirmed");
	palier_json_bool(&w, p->confirmed);
	palier_json_key(&w, "paper_low");
	palier_json_bool(&w, p->status.paper_low);
	palier_json_key(&w, "lost");
	palier_json_str(&w, lost_list(cli, &p->lost));
	palier_json_end_object(&w);
	fprintf(cli->out, "%.*s\n", PALIER_ARG(palier_buffer_bytes(&b)));
	palier_buffer_deinit(&b);
}

/* Standard output is the printer's where that was asked. */
static void show(struct cli *cli, const struct order *o, const struct printed *p)
{
	if (p->lost.count > 0)
		cli_fail(cli, PALIER_OK, "the printer has no such characters, and prints ? for them: %s",
			lost_list(cli, &p->lost));
	if (p->status.paper_low)
		cli_fail(cli, PALIER_OK, "%s is nearly out of paper", o->printer);
	if (strcmp(o->printer, "-") == 0)
		return;
	if (cli_has(cli, "json"))
		show_json(cli, o, p);
	else
		fprintf(cli->out, "%s %s\n", p->confirmed ? "printed on" : "sent to", o->printer);
}

static int print(struct cli *cli, const struct order *o)
{
	struct palier_buffer bytes = { 0 };
	struct printed p = { 0 };
	const char *why = "";
	int err = slip_write(&o->draft.slip, o->language, &cli->arena, &bytes, &p.lost, &why);

	if (err != PALIER_OK)
		cli_fail(cli, err, "this cannot be a QR code: %s", why);
	else
		err = send_to(cli, o, palier_buffer_bytes(&bytes), &p);
	p.bytes = bytes.len;
	palier_buffer_deinit(&bytes);
	if (err == PALIER_OK)
		show(cli, o, &p);
	return err;
}

static int run_print(struct cli *cli)
{
	struct order o = { 0 };
	int err = read_order(cli, &o);

	if (err == PALIER_OK && o.draft.slip.count > 0)
		err = print(cli, &o);
	else if (err == PALIER_OK && cli_has(cli, "reply"))
		cli_fail(cli, PALIER_OK, "the reply has nothing to print");
	else if (err == PALIER_OK)
		err = cli_fail(cli, PALIER_EPARAMS, "print what? give --text, --qr, --code, --card or --reply");
	free(o.draft.items);
	return err;
}
