/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/report/events.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "protocol/batch.h"
#include "tools/report/events_block.h"

/* --- an event's parts --- */

uint32_t booked_happened(const struct booked *e)
{
	uint32_t day = zone_day(e->at_ms);

	return day < e->day ? day : e->day;
}

uint32_t booked_effect(const struct booked *e, uint32_t *at)
{
	const struct json_token *t = e->doc->tokens;

	if (!e->effects)
		return 0;
	*at = *at ? *at + t[*at].span : e->effects + 1;
	return *at < e->effects + t[e->effects].span ? *at : 0;
}

bool booked_is(const struct booked *e, const char *method)
{
	return palier_is(e->method, method);
}

struct palier_bytes booked_text(const struct booked *e, uint32_t object, const char *key)
{
	uint32_t token = json_member(e->doc, object, key);

	return token && e->doc->tokens[token].type == JSON_STRING ? json_string(e->doc, token, e->arena)
	                                                          : (struct palier_bytes){ NULL, 0 };
}

bool booked_kind(const struct booked *e, uint32_t effect, const char *kind)
{
	return palier_is(booked_text(e, effect, "kind"), kind);
}

int64_t booked_int(const struct booked *e, uint32_t object, const char *key)
{
	uint32_t token = json_member(e->doc, object, key);
	int64_t value = 0;

	return token && json_integer(e->doc, token, &value) ? value : 0;
}

bool booked_bool(const struct booked *e, uint32_t object, const char *key)
{
	uint32_t token = json_member(e->doc, object, key);

	return token && e->doc->tokens[token].type == JSON_TRUE;
}

uint32_t booked_day(const struct booked *e, uint32_t object, const char *key)
{
	uint32_t day = 0;

	(void)day_parse(booked_text(e, object, key), &day);
	return day;
}

bool booked_id(const struct booked *e, uint32_t object, const char *key, struct palier_id *out)
{
	return palier_id_parse(booked_text(e, object, key), out) == PALIER_OK;
}

bool booked_each(const struct booked *e, uint32_t object, const char *key, uint32_t *element, uint32_t *left)
{
	if (*element == 0) {
		uint32_t array = json_member(e->doc, object, key);

		if (!array || e->doc->tokens[array].type != JSON_ARRAY)
			return false;
		*left = e->doc->tokens[array].count;
		*element = array + 1;
	} else {
		*element += e->doc->tokens[*element].span;
		(*left)--;
	}
	return *left > 0;
}

/* --- the files --- */

/* @return the batch; 0: it is no journal file's name */
static uint32_t batch_of(const char *name, bool *directory)
{
	char *end;
	unsigned long batch = name[0] >= '1' && name[0] <= '9' ? strtoul(name, &end, 10) : 0;

	if (batch == 0 || batch > UINT32_MAX)
		return 0;
	*directory = !*end;
	return !*end || strcmp(end, ".jsonl") == 0 || strcmp(end, ".jsonl" ARCHIVE_ENDING) == 0 || strcmp(end, ".open") == 0
	               ? (uint32_t)batch
	               : 0;
}

static void file_add(struct event_files *f, uint32_t batch, const char *path, uint64_t size)
{
	if ((f->count & (f->count - 1)) == 0) {
		f->at = realloc(f->at, (f->count ? f->count * 2 : 1) * sizeof(*f->at));
		if (!f->at)
			abort();
	}
	f->at[f->count++] = (struct event_file){ batch, strdup(path), size };
	f->size += size;
}

static void entry_add(struct event_files *f, struct palier_arena *a, const char *directory, const char *name)
{
	static const char *const inside[] = { "/" BATCH_EVENTS, "/" BATCH_EVENTS ARCHIVE_ENDING };
	bool is_directory = false;
	uint32_t batch = batch_of(name, &is_directory);
	struct stat st;

	for (size_t i = 0; batch && i < (is_directory ? 2 : 1); i++) {
		const char *path = palier_format(a, "%s/%s%s", directory, name, is_directory ? inside[i] : "");

		if (stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
			file_add(f, batch, path, (uint64_t)st.st_size);
			return;
		}
	}
}

static int by_batch(const void *a, const void *b)
{
	const struct event_file *x = a, *y = b;

	return x->batch < y->batch ? -1 : x->batch > y->batch;
}

/* A batch that is being compressed may be there in both forms. */
static void drop_doubles(struct event_files *f)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->count; i++) {
		if (kept && f->at[kept - 1].batch == f->at[i].batch) {
			f->size -= f->at[i].size;
			free(f->at[i].path);
		} else {
			f->at[kept++] = f->at[i];
		}
	}
	f->count = kept;
}

int event_files_find(const char *directory, struct event_files *out)
{
	DIR *d = opendir(directory);
	struct palier_arena a = { 0 };
	struct dirent *entry;

	if (!d)
		return errno == ENOENT ? PALIER_ENOENT : PALIER_EIO;
	*out = (struct event_files){ .count = 0 };
	while ((entry = readdir(d)))
		entry_add(out, &a, directory, entry->d_name);
	closedir(d);
	palier_arena_deinit(&a);
	if (out->count)
		qsort(out->at, out->count, sizeof(*out->at), by_batch);
	drop_doubles(out);
	return PALIER_OK;
}

void event_files_deinit(struct event_files *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->at[i].path);
	free(f->at);
	*f = (struct event_files){ .count = 0 };
}

/* --- walking them --- */

int event_file_each(const struct event_file *f, const struct event_visitor *visitor, char *why)
{
	struct event_block block = { .count = 0 };
	struct lines *l;
	int err = lines_open(f->path, &l);

	why[0] = '\0';
	if (err != PALIER_OK) {
		snprintf(why, EVENT_WHY, "%s: %s", f->path, strerror(errno));
		return PALIER_EIO;
	}
	while (err == PALIER_OK && event_block_fill(&block, l, f, visitor))
		err = event_block_visit(&block, visitor, why);
	lines_close(l);
	event_block_deinit(&block);
	return err;
}

#define AHEAD 4 /* blocks */

struct ahead {
	const struct event_files *files;
	const struct event_visitor *visitor;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct event_block blocks[AHEAD];
	uint64_t filled, visited; /* blocks so far */
	bool over;                /* nothing comes any more */
	bool stopped;             /* nothing more is wanted */
};

/* @return NULL: nothing more is wanted */
static struct event_block *block_free(struct ahead *a)
{
	bool stopped;

	pthread_mutex_lock(&a->lock);
	while (a->filled - a->visited == AHEAD && !a->stopped)
		pthread_cond_wait(&a->changed, &a->lock);
	stopped = a->stopped;
	pthread_mutex_unlock(&a->lock);
	return stopped ? NULL : &a->blocks[a->filled % AHEAD];
}

/* @return NULL: it was the last */
static struct event_block *block_next(struct ahead *a)
{
	bool any;

	pthread_mutex_lock(&a->lock);
	while (a->filled == a->visited && !a->over)
		pthread_cond_wait(&a->changed, &a->lock);
	any = a->filled > a->visited;
	pthread_mutex_unlock(&a->lock);
	return any ? &a->blocks[a->visited % AHEAD] : NULL;
}

/* Say that so many more blocks were filled or visited, or that it is over. */
static void tell(struct ahead *a, uint64_t filled, uint64_t visited, bool over, bool stopped)
{
	pthread_mutex_lock(&a->lock);
	a->filled += filled;
	a->visited += visited;
	a->over |= over;
	a->stopped |= stopped;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
}

/* @param before bytes of the files that came before @return shall the next be read? */
static bool file_read(struct ahead *a, const struct event_file *f, uint64_t before)
{
	struct event_block *block = block_free(a);
	struct lines *l;

	if (!block)
		return false;
	if (lines_open(f->path, &l) != PALIER_OK) {
		event_block_fail(block, PALIER_EIO, "%s: %s", f->path, strerror(errno));
		tell(a, 1, 0, false, false);
		return false;
	}
	while (block && event_block_fill(block, l, f, a->visitor)) {
		block->read = before + lines_read(l);
		tell(a, 1, 0, false, false);
		block = block->err == PALIER_OK ? block_free(a) : NULL;
	}
	lines_close(l);
	return block != NULL;
}

static void *files_read(void *who)
{
	struct ahead *a = who;
	uint64_t before = 0;

	for (size_t i = 0; i < a->files->count && file_read(a, &a->files->at[i], before); i++)
		before += a->files->at[i].size;
	tell(a, 0, 0, true, false);
	return NULL;
}

int events_visit(const struct event_files *f, struct progress *bar, const struct event_visitor *visitor, char *why)
{
	struct ahead a = { .files = f,
		.visitor = visitor,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER };
	struct event_block *block;
	pthread_t reader;
	int err = PALIER_OK;

	why[0] = '\0';
	if (pthread_create(&reader, NULL, files_read, &a) != 0)
		abort();
	while (err == PALIER_OK && (block = block_next(&a))) {
		err = event_block_visit(block, visitor, why);
		if (bar)
			progress_show(bar, block->read, f->size);
		tell(&a, 0, 1, false, err != PALIER_OK);
	}
	pthread_join(reader, NULL);
	if (bar)
		progress_end(bar);
	for (size_t i = 0; i < AHEAD; i++)
		event_block_deinit(&a.blocks[i]);
	return err;
}

int events_each(const struct event_files *f, struct progress *bar, int (*visit)(void *who, const struct booked *e),
	void *who, char *why)
{
	return events_visit(f, bar, &(struct event_visitor){ .event = visit, .who = who }, why);
}
