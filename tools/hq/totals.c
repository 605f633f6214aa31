/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/hq/totals.h"

#include <stdio.h>
#include <stdlib.h>

/* As in PROTOCOL.md, day.close. */
static const char *const core_names[TOTALS_CORE] = { "sales", "returns", "voids", "payable", "refunded", "members" };
enum { SALES, RETURNS, VOIDS, PAYABLE, REFUNDED, MEMBERS };

/* The causes of points.move, then what could not be taken and what was taken though it was not there. */
static const char *const unit_names[TOTALS_UNIT] = { "earn", "spend", "load", "pay", "reverse", "restore", "refund",
	"expire", "adjust", "grant", "merge", "uncollected", "shortfall" };
enum { CAUSES = 11, UNCOLLECTED = CAUSES, SHORTFALL };

/* What an effect adds to which of the core's: once, or the figure in it. */
static const struct counted {
	const char *kind;
	int total;
	const char *figure; /* NULL: count it */
	int times;
} counted[] = {
	{ "sale.booked", SALES, NULL, 1 },
	{ "sale.booked", PAYABLE, "payable", 1 },
	{ "sale.booked", PAYABLE, "returned", 1 },
	{ "sale.returned", RETURNS, NULL, 1 },
	{ "sale.returned", REFUNDED, "amount", 1 },
	{ "sale.voided", VOIDS, NULL, 1 },
	{ "sale.voided", PAYABLE, "spend", -1 },
	{ "return.voided", VOIDS, NULL, 1 },
	{ "return.voided", REFUNDED, "amount", -1 },
	{ "member.enrolled", MEMBERS, NULL, 1 },
};

static struct totals_unit *unit_find(const struct totals *t, struct palier_bytes name)
{
	for (size_t i = 0; i < t->count; i++)
		if (palier_is(name, t->units[i].name))
			return &t->units[i];
	return NULL;
}

static struct totals_unit *unit_of(struct totals *t, struct palier_bytes name)
{
	struct totals_unit *unit = unit_find(t, name);

	if (unit)
		return unit;
	t->units = realloc(t->units, (t->count + 1) * sizeof(*t->units));
	if (!t->units)
		abort();
	unit = &t->units[t->count++];
	*unit = (struct totals_unit){ .name = palier_dup(name) };
	return unit;
}

static bool move_add(struct totals *t, const struct booked *e, uint32_t effect)
{
	struct totals_unit *unit = unit_of(t, booked_text(e, effect, "unit"));
	struct palier_bytes cause = booked_text(e, effect, "cause");

	for (unsigned i = 0; i < CAUSES; i++)
		if (palier_is(cause, unit_names[i]) &&
			__builtin_add_overflow(unit->sums[i], booked_int(e, effect, "points"), &unit->sums[i]))
			return false;
	return !__builtin_add_overflow(unit->sums[UNCOLLECTED], booked_int(e, effect, "uncollected"),
		       &unit->sums[UNCOLLECTED]) &&
	       !__builtin_add_overflow(unit->sums[SHORTFALL], booked_int(e, effect, "shortfall"), &unit->sums[SHORTFALL]);
}

bool totals_event(struct totals *t, const struct booked *e)
{
	bool fits = true;

	for (uint32_t at = 0; fits && booked_effect(e, &at);) {
		struct palier_bytes kind = booked_text(e, at, "kind");

		for (size_t i = 0; i < sizeof(counted) / sizeof(*counted); i++)
			if (palier_is(kind, counted[i].kind))
				fits &= palier_add_i64(&t->core[counted[i].total],
					counted[i].times * (counted[i].figure ? booked_int(e, at, counted[i].figure) : 1));
		if (palier_is(kind, "points.move"))
			fits &= move_add(t, e, at);
	}
	return fits;
}

bool totals_add(struct totals *t, const struct totals *more)
{
	bool fits = true;

	for (int i = 0; i < TOTALS_CORE; i++)
		fits &= palier_add_i64(&t->core[i], more->core[i]);
	for (size_t n = 0; n < more->count; n++) {
		struct totals_unit *unit = unit_of(t, palier_str(more->units[n].name));

		for (int i = 0; i < TOTALS_UNIT; i++)
			fits &= !__builtin_add_overflow(unit->sums[i], more->units[n].sums[i], &unit->sums[i]);
	}
	return fits;
}

void totals_free(struct totals *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->units[i].name);
	free(t->units);
	*t = (struct totals){ .count = 0 };
}

/* --- what a tail line states --- */

struct stated {
	struct json_doc doc;
	struct palier_arena arena;
	uint32_t day, ever; /* objects */
};

static bool stated_open(struct palier_bytes line, struct stated *s)
{
	uint32_t tail;

	*s = (struct stated){ .doc = { .capacity = (uint32_t)(line.len / 2 + 1) } };
	s->doc.tokens = palier_alloc(&s->arena, s->doc.capacity * sizeof(*s->doc.tokens));
	if (json_parse(&s->doc, line, JSON_DEPTH_MAX) != PALIER_OK || s->doc.tokens[0].type != JSON_OBJECT)
		return false;
	tail = json_member(&s->doc, 0, "tail");
	if (!tail || s->doc.tokens[tail].type != JSON_OBJECT)
		return false;
	s->day = json_member(&s->doc, tail, "totals");
	s->ever = json_member(&s->doc, tail, "perpetual");
	return s->day && s->doc.tokens[s->day].type == JSON_OBJECT && s->ever && s->doc.tokens[s->ever].type == JSON_OBJECT;
}

static int64_t figure_in(const struct json_doc *d, uint32_t object, const char *key)
{
	uint32_t token = object ? json_member(d, object, key) : 0;
	int64_t value = 0;

	return token && json_integer(d, token, &value) ? value : 0;
}

/* The object of the units; 0: there is none */
static uint32_t units_in(const struct stated *s, uint32_t totals)
{
	uint32_t units = json_member(&s->doc, totals, "units");

	return units && s->doc.tokens[units].type == JSON_OBJECT ? units : 0;
}

/* The next unit. @param key 0 before the first @return its object; 0 after the last */
static uint32_t unit_next(const struct stated *s, uint32_t units, uint32_t *key)
{
	const struct json_token *t = s->doc.tokens;

	if (!units)
		return 0;
	*key = *key ? *key + 1 + t[*key + 1].span : units + 1;
	return *key < units + t[units].span && t[*key + 1].type == JSON_OBJECT ? *key + 1 : 0;
}

bool totals_read(struct palier_bytes tail, struct totals *out)
{
	struct stated s;
	uint32_t units, key = 0, unit;
	bool good = stated_open(tail, &s);

	*out = (struct totals){ .count = 0 };
	units = good ? units_in(&s, s.ever) : 0;
	for (int i = 0; good && i < TOTALS_CORE; i++)
		out->core[i] = figure_in(&s.doc, s.ever, core_names[i]);
	while ((unit = unit_next(&s, units, &key))) {
		struct totals_unit *one = unit_of(out, json_string(&s.doc, key, &s.arena));

		for (int i = 0; i < TOTALS_UNIT; i++)
			one->sums[i] = figure_in(&s.doc, unit, unit_names[i]);
	}
	palier_arena_deinit(&s.arena);
	return good;
}

/* --- comparing --- */

struct comparison {
	const struct stated *s;
	const char *whose; /* "totals" */
	char *why;
	size_t size;
};

/* What is written never leaves what a figure holds. */
static int64_t clamped(int64_t sum)
{
	return sum > PALIER_FIGURE_MAX ? PALIER_FIGURE_MAX : sum < -PALIER_FIGURE_MAX ? -PALIER_FIGURE_MAX : sum;
}

static bool same(struct comparison *c, uint32_t object, const char *unit, const char *key, int64_t reckoned)
{
	int64_t stated = figure_in(&c->s->doc, object, key);

	if (stated == clamped(reckoned))
		return true;
	snprintf(c->why, c->size, "%s, %s%s%s: the tail says %lld, its events make %lld", c->whose, unit, unit[0] ? " " : "",
		key, (long long)stated, (long long)reckoned);
	return false;
}

static int64_t outstanding(const struct totals_unit *unit)
{
	int64_t sum = 0;

	for (int i = 0; i < CAUSES; i++)
		if (__builtin_add_overflow(sum, unit->sums[i], &sum))
			return INT64_MAX;
	return sum;
}

/* @param ever NULL: what is outstanding is not known */
static bool unit_same(struct comparison *c, uint32_t object, const char *name, const struct totals_unit *mine,
	const struct totals_unit *ever)
{
	for (int i = 0; i < TOTALS_UNIT; i++)
		if (!same(c, object, name, unit_names[i], mine ? mine->sums[i] : 0))
			return false;
	return !ever || same(c, object, name, "outstanding", outstanding(ever));
}

/* Each unit of the tail; then those that it leaves out, though something moved. */
static bool units_same(struct comparison *c, uint32_t totals, const struct totals *mine, const struct totals *ever)
{
	uint32_t units = units_in(c->s, totals), key = 0, object;
	struct palier_arena a = { .used = 0 };
	bool good = true;

	while (good && (object = unit_next(c->s, units, &key))) {
		struct palier_bytes name = json_string(&c->s->doc, key, &a);

		good = unit_same(c, object, palier_cstr(&a, name), unit_find(mine, name),
			ever ? unit_find(ever, name) : NULL);
	}
	for (size_t i = 0; good && i < mine->count; i++)
		if (!units || !json_member(&c->s->doc, units, mine->units[i].name))
			good = unit_same(c, 0, mine->units[i].name, &mine->units[i], NULL);
	palier_arena_deinit(&a);
	return good;
}

static bool all_same(struct comparison *c, uint32_t totals, const struct totals *mine, const struct totals *ever)
{
	for (int i = 0; i < TOTALS_CORE; i++)
		if (!same(c, totals, "", core_names[i], mine->core[i]))
			return false;
	return units_same(c, totals, mine, ever);
}

bool totals_agree(const struct totals *day, const struct totals *ever, struct palier_bytes tail, char *why, size_t size)
{
	struct stated s;
	struct comparison c = { &s, "totals", why, size };
	bool good = stated_open(tail, &s);

	if (!good)
		snprintf(why, size, "the tail states none");
	good = good && all_same(&c, s.day, day, ever);
	c.whose = "perpetual";
	good = good && (!ever || all_same(&c, s.ever, ever, ever));
	palier_arena_deinit(&s.arena);
	return good;
}
