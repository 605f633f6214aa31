/* SPDX-License-Identifier: Apache-2.0 */
/* palier-hq pull: stores behind a door that does all that goes wrong (tests/hq/door). What is good comes, what is not is set aside with its reason,
 * and no store waits for another. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/hq/chain.h"
#include "tools/hq/profiles.h"

#define DAYS 3

static struct {
	struct chain chain;
	struct office doors;
	struct chain_store lyon, paris;
	pid_t door;
	int stdin_of_door, port;
} bench;

/* --- the door --- */

static void tls_make(const struct office *o, const char *name, struct office_wish wish)
{
	struct crypto_key *k = crypto_key_make();
	struct crypto_certificate *c = office_certify(o, k, wish);

	chain_write_key(chain_path(&bench.chain, "%s.key", name), k);
	chain_write_certificate(chain_path(&bench.chain, "%s.pem", name), c);
	crypto_certificate_free(c);
	crypto_key_free(k);
}

static void door_start(void)
{
	const struct chain *c = &bench.chain;
	int in[2], out[2];
	char line[16] = "";

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	bench.door = fork();
	if (bench.door == 0) {
		if (dup2(in[0], 0) == 0 && dup2(out[1], 1) == 1)
			execl(PALIER_DOOR, "door", chain_path(c, "doors"), chain_path(c, "door.pem"),
				chain_path(c, "door.key"), chain_path(c, "doors-ca.pem"), (char *)NULL);
		_exit(127);
	}
	assert_true(bench.door > 0);
	close(in[0]);
	close(out[1]);
	assert_true(read(out[0], line, sizeof(line) - 1) > 1);
	close(out[0]);
	bench.port = (int)strtol(line, NULL, 10);
	bench.stdin_of_door = in[1];
}

static void store_add(struct chain_store *s, const char *id)
{
	char outbox[64];

	snprintf(outbox, sizeof(outbox), "doors/%s", id);
	chain_store_open(&bench.chain, s, id, outbox);
	chain_configure(&bench.chain, "store \"%s\" { url = \"https://127.0.0.1:%d/%s\" }\n", id, bench.port, id);
}

static int chain_begin(void **state)
{
	const struct chain *c = &bench.chain;

	(void)state;
	chain_open(&bench.chain);
	office_make(&bench.doors, "Doors");
	chain_write_certificate(chain_path(c, "doors-ca.pem"), bench.doors.ca);
	tls_make(&bench.doors, "door",
		(struct office_wish){ .store = "door", .purpose = "serverAuth", .names = "IP:127.0.0.1" });
	tls_make(&bench.doors, "hq", (struct office_wish){ .store = "hq", .purpose = "clientAuth" });
	chain_shell(c, "mkdir doors");
	chain_configure(c, "tls { certificate = \"hq.pem\"  key = \"hq.key\"  ca = \"doors-ca.pem\" }\n");
	door_start();
	return 0;
}

static int shop_open(void **state)
{
	chain_begin(state);
	store_add(&bench.lyon, "lyon-03");
	store_add(&bench.paris, "paris-01");
	chain_seal_days(&bench.lyon, DAYS);
	chain_seal_days(&bench.paris, 2);
	return 0;
}

static int chain_end(void **state)
{
	int status;

	(void)state;
	close(bench.stdin_of_door);
	assert_int_equal(waitpid(bench.door, &status, 0), bench.door);
	office_free(&bench.doors);
	chain_close(&bench.chain);
	return 0;
}

static int shop_close(void **state)
{
	chain_store_close(&bench.lyon);
	chain_store_close(&bench.paris);
	return chain_end(state);
}

/* --- what is asked and expected --- */

static const char *const quick[] = { "pull", "--backoff", "1", NULL };

static void expect(int code, const char *said, const char *also)
{
	chain_expect(&bench.chain, quick, code, (const char *const[]){ said, also, NULL });
}

/* What goes wrong at a store's door. */
static void faults(const char *store, const char *text)
{
	chain_write(chain_path(&bench.chain, "doors/%s/faults", store), text, strlen(text));
}

static unsigned count_in(const char *text, const char *what)
{
	unsigned n = 0;

	for (const char *at = text; (at = strstr(at, what)); at += strlen(what))
		n++;
	return n;
}

/* How often a line of the door's log, or of another of its files, has this. */
static void assert_logged(const char *file, const char *what, unsigned times)
{
	size_t len;
	char *text = chain_read(chain_path(&bench.chain, "doors/lyon-03/%s", file), &len);
	unsigned n = text ? count_in(text, what) : 0;

	if (n != times)
		fail_msg("\"%s\" stands %u times, not %u, in: %s", what, n, times, text ? text : "nothing");
	free(text);
}

static void assert_whole(const char *store, int days)
{
	for (int i = 1; i <= days; i++)
		chain_shell(&bench.chain, "diff -r doors/%s/%d hq/%s/batches/%d", store, i, store, i);
	chain_shell(&bench.chain, "[ -z \"$(ls hq/%s/incoming hq/%s/refused | grep -v :)\" ]", store, store);
}

static void assert_refused(const char *name, const char *parts)
{
	chain_shell(&bench.chain,
		"[ \"$(ls hq/lyon-03/refused)\" = %s ] && [ \"$(ls hq/lyon-03/refused/%s | tr '\\n' ' ')\" = '%s' ]", name,
		name, parts);
}

/* --- what comes --- */

static void all_comes(void **state)
{
	(void)state;
	expect(0, "lyon-03 3 3 up to date", "paris-01 2 2 up to date");
	assert_whole("lyon-03", DAYS);
	assert_whole("paris-01", 2);
	assert_logged("acks", " ", DAYS);
	assert_logged("log", "/events.jsonl - -", DAYS);
	expect(0, "lyon-03 3 0 up to date", "");
	assert_logged("log", "/events.jsonl", DAYS);
	assert_logged("acks", " ", DAYS);
	chain_seal(&bench.lyon, NULL);
	chain_expect(&bench.chain, (const char *const[]){ "--json", "pull", "--once", "lyon-03", NULL }, 0,
		(const char *const[]){
			"{\"stores\":[{\"store\":\"lyon-03\",\"batch\":4,\"new\":1,\"result\":\"up to date\",\"why\":\"\"}]}",
			NULL });
	assert_whole("lyon-03", DAYS + 1);
	chain_expect(&bench.chain, (const char *const[]){ "verify", NULL }, 0,
		(const char *const[]){ "lyon-03 4 12 verified", "paris-01 2 6 verified", NULL });
}

/* More than the door lists at once. */
static void lists_come_in_parts(void **state)
{
	(void)state;
	chain_seal_days(&bench.lyon, 9);
	expect(0, "lyon-03 12 12 up to date", "");
	assert_whole("lyon-03", 12);
	/* The store has moved its old batches away. */
	chain_seal_days(&bench.lyon, 1);
	chain_shell(&bench.chain, "rm -r doors/lyon-03/? doors/lyon-03/1[012]");
	expect(0, "lyon-03 13 1 up to date", "");
}

static const struct fault_case {
	const char *name, *faults;
	const char *logged; /* stands in the door's log */
	unsigned times;
} fault_cases[] = {
	{ "a connection that is cut, again and again", "cut 3 2/events.jsonl\n", "2/events.jsonl bytes=", 3 },
	{ "errors of the server", "500 2 1/manifest.json\n500 2 2/manifest.p7s\n500 2 3/events.jsonl\n", "3/events.jsonl",
		3 },
	{ "an error of the list", "500 3 after=0\n", "batches?after=0", 4 },
	{ "connections that end before a word", "early 2 events.jsonl\nearly 1 manifest.json\n", "1/events.jsonl", 3 },
	{ "a part that is answered with the whole", "cut 1 events.jsonl\nwhole 1 events.jsonl\n", "1/events.jsonl", 2 },
	{ "a part that is answered with another", "cut 1 1/events.jsonl\nelsewhere 1 1/events.jsonl\n", "1/events.jsonl - -",
		2 },
	{ "something else under the same ETag", "cut 1 1/events.jsonl\nlie 1 1/events.jsonl\n", "1/events.jsonl - -", 2 },
	{ "a manifest that is cut", "cut 2 manifest.json\n", "1/manifest.json - -", 3 },
	{ "a receipt that the store does not take at once", "500 2 1/ack\n", "1/ack", 3 },
};

static void faults_pass(void **state)
{
	const struct fault_case *c = *state;

	faults("lyon-03", c->faults);
	expect(0, "lyon-03 3 3 up to date", "paris-01 2 2 up to date");
	assert_whole("lyon-03", DAYS);
	assert_logged("log", c->logged, c->times);
	assert_logged("acks", " ", DAYS);
}

static void a_part_is_asked_for_by_its_etag(void **state)
{
	size_t len;
	char *text, sha256[2 * SHA256_LEN + 1], line[256];
	struct palier_hash hash;

	(void)state;
	faults("lyon-03", "cut 1 1/events.jsonl\n");
	expect(0, "lyon-03 3 3 up to date", "");
	text = chain_read(chain_path(&bench.chain, "doors/lyon-03/1/events.jsonl"), &len);
	crypto_sha256(palier_bytes_of(text, len), &hash);
	palier_hex(hash.b, SHA256_LEN, sha256);
	snprintf(line, sizeof(line), "1/events.jsonl bytes=%zu- \"%s\"", len / 2, sha256);
	assert_logged("log", line, 1);
	free(text);
}

static void a_store_that_says_nothing_more(void **state)
{
	(void)state;
	faults("lyon-03", "stall 1 2/events.jsonl\n");
	chain_expect(&bench.chain, (const char *const[]){ "pull", "--backoff", "1", "--timeout", "3", NULL }, 0,
		(const char *const[]){ "lyon-03 3 3 up to date", NULL });
	assert_whole("lyon-03", DAYS);
}

/* --- stores that are away --- */

static const struct away_case {
	const char *name, *faults, *said;
} away_cases[] = {
	{ "errors without end", "500 99 events.jsonl\n", "lyon-03 0 0 not reached it answers 500" },
	{ "connections that always end", "early 99 after=0\n", "lyon-03 0 0 not reached" },
	{ "a batch that is listed and not there", "404 1 2/manifest.json\n",
		"lyon-03 1 1 not reached manifest.json: it answers 404" },
	{ "a door that does not know the office", "403 9 after=0\n",
		"lyon-03 0 0 not reached its list of batches: it answers 403" },
	{ "a receipt that is not taken", "404 1 2/ack\n", "lyon-03 2 2 not reached its receipt: it answers 404" },
	{ "members' data that are not had", "404 1 profiles?after=0\n",
		"lyon-03 3 3 not reached its members' data: it answers 404" },
};

/* Nothing is refused; the next time all is well. */
static void a_store_is_away(void **state)
{
	const struct away_case *c = *state;

	faults("lyon-03", c->faults);
	expect(69, c->said, "paris-01 2 2 up to date");
	chain_shell(&bench.chain, "[ -z \"$(ls hq/lyon-03/refused)\" ]");
	faults("lyon-03", "");
	expect(0, "up to date", "lyon-03 3");
	assert_whole("lyon-03", DAYS);
	assert_logged("acks", " ", DAYS);
}

static void lists_that_make_no_sense(void **state)
{
	static const char *const lists[] = { "", "[]", "{}", "{\"batches\":{}}", "{\"batches\":[1]}", "{\"batches\":[{}]}",
		"{\"batches\":[{\"batch\":-1}]}", "{\"batches\":[{\"batch\":4294967296}]}", "{\"batches\":[{\"batch\":1}" };

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		chain_write(chain_path(&bench.chain, "doors/lyon-03/list"), lists[i], strlen(lists[i]));
		expect(69, "lyon-03 0 0 not reached its list of batches cannot be read", "");
	}
}

static void certificates_of_the_door(void **state)
{
	(void)state;
	/* The office shows a stranger's certificate. */
	chain_shell(&bench.chain, "cp hq.pem hq.kept; cp hq.key key.kept; cp doors-ca.pem ca.kept");
	tls_make(&bench.chain.stranger, "hq", (struct office_wish){ .store = "hq", .purpose = "clientAuth" });
	expect(69, "lyon-03 0 0 not reached", "paris-01 0 0 not reached");
	assert_logged("log", "GET", 0);
	/* It does not know who has certified the door. */
	chain_shell(&bench.chain, "mv hq.kept hq.pem; mv key.kept hq.key; cp office-ca.pem doors-ca.pem");
	expect(69, "lyon-03 0 0 not reached", "self-signed certificate in certificate chain");
	chain_shell(&bench.chain,
		"cp ca.kept doors-ca.pem; sed -i 's/127.0.0.1/localhost/; s/https:.*paris/http:\\/\\/127.0.0.1\\/paris/' hq.conf");
	expect(69, "lyon-03 0 0 not reached", "paris-01 0 0 not reached");
	assert_logged("log", "GET", 0);
}

/* --- what is refused --- */

static const struct refusal_case {
	const char *name;
	const char *faults;
	const char *spoiled; /* commands of the shell, in doors/lyon-03, where it is all sealed and nothing was pulled */
	const char *said;
	const char *directory, *parts; /* what is set aside */
} refusal_cases[] = {
	{ "more than the file", "long 1 2/events.jsonl\n", "true", "lyon-03 1 1 refused batch 2, file_size", "2-file_size",
		"events.jsonl manifest.json manifest.p7s why.txt " },
	{ "less than the file", "short 1 2/events.jsonl\n", "true", "lyon-03 1 1 refused batch 2, file_size", "2-file_size",
		"events.jsonl manifest.json manifest.p7s why.txt " },
	{ "a flipped bit", "", "sed -i s/1000/1001/ 2/events.jsonl", "lyon-03 1 1 refused batch 2, file_sha256",
		"2-file_sha256", "events.jsonl manifest.json manifest.p7s why.txt " },
	{ "a flipped bit in what is fetched twice", "cut 2 2/events.jsonl\n", "sed -i s/1000/1001/ 2/events.jsonl",
		"lyon-03 1 1 refused batch 2, file_sha256", "2-file_sha256",
		"events.jsonl manifest.json manifest.p7s why.txt " },
	{ "a manifest that was changed", "", "sed -i s/lyon/lyom/ 1/manifest.json",
		"lyon-03 0 0 refused batch 1, signature_wrong", "1-signature_wrong", "manifest.json manifest.p7s why.txt " },
	{ "bytes behind the signature", "", "echo >>3/manifest.p7s", "lyon-03 2 2 refused batch 3, signature_trailed",
		"3-signature_trailed", "manifest.json manifest.p7s why.txt " },
	{ "a manifest without end", "", "head -c 100000 /dev/zero >>1/manifest.json",
		"lyon-03 0 0 refused batch 1, signature_wrong", "1-signature_wrong", "manifest.json manifest.p7s why.txt " },
	{ "another store's batches", "", "rm -r [123]; cp -r ../paris-01/[12] .",
		"lyon-03 0 0 refused batch 1, certificate_store: the certificate is another store's", "1-certificate_store",
		"manifest.json manifest.p7s why.txt " },
	{ "an older batch again", "", "rm -r 3; cp -r 2 3", "lyon-03 2 2 refused batch 3, batch_replayed",
		"3-batch_replayed", "manifest.json manifest.p7s why.txt " },
	{ "a batch that is missing", "", "rm -r 1", "lyon-03 0 0 refused batch 1, batch_gap", "1-batch_gap", "why.txt " },
};

static void batches_are_refused(void **state)
{
	const struct refusal_case *c = *state;

	faults("lyon-03", c->faults);
	chain_shell(&bench.chain, "cp -r doors/lyon-03 kept; cd doors/lyon-03; %s", c->spoiled);
	expect(76, c->said, "paris-01 2 2 up to date");
	assert_refused(c->directory, c->parts);
	chain_shell(&bench.chain, "grep -q '^reason  %s$' hq/lyon-03/refused/%s/why.txt", strchr(c->directory, '-') + 1,
		c->directory);
	/* Until it is settled, the store is left alone. */
	chain_shell(&bench.chain, "rm -r doors/lyon-03; cp -r kept doors/lyon-03");
	faults("lyon-03", "");
	expect(76, "refused refused before and not settled: ", "paris-01 2 0 up to date");
	assert_refused(c->directory, c->parts);
	chain_shell(&bench.chain, "mv hq/lyon-03/refused/%s settled", c->directory);
	expect(0, "lyon-03 3", "");
	assert_whole("lyon-03", DAYS);
}

/* The store is set up anew, and seals other first days. @param days so many of them */
static void begin_anew(unsigned days)
{
	chain_shell(&bench.chain, "mkdir old; mv doors/lyon-03/[0-9]* old/");
	bench.lyon.before = (struct batch_before){ .batch = 0 };
	bench.lyon.sealed = 0;
	bench.lyon.outstanding = 0;
	chain_seal(&bench.lyon, &(struct chain_day){ .more = 1 });
	chain_seal_days(&bench.lyon, days - 1);
}

static void a_store_that_was_rolled_back(void **state)
{
	(void)state;
	expect(0, "lyon-03 3 3 up to date", "");
	chain_shell(&bench.chain, "mv doors/lyon-03/3 3");
	expect(76, "lyon-03 3 0 refused batch 3, rolled_back: the store no longer has", "paris-01 2 0 up to date");
	assert_refused("3-rolled_back", "why.txt ");
	chain_shell(&bench.chain, "mv 3 doors/lyon-03/3; rm -r hq/lyon-03/refused/*");
	expect(0, "lyon-03 3 0 up to date", "");
}

static void a_store_that_goes_another_way(void **state)
{
	(void)state;
	expect(0, "lyon-03 3 3 up to date", "");
	begin_anew(4);
	expect(76, "lyon-03 3 0 refused batch 3, batch_other: the store has another batch of this number",
		"paris-01 2 0 up to date");
	assert_refused("3-batch_other", "manifest.json why.txt ");
	/* The same, when it does not show the batch that would tell. */
	chain_shell(&bench.chain, "rm -r hq/lyon-03/refused/* doors/lyon-03/3");
	expect(76, "lyon-03 3 0 refused batch 4, batch_fork: it does not follow the batch before it", "");
	assert_refused("4-batch_fork", "events.jsonl manifest.json manifest.p7s why.txt ");
	assert_logged("acks", "4 ", 0);
}

static void totals_are_reckoned_again(void **state)
{
	(void)state;
	expect(0, "lyon-03 3 3 up to date", "");
	chain_seal(&bench.lyon,
		&(struct chain_day){ .ever = "{\"sales\":1,\"returns\":4,\"payable\":4000,\"refunded\":1200}" });
	expect(76, "lyon-03 3 0 refused batch 4, totals_wrong", "perpetual, sales: the tail says 1, its events make 4");
	assert_refused("4-totals_wrong", "events.jsonl manifest.json manifest.p7s why.txt ");
}

/* --- the state --- */

static void a_state_that_was_lost(void **state)
{
	static const char *const made[] = { "rm hq/lyon-03/state", "echo x >hq/lyon-03/state",
		"sed -i s/lyon-03/paris-01/ hq/lyon-03/state", "cp hq/paris-01/state hq/lyon-03/state" };

	(void)state;
	expect(0, "lyon-03 3 3 up to date", "");
	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++) {
		chain_shell(&bench.chain, "cp hq/lyon-03/state kept; %s", made[i]);
		expect(0, "lyon-03 3 0 up to date", "");
		chain_shell(&bench.chain, "cmp kept hq/lyon-03/state");
	}
	assert_logged("log", "/events.jsonl", DAYS);
}

/* A crash behind the rename leaves a batch beyond the state. */
static void a_state_that_is_behind(void **state)
{
	(void)state;
	expect(0, "lyon-03 3 3 up to date", "");
	chain_shell(&bench.chain, "cp hq/lyon-03/state kept");
	chain_seal_days(&bench.lyon, 2);
	expect(0, "lyon-03 5 2 up to date", "");
	chain_shell(&bench.chain, "cp kept hq/lyon-03/state");
	expect(0, "lyon-03 5 0 up to date", "");
	assert_logged("log", "/events.jsonl", 5);
}

static void what_is_kept_is_not_trusted_blindly(void **state)
{
	(void)state;
	expect(0, "lyon-03 3 3 up to date", "");
	chain_shell(&bench.chain, "rm hq/lyon-03/state; sed -i s/1000/1001/ hq/lyon-03/batches/2/events.jsonl");
	expect(76, "lyon-03 1 0 refused of what was kept, batch 2, file_sha256", "paris-01 2 0 up to date");
	chain_shell(&bench.chain,
		"cp doors/lyon-03/2/events.jsonl hq/lyon-03/batches/2/; rm -r hq/lyon-03/batches/1 hq/lyon-03/state");
	expect(76, "lyon-03 0 0 refused of what was kept, batch 1, batch_gap", "");
}

/* Killed in the middle of a file, it goes on there. */
static void it_is_killed(void **state)
{
	struct timespec pause = { .tv_nsec = 20000000 };
	size_t len = 0, half;
	char *text, line[64];
	int status;
	pid_t pid;

	(void)state;
	faults("lyon-03", "stall 1 3/events.jsonl\n");
	text = chain_read(chain_path(&bench.chain, "doors/lyon-03/3/events.jsonl"), &half);
	free(text);
	half /= 2;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)chain_run(&bench.chain, quick, NULL);
		_exit(1);
	}
	while (len != half) { /* until the half is on disk */
		text = chain_read(chain_path(&bench.chain, "hq/lyon-03/incoming/3/events.jsonl"), &len);
		free(text);
		nanosleep(&pause, NULL);
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	expect(0, "lyon-03 3 1 up to date", "");
	snprintf(line, sizeof(line), "3/events.jsonl bytes=%zu- -", half);
	assert_logged("log", line, 1);
	assert_whole("lyon-03", DAYS);
}

/* What is left of a batch that the store has sealed otherwise since. */
static void leftovers_of_another_batch(void **state)
{
	(void)state;
	chain_shell(&bench.chain, "mkdir -p hq/lyon-03/incoming; cp -r doors/lyon-03/2 hq/lyon-03/incoming/1");
	expect(0, "lyon-03 3 3 up to date", "");
	assert_whole("lyon-03", DAYS);
}

static void only_one_at_once(void **state)
{
	int fd;

	(void)state;
	chain_shell(&bench.chain, "mkdir -p hq");
	fd = open(chain_path(&bench.chain, "hq/.lock"), O_RDWR | O_CREAT, 0600);
	assert_true(fd >= 0 && flock(fd, LOCK_EX) == 0);
	expect(75, "another palier-hq pulls into", "");
	close(fd);
}

/* --- keys --- */

/* Pinned, announced by a batch, remembered by the state. */
static void announced_keys_are_remembered(void **state)
{
	struct chain_store *s = &bench.lyon;
	struct crypto_key *k = crypto_key_make();
	struct crypto_certificate *c = office_certify(&bench.chain.office, k, (struct office_wish){ .store = "lyon-03" });
	char *event = chain_announcement(s, k, c);

	(void)state;
	chain_write_certificate(chain_path(&bench.chain, "lyon.pem"), s->certificate);
	chain_shell(&bench.chain, "sed -i 's/^store \"lyon-03\" {/& certificate = \"lyon.pem\" /' hq.conf");
	chain_seal(s, &(struct chain_day){ .event = event });
	expect(0, "lyon-03 4 4 up to date", "");
	chain_store_close(s);
	s->key = k;
	s->certificate = c;
	chain_seal(s, NULL);
	expect(0, "lyon-03 5 1 up to date", "");
	chain_shell(&bench.chain, "rm hq/lyon-03/state");
	chain_seal(s, NULL);
	expect(0, "lyon-03 6 1 up to date", "");
	free(event);
}

/* --- keys that are lost --- */

static void expect_trust(const char *certificate, int code, const char *said, const char *also)
{
	chain_expect(&bench.chain,
		(const char *const[]){ "trust", "lyon-03", chain_path(&bench.chain, "%s", certificate), "--reason", "a fire",
			NULL },
		code, (const char *const[]){ said, also, NULL });
}

/* Others' certificates do not settle that a day is signed with a key that nobody has announced; the key's own does. */
static void key_is_replaced(const char *word)
{
	struct chain_store *s = &bench.lyon, lost, third;
	char refused[96], settled[96];

	snprintf(refused, sizeof(refused), "lyon-03 3 0 refused batch 4, %s: ", word);
	snprintf(settled, sizeof(settled), "hq/lyon-03/refused/4-%s\n", word);
	expect(0, "lyon-03 3 3 up to date", "");
	chain_lose_key(s, &lost);
	chain_seal(s, NULL);
	expect(76, refused, "if the store has lost its key, palier-hq trust lyon-03 accepts the new one");
	chain_write_certificate(chain_path(&bench.chain, "new.pem"), s->certificate);
	chain_write_certificate(chain_path(&bench.chain, "paris.pem"), bench.paris.certificate);
	third = *s;
	chain_lose_key(&third, &(struct chain_store){ .key = NULL });
	chain_write_certificate(chain_path(&bench.chain, "third.pem"), third.certificate);

	expect_trust("paris.pem", 79, "is not a certificate of lyon-03, but of CN=paris-01", "");
	expect_trust("hq.key", 79, "holds no certificate", "");
	expect_trust("third.pem", 76, "is signed with another key than that of this certificate: nothing was decided", "");
	expect(76, "refused before and not settled: ", "lyon-03 3 0");
	expect_trust("new.pem", 0, "instead of ", settled);
	chain_shell(&bench.chain, "grep -q '\"reason\":\"a fire\"' hq/lyon-03/trusted");
	expect(0, "lyon-03 4 1 up to date", "");
	assert_whole("lyon-03", DAYS + 1);
	expect_trust("new.pem", 64, "the key of this certificate signs for lyon-03 already", "");
	/* It is remembered, also where the state is not, */
	chain_shell(&bench.chain, "rm hq/lyon-03/state");
	chain_seal(s, NULL);
	expect(0, "lyon-03 5 1 up to date", "");
	chain_expect(&bench.chain, (const char *const[]){ "verify", NULL }, 0,
		(const char *const[]){ "lyon-03 5 15 verified", NULL });
	/* and lets in neither a third key nor, once more, the one that was lost. */
	third.before = lost.before = s->before;
	third.sealed = lost.sealed = s->sealed;
	third.outstanding = lost.outstanding = s->outstanding;
	chain_seal(&third, NULL);
	expect(76, "lyon-03 5 0 refused batch 6, ", word);
	chain_shell(&bench.chain, "rm -r doors/lyon-03/6 hq/lyon-03/refused/*");
	chain_seal(&lost, NULL);
	expect(76, "lyon-03 5 0 refused batch 6, key_unannounced", "");
	chain_store_close(&third);
	chain_store_close(&lost);
}

static void a_lost_key_is_replaced(void **state)
{
	(void)state;
	key_is_replaced("key_unannounced");
}

static void a_pinned_key_is_replaced(void **state)
{
	(void)state;
	chain_write_certificate(chain_path(&bench.chain, "lyon.pem"), bench.lyon.certificate);
	chain_shell(&bench.chain, "sed -i 's/^store \"lyon-03\" {/& certificate = \"lyon.pem\" /' hq.conf");
	key_is_replaced("certificate_unknown");
}

static void decisions_that_are_wrong(void **state)
{
	const struct chain *c = &bench.chain;

	(void)state;
	chain_write_certificate(chain_path(c, "lyon.pem"), bench.lyon.certificate);
	expect_trust("lyon.pem", 1, "there is no batch of lyon-03", "");
	expect(0, "lyon-03 3 3 up to date", "");
	expect_trust("lyon.pem", 64, "the key of this certificate signs for lyon-03 already", "");
	chain_expect(c, (const char *const[]){ "trust", "../lyon-03", chain_path(c, "lyon.pem"), NULL }, 64,
		(const char *const[]){ "a store is not called", NULL });
	tls_make(&c->office, "tls", (struct office_wish){ .store = "lyon-03", .purpose = "serverAuth" });
	expect_trust("tls.pem", 79, "is not one that signs batches", "");
	chain_write(chain_path(c, "hq/lyon-03/trusted"), "{}\n", 3);
	expect(76, "trusted: it is not as palier-hq trust has written it", "");
}

/* --- members' data --- */

#define A "m_00000000000000ab"
#define B "m_00000000000000cd"
#define C "m_00000000000000ef"

static void profiles_write(const char *text)
{
	chain_write(chain_path(&bench.chain, "doors/lyon-03/profiles"), text, strlen(text));
}

static void assert_profiles(const char *expected)
{
	size_t len;
	char *text = chain_read(chain_path(&bench.chain, "hq/lyon-03/profiles.jsonl"), &len);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

static void members_data(void **state)
{
	struct stat st;

	(void)state;
	profiles_write(
		"{\"member\":\"" A "\",\"seq\":1,\"name\":\"Ann\"}\n{\"member\":\"" B "\",\"seq\":2,\"name\":\"Bob\"}\n"
		"{\"member\":\"" C "\",\"seq\":3,\"name\":\"Cid\"}\n");
	chain_expect(&bench.chain, (const char *const[]){ "pull", "--no-profiles", NULL }, 0,
		(const char *const[]){ "lyon-03 3 3 up to date", NULL });
	assert_logged("log", "profiles", 0);
	expect(0, "lyon-03 3 0 up to date", "");
	assert_profiles(
		"{\"member\":\"" A "\",\"seq\":1,\"name\":\"Ann\"}\n{\"member\":\"" B "\",\"seq\":2,\"name\":\"Bob\"}\n"
		"{\"member\":\"" C "\",\"seq\":3,\"name\":\"Cid\"}\n");
	assert_int_equal(stat(chain_path(&bench.chain, "hq/lyon-03/profiles.jsonl"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	profiles_write(
		"{\"member\":\"" B "\",\"seq\":4,\"erased\":true}\n{\"member\":\"" A "\",\"seq\":5,\"name\":\"Anna\"}\n");
	expect(0, "lyon-03 3 0 up to date", "");
	assert_logged("log", "profiles?after=3", 1);
	assert_profiles(
		"{\"member\":\"" A "\",\"seq\":5,\"name\":\"Anna\"}\n{\"member\":\"" C "\",\"seq\":3,\"name\":\"Cid\"}\n");
	/* The file is lost: all of them again. */
	chain_shell(&bench.chain, "rm hq/lyon-03/profiles.jsonl");
	expect(0, "lyon-03 3 0 up to date", "");
	assert_profiles("{\"member\":\"" A "\",\"seq\":5,\"name\":\"Anna\"}\n");
	chain_shell(&bench.chain, "echo x >hq/lyon-03/profiles.jsonl");
	profiles_write("{\"member\":\"" B "\",\"seq\":6}\n");
	expect(74, "lyon-03 3 0 not kept profiles.jsonl holds something else", "paris-01 2 0 up to date");
}

static void pages_that_make_no_sense(void **state)
{
	static const char *const pages[] = { "", "[]", "{}", "{\"profiles\":{}}", "{\"profiles\":[{}]}",
		"{\"profiles\":[{\"member\":\"" A "\"}]}", "{\"profiles\":[{\"member\":\"x\",\"seq\":9}]}",
		"{\"profiles\":[{\"member\":\"" A "\",\"seq\":4}]}", "{\"profiles\":[],\"next\":5}",
		"{\"profiles\":[],\"next\":-1}" };
	struct palier_buffer lines = { 0 };
	uint64_t seq = 5;
	bool more;

	(void)state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++)
		if (profiles_page(palier_str(pages[i]), &lines, &seq, &more) != PALIER_EINVAL || seq != 5)
			fail_msg("%s is taken for a page", pages[i]);
	palier_buffer_deinit(&lines);
}

/* --- many --- */

#define STORES 100
#define JOBS   "8"

static void many_at_once(void **state)
{
	struct chain_store *stores = calloc(STORES, sizeof(*stores));
	char id[16], *busiest, *said;
	size_t len;

	(void)state;
	assert_non_null(stores);
	for (int i = 0; i < STORES; i++) {
		snprintf(id, sizeof(id), "store-%d", i);
		store_add(&stores[i], id);
		chain_seal_days(&stores[i], 1 + (unsigned)i % 2);
		if (i % 10 == 3)
			faults(id, "cut 1 events.jsonl\n500 1 manifest.json\n");
	}
	faults("store-7", "500 99 after=0\n");
	chain_shell(&bench.chain, "sed -i s/1000/1001/ doors/store-9/2/events.jsonl");
	assert_int_equal(chain_run(&bench.chain,
				 (const char *const[]){ "--json", "pull", "--jobs", JOBS, "--backoff", "1", NULL }, &said),
		76);
	assert_int_equal(count_in(said, "\"result\":\"up to date\""), STORES - 2);
	assert_int_equal(count_in(said, "\"result\":\"not reached\""), 1);
	assert_int_equal(count_in(said, "\"result\":\"refused\""), 1);
	free(said);
	busiest = chain_read(chain_path(&bench.chain, "doors/busiest"), &len);
	assert_true(strtol(busiest, NULL, 10) > 1 && strtol(busiest, NULL, 10) <= strtol(JOBS, NULL, 10));
	free(busiest);
	chain_expect(&bench.chain, (const char *const[]){ "verify", NULL }, 0,
		(const char *const[]){ "store-99 2 6 verified", NULL });
	for (int i = 0; i < STORES; i++) {
		chain_store_close(&stores[i]);
	}
	free(stores);
}

/* --- the command line --- */

static void calls_that_are_wrong(void **state)
{
	static const struct {
		const char *args[5];
		int code;
		const char *said;
	} calls[] = {
		{ { "pull", "nice-01" }, 64, "nice-01: the configuration has no url of it" },
		{ { "pull", "--jobs", "0" }, 64, "--jobs: a figure from 1 to 1024 is wanted, not 0" },
		{ { "pull", "--jobs", "many" }, 64, "not many" },
		{ { "pull", "--retries", "-1" }, 64, "not -1" },
		{ { "pull", "--timeout", "99999" }, 64, "not 99999" },
		{ { "pull", "--backoff", "1.5" }, 64, "not 1.5" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		chain_expect(&bench.chain, calls[i].args, calls[i].code, (const char *const[]){ calls[i].said, NULL });
	chain_shell(&bench.chain, "rm hq.key");
	expect(69, "lyon-03 0 0 not reached", "");
	chain_shell(&bench.chain, "sed -i /^tls/d hq.conf");
	expect(79, "the configuration says nothing of tls", "");
	chain_shell(&bench.chain, "sed -i 's/url = [^ ]*//' hq.conf");
	chain_configure(&bench.chain, "tls { }\n");
	expect(79, "has no store with an url", "");
	chain_configure(&bench.chain, "store \"../x\" { url = \"https://127.0.0.1:1\" }\n");
	expect(79, "a store is not called \"../x\"", "");
}

#define TEST(sentence, function) \
	{ \
		sentence, function, shop_open, shop_close, NULL \
	}
#define ROWS(cases, function) \
	for (size_t i = 0; i < sizeof(cases) / sizeof(*(cases)); i++) \
		tests[n++] = (struct CMUnitTest) \
		{ \
			(cases)[i].name, function, shop_open, shop_close, (void *)(uintptr_t) & (cases)[i] \
		}

int main(void)
{
	struct CMUnitTest tests[96] = {
		TEST("all comes, once, and is acknowledged", all_comes),
		TEST("lists come in parts", lists_come_in_parts),
		TEST("a part is asked for by its ETag", a_part_is_asked_for_by_its_etag),
		TEST("a store that says nothing more", a_store_that_says_nothing_more),
		TEST("lists that make no sense", lists_that_make_no_sense),
		TEST("certificates of the door", certificates_of_the_door),
		TEST("a store that was rolled back", a_store_that_was_rolled_back),
		TEST("a store that goes another way", a_store_that_goes_another_way),
		TEST("totals are reckoned again", totals_are_reckoned_again),
		TEST("a state that was lost", a_state_that_was_lost),
		TEST("a state that is behind", a_state_that_is_behind),
		TEST("what is kept is not trusted blindly", what_is_kept_is_not_trusted_blindly),
		TEST("it is killed in the middle of a file", it_is_killed),
		TEST("leftovers of another batch", leftovers_of_another_batch),
		TEST("only one at once", only_one_at_once),
		TEST("announced keys are remembered", announced_keys_are_remembered),
		TEST("a lost key is replaced", a_lost_key_is_replaced),
		TEST("a pinned key is replaced", a_pinned_key_is_replaced),
		TEST("decisions that are wrong", decisions_that_are_wrong),
		TEST("members' data", members_data),
		TEST("pages that make no sense", pages_that_make_no_sense),
		TEST("calls that are wrong", calls_that_are_wrong),
		{ "a hundred stores at once", many_at_once, chain_begin, chain_end, NULL },
	};
	size_t n = 23;

	ROWS(fault_cases, faults_pass);
	ROWS(away_cases, a_store_is_away);
	ROWS(refusal_cases, batches_are_refused);
	return _cmocka_run_group_tests("pull", tests, n, NULL, NULL);
}
