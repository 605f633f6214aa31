/* SPDX-License-Identifier: Apache-2.0 */
/* The write set: a sorted array, because a command writes some ten keys and reads each of them a few times. */
#include "daemon/view.h"

struct write_entry {
	unsigned tree;
	bool deleted;
	struct palier_bytes key, value;
};

struct cleared_tree {
	unsigned tree;
	struct cleared_tree *next;
};

static int bytes_compare(struct palier_bytes a, struct palier_bytes b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n ? memcmp(a.at, b.at, n) : 0;

	return c ? c : (a.len > b.len) - (a.len < b.len);
}

static int entry_compare(const struct write_entry *e, unsigned tree, struct palier_bytes key)
{
	if (e->tree != tree)
		return e->tree < tree ? -1 : 1;
	return bytes_compare(e->key, key);
}

/* The first entry not before (tree, key). */
static size_t entry_find(const struct view *v, unsigned tree, struct palier_bytes key, bool *found)
{
	size_t low = 0, high = v->count;

	*found = false;
	while (low < high) {
		size_t mid = (low + high) / 2;
		int c = entry_compare(v->entries[mid], tree, key);

		if (c == 0) {
			*found = true;
			return mid;
		}
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void entry_insert(struct view *v, size_t at, struct write_entry *e)
{
	if (v->count == v->capacity) {
		size_t capacity = v->capacity ? v->capacity * 2 : 32;
		struct write_entry **grown = palier_alloc(v->arena, capacity * sizeof(struct write_entry *));

		if (v->count)
			memcpy(grown, v->entries, v->count * sizeof(struct write_entry *));
		v->entries = grown;
		v->capacity = capacity;
	}
	memmove(v->entries + at + 1, v->entries + at, (v->count - at) * sizeof(struct write_entry *));
	v->entries[at] = e;
	v->count++;
}

static int view_set(struct view *v, unsigned tree, struct palier_bytes key, struct palier_bytes value, bool deleted)
{
	bool found;
	size_t at = entry_find(v, tree, key, &found);

	if (!found) {
		struct write_entry *e = palier_alloc(v->arena, sizeof(*e));

		e->tree = tree;
		e->key = palier_copy(v->arena, key);
		entry_insert(v, at, e);
	}
	v->entries[at]->deleted = deleted;
	v->entries[at]->value = deleted ? (struct palier_bytes){ NULL, 0 } : palier_copy(v->arena, value);
	return PALIER_OK;
}

/* What the index holds of this tree counts no more. */
static bool is_cleared(const struct view *v, unsigned tree)
{
	const struct cleared_tree *c = v->cleared;

	while (c && c->tree != tree)
		c = c->next;
	return c != NULL;
}

static bool has_index(const struct view *v, unsigned tree)
{
	return v->store && !is_cleared(v, tree);
}

static int view_get(const struct view *v, unsigned tree, struct palier_bytes key, struct palier_bytes *out)
{
	struct palier_bytes value;
	bool found;
	size_t at = entry_find(v, tree, key, &found);
	int err;

	if (found) {
		if (v->entries[at]->deleted)
			return PALIER_ENOENT;
		*out = v->entries[at]->value;
		return PALIER_OK;
	}
	if (!has_index(v, tree))
		return PALIER_ENOENT;
	err = store_get(v->store, tree, key, &value);
	if (err == PALIER_OK)
		*out = palier_copy(v->arena, value);
	return err;
}

int view_write(struct view *v)
{
	int err = PALIER_OK;

	for (const struct cleared_tree *c = v->cleared; c && err == PALIER_OK; c = c->next)
		err = store_clear(v->store, c->tree);
	for (size_t i = 0; i < v->count && err == PALIER_OK; i++) {
		const struct write_entry *e = v->entries[i];

		err = e->deleted ? store_del(v->store, e->tree, e->key) : store_put(v->store, e->tree, e->key, e->value);
	}
	view_drop(v);
	return err;
}

void view_drop(struct view *v)
{
	v->entries = NULL;
	v->count = v->capacity = 0;
	v->cleared = NULL;
}

/* --- the contract's tables --- */

/* A key as it lies in its tree. */
static int key_place(const struct palier_tables *t, unsigned table, const struct palier_key *key, struct palier_key *out)
{
	const struct bound_table *b = &t->bound[table];

	if (table >= t->count || key->bad)
		return PALIER_ESTORE;
	if (!(b->table->flags & PALIER_BY_MEMBER)) {
		*out = *key;
		return PALIER_OK;
	}
	if (key->len < PALIER_ID_LEN)
		return PALIER_ESTORE;
	out->len = 0;
	out->bad = false;
	palier_key_raw(out, key->b, PALIER_ID_LEN);
	palier_key_uint(out, b->number, 1);
	palier_key_raw(out, key->b + PALIER_ID_LEN, key->len - PALIER_ID_LEN);
	return out->bad ? PALIER_ESTORE : PALIER_OK;
}

int palier_get(const struct palier_tables *t, unsigned table, const struct palier_key *key, struct palier_bytes *out)
{
	struct palier_key place;
	int err = key_place(t, table, key, &place);

	return err == PALIER_OK ? view_get(t->view, t->bound[table].tree, palier_key_bytes(&place), out) : err;
}

int palier_put(struct palier_tables *t, unsigned table, const struct palier_key *key, struct palier_bytes value)
{
	struct palier_key place;
	int err = key_place(t, table, key, &place);

	return err == PALIER_OK ? view_set(t->view, t->bound[table].tree, palier_key_bytes(&place), value, false) : err;
}

int palier_del(struct palier_tables *t, unsigned table, const struct palier_key *key)
{
	struct palier_key place;
	int err = key_place(t, table, key, &place);

	return err == PALIER_OK ? view_set(t->view, t->bound[table].tree, palier_key_bytes(&place),
					  (struct palier_bytes){ NULL, 0 }, true)
	                        : err;
}

int view_clear(struct palier_tables *t, unsigned table)
{
	struct view *v = t->view;
	unsigned tree;
	bool found;
	size_t first, end;

	if (table >= t->count || (t->bound[table].table->flags & PALIER_BY_MEMBER))
		return PALIER_ESTORE;
	tree = t->bound[table].tree;
	first = end = entry_find(v, tree, (struct palier_bytes){ NULL, 0 }, &found);
	while (end < v->count && v->entries[end]->tree == tree)
		end++;
	if (end > first)
		memmove(v->entries + first, v->entries + end, (v->count - end) * sizeof(struct write_entry *));
	v->count -= end - first;
	if (!is_cleared(v, tree)) {
		struct cleared_tree *c = palier_alloc(v->arena, sizeof(*c));

		c->tree = tree;
		c->next = v->cleared;
		v->cleared = c;
	}
	return PALIER_OK;
}

/* --- walking --- */

/* A cursor keeps the last key it gave, and finds the next one anew in both the write set and the index: so writes do not disturb it. */
struct palier_cursor {
	struct view *view;
	unsigned tree;
	bool by_member, all_members, started;
	uint8_t number;
	struct palier_key prefix; /* as it lies in the tree */
	struct palier_key last;   /* likewise */
	struct palier_key shown;  /* last, as the plugin knows it */
};

struct palier_cursor *palier_seek(const struct palier_tables *t, unsigned table, const struct palier_key *prefix)
{
	struct palier_cursor *c = palier_alloc(t->view->arena, sizeof(*c));

	c->view = t->view;
	c->tree = t->bound[table].tree;
	c->number = t->bound[table].number;
	c->by_member = t->bound[table].table->flags & PALIER_BY_MEMBER;
	c->all_members = c->by_member && prefix->len == 0 && !prefix->bad;
	if (!c->all_members && key_place(t, table, prefix, &c->prefix) != PALIER_OK)
		c->prefix.bad = true;
	c->last = c->prefix;
	return c;
}

struct palier_cursor *palier_seek_after(const struct palier_tables *t, unsigned table, const struct palier_key *prefix,
	const struct palier_key *from)
{
	struct palier_cursor *c = palier_seek(t, table, prefix);

	if (key_place(t, table, from, &c->last) != PALIER_OK)
		c->prefix.bad = true;
	c->started = true;
	return c;
}

static bool has_prefix(struct palier_bytes key, struct palier_bytes prefix)
{
	return key.len >= prefix.len && memcmp(key.at, prefix.at, prefix.len) == 0;
}

/* A damaged index may give keys that go back, or none that we wrote: a walk over it must end all the same. */
static bool goes_on(struct palier_bytes key, struct palier_bytes from, bool after)
{
	return key.len <= PALIER_KEY_MAX && bytes_compare(key, from) >= (after ? 1 : 0);
}

/* The next key after c->last (or not before it, to begin with) in the tree, whichever of write set and index has it first. */
static int tree_next(struct palier_cursor *c, struct palier_bytes *key, struct palier_bytes *value)
{
	struct view *v = c->view;
	bool after = c->started;

	for (;;) {
		struct palier_bytes from = palier_key_bytes(&c->last);
		bool found;
		size_t at = entry_find(v, c->tree, from, &found);
		const struct write_entry *e;
		int err = has_index(v, c->tree) ? store_seek(v->store, c->tree, from, after, key, value) : PALIER_ENOENT;

		if (err != PALIER_OK && err != PALIER_ENOENT)
			return err;
		if (err == PALIER_OK && !goes_on(*key, from, after))
			return PALIER_EDAMAGED;
		if (found && after)
			at++;
		e = at < v->count && v->entries[at]->tree == c->tree ? v->entries[at] : NULL;
		if (!e || (err == PALIER_OK && bytes_compare(*key, e->key) < 0))
			return err;
		*key = e->key;
		*value = e->value;
		if (!e->deleted)
			return PALIER_OK;
		c->last.len = 0;
		palier_key_raw(&c->last, e->key.at, e->key.len);
		after = true;
	}
}

/* A member's id and the number of one of our tables. */
static bool is_of_a_table(struct palier_bytes key)
{
	return key.len > PALIER_ID_LEN && (uint8_t)key.at[PALIER_ID_LEN] != 0xff;
}

/* Over all members: step over the rows of other tables that lie between. */
static bool skip_to_table(struct palier_cursor *c, struct palier_bytes key)
{
	uint8_t number = (uint8_t)key.at[PALIER_ID_LEN];

	if (number == c->number)
		return false;
	c->last.len = 0;
	palier_key_raw(&c->last, key.at, PALIER_ID_LEN);
	palier_key_uint(&c->last, number < c->number ? c->number : 0xff, 1);
	c->started = false;
	return true;
}

int palier_next(struct palier_cursor *c, struct palier_bytes *key, struct palier_bytes *value)
{
	struct palier_bytes k, v;
	int err;

	if (c->prefix.bad)
		return PALIER_ESTORE;
	do {
		err = tree_next(c, &k, &v);
		if (err != PALIER_OK)
			return err;
		if (!has_prefix(k, palier_key_bytes(&c->prefix)))
			return PALIER_ENOENT;
		if (c->by_member && !is_of_a_table(k))
			return PALIER_EDAMAGED;
	} while (c->all_members && skip_to_table(c, k));
	c->started = true;
	c->last.len = 0;
	palier_key_raw(&c->last, k.at, k.len);
	c->shown.len = 0;
	palier_key_raw(&c->shown, k.at, c->by_member ? PALIER_ID_LEN : k.len);
	if (c->by_member)
		palier_key_raw(&c->shown, k.at + PALIER_ID_LEN + 1, k.len - PALIER_ID_LEN - 1);
	*key = palier_key_bytes(&c->shown);
	*value = v;
	return PALIER_OK;
}
