/* SPDX-License-Identifier: Apache-2.0 */
/* The import: as many lines under way as keep the daemon busy, each answered, and the refused ones reported in the file's order.
 *
 * Nothing is kept about how far a run came. A line's request is drawn from what it says, so the daemon answers what it has booked already
 * with its first reply: the same command, run again after whatever befell it, goes on where that one ended. */
#include "tools/import.h"

#include <signal.h>
#include <stdlib.h>

#include "protocol/pipeline.h"
#include "protocol/progress.h"

#define UNDER_WAY 2048 /* lines */

/* A line of the file, until its item has come to its end. */
struct row {
	uint64_t number;
	size_t begin, len; /* in the item's text */
};

/* One or more lines that are booked together. */
struct item {
	struct item *next; /* in the file */
	bool done;
	char *why[3]; /* reason, field, message; NULL: not refused */
	struct palier_buffer text, rows;
	void *own; /* the kind's */
};

struct run {
	struct cli *cli;
	const struct import_kind *kind;
	void *job;
	struct import_file file;
	struct import_report report;
	struct palier_pipeline *pipe;
	struct palier_arena arena, cells; /* of a call; of a record */
	struct progress progress;
	struct item *first, **last, *open; /* `open`: the next line may join it */
	unsigned under_way;
	bool dry, more;
	uint64_t lines, booked, known, refused;
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

/* --- items --- */

static unsigned rows_of(const struct item *item)
{
	return (unsigned)(item->rows.len / sizeof(struct row));
}

static struct item *item_new(struct run *r)
{
	struct item *item = calloc(1, sizeof(*item));

	if (!item || !(item->own = calloc(1, r->kind->item_size)))
		abort();
	*r->last = item;
	r->last = &item->next;
	return item;
}

static void item_add(struct run *r, struct item *item, const struct csv_record *record)
{
	struct row row = { .number = record->line, .begin = item->text.len, .len = record->raw.len };

	palier_buffer_add(&item->text, record->raw.at, record->raw.len);
	palier_buffer_add(&item->rows, &row, sizeof(row));
	r->under_way++;
	r->lines++;
}

static void item_free(const struct run *r, struct item *item)
{
	for (int i = 0; i < 3; i++)
		free(item->why[i]);
	if (r->kind->drop)
		r->kind->drop(item->own);
	palier_buffer_deinit(&item->text);
	palier_buffer_deinit(&item->rows);
	free(item->own);
	free(item);
}

static void item_refuse(struct item *item, const struct import_refusal *why)
{
	item->why[0] = palier_dup(why->reason);
	item->why[1] = palier_dup(why->field);
	item->why[2] = palier_dup(why->message);
}

static void item_end(struct item *item, uint64_t *count)
{
	item->done = true;
	*count += rows_of(item);
}

static int report_item(struct run *r, const struct item *item)
{
	const struct import_refusal why = { palier_str(item->why[0]), palier_str(item->why[1]), palier_str(item->why[2]) };
	int err = PALIER_OK;

	for (unsigned i = 0; i < rows_of(item) && err == PALIER_OK; i++) {
		struct row row;

		memcpy(&row, item->rows.at + i * sizeof(row), sizeof(row));
		err = import_report_add(r->cli, &r->report, row.number, &why,
			row.len ? palier_bytes_of(item->text.at + row.begin, row.len) : palier_bytes_of(NULL, 0));
	}
	return err;
}

/* Those at the front that have come to their end: a line is reported when all before it are. */
static int drop_done(struct run *r)
{
	int err = PALIER_OK;

	while (r->first && r->first->done && err == PALIER_OK) {
		struct item *item = r->first;

		if (item->why[0])
			err = report_item(r, item);
		r->first = item->next;
		if (!r->first)
			r->last = &r->first;
		r->under_way -= rows_of(item);
		item_free(r, item);
	}
	return err;
}

static void drop_all(struct run *r)
{
	while (r->first) {
		struct item *item = r->first;

		r->first = item->next;
		item_free(r, item);
	}
	r->last = &r->first;
}

/* --- out --- */

/* The item's next call, if there is one. */
static bool send_next(struct run *r, struct item *item)
{
	struct import_call call;

	palier_arena_reset(&r->arena);
	if (!r->kind->next(r->job, item->own, &r->arena, &call))
		return false;
	palier_pipeline_add(r->pipe, call.method, call.params, item); /* an object: we wrote it */
	return true;
}

/* The lines that may still join it are not read: it is left to the next run. */
static void leave_open(struct run *r)
{
	if (!r->open)
		return;
	r->open->done = true;
	r->lines -= rows_of(r->open);
	r->open = NULL;
}

/* No line joins it any more. */
static void send_open(struct run *r)
{
	struct item *item = r->open;

	r->open = NULL;
	if (!item)
		return;
	if (item->why[0])
		item_end(item, &r->refused);
	else if (!send_next(r, item))
		item_end(item, &r->booked);
}

static bool read_cells(struct run *r, struct csv_record *record, struct import_refusal *why)
{
	return !r->file.csv.lines || import_json_cells(r->kind->columns(r->job), &r->cells, record, why);
}

static void take_bad(struct run *r, const struct csv_record *record, const struct import_refusal *why)
{
	send_open(r);
	r->open = item_new(r);
	item_add(r, r->open, record);
	item_refuse(r->open, why);
	send_open(r);
}

static void take_good(struct run *r, const struct csv_record *record)
{
	struct import_refusal why = { .reason = { NULL, 0 } };

	if (r->open && !r->kind->joins(r->job, r->open->own, record))
		send_open(r);
	if (!r->open)
		r->open = item_new(r);
	item_add(r, r->open, record);
	if (!r->kind->read(r->cli, r->job, r->open->own, record, &r->cells, &why) && !r->open->why[0])
		item_refuse(r->open, &why);
	if (!r->kind->joins)
		send_open(r);
}

static int take_record(struct run *r)
{
	struct csv_record record;
	struct import_refusal why;
	enum csv_next next;
	int err = import_file_next(r->cli, &r->file, &r->cells, &next, &record, &r->more);

	if (err != PALIER_OK)
		return err;
	if (!r->more)
		send_open(r);
	else if (next == CSV_BAD)
		take_bad(r, &record,
			&(struct import_refusal){ PALIER_LIT("parse_error"), PALIER_LIT(""), palier_str(record.why) });
	else if (!read_cells(r, &record, &why))
		take_bad(r, &record, &why);
	else if (!import_blank(&record))
		take_good(r, &record);
	return PALIER_OK;
}

/* --- in --- */

/* Is it this line that is refused, and not all of them? */
static bool concerns_line(const struct palier_reply *reply)
{
	switch (reply->code) {
	case -32602: /* params_invalid */
	case -32002: /* cards */
	case -32003: /* members */
	case -32004: /* sales */
	case -32005: /* balances */
	case -32006: /* codes */
		return true;
	default:
		return reply->error == PALIER_EREQUEST_CONFLICT;
	}
}

struct palier_bytes import_reply_text(const struct palier_reply *reply, uint32_t object, const char *key)
{
	uint32_t token = object ? json_member(&reply->doc, object, key) : 0;

	if (!token || reply->doc.tokens[token].type != JSON_STRING)
		return palier_bytes_of(NULL, 0);
	return json_string(&reply->doc, token, reply->arena);
}

bool import_replayed(const struct palier_reply *reply)
{
	uint32_t replayed = reply->result ? json_member(&reply->doc, reply->result, "replayed") : 0;

	return replayed && reply->doc.tokens[replayed].type == JSON_TRUE;
}

static void answered(struct run *r, struct item *item)
{
	const struct palier_reply *reply = &r->cli->reply;
	struct import_refusal why = { reply->reason, import_reply_text(reply, reply->data, "field"), reply->message };
	enum import_state state;

	if (r->dry && reply->error == PALIER_EREQUEST_CONFLICT) { /* without `training` it was booked */
		item_end(item, &r->known);
		return;
	}
	state = r->kind->answered(r->job, item->own, reply, &why);
	if (state == IMPORT_REFUSED) {
		item_refuse(item, &why);
		item_end(item, &r->refused);
	} else if (!send_next(r, item)) {
		item_end(item, state == IMPORT_KNOWN ? &r->known : &r->booked);
	}
}

/* @return PALIER_OK; else what goes for all lines, reported */
static int take_answer(struct run *r)
{
	const struct palier_reply *reply = &r->cli->reply;
	void *tag;
	int err = palier_pipeline_next(r->pipe, &r->cli->reply, &tag);

	if (err == PALIER_OK && reply->error != PALIER_OK && !concerns_line(reply))
		err = reply->error;
	if (err != PALIER_OK) {
		progress_end(&r->progress);
		return cli_refused(r->cli);
	}
	answered(r, tag);
	return PALIER_OK;
}

static int work(struct run *r)
{
	int err = PALIER_OK;

	while (err == PALIER_OK && (r->more || r->first)) {
		while (err == PALIER_OK && r->more && (r->under_way < UNDER_WAY || !palier_pipeline_count(r->pipe)))
			err = take_record(r);
		if (interrupted && r->more) { /* what is under way is still answered */
			r->more = false;
			leave_open(r);
		}
		if (err == PALIER_OK && palier_pipeline_count(r->pipe))
			err = take_answer(r);
		if (err == PALIER_OK)
			err = drop_done(r);
		progress_show(&r->progress, import_file_at(&r->file), r->file.size);
	}
	progress_end(&r->progress);
	return err;
}

/* --- before and after --- */

static int begin_columns(struct run *r, struct csv_record *record)
{
	enum csv_next next;
	int err = import_file_next(r->cli, &r->file, &r->cells, &next, record, &r->more);

	if (err == PALIER_OK && !r->more)
		return cli_fail(r->cli, PALIER_EPARSE, "%s is empty", r->file.path);
	if (err == PALIER_OK && next == CSV_BAD)
		return cli_fail(r->cli, PALIER_EPARSE, "line %llu names the columns: %s", (unsigned long long)record->line,
			record->why);
	return err == PALIER_OK ? r->kind->header(r->cli, r->job, record) : err;
}

static int begin(struct run *r)
{
	struct csv_record record = { .count = 0 };
	int err;

	r->more = true;
	if (r->file.csv.lines && !r->kind->columns)
		return cli_fail(r->cli, PALIER_EPARSE, "%s holds JSON; this is read as CSV alone", r->file.path);
	err = r->file.csv.lines ? r->kind->header(r->cli, r->job, NULL) : begin_columns(r, &record);
	if (err == PALIER_OK)
		err = cli_connect(r->cli);
	if (err == PALIER_OK && r->kind->check)
		err = r->kind->check(r->cli, r->job);
	if (err == PALIER_OK)
		import_report_begin(r->cli, &r->file, &record, &r->report);
	return err;
}

static void show(const struct run *r)
{
	const unsigned long long lines = r->lines, booked = r->booked, known = r->known, refused = r->refused;
	const char *what = r->kind->booked;

	if (cli_has(r->cli, "json"))
		fprintf(r->cli->out, "{\"lines\":%llu,\"%s\":%llu,\"known\":%llu,\"refused\":%llu}\n", lines, what, booked,
			known, refused);
	else if (r->dry)
		fprintf(r->cli->out, "%llu lines: %llu can be %s, %llu are known already, %llu would be refused\n", lines,
			booked, what, known, refused);
	else
		fprintf(r->cli->out, "%llu lines: %llu %s, %llu known already, %llu refused\n", lines, booked, what, known,
			refused);
}

static int conclude(struct run *r, int err)
{
	struct cli *cli = r->cli;

	show(r);
	if (err == PALIER_OK && interrupted)
		err = cli_fail(cli, PALIER_EBUSY, "interrupted");
	if (err != PALIER_OK)
		return cli_fail(cli, err, "not all lines were read; run the same command again: what is booked counts once");
	if (r->refused)
		return cli_fail(cli, PALIER_EPARSE,
			"what was refused is in %s, and why; mend it there, and import that file", r->report.path);
	return PALIER_OK;
}

static int import(struct run *r)
{
	struct sigaction old, sa = { .sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND }; /* the second ends us */
	int err = begin(r), closed;

	if (err != PALIER_OK)
		return err;
	r->pipe = palier_pipeline_new(r->cli->client);
	interrupted = 0;
	sigaction(SIGINT, &sa, &old);
	err = work(r);
	sigaction(SIGINT, &old, NULL);
	palier_pipeline_free(r->pipe);
	drop_all(r);
	closed = import_report_end(r->cli, &r->report);
	return conclude(r, err == PALIER_OK ? closed : err);
}

int import_run(struct cli *cli, const struct import_kind *kind, void *job)
{
	struct run r = { .cli = cli,
		.kind = kind,
		.job = job,
		.progress.what = "importing",
		.dry = cli_has(cli, "dry-run") };
	int err = import_file_open(cli, cli_arg(cli, 0), &r.file);

	if (err != PALIER_OK)
		return err;
	r.last = &r.first;
	err = import(&r);
	import_file_close(&r.file);
	palier_arena_deinit(&r.arena);
	palier_arena_deinit(&r.cells);
	return err;
}
