/* SPDX-License-Identifier: Apache-2.0 */
/* Members as they are found and shown. */
#include "daemon/core.h"
#include "daemon/names.h"

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

/* Of a bearer's purse nothing is told but what is in it. */
static int plugins_show(struct palier_ctx *c, struct palier_id member, bool bearer, struct palier_json *w)
{
	unsigned before = c->current;
	int err = PALIER_OK;

	for (unsigned i = 0; i < c->plugins->count && err == PALIER_OK; i++) {
		const struct palier_plugin *p = c->plugins->list[i];

		c->current = i;
		if (p->on_lookup && (!bearer || p->on_tender))
			err = p->on_lookup(c, member, w);
	}
	c->current = before;
	return err;
}

int member_view_write(struct palier_ctx *c, struct palier_id member, const struct member_row *row,
	const struct card_row *card, struct palier_json *w)
{
	struct palier_bytes name;
	int err = profile_text(c, member, 'n', &name);

	if (err != PALIER_OK)
		return err;
	if (!(row->flags & MEMBER_BEARER)) {
		palier_json_key(w, "member");
		palier_json_id(w, member);
	}
	err = card_write(c, member, card, w);
	if (err != PALIER_OK)
		return err;
	if (name.len) {
		palier_json_key(w, "name");
		palier_json_string(w, name);
	}
	palier_json_key(w, "language");
	palier_json_string(w, row->language.len ? row->language : palier_str(c->config->store.language));
	palier_json_key(w, "since");
	palier_json_day(w, row->since);
	if (row->flags & MEMBER_FROZEN) {
		palier_json_key(w, "frozen");
		palier_json_bool(w, true);
	}
	if (row->flags & MEMBER_PROVISIONAL) {
		palier_json_key(w, "provisional");
		palier_json_bool(w, true);
	}
	prompts_begin(c, row);
	err = plugins_show(c, member, row->flags & MEMBER_BEARER, w);
	if (err == PALIER_OK)
		err = stats_write(c, member, w);
	prompts_write(c, w);
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
	return err == PALIER_OK ? member_view_write(c, member, &row, known ? &card : NULL, w) : err;
}
