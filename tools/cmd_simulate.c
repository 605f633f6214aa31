/* SPDX-License-Identifier: Apache-2.0 */
/* palier simulate: what a programme would cost and do, before it is switched on. Simulated customers walk through the real one: a palierd of
 * its own serves the shop's configuration from a ledger that is thrown away. */
#include <errno.h>
#include <time.h>

#include "protocol/datetime.h"
#include "tools/commands.h"
#include "tools/money.h"
#include "tools/simulate/measure.h"
#include "tools/simulate/picture.h"
#include "tools/simulate/play.h"
#include "tools/simulate/show.h"

#define USUAL_MONTHS   12
#define CUSTOMERS_MOST 20000

static int run_simulate(struct cli *cli);

static const struct cli_option simulate_options[] = {
	{ "personas", "FILE", "who comes and what they buy (default: four kinds of customers)" },
	{ "customers", "N", "how many (default: the file's, else 200)" },
	{ "months", "N", "how long, up to 60 (default: 12)" },
	{ "from", "DAY", "the first month is that of this day (default: the next one)" },
	{ "seed", "N", "another one brings other customers; the same, the same figures (default: 1)" },
	{ "out", "FILE", "write a page with pictures, to read in a browser and to print, as HTML" },
	{ "language", "LANGUAGE", "fr or en (default: the store's)" },
	{ "csv", NULL, "print the figures as CSV, a row a month" },
	{ "keep", "DIR", "leave the simulated ledger there, in DIR/ledger" },
	CLI_END_OPTIONS,
};

const struct cli_command command_simulate = { "simulate", "what a programme would cost and do, before it is switched on",
	(const struct cli_verb[]){ { "", "", "walk simulated customers through the programme of --config, month by month", 0,
					   0, simulate_options, run_simulate },
		{ .name = NULL } } };

struct simulation {
	struct cli *cli;
	struct stage stage;
	struct cast cast;
	struct figures figures;
	struct words words;
	int64_t customers, seed; /* customers 0: as the cast says */
};

/* --- what is asked for --- */

static int figure_read(struct cli *cli, const char *option, int64_t least, int64_t most, int64_t usual, int64_t *out)
{
	const char *text = cli_value(cli, option);

	*out = usual;
	if (!text || (decimal_parse(text, 0, out) && *out >= least && *out <= most))
		return PALIER_OK;
	return cli_fail(cli, PALIER_EPARAMS, "--%s is a whole number from %lld to %lld, not %s", option, (long long)least,
		(long long)most, text);
}

static int months_read(struct simulation *x)
{
	const char *text = cli_value(x->cli, "from");
	uint32_t day = day_add_months(zone_day((int64_t)time(NULL) * 1000), 1);
	int64_t months;
	int err = figure_read(x->cli, "months", 1, FIGURES_MONTHS, USUAL_MONTHS, &months);

	if (err != PALIER_OK)
		return err;
	if (text && (!day_parse(palier_str(text), &day) || day > 21000101))
		return cli_fail(x->cli, PALIER_EPARAMS, "--from is a day, such as 2026-11-01, not %s", text);
	x->figures.from = day / 100 * 100 + 1;
	x->figures.month_count = (size_t)months;
	for (size_t i = 0; i < x->figures.month_count; i++)
		x->figures.months[i].first = day_add_months(x->figures.from, (int)i);
	x->figures.to = day_month_end(x->figures.months[x->figures.month_count - 1].first);
	return PALIER_OK;
}

static int options_read(struct simulation *x)
{
	const char *language = cli_value(x->cli, "language");
	int err = months_read(x);

	if (err == PALIER_OK)
		err = figure_read(x->cli, "customers", 1, CUSTOMERS_MOST, 0, &x->customers);
	if (err == PALIER_OK)
		err = figure_read(x->cli, "seed", 0, PALIER_FIGURE_MAX, 1, &x->seed);
	if (err != PALIER_OK)
		return err;
	x->figures.seed = x->seed;
	if (language && !words_known(language))
		return cli_fail(x->cli, PALIER_EPARAMS, "--language is fr or en, not %s", language);
	x->words = (struct words){ &x->cli->arena, language };
	return cli_value(x->cli, "config")
	               ? PALIER_OK
	               : cli_fail(x->cli, PALIER_ECONFIG, "--config FILE is missing: the programme to try");
}

/* --- the shop --- */

/* @param store of the answer to session.open */
static void store_learn(struct simulation *x, uint32_t store)
{
	struct stage *s = &x->stage;
	struct palier_arena *a = &x->cli->arena;

	x->figures.shop = palier_format(a, "%s", stage_text(s, store, "name"));
	x->figures.currency = palier_format(a, "%s", stage_text(s, store, "currency"));
	x->figures.scale = money_scale(x->figures.currency);
	zone_set(stage_text(s, store, "timezone"));
	if (!x->words.language)
		x->words.language = words_known(stage_text(s, store, "language"))
		                            ? palier_format(a, "%s", stage_text(s, store, "language"))
		                            : "en";
}

static int cast_make(struct simulation *x)
{
	const char *file = cli_value(x->cli, "personas");
	int err = PALIER_OK;

	cast_usual(x->cli, cli_value(x->cli, "config"), x->figures.scale, &x->cast);
	if (file)
		err = cast_read(x->cli, file, x->figures.scale, &x->cast);
	if (x->customers)
		x->cast.customers = x->customers;
	if (err == PALIER_OK && (x->cast.customers < 1 || x->cast.customers > CUSTOMERS_MOST))
		return cli_fail(x->cli, PALIER_ECONFIG, "customers is a whole number from 1 to %d", CUSTOMERS_MOST);
	x->figures.margin = x->cast.margin;
	return err;
}

static int simulate(struct simulation *x)
{
	const char *config = cli_value(x->cli, "config");
	char why[256];
	int err = stage_open(x->cli, config, (uint64_t)x->seed, day_number(x->figures.from) * DAY_MS - DAY_MS,
		cli_value(x->cli, "keep"), &x->stage);

	if (err != PALIER_OK)
		return err;
	store_learn(x, stage_member(&x->stage, x->stage.reply.result, "store"));
	err = cast_make(x);
	if (err == PALIER_OK)
		err = play_months(&x->stage, &x->cast, (uint64_t)x->seed, &x->figures);
	if (err != PALIER_OK)
		return err;
	err = measure_journal(palier_format(&x->cli->arena, "%s/ledger/journal", x->stage.dir), &x->cli->arena, &x->figures,
		why);
	if (err != PALIER_OK)
		return cli_fail(x->cli, err, "%s", why);
	figures_finish(&x->figures);
	return PALIER_OK;
}

/* --- showing it --- */

static int page_make(struct simulation *x, const char *path)
{
	struct page page = { .out = { .len = 0 } };
	int err;

	picture_page(&x->figures, &x->cast, &x->words, &page);
	err = page_write(&page, path);
	page_deinit(&page);
	if (err != PALIER_OK)
		return cli_fail(x->cli, err, "%s: %s", path, strerror(errno));
	fprintf(x->cli->out, "%s\n", path);
	return PALIER_OK;
}

static int show(struct simulation *x)
{
	if (cli_value(x->cli, "out"))
		return page_make(x, cli_value(x->cli, "out"));
	if (cli_has(x->cli, "json"))
		show_json(&x->figures, x->cli->out);
	else if (cli_has(x->cli, "csv"))
		show_csv(&x->figures, x->cli->out);
	else
		show_table(&x->figures, &x->words, x->cli->out);
	return PALIER_OK;
}

static int run_simulate(struct cli *cli)
{
	struct simulation *x = palier_alloc(&cli->arena, sizeof(*x));
	int err;

	x->cli = cli;
	err = options_read(x);
	if (err != PALIER_OK)
		return err;
	err = simulate(x);
	stage_close(&x->stage);
	return err == PALIER_OK ? show(x) : err;
}
