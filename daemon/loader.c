/* SPDX-License-Identifier: Apache-2.0 */
/* dlopen with RTLD_LOCAL: a plugin sees the contract's functions in palierd and nothing of its neighbours. */
#include "daemon/loader.h"

#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/core.h"
#include "daemon/jobs.h"

/* Ours run in this order, since each sees what those before it did; others follow by name. */
static const char *const order[] = { "core", "points", "rewards", "offers", "tiers", "referral", "ladder", "journey",
	"survey", "ambassador" };

static unsigned rank_of(const char *name)
{
	unsigned n = sizeof(order) / sizeof(order[0]);

	for (unsigned i = 0; i < n; i++)
		if (strcmp(order[i], name) == 0)
			return i;
	return n;
}

static bool runs_before(const struct palier_plugin *a, const struct palier_plugin *b)
{
	unsigned x = rank_of(a->name), y = rank_of(b->name);

	return x != y ? x < y : strcmp(a->name, b->name) < 0;
}

static int plugin_add(struct plugin_set *set, const struct palier_plugin *p, void *handle, char *why)
{
	unsigned at = set->count;

	if (p->abi != PALIER_PLUGIN_ABI || !p->name)
		return complain(why, PALIER_ECONFIG,
			"plugin %s was built for another palier (contract %u, not %u): build it again",
			p->name ? p->name : "?", p->abi, PALIER_PLUGIN_ABI);
	for (unsigned i = 0; i < set->count; i++)
		if (strcmp(set->list[i]->name, p->name) == 0)
			return complain(why, PALIER_ECONFIG, "two plugins are called %s: remove one", p->name);
	if (set->count == PLUGINS_MAX)
		return complain(why, PALIER_ECONFIG, "more than %d plugins", PLUGINS_MAX);
	for (; at > 0 && runs_before(p, set->list[at - 1]); at--) {
		set->list[at] = set->list[at - 1];
		set->handles[at] = set->handles[at - 1];
	}
	set->list[at] = p;
	set->handles[at] = handle;
	set->count++;
	return PALIER_OK;
}

/* --- who owns what --- */

static int effect_order(const void *a, const void *b)
{
	return strcmp(((const struct known_effect *)a)->kind->name, ((const struct known_effect *)b)->kind->name);
}

static int method_order(const void *a, const void *b)
{
	return strcmp(((const struct served_method *)a)->method->name, ((const struct served_method *)b)->method->name);
}

static const struct palier_service *job_make(struct job *j, const char *plugin)
{
	snprintf(j->name, sizeof(j->name), "job.%s", plugin);
	j->method = (struct palier_method){ j->name, METHOD_COMMAND | METHOD_INTERNAL, ROLE_OFFICE, &job_slice_schema,
		&nothing_schema, "a slice of a plugin's work after a close" };
	j->service = (struct palier_service){ &j->method, NULL, job_decide, nothing_reply };
	return &j->service;
}

static void registry_fill(struct plugin_set *set)
{
	for (unsigned i = 0; i < set->count; i++) {
		const struct palier_plugin *p = set->list[i];
		const struct palier_service *job = job_make(&set->jobs[i], p->name);

		set->methods[set->method_count++] = (struct served_method){ job->method, job, i };
		for (const struct palier_effect_kind *k = p->effects; k && k->name; k++)
			set->effects[set->effect_count++] = (struct known_effect){ k, i };
		for (const struct palier_service *s = p->services; s && s->method; s++)
			set->methods[set->method_count++] = (struct served_method){ s->method, s, i };
	}
	qsort(set->effects, set->effect_count, sizeof(*set->effects), effect_order);
	qsort(set->methods, set->method_count, sizeof(*set->methods), method_order);
}

/* In a line, an effect's kind stands among its fields. */
static bool has_field(const struct palier_schema *s, const char *name)
{
	for (const struct palier_field *f = s->fields; f->name; f++)
		if (strcmp(f->name, name) == 0)
			return true;
	return false;
}

static int registry_make(struct plugin_set *set, char *why)
{
	unsigned effects = 0, methods = 0;

	for (unsigned i = 0; i < set->count; i++) {
		for (const struct palier_effect_kind *k = set->list[i]->effects; k && k->name; k++)
			effects++;
		for (const struct palier_service *s = set->list[i]->services; s && s->method; s++)
			methods++;
		methods++; /* its job */
	}
	set->effects = calloc(effects + 1, sizeof(*set->effects));
	set->methods = calloc(methods + 1, sizeof(*set->methods));
	set->jobs = calloc(set->count + 1, sizeof(*set->jobs));
	if (!set->effects || !set->methods || !set->jobs)
		abort();
	registry_fill(set);
	for (unsigned i = 0; i < effects; i++)
		if (has_field(set->effects[i].kind->schema, "kind"))
			return complain(why, PALIER_ECONFIG, "the effect %s has a field called kind: give it another name",
				set->effects[i].kind->name);
	for (unsigned i = 1; i < effects; i++)
		if (effect_order(&set->effects[i - 1], &set->effects[i]) == 0)
			return complain(why, PALIER_ECONFIG, "two plugins have the effect %s", set->effects[i].kind->name);
	for (unsigned i = 1; i < methods; i++)
		if (method_order(&set->methods[i - 1], &set->methods[i]) == 0)
			return complain(why, PALIER_ECONFIG, "two plugins serve %s", set->methods[i].method->name);
	return PALIER_OK;
}

static int name_compare(struct palier_bytes name, const char *with)
{
	size_t len = strlen(with);
	int c = memcmp(name.at, with, name.len < len ? name.len : len);

	return c ? c : (name.len > len) - (name.len < len);
}

static int effect_match(const void *name, const void *e)
{
	return name_compare(*(const struct palier_bytes *)name, ((const struct known_effect *)e)->kind->name);
}

static int method_match(const void *name, const void *m)
{
	return name_compare(*(const struct palier_bytes *)name, ((const struct served_method *)m)->method->name);
}

const struct known_effect *plugins_effect(const struct plugin_set *set, struct palier_bytes name)
{
	return name.len ? bsearch(&name, set->effects, set->effect_count, sizeof(*set->effects), effect_match) : NULL;
}

const struct served_method *plugins_method(const struct plugin_set *set, struct palier_bytes name)
{
	return name.len ? bsearch(&name, set->methods, set->method_count, sizeof(*set->methods), method_match) : NULL;
}

/* --- loading --- */

static int file_load(struct plugin_set *set, const char *dir, const char *file, char *why)
{
	char path[4096], symbol[128];
	int stem = (int)(strlen(file) - 3), err;
	const struct palier_plugin *p;
	void *handle;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	snprintf(symbol, sizeof(symbol), "palier_plugin_%.*s", stem, file);
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle)
		return complain(why, PALIER_ECONFIG, "plugin %s cannot be loaded: %s", path, dlerror());
	p = dlsym(handle, symbol);
	err = p ? plugin_add(set, p, handle, why)
	        : complain(why, PALIER_ECONFIG, "plugin %s has no symbol %s: is its PALIER_PLUGIN named as its file?", path,
			  symbol);
	if (err != PALIER_OK)
		dlclose(handle);
	return err;
}

static int is_plugin(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 3 && strcmp(entry->d_name + len - 3, ".so") == 0;
}

static int dir_load(struct plugin_set *set, const char *dir, char *why)
{
	struct dirent **files;
	int n = scandir(dir, &files, is_plugin, alphasort), err = PALIER_OK;

	if (n < 0)
		return complain(why, PALIER_ECONFIG, "the plugin directory %s cannot be read", dir);
	for (int i = 0; i < n; i++) {
		if (err == PALIER_OK)
			err = file_load(set, dir, files[i]->d_name, why);
		free(files[i]);
	}
	free(files);
	return err;
}

/* All are there: who owns what? A set that cannot be is let go. */
static int set_finish(struct plugin_set *set, int err, struct plugin_set *out, char *why)
{
	if (err == PALIER_OK)
		err = registry_make(set, why);
	if (err != PALIER_OK)
		plugins_unload(set);
	else
		*out = *set;
	return err;
}

int plugins_load(const struct palier_plugin *core, const char *const *dirs, struct plugin_set *out, char *why)
{
	struct plugin_set set = { .count = 0 };
	int err = plugin_add(&set, core, NULL, why);

	for (; *dirs && err == PALIER_OK; dirs++)
		err = dir_load(&set, *dirs, why);
	return set_finish(&set, err, out, why);
}

int plugins_set(const struct palier_plugin *const *list, struct plugin_set *out, char *why)
{
	struct plugin_set set = { .count = 0 };
	int err = PALIER_OK;

	for (; *list && err == PALIER_OK; list++)
		err = plugin_add(&set, *list, NULL, why);
	return set_finish(&set, err, out, why);
}

void plugins_unload(struct plugin_set *set)
{
	for (unsigned i = 0; i < set->count; i++) {
		free(set->bound[i]);
		if (set->handles[i])
			dlclose(set->handles[i]);
	}
	free(set->effects);
	free(set->methods);
	free(set->jobs);
	*set = (struct plugin_set){ .count = 0 };
}

/* --- places in the store --- */

#define HISTORY_FROM 0x80u /* the numbers of tables with PALIER_HISTORY */

/* A table by member keeps its number for good: it is written down under its name. An index of before there were two ranges keeps its own. */
static int number_of(struct store *store, unsigned numbers, const char *name, bool history, uint8_t *out)
{
	struct palier_bytes key, value, from = { NULL, 0 };
	uint8_t next = history ? HISTORY_FROM : 1, end = history ? UINT8_MAX : HISTORY_FROM;
	int err = store_get(store, numbers, palier_str(name), &value);

	if (err == PALIER_OK) {
		*out = (uint8_t)value.at[0];
		return PALIER_OK;
	}
	while (err == PALIER_ENOENT && (err = store_seek(store, numbers, from, from.len > 0, &key, &value)) == PALIER_OK) {
		if ((uint8_t)value.at[0] >= next && (uint8_t)value.at[0] < end)
			next = (uint8_t)value.at[0] + 1;
		from = key;
		err = PALIER_ENOENT;
	}
	if (err != PALIER_ENOENT || next == end)
		return PALIER_ESTORE;
	*out = next;
	return store_put(store, numbers, palier_str(name), palier_bytes_of(&next, 1));
}

static int table_bind(struct store *store, unsigned numbers, unsigned members, const char *plugin, struct bound_table *b)
{
	char name[128];

	snprintf(name, sizeof(name), "%s.%s", plugin, b->table->name);
	if (!(b->table->flags & PALIER_BY_MEMBER))
		return store_tree(store, name, &b->tree);
	b->tree = members;
	return number_of(store, numbers, name, b->table->flags & PALIER_HISTORY, &b->number);
}

/* Trees first: opening one ends the transaction in which numbers may just have been given. */
static int set_bind(struct plugin_set *set, struct store *store, unsigned numbers, unsigned members, bool by_member)
{
	for (unsigned i = 0; i < set->count; i++)
		for (unsigned t = 0; t < set->bound_count[i]; t++) {
			struct bound_table *b = &set->bound[i][t];
			int err = PALIER_OK;

			if ((b->table->flags & PALIER_BY_MEMBER ? true : false) == by_member)
				err = table_bind(store, numbers, members, set->list[i]->name, b);
			if (err != PALIER_OK)
				return err;
		}
	return PALIER_OK;
}

/* Two tables under one number would give each other's rows: that is damage, whether or not they have any yet. */
static int numbers_differ(const struct plugin_set *set)
{
	bool taken[UINT8_MAX + 1] = { [0] = true, [UINT8_MAX] = true };

	for (unsigned i = 0; i < set->count; i++)
		for (unsigned t = 0; t < set->bound_count[i]; t++) {
			const struct bound_table *b = &set->bound[i][t];

			if (!(b->table->flags & PALIER_BY_MEMBER))
				continue;
			if (taken[b->number])
				return PALIER_EDAMAGED;
			taken[b->number] = true;
		}
	return PALIER_OK;
}

int plugins_bind(struct plugin_set *set, struct store *store)
{
	unsigned numbers, members;
	int err = store_tree(store, "tables", &numbers);

	if (err == PALIER_OK)
		err = store_tree(store, "member", &members);
	if (err != PALIER_OK)
		return err;
	for (unsigned i = 0; i < set->count; i++) {
		unsigned n = 0;

		while (set->list[i]->tables && set->list[i]->tables[n].name)
			n++;
		free(set->bound[i]);
		set->bound[i] = calloc(n + 1, sizeof(struct bound_table));
		if (!set->bound[i])
			abort();
		for (unsigned t = 0; t < n; t++)
			set->bound[i][t].table = &set->list[i]->tables[t];
		set->bound_count[i] = n;
	}
	err = set_bind(set, store, numbers, members, false);
	if (err == PALIER_OK)
		err = set_bind(set, store, numbers, members, true);
	return err == PALIER_OK ? numbers_differ(set) : err;
}
