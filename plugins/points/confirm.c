/* SPDX-License-Identifier: Apache-2.0 */
/* Offline top-ups stay pending until the day on which they came in is closed: till then somebody may find that the money never came. */
#include "plugins/points/internal.h"

PALIER_SCHEMA(points_confirmed);

/* --- rows --- */

static struct palier_key unconfirmed_key(struct palier_id member, uint16_t number, const struct lot *l)
{
	struct palier_key k = { 0 };

	palier_key_id(&k, member);
	points_lot_key(&k, number, l);
	return k;
}

int points_unconfirmed_add(struct palier_tables *t, uint32_t batch, struct palier_id member, uint16_t number,
	const struct lot *l)
{
	struct palier_key k = unconfirmed_key(member, number, l);
	struct palier_value v = { 0 };

	palier_value_uint(&v, batch, 4);
	return palier_put(t, T_UNCONFIRMED, &k, palier_value_bytes(&v));
}

/* --- apply --- */

/* From which day on no lot is pending, now that some no longer are. */
static int pending_again(struct palier_tables *t, struct palier_id member, uint16_t number)
{
	struct palier_cursor *cur = points_lots(t, member, number);
	struct standing st;
	struct lot l;
	int err = points_standing_read(t, member, number, &st);

	st.pending = 0;
	while (err == PALIER_OK && (err = points_lot_next(cur, &l)) == PALIER_OK)
		if (l.pending > st.pending)
			st.pending = l.pending;
	return err == PALIER_ENOENT ? points_standing_write(t, member, number, &st) : err;
}

int points_confirmed_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct points_confirmed *e = body;
	uint16_t number;
	int err = points_number_of(t, e->unit, &number);

	(void)ev;
	for (uint32_t i = 0; i < e->lots.count && err == PALIER_OK; i++) {
		struct lot l = points_lot_of(&e->lots.at[i]);
		struct palier_key k = unconfirmed_key(e->member, number, &l);

		err = points_lot_read(t, e->member, number, &l);
		l.pending = 0;
		if (err == PALIER_OK)
			err = points_lot_set(t, e->member, number, &l);
		if (err == PALIER_OK || err == PALIER_ENOENT) /* it may be spent, or gone with a merge */
			err = palier_del(t, T_UNCONFIRMED, &k);
	}
	return err == PALIER_OK ? pending_again(t, e->member, number) : err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
}

/* --- decide --- */

/* The lots of one unit, as far as they have been found. */
struct batch {
	uint16_t number;
	struct points_confirmed body;
	uint32_t room;
};

static int batch_book(struct palier_ctx *c, struct palier_id member, struct batch *b)
{
	int err;

	if (b->body.lots.count == 0)
		return PALIER_OK;
	PALIER_SET(&b->body, points_confirmed, member, member);
	PALIER_MARK(&b->body, points_confirmed, unit);
	PALIER_MARK(&b->body, points_confirmed, lots);
	err = points_name_of(palier_tables(c), b->number, &b->body.unit);
	if (err == PALIER_OK)
		err = palier_effect_add(c, "points.confirmed", &b->body);
	*b = (struct batch){ 0 };
	return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
}

static void batch_add(struct palier_ctx *c, struct batch *b, const struct lot *l)
{
	struct points_lot *more;

	if (b->body.lots.count == b->room) {
		b->room = b->room * 2 + 4;
		more = palier_alloc(palier_arena(c), b->room * sizeof(*more));
		if (b->body.lots.count > 0)
			memcpy(more, b->body.lots.at, b->body.lots.count * sizeof(*more));
		b->body.lots.at = more;
	}
	b->body.lots.at[b->body.lots.count++] = points_lot_row(l, l->left);
}

int points_confirm(struct palier_ctx *c, struct palier_id member)
{
	struct palier_bytes key, value;
	struct palier_cursor *cur;
	struct palier_key k = { 0 };
	struct batch b = { 0 };
	int err;

	palier_key_id(&k, member);
	cur = palier_seek(palier_tables(c), T_UNCONFIRMED, &k);
	while ((err = palier_next(cur, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(key), v = palier_cut_of(value);
		struct lot l = { 0 };
		uint16_t number;

		(void)palier_cut_raw(&cut, PALIER_ID_LEN);
		number = points_lot_cut(&cut, &l);
		if (palier_cut_uint(&v, 4) >= palier_batch(c))
			continue; /* of the open day */
		if (number != b.number)
			err = batch_book(c, member, &b);
		b.number = number;
		if (err == PALIER_OK)
			err = points_lot_read(palier_tables(c), member, number, &l);
		if (err != PALIER_OK && err != PALIER_ENOENT)
			return err;
		batch_add(c, &b, &l);
	}
	return err == PALIER_ENOENT ? batch_book(c, member, &b) : err;
}
