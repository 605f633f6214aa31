/* SPDX-License-Identifier: Apache-2.0 */
/* Lines out of a stream: the first byte is the limit, the second says how the rest arrives. Whatever the pieces are, the
 * lines are those of the whole. */
#include <stdlib.h>

#include "protocol/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read so far: a sum of the lines, and whether framing was lost. */
struct reading {
	uint64_t sum;
	bool lost;
};

static void read_lines(struct frame_scan *s, struct palier_bytes buffer, size_t limit, struct reading *r)
{
	struct palier_bytes line;
	enum frame frame;

	while (!r->lost && (frame = frame_next(s, buffer, limit, &line)) != FRAME_MORE) {
		r->lost = frame == FRAME_TOO_LONG;
		if (r->lost)
			break;
		if (line.len == 0 || line.len > limit || memchr(line.at, '\n', line.len))
			abort();
		for (size_t i = 0; i < line.len; i++)
			r->sum = (r->sum ^ (uint8_t)line.at[i]) * UINT64_C(0x100000001B3);
		r->sum = (r->sum ^ 0x100) * UINT64_C(0x100000001B3);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame_scan whole = { 0 }, piecewise = { 0 };
	struct reading at_once = { 0 }, in_pieces = { 0 };
	size_t limit, step;

	if (size < 2)
		return 0;
	limit = data[0];
	step = data[1] % 16u + 1;
	data += 2;
	size -= 2;
	read_lines(&whole, palier_bytes_of(data, size), limit, &at_once);
	for (size_t n = 0; n < size; n += step)
		read_lines(&piecewise, palier_bytes_of(data, n), limit, &in_pieces);
	read_lines(&piecewise, palier_bytes_of(data, size), limit, &in_pieces);
	if (at_once.sum != in_pieces.sum || at_once.lost != in_pieces.lost)
		abort();
	return 0;
}
