/* SPDX-License-Identifier: Apache-2.0 */
/* Names numbered in the order in which they come up: members, products, pairs of them. And lists that grow. */
#pragma once

#include "protocol/bytes.h"

/** Zero-initialised is empty. */
struct names {
	struct palier_arena arena;
	struct palier_bytes *at;
	uint32_t count;
	uint32_t *slots; /* numbers plus 1; 0: free */
	uint32_t room;   /* a power of two, or 0 */
};

/** @return its number, a new one when it was not there; count has then grown */
uint32_t names_add(struct names *n, struct palier_bytes name);
/** @return UINT32_MAX: it is not there */
uint32_t names_find(const struct names *n, struct palier_bytes name);
void names_deinit(struct names *n);

/** Room in a list for one element more, zeroed from `count` on. @param list NULL at first @return where it is now */
void *list_room(void *list, size_t count, size_t size);
