/* SPDX-License-Identifier: Apache-2.0 */
/* Proof for spending (rules.md). A PIN is kept as a keyed hash, a one-time code's secret not at all: both come of the member's key, and are
 * gone with it.
 *
 * proof    member id, 'p' or 'o' -> keyed hash of the PIN 16; last step whose code was used u64 */
#include "daemon/proof.h"

#include "daemon/misses.h"
#include "daemon/sales.h"
#include "protocol/otp.h"

#define PIN_LEAST 4
#define PIN_MOST  12

/* --- rows --- */

static struct palier_key proof_key(struct palier_id member, char kind)
{
	struct palier_key k = { .len = 0 };

	palier_key_id(&k, member);
	palier_key_raw(&k, &kind, 1);
	return k;
}

static int pin_get(const struct palier_tables *t, struct palier_id member, struct palier_hash16 *out)
{
	struct palier_key k = proof_key(member, 'p');
	struct palier_bytes value, hash;
	struct palier_cut cut;
	int err = palier_get(t, T_PROOF, &k, &value);

	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(value);
	hash = palier_cut_raw(&cut, sizeof(out->b));
	if (cut.bad)
		return PALIER_ESTORE;
	memcpy(out->b, hash.at, sizeof(out->b));
	return PALIER_OK;
}

/* @return PALIER_OK; PALIER_ENOENT: none was used yet */
static int step_get(const struct palier_tables *t, struct palier_id member, uint64_t *out)
{
	struct palier_key k = proof_key(member, 'o');
	struct palier_bytes value;
	struct palier_cut cut;
	uint64_t step;
	int err = palier_get(t, T_PROOF, &k, &value);

	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(value);
	step = palier_cut_uint(&cut, 8);
	if (cut.bad)
		return PALIER_ESTORE;
	*out = step;
	return PALIER_OK;
}

int proof_has_pin(struct palier_ctx *c, struct palier_id member, bool *out)
{
	struct palier_hash16 hash;
	int err = pin_get(core_tables(c), member, &hash);

	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	*out = err == PALIER_OK;
	return PALIER_OK;
}

int proof_forget(struct palier_tables *t, struct palier_id member)
{
	struct palier_key pin = proof_key(member, 'p'), step = proof_key(member, 'o');
	int err = palier_del(t, T_PROOF, &pin);

	return err == PALIER_OK ? palier_del(t, T_PROOF, &step) : err;
}

/* --- apply --- */

CORE_APPLY(member_pin_set_apply)
{
	const struct member_pin_set *e = body;
	struct palier_key k = proof_key(e->member, 'p');
	int err = member_seen(t, ev, e->member);

	return err == PALIER_OK ? palier_put(t, T_PROOF, &k, palier_bytes_of(e->hash.b, sizeof(e->hash.b))) : err;
}

CORE_APPLY(member_otp_used_apply)
{
	const struct member_otp_used *e = body;
	struct palier_key k = proof_key(e->member, 'o');
	struct palier_value v = { .len = 0 };

	(void)ev;
	palier_value_uint(&v, (uint64_t)e->step, 8);
	return palier_put(t, T_PROOF, &k, palier_value_bytes(&v));
}

/* --- what comes of the member's key --- */

/* @return PALIER_OK; PALIER_ENOENT: the key is gone */
static int pin_hash(struct palier_ctx *c, uint32_t slot, struct palier_bytes pin, struct palier_hash16 *out)
{
	uint8_t key[CRYPTO_KEY_LEN], mac[CRYPTO_MAC_MAX];
	int err = keys_derive(c->keys, slot, "pin", key);

	if (err != PALIER_OK)
		return err;
	crypto_hmac(CRYPTO_SHA256, palier_bytes_of(key, sizeof(key)), pin, mac);
	memcpy(out->b, mac, sizeof(out->b));
	explicit_bzero(key, sizeof(key));
	return PALIER_OK;
}

static int pin_fits(struct palier_ctx *c, struct palier_id member, uint32_t slot, struct palier_bytes pin)
{
	struct palier_hash16 kept, given;
	int err = pin_get(core_tables(c), member, &kept);

	if (err == PALIER_OK)
		err = pin_hash(c, slot, pin, &given);
	if (err == PALIER_OK && !crypto_equal(kept.b, given.b, sizeof(kept.b)))
		err = PALIER_ENOENT;
	return err;
}

static int code_fits(struct palier_ctx *c, struct palier_id member, uint32_t slot, struct palier_bytes code, uint64_t *step)
{
	uint8_t key[CRYPTO_KEY_LEN];
	uint64_t last;
	int err = keys_derive(c->keys, slot, "otp", key);

	if (err == PALIER_OK)
		err = otp_find(palier_bytes_of(key, OTP_SECRET_LEN), otp_step(c->ev.received_ms), code, step);
	explicit_bzero(key, sizeof(key));
	if (err != PALIER_OK)
		return err;
	err = step_get(core_tables(c), member, &last);
	if (err == PALIER_OK)
		return *step > last ? PALIER_OK : PALIER_ENOENT;
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* --- a try --- */

int ctx_proof(struct palier_ctx *c, const struct proof *p)
{
	c->proof = p;
	if (p && PALIER_HAS(p, proof, pin) && PALIER_HAS(p, proof, otp))
		return palier_refuse(c, PALIER_EPARAMS, "proof", "give pin or otp, not both");
	return PALIER_OK;
}

static int refuse_wrong(struct palier_ctx *c, const char *field, int64_t wait_ms)
{
	struct palier_json w;

	if (wait_ms == 0)
		return palier_refuse(c, PALIER_EPROOF_WRONG, field, "%s", palier_error_info(PALIER_EPROOF_WRONG)->text);
	if (!c->offline) {
		w = ctx_extra(c);
		palier_json_key(&w, "retry_after_ms");
		palier_json_int(&w, wait_ms);
	}
	return palier_refuse(c, PALIER_EPROOF_WRONG, field,
		"too many wrong PINs or codes: none counts for a while, a supervisor may vouch");
}

/* What came of comparing: PALIER_ENOENT is a miss. One command misses once; what has happened already is no guess. Training clears nothing, for
 * there a code is not used up. */
static int tried(struct palier_ctx *c, struct palier_id member, const char *field, int err)
{
	int64_t now = c->ev.received_ms, wait = misses_wait(c->misses, member, now);

	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	if (wait == 0 && err == PALIER_OK) {
		if (!c->dry)
			misses_clear(c->misses, member);
		return PALIER_OK;
	}
	if (wait == 0 && !c->offline && !c->proof_missed) {
		misses_add(c->misses, member, now);
		c->proof_missed = true;
		wait = misses_wait(c->misses, member, now);
	}
	return refuse_wrong(c, field, wait);
}

/* --- palier_proven --- */

/* Has this command's code been accepted already? */
static bool code_counted(const struct palier_ctx *c, struct palier_id member)
{
	const struct member_otp_used *e = NULL;

	while ((e = effect_find(&c->ev, "member.otp_used", e)))
		if (palier_id_equal(e->member, member))
			return true;
	return false;
}

static int code_prove(struct palier_ctx *c, struct palier_id member, uint32_t slot)
{
	struct member_otp_used body = { .set = { 0, 0 } };
	uint64_t step = 0;
	int err;

	if (code_counted(c, member))
		return PALIER_OK;
	err = tried(c, member, "proof.otp", code_fits(c, member, slot, c->proof->otp, &step));
	if (err != PALIER_OK)
		return err;
	PALIER_SET(&body, member_otp_used, member, member);
	PALIER_SET(&body, member_otp_used, step, (int64_t)step);
	return palier_effect_add(c, "member.otp_used", &body);
}

/* A code shows that the customer has the card and is good for once: it proves what a PIN does, and more. */
static int prove(struct palier_ctx *c, struct palier_id member, uint32_t slot, enum palier_proof kind)
{
	if (c->proof && PALIER_HAS(c->proof, proof, otp))
		return code_prove(c, member, slot);
	if (kind == PALIER_PROOF_OTP)
		return palier_refuse(c, PALIER_EPROOF_NEEDED, "proof.otp",
			"the one-time code of the customer's virtual card is needed, or a supervisor");
	if (c->proof && PALIER_HAS(c->proof, proof, pin))
		return tried(c, member, "proof.pin", pin_fits(c, member, slot, c->proof->pin));
	return palier_refuse(c, PALIER_EPROOF_NEEDED, "proof",
		"the customer's PIN or one-time code is needed, or a supervisor");
}

/* Somebody should look at it once, however often it was asked. */
static bool alert_raised(const struct palier_ctx *c, int err)
{
	const struct alert_raised *e = NULL;

	while ((e = effect_find(&c->ev, "alert.raised", e)))
		if (palier_is(e->what, palier_error_info(err)->reason))
			return true;
	return false;
}

static int forgive(struct palier_ctx *c, int err, const struct palier_id *member)
{
	struct palier_alert about = { .member = member };

	if (!c->offline || (err != PALIER_EPROOF_NEEDED && err != PALIER_EPROOF_WRONG))
		return err;
	if (alert_raised(c, err)) {
		c->problem.err = PALIER_OK;
		return PALIER_OK;
	}
	if (c->ev.method == &method_sale_commit)
		about.sale = ((const struct sale_commit *)c->params)->sale;
	return ctx_forgive(c, err, &about);
}

int palier_proven(struct palier_ctx *c, struct palier_id member, enum palier_proof kind)
{
	struct member_row row;
	int err = member_follow(core_tables(c), &member, &row);

	if (err != PALIER_OK || kind == PALIER_PROOF_NONE || !(c->ev.method->flags & METHOD_COMMAND) || palier_supervised(c))
		return err;
	return forgive(c, prove(c, member, row.slot, kind), &member);
}

/* --- member.pin --- */

static int pin_check(struct palier_ctx *c, struct palier_bytes pin)
{
	bool digits = pin.len >= PIN_LEAST && pin.len <= PIN_MOST;

	for (size_t i = 0; i < pin.len; i++)
		digits = digits && pin.at[i] >= '0' && pin.at[i] <= '9';
	return digits ? PALIER_OK
	              : palier_refuse(c, PALIER_EPARAMS, "pin", "a PIN has %d to %d digits", PIN_LEAST, PIN_MOST);
}

/* Who has a PIN must know it to change it. */
static int pin_may_change(struct palier_ctx *c, const struct member_pin *p, struct palier_id member)
{
	bool has;
	int err = proof_has_pin(c, member, &has);

	if (err != PALIER_OK || !has || palier_supervised(c))
		return err;
	if (!PALIER_HAS(p, member_pin, old))
		return palier_refuse(c, PALIER_EPROOF_NEEDED, "old",
			"this customer has a PIN: send it as `old`, or ask a supervisor");
	return tried(c, member, "old", pin_fits(c, member, c->slot, p->old));
}

static int refuse_keyless(struct palier_ctx *c)
{
	return palier_refuse(c, PALIER_EMEMBER_ERASED, "member", "this member's key is lost: enrol the customer anew");
}

CORE_DECIDE(member_pin_decide)
{
	const struct member_pin *p = params;
	struct member_pin_set body = { .set = { 0, 0 } };
	struct palier_id member;
	int err = pin_check(c, p->pin);

	if (err == PALIER_OK)
		err = palier_who(c, p->card, PALIER_HAS(p, member_pin, member) ? &p->member : NULL, &member);
	if (err == PALIER_OK)
		err = pin_may_change(c, p, member);
	if (err != PALIER_OK)
		return err;
	if (pin_hash(c, c->slot, p->pin, &body.hash) != PALIER_OK)
		return refuse_keyless(c);
	PALIER_MARK(&body, member_pin_set, hash);
	PALIER_SET(&body, member_pin_set, member, member);
	err = palier_effect_add(c, "member.pin_set", &body);
	if (err == PALIER_OK && palier_supervised(c) && !c->dry)
		misses_clear(c->misses, member);
	return err;
}

/* --- member.otp --- */

static void uri_add(struct palier_buffer *out, const char *text)
{
	palier_buffer_add(out, text, strlen(text));
}

/* RFC 3986, 2.1 */
static void uri_encode(struct palier_buffer *out, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	static const char hex[] = "0123456789ABCDEF";

	for (; *text; text++) {
		const uint8_t byte = (uint8_t)*text;
		const char escaped[3] = { '%', hex[byte >> 4], hex[byte & 15] };

		if (strchr(plain, *text))
			palier_buffer_add(out, text, 1);
		else
			palier_buffer_add(out, escaped, sizeof(escaped));
	}
}

/* As authenticators read it from a QR: the shop, whose code it is, the secret. */
static void uri_write(const char *shop, struct palier_id member, const char *secret, struct palier_json *w)
{
	char id[PALIER_ID_TEXT + 1];
	struct palier_buffer uri = { 0 };

	palier_id_format(member, id);
	uri_add(&uri, "otpauth://totp/");
	uri_encode(&uri, shop);
	uri_add(&uri, ":");
	uri_encode(&uri, id);
	uri_add(&uri, "?secret=");
	uri_add(&uri, secret);
	uri_add(&uri, "&issuer=");
	uri_encode(&uri, shop);
	palier_json_key(w, "uri");
	palier_json_string(w, palier_buffer_bytes(&uri));
	palier_buffer_deinit(&uri);
}

CORE_ANSWER(member_otp_answer)
{
	struct palier_id member = ((const struct member_otp *)params)->member;
	char secret[OTP_BASE32_LEN(OTP_SECRET_LEN) + 1];
	uint8_t key[CRYPTO_KEY_LEN];
	struct member_row row;
	int err = member_need(c, &member, &row);

	if (err != PALIER_OK)
		return err;
	if (keys_derive(c->keys, row.slot, "otp", key) != PALIER_OK)
		return refuse_keyless(c);
	otp_base32(key, OTP_SECRET_LEN, secret);
	explicit_bzero(key, sizeof(key));
	palier_json_object(w);
	palier_json_key(w, "secret");
	palier_json_str(w, secret);
	uri_write(c->config->store.name, member, secret, w);
	palier_json_end_object(w);
	return PALIER_OK;
}
