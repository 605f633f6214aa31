/* SPDX-License-Identifier: Apache-2.0 */
/* palierd archive: closed days that the head office has, and of which no request can be sent again, are compressed. palierd may run. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/config.h"
#include "daemon/journal.h"
#include "daemon/kept.h"
#include "daemon/ledger.h"
#include "protocol/batch.h"
#include "protocol/datetime.h"

#define PATH_LEN 4096

struct archiving {
	const struct config *config;
	struct journal *journal;
	struct palier_arena arena;
	uint32_t until; /* days up to this one are old enough */
	unsigned count;
	uint64_t was, is; /* bytes */
	char *why;
};

/* Who comes by an https door says what it has; where there is none the office takes the outbox as it lies, and that it can have it is enough. */
static bool office_has(const struct archiving *a, uint32_t batch)
{
	struct ack ack;
	char path[PATH_LEN];

	for (size_t i = 0; i < a->config->door_count; i++)
		if (a->config->doors[i].kind == DOOR_HTTPS)
			return ack_read(a->config->data, batch, &ack) == PALIER_OK;

	snprintf(path, sizeof(path), "%s/%u/" BATCH_SIGNATURE, a->config->outbox, batch);
	return access(path, F_OK) == 0;
}

static uint64_t bytes_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* @return PALIER_ENOENT: it is open, or archived already */
static int day_of(struct archiving *a, uint32_t batch, uint32_t *out)
{
	struct palier_bytes line;
	struct json_doc doc;
	struct batch_head head;
	char path[PATH_LEN];
	int err = journal_path(a->journal, batch, path);

	if (err != PALIER_OK || strcmp(strchr(strrchr(path, '/'), '.'), ".jsonl") != 0)
		return PALIER_ENOENT;
	palier_arena_reset(&a->arena);
	err = journal_read(a->journal, batch, 0, &a->arena, &line);
	if (err != PALIER_OK)
		return err;
	doc.capacity = (uint32_t)line.len + 1;
	doc.tokens = palier_alloc(&a->arena, doc.capacity * sizeof(*doc.tokens));
	if (!batch_head_read(&doc, line, &a->arena, &head))
		return PALIER_EDAMAGED;
	*out = head.day;
	return PALIER_OK;
}

static int batch_archive(struct archiving *a, uint32_t batch)
{
	struct progress bar = { .what = "archiving" };
	char path[PATH_LEN];
	uint64_t was;
	int err = journal_path(a->journal, batch, path);

	if (err != PALIER_OK)
		return err;
	was = bytes_of(path);
	err = journal_archive(a->journal, batch, &bar);
	progress_end(&bar);
	if (err == PALIER_EDAMAGED)
		return complain(a->why, err, "journal %u reads differently each time: is the disk well? Nothing was changed",
			batch);
	if (err != PALIER_OK)
		return complain(a->why, err, "journal %u cannot be archived: %s", batch, strerror(errno));
	a->count++;
	a->was += was;
	if (journal_path(a->journal, batch, path) == PALIER_OK)
		a->is += bytes_of(path);
	return PALIER_OK;
}

static int batch_look(struct archiving *a, uint32_t batch)
{
	uint32_t day = 0;
	int err = day_of(a, batch, &day);

	if (err == PALIER_ENOENT || (err == PALIER_OK && (day > a->until || !office_has(a, batch))))
		return PALIER_OK;
	if (err != PALIER_OK)
		return complain(a->why, err, "journal %u cannot be read: run `palier check`", batch);
	return batch_archive(a, batch);
}

static int archive_all(struct archiving *a)
{
	uint32_t last;
	bool open;
	int err = journal_last(a->journal, &last, &open);

	if (err != PALIER_OK)
		return complain(a->why, err, "the journal of %s cannot be read", a->config->data);
	for (uint32_t batch = 1; batch <= last && err == PALIER_OK; batch++)
		err = batch_look(a, batch);
	if (err != PALIER_OK)
		return err;
	if (a->count)
		printf("archived: %u days, %" PRIu64 " KiB became %" PRIu64 "\n", a->count, a->was / 1024, a->is / 1024);
	else
		printf("nothing to archive\n");
	return PALIER_OK;
}

int ledger_archive(const struct config *config, unsigned days, int64_t now_ms, char *why)
{
	struct archiving a = { .config = config, .until = day_add(zone_day(now_ms), -(int)days), .why = why };
	char path[PATH_LEN];
	int lock = open(ledger_path(config->data, "journal", path), O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;

	if (lock < 0 || journal_open(path, &a.journal) != PALIER_OK)
		err = complain(why, PALIER_ENOENT, "there is no journal at %s: %s", path, strerror(errno));
	else if (flock(lock, LOCK_EX | LOCK_NB) != 0)
		err = complain(why, PALIER_EIO, "another palier archives %s just now", path);
	else
		err = archive_all(&a);
	journal_close(a.journal);
	palier_arena_deinit(&a.arena);
	if (lock >= 0)
		close(lock);
	return err;
}
