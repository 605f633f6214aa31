/* SPDX-License-Identifier: Apache-2.0 */
/* Events become touches. An event's effects come first, in their order; what its method itself tells (a purchase, a return, an enrolment, an
 * answer) is then marked on the touchpoint that the journey made of it, or kept beside it where it made none. */
#include "tools/report/journey_parts.h"

#define YEAR_S       (365 * DAY_S)
#define AGAIN_S      600 /* within which the same redemption is tried again */
#define FACTS_MOST   16
#define TOUCHES_MOST 16

/* An event in the making. */
struct booking {
	struct journey *j;
	const struct booked *e;
	struct journey_touch stamp; /* what all touches of it share */
	struct {
		uint32_t member, index;
	} touches[TOUCHES_MOST];
	struct told {
		uint32_t member;
		uint8_t what;
		uint16_t activity;
		int64_t amount;
	} facts[FACTS_MOST];
	unsigned touch_count, fact_count;
	bool offer, captured;
	struct palier_bytes reward; /* that was asked for */
	uint64_t sale;              /* key of the one that was rung up; 0: none */
};

/* --- parts of an effect --- */

static bool member_in(struct booking *b, uint32_t effect, const char *key, uint32_t *out)
{
	struct palier_id id;

	if (!booked_id(b->e, effect, key, &id))
		return false;
	*out = journey_member_number(b->j, id);
	return true;
}

/* @return its number among the names; none where it is none of them */
static unsigned name_in(struct booking *b, uint32_t effect, const char *key, const char *const *names, unsigned none)
{
	struct palier_bytes text = booked_text(b->e, effect, key);

	for (unsigned i = 0; names[i]; i++)
		if (palier_is(text, names[i]))
			return i;
	return none;
}

static bool within(const struct booking *b)
{
	return journey_within(b->j, b->stamp.at_s);
}

static void spend(struct booking *b, uint32_t member, int64_t amount)
{
	if (b->stamp.at_s + YEAR_S >= b->j->end_s)
		b->j->members[member].spent += amount;
	if (!within(b))
		return;
	b->j->sold += amount;
	b->j->stage_sold[(b->j->members[member].stage + JOURNEY_STAGES) % (JOURNEY_STAGES + 1)] += amount;
}

static void tell(struct booking *b, uint32_t member, uint8_t what, uint16_t activity, int64_t amount)
{
	if (b->fact_count < FACTS_MOST)
		b->facts[b->fact_count++] = (struct told){ member, what, activity, amount };
}

static void note(struct booking *b, uint32_t member, uint8_t what, uint16_t activity, uint8_t value)
{
	struct journey_touch t = b->stamp;

	t.what = what;
	t.activity = activity;
	t.value = value & 15;
	journey_touch_add(b->j, member, &t, 0);
}

/* --- the journey --- */

/* Activities are in lower case, and have no control characters. */
static uint16_t activity_number(struct journey *j, struct palier_bytes name)
{
	char text[64];
	size_t n = name.len < sizeof(text) ? name.len : sizeof(text);

	for (size_t i = 0; i < n; i++)
		text[i] = name.at[i] >= 'A' && name.at[i] <= 'Z' ? (char)(name.at[i] | 0x20)
		          : (unsigned char)name.at[i] < ' '      ? ' '
		                                                 : name.at[i];
	return (uint16_t)labels_number(&j->activities, palier_bytes_of(text, n));
}

static void touched(struct booking *b, uint32_t effect)
{
	struct journey_touch t = b->stamp;
	int64_t mood = booked_int(b->e, effect, "emotion");
	uint32_t member, index;

	b->j->journeyed = true;
	if (!member_in(b, effect, "member", &member))
		return;
	t.what = IS_TOUCH;
	t.activity = activity_number(b->j, booked_text(b->e, effect, "touchpoint"));
	t.channel = name_in(b, effect, "channel", journey_channel_names, CHANNEL_STORE) & 7;
	t.value = json_member(b->e->doc, effect, "emotion") && mood >= -2 && mood <= 2 ? (mood + 2) & 15 : VALUE_NONE;
	index = journey_touch_add(b->j, member, &t, 0);
	if (b->touch_count < TOUCHES_MOST) {
		b->touches[b->touch_count].member = member;
		b->touches[b->touch_count++].index = index;
	}
}

static void staged(struct booking *b, uint32_t effect)
{
	unsigned stage = name_in(b, effect, "stage", journey_stage_names, STAGE_NONE);
	uint32_t member;

	b->j->journeyed = true;
	if (stage == STAGE_NONE || !member_in(b, effect, "member", &member))
		return;
	note(b, member, IS_STAGE, (uint16_t)stage, VALUE_NONE);
	b->j->members[member].stage = (uint8_t)(stage + 1);
}

static void segmented(struct booking *b, uint32_t effect)
{
	struct journey_member *m;
	uint32_t member;

	b->j->journeyed = true;
	if (!member_in(b, effect, "member", &member))
		return;
	m = &b->j->members[member];
	if (b->stamp.at_s < m->segment_s)
		return;
	m->segment = (uint8_t)(labels_number(&b->j->segments, booked_text(b->e, effect, "segment")) + 1);
	m->segment_s = b->stamp.at_s;
}

static void persona_taken(struct booking *b, uint32_t effect)
{
	struct palier_bytes persona = booked_text(b->e, effect, "persona");
	struct journey_member *m;
	uint32_t member;

	b->j->journeyed = true;
	if (!member_in(b, effect, "member", &member))
		return;
	m = &b->j->members[member];
	if (b->stamp.at_s < m->persona_s)
		return;
	m->persona = persona.len ? (uint8_t)(labels_number(&b->j->personas, persona) + 1) : 0;
	m->persona_s = b->stamp.at_s;
}

static void gone(struct booking *b, uint32_t member)
{
	b->j->members[member].flags |= MEMBER_GONE;
}

static void moved(struct booking *b, uint32_t effect)
{
	uint32_t from, into;

	if (!member_in(b, effect, "from", &from))
		return;
	if (member_in(b, effect, "into", &into))
		journey_member_move(b->j, from, into);
	else
		gone(b, from);
}

/* --- members --- */

static void enrolled(struct booking *b, uint32_t effect)
{
	uint32_t member;

	if (!booked_bool(b->e, effect, "provisional") && member_in(b, effect, "member", &member))
		tell(b, member, IS_ENROL, ACTIVITY_ENROL, 0);
}

static void merged(struct booking *b, uint32_t effect)
{
	uint32_t from, into;

	if (member_in(b, effect, "member", &from) && member_in(b, effect, "into", &into))
		journey_member_move(b->j, from, into);
}

static void erased(struct booking *b, uint32_t effect)
{
	uint32_t member;

	if (member_in(b, effect, "member", &member))
		gone(b, member);
}

static void purse_opened(struct booking *b, uint32_t effect)
{
	uint32_t purse;

	if (member_in(b, effect, "purse", &purse))
		b->j->members[purse].flags |= MEMBER_PURSE;
}

static void source_set(struct booking *b, uint32_t member, struct palier_bytes source)
{
	if (source.len && !b->j->members[member].source)
		b->j->members[member].source = (uint8_t)(labels_number(&b->j->sources, source) + 1);
}

/* How they heard of the shop is sealed in the enrolment itself; the shop's own list counts it in the open. */
static void recommendation_counted(struct booking *b, uint32_t effect)
{
	if (b->e->has_member && palier_is(booked_text(b->e, effect, "step"), "said"))
		source_set(b, journey_member_number(b->j, b->e->member), booked_text(b->e, effect, "source"));
}

static void referral_stepped(struct booking *b, uint32_t effect)
{
	uint32_t friend;

	if (palier_is(booked_text(b->e, effect, "cause"), "claim") && member_in(b, effect, "friend", &friend))
		source_set(b, friend, PALIER_LIT("referral"));
}

/* --- sales --- */

static void sale_booked(struct booking *b, uint32_t effect)
{
	int64_t base = booked_int(b->e, effect, "base");
	uint32_t member;

	if (!b->e->has_member || base <= 0)
		return;
	member = journey_member_number(b->j, b->e->member);
	b->sale = journey_sale_key(b->e->store, booked_text(b->e, effect, "sale"));
	tell(b, member, IS_PURCHASE, ACTIVITY_PURCHASE, base);
	spend(b, member, base);
}

static void sale_claimed(struct booking *b, uint32_t effect)
{
	int64_t amount = booked_int(b->e, effect, "spend");
	uint32_t member;

	if (!member_in(b, effect, "member", &member))
		return;
	b->sale = journey_sale_key(b->e->store, booked_text(b->e, effect, "sale"));
	tell(b, member, IS_PURCHASE, ACTIVITY_PURCHASE, amount);
	spend(b, member, amount);
}

static void sale_returned(struct booking *b, uint32_t effect)
{
	int64_t base = booked_int(b->e, effect, "base");
	uint64_t sale = journey_sale_key(b->e->store, booked_text(b->e, effect, "sale"));
	uint32_t member;

	b->j->returns_after_offer += within(b) && numbers_find(&b->j->with_offer, sale);
	if (!member_in(b, effect, "member", &member))
		return;
	tell(b, member, IS_RETURN, ACTIVITY_RETURN, -base);
	spend(b, member, -base);
}

/* As if it had not been. */
static void sale_voided(struct booking *b, uint32_t effect)
{
	uint64_t sale = journey_sale_key(b->e->store, booked_text(b->e, effect, "sale"));
	const uint32_t *last = numbers_find(&b->j->open_sales, sale);
	uint32_t member;

	if (last && *last)
		journey_touch_at(b->j, *last - 1)->what = 0;
	if (member_in(b, effect, "member", &member))
		spend(b, member, -booked_int(b->e, effect, "spend"));
}

static void offer_used(struct booking *b, uint32_t effect)
{
	b->offer = true;
	b->j->offered += within(b) ? booked_int(b->e, effect, "amount") : 0;
}

static void offer_freed(struct booking *b, uint32_t effect)
{
	b->j->offered -= within(b) ? booked_int(b->e, effect, "amount") : 0;
}

static void hold_resolved(struct booking *b, uint32_t effect)
{
	b->captured = b->captured || booked_bool(b->e, effect, "captured");
}

static void reward_asked(struct booking *b, uint32_t effect)
{
	b->reward = booked_text(b->e, effect, "reward");
}

/* Rung up, or held: the same one again within minutes was not understood at the first time. */
static void reward_tried(struct booking *b)
{
	struct journey_member *m;
	uint32_t member;
	uint16_t reward;

	if (!b->e->has_member || b->captured || !b->reward.len)
		return;
	member = journey_member_number(b->j, b->e->member); /* may move them all */
	m = &b->j->members[member];
	reward = (uint16_t)(labels_number(&b->j->rewards, b->reward) + 1);
	b->j->tries_again += within(b) && m->reward == reward && b->stamp.at_s - m->reward_s <= AGAIN_S;
	m->reward = reward;
	m->reward_s = b->stamp.at_s;
}

/* --- surveys --- */

static const char *const questions[] = { "nps", "csat", "emotion", NULL };
#define QUESTION_NONE 3

static void survey_asked(struct booking *b, uint32_t effect)
{
	unsigned question = name_in(b, effect, "question", questions, QUESTION_NONE);
	uint32_t member;

	if (question != QUESTION_NONE && member_in(b, effect, "member", &member))
		note(b, member, IS_ASKED, (uint16_t)question, VALUE_NONE);
}

static void task_opened(struct booking *b, uint32_t member, uint32_t due)
{
	struct journey *j = b->j;

	j->tasks = list_room(j->tasks, j->task_count, sizeof(*j->tasks));
	j->tasks[j->task_count++] = (struct journey_task){ .store = j->places[b->stamp.place].store,
		.due = due,
		.member = member,
		.opened_s = b->stamp.at_s,
		.seq = b->e->seq };
}

static void survey_answered(struct booking *b, uint32_t effect)
{
	unsigned question = name_in(b, effect, "question", questions, QUESTION_NONE);
	int64_t score = booked_int(b->e, effect, "score") + (question == 2 ? 2 : 0);
	uint32_t due = booked_day(b->e, effect, "due"), member;

	if (question == QUESTION_NONE || score < 0 || score > 10 || !member_in(b, effect, "member", &member))
		return;
	note(b, member, IS_ANSWER, (uint16_t)question, (uint8_t)score);
	tell(b, member, IS_SURVEY, ACTIVITY_SURVEY, 0);
	if (due)
		task_opened(b, member, due);
}

/* Of those that nobody looked at, nobody can be said to have given up. */
static void survey_lapsed(struct booking *b, uint32_t effect)
{
	b->j->unanswered += within(b) && booked_bool(b->e, effect, "opened");
}

static void survey_resolved(struct booking *b, uint32_t effect)
{
	uint64_t seq = (uint64_t)booked_int(b->e, effect, "task");
	uint16_t store = b->j->places[b->stamp.place].store;

	b->j->made_good += within(b) ? booked_int(b->e, effect, "cost") : 0;
	for (size_t i = b->j->task_count; i > 0; i--) {
		struct journey_task *task = &b->j->tasks[i - 1];

		if (task->seq != seq || task->store != store)
			continue;
		task->closed = true;
		task->closed_s = b->stamp.at_s;
		task->late = zone_day(b->e->at_ms) > task->due;
		return;
	}
}

/* --- points --- */

static uint32_t unit_number(struct journey *j, struct palier_bytes name)
{
	uint32_t unit = labels_number(&j->units, name);

	if (unit == j->points_count) {
		j->points = list_room(j->points, j->points_count, sizeof(*j->points));
		j->points[j->points_count++] = (struct journey_points){ .earned = 0 };
	}
	return unit;
}

static void unit_named(struct booking *b, uint32_t effect)
{
	uint32_t unit = unit_number(b->j, booked_text(b->e, effect, "name"));

	b->j->points[unit].money = palier_is(booked_text(b->e, effect, "unit_kind"), "money");
}

static void points_moved(struct booking *b, uint32_t effect)
{
	struct palier_bytes cause = booked_text(b->e, effect, "cause");
	int64_t points = booked_int(b->e, effect, "points");
	uint32_t unit = unit_number(b->j, booked_text(b->e, effect, "unit"));
	struct journey_points *p = &b->j->points[unit];

	if (!within(b))
		return;
	if (palier_is(cause, "earn") || palier_is(cause, "grant") || (palier_is(cause, "adjust") && points > 0))
		p->earned += points;
	else if (palier_is(cause, "reverse"))
		p->taken_back -= points;
	else if (palier_is(cause, "spend") || palier_is(cause, "restore"))
		p->spent -= points;
	else if (palier_is(cause, "expire"))
		p->expired -= points;
}

/* --- an event --- */

#define KINDS(K) \
	K("points.unit", unit_named) \
	K("points.move", points_moved) \
	K("sale.booked", sale_booked) \
	K("journey.touch", touched) \
	K("journey.stage", staged) \
	K("journey.segment", segmented) \
	K("journey.persona", persona_taken) \
	K("journey.moved", moved) \
	K("member.enrolled", enrolled) \
	K("member.completed", enrolled) \
	K("member.merged", merged) \
	K("member.erased", erased) \
	K("purse.opened", purse_opened) \
	K("recommendation.counted", recommendation_counted) \
	K("referral.step", referral_stepped) \
	K("sale.claimed", sale_claimed) \
	K("sale.returned", sale_returned) \
	K("sale.voided", sale_voided) \
	K("offer.used", offer_used) \
	K("offer.freed", offer_freed) \
	K("hold.resolved", hold_resolved) \
	K("reward.used", reward_asked) \
	K("reward.held", reward_asked) \
	K("survey.asked", survey_asked) \
	K("survey.answered", survey_answered) \
	K("survey.lapsed", survey_lapsed) \
	K("survey.resolved", survey_resolved)
#define KIND_BOOK(text, f) f,
static void (*const books[])(struct booking *b, uint32_t effect) = { KINDS(KIND_BOOK) };
#define KIND_TEXT(text, f) PALIER_LIT(text),
static const struct palier_bytes kinds[] = { KINDS(KIND_TEXT){ NULL, 0 } };

static void effect_book(struct booking *b, uint32_t effect)
{
	struct palier_bytes kind = booked_text(b->e, effect, "kind");

	for (size_t i = 0; i < sizeof(books) / sizeof(*books); i++)
		if (palier_equal(kind, kinds[i])) {
			books[i](b, effect);
			return;
		}
}

/* Tills and cashiers have numbers of their own in each store. */
static uint32_t number_in_store(struct labels *labels, struct palier_bytes store, struct palier_bytes name)
{
	char text[160];
	size_t n = store.len < 64 ? store.len : 64, m = name.len < 64 ? name.len : 64;

	if (n)
		memcpy(text, store.at, n);
	text[n] = '/';
	if (m)
		memcpy(text + n + 1, name.at, m);
	return labels_number(labels, palier_bytes_of(text, n + 1 + m));
}

static uint32_t place_number(struct journey *j, const struct booked *e)
{
	struct journey_place p = { .store = (uint16_t)labels_number(&j->stores, e->store) };
	uint64_t key;
	uint32_t *number;

	p.till = number_in_store(&j->tills, e->store, e->till);
	p.operator= number_in_store(&j->operators, e->store, e->operator);
	key = ((uint64_t)p.store << 2 * PLACE_BITS | (uint64_t)p.till << PLACE_BITS | p.operator) + 1;
	number = numbers_at(&j->place_numbers, key);
	if (*number == 0 && j->place_count == PLACES_MOST)
		return PLACES_MOST - 1;
	if (*number == 0) {
		j->places = list_room(j->places, j->place_count, sizeof(*j->places));
		j->places[j->place_count++] = p;
		*number = (uint32_t)j->place_count;
	}
	return *number - 1;
}

/* The touchpoint that the journey made of it: by its name, else the member's first. @return NULL: none */
static struct journey_touch *touch_of(struct booking *b, const struct told *f, uint32_t *index)
{
	struct journey_touch *first = NULL;

	for (unsigned i = b->touch_count; i > 0; i--) {
		struct journey_touch *t = journey_touch_at(b->j, b->touches[i - 1].index);

		if (b->touches[i - 1].member != f->member)
			continue;
		first = t;
		*index = b->touches[i - 1].index;
		if (t->activity == f->activity)
			break;
	}
	return first;
}

static void told_book(struct booking *b, const struct told *f)
{
	uint32_t index = 0;
	struct journey_touch *t = touch_of(b, f, &index), made = b->stamp;

	if (t) {
		t->what |= f->what;
		if (b->j->more)
			b->j->more[index].amount += f->amount;
	} else {
		made.what = f->what;
		made.activity = f->activity;
		made.value = VALUE_NONE;
		index = journey_touch_add(b->j, f->member, &made, f->amount);
	}
	if (f->what != IS_PURCHASE)
		return;
	*numbers_at(&b->j->open_sales, b->sale) = index + 1;
	if (b->offer)
		*numbers_at(&b->j->with_offer, b->sale) = 1;
}

static int event_book(void *journey, const struct booked *e)
{
	struct journey *j = journey;
	struct booking b = { .j = j, .e = e };

	if (e->at_ms < 0 || e->at_ms / 1000 >= j->end_s)
		return PALIER_OK;
	if (e->batch != j->open_batch)
		numbers_clear(&j->open_sales);
	j->open_batch = e->batch;
	j->events++;
	b.stamp.at_s = (uint32_t)(e->at_ms / 1000);
	b.stamp.at_ms = (uint32_t)(e->at_ms % 1000);
	b.stamp.place = place_number(j, e);
	for (uint32_t at = 0, effect; (effect = booked_effect(e, &at));)
		effect_book(&b, effect);
	reward_tried(&b);
	for (unsigned i = 0; i < b.fact_count; i++)
		told_book(&b, &b.facts[i]);
	return PALIER_OK;
}

/* No cache holds a million members: to wait for one after the other takes longer than all else. */
static void event_soon(void *journey, const struct booked *e)
{
	if (e->has_member)
		journey_member_soon(journey, e->member);
}

struct event_visitor journey_visitor(struct journey *j)
{
	return (struct event_visitor){ .event = event_book, .soon = event_soon, .who = j, .kinds = kinds };
}
