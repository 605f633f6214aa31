/* SPDX-License-Identifier: Apache-2.0 */
/* One store, pulled: what it lists is fetched, judged, kept and acknowledged, a batch after the other; many stores at once. */
#pragma once

#include "tools/hq/fetch.h"
#include "tools/hq/shelf.h"

struct pull_options {
	unsigned retries;   /* in a row without anything new, before it is left for the next time */
	int64_t backoff_ms; /* before the first; twice as long before each further one */
	bool no_profiles;   /* batches alone */
};

enum pull_end {
	PULL_GOES_ON,
	PULL_DONE,    /* all that it has sealed is here */
	PULL_REFUSED, /* something was refused, now or before: it is left alone */
	PULL_AWAY,    /* it could not be asked, or does not answer as it must: next time */
	PULL_STUCK,   /* the office could not keep what came */
};

struct pull {
	const char *store, *url;
	enum pull_end end;
	char why[512];  /* a sentence, unless done */
	uint32_t taken; /* batches */
	struct shelf shelf;
	/* its own */
	const struct pull_options *options;
	struct fetch *fetch;
	struct fetch_request request;
	void (*then)(struct pull *p, const struct fetch_answer *a);
	struct palier_buffer body, manifest, profiles;
	uint64_t profiles_seq; /* how far those go */
	int file;              /* events.jsonl under way; -1: none */
	uint64_t size, had;    /* of it, when it is whole; at the last attempt */
	uint32_t from, listed; /* the last batch at the beginning; the last that the store has */
	uint32_t after;        /* that it was last asked to list behind */
	unsigned attempts;
	char tag[FETCH_TAG_MAX];
	bool probed; /* the last batch is the one that was taken */
	bool pieced; /* the file is made of several answers; */
	bool again;  /* such a one was wrong: it is fetched in one piece */
};

/** Begin; `p->shelf` is open. Goes on in fetch_run. */
void pull_begin(struct pull *p, struct fetch *f, const struct pull_options *o);
/** How far it is, of 1000. */
unsigned pull_progress(const struct pull *p);
void pull_close(struct pull *p);
