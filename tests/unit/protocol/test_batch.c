/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed batches: what a head office accepts, and for what it refuses the rest. Two stores under one authority; the first seals three days. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/cms.h>

#include "protocol/batch.h"
#include "tests/unit/protocol/office.h"

#define DAYS    3
#define SIGNED  INT64_C(1795683600000) /* 2026-11-26T09:00:00Z */
#define YEAR_MS (365 * INT64_C(86400000))
#define STORE   PALIER_LIT("lyon-03")

static struct bench {
	struct office office, stranger;
	struct crypto_key *key, *other_key;
	struct crypto_certificate *certificate, *other_store;
	struct day {
		struct palier_buffer events, manifest, signature;
		struct batch_before before; /* what it follows */
	} days[DAYS];
} bench;

/* --- files of events --- */

static void line_add(struct palier_buffer *out, struct palier_hash *last, const char *text)
{
	crypto_sha256(palier_str(text), last);
	palier_buffer_add(out, text, strlen(text));
	palier_buffer_add(out, "\n", 1);
}

/* A closed day of three events. @param more of the first event: ",\"method\":..." */
static void day_write(const char *store, const struct batch_before *before, const char *more, struct palier_buffer *out)
{
	char text[1024], hex[2 * SHA256_LEN + 1];
	struct palier_hash last;
	uint64_t seq = before->last_seq;

	palier_hex(before->sha256.b, SHA256_LEN, hex);
	snprintf(text, sizeof(text),
		"{\"head\":{\"format\":1,\"store\":\"%s\",\"batch\":%u,\"business_day\":\"2026-11-2%u\",\"prev_batch_sha256\":\"%s\","
		"\"first_seq\":%llu,\"software\":\"palier\"}}",
		store, before->batch + 1, before->batch + 1, hex, (unsigned long long)seq + 1);
	line_add(out, &last, text);
	for (int i = 0; i < 3; i++) {
		palier_hex(last.b, SHA256_LEN, hex);
		seq++;
		snprintf(text, sizeof(text), "{\"seq\":%llu,\"turn\":%llu,\"store\":\"%s\"%s,\"prev\":\"%s\"}",
			(unsigned long long)seq, (unsigned long long)seq, store, i ? "" : more, hex);
		line_add(out, &last, text);
	}
	palier_hex(last.b, SHA256_LEN, hex);
	snprintf(text, sizeof(text),
		"{\"tail\":{\"events\":3,\"last_seq\":%llu,\"last_sha256\":\"%s\",\"totals\":{},\"perpetual\":{},"
		"\"closed_at\":\"2026-11-26T08:00:00.000Z\"}}",
		(unsigned long long)seq, hex);
	line_add(out, &last, text);
}

static int file_of(struct palier_bytes text)
{
	int fd = memfd_create("events", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text.at, text.len), (ssize_t)text.len);
	return fd;
}

static enum batch_fault facts_of(struct palier_bytes events, struct batch_facts *out)
{
	int fd = file_of(events);
	enum batch_fault fault = batch_read(fd, NULL, out);

	close(fd);
	return fault;
}

/* Manifest and signature of a day's events. */
static void day_seal(struct day *d, const struct crypto_key *k, const struct crypto_certificate *c, int64_t at_ms)
{
	struct batch_facts facts;
	struct palier_hash key_id;

	d->manifest.len = d->signature.len = 0;
	assert_int_equal(facts_of(palier_buffer_bytes(&d->events), &facts), BATCH_FINE);
	crypto_key_id(k, &key_id);
	batch_manifest_write(&facts, &d->before, &key_id, &d->manifest);
	crypto_cms_sign(k, c, palier_buffer_bytes(&d->manifest), at_ms, &d->signature);
}

static void day_free(struct day *d)
{
	palier_buffer_deinit(&d->events);
	palier_buffer_deinit(&d->manifest);
	palier_buffer_deinit(&d->signature);
}

/* --- the office's verdict --- */

static enum batch_fault judge_with(const struct cms_trust *trust, const struct day *d, const struct batch_before *before,
	struct batch_before *after)
{
	int fd = file_of(palier_buffer_bytes(&d->events));
	struct batch_before state = *before;
	int64_t at_ms = 0;
	enum batch_fault fault = batch_verify(STORE, trust, palier_buffer_bytes(&d->manifest),
		palier_buffer_bytes(&d->signature), fd, &state, &at_ms);

	close(fd);
	if (fault == BATCH_FINE)
		assert_true(at_ms > 0 && state.batch == before->batch + 1);
	else
		assert_memory_equal(&state, before, sizeof(state));
	if (after)
		*after = state;
	return fault;
}

static const struct crypto_certificate *pinned[1], *authorities[1];

static struct cms_trust by_pin(void)
{
	pinned[0] = bench.certificate;
	return (struct cms_trust){ .pinned = pinned, .pinned_count = 1 };
}

static struct cms_trust by_authority(void)
{
	authorities[0] = bench.office.ca;
	return (struct cms_trust){ .authorities = authorities, .authority_count = 1 };
}

/* Both ways of trusting say the same. */
static void assert_judged(const struct day *d, const struct batch_before *before, enum batch_fault expected)
{
	struct cms_trust pin = by_pin(), authority = by_authority();

	assert_string_equal(batch_fault_word(judge_with(&pin, d, before, NULL)), batch_fault_word(expected));
	assert_string_equal(batch_fault_word(judge_with(&authority, d, before, NULL)), batch_fault_word(expected));
}

/* A day that a row may spoil: the second, as it was sealed. */
static void copy_buffer(struct palier_buffer *to, const struct palier_buffer *from)
{
	*to = (struct palier_buffer){ 0 };
	palier_buffer_add(to, from->at, from->len);
}

static struct day copied(unsigned n)
{
	const struct day *from = &bench.days[n];
	struct day d = { .before = from->before };

	copy_buffer(&d.events, &from->events);
	copy_buffer(&d.manifest, &from->manifest);
	copy_buffer(&d.signature, &from->signature);
	return d;
}

static int bench_open(void **state)
{
	struct batch_before before = { .batch = 0 };
	struct cms_trust trust;

	(void)state;
	office_make(&bench.office, "Office");
	office_make(&bench.stranger, "Office");
	bench.key = crypto_key_make();
	bench.other_key = crypto_key_make();
	bench.certificate = office_certify(&bench.office, bench.key, (struct office_wish){ .store = "lyon-03" });
	bench.other_store = office_certify(&bench.office, bench.other_key, (struct office_wish){ .store = "paris-01" });
	trust = by_authority();
	for (unsigned i = 0; i < DAYS; i++) {
		bench.days[i].before = before;
		day_write("lyon-03", &before, "", &bench.days[i].events);
		day_seal(&bench.days[i], bench.key, bench.certificate, SIGNED);
		assert_int_equal(judge_with(&trust, &bench.days[i], &before, &before), BATCH_FINE);
	}
	return 0;
}

static int bench_close(void **state)
{
	(void)state;
	for (unsigned i = 0; i < DAYS; i++)
		day_free(&bench.days[i]);
	crypto_key_free(bench.key);
	crypto_key_free(bench.other_key);
	crypto_certificate_free(bench.certificate);
	crypto_certificate_free(bench.other_store);
	office_free(&bench.office);
	office_free(&bench.stranger);
	return 0;
}

/* --- certificates --- */

static const struct certificate_case {
	const char *name;
	struct office_wish wish;
	int64_t at_ms;
	enum batch_fault fault;
	bool strange; /* another authority's */
} certificate_cases[] = {
	{ "a certificate for documents", { .store = "lyon-03" }, SIGNED, BATCH_FINE, false },
	{ "a certificate without purposes", { .store = "lyon-03", .purpose = "", .usage = "" }, SIGNED, BATCH_FINE, false },
	{ "a certificate for S/MIME", { .store = "lyon-03", .purpose = "emailProtection" }, SIGNED, BATCH_FINE, false },
	{ "another store's certificate", { .store = "paris-01" }, SIGNED, BATCH_CERTIFICATE_STORE, false },
	{ "a certificate of an authority of the same name", { .store = "lyon-03" }, SIGNED, BATCH_CERTIFICATE_UNKNOWN,
		true },
	{ "a certificate for TLS", { .store = "lyon-03", .purpose = "serverAuth,clientAuth" }, SIGNED,
		BATCH_CERTIFICATE_PURPOSE, false },
	{ "a certificate for programs", { .store = "lyon-03", .purpose = "codeSigning" }, SIGNED, BATCH_CERTIFICATE_PURPOSE,
		false },
	{ "a certificate that may not sign", { .store = "lyon-03", .usage = "critical,keyAgreement" }, SIGNED,
		BATCH_CERTIFICATE_PURPOSE, false },
	{ "a certificate that was not valid yet", { .store = "lyon-03", .from_ms = SIGNED + 1000 }, SIGNED,
		BATCH_CERTIFICATE_EARLY, false },
	{ "a certificate from its first second on", { .store = "lyon-03", .from_ms = SIGNED }, SIGNED, BATCH_FINE, false },
	{ "a certificate that had expired", { .store = "lyon-03", .to_ms = SIGNED }, SIGNED, BATCH_CERTIFICATE_EXPIRED,
		false },
	{ "a certificate to its last second", { .store = "lyon-03", .to_ms = SIGNED + 1000 }, SIGNED, BATCH_FINE, false },
	{ "a certificate that has expired since", { .store = "lyon-03", .to_ms = SIGNED + YEAR_MS / 365 }, SIGNED,
		BATCH_FINE, false },
};

static void certificate_is_judged(void **state)
{
	const struct certificate_case *c = *state;
	struct crypto_certificate *certificate =
		office_certify(c->strange ? &bench.stranger : &bench.office, bench.key, c->wish);
	const struct crypto_certificate *pin[] = { certificate };
	struct cms_trust authority = by_authority(), its_own = { .pinned = pin, .pinned_count = 1 }, pin_of_other = by_pin();
	struct day d = copied(1);
	enum batch_fault own = c->fault;

	day_seal(&d, bench.key, certificate, c->at_ms);
	assert_string_equal(batch_fault_word(judge_with(&authority, &d, &d.before, NULL)), batch_fault_word(c->fault));
	/* Pinned, name and authority do not matter; not pinned, nothing helps, though the key is the same. */
	if (own == BATCH_CERTIFICATE_STORE || own == BATCH_CERTIFICATE_UNKNOWN)
		own = BATCH_FINE;
	assert_string_equal(batch_fault_word(judge_with(&its_own, &d, &d.before, NULL)), batch_fault_word(own));
	assert_int_not_equal(judge_with(&pin_of_other, &d, &d.before, NULL), BATCH_FINE);
	day_free(&d);
	crypto_certificate_free(certificate);
}

static void key_of_another_store(void **state)
{
	struct day d = copied(1);
	struct cms_trust pin = by_pin(), authority = by_authority();

	(void)state;
	day_seal(&d, bench.other_key, bench.other_store, SIGNED);
	assert_int_equal(judge_with(&pin, &d, &d.before, NULL), BATCH_CERTIFICATE_UNKNOWN);
	assert_int_equal(judge_with(&authority, &d, &d.before, NULL), BATCH_CERTIFICATE_STORE);
	day_free(&d);
}

/* --- signatures of other forms, as other programs make them --- */

/* @param also a second signer */
static void sign_otherwise(struct day *d, unsigned flags, bool signer, bool also)
{
	const struct office_signer signers[] = { { bench.key, bench.certificate }, { bench.other_key, bench.other_store } };

	d->signature.len = 0;
	office_sign(flags, signers,
		!signer ? 0
		: also  ? 2
			: 1,
		bench.certificate, palier_buffer_bytes(&d->manifest), &d->signature);
}

static const struct form_case {
	const char *name;
	unsigned flags;
	bool signer, also;
	enum batch_fault fault;
} form_cases[] = {
	{ "as `openssl cms -sign -binary` makes it", CMS_BINARY | CMS_DETACHED, true, false, BATCH_FINE },
	{ "no signer", CMS_BINARY | CMS_DETACHED, false, false, BATCH_SIGNATURE_NONE },
	{ "two signers", CMS_BINARY | CMS_DETACHED, true, true, BATCH_SIGNATURE_SEVERAL },
	{ "no signed attributes", CMS_BINARY | CMS_DETACHED | CMS_NOATTR, true, false, BATCH_SIGNATURE_BARE },
	{ "the text inside", CMS_BINARY, true, false, BATCH_SIGNATURE_ATTACHED },
	{ "no certificate", CMS_BINARY | CMS_DETACHED | CMS_NOCERTS, true, false, BATCH_SIGNATURE_FORM },
	{ "a text with its line ends made CR LF", CMS_DETACHED, true, false, BATCH_SIGNATURE_WRONG },
};

static void form_is_judged(void **state)
{
	const struct form_case *c = *state;
	struct day d = copied(1);

	sign_otherwise(&d, c->flags, c->signer, c->also);
	assert_judged(&d, &d.before, c->fault);
	day_free(&d);
}

static void nothing_may_be_appended(void **state)
{
	struct day d = copied(1);

	(void)state;
	palier_buffer_add(&d.signature, "\n", 1);
	assert_judged(&d, &d.before, BATCH_SIGNATURE_TRAILED);
	day_free(&d);
	d = copied(1);
	palier_buffer_add(&d.signature, bench.days[1].signature.at, bench.days[1].signature.len);
	assert_judged(&d, &d.before, BATCH_SIGNATURE_TRAILED);
	day_free(&d);
}

static void every_shorter_signature_is_refused(void **state)
{
	struct day d = copied(1);
	struct cms_trust pin = by_pin();

	(void)state;
	while (d.signature.len > 0) {
		d.signature.len--;
		assert_int_equal(judge_with(&pin, &d, &d.before, NULL), BATCH_SIGNATURE_FORM);
	}
	day_free(&d);
}

static void signature_of_another_day(void **state)
{
	struct day d = copied(1);

	(void)state;
	d.signature.len = 0;
	palier_buffer_add(&d.signature, bench.days[0].signature.at, bench.days[0].signature.len);
	assert_judged(&d, &d.before, BATCH_SIGNATURE_WRONG);
	day_free(&d);
}

/* --- the manifest --- */

/* Put `to` where `from` stands, and sign that. */
static void resign(struct day *d, const char *from, const char *to)
{
	char *at = memmem(d->manifest.at, d->manifest.len, from, strlen(from));
	struct palier_buffer text = { 0 };

	assert_non_null(at);
	palier_buffer_add(&text, d->manifest.at, (size_t)(at - d->manifest.at));
	palier_buffer_add(&text, to, strlen(to));
	at += strlen(from);
	palier_buffer_add(&text, at, (size_t)(d->manifest.at + d->manifest.len - at));
	palier_buffer_deinit(&d->manifest);
	d->manifest = text;
	d->signature.len = 0;
	crypto_cms_sign(bench.key, bench.certificate, palier_buffer_bytes(&text), SIGNED, &d->signature);
}

static const struct manifest_case {
	const char *name, *from, *to;
	enum batch_fault fault;
} manifest_cases[] = {
	{ "an unknown member", "{\"format\":1,", "{\"format\":1,\"more\":1,", BATCH_MANIFEST_FORM },
	{ "a missing member", "\"file\":\"events.jsonl\",", "", BATCH_MANIFEST_FORM },
	{ "a member twice", "\"lines\":5,", "\"lines\":5,\"lines\":5,", BATCH_MANIFEST_FORM },
	{ "white space", "{\"format\":1,", "{ \"format\":1,", BATCH_MANIFEST_FORM },
	{ "CR LF", "\n", "\r\n", BATCH_MANIFEST_FORM },
	{ "no line end", "}\n", "}", BATCH_MANIFEST_FORM },
	{ "something behind it", "}\n", "}\n\n", BATCH_MANIFEST_FORM },
	{ "another format", "{\"format\":1,", "{\"format\":2,", BATCH_MANIFEST_FORM },
	{ "another store", "lyon-03", "paris-01", BATCH_MANIFEST_STORE },
	{ "another file name", "events.jsonl", "../keys", BATCH_FILE_MANIFEST },
	{ "another number of lines", "\"lines\":5", "\"lines\":6", BATCH_FILE_MANIFEST },
	{ "another number of events", "\"events\":3", "\"events\":4", BATCH_FILE_MANIFEST },
	{ "another first event", "\"first_seq\":4", "\"first_seq\":3", BATCH_FILE_MANIFEST },
	{ "another day", "2026-11-22", "2026-11-23", BATCH_FILE_MANIFEST },
	{ "a root that is none", "\"merkle_root\":\"", "\"merkle_root\":\"00", BATCH_MANIFEST_FORM },
	{ "an earlier number", "\"batch\":2", "\"batch\":1", BATCH_BATCH_REPLAYED },
	{ "a later number", "\"batch\":2", "\"batch\":3", BATCH_BATCH_GAP },
};

static void manifest_is_judged(void **state)
{
	const struct manifest_case *c = *state;
	struct day d = copied(1);

	resign(&d, c->from, c->to);
	assert_judged(&d, &d.before, c->fault);
	day_free(&d);
}

/* A digit of each hash becomes another, and is signed so. */
static void signed_hashes_must_be_right(void **state)
{
	static const struct {
		const char *member;
		enum batch_fault fault;
	} hashes[] = {
		{ "\"sha256\":\"", BATCH_FILE_SHA256 },
		{ "\"merkle_root\":\"", BATCH_FILE_MANIFEST },
		{ "\"prev_batch_sha256\":\"", BATCH_BATCH_FORK },
		{ "\"prev_manifest_sha256\":\"", BATCH_BATCH_FORK },
		{ "\"key_id\":\"", BATCH_MANIFEST_KEY },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(hashes) / sizeof(*hashes); i++) {
		struct day d = copied(1);
		char *at = memmem(d.manifest.at, d.manifest.len, hashes[i].member, strlen(hashes[i].member));
		size_t n = strlen(hashes[i].member);
		char from[64], to[64];

		assert_non_null(at);
		snprintf(from, sizeof(from), "%.*s", (int)n + 1, at);
		snprintf(to, sizeof(to), "%.*s%c", (int)n, at, at[n] == '0' ? '1' : '0');
		resign(&d, from, to);
		assert_judged(&d, &d.before, hashes[i].fault);
		day_free(&d);
	}
}

static void capital_hashes_are_another_form(void **state)
{
	struct day d = copied(1);
	char *at = memmem(d.manifest.at, d.manifest.len, "\"sha256\":\"", 10);

	(void)state;
	at += 10;
	while (*at < 'a' || *at > 'f')
		at++;
	*at = (char)(*at - 'a' + 'A');
	d.signature.len = 0;
	crypto_cms_sign(bench.key, bench.certificate, palier_buffer_bytes(&d.manifest), SIGNED, &d.signature);
	assert_judged(&d, &d.before, BATCH_FILE_SHA256);
	day_free(&d);
}

/* --- the file of events --- */

static void file_of_another_size(void **state)
{
	struct day d = copied(1);

	(void)state;
	d.events.len--;
	assert_judged(&d, &d.before, BATCH_FILE_SIZE);
	d.events.len = 0;
	assert_judged(&d, &d.before, BATCH_FILE_SIZE);
	day_free(&d);
	d = copied(1);
	palier_buffer_add(&d.events, "\n", 1);
	assert_judged(&d, &d.before, BATCH_FILE_SIZE);
	day_free(&d);
}

static void file_of_another_day(void **state)
{
	struct day d = copied(1);

	(void)state;
	d.events.len = 0;
	palier_buffer_add(&d.events, bench.days[2].events.at, bench.days[2].events.len);
	assert_judged(&d, &d.before, BATCH_FILE_SHA256);
	day_free(&d);
}

static void lines_that_end_otherwise(void **state)
{
	struct palier_buffer crlf = { 0 };
	struct batch_facts facts;

	(void)state;
	for (size_t i = 0; i < bench.days[1].events.len; i++) {
		if (bench.days[1].events.at[i] == '\n')
			palier_buffer_add(&crlf, "\r", 1);
		palier_buffer_add(&crlf, &bench.days[1].events.at[i], 1);
	}
	assert_int_equal(facts_of(palier_buffer_bytes(&crlf), &facts), BATCH_FILE_CHAIN);
	palier_buffer_deinit(&crlf);
}

/* A chain that the store itself has broken: nobody signs it. */
static const struct chain_case {
	const char *name;
	const char *from, *to; /* NULL: nothing follows */
	const char *why;
} chain_cases[] = {
	{ "no head", "{\"head\"", "{\"heat\"", "line 1: the file does not begin with its head line" },
	{ "a head of another format", "\"format\":1", "\"format\":9", "line 1: its format is 9, not 1" },
	{ "an event is changed", "\"seq\":4,\"turn\":4,\"store\":\"lyon-03\"", "\"seq\":4,\"turn\":4,\"store\":\"lyon-04\"",
		"line 3: event 5 does not follow the line before it" },
	{ "an event is missing", "{\"seq\":5", "{\"seq\":6", "line 3: event 6 follows event 4" },
	{ "a turn before the one before", "\"seq\":5,\"turn\":5", "\"seq\":5,\"turn\":3", "line 3: event 5 is of turn 3" },
	{ "a turn to come", "\"seq\":5,\"turn\":5", "\"seq\":5,\"turn\":6", "line 3: event 5 is of turn 6" },
	{ "no event", "{\"seq\":5", "{\"sex\":5", "line 3: not an event" },
	{ "a tail that counts otherwise", "\"events\":3", "\"events\":2", "line 5: the tail counts 2 events up to 6" },
	{ "a tail of another event", "\"last_seq\":6", "\"last_seq\":5", "line 5: the tail counts 3 events up to 5" },
	{ "a tail that cannot be read", "\"closed_at\"", "\"closed_or\"", "line 5: the tail cannot be read" },
	{ "no tail", "{\"tail\"", NULL, "line 5: the file ends without its tail line" },
	{ "nothing at all", "{\"head\"", NULL, "line 1: the file ends without its tail line" },
};

static void chain_is_judged(void **state)
{
	const struct chain_case *c = *state;
	struct day d = copied(1);
	struct batch_facts facts;
	char *at = memmem(d.events.at, d.events.len, c->from, strlen(c->from));

	assert_non_null(at);
	if (c->to)
		memcpy(at, c->to, strlen(c->to)); /* of the same length */
	else
		d.events.len = (size_t)(at - d.events.at);
	assert_int_equal(facts_of(palier_buffer_bytes(&d.events), &facts), BATCH_FILE_CHAIN);
	assert_memory_equal(facts.chain.why, c->why, strlen(c->why));
	day_free(&d);
}

static void nothing_follows_the_tail(void **state)
{
	struct day d = copied(1);
	struct batch_facts facts;

	(void)state;
	palier_buffer_add(&d.events, "x\n", 2);
	assert_int_equal(facts_of(palier_buffer_bytes(&d.events), &facts), BATCH_FILE_CHAIN);
	d.events.len--;
	assert_int_equal(facts_of(palier_buffer_bytes(&d.events), &facts), BATCH_FILE_CHAIN);
	day_free(&d);
}

static void a_directory_is_no_file(void **state)
{
	struct batch_facts facts;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(batch_read(ends[0], NULL, &facts), BATCH_FILE_UNREADABLE);
	assert_int_equal(batch_read(-1, NULL, &facts), BATCH_FILE_UNREADABLE);
	close(ends[0]);
	close(ends[1]);
}

/* --- the order of batches --- */

static void batches_come_in_their_order(void **state)
{
	struct batch_before start = { .batch = 0 };

	(void)state;
	assert_judged(&bench.days[0], &start, BATCH_FINE);
	assert_judged(&bench.days[1], &start, BATCH_BATCH_GAP);
	assert_judged(&bench.days[0], &bench.days[1].before, BATCH_BATCH_REPLAYED);
	assert_judged(&bench.days[0], &bench.days[2].before, BATCH_BATCH_REPLAYED);
	assert_judged(&bench.days[2], &bench.days[1].before, BATCH_BATCH_GAP);
	assert_judged(&bench.days[2], &bench.days[2].before, BATCH_FINE);
}

/* The store goes on from another first day: both have a second one. */
static void a_fork_is_seen(void **state)
{
	struct batch_before start = { .batch = 0 }, other;
	struct cms_trust trust = by_authority();
	struct day first = { .before = start }, second = { 0 };

	(void)state;
	day_write("lyon-03", &start, ",\"other\":1", &first.events);
	day_seal(&first, bench.key, bench.certificate, SIGNED);
	assert_int_equal(judge_with(&trust, &first, &start, &other), BATCH_FINE);
	second.before = other;
	day_write("lyon-03", &other, "", &second.events);
	day_seal(&second, bench.key, bench.certificate, SIGNED);
	assert_judged(&second, &other, BATCH_FINE);
	assert_judged(&second, &bench.days[1].before, BATCH_BATCH_FORK);
	/* The events of one line, in a manifest of the other. */
	second.before = bench.days[1].before;
	day_seal(&second, bench.key, bench.certificate, SIGNED);
	assert_judged(&second, &bench.days[1].before, BATCH_BATCH_FORK);
	day_free(&first);
	day_free(&second);
}

static void another_stores_day(void **state)
{
	struct batch_before start = { .batch = 0 };
	struct day d = { .before = start };

	(void)state;
	day_write("paris-01", &start, "", &d.events);
	day_seal(&d, bench.key, bench.certificate, SIGNED);
	assert_judged(&d, &start, BATCH_MANIFEST_STORE);
	day_free(&d);
}

/* --- a new key --- */

#define ANNOUNCED ",\"method\":\"key.rotate\",\"params\":{},\"effects\":[{\"kind\":\"key.rotated\",\"key_id\":\"%s\"}]"

static void a_new_key_is_announced(void **state)
{
	struct crypto_key *fresh = crypto_key_make();
	struct crypto_certificate *its = office_certify(&bench.office, fresh, (struct office_wish){ .store = "lyon-03" });
	const struct crypto_certificate *both[] = { bench.certificate, its };
	struct cms_trust trust = { .pinned = both, .pinned_count = 2 };
	struct batch_before start = { .batch = 0 }, after;
	struct day first = { .before = start }, second = { 0 };
	struct palier_hash id;
	char hex[2 * SHA256_LEN + 1], event[512];

	(void)state;
	crypto_key_id(fresh, &id);
	palier_hex(id.b, SHA256_LEN, hex);
	snprintf(event, sizeof(event), ANNOUNCED, hex);
	day_write("lyon-03", &start, event, &first.events);
	day_seal(&first, bench.key, bench.certificate, SIGNED);
	assert_int_equal(judge_with(&trust, &first, &start, &after), BATCH_FINE);
	assert_memory_equal(after.key_id.b, id.b, SHA256_LEN);
	/* The old key no longer counts, the new one does. */
	second.before = after;
	day_write("lyon-03", &after, "", &second.events);
	day_seal(&second, bench.key, bench.certificate, SIGNED);
	assert_int_equal(judge_with(&trust, &second, &after, NULL), BATCH_KEY_UNANNOUNCED);
	day_seal(&second, fresh, its, SIGNED);
	assert_int_equal(judge_with(&trust, &second, &after, NULL), BATCH_FINE);
	/* Nor is one taken that nobody has announced. */
	day_free(&second);
	second = copied(1);
	day_seal(&second, fresh, its, SIGNED);
	assert_int_equal(judge_with(&trust, &second, &second.before, NULL), BATCH_KEY_UNANNOUNCED);
	day_free(&first);
	day_free(&second);
	crypto_certificate_free(its);
	crypto_key_free(fresh);
}

/* What only looks like an announcement. */
static void no_announcement(void **state)
{
	static const char *const events[] = {
		",\"params\":{\"x\":1,\"method\":\"key.rotate\",\"y\":2},\"effects\":[{\"key_id\":\"%s\"}]",
		",\"text\":\",\\\"method\\\":\\\"key.rotate\\\",\",\"effects\":[{\"key_id\":\"%s\"}]",
		",\"method\":\"key.rotate\",\"effects\":[]",
		",\"method\":\"key.rotate\",\"effects\":[\"%s\"]",
		",\"method\":\"sale.commit\",\"effects\":[{\"key_id\":\"%s\"}]",
	};
	char hex[2 * SHA256_LEN + 1] = "", event[512];

	(void)state;
	memset(hex, 'a', sizeof(hex) - 1);
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
		struct batch_before start = { .batch = 0 };
		struct palier_buffer text = { 0 };
		struct batch_facts facts;

		snprintf(event, sizeof(event), events[i], hex); /* NOLINT: a table of formats */
		day_write("lyon-03", &start, event, &text);
		assert_int_equal(facts_of(palier_buffer_bytes(&text), &facts), BATCH_FINE);
		assert_false(facts.rotates);
		palier_buffer_deinit(&text);
	}
}

/* --- flipped bits --- */

#define MUTATIONS 2000

static uint64_t draw(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * UINT64_C(2685821657736338717);
}

static void every_flipped_bit_is_refused(void **state)
{
	struct cms_trust pin = by_pin(), authority = by_authority();
	struct day d = copied(1);
	struct palier_buffer *parts[] = { &d.events, &d.manifest, &d.signature };
	uint64_t seed = 20261126;

	(void)state;
	for (int i = 0; i < MUTATIONS; i++) {
		struct palier_buffer *part = parts[i % 3];
		uint64_t bit = draw(&seed) % (8 * part->len);
		enum batch_fault fault;

		part->at[bit / 8] = (char)(part->at[bit / 8] ^ 1 << bit % 8);
		fault = judge_with(i & 1 ? &pin : &authority, &d, &d.before, NULL);
		if (fault == BATCH_FINE || (part == &d.manifest && fault != BATCH_SIGNATURE_WRONG) ||
			(part == &d.events && fault != BATCH_FILE_SHA256))
			fail_msg("bit %llu of part %d: %s", (unsigned long long)bit, i % 3, batch_fault_word(fault));
		part->at[bit / 8] = (char)(part->at[bit / 8] ^ 1 << bit % 8);
	}
	assert_judged(&d, &d.before, BATCH_FINE);
	day_free(&d);
}

/* All of them in what is not covered by the signature itself. */
static void every_bit_of_the_signature(void **state)
{
	struct cms_trust pin = by_pin();
	struct day d = copied(1);
	struct cms_signed by;

	(void)state;
	for (size_t bit = 0; bit < 8 * d.signature.len; bit++) {
		char *at = &d.signature.at[bit / 8];

		*at = (char)(*at ^ 1 << bit % 8);
		if (crypto_cms_verify(palier_buffer_bytes(&d.manifest), palier_buffer_bytes(&d.signature), &pin, &by) ==
			BATCH_FINE)
			fail_msg("bit %zu does not count", bit);
		*at = (char)(*at ^ 1 << bit % 8);
	}
	day_free(&d);
}

static void every_fault_has_its_word(void **state)
{
	(void)state;
	assert_string_equal(batch_fault_word(BATCH_FINE), "ok");
	for (enum batch_fault one = BATCH_FINE; one < BATCH_FAULT_COUNT; one++) {
		assert_true(batch_fault_text(one)[0] != 0);
		for (enum batch_fault other = BATCH_FINE; other < one; other++)
			assert_string_not_equal(batch_fault_word(one), batch_fault_word(other));
	}
}

#define TEST(sentence, function) \
	{ \
		sentence, function, NULL, NULL, NULL \
	}
#define ROWS(cases, function) rows(tests, &n, cases, sizeof(*(cases)), sizeof(cases) / sizeof(*(cases)), function)

/* Each row's first member is its name. */
static void rows(struct CMUnitTest *tests, size_t *n, const void *at, size_t size, size_t count, CMUnitTestFunction function)
{
	for (size_t i = 0; i < count; i++) {
		const char *row = (const char *)at + i * size;
		const char *name;

		memcpy(&name, row, sizeof(name));
		tests[(*n)++] = (struct CMUnitTest){ name, function, NULL, NULL, (void *)(uintptr_t)row };
	}
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		TEST("another store's key and certificate", key_of_another_store),
		TEST("nothing may be appended to a signature", nothing_may_be_appended),
		TEST("a signature cut short", every_shorter_signature_is_refused),
		TEST("the signature of another day", signature_of_another_day),
		TEST("a signed hash must be right", signed_hashes_must_be_right),
		TEST("hashes are written in small letters", capital_hashes_are_another_form),
		TEST("a file that is shorter or longer", file_of_another_size),
		TEST("another day's file", file_of_another_day),
		TEST("lines that end in CR LF", lines_that_end_otherwise),
		TEST("nothing follows the tail", nothing_follows_the_tail),
		TEST("what cannot be read", a_directory_is_no_file),
		TEST("batches come in their order", batches_come_in_their_order),
		TEST("a fork is seen", a_fork_is_seen),
		TEST("another store's day", another_stores_day),
		TEST("a new key is announced by the old one", a_new_key_is_announced),
		TEST("what only looks like an announcement", no_announcement),
		TEST("2,000 flipped bits are refused", every_flipped_bit_is_refused),
		TEST("each bit of a signature counts", every_bit_of_the_signature),
		TEST("every fault has a word of its own", every_fault_has_its_word),
	};
	struct CMUnitTest tests[128] = { { 0 } };
	size_t n = 0;

	ROWS(certificate_cases, certificate_is_judged);
	ROWS(form_cases, form_is_judged);
	ROWS(manifest_cases, manifest_is_judged);
	ROWS(chain_cases, chain_is_judged);
	memcpy(tests + n, others, sizeof(others));
	return cmocka_run_group_tests_name("batch", tests, bench_open, bench_close);
}
