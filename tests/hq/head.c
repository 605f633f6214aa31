/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/hq/head.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "protocol/crypto_cms.h"
#include "tests/e2e/harness.h"
#include "tools/report/events.h"

const char *const head_units[HEAD_UNITS] = { "points", "credit" };

/* Room for one more element. */
static void *room(void *at, size_t count, size_t size)
{
	void *more = (count & (count - 1)) == 0 ? realloc(at, (count ? count * 2 : 1) * size) : at;

	assert_non_null(more);
	return more;
}

void head_store_add(struct head *h, const char *id)
{
	struct head_store *s = &h->stores[h->store_count++];

	assert_true(h->store_count <= HEAD_STORES);
	snprintf(s->id, sizeof(s->id), "%s", id);
}

static void store_clear(struct head_store *s)
{
	for (uint32_t i = 0; i < s->count; i++) {
		palier_buffer_deinit(&s->sheets[i].text);
		palier_buffer_deinit(&s->sheets[i].signature);
	}
	free(s->sheets);
	free(s->queue);
	s->sheets = NULL;
	s->queue = NULL;
	s->queued = s->count = 0;
	s->first = s->last.number + 1;
}

void head_story(struct head *h, uint64_t story)
{
	for (unsigned i = 0; i < h->store_count; i++)
		store_clear(&h->stores[i]);
	free(h->aliases);
	free(h->gifts);
	head_lots_clear(&h->lots);
	h->aliases = NULL;
	h->gifts = NULL;
	h->alias_count = h->gift_count = h->person_count = 0;
	memset(h->people, 0, sizeof(h->people));
	palier_arena_deinit(&h->kept);
	h->kept = (struct palier_arena){ .used = 0 };
	h->story = story;
	h->chance = story * 2 + 1;
}

void head_close(struct head *h)
{
	head_story(h, 0);
}

/* --- who is whom --- */

unsigned head_person_add(struct head *h, const char *id, const char *card, const char *name, unsigned home)
{
	struct head_person *p = &h->people[h->person_count++];

	assert_true(h->person_count <= HEAD_PEOPLE);
	assert_int_equal(palier_id_parse(palier_str(id), &p->id), PALIER_OK);
	snprintf(p->card, sizeof(p->card), "%s", card);
	snprintf(p->name, sizeof(p->name), "%s", name);
	p->home = home;
	p->into = h->person_count - 1;
	return p->into;
}

unsigned head_root(const struct head *h, unsigned person)
{
	while (h->people[person].into != person)
		person = h->people[person].into;
	return person;
}

int64_t head_ledger(const struct head *h, unsigned person, unsigned store, unsigned unit)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < h->person_count; i++)
		sum += head_root(h, i) == head_root(h, person) ? h->people[i].ledger[store][unit] : 0;
	return sum;
}

/* Does a store know somebody, by whatever card? */
static bool known(const struct head *h, unsigned person, unsigned store)
{
	for (unsigned i = 0; i < h->person_count; i++)
		if (head_root(h, i) == head_root(h, person) && h->people[i].told >> store & 1)
			return true;
	return false;
}

static bool person_of(const struct head *h, struct palier_id id, unsigned *out)
{
	for (unsigned i = 0; i < h->person_count; i++) {
		*out = i;
		if (palier_id_equal(h->people[i].id, id))
			return true;
	}
	for (size_t i = 0; i < h->alias_count; i++) {
		*out = h->aliases[i].person;
		if (palier_id_equal(h->aliases[i].id, id))
			return true;
	}
	return false;
}

/* --- orders --- */

static struct palier_bytes kept(struct head *h, const char *text)
{
	return palier_str(palier_cstr(&h->kept, palier_str(text)));
}

static struct office_order *order_add(struct head *h, unsigned store, const char *what)
{
	struct head_store *s = &h->stores[store];
	struct office_order *o;

	s->queue = room(s->queue, s->queued, sizeof(*s->queue));
	o = &s->queue[s->queued++];
	*o = (struct office_order){ .set = { 0, 0 } };
	PALIER_SET(o, office_order, order, palier_str(what));
	return o;
}

/* Some are ordered again: they count once. */
static void order_again(struct head *h, unsigned store)
{
	const struct head_store *s = &h->stores[store];
	struct office_order last = s->queue[s->queued - 1];

	if (draw_below(&h->chance, 4) == 0)
		*order_add(h, store, "") = last;
}

static struct palier_bytes home_of(struct head *h, unsigned person)
{
	return palier_str(h->stores[h->people[head_root(h, person)].home].id);
}

/* @param card by which a stranger here becomes him; NULL: none */
static void name(struct head *h, unsigned person, unsigned store, const char *card)
{
	const struct head_person *now = &h->people[head_root(h, person)];
	struct office_order *o = order_add(h, store, "member");

	PALIER_SET(o, office_order, member, now->id);
	PALIER_SET(o, office_order, home, home_of(h, person));
	if (card)
		PALIER_SET(o, office_order, card, palier_str(card));
	PALIER_SET(o, office_order, name, palier_str(now->name));
}

static void tell(struct head *h, unsigned person, unsigned store, bool card)
{
	struct head_person *p = &h->people[person];

	if (p->told >> store & 1)
		return;
	p->told |= UINT32_C(1) << store;
	name(h, person, store, card ? p->card : NULL);
}

void head_tell(struct head *h, unsigned person, unsigned store)
{
	tell(h, person, store, true);
}

void head_move(struct head *h, unsigned person, unsigned home)
{
	struct head_person *p = &h->people[head_root(h, person)];

	head_tell(h, person, home);
	p->home = home;
	for (unsigned i = 0; i < h->store_count; i++) {
		struct office_order *o = known(h, person, i) ? order_add(h, i, "home") : NULL;

		if (!o)
			continue;
		PALIER_SET(o, office_order, member, p->id);
		PALIER_SET(o, office_order, home, home_of(h, person));
	}
}

/* Of a hole elsewhere, what is at home fills it: the lowest store first. */
static bool in_debt(const struct head *h, unsigned person, unsigned unit, unsigned *out)
{
	for (*out = 0; *out < h->store_count; ++*out)
		if (*out != h->people[head_root(h, person)].home && head_ledger(h, person, *out, unit) < 0)
			return true;
	return false;
}

/* @return was there anything to fetch? */
static bool unit_level(struct head *h, unsigned person, unsigned unit)
{
	unsigned home = h->people[person].home, debtor;
	int64_t has = head_ledger(h, person, home, unit);
	struct office_order *o;

	if (!in_debt(h, person, unit, &debtor) || has <= 0)
		return false;
	o = order_add(h, home, "take");
	PALIER_SET(o, office_order, member, h->people[person].id);
	PALIER_SET(o, office_order, unit, palier_str(head_units[unit]));
	PALIER_SET(o, office_order, points, palier_least(-head_ledger(h, person, debtor, unit), has));
	return true;
}

unsigned head_level(struct head *h)
{
	unsigned orders = 0;

	for (unsigned i = 0; i < h->person_count; i++)
		for (unsigned u = 0; u < HEAD_UNITS && head_root(h, i) == i; u++)
			orders += unit_level(h, i, u);
	return orders;
}

/* What comes from elsewhere goes home; what home has given up on order, where it is owed. */
static void gift_grant(struct head *h, const struct head_gift *g, unsigned from, struct palier_bytes expires)
{
	const struct head_person *p = &h->people[head_root(h, g->person)];
	struct office_order *o;
	unsigned to = p->home;
	int64_t at_ms;

	if (from == p->home && !in_debt(h, g->person, g->unit, &to))
		to = p->home;
	if (!known(h, g->person, to))
		head_tell(h, g->person, to);
	o = order_add(h, to, "grant");
	PALIER_SET(o, office_order, member, p->id);
	PALIER_SET(o, office_order, unit, palier_str(head_units[g->unit]));
	PALIER_SET(o, office_order, points, g->points);
	PALIER_SET(o, office_order, source, kept(h, g->source));
	if (expires.len > 0 && time_parse(expires, &at_ms))
		PALIER_SET(o, office_order, expires, at_ms);
	order_again(h, to);
}

void head_write(struct head *h, unsigned store)
{
	struct head_store *s = &h->stores[store];
	int64_t now = (int64_t)time(NULL) * 1000;
	struct palier_arena a = { .used = 0 };
	struct palier_buffer text = { 0 }, der = { 0 };
	struct palier_json json;
	struct head_sheet *sheet;
	struct directive d;

	if (s->queued == 0)
		return;
	directive_begin(palier_str(s->id), &s->last, now, &a, &d);
	d.orders.at = s->queue;
	d.orders.count = s->queued;
	assert_int_equal(directive_write(&d, &text), PALIER_OK);
	crypto_cms_sign(h->key, h->certificate, palier_buffer_bytes(&text), now, &der);
	s->sheets = room(s->sheets, s->count, sizeof(*s->sheets));
	sheet = &s->sheets[s->count++];
	*sheet = (struct head_sheet){ .text = { 0 } };
	json = palier_json_to(&sheet->text);
	palier_json_string(&json, palier_buffer_bytes(&text));
	palier_buffer_add(&sheet->text, "", 1);
	palier_buffer_reserve(&sheet->signature, der.len * 2);
	palier_base64(der.at, der.len, sheet->signature.at);
	s->last.number++;
	crypto_sha256(palier_buffer_bytes(&text), &s->last.sha256);
	s->queued = 0;
	free(s->queue);
	s->queue = NULL;
	palier_buffer_deinit(&text);
	palier_buffer_deinit(&der);
	palier_arena_deinit(&a);
}

/* --- what batches say --- */

struct reading {
	struct head *h;
	unsigned store;
};

/* STORY.PERSON.N @return false: it is no member's sale of this story */
static bool number_read(const struct head *h, const char *number, unsigned *person)
{
	char *end;
	uint64_t story = strtoull(number, &end, 10);

	if (story != h->story || *end != '.')
		return false;
	*person = (unsigned)strtoul(end + 1, &end, 10);
	return *end == '.' && *person < h->person_count;
}

/* A sale by a member of whom the office has not heard: its number says whose card that was. */
static void sale_read(struct head *h, unsigned store, const struct booked *e)
{
	struct office_order *o;
	unsigned person = 0;

	if (!e->has_member || person_of(h, e->member, &person))
		return;
	assert_true(number_read(h, palier_cstr(e->arena, booked_text(e, e->params, "sale")), &person));
	h->aliases = room(h->aliases, h->alias_count, sizeof(*h->aliases));
	h->aliases[h->alias_count++] = (struct head_alias){ e->member, person };
	if (draw_below(&h->chance, 2)) /* his card tells the store as much */
		head_tell(h, person, store);
	o = order_add(h, store, "join");
	PALIER_SET(o, office_order, member, e->member);
	PALIER_SET(o, office_order, into, h->people[head_root(h, person)].id);
	PALIER_SET(o, office_order, home, home_of(h, person));
	tell(h, person, store, false);
}

static void settling_read(struct head *h, unsigned store, const struct booked *e)
{
	struct palier_bytes sold = booked_text(e, e->params, "store");
	struct return_line *lines = palier_alloc(&h->kept, sizeof(*lines));
	uint32_t line = 0, left = 0;
	struct office_order *o;
	unsigned to = 0;

	while (to < h->store_count && !palier_is(sold, h->stores[to].id))
		to++;
	assert_true(to < h->store_count);
	o = order_add(h, to, "settle");
	PALIER_SET(o, office_order, store, palier_str(h->stores[store].id));
	PALIER_SET(o, office_order, sale, kept(h, palier_cstr(e->arena, booked_text(e, e->params, "sale"))));
	PALIER_SET(o, office_order, comeback, kept(h, palier_cstr(e->arena, booked_text(e, e->params, "return"))));
	if (booked_each(e, e->params, "lines", &line, &left)) {
		*lines = (struct return_line){ .set = { 0, 0 } };
		PALIER_SET(lines, return_line, line, booked_int(e, line, "line"));
		PALIER_SET(lines, return_line, quantity, booked_int(e, line, "quantity") * 1000);
		PALIER_MARK(o, office_order, lines);
		o->lines.at = lines;
		o->lines.count = 1;
	}
	order_again(h, to);
}

static unsigned unit_of(const struct booked *e, uint32_t effect)
{
	unsigned unit = 0;

	while (unit < HEAD_UNITS && !palier_is(booked_text(e, effect, "unit"), head_units[unit]))
		unit++;
	assert_true(unit < HEAD_UNITS);
	return unit;
}

static void given_read(struct head *h, unsigned store, const struct booked *e, uint32_t effect, unsigned index)
{
	struct palier_bytes expires = booked_text(e, effect, "expires");
	struct head_gift *g;
	struct palier_id member;
	int64_t at_ms;

	h->gifts = room(h->gifts, h->gift_count, sizeof(*h->gifts));
	g = &h->gifts[h->gift_count++];
	*g = (struct head_gift){ .points = booked_int(e, effect, "points"), .unit = unit_of(e, effect) };
	if (expires.len > 0 && time_parse(expires, &at_ms))
		g->last = zone_day(at_ms - 1);
	snprintf(g->source, sizeof(g->source), "%s/%llu/%u", h->stores[store].id, (unsigned long long)e->seq, index);
	assert_true(booked_id(e, effect, "member", &member) && person_of(h, member, &g->person));
	gift_grant(h, g, store, expires);
}

/* A grant follows a gift that was read, does not exceed it, and lapses when that would have. @param move what it moved */
static void granted_read(struct head *h, const struct booked *e, uint32_t effect, uint32_t move)
{
	struct palier_bytes source = booked_text(e, effect, "source");

	for (size_t i = 0; i < h->gift_count; i++) {
		struct head_gift *g = &h->gifts[i];

		if (!palier_is(source, g->source))
			continue;
		assert_int_equal(unit_of(e, effect), g->unit);
		if (booked_int(e, move, "hole") < g->points)
			assert_int_equal(booked_day(e, move, "expires"), g->last);
		g->granted += booked_int(e, effect, "points");
		if (g->granted > g->points)
			fail_msg("%s gave %lld points, granted are %lld", g->source, (long long)g->points,
				(long long)g->granted);
		return;
	}
	fail_msg("granted is what nobody gave");
}

static void move_read(struct head *h, unsigned store, const struct booked *e, uint32_t effect)
{
	struct palier_id member;
	unsigned person;

	if (!booked_id(e, effect, "member", &member) || !person_of(h, member, &person))
		return; /* of another story */
	h->people[person].ledger[store][unit_of(e, effect)] += booked_int(e, effect, "points");
	head_lots_move(&h->lots, store, e, effect);
}

static void freed_read(struct head *h, unsigned store, const struct booked *e, uint32_t effect)
{
	struct palier_id member;
	unsigned person;

	if (booked_id(e, effect, "member", &member) && person_of(h, member, &person))
		head_lots_freed(&h->lots, store, e, effect);
}

/* Two were found to be one in a store: so they are wherever the first is known. */
static void merge_read(struct head *h, unsigned store, const struct booked *e, uint32_t effect)
{
	struct palier_id from, into;
	unsigned person, other;

	assert_true(booked_id(e, effect, "member", &from) && booked_id(e, effect, "into", &into));
	assert_true(person_of(h, from, &person) && person_of(h, into, &other));
	for (unsigned i = 0; i < h->store_count; i++) {
		struct office_order *o = i != store && known(h, person, i) ? order_add(h, i, "join") : NULL;

		if (!o)
			continue;
		PALIER_SET(o, office_order, member, from);
		PALIER_SET(o, office_order, into, h->people[head_root(h, other)].id);
		PALIER_SET(o, office_order, home, home_of(h, other));
		name(h, other, i, NULL);
	}
	h->people[person].into = other;
}

static int event_read(void *who, const struct booked *e)
{
	const struct reading *r = who;
	struct head *h = r->h;
	uint32_t move = 0;
	unsigned index = 0;

	if (booked_is(e, "sale.commit"))
		sale_read(h, r->store, e);
	for (uint32_t at = 0, effect; (effect = booked_effect(e, &at)); index++) {
		if (booked_kind(e, effect, "points.move"))
			move_read(h, r->store, e, move = effect);
		else if (booked_kind(e, effect, "points.freed"))
			freed_read(h, r->store, e, effect);
		else if (booked_kind(e, effect, "points.given"))
			given_read(h, r->store, e, effect, index);
		else if (booked_kind(e, effect, "points.granted"))
			granted_read(h, e, effect, move);
		else if (booked_kind(e, effect, "member.merged") && booked_is(e, "member.merge"))
			merge_read(h, r->store, e, effect);
		else if (booked_kind(e, effect, "return.settling"))
			settling_read(h, r->store, e);
	}
	return PALIER_OK;
}

enum batch_fault head_read(struct head *h, unsigned store, const char *path)
{
	struct head_store *s = &h->stores[store];
	struct reading r = { h, store };
	struct event_visitor visitor = { .event = event_read, .who = &r };
	struct batch_facts facts;
	enum batch_fault fault;
	char why[256];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return BATCH_FILE_UNREADABLE;
	fault = batch_read(fd, NULL, &facts);
	close(fd);
	if (fault == BATCH_FINE)
		fault = batch_follows(&facts, &s->read);
	if (fault != BATCH_FINE)
		return fault;
	s->read.batch = facts.chain.head.batch;
	s->read.last_seq = facts.chain.seq;
	s->read.sha256 = facts.sha256;
	if (event_file_each(&(struct event_file){ s->read.batch, (char *)(uintptr_t)path, facts.size }, &visitor, why) !=
		PALIER_OK)
		fail_msg("%s: %s", path, why);
	return BATCH_FINE;
}

int64_t head_on_the_way(const struct head *h, unsigned person, unsigned unit)
{
	int64_t sum = 0;

	for (size_t i = 0; i < h->gift_count; i++)
		if (h->gifts[i].unit == unit && head_root(h, h->gifts[i].person) == head_root(h, person))
			sum += h->gifts[i].points - h->gifts[i].granted;
	return sum;
}

bool head_quiet(const struct head *h)
{
	for (unsigned i = 0; i < h->store_count; i++)
		if (h->stores[i].queued)
			return false;
	for (size_t i = 0; i < h->gift_count; i++)
		if (h->gifts[i].points != h->gifts[i].granted)
			return false;
	return true;
}
