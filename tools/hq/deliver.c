/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/hq/deliver.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

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
	end(d, DELIVERY_STUCK, "the database says: %s", db_why(d->issuer->db));
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

static void text_put(struct delivery *d)
{
	d->sent = 0;
	put(d, "", d->text, "application/json");
}

static void signature_put(struct delivery *d)
{
	put(d, ".p7s", d->signatures[d->sent++], "application/pkcs7-signature");
}

/* @param base64 as it was issued */
static void signatures_make(struct delivery *d, struct palier_bytes base64)
{
	const struct issuer *is = d->issuer;
	const struct cms_trust now = { .pinned = (const struct crypto_certificate *const *)&is->certificate,
		.pinned_count = 1 };
	uint8_t *der = palier_alloc(&d->arena, base64.len + 1);
	long n = palier_unbase64(base64, der);
	struct palier_buffer anew = { 0 };
	struct cms_signed by;

	d->signatures[0] = palier_bytes_of(der, n > 0 ? (size_t)n : 0);
	d->signature_count = 1;
	if (crypto_cms_verify(d->text, d->signatures[0], &now, &by) == BATCH_FINE)
		return;
	crypto_cms_sign(is->key, is->certificate, d->text, (int64_t)time(NULL) * 1000, &anew);
	d->signatures[d->signature_count++] = palier_copy(&d->arena, palier_buffer_bytes(&anew));
	palier_buffer_deinit(&anew);
}

/* The first directive that the store has not carried out. */
static void next(struct delivery *d)
{
	struct db *db = d->issuer->db;

	palier_arena_reset(&d->arena);
	if (DB_ASK(db,
		    "SELECT directive, document, signature, refused FROM directives WHERE store = $1 AND taken_at IS NULL "
		    "ORDER BY directive LIMIT 1",
		    d->store) != PALIER_OK) {
		db_failed(d);
		return;
	}
	if (db_rows(db) == 0) {
		end(d, DELIVERY_DONE, "%s", "");
		return;
	}
	d->number = palier_cstr(&d->arena, palier_str(db_text(db, 0, 0)));
	if (db_text(db, 0, 3)[0]) {
		end(d, DELIVERY_REFUSED, "directive %s, refused before and not resolved: %s", d->number, db_text(db, 0, 3));
		return;
	}
	d->text = palier_copy(&d->arena, palier_str(db_text(db, 0, 1)));
	signatures_make(d, palier_str(db_text(db, 0, 2)));
	text_put(d);
}

/* --- answers --- */

static void taken(struct delivery *d)
{
	if (DB_ASK(d->issuer->db, "UPDATE directives SET taken_at = now() WHERE store = $1 AND directive = $2", d->store,
		    d->number) != PALIER_OK) {
		db_failed(d);
		return;
	}
	d->taken++;
	next(d);
}

struct refusal {
	struct palier_bytes reason, message, field;
};

/* What the store has said. @return false: it does not say why */
static bool refusal_read(struct delivery *d, struct refusal *out)
{
	struct palier_bytes text = palier_buffer_bytes(&d->said);
	struct json_doc j = { .capacity = (uint32_t)(text.len / 2 + 1) };
	uint32_t error;

	*out = (struct refusal){ .reason = PALIER_LIT("refused") };
	j.tokens = palier_alloc(&d->arena, j.capacity * sizeof(*j.tokens));
	error = json_parse(&j, text, JSON_DEPTH_MAX) == PALIER_OK && j.tokens[0].type == JSON_OBJECT
	                ? json_member(&j, 0, "error")
	                : 0;
	if (!error || j.tokens[error].type != JSON_OBJECT)
		return false;
	(void)json_text_in(&j, json_member(&j, error, "reason"), &d->arena, &out->reason);
	(void)json_text_in(&j, json_member(&j, error, "message"), &d->arena, &out->message);
	(void)json_text_in(&j, json_member(&j, error, "field"), &d->arena, &out->field);
	return true;
}

/* "unit_unknown: there is no unit beans (orders[3].unit)" */
static const char *reason_of(struct delivery *d)
{
	struct refusal r;

	if (!refusal_read(d, &r))
		return "the store does not say why";
	return palier_format(&d->arena, "%.*s: %.*s%s%.*s%s", PALIER_ARG(r.reason), PALIER_ARG(r.message),
		r.field.len ? " (" : "", PALIER_ARG(r.field), r.field.len ? ")" : "");
}

/* Is it not the text that is wrong, and is there a signature that the store has not been given? It may have kept an earlier one. */
static bool wants_signature(struct delivery *d)
{
	struct refusal r;

	return d->sent < d->signature_count && refusal_read(d, &r) && palier_is(r.field, "signature");
}

static void refused(struct delivery *d)
{
	const char *why = reason_of(d);

	if (DB_ASK(d->issuer->db, "UPDATE directives SET refused = $3 WHERE store = $1 AND directive = $2", d->store,
		    d->number, why) == PALIER_OK)
		end(d, DELIVERY_REFUSED, "directive %s, %s", d->number, why);
	else
		db_failed(d);
}

static void answered(void *who, const struct fetch_answer *a)
{
	struct delivery *d = who;

	if (a->end != FETCH_ANSWERED)
		end(d, DELIVERY_AWAY, "%s", a->why);
	else if (a->status == 200)
		taken(d);
	else if ((a->status == 202 && d->sent == 0) || (a->status == 422 && wants_signature(d)))
		signature_put(d);
	else if (a->status == 409 || a->status == 422)
		refused(d);
	else
		end(d, DELIVERY_AWAY, "directive %s: it answers with the status %ld", d->number, a->status);
}

void delivery_begin(struct delivery *d, const struct issuer *is, struct fetch *f)
{
	d->issuer = is;
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
