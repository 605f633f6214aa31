/* SPDX-License-Identifier: Apache-2.0 */
/* What the reports of `palier report` share. */
#pragma once

#include "tools/cli.h"
#include "tools/report/csv.h"
#include "tools/report/page.h"
#include "tools/report/words.h"

struct report {
	uint32_t from, to;
	const char *shop;
	struct words words;
};

/** Read --from, --to and --language. @param language the shop's; NULL: not known @return PALIER_OK, or what was reported */
int report_prepare(struct cli *cli, const char *language, struct report *r);
/** The same of the shop whose daemon answers; the connection stays. */
int report_begin(struct cli *cli, struct report *r);
/** Call with its days. */
int report_call(struct cli *cli, const char *method, const struct report *r);
/** A count in a result: not there, or below zero, is 0. */
int64_t report_count(struct cli *cli, uint32_t object, const char *key);
/** Write the page to --out, and forget it. @return PALIER_OK, or what was reported */
int report_write(struct cli *cli, struct page *page);

/** The journey's. */
extern const struct cli_option report_journey_options[], report_export_options[];
int report_journey_run(struct cli *cli), report_export_run(struct cli *cli);

/** The points'. */
extern const struct cli_option report_cost_options[];
int report_cost_run(struct cli *cli);

/** The ladder's. */
extern const struct cli_option report_ladder_options[];
int report_ladder_run(struct cli *cli);
