/* SPDX-License-Identifier: Apache-2.0 */
/* From the columns of a file to the params of commands. What only the daemon can know is left to it. */
#include <stdlib.h>

#include "protocol/datetime.h"
#include "protocol/scan.h"
#include "tools/import.h"

enum field {
	F_CARD,
	F_NAME,
	F_PHONE,
	F_EMAIL,
	F_BIRTHDAY,
	F_LANGUAGE,
	F_HEARD_FROM,
	F_TAGS,
	F_CONSENT_EMAIL,
	F_CONSENT_SMS,
	F_CONSENT_PROFILING,
	F_BALANCE, /* of a unit */
	F_IGNORED, /* what our own report has put before the columns */
};

struct header {
	unsigned count;
	struct {
		enum field field;
		const char *name, *unit; /* as in the file, trimmed; of a balance; owned by the cli */
	} at[CSV_CELLS_MAX];
	unsigned order
		[CSV_CELLS_MAX]; /* columns by field and unit: what a line says does not hang on the order of its cells */
	unsigned balances;
};

/* A line that was understood. */
struct line {
	char request[IMPORT_REQUEST_MAX + 1], member[PALIER_ID_TEXT + 1];
	char *params; /* of member.enroll */
	bool enrolled, known;
	unsigned column; /* whose balance is booked next */
	int64_t balances[CSV_CELLS_MAX];
};

struct job {
	struct header header;
	bool dry;
};

static const struct {
	const char *name;
	enum field field;
	const char *param; /* of member.enroll, a text as it is */
} columns[] = {
	{ "card", F_CARD, "card" },
	{ "name", F_NAME, "name" },
	{ "phone", F_PHONE, "phone" },
	{ "email", F_EMAIL, "email" },
	{ "birthday", F_BIRTHDAY, "birthday" },
	{ "language", F_LANGUAGE, "language" },
	{ "heard_from", F_HEARD_FROM, "heard_from" },
	{ "tags", F_TAGS, NULL },
	{ "consent_email", F_CONSENT_EMAIL, NULL },
	{ "consent_sms", F_CONSENT_SMS, NULL },
	{ "consent_profiling", F_CONSENT_PROFILING, NULL },
	{ "points", F_BALANCE, NULL },
	{ "line", F_IGNORED, NULL },
	{ "reason", F_IGNORED, NULL },
	{ "field", F_IGNORED, NULL },
	{ "message", F_IGNORED, NULL },
};

#define COLUMN_LIST \
	"card, name, phone, email, birthday, language, points:UNIT, tags, consent_email, consent_sms, consent_profiling, heard_from"

/* --- the header --- */

static int column_read(struct cli *cli, struct palier_bytes cell, struct header *h)
{
	struct palier_bytes name = import_trim(cell);
	const char *text = import_lower(&cli->arena, name);
	unsigned at = h->count;

	h->at[at].name = palier_cstr(&cli->arena, name);
	if (strncmp(text, "points:", 7) == 0 && text[7]) {
		h->at[at].field = F_BALANCE;
		h->at[at].unit = h->at[at].name + 7;
		return PALIER_OK;
	}
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		if (strcmp(columns[i].name, text) == 0) {
			h->at[at].field = columns[i].field;
			h->at[at].unit = columns[i].field == F_BALANCE ? "points" : NULL;
			return PALIER_OK;
		}
	return cli_fail(cli, PALIER_EPARAMS, "line 1 names the columns; there is no column \"%s\"; they are " COLUMN_LIST,
		view_clean(&cli->arena, name));
}

static bool same_column(const struct header *h, unsigned a, unsigned b)
{
	if (h->at[a].field != h->at[b].field || h->at[a].field == F_IGNORED)
		return false;
	return h->at[a].field != F_BALANCE || strcmp(h->at[a].unit, h->at[b].unit) == 0;
}

static bool before(const struct header *h, unsigned a, unsigned b)
{
	if (h->at[a].field != h->at[b].field || !h->at[a].unit)
		return h->at[a].field < h->at[b].field;
	return strcmp(h->at[a].unit, h->at[b].unit) < 0;
}

static void sort_in(struct header *h, unsigned column)
{
	unsigned to = column;

	for (; to > 0 && before(h, column, h->order[to - 1]); to--)
		h->order[to] = h->order[to - 1];
	h->order[to] = column;
}

static int header_read(struct cli *cli, const struct csv_record *r, struct header *out)
{
	bool findable = false;
	int err = PALIER_OK;

	*out = (struct header){ .count = 0 };
	for (; out->count < r->count && err == PALIER_OK; out->count++) {
		err = column_read(cli, r->cells[out->count], out);
		for (unsigned i = 0; i < out->count && err == PALIER_OK; i++)
			if (same_column(out, i, out->count))
				err = cli_fail(cli, PALIER_EPARAMS, "line 1 names the column %s twice", out->at[i].name);
		sort_in(out, out->count);
		findable |= out->at[out->count].field == F_CARD || out->at[out->count].field == F_PHONE ||
		            out->at[out->count].field == F_EMAIL;
		out->balances += out->at[out->count].field == F_BALANCE;
	}
	if (err == PALIER_OK && !findable)
		err = cli_fail(cli, PALIER_EPARAMS, "line 1 names the columns, of which one must be card, phone or email");
	return err;
}

/* --- a line --- */

/* What is read of a line goes into its params. */
struct reading {
	const struct header *header;
	const struct csv_record *record;
	struct palier_arena *arena;
	struct palier_json w;
	struct line *out;
	struct import_refusal *why;
};

static bool refuse(struct reading *r, int err, const char *field, const char *message)
{
	return import_refuse(r->why, err, field, message);
}

static struct palier_bytes cell_of(const struct reading *r, unsigned column)
{
	return import_trim(r->record->cells[column]);
}

static const char *param_of(enum field field)
{
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		if (columns[i].field == field)
			return columns[i].param;
	return NULL;
}

static void read_tags(struct reading *r, struct palier_bytes text)
{
	palier_json_key(&r->w, "tags");
	palier_json_array(&r->w);
	while (text.len) {
		size_t n = 0;
		struct palier_bytes tag;

		while (n < text.len && text.at[n] != '|' && text.at[n] != ',')
			n++;
		tag = import_trim(palier_bytes_of(text.at, n));
		if (tag.len)
			palier_json_string(&r->w, tag);
		n += n < text.len;
		text = palier_bytes_of(text.at + n, text.len - n);
	}
	palier_json_end_array(&r->w);
}

static bool read_consents(struct reading *r)
{
	struct palier_bytes cells[3] = { { NULL, 0 } };
	const char *names[3] = { NULL };

	for (unsigned i = 0; i < r->header->count; i++) {
		enum field field = r->header->at[i].field;

		if (field < F_CONSENT_EMAIL || field > F_CONSENT_PROFILING)
			continue;
		cells[field - F_CONSENT_EMAIL] = cell_of(r, i);
		names[field - F_CONSENT_EMAIL] = r->header->at[i].name;
	}
	return import_consents(&r->w, r->arena, cells, names, r->why);
}

static bool read_balances(struct reading *r)
{
	for (unsigned i = 0; i < r->header->count; i++) {
		const char *text;
		struct palier_bytes cell = cell_of(r, i);

		r->out->balances[i] = 0;
		if (r->header->at[i].field != F_BALANCE || !cell.len)
			continue;
		text = palier_cstr(r->arena, cell);
		if (!decimal_parse(text, 0, &r->out->balances[i]) || r->out->balances[i] < 0)
			return refuse(r, PALIER_EPARAMS, r->header->at[i].name, "a balance is a whole number, 0 or more");
	}
	return true;
}

/* Misses are counted against the till that asks too often, so what can be seen here does not go there. */
static bool check_card(struct reading *r, struct palier_bytes cell)
{
	struct card_number number;

	return card_scan(cell, NULL, 0, &number) == PALIER_OK ||
	       refuse(r, PALIER_ECARD_MALFORMED, "card", "this is no card number: check its digits");
}

static bool read_fields(struct reading *r)
{
	bool findable = false;

	for (unsigned n = 0; n < r->header->count; n++) {
		unsigned i = r->header->order[n];
		enum field field = r->header->at[i].field;
		struct palier_bytes cell = cell_of(r, i);
		const char *param = param_of(field);

		if (!cell.len)
			continue;
		findable |= field == F_CARD || field == F_PHONE || field == F_EMAIL;
		if (field == F_CARD && !check_card(r, cell))
			return false;
		if (field == F_TAGS)
			read_tags(r, cell);
		if (!param)
			continue;
		palier_json_key(&r->w, param);
		palier_json_string(&r->w, cell);
	}
	return findable ||
	       refuse(r, PALIER_EPARAMS, "card", "without card, phone and email nobody could find the customer again");
}

/* --- requests --- */

/* The balances are no params of the enrolment, but a line with another balance is another line. */
static void draw_request(const struct reading *r, struct palier_bytes fields)
{
	struct palier_buffer b = { 0 };

	palier_buffer_add(&b, fields.at, fields.len);
	for (unsigned n = 0; n < r->header->count; n++) {
		unsigned i = r->header->order[n];

		if (r->out->balances[i]) {
			const char *text =
				palier_format(r->arena, "\n%s %lld", r->header->at[i].unit, (long long)r->out->balances[i]);

			palier_buffer_add(&b, text, strlen(text));
		}
	}
	import_request(palier_buffer_bytes(&b), r->out->request);
	palier_buffer_deinit(&b);
}

/* {"a":1} is given the request and its end. */
static void finish_params(struct reading *r, struct palier_buffer *fields, bool training)
{
	palier_json_key(&r->w, "request");
	palier_json_str(&r->w, r->out->request);
	if (training) {
		palier_json_key(&r->w, "training");
		palier_json_bool(&r->w, true);
	}
	palier_json_end_object(&r->w);
	r->out->params = palier_dup(palier_buffer_bytes(fields));
}

static bool line_read(struct cli *cli, void *own, void *item, const struct csv_record *record, struct palier_arena *a,
	struct import_refusal *why)
{
	const struct job *job = own;
	struct palier_buffer fields = { 0 };
	struct reading r = { &job->header, record, a, palier_json_to(&fields), item, why };
	bool ok;

	(void)cli;
	if (record->count != job->header.count)
		return refuse(&r, PALIER_EPARSE, "",
			palier_format(a, "%u cells, but line 1 names %u columns", record->count, job->header.count));
	palier_json_object(&r.w);
	ok = read_fields(&r) && read_consents(&r) && read_balances(&r);
	if (ok) {
		draw_request(&r, palier_buffer_bytes(&fields));
		finish_params(&r, &fields, job->dry);
	}
	palier_buffer_deinit(&fields);
	return ok;
}

/* --- calls --- */

/* The params of balance.adjust for the line's balance in its column. */
static const char *adjust(const struct header *h, const struct line *line, struct palier_arena *a)
{
	const char *unit = h->at[line->column].unit, *params;
	char request[IMPORT_REQUEST_MAX + 1];
	struct palier_buffer b = { 0 };
	struct palier_json w = palier_json_to(&b);

	import_request(palier_str(palier_format(a, "%s\n%s", line->request, unit)), request);
	palier_json_object(&w);
	palier_json_key(&w, "request");
	palier_json_str(&w, request);
	palier_json_key(&w, "member");
	palier_json_str(&w, line->member);
	palier_json_key(&w, "unit");
	palier_json_str(&w, unit);
	palier_json_key(&w, "points");
	palier_json_int(&w, line->balances[line->column]);
	palier_json_key(&w, "reason");
	palier_json_str(&w, "import");
	palier_json_end_object(&w);
	params = palier_cstr(a, palier_buffer_bytes(&b));
	palier_buffer_deinit(&b);
	return params;
}

static bool line_next(void *own, void *item, struct palier_arena *a, struct import_call *out)
{
	const struct job *job = own;
	struct line *line = item;

	if (!line->enrolled) {
		*out = (struct import_call){ "member.enroll", line->params };
		return true;
	}
	while (line->column < job->header.count && line->balances[line->column] == 0)
		line->column++;
	if (job->dry || line->column == job->header.count)
		return false;
	*out = (struct import_call){ "balance.adjust", adjust(&job->header, line, a) };
	return true;
}

static enum import_state line_answered(void *own, void *item, const struct palier_reply *reply, struct import_refusal *why)
{
	const struct job *job = own;
	struct line *line = item;

	if (reply->error != PALIER_OK) {
		if (line->enrolled)
			why->field = palier_str(job->header.at[line->column].name);
		return IMPORT_REFUSED;
	}
	if (line->enrolled) {
		line->column++;
		return line->known ? IMPORT_KNOWN : IMPORT_BOOKED;
	}
	snprintf(line->member, sizeof(line->member), "%.*s", PALIER_ARG(import_reply_text(reply, reply->result, "member")));
	line->enrolled = true;
	line->known = import_replayed(reply);
	return line->known ? IMPORT_KNOWN : IMPORT_BOOKED;
}

static void line_drop(void *item)
{
	free(((struct line *)item)->params);
}

/* --- the verb --- */

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
static int check_balances(struct cli *cli, void *own)
{
	const struct header *h = &((struct job *)own)->header;
	int err;

	if (h->balances == 0)
		return PALIER_OK;
	if (!may_call(cli, "balance.adjust"))
		return cli_fail(cli, PALIER_EFORBIDDEN, "opening balances are for a supervisor to book");
	cli_params(cli);
	cli_param_request(cli);
	palier_json_key(&cli->w, "training");
	palier_json_bool(&cli->w, true);
	err = cli_call(cli, "member.enroll");
	for (unsigned i = 0; i < h->count && err == PALIER_OK; i++)
		if (h->at[i].unit &&
			!json_member(&cli->reply.doc, view_member(cli, cli->reply.result, "balances"), h->at[i].unit))
			err = cli_fail(cli, PALIER_EUNIT_UNKNOWN, "there is no unit %s; the shop has %s", h->at[i].unit,
				view_units(cli, cli->reply.result, "balances"));
	return err;
}

static int read_header(struct cli *cli, void *own, const struct csv_record *r)
{
	return header_read(cli, r, &((struct job *)own)->header);
}

static const struct import_kind kind = {
	.booked = "enrolled",
	.item_size = sizeof(struct line),
	.header = read_header,
	.check = check_balances,
	.read = line_read,
	.next = line_next,
	.answered = line_answered,
	.drop = line_drop,
};

const struct cli_option import_options[] = {
	{ "dry-run", NULL, "check every line, but book nothing" },
	CLI_END_OPTIONS,
};

int import_members(struct cli *cli)
{
	struct job job = { .dry = cli_has(cli, "dry-run") };

	return import_run(cli, &kind, &job);
}
