/* SPDX-License-Identifier: Apache-2.0 */
/* The head of an HTTP/1.1 request (RFC 9112), read more strictly than the RFC asks for: whatever two programs might read in two ways is refused, lest a
 * proxy in front of us see other requests than we do. Pure: bytes in, a struct or a status out. */
#pragma once

#include "protocol/bytes.h"

#define HTTP_HEAD_MAX   16384 /* bytes, the blank line included */
#define HTTP_FIELDS_MAX 100

enum http_verb { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_OTHER };
extern const char *const http_verb_names[];

/** Everything is borrowed from the bytes; what was not sent is empty. */
struct http_head {
	enum http_verb verb;
	struct palier_bytes path, query; /* without "?"; as sent, nothing is decoded */
	unsigned minor;                  /* of HTTP/1.x */
	struct palier_bytes host, authorization, content_type, range, if_range, if_none_match;
	bool has_length;
	uint64_t length; /* of the body */
	bool continues;  /* waits for "100 Continue" before its body */
	bool closes;     /* nothing follows it */
	size_t size;     /* of the head */
};

/** Why a request is refused. The connection ends with it: where the next one begins is not known, or not to be trusted. */
struct http_fault {
	int status;
	const char *text;
};

enum http_read { HTTP_WHOLE, HTTP_MORE, HTTP_BAD };

/** Read the head that the bytes begin with.
 * @param seen how many of them were looked at in an earlier call, 0 at first; brought up to date
 * @param why  filled when HTTP_BAD */
enum http_read http_head_read(struct palier_bytes bytes, size_t *seen, struct http_head *out, struct http_fault *why);
