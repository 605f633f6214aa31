/* SPDX-License-Identifier: Apache-2.0 */
/* Params of any method: the first byte picks it ('a' the first), the rest is their JSON. What is accepted must come back
 * the same, on the wire and by way of the ledger. */
#include <stdlib.h>

#include "protocol/messages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct side {
	const struct palier_schema *schema;
	enum schema_form form;
	struct palier_arena *arena;
};

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* Decode a text. @return NULL when it is refused */
static void *decode(const struct side *s, struct palier_bytes text, struct json_doc *d)
{
	void *m = palier_alloc(s->arena, s->schema->size);
	struct palier_problem why = { 0 };
	int err;

	d->capacity = (uint32_t)text.len / 2 + 1;
	d->tokens = palier_alloc(s->arena, d->capacity * sizeof(struct json_token));
	if (json_parse(d, text, 32) != PALIER_OK)
		return NULL;
	err = schema_decode(s->schema, s->form, d, 0, s->arena, m, &why);
	if (err == PALIER_OK)
		return m;
	check(err == PALIER_EPARAMS && why.err == err && why.text[0]);
	check(memchr(why.field, '\0', sizeof(why.field)) && memchr(why.text, '\0', sizeof(why.text)));
	return NULL;
}

static struct palier_bytes encode(const struct side *s, const void *m)
{
	struct palier_buffer out = { 0 };
	struct palier_json w = palier_json_to(&out);
	struct palier_bytes text;

	schema_encode(s->schema, s->form, m, &w);
	text = palier_copy(s->arena, palier_buffer_bytes(&out));
	palier_buffer_deinit(&out);
	return text;
}

static void check_comes_back(const struct side *s, const void *m)
{
	struct palier_bytes text = encode(s, m);
	struct json_doc d;
	const void *again = decode(s, text, &d);

	check(again && palier_equal(text, encode(s, again)));
}

static struct palier_bytes seal(void *who, struct palier_bytes plain)
{
	char *sealed = palier_alloc(who, 2 * plain.len + 1);

	palier_hex(plain.at, plain.len, sealed);
	return palier_bytes_of(sealed, 2 * plain.len);
}

static void try_params(const struct palier_schema *schema, struct palier_bytes text, struct palier_arena *a)
{
	struct side wire = { schema, SCHEMA_WIRE, a }, ledger = { schema, SCHEMA_LEDGER, a };
	struct palier_buffer form = { 0 };
	struct json_doc d;
	void *m = decode(&wire, text, &d), *kept;

	if (!m)
		return;
	check_comes_back(&wire, m);
	kept = palier_alloc(a, schema->size);
	schema_to_ledger(schema, m, a, seal, a, kept);
	check_comes_back(&ledger, kept);
	schema_canonical(schema, &d, 0, a, &form);
	palier_buffer_deinit(&form);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct palier_arena a;
	unsigned count = 0;

	while (palier_methods[count])
		count++;
	if (size == 0)
		return 0;
	try_params(palier_methods[(uint8_t)(data[0] - 'a') % count]->params, palier_bytes_of(data + 1, size - 1), &a);
	palier_arena_reset(&a);
	return 0;
}
