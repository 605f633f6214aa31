/* SPDX-License-Identifier: Apache-2.0 */
/* palier-hq prove and check-proof: each event of a store can be shown to be in its batch, and nothing else can. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/hq/chain.h"
#include "tools/hq/proof.h"

static struct {
	struct chain chain;
	struct chain_store lyon;
} bench;

static int shop_open(void **state)
{
	(void)state;
	chain_open(&bench.chain);
	chain_store_open(&bench.chain, &bench.lyon, "lyon-03", "hq/lyon-03/batches");
	chain_seal(&bench.lyon, NULL);
	chain_seal(&bench.lyon, &(struct chain_day){ .more = 7 });
	return 0;
}

static int shop_close(void **state)
{
	(void)state;
	chain_store_close(&bench.lyon);
	chain_close(&bench.chain);
	return 0;
}

/* The proof of an event, in DIR/proof.json. */
static void prove(const char *seq)
{
	char *said;

	assert_int_equal(chain_run(&bench.chain, (const char *const[]){ "prove", "lyon-03", seq, NULL }, &said), 0);
	chain_write(chain_path(&bench.chain, "proof.json"), said, strlen(said));
	free(said);
}

static void expect(int code, const char *said)
{
	chain_expect(&bench.chain, (const char *const[]){ "check-proof", chain_path(&bench.chain, "proof.json"), NULL },
		code, (const char *const[]){ said, NULL });
}

static void each_event_is_proved(void **state)
{
	char seq[8], said[64];

	(void)state;
	for (int i = 1; i <= 13; i++) {
		snprintf(seq, sizeof(seq), "%d", i);
		prove(seq);
		snprintf(said, sizeof(said), "event %d\n", i);
		expect(0, said);
		snprintf(said, sizeof(said), "\n{\"seq\":%d,\"turn\":%d,", i, i);
		expect(0, said);
	}
	expect(0, "batch 2 of 2026-11-02\nsigned 2026-11-26T09:00:00.000Z\n");
	chain_expect(&bench.chain,
		(const char *const[]){ "--json", "check-proof", chain_path(&bench.chain, "proof.json"), NULL }, 0,
		(const char *const[]){ "{\"store\":\"lyon-03\",\"batch\":2,\"business_day\":\"2026-11-02\",\"seq\":13,",
			NULL });
}

/* The parts of a proof are those of the batch, in the base64 of stock tools. */
static void stock_tools_read_it(void **state)
{
	(void)state;
	prove("5");
	chain_shell(&bench.chain,
		"for part in manifest:json signature:p7s; do "
		"sed -n \"s/.*\\\"${part%%:*}\\\":\\\"\\([^\\\"]*\\)\\\".*/\\1/p\" proof.json | base64 -d | "
		"cmp - hq/lyon-03/batches/2/manifest.${part#*:}; done");
}

static void events_of_compressed_batches(void **state)
{
	(void)state;
	chain_shell(&bench.chain,
		"zstd -q --rm hq/lyon-03/batches/2/events.jsonl; mv hq/lyon-03/batches/* hq/lyon-03/; rmdir hq/lyon-03/batches");
	prove("6");
	expect(0, "event 6\n");
}

static void certificates_alone_suffice(void **state)
{
	const struct chain *c = &bench.chain;

	(void)state;
	prove("5");
	chain_write(c->config, "", 0);
	expect(79, "nothing says whose signature counts for lyon-03");
	chain_write_certificate(chain_path(c, "lyon.pem"), bench.lyon.certificate);
	chain_expect(c,
		(const char *const[]){ "check-proof", "--certificate", chain_path(c, "lyon.pem"),
			chain_path(c, "proof.json"), NULL },
		0, (const char *const[]){ "event 5\n", NULL });
	chain_expect(c,
		(const char *const[]){ "check-proof", "--authority", chain_path(c, "office-ca.pem"),
			chain_path(c, "proof.json"), NULL },
		0, (const char *const[]){ "event 5\n", NULL });
	chain_write_certificate(chain_path(c, "office-ca.pem"), c->stranger.ca);
	chain_expect(c,
		(const char *const[]){ "check-proof", "--authority", chain_path(c, "office-ca.pem"),
			chain_path(c, "proof.json"), NULL },
		76, (const char *const[]){ "proves nothing (certificate_unknown)", NULL });
}

/* --- what proves nothing --- */

static const struct wrong_case {
	const char *name, *script; /* for sed */
	const char *said;
} wrong_cases[] = {
	{ "another line", "s/sale.returned/sale.refunded/", "(proof_wrong)" },
	{ "another number of the event", "s/\"seq\":5/\"seq\":6/", "(proof_wrong)" },
	{ "another place", "s/\"index\":2/\"index\":3/", "(proof_wrong)" },
	{ "another number of lines", "s/\"leaves\":12/\"leaves\":13/", "(proof_wrong)" },
	{ "another batch", "s/\"batch\":2/\"batch\":1/", "(proof_wrong)" },
	{ "another store", "s/\"store\":\"lyon-03\",\"batch\"/\"store\":\"paris-01\",\"batch\"/", "(certificate_store)" },
	{ "a path that is too short", "s/\"path\":\\[\"[0-9a-f]*\",/\"path\":[/", "(proof_wrong)" },
	{ "a path that is too long", "s/\"path\":\\[\\(\"[0-9a-f]*\",\\)/\"path\":[\\1\\1/", "(proof_wrong)" },
	{ "a hash that is none", "s/\"path\":\\[\"[0-9a-f]/\"path\":[\"x/", "(proof_wrong)" },
	{ "another format", "s/\"format\":1/\"format\":2/", "is not a proof" },
	{ "more than a proof", "s/{\"format\"/{\"more\":1,\"format\"/", "is not a proof" },
	{ "no JSON", "s/{\"format\"/\"format\"/", "is not a proof" },
	{ "a manifest that is no base64", "s/\"manifest\":\"/\"manifest\":\"!/", "(proof_form)" },
	{ "another manifest", "s/\"manifest\":\"eyJ/\"manifest\":\"eyK/", "(signature_wrong)" },
};

static void wrong_proofs_are_refused(void **state)
{
	const struct wrong_case *c = *state;

	prove("5");
	chain_shell(&bench.chain, "cp proof.json whole.json; sed -i '%s' proof.json; ! cmp -s proof.json whole.json",
		c->script);
	expect(76, c->said);
}

#define FLIPS 2000

/* A flipped bit is another proof, or none; in what is only said around it, case of hex digits and base64's last bits included. */
static void no_flipped_bit_is_accepted(void **state)
{
	const struct crypto_certificate *authority = bench.chain.office.ca;
	const struct keyring ring = { .store = "lyon-03", .authorities = &authority, .authority_count = 1 };
	size_t len;
	char *text, *path;
	uint64_t accepted = 0;

	(void)state;
	prove("5");
	text = chain_read(chain_path(&bench.chain, "proof.json"), &len);
	path = strstr(text, "\"path\"");
	assert_non_null(path);
	for (unsigned i = 0; i < FLIPS; i++) {
		size_t bit = (size_t)i * 7919 % (8 * len);
		struct palier_arena a = { .used = 0 };
		struct proved p;
		struct verdict v;

		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		proof_check(palier_bytes_of(text, len), &ring, &a, &p, &v);
		/* A hash of the path is the same in capitals; between its parts and behind it JSON allows white space. */
		if (!v.word && bit % 8 != 5 && text[bit / 8] > ' ')
			fail_msg("bit %zu does not count", bit);
		accepted += !v.word;
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		palier_arena_deinit(&a);
	}
	assert_true(accepted < FLIPS / 20);
	free(text);
}

static void what_cannot_be_proved(void **state)
{
	static const struct {
		const char *args[4];
		int code;
		const char *said;
	} calls[] = {
		{ { "prove", "lyon-03", "14" }, 1, "no batch of lyon-03 holds event 14" },
		{ { "prove", "paris-01", "1" }, 1, "no batch of paris-01 holds event 1" },
		{ { "prove", "lyon-03", "0" }, 64, "0 is not the number of an event" },
		{ { "prove", "lyon-03", "1x" }, 64, "1x is not the number of an event" },
		{ { "check-proof", "/nowhere" }, 74, "/nowhere: " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		chain_expect(&bench.chain, calls[i].args, calls[i].code, (const char *const[]){ calls[i].said, NULL });
	chain_shell(&bench.chain, "sed -i s/1000/1001/ hq/lyon-03/batches/1/events.jsonl");
	chain_expect(&bench.chain, (const char *const[]){ "prove", "lyon-03", "2", NULL }, 76,
		(const char *const[]){ "is not what its manifest says", NULL });
	chain_shell(&bench.chain, "rm hq/lyon-03/batches/1/events.jsonl");
	chain_expect(&bench.chain, (const char *const[]){ "prove", "lyon-03", "2", NULL }, 1,
		(const char *const[]){ "hq/lyon-03/batches/1: No such file", NULL });
}

#define TEST(sentence, function) \
	{ \
		sentence, function, shop_open, shop_close, NULL \
	}

int main(void)
{
	struct CMUnitTest tests[32] = {
		TEST("each event is proved", each_event_is_proved),
		TEST("stock tools read it", stock_tools_read_it),
		TEST("events of compressed batches", events_of_compressed_batches),
		TEST("certificates alone suffice", certificates_alone_suffice),
		TEST("no flipped bit is accepted", no_flipped_bit_is_accepted),
		TEST("what cannot be proved", what_cannot_be_proved),
	};
	size_t n = 6;

	for (size_t i = 0; i < sizeof(wrong_cases) / sizeof(*wrong_cases); i++)
		tests[n++] = (struct CMUnitTest){ wrong_cases[i].name, wrong_proofs_are_refused, shop_open, shop_close,
			(void *)(uintptr_t)&wrong_cases[i] };
	return _cmocka_run_group_tests("prove", tests, n, NULL, NULL);
}
