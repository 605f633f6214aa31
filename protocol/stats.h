/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics of the reports. Sums come in as integers; here alone they become doubles, which are printed and neither stored, nor compared for a
 * till's decision. Every interval is of 95 %. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATS_Z 1.959963985 /* the normal's 97.5 % point */

struct stats_interval {
	double value, low, high;
};

/** How many of n did: the share, with Wilson's score interval. n > 0. */
struct stats_interval stats_share(int64_t x, int64_t n);
/** x1 of n1 against x0 of n0: the difference of the shares, with Newcombe's hybrid score interval (Stat. Med. 1998 17:873, method 10). */
struct stats_interval stats_difference(int64_t x1, int64_t n1, int64_t x0, int64_t n0);
/** The pooled z test of two shares. @param p two-sided; 1 where nothing differs */
void stats_two_shares(int64_t x1, int64_t n1, int64_t x0, int64_t n0, double *z, double *p);

/** Some figures of a group: how many, their sum, and the sum of their squares. Sums of groups add up. */
struct stats_sums {
	int64_t n, sum;
	double squares;
};
/** The difference of two means. @return false: fewer than 2 in a group */
bool stats_means(const struct stats_sums *a, const struct stats_sums *b, struct stats_interval *out, double *error);

/** Was the split as planned? chi-squared of one degree. @param share of the first group, planned @return p */
double stats_split(int64_t n1, int64_t n0, double share, double *chi2);
/** Half the width of a confidence sequence that may be looked at any time (Waudby-Smith et al., arXiv:2103.06476), for 95 %.
 * @param planned how many in all it is tightest for @param share of the first group, planned
 * @return 0: fewer than 1,000 in all, too few for it */
double stats_sequence(const struct stats_sums *a, const struct stats_sums *b, double share, double planned);
/** Customers that a test needs to tell one share from another, with 80 % power. @param share of them in the first group */
double stats_size_share(double p1, double p0, double share);
/** The same for means. @param sd of a customer's figure @param d the difference that is to be told */
double stats_size_mean(double sd, double d, double share);

/** Benjamini and Hochberg (JRSS-B 1995): which of n tests are rejected at a false discovery rate. @param adjusted n figures, in the order of p
 * @return how many are at most q */
size_t stats_discoveries(const double *p, size_t n, double q, double *adjusted);

/** Net promoter score in points, -100 to 100; the interval is adjusted Wald's (Rocks, The American Statistician 2016). @param error the plain
 * score's standard error */
struct stats_interval stats_nps(int64_t promoters, int64_t passives, int64_t detractors, double *error);

/** Quintiles with ties kept together: 1 + floor(5 x strictly smaller / n). @param values in any order @param out n scores */
void stats_quintiles(const int64_t *values, size_t n, int *out);
/** The p-th part (0 to 1) of sorted figures: the least of which at least that part is not above it. n > 0. */
int64_t stats_point(const int64_t *sorted, size_t n, double p);
/** Of sorted figures; of an even number, the floor of the mean of the middle two. n > 0. */
int64_t stats_median(const int64_t *sorted, size_t n);
