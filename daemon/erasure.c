/* SPDX-License-Identifier: Apache-2.0 */
/* Erasure: a member becomes nobody. The rows about the person go with the event; what is sealed, here and in the journal, goes with the
 * member's key, which the ledger overwrites once the event is on disk. What stays is the opaque id and its ledger.
 *
 * erased  slot u32 -> nothing: the slots that no longer hold a key */
#include "daemon/proof.h"

/* --- the slots --- */

int erased_again(const struct palier_tables *t, struct keys *k)
{
	static const struct palier_key all;
	struct palier_cursor *rows = palier_seek(t, T_ERASED, &all);
	struct palier_bytes key, value;
	int err;

	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(key);

		err = keys_erase(k, (uint32_t)palier_cut_uint(&cut, 4));
		if (err != PALIER_OK)
			return err;
	}
	if (err == PALIER_ENOENT)
		err = keys_dirty(k) ? keys_sync(k) : PALIER_OK;
	return err;
}

/* --- apply --- */

CORE_APPLY(member_erased_apply)
{
	const struct member_erased *e = body;
	struct palier_key slot = { .len = 0 };
	struct member_row row;
	int err = member_row(t, e->member, &row);

	if (err != PALIER_OK)
		return PALIER_ESTORE;
	row.flags |= MEMBER_ERASED;
	row.language.len = 0;
	err = member_put(t, e->member, &row);
	if (err == PALIER_OK)
		err = profile_forget(t, e->member);
	if (err == PALIER_OK)
		err = proof_forget(t, e->member);
	if (err == PALIER_OK)
		err = cards_forget(t, e->member);
	if (err == PALIER_OK)
		err = facts_forget(t, e->member);
	if (err == PALIER_OK)
		err = person_changed(t, ev, e->member);
	palier_key_uint(&slot, (uint64_t)e->slot, 4);
	return err == PALIER_OK ? palier_put(t, T_ERASED, &slot, PALIER_LIT("")) : err;
}

/* --- decide --- */

static int erased_add(struct palier_ctx *c, struct palier_id member)
{
	struct member_erased body = { .set = { 0, 0 } };
	struct member_row row;
	int err = member_row(core_tables(c), member, &row);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_ESTORE : err;
	PALIER_SET(&body, member_erased, member, member);
	PALIER_SET(&body, member_erased, slot, row.slot);
	return palier_effect_add(c, "member.erased", &body);
}

/* With a member go those merged into it: they are the same person. */
static int erase(struct palier_ctx *c, struct palier_id member)
{
	struct palier_cursor *merged = merged_into(core_tables(c), member);
	struct palier_id from;
	int err;

	CTX_EACH(c, err, on_erase, c, member);
	while (err == PALIER_OK && (err = merged_next(merged, &from)) == PALIER_OK)
		err = erased_add(c, from);
	return err == PALIER_ENOENT || err == PALIER_OK ? erased_add(c, member) : err;
}

CORE_DECIDE(member_erase_decide)
{
	const struct member_erase *p = params;
	struct palier_id member = p->member;
	struct member_row row;
	int err = member_need(c, &member, &row);

	if (err != PALIER_OK)
		return err;
	ctx_member(c, member, row.slot);
	return erase(c, member);
}

CORE_REPLY(member_erase_reply)
{
	(void)c;
	palier_json_key(w, "member");
	palier_json_id(w, ev->member);
	return PALIER_OK;
}

/* --- retention: rules.md "Privacy" --- */

#define SLICE_LOOKED 500 /* members looked at in one slice, */
#define SLICE_ERASED 50  /* and erased: each takes its whole profile and its plugins' rows with it */

static uint32_t kept_until(struct span kept, uint32_t contact)
{
	return kept.kind == SPAN_MONTHS ? day_add_months(contact, kept.n) : day_add(contact, kept.n);
}

/* Has the member neither bought nor been in contact for so long, seen from the day that was closed? */
static int is_forgotten(struct palier_ctx *c, const struct palier_close *close, struct palier_id member, bool *out)
{
	struct palier_facts facts;
	struct member_row row;
	uint32_t contact;
	int err = member_row(core_tables(c), member, &row);

	if (err == PALIER_OK)
		err = palier_facts(c, member, &facts);
	if (err != PALIER_OK)
		return err;
	contact = facts.purchases ? zone_day(facts.last_purchase_ms) : row.since;
	if (row.seen > contact)
		contact = row.seen;
	*out = !(row.flags & (MEMBER_ERASED | MEMBER_MERGED | MEMBER_BEARER)) &&
	       kept_until(c->config->retention.member, contact) < close->closed;
	return PALIER_OK;
}

int retention_due(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from)
{
	bool forgotten;
	int erased = 0, err = PALIER_OK;

	for (int looked = 0; looked < SLICE_LOOKED && erased < SLICE_ERASED && err == PALIER_OK; looked++) {
		err = palier_member_next(c, from);
		if (err == PALIER_OK)
			err = is_forgotten(c, close, *from, &forgotten);
		if (err == PALIER_OK && forgotten) {
			err = erase(c, *from);
			erased++;
		}
	}
	return err;
}
