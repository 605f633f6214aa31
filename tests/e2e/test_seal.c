/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing: a real shop closes its days, palier-seal seals them, and stock tools (openssl, sha256sum) judge what lies in the outbox. It is killed
 * before every change it makes to the disk, finds all that a crash may leave, and refuses what it must not sign. */
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "protocol/batch.h"
#include "protocol/rotation.h"
#include "tests/e2e/harness.h"
#include "tests/unit/protocol/office.h"

#define SIGNING "signing { certificate = \"store.pem\"  key = \"store.key\" }\n"
#define YEAR_MS (365 * INT64_C(86400000))

static const struct shop_options usual = { .config = SIGNING };
static const struct shop_options broken = { .config = SIGNING, .broken = true };
static const struct shop_options unsigned_shop = { .config = "" };

static int64_t wall_ms(void)
{
	return (int64_t)time(NULL) * 1000;
}

/* --- files --- */

static const char *in_shop(const struct shop *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
static const char *in_shop(const struct shop *s, const char *format, ...)
{
	static char path[8][256];
	static unsigned turn;
	char *out = path[turn++ % 8];
	int n = snprintf(out, sizeof(path[0]), "%s/", s->dir);
	va_list args;

	va_start(args, format);
	vsnprintf(out + n, sizeof(path[0]) - (size_t)n, format, args);
	va_end(args);
	return out;
}

static bool there_is(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Run a command of the shell in the shop's directory. @return its exit code */
static int shell(const struct shop *s, char **out, const char *format, ...) __attribute__((format(printf, 3, 4)));
static int shell(const struct shop *s, char **out, const char *format, ...)
{
	char line[2048];
	int n = snprintf(line, sizeof(line), "cd '%s' && ", s->dir);
	va_list args;

	va_start(args, format);
	vsnprintf(line + n, sizeof(line) - (size_t)n, format, args);
	va_end(args);
	return program_run(s, (const char *const[]){ "sh", "-c", line, NULL }, out);
}

static void flip(const char *path, size_t at)
{
	size_t len;
	char *text = file_read(path, &len);

	assert_true(text && at < len);
	text[at] ^= 1;
	unlink(path); /* it may be a link to the journal's */
	file_write(path, text, len);
	free(text);
}

/* --- an office, and what it certifies --- */

static void pem_write(const char *path, const struct crypto_certificate *c)
{
	struct palier_buffer text = { 0 };

	crypto_certificate_write(c, &text);
	file_write(path, text.at, text.len);
	palier_buffer_deinit(&text);
}

static void key_write(const char *path, const struct crypto_key *k)
{
	struct palier_buffer text = { 0 };

	unlink(path);
	crypto_key_write(k, &text);
	file_write(path, text.at, text.len);
	assert_int_equal(chmod(path, 0400), 0);
	palier_buffer_deinit(&text);
}

/* A key with its certificate as store.key and store.pem, the authority as office-ca.pem. */
static void certify(const struct shop *s, struct office_wish wish)
{
	struct office office;
	struct crypto_key *k = crypto_key_make();
	struct crypto_certificate *c;

	office_make(&office, "Office");
	wish.store = wish.store ? wish.store : "lyon-03";
	wish.from_ms = wish.from_ms ? wish.from_ms : wall_ms() - YEAR_MS;
	wish.to_ms = wish.to_ms ? wish.to_ms : wall_ms() + YEAR_MS;
	c = office_certify(&office, k, wish);
	key_write(in_shop(s, "store.key"), k);
	pem_write(in_shop(s, "store.pem"), c);
	pem_write(in_shop(s, "office-ca.pem"), office.ca);
	crypto_certificate_free(c);
	crypto_key_free(k);
	office_free(&office);
}

/* --- days --- */

static void days_close(const struct shop *s, int from, int to)
{
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	for (int i = from; i <= to; i++) {
		ask_ok(&w, "sale.commit",
			"'request':'s-%d','sale':'R-%d','lines':[{'sku':'a','amount':%d00}],'payable':%d00", i, i, i, i);
		ask_ok(&w, "day.close", "'request':'c-%d'", i);
	}
	wire_close(&w);
}

/* @param said to be freed; NULL: not wanted */
static int seal(const struct shop *s, char **said)
{
	return program_run(s, (const char *const[]){ "palier-seal", "--config", s->config, NULL }, said);
}

static void assert_sealed(const struct shop *s, int expected, const char *what)
{
	char *said;
	int code = seal(s, &said);

	if (code != expected || !strstr(said, what))
		fail_msg("palier-seal ended with %d, not %d, or without \"%s\": %s", code, expected, what, said);
	free(said);
}

/* What an office with stock tools does. @return true when both are content */
static bool office_accepts(const struct shop *s, int batch, const char *ca)
{
	return shell(s, NULL,
		       "cd outbox/%d && openssl cms -verify -binary -inform DER -in manifest.p7s -content manifest.json "
		       "-CAfile ../../%s -purpose any -no_check_time -out /dev/null && "
		       "sed -n 's/.*\"sha256\":\"\\([0-9a-f]*\\)\".*/\\1  events.jsonl/p' manifest.json | sha256sum -c --strict",
		       batch, ca) == 0;
}

/* --- what is sealed ------------------------------------------------------------------------------------------------ */

static void stock_tools_accept(void **state)
{
	static const char *const parts[] = { BATCH_EVENTS, BATCH_MANIFEST, BATCH_SIGNATURE };
	struct shop *s = *state;

	certify(s, (struct office_wish){ .store = NULL });
	assert_sealed(s, 0, "nothing to seal");
	days_close(s, 1, 3);
	assert_sealed(s, 0, "batch 3 sealed: 2 events");
	assert_sealed(s, 0, "nothing to seal");
	for (int batch = 1; batch <= 3; batch++) {
		assert_true(office_accepts(s, batch, "office-ca.pem"));
		assert_int_equal(shell(s, NULL, "cmp outbox/%d/events.jsonl shop/journal/%d.jsonl", batch, batch), 0);
	}
	for (size_t i = 0; i < 3; i++) {
		const char *path = in_shop(s, "outbox/2/%s", parts[i]);

		flip(path, 200);
		assert_false(office_accepts(s, 2, "office-ca.pem"));
		flip(path, 200);
		assert_true(office_accepts(s, 2, "office-ca.pem"));
	}
	certify(s, (struct office_wish){ .store = NULL }); /* another office */
	assert_false(office_accepts(s, 2, "office-ca.pem"));
}

/* --- what is archived ---------------------------------------------------------------------------------------------- */

static void old_days_are_archived(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char *said;

	certify(s, (struct office_wish){ .store = NULL });
	days_close(s, 1, 3);
	assert_sealed(s, 0, "batch 3 sealed");
	days_close(s, 4, 4); /* not sealed: it stays as it is */
	assert_int_equal(shop_verb(s, "archive", &said), 0);
	assert_string_equal(said, "nothing to archive\n");
	free(said);
	assert_int_equal(shell(s, NULL, "for n in 1 2 3 4; do test -f shop/journal/$n.jsonl || exit 1; done"), 0);

	assert_int_equal(program_run(s,
				 (const char *const[]){ "palier", "--config", s->config, "archive", "--days", "0", NULL },
				 &said),
		0);
	assert_non_null(strstr(said, "archived: 3 days"));
	free(said);
	for (int n = 1; n <= 3; n++)
		assert_int_equal(
			shell(s, NULL,
				"test ! -e shop/journal/%d.jsonl && zstd -dqc shop/journal/%d.jsonl.zst | cmp - outbox/%d/events.jsonl",
				n, n, n),
			0);
	assert_true(there_is(in_shop(s, "shop/journal/4.jsonl")));

	/* palierd, which has run all the while, finds what it needs, */
	connect_to(&w, s, DOOR_TRUST);
	assert_field(ask_ok(&w, "sale.commit",
			     "'request':'s-1','sale':'R-1','lines':[{'sku':'a','amount':100}],'payable':100"),
		"result.replayed", "true");
	assert_figure(ask_ok(&w, "sale.show", "'sale':'R-2'"), "result.payable", 200);
	ask_ok(&w, "sale.return", "'request':'r','return':'B-1','sale':'R-3'");
	ask_ok(&w, "day.close", "'request':'c-5'");
	wire_close(&w);
	assert_sealed(s, 0, "batch 5 sealed");
	/* also when it starts again, */
	assert_int_equal(shop_stop(s), 0);
	shop_sound(s);
	shop_start(s);
	/* a backup has them, and what is restored from it, too; */
	assert_int_equal(
		shell(s, &said,
			"$PALIER_BIN/palierd --config '%s' backup copy && sed 's/^data = .*/data = \"shop2\"/' '%s' >two.conf && "
			"$PALIER_BIN/palierd --config two.conf restore copy && $PALIER_BIN/palierd --config two.conf check",
			s->config, s->config),
		0);
	free(said);
	/* and the tools read them. */
	assert_int_equal(shell(s, NULL,
				 "test $($PALIER_BIN/palier journal print --data shop --json | grep -c sale.commit) = 4"),
		0);
}

/* A day that reads differently than it was sealed is found. */
static void damaged_archives_are_found(void **state)
{
	struct shop *s = *state;
	char *said;

	certify(s, (struct office_wish){ .store = NULL });
	days_close(s, 1, 2);
	assert_sealed(s, 0, "batch 2 sealed");
	assert_int_equal(shell(s, NULL, "$PALIER_BIN/palierd --config '%s' archive --days 0", s->config), 0);
	assert_int_equal(shop_stop(s), 0);
	flip(in_shop(s, "shop/journal/1.jsonl.zst"), 100);
	assert_int_not_equal(shop_verb(s, "check", &said), 0);
	if (!strstr(said, "journal 1 is damaged"))
		fail_msg("palierd check says: %s", said);
	free(said);
}

/* The same with the library that a head office uses. */
static void library_accepts(void **state)
{
	struct shop *s = *state;
	struct batch_before before = { .batch = 0 };
	struct crypto_certificate *ca, *pinned;
	struct cms_trust trust = { .pinned_count = 0 };
	size_t len;
	char *text;

	certify(s, (struct office_wish){ .store = NULL });
	days_close(s, 1, 2);
	assert_sealed(s, 0, "batch 2 sealed");
	text = file_read(in_shop(s, "office-ca.pem"), &len);
	assert_int_equal(crypto_certificate_read(palier_bytes_of(text, len), &ca), PALIER_OK);
	free(text);
	text = file_read(in_shop(s, "store.pem"), &len);
	assert_int_equal(crypto_certificate_read(palier_bytes_of(text, len), &pinned), PALIER_OK);
	free(text);
	for (int batch = 1; batch <= 2; batch++) {
		size_t manifest_len, signature_len;
		char *manifest = file_read(in_shop(s, "outbox/%d/manifest.json", batch), &manifest_len);
		char *signature = file_read(in_shop(s, "outbox/%d/manifest.p7s", batch), &signature_len);
		FILE *events = fopen(in_shop(s, "outbox/%d/events.jsonl", batch), "r");
		int64_t at_ms = 0;

		assert_non_null(events);
		trust = batch == 1 ? (struct cms_trust){ .authorities = (const struct crypto_certificate *const[]){ ca },
			.authority_count = 1 }
		                   : (struct cms_trust){ .pinned = (const struct crypto_certificate *const[]){ pinned },
					     .pinned_count = 1 };
		assert_int_equal(batch_verify(PALIER_LIT("lyon-03"), &trust, palier_bytes_of(manifest, manifest_len),
					 palier_bytes_of(signature, signature_len), fileno(events), &before, &at_ms),
			BATCH_FINE);
		assert_true(at_ms > wall_ms() - DEADLINE_MS && at_ms <= wall_ms());
		fclose(events);
		free(manifest);
		free(signature);
	}
	crypto_certificate_free(ca);
	crypto_certificate_free(pinned);
}

/* --- crashes ------------------------------------------------------------------------------------------------------- */

/* All that a crash may leave of a batch, from the batch as it came to be. */
static const struct left_case {
	const char *name, *made;
} left_cases[] = {
	{ "the directory alone", "true" },
	{ "half of the events", "head -c 100 ../whole/events.jsonl >events.jsonl.new" },
	{ "the events under a temporary name", "cp ../whole/events.jsonl events.jsonl.new" },
	{ "the events", "cp ../whole/events.jsonl ." },
	{ "events that lost their bytes", ": >events.jsonl" },
	{ "half of them compressed",
		"cp ../whole/events.jsonl . && head -c 50 ../whole/events.jsonl.zst >events.jsonl.zst.new" },
	{ "them compressed, without a sum", "cp ../whole/events.jsonl ../whole/events.jsonl.zst ." },
	{ "half of the manifest", "cp ../whole/events.jsonl . && head -c 50 ../whole/manifest.json >manifest.json.new" },
	{ "events and manifest", "cp ../whole/events.jsonl ../whole/manifest.json ." },
	{ "a manifest that lost its bytes", "cp ../whole/events.jsonl . && : >manifest.json" },
	{ "half of the signature",
		"cp ../whole/events.jsonl ../whole/manifest.json . && head -c 50 ../whole/manifest.p7s >manifest.p7s.new" },
	{ "a signature under its temporary name",
		"cp ../whole/events.jsonl ../whole/manifest.json . && cp ../whole/manifest.p7s manifest.p7s.new" },
};

static void goes_on_after_a_crash(void **state)
{
	struct shop *s = *state;

	certify(s, (struct office_wish){ .store = NULL });
	days_close(s, 1, 2);
	assert_sealed(s, 0, "batch 2 sealed");
	assert_int_equal(shell(s, NULL, "mv outbox/2 outbox/whole"), 0);
	for (size_t i = 0; i < sizeof(left_cases) / sizeof(*left_cases); i++) {
		if (shell(s, NULL, "rm -rf outbox/2 && mkdir outbox/2 && cd outbox/2 && %s", left_cases[i].made) != 0)
			fail_msg("cannot make: %s", left_cases[i].name);
		assert_sealed(s, 0, "batch 2 sealed");
		assert_true(office_accepts(s, 2, "office-ca.pem"));
		if (shell(s, NULL, "cd outbox && cmp 2/manifest.json whole/manifest.json && [ $(ls 2 | wc -l) = 5 ]") != 0)
			fail_msg("not as it was before: %s", left_cases[i].name);
	}
	assert_sealed(s, 0, "nothing to seal");
}

/* Does this system call change the disk? */
static bool changes(const struct __ptrace_syscall_info *i)
{
	switch (i->entry.nr) {
	case SYS_openat:
		return i->entry.args[2] & 0100; /* O_CREAT */
	case SYS_mkdirat:
	case SYS_unlinkat:
	case SYS_linkat:
	case SYS_renameat:
	case SYS_renameat2:
	case SYS_fsync:
	case SYS_copy_file_range:
	case SYS_ioctl:
		return true;
#ifdef SYS_mkdir
	case SYS_mkdir:
		return true;
#endif
	case SYS_write:
		return i->entry.args[0] > 2;
	default:
		return false;
	}
}

/* Run palier-seal and kill it before the nth change. @return false: it came to its end before that, with 0 */
static bool seal_killed_at(const struct shop *s, int nth)
{
	const char *dir = getenv("PALIER_BIN");
	char path[4096];
	int status, left = nth, sig = 0;
	pid_t pid = fork();

	if (pid == 0) {
		snprintf(path, sizeof(path), "%s/palier-seal", dir ? dir : "build/bin");
		setenv("ASAN_OPTIONS", "detect_leaks=0", 1); /* it cannot look for leaks while it is traced */
		close(STDOUT_FILENO);
		close(STDERR_FILENO);
		if (open("/dev/null", O_WRONLY) != 1 || dup(1) != 2 || ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			_exit(125);
		execl(path, "palier-seal", "--config", s->config, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL), 0);
	for (;;) {
		struct __ptrace_syscall_info info = { .op = 0 };

		assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, sig), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFSTOPPED(status)) {
			assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
			return false;
		}
		sig = WSTOPSIG(status) == (SIGTRAP | 0x80) ? 0 : WSTOPSIG(status);
		if (sig || ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) <= 0)
			continue;
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY && changes(&info) && --left == 0) {
			kill(pid, SIGKILL);
			assert_int_equal(waitpid(pid, &status, 0), pid);
			return true;
		}
	}
}

static void killed_before_every_change(void **state)
{
	struct shop *s = *state;
	int n = 1;

	certify(s, (struct office_wish){ .store = NULL });
	days_close(s, 1, 2);
	for (; seal_killed_at(s, n); n++) {
		/* Whatever has a signature is whole. */
		for (int batch = 1; batch <= 2; batch++)
			if (there_is(in_shop(s, "outbox/%d/manifest.p7s", batch)))
				assert_true(office_accepts(s, batch, "office-ca.pem"));
		if (n % 5)
			continue; /* the next one meets what several have left */
		assert_int_equal(seal(s, NULL), 0);
		assert_true(office_accepts(s, 1, "office-ca.pem") && office_accepts(s, 2, "office-ca.pem"));
		assert_int_equal(shell(s, NULL, "[ $(ls outbox/2 | wc -l) = 5 ] && rm -r outbox"), 0);
	}
	assert_true(n > 25);
	assert_true(office_accepts(s, 1, "office-ca.pem") && office_accepts(s, 2, "office-ca.pem"));
}

/* --- what it refuses ----------------------------------------------------------------------------------------------- */

static const struct refusal_case {
	const char *name, *spoiled; /* a command of the shell */
	int code;
	const char *said;
	struct office_wish wish;
} refusal_cases[] = {
	{ "no key", "rm -f store.key", 79, "store.key cannot be read", { 0 } },
	{ "no certificate", "rm store.pem", 79, "store.pem cannot be read", { 0 } },
	{ "a key that anyone may read", "chmod 0444 store.key", 78, "others may read or change the key", { 0 } },
	{ "a key that its group may change", "chmod 0460 store.key", 78, "others may read or change the key", { 0 } },
	{ "a key that is a directory", "rm -f store.key && mkdir store.key", 79, "is not a file", { 0 } },
	{ "a key that is none", "rm -f store.key && echo x >store.key && chmod 400 store.key", 79,
		"holds no ECDSA key on P-256", { 0 } },
	{ "a key on another curve",
		"rm -f store.key && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out store.key 2>/dev/null && chmod 400 store.key",
		79, "holds no ECDSA key on P-256", { 0 } },
	{ "a key behind a passphrase",
		"openssl pkcs8 -topk8 -in store.key -passout pass:x -out k && mv -f k store.key && chmod 400 store.key", 79,
		"without a passphrase", { 0 } },
	{ "a certificate of another key",
		"rm -f store.key && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out store.key 2>/dev/null && chmod 400 store.key",
		79, "was not issued for the key", { 0 } },
	{ "a certificate that is none", "echo x >store.pem", 79, "holds no certificate", { 0 } },
	{ "a certificate for TLS", "true", 79, "something else than signing documents", { .purpose = "serverAuth" } },
	{ "a clock before the certificate", "true", 42, "set the clock right",
		{ .from_ms = INT64_C(4102444800000), .to_ms = INT64_C(4133980800000) } },
	{ "a certificate that has expired", "true", 42, "has expired",
		{ .to_ms = INT64_C(1577836800000), .from_ms = INT64_C(1546300800000) } },
	{ "a changed event", "sed -i '2s/sale.commit/sale.permit/' shop/journal/2.jsonl", 76,
		"(file_chain): line 3: event 4 does not follow", { 0 } },
	{ "an event that is missing", "sed -i 2d shop/journal/2.jsonl", 76, "event 4 follows event 2", { 0 } },
	{ "a file that was cut", "truncate -s -10 shop/journal/2.jsonl", 76, "(file_chain)", { 0 } },
	{ "lines that end in CR LF", "sed -i 's/$/\\r/' shop/journal/2.jsonl", 76, "(file_chain)", { 0 } },
	{ "another day's file", "cp shop/journal/1.jsonl shop/journal/2.jsonl", 76, "(batch_replayed)", { 0 } },
	{ "another store's file", "sed -i 's/\"store\":\"lyon-03\"/\"store\":\"paris-1\"/' shop/journal/2.jsonl", 76, "",
		{ 0 } },
	{ "a day of another line", "mv fork.jsonl shop/journal/2.jsonl", 76, "(batch_fork)", { 0 } },
	{ "a manifest before it that was changed", "sed -i s/lyon/lyom/ outbox/1/manifest.json", 76, "(signature_wrong",
		{ 0 } },
	{ "a manifest before it that is missing", "rm outbox/1/manifest.json", 76, "a file is missing", { 0 } },
	{ "a signature before it that trails", "echo >>outbox/1/manifest.p7s", 76, "(signature_trailed", { 0 } },
};

static void refuses(void **state)
{
	struct shop *s = *state;

	certify(s, (struct office_wish){ .store = NULL });
	days_close(s, 1, 1);
	assert_sealed(s, 0, "batch 1 sealed");
	days_close(s, 2, 2);
	assert_int_equal(
		shell(s, NULL,
			"mkdir whole && cp -a store.key store.pem office-ca.pem shop outbox whole/ && "
			"sed 's/\"prev_batch_sha256\":\"[0-9a-f]*\"/\"prev_batch_sha256\":\"%064d\"/' shop/journal/2.jsonl >fork",
			0),
		0);
	for (size_t i = 0; i < sizeof(refusal_cases) / sizeof(*refusal_cases); i++) {
		const struct refusal_case *c = &refusal_cases[i];

		if (c->wish.purpose || c->wish.to_ms)
			certify(s, c->wish);
		if (strstr(c->spoiled, "fork.jsonl"))
			assert_int_equal(
				shell(s, NULL,
					"sed -n 1p fork >fork.jsonl; "
					"prev=$(head -c -1 fork.jsonl | sha256sum | cut -c1-64); "
					"sed -n 2p fork | sed \"s/\\\"prev\\\":\\\"[0-9a-f]*\\\"}/\\\"prev\\\":\\\"$prev\\\"}/\" >>fork.jsonl; "
					"prev=$(sed -n 2p fork.jsonl | head -c -1 | sha256sum | cut -c1-64); "
					"sed -n 3p fork | sed \"s/\\\"prev\\\":\\\"[0-9a-f]*\\\"}/\\\"prev\\\":\\\"$prev\\\"}/\" >>fork.jsonl; "
					"last=$(sed -n 3p fork.jsonl | head -c -1 | sha256sum | cut -c1-64); "
					"sed -n 4p fork | sed \"s/\\\"last_sha256\\\":\\\"[0-9a-f]*\\\"/\\\"last_sha256\\\":\\\"$last\\\"/\" >>fork.jsonl"),
				0);
		if (shell(s, NULL, "%s", c->spoiled) != 0)
			fail_msg("cannot spoil: %s", c->name);
		print_message("%s\n", c->name);
		assert_sealed(s, c->code, c->said);
		assert_false(there_is(in_shop(s, "outbox/2/manifest.p7s")));
		assert_false(there_is(in_shop(s, "outbox/2/events.jsonl")));
		assert_int_equal(shell(s, NULL, "rm -rf store.key store.pem shop outbox && cp -a whole/* ."), 0);
	}
	assert_sealed(s, 0, "batch 2 sealed");
}

static void refuses_without_signing(void **state)
{
	struct shop *s = *state;

	assert_sealed(s, 79, "says nothing of signing");
	assert_int_equal(program_run(s, (const char *const[]){ "palier-seal", NULL }, NULL), 64);
	assert_int_equal(program_run(s, (const char *const[]){ "palier-seal", "--config", s->config, "more", NULL }, NULL),
		64);
	assert_int_equal(program_run(s, (const char *const[]){ "palier-seal", "--config", "/nowhere", NULL }, NULL), 79);
}

static void refuses_without_ledger(void **state)
{
	struct shop *s = *state;

	certify(s, (struct office_wish){ .store = NULL });
	assert_sealed(s, 1, "there is no ledger at");
	assert_false(there_is(in_shop(s, "outbox")));
}

/* --- what it costs ------------------------------------------------------------------------------------------------- */

/* Of what came before, the last manifest with its signature is all that it needs. */
static void history_is_not_read(void **state)
{
	struct shop *s = *state;

	certify(s, (struct office_wish){ .store = NULL });
	days_close(s, 1, 4);
	assert_sealed(s, 0, "batch 4 sealed");
	days_close(s, 5, 5);
	assert_int_equal(shell(s, NULL, "rm -r shop/journal/[1-4].jsonl outbox/[1-3]/* outbox/4/events.jsonl"), 0);
	assert_sealed(s, 0, "batch 5 sealed");
	assert_true(office_accepts(s, 5, "office-ca.pem"));
	assert_int_equal(shell(s, NULL, "[ $(ls outbox/[1-3] | grep -c json) = 0 ]"), 0);
}

/* A credential of the service manager goes before the file of the configuration. */
static void key_as_credential(void **state)
{
	struct shop *s = *state;

	certify(s, (struct office_wish){ .store = NULL });
	days_close(s, 1, 1);
	assert_int_equal(shell(s, NULL, "mkdir credentials && mv store.key credentials/"), 0);
	assert_sealed(s, 79, "store.key cannot be read");
	setenv("CREDENTIALS_DIRECTORY", in_shop(s, "credentials"), 1);
	assert_sealed(s, 0, "batch 1 sealed");
	unsetenv("CREDENTIALS_DIRECTORY");
}

/* --- the life of a key --------------------------------------------------------------------------------------------- */

static int key_verb(const struct shop *s, char **said, const char *verb, const char *argument)
{
	return program_run(s, (const char *const[]){ "palier", "--config", s->config, "key", verb, argument, NULL }, said);
}

/* An office with stock tools certifies a request. */
static void office_issue(const struct shop *s, const char *csr, const char *certificate)
{
	assert_int_equal(
		shell(s, NULL,
			"{ [ -e ca.key ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out "
			"office-ca.pem -subj /CN=Office -days 30; } && openssl req -in %s -verify -noout && "
			"openssl x509 -req -in %s -CA office-ca.pem -CAkey ca.key -CAcreateserial -copy_extensions copyall -days 20 -out %s",
			csr, csr, certificate),
		0);
}

/* What a verb of palier key prints becomes a file. */
static void key_request(const struct shop *s, const char *verb, const char *csr)
{
	char *said;

	assert_int_equal(key_verb(s, &said, verb, NULL), 0);
	file_write(in_shop(s, "%s", csr), said, strlen(said));
	free(said);
}

static char *asan_options; /* as they were */

/* The configuration names a key in a token, a new one of SoftHSM; its PIN is in a file. */
static void token_make(const struct shop *s)
{
	setenv("SOFTHSM2_CONF", in_shop(s, "softhsm.conf"), 1);
	setenv("PKCS11_MODULE_PATH", "/usr/lib/softhsm/libsofthsm2.so", 1);
	asan_options = getenv("ASAN_OPTIONS") ? strdup(getenv("ASAN_OPTIONS")) : NULL;
	setenv("ASAN_OPTIONS", "detect_leaks=0", 1); /* OpenSSL's engine for tokens leaves some of its own */
	if (shell(s, NULL,
		    "mkdir tokens && printf 'directories.tokendir = %%s/tokens\nlog.level = ERROR\n' \"$PWD\" >softhsm.conf && "
		    "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out made.key 2>/dev/null && "
		    "softhsm2-util --init-token --free --label palier --pin 1234 --so-pin 4321 && "
		    "softhsm2-util --import made.key --token palier --label store --id 01 --pin 1234 && rm made.key && "
		    "printf 1234 >pin && chmod 400 pin && "
		    "sed -i \"s|\\\"store.key\\\"|\\\"pkcs11:token=palier;object=store;pin-source=file:$PWD/pin\\\"|\" '%s' && grep -q pkcs11: '%s'",
		    s->config, s->config) != 0)
		fail_msg("a token cannot be made: are softhsm2 and libengine-pkcs11-openssl there?");
}

static void key_in_a_token(void **state)
{
	struct shop *s = *state;
	char *said;

	token_make(s);
	assert_int_equal(key_verb(s, &said, "init", NULL), 79);
	assert_non_null(strstr(said, "a key in a token is made there"));
	free(said);
	key_request(s, "csr", "store.csr");
	office_issue(s, "store.csr", "issued.pem");
	assert_int_equal(key_verb(s, NULL, "import", in_shop(s, "issued.pem")), 0);
	assert_int_equal(key_verb(s, &said, "show", NULL), 0);
	assert_non_null(strstr(said, "key pkcs11:token=palier"));
	free(said);
	days_close(s, 1, 2);
	assert_sealed(s, 0, "batch 2 sealed");
	assert_true(office_accepts(s, 1, "office-ca.pem") && office_accepts(s, 2, "office-ca.pem"));
	flip(in_shop(s, "outbox/2/manifest.p7s"), 200);
	assert_false(office_accepts(s, 2, "office-ca.pem"));
	flip(in_shop(s, "outbox/2/manifest.p7s"), 200);

	days_close(s, 3, 3);
	assert_int_equal(shell(s, NULL, "mv pin right && printf 9999 >pin"), 0);
	assert_sealed(s, 79, "no ECDSA key on P-256 that signs can be had from pkcs11:token=palier");
	assert_int_equal(shell(s, NULL, "rm pin"), 0);
	assert_sealed(s, 79, "no ECDSA key on P-256 that signs can be had from pkcs11:token=palier");
	assert_int_equal(shell(s, NULL, "mv right pin && mv tokens away && mkdir tokens"), 0);
	assert_sealed(s, 79, "no ECDSA key on P-256 that signs can be had from pkcs11:token=palier");
	assert_int_equal(shell(s, NULL, "rmdir tokens && mv away tokens"), 0);
	assert_sealed(s, 0, "batch 3 sealed");
	assert_true(office_accepts(s, 3, "office-ca.pem"));
}

static int token_forget(void **state)
{
	unsetenv("SOFTHSM2_CONF");
	unsetenv("PKCS11_MODULE_PATH");
	unsetenv("ASAN_OPTIONS");
	if (asan_options)
		setenv("ASAN_OPTIONS", asan_options, 1);
	free(asan_options);
	return shop_close(state);
}

static void key_life(void **state)
{
	struct shop *s = *state;
	struct stat st;
	char *said;

	assert_int_equal(key_verb(s, NULL, "csr", NULL), 74);
	assert_int_equal(key_verb(s, NULL, "init", NULL), 0);
	assert_int_equal(stat(in_shop(s, "store.key"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0400);
	assert_int_equal(key_verb(s, &said, "init", NULL), 64);
	assert_non_null(strstr(said, "there is a key"));
	free(said);
	key_request(s, "csr", "store.csr");
	office_issue(s, "store.csr", "issued.pem");
	assert_int_equal(key_verb(s, NULL, "import", in_shop(s, "issued.pem")), 0);
	assert_int_equal(key_verb(s, &said, "show", NULL), 0);
	assert_non_null(strstr(said, "CN=lyon-03,O=Comptoir"));
	free(said);
	assert_int_equal(key_verb(s, &said, "import", in_shop(s, "office-ca.pem")), 79);
	assert_non_null(strstr(said, "was not issued for the key"));
	free(said);
	days_close(s, 1, 1);
	assert_sealed(s, 0, "batch 1 sealed");
	assert_true(office_accepts(s, 1, "office-ca.pem"));
}

/* The days up to the announcement are signed by the old key, those after it by the new one, whenever they are sealed. */
static void key_changes(void **state)
{
	struct shop *s = *state;
	char *said;

	assert_int_equal(key_verb(s, NULL, "init", NULL), 0);
	key_request(s, "csr", "store.csr");
	office_issue(s, "store.csr", "first.pem");
	assert_int_equal(key_verb(s, NULL, "import", in_shop(s, "first.pem")), 0);
	days_close(s, 1, 1);
	assert_sealed(s, 0, "batch 1 sealed");
	days_close(s, 2, 2);
	key_request(s, "rotate", "next.csr");
	office_issue(s, "next.csr", "second.pem");
	assert_int_equal(key_verb(s, &said, "rotate", in_shop(s, "first.pem")), 79);
	free(said);
	/* Interrupted behind each of its steps, it is taken up again. */
	assert_int_equal(shell(s, NULL, "mkdir before && cp -a store.key store.key.next store.pem before/"), 0);
	assert_int_equal(key_verb(s, NULL, "rotate", in_shop(s, "second.pem")), 0);
	assert_int_equal(shell(s, NULL, "cp -af before/store.key before/store.key.next ."), 0);
	assert_int_equal(key_verb(s, NULL, "rotate", in_shop(s, "second.pem")), 0);
	assert_int_equal(
		shell(s, NULL,
			"cmp store.pem second.pem && cmp store.pem.old first.pem && cmp store.key before/store.key.next && "
			"cmp store.key.old before/store.key && [ ! -e store.key.next ]"),
		0);
	days_close(s, 3, 4);
	assert_sealed(s, 0, "batch 4 sealed");
	for (int batch = 1; batch <= 4; batch++) {
		assert_true(office_accepts(s, batch, "office-ca.pem"));
		assert_int_equal(
			shell(s, NULL,
				"openssl pkcs7 -inform DER -in outbox/%d/manifest.p7s -print_certs | openssl x509 | cmp - %s",
				batch, batch < 4 ? "first.pem" : "second.pem"),
			0);
		assert_int_equal(shell(s, NULL, "grep -q next_key_id outbox/%d/manifest.json", batch), batch == 3 ? 0 : 1);
	}
	/* Without the old key, the days that it must sign are not sealed. */
	assert_int_equal(shell(s, NULL, "rm -r outbox/[34] && mv store.key.old away"), 0);
	assert_sealed(s, 79, "batch 3 must be signed with the key");
	assert_int_equal(program_run(s, (const char *const[]){ "palier-seal", "--config", s->config, "--new-key", NULL },
				 NULL),
		0);
	assert_int_equal(shell(s, NULL, "rm -r outbox/[34] && mv away store.key.old"), 0);
	assert_sealed(s, 0, "batch 4 sealed");
}

/* The daemon books an announcement only when both keys have signed it. */
static void key_unproved(void **state)
{
	struct shop *s = *state;
	struct office office;
	struct crypto_key *keys[2] = { crypto_key_make(), crypto_key_make() };
	struct crypto_certificate *certificates[3];
	struct palier_buffer pem[3] = { { 0 } }, statement = { 0 }, signed_by[2] = { { 0 } };
	static const struct {
		int to, from, by_new, by_previous;
		const char *field;
	} rows[] = {
		{ 1, 0, 0, 0, "by_new" }, { 1, 0, 1, 1, "by_previous" },
		{ 0, 1, 0, 1, "by_previous" },                                /* of the change the other way round */
		{ 0, 0, 0, 0, "certificate" }, { 2, 0, 1, 0, "certificate" }, /* for TLS */
	};
	struct wire w;

	office_make(&office, "Office");
	for (int i = 0; i < 3; i++) {
		struct office_wish wish = { .store = "lyon-03", .purpose = i == 2 ? "serverAuth" : NULL };
		struct palier_buffer text = { 0 };

		certificates[i] = office_certify(&office, keys[i == 0 ? 0 : 1], wish);
		crypto_certificate_write(certificates[i], &text);
		for (size_t n = 0; n < text.len; n++) /* as JSON has it */
			palier_buffer_add(&pem[i], text.at[n] == '\n' ? "\\n" : &text.at[n], text.at[n] == '\n' ? 2 : 1);
		palier_buffer_deinit(&text);
	}
	rotation_statement(PALIER_LIT("lyon-03"), certificates[0], certificates[1], &statement);
	for (int i = 0; i < 2; i++)
		rotation_sign(palier_buffer_bytes(&statement), keys[i], &signed_by[i]);
	connect_to(&w, s, DOOR_TRUST);
#define ROTATE(to, from, new, previous) \
	"'request':'k','certificate':'%.*s','previous':'%.*s','by_new':'%.*s','by_previous':'%.*s'", (int)pem[to].len, \
		pem[to].at, (int)pem[from].len, pem[from].at, (int)signed_by[new].len, signed_by[new].at, \
		(int)signed_by[previous].len, signed_by[previous].at
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_field(ask_refused(&w, "params_invalid", "key.rotate",
				     ROTATE(rows[i].to, rows[i].from, rows[i].by_new, rows[i].by_previous)),
			"error.data.field", rows[i].field);
	ask_ok(&w, "key.rotate", ROTATE(1, 0, 1, 0));
	assert_field(ask_ok(&w, "key.rotate", ROTATE(1, 0, 1, 0)), "result.replayed", "true");
	wire_close(&w);
	for (int i = 0; i < 3; i++) {
		crypto_certificate_free(certificates[i]);
		palier_buffer_deinit(&pem[i]);
	}
	for (int i = 0; i < 2; i++) {
		crypto_key_free(keys[i]);
		palier_buffer_deinit(&signed_by[i]);
	}
	palier_buffer_deinit(&statement);
	office_free(&office);
}

int main(void)
{
	static const struct shop_options empty = { .config = SIGNING, .empty = true };
	const struct CMUnitTest tests[] = {
		IN_SHOP("old days are archived, and stay readable", old_days_are_archived, &usual),
		IN_SHOP("a damaged archive is found", damaged_archives_are_found, &broken),
		IN_SHOP("stock tools accept what is sealed, and refuse a flipped bit", stock_tools_accept, &usual),
		IN_SHOP("so does the library of the head office", library_accepts, &usual),
		IN_SHOP("it goes on from all that a crash may leave", goes_on_after_a_crash, &usual),
		IN_SHOP("it is killed before every change it makes to the disk", killed_before_every_change, &usual),
		IN_SHOP("it refuses what it must not sign, and says why", refuses, &broken),
		IN_SHOP("it refuses to seal without a key", refuses_without_signing, &unsigned_shop),
		IN_SHOP("it refuses to seal where no ledger is", refuses_without_ledger, &empty),
		IN_SHOP("it reads nothing of the days before", history_is_not_read, &broken),
		IN_SHOP("a key may come as a credential", key_as_credential, &usual),
		IN_SHOP("a key is made, certified by stock tools and used", key_life, &usual),
		{ "a key may be in a token", key_in_a_token, shop_open, token_forget, (void *)(uintptr_t)&usual },
		IN_SHOP("a key changes by an announcement", key_changes, &usual),
		IN_SHOP("an announcement is proved by both keys", key_unproved, &usual),
	};

	return cmocka_run_group_tests_name("seal", tests, NULL, NULL);
}
