/* SPDX-License-Identifier: Apache-2.0 */
/* Requests out of a connection's bytes, and who may send them where. */
#include "daemon/http.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netdb.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/http_call.h"
#include "daemon/metrics.h"

#define PART ((size_t)65536) /* of a file, sent at once */

/* --- connections --- */

static struct http *http_new(const struct door_config *door, int fd)
{
	struct http *h = calloc(1, sizeof(*h));
	struct sockaddr_storage at;
	socklen_t len = sizeof(at);

	if (!h)
		abort();
	h->door = door;
	h->file = -1;
	if (getsockname(fd, (struct sockaddr *)&at, &len) != 0 ||
		getnameinfo((struct sockaddr *)&at, len, h->address, sizeof(h->address), NULL, 0, NI_NUMERICHOST) != 0)
		h->address[0] = '\0';
	h->loopback = strncmp(h->address, "127.", 4) == 0 || strcmp(h->address, "::1") == 0;
	return h;
}

static void file_end(struct http *h)
{
	if (h->file >= 0)
		close(h->file);
	h->file = -1;
}

static void mark(struct talk *k)
{
	assert(k->http->file < 0); /* who is sent one takes no part in a turn */
	k->http->mark = k->http->progress;
}

static void go_back(struct talk *k)
{
	k->http->progress = k->http->mark;
	file_end(k->http);
}

static bool is_busy(const struct talk *k)
{
	return http_sends(k->http);
}

bool http_sends(const struct http *h)
{
	return h->file >= 0;
}

bool http_more(struct http *h, struct palier_buffer *out)
{
	uint64_t left = h->file_end - h->file_at;
	size_t part = left < PART ? (size_t)left : PART;
	ssize_t n;

	palier_buffer_reserve(out, part);
	n = pread(h->file, out->at + out->len, part, (off_t)h->file_at);
	if (n != (ssize_t)part) /* a file that is not ours to change was cut, or its disk fails */
		return false;
	out->len += part;
	h->file_at += part;
	metrics.http_file_bytes += (int64_t)part;
	if (h->file_at == h->file_end)
		file_end(h);
	return true;
}

/* --- where requests go --- */

#define BIT(verb)      (1u << (verb))
#define READS          (BIT(HTTP_GET) | BIT(HTTP_HEAD))
#define SIGNATURE_MAX  12288u  /* bytes: in base64 what directive.apply takes, */
#define DIRECTIVE_MAX  163840u /* and this is what it takes of the text */
#define ACK_MAX        1024u
#define LINE_SIGNED_IN 0u /* limits.line */

/* '#' in a path is a number. */
static const struct route {
	const char *path;
	unsigned verbs;
	bool office; /* by an https door alone */
	bool json;   /* its body must say that it is JSON, which no page of another site can without asking first */
	size_t body;
	void (*serve)(struct http_call *c);
} routes[] = {
	{ "/rpc", BIT(HTTP_POST), false, true, LINE_SIGNED_IN, http_rpc },
	{ "/v1/store", READS, true, false, 0, http_store },
	{ "/v1/batches", READS, true, false, 0, http_batches },
	{ "/v1/batches/#/events.jsonl", READS, true, false, 0, http_batch_events },
	{ "/v1/batches/#/events.jsonl.zst", READS, true, false, 0, http_batch_packed },
	{ "/v1/batches/#/manifest.json", READS, true, false, 0, http_batch_manifest },
	{ "/v1/batches/#/manifest.p7s", READS, true, false, 0, http_batch_signature },
	{ "/v1/batches/#/ack", BIT(HTTP_POST), true, true, ACK_MAX, http_ack },
	{ "/v1/profiles", READS, true, false, 0, http_profiles },
	{ "/v1/directives/#", BIT(HTTP_PUT), true, false, DIRECTIVE_MAX, http_directive },
	{ "/v1/directives/#.p7s", BIT(HTTP_PUT), true, false, SIGNATURE_MAX, http_directive_signature },
};
#define ROUTES (sizeof(routes) / sizeof(*routes))

/* A number of the path, in the one form that it has. */
static const char *number_cut(const char *at, const char *end, uint32_t *out)
{
	uint64_t n = 0;

	if (at == end || *at < '1' || *at > '9')
		return NULL;
	for (; at < end && *at >= '0' && *at <= '9' && n <= UINT32_MAX; at++)
		n = n * 10 + (uint64_t)(*at - '0');
	*out = (uint32_t)n;
	return n <= UINT32_MAX ? at : NULL;
}

static bool path_fits(const char *pattern, struct palier_bytes path, uint32_t *number)
{
	const char *at = path.at, *end = path.at + path.len;

	for (; at && *pattern; pattern++)
		if (*pattern == '#')
			at = number_cut(at, end, number);
		else
			at = at < end && *at == *pattern ? at + 1 : NULL;
	return at == end;
}

static const struct route *route_find(struct palier_bytes path, uint32_t *number)
{
	for (size_t i = 0; i < ROUTES; i++)
		if (path_fits(routes[i].path, path, number))
			return &routes[i];
	return NULL;
}

/* --- what a head is refused for --- */

static bool same_address(struct palier_bytes name, const char *address)
{
	char text[64];
	struct in6_addr a, b;

	if (name.len >= sizeof(text))
		return false;
	memcpy(text, name.at, name.len);
	text[name.len] = '\0';
	return strcasecmp(text, address) == 0 ||
	       (inet_pton(AF_INET6, text, &a) == 1 && inet_pton(AF_INET6, address, &b) == 1 &&
		       memcmp(&a, &b, sizeof(a)) == 0);
}

/* Without its port, and an address of version 6 without its brackets. @return false: it has no such form */
static bool host_name(struct palier_bytes host, struct palier_bytes *name)
{
	const char *end = host.at + host.len, *at = host.at;

	if (*at == '[') {
		at = memchr(host.at, ']', host.len);
		if (!at)
			return false;
		*name = palier_bytes_of(host.at + 1, (size_t)(at - host.at) - 1);
		at++;
	} else {
		while (at < end && *at != ':')
			at++;
		*name = palier_bytes_of(host.at, (size_t)(at - host.at));
	}
	if (at < end && *at++ != ':')
		return false;
	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return at == end && name->len > 0;
}

/* Is it us whom the client means? A page of another site that has its name lead to us says that name. */
static bool host_is_ours(const struct http *h, struct palier_bytes host)
{
	struct palier_bytes name;

	if (!host_name(host, &name))
		return false;
	for (const char *const *other = h->door->names; *other; other++)
		if (same_address(name, *other))
			return true;
	return same_address(name, h->address) || same_address(name, h->door->host) ||
	       (h->loopback && same_address(name, "localhost"));
}

static bool is_json(struct palier_bytes type)
{
	static const char json[] = "application/json";
	size_t n = sizeof(json) - 1;

	return type.len >= n && strncasecmp(type.at, json, n) == 0 &&
	       (type.len == n || type.at[n] == ';' || type.at[n] == ' ');
}

static size_t body_max(const struct http_call *c, const struct route *r)
{
	if (r->body != LINE_SIGNED_IN)
		return r->body;
	return c->talk->session.open ? (size_t)c->turn->config->limits.line : LINE_BEFORE_SIGNIN;
}

/* What the body must be like, before it is sent. @return false, answered */
static bool body_welcome(struct http_call *c, const struct route *r)
{
	const struct http_head *h = c->head;

	if (!(r->verbs & (BIT(HTTP_POST) | BIT(HTTP_PUT)))) {
		if (h->length == 0)
			return true;
		http_refuse(c, 400, NULL, "no body belongs here");
	} else if (!h->has_length) {
		http_refuse(c, 411, NULL, "say how long the body is: Content-Length");
	} else if (r->json && !is_json(h->content_type)) {
		http_refuse(c, 415, NULL, "send Content-Type: application/json");
	} else if (h->length > body_max(c, r)) {
		http_refuse(c, 413, NULL, "the body is longer than %zu bytes%s", body_max(c, r),
			r->body == LINE_SIGNED_IN && !c->talk->session.open ? ", which is the limit without a token" : "");
	} else {
		return true;
	}
	return false;
}

/* @return NULL, answered: the request is refused by its head alone */
static const struct route *head_accept(struct http_call *c)
{
	const struct route *r = route_find(c->head->path, &c->number);

	if (!host_is_ours(c->talk->http, c->head->host))
		http_refuse(c, 421, NULL, "this door has another name: the option `host` of its listen section says which");
	else if (!r || (r->office && c->talk->http->door->kind != DOOR_HTTPS))
		http_refuse(c, 404, NULL, "there is nothing at this path");
	else if (!(r->verbs & BIT(c->head->verb)))
		http_refuse_verb(c, r->verbs == READS ? "GET, HEAD" : r->verbs == BIT(HTTP_POST) ? "POST" : "PUT");
	else if (http_sign_in(c) && body_welcome(c, r))
		return r;
	return NULL;
}

/* --- a request --- */

/* It ends here: what follows is the next one, unless the connection ends, too. */
static void request_end(struct http_call *c, size_t size)
{
	struct talk *k = c->talk;

	k->scan.begin += size;
	k->scan.seen = k->scan.begin;
	k->http->progress.wanted = 0;
	k->http->progress.continued = false;
	k->http->progress.requests++;
	k->lost = k->lost || c->closes;
}

static void body_await(struct talk *k, const struct http_head *head)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct http_progress *p = &k->http->progress;

	k->waits = true;
	k->scan.seen = k->scan.begin; /* the head is read again, once, when all is here */
	p->wanted = head->size + (size_t)head->length;
	if (head->continues && !p->continued)
		palier_buffer_add(&k->out, go_on, sizeof(go_on) - 1);
	p->continued = true;
}

static void request_answer(struct http_call *c, struct palier_bytes bytes)
{
	const struct http_head *head = c->head;
	size_t size = head->size + (size_t)head->length;
	bool last = head->closes || c->talk->http->progress.requests + 1 >= HTTP_REQUESTS_MAX;
	const struct route *r;

	c->closes = last || head->length > 0; /* nobody reads the body of one that is refused by its head */
	r = head_accept(c);
	if (!r) {
		request_end(c, head->size);
		return;
	}
	c->closes = last;
	if (bytes.len < size) {
		body_await(c->talk, head);
		return;
	}
	c->body = palier_bytes_of(bytes.at + head->size, (size_t)head->length);
	r->serve(c);
	request_end(c, size);
}

static enum routed answer(struct turn *t, struct talk *k, int64_t now_ms)
{
	struct http_call c = { .turn = t, .talk = k, .now_ms = now_ms, .routed = ROUTED_QUESTION };
	size_t here = k->in.len - k->scan.begin, seen = k->scan.seen - k->scan.begin;
	struct palier_bytes bytes;
	struct http_head head;
	struct http_fault why;

	k->waits = here == 0 || here < k->http->progress.wanted;
	if (k->waits)
		return ROUTED_QUESTION;
	bytes = palier_bytes_of(k->in.at + k->scan.begin, here);
	switch (http_head_read(bytes, &seen, &head, &why)) {
	case HTTP_MORE:
		k->scan.seen = k->scan.begin + seen;
		k->waits = true;
		break;
	case HTTP_BAD:
		c.closes = true;
		http_refuse(&c, why.status, NULL, "%s", why.text);
		request_end(&c, 0);
		break;
	case HTTP_WHOLE:
		c.head = &head;
		request_answer(&c, bytes);
		break;
	}
	return c.routed;
}

/* --- the speech --- */

static const struct speech speech = { answer, is_busy, mark, go_back };

void http_begin_talk(struct talk *k, const struct door_config *door, int fd)
{
	k->http = http_new(door, fd);
	k->speech = &speech;
}

void http_end_talk(struct talk *k)
{
	if (!k->http)
		return;
	file_end(k->http);
	free(k->http);
	k->http = NULL;
}
