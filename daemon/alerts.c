/* SPDX-License-Identifier: Apache-2.0 */
/* Alerts: what somebody should look at, raised by events, listed until it is old, resolved once. A row says where the event lies; the
 * rest is read from there.
 *
 * alert      seq u64, number in its event u16 -> batch u32, offset u64, received i64 ms; of what resolved it batch u32 (0: open), offset u64
 * alert_sum  batch u32, kind, till, operator and unit, each with a NUL -> count i64, figure i64: those of the open day */
#include "daemon/core.h"
#include "daemon/ledger.h"

#define SLICE       1000 /* rows dropped at a close */
#define PAGE        50
#define NUMBER_LAST 0xffffu

PALIER_SCHEMA(alert_raised);
PALIER_SCHEMA(alert_resolved);
PALIER_SCHEMA(alert_dropped);

/* --- rows --- */

struct alert_key {
	uint64_t seq;
	uint16_t number; /* from 1 */
};

struct alert_row {
	uint32_t batch, done_batch;
	uint64_t offset, done_offset;
	int64_t received_ms;
};

static struct palier_key row_key(struct alert_key id)
{
	struct palier_key k = { .len = 0 };

	palier_key_uint(&k, id.seq, 8);
	palier_key_uint(&k, id.number, 2);
	return k;
}

static int row_cut(struct palier_bytes value, struct alert_row *out)
{
	struct palier_cut cut = palier_cut_of(value);

	out->batch = (uint32_t)palier_cut_uint(&cut, 4);
	out->offset = palier_cut_uint(&cut, 8);
	out->received_ms = palier_cut_i64(&cut);
	out->done_batch = (uint32_t)palier_cut_uint(&cut, 4);
	out->done_offset = palier_cut_uint(&cut, 8);
	return cut.bad ? PALIER_ESTORE : PALIER_OK;
}

static int row_get(const struct palier_tables *t, struct alert_key id, struct alert_row *out)
{
	struct palier_key k = row_key(id);
	struct palier_bytes value;
	int err = palier_get(t, T_ALERT, &k, &value);

	return err == PALIER_OK ? row_cut(value, out) : err;
}

static int row_put(struct palier_tables *t, struct alert_key id, const struct alert_row *row)
{
	struct palier_key k = row_key(id);
	struct palier_value v = { .len = 0 };

	palier_value_uint(&v, row->batch, 4);
	palier_value_uint(&v, row->offset, 8);
	palier_value_i64(&v, row->received_ms);
	palier_value_uint(&v, row->done_batch, 4);
	palier_value_uint(&v, row->done_offset, 8);
	return palier_put(t, T_ALERT, &k, palier_value_bytes(&v));
}

/* --- the id: "1201-1" --- */

static bool digits_read(struct palier_bytes text, size_t *at, uint64_t most, uint64_t *out)
{
	size_t begin = *at;

	for (*out = 0; *at < text.len && text.at[*at] >= '0' && text.at[*at] <= '9'; (*at)++) {
		*out = *out * 10 + (uint64_t)(text.at[*at] - '0');
		if (*out > most)
			return false;
	}
	return *at > begin && text.at[begin] != '0';
}

static bool id_parse(struct palier_bytes text, struct alert_key *out)
{
	uint64_t seq, number;
	size_t at = 0;

	if (!digits_read(text, &at, PALIER_FIGURE_MAX, &seq) || at == text.len || text.at[at++] != '-' ||
		!digits_read(text, &at, NUMBER_LAST, &number) || at != text.len)
		return false;
	*out = (struct alert_key){ seq, (uint16_t)number };
	return true;
}

/* --- the day's sums --- */

static void sum_text(struct palier_key *k, struct palier_bytes text)
{
	palier_key_raw(k, text.at, text.len);
	palier_key_raw(k, "", 1);
}

bool alert_is_open(const struct palier_tables *t, uint64_t seq)
{
	struct alert_row row;

	return row_get(t, (struct alert_key){ seq, 1 }, &row) == PALIER_OK && !row.done_batch;
}

/* Those of a day are counted until an alert of a later day comes. */
static int sums_forget(struct palier_tables *t, uint32_t batch)
{
	static const struct palier_key all;
	struct palier_cursor *rows = palier_seek(t, T_ALERT_SUM, &all);
	struct palier_bytes key, value;
	int err;

	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(key);
		struct palier_key k = { .len = 0 };

		if (palier_cut_uint(&cut, 4) == batch)
			return PALIER_OK;
		palier_key_raw(&k, key.at, key.len);
		err = palier_del(t, T_ALERT_SUM, &k);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int sum_add(struct palier_tables *t, const struct palier_event *ev, const struct alert_raised *e)
{
	struct palier_key k = { .len = 0 };
	struct palier_value v = { .len = 0 };
	struct palier_bytes value;
	int64_t count = 0, figure = 0;
	int err;

	palier_key_uint(&k, ev->batch, 4);
	sum_text(&k, e->what);
	sum_text(&k, ev->till);
	sum_text(&k, ev->operator);
	sum_text(&k, e->unit);
	err = palier_get(t, T_ALERT_SUM, &k, &value);
	if (err == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(value);

		count = palier_cut_i64(&cut);
		figure = palier_cut_i64(&cut);
	} else if (err != PALIER_ENOENT) {
		return err;
	}
	palier_add_i64(&count, 1);
	palier_add_i64(&figure, e->figure); /* a sum beyond all figures stays where it is */
	palier_value_i64(&v, count);
	palier_value_i64(&v, figure);
	return palier_put(t, T_ALERT_SUM, &k, palier_value_bytes(&v));
}

static struct palier_bytes sum_part(struct palier_cut *cut)
{
	size_t n = strnlen((const char *)cut->at, cut->left);
	struct palier_bytes text = palier_cut_raw(cut, n);

	palier_cut_uint(cut, 1);
	return text;
}

static void sum_write(struct palier_bytes key, struct palier_bytes value, struct palier_json *w)
{
	struct palier_cut k = palier_cut_of(key), v = palier_cut_of(value);
	struct alert_sum_view view = { .set = { 0, 0 } };
	struct palier_bytes operator, unit;
	int64_t figure;

	palier_cut_uint(&k, 4);
	PALIER_SET(&view, alert_sum_view, what, sum_part(&k));
	PALIER_SET(&view, alert_sum_view, till, sum_part(&k));
	operator= sum_part(&k);
	unit = sum_part(&k);
	if (operator.len)
		PALIER_SET(&view, alert_sum_view, operator, operator);
	if (unit.len)
		PALIER_SET(&view, alert_sum_view, unit, unit);
	PALIER_SET(&view, alert_sum_view, count, palier_cut_i64(&v));
	figure = palier_cut_i64(&v);
	if (figure)
		PALIER_SET(&view, alert_sum_view, figure, figure);
	schema_encode(&alert_sum_view_schema, SCHEMA_WIRE, &view, w);
}

int alerts_day_totals(struct palier_ctx *c, struct palier_json *w)
{
	struct palier_key prefix = { .len = 0 };
	struct palier_bytes key, value;
	struct palier_cursor *rows;
	int err;

	palier_key_uint(&prefix, c->ev.batch, 4);
	rows = palier_seek(core_tables(c), T_ALERT_SUM, &prefix);
	palier_json_key(w, "alerts");
	palier_json_array(w);
	while ((err = palier_next(rows, &key, &value)) == PALIER_OK)
		sum_write(key, value, w);
	palier_json_end_array(w);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* --- raised --- */

/* How many wait for somebody is a counter, so that nobody need count them. */
static int open_add(struct palier_tables *t, int64_t by)
{
	return core_counter_set(t, COUNTER_ALERTS_OPEN, core_counter(t, COUNTER_ALERTS_OPEN) + by);
}

CORE_APPLY(alert_raised_apply)
{
	struct alert_key id = { ev->seq, 1 };
	struct alert_row row;
	int err;

	while ((err = row_get(t, id, &row)) == PALIER_OK && id.number < NUMBER_LAST)
		id.number++;
	if (err != PALIER_ENOENT)
		return err == PALIER_OK ? PALIER_ERANGE : err;
	row = (struct alert_row){ .batch = ev->batch, .offset = ev->offset, .received_ms = ev->received_ms };
	err = row_put(t, id, &row);
	if (err == PALIER_OK)
		err = open_add(t, 1);
	if (err == PALIER_OK)
		err = sums_forget(t, ev->batch);
	return err == PALIER_OK ? sum_add(t, ev, body) : err;
}

/* The nth alert of an event. */
static const struct alert_raised *raised_of(const struct palier_event *ev, uint16_t number)
{
	for (uint32_t i = 0; i < ev->effect_count; i++)
		if (ev->effects[i].kind->schema == &alert_raised_schema && --number == 0)
			return ev->effects[i].body;
	return NULL;
}

/* --- resolved --- */

static int row_need(struct palier_ctx *c, struct palier_bytes text, struct alert_key *id, struct alert_row *row)
{
	int err = id_parse(text, id) ? row_get(core_tables(c), *id, row) : PALIER_ENOENT;

	if (err == PALIER_ENOENT)
		return palier_refuse(c, PALIER_EPARAMS, "alert", "there is no alert %.*s: system.alerts lists them",
			PALIER_ARG(text));
	if (err == PALIER_OK && row->done_batch)
		return palier_refuse(c, PALIER_EPARAMS, "alert", "alert %.*s is resolved already", PALIER_ARG(text));
	return err;
}

/* The outcome may tell of the customer: it is sealed with the member's key, if it is about one who has a key. */
static int resolve_member(struct palier_ctx *c, const struct alert_key *id, const struct alert_row *row)
{
	const struct alert_raised *e;
	struct palier_event ev;
	struct member_row member;
	int err = ledger_event_at(c->ledger, row->batch, row->offset, c->arena, &ev);

	if (err != PALIER_OK)
		return err;
	e = raised_of(&ev, id->number);
	if (!e)
		return PALIER_EDAMAGED;
	if (!PALIER_HAS(e, alert_raised, member))
		return PALIER_OK;
	err = member_row(core_tables(c), e->member, &member);
	if (err == PALIER_OK && !(member.flags & MEMBER_ERASED))
		ctx_member(c, e->member, member.slot);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

CORE_DECIDE(alert_resolve_decide)
{
	const struct alert_resolve *p = params;
	struct alert_resolved body = { .set = { 0, 0 } };
	struct alert_key id = { 0, 0 };
	struct alert_row row = { .batch = 0 };
	int err = row_need(c, p->alert, &id, &row);

	if (err == PALIER_OK)
		err = resolve_member(c, &id, &row);
	if (err != PALIER_OK)
		return err;
	PALIER_SET(&body, alert_resolved, alert, p->alert);
	return palier_effect_add(c, "alert.resolved", &body);
}

CORE_APPLY(alert_resolved_apply)
{
	const struct alert_resolved *e = body;
	struct alert_key id;
	struct alert_row row;
	int err;

	if (!id_parse(e->alert, &id) || row_get(t, id, &row) != PALIER_OK)
		return PALIER_ESTORE;
	row.done_batch = ev->batch;
	row.done_offset = ev->offset;
	err = row_put(t, id, &row);
	return err == PALIER_OK ? open_add(t, -1) : err;
}

/* --- listed --- */

static int done_view(struct palier_ctx *c, const struct alert_row *row, struct alert_view *view)
{
	struct alert_done *done = &view->resolved;
	struct palier_event ev;
	struct palier_bytes outcome;
	int err;

	if (!row->done_batch)
		return PALIER_OK;
	err = ledger_event_at(c->ledger, row->done_batch, row->done_offset, c->arena, &ev);
	if (err != PALIER_OK)
		return err;
	PALIER_MARK(view, alert_view, resolved);
	PALIER_SET(done, alert_done, seq, (int64_t)ev.seq);
	PALIER_SET(done, alert_done, at, ev.at_ms);
	if (ev.operator.len)
		PALIER_SET(done, alert_done, operator, ev.operator);
	err = keys_unseal(c->keys, ((const struct alert_resolve *)ev.params)->outcome, c->arena, &outcome);
	if (err == PALIER_OK)
		PALIER_SET(done, alert_done, outcome, outcome);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int raised_view(struct palier_ctx *c, struct alert_key id, const struct alert_row *row, struct alert_view *view)
{
	const struct alert_raised *e;
	struct palier_event ev;
	int err = ledger_event_at(c->ledger, row->batch, row->offset, c->arena, &ev);

	if (err != PALIER_OK)
		return err;
	e = raised_of(&ev, id.number);
	if (!e)
		return PALIER_EDAMAGED;
	PALIER_SET(view, alert_view, alert,
		palier_str(palier_format(c->arena, "%llu-%u", (unsigned long long)id.seq, id.number)));
	PALIER_SET(view, alert_view, seq, (int64_t)id.seq);
	PALIER_SET(view, alert_view, at, ev.at_ms);
	PALIER_SET(view, alert_view, what, e->what);
	PALIER_SET(view, alert_view, till, ev.till);
	if (ev.operator.len)
		PALIER_SET(view, alert_view, operator, ev.operator);
	if (PALIER_HAS(e, alert_raised, member))
		PALIER_SET(view, alert_view, member, e->member);
	if (PALIER_HAS(e, alert_raised, unit))
		PALIER_SET(view, alert_view, unit, e->unit);
	if (PALIER_HAS(e, alert_raised, sale))
		PALIER_SET(view, alert_view, sale, e->sale);
	if (PALIER_HAS(e, alert_raised, figure))
		PALIER_SET(view, alert_view, figure, e->figure);
	return done_view(c, row, view);
}

static struct alert_key key_cut(struct palier_bytes key)
{
	struct palier_cut cut = palier_cut_of(key);
	uint64_t seq = palier_cut_uint(&cut, 8);

	return (struct alert_key){ seq, (uint16_t)palier_cut_uint(&cut, 2) };
}

CORE_ANSWER(system_alerts_answer)
{
	static const struct palier_key all;
	const struct system_alerts *p = params;
	struct palier_key after = row_key((struct alert_key){ (uint64_t)p->after, NUMBER_LAST });
	struct palier_cursor *rows = palier_seek_after(core_tables(c), T_ALERT, &all, &after);
	struct palier_bytes key, value;
	int64_t left = PALIER_HAS(p, system_alerts, limit) ? p->limit : PAGE;
	uint64_t last = 0;
	int err;

	palier_json_object(w);
	palier_json_key(w, "alerts");
	palier_json_array(w);
	while ((err = palier_next(rows, &key, &value)) == PALIER_OK) {
		struct alert_view view = { .set = { 0, 0 } };
		struct alert_key id = key_cut(key);
		struct alert_row row;

		if (left-- <= 0 && id.seq != last) /* the next page begins behind a seq */
			break;
		last = id.seq;
		err = row_cut(value, &row);
		if (err == PALIER_OK)
			err = raised_view(c, id, &row, &view);
		if (err != PALIER_OK)
			return err;
		schema_encode(&alert_view_schema, SCHEMA_WIRE, &view, w);
	}
	palier_json_end_array(w);
	palier_json_end_object(w);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* --- dropped --- */

int alerts_due(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from)
{
	static const struct palier_key all;
	static const struct palier_id begin;
	struct palier_cursor *rows = palier_seek(core_tables(c), T_ALERT, &all);
	struct alert_dropped body = { .set = { 0, 0 } };
	struct palier_bytes key, value;
	int err;

	if (!palier_id_equal(*from, begin))
		return PALIER_ENOENT;
	for (int n = 0; (err = palier_next(rows, &key, &value)) == PALIER_OK && n < SLICE; n++) {
		struct alert_row row;

		err = row_cut(value, &row);
		if (err != PALIER_OK)
			return err;
		if (span_last_day(c->config->retention.alerts, row.received_ms) >= close->closed)
			break;
		PALIER_SET(&body, alert_dropped, upto, (int64_t)key_cut(key).seq);
	}
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	err = PALIER_HAS(&body, alert_dropped, upto) ? palier_effect_add(c, "alert.dropped", &body) : PALIER_OK;
	return err == PALIER_OK ? PALIER_ENOENT : err;
}

CORE_APPLY(alert_dropped_apply)
{
	static const struct palier_key all;
	const struct alert_dropped *e = body;
	struct palier_cursor *rows = palier_seek(t, T_ALERT, &all);
	struct palier_bytes key, value;
	int err;

	(void)ev;
	while ((err = palier_next(rows, &key, &value)) == PALIER_OK && key_cut(key).seq <= (uint64_t)e->upto) {
		struct palier_key k = row_key(key_cut(key));
		struct alert_row row;

		err = row_cut(value, &row);
		if (err == PALIER_OK && !row.done_batch)
			err = open_add(t, -1);
		if (err == PALIER_OK)
			err = palier_del(t, T_ALERT, &k);
		if (err != PALIER_OK)
			return err;
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}
