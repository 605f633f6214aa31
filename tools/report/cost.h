/* SPDX-License-Identifier: Apache-2.0 */
/* What a programme costs and owes. Money is in minor units, and sums stay integers; rates are doubles, which are printed and never stored.
 * Taxes, the law on gift cards and local accounting rules are outside. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* --- IFRS 15: points are a right to something later, and part of what is paid now is paid for them (B39-B47; IE267-IE270, example 52) --- */

/** Of what was paid, the part that is for the points.
 * @param goods  what the goods would cost alone, and what else is paid for with them
 * @param points the points' face value x how much of it is expected to be spent; both >= 0 */
int64_t cost_points_part(int64_t paid, int64_t goods, int64_t points);
/** Of that part, what is earned once so many points were spent: the rest is owed. A changed expectation is caught up with at once.
 * @param expected points that will ever be spent; 0: nothing is earned before */
int64_t cost_part_earned(int64_t part, int64_t spent, int64_t expected);

/* --- breakage: points that lapse unspent --- */

#define COST_AGES 48 /* months of age that are told apart; the last is that age and more */
#define COST_FULL 12 /* months of history under which nothing is taken to lapse */
#define COST_LAST 24 /* issue months that count for the expectation */

/** By month of issue and age: the lots' triangle. */
struct cost_triangle {
	struct cost_issue {
		int64_t issued;
		int64_t spent[COST_AGES], lapsed[COST_AGES]; /* at an age of 0, 1, ... months */
	} * months; /* the oldest first, without a gap; the last is the month that has just ended, and what is noted of
                                     * times behind it is not looked at */
	size_t count;
};

/** The share of issued points that is ever spent, 0 to 1: the sum over ages of what was spent at that age of what was issued to those old
 * enough. Under COST_FULL months 1: nobody knows yet, and to owe too much is the careful side. */
double cost_spent_share(const struct cost_triangle *t);
/** Of the points that are out, those that will still be spent, by the same shares. Never more than are out. */
int64_t cost_spent_still(const struct cost_triangle *t);

/** The share that lapses when each month `hazard` (hundredths of a per cent) of what is left of a lot is spent, and the rest goes in the
 * month `months` after its issue: (1 - h)^(months - 1). */
double cost_breakage(unsigned hazard, unsigned months);
/** Play such lots: `issued` points a month, for so many months. Each lot loses floor(left x hazard / 10000) a month. @param months the
 * triangle's, zeroed */
void cost_play(int64_t issued, unsigned hazard, unsigned expire, struct cost_triangle *t);

/* --- is it worth it? --- */

/** How much more customers must buy for a programme to pay for itself: c / (m - c). @param c its cost, as a share of sales @param m the gross
 * margin, as a share of sales @return < 0: it cannot */
double cost_break_even(double c, double m);
/** The same from sums, in hundredths of a per cent. @param sales > 0 */
int64_t cost_break_even_of(int64_t given, int64_t margin, int64_t sales);
