/* SPDX-License-Identifier: Apache-2.0 */
/* Journal files: made, appended to in whole turns, read back. */
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
	int read_fd; /* of the closed batch read last */
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
	j->fd = j->read_fd = -1;
	*out = j;
	return PALIER_OK;
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	if (j->fd >= 0)
		close(j->fd);
	if (j->read_fd >= 0)
		close(j->read_fd);
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
	return access(path, F_OK) == 0 ? PALIER_OK : PALIER_ENOENT;
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

		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || (!is_open && strcmp(rest, ".jsonl") != 0) ||
			n < *last || n > UINT32_MAX)
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

int journal_hash(const struct journal *j, uint32_t batch, struct palier_hash *out)
{
	char path[PATH_LEN];
	int fd, err = journal_path(j, batch, path);

	if (err != PALIER_OK)
		return err;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return PALIER_EIO;
	err = crypto_sha256_file(fd, out);
	close(fd);
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

/* @return a descriptor; PALIER_ENOENT: no such batch; PALIER_EIO: there is one that cannot be opened now */
static int read_fd(struct journal *j, uint32_t batch)
{
	char path[PATH_LEN];

	if (j->fd >= 0 && batch == j->batch)
		return j->fd;
	if (j->read_fd >= 0 && batch == j->read_batch)
		return j->read_fd;
	if (journal_path(j, batch, path) != PALIER_OK)
		return PALIER_ENOENT;
	if (j->read_fd >= 0)
		close(j->read_fd);
	j->read_fd = open(path, O_RDONLY | O_CLOEXEC);
	j->read_batch = batch;
	return j->read_fd >= 0 ? j->read_fd : PALIER_EIO;
}

static int line_in(struct palier_bytes b, struct palier_bytes *out)
{
	const char *lf = b.len ? memchr(b.at, '\n', b.len) : NULL;

	if (!lf)
		return PALIER_EDAMAGED;
	*out = palier_bytes_of(b.at, (size_t)(lf - b.at));
	return PALIER_OK;
}

int journal_read(struct journal *j, uint32_t batch, uint64_t offset, struct palier_arena *a, struct palier_bytes *out)
{
	int fd = read_fd(j, batch), err = PALIER_EDAMAGED;

	if (fd < 0)
		return fd;
	if (fd == j->fd && offset >= j->written) {
		struct palier_bytes line = { NULL, 0 };
		uint64_t at = offset - j->written;

		if (at < j->pending.len)
			err = line_in(palier_bytes_of(j->pending.at + at, j->pending.len - at), &line);
		if (err == PALIER_OK)
			*out = palier_copy(a, line);
		return err;
	}
	for (size_t want = READ_FIRST;; want *= 4) {
		char *at = palier_alloc(a, want);
		ssize_t n = pread(fd, at, want, (off_t)offset);

		if (n < 0)
			return PALIER_EIO;
		err = line_in(palier_bytes_of(at, (size_t)n), out);
		if (err == PALIER_OK || (size_t)n < want)
			return err;
	}
}

/* --- reading a whole file --- */

int journal_scan_open(const struct journal *j, uint32_t batch, uint64_t from, struct journal_scan *out)
{
	char path[PATH_LEN];
	struct stat st;
	int err = journal_path(j, batch, path);

	if (err != PALIER_OK)
		return err;
	*out = (struct journal_scan){ .fd = open(path, O_RDONLY | O_CLOEXEC),
		.offset = from,
		.next = from,
		.buffer_at = from };
	if (out->fd < 0 || fstat(out->fd, &st) != 0)
		return PALIER_EIO;
	out->size = (uint64_t)st.st_size;
	palier_buffer_reserve(&out->buffer, SCAN_CHUNK);
	return PALIER_OK;
}

void journal_scan_close(struct journal_scan *s)
{
	if (s->fd >= 0)
		close(s->fd);
	palier_buffer_deinit(&s->buffer);
	s->fd = -1;
}

/* Have more of the file in the buffer; what lies before `offset` is let go. @return bytes added, 0 at the end, or PALIER_EIO */
static long scan_fill(struct journal_scan *s)
{
	ssize_t n;

	palier_buffer_shift(&s->buffer, (size_t)(s->offset - s->buffer_at));
	s->buffer_at = s->offset;
	palier_buffer_reserve(&s->buffer, SCAN_CHUNK);
	n = pread(s->fd, s->buffer.at + s->buffer.len, SCAN_CHUNK, (off_t)(s->buffer_at + s->buffer.len));
	if (n < 0)
		return PALIER_EIO;
	s->buffer.len += (size_t)n;
	return (long)n;
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
	return n < 0 ? PALIER_EIO : JOURNAL_END;
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
		return PALIER_EIO;
	s->next = offset + seen;
	return seen ? JOURNAL_TORN : JOURNAL_END;
}
