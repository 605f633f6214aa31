/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/hq/shelf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "protocol/datetime.h"
#include "tools/cli.h"
#include "tools/hq/files.h"

#define STATE_FORMAT 1
#define STATE_MAX    ((size_t)1 << 20) /* bytes: room for some hundred announced certificates */

/* clang-format off */
#define PALIER_FIELDS_shelf_state(F, M) \
	F(M, INT, format, "format", PALIER_REQUIRED, PALIER_RANGE(STATE_FORMAT, STATE_FORMAT), "of this file") \
	F(M, STRING, store, "store", PALIER_REQUIRED, PALIER_RANGE(1, BATCH_STORE_MAX), "whose") \
	F(M, INT, batch, "batch", PALIER_REQUIRED, PALIER_RANGE(0, UINT32_MAX), "the last that was accepted") \
	F(M, INT, last_seq, "last_seq", PALIER_REQUIRED, PALIER_RANGE(0, PALIER_FIGURE_MAX), "its last event") \
	F(M, STRING, sha256, "sha256", PALIER_REQUIRED, BATCH_HEX, "of its events.jsonl") \
	F(M, STRING, manifest_sha256, "manifest_sha256", PALIER_REQUIRED, BATCH_HEX, "of its manifest.json") \
	F(M, STRING, key_id, "key_id", PALIER_REQUIRED, BATCH_HEX, "the key that signs the next") \
	F(M, INT, acked, "acked", PALIER_REQUIRED, PALIER_RANGE(0, UINT32_MAX), "the last that the store knows to be here") \
	F(M, INT, profiles, "profiles", PALIER_REQUIRED, PALIER_RANGE(0, PALIER_FIGURE_MAX), "members' data up to this event") \
	F(M, STRINGS, announced, "announced", PALIER_REQUIRED, PALIER_ANY, "certificates that its batches have announced, PEM")
/* clang-format on */
PALIER_MESSAGE(shelf_state);
PALIER_SCHEMA(shelf_state);

const char *shelf_path(struct shelf *s, const char *format, ...)
{
	char name[256];
	va_list args;

	va_start(args, format);
	vsnprintf(name, sizeof(name), format, args);
	va_end(args);
	return palier_format(&s->arena, "%s/%s", s->path, name);
}

/* --- the state --- */

static struct palier_strings announced_of(const struct keyring *ring, struct palier_arena *a)
{
	struct palier_strings list = { .count = (uint32_t)(ring->pinned_count - ring->given) };

	list.at = palier_alloc(a, (list.count + 1) * sizeof(*list.at));
	for (uint32_t i = 0; i < list.count; i++) {
		struct palier_buffer pem = { 0 };

		crypto_certificate_write(ring->pinned[ring->given + i], &pem);
		list.at[i] = palier_copy(a, palier_buffer_bytes(&pem));
		palier_buffer_deinit(&pem);
	}
	return list;
}

int shelf_save(struct shelf *s)
{
	const struct batch_before *before = &s->judge.before;
	struct shelf_state m = { .set = { 0, 0 } };
	struct palier_arena a = { .used = 0 };
	struct palier_buffer text = { 0 };
	struct palier_json w = palier_json_to(&text);
	int err;

	PALIER_SET(&m, shelf_state, format, STATE_FORMAT);
	PALIER_SET(&m, shelf_state, store, palier_str(s->store));
	PALIER_SET(&m, shelf_state, batch, before->batch);
	PALIER_SET(&m, shelf_state, last_seq, (int64_t)before->last_seq);
	PALIER_SET(&m, shelf_state, sha256, judge_hex(&a, &before->sha256));
	PALIER_SET(&m, shelf_state, manifest_sha256, judge_hex(&a, &before->manifest));
	PALIER_SET(&m, shelf_state, key_id, judge_hex(&a, &before->key_id));
	PALIER_SET(&m, shelf_state, acked, s->acked);
	PALIER_SET(&m, shelf_state, profiles, (int64_t)s->profiles);
	PALIER_SET(&m, shelf_state, announced, announced_of(&s->judge.ring, &a));
	schema_encode(&shelf_state_schema, SCHEMA_WIRE, &m, &w);
	palier_buffer_add(&text, "\n", 1);
	err = files_write(shelf_path(s, "state"), palier_buffer_bytes(&text), 0644);
	palier_buffer_deinit(&text);
	palier_arena_deinit(&a);
	return err;
}

static bool state_parse(struct shelf *s, struct palier_bytes text, struct batch_before *before)
{
	struct json_doc d = { .capacity = (uint32_t)(text.len / 2 + 1) };
	struct palier_arena a = { .used = 0 };
	struct palier_problem why;
	struct shelf_state m;
	bool good;

	d.tokens = palier_alloc(&a, d.capacity * sizeof(*d.tokens));
	good = json_parse(&d, text, JSON_DEPTH_MAX) == PALIER_OK && d.tokens[0].type == JSON_OBJECT &&
	       schema_decode(&shelf_state_schema, SCHEMA_WIRE, &d, 0, &a, &m, &why) == PALIER_OK &&
	       palier_is(m.store, s->store) && palier_unhex(m.sha256, before->sha256.b, SHA256_LEN) &&
	       palier_unhex(m.manifest_sha256, before->manifest.b, SHA256_LEN) &&
	       palier_unhex(m.key_id, before->key_id.b, SHA256_LEN);
	if (good) {
		before->batch = (uint32_t)m.batch;
		before->last_seq = (uint64_t)m.last_seq;
		s->acked = (uint32_t)m.acked;
		s->profiles = (uint64_t)m.profiles;
	}
	for (uint32_t i = 0; good && s->judge.ring.pinned_count && i < m.announced.count; i++)
		good = keyring_pin(&s->judge.ring, m.announced.at[i]) == PALIER_OK;
	palier_arena_deinit(&a);
	return good;
}

/* A state that is missing or cannot be read is made again from the batches. */
static void state_read(struct shelf *s)
{
	struct palier_buffer text = { 0 };
	struct batch_before before = { .batch = 0 };

	judge_begin(&s->judge);
	if (files_read(shelf_path(s, "state"), STATE_MAX, &text) == PALIER_OK &&
		state_parse(s, palier_buffer_bytes(&text), &before))
		judge_resume(&s->judge, &before, shelf_path(s, "batches/%u", before.batch));
	palier_buffer_deinit(&text);
}

/* What is there beyond the state: nothing but what a crash has left, or all of it where the state was lost. */
static int catch_up(struct cli *cli, struct shelf *s, struct progress *bar, struct verdict *kept)
{
	struct palier_arena a = { .used = 0 };
	uint32_t *numbers, begun = s->judge.before.batch;
	size_t count;
	int err = files_numbers(shelf_path(s, "batches"), &a, &numbers, &count);

	for (size_t i = 0; err == PALIER_OK && !kept->word && i < count; i++) {
		if (numbers[i] <= begun)
			continue;
		if (numbers[i] != s->judge.before.batch + 1)
			judge_fault(kept, BATCH_BATCH_GAP, NULL);
		else
			judge_batch(&s->judge, shelf_path(s, "batches/%u", numbers[i]), kept);
		if (bar)
			progress_show(bar, i + 1, count);
	}
	palier_arena_deinit(&a);
	if (err == PALIER_OK && s->judge.before.batch != begun)
		err = shelf_save(s);
	return err == PALIER_OK ? err : cli_fail(cli, err, "%s: %s", s->path, strerror(errno));
}

/* --- opening --- */

static int directories_make(struct cli *cli, struct shelf *s)
{
	static const char *const parts[] = { "batches", "incoming", "refused" };
	int err = PALIER_OK;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts) && err == PALIER_OK; i++)
		err = files_directory(shelf_path(s, "%s", parts[i]));
	return err == PALIER_OK ? err : cli_fail(cli, err, "%s: %s", s->path, strerror(errno));
}

int shelf_open(struct cli *cli, const struct hq_config *c, const char *store, struct progress *bar, struct shelf *out,
	struct verdict *kept)
{
	struct shelf s = { .store = store };
	int err;

	*kept = (struct verdict){ .word = NULL };
	if (store[0] == '.' || !store[0] || strchr(store, '/') || strlen(store) > BATCH_STORE_MAX)
		return cli_fail(cli, PALIER_ECONFIG, "a store is not called \"%s\"", store);
	s.path = palier_format(&s.arena, "%s/%s", c->directory, store);
	err = directories_make(cli, &s);
	if (err == PALIER_OK)
		err = keyring_open(cli, c, store, s.path, &s.judge.ring);
	if (err == PALIER_OK) {
		state_read(&s);
		err = catch_up(cli, &s, bar, kept);
	}
	if (err == PALIER_OK)
		*out = s;
	else
		shelf_close(&s);
	return err;
}

void shelf_close(struct shelf *s)
{
	judge_end(&s->judge);
	palier_arena_deinit(&s->arena);
}

const char *shelf_refused(struct shelf *s)
{
	DIR *d = opendir(shelf_path(s, "refused"));
	const char *name = NULL;
	struct dirent *entry;

	while (d && !name && (entry = readdir(d)))
		if (entry->d_name[0] != '.')
			name = palier_cstr(&s->arena, palier_str(entry->d_name));
	if (d)
		closedir(d);
	return name;
}

/* --- taking and refusing --- */

static int parts_sync(struct shelf *s, uint32_t batch)
{
	static const char *const parts[] = { "/" BATCH_EVENTS, "/" BATCH_MANIFEST, "/" BATCH_SIGNATURE, "" };
	int err = PALIER_OK;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts) && err == PALIER_OK; i++)
		err = files_sync(shelf_path(s, "incoming/%u%s", batch, parts[i]));
	return err;
}

/* The rename is what counts: a crash behind it finds the batch beyond the state. */
static int move_in(struct shelf *s, uint32_t batch)
{
	int err = parts_sync(s, batch);

	if (err == PALIER_OK && rename(shelf_path(s, "incoming/%u", batch), shelf_path(s, "batches/%u", batch)) != 0)
		err = PALIER_EIO;
	if (err == PALIER_OK)
		err = files_sync(shelf_path(s, "batches"));
	return err == PALIER_OK ? shelf_save(s) : err;
}

int shelf_take(struct shelf *s, struct verdict *out)
{
	uint32_t batch = s->judge.before.batch + 1;

	judge_batch(&s->judge, shelf_path(s, "incoming/%u", batch), out);
	return out->word ? PALIER_OK : move_in(s, batch);
}

static int why_write(struct shelf *s, uint32_t batch, const char *directory, const struct verdict *v)
{
	struct timespec now;
	char at[40];
	const char *text;

	clock_gettime(CLOCK_REALTIME, &now);
	time_format((int64_t)now.tv_sec * 1000, at);
	text = palier_format(&s->arena,
		"store   %s\nbatch   %u\nat      %s\nreason  %s\n\n%s.\n\n"
		"Nothing more is pulled from this store until this directory is gone from refused/.\n",
		s->store, batch, at, v->word, v->why);
	return files_write(palier_format(&s->arena, "%s/" SHELF_WHY, directory), palier_str(text), 0644);
}

int shelf_refuse(struct shelf *s, uint32_t batch, const struct verdict *v)
{
	const char *directory = shelf_path(s, "refused/%u-%s", batch, v->word);
	int err = files_remove(directory);

	if (err == PALIER_OK && rename(shelf_path(s, "incoming/%u", batch), directory) != 0)
		err = errno == ENOENT ? files_directory(directory) : PALIER_EIO;
	if (err == PALIER_OK)
		err = why_write(s, batch, directory, v);
	return err == PALIER_OK ? files_sync(shelf_path(s, "refused")) : err;
}

int shelves_lock(struct cli *cli, const struct hq_config *c, int *out)
{
	const char *path = palier_format(&cli->arena, "%s/.lock", c->directory);

	if (files_directory(c->directory) != PALIER_OK || (*out = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644)) < 0)
		return cli_fail(cli, PALIER_EIO, "%s: %s", path, strerror(errno));
	if (flock(*out, LOCK_EX | LOCK_NB) == 0)
		return PALIER_OK;
	close(*out);
	return cli_fail(cli, PALIER_EBUSY, "another palier-hq pulls into %s", c->directory);
}

static int is_folder(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && entry->d_type != DT_REG;
}

int shelves_each(const char *directory, int (*visit)(void *who, const char *store), void *who)
{
	struct dirent **entries;
	int n = scandir(directory, &entries, is_folder, alphasort), err = PALIER_OK;

	if (n < 0)
		return errno == ENOENT ? PALIER_ENOENT : PALIER_EIO;
	for (int i = 0; i < n; i++) {
		if (err == PALIER_OK)
			err = visit(who, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return err;
}

int shelves_named(const struct hq_config *c, int (*visit)(void *who, const char *store), void *who)
{
	int err = PALIER_OK;

	if (c->store_count == 0)
		return shelves_each(c->directory, visit, who);
	for (size_t i = 0; i < c->store_count && err == PALIER_OK; i++)
		err = visit(who, c->stores[i].id);
	return err;
}

int shelf_files(struct palier_arena *a, const char *directory, const char *store, const char **path, struct event_files *out)
{
	int err;

	*path = palier_format(a, "%s/%s/batches", directory, store);
	err = event_files_find(*path, out);
	if (err != PALIER_ENOENT)
		return err;
	*path = palier_format(a, "%s/%s", directory, store);
	return event_files_find(*path, out);
}
