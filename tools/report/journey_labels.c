/* SPDX-License-Identifier: Apache-2.0 */
/* Texts and big numbers, each with a small number that takes its place. */
#include "tools/report/journey_parts.h"

/* FNV-1a. */
static uint64_t text_hash(struct palier_bytes text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (uint8_t)text.at[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* --- labels --- */

uint32_t labels_number(struct labels *l, struct palier_bytes text)
{
	uint32_t number = names_find(&l->names, text);

	if (number != UINT32_MAX)
		return number;
	if (l->most && l->count == l->most)
		return (uint32_t)l->most - 1;
	number = names_add(&l->names, text);
	l->at = list_room(l->at, l->count, sizeof(*l->at));
	l->at[l->count++] = palier_cstr(&l->names.arena, text);
	return number;
}

void labels_deinit(struct labels *l)
{
	names_deinit(&l->names);
	free(l->at);
}

/* --- numbers --- */

static size_t place_of(const struct numbers *n, uint64_t key)
{
	size_t at = (key * UINT64_C(0x9e3779b97f4a7c15)) >> 32 & (n->room - 1);

	while (n->keys[at] && n->keys[at] != key)
		at = (at + 1) & (n->room - 1);
	return at;
}

static void numbers_grow(struct numbers *n)
{
	struct numbers old = *n;

	n->room = old.room ? old.room * 2 : 64;
	n->keys = journey_zeroed(n->room, sizeof(*n->keys));
	n->values = journey_zeroed(n->room, sizeof(*n->values));
	for (size_t i = 0; i < old.room; i++) {
		size_t at;

		if (!old.keys[i])
			continue;
		at = place_of(n, old.keys[i]);
		n->keys[at] = old.keys[i];
		n->values[at] = old.values[i];
	}
	free(old.keys);
	free(old.values);
}

uint32_t *numbers_at(struct numbers *n, uint64_t key)
{
	size_t at;

	if (n->count * 2 >= n->room)
		numbers_grow(n);
	at = place_of(n, key);
	n->count += !n->keys[at];
	n->keys[at] = key;
	return &n->values[at];
}

const uint32_t *numbers_find(const struct numbers *n, uint64_t key)
{
	size_t at = n->room ? place_of(n, key) : 0;

	return n->room && n->keys[at] ? &n->values[at] : NULL;
}

void numbers_clear(struct numbers *n)
{
	if (n->count)
		memset(n->keys, 0, n->room * sizeof(*n->keys));
	if (n->count)
		memset(n->values, 0, n->room * sizeof(*n->values));
	n->count = 0;
}

void numbers_deinit(struct numbers *n)
{
	free(n->keys);
	free(n->values);
}

uint64_t journey_sale_key(struct palier_bytes store, struct palier_bytes sale)
{
	return (text_hash(store) * 31 + text_hash(sale)) | 1; /* never 0 */
}
