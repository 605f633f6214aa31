/* SPDX-License-Identifier: Apache-2.0 */
/* The network at its worst: no descriptors, crowds, slow senders and readers, floods. */
#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/e2e/harness.h"

/* --- no descriptors left ------------------------------------------------------------------------------------------- */

#define CALLERS   40
#define HUNGRY_MS 3000

/* CPU time of palierd so far. */
static int64_t cpu_us(const struct shop *s)
{
	struct timespec t;
	clockid_t clock;

	assert_int_equal(clock_getcpuclockid(s->pid, &clock), 0);
	assert_int_equal(clock_gettime(clock, &t), 0);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int log_lines(const struct shop *s)
{
	char *log = shop_log(s);
	int n = 0;

	for (char *at = log; at && (at = strchr(at, '\n')); at++)
		n++;
	free(log);
	return n;
}

/* The highest descriptor that palierd has open. */
static int highest_descriptor(const struct shop *s)
{
	char path[64];
	struct dirent *e;
	int highest = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)s->pid);
	dir = opendir(path);
	assert_non_null(dir);
	while ((e = readdir(dir)))
		if (atoi(e->d_name) > highest)
			highest = atoi(e->d_name);
	closedir(dir);
	return highest;
}

/* From now on palierd may have so many; 0: as many as before. */
static void descriptors_limit(const struct shop *s, int most)
{
	static struct rlimit before;
	struct rlimit now = { (rlim_t)most, 0 };

	if (!before.rlim_max)
		assert_int_equal(prlimit(s->pid, RLIMIT_NOFILE, NULL, &before), 0);
	now.rlim_max = before.rlim_max;
	assert_int_equal(prlimit(s->pid, RLIMIT_NOFILE, most ? &now : &before, NULL), 0);
}

/* Callers knock again and again; one inside is served all the while. @return how many were told that there is no room */
static int hunger(const struct shop *s, struct wire *inside)
{
	struct wire callers[CALLERS];
	int64_t until = now_ms() + HUNGRY_MS;
	int told = 0;

	for (int i = 0; i < CALLERS; i++)
		connect_to(&callers[i], s, DOOR_TRUST);
	while (now_ms() < until) {
		ask_ok(inside, "system.status", "%s", "");
		for (int i = 0; i < CALLERS; i++) {
			struct pollfd p = { .fd = callers[i].fd, .events = POLLIN };
			char *line;

			if (poll(&p, 1, 0) != 1)
				continue;
			line = wire_line(&callers[i]);
			assert_non_null(line);
			assert_field(line, "error.data.reason", "throttled");
			told++;
			wire_close(&callers[i]);
			connect_to(&callers[i], s, DOOR_TRUST);
		}
		sleep_ms(20);
	}
	for (int i = 0; i < CALLERS; i++)
		wire_close(&callers[i]);
	return told;
}

/* @return how long after descriptors are free somebody new is served */
static int64_t served_again_ms(struct shop *s)
{
	struct wire w;
	int64_t begun;

	descriptors_limit(s, highest_descriptor(s) + 1);
	connect_to(&w, s, DOOR_TRUST); /* the kernel takes the call, palierd cannot */
	sleep_ms(100);
	begun = now_ms();
	descriptors_limit(s, 0);
	if (!wire_ask(&w, "system.status", "%s", "")) { /* turned away meanwhile: it calls again */
		wire_close(&w);
		connect_to(&w, s, DOOR_TRUST);
		ask_ok(&w, "system.status", "%s", "");
	}
	begun = now_ms() - begun;
	wire_close(&w);
	return begun;
}

static void no_descriptors(void **state)
{
	struct shop *s = *state;
	struct wire inside;
	int64_t began_us, began_ms, spent_us, passed_ms, best_ms = DEADLINE_MS;
	int lines, told;

	connect_to(&inside, s, DOOR_TRUST);
	ask_ok(&inside, "member.enroll", "'request':'c-1','card':'CARD-1'");
	descriptors_limit(s, highest_descriptor(s) + 1);
	began_us = cpu_us(s);
	began_ms = now_ms();
	lines = log_lines(s);
	told = hunger(s, &inside);
	spent_us = cpu_us(s) - began_us;
	passed_ms = now_ms() - began_ms;
	lines = log_lines(s) - lines;
	print_message("%lld ms of processor and %d log lines in %lld ms; %d turned away\n", (long long)spent_us / 1000,
		lines, (long long)passed_ms, told);
	assert_true(spent_us * 20 < passed_ms * 1000);
	assert_true(lines <= 1 + passed_ms / 1000);
	assert_true(told > 0);
	descriptors_limit(s, 0);
	for (int i = 0; i < 5; i++) {
		int64_t ms = served_again_ms(s);

		best_ms = ms < best_ms ? ms : best_ms;
	}
	assert_true(best_ms < 1000);
	assert_true(metric(&inside, "palier_connections_refused_total", "descriptors") >= told);
	wire_close(&inside);
}

/* What is booked in a closed file cannot be looked at then: it is not booked again, and is there once there is room. */
static void nothing_twice(void **state)
{
	static const char adjust[] = "'request':'a-1','card':'CARD-1','unit':'points','points':5,'reason':'sorry'";
	struct shop *s = *state;
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	ask_ok(&w, "balance.adjust", "%s", adjust);
	ask_ok(&w, "day.close", "'request':'d-1'");
	ask_ok(&w, "balance.adjust", "'request':'a-2','card':'CARD-1','unit':'points','points':5,'reason':'sorry'");
	ask_ok(&w, "system.status", "%s", "");
	descriptors_limit(s, 3);
	ask_refused(&w, "internal", "balance.adjust", "%s", adjust);
	descriptors_limit(s, 0);
	assert_field(ask_ok(&w, "balance.adjust", "%s", adjust), "result.replayed", "true");
	assert_figure(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.balances.points", 10);
	wire_close(&w);
}

static const struct shop_options few = { .descriptors = 64 };

/* Whatever comes in, some are kept for the ledger: a day can be opened in a full house. */
static void some_are_kept(void **state)
{
	struct shop *s = *state;
	struct wire w[64];
	int in = 0;

	while (in < 64) {
		connect_to(&w[in], s, DOOR_TRUST);
		if (!wire_ask(&w[in++], "system.status", "%s", ""))
			break; /* turned away */
	}
	assert_true(in > 16 && in < 64);
	ask_ok(&w[0], "member.enroll", "'request':'c-1','card':'CARD-1'");
	assert_figure(ask_ok(&w[1], "system.status", "%s", ""), "result.batch", 1);
	for (int i = 0; i < in; i++)
		wire_close(&w[i]);
}

/* --- crowds -------------------------------------------------------------------------------------------------------- */

#define IDLE  10000
#define TILLS 8
#define SALES 200

struct till {
	pthread_t thread;
	const struct shop *shop;
	int index;
	char said[512];
};

static void *till_run(void *arg)
{
	struct till *t = arg;
	struct wire w;

	if (!wire_open(&w, t->shop, DOOR_TRUST)) {
		snprintf(t->said, sizeof(t->said), "nobody answers");
		return NULL;
	}
	for (int i = 0; i < SALES && !t->said[0]; i++) {
		char *reply = wire_ask(&w, "sale.commit",
			"'request':'s-%d-%d','sale':'R-%d-%d','card':'CARD-1','lines':[{'sku':'a','amount':100}],'payable':100",
			t->index, i, t->index, i);

		if (!reply || figure(reply, "result.payable") != 100)
			snprintf(t->said, sizeof(t->said), "sale %d is answered %s", i, reply ? reply : "with nothing");
	}
	wire_close(&w);
	return NULL;
}

static void tills_work(const struct shop *s)
{
	struct till tills[TILLS];

	for (int i = 0; i < TILLS; i++) {
		tills[i] = (struct till){ .shop = s, .index = i };
		assert_int_equal(pthread_create(&tills[i].thread, NULL, till_run, &tills[i]), 0);
	}
	for (int i = 0; i < TILLS; i++) {
		pthread_join(tills[i].thread, NULL);
		if (tills[i].said[0])
			fail_msg("till %d: %s", i, tills[i].said);
	}
}

/* As many as this machine allows, IDLE at most. */
static int idle_wanted(void)
{
	struct rlimit limit;
	int idle = IDLE;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	if (limit.rlim_max < IDLE + 200)
		idle = (int)limit.rlim_max - 200;
	if (idle < IDLE)
		print_message("the limit of open files allows %d connections, not %d\n", idle, IDLE);
	return idle;
}

static const struct shop_options roomy = { .config = "limits { connections = 10100 }\n" };

static void crowded(void **state)
{
	struct shop *s = *state;
	static struct wire idle[IDLE];
	struct wire w;
	int n = idle_wanted();

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	for (int i = 0; i < n; i++)
		connect_to(&idle[i], s, DOOR_TRUST);
	while (metric(&w, "palier_connections", NULL) < n + 1)
		sleep_ms(1); /* some are still being let in */
	tills_work(s);
	assert_figure(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.balances.points", TILLS * SALES);
	for (int i = 0; i < n; i++) { /* one after the other, so that the test's own buffers do not add up */
		ask_ok(&idle[i], "request.status", "'request':'s-0-0'");
		free(idle[i].in);
		idle[i].in = NULL;
		idle[i].begin = idle[i].len = idle[i].size = 0;
	}
	assert_int_equal(metric(&w, "palier_connections", NULL), n + 1);
	for (int i = 0; i < n; i++)
		wire_close(&idle[i]);
	wire_close(&w);
}

/* --- the slow ------------------------------------------------------------------------------------------------------ */

#define SLOW       20
#define PATIENCE_S 2

static const struct shop_options hasty = { .config = "limits { line-seconds = 2 }\n" };

/* Asks until nothing more is taken; reads nothing. */
static void stuff(struct wire *w)
{
	static const char line[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"rpc.discover\"}\n";
	int64_t until = now_ms() + 100;

	while (now_ms() < until)
		if (send(w->fd, line, sizeof(line) - 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			sleep_ms(5);
}

static void slow_ones(void **state)
{
	struct shop *s = *state;
	struct wire senders[SLOW], readers[SLOW], idle, w;
	int64_t begun_ms;

	connect_to(&w, s, DOOR_TRUST);
	connect_to(&idle, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	for (int i = 0; i < SLOW; i++) {
		connect_to(&senders[i], s, DOOR_TRUST);
		connect_to(&readers[i], s, DOOR_PEER);
		ask_ok(&senders[i], "system.status", "%s", "");
	}
	begun_ms = now_ms();
	for (int i = 0; i < SLOW; i++)
		assert_true(wire_send(&senders[i], "{\"jsonrpc\"", 10));
	tills_work(s);
	for (int i = 0; i < SLOW; i++) {
		assert_null(wire_line(&senders[i]));
		assert_true(now_ms() - begun_ms >= PATIENCE_S * 1000 - 10); /* not before its time */
	}
	for (int i = 0; i < SLOW; i++)
		stuff(&readers[i]);
	while (metric(&w, "palier_connections_cut_total", "slow_reader") < SLOW)
		sleep_ms(10);
	assert_int_equal(metric(&w, "palier_connections_cut_total", "slow_sender"), SLOW);
	ask_ok(&idle, "system.status", "%s", ""); /* to wait in silence is no sin */
	assert_int_equal(metric(&w, "palier_connections", NULL), 2);
	for (int i = 0; i < SLOW; i++) {
		wire_close(&senders[i]);
		wire_close(&readers[i]);
	}
	wire_close(&idle);
	wire_close(&w);
}

/* --- floods -------------------------------------------------------------------------------------------------------- */

#define FLOOD 10000

struct flood {
	struct wire w;
	char *text;
	size_t len, begun;
	bool sent;
};

static size_t flood_line(int i, char *out)
{
	return (size_t)sprintf(out,
		"{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"sale.commit\",\"params\":{\"request\":\"f-%d\",\"sale\":\"F-%d\","
		"\"lines\":[{\"sku\":\"a\",\"amount\":100}],\"payable\":100}}\n",
		i, i, i);
}

static void *flood_send(void *arg)
{
	struct flood *f = arg;

	f->sent = wire_send(&f->w, f->text + f->begun, f->len - f->begun);
	return NULL;
}

/* palierd stands still while the flood fills its socket and another till's line comes after it: then both are there. */
static void flooded(void **state)
{
	struct shop *s = *state;
	struct flood f = { .text = malloc((size_t)FLOOD * 200) };
	struct wire other, w;
	pthread_t sender;
	char line[256], *reply;
	int64_t before, last = 0;
	ssize_t begun;

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1'");
	before = last_seq(&w);
	connect_to(&f.w, s, DOOR_TRUST);
	connect_to(&other, s, DOOR_TRUST);
	ask_ok(&f.w, "system.status", "%s", "");
	ask_ok(&other, "system.status", "%s", "");
	for (int i = 1; i <= FLOOD; i++)
		f.len += flood_line(i, f.text + f.len);
	kill(s->pid, SIGSTOP);
	assert_int_equal(waitpid(s->pid, NULL, WUNTRACED), s->pid); /* only now does it stand still */
	begun = send(f.w.fd, f.text, f.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	assert_true(begun > 20000);
	f.begun = (size_t)begun;
	assert_true(wire_send(&other, line, flood_line(0, line)));
	kill(s->pid, SIGCONT);
	assert_int_equal(pthread_create(&sender, NULL, flood_send, &f), 0);
	reply = wire_line(&other);
	assert_non_null(reply);
	assert_field(reply, "result.sale", "F-0");
	for (int i = 1; i <= FLOOD; i++) {
		reply = wire_line(&f.w);
		assert_non_null(reply);
		assert_figure(reply, "id", i);
		assert_figure(reply, "result.payable", 100);
	}
	pthread_join(sender, NULL);
	assert_true(f.sent);
	assert_true(figure(ask_ok(&w, "sale.show", "'sale':'F-0'"), "result.seq") <= before + 8);
	last = figure(ask_ok(&w, "sale.show", "'sale':'F-%d'", FLOOD), "result.seq");
	assert_int_equal(last, before + FLOOD + 1);
	free(f.text);
	wire_close(&f.w);
	wire_close(&other);
	wire_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("without descriptors palierd idles, says so once a second, and serves again within one",
			no_descriptors, NULL),
		IN_SHOP("without descriptors nothing is booked twice", nothing_twice, NULL),
		IN_SHOP("some descriptors are kept for the ledger", some_are_kept, &few),
		IN_SHOP("10,000 who say nothing keep eight tills from nothing, and are served", crowded, &roomy),
		IN_SHOP("slow senders and readers are cut at their time, and nobody else", slow_ones, &hasty),
		IN_SHOP("10,000 requests in one write come after another till's one", flooded, NULL),
	};

	return cmocka_run_group_tests_name("net", tests, NULL, NULL);
}
