/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/stats.h"

/* --- shares --- */

struct stats_interval stats_share(int64_t x, int64_t n)
{
	const double z2 = STATS_Z * STATS_Z, p = (double)x / (double)n, d = (double)n;
	double centre = (p + z2 / (2 * d)) / (1 + z2 / d);
	double half = STATS_Z * sqrt(p * (1 - p) / d + z2 / (4 * d * d)) / (1 + z2 / d);

	return (struct stats_interval){ p, x == 0 ? 0 : centre - half, x == n ? 1 : centre + half };
}

static double square(double x)
{
	return x * x;
}

struct stats_interval stats_difference(int64_t x1, int64_t n1, int64_t x0, int64_t n0)
{
	struct stats_interval a = stats_share(x1, n1), b = stats_share(x0, n0);
	double d = a.value - b.value;

	return (struct stats_interval){ d, d - sqrt(square(a.value - a.low) + square(b.high - b.value)),
		d + sqrt(square(a.high - a.value) + square(b.value - b.low)) };
}

static double two_sided(double z)
{
	return erfc(fabs(z) / sqrt(2));
}

void stats_two_shares(int64_t x1, int64_t n1, int64_t x0, int64_t n0, double *z, double *p)
{
	double pooled = (double)(x1 + x0) / (double)(n1 + n0);
	double error = sqrt(pooled * (1 - pooled) * (1 / (double)n1 + 1 / (double)n0));

	*z = error > 0 ? ((double)x1 / (double)n1 - (double)x0 / (double)n0) / error : 0;
	*p = two_sided(*z);
}

/* --- means --- */

static double mean(const struct stats_sums *s)
{
	return (double)s->sum / (double)s->n;
}

static double variance(const struct stats_sums *s)
{
	double n = (double)s->n, v = (s->squares - (double)s->sum * (double)s->sum / n) / (n - 1);

	return v > 0 ? v : 0;
}

bool stats_means(const struct stats_sums *a, const struct stats_sums *b, struct stats_interval *out, double *error)
{
	double d, se;

	if (a->n < 2 || b->n < 2)
		return false;
	d = mean(a) - mean(b);
	se = sqrt(variance(a) / (double)a->n + variance(b) / (double)b->n);
	*out = (struct stats_interval){ d, d - STATS_Z * se, d + STATS_Z * se };
	*error = se;
	return true;
}

/* --- experiments --- */

double stats_split(int64_t n1, int64_t n0, double share, double *chi2)
{
	double n = (double)(n1 + n0), e1 = n * share, e0 = n * (1 - share);

	*chi2 = square((double)n1 - e1) / e1 + square((double)n0 - e0) / e0;
	return two_sided(sqrt(*chi2));
}

/* Lambert's W on its lower branch, for -1/e <= x < 0, by Newton's steps from the series near the branch point. */
static double lambert_lower(double x)
{
	double w = log(-x) - log(-log(-x));

	for (int i = 0; i < 50; i++) {
		double e = exp(w), step = (w * e - x) / (e * (w + 1));

		w -= step;
		if (fabs(step) < 1e-14 * fabs(w))
			break;
	}
	return w;
}

double stats_sequence(const struct stats_sums *a, const struct stats_sums *b, double share, double planned)
{
	const double alpha = 0.05;
	double t = (double)(a->n + b->n), r, tr;

	if (t < 1000 || a->n < 2 || b->n < 2)
		return 0;
	r = (-lambert_lower(-square(alpha) * exp(square(alpha) - 1)) - 1) / planned;
	tr = t * r;
	return sqrt(variance(a) / share + variance(b) / (1 - share)) *
	       sqrt(2 * (tr + 1) * log(sqrt(tr + 1) / alpha) / (t * tr));
}

#define POWER_K 7.8489 /* (z.975 + z.80) squared */

double stats_size_share(double p1, double p0, double share)
{
	return POWER_K * (p1 * (1 - p1) / share + p0 * (1 - p0) / (1 - share)) / square(p1 - p0);
}

double stats_size_mean(double sd, double d, double share)
{
	return POWER_K * square(sd) * (1 / share + 1 / (1 - share)) / square(d);
}

/* --- many tests --- */

struct ranked {
	double p;
	size_t at;
};

static int rank_order(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->p != y->p)
		return x->p < y->p ? -1 : 1;
	return x->at < y->at ? -1 : 1;
}

size_t stats_discoveries(const double *p, size_t n, double q, double *adjusted)
{
	struct ranked *rank = calloc(n + 1, sizeof(*rank));
	double least = 1;
	size_t rejected = 0;

	if (!rank)
		abort();
	for (size_t i = 0; i < n; i++)
		rank[i] = (struct ranked){ p[i], i };
	qsort(rank, n, sizeof(*rank), rank_order);
	for (size_t i = n; i-- > 0;) {
		least = fmin(least, rank[i].p * (double)n / (double)(i + 1));
		adjusted[rank[i].at] = least;
		if (least <= q)
			rejected++;
	}
	free(rank);
	return rejected;
}

/* --- surveys --- */

static double clip(double x)
{
	return x > 100 ? 100 : x < -100 ? -100 : x;
}

/* The standard error of 100 (p - d) / n. */
static double nps_error(double promoters, double detractors, double n)
{
	return 100 * sqrt(((promoters + detractors) / n - square((promoters - detractors) / n)) / n);
}

struct stats_interval stats_nps(int64_t promoters, int64_t passives, int64_t detractors, double *error)
{
	double n = (double)(promoters + passives + detractors), p = (double)promoters, d = (double)detractors;
	double centre = 100 * (p - d) / (n + 3), half = STATS_Z * nps_error(p + 0.75, d + 0.75, n + 3);

	*error = nps_error(p, d, n);
	return (struct stats_interval){ 100 * (p - d) / n, clip(centre - half), clip(centre + half) };
}

/* --- figures in order --- */

static int figure_order(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* How many of the sorted figures are smaller. */
static size_t smaller(const int64_t *sorted, size_t n, int64_t v)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (sorted[mid] < v)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void stats_quintiles(const int64_t *values, size_t n, int *out)
{
	int64_t *sorted = calloc(n + 1, sizeof(*sorted));

	if (!sorted)
		abort();
	memcpy(sorted, values, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), figure_order);
	for (size_t i = 0; i < n; i++)
		out[i] = 1 + (int)(5 * smaller(sorted, n, values[i]) / n);
	free(sorted);
}

int64_t stats_point(const int64_t *sorted, size_t n, double p)
{
	size_t at = (size_t)ceil(p * (double)n);

	return sorted[at == 0 ? 0 : at > n ? n - 1 : at - 1];
}

int64_t stats_median(const int64_t *sorted, size_t n)
{
	int64_t a = sorted[(n - 1) / 2], b = sorted[n / 2];

	return a + (b - a) / 2;
}
