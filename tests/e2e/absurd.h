/* SPDX-License-Identifier: Apache-2.0 */
/* A shop that a whole table of tests shares, each row with a card of its own; figures of a reply in short; what a refusal leaves alone. */
#pragma once

#include "tests/e2e/harness.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

extern struct shop *shop;
extern char card[16]; /* the row's */

/** A cmocka group's fixtures: the one shop made and started; stopped, checked, rebuilt and removed. */
int shared_open(const struct shop_options *options);
int shared_close(void **state);
/** The last row, as the end of a group fails no test: stop, check and rebuild. */
void shared_is_sound(void **state);

/** A new `card` with so much of each unit. */
void customer(struct wire *w, int64_t points, int64_t coffee, int64_t credit);
void balances_are(struct wire *w, int64_t points, int64_t coffee, int64_t credit);

/** A list's rows of one unit, summed up; 0 where there is no list. */
int64_t points_of(const char *reply, const char *list, const char *unit);
/** Words such as `payable=900`, `#discounts=1` (rows), `earn:points=9` (of a unit, summed up), all of which must hold of the result. */
void wants_hold(const char *reply, const char *wants);
/** A quote and its commit must say the same of every field that both have. */
void agree(const char *quoted, const char *booked);

/** What only an accepted command changes. */
struct traces {
	int64_t seq;
	size_t journal; /* bytes */
};

struct traces traces_of(struct wire *w);
void traces_same(struct wire *w, struct traces before);
