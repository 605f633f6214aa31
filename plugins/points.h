/* SPDX-License-Identifier: Apache-2.0 */
/* What other plugins may ask of points: to move a member's points. */
#pragma once

#include "plugins/palier_plugin.h"

/** Why points moved: the kinds of a history. */
enum points_cause {
	POINTS_EARN,
	POINTS_SPEND,
	POINTS_LOAD,
	POINTS_PAY,
	POINTS_REVERSE,
	POINTS_RESTORE,
	POINTS_REFUND,
	POINTS_EXPIRE,
	POINTS_ADJUST,
	POINTS_GRANT,
	POINTS_MERGE,
	POINTS_GIVE
};
extern const char *const points_cause_names[]; /* within points alone: plugins do not see each other's symbols */

/** What becomes of points that are to be taken back and are gone: the balance turns negative, stays at nothing, or the command is
 * refused. */
enum points_shortfall { SHORTFALL_NEGATIVE, SHORTFALL_CLAMP, SHORTFALL_REFUSE };
extern const char *const points_shortfall_names[]; /* likewise */

/* A lot is told apart by its member, unit, last day, and the moment, event and cause of its credit. */
#define PALIER_FIELDS_points_lot(F, M) \
	F(M, DAY, expires, "expires", 0, PALIER_ANY, "the last day on which it can be used; absent: never") \
	F(M, TIME, at, "at", PALIER_REQUIRED, PALIER_ANY, "when it was credited") \
	F(M, INT, seq, "seq", PALIER_REQUIRED, PALIER_RANGE(0, PALIER_FIGURE_MAX), "by which event") \
	F(M, ENUM(points_cause), cause, "cause", PALIER_REQUIRED, PALIER_ANY, "and why") \
	F(M, DAY, pending, "pending", 0, PALIER_ANY, "the first day on which it can be spent; absent: at once") \
	F(M, INT, points, "points", PALIER_REQUIRED, PALIER_RANGE(0, PALIER_FIGURE_MAX), "taken from it or given back to it")
PALIER_MESSAGE(points_lot);

/* points = sum of the lots' points + hole + what makes a new lot, all with the sign of points. */
#define PALIER_FIELDS_points_move(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose points") \
	F(M, STRING, unit, "unit", PALIER_REQUIRED, PALIER_RANGE(1, 32), "the unit's name") \
	F(M, ENUM(points_cause), cause, "cause", PALIER_REQUIRED, PALIER_ANY, "why they move") \
	F(M, INT, points, "points", PALIER_REQUIRED, PALIER_ANY, "how many, signed") \
	F(M, INT, balance, "balance", PALIER_REQUIRED, PALIER_ANY, "after it, without what has lapsed") \
	F(M, STRING, rule, "rule", 0, PALIER_ANY, "the earn rules, joined by \"+\"") \
	F(M, STRING, reward, "reward", 0, PALIER_ANY, "what they were spent on") \
	F(M, STRING, hold, "hold", 0, PALIER_ANY, "the hold that had kept them, as far as it kept the lots") \
	F(M, STRING, sale, "sale", 0, PALIER_ANY, "the receipt it belongs to") \
	F(M, DAY, expires, "expires", 0, PALIER_ANY, \
		"the new lot's last day, or that of the lots that lapse; of a debit, of what dug a hole, if it comes back; absent: " \
		"never") \
	F(M, DAY, pending, "pending", 0, PALIER_ANY, "the first day on which the new lot can be spent; absent: at once") \
	F(M, INT, hole, "hole", 0, PALIER_RANGE(1, PALIER_FIGURE_MAX), \
		"of the points, what fills or digs a negative balance") \
	F(M, LIST(points_lot), lots, "lots", 0, PALIER_ANY, "the lots taken from or given back to, in that order") \
	F(M, ENUM(points_shortfall), policy, "policy", 0, PALIER_ANY, \
		"of a credit: what follows when it is taken back and gone; absent: negative") \
	F(M, INT, grace, "grace", 0, PALIER_RANGE(0, 36500), \
		"of what is spent: the days it may still be used when it comes back lapsed") \
	F(M, INT, line, "line", 0, PALIER_RANGE(0, PALIER_FIGURE_MAX), "of a load: the line of the basket") \
	F(M, INT, shortfall, "shortfall", 0, PALIER_ANY, \
		"of an offline debit: what was not there and is booked all the same") \
	F(M, INT, requested, "requested", 0, PALIER_ANY, "of what is taken back: its share; undone, all four are negative") \
	F(M, INT, collected, "collected", 0, PALIER_ANY, "of it, what was had") \
	F(M, INT, uncollected, "uncollected", 0, PALIER_ANY, \
		"the rest; negative: had of what earlier returns could not collect") \
	F(M, INT, lapsed, "lapsed", 0, PALIER_ANY, "of `collected`, what had lapsed unspent and was booked") \
	F(M, INT, of, "of", 0, PALIER_RANGE(1, PALIER_FIGURE_MAX), "the event that earned what is taken back") \
	F(M, INT, expired, "expired", 0, PALIER_RANGE(1, PALIER_FIGURE_MAX), \
		"of what comes back: lapsed meanwhile, and now the new lot")
PALIER_MESSAGE(points_move);

/** Move points. The caller fills member, unit, cause, points and, where they apply, rule, reward and sale; points' check
 * fills the rest. A credit fills a negative balance first; what is left is a new lot with the unit's expiry (and, when
 * earned, its pending days). A debit takes the nearest expiry first. Only spend, pay and adjust must be covered by what is
 * spendable; others take pending points when they must, and then make the balance negative.
 * @return PALIER_OK; PALIER_EUNIT_UNKNOWN, PALIER_EINSUFFICIENT_POINTS, PALIER_EPARAMS (a balance beyond 2^53-1), refused */
static inline int points_move(struct palier_ctx *c, const struct points_move *m)
{
	return palier_effect_add(c, "points.move", m);
}

/** The fields that every move has. */
static inline struct points_move points_move_of(struct palier_id member, struct palier_bytes unit, enum points_cause cause,
	int64_t points)
{
	struct points_move m = { 0 };

	PALIER_SET(&m, points_move, member, member);
	PALIER_SET(&m, points_move, unit, unit);
	PALIER_SET(&m, points_move, cause, (int)cause);
	PALIER_SET(&m, points_move, points, points);
	return m;
}

/** Credit a member: a reward of a referral, of a survey, ... */
static inline int points_grant(struct palier_ctx *c, struct palier_id member, struct palier_bytes unit, int64_t points)
{
	struct points_move m = points_move_of(member, unit, POINTS_GRANT, points);

	return points_move(c, &m);
}
