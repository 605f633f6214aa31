/* SPDX-License-Identifier: Apache-2.0 */
/* A command's view of the tables: its own write set in front of the index. A refusal, a quote or a training sale drops the write set;
 * an accepted command hands it to the index whole. */
#pragma once

#include "daemon/store.h"
#include "plugins/palier_plugin.h"

struct write_entry;

/** Zeroed with store and arena set is an empty view. */
struct view {
	struct store *store; /* NULL: nothing behind the write set (tests) */
	struct palier_arena *arena;
	struct write_entry **entries; /* sorted by tree, then key */
	size_t count, capacity;
};

/** Where a plugin's table lies. A table by member shares one tree with the others: its number follows the member's id in the key. */
struct bound_table {
	const struct palier_table *table;
	unsigned tree;
	uint8_t number; /* tables by member only */
};

/** One plugin's tables, seen through a view: what plugins get. */
struct palier_tables {
	struct view *view;
	const struct bound_table *bound;
	unsigned count;
};

/** Put the write set into the index. @return PALIER_OK; PALIER_ESTORE: abort the index's transaction and fold again */
int view_write(struct view *v);
/** Forget the write set. */
void view_drop(struct view *v);
