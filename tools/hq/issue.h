/* SPDX-License-Identifier: Apache-2.0 */
/* Directives of the orders that wait: numbered, chained, signed with the office's key, kept in the database and in DIRECTORY/STORE/directives/. */
#pragma once

#include "protocol/crypto_cms.h"
#include "protocol/directive.h"
#include "tools/hq/config.h"
#include "tools/hq/db.h"

struct cli;

struct issuer {
	struct db *db;
	const struct hq_config *config;
	struct crypto_key *key;
	struct crypto_certificate *certificate;
	char why[512]; /* after an error: a sentence */
};

/** With the configuration's `signing`. @return PALIER_OK; PALIER_ECONFIG, reported */
int issuer_open(struct cli *cli, const struct hq_config *config, struct db *db, struct issuer *out);
void issuer_close(struct issuer *is);

/** Make a store's next directive of orders that wait, as many as it holds, in one transaction.
 * @param orders how many; 0: none waits @return PALIER_OK; with `why`: PALIER_ESTORE; PALIER_EPARAMS: an order in the database is none */
int issue_next(struct issuer *is, const char *store, int64_t *orders);
/** Write the files of a store's directives that are not there, M.json and M.p7s. @return PALIER_OK; with `why`: PALIER_ESTORE, PALIER_EIO */
int issue_files(struct issuer *is, const char *store);
