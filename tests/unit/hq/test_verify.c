/* SPDX-License-Identifier: Apache-2.0 */
/* palier-hq verify: what it accepts, and for what it refuses the rest. Two stores under one authority seal three days; one of them is spoiled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/cms.h>

#include "tests/unit/hq/chain.h"
#include "tools/hq/judge.h"

#define DAYS 3

static struct {
	struct chain chain;
	struct chain_store lyon, paris;
} bench;

static int shop_open(void **state)
{
	(void)state;
	chain_open(&bench.chain);
	chain_store_open(&bench.chain, &bench.lyon, "lyon-03", "hq/lyon-03");
	chain_store_open(&bench.chain, &bench.paris, "paris-01", "hq/paris-01/batches");
	chain_seal_days(&bench.lyon, DAYS);
	chain_seal_days(&bench.paris, DAYS);
	return 0;
}

static int shop_close(void **state)
{
	(void)state;
	chain_store_close(&bench.lyon);
	chain_store_close(&bench.paris);
	chain_close(&bench.chain);
	return 0;
}

static void expect(int code, const char *said, const char *also)
{
	chain_expect(&bench.chain, (const char *const[]){ "verify", NULL }, code, (const char *const[]){ said, also, NULL });
}

/* --- what is accepted --- */

static void all_is_verified(void **state)
{
	(void)state;
	expect(0, "lyon-03 3 9 verified\n", "paris-01 3 9 verified\n");
	chain_expect(&bench.chain, (const char *const[]){ "--json", "verify", chain_path(&bench.chain, "hq"), NULL }, 0,
		(const char *const[]){
			"{\"stores\":[{\"store\":\"lyon-03\",\"batches\":3,\"events\":9,\"unfinished\":false,\"refused\":[]},",
			NULL });
}

static void a_batch_on_its_way_is_no_fault(void **state)
{
	(void)state;
	chain_shell(&bench.chain, "rm hq/lyon-03/3/manifest.p7s");
	expect(0, "lyon-03 2 6 verified; the last is not whole yet", "");
	chain_shell(&bench.chain, "rm hq/lyon-03/2/manifest.p7s");
	expect(76, "lyon-03 2 file_missing", "manifest.p7s");
}

static void compressed_files_are_read(void **state)
{
	(void)state;
	chain_shell(&bench.chain, "zstd -q --rm hq/lyon-03/2/events.jsonl");
	expect(0, "lyon-03 3 9 verified", "");
	chain_shell(&bench.chain,
		"cp hq/paris-01/batches/2/events.jsonl . && zstd -q -f events.jsonl -o hq/lyon-03/2/events.jsonl.zst");
	expect(76, "lyon-03 2 file_", "");
}

/* Of batches that a carrier has brought, the one with the new key is there already. */
static void a_lost_key_is_replaced(void **state)
{
	const struct chain *c = &bench.chain;
	struct chain_store lost;

	(void)state;
	chain_lose_key(&bench.lyon, &lost);
	chain_store_close(&lost);
	chain_seal_days(&bench.lyon, 2);
	expect(76, "lyon-03 4 key_unannounced", "palier-hq trust lyon-03 accepts the new one");
	chain_write_certificate(chain_path(c, "new.pem"), bench.lyon.certificate);
	chain_expect(c, (const char *const[]){ "--json", "trust", "lyon-03", chain_path(c, "new.pem"), NULL }, 0,
		(const char *const[]){ "{\"store\":\"lyon-03\",\"key_id\":\"", NULL });
	expect(0, "lyon-03 5 15 verified\n", "paris-01 3 9 verified\n");
	chain_expect(c, (const char *const[]){ "trust", "lyon-03", chain_path(c, "new.pem"), NULL }, 64,
		(const char *const[]){ "signs for lyon-03 already", NULL });
}

static void certificates_may_be_given(void **state)
{
	const struct chain *c = &bench.chain;

	(void)state;
	chain_write_certificate(chain_path(c, "lyon.pem"), bench.lyon.certificate);
	chain_write_certificate(chain_path(c, "paris.pem"), bench.paris.certificate);
	chain_write(c->config, "directory = \"hq\"\n", 17);
	expect(79, "nothing says whose signature counts for lyon-03", "");
	chain_expect(c,
		(const char *const[]){ "verify", "--certificate", chain_path(c, "lyon.pem"), "--certificate",
			chain_path(c, "paris.pem"), NULL },
		0, (const char *const[]){ "paris-01 3 9 verified", NULL });
	chain_expect(c, (const char *const[]){ "verify", "--certificate", chain_path(c, "lyon.pem"), NULL }, 79,
		(const char *const[]){ "nothing says whose signature counts for paris-01", NULL });
	chain_expect(c, (const char *const[]){ "verify", "--authority", chain_path(c, "office-ca.pem"), NULL }, 0,
		(const char *const[]){ "lyon-03 3 9 verified", NULL });
	chain_expect(c, (const char *const[]){ "verify", "--authority", c->config, NULL }, 79,
		(const char *const[]){ "holds no certificate", NULL });
	chain_expect(c, (const char *const[]){ "verify", chain_path(c, "."), NULL }, 1,
		(const char *const[]){ "holds no batches", NULL });
	chain_expect(c, (const char *const[]){ "verify", "/nowhere", NULL }, 74,
		(const char *const[]){ "/nowhere: ", NULL });
}

/* --- what is refused: files --- */

static const struct file_case {
	const char *name, *spoiled; /* commands of the shell, in hq/lyon-03 */
	const char *said, *also;
} file_cases[] = {
	{ "bytes behind the signature", "printf x >>2/manifest.p7s", "lyon-03 2 signature_trailed", "" },
	{ "a signature that was cut", "truncate -s -1 2/manifest.p7s", "lyon-03 2 signature_form", "" },
	{ "another day's signature", "cp 1/manifest.p7s 2/", "lyon-03 2 signature_wrong", "" },
	{ "a signature that is much too long", "head -c 20000 /dev/zero >>2/manifest.p7s", "lyon-03 2 signature_trailed",
		"" },
	{ "bytes behind the manifest", "printf ' ' >>2/manifest.json", "lyon-03 2 signature_wrong",
		"lyon-03 2 9 1 refused" },
	{ "a manifest with CR LF", "sed -i 's/$/\\r/' 2/manifest.json", "lyon-03 2 signature_wrong", "" },
	{ "events with CR LF", "sed -i 's/$/\\r/' 2/events.jsonl", "lyon-03 2 file_size", "lyon-03 2" },
	{ "events that were cut", "truncate -s -1 2/events.jsonl", "lyon-03 2 file_size", "" },
	{ "bytes behind the events", "printf x >>2/events.jsonl", "lyon-03 2 file_size", "" },
	{ "an event that was changed", "sed -i s/1000/9000/ 2/events.jsonl", "lyon-03 2 file_sha256", "" },
	{ "another day's events", "cp 1/events.jsonl 3/", "lyon-03 3 file_s", "" },
	{ "an older batch again", "rm -r 3 && cp -r 1 3", "lyon-03 3 batch_replayed", "" },
	{ "a batch that is missing", "rm -r 2", "lyon-03 3 batch_gap", "a batch before it is missing: 2" },
	{ "many that are missing", "rm -r 1 2", "lyon-03 3 batch_gap", "1 to 2" },
	{ "the last one before the one before it", "mv 2 x && mv 3 2 && mv x 3", "lyon-03 2 batch_gap", "lyon-03 3" },
	{ "another store's batch", "rm -r 3 && cp -r ../paris-01/batches/3 3", "lyon-03 3 certificate_store", "" },
	{ "another store's outbox", "rm -r [123] && cp -r ../paris-01/batches/* .", "lyon-03 0 0 3 refused",
		"lyon-03 1 certificate_store" },
	{ "a directory for a file", "rm 2/events.jsonl && mkdir 2/events.jsonl", "lyon-03 2 file_size", "" },
	{ "no events", "rm 2/events.jsonl", "lyon-03 2 file_missing", "events.jsonl" },
	{ "no manifest", "rm 2/manifest.json", "lyon-03 2 file_missing", "manifest.json" },
};

static void files_are_judged(void **state)
{
	const struct file_case *c = *state;

	chain_shell(&bench.chain, "cd hq/lyon-03; %s", c->spoiled);
	expect(76, c->said, c->also);
	expect(76, "paris-01 3 9 verified", "");
}

/* --- certificates --- */

static const struct certificate_case {
	const char *name;
	struct office_wish wish;
	bool strange; /* of another authority */
	const char *word;
} certificate_cases[] = {
	{ "another store's certificate under the same authority", { .store = "paris-01" }, false, "certificate_store" },
	{ "a certificate of another authority", { .store = "lyon-03" }, true, "certificate_unknown" },
	{ "a certificate for TLS", { .store = "lyon-03", .purpose = "serverAuth,clientAuth" }, false,
		"certificate_purpose" },
	{ "a certificate for programs", { .store = "lyon-03", .purpose = "codeSigning" }, false, "certificate_purpose" },
	{ "a certificate that had expired", { .store = "lyon-03", .to_ms = CHAIN_SIGNED }, false, "certificate_expired" },
	{ "a certificate that was not valid yet", { .store = "lyon-03", .from_ms = CHAIN_SIGNED + 1000 }, false,
		"certificate_early" },
};

static void certificates_are_judged(void **state)
{
	const struct certificate_case *c = *state;
	struct chain_store *s = &bench.lyon;
	char said[64];

	crypto_certificate_free(s->certificate);
	s->certificate = office_certify(c->strange ? &bench.chain.stranger : &bench.chain.office, s->key, c->wish);
	chain_sign(s, 3, CHAIN_SIGNED);
	snprintf(said, sizeof(said), "lyon-03 3 %s", c->word);
	expect(76, said, "lyon-03 2 6 1 refused");
}

static void a_pinned_certificate_counts_alone(void **state)
{
	struct chain_store *s = &bench.lyon;

	(void)state;
	chain_write_certificate(chain_path(&bench.chain, "lyon.pem"), s->certificate);
	chain_configure(&bench.chain, "store \"lyon-03\" { certificate = \"lyon.pem\" }\n");
	expect(0, "lyon-03 3 9 verified", "");
	crypto_certificate_free(s->certificate);
	s->certificate = office_certify(&bench.chain.office, s->key, (struct office_wish){ .store = "lyon-03" });
	chain_sign(s, 3, CHAIN_SIGNED);
	expect(76, "lyon-03 3 certificate_unknown", "");
}

/* --- signatures of other forms --- */

static const struct form_case {
	const char *name;
	unsigned flags;
	int signers;
	const char *word;
} form_cases[] = {
	{ "no signer", CMS_BINARY | CMS_DETACHED, 0, "signature_none" },
	{ "two signers", CMS_BINARY | CMS_DETACHED, 2, "signature_several" },
	{ "no signed attributes", CMS_BINARY | CMS_DETACHED | CMS_NOATTR, 1, "signature_bare" },
	{ "the manifest inside", CMS_BINARY, 1, "signature_attached" },
	{ "a manifest signed with its line ends made CR LF", CMS_DETACHED, 1, "signature_wrong" },
};

static void forms_are_judged(void **state)
{
	const struct form_case *c = *state;
	const struct office_signer signers[] = { { bench.lyon.key, bench.lyon.certificate },
		{ bench.paris.key, bench.paris.certificate } };
	const char *path = chain_path(&bench.chain, "hq/lyon-03/3/manifest.p7s");
	struct palier_buffer signature = { 0 };
	char said[64];
	size_t len;
	char *manifest = chain_read(chain_path(&bench.chain, "hq/lyon-03/3/manifest.json"), &len);

	office_sign(c->flags, signers, c->signers, bench.lyon.certificate, palier_bytes_of(manifest, len), &signature);
	chain_write(path, signature.at, signature.len);
	snprintf(said, sizeof(said), "lyon-03 3 %s", c->word);
	expect(76, said, "lyon-03 2 6 1 refused");
	palier_buffer_deinit(&signature);
	free(manifest);
}

/* --- what a store signs itself --- */

static void a_fork_is_seen(void **state)
{
	struct batch_before second = bench.lyon.before;

	(void)state;
	/* The same store goes back to its first day, and goes on otherwise. */
	chain_shell(&bench.chain, "cp -r hq/lyon-03 kept && rm -r hq/lyon-03/*");
	bench.lyon.before = (struct batch_before){ .batch = 0 };
	bench.lyon.sealed = 0;
	bench.lyon.outstanding = 0;
	chain_seal(&bench.lyon, &(struct chain_day){ .more = 1 });
	chain_seal_days(&bench.lyon, 2);
	expect(0, "lyon-03 3 10 verified", "");
	chain_shell(&bench.chain, "rm -r hq/lyon-03/[12] && mv kept/[12] hq/lyon-03/");
	expect(76, "lyon-03 3 batch_fork", "it does not follow the batch before it");
	bench.lyon.before = second;
}

static void another_name_in_the_events(void **state)
{
	(void)state;
	chain_seal(&bench.lyon, &(struct chain_day){ .store = "paris-01" });
	expect(76, "lyon-03 4 manifest_store", "");
}

static const struct totals_case {
	const char *name;
	struct chain_day day;
	const char *why; /* NULL: nothing is wrong */
} totals_cases[] = {
	{ "events that count for nothing", { .more = 3 }, NULL },
	{ "a sale too many",
		{ .totals = "{\"sales\":2,\"returns\":1,\"payable\":1000,\"refunded\":300,\"units\":{\"points\":{\"earn\":10,"
			    "\"reverse\":-3,\"uncollected\":1,\"outstanding\":28}}}" },
		"totals, sales: the tail says 2, its events make 1" },
	{ "money too little",
		{ .totals = "{\"sales\":1,\"returns\":1,\"payable\":900,\"refunded\":300,\"units\":{\"points\":{\"earn\":10,"
			    "\"reverse\":-3,\"uncollected\":1,\"outstanding\":28}}}" },
		"totals, payable: the tail says 900, its events make 1000" },
	{ "points that nobody earned",
		{ .totals = "{\"sales\":1,\"returns\":1,\"payable\":1000,\"refunded\":300,\"units\":{\"points\":{\"earn\":11,"
			    "\"reverse\":-3,\"uncollected\":1,\"outstanding\":28}}}" },
		"totals, points earn: the tail says 11, its events make 10" },
	{ "a unit in which nothing moved",
		{ .totals = "{\"sales\":1,\"returns\":1,\"payable\":1000,\"refunded\":300,\"units\":{\"points\":{\"earn\":10,"
			    "\"reverse\":-3,\"uncollected\":1,\"outstanding\":28},\"stars\":{\"grant\":5,\"outstanding\":5}}}" },
		"totals, stars grant: the tail says 5, its events make 0" },
	{ "a unit that is left out",
		{ .totals = "{\"sales\":1,\"returns\":1,\"payable\":1000,\"refunded\":300,\"units\":{}}" },
		"totals, points earn: the tail says 0, its events make 10" },
	{ "more outstanding than was earned",
		{ .totals = "{\"sales\":1,\"returns\":1,\"payable\":1000,\"refunded\":300,\"units\":{\"points\":{\"earn\":10,"
			    "\"reverse\":-3,\"uncollected\":1,\"outstanding\":29}}}" },
		"totals, points outstanding: the tail says 29, its events make 28" },
	{ "perpetual totals that went back",
		{ .ever = "{\"sales\":1,\"returns\":1,\"payable\":1000,\"refunded\":300,\"units\":{\"points\":{\"earn\":10,"
			  "\"reverse\":-3,\"uncollected\":1,\"outstanding\":28}}}" },
		"perpetual, sales: the tail says 1, its events make 4" },
	{ "an effect of each kind, and totals that do not know of them",
		{ .event = "\"method\":\"sale.void\",\"params\":{},\"effects\":[{\"kind\":\"sale.voided\",\"spend\":1000}]" },
		"totals, voids: the tail says 0, its events make 1" },
	{ "a member, of whom the totals do not know",
		{ .event = "\"method\":\"member.enroll\",\"params\":{},\"effects\":[{\"kind\":\"member.enrolled\"}]" },
		"totals, members: the tail says 0, its events make 1" },
};

static void totals_are_judged(void **state)
{
	const struct totals_case *c = *state;

	chain_seal(&bench.lyon, &c->day);
	if (c->why)
		expect(76, "lyon-03 4 totals_wrong", c->why);
	else
		expect(0, "lyon-03 4 15 verified", "");
}

/* --- keys --- */

static void renew(const char *event_of_last_day, bool announced)
{
	struct chain_store *s = &bench.lyon;
	struct crypto_key *k = crypto_key_make();
	struct crypto_certificate *c = office_certify(&bench.chain.office, k, (struct office_wish){ .store = "lyon-03" });
	char *event = chain_announcement(s, k, c);

	chain_seal(s, &(struct chain_day){ .event = event_of_last_day ? event_of_last_day : announced ? event : NULL });
	chain_store_close(s);
	s->key = k;
	s->certificate = c;
	free(event);
	chain_seal_days(s, 2);
}

static void pin_lyon(void)
{
	chain_write_certificate(chain_path(&bench.chain, "lyon.pem"), bench.lyon.certificate);
	chain_configure(&bench.chain, "store \"lyon-03\" { certificate = \"lyon.pem\" }\n");
}

static void announced_keys_are_followed(void **state)
{
	(void)state;
	pin_lyon();
	renew(NULL, true);
	expect(0, "lyon-03 6 19 verified", "");
	renew(NULL, true);
	expect(0, "lyon-03 9 29 verified", "");
}

static void keys_that_nobody_announced_are_refused(void **state)
{
	(void)state;
	renew(NULL, false);
	expect(76, "lyon-03 5 key_unannounced", "");
}

/* The event names the key, but the old one has not signed it. */
static void announcements_are_proved(void **state)
{
	struct chain_store *s = &bench.lyon;
	struct crypto_key *thief = crypto_key_make(), *own = s->key;
	struct crypto_certificate *c =
		office_certify(&bench.chain.office, thief, (struct office_wish){ .store = "lyon-03" });
	char *event;

	(void)state;
	pin_lyon();
	s->key = thief;
	event = chain_announcement(s, thief, c);
	s->key = own;
	chain_seal(s, &(struct chain_day){ .event = event });
	expect(0, "lyon-03 4 13 verified", "");
	chain_store_close(s);
	s->key = thief;
	s->certificate = c;
	chain_seal(s, NULL);
	expect(76, "lyon-03 5 certificate_unknown", "");
	free(event);
}

/* --- mutations --- */

#define MUTATIONS 2000

static uint64_t draw(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * UINT64_C(2685821657736338717);
}

/* A bit is flipped, the end is cut off, a byte is put in or taken out. */
static size_t mutate(uint64_t *seed, const char *text, size_t len, char *out)
{
	uint64_t what = draw(seed) % 8, at = draw(seed) % len;

	memcpy(out, text, len);
	if (what == 0)
		return at;
	if (what == 1) {
		memmove(out + at + 1, out + at, len - at);
		out[at] = (char)draw(seed);
		return len + 1;
	}
	if (what == 2) {
		memmove(out + at, out + at + 1, len - at - 1);
		return len - 1;
	}
	out[at] = (char)(out[at] ^ 1 << draw(seed) % 8);
	return len;
}

static void every_mutation_is_refused(void **state)
{
	static const char *const parts[] = { BATCH_EVENTS, BATCH_MANIFEST, BATCH_SIGNATURE };
	const struct crypto_certificate *authority = bench.chain.office.ca;
	struct judge j = { .ring = { .store = "lyon-03", .authorities = &authority, .authority_count = 1 } };
	struct verdict v;
	uint64_t seed = 20261126;
	char *texts[3], *mutant;
	size_t len[3];

	(void)state;
	judge_begin(&j);
	judge_batch(&j, chain_path(&bench.chain, "hq/lyon-03/1"), &v);
	assert_null(v.word);
	for (int i = 0; i < 3; i++)
		texts[i] = chain_read(chain_path(&bench.chain, "hq/lyon-03/2/%s", parts[i]), &len[i]);
	for (int i = 0; i < MUTATIONS; i++) {
		const char *path = chain_path(&bench.chain, "hq/lyon-03/2/%s", parts[i % 3]);
		size_t n;

		mutant = malloc(len[i % 3] + 1);
		assert_non_null(mutant);
		n = mutate(&seed, texts[i % 3], len[i % 3], mutant);
		chain_write(path, mutant, n);
		judge_batch(&j, chain_path(&bench.chain, "hq/lyon-03/2"), &v);
		if (!v.word && (n != len[i % 3] || memcmp(mutant, texts[i % 3], n) != 0))
			fail_msg("mutation %d of %s is accepted", i, parts[i % 3]);
		if (!v.word)
			judge_pass(&j, chain_path(&bench.chain, "hq/lyon-03/1"));
		assert_int_equal(j.before.batch, 1);
		chain_write(path, texts[i % 3], len[i % 3]);
		free(mutant);
	}
	judge_batch(&j, chain_path(&bench.chain, "hq/lyon-03/2"), &v);
	assert_null(v.word);
	totals_free(&j.ever);
	for (int i = 0; i < 3; i++)
		free(texts[i]);
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
		TEST("all is verified, as pull or rsync left it", all_is_verified),
		TEST("a lost key is replaced", a_lost_key_is_replaced),
		TEST("a batch on its way is no fault", a_batch_on_its_way_is_no_fault),
		TEST("compressed files are read", compressed_files_are_read),
		TEST("certificates may be given", certificates_may_be_given),
		TEST("a pinned certificate counts alone", a_pinned_certificate_counts_alone),
		TEST("a fork is seen", a_fork_is_seen),
		TEST("another name in the events", another_name_in_the_events),
		TEST("announced keys are followed", announced_keys_are_followed),
		TEST("keys that nobody announced are refused", keys_that_nobody_announced_are_refused),
		TEST("announcements are proved", announcements_are_proved),
		TEST("every one of 2,000 mutations is refused", every_mutation_is_refused),
	};
	size_t n = 11;

	ROWS(file_cases, files_are_judged);
	ROWS(certificate_cases, certificates_are_judged);
	ROWS(form_cases, forms_are_judged);
	ROWS(totals_cases, totals_are_judged);
	return _cmocka_run_group_tests("verify", tests, n, NULL, NULL);
}
