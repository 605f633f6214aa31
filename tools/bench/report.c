/* SPDX-License-Identifier: Apache-2.0 */
/* Tables for a terminal, JSON for scripts. */
#include "tools/bench/report.h"

#include <inttypes.h>
#include <stdio.h>

#include "protocol/json.h"

static const struct quantile {
	const char *name, *key;
	unsigned per_100k;
} quantiles[] = {
	{ "p50", "p50_ns", 50000 },
	{ "p99", "p99_ns", 99000 },
	{ "p99.9", "p999_ns", 99900 },
	{ "max", "max_ns", 100000 },
};
#define QUANTILES (sizeof(quantiles) / sizeof(quantiles[0]))

/* 1234567 is "1,234,567". @param text 28 bytes */
static const char *grouped(uint64_t v, char *text)
{
	char digits[21];
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, v);
	char *p = text;

	for (int i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			*p++ = ',';
		*p++ = digits[i];
	}
	*p = '\0';
	return text;
}

/* Microseconds with one decimal. @param text 28 bytes */
static const char *microseconds(uint64_t ns, char *text)
{
	snprintf(text, 28, "%" PRIu64 ".%" PRIu64, ns / 1000, ns % 1000 / 100);
	return text;
}

static void print_latency(const struct histogram *h)
{
	char text[28];

	for (size_t i = 0; i < QUANTILES; i++)
		printf(" %10s", microseconds(histogram_quantile(h, quantiles[i].per_100k), text));
}

static void json_latency(struct palier_json *w, const struct histogram *h)
{
	for (size_t i = 0; i < QUANTILES; i++) {
		palier_json_key(w, quantiles[i].key);
		palier_json_int(w, (int64_t)histogram_quantile(h, quantiles[i].per_100k));
	}
}

static void json_number(struct palier_json *w, const char *key, uint64_t v)
{
	palier_json_key(w, key);
	palier_json_int(w, (int64_t)v);
}

static void json_errors(struct palier_json *w, const struct load_result *r)
{
	palier_json_key(w, "errors");
	palier_json_object(w);
	for (size_t i = 0; i < LOAD_REASONS && r->reasons[i].count > 0; i++) {
		palier_json_key_bytes(w, palier_str(r->reasons[i].text));
		palier_json_int(w, (int64_t)r->reasons[i].count);
	}
	palier_json_end_object(w);
}

static void print_errors(const char *who, const struct load_result *r)
{
	char text[28];

	for (size_t i = 0; i < LOAD_REASONS && r->reasons[i].count > 0; i++)
		printf("%s: replies that were wrong: %s %s\n", who, grouped(r->reasons[i].count, text), r->reasons[i].text);
}

static void print_json(struct palier_buffer *out)
{
	palier_buffer_add(out, "\n", 1);
	fwrite(out->at, 1, out->len, stdout);
	palier_buffer_deinit(out);
}

/* --- a plain run --- */

static void load_as_json(const struct load *l, const struct load_result *r)
{
	struct palier_buffer out = { 0 };
	struct palier_json w = palier_json_to(&out);

	palier_json_object(&w);
	json_number(&w, "connections", l->connections);
	json_number(&w, "depth", l->depth);
	json_number(&w, "cards", l->work->cards);
	json_number(&w, "elapsed_ns", (uint64_t)r->elapsed_ns);
	json_number(&w, "client_cpu_ns", (uint64_t)r->cpu_ns);
	json_number(&w, "answered", r->answered);
	json_number(&w, "per_second", per_second(r->answered, r->elapsed_ns));
	palier_json_key(&w, "kinds");
	palier_json_object(&w);
	for (unsigned kind = 0; kind < KINDS; kind++)
		if (r->kinds[kind]) {
			palier_json_key(&w, kind_names[kind]);
			palier_json_object(&w);
			json_number(&w, "answered", r->kinds[kind]->count);
			json_number(&w, "per_second", per_second(r->kinds[kind]->count, r->elapsed_ns));
			json_latency(&w, r->kinds[kind]);
			palier_json_end_object(&w);
		}
	palier_json_end_object(&w);
	json_errors(&w, r);
	palier_json_end_object(&w);
	print_json(&out);
}

void report_load(const struct load *l, const struct load_result *r, bool json)
{
	char a[28], b[28];

	if (json) {
		load_as_json(l, r);
		return;
	}
	printf("%s: %u connections, depth %u, %s cards, %" PRIi64 ".%" PRIi64 " s; this generator used %" PRIi64
	       " %% of a core\n",
		l->address, l->connections, l->depth, grouped(l->work->cards, a), r->elapsed_ns / 1000000000,
		r->elapsed_ns % 1000000000 / 100000000, r->elapsed_ns > 0 ? r->cpu_ns * 100 / r->elapsed_ns : 0);
	printf("%-8s %12s %12s", "", "replies", "per second");
	for (size_t i = 0; i < QUANTILES; i++)
		printf(" %7s us", quantiles[i].name);
	printf("\n");
	for (unsigned kind = 0; kind < KINDS; kind++)
		if (r->kinds[kind]) {
			printf("%-8s %12s %12s", kind_names[kind], grouped(r->kinds[kind]->count, a),
				grouped(per_second(r->kinds[kind]->count, r->elapsed_ns), b));
			print_latency(r->kinds[kind]);
			printf("\n");
		}
	printf("%-8s %12s %12s\n", "all", grouped(r->answered, a), grouped(per_second(r->answered, r->elapsed_ns), b));
	print_errors(l->address, r);
}

/* --- the disk --- */

void report_probe(const char *directory, const struct probe_result *r, bool json)
{
	struct palier_buffer out = { 0 };
	struct palier_json w = palier_json_to(&out);
	char text[28];

	if (!json) {
		printf("%s: %s synced appends of %d bytes a second;", directory,
			grouped(per_second(r->appends, r->elapsed_ns), text), PROBE_APPEND);
		for (size_t i = 0; i < QUANTILES; i++)
			printf(" %s %s us", quantiles[i].name,
				microseconds(histogram_quantile(&r->latency, quantiles[i].per_100k), text));
		printf("\n");
		return;
	}
	palier_json_object(&w);
	json_number(&w, "bytes", PROBE_APPEND);
	json_number(&w, "appends", r->appends);
	json_number(&w, "per_second", per_second(r->appends, r->elapsed_ns));
	json_latency(&w, &r->latency);
	palier_json_end_object(&w);
	print_json(&out);
}

/* --- the comparison --- */

static const char *const side_names[SIDES] = { "palier", "redis" };

static struct histogram *only_kind(const struct load_result *r)
{
	unsigned kind = 0;

	while (!r->kinds[kind])
		kind++;
	return r->kinds[kind];
}

static void json_spread(struct palier_json *w, const char *key, struct spread s)
{
	palier_json_key(w, key);
	palier_json_object(w);
	json_number(w, "median", s.median);
	json_number(w, "min", s.least);
	json_number(w, "max", s.most);
	palier_json_end_object(w);
}

static void comparison_as_json(const struct comparison *c)
{
	struct palier_buffer out = { 0 };
	struct palier_json w = palier_json_to(&out);

	palier_json_object(&w);
	json_number(&w, "rounds", c->rounds);
	json_number(&w, "cards", c->cards);
	palier_json_key(&w, "cells");
	palier_json_array(&w);
	for (const struct compare_cell *cell = c->cell; cell < c->cell + c->cells; cell++) {
		palier_json_object(&w);
		palier_json_key(&w, "pair");
		palier_json_str(&w, cell->text);
		json_number(&w, "connections", cell->connections);
		for (unsigned side = 0; side < SIDES; side++) {
			palier_json_key(&w, side_names[side]);
			palier_json_object(&w);
			json_spread(&w, "per_second", spread_of(cell->rates[side], c->rounds));
			json_latency(&w, only_kind(&cell->sides[side]));
			json_number(&w, "client_cpu_ns", (uint64_t)cell->sides[side].cpu_ns);
			json_number(&w, "elapsed_ns", (uint64_t)cell->sides[side].elapsed_ns);
			json_errors(&w, &cell->sides[side]);
			palier_json_end_object(&w);
		}
		json_spread(&w, "ratio_permille", spread_of(cell->permille, c->rounds));
		palier_json_end_object(&w);
	}
	palier_json_end_array(&w);
	palier_json_end_object(&w);
	print_json(&out);
}

static void print_rates(struct spread s)
{
	char text[96], a[28], b[28], m[28];

	snprintf(text, sizeof(text), "%s (%s..%s)", grouped(s.median, m), grouped(s.least, a), grouped(s.most, b));
	printf(" %27s", text);
}

static void print_ratio(struct spread s)
{
	printf("  %" PRIu64 ".%02" PRIu64 " (%" PRIu64 ".%02" PRIu64 "..%" PRIu64 ".%02" PRIu64 ")", s.median / 1000,
		s.median % 1000 / 10, s.least / 1000, s.least % 1000 / 10, s.most / 1000, s.most % 1000 / 10);
}

/* "p50/p99 us" */
static void print_short_latency(const struct load_result *r)
{
	const struct histogram *h = only_kind(r);
	char text[96], a[28], b[28];

	snprintf(text, sizeof(text), "%s/%s", microseconds(histogram_quantile(h, 50000), a),
		microseconds(histogram_quantile(h, 99000), b));
	printf("  %15s", text);
}

void report_comparison(const struct comparison *c, bool json)
{
	char text[28];

	if (json) {
		comparison_as_json(c);
		return;
	}
	printf("%s cards, %u rounds: median (least..most) a second; p50/p99 in us\n", grouped(c->cards, text), c->rounds);
	printf("%-24s %5s %27s %27s  %-17s  %15s  %15s\n", "palier : redis", "conns", "palier", "redis", "ratio", "palier",
		"redis");
	for (const struct compare_cell *cell = c->cell; cell < c->cell + c->cells; cell++) {
		printf("%-24s %5u", cell->text, cell->connections);
		for (unsigned side = 0; side < SIDES; side++)
			print_rates(spread_of(cell->rates[side], c->rounds));
		print_ratio(spread_of(cell->permille, c->rounds));
		for (unsigned side = 0; side < SIDES; side++)
			print_short_latency(&cell->sides[side]);
		printf("\n");
	}
	for (const struct compare_cell *cell = c->cell; cell < c->cell + c->cells; cell++)
		for (unsigned side = 0; side < SIDES; side++)
			print_errors(side_names[side], &cell->sides[side]);
}
