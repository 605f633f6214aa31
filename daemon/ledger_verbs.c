/* SPDX-License-Identifier: Apache-2.0 */
/* Work on a ledger as a whole: check it, make its index again. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/core.h"
#include "daemon/ledger_walk.h"
#include "protocol/progress.h"

#define STUCK_S      20      /* a row takes no longer, unless its reader goes round in circles */
#define COMMIT_EVERY 100000u /* writes between commits of a new index: nobody waits for it */

static void index_remove(const char *dir)
{
	static const char *const files[] = { "data.mdb", "data.mdb-lock" };
	char path[4200];

	for (unsigned i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		unlink(path);
	}
	rmdir(dir);
}

/* --- folding the whole journal into a new index --- */

/* The parts of a ledger that reading needs: the index that is there, and one that the journal is folded into. */
struct bench {
	struct ledger ledger;      /* its store is the new index */
	struct plugin_set plugins; /* bound to it */
	struct walk walk;
	struct progress progress;
	uint32_t last;
	bool open;
	const struct store_mark *mark; /* of the index that is there */
	bool met;                      /* a line ends at that mark, and is the one that the index has seen */
};

/* The same plugins, whose tables have no place yet: those of the caller's set stay its own. */
static struct plugin_set unbound(const struct plugin_set *plugins)
{
	struct plugin_set set = *plugins;

	memset(set.bound, 0, sizeof(set.bound));
	return set;
}

static void walk_progress(const struct walk *w)
{
	struct bench *b = (struct bench *)((char *)(uintptr_t)w - offsetof(struct bench, walk));

	progress_show(&b->progress, w->done, w->total);
	if (b->mark && w->at.batch == b->mark->batch && w->at.offset == b->mark->offset)
		b->met = w->at.seq == b->mark->seq && memcmp(w->at.hash, b->mark->hash, SHA256_LEN) == 0;
	if (w->ledger->store && store_dirty(w->ledger->store) >= COMMIT_EVERY)
		store_commit(w->ledger->store, &w->at);
}

static uint64_t journal_bytes(struct bench *b)
{
	uint64_t total = 0;
	uint64_t size;

	for (uint32_t batch = 1; batch <= b->last; batch++)
		if (journal_size(b->ledger.journal, batch, &size) == PALIER_OK)
			total += size;
	return total;
}

static int bench_open(struct bench *b, const struct config *config, char *why)
{
	struct ledger *l = &b->ledger;
	char path[4096];

	l->config = config;
	l->plugins = &b->plugins;
	l->fold.config = config;
	l->fold.plugins = &b->plugins;
	l->fold.ledger = l;
	l->fold.arena = &l->arena;
	if (keys_open(ledger_path(config->data, "keys", path), true, &l->keys) != PALIER_OK)
		return complain(why, PALIER_ENOENT, "the key file %s is missing or damaged: restore it from a backup", path);
	if (journal_open(ledger_path(config->data, "journal", path), &l->journal) != PALIER_OK ||
		journal_last(l->journal, &b->last, &b->open) != PALIER_OK)
		return complain(why, PALIER_ENOENT, "the journal %s is missing: restore it from a backup", path);
	l->fold.keys = l->keys;
	b->walk.ledger = l;
	b->walk.why = why;
	b->walk.progress = walk_progress;
	return PALIER_OK;
}

static void bench_close(struct bench *b)
{
	store_close(b->ledger.store);
	journal_close(b->ledger.journal);
	keys_close(b->ledger.keys);
	palier_arena_deinit(&b->ledger.arena);
	palier_buffer_deinit(&b->ledger.line);
	free(b->ledger.tape);
	for (unsigned i = 0; i < b->plugins.count; i++)
		free(b->plugins.bound[i]);
}

/* Synced by whoever keeps it. @param until fold no event above it; UINT64_MAX: all */
static int index_fold(struct bench *b, const char *dir, uint64_t until, uint64_t *bad_at, char *why)
{
	struct ledger *l = &b->ledger;
	int err;

	index_remove(dir);
	err = store_open(dir, STORE_SCRATCH, &l->store, why);
	if (err != PALIER_OK)
		return err;
	err = plugins_bind(&b->plugins, l->store);
	if (err != PALIER_OK)
		return complain(why, err, "cannot write %s: is the disk full?", dir);
	l->fold.view = (struct view){ .store = l->store, .keys = l->keys, .arena = &l->arena };
	ctx_bind(&l->fold);
	b->walk.fold = true;
	b->walk.until = until;
	b->walk.total = journal_bytes(b);
	err = walk_batches(&b->walk, 1, b->last, b->open, bad_at);
	progress_end(&b->progress);
	if (err == PALIER_OK && store_commit(l->store, &b->walk.at) != PALIER_OK)
		err = complain(why, PALIER_ESTORE, "cannot write %s: is the disk full?", dir);
	return err;
}

/* --- comparing two indexes --- */

struct difference {
	unsigned plugin, table;
	uint64_t only_old, only_new, changed;
};

static bool same_key(struct palier_bytes a, struct palier_bytes b, int *order)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = memcmp(a.at, b.at, n);

	*order = c ? c : (a.len > b.len) - (a.len < b.len);
	return *order == 0;
}

/* Walk one table in both, in step. */
static int table_compare(const struct palier_tables *old, const struct palier_tables *new, unsigned table,
	struct difference *d)
{
	static const struct palier_key all;
	struct palier_cursor *a = palier_seek(old, table, &all), *b = palier_seek(new, table, &all);
	struct palier_bytes ka, va, kb, vb;
	int ea = palier_next(a, &ka, &va), eb = palier_next(b, &kb, &vb);

	while (ea == PALIER_OK || eb == PALIER_OK) {
		int order = ea != PALIER_OK ? 1 : -1;

		if (ea == PALIER_OK && eb == PALIER_OK && same_key(ka, kb, &order))
			d->changed += !palier_equal(va, vb);
		d->only_old += order < 0;
		d->only_new += order > 0;
		if (order <= 0)
			ea = palier_next(a, &ka, &va);
		if (order >= 0)
			eb = palier_next(b, &kb, &vb);
	}
	return ea == PALIER_ENOENT && eb == PALIER_ENOENT ? PALIER_OK : PALIER_ESTORE;
}

/* @return PALIER_OK: alike; PALIER_EDAMAGED after naming each table that differs */
static int index_compare(struct store *old_store, const struct plugin_set *old_set, struct bench *b)
{
	struct view old_view = { .store = old_store, .arena = &b->ledger.arena };
	int result = PALIER_OK;

	for (unsigned i = 0; i < b->plugins.count; i++)
		for (unsigned t = 0; t < b->plugins.bound_count[i]; t++) {
			struct palier_tables old = { &old_view, old_set->bound[i], old_set->bound_count[i] };
			struct difference d = { i, t, 0, 0, 0 };
			int err;

			if (b->plugins.list[i]->tables[t].flags & PALIER_LOCAL)
				continue;
			err = table_compare(&old, &b->ledger.fold.tables[i], t, &d);
			palier_arena_reset(&b->ledger.arena);
			if (err != PALIER_OK)
				printf("table %s.%s: cannot be read\n", b->plugins.list[i]->name,
					b->plugins.list[i]->tables[t].name);
			else if (d.only_old || d.only_new || d.changed)
				printf("table %s.%s: %llu rows the journal does not give, %llu missing, %llu different\n",
					b->plugins.list[i]->name, b->plugins.list[i]->tables[t].name,
					(unsigned long long)d.only_old, (unsigned long long)d.only_new,
					(unsigned long long)d.changed);
			else
				continue;
			result = PALIER_EDAMAGED;
		}
	return result;
}

/* The index that is there, read-only, and a set of plugins bound to it. @return PALIER_ENOENT when it cannot be compared */
static int old_open(const struct config *config, const struct plugin_set *plugins, struct store **store,
	struct plugin_set *set, char *why)
{
	char path[4096];
	int err = store_open(ledger_path(config->data, "index", path), STORE_READ, store, why);

	if (err != PALIER_OK)
		return err;
	*set = unbound(plugins);
	err = plugins_bind(set, *store);
	if (err != PALIER_OK)
		complain(why, err, "the index has not met every plugin yet: start palierd once, or run `palier rebuild`");
	return err;
}

static void old_close(struct store *store, struct plugin_set *set)
{
	store_close(store);
	for (unsigned i = 0; i < set->count; i++)
		free(set->bound[i]);
}

/* --- verbs --- */

/* What is there now, to be compared with what the journal gives. */
struct standing {
	struct store *store;
	struct plugin_set plugins; /* bound to it */
	struct store_mark mark;
	int err; /* PALIER_OK, or why it cannot be compared */
	char why[WHY_LEN];
};

/* @param a for the copy of a row */
static void table_read(const struct palier_tables *t, unsigned table, struct palier_arena *a)
{
	static const struct palier_key all;
	struct palier_cursor *c = palier_seek(t, table, &all);
	struct palier_bytes key, value;

	while (palier_next(c, &key, &value) == PALIER_OK) {
		alarm(STUCK_S);
		palier_copy(a, value);
		palier_arena_reset(a);
	}
}

/* All that whoever compares it will read. */
static void index_read(const struct config *config, const struct plugin_set *plugins)
{
	struct palier_arena arena = { 0 }, row = { 0 };
	struct plugin_set set;
	struct store *store;
	struct store_mark mark;
	char why[WHY_LEN];

	alarm(STUCK_S);
	if (old_open(config, plugins, &store, &set, why) != PALIER_OK || store_mark_read(store, &mark) != PALIER_OK)
		return;
	for (unsigned i = 0; i < set.count; i++)
		for (unsigned t = 0; t < set.bound_count[i]; t++) {
			struct view view = { .store = store, .arena = &arena };
			struct palier_tables tables = { &view, set.bound[i], set.bound_count[i] };

			table_read(&tables, t, &row);
		}
	old_close(store, &set); /* else its reader stays in LMDB's table, and the pages that it saw with it */
}

/* LMDB believes its pages, so a damaged one may kill or hold its reader: a child reads the index first. */
static bool index_is_readable(const struct config *config, const struct plugin_set *plugins)
{
	static const struct rlimit no_core;
	int status, nowhere;
	pid_t parent = getpid(), pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		setrlimit(RLIMIT_CORE, &no_core);
		nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
		dup2(nowhere, STDERR_FILENO);
		index_read(config, plugins);
		_exit(0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void standing_open(struct standing *st, const struct config *config, const struct plugin_set *plugins)
{
	if (!index_is_readable(config, plugins)) {
		st->err =
			complain(st->why, PALIER_EDAMAGED, "the index in %s is damaged: run `palier rebuild`", config->data);
		return;
	}
	st->err = old_open(config, plugins, &st->store, &st->plugins, st->why);
	if (st->err == PALIER_OK)
		st->err = store_mark_read(st->store, &st->mark);
	if (st->err == PALIER_EDAMAGED && !st->why[0])
		complain(st->why, st->err, "the index in %s is damaged: run `palier rebuild`", config->data);
}

static void standing_close(struct standing *st)
{
	if (st->store)
		old_close(st->store, &st->plugins);
}

static int finding(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static int finding(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	return PALIER_EDAMAGED;
}

/* The chain is whole up to `bad_at`; does it hold all that the index has seen, and no other? */
static int check_against(const struct standing *st, const struct bench *b, uint64_t bad_at)
{
	if (st->err != PALIER_OK)
		return finding("%s", st->why);
	if (bad_at != UINT64_MAX && st->mark.batch == b->last && bad_at < st->mark.offset)
		return finding("journal %u is damaged at byte %llu: event %llu was booked and is no longer readable there",
			b->last, (unsigned long long)bad_at, (unsigned long long)b->walk.at.seq + 1);
	if (st->mark.seq > b->walk.at.seq)
		return finding("the journal ends at event %llu, but event %llu was booked",
			(unsigned long long)b->walk.at.seq, (unsigned long long)st->mark.seq);
	if (st->mark.seq && !b->met)
		return finding("event %llu is not the one that was booked", (unsigned long long)st->mark.seq);
	return PALIER_OK;
}

/* Why a line could not be folded: when it is not the one that was booked, no plugin is missing and no disk is full.
 * @return PALIER_EDAMAGED with another why; err */
static int blame(struct bench *b, const struct standing *st, int err, char *why)
{
	char what[WHY_LEN];
	struct walk w = { .ledger = &b->ledger, .mark = st->mark, .why = what };
	uint64_t bad_at = UINT64_MAX;

	if (walk_batches(&w, 1, b->last, b->open, &bad_at) != PALIER_EDAMAGED)
		return err;
	return complain(why, PALIER_EDAMAGED, "%s", what);
}

/* Checks wait for each other: they share the place of their index. @return the lock, or -1 */
static int check_lock(const struct config *config)
{
	int fd = open(config->data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		flock(fd, LOCK_EX);
	return fd;
}

struct opinion {
	const char *plugin;
	int err;
};

static void opinion_say(void *who, const char *text)
{
	struct opinion *o = who;

	o->err = finding("plugin %s: %s", o->plugin, text);
}

/* Do the tables agree with themselves, as their plugins see it? */
static int tables_agree(struct bench *b)
{
	struct opinion o = { .err = PALIER_OK };

	for (unsigned i = 0; i < b->plugins.count; i++) {
		int err = PALIER_OK;

		o.plugin = b->plugins.list[i]->name;
		if (b->plugins.list[i]->check)
			err = b->plugins.list[i]->check(&b->ledger.fold.tables[i], opinion_say, &o);
		palier_arena_reset(&b->ledger.arena);
		if (err != PALIER_OK)
			o.err = finding("plugin %s: its tables cannot be read", o.plugin);
	}
	return o.err;
}

int ledger_check(const struct config *config, struct plugin_set *plugins, char *why)
{
	struct bench b = { .plugins = unbound(plugins), .progress = { .what = "checking" } };
	struct standing st = { .err = PALIER_ENOENT };
	uint64_t bad_at = UINT64_MAX;
	char dir[4096];
	int lock = check_lock(config), err = ledger_find(config->data, config->store.id, why);

	if (err == PALIER_OK)
		err = bench_open(&b, config, why);
	if (err == PALIER_OK) {
		/* Before the journal is read: a running daemon does not get ahead of it. */
		standing_open(&st, config, plugins);
		b.mark = &st.mark;
		err = index_fold(&b, ledger_path(config->data, "index.check", dir), st.mark.seq, &bad_at, why);
		index_remove(ledger_path(config->data, "index.check", dir));
		if (err != PALIER_OK && err != PALIER_EDAMAGED)
			err = blame(&b, &st, err, why);
		if (err == PALIER_EDAMAGED)
			finding("%s", why);
		else if (err == PALIER_OK)
			err = check_against(&st, &b, bad_at);
		if (err == PALIER_OK)
			err = index_compare(st.store, &st.plugins, &b);
		if (err == PALIER_OK)
			err = tables_agree(&b);
	}
	if (err == PALIER_OK)
		printf("ok: %llu events, every line linked to the one before, all tables as the journal gives them\n",
			(unsigned long long)b.walk.at.seq);
	standing_close(&st);
	bench_close(&b);
	if (lock >= 0)
		close(lock);
	return err;
}

/* The new index takes the old one's place. */
static int index_replace(const struct config *config, const char *fresh, char *why)
{
	char path[4096], old[4096];

	ledger_path(config->data, "index", path);
	ledger_path(config->data, "index.old", old);
	index_remove(old);
	if ((rename(path, old) != 0 && errno != ENOENT) || rename(fresh, path) != 0)
		return complain(why, PALIER_EIO, "cannot put %s in its place: %s", fresh, strerror(errno));
	index_remove(old);
	return ledger_dir_sync(config->data) == PALIER_OK ? PALIER_OK
	                                                  : complain(why, PALIER_EIO, "cannot sync %s", config->data);
}

/* Fold anew and compare. @param same PALIER_OK: nothing had to change; PALIER_EDAMAGED: it was wrong; PALIER_ENOENT: nothing to compare */
static int index_again(struct bench *b, const struct config *config, const struct plugin_set *plugins, const char *dir,
	int *same, char *why)
{
	struct standing st = { .err = PALIER_ENOENT };
	uint64_t bad_at = UINT64_MAX;
	int err = bench_open(b, config, why);

	if (err == PALIER_OK)
		err = index_fold(b, dir, UINT64_MAX, &bad_at, why);
	if (err == PALIER_OK && store_sync(b->ledger.store) != PALIER_OK)
		err = complain(why, PALIER_ESTORE, "cannot write %s: is the disk full?", dir);
	if (err != PALIER_OK)
		return err;
	standing_open(&st, config, plugins);
	*same = st.err == PALIER_OK && st.mark.seq == b->walk.at.seq ? index_compare(st.store, &st.plugins, b)
	                                                             : PALIER_ENOENT;
	standing_close(&st);
	return PALIER_OK;
}

/* A key file from before an erasure holds the key again. */
static int keys_again(struct bench *b, const struct config *config, char *why)
{
	char path[4096];
	struct keys *k;
	int err = keys_open(ledger_path(config->data, "keys", path), false, &k);

	if (err == PALIER_OK) {
		err = erased_again(&b->ledger.fold.tables[0], k);
		keys_close(k);
	}
	return err == PALIER_OK ? err
	                        : complain(why, err, "the keys of erased members in %s cannot be overwritten: %s", path,
					  strerror(errno));
}

int ledger_rebuild(const struct config *config, struct plugin_set *plugins, char *why)
{
	struct bench b = { .plugins = unbound(plugins), .progress = { .what = "rebuilding" } };
	char dir[4096];
	int lock = -1, same = PALIER_ENOENT, err = ledger_find(config->data, config->store.id, why);

	ledger_path(config->data, "index.new", dir);
	if (err == PALIER_OK)
		err = ledger_lock(config->data, &lock, why);
	if (err == PALIER_OK)
		err = index_again(&b, config, plugins, dir, &same, why);
	if (err == PALIER_OK)
		err = keys_again(&b, config, why);
	bench_close(&b);
	if (err == PALIER_OK)
		err = index_replace(config, dir, why);
	if (err == PALIER_OK)
		printf("rebuilt: %llu events; %s\n", (unsigned long long)b.walk.at.seq,
			same == PALIER_OK         ? "the same keys and values as before"
			: same == PALIER_EDAMAGED ? "the index was wrong and is right now"
						  : "there was no index at this event to compare with");
	if (lock >= 0)
		close(lock);
	return err == PALIER_OK && same == PALIER_EDAMAGED ? PALIER_EDAMAGED : err;
}

/* The key file was backed up before the journal was: who was enrolled in between keeps his points, and has no name any more. */
static int keys_complete(const struct bench *b, const struct config *config, char *why)
{
	int64_t slots = core_counter(&b->ledger.fold.tables[0], "slot") + 1, missing = slots - keys_count(b->ledger.keys);
	char path[4096];
	bool ok;
	int fd;

	if (missing <= 0)
		return PALIER_OK;
	fd = open(ledger_path(config->data, "keys", path), O_WRONLY | O_CLOEXEC);
	ok = fd >= 0 && ftruncate(fd, slots * CRYPTO_KEY_LEN) == 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	if (!ok)
		return complain(why, PALIER_EIO, "cannot write %s: %s", path, strerror(errno));
	printf("the key file is older than the journal: %lld members enrolled since have no readable name\n",
		(long long)missing);
	return PALIER_OK;
}

int ledger_refold(const struct config *config, struct plugin_set *plugins, char *why)
{
	struct bench b = { .plugins = unbound(plugins), .progress = { .what = "verifying" } };
	char dir[4096];
	int same = PALIER_ENOENT, err;

	ledger_path(config->data, "index.new", dir);
	err = index_again(&b, config, plugins, dir, &same, why);
	if (err == PALIER_OK)
		err = keys_complete(&b, config, why);
	if (err == PALIER_OK)
		err = keys_again(&b, config, why);
	bench_close(&b);
	if (err == PALIER_OK && same != PALIER_OK)
		return index_replace(config, dir, why);
	index_remove(dir);
	return err;
}
