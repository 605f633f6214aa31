/* SPDX-License-Identifier: Apache-2.0 */
/* palierd --scratch: time is what the clock's file says, what is drawn follows from the seed, and a shop is never served with such keys. */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/e2e/harness.h"

#define BEGIN_MS INT64_C(1798797600000) /* 2027-01-01 10:00 in Paris */
#define DAY_MS   INT64_C(86400000)

struct scratch {
	const struct shop *shop;
	char dir[96], door[128];
	pid_t pid;
};

static void clock_set(const struct scratch *x, int64_t at_ms)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/clock", x->dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0 && pwrite(fd, &at_ms, sizeof(at_ms), 0) == sizeof(at_ms));
	close(fd);
}

static void scratch_open(struct scratch *x, const struct shop *s, const char *name, const char *seed)
{
	x->shop = s;
	snprintf(x->dir, sizeof(x->dir), "%s/%s", s->dir, name);
	snprintf(x->door, sizeof(x->door), "unix:%s/door", x->dir);
	assert_int_equal(mkdir(x->dir, 0700), 0);
	clock_set(x, BEGIN_MS);
	x->pid = program_start(s,
		(const char *const[]){ "palierd", "--config", s->config, "--scratch", x->dir, "--seed", seed, NULL });
}

static void scratch_close(struct scratch *x)
{
	kill(x->pid, SIGTERM);
	assert_int_equal(program_wait(x->shop, x->pid, NULL), 0);
}

/* @return what palier call says, to be freed */
static char *call(const struct scratch *x, const char *method, const char *params)
{
	char *said = NULL;

	for (int64_t deadline = now_ms() + DEADLINE_MS;;) {
		int code = program_run(x->shop,
			(const char *const[]){ "palier", "--connect", x->door, "call", method, params, NULL }, &said);

		if (code == 0)
			return said;
		if (now_ms() > deadline)
			fail_msg("%s: %s", method, said);
		free(said);
		sleep_ms(20);
	}
}

static char *member_drawn(const struct shop *s, const char *name, const char *seed)
{
	struct scratch x;
	char *said, *id;

	scratch_open(&x, s, name, seed);
	said = call(&x, "member.enroll", "{\"request\":\"r-1\"}");
	id = strdup(field(said, "member"));
	free(said);
	scratch_close(&x);
	return id;
}

static void follows_seed(void **state)
{
	struct shop *s = *state;
	char *one = member_drawn(s, "one", "7"), *same = member_drawn(s, "same", "7"),
	     *other = member_drawn(s, "other", "8");

	assert_string_equal(one, same);
	assert_string_not_equal(one, other);
	free(one);
	free(same);
	free(other);
}

static void follows_clock(void **state)
{
	struct scratch x;
	char *said;

	scratch_open(&x, *state, "clock", "1");
	said = call(&x, "member.enroll", "{\"request\":\"r-1\"}");
	assert_field(said, "since", "2027-01-01");
	free(said);
	free(call(&x, "day.close", "{\"request\":\"r-2\"}"));
	clock_set(&x, BEGIN_MS + DAY_MS);
	said = call(&x, "member.enroll", "{\"request\":\"r-3\"}");
	assert_field(said, "since", "2027-01-02");
	free(said);
	scratch_close(&x);
}

/* As the shop's ledger it can be checked, but not served; and the shop's own was not touched. */
static void stays_scratch(void **state)
{
	struct shop *s = *state;
	struct scratch x;
	char from[128], *said;

	scratch_open(&x, s, "kept", "1");
	free(call(&x, "member.enroll", "{\"request\":\"r-1\"}"));
	scratch_close(&x);
	assert_int_equal(access(s->data, F_OK), -1);
	snprintf(from, sizeof(from), "%s/ledger", x.dir);
	tree_copy(from, s->data);
	assert_int_equal(shop_verb(s, "check", NULL), 0);
	assert_int_not_equal(shop_verb(s, "", &said), 0);
	assert_non_null(strstr(said, "--scratch"));
	free(said);
}

/* A directory without a clock, or with a ledger, is refused. */
static void refuses(void **state)
{
	struct shop *s = *state;
	char *said;

	assert_int_not_equal(shop_verb_with(s, (const char *const[]){ "--scratch", s->dir, NULL }, &said), 0);
	assert_non_null(strstr(said, "is no clock"));
	free(said);
	assert_int_equal(shop_verb_with(s, (const char *const[]){ "check", "--scratch", s->dir, NULL }, &said), 64);
	free(said);
}

static const struct shop_options nothing = { .empty = true, .broken = true };

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("the same seed draws the same", follows_seed, &nothing),
		IN_SHOP("its days are those of its clock", follows_clock, &nothing),
		IN_SHOP("it is checked like any, and never served", stays_scratch, &nothing),
		IN_SHOP("it needs a clock, and takes no verb", refuses, &nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
