/* SPDX-License-Identifier: Apache-2.0 */
/* Single bits flip in a ledger at rest. check finds each flip that changes a line of the journal or a row of the index, and neither it nor
 * rebuild nor palierd dies of it. What a flip in the index changes is told by reading all of its trees with LMDB alone, in a child. */
#include <fcntl.h>
#include <lmdb.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "protocol/crypto.h"
#include "tests/fault/kit.h"

#define DAMAGED 76 /* exit code */

static const struct shop_options stopped = { .stopped = true };
static const struct shop_options broken = { .stopped = true, .broken = true };

/* --- a ledger ------------------------------------------------------------------------------------------------------ */

/* Two days, the second open; the index follows to the end, and the snapshot before its last says the same. */
static void ledger_make(struct shop *s)
{
	struct wire w;

	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	for (int i = 0; i < 40; i++) {
		ask_ok(&w, "member.enroll", "'request':'m%d','card':'CARD-%d','name':'Camille %d','phone':'06%08d'", i, i, i,
			i);
		for (int n = 0; n < 5; n++)
			ask_ok(&w, "sale.commit",
				"'request':'s%d-%d','sale':'S%d-%d','card':'CARD-%d','lines':[{'sku':'a','amount':%d}],'payable':%d",
				i, n, i, n, i, 100 * (i + n), 100 * (i + n));
		if (i == 20)
			ask_ok(&w, "day.close", "'request':'close'");
	}
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	shop_start(s);
	assert_int_equal(shop_stop(s), 0);
}

static char *data_path(const struct shop *s, const char *name)
{
	static char path[2][128];
	static unsigned turn;
	char *out = path[turn++ % 2];

	snprintf(out, sizeof(path[0]), "%s/%s", s->data, name);
	return out;
}

/* @return the bit's former value is back after a second call */
static void bit_flip(const char *path, uint64_t bit)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	uint8_t byte;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, (off_t)(bit / 8)), 1);
	byte ^= (uint8_t)(1u << bit % 8);
	assert_int_equal(pwrite(fd, &byte, 1, (off_t)(bit / 8)), 1);
	close(fd);
}

/* --- what the index holds ------------------------------------------------------------------------------------------ */

static void bytes_hash(struct palier_hash *h, const void *at, size_t len)
{
	struct palier_buffer b = { 0 };

	palier_buffer_add(&b, (const char *)h->b, SHA256_LEN);
	palier_buffer_add(&b, at, len);
	crypto_sha256(palier_buffer_bytes(&b), h);
	palier_buffer_deinit(&b);
}

static int tree_hash(MDB_txn *txn, MDB_dbi dbi, struct palier_hash *h)
{
	MDB_cursor *cursor;
	MDB_val k, v;
	int rc = mdb_cursor_open(txn, dbi, &cursor);

	for (int i = 0; rc == 0 && i < 100000; i++) {
		rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
		if (rc == 0) {
			bytes_hash(h, k.mv_data, k.mv_size);
			bytes_hash(h, v.mv_data, v.mv_size);
		}
	}
	return rc == MDB_NOTFOUND ? 0 : 1;
}

/* All trees but those that are this ledger's own business and not compared: how far its jobs are, and under which numbers tables lie of
 * which there are no rows yet. */
static int index_hash(const char *path, struct palier_hash *h)
{
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi names, tree;
	MDB_cursor *cursor;
	MDB_val name, v;
	int rc = mdb_env_create(&env);

	mdb_env_set_maxdbs(env, 128);
	if (rc != 0 || mdb_env_open(env, path, MDB_RDONLY | MDB_NOSUBDIR | MDB_NOLOCK, 0) != 0 ||
		mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) != 0 || mdb_dbi_open(txn, NULL, 0, &names) != 0 ||
		mdb_cursor_open(txn, names, &cursor) != 0)
		return 1;
	while (rc == 0 && (rc = mdb_cursor_get(cursor, &name, &v, MDB_NEXT)) == 0) {
		char text[64];

		if (name.mv_size >= sizeof(text))
			return 1;
		memcpy(text, name.mv_data, name.mv_size);
		text[name.mv_size] = 0;
		if (strcmp(text, "core.job") == 0 || strcmp(text, "tables") == 0)
			continue;
		bytes_hash(h, text, name.mv_size);
		rc = mdb_dbi_open(txn, text, 0, &tree) != 0 ? 1 : tree_hash(txn, tree, h);
	}
	return rc == MDB_NOTFOUND ? 0 : 1;
}

/* @return false when it cannot be read to its end */
static bool index_dump(const char *path, struct palier_hash *out)
{
	int ends[2], status;
	pid_t pid;
	bool ok;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		struct palier_hash h = { { 0 } };

		for (int signal = 1; signal < 32; signal++)
			if (signal != SIGKILL && signal != SIGSTOP)
				sigaction(signal, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
		alarm(20);
		close(STDERR_FILENO);
		status = index_hash(path, &h);
		_exit(status != 0 || write(ends[1], &h, sizeof(h)) != sizeof(h));
	}
	close(ends[1]);
	ok = read(ends[0], out, sizeof(*out)) == sizeof(*out);
	close(ends[0]);
	return waitpid(pid, &status, 0) == pid && ok && status == 0;
}

/* The bytes of pages that LMDB has ever used. */
static uint64_t index_used(const char *path)
{
	MDB_env *env;
	MDB_envinfo info;
	MDB_stat st;

	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_open(env, path, MDB_RDONLY | MDB_NOSUBDIR | MDB_NOLOCK, 0), 0);
	assert_int_equal(mdb_env_info(env, &info), 0);
	assert_int_equal(mdb_env_stat(env, &st), 0);
	mdb_env_close(env);
	return (info.me_last_pgno + 1) * (uint64_t)st.ms_psize;
}

/* --- the flips ----------------------------------------------------------------------------------------------------- */

static uint64_t first_seed(void)
{
	const char *given = getenv("PALIER_SEED");

	return given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) * 1000003u + (uint64_t)getpid();
}

static int flips(void)
{
	return getenv("PALIER_LONG") ? 5000 : 500;
}

/* Of the journal every bit counts: the lines, and whether anything follows them. */
static void in_journal(void **state)
{
	struct shop *s = *state;
	uint64_t seed = first_seed(), first = seed;

	ledger_make(s);
	for (int i = 0; i < flips(); i++) {
		bool closed = draw_below(&seed, 2);
		char *path = data_path(s, closed ? "journal/1.jsonl" : "journal/2.open"), *text = file_read(path, NULL),
		     *said;
		uint64_t bit = draw_below(&seed, strlen(text) * 8);
		int code;

		free(text);
		bit_flip(path, bit);
		code = shop_verb(s, "check", &said);
		if (code != DAMAGED)
			fail_msg("bit %llu of %s, seed %llu: check ends with %d: %s", (unsigned long long)bit, path,
				(unsigned long long)first, code, said);
		free(said);
		bit_flip(path, bit);
	}
}

static void in_index(void **state)
{
	struct shop *s = *state;
	uint64_t seed = first_seed(), first = seed;
	struct palier_hash sound, now;
	int changed = 0;
	char *path;

	ledger_make(s);
	path = data_path(s, "index/data.mdb");
	assert_true(index_dump(path, &sound));
	for (int i = 0; i < flips(); i++) {
		uint64_t bit = draw_below(&seed, index_used(path) * 8);
		bool changes;
		char *said;
		int code;

		bit_flip(path, bit);
		changes = !index_dump(path, &now) || memcmp(&now, &sound, sizeof(now)) != 0;
		code = shop_verb(s, "check", &said);
		if (code != DAMAGED && (code != 0 || changes))
			fail_msg("bit %llu of the index, seed %llu: what it holds %s, check ends with %d: %s",
				(unsigned long long)bit, (unsigned long long)first, changes ? "changes" : "stays", code,
				said);
		changed += changes;
		free(said);
		bit_flip(path, bit);
	}
	print_message("%d of %d flips changed what the index holds\n", changed, flips());
	assert_true(changed > flips() / 20);
}

/* palierd serves, refuses or ends with a word of advice; it is not killed. */
static void served(void **state)
{
	struct shop *s = *state;
	uint64_t seed = first_seed(), first = seed;
	char base[128], *path;

	ledger_make(s);
	snprintf(base, sizeof(base), "%s/base", s->dir);
	tree_copy(s->data, base);
	path = data_path(s, "index/data.mdb");
	for (int i = 0; i < flips() / 5; i++) {
		uint64_t bit = draw_below(&seed, index_used(path) * 8);
		struct wire w;
		int code = 0;

		tree_copy(base, s->data);
		bit_flip(path, bit);
		if (shop_start_try(s, &code)) {
			if (wire_open(&w, s, DOOR_TRUST))
				for (int card = 0; card < 40; card++)
					if (!wire_ask(&w, "sale.commit",
						    "'request':'f%d','sale':'F%d','card':'CARD-%d','lines':[{'sku':'a','amount':100}],"
						    "'payable':100",
						    card, card, card))
						break;
			wire_close(&w);
			kill(s->pid, SIGTERM);
			code = shop_wait(s);
		}
		/* The allocator may stop it first, by abort(), when LMDB has written where it should not: that is a stop, too. */
		if (code < 0 && code != -SIGABRT)
			fail_msg("bit %llu of the index, seed %llu: palierd was killed by signal %d",
				(unsigned long long)bit, (unsigned long long)first, -code);
		code = shop_verb(s, "rebuild", NULL);
		if (code != 0 && code != DAMAGED)
			fail_msg("bit %llu of the index, seed %llu: rebuild ends with %d", (unsigned long long)bit,
				(unsigned long long)first, code);
		assert_int_equal(shop_verb(s, "check", NULL), 0);
	}
}

/* The file shrinks under a palierd that has mapped it: its pages are gone. */
static void cut_off(void **state)
{
	struct shop *s = *state;
	struct wire w;

	ledger_make(s);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_int_equal(truncate(data_path(s, "index/data.mdb"), 0), 0);
	assert_null(wire_ask(&w, "card.lookup", "'card':'CARD-7'"));
	wire_close(&w);
	assert_int_equal(shop_wait(s), DAMAGED);
	shop_log_wait(s, "index.damaged signal=BUS: run palier rebuild");
	assert_int_equal(shop_verb(s, "check", NULL), DAMAGED);
	assert_int_equal(shop_verb(s, "rebuild", NULL), 0);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "card.lookup", "'card':'CARD-7'");
	wire_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("check finds each bit that flips in the journal", in_journal, &stopped),
		IN_SHOP("check finds each bit that flips in the index and changes what it holds", in_index, &stopped),
		IN_SHOP("palierd is not killed by a bit that flips in the index", served, &broken),
		IN_SHOP("palierd whose index is cut off under it says so and ends", cut_off, &stopped),
	};

	shops_in_memory();
	return cmocka_run_group_tests_name("flips", tests, NULL, NULL);
}
