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

uint64_t bandit_beta(uint64_t *state, unsigned a, unsigned b)
{
	uint64_t drawn[BANDIT_MOST] = { 0 };
	long n = (long)a + (long)b - 1;

	for (long i = 0; i < n; i++)
		drawn[i] = bandit_next(state);
	return smallest(drawn, n, (long)a - 1);
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

unsigned bandit_propensity(struct palier_arena *arena, struct palier_bytes salt, struct palier_bytes decision,
	const struct bandit_arm *arms, size_t count, size_t chosen)
{
	struct bandit_arm *again = palier_alloc(arena, count * sizeof(*again));
	unsigned won = 0;

	memcpy(again, arms, count * sizeof(*again));
	for (unsigned i = 0; i < BANDIT_REDRAWS; i++) {
		for (size_t k = 0; k < count; k++) {
			char text[PALIER_KEY_MAX];
			int n = snprintf(text, sizeof(text), "%.*sp%u", PALIER_ARG(arms[k].rung), i);
			uint64_t state = bandit_seed(salt, decision,
				palier_bytes_of(text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1));

			again[k].draw = bandit_beta(&state, again[k].a, again[k].b);
		}
		won += best_of(again, count) == chosen;
	}
	won = won * 10000 / BANDIT_REDRAWS;
	return won < 1 ? 1 : won;
}
