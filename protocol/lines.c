/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#define CHUNK   ((size_t)256 << 10)
#define BLOCK   CHUNK
#define LONGEST ((size_t)64 << 20) /* as long as no line of ours is */

struct lines {
	int fd;
	uint64_t size, read;
	bool ended;         /* nothing more comes from the file */
	ZSTD_DCtx *inflate; /* NULL: it is plain */
	size_t owed;        /* of the frame: 0 where one is complete */
	bool more;          /* what is decompressed has not all been given */
	struct palier_buffer packed, text;
	size_t packed_at, at, seen; /* what was decompressed, given away, searched for LF */
};

int lines_open(const char *path, struct lines **out)
{
	size_t n = strlen(path), suffix = sizeof(ARCHIVE_ENDING) - 1;
	struct lines *l;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? PALIER_ENOENT : PALIER_EIO;
	l = calloc(1, sizeof(*l));
	if (!l)
		abort();
	l->fd = fd;
	l->size = fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
	if (n > suffix && strcmp(path + n - suffix, ARCHIVE_ENDING) == 0) {
		l->inflate = ZSTD_createDCtx();
		if (!l->inflate)
			abort();
	}
	*out = l;
	return PALIER_OK;
}

void lines_close(struct lines *l)
{
	if (!l)
		return;
	close(l->fd);
	ZSTD_freeDCtx(l->inflate);
	palier_buffer_deinit(&l->packed);
	palier_buffer_deinit(&l->text);
	free(l);
}

uint64_t lines_read(const struct lines *l)
{
	return l->read;
}

uint64_t lines_size(const struct lines *l)
{
	return l->size;
}

/* @param got 0 at the end of the file */
static int chunk_read(struct lines *l, struct palier_buffer *into, size_t *got)
{
	ssize_t n;

	palier_buffer_reserve(into, CHUNK);
	do
		n = read(l->fd, into->at + into->len, CHUNK);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return PALIER_EIO;
	into->len += (size_t)n;
	l->read += (uint64_t)n;
	*got = (size_t)n;
	return PALIER_OK;
}

/* A file that ends within a frame was cut. */
static int inflate_more(struct lines *l)
{
	ZSTD_inBuffer in;
	ZSTD_outBuffer out;
	size_t got = 0;
	int err;

	if (l->packed_at == l->packed.len && !l->more) {
		l->packed.len = l->packed_at = 0;
		err = chunk_read(l, &l->packed, &got);
		if (err != PALIER_OK)
			return err;
		l->ended = got == 0;
		if (got == 0 && l->owed == 0)
			return PALIER_OK;
		if (got == 0)
			return PALIER_EDAMAGED;
	}
	palier_buffer_reserve(&l->text, CHUNK);
	in = (ZSTD_inBuffer){ l->packed.at, l->packed.len, l->packed_at };
	out = (ZSTD_outBuffer){ l->text.at + l->text.len, CHUNK, 0 };
	l->owed = ZSTD_decompressStream(l->inflate, &out, &in);
	if (ZSTD_isError(l->owed))
		return PALIER_EDAMAGED;
	l->packed_at = in.pos;
	l->more = out.pos == CHUNK;
	l->text.len += out.pos;
	return PALIER_OK;
}

static int read_more(struct lines *l)
{
	size_t got = 0;
	int err;

	if (l->at > 0) {
		palier_buffer_shift(&l->text, l->at);
		l->seen -= l->at;
		l->at = 0;
	}
	if (l->text.len > LONGEST)
		return PALIER_EDAMAGED;
	if (l->inflate)
		return inflate_more(l);
	err = chunk_read(l, &l->text, &got);
	l->ended = got == 0;
	return err;
}

int lines_next(struct lines *l, struct palier_bytes *line)
{
	const char *lf, *from;
	int err;

	for (;;) {
		lf = l->text.len > l->seen ? memchr(l->text.at + l->seen, '\n', l->text.len - l->seen) : NULL;
		if (lf) {
			from = l->text.at + l->at;
			*line = palier_bytes_of(from, (size_t)(lf - from));
			l->at = l->seen = (size_t)(lf - l->text.at) + 1;
			return memchr(line->at, '\0', line->len) ? PALIER_ENOENT : PALIER_OK;
		}
		l->seen = l->text.len;
		if (l->ended)
			return PALIER_ENOENT;
		err = read_more(l);
		if (err != PALIER_OK)
			return err;
	}
}

/* What is whole goes with its room; the rest of a line begins the next block in the room that comes back. */
static void block_give(struct lines *l, size_t whole, struct palier_buffer *block)
{
	struct palier_buffer text = l->text;

	block->len = 0;
	palier_buffer_add(block, text.at + whole, text.len - whole);
	l->text = *block;
	text.len = whole;
	*block = text;
	l->seen = 0;
}

int lines_block(struct lines *l, struct palier_buffer *block)
{
	const char *nul, *lf;
	int err;

	for (;;) {
		if (l->ended || l->text.len >= BLOCK) {
			nul = l->text.len ? memchr(l->text.at, '\0', l->text.len) : NULL;
			if (nul) {
				l->text.len = (size_t)(nul - l->text.at);
				l->ended = true;
			}
			lf = l->text.len > l->seen ? memrchr(l->text.at + l->seen, '\n', l->text.len - l->seen) : NULL;
			if (lf) {
				block_give(l, (size_t)(lf - l->text.at) + 1, block);
				return PALIER_OK;
			}
			if (l->ended)
				return PALIER_ENOENT;
			l->seen = l->text.len;
		}
		err = read_more(l);
		if (err != PALIER_OK)
			return err;
	}
}
