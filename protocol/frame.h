/* SPDX-License-Identifier: Apache-2.0 */
/* A line out of a stream of bytes: LF ends it, a CR before it is dropped, empty lines are passed over. */
#pragma once

#include "protocol/bytes.h"

enum frame { FRAME_LINE, FRAME_MORE, FRAME_TOO_LONG };

/** Where a stream stands. Zero-initialised is its beginning. */
struct frame_scan {
	size_t begin; /* of the line under way, from the buffer's start */
	size_t seen;  /* bytes already searched for LF, so that a slow sender costs each byte once */
};

/** The next line of the buffer. FRAME_LINE: *line is borrowed from it and the scan stands after it.
 * @param limit the longest line, without its end; a longer one is FRAME_TOO_LONG as soon as it is seen, and framing is lost */
enum frame frame_next(struct frame_scan *s, struct palier_bytes buffer, size_t limit, struct palier_bytes *line);
