/* SPDX-License-Identifier: Apache-2.0 */
/* What the programme did, read from a journal: of the scratch ledger, or of the shop's own. */
#pragma once

#include "tools/report/events.h"
#include "tools/simulate/figures.h"

/** @param f with its months, which end with a whole one; what was before the first counts as of it, what is behind the last not at all
 * @param a owns the names of units and tiers, and the triangles
 * @param why a sentence after an error, 256 bytes @return PALIER_OK; as events_each */
int measure_files(const struct event_files *files, struct palier_arena *a, struct figures *f, char *why);
/** The same of the files in a directory. */
int measure_journal(const char *journal, struct palier_arena *a, struct figures *f, char *why);
