/* SPDX-License-Identifier: Apache-2.0 */
/* What client.c and pipeline.c share: a connection and the reading of answers. Nobody else's business. */
#pragma once

#include <sys/un.h>

#include "protocol/client.h"

#define CLIENT_REPLY_MAX (16u << 20) /* a longer line is not ours */

struct palier_client {
	struct palier_client_options options; /* texts owned by `kept` */
	struct palier_arena kept, arena;      /* for the client's life; for the last reply's */
	struct sockaddr_un path;              /* the door: a path, */
	const char *host, *port;              /* or a name; NULL for a path */
	int fd;                               /* -1: not connected */
	int64_t id;
	struct palier_buffer line, in, session; /* the request; bytes read; session.open's reply */
};

/** Connect and sign in, unless that is done. @return as palier_call, with the reply filled in when it fails */
int client_connect(struct palier_client *c, struct palier_reply *reply);
void client_hang_up(struct palier_client *c);
/** Add a call's line. @return false, with nothing added, unless params are a JSON object */
bool client_write(struct palier_client *c, int64_t id, const char *method, const char *params, struct palier_buffer *out);
/** Read a line as the answer to this id; the reply borrows it. @return as palier_call */
int client_read(struct palier_client *c, struct palier_bytes line, int64_t id, struct palier_reply *reply);
/** Fill the reply in. @return PALIER_EUNREACHABLE, PALIER_EPARSE */
int client_unreachable(struct palier_client *c, struct palier_reply *reply, const char *why);
int client_not_ours(struct palier_client *c, struct palier_reply *reply);
/** May the same call succeed later? */
bool client_may_try_again(int err, const struct palier_reply *reply);
/** Pause before trying again: longer after each attempt. */
void client_pause(int attempt);
void client_sleep(int ms);
/** Of a clock that only goes forward. */
int64_t client_now_ms(void);
