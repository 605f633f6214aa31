/* SPDX-License-Identifier: Apache-2.0 */
/* A progress bar on stderr, for people: nothing is shown where stderr is no terminal. */
#pragma once

#include <stdint.h>

/** Zeroed with `what` set is a bar not begun. */
struct progress {
	const char *what; /* "rebuilding" */
	int told;         /* per mille told last, plus 1; */
	int shown;        /* and shown */
	int64_t begun_ms;
};

/** Show done of total, when that changes what is seen. */
void progress_show(struct progress *p, uint64_t done, uint64_t total);
/** Remove the bar. */
void progress_end(struct progress *p);
