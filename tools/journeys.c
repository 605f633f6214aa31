/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/journeys.h"

#include "tools/money.h"
#include "tools/table.h"

#define USUAL_WINDOW 90
#define WINDOW_MOST  730

/* --- what is asked for --- */

int journeys_zone(struct cli *cli, const char *usual)
{
	const char *zone = cli_value(cli, "timezone");

	zone = zone ? zone : usual;
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

int journeys_ask(struct cli *cli, const char *currency, struct journey_report *r, struct journey_period *period)
{
	int64_t window = USUAL_WINDOW;
	int err = decimal_read(cli, "window", 0, WINDOW_MOST, &window);

	r->currency = currency ? currency : "";
	r->scale = currency ? money_scale(currency) : 2;
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

void journeys_show(struct cli *cli, const struct words *w, const struct journey_report *r)
{
	const struct table_column columns[] = { { .title = words_say(w, "Stage") }, { words_say(w, "Customers"), true, 0 },
		{ words_say(w, "Came there"), true, 0 }, { words_say(w, "Went on"), true, 0 },
		{ words_say(w, "Half within"), true, 0 }, { words_say(w, "Touchpoints"), true, 0 },
		{ words_say(w, "Returns"), true, 0 }, { .title = NULL } };
	struct table t = { .columns = columns };

	fprintf(cli->out, "%s\n",
		WORDS_FILL(w, "The customers' journey, from %1 to %2", words_day(w, r->j->period.from),
			words_day(w, r->j->period.to)));
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
