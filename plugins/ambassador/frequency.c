/* SPDX-License-Identifier: Apache-2.0 */
/* How often members buy, in quintiles over all who agree to be profiled: counted anew after each close, slice by slice, so that a slice that
 * runs again counts nobody twice. Ties stay together: a member is in quintile 1 + floor(5 x those who bought on fewer days / all). */
#include "plugins/ambassador/internal.h"

int often_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct ambassador_counted *e = body;
	struct counting so_far;
	int err = counting_get(t, &so_far);

	if (err == PALIER_OK && so_far.batch != ev->batch)
		err = bins_clear(t);
	if (err == PALIER_OK)
		err = bins_add(t, e);
	so_far = (struct counting){ .batch = ev->batch, .done = !PALIER_HAS(e, ambassador_counted, upto) };
	if (err == PALIER_OK && so_far.done) {
		err = bins_sort(t);
		if (err == PALIER_OK)
			err = bins_clear(t);
	} else if (err == PALIER_OK && palier_id_parse(e->upto, &so_far.upto) != PALIER_OK) {
		err = PALIER_EDAMAGED;
	}
	return err == PALIER_OK ? counting_put(t, &so_far) : err;
}

int often_begin(struct palier_ctx *c, struct often *o)
{
	int err = counting_get(palier_tables(c), &o->so_far);

	if (err == PALIER_OK && o->so_far.batch != palier_batch(c))
		o->so_far = (struct counting){ .batch = palier_batch(c) };
	memset(o->members, 0, sizeof(o->members));
	o->any = false;
	return err;
}

static int days_with_purchases(struct palier_ctx *c, struct palier_id member, uint32_t day, int64_t *out)
{
	struct palier_facts facts;
	int err = palier_facts_between(c, member, day_add(day, 1 - OFTEN_DAYS), day, &facts);

	if (err == PALIER_OK)
		*out = palier_least(facts.days, OFTEN_DAYS);
	return err;
}

int often_count(struct palier_ctx *c, struct often *o, struct palier_id member, uint32_t day)
{
	int64_t days;
	int err;

	if (o->so_far.done || memcmp(member.b, o->so_far.upto.b, PALIER_ID_LEN) <= 0)
		return PALIER_OK;
	err = days_with_purchases(c, member, day, &days);
	if (err != PALIER_OK)
		return err;
	o->members[days]++;
	o->any = true;
	return PALIER_OK;
}

int often_end(struct palier_ctx *c, struct often *o, const struct palier_id *upto)
{
	struct ambassador_counted e = { .set = { 0, 0 } };
	char *text = palier_alloc(palier_arena(c), PALIER_ID_TEXT + 1);

	if (o->so_far.done || (!o->any && upto))
		return PALIER_OK;
	PALIER_MARK(&e, ambassador_counted, often);
	e.often.at = palier_alloc(palier_arena(c), OFTEN_MOST * sizeof(*e.often.at));
	for (uint32_t days = 0; days < OFTEN_MOST; days++) {
		struct ambassador_often *row = &e.often.at[e.often.count];

		if (o->members[days] == 0)
			continue;
		PALIER_SET(row, ambassador_often, days, days);
		PALIER_SET(row, ambassador_often, members, o->members[days]);
		e.often.count++;
	}
	if (upto) {
		palier_id_format(*upto, text);
		PALIER_SET(&e, ambassador_counted, upto, palier_str(text));
	}
	return palier_effect_add(c, "ambassador.counted", &e);
}

int quintile_of(const uint32_t from[4], int64_t days)
{
	int quintile = 1;

	while (quintile < 5 && days >= from[quintile - 1])
		quintile++;
	return quintile;
}

int often_quintile(struct palier_ctx *c, struct palier_id member, uint32_t day, int *out)
{
	uint32_t from[4];
	int64_t days = 0;
	int err = quintiles_get(palier_tables(c), from);

	if (err == PALIER_OK)
		err = days_with_purchases(c, member, day, &days);
	if (err == PALIER_OK)
		*out = quintile_of(from, days);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}
