/* SPDX-License-Identifier: Apache-2.0 */
/* No room: a disk that is full, a file that may not grow, a map of the index that is too small. Commands are refused as storage_full,
 * questions are answered, and once there is room again commands are taken. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fault/kit.h"

static int next_sale;

static const struct shop_options stopped = { .stopped = true };
static const struct shop_options bare = { .empty = true };

/* A sale of one euro on CARD-1. */
static char *sell(struct wire *w)
{
	int i = ++next_sale;
	char *reply = wire_ask(w, "sale.commit",
		"'request':'s%d','sale':'S%d','card':'CARD-1','lines':[{'sku':'a','amount':100}],'payable':100", i, i);

	if (!reply)
		fail_msg("sale %d is not answered", i);
	return reply;
}

static int64_t points(struct wire *w)
{
	return figure(ask_ok(w, "card.lookup", "'card':'CARD-1'"), "result.balances.points");
}

static void refused_while_full(struct wire *w, int64_t booked)
{
	for (int i = 0; i < 50; i++) {
		assert_field(sell(w), "error.data.reason", "storage_full");
		assert_int_equal(points(w), booked);
	}
}

/* --- a file system that is full ------------------------------------------------------------------------------------ */

static void ballast_load(const char *path)
{
	static const char zeros[65536];
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	for (size_t step = sizeof(zeros); step > 0; step /= 2)
		while (write(fd, zeros, step) == (ssize_t)step)
			;
	assert_int_equal(errno, ENOSPC);
	close(fd);
}

/* Sales until the room that was taken ahead is used up. @return sales booked */
static int sell_until_full(struct wire *w)
{
	char *reply;
	int booked = 0;

	while (field(reply = sell(w), "result") && booked < 100000)
		booked++;
	assert_field(reply, "error.data.reason", "storage_full");
	return booked;
}

static void disk_full(void **state)
{
	struct shop *s = *state;
	char ballast[128];
	struct wire w;
	int64_t booked;

	assert_int_equal(mkdir(s->data, 0700), 0);
	if (mount("tmpfs", s->data, "tmpfs", 0, "size=8m") != 0) {
		print_message("a file system of its own cannot be mounted here: %s\n", strerror(errno));
		skip();
	}
	snprintf(ballast, sizeof(ballast), "%s/journal/ballast", s->data);
	assert_int_equal(shop_verb(s, "init", NULL), 0);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'m','card':'CARD-1'");
	ballast_load(ballast);
	booked = sell_until_full(&w);
	refused_while_full(&w, booked);
	shop_log_wait(s, "journal.full");
	assert_int_equal(unlink(ballast), 0);
	assert_non_null(field(sell(&w), "result"));
	assert_int_equal(points(&w), booked + 1);
	shop_log_wait(s, "journal.room");
	/* A start on a full disk serves questions; a start with room serves all. */
	ballast_load(ballast);
	shop_kill(s);
	wire_close(&w);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_int_equal(points(&w), booked + 1);
	booked += 1 + (field(sell(&w), "result") ? sell_until_full(&w) + 1 : 0);
	refused_while_full(&w, booked);
	unlink(ballast);
	assert_non_null(field(sell(&w), "result"));
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	shop_sound(s);
}

/* Also when the test failed. */
static int disk_full_close(void **state)
{
	struct shop *s = *state;

	if (s->pid)
		shop_kill(s);
	umount2(s->data, MNT_DETACH);
	return shop_close(state);
}

/* --- a file that may not grow -------------------------------------------------------------------------------------- */

static void file_limit(pid_t pid, rlim_t size)
{
	struct rlimit limit = { size, RLIM_INFINITY };

	assert_int_equal(prlimit(pid, RLIMIT_FSIZE, &limit, NULL), 0);
}

static void file_limited(void **state)
{
	struct shop *s = *state;
	struct wire w;
	int64_t booked;

	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'m','card':'CARD-1'");
	file_limit(s->pid, 2 << 20); /* the room taken ahead is a little more */
	booked = sell_until_full(&w);
	refused_while_full(&w, booked);
	shop_kill(s);
	wire_close(&w);
	/* So from the start, where the log is a file too. */
	file_limit(0, 1 << 20);
	shop_start(s);
	file_limit(0, RLIM_INFINITY);
	connect_to(&w, s, DOOR_TRUST);
	refused_while_full(&w, booked);
	file_limit(s->pid, RLIM_INFINITY);
	assert_non_null(field(sell(&w), "result"));
	assert_int_equal(points(&w), booked + 1);
	wire_close(&w);
}

/* --- an index that outgrows its map -------------------------------------------------------------------------------- */

/* Enrol in one breath; every reply must be an acceptance. */
static void enroll_many(struct wire *w, int from, int count)
{
	char line[256];

	for (int i = from; i < from + count; i++) {
		int n = snprintf(line, sizeof(line),
			"{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"member.enroll\",\"params\":{\"request\":\"m%d\",\"card\":\"CARD-%d\","
			"\"name\":\"Camille Martin %d\",\"phone\":\"06%08d\"}}\n",
			i, i, i, i, i);

		assert_true(wire_send(w, line, (size_t)n));
	}
	for (int i = from; i < from + count; i++) {
		char *reply = wire_line(w);

		if (!reply || figure(reply, "id") != i || !field(reply, "result.member"))
			fail_msg("enrolment %d is answered %s", i, reply ? reply : "nothing");
	}
}

static void all_are_known(struct wire *w, int count)
{
	for (int i = 0; i < count; i += 97) {
		char name[32];

		snprintf(name, sizeof(name), "Camille Martin %d", i);
		assert_field(ask_ok(w, "card.lookup", "'card':'CARD-%d'", i), "result.name", name);
	}
	assert_figure(ask_ok(w, "system.status", "%s", ""), "result.members", count);
}

static off_t index_size(const struct shop *s)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/index/data.mdb", s->data);
	return stat(path, &st) == 0 ? st.st_size : -1;
}

/* LMDB notes the size of its map in both its head pages, and checks neither. */
static void map_shrink(const struct shop *s, uint64_t size)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/index/data.mdb", s->data);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	for (int page = 0; page < 2; page++)
		assert_int_equal(pwrite(fd, &size, sizeof(size), page * sysconf(_SC_PAGESIZE) + 32), sizeof(size));
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	close(fd);
}

static void map_outgrown(void **state)
{
	struct shop *s = *state;
	off_t before = 512 << 10;
	struct wire w;

	map_shrink(s, (uint64_t)before);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	for (int i = 0; i < 3000; i += 500)
		enroll_many(&w, i, 500);
	all_are_known(&w, 3000);
	shop_log_wait(s, "turn.again"); /* a turn met the map's end, and ran again in a larger one */
	assert_true(index_size(s) > before);
	wire_close(&w);
	shop_kill(s);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	all_are_known(&w, 3000);
	wire_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a disk that is full refuses commands, answers questions, and takes commands once there is room",
			disk_full, shop_open, disk_full_close, (void *)(uintptr_t)&bare },
		IN_SHOP("so does a file that may not grow", file_limited, &stopped),
		IN_SHOP("an index that outgrows its map loses no command", map_outgrown, &stopped),
	};

	shops_in_memory();
	return cmocka_run_group_tests_name("full", tests, NULL, NULL);
}
