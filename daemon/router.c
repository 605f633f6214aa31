/* SPDX-License-Identifier: Apache-2.0 */
/* A request as a pipeline of named steps: read, allow, decode, replay or decide, reply. */
#include "daemon/router.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/core.h"
#include "daemon/log.h"
#include "daemon/metrics.h"
#include "daemon/misses.h"
#include "daemon/sessions.h"
#include "daemon/subscribe.h"
#include "protocol/rpc.h"

#define CLOCK_MS (5 * 60 * 1000) /* how far a command's `at` may be from now */

struct router {
	struct ledger *ledger;
	struct plugin_set *plugins;
	const struct config *config;
	int64_t started_ms;
	struct throttle throttle;
	struct misses misses;
	struct palier_ctx ctx;
	struct palier_arena arena;
	struct palier_buffer canonical;
	struct json_token *tape;
	uint32_t tape_size;
};

/* One request on its way. */
struct call {
	struct router *router;
	struct session *session;
	struct json_doc doc;
	struct rpc_request rpc;
	const struct palier_method *method;
	const struct served_method *served; /* NULL: the daemon's own */
	void *params;
	enum role role;
	int64_t now_ms;
	int64_t ahead_s; /* of an offline command: how far its `at` was in the future */
	bool full;
	struct palier_buffer *out;
	size_t out_begin;
};

struct router *router_new(struct ledger *l, struct plugin_set *plugins, const struct config *config)
{
	struct router *r = calloc(1, sizeof(*r));

	if (!r)
		abort();
	r->started_ms = clock_now_ms();
	r->ledger = l;
	r->plugins = plugins;
	r->ctx.ledger = l;
	r->ctx.plugins = plugins;
	r->ctx.keys = l->keys;
	r->ctx.arena = &r->arena;
	r->ctx.misses = &r->misses;
	r->ctx.view = (struct view){ .store = l->store, .keys = l->keys, .arena = &r->arena };
	ctx_bind(&r->ctx);
	router_configure(r, config);
	return r;
}

void router_configure(struct router *r, const struct config *config)
{
	r->config = r->ctx.config = r->ledger->config = r->ledger->fold.config = config;
	r->tape_size = (uint32_t)(config->limits.line / 2 + 2);
	free(r->tape);
	r->tape = malloc(r->tape_size * sizeof(*r->tape));
	if (!r->tape)
		abort();
}

void router_free(struct router *r)
{
	free(r->tape);
	palier_buffer_deinit(&r->canonical);
	palier_buffer_deinit(&r->ctx.extra);
	palier_arena_deinit(&r->arena);
	free(r);
}

struct palier_ctx *router_ctx(struct router *r)
{
	return &r->ctx;
}

/* --- replies --- */

static struct palier_json reply_to(struct call *c)
{
	c->out->len = c->out_begin;
	return palier_json_to(c->out);
}

static enum routed reply_error(struct call *c, int err)
{
	struct palier_ctx *x = &c->router->ctx;
	struct palier_json w = reply_to(c);

	if (x->problem.err == PALIER_OK) {
		x->problem.err = err;
		log_warn("request.failed", "method=%s err=%s", c->method ? c->method->name : "",
			palier_error_info(err)->name);
	}
	metrics_refusal(x->problem.err);
	rpc_error(&w, c->rpc.id, &x->problem, palier_buffer_bytes(&x->extra));
	return ROUTED_QUESTION;
}

static struct palier_json begin_result(struct call *c)
{
	struct palier_json w = reply_to(c);

	rpc_begin_result(&w, c->rpc.id);
	return palier_json_to(c->out);
}

static void end_result(struct call *c)
{
	palier_buffer_add(c->out, "}\n", 2);
}

/* A command's result from its event; now, when it is sent again, or as request.status shows it. */
static int result_write(struct call *c, const struct palier_event *ev, const char *flag, struct palier_json *w)
{
	struct palier_ctx *x = &c->router->ctx;
	const struct served_method *served = plugins_method(c->router->plugins, palier_str(ev->method->name));
	int err;

	x->current = served->plugin;
	palier_json_object(w);
	err = served->service->reply ? served->service->reply(x, ev, w) : member_view_reply(x, ev, w);
	schema_fill(ev->method->result, w);
	if (flag) {
		palier_json_key(w, flag);
		palier_json_bool(w, true);
	}
	palier_json_end_object(w);
	return err;
}

/* --- the daemon's own questions --- */

static int discover_answer(struct call *c, struct palier_json *w)
{
	(void)c;
	palier_discover(w);
	return PALIER_OK;
}

static void method_names(struct call *c, struct palier_json *w)
{
	palier_json_key(w, "methods");
	palier_json_array(w);
	for (const struct palier_method *const *m = palier_methods; *m; m++)
		if (palier_method_allows(*m, c->session->role))
			palier_json_str(w, (*m)->name);
	for (unsigned i = 0; i < c->router->plugins->method_count; i++) {
		const struct palier_method *m = c->router->plugins->methods[i].method;

		if (!(m->flags & METHOD_INTERNAL) && !palier_method_find(palier_str(m->name)) &&
			palier_method_allows(m, c->session->role))
			palier_json_str(w, m->name);
	}
	palier_json_end_array(w);
}

static int session_answer(struct call *c, struct palier_json *w)
{
	const struct config *config = c->router->config;
	int err = session_sign_in(c->session, &c->router->ctx, c->params);

	if (err != PALIER_OK)
		return err;
	palier_json_object(w);
	palier_json_key(w, "server");
	palier_json_object(w);
	palier_json_key(w, "name");
	palier_json_str(w, "palierd");
	palier_json_key(w, "version");
	palier_json_str(w, PALIER_VERSION);
	palier_json_end_object(w);
	palier_json_key(w, "protocol");
	palier_json_int(w, PALIER_PROTOCOL_VERSION);
	palier_json_key(w, "store");
	palier_json_object(w);
	palier_json_key(w, "id");
	palier_json_str(w, config->store.id);
	palier_json_key(w, "name");
	palier_json_str(w, config->store.name);
	palier_json_key(w, "currency");
	palier_json_str(w, config->store.currency);
	palier_json_key(w, "timezone");
	palier_json_str(w, config->store.timezone);
	palier_json_key(w, "language");
	palier_json_str(w, config->store.language);
	palier_json_end_object(w);
	palier_json_key(w, "till");
	palier_json_string(w, session_till(c->session));
	palier_json_key(w, "role");
	palier_json_str(w, role_names[c->session->role]);
	method_names(c, w);
	palier_json_end_object(w);
	return PALIER_OK;
}

static void verified_write(struct palier_json *w, const struct verified *v)
{
	palier_json_key(w, "verified");
	palier_json_object(w);
	palier_json_key(w, "at");
	palier_json_time(w, v->at_ms);
	palier_json_key(w, "seq");
	palier_json_int(w, (int64_t)v->seq);
	palier_json_key(w, "ok");
	palier_json_bool(w, v->ok);
	palier_json_end_object(w);
}

static int status_answer(struct call *c, struct palier_json *w)
{
	const struct ledger *l = c->router->ledger;
	const struct {
		const char *name;
		const int64_t *value;
	} figures[] = {
		{ "journal_bytes", &metrics.journal_bytes },
		{ "disk_free_bytes", &metrics.disk_free_bytes },
		{ "sync_us", &metrics.sync_us_last },
		{ "connections", &metrics.connections },
		{ "subscribers", &metrics.subscribers },
		{ "members", &metrics.members },
		{ "alerts_open", &metrics.alerts_open },
		{ "requests", &metrics.requests },
		{ "commands", &metrics.commands },
		{ "turns", &metrics.turns },
	};

	metrics_look(&c->router->ctx);
	palier_json_object(w);
	palier_json_key(w, "version");
	palier_json_str(w, PALIER_VERSION);
	palier_json_key(w, "store");
	palier_json_str(w, c->router->config->store.id);
	palier_json_key(w, "started");
	palier_json_time(w, c->router->started_ms);
	palier_json_key(w, "seq");
	palier_json_int(w, (int64_t)l->head.seq);
	palier_json_key(w, "batch");
	palier_json_int(w, l->day ? (int64_t)l->head.batch : 0);
	for (unsigned i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		palier_json_key(w, figures[i].name);
		palier_json_int(w, *figures[i].value);
	}
	if (l->day) {
		palier_json_key(w, "business_day");
		palier_json_day(w, l->day);
	}
	if (l->verified.at_ms)
		verified_write(w, &l->verified);
	palier_json_key(w, "plugins");
	palier_json_array(w);
	for (unsigned i = 1; i < c->router->plugins->count; i++)
		palier_json_str(w, c->router->plugins->list[i]->name);
	palier_json_end_array(w);
	palier_json_end_object(w);
	return PALIER_OK;
}

static int metrics_answer(struct call *c, struct palier_json *w)
{
	metrics_look(&c->router->ctx);
	metrics_write(w);
	return PALIER_OK;
}

static int request_status_answer(struct call *c, struct palier_json *w)
{
	const struct request_status *p = c->params;
	struct palier_ctx *x = &c->router->ctx;
	struct palier_hash16 key;
	struct request_row row;
	struct palier_event ev = { 0 }; /* without a method: not booked */
	int err;

	request_key(x->keys, x->speaker.till, p->request, &key);
	err = request_find(x, &key, &row);
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	palier_json_object(w);
	palier_json_key(w, "state");
	palier_json_str(w, err == PALIER_OK ? "done" : "unknown");
	if (err == PALIER_OK)
		err = ledger_event_at(c->router->ledger, row.batch, row.offset, x->arena, &ev);
	else
		err = PALIER_OK;
	if (err == PALIER_OK && ev.method) {
		struct palier_json result = palier_json_to(c->out);

		palier_json_key(w, "result");
		err = result_write(c, &ev, NULL, &result);
		w->comma = true;
	}
	palier_json_end_object(w);
	return err;
}

static int subscribe_answer(struct call *c, struct palier_json *w)
{
	int err = subscription_begin(&c->router->ctx, c->session, c->params);

	if (err != PALIER_OK)
		return err;
	palier_json_object(w);
	palier_json_key(w, "seq");
	palier_json_int(w, (int64_t)c->router->ledger->head.seq);
	palier_json_end_object(w);
	return PALIER_OK;
}

static const struct own_method {
	const struct palier_method *method;
	int (*answer)(struct call *c, struct palier_json *w);
} own_methods[] = {
	{ &method_session_open, session_answer },
	{ &method_rpc_discover, discover_answer },
	{ &method_system_status, status_answer },
	{ &method_system_metrics, metrics_answer },
	{ &method_request_status, request_status_answer },
	{ &method_events_subscribe, subscribe_answer },
};

static const struct own_method *own_method(struct palier_bytes name)
{
	for (unsigned i = 0; i < sizeof(own_methods) / sizeof(own_methods[0]); i++)
		if (palier_is(name, own_methods[i].method->name))
			return &own_methods[i];
	return NULL;
}

/* --- questions --- */

static bool is_miss(int err)
{
	return err == PALIER_ECARD_UNKNOWN || err == PALIER_ECARD_MALFORMED || err == PALIER_EMEMBER_UNKNOWN ||
	       err == PALIER_ECODE_UNKNOWN || err == PALIER_ECODE_MALFORMED;
}

static void miss(struct call *c)
{
	if (!(c->method->flags & METHOD_FREE))
		throttle_miss(&c->router->throttle, session_till(c->session), c->now_ms);
}

static enum routed refuse(struct call *c, int err)
{
	if (err == PALIER_ESTORE && !c->full)
		return ROUTED_FAILED;
	if (is_miss(err))
		miss(c);
	return reply_error(c, err);
}

static enum routed question(struct call *c)
{
	struct palier_ctx *x = &c->router->ctx;
	struct palier_json w = begin_result(c);
	const struct own_method *own = c->served ? NULL : own_method(c->rpc.method);
	int err;

	assert(own || c->served); /* method_find found one of them */
	x->current = c->served ? c->served->plugin : 0;
	err = own ? own->answer(c, &w) : c->served->service->answer(x, c->params, &w);
	if (err != PALIER_OK)
		return refuse(c, err);
	if (x->missed)
		miss(c);
	end_result(c);
	return ROUTED_QUESTION;
}

/* --- commands --- */

static int refuse_conflict(struct call *c, const struct palier_event *ev)
{
	struct palier_ctx *x = &c->router->ctx;
	struct palier_buffer result = { 0 };
	struct palier_json w = palier_json_to(&result), extra;
	int err = result_write(c, ev, NULL, &w);

	extra = ctx_extra(x);
	palier_json_key(&extra, "method");
	palier_json_str(&extra, ev->method->name);
	if (err == PALIER_OK) {
		palier_json_key(&extra, "result");
		palier_json_raw(&extra, palier_buffer_bytes(&result));
	}
	palier_buffer_deinit(&result);
	return palier_refuse(x, PALIER_EREQUEST_CONFLICT, "request",
		"this request was booked as %s with other values: a new command needs a new id", ev->method->name);
}

static void params_hash(struct call *c, struct palier_hash16 *out)
{
	struct palier_buffer *b = &c->router->canonical;

	b->len = 0;
	palier_buffer_add(b, c->method->name, strlen(c->method->name) + 1);
	schema_canonical(c->method->params, &c->doc, c->rpc.params, &c->router->arena, b);
	keys_hash(c->router->ctx.keys, 'h', palier_buffer_bytes(b), out->b);
}

/* Was it booked before? Then the first reply is given again. @return PALIER_ENOENT: it was not */
static int replay(struct call *c)
{
	struct palier_ctx *x = &c->router->ctx;
	struct request_row row;
	struct palier_event ev;
	struct palier_json w;
	int err;

	request_key(x->keys, x->speaker.till, x->ev.request, &x->request_key);
	x->request_key_known = true;
	err = request_find(x, &x->request_key, &row);
	if (err == PALIER_OK)
		err = ledger_event_at(c->router->ledger, row.batch, row.offset, x->arena, &ev);
	if (err != PALIER_OK)
		return err;
	if (memcmp(row.params_hash.b, x->ev.params_hash.b, sizeof(row.params_hash.b)) != 0)
		return refuse_conflict(c, &ev);
	metrics.replays++;
	w = begin_result(c);
	err = result_write(c, &ev, "replayed", &w);
	end_result(c);
	return err;
}

static int clock_check(struct call *c)
{
	struct palier_ctx *x = &c->router->ctx;
	int64_t off = x->ev.at_ms - x->ev.received_ms;

	if (x->offline) { /* any past counts, the future becomes now */
		c->ahead_s = off > 0 ? (off + 999) / 1000 : 0;
		x->ev.at_ms = off > 0 ? x->ev.received_ms : x->ev.at_ms;
		return PALIER_OK;
	}
	if (off <= CLOCK_MS && off >= -CLOCK_MS)
		return PALIER_OK;
	return palier_refuse(x, PALIER_ECLOCK, "at", "`at` is %lld seconds %s the store's clock: set the till's clock",
		llabs((long long)off / 1000), off > 0 ? "ahead of" : "behind");
}

/* Who sends it, under which id, at what time. */
static int command_begin(struct call *c)
{
	const struct command *p = c->params;
	struct palier_ctx *x = &c->router->ctx;

	if (!PALIER_HAS(p, command, request))
		return palier_refuse(x, PALIER_EREQUEST_MISSING, "request",
			"a command needs its own `request` id: a UUID, or till|day|ticket|step");
	x->ev.request = p->request;
	x->ev.till = x->speaker.till;
	x->ev.operator= PALIER_HAS(p, command, operator) ? p->operator: x->speaker.operator;
	if (PALIER_HAS(p, command, at))
		x->ev.at_ms = p->at;
	x->dry = PALIER_HAS(p, command, training) && p->training;
	if (c->method->flags & METHOD_OFFLINE)
		x->offline = ((const struct fact *)c->params)->offline;
	params_hash(c, &x->ev.params_hash);
	return PALIER_OK;
}

static int command_decide(struct call *c)
{
	struct palier_ctx *x = &c->router->ctx;
	int err = clock_check(c);

	if (err != PALIER_OK)
		return err;
	if (c->full && !x->dry)
		return palier_refuse(x, PALIER_ESTORAGE_FULL, NULL, "%s", palier_error_info(PALIER_ESTORAGE_FULL)->text);
	ledger_place(c->router->ledger, x);
	x->current = c->served->plugin;
	err = ctx_decide(x, c->served->service, c->params);
	if (err == PALIER_OK)
		err = fraud_watch(x);
	if (err == PALIER_OK && c->ahead_s)
		err = palier_alert(x, &(struct palier_alert){ .what = "clock", .figure = c->ahead_s });
	if (err == PALIER_OK && !x->ev.params && !x->booked)
		ctx_params(x, c->params);
	return err;
}

/* What the command asks for was done before, by another one. */
static enum routed booked_reply(struct call *c)
{
	struct palier_ctx *x = &c->router->ctx;
	struct palier_json w = begin_result(c);
	int err = result_write(c, x->booked, x->dry ? "training" : NULL, &w);

	end_result(c);
	return err == PALIER_OK ? ROUTED_QUESTION : refuse(c, err);
}

static enum routed command(struct call *c)
{
	struct palier_ctx *x = &c->router->ctx;
	struct palier_json w;
	int err = command_begin(c);

	if (err == PALIER_OK)
		err = replay(c);
	if (err != PALIER_ENOENT)
		return err == PALIER_OK ? ROUTED_QUESTION : refuse(c, err);
	x->params = c->params;
	err = command_decide(c);
	if (err != PALIER_OK)
		return refuse(c, err);
	if (x->booked)
		return booked_reply(c);
	if (!x->dry) {
		err = ledger_accept(c->router->ledger, x);
		if (err != PALIER_OK)
			return refuse(c, err);
		metrics.commands++;
		if (c->method == &method_till_add || c->method == &method_till_revoke)
			sessions_changed();
	}
	w = begin_result(c);
	err = result_write(c, &x->ev, x->dry ? "training" : NULL, &w);
	end_result(c);
	if (err != PALIER_OK)
		reply_error(c, err);
	return x->dry ? ROUTED_QUESTION : ROUTED_COMMAND;
}

/* --- the daemon's own commands --- */

int router_own(struct router *r, const struct palier_method *m, struct palier_bytes request, const void *params,
	int64_t now_ms)
{
	struct speaker self = { PALIER_LIT(TILL_OWN), PALIER_LIT(""), ROLE_OFFICE };
	const struct served_method *served = plugins_method(r->plugins, palier_str(m->name));
	struct palier_ctx *x = &r->ctx;
	struct request_row row;
	int err;

	palier_arena_reset(&r->arena);
	ctx_begin(x, &self, now_ms);
	x->ev.method = m;
	x->ev.till = self.till;
	x->ev.request = request;
	request_key(x->keys, self.till, request, &x->request_key);
	x->request_key_known = true;
	err = request_find(x, &x->request_key, &row);
	if (err == PALIER_ENOENT) {
		x->params = params;
		ledger_place(r->ledger, x);
		x->current = served->plugin;
		err = ctx_decide(x, served->service, params);
		if (err == PALIER_OK)
			err = x->ev.effect_count > 0 ? ledger_accept(r->ledger, x) : view_write(&x->view);
	}
	ctx_drop(x);
	return err;
}

/* --- what HTTP asks besides --- */

static void ask_begin(struct router *r, int64_t now_ms)
{
	const struct speaker the_office = { PALIER_LIT(TILL_OFFICE), PALIER_LIT(""), ROLE_OFFICE };

	palier_arena_reset(&r->arena);
	ctx_begin(&r->ctx, &the_office, now_ms);
}

int router_bear(struct router *r, struct session *s, struct palier_bytes token, int64_t now_ms)
{
	ask_begin(r, now_ms);
	return session_bear(s, &r->ctx, token);
}

int router_ask(struct router *r, const struct palier_method *m, const void *params, int64_t now_ms,
	struct palier_buffer *out)
{
	const struct served_method *served = plugins_method(r->plugins, palier_str(m->name));
	struct palier_ctx *x = &r->ctx;
	struct palier_json w = palier_json_to(out);
	int err;

	ask_begin(r, now_ms);
	x->current = served->plugin;
	err = served->service->answer(x, params, &w);
	ctx_drop(x);
	return err;
}

int router_booked(struct router *r, struct palier_bytes till, struct palier_bytes request, int64_t now_ms)
{
	struct palier_hash16 key;
	struct request_row row;

	ask_begin(r, now_ms);
	request_key(r->ctx.keys, till, request, &key);
	return request_find(&r->ctx, &key, &row);
}

/* --- the pipeline --- */

static int line_read(struct call *c, struct palier_bytes line)
{
	struct palier_ctx *x = &c->router->ctx;

	c->doc = (struct json_doc){ .tokens = c->router->tape, .capacity = c->router->tape_size };
	if (json_parse(&c->doc, line, (unsigned)c->router->config->limits.depth) != PALIER_OK)
		return palier_refuse(x, PALIER_EPARSE, NULL, "not valid JSON, at byte %u", c->doc.bad_at);
	return rpc_read(&c->doc, &c->router->arena, &c->rpc, &x->problem);
}

static int method_find(struct call *c)
{
	struct palier_ctx *x = &c->router->ctx;
	const struct own_method *own;

	c->served = plugins_method(c->router->plugins, c->rpc.method);
	own = c->served ? NULL : own_method(c->rpc.method);
	c->method = c->served ? c->served->method : own ? own->method : NULL;
	if (!c->method || (c->method->flags & METHOD_INTERNAL))
		return palier_refuse(x, PALIER_EMETHOD, NULL, "there is no method %.64s: rpc.discover lists them",
			palier_cstr(x->arena, c->rpc.method));
	if (c->method->flags & METHOD_OPEN)
		return PALIER_OK;
	if (!session_valid(c->session, x))
		return palier_refuse(x, PALIER_EUNAUTHORIZED, NULL, "sign in first: session.open {till, token, protocol:1}");
	return PALIER_OK;
}

static int params_decode(struct call *c)
{
	static const struct json_token no_params = { .type = JSON_OBJECT, .span = 1 };
	struct palier_ctx *x = &c->router->ctx;
	struct json_doc none = { .tokens = (struct json_token *)&no_params, .capacity = 1, .count = 1 };

	c->params = palier_alloc(x->arena, c->method->params->size);
	return schema_decode(c->method->params, SCHEMA_WIRE, c->rpc.params ? &c->doc : &none, c->rpc.params, x->arena,
		c->params, &x->problem);
}

static int shape_check(struct call *c)
{
	struct palier_ctx *x = &c->router->ctx;

	x->ev.method = c->method;
	return sale_check(x, c->params);
}

static int role_refuse(struct call *c, enum role role)
{
	if ((c->method->flags & METHOD_OPEN) || palier_method_allows(c->method, role))
		return PALIER_OK;
	return palier_refuse(&c->router->ctx, PALIER_EFORBIDDEN, NULL, "a %s may not call %s: it needs a %s",
		role_names[role], c->method->name, role_names[c->method->least]);
}

/* Who may not call it is told so whatever the params are, unless a supervisor's badge may be among them. */
static int role_look(struct call *c)
{
	if ((c->method->flags & METHOD_COMMAND) && c->rpc.params && json_member(&c->doc, c->rpc.params, "override"))
		return PALIER_OK;
	return role_refuse(c, c->session->role);
}

static int role_check(struct call *c)
{
	struct palier_ctx *x = &c->router->ctx;
	const struct command *p = c->params;
	int err = PALIER_OK;

	c->role = c->session->role;
	if ((c->method->flags & METHOD_COMMAND) && PALIER_HAS(p, command, override))
		err = session_override(x, p->override.token, &c->role);
	if (err != PALIER_OK) {
		throttle_miss(&c->router->throttle, session_till(c->session), c->now_ms);
		return err;
	}
	x->speaker.role = c->role;
	return role_refuse(c, c->role);
}

static int throttle_check(struct call *c)
{
	struct palier_ctx *x = &c->router->ctx;
	int64_t wait_ms;
	struct palier_json w;

	assert(c->method);
	if (c->method->flags & (METHOD_FREE | METHOD_OPEN))
		return PALIER_OK;
	wait_ms = throttle_wait(&c->router->throttle, session_till(c->session), c->router->config->limits.misses_per_minute,
		c->now_ms);
	if (wait_ms == 0)
		return PALIER_OK;
	w = ctx_extra(x);
	palier_json_key(&w, "retry_after_ms");
	palier_json_int(&w, wait_ms);
	return palier_refuse(x, PALIER_ETHROTTLED, NULL, "%s", palier_error_info(PALIER_ETHROTTLED)->text);
}

enum routed router_line(struct router *r, struct session *s, struct palier_bytes line, int64_t now_ms, bool full,
	struct palier_buffer *out)
{
	struct call c = { .router = r, .session = s, .now_ms = now_ms, .full = full, .out = out, .out_begin = out->len };
	struct speaker speaker = { session_till(s), palier_bytes_of(s->operator, s->operator_len), s->role };
	enum routed routed;
	int err;

	palier_arena_reset(&r->arena);
	ctx_begin(&r->ctx, &speaker, now_ms);
	metrics.requests++;
	err = line_read(&c, line);
	if (err == PALIER_OK)
		err = method_find(&c);
	if (err == PALIER_OK)
		err = throttle_check(&c);
	if (err == PALIER_OK)
		err = role_look(&c);
	if (err == PALIER_OK)
		err = params_decode(&c);
	if (err == PALIER_OK)
		err = role_check(&c);
	if (err == PALIER_OK)
		err = shape_check(&c);
	if (err != PALIER_OK)
		routed = reply_error(&c, err);
	else
		routed = c.method->flags & METHOD_COMMAND ? command(&c) : question(&c);
	ctx_drop(&r->ctx);
	return routed;
}

void router_too_long(struct router *r, struct palier_buffer *out)
{
	struct palier_json w = palier_json_to(out);
	struct palier_problem why = { .err = PALIER_EREQUEST };

	snprintf(why.text, sizeof(why.text), "the line is too long: at most %lld bytes, and 16384 before sign-in",
		(long long)r->config->limits.line);
	rpc_error(&w, (struct palier_bytes){ NULL, 0 }, &why, (struct palier_bytes){ NULL, 0 });
}
