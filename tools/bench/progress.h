/* SPDX-License-Identifier: Apache-2.0 */
/* A progress bar on stderr: drawn four times a second on a terminal, a line every ten per cent elsewhere. */
#pragma once

#include <stdint.h>

/** Zero-initialised is the beginning. */
struct progress {
	int64_t began_ns, shown_ns;
	unsigned tenths;
};

void progress_show(struct progress *p, uint64_t done, uint64_t of, int64_t at_ns);
/** Draw it once more and end its line. */
void progress_end(struct progress *p, uint64_t done, uint64_t of, int64_t at_ns);
