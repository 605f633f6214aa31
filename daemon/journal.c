/* SPDX-License-Identifier: Apache-2.0 */
/* Journal files: made, appended to in whole turns, archived, read back. */
#include "daemon/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define AHEAD      ((uint64_t)1 << 20) /* room taken at a time */
#define READ_FIRST ((size_t)4096)
#define SCAN_CHUNK ((size_t)1 << 20)
#define PATH_LEN   4096

struct journal {
	char dir[PATH_LEN - 32];
	int fd; /* of N.open; -1: no day is open */
	uint32_t batch;
	uint64_t written, allocated;
	struct palier_buffer pending;
	struct journal_file read_file; /* of the closed batch read last */
	uint32_t read_batch;
};

static int full_or_io(void)
{
	return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? PALIER_ESTORAGE_FULL : PALIER_EIO;
}

/* Whatever the umask says. */
int journal_dir_make(const char *path)
{
	return mkdir(path, 0700) == 0 ? chmod(path, 0710) : -1;
}

int journal_share(const char *path)
{
	return chmod(path, 0640);
}

/* --- a file to be read --- */

static void file_close(struct journal_file *f)
{
	if (f->packed)
		archive_close(f->packed);
	else if (f->fd >= 0)
		close(f->fd);
	*f = (struct journal_file){ .fd = -1 };
}

static bool is_archive(const char *path)
{
	const size_t n = strlen(path), ending = sizeof(ARCHIVE_ENDING) - 1;

	return n > ending && strcmp(path + n - ending, ARCHIVE_ENDING) == 0;
}

static int path_open(const char *path, struct journal_file *out)
{
	*out = (struct journal_file){ .fd = open(path, O_RDONLY | O_CLOEXEC) };
	if (out->fd < 0)
		return errno == ENOENT ? PALIER_ENOENT : PALIER_EIO;
	return is_archive(path) ? archive_open(out->fd, &out->packed) : PALIER_OK;
}

/* It may be given its next name between the look and the opening. */
static int file_open(const struct journal *j, uint32_t batch, struct journal_file *out)
{
	char path[PATH_LEN];
	int err = PALIER_ENOENT;

	*out = (struct journal_file){ .fd = -1 };
	for (int tries = 0; tries < 3 && err == PALIER_ENOENT; tries++) {
		err = journal_path(j, batch, path);
		if (err != PALIER_OK)
			break;
		err = path_open(path, out);
	}
	if (err != PALIER_OK)
		out->fd = -1; /* the archive has closed it */
	return err;
}

static long file_read(const struct journal_file *f, void *out, size_t n, uint64_t offset)
{
	ssize_t got;

	if (f->packed)
		return archive_read(f->packed, out, n, offset);
	got = pread(f->fd, out, n, (off_t)offset);
	return got < 0 ? PALIER_EIO : got;
}

static int file_size(const struct journal_file *f, uint64_t *out)
{
	struct stat st;

	if (!f->packed && fstat(f->fd, &st) != 0)
		return PALIER_EIO;
	*out = f->packed ? archive_size(f->packed) : (uint64_t)st.st_size;
	return PALIER_OK;
}

int journal_open(const char *dir, struct journal **out)
{
	struct journal *j;
	struct stat st;

	if (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode))
		return errno == ENOENT ? PALIER_ENOENT : PALIER_EIO;
	j = calloc(1, sizeof(*j));
	if (!j)
		abort();
	snprintf(j->dir, sizeof(j->dir), "%s", dir);
	j->fd = j->read_file.fd = -1;
	*out = j;
	return PALIER_OK;
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	if (j->fd >= 0)
		close(j->fd);
	file_close(&j->read_file);
	palier_buffer_deinit(&j->pending);
	free(j);
}

/* --- files --- */

static void path_of(const struct journal *j, uint32_t batch, const char *ending, char *path)
{
	snprintf(path, PATH_LEN, "%s/%u.%s", j->dir, batch, ending);
}

int journal_path(const struct journal *j, uint32_t batch, char *path)
{
	path_of(j, batch, "open", path);
	if (access(path, F_OK) == 0)
		return PALIER_OK;
	path_of(j, batch, "jsonl", path);
	if (access(path, F_OK) == 0)
		return PALIER_OK;
	path_of(j, batch, "jsonl" ARCHIVE_ENDING, path);
	return access(path, F_OK) == 0 ? PALIER_OK : PALIER_ENOENT;
}

static bool is_closed_ending(const char *ending)
{
	return strcmp(ending, ".jsonl") == 0 || strcmp(ending, ".jsonl" ARCHIVE_ENDING) == 0;
}

int journal_last(const struct journal *j, uint32_t *last, bool *open)
{
	DIR *dir = opendir(j->dir);
	struct dirent *entry;

	if (!dir)
		return PALIER_EIO;
	*last = 0;
	*open = false;
	while ((entry = readdir(dir))) {
		char *rest;
		unsigned long n = strtoul(entry->d_name, &rest, 10);
		bool is_open = strcmp(rest, ".open") == 0;

		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || !(is_open || is_closed_ending(rest)) || n < *last ||
			n > UINT32_MAX)
			continue;
		*open = is_open || (*open && n == *last); /* as journal_path: with both names, the open one */
		*last = (uint32_t)n;
	}
	closedir(dir);
	return PALIER_OK;
}

static int dir_sync(const struct journal *j)
{
	int fd = open(j->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = fd >= 0 && fsync(fd) == 0 ? PALIER_OK : PALIER_EIO;

	if (fd >= 0)
		close(fd);
	return err;
}

/* --- writing --- */

static int write_at(int fd, struct palier_bytes b, uint64_t at)
{
	while (b.len > 0) {
		ssize_t n = pwrite(fd, b.at, b.len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return full_or_io();
		b = palier_bytes_of(b.at + n, b.len - (size_t)n);
		at += (uint64_t)n;
	}
	return PALIER_OK;
}

int journal_create(struct journal *j, uint32_t batch, struct palier_bytes head)
{
	struct palier_buffer line = { 0 };
	char path[PATH_LEN];
	int fd, err;

	path_of(j, batch, "open", path);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return full_or_io();
	palier_buffer_add(&line, head.at, head.len);
	palier_buffer_add(&line, "\n", 1);
	err = write_at(fd, palier_buffer_bytes(&line), 0);
	if (err == PALIER_OK && fsync(fd) != 0)
		err = full_or_io();
	if (err == PALIER_OK)
		err = dir_sync(j);
	if (err != PALIER_OK) {
		close(fd);
		unlink(path);
	} else {
		j->fd = fd;
		j->batch = batch;
		j->written = j->allocated = line.len;
	}
	palier_buffer_deinit(&line);
	return err;
}

int journal_resume(struct journal *j, uint32_t batch, uint64_t end)
{
	char path[PATH_LEN];

	path_of(j, batch, "open", path);
	j->fd = open(path, O_RDWR | O_CLOEXEC);
	if (j->fd < 0)
		return PALIER_EIO;
	if (ftruncate(j->fd, (off_t)end) != 0 || fsync(j->fd) != 0)
		return PALIER_EIO;
	j->batch = batch;
	j->written = j->allocated = end;
	return PALIER_OK;
}

int journal_reserve(struct journal *j)
{
	uint64_t need = j->written + JOURNAL_TURN_MAX;
	int rc;

	if (j->fd < 0 || need <= j->allocated)
		return PALIER_OK;
	rc = posix_fallocate(j->fd, (off_t)j->allocated, (off_t)(need + AHEAD - j->allocated));
	if (rc != 0) {
		errno = rc;
		return full_or_io();
	}
	j->allocated = need + AHEAD;
	return PALIER_OK;
}

void journal_append(struct journal *j, struct palier_bytes line)
{
	palier_buffer_add(&j->pending, line.at, line.len);
	palier_buffer_add(&j->pending, "\n", 1);
}

size_t journal_pending(const struct journal *j)
{
	return j->pending.len;
}

int journal_write(struct journal *j)
{
	int err = write_at(j->fd, palier_buffer_bytes(&j->pending), j->written);

	if (err != PALIER_OK) {
		/* What was written of the turn must not be found by a later start. */
		j->allocated = j->written;
		return ftruncate(j->fd, (off_t)j->written) == 0 && fsync(j->fd) == 0 ? err : PALIER_EIO;
	}
	j->written += j->pending.len;
	if (j->allocated < j->written)
		j->allocated = j->written;
	j->pending.len = 0;
	return PALIER_OK;
}

int journal_sync(struct journal *j)
{
	return fdatasync(j->fd) == 0 ? PALIER_OK : PALIER_EIO;
}

int journal_finish(struct journal *j)
{
	char open_path[PATH_LEN], path[PATH_LEN];

	path_of(j, j->batch, "open", open_path);
	path_of(j, j->batch, "jsonl", path);
	if (ftruncate(j->fd, (off_t)j->written) != 0 || journal_share(open_path) != 0 || fsync(j->fd) != 0 ||
		rename(open_path, path) != 0 || dir_sync(j) != PALIER_OK)
		return PALIER_EIO;
	close(j->fd);
	j->fd = -1;
	return PALIER_OK;
}

/* SHA-256 of a whole text. */
static int file_hash(const struct journal_file *f, struct palier_hash *out)
{
	struct crypto_sum *sum = crypto_sum_new();
	char *chunk = malloc(SCAN_CHUNK);
	uint64_t at = 0;
	long n;

	if (!chunk)
		abort();
	while ((n = file_read(f, chunk, SCAN_CHUNK, at)) > 0) {
		crypto_sum_add(sum, palier_bytes_of(chunk, (size_t)n));
		at += (uint64_t)n;
	}
	crypto_sum_end(sum, out);
	free(chunk);
	return n < 0 ? (int)n : PALIER_OK;
}

int journal_hash(const struct journal *j, uint32_t batch, struct palier_hash *out)
{
	struct journal_file f;
	int err = file_open(j, batch, &f);

	if (err != PALIER_OK)
		return err;
	err = file_hash(&f, out);
	file_close(&f);
	return err;
}

int journal_size(const struct journal *j, uint32_t batch, uint64_t *out)
{
	struct journal_file f;
	int err = file_open(j, batch, &f);

	if (err != PALIER_OK)
		return err;
	err = file_size(&f, out);
	file_close(&f);
	return err;
}

/* --- archiving --- */

/* Write the archive, durably, and see that it says what the file says. */
static int archive_make(const struct journal_file *file, const char *path, struct progress *bar)
{
	struct palier_hash before, after;
	struct journal_file made;
	int to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), err;

	if (to < 0)
		return full_or_io();
	err = archive_write(file->fd, to, bar);
	if (err == PALIER_OK && (journal_share(path) != 0 || fsync(to) != 0))
		err = PALIER_EIO;
	if (err != PALIER_OK)
		err = full_or_io();
	close(to);
	if (err == PALIER_OK)
		err = file_hash(file, &before);
	if (err != PALIER_OK)
		return err;
	made = (struct journal_file){ .fd = open(path, O_RDONLY | O_CLOEXEC) };
	if (made.fd < 0)
		return PALIER_EIO;
	err = archive_open(made.fd, &made.packed);
	if (err != PALIER_OK)
		return err;
	err = file_hash(&made, &after);
	file_close(&made);
	return err == PALIER_OK && memcmp(before.b, after.b, SHA256_LEN) != 0 ? PALIER_EDAMAGED : err;
}

int journal_archive(const struct journal *j, uint32_t batch, struct progress *bar)
{
	char closed[PATH_LEN], archived[PATH_LEN], fresh[PATH_LEN];
	struct journal_file file;
	int err;

	path_of(j, batch, "jsonl", closed);
	path_of(j, batch, "jsonl" ARCHIVE_ENDING, archived);
	path_of(j, batch, "archive", fresh);
	err = path_open(closed, &file);
	if (err == PALIER_ENOENT && access(archived, F_OK) == 0)
		return PALIER_OK;
	if (err != PALIER_OK)
		return err;
	err = archive_make(&file, fresh, bar);
	if (err == PALIER_OK && (rename(fresh, archived) != 0 || dir_sync(j) != PALIER_OK))
		err = PALIER_EIO;
	if (err == PALIER_OK)
		err = unlink(closed) == 0 && dir_sync(j) == PALIER_OK ? PALIER_OK : PALIER_EIO;
	else
		unlink(fresh);
	file_close(&file);
	return err;
}

void journal_discard(struct journal *j)
{
	j->pending.len = 0;
}

uint64_t journal_end(const struct journal *j)
{
	return j->written + j->pending.len;
}

/* --- reading one line --- */

/* The file of a closed batch stays open until another is asked for. */
static int closed_file(struct journal *j, uint32_t batch, const struct journal_file **out)
{
	int err = PALIER_OK;

	if (j->read_file.fd < 0 || batch != j->read_batch) {
		file_close(&j->read_file);
		err = file_open(j, batch, &j->read_file);
		j->read_batch = batch;
	}
	*out = &j->read_file;
	return err;
}

static int line_in(struct palier_bytes b, struct palier_bytes *out)
{
	const char *lf = b.len ? memchr(b.at, '\n', b.len) : NULL;

	if (!lf)
		return PALIER_EDAMAGED;
	*out = palier_bytes_of(b.at, (size_t)(lf - b.at));
	return PALIER_OK;
}

/* A line of the turn that is not written yet. */
static int pending_read(const struct journal *j, uint64_t at, struct palier_arena *a, struct palier_bytes *out)
{
	struct palier_bytes line;
	int err = at < j->pending.len ? line_in(palier_bytes_of(j->pending.at + at, j->pending.len - at), &line)
	                              : PALIER_EDAMAGED;

	if (err == PALIER_OK)
		*out = palier_copy(a, line);
	return err;
}

int journal_read(struct journal *j, uint32_t batch, uint64_t offset, struct palier_arena *a, struct palier_bytes *out)
{
	const bool is_open = j->fd >= 0 && batch == j->batch;
	const struct journal_file opened = { .fd = j->fd }, *file = &opened;
	int err = is_open ? PALIER_OK : closed_file(j, batch, &file);

	if (err != PALIER_OK)
		return err;
	if (is_open && offset >= j->written)
		return pending_read(j, offset - j->written, a, out);
	for (size_t want = READ_FIRST;; want *= 4) {
		char *at = palier_alloc(a, want);
		long n = file_read(file, at, want, offset);

		if (n < 0)
			return (int)n;
		err = line_in(palier_bytes_of(at, (size_t)n), out);
		if (err == PALIER_OK || (size_t)n < want)
			return err;
	}
}

/* --- reading a whole file --- */

int journal_scan_open(const struct journal *j, uint32_t batch, uint64_t from, struct journal_scan *out)
{
	int err;

	*out = (struct journal_scan){ .offset = from, .next = from, .buffer_at = from };
	err = file_open(j, batch, &out->file);
	if (err == PALIER_OK)
		err = file_size(&out->file, &out->size);
	if (err == PALIER_OK)
		palier_buffer_reserve(&out->buffer, SCAN_CHUNK);
	return err;
}

void journal_scan_close(struct journal_scan *s)
{
	file_close(&s->file);
	palier_buffer_deinit(&s->buffer);
}

/* Have more of the file in the buffer; what lies before `offset` is let go. @return bytes added, 0 at the end; PALIER_EIO, PALIER_EDAMAGED */
static long scan_fill(struct journal_scan *s)
{
	long n;

	palier_buffer_shift(&s->buffer, (size_t)(s->offset - s->buffer_at));
	s->buffer_at = s->offset;
	palier_buffer_reserve(&s->buffer, SCAN_CHUNK);
	n = file_read(&s->file, s->buffer.at + s->buffer.len, SCAN_CHUNK, s->buffer_at + s->buffer.len);
	if (n > 0)
		s->buffer.len += (size_t)n;
	return n;
}

/* Zeros from `next` on: the end, if nothing else follows; else they are part of something torn. */
static int scan_zeros(struct journal_scan *s)
{
	long n;

	do {
		s->offset = s->next;
		while (s->next < s->buffer_at + s->buffer.len && s->buffer.at[s->next - s->buffer_at] == 0)
			s->next++;
		if (s->next < s->buffer_at + s->buffer.len)
			return JOURNAL_TORN;
		s->offset = s->next;
		n = scan_fill(s);
	} while (n > 0);
	return n < 0 ? (int)n : JOURNAL_END;
}

int journal_scan_next(struct journal_scan *s, struct palier_bytes *line)
{
	uint64_t offset = s->next;
	size_t seen = 0;
	long n;

	s->offset = offset;
	do {
		struct palier_bytes rest = palier_bytes_of(s->buffer.at + (offset - s->buffer_at),
			s->buffer.len - (size_t)(offset - s->buffer_at));
		const char *lf = rest.len > seen ? memchr(rest.at + seen, '\n', rest.len - seen) : NULL;
		size_t len = lf ? (size_t)(lf - rest.at) : rest.len;
		const char *nul = len > seen ? memchr(rest.at + seen, 0, len - seen) : NULL;

		if (nul) {
			bool partial = nul > rest.at;
			int found;

			s->next = offset + (uint64_t)(nul - rest.at);
			found = scan_zeros(s);
			s->offset = offset;
			return found == JOURNAL_END && partial ? JOURNAL_TORN : found;
		}
		if (lf) {
			s->next = offset + len + 1;
			*line = palier_bytes_of(rest.at, len);
			return JOURNAL_LINE;
		}
		seen = rest.len;
		n = scan_fill(s);
	} while (n > 0);
	if (n < 0)
		return (int)n;
	s->next = offset + seen;
	return seen ? JOURNAL_TORN : JOURNAL_END;
}
