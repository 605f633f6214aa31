/* SPDX-License-Identifier: Apache-2.0 */
/* Members, their touches, and the days: what is kept while a journal is read, and how it is walked behind it. */
#include "tools/report/journey_parts.h"

const char *const journey_stage_names[] = { "awareness", "interaction", "comparison", "purchase", "ascension", "loyalty",
	"recommendation", "ambassador", NULL };

/* --- members --- */

static size_t slot_begin(const struct journey *j, struct palier_id id)
{
	uint64_t hash;

	memcpy(&hash, id.b, sizeof(hash)); /* ids are random */
	return hash & (j->slot_count - 1);
}

static uint32_t *member_slot(const struct journey *j, struct palier_id id)
{
	size_t at = slot_begin(j, id);

	while (j->slots[at] && !palier_id_equal(j->members[j->slots[at] - 1].id, id))
		at = (at + 1) & (j->slot_count - 1);
	return &j->slots[at];
}

static void slots_grow(struct journey *j)
{
	j->slot_count = j->slot_count ? j->slot_count * 2 : 1024;
	free(j->slots);
	j->slots = journey_zeroed(j->slot_count, sizeof(*j->slots));
	for (uint32_t i = 0; i < j->member_count; i++)
		*member_slot(j, j->members[i].id) = i + 1;
}

uint32_t journey_member_now(const struct journey *j, uint32_t number)
{
	while (j->members[number].flags & MEMBER_MOVED)
		number = j->members[number].into;
	return number;
}

bool journey_member_find(const struct journey *j, struct palier_id id, uint32_t *out)
{
	uint32_t slot = j->slot_count ? *member_slot(j, id) : 0;

	if (slot)
		*out = journey_member_now(j, slot - 1);
	return slot != 0;
}

void journey_member_soon(const struct journey *j, struct palier_id id)
{
	uint32_t slot = j->slot_count ? j->slots[slot_begin(j, id)] : 0;

	if (slot)
		__builtin_prefetch(&j->members[slot - 1]);
}

uint32_t journey_member_number(struct journey *j, struct palier_id id)
{
	uint32_t *slot;

	if (j->member_count * 4 >= j->slot_count * 3)
		slots_grow(j);
	slot = member_slot(j, id);
	if (*slot)
		return journey_member_now(j, *slot - 1);
	j->members = list_room(j->members, j->member_count, sizeof(*j->members));
	j->members[j->member_count++] = (struct journey_member){ .id = id };
	*slot = (uint32_t)j->member_count;
	return *slot - 1;
}

void journey_member_move(struct journey *j, uint32_t from, uint32_t into)
{
	struct journey_member *f = &j->members[from], *i = &j->members[into];
	uint32_t first = f->last;

	if (from == into)
		return;
	while (first && journey_touch_at(j, first - 1)->before)
		first = journey_touch_at(j, first - 1)->before;
	if (first) {
		journey_touch_at(j, first - 1)->before = i->last;
		i->last = f->last;
	}
	i->spent += f->spent;
	i->source = i->source ? i->source : f->source;
	i->stage = i->stage > f->stage ? i->stage : f->stage;
	*f = (struct journey_member){ .id = f->id, .flags = MEMBER_MOVED, .into = into };
}

/* --- touches --- */

uint32_t journey_touch_add(struct journey *j, uint32_t member, const struct journey_touch *touch, int64_t amount)
{
	uint32_t index = (uint32_t)j->touch_count;

	if (index == UINT32_MAX - 1)
		abort(); /* 64 GB of them */
	if (index % TOUCH_CHUNK == 0) {
		j->chunks = list_room(j->chunks, index / TOUCH_CHUNK, sizeof(struct journey_touch *));
		j->chunks[index / TOUCH_CHUNK] = journey_zeroed(TOUCH_CHUNK, sizeof(**j->chunks));
	}
	if (j->period.more) {
		j->more = list_room(j->more, index, sizeof(*j->more));
		j->more[index] = (struct journey_more){ amount, member, j->events };
	}
	*journey_touch_at(j, index) = *touch;
	journey_touch_at(j, index)->before = j->members[member].last;
	j->members[member].last = index + 1;
	j->touch_count++;
	return index;
}

/* --- days --- */

#define DAYS_BEFORE 7305 /* twenty years: what is older counts as of the first of these days */

static void days_make(struct journey *j)
{
	int64_t last = day_number(j->period.to);

	j->days.first = last - DAYS_BEFORE;
	j->days.count = DAYS_BEFORE + 1;
	j->days.midnight = journey_zeroed(j->days.count, sizeof(*j->days.midnight));
	for (size_t i = 0; i < j->days.count; i++) {
		int64_t at = zone_midnight(day_of_number(j->days.first + (int64_t)i)) / 1000;

		j->days.midnight[i] = at > 0 ? (uint32_t)at : 0;
	}
}

/* Days are 23 to 25 hours long: the guess is out by one at most. */
size_t journey_day(const struct journey *j, uint32_t at_s)
{
	const uint32_t *midnight = j->days.midnight;
	size_t day = at_s > midnight[0] ? (at_s - midnight[0]) / DAY_S : 0;

	if (day >= j->days.count)
		day = j->days.count - 1;
	if (day > 0 && midnight[day] > at_s)
		day--;
	else if (day + 1 < j->days.count && midnight[day + 1] <= at_s)
		day++;
	return day;
}

bool journey_within(const struct journey *j, uint32_t at_s)
{
	return at_s >= j->from_s && at_s < j->end_s;
}

/* --- from the beginning to the end --- */

void journey_begin(struct journey *j, const struct journey_period *period)
{
	static const char *const made[] = { "purchase", "return", "enrol", "survey" };

	*j = (struct journey){ .period = *period };
	j->from_s = (uint32_t)(zone_midnight(period->from) / 1000);
	j->end_s = (uint32_t)(zone_midnight(day_add(period->to, 1)) / 1000);
	j->activities.most = j->stores.most = j->rewards.most = UINT16_MAX - 2;
	j->tills.most = j->operators.most = PLACES_MOST;
	j->personas.most = j->segments.most = j->sources.most = UINT8_MAX - 1;
	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++)
		labels_number(&j->activities, palier_str(made[i]));
	days_make(j);
}

void journey_forget(struct journey *j)
{
	for (size_t i = 0; i * TOUCH_CHUNK < j->touch_count; i++)
		free(j->chunks[i]);
	free(j->chunks);
	free(j->more);
	free(j->members);
	free(j->slots);
	j->chunks = NULL;
	j->more = NULL;
	j->members = NULL;
	j->slots = NULL;
	j->touch_count = j->member_count = j->slot_count = 0;
}

void journey_deinit(struct journey *j)
{
	struct labels *const names[] = { &j->activities, &j->stores, &j->tills, &j->operators, &j->personas, &j->segments,
		&j->sources, &j->units, &j->rewards };
	struct numbers *const numbers[] = { &j->place_numbers, &j->with_offer, &j->open_sales };

	for (size_t i = 0; i < sizeof(names) / sizeof(struct labels *); i++)
		labels_deinit(names[i]);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(struct numbers *); i++)
		numbers_deinit(numbers[i]);
	journey_forget(j);
	free(j->places);
	free(j->points);
	free(j->tasks);
	free(j->days.midnight);
}

bool journey_sold_known(const struct journey *j)
{
	return j->journeyed && j->stores.count == 1 && !j->period.persona;
}

const char *journey_activity(const struct journey *j, uint16_t activity)
{
	return activity == FLOW_START ? "START" : activity == FLOW_END ? "END" : j->activities.at[activity];
}

const char *journey_local(const struct journey *j, const char *name)
{
	const char *slash = strrchr(name, '/');

	return j->stores.count == 1 && slash ? slash + 1 : name;
}
