/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/report/cost.h"

#include "protocol/bytes.h"

/* --- IFRS 15 --- */

int64_t cost_points_part(int64_t paid, int64_t goods, int64_t points)
{
	return points > 0 ? palier_share(paid, points, goods + points) : 0;
}

int64_t cost_part_earned(int64_t part, int64_t spent, int64_t expected)
{
	if (expected <= 0)
		return 0;
	return palier_share(part, palier_least(spent, expected), expected);
}

/* --- breakage --- */

static size_t first_of(const struct cost_triangle *t)
{
	return t->count > COST_LAST ? t->count - COST_LAST : 0;
}

/* What was spent at an age, of what was issued to lots that have lived through it. */
static double share_at(const struct cost_triangle *t, size_t age)
{
	int64_t spent = 0, issued = 0;

	for (size_t i = first_of(t); i + age < t->count; i++) {
		spent += t->months[i].spent[age];
		issued += t->months[i].issued;
	}
	return issued > 0 ? (double)spent / (double)issued : 0;
}

double cost_spent_share(const struct cost_triangle *t)
{
	double share = 0;

	if (t->count < COST_FULL)
		return 1;
	for (size_t age = 0; age < COST_AGES; age++)
		share += share_at(t, age);
	return share < 1 ? share : 1;
}

/* Of those issued so many months ago. */
static int64_t out_of(const struct cost_issue *month, size_t months_ago)
{
	int64_t out = month->issued;

	for (size_t age = 0; age <= months_ago && age < COST_AGES; age++)
		out -= month->spent[age] + month->lapsed[age];
	return out > 0 ? out : 0;
}

int64_t cost_spent_still(const struct cost_triangle *t)
{
	int64_t still = 0;

	for (size_t i = 0; i < t->count; i++) {
		int64_t out = out_of(&t->months[i], t->count - 1 - i);
		double later = 0; /* the share spent at the ages to come */

		for (size_t age = t->count - i; age < COST_AGES; age++)
			later += share_at(t, age);
		if (t->count < COST_FULL || later * (double)t->months[i].issued > (double)out)
			still += out;
		else
			still += (int64_t)(later * (double)t->months[i].issued + 0.5);
	}
	return still;
}

double cost_breakage(unsigned hazard, unsigned months)
{
	double left = 1;

	for (unsigned i = 1; i < months; i++)
		left *= 1 - hazard / 10000.0;
	return left;
}

void cost_play(int64_t issued, unsigned hazard, unsigned expire, struct cost_triangle *t)
{
	for (size_t i = 0; i < t->count; i++) {
		struct cost_issue *month = &t->months[i];
		int64_t left = month->issued = issued;

		for (size_t age = 1; age < expire && age < COST_AGES && i + age < t->count; age++) {
			month->spent[age] = left * (int64_t)hazard / 10000;
			left -= month->spent[age];
		}
		if (i + expire < t->count && expire < COST_AGES)
			month->lapsed[expire] = left;
	}
}

/* --- is it worth it? --- */

double cost_break_even(double c, double m)
{
	return m > c ? c / (m - c) : -1;
}

int64_t cost_break_even_of(int64_t given, int64_t margin, int64_t sales)
{
	double u = cost_break_even((double)given / (double)sales, (double)margin / (double)sales);

	return u < 0 ? -1 : (int64_t)(u * 10000 + 0.5);
}
