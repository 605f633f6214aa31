/* SPDX-License-Identifier: Apache-2.0 */
/* Merging: two members turn out to be one. What is `from`'s becomes `into`'s; the id of `from` leads to `into` from then on, also in what
 * was booked before. The key of `from` stays, for what is sealed with it, until `into` is erased.
 *
 * merged  member id, id of one merged into it -> nothing; those merged into that one are here, too */
#include "daemon/proof.h"

struct palier_cursor *merged_into(const struct palier_tables *t, struct palier_id member)
{
	struct palier_key prefix = { .len = 0 };

	palier_key_id(&prefix, member);
	return palier_seek(t, T_MERGED, &prefix);
}

int merged_next(struct palier_cursor *merged, struct palier_id *out)
{
	struct palier_bytes key, value;
	int err = palier_next(merged, &key, &value);

	if (err == PALIER_OK)
		memcpy(out->b, key.at + PALIER_ID_LEN, PALIER_ID_LEN);
	return err;
}

bool palier_member_was(struct palier_ctx *c, struct palier_id id, struct palier_id member)
{
	struct member_row row;

	return palier_id_equal(id, member) ||
	       (member_follow(core_tables(c), &id, &row) == PALIER_OK && palier_id_equal(id, member));
}

/* --- apply --- */

static struct palier_key pair_key(struct palier_id into, struct palier_id from)
{
	struct palier_key k = { .len = 0 };

	palier_key_id(&k, into);
	palier_key_id(&k, from);
	return k;
}

/* Say that `from` leads to `into`, and no longer to `before`. */
static int lead(struct palier_tables *t, struct palier_id from, const struct palier_id *before, struct palier_id into)
{
	struct palier_key new = pair_key(into, from), old;
	struct member_row row;
	int err = member_row(t, from, &row);

	if (err != PALIER_OK)
		return PALIER_ESTORE;
	row.flags |= MEMBER_MERGED;
	row.into = into;
	row.language.len = 0;
	err = member_put(t, from, &row);
	if (err == PALIER_OK)
		err = palier_put(t, T_MERGED, &new, PALIER_LIT(""));
	if (err != PALIER_OK || !before)
		return err;
	old = pair_key(*before, from);
	return palier_del(t, T_MERGED, &old);
}

/* So that nobody is more than one step away from who it is. */
static int followers_lead(struct palier_tables *t, struct palier_id from, struct palier_id into)
{
	struct palier_cursor *merged = merged_into(t, from);
	struct palier_id follower;
	int err;

	while ((err = merged_next(merged, &follower)) == PALIER_OK) {
		err = lead(t, follower, &from, into);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* Frozen if either was; provisional if both were. */
static int rows_merge(struct palier_tables *t, struct palier_id from, struct palier_id into)
{
	struct member_row a, b;

	if (member_row(t, from, &a) != PALIER_OK || member_row(t, into, &b) != PALIER_OK)
		return PALIER_ESTORE;
	b.flags |= a.flags & MEMBER_FROZEN;
	if (!(a.flags & MEMBER_PROVISIONAL))
		b.flags &= (uint8_t)~MEMBER_PROVISIONAL;
	b.since = a.since < b.since ? a.since : b.since;
	b.seen = a.seen > b.seen ? a.seen : b.seen;
	return member_put(t, into, &b);
}

CORE_APPLY(member_merged_apply)
{
	const struct member_merged *e = body;
	int err = rows_merge(t, e->member, e->into);

	if (err == PALIER_OK)
		err = profile_forget(t, e->member);
	/* What proves is bound to a member's key: it cannot become into's. */
	if (err == PALIER_OK)
		err = proof_forget(t, e->member);
	if (err == PALIER_OK)
		err = cards_move(t, e->member, e->into);
	if (err == PALIER_OK)
		err = facts_move(t, e->member, e->into);
	if (err == PALIER_OK)
		err = followers_lead(t, e->member, e->into);
	if (err == PALIER_OK)
		err = person_changed(t, ev, e->member);
	if (err == PALIER_OK)
		err = person_changed(t, ev, e->into);
	return err == PALIER_OK ? lead(t, e->member, NULL, e->into) : err;
}

/* --- decide --- */

CORE_DECIDE(member_merge_decide)
{
	const struct member_merge *p = params;
	struct member_merged body = { .set = { 0, 0 } };
	struct palier_id from = p->from, into = p->into;
	struct member_row row;
	int err = member_need(c, &from, &row);

	if (err == PALIER_OK)
		err = member_need(c, &into, &row);
	if (err == PALIER_OK && palier_id_equal(from, into))
		err = palier_refuse(c, PALIER_EPARAMS, "into", "these two are one member already");
	if (err != PALIER_OK)
		return err;
	ctx_member(c, into, row.slot);
	CTX_EACH(c, err, on_merge, c, from, into);
	if (err == PALIER_OK)
		err = profile_fill_from(c, from, into);
	if (err != PALIER_OK)
		return err;
	PALIER_SET(&body, member_merged, member, from);
	PALIER_SET(&body, member_merged, into, into);
	return palier_effect_add(c, "member.merged", &body);
}
