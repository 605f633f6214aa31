/* SPDX-License-Identifier: Apache-2.0 */
/* palier member, sale and journey import: what the shop had before, or elsewhere. What their parts share. */
#pragma once

#include "tools/cli.h"
#include "tools/csv.h"

/** The verbs `import` of palier member, sale and journey: FILE. */
int import_members(struct cli *cli);
int import_sales(struct cli *cli);
int import_touchpoints(struct cli *cli);
extern const struct cli_option import_options[], import_sale_options[], import_touchpoint_options[];

/* --- cells (import_cells.c) --- */

/** Why a line is not booked, as a refusal says it. */
struct import_refusal {
	struct palier_bytes reason, field, message;
};

/** @return false, with what the reason of this error says */
bool import_refuse(struct import_refusal *why, int err, const char *field, const char *message);

struct palier_bytes import_trim(struct palier_bytes text);
/** @return NUL-terminated, in the arena; ASCII letters alone */
char *import_lower(struct palier_arena *a, struct palier_bytes text);
/** Are all cells empty? */
bool import_blank(const struct csv_record *r);
/** "yes", "0", "oui", ... @return false: neither */
bool import_yes(struct palier_arena *a, struct palier_bytes text, bool *out);
/** "12.50", "12,50", "1 234.5", "$3": rounded half up where there are more decimals than `scale`. */
bool import_decimal(struct palier_arena *a, struct palier_bytes text, unsigned scale, int64_t *out);
/** A whole number out of fewer digits, rounded half up. @param decimals those too many */
int64_t import_round(int64_t value, unsigned decimals);

enum import_dates { IMPORT_DMY, IMPORT_MDY };
/** RFC 3339; or a day as 2026-11-21, 20261121, 21.11.2026, 21/11/2026 or 11/21/2026, with or without a time as 9:03, 09:03:11 or 9:03 PM of the
 * store's clock; without one it is noon. */
bool import_time(struct palier_bytes text, enum import_dates dates, int64_t *out_ms);

/** 128 bits of a SHA-256 in hex, and what stands before. */
#define IMPORT_REQUEST_MAX 64
/** The id of a command, drawn from what it says: the same said again is the same command, wherever it stands. */
void import_request(struct palier_bytes text, char *out);

/** Consents, drawn up for an enrolment. @param cells email, sms, profiling; empty: not asked
 * @param names the columns', for a refusal @return false: refused */
bool import_consents(struct palier_json *w, struct palier_arena *a, const struct palier_bytes cells[3],
	const char *const names[3], struct import_refusal *why);

/* --- columns by name (import_columns.c) --- */

/** A field, and what files call it. The table ends with a row without name; a field is its row. */
struct import_column {
	const char *name, *aliases; /* "ticket invoice": parted by spaces; NULL: none */
};

/** What a run's own report has put before the columns. */
#define IMPORT_REPORT_COLUMNS "line reason field message"
#define IMPORT_NO_FIELD       (-1)

struct import_columns {
	const struct import_column *table;
	unsigned count;
	int at[CSV_CELLS_MAX];            /* fields by cell; IMPORT_NO_FIELD: not read */
	int cells[CSV_CELLS_MAX];         /* cells by field; IMPORT_NO_FIELD: not in the file */
	const char *given[CSV_CELLS_MAX]; /* of JSON: what --column calls the field; NULL: nothing; owned by the cli */
};

/** Understand the first line; what --column NAME=COLUMN says goes first. Columns that nobody knows are named, and not read.
 * @return PALIER_OK; PALIER_EPARAMS, reported */
int import_columns_read(struct cli *cli, const struct import_column *table, const struct csv_record *r,
	struct import_columns *out);
/** The columns of JSON lines: a cell for each field. @return PALIER_OK; PALIER_EPARAMS, reported */
int import_columns_named(struct cli *cli, const struct import_column *table, struct import_columns *out);
/** The cell of a field, trimmed; empty where there is none. */
struct palier_bytes import_cell(const struct import_columns *c, const struct csv_record *r, int field);
/** The cells of a line of JSON, an object. @return false: refused */
bool import_json_cells(const struct import_columns *c, struct palier_arena *a, struct csv_record *r,
	struct import_refusal *why);

/** What imports by column names take. */
#define IMPORT_COLUMN_OPTIONS \
	{ "column", "NAME=COLUMN", "the file's COLUMN is what palier(1) calls NAME; may be repeated" }, \
		{ "dates", "ORDER", "of 3/4/2026: dmy, the third of April (default), or mdy" }, \
	{ \
		"dry-run", NULL, "check every line, but book nothing" \
	}
/** --dates. @return PALIER_OK; PALIER_EPARAMS, reported */
int import_dates_given(struct cli *cli, enum import_dates *out);

/* --- files (import_file.c) --- */

/** The file, read in parts: memory does not grow with it. */
struct import_file {
	int fd;
	const char *path;
	uint64_t size, offset; /* bytes; those behind us before the buffer's */
	bool last;             /* the buffer ends with the file */
	struct palier_buffer buffer;
	struct csv csv; /* `lines`: of JSON, an object each, no header */
};

/** Open it, and see that all of it is UTF-8. @return PALIER_OK; PALIER_EIO, PALIER_EPARSE, reported */
int import_file_open(struct cli *cli, const char *path, struct import_file *out);
/** The next record. @param a owns it with the file's buffer, until the next call
 * @param got false: there are no more @return PALIER_OK; PALIER_EIO, reported */
int import_file_next(struct cli *cli, struct import_file *f, struct palier_arena *a, enum csv_next *next,
	struct csv_record *out, bool *got);
uint64_t import_file_at(const struct import_file *f);
void import_file_close(struct import_file *f);

/** FILE.refused.csv: made when the first line is refused. A report of an earlier run is gone at once. Of JSON lines it is FILE.refused.jsonl, where the
 * reason stands in the object. */
struct import_report {
	const char *path;
	FILE *to; /* NULL: no line was refused yet */
	char separator;
	bool lines;                 /* of JSON */
	struct palier_bytes header; /* of the file, as it stands there; owned by the cli */
	struct palier_buffer row;
};

void import_report_begin(struct cli *cli, const struct import_file *f, const struct csv_record *header,
	struct import_report *out);
/** @return PALIER_OK; PALIER_EIO, reported */
int import_report_add(struct cli *cli, struct import_report *r, uint64_t line, const struct import_refusal *why,
	struct palier_bytes raw);
/** @return PALIER_OK; PALIER_EIO, reported */
int import_report_end(struct cli *cli, struct import_report *r);

/* --- the run (import.c) --- */

struct import_call {
	const char *method, *params; /* NUL-terminated, in the arena */
};

/** Where an item stands after an answer. */
enum import_state {
	IMPORT_BOOKED, /* unless a next call follows */
	IMPORT_KNOWN,  /* before; unless a next call follows */
	IMPORT_REFUSED,
};

/** A kind of file: how its lines become calls. `job` is what a run keeps, `item` what it keeps of one or more lines that are booked together. */
struct import_kind {
	const char *booked;                                                    /* "enrolled": what became of lines */
	size_t item_size;                                                      /* zeroed at its beginning */
	int (*header)(struct cli *cli, void *job, const struct csv_record *r); /* r NULL: lines of JSON */
	int (*check)(struct cli *cli, void *job); /* connected; what would go wrong with every line; NULL: nothing */
	/** The columns by which lines of JSON are read; NULL: this kind is CSV alone. */
	const struct import_columns *(*columns)(const void *job);
	/** Does this record belong to the item before it? NULL: each is an item of its own. */
	bool (*joins)(void *job, const void *item, const struct csv_record *r);
	/** Add a record to its item. @return false: the item is refused */
	bool (*read)(struct cli *cli, void *job, void *item, const struct csv_record *r, struct palier_arena *a,
		struct import_refusal *why);
	/** The item's next call. @return false: there is none left */
	bool (*next)(void *job, void *item, struct palier_arena *a, struct import_call *out);
	/** @param why set when the state is IMPORT_REFUSED: as the reply says */
	enum import_state (*answered)(void *job, void *item, const struct palier_reply *reply, struct import_refusal *why);
	void (*drop)(void *item); /* what it owns; NULL: nothing */
};

/** @return the verb's result */
int import_run(struct cli *cli, const struct import_kind *kind, void *job);
/** A text of a reply's object, in the reply's arena; empty where there is none. */
struct palier_bytes import_reply_text(const struct palier_reply *reply, uint32_t object, const char *key);
/** Was it booked before? */
bool import_replayed(const struct palier_reply *reply);
