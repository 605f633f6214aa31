/* SPDX-License-Identifier: Apache-2.0 */
/* The head office's configuration (libConfuse):
 *
 *     directory = "hq"                              # hq/STORE/batches/N/, hq/STORE/directives/M.json, hq/STORE/refused/
 *     database  = "postgresql:///palier"            # as libpq takes it
 *     currency  = "EUR"                             # of the stores' amounts, in reports, where a store has none of its own
 *     timezone  = "Europe/Paris"                    # in which reports have their days (default: this machine's)
 *     plans     = "programme.conf"                  # a store's configuration: report holds journeys against those planned in it
 *     signing { certificate = "office.pem"  key = "office.key" }        # signs directives
 *     tls { certificate = "hq.pem"  key = "hq.key"  ca = "doors-ca.pem" }  # shows itself to the stores' https doors, and knows them
 *     authority = {"office-ca.pem"}                 # who issues the stores' signing certificates
 *     store "lyon-03" { url = "https://10.1.0.3:7443"  certificate = "lyon-03.pem" }   # pinned; else one of the authority's, with this name
 *     store "geneve-01" { currency = "CHF" }
 */
#pragma once

#include <stddef.h>

struct cli;

struct hq_store {
	const char *id;
	const char *url;         /* NULL: its batches come another way, by rsync or SFTP */
	const char *certificate; /* pinned; NULL: any of the authorities' with its name */
	const char *currency;
};

/** Paths are absolute, or relative to where the program runs. NULL: not set. */
struct hq_config {
	const char *directory, *database;
	const char *currency, *timezone;
	const char *plans;
	const char *signing_certificate, *signing_key;
	const char *tls_certificate, *tls_key, *tls_ca;
	const char *const *authorities; /* NULL-terminated */
	const struct hq_store *stores;
	size_t store_count;
};

/** Read the file of --config. @param out owned by the cli @return PALIER_OK; PALIER_ECONFIG, reported with file and line */
int hq_config_read(struct cli *cli, struct hq_config *out);
/** Of a store's amounts. */
const char *hq_store_currency(const struct hq_config *c, const char *id);
/** @return NULL: there is no such store */
const struct hq_store *hq_store_find(const struct hq_config *c, const char *id);
