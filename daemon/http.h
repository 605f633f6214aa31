/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.1 on a connection's own buffers, in the turn like any line.
 *
 * Not libevent's evhttp: it has read a request before we see it, and forgives what we refuse (two lengths, folded lines, bare LF); its deadline
 * begins anew with every byte; and its connections are not the turn's, so that limits, deadlines, the group commit and the end of the process would
 * all have to be written a second time. What is left to do without it is a head (http_head.h) and a status line. */
#pragma once

#include "daemon/turn.h"

#define HTTP_REQUESTS_MAX 1000 /* on one connection */
#define HTTP_IDLE         6    /* times limits.line-seconds that one without a request may stay */

/** What a connection by an http or https door has besides its talk. */
struct http {
	const struct door_config *door;
	char address[64]; /* at which it came in, and */
	bool loopback;    /* whether that is this machine's own */
	struct http_progress {
		size_t wanted;     /* bytes of the request that has begun; 0: its head is not whole */
		bool continued;    /* it was told to send its body */
		unsigned requests; /* so far */
	} progress, mark;
	int file; /* that is being sent, -1: none, */
	uint64_t file_at, file_end;
};

/** Let a talk speak HTTP. @param fd its socket */
void http_begin_talk(struct talk *k, const struct door_config *door, int fd);
/** A talk that does, or does not. */
void http_end_talk(struct talk *k);

/** Is a file being sent? Then no request is answered. */
bool http_sends(const struct http *h);
/** Append the next part of it: no more than does not hold up others.
 * @return false when it is not what it was: then the connection must end, for less comes than was said */
bool http_more(struct http *h, struct palier_buffer *out);

/** What somebody is told for whom there is no room. */
void http_turn_away(struct palier_buffer *out);
