/* SPDX-License-Identifier: Apache-2.0 */
/* Ids, sums, the arena, buffers, stored keys and values, text forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "protocol/bytes.h"

#define ROWS(table) (sizeof(table) / sizeof(*(table)))

/* --- ids --- */

static const struct id_case {
	const char *name, *text;
	struct palier_id id;
	bool ok;
} id_cases[] = {
	{ "the id of zeros", "m_0000000000000000", { { 0 } }, true },
	{ "the id of ones", "m_zzzzzzzzzzzzzzzz", { { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 } }, true },
	{ "an id's first bits come first", "m_g000000000000001", { { 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 1 } }, true },
	{ "an id of every symbol's half", "m_0123456789abcdef",
		{ { 0x00, 0x44, 0x32, 0x14, 0xC7, 0x42, 0x54, 0xB6, 0x35, 0xCF } }, true },
	{ "an id a symbol short", "m_000000000000000", { { 0 } }, false },
	{ "an id a symbol long", "m_00000000000000000", { { 0 } }, false },
	{ "an id in capitals", "m_ABCDEFGHJKMNPQRS", { { 0 } }, false },
	{ "an id with a letter Crockford leaves out", "m_000000000000000l", { { 0 } }, false },
	{ "an id with another prefix", "x_0000000000000000", { { 0 } }, false },
	{ "an id with a space", "m_000000000000000 ", { { 0 } }, false },
	{ "nothing is no id", "", { { 0 } }, false },
};

static void check_id(void **state)
{
	const struct id_case *c = *state;
	struct palier_id id = { { 7, 7, 7, 7, 7, 7, 7, 7, 7, 7 } }, before = id;
	char text[PALIER_ID_TEXT + 1];

	assert_int_equal(palier_id_parse(palier_str(c->text), &id), c->ok ? PALIER_OK : PALIER_EINVAL);
	assert_true(palier_id_equal(id, c->ok ? c->id : before));
	if (!c->ok)
		return;
	palier_id_format(id, text);
	assert_string_equal(text, c->text);
}

static void a_nul_is_no_symbol_of_an_id(void **state)
{
	struct palier_id id;

	(void)state;
	assert_int_equal(palier_id_parse(palier_bytes_of("m_000000000000000", PALIER_ID_TEXT), &id), PALIER_EINVAL);
}

/* --- sums --- */

#define MAX PALIER_FIGURE_MAX

static const struct add_case {
	const char *name;
	int64_t a, b;
	bool ok;
} add_cases[] = {
	{ "a sum", 1, 2, true },
	{ "a sum at the limit", MAX - 1, 1, true },
	{ "a sum beyond the limit", MAX, 1, false },
	{ "a sum at the lower limit", -MAX + 1, -1, true },
	{ "a sum below the lower limit", -MAX, -1, false },
	{ "a sum beyond 64 bits", INT64_MAX, INT64_MAX, false },
	{ "a sum below 64 bits", INT64_MIN, INT64_MIN, false },
};

static void check_add(void **state)
{
	const struct add_case *c = *state;
	int64_t a = c->a;

	assert_int_equal(palier_add_i64(&a, c->b), c->ok);
	assert_int_equal(a, c->ok ? c->a + c->b : c->a);
}

static const struct share_case {
	const char *name;
	int64_t whole, part, of, wanted;
} share_cases[] = {
	{ "half of a hundred", 100, 1, 2, 50 },
	{ "a share of just under a half is rounded down", 1, 49, 100, 0 },
	{ "a share of a half is rounded up", 1, 50, 100, 1 },
	{ "35 of 70 for 20 of 40", 70, 20, 40, 35 },
	{ "nothing came back: nothing", 70, 0, 40, 0 },
	{ "all came back: all", 71, 40, 40, 71 },
	{ "a share at the limit", MAX, MAX - 1, MAX, MAX - 1 },
};

static void check_share(void **state)
{
	const struct share_case *c = *state;

	assert_int_equal(palier_share(c->whole, c->part, c->of), c->wanted);
}

static const struct spread_case {
	const char *name;
	int64_t sum;
	size_t n;
	int64_t weights[5], wanted[5];
} spread_cases[] = {
	{ "an even spread", 10, 2, { 1, 1 }, { 5, 5 } },
	{ "ties go to the lower index", 10, 3, { 1, 1, 1 }, { 4, 3, 3 } },
	{ "two left over go to the two lower", 11, 3, { 1, 1, 1 }, { 4, 4, 3 } },
	{ "the largest remainder gets the rest", 100, 3, { 1, 2, 4 }, { 14, 29, 57 } },
	{ "one larger remainder and a tie", 8, 4, { 30, 10, 30, 30 }, { 3, 1, 2, 2 } },
	{ "a weight of zero gets nothing", 10, 3, { 0, 1, 0 }, { 0, 10, 0 } },
	{ "a weight of zero gets no rest", 1, 3, { 0, 1, 1 }, { 0, 1, 0 } },
	{ "a negative sum mirrors the positive", -11, 3, { 1, 1, 1 }, { -4, -4, -3 } },
	{ "nothing over nothing", 0, 3, { 0, 0, 0 }, { 0, 0, 0 } },
	{ "nothing over something", 0, 2, { 3, 4 }, { 0, 0 } },
	{ "one part takes all", 7, 1, { 3 }, { 7 } },
	{ "figures at the limit", MAX, 3, { MAX, MAX, MAX }, { MAX / 3 + 1, MAX / 3, MAX / 3 } },
};

static void check_spread(void **state)
{
	const struct spread_case *c = *state;
	int64_t out[5] = { 0 }, sum = 0;

	palier_spread(c->sum, c->weights, c->n, out);
	for (size_t i = 0; i < c->n; i++)
		sum += out[i];
	assert_int_equal(sum, c->sum);
	assert_memory_equal(out, c->wanted, c->n * sizeof(*out));
}

/* The definition, by repeated search for the largest remainder. */
static void a_spread_is_what_its_definition_says(void **state)
{
	uint32_t draw = 1;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		int64_t weights[12], out[12], wanted[12], rest[12], sum, left, total = 0;
		size_t n;

		draw = draw * 1664525 + 1013904223;
		n = 1 + (draw >> 16) % 12;
		for (size_t i = 0; i < n; i++) {
			draw = draw * 1664525 + 1013904223;
			total += weights[i] = (draw >> 16) % 50;
		}
		draw = draw * 1664525 + 1013904223;
		left = sum = total ? (int64_t)(draw >> 16) % 2000 : 0;
		for (size_t i = 0; i < n; i++) {
			wanted[i] = total ? sum * weights[i] / total : 0;
			rest[i] = total ? sum * weights[i] % total : 0;
			left -= wanted[i];
		}
		for (; left > 0; left--) {
			size_t best = 0;

			for (size_t i = 1; i < n; i++)
				if (rest[i] > rest[best])
					best = i;
			wanted[best]++;
			rest[best] = -1;
		}
		palier_spread(sum, weights, n, out);
		assert_memory_equal(out, wanted, n * sizeof(*out));
	}
}

/* --- memory --- */

static void codes_are_read_as_they_are_typed(void **state)
{
	const struct palier_bytes code = PALIER_LIT("flyer");

	(void)state;
	assert_true(palier_code_same(palier_code_trim(PALIER_LIT(" \tFlyEr\n")), code));
	assert_false(palier_code_same(palier_code_trim(PALIER_LIT("fly er")), code));
	assert_false(palier_code_same(palier_code_trim(PALIER_LIT("flyers")), code));
	assert_int_equal(palier_code_trim(PALIER_LIT(" \t ")).len, 0);
	assert_true(palier_code_same(palier_code_trim(PALIER_LIT("")), PALIER_LIT("")));
}

static void arena_memory_is_zeroed_aligned_and_apart(void **state)
{
	struct palier_arena a = { 0 };
	char *last = NULL;

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t size = 0; size < 200; size++) {
			char *at = palier_alloc(&a, size);

			assert_non_null(at);
			assert_int_equal((uintptr_t)at % _Alignof(max_align_t), 0);
			assert_true(size <= 1 || at != last);
			for (size_t i = 0; i < size; i++)
				assert_int_equal(at[i], 0);
			memset(at, 0xEE, size);
			last = at;
		}
		palier_arena_reset(&a);
	}
	palier_arena_deinit(&a);
	assert_null(a.first);
}

static void a_reset_arena_hands_out_the_same_memory(void **state)
{
	static const size_t sizes[] = { 100, 9000, 9000, 50000, 10, 20000, 16384, 1 };
	struct palier_arena a = { 0 };
	void *first[ROWS(sizes)];

	(void)state;
	for (size_t i = 0; i < ROWS(sizes); i++)
		first[i] = memset(palier_alloc(&a, sizes[i]), 1, sizes[i]);
	palier_arena_reset(&a);
	for (size_t i = 0; i < ROWS(sizes); i++)
		assert_ptr_equal(palier_alloc(&a, sizes[i]), first[i]);
	palier_arena_deinit(&a);
}

static void a_kept_block_too_small_is_passed_over(void **state)
{
	struct palier_arena a = { 0 };
	void *small = palier_alloc(&a, 100);

	(void)state;
	palier_arena_reset(&a);
	assert_ptr_not_equal(palier_alloc(&a, 50000), small);
	palier_arena_deinit(&a);
}

static void copies_and_texts_live_in_the_arena(void **state)
{
	struct palier_arena a = { 0 };
	char text[] = "abc";
	struct palier_bytes copy = palier_copy(&a, PALIER_LIT(text));
	char *s = palier_cstr(&a, palier_bytes_of(text, 2));

	(void)state;
	memset(text, 'x', 3);
	assert_true(palier_is(copy, "abc"));
	assert_string_equal(s, "ab");
	assert_string_equal(palier_cstr(&a, (struct palier_bytes){ NULL, 0 }), "");
	assert_int_equal(palier_copy(&a, (struct palier_bytes){ NULL, 0 }).len, 0);
	assert_string_equal(palier_format(&a, "%s-%d", "till", 7), "till-7");
	assert_int_equal(strlen(palier_format(&a, "%20000d", 1)), 20000);
	palier_arena_deinit(&a);
}

static void a_buffer_grows_and_shifts(void **state)
{
	struct palier_buffer b = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		palier_buffer_add(&b, "0123456789", 10);
	assert_int_equal(b.len, 10000);
	palier_buffer_add(&b, NULL, 0);
	palier_buffer_shift(&b, 0);
	palier_buffer_shift(&b, 9993);
	assert_true(palier_equal(palier_buffer_bytes(&b), PALIER_LIT("3456789")));
	palier_buffer_reserve(&b, 100000);
	assert_true(b.cap - b.len >= 100000);
	assert_true(palier_equal(palier_buffer_bytes(&b), PALIER_LIT("3456789")));
	palier_buffer_shift(&b, 7);
	assert_int_equal(b.len, 0);
	palier_buffer_deinit(&b);
	assert_null(b.at);
}

/* --- stored keys and values --- */

static void keys_sort_by_number(void **state)
{
	static const uint64_t numbers[] = { 0, 1, 255, 256, 65535, 65536, UINT32_MAX, (uint64_t)UINT32_MAX + 1, UINT64_MAX };
	struct palier_key last = { .len = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(numbers); i++) {
		struct palier_key k = { .len = 0 };

		palier_key_uint(&k, numbers[i], 8);
		assert_false(k.bad);
		assert_int_equal(k.len, 8);
		assert_true(i == 0 || memcmp(last.b, k.b, 8) < 0);
		last = k;
	}
}

static void a_key_that_does_not_fit_is_bad(void **state)
{
	static const char bytes[PALIER_KEY_MAX];
	struct palier_key k = { .len = 0 };

	(void)state;
	palier_key_raw(&k, bytes, PALIER_KEY_MAX - 1);
	palier_key_uint(&k, 7, 1);
	assert_false(k.bad);
	assert_int_equal(palier_key_bytes(&k).len, PALIER_KEY_MAX);
	palier_key_raw(&k, NULL, 0);
	assert_false(k.bad);
	palier_key_raw(&k, bytes, 1);
	assert_true(k.bad);
	assert_int_equal(k.len, PALIER_KEY_MAX);
	k = (struct palier_key){ .len = 1 };
	palier_key_raw(&k, bytes, SIZE_MAX);
	assert_true(k.bad);
}

static void a_number_wider_than_its_width_is_bad(void **state)
{
	(void)state;
	for (unsigned width = 1; width < 8; width++) {
		struct palier_value fits = { .len = 0 }, wide = { .len = 0 };

		palier_value_uint(&fits, (UINT64_C(1) << 8 * width) - 1, width);
		palier_value_uint(&wide, UINT64_C(1) << 8 * width, width);
		assert_false(fits.bad);
		assert_true(wide.bad);
	}
}

static void values_read_back(void **state)
{
	struct palier_id id = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 } };
	struct palier_value v = { .len = 0 };
	struct palier_cut c;

	(void)state;
	for (unsigned width = 1; width <= 8; width++)
		palier_value_uint(&v, UINT64_C(0xF1F2F3F4F5F6F7F8) >> (64 - 8 * width), width);
	palier_value_i64(&v, INT64_MIN);
	palier_value_i64(&v, -1);
	palier_value_raw(&v, id.b, sizeof(id.b));
	palier_value_raw(&v, "end", 3);
	assert_false(v.bad);
	c = palier_cut_of(palier_value_bytes(&v));
	for (unsigned width = 1; width <= 8; width++)
		assert_true(palier_cut_uint(&c, width) == UINT64_C(0xF1F2F3F4F5F6F7F8) >> (64 - 8 * width));
	assert_true(palier_cut_i64(&c) == INT64_MIN);
	assert_int_equal(palier_cut_i64(&c), -1);
	assert_true(palier_id_equal(palier_cut_id(&c), id));
	assert_true(palier_is(palier_cut_raw(&c, 3), "end"));
	assert_int_equal(c.left, 0);
	assert_false(c.bad);
}

static void a_short_read_stays_bad(void **state)
{
	struct palier_cut c = palier_cut_of(PALIER_LIT("\x01\x02\x03")),
			  empty = palier_cut_of((struct palier_bytes){ NULL, 0 });

	(void)state;
	assert_int_equal(palier_cut_uint(&c, 4), 0);
	assert_true(c.bad);
	assert_int_equal(palier_cut_uint(&c, 1), 0);
	assert_int_equal(palier_cut_raw(&c, 1).len, 0);
	assert_true(palier_id_equal(palier_cut_id(&c), (struct palier_id){ { 0 } }));
	assert_int_equal(palier_cut_raw(&empty, 0).len, 0);
	assert_false(empty.bad);
	assert_int_equal(palier_cut_i64(&empty), 0);
	assert_true(empty.bad);
}

/* --- text forms --- */

static void hex_reads_back(void **state)
{
	uint8_t all[256], back[256];
	char text[513];

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	palier_hex(all, 256, text);
	assert_memory_equal(text, "000102030405060708090a0b0c0d0e0f10", 34);
	assert_int_equal(strlen(text), 512);
	assert_true(palier_unhex(palier_str(text), back, 256));
	assert_memory_equal(all, back, 256);
	assert_true(palier_unhex(PALIER_LIT("aBcD"), back, 2));
	assert_memory_equal(back, "\xAB\xCD", 2);
}

static void what_is_no_hex_is_refused(void **state)
{
	char out[3] = "xyz", text[] = "0000";

	(void)state;
	assert_false(palier_unhex(PALIER_LIT("000"), out, 2));
	assert_false(palier_unhex(PALIER_LIT("000"), out, 1));
	assert_false(palier_unhex(PALIER_LIT("000000"), out, 2));
	assert_true(palier_unhex(PALIER_LIT(""), out, 0));
	for (int c = 0; c < 256; c++) {
		text[3] = (char)c;
		if (!c || !strchr("0123456789abcdefABCDEF", c))
			assert_false(palier_unhex(palier_bytes_of(text, 4), out, 2));
	}
	assert_memory_equal(out, "xyz", 3);
}

/* RFC 4648 section 10, without its padding, and the two symbols of section 5. */
static const struct base64_case {
	const char *name, *plain, *text;
} base64_cases[] = {
	{ "base64url of nothing", "", "" },
	{ "base64url of f", "f", "Zg" },
	{ "base64url of fo", "fo", "Zm8" },
	{ "base64url of foo", "foo", "Zm9v" },
	{ "base64url of foob", "foob", "Zm9vYg" },
	{ "base64url of fooba", "fooba", "Zm9vYmE" },
	{ "base64url of foobar", "foobar", "Zm9vYmFy" },
	{ "base64url has a minus", "\xFB\xEF\xBE", "----" },
	{ "base64url has an underscore", "\xFF\xFF\xFF", "____" },
};

static void check_base64(void **state)
{
	const struct base64_case *c = *state;
	size_t n = strlen(c->plain);
	char text[16], plain[16];

	assert_int_equal(palier_base64(c->plain, n, text), strlen(c->text));
	assert_string_equal(text, c->text);
	assert_int_equal(palier_unbase64(palier_str(c->text), plain), n);
	assert_memory_equal(plain, c->plain, n);
}

static const struct base64_case padded_cases[] = {
	{ "base64 of nothing", "", "" },
	{ "base64 of f", "f", "Zg==" },
	{ "base64 of fo", "fo", "Zm8=" },
	{ "base64 of foo", "foo", "Zm9v" },
	{ "base64 of foob", "foob", "Zm9vYg==" },
	{ "base64 of fooba", "fooba", "Zm9vYmE=" },
	{ "base64 of foobar", "foobar", "Zm9vYmFy" },
	{ "base64 has a plus", "\xFB\xEF\xBE", "++++" },
	{ "base64 has a slash", "\xFF\xFF\xFF", "////" },
};

static void check_base64_padded(void **state)
{
	const struct base64_case *c = *state;
	char text[16];

	assert_int_equal(palier_base64_padded(c->plain, strlen(c->plain), text), strlen(c->text));
	assert_string_equal(text, c->text);
}

static const struct base64_refusal {
	const char *name;
	struct palier_bytes text;
} base64_refusals[] = {
	{ "padding is refused", PALIER_LIT("Zg==") },
	{ "one symbol is refused", PALIER_LIT("Z") },
	{ "five symbols are refused", PALIER_LIT("Zm9vY") },
	{ "spare bits of two symbols are refused", PALIER_LIT("Zh") },
	{ "spare bits of three symbols are refused", PALIER_LIT("Zm9") },
	{ "a plus is refused", PALIER_LIT("++++") },
	{ "a slash is refused", PALIER_LIT("////") },
	{ "a space is refused", PALIER_LIT("Zm9 ") },
	{ "a newline is refused", PALIER_LIT("Zm9v\n") },
	{ "a NUL is refused", PALIER_LIT("Zm9\0") },
	{ "a byte beyond ASCII is refused", PALIER_LIT("Zm9\xE9") },
};

static void check_base64_refusal(void **state)
{
	const struct base64_refusal *c = *state;
	char out[8] = "xxxxxxx";

	assert_int_equal(palier_unbase64(c->text, out), -1);
	assert_string_equal(out, "xxxxxxx");
}

#define ADD(table, check) \
	for (size_t i = 0; i < ROWS(table); i++) \
		tests[n++] = (struct CMUnitTest) \
		{ \
			(table)[i].name, check, NULL, NULL, (void *)&(table)[i] \
		}

static const struct CMUnitTest others[] = {
	cmocka_unit_test(a_nul_is_no_symbol_of_an_id),
	cmocka_unit_test(a_spread_is_what_its_definition_says),
	cmocka_unit_test(codes_are_read_as_they_are_typed),
	cmocka_unit_test(arena_memory_is_zeroed_aligned_and_apart),
	cmocka_unit_test(a_reset_arena_hands_out_the_same_memory),
	cmocka_unit_test(a_kept_block_too_small_is_passed_over),
	cmocka_unit_test(copies_and_texts_live_in_the_arena),
	cmocka_unit_test(a_buffer_grows_and_shifts),
	cmocka_unit_test(keys_sort_by_number),
	cmocka_unit_test(a_key_that_does_not_fit_is_bad),
	cmocka_unit_test(a_number_wider_than_its_width_is_bad),
	cmocka_unit_test(values_read_back),
	cmocka_unit_test(a_short_read_stays_bad),
	cmocka_unit_test(hex_reads_back),
	cmocka_unit_test(what_is_no_hex_is_refused),
};

int main(void)
{
	static struct CMUnitTest tests[ROWS(id_cases) + ROWS(add_cases) + ROWS(share_cases) + ROWS(spread_cases) +
				       ROWS(base64_cases) + ROWS(padded_cases) + ROWS(base64_refusals) + ROWS(others)];
	size_t n = 0;

	ADD(id_cases, check_id);
	ADD(add_cases, check_add);
	ADD(share_cases, check_share);
	ADD(spread_cases, check_spread);
	ADD(base64_cases, check_base64);
	ADD(padded_cases, check_base64_padded);
	ADD(base64_refusals, check_base64_refusal);
	memcpy(tests + n, others, sizeof(others));
	return _cmocka_run_group_tests("bytes", tests, ROWS(tests), NULL, NULL);
}
