/* SPDX-License-Identifier: Apache-2.0 */
/* The document of a directive: written in one way, read only as it was written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "protocol/crypto_cms.h"
#include "protocol/directive.h"
#include "tests/unit/protocol/office.h"

#define ISSUED INT64_C(1795683600000) /* 2026-11-26T09:00:00Z */
#define ZEROS  "0000000000000000000000000000000000000000000000000000000000000000"
#define HEAD \
	"{\"format\":1,\"store\":\"lyon-03\",\"directive\":1,\"prev_sha256\":\"" ZEROS \
	"\",\"issued\":\"2026-11-26T09:00:00.000Z\",\"orders\":["
#define TAIL   "]}\n"
#define FREEZE "{\"order\":\"freeze\",\"member\":\"m_1234567890abcdef\"}"

static const struct office_order freeze = {
	.set = { 1u << office_order_bit_order | 1u << office_order_bit_member, 0 },
	.order = { "freeze", 6 },
	.member = { { 0x12, 0x34 } },
};

/* --- reading --- */

static const struct read_case {
	const char *name, *text;
	const char *field; /* what the refusal names; NULL: it is read */
} read_cases[] = {
	{ "an order for a member is read", HEAD FREEZE TAIL, NULL },
	{ "an order that no table of ours has is left to the plugins", HEAD "{\"order\":\"wave\"}" TAIL, NULL },
	{ "bytes behind the LF are refused", HEAD FREEZE TAIL "{}", "" },
	{ "a second LF is refused", HEAD FREEZE TAIL "\n", "" },
	{ "a missing LF is refused", HEAD FREEZE "]}", "" },
	{ "a space between is refused", HEAD " " FREEZE TAIL, "" },
	{ "no object is refused", "[]\n", "" },
	{ "no JSON is refused", "{\"format\":1,", "" },
	{ "nothing is refused", "", "" },
	{ "another format is refused",
		"{\"format\":2,\"store\":\"lyon-03\",\"directive\":1,\"prev_sha256\":\"" ZEROS
		"\",\"issued\":\"2026-11-26T09:00:00.000Z\",\"orders\":[" FREEZE TAIL,
		"format" },
	{ "a directive without a number is refused",
		"{\"format\":1,\"store\":\"lyon-03\",\"prev_sha256\":\"" ZEROS
		"\",\"issued\":\"2026-11-26T09:00:00.000Z\",\"orders\":[" FREEZE TAIL,
		"directive" },
	{ "a short hash is refused",
		"{\"format\":1,\"store\":\"lyon-03\",\"directive\":1,\"prev_sha256\":\"00\""
		",\"issued\":\"2026-11-26T09:00:00.000Z\",\"orders\":[" FREEZE TAIL,
		"prev_sha256" },
	{ "a time in another form is refused",
		"{\"format\":1,\"store\":\"lyon-03\",\"directive\":1,\"prev_sha256\":\"" ZEROS
		"\",\"issued\":\"2026-11-26T10:00:00+01:00\",\"orders\":[" FREEZE TAIL,
		"" },
	{ "no orders are refused", HEAD TAIL, "orders" },
	{ "a field that no order has is refused",
		HEAD "{\"order\":\"freeze\",\"member\":\"m_1234567890abcdef\",\"x\":1}" TAIL, "orders[0].x" },
	{ "an order without its member is refused", HEAD FREEZE ",{\"order\":\"freeze\"}" TAIL, "orders[1].member" },
	{ "a field that belongs to another order is refused",
		HEAD "{\"order\":\"freeze\",\"member\":\"m_1234567890abcdef\",\"points\":5}" TAIL, "orders[0].points" },
	{ "a grant without its source is refused",
		HEAD "{\"order\":\"grant\",\"member\":\"m_1234567890abcdef\",\"unit\":\"points\",\"points\":5}" TAIL,
		"orders[0].source" },
	{ "points of nothing are refused",
		HEAD "{\"order\":\"take\",\"member\":\"m_1234567890abcdef\",\"unit\":\"points\",\"points\":0}" TAIL,
		"orders[0].points" },
};

static void is_read(void **state)
{
	const struct read_case *row = *state;
	struct palier_arena a = { .used = 0 };
	struct palier_problem why;
	struct directive d;
	int err = directive_read(palier_str(row->text), &a, &d, &why);

	assert_int_equal(err, row->field ? PALIER_EPARAMS : PALIER_OK);
	if (row->field)
		assert_string_equal(why.field, row->field);
	else
		assert_true(d.directive == 1 && d.orders.count == 1 && d.issued == ISSUED);
	palier_arena_deinit(&a);
}

/* --- writing --- */

static void make(struct palier_arena *a, const struct directive_before *before, uint32_t count, struct directive *out)
{
	directive_begin(PALIER_LIT("lyon-03"), before, ISSUED, a, out);
	out->orders.at = palier_alloc(a, (count + 1) * sizeof(*out->orders.at));
	out->orders.count = count;
	for (uint32_t i = 0; i < count; i++)
		out->orders.at[i] = freeze;
}

static void what_is_written_is_read(void **state)
{
	static const struct directive_before first;
	struct palier_arena a = { .used = 0 };
	struct palier_buffer text = { 0 };
	struct palier_problem why;
	struct directive d, again;

	(void)state;
	make(&a, &first, 1000, &d);
	assert_int_equal(directive_write(&d, &text), PALIER_OK);
	assert_int_equal(directive_read(palier_buffer_bytes(&text), &a, &again, &why), PALIER_OK);
	assert_true(again.orders.count == 1000 && palier_is(again.store, "lyon-03"));
	assert_memory_equal(again.orders.at[999].member.b, freeze.member.b, PALIER_ID_LEN);
	make(&a, &first, 1001, &d);
	text.len = 0;
	assert_int_equal(directive_write(&d, &text), PALIER_ERANGE);
	assert_int_equal(text.len, 0);
	palier_buffer_deinit(&text);
	palier_arena_deinit(&a);
}

/* A file of so many bytes, all of them this one. */
static int file_of(struct palier_arena *a, char byte, size_t len, struct palier_buffer *out)
{
	static const struct directive_before first;
	struct directive d;
	char *text = palier_alloc(a, len + 1);

	memset(text, byte, len);
	directive_begin(PALIER_LIT("lyon-03"), &first, ISSUED, a, &d);
	d.orders.at = palier_alloc(a, 2 * sizeof(*d.orders.at));
	d.orders.count = 2;
	for (int i = 0; i < 2; i++) {
		PALIER_SET(&d.orders.at[i], office_order, order, PALIER_LIT("programme"));
		PALIER_SET(&d.orders.at[i], office_order, name, PALIER_LIT("points.conf"));
		PALIER_SET(&d.orders.at[i], office_order, text, palier_bytes_of(text, len));
	}
	out->len = 0;
	return directive_write(&d, out);
}

static void what_is_too_large_is_refused(void **state)
{
	struct palier_arena a = { .used = 0 };
	struct palier_buffer text = { 0 };
	struct palier_problem why;
	struct directive d;
	char *padded;

	(void)state;
	assert_int_equal(file_of(&a, 'x', 81000, &text), PALIER_OK);
	assert_int_equal(file_of(&a, 'x', 82000, &text), PALIER_ERANGE);
	/* Each is two characters there, and four in the line that sends it. */
	assert_int_equal(file_of(&a, '"', 30000, &text), PALIER_OK);
	assert_int_equal(file_of(&a, '"', 31000, &text), PALIER_ERANGE);
	padded = palier_alloc(&a, DIRECTIVE_MAX + 1);
	memset(padded, ' ', DIRECTIVE_MAX + 1);
	assert_int_equal(directive_read(palier_bytes_of(padded, DIRECTIVE_MAX + 1), &a, &d, &why), PALIER_EPARAMS);
	assert_non_null(strstr(why.text, "160 KiB"));
	palier_buffer_deinit(&text);
	palier_arena_deinit(&a);
}

/* --- one after another --- */

static void directives_come_in_their_order(void **state)
{
	static const struct directive_before first;
	struct directive_before second = { .number = 1 }, other = { .number = 1 };
	struct palier_arena a = { .used = 0 };
	struct palier_buffer text = { 0 };
	struct directive one, two, three;

	(void)state;
	make(&a, &first, 1, &one);
	assert_int_equal(directive_write(&one, &text), PALIER_OK);
	crypto_sha256(palier_buffer_bytes(&text), &second.sha256);
	make(&a, &second, 1, &two);
	make(&a, &(struct directive_before){ .number = 2 }, 1, &three);
	other.sha256.b[31] = 1;
	assert_int_equal(directive_place(&one, &first), DIRECTIVE_NEXT);
	assert_int_equal(directive_place(&two, &second), DIRECTIVE_NEXT);
	assert_int_equal(directive_place(&two, &first), DIRECTIVE_GAP);
	assert_int_equal(directive_place(&three, &second), DIRECTIVE_GAP);
	assert_int_equal(directive_place(&one, &second), DIRECTIVE_BEFORE);
	assert_int_equal(directive_place(&two, &other), DIRECTIVE_FORK);
	palier_buffer_deinit(&text);
	palier_arena_deinit(&a);
}

/* --- the signature --- */

static void the_offices_signature_alone_counts(void **state)
{
	static const struct office_wish wish = { .store = "Office" };
	struct palier_bytes text = PALIER_LIT(HEAD FREEZE TAIL), other = PALIER_LIT(HEAD FREEZE "," FREEZE TAIL);
	struct office office, stranger;
	struct crypto_key *key = crypto_key_make();
	struct palier_buffer signature = { 0 };
	struct crypto_certificate *c, *strange;
	const struct crypto_certificate *pinned[1];
	struct cms_trust trust = { .pinned = pinned, .pinned_count = 1 };
	struct cms_signed by;

	(void)state;
	office_make(&office, "Authority");
	office_make(&stranger, "Stranger");
	c = office_certify(&office, key, wish);
	strange = office_certify(&stranger, key, wish);
	crypto_cms_sign(key, c, text, ISSUED, &signature);
	pinned[0] = c;
	assert_int_equal(crypto_cms_verify(text, palier_buffer_bytes(&signature), &trust, &by), BATCH_FINE);
	assert_int_equal(crypto_cms_verify(other, palier_buffer_bytes(&signature), &trust, &by), BATCH_SIGNATURE_WRONG);
	pinned[0] = strange;
	assert_int_equal(crypto_cms_verify(text, palier_buffer_bytes(&signature), &trust, &by), BATCH_CERTIFICATE_UNKNOWN);
	palier_buffer_deinit(&signature);
	crypto_certificate_free(c);
	crypto_certificate_free(strange);
	crypto_key_free(key);
	office_free(&office);
	office_free(&stranger);
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		{ "what is written is read", what_is_written_is_read, NULL, NULL, NULL },
		{ "what is too large is refused", what_is_too_large_is_refused, NULL, NULL, NULL },
		{ "directives come in their order", directives_come_in_their_order, NULL, NULL, NULL },
		{ "the office's signature alone counts", the_offices_signature_alone_counts, NULL, NULL, NULL },
	};
	struct CMUnitTest tests[sizeof(read_cases) / sizeof(*read_cases) + 4] = { { 0 } };
	size_t n = 0;

	for (; n < sizeof(read_cases) / sizeof(*read_cases); n++)
		tests[n] = (struct CMUnitTest){ read_cases[n].name, is_read, NULL, NULL, (void *)(uintptr_t)&read_cases[n] };
	memcpy(tests + n, others, sizeof(others));
	return cmocka_run_group_tests_name("directive", tests, NULL, NULL);
}
