/* SPDX-License-Identifier: Apache-2.0 */
/* Messages in and out of their tables: what is accepted, what is refused and how, round trips of random messages, the
 * canonical form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "protocol/messages.h"

/* A message with a field of every type and flag. */
static const char *const colour_names[] = { "red", "green", "blue", NULL };

#define PALIER_FIELDS_inner(F, M) \
	F(M, STRING, sku, "sku", PALIER_REQUIRED, PALIER_RANGE(1, 4), "a code") \
	F(M, INT, amount, "amount", 0, PALIER_RANGE(-5, 5), "an amount") \
	F(M, STRING, card, "card", PALIER_SEALED | PALIER_SCAN, PALIER_RANGE(1, 9), "a card") \
	F(M, STRING, secret, "secret", PALIER_SECRET | PALIER_REQUIRED, PALIER_RANGE(1, 4), "a secret")
PALIER_MESSAGE(inner);
#define PALIER_FIELDS_sample(F, M) \
	F(M, STRING, request, "request", PALIER_ENVELOPE | PALIER_NO_HASH, PALIER_RANGE(1, 8), "an id") \
	F(M, STRING, text, "text", 0, PALIER_RANGE(1, 8), "a text") \
	F(M, INT, count, "count", 0, PALIER_RANGE(1, 100), "a count") \
	F(M, INT, figure, "figure", 0, PALIER_ANY, "any figure") \
	F(M, BOOL, flag, "flag", PALIER_FALSE, PALIER_ANY, "a flag") \
	F(M, BOOL, choice, "choice", 0, PALIER_ANY, "true, false or absent, all different") \
	F(M, QUANTITY, quantity, "quantity", 0, PALIER_RANGE(1, 5000), "a weight") \
	F(M, TIME, at, "at", 0, PALIER_ANY, "an instant") \
	F(M, DAY, day, "day", PALIER_NULLABLE, PALIER_ANY, "a date") \
	F(M, MEMBER, member, "member", 0, PALIER_ANY, "a member") \
	F(M, HASH, hash, "hash", 0, PALIER_ANY, "a hash") \
	F(M, ENUM(colour), colour, "colour", 0, PALIER_ANY, "a colour") \
	F(M, JSON, ext, "ext", PALIER_SEALED, PALIER_ANY, "anything") \
	F(M, JSON, map, "map", 0, PALIER_ANY, "a map") \
	F(M, OBJECT(inner), inner, "inner", 0, PALIER_ANY, "one") \
	F(M, LIST(inner), lines, "lines", 0, PALIER_RANGE(1, 3), "some") \
	F(M, STRINGS, tags, "tags", 0, PALIER_RANGE(0, 2), "marks") \
	F(M, STRING, note, "note", PALIER_NULLABLE | PALIER_SEALED, PALIER_RANGE(1, 8), "a note") \
	F(M, STRING, pin, "pin", PALIER_SECRET, PALIER_RANGE(1, 8), "a proof") \
	F(M, STRING, scan, "scan", PALIER_SEALED | PALIER_SCAN, PALIER_RANGE(1, 16), "a card")
PALIER_MESSAGE(sample);
#define PALIER_FIELDS_view(F, M) \
	F(M, INT, count, "count", PALIER_REQUIRED, PALIER_ANY, "a count") \
	F(M, OBJECT(inner), inner, "inner", PALIER_REQUIRED | PALIER_NULLABLE, PALIER_ANY, "one, or null") \
	F(M, LIST(inner), lines, "lines", PALIER_REQUIRED, PALIER_ANY, "some") \
	F(M, STRINGS, tags, "tags", PALIER_REQUIRED, PALIER_ANY, "marks") \
	F(M, JSON, map, "map", PALIER_REQUIRED, PALIER_ANY, "a map") \
	F(M, STRING, name, "name", 0, PALIER_ANY, "a name")
PALIER_MESSAGE(view);
PALIER_SCHEMA(inner);
PALIER_SCHEMA(sample);
PALIER_SCHEMA(view);

/* --- tools --- */

/* A parsed text and what is made of it. */
struct world {
	struct json_doc doc;
	struct palier_arena arena;
	struct palier_buffer out;
	struct palier_problem why;
};

static void world_parse(struct world *w, struct palier_bytes text)
{
	w->doc.capacity = (uint32_t)text.len / 2 + 1;
	w->doc.tokens = realloc(w->doc.tokens, w->doc.capacity * sizeof(struct json_token));
	assert_non_null(w->doc.tokens);
	if (json_parse(&w->doc, text, JSON_DEPTH_MAX) != PALIER_OK)
		fail_msg("not JSON: %.*s", PALIER_ARG(text));
}

static int world_decode(struct world *w, const struct palier_schema *s, enum schema_form form, struct palier_bytes text,
	void **out)
{
	world_parse(w, text);
	*out = palier_alloc(&w->arena, s->size);
	return schema_decode(s, form, &w->doc, 0, &w->arena, *out, &w->why);
}

static struct palier_bytes world_encode(struct world *w, const struct palier_schema *s, enum schema_form form,
	const void *in)
{
	struct palier_json json = palier_json_to(&w->out);

	w->out.len = 0;
	schema_encode(s, form, in, &json);
	return palier_buffer_bytes(&w->out);
}

static void world_deinit(struct world *w)
{
	free(w->doc.tokens);
	palier_arena_deinit(&w->arena);
	palier_buffer_deinit(&w->out);
}

static void assert_text(struct palier_bytes is, const char *expected)
{
	if (!palier_is(is, expected))
		fail_msg("\n     is: %.*s\nexpected: %s", PALIER_ARG(is), expected);
}

/* --- accepted --- */

static const struct accepted {
	const char *name;
	const struct palier_schema *schema;
	enum schema_form form;
	const char *in, *out; /* out NULL: the same */
} accepted[] = {
	{ "an empty object is a message without required fields", &sample_schema, SCHEMA_WIRE, "{}", NULL },
	{ "fields come out in the table's order", &sample_schema, SCHEMA_WIRE,
		"{\"count\":2,\"text\":\"a\",\"request\":\"r\"}", "{\"request\":\"r\",\"text\":\"a\",\"count\":2}" },
	{ "an escaped field name is the same name", &sample_schema, SCHEMA_WIRE, "{\"co\\u0075nt\":2}", "{\"count\":2}" },
	{ "an escaped string is unescaped", &sample_schema, SCHEMA_WIRE, "{\"text\":\"\\u0041\\n\"}",
		"{\"text\":\"A\\n\"}" },
	{ "a string may fill its range in bytes", &sample_schema, SCHEMA_WIRE,
		"{\"text\":\"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\"}", NULL },
	{ "a figure may be 2^53-1", &sample_schema, SCHEMA_WIRE, "{\"figure\":9007199254740991}", NULL },
	{ "a figure may be -(2^53-1)", &sample_schema, SCHEMA_WIRE, "{\"figure\":-9007199254740991}", NULL },
	{ "both ends of a range belong to it", &sample_schema, SCHEMA_WIRE, "{\"count\":1,\"figure\":100}", NULL },
	{ "a quantity has three decimals", &sample_schema, SCHEMA_WIRE, "{\"quantity\":0.532}", NULL },
	{ "a quantity loses trailing zeros", &sample_schema, SCHEMA_WIRE, "{\"quantity\":1.500}", "{\"quantity\":1.5}" },
	{ "a time with an offset becomes UTC", &sample_schema, SCHEMA_WIRE, "{\"at\":\"2026-11-21T10:03:11.12+01:00\"}",
		"{\"at\":\"2026-11-21T09:03:11.120Z\"}" },
	{ "a date", &sample_schema, SCHEMA_WIRE, "{\"day\":\"2028-02-29\"}", NULL },
	{ "null where the table allows it", &sample_schema, SCHEMA_WIRE, "{\"day\":null,\"note\":null}", NULL },
	{ "a hash in upper case comes out in lower", &sample_schema, SCHEMA_WIRE,
		"{\"hash\":\"000102030405060708090A0B0C0D0E0F\"}", "{\"hash\":\"000102030405060708090a0b0c0d0e0f\"}" },
	{ "an enum's name", &sample_schema, SCHEMA_WIRE, "{\"colour\":\"blue\"}", NULL },
	{ "a JSON object stays as sent", &sample_schema, SCHEMA_WIRE, "{\"ext\":{ \"b\":[1.0, {}] ,\"a\":null}}", NULL },
	{ "objects in a list", &sample_schema, SCHEMA_WIRE,
		"{\"lines\":[{\"sku\":\"a\",\"secret\":\"s\"},{\"sku\":\"b\",\"amount\":-5,\"secret\":\"s\"}]}", NULL },
	{ "an empty list where the range allows it", &sample_schema, SCHEMA_WIRE, "{\"tags\":[]}", NULL },
	{ "sealed text in the ledger has no range", &sample_schema, SCHEMA_LEDGER,
		"{\"ext\":\"c2VhbGVk\",\"note\":\"longer than eight bytes\"}", NULL },
	{ "a required secret is not missed in the ledger", &sample_schema, SCHEMA_LEDGER, "{\"inner\":{\"sku\":\"a\"}}",
		NULL },
	{ "null stays null in the ledger", &sample_schema, SCHEMA_LEDGER, "{\"note\":null}", NULL },
};

static void accepts(void **state)
{
	const struct accepted *c = *state;
	struct world w = { 0 };
	void *m;

	if (world_decode(&w, c->schema, c->form, palier_str(c->in), &m) != PALIER_OK)
		fail_msg("refused: %s: %s", w.why.field, w.why.text);
	assert_text(world_encode(&w, c->schema, c->form, m), c->out ? c->out : c->in);
	world_deinit(&w);
}

/* --- refused --- */

static const struct refused {
	const char *name;
	enum schema_form form;
	const char *in, *field, *text;
} refused[] = {
	{ "params that are no object", SCHEMA_WIRE, "3", "", "an object is expected here" },
	{ "an unknown field", SCHEMA_WIRE, "{\"frobnicate\":1}", "frobnicate", "unknown parameter frobnicate" },
	{ "a misspelt field gets a hint", SCHEMA_WIRE, "{\"quantitiy\":1}", "quantitiy",
		"unknown parameter quantitiy; did you mean quantity?" },
	{ "a field in another case gets a hint", SCHEMA_WIRE, "{\"Text\":\"a\"}", "Text",
		"unknown parameter Text; did you mean text?" },
	{ "a short name that is far off gets no hint", SCHEMA_WIRE, "{\"xy\":1}", "xy", "unknown parameter xy" },
	{ "the empty name", SCHEMA_WIRE, "{\"\":1}", "", "unknown parameter " },
	{ "a long unknown name is cut between characters", SCHEMA_WIRE,
		"{\"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
		"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\":1}",
		"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
		"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9",
		"unknown parameter "
		"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
		"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9" },
	{ "a missing field", SCHEMA_WIRE, "{\"inner\":{\"secret\":\"s\"}}", "inner.sku", "sku is required" },
	{ "a missing secret, on the wire", SCHEMA_WIRE, "{\"inner\":{\"sku\":\"s\"}}", "inner.secret",
		"secret is required" },
	{ "null without leave", SCHEMA_WIRE, "{\"text\":null}", "text", "text must be a string without U+0000" },
	{ "a number for a string", SCHEMA_WIRE, "{\"text\":1}", "text", "text must be a string without U+0000" },
	{ "U+0000", SCHEMA_WIRE, "{\"text\":\"a\\u0000\"}", "text", "text must be a string without U+0000" },
	{ "an empty string below its range", SCHEMA_WIRE, "{\"text\":\"\"}", "text", "text must be from 1 to 8 bytes long" },
	{ "a string beyond its range", SCHEMA_WIRE, "{\"text\":\"123456789\"}", "text",
		"text must be from 1 to 8 bytes long" },
	{ "a string for an integer", SCHEMA_WIRE, "{\"count\":\"1\"}", "count",
		"count must be an integer without fraction or exponent, up to 2^53-1" },
	{ "a fraction", SCHEMA_WIRE, "{\"count\":1.0}", "count",
		"count must be an integer without fraction or exponent, up to 2^53-1" },
	{ "2^53", SCHEMA_WIRE, "{\"figure\":9007199254740992}", "figure",
		"figure must be an integer without fraction or exponent, up to 2^53-1" },
	{ "an integer below its range", SCHEMA_WIRE, "{\"count\":0}", "count", "count must be from 1 to 100" },
	{ "an integer beyond its range", SCHEMA_WIRE, "{\"count\":101}", "count", "count must be from 1 to 100" },
	{ "1 for true", SCHEMA_WIRE, "{\"flag\":1}", "flag", "flag must be true or false" },
	{ "a quantity of zero", SCHEMA_WIRE, "{\"quantity\":0}", "quantity",
		"quantity must be a number above 0 with at most 3 decimals" },
	{ "a negative quantity", SCHEMA_WIRE, "{\"quantity\":-1}", "quantity",
		"quantity must be a number above 0 with at most 3 decimals" },
	{ "a quantity with four decimals", SCHEMA_WIRE, "{\"quantity\":1.0001}", "quantity",
		"quantity must be a number above 0 with at most 3 decimals" },
	{ "a quantity as a string", SCHEMA_WIRE, "{\"quantity\":\"1\"}", "quantity",
		"quantity must be a number above 0 with at most 3 decimals" },
	{ "a quantity beyond its range", SCHEMA_WIRE, "{\"quantity\":5.001}", "quantity",
		"quantity must be from 1 to 5000 thousandths" },
	{ "a time without offset", SCHEMA_WIRE, "{\"at\":\"2026-11-21T09:03:11\"}", "at",
		"at must be an RFC 3339 time: 2026-11-21T09:03:11Z" },
	{ "a time as a number", SCHEMA_WIRE, "{\"at\":1}", "at", "at must be an RFC 3339 time: 2026-11-21T09:03:11Z" },
	{ "a date that is none", SCHEMA_WIRE, "{\"day\":\"2026-02-29\"}", "day", "day must be a date: 2026-11-21" },
	{ "a member that is none", SCHEMA_WIRE, "{\"member\":\"m_1\"}", "member",
		"member must be a member's id: m_ and 16 symbols" },
	{ "a short hash", SCHEMA_WIRE, "{\"hash\":\"00\"}", "hash", "hash must be 32 hex digits" },
	{ "an unknown name of an enum lists them", SCHEMA_WIRE, "{\"colour\":\"mauve\"}", "colour",
		"colour must be one of: red, green, blue" },
	{ "a number for an enum", SCHEMA_WIRE, "{\"colour\":0}", "colour", "colour must be one of: red, green, blue" },
	{ "a list for a JSON object", SCHEMA_WIRE, "{\"ext\":[]}", "ext", "ext must be an object" },
	{ "a string for an object", SCHEMA_WIRE, "{\"inner\":\"a\"}", "inner", "an object is expected here" },
	{ "an object for a list", SCHEMA_WIRE, "{\"lines\":{}}", "lines", "lines must be a list" },
	{ "a list that is too short", SCHEMA_WIRE, "{\"lines\":[]}", "lines", "lines must be from 1 to 3 elements long" },
	{ "a list that is too long", SCHEMA_WIRE, "{\"tags\":[\"a\",\"b\",\"c\"]}", "tags",
		"tags must be from 0 to 2 elements long" },
	{ "an element that is no object", SCHEMA_WIRE, "{\"lines\":[{\"sku\":\"a\",\"secret\":\"s\"},3]}", "lines[1]",
		"an object is expected here" },
	{ "a field of an element", SCHEMA_WIRE,
		"{\"lines\":[{\"sku\":\"a\",\"secret\":\"s\"},{\"sku\":\"a\",\"amount\":6}]}", "lines[1].amount",
		"amount must be from -5 to 5" },
	{ "an unknown field of an element", SCHEMA_WIRE, "{\"lines\":[{\"sku\":\"a\",\"amout\":6}]}", "lines[0].amout",
		"unknown parameter amout; did you mean amount?" },
	{ "an element that is no string", SCHEMA_WIRE, "{\"tags\":[\"a\",1]}", "tags[1]",
		"tags must be strings without U+0000" },
	{ "a secret in the ledger", SCHEMA_LEDGER, "{\"pin\":\"1\"}", "pin", "unknown parameter pin" },
	{ "an envelope's field in the ledger", SCHEMA_LEDGER, "{\"request\":\"r\"}", "request",
		"unknown parameter request" },
	{ "sealed JSON that is no string", SCHEMA_LEDGER, "{\"ext\":{}}", "ext", "ext must be a string without U+0000" },
};

static void refuses(void **state)
{
	const struct refused *c = *state;
	struct world w = { 0 };
	void *m;

	assert_int_equal(world_decode(&w, &sample_schema, c->form, palier_str(c->in), &m), PALIER_EPARAMS);
	assert_int_equal(w.why.err, PALIER_EPARAMS);
	assert_string_equal(w.why.field, c->field);
	assert_string_equal(w.why.text, c->text);
	world_deinit(&w);
}

/* --- written empty --- */

static void required_parts_left_out_are_written_empty(void **state)
{
	struct world w = { 0 };
	struct view v = { 0 };

	(void)state;
	PALIER_SET(&v, view, count, 3);
	assert_text(world_encode(&w, &view_schema, SCHEMA_WIRE, &v),
		"{\"count\":3,\"inner\":null,\"lines\":[],\"tags\":[],\"map\":{}}");
	world_deinit(&w);
}

static void in_the_ledger_nothing_is_written_that_is_not_there(void **state)
{
	struct world w = { 0 };
	struct view v = { 0 };

	(void)state;
	PALIER_SET(&v, view, count, 3);
	assert_text(world_encode(&w, &view_schema, SCHEMA_LEDGER, &v), "{\"count\":3}");
	world_deinit(&w);
}

/* --- to the ledger --- */

static struct palier_bytes seal_fake(void *who, struct palier_bytes plain)
{
	return palier_str(palier_format(who, "<%.*s>", PALIER_ARG(plain)));
}

static void the_ledger_has_sealed_text_and_no_secrets(void **state)
{
	struct world w = { 0 };
	struct sample ledger;
	void *m;

	(void)state;
	assert_int_equal(
		world_decode(&w, &sample_schema, SCHEMA_WIRE,
			PALIER_LIT("{\"request\":\"r\",\"text\":\"t\",\"day\":null,\"ext\":{\"a\":1},\"map\":{\"b\":2},"
				   "\"inner\":{\"sku\":\"a\",\"card\":\"1\",\"secret\":\"s\"},"
				   "\"lines\":[{\"sku\":\"b\",\"amount\":1,\"card\":\"2*123456\",\"secret\":\"s\"}],"
				   "\"tags\":[\"x\",\"y\"],\"note\":\"*123456\",\"pin\":\"p\",\"scan\":\"A-1*123456\"}"),
			&m),
		PALIER_OK);
	schema_to_ledger(&sample_schema, m, &w.arena, seal_fake, &w.arena, &ledger);
	assert_false(PALIER_HAS(&ledger, sample, pin));
	assert_int_equal(ledger.pin.len, 0);
	assert_text(world_encode(&w, &sample_schema, SCHEMA_LEDGER, &ledger),
		"{\"text\":\"t\",\"day\":null,\"ext\":\"<{\\\"a\\\":1}>\",\"map\":{\"b\":2},"
		"\"inner\":{\"sku\":\"a\",\"card\":\"<1>\"},\"lines\":[{\"sku\":\"b\",\"amount\":1,\"card\":\"<2>\"}],"
		"\"tags\":[\"x\",\"y\"],\"note\":\"<*123456>\",\"scan\":\"<A-1>\"}");
	world_deinit(&w);
}

static void a_removed_note_is_not_sealed(void **state)
{
	struct world w = { 0 };
	struct sample ledger;
	void *m;

	(void)state;
	assert_int_equal(world_decode(&w, &sample_schema, SCHEMA_WIRE, PALIER_LIT("{\"note\":null}"), &m), PALIER_OK);
	schema_to_ledger(&sample_schema, m, &w.arena, seal_fake, &w.arena, &ledger);
	assert_text(world_encode(&w, &sample_schema, SCHEMA_LEDGER, &ledger), "{\"note\":null}");
	world_deinit(&w);
}

/* --- random messages --- */

static uint64_t seed;

/* splitmix64 */
static uint64_t draw(void)
{
	uint64_t z = seed += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/* Often an end of the range, else anything in it. */
static int64_t draw_from(int64_t least, int64_t most)
{
	uint64_t dice = draw() % 8;

	if (dice == 0)
		return least;
	if (dice == 1)
		return most;
	return least + (int64_t)(draw() % ((uint64_t)(most - least) + 1));
}

/* A count within the field's range, and small. */
static uint32_t draw_count(const struct palier_field *f, uint32_t small)
{
	int64_t least = f->least < 0 ? 0 : f->least, most = f->most < least + small ? f->most : least + small;

	return (uint32_t)draw_from(least, most);
}

static struct palier_bytes draw_text(struct palier_arena *a, size_t len)
{
	static const char *const pieces[] = { "a", "Z", "0", " ", "\"", "\\", "/", "\n", "\x01", "\x7F", "\xC3\xA9",
		"\xE2\x82\xAC", "\xF0\x9F\x8D\x80" };
	char *at = palier_alloc(a, len + 4);
	size_t n = 0;

	while (n < len) {
		const char *piece = pieces[draw() % (sizeof(pieces) / sizeof(*pieces))];

		if (n + strlen(piece) > len)
			continue;
		memcpy(at + n, piece, strlen(piece));
		n += strlen(piece);
	}
	return palier_bytes_of(at, n);
}

static void draw_message(const struct palier_schema *s, struct palier_arena *a, void *out);

static void draw_bytes(void *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)out)[i] = (uint8_t)draw();
}

static void draw_list(const struct palier_field *f, struct palier_arena *a, void *out)
{
	struct {
		void *at;
		uint32_t count;
	} *list = out;

	list->count = draw_count(f, 3);
	list->at = palier_alloc(a, list->count * f->of->size);
	for (uint32_t i = 0; i < list->count; i++)
		draw_message(f->of, a, (char *)list->at + i * f->of->size);
}

static void draw_strings(const struct palier_field *f, struct palier_arena *a, struct palier_strings *out)
{
	out->count = draw_count(f, 3);
	out->at = palier_alloc(a, out->count * sizeof(*out->at));
	for (uint32_t i = 0; i < out->count; i++)
		out->at[i] = draw_text(a, draw() % 8);
}

static void draw_value(const struct palier_field *f, struct palier_arena *a, void *out)
{
	int names = 0;

	switch (f->type) {
	case PALIER_STRING:
		*(struct palier_bytes *)out = draw_text(a, draw_count(f, 16));
		break;
	case PALIER_INT:
	case PALIER_QUANTITY:
		*(int64_t *)out = draw_from(f->least, f->most);
		break;
	case PALIER_BOOL:
		*(bool *)out = draw() & 1;
		break;
	case PALIER_TIME: /* 1970 to 9999 */
		*(int64_t *)out = draw_from(0, INT64_C(253402300799999));
		break;
	case PALIER_DAY:
		*(uint32_t *)out = (uint32_t)(draw_from(1, 9999) * 10000 + draw_from(1, 12) * 100 + draw_from(1, 28));
		break;
	case PALIER_MEMBER:
		draw_bytes(out, sizeof(struct palier_id));
		break;
	case PALIER_HASH:
		draw_bytes(out, sizeof(struct palier_hash16));
		break;
	case PALIER_ENUM:
		while (f->names[names])
			names++;
		*(int *)out = (int)draw_from(0, names - 1);
		break;
	case PALIER_JSON:
		*(struct palier_bytes *)out = draw() & 1 ? PALIER_LIT("{}") : PALIER_LIT("{\"k\":[1.50, \"\\u0041\", {}]}");
		break;
	case PALIER_OBJECT:
		draw_message(f->of, a, out);
		break;
	case PALIER_LIST:
		draw_list(f, a, out);
		break;
	case PALIER_STRINGS:
		draw_strings(f, a, out);
		break;
	}
}

/* @param out zeroed */
static void draw_message(const struct palier_schema *s, struct palier_arena *a, void *out)
{
	struct palier_set *set = out;

	for (const struct palier_field *f = s->fields; f->name; f++) {
		uint64_t bit = UINT64_C(1) << (f - s->fields);

		if (!(f->flags & PALIER_REQUIRED) && draw() & 1)
			continue;
		set->has |= bit;
		if ((f->flags & PALIER_NULLABLE) && draw() % 4 == 0)
			set->null |= bit;
		else
			draw_value(f, a, (char *)out + f->offset);
	}
}

/* Encode, decode, encode: the same bytes. */
static void assert_round_trip(const struct palier_schema *s, enum schema_form form, const void *in, struct world *w)
{
	struct palier_bytes first = palier_copy(&w->arena, world_encode(w, s, form, in)), second;
	void *m;

	if (world_decode(w, s, form, first, &m) != PALIER_OK)
		fail_msg("%s: %s\n%.*s", w->why.field, w->why.text, PALIER_ARG(first));
	assert_memory_equal(m, in, sizeof(struct palier_set));
	second = world_encode(w, s, form, m);
	if (!palier_equal(first, second))
		fail_msg("\n first: %.*s\nsecond: %.*s", PALIER_ARG(first), PALIER_ARG(second));
}

#define ROUNDS 2000

static void random_messages_round_trip(void **state)
{
	const struct palier_schema *s = *state;
	struct world w = { 0 };

	seed = 20261121;
	for (int i = 0; i < ROUNDS; i++) {
		void *wire = palier_alloc(&w.arena, s->size), *ledger = palier_alloc(&w.arena, s->size);

		draw_message(s, &w.arena, wire);
		assert_round_trip(s, SCHEMA_WIRE, wire, &w);
		schema_to_ledger(s, wire, &w.arena, seal_fake, &w.arena, ledger);
		assert_round_trip(s, SCHEMA_LEDGER, ledger, &w);
		palier_arena_reset(&w.arena);
	}
	world_deinit(&w);
}

/* --- the canonical form --- */

static const struct canonical {
	const char *name, *a, *b;
	bool same;
} canonical[] = {
	{ "key order does not matter", "{\"text\":\"a\",\"count\":1}", "{\"count\":1,\"text\":\"a\"}", true },
	{ "nor does it deep inside", "{\"ext\":{\"a\":[{\"x\":1,\"y\":2}]}}", "{\"ext\":{\"a\":[{\"y\":2,\"x\":1}]}}",
		true },
	{ "nor white space", "{\"count\":1,\"tags\":[\"a\",\"b\"]}", " { \"count\" : 1 , \"tags\" : [ \"a\" , \"b\" ] } ",
		true },
	{ "nor escapes in values", "{\"text\":\"A\"}", "{\"text\":\"\\u0041\"}", true },
	{ "nor escapes in keys", "{\"text\":\"A\"}", "{\"t\\u0065xt\":\"A\"}", true },
	{ "NO_HASH fields do not count", "{\"request\":\"1\",\"count\":1}", "{\"count\":1}", true },
	{ "but inside they do", "{\"ext\":{\"request\":\"1\"}}", "{\"ext\":{}}", false },
	{ "false is absent where the table says so", "{\"flag\":false}", "{}", true },
	{ "true is not", "{\"flag\":true}", "{}", false },
	{ "false is not absent elsewhere", "{\"choice\":false}", "{}", false },
	{ "nor inside", "{\"ext\":{\"flag\":false}}", "{\"ext\":{}}", false },
	{ "a scanned card's code does not count", "{\"scan\":\"A1*123456\"}", "{\"scan\":\"A1*654321\"}", true },
	{ "nor whether there is one", "{\"scan\":\"A1*123456\"}", "{\"scan\":\"A1\"}", true },
	{ "but the card does", "{\"scan\":\"A1*123456\"}", "{\"scan\":\"A2*123456\"}", false },
	{ "what looks like a code counts elsewhere", "{\"note\":\"*123456\"}", "{\"note\":\"*654321\"}", false },
	{ "nor is it looked for inside", "{\"ext\":{\"scan\":\"A*123456\"}}", "{\"ext\":{\"scan\":\"A\"}}", false },
	{ "list order matters", "{\"tags\":[\"a\",\"b\"]}", "{\"tags\":[\"b\",\"a\"]}", false },
	{ "a number counts as written", "{\"quantity\":1}", "{\"quantity\":1.0}", false },
	{ "a number is not its string", "{\"text\":\"1\"}", "{\"text\":1}", false },
	{ "true is not its string", "{\"text\":\"t\"}", "{\"text\":true}", false },
	{ "null is not absent", "{\"note\":null}", "{}", false },
	{ "null is not false", "{\"note\":null}", "{\"note\":false}", false },
	{ "an empty list is not an empty object", "{\"ext\":[]}", "{\"ext\":{}}", false },
	{ "texts do not run together", "{\"tags\":[\"ab\",\"c\"]}", "{\"tags\":[\"a\",\"bc\"]}", false },
	{ "a text cannot end itself", "{\"tags\":[\"a\",\"b\"]}", "{\"tags\":[\"a\\\",\\\"b\"]}", false },
	{ "key and value do not run together", "{\"ext\":{\"ab\":\"c\"}}", "{\"ext\":{\"a\":\"bc\"}}", false },
	{ "lists end", "{\"ext\":{\"a\":[[1],2]}}", "{\"ext\":{\"a\":[[1,2]]}}", false },
	{ "objects end", "{\"ext\":{\"a\":{\"b\":1},\"c\":2}}", "{\"ext\":{\"a\":{\"b\":1,\"c\":2}}}", false },
	{ "a key may contain NUL", "{\"ext\":{\"a\\u0000b\":1}}", "{\"ext\":{\"a\":1}}", false },
	{ "a longer key is another", "{\"ext\":{\"a\":1}}", "{\"ext\":{\"aa\":1}}", false },
	{ "numbers do not run together", "{\"ext\":{\"a\":[1,23]}}", "{\"ext\":{\"a\":[12,3]}}", false },
	{ "an empty text is not an empty list", "{\"ext\":{\"a\":\"\"}}", "{\"ext\":{\"a\":[]}}", false },
};

static struct palier_buffer canonical_of(struct world *w, struct palier_bytes text)
{
	struct palier_buffer out = { 0 };

	world_parse(w, text);
	schema_canonical(&sample_schema, &w->doc, 0, &w->arena, &out);
	return out;
}

static void tells_apart(void **state)
{
	const struct canonical *c = *state;
	struct world w = { 0 };
	struct palier_buffer a = canonical_of(&w, palier_str(c->a)), b = canonical_of(&w, palier_str(c->b));

	assert_int_equal(palier_equal(palier_buffer_bytes(&a), palier_buffer_bytes(&b)), c->same);
	palier_buffer_deinit(&a);
	palier_buffer_deinit(&b);
	world_deinit(&w);
}

#define KEYS 20000

/* {"ext":{"00000":0,...}}, forwards or backwards */
static void write_keys(struct palier_buffer *out, bool forwards)
{
	out->len = 0;
	palier_buffer_add(out, "{\"ext\":{", 8);
	for (int i = 0; i < KEYS; i++) {
		char member[32];
		int key = forwards ? i : KEYS - 1 - i;

		palier_buffer_add(out, member,
			(size_t)snprintf(member, sizeof(member), "%s\"%05d\":%d", i ? "," : "", key, key));
	}
	palier_buffer_add(out, "}}", 2);
}

static void many_keys_are_sorted(void **state)
{
	struct world w = { 0 };
	struct palier_buffer text = { 0 }, a, b;

	(void)state;
	write_keys(&text, true);
	a = canonical_of(&w, palier_buffer_bytes(&text));
	write_keys(&text, false);
	b = canonical_of(&w, palier_buffer_bytes(&text));
	assert_true(palier_equal(palier_buffer_bytes(&a), palier_buffer_bytes(&b)));
	palier_buffer_deinit(&a);
	palier_buffer_deinit(&b);
	palier_buffer_deinit(&text);
	world_deinit(&w);
}

static void the_deepest_nesting_has_a_form(void **state)
{
	char text[6 + 2 * (JSON_DEPTH_MAX - 1) + 2] = "{\"ext\":";
	struct world w = { 0 };
	struct palier_buffer form;
	size_t n = strlen(text);

	(void)state;
	memset(text + n, '[', JSON_DEPTH_MAX - 1);
	memset(text + n + JSON_DEPTH_MAX - 1, ']', JSON_DEPTH_MAX - 1);
	n += 2 * (JSON_DEPTH_MAX - 1);
	text[n++] = '}';
	form = canonical_of(&w, palier_bytes_of(text, n));
	assert_int_equal(form.len, 5 + 5 + 3 + 5 * (JSON_DEPTH_MAX - 1));
	palier_buffer_deinit(&form);
	world_deinit(&w);
}

static void figures_fit_or_not(void **state)
{
	struct inner lines[2] = { 0 };
	struct sample m = { 0 };

	(void)state;
	assert_true(schema_figures_fit(&sample_schema, &m));
	m.figure = INT64_MAX; /* it is not there */
	assert_true(schema_figures_fit(&sample_schema, &m));
	PALIER_SET(&m, sample, figure, PALIER_FIGURE_MAX);
	assert_true(schema_figures_fit(&sample_schema, &m));
	PALIER_SET(&m, sample, figure, -PALIER_FIGURE_MAX - 1);
	assert_false(schema_figures_fit(&sample_schema, &m));
	PALIER_SET(&m, sample, figure, 0);
	PALIER_SET(&m, sample, count, 101);
	assert_false(schema_figures_fit(&sample_schema, &m));
	PALIER_SET(&m, sample, count, 100);
	PALIER_SET(&m, sample, quantity, 5001);
	assert_false(schema_figures_fit(&sample_schema, &m));
	PALIER_SET(&m, sample, quantity, 5000);
	PALIER_MARK(&m, sample, inner);
	PALIER_SET(&m.inner, inner, amount, 6);
	assert_false(schema_figures_fit(&sample_schema, &m));
	PALIER_SET(&m.inner, inner, amount, 5);
	PALIER_MARK(&m, sample, lines);
	m.lines.at = lines;
	m.lines.count = 2;
	assert_true(schema_figures_fit(&sample_schema, &m));
	PALIER_SET(&lines[1], inner, amount, -6);
	assert_false(schema_figures_fit(&sample_schema, &m));
}

/* --- all of them --- */

#define COUNT(rows)  (sizeof(rows) / sizeof(*(rows)))
#define TESTS_MAX    512
#define MESSAGES_MAX 256

static struct CMUnitTest tests[TESTS_MAX];
static size_t tests_count;

static void add(const char *name, CMUnitTestFunction test, const void *row)
{
	assert_true(tests_count < TESTS_MAX);
	tests[tests_count++] =
		(struct CMUnitTest){ .name = name, .test_func = test, .initial_state = (void *)(uintptr_t)row };
}

/* A round trip of each message that a method or this file has. */
static void add_messages(void)
{
	static char names[MESSAGES_MAX][64];
	const struct palier_schema *found[MESSAGES_MAX] = { &sample_schema, &view_schema };
	size_t count = 2;

	for (size_t i = 0; palier_methods[i]; i++) {
		found[count++] = palier_methods[i]->params;
		found[count++] = palier_methods[i]->result;
	}
	for (size_t i = 0; i < count; i++) {
		size_t j = 0;

		for (const struct palier_field *f = found[i]->fields; f->name; f++)
			if (f->of && count < MESSAGES_MAX)
				found[count++] = f->of;
		while (found[j] != found[i])
			j++;
		if (j < i)
			continue;
		snprintf(names[i], sizeof(names[i]), "random %s messages round trip", found[i]->name);
		add(names[i], random_messages_round_trip, found[i]);
	}
}

int main(void)
{
	for (size_t i = 0; i < COUNT(accepted); i++)
		add(accepted[i].name, accepts, &accepted[i]);
	for (size_t i = 0; i < COUNT(refused); i++)
		add(refused[i].name, refuses, &refused[i]);
	for (size_t i = 0; i < COUNT(canonical); i++)
		add(canonical[i].name, tells_apart, &canonical[i]);
	add("required parts left out are written empty", required_parts_left_out_are_written_empty, NULL);
	add("in the ledger nothing is written that is not there", in_the_ledger_nothing_is_written_that_is_not_there, NULL);
	add("the ledger has sealed text and no secrets", the_ledger_has_sealed_text_and_no_secrets, NULL);
	add("a removed note is not sealed", a_removed_note_is_not_sealed, NULL);
	add("figures fit, or would not be read back", figures_fit_or_not, NULL);
	add("many keys are sorted", many_keys_are_sorted, NULL);
	add("the deepest nesting has a form", the_deepest_nesting_has_a_form, NULL);
	add_messages();
	return _cmocka_run_group_tests("schema", tests, tests_count, NULL, NULL);
}
