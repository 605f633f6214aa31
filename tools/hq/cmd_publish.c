/* SPDX-License-Identifier: Apache-2.0 */
/* palier-hq publish: what the office orders, as signed directives to each store. */
#include <errno.h>
#include <stdlib.h>

#include "tools/hq/commands.h"
#include "tools/hq/deliver.h"
#include "tools/hq/issue.h"
#include "tools/hq/office_db.h"
#include "tools/hq/order.h"
#include "tools/hq/show.h"
#include "tools/hq/withdrawn.h"
#include "tools/table.h"

#define JOBS      32
#define TIMEOUT_S 30
/* One publishes at a time; another waits. It is let go with the connection, however the program ends. */
#define LOCK "SELECT pg_advisory_lock(hashtext('palier: publish'), 1)"

static int run_publish(struct cli *cli);

static const struct cli_option publish_options[] = {
	{ "retry", NULL, "offer again what stores have refused, once the reason is gone" },
	CLI_END_OPTIONS,
};

const struct cli_command command_publish = { "publish", "order each store what follows from all stores' books",
	(const struct cli_verb[]){
		{ "", "", "make, sign, keep and deliver the stores' directives", 0, 0, publish_options, run_publish },
		{ .name = NULL } } };

struct store {
	const char *id;
	bool has_door;
	int64_t orders;      /* that are in new directives */
	unsigned made, last; /* directives */
	const char *why;     /* its directives could not be made or kept; NULL: they were */
	struct delivery delivery;
};

struct run {
	struct cli *cli;
	struct hq_config config;
	struct db *db;
	struct issuer issuer;
	struct store *stores;
	size_t count;
};

static int db_failed(struct run *r)
{
	return cli_fail(r->cli, PALIER_ESTORE, "the database says: %s", db_why(r->db));
}

/* --- directives --- */

static int stores_find(struct run *r)
{
	if (db_run(r->db, "SELECT store FROM orders UNION SELECT store FROM directives ORDER BY 1") != PALIER_OK)
		return db_failed(r);
	r->count = (size_t)db_rows(r->db);
	r->stores = calloc(r->count + 1, sizeof(*r->stores));
	if (!r->stores)
		abort();
	for (size_t i = 0; i < r->count; i++) {
		const char *id = palier_cstr(&r->cli->arena, palier_str(db_text(r->db, (int)i, 0)));
		const struct hq_store *s = hq_store_find(&r->config, id);

		r->stores[i].id = r->stores[i].delivery.store = id;
		r->stores[i].delivery.url = s ? s->url : NULL;
		r->stores[i].has_door = s && s->url;
	}
	return PALIER_OK;
}

/* A store that has refused one is not given more: what follows from the refusal is not known. */
static int refusal_find(struct run *r, struct store *s)
{
	struct delivery *d = &s->delivery;

	if (DB_ASK(r->db,
		    "SELECT directive, refused FROM directives WHERE store = $1 AND taken_at IS NULL AND refused IS NOT NULL",
		    s->id) != PALIER_OK)
		return db_failed(r);
	if (db_rows(r->db) > 0) {
		d->end = DELIVERY_REFUSED;
		snprintf(d->why, sizeof(d->why), "directive %s, refused before and not resolved: %s", db_text(r->db, 0, 0),
			db_text(r->db, 0, 1));
	}
	return PALIER_OK;
}

static int last_find(struct run *r, struct store *s)
{
	if (DB_ASK(r->db,
		    "SELECT coalesce(max(directive), 0), bool_and(taken_at IS NOT NULL) FROM directives WHERE store = $1",
		    s->id) != PALIER_OK)
		return db_failed(r);
	s->last = (unsigned)db_int(r->db, 0, 0);
	if (!s->has_door && db_bool(r->db, 0, 1) && s->delivery.end == DELIVERY_GOES_ON)
		s->delivery.end = DELIVERY_DONE; /* its batches say so */
	return PALIER_OK;
}

/* What fails of one store does not keep the others from theirs. @return PALIER_OK; what ends the command, reported */
static int store_issue(struct run *r, struct store *s)
{
	int64_t orders = 1;
	int err = refusal_find(r, s), issued = PALIER_OK;

	if (err != PALIER_OK)
		return err;
	while (s->delivery.end != DELIVERY_REFUSED && issued == PALIER_OK && orders > 0) {
		issued = issue_next(&r->issuer, s->id, &orders);
		if (issued == PALIER_OK && orders > 0) {
			s->orders += orders;
			s->made++;
		}
	}
	if (issued == PALIER_OK)
		issued = issue_files(&r->issuer, s->id);
	if (issued != PALIER_OK)
		s->why = palier_cstr(&r->cli->arena, palier_str(r->issuer.why));
	return db_fault(r->db) == DB_GONE ? db_failed(r) : last_find(r, s);
}

/* What stores have carried out after all, though it was withdrawn. */
static int forks_mend(struct run *r)
{
	struct withdrawal w = { r->cli, &r->config, r->db, 0 };
	int err = db_run(r->db, "BEGIN") == PALIER_OK ? directives_put_back(&w) : db_failed(r);

	return err == PALIER_OK && db_run(r->db, "COMMIT") != PALIER_OK ? db_failed(r) : err;
}

static int all_issue(struct run *r)
{
	int err = forks_mend(r);

	if (err != PALIER_OK)
		return err;
	err = orders_derive(r->db, &r->config);
	if (err == PALIER_EIO)
		return cli_fail(r->cli, err, "the stores' profiles cannot be read in %s: %s", r->config.directory,
			strerror(errno));
	if (err != PALIER_OK)
		return db_failed(r);
	err = stores_find(r);
	for (size_t i = 0; i < r->count && err == PALIER_OK; i++)
		err = store_issue(r, &r->stores[i]);
	return err;
}

/* --- delivery --- */

static void tick(void *who)
{
	(void)who;
}

static bool is_due(const struct store *s)
{
	return s->has_door && !s->why && s->delivery.end != DELIVERY_REFUSED;
}

static int all_deliver(struct run *r)
{
	const struct fetch_options options = { r->config.tls_certificate, r->config.tls_key, r->config.tls_ca, JOBS,
		TIMEOUT_S };
	bool due = false;
	struct fetch *f;

	for (size_t i = 0; i < r->count; i++)
		due = due || is_due(&r->stores[i]);
	if (!due)
		return PALIER_OK;
	if (!r->config.tls_certificate)
		return cli_fail(r->cli, PALIER_ECONFIG,
			"the configuration says nothing of tls: tls { certificate = \"hq.pem\"  key = \"hq.key\"  ca = \"doors-ca.pem\" }");
	if (fetch_open(&options, &f) != PALIER_OK)
		return cli_fail(r->cli, PALIER_ECONFIG, "the certificates of tls cannot be used");
	for (size_t i = 0; i < r->count; i++)
		if (is_due(&r->stores[i]))
			delivery_begin(&r->stores[i].delivery, &r->issuer, f);
	fetch_run(f, tick, NULL);
	fetch_close(f);
	return PALIER_OK;
}

/* --- what is said --- */

static const char *word_of(const struct store *s)
{
	static const char *const words[] = { [DELIVERY_GOES_ON] = "to be carried",
		[DELIVERY_DONE] = "carried out",
		[DELIVERY_REFUSED] = "refused",
		[DELIVERY_AWAY] = "not reached",
		[DELIVERY_STUCK] = "not kept" };

	return s->why ? "not made" : words[s->delivery.end];
}

static const char *why_of(const struct run *r, const struct store *s)
{
	return view_clean(&r->cli->arena, palier_str(s->why ? s->why : s->delivery.why));
}

static void table_show(const struct run *r)
{
	struct table t = { .columns =
				   (const struct table_column[]){ { .title = "store" }, { .title = "orders", .right = true },
					   { .title = "new", .right = true }, { .title = "directive", .right = true },
					   { .title = "result" }, { .title = "why" }, { .title = NULL } } };

	for (size_t i = 0; i < r->count; i++) {
		const struct store *s = &r->stores[i];

		table_cell(&t, s->id);
		table_cell(&t, palier_format(&r->cli->arena, "%lld", (long long)s->orders));
		table_cell(&t, palier_format(&r->cli->arena, "%u", s->made));
		table_cell(&t, palier_format(&r->cli->arena, "%u", s->last));
		table_cell(&t, word_of(s));
		table_cell(&t, why_of(r, s));
	}
	table_print(&t, r->cli->out);
	table_deinit(&t);
}

static void store_write(const void *who, size_t i, struct palier_json *w)
{
	const struct run *r = who;
	const struct store *s = &r->stores[i];

	palier_json_object(w);
	palier_json_key(w, "store");
	palier_json_str(w, s->id);
	palier_json_key(w, "orders");
	palier_json_int(w, s->orders);
	palier_json_key(w, "new");
	palier_json_int(w, s->made);
	palier_json_key(w, "directive");
	palier_json_int(w, s->last);
	palier_json_key(w, "delivered");
	palier_json_int(w, s->delivery.taken);
	palier_json_key(w, "result");
	palier_json_str(w, word_of(s));
	palier_json_key(w, "why");
	palier_json_str(w, why_of(r, s));
	palier_json_end_object(w);
}

/* The worst of all: a refusal goes before a store that is away. */
static int result(const struct run *r)
{
	size_t ends[DELIVERY_STUCK + 1] = { 0 };

	for (size_t i = 0; i < r->count; i++)
		ends[r->stores[i].why ? DELIVERY_STUCK : r->stores[i].delivery.end]++;
	if (ends[DELIVERY_REFUSED])
		return cli_fail(r->cli, PALIER_EDAMAGED, "stores that refuse a directive: %zu", ends[DELIVERY_REFUSED]);
	if (ends[DELIVERY_STUCK])
		return cli_fail(r->cli, PALIER_EIO, "stores whose directives could not be made or kept: %zu",
			ends[DELIVERY_STUCK]);
	if (ends[DELIVERY_AWAY])
		return cli_fail(r->cli, PALIER_EUNREACHABLE, "stores that were not reached: %zu of %zu", ends[DELIVERY_AWAY],
			r->count);
	return PALIER_OK;
}

/* --- running --- */

static int publish(struct run *r)
{
	int err = db_run(r->db, LOCK) == PALIER_OK ? PALIER_OK : db_failed(r);

	if (err == PALIER_OK && cli_has(r->cli, "retry") &&
		db_run(r->db, "UPDATE directives SET refused = NULL WHERE refused IS NOT NULL AND taken_at IS NULL") !=
			PALIER_OK)
		err = db_failed(r);
	if (err == PALIER_OK)
		err = all_issue(r);
	if (err == PALIER_OK)
		err = all_deliver(r);
	if (err != PALIER_OK)
		return err;
	if (cli_has(r->cli, "json"))
		stores_json(r->cli, r->count, store_write, r);
	else
		table_show(r);
	return result(r);
}

static int run_publish(struct cli *cli)
{
	struct run r = { .cli = cli };
	int was, err = office_db_open(cli, &r.config, &r.db, &was);

	if (err != PALIER_OK)
		return err;
	err = issuer_open(cli, &r.config, r.db, &r.issuer);
	if (err == PALIER_OK)
		err = publish(&r);
	for (size_t i = 0; i < r.count; i++)
		delivery_deinit(&r.stores[i].delivery);
	free(r.stores);
	issuer_close(&r.issuer);
	db_close(r.db);
	return err;
}
