/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon has its own ledger checked while it serves: after the start, after a close; and says what was found. */
#include <ctype.h>
#include <fcntl.h>
#include <lmdb.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/e2e/harness.h"

static void enroll(struct wire *w, int n)
{
	ask_ok(w, "member.enroll", "'request':'m%d','card':'CARD-%d','name':'Camille %d'", n, n, n);
}

/* Sales go on while it is checked. @return system.status with a check that began at or after an event */
static char *verified_await(struct wire *w, int64_t seq)
{
	int64_t until = now_ms() + DEADLINE_MS;
	static int sale;
	char *reply;

	do {
		ask_ok(w, "sale.commit",
			"'request':'s%d','sale':'S%d','card':'CARD-1','lines':[{'sku':'a','amount':100}],'payable':100",
			sale, sale);
		sale++;
		sleep_ms(20);
		reply = ask_ok(w, "system.status", "%s", "");
	} while (figure(reply, "result.verified.seq") < seq && now_ms() < until);
	return reply;
}

static void sound(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char *reply, *log;
	int64_t closed;

	connect_to(&w, s, DOOR_TRUST);
	enroll(&w, 1);
	assert_null(field(ask_ok(&w, "system.status", "%s", ""), "result.verified"));
	reply = verified_await(&w, 1);
	assert_field(reply, "result.verified.ok", "true");
	shop_log_wait(s, "verify.ok");
	ask_ok(&w, "day.close", "'request':'close'");
	closed = last_seq(&w);
	reply = verified_await(&w, closed);
	assert_field(reply, "result.verified.ok", "true");
	assert_null(strstr(log = shop_log(s), "index.reader")); /* a check that ends well leaves nothing to bury */
	free(log);
	wire_close(&w);
}

/* One bit of a closed day's file: nobody reads it, nobody misses it, but it is no longer what was booked. */
static void damaged(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char path[128], byte;
	int fd;

	connect_to(&w, s, DOOR_TRUST);
	enroll(&w, 1);
	ask_ok(&w, "day.close", "'request':'close'");
	snprintf(path, sizeof(path), "%s/journal/1.jsonl", s->data);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, 300), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, 300), 1);
	close(fd);
	assert_field(verified_await(&w, 2), "result.verified.ok", "false");
	shop_log_wait(s, "error verify.finding journal 1");
	enroll(&w, 2); /* it serves all the same */
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
}

/* The end may cut a check short; what it leaves behind does not disturb the next. */
static void started_again(void **state)
{
	struct shop *s = *state;
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	enroll(&w, 1);
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_field(verified_await(&w, 1), "result.verified.ok", "true");
	wire_close(&w);
}

static MDB_env *index_open(const struct shop *s)
{
	char path[128];
	MDB_env *env = NULL;

	snprintf(path, sizeof(path), "%s/index/data.mdb", s->data);
	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_open(env, path, MDB_RDONLY | MDB_NOSUBDIR | MDB_NOTLS, 0600), 0);
	return env;
}

static int line_count(const char *line, void *who)
{
	int *lines = who;

	*lines += isdigit((unsigned char)line[strspn(line, " ")]) != 0; /* the others are headings */
	return 0;
}

/* A check, a backup, somebody's tool: it reads the index when the machine runs out of memory, say. */
static void reader_killed(const struct shop *s)
{
	int ready[2];
	char byte = 0;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		MDB_env *env = index_open(s);
		MDB_txn *txn;

		if (mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) == 0 && write(ready[1], &byte, 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(ready[0]);
	close(ready[1]);
}

static int readers(const struct shop *s)
{
	MDB_env *env = index_open(s);
	int lines = 0;

	assert_true(mdb_reader_list(env, line_count, &lines) >= 0);
	mdb_env_close(env);
	return lines;
}

static void bury(void **state)
{
	struct shop *s = *state;
	int64_t until = now_ms() + DEADLINE_MS;
	struct wire w;
	int alone;

	connect_to(&w, s, DOOR_TRUST);
	enroll(&w, 1);
	verified_await(&w, 1);
	alone = readers(s);
	reader_killed(s);
	while (readers(s) != alone && now_ms() < until)
		sleep_ms(20);
	assert_int_equal(readers(s), alone);
	wire_close(&w);
}

int main(void)
{
	static const struct shop_options broken = { .broken = true };
	const struct CMUnitTest tests[] = {
		IN_SHOP("the ledger is checked after the start and after a close", sound, NULL),
		IN_SHOP("a finding is an error in the log and told by system.status", damaged, &broken),
		IN_SHOP("what a killed reader held is let go", bury, NULL),
		IN_SHOP("it is checked again after the next start", started_again, NULL),
	};

	return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
