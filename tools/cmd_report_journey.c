/* SPDX-License-Identifier: Apache-2.0 */
/* palier report journey: the customers' journey, read from the journal's files in this process; the daemon need not run. */
#include <stdlib.h>

#include "tools/cmd_report_journal.h"
#include "tools/money.h"
#include "tools/report/journey_report.h"
#include "tools/table.h"

#define USUAL_WINDOW 90
#define WINDOW_MOST  730

const struct cli_option report_journey_options[] = {
	{ "data", "DIR", "the data directory (default: that of --config)" },
	{ "from", "DAY", "the first day (default: 90 days up to --to)" },
	{ "to", "DAY", "the last day (default: today)" },
	{ "window", "DAYS", "within how many days a customer must go on to count (default: 90)" },
	{ "persona", "NAME", "only the customers of this persona" },
	{ "margin", "PERCENT", "what is left of sales, to reckon what a customer is worth (default: sales)" },
	{ "point-value", "AMOUNT", "what a point is worth, to reckon what the points cost: 0.01" },
	{ "timezone", "ZONE", "the store's, where there is no --config (default: this machine's)" },
	{ "out", "FILE", "write a page to read in a browser and to print, as HTML" },
	{ "language", "LANGUAGE", "of the page: fr or en (default: the store's)" },
	{ "csv", NULL, "print the figures as CSV" },
	CLI_END_OPTIONS,
};

/* --- what is asked for --- */

static int zone_read(struct cli *cli, const struct cli_shop *shop)
{
	const char *zone = cli_value(cli, "timezone");

	zone = zone ? zone : shop->timezone;
	if (zone && zone_set(zone) != PALIER_OK)
		return cli_fail(cli, PALIER_EPARAMS, "this system knows no time zone %s", zone);
	return PALIER_OK;
}

/* @return PALIER_OK with *out left alone when it was not given */
static int decimal_read(struct cli *cli, const char *option, unsigned scale, int64_t most, int64_t *out)
{
	const char *text = cli_value(cli, option);

	if (text && (!decimal_parse(text, scale, out) || *out < 0 || *out > most))
		return cli_fail(cli, PALIER_EPARAMS, "--%s does not understand %s", option, text);
	return PALIER_OK;
}

int report_journal_find(struct cli *cli, struct cli_shop *shop, struct report *report, struct event_files *files)
{
	const char *directory;
	int err = cli_journal(cli, shop, &directory);

	if (err == PALIER_ENOENT)
		return cli_fail(cli, PALIER_EPARAMS, "whose journal? give --data DIR or --config FILE");
	if (err == PALIER_OK)
		err = zone_read(cli, shop);
	if (err == PALIER_OK)
		err = report_prepare(cli, shop->language, report);
	if (err != PALIER_OK)
		return err;
	if (report->from > report->to)
		return cli_fail(cli, PALIER_EPARAMS, "--from is a day after --to");
	err = event_files_find(directory, files);
	return err == PALIER_OK ? PALIER_OK : cli_fail(cli, err, "%s cannot be read", directory);
}

int report_journal_fold(struct cli *cli, const struct event_files *files, struct journey *j)
{
	const struct event_visitor visitor = journey_visitor(j);
	struct progress bar = { .what = "reading the journal" };
	char why[256];
	int err = events_visit(files, &bar, &visitor, why);

	return err == PALIER_OK ? PALIER_OK : cli_fail(cli, err, "%s", why);
}

/* --- showing --- */

static void sentence_print(void *who, const char *sentence)
{
	fprintf(who, "%s\n", sentence);
}

static const char *share_text(const struct words *w, const struct journey_stage_figures *f)
{
	if (f->n < JOURNEY_ENOUGH)
		return "";
	return WORDS_FILL(w, "%1 of %2", words_rate(w, f->x, f->n), words_number(w, f->n));
}

static void journey_show(struct cli *cli, const struct report *report, struct journey_report *r)
{
	const struct words *w = &report->words;
	const struct table_column columns[] = { { .title = words_say(w, "Stage") }, { words_say(w, "Customers"), true, 0 },
		{ words_say(w, "Came there"), true, 0 }, { words_say(w, "Went on"), true, 0 },
		{ words_say(w, "Half within"), true, 0 }, { words_say(w, "Touchpoints"), true, 0 },
		{ words_say(w, "Returns"), true, 0 }, { .title = NULL } };
	struct table t = { .columns = columns };

	fprintf(cli->out, "%s\n",
		WORDS_FILL(w, "The customers' journey, from %1 to %2", words_day(w, report->from),
			words_day(w, report->to)));
	for (unsigned i = 0; i < JOURNEY_STAGES; i++) {
		const struct journey_stage_figures *f = &r->map.stages[i];

		table_cell(&t, journey_stage_said(w, i));
		table_cell(&t, words_number(w, f->members));
		table_cell(&t, words_number(w, f->entries));
		table_cell(&t, share_text(w, f));
		table_cell(&t, f->x ? words_span(w, f->median_s) : "");
		table_cell(&t, words_number(w, f->touches));
		table_cell(&t, words_number(w, f->returns));
	}
	table_print(&t, cli->out);
	table_deinit(&t);
	journey_report_sentences(r, w, sentence_print, cli->out);
}

static const char *scaled_text(struct cli *cli, int64_t value, unsigned decimals)
{
	struct palier_buffer text = { .len = 0 };
	struct palier_json w = palier_json_to(&text);
	const char *out;

	palier_json_scaled(&w, value, decimals);
	out = palier_cstr(&cli->arena, palier_buffer_bytes(&text));
	palier_buffer_deinit(&text);
	return out;
}

static void csv_row(void *who, const struct journey_figure *f)
{
	struct cli *cli = who;

	report_csv_cell(cli->out, f->part, ",");
	report_csv_cell(cli->out, f->item, ",");
	report_csv_cell(cli->out, f->measure, ",");
	fprintf(cli->out, "%s,%s,%s,", scaled_text(cli, f->value, f->decimals),
		f->interval ? scaled_text(cli, f->low, f->decimals) : "",
		f->interval ? scaled_text(cli, f->high, f->decimals) : "");
	if (f->n >= 0)
		fprintf(cli->out, "%lld", (long long)f->n);
	fputs("\r\n", cli->out);
}

static int journey_print(struct cli *cli, const struct report *report, struct journey_report *r)
{
	struct palier_buffer text = { .len = 0 };
	struct palier_json json = palier_json_to(&text);
	struct page page = { .out = { .len = 0 } };

	if (cli_has(cli, "json")) {
		journey_report_json(r, &json);
		fprintf(cli->out, "%.*s\n", (int)text.len, text.at);
		palier_buffer_deinit(&text);
	} else if (cli_has(cli, "csv")) {
		fputs("part,item,measure,value,low,high,n\r\n", cli->out);
		journey_report_figures(r, csv_row, cli);
	} else if (cli_value(cli, "out")) {
		journey_report_page(r, &report->words, &page);
		return report_write(cli, &page);
	} else {
		journey_show(cli, report, r);
	}
	return PALIER_OK;
}

static int options_read(struct cli *cli, const struct cli_shop *shop, struct journey_report *r,
	struct journey_period *period)
{
	int64_t window = USUAL_WINDOW;
	int err = decimal_read(cli, "window", 0, WINDOW_MOST, &window);

	r->currency = shop->currency ? shop->currency : "";
	r->scale = shop->currency ? money_scale(shop->currency) : 2;
	if (err == PALIER_OK && window == 0)
		err = cli_fail(cli, PALIER_EPARAMS, "--window is 1 day or more");
	if (err == PALIER_OK)
		err = decimal_read(cli, "margin", 2, 10000, &r->margin);
	if (err == PALIER_OK)
		err = decimal_read(cli, "point-value", r->scale + 3, 1000000000, &r->point_value);
	period->window = (uint32_t)window;
	period->persona = cli_value(cli, "persona");
	return err;
}

int report_journey_run(struct cli *cli)
{
	struct report report = { .from = 0 };
	struct journey_report r = { .j = NULL };
	struct journey_period period = { .from = 0 };
	struct event_files files = { .count = 0 };
	struct cli_shop shop;
	struct journey j;
	int err = report_journal_find(cli, &shop, &report, &files);

	if (err == PALIER_OK)
		err = options_read(cli, &shop, &r, &period);
	if (err != PALIER_OK) {
		event_files_deinit(&files);
		return err;
	}
	period.from = report.from;
	period.to = report.to;
	journey_begin(&j, &period);
	err = report_journal_fold(cli, &files, &j);
	event_files_deinit(&files);
	if (err == PALIER_OK) {
		r.j = &j;
		r.shop = shop.name && cli_value(cli, "config") ? shop.name : j.stores.count ? j.stores.at[0] : "";
		journey_report_make(&r);
		err = journey_print(cli, &report, &r);
		journey_report_deinit(&r);
	}
	journey_deinit(&j);
	return err;
}
