/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/archive.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#define LEVEL \
	1 /* a fifth of the size at the speed of a disk; higher levels gain little on lines that are hashes for a good part */

struct frame {
	uint64_t at; /* in the file */
	size_t packed;
};

struct archive {
	int fd;
	uint64_t size; /* of the text */
	struct frame *frames;
	size_t count;
	ZSTD_DCtx *inflate;
	struct palier_buffer packed;
	uint8_t *text; /* of one frame: */
	size_t text_len, held;
};

#define NONE_HELD SIZE_MAX

/* --- reading ------------------------------------------------------------------------------------------------------- */

static void frame_add(struct archive *a, uint64_t at, size_t packed)
{
	if ((a->count & (a->count - 1)) == 0) {
		a->frames = realloc(a->frames, (a->count ? a->count * 2 : 1) * sizeof(*a->frames));
		if (!a->frames)
			abort();
	}
	a->frames[a->count++] = (struct frame){ at, packed };
}

/* All frames but the last are full: so the frame of any place is known. */
static int index_make(struct archive *a, const char *file, size_t size)
{
	size_t at = 0;

	while (at < size) {
		size_t packed = ZSTD_findFrameCompressedSize(file + at, size - at);
		unsigned long long text = ZSTD_isError(packed) ? 0 : ZSTD_getFrameContentSize(file + at, packed);

		if (ZSTD_isError(packed) || text == 0 || text > ARCHIVE_FRAME || a->size % ARCHIVE_FRAME != 0)
			return PALIER_EDAMAGED;
		frame_add(a, at, packed);
		a->size += text;
		at += packed;
	}
	return PALIER_OK;
}

static int index_read(struct archive *a)
{
	struct stat st;
	char *file;
	int err;

	if (fstat(a->fd, &st) != 0)
		return PALIER_EIO;
	if (st.st_size == 0)
		return PALIER_EDAMAGED;
	file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, a->fd, 0);
	if (file == MAP_FAILED)
		return PALIER_EIO;
	err = index_make(a, file, (size_t)st.st_size);
	munmap(file, (size_t)st.st_size);
	return err;
}

int archive_open(int fd, struct archive **out)
{
	struct archive *a = calloc(1, sizeof(*a));
	int err;

	if (!a)
		abort();
	a->fd = fd;
	a->held = NONE_HELD;
	a->inflate = ZSTD_createDCtx();
	a->text = malloc(ARCHIVE_FRAME);
	if (!a->inflate || !a->text)
		abort();
	err = index_read(a);
	if (err == PALIER_OK)
		*out = a;
	else
		archive_close(a);
	return err;
}

void archive_close(struct archive *a)
{
	if (!a)
		return;
	close(a->fd);
	ZSTD_freeDCtx(a->inflate);
	palier_buffer_deinit(&a->packed);
	free(a->frames);
	free(a->text);
	free(a);
}

uint64_t archive_size(const struct archive *a)
{
	return a->size;
}

static int frame_hold(struct archive *a, size_t i)
{
	const struct frame *f = &a->frames[i];
	size_t text;
	ssize_t n;

	if (a->held == i)
		return PALIER_OK;
	a->held = NONE_HELD;
	a->packed.len = 0;
	palier_buffer_reserve(&a->packed, f->packed);
	do
		n = pread(a->fd, a->packed.at, f->packed, (off_t)f->at);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return PALIER_EIO;
	text = (size_t)n == f->packed ? ZSTD_decompressDCtx(a->inflate, a->text, ARCHIVE_FRAME, a->packed.at, f->packed) : 0;
	if ((size_t)n != f->packed || ZSTD_isError(text) || (i + 1 < a->count && text != ARCHIVE_FRAME))
		return PALIER_EDAMAGED;
	a->text_len = text;
	a->held = i;
	return PALIER_OK;
}

long archive_read(struct archive *a, void *out, size_t n, uint64_t offset)
{
	size_t done = 0;

	while (done < n && offset + done < a->size) {
		size_t within = (size_t)((offset + done) % ARCHIVE_FRAME), part;
		int err = frame_hold(a, (size_t)((offset + done) / ARCHIVE_FRAME));

		if (err != PALIER_OK)
			return err;
		if (within >= a->text_len)
			return PALIER_EDAMAGED;
		part = a->text_len - within < n - done ? a->text_len - within : n - done;
		memcpy((uint8_t *)out + done, a->text + within, part);
		done += part;
	}
	return (long)done;
}

/* --- writing ------------------------------------------------------------------------------------------------------- */

static int write_all(int fd, const char *at, size_t n)
{
	while (n > 0) {
		ssize_t some = write(fd, at, n);

		if (some < 0 && errno == EINTR)
			continue;
		if (some <= 0)
			return PALIER_EIO;
		at += some;
		n -= (size_t)some;
	}
	return PALIER_OK;
}

/* As much of a frame as the file has left. @return bytes, PALIER_EIO */
static long frame_read(int fd, char *text, uint64_t at)
{
	size_t got = 0;
	ssize_t n = 1;

	while (got < ARCHIVE_FRAME && n != 0) {
		n = pread(fd, text + got, ARCHIVE_FRAME - got, (off_t)(at + got));
		if (n < 0 && errno != EINTR)
			return PALIER_EIO;
		got += n > 0 ? (size_t)n : 0;
	}
	return (long)got;
}

static ZSTD_CCtx *compressor(void)
{
	ZSTD_CCtx *c = ZSTD_createCCtx();

	if (!c || ZSTD_isError(ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, LEVEL)) ||
		ZSTD_isError(ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1)))
		abort();
	return c;
}

int archive_write(int from, int to, struct progress *bar)
{
	const size_t room = ZSTD_compressBound(ARCHIVE_FRAME);
	char *text = malloc(ARCHIVE_FRAME), *packed = malloc(room);
	ZSTD_CCtx *c = compressor();
	uint64_t at = 0;
	struct stat st;
	long n = 0;
	int err = fstat(from, &st) == 0 ? PALIER_OK : PALIER_EIO;

	if (!text || !packed)
		abort();
	while (err == PALIER_OK && (n = frame_read(from, text, at)) > 0) {
		size_t len = ZSTD_compress2(c, packed, room, text, (size_t)n);

		if (ZSTD_isError(len))
			abort(); /* with this room it does not fail */
		err = write_all(to, packed, len);
		at += (uint64_t)n;
		if (bar)
			progress_show(bar, at, (uint64_t)st.st_size);
	}
	ZSTD_freeCCtx(c);
	free(text);
	free(packed);
	return err == PALIER_OK && n < 0 ? PALIER_EIO : err;
}
