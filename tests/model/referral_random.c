/* SPDX-License-Identifier: Apache-2.0 */
/* Programmes and deeds at random, as awkward as they come. */
#include "tests/model/referral.h"

#define DAY_HOURS 24
#define PEOPLE    6

/* xorshift64* (Vigna 2014): the same numbers everywhere. */
static uint64_t draw(uint64_t *state, uint64_t below)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (*state * UINT64_C(2685821657736338717) >> 33) % below;
}

static bool once_in(uint64_t *state, uint64_t times)
{
	return draw(state, times) == 0;
}

static struct r_prize prize(uint64_t *state, int64_t points)
{
	const uint64_t kind = draw(state, 8);

	if (kind < 6)
		return (struct r_prize){ R_POINTS, (int)draw(state, R_UNITS), points };
	return (struct r_prize){ kind == 6 ? R_OFFER : R_NOTHING, 0, 0 };
}

void r_rules_draw(uint64_t *state, struct r_rules *out)
{
	*out = (struct r_rules){ .minimum = once_in(state, 8) ? 0 : 2500,
		.hold_days = once_in(state, 4) ? 3 : 30,
		.cap = once_in(state, 3) ? 1 : 0,
		.cap_months = 1,
		.code_months = once_in(state, 3) ? 1 : 12,
		.new_days = 30,
		.claims_per_day = once_in(state, 3) ? 1 : 5,
		.sponsor = prize(state, 500),
		.friend = prize(state, 100),
		.per = 100 };
	if (out->sponsor.kind == R_NOTHING && out->friend.kind == R_NOTHING)
		out->friend = (struct r_prize){ R_POINTS, 1, 100 };
}

/* Mostly one that was issued. */
static int some_code(uint64_t *state)
{
	static const int nobodys[] = { R_MALFORMED, R_FORGED, R_FOREIGN };

	return once_in(state, 12) ? nobodys[draw(state, 3)] : 1 + (int)draw(state, 4);
}

static int some_time(uint64_t *state)
{
	static const int days[] = { 1, 1, 2, 3, 4, 10, 27, 29, 30, 31, 40, 370 };

	switch (draw(state, 8)) {
	case 0:
		return days[draw(state, 12)] * DAY_HOURS;
	case 1:
		return (int)draw(state, DAY_HOURS);
	default:
		return 0;
	}
}

static void buy(uint64_t *state, struct r_op *op)
{
	static const int64_t bases[] = { 0, 99, 2499, 2500, 2500, 2600, 5000, 9999 };

	op->value = bases[draw(state, 8)];
	op->code = once_in(state, 3) ? some_code(state) : 0;
	op->who = once_in(state, 8) ? R_NOBODY : op->who;
}

static void enroll(uint64_t *state, struct r_op *op)
{
	op->code = once_in(state, 2) ? some_code(state) : 0;
	op->contact = once_in(state, 4) ? 1 + (int)draw(state, 2) : 0;
}

static void details(uint64_t *state, struct r_op *op)
{
	static const int64_t shares[] = { 1, 10, 50, 50, 100, 100 };

	op->late = once_in(state, 10) ? 1 + (int)draw(state, 4 * DAY_HOURS) : 0;
	if (op->act == R_BUY)
		buy(state, op);
	else if (op->act == R_ENROLL)
		enroll(state, op);
	else if (op->act == R_RETURN)
		op->value = shares[draw(state, 6)];
	else
		op->late = 0;
	if (op->act == R_ADJUST)
		op->value = (int64_t)draw(state, 1200) - 800;
	if (op->act == R_REVIEW)
		op->value = !once_in(state, 3);
	if (op->act == R_CLOSE)
		op->value = !once_in(state, 3);
	if (op->act == R_CLOSE && once_in(state, 2))
		op->hours += (1 + (int)draw(state, 31)) * DAY_HOURS;
}

static void op_draw(uint64_t *state, struct r_op *op)
{
	static const struct {
		enum r_act act;
		unsigned weight;
	} acts[] = { { R_ENROLL, 14 }, { R_ISSUE, 10 }, { R_BUY, 30 }, { R_RETURN, 20 }, { R_UNDO, 9 }, { R_UNRETURN, 7 },
		{ R_TAKE_ON, 6 }, { R_ADJUST, 4 }, { R_REVIEW, 7 }, { R_MERGE, 4 }, { R_ERASE, 2 }, { R_CLOSE, 12 } };
	unsigned at = (unsigned)draw(state, 125), i = 0;

	for (; at >= acts[i].weight; i++)
		at -= acts[i].weight;
	*op = (struct r_op){ .act = acts[i].act,
		.who = (int)draw(state, PEOPLE),
		.other = (int)draw(state, PEOPLE),
		.what = (int)draw(state, 12),
		.hours = some_time(state) };
	details(state, op);
}

/* Two members and a code there are, else little would follow. */
int r_story_draw(uint64_t *state, struct r_op *ops, int most)
{
	static const struct r_op begin[] = { { .act = R_ENROLL }, { .act = R_ISSUE },
		{ .act = R_ENROLL, .who = 1, .code = 1 } };
	const int count = most - (int)draw(state, (uint64_t)most / 2);
	int i = 0;

	for (; i < 3; i++)
		ops[i] = begin[i];
	if (once_in(state, 3))
		ops[2].code = 0;
	if (once_in(state, 8))
		ops[0].contact = ops[2].contact = 1;
	for (; i < count; i++)
		op_draw(state, &ops[i]);
	return count;
}
