/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "protocol/bandit.h"

typedef unsigned __int128 u128;

/* --- fading --- */

uint64_t bandit_fading(unsigned half_life)
{
	switch (half_life) {
	case 30:
		return 4196870107;
	case 60:
		return 4245635389;
	case 90:
		return 4262016076;
	case 180:
		return 4278459964;
	case 365:
		return 4286818749;
	default:
		return 0;
	}
}

uint64_t bandit_fade(uint64_t outcomes, uint64_t fading, uint32_t days)
{
	for (; days > 0 && outcomes > 0; days--)
		outcomes = (uint64_t)(((u128)outcomes * fading) >> 32);
	return outcomes;
}

/* --- drawing --- */

uint64_t bandit_next(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

/* The k-th smallest from 0: Hoare's selection. */
static uint64_t smallest(uint64_t *drawn, long n, long k)
{
	long low = 0, high = n - 1;

	while (low < high) {
		uint64_t middle = drawn[(low + high) / 2];
		long i = low, j = high;

		while (i <= j) {
			while (drawn[i] < middle)
				i++;
			while (drawn[j] > middle)
				j--;
			if (i <= j) {
				uint64_t x = drawn[i];

				drawn[i++] = drawn[j];
				drawn[j--] = x;
			}
		}
		if (k <= j)
			high = j;
		else if (k >= i)
			low = i;
		else
			break;
	}
	return drawn[k];
}

/* Of so few, all are looked through. */
#define FEW 32

static uint64_t beta_of_few(uint64_t *state, long n, long k)
{
	uint64_t drawn[FEW] = { 0 };

	for (long i = 0; i < n; i++)
		drawn[i] = bandit_next(state);
	return smallest(drawn, n, k);
}

static long root_of(long n)
{
	long root = 0;

	while ((root + 1) * (root + 1) <= n)
		root++;
	return root;
}

/* Draws from low to high are kept in `drawn`, those below are counted. @return how many are kept */
static long between(uint64_t *state, long n, uint64_t low, uint64_t high, uint64_t *drawn, long *below)
{
	long kept = 0;

	for (long i = 0; i < n; i++) {
		uint64_t z = bandit_next(state);

		drawn[kept] = z;
		kept += z >= low && z <= high;
		*below += z < low;
	}
	return kept;
}

/* Of many, the k-th lies near its share of the range, seldom farther than three standard deviations, which are half the root of n at most. */
static uint64_t beta_of_many(uint64_t *state, long n, long k)
{
	const uint64_t share = UINT64_MAX / (uint64_t)n, start = *state;
	uint64_t drawn[BANDIT_MOST] = { 0 };
	long within = root_of(n) * 3 / 2 + 1, below = 0, kept;

	kept = between(state, n, k > within ? (uint64_t)(k - within) * share : 0,
		k + within < n ? (uint64_t)(k + within) * share : UINT64_MAX, drawn, &below);
	if (k >= below && k < below + kept)
		return smallest(drawn, kept, k - below);
	*state = start;
	below = 0;
	return smallest(drawn, between(state, n, 0, UINT64_MAX, drawn, &below), k);
}

uint64_t bandit_beta(uint64_t *state, unsigned a, unsigned b)
{
	long n = (long)a + (long)b - 1, k = (long)a - 1;

	return n <= FEW ? beta_of_few(state, n, k) : beta_of_many(state, n, k);
}

void bandit_counts(unsigned mean, uint64_t s, uint64_t f, unsigned *a, unsigned *b)
{
	uint64_t accepted = (BANDIT_PRIOR * (uint64_t)mean + 5000) / 10000, n;

	if (accepted < 1)
		accepted = 1;
	if (accepted > BANDIT_PRIOR - 1)
		accepted = BANDIT_PRIOR - 1;
	n = BANDIT_PRIOR + ((s + BANDIT_ONE / 2) >> 16) + ((f + BANDIT_ONE / 2) >> 16);
	accepted += (s + BANDIT_ONE / 2) >> 16;
	if (n > BANDIT_MOST) {
		accepted = (uint64_t)((u128)accepted * BANDIT_MOST / n);
		n = BANDIT_MOST;
	}
	*a = accepted < 1 ? 1 : (unsigned)accepted;
	*b = *a < n ? (unsigned)n - *a : 1;
}

/* --- seeds --- */

static uint64_t seed_of(const struct palier_bytes *parts, size_t count)
{
	struct palier_hash hash;
	uint64_t seed = 0;

	crypto_sha256_list(parts, count, &hash);
	for (int i = 0; i < 8; i++)
		seed = seed << 8 | hash.b[i];
	return seed;
}

uint64_t bandit_seed(struct palier_bytes salt, struct palier_bytes decision, struct palier_bytes rung)
{
	return seed_of((struct palier_bytes[]){ salt, decision, rung }, 3);
}

struct palier_bytes bandit_place(struct palier_arena *arena, struct palier_bytes decision, size_t place)
{
	return place == 0 ? decision : palier_str(palier_format(arena, "%.*s/%zu", PALIER_ARG(decision), place));
}

unsigned bandit_bucket(struct palier_bytes salt, struct palier_bytes member)
{
	return (unsigned)(seed_of((struct palier_bytes[]){ salt, member }, 2) % 10000);
}

/* --- choosing --- */

static bool is_better(const struct bandit_arm *x, const struct bandit_arm *y)
{
	u128 a = (u128)x->draw * (uint64_t)x->gain, b = (u128)y->draw * (uint64_t)y->gain;
	size_t n = x->rung.len < y->rung.len ? x->rung.len : y->rung.len;
	int order;

	if (a != b)
		return a > b;
	order = memcmp(x->rung.at, y->rung.at, n);
	return order ? order < 0 : x->rung.len < y->rung.len;
}

static size_t best_of(const struct bandit_arm *arms, size_t count)
{
	size_t best = 0;

	for (size_t i = 1; i < count; i++)
		if (is_better(&arms[i], &arms[best]))
			best = i;
	return best;
}

size_t bandit_choose(struct palier_bytes salt, struct palier_bytes decision, struct bandit_arm *arms, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t state = bandit_seed(salt, decision, arms[i].rung);

		arms[i].draw = bandit_beta(&state, arms[i].a, arms[i].b);
	}
	return best_of(arms, count);
}

bool bandit_is_worth(const struct bandit_arm *arm, int64_t friction)
{
	u128 score = (u128)arm->draw * (uint64_t)arm->gain;

	return (int64_t)(score >> 64) > friction;
}

/* The i-th redraw of an arm. */
static uint64_t redraw(struct palier_bytes salt, struct palier_bytes decision, const struct bandit_arm *arm, unsigned i)
{
	char text[PALIER_KEY_MAX];
	int n = snprintf(text, sizeof(text), "%.*sp%u", PALIER_ARG(arm->rung), i);
	uint64_t state =
		bandit_seed(salt, decision, palier_bytes_of(text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1));

	return bandit_beta(&state, arm->a, arm->b);
}

struct bandit_odds bandit_propensity(struct palier_arena *arena, const struct bandit_decision *of,
	const struct bandit_arm *arms, size_t count, size_t chosen)
{
	struct bandit_arm *again = palier_alloc(arena, count * sizeof(*again));
	unsigned shown = 0, any = 0;

	memcpy(again, arms, count * sizeof(*again));
	for (unsigned i = 0; i < BANDIT_REDRAWS; i++) {
		size_t best;

		for (size_t k = 0; k < count; k++)
			again[k].draw = redraw(of->salt, of->id, &again[k], i);
		best = best_of(again, count);
		if (!bandit_is_worth(&again[best], of->friction))
			continue;
		any++;
		shown += best == chosen;
	}
	shown = shown * 10000 / BANDIT_REDRAWS;
	any = any * 10000 / BANDIT_REDRAWS;
	shown = shown < 1 ? 1 : shown;
	return (struct bandit_odds){ shown, any < shown ? shown : any };
}
