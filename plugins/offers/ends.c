/* SPDX-License-Identifier: Apache-2.0 */
/* How what is kept ends: grants that nobody used, codes that a lapsed hold kept, members that become one or go. */
#include "plugins/offers/internal.h"

#define SLICE      200 /* members, or holds */
#define GRANT_KEPT 31  /* days behind its last: a sale of that time may still come in, which was given it */

/* --- after a day's close --- */

static int grant_lapse(struct palier_ctx *c, struct palier_id member, const struct grant *g)
{
	struct grant_lapsed e = { .set = { 0, 0 } };

	PALIER_SET(&e, grant_lapsed, member, member);
	PALIER_SET(&e, grant_lapsed, offer, palier_copy(palier_arena(c), g->offer));
	PALIER_SET(&e, grant_lapsed, grant, (int64_t)g->seq);
	return palier_effect_add(c, "grant.lapsed", &e);
}

static int member_lapse(struct palier_ctx *c, struct palier_id member, uint32_t before)
{
	struct palier_cursor *cur = grants_of(palier_tables(c), member, PALIER_LIT(""));
	struct grant g;
	int err;

	while ((err = grant_next(cur, &g)) == PALIER_OK) {
		err = g.until < before ? grant_lapse(c, member, &g) : PALIER_OK;
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* Holds that have lapsed by themselves: some at a close, the rest at the next. */
static int holds_lapse(struct palier_ctx *c)
{
	struct palier_cursor *cur = holds_kept(palier_tables(c));
	struct palier_bytes lapsed[SLICE], hold;
	int64_t expires;
	unsigned n = 0;
	int err = PALIER_OK;

	while (n < SLICE && (err = holds_next(cur, &hold, &expires)) == PALIER_OK)
		if (expires <= palier_received(c) && !(n > 0 && palier_equal(lapsed[n - 1], hold)))
			lapsed[n++] = palier_copy(palier_arena(c), hold);
	if (err == PALIER_ENOENT)
		err = PALIER_OK;
	for (unsigned i = 0; i < n && err == PALIER_OK; i++)
		err = offers_on_release(c, lapsed[i]);
	return err;
}

int offers_due(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from)
{
	static const struct palier_id first;
	uint32_t day = close->closed < close->opened ? close->closed : close->opened;
	int err = palier_id_equal(*from, first) ? holds_lapse(c) : PALIER_OK;

	for (unsigned i = 0; i < SLICE && err == PALIER_OK; i++) {
		err = palier_member_next(c, from);
		if (err == PALIER_OK)
			err = member_lapse(c, *from, day_add(day, -GRANT_KEPT));
	}
	return err;
}

/* --- merge and erasure --- */

/* @return PALIER_OK; PALIER_ENOENT: the member has neither counts nor grants */
static int member_any(struct palier_ctx *c, struct palier_id member)
{
	struct grant g;
	int err = caps_any(palier_tables(c), offers_caps, member);

	return err == PALIER_ENOENT ? grant_next(grants_of(palier_tables(c), member, PALIER_LIT("")), &g) : err;
}

int offers_on_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into)
{
	struct offers_merged e = { .set = { 0, 0 } };
	int err = member_any(c, from);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	PALIER_SET(&e, offers_merged, from, from);
	PALIER_SET(&e, offers_merged, into, into);
	return palier_effect_add(c, "offers.merged", &e);
}

int offers_on_erase(struct palier_ctx *c, struct palier_id member)
{
	struct offers_erased e = { .set = { 0, 0 } };
	int err = member_any(c, member);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	PALIER_SET(&e, offers_erased, member, member);
	return palier_effect_add(c, "offers.erased", &e);
}
