/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/report/names.h"

#include <stdlib.h>

#define FEWEST 64

/* FNV-1a. */
static uint32_t hash_of(struct palier_bytes name)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < name.len; i++)
		h = (h ^ (unsigned char)name.at[i]) * UINT64_C(0x100000001b3);
	return (uint32_t)(h ^ h >> 32);
}

/* The slot in which the name is, or the free one in which it belongs. */
static uint32_t *slot_of(const struct names *n, struct palier_bytes name)
{
	uint32_t i = hash_of(name) & (n->room - 1);

	while (n->slots[i] && !palier_equal(n->at[n->slots[i] - 1], name))
		i = (i + 1) & (n->room - 1);
	return &n->slots[i];
}

static void grow(struct names *n)
{
	n->room = n->room ? n->room * 2 : FEWEST;
	free(n->slots);
	n->slots = calloc(n->room, sizeof(*n->slots));
	if (!n->slots)
		abort();
	for (uint32_t i = 0; i < n->count; i++)
		*slot_of(n, n->at[i]) = i + 1;
}

uint32_t names_add(struct names *n, struct palier_bytes name)
{
	uint32_t *slot;

	if ((n->count + 1) * 4 > n->room * 3)
		grow(n);
	slot = slot_of(n, name);
	if (*slot)
		return *slot - 1;
	n->at = list_room(n->at, n->count, sizeof(*n->at));
	n->at[n->count] = palier_copy(&n->arena, name);
	*slot = ++n->count;
	return n->count - 1;
}

uint32_t names_find(const struct names *n, struct palier_bytes name)
{
	return n->room && *slot_of(n, name) ? *slot_of(n, name) - 1 : UINT32_MAX;
}

void names_deinit(struct names *n)
{
	palier_arena_deinit(&n->arena);
	free(n->at);
	free(n->slots);
	*n = (struct names){ .count = 0 };
}

void *list_room(void *list, size_t count, size_t size)
{
	size_t room = count ? count * 2 : 1;

	if (count & (count - 1))
		return list;
	list = realloc(list, room * size);
	if (!list)
		abort();
	memset((char *)list + count * size, 0, (room - count) * size);
	return list;
}
