/* SPDX-License-Identifier: Apache-2.0 */
/* palier-hq order: what no store's books say, ordered by hand. palier-hq publish makes directives of it. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "protocol/directive.h"
#include "tools/hq/commands.h"
#include "tools/hq/files.h"
#include "tools/hq/office_db.h"
#include "tools/hq/order.h"

#define ORDER_MAX ((size_t)1 << 20) /* bytes, before it is checked */
#define FILE_MAX  131072

static int run_order(struct cli *cli);

static const struct cli_option order_options[] = {
	{ "store", "ID", "the store that is to carry it out; may be repeated" },
	{ "all", NULL, "all stores" },
	{ "file", "PATH", "order this file as a programme, named as it is here, instead of ORDER" },
	CLI_END_OPTIONS,
};

const struct cli_command command_order = { "order", "order something by hand, with the next palier-hq publish",
	(const struct cli_verb[]){ { "", "[ORDER|-]",
					   "queue an order, JSON as the protocol's manual has it; -: from standard input", 0,
					   1, order_options, run_order },
		{ .name = NULL } } };

struct ordering {
	struct cli *cli;
	struct hq_config config;
	struct db *db;
	struct palier_buffer text;
	struct office_order order;
	char cause[2 * SHA256_LEN + 1];
	int64_t queued, there;
};

static int db_failed(struct ordering *g)
{
	return cli_fail(g->cli, PALIER_ESTORE, "the database says: %s", db_why(g->db));
}

/* --- the order --- */

static int programme_read(struct ordering *g, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct palier_buffer file = { 0 };
	struct palier_json w = palier_json_to(&g->text);
	int err = files_read(path, FILE_MAX, &file);

	palier_json_object(&w);
	palier_json_key(&w, "order");
	palier_json_str(&w, "programme");
	palier_json_key(&w, "name");
	palier_json_str(&w, slash ? slash + 1 : path);
	palier_json_key(&w, "text");
	palier_json_string(&w, palier_buffer_bytes(&file));
	palier_json_end_object(&w);
	palier_buffer_deinit(&file);
	if (err == PALIER_OK)
		return PALIER_OK;
	return cli_fail(g->cli, err == PALIER_ERANGE ? PALIER_EPARAMS : PALIER_EIO, "%s: %s", path,
		err == PALIER_ERANGE ? "it is longer than 128 KiB" : strerror(errno));
}

static int text_read(struct ordering *g)
{
	const char *arg = cli_arg(g->cli, 0), *path = cli_value(g->cli, "file");
	int err = PALIER_OK;

	if (!arg == !path)
		return cli_fail(g->cli, PALIER_EPARAMS, "either an order or --file is wanted");
	if (path)
		return programme_read(g, path);
	if (strcmp(arg, "-") == 0)
		err = files_read("/dev/stdin", ORDER_MAX, &g->text);
	else
		palier_buffer_add(&g->text, arg, strlen(arg));
	return err == PALIER_OK ? PALIER_OK : cli_fail(g->cli, PALIER_EIO, "the order cannot be read from standard input");
}

static int order_check(struct ordering *g)
{
	struct palier_bytes text = palier_buffer_bytes(&g->text);
	struct palier_problem why;
	struct palier_hash sha256;

	if (order_read(text, &g->cli->arena, &g->order, &why) != PALIER_OK)
		return cli_fail(g->cli, PALIER_EPARAMS, "%s%s%s", why.field, why.field[0] ? ": " : "", why.text);
	crypto_sha256(text, &sha256);
	palier_hex(sha256.b, SHA256_LEN, g->cause);
	return PALIER_OK;
}

/* --- the queue --- */

/* A store refuses a whole directive over points of somebody whom it does not know. */
static int member_check(struct ordering *g, const char *store)
{
	char member[PALIER_ID_TEXT + 1];

	if (!palier_is(g->order.order, "take") && !palier_is(g->order.order, "grant"))
		return PALIER_OK;
	palier_id_format(g->order.member, member);
	if (DB_ASK(g->db,
		    "SELECT FROM members WHERE member = $1 AND store = $2 UNION ALL SELECT FROM orders WHERE store = $2 AND "
		    "body::jsonb ->> 'order' = 'member' AND body::jsonb ->> 'member' = $1 LIMIT 1",
		    member, store) != PALIER_OK)
		return db_failed(g);
	return db_rows(g->db) > 0 ? PALIER_OK
	                          : cli_fail(g->cli, PALIER_EMEMBER_UNKNOWN, "%s is not known in %s: order `member` first",
					    member, store);
}

static int queue(struct ordering *g, const char *store)
{
	bool added = false;
	int err = member_check(g, store);

	if (err == PALIER_OK && order_queue(g->db, store, g->cause,
					palier_cstr(&g->cli->arena, palier_buffer_bytes(&g->text)), &added) != PALIER_OK)
		err = db_failed(g);
	g->queued += err == PALIER_OK && added;
	g->there += err == PALIER_OK && !added;
	return err;
}

/* Those of the configuration; where it names none, those whose batches have come. */
static int queue_all(struct ordering *g)
{
	const char **stores;
	int count, err = PALIER_OK;

	for (size_t i = 0; i < g->config.store_count && err == PALIER_OK; i++)
		err = queue(g, g->config.stores[i].id);
	if (g->config.store_count > 0)
		return err;
	if (db_run(g->db, "SELECT DISTINCT store FROM batches ORDER BY 1") != PALIER_OK)
		return db_failed(g);
	count = db_rows(g->db);
	stores = palier_alloc(&g->cli->arena, ((size_t)count + 1) * sizeof(*stores));
	for (int i = 0; i < count; i++)
		stores[i] = palier_cstr(&g->cli->arena, palier_str(db_text(g->db, i, 0)));
	for (int i = 0; i < count && err == PALIER_OK; i++)
		err = queue(g, stores[i]);
	return err;
}

static int queue_named(struct ordering *g)
{
	const char *store;
	int at = 0, err = PALIER_OK;

	while (err == PALIER_OK && (store = cli_each(g->cli, "store", &at))) {
		if (g->config.store_count > 0 && !hq_store_find(&g->config, store))
			return cli_fail(g->cli, PALIER_EPARAMS, "%s: the configuration knows no such store", store);
		err = queue(g, store);
	}
	return err;
}

/* Where the office says that a member is at home, there points are granted from now on. */
static int home_keep(struct ordering *g)
{
	char member[PALIER_ID_TEXT + 1];

	if (!PALIER_HAS(&g->order, office_order, home) || palier_is(g->order.order, "join"))
		return PALIER_OK;
	palier_id_format(g->order.member, member);
	return DB_ASK(g->db, "INSERT INTO homes VALUES ($1, $2) ON CONFLICT (member) DO UPDATE SET store = excluded.store",
		       member, palier_cstr(&g->cli->arena, g->order.home)) == PALIER_OK
	               ? PALIER_OK
	               : db_failed(g);
}

static int order(struct ordering *g)
{
	int err = db_run(g->db, "BEGIN") == PALIER_OK ? PALIER_OK : db_failed(g);

	if (err == PALIER_OK)
		err = cli_has(g->cli, "all") ? queue_all(g) : queue_named(g);
	if (err == PALIER_OK)
		err = home_keep(g);
	if (err == PALIER_OK && db_run(g->db, "COMMIT") != PALIER_OK)
		err = db_failed(g);
	if (err == PALIER_OK && cli_has(g->cli, "json"))
		fprintf(g->cli->out, "{\"queued\":%lld,\"present\":%lld}\n", (long long)g->queued, (long long)g->there);
	else if (err == PALIER_OK)
		fprintf(g->cli->out, "queued for %lld stores; for %lld it was ordered already\n", (long long)g->queued,
			(long long)g->there);
	return err;
}

static int run_order(struct cli *cli)
{
	struct ordering g = { .cli = cli };
	int was, err = PALIER_OK;

	if (cli_has(cli, "all") == cli_has(cli, "store"))
		return cli_fail(cli, PALIER_EPARAMS, "either --store or --all is wanted");
	err = text_read(&g);
	if (err == PALIER_OK)
		err = order_check(&g);
	if (err == PALIER_OK)
		err = office_db_open(cli, &g.config, &g.db, &was);
	if (err == PALIER_OK) {
		err = order(&g);
		db_close(g.db);
	}
	palier_buffer_deinit(&g.text);
	return err;
}
