/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline: lines out and lines in at the same time, so that neither side waits for the other to read. */
#include "protocol/pipeline.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "protocol/client_parts.h"
#include "protocol/frame.h"

#define READ_SIZE     65536
#define THROTTLED_MAX 60000 /* ms; the daemon counts misses by the minute */

struct call {
	int64_t id;
	size_t len; /* of its line */
	void *tag;
};

struct palier_pipeline {
	struct palier_client *client;
	struct palier_buffer calls; /* of struct call, the oldest first */
	struct palier_buffer lines; /* theirs, one behind the other */
	size_t done, done_bytes; /* calls answered, and their bytes, which stand before the others until they are dropped */
	size_t sent;             /* bytes of `lines` that this connection has taken */
	struct frame_scan scan;  /* of client->in */
	bool begun;              /* this connection is ours: `sent` and `scan` are of it */
};

struct palier_pipeline *palier_pipeline_new(struct palier_client *c)
{
	struct palier_pipeline *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->client = c;
	return p;
}

void palier_pipeline_free(struct palier_pipeline *p)
{
	if (!p)
		return;
	if (palier_pipeline_count(p))
		client_hang_up(p->client); /* answers may still come, and are nobody's */
	palier_buffer_deinit(&p->calls);
	palier_buffer_deinit(&p->lines);
	free(p);
}

size_t palier_pipeline_count(const struct palier_pipeline *p)
{
	return p->calls.len / sizeof(struct call) - p->done;
}

int palier_pipeline_add(struct palier_pipeline *p, const char *method, const char *params, void *tag)
{
	struct call call = { .id = p->client->id + 1, .tag = tag };
	size_t before = p->lines.len;

	if (!client_write(p->client, call.id, method, params, &p->lines))
		return PALIER_EPARAMS;
	p->client->id = call.id;
	call.len = p->lines.len - before;
	palier_buffer_add(&p->calls, &call, sizeof(call));
	return PALIER_OK;
}

static struct call oldest(const struct palier_pipeline *p)
{
	struct call call;

	memcpy(&call, p->calls.at + p->done * sizeof(call), sizeof(call));
	return call;
}

/* What was answered is dropped in one go when it is half of the whole: each byte is moved about once. */
static void drop_oldest(struct palier_pipeline *p)
{
	p->done_bytes += oldest(p).len;
	p->done++;
	if (p->done * 2 * sizeof(struct call) < p->calls.len)
		return;
	palier_buffer_shift(&p->calls, p->done * sizeof(struct call));
	palier_buffer_shift(&p->lines, p->done_bytes);
	p->sent -= p->done_bytes;
	p->done = p->done_bytes = 0;
}

/* --- bytes --- */

/* @return false when the connection is lost */
static bool send_some(struct palier_pipeline *p)
{
	while (p->sent < p->lines.len) {
		ssize_t n = send(p->client->fd, p->lines.at + p->sent, p->lines.len - p->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno != EINTR)
			return errno == EAGAIN;
		p->sent += n > 0 ? (size_t)n : 0;
	}
	return true;
}

static bool read_some(struct palier_pipeline *p)
{
	struct palier_buffer *in = &p->client->in;
	ssize_t n;

	palier_buffer_shift(in, p->scan.begin);
	p->scan.seen -= p->scan.begin;
	p->scan.begin = 0;
	palier_buffer_reserve(in, READ_SIZE);
	n = recv(p->client->fd, in->at + in->len, in->cap - in->len, MSG_DONTWAIT);
	if (n == 0)
		errno = ECONNRESET;
	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	in->len += (size_t)n;
	return true;
}

/* Send what there is to send until something can be read. @return false when the connection is lost, or silent for too long */
static bool exchange(struct palier_pipeline *p, int64_t deadline)
{
	for (;;) {
		struct pollfd poller = { .fd = p->client->fd, .events = POLLIN };
		int64_t left = deadline - client_now_ms();
		int n;

		if (!send_some(p))
			return false;
		if (p->sent < p->lines.len)
			poller.events |= POLLOUT;
		n = poll(&poller, 1, left > 0 ? (int)left : 0);
		if (n == 0)
			errno = ETIMEDOUT;
		if (n == 0 || (n < 0 && errno != EINTR))
			return false;
		if (n > 0 && (poller.revents & ~POLLOUT))
			return read_some(p);
	}
}

/* --- answers --- */

/* The next line, in the client's buffer until something is read again. */
static int line_next(struct palier_pipeline *p, struct palier_bytes *line)
{
	int64_t deadline = client_now_ms() + p->client->options.reply_ms;

	for (;;) {
		switch (frame_next(&p->scan, palier_buffer_bytes(&p->client->in), CLIENT_REPLY_MAX, line)) {
		case FRAME_LINE:
			return PALIER_OK;
		case FRAME_TOO_LONG:
			return PALIER_EPARSE;
		case FRAME_MORE:
			if (!exchange(p, deadline))
				return PALIER_EUNREACHABLE;
		}
	}
}

/* On a new connection, everything that was not answered is sent anew. */
static int begin(struct palier_pipeline *p, struct palier_reply *reply)
{
	int err;

	if (p->client->fd < 0)
		p->begun = false;
	err = client_connect(p->client, reply);
	if (err != PALIER_OK || p->begun)
		return err;
	p->sent = p->done_bytes;
	p->scan = (struct frame_scan){ 0 };
	p->client->in.len = 0;
	p->begun = true;
	return PALIER_OK;
}

/* The oldest call's answer. @return PALIER_OK when there is one, whatever it says */
static int answer(struct palier_pipeline *p, struct palier_reply *reply)
{
	struct palier_bytes line;
	int err = begin(p, reply);

	if (err != PALIER_OK)
		return err;
	err = line_next(p, &line);
	if (err == PALIER_EUNREACHABLE)
		return client_unreachable(p->client, reply, strerror(errno));
	if (err != PALIER_OK)
		return client_not_ours(p->client, reply);
	err = client_read(p->client, line, oldest(p).id, reply);
	/* A line that is not the protocol's has no code of a refusal. */
	return err == PALIER_EPARSE && reply->code == 0 ? err : PALIER_OK;
}

/* @return 0: not throttled */
static int throttled_ms(const struct palier_reply *reply)
{
	int64_t ms = 0;

	if (reply->error != PALIER_ETHROTTLED || !reply->data)
		return 0;
	if (!json_integer(&reply->doc, json_member(&reply->doc, reply->data, "retry_after_ms"), &ms) || ms <= 0)
		ms = 1000;
	return (int)(ms < THROTTLED_MAX ? ms : THROTTLED_MAX);
}

int palier_pipeline_next(struct palier_pipeline *p, struct palier_reply *reply, void **tag)
{
	if (palier_pipeline_count(p) == 0)
		return PALIER_ENOENT;
	for (int attempt = 0;;) {
		int err, wait_ms;

		palier_arena_reset(&p->client->arena);
		err = answer(p, reply);
		wait_ms = err == PALIER_OK ? throttled_ms(reply) : 0;
		if (err == PALIER_OK && !wait_ms && !client_may_try_again(reply->error, reply)) {
			*tag = oldest(p).tag;
			drop_oldest(p);
			return PALIER_OK;
		}
		/* What came behind it was perhaps refused, perhaps booked: asked again from here, each counts once. */
		client_hang_up(p->client);
		if (wait_ms) {
			client_sleep(wait_ms);
		} else if (err != PALIER_OK && err != PALIER_EUNREACHABLE) {
			return err;
		} else {
			if (attempt >= p->client->options.retries)
				return err != PALIER_OK ? err : reply->error;
			client_pause(attempt++);
		}
	}
}
