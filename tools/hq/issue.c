/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/hq/issue.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "protocol/datetime.h"
#include "tools/cli.h"
#include "tools/hq/files.h"
#include "tools/hq/order.h"

#define PEM_MAX 65536 /* bytes */

/* --- the office's key --- */

static int pem_read(struct cli *cli, const char *path, struct palier_buffer *out)
{
	int err = files_read(path, PEM_MAX, out);

	return err == PALIER_OK ? PALIER_OK
	                        : cli_fail(cli, PALIER_ECONFIG, "%s: %s", path,
					  err == PALIER_ERANGE ? "it is too long" : strerror(errno));
}

static int key_read(struct cli *cli, const char *path, struct crypto_key **out)
{
	struct palier_buffer text = { 0 };
	int err = pem_read(cli, path, &text);

	if (err == PALIER_OK && crypto_key_read(palier_buffer_bytes(&text), out) != PALIER_OK)
		err = cli_fail(cli, PALIER_ECONFIG, "%s holds no private key on P-256 without a passphrase", path);
	palier_buffer_deinit(&text);
	return err;
}

static int certificate_read(struct cli *cli, const char *path, struct crypto_certificate **out)
{
	struct palier_buffer text = { 0 };
	int err = pem_read(cli, path, &text);

	if (err == PALIER_OK && crypto_certificate_read(palier_buffer_bytes(&text), out) != PALIER_OK)
		err = cli_fail(cli, PALIER_ECONFIG, "%s holds no certificate", path);
	palier_buffer_deinit(&text);
	return err;
}

int issuer_open(struct cli *cli, const struct hq_config *config, struct db *db, struct issuer *out)
{
	int err;

	*out = (struct issuer){ .db = db, .config = config };
	if (!config->signing_key)
		return cli_fail(cli, PALIER_ECONFIG,
			"the configuration does not say who signs: signing { certificate = \"office.pem\"  key = \"office.key\" }");
	err = key_read(cli, config->signing_key, &out->key);
	if (err == PALIER_OK)
		err = certificate_read(cli, config->signing_certificate, &out->certificate);
	if (err == PALIER_OK && !crypto_certificate_fits(out->certificate, out->key))
		err = cli_fail(cli, PALIER_ECONFIG, "%s is not the certificate of the key %s", config->signing_certificate,
			config->signing_key);
	if (err != PALIER_OK)
		issuer_close(out);
	return err;
}

void issuer_close(struct issuer *is)
{
	crypto_certificate_free(is->certificate);
	crypto_key_free(is->key);
	is->certificate = NULL;
	is->key = NULL;
}

static int db_failed(struct issuer *is)
{
	snprintf(is->why, sizeof(is->why), "the database says: %s", db_why(is->db));
	return PALIER_ESTORE;
}

/* --- a directive --- */

struct issuing {
	struct issuer *is;
	const char *store;
	struct palier_arena arena;
	struct directive d;
	struct palier_buffer text;
	const char **ids; /* of its orders */
};

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int last_read(struct issuing *g)
{
	struct db *db = g->is->db;
	struct directive_before last = { .number = 0 };

	if (DB_ASK(db, "SELECT directive, sha256 FROM directives WHERE store = $1 ORDER BY directive DESC LIMIT 1",
		    g->store) != PALIER_OK)
		return db_failed(g->is);
	if (db_rows(db) == 1) {
		last.number = (uint32_t)db_int(db, 0, 0);
		if (!palier_unhex(palier_str(db_text(db, 0, 1)), last.sha256.b, SHA256_LEN)) {
			snprintf(g->is->why, sizeof(g->is->why), "directive %u has no SHA-256 in the database", last.number);
			return PALIER_ESTORE;
		}
	}
	directive_begin(palier_str(g->store), &last, clock_ms(), &g->arena, &g->d);
	return PALIER_OK;
}

static int orders_read(struct issuing *g)
{
	struct db *db = g->is->db;
	struct palier_problem why;
	char most[16];

	snprintf(most, sizeof(most), "%d", DIRECTIVE_ORDERS_MAX);
	if (DB_ASK(db,
		    "SELECT id, body FROM orders WHERE store = $1 AND directive IS NULL AND dropped_at IS NULL ORDER BY id "
		    "LIMIT $2",
		    g->store, most) != PALIER_OK)
		return db_failed(g->is);
	g->d.orders.at = palier_alloc(&g->arena, ((size_t)db_rows(db) + 1) * sizeof(*g->d.orders.at));
	g->ids = palier_alloc(&g->arena, ((size_t)db_rows(db) + 1) * sizeof(*g->ids));
	for (int row = 0; row < db_rows(db); row++) {
		struct palier_bytes body = palier_copy(&g->arena, palier_str(db_text(db, row, 1)));

		g->ids[row] = palier_cstr(&g->arena, palier_str(db_text(db, row, 0)));
		if (order_read(body, &g->arena, &g->d.orders.at[row], &why) != PALIER_OK) {
			snprintf(g->is->why, sizeof(g->is->why), "order %s in the database: %s%s%s", g->ids[row], why.field,
				why.field[0] ? ": " : "", why.text);
			return PALIER_EPARAMS;
		}
		g->d.orders.count++;
	}
	return PALIER_OK;
}

static bool holds(struct issuing *g, uint32_t count)
{
	g->text.len = 0;
	g->d.orders.count = count;
	return directive_write(&g->d, &g->text) == PALIER_OK;
}

/* As many of its orders as a directive holds; one it does. */
static void text_write(struct issuing *g)
{
	uint32_t held = 1, beyond = g->d.orders.count + 1;

	if (holds(g, g->d.orders.count))
		return;
	while (beyond - held > 1) {
		uint32_t between = held + (beyond - held) / 2;

		if (holds(g, between))
			held = between;
		else
			beyond = between;
	}
	(void)holds(g, held);
}

static const char *ids_text(struct issuing *g)
{
	struct palier_buffer ids = { 0 };
	const char *text;

	for (uint32_t i = 0; i < g->d.orders.count; i++) {
		palier_buffer_add(&ids, i ? "," : "{", 1);
		palier_buffer_add(&ids, g->ids[i], strlen(g->ids[i]));
	}
	palier_buffer_add(&ids, "}", 1);
	text = palier_cstr(&g->arena, palier_buffer_bytes(&ids));
	palier_buffer_deinit(&ids);
	return text;
}

static int directive_keep(struct issuing *g)
{
	const char *number = palier_format(&g->arena, "%lld", (long long)g->d.directive);
	struct palier_bytes text = palier_buffer_bytes(&g->text);
	struct palier_buffer der = { 0 };
	struct palier_hash sha256;
	char hex[2 * SHA256_LEN + 1], issued[32], *signature;
	int err;

	crypto_sha256(text, &sha256);
	palier_hex(sha256.b, SHA256_LEN, hex);
	time_format(g->d.issued, issued);
	crypto_cms_sign(g->is->key, g->is->certificate, text, g->d.issued, &der);
	signature = palier_alloc(&g->arena, (der.len * 4 + 2) / 3 + 2);
	palier_base64(der.at, der.len, signature);
	palier_buffer_deinit(&der);
	err = DB_ASK(g->is->db,
		"INSERT INTO directives (store, directive, sha256, document, signature, issued) VALUES ($1, $2, $3, $4, $5, $6)",
		g->store, number, hex, palier_cstr(&g->arena, text), signature, issued);
	if (err == PALIER_OK)
		err = DB_ASK(g->is->db, "UPDATE orders SET directive = $2 WHERE store = $1 AND id = ANY ($3::bigint[])",
			g->store, number, ids_text(g));
	return err == PALIER_OK ? PALIER_OK : db_failed(g->is);
}

static int transaction(struct issuing *g, int64_t *orders)
{
	int err = db_run(g->is->db, "BEGIN; SELECT pg_advisory_xact_lock(hashtext('palier: directives'), 1)");

	*orders = 0;
	err = err == PALIER_OK ? last_read(g) : db_failed(g->is);
	if (err == PALIER_OK)
		err = orders_read(g);
	if (err != PALIER_OK || g->d.orders.count == 0)
		return err;
	text_write(g);
	err = directive_keep(g);
	if (err == PALIER_OK && db_run(g->is->db, "COMMIT") != PALIER_OK)
		err = db_failed(g->is);
	if (err == PALIER_OK)
		*orders = g->d.orders.count;
	return err;
}

int issue_next(struct issuer *is, const char *store, int64_t *orders)
{
	struct issuing g = { .is = is, .store = store };
	int err = transaction(&g, orders);

	if (err != PALIER_OK || *orders == 0)
		(void)db_run(is->db, "ROLLBACK"); /* what is told is what failed before */
	palier_buffer_deinit(&g.text);
	palier_arena_deinit(&g.arena);
	return err;
}

/* --- the files --- */

static int file_make(struct issuer *is, const char *path, struct palier_bytes text)
{
	if (access(path, F_OK) == 0 || files_write(path, text, 0644) == PALIER_OK)
		return PALIER_OK;
	snprintf(is->why, sizeof(is->why), "%s: %s", path, strerror(errno));
	return PALIER_EIO;
}

/* The signature first: a document that is there has its signature beside it. */
static int pair_make(struct issuer *is, struct palier_arena *a, const char *folder, const char *store, const char *number)
{
	const char *text = palier_format(a, "%s/%s.json", folder, number),
		   *signature = palier_format(a, "%s/%s.p7s", folder, number);
	struct palier_bytes base64;
	uint8_t *der;
	long n;
	int err;

	if (access(text, F_OK) == 0 && access(signature, F_OK) == 0)
		return PALIER_OK;
	if (DB_ASK(is->db, "SELECT document, signature FROM directives WHERE store = $1 AND directive = $2", store,
		    number) != PALIER_OK ||
		db_rows(is->db) != 1)
		return db_failed(is);
	base64 = palier_str(db_text(is->db, 0, 1));
	der = palier_alloc(a, base64.len + 1);
	n = palier_unbase64(base64, der);
	err = file_make(is, signature, palier_bytes_of(der, n > 0 ? (size_t)n : 0));
	return err == PALIER_OK ? file_make(is, text, palier_str(db_text(is->db, 0, 0))) : err;
}

static int files_make(struct issuer *is, struct palier_arena *a, const char *store)
{
	const char *folder = palier_format(a, "%s/%s/directives", is->config->directory, store), **numbers;
	int err = PALIER_OK, count;

	if (DB_ASK(is->db, "SELECT directive FROM directives WHERE store = $1 AND document <> '' ORDER BY directive",
		    store) != PALIER_OK)
		return db_failed(is);
	count = db_rows(is->db);
	numbers = palier_alloc(a, ((size_t)count + 1) * sizeof(*numbers));
	for (int i = 0; i < count; i++)
		numbers[i] = palier_cstr(a, palier_str(db_text(is->db, i, 0)));
	if (count > 0 && files_directory(folder) != PALIER_OK) {
		snprintf(is->why, sizeof(is->why), "%s: %s", folder, strerror(errno));
		return PALIER_EIO;
	}
	for (int i = 0; i < count && err == PALIER_OK; i++)
		err = pair_make(is, a, folder, store, numbers[i]);
	return err;
}

int issue_files(struct issuer *is, const char *store)
{
	struct palier_arena a = { .used = 0 };
	int err = files_make(is, &a, store);

	palier_arena_deinit(&a);
	return err;
}
