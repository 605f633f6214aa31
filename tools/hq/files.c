/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/hq/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((size_t)64 << 10)

static int all_read(int fd, size_t most, struct palier_buffer *out)
{
	size_t begin = out->len;
	ssize_t n;

	do {
		palier_buffer_reserve(out, CHUNK);
		n = read(fd, out->at + out->len, CHUNK);
		if (n < 0 && errno != EINTR)
			return PALIER_EIO;
		out->len += n > 0 ? (size_t)n : 0;
	} while (n != 0 && out->len - begin <= most);
	return out->len - begin <= most ? PALIER_OK : PALIER_ERANGE;
}

int files_read(const char *path, size_t most, struct palier_buffer *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return errno == ENOENT ? PALIER_ENOENT : PALIER_EIO;
	err = all_read(fd, most, out);
	close(fd);
	return err;
}

static int all_write(int fd, struct palier_bytes text)
{
	while (text.len) {
		ssize_t n = write(fd, text.at, text.len);

		if (n < 0 && errno != EINTR)
			return PALIER_EIO;
		if (n > 0)
			text = palier_bytes_of(text.at + n, text.len - (size_t)n);
	}
	return fsync(fd) == 0 ? PALIER_OK : PALIER_EIO;
}

int files_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return PALIER_EIO;
	err = fsync(fd) == 0 ? PALIER_OK : PALIER_EIO;
	close(fd);
	return err;
}

/* The directory that a path is in. */
static void above(const char *path, char out[PATH_MAX])
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		snprintf(out, PATH_MAX, ".");
	else
		snprintf(out, PATH_MAX, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

int files_write(const char *path, struct palier_bytes text, unsigned mode)
{
	char fresh[PATH_MAX], directory[PATH_MAX];
	int fd, err;

	if (snprintf(fresh, sizeof(fresh), "%s.new", path) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return PALIER_EIO;
	}
	above(path, directory);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0)
		return PALIER_EIO;
	err = all_write(fd, text);
	if (close(fd) != 0)
		err = PALIER_EIO;
	if (err == PALIER_OK && rename(fresh, path) != 0)
		err = PALIER_EIO;
	return err == PALIER_OK ? files_sync(directory) : err;
}

int files_directory(const char *path)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(part)) {
		errno = ENAMETOOLONG;
		return PALIER_EIO;
	}
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0777) != 0 && errno != EEXIST)
			return PALIER_EIO;
	}
	return PALIER_OK;
}

int files_remove(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	int err = PALIER_OK;

	if (!d)
		return errno == ENOENT ? PALIER_OK : PALIER_EIO;
	while ((entry = readdir(d)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
			unlinkat(dirfd(d), entry->d_name, 0) != 0)
			err = PALIER_EIO;
	closedir(d);
	return err == PALIER_OK && rmdir(path) != 0 ? PALIER_EIO : err;
}

/* @return 0: it is no number's name */
static uint32_t number_of(const char *name)
{
	char *end;
	unsigned long n = name[0] >= '1' && name[0] <= '9' ? strtoul(name, &end, 10) : 0;

	return n > 0 && n <= UINT32_MAX && !*end ? (uint32_t)n : 0;
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int files_numbers(const char *path, struct palier_arena *a, uint32_t **out, size_t *count)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	size_t n = 0, room = 0;
	uint32_t *numbers = NULL;

	if (!d && errno != ENOENT)
		return PALIER_EIO;
	while (d && (entry = readdir(d))) {
		uint32_t number = number_of(entry->d_name);

		if (number && n == room) {
			uint32_t *more = palier_alloc(a, (room = room ? 2 * room : 64) * sizeof(*more));

			if (n)
				memcpy(more, numbers, n * sizeof(*more));
			numbers = more;
		}
		if (number)
			numbers[n++] = number;
	}
	if (d)
		closedir(d);
	if (n)
		qsort(numbers, n, sizeof(*numbers), by_number);
	*out = numbers;
	*count = n;
	return PALIER_OK;
}
