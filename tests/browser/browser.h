/* SPDX-License-Identifier: Apache-2.0 */
/* Pages in a browser: a directory in which programs write them, without a daemon, and what Chromium makes of them. */
#pragma once

#include "tests/e2e/harness.h"

struct book {
	char data[64];    /* the directory */
	struct shop shop; /* where programs run */
};

/** A new directory under TMPDIR. */
void book_begin(struct book *b);
/** The same of a directory that is there. */
void book_in(struct book *b, const char *directory);
/** Remove it: cmocka's fixture of a group, whose state is the book. */
int book_burn(void **state);
/** A path in it. @return static memory, of the last four */
char *book_path(const struct book *b, const char *name);
/** Run a program, which must succeed. */
void book_run(const struct book *b, const char *const *argv);

/** In a frame so wide nothing of a page is wider, no text of a picture is cut off, there are marks in it, and the browser complains of nothing. */
void assert_fits(const struct book *b, const char *file, int width);
/** Draw it, as page.png. @param how one more option; NULL: none @return the picture's bytes */
size_t picture_of(const struct book *b, const char *file, const char *size, const char *how);
/** What is on the paper, which is A4: its text, to be freed. */
char *printed(const struct book *b, const char *file);
