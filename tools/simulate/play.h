/* SPDX-License-Identifier: Apache-2.0 */
/* Customers walk through the programme, day by day, at a till of the scratch ledger. */
#pragma once

#include "tools/simulate/cast.h"
#include "tools/simulate/figures.h"
#include "tools/simulate/stage.h"

/** Play the months of f->months, whose first days are set.
 * What a customer would do without a programme (when they come, what they buy, when they stay away for good) is drawn apart from what the
 * programme asks of them, so that the same seed brings the same customers to every programme.
 * @param f its part of the figures is filled @return PALIER_OK, or what was reported */
int play_months(struct stage *s, const struct cast *cast, uint64_t seed, struct figures *f);
