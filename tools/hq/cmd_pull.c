/* SPDX-License-Identifier: Apache-2.0 */
/* palier-hq pull: what the stores have sealed comes to the office, from hundreds of them at once. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "tools/hq/commands.h"
#include "tools/hq/files.h"
#include "tools/hq/pull.h"
#include "tools/hq/show.h"
#include "tools/table.h"

#define JOBS_MAX    1024
#define JOBS        32
#define RETRIES     5
#define BACKOFF_MS  500
#define TIMEOUT_S   30
#define TIMEOUT_MAX 3600

static int run_pull(struct cli *cli);

static const struct cli_option pull_options[] = {
	{ "jobs", "N", "so many transfers at once (default: 32)" },
	{ "retries", "N", "so many further attempts in a row before a store is left for the next time (default: 5)" },
	{ "backoff", "MS", "wait so long before the first of them, twice as long before each next one (default: 500)" },
	{ "timeout", "SECONDS", "how long to wait for a connection, or for a byte (default: 30)" },
	{ "no-profiles", NULL, "leave the members' personal data where they are" },
	{ "once", NULL, "end when all is here, as it does anyway; a timer calls it again" },
	CLI_END_OPTIONS,
};

const struct cli_command command_pull = { "pull", "fetch, verify and keep what the stores have sealed",
	(const struct cli_verb[]){
		{ "", "[STORE...]", "pull these stores, or all of --config that have an url", 0, 4096, pull_options,
			run_pull },
		{ .name = NULL },
	} };

struct run {
	struct cli *cli;
	struct hq_config config;
	struct fetch_options fetch;
	struct pull_options options;
	struct pull *pulls;
	size_t count;
	struct progress bar;
};

/* --- the command line --- */

static int figure_option(struct cli *cli, const char *name, unsigned least, unsigned most, unsigned usual, unsigned *out)
{
	const char *text = cli_value(cli, name);
	char *end = NULL;
	unsigned long value = usual;

	if (text) {
		errno = 0;
		value = strtoul(text, &end, 10);
		if (text[0] < '0' || text[0] > '9' || *end || errno || value < least || value > most)
			return cli_fail(cli, PALIER_EPARAMS, "--%s: a figure from %u to %u is wanted, not %s", name, least,
				most, text);
	}
	*out = (unsigned)value;
	return PALIER_OK;
}

static int options_read(struct run *r)
{
	unsigned backoff = 0;
	int err = figure_option(r->cli, "jobs", 1, JOBS_MAX, JOBS, &r->fetch.jobs);

	if (err == PALIER_OK)
		err = figure_option(r->cli, "retries", 0, 1000, RETRIES, &r->options.retries);
	if (err == PALIER_OK)
		err = figure_option(r->cli, "backoff", 1, 60000, BACKOFF_MS, &backoff);
	if (err == PALIER_OK)
		err = figure_option(r->cli, "timeout", 1, TIMEOUT_MAX, TIMEOUT_S, &r->fetch.timeout_s);
	r->options.backoff_ms = backoff;
	r->options.no_profiles = cli_has(r->cli, "no-profiles");
	return err;
}

static bool is_asked(const struct cli *cli, const char *store)
{
	for (int i = 0; i < cli->arg_count; i++)
		if (strcmp(cli->args[i], store) == 0)
			return true;
	return cli->arg_count == 0;
}

static int stores_check(struct run *r)
{
	for (int i = 0; i < r->cli->arg_count; i++) {
		const struct hq_store *s = hq_store_find(&r->config, r->cli->args[i]);

		if (!s || !s->url)
			return cli_fail(r->cli, PALIER_EPARAMS, "%s: the configuration has no url of it", r->cli->args[i]);
	}
	if (!r->config.tls_certificate)
		return cli_fail(r->cli, PALIER_ECONFIG,
			"the configuration says nothing of tls: tls { certificate = \"hq.pem\"  key = \"hq.key\"  ca = \"doors-ca.pem\" }");
	r->fetch.certificate = r->config.tls_certificate;
	r->fetch.key = r->config.tls_key;
	r->fetch.ca = r->config.tls_ca;
	return PALIER_OK;
}

/* --- the stores --- */

/* A store of which something is refused is not asked. */
static int store_open(struct run *r, const struct hq_store *s)
{
	struct pull *p = &r->pulls[r->count];
	struct progress bar = { .what = s->id };
	struct verdict kept;
	const char *refused;
	int err;

	*p = (struct pull){ .store = s->id, .url = s->url, .file = -1 };
	err = shelf_open(r->cli, &r->config, s->id, &bar, &p->shelf, &kept);
	progress_end(&bar);
	if (err != PALIER_OK)
		return err;
	r->count++;
	refused = shelf_refused(&p->shelf);
	if (kept.word) {
		p->end = PULL_REFUSED;
		snprintf(p->why, sizeof(p->why), "of what was kept, batch %u, %s: %s", p->shelf.judge.before.batch + 1,
			kept.word, kept.why);
	} else if (refused) {
		p->end = PULL_REFUSED;
		snprintf(p->why, sizeof(p->why), "refused before and not settled: %s",
			shelf_path(&p->shelf, "refused/%s", refused));
	}
	return PALIER_OK;
}

static int stores_open(struct run *r)
{
	int err = PALIER_OK;

	r->pulls = calloc(r->config.store_count + 1, sizeof(*r->pulls));
	if (!r->pulls)
		abort();
	for (size_t i = 0; err == PALIER_OK && i < r->config.store_count; i++)
		if (r->config.stores[i].url && is_asked(r->cli, r->config.stores[i].id))
			err = store_open(r, &r->config.stores[i]);
	if (err == PALIER_OK && r->count == 0)
		err = cli_fail(r->cli, PALIER_ECONFIG, "the configuration has no store with an url");
	return err;
}

/* --- what is said --- */

static const char *const words[] = { [PULL_GOES_ON] = "",
	[PULL_DONE] = "up to date",
	[PULL_REFUSED] = "refused",
	[PULL_AWAY] = "not reached",
	[PULL_STUCK] = "not kept" };

static void table_show(const struct run *r)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "store" },
				   { .title = "batch", .right = true }, { .title = "new", .right = true },
				   { .title = "result" }, { .title = "why" }, { .title = NULL } } };

	for (size_t i = 0; i < r->count; i++) {
		struct pull *p = &r->pulls[i];

		table_cell(&t, p->store);
		table_cell(&t, palier_format(&r->cli->arena, "%u", p->shelf.judge.before.batch));
		table_cell(&t, palier_format(&r->cli->arena, "%u", p->taken));
		table_cell(&t, words[p->end]);
		table_cell(&t, p->end == PULL_DONE ? "" : view_clean(&r->cli->arena, palier_str(p->why)));
	}
	table_print(&t, r->cli->out);
	table_deinit(&t);
}

static void store_write(const void *who, size_t i, struct palier_json *w)
{
	const struct pull *p = &((const struct run *)who)->pulls[i];

	palier_json_object(w);
	palier_json_key(w, "store");
	palier_json_str(w, p->store);
	palier_json_key(w, "batch");
	palier_json_int(w, p->shelf.judge.before.batch);
	palier_json_key(w, "new");
	palier_json_int(w, p->taken);
	palier_json_key(w, "result");
	palier_json_str(w, words[p->end]);
	palier_json_key(w, "why");
	palier_json_str(w, p->end == PULL_DONE ? "" : p->why);
	palier_json_end_object(w);
}

/* The worst of all: a refusal goes before a store that is away. */
static int result(const struct run *r)
{
	size_t ends[PULL_STUCK + 1] = { 0 };

	for (size_t i = 0; i < r->count; i++)
		ends[r->pulls[i].end]++;
	if (ends[PULL_REFUSED])
		return cli_fail(r->cli, PALIER_EDAMAGED, "stores of which something is refused: %zu", ends[PULL_REFUSED]);
	if (ends[PULL_STUCK])
		return cli_fail(r->cli, PALIER_EIO, "stores whose batches could not be kept: %zu", ends[PULL_STUCK]);
	if (ends[PULL_AWAY])
		return cli_fail(r->cli, PALIER_EUNREACHABLE, "stores that were not reached: %zu of %zu", ends[PULL_AWAY],
			r->count);
	return PALIER_OK;
}

/* --- running --- */

static void tick(void *who)
{
	struct run *r = who;
	uint64_t done = 0;

	for (size_t i = 0; i < r->count; i++)
		done += pull_progress(&r->pulls[i]);
	progress_show(&r->bar, done, r->count * 1000);
}

static int pull_all(struct run *r)
{
	struct fetch *f;
	int err = stores_open(r);

	if (err != PALIER_OK)
		return err;
	if (fetch_open(&r->fetch, &f) != PALIER_OK)
		return cli_fail(r->cli, PALIER_ECONFIG, "the certificates of tls cannot be used");
	for (size_t i = 0; i < r->count; i++)
		if (r->pulls[i].end == PULL_GOES_ON)
			pull_begin(&r->pulls[i], f, &r->options);
	fetch_run(f, tick, r);
	progress_end(&r->bar);
	fetch_close(f);
	if (cli_has(r->cli, "json"))
		stores_json(r->cli, r->count, store_write, r);
	else
		table_show(r);
	return result(r);
}

static int run_pull(struct cli *cli)
{
	struct run r = { .cli = cli, .bar = { .what = "pulling" } };
	int locked, err = options_read(&r);

	if (err == PALIER_OK)
		err = hq_config_read(cli, &r.config);
	if (err == PALIER_OK)
		err = stores_check(&r);
	if (err == PALIER_OK)
		err = shelves_lock(cli, &r.config, &locked);
	if (err != PALIER_OK)
		return err;
	err = pull_all(&r);
	for (size_t i = 0; i < r.count; i++)
		pull_close(&r.pulls[i]);
	free(r.pulls);
	close(locked);
	return err;
}
