/* SPDX-License-Identifier: Apache-2.0 */
/* Members: enrolled, updated, found, shown. What is personal is kept sealed, and found by keyed hashes.
 *
 * member   member id            -> slot u32, since u32 (yyyymmdd), last contact u32, seq of the enrolment u64, flags u8,
 *                                  member id merged into, language
 * profile  member id, field     -> sealed text: 'n' name, 'p' phone, 'e' e-mail, 'b' birthday; JSON: 't' tags;
 *                                  'k' the index entries below, each 'p', 'e' or 'n' and 16 bytes;
 *                                  consents 'E' e-mail, 'S' SMS, 'P' profiling: given u8, at i64 ms, wording's length u8, wording, channel
 * contact  'p' or 'e', keyed hash 16, member id -> nothing
 * name     keyed hash 16 of the first 3 characters of a word, member id -> nothing */
#include "daemon/core.h"
#include "daemon/names.h"

/* --- rows --- */

int member_row(const struct palier_tables *t, struct palier_id member, struct member_row *out)
{
	struct palier_key k = { .len = 0 };
	struct palier_bytes value;
	struct palier_cut cut;
	int err;

	palier_key_id(&k, member);
	err = palier_get(t, T_MEMBER, &k, &value);
	if (err != PALIER_OK)
		return err;
	cut = palier_cut_of(value);
	out->slot = (uint32_t)palier_cut_uint(&cut, 4);
	out->since = (uint32_t)palier_cut_uint(&cut, 4);
	out->seen = (uint32_t)palier_cut_uint(&cut, 4);
	out->seq = palier_cut_uint(&cut, 8);
	out->flags = (uint8_t)palier_cut_uint(&cut, 1);
	out->into = palier_cut_id(&cut);
	out->language = palier_bytes_of(cut.at, cut.left);
	return cut.bad ? PALIER_ESTORE : PALIER_OK;
}

int member_put(struct palier_tables *t, struct palier_id member, const struct member_row *row)
{
	struct palier_key k = { .len = 0 };
	struct palier_value v = { .len = 0 };

	palier_key_id(&k, member);
	palier_value_uint(&v, row->slot, 4);
	palier_value_uint(&v, row->since, 4);
	palier_value_uint(&v, row->seen, 4);
	palier_value_uint(&v, row->seq, 8);
	palier_value_uint(&v, row->flags, 1);
	palier_value_raw(&v, row->into.b, PALIER_ID_LEN);
	palier_value_raw(&v, row->language.at, row->language.len);
	return palier_put(t, T_MEMBER, &k, palier_value_bytes(&v));
}

int member_follow(const struct palier_tables *t, struct palier_id *member, struct member_row *out)
{
	int err = member_row(t, *member, out);

	/* One step: who is merged into one that is merged leads to that one's. */
	if (err == PALIER_OK && (out->flags & MEMBER_MERGED)) {
		*member = out->into;
		err = member_row(t, *member, out);
	}
	return err;
}

int palier_member_now(struct palier_ctx *c, struct palier_id member, struct palier_id *out)
{
	struct member_row row;
	int err = member_follow(core_tables(c), &member, &row);

	if (err == PALIER_OK && (row.flags & MEMBER_ERASED))
		err = PALIER_EMEMBER_ERASED;
	if (err == PALIER_OK)
		*out = member;
	return err;
}

int palier_member_next(struct palier_ctx *c, struct palier_id *member)
{
	struct palier_key after = { .len = 0 };
	struct palier_bytes key, value;
	int err;

	palier_key_id(&after, *member);
	err = palier_next(palier_seek_after(core_tables(c), T_MEMBER, &after), &key, &value);
	if (err == PALIER_OK)
		memcpy(member->b, key.at, PALIER_ID_LEN);
	return err;
}

int member_need(struct palier_ctx *c, struct palier_id *member, struct member_row *out)
{
	struct member_row row;
	int err = member_follow(core_tables(c), member, &row);

	if (err == PALIER_ENOENT)
		return palier_refuse(c, PALIER_EMEMBER_UNKNOWN, "member", "there is no such member");
	if (err == PALIER_OK && (row.flags & MEMBER_ERASED))
		return palier_refuse(c, PALIER_EMEMBER_ERASED, "member",
			"this member was erased: enrol the customer anew, the card may be kept");
	if (err == PALIER_OK)
		*out = row;
	return err;
}

int member_seen(struct palier_tables *t, const struct palier_event *ev, struct palier_id member)
{
	struct member_row row;
	int err = member_row(t, member, &row);

	if (err != PALIER_OK || ev->day <= row.seen)
		return err == PALIER_ENOENT ? PALIER_ESTORE : err;
	row.seen = ev->day;
	return member_put(t, member, &row);
}

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
	struct palier_problem why;
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

static struct palier_bytes entries_seal(struct palier_ctx *c, struct palier_bytes name, struct palier_bytes phone,
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

CORE_APPLY(member_enrolled_apply)
{
	const struct member_enrolled *e = body;
	struct member_row row = { .slot = (uint32_t)e->slot, .since = e->since, .seen = ev->day, .seq = ev->seq };
	int err;

	row.flags = e->provisional ? MEMBER_PROVISIONAL : 0;
	err = member_put(t, e->member, &row);

	if (err == PALIER_OK)
		err = core_counter_set(t, "members", core_counter(t, "members") + 1);
	if (err == PALIER_OK && e->slot > core_counter(t, "slot"))
		err = core_counter_set(t, "slot", e->slot);
	return err;
}

CORE_APPLY(member_completed_apply)
{
	const struct member_completed *e = body;
	struct member_row row;

	if (member_row(t, e->member, &row) != PALIER_OK)
		return PALIER_ESTORE;
	row.flags &= (uint8_t)~MEMBER_PROVISIONAL;
	row.since = e->since;
	row.seq = ev->seq;
	return member_put(t, e->member, &row);
}

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

/* --- decide: the profile's fields, checked and sealed --- */

/* What enrol and update have in common. An absent field stays as it is, a null one goes. */
struct profile_given {
	struct {
		bool has, null;
		struct palier_bytes text;
	} name, phone, email;
	bool has_birthday, null_birthday;
	uint32_t birthday;
};

static int contact_taken(struct palier_ctx *c, struct palier_id self, const char *field, char kind, struct palier_bytes text)
{
	struct palier_key prefix = { .len = 0 };
	struct palier_bytes key, value, name;
	struct palier_cut cut;
	struct palier_id other;
	struct palier_json w;
	uint8_t hash[16];
	int err;

	if (c->config->store.shared_phone)
		return PALIER_OK;
	keys_hash(c->keys, kind, text, hash);
	palier_key_raw(&prefix, &kind, 1);
	palier_key_raw(&prefix, hash, sizeof(hash));
	err = palier_next(palier_seek(core_tables(c), T_CONTACT, &prefix), &key, &value);
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	cut = palier_cut_of(palier_bytes_of(key.at + 17, key.len - 17));
	other = palier_cut_id(&cut);
	if (palier_id_equal(other, self))
		return PALIER_OK;
	err = profile_text(c, other, 'n', &name);
	if (err != PALIER_OK)
		return err;
	w = ctx_extra(c);
	palier_json_key(&w, "member");
	palier_json_id(&w, other);
	palier_json_key(&w, "name");
	palier_json_string(&w, name_mask(name, c->arena));
	return palier_refuse(c, PALIER_EMEMBER_EXISTS, field, "a member with this %s exists already", field);
}

/* Put phone and e-mail into the form in which they are compared, and see that nobody else has them. */
static int contacts_check(struct palier_ctx *c, struct palier_id self, struct profile_given *p)
{
	char phone[PHONE_MAX + 1], email[EMAIL_MAX + 1];
	int err = PALIER_OK;

	if (p->phone.has && !p->phone.null) {
		if (phone_normalize(p->phone.text, c->config->store.country, phone) != PALIER_OK)
			return palier_refuse(c, PALIER_EPARAMS, "phone",
				"this is no phone number; one of another country begins with +");
		p->phone.text = palier_copy(c->arena, palier_str(phone));
		err = contact_taken(c, self, "phone", 'p', p->phone.text);
	}
	if (err == PALIER_OK && p->email.has && !p->email.null) {
		if (email_normalize(p->email.text, email) != PALIER_OK)
			return palier_refuse(c, PALIER_EPARAMS, "email", "this is no e-mail address");
		p->email.text = palier_copy(c->arena, palier_str(email));
		err = contact_taken(c, self, "email", 'e', p->email.text);
	}
	return err;
}

#define ADULT_CONSENT 15 /* rules.md "Privacy": under 15 no consent without a parent */

static int consent_check(struct palier_ctx *c, uint32_t birthday, const struct consent *consent)
{
	uint32_t today = palier_today(c);

	if (birthday && birthday > today)
		return palier_refuse(c, PALIER_EPARAMS, "birthday", "this day is still to come");
	if (birthday && birthday + ADULT_CONSENT * 10000 > today && (consent->email || consent->sms || consent->profiling))
		return palier_refuse(c, PALIER_EPARAMS, "consent", "under %d, a parent must consent: enrol without",
			ADULT_CONSENT);
	return PALIER_OK;
}

/* One wording, channel and moment for all that a command names. */
static int consents_fill(struct palier_ctx *c, const struct consent *given, struct member_profile *body)
{
	const struct {
		bool has, given;
	} purposes[CONSENT_PURPOSES] = {
		[CONSENT_EMAIL] = { PALIER_HAS(given, consent, email), given->email },
		[CONSENT_SMS] = { PALIER_HAS(given, consent, sms), given->sms },
		[CONSENT_PROFILING] = { PALIER_HAS(given, consent, profiling), given->profiling },
	};

	body->consents.at = palier_alloc(c->arena, sizeof(purposes) / sizeof(*purposes) * sizeof(*body->consents.at));
	for (int purpose = 0; purpose < CONSENT_PURPOSES; purpose++) {
		struct consent_given *row = &body->consents.at[body->consents.count];

		if (!purposes[purpose].has)
			continue;
		memset(row, 0, sizeof(*row));
		PALIER_SET(row, consent_given, purpose, purpose);
		PALIER_SET(row, consent_given, given, purposes[purpose].given);
		if (given->wording.len)
			PALIER_SET(row, consent_given, wording, given->wording);
		if (given->channel.len)
			PALIER_SET(row, consent_given, channel, given->channel);
		PALIER_SET(row, consent_given, at, c->ev.at_ms);
		body->consents.count++;
	}
	if (body->consents.count == 0 && given->set.has)
		return palier_refuse(c, PALIER_EPARAMS, "consent", "say what is agreed to: email, sms or profiling");
	if (body->consents.count)
		PALIER_MARK(body, member_profile, consents);
	return PALIER_OK;
}

static int tags_check(struct palier_ctx *c, const struct palier_strings *tags)
{
	for (uint32_t i = 0; i < tags->count; i++)
		if (tags->at[i].len == 0 || tags->at[i].len > 64)
			return palier_refuse(c, PALIER_EPARAMS, "tags", "a tag has 1 to 64 characters");
	return PALIER_OK;
}

static int language_check(struct palier_ctx *c, struct palier_bytes language)
{
	for (size_t i = 0; i < language.len; i++)
		if (language.at[i] < 'a' || language.at[i] > 'z')
			return palier_refuse(c, PALIER_EPARAMS, "language",
				"two lower-case letters are expected: fr, en, ...");
	return PALIER_OK;
}

static struct palier_bytes day_text(struct palier_ctx *c, uint32_t day)
{
	char text[11];

	day_format(day, text);
	return palier_copy(c->arena, palier_str(text));
}

#define SEAL_INTO(c, body, field, given) \
	do { \
		if ((given).has) \
			PALIER_SET(body, member_profile, field, \
				(given).null ? (struct palier_bytes){ NULL, 0 } : ctx_seal(c, (given).text)); \
		if ((given).has && (given).null) \
			(body)->set.null |= UINT64_C(1) << member_profile_bit_##field; \
	} while (0)

static void profile_fill(struct palier_ctx *c, const struct profile_given *p, struct member_profile *body)
{
	SEAL_INTO(c, body, name, p->name);
	SEAL_INTO(c, body, phone, p->phone);
	SEAL_INTO(c, body, email, p->email);
	if (p->has_birthday)
		PALIER_SET(body, member_profile, birthday,
			p->null_birthday ? (struct palier_bytes){ NULL, 0 } : ctx_seal(c, day_text(c, p->birthday)));
	if (p->null_birthday)
		body->set.null |= UINT64_C(1) << member_profile_bit_birthday;
}

static struct palier_id id_draw(struct palier_ctx *c)
{
	struct member_row row;
	struct palier_id id;

	do
		palier_random(c, id.b, sizeof(id.b));
	while (member_row(core_tables(c), id, &row) == PALIER_OK);
	return id;
}

/* The key is drawn last, when nothing can be refused any more for what was asked. Training draws none. */
static int enrolled_add(struct palier_ctx *c, struct palier_id member, bool provisional)
{
	struct member_enrolled body = { .set = { 0, 0 } };
	uint32_t slot = c->dry ? 0 : (uint32_t)core_counter(core_tables(c), "slot") + 1;

	if (!c->dry && keys_draw(c->keys, slot) != PALIER_OK)
		return palier_refuse(c, PALIER_ESTORAGE_FULL, NULL, "the key file cannot be written; nothing was booked");
	ctx_member(c, member, slot);
	PALIER_SET(&body, member_enrolled, member, member);
	PALIER_SET(&body, member_enrolled, slot, slot);
	PALIER_SET(&body, member_enrolled, since, palier_today(c));
	if (provisional)
		PALIER_SET(&body, member_enrolled, provisional, true);
	return palier_effect_add(c, "member.enrolled", &body);
}

int member_provisional(struct palier_ctx *c, const struct card_number *number)
{
	struct palier_id member = id_draw(c);
	int err = enrolled_add(c, member, true);

	return err == PALIER_OK ? card_give(c, member, c->slot, number) : err;
}

static int completed_add(struct palier_ctx *c, struct palier_id member, uint32_t slot)
{
	struct member_completed body = { .set = { 0, 0 } };

	ctx_member(c, member, slot);
	PALIER_SET(&body, member_completed, member, member);
	PALIER_SET(&body, member_completed, since, palier_today(c));
	return palier_effect_add(c, "member.completed", &body);
}

#define GIVEN(p, message, field) \
	{ \
		PALIER_HAS(p, message, field), PALIER_NULL(p, message, field), (p)->field \
	}

static int enroll_check(struct palier_ctx *c, const struct member_enroll *p, struct palier_id self,
	struct profile_given *given)
{
	int err = PALIER_OK;

	if (PALIER_HAS(p, member_enroll, referral))
		err = palier_refuse(c, PALIER_ECODE_UNKNOWN, "referral", "this shop knows no such code");
	if (err == PALIER_OK)
		err = contacts_check(c, self, given);
	if (err == PALIER_OK)
		err = consent_check(c, p->birthday, &p->consent);
	if (err == PALIER_OK)
		err = language_check(c, p->language);
	return err == PALIER_OK ? tags_check(c, &p->tags) : err;
}

/* The card's number. @param row,member of a card that is in use: only a provisional member's is not refused */
static int enroll_card(struct palier_ctx *c, const struct member_enroll *p, struct card_number *number, struct card_row *row,
	struct member_row *member)
{
	struct palier_hash16 key;
	int err;

	if (!PALIER_HAS(p, member_enroll, card))
		return card_draw(c, number);
	err = card_read(c, "card", p->card, number);
	if (err == PALIER_OK)
		err = card_find(c, number, row, &key);
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	if (member_row(core_tables(c), row->member, member) != PALIER_OK)
		return PALIER_ESTORE;
	if ((member->flags & MEMBER_PROVISIONAL) && !(member->flags & MEMBER_ERASED) && !row->blocked)
		return PALIER_OK;
	err = card_free(c, row);
	/* Whoever had it is nobody: it is as good as unknown. */
	*row = (struct card_row){ .blocked = false };
	*member = (struct member_row){ .flags = 0 };
	return err;
}

CORE_DECIDE(member_enroll_decide)
{
	const struct member_enroll *p = params;
	struct profile_given given = {
		GIVEN(p, member_enroll, name),
		GIVEN(p, member_enroll, phone),
		GIVEN(p, member_enroll, email),
		PALIER_HAS(p, member_enroll, birthday),
		false,
		p->birthday,
	};
	struct member_profile body = { .set = { 0, 0 } };
	struct member_row known = { .flags = 0 };
	struct card_row card = { .blocked = false };
	struct card_number number;
	struct palier_id member;
	int err = enroll_card(c, p, &number, &card, &known);

	if (err == PALIER_OK)
		err = enroll_check(c, p, card.member, &given);
	if (err == PALIER_OK)
		err = consents_fill(c, &p->consent, &body);
	if (err != PALIER_OK)
		return err;
	member = known.flags & MEMBER_PROVISIONAL ? card.member : id_draw(c);
	err = known.flags & MEMBER_PROVISIONAL ? completed_add(c, member, known.slot) : enrolled_add(c, member, false);
	if (err != PALIER_OK)
		return err;
	PALIER_SET(&body, member_profile, member, member);
	profile_fill(c, &given, &body);
	if (PALIER_HAS(p, member_enroll, language))
		PALIER_SET(&body, member_profile, language, p->language);
	if (PALIER_HAS(p, member_enroll, tags))
		PALIER_SET(&body, member_profile, tags, p->tags);
	PALIER_SET(&body, member_profile, keys, entries_seal(c, given.name.text, given.phone.text, given.email.text));
	err = palier_effect_add(c, "member.profile", &body);
	if (err == PALIER_OK && !(known.flags & MEMBER_PROVISIONAL))
		err = card_give(c, member, c->slot, &number);
	if (err == PALIER_OK)
		CTX_EACH(c, err, on_enroll, c, member, p);
	return err;
}

/* The index entries are those of the profile as it will be. */
static int kept_text(struct palier_ctx *c, struct palier_id member, char field, bool has, struct palier_bytes given,
	struct palier_bytes *out)
{
	*out = given;
	return has ? PALIER_OK : profile_text(c, member, field, out);
}

static int update_entries(struct palier_ctx *c, struct palier_id member, const struct profile_given *given,
	struct palier_bytes *out)
{
	struct palier_bytes name, phone, email;
	int err = kept_text(c, member, 'n', given->name.has, given->name.text, &name);

	if (err == PALIER_OK)
		err = kept_text(c, member, 'p', given->phone.has, given->phone.text, &phone);
	if (err == PALIER_OK)
		err = kept_text(c, member, 'e', given->email.has, given->email.text, &email);
	if (err == PALIER_OK)
		*out = entries_seal(c, name, phone, email);
	return err;
}

/* A consent names what changes; the rest of it stays as it was. */
static int consent_merge(struct palier_ctx *c, struct palier_id member, const struct consent *given, struct consent *out)
{
	int err = member_consents(c, member, out);

	if (err != PALIER_OK)
		return err;
	if (PALIER_HAS(given, consent, email))
		out->email = given->email;
	if (PALIER_HAS(given, consent, sms))
		out->sms = given->sms;
	if (PALIER_HAS(given, consent, profiling))
		out->profiling = given->profiling;
	return PALIER_OK;
}

static int birthday_now(struct palier_ctx *c, const struct member_update *p, struct palier_id member, uint32_t *out)
{
	struct palier_bytes text;
	int err;

	*out = p->birthday;
	if (PALIER_HAS(p, member_update, birthday))
		return PALIER_OK;
	err = profile_text(c, member, 'b', &text);
	if (err == PALIER_OK && !day_parse(text, out))
		*out = 0;
	return err;
}

static int update_check(struct palier_ctx *c, const struct member_update *p, struct palier_id member,
	struct profile_given *given)
{
	struct consent consent;
	uint32_t birthday;
	int err = contacts_check(c, member, given);

	if (err == PALIER_OK)
		err = consent_merge(c, member, &p->consent, &consent);
	if (err == PALIER_OK)
		err = birthday_now(c, p, member, &birthday);
	if (err == PALIER_OK)
		err = consent_check(c, birthday, &consent);
	if (err == PALIER_OK)
		err = language_check(c, p->language);
	return err == PALIER_OK ? tags_check(c, &p->tags) : err;
}

CORE_DECIDE(member_update_decide)
{
	const struct member_update *p = params;
	struct profile_given given = {
		GIVEN(p, member_update, name),
		GIVEN(p, member_update, phone),
		GIVEN(p, member_update, email),
		PALIER_HAS(p, member_update, birthday),
		PALIER_NULL(p, member_update, birthday),
		p->birthday,
	};
	struct member_profile body = { .set = { 0, 0 } };
	struct palier_id member = p->member;
	struct palier_bytes entries;
	struct member_row row;
	int err = member_need(c, &member, &row);

	if (err == PALIER_OK)
		err = update_check(c, p, member, &given);
	if (err == PALIER_OK)
		err = consents_fill(c, &p->consent, &body);
	if (err != PALIER_OK)
		return err;
	ctx_member(c, member, row.slot);
	err = update_entries(c, member, &given, &entries);
	if (err != PALIER_OK)
		return err;
	PALIER_SET(&body, member_profile, member, member);
	profile_fill(c, &given, &body);
	if (PALIER_HAS(p, member_update, language))
		PALIER_SET(&body, member_profile, language, p->language);
	if (PALIER_HAS(p, member_update, tags))
		PALIER_SET(&body, member_profile, tags, p->tags);
	PALIER_SET(&body, member_profile, keys, entries);
	return palier_effect_add(c, "member.profile", &body);
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
	PALIER_SET(&body, member_profile, keys, entries_seal(c, name, phone, email));
	return palier_effect_add(c, "member.profile", &body);
}

/* --- answers --- */

#define FIND_MAX  20
#define FIND_SCAN 2000 /* candidates looked at: a bound on what one question may cost */

/* The word that narrows the search most. */
static struct palier_bytes longest(const struct name_words *words)
{
	struct palier_bytes best = words->at[0];

	for (unsigned i = 1; i < words->count; i++)
		if (words->at[i].len > best.len)
			best = words->at[i];
	return best;
}

static int hit_write(struct palier_ctx *c, struct palier_id member, const struct name_words *query, struct palier_json *w,
	unsigned *hits)
{
	struct palier_bytes name;
	struct name_words words;
	int err = profile_text(c, member, 'n', &name);

	if (err != PALIER_OK)
		return err;
	name_fold(name, c->arena, &words);
	if (!name_matches(&words, query))
		return PALIER_OK;
	palier_json_object(w);
	palier_json_key(w, "member");
	palier_json_id(w, member);
	palier_json_key(w, "name");
	palier_json_string(w, c->speaker.role >= ROLE_SUPERVISOR ? name : name_mask(name, c->arena));
	palier_json_end_object(w);
	(*hits)++;
	return PALIER_OK;
}

CORE_ANSWER(member_find_answer)
{
	const struct member_find *p = params;
	struct palier_key prefix = { .len = 0 };
	struct palier_bytes key, value;
	struct palier_cursor *rows;
	struct name_words query;
	uint8_t hash[16];
	unsigned hits = 0;
	int err = PALIER_OK;

	name_fold(p->query, c->arena, &query);
	if (query.count == 0 || longest(&query).len < NAME_INDEX)
		return palier_refuse(c, PALIER_EPARAMS, "query", "at least %d letters of one name are needed", NAME_INDEX);
	keys_hash(c->keys, 'n', name_index(longest(&query)), hash);
	palier_key_raw(&prefix, hash, sizeof(hash));
	rows = palier_seek(core_tables(c), T_NAME, &prefix);
	palier_json_object(w);
	palier_json_key(w, "members");
	palier_json_array(w);
	for (int scanned = 0; scanned < FIND_SCAN && hits < FIND_MAX && err == PALIER_OK; scanned++) {
		err = palier_next(rows, &key, &value);
		if (err == PALIER_OK) {
			struct palier_cut cut = palier_cut_of(palier_bytes_of(key.at + 16, key.len - 16));

			err = hit_write(c, palier_cut_id(&cut), &query, w, &hits);
		}
	}
	palier_json_end_array(w);
	palier_json_end_object(w);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int card_write(struct palier_ctx *c, struct palier_id member, const struct card_row *card, struct palier_json *w)
{
	struct palier_bytes number;
	struct card_row newest;
	int err;

	if (!card) {
		err = card_newest(c, member, &newest);
		if (err != PALIER_OK)
			return err == PALIER_ENOENT ? PALIER_OK : err;
		card = &newest;
	}
	err = card_text(c, card, &number);
	if (err != PALIER_OK)
		return err;
	palier_json_key(w, "card");
	palier_json_object(w);
	if (number.len) {
		palier_json_key(w, "number");
		palier_json_string(w, number);
	}
	palier_json_key(w, "status");
	palier_json_str(w, card->blocked ? "blocked" : "active");
	palier_json_end_object(w);
	return PALIER_OK;
}

static int stats_write(struct palier_ctx *c, struct palier_id member, struct palier_json *w)
{
	struct palier_facts facts;
	int err = palier_facts(c, member, &facts);

	if (err != PALIER_OK)
		return err;
	palier_json_key(w, "stats");
	palier_json_object(w);
	palier_json_key(w, "purchases");
	palier_json_int(w, facts.purchases);
	palier_json_key(w, "spend");
	palier_json_int(w, facts.spend);
	if (facts.purchases) {
		palier_json_key(w, "last_purchase");
		palier_json_time(w, facts.last_purchase_ms);
	}
	palier_json_end_object(w);
	return PALIER_OK;
}

int member_view_write(struct palier_ctx *c, struct palier_id member, const struct card_row *card, struct palier_json *w)
{
	struct member_row row;
	struct palier_bytes name;
	int err = member_follow(core_tables(c), &member, &row);

	if (err == PALIER_OK)
		err = profile_text(c, member, 'n', &name);
	if (err != PALIER_OK)
		return err;
	palier_json_key(w, "member");
	palier_json_id(w, member);
	err = card_write(c, member, card, w);
	if (err != PALIER_OK)
		return err;
	if (name.len) {
		palier_json_key(w, "name");
		palier_json_string(w, name);
	}
	palier_json_key(w, "language");
	palier_json_string(w, row.language.len ? row.language : palier_str(c->config->store.language));
	palier_json_key(w, "since");
	palier_json_day(w, row.since);
	if (row.flags & MEMBER_FROZEN) {
		palier_json_key(w, "frozen");
		palier_json_bool(w, true);
	}
	if (row.flags & MEMBER_PROVISIONAL) {
		palier_json_key(w, "provisional");
		palier_json_bool(w, true);
	}
	CTX_EACH(c, err, on_lookup, c, member, w);
	if (err == PALIER_OK)
		err = stats_write(c, member, w);
	schema_fill(&member_view_schema, w);
	return err;
}

CORE_REPLY(member_view_reply)
{
	struct member_row row;
	struct card_row card;
	struct palier_id member = ev->member;
	bool known;
	int err = card_of_event(c, ev, &card);

	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	known = err == PALIER_OK;
	err = member_follow(core_tables(c), &member, &row);
	/* Sent again later, the card may be another's: one that an erased member left behind. */
	known = known && palier_id_equal(card.member, member) && !(row.flags & MEMBER_ERASED);
	return err == PALIER_OK ? member_view_write(c, member, known ? &card : NULL, w) : err;
}
