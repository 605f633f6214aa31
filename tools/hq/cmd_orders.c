/* SPDX-License-Identifier: Apache-2.0 */
/* palier-hq orders: what waits, what stores have refused, and what is to become of it. */
#include <stdio.h>
#include <stdlib.h>

#include "tools/hq/commands.h"
#include "tools/hq/office_db.h"
#include "tools/hq/withdrawn.h"
#include "tools/table.h"

#define IDS_MAX 1000
/* As palier-hq publish: nothing is issued or delivered meanwhile. */
#define LOCK "BEGIN; SELECT pg_advisory_xact_lock(hashtext('palier: publish'), 1)"

static int run_list(struct cli *cli);
static int run_drop(struct cli *cli);
static int run_again(struct cli *cli);
static int run_follow(struct cli *cli);

static const struct cli_option list_options[] = {
	{ "store", "ID", "of this store alone" },
	{ "refused", NULL, "only those in directives that stores refuse" },
	{ "dropped", NULL, "only those that were dropped" },
	{ "done", NULL, "those that were carried out, too" },
	CLI_END_OPTIONS,
};
static const struct cli_option drop_options[] = {
	{ "refused", NULL,
		"the store has refused it, as was seen there: of a store without a url the office does not know" },
	CLI_END_OPTIONS,
};

const struct cli_command command_orders = { "orders", "what was ordered: see it, drop what is refused, order it again",
	(const struct cli_verb[]){ { "list", "", "show the orders that are not carried out yet, and why stores refuse them",
					   0, 0, list_options, run_list },
		{ "drop", "ORDER...", "let orders be that wait or are refused; what was refused with them is issued anew", 1,
			IDS_MAX, drop_options, run_drop },
		{ "again", "ORDER...", "order again what was dropped, refused or carried out", 1, IDS_MAX, NULL, run_again },
		{ "follow", "STORE...",
			"take a store's word for directives that it has carried out, and that this office does not know", 1,
			IDS_MAX, NULL, run_follow },
		{ .name = NULL } } };

struct orders {
	struct cli *cli;
	struct hq_config config;
	struct db *db;
	struct withdrawal withdrawal;
	int64_t done, there;
};

static int db_failed(struct orders *g)
{
	return cli_fail(g->cli, PALIER_ESTORE, "the database says: %s", db_why(g->db));
}

/* --- list --- */

/* A refusal names the order it is about, as orders[3]; the others of its directive are held up by it. */
static const char list_sql[] =
	"SELECT id, store, directive, what, about, state, CASE WHEN state = 'refused' THEN refused END AS why, body "
	"FROM (SELECT o.id, o.store, o.directive, o.body, d.refused, b ->> 'order' AS what, "
	"coalesce(b ->> 'member', b ->> 'sale', b ->> 'code', b ->> 'name', b ->> 'id', b ->> 'first') AS about, "
	"CASE WHEN o.dropped_at IS NOT NULL THEN 'dropped' WHEN o.directive IS NULL THEN 'waits' "
	"WHEN d.taken_at IS NOT NULL THEN 'carried out' WHEN d.refused IS NULL THEN 'on its way' "
	"WHEN coalesce(substring(d.refused FROM 'orders\\[([0-9]+)\\]')::int, o.place) = o.place THEN 'refused' "
	"ELSE 'held up' END AS state "
	"FROM (SELECT *, body::json AS b, row_number() OVER (PARTITION BY store, directive ORDER BY id) - 1 AS place FROM orders) AS o "
	"LEFT JOIN directives d USING (store, directive)) AS listed "
	"WHERE ($1 = '' OR store = $1) AND CASE WHEN $2 <> '' THEN state = $2 OR $2 = 'refused' AND state = 'held up' "
	"ELSE state NOT IN ('carried out', 'dropped') OR state = $3 END ORDER BY store, id";

static int list_ask(struct orders *g)
{
	struct cli *cli = g->cli;
	const char *store = cli_value(cli, "store");

	return DB_ASK(g->db, list_sql, store ? store : "",
		       cli_has(cli, "refused")   ? "refused"
		       : cli_has(cli, "dropped") ? "dropped"
						 : "",
		       cli_has(cli, "done") ? "carried out" : "") == PALIER_OK
	               ? PALIER_OK
	               : db_failed(g);
}

static void list_table(struct orders *g)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "order", .right = true },
				   { .title = "store" }, { .title = "directive", .right = true }, { .title = "what" },
				   { .title = "of" }, { .title = "state" }, { .title = "why" }, { .title = NULL } } };

	for (int row = 0; row < db_rows(g->db); row++)
		for (int column = 0; column < 7; column++)
			table_cell(&t, view_clean(&g->cli->arena, palier_str(db_text(g->db, row, column))));
	table_print(&t, g->cli->out);
	table_deinit(&t);
}

static void row_write(struct orders *g, int row, struct palier_json *w)
{
	static const char *const keys[] = { "id", "store", "directive", "what", "of", "state", "why" };

	palier_json_object(w);
	for (int column = 0; column < 7; column++) {
		const char *text = db_text(g->db, row, column);

		if (!text[0])
			continue;
		palier_json_key(w, keys[column]);
		if (column == 0 || column == 2)
			palier_json_int(w, db_int(g->db, row, column));
		else
			palier_json_str(w, text);
	}
	palier_json_key(w, "order");
	palier_json_raw(w, palier_str(db_text(g->db, row, 7)));
	palier_json_end_object(w);
}

static void list_json(struct orders *g)
{
	struct palier_buffer text = { 0 };
	struct palier_json w = palier_json_to(&text);

	palier_json_object(&w);
	palier_json_key(&w, "orders");
	palier_json_array(&w);
	for (int row = 0; row < db_rows(g->db); row++)
		row_write(g, row, &w);
	palier_json_end_array(&w);
	palier_json_end_object(&w);
	palier_buffer_add(&text, "\n", 1);
	fwrite(text.at, 1, text.len, g->cli->out);
	palier_buffer_deinit(&text);
}

static int run_list(struct cli *cli)
{
	struct orders g = { .cli = cli };
	int was, err = office_db_open(cli, &g.config, &g.db, &was);

	if (err != PALIER_OK)
		return err;
	err = list_ask(&g);
	if (err == PALIER_OK)
		(cli_has(cli, "json") ? list_json : list_table)(&g);
	db_close(g.db);
	return err;
}

/* --- one order, as it stands --- */

struct standing {
	const char *id, *store, *directive; /* directive: "" where it waits */
	bool dropped, taken, refused;
};

static int standing_read(struct orders *g, const char *id, struct standing *out)
{
	struct palier_arena *a = &g->cli->arena;

	if (!id[0] || id[strspn(id, "0123456789")] || strlen(id) > 18)
		return cli_fail(g->cli, PALIER_EPARAMS, "%s is not an order's number: see palier-hq orders list", id);
	if (DB_ASK(g->db,
		    "SELECT o.store, o.directive, o.dropped_at IS NOT NULL, d.taken_at IS NOT NULL OR EXISTS "
		    "(SELECT FROM applied a JOIN directives e USING (store, directive, sha256) "
		    "WHERE a.store = o.store AND a.directive >= o.directive), d.refused IS NOT NULL "
		    "FROM orders o LEFT JOIN directives d USING (store, directive) WHERE id = $1",
		    id) != PALIER_OK)
		return db_failed(g);
	if (db_rows(g->db) == 0)
		return cli_fail(g->cli, PALIER_ENOENT, "there is no order %s", id);
	*out = (struct standing){ .id = id,
		.store = palier_cstr(a, palier_str(db_text(g->db, 0, 0))),
		.directive = palier_cstr(a, palier_str(db_text(g->db, 0, 1))),
		.dropped = db_bool(g->db, 0, 2),
		.taken = db_bool(g->db, 0, 3),
		.refused = db_bool(g->db, 0, 4) };
	return PALIER_OK;
}

static int change(struct orders *g, const char *sql, const struct standing *o)
{
	if (DB_ASK(g->db, sql, o->id) != PALIER_OK)
		return db_failed(g);
	g->done++;
	return PALIER_OK;
}

/* --- drop --- */

static int order_drop(struct orders *g, const struct standing *o)
{
	int err = PALIER_OK;

	if (o->dropped) {
		g->there++;
		return PALIER_OK;
	}
	if (o->taken)
		return cli_fail(g->cli, PALIER_EDAMAGED, "order %s has been carried out", o->id);
	if (o->directive[0] && !o->refused && !cli_has(g->cli, "refused"))
		return cli_fail(g->cli, PALIER_EDAMAGED,
			"order %s is on its way in directive %s of %s; where the store has refused that, say --refused",
			o->id, o->directive, o->store);
	if (o->directive[0])
		err = directives_withdraw(&g->withdrawal, o->store, o->directive);
	return err == PALIER_OK ? change(g, "UPDATE orders SET dropped_at = now() WHERE id = $1", o) : err;
}

/* --- again --- */

/* What was carried out is another order, with a cause of its own. */
static const char again_sql[] =
	"INSERT INTO orders (store, cause, body) SELECT store, 'again/' || id || '/' || (SELECT count(*) FROM orders n "
	"WHERE n.store = o.store AND n.cause LIKE 'again/' || o.id || '/%'), body FROM orders o WHERE id = $1 AND NOT EXISTS "
	"(SELECT FROM orders w WHERE w.store = o.store AND w.cause LIKE 'again/' || o.id || '/%' AND w.directive IS NULL "
	"AND w.dropped_at IS NULL)";

static int order_again(struct orders *g, const struct standing *o)
{
	int err;

	if (o->dropped)
		return change(g, "UPDATE orders SET dropped_at = NULL WHERE id = $1", o);
	if (o->taken) {
		err = change(g, again_sql, o);
		g->done -= err == PALIER_OK && db_changed(g->db) == 0;
		g->there += err == PALIER_OK && db_changed(g->db) == 0;
		return err;
	}
	if (o->refused)
		return change(g,
			"UPDATE directives d SET refused = NULL FROM orders o WHERE o.id = $1 AND d.store = o.store AND d.directive = "
			"o.directive",
			o);
	g->there++;
	return PALIER_OK;
}

/* --- follow --- */

static int store_follow(struct orders *g, const char *store)
{
	int err;

	if (DB_ASK(g->db, "SELECT EXISTS (SELECT FROM applied WHERE store = $1)", store) != PALIER_OK)
		return db_failed(g);
	if (!db_bool(g->db, 0, 0))
		return cli_fail(g->cli, PALIER_ENOENT,
			"the batches that are loaded know of no directive that %s has carried out", store);
	err = directives_follow(&g->withdrawal, store);
	g->there += g->withdrawal.stores == g->done;
	g->done = g->withdrawal.stores;
	return err;
}

/* --- all of them --- */

static int order_do(struct orders *g, const char *id, int (*does)(struct orders *g, const struct standing *o))
{
	struct standing o = { .id = NULL };
	int err = standing_read(g, id, &o);

	return err == PALIER_OK ? does(g, &o) : err;
}

/* All of them or none. First comes what stores say that they have carried out: it may be in the directives of the office that it is not.
 * @param does to an order; NULL: stores are named, and followed */
static int each(struct orders *g, int (*does)(struct orders *g, const struct standing *o))
{
	const char *arg;
	int err = db_run(g->db, LOCK) == PALIER_OK ? PALIER_OK : db_failed(g);

	g->withdrawal = (struct withdrawal){ g->cli, &g->config, g->db, 0 };
	if (err == PALIER_OK && does)
		err = directives_put_back(&g->withdrawal);
	for (int i = 0; err == PALIER_OK && (arg = cli_arg(g->cli, i)); i++)
		err = does ? order_do(g, arg, does) : store_follow(g, arg);
	if (err == PALIER_OK && db_run(g->db, "COMMIT") != PALIER_OK)
		err = db_failed(g);
	return err;
}

static int run_each(struct cli *cli, int (*does)(struct orders *g, const struct standing *o), const char *word,
	const char *already)
{
	struct orders g = { .cli = cli };
	int was, err = office_db_open(cli, &g.config, &g.db, &was);

	if (err != PALIER_OK)
		return err;
	err = each(&g, does);
	if (err == PALIER_OK && cli_has(cli, "json"))
		fprintf(cli->out, "{\"changed\":%lld,\"present\":%lld}\n", (long long)g.done, (long long)g.there);
	else if (err == PALIER_OK)
		fprintf(cli->out, "%s: %lld, with the next palier-hq publish; %lld %s already\n", word, (long long)g.done,
			(long long)g.there, already);
	db_close(g.db);
	return err;
}

static int run_drop(struct cli *cli)
{
	return run_each(cli, order_drop, "dropped", "were");
}

static int run_again(struct cli *cli)
{
	return run_each(cli, order_again, "ordered again", "waited");
}

static int run_follow(struct cli *cli)
{
	return run_each(cli, NULL, "followed", "agreed");
}
