/* SPDX-License-Identifier: Apache-2.0 */
/* Characters inside a JSON string, as its reader and its writer both see them. */
#pragma once

#include <endian.h>

#include "protocol/bytes.h"

/** @return the first byte from p on that is not a plain ASCII character of a string: a quote, a backslash, a control
 * character or a part of a longer UTF-8 sequence; else end */
static inline const uint8_t *json_plain_end(const uint8_t *p, const uint8_t *end)
{
	const uint64_t each = UINT64_C(0x0101010101010101);

	/* Eight bytes at a time: the top bit of a byte in `stop` is set where that byte stops the run. A borrow may set it
	 * in a byte above a true one, never below, so the lowest is exact. */
	while (end - p >= 8) {
		uint64_t word, stop;

		memcpy(&word, p, 8);
		word = le64toh(word);
		stop = (word | (word - each * 0x20) | ((word ^ each * '"') - each) | ((word ^ each * '\\') - each)) &
		       each * 0x80;
		if (stop)
			return p + __builtin_ctzll(stop) / 8;
		p += 8;
	}
	while (p < end && *p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\')
		p++;
	return p;
}

/** @return bytes of the well-formed UTF-8 sequence of two to four bytes at p (Unicode 15, table 3-7), or 0 */
static inline unsigned json_utf8_length(const uint8_t *p, const uint8_t *end)
{
	uint8_t low = 0x80, high = 0xBF;
	unsigned n;

	if (*p < 0xC2 || *p > 0xF4)
		return 0;
	n = *p < 0xE0 ? 2 : *p < 0xF0 ? 3 : 4;
	if (end - p < (long)n)
		return 0;
	if (*p == 0xE0)
		low = 0xA0; /* overlong */
	else if (*p == 0xED)
		high = 0x9F; /* surrogates */
	else if (*p == 0xF0)
		low = 0x90; /* overlong */
	else if (*p == 0xF4)
		high = 0x8F; /* beyond U+10FFFF */
	if (p[1] < low || p[1] > high)
		return 0;
	for (unsigned i = 2; i < n; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	return n;
}
