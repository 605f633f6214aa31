/* SPDX-License-Identifier: Apache-2.0 */
/* Directives. */
#include "protocol/directive.h"

#include <stdio.h>

PALIER_SCHEMA(directive);

/* --- what each order says --- */

#define HAS(field) (UINT64_C(1) << office_order_bit_##field)

static const struct shape {
	const char *order;
	uint64_t needs, may;
} shapes[] = {
	{ "grant", HAS(member) | HAS(unit) | HAS(points) | HAS(source), HAS(expires) },
	{ "take", HAS(member) | HAS(unit) | HAS(points), 0 },
	{ "home", HAS(member) | HAS(home), 0 },
	{ "member", HAS(member), HAS(home) | HAS(card) | HAS(name) | HAS(language) | HAS(since) },
	{ "join", HAS(member) | HAS(into), HAS(home) | HAS(since) },
	{ "block-card", HAS(card), HAS(member) | HAS(instead) | HAS(reason) },
	{ "freeze", HAS(member), 0 },
	{ "erase", HAS(member), 0 },
	{ "settle", HAS(store) | HAS(sale) | HAS(comeback), HAS(lines) },
	{ "block-code", HAS(code), 0 },
	{ "referral-key", HAS(id) | HAS(key), 0 },
	{ "referral-range", HAS(first) | HAS(last), 0 },
	{ "programme", HAS(name) | HAS(text), 0 },
};

static const struct shape *shape_of(struct palier_bytes order)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
		if (palier_is(order, shapes[i].order))
			return &shapes[i];
	return NULL;
}

bool directive_order_known(const struct office_order *o)
{
	return shape_of(o->order) != NULL;
}

const char *directive_order_wrong(const struct office_order *o)
{
	const struct shape *s = shape_of(o->order);
	uint64_t wrong = s ? (s->needs & ~o->set.has) | (o->set.has & ~(s->needs | s->may | HAS(order))) : 0;

	return wrong ? office_order_schema.fields[__builtin_ctzll(wrong)].name : NULL;
}

/* --- writing --- */

static const struct palier_hash none;

void directive_begin(struct palier_bytes store, const struct directive_before *before, int64_t issued_ms,
	struct palier_arena *a, struct directive *out)
{
	char *prev = palier_alloc(a, 2 * SHA256_LEN + 1);

	palier_hex(before->sha256.b, SHA256_LEN, prev);
	*out = (struct directive){ .set = { 0, 0 } };
	PALIER_SET(out, directive, format, DIRECTIVE_FORMAT);
	PALIER_SET(out, directive, store, store);
	PALIER_SET(out, directive, directive, (int64_t)before->number + 1);
	PALIER_SET(out, directive, prev_sha256, palier_bytes_of(prev, 2 * SHA256_LEN));
	PALIER_SET(out, directive, issued, issued_ms);
	PALIER_MARK(out, directive, orders);
}

/* Does it pass a line's limit when it is sent as a string? */
static bool fits_wire(struct palier_bytes text)
{
	size_t len = text.len + 3; /* its quotes, and the LF's backslash */

	for (size_t i = 0; i < text.len; i++)
		len += text.at[i] == '"' || text.at[i] == '\\';
	return len <= DIRECTIVE_WIRE_MAX;
}

static void encode(const struct directive *d, struct palier_buffer *out)
{
	struct palier_json w = palier_json_to(out);

	schema_encode(&directive_schema, SCHEMA_WIRE, d, &w);
	palier_buffer_add(out, "\n", 1);
}

int directive_write(const struct directive *d, struct palier_buffer *out)
{
	size_t begin = out->len;
	struct palier_bytes text;

	if (d->orders.count > DIRECTIVE_ORDERS_MAX)
		return PALIER_ERANGE;
	encode(d, out);
	text = palier_bytes_of(out->at + begin, out->len - begin);
	if (text.len <= DIRECTIVE_MAX && fits_wire(text))
		return PALIER_OK;
	out->len = begin;
	return PALIER_ERANGE;
}

/* --- reading --- */

static int refuse(struct palier_problem *why, const char *field, const char *text)
{
	why->err = PALIER_EPARAMS;
	snprintf(why->field, sizeof(why->field), "%s", field);
	snprintf(why->text, sizeof(why->text), "%s", text);
	return PALIER_EPARAMS;
}

static int orders_check(const struct directive *d, struct palier_problem *why)
{
	for (uint32_t i = 0; i < d->orders.count; i++) {
		const char *field = directive_order_wrong(&d->orders.at[i]);
		char path[64];

		if (!field)
			continue;
		snprintf(path, sizeof(path), "orders[%u].%s", i, field);
		return refuse(why, path, "this order must have that field, or must not");
	}
	return PALIER_OK;
}

static bool same_text(const struct directive *d, struct palier_bytes text)
{
	struct palier_buffer again = { 0 };
	bool same;

	encode(d, &again);
	same = palier_equal(palier_buffer_bytes(&again), text);
	palier_buffer_deinit(&again);
	return same;
}

int directive_read(struct palier_bytes text, struct palier_arena *a, struct directive *out, struct palier_problem *why)
{
	struct json_doc d = { .capacity = (uint32_t)(text.len / 2 + 1) };
	int err;

	if (text.len > DIRECTIVE_MAX || !fits_wire(text))
		return refuse(why, "", "a directive has at most 160 KiB");
	d.tokens = palier_alloc(a, d.capacity * sizeof(*d.tokens));
	if (json_parse(&d, text, JSON_DEPTH_MAX) != PALIER_OK || d.tokens[0].type != JSON_OBJECT)
		return refuse(why, "", "a directive is one JSON object");
	err = schema_decode(&directive_schema, SCHEMA_WIRE, &d, 0, a, out, why);
	if (err == PALIER_OK)
		err = orders_check(out, why);
	if (err != PALIER_OK)
		return err;
	return same_text(out, text) ? PALIER_OK
	                            : refuse(why, "", "a directive is written in one way, on one line ended by LF");
}

enum directive_place directive_place(const struct directive *d, const struct directive_before *last)
{
	struct palier_hash prev = none;

	if (d->directive <= last->number)
		return DIRECTIVE_BEFORE;
	if (d->directive != (int64_t)last->number + 1)
		return DIRECTIVE_GAP;
	if (!palier_unhex(d->prev_sha256, prev.b, SHA256_LEN) || memcmp(prev.b, last->sha256.b, SHA256_LEN) != 0)
		return DIRECTIVE_FORK;
	return DIRECTIVE_NEXT;
}
