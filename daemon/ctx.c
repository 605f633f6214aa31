/* SPDX-License-Identifier: Apache-2.0 */
/* The contract's questions and effects. */
#include "daemon/ctx.h"

#include <stdarg.h>
#include <stdio.h>

#include "daemon/chance.h"
#include "daemon/core.h"
#include "daemon/ledger.h"
#include "daemon/sales.h"

void ctx_bind(struct palier_ctx *c)
{
	for (unsigned i = 0; i < c->plugins->count; i++)
		c->tables[i] = (struct palier_tables){ &c->view, c->plugins->bound[i], c->plugins->bound_count[i] };
}

void ctx_begin(struct palier_ctx *c, const struct speaker *speaker, int64_t now_ms)
{
	c->view.arena = c->arena;
	c->speaker = *speaker;
	ctx_drop(c);
	c->ev = (struct palier_event){ .at_ms = now_ms, .received_ms = now_ms };
	c->params = NULL;
	c->booked = NULL;
	c->request_key_known = false;
	c->dry = c->offline = c->has_purse = false;
	c->slot = 0;
	c->proof = NULL;
	c->proof_missed = c->missed = false;
	c->hold.len = 0;
	c->quoted = NULL;
	c->current = 0;
	c->problem.err = PALIER_OK;
	c->problem.field[0] = c->problem.text[0] = 0;
	c->extra.len = 0;
	c->refused = NULL;
	c->refused_count = c->refused_capacity = 0;
	c->language.len = 0;
	c->prompts = NULL;
	c->prompt_count = c->prompt_capacity = 0;
}

void ctx_drop(struct palier_ctx *c)
{
	view_drop(&c->view);
	c->ev.effects = NULL;
	c->ev.effect_count = c->effect_capacity = 0;
}

void ctx_member(struct palier_ctx *c, struct palier_id member, uint32_t slot)
{
	c->ev.has_member = true;
	c->ev.member = member;
	c->slot = slot;
	c->language.len = 0;
}

struct palier_bytes ctx_seal(struct palier_ctx *c, struct palier_bytes plain)
{
	return keys_seal(c->keys, c->slot, plain, c->arena);
}

static struct palier_bytes seal_text(void *who, struct palier_bytes plain)
{
	return ctx_seal(who, plain);
}

struct palier_json ctx_extra(struct palier_ctx *c)
{
	return (struct palier_json){ .out = &c->extra, .comma = c->extra.len > 0 };
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

void palier_random(struct palier_ctx *c, void *out, size_t n)
{
	(void)c;
	chance_draw(out, n);
}

const void *palier_config(const struct palier_ctx *c)
{
	return c->config->plugins[c->current];
}

struct palier_bytes palier_store_id(const struct palier_ctx *c)
{
	return palier_str(c->config->store.id);
}

struct palier_bytes palier_till(const struct palier_ctx *c)
{
	return c->speaker.till;
}

int64_t palier_roaming_credit(const struct palier_ctx *c)
{
	return c->config->store.roaming_credit;
}

const struct palier_sale *palier_sale_now(const struct palier_ctx *c)
{
	return c->quoted;
}

const struct palier_tables *palier_tables(const struct palier_ctx *c)
{
	return &c->tables[c->current];
}

const struct palier_tables *core_tables(const struct palier_ctx *c)
{
	return &c->tables[0];
}

struct palier_arena *palier_arena(const struct palier_ctx *c)
{
	return c->arena;
}

unsigned palier_currency_decimals(const struct palier_ctx *c)
{
	return c->config->store.currency_decimals;
}

int palier_refuse(struct palier_ctx *c, int err, const char *field, const char *fmt, ...)
{
	va_list args;

	c->problem.err = err;
	snprintf(c->problem.field, sizeof(c->problem.field), "%s", field ? field : "");
	va_start(args, fmt);
	vsnprintf(c->problem.text, sizeof(c->problem.text), fmt, args);
	va_end(args);
	return err;
}

bool palier_offline(const struct palier_ctx *c)
{
	return c->offline;
}

bool palier_supervised(const struct palier_ctx *c)
{
	return c->speaker.role >= ROLE_SUPERVISOR;
}

uint32_t palier_batch(const struct palier_ctx *c)
{
	return c->ev.batch;
}

const struct palier_event *palier_event_now(const struct palier_ctx *c)
{
	return &c->ev;
}

const struct palier_bytes *palier_held(const struct palier_ctx *c)
{
	return c->hold.len ? &c->hold : NULL;
}

/* --- secrets of the store --- */

struct palier_bytes palier_seal(struct palier_ctx *c, struct palier_bytes plain)
{
	return keys_seal(c->keys, 0, plain, c->arena);
}

int palier_unseal(struct palier_ctx *c, struct palier_bytes sealed, struct palier_bytes *out)
{
	return keys_unseal(c->keys, sealed, c->arena, out);
}

void palier_miss(struct palier_ctx *c)
{
	c->missed = true;
}

void palier_hash(struct palier_ctx *c, struct palier_bytes text, struct palier_hash16 *out)
{
	const char *plugin = c->plugins->list[c->current]->name;
	struct palier_buffer named = { 0 };

	palier_buffer_add(&named, plugin, strlen(plugin) + 1);
	palier_buffer_add(&named, text.at, text.len);
	keys_hash(c->keys, 'x', palier_buffer_bytes(&named), out->b);
	palier_buffer_deinit(&named);
}

/* --- effects --- */

static void effect_keep(struct palier_ctx *c, const struct palier_effect_kind *kind, const void *body)
{
	if (c->ev.effect_count == c->effect_capacity) {
		uint32_t capacity = c->effect_capacity ? c->effect_capacity * 2 : 8;
		struct palier_effect *grown = palier_alloc(c->arena, capacity * sizeof(*grown));

		if (c->ev.effect_count)
			memcpy(grown, c->ev.effects, c->ev.effect_count * sizeof(*grown));
		c->ev.effects = grown;
		c->effect_capacity = capacity;
	}
	c->ev.effects[c->ev.effect_count++] = (struct palier_effect){ kind, body };
}

int palier_effect_add(struct palier_ctx *c, const char *kind, const void *body)
{
	const struct known_effect *known = plugins_effect(c->plugins, palier_str(kind));
	unsigned before = c->current;
	int err = PALIER_OK;
	void *own;

	if (!known)
		return palier_refuse(c, PALIER_EINTERNAL, NULL, "no installed plugin knows the effect %s", kind);
	if (!c->ev.params && c->params)
		ctx_params(c, c->params);
	own = palier_alloc(c->arena, known->kind->schema->size);
	memcpy(own, body, known->kind->schema->size);
	c->current = known->plugin;
	if (!schema_figures_fit(known->kind->schema, own)) /* a line that nobody can read back is a ledger lost */
		err = PALIER_ERANGE;
	if (err == PALIER_OK && known->kind->check)
		err = known->kind->check(c, own);
	if (err == PALIER_OK && known->kind->apply)
		err = known->kind->apply(&c->tables[known->plugin], &c->ev, own);
	c->current = before;
	if (err == PALIER_OK)
		effect_keep(c, known->kind, own);
	else if (err == PALIER_ERANGE && c->problem.err == PALIER_OK)
		palier_refuse(c, PALIER_EPARAMS, NULL, "a figure would pass 2^53-1");
	return err;
}

int ctx_back(struct palier_ctx *c, uint32_t effects)
{
	const void *used = effect_find(&c->ev, "member.otp_used", NULL);
	int err = PALIER_OK;

	view_drop(&c->view);
	c->ev.effect_count = effects;
	for (uint32_t i = 0; i < effects && err == PALIER_OK; i++) {
		const struct palier_effect *e = &c->ev.effects[i];
		const struct known_effect *known = plugins_effect(c->plugins, palier_str(e->kind->name));

		if (e->kind->apply)
			err = e->kind->apply(&c->tables[known->plugin], &c->ev, e->body);
	}
	if (err == PALIER_OK && used && !effect_find(&c->ev, "member.otp_used", NULL))
		err = palier_effect_add(c, "member.otp_used", used);
	return err;
}

/* The last plugin first: what the others tell here journey, which is told by all, still sees. */
static int all_follow(struct palier_ctx *c)
{
	const unsigned before = c->current;
	int err = PALIER_OK;

	for (unsigned i = c->plugins->count; i-- > 0 && err == PALIER_OK;) {
		c->current = i;
		if (c->plugins->list[i]->on_decided)
			err = c->plugins->list[i]->on_decided(c);
	}
	c->current = before;
	return err;
}

int ctx_decide(struct palier_ctx *c, const struct palier_service *service, const void *params)
{
	int err = service->decide(c, params);

	return err == PALIER_OK && !c->booked ? all_follow(c) : err;
}

void ctx_params(struct palier_ctx *c, const void *params)
{
	void *ledger = palier_alloc(c->arena, c->ev.method->params->size);

	schema_to_ledger(c->ev.method->params, params, c->arena, seal_text, c, ledger);
	c->ev.params = ledger;
}

int palier_alert(struct palier_ctx *c, const struct palier_alert *a)
{
	struct alert_raised body = { .set = { 0, 0 } };

	PALIER_SET(&body, alert_raised, what, palier_str(a->what));
	if (a->member)
		PALIER_SET(&body, alert_raised, member, *a->member);
	if (a->unit.len)
		PALIER_SET(&body, alert_raised, unit, a->unit);
	if (a->sale.len)
		PALIER_SET(&body, alert_raised, sale, a->sale);
	if (a->figure)
		PALIER_SET(&body, alert_raised, figure, a->figure);
	return palier_effect_add(c, "alert.raised", &body);
}

int ctx_forgive(struct palier_ctx *c, int err, const struct palier_alert *a)
{
	struct palier_alert alert = *a;

	if (!c->offline)
		return err;
	c->problem.err = PALIER_OK;
	alert.what = palier_error_info(err)->reason;
	return palier_alert(c, &alert);
}

/* --- a member's events --- */

/* The events of one id, newest first. */
struct trail {
	struct palier_cursor *rows;
	uint64_t seq; /* of the next; 0: there is none */
	uint64_t offset;
	uint32_t batch;
	struct trail *next; /* the same of one that was merged into the member */
};

static int trail_step(struct trail *t)
{
	struct palier_bytes key, value;
	struct palier_cut k, v;
	int err = palier_next(t->rows, &key, &value);

	t->seq = 0;
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	k = palier_cut_of(key);
	v = palier_cut_of(value);
	palier_cut_raw(&k, PALIER_ID_LEN);
	t->seq = UINT64_MAX - palier_cut_uint(&k, 8);
	t->batch = (uint32_t)palier_cut_uint(&v, 4);
	t->offset = palier_cut_uint(&v, 8);
	return k.bad || v.bad ? PALIER_ESTORE : PALIER_OK;
}

static int trail_add(struct palier_ctx *c, struct palier_id member, struct trail **all)
{
	struct trail *t = palier_alloc(c->arena, sizeof(*t));
	struct palier_key prefix = { .len = 0 };

	palier_key_id(&prefix, member);
	t->rows = palier_seek(core_tables(c), T_EVENT, &prefix);
	t->next = *all;
	*all = t;
	return trail_step(t);
}

static int trails_open(struct palier_ctx *c, struct palier_id member, struct trail **out)
{
	struct palier_cursor *merged = merged_into(core_tables(c), member);
	struct palier_id from;
	int err = trail_add(c, member, out);

	while (err == PALIER_OK && (err = merged_next(merged, &from)) == PALIER_OK)
		err = trail_add(c, from, out);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* The newest event of all; one that touched several is given once. @return its seq; 0: none is left */
static uint64_t trails_next(struct trail *all, uint32_t *batch, uint64_t *offset, int *err)
{
	uint64_t seq = 0;

	for (const struct trail *t = all; t; t = t->next)
		if (t->seq > seq) {
			seq = t->seq;
			*batch = t->batch;
			*offset = t->offset;
		}
	for (struct trail *t = all; t && *err == PALIER_OK; t = t->next)
		if (seq && t->seq == seq)
			*err = trail_step(t);
	return seq;
}

int palier_events_of(struct palier_ctx *c, struct palier_id member, uint64_t before,
	int (*visit)(void *who, const struct palier_event *ev), void *who)
{
	struct trail *all = NULL;
	struct palier_event ev;
	uint64_t seq, offset = 0;
	uint32_t batch = 0;
	int go = 1, err = trails_open(c, member, &all);

	while (err == PALIER_OK && go == 1 && (seq = trails_next(all, &batch, &offset, &err)) != 0) {
		if (err != PALIER_OK || (before && seq >= before))
			continue;
		err = ledger_event_at(c->ledger, batch, offset, c->arena, &ev);
		if (err == PALIER_OK)
			go = visit(who, &ev);
	}
	return err == PALIER_OK && go < 0 ? go : err;
}

/* --- pricing --- */

int palier_discount_add(struct palier_ctx *c, struct palier_sale *s, const struct palier_discount *d)
{
	struct sale_discount body = { .set = { 0, 0 } };
	struct line_part *parts = palier_alloc(c->arena, (s->line_count + 1) * sizeof(*parts));
	int64_t amount = 0;
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->line_count; i++) {
		if (d->parts[i] == 0)
			continue;
		if (d->parts[i] < 0 || d->parts[i] > palier_line_room(&s->lines[i], d->redeemed))
			return palier_refuse(c, PALIER_EINTERNAL, NULL, "discount %s exceeds line %u", d->source, i);
		s->lines[i].ours += d->parts[i];
		s->lines[i].redeemed += d->redeemed ? d->parts[i] : 0;
		PALIER_SET(&parts[n], line_part, line, i);
		PALIER_SET(&parts[n], line_part, amount, d->parts[i]);
		amount += d->parts[i];
		n++;
	}
	s->payable -= amount;
	s->due -= amount;
	PALIER_SET(&body, sale_discount, source, palier_str(d->source));
	PALIER_SET(&body, sale_discount, label, palier_str(d->label));
	PALIER_SET(&body, sale_discount, amount, amount);
	if (d->redeemed)
		PALIER_SET(&body, sale_discount, redeemed, true);
	PALIER_MARK(&body, sale_discount, lines);
	body.lines.at = parts;
	body.lines.count = n;
	return palier_effect_add(c, "sale.discount", &body);
}

int palier_cannot(struct palier_ctx *c, const struct palier_sale *s, int err, const char *what, struct palier_bytes name)
{
	struct refused_view row = { .set = { 0, 0 } };

	if (c->offline)
		return ctx_forgive(c, err,
			&(struct palier_alert){ .member = s->has_member ? &s->member : NULL,
				.sale = s->number,
				.unit = what[0] == 'u' ? name : (struct palier_bytes){ NULL, 0 } });
	if (!s->quote)
		return palier_refuse(c, err, NULL, "%s %.*s: %s", what, PALIER_ARG(name), palier_error_info(err)->text);
	c->problem.err = PALIER_OK;
	PALIER_SET(&row, refused_view, reason, palier_str(palier_error_info(err)->reason));
	if (what[0] == 'r')
		PALIER_SET(&row, refused_view, reward, name);
	else if (what[0] == 'c')
		PALIER_SET(&row, refused_view, coupon, name);
	else
		PALIER_SET(&row, refused_view, unit, name);
	if (c->refused_count == c->refused_capacity) {
		uint32_t capacity = c->refused_capacity ? c->refused_capacity * 2 : 8;
		struct refused_view *grown = palier_alloc(c->arena, capacity * sizeof(*grown));

		if (c->refused_count)
			memcpy(grown, c->refused, c->refused_count * sizeof(*grown));
		c->refused = grown;
		c->refused_capacity = capacity;
	}
	c->refused[c->refused_count++] = row;
	return PALIER_OK;
}

int palier_earn_multiplier(struct palier_ctx *c, const struct palier_sale *s, const char *unit, int64_t *num, int64_t *den)
{
	unsigned before = c->current;
	int err = PALIER_OK;

	*num = *den = 1;
	for (unsigned i = 0; i < c->plugins->count && err == PALIER_OK; i++) {
		int64_t thousandths = 1000;

		c->current = i;
		if (!c->plugins->list[i]->on_earn)
			continue;
		err = c->plugins->list[i]->on_earn(c, s, unit, &thousandths);
		if (err == PALIER_OK &&
			(__builtin_mul_overflow(*num, thousandths, num) || __builtin_mul_overflow(*den, INT64_C(1000), den)))
			err = palier_refuse(c, PALIER_EPARAMS, NULL, "the multipliers of %s pass 2^63", unit);
	}
	c->current = before;
	return err;
}

int palier_spendable(struct palier_ctx *c, struct palier_id member, const char *unit, int64_t *out)
{
	int64_t points = 0;
	int err;

	CTX_EACH(c, err, spendable, c, member, unit, &points);
	if (err == PALIER_OK)
		*out = points;
	return err;
}
