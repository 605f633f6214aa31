/* SPDX-License-Identifier: Apache-2.0 */
/* What follows what: the directly-follows graph of the touches of the period, a customer a case. */
#include "tools/report/journey_parts.h"

struct gaps {
	uint32_t *at;
	size_t count;
};

struct making {
	const struct journey *j;
	struct journey_flow *flow;
	struct numbers edges; /* number of an edge plus 1 */
	struct gaps *gaps;    /* of each edge */
	uint32_t *seen;       /* of each edge: the member counted last, plus 1 */
};

static size_t edge_number(struct making *m, uint16_t from, uint16_t to)
{
	uint32_t *number = numbers_at(&m->edges, ((uint64_t)from << 16 | to) + 1);
	size_t count = m->flow->count;

	if (*number)
		return *number - 1;
	*number = (uint32_t)count + 1;
	m->flow->edges = list_room(m->flow->edges, count, sizeof(*m->flow->edges));
	m->gaps = list_room(m->gaps, count, sizeof(*m->gaps));
	m->seen = list_room(m->seen, count, sizeof(*m->seen));
	m->flow->edges[count] = (struct journey_edge){ .from = from, .to = to, .mean_s = -1, .median_s = -1, .p95_s = -1 };
	m->gaps[count] = (struct gaps){ NULL, 0 };
	m->seen[count] = 0;
	return m->flow->count++;
}

static void edge_add(struct making *m, const struct journey_line *line, uint16_t from, uint16_t to, const uint32_t *gap)
{
	size_t edge = edge_number(m, from, to);
	struct gaps *g = &m->gaps[edge];

	m->flow->edges[edge].count++;
	m->flow->edges[edge].members += m->seen[edge] != line->number + 1;
	m->seen[edge] = line->number + 1;
	if (!gap)
		return;
	g->at = list_room(g->at, g->count, sizeof(*g->at));
	g->at[g->count++] = *gap;
}

static void line_follow(void *who, const struct journey_line *line)
{
	const struct journey_touch *last = NULL;
	struct making *m = who;

	for (size_t i = 0; i < line->count; i++) {
		const struct journey_touch *t = &line->at[i];
		uint32_t gap = last ? t->at_s - last->at_s : 0;

		if (!journey_shows(m->j, t))
			continue;
		edge_add(m, line, last ? last->activity : FLOW_START, t->activity, last ? &gap : NULL);
		last = t;
	}
	if (last)
		edge_add(m, line, last->activity, FLOW_END, NULL);
}

/* Rounded half up. */
static int64_t mean_of(const struct gaps *g)
{
	int64_t sum = 0, n = (int64_t)g->count;

	for (size_t i = 0; i < g->count; i++)
		sum += g->at[i];
	return (2 * sum + n) / (2 * n);
}

static int by_count(const void *a, const void *b)
{
	const struct journey_edge *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->from != y->from ? (x->from < y->from ? -1 : 1) : x->to < y->to ? -1 : 1;
}

void journey_flow_make(const struct journey *j, struct journey_flow *out)
{
	struct making m = { .j = j, .flow = out };

	*out = (struct journey_flow){ .count = 0 };
	journey_each(j, line_follow, &m);
	for (size_t i = 0; i < out->count; i++) {
		uint32_t median = 0, p95 = 0;

		journey_spans(m.gaps[i].at, m.gaps[i].count, 95, &median, &p95);
		if (m.gaps[i].count) {
			out->edges[i].mean_s = mean_of(&m.gaps[i]);
			out->edges[i].median_s = median;
			out->edges[i].p95_s = p95;
		}
		free(m.gaps[i].at);
	}
	if (out->count)
		qsort(out->edges, out->count, sizeof(*out->edges), by_count);
	numbers_deinit(&m.edges);
	free(m.gaps);
	free(m.seen);
}

void journey_flow_deinit(struct journey_flow *f)
{
	free(f->edges);
}
