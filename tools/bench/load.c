/* SPDX-License-Identifier: Apache-2.0 */
/* The load generator's loop. A connection keeps its requests under way in a ring: replies come in the requests' order. */
#include "tools/bench/load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "tools/bench/address.h"
#include "tools/bench/progress.h"

#define SILENCE_NS (INT64_C(30) * 1000000000)
#define READ_ROOM  65536

struct flight {
	uint64_t serial;
	int64_t sent_ns;
	enum bench_kind kind;
};

struct connection {
	int fd;
	bool waits; /* for room to write */
	struct palier_buffer in, out;
	struct flight *ring;
	unsigned first, count;
};

struct run {
	const struct load *load;
	struct load_result *result;
	struct connection *connections;
	int poll;
	unsigned weights, under_way;
	uint64_t issued;
	int64_t now, end, heard;
	struct progress progress;
};

int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

uint64_t per_second(uint64_t n, int64_t ns)
{
	return ns > 0 ? (uint64_t)((unsigned __int128)n * 1000000000 / (uint64_t)ns) : 0;
}

static int64_t cpu_ns(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return ((int64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 + u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
}

static void count_reason(struct load_result *r, struct palier_bytes reason, uint64_t times)
{
	size_t i = 0;

	while (i < LOAD_REASONS - 1 && r->reasons[i].count > 0 && !palier_is(reason, r->reasons[i].text))
		i++;
	if (r->reasons[i].count == 0)
		snprintf(r->reasons[i].text, sizeof(r->reasons[i].text), "%.*s", PALIER_ARG(reason));
	r->reasons[i].count += times;
	r->errors += times;
}

static enum bench_kind draw_kind(const struct run *run)
{
	uint64_t at = bench_draw(run->load->work, run->weights);
	unsigned kind = 0;

	while (at >= run->load->weights[kind])
		at -= run->load->weights[kind++];
	return (enum bench_kind)kind;
}

static bool wants_more(const struct run *run)
{
	return (run->end == 0 || run->now < run->end) && (run->load->requests == 0 || run->issued < run->load->requests);
}

static void issue(struct run *run, struct connection *c)
{
	const struct load *l = run->load;

	while (c->count < l->depth && wants_more(run)) {
		struct flight *f = &c->ring[(c->first + c->count) % l->depth];

		*f = (struct flight){ run->issued, run->now, draw_kind(run) };
		l->target->request(&c->out, f->kind, f->serial, l->work);
		c->count++;
		run->under_way++;
		run->issued++;
	}
}

static int send_out(struct run *run, struct connection *c)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };
	ssize_t n = c->out.len ? write(c->fd, c->out.at, c->out.len) : 0;

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return PALIER_EUNREACHABLE;
	palier_buffer_shift(&c->out, n > 0 ? (size_t)n : 0);
	if (c->waits == (c->out.len > 0))
		return PALIER_OK;
	c->waits = c->out.len > 0;
	if (c->waits)
		ev.events |= EPOLLOUT;
	return epoll_ctl(run->poll, EPOLL_CTL_MOD, c->fd, &ev) == 0 ? PALIER_OK : PALIER_EUNREACHABLE;
}

static void settle(struct run *run, struct connection *c, enum verdict verdict, const struct reply *reply)
{
	const struct flight *f = &c->ring[c->first];
	struct load_result *r = run->result;

	if (verdict == VERDICT_ERROR)
		count_reason(r, reply->reason, 1);
	if (run->end == 0 || run->now < run->end) {
		histogram_add(r->kinds[f->kind], (uint64_t)(run->now - f->sent_ns));
		r->answered++;
	}
	c->first = (c->first + 1) % run->load->depth;
	c->count--;
	run->under_way--;
}

static int receive(struct run *run, struct connection *c)
{
	size_t done = 0;
	ssize_t n;

	palier_buffer_reserve(&c->in, READ_ROOM);
	n = read(c->fd, c->in.at + c->in.len, c->in.cap - c->in.len);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return PALIER_OK;
	if (n <= 0)
		return PALIER_EUNREACHABLE;
	c->in.len += (size_t)n;
	run->heard = run->now = now_ns();
	while (done < c->in.len) {
		struct reply reply = { 0 };
		enum verdict verdict = VERDICT_LOST;

		if (c->count > 0)
			verdict = run->load->target->judge(palier_bytes_of(c->in.at + done, c->in.len - done),
				c->ring[c->first].serial, &reply);
		if (verdict == VERDICT_LOST)
			return PALIER_EUNREACHABLE;
		if (verdict == VERDICT_MORE)
			break;
		settle(run, c, verdict, &reply);
		done += reply.len;
	}
	palier_buffer_shift(&c->in, done);
	return PALIER_OK;
}

static int serve(struct run *run, struct connection *c, uint32_t events)
{
	int err = events & (EPOLLIN | EPOLLHUP | EPOLLERR) ? receive(run, c) : PALIER_OK;

	if (err != PALIER_OK)
		return err;
	issue(run, c);
	return send_out(run, c);
}

static int loop(struct run *run)
{
	struct epoll_event events[64];
	int err = PALIER_OK;

	run->heard = run->now = now_ns();
	run->end = run->load->duration_ns ? run->now + run->load->duration_ns : 0;
	for (unsigned i = 0; i < run->load->connections && err == PALIER_OK; i++)
		err = serve(run, &run->connections[i], 0);
	while (err == PALIER_OK && run->under_way > 0) {
		int n = epoll_wait(run->poll, events, 64, 1000);

		if (n < 0 && errno != EINTR)
			return PALIER_EUNREACHABLE;
		for (int i = 0; i < n && err == PALIER_OK; i++)
			err = serve(run, events[i].data.ptr, events[i].events);
		if (n <= 0)
			run->now = now_ns();
		if (run->now - run->heard > SILENCE_NS)
			err = PALIER_EUNREACHABLE;
		if (run->load->progress)
			progress_show(&run->progress, run->result->answered, run->load->requests, run->now);
	}
	return err;
}

static int connection_init(struct run *run, struct connection *c)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };
	int err = address_connect(run->load->address, &c->fd);

	if (err == PALIER_OK)
		err = run->load->target->prepare(c->fd);
	if (err != PALIER_OK)
		return err;
	c->ring = calloc(run->load->depth, sizeof(*c->ring));
	if (!c->ring || fcntl(c->fd, F_SETFL, O_NONBLOCK) != 0 || epoll_ctl(run->poll, EPOLL_CTL_ADD, c->fd, &ev) != 0)
		return PALIER_EUNREACHABLE;
	return PALIER_OK;
}

static void connection_deinit(struct connection *c)
{
	if (c->fd >= 0)
		close(c->fd);
	palier_buffer_deinit(&c->in);
	palier_buffer_deinit(&c->out);
	free(c->ring);
}

int load_run(const struct load *l, struct load_result *r)
{
	struct run run = { .load = l, .result = r, .poll = epoll_create1(EPOLL_CLOEXEC) };
	int err = run.poll >= 0 ? PALIER_OK : PALIER_EUNREACHABLE;
	int64_t began, cpu;

	run.connections = calloc(l->connections, sizeof(*run.connections));
	if (!run.connections)
		abort();
	for (unsigned i = 0; i < l->connections; i++)
		run.connections[i].fd = -1;
	for (unsigned kind = 0; kind < KINDS; kind++) {
		run.weights += l->weights[kind];
		if (l->weights[kind] > 0 && !r->kinds[kind] && !(r->kinds[kind] = calloc(1, sizeof(*r->kinds[kind]))))
			abort();
	}
	for (unsigned i = 0; i < l->connections && err == PALIER_OK; i++)
		err = connection_init(&run, &run.connections[i]);
	began = now_ns();
	cpu = cpu_ns();
	if (err == PALIER_OK)
		err = loop(&run);
	r->elapsed_ns += l->duration_ns ? l->duration_ns : run.now - began;
	r->cpu_ns += cpu_ns() - cpu;
	if (l->progress)
		progress_end(&run.progress, r->answered, l->requests, run.now);
	for (unsigned i = 0; i < l->connections; i++)
		connection_deinit(&run.connections[i]);
	free(run.connections);
	if (run.poll >= 0)
		close(run.poll);
	return err;
}

void load_result_add(struct load_result *r, const struct load_result *other)
{
	r->elapsed_ns += other->elapsed_ns;
	r->cpu_ns += other->cpu_ns;
	r->answered += other->answered;
	for (size_t i = 0; i < LOAD_REASONS; i++)
		if (other->reasons[i].count > 0)
			count_reason(r, palier_str(other->reasons[i].text), other->reasons[i].count);
	for (unsigned kind = 0; kind < KINDS; kind++)
		if (other->kinds[kind]) {
			if (!r->kinds[kind] && !(r->kinds[kind] = calloc(1, sizeof(*r->kinds[kind]))))
				abort();
			histogram_merge(r->kinds[kind], other->kinds[kind]);
		}
}

void load_result_deinit(struct load_result *r)
{
	for (unsigned kind = 0; kind < KINDS; kind++)
		free(r->kinds[kind]);
	*r = (struct load_result){ 0 };
}
