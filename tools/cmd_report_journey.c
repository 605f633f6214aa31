/* SPDX-License-Identifier: Apache-2.0 */
/* palier report journey: the customers' journey, read from the journal's files in this process; the daemon need not run. */
#include <errno.h>

#include "tools/cmd_report_journal.h"
#include "tools/journeys.h"
#include "tools/plans.h"

const struct cli_option report_journey_options[] = {
	{ "data", "DIR", "the data directory (default: that of --config)" },
	{ "from", "DAY", "the first day (default: 90 days up to --to)" },
	{ "to", "DAY", "the last day (default: today)" },
	JOURNEY_OPTIONS,
	{ "timezone", "ZONE", "the store's, where there is no --config (default: this machine's)" },
	{ "out", "FILE", "write a page to read in a browser and to print, as HTML; beside it .csv and .json" },
	{ "language", "LANGUAGE", "of the page: fr or en (default: the store's)" },
	{ "csv", NULL, "print the figures as CSV" },
	CLI_END_OPTIONS,
};

/* --- what is asked for --- */

int report_journal_find(struct cli *cli, struct cli_shop *shop, struct report *report, struct event_files *files)
{
	const char *directory;
	int err = cli_journal(cli, shop, &directory);

	if (err == PALIER_ENOENT)
		return cli_fail(cli, PALIER_EPARAMS, "whose journal? give --data DIR or --config FILE");
	if (err == PALIER_OK)
		err = journeys_zone(cli, shop->timezone);
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

static void csv_row(void *who, const struct journey_figure *f)
{
	journey_figure_csv(who, f);
}

/* "page.html": "page.csv" */
static const char *path_beside(struct cli *cli, const char *ending)
{
	const char *path = cli_value(cli, "out"), *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
	bool ends = dot && dot > (slash ? slash + 1 : path);

	return palier_format(&cli->arena, "%.*s.%s", ends ? (int)(dot - path) : (int)strlen(path), path, ending);
}

static void json_show(FILE *out, const struct journey_report *r)
{
	struct palier_buffer text = { .len = 0 };
	struct palier_json json = palier_json_to(&text);

	journey_report_json(r, &json);
	fprintf(out, "%.*s\n", (int)text.len, text.at);
	palier_buffer_deinit(&text);
}

static void csv_show(FILE *out, const struct journey_report *r)
{
	fputs(JOURNEY_CSV_HEAD, out);
	journey_report_figures(r, csv_row, out);
}

static int beside_write(struct cli *cli, const struct journey_report *r, const char *ending,
	void (*show)(FILE *out, const struct journey_report *r))
{
	const char *path = path_beside(cli, ending);
	FILE *out = fopen(path, "we");
	bool ok;

	if (!out)
		return cli_fail(cli, PALIER_EIO, "%s: %s", path, strerror(errno));
	show(out, r);
	ok = !ferror(out);
	if (fclose(out) != 0 || !ok)
		return cli_fail(cli, PALIER_EIO, "%s: %s", path, strerror(errno));
	fprintf(cli->out, "%s\n", path);
	return PALIER_OK;
}

static int page_show(struct cli *cli, const struct report *report, const struct journey_report *r)
{
	struct page page = { .out = { .len = 0 } };
	int err;

	journey_report_page(r, &report->words, &page);
	err = report_write(cli, &page);
	if (err == PALIER_OK)
		err = beside_write(cli, r, "csv", csv_show);
	return err == PALIER_OK ? beside_write(cli, r, "json", json_show) : err;
}

static int journey_print(struct cli *cli, const struct report *report, struct journey_report *r)
{
	if (cli_has(cli, "json"))
		json_show(cli->out, r);
	else if (cli_has(cli, "csv"))
		csv_show(cli->out, r);
	else if (cli_value(cli, "out"))
		return page_show(cli, report, r);
	else
		journeys_show(cli, &report->words, r);
	return PALIER_OK;
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
		err = journeys_ask(cli, shop.currency, &r, &period);
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
		plans_read(cli, cli_value(cli, "config"), &r.plans);
		r.shop = shop.name && cli_value(cli, "config") ? shop.name : j.stores.count ? j.stores.at[0] : "";
		journey_report_make(&r);
		err = journey_print(cli, &report, &r);
		journey_report_deinit(&r);
	}
	journey_deinit(&j);
	return err;
}
