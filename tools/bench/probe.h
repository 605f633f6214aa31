/* SPDX-License-Identifier: Apache-2.0 */
/* What the disk alone gives: the bound of every synced ledger. */
#pragma once

#include "tools/bench/histogram.h"

#define PROBE_APPEND 600

struct probe_result {
	uint64_t appends;
	int64_t elapsed_ns;
	struct histogram latency;
};

/** Append PROBE_APPEND bytes and fdatasync, over and over, in a file taken ahead with posix_fallocate and removed
 * afterwards.
 * @return PALIER_OK; PALIER_EIO */
int probe_run(const char *directory, int64_t duration_ns, struct probe_result *out);
