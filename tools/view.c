/* SPDX-License-Identifier: Apache-2.0 */
/* A result's parts as text. */
#include "protocol/datetime.h"
#include "tools/cli.h"
#include "tools/money.h"

const char *view_clean(struct palier_arena *a, struct palier_bytes text)
{
	char *out = palier_cstr(a, text);

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)out[i], next = (unsigned char)out[i + 1];

		if (c < 0x20 || c == 0x7F)
			out[i] = '?';
		else if (c == 0xC2 && next >= 0x80 && next < 0xA0) /* U+0080 to U+009F are control characters too */
			out[i] = out[i + 1] = '?';
	}
	return out;
}

static const char *token_text(struct cli *cli, uint32_t token)
{
	const struct json_doc *d = &cli->reply.doc;

	if (!token || d->tokens[token].type == JSON_NULL)
		return "";
	return view_clean(&cli->arena,
		d->tokens[token].type == JSON_STRING ? json_string(d, token, cli->reply.arena) : json_text(d, token));
}

uint32_t view_member(struct cli *cli, uint32_t object, const char *key)
{
	const struct json_token *t = &cli->reply.doc.tokens[object];
	uint32_t token = object && t->type == JSON_OBJECT ? json_member(&cli->reply.doc, object, key) : 0;

	return token && cli->reply.doc.tokens[token].type != JSON_NULL ? token : 0;
}

uint32_t view_count(struct cli *cli, uint32_t array)
{
	const struct json_token *t = &cli->reply.doc.tokens[array];

	return array && t->type == JSON_ARRAY ? t->count : 0;
}

const char *view_text(struct cli *cli, uint32_t object, const char *key)
{
	return token_text(cli, view_member(cli, object, key));
}

const char *view_amount(struct cli *cli, uint32_t object, const char *key)
{
	uint32_t token = view_member(cli, object, key);
	char text[MONEY_TEXT];
	int64_t amount;

	if (!token || !json_integer(&cli->reply.doc, token, &amount))
		return "";
	money_format(amount, cli->scale, text);
	return palier_format(&cli->arena, "%s", text);
}

const char *view_money(struct cli *cli, uint32_t object, const char *key)
{
	const char *amount = view_amount(cli, object, key);

	return amount[0] ? palier_format(&cli->arena, "%s %s", amount, cli->currency) : "";
}

const char *view_time(struct cli *cli, uint32_t object, const char *key)
{
	const char *text = view_text(cli, object, key);
	char day[11];
	int64_t at;
	unsigned minute;

	if (!time_parse(palier_str(text), &at))
		return text;
	day_format(zone_day(at), day);
	minute = zone_minute(at);
	return palier_format(&cli->arena, "%s %02u:%02u", day, minute / 60, minute % 60);
}

static const char *joined(struct cli *cli, const char *before, const char *one)
{
	return before[0] ? palier_format(&cli->arena, "%s, %s", before, one) : one;
}

const char *view_units(struct cli *cli, uint32_t object, const char *key)
{
	const struct json_doc *d = &cli->reply.doc;
	uint32_t map = view_member(cli, object, key), name = map + 1;
	const char *out = "";

	if (!map || d->tokens[map].type != JSON_OBJECT)
		return out;
	for (uint32_t left = d->tokens[map].count; left > 0; left--, name += 1 + d->tokens[name + 1].span)
		out = joined(cli, out,
			palier_format(&cli->arena, "%s %s", token_text(cli, name + 1), token_text(cli, name)));
	return out;
}

const char *view_moves(struct cli *cli, uint32_t object, const char *key)
{
	uint32_t moves = view_member(cli, object, key);
	const char *out = "";

	VIEW_EACH(cli, moves, move)
	out = joined(cli, out,
		palier_format(&cli->arena, "%s %s", view_text(cli, move, "points"), view_text(cli, move, "unit")));
	return out;
}

const char *view_list(struct cli *cli, uint32_t object, const char *key)
{
	uint32_t list = view_member(cli, object, key);
	const char *out = "";

	VIEW_EACH(cli, list, item)
	out = joined(cli, out, token_text(cli, item));
	return out;
}
