/* SPDX-License-Identifier: Apache-2.0 */
/* The progress bar of a fill. */
#include "tools/bench/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define WIDTH 40

static void draw(const struct progress *p, uint64_t done, uint64_t of, int64_t at_ns, const char *begin, const char *end)
{
	static const char bar[WIDTH + 1] = "########################################";
	int64_t ms = (at_ns - p->began_ns) / 1000000;
	int full = (int)(done * WIDTH / of);

	fprintf(stderr, "%s[%.*s%*s] %3" PRIu64 " %%  %" PRIu64 " of %" PRIu64 ", %" PRIu64 "/s%s", begin, full, bar,
		WIDTH - full, "", done * 100 / of, done, of, ms > 0 ? done * 1000 / (uint64_t)ms : 0, end);
	fflush(stderr);
}

void progress_show(struct progress *p, uint64_t done, uint64_t of, int64_t at_ns)
{
	if (p->began_ns == 0)
		p->began_ns = p->shown_ns = at_ns;
	if (at_ns - p->shown_ns < 250000000)
		return;
	p->shown_ns = at_ns;
	if (isatty(STDERR_FILENO))
		draw(p, done, of, at_ns, "\r", "");
	else if (done * 10 / of > p->tenths) {
		p->tenths = (unsigned)(done * 10 / of);
		draw(p, done, of, at_ns, "", "\n");
	}
}

void progress_end(struct progress *p, uint64_t done, uint64_t of, int64_t at_ns)
{
	if (isatty(STDERR_FILENO))
		draw(p, done, of, at_ns, "\r", "\n");
	else if (p->tenths < 10)
		draw(p, done, of, at_ns, "", "\n");
}
