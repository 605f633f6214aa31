/* SPDX-License-Identifier: Apache-2.0 */
/* The events of journal files, in order, for reports: read from the files themselves, in the tool's own process, so that no till waits. */
#pragma once

#include "protocol/datetime.h"
#include "protocol/json.h"
#include "protocol/progress.h"

/** One event line. Texts are borrowed from the line until the next one. */
struct booked {
	uint32_t batch;
	uint64_t seq;
	int64_t at_ms;
	uint32_t day; /* the business day on which it was booked */
	struct palier_bytes store, till, operator, method;
	bool has_member;
	struct palier_id member;
	const struct json_doc *doc;
	uint32_t params, effects;   /* tokens of an object and of an array; 0: absent */
	struct palier_arena *arena; /* lasts as long as the event */
};

/** The day on which it happened: the business day, unless it was told late, as an imported past is. */
uint32_t booked_happened(const struct booked *e);
/** The next effect of an event. @param at 0 before the first call @return its token; 0 after the last */
uint32_t booked_effect(const struct booked *e, uint32_t *at);
bool booked_is(const struct booked *e, const char *method);
/** Is this effect of that kind? */
bool booked_kind(const struct booked *e, uint32_t effect, const char *kind);
/** Members of an object (params, an effect, a line in it); what is absent or of another type reads as empty, 0, false. */
struct palier_bytes booked_text(const struct booked *e, uint32_t object, const char *key);
int64_t booked_int(const struct booked *e, uint32_t object, const char *key);
bool booked_bool(const struct booked *e, uint32_t object, const char *key);
uint32_t booked_day(const struct booked *e, uint32_t object, const char *key);
/** @return false: there is none */
bool booked_id(const struct booked *e, uint32_t object, const char *key, struct palier_id *out);
/** The elements of an array among an object's members. @param left set by the first call, with *element 0 @return false after the last */
bool booked_each(const struct booked *e, uint32_t object, const char *key, uint32_t *element, uint32_t *left);

/** The journal files under a directory, in the order of their batches: N.jsonl, N.jsonl.zst and N.open, or N/events.jsonl and N/events.jsonl.zst. */
struct event_files {
	struct event_file {
		uint32_t batch;
		char *path;
		uint64_t size;
	} * at;
	size_t count;
	uint64_t size; /* of all */
};

/** @return PALIER_OK, also when there is none; PALIER_ENOENT; PALIER_EIO, errno says why */
int event_files_find(const char *directory, struct event_files *out);
void event_files_deinit(struct event_files *f);

/** Who is shown events. A visitor returns PALIER_OK to go on, or what is then returned. */
struct event_visitor {
	int (*line)(void *who, struct palier_bytes line); /* each line as it is, head and tail too; NULL: not wanted */
	int (*event)(void *who, const struct booked *e);
	/* Some hundred events that come next, before the first of them is shown: to have near what they will need. NULL: not wanted */
	void (*soon)(void *who, const struct booked *e);
	void *who;
	/* The kinds of effects that are looked at, the last one empty: an event then comes without the others and without its params, which is much
	 * faster. NULL: with all that it has. */
	const struct palier_bytes *kinds;
};

/** Walk one file. @param why as events_visit @return as events_visit */
int event_file_each(const struct event_file *f, const struct event_visitor *visitor, char *why);

/** Walk the events of all files, in their order. A thread reads and parses ahead of the visitor, who is called in the caller's.
 * @param bar NULL: none
 * @param why after PALIER_EDAMAGED and PALIER_EIO a sentence, 256 bytes
 * @return PALIER_OK; the visitor's error; PALIER_EDAMAGED: a line is no event line; PALIER_EIO */
int events_visit(const struct event_files *f, struct progress *bar, const struct event_visitor *visitor, char *why);
/** The same with all that events have. */
int events_each(const struct event_files *f, struct progress *bar, int (*visit)(void *who, const struct booked *e),
	void *who, char *why);
