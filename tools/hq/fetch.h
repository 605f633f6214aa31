/* SPDX-License-Identifier: Apache-2.0 */
/* Many transfers at once over HTTPS with certificates on both sides. Whoever asks is called when its answer is whole or will not come; in the
 * meantime others go on. One thread; nothing here knows what is fetched. */
#pragma once

#include "protocol/bytes.h"

struct fetch;

#define FETCH_TAG_MAX 128 /* bytes of an ETag; a longer one is none */

struct fetch_options {
	const char *certificate, *key, *ca; /* files: ours, and who issues those of the other side */
	unsigned jobs;                      /* transfers at once, at most */
	unsigned timeout_s;                 /* to connect; and without a byte */
};

enum fetch_end {
	FETCH_ANSWERED, /* whole; the status says what it is */
	FETCH_LONG,     /* more came than was asked for at most */
	FETCH_RANGE,    /* another part came than was asked for */
	FETCH_CUT,      /* the connection ended before the answer did, or nothing came for too long */
	FETCH_FAILED,   /* no connection came about */
	FETCH_DISTRUST, /* certificates did not fit, or the address is none: no use trying again */
	FETCH_DISK,     /* what came could not be written */
};

struct fetch_answer {
	enum fetch_end end;
	long status;             /* 0: none came */
	char tag[FETCH_TAG_MAX]; /* its ETag; "" without a strong one */
	const char *why;         /* after anything but FETCH_ANSWERED: a sentence */
};

/** A request; lent until `done` has been called. */
struct fetch_request {
	const char *url;
	const char *post;           /* JSON; NULL: GET, or */
	struct palier_bytes put;    /* what is put there, */
	const char *put_type;       /* of this media type */
	struct palier_buffer *said; /* what it says of an error, the beginning of it, added to; NULL: not wanted */
	struct palier_buffer *into; /* the body, added to; unused where there is a file */
	int file;                   /* the body, written behind `from`, if the status is 200 or 206; -1: none */
	uint64_t from;      /* go on behind so many bytes, which the file has; an answer with the whole begins anew */
	const char *if_tag; /* but only if this is still the ETag */
	uint64_t most;      /* bytes of the body that the whole has at most */
	void (*done)(void *who, const struct fetch_answer *a);
	void *who;
	/* fetch's own */
	struct fetch_request *next;
	int64_t due_ms;
};

/** @return PALIER_OK; PALIER_ECONFIG: there is no such TLS library, or too few descriptors */
int fetch_open(const struct fetch_options *o, struct fetch **out);
void fetch_close(struct fetch *f);
/** Ask, now or after a while. */
void fetch_ask(struct fetch *f, struct fetch_request *r, int64_t wait_ms);
/** Until nothing is asked for any more. @param tick called now and then, for a progress bar */
void fetch_run(struct fetch *f, void (*tick)(void *who), void *who);
