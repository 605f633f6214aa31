/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of EAN-13, from GS1 General Specifications 5.2.1. */
#include "tools/cards/ean13.h"

/* Number set A: seven modules a digit, the leftmost in the highest bit. Set C is A with dark and light changed,
 * set B is C read from right to left. */
static const uint8_t set_a[10] = { 0x0D, 0x19, 0x13, 0x3D, 0x23, 0x31, 0x2F, 0x3B, 0x37, 0x0B };

/* The first digit is not drawn; it says which of the six digits of the left half are of set B. The digit next to the
 * guard is the highest of six bits. */
static const uint8_t parity[10] = { 0x00, 0x0B, 0x0D, 0x0E, 0x13, 0x19, 0x1C, 0x15, 0x16, 0x1A };

#define LEFT_BEGIN   3  /* behind the normal guard, 101 */
#define CENTRE_BEGIN 45 /* 01010 */
#define RIGHT_BEGIN  50
#define RIGHT_END    92 /* 101 again */

static uint8_t set_c(char digit)
{
	return ~set_a[digit - '0'] & 0x7F;
}

static uint8_t set_b(char digit)
{
	uint8_t forth = set_c(digit), back = 0;

	for (int bit = 0; bit < 7; bit++)
		back |= (uint8_t)(((forth >> bit) & 1) << (6 - bit));
	return back;
}

static void put(uint8_t *modules, uint8_t pattern)
{
	for (int bit = 0; bit < 7; bit++)
		modules[bit] = (pattern >> (6 - bit)) & 1;
}

bool ean13_guard(unsigned module)
{
	return module < LEFT_BEGIN || (module >= CENTRE_BEGIN && module < RIGHT_BEGIN) || module >= RIGHT_END;
}

void ean13_encode(const char *digits, uint8_t modules[EAN13_MODULES])
{
	uint8_t of_b = parity[digits[0] - '0'];

	for (unsigned i = 0; i < EAN13_MODULES; i++) /* the guards: dark and light in turn, the outermost dark */
		modules[i] = i % 2 == 0;
	for (int i = 0; i < 6; i++) {
		char left = digits[1 + i];

		put(modules + LEFT_BEGIN + 7 * i, (of_b >> (5 - i)) & 1 ? set_b(left) : set_a[left - '0']);
		put(modules + RIGHT_BEGIN + 7 * i, set_c(digits[7 + i]));
	}
}
