/* SPDX-License-Identifier: Apache-2.0 */
/* palier journey: a customer's way, and all customers' ways together. */
#include <stdlib.h>

#include "protocol/datetime.h"
#include "tools/cmd_report.h"
#include "tools/commands.h"
#include "tools/import.h"
#include "tools/report/way.h"
#include "tools/table.h"

static int run_show(struct cli *cli), run_record(struct cli *cli), run_map(struct cli *cli);

static const struct cli_option show_options[] = {
	{ "limit", "N", "touchpoints at most (default: 20)" },
	{ "before", "SEQ", "only those of events before this one: the next page" },
	{ "out", "FILE", "write a page to read in a browser and to print, as HTML" },
	{ "language", "LANGUAGE", "of the page: fr or en (default: the store's)" },
	CLI_END_OPTIONS,
};

static const struct cli_option record_options[] = {
	{ "channel", "WHERE", "store, web, phone, social or email (default: store)" },
	{ "device", "WHAT", "on what: till, kiosk, mobile, ..." },
	{ "emotion", "N", "how it felt: -2 very bad to 2 very good" },
	CLI_BOOKING_OPTIONS,
	CLI_END_OPTIONS,
};

static const struct cli_option map_options[] = {
	{ "from", "DAY", "the first day, as 2026-11-01" },
	{ "to", "DAY", "and the last" },
	{ "persona", "NAME", "of members like this one alone" },
	CLI_END_OPTIONS,
};

const struct cli_command command_journey = { "journey", "customers' ways, stage by stage",
	(const struct cli_verb[]){
		{ "show", "CARD|MEMBER", "where a member stands, and what led there", 1, 1, show_options, run_show },
		{ "record", "CARD|MEMBER TOUCHPOINT", "a touchpoint outside a sale: advice, call, case-opened, ...", 2, 2,
			record_options, run_record },
		{ "import", "FILE", "record touchpoints of elsewhere, of a CSV file or lines of JSON", 1, 1,
			import_touchpoint_options, import_touchpoints },
		{ "map", "", "all ways together: how many went on, how long it took, how it felt", 0, 0, map_options,
			run_map },
		{ .name = NULL },
	} };

/* --- show --- */

/* "2" is written "+2": it is one of five, around 0. */
static const char *emotion(struct cli *cli, const char *text)
{
	return text[0] && text[0] != '-' && text[0] != '0' ? palier_format(&cli->arena, "+%s", text) : text;
}

static void table_show(struct cli *cli, struct table *t)
{
	if (t->count > 0) {
		fputc('\n', cli->out);
		table_print(t, cli->out);
	}
	table_deinit(t);
}

static void show_history(struct cli *cli, uint32_t history)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "stage" }, { .title = "since" },
				   { .title = NULL } } };

	VIEW_EACH(cli, history, row)
	{
		table_cell(&t, view_text(cli, row, "stage"));
		table_cell(&t, view_time(cli, row, "since"));
	}
	table_show(cli, &t);
}

static void show_planned(struct cli *cli, uint32_t planned)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "step" }, { .title = "touchpoint" },
				   { .title = "deviation" }, { .title = "due" }, { .title = "day" }, { .title = NULL } } };

	VIEW_EACH(cli, planned, row)
	{
		table_cell(&t, view_text(cli, row, "step"));
		table_cell(&t, view_text(cli, row, "touchpoint"));
		table_cell(&t, view_text(cli, row, "deviation"));
		table_cell(&t, view_text(cli, row, "due"));
		table_cell(&t, view_text(cli, row, "day"));
	}
	table_show(cli, &t);
}

static void show_timeline(struct cli *cli, uint32_t timeline)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "seq", .right = true }, { .title = "at" },
				   { .title = "touchpoint" }, { .title = "channel" }, { .title = "device" },
				   { .title = "emotion", .right = true }, { .title = "led to" }, { .title = NULL } } };

	VIEW_EACH(cli, timeline, row)
	{
		table_cell(&t, view_text(cli, row, "seq"));
		table_cell(&t, view_time(cli, row, "at"));
		table_cell(&t, view_text(cli, row, "touchpoint"));
		table_cell(&t, view_text(cli, row, "channel"));
		table_cell(&t, view_text(cli, row, "device"));
		table_cell(&t, emotion(cli, view_text(cli, row, "emotion")));
		table_cell(&t, view_text(cli, row, "stage"));
	}
	table_show(cli, &t);
}

static void show_way(struct cli *cli, uint32_t result)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "" }, { .title = "" }, { .title = NULL } },
		.untitled = true };

	table_pair(&t, "stage", view_text(cli, result, "stage"));
	table_pair(&t, "since", view_time(cli, result, "since"));
	table_pair(&t, "segment", view_text(cli, result, "segment"));
	table_pair(&t, "persona", view_text(cli, result, "persona"));
	table_pair(&t, "planned", view_text(cli, result, "plan"));
	table_print(&t, cli->out);
	table_deinit(&t);
	show_history(cli, view_member(cli, result, "history"));
	show_planned(cli, view_member(cli, result, "planned"));
	show_timeline(cli, view_member(cli, result, "timeline"));
}

/* --- the same as a page --- */

static uint32_t step_day(const struct way_step *s)
{
	return s->day ? s->day : s->due;
}

/* In the order of their days. */
static void way_step_add(struct way_step *steps, size_t at, const struct way_step *s)
{
	for (; at > 0 && step_day(&steps[at - 1]) > step_day(s); at--)
		steps[at] = steps[at - 1];
	steps[at] = *s;
}

static void way_steps_read(struct cli *cli, uint32_t rows, struct way *way)
{
	struct way_step *steps = palier_alloc(&cli->arena, (view_count(cli, rows) + 1) * sizeof(*steps));

	way->steps = steps;
	VIEW_EACH(cli, rows, row)
	{
		struct way_step s = { .step = view_member(cli, row, "step") ? view_text(cli, row, "step") : NULL,
			.touchpoint = view_text(cli, row, "touchpoint") };
		const char *deviation = view_text(cli, row, "deviation");

		while (s.deviation < PLANNED_EXTRA && strcmp(planned_deviation_names[s.deviation], deviation) != 0)
			s.deviation++;
		(void)day_parse(palier_str(view_text(cli, row, "due")), &s.due);
		(void)day_parse(palier_str(view_text(cli, row, "day")), &s.day);
		way_step_add(steps, way->step_count++, &s);
	}
}

static void way_touches_read(struct cli *cli, uint32_t rows, struct way *way)
{
	struct way_touch *touches = palier_alloc(&cli->arena, (view_count(cli, rows) + 1) * sizeof(*touches));

	way->touches = touches;
	VIEW_EACH(cli, rows, row)
	{
		struct way_touch t = { .touchpoint = view_text(cli, row, "touchpoint"),
			.channel = view_text(cli, row, "channel"),
			.device = view_text(cli, row, "device"),
			.stage = view_text(cli, row, "stage"),
			.emotion = (int)strtol(view_text(cli, row, "emotion"), NULL, 10),
			.felt = view_member(cli, row, "emotion") != 0 };

		(void)time_parse(palier_str(view_text(cli, row, "at")), &t.at_ms);
		touches[way->touch_count++] = t;
	}
}

static int way_write(struct cli *cli, const struct report *report)
{
	struct way way = { .shop = report->shop, .who = cli_arg(cli, 0) };
	struct page page = { .out = { .len = 0 } };
	uint32_t result = cli->reply.result;

	way.stage = view_text(cli, result, "stage");
	way.segment = view_text(cli, result, "segment");
	way.persona = view_text(cli, result, "persona");
	way.plan = view_text(cli, result, "plan");
	way_steps_read(cli, view_member(cli, result, "planned"), &way);
	way_touches_read(cli, view_member(cli, result, "timeline"), &way);
	way_page(&way, &report->words, &page);
	return report_write(cli, &page);
}

static int page_ask(struct cli *cli)
{
	struct report report = { .from = 0 };
	int err = report_begin(cli, &report);

	if (err == PALIER_OK)
		err = cli_call(cli, "journey.show");
	return err == PALIER_OK ? way_write(cli, &report) : err;
}

static int run_show(struct cli *cli)
{
	const char *limit = cli_value(cli, "limit"), *usual = cli_value(cli, "out") ? "200" : "20";
	int err;

	cli_params(cli);
	cli_param_who(cli, cli_arg(cli, 0));
	err = cli_param_figure(cli, "limit", limit ? limit : usual);
	if (err == PALIER_OK)
		err = cli_param_figure(cli, "before", cli_value(cli, "before"));
	if (err != PALIER_OK)
		return err;
	return cli_value(cli, "out") ? page_ask(cli) : cli_ask(cli, "journey.show", show_way);
}

/* --- record --- */

static void show_recorded(struct cli *cli, uint32_t result)
{
	(void)result;
	fprintf(cli->out, "%s is recorded.\n", cli_arg(cli, 1));
}

static int run_record(struct cli *cli)
{
	const char *channel = cli_value(cli, "channel");
	int err;

	cli_params(cli);
	cli_param_booking(cli);
	cli_param_who(cli, cli_arg(cli, 0));
	cli_param(cli, "touchpoint", cli_arg(cli, 1));
	cli_param(cli, "channel", channel ? channel : "store");
	cli_param(cli, "device", cli_value(cli, "device"));
	err = cli_param_figure(cli, "emotion", cli_value(cli, "emotion"));
	return err == PALIER_OK ? cli_ask(cli, "journey.record", show_recorded) : err;
}

/* --- map --- */

/* "12 store, 3 web" */
static const char *channels(struct cli *cli, uint32_t touchpoints)
{
	const char *all = "";

	VIEW_EACH(cli, touchpoints, row)
	all = palier_format(&cli->arena, "%s%s%s %s", all, all[0] ? ", " : "", view_text(cli, row, "count"),
		view_text(cli, row, "channel"));
	return all;
}

static int64_t figure_of(struct cli *cli, uint32_t row, const char *key)
{
	return strtoll(view_text(cli, row, key), NULL, 10);
}

/* A tenth is enough: "-0.4" of 5 emotions, "" of none. */
static const char *mean(struct cli *cli, uint32_t row)
{
	const int64_t n = figure_of(cli, row, "emotions"), sum = figure_of(cli, row, "emotion_sum");
	const int64_t tenths = n > 0 ? ((sum < 0 ? -sum : sum) * 20 + n) / (2 * n) : 0;

	if (n <= 0)
		return "";
	return palier_format(&cli->arena, "%s%lld.%lld",
		tenths == 0 ? ""
		: sum < 0   ? "-"
			    : "+",
		(long long)(tenths / 10), (long long)(tenths % 10));
}

static void show_stages(struct cli *cli, uint32_t stages)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "stage" }, { .title = "now", .right = true },
				   { .title = "entered", .right = true }, { .title = "went on", .right = true },
				   { .title = "days", .right = true }, { .title = "9 in 10", .right = true },
				   { .title = "mood", .right = true }, { .title = "returns", .right = true },
				   { .title = "touchpoints" }, { .title = NULL } } };

	VIEW_EACH(cli, stages, row)
	{
		table_cell(&t, view_text(cli, row, "stage"));
		table_cell(&t, view_text(cli, row, "members"));
		table_cell(&t, view_text(cli, row, "entries"));
		table_cell(&t, view_text(cli, row, "converted"));
		table_cell(&t, view_text(cli, row, "median_days"));
		table_cell(&t, view_text(cli, row, "p90_days"));
		table_cell(&t, mean(cli, row));
		table_cell(&t, view_text(cli, row, "returns"));
		table_cell(&t, channels(cli, view_member(cli, row, "touchpoints")));
	}
	table_print(&t, cli->out);
	table_deinit(&t);
}

/* Hundredths of a per cent, as points: "-3.00". */
static const char *points(struct cli *cli, int64_t bp)
{
	const int64_t size = bp < 0 ? -bp : bp;

	return palier_format(&cli->arena, "%s%lld.%02lld", bp < 0 ? "-" : "+", (long long)(size / 100),
		(long long)(size % 100));
}

static void friction_row(struct cli *cli, struct table *t, uint32_t row)
{
	table_cell(t, view_text(cli, row, "step"));
	table_cell(t, palier_format(&cli->arena, "%s %s", view_text(cli, row, "split"), view_text(cli, row, "value")));
	table_cell(t,
		palier_format(&cli->arena, "%s of %s", view_text(cli, row, "converted"), view_text(cli, row, "members")));
	table_cell(t, palier_format(&cli->arena, "%s of %s", view_text(cli, row, "others_converted"),
			      view_text(cli, row, "others")));
	table_cell(t, points(cli, figure_of(cli, row, "difference_bp")));
	table_cell(t, palier_format(&cli->arena, "%s to %s", points(cli, figure_of(cli, row, "low_bp")),
			      points(cli, figure_of(cli, row, "high_bp"))));
}

static void show_friction(struct cli *cli, uint32_t stages)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "from" }, { .title = "where" },
				   { .title = "went on", .right = true }, { .title = "elsewhere", .right = true },
				   { .title = "points", .right = true }, { .title = "95 %" }, { .title = NULL } } };

	VIEW_EACH(cli, stages, stage)
	VIEW_EACH(cli, view_member(cli, stage, "friction"), row)
	friction_row(cli, &t, row);
	table_show(cli, &t);
}

static void show_map(struct cli *cli, uint32_t result)
{
	show_stages(cli, view_member(cli, result, "stages"));
	fprintf(cli->out, "\n%s lapsed.\n", view_text(cli, result, "lapsed"));
	show_friction(cli, view_member(cli, result, "stages"));
}

static int run_map(struct cli *cli)
{
	const char *from = cli_value(cli, "from"), *to = cli_value(cli, "to");

	if (!from || !to)
		return cli_fail(cli, PALIER_EPARAMS, "of which days? --from 2026-11-01 --to 2026-11-30");
	cli_params(cli);
	cli_param(cli, "from", from);
	cli_param(cli, "to", to);
	cli_param(cli, "persona", cli_value(cli, "persona"));
	return cli_ask(cli, "journey.map", show_map);
}
