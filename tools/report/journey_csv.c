/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/report/csv.h"
#include "tools/report/journey_report.h"

static void scaled_cell(FILE *out, bool there, int64_t value, unsigned decimals)
{
	struct palier_buffer text = { .len = 0 };
	struct palier_json w = palier_json_to(&text);

	if (there)
		palier_json_scaled(&w, value, decimals);
	fprintf(out, "%.*s,", (int)text.len, there ? text.at : "");
	palier_buffer_deinit(&text);
}

void journey_figure_csv(FILE *out, const struct journey_figure *f)
{
	report_csv_cell(out, f->part, ",");
	report_csv_cell(out, f->item, ",");
	report_csv_cell(out, f->measure, ",");
	scaled_cell(out, true, f->value, f->decimals);
	scaled_cell(out, f->interval, f->low, f->decimals);
	scaled_cell(out, f->interval, f->high, f->decimals);
	if (f->n >= 0)
		fprintf(out, "%lld", (long long)f->n);
	fputs("\r\n", out);
}
