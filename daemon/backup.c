/* SPDX-License-Identifier: Apache-2.0 */
/* A backup of a ledger, whether palierd runs or not: a compact copy of the index first, then the journal at least as far as the index has
 * followed it, the keys last and apart. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/copies.h"
#include "daemon/ledger.h"

#define PATH_LEN 4096
#define KEYS_DIR "keys-apart"

/* A mark is one line. */
#define TAKEN_WORD "taken "
#define EVENT_WORD " event "

struct backup {
	const struct config *config;
	const char *dir, *keys_dir;
	struct copies files, keys;
	struct copies_bar bar;
	struct journal *journal;
	uint32_t last;          /* journal file */
	bool last_open;         /* is its day open? */
	struct store_mark end;  /* of the journal's events when the backup began; without hash */
	uint64_t whole;         /* where the last file's whole lines end: a day's tail is no event */
	struct store_mark mark; /* how far the copied index has followed */
	bool followed;          /* as far as `end`: so the daemon has synced that much; else no daemon works on it */
	char title[256];
	char *why;
};

/* --- marks: what the last backup was, or which one was restored ---------------------------------------------------- */

int backup_mark_read(const char *dir, const char *name, struct backup_mark *out)
{
	char path[PATH_LEN], line[128] = "", *event;
	uint64_t seq;
	int64_t at;
	FILE *f = fopen(ledger_path(dir, name, path), "re");

	if (!f)
		return PALIER_ENOENT;
	event = fgets(line, sizeof(line), f) ? strstr(line, EVENT_WORD) : NULL;
	fclose(f);
	if (!event || strncmp(line, TAKEN_WORD, strlen(TAKEN_WORD)) != 0)
		return PALIER_EDAMAGED;
	*event = '\0';
	seq = strtoull(event + strlen(EVENT_WORD), NULL, 10);
	if (!time_parse(palier_str(line + strlen(TAKEN_WORD)), &at))
		return PALIER_EDAMAGED;
	*out = (struct backup_mark){ at, seq };
	return PALIER_OK;
}

static int mark_write(const char *dir, const char *name, const struct backup_mark *mark)
{
	char path[PATH_LEN], fresh[PATH_LEN + 8], taken[32];
	FILE *f;
	bool ok;

	time_format(mark->taken_ms, taken);
	snprintf(fresh, sizeof(fresh), "%s.new", ledger_path(dir, name, path));
	f = fopen(fresh, "we");
	if (!f)
		return PALIER_EIO;
	ok = fprintf(f, TAKEN_WORD "%s" EVENT_WORD "%" PRIu64 "\n", taken, mark->seq) > 0 && fflush(f) == 0 &&
	     fsync(fileno(f)) == 0;
	ok = fclose(f) == 0 && ok && rename(fresh, path) == 0 && directory_sync(dir) == PALIER_OK;
	return ok ? PALIER_OK : PALIER_EIO;
}

/* --- how far ------------------------------------------------------------------------------------------------------- */

/* Where events and lines end in the last file, read from where the index stands in it. */
static int journal_end_find(struct backup *b, const struct store_mark *mark)
{
	struct journal_scan s;
	struct palier_bytes line;
	struct palier_hash prev;
	uint64_t turn;
	int what, err;

	b->end = (struct store_mark){ .seq = mark->seq, .batch = b->last };
	if (b->last == 0)
		return PALIER_OK;
	err = journal_scan_open(b->journal, b->last, b->last == mark->batch ? mark->offset : 0, &s);
	if (err != PALIER_OK)
		return complain(b->why, err, "journal %u cannot be read", b->last);
	while ((what = journal_scan_next(&s, &line)) == JOURNAL_LINE) {
		b->whole = s.next;
		if (s.offset == 0 || batch_links(line, &b->end.seq, &turn, &prev))
			b->end.offset = s.next;
	}
	if (b->last == mark->batch && b->end.offset < mark->offset)
		b->end.offset = mark->offset;
	if (b->whole < b->end.offset)
		b->whole = b->end.offset;
	journal_scan_close(&s);
	return what < 0 ? complain(b->why, what, "journal %u cannot be read", b->last) : PALIER_OK;
}

static bool reaches(const struct store_mark *mark, const struct store_mark *end)
{
	return mark->batch > end->batch || (mark->batch == end->batch && mark->offset >= end->offset);
}

/* A daemon that runs commits within a second or two what it has booked. Where none runs nothing comes; the journal may then be ahead of
 * the index, after a crash. */
static int index_await(struct backup *b, struct store *s)
{
	const struct timespec nap = { 0, 20000000 };
	struct store_mark mark;
	int err = store_mark_read(s, &mark);

	if (err == PALIER_OK)
		err = journal_end_find(b, &mark);
	for (int naps = 0; err == PALIER_OK && naps < 200 && !reaches(&mark, &b->end); naps++) {
		nanosleep(&nap, NULL);
		store_abort(s); /* to see what was committed since */
		err = store_mark_read(s, &mark);
	}
	return err;
}

static int index_copy(struct backup *b)
{
	char path[PATH_LEN], to[PATH_LEN];
	struct store *s;
	int err = store_open(ledger_path(b->config->data, "index", path), STORE_READ, &s, b->why);

	if (err != PALIER_OK)
		return err;
	err = index_await(b, s);
	if (err == PALIER_OK)
		err = copies_dir(&b->files, "index", b->why);
	if (err == PALIER_OK && store_copy(s, ledger_path(b->dir, "index/data.mdb", to)) != PALIER_OK)
		err = complain(b->why, PALIER_EIO, "cannot copy the index to %s: is the disk full?", to);
	store_close(s);
	if (err == PALIER_OK)
		err = store_open(ledger_path(b->dir, "index", path), STORE_COPY, &s, b->why);
	if (err != PALIER_OK)
		return err;
	err = store_mark_read(s, &b->mark);
	store_close(s);
	b->followed = reaches(&b->mark, &b->end);
	return err == PALIER_OK ? copies_list(&b->files, "index/data.mdb", b->why)
	                        : complain(b->why, err, "the copied index in %s cannot be read", path);
}

/* --- the journal --------------------------------------------------------------------------------------------------- */

/* Lines that nobody may have synced yet are, from here on. */
static int journal_make_durable(const char *path, char *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && fdatasync(fd) == 0;

	if (!ok)
		complain(why, errno == ENOENT ? PALIER_ENOENT : PALIER_EIO, "cannot sync %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok ? PALIER_OK : PALIER_EIO;
}

static int batch_copy_once(struct backup *b, uint32_t batch)
{
	char path[PATH_LEN], name[64];
	bool open;
	int err = journal_path(b->journal, batch, path);

	if (err != PALIER_OK)
		return complain(b->why, PALIER_EDAMAGED, "journal %u is missing: run `palier check`", batch);
	open = strcmp(strrchr(path, '.'), ".open") == 0;
	snprintf(name, sizeof(name), "journal/%s", strrchr(path, '/') + 1);
	if (!open)
		return copies_link(&b->files, path, name, b->why);
	if (!b->followed)
		err = journal_make_durable(path, b->why);
	return err == PALIER_OK ? copies_add(&b->files, path, name, b->followed ? b->mark.offset : b->whole, b->why) : err;
}

/* A day may be closed, and its file renamed, between the look and the copy. */
static int batch_copy(struct backup *b, uint32_t batch)
{
	int err = batch_copy_once(b, batch);

	return err == PALIER_ENOENT ? batch_copy_once(b, batch) : err;
}

static int journal_copy(struct backup *b)
{
	uint32_t last = b->followed ? b->mark.batch : b->end.batch;
	int err = copies_dir(&b->files, "journal", b->why);

	for (uint32_t batch = 1; batch <= last && err == PALIER_OK; batch++)
		err = batch_copy(b, batch);
	return err;
}

/* --- the verb ------------------------------------------------------------------------------------------------------ */

static uint64_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* The index is much smaller once compact, so this is at most; the bar jumps at its end rather than stand still. */
static uint64_t bytes_ahead(struct backup *b)
{
	char path[PATH_LEN];
	uint64_t total = size_of(ledger_path(b->config->data, "keys", path));

	for (uint32_t batch = 1; batch <= b->last; batch++)
		if (journal_path(b->journal, batch, path) == PALIER_OK)
			total += size_of(path);
	return total;
}

static int begin(struct backup *b, int64_t now_ms)
{
	char path[PATH_LEN], taken[32];
	int err = journal_open(ledger_path(b->config->data, "journal", path), &b->journal);

	if (err != PALIER_OK || journal_last(b->journal, &b->last, &b->last_open) != PALIER_OK)
		return complain(b->why, PALIER_EIO, "the journal %s cannot be read", path);
	b->bar.total = bytes_ahead(b);
	time_format(now_ms, taken);
	snprintf(b->title, sizeof(b->title), "# palier backup 1 of store %s taken %s", b->config->store.id, taken);
	err = copies_begin(&b->files, b->dir, &b->bar, b->title, b->why);
	return err == PALIER_OK ? copies_begin(&b->keys, b->keys_dir, &b->bar, b->title, b->why) : err;
}

static int copy_all(struct backup *b)
{
	char path[PATH_LEN];
	int err = copies_add(&b->files, ledger_path(b->config->data, "FORMAT", path), "FORMAT", UINT64_MAX, b->why);

	if (err == PALIER_OK)
		err = index_copy(b);
	if (err == PALIER_OK)
		err = journal_copy(b);
	if (err == PALIER_OK && (directory_sync(ledger_path(b->dir, "journal", path)) != PALIER_OK ||
					directory_sync(ledger_path(b->dir, "index", path)) != PALIER_OK))
		err = complain(b->why, PALIER_EIO, "cannot sync %s: %s", path, strerror(errno));
	if (err == PALIER_OK)
		err = copies_add(&b->keys, ledger_path(b->config->data, "keys", path), "keys", UINT64_MAX, b->why);
	if (err == PALIER_OK)
		err = copies_end(&b->keys, b->why);
	return err == PALIER_OK ? copies_end(&b->files, b->why) : err;
}

int ledger_backup(const struct config *config, const char *dir, const char *keys_dir, char *why)
{
	struct backup b = { .config = config,
		.dir = dir,
		.keys_dir = keys_dir,
		.why = why,
		.bar.progress.what = "backing up" };
	struct backup_mark mark = { .taken_ms = clock_now_ms() };
	char beside[PATH_LEN];
	int err = ledger_find(config->data, config->store.id, why);

	if (!keys_dir)
		b.keys_dir = ledger_path(dir, KEYS_DIR, beside);
	if (err == PALIER_OK)
		err = begin(&b, mark.taken_ms);
	if (err == PALIER_OK)
		err = copy_all(&b);
	progress_end(&b.bar.progress);
	mark.seq = b.followed ? b.mark.seq : b.end.seq;
	if (err == PALIER_OK && mark_write(config->data, BACKUP_MARK, &mark) != PALIER_OK)
		err = complain(why, PALIER_EIO, "the backup is complete, but %s cannot be written", config->data);
	if (err == PALIER_OK)
		printf("backed up: %" PRIu64
		       " events, %u files, to %s; the keys, without which no name can be read, to %s\n",
			mark.seq, b.files.count, b.dir, b.keys_dir);
	copies_deinit(&b.files);
	copies_deinit(&b.keys);
	journal_close(b.journal);
	return err;
}

/* --- and back ------------------------------------------------------------------------------------------------------ */

struct restore {
	const struct config *config;
	const char *dir, *keys_dir;
	struct manifest files, keys;
	struct copies_bar bar;
	struct backup_mark mark;
	char *why;
};

static int title_check(struct restore *r, const char *dir, const struct manifest *m)
{
	char store[64], taken[64];
	int format;

	/* NOLINTNEXTLINE(cert-err34-c): a figure beyond an int is not our format either */
	if (sscanf(manifest_title(m), "# palier backup %d of store %63s taken %63s", &format, store, taken) != 3 ||
		format != 1 || !time_parse(palier_str(taken), &r->mark.taken_ms))
		return complain(r->why, PALIER_EDAMAGED, "%s is no backup of a palier that this one knows", dir);
	if (strcmp(store, r->config->store.id) != 0)
		return complain(r->why, PALIER_ECONFIG, "the backup at %s is of store %s, the configuration says %s", dir,
			store, r->config->store.id);
	return PALIER_OK;
}

static int verify(struct restore *r)
{
	int err = manifest_open(r->dir, &r->files, r->why);

	if (err != PALIER_OK)
		return err;
	err = manifest_open(r->keys_dir, &r->keys, r->why);
	if (err == PALIER_ENOENT)
		return complain(r->why, err,
			"the keys are not in %s, and without them no name can be read: say where they are with --keys DIR",
			r->keys_dir);
	if (err != PALIER_OK)
		return err;
	r->bar.total = 2 * (manifest_bytes(r->dir, &r->files) + manifest_bytes(r->keys_dir, &r->keys));
	err = title_check(r, r->keys_dir, &r->keys);
	if (err == PALIER_OK)
		err = title_check(r, r->dir, &r->files);
	if (err == PALIER_OK)
		err = manifest_verify(r->keys_dir, &r->keys, &r->bar, r->why);
	return err == PALIER_OK ? manifest_verify(r->dir, &r->files, &r->bar, r->why) : err;
}

static int data_is_free(const char *data, char *why)
{
	char path[PATH_LEN];

	if (access(ledger_path(data, "FORMAT", path), F_OK) == 0)
		return complain(why, PALIER_EIO, "there is a ledger at %s already: nothing was changed", data);
	if (access(data, F_OK) == 0 && !dir_is_empty(data))
		return complain(why, PALIER_EIO, "%s is not empty: move what is in it away, nothing was changed", data);
	return PALIER_OK;
}

/* @param lock to be closed unless negative */
static int data_make(struct restore *r, int *lock)
{
	const char *data = r->config->data;
	char path[PATH_LEN];

	if (mkdir(data, 0700) != 0 && errno != EEXIST)
		return complain(r->why, PALIER_EIO, "cannot make %s: %s", data, strerror(errno));
	if (journal_dir_make(ledger_path(data, "journal", path)) != 0 || mkdir(ledger_path(data, "index", path), 0700) != 0)
		return complain(r->why, PALIER_EIO, "cannot make %s: %s", path, strerror(errno));
	return ledger_lock(data, lock, r->why);
}

static bool is_closed(const struct manifest_file *f)
{
	const char *ending = strchr(f->name, '.');

	return ending && (strcmp(ending, ".jsonl") == 0 || strcmp(ending, ".jsonl" ARCHIVE_ENDING) == 0);
}

static int file_restore(struct restore *r, const char *dir, const struct manifest_file *file)
{
	char from[PATH_LEN], to[PATH_LEN];
	struct palier_hash sum;
	int err = copy_file(ledger_path(dir, file->name, from), ledger_path(r->config->data, file->name, to), UINT64_MAX,
		&r->bar, &sum, r->why);

	if (err == PALIER_OK && memcmp(sum.b, file->sum.b, SHA256_LEN) != 0)
		return complain(r->why, PALIER_EDAMAGED, "%s is read differently each time: take another backup", from);
	if (err == PALIER_OK && is_closed(file) && journal_share(to) != 0)
		return complain(r->why, PALIER_EIO, "cannot set the mode of %s: %s", to, strerror(errno));
	return err;
}

static bool is_format(const struct manifest_file *f)
{
	return strcmp(f->name, "FORMAT") == 0;
}

/* All but FORMAT, or FORMAT alone, which makes a ledger of it and so comes last. */
static int files_restore(struct restore *r, const char *dir, const struct manifest *m, bool format)
{
	struct manifest walk = *m;
	struct manifest_file file;
	int err = PALIER_OK;

	while (err == PALIER_OK && manifest_next(&walk, &file))
		if (is_format(&file) == format)
			err = file_restore(r, dir, &file);
	return err;
}

static int directories_sync(struct restore *r)
{
	static const char *const names[] = { "journal", "index", "." };
	char path[PATH_LEN];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (directory_sync(ledger_path(r->config->data, names[i], path)) != PALIER_OK)
			return complain(r->why, PALIER_EIO, "cannot sync %s: %s", path, strerror(errno));
	return PALIER_OK;
}

static int last_event(struct restore *r)
{
	char path[PATH_LEN];
	struct store *s;
	struct store_mark mark;
	int err = store_open(ledger_path(r->config->data, "index", path), STORE_COPY, &s, r->why);

	if (err != PALIER_OK)
		return err;
	err = store_mark_read(s, &mark);
	store_close(s);
	r->mark.seq = mark.seq;
	return err;
}

static int restore_all(struct restore *r, struct plugin_set *plugins)
{
	int err = files_restore(r, r->dir, &r->files, false);

	if (err == PALIER_OK)
		err = files_restore(r, r->keys_dir, &r->keys, false);
	progress_end(&r->bar.progress);
	if (err == PALIER_OK)
		err = ledger_refold(r->config, plugins, r->why);
	if (err == PALIER_OK)
		err = last_event(r);
	if (err == PALIER_OK && mark_write(r->config->data, RESTORED_MARK, &r->mark) != PALIER_OK)
		err = complain(r->why, PALIER_EIO, "cannot write %s: %s", r->config->data, strerror(errno));
	if (err == PALIER_OK)
		err = files_restore(r, r->dir, &r->files, true);
	return err == PALIER_OK ? directories_sync(r) : err;
}

int ledger_restore(const struct config *config, struct plugin_set *plugins, const char *dir, const char *keys_dir, char *why)
{
	struct restore r = { .config = config,
		.dir = dir,
		.keys_dir = keys_dir,
		.why = why,
		.bar.progress.what = "restoring" };
	char beside[PATH_LEN], taken[32];
	int lock = -1, err;

	if (!keys_dir)
		r.keys_dir = ledger_path(dir, KEYS_DIR, beside);
	err = data_is_free(config->data, why);
	if (err == PALIER_OK)
		err = verify(&r);
	if (err == PALIER_OK)
		err = data_make(&r, &lock);
	if (err == PALIER_OK)
		err = restore_all(&r, plugins);
	progress_end(&r.bar.progress);
	time_format(r.mark.taken_ms, taken);
	if (err == PALIER_OK)
		printf("restored: %" PRIu64 " events, of the backup taken %s\n", r.mark.seq, taken);
	manifest_close(&r.files);
	manifest_close(&r.keys);
	if (lock >= 0)
		close(lock);
	return err;
}
