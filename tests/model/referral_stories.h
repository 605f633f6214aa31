/* SPDX-License-Identifier: Apache-2.0 */
/* Stories of sponsorship, reckoned by hand: what is done, and what must be so then. Member 0 sponsors, member 1 is the friend; a purchase of
 * 25.00 brings the friend 100 and, 30 days later, the sponsor 500. */
#pragma once

#include "tests/model/referral.h"

#define R_NOW   INT64_C(1795255200000) /* 2026-11-21 10:00 in Paris, when they begin */
#define R_TOLDS 20

struct r_told {
	struct r_op op;
	const char *reason;      /* NULL: it is done */
	int state;               /* of the referral that was claimed last; NONE: there is none */
	int64_t sponsor, friend; /* what the two have of unit 1 */
	bool ends;
};

struct r_story {
	const char *name;
	struct r_rules rules;
	struct r_told told[R_TOLDS];
};

/** What rules.md says of sponsorship. */
extern const struct r_story r_stories[];
extern const int r_story_count;

/** Is it so? @param why what is, if it is not */
bool r_as_told(const struct referrals *m, const struct r_deed *d, const struct r_told *t, char *why, size_t size);

#define DAY 24 /* hours */

#define SOME_RULES \
	.minimum = 2500, .hold_days = 30, .cap_months = 1, .code_months = 12, .new_days = 30, .friend = { R_POINTS, 1, 100 }
#define RULES SOME_RULES, .claims_per_day = 5, .sponsor = { R_POINTS, 1, 500 }
#define ENROLL(n, ...) \
	{ \
		.act = R_ENROLL, .who = n, ##__VA_ARGS__ \
	}
#define CODE_OF(n) \
	{ \
		.act = R_ISSUE, .who = n \
	}
#define BUY(n, v, ...) \
	{ \
		.act = R_BUY, .who = n, .value = v, ##__VA_ARGS__ \
	}
#define BACK(s, percent, ...) \
	{ \
		.act = R_RETURN, .what = s, .value = percent, ##__VA_ARGS__ \
	}
#define ACT(a, n, ...) \
	{ \
		.act = a, .what = n, ##__VA_ARGS__ \
	}
#define DO(op, state, sponsor, friend) \
	{ \
		op, NULL, state, sponsor, friend, false \
	}
#define NOT(reason, op, state, sponsor, friend) \
	{ \
		op, reason, state, sponsor, friend, false \
	}
#define NONE    (-1)
#define BEGIN   DO(ENROLL(0), NONE, 0, 0), DO(CODE_OF(0), NONE, 0, 0)
#define CLAIMED BEGIN, DO(ENROLL(1, .code = 1), R_CLAIMED, 0, 0)
/* Days pass, and each is closed. */
#define PASS(days) ACT(R_CLOSE, 0, .hours = (days)*DAY, .value = 1)
#define END \
	{ \
		.ends = true \
	}
