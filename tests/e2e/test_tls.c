/* SPDX-License-Identifier: Apache-2.0 */
/* Who comes in by TLS, and who does not; certificates that are renewed; configurations whose files do not fit. */
#include <openssl/ssl.h>
#include <signal.h>
#include <unistd.h>

#include "tests/e2e/doors.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ASK      "GET /v1/store HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

static const struct shop_options with_doors = { .config = DOORS, .stopped = true };

/* --- the matrix --- */

static const struct tls_way welcome[] = {
	{ "the head office", DOOR_HTTPS, "hq", 0 },
	{ "the head office by TLS 1.2", DOOR_HTTPS, "hq", TLS1_2_VERSION },
	{ "the head office by TLS 1.3", DOOR_HTTPS, "hq", TLS1_3_VERSION },
};

static const struct tls_way refused[] = {
	{ "no certificate", DOOR_HTTPS, NULL, 0 },
	{ "no certificate, by TLS 1.2", DOOR_HTTPS, NULL, TLS1_2_VERSION },
	{ "one that it has issued itself", DOOR_HTTPS, "bare", 0 },
	{ "one of another office of the same name", DOOR_HTTPS, "other", 0 },
	{ "one that has run out", DOOR_HTTPS, "old", 0 },
	{ "one that is revoked", DOOR_HTTPS, "gone", 0 },
	{ "one that is revoked, by TLS 1.2", DOOR_HTTPS, "gone", TLS1_2_VERSION },
	{ "one of a server", DOOR_HTTPS, "server", 0 },
	{ "one that signs batches", DOOR_HTTPS, "store", 0 },
	{ "TLS 1.1", DOOR_HTTPS, "hq", TLS1_1_VERSION },
	{ "TLS 1.0", DOOR_HTTPS, "hq", TLS1_VERSION },
	{ "TLS 1.1 at the door of lines", DOOR_TLS, NULL, TLS1_1_VERSION },
};

static void comes_in(const struct shop *s, const struct tls_way *way, bool expected)
{
	char *said = tls_say(s, way, ASK, "\"protocol\"", NULL);
	bool in = strncmp(said, "HTTP/1.1 200 ", 13) == 0;

	if (in != expected || (!in && *said))
		fail_msg("%s: %s", way->sentence, *said ? said : "is not let in");
	free(said);
}

static void matrix(void **state)
{
	struct shop *s = *state;
	struct wire w;

	doors_certify(s);
	shop_start(s);
	for (size_t i = 0; i < COUNT(welcome); i++)
		comes_in(s, &welcome[i], true);
	for (size_t i = 0; i < COUNT(refused); i++)
		comes_in(s, &refused[i], false);
	comes_in(s, &welcome[0], true);
	connect_to(&w, s, DOOR_TRUST);
	assert_int_equal(metric(&w, "palier_connections_cut_total", "tls"), COUNT(refused));
	wire_close(&w);
}

/* --- lines --- */

static void lines(void **state)
{
	static const struct tls_way till = { "a till", DOOR_TLS, NULL, 0 };
	struct shop *s = *state;
	struct wire w;
	char *said;

	doors_certify(s);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	till_make(&w, "till-1", "cashier", "secret");
	wire_close(&w);
	said = tls_say(s, &till,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"session.open\",\"params\":{\"till\":\"till-1\",\"token\":\"secret\",\"protocol\":1}}\n"
		"{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"member.enroll\",\"params\":{\"request\":\"a\",\"card\":\"CARD-1\"}}\n",
		"\"id\":2", NULL);
	assert_non_null(strstr(said, "\"role\":\"cashier\""));
	assert_non_null(strstr(said, "\"id\":2,\"result\""));
	free(said);
	said = door_say(s, DOOR_TLS, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"day.status\"}\n", 45);
	assert_null(strstr(said, "jsonrpc"));
	free(said);
}

/* More than a record, more than a socket holds: nothing stays behind in what is deciphered already. */
static void many_lines(void **state)
{
	static const struct tls_way till = { "a till", DOOR_TLS, NULL, 0 };
	struct shop *s = *state;
	char *text = calloc(4000, 64), *said;
	size_t n = 0;

	doors_certify(s);
	shop_start(s);
	for (int i = 1; i <= 3000; i++)
		n += (size_t)sprintf(text + n, "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"day.status\"}\n", i);
	said = tls_say(s, &till, text, "\"id\":3000,", NULL);
	assert_non_null(strstr(said, "\"id\":3000,"));
	free(said);
	free(text);
}

/* --- certificates are read anew --- */

static void renewed(void **state)
{
	struct shop *s = *state;
	char before[65], after[65], *said;

	doors_certify(s);
	shop_start(s);
	said = tls_say(s, &welcome[0], ASK, "\"protocol\"", before);
	free(said);
	doors_renew(s);
	assert_int_equal(kill(s->pid, SIGHUP), 0);
	shop_log_wait(s, "config.taken");
	said = tls_say(s, &welcome[0], ASK, "\"protocol\"", after);
	free(said);
	assert_string_not_equal(before, after);
	file_write(shop_file(s, "door.key"), "nothing", 7);
	assert_int_equal(kill(s->pid, SIGHUP), 0);
	shop_log_wait(s, "config.kept");
	said = tls_say(s, &welcome[0], ASK, "\"protocol\"", before);
	free(said);
	assert_string_equal(before, after);
}

/* --- files that do not fit --- */

static const struct misfit {
	const char *sentence, *spoil, *says; /* a line of the shell; what --check-config then says */
} misfits[] = {
	{ "a certificate that is not there", "rm door.pem",
		"door.pem: No such file or directory; expected a certificate in PEM" },
	{ "a certificate that is none", "echo no >door.pem", "door.pem: " },
	{ "a key that is not there", "rm door.key",
		"door.key: No such file or directory; expected the certificate's private key" },
	{ "another certificate's key", "cp hq.key door.key", "door.key: key values mismatch; expected the" },
	{ "an authority that is not there", "rm office-ca.pem", ":11: " },
	{ "a list that is not there", "rm office.crl", "office.crl: No such file or directory; expected the lists" },
	{ "a list that is none", "echo no >office.crl", "office.crl: " },
};

static void check(const struct shop *s, int expected, const char *says, const char *sentence)
{
	char *said;
	int code = shop_verb(s, "--check-config", &said);

	if (code != expected || !strstr(said, says))
		fail_msg("%s: ended with %d, and said: %s", sentence, code, said);
	free(said);
}

static void checked(void **state)
{
	struct shop *s = *state;
	int code;

	doors_certify(s);
	check(s, 0, ": ok", "all is well");
	for (size_t i = 0; i < COUNT(misfits); i++) {
		assert_int_equal(shop_shell(s, NULL, "mkdir kept && cp *.pem *.key office.crl kept/ && %s",
					 misfits[i].spoil),
			0);
		check(s, 1, misfits[i].says, misfits[i].sentence);
		assert_int_equal(shop_shell(s, NULL, "chmod u+w *.key; cp kept/* . && rm -rf kept"), 0);
	}
	assert_int_equal(unlink(shop_file(s, "door.key")), 0);
	assert_false(shop_start_try(s, &code));
	assert_int_not_equal(code, 0);
	doors_certify(s);
}

static const struct CMUnitTest tests[] = {
	IN_SHOP("who shows no certificate of the office, or speaks old TLS, does not come in", matrix, &with_doors),
	IN_SHOP("a till signs in and books inside TLS, and not in clear", lines, &with_doors),
	IN_SHOP("many lines in one go are all answered", many_lines, &with_doors),
	IN_SHOP("SIGHUP reads certificates again, and keeps those of before when they do not fit", renewed, &with_doors),
	IN_SHOP("files that are missing or do not fit are told with their line", checked, &with_doors),
};

int main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
