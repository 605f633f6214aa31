/* SPDX-License-Identifier: Apache-2.0 */
/* Codes and the keys they are made with. The first key follows from the store's own secret; the others are drawn here, or sent by the head
 * office: then there may be gaps. No code is kept: key and
 * serial make it again. */
#include <stdio.h>

#include "plugins/referral/internal.h"

/* --- keys --- */

struct keys {
	struct referral_key at[REFERRAL_KEYS];
	size_t count; /* by their ids */
};

static void first_key(struct palier_ctx *c, struct referral_key *out)
{
	struct palier_hash16 half[2];

	palier_hash(c, PALIER_LIT("sponsorship key, first half"), &half[0]);
	palier_hash(c, PALIER_LIT("sponsorship key, second half"), &half[1]);
	_Static_assert(sizeof(half) == REFERRAL_KEY_LEN, "two hashes are a key");
	memcpy(out->key, half, sizeof(out->key));
	out->id = 0;
}

static int drawn_key(struct palier_ctx *c, unsigned id, struct referral_key *out)
{
	const char name[] = { 'k', 'e', 'y', (char)('0' + id), '\0' };
	struct palier_key k = meta_key(name);
	struct palier_bytes sealed, hex;
	int err = palier_get(palier_tables(c), T_META, &k, &sealed);

	if (err != PALIER_OK)
		return err;
	err = palier_unseal(c, sealed, &hex);
	if (err != PALIER_OK || !palier_unhex(hex, out->key, sizeof(out->key)))
		return err == PALIER_OK || err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
	out->id = id;
	return PALIER_OK;
}

static int keys_read(struct palier_ctx *c, struct keys *out)
{
	int err = PALIER_OK;

	first_key(c, &out->at[0]);
	out->count = 1;
	for (unsigned id = 1; id < REFERRAL_KEYS && (err == PALIER_OK || err == PALIER_ENOENT); id++) {
		err = drawn_key(c, id, &out->at[out->count]);
		out->count += err == PALIER_OK;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* With the highest id codes are made. */
static const struct referral_key *newest(const struct keys *keys)
{
	return &keys->at[keys->count - 1];
}

static const struct referral_key *key_of(const struct keys *keys, unsigned id)
{
	for (size_t i = 0; i < keys->count; i++)
		if (keys->at[i].id == id)
			return &keys->at[i];
	return NULL;
}

int key_is(struct palier_ctx *c, unsigned id, const uint8_t *key, bool *out)
{
	struct referral_key there;
	int err = drawn_key(c, id, &there);

	if (err == PALIER_OK)
		*out = memcmp(there.key, key, sizeof(there.key)) == 0;
	return err;
}

int referral_rotate_decide(struct palier_ctx *c, const void *params)
{
	struct referral_keyed e = { .set = { 0, 0 } };
	uint8_t key[REFERRAL_KEY_LEN];
	char hex[2 * REFERRAL_KEY_LEN + 1];
	struct keys keys;
	int err = keys_read(c, &keys);

	(void)params;
	if (err != PALIER_OK)
		return err;
	if (newest(&keys)->id == REFERRAL_KEYS - 1)
		return palier_refuse(c, PALIER_EPARAMS, NULL, "a shop has %d keys at most, and all are in use",
			REFERRAL_KEYS);
	palier_random(c, key, sizeof(key));
	palier_hex(key, sizeof(key), hex);
	PALIER_SET(&e, referral_keyed, id, (int64_t)newest(&keys)->id + 1);
	PALIER_SET(&e, referral_keyed, key, palier_seal(c, palier_str(hex)));
	return palier_effect_add(c, "referral.key", &e);
}

/* --- serials --- */

int serials_read(struct palier_ctx *c, uint32_t *from, uint32_t *to, uint32_t *next)
{
	struct palier_key range = meta_key("range"), following = meta_key("next");
	struct palier_bytes value;
	struct palier_cut cut;
	int err = palier_get(palier_tables(c), T_META, &range, &value);

	*from = 0;
	*to = REFERRAL_SERIAL_MAX;
	if (err == PALIER_OK) {
		cut = palier_cut_of(value);
		*from = (uint32_t)palier_cut_uint(&cut, 4);
		*to = (uint32_t)palier_cut_uint(&cut, 4);
	}
	*next = *from;
	if (err == PALIER_OK || err == PALIER_ENOENT)
		err = palier_get(palier_tables(c), T_META, &following, &value);
	if (err == PALIER_OK) {
		cut = palier_cut_of(value);
		*next = (uint32_t)palier_cut_uint(&cut, 4);
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int code_is_ours(struct palier_ctx *c, const struct code_id *id, bool *out)
{
	uint32_t from, to, next;
	int err = serials_read(c, &from, &to, &next);

	if (err == PALIER_OK)
		*out = id->serial >= from && id->serial <= to;
	return err;
}

/* --- codes --- */

int code_next(struct palier_ctx *c, struct code_id *out)
{
	char symbols[REFERRAL_SYMBOLS + 1];
	uint32_t from, to, next;
	struct code_row taken;
	struct keys keys;
	int err = keys_read(c, &keys);

	if (err == PALIER_OK)
		err = serials_read(c, &from, &to, &next);
	if (err != PALIER_OK)
		return err;
	for (; next <= to; next++) {
		const struct code_id id = { newest(&keys)->id, next };

		err = referral_code_make(newest(&keys), next, symbols);
		if (err == PALIER_OK && code_get(palier_tables(c), &id, &taken) != PALIER_ENOENT)
			continue; /* made before this range was given, or blocked */
		if (err == PALIER_OK)
			*out = id;
		if (err != PALIER_ENOENT)
			return err;
	}
	return PALIER_ENOENT;
}

int code_open(struct palier_ctx *c, struct palier_bytes text, struct code_id *out)
{
	char symbols[REFERRAL_SYMBOLS + 1];
	struct code_id id;
	struct keys keys;
	int err = referral_code_read(text, symbols);

	if (err == PALIER_OK)
		err = keys_read(c, &keys);
	if (err == PALIER_OK)
		err = referral_code_open(keys.at, keys.count, symbols, &id.key, &id.serial);
	if (err == PALIER_OK)
		*out = id;
	return err == PALIER_ENOENT ? PALIER_ECODE_UNKNOWN : err;
}

int code_symbols(struct palier_ctx *c, const struct code_id *id, char *symbols)
{
	const struct referral_key *key = NULL;
	struct keys keys;
	int err = keys_read(c, &keys);

	if (err == PALIER_OK)
		key = key_of(&keys, id->key);
	if (err == PALIER_OK)
		err = key ? referral_code_make(key, id->serial, symbols) : PALIER_EDAMAGED;
	return err == PALIER_ENOENT ? PALIER_EDAMAGED : err;
}

int code_url(struct palier_ctx *c, struct palier_bytes base, const struct code_id *id, struct palier_bytes *out)
{
	char symbols[REFERRAL_SYMBOLS + 1];
	int err = code_symbols(c, id, symbols);

	if (err == PALIER_OK)
		*out = palier_str(palier_format(palier_arena(c), "%.*s%s", PALIER_ARG(base), symbols));
	return err;
}

int referral_code_text(struct palier_ctx *c, struct palier_bytes code, struct palier_bytes *out)
{
	const struct referral_config *cfg = palier_config(c);
	struct code_row row;
	struct code_id id;
	bool known;
	int err = cfg ? code_judge(c, code, &id, &known, &row) : PALIER_ENOENT;

	if (err == PALIER_ECODE_EXPIRED)
		return palier_refuse(c, err, "code", "%s", palier_error_info(err)->text);
	if (err == PALIER_ECODE_MALFORMED || err == PALIER_ECODE_UNKNOWN)
		return PALIER_ENOENT;
	return err == PALIER_OK ? code_url(c, palier_str(cfg->url), &id, out) : err;
}
