/* SPDX-License-Identifier: Apache-2.0 */
/* A card names its member by itself, unless it must be known before; phones and e-mails are looked up. An enrolment finds too: that somebody is
 * enrolled already says who. */
#include "tools/import_who.h"

#include <stdlib.h>

#include "protocol/scan.h"

static const char *const keys[] = { "card", "phone", "email", "member" };

static void write_cells(struct palier_json *w, const struct import_columns *c, const struct csv_record *r, int fields)
{
	for (int i = 0; i < fields; i++) {
		struct palier_bytes cell = import_cell(c, r, i);

		if (!cell.len)
			continue;
		palier_json_key(w, keys[i]);
		palier_json_string(w, cell);
	}
}

static bool write_consents(struct palier_json *w, const struct import_columns *c, const struct csv_record *r, int first,
	struct palier_arena *a, struct import_refusal *why)
{
	struct palier_bytes cells[3];
	const char *names[3];

	for (int i = 0; i < 3; i++) {
		cells[i] = import_cell(c, r, first + i);
		names[i] = c->table[first + i].name;
	}
	return import_consents(w, a, cells, names, why);
}

/* The request is drawn from who it is, not from when they were seen first. */
static bool draw_enrolment(struct who *w, const struct import_columns *c, const struct csv_record *r,
	const struct who_enrolment *how, struct palier_arena *a, struct import_refusal *why)
{
	struct palier_buffer b = { 0 };
	struct palier_json out = palier_json_to(&b);
	char request[IMPORT_REQUEST_MAX + 1];
	bool ok;

	palier_json_object(&out);
	write_cells(&out, c, r, WHO_MEMBER);
	ok = write_consents(&out, c, r, how->consents, a, why);
	import_request(palier_buffer_bytes(&b), request);
	palier_json_key(&out, "offline");
	palier_json_bool(&out, true);
	palier_json_key(&out, "at");
	palier_json_time(&out, how->at_ms);
	palier_json_key(&out, "training");
	palier_json_bool(&out, how->training);
	palier_json_key(&out, "request");
	palier_json_str(&out, request);
	palier_json_end_object(&out);
	w->enrols = true;
	w->params = palier_dup(palier_buffer_bytes(&b));
	palier_buffer_deinit(&b);
	return ok;
}

static void draw_lookup(struct who *w, int field, struct palier_bytes cell)
{
	struct palier_buffer b = { 0 };
	struct palier_json out = palier_json_to(&b);

	palier_json_object(&out);
	palier_json_key(&out, keys[field]);
	palier_json_string(&out, cell);
	palier_json_end_object(&out);
	w->params = palier_dup(palier_buffer_bytes(&b));
	palier_buffer_deinit(&b);
}

static int field_given(const struct import_columns *c, const struct csv_record *r)
{
	static const int fields[] = { WHO_MEMBER, WHO_CARD, WHO_PHONE, WHO_EMAIL };

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (import_cell(c, r, fields[i]).len)
			return fields[i];
	return IMPORT_NO_FIELD;
}

struct palier_bytes who_cell(const struct import_columns *c, const struct csv_record *r)
{
	int field = field_given(c, r);

	return field == IMPORT_NO_FIELD ? palier_bytes_of(NULL, 0) : import_cell(c, r, field);
}

/* Misses are counted against the till that asks too often, so what can be seen here does not go there. */
static bool check(int field, struct palier_bytes cell, struct import_refusal *why)
{
	struct card_number number;

	if (cell.len > WHO_NAME_MAX || (field == WHO_CARD && card_scan(cell, NULL, 0, &number) != PALIER_OK))
		return import_refuse(why, PALIER_ECARD_MALFORMED, keys[field], "this is no card number: check its digits");
	return true;
}

bool who_read(struct who *w, const struct import_columns *c, const struct csv_record *r, bool found,
	const struct who_enrolment *how, struct palier_arena *a, struct import_refusal *why)
{
	int field = field_given(c, r);
	struct palier_bytes cell;

	if (field == IMPORT_NO_FIELD)
		return true;
	cell = import_cell(c, r, field);
	if (!check(field, cell, why))
		return false;
	if (field == WHO_CARD || field == WHO_MEMBER) {
		w->key = keys[field];
		snprintf(w->name, sizeof(w->name), "%.*s", PALIER_ARG(cell));
	}
	if (field == WHO_MEMBER)
		return true;
	if (how)
		return draw_enrolment(w, c, r, how, a, why);
	if (found || field != WHO_CARD)
		draw_lookup(w, field, cell);
	return true;
}

bool who_next(const struct who *w, struct import_call *out)
{
	if (!w->params || w->asked)
		return false;
	*out = (struct import_call){ w->enrols ? "member.enroll" : "card.lookup", w->params };
	return true;
}

static void is_member(struct who *w, struct palier_bytes id)
{
	w->key = "member";
	snprintf(w->name, sizeof(w->name), "%.*s", PALIER_ARG(id));
}

bool who_answered(struct who *w, const struct palier_reply *reply)
{
	w->asked = true;
	if (w->enrols && reply->error == PALIER_ECARD_IN_USE)
		return true;
	if (w->enrols && reply->error == PALIER_EMEMBER_EXISTS)
		is_member(w, import_reply_text(reply, reply->data, "member"));
	else if (reply->error != PALIER_OK)
		return false;
	else if (!w->key)
		is_member(w, import_reply_text(reply, reply->result, "member"));
	return true;
}

const char *who_params(const struct who *w, const char *fields, struct palier_arena *a)
{
	struct palier_buffer b = { 0 };
	struct palier_json out = palier_json_to(&b);
	const char *params;

	if (!w->key)
		return palier_cstr(a, palier_str(fields));
	palier_json_object(&out);
	palier_json_key(&out, w->key);
	palier_json_str(&out, w->name);
	params = palier_format(a, "%.*s,%s", PALIER_ARG(palier_buffer_bytes(&b)), fields + 1);
	palier_buffer_deinit(&b);
	return params;
}

void who_drop(struct who *w)
{
	free(w->params);
}
