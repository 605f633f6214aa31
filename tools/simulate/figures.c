/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/simulate/figures.h"

int64_t month_given(const struct month *m)
{
	return m->rewards + m->credit + m->offers;
}

int64_t month_margin(const struct month *m)
{
	return m->base_margin + m->friend_margin + m->more_margin - month_given(m);
}

int64_t unit_worth(const struct unit *u, int64_t points)
{
	if (u->money)
		return points;
	return u->spent > 0 && points > 0 ? palier_share(u->value, points, u->spent) : 0;
}

/* --- what a point costs --- */

int64_t unit_each(const struct unit *u)
{
	return u->spent > 0 ? palier_share(u->value, 100, u->spent) : 0;
}

int64_t unit_cost(const struct unit *u)
{
	return palier_share(unit_each(u), u->share, 10000);
}

int64_t figures_in_goods(const struct figures *f, int64_t cost)
{
	return palier_share(cost, 1000 - f->margin, 1000);
}

/* --- what is owed --- */

/* Of a unit at a month's end. */
struct unit_end {
	int64_t spent, out; /* spent by then */
	int64_t still;      /* of those out, what is expected to be spent */
	int64_t right;      /* all that is ever spent, at its face: what its customers have paid for */
};

static void unit_end(const struct unit *u, size_t at, const struct unit_month *m, struct unit_end *end)
{
	struct cost_triangle t = { u->triangle, at + 1 };

	end->spent += m->spent;
	end->out = m->out;
	end->still = u->money ? end->out : palier_least(cost_spent_still(&t), end->out > 0 ? end->out : 0);
	end->right = u->money ? 0 : unit_worth(u, end->spent + end->still);
}

/* Part of what was paid so far was for the unit's points, beside the goods and the other units'; what of it is not earned yet is owed.
 * @param rights of all units */
static int64_t unit_expected(const struct unit *u, int64_t paid, int64_t rights, const struct unit_end *end)
{
	int64_t part;

	if (u->money)
		return end->out;
	part = cost_points_part(paid, paid + rights - end->right, end->right);
	return part - cost_part_earned(part, end->spent, end->spent + end->still);
}

static void month_owes(struct figures *f, size_t at, int64_t paid, struct unit_end *ends)
{
	struct month *m = &f->months[at];
	int64_t rights = 0;

	for (size_t i = 0; i < f->unit_count; i++) {
		unit_end(&f->units[i], at, &m->units[i], &ends[i]);
		rights += ends[i].right;
	}
	for (size_t i = 0; i < f->unit_count; i++) {
		const struct unit *u = &f->units[i];
		int64_t face = unit_worth(u, ends[i].out), still = unit_worth(u, ends[i].still);

		m->owed_face += face;
		m->owed_expected += unit_expected(u, paid, rights, &ends[i]);
		m->owed_cost += still * (1000 - f->margin) / 1000;
		m->breakage += face - still;
	}
}

/* A month's end sees what came before it alone, though the journal knows more. */
static void sum_add(struct month *sum, const struct month *m, const struct figures *f)
{
	struct month last = *m;

	last.visits += sum->visits;
	last.base_sales += sum->base_sales;
	last.base_margin += sum->base_margin;
	last.friends += sum->friends;
	last.friend_visits += sum->friend_visits;
	last.friend_sales += sum->friend_sales;
	last.friend_margin += sum->friend_margin;
	last.more_sales += sum->more_sales;
	last.more_margin += sum->more_margin;
	last.receipts += sum->receipts;
	last.sales += sum->sales;
	last.rewards += sum->rewards;
	last.credit += sum->credit;
	last.offers += sum->offers;
	last.shown += sum->shown;
	last.accepted += sum->accepted;
	last.declined += sum->declined;
	last.claims += sum->claims;
	last.sponsors += sum->sponsors;
	for (size_t i = 0; i < f->unit_count; i++) {
		last.units[i].issued += sum->units[i].issued;
		last.units[i].spent += sum->units[i].spent;
		last.units[i].lapsed += sum->units[i].lapsed;
	}
	*sum = last;
}

void figures_finish(struct figures *f)
{
	struct unit_end ends[FIGURES_UNITS] = { { 0 } };
	int64_t paid = 0;

	f->sum = (struct month){ 0 };
	for (size_t i = 0; i < f->month_count; i++) {
		paid += f->months[i].sales;
		month_owes(f, i, paid, ends);
		sum_add(&f->sum, &f->months[i], f);
	}
	for (size_t i = 0; i < f->unit_count; i++) {
		struct cost_triangle t = { f->units[i].triangle, f->month_count };

		f->units[i].share = (int64_t)(cost_spent_share(&t) * 10000 + 0.5);
	}
}

/* --- is it worth it? --- */

int64_t figures_break_even(const struct figures *f, bool all)
{
	const struct month *s = &f->sum;
	int64_t given = month_given(s) + (all ? s->owed_face : 0), sales = s->base_sales;

	if (sales <= 0)
		return -1;
	return cost_break_even_of(given, s->base_margin, sales);
}

int64_t figures_more(const struct figures *f)
{
	const struct month *s = &f->sum;

	return s->base_sales > 0 ? palier_share(10000, s->more_sales + s->friend_sales, s->base_sales) : 0;
}
