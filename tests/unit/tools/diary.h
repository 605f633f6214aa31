/* SPDX-License-Identifier: Apache-2.0 */
/* Journal files written by hand: event lines with just what a report reads. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct diary {
	char data[64]; /* the data directory: its files lie in journal/ */
	FILE *f;       /* 1.jsonl */
	uint64_t seq;
	const char *store, *till, *operator; /* of the events to come */
	const char *params;                  /* likewise, ' for "; NULL: none */
	bool sour;                           /* of diary_shop: everybody is served where it grates */
	unsigned first, seed; /* of diary_shop: its customers' numbers are above first, and what they do is the seed's */
};

/** A new directory under TMPDIR. */
void diary_begin(struct diary *j);
/** An event at a second of UTC. @param member 0: nobody @param effects JSON, ' for " */
void diary_event(struct diary *j, int64_t at_s, const char *method, unsigned member, const char *effects, ...)
	__attribute__((format(printf, 5, 6)));
/** "m_..." of a number. @return static memory, of the last eight */
const char *diary_member(unsigned number);
/** 12:00 UTC of a day. */
int64_t diary_noon(unsigned day);
void diary_close(struct diary *j);
/** Remove it all. */
void diary_remove(struct diary *j);

/* Events that are needed often. */
void diary_sale(struct diary *j, int64_t at_s, unsigned member, const char *sale, int base, const char *more);
void diary_touch(struct diary *j, int64_t at_s, unsigned member, const char *touchpoint, const char *channel);
void diary_stage(struct diary *j, int64_t at_s, unsigned member, const char *stage);
/** Two years of a shop up to 2026-11-26: always the same customers of a seed. */
void diary_shop(struct diary *d, unsigned customers);
