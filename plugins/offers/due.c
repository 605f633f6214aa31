/* SPDX-License-Identifier: Apache-2.0 */
/* What is due to whom: triggers, judged by the store's date of the sale, what was granted, and what the caps leave. */
#include "plugins/offers/internal.h"

static uint32_t day_before(uint32_t day, struct span span)
{
	return span.kind == SPAN_MONTHS ? day_add_months(day, -span.n) : day_add(day, -span.n);
}

/* The 29th of February is the 28th in a year that has none. */
static uint32_t birthday_in(uint32_t year, uint32_t born)
{
	uint32_t day = year * 10000 + born % 10000;

	return day_valid(day) ? day : day - 1;
}

static int birthday_due(struct palier_ctx *c, const struct offer *o, uint32_t born, struct due *out)
{
	uint32_t today = palier_today(c), year = today / 10000 - 1;

	if (born == 0)
		return PALIER_ENOENT;
	for (unsigned i = 0; i < 3; i++, year++) {
		uint32_t day = birthday_in(year, born), last = day_add(day, (int)o->days_after);

		if (today < day_add(day, -(int)o->days_before) || today > last)
			continue;
		*out = (struct due){ .until = last, .birthday = day };
		return PALIER_OK;
	}
	return PALIER_ENOENT;
}

static int welcome_due(struct palier_ctx *c, const struct offer *o, uint32_t since, struct due *out)
{
	uint32_t last = since ? span_last_day(o->until, zone_midnight(since)) : 0;

	if (palier_today(c) < since || palier_today(c) > last)
		return PALIER_ENOENT;
	*out = (struct due){ .until = last };
	return PALIER_OK;
}

/* Who never bought is not silent. The sale in hand is not among the facts yet. */
static int win_back_due(struct palier_ctx *c, const struct offer *o, struct palier_id member, struct due *out)
{
	struct palier_facts facts;
	int err = palier_facts(c, member, &facts);

	if (err != PALIER_OK)
		return err;
	if (facts.purchases == 0 || zone_day(facts.last_purchase_ms) > day_before(palier_today(c), o->after))
		return PALIER_ENOENT;
	*out = (struct due){ .until = DAY_NEVER };
	return PALIER_OK;
}

int trigger_due(struct palier_ctx *c, const struct offer *o, struct palier_id member, struct due *out)
{
	struct palier_person person;
	int err = palier_person(c, member, &person);

	if (err != PALIER_OK)
		return err;
	switch ((enum offer_trigger)o->trigger) {
	case TRIGGER_BIRTHDAY:
		return birthday_due(c, o, person.birthday, out);
	case TRIGGER_ENROLL:
		return welcome_due(c, o, person.since, out);
	case TRIGGER_WIN_BACK:
		return person.profiling ? win_back_due(c, o, member, out) : PALIER_ENOENT;
	case TRIGGER_NONE:
		break;
	}
	return PALIER_ENOENT;
}

int grant_due(struct palier_ctx *c, const struct offer *o, struct palier_id member, struct due *out)
{
	struct palier_cursor *cur = grants_of(palier_tables(c), member, palier_str(o->name));
	struct grant g, first = { .seq = 0 };
	int err;

	while ((err = grant_next(cur, &g)) == PALIER_OK)
		if (g.until >= palier_today(c) && (first.seq == 0 || g.until < first.until))
			first = g;
	if (err != PALIER_ENOENT || first.seq == 0)
		return err;
	first.offer = palier_str(o->name); /* the cursor's is gone */
	*out = (struct due){ .until = first.until, .grant = first };
	return PALIER_OK;
}

/* A birthday offer's `member` is counted anew for each birthday. */
static int birthday_open(struct palier_ctx *c, const struct offer *o, struct palier_id member, uint32_t birthday)
{
	struct palier_key k = birthday_key(member, birthday, palier_str(o->name));
	int64_t uses = 0;
	int err = o->caps.member > 0 ? caps_uses(palier_tables(c), offers_caps.used, &k, &uses) : PALIER_OK;

	return err == PALIER_OK && o->caps.member > 0 && uses >= o->caps.member ? PALIER_ENOENT : err;
}

/* What was given to a member is no use of his own: `total` alone binds it. */
int caps_open(struct palier_ctx *c, const struct offer *o, const struct palier_id *member, const struct due *due)
{
	const struct caps_use use = { palier_str(o->name), due->grant.seq ? NULL : member, palier_today(c) };
	struct caps caps = o->caps;
	int64_t left = 0;
	int err = PALIER_OK;

	if (due->birthday) {
		caps.member = 0;
		err = birthday_open(c, o, *member, due->birthday);
	}
	if (err == PALIER_OK)
		err = caps_left(palier_tables(c), offers_caps, &caps, &use, &left);
	return err == PALIER_OK && left == 0 ? PALIER_ENOENT : err;
}
