/* SPDX-License-Identifier: Apache-2.0 */
/* palier journey import: what a web shop, a call centre or a newsletter saw of customers. */
#include <stdlib.h>

#include "protocol/datetime.h"
#include "tools/import_who.h"

enum { TOUCHPOINT = WHO_FIELDS, CHANNEL, DEVICE, EMOTION, AT };

static const struct import_column columns[] = {
	WHO_COLUMNS,
	[TOUCHPOINT] = { "touchpoint", "event event_type event_name action type" },
	[CHANNEL] = { "channel", "source medium" },
	[DEVICE] = { "device", "device_type" },
	[EMOTION] = { "emotion", "sentiment" },
	[AT] = { "at", "time timestamp date datetime event_time created_at" },
	{ NULL, NULL },
};

struct job {
	struct import_columns columns;
	enum import_dates dates;
	const char *channel; /* of lines that name none; NULL: each must */
	bool dry;
};

struct line {
	struct who who;
	char *fields; /* of the params, an object */
	bool sent;
};

static int header_read(struct cli *cli, void *own, const struct csv_record *r)
{
	struct job *job = own;
	const int *cells = job->columns.cells;
	int err =
		r ? import_columns_read(cli, columns, r, &job->columns) : import_columns_named(cli, columns, &job->columns);

	if (err != PALIER_OK)
		return err;
	if (cells[TOUCHPOINT] == IMPORT_NO_FIELD || cells[AT] == IMPORT_NO_FIELD)
		return cli_fail(cli, PALIER_EPARAMS, "line 1 names the columns, of which some must be touchpoint and at");
	if (cells[WHO_CARD] == IMPORT_NO_FIELD && cells[WHO_PHONE] == IMPORT_NO_FIELD &&
		cells[WHO_EMAIL] == IMPORT_NO_FIELD && cells[WHO_MEMBER] == IMPORT_NO_FIELD)
		return cli_fail(cli, PALIER_EPARAMS,
			"line 1 names the columns, of which one must be card, phone, email or member");
	if (cells[CHANNEL] == IMPORT_NO_FIELD && !job->channel)
		return cli_fail(cli, PALIER_EPARAMS, "line 1 names no channel: say --channel web, phone, ...");
	return PALIER_OK;
}

static void write_text(struct palier_json *w, const char *key, struct palier_bytes text)
{
	if (!text.len)
		return;
	palier_json_key(w, key);
	palier_json_string(w, text);
}

static bool write_emotion(struct palier_json *w, struct palier_arena *a, struct palier_bytes cell,
	struct import_refusal *why)
{
	int64_t emotion;

	if (!cell.len)
		return true;
	if (!decimal_parse(palier_cstr(a, cell), 0, &emotion))
		return import_refuse(why, PALIER_EPARAMS, "emotion", "an emotion is -2, -1, 0, 1 or 2");
	palier_json_key(w, "emotion");
	palier_json_int(w, emotion);
	return true;
}

/* What is told is the same whatever the columns' order. */
static bool write_fields(const struct job *job, const struct csv_record *r, struct palier_arena *a, struct palier_json *w,
	struct import_refusal *why)
{
	const struct import_columns *c = &job->columns;
	struct palier_bytes channel = import_cell(c, r, CHANNEL);
	int64_t at_ms;

	if (!import_time(import_cell(c, r, AT), job->dates, &at_ms))
		return import_refuse(why, PALIER_EPARAMS, "at", "a time is as 2026-11-21T09:03:11Z, or 2026-11-21 09:03");
	write_text(w, "touchpoint", import_cell(c, r, TOUCHPOINT));
	write_text(w, "channel", channel.len ? palier_str(import_lower(a, channel)) : palier_str(job->channel));
	write_text(w, "device", import_cell(c, r, DEVICE));
	if (!write_emotion(w, a, import_cell(c, r, EMOTION), why))
		return false;
	palier_json_key(w, "offline");
	palier_json_bool(w, true);
	palier_json_key(w, "at");
	palier_json_time(w, at_ms);
	return true;
}

static void finish(const struct job *job, struct line *line, struct palier_bytes whose, struct palier_buffer *b,
	struct palier_json *w, struct palier_arena *a)
{
	char request[IMPORT_REQUEST_MAX + 1];

	import_request(palier_str(palier_format(a, "%.*s\n%.*s", PALIER_ARG(whose), PALIER_ARG(palier_buffer_bytes(b)))),
		request);
	palier_json_key(w, "request");
	palier_json_str(w, request);
	palier_json_key(w, "training");
	palier_json_bool(w, job->dry);
	palier_json_end_object(w);
	line->fields = palier_dup(palier_buffer_bytes(b));
}

static bool line_read(struct cli *cli, void *own, void *item, const struct csv_record *r, struct palier_arena *a,
	struct import_refusal *why)
{
	const struct job *job = own;
	struct line *line = item;
	struct palier_buffer b = { 0 };
	struct palier_json w = palier_json_to(&b);
	struct palier_bytes whose = who_cell(&job->columns, r);
	bool ok;

	(void)cli;
	if (r->count != job->columns.count)
		return import_refuse(why, PALIER_EPARSE, "", "not as many cells as line 1 names columns");
	if (!whose.len)
		return import_refuse(why, PALIER_EPARAMS, "card",
			"whose it was is not said: a card, a phone or an e-mail is needed");
	palier_json_object(&w);
	ok = who_read(&line->who, &job->columns, r, false, NULL, a, why) && write_fields(job, r, a, &w, why);
	if (ok)
		finish(job, line, whose, &b, &w, a);
	palier_buffer_deinit(&b);
	return ok;
}

static bool line_next(void *own, void *item, struct palier_arena *a, struct import_call *out)
{
	struct line *line = item;

	(void)own;
	if (who_next(&line->who, out))
		return true;
	if (line->sent)
		return false;
	*out = (struct import_call){ "journey.record", who_params(&line->who, line->fields, a) };
	line->sent = true;
	return true;
}

static enum import_state line_answered(void *own, void *item, const struct palier_reply *reply, struct import_refusal *why)
{
	struct line *line = item;

	(void)own;
	(void)why;
	if (!line->sent)
		return who_answered(&line->who, reply) ? IMPORT_BOOKED : IMPORT_REFUSED;
	if (reply->error != PALIER_OK)
		return IMPORT_REFUSED;
	return import_replayed(reply) ? IMPORT_KNOWN : IMPORT_BOOKED;
}

static void line_drop(void *item)
{
	struct line *line = item;

	who_drop(&line->who);
	free(line->fields);
}

static const struct import_columns *line_columns(const void *own)
{
	return &((const struct job *)own)->columns;
}

static const struct import_kind kind = {
	.booked = "recorded",
	.item_size = sizeof(struct line),
	.header = header_read,
	.columns = line_columns,
	.read = line_read,
	.next = line_next,
	.answered = line_answered,
	.drop = line_drop,
};

const struct cli_option import_touchpoint_options[] = {
	{ "channel", "WHERE", "of lines that name none: store, web, phone, social or email" },
	IMPORT_COLUMN_OPTIONS,
	CLI_END_OPTIONS,
};

int import_touchpoints(struct cli *cli)
{
	struct job job = { .channel = cli_value(cli, "channel"), .dry = cli_has(cli, "dry-run") };
	int err = import_dates_given(cli, &job.dates);

	return err == PALIER_OK ? import_run(cli, &kind, &job) : err;
}
