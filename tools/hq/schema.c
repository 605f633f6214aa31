/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/hq/schema.h"

#include <stdio.h>

#define LOCK "SELECT pg_advisory_xact_lock(hashtext('palier: schema'), 1)"
#define LEDGER \
	"CREATE TABLE IF NOT EXISTS schema_version (version integer PRIMARY KEY, since timestamptz NOT NULL DEFAULT now())"

struct palier_bytes schema_text(int version)
{
	const struct palier_bytes texts[SCHEMA_VERSION] = { palier_bytes_of(schema_1, schema_1_len),
		palier_bytes_of(schema_2, schema_2_len), palier_bytes_of(schema_3, schema_3_len),
		palier_bytes_of(schema_4, schema_4_len), palier_bytes_of(schema_5, schema_5_len),
		palier_bytes_of(schema_6, schema_6_len), palier_bytes_of(schema_7, schema_7_len),
		palier_bytes_of(schema_8, schema_8_len) };

	return texts[version - 1];
}

static int version_do(struct db *db, int version)
{
	struct palier_arena a = { .used = 0 };
	char number[12];
	int err = db_run(db, palier_cstr(&a, schema_text(version)));

	snprintf(number, sizeof(number), "%d", version);
	if (err == PALIER_OK)
		err = DB_ASK(db, "INSERT INTO schema_version (version) VALUES ($1)", number);
	palier_arena_deinit(&a);
	return err;
}

static int all_do(struct db *db, int *was)
{
	int err = db_run(db, "BEGIN; " LOCK "; " LEDGER);

	if (err == PALIER_OK)
		err = db_run(db, "SELECT coalesce(max(version), 0) FROM schema_version");
	if (err != PALIER_OK)
		return err;
	*was = (int)db_int(db, 0, 0);
	if (*was > SCHEMA_VERSION)
		return PALIER_ECONFIG;
	for (int version = *was + 1; version <= SCHEMA_VERSION && err == PALIER_OK; version++)
		err = version_do(db, version);
	return err == PALIER_OK ? db_run(db, "COMMIT") : err;
}

/* Nothing is locked where nothing is to be done. */
static bool is_current(struct db *db)
{
	return db_run(db, "SELECT to_regclass('schema_version') IS NOT NULL") == PALIER_OK && db_bool(db, 0, 0) &&
	       db_run(db, "SELECT max(version) FROM schema_version") == PALIER_OK && db_int(db, 0, 0) == SCHEMA_VERSION;
}

int schema_migrate(struct db *db, int *was)
{
	int err;

	*was = SCHEMA_VERSION;
	if (is_current(db))
		return PALIER_OK;
	err = all_do(db, was);
	if (err != PALIER_OK)
		(void)db_run(db, "ROLLBACK"); /* what is told is what failed before */
	return err;
}
