/* SPDX-License-Identifier: Apache-2.0 */
/* Does suggesting bring more? All members of both arms count, whether they took anything or not: who is shown nothing could not accept. */
#include "tools/report/ladder.h"

#include <math.h>
#include <stdlib.h>

#define SPLIT_P      0.001 /* below, the arms are not of the planned sizes by chance */
#define USUAL_RATE   0.10
#define USUAL_SPREAD 1.5
#define MORE_CLIMB   1.2 /* a fifth more */
#define MORE_SPENT   0.03

/* --- the verdict --- */

static enum ladder_verdict judged(const struct stats_interval *i)
{
	return i->low > 0 ? LADDER_MORE : i->high < 0 ? LADDER_LESS : LADDER_UNCERTAIN;
}

/* A share as money is: each who climbed is 1. */
static struct stats_sums climbed_of(const struct ladder_arm *a)
{
	return (struct stats_sums){ a->money.n, a->climbed, (double)a->climbed };
}

/* The same difference with a width that holds at whatever moment it is looked at. @return false: too few for it */
static bool any_time_of(const struct stats_sums *a, const struct stats_sums *b, double share, struct stats_interval *out)
{
	double error, half = stats_sequence(a, b, share, LADDER_PLANNED);

	if (half <= 0 || !stats_means(a, b, out, &error))
		return false;
	out->low = out->value - half;
	out->high = out->value + half;
	return true;
}

static void share_judge(const struct ladder_figures *f, bool any_time, double share, struct ladder_uplift *out)
{
	const struct stats_sums a = climbed_of(&f->offered), b = climbed_of(&f->held);

	if (any_time && !any_time_of(&a, &b, share, &out->climbed)) {
		out->share = LADDER_TOO_FEW;
		return;
	}
	if (!any_time)
		out->climbed = stats_difference(a.sum, a.n, b.sum, b.n);
	out->share = judged(&out->climbed);
}

static void money_judge(const struct ladder_figures *f, bool any_time, double share, struct ladder_uplift *out)
{
	const struct stats_sums *a = &f->offered.money, *b = &f->held.money;
	double error;

	if (a->n < LADDER_ARM || b->n < LADDER_ARM ||
		!(any_time ? any_time_of(a, b, share, &out->brought) : stats_means(a, b, &out->brought, &error))) {
		out->money = LADDER_TOO_FEW;
		return;
	}
	out->money = judged(&out->brought);
}

static enum ladder_verdict before_any(const struct ladder_figures *f, bool any_time, const struct ladder_uplift *u)
{
	if (u->p < SPLIT_P)
		return LADDER_BROKEN;
	if (any_time)
		return LADDER_UNCERTAIN;
	if (!f->until)
		return LADDER_NO_END;
	return f->today <= f->until ? LADDER_RUNNING : LADDER_UNCERTAIN;
}

/* --- how many it takes --- */

static void size_reckon(const struct ladder_figures *f, double share, struct ladder_uplift *out)
{
	const struct stats_sums *a = &f->offered.money, *b = &f->held.money;
	double n = (double)(a->n + b->n), sum = (double)a->sum + (double)b->sum;
	double mean = n > 0 ? sum / n : 0, variance = n > 1 ? (a->squares + b->squares - sum * mean) / (n - 1) : 0;
	double rate = n > 0 ? (double)(f->offered.climbed + f->held.climbed) / n : 0;

	out->supposed = n < LADDER_ARM || mean <= 0 || variance <= 0 || rate <= 0 || rate * MORE_CLIMB >= 1;
	out->rate = out->supposed ? USUAL_RATE : rate;
	out->spread = out->supposed ? USUAL_SPREAD : sqrt(variance) / mean;
	out->need_share = stats_size_share(out->rate * MORE_CLIMB, out->rate, share);
	out->need_money = stats_size_mean(out->spread, MORE_SPENT, share);
}

void ladder_uplift_of(const struct ladder_figures *f, bool any_time, struct ladder_uplift *out)
{
	unsigned held = f->share > 0 && f->share < 10000 ? f->share : 1000;
	double share = 1 - held / 10000.0;

	*out = (struct ladder_uplift){ .p = 1 };
	size_reckon(f, share, out);
	if (f->share == 0 || f->share >= 10000 || f->offered.money.n + f->held.money.n == 0)
		return;
	out->chi2 = 0;
	out->p = stats_split(f->offered.money.n, f->held.money.n, share, &out->chi2);
	out->share = out->money = before_any(f, any_time, out);
	if (out->share != LADDER_UNCERTAIN)
		return;
	if (f->offered.money.n == 0 || f->held.money.n == 0) {
		out->share = out->money = LADDER_TOO_FEW;
		return;
	}
	share_judge(f, any_time, share, out);
	money_judge(f, any_time, share, out);
}

/* --- margin, or what was spent --- */

bool ladder_margin_known(const struct ladder_turnover *t)
{
	return t->known > 0 && (__int128)t->known * 100 >= (__int128)t->spent * LADDER_KNOWN;
}

/* --- totals that are out of proportion --- */

static int total_order(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int64_t ladder_cap_of(int64_t *totals, size_t count)
{
	if (count == 0)
		return 0;
	qsort(totals, count, sizeof(*totals), total_order);
	return stats_point(totals, count, LADDER_CAP_PART);
}
