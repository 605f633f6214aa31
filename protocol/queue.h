/* SPDX-License-Identifier: Apache-2.0 */
/* A till's offline queue: what happened while palier could not be asked, kept in a file until it is answered.
 *
 *     if (palier_queue_open("/var/lib/till/palier.queue", &queue) != PALIER_OK)
 *             ...
 *     if (palier_call(palier, "sale.commit", params, &reply) == PALIER_EUNREACHABLE || reply.retryable)
 *             palier_queue_add(queue, "sale.commit", params);   the customer leaves with the goods
 *     ...
 *     palier_queue_send(queue, palier, NULL, NULL, &reply);     now and then, and before the next sale
 *
 * Each line of the file is the first 16 hex digits of the SHA-256 of what follows its space, then either what was queued,
 * {"n":7,"method":"sale.commit","params":{...}}, or {"done":7}; once all is answered the file is empty again. What was refused for good is
 * kept aside in FILE.refused, a line each: {"reason":"...","message":"...","command":{...}}.
 * One process at a time uses a queue. A queue is used by one thread at a time. */
#pragma once

#include "protocol/client.h"

struct palier_queue;

/** A command that waits. */
struct palier_queued {
	int64_t number; /* counts up while the queue is not empty */
	struct palier_bytes method, params;
};

/** Open the file, or make it; cut what a crash has left torn at its end.
 * @return PALIER_OK; PALIER_EBUSY when another process uses it; PALIER_EDAMAGED when a line before the last was changed: nothing is
 *         touched; PALIER_EIO (errno tells) */
int palier_queue_open(const char *path, struct palier_queue **out);
/** NULL is nothing. */
void palier_queue_close(struct palier_queue *q);

/** Keep a command: with `offline`, and with `at` set to now where the params have none. On disk when this returns.
 * @param params a JSON object, the very same that was tried before, with its `request`
 * @return PALIER_OK; PALIER_EPARAMS when params are no object, or the method takes no `offline`; PALIER_EREQUEST_MISSING;
 *         PALIER_ESTORAGE_FULL, PALIER_EIO: nothing was kept */
int palier_queue_add(struct palier_queue *q, const char *method, const char *params);

/** How many wait. */
size_t palier_queue_count(const struct palier_queue *q);
/** The one that is sent `index`-th from now, borrowed until the queue changes. @return false when there is none */
bool palier_queue_at(const struct palier_queue *q, size_t index, struct palier_queued *out);

/** Is told of each command that left the queue: reply->error is PALIER_OK, or why it was refused and put aside. */
typedef void palier_queue_told(void *who, const struct palier_queued *command, const struct palier_reply *reply);

/** Send what waits, in its order, until nothing is left, or the daemon cannot be reached or cannot book now. A command leaves the queue
 * when it was answered; should this process die before it has noted so, it is sent again and counts once.
 * @param told  may be NULL
 * @param reply the last one, as palier_call gives it
 * @return PALIER_OK when nothing is left; what palier_call returned for the one that is first in the queue now;
 *         PALIER_EIO, PALIER_ESTORAGE_FULL when the queue's own files cannot be written */
int palier_queue_send(struct palier_queue *q, struct palier_client *c, palier_queue_told *told, void *who,
	struct palier_reply *reply);
