/* SPDX-License-Identifier: Apache-2.0 */
/* What reports write for spreadsheets. */
#pragma once

#include <stdio.h>

/** A text as CSV (RFC 4180). What a spreadsheet would take for a formula begins with an apostrophe. @param end "," or CR LF */
void report_csv_cell(FILE *out, const char *text, const char *end);
