/* SPDX-License-Identifier: Apache-2.0 */
/* palier-hq report: the stores side by side, from the database. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "protocol/datetime.h"
#include "tools/hq/commands.h"
#include "tools/hq/office_db.h"
#include "tools/report/office.h"
#include "tools/table.h"

#define USUAL_DAYS 90

static int run_report(struct cli *cli);

static const struct cli_option report_options[] = {
	{ "from", "DAY", "the first day of recommendation (default: 90 days up to --to)" },
	{ "to", "DAY", "the last (default: today)" },
	{ "out", "FILE", "write a page to read in a browser and to print, as HTML" },
	{ "language", "LANGUAGE", "of the page: fr or en (default: en)" },
	CLI_END_OPTIONS,
};

const struct cli_command command_report = { "report", "the stores side by side: recommendation, ladder, journey",
	(const struct cli_verb[]){ { "", "", "compare the stores with each other and with the chain, from the database", 0,
					   0, report_options, run_report },
		{ .name = NULL } } };

/* --- what the database says --- */

struct reading {
	struct cli *cli;
	struct db *db;
	struct office_report r;
	const char *from, *to;
};

static int by_store(const void *name, const void *store)
{
	return strcmp(name, ((const struct office_store *)store)->name);
}

/* @return the store of a row's first column; NULL: it has no batch */
static struct office_store *store_of(struct reading *g, int row)
{
	return bsearch(db_text(g->db, row, 0), g->r.stores, g->r.count, sizeof(*g->r.stores), by_store);
}

/* @return the place of a name among some; `count`: it is none of them */
static size_t place_of(const char *name, const char *const *names, size_t count)
{
	size_t i = 0;

	while (i < count && strcmp(names[i], name) != 0)
		i++;
	return i;
}

static int stores_read(struct reading *g)
{
	int err = db_run(g->db,
		"SELECT store, count(*), max(batch) - count(*) FROM batches GROUP BY store ORDER BY store COLLATE \"C\"");

	if (err != PALIER_OK)
		return err;
	g->r.count = (size_t)db_rows(g->db);
	g->r.stores = palier_alloc(&g->cli->arena, (g->r.count + 1) * sizeof(*g->r.stores));
	for (size_t i = 0; i < g->r.count; i++)
		g->r.stores[i] =
			(struct office_store){ .name = palier_cstr(&g->cli->arena, palier_str(db_text(g->db, (int)i, 0))),
				.batches = db_int(g->db, (int)i, 1),
				.missing = db_int(g->db, (int)i, 2) };
	return PALIER_OK;
}

static int steps_read(struct reading *g)
{
	int err = DB_ASK(g->db,
		"SELECT store, step, sum(count) FROM v_funnel WHERE date BETWEEN $1 AND $2 AND "
		"(sort = 'sponsorship' OR step = 'enrolled') GROUP BY store, step",
		g->from, g->to);

	for (int row = 0; err == PALIER_OK && row < db_rows(g->db); row++) {
		struct office_store *s = store_of(g, row);
		size_t step = place_of(db_text(g->db, row, 1), office_step_names, OFFICE_STEPS);

		if (s && step < OFFICE_STEPS)
			s->steps[step] = db_int(g->db, row, 2);
	}
	return err;
}

/* Of each store its latest experiment. What a member has spent counts at most as the 99.5 % point of all. */
static const char arms_asked[] =
	"WITH last AS (SELECT store, max(epoch) AS epoch FROM v_ladder_members GROUP BY store), "
	"m AS (SELECT v.* FROM v_ladder_members v JOIN last USING (store, epoch)), "
	"most AS (SELECT percentile_disc(0.995) WITHIN GROUP (ORDER BY spend) AS at FROM m) "
	"SELECT m.store, m.held, count(*), sum(least(m.spend, most.at)), sum(least(m.spend, most.at) ^ 2), "
	"count(*) FILTER (WHERE m.climbed > 0), count(*) FILTER (WHERE m.spend > most.at), "
	"coalesce((SELECT x.share FROM experiments x WHERE x.store = m.store AND x.epoch = max(m.epoch) LIMIT 1), 0) "
	"FROM m CROSS JOIN most GROUP BY m.store, m.held";

static int arms_read(struct reading *g)
{
	int err = db_run(g->db, arms_asked);

	for (int row = 0; err == PALIER_OK && row < db_rows(g->db); row++) {
		struct office_store *s = store_of(g, row);
		bool held = db_bool(g->db, row, 1);

		if (!s)
			continue;
		*(held ? &s->held : &s->offered) = (struct stats_sums){ db_int(g->db, row, 2), db_int(g->db, row, 3),
			strtod(db_text(g->db, row, 4), NULL) };
		*(held ? &s->climbed_held : &s->climbed_offered) = db_int(g->db, row, 5);
		g->r.capped += db_int(g->db, row, 6);
		s->share = db_int(g->db, row, 7);
	}
	return err;
}

static int stages_read(struct reading *g)
{
	int err = db_run(g->db, "SELECT store, stage, there FROM v_journey");

	for (int row = 0; err == PALIER_OK && row < db_rows(g->db); row++) {
		struct office_store *s = store_of(g, row);
		size_t stage = place_of(db_text(g->db, row, 1), office_stage_names, OFFICE_STAGES);

		if (s && stage < OFFICE_STAGES)
			s->there[stage] = db_int(g->db, row, 2);
	}
	return err;
}

/* All of one moment, also where somebody is loading. */
static int all_read(struct reading *g)
{
	int err = db_run(g->db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");

	if (err == PALIER_OK)
		err = stores_read(g);
	if (err == PALIER_OK)
		err = steps_read(g);
	if (err == PALIER_OK)
		err = arms_read(g);
	if (err == PALIER_OK)
		err = stages_read(g);
	if (err != PALIER_OK)
		return cli_fail(g->cli, err, "the database says: %s", db_why(g->db));
	office_sum(&g->r);
	return PALIER_OK;
}

/* --- what is shown --- */

static void figure_cell(struct cli *cli, struct table *t, int64_t n)
{
	table_cell(t, palier_format(&cli->arena, "%lld", (long long)n));
}

static void row_show(struct cli *cli, struct table *t, const struct office_store *s, const char *name)
{
	table_cell(t, name);
	for (int k = 0; k < OFFICE_STEPS; k++)
		figure_cell(cli, t, s->steps[k]);
	figure_cell(cli, t, s->offered.n);
	figure_cell(cli, t, s->held.n);
}

static void text_show(struct reading *g)
{
	struct cli *cli = g->cli;
	struct table t = { .columns = (const struct table_column[]){ { .title = "store" }, { "enrolled", true, 0 },
				   { "codes", true, 0 }, { "came", true, 0 }, { "bought", true, 0 }, { "minimum", true, 0 },
				   { "rewarded", true, 0 }, { "offered", true, 0 }, { "held out", true, 0 },
				   { .title = NULL } } };
	struct stats_interval d = { 0, 0, 0 };
	double p;

	for (size_t i = 0; i < g->r.count; i++)
		row_show(cli, &t, &g->r.stores[i], g->r.stores[i].name);
	row_show(cli, &t, &g->r.chain, "all stores");
	table_print(&t, cli->out);
	table_deinit(&t);
	if (office_uplift(&g->r, &d, &p) == OFFICE_ESTIMATE)
		fprintf(cli->out, "offered suggestions, a member spends %.2f more (%.2f to %.2f), in minor units\n", d.value,
			d.low, d.high);
}

static void store_json(struct palier_json *w, const struct office_store *s)
{
	const struct stats_sums *const arms[] = { &s->offered, &s->held };

	palier_json_object(w);
	for (int k = 0; k < OFFICE_STEPS; k++) {
		palier_json_key(w, office_step_names[k]);
		palier_json_int(w, s->steps[k]);
	}
	palier_json_key(w, "arms");
	palier_json_array(w);
	for (int i = 0; i < 2; i++) {
		palier_json_object(w);
		palier_json_key(w, "held_out");
		palier_json_bool(w, i == 1);
		palier_json_key(w, "n");
		palier_json_int(w, arms[i]->n);
		palier_json_key(w, "sum");
		palier_json_int(w, arms[i]->sum);
		palier_json_end_object(w);
	}
	palier_json_end_array(w);
	palier_json_key(w, "stages");
	palier_json_object(w);
	for (int k = 0; k < OFFICE_STAGES; k++) {
		palier_json_key(w, office_stage_names[k]);
		palier_json_int(w, s->there[k]);
	}
	palier_json_end_object(w);
	palier_json_end_object(w);
}

static void json_show(struct reading *g)
{
	struct palier_buffer out = { .len = 0 };
	struct palier_json w = palier_json_to(&out);

	palier_json_object(&w);
	palier_json_key(&w, "all");
	store_json(&w, &g->r.chain);
	palier_json_key(&w, "stores");
	palier_json_object(&w);
	for (size_t i = 0; i < g->r.count; i++) {
		palier_json_key_bytes(&w, palier_str(g->r.stores[i].name));
		store_json(&w, &g->r.stores[i]);
	}
	palier_json_end_object(&w);
	palier_json_end_object(&w);
	fprintf(g->cli->out, "%.*s\n", (int)out.len, out.at);
	palier_buffer_deinit(&out);
}

static int page_show(struct reading *g, const char *path)
{
	struct words words = { &g->cli->arena, cli_value(g->cli, "language") ? cli_value(g->cli, "language") : "en" };
	struct page page = { .out = { .len = 0 } };
	int err;

	office_page(&g->r, &words, &page);
	err = page_write(&page, path);
	page_deinit(&page);
	if (err != PALIER_OK)
		return cli_fail(g->cli, err, "%s: %s", path, strerror(errno));
	fprintf(g->cli->out, "%s\n", path);
	return PALIER_OK;
}

/* --- the command --- */

static int day_read(struct cli *cli, const char *option, uint32_t usual, uint32_t *out)
{
	const char *text = cli_value(cli, option);

	*out = usual;
	if (text && !day_parse(palier_str(text), out))
		return cli_fail(cli, PALIER_EPARAMS, "--%s is a day, such as 2026-11-21, not %s", option, text);
	return PALIER_OK;
}

static const char *day_text(struct cli *cli, uint32_t day)
{
	char *text = palier_alloc(&cli->arena, 11);

	day_format(day, text);
	return text;
}

static int what_read(struct reading *g)
{
	struct cli *cli = g->cli;
	int err = day_read(cli, "to", zone_day((int64_t)time(NULL) * 1000), &g->r.to);

	if (err == PALIER_OK)
		err = day_read(cli, "from", day_add(g->r.to, 1 - USUAL_DAYS), &g->r.from);
	if (err == PALIER_OK && cli_value(cli, "language") && !words_known(cli_value(cli, "language")))
		err = cli_fail(cli, PALIER_EPARAMS, "--language is fr or en, not %s", cli_value(cli, "language"));
	if (err != PALIER_OK)
		return err;
	g->from = day_text(cli, g->r.from);
	g->to = day_text(cli, g->r.to);
	return PALIER_OK;
}

static int run_report(struct cli *cli)
{
	struct reading g = { .cli = cli };
	struct hq_config config;
	int was, err = what_read(&g);

	if (err == PALIER_OK)
		err = office_db_open(cli, &config, &g.db, &was);
	if (err != PALIER_OK)
		return err;
	err = all_read(&g);
	db_close(g.db);
	if (err != PALIER_OK)
		return err;
	if (cli_value(cli, "out"))
		return page_show(&g, cli_value(cli, "out"));
	if (cli_has(cli, "json"))
		json_show(&g);
	else
		text_show(&g);
	return PALIER_OK;
}
