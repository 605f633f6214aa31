/* SPDX-License-Identifier: Apache-2.0 */
/* The offline queue: what is kept survives cuts and kills at any moment, is sent in order, and leaves when it was answered. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "protocol/queue.h"
#include "tests/unit/tools/fake_server.h"

static char dir[64], path[96], aside[128];

static int make_directory(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/palier-queue.XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/queue", dir);
	snprintf(aside, sizeof(aside), "%s.refused", path);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	unlink(path);
	unlink(aside);
	return rmdir(dir);
}

static struct palier_queue *must_open(void)
{
	struct palier_queue *q = NULL;

	assert_int_equal(palier_queue_open(path, &q), PALIER_OK);
	return q;
}

static void add(struct palier_queue *q, int n)
{
	char params[160];

	snprintf(params, sizeof(params), "{\"request\":\"r-%d\",\"sale\":\"S-%d\",\"at\":\"2026-01-02T03:04:05Z\"}", n, n);
	assert_int_equal(palier_queue_add(q, "sale.commit", params), PALIER_OK);
}

/* Does the index-th hold the nth command? */
static bool holds(const struct palier_queue *q, size_t index, int n)
{
	struct palier_queued c;
	char params[160];

	snprintf(params, sizeof(params),
		"{\"request\":\"r-%d\",\"sale\":\"S-%d\",\"at\":\"2026-01-02T03:04:05Z\",\"offline\":true}", n, n);
	return palier_queue_at(q, index, &c) && palier_is(c.method, "sale.commit") && palier_is(c.params, params);
}

static struct palier_buffer file_read(const char *name)
{
	struct palier_buffer b = { 0 };
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	assert_true(fd >= 0);
	do {
		palier_buffer_reserve(&b, 4096);
		n = read(fd, b.at + b.len, b.cap - b.len);
		assert_true(n >= 0);
		b.len += (size_t)n;
	} while (n > 0);
	close(fd);
	return b;
}

static void file_write(const char *name, const void *at, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, at, len), len);
	close(fd);
}

/* --- keeping --- */

static void kept_in_order(void **state)
{
	struct palier_queue *q = must_open();
	struct palier_queued c;

	(void)state;
	assert_int_equal(palier_queue_count(q), 0);
	assert_false(palier_queue_at(q, 0, &c));
	for (int n = 1; n <= 40; n++)
		add(q, n);
	palier_queue_close(q);
	q = must_open();
	assert_int_equal(palier_queue_count(q), 40);
	for (int n = 1; n <= 40; n++)
		assert_true(holds(q, (size_t)n - 1, n));
	assert_false(palier_queue_at(q, 40, &c));
	palier_queue_close(q);
}

static const struct add_case {
	const char *name, *method, *params, *expected; /* "" : refused with err */
	int err;
} adds[] = {
	{ "offline is added, and true whatever it was", "sale.commit", "{\"offline\":false,\"request\":\"r\",\"at\":\"x\"}",
		"{\"request\":\"r\",\"at\":\"x\",\"offline\":true}", PALIER_OK },
	{ "lines are joined", "sale.commit", "{\"request\":\n\"r\",\r\n\"at\":\"x\"}",
		"{\"request\":\"r\",\"at\":\"x\",\"offline\":true}", PALIER_OK },
	{ "line ends inside become spaces", "sale.commit", "{\"request\":\"r\",\"at\":\"x\",\"ext\":{\n}}",
		"{\"request\":\"r\",\"at\":\"x\",\"ext\":{ },\"offline\":true}", PALIER_OK },
	{ "a key's escapes stay", "sale.commit", "{\"request\":\"r\",\"at\":\"x\",\"\\\"\\u0041\":1}",
		"{\"request\":\"r\",\"at\":\"x\",\"\\\"\\u0041\":1,\"offline\":true}", PALIER_OK },
	{ "a method newer than the library is kept", "sale.tomorrow", "{\"request\":\"r\",\"at\":\"x\"}",
		"{\"request\":\"r\",\"at\":\"x\",\"offline\":true}", PALIER_OK },
	{ "without a request nothing is kept", "sale.commit", "{\"at\":\"x\"}", "", PALIER_EREQUEST_MISSING },
	{ "an empty request is none", "sale.commit", "{\"request\":\"\"}", "", PALIER_EREQUEST_MISSING },
	{ "a request that is no string is none", "sale.commit", "{\"request\":1}", "", PALIER_EREQUEST_MISSING },
	{ "a command that takes no offline is not kept", "card.block", "{\"request\":\"r\"}", "", PALIER_EPARAMS },
	{ "a question is not kept", "sale.quote", "{\"request\":\"r\"}", "", PALIER_EPARAMS },
	{ "params that are no object are not kept", "sale.commit", "[]", "", PALIER_EPARAMS },
	{ "params that are no JSON are not kept", "sale.commit", "{\"request\":\"r\"", "", PALIER_EPARAMS },
};

static void added(void **state)
{
	const struct add_case *a = *state;
	struct palier_queue *q;
	struct palier_queued c;

	make_directory(NULL);
	q = must_open();
	assert_int_equal(palier_queue_add(q, a->method, a->params), a->err);
	for (int again = 0; again < 2; again++) {
		assert_int_equal(palier_queue_count(q), a->err == PALIER_OK);
		if (a->err == PALIER_OK) {
			assert_true(palier_queue_at(q, 0, &c));
			assert_int_equal(c.params.len, strlen(a->expected));
			assert_memory_equal(c.params.at, a->expected, c.params.len);
			assert_true(palier_is(c.method, a->method));
		}
		palier_queue_close(q);
		q = must_open();
	}
	palier_queue_close(q);
	remove_directory(NULL);
}

static void deep_params(void **state)
{
	char params[256] = "{\"request\":\"r\",\"ext\":";
	struct palier_queue *q = must_open();

	(void)state;
	for (int i = 0; i < 63; i++)
		strcat(params, "[");
	for (int i = 0; i < 63; i++)
		strcat(params, "]");
	strcat(params, "}");
	assert_int_equal(palier_queue_add(q, "sale.commit", params), PALIER_EPARAMS);
	palier_queue_close(q);
	palier_queue_close(must_open());
}

static void now_without_at(void **state)
{
	struct palier_queue *q = must_open();
	struct palier_queued c;

	(void)state;
	assert_int_equal(palier_queue_add(q, "sale.commit", "{\"request\":\"r\"}"), PALIER_OK);
	assert_true(palier_queue_at(q, 0, &c));
	assert_memory_equal(c.params.at, "{\"request\":\"r\",\"at\":\"20", 21);
	palier_queue_close(q);
}

static void one_at_a_time(void **state)
{
	struct palier_queue *q = must_open(), *other = NULL;
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(palier_queue_open(path, &other), PALIER_EBUSY);
	pid = fork();
	if (pid == 0)
		_exit(palier_queue_open(path, &other) == PALIER_EBUSY ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	palier_queue_close(q);
	palier_queue_close(must_open());
}

static void nowhere(void **state)
{
	struct palier_queue *q = NULL;

	(void)state;
	assert_int_equal(palier_queue_open("/nowhere/at/all", &q), PALIER_EIO);
	assert_null(q);
}

/* --- torn and changed files --- */

/* How many whole lines end at or before `len`. */
static size_t lines_in(const struct palier_buffer *b, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += b->at[i] == '\n';
	return n;
}

static void cut_anywhere(void **state)
{
	struct palier_queue *q = must_open();
	struct palier_buffer whole;

	(void)state;
	for (int n = 1; n <= 3; n++)
		add(q, n);
	palier_queue_close(q);
	whole = file_read(path);
	for (size_t len = 0; len <= whole.len; len++) {
		size_t left = lines_in(&whole, len);

		file_write(path, whole.at, len);
		q = must_open();
		assert_int_equal(palier_queue_count(q), left);
		add(q, 9);
		palier_queue_close(q);
		q = must_open();
		assert_int_equal(palier_queue_count(q), left + 1);
		for (size_t i = 0; i < left; i++)
			assert_true(holds(q, i, (int)i + 1));
		assert_true(holds(q, left, 9));
		palier_queue_close(q);
	}
	palier_buffer_deinit(&whole);
}

static void zeros_at_the_end(void **state)
{
	struct palier_queue *q = must_open();
	struct palier_buffer whole;

	(void)state;
	add(q, 1);
	palier_queue_close(q);
	whole = file_read(path);
	palier_buffer_add(&whole, "\0\0\0\n\0\0", 6);
	file_write(path, whole.at, whole.len);
	q = must_open();
	assert_int_equal(palier_queue_count(q), 1);
	palier_queue_close(q);
	palier_buffer_deinit(&whole);
}

/* A changed byte is never taken for what was kept; before the last line, the file is left alone. */
static void changed_anywhere(void **state)
{
	struct palier_queue *q = must_open();
	struct palier_buffer whole;

	(void)state;
	add(q, 1);
	add(q, 2);
	palier_queue_close(q);
	whole = file_read(path);
	for (size_t at = 0; at < whole.len; at++) {
		bool last = lines_in(&whole, at) == 1;
		int err;

		if (whole.at[at] == '\n' && !last)
			continue; /* without its end a line is as good as torn */
		whole.at[at] ^= 1;
		file_write(path, whole.at, whole.len);
		err = palier_queue_open(path, &q);
		assert_int_equal(err, last ? PALIER_OK : PALIER_EDAMAGED);
		if (err == PALIER_OK) {
			assert_int_equal(palier_queue_count(q), 1);
			assert_true(holds(q, 0, 1));
			palier_queue_close(q);
		} else {
			struct palier_buffer after = file_read(path);

			assert_int_equal(after.len, whole.len);
			palier_buffer_deinit(&after);
		}
		whole.at[at] ^= 1;
	}
	palier_buffer_deinit(&whole);
}

/* A child keeps commands and tells of each that it was told is kept, until it is killed. */
static void killed_anywhere(void **state)
{
	(void)state;
	for (int round = 0; round < 40; round++) {
		int said[2], status;
		struct palier_queue *q;
		size_t told = 0;
		char c;
		pid_t pid;

		unlink(path);
		assert_int_equal(pipe(said), 0);
		pid = fork();
		if (pid == 0) {
			q = must_open();
			for (int n = 1;; n++) {
				add(q, n);
				if (write(said[1], "x", 1) != 1)
					_exit(1);
			}
		}
		close(said[1]);
		for (int i = 0; i < round % 7 && read(said[0], &c, 1) == 1; i++)
			told++;
		usleep((useconds_t)(round * 37 % 600));
		kill(pid, SIGKILL);
		while (read(said[0], &c, 1) == 1)
			told++;
		close(said[0]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		q = must_open();
		assert_in_range(palier_queue_count(q), told, told + 1);
		for (size_t i = 0; i < palier_queue_count(q); i++)
			assert_true(holds(q, i, (int)i + 1));
		palier_queue_close(q);
	}
}

/* --- sending --- */

#define OK "\"result\":{}"
#define REFUSAL(code, reason, retryable) \
	"\"error\":{\"code\":" code ",\"message\":\"a sentence\",\"data\":{\"reason\":\"" reason \
	"\",\"retryable\":" retryable "}}"

static const struct send_case {
	const char *name;
	struct fake_step script[8];
	int err;
	size_t left;         /* of three */
	const char *refused; /* "2": the second was put aside */
	int lines;
} sends[] = {
	{ "all are answered", { { FAKE_ANSWER, OK }, { FAKE_ANSWER, OK }, { FAKE_ANSWER, OK } }, PALIER_OK, 0, "", 3 },
	{ "nobody answers: all stay", { { FAKE_DROP, NULL } }, PALIER_EUNREACHABLE, 3, "", 1 },
	{ "what was answered before the line broke has left", { { FAKE_ANSWER, OK }, { FAKE_DROP, NULL } },
		PALIER_EUNREACHABLE, 2, "", 2 },
	{ "what is refused for good is put aside and the next is sent",
		{ { FAKE_ANSWER, OK }, { FAKE_ANSWER, REFUSAL("-32004", "sale_exists", "false") }, { FAKE_ANSWER, OK } },
		PALIER_OK, 0, "2", 3 },
	{ "a line that the daemon cannot read is put aside",
		{ { FAKE_ANSWER, REFUSAL("-32700", "parse_error", "false") }, { FAKE_ANSWER, OK }, { FAKE_ANSWER, OK } },
		PALIER_OK, 0, "1", 3 },
	{ "the last may be put aside",
		{ { FAKE_ANSWER, OK }, { FAKE_ANSWER, OK }, { FAKE_ANSWER, REFUSAL("-32602", "params_invalid", "false") } },
		PALIER_OK, 0, "3", 3 },
	{ "a full disk stops the sending",
		{ { FAKE_ANSWER, OK }, { FAKE_ANSWER, REFUSAL("-32008", "storage_full", "true") } }, PALIER_ESTORAGE_FULL, 2,
		"", 2 },
	{ "so does a daemon that does not know the till", { { FAKE_ANSWER, REFUSAL("-32001", "unauthorized", "false") } },
		PALIER_EUNAUTHORIZED, 3, "", 1 },
	{ "and what does not speak the protocol", { { FAKE_RAW, "220 mail ready" } }, PALIER_EPARSE, 3, "", 1 },
};

struct telling {
	int booked, refused;
};

static void told(void *who, const struct palier_queued *command, const struct palier_reply *reply)
{
	struct telling *t = who;

	assert_true(palier_is(command->method, "sale.commit"));
	if (reply->error == PALIER_OK)
		t->booked++;
	else
		t->refused++;
}

static struct palier_client *client_to(const struct fake_server *s)
{
	struct palier_client *c;

	assert_int_equal(palier_client_open(s->door,
				 &(struct palier_client_options){ .connect_ms = 5000, .reply_ms = 5000, .retries = 0 }, &c),
		PALIER_OK);
	return c;
}

static void assert_refused(const char *which)
{
	struct palier_buffer b;
	char expected[32];

	if (!which[0]) {
		assert_int_not_equal(access(aside, F_OK), 0);
		return;
	}
	b = file_read(aside);
	palier_buffer_add(&b, "", 1);
	snprintf(expected, sizeof(expected), "\"request\":\"r-%s\"", which);
	assert_int_equal(lines_in(&b, b.len), 1);
	assert_non_null(strstr(b.at, expected));
	assert_memory_equal(b.at, "{\"reason\":\"", 11);
	palier_buffer_deinit(&b);
}

static void sent(void **state)
{
	const struct send_case *s = *state;
	struct telling t = { 0, 0 };
	struct palier_client *client;
	struct palier_reply reply;
	struct fake_server server;
	struct palier_queue *q;

	make_directory(NULL);
	q = must_open();
	for (int n = 1; n <= 3; n++)
		add(q, n);
	fake_start(&server, s->script);
	client = client_to(&server);
	assert_int_equal(palier_queue_send(q, client, told, &t, &reply), s->err);
	for (int again = 0; again < 2; again++) {
		assert_int_equal(palier_queue_count(q), s->left);
		for (size_t i = 0; i < s->left; i++)
			assert_true(holds(q, i, (int)(4 - s->left + i)));
		palier_queue_close(q);
		q = must_open();
	}
	assert_int_equal(t.booked + t.refused, 3 - s->left);
	assert_int_equal(t.refused, s->refused[0] != 0);
	assert_refused(s->refused);
	palier_queue_close(q);
	palier_client_close(client);
	fake_stop(&server);
	assert_int_equal(server.line_count, s->lines);
	for (int i = 0; i < server.line_count; i++) {
		char expected[32];

		snprintf(expected, sizeof(expected), "\"request\":\"r-%d\"", i + 1);
		assert_non_null(strstr(server.lines[i], expected));
		assert_non_null(strstr(server.lines[i], "\"offline\":true"));
	}
	fake_free(&server);
	remove_directory(NULL);
}

/* The file as it was before the answer was noted: the command is sent again, and put aside once. */
static void put_aside_once(void **state)
{
	static const struct fake_step script[] = { { FAKE_ANSWER, REFUSAL("-32004", "sale_exists", "false") },
		{ FAKE_ANSWER, REFUSAL("-32004", "sale_exists", "false") }, { .act = FAKE_END } };
	struct palier_buffer before;
	struct palier_client *client;
	struct palier_reply reply;
	struct fake_server server;
	struct palier_queue *q = must_open();

	(void)state;
	add(q, 1);
	before = file_read(path);
	fake_start(&server, script);
	client = client_to(&server);
	assert_int_equal(palier_queue_send(q, client, NULL, NULL, &reply), PALIER_OK);
	palier_queue_close(q);
	file_write(path, before.at, before.len);
	q = must_open();
	assert_int_equal(palier_queue_send(q, client, NULL, NULL, &reply), PALIER_OK);
	assert_refused("1");
	palier_queue_close(q);
	palier_client_close(client);
	fake_stop(&server);
	fake_free(&server);
	palier_buffer_deinit(&before);
}

static void emptied_when_done(void **state)
{
	static const struct fake_step script[] = { { FAKE_ANSWER, OK }, { .act = FAKE_END } };
	struct palier_client *client;
	struct palier_reply reply;
	struct palier_buffer b;
	struct fake_server server;
	struct palier_queue *q = must_open();

	(void)state;
	add(q, 1);
	fake_start(&server, script);
	client = client_to(&server);
	assert_int_equal(palier_queue_send(q, client, NULL, NULL, &reply), PALIER_OK);
	b = file_read(path);
	assert_int_equal(b.len, 0);
	palier_buffer_deinit(&b);
	add(q, 2);
	palier_queue_close(q);
	q = must_open();
	assert_true(holds(q, 0, 2));
	palier_queue_close(q);
	palier_client_close(client);
	fake_stop(&server);
	fake_free(&server);
}

#define IN_DIRECTORY(sentence, function) \
	{ \
		sentence, function, make_directory, remove_directory, NULL \
	}

int main(void)
{
	const struct CMUnitTest fixed[] = {
		IN_DIRECTORY("what is kept is there again, in its order", kept_in_order),
		IN_DIRECTORY("params too deep for a line of the queue are not kept", deep_params),
		IN_DIRECTORY("what has no time of its own happened now", now_without_at),
		IN_DIRECTORY("two processes do not use one queue", one_at_a_time),
		{ "a file that cannot be made is said so", nowhere, NULL, NULL, NULL },
		IN_DIRECTORY("a file cut at any byte keeps its whole lines", cut_anywhere),
		IN_DIRECTORY("zeros at the end are cut", zeros_at_the_end),
		IN_DIRECTORY("a changed byte is seen", changed_anywhere),
		IN_DIRECTORY("killed at any moment, all that was said to be kept is kept", killed_anywhere),
		IN_DIRECTORY("what was put aside before a kill is put aside once", put_aside_once),
		IN_DIRECTORY("once all is answered the file is empty, and begins anew", emptied_when_done),
	};
	enum {
		FIXED = sizeof(fixed) / sizeof(*fixed),
		ADDS = sizeof(adds) / sizeof(*adds),
		SENDS = sizeof(sends) / sizeof(*sends)
	};
	static struct CMUnitTest tests[FIXED + ADDS + SENDS];
	size_t n = 0;

	for (size_t i = 0; i < FIXED; i++)
		tests[n++] = fixed[i];
	for (size_t i = 0; i < ADDS; i++)
		tests[n++] = (struct CMUnitTest){ adds[i].name, added, NULL, NULL, (void *)(uintptr_t)&adds[i] };
	for (size_t i = 0; i < SENDS; i++)
		tests[n++] = (struct CMUnitTest){ sends[i].name, sent, NULL, NULL, (void *)(uintptr_t)&sends[i] };
	return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
