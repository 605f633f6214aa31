/* SPDX-License-Identifier: Apache-2.0 */
/* What another way of choosing would have brought, from suggestions that were chosen by chance: each is weighed by how likely the other way
 * would have chosen it, against how likely it was (inverse propensity). How likely it was is drawn again from what the event holds, with the
 * experiment's salt and the decision's own id: nothing of it is stored, and everybody who has the journal finds the same. */
#include "tools/report/ladder.h"

#include <math.h>
#include <stdlib.h>

#include "protocol/bandit.h"

struct judge {
	const struct names *salts, *rungs;
	struct palier_arena arena;
	int64_t *taken; /* of each rung so far */
	struct sums {
		double w, ww, wr, d, dd; /* d: what the other way gains on this */
	} popular, even;
	double reward, uniform_reward;
	struct ladder_choices *out;
};

/* --- was it drawn like this? --- */

static struct palier_bytes salt_of(const struct judge *j, uint32_t experiment)
{
	return experiment < j->salts->count ? j->salts->at[experiment] : (struct palier_bytes){ NULL, 0 };
}

static const struct ladder_option *chosen_of(const struct ladder_choice *c)
{
	for (uint8_t i = 0; i < c->count; i++)
		if (c->options[i].rung == c->rung)
			return &c->options[i];
	return NULL;
}

static bool draws(struct judge *j, const struct ladder_choice *c, const struct ladder_option *chosen,
	struct palier_bytes salt)
{
	struct palier_bytes place = bandit_place(&j->arena, c->decision, 0);
	uint64_t state = bandit_seed(salt, place, j->rungs->at[c->rung]);

	return bandit_beta(&state, chosen->a, chosen->b) == c->draw;
}

/* A suggestion to nobody in particular may be drawn with the salt of the experiment that the next member's sale begins.
 * @return false: it is not the first place's, or its event does not say all */
static bool salt_find(struct judge *j, const struct ladder_choice *c, struct palier_bytes *out)
{
	const struct ladder_option *chosen = chosen_of(c);

	for (uint32_t x = c->experiment; chosen && x < c->experiment + 2; x++) {
		*out = salt_of(j, x);
		if (out->len && draws(j, c, chosen, *out))
			return true;
	}
	return false;
}

/* --- how likely was it? --- */

static size_t arms_of(const struct judge *j, const struct ladder_choice *c, struct bandit_arm *arms)
{
	size_t chosen = 0;

	for (uint8_t i = 0; i < c->count; i++) {
		const struct ladder_option *o = &c->options[i];

		arms[i] = (struct bandit_arm){ .rung = j->rungs->at[o->rung], .a = o->a, .b = o->b, .gain = o->gain };
		if (o->rung == c->rung)
			chosen = i;
	}
	return chosen;
}

/* Only what was shown is known: so this is the chance of this one where something is shown, part of which is that of the draws at random. */
static double odds_of(struct judge *j, const struct ladder_choice *c, struct palier_bytes salt)
{
	const struct bandit_decision of = { salt, c->decision, c->friction };
	const double uniform = BANDIT_UNIFORM / 10000.0;
	struct bandit_arm arms[LADDER_CANDIDATES];
	size_t chosen = arms_of(j, c, arms);
	struct bandit_odds odds;

	if (c->count == 1)
		return 1;
	odds = bandit_propensity(&j->arena, &of, arms, c->count, chosen);
	return (uniform / c->count + (1 - uniform) * odds.shown / 10000.0) / (uniform + (1 - uniform) * odds.any / 10000.0);
}

/* --- weighing --- */

/* The candidate that was taken most often until then; of equals, the one whose name comes first. */
static uint32_t most_popular(const struct judge *j, const struct ladder_choice *c)
{
	uint32_t best = c->options[0].rung;

	for (uint8_t i = 1; i < c->count; i++) {
		uint32_t r = c->options[i].rung;
		struct palier_bytes x = j->rungs->at[r], y = j->rungs->at[best];
		int order = memcmp(x.at, y.at, x.len < y.len ? x.len : y.len);

		if (j->taken[r] > j->taken[best] ||
			(j->taken[r] == j->taken[best] && (order < 0 || (order == 0 && x.len < y.len))))
			best = r;
	}
	return best;
}

static void weigh(struct sums *s, double w, double reward)
{
	double d = (w - 1) * reward;

	s->w += w;
	s->ww += w * w;
	s->wr += w * reward;
	s->d += d;
	s->dd += d * d;
}

static void choice_judge(struct judge *j, const struct ladder_choice *c)
{
	struct palier_bytes salt;
	double odds, reward;

	palier_arena_reset(&j->arena);
	if (!c->told || !salt_find(j, c, &salt)) {
		j->out->left_out++;
		return;
	}
	odds = odds_of(j, c, salt);
	reward = c->accepted ? (double)chosen_of(c)->gain : 0;
	weigh(&j->popular, most_popular(j, c) == c->rung ? 1 / odds : 0, reward);
	weigh(&j->even, 1 / (c->count * odds), reward);
	j->out->judged++;
	j->reward += reward;
	if (c->uniform) {
		j->out->uniform++;
		j->uniform_reward += reward;
	}
}

static void policy_end(const struct sums *s, int64_t count, struct ladder_policy *out)
{
	double n = (double)count, mean = s->d / n, error = 0;

	if (count > 1 && s->dd > s->d * mean)
		error = sqrt((s->dd - s->d * mean) / (n - 1) / n);
	out->ips = s->wr / n;
	out->snips = s->w > 0 ? s->wr / s->w : 0;
	out->ess = s->ww > 0 ? s->w * s->w / s->ww : 0;
	out->gained = (struct stats_interval){ mean, mean - STATS_Z * error, mean + STATS_Z * error };
}

void ladder_choices_of(const struct ladder_choice *at, size_t count, const struct names *salts, const struct names *rungs,
	uint32_t from, uint32_t to, struct progress *bar, struct ladder_choices *out)
{
	struct judge j = { .salts = salts, .rungs = rungs, .out = out };

	*out = (struct ladder_choices){ .judged = 0 };
	j.taken = calloc(rungs->count + 1, sizeof(*j.taken));
	if (!j.taken)
		abort();
	for (size_t i = 0; i < count; i++) {
		const struct ladder_choice *c = &at[i];

		if (bar)
			progress_show(bar, i, count);
		if (c->undone)
			continue;
		if (c->day >= from && c->day <= to)
			choice_judge(&j, c);
		j.taken[c->rung] += c->accepted;
	}
	if (bar)
		progress_end(bar);
	if (out->judged > 0) {
		policy_end(&j.popular, out->judged, &out->popular);
		policy_end(&j.even, out->judged, &out->even);
		out->done = j.reward / (double)out->judged;
	}
	if (out->uniform > 0)
		out->at_random = j.uniform_reward / (double)out->uniform;
	palier_arena_deinit(&j.arena);
	free(j.taken);
}
