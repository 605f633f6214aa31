/* SPDX-License-Identifier: Apache-2.0 */
/* Export: all that is kept of a member, for the member. Events are shown as they were booked, unsealed; what in them is about others is
 * left out. */
#include "daemon/event.h"
#include "daemon/proof.h"

#define PAGE_BYTES ((size_t)1 << 17) /* a page ends with the event that passes it */

/* --- the profile --- */

static void text_write(struct palier_json *w, const char *key, struct palier_bytes text)
{
	if (!text.len)
		return;
	palier_json_key(w, key);
	palier_json_string(w, text);
}

static int texts_write(struct palier_ctx *c, struct palier_id member, struct palier_json *w)
{
	static const struct {
		const char *key;
		char field;
	} texts[] = { { "name", 'n' }, { "phone", 'p' }, { "email", 'e' }, { "birthday", 'b' } };
	struct palier_bytes text;
	int err = PALIER_OK;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts) && err == PALIER_OK; i++) {
		err = profile_text(c, member, texts[i].field, &text);
		if (err == PALIER_OK)
			text_write(w, texts[i].key, text);
	}
	return err;
}

static int consents_write(struct palier_ctx *c, struct palier_id member, struct palier_json *w)
{
	struct consent_given consent;
	int err = PALIER_OK;

	palier_json_key(w, "consents");
	palier_json_array(w);
	for (int purpose = 0; purpose < CONSENT_PURPOSES && err == PALIER_OK; purpose++) {
		err = profile_consent(c, member, purpose, &consent);
		if (err == PALIER_OK)
			schema_encode(&consent_given_schema, SCHEMA_WIRE, &consent, w);
		err = err == PALIER_ENOENT ? PALIER_OK : err;
	}
	palier_json_end_array(w);
	return err;
}

static int tags_write(struct palier_ctx *c, struct palier_id member, struct palier_json *w)
{
	struct palier_strings tags;
	int err = member_tags(c, member, &tags);

	palier_json_key(w, "tags");
	palier_json_array(w);
	for (uint32_t i = 0; i < tags.count && err == PALIER_OK; i++)
		palier_json_string(w, tags.at[i]);
	palier_json_end_array(w);
	return err;
}

/* Whether there is one, and no more: nobody can read it. */
static int pin_write(struct palier_ctx *c, struct palier_id member, struct palier_json *w)
{
	bool has;
	int err = proof_has_pin(c, member, &has);

	if (err != PALIER_OK || !has)
		return err;
	palier_json_key(w, "pin");
	palier_json_bool(w, true);
	return PALIER_OK;
}

static int cards_write(struct palier_ctx *c, struct palier_id member, struct palier_json *w)
{
	struct palier_cursor *wallet = wallet_of(core_tables(c), member);
	struct palier_bytes number;
	struct card_row card;
	int err;

	palier_json_key(w, "cards");
	palier_json_array(w);
	while ((err = wallet_next(core_tables(c), wallet, &card)) == PALIER_OK) {
		err = card_text(c, &card, &number);
		if (err != PALIER_OK)
			break;
		palier_json_object(w);
		text_write(w, "number", number);
		palier_json_key(w, "status");
		palier_json_str(w, card.blocked ? "blocked" : "active");
		palier_json_end_object(w);
	}
	palier_json_end_array(w);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int merged_write(struct palier_ctx *c, struct palier_id member, struct palier_json *w)
{
	struct palier_cursor *merged = merged_into(core_tables(c), member);
	struct palier_id from;
	int err;

	palier_json_key(w, "merged");
	palier_json_array(w);
	while ((err = merged_next(merged, &from)) == PALIER_OK)
		palier_json_id(w, from);
	palier_json_end_array(w);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int facts_write(struct palier_ctx *c, struct palier_id member, struct palier_json *w)
{
	struct palier_cursor *facts = facts_published(core_tables(c), member);
	struct palier_bytes key, value;
	int err;

	palier_json_key(w, "facts");
	palier_json_object(w);
	while ((err = palier_next(facts, &key, &value)) == PALIER_OK) {
		palier_json_key_bytes(w, palier_bytes_of(key.at + PALIER_ID_LEN, key.len - PALIER_ID_LEN));
		palier_json_string(w, value);
	}
	palier_json_end_object(w);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* In a buffer of its own, for its end fills in what nobody wrote. */
static int member_write(struct palier_ctx *c, struct palier_id member, const struct member_row *row, struct palier_json *w)
{
	struct palier_buffer view = { 0 };
	struct palier_json own = palier_json_to(&view);
	int err;

	palier_json_object(&own);
	err = member_view_write(c, member, row, NULL, &own);
	palier_json_end_object(&own);
	palier_json_key(w, "view");
	palier_json_raw(w, palier_buffer_bytes(&view));
	palier_buffer_deinit(&view);
	return err;
}

int person_write(struct palier_ctx *c, struct palier_id member, struct palier_json *w)
{
	int err = texts_write(c, member, w);

	if (err == PALIER_OK)
		err = consents_write(c, member, w);
	if (err == PALIER_OK)
		err = tags_write(c, member, w);
	return err == PALIER_OK ? cards_write(c, member, w) : err;
}

static int profile_write(struct palier_ctx *c, struct palier_id member, const struct member_row *row, struct palier_json *w)
{
	int err = member_write(c, member, row, w);

	palier_json_key(w, "profile");
	palier_json_object(w);
	if (err == PALIER_OK)
		err = person_write(c, member, w);
	if (err == PALIER_OK)
		err = pin_write(c, member, w);
	if (err == PALIER_OK)
		err = merged_write(c, member, w);
	if (err == PALIER_OK)
		err = facts_write(c, member, w);
	palier_json_key(w, "last_contact");
	palier_json_day(w, row->seen);
	palier_json_end_object(w);
	return err;
}

/* --- the events --- */

struct page {
	struct palier_ctx *c;
	struct palier_id member;
	struct palier_json *w;
	size_t begin;
	uint64_t last; /* seq of the event written last */
	bool more;
	int err;
};

static struct palier_bytes unseal_text(void *who, struct palier_bytes sealed)
{
	struct page *page = who;
	struct palier_bytes plain = { NULL, 0 };
	int err = sealed.len ? keys_unseal(page->c->keys, sealed, page->c->arena, &plain) : PALIER_OK;

	if (err != PALIER_OK && err != PALIER_ENOENT)
		page->err = err;
	return plain;
}

/* A message as it was before it was sealed. */
static void *opened(struct page *page, const struct palier_schema *s, const void *body)
{
	void *open = palier_alloc(page->c->arena, s->size);

	schema_to_ledger(s, body, page->c->arena, unseal_text, page, open);
	return open;
}

static void params_write(struct page *page, const struct palier_event *ev)
{
	palier_json_key(page->w, "params");
	schema_encode(ev->method->params, SCHEMA_WIRE, opened(page, ev->method->params, ev->params), page->w);
}

/* Is the effect the member's to see? One that names nobody is, where the event is about the member. */
static bool effect_is_ours(const struct page *page, const struct palier_effect *e, bool about)
{
	const struct palier_id *member = effect_member(e);

	return member ? palier_member_was(page->c, *member, page->member) : about;
}

static void effects_write(struct page *page, const struct palier_event *ev, bool about)
{
	palier_json_key(page->w, "effects");
	palier_json_array(page->w);
	for (uint32_t i = 0; i < ev->effect_count; i++) {
		const struct palier_effect *e = &ev->effects[i];
		void *open;

		if (!effect_is_ours(page, e, about))
			continue;
		open = opened(page, e->kind->schema, e->body);
		/* Keyed hashes, by which the index finds the member, or a PIN is compared: no text. */
		if (e->kind->schema == &member_profile_schema)
			((struct member_profile *)open)->set.has &= ~(UINT64_C(1) << member_profile_bit_keys);
		if (e->kind->schema == &member_pin_set_schema)
			((struct member_pin_set *)open)->set.has &= ~(UINT64_C(1) << member_pin_set_bit_hash);
		palier_json_object(page->w);
		palier_json_key(page->w, "kind");
		palier_json_str(page->w, e->kind->name);
		palier_json_key(page->w, "data");
		schema_encode(e->kind->schema, SCHEMA_WIRE, open, page->w);
		palier_json_end_object(page->w);
	}
	palier_json_end_array(page->w);
}

static int event_show(void *who, const struct palier_event *ev)
{
	struct page *page = who;
	struct palier_json *w = page->w;
	bool about = ev->has_member && palier_member_was(page->c, ev->member, page->member);

	if (page->last && w->out->len - page->begin > PAGE_BYTES) {
		page->more = true;
		return 0;
	}
	palier_json_object(w);
	palier_json_key(w, "seq");
	palier_json_int(w, (int64_t)ev->seq);
	palier_json_key(w, "at");
	palier_json_time(w, ev->at_ms);
	palier_json_key(w, "received");
	palier_json_time(w, ev->received_ms);
	palier_json_key(w, "day");
	palier_json_day(w, ev->day);
	text_write(w, "till", ev->till);
	text_write(w, "operator", ev->operator);
	palier_json_key(w, "method");
	palier_json_str(w, ev->method->name);
	if (about)
		params_write(page, ev);
	effects_write(page, ev, about);
	palier_json_end_object(w);
	page->last = ev->seq;
	return page->err == PALIER_OK ? 1 : page->err;
}

CORE_ANSWER(member_export_answer)
{
	const struct member_export *p = params;
	struct page page = { .c = c, .member = p->member, .w = w, .err = PALIER_OK };
	struct member_row row;
	int err = member_need(c, &page.member, &row);

	if (err != PALIER_OK)
		return err;
	palier_json_object(w);
	palier_json_key(w, "member");
	palier_json_id(w, page.member);
	if (!PALIER_HAS(p, member_export, before))
		err = profile_write(c, page.member, &row, w);
	if (err != PALIER_OK)
		return err;
	palier_json_key(w, "events");
	palier_json_array(w);
	page.begin = w->out->len;
	err = palier_events_of(c, page.member, PALIER_HAS(p, member_export, before) ? (uint64_t)p->before : 0, event_show,
		&page);
	palier_json_end_array(w);
	if (page.more) {
		palier_json_key(w, "next");
		palier_json_int(w, (int64_t)page.last);
	}
	palier_json_end_object(w);
	return err;
}
