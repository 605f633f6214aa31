/* SPDX-License-Identifier: Apache-2.0 */
/* From the columns of a file to the params of commands. What only the daemon can know is left to it. */
#include <stdlib.h>

#include "protocol/crypto.h"
#include "protocol/datetime.h"
#include "protocol/scan.h"
#include "tools/import.h"

static const struct {
	const char *name;
	enum import_field field;
	const char *param; /* of member.enroll, a text as it is */
} columns[] = {
	{ "card", IMPORT_CARD, "card" },
	{ "name", IMPORT_NAME, "name" },
	{ "phone", IMPORT_PHONE, "phone" },
	{ "email", IMPORT_EMAIL, "email" },
	{ "birthday", IMPORT_BIRTHDAY, "birthday" },
	{ "language", IMPORT_LANGUAGE, "language" },
	{ "heard_from", IMPORT_HEARD_FROM, "heard_from" },
	{ "tags", IMPORT_TAGS, NULL },
	{ "consent_email", IMPORT_CONSENT_EMAIL, NULL },
	{ "consent_sms", IMPORT_CONSENT_SMS, NULL },
	{ "consent_profiling", IMPORT_CONSENT_PROFILING, NULL },
	{ "points", IMPORT_BALANCE, NULL },
	{ "line", IMPORT_IGNORED, NULL },
	{ "reason", IMPORT_IGNORED, NULL },
	{ "field", IMPORT_IGNORED, NULL },
	{ "message", IMPORT_IGNORED, NULL },
};

#define COLUMN_LIST \
	"card, name, phone, email, birthday, language, points:UNIT, tags, consent_email, consent_sms, consent_profiling, heard_from"

static struct palier_bytes trim(struct palier_bytes text)
{
	static const char blanks[] = " \t\r\n";

	while (text.len && memchr(blanks, text.at[0], sizeof(blanks) - 1))
		text = palier_bytes_of(text.at + 1, text.len - 1);
	while (text.len && memchr(blanks, text.at[text.len - 1], sizeof(blanks) - 1))
		text.len--;
	return text;
}

/* --- the header --- */

static char *lower(struct palier_arena *a, struct palier_bytes text)
{
	char *out = palier_cstr(a, text);

	for (char *at = out; *at; at++)
		*at += *at >= 'A' && *at <= 'Z' ? 'a' - 'A' : 0;
	return out;
}

static int column_read(struct cli *cli, struct palier_bytes cell, struct import_header *h)
{
	struct palier_bytes name = trim(cell);
	const char *text = lower(&cli->arena, name);
	unsigned at = h->count;

	h->at[at].name = palier_cstr(&cli->arena, name);
	if (strncmp(text, "points:", 7) == 0 && text[7]) {
		h->at[at].field = IMPORT_BALANCE;
		h->at[at].unit = h->at[at].name + 7;
		return PALIER_OK;
	}
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		if (strcmp(columns[i].name, text) == 0) {
			h->at[at].field = columns[i].field;
			h->at[at].unit = columns[i].field == IMPORT_BALANCE ? "points" : NULL;
			return PALIER_OK;
		}
	return cli_fail(cli, PALIER_EPARAMS, "line 1 names the columns; there is no column \"%s\"; they are " COLUMN_LIST,
		view_clean(&cli->arena, name));
}

static bool same_column(const struct import_header *h, unsigned a, unsigned b)
{
	if (h->at[a].field != h->at[b].field || h->at[a].field == IMPORT_IGNORED)
		return false;
	return h->at[a].field != IMPORT_BALANCE || strcmp(h->at[a].unit, h->at[b].unit) == 0;
}

static bool before(const struct import_header *h, unsigned a, unsigned b)
{
	if (h->at[a].field != h->at[b].field || !h->at[a].unit)
		return h->at[a].field < h->at[b].field;
	return strcmp(h->at[a].unit, h->at[b].unit) < 0;
}

static void sort_in(struct import_header *h, unsigned column)
{
	unsigned to = column;

	for (; to > 0 && before(h, column, h->order[to - 1]); to--)
		h->order[to] = h->order[to - 1];
	h->order[to] = column;
}

int import_header_read(struct cli *cli, const struct csv_record *r, struct import_header *out)
{
	bool findable = false;
	int err = PALIER_OK;

	*out = (struct import_header){ .count = 0 };
	for (; out->count < r->count && err == PALIER_OK; out->count++) {
		err = column_read(cli, r->cells[out->count], out);
		for (unsigned i = 0; i < out->count && err == PALIER_OK; i++)
			if (same_column(out, i, out->count))
				err = cli_fail(cli, PALIER_EPARAMS, "line 1 names the column %s twice", out->at[i].name);
		sort_in(out, out->count);
		findable |= out->at[out->count].field == IMPORT_CARD || out->at[out->count].field == IMPORT_PHONE ||
		            out->at[out->count].field == IMPORT_EMAIL;
		out->balances += out->at[out->count].field == IMPORT_BALANCE;
	}
	if (err == PALIER_OK && !findable)
		err = cli_fail(cli, PALIER_EPARAMS, "line 1 names the columns, of which one must be card, phone or email");
	return err;
}

/* --- a line --- */

/* What is read of a line goes into its params. */
struct reading {
	const struct import_header *header;
	const struct csv_record *record;
	struct palier_arena *arena;
	struct palier_json w;
	struct import_line *out;
	struct import_refusal *why;
};

static bool refuse(struct reading *r, int err, const char *field, const char *message)
{
	*r->why = (struct import_refusal){ palier_str(palier_error_info(err)->reason), palier_str(field),
		palier_str(message) };
	return false;
}

static struct palier_bytes cell_of(const struct reading *r, unsigned column)
{
	return trim(r->record->cells[column]);
}

static const char *param_of(enum import_field field)
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
		tag = trim(palier_bytes_of(text.at, n));
		if (tag.len)
			palier_json_string(&r->w, tag);
		n += n < text.len;
		text = palier_bytes_of(text.at + n, text.len - n);
	}
	palier_json_end_array(&r->w);
}

static bool read_yes(struct palier_arena *a, struct palier_bytes text, bool *out)
{
	static const struct {
		const char *word;
		bool yes;
	} words[] = { { "1", true }, { "yes", true }, { "true", true }, { "oui", true }, { "0", false }, { "no", false },
		{ "false", false }, { "non", false } };
	const char *word = lower(a, text);

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(words[i].word, word) == 0) {
			*out = words[i].yes;
			return true;
		}
	return false;
}

/* What a customer was not asked is not told. */
static bool read_consents(struct reading *r)
{
	static const char *const kinds[] = { "email", "sms", "profiling" };
	bool given = false, yes;

	for (unsigned n = 0; n < r->header->count; n++) {
		unsigned i = r->header->order[n];
		enum import_field field = r->header->at[i].field;
		struct palier_bytes cell = cell_of(r, i);

		if (field < IMPORT_CONSENT_EMAIL || field > IMPORT_CONSENT_PROFILING || !cell.len)
			continue;
		if (!read_yes(r->arena, cell, &yes))
			return refuse(r, PALIER_EPARAMS, r->header->at[i].name, "consent is yes or no");
		if (!given) {
			palier_json_key(&r->w, "consent");
			palier_json_object(&r->w);
			given = true;
		}
		palier_json_key(&r->w, kinds[field - IMPORT_CONSENT_EMAIL]);
		palier_json_bool(&r->w, yes);
	}
	if (given) {
		palier_json_key(&r->w, "channel");
		palier_json_str(&r->w, "import");
		palier_json_end_object(&r->w);
	}
	return true;
}

static bool read_balances(struct reading *r)
{
	for (unsigned i = 0; i < r->header->count; i++) {
		const char *text;
		struct palier_bytes cell = cell_of(r, i);

		r->out->balances[i] = 0;
		if (r->header->at[i].field != IMPORT_BALANCE || !cell.len)
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
		enum import_field field = r->header->at[i].field;
		struct palier_bytes cell = cell_of(r, i);
		const char *param = param_of(field);

		if (!cell.len)
			continue;
		findable |= field == IMPORT_CARD || field == IMPORT_PHONE || field == IMPORT_EMAIL;
		if (field == IMPORT_CARD && !check_card(r, cell))
			return false;
		if (field == IMPORT_TAGS)
			read_tags(r, cell);
		if (!param)
			continue;
		palier_json_key(&r->w, param);
		palier_json_string(&r->w, cell);
	}
	return findable ||
	       refuse(r, PALIER_EPARAMS, "card", "without card, phone and email nobody could find the customer again");
}

bool import_blank(const struct csv_record *r)
{
	for (unsigned i = 0; i < r->count; i++)
		if (trim(r->cells[i]).len)
			return false;
	return true;
}

/* --- requests --- */

static void request_of(struct palier_bytes text, char *out)
{
	struct palier_hash hash;
	char hex[2 * SHA256_LEN + 1];

	crypto_sha256(text, &hash);
	palier_hex(hash.b, sizeof(hash.b), hex);
	snprintf(out, IMPORT_REQUEST_MAX + 1, "import|%.32s", hex);
}

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
	request_of(palier_buffer_bytes(&b), r->out->request);
	palier_buffer_deinit(&b);
}

/* {"a":1} is given the request and its end. */
static struct palier_bytes finish_params(struct reading *r, struct palier_buffer *fields, bool training)
{
	palier_json_key(&r->w, "request");
	palier_json_str(&r->w, r->out->request);
	if (training) {
		palier_json_key(&r->w, "training");
		palier_json_bool(&r->w, true);
	}
	palier_json_end_object(&r->w);
	return palier_bytes_of(palier_cstr(r->arena, palier_buffer_bytes(fields)), fields->len);
}

bool import_line_read(const struct import_header *h, const struct csv_record *record, bool training, struct palier_arena *a,
	struct import_line *out, struct import_refusal *why)
{
	struct palier_buffer fields = { 0 };
	struct reading r = { h, record, a, palier_json_to(&fields), out, why };
	bool ok;

	if (record->count != h->count)
		return refuse(&r, PALIER_EPARSE, "",
			palier_format(a, "%u cells, but line 1 names %u columns", record->count, h->count));
	palier_json_object(&r.w);
	ok = read_fields(&r) && read_consents(&r) && read_balances(&r);
	if (ok) {
		draw_request(&r, palier_buffer_bytes(&fields));
		out->params = finish_params(&r, &fields, training);
	}
	palier_buffer_deinit(&fields);
	return ok;
}

const char *import_adjust(const struct import_header *h, unsigned column, const char *enroll, const char *member,
	int64_t points, struct palier_arena *a)
{
	const char *unit = h->at[column].unit, *params;
	char request[IMPORT_REQUEST_MAX + 1];
	struct palier_buffer b = { 0 };
	struct palier_json w = palier_json_to(&b);

	request_of(palier_str(palier_format(a, "%s\n%s", enroll, unit)), request);
	palier_json_object(&w);
	palier_json_key(&w, "request");
	palier_json_str(&w, request);
	palier_json_key(&w, "member");
	palier_json_str(&w, member);
	palier_json_key(&w, "unit");
	palier_json_str(&w, unit);
	palier_json_key(&w, "points");
	palier_json_int(&w, points);
	palier_json_key(&w, "reason");
	palier_json_str(&w, "import");
	palier_json_end_object(&w);
	params = palier_cstr(a, palier_buffer_bytes(&b));
	palier_buffer_deinit(&b);
	return params;
}
