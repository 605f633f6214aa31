/* SPDX-License-Identifier: Apache-2.0 */
/* How often rewards were had: counted when a sale is booked, no longer counted when it is voided, moved when two members become one. Returns give
 * back no uses. A hold reserves none: what it keeps is counted when it is captured, whatever has been used meanwhile. */
#include "plugins/rewards/internal.h"

PALIER_SCHEMA(reward_used);
PALIER_SCHEMA(reward_held);
PALIER_SCHEMA(reward_freed);
PALIER_SCHEMA(reward_merged);
PALIER_SCHEMA(reward_erased);
PALIER_SCHEMA(reward_quoted);

enum { T_USED, T_TOTAL };

const struct palier_table rewards_tables[] = { CAPS_TABLE_USED, CAPS_TABLE_TOTAL, { 0 } };
const struct caps_tables rewards_counts = { T_USED, T_TOTAL };

/* --- apply --- */

static int used_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct reward_used *e = body;
	const struct caps_use use = { e->reward, PALIER_HAS(e, reward_used, member) ? &e->member : NULL, e->day };

	(void)ev;
	return caps_add(t, rewards_counts, &use, e->times);
}

static int freed_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct reward_freed *e = body;
	const struct caps_use use = { e->reward, PALIER_HAS(e, reward_freed, member) ? &e->member : NULL, e->day };

	(void)ev;
	return caps_add(t, rewards_counts, &use, -e->times);
}

static int merged_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct reward_merged *e = body;

	(void)ev;
	return caps_move(t, rewards_counts, e->from, &e->into);
}

static int erased_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct reward_erased *e = body;

	(void)ev;
	return caps_move(t, rewards_counts, e->member, NULL);
}

const struct palier_effect_kind rewards_effects[] = {
	{ "reward.used", &reward_used_schema, NULL, used_apply },
	{ "reward.held", &reward_held_schema, NULL, NULL },
	{ "reward.freed", &reward_freed_schema, NULL, freed_apply },
	{ "reward.merged", &reward_merged_schema, NULL, merged_apply },
	{ "reward.erased", &reward_erased_schema, NULL, erased_apply },
	{ "reward.quoted", &reward_quoted_schema, NULL, NULL },
	{ 0 },
};

/* --- decide --- */

int reward_uses_left(struct palier_ctx *c, const struct reward *r, const struct palier_id *member, int64_t *out)
{
	const struct caps_use use = { palier_str(r->name), member, palier_today(c) };

	return caps_left(palier_tables(c), rewards_counts, &r->caps, &use, out);
}

int rewards_load(struct palier_ctx *c, const struct palier_sale *s, uint32_t from)
{
	const struct palier_event *ev = palier_event_now(c);
	uint32_t count = ev->effect_count;
	int err = PALIER_OK;

	for (uint32_t i = from; i < count && err == PALIER_OK; i++) {
		const struct reward_used *e = palier_body(&ev->effects[i], "reward.used");
		struct points_move m;

		if (!e || !PALIER_HAS(e, reward_used, to) || !s->has_member)
			continue;
		/* As if it were earned: should the sale come back, so does what was loaded for it. */
		m = points_move_of(s->member, e->to, POINTS_EARN, e->value);
		PALIER_SET(&m, points_move, rule, e->reward);
		if (s->number.len > 0)
			PALIER_SET(&m, points_move, sale, s->number);
		err = points_move(c, &m);
	}
	return err;
}

int rewards_on_hold(struct palier_ctx *c, const struct palier_hold *h)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; h->quoted && i < h->quoted->effect_count && err == PALIER_OK; i++) {
		const struct reward_used *e = palier_body(&h->quoted->effects[i], "reward.used");
		struct reward_held held = { .set = { 0, 0 } };

		if (!e)
			continue;
		PALIER_SET(&held, reward_held, reward, e->reward);
		PALIER_SET(&held, reward_held, times, e->times);
		if (PALIER_HAS(e, reward_used, to)) {
			PALIER_SET(&held, reward_held, to, e->to);
			PALIER_SET(&held, reward_held, value, e->value);
		}
		err = palier_effect_add(c, "reward.held", &held);
	}
	return err;
}

int rewards_on_capture(struct palier_ctx *c, struct palier_sale *s, const struct palier_event *held)
{
	uint32_t before = palier_event_now(c)->effect_count;
	int err = PALIER_OK;

	for (uint32_t i = 0; i < held->effect_count && err == PALIER_OK; i++) {
		const struct reward_held *e = palier_body(&held->effects[i], "reward.held");
		struct reward_used used = { .set = { 0, 0 } };

		if (!e)
			continue;
		PALIER_SET(&used, reward_used, reward, e->reward);
		PALIER_SET(&used, reward_used, times, e->times);
		PALIER_SET(&used, reward_used, day, palier_today(c));
		if (s->has_member)
			PALIER_SET(&used, reward_used, member, s->member);
		if (PALIER_HAS(e, reward_held, to)) {
			PALIER_SET(&used, reward_used, to, e->to);
			PALIER_SET(&used, reward_used, value, e->value);
		}
		err = palier_effect_add(c, "reward.used", &used);
	}
	return err == PALIER_OK ? rewards_load(c, s, before) : err;
}

/* An erased member's uses are counted no more; the total is. */
static int use_free(struct palier_ctx *c, const struct reward_used *e)
{
	struct reward_freed freed = { .set = { 0, 0 } };
	struct palier_id member;
	int err = PALIER_HAS(e, reward_used, member) ? palier_member_now(c, e->member, &member) : PALIER_ENOENT;

	if (err != PALIER_OK && err != PALIER_ENOENT && err != PALIER_EMEMBER_ERASED)
		return err;
	PALIER_SET(&freed, reward_freed, reward, e->reward);
	PALIER_SET(&freed, reward_freed, times, e->times);
	PALIER_SET(&freed, reward_freed, day, e->day);
	if (err == PALIER_OK)
		PALIER_SET(&freed, reward_freed, member, member);
	return palier_effect_add(c, "reward.freed", &freed);
}

int rewards_on_void(struct palier_ctx *c, const struct palier_event *undone)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; i < undone->effect_count && err == PALIER_OK; i++) {
		const struct reward_used *e = palier_body(&undone->effects[i], "reward.used");

		if (e)
			err = use_free(c, e);
	}
	return err;
}

int rewards_on_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into)
{
	struct reward_merged e = { .set = { 0, 0 } };
	int err = caps_any(palier_tables(c), rewards_counts, from);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	PALIER_SET(&e, reward_merged, from, from);
	PALIER_SET(&e, reward_merged, into, into);
	return palier_effect_add(c, "reward.merged", &e);
}

int rewards_on_erase(struct palier_ctx *c, struct palier_id member)
{
	struct reward_erased e = { .set = { 0, 0 } };
	int err = caps_any(palier_tables(c), rewards_counts, member);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	PALIER_SET(&e, reward_erased, member, member);
	return palier_effect_add(c, "reward.erased", &e);
}

int rewards_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who)
{
	return caps_check(t, rewards_counts, say, who);
}
