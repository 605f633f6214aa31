/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/hq/profiles.h"

#include <stdlib.h>

#include "protocol/json_values.h"
#include "tools/hq/files.h"

#define FILE_MAX ((size_t)1 << 30) /* bytes */

/* --- a page --- */

static bool profile_read(const struct json_doc *d, uint32_t profile, struct palier_arena *a, uint64_t *seq)
{
	struct palier_bytes text;
	struct palier_id member;

	return d->tokens[profile].type == JSON_OBJECT && json_text_in(d, json_member(d, profile, "member"), a, &text) &&
	       palier_id_parse(text, &member) == PALIER_OK && json_uint_in(d, json_member(d, profile, "seq"), seq);
}

static int page_read(const struct json_doc *d, struct palier_arena *a, struct palier_buffer *lines, uint64_t *seq,
	bool *more)
{
	uint32_t list = json_member(d, 0, "profiles"), next = json_member(d, 0, "next"), left, at;
	uint64_t last = *seq, one;

	if (!list || d->tokens[list].type != JSON_ARRAY)
		return PALIER_EINVAL;
	for (left = d->tokens[list].count, at = list + 1; left; left--, at += d->tokens[at].span) {
		if (!profile_read(d, at, a, &one) || one < last)
			return PALIER_EINVAL;
		last = one;
		palier_buffer_add(lines, json_text(d, at).at, json_text(d, at).len);
		palier_buffer_add(lines, "\n", 1);
	}
	*more = next != 0;
	if (next && (!json_uint_in(d, next, &one) || one < last || one <= *seq))
		return PALIER_EINVAL; /* it would never end */
	*seq = next ? one : last;
	return PALIER_OK;
}

int profiles_page(struct palier_bytes answer, struct palier_buffer *lines, uint64_t *seq, bool *more)
{
	struct palier_arena a = { .used = 0 };
	struct json_doc d = { .capacity = (uint32_t)(answer.len / 2 + 1) };
	int err = PALIER_EINVAL;

	d.tokens = palier_alloc(&a, d.capacity * sizeof(*d.tokens));
	if (json_parse(&d, answer, JSON_DEPTH_MAX) == PALIER_OK && d.tokens[0].type == JSON_OBJECT)
		err = page_read(&d, &a, lines, seq, more);
	palier_arena_deinit(&a);
	return err;
}

/* --- the file --- */

struct entry {
	struct palier_id member;
	struct palier_bytes line; /* with its LF */
	size_t order;             /* of two for one member the later counts */
	bool gone;
};

struct entries {
	struct entry *at;
	size_t count, room;
};

static bool entry_add(struct entries *e, struct palier_bytes line)
{
	struct palier_arena a = { .used = 0 };
	struct json_doc d = { .capacity = (uint32_t)(line.len / 2 + 1) };
	struct entry *one;
	uint64_t seq;
	bool good;

	if (e->count == e->room) {
		e->room = e->room ? 2 * e->room : 256;
		e->at = realloc(e->at, e->room * sizeof(*e->at));
		if (!e->at)
			abort();
	}
	one = &e->at[e->count];
	*one = (struct entry){ .line = line, .order = e->count };
	d.tokens = palier_alloc(&a, d.capacity * sizeof(*d.tokens));
	good = json_parse(&d, line, JSON_DEPTH_MAX) == PALIER_OK && profile_read(&d, 0, &a, &seq) &&
	       palier_id_parse(json_string(&d, json_member(&d, 0, "member"), &a), &one->member) == PALIER_OK;
	if (good) {
		uint32_t erased = json_member(&d, 0, "erased");

		one->gone = erased && d.tokens[erased].type == JSON_TRUE;
		e->count++;
	}
	palier_arena_deinit(&a);
	return good;
}

static bool entries_read(struct entries *e, struct palier_bytes text)
{
	const char *lf;

	while (text.len && (lf = memchr(text.at, '\n', text.len))) {
		size_t len = (size_t)(lf - text.at) + 1;

		if (!entry_add(e, palier_bytes_of(text.at, len)))
			return false;
		text = palier_bytes_of(text.at + len, text.len - len);
	}
	return text.len == 0;
}

static int by_member(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = memcmp(x->member.b, y->member.b, PALIER_ID_LEN);

	return order ? order : x->order < y->order ? -1 : 1;
}

static int entries_write(struct entries *e, const char *path)
{
	struct palier_buffer text = { 0 };
	int err;

	if (e->count)
		qsort(e->at, e->count, sizeof(*e->at), by_member);
	for (size_t i = 0; i < e->count; i++) {
		bool newest = i + 1 == e->count || !palier_id_equal(e->at[i].member, e->at[i + 1].member);

		if (newest && !e->at[i].gone)
			palier_buffer_add(&text, e->at[i].line.at, e->at[i].line.len);
	}
	err = files_write(path, palier_buffer_bytes(&text), 0600);
	palier_buffer_deinit(&text);
	return err;
}

int profiles_merge(const char *path, struct palier_bytes lines)
{
	struct palier_buffer there = { 0 };
	struct entries e = { .count = 0 };
	int err = files_read(path, FILE_MAX, &there);

	if (err == PALIER_ENOENT)
		err = PALIER_OK;
	if (err == PALIER_OK && (!entries_read(&e, palier_buffer_bytes(&there)) || !entries_read(&e, lines)))
		err = PALIER_EDAMAGED;
	if (err == PALIER_OK)
		err = entries_write(&e, path);
	free(e.at);
	palier_buffer_deinit(&there);
	return err;
}
