/* SPDX-License-Identifier: Apache-2.0 */
/* Stands between palierd and its files (LD_PRELOAD): writes down what is done to them, and lets an operation fail when a test says so. */
#include "tests/fault/shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS 4096

/* How glibc's fortified open() comes in. */
int __open_2(const char *path, int flags);

static struct {
	const char *root;
	size_t root_len;
	int log;
	struct shim_switch *faults;
	bool ours[FDS];
} shim = { .log = -1 };

/* The function of the same name that we stand before. */
#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name)
{
	void *at = dlsym(RTLD_NEXT, name);

	if (!at)
		abort();
	return at;
}

/* --- what is noted ------------------------------------------------------------------------------------------------- */

static void note(enum shim_op op, int fd, const char *path, uint64_t number, const void *bytes, size_t len)
{
	struct shim_record r = { .op = op,
		.path_len = path ? (uint32_t)strlen(path) : 0,
		.fd = fd,
		.number = number,
		.len = len };
	struct iovec iov[] = {
		{ &r, sizeof(r) },
		{ (void *)(uintptr_t)path, r.path_len },
		{ (void *)(uintptr_t)bytes, len },
	};

	if (shim.log >= 0 && syscall(SYS_writev, shim.log, iov, 3) != (long)(sizeof(r) + r.path_len + len))
		abort();
}

__attribute__((constructor)) static void begin(void)
{
	const char *log = getenv(SHIM_LOG), *faults = getenv(SHIM_SWITCH);

	shim.root = getenv(SHIM_ROOT);
	if (!shim.root)
		return;
	shim.root_len = strlen(shim.root);
	if (log)
		shim.log = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (faults) {
		int fd = (int)syscall(SYS_openat, AT_FDCWD, faults, O_RDWR | O_CLOEXEC);
		void *at = (void *)syscall(SYS_mmap, NULL, sizeof(*shim.faults), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

		if (at == MAP_FAILED)
			abort();
		shim.faults = at;
		syscall(SYS_close, fd);
	}
	note(SHIM_START, -1, NULL, 0, NULL, 0);
}

/* Below the root, and no lock, which means nothing once its holder is gone. @return the path from the root on */
static const char *ours(const char *path)
{
	size_t len = strlen(path);

	if (!shim.root || strncmp(path, shim.root, shim.root_len) != 0 ||
		(path[shim.root_len] && path[shim.root_len] != '/') || (len >= 4 && strcmp(path + len - 4, "lock") == 0))
		return NULL;
	return path + shim.root_len;
}

static bool is_ours(int fd)
{
	return fd >= 0 && fd < FDS && shim.ours[fd];
}

/* --- what fails ---------------------------------------------------------------------------------------------------- */

/* @return 0: go on; an errno; SHIM_SHORT */
static int fault(enum shim_op op)
{
	struct shim_switch *f = shim.faults;

	if (!f)
		return 0;
	atomic_fetch_add(&f->seen[op], 1);
	if (atomic_load(&f->op) != (int)op || atomic_fetch_sub(&f->after, 1) > 0 || atomic_fetch_sub(&f->left, 1) <= 0)
		return 0;
	atomic_fetch_add(&f->failed, 1);
	return atomic_load(&f->error);
}

static bool fails(enum shim_op op)
{
	int error = fault(op);

	if (error > 0)
		errno = error;
	return error > 0;
}

/* --- files --------------------------------------------------------------------------------------------------------- */

static int open_any(const char *path, int flags, mode_t mode)
{
	const char *name = ours(path);
	bool there = access(path, F_OK) == 0;
	int fd;

	if (name && fails(SHIM_OPEN))
		return -1;
	fd = REAL(open)(path, flags, mode);
	if (fd >= 0 && fd < FDS) {
		shim.ours[fd] = name != NULL;
		if (name)
			note(SHIM_OPEN, fd, name, (uint64_t)(there ? flags & ~O_CREAT : flags), NULL, 0);
	}
	return fd;
}

int open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	va_start(args, flags);
	if (flags & O_CREAT)
		mode = va_arg(args, mode_t);
	va_end(args);
	return open_any(path, flags, mode);
}

int __open_2(const char *path, int flags)
{
	return open_any(path, flags, 0);
}

int close(int fd)
{
	if (fd >= 0 && fd < FDS)
		shim.ours[fd] = false;
	return REAL(close)(fd);
}

/* Bytes that write() and its kin are about to take; a short write takes half of them. @return how many, or -1 */
static ssize_t write_begin(size_t len)
{
	int error = fault(SHIM_WRITE);

	if (error == SHIM_SHORT)
		return (ssize_t)(len / 2);
	if (error > 0)
		errno = error;
	return error > 0 ? -1 : (ssize_t)len;
}

ssize_t pwrite(int fd, const void *at, size_t len, off_t offset)
{
	ssize_t n = is_ours(fd) ? write_begin(len) : (ssize_t)len;

	if (n >= 0)
		n = REAL(pwrite)(fd, at, (size_t)n, offset);
	if (n > 0 && is_ours(fd))
		note(SHIM_WRITE, fd, NULL, (uint64_t)offset, at, (size_t)n);
	return n;
}

ssize_t write(int fd, const void *at, size_t len)
{
	off_t offset = is_ours(fd) ? lseek(fd, 0, SEEK_CUR) : 0;
	ssize_t n = is_ours(fd) ? write_begin(len) : (ssize_t)len;

	if (n >= 0)
		n = REAL(write)(fd, at, (size_t)n);
	if (n > 0 && is_ours(fd))
		note(SHIM_WRITE, fd, NULL, (uint64_t)offset, at, (size_t)n);
	return n;
}

/* LMDB's way to write pages that follow each other. */
ssize_t writev(int fd, const struct iovec *iov, int count)
{
	ssize_t total = 0;

	if (!is_ours(fd))
		return REAL(writev)(fd, iov, count);
	for (int i = 0; i < count; i++) {
		ssize_t n = write(fd, iov[i].iov_base, iov[i].iov_len);

		if (n < 0)
			return total ? total : n;
		total += n;
		if ((size_t)n < iov[i].iov_len)
			break;
	}
	return total;
}

int ftruncate(int fd, off_t size)
{
	int rc;

	if (is_ours(fd) && fails(SHIM_SIZE))
		return -1;
	rc = REAL(ftruncate)(fd, size);
	if (rc == 0 && is_ours(fd))
		note(SHIM_SIZE, fd, NULL, (uint64_t)size, NULL, 0);
	return rc;
}

int truncate(const char *path, off_t size)
{
	const char *name = ours(path);
	int rc;

	if (name && fails(SHIM_SIZE))
		return -1;
	rc = REAL(truncate)(path, size);
	if (rc == 0 && name)
		note(SHIM_SIZE, -1, name, (uint64_t)size, NULL, 0);
	return rc;
}

int posix_fallocate(int fd, off_t offset, off_t len)
{
	int error = is_ours(fd) ? fault(SHIM_ALLOCATE) : 0;

	if (error <= 0)
		error = REAL(posix_fallocate)(fd, offset, len);
	if (error == 0 && is_ours(fd))
		note(SHIM_ALLOCATE, fd, NULL, (uint64_t)(offset + len), NULL, 0);
	return error;
}

static int sync_any(int fd, bool data_only)
{
	int rc;

	if (is_ours(fd) && fails(SHIM_SYNC))
		return -1;
	rc = data_only ? REAL(fdatasync)(fd) : REAL(fsync)(fd);
	if (rc == 0 && is_ours(fd))
		note(SHIM_SYNC, fd, NULL, data_only, NULL, 0);
	return rc;
}

int fsync(int fd)
{
	return sync_any(fd, false);
}

int fdatasync(int fd)
{
	return sync_any(fd, true);
}

void *mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
	if (is_ours(fd) && fails(SHIM_MAP))
		return MAP_FAILED;
	return REAL(mmap)(at, len, protection, flags, fd, offset);
}

/* --- directories --------------------------------------------------------------------------------------------------- */

int rename(const char *from, const char *to)
{
	const char *name = ours(from), *name_to = ours(to);
	int rc;

	if (name && fails(SHIM_RENAME))
		return -1;
	rc = REAL(rename)(from, to);
	if (rc == 0 && name && name_to)
		note(SHIM_RENAME, -1, name, 0, name_to, strlen(name_to));
	return rc;
}

int unlink(const char *path)
{
	const char *name = ours(path);
	int rc;

	if (name && fails(SHIM_UNLINK))
		return -1;
	rc = REAL(unlink)(path);
	if (rc == 0 && name)
		note(SHIM_UNLINK, -1, name, 0, NULL, 0);
	return rc;
}

int mkdir(const char *path, mode_t mode)
{
	const char *name = ours(path);
	int rc;

	if (name && fails(SHIM_MKDIR))
		return -1;
	rc = REAL(mkdir)(path, mode);
	if (rc == 0 && name)
		note(SHIM_MKDIR, -1, name, 0, NULL, 0);
	return rc;
}

int rmdir(const char *path)
{
	const char *name = ours(path);
	int rc;

	if (name && fails(SHIM_RMDIR))
		return -1;
	rc = REAL(rmdir)(path);
	if (rc == 0 && name)
		note(SHIM_RMDIR, -1, name, 0, NULL, 0);
	return rc;
}

/* --- what leaves --------------------------------------------------------------------------------------------------- */

ssize_t send(int fd, const void *at, size_t len, int flags)
{
	ssize_t n = REAL(send)(fd, at, len, flags);

	if (n > 0 && shim.root)
		note(SHIM_REPLY, fd, NULL, 0, at, (size_t)n);
	return n;
}
