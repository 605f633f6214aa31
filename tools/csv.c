/* SPDX-License-Identifier: Apache-2.0 */
/* Records out of bytes. Whether a record is right, and where it ends, never hangs on how the bytes came in parts. */
#include "tools/csv.h"

/* A record under way: of the buffer's bytes those from `at` on are still to be read, and none behind `limit` is looked at. */
struct reading {
	const char *text;
	size_t at, end, limit;
	char separator;
	bool lines, last;
	struct palier_arena *arena;
	struct csv_record *out;
};

enum outcome { ENDED, GOES_ON, STOPPED, LACKING }; /* the record; the next cell; with `why`; more bytes are needed */

static enum outcome stop(struct reading *r, const char *why)
{
	r->out->why = why;
	return STOPPED;
}

/* The bytes are at an end. */
static enum outcome run_dry(struct reading *r, const char *why)
{
	if (r->end == r->limit)
		return stop(r, "longer than a line may be: is a quote not closed?");
	if (!r->last)
		return LACKING;
	return why ? stop(r, why) : ENDED;
}

static size_t line_end(const struct reading *r, size_t at)
{
	const char *lf = at < r->end ? memchr(r->text + at, '\n', r->end - at) : NULL;

	return lf ? (size_t)(lf - r->text) : r->end;
}

/* "a""b" without its outer quotes. */
static struct palier_bytes unquote(struct reading *r, size_t begin, size_t end, size_t doubled)
{
	struct palier_bytes cell = palier_bytes_of(r->text + begin, end - begin);
	char *out;
	size_t n = 0;

	if (!doubled)
		return cell;
	out = palier_alloc(r->arena, cell.len);
	for (size_t i = 0; i < cell.len; i++) {
		out[n++] = cell.at[i];
		i += cell.at[i] == '"';
	}
	return palier_bytes_of(out, n);
}

/* Behind a cell: a separator, a line's end, or nothing any more. */
static enum outcome cell_end(struct reading *r)
{
	if (r->at == r->end)
		return run_dry(r, NULL);
	if (r->text[r->at] == r->separator) {
		r->at++;
		return GOES_ON;
	}
	if (r->text[r->at] == '\n')
		return ENDED;
	if (r->text[r->at] == '\r') {
		if (r->at + 1 == r->end)
			return run_dry(r, NULL);
		if (r->text[r->at + 1] == '\n')
			return ENDED;
	}
	return stop(r, "text behind a closing quote");
}

static enum outcome quoted_cell(struct reading *r, struct palier_bytes *out)
{
	size_t begin = ++r->at, doubled = 0;

	for (;; r->at += 2, doubled++) {
		const char *quote = r->at < r->end ? memchr(r->text + r->at, '"', r->end - r->at) : NULL;

		if (!quote)
			return run_dry(r, "a quote is not closed");
		r->at = (size_t)(quote - r->text);
		if (r->at + 1 == r->end || quote[1] != '"')
			break;
	}
	*out = unquote(r, begin, r->at, doubled);
	r->at++;
	if (r->at == r->end && !r->last && r->end < r->limit)
		return LACKING; /* the quote may be the first of two */
	return cell_end(r);
}

/* Where a cell ends that is not in quotes, or goes wrong. */
static bool ends_cell(const struct reading *r, char c)
{
	return c == '\n' || (!r->lines && (c == r->separator || c == '"'));
}

static enum outcome plain_cell(struct reading *r, struct palier_bytes *out)
{
	size_t begin = r->at, end;

	while (r->at < r->end && !ends_cell(r, r->text[r->at]))
		r->at++;
	if (r->at < r->end && r->text[r->at] == '"')
		return stop(r, "a quote in the middle of a cell: put the cell in quotes, and double it");
	end = r->at;
	if (end > begin && r->text[end - 1] == '\r' && (r->at == r->end || r->text[r->at] == '\n'))
		end--;
	*out = palier_bytes_of(r->text + begin, end - begin);
	return cell_end(r);
}

static bool cell_is_quoted(const struct reading *r)
{
	return !r->lines && r->at < r->end && r->text[r->at] == '"';
}

static enum outcome record(struct reading *r)
{
	enum outcome outcome = GOES_ON;

	while (outcome == GOES_ON) {
		struct palier_bytes *cell = &r->out->cells[r->out->count];

		if (r->out->count == CSV_CELLS_MAX)
			return stop(r, "too many cells");
		*cell = palier_bytes_of(r->text + r->at, 0);
		outcome = cell_is_quoted(r) ? quoted_cell(r, cell) : plain_cell(r, cell);
		r->out->count++;
	}
	return outcome;
}

/* --- the text --- */

static void count_lines(struct csv *c, struct palier_bytes passed)
{
	for (const char *lf = passed.at; passed.len && (lf = memchr(lf, '\n', (size_t)(passed.at + passed.len - lf)));) {
		c->line++;
		if (++lf == passed.at + passed.len)
			break;
	}
}

/* What was too long, and empty lines. @return false when that is all */
static bool pass_over(struct csv *c, struct palier_bytes buffer, bool last)
{
	while (c->begin < buffer.len) {
		const char *at = buffer.at + c->begin;
		size_t left = buffer.len - c->begin;
		const char *lf = c->skipping ? memchr(at, '\n', left) : at[0] == '\n' ? at : NULL;

		if (!lf && c->skipping) {
			c->begin = buffer.len;
			return false;
		}
		if (!lf && at[0] == '\r' && left == 1) {
			if (last)
				c->begin = buffer.len;
			return false;
		}
		if (!lf && at[0] == '\r' && at[1] == '\n')
			lf = at + 1;
		if (!lf)
			return true;
		c->begin += (size_t)(lf - at) + 1;
		c->line++;
		c->skipping = false;
	}
	return false;
}

/* The scan goes on behind the record that ends at `end`, and its line's end. */
static void take(struct csv *c, struct palier_bytes buffer, size_t end, struct csv_record *out)
{
	size_t next = end;

	if (next < buffer.len && buffer.at[next] == '\r')
		next++;
	if (next < buffer.len && buffer.at[next] == '\n')
		next++;
	if (end > c->begin && buffer.at[end - 1] == '\r')
		end--;
	out->line = c->line + 1;
	out->raw = palier_bytes_of(buffer.at + c->begin, end - c->begin);
	count_lines(c, palier_bytes_of(buffer.at + c->begin, next - c->begin));
	c->begin = next;
}

/* Of what is no record, the first line is left behind. One that is too long is not even kept. */
static enum csv_next take_bad(struct csv *c, struct palier_bytes buffer, const struct reading *r, struct csv_record *out)
{
	size_t end = line_end(r, c->begin);

	if (end == r->end && end < r->limit && !r->last)
		return CSV_MORE;
	out->count = 0;
	if (end < r->limit) {
		take(c, buffer, end, out);
		return CSV_BAD;
	}
	c->skipping = true;
	c->begin = end;
	out->line = c->line + 1;
	out->raw = palier_bytes_of(NULL, 0);
	return CSV_BAD;
}

enum csv_next csv_next(struct csv *c, struct palier_bytes buffer, bool last, struct palier_arena *a, struct csv_record *out)
{
	struct reading r = { .text = buffer.at,
		.separator = c->separator,
		.lines = c->lines,
		.last = last,
		.arena = a,
		.out = out };

	if (!pass_over(c, buffer, last))
		return CSV_MORE;
	r.at = c->begin;
	r.limit = c->begin + (c->record_max ? c->record_max : CSV_RECORD_MAX);
	r.end = buffer.len < r.limit ? buffer.len : r.limit;
	out->count = 0;
	out->why = NULL;
	switch (record(&r)) {
	case ENDED:
		take(c, buffer, r.at, out);
		return CSV_RECORD;
	case STOPPED:
		return take_bad(c, buffer, &r, out);
	default:
		return CSV_MORE;
	}
}

char csv_separator(struct palier_bytes line)
{
	static const char known[] = { ',', ';', '\t' };
	size_t counts[sizeof(known)] = { 0 }, most = 0;
	bool quoted = false;

	for (size_t i = 0; i < line.len && (quoted || line.at[i] != '\n'); i++) {
		quoted ^= line.at[i] == '"';
		for (size_t k = 0; k < sizeof(known); k++)
			counts[k] += !quoted && line.at[i] == known[k];
	}
	for (size_t k = 1; k < sizeof(known); k++)
		if (counts[k] > counts[most])
			most = k;
	return known[most];
}

void csv_cell(struct palier_buffer *out, char separator, struct palier_bytes text)
{
	bool plain = true;

	for (size_t i = 0; i < text.len; i++)
		plain = plain && text.at[i] != separator && text.at[i] != '"' && text.at[i] != '\n' && text.at[i] != '\r';
	if (plain) {
		palier_buffer_add(out, text.at, text.len);
		return;
	}
	palier_buffer_add(out, "\"", 1);
	for (size_t i = 0; i < text.len; i++)
		palier_buffer_add(out, text.at[i] == '"' ? "\"\"" : text.at + i, text.at[i] == '"' ? 2 : 1);
	palier_buffer_add(out, "\"", 1);
}
