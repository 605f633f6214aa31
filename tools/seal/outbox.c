/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the outbox. */
#include "tools/seal/outbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/archive.h"
#include "protocol/batch.h"
#include "tools/seal/signer.h"

#define NAME_LEN 64
#define COPY_MAX ((size_t)1 << 24) /* at a time */

/* What went wrong with a file, told by errno. */
static int failed(char *why, const char *what, const char *dir, const char *name)
{
	int err = errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? PALIER_ESTORAGE_FULL : PALIER_EIO;

	return seal_fail(why, err, "%s/%s cannot be %s: %s", dir, name, what, strerror(errno));
}

/* --- the directory --- */

int outbox_open(const char *path, struct outbox *out, char *why)
{
	int fd;

	if (mkdir(path, 0750) != 0 && errno != EEXIST)
		return failed(why, "made", path, "");
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return failed(why, "opened", path, "");
	while (flock(fd, LOCK_EX) != 0)
		if (errno != EINTR) {
			failed(why, "locked", path, "");
			close(fd);
			return PALIER_EIO;
		}
	*out = (struct outbox){ fd, path };
	return PALIER_OK;
}

void outbox_close(struct outbox *o)
{
	if (o->fd >= 0)
		close(o->fd);
	o->fd = -1;
}

/* @return the number that is the whole name, else 0 */
static uint32_t batch_of(const char *name)
{
	char *end;
	unsigned long n = strtoul(name, &end, 10);

	return name[0] >= '1' && name[0] <= '9' && *end == 0 && n <= UINT32_MAX ? (uint32_t)n : 0;
}

int outbox_last(const struct outbox *o, uint32_t *batch, bool *sealed, char *why)
{
	int fd = openat(o->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	char name[NAME_LEN];

	if (!dir)
		return failed(why, "read", o->path, "");
	*batch = 0;
	while ((entry = readdir(dir)))
		if (batch_of(entry->d_name) > *batch)
			*batch = batch_of(entry->d_name);
	closedir(dir);
	snprintf(name, sizeof(name), "%u/%s", *batch, BATCH_SIGNATURE);
	*sealed = *batch && faccessat(o->fd, name, F_OK, 0) == 0;
	return PALIER_OK;
}

int outbox_read(const struct outbox *o, uint32_t batch, const char *file, struct palier_buffer *out, char *why)
{
	char name[NAME_LEN];
	ssize_t n;
	int fd;

	snprintf(name, sizeof(name), "%u/%s", batch, file);
	fd = openat(o->fd, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return failed(why, "read", o->path, name), errno == ENOENT ? PALIER_ENOENT : PALIER_EIO;
	palier_buffer_reserve(out, BATCH_MANIFEST_MAX + 1);
	n = read(fd, out->at, BATCH_MANIFEST_MAX + 1);
	close(fd);
	if (n < 0)
		return failed(why, "read", o->path, name);
	out->len = (size_t)n;
	return PALIER_OK;
}

/* --- a batch --- */

static const char *fresh(const char *name, char *path)
{
	snprintf(path, NAME_LEN, "%s.new", name);
	return path;
}

static int file_failed(const struct outbox_batch *b, char *why, const char *what, const char *name)
{
	char dir[NAME_LEN];

	snprintf(dir, sizeof(dir), "batch %u", b->batch);
	return failed(why, what, dir, name);
}

int outbox_begin(const struct outbox *o, uint32_t batch, struct outbox_batch *out, char *why)
{
	char name[NAME_LEN];

	snprintf(name, sizeof(name), "%u", batch);
	if (mkdirat(o->fd, name, 0750) != 0 && errno != EEXIST)
		return failed(why, "made", o->path, name);
	if (fsync(o->fd) != 0)
		return failed(why, "synced", o->path, "");
	out->batch = batch;
	out->dir = openat(o->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return out->dir >= 0 ? PALIER_OK : failed(why, "opened", o->path, name);
}

void outbox_end(struct outbox_batch *b)
{
	if (b->dir >= 0)
		close(b->dir);
	b->dir = -1;
}

static int copy(int from, int to)
{
	ssize_t n = 1;

	while (n > 0) {
		n = copy_file_range(from, NULL, to, NULL, COPY_MAX, 0);
		if (n < 0 && errno == EINTR)
			n = 1;
	}
	return n < 0 ? -1 : 0;
}

/* Where copy_file_range() does not go, between some file systems. */
static int copy_plainly(int from, int to)
{
	char chunk[65536];
	ssize_t n;

	if (lseek(from, 0, SEEK_SET) != 0 || lseek(to, 0, SEEK_SET) != 0 || ftruncate(to, 0) != 0)
		return -1;
	while ((n = read(from, chunk, sizeof(chunk))) > 0)
		for (ssize_t done = 0, more; done < n; done += more) {
			more = write(to, chunk + done, (size_t)(n - done));
			if (more <= 0)
				return -1;
		}
	return n < 0 ? -1 : 0;
}

/* A clone has blocks in common with the journal, but is a file of its own; a link is the journal's file by another name, which is as good:
 * nobody writes to a closed one. A link to a file of another user is not allowed everywhere. */
static int bring(struct outbox_batch *b, const char *from, int in, const char *name)
{
	int out = openat(b->dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640), rc;

	if (out < 0)
		return -1;
	rc = ioctl(out, FICLONE, in);
	if (rc != 0 && unlinkat(b->dir, name, 0) == 0 && linkat(AT_FDCWD, from, b->dir, name, 0) == 0) {
		close(out);
		return openat(b->dir, name, O_RDONLY | O_CLOEXEC);
	}
	if (rc != 0) {
		close(out);
		out = openat(b->dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
		rc = out >= 0 && (copy(in, out) == 0 || copy_plainly(in, out) == 0) ? 0 : -1;
	}
	if (rc == 0)
		return out;
	rc = errno;
	if (out >= 0)
		close(out);
	errno = rc;
	return -1;
}

int outbox_bring(struct outbox_batch *b, const char *from, const char *name, int *fd, char *why)
{
	char path[NAME_LEN];
	int in = open(from, O_RDONLY | O_CLOEXEC);

	if (in < 0)
		return failed(why, "read", from, "");
	if (unlinkat(b->dir, fresh(name, path), 0) != 0 && errno != ENOENT) {
		close(in);
		return file_failed(b, why, "removed", path);
	}
	*fd = bring(b, from, in, path);
	close(in);
	return *fd >= 0 ? PALIER_OK : file_failed(b, why, "written", path);
}

int outbox_pack(struct outbox_batch *b, const char *name, const char *packed, struct palier_hash *sum, char *why)
{
	char path[NAME_LEN];
	int in = openat(b->dir, name, O_RDONLY | O_CLOEXEC), out = -1, err = PALIER_EIO;

	if (in >= 0 && (unlinkat(b->dir, fresh(packed, path), 0) == 0 || errno == ENOENT))
		out = openat(b->dir, path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (out >= 0)
		err = archive_write(in, out, NULL);
	if (err == PALIER_OK)
		err = crypto_sha256_file(out, sum);
	if (err != PALIER_OK)
		err = file_failed(b, why, "written", packed);
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return err;
}

int outbox_put(struct outbox_batch *b, const char *name, struct palier_bytes text, char *why)
{
	char path[NAME_LEN];
	int fd, err = PALIER_OK;

	if (unlinkat(b->dir, fresh(name, path), 0) != 0 && errno != ENOENT)
		return file_failed(b, why, "removed", path);
	fd = openat(b->dir, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0)
		return file_failed(b, why, "made", path);
	errno = ENOSPC; /* of a write that was short without saying why */
	if (write(fd, text.at, text.len) != (ssize_t)text.len)
		err = file_failed(b, why, "written", path);
	close(fd);
	return err;
}

int outbox_keep(struct outbox_batch *b, const char *name, char *why)
{
	char path[NAME_LEN];
	int fd = openat(b->dir, fresh(name, path), O_RDONLY | O_CLOEXEC);
	int synced = fd >= 0 ? fsync(fd) : -1;

	if (synced != 0) {
		file_failed(b, why, "synced", path);
		if (fd >= 0)
			close(fd);
		return PALIER_EIO;
	}
	close(fd);
	if (renameat(b->dir, path, b->dir, name) != 0)
		return file_failed(b, why, "named", name);
	return fsync(b->dir) == 0 ? PALIER_OK : file_failed(b, why, "synced", name);
}

void outbox_drop(struct outbox_batch *b, const char *name)
{
	char path[NAME_LEN];

	unlinkat(b->dir, fresh(name, path), 0);
}
