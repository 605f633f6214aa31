/* SPDX-License-Identifier: Apache-2.0 */
/* The orders of core: members, cards, returns made elsewhere. */
#include "daemon/orders.h"

/* --- members --- */

/* Who it is by now. @return PALIER_OK; PALIER_ENOENT: nobody who is known here, or nobody any more */
static int known(struct palier_ctx *c, struct palier_id member, struct palier_id *now, struct member_row *row)
{
	int err;

	*now = member;
	err = member_follow(core_tables(c), now, row);
	return err == PALIER_OK && (row->flags & (MEMBER_ERASED | MEMBER_BEARER)) ? PALIER_ENOENT : err;
}

/* Make a member of the chain known here, unless it is or was. @param o says since when that is one @return as known() */
static int make_known(struct palier_ctx *c, struct palier_id member, const struct office_order *o, struct palier_id *now,
	struct member_row *row)
{
	int err = member_row(core_tables(c), member, row);

	if (err == PALIER_ENOENT)
		err = member_chain(c, member, o->since);
	return err == PALIER_OK ? known(c, member, now, row) : err;
}

static int join(struct palier_ctx *c, struct palier_id from, struct palier_id into)
{
	struct member_merge merge = { .set = { 0, 0 } };

	PALIER_SET(&merge, member_merge, from, from);
	PALIER_SET(&merge, member_merge, into, into);
	return member_merge_decide(c, &merge);
}

static int erase(struct palier_ctx *c, struct palier_id member)
{
	struct member_erase gone = { .set = { 0, 0 } };

	PALIER_SET(&gone, member_erase, member, member);
	return member_erase_decide(c, &gone);
}

/* Give a member a card. A provisional member's is that member, who was nobody else all the time. */
static int card_told(struct palier_ctx *c, const char *field, struct palier_bytes scan, struct palier_id member)
{
	struct card_attach attach = { .set = { 0, 0 } };
	struct card_number number;
	struct palier_hash16 key;
	struct member_row owner;
	struct card_row card;
	struct palier_id now;
	int err = card_read(c, field, scan, &number);

	PALIER_SET(&attach, card_attach, member, member);
	PALIER_SET(&attach, card_attach, card, scan);
	if (err == PALIER_OK)
		err = card_find(c, &number, &card, &key);
	if (err == PALIER_ENOENT)
		return card_attach_decide(c, &attach);
	if (err == PALIER_OK)
		err = known(c, card.member, &now, &owner);
	if (err == PALIER_ENOENT && !card.blocked)
		return card_attach_decide(c, &attach); /* whoever left it behind is nobody */
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	if (err == PALIER_OK && palier_id_equal(now, member))
		return PALIER_OK;
	if (err == PALIER_OK && !card.blocked && (owner.flags & MEMBER_PROVISIONAL))
		return join(c, now, member);
	return palier_alert(c, &(struct palier_alert){ .what = "card_in_use", .member = &member });
}

static int profile_told(struct palier_ctx *c, const struct office_order *o, struct palier_id member)
{
	struct member_update update = { .set = { 0, 0 } };

	if (!PALIER_HAS(o, office_order, name) && !PALIER_HAS(o, office_order, language))
		return PALIER_OK;
	PALIER_SET(&update, member_update, member, member);
	if (PALIER_HAS(o, office_order, name))
		PALIER_SET(&update, member_update, name, o->name);
	if (PALIER_HAS(o, office_order, language))
		PALIER_SET(&update, member_update, language, o->language);
	return member_update_decide(c, &update);
}

static int order_member(struct palier_ctx *c, const struct office_order *o)
{
	struct palier_id member;
	struct member_row row;
	int err = make_known(c, o->member, o, &member, &row);

	/* Of whoever is merged here the office does not know it yet: that was not said of the one who has it all now. */
	if (err == PALIER_OK && palier_id_equal(member, o->member))
		err = profile_told(c, o, member);
	if (err == PALIER_OK && PALIER_HAS(o, office_order, card))
		err = card_told(c, "card", o->card, member);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* Merged here into somebody else than the office says: it has compared what all stores did, and the first of them counts (rules.md). What was
 * merged cannot be taken apart, so that somebody should look at it. */
static int joined_before(struct palier_ctx *c, struct palier_id now, struct palier_id into)
{
	if (palier_id_equal(now, into))
		return PALIER_OK;
	return palier_alert(c, &(struct palier_alert){ .what = "merge_collision", .member = &now });
}

static int order_join(struct palier_ctx *c, const struct office_order *o)
{
	struct member_row row, other;
	struct palier_id from, into;
	int err = member_row(core_tables(c), o->member, &row);
	bool merged = err == PALIER_OK && (row.flags & MEMBER_MERGED);

	if (err == PALIER_OK)
		err = known(c, o->member, &from, &row);
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	err = make_known(c, o->into, o, &into, &other);
	if (err == PALIER_ENOENT) /* erased: whoever turns out to be that member is, too */
		return merged ? PALIER_OK : erase(c, from);
	if (err != PALIER_OK)
		return err;
	return merged || palier_id_equal(from, into) ? joined_before(c, from, into) : join(c, from, into);
}

static int order_freeze(struct palier_ctx *c, const struct office_order *o)
{
	struct member_freeze freeze = { .set = { 0, 0 } };
	struct palier_id member;
	struct member_row row;
	int err = known(c, o->member, &member, &row);

	if (err != PALIER_OK || (row.flags & MEMBER_FROZEN))
		return err == PALIER_ENOENT ? PALIER_OK : err;
	PALIER_SET(&freeze, member_freeze, member, member);
	return member_freeze_decide(c, &freeze);
}

static int order_erase(struct palier_ctx *c, const struct office_order *o)
{
	struct palier_id member;
	struct member_row row;
	int err = known(c, o->member, &member, &row);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	return erase(c, member);
}

/* --- cards --- */

static int card_stopped(struct palier_ctx *c, const struct office_order *o)
{
	struct card_block block = { .set = { 0, 0 } };

	PALIER_SET(&block, card_block, card, o->card);
	return card_block_decide(c, &block);
}

/* A card of which nothing is known opens nothing. One whose member is named is known from now on, so that it stays blocked. */
static int card_foreign(struct palier_ctx *c, const struct office_order *o)
{
	struct palier_id member;
	struct member_row row;
	int err = PALIER_HAS(o, office_order, member) ? make_known(c, o->member, o, &member, &row) : PALIER_ENOENT;

	if (err == PALIER_OK)
		err = card_told(c, "card", o->card, member);
	if (err == PALIER_OK)
		err = card_stopped(c, o);
	if (err == PALIER_OK && PALIER_HAS(o, office_order, instead))
		err = card_told(c, "instead", o->instead, member);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int order_block_card(struct palier_ctx *c, const struct office_order *o)
{
	struct card_number number;
	struct palier_hash16 key;
	struct member_row owner;
	struct card_row card;
	struct palier_id now;
	int err = card_read(c, "card", o->card, &number);

	if (err == PALIER_OK)
		err = card_find(c, &number, &card, &key);
	if (err == PALIER_ENOENT)
		return card_foreign(c, o);
	if (err == PALIER_OK && !card.blocked)
		err = card_stop(c, card.member, &key);
	if (err != PALIER_OK || !PALIER_HAS(o, office_order, instead))
		return err;
	err = known(c, card.member, &now, &owner);
	return err == PALIER_OK ? card_told(c, "instead", o->instead, now) : err == PALIER_ENOENT ? PALIER_OK : err;
}

/* --- returns of our sales in other stores --- */

static int order_settle(struct palier_ctx *c, const struct office_order *o)
{
	return return_settle(c, o);
}

/* --- the office's files --- */

static bool is_plain(struct palier_bytes name)
{
	static const char may[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	for (size_t i = 0; i < name.len; i++)
		if (!strchr(may, name.at[i]))
			return false;
	return name.at[0] != '.';
}

static int order_programme(struct palier_ctx *c, const struct office_order *o)
{
	struct programme_sent body = { .set = { 0, 0 } };

	if (!is_plain(o->name))
		return palier_refuse(c, PALIER_EPARAMS, "name",
			"a plain file name is expected: letters, digits, - _ and ., which does not come first");
	PALIER_SET(&body, programme_sent, name, o->name);
	PALIER_SET(&body, programme_sent, text, o->text);
	return palier_effect_add(c, "programme.sent", &body);
}

/* --- all of them --- */

static int core_does(struct palier_ctx *c, const struct office_order *o)
{
	static const struct {
		const char *order;
		int (*does)(struct palier_ctx *c, const struct office_order *o);
	} orders[] = {
		{ "member", order_member },
		{ "join", order_join },
		{ "block-card", order_block_card },
		{ "freeze", order_freeze },
		{ "erase", order_erase },
		{ "settle", order_settle },
		{ "programme", order_programme },
	};

	for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++)
		if (palier_is(o->order, orders[i].order))
			return orders[i].does(c, o);
	return PALIER_ENOENT;
}

/* An order may be several's: who a member becomes is core's, where that member is at home is not. */
static int plugins_do(struct palier_ctx *c, const struct office_order *o, bool *done)
{
	unsigned before = c->current;
	int err = PALIER_OK;

	for (unsigned i = 0; i < c->plugins->count && err == PALIER_OK; i++) {
		c->current = i;
		if (!c->plugins->list[i]->on_order)
			continue;
		err = c->plugins->list[i]->on_order(c, o);
		*done = *done || err == PALIER_OK;
		err = err == PALIER_ENOENT ? PALIER_OK : err;
	}
	c->current = before;
	return err;
}

/* An event that is about several is about nobody: each effect says whom it is about. */
static void about_nobody(struct palier_ctx *c)
{
	c->ev.has_member = false;
	c->ev.member = (struct palier_id){ { 0 } };
	c->slot = 0;
}

int order_do(struct palier_ctx *c, const struct office_order *o)
{
	int err = core_does(c, o);
	bool done = err == PALIER_OK;

	about_nobody(c);
	if (err == PALIER_OK || err == PALIER_ENOENT)
		err = plugins_do(c, o, &done);
	about_nobody(c);
	if (err == PALIER_OK && !done)
		err = palier_refuse(c, PALIER_EPARAMS, "order", "nobody here knows how to %.*s", PALIER_ARG(o->order));
	return err;
}
