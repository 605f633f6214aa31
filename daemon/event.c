/* SPDX-License-Identifier: Apache-2.0 */
/* Event lines. The order of members and the absence of white space are part of the format: batch_links relies on them. */
#include "daemon/event.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/core.h"
#include "protocol/json_values.h"

/* --- writing --- */

static void effects_write(struct palier_json *w, const struct palier_event *ev)
{
	palier_json_key(w, "effects");
	palier_json_array(w);
	for (uint32_t i = 0; i < ev->effect_count; i++) {
		const struct palier_effect *e = &ev->effects[i];

		schema_encode_effect(e->kind->schema, e->kind->name, e->body, w);
	}
	palier_json_end_array(w);
}

void event_write(const struct palier_event *ev, const struct palier_hash *prev, struct palier_buffer *out)
{
	struct palier_json json = palier_json_to(out), *w = &json;

	palier_json_object(w);
	palier_json_key(w, "seq");
	palier_json_int(w, (int64_t)ev->seq);
	palier_json_key(w, "turn");
	palier_json_int(w, (int64_t)ev->turn);
	palier_json_key(w, "params_hash");
	palier_json_hex(w, ev->params_hash.b, sizeof(ev->params_hash.b));
	palier_json_key(w, "at");
	palier_json_time(w, ev->at_ms);
	palier_json_key(w, "received");
	palier_json_time(w, ev->received_ms);
	palier_json_key(w, "store");
	palier_json_string(w, ev->store);
	palier_json_key(w, "till");
	palier_json_string(w, ev->till);
	if (ev->operator.len) {
		palier_json_key(w, "operator");
		palier_json_string(w, ev->operator);
	}
	palier_json_key(w, "day");
	palier_json_day(w, ev->day);
	palier_json_key(w, "request");
	palier_json_string(w, ev->request);
	palier_json_key(w, "method");
	palier_json_str(w, ev->method->name);
	if (ev->has_member) {
		palier_json_key(w, "member");
		palier_json_id(w, ev->member);
	}
	palier_json_key(w, "params");
	schema_encode(ev->method->params, SCHEMA_LEDGER, ev->params, w);
	effects_write(w, ev);
	palier_json_key(w, "prev");
	palier_json_hex(w, prev->b, SHA256_LEN);
	palier_json_end_object(w);
}

void head_write(const char *store, uint32_t batch, uint32_t day, const struct palier_hash *prev_batch, uint64_t first_seq,
	struct palier_buffer *out)
{
	struct palier_json json = palier_json_to(out), *w = &json;

	palier_json_object(w);
	palier_json_key(w, "head");
	palier_json_object(w);
	palier_json_key(w, "format");
	palier_json_int(w, BATCH_FORMAT);
	palier_json_key(w, "store");
	palier_json_str(w, store);
	palier_json_key(w, "batch");
	palier_json_int(w, batch);
	palier_json_key(w, "business_day");
	palier_json_day(w, day);
	palier_json_key(w, "prev_batch_sha256");
	palier_json_hex(w, prev_batch->b, SHA256_LEN);
	palier_json_key(w, "first_seq");
	palier_json_int(w, (int64_t)first_seq);
	palier_json_key(w, "software");
	palier_json_str(w, "palier " PALIER_VERSION);
	palier_json_end_object(w);
	palier_json_end_object(w);
}

bool tail_write(const struct palier_event *ev, const struct palier_hash *hash, struct palier_buffer *out)
{
	const struct day_closed *e = closed_of(ev);
	struct palier_json json = palier_json_to(out), *w = &json;

	if (!e)
		return false;
	palier_json_object(w);
	palier_json_key(w, "tail");
	palier_json_object(w);
	palier_json_key(w, "events");
	palier_json_int(w, e->events);
	palier_json_key(w, "last_seq");
	palier_json_int(w, (int64_t)ev->seq);
	palier_json_key(w, "last_sha256");
	palier_json_hex(w, hash->b, SHA256_LEN);
	palier_json_key(w, "totals");
	palier_json_raw(w, e->totals);
	palier_json_key(w, "perpetual");
	palier_json_raw(w, e->perpetual);
	palier_json_key(w, "closed_at");
	palier_json_time(w, e->closed_at);
	palier_json_end_object(w);
	palier_json_end_object(w);
	return true;
}

/* --- reading --- */

/* What no sender's name and no request is longer than. */
#define NAME_MAX_LEN    32
#define REQUEST_MAX_LEN 64

static int effects_read(const struct plugin_set *plugins, struct json_doc *d, uint32_t array, struct palier_arena *a,
	struct palier_event *out, char *why)
{
	struct palier_problem problem;
	uint32_t token = array + 1;

	out->effect_count = d->tokens[array].count;
	out->effects = palier_alloc(a, (out->effect_count + 1) * sizeof(*out->effects));
	for (uint32_t i = 0; i < out->effect_count; i++, token += d->tokens[token].span) {
		struct palier_bytes name;
		const struct known_effect *known;
		void *body;

		/* Its kind is an effect's first member. */
		if (d->tokens[token].type != JSON_OBJECT || json_member(d, token, "kind") != token + 2 ||
			!json_text_in(d, token + 2, a, &name))
			return complain(why, PALIER_EDAMAGED, "an effect without a kind");
		known = plugins_effect(plugins, name);
		if (!known)
			return complain(why, PALIER_ENOENT, "no installed plugin knows the effect %.*s", PALIER_ARG(name));
		body = palier_alloc(a, known->kind->schema->size);
		if (schema_decode_effect(known->kind->schema, d, token, a, body, &problem) != PALIER_OK)
			return complain(why, PALIER_EDAMAGED, "a malformed effect %.*s", PALIER_ARG(name));
		out->effects[i] = (struct palier_effect){ known->kind, body };
	}
	return PALIER_OK;
}

static bool envelope_read(const struct json_doc *d, struct palier_arena *a, struct palier_event *out)
{
	struct palier_bytes member;
	uint32_t operator= json_member(d, 0, "operator"), who = json_member(d, 0, "member");

	if (!json_uint_in(d, json_member(d, 0, "seq"), &out->seq) ||
		!json_uint_in(d, json_member(d, 0, "turn"), &out->turn) ||
		!json_hex_in(d, json_member(d, 0, "params_hash"), a, out->params_hash.b, sizeof(out->params_hash.b)))
		return false;
	if (!json_time_in(d, json_member(d, 0, "at"), a, &out->at_ms) ||
		!json_time_in(d, json_member(d, 0, "received"), a, &out->received_ms) ||
		!json_text_in(d, json_member(d, 0, "store"), a, &out->store) ||
		!json_text_in(d, json_member(d, 0, "till"), a, &out->till) ||
		!json_day_in(d, json_member(d, 0, "day"), a, &out->day) ||
		!json_text_in(d, json_member(d, 0, "request"), a, &out->request))
		return false;
	if (operator&& !json_text_in(d, operator, a, &out->operator))
		return false;
	if (out->till.len > NAME_MAX_LEN || out->operator.len> NAME_MAX_LEN || out->request.len> REQUEST_MAX_LEN)
		return false;
	out->has_member = who != 0;
	return !who || (json_text_in(d, who, a, &member) && palier_id_parse(member, &out->member) == PALIER_OK);
}

int event_read(const struct plugin_set *plugins, struct json_doc *d, struct palier_bytes line, struct palier_arena *a,
	struct palier_event *out, char *why)
{
	const struct served_method *method;
	struct palier_problem problem;
	struct palier_bytes name;
	uint32_t params, effects;
	void *body;

	*out = (struct palier_event){ .seq = 0 };
	if (json_parse(d, line, JSON_DEPTH_MAX) != PALIER_OK || d->tokens[0].type != JSON_OBJECT)
		return complain(why, PALIER_EDAMAGED, "not JSON");
	if (!envelope_read(d, a, out) || !json_text_in(d, json_member(d, 0, "method"), a, &name))
		return complain(why, PALIER_EDAMAGED, "not an event");
	method = plugins_method(plugins, name);
	if (!method || !(method->method->flags & METHOD_COMMAND))
		return complain(why, PALIER_ENOENT, "no installed plugin serves %.*s", PALIER_ARG(name));
	out->method = method->method;
	params = json_member(d, 0, "params");
	effects = json_member(d, 0, "effects");
	if (!params || !effects || d->tokens[effects].type != JSON_ARRAY)
		return complain(why, PALIER_EDAMAGED, "an event without params or effects");
	body = palier_alloc(a, out->method->params->size);
	if (schema_decode(out->method->params, SCHEMA_LEDGER, d, params, a, body, &problem) != PALIER_OK)
		return complain(why, PALIER_EDAMAGED, "malformed params of %.*s", PALIER_ARG(name));
	out->params = body;
	return effects_read(plugins, d, effects, a, out, why);
}

/* --- booking --- */

void request_key(struct keys *k, struct palier_bytes till, struct palier_bytes request, struct palier_hash16 *out)
{
	char text[128];
	size_t n = 0;

	memcpy(text, till.at, till.len);
	n += till.len;
	text[n++] = 0;
	memcpy(text + n, request.at, request.len);
	keys_hash(k, 'r', palier_bytes_of(text, n + request.len), out->b);
}

/* Four tables take turns (day.c): each takes the requests of 30 days or more, then the oldest is emptied and takes its turn. Which one it is
 * comes from the journal, not from the clock, so that a clock that was wrong for a while hides no request. */
static unsigned request_table(const struct palier_tables *t, unsigned back)
{
	return T_REQUEST0 + (unsigned)(core_counter(t, COUNTER_REQUESTS) + REQUEST_TABLES - back) % REQUEST_TABLES;
}

int request_find(struct palier_ctx *c, const struct palier_hash16 *key, struct request_row *out)
{
	struct palier_key k = { .len = 0 };

	palier_key_raw(&k, key->b, sizeof(key->b));
	for (unsigned back = 0; back < REQUEST_TABLES - 1; back++) {
		struct palier_bytes value;
		struct palier_cut cut;
		int err = palier_get(core_tables(c), request_table(core_tables(c), back), &k, &value);

		if (err == PALIER_ENOENT)
			continue;
		if (err != PALIER_OK)
			return err;
		cut = palier_cut_of(value);
		memcpy(out->params_hash.b, palier_cut_raw(&cut, sizeof(out->params_hash.b)).at, sizeof(out->params_hash.b));
		out->seq = palier_cut_uint(&cut, 8);
		out->batch = (uint32_t)palier_cut_uint(&cut, 4);
		out->offset = palier_cut_uint(&cut, 8);
		return PALIER_OK;
	}
	return PALIER_ENOENT;
}

static int request_book(struct palier_ctx *c, const struct palier_event *ev)
{
	struct palier_key k = { .len = 0 };
	struct palier_value v = { .len = 0 };
	struct palier_hash16 key = c->request_key;

	if (!c->request_key_known)
		request_key(c->keys, ev->till, ev->request, &key);
	palier_key_raw(&k, key.b, sizeof(key.b));
	palier_value_raw(&v, ev->params_hash.b, sizeof(ev->params_hash.b));
	palier_value_uint(&v, ev->seq, 8);
	palier_value_uint(&v, ev->batch, 4);
	palier_value_uint(&v, ev->offset, 8);
	return palier_put(&c->tables[0], request_table(&c->tables[0], 0), &k, palier_value_bytes(&v));
}

/* Newest first: the seq is kept inverted. */
static int touch_book(struct palier_ctx *c, const struct palier_event *ev, struct palier_id member)
{
	struct palier_key k = { .len = 0 };
	struct palier_value v = { .len = 0 };

	palier_key_id(&k, member);
	palier_key_uint(&k, UINT64_MAX - ev->seq, 8);
	palier_value_uint(&v, ev->batch, 4);
	palier_value_uint(&v, ev->offset, 8);
	return palier_put(&c->tables[0], T_EVENT, &k, palier_value_bytes(&v));
}

const struct palier_id *effect_member(const struct palier_effect *e)
{
	const struct palier_field *f = e->kind->schema->fields;
	const struct palier_set *set = e->body;

	for (unsigned bit = 0; f[bit].name; bit++)
		if (f[bit].type == PALIER_MEMBER && (set->has >> bit & 1))
			return (const struct palier_id *)((const char *)e->body + f[bit].offset);
	return NULL;
}

int event_book(struct palier_ctx *c, const struct palier_event *ev)
{
	int err = request_book(c, ev);

	if (err == PALIER_OK)
		err = totals_book(&c->tables[0], ev);
	if (err == PALIER_OK && ev->has_member)
		err = touch_book(c, ev, ev->member);
	for (uint32_t i = 0; i < ev->effect_count && err == PALIER_OK; i++) {
		const struct palier_id *member = effect_member(&ev->effects[i]);

		if (member && !(ev->has_member && palier_id_equal(*member, ev->member)))
			err = touch_book(c, ev, *member);
	}
	return err == PALIER_OK ? fraud_book(&c->tables[0], ev) : err;
}

int event_fold(struct palier_ctx *c, const struct palier_event *ev)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; i < ev->effect_count && err == PALIER_OK; i++) {
		const struct palier_effect *e = &ev->effects[i];
		const struct known_effect *known = plugins_effect(c->plugins, palier_str(e->kind->name));

		if (e->kind->apply)
			err = e->kind->apply(&c->tables[known->plugin], ev, e->body);
	}
	return err == PALIER_OK ? event_book(c, ev) : err;
}
