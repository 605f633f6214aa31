/* SPDX-License-Identifier: Apache-2.0 */
/* The clock of every palierd that a test starts, moved by libfaketime. Of one test program at a time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** From now on the clock is the test's, and shows the time of the wall. The test fails without libfaketime. */
void clock_take(void);
/** It is the wall's again; it need not have been taken. */
void clock_give_back(void);
bool clock_taken(void);

/** @param seconds of the wall's clock, signed; running daemons see it at once */
void clock_set(int64_t seconds);
/** As set; 0: the wall's. */
int64_t clock_ahead(void);
/** What a daemon's clock shows, UTC, milliseconds. */
int64_t clock_ms(void);
/** To noon of the next day in Paris (one o'clock in summer), so that no test comes near a midnight of the real clock's making. */
void clock_to_noon(void);
