/* SPDX-License-Identifier: Apache-2.0 */
/* A scratch palierd that serves the shop's configuration, with its clock in our hand. See --scratch in palierd(8). */
#pragma once

#include <signal.h>
#include <sys/types.h>

#include "tools/cli.h"

struct stage {
	struct cli *cli;
	char dir[256];
	bool keep; /* the directory outlives us */
	pid_t palierd;
	int64_t *clock;
	struct palier_client *client;
	struct palier_reply reply; /* of the last call */
	struct palier_buffer params;
	struct palier_json w;
	int64_t requests; /* so many commands so far */
	char till[16];
};

/** Start it, and wait until it answers.
 * @param keep a directory that is made and stays, for the ledger to be looked at; NULL: a temporary one, in memory where the system has it
 * @param s zeroed @return PALIER_OK, with the reply to session.open; what was reported, and stage_close is still to be called */
int stage_open(struct cli *cli, const char *config, uint64_t seed, int64_t begin_ms, const char *keep, struct stage *s);
/** End it, and remove what is not to be kept. */
void stage_close(struct stage *s);

/** What time it is there. Never back. */
void stage_time(struct stage *s, int64_t at_ms);
/** Begin the params of a call, an object. */
struct palier_json *stage_params(struct stage *s);
/** The same of a command, with a request of its own. */
struct palier_json *stage_command(struct stage *s);
/** Call with them; ends the object. @return PALIER_OK with s->reply, or the refusal's code, not reported */
int stage_call(struct stage *s, const char *method);
/** Report the last reply's refusal. @return err */
int stage_refused(struct stage *s, const char *method, int err);
/** Wait until no job of the open day is left that is due. @return PALIER_OK, or what was reported */
int stage_jobs(struct stage *s);

/** Members of the last result, or of an object in it; what is absent reads as 0, "". */
uint32_t stage_member(const struct stage *s, uint32_t object, const char *key);
int64_t stage_int(const struct stage *s, uint32_t object, const char *key);
/** @return owned by the reply */
const char *stage_text(struct stage *s, uint32_t object, const char *key);
/** for each element of an array */
#define STAGE_EACH(s, array, token) \
	for (uint32_t token##_left = stage_count(s, array), token = (array) + 1; token##_left > 0; \
		token##_left--, token += (s)->reply.doc.tokens[token].span)
uint32_t stage_count(const struct stage *s, uint32_t array);

/** Has somebody asked us to stop? Set by SIGINT and SIGTERM while a stage is open. */
extern volatile sig_atomic_t stage_stopped;
