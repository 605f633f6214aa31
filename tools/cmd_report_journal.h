/* SPDX-License-Identifier: Apache-2.0 */
/* What the reports of the journey share: its journal. */
#pragma once

#include "tools/cmd_report.h"
#include "tools/report/journey.h"

/** The journal of --data or --config, its zone set, and the days. @param files to be freed, also on an error @return PALIER_OK, or what
 * was reported */
int report_journal_find(struct cli *cli, struct cli_shop *shop, struct report *report, struct event_files *files);
/** Read it, with a bar. @return PALIER_OK, or what was reported */
int report_journal_fold(struct cli *cli, const struct event_files *files, struct journey *j);
