/* SPDX-License-Identifier: Apache-2.0 */
/* Purses: what a card pays with and is loaded. A member's cards share the member's. A gift card that is sold to nobody opens one of its own, a
 * row of `member` without a profile, a key or a purchase; who holds the card holds the purse. */
#include "daemon/core.h"

#define BEARER_DIGITS 16 /* rules.md "Proof for spending": too many to be guessed */

bool purse_number(const struct card_number *number)
{
	for (uint8_t i = 0; i < number->len; i++)
		if (number->text[i] < '0' || number->text[i] > '9')
			return false;
	return number->len >= BEARER_DIGITS;
}

bool purse_serves(const struct palier_ctx *c)
{
	return c->ev.method == &method_balance_history || c->ev.method == &method_balance_adjust;
}

bool palier_is_bearer(struct palier_ctx *c, struct palier_id purse)
{
	struct member_row row;

	return member_row(core_tables(c), purse, &row) == PALIER_OK && (row.flags & MEMBER_BEARER);
}

/* --- one is opened --- */

CORE_APPLY(purse_opened_apply)
{
	const struct purse_opened *e = body;
	const struct member_row row = { .since = e->since, .seen = ev->day, .seq = ev->seq, .flags = MEMBER_BEARER };

	return member_put(t, e->purse, &row);
}

/* The number is sealed with the store's own key. */
static int purse_open(struct palier_ctx *c, const struct card_number *number, struct palier_id *out)
{
	struct purse_opened body = { .set = { 0, 0 } };
	struct palier_id purse = member_draw(c);
	int err;

	PALIER_SET(&body, purse_opened, purse, purse);
	PALIER_SET(&body, purse_opened, since, palier_today(c));
	err = palier_effect_add(c, "purse.opened", &body);
	if (err == PALIER_OK)
		err = card_give(c, purse, 0, number);
	if (err == PALIER_OK)
		*out = purse;
	return err;
}

/* --- one is found --- */

/* A card as a ticket names it: the scan, what for, and where in the params. */
struct named {
	struct palier_bytes scan;
	enum palier_purse_use use;
	const char *field;
};

/* A number that nobody has. */
static int purse_unknown(struct palier_ctx *c, const struct named *card, const struct card_number *number,
	struct palier_id *out)
{
	int err;

	if (card->use == PALIER_PURSE_SOLD && !purse_number(number))
		return palier_refuse(c, PALIER_ECARD_MALFORMED, card->field, "a gift card's number has at least %d digits",
			BEARER_DIGITS);
	if (card->use == PALIER_PURSE_SOLD)
		return purse_open(c, number, out);
	err = palier_refuse(c, PALIER_ECARD_UNKNOWN, card->field, "nobody has this card, and it has not been sold");
	if (card->use == PALIER_PURSE_PAYS || !purse_number(number))
		return err;
	err = ctx_forgive(c, err, &(struct palier_alert){ 0 });
	return err == PALIER_OK ? purse_open(c, number, out) : err;
}

/* What keeps the purse from being used so, if anything does. */
static int purse_barred(struct palier_ctx *c, const struct named *card, const struct card_row *row,
	const struct member_row *holder)
{
	const bool bearer = holder->flags & MEMBER_BEARER;

	if (row->blocked)
		return palier_refuse(c, PALIER_ECARD_BLOCKED, card->field,
			"this card is blocked: replace it with card.replace");
	if (card->use == PALIER_PURSE_SOLD && !bearer)
		return palier_refuse(c, PALIER_ECARD_IN_USE, card->field, "this card is a member's: top it up instead");
	if (card->use == PALIER_PURSE_PAYS && !bearer && !(c->ev.has_member && palier_id_equal(row->member, c->ev.member)))
		return palier_refuse(c, PALIER_EFORBIDDEN, card->field,
			"this card is another member's: only the sale's own member may pay with it");
	return PALIER_OK;
}

static int purse_found(struct palier_ctx *c, const struct named *card, const struct card_number *number,
	struct palier_id *out)
{
	struct palier_hash16 key;
	struct member_row holder;
	struct card_row row;
	int err = card_find(c, number, &row, &key);

	if (err == PALIER_OK && member_row(core_tables(c), row.member, &holder) != PALIER_OK)
		err = PALIER_ESTORE;
	if (err == PALIER_ENOENT || (err == PALIER_OK && !row.blocked && (holder.flags & MEMBER_ERASED)))
		return purse_unknown(c, card, number, out);
	if (err != PALIER_OK)
		return err;
	err = purse_barred(c, card, &row, &holder);
	if (err != PALIER_OK)
		err = ctx_forgive(c, err, &(struct palier_alert){ .member = &row.member });
	if (err == PALIER_OK)
		*out = row.member;
	return err;
}

int palier_purse(struct palier_ctx *c, struct palier_bytes card, enum palier_purse_use use, const char *field,
	struct palier_id *out)
{
	const struct named named = { card, use, field };
	struct card_number number;
	int err;

	if (!card.len && (c->ev.has_member || c->has_purse)) {
		*out = c->ev.has_member ? c->ev.member : c->purse;
		return PALIER_OK;
	}
	if (!card.len)
		return palier_refuse(c, PALIER_ECARD_UNKNOWN, field, "it is nobody's sale: name a card");
	err = card_read(c, field, card, &number);
	return err == PALIER_OK ? purse_found(c, &named, &number, out) : err;
}
