/* SPDX-License-Identifier: Apache-2.0 */
/* The network at its worst: no descriptors, crowds, slow senders and readers, floods. */
#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/socket.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("without descriptors palierd idles, says so once a second, and serves again within one",
			no_descriptors, NULL),
		IN_SHOP("some descriptors are kept for the ledger", some_are_kept, &few),
	};

	return cmocka_run_group_tests_name("net", tests, NULL, NULL);
}
