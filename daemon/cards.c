/* SPDX-License-Identifier: Apache-2.0 */
/* Cards: read, found, given, blocked, replaced. A card is kept under a keyed hash of its number; the number itself is sealed.
 *
 * card    keyed hash 16               -> status u8 (0 active, 1 blocked), member id, sealed number
 * wallet  member id, inverted seq u64, keyed hash 16 -> nothing: a member's cards, newest first */
#include <stdio.h>

#include "daemon/core.h"

static void card_key(const struct palier_ctx *c, const struct card_number *number, struct palier_hash16 *out)
{
	keys_hash(c->keys, 'c', palier_bytes_of(number->text, number->len), out->b);
}

static void hash_key(struct palier_key *k, const struct palier_hash16 *hash)
{
	k->len = 0;
	k->bad = false;
	palier_key_raw(k, hash->b, sizeof(hash->b));
}

static int card_row(const struct palier_tables *t, const struct palier_hash16 *key, struct card_row *out)
{
	struct palier_key k;
	struct palier_bytes value;
	struct palier_cut cut;
	int err;

	hash_key(&k, key);
	err = palier_get(t, T_CARD, &k, &value);
	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(value);
	out->blocked = palier_cut_uint(&cut, 1) != 0;
	out->member = palier_cut_id(&cut);
	out->number = palier_bytes_of(cut.at, cut.left);
	out->plain = (struct palier_bytes){ NULL, 0 };
	return cut.bad ? PALIER_ESTORE : PALIER_OK;
}

static int card_put(struct palier_tables *t, const struct palier_hash16 *key, const struct card_row *row)
{
	struct palier_key k;
	struct palier_value v = { .len = 0 };

	hash_key(&k, key);
	palier_value_uint(&v, row->blocked, 1);
	palier_value_raw(&v, row->member.b, PALIER_ID_LEN);
	palier_value_raw(&v, row->number.at, row->number.len);
	return v.bad ? PALIER_ESTORE : palier_put(t, T_CARD, &k, palier_value_bytes(&v));
}

int card_read(struct palier_ctx *c, const char *field, struct palier_bytes raw, struct card_number *out)
{
	if (card_scan(raw, c->config->cards, c->config->card_count, out) == PALIER_OK)
		return PALIER_OK;
	return palier_refuse(c, PALIER_ECARD_MALFORMED, field,
		"this is no card number of this shop: check its digits, or scan it again");
}

int card_find(struct palier_ctx *c, const struct card_number *number, struct card_row *out, struct palier_hash16 *key)
{
	card_key(c, number, key);
	return card_row(core_tables(c), key, out);
}

/* A card that must exist, whatever its status. */
static int card_need(struct palier_ctx *c, struct palier_bytes raw, struct card_row *out, struct palier_hash16 *key)
{
	struct card_number number;
	int err = card_read(c, "card", raw, &number);

	if (err == PALIER_OK)
		err = card_find(c, &number, out, key);
	if (err == PALIER_OK)
		out->plain = palier_copy(c->arena, palier_bytes_of(number.text, number.len));
	return err == PALIER_ENOENT
	               ? palier_refuse(c, PALIER_ECARD_UNKNOWN, "card", "no member has this card: enrol one, or attach it")
	               : err;
}

/* The code that a virtual card shows proves what was not proved otherwise. */
static void card_proves(struct palier_ctx *c, struct palier_bytes scan)
{
	struct palier_bytes card, code;
	struct proof *shown;

	if (c->proof || !card_code(scan, &card, &code))
		return;
	shown = palier_alloc(c->arena, sizeof(*shown));
	*shown = (struct proof){ .set = { 0, 0 } };
	PALIER_SET(shown, proof, otp, code);
	c->proof = shown;
}

int palier_who(struct palier_ctx *c, struct palier_bytes card, const struct palier_id *member, struct palier_id *out)
{
	struct palier_hash16 key;
	struct member_row row;
	struct card_row found = { .blocked = false };
	struct palier_id who;
	int err = PALIER_OK;

	if (card.len && member)
		return palier_refuse(c, PALIER_EPARAMS, "member", "give card or member, not both");
	if (!card.len && !member)
		return palier_refuse(c, PALIER_EPARAMS, "card", "card or member is needed");
	if (card.len) {
		card_proves(c, card);
		err = card_need(c, card, &found, &key);
		if (err == PALIER_OK && found.blocked)
			err = palier_refuse(c, PALIER_ECARD_BLOCKED, "card",
				"this card is blocked: replace it with card.replace");
		who = found.member;
	} else {
		who = *member;
	}
	if (err == PALIER_OK)
		err = holder_need(c, &who, &row);
	if (err == PALIER_OK && (row.flags & MEMBER_BEARER) && !purse_serves(c)) {
		c->has_purse = card.len > 0; /* who knows its id alone does not hold it */
		c->purse = who;
		err = member_need(c, &who, &row);
	}
	/* What is booked all the same is sealed with the key that is gone: nobody is to read the card's number in it. */
	if (err == PALIER_EMEMBER_ERASED && !c->ev.has_member && member_follow(core_tables(c), &who, &row) == PALIER_OK)
		c->slot = row.slot;
	if (err != PALIER_OK)
		return err;
	if (!c->ev.has_member)
		ctx_member(c, who, row.slot);
	*out = who;
	return PALIER_OK;
}

/* --- a member's cards --- */

struct palier_cursor *wallet_of(const struct palier_tables *t, struct palier_id member)
{
	struct palier_key prefix = { .len = 0 };

	palier_key_id(&prefix, member);
	return palier_seek(t, T_WALLET, &prefix);
}

static int wallet_key_next(struct palier_cursor *wallet, uint64_t *inverted_seq, struct palier_hash16 *out)
{
	struct palier_bytes key, value;
	struct palier_cut cut;
	int err = palier_next(wallet, &key, &value);

	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(key);
	palier_cut_raw(&cut, PALIER_ID_LEN);
	*inverted_seq = palier_cut_uint(&cut, 8);
	memcpy(out->b, palier_cut_raw(&cut, sizeof(out->b)).at, sizeof(out->b));
	return PALIER_OK;
}

int wallet_next(const struct palier_tables *t, struct palier_cursor *wallet, struct card_row *out)
{
	struct palier_hash16 hash;
	uint64_t inverted_seq;
	int err = wallet_key_next(wallet, &inverted_seq, &hash);

	if (err != PALIER_OK)
		return err;
	err = card_row(t, &hash, out);
	return err == PALIER_ENOENT ? PALIER_ESTORE : err;
}

static struct palier_key wallet_key(struct palier_id member, uint64_t inverted_seq, const struct palier_hash16 *hash)
{
	struct palier_key k = { .len = 0 };

	palier_key_id(&k, member);
	palier_key_uint(&k, inverted_seq, 8);
	palier_key_raw(&k, hash->b, sizeof(hash->b));
	return k;
}

/* All cards leave the wallet of `from`: for another's, or, with nobody to go to, without their numbers. */
static int wallet_empty(struct palier_tables *t, struct palier_id from, const struct palier_id *into)
{
	struct palier_cursor *wallet = wallet_of(t, from);
	struct palier_hash16 hash;
	struct card_row card;
	uint64_t inverted_seq;
	int err;

	while ((err = wallet_key_next(wallet, &inverted_seq, &hash)) == PALIER_OK) {
		struct palier_key old = wallet_key(from, inverted_seq, &hash), new;

		err = card_row(t, &hash, &card);
		if (err != PALIER_OK)
			return err == PALIER_ENOENT ? PALIER_ESTORE : err;
		if (into) {
			card.member = *into;
			new = wallet_key(*into, inverted_seq, &hash);
			err = palier_put(t, T_WALLET, &new, PALIER_LIT(""));
		} else {
			card.number.len = 0;
		}
		if (err == PALIER_OK)
			err = card_put(t, &hash, &card);
		if (err == PALIER_OK)
			err = palier_del(t, T_WALLET, &old);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int cards_move(struct palier_tables *t, struct palier_id from, struct palier_id into)
{
	return wallet_empty(t, from, &into);
}

int cards_forget(struct palier_tables *t, struct palier_id member)
{
	return wallet_empty(t, member, NULL);
}

int card_newest(struct palier_ctx *c, struct palier_id member, struct card_row *out)
{
	return wallet_next(core_tables(c), wallet_of(core_tables(c), member), out);
}

int card_text(struct palier_ctx *c, const struct card_row *card, struct palier_bytes *out)
{
	int err = PALIER_ENOENT;

	*out = card->plain;
	if (!out->len && card->number.len)
		err = keys_unseal(c->keys, card->number, c->arena, out);
	return out->len || err == PALIER_ENOENT ? PALIER_OK : err;
}

int card_of_event(struct palier_ctx *c, const struct palier_event *ev, struct card_row *out)
{
	for (uint32_t i = ev->effect_count; i-- > 0;) {
		const struct palier_effect *e = &ev->effects[i];

		if (e->kind->schema == &card_attached_schema)
			return card_row(core_tables(c), &((const struct card_attached *)e->body)->key, out);
		if (e->kind->schema == &card_blocked_schema)
			return card_row(core_tables(c), &((const struct card_blocked *)e->body)->key, out);
	}
	return PALIER_ENOENT;
}

/* --- drawing a number --- */

static void number_fill(struct palier_ctx *c, enum card_symbology symbology, const char *prefix, size_t len,
	struct card_number *out)
{
	static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint8_t random[CARD_NUMBER_MAX];
	size_t n = strlen(prefix);

	out->symbology = symbology;
	out->len = (uint8_t)len;
	memcpy(out->text, prefix, n);
	palier_random(c, random, sizeof(random));
	for (; n < len; n++) /* a bias of 6 in 256 does no harm: numbers never authorise */
		out->text[n] = symbols[random[n] % (symbology == CARD_CODE128 ? 32 : 10)];
	if (symbology == CARD_LUHN)
		out->text[n - 1] = card_luhn_check(out->text, n - 1);
	else if (symbology != CARD_CODE128)
		out->text[n - 1] = card_gs1_check(out->text, n - 1);
	out->text[n] = 0;
}

/* A gift card's: a Luhn number of the shop's own range, where it has one. Eighteen digits are a GSRN. */
static void bearer_draw(struct palier_ctx *c, struct card_number *out)
{
	const char *prefix = "";
	size_t len;

	for (size_t i = 0; i < c->config->card_count; i++)
		if (c->config->cards[i].symbology == CARD_LUHN && c->config->cards[i].prefixes)
			prefix = c->config->cards[i].prefixes[0];
	len = strlen(prefix) + 17;
	number_fill(c, CARD_LUHN, prefix, len == 18 ? 19 : len, out);
}

/* The store's first card format says what its own cards look like; without any, EAN-13 of the in-store range 29. */
static void number_draw(struct palier_ctx *c, struct card_number *out)
{
	static const size_t lengths[CARD_SYMBOLOGIES] = { 13, 18, 16, 12 };
	const struct card_format *f = c->config->card_count ? &c->config->cards[0] : NULL;
	const char *prefix = f ? (f->prefixes ? f->prefixes[0] : "") : "29";
	enum card_symbology symbology = f ? f->symbology : CARD_EAN13;
	size_t len = lengths[symbology];

	number_fill(c, symbology, palier_format(c->arena, "%.*s", (int)len - 5, prefix), len, out);
}

int card_draw(struct palier_ctx *c, bool bearer, struct card_number *out)
{
	struct palier_hash16 key;
	struct card_row row;
	int err = PALIER_OK;

	for (int tries = 0; tries < 100 && err == PALIER_OK; tries++) {
		if (bearer)
			bearer_draw(c, out);
		else
			number_draw(c, out);
		err = card_find(c, out, &row, &key);
	}
	if (err == PALIER_OK)
		return palier_refuse(c, PALIER_EINTERNAL, NULL,
			"the store's card range is used up: give `card` another prefix");
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* --- commands --- */

int card_free(struct palier_ctx *c, const struct card_row *row)
{
	struct member_row owner;
	int err = member_row(core_tables(c), row->member, &owner);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_ESTORE : err;
	if (!row->blocked && (owner.flags & MEMBER_ERASED))
		return PALIER_OK;
	if (row->blocked)
		return palier_refuse(c, PALIER_ECARD_BLOCKED, "card",
			"this card was somebody's and is blocked: take another");
	return palier_refuse(c, PALIER_ECARD_IN_USE, "card", "this card belongs to a member already: take another");
}

int card_give(struct palier_ctx *c, struct palier_id member, uint32_t slot, const struct card_number *number)
{
	struct card_attached body = { .set = { 0, 0 } };
	struct palier_hash16 key;
	struct card_row row;
	int err = card_find(c, number, &row, &key);

	if (err == PALIER_OK)
		err = card_free(c, &row);
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	PALIER_SET(&body, card_attached, member, member);
	PALIER_SET(&body, card_attached, key, key);
	PALIER_SET(&body, card_attached, number,
		keys_seal(c->keys, slot, palier_bytes_of(number->text, number->len), c->arena));
	return palier_effect_add(c, "card.attached", &body);
}

CORE_APPLY(card_attached_apply)
{
	const struct card_attached *e = body;
	struct card_row row = { .member = e->member, .number = e->number };
	struct palier_key k = wallet_key(e->member, UINT64_MAX - ev->seq, &e->key);
	int err = card_put(t, &e->key, &row);

	if (err == PALIER_OK)
		err = palier_put(t, T_WALLET, &k, PALIER_LIT(""));
	if (err == PALIER_OK)
		err = person_changed(t, ev, e->member);
	return err == PALIER_OK ? member_seen(t, ev, e->member) : err;
}

int card_stop(struct palier_ctx *c, struct palier_id member, const struct palier_hash16 *key)
{
	struct card_blocked body = { .set = { 0, 0 } };

	PALIER_SET(&body, card_blocked, member, member);
	PALIER_SET(&body, card_blocked, key, *key);
	return palier_effect_add(c, "card.blocked", &body);
}

CORE_APPLY(card_blocked_apply)
{
	const struct card_blocked *e = body;
	struct card_row row;
	int err = card_row(t, &e->key, &row);

	row.blocked = true;
	if (err != PALIER_OK)
		return PALIER_ESTORE;
	err = card_put(t, &e->key, &row);
	return err == PALIER_OK ? person_changed(t, ev, row.member) : err;
}

/* The member a command names, as who it is now; its texts are sealed with the member's key. */
static int about(struct palier_ctx *c, struct palier_id *member, struct member_row *row)
{
	int err = member_need(c, member, row);

	if (err == PALIER_OK)
		ctx_member(c, *member, row->slot);
	return err;
}

/* The same of whom a card is, which may be a bearer's. */
static int about_holder(struct palier_ctx *c, struct card_row *card, struct member_row *row)
{
	int err = holder_need(c, &card->member, row);

	if (err == PALIER_OK)
		ctx_member(c, card->member, row->slot);
	return err;
}

CORE_DECIDE(card_issue_decide)
{
	const struct card_issue *p = params;
	struct palier_id member = p->member;
	struct card_number number;
	struct member_row row;
	int err = about(c, &member, &row);

	if (err == PALIER_OK)
		err = card_draw(c, false, &number);
	return err == PALIER_OK ? card_give(c, member, row.slot, &number) : err;
}

CORE_DECIDE(card_attach_decide)
{
	const struct card_attach *p = params;
	struct palier_id member = p->member;
	struct card_number number;
	struct member_row row;
	int err = card_read(c, "card", p->card, &number);

	if (err == PALIER_OK)
		err = about(c, &member, &row);
	return err == PALIER_OK ? card_give(c, member, row.slot, &number) : err;
}

CORE_DECIDE(card_block_decide)
{
	const struct card_block *p = params;
	struct palier_hash16 key;
	struct member_row member;
	struct card_row row;
	int err = card_need(c, p->card, &row, &key);

	if (err == PALIER_OK)
		err = about_holder(c, &row, &member);
	return err == PALIER_OK ? card_stop(c, row.member, &key) : err;
}

/* A gift card's is one that could be sold, and that this shop reads. */
static int card_replacement(struct palier_ctx *c, const struct card_replace *p, bool bearer, struct card_number *out)
{
	struct card_number read;
	int err = PALIER_HAS(p, card_replace, with) ? card_read(c, "with", p->with, out) : card_draw(c, bearer, out);

	if (err != PALIER_OK || !bearer)
		return err;
	if (!purse_number(out))
		return palier_refuse(c, PALIER_ECARD_MALFORMED, "with", "a gift card's number has at least 16 digits");
	if (card_scan(palier_bytes_of(out->text, out->len), c->config->cards, c->config->card_count, &read) == PALIER_OK)
		return PALIER_OK;
	return palier_refuse(c, PALIER_EPARAMS, "with", "name the new card: no `card` section says how a gift card looks");
}

CORE_DECIDE(card_replace_decide)
{
	const struct card_replace *p = params;
	struct card_number number;
	struct palier_hash16 key;
	struct member_row member;
	struct card_row row;
	int err = card_need(c, p->card, &row, &key);

	if (err == PALIER_OK)
		err = about_holder(c, &row, &member);
	if (err == PALIER_OK)
		err = card_replacement(c, p, member.flags & MEMBER_BEARER, &number);
	if (err == PALIER_OK)
		err = card_stop(c, row.member, &key);
	return err == PALIER_OK ? card_give(c, row.member, member.slot, &number) : err;
}

/* --- lookup --- */

/* The one member with this phone or e-mail; of several (shared-phone), the one enrolled first. */
static int contact_find(struct palier_ctx *c, char kind, struct palier_bytes text, struct palier_id *out)
{
	struct palier_key prefix = { .len = 0 };
	struct palier_bytes key, value;
	uint8_t hash[16];
	uint64_t first = UINT64_MAX;
	struct palier_cursor *rows;
	int err;

	keys_hash(c->keys, kind, text, hash);
	palier_key_raw(&prefix, &kind, 1);
	palier_key_raw(&prefix, hash, sizeof(hash));
	rows = palier_seek(core_tables(c), T_CONTACT, &prefix);
	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(palier_bytes_of(key.at + 17, key.len - 17));
		struct palier_id id = palier_cut_id(&cut);
		struct member_row row;

		if (member_row(core_tables(c), id, &row) == PALIER_OK && row.seq < first) {
			first = row.seq;
			*out = id;
		}
	}
	return err != PALIER_ENOENT ? err : first == UINT64_MAX ? PALIER_ENOENT : PALIER_OK;
}

static int lookup_by_contact(struct palier_ctx *c, const struct card_lookup *p, struct palier_id *out)
{
	bool by_phone = PALIER_HAS(p, card_lookup, phone);
	char text[EMAIL_MAX + 1];
	int err = by_phone ? phone_normalize(p->phone, c->config->store.country, text) : email_normalize(p->email, text);

	if (err != PALIER_OK)
		return palier_refuse(c, PALIER_EPARAMS, by_phone ? "phone" : "email",
			by_phone ? "this is no phone number" : "this is no e-mail address");
	err = contact_find(c, by_phone ? 'p' : 'e', palier_str(text), out);
	return err == PALIER_ENOENT
	               ? palier_refuse(c, PALIER_EMEMBER_UNKNOWN, by_phone ? "phone" : "email", "nobody is known by it")
	               : err;
}

CORE_ANSWER(card_lookup_answer)
{
	const struct card_lookup *p = params;
	struct palier_hash16 key;
	struct card_row card;
	struct member_row row;
	struct palier_id who = p->member;
	bool by_card = PALIER_HAS(p, card_lookup, card);
	int err = PALIER_OK;

	if (__builtin_popcountll(p->set.has) != 1)
		return palier_refuse(c, PALIER_EPARAMS, NULL, "give one of card, member, phone and email");
	if (by_card) {
		err = card_need(c, p->card, &card, &key);
		who = card.member;
	} else if (!PALIER_HAS(p, card_lookup, member)) {
		err = lookup_by_contact(c, p, &who);
	}
	if (err == PALIER_OK)
		err = by_card ? holder_need(c, &who, &row) : member_need(c, &who, &row);
	if (err != PALIER_OK)
		return err;
	palier_json_object(w);
	err = member_view_write(c, who, &row, by_card ? &card : NULL, w);
	palier_json_end_object(w);
	return err;
}
