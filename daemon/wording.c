/* SPDX-License-Identifier: Apache-2.0 */
/* The contract's messages and prompts: what is said, and in whose language. */
#include "daemon/core.h"
#include "daemon/texts.h"

/* --- in whose language --- */

/* The customer's, whom the event is about; the store's when there is none, or he chose none. */
static struct palier_bytes language_of(struct palier_ctx *c)
{
	struct member_row row = { .slot = 0 };

	if (c->language.len)
		return c->language;
	if (c->ev.has_member && member_row(core_tables(c), c->ev.member, &row) != PALIER_OK)
		row.language.len = 0;
	c->language = texts_language(row.language, palier_str(c->config->store.language));
	return c->language;
}

struct palier_bytes palier_money_text(struct palier_ctx *c, int64_t minor)
{
	return texts_money(language_of(c), c->config->store.currency, c->config->store.currency_decimals, minor, c->arena);
}

struct palier_bytes palier_day_text(struct palier_ctx *c, uint32_t day)
{
	return texts_day(language_of(c), day, c->arena);
}

/* --- texts --- */

struct palier_bytes palier_text_n(struct palier_ctx *c, const char *one, const char *many, int64_t count,
	const struct palier_bytes *args, uint32_t arg_count)
{
	const struct text t = { palier_str(one), palier_str(many), count, args, arg_count };

	return texts_write(language_of(c), &t, c->arena);
}

struct palier_bytes palier_text(struct palier_ctx *c, const char *text, const struct palier_bytes *args, uint32_t arg_count)
{
	return palier_text_n(c, text, NULL, 0, args, arg_count);
}

/* --- messages --- */

static bool replies_messages(const struct palier_method *m)
{
	for (const struct palier_field *f = m->result->fields; f->name; f++)
		if (strcmp(f->name, "messages") == 0)
			return true;
	return false;
}

int palier_message_n(struct palier_ctx *c, const char *one, const char *many, int64_t count, const struct palier_bytes *args,
	uint32_t arg_count)
{
	struct message_given body = { .set = { 0, 0 } };

	if (!replies_messages(c->ev.method))
		return PALIER_OK;
	PALIER_SET(&body, message_given, text, palier_str(one));
	if (many) {
		PALIER_SET(&body, message_given, many, palier_str(many));
		PALIER_SET(&body, message_given, count, count);
	}
	if (arg_count) {
		PALIER_MARK(&body, message_given, args);
		body.args.at = palier_alloc(c->arena, arg_count * sizeof(*args));
		body.args.count = arg_count;
		memcpy(body.args.at, args, arg_count * sizeof(*args));
	}
	PALIER_SET(&body, message_given, language, language_of(c));
	return palier_effect_add(c, "message", &body);
}

int palier_message(struct palier_ctx *c, const char *text, const struct palier_bytes *args, uint32_t arg_count)
{
	return palier_message_n(c, text, NULL, 0, args, arg_count);
}

void message_write(struct palier_ctx *c, const struct message_given *m, struct palier_json *w)
{
	const struct text t = { m->text, m->many, m->count, m->args.at, m->args.count };

	palier_json_string(w, texts_write(m->language, &t, c->arena));
}

/* --- QR codes --- */

int palier_qr(struct palier_ctx *c, const char *kind, struct palier_bytes text)
{
	struct qr_given body = { .set = { 0, 0 } };

	if (c->ev.method != &method_sale_commit)
		return PALIER_OK;
	PALIER_SET(&body, qr_given, purpose, palier_str(kind));
	PALIER_SET(&body, qr_given, text, ctx_seal(c, text));
	return palier_effect_add(c, "qr", &body);
}

/* Those of an erased member are gone. */
static int qr_row(struct palier_ctx *c, const struct qr_given *g, struct qr_text *out)
{
	int err = palier_unseal(c, g->text, &out->text);

	if (err != PALIER_OK)
		return err;
	PALIER_MARK(out, qr_text, text);
	PALIER_SET(out, qr_text, kind, g->purpose);
	return PALIER_OK;
}

int qrs_write(struct palier_ctx *c, const struct palier_event *ev, struct palier_json *w)
{
	bool begun = false;

	for (uint32_t i = 0; i < ev->effect_count; i++) {
		const struct qr_given *g = palier_body(&ev->effects[i], "qr");
		struct qr_text row = { .set = { 0, 0 } };
		int err = g ? qr_row(c, g, &row) : PALIER_ENOENT;

		if (err == PALIER_ENOENT)
			continue;
		if (err != PALIER_OK)
			return err;
		if (!begun) {
			palier_json_key(w, "qr");
			palier_json_array(w);
		}
		begun = true;
		schema_encode(&qr_text_schema, SCHEMA_WIRE, &row, w);
	}
	if (begun)
		palier_json_end_array(w);
	return PALIER_OK;
}

/* --- prompts --- */

void palier_prompt_n(struct palier_ctx *c, const char *kind, const char *one, const char *many, int64_t count,
	const struct palier_bytes *args, uint32_t arg_count)
{
	const struct text t = { palier_str(one), palier_str(many), count, args, arg_count };
	struct prompt_view *row;

	if (c->prompt_count == c->prompt_capacity) {
		uint32_t capacity = c->prompt_capacity ? c->prompt_capacity * 2 : 4;
		struct prompt_view *grown = palier_alloc(c->arena, capacity * sizeof(*grown));

		if (c->prompt_count)
			memcpy(grown, c->prompts, c->prompt_count * sizeof(*grown));
		c->prompts = grown;
		c->prompt_capacity = capacity;
	}
	row = &c->prompts[c->prompt_count++];
	*row = (struct prompt_view){ .set = { 0, 0 } };
	PALIER_SET(row, prompt_view, kind, palier_str(kind));
	PALIER_SET(row, prompt_view, text, texts_write(language_of(c), &t, c->arena));
}

void palier_prompt(struct palier_ctx *c, const char *kind, const char *text, const struct palier_bytes *args,
	uint32_t arg_count)
{
	palier_prompt_n(c, kind, text, NULL, 0, args, arg_count);
}

void prompts_begin(struct palier_ctx *c, const struct member_row *member)
{
	c->language = texts_language(member->language, palier_str(c->config->store.language));
	c->prompt_count = 0;
	if (member->flags & MEMBER_PROVISIONAL)
		palier_prompt(c, "provisional", N_("Not enrolled yet: enrol, so that what this card has earned is kept."),
			NULL, 0);
}

void prompts_write(struct palier_ctx *c, struct palier_json *w)
{
	if (c->prompt_count == 0)
		return;
	palier_json_key(w, "prompts");
	palier_json_array(w);
	for (uint32_t i = 0; i < c->prompt_count; i++)
		schema_encode(&prompt_view_schema, SCHEMA_WIRE, &c->prompts[i], w);
	palier_json_end_array(w);
}
