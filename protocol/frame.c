/* SPDX-License-Identifier: Apache-2.0 */
/* Lines out of a stream of bytes. */
#include "protocol/frame.h"

/* A CR at the end of what has come so far may be half of the line's end: it does not count yet. */
static bool too_long(const char *at, size_t len, size_t limit)
{
	return len > limit && (len > limit + 1 || at[len - 1] != '\r');
}

enum frame frame_next(struct frame_scan *s, struct palier_bytes buffer, size_t limit, struct palier_bytes *line)
{
	size_t from = s->seen > s->begin ? s->seen : s->begin;

	while (from < buffer.len) {
		const char *at = buffer.at + s->begin, *end = memchr(buffer.at + from, '\n', buffer.len - from);
		size_t len = end ? (size_t)(end - at) : buffer.len - s->begin;

		if (too_long(at, len, limit))
			return FRAME_TOO_LONG;
		s->seen = s->begin + len + (end != NULL);
		if (!end)
			break;
		from = s->begin = s->seen;
		len -= len > 0 && at[len - 1] == '\r';
		if (len > 0) {
			*line = palier_bytes_of(at, len);
			return FRAME_LINE;
		}
	}
	return FRAME_MORE;
}
