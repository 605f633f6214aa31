/* SPDX-License-Identifier: Apache-2.0 */
/* Anything as CSV, whole and in parts, which must give the same; and what is read, written again, is read the same. The first byte chooses
 * the separator, the second the size of the parts, the third the longest record. */
#include "tools/csv.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* assert() would vanish with NDEBUG. */
static void ensure(bool ok)
{
	if (!ok)
		abort();
}

static void ensure_within(struct palier_bytes part, struct palier_bytes text)
{
	ensure(part.len == 0 || (part.at >= text.at && part.at + part.len <= text.at + text.len));
}

static void ensure_same(const struct csv_record *a, const struct csv_record *b)
{
	ensure(a->line == b->line && a->count == b->count && !a->why == !b->why && palier_equal(a->raw, b->raw));
	for (unsigned i = 0; i < a->count; i++)
		ensure(palier_equal(a->cells[i], b->cells[i]));
}

/* A record written by us says the same. One with a single empty cell is an empty line, which is none. */
static void ensure_written(const struct csv_record *r, char separator)
{
	struct csv c = { .separator = separator, .record_max = 1u << 20 };
	struct palier_buffer b = { 0 };
	struct palier_arena a = { 0 };
	struct csv_record again;

	for (unsigned i = 0; i < r->count; i++) {
		if (i)
			palier_buffer_add(&b, &separator, 1);
		csv_cell(&b, separator, r->cells[i]);
	}
	if (b.len) {
		ensure(csv_next(&c, palier_buffer_bytes(&b), true, &a, &again) == CSV_RECORD && again.count == r->count);
		for (unsigned i = 0; i < r->count; i++)
			ensure(palier_equal(again.cells[i], r->cells[i]));
	}
	palier_buffer_deinit(&b);
	palier_arena_deinit(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char separators[] = { ',', ';', '\t' };
	struct csv whole = { 0 }, parts = { 0 };
	struct palier_arena a = { 0 };
	struct palier_bytes text;
	struct csv_record r, s;
	enum csv_next next;
	size_t given = 0;

	if (size < 3)
		return 0;
	whole.separator = parts.separator = separators[data[0] % sizeof(separators)];
	whole.record_max = parts.record_max = data[2] + 1u;
	text = palier_bytes_of(data + 3, size - 3);
	csv_separator(text);
	do {
		uint64_t line = whole.line;
		size_t begin = whole.begin;
		enum csv_next other;

		next = csv_next(&whole, text, true, &a, &r);
		ensure(whole.begin <= text.len && whole.begin >= begin && whole.line >= line);
		while ((other = csv_next(&parts, palier_bytes_of(text.at, given), given == text.len, &a, &s)) == CSV_MORE &&
			given < text.len)
			given = text.len - given > data[1] ? given + data[1] + 1u : text.len;
		ensure(other == next);
		if (next == CSV_MORE)
			break;
		ensure(whole.begin > begin && r.line > line);
		ensure_within(r.raw, text);
		ensure_same(&r, &s);
		if (next == CSV_RECORD)
			ensure_written(&r, whole.separator);
		palier_arena_reset(&a);
	} while (next != CSV_MORE);
	ensure(whole.begin == text.len);
	palier_arena_deinit(&a);
	return 0;
}
