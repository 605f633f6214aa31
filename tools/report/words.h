/* SPDX-License-Identifier: Apache-2.0 */
/* What reports say, in the reader's language: English texts are the ids, words.c has them in French, and figures, rates and days are written
 * as that language writes them. Everything returned is a literal or the arena's. */
#pragma once

#include "protocol/bytes.h"

struct words {
	struct palier_arena *arena;
	const char *language; /* "fr", "en" */
};

/** Is there this language? */
bool words_known(const char *language);
/** The text in the reader's language. */
const char *words_say(const struct words *w, const char *english);
/** The same with arguments for %1, %2 and so on; NULL-terminated. */
const char *words_fill(const struct words *w, const char *english, const char *const *args);
#define WORDS_FILL(w, english, ...) words_fill(w, english, (const char *const[]){ __VA_ARGS__, NULL })
/** One text or the other, by how many there are; the figure is %1. */
const char *words_count(const struct words *w, int64_t count, const char *one, const char *many);

/** 12345: "12,345", in French with a narrow blank. */
const char *words_number(const struct words *w, int64_t n);
/** What part is of whole: "36%", below a tenth with a decimal. @param whole > 0 */
const char *words_rate(const struct words *w, int64_t part, int64_t whole);
/** Hundredths of a per cent: "1.75%" */
const char *words_percent(const struct words *w, int64_t hundredths);
/** 123456 with 2 decimals: "1,234.56 EUR", in French "1 234,56 EUR". @param currency NULL, "": without */
const char *words_money(const struct words *w, int64_t minor, unsigned decimals, const char *currency);
/** "21 November 2026" */
const char *words_day(const struct words *w, uint32_t day);
/** A length of time, in whole minutes, hours or days: "3 days". */
const char *words_span(const struct words *w, int64_t seconds);
/** Tenths: "-0.4" */
const char *words_tenths(const struct words *w, int64_t tenths);
/** "November 2026". @param month yyyymm */
const char *words_month(const struct words *w, uint32_t month);

/** The texts of a report that has many, ended by a row without any. */
struct words_text {
	const char *en, *fr;
};
extern const struct words_text words_journey[], words_office[];
