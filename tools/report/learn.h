/* SPDX-License-Identifier: Apache-2.0 */
/* Ladders that a shop's own tickets propose: what customers bought next in the same category, and what they bought together. Nothing of it holds
 * before a person has put it into the configuration.
 * learn_read.c gathers tickets from journal files, learn.c counts and judges, learn_print.c writes the proposal. */
#pragma once

#include <stdio.h>

#include "tools/report/events.h"
#include "tools/report/names.h"
#include "tools/report/words.h"

#define LEARN_NOBODY UINT32_MAX
#define LEARN_ITEMS  64 /* products of a ticket that count: the dearest */

struct learn_sku {
	const char *name, *label;
	uint32_t category; /* 0: none */
	int64_t price;     /* the median paid over the last 90 days; 0: not sold then */
};

struct learn_ticket {
	uint32_t member; /* LEARN_NOBODY */
	uint32_t day;
	uint32_t first, count; /* its products in items, each once */
};

/** What was bought and kept: without tickets that were voided, and lines that came back. */
struct learn_tickets {
	struct palier_arena arena;
	struct names skus, categories;
	struct learn_sku *sku; /* by number */
	struct learn_ticket *at;
	size_t count;
	uint32_t *items;
	size_t item_count;
	uint32_t from, to, members;
};

/** @return as events_each */
int learn_read(const struct event_files *files, struct progress *bar, struct learn_tickets *out, char *why);
void learn_tickets_deinit(struct learn_tickets *t);

/** From one product to another. */
struct learn_step {
	uint32_t a, b;
	uint32_t both, of; /* so many of the tickets with a */
	uint32_t with_b, all;
	double low; /* the share that it surely is at least */
	double p;
};

struct learned {
	struct learn_step *upgrades; /* the surest first */
	size_t upgrade_count;
	struct learn_step *attached; /* by the first product, the likeliest first */
	size_t attached_count;
	size_t tested; /* pairs that were common enough to be looked at */
	/* Of the last ticket of each member who came twice each product was hidden in turn, and guessed from the others, three times. */
	int64_t hidden, guessed, popular;
};

void learn(const struct learn_tickets *t, struct learned *out);
void learned_deinit(struct learned *l);

/** Write the proposal as a fragment of the configuration. @param scale decimals of money */
void learn_print(const struct learn_tickets *t, const struct learned *l, const struct words *w, unsigned scale, FILE *out);
