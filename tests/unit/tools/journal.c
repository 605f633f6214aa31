/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/tools/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static char *path_of(const struct journal *j)
{
	static char path[96];

	snprintf(path, sizeof(path), "%s/1.open", j->dir);
	return path;
}

void journal_begin(struct journal *j)
{
	*j = (struct journal){ .dir = "/tmp/palier-journal-XXXXXX" };
	assert_non_null(mkdtemp(j->dir));
	j->file = fopen(path_of(j), "we");
	assert_non_null(j->file);
	fputs("{\"head\":{\"format\":1,\"store\":\"shop\",\"batch\":1}}\n", j->file);
}

static void put(struct journal *j, const char *text)
{
	for (; *text; text++)
		fputc(*text == '\'' ? '"' : *text, j->file);
}

void journal_event(struct journal *j, const char *day, const char *method, const char *more, const char *params,
	const char *effects, ...)
{
	char *text;
	va_list ap;

	va_start(ap, effects);
	assert_true(vasprintf(&text, effects, ap) >= 0);
	va_end(ap);
	fprintf(j->file, "{\"seq\":%llu,\"at\":\"%sT10:00:00.000Z\",\"store\":\"shop\",\"day\":\"%s\",\"method\":\"%s\"",
		(unsigned long long)++j->seq, day, j->booked ? j->booked : day, method);
	put(j, more);
	fputs(",\"params\":{", j->file);
	put(j, params);
	fputs("},\"effects\":[", j->file);
	put(j, text);
	fputs("]}\n", j->file);
	free(text);
}

void journal_files(struct journal *j, struct event_files *out)
{
	if (j->file)
		assert_int_equal(fclose(j->file), 0);
	j->file = NULL;
	assert_int_equal(event_files_find(j->dir, out), PALIER_OK);
}

void journal_remove(struct journal *j)
{
	if (j->file)
		fclose(j->file);
	unlink(path_of(j));
	rmdir(j->dir);
}

const char *journal_member(unsigned number)
{
	static char texts[4][PALIER_ID_TEXT + 1];
	static unsigned turn;
	struct palier_id id = { .b = { (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number } };
	char *text = texts[turn++ % 4];

	palier_id_format(id, text);
	return text;
}
