/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/hq/order.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/hq/files.h"
#include "tools/hq/schema.h"
#include "tools/hq/shelf.h"

#define PROFILES_MAX ((size_t)1 << 30) /* bytes */

/* --- one --- */

static int refuse(struct palier_problem *why, const char *field, const char *text)
{
	why->err = PALIER_EPARAMS;
	snprintf(why->field, sizeof(why->field), "%s", field);
	snprintf(why->text, sizeof(why->text), "%s", text);
	return PALIER_EPARAMS;
}

/* Does a directive hold it? */
static bool fits(const struct office_order *o, struct palier_arena *a)
{
	const struct directive_before none = { .number = UINT32_MAX - 1 };
	struct office_order one = *o;
	struct palier_buffer text = { 0 };
	struct directive d;
	bool held;

	directive_begin(PALIER_LIT("12345678901234567890123456789012"), &none, 0, a, &d);
	d.orders.at = &one;
	d.orders.count = 1;
	held = directive_write(&d, &text) == PALIER_OK;
	palier_buffer_deinit(&text);
	return held;
}

int order_read(struct palier_bytes text, struct palier_arena *a, struct office_order *out, struct palier_problem *why)
{
	struct json_doc d = { .capacity = (uint32_t)(text.len / 2 + 1) };
	const char *wrong;
	int err;

	d.tokens = palier_alloc(a, d.capacity * sizeof(*d.tokens));
	if (json_parse(&d, text, JSON_DEPTH_MAX) != PALIER_OK || d.tokens[0].type != JSON_OBJECT)
		return refuse(why, "", "an order is one JSON object");
	err = schema_decode(&office_order_schema, SCHEMA_WIRE, &d, 0, a, out, why);
	if (err != PALIER_OK)
		return err;
	if (!directive_order_known(out))
		return refuse(why, "order", "there is no such order");
	wrong = directive_order_wrong(out);
	if (wrong)
		return refuse(why, wrong, "this order must have that field, or must not");
	return fits(out, a) ? PALIER_OK : refuse(why, "", "it is too long for a directive");
}

int order_queue(struct db *db, const char *store, const char *cause, const char *body, bool *added)
{
	int err = DB_ASK(db, "INSERT INTO orders (store, cause, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", store,
		cause, body);

	if (err == PALIER_OK)
		*added = db_changed(db) > 0;
	return err;
}

/* --- what follows from what the stores say --- */

static int chain_fill(struct db *db, const struct hq_config *c)
{
	int err = db_run(db, "CREATE TEMP TABLE chain (store text COLLATE \"C\" PRIMARY KEY) ON COMMIT DROP; "
			     "INSERT INTO chain SELECT DISTINCT store FROM batches");

	for (size_t i = 0; i < c->store_count && err == PALIER_OK; i++)
		err = DB_ASK(db, "INSERT INTO chain VALUES ($1) ON CONFLICT DO NOTHING", c->stores[i].id);
	return err;
}

/* COPY's text form: of what stands in a JSON text or a folder's name, only the backslash is written otherwise. */
static void text_copy(struct palier_buffer *out, struct palier_bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '\\')
			palier_buffer_add(out, "\\", 1);
		palier_buffer_add(out, &text.at[i], 1);
	}
}

static void lines_copy(struct palier_buffer *out, const char *store, struct palier_bytes text)
{
	const char *lf;

	while (text.len && (lf = memchr(text.at, '\n', text.len))) {
		size_t n = (size_t)(lf - text.at) + 1;

		text_copy(out, palier_str(store));
		palier_buffer_add(out, "\t", 1);
		text_copy(out, palier_bytes_of(text.at, n));
		text = palier_bytes_of(text.at + n, text.len - n);
	}
}

struct profiles_in {
	struct db *db;
	const char *directory;
};

static int profiles_copy(void *who, const char *store)
{
	const struct profiles_in *in = who;
	struct palier_arena a = { .used = 0 };
	struct palier_buffer text = { 0 }, rows = { 0 };
	int err = files_read(palier_format(&a, "%s/%s/profiles.jsonl", in->directory, store), PROFILES_MAX, &text);

	if (err == PALIER_OK) {
		lines_copy(&rows, store, palier_buffer_bytes(&text));
		err = db_copy(in->db, "COPY profile_lines FROM STDIN", palier_buffer_bytes(&rows));
	} else if (err == PALIER_ENOENT) {
		err = PALIER_OK;
	}
	palier_buffer_deinit(&text);
	palier_buffer_deinit(&rows);
	palier_arena_deinit(&a);
	return err;
}

static int profiles_fill(struct db *db, const char *directory)
{
	struct profiles_in in = { db, directory };
	int err = db_run(db, "CREATE TEMP TABLE profile_lines (store text COLLATE \"C\", line jsonb) ON COMMIT DROP");

	if (err == PALIER_OK)
		err = shelves_each(directory, profiles_copy, &in);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int orders_derive(struct db *db, const struct hq_config *c)
{
	struct palier_arena a = { .used = 0 };
	int err = db_run(db, "BEGIN");

	if (err == PALIER_OK)
		err = chain_fill(db, c);
	if (err == PALIER_OK)
		err = profiles_fill(db, c->directory);
	if (err == PALIER_OK)
		err = db_run(db, palier_cstr(&a, palier_bytes_of(schema_derive, schema_derive_len)));
	if (err == PALIER_OK)
		err = db_run(db, "COMMIT");
	palier_arena_deinit(&a);
	return err;
}
