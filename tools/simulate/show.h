/* SPDX-License-Identifier: Apache-2.0 */
/* A simulation's figures on a terminal, for a spreadsheet, for a program. */
#pragma once

#include <stdio.h>

#include "tools/report/words.h"
#include "tools/simulate/figures.h"

void show_table(const struct figures *f, const struct words *w, FILE *out);
/** What a shop's own journal tells of them: what was given, what points cost, what is owed. */
void show_cost_table(const struct figures *f, const struct words *w, FILE *out);
void show_cost_csv(const struct figures *f, FILE *out);
void show_cost_json(const struct figures *f, FILE *out);
/** RFC 4180: a row a month. */
void show_csv(const struct figures *f, FILE *out);
void show_json(const struct figures *f, FILE *out);

/** Sentences, said on the terminal and on the page alike: what was found, and what a simulation does not know. NULL-terminated. */
const char *const *show_findings(const struct figures *f, const struct words *w);
const char *const *show_warnings(const struct figures *f, const struct words *w);
/** "12.50 EUR", as the language writes it. */
const char *show_money(const struct figures *f, const struct words *w, int64_t amount);
