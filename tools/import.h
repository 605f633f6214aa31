/* SPDX-License-Identifier: Apache-2.0 */
/* palier member import: a card base that the shop has already. What its parts share. */
#pragma once

#include "tools/cli.h"
#include "tools/csv.h"

/** The verb of `palier member`: FILE. */
int import_run(struct cli *cli);
extern const struct cli_option import_options[];

/* --- columns and lines (import_line.c) --- */

enum import_field {
	IMPORT_CARD,
	IMPORT_NAME,
	IMPORT_PHONE,
	IMPORT_EMAIL,
	IMPORT_BIRTHDAY,
	IMPORT_LANGUAGE,
	IMPORT_HEARD_FROM,
	IMPORT_TAGS,
	IMPORT_CONSENT_EMAIL,
	IMPORT_CONSENT_SMS,
	IMPORT_CONSENT_PROFILING,
	IMPORT_BALANCE, /* of a unit */
	IMPORT_IGNORED, /* what our own report has put before the columns */
};

struct import_header {
	unsigned count;
	struct {
		enum import_field field;
		const char *name, *unit; /* as in the file, trimmed; of a balance; owned by the cli */
	} at[CSV_CELLS_MAX];
	unsigned order
		[CSV_CELLS_MAX]; /* columns by field and unit: what a line says does not hang on the order of its cells */
	unsigned balances;
};

/** Why a line is not booked, as a refusal says it. */
struct import_refusal {
	struct palier_bytes reason, field, message;
};

/** 128 bits of a SHA-256 in hex, and what stands before and behind. */
#define IMPORT_REQUEST_MAX 64

/** A line that was understood. */
struct import_line {
	struct palier_bytes params; /* of member.enroll, NUL-terminated */
	char request[IMPORT_REQUEST_MAX + 1];
	int64_t balances[CSV_CELLS_MAX]; /* by column */
};

/** Understand the first line. @return PALIER_OK; PALIER_EPARAMS, reported */
int import_header_read(struct cli *cli, const struct csv_record *r, struct import_header *out);
/** Are all cells empty? */
bool import_blank(const struct csv_record *r);
/** Understand a line. The request is drawn from what it says, so that the same line sent again is the same command, wherever it stands.
 * @param a owns the params and the refusal
 * @return false: refused, for the reason in `why` */
bool import_line_read(const struct import_header *h, const struct csv_record *r, bool training, struct palier_arena *a,
	struct import_line *out, struct import_refusal *why);
/** The params of balance.adjust for the line's balance in this column. @return NUL-terminated, in the arena */
const char *import_adjust(const struct import_header *h, unsigned column, const char *enroll, const char *member,
	int64_t points, struct palier_arena *a);

/* --- files (import_file.c) --- */

/** The file, read in parts: memory does not grow with it. */
struct import_file {
	int fd;
	const char *path;
	uint64_t size, offset; /* bytes; those behind us before the buffer's */
	bool last;             /* the buffer ends with the file */
	struct palier_buffer buffer;
	struct csv csv;
};

/** Open it, and see that all of it is UTF-8. @return PALIER_OK; PALIER_EIO, PALIER_EPARSE, reported */
int import_file_open(struct cli *cli, const char *path, struct import_file *out);
/** The next record. @param a owns it with the file's buffer, until the next call
 * @param got false: there are no more @return PALIER_OK; PALIER_EIO, reported */
int import_file_next(struct cli *cli, struct import_file *f, struct palier_arena *a, enum csv_next *next,
	struct csv_record *out, bool *got);
uint64_t import_file_at(const struct import_file *f);
void import_file_close(struct import_file *f);

/** FILE.refused.csv: made when the first line is refused. A report of an earlier run is gone at once. */
struct import_report {
	const char *path;
	FILE *to; /* NULL: no line was refused yet */
	char separator;
	struct palier_bytes header; /* of the file, as it stands there; owned by the cli */
	struct palier_buffer row;
};

void import_report_begin(struct cli *cli, const char *path, const struct csv_record *header, char separator,
	struct import_report *out);
/** @return PALIER_OK; PALIER_EIO, reported */
int import_report_add(struct cli *cli, struct import_report *r, uint64_t line, const struct import_refusal *why,
	struct palier_bytes raw);
/** @return PALIER_OK; PALIER_EIO, reported */
int import_report_end(struct cli *cli, struct import_report *r);
