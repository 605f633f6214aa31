/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/hq/made.h"

#include <stdio.h>
#include <stdlib.h>

#include "protocol/datetime.h"
#include "tests/hq/batches.h"

#define FIRST_DAY 20260901
#define LINES     6

enum cause { EARN, SPEND, CAUSES };

/* A member's latest lot in this store: what is spent comes out of it. */
struct lot {
	uint64_t seq;
	int64_t left;
	char at[32], expires[11];
};

struct maker {
	const struct made_plan *plan;
	struct chain chain;
	uint64_t random;
	struct lot *lots;                  /* of each member */
	int64_t day[CAUSES], ever[CAUSES]; /* points */
	int64_t sales, payable, sales_ever, payable_ever;
	struct palier_arena arena; /* of an event */
};

/* xorshift64* */
static int64_t below(struct maker *m, int64_t n)
{
	m->random ^= m->random >> 12;
	m->random ^= m->random << 25;
	m->random ^= m->random >> 27;
	return (int64_t)((m->random * UINT64_C(2685821657736338717) >> 33) % (uint64_t)n);
}

static const char *member_name(struct maker *m, int64_t number)
{
	struct palier_id id = { { 0 } };
	char *text = palier_alloc(&m->arena, PALIER_ID_TEXT + 1);
	uint64_t mixed = (uint64_t)(number + 1) * UINT64_C(0x9E3779B97F4A7C15);

	memcpy(id.b, &mixed, sizeof(mixed));
	palier_id_format(id, text);
	return text;
}

/* As long and as random as a sealed text is. */
static const char *sealed(struct maker *m)
{
	uint64_t bytes[5];
	char *text = palier_alloc(&m->arena, sizeof(bytes) * 2);

	for (size_t i = 0; i < sizeof(bytes) / sizeof(*bytes); i++)
		bytes[i] = (uint64_t)below(m, INT32_MAX) << 33 ^ (uint64_t)below(m, INT64_MAX) << 16 ^
		           (uint64_t)below(m, INT32_MAX);
	palier_base64(bytes, sizeof(bytes), text);
	return text;
}

static const char *lines_make(struct maker *m, int64_t *total)
{
	const char *all = "";

	*total = 0;
	for (int i = 0; i < LINES; i++) {
		int64_t product = below(m, 20000), amount = 90 + below(m, 900);

		all = palier_format(&m->arena,
			"%s%s{'sku':'%013lld','label':'Product of the shelf %lld','category':'aisle-%02lld','quantity':%lld,"
			"'amount':%lld}",
			all, i ? "," : "", (long long)(3000000000000 + product), (long long)product,
			(long long)(product % 40), (long long)(1 + below(m, 3)), (long long)amount);
		*total += amount;
	}
	return all;
}

/* What goes with every member's sale besides points. */
static const char *around(struct maker *m, const char *member, const char *sale, int64_t points, int64_t paid)
{
	return palier_format(&m->arena,
		"{'kind':'message','text':'%%1: +%%2, balance %%3','args':['points','%lld','%lld'],'language':'fr'},"
		"{'kind':'points.balances','member':'%s','balances':[{'unit':'stamps','points':0}]},"
		"{'kind':'tiers.counted','member':'%s','sale':'%s','rules':1,'unit':'points','figure':%lld,'day':'%s','start':'2025-11-26'},"
		"{'kind':'tiers.shown','member':'%s','tier':'bronze','next':'silver','missing':122,'unit':'points'},"
		"{'kind':'ladder.visited','member':'%s','epoch':1%s,'spend':%lld,'climbed':0,'visits':1},"
		"{'kind':'journey.touch','member':'%s','touchpoint':'purchase','channel':'till'},",
		(long long)points, (long long)points, member, member, sale, (long long)points, m->chain.day, member, member,
		member[3] < '3' ? ",'held':true" : "", (long long)paid, member);
}

static const char *earn(struct maker *m, const char *member, struct lot *lot, const char *sale, int64_t points)
{
	day_format(day_add_months((uint32_t)FIRST_DAY, 18), lot->expires);
	time_format(m->chain.at_ms, lot->at);
	lot->seq = m->chain.seq + 1;
	lot->left = points;
	m->day[EARN] += points;
	return palier_format(&m->arena,
		"{'kind':'points.move','member':'%s','unit':'points','cause':'earn','points':%lld,'balance':%lld,'rule':'base',"
		"'sale':'%s','expires':'%s'},",
		member, (long long)points, (long long)points, sale, lot->expires);
}

static const char *spend(struct maker *m, const char *member, struct lot *lot, const char *sale)
{
	int64_t points = lot->left / 2;

	if (points == 0 || below(m, 10) > 0)
		return "";
	lot->left -= points;
	m->day[SPEND] -= points;
	return palier_format(&m->arena,
		"{'kind':'points.move','member':'%s','unit':'points','cause':'spend','points':-%lld,'balance':%lld,'reward':'five-off',"
		"'sale':'%s','lots':[{'expires':'%s','at':'%s','seq':%llu,'cause':'earn','points':%lld}]},",
		member, (long long)points, (long long)lot->left, sale, lot->expires, lot->at, (unsigned long long)lot->seq,
		(long long)points);
}

static void sell(struct maker *m, int number)
{
	int64_t who = below(m, m->plan->members * INT64_C(4) / 3 + 1), total;
	const char *sale = palier_format(&m->arena, "T%02d-%s-%05d", number % 7, m->chain.day, number);
	const char *lines = lines_make(m, &total), *member = who < m->plan->members ? member_name(m, who) : NULL;
	const char *effects = "";

	if (member) {
		const char *spent = spend(m, member, &m->lots[who], sale);

		effects = palier_format(&m->arena, "%s%s%s", spent, earn(m, member, &m->lots[who], sale, total / 100),
			around(m, member, sale, total / 100, total));
	}
	effects = palier_format(&m->arena,
		"%s{'kind':'sale.booked','sale':'%s','date':'%s','total':%lld,'payable':%lld,'due':%lld,'base':%lld}",
		effects, sale, m->chain.day, (long long)total, (long long)total, (long long)total, (long long)total);
	chain_event(&m->chain, "sale.commit", member,
		palier_format(&m->arena, "'sale':'%s','card':'6.%s','lines':[%s],'auto':false,'payable':%lld", sale,
			sealed(m), lines, (long long)total),
		effects);
	m->sales++;
	m->payable += total;
	palier_arena_reset(&m->arena);
}

static const char *totals_write(struct maker *m, int64_t sales, int64_t payable, const int64_t *causes)
{
	return palier_format(&m->arena,
		"'sales':%lld,'returns':0,'voids':0,'payable':%lld,'refunded':0,'members':0,'units':{'points':{'earn':%lld,'spend':%lld,"
		"'outstanding':%lld}}",
		(long long)sales, (long long)payable, (long long)causes[EARN], (long long)causes[SPEND],
		(long long)(m->ever[EARN] + m->ever[SPEND]));
}

static void day_make(struct maker *m, int n)
{
	char day[11];

	day_format(day_add(FIRST_DAY, n), day);
	chain_day(&m->chain, day);
	memset(m->day, 0, sizeof(m->day));
	m->sales = m->payable = 0;
	for (int i = 0; i < m->plan->sales; i++)
		sell(m, i);
	for (int cause = 0; cause < CAUSES; cause++)
		m->ever[cause] += m->day[cause];
	m->sales_ever += m->sales;
	m->payable_ever += m->payable;
	chain_close(&m->chain, totals_write(m, m->sales, m->payable, m->day),
		totals_write(m, m->sales_ever, m->payable_ever, m->ever));
	palier_arena_reset(&m->arena);
}

int64_t made_write(const char *directory, const struct made_plan *plan)
{
	int64_t events = 0;

	for (int store = 1; store <= plan->stores; store++) {
		struct maker m = { .plan = plan, .random = plan->seed + (uint64_t)store * UINT64_C(0x9E3779B97F4A7C15) };
		char name[32];

		m.lots = calloc((size_t)plan->members, sizeof(*m.lots));
		if (!m.lots)
			abort();
		snprintf(name, sizeof(name), "store-%04d", store);
		chain_begin(&m.chain, directory, name);
		for (int day = 0; day < plan->days; day++)
			day_make(&m, day);
		events += (int64_t)m.chain.seq;
		chain_end(&m.chain);
		palier_arena_deinit(&m.arena);
		free(m.lots);
	}
	return events;
}
