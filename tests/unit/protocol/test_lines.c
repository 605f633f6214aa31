/* SPDX-License-Identifier: Apache-2.0 */
/* Journal files line by line, plain and as zstd compresses them. */
#include "protocol/lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <zstd.h>

#define LONG_LINES 3000
#define LONG_LEN   300

static char folder[] = "/tmp/palier-lines-XXXXXX";

static int folder_make(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int folder_remove(void **state)
{
	(void)state;
	return rmdir(folder);
}

static const char *file_put(const char *name, const void *text, size_t n)
{
	static char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	return path;
}

/* All lines, each in brackets, and how it ended. */
static int read_all(const char *path, char *out, size_t size)
{
	struct palier_bytes line;
	struct lines *l;
	size_t n = 0;
	int err;

	assert_int_equal(lines_open(path, &l), PALIER_OK);
	out[0] = '\0';
	while ((err = lines_next(l, &line)) == PALIER_OK)
		n += (size_t)snprintf(out + n, size - n, "[%.*s]", PALIER_ARG(line));
	lines_close(l);
	unlink(path);
	return err;
}

/* The same in blocks, one behind the other. */
static int read_blocks(const char *path, struct palier_buffer *out)
{
	struct palier_buffer block = { .len = 0 };
	struct lines *l;
	int err;

	assert_int_equal(lines_open(path, &l), PALIER_OK);
	while ((err = lines_block(l, &block)) == PALIER_OK) {
		assert_int_equal(block.at[block.len - 1], '\n');
		palier_buffer_add(out, block.at, block.len);
	}
	lines_close(l);
	palier_buffer_deinit(&block);
	unlink(path);
	return err;
}

static const struct plain_case {
	const char *name, *text;
	size_t len;
	const char *lines;
} plain[] = {
#define PLAIN(name, text, lines) \
	{ \
		name, text, sizeof(text) - 1, lines \
	}
	PLAIN("an empty file has no lines", "", ""),
	PLAIN("lines end in LF", "a\nbc\n\nd\n", "[a][bc][][d]"),
	PLAIN("what no LF ends is no line", "a\nb", "[a]"),
	PLAIN("a NUL ends the file", "a\n\0\0\0\n", "[a]"),
#undef PLAIN
};

static void reads_plain(void **state)
{
	const struct plain_case *c = *state;
	char out[128];

	assert_int_equal(read_all(file_put("1.jsonl", c->text, c->len), out, sizeof(out)), PALIER_ENOENT);
	assert_string_equal(out, c->lines);
}

static void reads_blocks(void **state)
{
	const struct plain_case *c = *state;
	struct palier_buffer text = { .len = 0 };
	char out[128];
	size_t n = 0;

	assert_int_equal(read_blocks(file_put("1.jsonl", c->text, c->len), &text), PALIER_ENOENT);
	for (const char *at = text.at, *lf; at && at < text.at + text.len; at = lf + 1) {
		lf = memchr(at, '\n', (size_t)(text.at + text.len - at));
		assert_non_null(lf);
		n += (size_t)snprintf(out + n, sizeof(out) - n, "[%.*s]", (int)(lf - at), at);
	}
	out[n] = '\0';
	assert_string_equal(out, c->lines);
	palier_buffer_deinit(&text);
}

static size_t pack(const char *text, size_t n, char **out)
{
	size_t room = ZSTD_compressBound(n), packed;

	*out = malloc(room);
	packed = ZSTD_compress(*out, room, text, n, 1);
	assert_false(ZSTD_isError(packed));
	return packed;
}

static char *long_text(size_t *n)
{
	char *text = malloc(LONG_LINES * (LONG_LEN + 1));

	*n = LONG_LINES * (LONG_LEN + 1);
	for (size_t i = 0; i < LONG_LINES; i++) {
		snprintf(text + i * (LONG_LEN + 1), LONG_LEN + 1, "%0*zu", LONG_LEN, i);
		text[i * (LONG_LEN + 1) + LONG_LEN] = '\n';
	}
	return text;
}

static void reads_compressed(void **state)
{
	size_t n, packed_len, count = 0;
	char *text = long_text(&n), *packed;
	struct palier_bytes line;
	struct lines *l;
	const char *path;

	(void)state;
	packed_len = pack(text, n, &packed);
	path = file_put("1.jsonl.zst", packed, packed_len);
	assert_int_equal(lines_open(path, &l), PALIER_OK);
	for (; lines_next(l, &line) == PALIER_OK; count++) {
		assert_int_equal(line.len, LONG_LEN);
		assert_memory_equal(line.at, text + count * (LONG_LEN + 1), LONG_LEN);
	}
	assert_int_equal(count, LONG_LINES);
	assert_int_equal(lines_read(l), packed_len);
	assert_int_equal(lines_size(l), packed_len);
	lines_close(l);
	unlink(path);
	free(text);
	free(packed);
}

/* Several blocks, with a line among them that is longer than any. */
static void reads_long_blocks(void **state)
{
	size_t n, packed_len;
	char *text = long_text(&n), *packed;
	struct palier_buffer out = { .len = 0 };

	(void)state;
	for (size_t i = n / 3; i < 2 * n / 3; i++)
		text[i] = 'x';
	assert_int_equal(read_blocks(file_put("1.jsonl", text, n), &out), PALIER_ENOENT);
	assert_int_equal(out.len, n);
	assert_memory_equal(out.at, text, n);
	out.len = 0;
	packed_len = pack(text, n, &packed);
	assert_int_equal(read_blocks(file_put("1.jsonl.zst", packed, packed_len), &out), PALIER_ENOENT);
	assert_int_equal(out.len, n);
	assert_memory_equal(out.at, text, n);
	assert_int_equal(read_blocks(file_put("1.jsonl.zst", packed, packed_len - 3), &out), PALIER_EDAMAGED);
	palier_buffer_deinit(&out);
	free(text);
	free(packed);
}

static void cut_is_damage(void **state)
{
	size_t n, packed_len;
	char *text = long_text(&n), *packed, *out = malloc(2 * n);

	(void)state;
	packed_len = pack(text, n, &packed);
	for (size_t cut = 1; cut < packed_len; cut += packed_len / 50 + 1)
		assert_int_equal(read_all(file_put("1.jsonl.zst", packed, cut), out, 2 * n), PALIER_EDAMAGED);
	packed[packed_len / 2] ^= 1;
	packed[0] ^= 1;
	assert_int_equal(read_all(file_put("1.jsonl.zst", packed, packed_len), out, 2 * n), PALIER_EDAMAGED);
	free(text);
	free(packed);
	free(out);
}

static void missing(void **state)
{
	struct lines *l = NULL;

	(void)state;
	assert_int_equal(lines_open("/nonexistent/1.jsonl", &l), PALIER_ENOENT);
	assert_null(l);
}

int main(void)
{
	enum { PLAIN_COUNT = sizeof(plain) / sizeof(*plain) };
	struct CMUnitTest tests[2 * PLAIN_COUNT + 4];
	size_t n = 0;

	for (size_t i = 0; i < PLAIN_COUNT; i++) {
		tests[n++] = (struct CMUnitTest){ .name = plain[i].name,
			.test_func = reads_plain,
			.initial_state = (void *)(uintptr_t)&plain[i] };
		tests[n++] = (struct CMUnitTest){ .name = plain[i].name,
			.test_func = reads_blocks,
			.initial_state = (void *)(uintptr_t)&plain[i] };
	}
	tests[n++] =
		(struct CMUnitTest){ .name = "blocks of lines, one line longer than any", .test_func = reads_long_blocks };
	tests[n++] = (struct CMUnitTest){ .name = "a compressed file reads as what was compressed",
		.test_func = reads_compressed };
	tests[n++] = (struct CMUnitTest){ .name = "a compressed file that was cut or changed is damaged",
		.test_func = cut_is_damage };
	tests[n++] = (struct CMUnitTest){ .name = "a file that is not there", .test_func = missing };
	return _cmocka_run_group_tests("lines", tests, n, folder_make, folder_remove);
}
