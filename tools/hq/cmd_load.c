/* SPDX-License-Identifier: Apache-2.0 */
/* palier-hq load: the stores' batches into the database. palier-hq migrate: its schema. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "tools/hq/commands.h"
#include "tools/hq/judge.h"
#include "tools/hq/load.h"
#include "tools/hq/office_db.h"
#include "tools/hq/schema.h"
#include "tools/hq/shelf.h"

static int run_load(struct cli *cli);
static int run_migrate(struct cli *cli);

static const struct cli_option load_options[] = {
	{ "store", "ID", "this store alone; may be repeated (default: all)" },
	{ "verify", NULL, "judge each store's batches again first, from the first one on, as palier-hq verify does" },
	CLI_END_OPTIONS,
};
static const struct cli_option migrate_options[] = {
	{ "print", NULL, "print the SQL instead, for who keeps the database" },
	CLI_END_OPTIONS,
};

const struct cli_command command_load = { "load", "load the stores' batches into the database, each exactly once",
	(const struct cli_verb[]){ { "", "", "load what is not in the database yet; many loaders may run side by side", 0, 0,
					   load_options, run_load },
		{ .name = NULL } } };

const struct cli_command command_migrate = { "migrate", "make the database's tables, or bring them up to date",
	(const struct cli_verb[]){
		{ "", "", "make the database's tables, or bring them up to date; palier-hq load does so, too", 0, 0,
			migrate_options, run_migrate },
		{ .name = NULL } } };

static int run_migrate(struct cli *cli)
{
	struct hq_config config;
	struct db *db;
	int was, err;

	for (int version = 1; cli_has(cli, "print") && version <= SCHEMA_VERSION; version++) {
		struct palier_bytes sql = schema_text(version);

		fwrite(sql.at, 1, sql.len, cli->out);
	}
	if (cli_has(cli, "print"))
		return PALIER_OK;
	err = office_db_open(cli, &config, &db, &was);
	if (err != PALIER_OK)
		return err;
	if (was == SCHEMA_VERSION)
		fprintf(cli->out, "the schema is of version %d already\n", was);
	else
		fprintf(cli->out, "the schema is of version %d now; it was %d\n", SCHEMA_VERSION, was);
	db_close(db);
	return PALIER_OK;
}

/* --- what is to be loaded --- */

struct loads {
	struct cli *cli;
	struct hq_config config;
	struct load load;
	struct load_batch *batches; /* in the order of their stores, then numbers */
	size_t count, room;
	int64_t loaded, events, there, refused;
};

static void batch_add(struct loads *l, const char *store, const struct event_file *file)
{
	if (l->count == l->room) {
		l->room = l->room ? l->room * 2 : 64;
		l->batches = realloc(l->batches, l->room * sizeof(*l->batches));
		if (!l->batches)
			abort();
	}
	l->batches[l->count] = (struct load_batch){ store, *file };
	l->batches[l->count++].file.path = palier_cstr(&l->cli->arena, palier_str(file->path));
	l->load.size += file->size;
}

/* Both lists are in the order of their numbers. The last one that is there is offered again, which tells whether it is the same. */
static int batches_add(struct loads *l, const char *store, const struct event_files *files)
{
	struct db *db = l->load.db;
	int row = 0;

	if (DB_ASK(db, "SELECT batch FROM batches WHERE store = $1 ORDER BY batch", store) != PALIER_OK)
		return cli_fail(l->cli, PALIER_ESTORE, "the database says: %s", db_why(db));
	for (size_t i = 0; i < files->count; i++) {
		while (row < db_rows(db) && db_int(db, row, 0) < files->at[i].batch)
			row++;
		if (row + 1 < db_rows(db) && db_int(db, row, 0) == files->at[i].batch)
			l->there++;
		else
			batch_add(l, store, &files->at[i]);
	}
	return PALIER_OK;
}

/* A store's batches up to the first that is refused: what follows it hangs in the air. */
static int batches_judge(struct loads *l, const char *store, struct event_files *files)
{
	struct judge j = { .ever_known = false };
	struct verdict v = { .word = NULL };
	size_t good = 0;
	const char *folder = palier_format(&l->cli->arena, "%s/%s", l->config.directory, store);
	int err = keyring_open(l->cli, &l->config, store, folder, &j.ring);

	if (err != PALIER_OK)
		return err;
	judge_begin(&j);
	for (; good < files->count && !v.word; good += !v.word) {
		const char *path = files->at[good].path, *slash = strrchr(path, '/');

		judge_batch(&j, palier_cstr(&l->cli->arena, palier_bytes_of(path, (size_t)(slash - path))), &v);
	}
	if (v.word) {
		cli_fail(l->cli, PALIER_EDAMAGED, "%s, batch %u: %s", store, files->at[good].batch, v.why);
		l->refused++;
	}
	judge_end(&j);
	for (size_t i = good; i < files->count; i++)
		free(files->at[i].path);
	files->count = good;
	return PALIER_OK;
}

static int store_add(struct loads *l, const char *store)
{
	struct event_files files;
	const char *path;
	int err = shelf_files(&l->cli->arena, l->config.directory, store, &path, &files);

	if (err == PALIER_ENOENT)
		return PALIER_OK; /* nothing has come from there yet */
	if (err != PALIER_OK)
		return cli_fail(l->cli, err, "%s: %s", path, strerror(errno));
	if (cli_has(l->cli, "verify"))
		err = batches_judge(l, store, &files);
	if (err == PALIER_OK)
		err = batches_add(l, store, &files);
	event_files_deinit(&files);
	return err;
}

static int folder_add(void *who, const char *store)
{
	struct loads *l = who;

	return store_add(l, palier_cstr(&l->cli->arena, palier_str(store)));
}

/* What a store's own folder is refused for has been said by then. */
static int stores_add(struct loads *l)
{
	const char *directory = l->config.directory, *name;
	int err = PALIER_OK, at = 0;

	while (err == PALIER_OK && (name = cli_each(l->cli, "store", &at)))
		err = store_add(l, name);
	if (cli_has(l->cli, "store"))
		return err;
	if (l->config.store_count == 0 && access(directory, R_OK | X_OK) != 0)
		return cli_fail(l->cli, PALIER_EIO, "%s: %s", directory, strerror(errno));
	return shelves_named(&l->config, folder_add, l);
}

/* --- loading it --- */

/* A batch that is refused does not keep the others from being loaded. @return PALIER_OK; what ends the command, reported */
static int batch_do(struct loads *l, const struct load_batch *b, bool wait, bool *busy)
{
	enum load_outcome outcome = LOAD_THERE;
	int64_t events = 0;
	int err = load_batch(&l->load, b, wait, &outcome, &events);

	*busy = err == PALIER_OK && outcome == LOAD_BUSY;
	if (!*busy)
		l->load.done += b->file.size;
	if (err != PALIER_OK) {
		progress_end(&l->load.bar);
		cli_fail(l->cli, err, "%s", l->load.why);
		l->refused++;
		return err == PALIER_EDAMAGED ? PALIER_OK : err;
	}
	l->there += outcome == LOAD_THERE;
	if (outcome == LOAD_DONE) {
		l->loaded++;
		l->events += events;
	}
	return PALIER_OK;
}

/* First what nobody else is at; then what somebody was, who may have died over it. */
static int all_do(struct loads *l)
{
	size_t left = 0;
	bool busy;
	int err = PALIER_OK;

	for (size_t i = 0; i < l->count && err == PALIER_OK; i++) {
		err = batch_do(l, &l->batches[i], false, &busy);
		if (busy)
			l->batches[left++] = l->batches[i];
	}
	for (size_t i = 0; i < left && err == PALIER_OK; i++)
		err = batch_do(l, &l->batches[i], true, &busy);
	return err;
}

static void loads_show(struct loads *l)
{
	progress_end(&l->load.bar);
	if (cli_has(l->cli, "json"))
		fprintf(l->cli->out, "{\"loaded\":%lld,\"events\":%lld,\"present\":%lld,\"refused\":%lld}\n",
			(long long)l->loaded, (long long)l->events, (long long)l->there, (long long)l->refused);
	else
		fprintf(l->cli->out, "loaded: %lld batches with %lld events; %lld were there already, %lld refused\n",
			(long long)l->loaded, (long long)l->events, (long long)l->there, (long long)l->refused);
}

static int run_load(struct cli *cli)
{
	struct loads l = { .cli = cli };
	struct db *db;
	int was, err = office_db_open(cli, &l.config, &db, &was);

	if (err != PALIER_OK)
		return err;
	err = load_open(&l.load, db);
	if (err != PALIER_OK)
		err = cli_fail(cli, err, "the database says: %s", l.load.why);
	if (err == PALIER_OK)
		err = stores_add(&l);
	if (err == PALIER_OK)
		err = all_do(&l);
	if (err == PALIER_OK)
		loads_show(&l);
	if (err == PALIER_OK && l.refused)
		err = PALIER_EDAMAGED;
	load_deinit(&l.load);
	free(l.batches);
	db_close(db);
	return err;
}
