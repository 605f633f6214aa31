/* SPDX-License-Identifier: Apache-2.0 */
/* A small journal, written by a test. */
#pragma once

#include <stdio.h>

#include "tools/report/events.h"

struct journal {
	char dir[64];
	FILE *file; /* the open batch */
	uint64_t seq;
	const char *booked; /* the business day of events to come, whenever they happened; NULL: the same */
};

void journal_begin(struct journal *j);
/** An event line, with ' for ". @param day "2026-11-21": of `at` @param more `,'member':'m_...'` and the like, or "" @param effects what stands in [] */
void journal_event(struct journal *j, const char *day, const char *method, const char *more, const char *params,
	const char *effects, ...) __attribute__((format(printf, 6, 7)));
/** Close it, to be read. */
void journal_files(struct journal *j, struct event_files *out);
void journal_remove(struct journal *j);
/** A member's id as text, by number. @return static memory, of the last four calls */
const char *journal_member(unsigned number);
