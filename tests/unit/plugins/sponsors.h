/* SPDX-License-Identifier: Apache-2.0 */
/* A story of sponsorship, done to the model and to the real plugins, which must agree after every deed: on what is refused and why, on the
 * state of each referral as either side sees it, on what everybody has. */
#pragma once

#include "protocol/referral.h"
#include "tests/model/referral.h"
#include "tests/unit/plugins/kit.h"

struct sponsors {
	struct palier_ctx *c;
	const struct r_rules *rules;
	struct referrals model;
	int64_t now_ms;
	int opened;                                    /* the date of the day that was open before the last deed */
	char foreign[REFERRAL_TEXT + 1];               /* a genuine code that nobody has */
	char codes[R_CODES][24], ids[R_REFERRALS][24]; /* as the plugins call them */
	uint64_t seen, newest;                         /* the last event whose moves are summed up; and of those looked at */
	int64_t sums[R_MEMBERS + 1][R_UNITS];
	int offers[R_MEMBERS + 1];
	struct r_deed deed; /* the last */
	char why[2048];     /* where they disagree */
};

/** @param zone the process stands in the store's time zone */
void sponsors_open(struct sponsors *s, const struct r_rules *rules, int64_t now_ms);
void sponsors_close(struct sponsors *s);
/** @return do they agree? */
bool sponsors_do(struct sponsors *s, const struct r_op *op);
/** What must hold at the end, too: both folds are the same, the tables agree with themselves, the member views say what moved. */
bool sponsors_sound(struct sponsors *s);
/** As it is written in a test. */
const char *sponsors_text(const struct r_op *op);
