/* SPDX-License-Identifier: Apache-2.0 */
/* What the programme did, read from the journal of the scratch ledger. */
#pragma once

#include "tools/simulate/figures.h"

/** @param journal its directory
 * @param a owns the names of units and tiers, and the triangles
 * @param why a sentence after an error, 256 bytes @return PALIER_OK; as events_each */
int measure_journal(const char *journal, struct palier_arena *a, struct figures *f, char *why);
