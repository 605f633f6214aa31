/* SPDX-License-Identifier: Apache-2.0 */
/* The effects of referral, and what they change in the tables. */
#include "plugins/referral/internal.h"

PALIER_SCHEMA(referral_gift);
PALIER_SCHEMA(referral_step);
PALIER_SCHEMA(referral_dropped);
PALIER_SCHEMA(code_issued);
PALIER_SCHEMA(code_shown);
PALIER_SCHEMA(referral_keyed);
PALIER_SCHEMA(referral_range);
PALIER_SCHEMA(referral_merged);
PALIER_SCHEMA(referral_erased);

const char *const referral_cause_names[] = { "claim", "sale", "return", "due", "review", "void", "merge", NULL };

/* --- steps --- */

static struct gift gift_of(const struct referral_gift *e)
{
	return (struct gift){ e->paid, e->unit, e->points, e->offer, (uint64_t)e->grant };
}

static unsigned flags_of(const struct palier_strings *names)
{
	unsigned flags = 0;

	for (uint32_t i = 0; i < names->count; i++)
		for (unsigned bit = 0; bit < FLAGS; bit++)
			if (palier_is(names->at[i], referral_flag_names[bit]))
				flags |= 1u << bit;
	return flags;
}

/* What is absent in the effect is zero in it. */
static int step_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct referral_step *e = body;
	const struct referral r = { .id = (uint64_t)e->referral,
		.friend = e->friend,
		.sponsor = e->sponsor,
		.has_sponsor = PALIER_HAS(e, referral_step, sponsor),
		.code = { (unsigned)e->key, (uint32_t)e->serial },
		.since_ms = e->since,
		.claimed = e->claimed,
		.phase = (enum referral_phase)e->phase,
		.flagged = e->flagged,
		.flags = flags_of(&e->flags),
		.purchases = (uint32_t)e->purchases,
		.sale = e->sale,
		.minimum = e->minimum,
		.due = e->due,
		.friend_gift = gift_of(&e->friend_gift),
		.sponsor_gift = gift_of(&e->sponsor_gift),
		.paid = e->paid,
		.capped = e->capped,
		.noted = e->noted,
		.noted_by = (uint64_t)e->noted_by };
	int err;

	err = referral_put(t, &r);
	return err == PALIER_OK ? recommend_step(t, ev->seq, e) : err;
}

static int dropped_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct referral_dropped *e = body;

	int err = referral_del(t, (uint64_t)e->referral);

	(void)ev;
	return err == PALIER_OK ? recommend_forget(t, (uint64_t)e->referral) : err;
}

/* --- codes and keys --- */

static struct palier_key owned_key(struct palier_id member, const struct code_id *id)
{
	struct palier_key k = { .len = 0 };

	palier_key_id(&k, member);
	palier_key_uint(&k, id->key, 1);
	palier_key_uint(&k, id->serial, 4);
	return k;
}

static int meta_put(struct palier_tables *t, const char *name, const struct palier_value *v)
{
	struct palier_key k = meta_key(name);

	return palier_put(t, T_META, &k, palier_value_bytes(v));
}

static int issued_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct code_issued *e = body;
	const struct code_id id = { (unsigned)e->key, (uint32_t)e->serial };
	const struct code_row row = { e->member, e->until, 0 };
	struct palier_key owned = owned_key(e->member, &id);
	struct palier_value next = { .len = 0 };
	struct sponsor_row sponsor;
	int err = code_put(t, &id, &row);

	(void)ev;
	if (err == PALIER_OK)
		err = palier_put(t, T_OWNED, &owned, PALIER_LIT(""));
	if (err == PALIER_OK)
		err = sponsor_get(t, e->member, &sponsor);
	if (err != PALIER_OK)
		return err;
	sponsor.has_code = true;
	sponsor.code = id;
	palier_value_uint(&next, id.serial + 1, 4);
	err = sponsor_put(t, e->member, &sponsor);
	return err == PALIER_OK ? meta_put(t, "next", &next) : err;
}

static int keyed_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct referral_keyed *e = body;
	const char name[] = { 'k', 'e', 'y', (char)('0' + e->id), '\0' };
	struct palier_value v = { .len = 0 };

	(void)ev;
	palier_value_raw(&v, e->key.at, e->key.len);
	return v.bad ? PALIER_ERANGE : meta_put(t, name, &v);
}

/* What was made before stays what it is. */
static int range_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct referral_range *e = body;
	struct palier_value range = { .len = 0 }, next = { .len = 0 };
	int err;

	(void)ev;
	palier_value_uint(&range, (uint64_t)e->from, 4);
	palier_value_uint(&range, (uint64_t)e->to, 4);
	palier_value_uint(&next, (uint64_t)e->from, 4);
	err = meta_put(t, "range", &range);
	return err == PALIER_OK ? meta_put(t, "next", &next) : err;
}

/* --- members who become one, or go --- */

/* Of the codes that a member owns. @param into NULL: they can be claimed no more */
static int codes_move(struct palier_tables *t, struct palier_id from, const struct palier_id *into)
{
	struct palier_key prefix = { .len = 0 };
	struct palier_bytes key, value;
	struct palier_cursor *cur;
	int err;

	palier_key_id(&prefix, from);
	cur = palier_seek(t, T_OWNED, &prefix);
	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(palier_bytes_of(key.at + PALIER_ID_LEN, key.len - PALIER_ID_LEN));
		const struct code_id id = { (unsigned)palier_cut_uint(&cut, 1), (uint32_t)palier_cut_uint(&cut, 4) };
		struct palier_key old = owned_key(from, &id), new = owned_key(into ? *into : from, &id);
		struct code_row row;

		err = code_get(t, &id, &row);
		if (err != PALIER_OK)
			return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
		row.member = into ? *into : row.member;
		row.until = into ? row.until : CODE_CLOSED;
		err = code_put(t, &id, &row);
		if (err == PALIER_OK)
			err = palier_del(t, T_OWNED, &old);
		if (err == PALIER_OK && into)
			err = palier_put(t, T_OWNED, &new, PALIER_LIT(""));
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* The id behind a side's key; the row may be written meanwhile. */
static int side_next(struct palier_tables *t, struct palier_cursor *cur, struct referral *out)
{
	struct palier_bytes key, value;
	struct palier_cut cut;
	int err = palier_next(cur, &key, &value);

	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(palier_bytes_of(key.at + PALIER_ID_LEN + 1, key.len - PALIER_ID_LEN - 1));
	err = referral_get(t, palier_cut_uint(&cut, 8), out);
	return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
}

static struct palier_cursor *sides_seek(const struct palier_tables *t, struct palier_id member)
{
	struct palier_key prefix = { .len = 0 };

	palier_key_id(&prefix, member);
	return palier_seek(t, T_SIDE, &prefix);
}

/* Into's own code stays the one that is shown. */
static int sponsor_move(struct palier_tables *t, struct palier_id from, struct palier_id into)
{
	static const struct sponsor_row nothing;
	struct sponsor_row a, b;
	int err = sponsor_get(t, from, &a);

	if (err == PALIER_OK)
		err = sponsor_get(t, into, &b);
	if (err != PALIER_OK)
		return err;
	if (a.has_code && !b.has_code) {
		b.has_code = true;
		b.code = a.code;
	}
	b.earned += a.earned;
	err = sponsor_put(t, from, &nothing);
	return err == PALIER_OK ? sponsor_put(t, into, &b) : err;
}

static int merged_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct referral_merged *e = body;
	struct palier_cursor *cur = sides_seek(t, e->from);
	struct referral r;
	int err;

	(void)ev;
	while ((err = side_next(t, cur, &r)) == PALIER_OK) {
		if (palier_id_equal(r.friend, e->from))
			r.friend = e->into;
		if (r.has_sponsor && palier_id_equal(r.sponsor, e->from))
			r.sponsor = e->into;
		err = referral_put(t, &r);
		if (err != PALIER_OK)
			return err;
	}
	if (err == PALIER_ENOENT)
		err = codes_move(t, e->from, &e->into);
	return err == PALIER_OK ? sponsor_move(t, e->from, e->into) : err;
}

/* Whoever is gone sponsors nobody; what a friend who is gone had not earned yet ends. */
static int erased_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	static const struct sponsor_row nothing;
	const struct referral_erased *e = body;
	struct palier_cursor *cur = sides_seek(t, e->member);
	struct referral r;
	int err;

	(void)ev;
	while ((err = side_next(t, cur, &r)) == PALIER_OK) {
		if (r.has_sponsor && palier_id_equal(r.sponsor, e->member)) {
			r.has_sponsor = false;
			memset(&r.sponsor, 0, sizeof(r.sponsor));
			r.paid = 0;
		} else if (r.phase != PHASE_EARNED) {
			r.phase = PHASE_VOID;
			r.flagged = false;
		}
		err = referral_put(t, &r);
		if (err != PALIER_OK)
			return err;
	}
	if (err == PALIER_ENOENT)
		err = codes_move(t, e->member, NULL);
	return err == PALIER_OK ? sponsor_put(t, e->member, &nothing) : err;
}

const struct palier_effect_kind referral_effects[] = {
	{ "referral.step", &referral_step_schema, NULL, step_apply },
	{ "referral.dropped", &referral_dropped_schema, NULL, dropped_apply },
	{ "referral.issued", &code_issued_schema, NULL, issued_apply },
	{ "referral.shown", &code_shown_schema, NULL, NULL },
	{ "referral.key", &referral_keyed_schema, NULL, keyed_apply },
	{ "referral.range", &referral_range_schema, NULL, range_apply },
	{ "referral.blocked", &code_blocked_schema, NULL, referral_blocked_apply },
	{ "referral.merged", &referral_merged_schema, NULL, merged_apply },
	{ "referral.erased", &referral_erased_schema, NULL, erased_apply },
	RECOMMEND_EFFECTS,
	{ 0 },
};
