/* SPDX-License-Identifier: Apache-2.0 */
/* Which rung to suggest: Thompson sampling with outcomes that fade, in integers alone, so that every machine draws the same.
 *
 * Of each rung so many outcomes are kept as accepted (s) and declined (f), Q16: 65536 is one. They lose half their weight in a half-life
 * (discounted Thompson sampling: Raj and Kalyani, arXiv:1707.09727). For integers a, b >= 1 the a-th smallest of a + b - 1 uniform numbers is
 * exactly Beta(a, b): so a draw is a selection, without a logarithm. */
#pragma once

#include "protocol/crypto.h"

#define BANDIT_ONE       UINT64_C(65536) /* an outcome */
#define BANDIT_PRIOR     10              /* outcomes that the prior is worth */
#define BANDIT_MEAN      1000            /* hundredths of a per cent: of a rung of which nothing is known */
#define BANDIT_MOST      512             /* a + b at most: exploring never ends, and a draw's cost is bounded */
#define BANDIT_REDRAWS   1000            /* for a propensity */
#define BANDIT_HALF_LIFE 90              /* days */
#define BANDIT_UNIFORM   500             /* hundredths of a per cent of decisions are drawn at random, to go on learning */

/** What a day leaves of an outcome, in 2^32ths: round(2^(-1/H) x 2^32). @param half_life 30, 60, 90, 180 or 365 days @return 0: another */
uint64_t bandit_fading(unsigned half_life);
/** What so many days leave of Q16 outcomes: one multiplication a day, each rounded down. */
uint64_t bandit_fade(uint64_t outcomes, uint64_t fading, uint32_t days);

/** SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). @param state moved on */
uint64_t bandit_next(uint64_t *state);
/** A draw from Beta(a, b), in 2^64ths. @param a,b >= 1, a + b <= BANDIT_MOST */
uint64_t bandit_beta(uint64_t *state, unsigned a, unsigned b);

/** The counts to draw with: the prior, of which `mean` (hundredths of a per cent) accepted, and the outcomes since. */
void bandit_counts(unsigned mean, uint64_t s, uint64_t f, unsigned *a, unsigned *b);

/** One stream a rung and decision, so that the order of candidates does not matter: the first 8 bytes of SHA-256(salt 0 decision 0 rung). */
uint64_t bandit_seed(struct palier_bytes salt, struct palier_bytes decision, struct palier_bytes rung);
/** The id with which a place among a decision's suggestions is drawn: of the first the decision's own, then decision/1 and so on. */
struct palier_bytes bandit_place(struct palier_arena *arena, struct palier_bytes decision, size_t place);
/** Of 10,000, the bucket in which a member is: those below the holdout's share are shown nothing. */
unsigned bandit_bucket(struct palier_bytes salt, struct palier_bytes member);

/** A candidate. */
struct bandit_arm {
	struct palier_bytes rung;
	unsigned a, b;
	int64_t gain; /* minor units, > 0 */
	uint64_t draw;
};
/** Draw each arm, and take the one with the most draw x gain; of equals, the one whose name comes first. @param count > 0 @return its index */
size_t bandit_choose(struct palier_bytes salt, struct palier_bytes decision, struct bandit_arm *arms, size_t count);
/** Is it expected, as it is drawn, to gain more than the trouble of saying it is worth? Less than the smallest coin is not, however little the shop
 * minds. @param friction in minor units */
bool bandit_is_worth(const struct bandit_arm *arm, int64_t friction);

/** What was decided about. */
struct bandit_decision {
	struct palier_bytes salt, id;
	int64_t friction; /* what wins is shown if it is worth more than this */
};
/** How often, in hundredths of a per cent. */
struct bandit_odds {
	unsigned shown; /* this arm; 1 at least */
	unsigned any;   /* any of them; no less */
};
/** How likely was it that this arm is shown? Of BANDIT_REDRAWS draws, the i-th of a rung from the decision's stream of rung "p" i. */
struct bandit_odds bandit_propensity(struct palier_arena *arena, const struct bandit_decision *of,
	const struct bandit_arm *arms, size_t count, size_t chosen);
