/* SPDX-License-Identifier: Apache-2.0 */
/* The log replayed: once as it was, to know which file each operation was on; then for each image with its own losses. Strict as POSIX
 * is: fsync of a file makes its bytes and size durable, not its name; that takes fsync of its directory. */
#include "tests/fault/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/e2e/harness.h"
#include "tests/fault/shim.h"

#define SECTOR    512u
#define FDS       4096
#define FILES_MAX 256 /* files and directories that ever were */
#define ROOT      0u
#define NONE      UINT32_MAX

struct op {
	struct shim_record r;
	uint32_t file;    /* what it is on */
	uint32_t dir, to; /* where its name stands; where it stands after a rename */
	char *name, *name_to;
	const char *bytes;
	bool durable_at_once; /* O_DSYNC */
};

struct entry {
	uint32_t dir, file;
	char name[32];
};

/* Which names there are. */
struct tree {
	struct entry at[FILES_MAX];
	unsigned count;
};

struct disk {
	char *text; /* the log */
	struct op *ops;
	size_t count;
	uint32_t files;
	char *paths[FILES_MAX]; /* as they were when the files were made */
	struct tree now;
	char *replies;
};

/* --- names --------------------------------------------------------------------------------------------------------- */

static struct entry *entry_find(struct tree *t, uint32_t dir, const char *name)
{
	for (unsigned i = 0; i < t->count; i++)
		if (t->at[i].dir == dir && strcmp(t->at[i].name, name) == 0)
			return &t->at[i];
	return NULL;
}

static void entry_remove(struct tree *t, uint32_t dir, const char *name)
{
	struct entry *e = entry_find(t, dir, name);

	if (e)
		*e = t->at[--t->count];
}

static void entry_add(struct tree *t, uint32_t dir, const char *name, uint32_t file)
{
	entry_remove(t, dir, name);
	assert_true(t->count < FILES_MAX && strlen(name) < sizeof(t->at[0].name));
	t->at[t->count] = (struct entry){ .dir = dir, .file = file };
	strcpy(t->at[t->count++].name, name);
}

/* Where the name of a directory stands. */
static uint32_t parent_of(const struct tree *t, uint32_t dir)
{
	for (unsigned i = 0; i < t->count; i++)
		if (t->at[i].file == dir)
			return t->at[i].dir;
	return NONE;
}

/* @param path "/a/b"; "" is the root @param dir, name where its last part stands; may be NULL @return NONE when it is not there */
static uint32_t resolve(struct tree *t, const char *path, uint32_t *dir, char **name)
{
	uint32_t at = ROOT;

	while (*path == '/' && at != NONE) {
		size_t len = strcspn(++path, "/");
		char *part = strndup(path, len);
		struct entry *e = entry_find(t, at, part);

		path += len;
		if (!*path && dir) {
			*dir = at;
			*name = strdup(part);
		}
		at = strcmp(part, "..") == 0 ? parent_of(t, at) : e ? e->file : NONE;
		free(part);
	}
	return at;
}

/* --- reading the log ----------------------------------------------------------------------------------------------- */

static bool ends_in(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

static uint32_t file_new(struct disk *d, const char *path)
{
	assert_true(d->files < FILES_MAX);
	d->paths[d->files] = strdup(path);
	return d->files++;
}

struct open_file {
	uint32_t file;
	bool dsync;
};

static void op_open(struct disk *d, struct op *op, const char *path, struct open_file *fds)
{
	op->file = resolve(&d->now, path, &op->dir, &op->name);
	if (op->r.number & O_CREAT) {
		op->file = file_new(d, path);
		entry_add(&d->now, op->dir, op->name, op->file);
	}
	assert_true(op->r.fd < FDS);
	fds[op->r.fd] = (struct open_file){ op->file, (op->r.number & O_DSYNC) != 0 };
}

static void op_named(struct disk *d, struct op *op, const char *path)
{
	op->file = resolve(&d->now, path, &op->dir, &op->name);
	switch (op->r.op) {
	case SHIM_MKDIR:
		op->file = file_new(d, path);
		entry_add(&d->now, op->dir, op->name, op->file);
		break;
	case SHIM_UNLINK:
	case SHIM_RMDIR:
		entry_remove(&d->now, op->dir, op->name);
		break;
	case SHIM_RENAME: {
		char *to = strndup(op->bytes, op->r.len);

		resolve(&d->now, to, &op->to, &op->name_to);
		entry_remove(&d->now, op->dir, op->name);
		entry_add(&d->now, op->to, op->name_to, op->file);
		free(to);
		break;
	}
	default:
		break;
	}
}

static void op_read(struct disk *d, struct op *op, const char *path, struct open_file *fds)
{
	if (op->r.op == SHIM_OPEN)
		op_open(d, op, path, fds);
	else if (op->r.op == SHIM_REPLY || op->r.op == SHIM_START)
		op->file = NONE;
	else if (op->r.fd < 0)
		op_named(d, op, path);
	else {
		op->file = fds[op->r.fd].file;
		op->durable_at_once = op->r.op == SHIM_WRITE && fds[op->r.fd].dsync;
	}
}

struct disk *disk_load(const char *log)
{
	static struct open_file fds[FDS];
	struct disk *d = calloc(1, sizeof(*d));
	size_t len, replied = 0, room = 0;

	d->text = file_read(log, &len);
	if (!d->text)
		fail_msg("cannot read %s", log);
	file_new(d, "/");
	for (size_t at = 0; at < len;) {
		struct op op = { .dir = NONE };
		char *path;

		memcpy(&op.r, d->text + at, sizeof(op.r));
		at += sizeof(op.r);
		path = strndup(d->text + at, op.r.path_len);
		op.bytes = d->text + at + op.r.path_len;
		at += op.r.path_len + op.r.len;
		op_read(d, &op, path, fds);
		free(path);
		if (d->count == room) {
			room = room * 2 + 256;
			d->ops = realloc(d->ops, room * sizeof(op));
		}
		d->ops[d->count++] = op;
		replied += op.r.op == SHIM_REPLY ? op.r.len : 0;
	}
	d->replies = malloc(replied + 1);
	return d;
}

void disk_free(struct disk *d)
{
	for (size_t i = 0; i < d->count; i++) {
		free(d->ops[i].name);
		free(d->ops[i].name_to);
	}
	for (uint32_t i = 0; i < d->files; i++)
		free(d->paths[i]);
	free(d->ops);
	free(d->replies);
	free(d->text);
	free(d);
}

size_t disk_ops(const struct disk *d)
{
	return d->count;
}

bool disk_just_synced(const struct disk *d, size_t cut)
{
	return cut > 0 && d->ops[cut - 1].r.op == SHIM_SYNC;
}

size_t disk_start(const struct disk *d, unsigned nth)
{
	size_t i = 0;

	while (i < d->count && (d->ops[i].r.op != SHIM_START || nth-- > 0))
		i++;
	return i;
}

const char *disk_replies(struct disk *d, size_t cut)
{
	size_t len = 0;

	for (size_t i = 0; i < cut; i++)
		if (d->ops[i].r.op == SHIM_REPLY) {
			memcpy(d->replies + len, d->ops[i].bytes, d->ops[i].r.len);
			len += d->ops[i].r.len;
		}
	d->replies[len] = 0;
	return d->replies;
}

/* --- what a cut leaves --------------------------------------------------------------------------------------------- */

enum fate { LOST, WHOLE, TORN_PREFIX, TORN_ANYHOW };

static bool names_something(const struct op *op)
{
	return op->r.op == SHIM_MKDIR || op->r.op == SHIM_RMDIR || op->r.op == SHIM_UNLINK || op->r.op == SHIM_RENAME ||
	       (op->r.op == SHIM_OPEN && op->r.number & O_CREAT);
}

static bool is_blank(const struct op *op)
{
	size_t i = 0;

	while (op->r.op == SHIM_WRITE && i < op->r.len && !op->bytes[i])
		i++;
	return op->r.op == SHIM_WRITE && i == op->r.len;
}

static enum disk_how how_synced(const struct disk *d, size_t i)
{
	const struct op *op = &d->ops[i];

	if (op->durable_at_once)
		return DISK_DSYNC;
	if (op->r.number)
		return i > 0 && op[-1].file == op->file && is_blank(&op[-1]) ? DISK_FDATASYNC_BLANK : DISK_FDATASYNC;
	return i > 0 && op[-1].r.op == SHIM_SIZE && op[-1].file == op->file ? DISK_FSYNC_CUT : DISK_FSYNC;
}

static bool is_forgotten(const struct disk *d, size_t i, const struct disk_forget *f)
{
	return f && (i < disk_start(d, 1)) == f->init && f->how & how_synced(d, i) &&
	       ends_in(d->paths[d->ops[i].file], f->path);
}

/* How chance deals with what is not synced: some images lose all of it, some nothing, most this and that. */
static enum fate fate_draw(uint64_t *seed, uint64_t mood)
{
	if (mood < 2)
		return mood ? WHOLE : LOST;
	return (enum fate)draw_below(seed, 4);
}

#define MOODS 8 /* of images: the first loses everything, the second nothing */

uint64_t disk_losing_seed(uint64_t *seed)
{
	uint64_t found, mood;

	do
		mood = found = draw(seed);
	while (draw_below(&mood, MOODS) != 0);
	return found;
}

/* A directory's changes reach the disk in their order, so that chance only says how many. */
static enum fate name_fate(uint64_t *seed, uint64_t mood, bool *cut_off)
{
	*cut_off = *cut_off || fate_draw(seed, mood) == LOST;
	return *cut_off ? LOST : WHOLE;
}

static void fates_draw(const struct disk *d, size_t cut, uint64_t seed, const struct disk_forget *forget, enum fate *fates)
{
	bool synced[FILES_MAX] = { false }, cut_off[FILES_MAX] = { false };
	uint64_t mood = draw_below(&seed, MOODS);

	for (size_t i = cut; i-- > 0;) {
		const struct op *op = &d->ops[i];
		bool kept = names_something(op) ? synced[op->dir] : op->file != NONE && synced[op->file];

		if (op->r.op == SHIM_SYNC && op->file != NONE && !is_forgotten(d, i, forget))
			synced[op->file] = true;
		kept = kept || (op->durable_at_once && !is_forgotten(d, i, forget));
		fates[i] = kept ? WHOLE : LOST;
	}
	for (size_t i = 0; i < cut; i++) {
		const struct op *op = &d->ops[i];

		if (fates[i] == WHOLE)
			continue;
		fates[i] = names_something(op) ? name_fate(&seed, mood, &cut_off[op->dir]) : fate_draw(&seed, mood);
	}
}

static void name_apply(struct tree *t, const struct op *op)
{
	if (op->r.op != SHIM_OPEN && op->r.op != SHIM_MKDIR)
		entry_remove(t, op->dir, op->name);
	if (op->r.op == SHIM_OPEN || op->r.op == SHIM_MKDIR)
		entry_add(t, op->dir, op->name, op->file);
	if (op->r.op == SHIM_RENAME)
		entry_add(t, op->to, op->name_to, op->file);
}

/* @param path 4096 bytes @return false when no name leads there */
static bool path_of(const struct tree *t, const char *dir, uint32_t file, char *path)
{
	char rest[4096] = "", longer[4096];
	unsigned i;

	while (file != ROOT) {
		for (i = 0; i < t->count && t->at[i].file != file; i++)
			;
		if (i == t->count)
			return false;
		snprintf(longer, sizeof(longer), "/%s%.4000s", t->at[i].name, rest);
		strcpy(rest, longer);
		file = t->at[i].dir;
	}
	snprintf(path, 4096, "%s%.3900s", dir, rest);
	return true;
}

static void bytes_apply(int fd, const struct op *op, enum fate fate, uint64_t *seed)
{
	uint64_t at = op->r.number, end = at + op->r.len, stop = end;

	if (fate == TORN_PREFIX)
		stop = at + draw_below(seed, op->r.len);
	for (uint64_t next; at < end; at = next) {
		next = (at / SECTOR + 1) * SECTOR;
		next = next < end ? next : end;
		if (next > stop)
			break;
		if (fate == TORN_ANYHOW && draw_below(seed, 2))
			continue;
		assert_int_equal(pwrite(fd, op->bytes + (at - op->r.number), next - at, (off_t)at), next - at);
	}
}

static void file_apply(int fd, const struct op *op, enum fate fate, uint64_t *seed)
{
	struct stat st;

	if (op->r.op == SHIM_WRITE)
		bytes_apply(fd, op, fate, seed);
	else if (op->r.op == SHIM_SIZE)
		assert_int_equal(ftruncate(fd, (off_t)op->r.number), 0);
	else if (op->r.op == SHIM_ALLOCATE && fstat(fd, &st) == 0 && (uint64_t)st.st_size < op->r.number)
		assert_int_equal(ftruncate(fd, (off_t)op->r.number), 0);
}

/* Directories first, as they were made, then files. */
static void names_make(const struct disk *d, const struct tree *t, size_t cut, const char *dir, int *fds)
{
	char path[4096];

	for (size_t i = 0; i < cut; i++)
		if (d->ops[i].r.op == SHIM_MKDIR && path_of(t, dir, d->ops[i].file, path) && mkdir(path, 0700) != 0)
			fail_msg("cannot make %s: %s", path, strerror(errno));
	for (size_t i = 0; i < cut; i++)
		if (d->ops[i].r.op == SHIM_OPEN && d->ops[i].r.number & O_CREAT && path_of(t, dir, d->ops[i].file, path)) {
			int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

			if (fd < 0)
				fail_msg("cannot make %s: %s", path, strerror(errno));
			fds[d->ops[i].file] = fd;
		}
}

void disk_image(const struct disk *d, size_t cut, uint64_t seed, const struct disk_forget *forget, const char *dir)
{
	enum fate *fates = calloc(cut + 1, sizeof(*fates));
	struct tree t = { .count = 0 };
	int fds[FILES_MAX];

	memset(fds, -1, sizeof(fds));
	fates_draw(d, cut, seed, forget, fates);
	for (size_t i = 0; i < cut; i++)
		if (names_something(&d->ops[i]) && fates[i] != LOST)
			name_apply(&t, &d->ops[i]);
	names_make(d, &t, cut, dir, fds);
	for (size_t i = 0; i < cut; i++)
		if (d->ops[i].file != NONE && fds[d->ops[i].file] >= 0 && fates[i] != LOST)
			file_apply(fds[d->ops[i].file], &d->ops[i], fates[i], &seed);
	for (unsigned i = 0; i < FILES_MAX; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(fates);
}
