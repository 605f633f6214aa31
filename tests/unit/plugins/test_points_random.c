/* SPDX-License-Identifier: Apache-2.0 */
/* Random baskets, adjustments and reversals over a random clock, some of them arriving late, against a model that keeps
 * every lot in a list and knows nothing of keys or effects. A row is a seed. */
#include "tests/unit/plugins/kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "plugins/points.h"

extern const struct palier_plugin palier_plugin_points;
static const struct palier_plugin *const plugins[] = { &palier_plugin_points, NULL };

#define SEEDS 80
#define STEPS 100
#define LOTS  256

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
	int64_t at_ms, left;
	unsigned booked;
};

struct model {
	struct model_lot lots[LOTS];
	unsigned count;
	int64_t hole;
	struct span expires;
	int pending;
};

static void model_credit(struct model *m, int64_t at_ms, int64_t points, bool earned)
{
	int64_t filled = points < m->hole ? points : m->hole;

	m->hole -= filled;
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

/* Take `want`; each lot taken must be the next one of the effect. */
static void model_debit(struct model *m, uint32_t day, int64_t want, const struct points_move *move)
{
	uint32_t row = 0;

	for (int pending = 0; pending <= 1; pending++) {
		struct model_lot *l;

		while (want > 0 && (l = model_next(m, day, pending)) != NULL) {
			int64_t taken = l->left < want ? l->left : want;

			assert_true(row < move->lots.count);
			assert_int_equal(move->lots.at[row].points, taken);
			assert_int_equal(PALIER_HAS(&move->lots.at[row], points_lot, expires) ? move->lots.at[row].expires
											      : DAY_NEVER,
				l->expires);
			assert_int_equal(move->lots.at[row].at, l->at_ms);
			row++;
			l->left -= taken;
			want -= taken;
		}
	}
	assert_int_equal(row, move->lots.count);
	m->hole += want;
}

/* --- a run --- */

struct run {
	struct palier_ctx *c;
	struct model model;
	int64_t at_ms, now_ms;
	struct palier_id member;
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
	snprintf(config, sizeof(config),
		"points { unit p { expires = \"%s\"  pending = %d }  earn e { unit = p  per = \"1.00\" } }", span,
		r->model.pending);
	if (r->c)
		kit_reconfigure(r->c, config);
	else
		r->c = kit_new(plugins, config);
}

/* The balance that the last move says is the model's after it. */
static void moved(const struct run *r)
{
	if (last_move(r->c))
		assert_int_equal(last_move(r->c)->balance, model_sum(&r->model, zone_day(r->now_ms), false));
}

/* Quote and commit agree. */
static void buy(struct run *r)
{
	struct kit_line lines[5] = { 0 };
	uint32_t count = 1 + (uint32_t)draw(5);
	int64_t base = 0, quoted;

	for (uint32_t i = 0; i < count; i++) {
		lines[i].amount = (int64_t)draw(5000);
		lines[i].exempt = (int64_t)draw((uint64_t)lines[i].amount / 3 + 1);
		lines[i].foreign = (int64_t)draw((uint64_t)(lines[i].amount - lines[i].exempt) / 2 + 1);
		lines[i].ours = (int64_t)draw((uint64_t)(lines[i].amount - lines[i].exempt - lines[i].foreign) / 2 + 1);
		base += lines[i].amount - lines[i].exempt - lines[i].foreign - lines[i].ours;
	}
	assert_int_equal(kit_sale(r->c, &r->member, NULL, lines, count), PALIER_OK);
	quoted = last_move(r->c) ? last_move(r->c)->points : 0;
	assert_int_equal(quoted, base / 100);
	assert_int_equal(kit_sale(r->c, &r->member, "T", lines, count), PALIER_OK);
	assert_int_equal(last_move(r->c) ? last_move(r->c)->points : 0, quoted);
	model_credit(&r->model, r->at_ms, quoted, true);
	moved(r);
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
		row += strlen("{\"unit\":\"p\",\"points\":");
		dated -= strtoll(row, NULL, 10);
	}
	assert_int_equal(dated, 0);
	assert_true(kit_same(r->c));
	assert_string_equal(kit_check(r->c), "");
}

static void test_seed(void **state)
{
	uint64_t seed = (uint64_t)(uintptr_t)*state;
	struct run r = { .member = kit_member(1), .now_ms = INT64_C(1767222000000) + (int64_t)(seed % 700) * DAY_MS };

	draw_state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
	reconfigure(&r);
	for (int i = 0; i < STEPS; i++) {
		uint64_t what = draw(10);

		r.now_ms += (int64_t)draw(4) * (int64_t)draw(40) * 3600 * 1000;
		r.at_ms = r.now_ms - (draw(8) == 0 ? (int64_t)draw(200) * 3600 * 1000 : 0);
		kit_clock_ms(r.c, r.at_ms, r.now_ms);
		if (what < 5)
			buy(&r);
		else if (what < 8)
			adjust(&r);
		else if (what == 8)
			force(&r);
		else
			reconfigure(&r);
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
