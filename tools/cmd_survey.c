/* SPDX-License-Identifier: Apache-2.0 */
/* palier survey: the questions that the shop's mailing tool is to send now, each handed out once; and what came of all of them. */
#include "protocol/datetime.h"
#include "tools/commands.h"
#include "tools/csv.h"
#include "tools/table.h"

#define PAGE "1000"

static int run_due(struct cli *cli), run_report(struct cli *cli);

static const struct cli_option due_options[] = {
	{ "channel", "email|sms", "how they go out; needed" },
	{ "format", "csv|jsonl", "how they are written (default: csv)" },
	{ "limit", "N", "hand out so many at most; the others stay due" },
	CLI_END_OPTIONS,
};

static const struct cli_option report_options[] = {
	{ "from", "DATE", "first day; needed" },
	{ "to", "DATE", "last day; needed" },
	CLI_END_OPTIONS,
};

const struct cli_command command_survey = { "survey", "questions for customers, and their answers",
	(const struct cli_verb[]){
		{ "due", "", "book the questions that are to be sent now, and print to whom, with their links", 0, 0,
			due_options, run_due },
		{ "report", "", "sent, opened, answered, and the net promoter score", 0, 0, report_options, run_report },
		{ .name = NULL },
	} };

/* --- what is due --- */

static const char *const columns[] = { "to", "name", "language", "kind", "question", "link", "until", "member", "ask" };
#define COLUMNS (sizeof(columns) / sizeof(*columns))

struct round {
	const char *channel;
	bool lines; /* of JSON, not CSV */
	int64_t left, sent;
};

struct due {
	const char *member, *ask;
};

static int round_read(struct cli *cli, struct round *r)
{
	const char *format = cli_value(cli, "format"), *limit = cli_value(cli, "limit");

	r->channel = cli_value(cli, "channel");
	r->lines = format && strcmp(format, "jsonl") == 0;
	r->left = INT64_MAX;
	if (!r->channel || (strcmp(r->channel, "email") != 0 && strcmp(r->channel, "sms") != 0))
		return cli_fail(cli, PALIER_EPARAMS, "how do they go out? give --channel email or --channel sms");
	if (format && !r->lines && strcmp(format, "csv") != 0)
		return cli_fail(cli, PALIER_EPARAMS, "--format is csv or jsonl");
	if (limit && (!decimal_parse(limit, 0, &r->left) || r->left < 1))
		return cli_fail(cli, PALIER_EPARAMS, "--limit is a whole number, from 1 on");
	return PALIER_OK;
}

/* A page of what is due. @param out the arena's */
static int page_ask(struct cli *cli, const struct round *r, struct due **out, uint32_t *out_count)
{
	uint32_t rows, n = 0;
	int err;

	cli_params(cli);
	cli_param(cli, "channel", r->channel);
	err = cli_param_figure(cli, "limit", PAGE);
	if (err == PALIER_OK)
		err = cli_call(cli, "survey.due");
	if (err != PALIER_OK)
		return err;
	rows = view_member(cli, cli->reply.result, "due");
	*out_count = view_count(cli, rows);
	*out = palier_alloc(&cli->arena, (*out_count + 1) * sizeof(**out));
	VIEW_EACH(cli, rows, row)
	(*out)[n++] = (struct due){ view_text(cli, row, "member"), view_text(cli, row, "ask") };
	return PALIER_OK;
}

static struct palier_bytes letter_cell(struct cli *cli, const char *key)
{
	const struct json_doc *d = &cli->reply.doc;
	uint32_t token = view_member(cli, cli->reply.result, key);

	return token ? json_string(d, token, cli->reply.arena) : palier_bytes_of(NULL, 0);
}

static void letter_csv(struct cli *cli)
{
	struct palier_buffer line = { .at = NULL };

	for (size_t i = 0; i < COLUMNS; i++) {
		if (i)
			palier_buffer_add(&line, ",", 1);
		csv_cell(&line, ',', letter_cell(cli, columns[i]));
	}
	fprintf(cli->out, "%.*s\r\n", PALIER_ARG(palier_buffer_bytes(&line)));
	palier_buffer_deinit(&line);
}

static void letter_json(struct cli *cli)
{
	struct palier_buffer line = { .at = NULL };
	struct palier_json w = palier_json_to(&line);

	palier_json_object(&w);
	for (size_t i = 0; i < COLUMNS; i++) {
		struct palier_bytes cell = letter_cell(cli, columns[i]);

		if (cell.len == 0)
			continue;
		palier_json_key(&w, columns[i]);
		palier_json_string(&w, cell);
	}
	palier_json_end_object(&w);
	fprintf(cli->out, "%.*s\n", PALIER_ARG(palier_buffer_bytes(&line)));
	palier_buffer_deinit(&line);
}

/* What cannot be sent any more is passed over: another run was faster, or something was asked or said meanwhile. */
static int letter_send(struct cli *cli, struct round *r, const struct due *due)
{
	int err;

	cli_params(cli);
	cli_param_request(cli);
	cli_param(cli, "member", due->member);
	cli_param(cli, "ask", due->ask);
	err = cli_call(cli, "survey.send");
	if (err != PALIER_OK)
		return err == PALIER_EPARAMS || err == PALIER_EMEMBER_ERASED ? PALIER_OK : err;
	r->sent++;
	r->left--;
	if (r->lines)
		letter_json(cli);
	else
		letter_csv(cli);
	return fflush(cli->out) == 0 ? PALIER_OK : cli_fail(cli, PALIER_EIO, "what was handed out cannot be written");
}

static void header_write(struct cli *cli)
{
	for (size_t i = 0; i < COLUMNS; i++)
		fprintf(cli->out, "%s%s", i ? "," : "", columns[i]);
	fputs("\r\n", cli->out);
}

/* What is sent is due no more: so the next page begins anew, until there is none that anything goes out of. */
static int run_due(struct cli *cli)
{
	struct round r = { .channel = NULL };
	struct due *due;
	uint32_t count;
	int64_t before;
	int err = round_read(cli, &r);

	if (err == PALIER_OK)
		err = page_ask(cli, &r, &due, &count);
	if (err != PALIER_OK)
		return err;
	if (!r.lines)
		header_write(cli);
	do {
		before = r.sent;
		for (uint32_t i = 0; i < count && r.left > 0 && err == PALIER_OK; i++)
			err = letter_send(cli, &r, &due[i]);
		if (err == PALIER_OK && r.left > 0 && r.sent > before)
			err = page_ask(cli, &r, &due, &count);
	} while (err == PALIER_OK && r.left > 0 && r.sent > before && count > 0);
	return err;
}

/* --- what came of them --- */

static const char *rate_text(struct cli *cli, uint32_t row)
{
	int64_t bp;

	if (!decimal_parse(view_text(cli, row, "rate_bp"), 0, &bp))
		return "";
	return palier_format(&cli->arena, "%lld.%lld %%", (long long)(bp / 100), (long long)(bp % 100 / 10));
}

/* In points, from thousandths. */
static const char *points_text(struct cli *cli, uint32_t row, const char *key)
{
	int64_t n;

	if (!decimal_parse(view_text(cli, row, key), 0, &n))
		return "";
	n = (n + (n < 0 ? -50 : 50)) / 100;
	return palier_format(&cli->arena, "%s%lld.%lld", n < 0 ? "-" : "", (long long)(n < 0 ? -n : n) / 10,
		(long long)(n < 0 ? -n : n) % 10);
}

static const char *score_text(struct cli *cli, uint32_t row)
{
	const char *score = points_text(cli, row, "nps");

	if (!score[0])
		return "";
	return palier_format(&cli->arena, "%s (%s to %s, n = %s)", score, points_text(cli, row, "low"),
		points_text(cli, row, "high"), view_text(cli, row, "answered"));
}

static void show_report(struct cli *cli, uint32_t result)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "question" }, { .title = "by" },
				   { .title = "sent", .right = true }, { .title = "opened", .right = true },
				   { .title = "answered", .right = true }, { .title = "rate", .right = true },
				   { .title = "NPS" }, { .title = NULL } } };

	VIEW_EACH(cli, view_member(cli, result, "surveys"), row)
	{
		const char *kind = view_text(cli, row, "kind"), *score = score_text(cli, row);

		VIEW_EACH(cli, view_member(cli, row, "channels"), way)
		{
			table_cell(&t, kind);
			table_cell(&t, view_text(cli, way, "channel"));
			table_cell(&t, view_text(cli, way, "sent"));
			table_cell(&t, view_text(cli, way, "opened"));
			table_cell(&t, view_text(cli, way, "answered"));
			table_cell(&t, rate_text(cli, way));
			table_cell(&t, score);
			score = "";
		}
	}
	table_print(&t, cli->out);
	table_deinit(&t);
}

static int run_report(struct cli *cli)
{
	if (!cli_value(cli, "from") || !cli_value(cli, "to"))
		return cli_fail(cli, PALIER_EPARAMS, "of which days? give --from DATE --to DATE");
	cli_params(cli);
	cli_param(cli, "from", cli_value(cli, "from"));
	cli_param(cli, "to", cli_value(cli, "to"));
	return cli_ask(cli, "survey.report", show_report);
}
