/* SPDX-License-Identifier: Apache-2.0 */
/* A till's side of the protocol: blocking calls over one connection, made again when it is lost.
 *
 *     struct palier_client *palier;
 *     struct palier_reply reply;
 *     char request[PALIER_REQUEST_ID + 1];
 *     int64_t due;
 *
 *     if (palier_client_open("tcp:127.0.0.1:7117", &(struct palier_client_options){ PALIER_CLIENT_DEFAULTS, .till =
 * "till-1", .token = token }, &palier) != PALIER_OK)
 *             ...
 *     palier_request_id(request);
 *     ... params = {"request":"<request>","sale":"T1-1042","card":"...","lines":[...],"payable":1250} ...
 *     if (palier_call(palier, "sale.commit", params, &reply) == PALIER_OK)
 *             json_integer(&reply.doc, json_member(&reply.doc, reply.result, "due"), &due);
 *     else
 *             fprintf(stderr, "%.*s\n", PALIER_ARG(reply.message));
 *     palier_client_close(palier);
 *
 * A failed loyalty command must never stop a sale: keep it and send it again later, with the same `request` (protocol/queue.h does).
 * A client is used by one thread at a time; several clients do not share anything. No signal is raised or handled. */
#pragma once

#include "protocol/json.h"

struct palier_client;

struct palier_client_options {
	int connect_ms;    /* longest wait for one connection, and for its sign-in */
	int reply_ms;      /* longest wait for one reply */
	int retries;       /* how often a call is sent again after its first try; 0: never */
	const char *till;  /* signed in with session.open on every connection; NULL: no sign-in (trust and peer doors) */
	const char *token; /* the till's secret; NULL where the door asks for none */
	const char *operator_code; /* the cashier, for commands that name none; NULL: none */
	const char *name;          /* the till software's name and version, for the daemon's log; NULL: untold */
	const char *version;
};

/** Initialiser of the options a till wants: one try and four more within a good second and a half of pauses. */
#define PALIER_CLIENT_DEFAULTS .connect_ms = 3000, .reply_ms = 10000, .retries = 4

/** What came back. Everything in it is owned by the client and is gone at its next call. */
struct palier_reply {
	struct json_doc doc;        /* the reply's line, parsed; without tokens when no reply came */
	struct palier_arena *arena; /* for json_string: as long-lived as the reply */
	uint32_t result;            /* token of the result; 0: refused */
	uint32_t data;  /* token of the refusal's data object (a total_mismatch carries the right quote); 0: none */
	int error;      /* PALIER_OK, or what palier_call returned */
	int code;       /* the refusal's JSON-RPC code; 0: none */
	bool retryable; /* the refusal says that the same call may succeed later */
	struct palier_bytes message; /* a sentence for the log or the cashier, never empty after an error */
	struct palier_bytes reason;  /* "card_unknown", ...; empty after success */
};

/** Prepare a client. Nothing is connected before the first call, so a till may start before its daemon.
 * @param door    "tcp:HOST:PORT" (an IPv6 address in brackets) or "unix:PATH"; copied, like all the options' texts
 * @param options NULL: the defaults
 * @param out     owned by the caller, for palier_client_close
 * @return PALIER_OK; PALIER_EINVAL when the door is neither, or a socket's path is too long */
int palier_client_open(const char *door, const struct palier_client_options *options, struct palier_client **out);

/** Hang up and free it, with the last reply. NULL is nothing. */
void palier_client_close(struct palier_client *c);

/** Ask, wait, and read the answer; connect and sign in first where needed.
 *
 * A connection that cannot be made, or is lost, or stays silent for reply_ms, is made anew and the very same line sent
 * again: the `request` in a command's params lets the daemon count it once. So does a refusal with `stopping`,
 * `storage_full` or `read_only` that says retryable. Between two tries the client pauses 100 ms, then twice as long each
 * time, 2 s at most, less up to a half at random so that tills do not come back all at once. Every other refusal is returned
 * at once.
 * @param params a JSON object; over several lines if need be; NULL: {}
 * @return PALIER_OK; the refusal's code (protocol/error.h), of which PALIER_EINTERNAL also stands for reasons newer than
 *         this library; PALIER_EUNREACHABLE: no answer, and unknown whether a command was booked (send it again, or ask
 *         request.status); PALIER_EPARSE: what answers does not speak the protocol; PALIER_EPARAMS with an empty
 *         reply->doc: params are not a JSON object, nothing was sent */
int palier_call(struct palier_client *c, const char *method, const char *params, struct palier_reply *reply);

/** The answer to session.open of the present connection, which is made where needed: the store, the role, the methods.
 * @return as palier_call; PALIER_EINVAL when the client has no till */
int palier_client_session(struct palier_client *c, struct palier_reply *reply);

#define PALIER_REQUEST_ID 36 /* characters of a UUID */

/** Draw a command's `request`: a random UUID (RFC 9562, version 4). Draw it once per command, not once per try.
 * @param out PALIER_REQUEST_ID + 1 bytes, NUL-terminated */
void palier_request_id(char *out);
