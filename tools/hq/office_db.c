/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/hq/office_db.h"

#include "tools/cli.h"
#include "tools/hq/schema.h"

static int schema_ready(struct cli *cli, struct db *db, int *was)
{
	int err = schema_migrate(db, was);

	if (err == PALIER_ECONFIG)
		return cli_fail(cli, err,
			"the database's schema is of version %d, that of a later palier-hq; this one knows %d", *was,
			SCHEMA_VERSION);
	return err == PALIER_OK ? PALIER_OK : cli_fail(cli, err, "the database says: %s", db_why(db));
}

int office_db_open(struct cli *cli, struct hq_config *config, struct db **out, int *was)
{
	int err = hq_config_read(cli, config);

	if (err != PALIER_OK)
		return err;
	if (!config->database)
		return cli_fail(cli, PALIER_ECONFIG,
			"the configuration has no database: database = \"postgresql:///palier\"");
	return office_db_connect(cli, config, out, was);
}

int office_db_connect(struct cli *cli, const struct hq_config *config, struct db **out, int *was)
{
	struct db *db;
	int err = db_open(config->database, &db);

	if (err != PALIER_OK)
		err = cli_fail(cli, err, "the database cannot be reached: %s", db_why(db));
	if (err == PALIER_OK)
		err = schema_ready(cli, db, was);
	if (err == PALIER_OK)
		*out = db;
	else
		db_close(db);
	return err;
}
