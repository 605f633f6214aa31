/* SPDX-License-Identifier: Apache-2.0 */
/* Tills that may sign in with a token.
 *
 * till  name -> role u8, revoked u8, SHA-256 of the token 32 */
#include "daemon/tills.h"

#include "daemon/core.h"

static int till_row(const struct palier_tables *t, struct palier_bytes name, struct till_row *out)
{
	struct palier_key k = { .len = 0 };
	struct palier_bytes value;
	struct palier_cut cut;
	int err;

	palier_key_raw(&k, name.at, name.len);
	err = palier_get(t, T_TILL, &k, &value);
	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(value);
	out->role = (enum role)palier_cut_uint(&cut, 1);
	out->revoked = palier_cut_uint(&cut, 1) != 0;
	memcpy(out->token.b, palier_cut_raw(&cut, SHA256_LEN).at, SHA256_LEN);
	return cut.bad ? PALIER_ESTORE : PALIER_OK;
}

int till_find(struct palier_ctx *c, struct palier_bytes name, struct till_row *out)
{
	return till_row(core_tables(c), name, out);
}

bool till_is_reserved(struct palier_bytes name)
{
	return palier_is(name, TILL_OWN) || palier_is(name, TILL_OFFICE);
}

int till_by_token(struct palier_ctx *c, struct palier_bytes token, struct palier_bytes *name, struct till_row *out)
{
	static const struct palier_key all;
	struct palier_cursor *rows = palier_seek(core_tables(c), T_TILL, &all);
	struct palier_bytes key, value;
	struct palier_hash hash;
	int err;

	crypto_sha256(token, &hash);
	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		*name = key;
		err = till_find(c, key, out);
		if (err != PALIER_OK || (!out->revoked && crypto_equal(out->token.b, hash.b, SHA256_LEN)))
			return err;
	}
	return err;
}

static int till_put(struct palier_tables *t, struct palier_bytes name, const struct till_row *row)
{
	struct palier_key k = { .len = 0 };
	struct palier_value v = { .len = 0 };

	palier_key_raw(&k, name.at, name.len);
	palier_value_uint(&v, (uint64_t)row->role, 1);
	palier_value_uint(&v, row->revoked, 1);
	palier_value_raw(&v, row->token.b, SHA256_LEN);
	return palier_put(t, T_TILL, &k, palier_value_bytes(&v));
}

CORE_DECIDE(till_add_decide)
{
	const struct till_add *p = params;
	struct till_added body = { .set = { 0, 0 } };
	struct palier_hash hash;

	if (till_is_reserved(p->till))
		return palier_refuse(c, PALIER_EPARAMS, "till", "no till is called " TILL_OWN " or " TILL_OFFICE);
	if (!palier_unhex(p->token_sha256, hash.b, SHA256_LEN))
		return palier_refuse(c, PALIER_EPARAMS, "token_sha256",
			"64 hex digits are expected: the SHA-256 of the token");
	PALIER_SET(&body, till_added, till, p->till);
	PALIER_SET(&body, till_added, role, p->role);
	PALIER_SET(&body, till_added, token_sha256, p->token_sha256);
	return palier_effect_add(c, "till.added", &body);
}

CORE_APPLY(till_added_apply)
{
	const struct till_added *e = body;
	struct till_row row = { .role = (enum role)e->role };

	(void)ev;
	if (!palier_unhex(e->token_sha256, row.token.b, SHA256_LEN))
		return PALIER_EDAMAGED;
	return till_put(t, e->till, &row);
}

CORE_DECIDE(till_revoke_decide)
{
	const struct till_revoke *p = params;
	struct till_revoked body = { .set = { 0, 0 } };
	struct till_row row;
	int err = till_find(c, p->till, &row);

	if (err == PALIER_ENOENT)
		return palier_refuse(c, PALIER_EPARAMS, "till", "there is no till %.*s: till.list names them",
			PALIER_ARG(p->till));
	if (err != PALIER_OK)
		return err;
	PALIER_SET(&body, till_revoked, till, p->till);
	return palier_effect_add(c, "till.revoked", &body);
}

CORE_APPLY(till_revoked_apply)
{
	const struct till_revoked *e = body;
	struct till_row row;
	int err = till_row(t, e->till, &row);

	(void)ev;
	row.revoked = true;
	row.token = (struct palier_hash){ { 0 } };
	return err == PALIER_OK ? till_put(t, e->till, &row) : PALIER_ESTORE;
}

CORE_ANSWER(till_list_answer)
{
	static const struct palier_key all;
	struct palier_cursor *rows = palier_seek(core_tables(c), T_TILL, &all);
	struct palier_bytes key, value;
	int err;

	(void)params;
	palier_json_object(w);
	palier_json_key(w, "tills");
	palier_json_array(w);
	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		struct till_row row;

		err = till_find(c, key, &row);
		if (err != PALIER_OK)
			return err;
		palier_json_object(w);
		palier_json_key(w, "till");
		palier_json_string(w, key);
		palier_json_key(w, "role");
		palier_json_str(w, role_names[row.role]);
		palier_json_key(w, "revoked");
		palier_json_bool(w, row.revoked);
		palier_json_end_object(w);
	}
	palier_json_end_array(w);
	palier_json_end_object(w);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}
