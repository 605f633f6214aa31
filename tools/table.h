/* SPDX-License-Identifier: Apache-2.0 */
/* Aligned columns for people. Widths count what a terminal shows, not bytes: "Élodie" is 6 wide. */
#pragma once

#include <stdio.h>

#include "protocol/bytes.h"

#define TABLE_COLUMNS 12

struct table_column {
	const char *title; /* NULL ends the list */
	bool right;        /* figures */
	int least;         /* width, where later rows may need more room than the first */
};

/** Rows gathered until they are printed. Zero-initialised but for `columns`. */
struct table {
	const struct table_column *columns;
	bool untitled; /* no title line */
	const char **cells;
	size_t count, room;
	int widths[TABLE_COLUMNS]; /* only grow, so that what is printed in parts stays aligned */
};

/** The next cell of the row; text must outlive the printing. */
void table_cell(struct table *t, const char *text);
/** A row of a two-column table; nothing when the text is empty. */
void table_pair(struct table *t, const char *name, const char *text);
/** Print what was gathered, the titles before the first part, and forget it. */
void table_print(struct table *t, FILE *out);
void table_deinit(struct table *t);

/** Columns a terminal gives to UTF-8 text. */
int table_width(const char *text);
