/* SPDX-License-Identifier: Apache-2.0 */
/* The store's signing keys, as far as the ledger knows them: that a new one was announced. It holds none, and signs nothing.
 *
 * signer  key id 32 -> seq u64 of the event that announced it */
#include "protocol/rotation.h"

#include "daemon/core.h"

struct rotation {
	struct crypto_certificate *from, *to;
	struct palier_hash from_id, to_id;
};

static void rotation_free(struct rotation *r)
{
	crypto_certificate_free(r->from);
	crypto_certificate_free(r->to);
}

static void signer_key(const struct palier_hash *id, struct palier_key *k)
{
	*k = (struct palier_key){ .len = 0 };
	palier_key_raw(k, id->b, SHA256_LEN);
}

static int certificate_of(struct palier_ctx *c, const char *field, struct palier_bytes text, struct crypto_certificate **out)
{
	if (crypto_certificate_read(text, out) == PALIER_OK && crypto_certificate_p256(*out))
		return PALIER_OK;
	return palier_refuse(c, PALIER_EPARAMS, field, "a certificate in PEM is expected, of an ECDSA key on P-256");
}

static int rotation_read(struct palier_ctx *c, const struct key_rotate *p, struct rotation *r)
{
	int err = certificate_of(c, "certificate", p->certificate, &r->to);

	if (err == PALIER_OK)
		err = certificate_of(c, "previous", p->previous, &r->from);
	if (err != PALIER_OK)
		return err;
	crypto_certificate_key_id(r->to, &r->to_id);
	crypto_certificate_key_id(r->from, &r->from_id);
	if (!crypto_certificate_signs(r->to))
		return palier_refuse(c, PALIER_EPARAMS, "certificate",
			"it was issued for something else than signing documents");
	return memcmp(r->to_id.b, r->from_id.b, SHA256_LEN) != 0
	               ? PALIER_OK
	               : palier_refuse(c, PALIER_EPARAMS, "certificate", "it is for the key that signs already");
}

/* Both keys say so. Whether the office trusts the old one is the office's business. */
static int rotation_proved(struct palier_ctx *c, const struct key_rotate *p, const struct rotation *r)
{
	struct palier_buffer statement = { 0 };
	const char *unsigned_by = NULL;

	rotation_statement(palier_str(c->config->store.id), r->from, r->to, &statement);
	if (!rotation_signed(palier_buffer_bytes(&statement), r->from, p->by_previous))
		unsigned_by = "by_previous";
	else if (!rotation_signed(palier_buffer_bytes(&statement), r->to, p->by_new))
		unsigned_by = "by_new";
	palier_buffer_deinit(&statement);
	return unsigned_by ? palier_refuse(c, PALIER_EPARAMS, unsigned_by, "that key did not sign this rotation")
	                   : PALIER_OK;
}

static int announce(struct palier_ctx *c, const struct rotation *r)
{
	struct key_rotated body = { .set = { 0, 0 } };
	char to[2 * SHA256_LEN + 1], from[2 * SHA256_LEN + 1];
	struct palier_bytes value;
	struct palier_key k;
	int err;

	signer_key(&r->to_id, &k);
	err = palier_get(core_tables(c), T_SIGNER, &k, &value);
	if (err == PALIER_OK)
		return palier_refuse(c, PALIER_EPARAMS, "certificate", "this key was announced before");
	if (err != PALIER_ENOENT)
		return err;
	palier_hex(r->to_id.b, SHA256_LEN, to);
	palier_hex(r->from_id.b, SHA256_LEN, from);
	PALIER_SET(&body, key_rotated, key_id, palier_copy(c->arena, palier_str(to)));
	PALIER_SET(&body, key_rotated, previous_key_id, palier_copy(c->arena, palier_str(from)));
	return palier_effect_add(c, "key.rotated", &body);
}

CORE_DECIDE(key_rotate_decide)
{
	const struct key_rotate *p = params;
	struct rotation r = { .from = NULL };
	int err = rotation_read(c, p, &r);

	if (err == PALIER_OK)
		err = rotation_proved(c, p, &r);
	if (err == PALIER_OK)
		err = announce(c, &r);
	rotation_free(&r);
	return err;
}

CORE_APPLY(key_rotated_apply)
{
	const struct key_rotated *e = body;
	struct palier_value v = { .len = 0 };
	struct palier_hash id;
	struct palier_key k;

	if (!palier_unhex(e->key_id, id.b, SHA256_LEN))
		return PALIER_EDAMAGED;
	signer_key(&id, &k);
	palier_value_uint(&v, ev->seq, 8);
	return palier_put(t, T_SIGNER, &k, palier_value_bytes(&v));
}
