/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/hq/world.h"

#include <string.h>

unsigned person_now(unsigned person)
{
	while (world.into[person] != person)
		person = world.into[person];
	return person;
}

static const char *card_of(unsigned person)
{
	return world.head.people[person].card;
}

bool purse_look(unsigned site, unsigned person, struct purse *out)
{
	char *reply = ask(&world.sites[site].w, "card.lookup", "'card':'%s'", card_of(person)), path[32];

	*out = (struct purse){ .member = "" };
	if (!field(reply, "result")) {
		if (strcmp(field(reply, "error.data.reason"), "member_erased") != 0)
			assert_field(reply, "error.data.reason", "card_unknown");
		return false;
	}
	snprintf(out->member, sizeof(out->member), "%s", field(reply, "result.member"));
	for (unsigned u = 0; u < HEAD_UNITS; u++) {
		snprintf(path, sizeof(path), "result.balances.%s", head_units[u]);
		out->has[u] = figure(reply, path);
		out->has[u] = out->has[u] == INT64_MIN ? 0 : out->has[u];
		snprintf(path, sizeof(path), "result.held.%s", head_units[u]);
		out->held[u] = figure(reply, path);
		out->held[u] = out->held[u] == INT64_MIN ? 0 : out->held[u];
	}
	return true;
}

/* --- sales --- */

struct sale *sale_begin(unsigned site, unsigned person)
{
	struct sale *s = &world.sales[world.sale_count];

	assert_true(world.sale_count < SALES_MAX);
	*s = (struct sale){ .site = site, .person = person, .batch = world.sites[site].closed };
	snprintf(s->number, sizeof(s->number), "%llu.%u.%zu", (unsigned long long)world.head.story, person,
		world.sale_count);
	return s;
}

/* It is booked. */
static void sale_end(const struct sale *s)
{
	world.expected[s->person][POINTS] += s->units * s->each - s->spent;
	world.expected[s->person][CREDIT] += s->loaded - s->paid;
	world.sale_count++;
}

/* A sale of one line for `amount` euros. @param more of its params */
static char *sells(const struct sale *s, int64_t amount, int64_t payable, const char *more)
{
	return ask(&world.sites[s->site].w, "sale.commit",
		"'request':'%s','sale':'%s','card':'%s','lines':[{'sku':'a','quantity':%lld,'amount':%lld00}],'payable':%lld00%s",
		s->number, s->number, card_of(s->person), (long long)s->units, (long long)amount, (long long)payable, more);
}

static void succeeded(const char *what, const char *reply)
{
	if (!field(reply, "result"))
		fail_msg("story %llu: %s: %s", (unsigned long long)world.head.story, what, reply);
}

void buys(unsigned site, unsigned person)
{
	struct sale *s = sale_begin(site, person);
	int times = draw_below(&world.seed, 6) == 0 ? 2 : 1; /* a till that had no answer asks again */

	s->each = (int64_t)draw_below(&world.seed, 9) + 1;
	s->units = (int64_t)draw_below(&world.seed, 4) + 1;
	while (times--)
		succeeded("a sale", sells(s, s->units * s->each, s->units * s->each, ""));
	sale_end(s);
}

/* What of a reply must be, when `has` is what can be spent. @return was it spent? */
static bool spent(const char *reply, int64_t wants, int64_t has)
{
	if (has < wants) {
		assert_field(reply, "error.data.reason", "insufficient_points");
		return false;
	}
	if (!field(reply, "result"))
		fail_msg("story %llu: %lld of %lld cannot be spent: %s", (unsigned long long)world.head.story,
			(long long)wants, (long long)has, reply);
	return true;
}

/* So much, mostly, as there is; or a little more. */
static int64_t about(int64_t there_is)
{
	return (int64_t)draw_below(&world.seed, (uint64_t)(there_is > 0 ? there_is + there_is / 8 : 0) + 1) + 1;
}

static char *cups_sell(struct sale *s, int64_t cups, const char *hold)
{
	char more[160];

	s->units = 1;
	s->each = cups + 1;
	s->spent = cups * CUP;
	snprintf(more, sizeof(more), ",'redeem':[{'reward':'cup','points':%lld}]%s", (long long)s->spent, hold);
	return sells(s, s->each, 1, more);
}

void redeems(unsigned site, unsigned person)
{
	struct sale *s = sale_begin(site, person);
	struct purse p;
	int64_t cups;

	if (!purse_look(site, person, &p))
		return;
	cups = about((p.has[POINTS] - p.held[POINTS]) / CUP);
	if (spent(cups_sell(s, cups, ""), cups * CUP, p.has[POINTS] - p.held[POINTS]))
		sale_end(s);
}

/* Euros of stored value, as a line of a sale that loads it. */
static void tops_up(unsigned site, unsigned person)
{
	struct sale *s = sale_begin(site, person);
	struct purse p;

	if (!purse_look(site, person, &p))
		return;
	s->units = 1;
	s->loaded = ((int64_t)draw_below(&world.seed, 20) + 1) * 100;
	succeeded("a top-up",
		ask(&world.sites[site].w, "sale.commit",
			"'request':'%s','sale':'%s','card':'%s','lines':[{'sku':'t','kind':'topup','unit':'credit','amount':%lld}],"
			"'payable':%lld",
			s->number, s->number, card_of(person), (long long)s->loaded, (long long)s->loaded));
	sale_end(s);
}

static char *value_sells(struct sale *s, int64_t paid, const char *hold)
{
	char more[160];

	s->units = 1;
	s->each = (paid + 99) / 100;
	s->paid = paid;
	snprintf(more, sizeof(more), ",'payments':[{'kind':'unit','unit':'credit','amount':%lld}]%s", (long long)paid, hold);
	return sells(s, s->each, s->each, more);
}

static void pays(unsigned site, unsigned person)
{
	struct sale *s = sale_begin(site, person);
	struct purse p;
	int64_t paid;

	if (!purse_look(site, person, &p))
		return;
	paid = about(p.has[CREDIT] - p.held[CREDIT]);
	if (spent(value_sells(s, paid, ""), paid, p.has[CREDIT] - p.held[CREDIT]))
		sale_end(s);
}

/* --- holds --- */

/* What this member's holds keep here, as far as nobody has resolved them and no night has. */
static int64_t kept(unsigned site, const char *member, unsigned unit)
{
	int64_t sum = 0;

	for (size_t i = 0; i < world.hold_count; i++) {
		const struct keep *k = &world.holds[i];
		struct purse p;

		if (!k->resolved && k->site == site && k->unit == unit && (k->nights == 0 || k->nights > world.nights) &&
			purse_look(site, k->person, &p) && strcmp(p.member, member) == 0)
			sum += k->points;
	}
	return sum;
}

/* Puts something out of reach: until the next night, or until somebody comes back to it. */
static void holds(unsigned site, unsigned person)
{
	struct keep *k = &world.holds[world.hold_count];
	bool short_of_night = draw_below(&world.seed, 3) == 0;
	struct purse p;
	char *reply;

	assert_true(world.hold_count < HOLDS_MAX);
	*k = (struct keep){ .site = site, .person = person, .unit = (unsigned)draw_below(&world.seed, HEAD_UNITS) };
	k->nights = short_of_night ? world.nights + 1 : 0;
	if (!purse_look(site, person, &p))
		return;
	k->points = about(p.has[k->unit] - p.held[k->unit]);
	assert_int_equal(p.held[k->unit], kept(site, p.member, k->unit));
	reply = ask(&world.sites[site].w, "sale.hold", "'request':'h-%llu','card':'%s','unit':'%s','points':%lld,'ttl':%d",
		(unsigned long long)++world.request, card_of(person), head_units[k->unit], (long long)k->points,
		short_of_night ? 43200 : 2592000);
	if (!spent(reply, k->points, p.has[k->unit] - p.held[k->unit]))
		return;
	snprintf(k->hold, sizeof(k->hold), "%s", field(reply, "result.hold"));
	world.hold_count++;
}

static void releases(struct keep *k)
{
	char *reply = ask(&world.sites[k->site].w, "sale.release", "'request':'l-%llu','hold':'%s'",
		(unsigned long long)++world.request, k->hold);

	if (k->nights == 0 || k->nights > world.nights)
		succeeded("a release", reply);
	else
		assert_field(reply, "error.data.reason", "hold_expired");
	k->resolved = true;
}

/* Buys with what was held, or some of it: the rest is free again. */
static void captures(struct keep *k)
{
	struct sale *s = sale_begin(k->site, k->person);
	char hold[80], *reply;

	snprintf(hold, sizeof(hold), ",'hold':'%s'", k->hold);
	reply = k->unit == POINTS ? cups_sell(s, k->points / CUP, hold)
	                          : value_sells(s, (int64_t)draw_below(&world.seed, (uint64_t)k->points) + 1, hold);
	if (k->nights == 0 || k->nights > world.nights) {
		succeeded("a capture", reply);
		sale_end(s);
	} else {
		assert_field(reply, "error.data.reason", "hold_expired");
	}
	k->resolved = true;
}

static void resolves(void)
{
	size_t left = world.hold_count, at = left ? draw_below(&world.seed, left) : 0;
	struct keep *k = NULL;

	while (left-- > 0 && (k = &world.holds[at++ % world.hold_count])->resolved)
		k = NULL;
	if (!k)
		return;
	if (draw_below(&world.seed, 3) == 0 || (k->unit == POINTS && k->points < CUP))
		releases(k);
	else
		captures(k);
}

void holds_end(void)
{
	for (size_t i = 0; i < world.hold_count; i++)
		if (!world.holds[i].resolved)
			releases(&world.holds[i]);
}

/* --- what is undone --- */

static void taken_back(const struct sale *s, int64_t units)
{
	world.expected[s->person][POINTS] += s->spent;
	world.expected[s->person][CREDIT] += s->paid;
	world.taken[s->person][s->site][POINTS] += units * s->each;
	world.taken[s->person][s->site][CREDIT] += s->loaded;
}

void settlements_see(void)
{
	for (size_t i = 0; i < world.comeback_count; i++) {
		struct comeback *b = &world.comebacks[i];
		const struct sale *s = &world.sales[b->sale];

		if (b->settled ||
			!field(ask(&world.sites[s->site].w, "sale.show", "'sale':'%s/%s'", store_id(b->site), b->number),
				"result"))
			continue;
		b->settled = true;
		taken_back(s, b->units);
	}
}

/* One of the last `of` sales. @return NULL: there is none, or it is void */
static struct sale *sale_draw(size_t of)
{
	size_t back = world.sale_count ? draw_below(&world.seed, of < world.sale_count ? of : world.sale_count) : 0;
	struct sale *s = world.sale_count ? &world.sales[world.sale_count - 1 - back] : NULL;

	return s && !s->voided ? s : NULL;
}

void returns(unsigned site)
{
	struct comeback *b = &world.comebacks[world.comeback_count];
	struct sale *s = sale_draw(SALES_MAX);

	if (!s || s->back == s->units)
		return;
	*b = (struct comeback){ .sale = (size_t)(s - world.sales), .site = site, .settled = s->site == site };
	b->units = (int64_t)draw_below(&world.seed, (uint64_t)(s->units - s->back)) + 1;
	snprintf(b->number, sizeof(b->number), "%llu.r%zu", (unsigned long long)world.head.story, world.comeback_count++);
	succeeded("a return",
		ask(&world.sites[site].w, "sale.return",
			"'request':'%s','return':'%s','sale':'%s','store':'%s','lines':[{'line':0,'quantity':%lld}]",
			b->number, b->number, s->number, store_id(s->site), (long long)b->units));
	s->back += b->units;
	if (b->settled)
		taken_back(s, b->units);
}

/* Of what has come back, what this store knows. Orders that come after a sale is void find nothing to settle. */
static bool has_come_back(const struct sale *s, bool forget)
{
	bool some = false;

	for (size_t i = 0; i < world.comeback_count; i++) {
		struct comeback *b = &world.comebacks[i];

		if (&world.sales[b->sale] != s)
			continue;
		some = some || b->settled;
		b->settled = b->settled || forget;
	}
	return some;
}

/* A mistake of the till's: as if the sale had not been, as long as its day is open. */
static void voids(void)
{
	struct sale *s = sale_draw(8);
	char *reply;

	if (!s)
		return;
	settlements_see();
	reply = ask(&world.sites[s->site].w, "sale.void", "'request':'v-%llu','sale':'%s'",
		(unsigned long long)++world.request, s->number);
	if (s->batch != world.sites[s->site].closed) {
		assert_field(reply, "error.data.reason", "day_closed");
		return;
	}
	if (has_come_back(s, false)) {
		assert_field(reply, "error.data.reason", "return_exceeds_sale");
		return;
	}
	succeeded("a void", reply);
	has_come_back(s, true);
	s->voided = true;
	taken_back(s, s->units);
}

/* --- who is whom --- */

/* Does a store know somebody as the chain does? */
static bool knows(unsigned site, unsigned person, char id[PALIER_ID_TEXT + 1])
{
	struct purse p;

	palier_id_format(world.head.people[person].id, id);
	return purse_look(site, person, &p) && strcmp(p.member, id) == 0;
}

/* Two turn out to be one, in a store that knows both. */
static void merges(unsigned from)
{
	unsigned into = (unsigned)draw_below(&world.seed, world.head.person_count), site = 0;
	char one[PALIER_ID_TEXT + 1], other[PALIER_ID_TEXT + 1];

	if (from == into || person_now(from) != from || person_now(into) != into)
		return;
	while (site < world.playing && !(knows(site, from, one) && knows(site, into, other)))
		site++;
	if (site == world.playing)
		return;
	succeeded("a merge", ask(&world.sites[site].w, "member.merge", "'request':'m-%llu','from':'%s','into':'%s'",
				     (unsigned long long)++world.request, one, other));
	world.into[from] = into;
}

void visit(void)
{
	unsigned person = (unsigned)draw_below(&world.seed, world.head.person_count);
	unsigned site = draw_below(&world.seed, 2) ? world.head.people[person_now(person)].home
	                                           : (unsigned)draw_below(&world.seed, world.playing);

	switch (draw_below(&world.seed, 16)) {
	case 0:
		draw_below(&world.seed, 2) ? merges(person) : voids();
		break;
	case 1:
	case 2:
		tops_up(site, person);
		break;
	case 3:
		pays(site, person);
		break;
	case 4:
	case 5:
		holds(site, person);
		break;
	case 6:
	case 7:
		resolves();
		break;
	case 8:
		returns(site);
		break;
	case 9:
	case 10:
		redeems(site, person);
		break;
	default:
		buys(site, person);
	}
}
