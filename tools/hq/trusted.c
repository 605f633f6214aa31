/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/hq/trusted.h"

#include "protocol/batch.h"
#include "protocol/schema.h"
#include "tools/hq/files.h"
#include "tools/hq/judge.h"

#define FILE_MAX ((size_t)1 << 20) /* bytes: room for some hundred certificates */

/* clang-format off */
#define PALIER_FIELDS_trusted_line(F, M) \
	F(M, STRING, store, "store", PALIER_REQUIRED, PALIER_RANGE(1, BATCH_STORE_MAX), "whose") \
	F(M, STRING, instead_of, "instead_of", PALIER_REQUIRED, BATCH_HEX, "the id of the key that signed until then") \
	F(M, STRING, certificate, "certificate", PALIER_REQUIRED, PALIER_RANGE(1, 65536), "of the one that takes its place, PEM") \
	F(M, TIME, at, "at", PALIER_REQUIRED, PALIER_ANY, "when it was decided") \
	F(M, STRING, reason, "reason", PALIER_REQUIRED, PALIER_RANGE(0, 1000), "why")
/* clang-format on */
PALIER_MESSAGE(trusted_line);
PALIER_SCHEMA(trusted_line);

static const char *path_in(const char *folder, struct palier_arena *a)
{
	return palier_format(a, "%s/trusted", folder);
}

/* @return PALIER_OK, also when there is none */
static int text_read(const char *path, struct palier_buffer *out)
{
	int err = files_read(path, FILE_MAX, out);

	if (err == PALIER_ERANGE)
		return PALIER_EDAMAGED;
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static bool line_read(struct palier_bytes line, struct palier_arena *a, struct trusted *out)
{
	struct json_doc d = { .capacity = (uint32_t)(line.len / 2 + 2) };
	struct palier_problem why;
	struct trusted_line m;

	d.tokens = palier_alloc(a, d.capacity * sizeof(*d.tokens));
	if (json_parse(&d, line, JSON_DEPTH_MAX) != PALIER_OK || d.tokens[0].type != JSON_OBJECT ||
		schema_decode(&trusted_line_schema, SCHEMA_WIRE, &d, 0, a, &m, &why) != PALIER_OK ||
		!palier_unhex(m.instead_of, out->instead_of.b, SHA256_LEN))
		return false;
	out->certificate = m.certificate;
	out->reason = m.reason;
	out->at_ms = m.at;
	return true;
}

static int lines_read(struct palier_bytes text, struct palier_arena *a, struct trusted *out, size_t *count)
{
	size_t n = 0;

	while (text.len) {
		const char *lf = memchr(text.at, '\n', text.len);

		if (!lf || !line_read(palier_bytes_of(text.at, (size_t)(lf - text.at)), a, &out[n]))
			return PALIER_EDAMAGED;
		n++;
		text = palier_bytes_of(lf + 1, text.len - (size_t)(lf - text.at) - 1);
	}
	*count = n;
	return PALIER_OK;
}

int trusted_read(const char *folder, struct palier_arena *a, struct trusted **out, size_t *count)
{
	struct palier_buffer file = { 0 };
	int err = text_read(path_in(folder, a), &file);
	size_t most = 1;

	for (size_t i = 0; i < file.len; i++)
		most += file.at[i] == '\n';
	*count = 0;
	*out = palier_alloc(a, most * sizeof(**out));
	if (err == PALIER_OK) /* what is read borrows from its text */
		err = lines_read(palier_copy(a, palier_buffer_bytes(&file)), a, *out, count);
	palier_buffer_deinit(&file);
	return err;
}

int trusted_add(const char *folder, const char *store, const struct trusted *t)
{
	struct palier_arena a = { .used = 0 };
	struct palier_buffer text = { 0 }, line = { 0 };
	struct palier_json w = palier_json_to(&line);
	struct trusted_line m = { .set = { 0, 0 } };
	int err = text_read(path_in(folder, &a), &text);

	PALIER_SET(&m, trusted_line, store, palier_str(store));
	PALIER_SET(&m, trusted_line, instead_of, judge_hex(&a, &t->instead_of));
	PALIER_SET(&m, trusted_line, certificate, t->certificate);
	PALIER_SET(&m, trusted_line, at, t->at_ms);
	PALIER_SET(&m, trusted_line, reason, t->reason);
	schema_encode(&trusted_line_schema, SCHEMA_WIRE, &m, &w);
	palier_buffer_add(&text, line.at, line.len);
	palier_buffer_add(&text, "\n", 1);
	if (err == PALIER_OK)
		err = files_write(path_in(folder, &a), palier_buffer_bytes(&text), 0644);
	palier_buffer_deinit(&text);
	palier_buffer_deinit(&line);
	palier_arena_deinit(&a);
	return err;
}
