/* SPDX-License-Identifier: Apache-2.0 */
/* palier-hq verify: all that the office has, judged again from the first batch on, without a network. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/hq/commands.h"
#include "tools/hq/files.h"
#include "tools/hq/judge.h"
#include "tools/hq/show.h"
#include "tools/table.h"

static int run_verify(struct cli *cli);

static const struct cli_option verify_options[] = { KEYRING_OPTIONS, CLI_END_OPTIONS };

const struct cli_command command_verify = { "verify", "judge all batches again, without a network",
	(const struct cli_verb[]){
		{ "", "[DIRECTORY]",
			"verify every store's batches in a directory (default: that of --config), as pull, rsync or SFTP left it",
			0, 1, verify_options, run_verify },
		{ .name = NULL },
	} };

/* A store of the directory, and what came of it. */
struct examined {
	const char *store, *folder, *path; /* DIRECTORY/STORE, and where its numbers are */
	uint32_t *numbers;
	size_t count;
	uint64_t accepted, refused, events;
	bool unfinished; /* its last batch is still on the way */
};

struct refusal {
	const char *store, *word, *why;
	uint32_t batch;
};

struct run {
	struct cli *cli;
	const struct hq_config *config; /* NULL: none was given */
	struct examined *stores;
	size_t count;
	struct refusal *refusals;
	size_t refused;
	struct progress bar;
	uint64_t done, total; /* batches */
};

/* --- what is there --- */

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int store_add(struct run *r, const char *directory, const char *name)
{
	struct palier_arena *a = &r->cli->arena;
	const char *path = palier_format(a, "%s/%s/batches", directory, name);
	struct examined one = { .store = palier_cstr(a, palier_str(name)) };
	int err;

	one.folder = palier_format(a, "%s/%s", directory, name);
	one.path = is_directory(path) ? path : one.folder;
	err = files_numbers(one.path, a, &one.numbers, &one.count);
	if (err != PALIER_OK)
		return cli_fail(r->cli, err, "%s: %s", one.path, strerror(errno));
	if (one.count == 0)
		return PALIER_OK;
	r->stores = realloc(r->stores, (r->count + 1) * sizeof(*r->stores));
	if (!r->stores)
		abort();
	r->stores[r->count++] = one;
	r->total += one.count;
	return PALIER_OK;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct examined *)a)->store, ((const struct examined *)b)->store);
}

static int stores_find(struct run *r, const char *directory)
{
	DIR *d = opendir(directory);
	struct dirent *entry;
	int err = PALIER_OK;

	if (!d)
		return cli_fail(r->cli, PALIER_EIO, "%s: %s", directory, strerror(errno));
	while (err == PALIER_OK && (entry = readdir(d)))
		if (entry->d_name[0] != '.' &&
			is_directory(palier_format(&r->cli->arena, "%s/%s", directory, entry->d_name)))
			err = store_add(r, directory, entry->d_name);
	closedir(d);
	if (err == PALIER_OK && r->count == 0)
		err = cli_fail(r->cli, PALIER_ENOENT, "%s holds no batches: STORE/N/ or STORE/batches/N/ is looked for",
			directory);
	if (r->count)
		qsort(r->stores, r->count, sizeof(*r->stores), by_name);
	return err;
}

/* --- judging --- */

static void refuse(struct run *r, struct examined *x, uint32_t batch, const struct verdict *v)
{
	r->refusals = realloc(r->refusals, (r->refused + 1) * sizeof(*r->refusals));
	if (!r->refusals)
		abort();
	r->refusals[r->refused++] =
		(struct refusal){ x->store, v->word, palier_cstr(&r->cli->arena, palier_str(v->why)), batch };
	x->refused++;
}

/* The batches that should stand before this one and do not. */
static void gap(struct run *r, struct examined *x, uint32_t from, uint32_t batch)
{
	struct verdict v;
	char missing[64];

	snprintf(missing, sizeof(missing), batch - from == 1 ? "%u" : "%u to %u", from,
		batch - 1); /* NOLINT: either is a literal */
	judge_fault(&v, BATCH_BATCH_GAP, missing);
	refuse(r, x, batch, &v);
}

/* @param lost what came before is not known: the batch's word is taken for it @return is it known what follows? */
static bool batch_examine(struct run *r, struct examined *x, struct judge *j, uint32_t batch, bool lost)
{
	const char *directory = palier_format(&r->cli->arena, "%s/%u", x->path, batch);
	struct verdict v;

	if (lost)
		(void)judge_leap(j, directory);
	judge_batch(j, directory, &v);
	if (!v.word && j->before.batch != batch)
		judge_fault(&v, BATCH_FILE_MANIFEST, "it is of another number than its directory");
	if (!v.word) {
		x->accepted++;
		x->events = j->before.last_seq;
		return true;
	}
	refuse(r, x, batch, &v);
	return judge_pass(j, directory) && j->before.batch == batch;
}

static bool is_whole(struct run *r, const struct examined *x, uint32_t batch)
{
	return access(palier_format(&r->cli->arena, "%s/%u/" BATCH_SIGNATURE, x->path, batch), F_OK) == 0;
}

static int store_examine(struct run *r, struct examined *x)
{
	struct judge j = { .ever = { .count = 0 } };
	uint32_t next = 1;
	bool known = true;
	int err = keyring_open(r->cli, r->config, x->store, x->folder, &j.ring);

	if (err != PALIER_OK)
		return err;
	judge_begin(&j);
	for (size_t i = 0; i < x->count; i++, r->done++) {
		bool missing = x->numbers[i] != next;

		progress_show(&r->bar, r->done, r->total);
		/* The signature comes last. */
		if (i + 1 == x->count && !is_whole(r, x, x->numbers[i])) {
			x->unfinished = true;
			continue;
		}
		if (missing)
			gap(r, x, next, x->numbers[i]);
		known = batch_examine(r, x, &j, x->numbers[i], missing || !known);
		next = x->numbers[i] + 1;
	}
	judge_end(&j);
	return PALIER_OK;
}

/* --- what is said --- */

static const char *figure(struct cli *cli, uint64_t n)
{
	return palier_format(&cli->arena, "%llu", (unsigned long long)n);
}

static const char *result(struct cli *cli, const struct examined *x)
{
	if (x->refused)
		return palier_format(&cli->arena, "%llu refused", (unsigned long long)x->refused);
	return x->unfinished ? "verified; the last is not whole yet" : "verified";
}

static void stores_show(const struct run *r)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "store" },
				   { .title = "batches", .right = true }, { .title = "events", .right = true },
				   { .title = "result" }, { .title = NULL } } };

	for (size_t i = 0; i < r->count; i++) {
		table_cell(&t, view_clean(&r->cli->arena, palier_str(r->stores[i].store)));
		table_cell(&t, figure(r->cli, r->stores[i].accepted));
		table_cell(&t, figure(r->cli, r->stores[i].events));
		table_cell(&t, result(r->cli, &r->stores[i]));
	}
	table_print(&t, r->cli->out);
	table_deinit(&t);
}

static void refusals_show(const struct run *r)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "refused" },
				   { .title = "batch", .right = true }, { .title = "reason" }, { .title = "why" },
				   { .title = NULL } } };

	for (size_t i = 0; i < r->refused; i++) {
		table_cell(&t, view_clean(&r->cli->arena, palier_str(r->refusals[i].store)));
		table_cell(&t, figure(r->cli, r->refusals[i].batch));
		table_cell(&t, r->refusals[i].word);
		table_cell(&t, view_clean(&r->cli->arena, palier_str(r->refusals[i].why)));
	}
	if (r->refused)
		fputc('\n', r->cli->out);
	table_print(&t, r->cli->out);
	table_deinit(&t);
}

static void figure_write(struct palier_json *w, const char *key, uint64_t n)
{
	palier_json_key(w, key);
	palier_json_int(w, (int64_t)n);
}

static void text_write(struct palier_json *w, const char *key, const char *text)
{
	palier_json_key(w, key);
	palier_json_str(w, text);
}

static void store_write(const void *who, size_t i, struct palier_json *w)
{
	const struct run *r = who;
	const struct examined *x = &r->stores[i];

	palier_json_object(w);
	text_write(w, "store", x->store);
	figure_write(w, "batches", x->accepted);
	figure_write(w, "events", x->events);
	palier_json_key(w, "unfinished");
	palier_json_bool(w, x->unfinished);
	palier_json_key(w, "refused");
	palier_json_array(w);
	for (size_t k = 0; k < r->refused; k++) {
		if (strcmp(r->refusals[k].store, x->store) != 0)
			continue;
		palier_json_object(w);
		figure_write(w, "batch", r->refusals[k].batch);
		text_write(w, "reason", r->refusals[k].word);
		text_write(w, "why", r->refusals[k].why);
		palier_json_end_object(w);
	}
	palier_json_end_array(w);
	palier_json_end_object(w);
}

static void show(const struct run *r)
{
	if (cli_has(r->cli, "json")) {
		stores_json(r->cli, r->count, store_write, r);
		return;
	}
	stores_show(r);
	refusals_show(r);
}

/* --- the command --- */

static int verify_in(struct run *r, const char *directory)
{
	int err = stores_find(r, directory);

	for (size_t i = 0; err == PALIER_OK && i < r->count; i++)
		err = store_examine(r, &r->stores[i]);
	progress_end(&r->bar);
	if (err != PALIER_OK)
		return err;
	show(r);
	return r->refused ? cli_fail(r->cli, PALIER_EDAMAGED, "batches are refused: %zu", r->refused) : PALIER_OK;
}

static int run_verify(struct cli *cli)
{
	struct run r = { .cli = cli, .bar = { .what = "verifying" } };
	const char *directory = cli_arg(cli, 0);
	struct hq_config config;
	int err = PALIER_OK;

	if (cli_value(cli, "config") || !directory) {
		err = hq_config_read(cli, &config);
		r.config = &config;
	}
	if (err == PALIER_OK)
		err = verify_in(&r, directory ? directory : config.directory);
	free(r.stores);
	free(r.refusals);
	return err;
}
