/* SPDX-License-Identifier: Apache-2.0 */
/* Opening with recovery, accepting events, the turn's sync, the index's paced commits. */
#include "daemon/ledger.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/core.h"
#include "daemon/ledger_walk.h"
#include "daemon/log.h"
#include "daemon/metrics.h"
#include "daemon/orders.h"

/* How far the index may lag behind the journal: what a crash makes the next start fold again. docs/performance.md says why so many. */
#define COMMIT_WRITES 16384u
#define COMMIT_MS     1000

const char *ledger_path(const char *dir, const char *name, char *path)
{
	snprintf(path, 4096, "%s/%s", dir, name);
	return path;
}

int ledger_dir_sync(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok ? PALIER_OK : PALIER_EIO;
}

/* --- the mark of a ledger: DIR/FORMAT, which gets its name last when one is made --- */

static int format_write(const char *dir, const char *store_id)
{
	char path[4096], fresh[4096], text[256];
	int n = snprintf(text, sizeof(text), "palier ledger\nformat %d\nstore %s\n", BATCH_FORMAT, store_id);
	int fd = open(ledger_path(dir, "FORMAT.new", fresh), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write(fd, text, (size_t)n) == n && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok && rename(fresh, ledger_path(dir, "FORMAT", path)) == 0 ? ledger_dir_sync(dir) : PALIER_EIO;
}

/* The names that lead to the ledger's files, so that a power cut takes none of them. */
static int names_sync(const char *dir)
{
	char path[4096];
	int err = ledger_dir_sync(ledger_path(dir, "index", path));

	return err == PALIER_OK ? ledger_dir_sync(ledger_path(dir, "..", path)) : err;
}

int ledger_find(const char *dir, const char *store_id, char *why)
{
	char path[4096], text[256], store[64] = "";
	int format = 0;
	FILE *f;
	size_t n;

	if (access(dir, F_OK) != 0)
		return complain(why, PALIER_ENOENT,
			"there is no ledger at %s: `palier init` makes an empty one; if there was one, restore it from a backup",
			dir);
	f = fopen(ledger_path(dir, "FORMAT", path), "re");
	if (!f)
		return complain(why, PALIER_ENOENT,
			"%s is no ledger (%s): `palier init` makes an empty one; if there was one, restore it from a backup",
			dir, errno == ENOENT ? "its file FORMAT is missing" : strerror(errno));
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = 0;
	/* NOLINTNEXTLINE(cert-err34-c): a figure beyond an int is not our format either */
	if (sscanf(text, "palier ledger\nformat %d\nstore %63s", &format, store) != 2)
		return complain(why, PALIER_EDAMAGED, "%s is empty or damaged: restore it from a backup", path);
	if (format != BATCH_FORMAT)
		return complain(why, PALIER_EDAMAGED,
			"the ledger at %s has format %d, this palier reads %d: install the palier that wrote it", dir,
			format, BATCH_FORMAT);
	if (strcmp(store, store_id) != 0)
		return complain(why, PALIER_ECONFIG, "the ledger at %s is of store %s, the configuration says %s", dir,
			store, store_id);
	return PALIER_OK;
}

bool dir_is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d)))
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	if (d)
		closedir(d);
	return d && n == 0;
}

int ledger_create(const char *dir, const struct config *config, struct plugin_set *plugins, char *why)
{
	static const struct store_mark nothing;
	char path[4096];
	struct store *store;
	int err;

	if (access(ledger_path(dir, "FORMAT", path), F_OK) == 0)
		return complain(why, PALIER_EIO, "there is a ledger at %s already: nothing was changed", dir);
	if (mkdir(dir, 0700) != 0 && (errno != EEXIST || !dir_is_empty(dir)))
		return complain(why, PALIER_EIO,
			errno == EEXIST ? "%s is not empty and no ledger: choose another `data`" : "cannot make %s", dir);
	if (journal_dir_make(ledger_path(dir, "journal", path)) != 0 ||
		keys_create(ledger_path(dir, "keys", path)) != PALIER_OK)
		return complain(why, PALIER_EIO, "cannot make %s: %s", path, strerror(errno));
	err = store_open(ledger_path(dir, "index", path), STORE_CREATE, &store, why);
	if (err != PALIER_OK)
		return err;
	err = plugins_bind(plugins, store);
	if (err == PALIER_OK)
		err = store_commit(store, &nothing);
	store_close(store);
	if (err == PALIER_OK)
		err = names_sync(dir);
	if (err == PALIER_OK)
		err = format_write(dir, config->store.id);
	return err == PALIER_OK ? PALIER_OK : complain(why, err, "cannot write the ledger at %s: %s", dir, strerror(errno));
}

/* --- closing a day --- */

/* Behind the event of a day's close, in the same write. The index's mark stays at the event. */
static void tail_append(struct ledger *l, const struct palier_event *ev)
{
	l->line.len = 0;
	l->closing = tail_write(ev, (const struct palier_hash *)l->head.hash, &l->line);
	if (l->closing)
		journal_append(l->journal, palier_buffer_bytes(&l->line));
}

/* The day's last line is durable. */
static int day_finish(struct ledger *l)
{
	if (journal_finish(l->journal) != PALIER_OK ||
		journal_hash(l->journal, l->head.batch, &l->prev_batch) != PALIER_OK) {
		log_error("day.close", "batch=%u: its file cannot be finished: %s", l->head.batch, strerror(errno));
		return PALIER_EIO;
	}
	log_info("day.close", "day=%u batch=%u", l->day, l->head.batch);
	l->day = 0;
	l->closing = false;
	l->commit_now = true;
	return PALIER_OK;
}

/* --- opening --- */

int ledger_lock(const char *dir, int *fd, char *why)
{
	char path[4096];

	*fd = open(ledger_path(dir, "lock", path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd < 0)
		return complain(why, PALIER_EIO, "cannot open %s: %s", path, strerror(errno));
	if (flock(*fd, LOCK_EX | LOCK_NB) != 0)
		return complain(why, PALIER_EIO, "palierd is using %s: stop it first", dir);
	return PALIER_OK;
}

static int files_open(struct ledger *l, struct plugin_set *plugins, char *why)
{
	char path[4096];
	int err = keys_open(ledger_path(l->dir, "keys", path), false, &l->keys);

	if (err != PALIER_OK)
		return complain(why, err, "the key file %s is %s: restore it from a backup, without it no name can be read",
			path,
			err == PALIER_ENOENT     ? "missing"
			: err == PALIER_EDAMAGED ? "empty or truncated"
						 : "not readable");
	err = journal_open(ledger_path(l->dir, "journal", path), &l->journal);
	if (err != PALIER_OK)
		return complain(why, err, "the journal %s is missing: restore it from a backup", path);
	err = store_open(ledger_path(l->dir, "index", path), STORE_WRITE, &l->store, why);
	if (err != PALIER_OK)
		return err;
	err = plugins_bind(plugins, l->store);
	return err == PALIER_OK ? err : complain(why, err, "the index in %s cannot be written: is the disk full?", path);
}

static void fold_init(struct ledger *l)
{
	l->fold.ledger = l;
	l->fold.config = l->config;
	l->fold.plugins = l->plugins;
	l->fold.keys = l->keys;
	l->fold.arena = &l->arena;
	l->fold.view = (struct view){ .store = l->store, .keys = l->keys, .arena = &l->arena };
	ctx_bind(&l->fold);
}

/* A file whose head line never became durable holds nothing. */
static int headless_drop(struct ledger *l, uint32_t batch)
{
	char path[4096];

	log_warn("journal.cut", "batch=%u at=0 reason=torn_head", batch);
	return journal_path(l->journal, batch, path) == PALIER_OK && unlink(path) == 0 ? PALIER_OK : PALIER_EIO;
}

/* Go on with the last file as it was left. Where it ends in the event of a day's close, the close is finished. */
static int last_resume(struct ledger *l, const struct walk *w, bool open)
{
	struct palier_event ev;
	int err;

	if (!open)
		return l->head.batch ? journal_hash(l->journal, l->head.batch, &l->prev_batch) : PALIER_OK;
	l->day = w->day;
	l->first_seq = w->first_seq;
	err = journal_resume(l->journal, l->head.batch, w->tail_end ? w->tail_end : l->head.offset);
	if (err != PALIER_OK || !w->line_at)
		return err;
	err = ledger_event_at(l, l->head.batch, w->line_at, &l->arena, &ev);
	if (err == PALIER_OK)
		tail_append(l, &ev);
	palier_arena_reset(&l->arena);
	if (err != PALIER_OK || !l->closing)
		return err;
	log_warn("day.resume", "batch=%u tail=%d: its close is finished", l->head.batch, w->tail_end != 0);
	if (w->tail_end)
		journal_discard(l->journal);
	else if (journal_write(l->journal) != PALIER_OK || journal_sync(l->journal) != PALIER_OK)
		return PALIER_EIO;
	return day_finish(l);
}

static int recover(struct ledger *l, char *why)
{
	struct walk w = { .ledger = l, .fold = true, .until = UINT64_MAX, .why = why };
	uint64_t bad_at = UINT64_MAX;
	uint32_t last;
	bool open;
	int err = store_mark_read(l->store, &w.mark);

	if (err != PALIER_OK || journal_last(l->journal, &last, &open) != PALIER_OK)
		return complain(why, PALIER_EIO, "the ledger at %s cannot be read", l->dir);
	err = walk_batches(&w, w.mark.batch ? w.mark.batch : 1, last, open, &bad_at);
	if (err != PALIER_OK)
		return err;
	if (bad_at == 0)
		return headless_drop(l, last) == PALIER_OK ? recover(l, why)
		                                           : complain(why, PALIER_EIO, "journal %u cannot be removed", last);
	l->head = l->synced = w.at.batch ? w.at : w.mark;
	if (bad_at != UINT64_MAX)
		log_warn("journal.cut", "batch=%u at=%llu reason=torn_tail next_seq=%llu", last, (unsigned long long)bad_at,
			(unsigned long long)w.at.seq + 1);
	if (w.folded)
		log_info("index.follow", "events=%llu", (unsigned long long)w.folded);
	if (last_resume(l, &w, open) != PALIER_OK)
		return complain(why, PALIER_EIO, "journal %u cannot be written: %s", last, strerror(errno));
	return PALIER_OK;
}

int ledger_open(const struct config *config, struct plugin_set *plugins, struct ledger **out, char *why)
{
	struct ledger *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		abort();
	l->lock = -1;
	l->config = config;
	l->plugins = plugins;
	snprintf(l->dir, sizeof(l->dir), "%s", config->data);
	err = ledger_find(l->dir, config->store.id, why);
	if (err == PALIER_OK)
		err = ledger_lock(l->dir, &l->lock, why);
	if (err == PALIER_OK)
		err = files_open(l, plugins, why);
	if (err == PALIER_OK) {
		fold_init(l);
		err = recover(l, why);
	}
	/* A key is on disk before the line that needs it, so a short file was cut: going on would draw keys that are taken. */
	if (err == PALIER_OK && (int64_t)keys_count(l->keys) <= core_counter(&l->fold.tables[0], "slot"))
		err = complain(why, PALIER_EDAMAGED,
			"the key file of %s is truncated: restore it from a backup, without it names are lost", l->dir);
	if (err == PALIER_OK) {
		l->commit_now = true;
		err = ledger_pace(l, 0);
		if (err != PALIER_OK)
			complain(why, err, "the index of %s cannot be written: is the disk full?", l->dir);
	}
	if (err == PALIER_OK) {
		err = erased_again(&l->fold.tables[0], l->keys);
		palier_arena_reset(&l->arena);
		if (err != PALIER_OK)
			complain(why, err, "the keys of erased members in %s cannot be overwritten: %s", l->dir,
				strerror(errno));
	}
	if (err != PALIER_OK) {
		store_close(l->store);
		l->store = NULL;
		ledger_close(l);
	} else {
		programmes_write(l);
		*out = l;
	}
	return err;
}

int ledger_close(struct ledger *l)
{
	int err = PALIER_OK;

	if (l->store && !ledger_waiting(l)) /* the index may not run ahead of the journal */
		err = store_commit(l->store, &l->synced);
	store_close(l->store);
	journal_close(l->journal);
	keys_close(l->keys);
	if (l->lock >= 0)
		close(l->lock);
	palier_buffer_deinit(&l->line);
	palier_arena_deinit(&l->arena);
	free(l->tape);
	free(l->erase);
	free(l);
	return err;
}

/* --- accepting --- */

int ledger_reserve(struct ledger *l)
{
	return journal_reserve(l->journal);
}

/* The head line that the next command would write, into l->line. */
static void next_head(struct ledger *l, uint32_t day)
{
	l->line.len = 0;
	head_write(l->config->store.id, l->head.batch + 1, day, &l->prev_batch, l->head.seq + 1, &l->line);
}

void ledger_place(struct ledger *l, struct palier_ctx *c)
{
	struct palier_event *ev = &c->ev;

	ev->seq = l->head.seq + 1;
	ev->turn = l->turn ? l->turn : ev->seq;
	ev->store = palier_str(l->config->store.id);
	if (l->day) {
		ev->day = l->day;
		ev->batch = l->head.batch;
		ev->offset = journal_end(l->journal);
	} else {
		ev->day = zone_day(ev->received_ms);
		ev->batch = l->head.batch + 1;
		next_head(l, ev->day);
		ev->offset = l->line.len + 1;
	}
}

static int day_open(struct ledger *l, uint32_t day)
{
	int err;

	next_head(l, day);
	err = journal_create(l->journal, l->head.batch + 1, palier_buffer_bytes(&l->line));
	if (err != PALIER_OK)
		return err;
	crypto_sha256(palier_buffer_bytes(&l->line), (struct palier_hash *)l->head.hash);
	l->head.batch++;
	l->head.offset = l->line.len + 1;
	l->synced = l->head;
	l->day = day;
	l->first_seq = l->head.seq + 1;
	l->commit_now = true;
	log_info("day.open", "day=%u batch=%u", day, l->head.batch);
	return journal_reserve(l->journal); /* the day is open also when there is no room for a turn yet */
}

/* The keys that an accepted event erases wait for its line to be on disk. */
static void erase_note(struct ledger *l, const struct palier_event *ev)
{
	for (uint32_t i = 0; i < ev->effect_count; i++) {
		if (ev->effects[i].kind->schema != &member_erased_schema)
			continue;
		if (l->erase_count == l->erase_room) {
			l->erase_room = l->erase_room * 2 + 8;
			l->erase = realloc(l->erase, l->erase_room * sizeof(*l->erase));
			if (!l->erase)
				abort();
		}
		l->erase[l->erase_count++] = (uint32_t)((const struct member_erased *)ev->effects[i].body)->slot;
	}
}

/* So do the files that it sends. */
static void programme_note(struct ledger *l, const struct palier_event *ev)
{
	for (uint32_t i = 0; i < ev->effect_count; i++)
		l->programme_sent = l->programme_sent || ev->effects[i].kind->schema == &programme_sent_schema;
}

int ledger_accept(struct ledger *l, struct palier_ctx *c)
{
	struct palier_event *ev = &c->ev;
	struct palier_hash prev;
	int err = l->day ? PALIER_OK : day_open(l, ev->day);

	assert(!l->closing);
	if (err != PALIER_OK)
		return palier_refuse(c, PALIER_ESTORAGE_FULL, NULL, "the disk is full or failing; nothing was booked");
	err = event_book(c, ev);
	if (err != PALIER_OK)
		return PALIER_ESTORE;
	memcpy(prev.b, l->head.hash, SHA256_LEN);
	l->line.len = 0;
	event_write(ev, &prev, &l->line);
	err = view_write(&c->view);
	if (err != PALIER_OK)
		return PALIER_ESTORE;
	erase_note(l, ev);
	programme_note(l, ev);
	journal_append(l->journal, palier_buffer_bytes(&l->line));
	crypto_sha256(palier_buffer_bytes(&l->line), (struct palier_hash *)l->head.hash);
	l->head.seq = ev->seq;
	l->head.offset += l->line.len + 1;
	l->turn = ev->turn;
	if (!l->dirty_since_ms)
		l->dirty_since_ms = ev->received_ms;
	tail_append(l, ev);
	return PALIER_OK;
}

bool ledger_closing(const struct ledger *l)
{
	return l->closing;
}

size_t ledger_waiting(const struct ledger *l)
{
	return journal_pending(l->journal);
}

int ledger_undo(struct ledger *l)
{
	char why[WHY_LEN] = "";
	struct walk w = { .ledger = l, .fold = true, .until = l->synced.seq, .why = why };
	uint64_t bad_at = UINT64_MAX;
	int err;

	metrics.undone++;
	journal_discard(l->journal);
	store_abort(l->store);
	view_drop(&l->fold.view);
	l->head = l->synced;
	l->turn = 0;
	l->closing = false;
	l->jobs_done = 0;
	l->erase_count = 0;
	l->programme_sent = false;
	err = store_mark_read(l->store, &w.mark);
	if (err == PALIER_OK && l->synced.batch && w.mark.seq < l->synced.seq)
		err = walk_batches(&w, w.mark.batch ? w.mark.batch : 1, l->synced.batch, l->day != 0, &bad_at);
	if (err != PALIER_OK)
		log_error("ledger.undo", "err=%s %s", palier_error_info(err)->name, why);
	return err;
}

static void note_commit(int64_t us, bool done)
{
	metrics.commits++;
	metrics.commits_failed += !done;
	metrics.commit_us += us;
	if (us > metrics.commit_us_max)
		metrics.commit_us_max = us;
}

/* A commit that fails (a full disk, mostly) is tried again when the index would next be due, not at every turn. */
static int commit(struct ledger *l, int64_t now_ms)
{
	int64_t begun_us = clock_steady_us();
	int err = store_commit(l->store, &l->synced);

	note_commit(clock_steady_us() - begun_us, err == PALIER_OK);
	l->commit_now = false;
	l->dirty_since_ms = 0;
	if (err == PALIER_OK)
		return PALIER_OK;
	log_warn("index.commit", "err=%s: folding again from the journal", palier_error_info(err)->name);
	l->dirty_since_ms = now_ms;
	l->commit_after_ms = now_ms + COMMIT_MS;
	return ledger_undo(l);
}

/* A clock that was put back does not make the index wait until it has caught up. */
static bool is_past(int64_t now_ms, int64_t then_ms)
{
	return now_ms >= then_ms || now_ms < then_ms - COMMIT_MS;
}

/* The lines that erase are on disk. The index goes first: it is not to lag behind a key that is gone, with rows that the journal no longer
 * gives. Where it cannot be written, that is put right when it can. */
static int erase_noted(struct ledger *l)
{
	size_t n = l->erase_count;
	int err = commit(l, clock_now_ms());

	l->erase_count = 0;
	for (size_t i = 0; i < n && err == PALIER_OK; i++)
		err = keys_erase(l->keys, l->erase[i]);
	if (err == PALIER_OK)
		err = keys_sync(l->keys);
	return err == PALIER_OK ? PALIER_OK : PALIER_EIO;
}

static void note_sync(int64_t us)
{
	metrics.turns++;
	metrics.sync_us += us;
	metrics.sync_us_last = us;
	if (us > metrics.sync_us_max)
		metrics.sync_us_max = us;
}

int ledger_sync(struct ledger *l)
{
	int64_t begun_us;
	int err;

	if (!ledger_waiting(l))
		return PALIER_OK;
	begun_us = clock_steady_us();
	/* A member's key before the first line sealed with it. */
	if (keys_dirty(l->keys) && keys_sync(l->keys) != PALIER_OK)
		return PALIER_EIO;
	err = journal_write(l->journal);
	if (err != PALIER_OK)
		return err;
	if (journal_sync(l->journal) != PALIER_OK)
		return PALIER_EIO;
	l->synced = l->head;
	l->turn = 0;
	note_sync(clock_steady_us() - begun_us);
	err = l->closing ? day_finish(l) : PALIER_OK;
	if (err == PALIER_OK && l->programme_sent)
		programmes_write(l);
	l->programme_sent = false;
	return err == PALIER_OK && l->erase_count ? erase_noted(l) : err;
}

int ledger_pace(struct ledger *l, int64_t now_ms)
{
	bool full = store_dirty(l->store) >= COMMIT_WRITES,
	     old = l->dirty_since_ms && is_past(now_ms, l->dirty_since_ms + COMMIT_MS);

	if (l->commit_now || ((full || old) && is_past(now_ms, l->commit_after_ms)))
		return commit(l, now_ms);
	return PALIER_OK;
}

static struct json_doc doc_for(struct palier_bytes line, struct palier_arena *a)
{
	uint32_t need = (uint32_t)(line.len / 2 + 2);

	return (struct json_doc){ .tokens = palier_alloc(a, need * sizeof(struct json_token)), .capacity = need };
}

int ledger_event_read(struct ledger *l, struct palier_bytes line, uint32_t batch, uint64_t offset, struct palier_arena *a,
	struct palier_event *out)
{
	struct json_doc d = doc_for(line, a);
	char why[WHY_LEN];
	int err = event_read(l->plugins, &d, line, a, out, why);

	if (err != PALIER_OK)
		log_error("journal.read", "batch=%u offset=%llu %s", batch, (unsigned long long)offset, why);
	out->batch = batch;
	out->offset = offset;
	return err;
}

int ledger_event_at(struct ledger *l, uint32_t batch, uint64_t offset, struct palier_arena *a, struct palier_event *out)
{
	struct palier_bytes line;
	int err = journal_read(l->journal, batch, offset, a, &line);

	if (err == PALIER_OK)
		err = ledger_event_read(l, line, batch, offset, a, out);
	/* Who has the place has it from the index: what is not there is lost, not unknown. */
	return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
}

int ledger_first_seq(struct ledger *l, uint32_t batch, struct palier_arena *a, uint64_t *out)
{
	struct palier_bytes line;
	struct json_doc d;
	struct batch_head head;
	int err = journal_read(l->journal, batch, 0, a, &line);

	if (err != PALIER_OK)
		return err;
	d = doc_for(line, a);
	if (!batch_head_read(&d, line, a, &head))
		return PALIER_EDAMAGED;
	*out = head.first_seq;
	return PALIER_OK;
}
