/* SPDX-License-Identifier: Apache-2.0 */
/* The client: a connection, one line out, one line back, and the patience to do it again. */
#include "protocol/client_parts.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "protocol/crypto.h"
#include "protocol/frame.h"

#define REPLY_DEPTH   JSON_DEPTH_MAX
#define FIRST_PAUSE   100
#define LONGEST_PAUSE 2000

int64_t client_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- opening --- */

static const char *keep(struct palier_client *c, const char *s)
{
	return s ? palier_cstr(&c->kept, palier_str(s)) : NULL;
}

static int keep_host(struct palier_client *c, const char *at)
{
	const char *colon = strrchr(at, ':');
	struct palier_bytes host;

	if (!colon || colon == at || !colon[1])
		return PALIER_EINVAL;
	host = palier_bytes_of(at, (size_t)(colon - at));
	if (host.at[0] == '[' && host.at[host.len - 1] == ']')
		host = palier_bytes_of(host.at + 1, host.len - 2);
	c->host = palier_cstr(&c->kept, host);
	c->port = keep(c, colon + 1);
	return PALIER_OK;
}

static int keep_path(struct palier_client *c, const char *at)
{
	size_t len = strlen(at);

	if (len == 0 || len >= sizeof(c->path.sun_path))
		return PALIER_EINVAL;
	c->path.sun_family = AF_UNIX;
	memcpy(c->path.sun_path, at, len + 1);
	return PALIER_OK;
}

static int keep_door(struct palier_client *c, const char *door)
{
	if (strncmp(door, "tcp:", 4) == 0)
		return keep_host(c, door + 4);
	if (strncmp(door, "unix:", 5) == 0)
		return keep_path(c, door + 5);
	return PALIER_EINVAL;
}

int palier_client_open(const char *door, const struct palier_client_options *options, struct palier_client **out)
{
	static const struct palier_client_options defaults = { PALIER_CLIENT_DEFAULTS };
	struct palier_client *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		abort();
	c->fd = -1;
	c->options = options ? *options : defaults;
	c->options.till = keep(c, c->options.till);
	c->options.token = keep(c, c->options.token);
	c->options.operator_code = keep(c, c->options.operator_code);
	c->options.name = keep(c, c->options.name);
	c->options.version = keep(c, c->options.version);
	err = keep_door(c, door);
	if (err != PALIER_OK) {
		palier_client_close(c);
		return err;
	}
	*out = c;
	return PALIER_OK;
}

void client_hang_up(struct palier_client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

void palier_client_close(struct palier_client *c)
{
	if (!c)
		return;
	client_hang_up(c);
	palier_buffer_deinit(&c->line);
	palier_buffer_deinit(&c->in);
	palier_buffer_deinit(&c->session);
	palier_arena_deinit(&c->arena);
	palier_arena_deinit(&c->kept);
	free(c);
}

/* --- what came back --- */

/* @param text lives as long as the reply */
static int fail(struct palier_client *c, struct palier_reply *reply, int err, const char *text)
{
	*reply = (struct palier_reply){ .arena = &c->arena,
		.error = err,
		.message = palier_str(text),
		.reason = palier_str(palier_error_info(err)->reason) };
	return err;
}

int client_unreachable(struct palier_client *c, struct palier_reply *reply, const char *why)
{
	return fail(c, reply, PALIER_EUNREACHABLE,
		palier_format(&c->arena, "%s: %s", palier_error_info(PALIER_EUNREACHABLE)->text, why));
}

int client_not_ours(struct palier_client *c, struct palier_reply *reply)
{
	return fail(c, reply, PALIER_EPARSE, "what answers there does not speak palier's protocol");
}

static struct palier_bytes text_member(struct palier_reply *reply, uint32_t object, const char *key)
{
	uint32_t token = object ? json_member(&reply->doc, object, key) : 0;

	if (!token || reply->doc.tokens[token].type != JSON_STRING)
		return (struct palier_bytes){ NULL, 0 };
	return json_string(&reply->doc, token, reply->arena);
}

static uint32_t object_member(const struct json_doc *d, uint32_t object, const char *key)
{
	uint32_t token = json_member(d, object, key);

	return token && d->tokens[token].type == JSON_OBJECT ? token : 0;
}

static int read_refusal(struct palier_reply *reply, uint32_t error)
{
	uint32_t retryable;
	int64_t code = 0;

	reply->data = object_member(&reply->doc, error, "data");
	reply->reason = text_member(reply, reply->data, "reason");
	reply->message = text_member(reply, error, "message");
	reply->error = palier_error_of_reason(reply->reason.at, reply->reason.len);
	if (json_integer(&reply->doc, json_member(&reply->doc, error, "code"), &code))
		reply->code = (int)code;
	retryable = reply->data ? json_member(&reply->doc, reply->data, "retryable") : 0;
	reply->retryable = retryable && reply->doc.tokens[retryable].type == JSON_TRUE;
	if (!reply->message.len)
		reply->message = palier_str(palier_error_info(reply->error)->text);
	return reply->error;
}

/* Every value but the first follows one of these; the parser wants room for each key a second time, to look for repeated ones. */
static uint32_t most_tokens(struct palier_bytes line)
{
	uint32_t n = 1;

	for (size_t i = 0; i < line.len; i++) {
		n += line.at[i] == ',' || line.at[i] == '[' || line.at[i] == '{';
		n += line.at[i] == ':' ? 2 : 0;
	}
	return n;
}

static void parse_tape(struct palier_arena *a, struct palier_bytes line, struct json_doc *d)
{
	*d = (struct json_doc){ .capacity = most_tokens(line) };
	d->tokens = palier_alloc(a, d->capacity * sizeof(*d->tokens));
}

/* Is it the answer to this id? A line that the daemon could not read is answered with null. */
static bool answers(const struct json_doc *d, int64_t id)
{
	uint32_t token = json_member(d, 0, "id");
	int64_t got;

	if (!token)
		return false;
	return d->tokens[token].type == JSON_NULL || (json_integer(d, token, &got) && got == id);
}

int client_read(struct palier_client *c, struct palier_bytes line, int64_t id, struct palier_reply *reply)
{
	uint32_t error;

	*reply = (struct palier_reply){ .arena = &c->arena };
	parse_tape(&c->arena, line, &reply->doc);
	if (json_parse(&reply->doc, line, REPLY_DEPTH) != PALIER_OK || reply->doc.tokens[0].type != JSON_OBJECT ||
		!answers(&reply->doc, id))
		return client_not_ours(c, reply);
	reply->result = json_member(&reply->doc, 0, "result");
	error = object_member(&reply->doc, 0, "error");
	if (error)
		return read_refusal(reply, error);
	return reply->result ? PALIER_OK : client_not_ours(c, reply);
}

/* --- bytes --- */

/* @return false when the time is over, with errno ETIMEDOUT */
static bool wait_for(int fd, short events, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = events };

	for (;;) {
		int64_t left = deadline - client_now_ms();
		int n = poll(&p, 1, left > 0 ? (int)left : 0);

		if (n > 0)
			return true;
		if (n == 0) {
			errno = ETIMEDOUT;
			return false;
		}
		if (errno != EINTR)
			return false;
	}
}

static bool send_all(int fd, struct palier_bytes line, int64_t deadline)
{
	while (line.len) {
		ssize_t n = send(fd, line.at, line.len, MSG_NOSIGNAL);

		if (n >= 0)
			line = palier_bytes_of(line.at + n, line.len - (size_t)n);
		else if (errno == EAGAIN ? !wait_for(fd, POLLOUT, deadline) : errno != EINTR)
			return false;
	}
	return true;
}

/* One read into c->in. @return false when the connection ended or the time is over */
static bool read_some(struct palier_client *c, int64_t deadline)
{
	ssize_t n;

	palier_buffer_reserve(&c->in, 16384);
	do {
		if (!wait_for(c->fd, POLLIN, deadline))
			return false;
		n = recv(c->fd, c->in.at + c->in.len, c->in.cap - c->in.len, 0);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	if (n == 0)
		errno = ECONNRESET;
	if (n <= 0)
		return false;
	c->in.len += (size_t)n;
	return true;
}

/* The next line, left in c->in. */
static int read_line(struct palier_client *c, int64_t deadline, struct palier_bytes *line)
{
	struct frame_scan scan = { 0 };

	c->in.len = 0; /* one question, one answer: nothing can be left over */
	for (;;) {
		switch (frame_next(&scan, palier_buffer_bytes(&c->in), CLIENT_REPLY_MAX, line)) {
		case FRAME_LINE:
			return PALIER_OK;
		case FRAME_TOO_LONG:
			return PALIER_EPARSE;
		case FRAME_MORE:
			if (!read_some(c, deadline))
				return PALIER_EUNREACHABLE;
		}
	}
}

static int exchange(struct palier_client *c, struct palier_bytes line, int64_t id, int timeout_ms,
	struct palier_reply *reply)
{
	int64_t deadline = client_now_ms() + timeout_ms;
	struct palier_bytes answer;
	int err = PALIER_EUNREACHABLE;

	if (send_all(c->fd, line, deadline))
		err = read_line(c, deadline, &answer);
	if (err == PALIER_OK)
		err = client_read(c, answer, id, reply);
	else if (err == PALIER_EUNREACHABLE)
		client_unreachable(c, reply, strerror(errno));
	else
		client_not_ours(c, reply);
	if (err == PALIER_EUNREACHABLE || err == PALIER_EPARSE)
		client_hang_up(c); /* a late answer must not be taken for the next one's */
	return err;
}

/* --- connecting --- */

/* @return 0, or why not */
static int connect_by(int fd, const struct sockaddr *to, socklen_t len, int64_t deadline)
{
	int err = 0;
	socklen_t size = sizeof(err);

	if (connect(fd, to, len) == 0)
		return 0;
	if (errno != EINPROGRESS && errno != EINTR)
		return errno;
	if (!wait_for(fd, POLLOUT, deadline) || getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size) != 0)
		return errno;
	return err;
}

/* @return a connected socket, or -1 with errno */
static int dial(int family, const struct sockaddr *to, socklen_t len, int64_t deadline)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1, err;

	if (fd < 0)
		return -1;
	err = connect_by(fd, to, len, deadline);
	if (err) {
		close(fd);
		errno = err;
		return -1;
	}
	if (family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

/* The host's addresses in turn. The look-up itself is the resolver's and keeps its own time. */
static int dial_host(struct palier_client *c, int64_t deadline, const char **why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
	int err = getaddrinfo(c->host, c->port, &hints, &found), fd = -1;

	if (err) {
		*why = gai_strerror(err);
		return -1;
	}
	for (struct addrinfo *at = found; at && fd < 0; at = at->ai_next)
		fd = dial(at->ai_family, at->ai_addr, at->ai_addrlen, deadline);
	if (fd < 0)
		*why = strerror(errno);
	freeaddrinfo(found);
	return fd;
}

static int connect_door(struct palier_client *c, struct palier_reply *reply)
{
	int64_t deadline = client_now_ms() + c->options.connect_ms;
	const char *why = NULL;

	if (c->host) {
		c->fd = dial_host(c, deadline, &why);
	} else {
		c->fd = dial(AF_UNIX, (const struct sockaddr *)&c->path, sizeof(c->path), deadline);
		why = c->fd < 0 ? strerror(errno) : NULL;
	}
	return c->fd >= 0 ? PALIER_OK : client_unreachable(c, reply, why);
}

static void write_text(struct palier_json *w, const char *key, const char *text)
{
	if (!text)
		return;
	palier_json_key(w, key);
	palier_json_str(w, text);
}

static void write_session_open(struct palier_client *c, int64_t id, struct palier_buffer *out)
{
	struct palier_json w = palier_json_to(out);

	palier_json_object(&w);
	write_text(&w, "jsonrpc", "2.0");
	palier_json_key(&w, "id");
	palier_json_int(&w, id);
	write_text(&w, "method", "session.open");
	palier_json_key(&w, "params");
	palier_json_object(&w);
	write_text(&w, "till", c->options.till);
	write_text(&w, "token", c->options.token);
	palier_json_key(&w, "protocol");
	palier_json_int(&w, 1);
	write_text(&w, "operator", c->options.operator_code);
	if (c->options.name || c->options.version) {
		palier_json_key(&w, "client");
		palier_json_object(&w);
		write_text(&w, "name", c->options.name);
		write_text(&w, "version", c->options.version);
		palier_json_end_object(&w);
	}
	palier_json_end_object(&w);
	palier_json_end_object(&w);
	palier_buffer_add(out, "\n", 1);
}

static int sign_in(struct palier_client *c, struct palier_reply *reply)
{
	struct palier_buffer line = { 0 };
	int64_t id = ++c->id;
	int err;

	write_session_open(c, id, &line);
	err = exchange(c, palier_buffer_bytes(&line), id, c->options.connect_ms, reply);
	palier_buffer_deinit(&line);
	if (err != PALIER_OK) {
		client_hang_up(c);
		return err;
	}
	c->session.len = 0;
	palier_buffer_add(&c->session, reply->doc.text.at, reply->doc.text.len);
	return PALIER_OK;
}

int client_connect(struct palier_client *c, struct palier_reply *reply)
{
	int err;

	if (c->fd >= 0)
		return PALIER_OK;
	err = connect_door(c, reply);
	if (err == PALIER_OK && c->options.till)
		err = sign_in(c, reply);
	return err;
}

/* --- calling --- */

bool client_may_try_again(int err, const struct palier_reply *reply)
{
	switch (err) {
	case PALIER_EUNREACHABLE:
		return true;
	case PALIER_ESTOPPING:
	case PALIER_ESTORAGE_FULL:
	case PALIER_EREAD_ONLY:
		return reply->retryable;
	default:
		return false;
	}
}

void client_sleep(int ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	while (nanosleep(&t, &t) != 0 && errno == EINTR)
		;
}

void client_pause(int attempt)
{
	int ms = attempt < 5 ? FIRST_PAUSE << attempt : LONGEST_PAUSE;
	uint16_t dice;

	if (ms > LONGEST_PAUSE)
		ms = LONGEST_PAUSE;
	crypto_random(&dice, sizeof(dice));
	ms -= dice % (ms / 2);
	client_sleep(ms);
}

/* c->line where it is not empty; else only the connection and its sign-in. */
static int try_until_done(struct palier_client *c, int64_t id, struct palier_reply *reply)
{
	for (int attempt = 0;; attempt++) {
		int err;

		palier_arena_reset(&c->arena);
		err = client_connect(c, reply);
		if (err == PALIER_OK && c->line.len)
			err = exchange(c, palier_buffer_bytes(&c->line), id, c->options.reply_ms, reply);
		if (!client_may_try_again(err, reply) || attempt >= c->options.retries)
			return err;
		if (err == PALIER_ESTOPPING)
			client_hang_up(c);
		client_pause(attempt);
	}
}

/* In valid JSON a line's end can only stand between values. */
bool client_write(struct palier_client *c, int64_t id, const char *method, const char *params, struct palier_buffer *out)
{
	struct palier_json w = palier_json_to(out);
	struct palier_bytes text = palier_str(params ? params : "{}");
	size_t begin = out->len;
	struct json_doc d;

	parse_tape(&c->arena, text, &d);
	if (json_parse(&d, text, REPLY_DEPTH) != PALIER_OK || d.tokens[0].type != JSON_OBJECT)
		return false;
	palier_json_object(&w);
	write_text(&w, "jsonrpc", "2.0");
	palier_json_key(&w, "id");
	palier_json_int(&w, id);
	write_text(&w, "method", method);
	palier_json_key(&w, "params");
	palier_json_raw(&w, json_text(&d, 0));
	palier_json_end_object(&w);
	for (size_t i = begin; i < out->len; i++)
		if (out->at[i] == '\n' || out->at[i] == '\r')
			out->at[i] = ' ';
	palier_buffer_add(out, "\n", 1);
	return true;
}

int palier_call(struct palier_client *c, const char *method, const char *params, struct palier_reply *reply)
{
	int64_t id = ++c->id;

	palier_arena_reset(&c->arena);
	c->line.len = 0;
	if (!client_write(c, id, method, params, &c->line))
		return fail(c, reply, PALIER_EPARAMS, "the params are not a JSON object");
	return try_until_done(c, id, reply);
}

int palier_client_session(struct palier_client *c, struct palier_reply *reply)
{
	int err;

	if (!c->options.till)
		return fail(c, reply, PALIER_EINVAL, "no till to sign in");
	c->line.len = 0;
	err = try_until_done(c, 0, reply);
	if (err != PALIER_OK)
		return err;
	*reply = (struct palier_reply){ .arena = &c->arena };
	parse_tape(&c->arena, palier_buffer_bytes(&c->session), &reply->doc);
	json_parse(&reply->doc, palier_buffer_bytes(&c->session), REPLY_DEPTH);
	reply->result = json_member(&reply->doc, 0, "result");
	return PALIER_OK;
}

void palier_request_id(char *out)
{
	uint8_t b[16];
	char hex[2 * sizeof(b) + 1];

	crypto_random(b, sizeof(b));
	b[6] = (uint8_t)((b[6] & 0x0F) | 0x40); /* version 4 */
	b[8] = (uint8_t)((b[8] & 0x3F) | 0x80); /* RFC 9562's variant */
	palier_hex(b, sizeof(b), hex);
	snprintf(out, PALIER_REQUEST_ID + 1, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}
