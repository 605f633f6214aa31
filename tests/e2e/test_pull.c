/* SPDX-License-Identifier: Apache-2.0 */
/* The head office and a real shop: what palierd closes and palier-seal signs comes through the https door, is verified down to its totals, kept and
 * acknowledged. */
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/e2e/harness.h"
#include "tests/unit/protocol/office.h"

#define DAY_MS INT64_C(86400000)
#define DOOR   "https:127.0.0.1:"

static const struct shop_options behind_a_door = {
	.config =
		"signing { certificate = \"store.pem\"  key = \"store.key\" }\n"
		"listen \"https:127.0.0.1:0\" { certificate = \"door.pem\"  key = \"door.key\"  client-ca = \"doors-ca.pem\" }\n",
	.stopped = true,
};

/* --- certificates --- */

static const char *in_shop(const struct shop *s, const char *name)
{
	static char paths[4][128];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", s->dir, name);
	return path;
}

static void certificate_write(const struct shop *s, const char *name, const struct crypto_certificate *c)
{
	struct palier_buffer text = { 0 };

	crypto_certificate_write(c, &text);
	file_write(in_shop(s, name), text.at, text.len);
	palier_buffer_deinit(&text);
}

static void certify(const struct shop *s, const struct office *o, const char *name, struct office_wish wish)
{
	struct crypto_key *k = crypto_key_make();
	struct crypto_certificate *c;
	struct palier_buffer text = { 0 };
	char file[32];

	wish.from_ms = (int64_t)time(NULL) * 1000 - 30 * DAY_MS;
	wish.to_ms = (int64_t)time(NULL) * 1000 + 30 * DAY_MS;
	c = office_certify(o, k, wish);
	snprintf(file, sizeof(file), "%s.pem", name);
	certificate_write(s, file, c);
	snprintf(file, sizeof(file), "%s.key", name);
	crypto_key_write(k, &text);
	file_write(in_shop(s, file), text.at, text.len);
	assert_int_equal(chmod(in_shop(s, file), 0400), 0);
	palier_buffer_deinit(&text);
	crypto_certificate_free(c);
	crypto_key_free(k);
}

/* Two authorities: one for what is signed, one for who may come in. */
static void all_certified(const struct shop *s)
{
	struct office office, doors;

	office_make(&office, "Office");
	office_make(&doors, "Doors");
	certificate_write(s, "office-ca.pem", office.ca);
	certificate_write(s, "doors-ca.pem", doors.ca);
	certify(s, &office, "store", (struct office_wish){ .store = "lyon-03" });
	certify(s, &doors, "door",
		(struct office_wish){ .store = "door", .purpose = "serverAuth", .names = "IP:127.0.0.1" });
	certify(s, &doors, "hq", (struct office_wish){ .store = "hq", .purpose = "clientAuth" });
	certify(s, &office, "stranger", (struct office_wish){ .store = "hq", .purpose = "clientAuth" });
	office_free(&office);
	office_free(&doors);
}

/* --- the office --- */

static void office_configure(const struct shop *s, const char *who)
{
	char text[512];
	int n = snprintf(text, sizeof(text),
		"directory = \"hq\"\nauthority = {\"office-ca.pem\"}\n"
		"tls { certificate = \"%s.pem\"  key = \"%s.key\"  ca = \"doors-ca.pem\" }\n"
		"store \"lyon-03\" { url = \"https://127.0.0.1:%d\" }\n",
		who, who, shop_port(s, DOOR));

	file_write(in_shop(s, "hq.conf"), text, (size_t)n);
}

/* Run palier-hq, which must end with this code and say this. */
static void hq(const struct shop *s, int code, const char *said, const char *command, const char *first, const char *second)
{
	char *text;
	int ended = program_run(s,
		(const char *const[]){ "palier-hq", "--config", in_shop(s, "hq.conf"), "--json", command, first, second,
			NULL },
		&text);

	if (ended != code || !strstr(text, said))
		fail_msg("it ended with %d, not %d, or without \"%s\": %s", ended, code, said, text);
	free(text);
}

static void pulls(const struct shop *s, int batch, int fresh)
{
	char said[96];

	snprintf(said, sizeof(said), "\"batch\":%d,\"new\":%d,\"result\":\"up to date\"", batch, fresh);
	hq(s, 0, said, "pull", NULL, NULL);
}

static void seal(const struct shop *s)
{
	assert_int_equal(program_run(s, (const char *const[]){ "palier-seal", "--config", s->config, NULL }, NULL), 0);
}

static void shell(const struct shop *s, const char *commands)
{
	char line[512];

	snprintf(line, sizeof(line), "cd '%s' && %s", s->dir, commands);
	if (program_run(s, (const char *const[]){ "sh", "-c", line, NULL }, NULL) != 0)
		fail_msg("failed: %s", commands);
}

/* --- the shop --- */

#define LINE(amount) "'lines':[{'sku':'a','amount':" #amount "}],'payable':" #amount

/* Whatever the totals count, and more than one unit's causes. */
static void busy_day(struct wire *w, int day)
{
	char member[PALIER_ID_TEXT + 1];

	snprintf(member, sizeof(member), "%s",
		field(ask_ok(w, "member.enroll", "'request':'e-%d','name':'Zoe Martin'", day), "result.member"));
	ask_ok(w, "sale.commit", "'request':'a-%d','sale':'A-%d','member':'%s'," LINE(12345), day, day, member);
	ask_ok(w, "sale.commit", "'request':'b-%d','sale':'B-%d','member':'%s'," LINE(2000), day, day, member);
	ask_ok(w, "sale.commit", "'request':'c-%d','sale':'C-%d'," LINE(700), day, day);
	ask_ok(w, "sale.return", "'request':'r-%d','return':'R-%d','sale':'A-%d','lines':[{'line':0,'amount':2300}]", day,
		day, day);
	ask_ok(w, "sale.return", "'request':'q-%d','return':'Q-%d','sale':'C-%d'", day, day, day);
	ask_ok(w, "sale.void", "'request':'v-%d','sale':'B-%d'", day, day);
	ask_ok(w, "sale.void", "'request':'u-%d','sale':'Q-%d'", day, day);
	ask_ok(w, "balance.adjust", "'request':'j-%d','member':'%s','unit':'points','points':-40,'reason':'x'", day, member);
	ask_ok(w, "day.close", "'request':'z-%d'", day);
}

static void the_office_pulls_a_shop(void **state)
{
	struct shop *s = *state;
	struct wire w;
	struct stat st;
	char *proof;

	all_certified(s);
	shop_start(s);
	office_configure(s, "hq");
	pulls(s, 0, 0);
	connect_to(&w, s, DOOR_TRUST);
	busy_day(&w, 1);
	pulls(s, 0, 0); /* not sealed yet */
	seal(s);
	pulls(s, 1, 1);
	shop_log_wait(s, "batch.acknowledged");
	busy_day(&w, 2);
	busy_day(&w, 3);
	seal(s);
	/* An earlier pull has got so far. */
	shell(s, "mkdir hq/lyon-03/incoming/2 && cp outbox/2/manifest.json hq/lyon-03/incoming/2/ && "
		 "head -c 1000 outbox/2/events.jsonl >hq/lyon-03/incoming/2/events.jsonl");
	pulls(s, 3, 2);
	pulls(s, 3, 0);
	shell(s, "diff -r -x '*.zst*' outbox hq/lyon-03/batches");
	hq(s, 0, "\"batches\":3,", "verify", NULL, NULL);
	hq(s, 0, "\"batches\":3,", "verify", in_shop(s, "hq"), NULL);
	assert_int_equal(program_run(s,
				 (const char *const[]){ "palier-hq", "--config", in_shop(s, "hq.conf"), "prove", "lyon-03",
					 "7", NULL },
				 &proof),
		0);
	file_write(in_shop(s, "proof.json"), proof, strlen(proof));
	free(proof);
	hq(s, 0, "\"batch\":1,", "check-proof", in_shop(s, "proof.json"), NULL);
	/* Members' data, and no more of who is erased. */
	shell(s, "[ $(grep -c 'Zoe Martin' hq/lyon-03/profiles.jsonl) = 3 ]");
	assert_int_equal(stat(in_shop(s, "hq/lyon-03/profiles.jsonl"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	ask_ok(&w, "member.erase", "'request':'x-1','member':'%s'",
		field(ask_ok(&w, "sale.show", "'sale':'A-1'"), "result.member"));
	pulls(s, 3, 0);
	shell(s, "[ $(grep -c 'Zoe Martin' hq/lyon-03/profiles.jsonl) = 2 ]");
	wire_close(&w);
}

static void the_door_and_the_office_know_each_other(void **state)
{
	struct shop *s = *state;
	struct wire w;

	all_certified(s);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	busy_day(&w, 1);
	busy_day(&w, 2);
	wire_close(&w);
	seal(s);
	office_configure(s, "stranger");
	hq(s, 69, "\"batch\":0,\"new\":0,\"result\":\"not reached\"", "pull", "--retries", "0");
	office_configure(s, "hq");
	pulls(s, 2, 2);
	/* The outbox goes back to an earlier day. */
	shell(s, "rm -r outbox/2");
	hq(s, 76, "batch 2, rolled_back", "pull", NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("the office pulls a shop, verifies it, and proves an event of it", the_office_pulls_a_shop,
			&behind_a_door),
		IN_SHOP("the door and the office know each other", the_door_and_the_office_know_each_other, &behind_a_door),
	};

	return cmocka_run_group_tests_name("pull", tests, NULL, NULL);
}
