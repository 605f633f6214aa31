/* SPDX-License-Identifier: Apache-2.0 */
/* palier report cost: what points cost and what is owed for them, month by month, read from the journal's files in this process. */
#include <stdlib.h>

#include "tools/cmd_report_journal.h"
#include "tools/money.h"
#include "tools/simulate/measure.h"
#include "tools/simulate/show.h"

#define MARGIN_MOST 1000 /* thousandths of a price */

const struct cli_option report_cost_options[] = {
	{ "data", "DIR", "the data directory (default: that of --config)" },
	{ "to", "DAY", "up to the last month that is over on this day (default: today)" },
	{ "margin", "PERCENT",
		"what is left of a price once the goods are paid, for what is owed at cost (default: nothing)" },
	{ "timezone", "ZONE", "the store's, where there is no --config (default: this machine's)" },
	{ "language", "LANGUAGE", "fr or en (default: the store's)" },
	{ "csv", NULL, "print the figures as CSV, a row a month" },
	CLI_END_OPTIONS,
};

/* --- which months --- */

#define ENOUGH 1 /* what ends the walk: no error has this number */

static int first_see(void *who, const struct booked *e)
{
	uint32_t *day = who;

	*day = e->day;
	return e->day ? ENOUGH : PALIER_OK;
}

/* From the ledger's first month, or as far back as there is room, to the last that is over. */
static int months_find(struct cli *cli, const struct event_files *files, uint32_t to, struct figures *f)
{
	uint32_t day = 0, last = to == day_month_end(to) ? to : day_add(to / 100 * 100 + 1, -1);
	char why[256];
	int err = events_each(files, NULL, first_see, &day, why);

	if (err != ENOUGH && err != PALIER_OK)
		return cli_fail(cli, err, "%s", why);
	if (day == 0 || day > last)
		return cli_fail(cli, PALIER_EPARAMS, "no month of the journal is over yet");
	f->to = last;
	f->from = last / 100 * 100 + 1;
	f->month_count = 1;
	for (; f->from > day && f->month_count < FIGURES_MONTHS; f->month_count++)
		f->from = day_add_months(f->from, -1);
	for (size_t i = 0; i < f->month_count; i++)
		f->months[i].first = day_add_months(f->from, (int)i);
	return PALIER_OK;
}

/* --- the command --- */

static int margin_read(struct cli *cli, int64_t *out)
{
	const char *text = cli_value(cli, "margin");

	*out = 0;
	if (text && (!decimal_parse(text, 1, out) || *out < 0 || *out > MARGIN_MOST))
		return cli_fail(cli, PALIER_EPARAMS, "--margin does not understand %s", text);
	return PALIER_OK;
}

static int figures_read(struct cli *cli, const struct event_files *files, const struct cli_shop *shop, uint32_t to,
	struct figures *f)
{
	char why[256];
	int err = margin_read(cli, &f->margin);

	f->currency = shop->currency ? shop->currency : "";
	f->scale = shop->currency ? money_scale(shop->currency) : 2;
	if (err == PALIER_OK)
		err = months_find(cli, files, to, f);
	if (err != PALIER_OK)
		return err;
	err = measure_files(files, &cli->arena, f, why);
	if (err != PALIER_OK)
		return cli_fail(cli, err, "%s", why);
	figures_finish(f);
	return PALIER_OK;
}

int report_cost_run(struct cli *cli)
{
	struct figures *f = palier_alloc(&cli->arena, sizeof(*f));
	struct event_files files = { .count = 0 };
	struct report report = { .from = 0 };
	struct cli_shop shop;
	int err = report_journal_find(cli, &shop, &report, &files);

	if (err == PALIER_OK)
		err = figures_read(cli, &files, &shop, report.to, f);
	event_files_deinit(&files);
	if (err != PALIER_OK)
		return err;
	if (cli_has(cli, "json"))
		show_cost_json(f, cli->out);
	else if (cli_has(cli, "csv"))
		show_cost_csv(f, cli->out);
	else
		show_cost_table(f, &report.words, cli->out);
	return PALIER_OK;
}
