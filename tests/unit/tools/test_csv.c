/* SPDX-License-Identifier: Apache-2.0 */
/* CSV: the rules of RFC 4180 section 2, what breaks them, and that bytes may come in any parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tools/csv.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What is read, written down: a record is its line, ":" and its cells, each in <>; a line that is none is its line, "!" and why. */
static const struct csv_case {
	const char *name, *text, *read;
	char separator; /* 0: a comma */
	size_t most;    /* 0: as much as ever */
	bool lines;     /* not cells */
} cases[] = {
	{ "1: records end with CR LF", "aaa,bbb\r\nzzz,yyy\r\n", .read = "1:<aaa><bbb>\n2:<zzz><yyy>\n" },
	{ "2: the last one may have no end", "aaa,bbb\r\nzzz,yyy", .read = "1:<aaa><bbb>\n2:<zzz><yyy>\n" },
	{ "4: spaces are part of a cell, and a last cell is not followed by a comma", " aaa , bbb,",
		.read = "1:< aaa >< bbb><>\n" },
	{ "5: cells may be in quotes", "\"aaa\",\"bbb\",ccc\r\n\"\",y", .read = "1:<aaa><bbb><ccc>\n2:<><y>\n" },
	{ "6: quotes hold separators and ends of lines", "\"a,a\",\"b\r\nb\",c\r\nx",
		.read = "1:<a,a><b\r\nb><c>\n3:<x>\n" },
	{ "7: a quote in quotes is doubled", "\"a\"\"a\",\"\"\"\",\"\"\"b\"\"\"\n", .read = "1:<a\"a><\"><\"b\">\n" },
	{ "lines may end with LF", "a,b\nc,d\n", .read = "1:<a><b>\n2:<c><d>\n" },
	{ "a CR inside a cell is a part of it", "a\rb,c\r,d\r\n", .read = "1:<a\rb><c\r><d>\n" },
	{ "empty lines count, but are passed over", "\r\n\na,b\n\n\r\nc\n\r", .read = "3:<a><b>\n6:<c>\n" },
	{ "nothing is nothing", "", .read = "" },
	{ "empty cells are cells", ",,\n", .read = "1:<><><>\n" },
	{ "a semicolon may part the cells", "a;\"b;b\";c,d", .read = "1:<a><b;b><c,d>\n", .separator = ';' },
	{ "a tab may", "a\t\tb", .read = "1:<a><><b>\n", .separator = '\t' },
	{ "UTF-8 is not looked into", "Zoé;\"Élodie\"\n", .read = "1:<Zoé><Élodie>\n", .separator = ';' },
	{ "a line may be one cell, whatever stands there", "{\"a\":\"b,c\"}\r\n\n\"x\" y\nz",
		.read = "1:<{\"a\":\"b,c\"}>\n3:<\"x\" y>\n4:<z>\n", .lines = true },
	{ "a quote in the middle is refused, and the next line goes on", "a,b\"c\nd,e\n",
		.read = "1!a quote in the middle of a cell: put the cell in quotes, and double it|a,b\"c\n2:<d><e>\n" },
	{ "text behind a closing quote is refused", "\"a\"b,c\r\nd\n",
		.read = "1!text behind a closing quote|\"a\"b,c\n2:<d>\n" },
	{ "so is a CR that ends no line", "\"a\"\rb\nd\n", .read = "1!text behind a closing quote|\"a\"\rb\n2:<d>\n" },
	{ "of a quote that is not closed only its line is lost", "a,\"b\nc,d\ne\n",
		.read = "1!a quote is not closed|a,\"b\n2:<c><d>\n3:<e>\n" },
	{ "or it is closed by another one's, which is noticed", "a,\"b\nc,\"d\"\ne\n",
		.read = "1!text behind a closing quote|a,\"b\n2:<c><d>\n3:<e>\n" },
	{ "a lone quote at the end", "a\n\"", .read = "1:<a>\n2!a quote is not closed|\"\n" },
	{ "a doubled quote at the end is open", "\"\"\"", .read = "1!a quote is not closed|\"\"\"\n" },
	{ "a line that is too long is dropped to its end", "abcdefgh,ijk\nab,c\n",
		.read = "1!longer than a line may be: is a quote not closed?|\n2:<ab><c>\n", .most = 8 },
	{ "one as long as may be is kept", "abcd,fg\nab\n", .read = "1:<abcd><fg>\n2:<ab>\n", .most = 8 },
	{ "a long one that ends just behind the limit", "abcdefgh\nab\n",
		.read = "1!longer than a line may be: is a quote not closed?|\n2:<ab>\n", .most = 8 },
	{ "a quote that stays open beyond the limit loses its line alone", "\"ab\ncd\nefghijk\n",
		.read = "1!longer than a line may be: is a quote not closed?|\"ab\n2:<cd>\n3:<efghijk>\n", .most = 8 },
	{ "so many cells are no table", ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\na\n",
		.read = "1!too many cells|,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n2:<a>\n" },
};

static void write_record(FILE *to, enum csv_next next, const struct csv_record *r)
{
	fprintf(to, "%llu", (unsigned long long)r->line);
	if (next == CSV_BAD) {
		fprintf(to, "!%s|%.*s\n", r->why, PALIER_ARG(r->raw));
		return;
	}
	fputc(':', to);
	for (unsigned i = 0; i < r->count; i++)
		fprintf(to, "<%.*s>", PALIER_ARG(r->cells[i]));
	fputc('\n', to);
}

/* Read with the bytes coming `step` at a time. @return to be freed */
static char *read_in_steps(const struct csv_case *row, size_t step)
{
	struct csv c = { .separator = row->separator ? row->separator : ',', .lines = row->lines, .record_max = row->most };
	size_t len = strlen(row->text), given = 0, written_len;
	char *copy = malloc(len + 1), *written; /* as large as the bytes given, so that a sanitizer sees a look beyond */
	FILE *to = open_memstream(&written, &written_len);
	struct palier_arena a = { 0 };

	for (bool last = false; !last;) {
		struct csv_record r;
		enum csv_next next;

		given = len - given < step ? len : given + step;
		last = given == len;
		free(copy);
		copy = malloc(given ? given : 1);
		memcpy(copy, row->text, given);
		while ((next = csv_next(&c, palier_bytes_of(copy, given), last, &a, &r)) != CSV_MORE)
			write_record(to, next, &r);
		assert_true(c.begin <= given);
	}
	fclose(to);
	free(copy);
	palier_arena_deinit(&a);
	return written;
}

static void read_right(void **state)
{
	const struct csv_case *row = *state;

	for (size_t step = 1; step <= strlen(row->text) + 1; step++) {
		char *written = read_in_steps(row, step);

		assert_string_equal(written, row->read);
		free(written);
	}
}

/* raw is what a report gives back: the record, whole, without its end. */
static void raw_is_kept(void **state)
{
	struct csv c = { .separator = ',' };
	struct palier_arena a = { 0 };
	struct csv_record r;
	const struct palier_bytes text = PALIER_LIT("\n\"a\r\n\"\"b\",c\r\nd\r");

	(void)state;
	assert_int_equal(csv_next(&c, text, true, &a, &r), CSV_RECORD);
	assert_true(palier_is(r.raw, "\"a\r\n\"\"b\",c"));
	assert_int_equal(csv_next(&c, text, true, &a, &r), CSV_RECORD);
	assert_true(palier_is(r.raw, "d"));
	assert_int_equal(csv_next(&c, text, true, &a, &r), CSV_MORE);
	palier_arena_deinit(&a);
}

static void separators(void **state)
{
	(void)state;
	assert_int_equal(csv_separator(PALIER_LIT("card,name;x,phone\na;b;c;d")), ',');
	assert_int_equal(csv_separator(PALIER_LIT("card;name;phone")), ';');
	assert_int_equal(csv_separator(PALIER_LIT("card\tname")), '\t');
	assert_int_equal(csv_separator(PALIER_LIT("card;\"a,b,c\";x")), ';');
	assert_int_equal(csv_separator(PALIER_LIT("card")), ',');
	assert_int_equal(csv_separator(PALIER_LIT("")), ',');
}

static void written(void **state)
{
	struct palier_buffer b = { 0 };

	(void)state;
	csv_cell(&b, ',', PALIER_LIT("a;b"));
	csv_cell(&b, ',', PALIER_LIT("a,b"));
	csv_cell(&b, ',', PALIER_LIT("a\"b"));
	csv_cell(&b, ',', PALIER_LIT("a\nb"));
	csv_cell(&b, ',', PALIER_LIT(""));
	assert_true(palier_is(palier_buffer_bytes(&b), "a;b\"a,b\"\"a\"\"b\"\"a\nb\""));
	palier_buffer_deinit(&b);
}

int main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 3] = {
		{ "what a report gives back is the line as it was", raw_is_kept, NULL, NULL, NULL },
		{ "the separator is seen from the first line", separators, NULL, NULL, NULL },
		{ "cells are put in quotes where they need them", written, NULL, NULL, NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i + 3] = (struct CMUnitTest){ cases[i].name, read_right, NULL, NULL, (void *)(uintptr_t)&cases[i] };
	return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
