/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration's database, opened for a command. */
#pragma once

#include "tools/hq/config.h"
#include "tools/hq/db.h"

struct cli;

/** Read --config, connect, and bring the schema up to date. @param was the schema's version before @return PALIER_OK, or what was reported */
int office_db_open(struct cli *cli, struct hq_config *config, struct db **out, int *was);
/** The same where the configuration has been read, and names one. */
int office_db_connect(struct cli *cli, const struct hq_config *config, struct db **out, int *was);
