/* SPDX-License-Identifier: Apache-2.0 */
/* Stored value: what it pays for is debited before anything is priced, for it is tender and no discount; what a ticket loads is credited
 * once all else is known, so that it cannot be spent on the same ticket. */
#include "plugins/points/internal.h"

#include <stdio.h>

/* A unit that is money; NULL: there is none of this name. */
static const struct points_unit *money_unit(struct palier_ctx *c, struct palier_bytes name)
{
	const struct points_unit *u = points_unit_of(palier_config(c), name);

	return u && u->kind == KIND_MONEY ? u : NULL;
}

/* --- payments --- */

/* What keeps a payment from being made, and nothing else: of these a quote makes a list. */
static bool is_refusal(int err)
{
	switch (err) {
	case PALIER_EUNIT_UNKNOWN:
	case PALIER_EINSUFFICIENT_POINTS:
	case PALIER_EMEMBER_FROZEN:
	case PALIER_ECARD_UNKNOWN:
	case PALIER_ECARD_BLOCKED:
	case PALIER_EFORBIDDEN:
		return true;
	default:
		return false;
	}
}

static int payment_book(struct palier_ctx *c, const struct palier_sale *s, const struct payment *p, const char *field)
{
	struct palier_id purse;
	struct points_move m;
	int err;

	if (!money_unit(c, p->unit))
		return palier_refuse(c, PALIER_EUNIT_UNKNOWN, "payments", "no unit that is money is called %.*s",
			PALIER_ARG(p->unit));
	err = palier_purse(c, p->card, PALIER_PURSE_PAYS, field, &purse);
	if (err != PALIER_OK || p->amount == 0)
		return err;
	m = points_move_of(purse, p->unit, POINTS_PAY, -p->amount);
	if (s->number.len > 0)
		PALIER_SET(&m, points_move, sale, s->number);
	return points_move(c, &m);
}

/* The customer may have left with what was paid for so: then it was paid, whoever bears it. */
static int payment_take(struct palier_ctx *c, struct palier_sale *s, uint32_t i)
{
	const struct payment *p = &s->payments[i];
	char field[32];
	int err;

	snprintf(field, sizeof(field), "payments[%u].card", i);
	err = payment_book(c, s, p, field);
	if (err == PALIER_OK || (palier_offline(c) && is_refusal(err)))
		s->due -= p->amount;
	return is_refusal(err) && (s->quote || palier_offline(c)) ? palier_cannot(c, s, err, "unit", p->unit) : err;
}

int points_on_tender(struct palier_ctx *c, struct palier_sale *s)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; i < s->payment_count && err == PALIER_OK; i++)
		if (s->payments[i].kind == PAYMENT_UNIT)
			err = payment_take(c, s, i);
	/* What has happened is looked at once, where it is booked: else it would raise its alerts twice. */
	return err == PALIER_OK && !palier_offline(c) ? points_loads_check(c, s) : err;
}

/* --- loads --- */

struct load {
	const struct points_unit *unit; /* NULL: nothing is loaded */
	struct palier_id purse;
};

static int refuse_line(struct palier_ctx *c, uint32_t line, const char *field, int err, const char *text)
{
	char path[48];

	snprintf(path, sizeof(path), "lines[%u].%s", line, field);
	return palier_refuse(c, err, path, "%s", text);
}

/* Loaded all the same was a card that the till knows: somebody should look at it. */
static int load_cannot(struct palier_ctx *c, const struct palier_sale *s, const struct basket_line *in, int err)
{
	return palier_offline(c) && is_refusal(err) ? palier_cannot(c, s, err, "unit", in->unit) : err;
}

static int load_read(struct palier_ctx *c, const struct palier_sale *s, uint32_t line, struct load *out)
{
	const struct basket_line *in = s->lines[line].in;
	const bool sold = s->lines[line].kind == LINE_GIFT_CARD;
	const struct points_unit *u;
	char field[48];
	int err;

	*out = (struct load){ .unit = NULL };
	if (!PALIER_HAS(in, basket_line, unit) && !PALIER_HAS(in, basket_line, card))
		return PALIER_OK; /* another's gift card, sold here: its value is not kept by us */
	if (!PALIER_HAS(in, basket_line, unit))
		return refuse_line(c, line, "unit", PALIER_EPARAMS, "say in which unit the card is loaded");
	if (sold && !PALIER_HAS(in, basket_line, card))
		return refuse_line(c, line, "card", PALIER_EPARAMS, "say which gift card is sold");
	u = money_unit(c, in->unit);
	if (!u)
		return load_cannot(c, s, in,
			refuse_line(c, line, "unit", PALIER_EUNIT_UNKNOWN, "there is no such unit that is money"));
	snprintf(field, sizeof(field), "lines[%u].card", line);
	err = palier_purse(c, in->card, sold ? PALIER_PURSE_SOLD : PALIER_PURSE_TOPPED_UP, field, &out->purse);
	if (err != PALIER_OK)
		return load_cannot(c, s, in, err);
	out->unit = u;
	return PALIER_OK;
}

static bool is_load(const struct palier_line *l)
{
	return l->kind == LINE_GIFT_CARD || l->kind == LINE_TOPUP;
}

int points_loads_check(struct palier_ctx *c, const struct palier_sale *s)
{
	struct load load;
	int err = PALIER_OK;

	for (uint32_t i = 0; i < s->line_count && err == PALIER_OK; i++)
		if (is_load(&s->lines[i]))
			err = load_read(c, s, i, &load);
	return err;
}

static int load_book(struct palier_ctx *c, const struct palier_sale *s, uint32_t line)
{
	struct points_move m;
	struct load load;
	int err = load_read(c, s, line, &load);

	if (err != PALIER_OK || !load.unit || s->lines[line].gross == 0)
		return err;
	m = points_move_of(load.purse, load.unit->name, POINTS_LOAD, s->lines[line].gross);
	PALIER_SET(&m, points_move, line, line);
	if (s->number.len > 0)
		PALIER_SET(&m, points_move, sale, s->number);
	if (palier_offline(c) && s->lines[line].kind == LINE_TOPUP)
		PALIER_SET(&m, points_move, pending, DAY_NEVER);
	return points_move(c, &m);
}

int points_loads_book(struct palier_ctx *c, const struct palier_sale *s)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; i < s->line_count && err == PALIER_OK && !s->claimed; i++)
		if (is_load(&s->lines[i]))
			err = load_book(c, s, i);
	return err;
}
