/* SPDX-License-Identifier: Apache-2.0 */
/* What the head office orders: the chain's keys, so that any store tells the codes of all; the serials that this store may use; codes that
 * count no more. */
#include "plugins/referral/internal.h"

PALIER_SCHEMA(code_blocked);

/* Sent again, it is the key that there is. Another one under its number would make the codes of the old one strange. */
static int order_key(struct palier_ctx *c, const struct office_order *o)
{
	struct referral_keyed e = { .set = { 0, 0 } };
	uint8_t key[REFERRAL_KEY_LEN];
	bool same;
	int err;

	if (o->id == 0)
		return palier_refuse(c, PALIER_EPARAMS, "id", "key 0 is each store's own; the chain's are 1 to 3");
	if (!palier_unhex(o->key, key, sizeof(key)))
		return palier_refuse(c, PALIER_EPARAMS, "key", "32 bytes are expected, in hex");
	err = key_is(c, (unsigned)o->id, key, &same);
	if (err == PALIER_OK)
		return same ? PALIER_OK
		            : palier_refuse(c, PALIER_EREQUEST_CONFLICT, "id",
				      "key %lld is another one here: codes were made with it", (long long)o->id);
	if (err != PALIER_ENOENT)
		return err;
	PALIER_SET(&e, referral_keyed, id, o->id);
	PALIER_SET(&e, referral_keyed, key, palier_seal(c, o->key));
	return palier_effect_add(c, "referral.key", &e);
}

/* Sent again, it does not begin again. */
static int order_range(struct palier_ctx *c, const struct office_order *o)
{
	struct referral_range e = { .set = { 0, 0 } };
	uint32_t from, to, next;
	int err = serials_read(c, &from, &to, &next);

	if (err != PALIER_OK)
		return err;
	if (o->first > o->last)
		return palier_refuse(c, PALIER_EPARAMS, "last", "the last serial comes before the first");
	if (o->first == from && o->last == to)
		return PALIER_OK;
	PALIER_SET(&e, referral_range, from, o->first);
	PALIER_SET(&e, referral_range, to, o->last);
	return palier_effect_add(c, "referral.range", &e);
}

/* A code of another store's is remembered; one that no key fits yet cannot be. */
static int order_block(struct palier_ctx *c, const struct office_order *o)
{
	struct code_blocked e = { .set = { 0, 0 } };
	struct code_id id;
	int err = code_open(c, o->code, &id);

	if (err == PALIER_ECODE_MALFORMED)
		return PALIER_ENOENT;
	if (err == PALIER_ECODE_UNKNOWN)
		return palier_alert(c, &(struct palier_alert){ .what = "code_unknown" });
	if (err != PALIER_OK)
		return err;
	PALIER_SET(&e, code_blocked, key, (int64_t)id.key);
	PALIER_SET(&e, code_blocked, serial, (int64_t)id.serial);
	return palier_effect_add(c, "referral.blocked", &e);
}

/* Who sponsors by a code of another store is not known here: its row has nobody. */
int referral_blocked_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct code_blocked *e = body;
	const struct code_id id = { (unsigned)e->key, (uint32_t)e->serial };
	struct code_row row = { .until = CODE_CLOSED };
	int err = code_get(t, &id, &row);

	(void)ev;
	if (err == PALIER_ENOENT)
		err = uses_of(t, &id, &row.uses);
	row.until = CODE_CLOSED;
	return err == PALIER_OK ? code_put(t, &id, &row) : err;
}

int referral_on_order(struct palier_ctx *c, const struct office_order *o)
{
	if (palier_is(o->order, "referral-key"))
		return order_key(c, o);
	if (palier_is(o->order, "referral-range"))
		return order_range(c, o);
	return palier_is(o->order, "block-code") ? order_block(c, o) : PALIER_ENOENT;
}
