/* SPDX-License-Identifier: Apache-2.0 */
/* The contract over sorted arrays in memory. */
#include "tests/unit/plugins/kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/condition.h"
#include "daemon/setup.h"
#include "daemon/texts.h"
#include "protocol/crypto.h"

#define PLUGINS_MAX 8
#define TABLES_MAX  16
#define MEMBERS     16
#define FACTS_MAX   64

struct row {
	struct palier_bytes key, value;
};

struct map {
	struct row *rows;
	size_t count, room;
};

struct palier_tables {
	struct palier_arena *arena;
	struct map maps[TABLES_MAX];
};

/* What plugins published. */
struct facts {
	struct {
		struct palier_id member;
		struct palier_bytes name, value;
	} at[FACTS_MAX];
	unsigned count;
};

struct palier_ctx {
	struct palier_arena arena;
	const struct palier_plugin *plugins[PLUGINS_MAX];
	const void *configs[PLUGINS_MAX];
	struct palier_tables live[PLUGINS_MAX], folded[PLUGINS_MAX], saved[PLUGINS_MAX];
	unsigned count, current;
	struct config *config;
	int64_t at_ms, received_ms;
	struct palier_event ev, *events;
	size_t event_count, event_room;
	uint32_t effect_room;
	char refusal[256], alerts[256];
	struct facts facts, facts_saved;
	struct facts told;                  /* by the last command, each as often as it was published */
	char discounts[1024], refused[512]; /* of the last basket */
	int64_t payable, due;
	struct palier_bytes hold;
	struct palier_buffer text, messages, prompts;
	uint32_t batch;
	bool offline, supervised, frozen;
	int proof;     /* what palier_proven answers to a command, */
	bool question; /* which this is not */
	const char *language;
	struct palier_id into[MEMBERS]; /* by the member's first byte, */
	bool merged[MEMBERS], erased[MEMBERS], bearer[MEMBERS];
	struct kit_person persons[MEMBERS];
	const char *till, *operator;
	struct palier_sale quoted; /* the last basket */
	char qrs[512];
	bool missed;
	uint64_t drawn; /* so many random bytes */
	int64_t roaming;
};

/* --- tables --- */

static int compare(struct palier_bytes a, struct palier_bytes b)
{
	size_t shared = a.len < b.len ? a.len : b.len;
	int order = shared ? memcmp(a.at, b.at, shared) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* The first row whose key is not before this one. */
static size_t lower_bound(const struct map *m, struct palier_bytes key)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare(m->rows[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool found(const struct map *m, size_t i, struct palier_bytes key)
{
	return i < m->count && palier_equal(m->rows[i].key, key);
}

int palier_get(const struct palier_tables *t, unsigned table, const struct palier_key *key, struct palier_bytes *out)
{
	const struct map *m = &t->maps[table];
	size_t i = lower_bound(m, palier_key_bytes(key));

	if (!found(m, i, palier_key_bytes(key)))
		return PALIER_ENOENT;
	*out = palier_copy(t->arena, m->rows[i].value);
	return PALIER_OK;
}

int palier_put(struct palier_tables *t, unsigned table, const struct palier_key *key, struct palier_bytes value)
{
	struct map *m = &t->maps[table];
	size_t i = lower_bound(m, palier_key_bytes(key));

	assert_false(key->bad);
	if (!found(m, i, palier_key_bytes(key))) {
		if (m->count == m->room) {
			m->room = m->room * 2 + 16;
			m->rows = realloc(m->rows, m->room * sizeof(*m->rows));
			assert_non_null(m->rows);
		}
		memmove(&m->rows[i + 1], &m->rows[i], (m->count - i) * sizeof(*m->rows));
		m->rows[i].key = palier_copy(t->arena, palier_key_bytes(key));
		m->count++;
	}
	m->rows[i].value = palier_copy(t->arena, value);
	return PALIER_OK;
}

int palier_del(struct palier_tables *t, unsigned table, const struct palier_key *key)
{
	struct map *m = &t->maps[table];
	size_t i = lower_bound(m, palier_key_bytes(key));

	if (found(m, i, palier_key_bytes(key))) {
		memmove(&m->rows[i], &m->rows[i + 1], (m->count - i - 1) * sizeof(*m->rows));
		m->count--;
	}
	return PALIER_OK;
}

struct palier_cursor {
	const struct map *map;
	struct palier_bytes prefix, last;
	bool begun;
};

struct palier_cursor *palier_seek(const struct palier_tables *t, unsigned table, const struct palier_key *prefix)
{
	struct palier_cursor *cur = palier_alloc(t->arena, sizeof(*cur));

	cur->map = &t->maps[table];
	cur->prefix = palier_copy(t->arena, palier_key_bytes(prefix));
	return cur;
}

struct palier_cursor *palier_seek_after(const struct palier_tables *t, unsigned table, const struct palier_key *prefix,
	const struct palier_key *from)
{
	struct palier_cursor *cur = palier_seek(t, table, prefix);

	cur->last = palier_copy(t->arena, palier_key_bytes(from));
	cur->begun = true;
	return cur;
}

int palier_next(struct palier_cursor *cur, struct palier_bytes *key, struct palier_bytes *value)
{
	size_t i = lower_bound(cur->map, cur->begun ? cur->last : cur->prefix);
	const struct row *row;

	if (cur->begun && found(cur->map, i, cur->last))
		i++;
	if (i == cur->map->count)
		return PALIER_ENOENT;
	row = &cur->map->rows[i];
	if (row->key.len < cur->prefix.len ||
		(cur->prefix.len > 0 && memcmp(row->key.at, cur->prefix.at, cur->prefix.len) != 0))
		return PALIER_ENOENT;
	*key = cur->last = row->key;
	*value = row->value;
	cur->begun = true;
	return PALIER_OK;
}

/* Rows are never changed in place, so that copying the arrays saves everything. */
static void map_copy(struct map *to, const struct map *from)
{
	to->rows = realloc(to->rows, (from->count + 1) * sizeof(*to->rows));
	assert_non_null(to->rows);
	if (from->count > 0)
		memcpy(to->rows, from->rows, from->count * sizeof(*to->rows));
	to->count = from->count;
	to->room = from->count + 1;
}

static void tables_copy(struct palier_tables *to, const struct palier_tables *from)
{
	for (unsigned plugin = 0; plugin < PLUGINS_MAX; plugin++)
		for (unsigned i = 0; i < TABLES_MAX; i++)
			map_copy(&to[plugin].maps[i], &from[plugin].maps[i]);
}

static void tables_free(struct palier_tables *t)
{
	for (unsigned plugin = 0; plugin < PLUGINS_MAX; plugin++)
		for (unsigned i = 0; i < TABLES_MAX; i++)
			free(t[plugin].maps[i].rows);
}

bool kit_same(const struct palier_ctx *c)
{
	for (unsigned plugin = 0; plugin < c->count; plugin++)
		for (unsigned i = 0; i < TABLES_MAX; i++) {
			const struct map *a = &c->live[plugin].maps[i], *b = &c->folded[plugin].maps[i];

			if (a->count != b->count)
				return false;
			for (size_t row = 0; row < a->count; row++)
				if (!palier_equal(a->rows[row].key, b->rows[row].key) ||
					!palier_equal(a->rows[row].value, b->rows[row].value))
					return false;
		}
	return true;
}

struct palier_tables *kit_tables(struct palier_ctx *c, unsigned plugin)
{
	return &c->live[plugin];
}

/* --- what a hook may ask --- */

int64_t palier_at(const struct palier_ctx *c)
{
	return c->ev.at_ms;
}

int64_t palier_received(const struct palier_ctx *c)
{
	return c->ev.received_ms;
}

uint32_t palier_today(const struct palier_ctx *c)
{
	return zone_day(c->ev.at_ms);
}

const void *palier_config(const struct palier_ctx *c)
{
	return c->configs[c->current];
}

const struct palier_tables *palier_tables(const struct palier_ctx *c)
{
	return &c->live[c->current];
}

struct palier_arena *palier_arena(const struct palier_ctx *c)
{
	return c->live[0].arena;
}

int palier_refuse(struct palier_ctx *c, int err, const char *field, const char *fmt, ...)
{
	int n = snprintf(c->refusal, sizeof(c->refusal), "%s%s", field ? field : "", field ? ": " : "");
	va_list args;

	va_start(args, fmt);
	vsnprintf(c->refusal + n, sizeof(c->refusal) - (size_t)n, fmt, args);
	va_end(args);
	return err;
}

bool palier_offline(const struct palier_ctx *c)
{
	return c->offline;
}

bool palier_supervised(const struct palier_ctx *c)
{
	return c->supervised;
}

uint32_t palier_batch(const struct palier_ctx *c)
{
	return c->batch;
}

const struct palier_event *palier_event_now(const struct palier_ctx *c)
{
	return &c->ev;
}

const struct palier_bytes *palier_held(const struct palier_ctx *c)
{
	return c->hold.len ? &c->hold : NULL;
}

int palier_alert(struct palier_ctx *c, const struct palier_alert *a)
{
	size_t n = strlen(c->alerts);

	snprintf(c->alerts + n, sizeof(c->alerts) - n, "%s%s %.*s %lld", n ? ", " : "", a->what, PALIER_ARG(a->unit),
		(long long)a->figure);
	return PALIER_OK;
}

/* English, one after the other. */
static void said(struct palier_buffer *all, struct palier_ctx *c, const struct text *t)
{
	struct palier_bytes text = texts_write(PALIER_LIT("en"), t, &c->arena);

	palier_buffer_add(all, "; ", all->len ? 2 : 0);
	palier_buffer_add(all, text.at, text.len);
}

int palier_message_n(struct palier_ctx *c, const char *one, const char *many, int64_t count, const struct palier_bytes *args,
	uint32_t arg_count)
{
	said(&c->messages, c, &(struct text){ palier_str(one), palier_str(many), count, args, arg_count });
	return PALIER_OK;
}

int palier_message(struct palier_ctx *c, const char *text, const struct palier_bytes *args, uint32_t arg_count)
{
	return palier_message_n(c, text, NULL, 0, args, arg_count);
}

int palier_qr(struct palier_ctx *c, const char *kind, struct palier_bytes text)
{
	size_t n = strlen(c->qrs);

	snprintf(c->qrs + n, sizeof(c->qrs) - n, "%s%s %.*s", n ? ", " : "", kind, PALIER_ARG(text));
	return PALIER_OK;
}

void palier_miss(struct palier_ctx *c)
{
	c->missed = true;
}

void palier_prompt_n(struct palier_ctx *c, const char *kind, const char *one, const char *many, int64_t count,
	const struct palier_bytes *args, uint32_t arg_count)
{
	(void)kind;
	said(&c->prompts, c, &(struct text){ palier_str(one), palier_str(many), count, args, arg_count });
}

void palier_prompt(struct palier_ctx *c, const char *kind, const char *text, const struct palier_bytes *args,
	uint32_t arg_count)
{
	palier_prompt_n(c, kind, text, NULL, 0, args, arg_count);
}

struct palier_bytes palier_text_n(struct palier_ctx *c, const char *one, const char *many, int64_t count,
	const struct palier_bytes *args, uint32_t arg_count)
{
	return texts_write(PALIER_LIT("en"), &(struct text){ palier_str(one), palier_str(many), count, args, arg_count },
		&c->arena);
}

struct palier_bytes palier_text(struct palier_ctx *c, const char *text, const struct palier_bytes *args, uint32_t arg_count)
{
	return palier_text_n(c, text, NULL, 0, args, arg_count);
}

struct palier_bytes palier_money_text(struct palier_ctx *c, int64_t minor)
{
	return texts_money(PALIER_LIT("en"), c->config->store.currency, c->config->store.currency_decimals, minor,
		&c->arena);
}

struct palier_bytes palier_day_text(struct palier_ctx *c, uint32_t day)
{
	return texts_day(PALIER_LIT("en"), day, &c->arena);
}

unsigned palier_currency_decimals(const struct palier_ctx *c)
{
	return c->config->store.currency_decimals;
}

int palier_member_now(struct palier_ctx *c, struct palier_id member, struct palier_id *out)
{
	while (member.b[0] < MEMBERS && c->merged[member.b[0]])
		member = c->into[member.b[0]];
	if (member.b[0] >= MEMBERS)
		return PALIER_ENOENT;
	if (c->erased[member.b[0]])
		return PALIER_EMEMBER_ERASED;
	*out = member;
	return PALIER_OK;
}

/* Retention is core's own. */
int palier_contact(struct palier_ctx *c, struct palier_id member)
{
	return palier_member_now(c, member, &member);
}

int palier_member_next(struct palier_ctx *c, struct palier_id *member)
{
	(void)c;
	if (member->b[0] + 1u >= MEMBERS)
		return PALIER_ENOENT;
	*member = kit_member(member->b[0] + 1u);
	return PALIER_OK;
}

static const struct palier_effect_kind *kind_find(const struct palier_ctx *c, const char *name, unsigned *out_plugin)
{
	for (unsigned i = 0; i < c->count; i++)
		for (const struct palier_effect_kind *k = c->plugins[i]->effects; k && k->name; k++)
			if (strcmp(k->name, name) == 0) {
				*out_plugin = i;
				return k;
			}
	return NULL;
}

static void effect_keep(struct palier_ctx *c, struct palier_effect e)
{
	if (c->ev.effect_count == c->effect_room) {
		struct palier_effect *more = palier_alloc(&c->arena, (c->effect_room * 2 + 8) * sizeof(*more));

		if (c->ev.effect_count > 0)
			memcpy(more, c->ev.effects, c->ev.effect_count * sizeof(*more));
		c->ev.effects = more;
		c->effect_room = c->effect_room * 2 + 8;
	}
	c->ev.effects[c->ev.effect_count++] = e;
}

int palier_effect_add(struct palier_ctx *c, const char *name, const void *body)
{
	unsigned owner = 0, caller = c->current;
	const struct palier_effect_kind *kind = kind_find(c, name, &owner);
	void *own;
	int err = PALIER_OK;

	if (!kind)
		return palier_refuse(c, PALIER_EINTERNAL, NULL, "no plugin has the effect %s", name);
	own = palier_alloc(&c->arena, kind->schema->size);
	memcpy(own, body, kind->schema->size);
	c->current = owner;
	if (kind->check)
		err = kind->check(c, own);
	c->current = caller;
	if (err == PALIER_OK && kind->apply)
		err = kind->apply(&c->live[owner], &c->ev, own);
	if (err == PALIER_OK)
		effect_keep(c, (struct palier_effect){ kind, own });
	return err;
}

int palier_who(struct palier_ctx *c, struct palier_bytes card, const struct palier_id *member, struct palier_id *out)
{
	if (!member && palier_id_parse(card, out) != PALIER_OK)
		return palier_refuse(c, PALIER_EPARAMS, NULL, "a card or a member");
	if (member)
		*out = *member;
	c->ev.has_member = true;
	c->ev.member = *out;
	return PALIER_OK;
}

/* A purse is opened for good, though by a quote. */
int palier_purse(struct palier_ctx *c, struct palier_bytes card, enum palier_purse_use use, const char *field,
	struct palier_id *out)
{
	unsigned n = card.len == 2 ? (unsigned)(card.at[1] - '0') : 0;
	bool gift = card.len == 2 && card.at[0] == 'g';

	if (card.len == 0) {
		*out = c->ev.member;
		return c->ev.has_member ? PALIER_OK : palier_refuse(c, PALIER_ECARD_UNKNOWN, field, "no card");
	}
	if (palier_is(card, "short"))
		return palier_refuse(c, PALIER_ECARD_MALFORMED, field, "too short");
	if (palier_is(card, "x") || (gift && !c->bearer[n] && use != PALIER_PURSE_SOLD))
		return palier_refuse(c, PALIER_ECARD_UNKNOWN, field, "unknown");
	if (card.at[0] == 'b' && !c->offline)
		return palier_refuse(c, PALIER_ECARD_BLOCKED, field, "blocked");
	*out = kit_member(n);
	c->bearer[n] = c->bearer[n] || gift;
	if (use == PALIER_PURSE_SOLD && !gift && !c->offline)
		return palier_refuse(c, PALIER_ECARD_IN_USE, field, "a member's");
	if (use == PALIER_PURSE_PAYS && !gift && !c->offline && !palier_id_equal(*out, c->ev.member))
		return palier_refuse(c, PALIER_EFORBIDDEN, field, "another's");
	return PALIER_OK;
}

bool palier_is_bearer(struct palier_ctx *c, struct palier_id purse)
{
	return purse.b[0] < MEMBERS && c->bearer[purse.b[0]];
}

/* All events: a visitor must not trust that they are the member's alone. */
bool palier_member_was(struct palier_ctx *c, struct palier_id id, struct palier_id member)
{
	(void)c;
	return palier_id_equal(id, member);
}

int palier_may_spend(struct palier_ctx *c, struct palier_id member)
{
	(void)member;
	return c->frozen && !c->offline ? palier_refuse(c, PALIER_EMEMBER_FROZEN, NULL, "spending is locked") : PALIER_OK;
}

int palier_proven(struct palier_ctx *c, struct palier_id member, enum palier_proof kind)
{
	(void)member;
	if (kind == PALIER_PROOF_NONE || c->question || c->supervised || c->proof == PALIER_OK)
		return PALIER_OK;
	if (c->offline)
		return palier_alert(c, &(struct palier_alert){ .what = palier_error_info(c->proof)->reason });
	return palier_refuse(c, c->proof, "proof", "%s", palier_error_info(c->proof)->text);
}

int palier_events_of(struct palier_ctx *c, struct palier_id member, uint64_t before,
	int (*visit)(void *who, const struct palier_event *ev), void *who)
{
	int go = 1;

	(void)member;
	for (size_t i = c->event_count; i-- > 0 && go == 1;)
		if (before == 0 || c->events[i].seq < before)
			go = visit(who, &c->events[i]);
	return go < 0 ? go : PALIER_OK;
}

int palier_earn_multiplier(struct palier_ctx *c, const struct palier_sale *s, const char *unit, int64_t *num, int64_t *den)
{
	unsigned caller = c->current;
	int err = PALIER_OK;

	*num = *den = 1;
	for (unsigned i = 0; i < c->count && err == PALIER_OK; i++) {
		int64_t thousandths = 1000;

		c->current = i;
		if (!c->plugins[i]->on_earn)
			continue;
		err = c->plugins[i]->on_earn(c, s, unit, &thousandths);
		*num *= thousandths;
		*den *= 1000;
	}
	c->current = caller;
	return err;
}

int palier_spendable(struct palier_ctx *c, struct palier_id member, const char *unit, int64_t *out)
{
	unsigned caller = c->current;
	int err = PALIER_OK;

	*out = 0;
	for (c->current = 0; c->current < c->count && err == PALIER_OK; c->current++)
		if (c->plugins[c->current]->spendable)
			err = c->plugins[c->current]->spendable(c, member, unit, out);
	c->current = caller;
	return err;
}

/* --- what pricing does --- */

int palier_discount_add(struct palier_ctx *c, struct palier_sale *s, const struct palier_discount *d)
{
	size_t n = strlen(c->discounts);
	char parts[256] = "";
	int64_t amount = 0;

	for (uint32_t i = 0; i < s->line_count; i++) {
		size_t end = strlen(parts);

		assert_true(d->parts[i] >= 0 && d->parts[i] <= palier_line_room(&s->lines[i], d->redeemed));
		s->lines[i].ours += d->parts[i];
		s->lines[i].redeemed += d->redeemed ? d->parts[i] : 0;
		amount += d->parts[i];
		snprintf(parts + end, sizeof(parts) - end, "%s%lld", end ? " " : "", (long long)d->parts[i]);
	}
	s->payable -= amount;
	s->due -= amount;
	snprintf(c->discounts + n, sizeof(c->discounts) - n, "%s%s %lld [%s]", n ? ", " : "", d->source, (long long)amount,
		parts);
	return PALIER_OK;
}

int palier_cannot(struct palier_ctx *c, const struct palier_sale *s, int err, const char *what, struct palier_bytes name)
{
	size_t n = strlen(c->refused);

	if (!s->quote && !c->offline)
		return palier_refuse(c, err, NULL, "%s %.*s: %s", what, PALIER_ARG(name), palier_error_info(err)->text);
	snprintf(c->refused + n, sizeof(c->refused) - n, "%s%.*s %s", n ? ", " : "", PALIER_ARG(name),
		palier_error_info(err)->reason);
	return PALIER_OK;
}

/* --- secrets of the store: read by anybody here --- */

struct palier_bytes palier_seal(struct palier_ctx *c, struct palier_bytes plain)
{
	return palier_str(palier_format(&c->arena, "0.%.*s", PALIER_ARG(plain)));
}

int palier_unseal(struct palier_ctx *c, struct palier_bytes sealed, struct palier_bytes *out)
{
	(void)c;
	assert_true(sealed.len >= 2 && memcmp(sealed.at, "0.", 2) == 0);
	*out = palier_bytes_of(sealed.at + 2, sealed.len - 2);
	return PALIER_OK;
}

void palier_hash(struct palier_ctx *c, struct palier_bytes text, struct palier_hash16 *out)
{
	static const uint8_t key[16] = { 1 };

	(void)c;
	crypto_siphash(key, text, out->b);
}

/* Other bytes each time, the same in every run. */
void palier_random(struct palier_ctx *c, void *out, size_t n)
{
	uint8_t *at = out;

	for (size_t i = 0; i < n; i++)
		at[i] = (uint8_t)((++c->drawn * UINT64_C(0x9e3779b97f4a7c15)) >> 56);
}

/* --- labels --- */

struct palier_bytes palier_store_language(const struct palier_ctx *c)
{
	(void)c;
	return PALIER_LIT("fr");
}

struct palier_bytes palier_language(struct palier_ctx *c, const struct palier_id *member)
{
	return member && c->language ? palier_str(c->language) : palier_store_language(c);
}

void kit_language(struct palier_ctx *c, const char *language)
{
	c->language = language;
}

/* --- what conditions ask of members --- */

struct kit_person *kit_person(struct palier_ctx *c, unsigned n)
{
	assert_true(n < MEMBERS);
	return &c->persons[n];
}

int palier_person(struct palier_ctx *c, struct palier_id member, struct palier_person *out)
{
	if (member.b[0] >= MEMBERS)
		return PALIER_ENOENT;
	*out = c->persons[member.b[0]].person;
	return PALIER_OK;
}

/* Whoever is not one of the persons is nobody. */
static const struct kit_person *person_of(const struct palier_ctx *c, struct palier_id member)
{
	static const struct kit_person nobody;

	return member.b[0] < MEMBERS ? &c->persons[member.b[0]] : &nobody;
}

int palier_first_name(struct palier_ctx *c, struct palier_id member, struct palier_bytes *out)
{
	struct palier_bytes name = palier_str(person_of(c, member)->name);
	const char *space = name.len == 0 ? NULL : memchr(name.at, ' ', name.len);

	*out = palier_bytes_of(name.at, space ? (size_t)(space - name.at) : name.len);
	return PALIER_OK;
}

int palier_address(struct palier_ctx *c, struct palier_id member, enum palier_post by, struct palier_bytes *out)
{
	const struct kit_person *who = person_of(c, member);
	const char *text = by == PALIER_POST_EMAIL ? who->email : who->phone;

	if (!text || !(by == PALIER_POST_EMAIL ? who->by_email : who->by_sms))
		return PALIER_ENOENT;
	*out = palier_str(text);
	return PALIER_OK;
}

static bool same_text(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

int palier_contact_shared(struct palier_ctx *c, struct palier_id a, struct palier_id b, struct palier_contact *out)
{
	const struct kit_person *x = person_of(c, a), *y = person_of(c, b);

	out->phone = same_text(x->phone, y->phone);
	out->email = same_text(x->email, y->email);
	return PALIER_OK;
}

bool palier_member_tagged(struct palier_ctx *c, struct palier_id member, struct palier_bytes tag)
{
	const char *const *tags = person_of(c, member)->tags;

	for (int i = 0; i < 4 && tags[i]; i++)
		if (palier_is(tag, tags[i]))
			return true;
	return false;
}

int palier_facts(struct palier_ctx *c, struct palier_id member, struct palier_facts *out)
{
	*out = c->persons[member.b[0] % MEMBERS].facts;
	return PALIER_OK;
}

int palier_facts_between(struct palier_ctx *c, struct palier_id member, uint32_t from, uint32_t to, struct palier_facts *out)
{
	const struct kit_person *who = person_of(c, member);

	if (!who->bought)
		return palier_facts(c, member, out);
	*out = (struct palier_facts){ 0 };
	for (size_t i = 0; i < who->bought_count; i++)
		out->purchases += zone_day(who->bought[i]) >= from && zone_day(who->bought[i]) <= to;
	return PALIER_OK;
}

static unsigned fact_find(const struct palier_ctx *c, struct palier_id member, const char *name)
{
	unsigned i = 0;

	while (i < c->facts.count &&
		!(palier_id_equal(c->facts.at[i].member, member) && palier_is(c->facts.at[i].name, name)))
		i++;
	return i;
}

int palier_fact_publish(struct palier_ctx *c, struct palier_id member, const char *name, struct palier_bytes value)
{
	unsigned i = fact_find(c, member, name);

	assert_true(c->told.count < FACTS_MAX);
	c->told.at[c->told.count].member = member;
	c->told.at[c->told.count++].name = palier_copy(&c->arena, palier_str(name));
	if (value.len == 0 && i < c->facts.count) {
		c->facts.at[i] = c->facts.at[--c->facts.count];
		return PALIER_OK;
	}
	if (value.len == 0)
		return PALIER_OK;
	assert_true(i < FACTS_MAX);
	c->facts.at[i].member = member;
	c->facts.at[i].name = palier_copy(&c->arena, palier_str(name));
	c->facts.at[i].value = palier_copy(&c->arena, value);
	c->facts.count += i == c->facts.count;
	return PALIER_OK;
}

bool palier_fact_told(struct palier_ctx *c, uint32_t i, struct palier_id *member, struct palier_bytes *name)
{
	if (i >= c->told.count)
		return false;
	*member = c->told.at[i].member;
	*name = c->told.at[i].name;
	return true;
}

bool palier_fact_changed(struct palier_ctx *c, struct palier_id member, const char *name)
{
	unsigned now = fact_find(c, member, name);
	bool was = false;

	for (unsigned i = 0; now < c->facts.count && i < c->facts_saved.count; i++)
		was = was ||
		      (palier_id_equal(c->facts_saved.at[i].member, member) && palier_is(c->facts_saved.at[i].name, name) &&
			      palier_equal(c->facts_saved.at[i].value, c->facts.at[now].value));
	return now < c->facts.count && !was;
}

int palier_fact(struct palier_ctx *c, struct palier_id member, const char *name, struct palier_bytes *out)
{
	unsigned i = fact_find(c, member, name);

	if (i == c->facts.count)
		return PALIER_ENOENT;
	*out = c->facts.at[i].value;
	return PALIER_OK;
}

const char *kit_fact(const struct palier_ctx *c, struct palier_id member, const char *name)
{
	static char text[64];
	unsigned i = fact_find(c, member, name);

	snprintf(text, sizeof(text), "%.*s", i < c->facts.count ? (int)c->facts.at[i].value.len : 0,
		i < c->facts.count ? c->facts.at[i].value.at : "");
	return text;
}

int member_tags(struct palier_ctx *c, struct palier_id member, struct palier_strings *out)
{
	(void)c;
	(void)member;
	*out = (struct palier_strings){ 0 };
	return PALIER_OK;
}

int member_consents(struct palier_ctx *c, struct palier_id member, struct consent *out)
{
	(void)c;
	(void)member;
	*out = (struct consent){ 0 };
	return PALIER_OK;
}

/* --- configuration --- */

static char first_error[512];

static void error_say(const char *error)
{
	if (!first_error[0])
		snprintf(first_error, sizeof(first_error), "%s", error);
}

static void error_parse(cfg_t *cfg, const char *fmt, va_list args)
{
	char what[400];

	vsnprintf(what, sizeof(what), fmt, args);
	snprintf(first_error, sizeof(first_error), "test:%d: %s", cfg->line, what);
}

static struct config *config_new(void)
{
	struct config *cfg = calloc(1, sizeof(*cfg));

	assert_non_null(cfg);
	cfg->store.currency = "EUR";
	cfg->store.currency_decimals = 2;
	assert_int_equal(zone_set("Europe/Paris"), PALIER_OK);
	return cfg;
}

static void config_drop(struct config *cfg)
{
	palier_arena_deinit(&cfg->arena);
	free(cfg);
}

/* Compile each plugin's section; what is wrong goes to first_error. */
static void config_compile(struct config *cfg, const struct palier_plugin *const *plugins, const char *text,
	const void *out[PLUGINS_MAX])
{
	struct palier_setup setup = { .config = cfg, .file = "test", .say = error_say };
	cfg_opt_t options[PLUGINS_MAX + 1] = { CFG_END() }, none[] = { CFG_END() };
	cfg_t *root;

	first_error[0] = '\0';
	for (unsigned i = 0; plugins[i]; i++)
		options[i] = (cfg_opt_t)CFG_SEC(plugins[i]->name, plugins[i]->options ? plugins[i]->options : none,
			CFGF_NODEFAULT);
	root = cfg_init(options, CFGF_NONE);
	cfg_set_error_function(root, error_parse);
	if (cfg_parse_buf(root, text) == CFG_SUCCESS)
		for (unsigned i = 0; plugins[i]; i++) {
			cfg_t *section = cfg_size(root, plugins[i]->name) > 0 ? cfg_getsec(root, plugins[i]->name) : NULL;
			int err = plugins[i]->configure ? plugins[i]->configure(&setup, section, &out[i]) : PALIER_OK;

			assert_int_equal(err, setup.errors > 0 ? PALIER_ECONFIG : PALIER_OK);
			if (err != PALIER_OK)
				break;
		}
	cfg_free(root);
}

const char *kit_config_error(const struct palier_plugin *const *plugins, const char *text)
{
	const void *compiled[PLUGINS_MAX] = { NULL };
	struct config *cfg = config_new();

	config_compile(cfg, plugins, text, compiled);
	config_drop(cfg);
	return first_error;
}

void kit_reconfigure(struct palier_ctx *c, const char *text)
{
	if (c->config)
		config_drop(c->config);
	c->config = config_new();
	memset(c->configs, 0, sizeof(c->configs));
	config_compile(c->config, c->plugins, text, c->configs);
	assert_string_equal(first_error, "");
}

/* --- the kit --- */

struct palier_ctx *kit_new(const struct palier_plugin *const *plugins, const char *config)
{
	struct palier_ctx *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	for (unsigned i = 0; i < PLUGINS_MAX; i++)
		c->live[i].arena = c->folded[i].arena = c->saved[i].arena = &c->arena;
	for (; plugins[c->count]; c->count++) {
		assert_true(c->count + 1 < PLUGINS_MAX);
		c->plugins[c->count] = plugins[c->count];
	}
	kit_reconfigure(c, config);
	kit_clock(c, "2026-11-21T12:00:00+01:00");
	return c;
}

void kit_free(struct palier_ctx *c)
{
	config_drop(c->config);
	tables_free(c->live);
	tables_free(c->folded);
	tables_free(c->saved);
	free(c->events);
	palier_buffer_deinit(&c->text);
	palier_buffer_deinit(&c->messages);
	palier_buffer_deinit(&c->prompts);
	palier_arena_deinit(&c->arena);
	free(c);
}

void kit_clock_ms(struct palier_ctx *c, int64_t at_ms, int64_t received_ms)
{
	c->at_ms = at_ms;
	c->received_ms = received_ms;
}

void kit_late(struct palier_ctx *c, const char *at, const char *received)
{
	assert_true(time_parse(palier_str(at), &c->at_ms));
	assert_true(time_parse(palier_str(received), &c->received_ms));
}

void kit_clock(struct palier_ctx *c, const char *now)
{
	kit_late(c, now, now);
}

struct palier_id kit_member(unsigned n)
{
	return (struct palier_id){ { (uint8_t)n, 1, 2, 3, 4, 5, 6, 7, 8, 9 } };
}

static void begin(struct palier_ctx *c, const struct palier_id *member)
{
	c->question = false;
	c->ev = (struct palier_event){ .seq = c->event_count + 1,
		.batch = c->batch,
		.at_ms = c->at_ms,
		.store = palier_store_id(c),
		.till = palier_str(c->till),
		.operator= palier_str(c->operator),
		.received_ms = c->received_ms };
	c->alerts[0] = c->qrs[0] = '\0';
	c->missed = false;
	c->messages.len = c->prompts.len = 0;
	c->facts_saved = c->facts;
	c->told.count = 0;
	c->effect_room = 0;
	c->current = 0;
	c->refusal[0] = '\0';
	if (member) {
		c->ev.has_member = true;
		c->ev.member = *member;
	}
	tables_copy(c->saved, c->live);
}

/* An effect's body as it comes back from a journal line. */
static const void *body_reread(struct palier_ctx *c, const struct palier_effect *e)
{
	struct json_token tokens[1024];
	struct json_doc doc = { .tokens = tokens, .capacity = 1024 };
	struct palier_json w = palier_json_to(&c->text);
	void *body = palier_alloc(&c->arena, e->kind->schema->size);
	struct palier_problem why;

	c->text.len = 0;
	schema_encode_effect(e->kind->schema, e->kind->name, e->body, &w);
	assert_int_equal(json_parse(&doc, palier_copy(&c->arena, palier_buffer_bytes(&c->text)), JSON_DEPTH_MAX), PALIER_OK);
	assert_int_equal(schema_decode_effect(e->kind->schema, &doc, 0, &c->arena, body, &why), PALIER_OK);
	return body;
}

static void event_keep(struct palier_ctx *c)
{
	for (uint32_t i = 0; i < c->ev.effect_count; i++) {
		struct palier_effect *e = &c->ev.effects[i];
		unsigned owner = 0;

		e->body = body_reread(c, e);
		(void)kind_find(c, e->kind->name, &owner);
		if (e->kind->apply)
			assert_int_equal(e->kind->apply(&c->folded[owner], &c->ev, e->body), PALIER_OK);
	}
	if (c->event_count == c->event_room) {
		c->event_room = c->event_room * 2 + 16;
		c->events = realloc(c->events, c->event_room * sizeof(*c->events));
		assert_non_null(c->events);
	}
	c->events[c->event_count++] = c->ev;
}

/* Keep what was decided, or leave nothing behind. */
static int end(struct palier_ctx *c, int err, bool keep)
{
	for (unsigned i = c->count; i-- > 0 && err == PALIER_OK && keep;) {
		c->current = i;
		if (c->plugins[i]->on_decided)
			err = c->plugins[i]->on_decided(c);
	}
	if (err == PALIER_OK && keep) {
		event_keep(c);
	} else {
		tables_copy(c->live, c->saved);
		c->facts = c->facts_saved;
	}
	c->current = 0;
	return err;
}

static const struct palier_service *service_find(struct palier_ctx *c, const struct palier_method *method)
{
	for (c->current = 0; c->current < c->count; c->current++)
		for (const struct palier_service *s = c->plugins[c->current]->services; s && s->method; s++)
			if (s->method == method)
				return s;
	fail_msg("no plugin serves %s", method->name);
	return NULL;
}

int kit_command(struct palier_ctx *c, const struct palier_method *method, const void *params)
{
	begin(c, NULL);
	c->ev.method = method;
	c->ev.params = params;
	return end(c, service_find(c, method)->decide(c, params), true);
}

int kit_decide(struct palier_ctx *c, struct palier_id member, int (*decide)(struct palier_ctx *c, void *who), void *who)
{
	begin(c, &member);
	return end(c, decide(c, who), true);
}

/* --- core's own --- */

#define PALIER_FIELDS_kit_profiled(F, M) F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose profile")
PALIER_MESSAGE(kit_profiled);
PALIER_SCHEMA(kit_profiled);

static const struct palier_effect_kind core_effects[] = { { "member.profile", &kit_profiled_schema, NULL, NULL }, { 0 } };

const struct palier_plugin kit_core = { .abi = PALIER_PLUGIN_ABI, .name = "core", .effects = core_effects };

static int profile_book(struct palier_ctx *c, void *member)
{
	struct kit_profiled e = { .set = { 0, 0 } };

	PALIER_SET(&e, kit_profiled, member, *(struct palier_id *)member);
	return palier_effect_add(c, "member.profile", &e);
}

int kit_profile(struct palier_ctx *c, struct palier_id member)
{
	return kit_decide(c, member, profile_book, &member);
}

static int64_t pieces(int64_t quantity)
{
	return quantity % 1000 == 0 ? quantity / 1000 : 1;
}

static void line_fill(struct palier_ctx *c, const struct kit_line *from, struct palier_line *to)
{
	struct basket_line *in = palier_alloc(&c->arena, sizeof(*in));

	PALIER_SET(in, basket_line, sku, palier_str(from->sku ? from->sku : "sku"));
	if (from->category)
		PALIER_SET(in, basket_line, category, palier_str(from->category));
	PALIER_SET(in, basket_line, amount, from->amount);
	if (from->unit)
		PALIER_SET(in, basket_line, unit, palier_str(from->unit));
	if (from->card)
		PALIER_SET(in, basket_line, card, palier_str(from->card));
	*to = (struct palier_line){
		.in = in,
		.kind = from->kind,
		.quantity = from->quantity ? from->quantity : 1000,
		.items = pieces(from->quantity ? from->quantity : 1000),
		.gross = from->amount,
		.exempt = from->exempt,
		.foreign = from->foreign,
		.ours = from->ours,
		.redeemed = from->redeemed,
		.most_given = INT64_MAX,
		.most_ours = INT64_MAX,
	};
}

/* Run a hook of every plugin that has it. */
#define EACH(c, err, hook, ...) \
	for ((c)->current = 0; (c)->current < (c)->count && (err) == PALIER_OK; (c)->current++) \
		if ((c)->plugins[(c)->current]->hook) \
	(err) = (c)->plugins[(c)->current]->hook(__VA_ARGS__)

static struct palier_sale basket_sale(struct palier_ctx *c, const char *number, const struct kit_basket *b)
{
	struct palier_sale s = { .number = palier_str(number),
		.referral = palier_str(b->referral),
		.suggested = b->suggested,
		.suggested_count = b->suggested_count,
		.line_count = b->line_count,
		.redeem = b->redeem,
		.redeem_count = b->redeem_count,
		.payments = b->payments,
		.payment_count = b->payment_count,
		.automatic = !b->no_auto,
		.claimed = b->claimed,
		.has_member = c->ev.has_member,
		.member = c->ev.member };
	struct palier_bytes *coupons = palier_alloc(&c->arena, 32 * sizeof(*coupons));

	s.lines = palier_alloc(&c->arena, (b->line_count + 1) * sizeof(*s.lines));
	for (uint32_t i = 0; i < b->line_count; i++) {
		line_fill(c, &b->lines[i], &s.lines[i]);
		s.total += b->lines[i].amount;
		s.payable += b->lines[i].amount - b->lines[i].ours;
	}
	s.due = s.payable;
	for (; b->coupons && b->coupons[s.coupon_count]; s.coupon_count++)
		coupons[s.coupon_count] = palier_str(b->coupons[s.coupon_count]);
	s.coupons = coupons;
	c->discounts[0] = c->refused[0] = '\0';
	return s;
}

static int price_run(struct palier_ctx *c, struct palier_sale *s)
{
	static const char *const names[] = { "offers", "points", "rewards" };
	int err = PALIER_OK;

	EACH(c, err, on_tender, c, s);
	for (unsigned n = 0; n < 3; n++)
		for (c->current = 0; c->current < c->count && err == PALIER_OK; c->current++)
			if (c->plugins[c->current]->on_price && strcmp(c->plugins[c->current]->name, names[n]) == 0)
				err = c->plugins[c->current]->on_price(c, s);
	return err;
}

static const struct palier_event *event_find(const struct palier_ctx *c, const char *number)
{
	for (size_t i = c->event_count; number && i-- > 0;)
		if (palier_is(c->events[i].request, number))
			return &c->events[i];
	return NULL;
}

int kit_ring(struct palier_ctx *c, const struct palier_id *member, const char *number, const struct kit_basket *b)
{
	struct palier_event held = { .seq = 0 };
	struct palier_sale s;
	int err = PALIER_OK;

	if (b->hold) {
		assert_non_null(event_find(c, b->hold));
		held = *event_find(c, b->hold);
	}
	begin(c, member);
	s = basket_sale(c, number, b);
	s.quote = !number;
	c->question = s.quote;
	c->ev.request = s.number;
	c->hold = palier_str(b->hold ? b->hold : "");
	if (b->same) {
		EACH(c, err, on_capture, c, &s, &held);
	} else {
		err = price_run(c, &s);
	}
	EACH(c, err, on_sale, c, &s);
	c->hold.len = 0;
	if (b->hold) {
		EACH(c, err, on_release, c, palier_str(b->hold));
	}
	c->payable = s.payable;
	c->quoted = s;
	c->due = s.due;
	return end(c, err, number != NULL);
}

int kit_sale(struct palier_ctx *c, const struct palier_id *member, const char *number, const struct kit_line *lines,
	uint32_t count)
{
	const struct kit_basket b = { .lines = lines, .line_count = count };

	return kit_ring(c, member, number, &b);
}

int kit_hold(struct palier_ctx *c, struct palier_id member, const char *name, const struct kit_basket *b, const char *unit,
	int64_t points, int64_t ttl_s)
{
	struct palier_hold h = { .id = palier_str(name),
		.expires_ms = c->received_ms + ttl_s * 1000,
		.has_member = true,
		.member = member,
		.unit = palier_str(unit),
		.points = points };
	struct palier_event quoted = { .seq = 0 };
	int err = PALIER_OK;

	begin(c, &member);
	c->ev.request = h.id;
	if (b) {
		struct palier_sale s = basket_sale(c, NULL, b);

		err = price_run(c, &s);
		EACH(c, err, on_sale, c, &s);
		quoted = c->ev;
		tables_copy(c->live, c->saved);
		c->facts = c->facts_saved;
		c->ev.effects = NULL;
		c->ev.effect_count = c->effect_room = 0;
		h.quoted = &quoted;
	}
	EACH(c, err, on_hold, c, &h);
	return end(c, err, true);
}

int kit_release(struct palier_ctx *c, struct palier_id member, const char *name)
{
	int err = PALIER_OK;

	begin(c, &member);
	EACH(c, err, on_release, c, palier_str(name));
	return end(c, err, true);
}

const char *kit_discounts(const struct palier_ctx *c)
{
	return c->discounts;
}

const char *kit_refused(const struct palier_ctx *c)
{
	return c->refused;
}

int64_t kit_payable(const struct palier_ctx *c)
{
	return c->payable;
}

int64_t kit_due(const struct palier_ctx *c)
{
	return c->due;
}

/* --- what comes after a sale --- */

int kit_return(struct palier_ctx *c, const struct kit_return *p, int64_t *out_refund)
{
	const struct palier_event *sale = event_find(c, p->sale);
	struct palier_returned_line load = { .line = p->load - 1 };
	struct palier_return r = { .number = palier_str(p->number),
		.sale = palier_str(p->sale),
		.quote = !p->number,
		.booked = { sale, event_find(c, p->claim) },
		.base = p->base,
		.paid = p->free ? 0 : p->base,
		.before = p->before,
		.after = p->after,
		.loads = &load,
		.load_count = p->load > 0 };
	int err = PALIER_OK;

	assert_non_null(sale);
	r.has_member = sale->has_member && palier_member_now(c, sale->member, &r.member) == PALIER_OK;
	begin(c, r.has_member ? &r.member : NULL);
	c->ev.request = r.number;
	EACH(c, err, on_return, c, &r);
	if (out_refund)
		*out_refund = r.refund_units;
	return end(c, err, p->number != NULL);
}

int kit_void(struct palier_ctx *c, const char *number)
{
	const struct palier_event *undone = event_find(c, number);
	struct palier_event copy;
	struct palier_id member;
	int err = PALIER_OK;

	assert_non_null(undone);
	copy = *undone;
	begin(c, copy.has_member && palier_member_now(c, copy.member, &member) == PALIER_OK ? &member : NULL);
	EACH(c, err, on_void, c, &copy);
	return end(c, err, true);
}

int kit_enroll(struct palier_ctx *c, struct palier_id member, const struct member_enroll *params)
{
	static const struct member_enroll nothing;
	int err = PALIER_OK;

	begin(c, &member);
	EACH(c, err, on_enroll, c, member, params ? params : &nothing);
	return end(c, err, true);
}

/* Core hands the facts of the one on, where the other has none. */
static void facts_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into)
{
	for (unsigned i = 0; i < c->facts.count;) {
		if (!palier_id_equal(c->facts.at[i].member, from)) {
			i++;
			continue;
		}
		if (fact_find(c, into, palier_cstr(&c->arena, c->facts.at[i].name)) == c->facts.count)
			c->facts.at[i].member = into;
		else
			c->facts.at[i] = c->facts.at[--c->facts.count];
	}
}

int kit_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into)
{
	int err = PALIER_OK;

	begin(c, &into);
	EACH(c, err, on_merge, c, from, into);
	facts_merge(c, from, into);
	c->merged[from.b[0]] = true;
	c->into[from.b[0]] = into;
	return end(c, err, true);
}

int kit_erase(struct palier_ctx *c, struct palier_id member)
{
	int err = PALIER_OK;

	begin(c, &member);
	EACH(c, err, on_erase, c, member);
	c->erased[member.b[0]] = true;
	return end(c, err, true);
}

int kit_order(struct palier_ctx *c, const struct office_order *o)
{
	bool done = false;
	int err = PALIER_OK;

	begin(c, NULL);
	for (c->current = 0; c->current < c->count && err == PALIER_OK; c->current++) {
		if (!c->plugins[c->current]->on_order)
			continue;
		err = c->plugins[c->current]->on_order(c, o);
		done = done || err == PALIER_OK;
		err = err == PALIER_ENOENT ? PALIER_OK : err;
	}
	return end(c, err == PALIER_OK && !done ? PALIER_ENOENT : err, true);
}

void kit_roaming(struct palier_ctx *c, int64_t points)
{
	c->roaming = points;
}

int64_t palier_roaming_credit(const struct palier_ctx *c)
{
	return c->roaming;
}

/* One plugin's slices, each an event. */
static unsigned jobs_run(struct palier_ctx *c, unsigned plugin, const struct palier_close *close)
{
	struct palier_id from = { { 0 } };
	unsigned booked = 0;
	int err = PALIER_OK;

	while (err == PALIER_OK) {
		begin(c, NULL);
		c->current = plugin;
		err = c->plugins[plugin]->due(c, close, &from);
		assert_true(err == PALIER_OK || err == PALIER_ENOENT);
		booked += c->ev.effect_count > 0;
		end(c, PALIER_OK, c->ev.effect_count > 0);
	}
	return booked;
}

unsigned kit_close(struct palier_ctx *c, uint32_t closed, uint32_t opened)
{
	struct palier_close close = { closed, opened };
	unsigned booked = 0;

	c->batch++;
	for (unsigned i = 0; i < c->count; i++)
		if (c->plugins[i]->due)
			booked += jobs_run(c, i, &close);
	return booked;
}

void kit_offline(struct palier_ctx *c, bool offline)
{
	c->offline = offline;
}

void kit_frozen(struct palier_ctx *c, bool frozen)
{
	c->frozen = frozen;
}

void kit_proof(struct palier_ctx *c, int err)
{
	c->proof = err;
}

void kit_supervised(struct palier_ctx *c, bool supervised)
{
	c->supervised = supervised;
}

const char *kit_alerts(const struct palier_ctx *c)
{
	return c->alerts;
}

const struct palier_sale *palier_sale_now(const struct palier_ctx *c)
{
	return c->quoted.quote ? &c->quoted : NULL;
}

struct palier_bytes palier_store_id(const struct palier_ctx *c)
{
	(void)c;
	return PALIER_LIT("shop");
}

struct palier_bytes palier_till(const struct palier_ctx *c)
{
	return palier_str(c->till);
}

void kit_till(struct palier_ctx *c, const char *till, const char *operator)
{
	c->till = till;
	c->operator= operator;
}

const char *kit_qrs(const struct palier_ctx *c)
{
	return c->qrs;
}

bool kit_missed(const struct palier_ctx *c)
{
	return c->missed;
}

const char *kit_messages(struct palier_ctx *c)
{
	return palier_cstr(&c->arena, palier_buffer_bytes(&c->messages));
}

const char *kit_prompts(struct palier_ctx *c)
{
	return palier_cstr(&c->arena, palier_buffer_bytes(&c->prompts));
}

const struct palier_event *kit_event(const struct palier_ctx *c)
{
	return &c->ev;
}

const char *kit_refusal(const struct palier_ctx *c)
{
	return c->refusal;
}

/* What was written, as text. */
static const char *written(struct palier_ctx *c)
{
	c->current = 0;
	return palier_cstr(&c->arena, palier_buffer_bytes(&c->text));
}

const char *kit_answer(struct palier_ctx *c, const struct palier_method *method, const void *params)
{
	struct palier_json w = palier_json_to(&c->text);

	begin(c, NULL);
	c->question = true;
	c->text.len = 0;
	if (service_find(c, method)->answer(c, params, &w) != PALIER_OK)
		return c->refusal;
	return written(c);
}

const char *kit_lookup(struct palier_ctx *c, struct palier_id member)
{
	struct palier_json w = palier_json_to(&c->text);

	begin(c, NULL);
	c->text.len = 0;
	for (c->current = 0; c->current < c->count; c->current++)
		if (c->plugins[c->current]->on_lookup)
			assert_int_equal(c->plugins[c->current]->on_lookup(c, member, &w), PALIER_OK);
	return written(c);
}

const char *kit_reply_of(struct palier_ctx *c, enum palier_reply reply, const char *sale)
{
	struct palier_json w = palier_json_to(&c->text);
	int err = PALIER_OK;

	c->text.len = 0;
	EACH(c, err, on_reply, c, reply, &c->ev, palier_str(sale), &w);
	assert_int_equal(err, PALIER_OK);
	return written(c);
}

const char *kit_reply(struct palier_ctx *c, enum palier_reply reply)
{
	return kit_reply_of(c, reply, NULL);
}

const char *kit_totals(struct palier_ctx *c, bool perpetual)
{
	struct palier_json w = palier_json_to(&c->text);
	int err = PALIER_OK;

	begin(c, NULL);
	c->text.len = 0;
	EACH(c, err, day_totals, c, perpetual, &w);
	assert_int_equal(err, PALIER_OK);
	return written(c);
}

const char *kit_result(struct palier_ctx *c)
{
	struct palier_json w = palier_json_to(&c->text);

	c->text.len = 0;
	assert_int_equal(service_find(c, c->ev.method)->reply(c, &c->ev, &w), PALIER_OK);
	return written(c);
}

static char first_finding[256];

static void finding_say(void *who, const char *finding)
{
	(void)who;
	if (!first_finding[0])
		snprintf(first_finding, sizeof(first_finding), "%s", finding);
}

const char *kit_check(struct palier_ctx *c)
{
	first_finding[0] = '\0';
	for (unsigned i = 0; i < c->count; i++)
		if (c->plugins[i]->check)
			assert_int_equal(c->plugins[i]->check(&c->live[i], finding_say, NULL), PALIER_OK);
	return first_finding;
}

void kit_damage(struct palier_ctx *c, unsigned plugin, const struct kit_damage *d)
{
	struct palier_key k = { .len = 0 };

	palier_key_raw(&k, d->key, d->key_len);
	assert_int_equal(palier_put(kit_tables(c, plugin), d->table, &k, palier_bytes_of(d->value, d->value_len)),
		PALIER_OK);
	assert_string_equal(kit_check(c), d->finding);
}
