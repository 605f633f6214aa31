/* SPDX-License-Identifier: Apache-2.0 */
/* Some hundred events of a journal file, read and parsed at once. */
#pragma once

#include "protocol/lines.h"
#include "tools/report/events.h"

#define EVENT_WHY 256

/** Zero-initialised is empty; it is filled again and again. */
struct event_block {
	struct palier_buffer text, sifted; /* the lines, and what is left of them */
	struct json_token *tape;           /* of all its events */
	size_t tape_size, tape_used;
	struct event_line {
		struct palier_bytes line;
		struct json_doc doc;
		struct booked event; /* seq 0: a head or a tail */
	} * lines;
	size_t count, lines_size;
	struct palier_arena arena;
	uint64_t read; /* of all files, for a bar */
	int err;       /* behind its events */
	char why[EVENT_WHY];
};

/** Read what comes next in the file. @return false: there is nothing left */
bool event_block_fill(struct event_block *b, struct lines *l, const struct event_file *f,
	const struct event_visitor *visitor);
/** There are no events, but an error. */
void event_block_fail(struct event_block *b, int err, const char *format, ...) __attribute__((format(printf, 3, 4)));
/** Show its events. @param why EVENT_WHY bytes @return what the visitor says; the block's own error */
int event_block_visit(struct event_block *b, const struct event_visitor *visitor, char *why);
void event_block_deinit(struct event_block *b);

/** An event's line without its params and without those effects that are not of the kinds. It looks for what palierd writes, and only at braces;
 * who cannot parse the outcome parses the line.
 * @param out room for line.len bytes @return how many it took; 0: it is not as palierd writes it */
size_t event_sift(struct palier_bytes line, const struct palier_bytes *kinds, char *out);
