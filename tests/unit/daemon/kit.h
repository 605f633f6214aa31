/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemon's tests share: a directory of their own, files in it, and numbers that are the same in every run. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

#include "protocol/bytes.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* --- a directory that a test may fill --- */

static inline char *dir_make(void)
{
	char *dir = strdup("/tmp/palier-unit-XXXXXX");

	assert_non_null(dir);
	assert_non_null(mkdtemp(dir));
	return dir;
}

static inline int entry_remove(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline void dir_remove(char *dir)
{
	assert_int_equal(nftw(dir, entry_remove, 16, FTW_DEPTH | FTW_PHYS), 0);
	free(dir);
}

/* @return the path, valid until the fourth call after this one */
static inline const char *path_of(const char *dir, const char *name)
{
	static char paths[4][4096];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	return path;
}

static inline void file_put(const char *path, const void *at, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, at, n), n);
	close(fd);
}

/* Overwrite a part of a file. */
static inline void file_patch(const char *path, size_t offset, const void *at, size_t n)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, at, n, (off_t)offset), n);
	close(fd);
}

/* @return to be freed, as large as the file, so that a sanitizer sees a read beyond it */
static inline struct palier_bytes file_get(const char *path)
{
	struct stat st;
	char *text;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	text = malloc(st.st_size ? (size_t)st.st_size : 1);
	assert_non_null(text);
	assert_int_equal(read(fd, text, (size_t)st.st_size), st.st_size);
	close(fd);
	return palier_bytes_of(text, (size_t)st.st_size);
}

/* --- chance, repeated --- */

/* xorshift64* (Vigna 2016); the state is the seed, never 0 */
static inline uint64_t chance(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

/* 0..n-1 */
static inline unsigned chance_of(uint64_t *state, unsigned n)
{
	return (unsigned)((chance(state) >> 33) % n);
}
