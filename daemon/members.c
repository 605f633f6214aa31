/* SPDX-License-Identifier: Apache-2.0 */
/* Members: enrolled, updated, found, shown. What is personal is kept sealed, and found by keyed hashes.
 *
 * member   member id            -> slot u32, since u32 (yyyymmdd), seq of the enrolment u64, flags u8, member id merged into, language
 * profile  member id, field     -> sealed text: 'n' name, 'p' phone, 'e' e-mail, 'b' birthday, 'k' the index entries below;
 *                                  JSON: 'c' consent, 't' tags
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
	palier_value_uint(&v, row->seq, 8);
	palier_value_uint(&v, row->flags, 1);
	palier_value_raw(&v, row->into.b, PALIER_ID_LEN);
	palier_value_raw(&v, row->language.at, row->language.len);
	return palier_put(t, T_MEMBER, &k, palier_value_bytes(&v));
}

int palier_member_now(struct palier_ctx *c, struct palier_id member, struct palier_id *out)
{
	struct member_row row;
	int err = member_row(core_tables(c), member, &row);

	for (; err == PALIER_OK && (row.flags & MEMBER_MERGED); err = member_row(core_tables(c), member, &row))
		member = row.into;
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

int member_need(struct palier_ctx *c, struct palier_id member, struct member_row *out)
{
	int err = member_row(core_tables(c), member, out);

	if (err != PALIER_ENOENT)
		return err;
	palier_refuse(c, PALIER_EMEMBER_UNKNOWN, "member", "there is no such member");
	return PALIER_EMEMBER_UNKNOWN;
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

/* A sealed field's text; empty when there is none, or when its key is erased. */
static int profile_text(struct palier_ctx *c, struct palier_id member, char field, struct palier_bytes *out)
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

int member_consents(struct palier_ctx *c, struct palier_id member, struct consent *out)
{
	int err = json_row(c, member, 'c', &consent_schema, out);

	if (err == PALIER_ENOENT)
		*out = (struct consent){ .set = { 0, 0 } };
	return err == PALIER_ENOENT ? PALIER_OK : err;
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

/* Write or remove the rows of sealed entries. Those of an erased member read as absent: their rows are gone with the erasure. */
static int entries_apply(struct palier_tables *t, struct palier_id member, struct palier_bytes sealed, bool remove)
{
	struct palier_bytes plain;
	int err = t->view->keys ? keys_unseal(t->view->keys, sealed, t->view->arena, &plain) : PALIER_ENOENT;

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
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

/* --- apply --- */

CORE_APPLY(member_enrolled_apply)
{
	const struct member_enrolled *e = body;
	struct member_row row = { .slot = (uint32_t)e->slot, .since = e->since, .seq = ev->seq };
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
	struct palier_bytes old;
	int err = PALIER_OK;

	(void)ev;
	for (unsigned i = 0; i < sizeof(sealed) / sizeof(sealed[0]) && err == PALIER_OK; i++)
		if (sealed[i].has)
			err = profile_set(t, e->member, sealed[i].field, sealed[i].null, sealed[i].value);
	if (err == PALIER_OK && PALIER_HAS(e, member_profile, language))
		err = language_apply(t, e);
	if (err == PALIER_OK && PALIER_HAS(e, member_profile, consent))
		err = json_apply(t, e->member, 'c', &consent_schema, &e->consent);
	if (err == PALIER_OK && PALIER_HAS(e, member_profile, tags)) {
		struct member_profile tags = { .set = { 0, 0 }, .member = e->member };

		PALIER_MARK(&tags, member_profile, member);
		PALIER_SET(&tags, member_profile, tags, e->tags);
		err = json_apply(t, e->member, 't', &member_profile_schema, &tags);
	}
	if (err != PALIER_OK || !PALIER_HAS(e, member_profile, keys))
		return err;
	err = profile_get(t, e->member, 'k', &old);
	if (err == PALIER_OK)
		err = entries_apply(t, e->member, old, true);
	if (err == PALIER_OK || err == PALIER_ENOENT)
		err = entries_apply(t, e->member, e->keys, false);
	return err == PALIER_OK ? profile_set(t, e->member, 'k', false, e->keys) : err;
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
	err = member_row(core_tables(c), row->member, member);
	if (err == PALIER_OK && member->flags == MEMBER_PROVISIONAL && !row->blocked)
		return PALIER_OK;
	return err == PALIER_OK ? card_refuse_taken(c, row) : PALIER_ESTORE;
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
	if (PALIER_HAS(p, member_enroll, consent))
		PALIER_SET(&body, member_profile, consent, p->consent);
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
		PALIER_SET(out, consent, email, given->email);
	if (PALIER_HAS(given, consent, sms))
		PALIER_SET(out, consent, sms, given->sms);
	if (PALIER_HAS(given, consent, profiling))
		PALIER_SET(out, consent, profiling, given->profiling);
	if (PALIER_HAS(given, consent, wording))
		PALIER_SET(out, consent, wording, given->wording);
	if (PALIER_HAS(given, consent, channel))
		PALIER_SET(out, consent, channel, given->channel);
	return PALIER_OK;
}

static int birthday_now(struct palier_ctx *c, const struct member_update *p, uint32_t *out)
{
	struct palier_bytes text;
	int err;

	*out = p->birthday;
	if (PALIER_HAS(p, member_update, birthday))
		return PALIER_OK;
	err = profile_text(c, p->member, 'b', &text);
	if (err == PALIER_OK && !day_parse(text, out))
		*out = 0;
	return err;
}

static int update_check(struct palier_ctx *c, const struct member_update *p, struct profile_given *given,
	struct consent *consent)
{
	uint32_t birthday;
	int err = contacts_check(c, p->member, given);

	if (err == PALIER_OK)
		err = consent_merge(c, p->member, &p->consent, consent);
	if (err == PALIER_OK)
		err = birthday_now(c, p, &birthday);
	if (err == PALIER_OK)
		err = consent_check(c, birthday, consent);
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
	struct consent consent;
	struct palier_bytes entries;
	struct member_row row;
	int err = member_need(c, p->member, &row);

	if (err == PALIER_OK)
		err = update_check(c, p, &given, &consent);
	if (err != PALIER_OK)
		return err;
	ctx_member(c, p->member, row.slot);
	err = update_entries(c, p->member, &given, &entries);
	if (err != PALIER_OK)
		return err;
	PALIER_SET(&body, member_profile, member, p->member);
	profile_fill(c, &given, &body);
	if (PALIER_HAS(p, member_update, language))
		PALIER_SET(&body, member_profile, language, p->language);
	if (PALIER_HAS(p, member_update, consent))
		PALIER_SET(&body, member_profile, consent, consent);
	if (PALIER_HAS(p, member_update, tags))
		PALIER_SET(&body, member_profile, tags, p->tags);
	PALIER_SET(&body, member_profile, keys, entries);
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
	struct palier_bytes number = { NULL, 0 };
	struct card_row newest;
	int err = PALIER_OK;

	if (!card) {
		err = card_newest(c, member, &newest);
		if (err != PALIER_OK)
			return err == PALIER_ENOENT ? PALIER_OK : err;
		card = &newest;
	}
	number = card->plain;
	if (!number.len)
		err = keys_unseal(c->keys, card->number, c->arena, &number);
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	palier_json_key(w, "card");
	palier_json_object(w);
	if (err == PALIER_OK) {
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
	int err = member_need(c, member, &row);

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
	struct card_row card;
	int err = card_of_event(c, ev, &card);

	return err == PALIER_OK || err == PALIER_ENOENT
	               ? member_view_write(c, ev->member, err == PALIER_OK ? &card : NULL, w)
	               : err;
}
