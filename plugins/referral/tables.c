/* SPDX-License-Identifier: Apache-2.0 */
/* The rows: keys, codes, referrals, and what leads to them. Whatever leads to a referral follows from its row, and is written with it. */
#include "plugins/referral/internal.h"

const char *const referral_phase_names[] = { "claimed", "purchased", "held", "earned", "void", NULL };
const char *const referral_flag_names[] = { "same_phone", "same_email", "same_till", "own_cashier", "claims", "circle",
	"sponsor_unknown", NULL };

const struct palier_table referral_tables[] = {
	[T_META] = { "meta", "\"key1\" to \"key3\", \"range\", \"next\"",
		"the key in hex, sealed; first and last serial u32; the next serial u32", PALIER_FOLDED },
	[T_CODE] = { "code", "key u8, serial u32", "member id 10, last day u32 (0: closed), uses u32", PALIER_FOLDED },
	[T_OWNED] = { "owned", "member id, key u8, serial u32", "", PALIER_BY_MEMBER },
	[T_SPONSOR] = { "sponsor", "member id", "has a code u8, key u8, serial u32, earned u32", PALIER_BY_MEMBER },
	[T_REFERRAL] = { "referral", "id u64 (seq of the claim)",
		"friend id 10, sponsor id 10, bits u8 (1 sponsor, 2 flagged, 4 capped, 8 friend paid, 16 sponsor paid), key u8, serial "
		"u32, since i64 ms, claimed u32, phase u8, flags u16, purchases u32, minimum i64, due u32, paid u32, noted u32, noted "
		"by u64, sale; then of friend and sponsor points i64, grant u64, unit, offer; texts have their length u8 before them",
		PALIER_FOLDED },
	[T_SIDE] = { "side", "member id, 'f' friend or 's' sponsor, id u64", "", PALIER_BY_MEMBER },
	[T_DUE] = { "due", "day u32, id u64", "", PALIER_FOLDED },
	[T_FLAGGED] = { "flagged", "id u64", "", PALIER_FOLDED },
	[T_CLAIM] = { "claim", "key u8, serial u32, day u32, id u64", "", PALIER_FOLDED },
	[T_PAID] = { "paid", "sponsor id, day u32, id u64", "", PALIER_BY_MEMBER | PALIER_HISTORY },
	[T_COUNTED] = { "counted", "day u32, kind u8, step u8, source", "times i64", PALIER_FOLDED },
	[T_ASKED] = { "asked", "member id, kind u8, day u32", "times i64", PALIER_BY_MEMBER | PALIER_HISTORY },
	[T_REACHED] = { "reached", "id u64, step u8", "day u32, by event u64", PALIER_FOLDED },
	{ 0 },
};

struct palier_key meta_key(const char *name)
{
	struct palier_key k = { .len = 0 };

	palier_key_raw(&k, name, strlen(name));
	return k;
}

/* --- codes --- */

static struct palier_key code_key(const struct code_id *id)
{
	struct palier_key k = { .len = 0 };

	palier_key_uint(&k, id->key, 1);
	palier_key_uint(&k, id->serial, 4);
	return k;
}

int code_get(const struct palier_tables *t, const struct code_id *id, struct code_row *out)
{
	struct palier_key k = code_key(id);
	struct palier_bytes value;
	struct palier_cut cut;
	struct code_row row;
	int err = palier_get(t, T_CODE, &k, &value);

	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(value);
	row.member = palier_cut_id(&cut);
	row.until = (uint32_t)palier_cut_uint(&cut, 4);
	row.uses = (uint32_t)palier_cut_uint(&cut, 4);
	if (cut.bad)
		return PALIER_EDAMAGED;
	*out = row;
	return PALIER_OK;
}

int code_put(struct palier_tables *t, const struct code_id *id, const struct code_row *row)
{
	struct palier_key k = code_key(id);
	struct palier_value v = { .len = 0 };

	palier_value_raw(&v, row->member.b, PALIER_ID_LEN);
	palier_value_uint(&v, row->until, 4);
	palier_value_uint(&v, row->uses, 4);
	return palier_put(t, T_CODE, &k, palier_value_bytes(&v));
}

/* --- sponsors --- */

static struct palier_key member_key(struct palier_id member)
{
	struct palier_key k = { .len = 0 };

	palier_key_id(&k, member);
	return k;
}

int sponsor_get(const struct palier_tables *t, struct palier_id member, struct sponsor_row *out)
{
	struct palier_key k = member_key(member);
	struct sponsor_row row = { .has_code = false };
	struct palier_bytes value;
	struct palier_cut cut;
	int err = palier_get(t, T_SPONSOR, &k, &value);

	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	if (err == PALIER_OK) {
		cut = palier_cut_of(value);
		row.has_code = palier_cut_uint(&cut, 1) != 0;
		row.code.key = (unsigned)palier_cut_uint(&cut, 1);
		row.code.serial = (uint32_t)palier_cut_uint(&cut, 4);
		row.earned = (uint32_t)palier_cut_uint(&cut, 4);
		if (cut.bad)
			return PALIER_EDAMAGED;
	}
	*out = row;
	return PALIER_OK;
}

int sponsor_put(struct palier_tables *t, struct palier_id member, const struct sponsor_row *row)
{
	struct palier_key k = member_key(member);
	struct palier_value v = { .len = 0 };

	if (!row->has_code && row->earned == 0)
		return palier_del(t, T_SPONSOR, &k);
	palier_value_uint(&v, row->has_code, 1);
	palier_value_uint(&v, row->code.key, 1);
	palier_value_uint(&v, row->code.serial, 4);
	palier_value_uint(&v, row->earned, 4);
	return palier_put(t, T_SPONSOR, &k, palier_value_bytes(&v));
}

/* --- a referral's row --- */

enum { BIT_SPONSOR = 1, BIT_FLAGGED = 2, BIT_CAPPED = 4, BIT_FRIEND_PAID = 8, BIT_SPONSOR_PAID = 16 };

static struct palier_key id_key(uint64_t id)
{
	struct palier_key k = { .len = 0 };

	palier_key_uint(&k, id, 8);
	return k;
}

static struct palier_bytes text_cut(struct palier_cut *cut)
{
	return palier_cut_raw(cut, (size_t)palier_cut_uint(cut, 1));
}

static void text_value(struct palier_value *v, struct palier_bytes text)
{
	v->bad = v->bad || text.len > UINT8_MAX;
	palier_value_uint(v, text.len, 1);
	palier_value_raw(v, text.at, text.len);
}

static void gift_cut(struct palier_cut *cut, bool paid, struct gift *g)
{
	g->paid = paid;
	g->points = palier_cut_i64(cut);
	g->grant = palier_cut_uint(cut, 8);
	g->unit = text_cut(cut);
	g->offer = text_cut(cut);
}

static void gift_value(struct palier_value *v, const struct gift *g)
{
	palier_value_i64(v, g->points);
	palier_value_uint(v, g->grant, 8);
	text_value(v, g->unit);
	text_value(v, g->offer);
}

static int referral_cut(struct palier_bytes value, uint64_t id, struct referral *out)
{
	struct palier_cut cut = palier_cut_of(value);
	struct referral r = { .id = id };
	unsigned bits;

	r.friend = palier_cut_id(&cut);
	r.sponsor = palier_cut_id(&cut);
	bits = (unsigned)palier_cut_uint(&cut, 1);
	r.has_sponsor = bits & BIT_SPONSOR;
	r.flagged = bits & BIT_FLAGGED;
	r.capped = bits & BIT_CAPPED;
	r.code.key = (unsigned)palier_cut_uint(&cut, 1);
	r.code.serial = (uint32_t)palier_cut_uint(&cut, 4);
	r.since_ms = palier_cut_i64(&cut);
	r.claimed = (uint32_t)palier_cut_uint(&cut, 4);
	r.phase = (enum referral_phase)palier_cut_uint(&cut, 1);
	r.flags = (unsigned)palier_cut_uint(&cut, 2);
	r.purchases = (uint32_t)palier_cut_uint(&cut, 4);
	r.minimum = palier_cut_i64(&cut);
	r.due = (uint32_t)palier_cut_uint(&cut, 4);
	r.paid = (uint32_t)palier_cut_uint(&cut, 4);
	r.noted = (uint32_t)palier_cut_uint(&cut, 4);
	r.noted_by = palier_cut_uint(&cut, 8);
	r.sale = text_cut(&cut);
	gift_cut(&cut, bits & BIT_FRIEND_PAID, &r.friend_gift);
	gift_cut(&cut, bits & BIT_SPONSOR_PAID, &r.sponsor_gift);
	if (cut.bad || cut.left || r.phase > PHASE_VOID)
		return PALIER_EDAMAGED;
	*out = r;
	return PALIER_OK;
}

static void referral_value(const struct referral *r, struct palier_value *v)
{
	palier_value_raw(v, r->friend.b, PALIER_ID_LEN);
	palier_value_raw(v, r->sponsor.b, PALIER_ID_LEN);
	palier_value_uint(v,
		(r->has_sponsor ? BIT_SPONSOR : 0u) | (r->flagged ? BIT_FLAGGED : 0u) | (r->capped ? BIT_CAPPED : 0u) |
			(r->friend_gift.paid ? BIT_FRIEND_PAID : 0u) | (r->sponsor_gift.paid ? BIT_SPONSOR_PAID : 0u),
		1);
	palier_value_uint(v, r->code.key, 1);
	palier_value_uint(v, r->code.serial, 4);
	palier_value_i64(v, r->since_ms);
	palier_value_uint(v, r->claimed, 4);
	palier_value_uint(v, r->phase, 1);
	palier_value_uint(v, r->flags, 2);
	palier_value_uint(v, r->purchases, 4);
	palier_value_i64(v, r->minimum);
	palier_value_uint(v, r->due, 4);
	palier_value_uint(v, r->paid, 4);
	palier_value_uint(v, r->noted, 4);
	palier_value_uint(v, r->noted_by, 8);
	text_value(v, r->sale);
	gift_value(v, &r->friend_gift);
	gift_value(v, &r->sponsor_gift);
}

int referral_get(const struct palier_tables *t, uint64_t id, struct referral *out)
{
	struct palier_key k = id_key(id);
	struct palier_bytes value;
	int err = palier_get(t, T_REFERRAL, &k, &value);

	return err == PALIER_OK ? referral_cut(value, id, out) : err;
}

/* --- what leads to it --- */

/* Writes a row without a value, or deletes it. */
static int mark(struct palier_tables *t, unsigned table, const struct palier_key *k, bool there)
{
	return there ? palier_put(t, table, k, PALIER_LIT("")) : palier_del(t, table, k);
}

static struct palier_key side_key(struct palier_id member, enum referral_side side, uint64_t id)
{
	struct palier_key k = member_key(member);

	palier_key_uint(&k, side, 1);
	palier_key_uint(&k, id, 8);
	return k;
}

static struct palier_key dated_key(struct palier_key k, uint32_t day, uint64_t id)
{
	palier_key_uint(&k, day, 4);
	palier_key_uint(&k, id, 8);
	return k;
}

static int uses_add(struct palier_tables *t, const struct code_id *id, bool more)
{
	struct code_row row;
	int err = code_get(t, id, &row);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	if (!more && row.uses == 0)
		return PALIER_EDAMAGED;
	row.uses += more ? 1u : UINT32_MAX;
	return code_put(t, id, &row);
}

static int earned_add(struct palier_tables *t, struct palier_id sponsor, bool more)
{
	struct sponsor_row row;
	int err = sponsor_get(t, sponsor, &row);

	if (err != PALIER_OK)
		return err;
	if (!more && row.earned == 0)
		return PALIER_EDAMAGED;
	row.earned += more ? 1u : UINT32_MAX;
	return sponsor_put(t, sponsor, &row);
}

static int sponsor_lead(struct palier_tables *t, const struct referral *r, bool there)
{
	struct palier_key side = side_key(r->sponsor, SIDE_SPONSOR, r->id);
	struct palier_key paid = dated_key(member_key(r->sponsor), r->paid, r->id);
	int err = mark(t, T_SIDE, &side, there);

	if (err == PALIER_OK && r->paid)
		err = mark(t, T_PAID, &paid, there);
	return err == PALIER_OK && r->phase == PHASE_EARNED ? earned_add(t, r->sponsor, there) : err;
}

/* All that follows from a row, written or taken away. */
static int lead(struct palier_tables *t, const struct referral *r, bool there)
{
	static const struct palier_key all;
	struct palier_key side = side_key(r->friend, SIDE_FRIEND, r->id), flagged = id_key(r->id);
	struct palier_key due = dated_key(all, r->due, r->id), claim = dated_key(code_key(&r->code), r->claimed, r->id);
	int err = mark(t, T_SIDE, &side, there);

	if (err == PALIER_OK)
		err = mark(t, T_CLAIM, &claim, there);
	if (err == PALIER_OK && r->flagged)
		err = mark(t, T_FLAGGED, &flagged, there);
	if (err == PALIER_OK && r->phase == PHASE_HELD && !r->flagged)
		err = mark(t, T_DUE, &due, there);
	if (err == PALIER_OK && r->phase != PHASE_VOID)
		err = uses_add(t, &r->code, there);
	return err == PALIER_OK && r->has_sponsor ? sponsor_lead(t, r, there) : err;
}

/* @return PALIER_OK, also where there is none */
static int unlead(struct palier_tables *t, uint64_t id)
{
	struct referral before;
	int err = referral_get(t, id, &before);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	return lead(t, &before, false);
}

int referral_put(struct palier_tables *t, const struct referral *r)
{
	struct palier_key k = id_key(r->id);
	struct palier_value v = { .len = 0 };
	int err = unlead(t, r->id);

	referral_value(r, &v);
	if (v.bad)
		return PALIER_ERANGE;
	if (err == PALIER_OK)
		err = palier_put(t, T_REFERRAL, &k, palier_value_bytes(&v));
	return err == PALIER_OK ? lead(t, r, true) : err;
}

int referral_del(struct palier_tables *t, uint64_t id)
{
	struct palier_key k = id_key(id);
	int err = unlead(t, id);

	return err == PALIER_OK ? palier_del(t, T_REFERRAL, &k) : err;
}

/* --- reading them --- */

/* The id that a key ends with. */
static int id_cut(struct palier_bytes key, size_t before, uint64_t *out)
{
	struct palier_cut cut = palier_cut_of(key);
	uint64_t id;

	(void)palier_cut_raw(&cut, before);
	id = palier_cut_uint(&cut, 8);
	if (cut.bad || cut.left)
		return PALIER_EDAMAGED;
	*out = id;
	return PALIER_OK;
}

static void ids_add(struct palier_arena *a, uint64_t **ids, uint32_t count, uint64_t id)
{
	if ((count & (count - 1)) == 0) { /* full: 0, 1, 2, 4, ... */
		uint64_t *grown = palier_alloc(a, (count ? 2 * (size_t)count : 1) * sizeof(*grown));

		if (count)
			memcpy(grown, *ids, count * sizeof(*grown));
		*ids = grown;
	}
	(*ids)[count] = id;
}

int sides_of(const struct palier_tables *t, struct palier_arena *a, struct palier_id member, enum referral_side side,
	uint64_t **out_ids, uint32_t *out_count)
{
	struct palier_key prefix = member_key(member);
	struct palier_bytes key, value;
	struct palier_cursor *cur;
	uint64_t *ids = NULL, id;
	uint32_t count = 0;
	int err;

	palier_key_uint(&prefix, side, 1);
	cur = palier_seek(t, T_SIDE, &prefix);
	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		err = id_cut(key, prefix.len, &id);
		if (err != PALIER_OK)
			return err;
		ids_add(a, &ids, count++, id);
	}
	if (err != PALIER_ENOENT)
		return err;
	*out_ids = ids;
	*out_count = count;
	return PALIER_OK;
}

int claims_on(const struct palier_tables *t, const struct code_id *code, uint32_t day, uint32_t *out)
{
	struct palier_key prefix = code_key(code);
	struct palier_bytes key, value;
	struct palier_cursor *cur;
	uint32_t count = 0;
	int err;

	palier_key_uint(&prefix, day, 4);
	cur = palier_seek(t, T_CLAIM, &prefix);
	while ((err = palier_next(cur, &key, &value)) == PALIER_OK)
		count++;
	*out = count;
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

struct palier_cursor *paid_from(const struct palier_tables *t, struct palier_id sponsor, uint32_t day)
{
	struct palier_key prefix = member_key(sponsor), behind = dated_key(prefix, day, 0);

	return palier_seek_after(t, T_PAID, &prefix, &behind);
}

int paid_next(struct palier_cursor *cur, uint32_t *out_day)
{
	struct palier_bytes key, value;
	struct palier_cut cut;
	int err = palier_next(cur, &key, &value);

	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(key);
	(void)palier_cut_id(&cut);
	*out_day = (uint32_t)palier_cut_uint(&cut, 4);
	return cut.bad ? PALIER_EDAMAGED : PALIER_OK;
}

struct palier_cursor *dues_after(const struct palier_tables *t, uint32_t day, uint64_t id)
{
	static const struct palier_key all;
	struct palier_key behind = dated_key(all, day, id);

	return palier_seek_after(t, T_DUE, &all, &behind);
}

int due_next(struct palier_cursor *cur, uint32_t *out_day, uint64_t *out_id)
{
	struct palier_bytes key, value;
	struct palier_cut cut;
	int err = palier_next(cur, &key, &value);

	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(key);
	*out_day = (uint32_t)palier_cut_uint(&cut, 4);
	return id_cut(key, 4, out_id);
}

struct palier_cursor *flagged_after(const struct palier_tables *t, uint64_t id)
{
	static const struct palier_key all;
	struct palier_key behind = id_key(id);

	return palier_seek_after(t, T_FLAGGED, &all, &behind);
}

int flagged_next(struct palier_cursor *cur, uint64_t *out_id)
{
	struct palier_bytes key, value;
	int err = palier_next(cur, &key, &value);

	return err == PALIER_OK ? id_cut(key, 0, out_id) : err;
}

/* --- what check.c asks --- */

static int there(const struct palier_tables *t, unsigned table, struct palier_key k, bool *all)
{
	struct palier_bytes value;
	int err = palier_get(t, table, &k, &value);

	*all = *all && err == PALIER_OK;
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int referral_is_led_to(const struct palier_tables *t, const struct referral *r, bool *out)
{
	static const struct palier_key all;
	bool led = true;
	int err = there(t, T_SIDE, side_key(r->friend, SIDE_FRIEND, r->id), &led);

	if (err == PALIER_OK)
		err = there(t, T_CLAIM, dated_key(code_key(&r->code), r->claimed, r->id), &led);
	if (err == PALIER_OK && r->flagged)
		err = there(t, T_FLAGGED, id_key(r->id), &led);
	if (err == PALIER_OK && r->phase == PHASE_HELD && !r->flagged)
		err = there(t, T_DUE, dated_key(all, r->due, r->id), &led);
	if (err == PALIER_OK && r->has_sponsor)
		err = there(t, T_SIDE, side_key(r->sponsor, SIDE_SPONSOR, r->id), &led);
	if (err == PALIER_OK && r->has_sponsor && r->paid)
		err = there(t, T_PAID, dated_key(member_key(r->sponsor), r->paid, r->id), &led);
	if (err == PALIER_OK)
		*out = led;
	return err;
}

/* Referrals behind the keys with this prefix, in a phase of these bits. */
static int phases_count(const struct palier_tables *t, unsigned table, const struct palier_key *prefix, size_t before_id,
	unsigned phases, uint32_t *out)
{
	struct palier_cursor *cur = palier_seek(t, table, prefix);
	struct palier_bytes key, value;
	uint32_t count = 0;
	int err;

	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		struct referral r;
		uint64_t id;

		err = id_cut(key, before_id, &id);
		if (err == PALIER_OK)
			err = referral_get(t, id, &r);
		if (err != PALIER_OK)
			return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
		count += (phases >> r.phase) & 1u;
	}
	*out = count;
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int uses_of(const struct palier_tables *t, const struct code_id *id, uint32_t *out)
{
	struct palier_key prefix = code_key(id);

	return phases_count(t, T_CLAIM, &prefix, prefix.len + 4u, ~(1u << PHASE_VOID), out);
}

int earned_of(const struct palier_tables *t, struct palier_id sponsor, uint32_t *out)
{
	struct palier_key prefix = member_key(sponsor);

	palier_key_uint(&prefix, SIDE_SPONSOR, 1);
	return phases_count(t, T_SIDE, &prefix, prefix.len, 1u << PHASE_EARNED, out);
}
