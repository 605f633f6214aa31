/* SPDX-License-Identifier: Apache-2.0 */
/* The server: doors, connections, and the loop that turns them. */
#pragma once

#include "daemon/ledger.h"

struct server;

/** Open the doors. From here on SIGTERM, SIGINT and SIGHUP are the server's.
 * @param config the server's from now on, also on error: SIGHUP puts another in its place
 * @param why WHY_LEN bytes: on error, what is wrong and what to do */
int server_new(struct config *config, struct plugin_set *plugins, struct ledger *ledger, struct server **out, char *why);
/** Serve until SIGTERM or SIGINT, and until what had arrived by then is answered.
 * @return PALIER_OK; else the ledger has failed: nothing may be written any more, the process must stop */
int server_run(struct server *s);
void server_free(struct server *s);

/** How many files this configuration's daemon may have open. */
uint64_t loop_descriptors(const struct config *config);
/** The version of libevent. */
const char *loop_library(void);
