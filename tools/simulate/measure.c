/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/simulate/measure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/datetime.h"

/* Where each member stands, by id: an open table, which grows. */
struct stand {
	struct palier_id member;
	bool taken;
	int tier; /* NO_TIER; UNTOLD: where everybody begins */
};

#define NO_TIER (-1)
#define UNTOLD  (-2)

struct measure {
	struct figures *figures;
	int first_tier; /* where everybody begins */
	struct palier_arena *arena;
	struct month *month;
	size_t at; /* its index */
	struct stand *stands;
	size_t stand_count, stand_room;
	int64_t members;
};

/* --- members --- */

static struct stand *stand_find(struct stand *stands, size_t room, const struct palier_id *member)
{
	size_t at;

	memcpy(&at, member->b, sizeof(at));
	for (at &= room - 1; stands[at].taken && !palier_id_equal(stands[at].member, *member); at = (at + 1) & (room - 1))
		;
	return &stands[at];
}

static void stands_grow(struct measure *m)
{
	size_t room = m->stand_room ? m->stand_room * 2 : 512;
	struct stand *stands = calloc(room, sizeof(*stands));

	if (!stands)
		abort();
	for (size_t i = 0; i < m->stand_room; i++)
		if (m->stands[i].taken)
			*stand_find(stands, room, &m->stands[i].member) = m->stands[i];
	free(m->stands);
	m->stands = stands;
	m->stand_room = room;
}

static struct stand *stand_of(struct measure *m, const struct palier_id *member)
{
	struct stand *s;

	if (m->stand_count * 2 >= m->stand_room)
		stands_grow(m);
	s = stand_find(m->stands, m->stand_room, member);
	if (!s->taken) {
		*s = (struct stand){ *member, true, UNTOLD };
		m->stand_count++;
	}
	return s;
}

/* --- units and tiers --- */

static struct unit *unit_of(struct measure *m, struct palier_bytes name, size_t *at)
{
	struct figures *f = m->figures;

	for (*at = 0; *at < f->unit_count; (*at)++)
		if (palier_is(name, f->units[*at].name))
			return &f->units[*at];
	if (f->unit_count == FIGURES_UNITS || name.len == 0)
		return NULL;
	f->units[f->unit_count] = (struct unit){ .name = palier_cstr(m->arena, name),
		.triangle = palier_alloc(m->arena, FIGURES_MONTHS * sizeof(struct cost_issue)) };
	return &f->units[f->unit_count++];
}

static int tier_of(const struct figures *f, struct palier_bytes name)
{
	for (size_t i = 0; i < f->tier_count; i++)
		if (palier_is(name, f->tiers[i]))
			return (int)i;
	return NO_TIER;
}

static void tiers_take(struct measure *m, const struct booked *e, uint32_t effect)
{
	struct figures *f = m->figures;
	uint32_t row = 0, left;

	f->tier_count = 0;
	m->first_tier = NO_TIER;
	while (f->tier_count < FIGURES_TIERS && booked_each(e, effect, "tiers", &row, &left)) {
		if (f->tier_count == 0 && booked_int(e, row, "from") <= 0)
			m->first_tier = 0;
		f->tiers[f->tier_count++] = palier_cstr(m->arena, booked_text(e, row, "tier"));
	}
}

/* --- points --- */

/* @return false: before the simulation */
static bool month_of(const struct figures *f, uint32_t day, size_t *out)
{
	for (size_t i = f->month_count; i-- > 0;)
		if (day >= f->months[i].first) {
			*out = i;
			return true;
		}
	return false;
}

/* What a move of points is to the months of issue. */
enum move { ISSUED, SPENT, LAPSED };

/* What is taken back was not issued; what is given back was not spent. */
static enum move move_of(struct palier_bytes cause)
{
	if (palier_is(cause, "spend") || palier_is(cause, "pay") || palier_is(cause, "restore"))
		return SPENT;
	return palier_is(cause, "expire") ? LAPSED : ISSUED;
}

static void lot_take(const struct measure *m, struct unit *unit, enum move move, size_t issued, int64_t points)
{
	size_t age = m->at - issued < COST_AGES ? m->at - issued : COST_AGES - 1;

	if (move == ISSUED)
		unit->triangle[issued].issued += points;
	else if (move == SPENT)
		unit->triangle[issued].spent[age] -= points;
	else
		unit->triangle[issued].lapsed[age] -= points;
}

/* Lot by lot, each with its month of issue; what no lot is named for is a new one. */
static void lots_take(struct measure *m, const struct booked *e, uint32_t effect, struct unit *unit, enum move move)
{
	int64_t points = booked_int(e, effect, "points"), sign = points < 0 ? -1 : 1;
	int64_t rest = points - sign * booked_int(e, effect, "hole");
	uint32_t lot = 0, left;

	while (booked_each(e, effect, "lots", &lot, &left)) {
		int64_t at_ms = 0, part = sign * booked_int(e, lot, "points");
		size_t issued = 0;

		rest -= part;
		if (!time_parse(booked_text(e, lot, "at"), &at_ms))
			continue;
		if (!month_of(m->figures, zone_day(at_ms), &issued))
			issued = 0; /* older than what is looked at */
		if (issued <= m->at)
			lot_take(m, unit, move, issued, part);
	}
	if (move == ISSUED && rest > 0)
		lot_take(m, unit, move, m->at, rest);
}

static void move_take(struct measure *m, const struct booked *e, uint32_t effect)
{
	struct palier_bytes cause = booked_text(e, effect, "cause");
	int64_t points = booked_int(e, effect, "points");
	enum move move = move_of(cause);
	struct unit_month *u;
	struct unit *unit;
	size_t at;

	unit = unit_of(m, booked_text(e, effect, "unit"), &at);
	if (!unit)
		return;
	u = &m->month->units[at];
	if (move == ISSUED)
		u->issued += points;
	else
		*(move == SPENT ? &u->spent : &u->lapsed) -= points;
	if (palier_is(cause, "spend"))
		unit->spent -= points;
	lots_take(m, e, effect, unit, move);
}

/* What a reward took off is what the points spent on it in this sale were worth. */
static struct unit *unit_spent_on(struct measure *m, const struct booked *e, struct palier_bytes reward)
{
	size_t at;

	for (uint32_t walk = 0, effect; (effect = booked_effect(e, &walk)) != 0;)
		if (booked_kind(e, effect, "points.move") && palier_equal(booked_text(e, effect, "reward"), reward))
			return unit_of(m, booked_text(e, effect, "unit"), &at);
	return NULL;
}

static void discount_take(struct measure *m, const struct booked *e, uint32_t effect)
{
	int64_t amount = booked_int(e, effect, "amount");
	struct unit *unit;

	if (!booked_bool(e, effect, "redeemed")) {
		m->month->offers += amount;
		return;
	}
	m->month->rewards += amount;
	unit = unit_spent_on(m, e, booked_text(e, effect, "source"));
	if (unit)
		unit->value += amount;
}

static void credit_take(struct measure *m, const struct booked *e, uint32_t effect)
{
	int64_t value = booked_int(e, effect, "value");
	struct unit *unit = value ? unit_spent_on(m, e, booked_text(e, effect, "reward")) : NULL;

	m->month->credit += value;
	if (unit)
		unit->value += value;
}

/* --- an event --- */

static void unit_take(struct measure *m, const struct booked *e, uint32_t effect)
{
	size_t at;
	struct unit *unit = unit_of(m, booked_text(e, effect, "name"), &at);

	if (unit)
		unit->money = palier_is(booked_text(e, effect, "unit_kind"), "money");
}

static void sale_take(struct month *m, const struct booked *e, uint32_t effect)
{
	m->receipts++;
	m->sales += booked_int(e, effect, "payable") + booked_int(e, effect, "returned");
}

static void outcome_take(struct month *m, struct palier_bytes outcome)
{
	m->shown++;
	m->accepted += palier_is(outcome, "accepted");
	m->declined += palier_is(outcome, "declined");
}

static void step_take(struct month *m, const struct booked *e, uint32_t effect)
{
	m->claims += palier_is(booked_text(e, effect, "cause"), "claim");
	m->sponsors += booked_int(e, effect, "sponsor_moved") > 0;
}

static void standing_take(struct measure *m, const struct booked *e, uint32_t effect)
{
	struct palier_id member;
	uint32_t step = json_member(e->doc, effect, "step");

	if (step && booked_id(e, effect, "member", &member))
		stand_of(m, &member)->tier = tier_of(m->figures, booked_text(e, step, "tier"));
}

static void enrolled_take(struct measure *m, const struct booked *e, uint32_t effect)
{
	struct palier_id member;

	m->members++;
	if (booked_id(e, effect, "member", &member))
		stand_of(m, &member);
}

static void effect_take(struct measure *m, const struct booked *e, uint32_t effect)
{
	struct palier_bytes kind = booked_text(e, effect, "kind");

	if (palier_is(kind, "points.move"))
		move_take(m, e, effect);
	else if (palier_is(kind, "points.unit"))
		unit_take(m, e, effect);
	else if (palier_is(kind, "sale.booked"))
		sale_take(m->month, e, effect);
	else if (palier_is(kind, "sale.voided"))
		m->month->sales -= booked_int(e, effect, "spend");
	else if (palier_is(kind, "sale.returned"))
		m->month->sales -= booked_int(e, effect, "amount");
	else if (palier_is(kind, "return.voided"))
		m->month->sales += booked_int(e, effect, "amount");
	else if (palier_is(kind, "sale.discount"))
		discount_take(m, e, effect);
	else if (palier_is(kind, "reward.used"))
		credit_take(m, e, effect);
	else if (palier_is(kind, "ladder.shown"))
		outcome_take(m->month, booked_text(e, effect, "outcome"));
	else if (palier_is(kind, "referral.step"))
		step_take(m->month, e, effect);
	else if (palier_is(kind, "tiers.ruled"))
		tiers_take(m, e, effect);
	else if (palier_is(kind, "tiers.standing"))
		standing_take(m, e, effect);
	else if (palier_is(kind, "member.enrolled"))
		enrolled_take(m, e, effect);
}

static void month_end(struct measure *m)
{
	struct month *before = m->at > 0 ? &m->figures->months[m->at - 1] : NULL;

	m->month->members = m->members;
	for (size_t i = 0; i < m->figures->unit_count; i++) {
		struct unit_month *u = &m->month->units[i];

		u->out = (before ? before->units[i].out : 0) + u->issued - u->spent - u->lapsed;
	}
	for (size_t i = 0; i < m->stand_room; i++) {
		int tier = m->stands[i].tier == UNTOLD ? m->first_tier : m->stands[i].tier;

		if (m->stands[i].taken && tier >= 0 && (size_t)tier < m->figures->tier_count)
			m->month->tiers[tier]++;
	}
}

static void months_until(struct measure *m, size_t at)
{
	for (; m->at < at; m->at++, m->month++)
		month_end(m);
}

static int event_take(void *who, const struct booked *e)
{
	struct measure *m = who;
	size_t at = m->at;

	if (e->day > m->figures->to)
		return PALIER_OK;
	if (month_of(m->figures, e->day, &at) && at > m->at)
		months_until(m, at);
	for (uint32_t walk = 0, effect; (effect = booked_effect(e, &walk)) != 0;)
		effect_take(m, e, effect);
	return PALIER_OK;
}

int measure_files(const struct event_files *files, struct palier_arena *a, struct figures *f, char *why)
{
	struct measure m = { .figures = f, .arena = a, .month = f->months, .first_tier = NO_TIER };
	struct progress bar = { .what = "reading the journal" };
	int err;

	stands_grow(&m);
	err = events_each(files, &bar, event_take, &m, why);
	months_until(&m, f->month_count - 1);
	month_end(&m);
	free(m.stands);
	return err;
}

int measure_journal(const char *journal, struct palier_arena *a, struct figures *f, char *why)
{
	struct event_files files;
	int err = event_files_find(journal, &files);

	if (err != PALIER_OK) {
		snprintf(why, 256, "%s: %s", journal, strerror(errno));
		return err;
	}
	err = measure_files(&files, a, f, why);
	event_files_deinit(&files);
	return err;
}
