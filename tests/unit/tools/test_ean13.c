/* SPDX-License-Identifier: Apache-2.0 */
/* EAN-13 against patterns written out by hand from the tables of the standard. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tools/cards/ean13.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Guards and digits are kept apart by blanks, as the standard writes them. */
static const struct ean13_case {
	const char *name, *digits, *modules;
} cases[] = {
	{ "a first digit 0 is a UPC-A: the left half is all of set A", "0123456789012",
		"101 0011001 0010011 0111101 0100011 0110001 0101111 01010 "
		"1000100 1001000 1110100 1110010 1100110 1101100 101" },
	{ "an in-store number: ABBAAB is not 2, AABBAB is", "2900000000018",
		"101 0001011 0001101 0100111 0100111 0001101 0100111 01010 "
		"1110010 1110010 1110010 1110010 1100110 1001000 101" },
	{ "a book's number: 9 is ABBABA", "9780201379624",
		"101 0111011 0001001 0100111 0010011 0100111 0011001 01010 "
		"1000010 1000100 1110100 1010000 1101100 1011100 101" },
	{ "the standard's example: 4 is ABAABB", "4012345123456",
		"101 0001101 0110011 0010011 0111101 0011101 0111001 01010 "
		"1100110 1101100 1000010 1011100 1001110 1010000 101" },
};

/* The left halves, a letter a digit, for every first digit. */
static const char *const halves[10] = { "AAAAAA", "AABABB", "AABBAB", "AABBBA", "ABAABB", "ABBAAB", "ABBBAA", "ABABAB",
	"ABABBA", "ABBABA" };

static void encoded(void **state)
{
	const struct ean13_case *t = *state;
	uint8_t modules[EAN13_MODULES];
	unsigned i = 0;

	ean13_encode(t->digits, modules);
	for (const char *at = t->modules; *at; at++)
		if (*at != ' ' && modules[i++] != (uint8_t)(*at - '0'))
			fail_msg("module %u is wrong", i - 1);
	assert_int_equal(i, EAN13_MODULES);
}

/* A digit of set A has an odd number of dark modules, one of set B an even one. */
static void halves_follow_the_first_digit(void **state)
{
	(void)state;
	for (char first = '0'; first <= '9'; first++)
		for (char other = '0'; other <= '9'; other++) {
			char digits[EAN13_DIGITS + 1];
			uint8_t modules[EAN13_MODULES];

			memset(digits, other, EAN13_DIGITS);
			digits[0] = first;
			ean13_encode(digits, modules);
			for (int digit = 0; digit < 6; digit++) {
				int dark = 0;

				for (int i = 0; i < 7; i++)
					dark += modules[3 + 7 * digit + i];
				assert_int_equal(dark % 2 ? 'A' : 'B', halves[first - '0'][digit]);
			}
		}
}

static void guards(void **state)
{
	unsigned count = 0;

	(void)state;
	for (unsigned i = 0; i < EAN13_MODULES; i++)
		count += ean13_guard(i);
	assert_int_equal(count, 11);
	assert_true(ean13_guard(0) && ean13_guard(2) && !ean13_guard(3) && !ean13_guard(44) && ean13_guard(45) &&
		    ean13_guard(49));
	assert_true(!ean13_guard(50) && !ean13_guard(91) && ean13_guard(92) && ean13_guard(94));
}

int main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 2] = {
		{ "the left half says the first digit", halves_follow_the_first_digit, NULL, NULL, NULL },
		{ "guards stand at both ends and in the middle", guards, NULL, NULL, NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i + 2] = (struct CMUnitTest){ cases[i].name, encoded, NULL, NULL, (void *)(uintptr_t)&cases[i] };
	return cmocka_run_group_tests_name("ean13", tests, NULL, NULL);
}
