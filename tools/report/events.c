/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/report/events.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "protocol/batch.h"
#include "protocol/lines.h"

#define EVENT_DEPTH 40 /* an event nests its params and effects, which are at most as deep as the wire allows */
#define WHY_LEN     256

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

struct walk {
	const struct event_visitor *visitor;
	struct json_doc doc;
	struct palier_arena arena;
	struct booked e;
	char *why;
};

/* @return false: it is no event line */
static bool event_read(struct walk *w, struct palier_bytes line)
{
	struct booked *e = &w->e;
	uint32_t at;

	if (w->doc.capacity < line.len / 2 + 1) {
		w->doc.capacity = (uint32_t)line.len + 1;
		free(w->doc.tokens);
		w->doc.tokens = calloc(w->doc.capacity, sizeof(*w->doc.tokens));
		if (!w->doc.tokens)
			abort();
	}
	palier_arena_reset(&w->arena);
	if (json_parse(&w->doc, line, EVENT_DEPTH) != PALIER_OK || w->doc.tokens[0].type != JSON_OBJECT)
		return false;
	*e = (struct booked){ .batch = e->batch, .doc = &w->doc, .arena = &w->arena };
	e->seq = (uint64_t)booked_int(e, 0, "seq");
	e->day = booked_day(e, 0, "day");
	e->store = booked_text(e, 0, "store");
	e->till = booked_text(e, 0, "till");
	e->operator= booked_text(e, 0, "operator");
	e->method = booked_text(e, 0, "method");
	e->has_member = booked_id(e, 0, "member", &e->member);
	e->params = json_member(&w->doc, 0, "params");
	e->effects = json_member(&w->doc, 0, "effects");
	at = json_member(&w->doc, 0, "at");
	return e->seq > 0 && at && time_parse(booked_text(e, 0, "at"), &e->at_ms);
}

static int line_visit(struct walk *w, const char *path, struct palier_bytes line)
{
	int err = w->visitor->line ? w->visitor->line(w->visitor->who, line) : PALIER_OK;

	if (err != PALIER_OK)
		return err;
	if (line.len > 8 && (memcmp(line.at, "{\"head\":", 8) == 0 || memcmp(line.at, "{\"tail\":", 8) == 0))
		return PALIER_OK;
	if (!event_read(w, line)) {
		snprintf(w->why, WHY_LEN, "%s: a line is no event; `palier check` says more", path);
		return PALIER_EDAMAGED;
	}
	return w->visitor->event(w->visitor->who, &w->e);
}

/* @param size of all files, `before` of those that came before */
static int file_walk(struct walk *w, const struct event_file *file, uint64_t before, uint64_t size, struct progress *bar)
{
	struct palier_bytes line;
	struct lines *l;
	int err = lines_open(file->path, &l);

	if (err != PALIER_OK) {
		snprintf(w->why, WHY_LEN, "%s: %s", file->path, strerror(errno));
		return PALIER_EIO;
	}
	w->e.batch = file->batch;
	while ((err = lines_next(l, &line)) == PALIER_OK && (err = line_visit(w, file->path, line)) == PALIER_OK)
		if (bar)
			progress_show(bar, before + lines_read(l), size);
	if (err == PALIER_ENOENT)
		err = PALIER_OK;
	else if (!w->why[0])
		snprintf(w->why, WHY_LEN, "%s: %s", file->path, err == PALIER_EIO ? strerror(errno) : "it is damaged");
	lines_close(l);
	return err;
}

static void walk_deinit(struct walk *w)
{
	free(w->doc.tokens);
	palier_arena_deinit(&w->arena);
}

int event_file_each(const struct event_file *f, const struct event_visitor *visitor, char *why)
{
	struct walk w = { .visitor = visitor, .why = why };
	int err;

	why[0] = '\0';
	err = file_walk(&w, f, 0, f->size, NULL);
	walk_deinit(&w);
	return err;
}

int events_each(const struct event_files *f, struct progress *bar, int (*visit)(void *who, const struct booked *e),
	void *who, char *why)
{
	const struct event_visitor visitor = { .event = visit, .who = who };
	struct walk w = { .visitor = &visitor, .why = why };
	uint64_t before = 0;
	int err = PALIER_OK;

	why[0] = '\0';
	for (size_t i = 0; err == PALIER_OK && i < f->count; i++) {
		err = file_walk(&w, &f->at[i], before, f->size, bar);
		before += f->at[i].size;
	}
	if (bar)
		progress_end(bar);
	walk_deinit(&w);
	return err;
}
