/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON-RPC envelope of a request and of a reply. */
#include "protocol/rpc.h"

#include <stdio.h>

/* Where the members of an envelope stand; 0: nowhere. */
struct envelope {
	uint32_t version, id, method, params, unknown;
};

static int refuse_as(struct palier_problem *why, int err, const char *field, const char *text)
{
	*why = (struct palier_problem){ .err = err };
	snprintf(why->field, sizeof(why->field), "%s", field);
	snprintf(why->text, sizeof(why->text), "%s", text);
	return err;
}

static int refuse(struct palier_problem *why, const char *field, const char *text)
{
	return refuse_as(why, PALIER_EREQUEST, field, text);
}

static struct envelope envelope_of(const struct json_doc *d)
{
	struct envelope e = { 0 };
	uint32_t key = 1;

	for (uint32_t i = 0; i < d->tokens[0].count; i++) {
		if (json_string_is(d, key, PALIER_LIT("jsonrpc")))
			e.version = key + 1;
		else if (json_string_is(d, key, PALIER_LIT("id")))
			e.id = key + 1;
		else if (json_string_is(d, key, PALIER_LIT("method")))
			e.method = key + 1;
		else if (json_string_is(d, key, PALIER_LIT("params")))
			e.params = key + 1;
		else
			e.unknown = key;
		key += 1 + d->tokens[key + 1].span;
	}
	return e;
}

static bool is_id(const struct json_doc *d, uint32_t token)
{
	int64_t number;

	return d->tokens[token].type == JSON_STRING || json_integer(d, token, &number);
}

int rpc_read(const struct json_doc *d, struct palier_arena *a, struct rpc_request *out, struct palier_problem *why)
{
	struct envelope e;

	*out = (struct rpc_request){ 0 };
	if (d->tokens[0].type == JSON_ARRAY)
		return refuse(why, "", "no batches: one request is one line");
	if (d->tokens[0].type != JSON_OBJECT)
		return refuse(why, "", "a request is an object");
	e = envelope_of(d);
	if (e.id && is_id(d, e.id))
		out->id = json_text(d, e.id);
	if (e.method && d->tokens[e.method].type == JSON_STRING)
		out->method = json_string(d, e.method, a);
	if (!e.version || !json_string_is(d, e.version, PALIER_LIT("2.0")))
		return refuse(why, "jsonrpc", "jsonrpc must be \"2.0\"");
	if (!e.id)
		return refuse(why, "id", "id is required: there are no notifications");
	if (out->id.len == 0)
		return refuse(why, "id", "id must be a string or an integer");
	if (!e.method || d->tokens[e.method].type != JSON_STRING)
		return refuse(why, "method", "method must be a string");
	if (e.params && d->tokens[e.params].type != JSON_OBJECT && d->tokens[e.params].type != JSON_ARRAY)
		return refuse(why, "params", "params must be an object: named params only");
	if (e.unknown)
		return refuse(why, "", "a request has jsonrpc, id, method and params, and nothing else");
	if (e.params && d->tokens[e.params].type == JSON_ARRAY) /* a request as JSON-RPC has it, that no method takes */
		return refuse_as(why, PALIER_EPARAMS, "params", "params must be an object: named params only");
	out->params = e.params;
	return PALIER_OK;
}

static void begin_reply(struct palier_json *w, struct palier_bytes id, const char *key)
{
	palier_json_object(w);
	palier_json_key(w, "jsonrpc");
	palier_json_str(w, "2.0");
	palier_json_key(w, "id");
	if (id.len > 0)
		palier_json_raw(w, id);
	else
		palier_json_null(w);
	palier_json_key(w, key);
}

void rpc_begin_result(struct palier_json *w, struct palier_bytes id)
{
	begin_reply(w, id, "result");
}

void rpc_end(struct palier_json *w)
{
	palier_json_end_object(w);
	palier_buffer_add(w->out, "\n", 1);
	w->comma = false;
}

void rpc_error(struct palier_json *w, struct palier_bytes id, const struct palier_problem *why, struct palier_bytes extra)
{
	const struct palier_error_info *info = palier_error_info(why->err);

	begin_reply(w, id, "error");
	palier_json_object(w);
	palier_json_key(w, "code");
	palier_json_int(w, info->code);
	palier_json_key(w, "message");
	palier_json_str(w, why->text[0] ? why->text : info->text);
	palier_json_key(w, "data");
	palier_json_object(w);
	palier_json_key(w, "reason");
	palier_json_str(w, info->reason);
	if (why->field[0]) {
		palier_json_key(w, "field");
		palier_json_str(w, why->field);
	}
	palier_json_key(w, "retryable");
	palier_json_bool(w, info->retryable);
	if (extra.len > 0)
		palier_json_raw(w, extra);
	palier_json_end_object(w);
	palier_json_end_object(w);
	rpc_end(w);
}
