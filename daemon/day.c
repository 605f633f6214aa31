/* SPDX-License-Identifier: Apache-2.0 */
/* Business days: their close, their totals, what is known of those closed.
 *
 * batch  batch u32 -> day u32, seq u64, offset u64, events u64, closed i64 ms: of the event that closed it
 * total  "core" -> batch u32, then for each total: i64 of this batch, i64 since the first */
#include "daemon/core.h"
#include "daemon/jobs.h"
#include "daemon/kept.h"
#include "daemon/ledger.h"

#define PAGE           100
#define REQUEST_PERIOD (30 * DAY_MS)
#define CLOCK_SLACK    (2 * DAY_MS)

/* --- closed batches --- */

static int batch_cut(struct palier_bytes value, struct batch_row *out)
{
	struct palier_cut cut = palier_cut_of(value);

	out->day = (uint32_t)palier_cut_uint(&cut, 4);
	out->seq = palier_cut_uint(&cut, 8);
	out->offset = palier_cut_uint(&cut, 8);
	out->events = palier_cut_uint(&cut, 8);
	out->closed_ms = palier_cut_i64(&cut);
	return cut.bad ? PALIER_ESTORE : PALIER_OK;
}

int batch_row(const struct palier_tables *t, uint32_t batch, struct batch_row *out)
{
	struct palier_key k = { .len = 0 };
	struct palier_bytes value;
	int err;

	palier_key_uint(&k, batch, 4);
	err = palier_get(t, T_BATCH, &k, &value);
	return err == PALIER_OK ? batch_cut(value, out) : err;
}

static int batch_put(struct palier_tables *t, const struct palier_event *ev, const struct day_closed *e)
{
	struct palier_key k = { .len = 0 };
	struct palier_value v = { .len = 0 };

	palier_key_uint(&k, ev->batch, 4);
	palier_value_uint(&v, e->business_day, 4);
	palier_value_uint(&v, ev->seq, 8);
	palier_value_uint(&v, ev->offset, 8);
	palier_value_uint(&v, (uint64_t)e->events, 8);
	palier_value_i64(&v, e->closed_at);
	return palier_put(t, T_BATCH, &k, palier_value_bytes(&v));
}

/* The last closed batch of a day; of any day when it is 0. @param row of it @return PALIER_OK; PALIER_ENOENT */
static int batch_find(const struct palier_tables *t, uint32_t day, uint32_t *batch, struct batch_row *row)
{
	static const struct palier_key all;
	struct palier_cursor *rows = palier_seek(t, T_BATCH, &all);
	struct palier_bytes key, value;
	int err;

	*batch = 0;
	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(key);
		struct batch_row one;

		err = batch_cut(value, &one);
		if (err != PALIER_OK)
			return err;
		if (day && one.day != day)
			continue;
		*batch = (uint32_t)palier_cut_uint(&cut, 4);
		*row = one;
	}
	return err == PALIER_ENOENT && *batch ? PALIER_OK : err;
}

/* --- totals --- */

enum total { TOTAL_SALES, TOTAL_RETURNS, TOTAL_VOIDS, TOTAL_PAYABLE, TOTAL_REFUNDED, TOTAL_MEMBERS, TOTALS };

static const char *const total_names[TOTALS] = { "sales", "returns", "voids", "payable", "refunded", "members" };

/* What an effect adds to which total: once, or the figure in it. Money is that of what stands: goods for themselves, though an
 * exchange's payable is less by what came back, and without what was undone. */
static const struct counted {
	int (*effect)(struct palier_tables *t, const struct palier_event *ev, const void *body); /* told by its apply */
	enum total total;
	size_t figure; /* its place in the effect; 0: count it */
	int times;     /* -1: taken off */
} counted[] = {
	{ sale_booked_apply, TOTAL_SALES, 0, 1 },
	{ sale_booked_apply, TOTAL_PAYABLE, offsetof(struct sale_booked, payable), 1 },
	{ sale_booked_apply, TOTAL_PAYABLE, offsetof(struct sale_booked, returned), 1 },
	{ sale_returned_apply, TOTAL_RETURNS, 0, 1 },
	{ sale_returned_apply, TOTAL_REFUNDED, offsetof(struct sale_returned, amount), 1 },
	{ sale_voided_apply, TOTAL_VOIDS, 0, 1 },
	{ sale_voided_apply, TOTAL_PAYABLE, offsetof(struct sale_voided, spend), -1 },
	{ return_voided_apply, TOTAL_VOIDS, 0, 1 },
	{ return_voided_apply, TOTAL_REFUNDED, offsetof(struct sale_returned, amount), -1 },
	{ member_enrolled_apply, TOTAL_MEMBERS, 0, 1 },
};
#define COUNTED (sizeof(counted) / sizeof(counted[0]))

struct totals {
	int64_t day[TOTALS], ever[TOTALS];
};

static const struct palier_key totals_key = { .b = "core", .len = 4 };

/* Those of a day begin anew when another batch's come first. */
static int totals_get(const struct palier_tables *t, uint32_t batch, struct totals *out)
{
	struct palier_bytes value;
	struct palier_cut cut;
	bool same;
	int err = palier_get(t, T_TOTAL, &totals_key, &value);

	*out = (struct totals){ .day = { 0 } };
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	cut = palier_cut_of(value);
	same = palier_cut_uint(&cut, 4) == batch;
	for (int i = 0; i < TOTALS; i++) {
		out->day[i] = palier_cut_i64(&cut) * same;
		out->ever[i] = palier_cut_i64(&cut);
	}
	return cut.bad ? PALIER_ESTORE : PALIER_OK;
}

static int totals_put(struct palier_tables *t, uint32_t batch, const struct totals *totals)
{
	struct palier_value v = { .len = 0 };

	palier_value_uint(&v, batch, 4);
	for (int i = 0; i < TOTALS; i++) {
		palier_value_i64(&v, totals->day[i]);
		palier_value_i64(&v, totals->ever[i]);
	}
	return palier_put(t, T_TOTAL, &totals_key, palier_value_bytes(&v));
}

/* A sum beyond all figures stays where it is: no sale is refused for the day's totals. */
static void total_add(struct totals *totals, const struct counted *row, const void *effect)
{
	int64_t by = 1;

	if (row->figure)
		memcpy(&by, (const char *)effect + row->figure, sizeof(by));
	palier_add_i64(&totals->day[row->total], row->times * by);
	palier_add_i64(&totals->ever[row->total], row->times * by);
}

int totals_book(struct palier_tables *t, const struct palier_event *ev)
{
	struct totals totals;
	bool read = false;

	for (uint32_t i = 0; i < ev->effect_count; i++)
		for (unsigned n = 0; n < COUNTED; n++) {
			int err = PALIER_OK;

			if (ev->effects[i].kind->apply != counted[n].effect)
				continue;
			if (!read)
				err = totals_get(t, ev->batch, &totals);
			if (err != PALIER_OK)
				return err;
			read = true;
			total_add(&totals, &counted[n], ev->effects[i].body);
		}
	return read ? totals_put(t, ev->batch, &totals) : PALIER_OK;
}

/* What plugins wrote becomes part of a line that must be readable for ever. */
static int totals_check(struct palier_ctx *c, struct palier_bytes text)
{
	uint32_t need = (uint32_t)(text.len / 2 + 2);
	struct json_doc d = { .tokens = palier_alloc(c->arena, need * sizeof(*d.tokens)), .capacity = need };

	if (json_parse(&d, text, JSON_DEPTH_MAX - 4) == PALIER_OK)
		return PALIER_OK;
	return palier_refuse(c, PALIER_EINTERNAL, NULL, "the day's totals are not JSON, at byte %u: a plugin is wrong",
		d.bad_at);
}

/* Core's and each plugin's, as an object. @param ever since the first day */
static int totals_write(struct palier_ctx *c, bool ever, struct palier_bytes *out)
{
	struct palier_buffer text = { 0 };
	struct palier_json json = palier_json_to(&text), *w = &json;
	struct totals totals;
	int err = totals_get(core_tables(c), c->ev.batch, &totals);

	palier_json_object(w);
	for (int i = 0; i < TOTALS && err == PALIER_OK; i++) {
		palier_json_key(w, total_names[i]);
		palier_json_int(w, ever ? totals.ever[i] : totals.day[i]);
	}
	if (err == PALIER_OK && !ever)
		err = alerts_day_totals(c, w);
	if (err == PALIER_OK)
		CTX_EACH(c, err, day_totals, c, ever, w);
	palier_json_end_object(w);
	*out = palier_copy(c->arena, palier_buffer_bytes(&text));
	palier_buffer_deinit(&text);
	return err == PALIER_OK ? totals_check(c, *out) : err;
}

/* --- closing --- */

/* Is it time for the next table of requests? Not by a clock that may be wrong: then it would forget too early.
 * A table that was begun by a clock far ahead is not waited for. */
static bool requests_turn(struct palier_ctx *c)
{
	const struct palier_tables *t = core_tables(c);
	int64_t since = core_counter(t, COUNTER_REQUESTS_SINCE), now = c->ev.received_ms;
	struct palier_close close = { c->ev.day, c->ev.day };
	struct batch_row before;

	if (batch_row(t, c->ev.batch - 1, &before) == PALIER_OK)
		close.closed = before.day;
	if (clock_trust(t, c->ev.batch, &close, now) != CLOCK_TRUSTED)
		return false;
	return since == 0 || now - since >= REQUEST_PERIOD || now < since - CLOCK_SLACK;
}

static int close_book(struct palier_ctx *c)
{
	struct day_closed body = { .set = { 0, 0 } };
	struct palier_bytes totals, perpetual;
	int err = totals_write(c, false, &totals);

	if (err == PALIER_OK)
		err = totals_write(c, true, &perpetual);
	if (err != PALIER_OK)
		return err;
	PALIER_SET(&body, day_closed, batch, c->ev.batch);
	PALIER_SET(&body, day_closed, business_day, c->ev.day);
	PALIER_SET(&body, day_closed, events, (int64_t)(c->ev.seq - c->ledger->first_seq + 1));
	PALIER_SET(&body, day_closed, totals, totals);
	PALIER_SET(&body, day_closed, perpetual, perpetual);
	PALIER_SET(&body, day_closed, closed_at, c->ev.received_ms);
	if (requests_turn(c))
		PALIER_SET(&body, day_closed, requests,
			(core_counter(core_tables(c), COUNTER_REQUESTS) + 1) % REQUEST_TABLES);
	return palier_effect_add(c, "day.closed", &body);
}

/* The event that closed a batch. */
static int close_event(struct palier_ctx *c, uint32_t batch, const struct batch_row *row, struct palier_event **out)
{
	*out = palier_alloc(c->arena, sizeof(**out));
	return ledger_event_at(c->ledger, batch, row->offset, c->arena, *out);
}

CORE_DECIDE(day_close_decide)
{
	const struct day_close *p = params;
	uint32_t day = PALIER_HAS(p, day_close, business_day) ? p->business_day : 0, open = c->ledger->day, batch;
	struct palier_event *before;
	struct batch_row row;
	int err;

	if (open && (!day || day == open))
		return close_book(c);
	err = batch_find(core_tables(c), day, &batch, &row);
	if (err == PALIER_ENOENT)
		return palier_refuse(c, PALIER_EDAY_UNKNOWN, day ? "business_day" : NULL,
			day ? "this day is neither open nor closed" : "no day has been opened yet");
	if (err == PALIER_OK)
		err = close_event(c, batch, &row, &before);
	if (err == PALIER_OK)
		c->booked = before;
	return err;
}

CORE_APPLY(day_closed_apply)
{
	const struct day_closed *e = body;
	int err = batch_put(t, ev, e);

	if (err != PALIER_OK || !PALIER_HAS(e, day_closed, requests))
		return err;
	err = view_clear(t, T_REQUEST0 + (unsigned)e->requests);
	if (err == PALIER_OK)
		err = core_counter_set(t, COUNTER_REQUESTS, e->requests);
	return err == PALIER_OK ? core_counter_set(t, COUNTER_REQUESTS_SINCE, e->closed_at) : err;
}

const struct day_closed *closed_of(const struct palier_event *ev)
{
	for (uint32_t i = 0; i < ev->effect_count; i++)
		if (ev->effects[i].kind->schema == &day_closed_schema)
			return ev->effects[i].body;
	return NULL;
}

CORE_REPLY(day_close_reply)
{
	const struct day_closed *e = closed_of(ev);

	(void)c;
	palier_json_key(w, "batch");
	palier_json_int(w, e->batch);
	palier_json_key(w, "business_day");
	palier_json_day(w, e->business_day);
	palier_json_key(w, "events");
	palier_json_int(w, e->events);
	palier_json_key(w, "totals");
	palier_json_raw(w, e->totals);
	return PALIER_OK;
}

/* --- questions --- */

CORE_ANSWER(day_status_answer)
{
	const struct ledger *l = c->ledger;
	struct batch_row row = { .day = l->day, .events = l->day ? l->head.seq - l->first_seq + 1 : 0 };
	int err = PALIER_OK;

	(void)params;
	if (!l->day && l->head.batch)
		err = batch_row(core_tables(c), l->head.batch, &row);
	if (err != PALIER_OK)
		return err;
	palier_json_object(w);
	palier_json_key(w, "open");
	palier_json_bool(w, l->day != 0);
	if (row.day) {
		palier_json_key(w, "business_day");
		palier_json_day(w, row.day);
	}
	palier_json_key(w, "batch");
	palier_json_int(w, l->head.batch);
	palier_json_key(w, "events");
	palier_json_int(w, (int64_t)row.events);
	err = jobs_write(c, c->ev.received_ms, w);
	palier_json_end_object(w);
	return err;
}

static void batch_view_of(const struct palier_ctx *c, uint32_t batch, const struct batch_row *row, struct batch_view *out)
{
	struct ack ack;

	PALIER_SET(out, batch_view, batch, batch);
	PALIER_SET(out, batch_view, business_day, row->day);
	PALIER_SET(out, batch_view, events, (int64_t)row->events);
	PALIER_SET(out, batch_view, last_seq, (int64_t)row->seq);
	PALIER_SET(out, batch_view, closed_at, row->closed_ms);
	if (ack_read(c->ledger->dir, batch, &ack) == PALIER_OK)
		PALIER_SET(out, batch_view, acknowledged_at, ack.at_ms);
}

CORE_ANSWER(batch_list_answer)
{
	static const struct palier_key all;
	const struct batch_list *p = params;
	struct palier_key after = { .len = 0 };
	struct palier_cursor *rows;
	struct palier_bytes key, value;
	int err = PALIER_OK;

	palier_key_uint(&after, p->after < UINT32_MAX ? (uint64_t)p->after : UINT32_MAX, 4);
	rows = palier_seek_after(core_tables(c), T_BATCH, &all, &after);
	palier_json_object(w);
	palier_json_key(w, "batches");
	palier_json_array(w);
	for (int n = 0; n < PAGE && (err = palier_next(rows, &key, &value)) == PALIER_OK; n++) {
		struct palier_cut cut = palier_cut_of(key);
		struct batch_view view = { .set = { 0, 0 } };
		struct batch_row row;

		err = batch_cut(value, &row);
		if (err != PALIER_OK)
			return err;
		batch_view_of(c, (uint32_t)palier_cut_uint(&cut, 4), &row, &view);
		schema_encode(&batch_view_schema, SCHEMA_WIRE, &view, w);
	}
	palier_json_end_array(w);
	palier_json_end_object(w);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

CORE_ANSWER(batch_show_answer)
{
	const struct batch_show *p = params;
	uint32_t batch = p->batch <= UINT32_MAX ? (uint32_t)p->batch : 0;
	struct batch_view view = { .set = { 0, 0 } };
	const struct day_closed *e;
	struct palier_event *ev;
	struct batch_row row;
	int err = batch_row(core_tables(c), batch, &row);

	if (err == PALIER_ENOENT)
		return palier_refuse(c, PALIER_EBATCH_UNKNOWN, "batch", "there is no closed batch %lld",
			(long long)p->batch);
	if (err == PALIER_OK)
		err = close_event(c, batch, &row, &ev);
	if (err != PALIER_OK)
		return err;
	e = closed_of(ev);
	batch_view_of(c, batch, &row, &view);
	PALIER_SET(&view, batch_view, totals, e->totals);
	PALIER_SET(&view, batch_view, perpetual, e->perpetual);
	schema_encode(&batch_view_schema, SCHEMA_WIRE, &view, w);
	return PALIER_OK;
}
