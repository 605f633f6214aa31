/* SPDX-License-Identifier: Apache-2.0 */
/* What falls due after a day's close, and members who become one or go. */
#include "plugins/referral/internal.h"

#define SLICE 200 /* referrals */

/* --- after a day's close --- */

/* Where a slice ended stands where other plugins' last member does: a day, and six bytes of an id. */
static void place_read(const struct palier_id *from, uint32_t *day, uint64_t *id)
{
	struct palier_cut cut = palier_cut_of(palier_bytes_of(from->b, PALIER_ID_LEN));

	*day = (uint32_t)palier_cut_uint(&cut, 4);
	*id = palier_cut_uint(&cut, 6);
}

static void place_write(struct palier_id *from, uint32_t day, uint64_t id)
{
	struct palier_key k = { .len = 0 };

	palier_key_uint(&k, day, 4);
	palier_key_uint(&k, id, 6);
	memcpy(from->b, k.b, PALIER_ID_LEN);
}

int referral_due(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from)
{
	/* The last day of the wait is the one before it falls due: that one is closed. */
	const uint32_t after = day_add(close->closed, 1), last = after < close->opened ? after : close->opened;
	struct palier_cursor *cur;
	struct referral r;
	uint32_t day;
	uint64_t id;
	int err = palier_config(c) ? PALIER_OK : PALIER_ENOENT;

	place_read(from, &day, &id);
	cur = dues_after(palier_tables(c), day, id);
	for (unsigned i = 0; i < SLICE && err == PALIER_OK; i++) {
		err = due_next(cur, &day, &id);
		if (err == PALIER_OK && day > last)
			err = PALIER_ENOENT;
		if (err != PALIER_OK)
			break;
		place_write(from, day, id);
		err = referral_get(palier_tables(c), id, &r);
		if (err == PALIER_OK)
			err = referral_settle(c, &r, last);
	}
	return err;
}

/* --- merge and erasure --- */

/* @return PALIER_OK: the member has a part in something; PALIER_ENOENT */
static int member_any(struct palier_ctx *c, struct palier_id member)
{
	struct sponsor_row sponsor;
	uint64_t *ids;
	uint32_t friends = 0, friends_of = 0;
	int err = sponsor_get(palier_tables(c), member, &sponsor);

	if (err == PALIER_OK)
		err = sides_of(palier_tables(c), palier_arena(c), member, SIDE_FRIEND, &ids, &friends_of);
	if (err == PALIER_OK)
		err = sides_of(palier_tables(c), palier_arena(c), member, SIDE_SPONSOR, &ids, &friends);
	if (err != PALIER_OK)
		return err;
	return sponsor.has_code || friends || friends_of ? PALIER_OK : PALIER_ENOENT;
}

/* A claim that makes sense: it is not void, and nobody's own. */
static bool stands(const struct referral *r)
{
	return r->phase != PHASE_VOID && !(r->has_sponsor && palier_id_equal(r->sponsor, r->friend));
}

/* Claims that a merge has shown to be none. */
struct refuted {
	uint64_t *at;
	uint32_t count;
};

static bool is_refuted(const struct refuted *f, uint64_t id)
{
	for (uint32_t i = 0; i < f->count; i++)
		if (f->at[i] == id)
			return true;
	return false;
}

/* Of these claims those that a customer whom the shop knew already, under another number, could not have made. */
static int refute(struct palier_ctx *c, struct palier_id friend, struct palier_id other, struct refuted *out)
{
	uint64_t *ids;
	uint32_t count = 0;
	int err = sides_of(palier_tables(c), palier_arena(c), friend, SIDE_FRIEND, &ids, &count);

	for (uint32_t i = 0; i < count && err == PALIER_OK; i++) {
		struct referral r;
		bool fresh = true;

		err = referral_get(palier_tables(c), ids[i], &r);
		if (err == PALIER_OK && stands(&r))
			err = friend_was_new(c, other, &r, &fresh);
		if (err == PALIER_OK && !fresh)
			out->at[out->count++] = r.id;
	}
	return err;
}

static int refute_both(struct palier_ctx *c, struct palier_id from, struct palier_id into, struct refuted *out)
{
	uint64_t *ids;
	uint32_t a = 0, b = 0;
	int err = sides_of(palier_tables(c), palier_arena(c), from, SIDE_FRIEND, &ids, &a);

	if (err == PALIER_OK)
		err = sides_of(palier_tables(c), palier_arena(c), into, SIDE_FRIEND, &ids, &b);
	if (err != PALIER_OK)
		return err;
	*out = (struct refuted){ palier_alloc(palier_arena(c), (a + b + 1) * sizeof(*out->at)), 0 };
	err = refute(c, from, into, out);
	return err == PALIER_OK ? refute(c, into, from, out) : err;
}

/* Which of them was claimed first? @param out 0: none stands */
static int claim_first(struct palier_ctx *c, const uint64_t *ids, uint32_t count, const struct refuted *refuted,
	uint64_t *out)
{
	int64_t since = INT64_MAX;
	int err = PALIER_OK;

	*out = 0;
	for (uint32_t i = 0; i < count && err == PALIER_OK; i++) {
		struct referral r;

		err = referral_get(palier_tables(c), ids[i], &r);
		if (err != PALIER_OK || !stands(&r) || is_refuted(refuted, r.id) || r.since_ms >= since)
			continue;
		since = r.since_ms;
		*out = r.id;
	}
	return err;
}

/* Whoever turns out to be the own sponsor, or no new customer, was sponsored by nobody, and nobody by two: the first claim stays. */
static int claims_settle(struct palier_ctx *c, struct palier_id member, const struct refuted *refuted)
{
	const struct happened h = { .cause = CAUSE_MERGE, .day = palier_today(c) };
	uint64_t *ids, first;
	uint32_t count = 0;
	int err = sides_of(palier_tables(c), palier_arena(c), member, SIDE_FRIEND, &ids, &count);

	if (err == PALIER_OK)
		err = claim_first(c, ids, count, refuted, &first);
	for (uint32_t i = 0; i < count && err == PALIER_OK; i++) {
		struct referral r;

		err = referral_get(palier_tables(c), ids[i], &r);
		if (err != PALIER_OK || r.phase == PHASE_VOID || r.id == first)
			continue;
		r.phase = PHASE_VOID;
		r.flagged = false;
		err = referral_step(c, &r, &h);
	}
	return err;
}

/* @param from without a part in anything leaves nothing to move */
static int parts_move(struct palier_ctx *c, struct palier_id from, struct palier_id into)
{
	struct referral_merged e = { .set = { 0, 0 } };
	int err = member_any(c, from);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	PALIER_SET(&e, referral_merged, from, from);
	PALIER_SET(&e, referral_merged, into, into);
	return palier_effect_add(c, "referral.merged", &e);
}

int referral_on_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into)
{
	struct refuted refuted = { .count = 0 };
	int err = refute_both(c, from, into, &refuted);

	if (err == PALIER_OK)
		err = parts_move(c, from, into);
	if (err == PALIER_OK)
		err = claims_settle(c, into, &refuted);
	return err == PALIER_OK ? earned_publish(c, into) : err;
}

int referral_on_erase(struct palier_ctx *c, struct palier_id member)
{
	struct referral_erased e = { .set = { 0, 0 } };
	int err = member_any(c, member);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	PALIER_SET(&e, referral_erased, member, member);
	return palier_effect_add(c, "referral.erased", &e);
}
