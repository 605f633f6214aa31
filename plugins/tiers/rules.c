/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of a day: thresholds, window, grace. What was booked by them is judged by them for ever, whatever the configuration says later. */
#include "plugins/tiers/internal.h"

const char *const tiers_fall_names[] = { "one", "evaluate", NULL };
const char *const tiers_window_names[] = { "rolling", "calendar-year", "lifetime", NULL };

const struct tier *tiers_named(const struct tiers_rules *rules, struct palier_bytes name)
{
	for (size_t i = 0; rules && i < rules->tier_count; i++)
		if (palier_equal(rules->tiers[i].name, name))
			return &rules->tiers[i];
	return NULL;
}

const struct tier *tiers_reached(const struct tiers_rules *rules, int64_t sum)
{
	const struct tier *t = NULL;

	for (size_t i = 0; i < rules->tier_count && rules->tiers[i].from <= sum; i++)
		t = &rules->tiers[i];
	return t;
}

const struct tier *tiers_above(const struct tiers_rules *rules, int64_t from)
{
	for (size_t i = 0; i < rules->tier_count; i++)
		if (rules->tiers[i].from > from)
			return &rules->tiers[i];
	return NULL;
}

const struct tier *tiers_below(const struct tiers_rules *rules, int64_t from)
{
	return tiers_reached(rules, from - 1);
}

static bool span_equal(struct span a, struct span b)
{
	return a.kind == b.kind && a.n == b.n;
}

bool tiers_rules_equal(const struct tiers_rules *a, const struct tiers_rules *b)
{
	if (a->tier_count != b->tier_count || a->window != b->window || a->fall != b->fall ||
		!palier_equal(a->measured, b->measured) || !span_equal(a->grace, b->grace) ||
		(a->window == WINDOW_ROLLING && !span_equal(a->span, b->span)))
		return false;
	for (size_t i = 0; i < a->tier_count; i++)
		if (a->tiers[i].from != b->tiers[i].from || !palier_equal(a->tiers[i].name, b->tiers[i].name))
			return false;
	return true;
}

uint32_t tiers_window_start(const struct tiers_rules *rules, uint32_t day)
{
	if (rules->window == WINDOW_CALENDAR_YEAR)
		return day / 10000 * 10000 + 101;
	if (rules->window == WINDOW_LIFETIME)
		return 0;
	return rules->span.kind == SPAN_DAYS ? day_add(day, -rules->span.n) : day_add_months(day, -rules->span.n);
}

uint32_t tiers_span_after(struct span span, uint32_t day)
{
	return span.kind == SPAN_DAYS ? day_add(day, span.n) : day_add_months(day, span.n);
}

uint32_t tiers_term(const struct tiers_rules *rules, uint32_t day)
{
	if (rules->window == WINDOW_LIFETIME)
		return 0;
	return rules->window == WINDOW_CALENDAR_YEAR ? day_year_end(day) : tiers_span_after(rules->span, day);
}
