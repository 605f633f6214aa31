/* SPDX-License-Identifier: Apache-2.0 */
/* Random baskets, adjustments, reversals, returns, voids, merges and days over a random clock, some of them arriving late, against a model
 * that keeps every lot in a list and knows nothing of keys, effects or bookings. A row is a seed. */
#include "tests/unit/plugins/kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "plugins/points.h"

/* What rewards do with a sale: spend. */
static int64_t wanted;

static int till_on_sale(struct palier_ctx *c, const struct palier_sale *s)
{
	struct points_move m = points_move_of(s->member, PALIER_LIT("p"), POINTS_SPEND, -wanted);

	return wanted > 0 ? points_move(c, &m) : PALIER_OK;
}

static int till_configure(struct palier_setup *s, cfg_t *section, const void **out)
{
	(void)s;
	(void)section;
	(void)out;
	return PALIER_OK;
}

static cfg_opt_t till_options[] = { CFG_END() };
static const struct palier_plugin till = { .abi = PALIER_PLUGIN_ABI,
	.name = "till",
	.options = till_options,
	.configure = till_configure,
	.on_sale = till_on_sale };

extern const struct palier_plugin palier_plugin_points;
static const struct palier_plugin *const plugins[] = { &palier_plugin_points, &till, NULL };

#define SEEDS   120
#define STEPS   120
#define LOTS    512
#define SALES   STEPS
#define MEMBERS 15
#define WHOLE   12 /* what of a sale comes back, in twelfths */
#define GRACE   9

/* xorshift64* (Vigna 2014): the same numbers everywhere. */
static uint64_t draw_state;

static uint64_t draw(uint64_t below)
{
	draw_state ^= draw_state >> 12;
	draw_state ^= draw_state << 25;
	draw_state ^= draw_state >> 27;
	return (draw_state * UINT64_C(2685821657736338717) >> 33) % below;
}

static const char *const spans[] = { "5 days", "1 month", "end of month", "never" };

struct model_lot {
	uint32_t expires, pending;
	int64_t at_ms, left, lapsed; /* lapsed: of what is booked as such */
	unsigned booked;
};

struct model_sale {
	char number[8];
	int64_t earned, spent, owed, back;
	bool clamp, voided;
	int own; /* the lot it earned, or -1 */
	struct {
		unsigned lot;
		int64_t points;
	} taken[LOTS];
	unsigned count;
};

struct model {
	struct model_lot lots[LOTS];
	unsigned count;
	struct model_sale sales[SALES];
	unsigned sale_count;
	int64_t hole;
	struct span expires;
	int pending;
	bool clamp;
};

static void model_credit(struct model *m, int64_t at_ms, int64_t points, bool earned)
{
	int64_t filled = points < m->hole ? points : m->hole;

	m->hole -= filled;
	assert_true(m->count < LOTS);
	if (points > filled)
		m->lots[m->count++] = (struct model_lot){ .expires = span_last_day(m->expires, at_ms),
			.pending = earned && m->pending ? day_add(zone_day(at_ms), m->pending) : 0,
			.at_ms = at_ms,
			.left = points - filled,
			.booked = m->count };
}

static bool goes_before(const struct model_lot *a, const struct model_lot *b)
{
	if (a->expires != b->expires)
		return a->expires < b->expires;
	return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->booked < b->booked;
}

/* The next lot to take from, or NULL. */
static struct model_lot *model_next(struct model *m, uint32_t day, bool pending)
{
	struct model_lot *best = NULL;

	for (unsigned i = 0; i < m->count; i++) {
		struct model_lot *l = &m->lots[i];

		if (l->left > 0 && l->expires >= day && (l->pending > day) == pending && (!best || goes_before(l, best)))
			best = l;
	}
	return best;
}

static int64_t model_sum(const struct model *m, uint32_t day, bool spendable)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < m->count; i++)
		if (m->lots[i].expires >= day && !(spendable && m->lots[i].pending > day))
			sum += m->lots[i].left;
	return sum - m->hole;
}

/* Take `want`, a lot at a time. @param each lot taken, in order; NULL: nobody asks */
static int64_t model_take(struct model *m, uint32_t day, int64_t want, struct model_sale *into)
{
	for (int pending = 0; pending <= 1; pending++) {
		struct model_lot *l;

		while (want > 0 && (l = model_next(m, day, pending)) != NULL) {
			int64_t taken = l->left < want ? l->left : want;

			into->taken[into->count].lot = (unsigned)(l - m->lots);
			into->taken[into->count++].points = taken;
			l->left -= taken;
			want -= taken;
		}
	}
	return want;
}

/* Each lot taken must be the next one of the effect. */
static void model_debit(struct model *m, uint32_t day, int64_t want, const struct points_move *move)
{
	static struct model_sale taken;

	taken.count = 0;
	m->hole += model_take(m, day, want, &taken);
	assert_int_equal(move->lots.count, taken.count);
	for (unsigned i = 0; i < taken.count; i++) {
		const struct points_lot *row = &move->lots.at[i];
		const struct model_lot *l = &m->lots[taken.taken[i].lot];

		assert_int_equal(row->points, taken.taken[i].points);
		assert_int_equal(PALIER_HAS(row, points_lot, expires) ? row->expires : DAY_NEVER, l->expires);
		assert_int_equal(row->at, l->at_ms);
	}
}

static int64_t model_own(int64_t *left, int64_t want)
{
	int64_t taken = *left < want ? *left : want;

	*left -= taken;
	return taken;
}

/* What of a sale is to be reversed: from its own lot, lapsed or not, then from the others. */
static void model_reverse(struct model *m, struct model_sale *s, uint32_t day, int64_t points, bool voided)
{
	static struct model_sale taken;
	int64_t want = points + (voided ? 0 : s->owed);

	if (points == 0)
		return;
	if (s->own >= 0) {
		want -= model_own(&m->lots[s->own].left, want);
		want -= model_own(&m->lots[s->own].lapsed, want);
	}
	taken.count = 0;
	want = model_take(m, day, want, &taken);
	if (!s->clamp)
		m->hole += want;
	else if (!voided)
		s->owed = want;
}

/* Points from..to of what a sale spent come back. */
static void model_restore(struct model *m, const struct model_sale *s, int64_t from, int64_t to, int64_t at_ms, uint32_t now,
	bool voided)
{
	int64_t at = 0, lapsed = 0;

	for (unsigned i = 0; i < s->count; i++) {
		struct model_lot *l = &m->lots[s->taken[i].lot];
		int64_t low = at > from ? at : from, high = at + s->taken[i].points < to ? at + s->taken[i].points : to;
		int64_t points = high > low ? high - low : 0, filled = points < m->hole ? points : m->hole;

		at += s->taken[i].points;
		if (voided && l->expires < now)
			filled = 0;
		m->hole -= filled;
		points -= filled;
		if (l->expires >= now || voided)
			l->left += points;
		else
			lapsed += points;
	}
	assert_true(m->count < LOTS);
	if (lapsed > 0)
		m->lots[m->count++] = (struct model_lot){ .expires = day_add(now, GRACE),
			.at_ms = at_ms,
			.left = lapsed,
			.booked = m->count };
}

/* --- a run --- */

struct run {
	struct palier_ctx *c;
	struct model model;
	int64_t at_ms, now_ms;
	struct palier_id member;
	unsigned members;
};

/* The last event's move. */
static const struct points_move *last_move(const struct palier_ctx *c)
{
	const struct palier_event *ev = kit_event(c);
	const struct points_move *m = NULL;

	for (uint32_t i = 0; i < ev->effect_count; i++)
		if (strcmp(ev->effects[i].kind->name, "points.move") == 0)
			m = ev->effects[i].body;
	return m;
}

static void reconfigure(struct run *r)
{
	const char *span = spans[draw(4)];
	char config[256];

	assert_true(span_parse(span, &r->model.expires));
	r->model.pending = (int)draw(3) * 2;
	r->model.clamp = draw(3) == 0;
	snprintf(config, sizeof(config),
		"points { unit p { expires = \"%s\"  pending = %d  shortfall = %s  return-grace = %d }"
		"  earn e { unit = p  per = \"1.00\" } }",
		span, r->model.pending, r->model.clamp ? "clamp" : "negative", GRACE);
	if (r->c)
		kit_reconfigure(r->c, config);
	else
		r->c = kit_new(plugins, config);
}

/* The balance that the last move says is the model's after it. */
static void moved(const struct run *r)
{
	if (last_move(r->c) && palier_id_equal(last_move(r->c)->member, r->member))
		assert_int_equal(last_move(r->c)->balance, model_sum(&r->model, zone_day(r->now_ms), false));
}

/* What the model makes of a sale. @return false: there is too little to spend */
static bool model_buy(struct run *r, struct model_sale *s)
{
	struct model *m = &r->model;
	uint32_t day = zone_day(r->at_ms);
	unsigned before = m->count;

	model_credit(m, r->at_ms, s->earned, true);
	s->own = m->count > before ? (int)before : -1;
	s->clamp = m->clamp;
	if (s->spent > 0 && (m->hole > 0 || model_sum(m, day, true) < s->spent))
		return false;
	return model_take(m, day, s->spent, s) == 0;
}

static int64_t basket_fill(struct kit_line *lines, uint32_t count)
{
	int64_t base = 0;

	for (uint32_t i = 0; i < count; i++) {
		lines[i].amount = (int64_t)draw(5000);
		lines[i].exempt = (int64_t)draw((uint64_t)lines[i].amount / 3 + 1);
		lines[i].foreign = (int64_t)draw((uint64_t)(lines[i].amount - lines[i].exempt) / 2 + 1);
		lines[i].ours = (int64_t)draw((uint64_t)(lines[i].amount - lines[i].exempt - lines[i].foreign) / 2 + 1);
		base += lines[i].amount - lines[i].exempt - lines[i].foreign - lines[i].ours;
	}
	return base;
}

/* What the last event earned. */
static int64_t last_earned(const struct palier_ctx *c)
{
	const struct palier_event *ev = kit_event(c);
	const struct points_move *m = ev->effect_count > 0 ? ev->effects[0].body : NULL;

	for (uint32_t i = 0; i < ev->effect_count; i++) {
		m = ev->effects[i].body;
		if (strcmp(ev->effects[i].kind->name, "points.move") == 0 && m->cause == POINTS_EARN)
			return m->points;
	}
	return 0;
}

/* Quote and commit agree. */
static void buy(struct run *r)
{
	static struct model before;
	struct kit_line lines[5] = { 0 };
	uint32_t count = 1 + (uint32_t)draw(5);
	struct model_sale *s = &r->model.sales[r->model.sale_count];
	int64_t base = basket_fill(lines, count);
	int expected;

	before = r->model;
	s->earned = base / 100;
	s->spent = draw(2) ? (int64_t)draw(60) : 0;
	snprintf(s->number, sizeof(s->number), "T%u", r->model.sale_count);
	expected = model_buy(r, s) ? PALIER_OK : PALIER_EINSUFFICIENT_POINTS;
	wanted = s->spent;
	assert_int_equal(kit_sale(r->c, &r->member, NULL, lines, count), expected);
	assert_int_equal(last_earned(r->c), base / 100);
	assert_int_equal(kit_sale(r->c, &r->member, s->number, lines, count), expected);
	wanted = 0;
	if (expected != PALIER_OK) {
		r->model = before;
		return;
	}
	assert_int_equal(last_earned(r->c), base / 100);
	r->model.sale_count++;
	moved(r);
}

static struct model_sale *sale_draw(struct run *r)
{
	struct model_sale *s = r->model.sale_count > 0 ? &r->model.sales[draw(r->model.sale_count)] : NULL;

	return s && !s->voided ? s : NULL;
}

static void give_back(struct run *r)
{
	struct model_sale *s = sale_draw(r);
	struct kit_return p = { .number = "R", .base = WHOLE };
	uint32_t day = zone_day(r->at_ms), now = zone_day(r->now_ms);

	if (!s)
		return;
	p.sale = s->number;
	p.before = s->back;
	p.after = s->back + (int64_t)draw((uint64_t)(WHOLE - s->back) + 1);
	assert_int_equal(kit_return(r->c, &p, NULL), PALIER_OK);
	model_restore(&r->model, s, palier_share(s->spent, p.before, WHOLE), palier_share(s->spent, p.after, WHOLE),
		r->at_ms, now, false);
	model_reverse(&r->model, s, day, palier_share(s->earned, p.after, WHOLE) - palier_share(s->earned, p.before, WHOLE),
		false);
	s->back = p.after;
	moved(r);
}

static void undo(struct run *r)
{
	struct model_sale *s = sale_draw(r);

	if (!s || s->back > 0)
		return;
	assert_int_equal(kit_void(r->c, s->number), PALIER_OK);
	model_restore(&r->model, s, 0, s->spent, r->at_ms, zone_day(r->now_ms), true);
	model_reverse(&r->model, s, zone_day(r->at_ms), s->earned, true);
	s->voided = true;
	moved(r);
}

/* Another member, who may have points, takes over all. */
static void merge(struct run *r)
{
	struct palier_id into = kit_member(++r->members);
	int64_t points = (int64_t)draw(3) * 20, hole = r->model.hole;
	struct balance_adjust p = { 0 };

	PALIER_SET(&p, balance_adjust, member, into);
	PALIER_SET(&p, balance_adjust, unit, PALIER_LIT("p"));
	PALIER_SET(&p, balance_adjust, points, points);
	if (points > 0)
		assert_int_equal(kit_command(r->c, &method_balance_adjust, &p), PALIER_OK);
	assert_int_equal(kit_merge(r->c, r->member, into), PALIER_OK);
	r->member = into;
	r->model.hole = 0;
	if (points > 0)
		model_credit(&r->model, r->at_ms, points, false);
	if (hole > 0)
		model_debit(&r->model, zone_day(r->at_ms), hole, last_move(r->c));
	moved(r);
}

/* The jobs after a close book what has lapsed, and nothing that anybody sees changes. */
static void close_day(struct run *r)
{
	uint32_t today = zone_day(r->now_ms);

	for (unsigned i = 0; i < r->model.count; i++) {
		struct model_lot *l = &r->model.lots[i];

		if (l->expires < today) {
			l->lapsed += l->left;
			l->left = 0;
		}
	}
	kit_close(r->c, day_add(today, -1), today);
	assert_int_equal(kit_close(r->c, day_add(today, -1), today), 0);
}

static void adjust(struct run *r)
{
	int64_t points = (int64_t)draw(200) - 130;
	uint32_t day = zone_day(r->at_ms);
	struct balance_adjust p = { 0 };
	int expected = PALIER_OK;

	if (points == 0)
		expected = PALIER_EPARAMS;
	else if (points < 0 && (r->model.hole > 0 || model_sum(&r->model, day, true) < -points))
		expected = PALIER_EINSUFFICIENT_POINTS;

	PALIER_SET(&p, balance_adjust, member, r->member);
	PALIER_SET(&p, balance_adjust, unit, PALIER_LIT("p"));
	PALIER_SET(&p, balance_adjust, points, points);
	assert_int_equal(kit_command(r->c, &method_balance_adjust, &p), expected);
	if (expected == PALIER_OK && points < 0)
		model_debit(&r->model, day, -points, last_move(r->c));
	else if (expected == PALIER_OK)
		model_credit(&r->model, r->at_ms, points, false);
	if (expected == PALIER_OK)
		moved(r);
}

static int reverse(struct palier_ctx *c, void *who)
{
	const struct points_move *m = who;

	return points_move(c, m);
}

static void force(struct run *r)
{
	int64_t points = 1 + (int64_t)draw(150);
	struct points_move m = points_move_of(r->member, PALIER_LIT("p"), POINTS_REVERSE, -points);

	assert_int_equal(kit_decide(r->c, r->member, reverse, &m), PALIER_OK);
	model_debit(&r->model, zone_day(r->at_ms), points, last_move(r->c));
	moved(r);
}

/* What the model has of one last day. */
static int64_t model_on(const struct model *m, const char *date)
{
	uint32_t y = (uint32_t)strtoul(date, NULL, 10), mo = (uint32_t)strtoul(date + 5, NULL, 10),
		 d = (uint32_t)strtoul(date + 8, NULL, 10);
	int64_t sum = 0;

	for (unsigned i = 0; i < m->count; i++)
		if (m->lots[i].expires == y * 10000 + mo * 100 + d)
			sum += m->lots[i].left;
	return sum;
}

/* The member view agrees with the model, down to the dates. */
static void compare(struct run *r)
{
	uint32_t day = zone_day(r->now_ms);
	int64_t balance = model_sum(&r->model, day, false), pending = balance - model_sum(&r->model, day, true), dated = 0;
	char head[200];
	const char *view = kit_lookup(r->c, r->member), *row = view;

	snprintf(head, sizeof(head), "\"balances\":{\"p\":%lld},\"held\":{\"p\":0},\"pending\":{\"p\":%lld},\"expiring\":[",
		(long long)balance, (long long)pending);
	assert_memory_equal(view, head, strlen(head));
	for (unsigned i = 0; i < r->model.count; i++)
		if (r->model.lots[i].expires >= day && r->model.lots[i].expires != DAY_NEVER)
			dated += r->model.lots[i].left;
	while ((row = strstr(row, "{\"unit\":\"p\",\"points\":")) != NULL) {
		char *end;
		int64_t points;

		row += strlen("{\"unit\":\"p\",\"points\":");
		points = strtoll(row, &end, 10);
		assert_int_equal(points, model_on(&r->model, end + strlen(",\"on\":\"")));
		dated -= points;
	}
	assert_int_equal(dated, 0);
	assert_true(kit_same(r->c));
	assert_string_equal(kit_check(r->c), "");
}

static void step(struct run *r)
{
	uint64_t what = draw(24);

	if (what < 8)
		buy(r);
	else if (what < 11)
		adjust(r);
	else if (what == 11)
		force(r);
	else if (what < 18)
		give_back(r);
	else if (what < 20)
		undo(r);
	else if (what < 22)
		close_day(r);
	else if (what == 22 || r->members == MEMBERS)
		reconfigure(r);
	else
		merge(r);
}

static void test_seed(void **state)
{
	uint64_t seed = (uint64_t)(uintptr_t)*state;
	static struct run r;

	r = (struct run){ .member = kit_member(1),
		.members = 1,
		.now_ms = INT64_C(1767222000000) + (int64_t)(seed % 700) * DAY_MS };
	draw_state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
	reconfigure(&r);
	for (int i = 0; i < STEPS; i++) {
		r.now_ms += (int64_t)draw(4) * (int64_t)draw(40) * 3600 * 1000;
		r.at_ms = r.now_ms - (draw(8) == 0 ? (int64_t)draw(200) * 3600 * 1000 : 0);
		kit_clock_ms(r.c, r.at_ms, r.now_ms);
		step(&r);
		compare(&r);
	}
	kit_free(r.c);
}

int main(void)
{
	static char names[SEEDS][80];
	struct CMUnitTest tests[SEEDS];

	for (uintptr_t i = 0; i < SEEDS; i++) {
		snprintf(names[i], sizeof(names[i]), "balances, dates and the order of debits are the model's (seed %u)",
			(unsigned)i + 1);
		tests[i] = (struct CMUnitTest){ names[i], test_seed, NULL, NULL, (void *)(i + 1) };
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
