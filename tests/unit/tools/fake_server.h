/* SPDX-License-Identifier: Apache-2.0 */
/* A daemon made of canned answers: a thread that accepts on a loopback port of its own and keeps what it was sent. */
#pragma once

#include <pthread.h>

#include "protocol/bytes.h"

/* What the server does with the next line it reads, on whichever connection that comes. */
enum fake_act {
	FAKE_END,    /* the script is over: hang up, accept nobody else */
	FAKE_ANSWER, /* {"jsonrpc":"2.0","id":<the line's>, text } */
	FAKE_RAW,    /* text, as it is, and LF */
	FAKE_DROP,   /* hang up without a word */
	FAKE_HALF,   /* text, cut in the middle, then hang up */
	FAKE_SILENT, /* never answer: wait until the client hangs up */
};

struct fake_step {
	enum fake_act act;
	const char *text;
};

#define FAKE_LINES 16

struct fake_server {
	const struct fake_step *script; /* ended by FAKE_END */
	char door[64];                  /* where it listens: "tcp:127.0.0.1:PORT" */
	char *lines[FAKE_LINES];        /* what it was sent, without LF */
	int line_count, connections;    /* of use once stopped */
	int listener;
	pthread_t thread;
};

void fake_start(struct fake_server *s, const struct fake_step *script);
/** End it; lines and counts may then be read, until fake_free. */
void fake_stop(struct fake_server *s);
void fake_free(struct fake_server *s);
