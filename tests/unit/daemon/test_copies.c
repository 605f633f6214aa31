/* SPDX-License-Identifier: Apache-2.0 */
/* Copies and their manifest: what was copied is verified, and no line of a manifest leads out of its directory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/copies.h"

#define ROWS(a) (sizeof(a) / sizeof(*(a)))

struct place {
	char root[64], dir[80], path[160];
};

static const char *at(struct place *p, const char *name)
{
	snprintf(p->path, sizeof(p->path), "%s/%s", p->dir, name);
	return p->path;
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	fclose(f);
}

static void place_make(struct place *p)
{
	strcpy(p->root, "/tmp/palier-copies-XXXXXX");
	assert_non_null(mkdtemp(p->root));
	snprintf(p->dir, sizeof(p->dir), "%s/copy", p->root);
}

static void place_remove(struct place *p)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", p->root);
	assert_int_equal(system(command), 0);
}

/* Lists one file of this name; it is there. @return what manifest_verify says */
static int verify_one(const char *name)
{
	struct place p;
	struct copies c;
	struct copies_bar bar = { .done = 0 };
	struct manifest m;
	char why[WHY_LEN];
	int err;

	place_make(&p);
	assert_int_equal(copies_begin(&c, p.dir, &bar, "# title", why), PALIER_OK);
	assert_int_equal(copies_dir(&c, "journal", why), PALIER_OK);
	write_text(at(&p, name), "something");
	assert_int_equal(copies_list(&c, name, why), PALIER_OK);
	assert_int_equal(copies_end(&c, why), PALIER_OK);
	copies_deinit(&c);
	assert_int_equal(manifest_open(p.dir, &m, why), PALIER_OK);
	assert_string_equal(manifest_title(&m), "# title");
	err = manifest_verify(p.dir, &m, &bar, why);
	manifest_close(&m);
	place_remove(&p);
	return err;
}

static const struct name_case {
	const char *name, *file;
	int expected;
} names[] = {
	{ "a file in the directory is verified", "keys", PALIER_OK },
	{ "a file in a directory of it is verified", "journal/1.open", PALIER_OK },
	{ "a file beside the directory is refused", "../keys", PALIER_EDAMAGED },
	{ "a way out and back is refused", "journal/../keys", PALIER_EDAMAGED },
	{ "a hidden file is refused", ".keys", PALIER_EDAMAGED },
	{ "a name with a space is refused", "two words", PALIER_EDAMAGED },
};

static void check_name(void **state)
{
	const struct name_case *c = *state;

	assert_int_equal(verify_one(c->file), c->expected);
}

static void copies_up_to(void **state)
{
	struct place p;
	struct copies c;
	struct copies_bar bar = { .done = 0 };
	struct stat st;
	char why[WHY_LEN], from[96];

	(void)state;
	place_make(&p);
	snprintf(from, sizeof(from), "%s/from", p.root);
	write_text(from, "0123456789");
	assert_int_equal(copies_begin(&c, p.dir, &bar, "# title", why), PALIER_OK);
	assert_int_equal(copies_add(&c, from, "some", 4, why), PALIER_OK);
	assert_int_equal(copies_link(&c, from, "all", why), PALIER_OK);
	assert_int_equal(copies_add(&c, from, "all", UINT64_MAX, why), PALIER_EIO); /* nothing is written over */
	assert_int_equal(copies_add(&c, "/nowhere/from", "none", UINT64_MAX, why), PALIER_ENOENT);
	copies_deinit(&c);
	assert_int_equal(stat(at(&p, "some"), &st), 0);
	assert_int_equal(st.st_size, 4);
	assert_int_equal(stat(at(&p, "all"), &st), 0);
	assert_int_equal(st.st_size, 10);
	assert_int_equal(st.st_nlink, 2);
	place_remove(&p);
}

static void unfinished(void **state)
{
	struct place p;
	struct copies c;
	struct copies_bar bar = { .done = 0 };
	struct manifest m;
	char why[WHY_LEN];

	(void)state;
	place_make(&p);
	assert_int_equal(copies_begin(&c, p.dir, &bar, "# title", why), PALIER_OK);
	write_text(at(&p, "keys"), "something");
	assert_int_equal(copies_list(&c, "keys", why), PALIER_OK);
	copies_deinit(&c);
	assert_int_equal(manifest_open(p.dir, &m, why), PALIER_ENOENT);
	manifest_close(&m);
	assert_int_equal(copies_begin(&c, p.dir, &bar, "# title", why), PALIER_EIO); /* nor is it gone on with */
	copies_deinit(&c);
	place_remove(&p);
}

int main(void)
{
	static struct CMUnitTest tests[ROWS(names) + 2] = {
		{ "a file is copied up to a limit, linked where it is whole, never written over", copies_up_to, NULL, NULL,
			NULL },
		{ "copies without their manifest are none", unfinished, NULL, NULL, NULL },
	};

	for (size_t i = 0; i < ROWS(names); i++)
		tests[2 + i] = (struct CMUnitTest){ names[i].name, check_name, NULL, NULL, (void *)(uintptr_t)&names[i] };
	return cmocka_run_group_tests_name("copies", tests, NULL, NULL);
}
