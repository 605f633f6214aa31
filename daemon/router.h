/* SPDX-License-Identifier: Apache-2.0 */
/* A line in, a reply out: parsed, allowed, decoded, answered or decided. Knows no socket. */
#pragma once

#include "daemon/ledger.h"

/** A place in the journal: behind an event, where the next one's line begins, or the next batch. */
struct place {
	uint64_t seq;
	uint32_t batch;
	uint64_t offset;
};

/** What a session hears of (subscribe.c). */
struct subscription {
	unsigned topics; /* a bit each; 0: it has not subscribed */
	uint64_t after;  /* events up to this one are passed over */
	struct place at; /* behind the last event passed */
};

/** Who is at the other end of a connection. Lives as long as it. */
struct session {
	const struct door_config *door;
	bool open;      /* signed in, by session.open or by the door's trust */
	bool once;      /* for one request (HTTP): it can subscribe to nothing */
	bool by_token;  /* the till may be revoked, */
	uint64_t epoch; /* and this is how much of the tills' changes was seen */
	enum role role;
	char till[33], operator[33];
	uint8_t till_len, operator_len;
	struct subscription subscription;
};

/** A connection came in through this door. */
void session_begin(struct session *s, const struct door_config *door);

struct router;

struct router *router_new(struct ledger *l, struct plugin_set *plugins, const struct config *config);
void router_free(struct router *r);
/** A new configuration holds from the next line on. */
void router_configure(struct router *r, const struct config *config);
/** Its context, which nobody uses between lines. */
struct palier_ctx *router_ctx(struct router *r);

enum routed {
	ROUTED_QUESTION, /* answered; nothing waits for the disk */
	ROUTED_COMMAND,  /* answered; an event waits for ledger_sync, and no reply may leave before it */
	ROUTED_FAILED,   /* the index has failed: drop the turn's replies, ledger_undo, run the turn again */
};

/** Answer one line: exactly one reply line is appended to out.
 * @param now_ms the turn's clock
 * @param full the disk has no room for another turn: commands answer storage_full */
enum routed router_line(struct router *r, struct session *s, struct palier_bytes line, int64_t now_ms, bool full,
	struct palier_buffer *out);
/** Decide and book, in the turn under way, a command of the daemon's own (METHOD_INTERNAL), as till TILL_OWN. A request that was booked before, or one
 * that adds no effect, books nothing; what the latter wrote into local tables is kept.
 * @param params of the method's schema; the common params aside
 * @return PALIER_OK; a refusal; PALIER_ESTORE: as ROUTED_FAILED */
int router_own(struct router *r, const struct palier_method *m, struct palier_bytes request, const void *params,
	int64_t now_ms);
/** Sign in who bears this token. @return PALIER_OK; PALIER_ENOENT: nobody's; PALIER_ESTORE */
int router_bear(struct router *r, struct session *s, struct palier_bytes token, int64_t now_ms);
/** Put a question of the daemon's own rooms (METHOD_INTERNAL), as the head office: only its result is appended to out.
 * @return PALIER_OK; a refusal, told by router_ctx()'s problem; PALIER_ESTORE: as ROUTED_FAILED */
int router_ask(struct router *r, const struct palier_method *m, const void *params, int64_t now_ms,
	struct palier_buffer *out);
/** Was this command of a till booked? @return PALIER_OK; PALIER_ENOENT; PALIER_ESTORE */
int router_booked(struct router *r, struct palier_bytes till, struct palier_bytes request, int64_t now_ms);
/** The reply to a line longer than the limit; the connection must then be closed. */
void router_too_long(struct router *r, struct palier_buffer *out);
