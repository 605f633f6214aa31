/* SPDX-License-Identifier: Apache-2.0 */
/* Where it grates: members who came to a stage one way go on more rarely than those who came another (measures.md 2.2). The only figures of
 * journey that are not whole numbers are here; they are printed, and nothing is decided by them. */
#include "plugins/journey/internal.h"

#include "protocol/stats.h"

#define ARM_LEAST  50  /* members, here and elsewhere */
#define CELL_LEAST 5   /* members who would go on, or not, if it made no difference */
#define TOLD_LEAST 300 /* hundredths of a per cent */
#define FALSE_RATE 0.05
#define WHOLE      10000

struct trial {
	const struct journey_arm *arm;
	int64_t n0, x0; /* elsewhere */
	double p, adjusted;
};

static bool same_split(const struct journey_arm *a, const struct journey_arm *b)
{
	return a->stage == b->stage && a->split == b->split;
}

/* Expected of n, if both were alike: at least five on each side. */
static bool cells_fit(int64_t n, int64_t x, int64_t all)
{
	const __int128 on = (__int128)n * x, off = (__int128)n * (all - x), least = (__int128)CELL_LEAST * all;

	return on >= least && off >= least;
}

static bool trial_of(const struct journey_arm *arms, size_t count, const struct journey_arm *arm, struct trial *out)
{
	int64_t n = 0, x = 0;

	for (size_t i = 0; i < count; i++)
		if (same_split(&arms[i], arm)) {
			n += arms[i].entries;
			x += arms[i].converted;
		}
	*out = (struct trial){ .arm = arm, .n0 = n - arm->entries, .x0 = x - arm->converted };
	return arm->entries >= ARM_LEAST && out->n0 >= ARM_LEAST && cells_fit(arm->entries, x, n) &&
	       cells_fit(out->n0, x, n);
}

/* As whole numbers, so that a difference of exactly so much is told on every machine. */
static bool worth_telling(const struct trial *t)
{
	__int128 d = (__int128)t->arm->converted * t->n0 - (__int128)t->x0 * t->arm->entries;

	return (d < 0 ? -d : d) * WHOLE >= (__int128)TOLD_LEAST * t->arm->entries * t->n0;
}

/* Rounded half away from nothing. */
static int64_t bp_of(double share)
{
	return (int64_t)(share * WHOLE + (share < 0 ? -0.5 : 0.5));
}

static const char *split_name(enum journey_split split)
{
	switch (split) {
	case SPLIT_CHANNEL:
		return "channel";
	case SPLIT_TILL:
		return "till";
	case SPLIT_WEEKDAY:
		break;
	}
	return "weekday";
}

static struct friction_view *trial_view(struct palier_arena *a, const struct trial *t)
{
	const struct journey_arm *arm = t->arm;
	const struct stats_interval d = stats_difference(arm->converted, arm->entries, t->x0, t->n0);
	struct friction_view *view = palier_alloc(a, sizeof(*view));

	*view = (struct friction_view){ .set = { 0, 0 } };
	PALIER_SET(view, friction_view, step, palier_str(journey_stage_names[arm->stage]));
	PALIER_SET(view, friction_view, split, palier_str(split_name(arm->split)));
	PALIER_SET(view, friction_view, value, arm->value);
	PALIER_SET(view, friction_view, members, arm->entries);
	PALIER_SET(view, friction_view, converted, arm->converted);
	PALIER_SET(view, friction_view, others, t->n0);
	PALIER_SET(view, friction_view, others_converted, t->x0);
	PALIER_SET(view, friction_view, difference_bp, bp_of(d.value));
	PALIER_SET(view, friction_view, low_bp, bp_of(d.low));
	PALIER_SET(view, friction_view, high_bp, bp_of(d.high));
	return view;
}

void journey_friction(struct palier_arena *a, const struct journey_arm *arms, size_t count, struct friction_view **views)
{
	struct trial *trials = palier_alloc(a, (count + 1) * sizeof(*trials));
	double *p = palier_alloc(a, (count + 1) * sizeof(*p)), *adjusted = palier_alloc(a, (count + 1) * sizeof(*adjusted));
	size_t n = 0;
	double z;

	for (size_t i = 0; i < count; i++) {
		views[i] = NULL;
		if (!trial_of(arms, count, &arms[i], &trials[n]))
			continue;
		stats_two_shares(arms[i].converted, arms[i].entries, trials[n].x0, trials[n].n0, &z, &p[n]);
		n++;
	}
	if (n == 0)
		return;
	(void)stats_discoveries(p, n, FALSE_RATE, adjusted);
	for (size_t i = 0; i < n; i++)
		if (adjusted[i] <= FALSE_RATE && worth_telling(&trials[i]))
			views[trials[i].arm - arms] = trial_view(a, &trials[i]);
}
