/* SPDX-License-Identifier: Apache-2.0 */
/* An event, to and from its line in the journal; and the fold of one event into the tables. */
#pragma once

#include "daemon/ctx.h"
#include "daemon/why.h"
#include "protocol/batch_chain.h"

/** Write the line, without LF. @param prev hash of the line before */
void event_write(const struct palier_event *ev, const struct palier_hash *prev, struct palier_buffer *out);

/** Read a line. @param d its tape is lent @param why WHY_LEN bytes: what is wrong
 * @return PALIER_OK; PALIER_EDAMAGED: this is no event; PALIER_ENOENT: one of a plugin that is not installed */
int event_read(const struct plugin_set *plugins, struct json_doc *d, struct palier_bytes line, struct palier_arena *a,
	struct palier_event *out, char *why);

/** Whom an effect is about: its first field that is a member. @return NULL: nobody */
const struct palier_id *effect_member(const struct palier_effect *e);

/** After its effects are applied: the rows that core keeps of every event (its request, the members it touched). */
int event_book(struct palier_ctx *c, const struct palier_event *ev);
/** Apply all effects and book: one step of the fold. c's view then holds the writes. */
int event_fold(struct palier_ctx *c, const struct palier_event *ev);

/* --- requests: the table of what was booked under which id --- */

struct request_row {
	struct palier_hash16 params_hash;
	uint64_t seq, offset;
	uint32_t batch;
};

/** The key of a till's request id. */
void request_key(struct keys *k, struct palier_bytes till, struct palier_bytes request, struct palier_hash16 *out);
/** A request is remembered for 60 days at least, until the close of a day drops its table: a clock alone forgets nothing.
 * @return PALIER_OK; PALIER_ENOENT; PALIER_ESTORE */
int request_find(struct palier_ctx *c, const struct palier_hash16 *key, struct request_row *out);

/** A head line. @param prev_batch SHA-256 of the file before; all zero for the first */
void head_write(const char *store, uint32_t batch, uint32_t day, const struct palier_hash *prev_batch, uint64_t first_seq,
	struct palier_buffer *out);

/** The tail line that follows the event of a day's close. It is all made of that event, so it can be made again.
 * @param hash of the event's line @return false, nothing written, when the event closes no day */
bool tail_write(const struct palier_event *ev, const struct palier_hash *hash, struct palier_buffer *out);
