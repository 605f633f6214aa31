/* SPDX-License-Identifier: Apache-2.0 */
/* CSV as RFC 4180 has it, out of a stream of bytes: cells parted by a separator, in quotes where they hold it, a quote or a line's end;
 * records end with LF or CR LF; empty lines are passed over. */
#pragma once

#include "protocol/bytes.h"

#define CSV_RECORD_MAX 65536 /* bytes */
#define CSV_CELLS_MAX  64

enum csv_next {
	CSV_RECORD,
	CSV_BAD,  /* no record begins on this line, of which nothing is kept; the next one may be right again */
	CSV_MORE, /* nothing whole is left in the buffer */
};

/** Where a text stands. Zero-initialised but for `separator` is its beginning. */
struct csv {
	char separator;
	bool lines;        /* a record is a line, all of it one cell, whatever stands there */
	bool skipping;     /* the rest of a line that was too long */
	size_t begin;      /* of what comes next, from the buffer's start */
	uint64_t line;     /* ends of lines before it */
	size_t record_max; /* 0: CSV_RECORD_MAX */
};

struct csv_record {
	uint64_t line;           /* on which it begins; the first is 1 */
	struct palier_bytes raw; /* as it stands there, without its end */
	unsigned count;
	struct palier_bytes cells[CSV_CELLS_MAX]; /* without quotes; borrowed from the buffer, or from the arena */
	const char *why;                          /* CSV_BAD: a sentence; else NULL */
};

/** The next record of the buffer, behind which the scan then stands.
 * @param last nothing comes behind the buffer
 * @return CSV_MORE with `last`: that was all */
enum csv_next csv_next(struct csv *c, struct palier_bytes buffer, bool last, struct palier_arena *a, struct csv_record *out);

/** What parts the cells of this first line: of comma, semicolon and tab the one that stands there most often outside quotes. */
char csv_separator(struct palier_bytes line);

/** Add a cell, in quotes where it needs them. */
void csv_cell(struct palier_buffer *out, char separator, struct palier_bytes text);
