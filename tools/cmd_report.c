/* SPDX-License-Identifier: Apache-2.0 */
/* palier report: what was counted, as a page for people, a table, or CSV. */
#include "tools/cmd_report.h"

#include <errno.h>
#include <time.h>

#include "protocol/datetime.h"
#include "tools/commands.h"
#include "tools/report/recommendation.h"
#include "tools/table.h"

#define USUAL_DAYS 90

static int run_recommendation(struct cli *cli);

static const struct cli_option report_options[] = {
	{ "from", "DAY", "the first day (default: 90 days up to --to)" },
	{ "to", "DAY", "the last day (default: today)" },
	{ "out", "FILE", "write a page to read in a browser and to print, as HTML" },
	{ "language", "LANGUAGE", "of the page: fr or en (default: the store's)" },
	{ "csv", NULL, "print the figures as CSV" },
	CLI_END_OPTIONS,
};

const struct cli_command command_report = { "report", "what was counted, as a page for people",
	(const struct cli_verb[]){
		{ "recommendation", "", "the four kinds of recommendation and what came of them", 0, 0, report_options,
			run_recommendation },
		{ "journey", "", "the customers' journey, from the journal: stages, who goes on, where it grates", 0, 0,
			report_journey_options, report_journey_run },
		{ "export", "", "the customers' journey for tools of process mining, with made-up names", 0, 0,
			report_export_options, report_export_run },
		{ "ladder", "", "what was suggested, what came of it, and what it brought", 0, 0, report_ladder_options,
			report_ladder_run },
		{ "cost", "", "what points cost, and what is owed for those that are out, from the journal", 0, 0,
			report_cost_options, report_cost_run },
		{ .name = NULL },
	} };

/* --- what is asked for --- */

static int read_day(struct cli *cli, const char *option, uint32_t usual, uint32_t *out)
{
	const char *text = cli_value(cli, option);

	*out = usual;
	if (text && !day_parse(palier_str(text), out))
		return cli_fail(cli, PALIER_EPARAMS, "--%s is a day, such as 2026-11-21, not %s", option, text);
	return PALIER_OK;
}

int report_prepare(struct cli *cli, const char *language, struct report *r)
{
	const char *wanted = cli_value(cli, "language");
	int err;

	if (wanted && !words_known(wanted))
		return cli_fail(cli, PALIER_EPARAMS, "--language is fr or en, not %s", wanted);
	if (!wanted && language && words_known(language))
		wanted = language;
	r->words = (struct words){ &cli->arena, wanted ? wanted : "en" };
	err = read_day(cli, "to", zone_day((int64_t)time(NULL) * 1000), &r->to);
	return err == PALIER_OK ? read_day(cli, "from", day_add(r->to, 1 - USUAL_DAYS), &r->from) : err;
}

/* The answer to session.open, which cli_connect leaves, says where we are. */
int report_begin(struct cli *cli, struct report *r)
{
	int err = cli_connect(cli);
	uint32_t store;

	if (err != PALIER_OK)
		return err;
	store = view_member(cli, cli->reply.result, "store");
	r->shop = view_text(cli, store, "name");
	return report_prepare(cli, view_text(cli, store, "language"), r);
}

int report_call(struct cli *cli, const char *method, const struct report *r)
{
	char day[11];

	cli_params(cli);
	day_format(r->from, day);
	cli_param(cli, "from", day);
	day_format(r->to, day);
	cli_param(cli, "to", day);
	return cli_call(cli, method);
}

int64_t report_count(struct cli *cli, uint32_t object, const char *key)
{
	uint32_t token = view_member(cli, object, key);
	int64_t count = 0;

	return token && json_integer(&cli->reply.doc, token, &count) && count > 0 ? count : 0;
}

/* --- recommendation --- */

static const char *const recommendation_kinds[] = { "spontaneous", "evoked", "solicited", "sponsorship" };
#define KINDS (sizeof(recommendation_kinds) / sizeof(*recommendation_kinds))

static void recommendation_read(struct cli *cli, uint32_t result, const struct report *report, struct recommendation *out)
{
	uint32_t sources = view_member(cli, result, "sources");

	*out = (struct recommendation){ .from = report->from, .to = report->to };
	out->enrolled = report_count(cli, result, "enrolled");
	for (size_t i = 0; i < KINDS; i++) {
		uint32_t steps = view_member(cli, result, recommendation_kinds[i]);

		VIEW_EACH(cli, steps, step)
		{
			int64_t *figure = recommendation_figure(out, recommendation_kinds[i], view_text(cli, step, "step"));

			if (figure)
				*figure = report_count(cli, step, "count");
		}
	}
	VIEW_EACH(cli, sources, source)
	{
		if (out->source_count == RECOMMENDATION_SOURCES)
			break;
		out->sources[out->source_count++] = (struct recommendation_source){ view_text(cli, source, "source"),
			report_count(cli, source, "count") };
	}
}

static void recommendation_csv(struct cli *cli, uint32_t result)
{
	uint32_t sources = view_member(cli, result, "sources");

	fprintf(cli->out, "kind,step,source,count\r\n\"spontaneous\",\"enrolled\",\"\",%lld\r\n",
		(long long)report_count(cli, result, "enrolled"));
	for (size_t i = 0; i < KINDS; i++) {
		uint32_t steps = view_member(cli, result, recommendation_kinds[i]);

		VIEW_EACH(cli, steps, step)
		{
			report_csv_cell(cli->out, recommendation_kinds[i], ",");
			report_csv_cell(cli->out, view_text(cli, step, "step"), ",\"\",");
			fprintf(cli->out, "%lld\r\n", (long long)report_count(cli, step, "count"));
		}
	}
	VIEW_EACH(cli, sources, source)
	{
		fputs("\"spontaneous\",\"said\",", cli->out);
		report_csv_cell(cli->out, view_text(cli, source, "source"), ",");
		fprintf(cli->out, "%lld\r\n", (long long)report_count(cli, source, "count"));
	}
}

struct shown {
	struct cli *cli;
	struct table table;
};

static void shown_row(void *who, const char *kind, const char *step, int64_t count)
{
	struct shown *s = who;

	table_cell(&s->table, kind);
	table_cell(&s->table, step);
	table_cell(&s->table, palier_format(&s->cli->arena, "%lld", (long long)count));
}

static void recommendation_show(struct cli *cli, const struct report *report, const struct recommendation *r)
{
	struct shown s = { cli, { .columns = (const struct table_column[]){ { .title = "" }, { .title = "" },
					  { .title = "", .right = true }, { .title = NULL } },
					.untitled = true } };

	fprintf(cli->out, "%s\n",
		WORDS_FILL(&report->words, "Recommendation, from %1 to %2", words_day(&report->words, r->from),
			words_day(&report->words, r->to)));
	recommendation_rows(r, &report->words, shown_row, &s);
	for (size_t i = 0; i < r->source_count; i++)
		shown_row(&s, "", r->sources[i].name, r->sources[i].count);
	table_print(&s.table, cli->out);
	table_deinit(&s.table);
}

int report_write(struct cli *cli, struct page *page)
{
	const char *path = cli_value(cli, "out");
	int err = page_write(page, path);

	page_deinit(page);
	if (err != PALIER_OK)
		return cli_fail(cli, err, "%s: %s", path, strerror(errno));
	fprintf(cli->out, "%s\n", path);
	return PALIER_OK;
}

static int recommendation_write(struct cli *cli, const struct report *report, const struct recommendation *r)
{
	struct page page = { .out = { .len = 0 } };

	recommendation_page(r, &report->words, report->shop, &page);
	return report_write(cli, &page);
}

static int run_recommendation(struct cli *cli)
{
	struct report report = { .from = 0 };
	struct recommendation r;
	int err = report_begin(cli, &report);

	if (err == PALIER_OK)
		err = report_call(cli, "recommendation.report", &report);
	if (err != PALIER_OK)
		return err;
	if (cli_has(cli, "json")) {
		fprintf(cli->out, "%.*s\n", PALIER_ARG(json_text(&cli->reply.doc, cli->reply.result)));
		return PALIER_OK;
	}
	if (cli_has(cli, "csv")) {
		recommendation_csv(cli, cli->reply.result);
		return PALIER_OK;
	}
	recommendation_read(cli, cli->reply.result, &report, &r);
	if (cli_value(cli, "out"))
		return recommendation_write(cli, &report, &r);
	recommendation_show(cli, &report, &r);
	return PALIER_OK;
}
