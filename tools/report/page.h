/* SPDX-License-Identifier: Apache-2.0 */
/* A report as one HTML file that needs nothing else: styles inside, pictures drawn in SVG, no script. It is well-formed XML too, follows the
 * reader's light or dark screen, and prints on A4. */
#pragma once

#include "protocol/bytes.h"

/** Zero-initialised is empty. */
struct page {
	struct palier_buffer out;
};

struct page_head {
	const char *language;
	const char *title, *shop, *period;
};

void page_begin(struct page *p, const struct page_head *head);
/** @param foot a last line in small print */
void page_end(struct page *p, const char *foot);
void page_deinit(struct page *p);
/** Write the file, over one of that name. @return PALIER_OK; PALIER_EIO, and errno says why */
int page_write(const struct page *p, const char *path);

/** Markup of our own. What comes from outside goes through page_text. */
void page_markup(struct page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** Text, escaped for an element's content and for a quoted attribute. */
void page_text(struct page *p, const char *text);
/** <tag class="class">text</tag> @param class NULL: none */
void page_element(struct page *p, const char *tag, const char *class, const char *text);

void page_section_begin(struct page *p, const char *title);
void page_section_end(struct page *p);
