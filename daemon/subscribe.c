/* SPDX-License-Identifier: Apache-2.0 */
/* Who has heard all stands at `live`, and one reading of a line serves all who stand there. Who is behind is led on by itself until it
 * stands there too. */
#include "daemon/subscribe.h"

#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/core.h"
#include "daemon/log.h"
#include "daemon/metrics.h"
#include "daemon/sessions.h"
#include "protocol/rpc.h"

#define LIVE_US   2000            /* of one pass, for those who have heard all */
#define BEHIND_US 1000            /* and for all the others together */
#define AHEAD_MAX ((size_t)65536) /* unsent bytes of one that is behind: more follows when these have left */

struct feed {
	struct ledger *ledger;
	struct palier_ctx *ctx;
	struct talk **talks;
	unsigned count, capacity;
	struct place live;
	struct palier_buffer reply, line;
};

struct feed *feed_new(struct ledger *l, struct palier_ctx *lent)
{
	struct feed *f = calloc(1, sizeof(*f));

	if (!f)
		abort();
	f->ledger = l;
	f->ctx = lent;
	return f;
}

void feed_free(struct feed *f)
{
	free(f->talks);
	palier_buffer_deinit(&f->reply);
	palier_buffer_deinit(&f->line);
	free(f);
}

/* --- subscribing --------------------------------------------------------------------------------------------------- */

static struct place place_of(const struct store_mark *m)
{
	return (struct place){ m->seq, m->batch, m->offset };
}

static bool may_hear(enum role role, enum topic topic)
{
	return topic != TOPIC_ALERT || role >= ROLE_SUPERVISOR;
}

static int topics_read(struct palier_ctx *c, const struct events_subscribe *p, unsigned *out)
{
	unsigned topics = 0;

	for (uint32_t i = 0; i < p->topics.count; i++) {
		int topic = 0;

		while (topic_names[topic] && !palier_is(p->topics.at[i], topic_names[topic]))
			topic++;
		if (!topic_names[topic])
			return palier_refuse(c, PALIER_EPARAMS, "topics",
				"there is no such topic: sale, member, day or alert");
		if (!may_hear(c->speaker.role, topic))
			return palier_refuse(c, PALIER_EFORBIDDEN, "topics", "a %s may not hear of alerts: it needs a %s",
				role_names[c->speaker.role], role_names[ROLE_SUPERVISOR]);
		topics |= 1u << topic;
	}
	*out = topics;
	return PALIER_OK;
}

/* The beginning of the batch that holds the event behind `after`. */
static int place_find(struct palier_ctx *c, uint64_t after, struct place *out)
{
	uint32_t low = 1, high = c->ledger->head.batch;
	struct place at = { 0, 1, 0 };

	while (low < high) {
		uint32_t middle = low + (high - low + 1) / 2;
		uint64_t first;
		int err = ledger_first_seq(c->ledger, middle, c->arena, &first);

		if (err != PALIER_OK)
			return err;
		if (first > after + 1) {
			high = middle - 1;
		} else {
			low = middle;
			at = (struct place){ first - 1, middle, 0 };
		}
	}
	*out = at;
	return PALIER_OK;
}

int subscription_begin(struct palier_ctx *c, struct session *s, const struct events_subscribe *p)
{
	const struct store_mark *head = &c->ledger->head;
	struct subscription sub = { .at = place_of(head) };
	int err = s->once ? palier_refuse(c, PALIER_EFORBIDDEN, NULL, "events come on a door of lines: tcp, tls or unix")
	                  : topics_read(c, p, &sub.topics);

	if (err == PALIER_OK && PALIER_HAS(p, events_subscribe, after) && (uint64_t)p->after != head->seq) {
		sub.after = (uint64_t)p->after;
		if (sub.after > head->seq)
			return palier_refuse(c, PALIER_EPARAMS, "after",
				"event %llu is not booked yet: the last one is %llu", (unsigned long long)sub.after,
				(unsigned long long)head->seq);
		err = place_find(c, sub.after, &sub.at);
	}
	if (err == PALIER_OK)
		s->subscription = sub;
	return err;
}

void feed_join(struct feed *f, struct talk *k)
{
	if (k->listed)
		return;
	if (f->count == f->capacity) {
		f->capacity = f->capacity ? 2 * f->capacity : 8;
		f->talks = realloc(f->talks, f->capacity * sizeof(struct talk *));
		if (!f->talks)
			abort();
	}
	if (f->count == 0)
		f->live = place_of(&f->ledger->synced);
	f->talks[f->count++] = k;
	metrics.subscribers = f->count;
	k->listed = true;
}

void feed_leave(struct feed *f, struct talk *k)
{
	unsigned i = 0;

	if (!k->listed)
		return;
	while (f->talks[i] != k)
		i++;
	f->talks[i] = f->talks[--f->count];
	metrics.subscribers = f->count;
	k->listed = false;
}

/* --- what is told of an event -------------------------------------------------------------------------------------- */

/* Of a command's reply: figures, never a name, a card's number or a text. */
static const char *const told_of_reply[] = { "sale", "return", "payable", "due", "refund", "earned", "spent", "reversed",
	"restored", "balances", "tier", "events", "totals" };

static int reply_copy(struct feed *f, const struct palier_event *ev, struct palier_json *w)
{
	struct palier_ctx *x = f->ctx;
	const struct served_method *served = plugins_method(x->plugins, palier_str(ev->method->name));
	struct palier_json reply = palier_json_to(&f->reply);
	struct json_doc d = { .capacity = 0 };
	int err;

	if (!served->service->reply) /* the member view */
		return PALIER_OK;
	f->reply.len = 0;
	x->current = served->plugin;
	palier_json_object(&reply);
	err = served->service->reply(x, ev, &reply);
	palier_json_end_object(&reply);
	d.capacity = (uint32_t)(f->reply.len / 2 + 1);
	d.tokens = palier_alloc(x->arena, d.capacity * sizeof(*d.tokens));
	if (err == PALIER_OK)
		err = json_parse(&d, palier_buffer_bytes(&f->reply), JSON_DEPTH_MAX);
	for (unsigned i = 0; i < sizeof(told_of_reply) / sizeof(*told_of_reply) && err == PALIER_OK; i++) {
		uint32_t token = json_member(&d, 0, told_of_reply[i]);

		if (!token)
			continue;
		palier_json_key(w, told_of_reply[i]);
		palier_json_raw(w, json_text(&d, token));
	}
	return err;
}

static bool is_alert(const struct palier_effect *e)
{
	return e->kind->schema == &alert_raised_schema;
}

static void alert_write(const struct alert_raised *a, struct palier_json *w)
{
	palier_json_object(w);
	palier_json_key(w, "kind");
	palier_json_string(w, a->what);
	if (PALIER_HAS(a, alert_raised, member)) {
		palier_json_key(w, "member");
		palier_json_id(w, a->member);
	}
	if (PALIER_HAS(a, alert_raised, unit)) {
		palier_json_key(w, "unit");
		palier_json_string(w, a->unit);
	}
	if (PALIER_HAS(a, alert_raised, sale)) {
		palier_json_key(w, "sale");
		palier_json_string(w, a->sale);
	}
	if (PALIER_HAS(a, alert_raised, figure)) {
		palier_json_key(w, "figure");
		palier_json_int(w, a->figure);
	}
	palier_json_end_object(w);
}

static void alerts_write(const struct palier_event *ev, struct palier_json *w)
{
	palier_json_key(w, "alerts");
	palier_json_array(w);
	for (uint32_t i = 0; i < ev->effect_count; i++)
		if (is_alert(&ev->effects[i]))
			alert_write(ev->effects[i].body, w);
	palier_json_end_array(w);
}

static void day_write(const struct palier_event *ev, bool opens, struct palier_json *w)
{
	palier_json_key(w, "open");
	palier_json_bool(w, opens);
	palier_json_key(w, "business_day");
	palier_json_day(w, ev->day);
	palier_json_key(w, "batch");
	palier_json_int(w, ev->batch);
}

static void common_write(const struct palier_event *ev, enum topic topic, struct palier_json *w)
{
	palier_json_key(w, "seq");
	palier_json_int(w, (int64_t)ev->seq);
	palier_json_key(w, "at");
	palier_json_time(w, ev->at_ms);
	palier_json_key(w, "topic");
	palier_json_str(w, topic_names[topic]);
	palier_json_key(w, "method");
	palier_json_str(w, ev->method->name);
	palier_json_key(w, "till");
	palier_json_string(w, ev->till);
	if (ev->operator.len) {
		palier_json_key(w, "operator");
		palier_json_string(w, ev->operator);
	}
	if (ev->has_member) {
		palier_json_key(w, "member");
		palier_json_id(w, ev->member);
	}
}

static struct palier_json message_begin(struct palier_buffer *out, const char *method)
{
	struct palier_json w = palier_json_to(out);

	palier_json_object(&w);
	palier_json_key(&w, "jsonrpc");
	palier_json_str(&w, "2.0");
	palier_json_key(&w, "method");
	palier_json_str(&w, method);
	palier_json_key(&w, "params");
	palier_json_object(&w);
	return w;
}

static void message_end(struct palier_json *w)
{
	palier_json_end_object(w);
	palier_json_end_object(w);
	palier_buffer_add(w->out, "\n", 1);
}

/* Render the line of one topic. */
static int told_write(struct feed *f, const struct palier_event *ev, enum topic topic, bool opens)
{
	struct palier_json w;
	int err = PALIER_OK;

	f->line.len = 0;
	w = message_begin(&f->line, "event");
	common_write(ev, topic, &w);
	if (topic == TOPIC_ALERT)
		alerts_write(ev, &w);
	if (topic == TOPIC_DAY)
		day_write(ev, opens, &w);
	if (topic != TOPIC_ALERT && !opens)
		err = reply_copy(f, ev, &w);
	message_end(&w);
	return err;
}

static bool is_about(const struct palier_event *ev, enum topic topic)
{
	const char *method = ev->method->name;

	switch (topic) {
	case TOPIC_SALE:
		return strncmp(method, "sale.", 5) == 0;
	case TOPIC_MEMBER:
		return ev->has_member && strncmp(method, "sale.", 5) != 0;
	case TOPIC_DAY:
		return strcmp(method, "day.close") == 0;
	default:
		for (uint32_t i = 0; i < ev->effect_count; i++)
			if (is_alert(&ev->effects[i]))
				return true;
		return false;
	}
}

/* --- telling ------------------------------------------------------------------------------------------------------- */

static bool stands_at(const struct talk *k, uint64_t seq)
{
	return k->session.subscription.at.seq == seq;
}

static bool hears(const struct talk *k, const struct palier_event *ev, enum topic topic)
{
	const struct session *s = &k->session;

	return (s->subscription.topics >> topic & 1) && ev->seq > s->subscription.after && may_hear(s->role, topic) &&
	       (s->role >= ROLE_SUPERVISOR || palier_equal(ev->till, session_till(s)));
}

static void end(struct talk *k)
{
	k->session.subscription.topics = 0;
	k->lost = k->told = true;
}

/* It does not read: it is told how far it came, and that is the last. */
static void overflow(struct talk *k)
{
	struct palier_json w = message_begin(&k->out, "event.overflow");

	metrics.cut_overflow++;
	log_info("events.overflow", "till=%.*s after=%llu", PALIER_ARG(session_till(&k->session)),
		(unsigned long long)k->session.subscription.at.seq);
	palier_json_key(&w, "seq");
	palier_json_int(&w, (int64_t)k->session.subscription.at.seq);
	message_end(&w);
	end(k);
}

/* The line of one topic goes to all who stand before its event. */
static int topic_tell(struct feed *f, const struct palier_event *ev, uint64_t before, enum topic topic, bool opens)
{
	bool written = false;

	for (unsigned i = 0; i < f->count; i++) {
		struct talk *k = f->talks[i];
		int err;

		if (!stands_at(k, before) || !hears(k, ev, topic))
			continue;
		if (k->out.len >= UNSENT_MAX) {
			overflow(k);
			continue;
		}
		err = written ? PALIER_OK : told_write(f, ev, topic, opens);
		if (err != PALIER_OK)
			return err;
		written = k->told = true;
		metrics.told++;
		palier_buffer_add(&k->out, f->line.at, f->line.len);
	}
	return PALIER_OK;
}

static int event_tell(struct feed *f, const struct palier_event *ev, uint64_t before, bool opens)
{
	int err = opens ? topic_tell(f, ev, before, TOPIC_DAY, true) : PALIER_OK;

	for (enum topic topic = 0; topic < TOPICS && err == PALIER_OK; topic++)
		if (is_about(ev, topic))
			err = topic_tell(f, ev, before, topic, false);
	return err;
}

/* --- reading ------------------------------------------------------------------------------------------------------- */

/* The next event's line behind a place, which moves over heads, tails and ends of files to where the line begins. */
static int line_find(struct feed *f, struct place *at, uint64_t *seq, bool *opens, struct palier_bytes *line)
{
	struct palier_hash prev;
	uint64_t turn;
	int err;

	*opens = false;
	for (;;) {
		err = at->batch ? journal_read(f->ledger->journal, at->batch, at->offset, f->ctx->arena, line)
		                : PALIER_EDAMAGED;
		if (err == PALIER_OK && at->offset == 0) {
			at->offset = line->len + 1;
			*opens = true;
		} else if (err == PALIER_OK && batch_links(*line, seq, &turn, &prev)) {
			return PALIER_OK;
		} else if ((err != PALIER_OK && err != PALIER_EDAMAGED) || at->batch >= f->ledger->synced.batch) {
			return err == PALIER_OK ? PALIER_EDAMAGED : err;
		} else {
			*at = (struct place){ at->seq, at->batch + 1, 0 };
		}
	}
}

static bool is_wanted(const struct feed *f, uint64_t before, uint64_t seq)
{
	for (unsigned i = 0; i < f->count; i++)
		if (stands_at(f->talks[i], before) && seq > f->talks[i]->session.subscription.after)
			return true;
	return false;
}

/* Lead on by one event all who stand at a place, and the place. */
static int step(struct feed *f, struct place *place)
{
	static const struct speaker nobody;
	struct place at = *place;
	struct palier_event ev;
	struct palier_bytes line;
	uint64_t seq, before = place->seq;
	bool opens;
	int err;

	palier_arena_reset(f->ctx->arena);
	err = line_find(f, &at, &seq, &opens, &line);
	if (err == PALIER_OK && is_wanted(f, before, seq)) {
		ctx_begin(f->ctx, &nobody, clock_now_ms());
		err = ledger_event_read(f->ledger, line, at.batch, at.offset, f->ctx->arena, &ev);
		if (err == PALIER_OK)
			err = event_tell(f, &ev, before, opens);
		ctx_drop(f->ctx);
	}
	if (err != PALIER_OK)
		return err;
	at.seq = seq;
	at.offset += line.len + 1;
	for (unsigned i = 0; i < f->count; i++)
		if (stands_at(f->talks[i], before))
			f->talks[i]->session.subscription.at = at;
	*place = at;
	return PALIER_OK;
}

/* --- once a pass --------------------------------------------------------------------------------------------------- */

/* What cannot be read back is told to nobody: who stands before it is sent away, and may come back with another `after`. */
static void give_up(struct feed *f, uint64_t seq, int err)
{
	log_error("events.read", "after=%llu err=%s", (unsigned long long)seq, palier_error_info(err)->name);
	for (unsigned i = 0; i < f->count; i++)
		if (stands_at(f->talks[i], seq))
			end(f->talks[i]);
}

static bool is_behind(const struct feed *f, const struct talk *k)
{
	return k->session.subscription.topics && k->session.subscription.at.seq < f->live.seq && k->out.len < AHEAD_MAX;
}

bool feed_is_busy(const struct feed *f)
{
	if (f->count && f->live.seq < f->ledger->synced.seq)
		return true;
	for (unsigned i = 0; i < f->count; i++)
		if (is_behind(f, f->talks[i]))
			return true;
	return false;
}

/* Subscriptions that were ended, and tills that were revoked meanwhile. */
static void weed(struct feed *f)
{
	for (unsigned i = f->count; i-- > 0;) {
		struct talk *k = f->talks[i];

		if (!session_valid(&k->session, f->ctx))
			end(k);
		else if (!k->session.subscription.topics && !k->lost)
			feed_leave(f, k);
	}
}

static void live_run(struct feed *f)
{
	int64_t end_us = clock_steady_us() + LIVE_US;

	while (f->count && f->live.seq < f->ledger->synced.seq && clock_steady_us() < end_us) {
		int err = step(f, &f->live);

		if (err != PALIER_OK) {
			give_up(f, f->live.seq, err);
			f->live = place_of(&f->ledger->synced);
		}
	}
}

/* Each has a share of the slice, and at least one event. */
static void behind_run(struct feed *f)
{
	for (unsigned i = 0; i < f->count; i++) {
		struct talk *k = f->talks[i];
		int64_t end_us = clock_steady_us() + BEHIND_US / (int64_t)f->count;

		while (is_behind(f, k)) {
			int err = step(f, &k->session.subscription.at);

			if (err != PALIER_OK)
				give_up(f, k->session.subscription.at.seq, err);
			if (clock_steady_us() >= end_us)
				break;
		}
	}
}

void feed_run(struct feed *f, void (*push)(struct talk *k))
{
	metrics.subscribers_behind = 0;
	if (f->count == 0)
		return;
	weed(f);
	live_run(f);
	behind_run(f);
	for (unsigned i = f->count; i-- > 0;) {
		struct talk *k = f->talks[i];

		metrics.subscribers_behind += k->session.subscription.at.seq < f->live.seq;
		if (k->told)
			push(k);
		k->told = false;
	}
}
