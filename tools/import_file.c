/* SPDX-License-Identifier: Apache-2.0 */
/* The file that is imported, and the report of what was not. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/json_text.h"
#include "tools/import.h"

#define READ_SIZE 262144

/* More of the file into the buffer. */
static int part_read(struct cli *cli, struct import_file *f)
{
	struct palier_buffer *b = &f->buffer;
	ssize_t n;

	palier_buffer_reserve(b, READ_SIZE);
	n = read(f->fd, b->at + b->len, READ_SIZE);
	if (n < 0)
		return cli_fail(cli, PALIER_EIO, "%s: %s", f->path, strerror(errno));
	b->len += (size_t)n;
	f->last = n == 0;
	return PALIER_OK;
}

/* --- is it text? --- */

static int refuse_text(struct cli *cli, const char *path, uint64_t line, uint8_t byte)
{
	if (byte == 0)
		return cli_fail(cli, PALIER_EPARSE,
			"%s: line %llu is not UTF-8, but perhaps UTF-16: save the file as \"CSV UTF-8\"; nothing was imported",
			path, (unsigned long long)line);
	return cli_fail(cli, PALIER_EPARSE,
		"%s: line %llu is not UTF-8, but perhaps Latin-1 (byte 0x%02X): save the file as \"CSV UTF-8\"; nothing was imported",
		path, (unsigned long long)line, byte);
}

/* @param used out: bytes that are whole characters @return false at the first that is none */
static bool check_part(struct palier_bytes text, bool last, uint64_t *line, size_t *used)
{
	const uint8_t *begin = (const uint8_t *)text.at, *end = begin + text.len, *at = begin;
	bool ok = true;

	while (at < end && ok) {
		unsigned n = at[0] < 0x80 ? at[0] != 0 : json_utf8_length(at, end);

		if (n == 0 && !last && end - at < 4 && at[0] >= 0xC0)
			break; /* the rest of it may come */
		ok = n > 0;
		*line += at[0] == '\n';
		at += n;
	}
	*used = (size_t)(at - begin);
	return ok;
}

static int check_text(struct cli *cli, struct import_file *f)
{
	struct palier_buffer *b = &f->buffer;
	uint64_t line = 1;
	size_t used;

	while (!f->last) {
		int err = part_read(cli, f);

		if (err != PALIER_OK)
			return err;
		if (!check_part(palier_buffer_bytes(b), f->last, &line, &used))
			return refuse_text(cli, f->path, line, (uint8_t)b->at[used]);
		palier_buffer_shift(b, used);
	}
	return PALIER_OK;
}

/* --- the file --- */

/* A byte order mark is no part of the first column's name; the columns' names show what parts them. */
static int begin_records(struct cli *cli, struct import_file *f)
{
	int err;

	if (lseek(f->fd, 0, SEEK_SET) < 0)
		return cli_fail(cli, PALIER_EIO, "%s: %s", f->path, strerror(errno));
	f->buffer.len = 0;
	err = part_read(cli, f);
	if (err != PALIER_OK)
		return err;
	if (f->buffer.len >= 3 && memcmp(f->buffer.at, "\xEF\xBB\xBF", 3) == 0) {
		palier_buffer_shift(&f->buffer, 3);
		f->offset = 3;
	}
	f->csv.separator = csv_separator(palier_buffer_bytes(&f->buffer));
	f->csv.lines = f->buffer.len && f->buffer.at[0] == '{';
	return PALIER_OK;
}

int import_file_open(struct cli *cli, const char *path, struct import_file *out)
{
	struct stat st = { .st_size = 0 };
	int err;

	*out = (struct import_file){ .path = path, .fd = open(path, O_RDONLY | O_CLOEXEC) };
	if (out->fd < 0 || fstat(out->fd, &st) != 0)
		err = cli_fail(cli, PALIER_EIO, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		err = cli_fail(cli, PALIER_EPARAMS, "%s is no file: it is read twice, once to see whether it is UTF-8",
			path);
	else
		err = check_text(cli, out);
	if (err == PALIER_OK)
		err = begin_records(cli, out);
	if (err == PALIER_OK)
		out->size = (uint64_t)st.st_size;
	else
		import_file_close(out);
	return err;
}

static int read_more(struct cli *cli, struct import_file *f)
{
	palier_buffer_shift(&f->buffer, f->csv.begin);
	f->offset += f->csv.begin;
	f->csv.begin = 0;
	return part_read(cli, f);
}

int import_file_next(struct cli *cli, struct import_file *f, struct palier_arena *a, enum csv_next *next,
	struct csv_record *out, bool *got)
{
	int err = PALIER_OK;

	palier_arena_reset(a);
	while ((*next = csv_next(&f->csv, palier_buffer_bytes(&f->buffer), f->last, a, out)) == CSV_MORE && !f->last &&
		err == PALIER_OK)
		err = read_more(cli, f);
	*got = *next != CSV_MORE;
	return err;
}

uint64_t import_file_at(const struct import_file *f)
{
	return f->offset + f->csv.begin;
}

void import_file_close(struct import_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	palier_buffer_deinit(&f->buffer);
}

/* --- the report --- */

void import_report_begin(struct cli *cli, const struct import_file *f, const struct csv_record *header,
	struct import_report *out)
{
	*out = (struct import_report){ .path = palier_format(&cli->arena, "%s.refused.%s", f->path,
					       f->csv.lines ? "jsonl" : "csv"),
		.separator = f->csv.separator,
		.lines = f->csv.lines,
		.header = palier_copy(&cli->arena, header->raw) };
	unlink(out->path);
}

static const struct palier_bytes titles[4] = { PALIER_LIT("line"), PALIER_LIT("reason"), PALIER_LIT("field"),
	PALIER_LIT("message") };

/* Four cells of ours before the line as it was. */
static void add_cells(struct import_report *r, const struct palier_bytes cells[4], struct palier_bytes raw)
{
	for (int i = 0; i < 4; i++) {
		csv_cell(&r->row, r->separator, cells[i]);
		palier_buffer_add(&r->row, &r->separator, 1);
	}
	palier_buffer_add(&r->row, raw.at, raw.len);
}

/* Four members of ours at the beginning of the object; what is none is the text of a fifth. */
static void add_object(struct import_report *r, const struct palier_bytes cells[4], struct palier_bytes raw)
{
	struct palier_json w = palier_json_to(&r->row);
	struct palier_bytes rest = raw.len && raw.at[0] == '{' ? import_trim(palier_bytes_of(raw.at + 1, raw.len - 1))
	                                                       : palier_bytes_of(NULL, 0);

	palier_json_object(&w);
	for (int i = 0; i < 4; i++) {
		palier_json_key_bytes(&w, titles[i]);
		palier_json_string(&w, cells[i]);
	}
	if (rest.len && rest.at[0] == '"') {
		palier_buffer_add(&r->row, ",", 1);
		palier_buffer_add(&r->row, rest.at, rest.len);
		return;
	}
	palier_json_key(&w, "text");
	palier_json_string(&w, raw);
	palier_json_end_object(&w);
}

/* Mended, the report can be imported. */
static int write_row(struct cli *cli, struct import_report *r, const struct palier_bytes cells[4], struct palier_bytes raw)
{
	r->row.len = 0;
	if (r->lines)
		add_object(r, cells, raw);
	else
		add_cells(r, cells, raw);
	palier_buffer_add(&r->row, "\n", 1);
	if (fwrite(r->row.at, 1, r->row.len, r->to) != r->row.len)
		return cli_fail(cli, PALIER_EIO, "%s: %s", r->path, strerror(errno));
	return PALIER_OK;
}

int import_report_add(struct cli *cli, struct import_report *r, uint64_t line, const struct import_refusal *why,
	struct palier_bytes raw)
{
	char number[24];
	int err = PALIER_OK;

	if (!r->to) {
		r->to = fopen(r->path, "we");
		if (!r->to)
			return cli_fail(cli, PALIER_EIO, "%s: %s", r->path, strerror(errno));
		if (!r->lines)
			err = write_row(cli, r, titles, r->header);
	}
	snprintf(number, sizeof(number), "%llu", (unsigned long long)line);
	if (err == PALIER_OK)
		err = write_row(cli, r,
			(const struct palier_bytes[]){ palier_str(number), why->reason, why->field, why->message }, raw);
	return err;
}

int import_report_end(struct cli *cli, struct import_report *r)
{
	bool failed = r->to && fclose(r->to) != 0;

	r->to = NULL;
	palier_buffer_deinit(&r->row);
	return failed ? cli_fail(cli, PALIER_EIO, "%s: %s", r->path, strerror(errno)) : PALIER_OK;
}
