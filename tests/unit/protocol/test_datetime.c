/* SPDX-License-Identifier: Apache-2.0 */
/* Dates, instants, the store's time zone, spans, decimals. */
#include "protocol/datetime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static int64_t instant(const char *text)
{
	int64_t at = -1;

	if (!time_parse(palier_str(text), &at))
		fail_msg("not an instant: %s", text);
	return at;
}

static const struct time_case {
	const char *name, *text;
	const char *utc; /* NULL: refused */
} time_cases[] = {
	{ "an instant in UTC", "2026-11-21T09:03:11.120Z", "2026-11-21T09:03:11.120Z" },
	{ "an instant without a fraction", "2026-11-21T09:03:11Z", "2026-11-21T09:03:11.000Z" },
	{ "lower case t and z are letters too", "2026-11-21t09:03:11z", "2026-11-21T09:03:11.000Z" },
	{ "an offset east of Greenwich", "2026-11-21T09:03:11+01:30", "2026-11-21T07:33:11.000Z" },
	{ "an offset west of Greenwich into the next year", "2026-12-31T20:00:00-05:00", "2027-01-01T01:00:00.000Z" },
	{ "the unknown offset is UTC", "2026-11-21T09:03:11-00:00", "2026-11-21T09:03:11.000Z" },
	{ "one digit of a fraction is tenths", "2026-11-21T09:03:11.5Z", "2026-11-21T09:03:11.500Z" },
	{ "two digits of a fraction are hundredths", "2026-11-21T09:03:11.05Z", "2026-11-21T09:03:11.050Z" },
	{ "beyond milliseconds a fraction is cut", "2026-11-21T09:03:11.123999999Z", "2026-11-21T09:03:11.123Z" },
	{ "the first instant", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z" },
	{ "the last instant", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z" },
	{ "beyond 2038", "2038-01-19T03:14:08Z", "2038-01-19T03:14:08.000Z" },
	{ "a leap day", "2028-02-29T12:00:00Z", "2028-02-29T12:00:00.000Z" },
	{ "a leap second counts as the next second", "2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z" },
	{ "a leap second in Paris", "2017-01-01T00:59:60.250+01:00", "2017-01-01T00:00:00.250Z" },
	{ "second 60 elsewhere is refused", "2016-12-31T23:58:60Z", NULL },
	{ "second 60 at local midnight is refused", "2016-12-31T23:59:60+01:00", NULL },
	{ "second 61 is refused", "2016-12-31T23:59:61Z", NULL },
	{ "the leap second after the last instant is refused", "9999-12-31T23:59:60Z", NULL },
	{ "hour 24 is refused", "2026-11-21T24:00:00Z", NULL },
	{ "minute 60 is refused", "2026-11-21T09:60:00Z", NULL },
	{ "29 February of a common year is refused", "2026-02-29T09:00:00Z", NULL },
	{ "29 February 2100 is refused", "2100-02-29T09:00:00Z", NULL },
	{ "month 13 is refused", "2026-13-01T09:00:00Z", NULL },
	{ "month 0 is refused", "2026-00-01T09:00:00Z", NULL },
	{ "day 0 is refused", "2026-01-00T09:00:00Z", NULL },
	{ "before 1970 is refused", "1969-12-31T23:59:59Z", NULL },
	{ "before 1970 by the offset is refused", "1970-01-01T00:00:00+00:01", NULL },
	{ "after 9999 by the offset is refused", "9999-12-31T23:59:59-00:01", NULL },
	{ "no offset is refused", "2026-11-21T09:03:11", NULL },
	{ "no offset after a fraction is refused", "2026-11-21T09:03:11.123456789", NULL },
	{ "a fraction without digits is refused", "2026-11-21T09:03:11.Z", NULL },
	{ "a fraction of ten digits is refused", "2026-11-21T09:03:11.1234567890Z", NULL },
	{ "a comma is refused", "2026-11-21T09:03:11,5Z", NULL },
	{ "a space for the T is refused", "2026-11-21 09:03:11Z", NULL },
	{ "an offset without a colon is refused", "2026-11-21T09:03:11+0100", NULL },
	{ "an offset of 24 hours is refused", "2026-11-21T09:03:11+24:00", NULL },
	{ "an offset of 60 minutes is refused", "2026-11-21T09:03:11+01:60", NULL },
	{ "trailing bytes are refused", "2026-11-21T09:03:11Z ", NULL },
	{ "a sign among the digits is refused", "2026-11-21T+9:03:11Z", NULL },
	{ "nothing is refused", "", NULL },
};

static void test_time(void **state)
{
	const struct time_case *c = *state;
	int64_t at = 42;
	char text[32];

	assert_int_equal(time_parse(palier_str(c->text), &at), c->utc != NULL);
	if (!c->utc) {
		assert_int_equal(at, 42);
		return;
	}
	time_format(at, text);
	assert_string_equal(text, c->utc);
}

static const struct day_case {
	const char *name, *text;
	uint32_t day; /* 0: refused */
} day_cases[] = {
	{ "a date", "2026-11-21", 20261121 },
	{ "a birthday before 1970", "1948-02-29", 19480229 },
	{ "a leap day of a century divisible by 400", "2000-02-29", 20000229 },
	{ "a leap day of another century is refused", "1900-02-29", 0 },
	{ "31 April is refused", "2026-04-31", 0 },
	{ "year 0 is refused", "0000-01-01", 0 },
	{ "slashes are refused", "2026/11/21", 0 },
	{ "a short date is refused", "2026-1-1", 0 },
	{ "trailing bytes are refused", "2026-11-21Z", 0 },
	{ "letters are refused", "2026-1a-21", 0 },
};

static void test_day(void **state)
{
	const struct day_case *c = *state;
	uint32_t day = 42;
	char text[11];

	assert_int_equal(day_parse(palier_str(c->text), &day), c->day != 0);
	assert_int_equal(day, c->day ? c->day : 42);
	if (c->day) {
		day_format(day, text);
		assert_string_equal(text, c->text);
	}
}

static const struct months_case {
	const char *name;
	uint32_t day;
	int months;
	uint32_t expected;
} months_cases[] = {
	{ "a month on", 20261121, 1, 20261221 },
	{ "a month on across the year", 20261221, 1, 20270121 },
	{ "31 January and a month is the last of February", 20270131, 1, 20270228 },
	{ "31 January and a month in a leap year", 20280131, 1, 20280229 },
	{ "29 February and a year", 20280229, 12, 20290228 },
	{ "29 February and four years", 20280229, 48, 20320229 },
	{ "31 August and a month", 20260831, 1, 20260930 },
	{ "no month", 20260831, 0, 20260831 },
	{ "a month back across the year", 20270131, -1, 20261231 },
	{ "a month back is clamped", 20270331, -1, 20270228 },
	{ "beyond 9999 is never", 99991130, 3, DAY_NEVER },
};

static void test_months(void **state)
{
	const struct months_case *c = *state;

	assert_int_equal(day_add_months(c->day, c->months), c->expected);
}

static void test_every_day(void **state)
{
	int64_t n = 0;
	uint32_t last = 0;

	(void)state;
	for (unsigned year = 1970; year <= 2400; year++)
		for (unsigned day = year * 10000 + 101; day <= year * 10000 + 1231; day++) {
			if (!day_valid(day))
				continue;
			assert_int_equal(day_number(day), n);
			assert_int_equal(day_of_number(n), day);
			assert_int_equal(day_weekday(day), (n + 3) % 7);
			assert_true(last == 0 || day_add(last, 1) == day);
			last = day;
			n++;
		}
	/* 431 years of which 105 are leap years: 108 divisible by 4, less 2100, 2200, 2300 */
	assert_int_equal(n, 431 * 365 + 105);
}

static void test_ends(void **state)
{
	(void)state;
	assert_int_equal(day_of_number(INT64_MAX), DAY_NEVER);
	assert_int_equal(day_of_number(INT64_MIN), 10101);
	assert_int_equal(day_add(99991231, 1), DAY_NEVER);
	assert_int_equal(day_add(20260301, -1), 20260228);
	assert_int_equal(day_weekday(10101), 0);
	assert_int_equal(day_month_end(20280201), 20280229);
	assert_int_equal(day_year_end(20280201), 20281231);
}

static void test_format_range(void **state)
{
	char text[32];

	(void)state;
	time_format(INT64_MIN, text);
	assert_string_equal(text, "1970-01-01T00:00:00.000Z");
	time_format(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59.999Z");
}

static const struct zone_case {
	const char *name, *zone;
	bool known;
} zone_cases[] = {
	{ "UTC is known", "UTC", true },
	{ "a zone of the system is known", "Europe/Paris", true },
	{ "a zone three levels deep is known", "America/Argentina/Buenos_Aires", true },
	{ "a zone with a sign is known", "Etc/GMT+5", true },
	{ "a zone that does not exist is refused", "Europe/Lyon", false },
	{ "no name is refused", "", false },
	{ "an absolute path is refused", "/usr/share/zoneinfo/Europe/Paris", false },
	{ "a leading slash is refused", "/Europe/Paris", false },
	{ "a way up is refused", "Europe/../Europe/Paris", false },
	{ "a folder is refused", "Europe", false },
	{ "a POSIX rule is refused", "CET-1CEST,M3.5.0,M10.5.0/3", false },
	{ "a colon is refused", ":Europe/Paris", false },
};

static const struct midnight_case {
	const char *name, *zone;
	uint32_t day;
	const char *utc;
} midnight_cases[] = {
	{ "midnight in UTC", "UTC", 20261121, "2026-11-21T00:00:00.000Z" },
	{ "midnight in Paris in winter", "Europe/Paris", 20261121, "2026-11-20T23:00:00.000Z" },
	{ "midnight in Paris in summer", "Europe/Paris", 20260721, "2026-07-20T22:00:00.000Z" },
	{ "midnight of the day of 23 hours", "Europe/Paris", 20260329, "2026-03-28T23:00:00.000Z" },
	{ "midnight after the day of 23 hours", "Europe/Paris", 20260330, "2026-03-29T22:00:00.000Z" },
	{ "midnight of the day of 25 hours", "Europe/Paris", 20261025, "2026-10-24T22:00:00.000Z" },
	{ "midnight after the day of 25 hours", "Europe/Paris", 20261026, "2026-10-25T23:00:00.000Z" },
	{ "a day without 00:00 begins at 01:00", "America/Sao_Paulo", 20171015, "2017-10-15T03:00:00.000Z" },
	{ "the day after one without 00:00", "America/Sao_Paulo", 20171016, "2017-10-16T02:00:00.000Z" },
	{ "midnight comes after the second 23:00", "America/Sao_Paulo", 20180218, "2018-02-18T03:00:00.000Z" },
	{ "a day without 00:00 in Cairo", "Africa/Cairo", 20240426, "2024-04-25T22:00:00.000Z" },
	{ "where midnight comes twice, the first", "America/St_Johns", 20071104, "2007-11-04T02:30:00.000Z" },
	{ "a day that was left out begins with the next", "Pacific/Apia", 20111230, "2011-12-30T10:00:00.000Z" },
	{ "the day after a day that was left out", "Pacific/Apia", 20111231, "2011-12-30T10:00:00.000Z" },
	{ "half an hour of daylight saving", "Australia/Lord_Howe", 20261005, "2026-10-04T13:00:00.000Z" },
	{ "beyond 2038", "Europe/Paris", 20380720, "2038-07-19T22:00:00.000Z" },
};

static void test_midnight(void **state)
{
	const struct midnight_case *c = *state;
	char text[32];

	assert_int_equal(zone_set(c->zone), PALIER_OK);
	time_format(zone_midnight(c->day), text);
	assert_string_equal(text, c->utc);
}

/* xorshift64: the same instants in every run */
static uint64_t random_next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static struct tm wall(int64_t at_ms)
{
	time_t t = (time_t)(at_ms / 1000);
	struct tm tm;

	assert_non_null(localtime_r(&t, &tm));
	return tm;
}

static uint32_t wall_day(int64_t at_ms)
{
	struct tm tm = wall(at_ms);

	return (uint32_t)((tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday);
}

static void test_zone(void **state)
{
	const struct zone_case *c = *state;
	int64_t at = instant("2026-11-21T15:00:00Z");

	assert_int_equal(zone_set("Asia/Tokyo"), PALIER_OK);
	assert_int_equal(zone_day(at), 20261122);
	assert_int_equal(zone_set(c->zone), c->known ? PALIER_OK : PALIER_EINVAL);
	assert_int_equal(zone_day(at), c->known ? 20261121 : 20261122);
}

static void test_zone_files(void **state)
{
	char dir[] = "/tmp/test_datetime.XXXXXX", path[64];
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/Broken", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("no zone", f);
	fclose(f);
	setenv("TZDIR", dir, 1);
	assert_int_equal(zone_set("Broken"), PALIER_EINVAL);
	assert_int_equal(zone_set("Europe/Paris"), PALIER_EINVAL);
	assert_int_equal(zone_set("UTC"), PALIER_OK);
	assert_int_equal(zone_day(DAY_MS), 19700102);
	unsetenv("TZDIR");
	unlink(path);
	rmdir(dir);
}

static void check_instant(int64_t at)
{
	struct tm tm = wall(at);
	uint32_t day = wall_day(at);
	int64_t midnight = zone_midnight(day);

	assert_int_equal(zone_day(at), day);
	assert_int_equal(zone_minute(at), tm.tm_hour * 60 + tm.tm_min);
	assert_true(midnight <= at);
	assert_int_equal(wall_day(midnight), day);
	assert_true(wall_day(midnight - 1000) < day);
	assert_int_equal(zone_day(midnight), day);
}

static const struct libc_case {
	const char *name, *zone;
} libc_cases[] = {
	{ "UTC is as the C library has it", "UTC" },
	{ "Paris is as the C library has it", "Europe/Paris" },
	{ "Sao Paulo is as the C library has it", "America/Sao_Paulo" },
	{ "Cairo is as the C library has it", "Africa/Cairo" },
	{ "St. John's is as the C library has it", "America/St_Johns" },
	{ "Casablanca is as the C library has it", "Africa/Casablanca" },
	{ "Apia is as the C library has it", "Pacific/Apia" },
	{ "Lord Howe is as the C library has it", "Australia/Lord_Howe" },
};

static void check_random(void)
{
	uint64_t x = 88172645463325252U;

	for (int i = 0; i < 5000; i++) {
		int64_t at = (int64_t)(random_next(&x) % (UINT64_C(100) * 366 * 86400000)) + DAY_MS;

		check_instant(at);
		check_instant(at + (int64_t)(random_next(&x) % 10800000)); /* mostly the same day: out of the cache */
	}
}

static void check_cached(int64_t at)
{
	struct tm tm = wall(at);

	assert_int_equal(zone_day(at), wall_day(at));
	assert_int_equal(zone_minute(at), tm.tm_hour * 60 + tm.tm_min);
}

/* Every quarter of an hour of five years, forth and back, so that the cache meets each change of the clocks from both sides.
 */
static void check_in_order(void)
{
	int64_t start = instant("2007-01-01T00:00:30Z"), end = instant("2012-01-02T00:00:00Z"), at;

	for (at = start; at < end; at += 900000)
		check_cached(at);
	for (; at >= start; at -= 900000)
		check_cached(at);
}

static void test_libc(void **state)
{
	const struct libc_case *c = *state;

	assert_int_equal(zone_set(c->zone), PALIER_OK);
	check_random();
	check_in_order();
}

static const struct span_case {
	const char *name, *text;
	struct span span;
	bool ok;
} span_cases[] = {
	{ "days", "90 days", { SPAN_DAYS, 90 }, true },
	{ "one day", "1 day", { SPAN_DAYS, 1 }, true },
	{ "no day", "0 days", { SPAN_DAYS, 0 }, true },
	{ "months", "24 months", { SPAN_MONTHS, 24 }, true },
	{ "one month", "1 month", { SPAN_MONTHS, 1 }, true },
	{ "the most", "36500 days", { SPAN_DAYS, 36500 }, true },
	{ "the end of the month", "end of month", { SPAN_END_OF_MONTH, 0 }, true },
	{ "the end of the year", "end of year", { SPAN_END_OF_YEAR, 0 }, true },
	{ "never", "never", { SPAN_NEVER, 0 }, true },
	{ "too many days are refused", "36501 days", { 0 }, false },
	{ "far too many days are refused", "99999999999 days", { 0 }, false },
	{ "several of one are refused", "2 day", { 0 }, false },
	{ "a number alone is refused", "12", { 0 }, false },
	{ "a unit alone is refused", " days", { 0 }, false },
	{ "a number before never is refused", "1never", { 0 }, false },
	{ "a negative number is refused", "-1 days", { 0 }, false },
	{ "another unit is refused", "2 weeks", { 0 }, false },
	{ "trailing text is refused", "2 days ", { 0 }, false },
	{ "nothing is refused", "", { 0 }, false },
};

static void test_span(void **state)
{
	const struct span_case *c = *state;
	struct span s = { SPAN_NEVER, 42 };

	assert_int_equal(span_parse(c->text, &s), c->ok);
	assert_int_equal(s.kind, c->ok ? c->span.kind : SPAN_NEVER);
	assert_int_equal(s.n, c->ok ? c->span.n : 42);
}

static const struct expiry_case {
	const char *name, *zone, *at, *span;
	uint32_t last;
	const char *ends; /* 00:00 store time of the day after */
} expiry_cases[] = {
	{ "earned 31 January, one month: usable through 28 February", "Europe/Paris", "2027-01-31T18:00:00+01:00", "1 month",
		20270228, "2027-02-28T23:00:00.000Z" },
	{ "earned 31 January of a leap year, one month", "Europe/Paris", "2028-01-31T18:00:00+01:00", "1 month", 20280229,
		"2028-02-29T23:00:00.000Z" },
	{ "earned on a leap day, twelve months", "UTC", "2028-02-29T18:00:00Z", "12 months", 20290228,
		"2029-03-01T00:00:00.000Z" },
	{ "ninety days", "UTC", "2026-11-21T23:59:59.999Z", "90 days", 20270219, "2027-02-20T00:00:00.000Z" },
	{ "no day: through today", "UTC", "2026-11-21T00:00:00Z", "0 days", 20261121, "2026-11-22T00:00:00.000Z" },
	{ "the store's date counts, not UTC's", "Europe/Paris", "2026-11-20T23:00:00Z", "1 day", 20261122,
		"2026-11-22T23:00:00.000Z" },
	{ "a millisecond earlier is the day before", "Europe/Paris", "2026-11-20T22:59:59.999Z", "1 day", 20261121,
		"2026-11-21T23:00:00.000Z" },
	{ "days across the start of summer time", "Europe/Paris", "2026-03-28T12:00:00+01:00", "1 day", 20260329,
		"2026-03-29T22:00:00.000Z" },
	{ "days across the end of summer time", "Europe/Paris", "2026-10-24T12:00:00+02:00", "1 day", 20261025,
		"2026-10-25T23:00:00.000Z" },
	{ "an end in a day without 00:00", "America/Sao_Paulo", "2017-10-13T12:00:00-03:00", "1 day", 20171014,
		"2017-10-15T03:00:00.000Z" },
	{ "the end of the month", "Europe/Paris", "2026-11-01T12:00:00+01:00", "end of month", 20261130,
		"2026-11-30T23:00:00.000Z" },
	{ "the end of February in a leap year", "UTC", "2028-02-01T12:00:00Z", "end of month", 20280229,
		"2028-03-01T00:00:00.000Z" },
	{ "the end of the month on its last evening", "America/New_York", "2026-12-01T04:59:59Z", "end of month", 20261130,
		"2026-12-01T05:00:00.000Z" },
	{ "the end of the year", "Europe/Paris", "2026-01-01T00:00:00+01:00", "end of year", 20261231,
		"2026-12-31T23:00:00.000Z" },
	{ "the end of the year in the year's last second", "Europe/Paris", "2026-12-31T22:59:59.999Z", "end of year",
		20261231, "2026-12-31T23:00:00.000Z" },
	{ "the end of the year a millisecond later", "Europe/Paris", "2026-12-31T23:00:00Z", "end of year", 20271231,
		"2027-12-31T23:00:00.000Z" },
	{ "beyond 2038", "UTC", "2037-12-19T00:00:00Z", "2 months", 20380219, "2038-02-20T00:00:00.000Z" },
	{ "beyond 9999 is never", "UTC", "9990-01-01T00:00:00Z", "120 months", DAY_NEVER, NULL },
	{ "never", "UTC", "2026-11-21T00:00:00Z", "never", DAY_NEVER, NULL },
};

static void test_expiry(void **state)
{
	const struct expiry_case *c = *state;
	struct span s;
	char text[32];
	uint32_t last;

	assert_int_equal(zone_set(c->zone), PALIER_OK);
	assert_true(span_parse(c->span, &s));
	last = span_last_day(s, instant(c->at));
	assert_int_equal(last, c->last);
	if (c->ends) {
		time_format(zone_midnight(day_add(last, 1)), text);
		assert_string_equal(text, c->ends);
	}
}

static const struct decimal_case {
	const char *name, *text;
	unsigned scale;
	int64_t value;
	bool ok;
} decimal_cases[] = {
	{ "two decimals", "1.50", 2, 150, true },
	{ "fewer decimals than the scale", "1.5", 2, 150, true },
	{ "no decimals", "12", 2, 1200, true },
	{ "scale 0", "12", 0, 12, true },
	{ "negative", "-0.05", 2, -5, true },
	{ "an explicit plus", "+3", 1, 30, true },
	{ "the largest figure", "9007199254740991", 0, PALIER_FIGURE_MAX, true },
	{ "the smallest figure", "-90071992547409.91", 2, -PALIER_FIGURE_MAX, true },
	{ "beyond the largest figure is refused", "9007199254740992", 0, 0, false },
	{ "beyond the largest figure by the scale is refused", "90071992547409.92", 2, 0, false },
	{ "far beyond is refused", "99999999999999999999999999", 0, 0, false },
	{ "more decimals than the scale are refused", "1.500", 2, 0, false },
	{ "a point without decimals is refused", "1.", 2, 0, false },
	{ "a point first is refused", ".5", 2, 0, false },
	{ "two points are refused", "1.2.3", 4, 0, false },
	{ "an exponent is refused", "1e3", 2, 0, false },
	{ "a comma is refused", "1,50", 2, 0, false },
	{ "two signs are refused", "--1", 2, 0, false },
	{ "a sign alone is refused", "-", 2, 0, false },
	{ "a space is refused", " 1", 2, 0, false },
	{ "nothing is refused", "", 2, 0, false },
};

static void test_decimal(void **state)
{
	const struct decimal_case *c = *state;
	int64_t value = 42;

	assert_int_equal(decimal_parse(c->text, c->scale, &value), c->ok);
	assert_int_equal(value, c->ok ? c->value : 42);
}

#define ADD(cases, test) \
	for (size_t i = 0; i < COUNT(cases); i++) \
		tests[n++] = (struct CMUnitTest) \
		{ \
			(cases)[i].name, test, NULL, NULL, (void *)(uintptr_t) & (cases)[i] \
		}

int main(void)
{
	static struct CMUnitTest tests[COUNT(time_cases) + COUNT(day_cases) + COUNT(months_cases) + COUNT(zone_cases) +
				       COUNT(midnight_cases) + COUNT(span_cases) + COUNT(expiry_cases) +
				       COUNT(decimal_cases) + COUNT(libc_cases) + 4];
	size_t n = 0;

	ADD(time_cases, test_time);
	ADD(day_cases, test_day);
	ADD(months_cases, test_months);
	ADD(zone_cases, test_zone);
	ADD(midnight_cases, test_midnight);
	ADD(span_cases, test_span);
	ADD(expiry_cases, test_expiry);
	ADD(decimal_cases, test_decimal);
	ADD(libc_cases, test_libc);
	tests[n++] = (struct CMUnitTest){ "a file that is no zone is refused, and UTC needs none", test_zone_files, NULL,
		NULL, NULL };
	tests[n++] = (struct CMUnitTest){ "every day from 1970 to 2400 has its number", test_every_day, NULL, NULL, NULL };
	tests[n++] = (struct CMUnitTest){ "the calendar's ends hold", test_ends, NULL, NULL, NULL };
	tests[n++] = (struct CMUnitTest){ "an instant beyond the range is written as the nearest", test_format_range, NULL,
		NULL, NULL };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
