/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/hq/map.h"

#include <errno.h>
#include <stdlib.h>

#include "tools/cli.h"
#include "tools/hq/shelf.h"

/* --- what is there --- */

struct finding {
	struct cli *cli;
	const struct hq_config *config;
	const char *currency;
	struct map *map;
};

static void store_add(struct map *m, const struct map_store *found)
{
	m->stores = list_room(m->stores, m->count, sizeof(*m->stores));
	m->stores[m->count++] = *found;
}

static void other_add(struct map *m, struct map_store *found)
{
	m->others = list_room(m->others, m->other_count, sizeof(*m->others));
	m->others[m->other_count++] = found->name;
	event_files_deinit(&found->files);
}

static int store_find(void *who, const char *store)
{
	struct finding *f = who;
	struct map_store found = { .name = palier_cstr(&f->cli->arena, palier_str(store)) };
	const char *path;
	int err = shelf_files(&f->cli->arena, f->config->directory, store, &path, &found.files);

	if (err == PALIER_ENOENT)
		return PALIER_OK; /* nothing has come from there yet */
	if (err != PALIER_OK)
		return cli_fail(f->cli, err, "%s: %s", path, strerror(errno));
	if (found.files.count == 0) {
		event_files_deinit(&found.files);
		return PALIER_OK;
	}
	if (strcmp(hq_store_currency(f->config, store), f->currency) != 0) {
		other_add(f->map, &found);
		return PALIER_OK;
	}
	found.batches = (int64_t)found.files.count;
	found.missing = (int64_t)found.files.at[found.files.count - 1].batch - found.batches;
	store_add(f->map, &found);
	return PALIER_OK;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct map_store *)a)->name, ((const struct map_store *)b)->name);
}

/* A directory that does not exist yet holds nothing. */
static int stores_find(struct cli *cli, const struct hq_config *c, const char *currency, struct map *map)
{
	struct finding f = { cli, c, currency, map };
	int err = shelves_named(c, store_find, &f);

	if (err == PALIER_ENOENT)
		err = PALIER_OK;
	if (map->count)
		qsort(map->stores, map->count, sizeof(*map->stores), by_name);
	return err;
}

/* --- reading it --- */

struct reading {
	struct event_visitor all, one;
	uint64_t last; /* event of the store in hand */
	struct progress bar;
	uint64_t done, size;
};

/* A batch that lies there twice is read once. */
static int event_read(void *who, const struct booked *e)
{
	struct reading *r = who;
	int err = PALIER_OK;

	if (e->seq <= r->last)
		return PALIER_OK;
	r->last = e->seq;
	err = r->all.event(r->all.who, e);
	return err == PALIER_OK ? r->one.event(r->one.who, e) : err;
}

static int store_read(struct cli *cli, struct reading *r, struct map_store *s)
{
	const struct event_visitor visitor = { .event = event_read, .who = r, .kinds = r->all.kinds };
	char why[256];
	int err = PALIER_OK;

	r->one = journey_visitor(&s->j);
	r->last = 0;
	for (size_t i = 0; i < s->files.count && err == PALIER_OK; i++) {
		progress_show(&r->bar, r->done, r->size);
		err = event_file_each(&s->files.at[i], &visitor, why);
		r->done += s->files.at[i].size;
	}
	if (err == PALIER_OK)
		return PALIER_OK;
	progress_end(&r->bar);
	return cli_fail(cli, err, "%s", why);
}

static void report_make(struct journey_report *r, const struct journey_report *usual, const struct journey *j,
	const char *shop)
{
	*r = *usual;
	r->j = j;
	r->shop = shop;
	journey_report_make(r);
}

static int stores_read(struct cli *cli, const struct journey_period *period, const struct journey_report *usual,
	struct map *m)
{
	struct reading r = { .all = journey_visitor(&m->j), .bar = { .what = "reading the stores' batches" } };
	int err = PALIER_OK;

	for (size_t i = 0; i < m->count; i++)
		r.size += m->stores[i].files.size;
	for (size_t i = 0; i < m->count && err == PALIER_OK; i++) {
		struct map_store *s = &m->stores[i];

		journey_begin(&s->j, period);
		err = store_read(cli, &r, s);
		if (err == PALIER_OK)
			report_make(&s->r, usual, &s->j, s->name);
		journey_forget(&s->j);
	}
	progress_end(&r.bar);
	return err;
}

int map_read(struct cli *cli, const struct hq_config *c, const struct journey_period *period,
	const struct journey_report *usual, struct map *out)
{
	int err;

	*out = (struct map){ .count = 0 };
	err = stores_find(cli, c, usual->currency, out);
	if (err != PALIER_OK || out->count == 0)
		return err;
	journey_begin(&out->j, period);
	err = stores_read(cli, period, usual, out);
	if (err != PALIER_OK)
		return err;
	report_make(&out->r, usual, &out->j, "");
	out->read = true;
	return PALIER_OK;
}

void map_deinit(struct map *m)
{
	for (size_t i = 0; i < m->count; i++) {
		event_files_deinit(&m->stores[i].files);
		journey_report_deinit(&m->stores[i].r);
		journey_deinit(&m->stores[i].j);
	}
	free(m->stores);
	free(m->others);
	journey_report_deinit(&m->r);
	journey_deinit(&m->j);
}
