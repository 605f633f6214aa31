/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/hq/load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define TRIES  20  /* of a batch that other transactions are in the way of */
#define MONTHS "2" /* that are made ahead */

int load_open(struct load *l, struct db *db)
{
	int err;

	*l = (struct load){ .db = db, .bar = { .what = "loading" } };
	err = fold_open(&l->fold, db);
	if (err != PALIER_OK)
		snprintf(l->why, sizeof(l->why), "%s", db_why(db));
	return err;
}

void load_deinit(struct load *l)
{
	progress_end(&l->bar);
	fold_deinit(&l->fold);
}

/* A batch under way. */
struct loading {
	struct load *l;
	const struct load_batch *b;
	struct palier_arena arena;
	struct batch_manifest m;
	struct crypto_sum *sum; /* of what was read of the file */
	uint64_t size;
	struct palier_bytes totals, perpetual; /* of the tail */
};

static int refuse(struct loading *g, const char *why)
{
	snprintf(g->l->why, sizeof(g->l->why), "%s, batch %u: %s", g->b->store, g->b->file.batch, why);
	return PALIER_EDAMAGED;
}

static int db_failed(struct loading *g)
{
	snprintf(g->l->why, sizeof(g->l->why), "%s, batch %u: the database says: %s", g->b->store, g->b->file.batch,
		db_why(g->l->db));
	return PALIER_ESTORE;
}

/* --- the manifest --- */

/* What lies beside the file of events. @param out the arena's */
static int manifest_text(struct loading *g, struct palier_bytes *out)
{
	const char *events = g->b->file.path, *slash = strrchr(events, '/');
	const char *path =
		palier_format(&g->arena, "%.*s/" BATCH_MANIFEST, slash ? (int)(slash - events) : 1, slash ? events : ".");
	char *text = palier_alloc(&g->arena, BATCH_MANIFEST_MAX + 1);
	FILE *file = fopen(path, "re");
	size_t n;

	if (!file)
		return errno == ENOENT ? refuse(g, "it has no " BATCH_MANIFEST ": it is not sealed, or has not all come")
		                       : refuse(g, strerror(errno));
	n = fread(text, 1, BATCH_MANIFEST_MAX + 1, file);
	fclose(file);
	*out = palier_bytes_of(text, n);
	return PALIER_OK;
}

static int manifest_read(struct loading *g)
{
	struct palier_bytes text;
	enum batch_fault fault;
	int err = manifest_text(g, &text);

	if (err != PALIER_OK)
		return err;
	fault = batch_manifest_read(text, &g->arena, &g->m);
	if (fault != BATCH_FINE)
		return refuse(g, batch_fault_text(fault));
	if (!palier_is(g->m.store, g->b->store) || g->m.batch != (int64_t)g->b->file.batch)
		return refuse(g, batch_fault_text(BATCH_MANIFEST_STORE));
	return PALIER_OK;
}

/* --- the file --- */

static int tail_keep(struct loading *g, struct palier_bytes line)
{
	struct json_doc d = { .capacity = (uint32_t)(line.len / 2 + 1) };
	struct palier_bytes copy = palier_copy(&g->arena, line);
	uint32_t tail, totals, perpetual;

	d.tokens = palier_alloc(&g->arena, d.capacity * sizeof(*d.tokens));
	if (json_parse(&d, copy, JSON_DEPTH_MAX) != PALIER_OK)
		return refuse(g, "its last line is no tail");
	tail = json_member(&d, 0, "tail");
	totals = json_member(&d, tail, "totals");
	perpetual = json_member(&d, tail, "perpetual");
	if (!totals || !perpetual)
		return refuse(g, "its tail has no totals");
	g->totals = json_text(&d, totals);
	g->perpetual = json_text(&d, perpetual);
	return PALIER_OK;
}

static int line_seen(void *who, struct palier_bytes line)
{
	struct loading *g = who;
	struct load *l = g->l;

	crypto_sum_add(g->sum, line);
	crypto_sum_add(g->sum, PALIER_LIT("\n"));
	g->size += line.len + 1;
	progress_show(&l->bar,
		l->done + palier_share((int64_t)g->b->file.size, palier_least((int64_t)g->size, g->m.size), g->m.size),
		l->size);
	return batch_tail_is(line) ? tail_keep(g, line) : PALIER_OK;
}

static int event_seen(void *who, const struct booked *e)
{
	struct loading *g = who;

	return fold_event(&g->l->fold, e) == PALIER_OK ? PALIER_OK : db_failed(g);
}

static int file_fold(struct loading *g)
{
	const struct event_visitor visitor = { .line = line_seen, .event = event_seen, .who = g };
	struct palier_hash hash;
	char hex[2 * SHA256_LEN + 1], why[256];
	int err;

	g->sum = crypto_sum_new();
	err = event_file_each(&g->b->file, &visitor, why);
	crypto_sum_end(g->sum, &hash);
	palier_hex(hash.b, SHA256_LEN, hex);
	if (err != PALIER_OK)
		return g->l->why[0] ? err : refuse(g, why);
	if (g->size != (uint64_t)g->m.size)
		return refuse(g, batch_fault_text(BATCH_FILE_SIZE));
	if (!palier_is(g->m.sha256, hex))
		return refuse(g, batch_fault_text(BATCH_FILE_SHA256));
	return g->totals.at ? PALIER_OK : refuse(g, "it has no tail: it is not closed");
}

/* --- the transaction --- */

static const char *figure(struct loading *g, int64_t v)
{
	return palier_format(&g->arena, "%lld", (long long)v);
}

static const char *day_of(struct loading *g)
{
	char *day = palier_alloc(&g->arena, 11);

	day_format(g->m.business_day, day);
	return day;
}

/* The tables of the batch's month, and of the next. Outside of the batch's transaction: they stay, whatever becomes of it. */
static int months_make(struct loading *g)
{
	const char *day = day_of(g);
	int err = PALIER_OK;

	if (strncmp(g->l->month, day, 7) == 0)
		return PALIER_OK;
	err = DB_ASK(g->l->db, "SELECT palier_months($1, $2)", day, MONTHS);
	if (err == PALIER_OK)
		snprintf(g->l->month, sizeof(g->l->month), "%.7s", day);
	return err == PALIER_OK ? PALIER_OK : db_failed(g);
}

/* Only one loader at a time has a batch; whoever comes later need not wait for it. The row's key decides even where the lock does not. */
static int batch_claim(struct loading *g, bool wait, enum load_outcome *out)
{
	const char *number = figure(g, g->b->file.batch);
	char closed[32];
	int err = DB_ASK(g->l->db,
		wait ? "SELECT true FROM (SELECT pg_advisory_xact_lock(hashtext($1), $2)) AS locked"
		     : "SELECT pg_try_advisory_xact_lock(hashtext($1), $2)",
		g->b->store, number);

	if (err == PALIER_OK && !db_bool(g->l->db, 0, 0)) {
		*out = LOAD_BUSY;
		return PALIER_OK;
	}
	time_format(g->m.closed_at, closed);
	if (err == PALIER_OK)
		err = DB_ASK(g->l->db,
			"INSERT INTO batches (store, batch, sha256, business_day, events, first_seq, last_seq, closed_at, totals, "
			"perpetual) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '{}', '{}') ON CONFLICT DO NOTHING",
			g->b->store, number, palier_cstr(&g->arena, g->m.sha256), day_of(g), figure(g, g->m.events),
			figure(g, g->m.first_seq), figure(g, g->m.last_seq), closed);
	if (err != PALIER_OK)
		return db_failed(g);
	*out = db_changed(g->l->db) ? LOAD_DONE : LOAD_THERE;
	return PALIER_OK;
}

static int same_check(struct loading *g)
{
	if (DB_ASK(g->l->db, "SELECT sha256 FROM batches WHERE store = $1 AND batch = $2", g->b->store,
		    figure(g, g->b->file.batch)) != PALIER_OK)
		return db_failed(g);
	return db_rows(g->l->db) == 1 && !palier_is(g->m.sha256, db_text(g->l->db, 0, 0))
	               ? refuse(g, "another batch of this number has been loaded: one of the two is not the store's")
	               : PALIER_OK;
}

static int batch_end(struct loading *g)
{
	int err = fold_end(&g->l->fold);

	if (err == PALIER_OK)
		err = DB_ASK(g->l->db, "UPDATE batches SET totals = $3, perpetual = $4 WHERE store = $1 AND batch = $2",
			g->b->store, figure(g, g->b->file.batch), palier_cstr(&g->arena, g->totals),
			palier_cstr(&g->arena, g->perpetual));
	if (err == PALIER_OK)
		err = db_run(g->l->db, "COMMIT");
	return err == PALIER_OK ? PALIER_OK : db_failed(g);
}

/* @param sweep remove first what a loader that died has left on another server */
static int transaction(struct loading *g, bool wait, bool sweep, enum load_outcome *out)
{
	struct load *l = g->l;
	int err = db_run(l->db, "BEGIN") == PALIER_OK ? PALIER_OK : db_failed(g);

	g->size = 0;
	if (err == PALIER_OK)
		err = batch_claim(g, wait, out);
	if (err == PALIER_OK && *out == LOAD_THERE)
		err = same_check(g);
	if (err != PALIER_OK || *out != LOAD_DONE)
		return err;
	fold_begin(&l->fold, g->m.store, g->m.business_day);
	if (sweep && fold_sweep(&l->fold, (uint64_t)g->m.first_seq, (uint64_t)g->m.last_seq) != PALIER_OK)
		return db_failed(g);
	err = file_fold(g);
	return err == PALIER_OK ? batch_end(g) : err;
}

/* A transaction that another was in the way of is done again. */
static int transactions(struct loading *g, bool wait, enum load_outcome *out)
{
	bool sweep = false;
	int err;

	for (int try = 0;; try++) {
		enum db_fault fault;

		g->l->why[0] = '\0';
		err = transaction(g, wait, sweep, out);
		fault = err == PALIER_ESTORE ? db_fault(g->l->db) : DB_OTHER;
		if (err == PALIER_OK && *out == LOAD_DONE)
			return PALIER_OK;
		if (fault == DB_GONE)
			return err;
		if (db_run(g->l->db, "ROLLBACK") != PALIER_OK)
			return db_failed(g);
		if (try == TRIES || (fault != DB_AGAIN && (fault != DB_TWICE || sweep)))
			return err;
		sweep = fault == DB_TWICE;
	}
}

int load_batch(struct load *l, const struct load_batch *b, bool wait, enum load_outcome *out, int64_t *events)
{
	struct loading g = { .l = l, .b = b };
	int err;

	l->why[0] = '\0';
	err = manifest_read(&g);
	if (err == PALIER_OK)
		err = months_make(&g);
	if (err == PALIER_OK)
		err = transactions(&g, wait, out);
	*events = g.m.events;
	palier_arena_deinit(&g.arena);
	return err;
}
