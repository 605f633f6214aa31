/* SPDX-License-Identifier: Apache-2.0 */
/* LMDB, with its own full syncs. What it does not check itself is checked here: a truncated file would be opened happily and kill the
 * process by SIGBUS later, and an empty one would silently become a new one. */
#include "daemon/store.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/log.h"

#define TREES_MAX 96u
#define MAP_FIRST ((size_t)64 << 20)

#define MARK_KEY PALIER_LIT("applied")
#define MARK_LEN 56 /* seq u64, batch u32, offset u64, hash 32, layout u32 */
#define LAYOUT   2u /* one more whenever a table's keys or values change: an index of another one is made again */

struct store {
	MDB_env *env;
	MDB_txn *txn;
	bool read_only;
	bool full; /* the map was too small: grow it before the next transaction */
	unsigned tree_count, meta;
	MDB_dbi trees[TREES_MAX];
	MDB_cursor *cursors[TREES_MAX]; /* of the transaction under way, opened when first needed */
	size_t dirty;
	char file[4096];
};

/* --- the map --- */

/* The file is kept as long as the map (sparse), so that no page of the map can lie beyond its end. */
static int map_set(struct store *s, size_t size)
{
	struct stat st;
	int fd;

	/* Not by its name: whoever made it for a while may have removed that. */
	if (mdb_env_get_fd(s->env, &fd) != 0 || fstat(fd, &st) != 0)
		return PALIER_ESTORE;
	if ((size_t)st.st_size < size && ftruncate(fd, (off_t)size) != 0)
		return PALIER_ESTORE;
	return mdb_env_set_mapsize(s->env, size) == 0 ? PALIER_OK : PALIER_ESTORE;
}

/* Between transactions: keep half of the map free, so that a transaction rarely meets its end. */
static int map_grow(struct store *s)
{
	MDB_envinfo info;
	MDB_stat st;
	size_t used;

	if (mdb_env_info(s->env, &info) != 0 || mdb_env_stat(s->env, &st) != 0)
		return PALIER_ESTORE;
	used = (info.me_last_pgno + 1) * (size_t)st.ms_psize;
	if (!s->full && used < info.me_mapsize / 2)
		return PALIER_OK;
	s->full = false;
	return map_set(s, info.me_mapsize * 2);
}

/* --- transactions --- */

static void cursors_close(struct store *s)
{
	for (unsigned i = 0; i < s->tree_count; i++) {
		if (s->cursors[i])
			mdb_cursor_close(s->cursors[i]);
		s->cursors[i] = NULL;
	}
}

static int txn_begin(struct store *s)
{
	if (s->txn)
		return PALIER_OK;
	s->dirty = 0;
	if (!s->read_only && map_grow(s) != PALIER_OK)
		return PALIER_ESTORE;
	return mdb_txn_begin(s->env, NULL, s->read_only ? MDB_RDONLY : 0, &s->txn) == 0 ? PALIER_OK : PALIER_ESTORE;
}

void store_abort(struct store *s)
{
	if (!s->txn)
		return;
	cursors_close(s);
	mdb_txn_abort(s->txn);
	s->txn = NULL;
	s->dirty = 0;
}

/* --- opening --- */

static int file_check(const char *file, char *why)
{
	struct stat st;
	MDB_env *env = NULL;
	MDB_envinfo info;
	MDB_stat ms;
	int rc;

	if (stat(file, &st) != 0)
		return complain(why, errno == ENOENT ? PALIER_ENOENT : PALIER_ESTORE,
			"the index %s is missing: run `palier rebuild` to make it again from the journal", file);
	if (st.st_size < 2 * (off_t)sysconf(_SC_PAGESIZE))
		return complain(why, PALIER_EDAMAGED, "the index %s is empty or truncated: run `palier rebuild`", file);
	rc = mdb_env_create(&env);
	if (rc == 0)
		rc = mdb_env_open(env, file, MDB_RDONLY | MDB_NOSUBDIR | MDB_NOLOCK, 0600);
	if (rc == 0)
		rc = mdb_env_info(env, &info);
	if (rc == 0)
		rc = mdb_env_stat(env, &ms);
	mdb_env_close(env);
	if (rc != 0)
		return complain(why, PALIER_EDAMAGED, "the index %s is not readable: run `palier rebuild`", file);
	if ((size_t)st.st_size < (info.me_last_pgno + 1) * (size_t)ms.ms_psize)
		return complain(why, PALIER_EDAMAGED, "the index %s is truncated: run `palier rebuild`", file);
	return PALIER_OK;
}

static bool is_made(enum store_mode mode)
{
	return mode == STORE_CREATE || mode == STORE_SCRATCH;
}

/* LMDB finds that its own pages contradict each other, and would abort. */
static void on_contradiction(MDB_env *env, const char *what)
{
	(void)env;
	log_error("index.damaged", "what=\"%s\": run palier rebuild, then start palierd again", what);
	_exit(palier_error_info(PALIER_EDAMAGED)->exit_code);
}

static int env_open(struct store *s, enum store_mode mode)
{
	unsigned flags = MDB_NOSUBDIR | MDB_NOTLS | (s->read_only ? MDB_RDONLY : 0) | (mode == STORE_COPY ? MDB_NOLOCK : 0) |
	                 (mode == STORE_SCRATCH ? MDB_NOSYNC : 0);
	MDB_envinfo info;
	int rc = mdb_env_create(&s->env);

	if (rc == 0)
		rc = mdb_env_set_assert(s->env, on_contradiction);
	if (rc == 0)
		rc = mdb_env_set_maxdbs(s->env, TREES_MAX);
	if (rc == 0 && is_made(mode))
		rc = mdb_env_set_mapsize(s->env, MAP_FIRST);
	if (rc == 0)
		rc = mdb_env_open(s->env, s->file, flags, 0600);
	if (rc == 0)
		rc = mdb_env_info(s->env, &info);
	if (rc != 0)
		return PALIER_ESTORE;
	return s->read_only ? PALIER_OK : map_set(s, info.me_mapsize);
}

/* What was committed last must be laid out as this program reads it. Where nothing was committed yet, it will be. */
static bool layout_is_ours(struct store *s)
{
	struct palier_bytes v;
	struct palier_cut c;
	int err = store_get(s, s->meta, MARK_KEY, &v);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT;
	c = palier_cut_of(v);
	palier_cut_raw(&c, MARK_LEN - 4);
	return palier_cut_uint(&c, 4) == LAYOUT && !c.bad;
}

static int meta_open(struct store *s, enum store_mode mode, char *why)
{
	int err = env_open(s, mode);

	if (err == PALIER_OK)
		err = store_tree(s, "meta", &s->meta);
	if (err != PALIER_OK)
		return complain(why, err,
			"the index %s cannot be opened: is the disk full, or does it belong to another user?", s->file);
	if (!layout_is_ours(s))
		return complain(why, PALIER_EDAMAGED,
			"the index %s is of another version of palier: run `palier rebuild` to make it again from the journal",
			s->file);
	return PALIER_OK;
}

int store_open(const char *dir, enum store_mode mode, struct store **out, char *why)
{
	struct store *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		abort();
	s->read_only = mode == STORE_READ || mode == STORE_COPY;
	snprintf(s->file, sizeof(s->file), "%s/data.mdb", dir);
	if (is_made(mode)) {
		err = mkdir(dir, 0700) == 0 ? PALIER_OK : complain(why, PALIER_ESTORE, "cannot make the directory %s", dir);
	} else {
		err = file_check(s->file, why);
	}
	if (err == PALIER_OK)
		err = meta_open(s, mode, why);
	if (err != PALIER_OK) {
		store_close(s);
		return err;
	}
	*out = s;
	return PALIER_OK;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	store_abort(s);
	if (s->env)
		mdb_env_close(s->env);
	free(s);
}

/* A tree's handle lives only as long as the transaction that opened it, unless that commits. */
int store_tree(struct store *s, const char *name, unsigned *out)
{
	MDB_dbi dbi;
	int rc, err = PALIER_OK;

	if (s->tree_count == TREES_MAX)
		return PALIER_ESTORE;
	store_abort(s);
	if (txn_begin(s) != PALIER_OK)
		return PALIER_ESTORE;
	rc = mdb_dbi_open(s->txn, name, s->read_only ? 0 : MDB_CREATE, &dbi);
	if (rc == 0 && mdb_txn_commit(s->txn) != 0)
		err = PALIER_ESTORE;
	else if (rc != 0) {
		mdb_txn_abort(s->txn);
		err = rc == MDB_NOTFOUND ? PALIER_ENOENT : PALIER_ESTORE;
	}
	s->txn = NULL;
	if (err == PALIER_OK) {
		s->trees[s->tree_count] = dbi;
		*out = s->tree_count++;
	}
	return err;
}

/* --- reading and writing --- */

static MDB_val val_of(struct palier_bytes b)
{
	return (MDB_val){ b.len, (void *)(uintptr_t)b.at };
}

static int err_of(struct store *s, int rc)
{
	s->full = s->full || rc == MDB_MAP_FULL;
	return rc == 0 ? PALIER_OK : rc == MDB_NOTFOUND ? PALIER_ENOENT : PALIER_ESTORE;
}

static int cursor_of(struct store *s, unsigned tree, MDB_cursor **out)
{
	if (txn_begin(s) != PALIER_OK)
		return PALIER_ESTORE;
	if (!s->cursors[tree] && mdb_cursor_open(s->txn, s->trees[tree], &s->cursors[tree]) != 0)
		return PALIER_ESTORE;
	*out = s->cursors[tree];
	return PALIER_OK;
}

/* Through the tree's kept cursor: a member's rows lie side by side, and it looks at the page it stands on first. */
int store_get(struct store *s, unsigned tree, struct palier_bytes key, struct palier_bytes *out)
{
	MDB_val k = val_of(key), v;
	MDB_cursor *cursor;
	int rc;

	if (cursor_of(s, tree, &cursor) != PALIER_OK)
		return PALIER_ESTORE;
	rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_KEY);
	if (rc == 0)
		*out = palier_bytes_of(v.mv_data, v.mv_size);
	return err_of(s, rc);
}

int store_put(struct store *s, unsigned tree, struct palier_bytes key, struct palier_bytes value)
{
	MDB_val k = val_of(key), v = val_of(value);
	MDB_cursor *cursor;

	if (cursor_of(s, tree, &cursor) != PALIER_OK)
		return PALIER_ESTORE;
	s->dirty++;
	return err_of(s, mdb_cursor_put(cursor, &k, &v, 0));
}

int store_del(struct store *s, unsigned tree, struct palier_bytes key)
{
	MDB_val k = val_of(key);
	int rc;

	if (txn_begin(s) != PALIER_OK)
		return PALIER_ESTORE;
	s->dirty++;
	rc = mdb_del(s->txn, s->trees[tree], &k, NULL);
	return rc == MDB_NOTFOUND ? PALIER_OK : err_of(s, rc);
}

int store_clear(struct store *s, unsigned tree)
{
	if (txn_begin(s) != PALIER_OK)
		return PALIER_ESTORE;
	if (s->cursors[tree])
		mdb_cursor_close(s->cursors[tree]);
	s->cursors[tree] = NULL;
	s->dirty++;
	return err_of(s, mdb_drop(s->txn, s->trees[tree], 0));
}

int store_seek(struct store *s, unsigned tree, struct palier_bytes from, bool after, struct palier_bytes *key,
	struct palier_bytes *value)
{
	MDB_val k = val_of(from), v;
	MDB_cursor *cursor;
	int rc;

	if (cursor_of(s, tree, &cursor) != PALIER_OK)
		return PALIER_ESTORE;
	rc = from.len == 0 ? mdb_cursor_get(cursor, &k, &v, MDB_FIRST) : mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
	if (rc == 0 && after && k.mv_size == from.len && memcmp(k.mv_data, from.at, from.len) == 0)
		rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
	if (rc == 0) {
		*key = palier_bytes_of(k.mv_data, k.mv_size);
		*value = palier_bytes_of(v.mv_data, v.mv_size);
	}
	return err_of(s, rc);
}

/* --- the mark, and committing --- */

size_t store_dirty(const struct store *s)
{
	return s->dirty;
}

int store_commit(struct store *s, const struct store_mark *mark)
{
	struct palier_value v = { .len = 0 };
	int rc, err;

	palier_value_uint(&v, mark->seq, 8);
	palier_value_uint(&v, mark->batch, 4);
	palier_value_uint(&v, mark->offset, 8);
	palier_value_raw(&v, mark->hash, 32);
	palier_value_uint(&v, LAYOUT, 4);
	err = store_put(s, s->meta, MARK_KEY, palier_value_bytes(&v));
	if (err != PALIER_OK) {
		store_abort(s);
		return err;
	}
	cursors_close(s);
	rc = mdb_txn_commit(s->txn); /* frees the transaction, also when it fails */
	s->txn = NULL;
	s->dirty = 0;
	return err_of(s, rc);
}

int store_sync(struct store *s)
{
	return mdb_env_sync(s->env, 1) == 0 ? PALIER_OK : PALIER_ESTORE;
}

void store_bury(struct store *s)
{
	int dead = 0;

	if (mdb_reader_check(s->env, &dead) == 0 && dead > 0)
		log_warn("index.reader", "dead=%d: killed while they read the index", dead);
}

int store_mark_read(struct store *s, struct store_mark *out)
{
	struct store_mark mark = { 0 };
	struct palier_bytes v;
	struct palier_cut c;
	int err = store_get(s, s->meta, MARK_KEY, &v);

	if (err == PALIER_ENOENT) {
		*out = mark;
		return PALIER_OK;
	}
	if (err != PALIER_OK)
		return err;
	c = palier_cut_of(v);
	mark.seq = palier_cut_uint(&c, 8);
	mark.batch = (uint32_t)palier_cut_uint(&c, 4);
	mark.offset = palier_cut_uint(&c, 8);
	if (v.len != MARK_LEN)
		return PALIER_EDAMAGED;
	memcpy(mark.hash, palier_cut_raw(&c, 32).at, 32);
	*out = mark;
	return PALIER_OK;
}

int store_copy(struct store *s, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok;

	if (fd < 0)
		return PALIER_EIO;
	store_abort(s);
	ok = mdb_env_copyfd2(s->env, fd, MDB_CP_COMPACT) == 0 && fsync(fd) == 0;
	close(fd);
	return ok ? PALIER_OK : PALIER_EIO;
}

const char *store_library(void)
{
	return mdb_version(NULL, NULL, NULL);
}
