/* SPDX-License-Identifier: Apache-2.0 */
/* What a hook decides in: one request's view, event under construction, clock and configuration. One lives at a time; the arena is its own. */
#pragma once

#include "daemon/config.h"
#include "daemon/journal.h"
#include "daemon/keys.h"
#include "daemon/loader.h"

struct ledger;
struct misses;

/** Who is speaking. */
struct speaker {
	struct palier_bytes till, operator;
	enum role role;
};

struct palier_ctx {
	struct ledger *ledger;
	const struct config *config;
	const struct plugin_set *plugins;
	struct keys *keys;
	struct palier_arena *arena;
	struct view view;
	struct palier_tables tables[PLUGINS_MAX];
	unsigned current;         /* the plugin whose hook runs */
	bool offline;             /* it has happened already */
	struct palier_bytes hold; /* that the command captures; empty: none */
	bool has_purse;           /* the card of the command is a bearer's, */
	struct palier_id purse;   /* with this purse */
	bool dry;                 /* training: what is decided is dropped, so nothing outside the write set may change */
	struct speaker speaker;
	struct palier_event ev; /* of a command; a question uses its times */
	const void *params;     /* of a command, as sent; become the event's before its first effect */
	const struct palier_event *
		booked; /* what the command asks for was booked before, by this event: its result is answered, nothing is booked */
	uint32_t effect_capacity;
	struct palier_hash16 request_key; /* of a command that is being decided, */
	bool request_key_known;           /* so that it is hashed once */
	uint32_t slot;                    /* of the key file, with which this event's texts are sealed */
	const struct palier_sale *quoted; /* whose quote is being written; NULL: none */
	struct misses *misses;            /* of all members, in the daemon's memory */
	const struct proof *proof;        /* sent with the command; NULL: none */
	bool proof_missed;                /* and counted as a miss */
	bool missed;                      /* a question was a guess that missed, though it is not refused */
	struct palier_problem problem;
	struct palier_buffer extra; /* members of the refusal's data, as JSON */
	struct refused_view *refused;
	uint32_t refused_count, refused_capacity;
	struct palier_bytes language; /* of who reads; empty: not looked up yet */
	struct prompt_view *prompts;  /* of the member view that is being written */
	uint32_t prompt_count, prompt_capacity;
};

/** Make ready for one request: everything empty, the clock set. */
void ctx_begin(struct palier_ctx *c, const struct speaker *speaker, int64_t now_ms);
/** Forget effects and writes. */
void ctx_drop(struct palier_ctx *c);
/** Point the plugins' tables at this context's view. Once, after plugins_bind. */
void ctx_bind(struct palier_ctx *c);

/** Say that the event is about this member: its texts are sealed with the member's key. */
void ctx_member(struct palier_ctx *c, struct palier_id member, uint32_t slot);
/** Give the event its params, in ledger form: sealed for the member it has by now. The first effect does this by itself. */
void ctx_params(struct palier_ctx *c, const void *params);
/** Decide a command by its service, then let every plugin follow it (on_decided). @return PALIER_OK; what refuses it */
int ctx_decide(struct palier_ctx *c, const struct palier_service *service, const void *params);
/** Seal a text for this event. */
struct palier_bytes ctx_seal(struct palier_ctx *c, struct palier_bytes plain);

/** Go back to when there were so many effects: the later ones and their writes are forgotten, but a one-time code that was used stays so. @return PALIER_OK; PALIER_ESTORE */
int ctx_back(struct palier_ctx *c, uint32_t effects);
/** What would refuse it does not refuse what has happened: it becomes an alert of that reason.
 * @param a what else the alert says @return PALIER_OK; err as it is, online */
int ctx_forgive(struct palier_ctx *c, int err, const struct palier_alert *a);

/** Add a member to the refusal's data. */
struct palier_json ctx_extra(struct palier_ctx *c);

/** Run a hook of every plugin that has it; stops at the first error. */
#define CTX_EACH(c, err, hook, ...) \
	do { \
		unsigned ctx_before = (c)->current; \
		(err) = PALIER_OK; \
		for (unsigned ctx_i = 0; ctx_i < (c)->plugins->count && (err) == PALIER_OK; ctx_i++) { \
			(c)->current = ctx_i; \
			if ((c)->plugins->list[ctx_i]->hook) \
				(err) = (c)->plugins->list[ctx_i]->hook(__VA_ARGS__); \
		} \
		(c)->current = ctx_before; \
	} while (0)
