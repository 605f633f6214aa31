/* SPDX-License-Identifier: Apache-2.0 */
/* The loop: wait, take a turn, send, free, pace. Everything happens in this one thread. */
#include "daemon/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/conn.h"
#include "daemon/http.h"
#include "daemon/jobs.h"
#include "daemon/log.h"
#include "daemon/metrics.h"
#include "daemon/notify.h"
#include "daemon/restored.h"
#include "daemon/subscribe.h"
#include "daemon/verify.h"
#include "protocol/rpc.h"

#define ACCEPTS_A_PASS 256
#define KEPT_FDS       16 /* for the ledger's files, whatever comes in */

#define TICKS_A_SECOND 2

static const struct timeval a_tick = { 0, 1000000 / TICKS_A_SECOND };

enum { EV_TERM, EV_INT, EV_HUP, EV_TICK, EV_WATCHDOG, EV_COUNT };

struct server {
	struct event_base *base;
	struct event *own[EV_COUNT];
	struct config *config;
	struct plugin_set *plugins;
	struct ledger *ledger;
	struct router *router;
	struct door *doors;
	struct door *passed; /* the service manager's sockets */
	struct conns conns;
	struct turn turn;
	struct feed *feed;
	struct verify verify;
	struct talk **talks; /* of the turn under way */
	size_t talk_capacity;
	int fd_limit;
	int reserve;      /* a descriptor to let go when none is left, so that who knocks can be told; -1: not even that */
	unsigned ticks;   /* since the last line about those turned away, */
	unsigned refused; /* who have been so many, */
	char refused_why[160]; /* the last for this */
	bool house_full;       /* whoever knocks waits */
	bool reload_asked, stop_asked, stopping;
};

/* --- doors --------------------------------------------------------------------------------------------------------- */

static void note_refused(struct server *s, const struct door *d, const char *reason, int64_t who, int64_t *counter)
{
	++*counter;
	s->refused++;
	snprintf(s->refused_why, sizeof(s->refused_why), "door=%.100s %s=%lld", d->name, reason, (long long)who);
}

static void good_bye(struct palier_buffer *line, int err, const char *text, struct palier_bytes extra)
{
	struct palier_problem why = { .err = err };
	struct palier_json w = palier_json_to(line);

	snprintf(why.text, sizeof(why.text), "%s", text);
	rpc_error(&w, PALIER_LIT(""), &why, extra);
}

/* One line that says why, and good-bye. A fresh socket has room for it; TLS would first have to shake hands. */
static void turn_away(const struct door *d, int fd, int err, const char *text, struct palier_bytes extra)
{
	struct palier_buffer line = { 0 };

	if (d->config.kind == DOOR_HTTP)
		http_turn_away(&line);
	else if (!d->tls)
		good_bye(&line, err, text, extra);
	if (line.len && send(fd, line.at, line.len, MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
		shutdown(fd, SHUT_WR);
	close(fd);
	palier_buffer_deinit(&line);
}

static bool has_room(const struct server *s)
{
	return conns_count(&s->conns) < s->config->limits.connections;
}

static void come_in(struct server *s, struct door *d, int fd)
{
	int64_t uid;

	if (!door_admits(d, fd, &uid)) {
		note_refused(s, d, "uid", uid, &metrics.refused_uid);
		turn_away(d, fd, PALIER_EUNAUTHORIZED, "this socket is not for your user", PALIER_LIT(""));
	} else if (!has_room(s) || fd >= s->fd_limit - KEPT_FDS) {
		note_refused(s, d, "connections", conns_count(&s->conns),
			has_room(s) ? &metrics.refused_descriptors : &metrics.refused_full);
		turn_away(d, fd, PALIER_ETHROTTLED, "too many connections", PALIER_LIT("\"retry_after_ms\":1000"));
	} else {
		conn_new(&s->conns, fd, d);
	}
}

static void doors_watch(struct server *s)
{
	for (struct door *d = s->doors; d; d = d->next)
		if (d->accepting && !s->house_full)
			event_add(d->accepting, NULL);
		else if (d->accepting)
			event_del(d->accepting);
}

static void reserve_take(struct server *s)
{
	if (s->reserve < 0)
		s->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* No descriptor is left but the reserve: it is given up for as long as it takes to say so.
 * @return false when nobody waits any more, or somebody else has taken the descriptor */
static bool turn_away_on_reserve(struct server *s, struct door *d)
{
	int fd;

	if (s->reserve < 0)
		return false;
	close(s->reserve);
	s->reserve = -1;
	fd = accept4(d->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		note_refused(s, d, "descriptors", conns_count(&s->conns), &metrics.refused_descriptors);
		turn_away(d, fd, PALIER_ETHROTTLED, "too many connections", PALIER_LIT("\"retry_after_ms\":1000"));
	}
	reserve_take(s);
	return fd >= 0;
}

static void on_knock(evutil_socket_t listener, short what, void *arg)
{
	(void)listener;
	(void)what;
	((struct door *)arg)->knocks = true;
}

/* What accept4 may say besides EAGAIN (no descriptor, no memory, a network that is down) passes: who knocks goes on knocking. */
static void accept_all(struct server *s, struct door *d, bool or_turn_away)
{
	for (int i = 0; i < ACCEPTS_A_PASS && (has_room(s) || or_turn_away); i++) {
		int fd = accept4(d->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		bool none_left = fd < 0 && (errno == EMFILE || errno == ENFILE);

		if (fd >= 0) {
			come_in(s, d, fd);
		} else if (errno != EINTR && errno != ECONNABORTED &&
			   !(none_left && or_turn_away && turn_away_on_reserve(s, d))) {
			d->knocks = errno != EAGAIN;
			return;
		}
	}
	d->knocks = !has_room(s);
}

/* In a full house a newcomer waits a moment, since others may have left and not yet be seen to have; who still waits at the next tick is
 * turned away. */
static void let_in(struct server *s, bool or_turn_away)
{
	bool full = false;

	for (struct door *d = s->doors; d; d = d->next)
		if (d->knocks && d->fd >= 0) {
			accept_all(s, d, or_turn_away);
			full = full || d->knocks;
		}
	if (full == s->house_full)
		return;
	s->house_full = full;
	doors_watch(s);
}

static void doors_attend(struct server *s, struct door *fresh)
{
	struct door **tail = &fresh;

	for (; *tail; tail = &(*tail)->next) {
		struct door *d = *tail;

		d->accepting = event_new(s->base, d->fd, EV_READ | EV_PERSIST, on_knock, d);
		if (!d->accepting)
			abort();
	}
	*tail = s->doors;
	s->doors = fresh;
	doors_watch(s);
}

static void doors_shut(struct door *d)
{
	for (; d; d = d->next) {
		if (d->accepting)
			event_free(d->accepting);
		d->accepting = NULL;
		door_shut(d);
	}
}

/* It serves: the log and the service manager hear where. */
static void tell_doors(const char *name, const struct server *s)
{
	struct palier_arena a = { 0 };
	const char *logged = "", *told = "";

	for (const struct door *d = s->doors; d; d = d->next)
		if (d->fd >= 0) {
			logged = palier_format(&a, "%s door=%s", logged, d->name);
			told = palier_format(&a, "%s %s", told, d->name);
		}
	log_info(name, "version=%s data=%s%s", PALIER_VERSION, s->config->data, logged);
	notify_ready(told);
	palier_arena_deinit(&a);
}

uint64_t loop_descriptors(const struct config *config)
{
	return (uint64_t)config->limits.connections + config->door_count + 4 * KEPT_FDS;
}

const char *loop_library(void)
{
	return event_get_version();
}

/* As many descriptors as the connections need, where the system lets us. */
static void descriptors_prepare(struct server *s)
{
	rlim_t need = loop_descriptors(s->config);
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		limit.rlim_cur = limit.rlim_max = 1024;
	if (limit.rlim_cur < need) {
		limit.rlim_cur = need < limit.rlim_max ? need : limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < need)
			log_warn("serve.descriptors",
				"limit=%llu needed=%llu: raise the limit of open files, or lower limits.connections",
				(unsigned long long)limit.rlim_cur, (unsigned long long)need);
	}
	s->fd_limit = limit.rlim_cur < INT32_MAX ? (int)limit.rlim_cur : INT32_MAX;
}

/* --- SIGHUP -------------------------------------------------------------------------------------------------------- */

static void say_config(const char *error)
{
	log_error("config.refused", "%s", error);
}

/* What the open ledger stands on. */
static bool same_ledger(const struct config *a, const struct config *b)
{
	return strcmp(a->data, b->data) == 0 && strcmp(a->store.id, b->store.id) == 0;
}

static void configure(struct server *s, struct config *config)
{
	struct config *old = s->config;

	s->config = config;
	s->turn.config = config;
	s->conns.patience_us = config->limits.line_seconds * 1000000;
	router_configure(s->router, config);
	config_free(old);
}

static bool config_take(struct server *s, struct config *config)
{
	struct door *old = s->doors, *fresh;
	char why[WHY_LEN];

	if (!same_ledger(s->config, config)) {
		say_config("data and store.id cannot change while palierd runs: stop it first");
		return false;
	}
	if (doors_open(config, old, s->passed, &fresh, why) != PALIER_OK) {
		say_config(why);
		return false;
	}
	doors_shut(old);
	doors_attend(s, fresh);
	configure(s, config);
	descriptors_prepare(s);
	return true;
}

static void reload(struct server *s)
{
	struct config *config;

	notify_reloading();
	config = config_load(s->config->file, s->plugins->list, say_config);
	if (config && config_take(s, config)) {
		metrics.reloads++;
		tell_doors("config.taken", s);
		return;
	}
	metrics.reloads_refused++;
	config_free(config);
	zone_set(s->config->store.timezone); /* loading one sets the zone */
	log_warn("config.kept", "the configuration of before goes on");
	notify_ready(" by the configuration of before: the new one was refused, the log says why");
}

/* --- signals and the tick ------------------------------------------------------------------------------------------ */

static void on_stop(evutil_socket_t signal, short what, void *arg)
{
	struct server *s = arg;

	(void)what;
	log_info("serve.stop", "signal=%s", signal == SIGTERM ? "TERM" : "INT");
	s->stop_asked = true;
}

static void on_reload(evutil_socket_t signal, short what, void *arg)
{
	(void)signal;
	(void)what;
	((struct server *)arg)->reload_asked = true;
}

/* Wakes the loop too, so that the index follows the journal though nobody calls. */
static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;

	(void)fd;
	(void)what;
	conns_sweep(&s->conns);
	reserve_take(s);
	let_in(s, true);
	verify_tick(&s->verify, s->ledger, clock_now_ms());
	if (++s->ticks < TICKS_A_SECOND || !s->refused)
		return;
	log_warn("conn.refused", "count=%u last: %s", s->refused, s->refused_why);
	s->ticks = 0;
	s->refused = 0;
}

/* From the loop itself, so that one that hangs is restarted. */
static void on_watchdog(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	notify_alive();
}

static void watchdog_begin(struct server *s)
{
	int64_t us = notify_watchdog_us();
	struct timeval interval = { us / 1000000, us % 1000000 };

	if (us > 0 && event_add(s->own[EV_WATCHDOG], &interval) != 0)
		abort();
}

static void own_events(struct server *s)
{
	struct event **own = s->own;

	own[EV_TERM] = evsignal_new(s->base, SIGTERM, on_stop, s);
	own[EV_INT] = evsignal_new(s->base, SIGINT, on_stop, s);
	own[EV_HUP] = evsignal_new(s->base, SIGHUP, on_reload, s);
	own[EV_TICK] = event_new(s->base, -1, EV_PERSIST, on_tick, s);
	own[EV_WATCHDOG] = event_new(s->base, -1, EV_PERSIST, on_watchdog, s);
	for (int i = 0; i < EV_COUNT; i++)
		if (!own[i] || (i <= EV_TICK && event_add(own[i], i == EV_TICK ? &a_tick : NULL) != 0))
			abort();
	watchdog_begin(s);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file too large is an error of write() like others */
}

/* --- once a pass --------------------------------------------------------------------------------------------------- */

/* With a full disk they wait for a turn that finds room. */
static bool has_jobs(const struct server *s)
{
	return !s->stopping && !s->turn.full && jobs_waiting(s->ledger, clock_now_ms());
}

static int wait_for_events(struct server *s)
{
	bool busy = s->conns.lists[CONN_READY].count > 0 || feed_is_busy(s->feed) || has_jobs(s);

	return event_base_loop(s->base, EVLOOP_ONCE | (busy ? EVLOOP_NONBLOCK : 0)) < 0 ? PALIER_EIO : PALIER_OK;
}

static void heed_signals(struct server *s)
{
	if (s->reload_asked && !s->stop_asked)
		reload(s);
	s->reload_asked = false;
	if (!s->stop_asked || s->stopping)
		return;
	s->stopping = true;
	notify_stopping();
	doors_shut(s->doors);
	conns_end(&s->conns);
}

static size_t gather(struct server *s)
{
	const struct conn_list *ready = &s->conns.lists[CONN_READY];
	size_t n = 0;

	if (s->talk_capacity < ready->count) {
		free(s->talks);
		s->talk_capacity = ready->count * 2;
		s->talks = calloc(s->talk_capacity, sizeof(struct talk *));
		if (!s->talks)
			abort();
	}
	for (struct conn *c = ready->first; c; c = c->next)
		s->talks[n++] = &c->talk;
	return n;
}

/* Whoever has lines left waits in the order in which the turn would have gone on. */
static int take_turn(struct server *s)
{
	size_t n = gather(s);
	struct talk *left;
	int err;

	if (n == 0 && !has_jobs(s))
		return PALIER_OK;
	err = turn_run(&s->turn, s->talks, n);
	if (err != PALIER_OK)
		return err;
	for (size_t i = 0; (left = turn_left(&s->turn, i)) != NULL; i++)
		conn_move((struct conn *)left, CONN_READY);
	for (size_t i = 0; i < n; i++) {
		if (s->talks[i]->session.subscription.topics)
			feed_join(s->feed, s->talks[i]);
		conn_settle((struct conn *)s->talks[i]);
	}
	return PALIER_OK;
}

static void push(struct talk *k)
{
	conn_push((struct conn *)k);
}

static void tidy(struct server *s)
{
	conns_free_gone(&s->conns);
	doors_prune(&s->doors);
	metrics.connections = conns_count(&s->conns);
}

int server_run(struct server *s)
{
	int err = PALIER_OK;

	tell_doors("serve.begin", s);
	verify_begin(&s->verify, s->ledger);
	while (err == PALIER_OK && !(s->stopping && conns_empty(&s->conns))) {
		err = wait_for_events(s);
		heed_signals(s);
		if (err == PALIER_OK)
			err = take_turn(s);
		if (err == PALIER_OK)
			feed_run(s->feed, push);
		let_in(s, false); /* after those who leave, so that they take nobody's place */
		tidy(s);
		if (err == PALIER_OK)
			err = ledger_pace(s->ledger, clock_now_ms());
	}
	verify_end(&s->verify);
	if (err != PALIER_OK) {
		log_error("serve.failed", "err=%s: nothing unsaved was answered; see to the disk, then start palierd again",
			palier_error_info(err)->name);
		notify_status("The disk fails: the log says how");
	} else {
		log_info("serve.end", "requests=%lld", (long long)metrics.requests);
	}
	return err;
}

/* --- beginning and end --------------------------------------------------------------------------------------------- */

static struct event_base *base_new(void)
{
	struct event_config *c = event_config_new();
	struct event_base *base = NULL;

	if (c && event_config_set_flag(c, EVENT_BASE_FLAG_NOLOCK) == 0)
		base = event_base_new_with_config(c);
	if (!base)
		abort();
	event_config_free(c);
	return base;
}

int server_new(struct config *config, struct plugin_set *plugins, struct ledger *ledger, struct server **out, char *why)
{
	struct server *s = calloc(1, sizeof(*s));
	struct door *fresh;
	int err;

	if (!s)
		abort();
	s->config = config;
	s->plugins = plugins;
	s->ledger = ledger;
	s->base = base_new();
	s->reserve = -1;
	reserve_take(s);
	s->router = router_new(ledger, plugins, config);
	s->feed = feed_new(ledger, router_ctx(s->router));
	s->conns = (struct conns){ .base = s->base, .patience_us = config->limits.line_seconds * 1000000, .feed = s->feed };
	s->turn = (struct turn){ .router = s->router, .ledger = ledger, .config = config };
	own_events(s);
	err = restored_book(s->router, ledger, why);
	if (err != PALIER_OK) {
		server_free(s);
		return err;
	}
	descriptors_prepare(s);
	s->passed = doors_passed(config);
	err = doors_open(config, NULL, s->passed, &fresh, why);
	if (err != PALIER_OK) {
		server_free(s);
		return err;
	}
	doors_attend(s, fresh);
	*out = s;
	return PALIER_OK;
}

void server_free(struct server *s)
{
	doors_shut(s->doors);
	doors_prune(&s->doors);
	doors_shut(s->passed);
	doors_prune(&s->passed);
	feed_free(s->feed);
	router_free(s->router);
	for (int i = 0; i < EV_COUNT; i++)
		event_free(s->own[i]);
	event_base_free(s->base);
	if (s->reserve >= 0)
		close(s->reserve);
	turn_deinit(&s->turn);
	free(s->talks);
	config_free(s->config);
	free(s);
}
