/* SPDX-License-Identifier: Apache-2.0 */
/* palier report ladder: from the journal where its files are at hand, else from the daemon's sums. */
#include <stdlib.h>
#include <time.h>

#include "protocol/datetime.h"
#include "tools/cmd_report.h"
#include "tools/money.h"
#include "tools/report/ladder.h"
#include "tools/table.h"

const struct cli_option report_ladder_options[] = {
	{ "from", "DAY", "the first day (default: 90 days up to --to)" },
	{ "to", "DAY", "the last day (default: today)" },
	{ "data", "DIR", "read the journal in this data directory, or of --config's, instead of asking the daemon" },
	{ "any-time", NULL, "judge the test before its planned end, by an interval that allows for looking often" },
	{ "out", "FILE", "write a page to read in a browser and to print, as HTML" },
	{ "language", "LANGUAGE", "of the page: fr or en (default: the store's)" },
	{ "csv", NULL, "print the figures as CSV" },
	CLI_END_OPTIONS,
};

/* --- from the daemon --- */

/* A margin may be a loss. */
static int64_t signed_read(struct cli *cli, uint32_t object, const char *key)
{
	uint32_t token = view_member(cli, object, key);
	int64_t figure = 0;

	return token && json_integer(&cli->reply.doc, token, &figure) ? figure : 0;
}

static void turnover_add(struct cli *cli, uint32_t arm, struct ladder_turnover *out)
{
	out->spent += report_count(cli, arm, "sum");
	out->known += report_count(cli, arm, "known");
	out->estimated += report_count(cli, arm, "estimated");
}

static void arm_read(struct cli *cli, uint32_t arm, bool by_margin, struct ladder_arm *out)
{
	out->money.n = report_count(cli, arm, "members");
	out->money.sum = signed_read(cli, arm, by_margin ? "margin" : "sum");
	out->money.squares = strtod(view_text(cli, arm, by_margin ? "margin_squares" : "squares"), NULL);
	out->climbed = report_count(cli, arm, "climbed");
}

static void arms_read(struct cli *cli, uint32_t result, struct ladder_figures *f)
{
	uint32_t offered = view_member(cli, result, "offered"), held = view_member(cli, result, "held");

	turnover_add(cli, offered, &f->turnover);
	turnover_add(cli, held, &f->turnover);
	f->by_margin = ladder_margin_known(&f->turnover);
	arm_read(cli, offered, f->by_margin, &f->offered);
	arm_read(cli, held, f->by_margin, &f->held);
}

static uint32_t day_read(struct cli *cli, uint32_t object, const char *key)
{
	uint32_t day = 0;

	(void)day_parse(palier_str(view_text(cli, object, key)), &day);
	return day;
}

static void rungs_read(struct cli *cli, uint32_t result, struct ladder_figures *f)
{
	uint32_t rows = view_member(cli, result, "rungs");

	VIEW_EACH(cli, rows, row)
	{
		struct ladder_rung r = { .ladder = view_text(cli, row, "ladder"), .rung = view_text(cli, row, "rung") };

		r.shown = report_count(cli, row, "shown");
		r.pending = report_count(cli, row, "pending");
		r.told = r.shown - palier_least(r.pending, r.shown);
		r.accepted = r.told_accepted = report_count(cli, row, "accepted");
		r.declined = report_count(cli, row, "declined");
		r.revenue = report_count(cli, row, "revenue");
		r.margin = signed_read(cli, row, "margin");
		r.estimated = report_count(cli, row, "estimated");
		if (r.shown == 0 || r.accepted > r.shown)
			continue;
		f->rungs = list_room(f->rungs, f->rung_count, sizeof(*f->rungs));
		f->rungs[f->rung_count++] = r;
	}
}

static void filtered_read(struct cli *cli, uint32_t result, struct ladder_figures *f)
{
	uint32_t rows = view_member(cli, result, "filtered");

	VIEW_EACH(cli, rows, row)
	ladder_reason_count(f, palier_str(view_text(cli, row, "reason")), report_count(cli, row, "count"));
}

static int figures_ask(struct cli *cli, struct report *report, struct ladder_figures *f)
{
	int err = report_begin(cli, report);
	uint32_t result;

	if (err == PALIER_OK)
		err = report_call(cli, "ladder.report", report);
	if (err != PALIER_OK)
		return err;
	result = cli->reply.result;
	f->scale = cli->scale;
	f->currency = cli->currency;
	f->share = (unsigned)report_count(cli, result, "share");
	f->start = day_read(cli, result, "start");
	f->until = day_read(cli, result, "until");
	arms_read(cli, result, f);
	f->customers = f->offered.money.n + f->held.money.n;
	rungs_read(cli, result, f);
	filtered_read(cli, result, f);
	return PALIER_OK;
}

/* --- from the journal --- */

static int figures_fold(struct cli *cli, struct report *report, const struct cli_shop *shop, const char *directory,
	struct ladder_figures *f)
{
	struct progress bar = { .what = "reading" };
	struct event_files files;
	char why[256];
	int err = report_prepare(cli, shop->language, report);

	if (err != PALIER_OK)
		return err;
	f->currency = shop->currency ? shop->currency : "";
	f->scale = shop->currency ? money_scale(shop->currency) : 2;
	f->from = report->from;
	f->to = report->to;
	err = event_files_find(directory, &files);
	if (err != PALIER_OK)
		return cli_fail(cli, err, "%s cannot be read", directory);
	err = ladder_fold(&files, &bar, f, why);
	event_files_deinit(&files);
	report->shop = shop->name && cli_value(cli, "config") ? shop->name : f->store;
	return err == PALIER_OK ? PALIER_OK : cli_fail(cli, err, "%s", why);
}

/* --- showing --- */

static void csv_row(void *who, const char *section, const char *row, const char *figure, const char *value)
{
	FILE *out = who;

	report_csv_cell(out, section, ",");
	report_csv_cell(out, row, ",");
	report_csv_cell(out, figure, ",");
	fprintf(out, "%s\r\n", value);
}

struct nest {
	struct palier_json w;
	const char *section, *row; /* that are open; NULL: none */
};

/* Rows of a section stand together, and so do the figures of a row. */
static void json_row(void *who, const char *section, const char *row, const char *figure, const char *value)
{
	struct nest *n = who;
	bool same = n->section && strcmp(n->section, section) == 0;

	if (n->row && (!same || strcmp(n->row, row) != 0)) {
		palier_json_end_object(&n->w);
		n->row = NULL;
	}
	if (!same) {
		if (n->section)
			palier_json_end_array(&n->w);
		palier_json_key(&n->w, section);
		palier_json_array(&n->w);
		n->section = section;
	}
	if (!n->row) {
		palier_json_object(&n->w);
		palier_json_key(&n->w, "name");
		palier_json_str(&n->w, row);
		n->row = row;
	}
	palier_json_key(&n->w, figure);
	if (value[0] && value[strspn(value, "-.0123456789")] == '\0' && !strchr(value + 1, '-'))
		palier_json_raw(&n->w, palier_str(value));
	else
		palier_json_str(&n->w, value);
}

static void show_json(struct cli *cli, const struct ladder_figures *f, const struct ladder_uplift *u)
{
	struct palier_buffer out = { .len = 0 };
	struct nest n = { .w = palier_json_to(&out) };

	palier_json_object(&n.w);
	palier_json_key(&n.w, "from");
	palier_json_day(&n.w, f->from);
	palier_json_key(&n.w, "to");
	palier_json_day(&n.w, f->to);
	ladder_rows(f, u, &cli->arena, json_row, &n);
	palier_json_end_object(&n.w);
	palier_json_end_array(&n.w);
	palier_json_end_object(&n.w);
	fprintf(cli->out, "%.*s\n", (int)out.len, out.at);
	palier_buffer_deinit(&out);
}

static void sentence_print(void *who, const char *sentence)
{
	fprintf(who, "%s\n", sentence);
}

static void show_filtered(struct cli *cli, const struct words *w, const struct ladder_figures *f)
{
	const struct table_column columns[] = { { .title = words_say(w, "What was not suggested, and why") },
		{ words_say(w, "Times"), true, 0 }, { .title = NULL } };
	struct table t = { .columns = columns };

	if (!ladder_any_filtered(f))
		return;
	for (size_t i = 0; i < LADDER_REASONS; i++) {
		if (f->filtered[i] <= 0)
			continue;
		table_cell(&t, words_say(w, ladder_reasons[i].text));
		table_cell(&t, words_number(w, f->filtered[i]));
	}
	table_print(&t, cli->out);
	table_deinit(&t);
}

static void show_table(struct cli *cli, const struct report *report, const struct ladder_figures *f,
	const struct ladder_uplift *u)
{
	const struct words *w = &report->words;
	const struct table_column columns[] = { { .title = words_say(w, "Rung") }, { words_say(w, "Shown"), true, 0 },
		{ words_say(w, "Taken"), true, 0 }, { words_say(w, "Taken, 95% between"), true, 0 },
		{ words_say(w, "Paid"), true, 0 }, { words_say(w, "Margin"), true, 0 },
		{ f->folded ? words_say(w, "Missed") : NULL, true, 0 }, { .title = NULL } };
	struct table t = { .columns = columns };

	fprintf(cli->out, "%s\n",
		WORDS_FILL(w, "The purchase ladder, from %1 to %2", words_day(w, f->from), words_day(w, f->to)));
	for (size_t i = 0; i < f->rung_count; i++) {
		const struct ladder_rung *r = &f->rungs[i];
		struct stats_interval s =
			r->told > 0 ? stats_share(r->told_accepted, r->told) : (struct stats_interval){ 0, 0, 0 };

		table_cell(&t, palier_format(&cli->arena, "%s/%s", r->ladder, r->rung));
		table_cell(&t, words_number(w, r->shown));
		table_cell(&t, words_number(w, r->accepted));
		table_cell(&t, r->told >= LADDER_ENOUGH ? palier_format(&cli->arena, "%s-%s",
								  words_rate(w, (int64_t)(s.low * 10000 + 0.5), 10000),
								  words_rate(w, (int64_t)(s.high * 10000 + 0.5), 10000))
							: "");
		table_cell(&t, ladder_money(f, w, (double)r->revenue));
		table_cell(&t, ladder_margin(f, w, r));
		if (f->folded)
			table_cell(&t, ladder_money(f, w, r->regret));
	}
	table_print(&t, cli->out);
	table_deinit(&t);
	show_filtered(cli, w, f);
	ladder_sentences(f, u, w, sentence_print, cli->out);
	if (f->rules_count > 1)
		sentence_print(cli->out, words_say(w, LADDER_MIXED));
}

static int show(struct cli *cli, const struct report *report, const struct ladder_figures *f)
{
	struct page page = { .out = { .len = 0 } };
	struct ladder_uplift u;

	ladder_uplift_of(f, cli_has(cli, "any-time"), &u);
	if (cli_has(cli, "json")) {
		show_json(cli, f, &u);
	} else if (cli_has(cli, "csv")) {
		fputs("section,row,figure,value\r\n", cli->out);
		ladder_rows(f, &u, &cli->arena, csv_row, cli->out);
	} else if (cli_value(cli, "out")) {
		ladder_page(f, &u, &report->words, report->shop, &page);
		return report_write(cli, &page);
	} else {
		show_table(cli, report, f, &u);
	}
	return PALIER_OK;
}

int report_ladder_run(struct cli *cli)
{
	struct ladder_figures f = { .currency = "" };
	struct report report = { .from = 0 };
	struct cli_shop shop;
	const char *directory;
	int err = cli_journal(cli, &shop, &directory);

	if (err == PALIER_OK && shop.timezone)
		zone_set(shop.timezone); /* one that is unknown here leaves days in UTC */
	if (err == PALIER_OK)
		err = figures_fold(cli, &report, &shop, directory, &f);
	else if (err == PALIER_ENOENT)
		err = figures_ask(cli, &report, &f);
	f.from = report.from;
	f.to = report.to;
	f.today = zone_day((int64_t)time(NULL) * 1000);
	if (err == PALIER_OK)
		err = show(cli, &report, &f);
	ladder_figures_deinit(&f);
	return err;
}
