/* SPDX-License-Identifier: Apache-2.0 */
/* The write set over a real index. A step of a row is one word: `+k` puts k, `-k` deletes it, `*` clears the table; what a walk gives is written the same way. */
#include "daemon/loader.h"
#include "daemon/view.h"

#include "tests/unit/daemon/kit.h"

enum { T_PLAIN, T_OTHER, T_FIRST, T_SECOND, T_THIRD, TABLES };

static const struct palier_table tables[TABLES] = {
	[T_PLAIN] = { "plain", "text", "text", PALIER_FOLDED },
	[T_OTHER] = { "other", "text", "text", PALIER_FOLDED },
	[T_FIRST] = { "first", "member id 10, text", "text", PALIER_FOLDED | PALIER_BY_MEMBER },
	[T_SECOND] = { "second", "member id 10, text", "text", PALIER_FOLDED | PALIER_BY_MEMBER },
	[T_THIRD] = { "third", "member id 10, text", "text", PALIER_FOLDED | PALIER_BY_MEMBER },
};

struct shelf {
	char *dir;
	struct store *store;
	struct palier_arena arena;
	struct view view;
	struct bound_table bound[TABLES];
	struct palier_tables tables;
};

static int shelf_open(void **state)
{
	struct shelf *s = calloc(1, sizeof(*s));
	unsigned members;
	char why[WHY_LEN];

	assert_non_null(s);
	s->dir = dir_make();
	assert_int_equal(store_open(path_of(s->dir, "index"), STORE_CREATE, &s->store, why), PALIER_OK);
	s->view = (struct view){ .store = s->store, .arena = &s->arena };
	assert_int_equal(store_tree(s->store, "member", &members), PALIER_OK);
	for (unsigned i = 0; i < TABLES; i++) {
		s->bound[i] = (struct bound_table){ .table = &tables[i], .tree = members };
		if (tables[i].flags & PALIER_BY_MEMBER)
			s->bound[i].number = (uint8_t)(10 * i); /* gaps between them */
		else
			assert_int_equal(store_tree(s->store, tables[i].name, &s->bound[i].tree), PALIER_OK);
	}
	s->tables = (struct palier_tables){ &s->view, s->bound, TABLES };
	*state = s;
	return 0;
}

static int shelf_close(void **state)
{
	struct shelf *s = *state;

	store_close(s->store);
	palier_arena_deinit(&s->arena);
	dir_remove(s->dir);
	free(s);
	return 0;
}

static struct palier_key key_of(const char *text, size_t n)
{
	struct palier_key k = { .len = 0 };

	palier_key_raw(&k, text, n);
	return k;
}

/* --- steps over one plain table --- */

static int step(struct shelf *s, const char *word, size_t n, struct palier_bytes value)
{
	struct palier_key k = key_of(word + 1, n - 1);

	if (word[0] == '*')
		return view_clear(&s->tables, T_PLAIN);
	return word[0] == '+' ? palier_put(&s->tables, T_PLAIN, &k, value) : palier_del(&s->tables, T_PLAIN, &k);
}

static void steps(struct shelf *s, const char *words, const char *value)
{
	for (const char *at = words; at && *at; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");

		assert_int_equal(step(s, at, n, palier_str(value)), PALIER_OK);
		at += n;
	}
}

/* What a walk gives: each key, with a quote behind it where the value is the write set's. */
static void walk(struct shelf *s, const char *prefix, const char *after_key, const char *then, char *out)
{
	struct palier_key k = key_of(prefix, strlen(prefix));
	struct palier_cursor *c = palier_seek(&s->tables, T_PLAIN, &k);
	struct palier_bytes key, value;
	size_t n = 0;
	int err;

	while ((err = palier_next(c, &key, &value)) == PALIER_OK) {
		n += (size_t)sprintf(out + n, "%s%.*s%s", n ? " " : "", PALIER_ARG(key), palier_is(value, "new") ? "'" : "");
		if (after_key && palier_is(key, after_key))
			steps(s, then, "new");
	}
	assert_int_equal(err, PALIER_ENOENT);
	assert_int_equal(palier_next(c, &key, &value), PALIER_ENOENT);
	out[n] = 0;
}

static const struct walk_case {
	const char *name, *index, *writes, *prefix, *walk;
	const char *at, *then; /* once the cursor gave the key `at`, these writes */
} walks[] = {
	{ "an empty table has no rows", "", "", "", .walk = "" },
	{ "rows of the index are walked in order", "+b +a +c", "", "", .walk = "a b c" },
	{ "rows of the write set are walked in order", "", "+b +a +c", "", .walk = "a' b' c'" },
	{ "both are merged by key", "+a +c +e", "+b +d +f", "", .walk = "a b' c d' e f'" },
	{ "a written row stands before the index's", "+a +b", "+a", "", .walk = "a' b" },
	{ "a deleted row hides the index's", "+a +b +c", "-b", "", .walk = "a c" },
	{ "the first row deleted", "+a +b", "-a", "", .walk = "b" },
	{ "the last row deleted", "+a +b", "-b", "", .walk = "a" },
	{ "all rows deleted", "+a +b +c", "-a -b -c", "", .walk = "" },
	{ "a run of deleted rows in the middle", "+a +b +c +d", "-b -c", "", .walk = "a d" },
	{ "a row deleted that was never there", "+a +c", "-b -d", "", .walk = "a c" },
	{ "a row written again after its deletion", "+a +b", "-a +a", "", .walk = "a' b" },
	{ "a row written, then deleted", "+a", "+b -b", "", .walk = "a" },
	{ "a key that begins another comes first", "+aa +ab", "+a +aaa", "", .walk = "a' aa aaa' ab" },
	{ "a prefix keeps to its keys", "+a +ba +bb +c", "+b +bc", "b", .walk = "b' ba bb bc'" },
	{ "a prefix that is no key itself", "+ba +bb", "+c", "b", .walk = "ba bb" },
	{ "a prefix without keys", "+a +c", "+d", "b", .walk = "" },
	{ "a prefix before all keys", "+b", "+c", "a", .walk = "" },
	{ "a prefix behind all keys", "+b", "+c", "d", .walk = "" },
	{ "a prefix whose keys are all deleted", "+a +ba +bb +c", "-ba -bb", "b", .walk = "" },
	{ "a prefix whose first key is deleted", "+ba +bb", "-ba", "b", .walk = "bb" },
	{ "a prefix whose last key is deleted", "+ba +bb +c", "-bb", "b", .walk = "ba" },
	{ "a deleted key behind the prefix is not stepped to", "+ba +c", "-c", "b", .walk = "ba" },
	{ "a write ahead of the cursor is seen", "+a +c", "", "", "a b' c", "a", "+b" },
	{ "a write behind the cursor is not", "+b +c", "", "", "b c", "b", "+a" },
	{ "a deletion ahead of the cursor is seen", "+a +b +c", "", "", "a c", "a", "-b" },
	{ "the row under the cursor deleted", "+a +b +c", "", "", "a b c", "b", "-b" },
	{ "the row under the cursor written", "+a +b +c", "", "", "a b c", "b", "+b" },
	{ "all deleted behind and ahead", "+a +b +c +d", "", "", "a b", "b", "-a -b -c -d" },
	{ "a cleared table has no rows", "+a +b", "+c *", "", .walk = "" },
	{ "rows written after the clearing stay", "+a +b", "* +c +b", "", .walk = "b' c'" },
	{ "a row deleted after the clearing", "+a +b", "* +b +c -b", "", .walk = "c'" },
	{ "cleared twice, the last one counts", "+a +b", "* +b * +c", "", .walk = "c'" },
	{ "cleared under the cursor", "+a +b +c", "+d", "", "a e'", "a", "* +e" },
	{ "many rows at once move the write set", "+a +z", "", "", "a b' c' d' e' f' g' h' i' j' k' z", "a",
		"+k +j +i +h +g +f +e +d +c +b" },
};

static void rows_are_walked(void **state)
{
	struct shelf *s;
	const struct walk_case *row = *state;
	char got[256];
	void *own;

	shelf_open(&own);
	s = own;
	steps(s, row->index, "old");
	assert_int_equal(view_write(&s->view), PALIER_OK);
	steps(s, row->writes, "new");
	walk(s, row->prefix, row->at, row->then, got);
	assert_string_equal(got, row->walk);
	shelf_close(&own);
}

/* --- one row at a time --- */

static void assert_row(struct shelf *s, unsigned table, const char *key, const char *value)
{
	struct palier_key k = key_of(key, strlen(key));
	struct palier_bytes got = PALIER_LIT("untouched");
	int err = palier_get(&s->tables, table, &k, &got);

	assert_int_equal(err, value ? PALIER_OK : PALIER_ENOENT);
	assert_true(palier_is(got, value ? value : "untouched"));
}

static void put_row(struct shelf *s, unsigned table, const char *key, const char *value)
{
	struct palier_key k = key_of(key, strlen(key));

	assert_int_equal(palier_put(&s->tables, table, &k, palier_str(value)), PALIER_OK);
}

static void writes_reach_the_index_whole(void **state)
{
	struct shelf *s = *state;
	struct palier_bytes value;

	put_row(s, T_PLAIN, "a", "1");
	assert_row(s, T_PLAIN, "a", "1");
	assert_int_equal(store_get(s->store, s->bound[T_PLAIN].tree, PALIER_LIT("a"), &value), PALIER_ENOENT);
	assert_int_equal(view_write(&s->view), PALIER_OK);
	assert_int_equal(s->view.count, 0);
	assert_int_equal(store_get(s->store, s->bound[T_PLAIN].tree, PALIER_LIT("a"), &value), PALIER_OK);
	assert_true(palier_is(value, "1"));
	steps(s, "-a", NULL);
	assert_row(s, T_PLAIN, "a", NULL);
	assert_int_equal(view_write(&s->view), PALIER_OK);
	assert_int_equal(store_get(s->store, s->bound[T_PLAIN].tree, PALIER_LIT("a"), &value), PALIER_ENOENT);
}

static void dropped_writes_are_gone(void **state)
{
	struct shelf *s = *state;

	put_row(s, T_PLAIN, "a", "1");
	assert_int_equal(view_write(&s->view), PALIER_OK);
	put_row(s, T_PLAIN, "a", "2");
	put_row(s, T_PLAIN, "b", "2");
	view_drop(&s->view);
	assert_row(s, T_PLAIN, "a", "1");
	assert_row(s, T_PLAIN, "b", NULL);
}

static void a_clearing_is_part_of_the_write_set(void **state)
{
	struct shelf *s = *state;

	put_row(s, T_PLAIN, "a", "1");
	put_row(s, T_OTHER, "a", "1");
	assert_int_equal(view_write(&s->view), PALIER_OK);
	put_row(s, T_OTHER, "b", "1");
	assert_int_equal(view_clear(&s->tables, T_PLAIN), PALIER_OK);
	put_row(s, T_PLAIN, "b", "2");
	assert_row(s, T_PLAIN, "a", NULL);
	assert_row(s, T_PLAIN, "b", "2");
	assert_row(s, T_OTHER, "b", "1");
	view_drop(&s->view);
	assert_row(s, T_PLAIN, "a", "1");
	assert_row(s, T_PLAIN, "b", NULL);
	assert_int_equal(view_clear(&s->tables, T_PLAIN), PALIER_OK);
	put_row(s, T_PLAIN, "b", "2");
	assert_int_equal(view_write(&s->view), PALIER_OK);
	assert_row(s, T_PLAIN, "a", NULL);
	assert_row(s, T_PLAIN, "b", "2");
	assert_row(s, T_OTHER, "a", "1");
	assert_int_equal(view_clear(&s->tables, T_FIRST), PALIER_ESTORE); /* it would take other tables with it */
	assert_int_equal(view_clear(&s->tables, TABLES), PALIER_ESTORE);
}

static void tables_do_not_share_keys(void **state)
{
	struct shelf *s = *state;

	put_row(s, T_PLAIN, "a", "plain");
	put_row(s, T_OTHER, "a", "other");
	put_row(s, T_OTHER, "b", "other");
	assert_row(s, T_PLAIN, "a", "plain");
	assert_row(s, T_PLAIN, "b", NULL);
	assert_int_equal(view_write(&s->view), PALIER_OK);
	assert_row(s, T_OTHER, "a", "other");
	assert_row(s, T_PLAIN, "b", NULL);
}

static void values_are_copied(void **state)
{
	struct shelf *s = *state;
	char value[] = "first", key[] = "key";
	struct palier_key k = key_of(key, 3);

	assert_int_equal(palier_put(&s->tables, T_PLAIN, &k, palier_bytes_of(value, 5)), PALIER_OK);
	memset(value, 'x', sizeof(value));
	memset(&k, 'x', sizeof(k));
	assert_row(s, T_PLAIN, "key", "first");
	put_row(s, T_PLAIN, "empty", "");
	assert_row(s, T_PLAIN, "empty", "");
}

static void bad_keys_are_refused(void **state)
{
	struct shelf *s = *state;
	struct palier_key bad = { .len = 0 }, brief = key_of("123456789", 9);
	struct palier_bytes key, value;
	char much[PALIER_KEY_MAX + 1] = { 0 };

	palier_key_raw(&bad, much, sizeof(much));
	assert_true(bad.bad);
	for (unsigned t = 0; t < TABLES; t++) {
		assert_int_equal(palier_get(&s->tables, t, &bad, &value), PALIER_ESTORE);
		assert_int_equal(palier_put(&s->tables, t, &bad, PALIER_LIT("v")), PALIER_ESTORE);
		assert_int_equal(palier_del(&s->tables, t, &bad), PALIER_ESTORE);
		assert_int_equal(palier_next(palier_seek(&s->tables, t, &bad), &key, &value), PALIER_ESTORE);
	}
	assert_int_equal(palier_put(&s->tables, T_FIRST, &brief, PALIER_LIT("v")), PALIER_ESTORE);
	assert_int_equal(palier_next(palier_seek(&s->tables, T_FIRST, &brief), &key, &value), PALIER_ESTORE);
	assert_int_equal(s->view.count, 0);
}

/* A table's number makes a key one byte longer than the plugin knows it. */
static void the_longest_key_has_room_for_the_number(void **state)
{
	struct shelf *s = *state;
	struct palier_key k = { .len = 0 };
	char much[PALIER_KEY_MAX];
	struct palier_bytes value;

	memset(much, 'k', sizeof(much));
	palier_key_raw(&k, much, sizeof(much) - 1);
	assert_int_equal(palier_put(&s->tables, T_FIRST, &k, PALIER_LIT("v")), PALIER_OK);
	assert_int_equal(palier_get(&s->tables, T_FIRST, &k, &value), PALIER_OK);
	palier_key_raw(&k, much, 1);
	assert_int_equal(palier_put(&s->tables, T_PLAIN, &k, PALIER_LIT("v")), PALIER_OK);
	assert_int_equal(palier_put(&s->tables, T_FIRST, &k, PALIER_LIT("v")), PALIER_ESTORE);
	assert_int_equal(view_write(&s->view), PALIER_OK);
}

static void a_view_without_a_store_is_its_write_set(void **state)
{
	struct shelf *s = *state;
	char got[64];

	s->view.store = NULL;
	steps(s, "+b +a -c -a", "new");
	walk(s, "", NULL, NULL, got);
	assert_string_equal(got, "b'");
	assert_row(s, T_PLAIN, "a", NULL);
}

/* --- tables by member --- */

/* Member 'm' is ten times the byte m. */
static struct palier_key member_key(char m, const char *rest)
{
	struct palier_key k = { .len = 0 };
	struct palier_id id;

	memset(id.b, m, PALIER_ID_LEN);
	palier_key_id(&k, id);
	palier_key_raw(&k, rest, strlen(rest));
	return k;
}

static void put_of(struct shelf *s, unsigned table, char m, const char *rest)
{
	struct palier_key k = member_key(m, rest);

	assert_int_equal(palier_put(&s->tables, table, &k, palier_str(tables[table].name)), PALIER_OK);
}

static void del_of(struct shelf *s, unsigned table, char m, const char *rest)
{
	struct palier_key k = member_key(m, rest);

	assert_int_equal(palier_del(&s->tables, table, &k), PALIER_OK);
}

/* @param m 0: all members; a row is shown as "m:rest" */
static void walk_of(struct shelf *s, unsigned table, char m, const char *rest, char *out)
{
	struct palier_key k = m ? member_key(m, rest) : (struct palier_key){ .len = 0 };
	struct palier_cursor *c = palier_seek(&s->tables, table, &k);
	struct palier_bytes key, value;
	size_t n = 0;
	int err;

	while ((err = palier_next(c, &key, &value)) == PALIER_OK) {
		assert_true(key.len >= PALIER_ID_LEN && palier_is(value, tables[table].name));
		n += (size_t)sprintf(out + n, "%s%c:%.*s", n ? " " : "", key.at[0], (int)key.len - PALIER_ID_LEN,
			key.at + PALIER_ID_LEN);
	}
	assert_int_equal(err, PALIER_ENOENT);
	out[n] = 0;
}

static void the_number_follows_the_member(void **state)
{
	struct shelf *s = *state;
	struct palier_bytes key, value;

	put_of(s, T_SECOND, 'm', "rest");
	assert_int_equal(view_write(&s->view), PALIER_OK);
	assert_int_equal(store_seek(s->store, s->bound[T_SECOND].tree, (struct palier_bytes){ NULL, 0 }, false, &key,
				 &value),
		PALIER_OK);
	assert_int_equal(key.len, 15);
	assert_memory_equal(key.at, "mmmmmmmmmm\x1erest", 15);
}

/* What grows lies behind what a lookup reads, in whatever order the plugin lists them; and keeps its number. */
static void history_lies_behind(void **state)
{
	static const struct palier_table ordered[] = { { "log", "member id, seq u64", "nothing",
							       PALIER_BY_MEMBER | PALIER_HISTORY },
		{ "first", "member id", "nothing", PALIER_BY_MEMBER },
		{ "late", "member id, day u32", "nothing", PALIER_BY_MEMBER | PALIER_HISTORY },
		{ "second", "member id", "nothing", PALIER_BY_MEMBER }, { 0 } };
	static const struct palier_plugin orderly = { .abi = PALIER_PLUGIN_ABI, .name = "orderly", .tables = ordered };
	struct shelf *s = *state;
	struct plugin_set set;
	char why[WHY_LEN];

	assert_int_equal(plugins_set((const struct palier_plugin *const[]){ &orderly, NULL }, &set, why), PALIER_OK);
	for (unsigned again = 0; again < 2; again++) {
		assert_int_equal(plugins_bind(&set, s->store), PALIER_OK);
		assert_int_equal(set.bound[0][0].number, 0x80);
		assert_int_equal(set.bound[0][1].number, 1);
		assert_int_equal(set.bound[0][2].number, 0x81);
		assert_int_equal(set.bound[0][3].number, 2);
	}
	plugins_unload(&set);
}

static const struct member_case {
	const char *name;
	unsigned table;
	char member; /* 0: all */
	const char *rest, *walk;
} members[] = {
	{ "one member of the first table", T_FIRST, 'b', "", "b: b:x b:y" },
	{ "one member of the middle table", T_SECOND, 'b', "", "b:x" },
	{ "one member of the last table", T_THIRD, 'b', "", "b:z" },
	{ "a member and a prefix", T_FIRST, 'b', "x", "b:x" },
	{ "a member who is not in this table", T_SECOND, 'a', "", "" },
	{ "a member whose rows are deleted", T_FIRST, 'd', "", "" },
	{ "nobody's rows", T_FIRST, 'z', "", "" },
	{ "all members of the first table", T_FIRST, 0, "", "a:x b: b:x b:y c:x e:x" },
	{ "all members of the middle table", T_SECOND, 0, "", "b:x c:x c:y f:x" },
	{ "all members of the last table", T_THIRD, 0, "", "a:x b:z \xff:x" },
};

static void fill_members(struct shelf *s)
{
	put_of(s, T_FIRST, 'a', "x");
	put_of(s, T_FIRST, 'b', "x");
	put_of(s, T_FIRST, 'd', "x");
	put_of(s, T_FIRST, 'd', "y");
	put_of(s, T_SECOND, 'c', "x");
	put_of(s, T_SECOND, 'd', "x");
	put_of(s, T_THIRD, 'a', "x");
	put_of(s, T_THIRD, '\xff', "x");
	assert_int_equal(view_write(&s->view), PALIER_OK);
	put_of(s, T_FIRST, 'b', "");
	put_of(s, T_FIRST, 'b', "y");
	put_of(s, T_FIRST, 'c', "x");
	put_of(s, T_FIRST, 'e', "x");
	put_of(s, T_SECOND, 'b', "x");
	put_of(s, T_SECOND, 'c', "y");
	put_of(s, T_SECOND, 'f', "x");
	put_of(s, T_THIRD, 'b', "z");
	del_of(s, T_FIRST, 'd', "x");
	del_of(s, T_FIRST, 'd', "y");
	del_of(s, T_SECOND, 'd', "x");
}

static void members_are_walked(void **state)
{
	const struct member_case *row = *state;
	struct shelf *s;
	char got[256];
	void *own;

	shelf_open(&own);
	s = own;
	fill_members(s);
	walk_of(s, row->table, row->member, row->rest, got);
	assert_string_equal(got, row->walk);
	assert_int_equal(view_write(&s->view), PALIER_OK);
	walk_of(s, row->table, row->member, row->rest, got);
	assert_string_equal(got, row->walk);
	shelf_close(&own);
}

/* --- against a simple model: which of the keys are there, and with which value --- */

#define MODEL_KEYS 60
#define SEED       UINT64_C(20261121)

/* Short keys over few letters, so that many begin others; by member, the first letter is the member. */
static struct palier_key model_key(unsigned i, bool by_member)
{
	char text[8];
	size_t n = 0;

	for (unsigned v = i + 1; v; v /= 3)
		text[n++] = (char)('a' + v % 3);
	text[n] = 0;
	return by_member ? member_key(text[0], text + 1) : key_of(text, n);
}

struct model {
	uint64_t chance;
	unsigned order[MODEL_KEYS];       /* keys in their order */
	unsigned now[TABLES][MODEL_KEYS]; /* 0: not there */
	unsigned kept[TABLES][MODEL_KEYS];
};

static bool key_before(const struct palier_key *a, const struct palier_key *b)
{
	int c = memcmp(a->b, b->b, a->len < b->len ? a->len : b->len);

	return c ? c < 0 : a->len < b->len;
}

static void model_order(struct model *m, bool by_member)
{
	for (unsigned i = 0; i < MODEL_KEYS; i++) {
		struct palier_key k = model_key(i, by_member);
		unsigned at = i;

		for (; at > 0; at--) {
			struct palier_key before = model_key(m->order[at - 1], by_member);

			if (!key_before(&k, &before))
				break;
			m->order[at] = m->order[at - 1];
		}
		m->order[at] = i;
	}
}

static void model_write(struct shelf *s, struct model *m, unsigned table)
{
	unsigned i = chance_of(&m->chance, MODEL_KEYS), value = chance_of(&m->chance, 1000) + 1;
	struct palier_key k = model_key(i, tables[table].flags & PALIER_BY_MEMBER);

	if (!(tables[table].flags & PALIER_BY_MEMBER) && chance_of(&m->chance, 50) == 0) {
		assert_int_equal(view_clear(&s->tables, table), PALIER_OK);
		memset(m->now[table], 0, sizeof(m->now[table]));
	} else if (chance_of(&m->chance, 3) == 0) {
		assert_int_equal(palier_del(&s->tables, table, &k), PALIER_OK);
		m->now[table][i] = 0;
	} else {
		assert_int_equal(palier_put(&s->tables, table, &k, palier_bytes_of(&value, sizeof(value))), PALIER_OK);
		m->now[table][i] = value;
	}
}

/* Walk and compare; now and then write while walking, at a place that the walk has not reached or has passed. */
static void model_walk(struct shelf *s, struct model *m, unsigned table, bool writing)
{
	bool by_member = tables[table].flags & PALIER_BY_MEMBER;
	struct palier_key prefix = { .len = 0 };
	struct palier_bytes key, value;
	struct palier_cursor *c;

	if (chance_of(&m->chance, 2))
		prefix = model_key(chance_of(&m->chance, by_member ? 12 : 6), by_member);
	c = palier_seek(&s->tables, table, &prefix);
	for (unsigned at = 0; at < MODEL_KEYS; at++) {
		unsigned i = m->order[at];
		struct palier_key k = model_key(i, by_member);

		if (!m->now[table][i] || k.len < prefix.len || memcmp(k.b, prefix.b, prefix.len) != 0)
			continue;
		assert_int_equal(palier_next(c, &key, &value), PALIER_OK);
		assert_true(palier_equal(key, palier_key_bytes(&k)));
		assert_int_equal(value.len, sizeof(unsigned));
		assert_memory_equal(value.at, &m->now[table][i], sizeof(unsigned));
		if (writing && chance_of(&m->chance, 4) == 0)
			model_write(s, m, table);
	}
	assert_int_equal(palier_next(c, &key, &value), PALIER_ENOENT);
}

/* A slice that goes on behind a key, which need not be there, stays within its prefix. */
static void model_walk_behind(struct shelf *s, struct model *m, unsigned table)
{
	bool by_member = tables[table].flags & PALIER_BY_MEMBER;
	struct palier_key from = model_key(chance_of(&m->chance, MODEL_KEYS), by_member), prefix = from;
	struct palier_bytes key, value;
	struct palier_cursor *c;

	prefix.len = by_member ? PALIER_ID_LEN : chance_of(&m->chance, from.len + 1);
	c = palier_seek_after(&s->tables, table, &prefix, &from);
	for (unsigned at = 0; at < MODEL_KEYS; at++) {
		unsigned i = m->order[at];
		struct palier_key k = model_key(i, by_member);

		if (!m->now[table][i] || k.len < prefix.len || memcmp(k.b, prefix.b, prefix.len) != 0 ||
			!key_before(&from, &k))
			continue;
		assert_int_equal(palier_next(c, &key, &value), PALIER_OK);
		assert_true(palier_equal(key, palier_key_bytes(&k)));
	}
	assert_int_equal(palier_next(c, &key, &value), PALIER_ENOENT);
}

static void model_get(struct shelf *s, struct model *m, unsigned table)
{
	for (unsigned i = 0; i < MODEL_KEYS; i++) {
		struct palier_key k = model_key(i, tables[table].flags & PALIER_BY_MEMBER);
		struct palier_bytes value;
		int err = palier_get(&s->tables, table, &k, &value);

		assert_int_equal(err, m->now[table][i] ? PALIER_OK : PALIER_ENOENT);
		if (err == PALIER_OK)
			assert_memory_equal(value.at, &m->now[table][i], sizeof(unsigned));
	}
}

static void a_model_agrees(void **state)
{
	struct shelf *s = *state;
	struct model plain = { .chance = SEED }, *m = &plain;
	unsigned by_member[MODEL_KEYS], straight[MODEL_KEYS];

	print_message("seed %llu\n", (unsigned long long)SEED);
	model_order(m, true);
	memcpy(by_member, m->order, sizeof(by_member));
	model_order(m, false);
	memcpy(straight, m->order, sizeof(straight));
	for (unsigned round = 0; round < 1500; round++) {
		unsigned table = chance_of(&m->chance, TABLES);

		memcpy(m->order, tables[table].flags & PALIER_BY_MEMBER ? by_member : straight, sizeof(m->order));
		for (unsigned n = chance_of(&m->chance, 8); n; n--)
			model_write(s, m, table);
		model_walk_behind(s, m, table);
		model_walk(s, m, table, round % 3 == 0);
		model_get(s, m, table);
		if (chance_of(&m->chance, 8) == 0) {
			assert_int_equal(view_write(&s->view), PALIER_OK);
			memcpy(m->kept, m->now, sizeof(m->kept));
			palier_arena_reset(&s->arena);
		} else if (chance_of(&m->chance, 16) == 0) {
			view_drop(&s->view);
			memcpy(m->now, m->kept, sizeof(m->now));
		}
	}
}

int main(void)
{
	static const struct CMUnitTest single[] = {
#define TEST(sentence, function) { sentence, function, shelf_open, shelf_close, NULL }
		TEST("writes are read through, and reach the index when they are written, all of them",
			writes_reach_the_index_whole),
		TEST("dropped writes are gone", dropped_writes_are_gone),
		TEST("a cleared table is dropped or written with the rest", a_clearing_is_part_of_the_write_set),
		TEST("tables do not share keys", tables_do_not_share_keys),
		TEST("keys and values are copied, empty ones too", values_are_copied),
		TEST("keys that are too long, or too short for a member, are refused", bad_keys_are_refused),
		TEST("the longest key has room for the table's number", the_longest_key_has_room_for_the_number),
		TEST("a view without a store is its write set", a_view_without_a_store_is_its_write_set),
		TEST("a table's number follows the member's id", the_number_follows_the_member),
		TEST("tables that grow lie behind the others", history_lies_behind),
		TEST("a simple model agrees through random writes, walks and drops", a_model_agrees),
	};
	struct CMUnitTest tests[COUNT(single) + COUNT(walks) + COUNT(members)];
	size_t n = COUNT(single);

	memcpy(tests, single, sizeof(single));
	for (size_t i = 0; i < COUNT(walks); i++)
		tests[n++] = (struct CMUnitTest){ walks[i].name, rows_are_walked, NULL, NULL, (void *)&walks[i] };
	for (size_t i = 0; i < COUNT(members); i++)
		tests[n++] = (struct CMUnitTest){ members[i].name, members_are_walked, NULL, NULL, (void *)&members[i] };
	return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
