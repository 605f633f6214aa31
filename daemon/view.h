/* SPDX-License-Identifier: Apache-2.0 */
/* A command's view of the tables: its own write set in front of the index. A refusal, a quote or a training sale drops the write set;
 * an accepted command hands it to the index whole. */
#pragma once

#include "daemon/store.h"
#include "plugins/palier_plugin.h"

struct keys;
struct write_entry;
struct cleared_tree;

/** Zeroed with store and arena set is an empty view. */
struct view {
	struct store *store; /* NULL: nothing behind the write set (tests) */
	struct keys *keys;   /* for the one table that is an index over sealed texts; NULL: they read as absent */
	struct palier_arena *arena;
	struct write_entry **entries; /* sorted by tree, then key */
	size_t count, capacity;
	struct cleared_tree *cleared; /* of which nothing of the index is seen any more */
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

/** Delete every row of a table at once, whatever it holds; rows put afterwards stay. Not of a table by member: those share a tree. */
int view_clear(struct palier_tables *t, unsigned table);

/** Put the write set into the index. @return PALIER_OK; PALIER_ESTORE: abort the index's transaction and fold again */
int view_write(struct view *v);
/** Forget the write set. */
void view_drop(struct view *v);
