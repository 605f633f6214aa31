/* SPDX-License-Identifier: Apache-2.0 */
/* Plain libevent events and buffers of our own: bufferevents cost a quarter of a lookup's throughput. */
#include "daemon/conn.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/http.h"
#include "daemon/log.h"
#include "daemon/metrics.h"
#include "daemon/subscribe.h"
#include "daemon/tls.h"

#define READ_MIN   ((size_t)4096)    /* room for one read */
#define READ_AHEAD ((size_t)65536)   /* of a connection that has lines left: enough for the next turn */
#define KEEP_MAX   ((size_t)16384)   /* a larger buffer is given back when its connection is idle */
#define THROW_MAX  ((size_t)1 << 20) /* in one pass */
#define LINGER_US  2000000

/* --- states -------------------------------------------------------------------------------------------------------- */

static void unlink_conn(struct conn_list *l, struct conn *c)
{
	*(c->prev ? &c->prev->next : &l->first) = c->next;
	*(c->next ? &c->next->prev : &l->last) = c->prev;
	l->count--;
}

static void link_conn(struct conn_list *l, struct conn *c)
{
	c->next = NULL;
	c->prev = l->last;
	*(l->last ? &l->last->next : &l->first) = c;
	l->last = c;
	l->count++;
}

static void watch(struct event *ev, bool *now, bool wanted)
{
	if (*now == wanted)
		return;
	if (wanted)
		event_add(ev, NULL);
	else
		event_del(ev);
	*now = wanted;
}

static void watch_both(struct conn *c)
{
	bool listens = c->state == CONN_IDLE || c->state == CONN_READY;

	watch(c->reading, &c->reads, !c->said_all && (c->state == CONN_LINGER || (listens && !c->closing)));
	watch(c->writing, &c->writes, c->talk.out.len > 0 || (c->state == CONN_IDLE && c->tls && tls_would_write(c->tls)));
}

static void disconnect(struct conn *c)
{
	event_free(c->reading);
	event_free(c->writing);
	tls_free(c->tls);
	close(c->fd);
	http_end_talk(&c->talk);
	c->door->connections--;
	palier_buffer_deinit(&c->talk.in);
	palier_buffer_deinit(&c->talk.out);
}

void conn_move(struct conn *c, enum conn_state state)
{
	unlink_conn(&c->all->lists[c->state], c);
	c->state = state;
	link_conn(&c->all->lists[state], c);
	if (state >= CONN_ENDING)
		feed_leave(c->all->feed, &c->talk);
	if (state == CONN_GONE)
		disconnect(c);
	else
		watch_both(c);
}

static void cut(struct conn *c, const char *reason, int64_t *counter)
{
	++*counter;
	log_info("conn.cut", "door=%s till=%.*s reason=%s", c->door->name, c->talk.session.till_len, c->talk.session.till,
		reason);
	conn_move(c, CONN_GONE);
}

/* --- out ----------------------------------------------------------------------------------------------------------- */

/* A slow reader gets `patience` for what waits now, then for what waits after that. */
static void note_sent(struct conn *c, size_t n)
{
	size_t waits = c->talk.out.len;

	if (waits == 0) {
		c->owed = 0;
		c->sent_by_us = 0;
	} else if (c->owed <= n) {
		c->owed = waits;
		c->sent_by_us = clock_steady_us() + c->all->patience_us;
	} else {
		c->owed -= n;
	}
}

static ssize_t send_some(struct conn *c)
{
	struct palier_buffer *out = &c->talk.out;

	return c->tls ? tls_send(c->tls, out->at, out->len) : send(c->fd, out->at, out->len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Behind what has left comes the next part of a file, which waits until the socket is ready again: others come first.
 * @return false when nobody is there any more, and the connection is gone */
static bool send_waiting(struct conn *c)
{
	struct talk *k = &c->talk;
	ssize_t n = k->out.len ? send_some(c) : 0;
	bool there = n >= 0 || errno == EAGAIN || errno == EINTR;

	n = n < 0 ? 0 : n;
	palier_buffer_shift(&k->out, (size_t)n);
	if (there && k->out.len == 0 && k->http && http_sends(k->http)) {
		there = http_more(k->http, &k->out);
		if (!there)
			log_warn("http.file", "door=%s: a file of the outbox was cut while it was sent", c->door->name);
	}
	if (!there) {
		conn_move(c, CONN_GONE);
		return false;
	}
	note_sent(c, (size_t)n);
	return true;
}

/* Everything has left. Who has sent all, or will soon see that we have, closes first. */
static void finish(struct conn *c)
{
	if (c->tls)
		tls_end(c->tls);
	c->line_by_us = 0;
	if (c->said_all || shutdown(c->fd, SHUT_WR) != 0) {
		conn_move(c, CONN_GONE);
		return;
	}
	c->sent_by_us = clock_steady_us() + LINGER_US;
	conn_move(c, CONN_LINGER);
}

static enum conn_state state_after(const struct conn *c)
{
	const struct talk *k = &c->talk;

	if (k->lost || ((c->said_all || c->closing) && k->waits))
		return CONN_ENDING;
	if (k->out.len >= (c->state == CONN_FULL ? 1 : UNSENT_MAX) || (k->http && http_sends(k->http)))
		return CONN_FULL;
	return k->waits ? CONN_IDLE : CONN_READY;
}

/* How long it may keep us waiting as it does; 0: for ever. */
static int64_t may_stay_us(const struct conn *c)
{
	if (c->state != CONN_IDLE)
		return 0;
	if (c->talk.in.len > 0 || (c->tls && tls_shakes(c->tls)))
		return c->all->patience_us;
	return c->talk.http ? HTTP_IDLE * c->all->patience_us : 0;
}

/* What arrives meanwhile wins no time: a line has so long as a whole, and so has a request, its body included. */
static void note_line(struct conn *c, bool advanced)
{
	int64_t us = may_stay_us(c);

	if (us == 0)
		c->line_by_us = 0;
	else if (advanced || c->line_by_us == 0 || us != c->stay_us)
		c->line_by_us = clock_steady_us() + us;
	c->stay_us = us;
}

static void go_on(struct conn *c, bool advanced)
{
	enum conn_state state;

	if (!send_waiting(c))
		return;
	state = state_after(c);
	if (state == CONN_ENDING && c->talk.out.len == 0) {
		finish(c);
		return;
	}
	if (state != c->state)
		conn_move(c, state);
	else
		watch_both(c);
	note_line(c, advanced);
}

void conn_settle(struct conn *c)
{
	struct talk *k = &c->talk;
	size_t answered = k->scan.begin;

	palier_buffer_shift(&k->in, answered);
	k->scan.begin = 0;
	k->scan.seen -= answered;
	go_on(c, answered > 0);
}

void conn_push(struct conn *c)
{
	go_on(c, false);
}

/* --- in ------------------------------------------------------------------------------------------------------------ */

static void throw_away(struct conn *c)
{
	char scrap[16384];
	size_t thrown = 0;
	ssize_t n;

	do {
		n = recv(c->fd, scrap, sizeof(scrap), MSG_DONTWAIT);
		thrown += n > 0 ? (size_t)n : 0;
	} while (n > 0 && thrown < THROW_MAX);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		conn_move(c, CONN_GONE);
}

static ssize_t receive_some(struct conn *c)
{
	struct palier_buffer *in = &c->talk.in;

	palier_buffer_reserve(in, READ_MIN);
	return c->tls ? tls_receive(c->tls, in->at + in->len, in->cap - in->len)
	              : recv(c->fd, in->at + in->len, in->cap - in->len, MSG_DONTWAIT);
}

/* The peer is gone, or will not do as TLS has it; then it is told so. */
static void lose(struct conn *c)
{
	if (errno != EPROTO) {
		conn_move(c, CONN_GONE);
		return;
	}
	metrics.cut_tls++;
	log_info("conn.cut", "door=%s reason=tls", c->door->name);
	c->talk.out.len = 0;
	finish(c);
}

/* @return false when the connection is gone */
static bool receive(struct conn *c)
{
	struct palier_buffer *in = &c->talk.in;
	ssize_t n;

	do { /* of TLS all that is deciphered, since the socket will not say that it is here */
		n = receive_some(c);
		in->len += n > 0 ? (size_t)n : 0;
	} while (n > 0 && c->tls && tls_has_more(c->tls));
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		lose(c);
		return false;
	}
	c->said_all = c->said_all || n == 0;
	if (n > 0 && in->len == in->cap && in->cap < READ_AHEAD)
		palier_buffer_reserve(in, in->cap); /* a client that sends much: read more at once */
	return true;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	size_t before = c->talk.in.len;

	(void)fd;
	(void)what;
	if (c->state == CONN_LINGER) {
		throw_away(c);
		return;
	}
	if (c->state == CONN_READY && before >= READ_AHEAD)
		return;
	if (!receive(c))
		return;
	if (c->tls && c->talk.in.len == before && !c->said_all) { /* a handshake goes on, or part of a record is here */
		go_on(c, false);
		return;
	}
	c->talk.waits = false;
	if (c->state == CONN_READY)
		watch_both(c);
	else
		conn_move(c, CONN_READY);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	if (c->tls && c->talk.out.len == 0 && tls_would_write(c->tls))
		on_readable(fd, what, arg);
	else
		go_on(c, false);
}

/* --- coming and going ---------------------------------------------------------------------------------------------- */

static void socket_tune(int fd, enum door_kind kind)
{
	const int on = 1;

	if (kind != DOOR_UNIX && (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
					 setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)) != 0))
		log_warn("conn.tune", "%s", strerror(errno));
}

void conn_new(struct conns *all, int fd, struct door *door)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	c->all = all;
	c->fd = fd;
	c->door = door;
	door->connections++;
	metrics.accepted++;
	socket_tune(fd, door->config.kind);
	session_begin(&c->talk.session, &door->config);
	c->tls = door->tls ? tls_new(door->tls, fd) : NULL;
	if (door->config.kind == DOOR_HTTP || door->config.kind == DOOR_HTTPS)
		http_begin_talk(&c->talk, &door->config, fd);
	c->talk.waits = true;
	c->reading = event_new(all->base, fd, EV_READ | EV_PERSIST, on_readable, c);
	c->writing = event_new(all->base, fd, EV_WRITE | EV_PERSIST, on_writable, c);
	if (!c->reading || !c->writing)
		abort();
	c->state = CONN_IDLE;
	link_conn(&all->lists[CONN_IDLE], c);
	watch_both(c);
	note_line(c, true);
}

unsigned conns_count(const struct conns *all)
{
	unsigned n = 0;

	for (int state = 0; state < CONN_LINGER; state++)
		n += all->lists[state].count;
	return n;
}

bool conns_empty(const struct conns *all)
{
	return conns_count(all) == 0 && all->lists[CONN_LINGER].count == 0;
}

static void give_back(struct palier_buffer *b)
{
	if (b->len == 0 && b->cap > KEEP_MAX)
		palier_buffer_deinit(b);
}

static void conn_sweep(struct conn *c, int64_t now_us)
{
	if (c->line_by_us && now_us >= c->line_by_us) {
		if (c->stay_us > c->all->patience_us && c->talk.in.len == 0)
			finish(c); /* HTTP without a request: as it goes */
		else
			cut(c, "slow_sender", &metrics.cut_sender);
	} else if (c->sent_by_us && now_us >= c->sent_by_us) {
		if (c->state == CONN_LINGER)
			conn_move(c, CONN_GONE);
		else
			cut(c, "slow_reader", &metrics.cut_reader);
	} else if (c->state == CONN_IDLE) {
		give_back(&c->talk.in);
		give_back(&c->talk.out);
	}
}

static void each(struct conns *all, void (*do_it)(struct conn *c, int64_t now_us))
{
	int64_t now_us = clock_steady_us();
	struct conn *c, *next;

	for (int state = 0; state < CONN_GONE; state++)
		for (c = all->lists[state].first; c; c = next) {
			next = c->next;
			do_it(c, now_us);
		}
}

void conns_sweep(struct conns *all)
{
	each(all, conn_sweep);
}

static void conn_end(struct conn *c, int64_t now_us)
{
	(void)now_us;
	if (c->closing || c->state == CONN_ENDING || c->state == CONN_LINGER)
		return;
	if (c->state != CONN_FULL && !c->said_all && !receive(c))
		return;
	c->closing = true;
	if (c->talk.in.len == 0 && c->talk.out.len == 0) {
		conn_move(c, CONN_GONE);
	} else if (c->state == CONN_FULL) {
		watch_both(c);
	} else {
		c->talk.waits = false;
		conn_move(c, CONN_READY);
	}
}

void conns_end(struct conns *all)
{
	each(all, conn_end);
}

void conns_free_gone(struct conns *all)
{
	struct conn_list *gone = &all->lists[CONN_GONE];
	struct conn *c, *next;

	for (c = gone->first; c; c = next) {
		next = c->next;
		free(c);
	}
	*gone = (struct conn_list){ NULL, NULL, 0 };
}
