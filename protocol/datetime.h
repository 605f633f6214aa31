/* SPDX-License-Identifier: Apache-2.0 */
/* Instants are int64_t milliseconds UTC since 1970; days are uint32_t yyyymmdd (proleptic Gregorian); store time is the
 * process's one time zone, set by zone_set. */
#pragma once

#include "protocol/bytes.h"

#define DAY_MS INT64_C(86400000)
/** A day after every other: "never". */
#define DAY_NEVER UINT32_C(99991231)

/* --- days --- */

bool day_valid(uint32_t day);
/** Days since 1970-01-01, and back. Hinnant's days_from_civil (http://howardhinnant.github.io/date_algorithms.html). */
int64_t day_number(uint32_t day);
uint32_t day_of_number(int64_t n);
uint32_t day_add(uint32_t day, int n);
/** Same day n months on, clamped to the month's end: 20270131 + 1 = 20270228. */
uint32_t day_add_months(uint32_t day, int n);
uint32_t day_month_end(uint32_t day);
uint32_t day_year_end(uint32_t day);
/** 0 = Monday .. 6 = Sunday (ISO 8601). */
unsigned day_weekday(uint32_t day);
/** "2026-11-21". @return false unless exactly that shape and a real date */
bool day_parse(struct palier_bytes text, uint32_t *out);
/** @param text 11 bytes */
void day_format(uint32_t day, char *text);

/* --- instants --- */

/** RFC 3339 date-time with offset or Z; fractions beyond ms are cut; a leap second (:60) counts as the next second. */
bool time_parse(struct palier_bytes text, int64_t *out_ms);
/** "2026-11-21T09:03:11.120Z". @param text 32 bytes */
void time_format(int64_t at_ms, char *text);

/* --- the store's time zone --- */

/** Has the system such a zone? */
bool zone_known(const char *name);
/** Make `name` (an IANA name such as "Europe/Paris") the store's time zone. @return PALIER_OK; PALIER_EINVAL when the system has no such zone */
int zone_set(const char *name);
/** The store's date at an instant. Cached: two calls within a day cost a comparison. */
uint32_t zone_day(int64_t at_ms);
/** Minutes since the store's midnight as a wall clock shows them, 0..1439. */
unsigned zone_minute(int64_t at_ms);
/** The first instant of a day in store time (where 00:00 is skipped by daylight saving, the first instant after the gap). */
int64_t zone_midnight(uint32_t day);

/* --- spans, as the configuration writes them --- */

enum span_kind { SPAN_NEVER, SPAN_DAYS, SPAN_MONTHS, SPAN_END_OF_MONTH, SPAN_END_OF_YEAR };
struct span {
	enum span_kind kind;
	int n;
};

/** "N days", "N months", "1 day", "1 month", "end of month", "end of year", "never"; n in 0..36500 */
bool span_parse(const char *text, struct span *out);
/** The last day, in store time, on which what began at at_ms may be used; DAY_NEVER for never.
 * rules.md "Lots and expiry": N days or months end at 00:00 of the day after that date. */
uint32_t span_last_day(struct span s, int64_t at_ms);

/* --- quoted decimals --- */

/** "1.50" with scale 2 is 150. Plain digits with an optional sign and point, no exponent.
 * @return false when malformed, with more decimals than scale, or beyond PALIER_FIGURE_MAX */
bool decimal_parse(const char *text, unsigned scale, int64_t *out);
