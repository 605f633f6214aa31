/* SPDX-License-Identifier: Apache-2.0 */
/* Directives: what the head office orders. Text and signature come one by one, in any order, and are kept; once both are here, they are put to
 * the router as the command directive.apply, whose request names the directive: sent again, it is answered again and counts once. */
#include <stdio.h>

#include "daemon/core.h"
#include "daemon/http_call.h"
#include "daemon/kept.h"
#include "protocol/rpc.h"

#define FOLDER    "directives"
#define PART_MAX  ((size_t)1 << 18)
#define NAME_LEN  32
#define ID        "0"
#define RPC_BEGIN "{\"jsonrpc\":\"2.0\",\"id\":" ID ",\"result\":"

struct part {
	char name[NAME_LEN];
	struct palier_buffer text;
	bool here;
};

struct directive_call {
	struct http_call *http;
	char request[NAME_LEN];
	struct part text, signature;
};

static void part_name(struct part *p, uint32_t number, const char *suffix)
{
	snprintf(p->name, sizeof(p->name), "%u%s", number, suffix);
}

static int part_read(const struct directive_call *d, struct part *p)
{
	int err = kept_read(d->http->turn->ledger->dir, FOLDER, p->name, PART_MAX, &p->text);

	p->here = err == PALIER_OK;
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static void refuse_disk(struct http_call *c, int err)
{
	http_refuse(c, 503, palier_error_info(err == PALIER_ESTORAGE_FULL ? err : PALIER_EINTERNAL)->reason,
		"it cannot be kept: is the disk full?");
}

/* What was carried out stays as it is. @return false, answered, or the turn has failed */
static bool may_replace(const struct directive_call *d)
{
	struct http_call *c = d->http;
	int err = router_booked(c->turn->router, PALIER_LIT(TILL_OFFICE), palier_str(d->request), c->now_ms);

	if (err == PALIER_OK)
		http_refuse(c, 409, palier_error_info(PALIER_EREQUEST_CONFLICT)->reason,
			"directive %u was carried out, and this is another", c->number);
	else if (err != PALIER_ENOENT)
		c->routed = ROUTED_FAILED;
	return err == PALIER_ENOENT;
}

/* The signature of a text that another takes the place of is that text's. @return PALIER_OK; PALIER_EIO */
static int signature_forget(struct directive_call *d)
{
	d->signature.here = false;
	return kept_remove(d->http->turn->ledger->dir, FOLDER, d->signature.name);
}

/* @return false, answered, or the turn has failed */
static bool part_keep(struct directive_call *d, struct part *p)
{
	struct http_call *c = d->http;
	int err = PALIER_OK;

	if (p->here && palier_equal(palier_buffer_bytes(&p->text), c->body))
		return true;
	if (p->here && !may_replace(d))
		return false;
	if (p->here && p == &d->text && d->signature.here)
		err = signature_forget(d);
	if (err == PALIER_OK)
		err = kept_write(c->turn->ledger->dir, FOLDER, p->name, c->body);
	if (err != PALIER_OK) {
		refuse_disk(c, err);
		return false;
	}
	p->text.len = 0;
	palier_buffer_add(&p->text, c->body.at, c->body.len);
	p->here = true;
	return true;
}

static void answer_waiting(const struct directive_call *d)
{
	struct palier_buffer *out = &d->http->turn->scratch;
	struct palier_json w = palier_json_to(out);

	out->len = 0;
	palier_json_object(&w);
	palier_json_key(&w, "directive");
	palier_json_int(&w, d->http->number);
	palier_json_key(&w, "missing");
	palier_json_str(&w, d->text.here ? "signature" : "directive");
	palier_json_end_object(&w);
	palier_buffer_add(out, "\n", 1);
	http_json(d->http, 202, palier_buffer_bytes(out));
}

static void line_write(const struct directive_call *d, struct palier_buffer *out)
{
	struct palier_bytes signature = palier_buffer_bytes(&d->signature.text);
	struct palier_buffer base64 = { 0 };
	struct palier_json w = palier_json_to(out);

	palier_buffer_reserve(&base64, (signature.len * 4 + 2) / 3 + 1);
	base64.len = palier_base64(signature.at, signature.len, base64.at);
	palier_json_object(&w);
	palier_json_key(&w, "jsonrpc");
	palier_json_str(&w, "2.0");
	palier_json_key(&w, "id");
	palier_json_raw(&w, PALIER_LIT(ID));
	palier_json_key(&w, "method");
	palier_json_str(&w, "directive.apply");
	palier_json_key(&w, "params");
	palier_json_object(&w);
	palier_json_key(&w, "request");
	palier_json_str(&w, d->request);
	palier_json_key(&w, "directive");
	palier_json_string(&w, palier_buffer_bytes(&d->text.text));
	palier_json_key(&w, "signature");
	palier_json_string(&w, palier_buffer_bytes(&base64));
	palier_json_end_object(&w);
	palier_json_end_object(&w);
	palier_buffer_deinit(&base64);
}

/* The result alone, with its LF. */
static void answer_result(struct http_call *c, const struct palier_buffer *reply)
{
	struct palier_buffer *out = &c->turn->scratch;

	out->len = 0;
	palier_buffer_add(out, reply->at + sizeof(RPC_BEGIN) - 1, reply->len - sizeof(RPC_BEGIN) - 1); /* without "}\n" */
	palier_buffer_add(out, "\n", 1);
	http_json(c, 200, palier_buffer_bytes(out));
}

static void apply(const struct directive_call *d)
{
	struct http_call *c = d->http;
	struct palier_buffer reply = { 0 }, *line = &c->turn->scratch;
	const struct palier_problem *why = &router_ctx(c->turn->router)->problem;
	struct session office;

	session_begin(&office, c->talk->http->door);
	office.once = true;
	line->len = 0;
	line_write(d, line);
	c->routed = router_line(c->turn->router, &office, palier_buffer_bytes(line), c->now_ms, c->turn->refuses, &reply);
	if (c->routed != ROUTED_FAILED) {
		if (why->err == PALIER_OK)
			answer_result(c, &reply);
		else
			http_refuse_problem(c, why);
	}
	palier_buffer_deinit(&reply);
}

static void put(struct http_call *c, bool signature)
{
	struct directive_call d = { .http = c };
	int err;

	snprintf(d.request, sizeof(d.request), "directive|%u", c->number);
	part_name(&d.text, c->number, ".json");
	part_name(&d.signature, c->number, ".p7s");
	err = part_read(&d, &d.text);
	if (err == PALIER_OK)
		err = part_read(&d, &d.signature);
	if (err != PALIER_OK)
		refuse_disk(c, err);
	else if (part_keep(&d, signature ? &d.signature : &d.text)) {
		if (d.text.here && d.signature.here)
			apply(&d);
		else
			answer_waiting(&d);
	}
	palier_buffer_deinit(&d.text.text);
	palier_buffer_deinit(&d.signature.text);
}

void http_directive(struct http_call *c)
{
	put(c, false);
}

void http_directive_signature(struct http_call *c)
{
	put(c, true);
}
