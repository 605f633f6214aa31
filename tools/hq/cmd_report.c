/* SPDX-License-Identifier: Apache-2.0 */
/* palier-hq report: all stores together and side by side. The journey is read from the batches, in this process; the rest is the database's. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "protocol/datetime.h"
#include "tools/hq/commands.h"
#include "tools/hq/map.h"
#include "tools/hq/office_db.h"
#include "tools/journeys.h"
#include "tools/plans.h"
#include "tools/report/csv.h"
#include "tools/report/office.h"
#include "tools/table.h"

#define USUAL_DAYS 90

static int run_report(struct cli *cli);

static const struct cli_option report_options[] = {
	{ "from", "DAY", "the first day of the journey and of recommendation (default: 90 days up to --to)" },
	{ "to", "DAY", "the last (default: today)" },
	{ "currency", "CODE", "of the stores whose amounts are in this one (default: the configuration's)" },
	JOURNEY_OPTIONS,
	{ "timezone", "ZONE", "in which days begin and end (default: the configuration's, else this machine's)" },
	{ "out", "FILE", "write a page to read in a browser and to print, as HTML; its figures beside it, as CSV and JSON" },
	{ "language", "LANGUAGE", "of the page: fr or en (default: en)" },
	{ "csv", NULL, "print the figures as CSV" },
	CLI_END_OPTIONS,
};

const struct cli_command command_report = { "report",
	"all stores together and side by side: journey, recommendation, ladder",
	(const struct cli_verb[]){
		{ "", "", "the customers' journey from the batches, recommendation and the ladder from the database", 0, 0,
			report_options, run_report },
		{ .name = NULL } } };

/* --- what the database says --- */

struct reading {
	struct cli *cli;
	struct hq_config config;
	struct db *db;
	struct words words;
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

static struct office_store *store_add(struct reading *g, const char *name)
{
	struct office_store *s = &g->r.stores[g->r.count++];

	*s = (struct office_store){ .name = palier_cstr(&g->cli->arena, palier_str(name)) };
	return s;
}

static void store_map(struct reading *g, const struct map_store *m)
{
	struct office_store *s = bsearch(m->name, g->r.stores, g->r.count, sizeof(*g->r.stores), by_store);

	if (!s)
		return;
	s->journey = &m->r;
	s->batches = m->batches;
	s->missing = m->missing;
	for (int k = 0; k < OFFICE_STAGES; k++)
		s->there[k] = m->r.map.stages[k].members;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct office_store *)a)->name, ((const struct office_store *)b)->name);
}

static void other_add(struct reading *g, struct office_other *others, const char *name)
{
	for (size_t i = 0; i < g->r.other_count; i++)
		if (strcmp(others[i].name, name) == 0)
			return;
	others[g->r.other_count++] =
		(struct office_other){ palier_cstr(&g->cli->arena, palier_str(name)), hq_store_currency(&g->config, name) };
}

static int by_other(const void *a, const void *b)
{
	return strcmp(((const struct office_other *)a)->name, ((const struct office_other *)b)->name);
}

/* Stores of another currency: of those at hand, and of those that the database has just named. */
static void others_read(struct reading *g, const struct map *map, int rows)
{
	struct office_other *others = palier_alloc(&g->cli->arena, (map->other_count + (size_t)rows + 1) * sizeof(*others));

	for (size_t i = 0; i < map->other_count; i++)
		other_add(g, others, map->others[i]);
	for (int row = 0; row < rows; row++)
		if (strcmp(hq_store_currency(&g->config, db_text(g->db, row, 0)), g->r.currency) != 0)
			other_add(g, others, db_text(g->db, row, 0));
	if (g->r.other_count)
		qsort(others, g->r.other_count, sizeof(*others), by_other);
	g->r.others = others;
}

/* Those of which batches are at hand, and those that the database knows besides. */
static int stores_read(struct reading *g, const struct map *map)
{
	int err = g->db ? db_run(g->db, "SELECT store, count(*), max(batch) - count(*) FROM batches GROUP BY store")
	                : PALIER_OK;
	int rows = g->db && err == PALIER_OK ? db_rows(g->db) : 0;
	size_t at_hand = map->count;

	if (err != PALIER_OK)
		return err;
	others_read(g, map, rows);
	g->r.stores = palier_alloc(&g->cli->arena, (at_hand + (size_t)rows + 1) * sizeof(*g->r.stores));
	for (size_t i = 0; i < at_hand; i++)
		store_add(g, map->stores[i].name);
	for (int row = 0; row < rows; row++) {
		struct office_store *s;

		if (bsearch(db_text(g->db, row, 0), g->r.stores, at_hand, sizeof(*g->r.stores), by_store) ||
			strcmp(hq_store_currency(&g->config, db_text(g->db, row, 0)), g->r.currency) != 0)
			continue;
		s = store_add(g, db_text(g->db, row, 0));
		s->batches = db_int(g->db, row, 1);
		s->missing = db_int(g->db, row, 2);
	}
	if (g->r.count)
		qsort(g->r.stores, g->r.count, sizeof(*g->r.stores), by_name);
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

/* Of each store its latest experiment: what was spent, and of how much of it the margin is known. */
static const char turnover_asked[] =
	"WITH last AS (SELECT store, max(epoch) AS epoch FROM v_ladder_uplift GROUP BY store) "
	"SELECT store, sum(sum), sum(known), sum(estimated) FROM v_ladder_uplift JOIN last USING (store, epoch) GROUP BY store";

/* All stores are compared by the same. */
static int turnover_read(struct reading *g)
{
	int err = db_run(g->db, turnover_asked);
	struct ladder_turnover all = { .spent = 0 };

	for (int row = 0; err == PALIER_OK && row < db_rows(g->db); row++) {
		struct office_store *s = store_of(g, row);

		if (!s)
			continue;
		s->turnover =
			(struct ladder_turnover){ db_int(g->db, row, 1), db_int(g->db, row, 2), db_int(g->db, row, 3) };
		office_turnover_add(&all, &s->turnover);
	}
	g->r.by_margin = ladder_margin_known(&all);
	return err;
}

/* The same experiments. What a member has brought (by $1 the margin, or what was spent) counts at most as the 99.5 % point of all. */
static const char arms_asked[] =
	"WITH last AS (SELECT store, max(epoch) AS epoch FROM v_ladder_members GROUP BY store), "
	"m AS (SELECT v.store, v.held, v.epoch, v.climbed, CASE WHEN $1::boolean THEN v.margin ELSE v.spend END AS money "
	"FROM v_ladder_members v JOIN last USING (store, epoch) WHERE store IN (SELECT json_array_elements_text($2::json))), "
	"most AS (SELECT percentile_disc(0.995) WITHIN GROUP (ORDER BY money) AS at FROM m) "
	"SELECT m.store, m.held, count(*), sum(least(m.money, most.at)), sum(least(m.money, most.at) ^ 2), "
	"count(*) FILTER (WHERE m.climbed > 0), count(*) FILTER (WHERE m.money > most.at), "
	"coalesce(max(x.share), 0), coalesce(to_char(max(x.until), 'YYYYMMDD'), '0') "
	"FROM m CROSS JOIN most LEFT JOIN (SELECT store, epoch, min(share) AS share, min(until) AS until FROM experiments GROUP BY store, epoch) AS x "
	"ON x.store = m.store AND x.epoch = m.epoch GROUP BY m.store, m.held";

static const char *stores_json(struct reading *g)
{
	struct palier_buffer text = { .len = 0 };
	struct palier_json w = palier_json_to(&text);
	const char *kept;

	palier_json_array(&w);
	for (size_t i = 0; i < g->r.count; i++)
		palier_json_str(&w, g->r.stores[i].name);
	palier_json_end_array(&w);
	kept = palier_cstr(&g->cli->arena, palier_buffer_bytes(&text));
	palier_buffer_deinit(&text);
	return kept;
}

static int arms_read(struct reading *g)
{
	int err = DB_ASK(g->db, arms_asked, g->r.by_margin ? "true" : "false", stores_json(g));

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
		s->until = (uint32_t)db_int(g->db, row, 8);
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
static int all_read(struct reading *g, const struct map *map)
{
	int err = db_run(g->db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");

	if (err == PALIER_OK)
		err = stores_read(g, map);
	if (err == PALIER_OK)
		err = steps_read(g);
	if (err == PALIER_OK)
		err = turnover_read(g);
	if (err == PALIER_OK)
		err = arms_read(g);
	if (err == PALIER_OK)
		err = stages_read(g);
	g->r.database = err == PALIER_OK;
	return err == PALIER_OK ? PALIER_OK : cli_fail(g->cli, err, "the database says: %s", db_why(g->db));
}

/* An office without a database has its map all the same. */
static int database_read(struct reading *g, const struct map *map)
{
	int was, err = g->config.database ? office_db_connect(g->cli, &g->config, &g->db, &was) : stores_read(g, map);

	if (err == PALIER_OK && g->db)
		err = all_read(g, map);
	db_close(g->db);
	if (err != PALIER_OK)
		return err;
	for (size_t i = 0; i < map->count; i++)
		store_map(g, &map->stores[i]);
	g->r.chain.journey = map->read ? &map->r : NULL;
	office_sum(&g->r);
	return g->r.count == 0 && g->r.other_count > 0
	               ? cli_fail(g->cli, PALIER_EPARAMS, "no store's amounts are in %s: those of %s are in %s",
				 g->r.currency, g->r.others[0].name, g->r.others[0].currency)
	               : PALIER_OK;
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

static void funnel_show(struct reading *g)
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
		fprintf(cli->out,
			g->r.by_margin ? "offered suggestions, a member brings a margin %s higher (%s to %s)\n"
				       : "offered suggestions, a member spends %s more (%s to %s)\n",
			office_money(&g->r, &g->words, d.value), office_money(&g->r, &g->words, d.low),
			office_money(&g->r, &g->words, d.high));
}

static void text_show(struct reading *g)
{
	if (g->r.database)
		funnel_show(g);
	if (g->r.chain.journey)
		journeys_show(g->cli, &g->words, g->r.chain.journey);
	if (g->r.other_count)
		fprintf(g->cli->out, "%s\n", office_left_out(&g->r, &g->words));
	if (!g->r.database && !g->r.chain.journey)
		fprintf(g->cli->out, "no batches are at hand, and no database is named\n");
}

/* The page's name with another ending: "report.html" and "report.csv". */
static const char *beside(struct cli *cli, const char *path, const char *ending)
{
	size_t len = strlen(path);

	if (len > 5 && strcmp(path + len - 5, ".html") == 0)
		len -= 5;
	return palier_format(&cli->arena, "%.*s%s", (int)len, path, ending);
}

static void csv_row(void *who, const char *store, const struct journey_figure *f)
{
	report_csv_cell(who, store ? store : "", ",");
	journey_figure_csv(who, f);
}

static void csv_write(const struct office_report *r, FILE *out)
{
	fputs("store," JOURNEY_CSV_HEAD, out);
	office_figures(r, csv_row, out);
}

static void json_write(const struct office_report *r, FILE *out)
{
	struct palier_buffer text = { .len = 0 };
	struct palier_json w = palier_json_to(&text);

	office_json(r, &w);
	fwrite(text.at, 1, text.len, out);
	fputc('\n', out);
	palier_buffer_deinit(&text);
}

static void page_make(const struct reading *g, FILE *out)
{
	struct page page = { .out = { .len = 0 } };

	office_page(&g->r, &g->words, &page);
	fwrite(page.out.at, 1, page.out.len, out);
	page_deinit(&page);
}

static int file_end(struct cli *cli, const char *path, FILE *out)
{
	bool bad = ferror(out) != 0;

	if (fclose(out) != 0 || bad)
		return cli_fail(cli, PALIER_EIO, "%s: %s", path, strerror(errno));
	fprintf(cli->out, "%s\n", path);
	return PALIER_OK;
}

/* The page, and its figures beside it. */
static int files_show(struct reading *g, const char *page)
{
	const char *const paths[] = { page, beside(g->cli, page, ".csv"), beside(g->cli, page, ".json") };

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		FILE *out = fopen(paths[i], "we");
		int err;

		if (!out)
			return cli_fail(g->cli, PALIER_EIO, "%s: %s", paths[i], strerror(errno));
		if (i == 0)
			page_make(g, out);
		else if (i == 1)
			csv_write(&g->r, out);
		else
			json_write(&g->r, out);
		err = file_end(g->cli, paths[i], out);
		if (err != PALIER_OK)
			return err;
	}
	return PALIER_OK;
}

static int show(struct reading *g)
{
	if (cli_has(g->cli, "json"))
		json_write(&g->r, g->cli->out);
	else if (cli_has(g->cli, "csv"))
		csv_write(&g->r, g->cli->out);
	else if (cli_value(g->cli, "out"))
		return files_show(g, cli_value(g->cli, "out"));
	else
		text_show(g);
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

/* Journeys that the configuration says are planned. Its file is read by stores, too, but nothing has checked it here. */
static int planned_read(struct cli *cli, const char *path, struct plans *out)
{
	if (!path)
		return PALIER_OK;
	plans_read(cli, path, out);
	if (out->count > 0)
		return PALIER_OK;
	return access(path, R_OK) == 0 ? cli_fail(cli, PALIER_ECONFIG, "%s plans no journey that could be read", path)
	                               : cli_fail(cli, PALIER_ECONFIG, "%s: %s", path, strerror(errno));
}

/* What is asked for, which the configuration has a say in. */
static int what_read(struct reading *g, struct journey_report *usual, struct journey_period *period)
{
	struct cli *cli = g->cli;
	int err = hq_config_read(cli, &g->config);

	if (err == PALIER_OK)
		err = journeys_zone(cli, g->config.timezone);
	if (err == PALIER_OK) {
		g->r.today = zone_day((int64_t)time(NULL) * 1000);
		err = day_read(cli, "to", g->r.today, &g->r.to);
	}
	if (err == PALIER_OK)
		err = day_read(cli, "from", day_add(g->r.to, 1 - USUAL_DAYS), &g->r.from);
	if (err == PALIER_OK && g->r.from > g->r.to)
		err = cli_fail(cli, PALIER_EPARAMS, "--from is a day after --to");
	if (err == PALIER_OK && cli_value(cli, "language") && !words_known(cli_value(cli, "language")))
		err = cli_fail(cli, PALIER_EPARAMS, "--language is fr or en, not %s", cli_value(cli, "language"));
	if (err == PALIER_OK)
		err = journeys_ask(cli, cli_value(cli, "currency") ? cli_value(cli, "currency") : g->config.currency, usual,
			period);
	if (err == PALIER_OK)
		err = planned_read(cli, g->config.plans, &usual->plans);
	if (err != PALIER_OK)
		return err;
	g->words = (struct words){ &cli->arena, cli_value(cli, "language") ? cli_value(cli, "language") : "en" };
	g->from = day_text(cli, g->r.from);
	g->to = day_text(cli, g->r.to);
	g->r.currency = usual->currency;
	g->r.scale = usual->scale;
	period->from = g->r.from;
	period->to = g->r.to;
	return PALIER_OK;
}

static int run_report(struct cli *cli)
{
	struct reading g = { .cli = cli };
	struct journey_report usual = { .j = NULL };
	struct journey_period period = { .from = 0 };
	struct map map = { .count = 0 };
	int err = what_read(&g, &usual, &period);

	if (err == PALIER_OK)
		err = map_read(cli, &g.config, &period, &usual, &map);
	if (err == PALIER_OK)
		err = database_read(&g, &map);
	if (err == PALIER_OK)
		err = show(&g);
	map_deinit(&map);
	return err;
}
