/* SPDX-License-Identifier: Apache-2.0 */
/* Dates, RFC 3339 instants, the store's time zone, and the spans and decimals of the configuration. */
#include "protocol/datetime.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define DAY_FIRST UINT32_C(10101) /* 0001-01-01 */
#define DAY_S     INT64_C(86400)
/* 9999-12-31T23:59:59.999Z */
#define TIME_LAST INT64_C(253402300799999)

static uint32_t day_of(unsigned year, unsigned month, unsigned day)
{
	return year * 10000 + month * 100 + day;
}

static unsigned month_days(unsigned year, unsigned month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

bool day_valid(uint32_t day)
{
	unsigned year = day / 10000, month = day / 100 % 100, d = day % 100;

	return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && d >= 1 && d <= month_days(year, month);
}

/* Years begin in March here, so that the leap day is a year's last; 719468 days lie between 0000-03-01 and 1970-01-01. */
int64_t day_number(uint32_t day)
{
	unsigned month = day / 100 % 100;
	unsigned year = day / 10000 - (month <= 2);
	unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day % 100 - 1;

	return (int64_t)year * 365 + year / 4 - year / 100 + year / 400 + of_year - 719468;
}

uint32_t day_of_number(int64_t n)
{
	uint32_t z, era, of_era, year, of_year, month;

	if (n <= day_number(DAY_FIRST))
		return DAY_FIRST;
	if (n >= day_number(DAY_NEVER))
		return DAY_NEVER;
	z = (uint32_t)(n + 719468);
	era = z / 146097;
	of_era = z % 146097;
	year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	of_year = of_era - (365 * year + year / 4 - year / 100);
	month = (5 * of_year + 2) / 153;
	return day_of(era * 400 + year + (month >= 10), month < 10 ? month + 3 : month - 9,
		of_year - (153 * month + 2) / 5 + 1);
}

uint32_t day_add(uint32_t day, int n)
{
	return day_of_number(day_number(day) + n);
}

uint32_t day_add_months(uint32_t day, int n)
{
	int64_t months = (int64_t)(day / 10000) * 12 + day / 100 % 100 - 1 + n;
	unsigned year, month, last;

	if (months < 12)
		return DAY_FIRST;
	if (months >= INT64_C(10000) * 12)
		return DAY_NEVER;
	year = (unsigned)(months / 12);
	month = (unsigned)(months % 12) + 1;
	last = month_days(year, month);
	return day_of(year, month, day % 100 < last ? day % 100 : last);
}

uint32_t day_month_end(uint32_t day)
{
	return day_of(day / 10000, day / 100 % 100, month_days(day / 10000, day / 100 % 100));
}

uint32_t day_year_end(uint32_t day)
{
	return day_of(day / 10000, 12, 31);
}

unsigned day_weekday(uint32_t day)
{
	/* 1970-01-01 was a Thursday; 719166 = 7 * 102738 keeps the sum above zero from year 1 on. */
	return (unsigned)((day_number(day) + 719166 + 3) % 7);
}

static bool digits_read(const char *at, unsigned n, unsigned *out)
{
	unsigned value = 0;

	for (unsigned i = 0; i < n; i++) {
		if (at[i] < '0' || at[i] > '9')
			return false;
		value = value * 10 + (unsigned)(at[i] - '0');
	}
	*out = value;
	return true;
}

static char *digits_write(char *at, unsigned value, unsigned n)
{
	for (unsigned i = n; i-- > 0; value /= 10)
		at[i] = (char)('0' + value % 10);
	return at + n;
}

bool day_parse(struct palier_bytes text, uint32_t *out)
{
	unsigned year, month, day;

	if (text.len != 10 || text.at[4] != '-' || text.at[7] != '-' || !digits_read(text.at, 4, &year) ||
		!digits_read(text.at + 5, 2, &month) || !digits_read(text.at + 8, 2, &day) ||
		!day_valid(day_of(year, month, day)))
		return false;
	*out = day_of(year, month, day);
	return true;
}

static char *day_write(uint32_t day, char *at)
{
	at = digits_write(at, day / 10000, 4);
	*at++ = '-';
	at = digits_write(at, day / 100 % 100, 2);
	*at++ = '-';
	return digits_write(at, day % 100, 2);
}

void day_format(uint32_t day, char *text)
{
	*day_write(day, text) = '\0';
}

/* --- instants --- */

/* "hh:mm" */
static bool clock_read(const char *at, unsigned *minutes)
{
	unsigned hour, minute;

	if (!digits_read(at, 2, &hour) || at[2] != ':' || !digits_read(at + 3, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*minutes = hour * 60 + minute;
	return true;
}

/* ".123456789"; more than milliseconds are cut. @return bytes taken, 0 when malformed */
static size_t fraction_read(struct palier_bytes text, unsigned *ms)
{
	size_t i = 1;
	unsigned value = 0;

	for (; i < text.len && isdigit((unsigned char)text.at[i]); i++)
		if (i <= 3)
			value = value * 10 + (unsigned)(text.at[i] - '0');
	if (i < 2 || i > 10)
		return 0;
	for (size_t k = i; k <= 3; k++)
		value *= 10;
	*ms = value;
	return i;
}

/* "Z", or "+01:00" as minutes east of UTC */
static bool offset_read(struct palier_bytes text, int *minutes)
{
	unsigned east;

	if (text.len == 1 && (text.at[0] | 0x20) == 'z') {
		*minutes = 0;
		return true;
	}
	if (text.len != 6 || (text.at[0] != '+' && text.at[0] != '-') || !clock_read(text.at + 1, &east))
		return false;
	*minutes = text.at[0] == '-' ? -(int)east : (int)east;
	return true;
}

bool time_parse(struct palier_bytes text, int64_t *out_ms)
{
	uint32_t day;
	unsigned minutes, second, ms = 0;
	int offset;
	size_t used = 19;
	int64_t utc, at;

	if (text.len < 20 || !day_parse(palier_bytes_of(text.at, 10), &day) || (text.at[10] | 0x20) != 't' ||
		!clock_read(text.at + 11, &minutes) || text.at[16] != ':' || !digits_read(text.at + 17, 2, &second) ||
		second > 60)
		return false;
	if (text.at[used] == '.') {
		size_t n = fraction_read(palier_bytes_of(text.at + used, text.len - used), &ms);

		if (n == 0)
			return false;
		used += n;
	}
	if (!offset_read(palier_bytes_of(text.at + used, text.len - used), &offset))
		return false;
	utc = day_number(day) * 1440 + minutes - offset;
	at = (utc * 60 + second) * 1000 + ms;
	if (at < 0 || at > TIME_LAST || (second == 60 && utc % 1440 != 1439))
		return false;
	*out_ms = at;
	return true;
}

static int64_t time_clamp(int64_t at_ms)
{
	return at_ms < 0 ? 0 : at_ms > TIME_LAST ? TIME_LAST : at_ms;
}

void time_format(int64_t at_ms, char *text)
{
	int64_t at = time_clamp(at_ms);
	unsigned of_day = (unsigned)(at % DAY_MS);
	char *p = day_write(day_of_number(at / DAY_MS), text);

	*p++ = 'T';
	p = digits_write(p, of_day / 3600000, 2);
	*p++ = ':';
	p = digits_write(p, of_day / 60000 % 60, 2);
	*p++ = ':';
	p = digits_write(p, of_day / 1000 % 60, 2);
	*p++ = '.';
	p = digits_write(p, of_day % 1000, 3);
	*p++ = 'Z';
	*p = '\0';
}

/* --- the store's time zone --- */

/* The stretch of time around the last instant asked for, in which neither the date nor the offset changes. */
static struct {
	int64_t start, end; /* ms; empty at first */
	int64_t offset;     /* seconds east of UTC */
	uint32_t day;
} stretch;

static bool zone_name_ok(const char *name)
{
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("_+-/", *p))
			return false;
	return name[0] != '\0' && name[0] != '/';
}

static bool zone_exists(const char *name)
{
	const char *dir = getenv("TZDIR");
	char path[PATH_MAX], magic[4];
	bool found;
	FILE *f;

	if (snprintf(path, sizeof(path), "%s/%s", dir && *dir ? dir : "/usr/share/zoneinfo", name) >= (int)sizeof(path))
		return false;
	f = fopen(path, "re");
	if (!f)
		return false;
	found = fread(magic, 1, sizeof(magic), f) == sizeof(magic) && memcmp(magic, "TZif", sizeof(magic)) == 0;
	fclose(f);
	return found;
}

/* UTC needs no file, so a system without zoneinfo can still run in it. */
bool zone_known(const char *name)
{
	return name && (strcmp(name, "UTC") == 0 || (zone_name_ok(name) && zone_exists(name)));
}

int zone_set(const char *name)
{
	if (!zone_known(name) || setenv("TZ", strcmp(name, "UTC") == 0 ? "UTC0" : name, 1) != 0)
		return PALIER_EINVAL;
	tzset();
	stretch.end = stretch.start;
	return PALIER_OK;
}

/* Seconds east of UTC at an instant in seconds. */
static int64_t offset_at(int64_t at)
{
	time_t t = (time_t)at;
	struct tm tm = { 0 };

	localtime_r(&t, &tm);
	return tm.tm_gmtoff;
}

/* @return the second in (lo, hi] from which hi's offset holds; lo's is another one, and there is one change between them */
static int64_t offset_change(int64_t lo, int64_t hi)
{
	int64_t before = offset_at(lo);

	while (hi - lo > 1) {
		int64_t mid = lo + (hi - lo) / 2;

		if (offset_at(mid) == before)
			lo = mid;
		else
			hi = mid;
	}
	return hi;
}

static void stretch_find(int64_t at_ms)
{
	int64_t at = time_clamp(at_ms) / 1000;
	int64_t offset = offset_at(at);
	int64_t of_day = ((at + offset) % DAY_S + DAY_S) % DAY_S;
	int64_t start = at - of_day, end = start + DAY_S;

	stretch.day = day_of_number((start + offset) / DAY_S);
	stretch.offset = offset;
	if (offset_at(start) != offset)
		start = offset_change(start, at);
	if (offset_at(end - 1) != offset)
		end = offset_change(at, end - 1);
	stretch.start = start * 1000;
	stretch.end = end * 1000;
}

uint32_t zone_day(int64_t at_ms)
{
	if (at_ms < stretch.start || at_ms >= stretch.end)
		stretch_find(at_ms);
	return stretch.day;
}

unsigned zone_minute(int64_t at_ms)
{
	int64_t of_day;

	zone_day(at_ms);
	of_day = (time_clamp(at_ms) / 1000 + stretch.offset) % DAY_S;
	return (unsigned)((of_day + DAY_S) % DAY_S / 60);
}

/* Offsets are under 16 hours (POSIX allows 24, no zone has more than 15:14), so only a change that near can matter. */
int64_t zone_midnight(uint32_t day)
{
	int64_t wall = day_number(day) * DAY_S, reach = 16 * INT64_C(3600);
	int64_t before = offset_at(wall - reach), after = offset_at(wall + reach);
	int64_t change;

	if (before == after)
		return (wall - before) * 1000;
	change = offset_change(wall - reach, wall + reach);
	if (wall - before < change)
		return (wall - before) * 1000;
	return (wall - after > change ? wall - after : change) * 1000;
}

/* --- spans and decimals --- */

bool span_parse(const char *text, struct span *out)
{
	static const struct {
		const char *text;
		enum span_kind kind;
		int n; /* 0: any */
	} words[] = {
		{ " days", SPAN_DAYS, 0 },
		{ " day", SPAN_DAYS, 1 },
		{ " months", SPAN_MONTHS, 0 },
		{ " month", SPAN_MONTHS, 1 },
		{ "end of month", SPAN_END_OF_MONTH, 0 },
		{ "end of year", SPAN_END_OF_YEAR, 0 },
		{ "never", SPAN_NEVER, 0 },
	};
	size_t digits = strspn(text, "0123456789");
	unsigned n = 0;

	if (digits > 5 || !digits_read(text, (unsigned)digits, &n) || n > 36500)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(text + digits, words[i].text) == 0 && (digits > 0) == (words[i].text[0] == ' ') &&
			(words[i].n == 0 || words[i].n == (int)n)) {
			*out = (struct span){ words[i].kind, (int)n };
			return true;
		}
	return false;
}

uint32_t span_last_day(struct span s, int64_t at_ms)
{
	switch (s.kind) {
	case SPAN_DAYS:
		return day_add(zone_day(at_ms), s.n);
	case SPAN_MONTHS:
		return day_add_months(zone_day(at_ms), s.n);
	case SPAN_END_OF_MONTH:
		return day_month_end(zone_day(at_ms));
	case SPAN_END_OF_YEAR:
		return day_year_end(zone_day(at_ms));
	case SPAN_NEVER:
		break;
	}
	return DAY_NEVER;
}

/* *value = *value * 10 + digit. @return false beyond PALIER_FIGURE_MAX */
static bool decimal_push(int64_t *value, int digit)
{
	if (*value > (PALIER_FIGURE_MAX - digit) / 10)
		return false;
	*value = *value * 10 + digit;
	return true;
}

bool decimal_parse(const char *text, unsigned scale, int64_t *out)
{
	const char *p = text + (*text == '-' || *text == '+');
	size_t whole = strspn(p, "0123456789"), part = 0;
	int64_t value = 0;

	if (whole == 0)
		return false;
	for (size_t i = 0; i < whole; i++)
		if (!decimal_push(&value, p[i] - '0'))
			return false;
	p += whole;
	if (*p == '.') {
		part = strspn(++p, "0123456789");
		if (part == 0)
			return false;
	}
	if (part > scale || p[part] != '\0')
		return false;
	for (size_t i = 0; i < scale; i++)
		if (!decimal_push(&value, i < part ? p[i] - '0' : 0))
			return false;
	*out = *text == '-' ? -value : value;
	return true;
}
