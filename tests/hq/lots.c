/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/hq/lots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void head_lots_clear(struct head_lots *l)
{
	free(l->at);
	*l = (struct head_lots){ NULL, 0 };
}

static void text_keep(const struct booked *e, uint32_t object, const char *key, char out[12])
{
	struct palier_bytes text = booked_text(e, object, key);

	assert_in_range(text.len, 1, 11);
	memcpy(out, text.at, text.len);
}

static bool same(const struct head_lot *a, const struct head_lot *b)
{
	return a->store == b->store && palier_id_equal(a->member, b->member) && strcmp(a->unit, b->unit) == 0 &&
	       a->expires == b->expires && a->at_ms == b->at_ms && a->seq == b->seq && strcmp(a->cause, b->cause) == 0;
}

/* @return what is in it then */
static int64_t lot_add(struct head_lots *l, const struct head_lot *which, int64_t points)
{
	size_t i = 0;

	while (i < l->count && !same(&l->at[i], which))
		i++;
	if (i == l->count && (l->count & (l->count - 1)) == 0) {
		l->at = realloc(l->at, (l->count ? l->count * 2 : 1) * sizeof(*l->at));
		assert_non_null(l->at);
	}
	if (i == l->count)
		l->at[l->count++] = *which;
	l->at[i].left += points;
	if (l->at[i].left < 0)
		fail_msg("event %lld of store %u takes %lld %s that its lot never had", (long long)which->seq, which->store,
			(long long)-l->at[i].left, which->unit);
	return l->at[i].left;
}

/* Does the move fit the lot's last day? */
static void day_check(const struct booked *e, uint32_t effect, const char *cause, uint32_t expires)
{
	bool lapsed = expires && expires < e->day;

	if (strcmp(cause, "expire") == 0) {
		assert_true(lapsed);
		assert_int_equal(booked_day(e, effect, "expires"), expires);
	} else if (lapsed && (strcmp(cause, "give") == 0 || strcmp(cause, "pay") == 0 || strcmp(cause, "spend") == 0) &&
		   booked_text(e, effect, "hold").len == 0) {
		fail_msg("event %lld: %s of what lapsed on %u", (long long)e->seq, cause, expires);
	}
}

/* The rows of a move, or what a hold frees. @return what they sum up to */
static int64_t rows_move(struct head_lots *l, const struct head_lot *move, const struct booked *e, uint32_t effect,
	const char *rows, int sign)
{
	uint32_t row = 0, left = 0;
	int64_t sum = 0;

	while (booked_each(e, effect, rows, &row, &left)) {
		struct head_lot lot = *move;
		int64_t points = booked_int(e, row, "points");

		memset(lot.cause, 0, sizeof(lot.cause));
		text_keep(e, row, "cause", lot.cause);
		lot.expires = booked_day(e, row, "expires");
		lot.seq = booked_int(e, row, "seq");
		assert_true(time_parse(booked_text(e, row, "at"), &lot.at_ms));
		day_check(e, effect, move->cause, lot.expires);
		lot_add(l, &lot, sign * points);
		sum += points;
	}
	return sum;
}

void head_lots_move(struct head_lots *l, unsigned store, const struct booked *e, uint32_t effect)
{
	struct head_lot move = { .store = store, .at_ms = e->at_ms, .seq = (int64_t)e->seq };
	int64_t points = booked_int(e, effect, "points"), rest;
	int sign = points < 0 ? -1 : 1;

	assert_true(booked_id(e, effect, "member", &move.member));
	text_keep(e, effect, "unit", move.unit);
	text_keep(e, effect, "cause", move.cause);
	move.expires = booked_day(e, effect, "expires");
	rest = points * sign - rows_move(l, &move, e, effect, "lots", sign) - booked_int(e, effect, "hole");
	assert_true(rest >= 0 && (rest == 0 || sign > 0));
	if (rest == 0)
		return;
	if (strcmp(move.cause, "earn") == 0)
		assert_int_equal(move.expires, day_add(e->day, LOTS_LIFE));
	lot_add(l, &move, rest);
}

void head_lots_freed(struct head_lots *l, unsigned store, const struct booked *e, uint32_t effect)
{
	struct head_lot freed = { .store = store };

	assert_true(booked_id(e, effect, "member", &freed.member));
	text_keep(e, effect, "unit", freed.unit);
	rows_move(l, &freed, e, effect, "filled", -1);
}

void head_lots_rest(const struct head_lots *l, uint32_t today)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->at[i].left > 0 && l->at[i].expires && l->at[i].expires < today)
			fail_msg("store %u keeps %lld %s that lapsed on %u", l->at[i].store, (long long)l->at[i].left,
				l->at[i].unit, l->at[i].expires);
}
