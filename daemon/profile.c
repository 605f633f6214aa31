/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles: what is personal is kept sealed, and found by keyed hashes.
 *
 * profile  member id, field     -> sealed text: 'n' name, 'p' phone, 'e' e-mail, 'b' birthday; JSON: 't' tags;
 *                                  'k' the index entries below, each 'p', 'e' or 'n' and 16 bytes;
 *                                  consents 'E' e-mail, 'S' SMS, 'P' profiling: given u8, at i64 ms, wording's length u8, wording, channel
 * contact  'p' or 'e', keyed hash 16, member id -> nothing
 * name     keyed hash 16 of the first 3 characters of a word, member id -> nothing */
#include "daemon/core.h"
#include "daemon/names.h"

/* --- rows --- */

static int profile_get(const struct palier_tables *t, struct palier_id member, char field, struct palier_bytes *out)
{
	struct palier_key k = { .len = 0 };

	palier_key_id(&k, member);
	palier_key_raw(&k, &field, 1);
	return palier_get(t, T_PROFILE, &k, out);
}

static int profile_set(struct palier_tables *t, struct palier_id member, char field, bool remove, struct palier_bytes value)
{
	struct palier_key k = { .len = 0 };

	palier_key_id(&k, member);
	palier_key_raw(&k, &field, 1);
	return remove ? palier_del(t, T_PROFILE, &k) : palier_put(t, T_PROFILE, &k, value);
}

int profile_text(struct palier_ctx *c, struct palier_id member, char field, struct palier_bytes *out)
{
	struct palier_bytes sealed;
	int err = profile_get(core_tables(c), member, field, &sealed);

	*out = (struct palier_bytes){ NULL, 0 };
	if (err == PALIER_OK)
		err = keys_unseal(c->keys, sealed, c->arena, out);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* --- what conditions ask --- */

static int json_row(struct palier_ctx *c, struct palier_id member, char field, const struct palier_schema *s, void *out)
{
	struct palier_bytes text;
	struct palier_problem why = { .err = PALIER_OK };
	struct json_doc d = { .capacity = 0 };
	int err = profile_get(core_tables(c), member, field, &text);

	if (err != PALIER_OK)
		return err;
	d.capacity = (uint32_t)(text.len / 2 + 2);
	d.tokens = palier_alloc(c->arena, d.capacity * sizeof(*d.tokens));
	err = json_parse(&d, text, JSON_DEPTH_MAX);
	return err == PALIER_OK ? schema_decode(s, SCHEMA_LEDGER, &d, 0, c->arena, out, &why) : err;
}

const char *const consent_purpose_names[] = { "email", "sms", "profiling", NULL };
static const char consent_fields[CONSENT_PURPOSES] = { 'E', 'S', 'P' };

int profile_consent(const struct palier_ctx *c, struct palier_id member, enum consent_purpose purpose,
	struct consent_given *out)
{
	struct consent_given consent = { .set = { 0, 0 } };
	struct palier_bytes value, wording;
	struct palier_cut cut;
	int err = profile_get(core_tables(c), member, consent_fields[purpose], &value);

	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(value);
	PALIER_SET(&consent, consent_given, purpose, (int)purpose);
	PALIER_SET(&consent, consent_given, given, palier_cut_uint(&cut, 1) != 0);
	PALIER_SET(&consent, consent_given, at, palier_cut_i64(&cut));
	wording = palier_cut_raw(&cut, palier_cut_uint(&cut, 1));
	if (wording.len)
		PALIER_SET(&consent, consent_given, wording, wording);
	if (cut.left)
		PALIER_SET(&consent, consent_given, channel, palier_bytes_of(cut.at, cut.left));
	*out = consent;
	return cut.bad ? PALIER_ESTORE : PALIER_OK;
}

static int consent_apply(struct palier_tables *t, struct palier_id member, const struct consent_given *consent)
{
	struct palier_value v = { .len = 0 };

	palier_value_uint(&v, consent->given, 1);
	palier_value_i64(&v, consent->at);
	palier_value_uint(&v, consent->wording.len, 1);
	palier_value_raw(&v, consent->wording.at, consent->wording.len);
	palier_value_raw(&v, consent->channel.at, consent->channel.len);
	return v.bad ? PALIER_ESTORE
	             : profile_set(t, member, consent_fields[consent->purpose], false, palier_value_bytes(&v));
}

int member_consents(struct palier_ctx *c, struct palier_id member, struct consent *out)
{
	struct consent_given consent;
	bool given[CONSENT_PURPOSES] = { false };

	for (int purpose = 0; purpose < CONSENT_PURPOSES; purpose++) {
		int err = profile_consent(c, member, purpose, &consent);

		if (err != PALIER_OK && err != PALIER_ENOENT)
			return err;
		given[purpose] = err == PALIER_OK && consent.given;
	}
	*out = (struct consent){ .set = { 0, 0 } };
	PALIER_SET(out, consent, email, given[CONSENT_EMAIL]);
	PALIER_SET(out, consent, sms, given[CONSENT_SMS]);
	PALIER_SET(out, consent, profiling, given[CONSENT_PROFILING]);
	return PALIER_OK;
}

int member_tags(struct palier_ctx *c, struct palier_id member, struct palier_strings *out)
{
	struct member_profile profile;
	int err = json_row(c, member, 't', &member_profile_schema, &profile);

	*out = (struct palier_strings){ NULL, 0 };
	if (err == PALIER_OK)
		*out = profile.tags;
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* --- index entries: what finds a member, sealed in one text so that they go with the member's key --- */

struct index_entries {
	uint8_t b[(2 + NAME_WORDS) * 17];
	size_t len;
};

static void entry_add(struct palier_ctx *c, struct index_entries *x, char kind, struct palier_bytes text)
{
	x->b[x->len] = (uint8_t)kind;
	keys_hash(c->keys, kind, text, x->b + x->len + 1);
	x->len += 17;
}

struct palier_bytes profile_entries(struct palier_ctx *c, struct palier_bytes name, struct palier_bytes phone,
	struct palier_bytes email)
{
	struct index_entries x = { .len = 0 };
	struct name_words words;

	if (phone.len)
		entry_add(c, &x, 'p', phone);
	if (email.len)
		entry_add(c, &x, 'e', email);
	name_fold(name, c->arena, &words);
	for (unsigned i = 0; i < words.count; i++)
		entry_add(c, &x, 'n', name_index(words.at[i]));
	return ctx_seal(c, palier_bytes_of(x.b, x.len));
}

/* Write or remove the rows of entries. */
static int entries_put(struct palier_tables *t, struct palier_id member, struct palier_bytes plain, bool remove)
{
	int err = PALIER_OK;

	for (size_t at = 0; at + 17 <= plain.len && err == PALIER_OK; at += 17) {
		bool is_name = plain.at[at] == 'n';
		struct palier_key k = { .len = 0 };

		palier_key_raw(&k, plain.at + at + is_name, 17u - is_name);
		palier_key_id(&k, member);
		err = remove ? palier_del(t, is_name ? T_NAME : T_CONTACT, &k)
		             : palier_put(t, is_name ? T_NAME : T_CONTACT, &k, PALIER_LIT(""));
	}
	return err;
}

static int entries_remove(struct palier_tables *t, struct palier_id member)
{
	struct palier_bytes old;
	int err = profile_get(t, member, 'k', &old);

	if (err == PALIER_OK)
		err = entries_put(t, member, old, true);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* The entries are kept as they are, so that their rows are found again without the key. Those of a member whose key is erased read as
 * absent: the erasure follows, and removes them. */
static int entries_apply(struct palier_tables *t, struct palier_id member, struct palier_bytes sealed)
{
	struct palier_bytes plain;
	int err = entries_remove(t, member);

	if (err != PALIER_OK)
		return err;
	err = t->view->keys ? keys_unseal(t->view->keys, sealed, t->view->arena, &plain) : PALIER_ENOENT;
	if (err == PALIER_ENOENT)
		return profile_set(t, member, 'k', true, sealed);
	if (err == PALIER_OK)
		err = entries_put(t, member, plain, false);
	return err == PALIER_OK ? profile_set(t, member, 'k', false, plain) : err;
}

/* --- apply --- */

static int json_apply(struct palier_tables *t, struct palier_id member, char field, const struct palier_schema *s,
	const void *message)
{
	struct palier_buffer text = { 0 };
	struct palier_json w = palier_json_to(&text);
	int err;

	schema_encode(s, SCHEMA_LEDGER, message, &w);
	err = profile_set(t, member, field, false, palier_buffer_bytes(&text));
	palier_buffer_deinit(&text);
	return err;
}

static int language_apply(struct palier_tables *t, const struct member_profile *e)
{
	struct member_row row;
	int err = member_row(t, e->member, &row);

	if (err != PALIER_OK)
		return PALIER_ESTORE;
	row.language = e->language;
	return member_put(t, e->member, &row);
}

CORE_APPLY(member_profile_apply)
{
	const struct member_profile *e = body;
	const struct {
		char field;
		bool has, null;
		struct palier_bytes value;
	} sealed[] = {
		{ 'n', PALIER_HAS(e, member_profile, name), PALIER_NULL(e, member_profile, name), e->name },
		{ 'p', PALIER_HAS(e, member_profile, phone), PALIER_NULL(e, member_profile, phone), e->phone },
		{ 'e', PALIER_HAS(e, member_profile, email), PALIER_NULL(e, member_profile, email), e->email },
		{ 'b', PALIER_HAS(e, member_profile, birthday), PALIER_NULL(e, member_profile, birthday), e->birthday },
	};
	int err = member_seen(t, ev, e->member);

	if (err == PALIER_OK)
		err = person_changed(t, ev, e->member);
	for (unsigned i = 0; i < sizeof(sealed) / sizeof(sealed[0]) && err == PALIER_OK; i++)
		if (sealed[i].has)
			err = profile_set(t, e->member, sealed[i].field, sealed[i].null, sealed[i].value);
	if (err == PALIER_OK && PALIER_HAS(e, member_profile, language))
		err = language_apply(t, e);
	for (uint32_t i = 0; i < e->consents.count && err == PALIER_OK; i++)
		err = consent_apply(t, e->member, &e->consents.at[i]);
	if (err == PALIER_OK && PALIER_HAS(e, member_profile, tags)) {
		struct member_profile tags = { .set = { 0, 0 }, .member = e->member };

		PALIER_MARK(&tags, member_profile, member);
		PALIER_SET(&tags, member_profile, tags, e->tags);
		err = json_apply(t, e->member, 't', &member_profile_schema, &tags);
	}
	return err == PALIER_OK && PALIER_HAS(e, member_profile, keys) ? entries_apply(t, e->member, e->keys) : err;
}

int profile_forget(struct palier_tables *t, struct palier_id member)
{
	struct palier_key prefix = { .len = 0 };
	struct palier_bytes key, value;
	struct palier_cursor *rows;
	int err = entries_remove(t, member);

	palier_key_id(&prefix, member);
	rows = palier_seek(t, T_PROFILE, &prefix);
	while (err == PALIER_OK && (err = palier_next(rows, &key, &value)) == PALIER_OK)
		err = profile_set(t, member, key.at[PALIER_ID_LEN], true, value);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* --- two members become one --- */

/* What `into` lacks and `from` has. Contacts need no check: whoever else had the same was refused, or shares it. */
static int gap_fill(struct palier_ctx *c, struct palier_id from, struct palier_id into, char field,
	struct palier_bytes *text, bool *filled)
{
	int err = profile_text(c, into, field, text);

	*filled = false;
	if (err != PALIER_OK || text->len)
		return err;
	err = profile_text(c, from, field, text);
	*filled = text->len > 0;
	return err;
}

#define GAP_FILL(err, c, from, into, body, field, letter, text) \
	do { \
		bool gap_filled = false; \
		if ((err) == PALIER_OK) \
			(err) = gap_fill(c, from, into, letter, text, &gap_filled); \
		if (gap_filled) \
			PALIER_SET(body, member_profile, field, ctx_seal(c, *(text))); \
	} while (0)

static int consents_take(struct palier_ctx *c, struct palier_id from, struct palier_id into, struct member_profile *body)
{
	body->consents.at = palier_alloc(c->arena, CONSENT_PURPOSES * sizeof(*body->consents.at));
	for (int purpose = 0; purpose < CONSENT_PURPOSES; purpose++) {
		struct consent_given own;
		int err = profile_consent(c, into, purpose, &own);

		if (err == PALIER_ENOENT)
			err = profile_consent(c, from, purpose, &body->consents.at[body->consents.count]);
		else if (err == PALIER_OK)
			continue;
		if (err == PALIER_OK)
			body->consents.count++;
		else if (err != PALIER_ENOENT)
			return err;
	}
	if (body->consents.count)
		PALIER_MARK(body, member_profile, consents);
	return PALIER_OK;
}

static int marks_take(struct palier_ctx *c, struct palier_id from, struct palier_id into, struct member_profile *body)
{
	struct member_row a, b;
	struct palier_strings tags;
	int err = member_tags(c, into, &tags);

	if (err == PALIER_OK && tags.count == 0) {
		err = member_tags(c, from, &tags);
		if (err == PALIER_OK && tags.count)
			PALIER_SET(body, member_profile, tags, tags);
	}
	if (err == PALIER_OK)
		err = member_row(core_tables(c), from, &a);
	if (err == PALIER_OK)
		err = member_row(core_tables(c), into, &b);
	if (err == PALIER_OK && a.language.len && !b.language.len)
		PALIER_SET(body, member_profile, language, a.language);
	return err;
}

int profile_fill_from(struct palier_ctx *c, struct palier_id from, struct palier_id into)
{
	struct member_profile body = { .set = { 0, 0 } };
	struct palier_bytes name = { NULL, 0 }, phone = name, email = name, birthday = name;
	int err = consents_take(c, from, into, &body);

	if (err == PALIER_OK)
		err = marks_take(c, from, into, &body);
	GAP_FILL(err, c, from, into, &body, name, 'n', &name);
	GAP_FILL(err, c, from, into, &body, phone, 'p', &phone);
	GAP_FILL(err, c, from, into, &body, email, 'e', &email);
	GAP_FILL(err, c, from, into, &body, birthday, 'b', &birthday);
	if (err != PALIER_OK)
		return err;
	PALIER_SET(&body, member_profile, member, into);
	PALIER_SET(&body, member_profile, keys, profile_entries(c, name, phone, email));
	return palier_effect_add(c, "member.profile", &body);
}
