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

const struct cli_option import_options[] = {
	{ "dry-run", NULL, "check every line, but book nothing" },
	CLI_END_OPTIONS,
};

/* A line of the file, until it has come to its end. */
struct line {
	struct line *next; /* in the file */
	uint64_t number;
	bool done, enrolled;
	char *why[3]; /* reason, field, message; NULL: not refused */
	char request[IMPORT_REQUEST_MAX + 1], member[PALIER_ID_TEXT + 1];
	unsigned column; /* whose balance is booked next */
	int64_t balances[CSV_CELLS_MAX];
	size_t raw_len;
	char raw[];
};

struct run {
	struct cli *cli;
	struct import_file file;
	struct import_header header;
	struct import_report report;
	struct palier_pipeline *pipe;
	struct palier_arena arena;
	struct progress progress;
	struct line *first, **last;
	unsigned under_way;
	bool dry, more;
	uint64_t lines, enrolled, known, refused;
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

/* --- lines --- */

static struct line *line_new(struct run *r, const struct csv_record *record)
{
	struct line *line = calloc(1, sizeof(*line) + record->raw.len);

	if (!line)
		abort();
	line->number = record->line;
	line->raw_len = record->raw.len;
	if (record->raw.len)
		memcpy(line->raw, record->raw.at, record->raw.len);
	*r->last = line;
	r->last = &line->next;
	r->under_way++;
	r->lines++;
	return line;
}

static void line_free(struct line *line)
{
	for (int i = 0; i < 3; i++)
		free(line->why[i]);
	free(line);
}

static char *keep(struct palier_bytes text)
{
	char *out = strndup(text.len ? text.at : "", text.len);

	if (!out)
		abort();
	return out;
}

static void line_refuse(struct run *r, struct line *line, const struct import_refusal *why)
{
	line->done = true;
	line->why[0] = keep(why->reason);
	line->why[1] = keep(why->field);
	line->why[2] = keep(why->message);
	r->refused++;
}

/* Those at the front that have come to their end: a line is reported when all before it are. */
static int drop_done(struct run *r)
{
	int err = PALIER_OK;

	while (r->first && r->first->done && err == PALIER_OK) {
		struct line *line = r->first;
		struct import_refusal why = { palier_str(line->why[0]), palier_str(line->why[1]), palier_str(line->why[2]) };

		if (line->why[0])
			err = import_report_add(r->cli, &r->report, line->number, &why,
				palier_bytes_of(line->raw, line->raw_len));
		r->first = line->next;
		if (!r->first)
			r->last = &r->first;
		r->under_way--;
		line_free(line);
	}
	return err;
}

static void drop_all(struct run *r)
{
	while (r->first) {
		struct line *line = r->first;

		r->first = line->next;
		line_free(line);
	}
	r->last = &r->first;
}

/* --- out --- */

static void send_line(struct run *r, const struct csv_record *record)
{
	struct line *line = line_new(r, record);
	struct import_refusal why = { .reason = { NULL, 0 } };
	struct import_line read = { .params = { NULL, 0 } };

	if (!import_line_read(&r->header, record, r->dry, &r->arena, &read, &why)) {
		line_refuse(r, line, &why);
		return;
	}
	memcpy(line->request, read.request, sizeof(line->request));
	memcpy(line->balances, read.balances, r->header.count * sizeof(line->balances[0]));
	palier_pipeline_add(r->pipe, "member.enroll", read.params.at, line); /* an object: we wrote it */
}

/* The line's next balance. @return false: there is none left */
static bool send_balance(struct run *r, struct line *line)
{
	while (line->column < r->header.count && line->balances[line->column] == 0)
		line->column++;
	if (line->column == r->header.count)
		return false;
	palier_arena_reset(&r->arena);
	palier_pipeline_add(r->pipe, "balance.adjust",
		import_adjust(&r->header, line->column, line->request, line->member, line->balances[line->column],
			&r->arena),
		line);
	return true;
}

static int take_record(struct run *r)
{
	struct csv_record record;
	enum csv_next next;
	int err = import_file_next(r->cli, &r->file, &r->arena, &next, &record, &r->more);

	if (err != PALIER_OK || !r->more)
		return err;
	if (next == CSV_BAD)
		line_refuse(r, line_new(r, &record),
			&(struct import_refusal){ PALIER_LIT("parse_error"), PALIER_LIT(""), palier_str(record.why) });
	else if (!import_blank(&record))
		send_line(r, &record);
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
	case -32005: /* balances */
	case -32006: /* codes */
		return true;
	default:
		return reply->error == PALIER_EREQUEST_CONFLICT;
	}
}

static struct palier_bytes text_of(const struct palier_reply *reply, uint32_t object, const char *key)
{
	uint32_t token = object ? json_member(&reply->doc, object, key) : 0;

	if (!token || reply->doc.tokens[token].type != JSON_STRING)
		return palier_bytes_of(NULL, 0);
	return json_string(&reply->doc, token, reply->arena);
}

static void accepted(struct run *r, struct line *line)
{
	const struct palier_reply *reply = &r->cli->reply;
	uint32_t replayed = json_member(&reply->doc, reply->result, "replayed");

	if (line->enrolled) {
		line->column++;
	} else {
		snprintf(line->member, sizeof(line->member), "%.*s", PALIER_ARG(text_of(reply, reply->result, "member")));
		line->enrolled = true;
		if (replayed && reply->doc.tokens[replayed].type == JSON_TRUE)
			r->known++;
		else
			r->enrolled++;
	}
	line->done = r->dry || !send_balance(r, line);
}

static void refused(struct run *r, struct line *line)
{
	const struct palier_reply *reply = &r->cli->reply;
	struct import_refusal why = { reply->reason, text_of(reply, reply->data, "field"), reply->message };

	if (line->enrolled)
		why.field = palier_str(r->header.at[line->column].name);
	line_refuse(r, line, &why);
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
	if (reply->error == PALIER_OK) {
		accepted(r, tag);
	} else if (r->dry && reply->error == PALIER_EREQUEST_CONFLICT) { /* without `training` it was booked */
		((struct line *)tag)->done = true;
		r->known++;
	} else {
		refused(r, tag);
	}
	return PALIER_OK;
}

static int work(struct run *r)
{
	int err = PALIER_OK;

	while (err == PALIER_OK && (r->more || r->first)) {
		while (err == PALIER_OK && r->more && r->under_way < UNDER_WAY)
			err = take_record(r);
		if (interrupted)
			r->more = false; /* what is under way is still answered */
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

static bool may_call(struct cli *cli, const char *method)
{
	VIEW_EACH(cli, view_member(cli, cli->reply.result, "methods"), name)
	{
		if (json_string_is(&cli->reply.doc, name, palier_str(method)))
			return true;
	}
	return false;
}

/* What would go wrong with every line is said before the first. An enrolment in training shows the units that there are. */
static int check_balances(struct run *r)
{
	struct cli *cli = r->cli;
	int err;

	if (r->header.balances == 0)
		return PALIER_OK;
	if (!may_call(cli, "balance.adjust"))
		return cli_fail(cli, PALIER_EFORBIDDEN, "opening balances are for a supervisor to book");
	cli_params(cli);
	cli_param_request(cli);
	palier_json_key(&cli->w, "training");
	palier_json_bool(&cli->w, true);
	err = cli_call(cli, "member.enroll");
	for (unsigned i = 0; i < r->header.count && err == PALIER_OK; i++)
		if (r->header.at[i].unit &&
			!json_member(&cli->reply.doc, view_member(cli, cli->reply.result, "balances"), r->header.at[i].unit))
			err = cli_fail(cli, PALIER_EUNIT_UNKNOWN, "there is no unit %s; the shop has %s",
				r->header.at[i].unit, view_units(cli, cli->reply.result, "balances"));
	return err;
}

static int begin(struct run *r)
{
	struct csv_record record;
	enum csv_next next;
	int err = import_file_next(r->cli, &r->file, &r->arena, &next, &record, &r->more);

	if (err == PALIER_OK && !r->more)
		return cli_fail(r->cli, PALIER_EPARSE, "%s is empty", r->file.path);
	if (err == PALIER_OK && next == CSV_BAD)
		return cli_fail(r->cli, PALIER_EPARSE, "line %llu names the columns: %s", (unsigned long long)record.line,
			record.why);
	if (err == PALIER_OK)
		err = import_header_read(r->cli, &record, &r->header);
	if (err == PALIER_OK)
		err = cli_connect(r->cli);
	if (err == PALIER_OK)
		err = check_balances(r);
	if (err == PALIER_OK)
		import_report_begin(r->cli, r->file.path, &record, r->file.csv.separator, &r->report);
	return err;
}

static void show(const struct run *r)
{
	static const char plain[] = "%llu lines: %llu enrolled, %llu known already, %llu refused\n",
			  dry[] = "%llu lines: %llu can be enrolled, %llu are known already, %llu would be refused\n",
			  json[] = "{\"lines\":%llu,\"enrolled\":%llu,\"known\":%llu,\"refused\":%llu}\n";

	fprintf(r->cli->out,
		cli_has(r->cli, "json") ? json
		: r->dry                ? dry
					: plain,
		(unsigned long long)r->lines, (unsigned long long)r->enrolled, (unsigned long long)r->known,
		(unsigned long long)r->refused);
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

int import_run(struct cli *cli)
{
	struct run r = { .cli = cli, .progress.what = "importing", .dry = cli_has(cli, "dry-run") };
	int err = import_file_open(cli, cli_arg(cli, 0), &r.file);

	if (err != PALIER_OK)
		return err;
	r.last = &r.first;
	err = import(&r);
	import_file_close(&r.file);
	palier_arena_deinit(&r.arena);
	return err;
}
