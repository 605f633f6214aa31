/* SPDX-License-Identifier: Apache-2.0 */
/* The customers' journeys out of the batches that the office has, read in this process: those of persons over all stores, and each store's own.
 * Every event is read once. */
#pragma once

#include "tools/hq/config.h"
#include "tools/report/journey_report.h"

struct map_store {
	const char *name;
	struct event_files files;
	int64_t batches, missing; /* below the last one */
	struct journey j;         /* names and counters; members and touches are forgotten */
	struct journey_report r;
};

/** Zero-initialised is empty. */
struct map {
	struct map_store *stores; /* that have batches, in the order of their names */
	size_t count;
	const char **others; /* stores with batches whose amounts are in another currency */
	size_t other_count;
	bool read; /* the journeys are there */
	struct journey j;
	struct journey_report r;
};

/** Read those of one currency, with a bar.
 * @param usual what is known of money and points; its currency is that of the stores
 * @return PALIER_OK, also where there is no batch; what was reported */
int map_read(struct cli *cli, const struct hq_config *c, const struct journey_period *period,
	const struct journey_report *usual, struct map *out);
void map_deinit(struct map *m);
