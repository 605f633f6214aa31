/* SPDX-License-Identifier: Apache-2.0 */
/* Journal files written by hand: event lines with just what a report reads. */
#pragma once

#include <stdint.h>
#include <stdio.h>

struct journal {
	char data[96]; /* the data directory: its files lie in journal/ */
	FILE *f;       /* 1.jsonl */
	uint64_t seq;
	const char *store, *till, *operator; /* of the events to come */
};

/** A new directory under TMPDIR. */
void journal_begin(struct journal *j);
/** An event at a second of UTC. @param member 0: nobody @param effects JSON, ' for " */
void journal_event(struct journal *j, int64_t at_s, const char *method, unsigned member, const char *effects, ...)
	__attribute__((format(printf, 5, 6)));
/** "m_..." of a number. @return static memory, of the last eight */
const char *journal_member(unsigned number);
/** 12:00 UTC of a day. */
int64_t journal_noon(unsigned day);
void journal_close(struct journal *j);
/** Remove it all. */
void journal_remove(struct journal *j);

/* Events that are needed often. */
void journal_sale(struct journal *j, int64_t at_s, unsigned member, const char *sale, int base, const char *more);
void journal_touch(struct journal *j, int64_t at_s, unsigned member, const char *touchpoint, const char *channel);
void journal_stage(struct journal *j, int64_t at_s, unsigned member, const char *stage);
