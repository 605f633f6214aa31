/* SPDX-License-Identifier: Apache-2.0 */
/* Columns by the names that other programs gave them, in CSV and in lines of JSON. */
#include "tools/import.h"

/* "Invoice No" is invoice_no; of InvoiceNo, invoiceno. */
static const char *plain_name(struct palier_arena *a, struct palier_bytes text)
{
	char *out = import_lower(a, import_trim(text));

	for (char *at = out; *at; at++)
		*at = *at == ' ' || *at == '-' ? '_' : *at;
	return out;
}

static bool among(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = words; len && at && (at = strstr(at, word)); at += len)
		if ((at == words || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

static int field_named(const struct import_column *table, const char *name)
{
	for (int i = 0; table[i].name; i++)
		if (strcmp(table[i].name, name) == 0)
			return i;
	return IMPORT_NO_FIELD;
}

/* @param exact is it the field's own name? */
static int field_of(const struct import_column *table, const char *name, bool *exact)
{
	int field = field_named(table, name);

	*exact = field != IMPORT_NO_FIELD;
	for (int i = 0; table[i].name && field == IMPORT_NO_FIELD; i++)
		if (among(table[i].aliases, name))
			field = i;
	return field;
}

/* --- --column NAME=COLUMN --- */

static int given_split(struct cli *cli, const struct import_column *table, const char *given, int *field,
	const char **column)
{
	const char *equals = strchr(given, '=');

	*field = equals ? field_named(table, palier_cstr(&cli->arena, palier_bytes_of(given, (size_t)(equals - given))))
	                : IMPORT_NO_FIELD;
	if (*field == IMPORT_NO_FIELD || !equals[1])
		return cli_fail(cli, PALIER_EPARAMS, "--column %s: say NAME=COLUMN, with NAME one of those in palier(1)",
			given);
	*column = plain_name(&cli->arena, palier_str(equals + 1));
	return PALIER_OK;
}

/* What a column was said to be. @param out IMPORT_NO_FIELD: nothing was */
static int given_of(struct cli *cli, const struct import_column *table, const char *name, int *out)
{
	const char *given, *column;
	int at = 0, field, err = PALIER_OK;

	*out = IMPORT_NO_FIELD;
	while (err == PALIER_OK && (given = cli_each(cli, "column", &at))) {
		err = given_split(cli, table, given, &field, &column);
		if (err == PALIER_OK && strcmp(column, name) == 0)
			*out = field;
	}
	return err;
}

static bool is_named(struct cli *cli, const struct csv_record *r, int cell, const char *name)
{
	return cell != IMPORT_NO_FIELD && strcmp(plain_name(&cli->arena, r->cells[cell]), name) == 0;
}

static int given_are_there(struct cli *cli, const struct import_columns *c, const struct csv_record *r)
{
	const char *given, *column;
	int at = 0, field, err = PALIER_OK;

	while (err == PALIER_OK && (given = cli_each(cli, "column", &at))) {
		err = given_split(cli, c->table, given, &field, &column);
		if (err == PALIER_OK && !is_named(cli, r, c->cells[field], column))
			err = cli_fail(cli, PALIER_EPARAMS, "--column %s: line 1 names no such column", given);
	}
	return err;
}

int import_dates_given(struct cli *cli, enum import_dates *out)
{
	const char *given = cli_value(cli, "dates");

	*out = given && strcmp(given, "mdy") == 0 ? IMPORT_MDY : IMPORT_DMY;
	if (given && *out == IMPORT_DMY && strcmp(given, "dmy") != 0)
		return cli_fail(cli, PALIER_EPARAMS, "--dates is dmy or mdy, not %s", given);
	return PALIER_OK;
}

/* --- the first line --- */

static void forget(struct import_columns *c, const struct import_column *table)
{
	*c = (struct import_columns){ .table = table };
	for (int i = 0; i < CSV_CELLS_MAX; i++)
		c->at[i] = c->cells[i] = IMPORT_NO_FIELD;
}

/* How surely a column is the field: said to be, of its name, of another name for it. */
enum surety { NOT, ALIAS, NAME, GIVEN };

static int place(struct cli *cli, struct import_columns *c, enum surety sure[], const char *name, unsigned cell)
{
	enum surety surety;
	bool exact;
	int field, err = given_of(cli, c->table, name, &field);

	surety = field == IMPORT_NO_FIELD ? NOT : GIVEN;
	if (field == IMPORT_NO_FIELD) {
		field = field_of(c->table, name, &exact);
		surety = field == IMPORT_NO_FIELD ? NOT : exact ? NAME : ALIAS;
	}
	if (err != PALIER_OK || surety == NOT || surety < sure[field])
		return err;
	if (surety == sure[field])
		return cli_fail(cli, PALIER_EPARAMS,
			"line 1 names two columns that may be %s: say which with --column %s=COLUMN", c->table[field].name,
			c->table[field].name);
	if (c->cells[field] != IMPORT_NO_FIELD)
		c->at[c->cells[field]] = IMPORT_NO_FIELD;
	c->at[cell] = field;
	c->cells[field] = (int)cell;
	sure[field] = surety;
	return PALIER_OK;
}

static void tell_unread(struct cli *cli, const struct import_columns *c, const struct csv_record *r)
{
	const char *list = "";

	for (unsigned i = 0; i < r->count; i++)
		if (c->at[i] == IMPORT_NO_FIELD && !among(IMPORT_REPORT_COLUMNS, plain_name(&cli->arena, r->cells[i])))
			list = palier_format(&cli->arena, "%s%s%s", list, list[0] ? ", " : "",
				view_clean(&cli->arena, import_trim(r->cells[i])));
	if (list[0])
		fprintf(cli->err, "%s: not read: %s\n", cli_program, list);
}

int import_columns_read(struct cli *cli, const struct import_column *table, const struct csv_record *r,
	struct import_columns *out)
{
	enum surety sure[CSV_CELLS_MAX] = { NOT };
	int err = PALIER_OK;

	forget(out, table);
	out->count = r->count;
	for (unsigned i = 0; i < r->count && err == PALIER_OK; i++)
		err = place(cli, out, sure, plain_name(&cli->arena, r->cells[i]), i);
	if (err == PALIER_OK)
		err = given_are_there(cli, out, r);
	if (err == PALIER_OK)
		tell_unread(cli, out, r);
	return err;
}

int import_columns_named(struct cli *cli, const struct import_column *table, struct import_columns *out)
{
	const char *given, *column;
	int at = 0, field, err = PALIER_OK;

	forget(out, table);
	while (table[out->count].name) {
		out->at[out->count] = out->cells[out->count] = (int)out->count;
		out->count++;
	}
	while (err == PALIER_OK && (given = cli_each(cli, "column", &at))) {
		err = given_split(cli, table, given, &field, &column);
		if (err == PALIER_OK)
			out->given[field] = column;
	}
	return err;
}

struct palier_bytes import_cell(const struct import_columns *c, const struct csv_record *r, int field)
{
	int cell = c->cells[field];

	return cell == IMPORT_NO_FIELD ? palier_bytes_of(NULL, 0) : import_trim(r->cells[cell]);
}

/* --- lines of JSON --- */

static bool parse(struct palier_bytes text, struct palier_arena *a, struct json_doc *d)
{
	*d = (struct json_doc){ .capacity = (uint32_t)(text.len / 2 + 1) };
	d->tokens = palier_alloc(a, d->capacity * sizeof(*d->tokens));
	return json_parse(d, text, 8) == PALIER_OK && d->tokens[0].type == JSON_OBJECT;
}

/* What stands for the field in this object; 0: nothing does. */
static uint32_t find(const struct json_doc *d, const struct import_columns *c, int field, struct palier_arena *a)
{
	const uint32_t end = d->tokens[0].span;
	uint32_t found = 0;
	bool exact = false;

	for (uint32_t key = 1; key < end && !exact; key += 1 + d->tokens[key + 1].span) {
		const char *name = plain_name(a, json_string(d, key, a));

		exact = strcmp(name, c->given[field] ? c->given[field] : c->table[field].name) == 0;
		if (exact || (!c->given[field] && among(c->table[field].aliases, name)))
			found = key + 1;
	}
	return found;
}

bool import_json_cells(const struct import_columns *c, struct palier_arena *a, struct csv_record *r,
	struct import_refusal *why)
{
	struct json_doc d;

	if (!parse(r->raw, a, &d))
		return import_refuse(why, PALIER_EPARSE, "", "this line is no JSON object");
	r->count = c->count;
	for (unsigned i = 0; i < c->count; i++) {
		uint32_t value = find(&d, c, (int)i, a);

		r->cells[i] = palier_bytes_of(NULL, 0);
		if (!value || d.tokens[value].type == JSON_NULL)
			continue;
		if (d.tokens[value].type == JSON_OBJECT || d.tokens[value].type == JSON_ARRAY)
			return import_refuse(why, PALIER_EPARAMS, c->table[i].name, "a text or a number is needed here");
		r->cells[i] = d.tokens[value].type == JSON_STRING ? json_string(&d, value, a) : json_text(&d, value);
	}
	return true;
}
