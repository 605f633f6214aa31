/* SPDX-License-Identifier: Apache-2.0 */
/* The doors: sockets that listen, and who may come in by them. Knows neither loop nor lines. */
#pragma once

#include "daemon/config.h"
#include "daemon/why.h"

/** A door. It outlives its configuration, and once shut it lives on while somebody who came in by it is here. */
struct door {
	struct door_config config; /* a copy of its own */
	const char *name;          /* with the port that it really has: "tcp:127.0.0.1:43121" */
	int fd;                    /* -1: shut */
	unsigned connections;
	struct tls_door *tls;    /* NULL: it speaks in clear */
	bool replaced;           /* another door listens on the same socket: its file stays */
	bool passed;             /* the service manager's socket: its file is not ours */
	bool knocks;             /* somebody waits to come in */
	struct event *accepting; /* for the loop */
	struct palier_arena arena;
	struct door *next;
};

/** The sockets that the service manager opened for us, as doors that none comes in by: doors_open takes them up by their address. They
 * are kept for as long as the process lives, since it goes on listening there whatever we do. One that the configuration
 * has no door for is warned of. */
struct door *doors_passed(const struct config *config);
/** Open the doors of a configuration; their certificates are read anew. One that is open already, in `old` or `passed`, goes on listening: clients that knock
 * meanwhile are not lost.
 * @param why on error, one line that says which door and what to do @return PALIER_OK; PALIER_ECONFIG, and no door has
 * changed */
int doors_open(const struct config *config, struct door *old, struct door *passed, struct door **out, char *why);
/** Stop listening. The file of a Unix socket goes with it, unless the door was replaced or passed to us. */
void door_shut(struct door *d);
/** Free those that are shut and empty. */
void doors_prune(struct door **list);

/** auth = peer: may this process come in? @param uid who it is; -1: unknown */
bool door_admits(const struct door *d, int fd, int64_t *uid);
