/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of text. */
#include "tools/table.h"

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

static void print_cell(const struct table *t, size_t column, bool last, const char *text, FILE *out)
{
	int pad = t->widths[column] - table_width(text);

	if (t->columns[column].right)
		fprintf(out, "%*s%s", pad, "", text);
	else
		fprintf(out, "%s%*s", text, last ? 0 : pad, "");
	fputs(last ? "\n" : "  ", out);
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

	for (size_t i = 0; i < n; i++)
		widen(t, i, t->columns[i].least > 0 ? t->columns[i].least : 1);
	for (size_t i = 0; i < n && !t->untitled; i++)
		widen(t, i, table_width(t->columns[i].title));
	for (size_t i = 0; i < t->count; i++)
		widen(t, i % n, table_width(t->cells[i]));
	for (size_t i = 0; i < n && first && !t->untitled; i++)
		print_cell(t, i, i == n - 1, t->columns[i].title, out);
	for (size_t i = 0; i < t->count; i++)
		print_cell(t, i % n, i % n == n - 1, t->cells[i], out);
	t->count = 0;
}

void table_deinit(struct table *t)
{
	free(t->cells);
}
