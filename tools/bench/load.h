/* SPDX-License-Identifier: Apache-2.0 */
/* One run of load against one target: an epoll loop over pipelined connections, and what it measured. */
#pragma once

#include "tools/bench/histogram.h"
#include "tools/bench/target.h"

struct load {
	const struct target *target;
	const char *address; /* "tcp:HOST:PORT" or "unix:PATH" */
	unsigned connections, depth;
	unsigned weights[KINDS]; /* how often each kind is asked; not all 0 */
	int64_t duration_ns;     /* 0: until `requests` are answered */
	uint64_t requests;       /* 0: no end but the duration's */
	bool progress;           /* of `requests`, on stderr */
	struct workload *work;
};

#define LOAD_REASONS 16

/** Zero-initialised is empty; free with load_result_deinit. */
struct load_result {
	int64_t elapsed_ns, cpu_ns; /* cpu: this process's own */
	uint64_t answered, errors;
	struct histogram *kinds[KINDS]; /* NULL where nothing was asked */
	struct load_reason {
		char text[40];
		uint64_t count;
	} reasons[LOAD_REASONS]; /* the last one takes what no other has room for */
};

/** Connect, ask until the end, hang up. Counts only replies that came before the end.
 * @return PALIER_OK, also when replies were errors; PALIER_EINVAL for an address that is none; PALIER_EUNREACHABLE when a
 * connection could not be had, was lost, or was silent for 30 s */
int load_run(const struct load *l, struct load_result *r);
void load_result_deinit(struct load_result *r);
/** r += other: answers, time, errors, latencies */
void load_result_add(struct load_result *r, const struct load_result *other);
int64_t now_ns(void);
/** n within ns, as so many a second. */
uint64_t per_second(uint64_t n, int64_t ns);
