/* SPDX-License-Identifier: Apache-2.0 */
/* Holds, as the commit that names one uses them. */
#pragma once

#include "daemon/sales.h"

/** A hold that a commit captures. */
struct taken_hold {
	struct palier_event ev; /* by which it was made */
	const struct sale_held *held;
	bool same; /* of the very basket: its quote is kept */
};

/** Resolve the hold for the commit of this basket: from here on palier_held names it. c's member is known.
 * @return PALIER_OK; PALIER_EHOLD_UNKNOWN, PALIER_EHOLD_EXPIRED, PALIER_EHOLD_RESOLVED, refused */
int hold_take(struct palier_ctx *c, struct palier_bytes hold, const struct basket *b, struct taken_hold *out);
/** The commit has taken what it needs: the rest is free. Does nothing without a hold. */
int hold_leave(struct palier_ctx *c);
