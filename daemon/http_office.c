/* SPDX-License-Identifier: Apache-2.0 */
/* What the head office asks of a store, and tells it, besides files. */
#include "daemon/core.h"
#include "daemon/http_batch.h"
#include "daemon/kept.h"
#include "daemon/log.h"
#include "protocol/rpc.h"

#define LOOKED_MAX 200 /* batches, for one page */

#define PALIER_FIELDS_batch_ack(F, M) \
	F(M, STRING, sha256, "sha256", PALIER_REQUIRED, PALIER_RANGE(2 * SHA256_LEN, 2 * SHA256_LEN), "of events.jsonl")
PALIER_MESSAGE(batch_ack);
PALIER_SCHEMA(batch_ack);

static void text_member(struct palier_json *w, const char *key, const char *text)
{
	palier_json_key(w, key);
	palier_json_str(w, text);
}

static void figure_member(struct palier_json *w, const char *key, int64_t figure)
{
	palier_json_key(w, key);
	palier_json_int(w, figure);
}

/* 0: none has been */
static uint32_t last_closed(const struct ledger *l)
{
	return l->day ? l->head.batch - 1 : l->head.batch;
}

void http_store(struct http_call *c)
{
	const struct config *config = c->turn->config;
	const struct ledger *l = c->turn->ledger;
	struct palier_json w = palier_json_to(&c->turn->scratch);

	c->turn->scratch.len = 0;
	palier_json_object(&w);
	palier_json_key(&w, "store");
	palier_json_object(&w);
	text_member(&w, "id", config->store.id);
	text_member(&w, "name", config->store.name);
	text_member(&w, "currency", config->store.currency);
	text_member(&w, "timezone", config->store.timezone);
	text_member(&w, "language", config->store.language);
	palier_json_end_object(&w);
	palier_json_key(&w, "server");
	palier_json_object(&w);
	text_member(&w, "name", "palierd");
	text_member(&w, "version", PALIER_VERSION);
	palier_json_end_object(&w);
	figure_member(&w, "protocol", PALIER_PROTOCOL_VERSION);
	figure_member(&w, "seq", (int64_t)l->head.seq);
	figure_member(&w, "last_batch", last_closed(l));
	palier_json_end_object(&w);
	palier_buffer_add(&c->turn->scratch, "\n", 1);
	http_json(c, 200, palier_buffer_bytes(&c->turn->scratch));
}

/* --- batches --- */

static void batch_write(const struct ledger *l, const struct batch_manifest *m, struct palier_json *w)
{
	struct ack ack;

	palier_json_object(w);
	figure_member(w, "batch", m->batch);
	palier_json_key(w, "business_day");
	palier_json_day(w, m->business_day);
	figure_member(w, "events", m->events);
	figure_member(w, "first_seq", m->first_seq);
	figure_member(w, "last_seq", m->last_seq);
	figure_member(w, "size", m->size);
	palier_json_key(w, "sha256");
	palier_json_string(w, m->sha256);
	palier_json_key(w, "closed_at");
	palier_json_time(w, m->closed_at);
	if (ack_read(l->dir, (uint32_t)m->batch, &ack) == PALIER_OK) {
		palier_json_key(w, "acknowledged_at");
		palier_json_time(w, ack.at_ms);
	}
	palier_json_end_object(w);
}

void http_batches(struct http_call *c)
{
	const struct ledger *l = c->turn->ledger;
	struct palier_json w = palier_json_to(&c->turn->scratch);
	struct palier_arena a = { 0 };
	struct batch_manifest m;
	uint64_t after, last = last_closed(l), end;

	if (!http_after(c, &after))
		return;
	end = after + LOOKED_MAX < last ? after + LOOKED_MAX : last;
	c->turn->scratch.len = 0;
	palier_json_object(&w);
	palier_json_key(&w, "batches");
	palier_json_array(&w);
	for (uint64_t batch = after + 1; batch <= end; batch++) {
		if (batch_sealed(c->turn->config, (uint32_t)batch, &a, &m) == PALIER_OK)
			batch_write(l, &m, &w);
		palier_arena_reset(&a);
	}
	palier_json_end_array(&w);
	if (end < last && end > after)
		figure_member(&w, "next", (int64_t)end);
	palier_json_end_object(&w);
	palier_buffer_add(&c->turn->scratch, "\n", 1);
	http_json(c, 200, palier_buffer_bytes(&c->turn->scratch));
	palier_arena_deinit(&a);
}

/* --- acknowledgements --- */

/* @return false, answered */
static bool ack_body(struct http_call *c, struct palier_arena *a, struct batch_ack *out)
{
	struct json_doc d = { .capacity = (uint32_t)(c->body.len / 2 + 2) };
	struct palier_problem why = { .err = PALIER_OK };

	d.tokens = palier_alloc(a, d.capacity * sizeof(*d.tokens));
	if (json_parse(&d, c->body, JSON_DEPTH_MAX) != PALIER_OK || d.tokens[0].type != JSON_OBJECT)
		http_refuse(c, 400, NULL, "the body is no JSON object");
	else if (schema_decode(&batch_ack_schema, SCHEMA_WIRE, &d, 0, a, out, &why) != PALIER_OK)
		http_refuse(c, 422, palier_error_info(PALIER_EPARAMS)->reason, "%s", why.text);
	else
		return true;
	return false;
}

/* The first time counts. */
static int ack_keep(const struct ledger *l, const struct batch_manifest *m, int64_t now_ms, struct ack *ack)
{
	struct ack fresh = { .at_ms = now_ms };

	if (!palier_unhex(m->sha256, fresh.sha256.b, SHA256_LEN))
		return PALIER_EDAMAGED;
	if (ack_read(l->dir, (uint32_t)m->batch, ack) == PALIER_OK &&
		crypto_equal(ack->sha256.b, fresh.sha256.b, SHA256_LEN))
		return PALIER_OK;
	*ack = fresh;
	log_info("batch.acknowledged", "batch=%lld", (long long)m->batch);
	return ack_write(l->dir, (uint32_t)m->batch, ack);
}

static void ack_answer(struct http_call *c, const struct ack *ack)
{
	struct palier_json w = palier_json_to(&c->turn->scratch);

	c->turn->scratch.len = 0;
	palier_json_object(&w);
	figure_member(&w, "batch", c->number);
	palier_json_key(&w, "acknowledged_at");
	palier_json_time(&w, ack->at_ms);
	palier_json_end_object(&w);
	palier_buffer_add(&c->turn->scratch, "\n", 1);
	http_json(c, 200, palier_buffer_bytes(&c->turn->scratch));
}

static void ack_take(struct http_call *c, struct palier_arena *a)
{
	struct batch_manifest m;
	struct batch_ack body;
	struct ack ack;

	if (!http_sealed(c, a, &m) || !ack_body(c, a, &body))
		return;
	if (!palier_equal(body.sha256, m.sha256))
		http_refuse(c, 409, NULL, "this is not the sum of batch %u: pull it again", c->number);
	else if (ack_keep(c->turn->ledger, &m, c->now_ms, &ack) != PALIER_OK)
		http_refuse(c, 503, palier_error_info(PALIER_ESTORAGE_FULL)->reason, "it cannot be kept: is the disk full?");
	else
		ack_answer(c, &ack);
}

void http_ack(struct http_call *c)
{
	struct palier_arena a = { 0 };

	ack_take(c, &a);
	palier_arena_deinit(&a);
}

/* --- profiles --- */

void http_profiles(struct http_call *c)
{
	struct persons_changed params = { .set = { 0, 0 } };
	uint64_t after;

	if (!http_after(c, &after))
		return;
	PALIER_SET(&params, persons_changed, after, (int64_t)after);
	c->turn->scratch.len = 0;
	if (!http_ask(c, &method_persons_changed, &params, &c->turn->scratch))
		return;
	palier_buffer_add(&c->turn->scratch, "\n", 1);
	http_json(c, 200, palier_buffer_bytes(&c->turn->scratch));
}
