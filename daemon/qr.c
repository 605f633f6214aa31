/* SPDX-License-Identifier: Apache-2.0 */
/* A text, a code or a card as a QR code. */
#include "protocol/qr_render.h"

#include "daemon/core.h"

/* The plugin that gave the code out knows what its QR says. */
static int text_of_code(struct palier_ctx *c, struct palier_bytes code, struct palier_bytes *out)
{
	unsigned before = c->current;
	int err = PALIER_ENOENT;

	for (unsigned i = 0; i < c->plugins->count && err == PALIER_ENOENT; i++) {
		const struct palier_plugin *p = c->plugins->list[i];

		c->current = i;
		if (p->code_text)
			err = p->code_text(c, code, out);
	}
	c->current = before;
	return err == PALIER_ENOENT ? palier_refuse(c, PALIER_ECODE_UNKNOWN, "code", "nobody gave out this code") : err;
}

/* The number of the member's newest card that is not blocked. */
static int text_of_member(struct palier_ctx *c, struct palier_id member, struct palier_bytes *out)
{
	struct palier_cursor *wallet = wallet_of(core_tables(c), member);
	struct card_row card;
	int err;

	do
		err = wallet_next(core_tables(c), wallet, &card);
	while (err == PALIER_OK && card.blocked);
	if (err == PALIER_OK)
		err = card_text(c, &card, out);
	if (err == PALIER_ENOENT || (err == PALIER_OK && !out->len))
		return palier_refuse(c, PALIER_ECARD_UNKNOWN, "member", "this member has no card in use: issue one");
	return err;
}

static int text_of_card(struct palier_ctx *c, const struct qr_render *p, struct palier_bytes *out)
{
	bool by_member = PALIER_HAS(p, qr_render, member);
	struct card_number number;
	struct palier_id member;
	int err = palier_who(c, p->card, by_member ? &p->member : NULL, &member);

	if (err != PALIER_OK)
		return err;
	if (by_member)
		return text_of_member(c, member, out);
	err = card_read(c, "card", p->card, &number);
	if (err == PALIER_OK)
		*out = palier_copy(c->arena, palier_bytes_of(number.text, number.len));
	return err;
}

static int text_find(struct palier_ctx *c, const struct qr_render *p, struct palier_bytes *out)
{
	bool text = PALIER_HAS(p, qr_render, text), code = PALIER_HAS(p, qr_render, code);
	bool card = PALIER_HAS(p, qr_render, card) || PALIER_HAS(p, qr_render, member);

	if (text + code + card != 1)
		return palier_refuse(c, PALIER_EPARAMS, "text", "give one of text, code and card");
	if (code)
		return text_of_code(c, p->code, out);
	if (card)
		return text_of_card(c, p, out);
	*out = p->text;
	return PALIER_OK;
}

static int order_read(struct palier_ctx *c, const struct qr_render *p, struct qr_order *out)
{
	*out = (struct qr_order){ .format = p->format, .level = QR_MEDIUM, .quiet = QR_QUIET };
	if (PALIER_HAS(p, qr_render, level))
		out->level = p->level;
	if (PALIER_HAS(p, qr_render, quiet))
		out->quiet = (unsigned)p->quiet;
	if (PALIER_HAS(p, qr_render, module))
		out->module = (unsigned)p->module;
	if (PALIER_HAS(p, qr_render, paper) && p->paper != 58 && p->paper != 80)
		return palier_refuse(c, PALIER_EPARAMS, "paper", "a printer's paper is 58 or 80 mm wide");
	if (PALIER_HAS(p, qr_render, paper))
		out->paper = p->paper == 58 ? QR_PAPER_58 : QR_PAPER_80;
	return text_find(c, p, &out->text);
}

CORE_ANSWER(qr_render_answer)
{
	struct qr_order order;
	struct qr_view view;
	const char *why;
	int err = order_read(c, params, &order);

	if (err != PALIER_OK)
		return err;
	if (qr_view_make(&order, c->arena, &view, &why) != PALIER_OK)
		return palier_refuse(c, PALIER_EPARAMS, NULL, "%s", why);
	schema_encode(&qr_view_schema, SCHEMA_WIRE, &view, w);
	return PALIER_OK;
}
