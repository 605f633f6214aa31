/* SPDX-License-Identifier: Apache-2.0 */
/* Many calls under way at once over one client's connection, for programs that have much to say: the daemon makes what arrives together
 * durable together, so a thousand calls in flight take little longer than one.
 *
 *     struct palier_pipeline *p = palier_pipeline_new(client);
 *
 *     while (more || palier_pipeline_count(p)) {
 *             while (more && palier_pipeline_count(p) < 1024)
 *                     ... palier_pipeline_add(p, "member.enroll", params, line) ...
 *             if (palier_pipeline_next(p, &reply, &line) != PALIER_OK)
 *                     break;
 *             ... reply.error says whether `line` was accepted ...
 *     }
 *     palier_pipeline_free(p);
 *
 * While calls are under way the client is the pipeline's. */
#pragma once

#include "protocol/client.h"

struct palier_pipeline;

/** @param c outlives it */
struct palier_pipeline *palier_pipeline_new(struct palier_client *c);
/** What is still under way may or may not be booked; the connection is given up. NULL is nothing. */
void palier_pipeline_free(struct palier_pipeline *p);

/** Add a call behind the others. Nothing is sent before palier_pipeline_next.
 * A command must have its own `request`: whatever was not answered when a connection is lost is sent again.
 * @param tag the caller's, given back with the answer
 * @return PALIER_OK; PALIER_EPARAMS when params are not a JSON object */
int palier_pipeline_add(struct palier_pipeline *p, const char *method, const char *params, void *tag);
/** Calls that have not been answered. */
size_t palier_pipeline_count(const struct palier_pipeline *p);

/** Wait for the answer to the oldest call, which is then done with; calls are answered in their order.
 * A lost connection is made anew, as often in a row as the client's `retries` say. A refusal that says retryable (stopping, storage_full,
 * read_only) counts as one; a throttled call waits for as long as the daemon says.
 * @param reply gone at the next call of this function
 * @return PALIER_OK with the tag: reply->error is PALIER_OK, or the refusal. Else nothing was answered and the call is still the oldest:
 *         PALIER_EUNREACHABLE, PALIER_EPARSE, the sign-in's refusal, or the retryable one; PALIER_ENOENT: there is no call */
int palier_pipeline_next(struct palier_pipeline *p, struct palier_reply *reply, void **tag);
