/* SPDX-License-Identifier: Apache-2.0 */
/* Members: their rows, and who is enrolled or updated.
 *
 * member   member id            -> slot u32, since u32 (yyyymmdd), last contact u32, seq of the enrolment u64, flags u8,
 *                                  member id merged into, language */
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
	static const struct palier_key all;
	struct palier_key after = { .len = 0 };
	struct palier_bytes key, value;
	int err;

	palier_key_id(&after, *member);
	err = palier_next(palier_seek_after(core_tables(c), T_MEMBER, &all, &after), &key, &value);
	if (err == PALIER_OK)
		memcpy(member->b, key.at, PALIER_ID_LEN);
	return err;
}

int holder_need(struct palier_ctx *c, struct palier_id *member, struct member_row *out)
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

struct palier_bytes palier_store_language(const struct palier_ctx *c)
{
	return palier_str(c->config->store.language);
}

struct palier_bytes palier_language(struct palier_ctx *c, const struct palier_id *member)
{
	struct palier_id who;
	struct member_row row = { .slot = 0 };

	if (!member)
		return palier_store_language(c);
	who = *member;
	if (member_follow(core_tables(c), &who, &row) != PALIER_OK || row.language.len == 0)
		return palier_store_language(c);
	return row.language;
}

int member_need(struct palier_ctx *c, struct palier_id *member, struct member_row *out)
{
	struct member_row row = { .flags = 0 };
	int err = holder_need(c, member, &row);

	if (err == PALIER_OK && (row.flags & MEMBER_BEARER))
		return palier_refuse(c, PALIER_EMEMBER_UNKNOWN, "member", "this is a gift card's, which has no member");
	if (err == PALIER_OK)
		*out = row;
	return err;
}

static int seen_set(struct palier_tables *t, struct palier_id member, uint32_t day)
{
	struct member_row row;
	int err = member_row(t, member, &row);

	if (err != PALIER_OK || day <= row.seen)
		return err == PALIER_ENOENT ? PALIER_ESTORE : err;
	row.seen = day;
	return member_put(t, member, &row);
}

int member_seen(struct palier_tables *t, const struct palier_event *ev, struct palier_id member)
{
	return seen_set(t, member, ev->day);
}

int palier_contact(struct palier_ctx *c, struct palier_id member)
{
	struct member_met body = { .set = { 0, 0 } };
	struct member_row row;
	int err = member_follow(core_tables(c), &member, &row);

	if (err != PALIER_OK || palier_today(c) <= row.seen)
		return err;
	PALIER_SET(&body, member_met, member, member);
	PALIER_SET(&body, member_met, day, palier_today(c));
	return palier_effect_add(c, "member.met", &body);
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
	return err == PALIER_OK ? person_changed(t, ev, e->member) : err;
}

CORE_APPLY(member_met_apply)
{
	const struct member_met *e = body;

	(void)ev;
	return seen_set(t, e->member, e->day);
}

CORE_APPLY(member_completed_apply)
{
	const struct member_completed *e = body;
	struct member_row row;
	int err;

	if (member_row(t, e->member, &row) != PALIER_OK)
		return PALIER_ESTORE;
	row.flags &= (uint8_t)~MEMBER_PROVISIONAL;
	row.since = e->since;
	row.seq = ev->seq;
	err = member_put(t, e->member, &row);
	return err == PALIER_OK ? person_changed(t, ev, e->member) : err;
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

struct palier_id member_draw(struct palier_ctx *c)
{
	struct member_row row;
	struct palier_id id;

	do
		palier_random(c, id.b, sizeof(id.b));
	while (member_row(core_tables(c), id, &row) == PALIER_OK);
	return id;
}

/* The key is drawn last, when nothing can be refused any more for what was asked. Training draws none. */
static int enrolled_add(struct palier_ctx *c, struct palier_id member, uint32_t since, bool provisional)
{
	struct member_enrolled body = { .set = { 0, 0 } };
	uint32_t slot = c->dry ? 0 : (uint32_t)core_counter(core_tables(c), "slot") + 1;

	if (!c->dry && keys_draw(c->keys, slot) != PALIER_OK)
		return palier_refuse(c, PALIER_ESTORAGE_FULL, NULL, "the key file cannot be written; nothing was booked");
	ctx_member(c, member, slot);
	PALIER_SET(&body, member_enrolled, member, member);
	PALIER_SET(&body, member_enrolled, slot, slot);
	PALIER_SET(&body, member_enrolled, since, since);
	if (provisional)
		PALIER_SET(&body, member_enrolled, provisional, true);
	return palier_effect_add(c, "member.enrolled", &body);
}

int member_provisional(struct palier_ctx *c, const struct card_number *number)
{
	struct palier_id member = member_draw(c);
	int err = enrolled_add(c, member, palier_today(c), true);

	return err == PALIER_OK ? card_give(c, member, c->slot, number) : err;
}

int member_chain(struct palier_ctx *c, struct palier_id member, uint32_t since)
{
	uint32_t today = palier_today(c);

	return enrolled_add(c, member, since && since < today ? since : today, false);
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
	int err = contacts_check(c, self, given);

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
		return card_draw(c, false, number);
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
	member = known.flags & MEMBER_PROVISIONAL ? card.member : member_draw(c);
	err = known.flags & MEMBER_PROVISIONAL ? completed_add(c, member, known.slot)
	                                       : enrolled_add(c, member, palier_today(c), false);
	if (err != PALIER_OK)
		return err;
	PALIER_SET(&body, member_profile, member, member);
	profile_fill(c, &given, &body);
	if (PALIER_HAS(p, member_enroll, language))
		PALIER_SET(&body, member_profile, language, p->language);
	if (PALIER_HAS(p, member_enroll, tags))
		PALIER_SET(&body, member_profile, tags, p->tags);
	PALIER_SET(&body, member_profile, keys, profile_entries(c, given.name.text, given.phone.text, given.email.text));
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
		*out = profile_entries(c, name, phone, email);
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

/* What an update says of consents: null takes back all of them. */
static struct consent consent_said(const struct member_update *p)
{
	struct consent given = p->consent;

	if (PALIER_NULL(p, member_update, consent)) {
		PALIER_SET(&given, consent, email, false);
		PALIER_SET(&given, consent, sms, false);
		PALIER_SET(&given, consent, profiling, false);
	}
	return given;
}

static int update_check(struct palier_ctx *c, const struct member_update *p, struct palier_id member,
	struct profile_given *given)
{
	const struct consent said = consent_said(p);
	struct consent consent;
	uint32_t birthday;
	int err = contacts_check(c, member, given);

	if (err == PALIER_OK)
		err = consent_merge(c, member, &said, &consent);
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
	const struct consent consent = consent_said(p);
	struct member_profile body = { .set = { 0, 0 } };
	struct palier_id member = p->member;
	struct palier_bytes entries;
	struct member_row row;
	int err = member_need(c, &member, &row);

	if (err == PALIER_OK)
		err = update_check(c, p, member, &given);
	if (err == PALIER_OK)
		err = consents_fill(c, &consent, &body);
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
