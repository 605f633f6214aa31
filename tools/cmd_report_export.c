/* SPDX-License-Identifier: Apache-2.0 */
/* palier report export: the journey for tools of process mining. */
#include <errno.h>

#include "protocol/crypto.h"
#include "tools/cmd_report_journal.h"
#include "tools/plans.h"
#include "tools/report/export.h"

const struct cli_option report_export_options[] = {
	{ "data", "DIR", "the data directory (default: that of --config)" },
	{ "from", "DAY", "the first day (default: 90 days up to --to)" },
	{ "to", "DAY", "the last day (default: today)" },
	{ "persona", "NAME", "only the customers of this persona" },
	{ "format", "FORMAT", "xes, ocel, cjml or csv" },
	{ "out", "FILE", "where to" },
	{ "key", "HEX",
		"64 digits: the same key gives the same customers the same names (default: a new one, kept nowhere)" },
	{ "timezone", "ZONE", "the store's, where there is no --config (default: this machine's)" },
	CLI_END_OPTIONS,
};

enum format { FORMAT_XES, FORMAT_OCEL, FORMAT_CJML, FORMAT_CSV, FORMATS };
static const char *const formats[] = { "xes", "ocel", "cjml", "csv" };

static int options_read(struct cli *cli, enum format *format, struct export_key *key)
{
	const char *name = cli_value(cli, "format"), *hex = cli_value(cli, "key");

	*format = FORMAT_XES;
	while (name && *format < FORMATS && strcmp(name, formats[*format]) != 0)
		(*format)++;
	if (!name || *format == FORMATS)
		return cli_fail(cli, PALIER_EPARAMS, "--format is xes, ocel, cjml or csv");
	if (!cli_value(cli, "out"))
		return cli_fail(cli, PALIER_EPARAMS, "where to? give --out FILE");
	if (!hex)
		crypto_random(key->b, sizeof(key->b));
	else if (!palier_unhex(palier_str(hex), key->b, sizeof(key->b)))
		return cli_fail(cli, PALIER_EPARAMS, "--key has 64 hexadecimal digits");
	return PALIER_OK;
}

static int export_write(struct cli *cli, const struct journey *j, enum format format, const struct export_key *key,
	const struct event_files *files)
{
	struct progress bar = { .what = "exporting" };
	const char *path = cli_value(cli, "out");
	FILE *out = fopen(path, "we");
	char why[256] = "";
	struct plans plans;
	int err;

	if (!out)
		return cli_fail(cli, PALIER_EIO, "%s: %s", path, strerror(errno));
	plans_read(cli, cli_value(cli, "config"), &plans);
	err = format == FORMAT_XES    ? export_xes(j, key, out)
	      : format == FORMAT_OCEL ? export_ocel(j, key, files, &bar, out, why)
	      : format == FORMAT_CJML ? export_cjml(j, key, &plans, out)
	                              : export_csv(j, key, out);
	if (fclose(out) != 0 && err == PALIER_OK)
		err = PALIER_EIO;
	if (err != PALIER_OK)
		return why[0] ? cli_fail(cli, err, "%s", why) : cli_fail(cli, err, "%s: %s", path, strerror(errno));
	fprintf(cli->out, "%s\n", path);
	return PALIER_OK;
}

int report_export_run(struct cli *cli)
{
	struct report report = { .from = 0 };
	struct journey_period period = { .window = 1, .more = true, .persona = cli_value(cli, "persona") };
	struct event_files files = { .count = 0 };
	struct export_key key;
	struct cli_shop shop;
	enum format format;
	struct journey j;
	int err = options_read(cli, &format, &key);

	if (err == PALIER_OK)
		err = report_journal_find(cli, &shop, &report, &files);
	if (err != PALIER_OK)
		return err;
	period.from = report.from;
	period.to = report.to;
	journey_begin(&j, &period);
	err = report_journal_fold(cli, &files, &j);
	if (err == PALIER_OK)
		err = export_write(cli, &j, format, &key, &files);
	event_files_deinit(&files);
	journey_deinit(&j);
	return err;
}
