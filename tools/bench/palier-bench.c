/* SPDX-License-Identifier: Apache-2.0 */
/* palier-bench: load for palierd, and a comparison with redis-server. */
#include <stdio.h>
#include <stdlib.h>

#include "protocol/crypto.h"
#include "tools/bench/report.h"

#define FILL_CONNECTIONS 16
#define FILL_DEPTH       64
#define CARDS            1000

static int complain(int err, const char *what)
{
	fprintf(stderr, "palier-bench: %s: %s\n", what, palier_error_info(err)->text);
	return palier_error_info(err)->exit_code;
}

static void tell_errors(const struct load_result *r)
{
	for (size_t i = 0; i < LOAD_REASONS && r->reasons[i].count > 0; i++)
		fprintf(stderr, "palier-bench: %llu replies were wrong: %s\n", (unsigned long long)r->reasons[i].count,
			r->reasons[i].text);
}

/* Members 0..n-1. The same requests each time, so that a second fill is answered and books nothing. */
static int fill(const struct target *target, const char *address, uint64_t n, uint64_t requests)
{
	struct workload w = { .cards = n, .lines = 1, .run = "fill" };
	struct load l = { .target = target,
		.address = address,
		.connections = FILL_CONNECTIONS,
		.depth = FILL_DEPTH,
		.requests = requests,
		.progress = true,
		.work = &w };
	struct load_result r = { 0 };
	int err, code;

	fprintf(stderr, "%s: %llu members\n", target->name, (unsigned long long)n);
	l.weights[KIND_ENROLL] = 1;
	err = load_run(&l, &r);
	tell_errors(&r);
	code = err != PALIER_OK ? complain(err, address) : r.errors > 0;
	load_result_deinit(&r);
	return code;
}

static int run_load(const struct options *o, struct workload *w)
{
	struct load l = { .target = &palier_target,
		.address = o->connect,
		.connections = o->connections[0] ? (unsigned)o->connections[0] : 16,
		.depth = (unsigned)o->depth,
		.duration_ns = (int64_t)(o->duration   ? o->duration
					 : o->requests ? 0
						       : 10) *
		               1000000000,
		.requests = o->requests,
		.work = w };
	struct load_result r = { 0 };
	int err, code;

	for (unsigned kind = 0; kind < KINDS; kind++)
		l.weights[kind] = (unsigned)o->mix[kind];
	err = load_run(&l, &r);
	code = err != PALIER_OK ? complain(err, o->connect) : r.errors > 0;
	if (err == PALIER_OK)
		report_load(&l, &r, o->json);
	load_result_deinit(&r);
	return code;
}

static int run_comparison(const struct options *o, struct workload *w)
{
	struct comparison c;
	int err = comparison_run(o, w, &c);
	int code = err != PALIER_OK ? complain(err, "the comparison was cut short") : comparison_errors(&c) > 0;

	if (err == PALIER_OK)
		report_comparison(&c, o->json);
	comparison_deinit(&c);
	return code;
}

static int run_probe(const struct options *o)
{
	struct probe_result *r = malloc(sizeof(*r));
	int err = r ? probe_run(o->sync_probe, (int64_t)(o->duration ? o->duration : 5) * 1000000000, r) : PALIER_EIO;

	if (err == PALIER_OK)
		report_probe(o->sync_probe, r, o->json);
	free(r);
	return err == PALIER_OK ? 0 : complain(err, o->sync_probe);
}

static int run(const struct options *o)
{
	struct workload w = { .cards = o->cards ? o->cards : o->fill ? o->fill : CARDS, .lines = (unsigned)o->lines };
	uint64_t beyond;
	int code = 0;

	crypto_random(&w.dice, sizeof(w.dice));
	crypto_random(&beyond, sizeof(beyond));
	w.enroll_from = UINT64_C(1000000000) + beyond % UINT64_C(8000000000);
	workload_rename(&w);
	if (o->sync_probe)
		return run_probe(o);
	if (o->fill)
		code = fill(&palier_target, o->connect, o->fill, o->fill);
	if (o->fill && o->redis && code == 0)
		code = fill(&redis_target, o->redis, o->fill, o->fill * 2);
	if (code != 0)
		return code;
	return o->redis ? run_comparison(o, &w) : run_load(o, &w);
}

int main(int argc, char **argv)
{
	struct options o;
	char why[160];
	int err = options_read(argc, argv, &o, why);

	if (err != PALIER_OK) {
		fprintf(stderr, "palier-bench: %s\ntry palier-bench --help\n", why);
		return palier_error_info(err)->exit_code;
	}
	if (o.help) {
		options_help();
		return 0;
	}
	return run(&o);
}
