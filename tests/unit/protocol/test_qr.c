/* SPDX-License-Identifier: Apache-2.0 */
/* QR codes: their size, the patterns that stand in every one of them, and what is refused. That they can be read is seen by e2e_cards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "protocol/qr.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Widths are those of ISO/IEC 18004 table 7: 17 + 4 x the smallest version that holds so many characters. */
static const struct qr_case {
	const char *name;
	const char *text;
	enum qr_level level;
	unsigned width;
} cases[] = {
	{ "a card's number fits the smallest code", "2977000000010", QR_MEDIUM, 21 },
	{ "34 digits are the most that it holds", "0123456789012345678901234567890123", QR_MEDIUM, 21 },
	{ "35 digits need the next size", "01234567890123456789012345678901234", QR_MEDIUM, 25 },
	{ "a higher level needs more room", "01234567890123456789012345", QR_HIGH, 25 },
	{ "41 digits fit where little may be lost", "01234567890123456789012345678901234567890", QR_LOW, 21 },
	{ "lower case is kept as bytes", "https://ex.fr/c/1", QR_LOW, 21 },
	{ "so is UTF-8", "Zoé Martin", QR_QUARTILE, 21 },
};

/* ISO/IEC 18004 6.3.3.1: a dark frame of 7, a light one of 5, a dark square of 3. */
static void assert_finder(const struct qr *q, unsigned left, unsigned top)
{
	for (unsigned y = 0; y < 7; y++)
		for (unsigned x = 0; x < 7; x++) {
			unsigned ring = x < y ? x : y;

			ring = 6 - x < ring ? 6 - x : ring;
			ring = 6 - y < ring ? 6 - y : ring;
			assert_int_equal(qr_dark(q, left + x, top + y), ring != 1);
		}
}

static void encoded(void **state)
{
	const struct qr_case *t = *state;
	struct palier_arena a = { 0 };
	struct qr q;

	assert_int_equal(qr_encode(palier_str(t->text), t->level, &a, &q), PALIER_OK);
	assert_int_equal(q.width, t->width);
	assert_finder(&q, 0, 0);
	assert_finder(&q, q.width - 7, 0);
	assert_finder(&q, 0, q.width - 7);
	for (unsigned i = 8; i < q.width - 8; i++) { /* 6.3.5: the timing patterns */
		assert_int_equal(qr_dark(&q, i, 6), i % 2 == 0);
		assert_int_equal(qr_dark(&q, 6, i), i % 2 == 0);
	}
	for (unsigned i = 0; i < q.width * q.width; i++)
		assert_true(q.modules[i] <= 1);
	palier_arena_deinit(&a);
}

static void refused(void **state)
{
	static char digits[QR_TEXT_MAX + 1];
	struct palier_arena a = { 0 };
	struct qr q = { .width = 7 };

	(void)state;
	memset(digits, '7', sizeof(digits));
	assert_int_equal(qr_encode(PALIER_LIT(""), QR_LOW, &a, &q), PALIER_EINVAL);
	assert_int_equal(qr_encode(PALIER_LIT("a\0b"), QR_LOW, &a, &q), PALIER_EINVAL);
	assert_int_equal(qr_encode(palier_bytes_of(digits, QR_TEXT_MAX + 1), QR_LOW, &a, &q), PALIER_ERANGE);
	assert_int_equal(qr_encode(palier_bytes_of(digits, QR_TEXT_MAX), QR_MEDIUM, &a, &q), PALIER_ERANGE);
	assert_int_equal(q.width, 7);
	assert_int_equal(qr_encode(palier_bytes_of(digits, QR_TEXT_MAX), QR_LOW, &a, &q), PALIER_OK);
	assert_int_equal(q.width, 177);
	palier_arena_deinit(&a);
}

int main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 1];

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i] = (struct CMUnitTest){ cases[i].name, encoded, NULL, NULL, (void *)(uintptr_t)&cases[i] };
	tests[COUNT(cases)] = (struct CMUnitTest)cmocka_unit_test_prestate(refused, NULL);
	tests[COUNT(cases)].name = "what fits no code is refused";
	return cmocka_run_group_tests_name("qr", tests, NULL, NULL);
}
