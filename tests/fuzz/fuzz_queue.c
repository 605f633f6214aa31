/* SPDX-License-Identifier: Apache-2.0 */
/* A till's queue file. Behind a '#', each line is given the sum that it would have, so that what stands in the lines is reached too. A file
 * that opens, opens again to the same commands; one that is refused is left as it was. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/crypto.h"
#include "protocol/queue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static const char *path(void)
{
	static char text[64];

	if (!text[0])
		snprintf(text, sizeof(text), "/tmp/palier-fuzz-queue.%d", (int)getpid());
	return text;
}

static void summed_line(struct palier_bytes line, struct palier_buffer *out)
{
	struct palier_hash hash;
	char hex[2 * 8 + 1];

	crypto_sha256(line, &hash);
	for (int i = 0; i < 8; i++)
		snprintf(hex + 2 * i, 3, "%02x", hash.b[i]);
	palier_buffer_add(out, hex, 16);
	palier_buffer_add(out, " ", 1);
	palier_buffer_add(out, line.at, line.len);
	palier_buffer_add(out, "\n", 1);
}

static void file_fill(const uint8_t *data, size_t size)
{
	struct palier_buffer text = { 0 };
	const char *at = (const char *)data, *end = at + size;
	FILE *f = fopen(path(), "w");

	if (size > 0 && *at == '#')
		for (at++; at < end; at++) {
			const char *lf = memchr(at, '\n', (size_t)(end - at));

			lf = lf ? lf : end;
			summed_line(palier_bytes_of(at, (size_t)(lf - at)), &text);
			at = lf;
		}
	else
		palier_buffer_add(&text, data, size);
	check(f && (text.len == 0 || fwrite(text.at, 1, text.len, f) == text.len) && fclose(f) == 0);
	palier_buffer_deinit(&text);
}

static off_t file_size(void)
{
	struct stat st;

	check(stat(path(), &st) == 0);
	return st.st_size;
}

/* @return how many wait; -1: refused */
static long commands(void)
{
	struct palier_queue *q;
	struct palier_queued command;
	off_t before = file_size();
	long count;
	int err = palier_queue_open(path(), &q);

	check(err == PALIER_OK || (err == PALIER_EDAMAGED && file_size() == before));
	if (err != PALIER_OK)
		return -1;
	count = (long)palier_queue_count(q);
	for (long i = 0; i < count; i++) {
		check(palier_queue_at(q, (size_t)i, &command));
		check(command.method.len > 0 && command.params.len >= 2 && command.params.at[0] == '{');
	}
	check(!palier_queue_at(q, (size_t)count, &command));
	palier_queue_close(q);
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	long count;

	file_fill(data, size);
	count = commands();
	check(commands() == count);
	unlink(path());
	return 0;
}
