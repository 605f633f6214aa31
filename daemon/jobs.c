/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs after a close, and the guard: when the clock and the open day are more than 48 hours apart, or the open day and the closed one further
 * than a shop is shut in an ordinary week, the jobs wait.
 *
 * job  plugin -> batch u32, done u8, member id 10: in which batch it is on, and the last member looked at */
#include "daemon/jobs.h"

#include <stdlib.h>

#include "daemon/core.h"
#include "daemon/log.h"

#define NEAR_DAYS 2  /* 48 hours */
#define SHUT_DAYS 4  /* a long weekend: `due` goes by the closed day, so that it does no harm to run late */
#define HOLD_DAYS 31 /* beyond, days that are consecutive again prove nothing */
#define DAY_S     INT64_C(86400)

/* Counters of T_META: the last doubt. */
#define DOUBT_BATCH "doubt_batch"
#define DOUBT_SEQ   "doubt_seq"
#define DOUBT_HOLD  "doubt_hold"

PALIER_SCHEMA(job_slice);

const struct palier_method method_job_clock = { "job.clock", METHOD_COMMAND | METHOD_INTERNAL, ROLE_OFFICE,
	&job_slice_schema, &nothing_schema, "the clock is not to be trusted" };

/* --- how far a job is --- */

struct job_row {
	uint32_t batch;
	bool done;
	struct palier_id upto;
};

/* Of another batch, or never begun: all zero but the batch. */
static int row_get(const struct palier_tables *t, const char *plugin, uint32_t batch, struct job_row *out)
{
	struct palier_key k = { .len = 0 };
	struct palier_bytes value;
	struct palier_cut cut;
	int err;

	palier_key_raw(&k, plugin, strlen(plugin));
	err = palier_get(t, T_JOB, &k, &value);
	*out = (struct job_row){ .batch = batch };
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	cut = palier_cut_of(value);
	if (palier_cut_uint(&cut, 4) != batch)
		return PALIER_OK;
	out->done = palier_cut_uint(&cut, 1) != 0;
	out->upto = palier_cut_id(&cut);
	return cut.bad ? PALIER_ESTORE : PALIER_OK;
}

static int row_put(struct palier_tables *t, struct palier_bytes plugin, const struct job_row *row)
{
	struct palier_key k = { .len = 0 };
	struct palier_value v = { .len = 0 };

	palier_key_raw(&k, plugin.at, plugin.len);
	palier_value_uint(&v, row->batch, 4);
	palier_value_uint(&v, row->done, 1);
	palier_value_raw(&v, row->upto.b, PALIER_ID_LEN);
	return palier_put(t, T_JOB, &k, palier_value_bytes(&v));
}

/* --- the guard --- */

static int64_t days_apart(uint32_t a, uint32_t b)
{
	return llabs(day_number(a) - day_number(b));
}

static int64_t days_off(const struct palier_close *close, uint32_t clock)
{
	int64_t jump = days_apart(close->closed, close->opened), drift = days_apart(close->opened, clock);

	if (close->opened > close->closed && jump <= SHUT_DAYS)
		jump = 0;
	return jump > drift ? jump : drift;
}

/* Raised, and nobody has resolved the alert. */
static bool doubt_open(const struct palier_tables *t)
{
	return alert_is_open(t, (uint64_t)core_counter(t, DOUBT_SEQ));
}

enum clock_trust clock_trust(const struct palier_tables *t, uint32_t batch, const struct palier_close *close, int64_t now_ms)
{
	if (core_counter(t, DOUBT_BATCH) == batch)
		return doubt_open(t) ? CLOCK_DOUBTED : CLOCK_TRUSTED;
	if (days_off(close, zone_day(now_ms)) > NEAR_DAYS)
		return CLOCK_DOUBTFUL;
	return doubt_open(t) && core_counter(t, DOUBT_HOLD) ? CLOCK_DOUBTED : CLOCK_TRUSTED;
}

CORE_DECIDE(clock_doubt_decide)
{
	const struct job_slice *p = params;
	struct palier_close close = { p->closed, p->opened };
	struct clock_doubted body = { .set = { 0, 0 } };
	uint32_t clock = palier_today(c);
	int64_t off = days_off(&close, clock);
	int err;

	PALIER_SET(&body, clock_doubted, closed, p->closed);
	PALIER_SET(&body, clock_doubted, opened, p->opened);
	PALIER_SET(&body, clock_doubted, clock, clock);
	if (off > HOLD_DAYS || (doubt_open(core_tables(c)) && core_counter(core_tables(c), DOUBT_HOLD)))
		PALIER_SET(&body, clock_doubted, hold, true);
	err = palier_effect_add(c, "clock.doubted", &body);
	return err == PALIER_OK ? palier_alert(c, &(struct palier_alert){ .what = "clock", .figure = off * DAY_S }) : err;
}

CORE_APPLY(clock_doubted_apply)
{
	const struct clock_doubted *e = body;
	int err = core_counter_set(t, DOUBT_BATCH, ev->batch);

	if (err == PALIER_OK)
		err = core_counter_set(t, DOUBT_SEQ, (int64_t)ev->seq);
	return err == PALIER_OK ? core_counter_set(t, DOUBT_HOLD, e->hold) : err;
}

/* --- a slice --- */

int job_decide(struct palier_ctx *c, const void *params)
{
	const struct job_slice *p = params;
	const struct palier_plugin *plugin = c->plugins->list[c->current];
	struct palier_close close = { p->closed, p->opened };
	struct job_row row = { .batch = c->ev.batch, .upto = p->from };
	struct job_slice_done body = { .set = { 0, 0 } };
	char upto[PALIER_ID_TEXT + 1];
	int err = plugin->due ? plugin->due(c, &close, &row.upto) : PALIER_ENOENT;

	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	row.done = err == PALIER_ENOENT;
	if (c->ev.effect_count == 0) /* then there is no event, and this is all that is kept */
		return row_put(&c->tables[0], palier_str(plugin->name), &row);
	PALIER_SET(&body, job_slice_done, plugin, palier_str(plugin->name));
	palier_id_format(row.upto, upto);
	if (!row.done)
		PALIER_SET(&body, job_slice_done, upto, palier_copy(c->arena, palier_str(upto)));
	return palier_effect_add(c, "job.slice", &body);
}

CORE_APPLY(job_slice_done_apply)
{
	const struct job_slice_done *e = body;
	struct job_row row = { .batch = ev->batch, .done = !PALIER_HAS(e, job_slice_done, upto) };

	if (!row.done && palier_id_parse(e->upto, &row.upto) != PALIER_OK)
		return PALIER_EDAMAGED;
	return row_put(t, e->plugin, &row);
}

/* --- what is next --- */

struct next {
	enum { NEXT_NOTHING, NEXT_ALERT, NEXT_WAIT, NEXT_SLICE } what;
	unsigned plugin;
	struct job_row row;
	struct palier_close close;
};

static int close_before(const struct palier_tables *t, const struct ledger *l, struct palier_close *out)
{
	struct batch_row before;
	int err = batch_row(t, l->head.batch - 1, &before);

	if (err == PALIER_OK)
		*out = (struct palier_close){ before.day, l->day };
	return err;
}

static int next_find(struct ledger *l, int64_t now_ms, struct next *out)
{
	const struct palier_tables *t = &l->fold.tables[0];
	int err = PALIER_OK;

	*out = (struct next){ .what = NEXT_NOTHING };
	if (!l->day || l->closing || l->head.batch == 1 || l->jobs_done == l->head.batch)
		return PALIER_OK;
	for (; l->plugins->list[out->plugin] && err == PALIER_OK; out->plugin++) {
		const struct palier_plugin *p = l->plugins->list[out->plugin];

		if (!p->due)
			continue;
		err = row_get(t, p->name, l->head.batch, &out->row);
		if (err == PALIER_OK && !out->row.done)
			break;
	}
	if (err != PALIER_OK)
		return err;
	if (!l->plugins->list[out->plugin]) {
		l->jobs_done = l->head.batch;
		return PALIER_OK;
	}
	err = close_before(t, l, &out->close);
	if (err == PALIER_OK)
		switch (clock_trust(t, l->head.batch, &out->close, now_ms)) {
		case CLOCK_TRUSTED:
			out->what = NEXT_SLICE;
			break;
		case CLOCK_DOUBTFUL:
			out->what = NEXT_ALERT;
			break;
		case CLOCK_DOUBTED:
			out->what = NEXT_WAIT;
		}
	return err;
}

bool jobs_waiting(struct ledger *l, int64_t now_ms)
{
	struct next next;
	int err = next_find(l, now_ms, &next);

	palier_arena_reset(&l->arena);
	return err == PALIER_OK && (next.what == NEXT_SLICE || next.what == NEXT_ALERT);
}

/* --- running --- */

/* A slice that was refused, or did not move on, would come again for ever. */
static int job_give_up(struct ledger *l, const struct next *next, const char *why)
{
	const char *plugin = l->plugins->list[next->plugin]->name;
	struct job_row row = next->row;
	int err;

	log_error("job.failed", "plugin=%s: %s; it runs again after the next close", plugin, why);
	row.done = true;
	err = row_put(&l->fold.tables[0], palier_str(plugin), &row);
	if (err == PALIER_OK)
		err = view_write(&l->fold.view);
	view_drop(&l->fold.view);
	return err;
}

/* "2026-11-22.13|points|m_...": dates may repeat, a date with its batch does not. */
static struct palier_bytes request_id(struct ledger *l, const char *plugin, const struct palier_id *from)
{
	char day[11], text[PALIER_ID_TEXT + 1] = "";

	day_format(l->day, day);
	if (from)
		palier_id_format(*from, text);
	return palier_str(palier_format(&l->arena, "%s.%u|%.23s|%s", day, l->head.batch, plugin, text));
}

/* @param done out: it was the last of its job */
static int slice_run(struct router *r, struct ledger *l, const struct next *next, int64_t now_ms, bool *done)
{
	const struct palier_plugin *plugin = l->plugins->list[next->plugin];
	const bool begun = !palier_id_equal(next->row.upto, (struct palier_id){ { 0 } });
	struct job_slice p = { .set = { 0, 0 } };
	struct job_row after;
	int err;

	PALIER_SET(&p, job_slice, closed, next->close.closed);
	PALIER_SET(&p, job_slice, opened, next->close.opened);
	if (begun)
		PALIER_SET(&p, job_slice, from, next->row.upto);
	err = router_own(r, &l->plugins->jobs[next->plugin].method,
		request_id(l, plugin->name, begun ? &next->row.upto : NULL), &p, now_ms);
	if (err == PALIER_ESTORE)
		return err;
	if (err != PALIER_OK)
		return job_give_up(l, next, palier_error_info(err)->name);
	err = row_get(&l->fold.tables[0], plugin->name, l->head.batch, &after);
	if (err == PALIER_OK && !after.done && palier_id_equal(after.upto, next->row.upto))
		return job_give_up(l, next, "it does not move on");
	*done = err == PALIER_OK && after.done;
	return err;
}

static int alert_run(struct router *r, struct ledger *l, const struct next *next, int64_t now_ms)
{
	struct job_slice p = { .set = { 0, 0 } };

	log_warn("job.clock",
		"closed=%u opened=%u: too far apart, or from the clock; expiry and the like wait for a supervisor",
		next->close.closed, next->close.opened);
	PALIER_SET(&p, job_slice, closed, next->close.closed);
	PALIER_SET(&p, job_slice, opened, next->close.opened);
	return router_own(r, &method_job_clock, request_id(l, "clock", NULL), &p, now_ms);
}

static int job_run(struct router *r, struct ledger *l, int64_t now_ms, bool *done)
{
	struct next next;
	int err = next_find(l, now_ms, &next);

	*done = false;
	if (err == PALIER_OK && next.what == NEXT_ALERT)
		err = alert_run(r, l, &next, now_ms);
	else if (err == PALIER_OK && next.what == NEXT_SLICE)
		err = slice_run(r, l, &next, now_ms, done);
	palier_arena_reset(&l->arena);
	return err == PALIER_OK ? PALIER_OK : PALIER_ESTORE;
}

/* A job that has come to its end lets the next one begin: what one slice each can do is done before anybody hears that the day has opened, and a
 * day that is closed soon afterwards misses none of it. */
int jobs_run(struct router *r, struct ledger *l, int64_t now_ms)
{
	bool done;
	int err;

	do
		err = job_run(r, l, now_ms, &done);
	while (err == PALIER_OK && done);
	return err;
}

int jobs_write(struct palier_ctx *c, int64_t now_ms, struct palier_json *w)
{
	struct ledger *l = c->ledger;
	struct palier_close close;
	bool doubt = false;
	int err = PALIER_OK;

	palier_json_key(w, "jobs");
	palier_json_array(w);
	if (l->day && l->head.batch > 1) {
		err = close_before(core_tables(c), l, &close);
		doubt = err == PALIER_OK && clock_trust(core_tables(c), l->head.batch, &close, now_ms) != CLOCK_TRUSTED;
	}
	for (unsigned i = 0; l->day && l->head.batch > 1 && i < c->plugins->count && err == PALIER_OK; i++) {
		const struct palier_plugin *p = c->plugins->list[i];
		struct job_view view = { .set = { 0, 0 } };
		struct job_row row;

		if (!p->due)
			continue;
		err = row_get(core_tables(c), p->name, l->head.batch, &row);
		PALIER_SET(&view, job_view, job, palier_str(p->name));
		PALIER_SET(&view, job_view, state, palier_str(row.done ? "done" : doubt ? "waiting" : "due"));
		schema_encode(&job_view_schema, SCHEMA_WIRE, &view, w);
	}
	palier_json_end_array(w);
	return err;
}
