/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison's rounds. */
#include "tools/bench/compare.h"

#include <stdio.h>
#include <stdlib.h>

static const struct {
	const char *text;
	enum bench_kind kinds[SIDES];
} pairs[PAIRS] = {
#define C(palier, redis, text) { text, { KIND_##palier, KIND_##redis } },
	COMPARE_PAIRS(C)
#undef C
};

static int figure_order(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

struct spread spread_of(const uint64_t *figures, unsigned n)
{
	uint64_t sorted[COMPARE_ROUNDS];

	memcpy(sorted, figures, n * sizeof(*figures));
	qsort(sorted, n, sizeof(*sorted), figure_order);
	return (struct spread){ sorted[n / 2], sorted[0], sorted[n - 1] };
}

static int measure(const struct options *o, struct workload *w, struct compare_cell *cell, enum side side,
	enum bench_kind kind, unsigned round)
{
	struct load l = { .target = side == SIDE_PALIER ? &palier_target : &redis_target,
		.address = side == SIDE_PALIER ? o->connect : o->redis,
		.connections = cell->connections,
		.depth = (unsigned)o->depth,
		.duration_ns = (int64_t)(o->duration ? o->duration : 2) * 1000000000,
		.work = w };
	struct load_result r = { 0 };
	int err;

	l.weights[kind] = 1;
	workload_rename(w);
	err = load_run(&l, &r);
	cell->rates[side][round] = per_second(r.answered, r.elapsed_ns);
	load_result_add(&cell->sides[side], &r);
	load_result_deinit(&r);
	return err;
}

/* Who goes first changes from round to round. */
static int play_round(const struct options *o, struct workload *w, struct compare_cell *cell, unsigned pair, unsigned round)
{
	int err = PALIER_OK;

	for (unsigned i = 0; i < SIDES && err == PALIER_OK; i++) {
		enum side side = (enum side)((i + round) % SIDES);

		err = measure(o, w, cell, side, pairs[pair].kinds[side], round);
	}
	if (cell->rates[SIDE_REDIS][round] > 0)
		cell->permille[round] = cell->rates[SIDE_PALIER][round] * 1000 / cell->rates[SIDE_REDIS][round];
	return err;
}

int comparison_run(const struct options *o, struct workload *w, struct comparison *c)
{
	static const uint64_t usual[OPTIONS_CONNECTIONS] = { 1, 16, 64 };
	const uint64_t *connections = o->connections[0] ? o->connections : usual;
	int err = PALIER_OK;

	*c = (struct comparison){ .rounds = (unsigned)o->rounds, .cards = w->cards };
	c->cell = calloc((size_t)OPTIONS_CONNECTIONS * PAIRS, sizeof(*c->cell));
	if (!c->cell)
		abort();
	for (unsigned i = 0; i < OPTIONS_CONNECTIONS && connections[i] > 0; i++)
		for (unsigned pair = 0; pair < PAIRS; pair++)
			c->cell[c->cells++] =
				(struct compare_cell){ .text = pairs[pair].text, .connections = (unsigned)connections[i] };
	for (unsigned round = 0; round < c->rounds && err == PALIER_OK; round++) {
		fprintf(stderr, "round %u of %u\n", round + 1, c->rounds);
		for (unsigned i = 0; i < c->cells && err == PALIER_OK; i++)
			err = play_round(o, w, &c->cell[i], i % PAIRS, round);
	}
	return err;
}

uint64_t comparison_errors(const struct comparison *c)
{
	uint64_t errors = 0;

	for (unsigned i = 0; i < c->cells; i++)
		for (unsigned side = 0; side < SIDES; side++)
			errors += c->cell[i].sides[side].errors;
	return errors;
}

void comparison_deinit(struct comparison *c)
{
	for (unsigned i = 0; i < c->cells; i++)
		for (unsigned side = 0; side < SIDES; side++)
			load_result_deinit(&c->cell[i].sides[side]);
	free(c->cell);
}
