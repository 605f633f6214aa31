/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever the reader accepts is written again and read again: both tapes must say the same. */
#include <stdlib.h>

#include "protocol/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEPTH 32

static void check(bool ok)
{
	if (!ok)
		abort();
}

static struct json_doc doc_for(size_t size)
{
	struct json_doc d = { .capacity = (uint32_t)(size / 2 + 1) };

	d.tokens = malloc(d.capacity * sizeof(*d.tokens));
	check(d.tokens != NULL);
	return d;
}

static void write_scalar(struct palier_json *w, const struct json_doc *d, uint32_t token, struct palier_arena *a)
{
	struct palier_bytes s;
	int64_t v;

	switch (d->tokens[token].type) {
	case JSON_STRING:
		s = json_string(d, token, a);
		check(json_string_is(d, token, s));
		palier_json_string(w, s);
		break;
	case JSON_NUMBER:
		if (json_integer(d, token, &v))
			palier_json_int(w, v);
		else if (json_scaled(d, token, 3, &v))
			palier_json_scaled(w, v, 3);
		else
			palier_json_raw(w, json_text(d, token));
		break;
	case JSON_NULL:
		palier_json_null(w);
		break;
	default:
		palier_json_bool(w, d->tokens[token].type == JSON_TRUE);
	}
}

/* What is still to be written at one level. */
struct level {
	uint32_t left;
	bool object;
};

static void write_doc(struct palier_json *w, const struct json_doc *d, struct palier_arena *a)
{
	struct level open[DEPTH + 1] = { { 1, false } }, *top = open;

	for (uint32_t token = 0; token < d->count; token++) {
		const struct json_token *t = &d->tokens[token];

		check(top->left > 0 && t->span > 0 && token + t->span <= d->count);
		if (top->object) {
			check(t->type == JSON_STRING && t->span == 1);
			palier_json_key_bytes(w, json_string(d, token++, a));
			t++;
		}
		top->left--;
		if (t->type != JSON_ARRAY && t->type != JSON_OBJECT) {
			write_scalar(w, d, token, a);
		} else {
			*++top = (struct level){ t->count, t->type == JSON_OBJECT };
			(top->object ? palier_json_object : palier_json_array)(w);
		}
		for (; top > open && top->left == 0; top--)
			(top->object ? palier_json_end_object : palier_json_end_array)(w);
	}
	check(top == open && top->left == 0);
}

static void check_members(const struct json_doc *d, struct palier_arena *a)
{
	for (uint32_t token = 0; token < d->count; token++) {
		uint32_t key = token + 1;

		for (uint32_t i = 0; d->tokens[token].type == JSON_OBJECT && i < d->tokens[token].count; i++) {
			struct palier_bytes s = json_string(d, key, a);

			if (!memchr(s.at, '\0', s.len)) /* a C string cannot name the others */
				check(json_member(d, token, palier_cstr(a, s)) == key + 1);
			key += 1 + d->tokens[key + 1].span;
		}
	}
}

static void check_same(const struct json_doc *x, const struct json_doc *y, struct palier_arena *a)
{
	check(x->count == y->count);
	for (uint32_t i = 0; i < x->count; i++) {
		const struct json_token *s = &x->tokens[i], *t = &y->tokens[i];

		check(s->type == t->type && s->span == t->span && s->count == t->count);
		if (s->type == JSON_STRING)
			check(palier_equal(json_string(x, i, a), json_string(y, i, a)));
		if (s->type == JSON_NUMBER) {
			int64_t v = 0, w = 0;

			check(json_scaled(x, i, 3, &v) == json_scaled(y, i, 3, &w) && v == w);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_doc first = doc_for(size), second = { 0 };
	struct palier_buffer out = { 0 };
	struct palier_json w = palier_json_to(&out);
	struct palier_arena arena = { 0 };

	if (json_parse(&first, palier_bytes_of(data, size), DEPTH) != PALIER_OK) {
		check(first.bad_at <= size && first.count == 0);
		goto out;
	}
	check_members(&first, &arena);
	write_doc(&w, &first, &arena);
	second = doc_for(out.len);
	check(json_parse(&second, palier_buffer_bytes(&out), DEPTH) == PALIER_OK);
	check_same(&first, &second, &arena);
out:
	free(first.tokens);
	free(second.tokens);
	palier_buffer_deinit(&out);
	palier_arena_deinit(&arena);
	return 0;
}
