/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of a journal file, as docs/format.md has them: a head, events that are chained by the hash of the line before, a tail. What an event
 * says is not looked at here. */
#pragma once

#include "protocol/crypto.h"
#include "protocol/json.h"

#define BATCH_FORMAT    1
#define BATCH_STORE_MAX 64

struct batch_head {
	int64_t format;
	uint32_t batch, day;
	uint64_t first_seq;
	struct palier_bytes store;
	struct palier_hash prev_batch; /* of the file before; all zero for the first */
};

/** @param out its store is borrowed from the line or the arena @return false when it is no head line */
bool batch_head_read(struct json_doc *d, struct palier_bytes line, struct palier_arena *a, struct batch_head *out);

/** What the chain needs of an event's line, read without parsing it: lines are compared as written, and ours have one form.
 * @return false when it is no event line of ours */
bool batch_links(struct palier_bytes line, uint64_t *seq, uint64_t *turn, struct palier_hash *prev);

struct batch_tail {
	uint64_t events, last_seq;
	struct palier_hash last; /* of the last event's line */
	int64_t closed_ms;
};

/** Does the line begin as a tail does? */
bool batch_tail_is(struct palier_bytes line);
/** @return false when it is no tail line */
bool batch_tail_read(struct json_doc *d, struct palier_bytes line, struct palier_arena *a, struct batch_tail *out);

/* --- a closed file, line by line --- */

/** Zeroed is the beginning. */
struct batch_chain {
	struct batch_head head; /* its store is borrowed from store_text */
	struct batch_tail tail;
	uint64_t lines, events, seq, turn; /* so far; the last event's */
	struct palier_hash last;           /* of the last line */
	bool ended;                        /* the tail was seen */
	char store_text[BATCH_STORE_MAX + 1];
	char why[160]; /* after a refusal: a sentence */
};

/** The next line, without its LF. @param hash SHA-256 of it @return PALIER_OK; PALIER_EDAMAGED with why */
int batch_chain_line(struct batch_chain *c, struct palier_bytes line, const struct palier_hash *hash);
/** No line follows. @return PALIER_OK; PALIER_EDAMAGED with why */
int batch_chain_end(struct batch_chain *c);
