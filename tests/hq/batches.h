/* SPDX-License-Identifier: Apache-2.0 */
/* Batches without a store: events that a test writes, chained, counted and with their manifest as palier-seal makes it, but not signed. */
#pragma once

#include "protocol/batch.h"

struct chain {
	const char *directory, *store; /* DIRECTORY/STORE/batches/N/ */
	char day[11];
	uint32_t batch;
	uint64_t seq, events;
	int64_t at_ms; /* of the next event; each is a second after the one before */
	struct batch_before before;
	struct palier_hash last; /* of the last line */
	struct palier_buffer text;
};

/** A store's first batch comes next. */
void chain_begin(struct chain *c, const char *directory, const char *store);
void chain_day(struct chain *c, const char *day);
/** An event at till-1, params and effects with ' for ". @param member NULL: nobody is known @return its seq */
uint64_t chain_event(struct chain *c, const char *method, const char *member, const char *params, const char *effects);
/** The day's end. @param totals,perpetual with ' for " */
void chain_close(struct chain *c, const char *totals, const char *perpetual);
void chain_end(struct chain *c);
