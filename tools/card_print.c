/* SPDX-License-Identifier: Apache-2.0 */
/* Whose numbers are printed, and that the shop would take them. Numbers are asked for, and tried, by enrolments in training: the daemon
 * decides and books nothing. */
#include "tools/card_print.h"

#include <errno.h>
#include <stdlib.h>

#include "protocol/datetime.h"
#include "protocol/scan.h"
#include "tools/cards/ean13.h"
#include "tools/cards/sheet.h"

const struct cli_option card_print_options[] = {
	{ "count", "N", "so many cards: from --from on, else with new numbers of the shop's range" },
	{ "from", "NUMBER", "EAN-13 numbers that follow each other, from this one on; check digits are computed" },
	{ "numbers", "FILE", "numbers from a file, one a line" },
	{ "member", "CARD|MEMBER", "the cards that a member has" },
	{ "qr", NULL, "QR codes instead of EAN-13 bars" },
	{ "labels", NULL, "labels of 38.1 x 21.2 mm, 65 a sheet, instead of cards" },
	{ "caption", "TEXT", "below the shop's name (default: \"loyalty card\" in the shop's language)" },
	CLI_END_OPTIONS,
};

struct numbers {
	const char **at; /* room for CARD_PRINT_MAX */
	size_t count;
};

static int add(struct cli *cli, struct numbers *n, const char *number)
{
	if (n->count == CARD_PRINT_MAX)
		return cli_fail(cli, PALIER_EPARAMS, "at most %d cards are printed at once", CARD_PRINT_MAX);
	n->at[n->count++] = palier_cstr(&cli->arena, palier_str(number));
	return PALIER_OK;
}

/* A number as somebody wrote it. */
static int add_given(struct cli *cli, struct numbers *n, struct palier_bytes raw)
{
	struct card_number number;

	if (card_scan(raw, NULL, 0, &number) != PALIER_OK)
		return cli_fail(cli, PALIER_ECARD_MALFORMED, "%s is no card number: check its digits",
			view_clean(&cli->arena, raw));
	return add(cli, n, number.text);
}

/* --- what the daemon says --- */

/* An enrolment that is not booked. @param card NULL: one is issued */
static int enrol_in_training(struct cli *cli, const char *card)
{
	cli_params(cli);
	cli_param_request(cli);
	cli_param(cli, "card", card);
	palier_json_key(&cli->w, "training");
	palier_json_bool(&cli->w, true);
	palier_json_end_object(&cli->w);
	palier_buffer_add(&cli->params, "", 1);
	return palier_call(cli->client, "member.enroll", cli->params.at, &cli->reply);
}

/* Would the shop take it? @param unused it must be nobody's */
static int try_number(struct cli *cli, const char *number, bool unused)
{
	int err = enrol_in_training(cli, number);

	if (err == PALIER_ECARD_IN_USE || err == PALIER_ECARD_BLOCKED)
		return unused ? cli_fail(cli, err, "%s: %s; begin at another number", number,
					view_clean(&cli->arena, cli->reply.message))
		              : PALIER_OK;
	if (err == PALIER_ECARD_MALFORMED)
		return cli_fail(cli, err, "the shop takes no cards like %s; see `card` in palier.conf(5)", number);
	return err == PALIER_OK ? err : cli_refused(cli);
}

static bool drawn_before(const struct numbers *n, const char *number)
{
	for (size_t i = 0; i < n->count; i++)
		if (strcmp(n->at[i], number) == 0)
			return true;
	return false;
}

/* Numbers as card.issue would give them out; nothing keeps them for us, so chance must: see the manual. */
static int draw_numbers(struct cli *cli, struct numbers *n, size_t count)
{
	for (size_t tries = 0; n->count < count; tries++) {
		const char *number;

		if (tries == 100 + 2 * count)
			return cli_fail(cli, PALIER_EINTERNAL,
				"the shop's card range is used up: give `card` another prefix");
		if (enrol_in_training(cli, NULL) != PALIER_OK)
			return cli_refused(cli);
		number = view_text(cli, view_member(cli, cli->reply.result, "card"), "number");
		if (!drawn_before(n, number) && add(cli, n, number) != PALIER_OK)
			return PALIER_EPARAMS;
	}
	return PALIER_OK;
}

static int add_members(struct cli *cli, struct numbers *n, const char *who)
{
	uint32_t cards;
	int err;

	cli_params(cli);
	cli_param_who(cli, who);
	err = cli_call(cli, "card.lookup");
	if (err != PALIER_OK)
		return err;
	who = view_text(cli, cli->reply.result, "member");
	cli_params(cli);
	cli_param(cli, "member", who);
	err = cli_call(cli, "member.export");
	if (err != PALIER_OK)
		return err;
	cards = view_member(cli, view_member(cli, cli->reply.result, "profile"), "cards");
	VIEW_EACH(cli, cards, card)
	{
		if (err == PALIER_OK && strcmp(view_text(cli, card, "status"), "active") == 0)
			err = add(cli, n, view_text(cli, card, "number"));
	}
	if (err == PALIER_OK && n->count == 0)
		err = cli_fail(cli, PALIER_ECARD_BLOCKED, "all cards of this member are blocked");
	return err;
}

/* --- numbers given --- */

static int add_following(struct cli *cli, struct numbers *n, const char *from, size_t count)
{
	char text[EAN13_DIGITS + 1];
	size_t len = strlen(from);
	uint64_t body = 0;

	if ((len != EAN13_DIGITS && len != EAN13_DIGITS - 1) || strspn(from, "0123456789") != len)
		return cli_fail(cli, PALIER_EPARAMS, "--from is an EAN-13, with its check digit or without");
	if (len == EAN13_DIGITS && card_gs1_check(from, len - 1) != from[len - 1])
		return cli_fail(cli, PALIER_ECARD_MALFORMED, "%s: the check digit is wrong", from);
	for (size_t i = 0; i < EAN13_DIGITS - 1; i++)
		body = body * 10 + (uint64_t)(from[i] - '0');
	if (body + count - 1 > UINT64_C(999999999999))
		return cli_fail(cli, PALIER_EPARAMS, "there are not so many numbers behind %s", from);
	for (size_t i = 0; i < count; i++, body++) {
		snprintf(text, sizeof(text), "%012llu", (unsigned long long)(body % UINT64_C(1000000000000)));
		text[EAN13_DIGITS - 1] = card_gs1_check(text, EAN13_DIGITS - 1);
		text[EAN13_DIGITS] = 0;
		if (add(cli, n, text) != PALIER_OK)
			return PALIER_EPARAMS;
	}
	return PALIER_OK;
}

static int add_file(struct cli *cli, struct numbers *n, const char *path)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	int err = PALIER_OK;

	if (!f)
		return cli_fail(cli, PALIER_EIO, "%s: %s", path, strerror(errno));
	while (err == PALIER_OK && (len = getline(&line, &room, f)) > 0)
		if (strspn(line, " \t\r\n") < (size_t)len)
			err = add_given(cli, n, palier_bytes_of(line, (size_t)len));
	if (err == PALIER_OK && ferror(f))
		err = cli_fail(cli, PALIER_EIO, "%s: %s", path, strerror(errno));
	free(line);
	fclose(f);
	return err;
}

/* --- the run --- */

static int count_of_cards(struct cli *cli, size_t *out)
{
	const char *text = cli_value(cli, "count");
	int64_t count = 1;

	if (text && (!decimal_parse(text, 0, &count) || count < 1 || count > CARD_PRINT_MAX))
		return cli_fail(cli, PALIER_EPARAMS, "--count is 1 to %d, not %s", CARD_PRINT_MAX, text);
	*out = (size_t)count;
	return PALIER_OK;
}

static int gather(struct cli *cli, struct numbers *n)
{
	const char *from = cli_value(cli, "from"), *file = cli_value(cli, "numbers"), *member = cli_value(cli, "member");
	bool given = cli->arg_count > 1, drawn = cli_has(cli, "count") && !from;
	size_t count = 1;
	int err = count_of_cards(cli, &count);

	if (err != PALIER_OK)
		return err;
	if ((from != NULL) + (file != NULL) + (member != NULL) + given + drawn != 1)
		return cli_fail(cli, PALIER_EPARAMS,
			"which cards? give NUMBERs, or one of --count, --from, --numbers, --member");
	if (member)
		return add_members(cli, n, member);
	if (from)
		err = add_following(cli, n, from, count);
	else if (file)
		err = add_file(cli, n, file);
	else if (drawn)
		return draw_numbers(cli, n, count);
	for (int i = 1; i < cli->arg_count && err == PALIER_OK; i++)
		err = add_given(cli, n, palier_str(cli->args[i]));
	for (size_t i = 0; i < n->count && err == PALIER_OK; i++)
		err = try_number(cli, n->at[i], from != NULL);
	if (err == PALIER_OK && n->count == 0)
		err = cli_fail(cli, PALIER_EPARAMS, "%s: there is no number in it", file);
	return err;
}

static const char *caption_in(const char *language)
{
	static const struct {
		const char *language, *text;
	} captions[] = {
		{ "de", "Kundenkarte" },
		{ "es", "Tarjeta de fidelidad" },
		{ "fr", "Carte de fidélité" },
		{ "it", "Carta fedeltà" },
		{ "nl", "Klantenkaart" },
		{ "pt", "Cartão de fidelidade" },
	};

	for (size_t i = 0; i < sizeof(captions) / sizeof(*captions); i++)
		if (strcmp(captions[i].language, language) == 0)
			return captions[i].text;
	return "Loyalty card";
}

/* Of the answer to session.open, which cli_connect leaves. */
static int sheet_begin(struct cli *cli, struct sheet *s)
{
	const char *caption = cli_value(cli, "caption");
	int err = cli_connect(cli);
	uint32_t store;

	if (err != PALIER_OK)
		return err;
	store = view_member(cli, cli->reply.result, "store");
	s->shop = view_text(cli, store, "name");
	s->caption = caption ? caption : caption_in(view_text(cli, store, "language"));
	s->qr = cli_has(cli, "qr");
	s->labels = cli_has(cli, "labels");
	return PALIER_OK;
}

static int check_fit(struct cli *cli, const struct sheet *s, enum sheet_format format)
{
	if (format == SHEET_SVG && s->count > sheet_holds(s))
		return cli_fail(cli, PALIER_EPARAMS, "an SVG is one sheet, of %zu: print a PDF", sheet_holds(s));
	for (size_t i = 0; i < s->count; i++) {
		const char *why = sheet_objects(s, s->numbers[i]);

		if (why)
			return cli_fail(cli, PALIER_ECARD_MALFORMED, "%s: %s", s->numbers[i], why);
	}
	return PALIER_OK;
}

static void show(struct cli *cli, const struct sheet *s, const char *path)
{
	size_t sheets = (s->count + sheet_holds(s) - 1) / sheet_holds(s);
	struct palier_buffer b = { 0 };
	struct palier_json w = palier_json_to(&b);

	if (!cli_has(cli, "json")) {
		fprintf(cli->out, "%s: %zu card%s, %zu sheet%s\n", path, s->count, s->count == 1 ? "" : "s", sheets,
			sheets == 1 ? "" : "s");
		return;
	}
	palier_json_object(&w);
	palier_json_key(&w, "sheets");
	palier_json_int(&w, (int64_t)sheets);
	palier_json_key(&w, "cards");
	palier_json_array(&w);
	for (size_t i = 0; i < s->count; i++)
		palier_json_str(&w, s->numbers[i]);
	palier_json_end_array(&w);
	palier_json_end_object(&w);
	fprintf(cli->out, "%.*s\n", PALIER_ARG(palier_buffer_bytes(&b)));
	palier_buffer_deinit(&b);
}

static bool format_of(const char *path, enum sheet_format *out)
{
	const char *dot = strrchr(path, '.');
	bool svg = dot && strcmp(dot, ".svg") == 0;

	*out = svg ? SHEET_SVG : SHEET_PDF;
	return svg || (dot && strcmp(dot, ".pdf") == 0);
}

int card_print_run(struct cli *cli)
{
	const char *path = cli_arg(cli, 0);
	struct numbers n = { .at = palier_alloc(&cli->arena, CARD_PRINT_MAX * sizeof(*n.at)) };
	enum sheet_format format;
	struct sheet s = { .shop = "" };
	int err;

	if (!format_of(path, &format))
		return cli_fail(cli, PALIER_EPARAMS, "%s: the name ends in .pdf or .svg", path);
	err = sheet_begin(cli, &s);
	if (err == PALIER_OK)
		err = gather(cli, &n);
	if (err != PALIER_OK)
		return err;
	s.numbers = n.at;
	s.count = n.count;
	err = check_fit(cli, &s, format);
	if (err != PALIER_OK)
		return err;
	if (sheet_write(&s, format, path) != PALIER_OK)
		return cli_fail(cli, PALIER_EIO, "%s could not be written", path);
	show(cli, &s, path);
	return PALIER_OK;
}
