/* SPDX-License-Identifier: Apache-2.0 */
/* The index's file. */
#include "daemon/store.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(grows_without_a_name) };

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
