/* SPDX-License-Identifier: Apache-2.0 */
/* OCEL 2.0. The events are walked once more beside the touches that were made of them, because only they know receipts, items and offers; types
 * and objects, which are known only then, stand behind the events. */
#include <errno.h>

#include "protocol/crypto.h"
#include "tools/report/export.h"
#include "tools/report/journey_parts.h"

#define FLUSH     (1u << 20)
#define LINKS     64 /* of one event */
#define TEXT_MOST 160

enum object_type {
	OBJECT_CUSTOMER,
	OBJECT_RECEIPT,
	OBJECT_ITEM,
	OBJECT_OFFER,
	OBJECT_COUPON,
	OBJECT_REFERRAL,
	OBJECT_TYPES
};
static const char *const object_types[] = { "customer", "receipt", "item", "offer", "coupon", "referral" };

struct receipt {
	int64_t amount, at_ms;
};

struct exporting {
	const struct journey *j;
	const struct export_key *key;
	FILE *out;
	struct palier_buffer buffer;
	struct palier_json w;
	struct labels objects[OBJECT_TYPES], types;
	struct receipt *receipts; /* by the number of its label */
	size_t receipt_count;
	uint32_t event, touch; /* the last event read, and the touch that comes next */
	struct link {
		enum object_type type;
		uint32_t number;
	} links[LINKS];
	unsigned link_count;
};

static void flush(struct exporting *x, size_t least)
{
	if (x->buffer.len < least)
		return;
	fwrite(x->buffer.at, 1, x->buffer.len, x->out);
	x->buffer.len = 0;
}

/* --- objects --- */

static void link_add(struct exporting *x, enum object_type type, const char *id)
{
	struct link link = { type, labels_number(&x->objects[type], palier_str(id)) };

	for (unsigned i = 0; i < x->link_count; i++)
		if (x->links[i].type == type && x->links[i].number == link.number)
			return;
	if (x->link_count < LINKS)
		x->links[x->link_count++] = link;
}

/* What could lead back to somebody has a name made with the key. */
static void link_hidden(struct exporting *x, enum object_type type, struct palier_bytes store, struct palier_bytes name)
{
	char text[2 * TEXT_MOST + 32], id[EXPORT_NAME + 2];
	int n = snprintf(text, sizeof(text), "%s %.*s %.*s", object_types[type],
		(int)palier_least((int64_t)store.len, TEXT_MOST), store.len ? store.at : "",
		(int)palier_least((int64_t)name.len, TEXT_MOST), name.len ? name.at : "");

	id[0] = object_types[type][0];
	id[1] = '-';
	export_name(x->key, palier_bytes_of(text, (size_t)n), id + 2);
	link_add(x, type, id);
}

static void link_named(struct exporting *x, enum object_type type, struct palier_bytes name)
{
	char id[TEXT_MOST + 16];

	snprintf(id, sizeof(id), "%s-%.*s", object_types[type], (int)palier_least((int64_t)name.len, TEXT_MOST),
		name.len ? name.at : "");
	link_add(x, type, id);
}

static void receipt_link(struct exporting *x, const struct booked *e, uint32_t effect)
{
	link_hidden(x, OBJECT_RECEIPT, e->store, booked_text(e, effect, "sale"));
	if (x->receipt_count == x->objects[OBJECT_RECEIPT].count)
		return;
	x->receipts = list_room(x->receipts, x->receipt_count, sizeof(*x->receipts));
	x->receipts[x->receipt_count++] = (struct receipt){ booked_int(e, effect, "base"), e->at_ms };
}

static void items_link(struct exporting *x, const struct booked *e)
{
	uint32_t line = 0, left = 0;

	while (e->params && booked_each(e, e->params, "lines", &line, &left)) {
		struct palier_bytes sku = booked_text(e, line, "sku");

		if (sku.len && !booked_text(e, line, "kind").len)
			link_named(x, OBJECT_ITEM, sku);
	}
}

/* @return what was paid for goods in a sale that the event booked; 0: it booked none */
static int64_t base_of(const struct booked *e)
{
	for (uint32_t at = 0, effect; (effect = booked_effect(e, &at));)
		if (booked_kind(e, effect, "sale.booked"))
			return booked_int(e, effect, "base");
	return 0;
}

/* All that the effects of an event are about, but its customers. */
static void links_find(struct exporting *x, const struct booked *e)
{
	x->link_count = 0;
	for (uint32_t at = 0, effect; (effect = booked_effect(e, &at));) {
		if (booked_kind(e, effect, "sale.booked") || booked_kind(e, effect, "sale.returned") ||
			booked_kind(e, effect, "sale.claimed"))
			receipt_link(x, e, effect);
		if (booked_kind(e, effect, "offer.used")) {
			link_named(x, OBJECT_OFFER, booked_text(e, effect, "offer"));
			if (booked_text(e, effect, "code").len)
				link_hidden(x, OBJECT_COUPON, e->store, booked_text(e, effect, "code"));
		}
		if (booked_kind(e, effect, "referral.step"))
			link_hidden(x, OBJECT_REFERRAL, e->store,
				palier_str(palier_format(e->arena, "%lld", (long long)booked_int(e, effect, "referral"))));
	}
	if (base_of(e) > 0)
		items_link(x, e);
}

/* --- events --- */

static void attribute(struct palier_json *w, const char *name, const char *text, int64_t value)
{
	palier_json_object(w);
	palier_json_key(w, "name");
	palier_json_str(w, name);
	palier_json_key(w, "value");
	if (text)
		palier_json_str(w, text);
	else
		palier_json_int(w, value);
	palier_json_end_object(w);
}

static void relationship(struct exporting *x, enum object_type type, const char *id)
{
	palier_json_object(&x->w);
	palier_json_key(&x->w, "objectId");
	palier_json_str(&x->w, id);
	palier_json_key(&x->w, "qualifier");
	palier_json_str(&x->w, object_types[type]);
	palier_json_end_object(&x->w);
}

struct shown {
	const char *id, *type, *till, *channel;
	int64_t at_ms, amount;
	bool with_links;
	const char *customer; /* NULL: nobody */
};

static void event_write(struct exporting *x, const struct shown *e)
{
	struct palier_json *w = &x->w;

	(void)labels_number(&x->types, palier_str(e->type));
	palier_json_object(w);
	palier_json_key(w, "id");
	palier_json_str(w, e->id);
	palier_json_key(w, "type");
	palier_json_str(w, e->type);
	palier_json_key(w, "time");
	palier_json_time(w, e->at_ms);
	palier_json_key(w, "attributes");
	palier_json_array(w);
	attribute(w, "resource", e->till, 0);
	attribute(w, "channel", e->channel, 0);
	if (e->amount)
		attribute(w, "amount_minor", NULL, e->amount);
	palier_json_end_array(w);
	palier_json_key(w, "relationships");
	palier_json_array(w);
	if (e->customer)
		relationship(x, OBJECT_CUSTOMER, e->customer);
	for (unsigned i = 0; e->with_links && i < x->link_count; i++)
		relationship(x, x->links[i].type, x->objects[x->links[i].type].at[x->links[i].number]);
	palier_json_end_array(w);
	palier_json_end_object(w);
	flush(x, FLUSH);
}

static void touch_write(struct exporting *x, uint32_t index)
{
	const struct journey_touch *t = journey_touch_at(x->j, index);
	const struct journey_more *more = &x->j->more[index];
	char id[16], name[EXPORT_NAME];
	uint32_t member;

	if (!journey_shows(x->j, t) || !journey_member_shown(x->j, more->member, &member))
		return;
	snprintf(id, sizeof(id), "t%u", index);
	export_customer(x->j, x->key, member, name);
	(void)labels_number(&x->objects[OBJECT_CUSTOMER], palier_str(name));
	event_write(x,
		&(struct shown){ id, journey_activity(x->j, t->activity),
			journey_local(x->j, x->j->tills.at[x->j->places[t->place].till]), journey_channel_names[t->channel],
			(int64_t)t->at_s * 1000 + t->at_ms, more->amount, t->what & IS_FACT, name });
}

/* A sale to nobody who is known is no touch, but it has a receipt and items. */
static void sale_write(struct exporting *x, const struct booked *e)
{
	const char *till = palier_cstr(e->arena, e->till);
	char id[16];

	snprintf(id, sizeof(id), "s%u", x->event);
	event_write(x, &(struct shown){ id, "purchase", till, journey_channel_names[CHANNEL_STORE], e->at_ms, base_of(e),
			       true, NULL });
}

/* Is there a touch of the event in hand that tells of a receipt? What no event is about is no object. */
static bool tells_more(const struct exporting *x)
{
	uint32_t member;

	for (uint32_t i = x->touch; i < x->j->touch_count && x->j->more[i].event == x->event; i++) {
		const struct journey_touch *t = journey_touch_at(x->j, i);

		if ((t->what & IS_FACT) && journey_shows(x->j, t) &&
			journey_member_shown(x->j, x->j->more[i].member, &member))
			return true;
	}
	return false;
}

/* The same events are left out as when the journey was read. */
static int event_export(void *who, const struct booked *e)
{
	struct exporting *x = who;
	bool to_nobody;

	if (e->at_ms < 0 || e->at_ms / 1000 >= x->j->end_s)
		return PALIER_OK;
	x->event++;
	to_nobody = !e->has_member && journey_within(x->j, (uint32_t)(e->at_ms / 1000)) && base_of(e) > 0;
	if (to_nobody || tells_more(x))
		links_find(x, e);
	while (x->touch < x->j->touch_count && x->j->more[x->touch].event == x->event)
		touch_write(x, x->touch++);
	if (to_nobody)
		sale_write(x, e);
	return ferror(x->out) ? PALIER_EIO : PALIER_OK;
}

/* --- types and objects --- */

static void type_write(struct palier_json *w, const char *name, const char *const *attributes)
{
	palier_json_object(w);
	palier_json_key(w, "name");
	palier_json_str(w, name);
	palier_json_key(w, "attributes");
	palier_json_array(w);
	for (; attributes[0]; attributes += 2) {
		palier_json_object(w);
		palier_json_key(w, "name");
		palier_json_str(w, attributes[0]);
		palier_json_key(w, "type");
		palier_json_str(w, attributes[1]);
		palier_json_end_object(w);
	}
	palier_json_end_array(w);
	palier_json_end_object(w);
}

static void types_write(struct exporting *x)
{
	static const char *const of_event[] = { "resource", "string", "channel", "string", "amount_minor", "integer", NULL };
	static const char *const of_receipt[] = { "amount_minor", "integer", NULL }, *const none[] = { NULL };

	palier_json_key(&x->w, "eventTypes");
	palier_json_array(&x->w);
	for (size_t i = 0; i < x->types.count; i++)
		type_write(&x->w, x->types.at[i], of_event);
	palier_json_end_array(&x->w);
	palier_json_key(&x->w, "objectTypes");
	palier_json_array(&x->w);
	for (unsigned i = 0; i < OBJECT_TYPES; i++)
		type_write(&x->w, object_types[i], i == OBJECT_RECEIPT ? of_receipt : none);
	palier_json_end_array(&x->w);
}

static void object_write(struct exporting *x, enum object_type type, uint32_t number)
{
	struct palier_json *w = &x->w;

	palier_json_object(w);
	palier_json_key(w, "id");
	palier_json_str(w, x->objects[type].at[number]);
	palier_json_key(w, "type");
	palier_json_str(w, object_types[type]);
	palier_json_key(w, "attributes");
	palier_json_array(w);
	if (type == OBJECT_RECEIPT) {
		palier_json_object(w);
		palier_json_key(w, "name");
		palier_json_str(w, "amount_minor");
		palier_json_key(w, "value");
		palier_json_int(w, x->receipts[number].amount);
		palier_json_key(w, "time");
		palier_json_time(w, x->receipts[number].at_ms);
		palier_json_end_object(w);
	}
	palier_json_end_array(w);
	palier_json_key(w, "relationships");
	palier_json_array(w);
	palier_json_end_array(w);
	palier_json_end_object(w);
	flush(x, FLUSH);
}

static void objects_write(struct exporting *x)
{
	palier_json_key(&x->w, "objects");
	palier_json_array(&x->w);
	for (unsigned type = 0; type < OBJECT_TYPES; type++)
		for (uint32_t i = 0; i < x->objects[type].count; i++)
			object_write(x, (enum object_type)type, i);
	palier_json_end_array(&x->w);
}

int export_ocel(const struct journey *j, const struct export_key *key, const struct event_files *files, struct progress *bar,
	FILE *out, char *why)
{
	struct exporting x = { .j = j, .key = key, .out = out };
	int err;

	x.w = palier_json_to(&x.buffer);
	palier_json_object(&x.w);
	palier_json_key(&x.w, "events");
	palier_json_array(&x.w);
	err = events_each(files, bar, event_export, &x, why);
	if (ferror(out))
		why[0] = '\0';
	palier_json_end_array(&x.w);
	if (err == PALIER_OK) {
		types_write(&x);
		objects_write(&x);
		palier_json_end_object(&x.w);
		palier_buffer_add(&x.buffer, "\n", 1);
		flush(&x, 0);
		err = fflush(out) == 0 && !ferror(out) ? PALIER_OK : PALIER_EIO;
	}
	for (unsigned i = 0; i < OBJECT_TYPES; i++)
		labels_deinit(&x.objects[i]);
	labels_deinit(&x.types);
	free(x.receipts);
	palier_buffer_deinit(&x.buffer);
	return err;
}
