/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/hq/deliver.h"

#include <stdarg.h>
#include <stdio.h>

#include "protocol/json_values.h"

#define ANSWER_MAX ((size_t)64 << 10)

static void end(struct delivery *d, enum delivery_end how, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void end(struct delivery *d, enum delivery_end how, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(d->why, sizeof(d->why), fmt, args);
	va_end(args);
	d->end = how;
}

static void db_failed(struct delivery *d)
{
	end(d, DELIVERY_STUCK, "the database says: %s", db_why(d->db));
}

/* --- asking --- */

static void answered(void *who, const struct fetch_answer *a);

/* @param suffix "" or ".p7s" */
static void put(struct delivery *d, const char *suffix, struct palier_bytes body, const char *type)
{
	d->answer.len = d->said.len = 0;
	d->request =
		(struct fetch_request){ .url = palier_format(&d->arena, "%s/v1/directives/%s%s", d->url, d->number, suffix),
			.put = body,
			.put_type = type,
			.said = &d->said,
			.into = &d->answer,
			.file = -1,
			.most = ANSWER_MAX,
			.done = answered,
			.who = d };
	fetch_ask(d->fetch, &d->request, 0);
}

/* The first directive that the store has not carried out. */
static void next(struct delivery *d)
{
	struct palier_bytes base64;
	uint8_t *der;
	long n;

	palier_arena_reset(&d->arena);
	if (DB_ASK(d->db,
		    "SELECT directive, document, signature, refused FROM directives WHERE store = $1 AND taken_at IS NULL "
		    "ORDER BY directive LIMIT 1",
		    d->store) != PALIER_OK) {
		db_failed(d);
		return;
	}
	if (db_rows(d->db) == 0) {
		end(d, DELIVERY_DONE, "%s", "");
		return;
	}
	d->number = palier_cstr(&d->arena, palier_str(db_text(d->db, 0, 0)));
	if (db_text(d->db, 0, 3)[0]) {
		end(d, DELIVERY_REFUSED, "directive %s, refused before and not resolved: %s", d->number,
			db_text(d->db, 0, 3));
		return;
	}
	base64 = palier_str(db_text(d->db, 0, 2));
	der = palier_alloc(&d->arena, base64.len + 1);
	n = palier_unbase64(base64, der);
	d->signature = palier_bytes_of(der, n > 0 ? (size_t)n : 0);
	put(d, "", palier_copy(&d->arena, palier_str(db_text(d->db, 0, 1))), "application/json");
}

/* --- answers --- */

static void taken(struct delivery *d)
{
	if (DB_ASK(d->db, "UPDATE directives SET taken_at = now() WHERE store = $1 AND directive = $2", d->store,
		    d->number) != PALIER_OK) {
		db_failed(d);
		return;
	}
	d->taken++;
	next(d);
}

/* "unit_unknown: there is no unit beans (orders[3].unit)", of what the store has said. */
static const char *reason_of(struct delivery *d)
{
	struct palier_bytes text = palier_buffer_bytes(&d->said), reason = PALIER_LIT("refused"), message = { NULL, 0 },
			    field = { NULL, 0 };
	struct json_doc j = { .capacity = (uint32_t)(text.len / 2 + 1) };
	uint32_t error;

	j.tokens = palier_alloc(&d->arena, j.capacity * sizeof(*j.tokens));
	error = json_parse(&j, text, JSON_DEPTH_MAX) == PALIER_OK && j.tokens[0].type == JSON_OBJECT
	                ? json_member(&j, 0, "error")
	                : 0;
	if (!error || j.tokens[error].type != JSON_OBJECT)
		return "the store does not say why";
	(void)json_text_in(&j, json_member(&j, error, "reason"), &d->arena, &reason);
	(void)json_text_in(&j, json_member(&j, error, "message"), &d->arena, &message);
	(void)json_text_in(&j, json_member(&j, error, "field"), &d->arena, &field);
	return palier_format(&d->arena, "%.*s: %.*s%s%.*s%s", PALIER_ARG(reason), PALIER_ARG(message), field.len ? " (" : "",
		PALIER_ARG(field), field.len ? ")" : "");
}

static void refused(struct delivery *d)
{
	const char *why = reason_of(d);

	if (DB_ASK(d->db, "UPDATE directives SET refused = $3 WHERE store = $1 AND directive = $2", d->store, d->number,
		    why) == PALIER_OK)
		end(d, DELIVERY_REFUSED, "directive %s, %s", d->number, why);
	else
		db_failed(d);
}

static void answered(void *who, const struct fetch_answer *a)
{
	struct delivery *d = who;
	bool text = d->request.put.at != d->signature.at;

	if (a->end != FETCH_ANSWERED)
		end(d, DELIVERY_AWAY, "%s", a->why);
	else if (a->status == 200)
		taken(d);
	else if (a->status == 202 && text)
		put(d, ".p7s", d->signature, "application/pkcs7-signature");
	else if (a->status == 409 || a->status == 422)
		refused(d);
	else
		end(d, DELIVERY_AWAY, "directive %s: it answers with the status %ld", d->number, a->status);
}

void delivery_begin(struct delivery *d, struct db *db, struct fetch *f)
{
	d->db = db;
	d->fetch = f;
	d->end = DELIVERY_GOES_ON;
	next(d);
}

void delivery_deinit(struct delivery *d)
{
	palier_arena_deinit(&d->arena);
	palier_buffer_deinit(&d->answer);
	palier_buffer_deinit(&d->said);
}
