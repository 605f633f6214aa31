/* SPDX-License-Identifier: Apache-2.0 */
/* palierd doctor: what is wrong is found, and what is not is not. The disk's own speed is whatever it is here. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/e2e/harness.h"
#include "tests/unit/protocol/office.h"

/* @param what said: to be freed @return the exit code */
static int ask_doctor(const struct shop *s, char **said)
{
	return shop_verb_with(s, (const char *const[]){ "doctor", "--json", NULL }, said);
}

/* What it says of one check; NULL: nothing. */
static const char *of_check(const char *said, const char *check, const char *what)
{
	const char *json = strchr(said, '{');
	char path[64];

	for (int i = 0; i < count_of(json, "checks"); i++) {
		snprintf(path, sizeof(path), "checks[%d].check", i);
		if (strcmp(field(json, path), check) != 0)
			continue;
		snprintf(path, sizeof(path), "checks[%d].%s", i, what);
		return field(json, path);
	}
	return NULL;
}

/* The check is in this state and says so; the exit code is that of the worst. */
static void assert_check(const struct shop *s, const char *check, const char *state, const char *text)
{
	char *said;
	int code = ask_doctor(s, &said);
	const char *got = of_check(said, check, "state");

	if (!got || strcmp(got, state) != 0 || !strstr(of_check(said, check, "text"), text))
		fail_msg("%s is not %s (%s) in %s", check, state, text, said);
	assert_int_equal(code, strstr(said, "\"unfit\"") ? 1 : 0);
	assert_field(strchr(said, '{'), "fit", code ? "false" : "true");
	free(said);
}

static const char *in_data(const struct shop *s, const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", s->data, name);
	return path;
}

static void sell(const struct shop *s)
{
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "sale.commit", "'request':'r-1','sale':'R-1','lines':[{'sku':'a','amount':1000}],'payable':1000");
	wire_close(&w);
}

static void three_days_ago(const char *path)
{
	struct timespec then[2] = { { .tv_sec = time(NULL) - 3 * 86400 }, { .tv_sec = time(NULL) - 3 * 86400 } };

	assert_int_equal(utimensat(AT_FDCWD, path, then, 0), 0);
}

/* Put other characters of the same length into the open day's file. */
static void journal_forge(const struct shop *s, const char *behind, const char *instead)
{
	size_t len;
	char *text = file_read(in_data(s, "journal/1.open"), &len), *at = text;

	assert_non_null(text);
	for (char *next; (next = strstr(at, behind)); at = next + strlen(behind))
		memcpy(next + strlen(behind), instead, strlen(instead));
	assert_ptr_not_equal(at, text);
	file_write(in_data(s, "journal/1.open"), text, len);
	free(text);
}

static unsigned files_in(const char *dir)
{
	DIR *d = opendir(dir);
	unsigned n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void finds_nothing(void **state)
{
	static const char *const checks[] = { "configuration", "libraries", "ledger", "daemon", "doors", "journal", "day",
		"clock", "permissions", "open files", "certificates", "backup" };
	struct shop *s = *state;
	unsigned files = files_in(s->data);

	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++)
		assert_check(s, checks[i], "fit", "");
	assert_check(s, "daemon", "fit", "works on this ledger");
	assert_check(s, "doors", "fit", "answers at each");
	assert_int_equal(shop_stop(s), 0);
	assert_check(s, "daemon", "fit", "does not run");
	assert_check(s, "doors", "fit", "shut");
	assert_int_equal(files_in(s->data), files); /* and leaves nothing behind */
}

static void finds_permissions(void **state)
{
	struct shop *s = *state;

	assert_int_equal(chmod(in_data(s, "keys"), 0640), 0);
	assert_check(s, "permissions", "unfit", "keys");
	assert_int_equal(chmod(in_data(s, "keys"), 0600), 0);
	assert_int_equal(chmod(in_data(s, "."), 0711), 0);
	assert_check(s, "permissions", "unfit", "others");
	assert_int_equal(chmod(in_data(s, "."), 0700), 0);
	assert_check(s, "permissions", "fit", "");
}

static void finds_no_backup(void **state)
{
	static const char long_ago[] = "taken 2026-01-01T03:30:00.000Z event 0\n";
	struct shop *s = *state;
	char copy[96];

	sell(s);
	assert_check(s, "backup", "note", "never");
	three_days_ago(in_data(s, "FORMAT"));
	assert_check(s, "backup", "unfit", "never");
	file_write(in_data(s, "backup"), long_ago, strlen(long_ago));
	assert_check(s, "backup", "unfit", "1 events were booked since");
	snprintf(copy, sizeof(copy), "%s/copy", s->dir);
	assert_int_equal(shop_verb_with(s, (const char *const[]){ "backup", copy, NULL }, NULL), 0);
	assert_check(s, "backup", "fit", "all 1 events");
}

static void finds_long_days(void **state)
{
	struct shop *s = *state;

	sell(s);
	assert_check(s, "day", "fit", "is open");
	assert_int_equal(shop_stop(s), 0);
	journal_forge(s, "\"business_day\":\"", "2026-01-01");
	assert_check(s, "day", "unfit", "2026-01-01");
}

static void finds_clocks(void **state)
{
	struct shop *s = *state;

	sell(s);
	assert_check(s, "clock", "fit", "Europe/Paris");
	assert_int_equal(shop_stop(s), 0);
	journal_forge(s, "\"received\":\"", "2099");
	assert_check(s, "clock", "unfit", "behind the last event");
}

static void finds_shut_doors(void **state)
{
	static const struct shop_options more = { .config = "listen \"unix:more.sock\" { auth = peer }" };
	struct shop *s = *state;

	shop_configure(s, &more);
	assert_check(s, "doors", "unfit", "more.sock");
	shop_configure(s, s->options);
	assert_check(s, "doors", "fit", "");
}

/* --- certificates --- */

#define DAY_MS INT64_C(86400000)

static const struct shop_options certified = {
	.config =
		"signing { certificate = \"store.pem\"  key = \"store.key\" }\n"
		"listen \"https:127.0.0.1:0\" { certificate = \"door.pem\"  key = \"door.key\"  client-ca = \"ca.pem\" }\n",
	.stopped = true,
};

static void pem_put(const struct shop *s, const char *name, const char *ending, const struct palier_buffer *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s.%s", s->dir, name, ending);
	file_write(path, text->at, text->len);
}

/* A key and its certificate, valid between these days from now. */
static void certify(const struct shop *s, const struct office *o, const char *name, int from, int to)
{
	int64_t now = (int64_t)time(NULL) * 1000;
	struct crypto_key *k = crypto_key_make();
	struct crypto_certificate *c = office_certify(o, k,
		(struct office_wish){ .store = name,
			.from_ms = now + from * DAY_MS + 3600000,
			.to_ms = now + to * DAY_MS + 3600000 });
	struct palier_buffer key = { 0 }, pem = { 0 };

	crypto_key_write(k, &key);
	pem_put(s, name, "key", &key);
	crypto_certificate_write(c, &pem);
	if (strcmp(name, "ca") == 0) /* behind another one */
		crypto_certificate_write(o->ca, &pem);
	pem_put(s, name, "pem", &pem);
	palier_buffer_deinit(&key);
	palier_buffer_deinit(&pem);
	crypto_certificate_free(c);
	crypto_key_free(k);
}

static void finds_certificates(void **state)
{
	static const char *const names[] = { "store", "door", "ca" };
	struct shop *s = *state;
	struct office o;
	char text[256];

	office_make(&o, "Office");
	for (size_t i = 0; i < 3; i++)
		certify(s, &o, names[i], -30, 40);
	assert_check(s, "certificates", "fit", "all 4 are valid; the first ends on ");
	for (size_t i = 0; i < 3; i++) {
		certify(s, &o, names[i], -30, -3);
		snprintf(text, sizeof(text), "(CN=%s) has expired 2 days ago", names[i]);
		assert_check(s, "certificates", "unfit", text);
		certify(s, &o, names[i], -30, 12);
		snprintf(text, sizeof(text), "(CN=%s) ends in 12 days", names[i]);
		assert_check(s, "certificates", "note", text);
		certify(s, &o, names[i], 2, 40);
		snprintf(text, sizeof(text), "(CN=%s) is not valid before ", names[i]);
		assert_check(s, "certificates", "unfit", text);
		certify(s, &o, names[i], -30, 40);
	}
	snprintf(text, sizeof(text), "%s/store.pem", s->dir);
	assert_int_equal(unlink(text), 0);
	assert_check(s, "certificates", "note", "store.pem, cannot be read");
	office_free(&o);
}

static void finds_no_ledger(void **state)
{
	struct shop *s = *state;

	assert_check(s, "ledger", "unfit", "there is no ledger");
	file_write(s->config, "nonsense = 1", 12);
	assert_check(s, "configuration", "unfit", s->config);
}

static void speaks_to_people(void **state)
{
	struct shop *s = *state;
	char *said;

	assert_int_equal(chmod(in_data(s, "keys"), 0640), 0);
	assert_int_equal(shop_verb(s, "doctor", &said), 1);
	assert_non_null(strstr(said, "\nFIX  permissions"));
	assert_non_null(strstr(said, "-> chmod go= "));
	assert_non_null(strstr(said, "\nok   ledger "));
	assert_non_null(strstr(said, "each sale will wait about "));
	assert_null(strchr(said, '\033')); /* no terminal, no colours */
	free(said);
}

int main(void)
{
	static const struct shop_options broken = { .broken = true }, empty = { .empty = true };
	const struct CMUnitTest tests[] = {
		IN_SHOP("a shop in order is fit, whether palierd runs or not", finds_nothing, NULL),
		IN_SHOP("files that others may read are found", finds_permissions, NULL),
		IN_SHOP("a ledger without a recent backup is found", finds_no_backup, NULL),
		IN_SHOP("a day that was left open is found", finds_long_days, &broken),
		IN_SHOP("a clock behind the last event is found", finds_clocks, &broken),
		IN_SHOP("a door where nobody answers is found", finds_shut_doors, NULL),
		IN_SHOP("certificates that have ended, end soon or are not valid yet are found", finds_certificates,
			&certified),
		IN_SHOP("a missing ledger and a wrong configuration are found", finds_no_ledger, &empty),
		IN_SHOP("people are told in plain words", speaks_to_people, NULL),
	};

	return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
