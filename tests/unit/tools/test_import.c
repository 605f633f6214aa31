/* SPDX-License-Identifier: Apache-2.0 */
/* Cells, columns and lines of JSON as other programs write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "protocol/datetime.h"
#include "tools/import.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* --- times --- */

static const struct time_case {
	const char *name, *text, *read; /* NULL: refused */
	enum import_dates dates;
} times[] = {
	{ "RFC 3339 says its zone", "2026-07-01T09:03:11+02:00", "2026-07-01T07:03:11.000Z", IMPORT_DMY },
	{ "a day is its noon, in summer", "2026-07-01", "2026-07-01T10:00:00.000Z", IMPORT_DMY },
	{ "and in winter", "20260201", "2026-02-01T11:00:00.000Z", IMPORT_DMY },
	{ "a day and a time", "2026-07-01 09:03", "2026-07-01T07:03:00.000Z", IMPORT_DMY },
	{ "with seconds, behind a T", "2026-07-01T09:03:11", "2026-07-01T07:03:11.000Z", IMPORT_DMY },
	{ "slashes behind the year", "2026/7/1 9:03", "2026-07-01T07:03:00.000Z", IMPORT_DMY },
	{ "points", "1.7.2026 9:03", "2026-07-01T07:03:00.000Z", IMPORT_MDY },
	{ "the day first", "03/04/2026", "2026-04-03T10:00:00.000Z", IMPORT_DMY },
	{ "the month first", "03/04/2026", "2026-03-04T11:00:00.000Z", IMPORT_MDY },
	{ "an afternoon", "7/1/2026 1:08 PM", "2026-07-01T11:08:00.000Z", IMPORT_MDY },
	{ "midnight", "7/1/2026 12:08:30 am", "2026-06-30T22:08:30.000Z", IMPORT_MDY },
	{ "the day of 23 hours", "2026-03-29 09:00", "2026-03-29T07:00:00.000Z", IMPORT_DMY },
	{ "the day of 25 hours", "2026-10-25 23:00", "2026-10-25T22:00:00.000Z", IMPORT_DMY },
	{ "no such month", "2026-13-01", NULL, IMPORT_DMY },
	{ "no such day", "30/02/2026", NULL, IMPORT_DMY },
	{ "a month that is none", "11/21/2026", NULL, IMPORT_DMY },
	{ "no such hour", "2026-07-01 24:00", NULL, IMPORT_DMY },
	{ "no such afternoon", "2026-07-01 13:00 PM", NULL, IMPORT_DMY },
	{ "half a time", "2026-07-01 9", NULL, IMPORT_DMY },
	{ "something behind it", "2026-07-01 09:00 about", NULL, IMPORT_DMY },
	{ "a year of two digits", "1/7/26", NULL, IMPORT_DMY },
	{ "marks that differ", "1/7-2026", NULL, IMPORT_DMY },
	{ "nothing", "", NULL, IMPORT_DMY },
};

static void a_time(void **state)
{
	const struct time_case *c = *state;
	char text[32];
	int64_t at;

	assert_int_equal(zone_set("Europe/Paris"), PALIER_OK);
	assert_int_equal(import_time(palier_str(c->text), c->dates, &at), c->read != NULL);
	if (!c->read)
		return;
	time_format(at, text);
	assert_string_equal(text, c->read);
}

/* --- figures --- */

static void figures_are_read_as_people_write_them(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		int64_t is;
	} rows[] = { { "12.50", true, 1250 }, { "12,50", true, 1250 }, { "1 234,5", true, 123450 },
		{ "1,234.50", true, 123450 }, { "$3", true, 300 }, { "£3.1", true, 310 }, { "548.9715", true, 54897 },
		{ "0.005", true, 1 }, { "-0.005", true, -1 }, { "-2.00", true, -200 }, { "1.0000001", false, 0 },
		{ "twelve", false, 0 }, { "", false, 0 }, { "1.2.3", false, 0 } };
	struct palier_arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t is = 0;

		if (import_decimal(&a, palier_str(rows[i].text), 2, &is) != rows[i].ok || is != rows[i].is)
			fail_msg("%s is %lld", rows[i].text, (long long)is);
	}
	palier_arena_deinit(&a);
}

/* --- columns --- */

enum { RECEIPT, AT, LABEL };
static const struct import_column table[] = { { "receipt", "ticket invoiceno" }, { "at", "date invoicedate" },
	{ "label", "description product" }, { NULL, NULL } };

/* A run of the program as far as its columns, with these options. */
struct trial {
	struct cli cli;
	struct cli_option option;
	struct cli_given given;
	char *err;
	size_t err_len;
};

static void trial_begin(struct trial *t, const char *column)
{
	*t = (struct trial){ .option.name = "column" };
	t->given = (struct cli_given){ &t->option, column };
	t->cli = (struct cli){ .given = &t->given, .given_count = column ? 1 : 0 };
	t->cli.err = open_memstream(&t->err, &t->err_len);
	assert_non_null(t->cli.err);
}

static void trial_end(struct trial *t)
{
	palier_arena_deinit(&t->cli.arena);
	fclose(t->cli.err);
	free(t->err);
}

static void columns_are_known_by_many_names(void **state)
{
	static const struct {
		const char *cells[3], *column, *says;
		int err, at[3];
	} rows[] = {
		{ { "Description", "InvoiceNo", "Invoice Date" }, NULL, "not read: Invoice Date", 0,
			{ RECEIPT + 1, -1, 0 } },
		{ { "InvoiceDate", "label", "product" }, NULL, "", 0, { -1, 0, 1 } },
		{ { "label", "product", "reason" }, NULL, "", 0, { -1, -1, 0 } },
		{ { "till slip", "date", "product" }, "receipt=Till-Slip", "", 0, { 0, 1, 2 } },
		{ { "a", "date", "product" }, "receipt=Till-Slip", "no such column", PALIER_EPARAMS, { 0 } },
		{ { "ticket", "date", "product" }, "receipt=slip", "no such column", PALIER_EPARAMS, { 0 } },
		{ { "a", "date", "product" }, "slip=a", "say NAME=COLUMN", PALIER_EPARAMS, { 0 } },
		{ { "date", "InvoiceDate", "product" }, NULL, "two columns that may be at", PALIER_EPARAMS, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct csv_record r = { .count = 3 };
		struct import_columns c;
		struct trial t;

		trial_begin(&t, rows[i].column);
		for (int n = 0; n < 3; n++)
			r.cells[n] = palier_str(rows[i].cells[n]);
		assert_int_equal(import_columns_read(&t.cli, table, &r, &c), rows[i].err);
		fflush(t.cli.err);
		if (!strstr(t.err, rows[i].says))
			fail_msg("row %zu: %s", i, t.err);
		for (int n = 0; n < 3 && !rows[i].err; n++)
			assert_int_equal(c.cells[n], rows[i].at[n]);
		trial_end(&t);
	}
}

static void json_is_read_by_the_same_names(void **state)
{
	static const struct {
		const char *text, *read; /* NULL: refused */
	} rows[] = {
		{ "{\"receipt\":\"A\",\"at\":17,\"label\":\"x\\u00e9\"}", "A|17|xé" },
		{ "{\"Invoice No\":\"A\",\"ticket\":\"B\",\"date\":null,\"what\":{\"a\":[1]}}", "B||" },
		{ "{\"product\":\"x\",\"label\":\"y\"}", "||y" },
		{ "{}", "||" },
		{ "{\"label\":[\"y\"]}", NULL },
		{ "[]", NULL },
		{ "{\"label\":\"y\"", NULL },
	};
	struct import_columns c;
	struct trial t;

	(void)state;
	trial_begin(&t, NULL);
	assert_int_equal(import_columns_named(&t.cli, table, &c), PALIER_OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct csv_record r = { .raw = palier_str(rows[i].text) };
		struct import_refusal why;
		const char *is;

		if (import_json_cells(&c, &t.cli.arena, &r, &why) != (rows[i].read != NULL))
			fail_msg("%s", rows[i].text);
		if (!rows[i].read)
			continue;
		is = palier_format(&t.cli.arena, "%.*s|%.*s|%.*s", PALIER_ARG(import_cell(&c, &r, RECEIPT)),
			PALIER_ARG(import_cell(&c, &r, AT)), PALIER_ARG(import_cell(&c, &r, LABEL)));
		assert_string_equal(is, rows[i].read);
	}
	trial_end(&t);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(figures_are_read_as_people_write_them),
		cmocka_unit_test(columns_are_known_by_many_names),
		cmocka_unit_test(json_is_read_by_the_same_names),
	};
	struct CMUnitTest tests[COUNT(single) + COUNT(times)];

	memcpy(tests, single, sizeof(single));
	for (size_t i = 0; i < COUNT(times); i++)
		tests[COUNT(single) + i] =
			(struct CMUnitTest){ times[i].name, a_time, NULL, NULL, (void *)(uintptr_t)&times[i] };
	return _cmocka_run_group_tests("import", tests, COUNT(tests), NULL, NULL);
}
