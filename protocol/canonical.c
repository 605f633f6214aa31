/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical form of a request's params, by which a request sent again is recognised. Every value begins with its
 * kind, then its length or count, so no two params share a form. */
#include "protocol/schema.h"

#include <stdlib.h>

#include "protocol/scan.h"

struct member {
	struct palier_bytes key;
	uint32_t value;
	unsigned flags; /* of its field */
};

/* A container under way: an object's members in order, or an array's next element. */
struct level {
	const struct member *members; /* NULL: an array */
	uint32_t element, left;
};

static void add_count(struct palier_buffer *out, char kind, size_t n)
{
	const char head[5] = { kind, (char)(n >> 24), (char)(n >> 16), (char)(n >> 8), (char)n };

	palier_buffer_add(out, head, sizeof(head));
}

static void add_text(struct palier_buffer *out, char kind, struct palier_bytes text)
{
	add_count(out, kind, text.len);
	palier_buffer_add(out, text.at, text.len);
}

static int member_order(const void *a, const void *b)
{
	const struct palier_bytes x = ((const struct member *)a)->key, y = ((const struct member *)b)->key;
	size_t n = x.len < y.len ? x.len : y.len;
	int order = n ? memcmp(x.at, y.at, n) : 0;

	return order ? order : (x.len > y.len) - (x.len < y.len);
}

/* @return the flags of the member's row, 0 where there is none */
static unsigned flags_of(const struct palier_schema *s, struct palier_bytes key)
{
	for (const struct palier_field *f = s ? s->fields : NULL; f && f->name; f++)
		if (palier_is(key, f->name))
			return f->flags;
	return 0;
}

/* Does the member leave the request the same? */
static bool is_aside(const struct json_doc *d, const struct member *m)
{
	return (m->flags & PALIER_NO_HASH) || ((m->flags & PALIER_FALSE) && d->tokens[m->value].type == JSON_FALSE);
}

/* @param s the table of the top level's object; NULL: everything counts */
static struct level open_object(const struct palier_schema *s, const struct json_doc *d, uint32_t object,
	struct palier_arena *a, struct palier_buffer *out)
{
	struct member *members = palier_alloc(a, (d->tokens[object].count + 1) * sizeof(*members));
	uint32_t n = 0, key = object + 1;

	for (uint32_t i = 0; i < d->tokens[object].count; i++) {
		struct palier_bytes name = json_string(d, key, a);

		members[n] = (struct member){ name, key + 1, flags_of(s, name) };
		n += !is_aside(d, &members[n]);
		key += 1 + d->tokens[key + 1].span;
	}
	qsort(members, n, sizeof(*members), member_order);
	add_count(out, 'O', n);
	return (struct level){ .members = members, .left = n };
}

/* The token of the level's next value, its key written. */
static uint32_t level_step(struct level *l, const struct json_doc *d, struct palier_buffer *out, unsigned *flags)
{
	uint32_t token = l->element;

	*flags = 0;
	l->left--;
	if (!l->members) {
		l->element += d->tokens[token].span;
		return token;
	}
	add_text(out, 'K', l->members->key);
	*flags = l->members->flags;
	return l->members++->value;
}

static void add_scalar(const struct json_doc *d, uint32_t token, unsigned flags, struct palier_arena *a,
	struct palier_buffer *out)
{
	struct palier_bytes text;

	switch (d->tokens[token].type) {
	case JSON_STRING:
		text = json_string(d, token, a);
		add_text(out, 'S', flags & PALIER_SCAN ? card_bare(text) : text);
		break;
	case JSON_NUMBER:
		add_text(out, 'N', json_text(d, token));
		break;
	default:
		palier_buffer_add(out, d->text.at + d->tokens[token].start, 1); /* t, f or n */
	}
}

void schema_canonical(const struct palier_schema *s, const struct json_doc *d, uint32_t token, struct palier_arena *a,
	struct palier_buffer *out)
{
	struct level levels[JSON_DEPTH_MAX];
	unsigned depth = 0, flags;

	levels[depth++] = open_object(s, d, token, a, out);
	while (depth > 0) {
		struct level *l = &levels[depth - 1];

		if (l->left == 0) {
			depth--;
			continue;
		}
		token = level_step(l, d, out, &flags);
		if (d->tokens[token].type == JSON_OBJECT) {
			levels[depth++] = open_object(NULL, d, token, a, out);
		} else if (d->tokens[token].type == JSON_ARRAY) {
			add_count(out, 'A', d->tokens[token].count);
			levels[depth++] = (struct level){ .element = token + 1, .left = d->tokens[token].count };
		} else {
			add_scalar(d, token, flags, a, out);
		}
	}
}
