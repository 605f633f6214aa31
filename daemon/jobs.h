/* SPDX-License-Identifier: Apache-2.0 */
/* The work after a close (expiry, downgrades, retention): each plugin's `due`, a slice a turn and what a turn can end, booked as events of
 * the day that the first command opened. */
#pragma once

#include "daemon/router.h"

#define PALIER_FIELDS_job_slice(F, M) \
	F(M, DAY, closed, "closed", PALIER_REQUIRED, PALIER_ANY, "the last closed day") \
	F(M, DAY, opened, "opened", PALIER_REQUIRED, PALIER_ANY, "the day opened after it") \
	F(M, MEMBER, from, "from", 0, PALIER_ANY, "the last member of the slice before; absent: the first slice")
PALIER_MESSAGE(job_slice);

/** An alert that the clock is not to be trusted; booked once in a day. */
extern const struct palier_method method_job_clock;

/** A slice of the current plugin's `due`. */
int job_decide(struct palier_ctx *c, const void *params);

/** Is there a slice, or an alert, to be booked now? */
bool jobs_waiting(struct ledger *l, int64_t now_ms);
/** Book the next slice in the turn under way, if there is one, and where that ends its job the next job's.
 * @return PALIER_OK; PALIER_ESTORE: as ROUTED_FAILED */
int jobs_run(struct router *r, struct ledger *l, int64_t now_ms);
/** Write the list of jobs and how far they are. */
int jobs_write(struct palier_ctx *c, int64_t now_ms, struct palier_json *w);

enum clock_trust {
	CLOCK_TRUSTED,
	CLOCK_DOUBTFUL, /* nothing irreversible may be done, and nobody was told yet */
	CLOCK_DOUBTED,  /* likewise, and there is an alert */
};

/** Are the days and the clock so far apart that one of them is wrong?
 * @param batch in which `opened` is open @param closed the day before it; `opened` itself when there was none */
enum clock_trust clock_trust(const struct palier_tables *t, uint32_t batch, const struct palier_close *close,
	int64_t now_ms);
