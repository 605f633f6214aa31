/* SPDX-License-Identifier: Apache-2.0 */
/* Directives that do not hold any more, and those that hold after all. A store carries out one directive of a number; which it was its batches say,
 * and their word goes before the office's. */
#pragma once

#include "tools/hq/config.h"
#include "tools/hq/db.h"

struct cli;

struct withdrawal {
	struct cli *cli;
	const struct hq_config *config;
	struct db *db;
	int64_t stores; /* whose word was taken */
};

/** Withdraw a store's directives from a number on, their files with them: their orders wait again. In the caller's transaction; after it, what is
 * left of the tables makes the files anew. @return PALIER_OK, or what was reported */
int directives_withdraw(struct withdrawal *w, const char *store, const char *number);

/** Where stores have carried out what was withdrawn: put it back, with its orders, and withdraw what took its place. In the caller's transaction.
 * @return PALIER_OK, or what was reported */
int directives_put_back(struct withdrawal *w);

/** The same of one store, and also where nobody knows what it was that it has carried out: its number and its hash are then all that is kept.
 * @return PALIER_OK, or what was reported */
int directives_follow(struct withdrawal *w, const char *store);
