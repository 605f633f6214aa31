/* SPDX-License-Identifier: Apache-2.0 */
/* What other plugins may ask of points: move a member's points, and see what is spendable. */
#pragma once

#include "plugins/palier_plugin.h"

enum points_cause {
	POINTS_EARN, POINTS_SPEND, POINTS_LOAD, POINTS_PAY, POINTS_REVERSE, POINTS_RESTORE,
	POINTS_REFUND, POINTS_EXPIRE, POINTS_ADJUST, POINTS_GRANT, POINTS_MERGE
};
extern const char *const points_cause_names[]; /* the kinds of a history */
