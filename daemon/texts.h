/* SPDX-License-Identifier: Apache-2.0 */
/* What customers read, in their language. The id of a text is its English; the other languages are gettext's catalogues (po/), which are
 * read here and not by the C library: it translates into the language of an installed locale, one for the process, and we speak to
 * each customer in another, on machines that have no locale but C.UTF-8. */
#pragma once

#include "protocol/bytes.h"

/** Read DIR/LANGUAGE/LC_MESSAGES/palier.mo of every language. What cannot be read is passed over.
 * @param dir need not exist: all is English then @param say one line for each file that is passed over */
void texts_load(const char *dir, void (*say)(const char *error));
void texts_unload(void);

/** The language to write in: the first of these two in which we can, else English. @return valid until texts_unload */
struct palier_bytes texts_language(struct palier_bytes wanted, struct palier_bytes otherwise);

/** What is to be said. */
struct text {
	struct palier_bytes id;          /* of one, where it counts something */
	struct palier_bytes many;        /* empty: it counts nothing; else the English of several, */
	int64_t count;                   /* and how many there are */
	const struct palier_bytes *args; /* put in for %1 to %9 */
	uint32_t arg_count;
};
/** @return in the arena */
struct palier_bytes texts_write(struct palier_bytes language, const struct text *t, struct palier_arena *a);

/** An amount in minor units: "12,50 €", "€12.50". @param currency ISO 4217 */
struct palier_bytes texts_money(struct palier_bytes language, const char *currency, unsigned decimals, int64_t minor,
	struct palier_arena *a);
/** A date: "21/11/2026", "21 Nov 2026". */
struct palier_bytes texts_day(struct palier_bytes language, uint32_t day, struct palier_arena *a);
