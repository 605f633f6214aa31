/* SPDX-License-Identifier: Apache-2.0 */
/* One request on its way: what the files that serve it share. */
#pragma once

#include "daemon/http.h"
#include "daemon/http_head.h"

struct http_call {
	struct turn *turn;
	struct talk *talk;
	const struct http_head *head;
	struct palier_bytes body;
	uint32_t number; /* of the path */
	int64_t now_ms;
	bool closes; /* nothing is answered on this connection afterwards */
	enum routed routed;
};

/** Answer with JSON. */
void http_json(struct http_call *c, int status, struct palier_bytes body);
/** Answer {"error":{"reason","message"}}. @param reason NULL: the status' own */
void http_refuse(struct http_call *c, int status, const char *reason, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/** The same of a method that is not one of these: "GET, HEAD". */
void http_refuse_verb(struct http_call *c, const char *verbs);
/** The same of what the router has refused. */
void http_refuse_problem(struct http_call *c, const struct palier_problem *why);
/** Answer with the head alone of something. @param fields each ended by CR LF @param length of what follows */
void http_begin(struct http_call *c, int status, const char *type, uint64_t length, const char *fields);
/** `?after=N`, the only thing that may stand there. @return false, answered: it is something else */
bool http_after(struct http_call *c, uint64_t *after);
/** Put a question to the router. @return false, answered: it was refused */
bool http_ask(struct http_call *c, const struct palier_method *m, const void *params, struct palier_buffer *out);

/** A file to be sent. */
struct http_file {
	int fd; /* http_send_file's */
	uint64_t size;
	const char *type;
	const char *etag;                 /* strong, with its quotes */
	const struct palier_hash *sha256; /* NULL: not known */
};
/** Answer with it, or with what the request's conditions make of it (RFC 9110, 13 and 14). */
void http_send_file(struct http_call *c, const struct http_file *f);

/* http_rpc.c */
void http_rpc(struct http_call *c);
/** Who sends it: afterwards the talk's session is the request's. @return false, answered: the token is nobody's */
bool http_sign_in(struct http_call *c);

/* http_office.c: protocol/PROTOCOL.md, "Head office" */
void http_store(struct http_call *c);
void http_batches(struct http_call *c);
void http_profiles(struct http_call *c);
void http_ack(struct http_call *c);

/* http_batch.c */
void http_batch_events(struct http_call *c);
void http_batch_packed(struct http_call *c);
void http_batch_manifest(struct http_call *c);
void http_batch_signature(struct http_call *c);

/* http_directive.c */
void http_directive(struct http_call *c);
void http_directive_signature(struct http_call *c);
