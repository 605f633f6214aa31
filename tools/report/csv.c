/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/report/csv.h"

#include <string.h>

void report_csv_cell(FILE *out, const char *text, const char *end)
{
	const char *guard = text[0] && strchr("=+-@", text[0]) ? "'" : "";

	fprintf(out, "\"%s", guard);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fprintf(out, "\"%s", end);
}
