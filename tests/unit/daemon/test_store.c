/* SPDX-License-Identifier: Apache-2.0 */
/* The index's file. */
#include "daemon/store.h"

#include <lmdb.h>
#include <unistd.h>

#include "tests/unit/daemon/kit.h"

#define ROW     1000
#define ROWS    1000 /* between commits */
#define COMMITS 100  /* more than the map's first size */

/* A check removes its own index as soon as it is made, so that nothing is left behind whatever ends it; reading it goes on, and where the last commit
 * filled half of the map, that begins with a larger one. */
static void grows_without_a_name(void **state)
{
	char *dir = dir_make(), why[WHY_LEN], row[ROW] = "";
	struct palier_bytes key, value;
	struct store *s;
	unsigned tree;

	(void)state;
	assert_int_equal(store_open(path_of(dir, "index"), STORE_SCRATCH, &s, why), PALIER_OK);
	assert_int_equal(store_tree(s, "rows", &tree), PALIER_OK);
	assert_int_equal(unlink(path_of(dir, "index/data.mdb")), 0);
	for (unsigned i = 0; i < COMMITS * ROWS; i++) {
		const struct store_mark mark = { .seq = i };

		assert_int_equal(store_put(s, tree, palier_bytes_of(&i, sizeof(i)), palier_bytes_of(row, sizeof(row))),
			PALIER_OK);
		if (i % ROWS == ROWS - 1)
			assert_int_equal(store_commit(s, &mark), PALIER_OK);
	}
	assert_int_equal(store_seek(s, tree, palier_bytes_of(NULL, 0), false, &key, &value), PALIER_OK);
	store_close(s);
	dir_remove(dir);
}

/* The mark as another version would have left it. */
static void mark_forge(const char *file, size_t len, uint8_t last)
{
	static uint8_t mark[64];
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi meta;
	MDB_val key = { 7, (void *)(uintptr_t) "applied" }, value = { len, mark };

	mark[len - 1] = last;
	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_set_maxdbs(env, 4), 0);
	assert_int_equal(mdb_env_open(env, file, MDB_NOSUBDIR, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, "meta", 0, &meta), 0);
	assert_int_equal(mdb_put(txn, meta, &key, &value, 0), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

/* Its rows would be taken for what they are not: whoever opens it is told what to do instead. */
static void another_versions_index_is_not_opened(void **state)
{
	static const struct {
		size_t len;
		uint8_t last;
		bool ours;
	} marks[] = { { 52, 0, false }, { 56, 1, false }, { 56, 2, true }, { 56, 3, false } };
	static const enum store_mode modes[] = { STORE_WRITE, STORE_READ, STORE_COPY };
	char *dir = dir_make(), why[WHY_LEN];
	struct store *s;

	(void)state;
	assert_int_equal(store_open(path_of(dir, "index"), STORE_CREATE, &s, why), PALIER_OK);
	assert_int_equal(store_commit(s, &(struct store_mark){ .seq = 1 }), PALIER_OK);
	store_close(s);
	for (size_t i = 0; i < COUNT(marks); i++)
		for (size_t m = 0; m < COUNT(modes); m++) {
			why[0] = '\0';
			mark_forge(path_of(dir, "index/data.mdb"), marks[i].len, marks[i].last);
			assert_int_equal(store_open(path_of(dir, "index"), modes[m], &s, why),
				marks[i].ours ? PALIER_OK : PALIER_EDAMAGED);
			if (marks[i].ours)
				store_close(s);
			else
				assert_non_null(strstr(why, "is of another version of palier: run `palier rebuild`"));
		}
	dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(grows_without_a_name),
		cmocka_unit_test(another_versions_index_is_not_opened) };

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
