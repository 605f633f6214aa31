/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of text. */
#include "tools/table.h"

#include <assert.h>
#include <locale.h>
#include <stdlib.h>
#include <wchar.h>

/* libc's width table needs a UTF-8 locale, whatever the user's is. */
static locale_t utf8_locale(void)
{
	static locale_t kept;

	if (!kept)
		kept = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	return kept;
}

int table_width(const char *text)
{
	locale_t ours = utf8_locale(), theirs;
	mbstate_t state = { 0 };
	size_t left = strlen(text);
	int width = 0;

	if (!ours)
		return (int)left;
	theirs = uselocale(ours);
	while (left) {
		wchar_t c;
		size_t n = mbrtowc(&c, text, left, &state);

		if (n == 0 || n > left) { /* not UTF-8: a byte, a column */
			state = (mbstate_t){ 0 };
			n = 1;
			c = L'?';
		}
		width += wcwidth(c) > 0 ? wcwidth(c) : 0;
		text += n;
		left -= n;
	}
	uselocale(theirs);
	return width;
}

static size_t column_count(const struct table *t)
{
	size_t n = 0;

	while (t->columns[n].title)
		n++;
	return n;
}

void table_cell(struct table *t, const char *text)
{
	if (t->count == t->room) {
		t->room = t->room ? 2 * t->room : 64;
		t->cells = reallocarray(t->cells, t->room, sizeof(*t->cells));
		if (!t->cells)
			abort();
	}
	t->cells[t->count++] = text;
}

void table_pair(struct table *t, const char *name, const char *text)
{
	if (!text[0])
		return;
	table_cell(t, name);
	table_cell(t, text);
}

/* Spaces wait for what they separate, so that no line ends in them. */
static void print_row(const struct table *t, size_t n, const char *const *cells, FILE *out)
{
	int spaces = 0;

	for (size_t i = 0; i < n; i++) {
		int pad = t->widths[i] - table_width(cells[i]);
		bool right = t->columns[i].right;

		if (cells[i][0])
			fprintf(out, "%*s%s", spaces + (right ? pad : 0), "", cells[i]);
		spaces = 2 + (cells[i][0] ? (right ? 0 : pad) : spaces + t->widths[i]);
	}
	fputc('\n', out);
}

static void print_titles(const struct table *t, size_t n, FILE *out)
{
	const char *titles[TABLE_COLUMNS];

	for (size_t i = 0; i < n; i++)
		titles[i] = t->columns[i].title;
	print_row(t, n, titles, out);
}

static void widen(struct table *t, size_t column, int width)
{
	if (width > t->widths[column])
		t->widths[column] = width;
}

void table_print(struct table *t, FILE *out)
{
	size_t n = column_count(t);
	bool first = t->widths[0] == 0;

	assert(n > 0);
	for (size_t i = 0; i < n; i++)
		widen(t, i, t->columns[i].least > 0 ? t->columns[i].least : 1);
	for (size_t i = 0; i < n && !t->untitled; i++)
		widen(t, i, table_width(t->columns[i].title));
	for (size_t i = 0; i < t->count; i++)
		widen(t, i % n, table_width(t->cells[i]));
	if (first && !t->untitled)
		print_titles(t, n, out);
	for (size_t i = 0; i < t->count; i += n)
		print_row(t, n, t->cells + i, out);
	t->count = 0;
}

void table_deinit(struct table *t)
{
	free(t->cells);
}
